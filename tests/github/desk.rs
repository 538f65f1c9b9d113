//! A sandbox, a clock that stands still and a connector that looks at it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use corkboard::connector::github::{GithubConnector, GithubOptions, OVERLAP};
use corkboard::connector::http::{Credential, Gates, GatesOptions, Limits, loopback_client};
use corkboard::connector::{
    Connector, Cursor, Draft, Exchange, Failure, Fetched, Page, PullEnd, RemoteItem, RemoteRef, Tracker,
};
use corkboard::domain::fields::Fields;
use corkboard::domain::link::LinkId;
use corkboard::domain::mapping::{StateChange, Status};
use corkboard::sandbox::{ADMIN_TOKEN, Sandbox, SandboxOptions, Seed};
use corkboard::support::clock::{ManualClock, Timestamp};
use secrecy::SecretString;
use tokio::sync::mpsc;

/// The main repository.
pub const REPO: &str = "octo/app";
/// 2026-03-01T12:00:00Z.
pub const START: Timestamp = Timestamp(1_772_366_400_000);

pub struct Desk {
    pub sandbox: Sandbox,
    pub clock: Arc<ManualClock>,
    pub github: GithubConnector,
    pub exchanges: Arc<Mutex<Vec<Exchange>>>,
}

pub async fn sandbox(issues: usize) -> (Sandbox, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(START));
    let options =
        SandboxOptions { seed: Seed::Count(issues), clock: clock.clone(), ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    // Seeded issues lie in the past; a walk's overlap must not reach them.
    clock.advance(3_600_000);
    (sandbox, clock)
}

/// `ana` at the main repository.
pub async fn desk(issues: usize) -> Desk {
    let (sandbox, clock) = sandbox(issues).await;
    at(sandbox, clock, ADMIN_TOKEN, REPO, false)
}

pub fn at(sandbox: Sandbox, clock: Arc<ManualClock>, token: &str, repo: &str, read_only: bool) -> Desk {
    let exchanges: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let github = connector(sandbox.url(), clock.clone(), token, repo, read_only, &exchanges);
    Desk { sandbox, clock, github, exchanges }
}

pub fn connector(
    url: &str,
    clock: Arc<ManualClock>,
    token: &str,
    repo: &str,
    read_only: bool,
    exchanges: &Arc<Mutex<Vec<Exchange>>>,
) -> GithubConnector {
    let api_url: url::Url = url.parse().unwrap();
    let gates = Gates::new(GatesOptions {
        client: loopback_client().unwrap(),
        clock,
        read_only,
        limits: Limits::none(),
    });
    let gate = gates.gate(&api_url, &Credential::bearer(&SecretString::from(token)), Duration::ZERO);
    let sink = Arc::clone(exchanges);
    let port = gate.port(Arc::new(move |e| sink.lock().unwrap().push(e)));
    GithubConnector::new(GithubOptions {
        api_url,
        repository: repo.to_owned(),
        project: None,
        port,
        overlap: OVERLAP,
    })
    .unwrap()
}

pub type Pulled = Result<(PullEnd, Vec<Page>), Failure>;

pub async fn pull(github: &GithubConnector, from: &Cursor) -> Pulled {
    let (pages, mut inbox) = mpsc::channel(2);
    let read = async {
        let mut all = Vec::new();
        while let Some(page) = inbox.recv().await {
            all.push(page);
        }
        all
    };
    let (end, pages) = tokio::join!(github.tracker().unwrap().pull(from, pages), read);
    end.map(|end| (end, pages))
}

/// What a board would hold after these pages: the newest of each issue.
pub fn keep(board: &mut BTreeMap<String, RemoteItem>, pages: Vec<Page>) {
    for item in pages.into_iter().flat_map(|p| p.items) {
        let known = board.get(&item.at.id).map(|i| i.updated_at);
        if known.is_none_or(|at| at <= item.updated_at) {
            board.insert(item.at.id.clone(), item);
        }
    }
}

impl Desk {
    pub fn tracker(&self) -> &dyn Tracker {
        self.github.tracker().unwrap()
    }

    pub async fn pull(&self, from: &Cursor) -> (PullEnd, Vec<Page>) {
        pull(&self.github, from).await.unwrap()
    }

    /// Number and title of what the repository holds, pull requests aside.
    pub fn truth(&self) -> BTreeMap<u64, String> {
        let issues = self.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request);
        issues.map(|i| (i.number, i.title)).collect()
    }

    /// Number and title of what a board holds, without what is gone from the repository.
    pub fn held(&self, board: &BTreeMap<String, RemoteItem>) -> BTreeMap<u64, String> {
        let truth = self.truth();
        let there = board.values().filter(|i| truth.contains_key(&i.at.number));
        there.map(|i| (i.at.number, i.title.clone())).collect()
    }

    pub fn address(&self, number: u64) -> RemoteRef {
        let id = self.sandbox.issue(REPO, number).unwrap().id.to_string();
        RemoteRef { id, number, repository: REPO.to_owned() }
    }

    pub async fn seen(&self, number: u64) -> RemoteItem {
        match self.tracker().fetch(&self.address(number)).await.unwrap() {
            Fetched::Item(item) => *item,
            other => panic!("no issue {number}: {other:?}"),
        }
    }

    /// Method, path and status of what was asked since the last look.
    pub fn asked(&self) -> Vec<String> {
        let all = self.sandbox.requests();
        self.sandbox.clear_requests();
        all.iter().map(|r| format!("{} {} {:?}", r.method, r.path, r.status)).collect()
    }

    /// Method and body of the writes since the last look.
    pub fn written(&self) -> Vec<String> {
        let all = self.sandbox.writes();
        self.sandbox.clear_requests();
        all.iter().map(|r| format!("{} {} {}", r.method, r.path, r.request_body)).collect()
    }

    /// How many requests met a fault since the last look.
    pub fn hits(&self) -> usize {
        self.sandbox.requests().iter().filter(|r| r.fault.is_some()).count()
    }

    pub fn faults(&self, script: &str) {
        self.sandbox.set_faults(script.parse().unwrap());
    }
}

pub fn draft(title: &str) -> Draft {
    Draft {
        marker: LinkId::random(),
        fields: Fields {
            title: title.to_owned(),
            body: "What @ana said in #1.".to_owned(),
            status: Status::new("proposed"),
            labels: ["bug".to_owned()].into(),
            assignees: ["ben".to_owned()].into(),
            milestone: None,
            extra: std::collections::BTreeMap::new(),
        },
        state: StateChange::default(),
        raw: std::collections::BTreeMap::new(),
    }
}

pub fn names(all: &[&str]) -> std::collections::BTreeSet<String> {
    all.iter().map(|&s| s.to_owned()).collect()
}
