//! Edits travel both ways, field by field, while both sides go on.

use std::collections::BTreeSet;

use corkboard::config::settings::Direction;
use corkboard::domain::command::Command;
use corkboard::domain::fields::SetDelta;
use corkboard::domain::mapping::Status;
use corkboard::sandbox::Seed;

use crate::stage::*;

fn add(name: &str) -> SetDelta {
    SetDelta { add: BTreeSet::from([name.to_owned()]), ..SetDelta::default() }
}

#[tokio::test]
async fn a_first_pull_brings_every_issue_and_no_pull_request() {
    let stage = Stage::new(Seed::Demo).await;
    let report = stage.sync().await;
    let issues = stage.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request).count();
    assert_eq!(report.connections[0].pulled_created as usize, issues);
    let engine = stage.engine().await;
    let board = board(&engine).await;
    assert_eq!(board.len(), issues);
    assert!(board.stranded().is_empty());
    for issue in stage.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request) {
        let card = by_number(&engine, issue.number).await;
        assert_eq!(card.title, issue.title);
        assert_eq!(card.milestone, issue.milestone);
        assert_eq!(card.assignees, issue.assignees.iter().cloned().collect());
    }
}

#[tokio::test]
async fn every_field_of_a_card_reaches_its_issue() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let open = stage.sandbox.issues(REPO).into_iter().find(|i| i.has_label("status: approved")).expect("one");
    let card = by_number(&engine, open.number).await;
    run(&engine, Command::Retitle { card: card.id, title: "A new title".into() }).await;
    let before = engine.card_detail(card.id).await.expect("read").expect("there").body;
    run(&engine, Command::Rewrite { card: card.id, before, after: "A new body\n\n- [ ] task".into() }).await;
    run(&engine, Command::Label { card: card.id, delta: add("brand new label") }).await;
    run(&engine, Command::Assign { card: card.id, delta: add("cy") }).await;
    run(&engine, Command::SetMilestone { card: card.id, milestone: Some("v1.3".into()) }).await;
    run(&engine, Command::Comment { card: card.id, body: "Said from the board.".into() }).await;
    move_to(&engine, card.id, "in_progress").await;
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!(report.connections[0].unsent, 0, "{report:?}");
    let after = stage.sandbox.issue(REPO, open.number).expect("there");
    assert_eq!(after.title, "A new title");
    assert_eq!(after.body.as_deref(), Some("A new body\n\n- [ ] task"));
    assert!(after.has_label("brand new label") && after.has_label("status: in progress"));
    assert!(!after.has_label("status: approved"));
    assert!(after.assignees.iter().any(|a| a == "cy"));
    assert_eq!(after.milestone.as_deref(), Some("v1.3"));
    assert_eq!(after.comments.iter().filter(|c| c.body.contains("Said from the board.")).count(), 1);
    engine.shutdown().await;
}

#[tokio::test]
async fn closing_and_reopening_travel_both_ways() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let open = stage.sandbox.issues(REPO).into_iter().find(|i| i.has_label("status: approved")).expect("one");
    let card = by_number(&engine, open.number).await.id;
    move_to(&engine, card, "completed").await;
    engine.sync_once(None).await.expect("a pass");
    let closed = stage.sandbox.issue(REPO, open.number).expect("there");
    assert_eq!((closed.open, closed.state_reason.as_deref()), (false, Some("completed")));
    assert!(!closed.has_label("status: approved"), "the old status is not left behind");

    stage.sandbox.web("cy").reopen(REPO, open.number).expect("reopened");
    stage.sandbox.web("cy").add_label(REPO, open.number, "status: in progress").expect("labelled");
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(by_number(&engine, open.number).await.status.as_str(), "in_progress");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_03_labels_changed_on_both_sides_are_all_there_in_the_end() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let number = stage.sandbox.issues(REPO)[0].number;
    let card = by_number(&engine, number).await.id;
    run(&engine, Command::Label { card, delta: add("from the board") }).await;
    stage.sandbox.web("cy").add_label(REPO, number, "from the web").expect("labelled");
    engine.sync_once(None).await.expect("a pass");
    let issue = stage.sandbox.issue(REPO, number).expect("there");
    assert!(issue.has_label("from the board") && issue.has_label("from the web"));
    let card = by_number(&engine, number).await;
    assert!(
        card.labels.contains("from the board") && card.labels.contains("from the web"),
        "{:?}",
        card.labels
    );
    engine.shutdown().await;
}

#[tokio::test]
async fn an_edit_on_the_web_appears_while_the_board_runs() {
    let stage = Stage::new(Seed::Demo).await;
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "the first pull", |b| b.len() > 40).await;
    let open = stage.sandbox.issues(REPO).into_iter().find(|i| i.has_label("status: approved")).expect("one");
    stage.sandbox.web("cy").set_title(REPO, open.number, "Edited on the web").expect("edited");
    until(&engine, "the new title", |b| b.cards().any(|c| c.title == "Edited on the web")).await;
    let card = by_number(&engine, open.number).await.id;
    move_to(&engine, card, "in_progress").await;
    let arrived = stage
        .sandbox
        .wait_for(DEADLINE, |s| {
            s.issue(REPO, open.number).is_some_and(|i| i.has_label("status: in progress"))
        })
        .await;
    assert!(arrived, "the move reached GitHub");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_16_a_deleted_issue_leaves_its_card_and_is_not_created_again() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let number = stage.sandbox.issues(REPO)[0].number;
    let card = by_number(&engine, number).await.id;
    stage.sandbox.web("ana").delete(REPO, number).expect("deleted");
    move_to(&engine, card, "in_progress").await;
    stage.sandbox.clear_requests();
    engine.sync_once(None).await.expect("a pass");
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.applied_writes(), 0);
    let card = engine.card(card).await.expect("read").expect("still there");
    assert!(card.links[0].note.as_deref().is_some_and(|n| n.contains("deleted")), "{:?}", card.links[0]);
    engine.shutdown().await;
}

#[tokio::test]
async fn row_16_a_transferred_issue_is_followed() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let number = stage.sandbox.issues(REPO)[0].number;
    let card = by_number(&engine, number).await.id;
    let other = corkboard::sandbox::OTHER_REPO;
    let moved = stage.sandbox.web("ana").transfer(REPO, number, other).expect("transferred");
    run(&engine, Command::Retitle { card, title: "After the transfer".into() }).await;
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.issue(other, moved).expect("there").title, "After the transfer");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_status_read_from_an_unmapped_state_is_marked_and_not_written() {
    let stage = Stage::new(Seed::Count(0)).await;
    let number = stage.sandbox.web("cy").create_issue(REPO, "No status label", "").expect("created");
    stage.sync().await;
    stage.sandbox.clear_requests();
    stage.sync().await;
    assert_eq!(stage.sandbox.writes().len(), 0);
    let engine = stage.engine().await;
    let card = by_number(&engine, number).await;
    assert_eq!(card.status, Status::new("proposed"));
    assert!(!card.links[0].mapped);
}

#[tokio::test]
async fn a_connection_that_only_pushes_takes_nothing_in() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    stage.settings.connections[0].direction = Direction::Push;
    let engine = stage.engine().await;
    let number = stage.sandbox.issues(REPO)[0].number;
    let card = by_number(&engine, number).await.id;
    stage.sandbox.web("cy").set_body(REPO, number, "edited there").expect("edited");
    run(&engine, Command::Retitle { card, title: "edited here".into() }).await;
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!((report.connections[0].sent, report.connections[0].unsent), (1, 0), "{report:?}");
    assert_eq!(stage.sandbox.issue(REPO, number).expect("there").title, "edited here");
    let body = engine.card_detail(card).await.expect("read").expect("there").body;
    assert_ne!(body, "edited there");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_connection_that_only_pulls_sends_nothing() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.settings.connections[0].direction = Direction::Pull;
    stage.sync().await;
    let engine = stage.engine().await;
    let number = stage.sandbox.issues(REPO)[0].number;
    let card = by_number(&engine, number).await.id;
    run(&engine, Command::Retitle { card, title: "edited here".into() }).await;
    stage.sandbox.web("cy").add_label(REPO, number, "from there").expect("labelled");
    stage.sandbox.clear_requests();
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!((stage.sandbox.writes().len(), report.connections[0].unsent), (0, 0), "{report:?}");
    assert!(by_number(&engine, number).await.labels.contains("from there"));
    engine.shutdown().await;
}
