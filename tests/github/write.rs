//! Creating, finding and talking: once, whatever becomes of the answer.

use corkboard::connector::{Failure, Outcome};
use corkboard::domain::fields::SetDelta;
use corkboard::domain::mapping::{OpenState, StateChange};
use corkboard::sandbox::READ_TOKEN;
use corkboard::support::clock::Timestamp;
use corkboard::sync::retry::Class;

use crate::desk::{self, Desk, REPO, desk, draft, names};

#[tokio::test]
async fn a_created_issue_has_everything_at_once_and_its_marker_last() {
    let desk = desk(3).await;
    let mut draft = draft("New: <b> & \u{1F980}");
    draft.fields.milestone = Some("v9.9".into());
    draft.state = StateChange {
        state: Some(OpenState::Closed),
        reason: None,
        labels: SetDelta { add: names(&["status: brand new"]), remove: names(&[]) },
        ..StateChange::default()
    };
    desk.sandbox.clear_requests();
    let item = desk.tracker().create(&draft).await.unwrap();
    let there = desk.sandbox.issue(REPO, item.at.number).unwrap();
    assert_eq!(
        (item.at.id.clone(), item.title.as_str()),
        (there.id.to_string(), draft.fields.title.as_str())
    );
    assert_eq!(item.body, draft.fields.body, "the marker does not show");
    assert_eq!(item.marker, Some(draft.marker));
    let last = format!("\n\n<!-- corkboard: {} -->", draft.marker);
    assert_eq!(there.body, Some(draft.fields.body.clone() + &last), "mentions go out as written");
    assert!(there.has_label("bug") && there.has_label("status: brand new"), "labels are made on demand");
    assert_eq!((there.assignees, there.milestone), (vec!["ben".to_owned()], Some("v9.9".to_owned())));
    assert!(there.open && item.state.state == OpenState::Open, "closing is the next pass's work");
    let written = desk.written();
    assert_eq!(written.len(), 2, "the milestone and the issue: {written:#?}");
}

#[tokio::test]
async fn a_milestone_in_another_case_is_used_and_asked_for_once() {
    let desk = desk(3).await;
    desk.sandbox.web("ana").create_milestone(REPO, "Spring").unwrap();
    let mut draft = draft("one");
    draft.fields.milestone = Some("spring".into());
    let item = desk.tracker().create(&draft).await.unwrap();
    assert_eq!(item.milestone.as_deref(), Some("Spring"));
    desk.asked();
    draft.marker = corkboard::domain::link::LinkId::random();
    desk.tracker().create(&draft).await.unwrap();
    assert_eq!(desk.asked().len(), 1, "known by then");
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_by_its_marker_and_there_once() {
    for fault in ["drop-after", "truncate"] {
        let desk = desk(130).await;
        let draft = draft("lost");
        let began = desk.clock_now();
        desk.faults(&format!("POST */issues count=1 {fault}"));
        let failure = desk.tracker().create(&draft).await.expect_err(fault);
        assert_eq!(
            (failure.class, failure.outcome),
            (Class::Transient, Outcome::Unknown),
            "{fault}: {failure}"
        );
        let found = desk.tracker().find(draft.marker, began).await.unwrap().expect("it is there");
        assert_eq!((found.title.as_str(), found.marker), ("lost", Some(draft.marker)));
        let copies = desk.sandbox.issues(REPO).into_iter().filter(|i| i.title == "lost").count();
        assert_eq!(copies, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_create_that_never_arrived_is_not_found() {
    let desk = desk(3).await;
    let draft = draft("never");
    for (fault, outcome) in [
        ("status=502", Outcome::Unknown),
        ("drop-before", Outcome::Unknown),
        ("status=422", Outcome::NotApplied),
    ] {
        desk.faults(&format!("POST */issues {fault}"));
        let failure = desk.tracker().create(&draft).await.expect_err(fault);
        assert_eq!(failure.outcome, outcome, "{fault}: {failure}");
    }
    desk.faults("");
    assert_eq!(desk.tracker().find(draft.marker, desk.clock_now()).await.unwrap(), None);
}

#[tokio::test]
async fn find_reads_back_no_further_than_asked() {
    let desk = desk(900).await;
    let since = desk.clock_now();
    desk.tracker().create(&draft("one")).await.unwrap();
    desk.asked();
    let other = corkboard::domain::link::LinkId::random();
    assert_eq!(desk.tracker().find(other, since).await.unwrap(), None);
    let asked = desk.asked();
    assert_eq!(asked.iter().filter(|a| a.contains("creator=ana")).count(), 1, "{asked:#?}");
    assert_eq!(desk.tracker().find(other, Timestamp(0)).await.unwrap(), None);
    assert!(desk.asked().len() > 1, "all pages, when asked from the beginning");
}

#[tokio::test]
async fn a_draft_whose_labels_are_dropped_still_returns_the_issue() {
    let (sandbox, clock) = desk::sandbox(3).await;
    let desk = desk::at(sandbox, clock, READ_TOKEN, REPO, false);
    let item = desk.tracker().create(&draft("by a reader")).await.unwrap();
    assert!(item.state.labels.is_empty() && item.assignees.is_empty(), "GitHub dropped them without a word");
}

#[tokio::test]
async fn a_comment_is_made_once_and_its_marker_is_not_shown() {
    let desk = desk(3).await;
    for n in 0..120 {
        desk.sandbox.web("cy").comment(REPO, 1, &format!("comment {n}")).unwrap();
    }
    let before = desk.sandbox.issue(REPO, 1).unwrap().comments.len();
    let (at, marker) = (desk.address(1), uuid::Uuid::new_v4());
    desk.faults("POST *comments count=1 drop-after");
    let failure: Failure = desk.tracker().comment(&at, "done, @ben", marker).await.expect_err("lost");
    assert_eq!(failure.outcome, Outcome::Unknown);
    let comment = desk.tracker().comment(&at, "done, @ben", marker).await.unwrap();
    assert_eq!((comment.body.as_str(), comment.author.as_str()), ("done, @ben", "ana"));
    let there = desk.sandbox.issue(REPO, 1).unwrap().comments;
    assert_eq!(there.len(), before + 1, "once");
    let all = desk.tracker().comments(&at).await.unwrap();
    assert_eq!(all.len(), there.len(), "all pages");
    assert_eq!(all.last().map(|c| c.body.as_str()), Some("done, @ben"));
}

#[tokio::test]
async fn read_only_reads_and_never_writes() {
    let (sandbox, clock) = desk::sandbox(5).await;
    let desk = desk::at(sandbox, clock, corkboard::sandbox::ADMIN_TOKEN, REPO, true);
    let seen = desk.seen(1).await;
    let patch = corkboard::connector::Patch { title: Some("x".into()), ..Default::default() };
    let failures = [
        desk.tracker().create(&draft("x")).await.err(),
        desk.tracker().update(&seen, &patch).await.err(),
        desk.tracker().comment(&seen.at, "x", uuid::Uuid::new_v4()).await.err(),
    ];
    for failure in failures {
        let failure = failure.expect("refused");
        assert!(failure.message.contains("read-only"), "{failure}");
        assert_eq!(failure.outcome, Outcome::NotApplied);
    }
    assert!(desk.sandbox.writes().is_empty());
}

impl Desk {
    pub fn clock_now(&self) -> Timestamp {
        corkboard::support::clock::Clock::now(&*self.clock)
    }
}
