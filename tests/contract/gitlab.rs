//! GitLab's issues under contract; below it what is GitLab's own.

use std::collections::BTreeSet;
use std::sync::Arc;

use corkboard::connector::gitlab::{GitlabConnector, GitlabOptions};
use corkboard::connector::http::Credential;
use corkboard::connector::{Connector, Cursor, Draft, Failure, Page, PullEnd, RemoteItem, RemoteRef};
use corkboard::domain::fields::{Fields, SetDelta};
use corkboard::domain::link::LinkId;
use corkboard::domain::mapping::{OpenState, StateChange, Status, StatusMapping, Target};
use corkboard::sandbox::{EXPIRED_TOKEN, Sandbox, WRITE_TOKEN};
use corkboard::support::clock::ManualClock;
use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::desk::{self, Desk};

#[path = "gitlab/boards.rs"]
mod boards;
#[path = "gitlab/described.rs"]
mod described;
#[path = "gitlab/fields.rs"]
mod fields;
#[path = "gitlab/own.rs"]
mod own;
#[path = "gitlab/pages.rs"]
mod pages;

const PROJECT: &str = "octo/app";

pub struct Gitlab {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
}

impl Gitlab {
    fn with(&self, token: &str, project: &str) -> Arc<dyn Connector> {
        let api_url: url::Url = format!("{}/gitlab", self.sandbox.url()).parse().unwrap();
        let port = desk::port(&api_url, &self.clock, &Credential::bearer(&SecretString::from(token)));
        Arc::new(GitlabConnector::new(GitlabOptions { api_url, project: project.into(), port }).unwrap())
    }
}

impl Desk for Gitlab {
    async fn start(items: usize) -> Self {
        let (sandbox, clock) = desk::sandbox(0).await;
        for n in 1..=items {
            clock.advance(60_000);
            sandbox.gitlab().create_issue(PROJECT, &format!("item {n}"), "").unwrap();
        }
        clock.advance(3_600_000);
        sandbox.gitlab().create_milestone(PROJECT, "v1.2").unwrap();
        Self { sandbox, clock }
    }

    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    fn connector(&self, expired: bool) -> Arc<dyn Connector> {
        self.with(if expired { EXPIRED_TOKEN } else { WRITE_TOKEN }, PROJECT)
    }

    fn mapping(&self) -> StatusMapping {
        let label = |name: &str| Target { label: Some(name.to_owned()), ..Target::default() };
        let targets = [
            ("proposed", Target { state: Some(OpenState::Open), ..Target::default() }),
            ("in_progress", label("workflow::in progress")),
            ("review", label("workflow::review")),
            ("completed", Target { state: Some(OpenState::Closed), ..Target::default() }),
        ]
        .map(|(status, target)| (Status::new(status), target));
        let statuses = targets.clone().map(|(status, _)| status);
        StatusMapping::new(&statuses, &targets.into_iter().collect())
    }

    fn names(&self) -> (String, String) {
        ("cy".to_owned(), "v1.2".to_owned())
    }

    fn shows(&self, at: &RemoteRef) -> Option<(String, String)> {
        let issue = self.sandbox.gitlab().issue(&at.repository, at.number)?;
        let plain = issue.description.split("<!-- corkboard: ").next().unwrap_or_default().trim().to_owned();
        Some((issue.title, plain))
    }

    fn retitle(&self, at: &RemoteRef, title: &str) {
        self.sandbox.gitlab().set_title(&at.repository, at.number, title).unwrap();
    }

    fn delete(&self, at: &RemoteRef) -> bool {
        self.sandbox.gitlab().delete(&at.repository, at.number).is_ok()
    }

    fn transfer(&self, at: &RemoteRef) -> bool {
        self.sandbox.gitlab().move_issue(&at.repository, at.number, "octo/other").is_ok()
    }

    fn count(&self, title: &str) -> usize {
        self.sandbox.gitlab().issues(PROJECT).iter().filter(|i| i.title == title).count()
    }
}

crate::suite::contract!(Gitlab);

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&n| n.to_owned()).collect()
}

fn add(names: &[&str]) -> SetDelta {
    SetDelta { add: set(names), remove: BTreeSet::new() }
}

/// A walk to its end, or until `most` pages were handed on.
async fn walk(
    connector: &Arc<dyn Connector>,
    from: &Cursor,
    most: usize,
) -> (Result<PullEnd, Failure>, Vec<Page>) {
    let (pages, mut inbox) = mpsc::channel::<Page>(1);
    let read = async {
        let mut all = Vec::new();
        while let Some(page) = inbox.recv().await {
            all.push(page);
            if all.len() == most {
                inbox.close();
                break;
            }
        }
        all
    };
    tokio::join!(connector.tracker().unwrap().pull(from, pages), read)
}

fn titles(pages: &[Page]) -> Vec<String> {
    pages.iter().flat_map(|p| &p.items).map(|i| i.title.clone()).collect()
}

async fn all(connector: &Arc<dyn Connector>) -> Vec<RemoteItem> {
    let (end, pages) = walk(connector, &Cursor::default(), usize::MAX).await;
    end.unwrap();
    pages.into_iter().flat_map(|p| p.items).collect()
}

async fn titled(connector: &Arc<dyn Connector>, title: &str) -> RemoteItem {
    all(connector).await.into_iter().find(|i| i.title == title).expect("seeded")
}

fn draft(title: &str, body: &str) -> Draft {
    let fields = Fields {
        title: title.to_owned(),
        body: body.to_owned(),
        status: Status::new("proposed"),
        labels: BTreeSet::new(),
        assignees: BTreeSet::new(),
        milestone: None,
        extra: std::collections::BTreeMap::new(),
    };
    Draft {
        marker: LinkId::random(),
        fields,
        state: StateChange::default(),
        raw: std::collections::BTreeMap::new(),
    }
}
