//! GitHub's issues under contract.

use std::sync::Arc;

use corkboard::connector::github::{GithubConnector, GithubOptions, OVERLAP};
use corkboard::connector::http::Credential;
use corkboard::connector::{Connector, RemoteRef};
use corkboard::domain::mapping::{CloseReason, OpenState, Status, StatusMapping, Target};
use corkboard::sandbox::{EXPIRED_TOKEN, Sandbox, WRITE_TOKEN};
use corkboard::support::clock::ManualClock;
use secrecy::SecretString;

use crate::desk::{self, Desk};

const REPO: &str = "octo/app";

pub struct Github {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
}

impl Desk for Github {
    async fn start(items: usize) -> Self {
        let (sandbox, clock) = desk::sandbox(0).await;
        for n in 1..=items {
            clock.advance(60_000);
            sandbox.web("ana").create_issue(REPO, &format!("item {n}"), "").unwrap();
        }
        clock.advance(3_600_000);
        sandbox.web("ana").create_milestone(REPO, "v1.2").unwrap();
        Self { sandbox, clock }
    }

    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    fn connector(&self, expired: bool) -> Arc<dyn Connector> {
        let api_url: url::Url = self.sandbox.url().parse().unwrap();
        let token = if expired { EXPIRED_TOKEN } else { WRITE_TOKEN };
        let port = desk::port(&api_url, &self.clock, &Credential::bearer(&SecretString::from(token)));
        let options =
            GithubOptions { api_url, repository: REPO.into(), project: None, port, overlap: OVERLAP };
        Arc::new(GithubConnector::new(options).unwrap())
    }

    fn mapping(&self) -> StatusMapping {
        let label = |name: &str| Target { label: Some(name.to_owned()), ..Target::default() };
        let closed =
            |reason| Target { state: Some(OpenState::Closed), reason: Some(reason), ..Target::default() };
        let targets = [
            ("proposed", Target { state: Some(OpenState::Open), ..Target::default() }),
            ("in_progress", label("status: in progress")),
            ("completed", closed(CloseReason::Completed)),
            ("rejected", closed(CloseReason::NotPlanned)),
        ]
        .map(|(status, target)| (Status::new(status), target));
        let statuses = targets.clone().map(|(status, _)| status);
        StatusMapping::new(&statuses, &targets.into_iter().collect())
    }

    fn names(&self) -> (String, String) {
        ("cy".to_owned(), "v1.2".to_owned())
    }

    fn shows(&self, at: &RemoteRef) -> Option<(String, String)> {
        let issue = self.sandbox.issue(&at.repository, at.number)?;
        let body = issue.body.unwrap_or_default();
        let plain = body.split("<!-- corkboard: ").next().unwrap_or_default().trim().to_owned();
        Some((issue.title, plain))
    }

    fn retitle(&self, at: &RemoteRef, title: &str) {
        self.sandbox.web("ana").set_title(&at.repository, at.number, title).unwrap();
    }

    fn delete(&self, at: &RemoteRef) -> bool {
        self.sandbox.web("ana").delete(&at.repository, at.number).is_ok()
    }

    fn transfer(&self, at: &RemoteRef) -> bool {
        self.sandbox.web("ana").transfer(&at.repository, at.number, "octo/other").is_ok()
    }

    fn count(&self, title: &str) -> usize {
        self.sandbox.issues(REPO).iter().filter(|i| i.title == title).count()
    }
}

crate::suite::contract!(Github);
