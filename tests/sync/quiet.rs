//! No edits: no writes. A dry run: nothing but GET and HEAD. Offline: instant, kept, one request per card.

use corkboard::domain::command::Command;
use corkboard::domain::fields::SetDelta;
use corkboard::sandbox::Seed;
use std::collections::BTreeSet;

use crate::stage::*;

#[tokio::test]
async fn row_06_a_second_pass_without_edits_sends_no_write_and_asks_once() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    stage.sync().await;
    stage.sandbox.clear_requests();
    let report = stage.sync().await;
    assert_eq!(stage.sandbox.writes().len(), 0);
    let asked = stage.sandbox.requests();
    assert_eq!(asked.len(), 1, "{:?}", asked.iter().map(|r| &r.path).collect::<Vec<_>>());
    assert_eq!(asked[0].status, Some(304));
    assert_eq!(report.connections[0].pulled_updated, 0);
}

#[tokio::test]
async fn row_06_our_own_writes_come_back_without_an_echo() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let ids: Vec<_> = board(&engine).await.cards().take(10).map(|c| c.id).collect();
    for id in ids {
        move_to(&engine, id, "in_progress").await;
    }
    engine.sync_once(None).await.expect("a pass");
    stage.sandbox.clear_requests();
    for _ in 0..3 {
        let report = engine.sync_once(None).await.expect("a pass");
        assert_eq!((report.connections[0].sent, report.connections[0].pulled_updated), (0, 0));
    }
    assert_eq!(stage.sandbox.writes().len(), 0);
    engine.shutdown().await;
}

#[tokio::test]
async fn row_33_a_dry_run_sends_nothing_but_reads_and_changes_nothing_here() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = only(&engine).await;
    let (_, create) = new_card("Only planned");
    run(&engine, create).await;
    run(&engine, Command::Retitle { card: card.id, title: "Only planned too".into() }).await;
    run(&engine, Command::Comment { card: card.id, body: "Not said".into() }).await;
    stage.sandbox.web("cy").create_issue(REPO, "New there", "").expect("created");
    let before = board(&engine).await;
    stage.sandbox.clear_requests();
    let report = engine.dry_run(None).await.expect("a dry run");
    assert!(report.dry_run);
    assert!(stage.sandbox.requests().iter().all(|r| matches!(r.method.as_str(), "GET" | "HEAD")));
    assert_eq!(report.connections[0].planned.len(), 3, "{:?}", report.connections[0].planned);
    assert_eq!(report.connections[0].pulled_created, 1);
    assert_eq!(board(&engine).await, before);
    let real = engine.sync_once(None).await.expect("a pass");
    let real = &real.connections[0];
    assert_eq!((real.created, real.sent, real.comments), (1, 1, 1));
    engine.shutdown().await;
}

#[tokio::test]
async fn a_hundred_moves_offline_are_kept_over_a_restart_and_sent_as_one_request_per_card() {
    let stage = Stage::new(Seed::Count(120)).await;
    stage.sync().await;
    stage.sandbox.set_online(false).await;
    let engine = stage.engine().await;
    let cards: Vec<_> = {
        let board = board(&engine).await;
        let open =
            board.cards().filter(|c| c.status.as_str() != "completed").map(|c| (c.id, c.links[0].number));
        open.take(100).collect()
    };
    assert!(cards.len() >= 50, "the seed has enough open issues");
    for (id, _) in &cards {
        // There and back again and on: what counts is where it ends.
        move_to(&engine, *id, "in_progress").await;
        move_to(&engine, *id, "approved").await;
        move_to(&engine, *id, "completed").await;
    }
    let report = engine.sync_once(None).await.expect("a pass that cannot reach GitHub");
    assert!(report.failed());
    engine.shutdown().await;
    drop(engine);

    stage.sandbox.set_online(true).await;
    stage.sandbox.clear_requests();
    let engine = stage.engine().await;
    engine.retry(&core());
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(!report.failed(), "{report:?}");
    assert_eq!(report.connections[0].unsent, 0);
    assert_eq!(stage.sandbox.writes().len(), cards.len(), "one request per card");
    for (_, number) in cards {
        let issue = stage.sandbox.issue(REPO, number.expect("linked")).expect("there");
        assert!(!issue.open);
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn swapping_one_status_for_another_is_one_request_too() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let approved: Vec<u64> = stage
        .sandbox
        .issues(REPO)
        .iter()
        .filter(|i| i.open && i.has_label("status: approved"))
        .map(|i| i.number)
        .collect();
    for number in &approved {
        let card = by_number(&engine, *number).await.id;
        move_to(&engine, card, "in_progress").await;
        move_to(&engine, card, "proposed").await;
    }
    stage.sandbox.clear_requests();
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.writes().len(), approved.len());
    for number in approved {
        let issue = stage.sandbox.issue(REPO, number).expect("there");
        assert!(issue.has_label("status: proposed") && !issue.has_label("status: approved"));
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn a_card_moved_there_and_back_is_no_request() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = only(&engine).await;
    let was = card.status.as_str().to_owned();
    let other = if was == "completed" { "approved" } else { "completed" };
    move_to(&engine, card.id, other).await;
    move_to(&engine, card.id, &was).await;
    let add = SetDelta { add: BTreeSet::from(["x".to_owned()]), ..SetDelta::default() };
    let remove = SetDelta { remove: BTreeSet::from(["x".to_owned()]), ..SetDelta::default() };
    run(&engine, Command::Label { card: card.id, delta: add }).await;
    run(&engine, Command::Label { card: card.id, delta: remove }).await;
    stage.sandbox.clear_requests();
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.writes().len(), 0);
    assert_eq!(report.connections[0].unsent, 0);
    engine.shutdown().await;
}
