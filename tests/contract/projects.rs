//! GitHub's issues with a project's columns under contract, and what is special about them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use corkboard::connector::github::{GithubConnector, GithubOptions, OVERLAP};
use corkboard::connector::http::{Credential, Gates, GatesOptions, Limits, Port, loopback_client};
use corkboard::connector::{
    Connector, Cursor, Draft, Failure, Fetched, Outcome, Page, Patch, PullEnd, RemoteItem, RemoteRef, Scope,
    StatusModel,
};
use corkboard::domain::fields::{Fields, Value};
use corkboard::domain::link::LinkId;
use corkboard::domain::mapping::{CloseReason, OpenState, StateChange, Status, StatusMapping, Target};
use corkboard::sandbox::{
    ADMIN_TOKEN, Automation, EXPIRED_TOKEN, FINE_GRAINED_TOKEN, Sandbox, WRITE_TOKEN, WebUser,
};
use corkboard::support::clock::{Clock as _, ManualClock};
use corkboard::sync::Class;
use secrecy::SecretString;
use tokio::sync::mpsc;

use crate::desk::{self, Desk};

const REPO: &str = "octo/app";
const ROAD: &str = "orgs/octo/projects/3";
const MINE: &str = "users/ana/projects/1";

pub struct Projects {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
}

fn connector(project: &str, base: &str, port: Port) -> Arc<dyn Connector> {
    with_further(project, base, port, &[])
}

/// A connector whose rules name these fields.
fn with_further(project: &str, base: &str, port: Port, names: &[&str]) -> Arc<dyn Connector> {
    let options = GithubOptions {
        api_url: base.parse().unwrap(),
        repository: REPO.into(),
        project: Some(project.into()),
        port,
        overlap: OVERLAP,
    };
    let names = names.iter().map(|&name| name.to_owned()).collect();
    Arc::new(GithubConnector::new(options).unwrap().with_further(names))
}

impl Projects {
    fn with_token(&self, project: &str, token: &str) -> Arc<dyn Connector> {
        let url = self.sandbox.url();
        let credential = Credential::bearer(&SecretString::from(token));
        connector(project, url, desk::port(&url.parse().unwrap(), &self.clock, &credential))
    }

    /// The same with fields that rules name.
    fn with_names(&self, project: &str, names: &[&str]) -> Arc<dyn Connector> {
        let url = self.sandbox.url();
        let credential = Credential::bearer(&SecretString::from(ADMIN_TOKEN));
        with_further(project, url, desk::port(&url.parse().unwrap(), &self.clock, &credential), names)
    }

    /// What an issue's field holds at GitHub's own pages.
    fn value(&self, number: u64, field: &str) -> Option<String> {
        self.sandbox.project_value(ROAD, REPO, number, field)
    }

    fn read_only(&self) -> Arc<dyn Connector> {
        let gates = Gates::new(GatesOptions {
            client: loopback_client().unwrap(),
            clock: self.clock.clone(),
            read_only: true,
            limits: Limits::none(),
        });
        let credential = Credential::bearer(&SecretString::from(ADMIN_TOKEN));
        let base = self.sandbox.url().parse().unwrap();
        connector(
            ROAD,
            self.sandbox.url(),
            gates.gate(&base, &credential, Duration::ZERO).port(Arc::new(|_| {})),
        )
    }

    fn web(&self) -> WebUser {
        self.sandbox.web("cy")
    }

    /// Where an issue stands at GitHub's own pages.
    fn status(&self, number: u64) -> Option<String> {
        let all = self.sandbox.project_items(ROAD);
        all.into_iter().find(|i| i.number == Some(number)).expect("on the board").status
    }

    fn paths(&self) -> BTreeMap<String, usize> {
        let mut out = BTreeMap::new();
        for one in self.sandbox.requests() {
            let path = one.path.split('?').next().unwrap_or_default();
            *out.entry(format!("{} {path}", one.method)).or_default() += 1;
        }
        out
    }
}

impl Desk for Projects {
    async fn start(items: usize) -> Self {
        let (sandbox, clock) = desk::sandbox(0).await;
        let ana = sandbox.web("ana");
        for n in 1..=items {
            clock.advance(60_000);
            let number = ana.create_issue(REPO, &format!("item {n}"), "").unwrap();
            assert!(ana.add_to_project(ROAD, REPO, number, Some("Backlog")));
        }
        clock.advance(3_600_000);
        ana.create_milestone(REPO, "v1.2").unwrap();
        Self { sandbox, clock }
    }

    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn clock(&self) -> &Arc<ManualClock> {
        &self.clock
    }

    fn connector(&self, expired: bool) -> Arc<dyn Connector> {
        // The other classic tokens lack the scope `project`.
        self.with_token(ROAD, if expired { EXPIRED_TOKEN } else { ADMIN_TOKEN })
    }

    fn mapping(&self) -> StatusMapping {
        let option = |name: &str, state| Target { status: Some(name.into()), state, ..Target::default() };
        let done = |reason| Target { reason: Some(reason), ..option("Done", Some(OpenState::Closed)) };
        let targets = [
            ("proposed", option("Backlog", Some(OpenState::Open))),
            ("in_progress", option("In Progress", None)),
            ("review", option("In Review", None)),
            ("completed", done(CloseReason::Completed)),
            ("rejected", done(CloseReason::NotPlanned)),
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
        self.web().set_title(&at.repository, at.number, title).unwrap();
    }

    fn delete(&self, at: &RemoteRef) -> bool {
        self.web().delete(&at.repository, at.number).is_ok()
    }

    fn transfer(&self, at: &RemoteRef) -> bool {
        self.web().transfer(&at.repository, at.number, "octo/other").is_ok()
    }

    fn count(&self, title: &str) -> usize {
        self.sandbox.issues(REPO).iter().filter(|i| i.title == title).count()
    }
}

crate::suite::contract!(Projects);

#[path = "projects/access.rs"]
mod access;
#[path = "projects/boards.rs"]
mod boards;
#[path = "projects/further.rs"]
mod further;
#[path = "projects/refused.rs"]
mod refused;

/// A walk to its end: where the next starts, what came, and what was said to be left out.
async fn pull(
    connector: &Arc<dyn Connector>,
    from: &Cursor,
) -> Result<(PullEnd, Vec<RemoteItem>, Vec<String>), Failure> {
    let (pages, mut inbox) = mpsc::channel::<Page>(2);
    let read = async {
        let (mut items, mut skipped) = (Vec::new(), Vec::new());
        while let Some(page) = inbox.recv().await {
            items.extend(page.items);
            skipped.extend(page.skipped);
        }
        (items, skipped)
    };
    let (end, (items, skipped)) = tokio::join!(connector.tracker().unwrap().pull(from, pages), read);
    end.map(|end| (end, items, skipped))
}

/// A board with `items` issues, and the cursor of a complete pull an hour ago.
async fn pulled(items: usize) -> (Projects, Arc<dyn Connector>, Cursor) {
    let desk = Projects::start(items).await;
    let connector = desk.connector(false);
    let (end, all, _) = pull(&connector, &Cursor::default()).await.unwrap();
    assert!(all.iter().all(|i| i.state.status.as_deref() == Some("Backlog")));
    desk.clock.advance(3_600_000);
    let (end, _, _) = pull(&connector, &end.cursor).await.unwrap();
    desk.sandbox.clear_requests();
    (desk, connector, end.cursor)
}

async fn item(connector: &Arc<dyn Connector>, desk: &Projects, number: u64) -> RemoteItem {
    let issue = desk.sandbox.issue(REPO, number).unwrap();
    let at = RemoteRef { id: issue.id.to_string(), number, repository: REPO.into() };
    match connector.tracker().unwrap().fetch(&at).await.unwrap() {
        Fetched::Item(item) => *item,
        other => panic!("not there: {other:?}"),
    }
}

fn to(status: &str) -> Patch {
    let state = StateChange { status: Some(status.into()), ..StateChange::default() };
    Patch { state, ..Patch::default() }
}

fn close_at(status: &str) -> Patch {
    let mut patch = to(status);
    (patch.state.state, patch.state.reason) = (Some(OpenState::Closed), Some(CloseReason::Completed));
    patch
}

fn draft(title: &str, status: &str) -> Draft {
    let fields = Fields {
        title: title.into(),
        body: String::new(),
        status: Status::new("in_progress"),
        labels: [].into(),
        assignees: [].into(),
        milestone: None,
        extra: std::collections::BTreeMap::new(),
    };
    let state = StateChange { status: Some(status.into()), ..StateChange::default() };
    Draft { marker: LinkId::random(), fields, state, raw: std::collections::BTreeMap::new() }
}

#[tokio::test]
async fn a_move_on_the_web_comes_in_although_the_issue_did_not_change() {
    let (desk, connector, cursor) = pulled(120).await;
    let before = desk.sandbox.issue(REPO, 8).unwrap().updated_at;
    assert!(desk.web().set_project_status(ROAD, REPO, 8, Some("In Review")));
    let moved_at = desk.clock.now();
    let (end, items, _) = pull(&connector, &cursor).await.unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!((items[0].at.number, items[0].state.status.as_deref()), (8, Some("In Review")));
    assert_eq!(desk.sandbox.issue(REPO, 8).unwrap().updated_at, before, "the issue is as it was");
    assert!(items[0].updated_at.since(moved_at).abs() < 1_000, "it is as new as the move");
    assert!(!end.unchanged);
    let paths = desk.paths();
    let wanted =
        [("GET /repos/octo/app/issues", 1), ("GET /repos/octo/app/issues/8", 1), ("POST /graphql", 2)];
    assert_eq!(paths, wanted.map(|(path, n)| (path.to_owned(), n)).into(), "only that item is read");
    let (again, nothing, _) = pull(&connector, &end.cursor).await.unwrap();
    assert!(nothing.is_empty() && again.unchanged, "{nothing:?}");
    assert_eq!(again.cursor, end.cursor, "nothing to write down either");
}

#[tokio::test]
async fn a_new_process_knows_what_the_last_one_saw() {
    let (desk, _, cursor) = pulled(120).await;
    assert!(desk.web().set_project_status(ROAD, REPO, 3, Some("In Progress")));
    let kept: Cursor = serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
    let (end, items, _) = pull(&desk.connector(false), &kept).await.unwrap();
    assert_eq!(items.iter().map(|i| i.at.number).collect::<Vec<_>>(), [3]);
    // A walk whose end was never taken over is walked again from where the last one was.
    let (_, items, _) = pull(&desk.connector(false), &kept).await.unwrap();
    assert_eq!(items.len(), 1);
    let (_, items, _) = pull(&desk.connector(false), &end.cursor).await.unwrap();
    assert!(items.is_empty());
}

#[tokio::test]
async fn a_board_of_two_thousand_items_costs_at_most_25_points_a_poll() {
    let (desk, connector, cursor) = pulled(2_000).await;
    let before = desk.sandbox.graphql_points();
    assert!(desk.web().set_project_status(ROAD, REPO, 1_999, Some("Done")));
    let (_, items, _) = pull(&connector, &cursor).await.unwrap();
    assert_eq!(items.len(), 1);
    let points = desk.sandbox.graphql_points() - before;
    assert!((20..=25).contains(&points), "{points}");
    assert!(serde_json::to_string(&cursor).unwrap().len() < 6_000, "and a cursor of a few kilobytes");
}

#[tokio::test]
async fn a_column_renamed_on_the_web_is_followed_by_its_name_and_its_cards_come_in() {
    let (desk, connector, cursor) = pulled(150).await;
    assert!(desk.web().rename_option(ROAD, "Backlog", "Ideas"));
    let (end, items, _) = pull(&connector, &cursor).await.unwrap();
    assert_eq!(items.len(), 150);
    assert!(items.iter().all(|i| i.state.status.as_deref() == Some("Ideas")));
    let gets = desk.paths().into_iter().filter(|(path, _)| path.contains("/issues/")).count();
    assert_eq!(gets, 0, "so many are read from the list, not one by one");
    // A column whose new name nobody has read yet is noticed by the answer.
    assert!(desk.web().rename_option(ROAD, "In Review", "Review"));
    let seen = item(&connector, &desk, 6).await;
    let late = connector.tracker().unwrap().update(&seen, &to("In Review")).await;
    desk.web().rename_option(ROAD, "Review", "In Review");
    assert!(late.is_err_and(|f| f.class == Class::Configuration && f.message.contains("Review")));
    let seen = item(&connector, &desk, 5).await;
    let refused = connector.tracker().unwrap().update(&seen, &to("Backlog")).await.unwrap_err();
    let verdict = (refused.class, refused.scope, refused.outcome);
    assert_eq!(verdict, (Class::Configuration, Scope::Item, Outcome::NotApplied), "{refused:?}");
    assert!(refused.message.contains("Ideas, In Progress, In Review, Done"), "{}", refused.message);
    connector.tracker().unwrap().update(&seen, &to("In Progress")).await.unwrap();
    let answer = connector.tracker().unwrap().update(&seen, &to("ideas")).await.unwrap();
    assert_eq!(answer.state.status.as_deref(), Some("Ideas"), "the platform's spelling");
    let (_, nothing, _) = pull(&connector, &end.cursor).await.unwrap();
    assert!(nothing.is_empty(), "our own moves are known: {nothing:?}");
}

#[tokio::test]
async fn option_ids_that_were_made_anew_are_found_again_by_name() {
    let (desk, connector, cursor) = pulled(3).await;
    let seen = item(&connector, &desk, 2).await;
    assert!(desk.web().regenerate_options(ROAD, true));
    let (end, items, _) = pull(&connector, &cursor).await.unwrap();
    assert!(items.is_empty(), "the names are the same: nothing moved");
    let answer = connector.tracker().unwrap().update(&seen, &to("In Review")).await.unwrap();
    assert_eq!(answer.state.status.as_deref(), Some("In Review"));
    assert_eq!(desk.status(2).as_deref(), Some("In Review"));
    // Somebody wrote the list of options and every card lost its place: that comes in as it is.
    assert!(desk.web().regenerate_options(ROAD, false));
    let (_, items, _) = pull(&connector, &end.cursor).await.unwrap();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|i| i.state.status.is_none()));
    for write in desk.sandbox.writes() {
        assert!(!write.request_body.contains("singleSelectOptions"));
    }
}

#[tokio::test]
async fn a_card_that_is_closed_stays_where_we_put_it_whatever_the_project_does_by_itself() {
    for automation in [Automation::Off, Automation::AtOnce, Automation::Late] {
        let (desk, connector, cursor) = pulled(3).await;
        assert!(desk.web().automate_project(ROAD, automation));
        let seen = item(&connector, &desk, 2).await;
        let answer = connector.tracker().unwrap().update(&seen, &close_at("In Review")).await.unwrap();
        let state = (answer.state.state, answer.state.status.as_deref());
        assert_eq!(state, (OpenState::Closed, Some("In Review")), "{automation:?}");
        assert_eq!(desk.status(2).as_deref(), Some("In Review"), "{automation:?}");
        let now = item(&connector, &desk, 2).await;
        assert_eq!(now.state, answer.state, "{automation:?}");
        // Where the project does what we want anyway, nothing is moved.
        let seen = item(&connector, &desk, 1).await;
        desk.sandbox.clear_requests();
        let answer = connector.tracker().unwrap().update(&seen, &close_at("Done")).await.unwrap();
        assert_eq!(answer.state.status.as_deref(), Some("Done"), "{automation:?}");
        let moves = desk.sandbox.writes().iter().filter(|w| w.request_body.contains("mutation")).count();
        assert_eq!(moves, usize::from(automation != Automation::AtOnce), "{automation:?}");
        let (_, items, _) = pull(&connector, &cursor).await.unwrap();
        let standing: BTreeMap<u64, Option<&str>> =
            items.iter().map(|i| (i.at.number, i.state.status.as_deref())).collect();
        assert_eq!(standing, BTreeMap::from([(1, Some("Done")), (2, Some("In Review"))]), "{automation:?}");
    }
}

#[tokio::test]
async fn an_issue_closed_on_the_web_brings_what_the_project_made_of_it() {
    let (desk, connector, cursor) = pulled(3).await;
    assert!(desk.web().automate_project(ROAD, Automation::AtOnce));
    desk.web().close(REPO, 3, "completed").unwrap();
    let (_, items, _) = pull(&connector, &cursor).await.unwrap();
    let last = items.last().unwrap();
    assert_eq!((last.at.number, last.state.state), (3, OpenState::Closed));
    assert_eq!(last.state.status.as_deref(), Some("Done"));
    assert_eq!(items.len(), 1, "once");
}

#[tokio::test]
async fn drafts_and_what_nobody_may_see_hurt_nothing_and_are_said_once() {
    let desk = Projects::start(3).await;
    assert!(desk.web().add_draft(ROAD, "an idea") && desk.web().add_draft(ROAD, "another"));
    assert!(desk.web().add_redacted(ROAD));
    desk.web().hide(REPO, 2).unwrap();
    let elsewhere = desk.web().create_issue("octo/other", "not ours", "").unwrap();
    assert!(desk.web().add_to_project(ROAD, "octo/other", elsewhere, Some("Done")));
    let connector = desk.connector(false);
    let (end, items, skipped) = pull(&connector, &Cursor::default()).await.unwrap();
    let mut numbers: Vec<u64> = items.iter().map(|i| i.at.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(skipped[0].starts_with("2 ") && skipped[0].contains("drafts"), "{skipped:?}");
    assert!(skipped[1].starts_with("2 ") && skipped[1].contains("not shown"), "{skipped:?}");
    desk.clock.advance(3_600_000);
    let (_, items, skipped) = pull(&connector, &end.cursor).await.unwrap();
    assert!(items.is_empty() && skipped.is_empty(), "{items:?} {skipped:?}");
}

#[tokio::test]
async fn what_leaves_the_board_loses_its_status_and_what_is_moved_comes_onto_it() {
    let (desk, connector, cursor) = pulled(4).await;
    assert!(desk.web().remove_from_project(ROAD, REPO, 2));
    assert!(desk.web().set_project_status(ROAD, REPO, 3, None));
    assert!(desk.web().archive_in_project(ROAD, REPO, 4));
    let before = desk.clock.now();
    let (end, items, _) = pull(&connector, &cursor).await.unwrap();
    let mut numbers: Vec<u64> = items.iter().map(|i| i.at.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3], "an archived item keeps its place");
    assert!(items.iter().all(|i| i.state.status.is_none()));
    // Newer than what was there before, so that it is not taken for old news.
    assert!(items.iter().all(|i| before.since(i.updated_at) < 5_000), "{items:?}");
    for number in [2, 4] {
        let seen = item(&connector, &desk, number).await;
        let answer = connector.tracker().unwrap().update(&seen, &to("In Progress")).await.unwrap();
        assert_eq!(answer.state.status.as_deref(), Some("In Progress"));
        let shown = desk.sandbox.project_items(ROAD);
        let shown = shown.iter().find(|i| i.number == Some(number)).unwrap();
        assert!(!shown.archived && shown.status.as_deref() == Some("In Progress"), "{shown:?}");
    }
    let (_, items, _) = pull(&connector, &end.cursor).await.unwrap();
    assert!(items.is_empty(), "our own moves are known: {items:?}");
}

#[tokio::test]
async fn a_new_card_comes_onto_the_board_at_its_column() {
    let (desk, connector, cursor) = pulled(2).await;
    let made = connector.tracker().unwrap().create(&draft("fresh", "In Progress")).await.unwrap();
    assert_eq!(made.state.status.as_deref(), Some("In Progress"));
    assert_eq!(desk.status(made.at.number).as_deref(), Some("In Progress"));
    let (_, items, _) = pull(&connector, &cursor).await.unwrap();
    assert!(items.iter().all(|i| i.state.status.as_deref() == Some("In Progress")), "{items:?}");
    let unknown = draft("nowhere", "Limbo");
    let refused = connector.tracker().unwrap().create(&unknown).await.unwrap_err();
    assert_eq!(refused.outcome, Outcome::NotApplied);
    assert_eq!(desk.count("nowhere"), 0, "nothing was made for a column there is none of");
}

#[tokio::test]
async fn an_issue_that_did_not_come_onto_the_board_is_put_there_and_not_made_again() {
    for faults in [
        "POST /graphql nth=2 status=500",
        "POST /graphql nth=2 drop-after",
        "POST /graphql nth=3 drop-before",
    ] {
        let desk = Projects::start(2).await;
        let connector = desk.connector(false);
        connector.probe().await.unwrap();
        let (since, draft) = (desk.clock.now(), draft("half made", "In Review"));
        desk.sandbox.set_faults(faults.parse().unwrap());
        let lost = connector.tracker().unwrap().create(&draft).await.unwrap_err();
        assert_eq!(lost.outcome, Outcome::Unknown, "{faults}: {lost:?}");
        desk.sandbox.set_faults("".parse().unwrap());
        desk.clock.advance(120_000);
        let found = connector.tracker().unwrap().find(draft.marker, since).await.unwrap().expect("made");
        assert_eq!(found.state.status.as_deref(), Some("In Review"), "{faults}");
        assert_eq!(desk.status(found.at.number).as_deref(), Some("In Review"), "{faults}");
        assert_eq!(desk.count("half made"), 1, "{faults}");
        assert_eq!(desk.sandbox.project_items(ROAD).len(), 3, "{faults}");
    }
}

#[tokio::test]
async fn an_item_that_slips_over_a_page_s_border_while_the_pages_are_read_stays_where_it_is() {
    let (desk, connector, cursor) = pulled(150).await;
    desk.sandbox.set_faults("POST /graphql nth=2 latency=500ms".parse().unwrap());
    let drag = async {
        // The first page is out and the second is not: what is dragged to the top is on neither.
        let began = desk.sandbox.wait_for(Duration::from_secs(5), |s| !s.requests().is_empty()).await;
        assert!(began && desk.web().drag_to_top(ROAD, REPO, 150));
    };
    let (pulled, ()) = tokio::join!(pull(&connector, &cursor), drag);
    let (end, items, _) = pulled.unwrap();
    assert!(items.is_empty(), "{items:?}");
    let asked: Vec<_> = desk.sandbox.requests().into_iter().filter(|r| r.method == "POST").collect();
    assert!(asked[2].request_body.contains("IssuePlaces"), "it was asked for on its own");
    let (again, _, _) = pull(&connector, &end.cursor).await.unwrap();
    assert_eq!(again.cursor.etag, end.cursor.etag, "and is in the picture");
}
