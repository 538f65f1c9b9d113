//! Updating: only what differs, nobody's edit lost, and every silent drop told.

use corkboard::connector::{Outcome, Patch};
use corkboard::domain::fields::SetDelta;
use corkboard::domain::mapping::{CloseReason, OpenState, StateChange};
use corkboard::sandbox::{READ_TOKEN, TRIAGE_TOKEN};
use corkboard::sync::retry::Class;

use crate::desk::{self, Desk, REPO, desk, draft, names};

fn labels(add: &[&str], remove: &[&str]) -> SetDelta {
    SetDelta { add: names(add), remove: names(remove) }
}

fn moved(add: &[&str], remove: &[&str]) -> Patch {
    Patch { state: StateChange { labels: labels(add, remove), ..StateChange::default() }, ..Patch::default() }
}

fn closed(reason: CloseReason) -> Patch {
    let state = Some(OpenState::Closed);
    Patch { state: StateChange { state, reason: Some(reason), ..StateChange::default() }, ..Patch::default() }
}

/// An issue with exactly these labels.
fn fresh(desk: &Desk, with: &[&str]) -> u64 {
    let web = desk.sandbox.web("ben");
    let number = web.create_issue(REPO, "a card", "Text.\r\n\r\nMore.").unwrap();
    for label in with {
        web.add_label(REPO, number, label).unwrap();
    }
    desk.clock.advance(10_000);
    number
}

#[tokio::test]
async fn a_move_is_one_request_with_only_what_changes() {
    let desk = desk(3).await;
    let number = fresh(&desk, &["bug", "status: proposed"]);
    let seen = desk.seen(number).await;
    desk.sandbox.clear_requests();
    let item =
        desk.tracker().update(&seen, &moved(&["status: approved"], &["status: proposed"])).await.unwrap();
    assert_eq!(item.state.labels, names(&["bug", "status: approved"]));
    let written = desk.written();
    assert_eq!(written.len(), 1, "{written:#?}");
    assert!(
        written[0].starts_with("PATCH ") && written[0].ends_with(r#"{"labels":["bug","status: approved"]}"#),
        "{written:?}"
    );
    assert_eq!(item, desk.seen(number).await, "what is returned is what is there");
}

#[tokio::test]
async fn labels_alone_touch_nothing_else() {
    let desk = desk(3).await;
    let number = fresh(&desk, &["bug", "area/ui"]);
    let seen = desk.seen(number).await;
    desk.sandbox.clear_requests();
    let item = desk.tracker().update(&seen, &moved(&["x", "y"], &[])).await.unwrap();
    assert!(desk.written()[0].starts_with(&format!("POST /repos/{REPO}/issues/{number}/labels")));
    let item = desk.tracker().update(&item, &moved(&[], &["area/ui"])).await.unwrap();
    assert!(desk.written()[0].starts_with(&format!("DELETE /repos/{REPO}/issues/{number}/labels/area%2Fui")));
    assert_eq!(item.state.labels, names(&["bug", "x", "y"]));
}

#[tokio::test]
async fn a_label_that_is_off_already_is_no_failure() {
    let desk = desk(3).await;
    let number = fresh(&desk, &["bug", "ui"]);
    let seen = desk.seen(number).await;
    desk.sandbox.web("ben").remove_label(REPO, number, "bug").unwrap();
    let item = desk.tracker().update(&seen, &moved(&[], &["bug"])).await.unwrap();
    assert_eq!(item.state.labels, names(&["ui"]));
}

#[tokio::test]
async fn row_03_a_label_edit_between_our_read_and_our_patch_survives() {
    for by in ["ben", "ana"] {
        let desk = desk(3).await;
        let number = fresh(&desk, &["bug", "ui", "status: proposed"]);
        let seen = desk.seen(number).await;
        desk.clock.advance(2_000);
        desk.sandbox.web(by).add_label(REPO, number, "urgent").unwrap();
        desk.sandbox.web(by).remove_label(REPO, number, "ui").unwrap();
        desk.clock.advance(2_000);
        let item =
            desk.tracker().update(&seen, &moved(&["status: approved"], &["status: proposed"])).await.unwrap();
        assert_eq!(item.state.labels, names(&["bug", "urgent", "status: approved"]), "edited by {by}");
        assert_eq!(item, desk.seen(number).await);
    }
}

#[tokio::test]
async fn a_long_history_is_read_from_its_end() {
    let desk = desk(3).await;
    let number = fresh(&desk, &["bug", "status: proposed"]);
    for _ in 0..120 {
        desk.sandbox.web("ben").add_label(REPO, number, "x").unwrap();
        desk.sandbox.web("ben").remove_label(REPO, number, "x").unwrap();
        desk.clock.advance(1_000);
    }
    let seen = desk.seen(number).await;
    desk.clock.advance(2_000);
    desk.sandbox.web("ben").add_label(REPO, number, "urgent").unwrap();
    desk.clock.advance(2_000);
    let item =
        desk.tracker().update(&seen, &moved(&["status: approved"], &["status: proposed"])).await.unwrap();
    assert_eq!(item.state.labels, names(&["bug", "urgent", "status: approved"]));
}

#[tokio::test]
async fn closing_carries_its_reason_and_another_reason_reaches_a_closed_issue() {
    let desk = desk(3).await;
    let number = fresh(&desk, &["status: approved"]);
    let mut patch = closed(CloseReason::Completed);
    patch.state.labels = labels(&[], &["status: approved"]);
    desk.sandbox.clear_requests();
    let seen = desk.seen(number).await;
    let item = desk.tracker().update(&seen, &patch).await.unwrap();
    assert_eq!((item.state.state, item.state.reason), (OpenState::Closed, Some(CloseReason::Completed)));
    assert_eq!(desk.written().len(), 1);
    let item = desk.tracker().update(&item, &closed(CloseReason::NotPlanned)).await.unwrap();
    assert_eq!((item.state.state, item.state.reason), (OpenState::Closed, Some(CloseReason::NotPlanned)));
    assert_eq!(desk.sandbox.issue(REPO, number).unwrap().state_reason.as_deref(), Some("not_planned"));
    let open = StateChange { state: Some(OpenState::Open), ..StateChange::default() };
    let item = desk.tracker().update(&item, &Patch { state: open, ..Patch::default() }).await.unwrap();
    assert_eq!((item.state.state, item.state.reason), (OpenState::Open, None));
}

#[tokio::test]
async fn title_body_milestone_and_people_change_together() {
    let desk = desk(3).await;
    let made = desk.tracker().create(&draft("a card")).await.unwrap();
    let patch = Patch {
        title: Some("another".into()),
        body: Some("New text.".into()),
        milestone: Some(Some("v9".into())),
        assignees: SetDelta { add: names(&["cy"]), remove: names(&["ben"]) },
        ..Patch::default()
    };
    let item = desk.tracker().update(&made, &patch).await.unwrap();
    assert_eq!(
        (item.title.as_str(), item.body.as_str(), item.milestone.as_deref()),
        ("another", "New text.", Some("v9"))
    );
    assert_eq!((item.assignees.clone(), item.marker), (names(&["cy"]), made.marker), "the marker stays");
    assert_eq!(item, desk.seen(made.at.number).await);
    let cleared =
        desk.tracker().update(&item, &Patch { milestone: Some(None), ..Patch::default() }).await.unwrap();
    assert_eq!(cleared.milestone, None);
    assert_eq!(cleared.body, "New text.");
}

#[tokio::test]
async fn nothing_to_change_writes_nothing() {
    let desk = desk(3).await;
    let number = fresh(&desk, &["bug"]);
    let seen = desk.seen(number).await;
    desk.sandbox.clear_requests();
    let item = desk.tracker().update(&seen, &moved(&["BUG"], &["not there"])).await.unwrap();
    assert_eq!(item, seen);
    assert!(desk.sandbox.writes().is_empty());
}

#[tokio::test]
async fn somebody_who_cannot_be_assigned_is_named() {
    let desk = desk(3).await;
    let number = fresh(&desk, &[]);
    let seen = desk.seen(number).await;
    let patch = Patch {
        assignees: SetDelta { add: names(&["nobody-at-all"]), remove: names(&[]) },
        ..Patch::default()
    };
    let failure = desk.tracker().update(&seen, &patch).await.expect_err("nobody is assigned");
    assert!(failure.message.contains("`nobody-at-all`"), "{failure}");
}

#[tokio::test]
async fn what_github_drops_without_a_word_is_told() {
    let (sandbox, clock) = desk::sandbox(3).await;
    let desk = desk::at(sandbox, clock, READ_TOKEN, REPO, false);
    let made = desk.tracker().create(&draft("by a reader")).await.unwrap();
    let mut patch = moved(&["bug"], &[]);
    patch.title = Some("changed".into());
    let failure = desk.tracker().update(&made, &patch).await.expect_err("dropped");
    assert_eq!((failure.class, failure.outcome), (Class::Configuration, Outcome::Unknown), "{failure}");
    assert!(failure.message.contains("dropped the label `bug`"), "{failure}");
    assert!(failure.help.is_some_and(|h| h.contains("triage")));
    assert_eq!(desk.sandbox.issue(REPO, made.at.number).unwrap().title, "changed", "the rest went through");
}

#[tokio::test]
async fn a_refused_write_says_so_in_the_servers_words() {
    let (sandbox, clock) = desk::sandbox(3).await;
    let desk = desk::at(sandbox, clock, TRIAGE_TOKEN, REPO, false);
    let number = fresh(&desk, &[]);
    let seen = desk.seen(number).await;
    let patch = Patch { title: Some("not mine".into()), ..Patch::default() };
    let failure = desk.tracker().update(&seen, &patch).await.expect_err("refused");
    assert_eq!(failure.outcome, Outcome::NotApplied);
    assert!(failure.status == Some(403) && failure.request_id.is_some(), "{failure:?}");
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_of_unknown_outcome() {
    for fault in ["drop-after", "truncate", "html", "status=502"] {
        let desk = desk(3).await;
        let number = fresh(&desk, &[]);
        let seen = desk.seen(number).await;
        desk.faults(&format!("PATCH * count=1 {fault}"));
        let patch = Patch { title: Some("x".into()), ..Patch::default() };
        let failure = desk.tracker().update(&seen, &patch).await.expect_err(fault);
        assert_eq!(
            (failure.class, failure.outcome),
            (Class::Transient, Outcome::Unknown),
            "{fault}: {failure}"
        );
        let sent = desk.sandbox.writes().len();
        assert_eq!(sent, 1, "{fault}: nothing repeats it");
    }
}

#[tokio::test]
async fn a_second_request_that_fails_does_not_hide_that_the_first_was_applied() {
    let desk = desk(3).await;
    let number = fresh(&desk, &[]);
    let seen = desk.seen(number).await;
    desk.faults("POST *assignees status=422");
    let patch = Patch {
        title: Some("x".into()),
        assignees: SetDelta { add: names(&["cy"]), remove: names(&[]) },
        ..Patch::default()
    };
    let failure = desk.tracker().update(&seen, &patch).await.expect_err("the second fails");
    assert_eq!((failure.status, failure.outcome), (Some(422), Outcome::Unknown));
}
