//! Jira under contract, and what only a workflow and ADF bring along.

#[path = "jira/boards.rs"]
mod boards;
#[path = "jira/body.rs"]
mod body;
#[path = "jira/fields.rs"]
mod fields;
#[path = "jira/flow.rs"]
mod flow;
#[path = "jira/oracle.rs"]
mod oracle;

use std::sync::Arc;
use std::time::Duration;

use corkboard::connector::http::{Credential, Gates, GatesOptions, Limits, loopback_client};
use corkboard::connector::jira::{JiraConnector, JiraOptions};
use corkboard::connector::{Connector, Cursor, Draft, Fetched, Page, Patch, RemoteItem, RemoteRef, Scope};
use corkboard::domain::fields::Fields;
use corkboard::domain::link::LinkId;
use corkboard::domain::mapping::{StateChange, Status, StatusMapping, Target};
use corkboard::sandbox::{EXPIRED_TOKEN, READ_TOKEN, Sandbox, WRITE_TOKEN};
use corkboard::support::clock::ManualClock;
use corkboard::sync::Class;
use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::desk::{self, Desk};

pub struct Jira {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
}

fn key(at: &RemoteRef) -> String {
    format!("{}-{}", at.repository, at.number)
}

impl Jira {
    fn with(&self, user: Option<&str>, token: &str, project: &str) -> Arc<dyn Connector> {
        Arc::new(self.made(user, token, project))
    }

    /// A connector as it is made, with a token that may write.
    fn plain(&self, user: Option<&str>, project: &str) -> JiraConnector {
        self.made(user, WRITE_TOKEN, project)
    }

    fn made(&self, user: Option<&str>, token: &str, project: &str) -> JiraConnector {
        let api_url: url::Url = format!("{}/jira", self.sandbox.url()).parse().unwrap();
        let token = SecretString::from(token);
        let credential = match user {
            Some(user) => Credential::basic(user, &token),
            None => Credential::bearer(&token),
        };
        let port = desk::port(&api_url, &self.clock, &credential);
        let user = user.map(str::to_owned);
        JiraConnector::new(JiraOptions { api_url, project: project.into(), user, port }).unwrap()
    }

    fn server(&self) -> Arc<dyn Connector> {
        self.with(None, WRITE_TOKEN, "ABC")
    }

    async fn item(&self, connector: &Arc<dyn Connector>, key: &str) -> RemoteItem {
        let (project, number) = key.rsplit_once('-').unwrap();
        let at = RemoteRef { id: String::new(), number: number.parse().unwrap(), repository: project.into() };
        match connector.tracker().unwrap().fetch(&at).await.unwrap() {
            Fetched::Item(item) => *item,
            other => panic!("{other:?}"),
        }
    }
}

impl Desk for Jira {
    async fn start(items: usize) -> Self {
        let (sandbox, clock) = desk::sandbox(0).await;
        for n in 1..=items {
            clock.advance(60_000);
            sandbox.jira().create_issue("ana", &format!("item {n}"));
        }
        clock.advance(3_600_000);
        sandbox.jira().create_version("v1.2");
        Self { sandbox, clock }
    }

    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    fn connector(&self, expired: bool) -> Arc<dyn Connector> {
        self.with(Some("ben@example.com"), if expired { EXPIRED_TOKEN } else { WRITE_TOKEN }, "ABC")
    }

    fn mapping(&self) -> StatusMapping {
        let named = |name: &str| Target { status: Some(name.to_owned()), ..Target::default() };
        let targets = [
            ("proposed", named("To Do")),
            ("in_progress", named("In Progress")),
            ("blocked", named("Blocked")),
            ("completed", Target { resolution: Some("Done".into()), ..named("Done") }),
        ]
        .map(|(status, target)| (Status::new(status), target));
        let statuses = targets.clone().map(|(status, _)| status);
        StatusMapping::new(&statuses, &targets.into_iter().collect())
    }

    fn names(&self) -> (String, String) {
        ("712020:cy".to_owned(), "v1.2".to_owned())
    }

    fn shows(&self, at: &RemoteRef) -> Option<(String, String)> {
        let issue = self.sandbox.jira().issue(&key(at))?;
        Some((issue.summary, issue.description.to_string()))
    }

    fn retitle(&self, at: &RemoteRef, title: &str) {
        assert!(self.sandbox.jira().set_summary(&key(at), title));
    }

    fn delete(&self, at: &RemoteRef) -> bool {
        self.sandbox.jira().delete(&key(at))
    }

    fn transfer(&self, at: &RemoteRef) -> bool {
        self.sandbox.jira().move_to(&key(at), "OPS")
    }

    fn count(&self, title: &str) -> usize {
        self.sandbox.jira().issues().iter().filter(|i| i.summary == title).count()
    }
}

crate::suite::contract!(Jira);

fn to(status: &str) -> Patch {
    let state = StateChange { status: Some(status.to_owned()), ..StateChange::default() };
    Patch { state, ..Patch::default() }
}

async fn pull(connector: &Arc<dyn Connector>, from: &Cursor) -> (Cursor, Vec<RemoteItem>) {
    let (pages, mut inbox) = mpsc::channel::<Page>(2);
    let read = async {
        let mut all = Vec::new();
        while let Some(page) = inbox.recv().await {
            all.extend(page.items);
        }
        all
    };
    let (end, items) = tokio::join!(connector.tracker().unwrap().pull(from, pages), read);
    (end.unwrap().cursor, items)
}

#[tokio::test]
async fn what_was_written_a_moment_ago_comes_although_the_search_is_behind() {
    let desk = Jira::start(2).await;
    let connector = desk.connector(false);
    let (cursor, _) = pull(&connector, &Cursor::default()).await;
    desk.clock.advance(3_600_000);
    desk.sandbox.jira().set_index_lag(300_000);
    let seen = desk.item(&connector, "ABC-1").await;
    let patch = Patch { title: Some("ours".into()), ..Patch::default() };
    connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
    desk.sandbox.jira().set_summary("ABC-2", "theirs");
    let (cursor, items) = pull(&connector, &cursor).await;
    assert!(items.iter().any(|i| i.title == "ours"), "what we wrote is asked for by id");
    assert!(items.iter().all(|i| i.title != "theirs"), "the index does not know it yet");
    desk.clock.advance(400_000);
    let (_, items) = pull(&connector, &cursor).await;
    assert!(items.iter().any(|i| i.title == "theirs"), "the next walk reaches back far enough");
}

#[tokio::test]
async fn a_first_walk_that_was_interrupted_goes_on_where_it_was() {
    let desk = Jira::start(250).await;
    let connector = desk.connector(false);
    let (pages, mut inbox) = mpsc::channel::<Page>(1);
    desk.sandbox.set_faults("GET */search/* nth=2 status=502".parse().unwrap());
    let from = Cursor::default();
    let read = async {
        let mut last = None;
        while let Some(page) = inbox.recv().await {
            last = page.walk.or(last);
        }
        last
    };
    let (end, walk) = tokio::join!(connector.tracker().unwrap().pull(&from, pages), read);
    end.unwrap_err();
    let walk = walk.expect("a note of how far it came");
    assert_eq!(walk.done, 100);
    let (cursor, rest) = pull(&connector, &Cursor { walk: Some(walk.clone()), ..Cursor::default() }).await;
    assert!((150..=151).contains(&rest.len()), "{}", rest.len());
    assert_eq!(cursor.since, walk.since, "the cursor is when the walk began at first");
}

#[tokio::test]
async fn an_issue_with_several_fix_versions_keeps_them() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let web = desk.sandbox.jira();
    web.add_version("ABC-1", "v1.2");
    web.add_version("ABC-1", "v1.3");
    let seen = desk.item(&connector, "ABC-1").await;
    let patch = Patch { milestone: Some(Some("v2".into())), ..Patch::default() };
    let refused = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
    assert!(refused.message.contains("v1.3"), "{refused:?}");
    assert_eq!(web.issue("ABC-1").unwrap().versions, ["v1.2", "v1.3"]);
}

#[tokio::test]
async fn a_probe_names_what_is_wrong() {
    let desk = Jira::start(1).await;
    let expired = desk.connector(true).probe().await.unwrap_err();
    assert!(
        expired.help.as_deref().is_some_and(|h| h.contains("https://api.atlassian.com/ex/jira/11111111-")),
        "{expired:?}"
    );
    let missing = desk.with(Some("ben@example.com"), WRITE_TOKEN, "NOPE").probe().await.unwrap_err();
    assert_eq!((missing.class, missing.scope), (Class::Configuration, Scope::Connection));
    assert!(missing.help.as_deref().is_some_and(|h| h.contains("NOPE")), "{missing:?}");
    let reader = desk.with(Some("dee@example.com"), READ_TOKEN, "ABC").probe().await.unwrap();
    assert!(!reader.can_write, "{reader:?}");
    desk.sandbox.jira().set_server_version([8, 13, 0]);
    let old = desk.server().probe().await.unwrap_err();
    assert!(old.help.as_deref().is_some_and(|h| h.contains("8.14")), "{old:?}");
}

#[tokio::test]
async fn a_read_only_connection_still_pulls() {
    let desk = Jira::start(3).await;
    let api_url: url::Url = format!("{}/jira", desk.sandbox.url()).parse().unwrap();
    let gates = Gates::new(GatesOptions {
        client: loopback_client().unwrap(),
        clock: desk.clock.clone(),
        read_only: true,
        limits: Limits::none(),
    });
    let credential = Credential::basic("ben@example.com", &SecretString::from(WRITE_TOKEN));
    let port = gates.gate(&api_url, &credential, Duration::ZERO).port(Arc::new(|_| {}));
    let user = Some("ben@example.com".to_owned());
    let connector: Arc<dyn Connector> =
        Arc::new(JiraConnector::new(JiraOptions { api_url, project: "abc".into(), user, port }).unwrap());
    assert_eq!(pull(&connector, &Cursor::default()).await.1.len(), 3);
}

fn draft(title: &str) -> Draft {
    let fields = Fields {
        title: title.to_owned(),
        body: "*wiki* text\nas it is".to_owned(),
        status: Status::new("proposed"),
        labels: ["urgent".to_owned()].into(),
        assignees: std::iter::once("cy".to_owned()).collect(),
        milestone: Some("v1.2".to_owned()),
        extra: std::collections::BTreeMap::new(),
    };
    Draft {
        marker: LinkId::random(),
        fields,
        state: StateChange::default(),
        raw: std::collections::BTreeMap::new(),
    }
}

#[tokio::test]
async fn data_center_speaks_version_two_with_names_and_plain_text() {
    let desk = Jira::start(150).await;
    let connector = desk.server();
    let tracker = connector.tracker().unwrap();
    let probe = connector.probe().await.unwrap();
    assert!(probe.can_write && probe.repository == "ABC", "{probe:?}");
    let (cursor, items) = pull(&connector, &Cursor::default()).await;
    assert_eq!(items.len(), 150);
    let since = desk.clock_now();
    let draft = draft("by a personal token");
    let made = tracker.create(&draft).await.unwrap();
    assert_eq!(made.body, draft.fields.body);
    assert_eq!(made.assignees, draft.fields.assignees);
    assert_eq!(made.milestone.as_deref(), Some("v1.2"));
    let found = tracker.find(draft.marker, since).await.unwrap().expect("found by its property");
    assert_eq!(found.at, made.at);
    let patch = Patch { body: Some("h1. changed".into()), ..to("In Progress") };
    let now = tracker.update(&made, &patch).await.unwrap();
    assert_eq!((now.body.as_str(), now.state.status.as_deref()), ("h1. changed", Some("In Progress")));
    let said = tracker.comment(&made.at, "a comment", uuid::Uuid::from_u128(7)).await.unwrap();
    assert_eq!(tracker.comments(&made.at).await.unwrap(), [said]);
    let (_, changed) = pull(&connector, &cursor).await;
    assert!(changed.iter().any(|i| i.at == made.at));
    assert!(desk.sandbox.requests().iter().all(|r| r.path.starts_with("/jira/rest/api/2/")));
}
