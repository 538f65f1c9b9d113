//! Bitbucket Cloud's pull requests under contract, and what is theirs alone: final states, merges, fields a PUT drops.

#[path = "bitbucket/moves.rs"]
mod moves;
#[path = "bitbucket/oracle.rs"]
mod oracle;
#[path = "bitbucket/walks.rs"]
mod walks;

use std::sync::Arc;

use corkboard::connector::bitbucket::{BitbucketConnector, BitbucketOptions};
use corkboard::connector::http::Credential;
use corkboard::connector::{Connector, RemoteRef};
use corkboard::domain::mapping::{Status, StatusMapping, Target};
use corkboard::sandbox::{BITBUCKET_REPO, EXPIRED_TOKEN, Sandbox, WRITE_TOKEN};
use corkboard::support::clock::ManualClock;
use secrecy::SecretString;

use crate::desk::{self, Desk};

const REPO: &str = BITBUCKET_REPO;

pub struct Bitbucket {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
}

impl Bitbucket {
    /// A connector for `repository` with `token`, as an API token's user sends it.
    fn connect(&self, repository: &str, token: &str) -> Arc<dyn Connector> {
        let api_url: url::Url = format!("{}/bitbucket/2.0", self.sandbox.url()).parse().unwrap();
        let credential = Credential::basic("ben@example.com", &SecretString::from(token));
        let port = desk::port(&api_url, &self.clock, &credential);
        let options = BitbucketOptions { api_url, repository: repository.to_owned(), port };
        Arc::new(BitbucketConnector::new(options).unwrap())
    }
}

impl Desk for Bitbucket {
    async fn start(items: usize) -> Self {
        let (sandbox, clock) = desk::sandbox(0).await;
        for n in 1..=items {
            clock.advance(60_000);
            sandbox.bitbucket().create(REPO, &format!("item {n}"), "", true).unwrap();
        }
        clock.advance(3_600_000);
        Self { sandbox, clock }
    }

    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    fn connector(&self, expired: bool) -> Arc<dyn Connector> {
        self.connect(REPO, if expired { EXPIRED_TOKEN } else { WRITE_TOKEN })
    }

    fn mapping(&self) -> StatusMapping {
        // After a final state there is no other: DECLINED is moved to in a test of its own.
        let targets = [("proposed", "DRAFT"), ("in_progress", "OPEN"), ("completed", "MERGED")].map(
            |(status, state)| {
                (Status::new(status), Target { status: Some(state.to_owned()), ..Target::default() })
            },
        );
        let statuses = targets.clone().map(|(status, _)| status);
        StatusMapping::new(&statuses, &targets.into_iter().collect())
    }

    fn names(&self) -> (String, String) {
        ("cy".to_owned(), "no milestones".to_owned())
    }

    fn shows(&self, at: &RemoteRef) -> Option<(String, String)> {
        let shown = self.sandbox.bitbucket().pull_request(&at.repository, at.number)?;
        Some((shown.title, shown.description))
    }

    fn retitle(&self, at: &RemoteRef, title: &str) {
        self.sandbox.bitbucket().set_title(&at.repository, at.number, title).unwrap();
    }

    fn delete(&self, _at: &RemoteRef) -> bool {
        false
    }

    fn transfer(&self, _at: &RemoteRef) -> bool {
        false
    }

    fn count(&self, title: &str) -> usize {
        self.sandbox.bitbucket().pull_requests(REPO).iter().filter(|p| p.title == title).count()
    }
}

crate::suite::contract!(Bitbucket);
