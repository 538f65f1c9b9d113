//! What a connection asks a person before it does it: a large act, another repository, a remote that is suddenly empty.

use corkboard::domain::AuditFilter;
use corkboard::domain::board::Place;
use corkboard::domain::command::{Change, Command, decide};
use corkboard::domain::fields::SetDelta;
use corkboard::domain::health::{Health, HealthState};
use corkboard::domain::history::VersionKind;
use corkboard::domain::link::SyncStatus;
use corkboard::domain::mapping::Status;
use corkboard::engine::{Engine, Once};
use corkboard::sandbox::Seed;
use std::collections::BTreeSet;

use crate::stage::*;

/// Commits many commands as the one act they are on the board.
async fn at_once(engine: &Engine, commands: Vec<Command>) {
    let mut board = board(engine).await;
    let mut changes: Vec<Change> = Vec::new();
    for command in commands {
        let decided = decide(&board, command).expect("can be done");
        for change in &decided {
            board.apply(change);
        }
        changes.extend(decided);
    }
    let before = engine.store().run(|db| db.touched()).await.expect("read");
    let mut updates = engine.updates().expect("the updates");
    engine.commit(1, VersionKind::Edit, changes);
    while let Some(update) = updates.recv().await {
        if let corkboard::engine::Update::Committed { token: 1 } = update {
            break;
        }
    }
    assert!(engine.store().run(|db| db.touched()).await.expect("read") > before);
}

fn creates(n: usize) -> Vec<Command> {
    (0..n).map(|i| new_card(&format!("New {i}")).1).collect()
}

async fn asking(engine: &Engine, kind: &str) -> Health {
    let mut health = engine.health();
    let asks = health.wait_for(|all| all[0].question.as_ref().is_some_and(|q| q.kind == kind));
    tokio::time::timeout(DEADLINE, asks).await.expect("it asks in time").expect("watched")[0].clone()
}

async fn answer(engine: &Engine, kind: &str, go: bool) {
    let question = asking(engine, kind).await.question.expect("a question");
    engine.answer(core(), question.id, go);
}

#[tokio::test]
async fn row_15_more_than_twenty_creates_of_one_act_ask_before_one_is_sent() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    at_once(&engine, creates(21)).await;
    let single = new_card("Made alone").1;
    run(&engine, single).await;
    let report = engine.sync_once(None).await.expect("a pass");
    let core = &report.connections[0];
    assert_eq!((core.created, core.unsent), (1, 21), "what was made alone is sent: {report:?}");
    assert!(report.needs_a_person() && !report.failed(), "{report:?}");
    assert!(core.asks[0].contains("21 issues") && core.asks[0].contains("\"New 0\""), "{:?}", core.asks);
    assert_eq!(stage.sandbox.issues(REPO).len(), 4);

    let yes = Once { yes: true, census: false };
    let report = engine.sync_once_with(None, yes).await.expect("a pass");
    let core = &report.connections[0];
    assert_eq!((core.created, core.unsent, core.asks.len()), (21, 0, 0), "{report:?}");
    assert_eq!(stage.sandbox.issues(REPO).len(), 25);
    engine.shutdown().await;
}

#[tokio::test]
async fn twenty_creates_of_one_act_are_sent_unasked() {
    let stage = Stage::new(Seed::Count(1)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    at_once(&engine, creates(20)).await;
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!((report.connections[0].created, report.connections[0].asks.len()), (20, 0), "{report:?}");
    engine.shutdown().await;
}

#[tokio::test]
async fn creates_made_one_by_one_are_many_acts_and_ask_nothing() {
    let stage = Stage::new(Seed::Count(1)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    for create in creates(25) {
        run(&engine, create).await;
    }
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!((report.connections[0].created, report.connections[0].asks.len()), (25, 0), "{report:?}");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_15_held_back_changes_are_listed_and_a_later_edit_of_one_is_sent() {
    let mut stage = Stage::new(Seed::Count(50)).await;
    stage.settings.connections[0].guards.bulk_updates = 10;
    let engine = stage.engine().await;
    engine.start();
    let issues = stage.sandbox.issues(REPO).iter().filter(|i| !i.pull_request).count();
    until(&engine, "the first pull", |b| b.len() == issues).await;
    let cards: Vec<_> = board(&engine).await.cards().take(12).map(|c| c.id).collect();
    stage.sandbox.clear_requests();
    let add = SetDelta { add: BTreeSet::from(["swept".to_owned()]), ..SetDelta::default() };
    let label = |card: &corkboard::domain::CardId| Command::Label { card: *card, delta: add.clone() };
    at_once(&engine, cards.iter().map(label).collect()).await;
    let health = asking(&engine, "updates").await;
    assert!(!health.question.as_ref().expect("one").stops_connection);
    assert_ne!(health.state, HealthState::Asking, "the connection goes on");

    answer(&engine, "updates", false).await;
    until(&engine, "all are set aside", |b| {
        b.cards().filter(|c| c.links[0].sync == SyncStatus::Failed).count() == 12
    })
    .await;
    assert_eq!(stage.sandbox.writes().len(), 0, "nothing was sent");
    let kept = board(&engine).await.card(cards[0]).cloned().expect("there");
    assert!(
        kept.labels.contains("swept") && kept.links[0].note.as_ref().is_some_and(|n| n.contains("held back"))
    );

    run(&engine, Command::Retitle { card: cards[0], title: "Edited once more".into() }).await;
    until(&engine, "the edited one is sent", |b| {
        b.card(cards[0]).is_some_and(|c| c.links[0].sync == SyncStatus::Synced)
    })
    .await;
    assert_eq!(stage.sandbox.issues(REPO).iter().filter(|i| i.has_label("swept")).count(), 1);

    // Taken up again all at once they are a large act again; one by one they are not.
    engine.retry(&core());
    asking(&engine, "updates").await;
    assert_eq!(stage.sandbox.issues(REPO).iter().filter(|i| i.has_label("swept")).count(), 1);
    answer(&engine, "updates", true).await;
    until(&engine, "all are sent", |b| b.cards().all(|c| c.links[0].sync == SyncStatus::Synced)).await;
    assert_eq!(stage.sandbox.issues(REPO).iter().filter(|i| i.has_label("swept")).count(), 12);
    let audit =
        engine.store().run(|db| db.audit_page(&AuditFilter::default(), None, 200)).await.expect("read");
    assert_eq!(
        audit.iter().filter(|row| row.action == "answer").count(),
        2,
        "the answers are in the audit log"
    );
    engine.shutdown().await;
}

#[tokio::test]
async fn a_dry_run_shows_a_large_act_and_says_that_it_would_be_asked_about() {
    let stage = Stage::new(Seed::Count(1)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    at_once(&engine, creates(30)).await;
    let report = engine.dry_run(None).await.expect("a dry run");
    assert_eq!(
        (report.connections[0].planned.len(), report.connections[0].asks.len()),
        (30, 1),
        "{report:?}"
    );
    let asked = engine.store().run(|db| db.questions(&core())).await.expect("read");
    assert_eq!(asked.len(), 0, "and nothing is asked yet");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_15_a_suddenly_empty_remote_stops_and_asks() {
    let stage = Stage::new(Seed::Count(40)).await;
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "the first pull", |b| b.len() > 30).await;
    let all = board(&engine).await.len();
    stage.sandbox.web("ana").empty_repository(REPO).expect("emptied");
    let health = asking(&engine, "empty").await;
    assert!(health.question.expect("one").stops_connection);
    let card = only(&engine).await;
    run(&engine, Command::Retitle { card: card.id, title: "Edited meanwhile".into() }).await;
    let mut watch = engine.health();
    let stands = watch.wait_for(|all| all[0].state == HealthState::Asking && all[0].unsent == 1);
    tokio::time::timeout(DEADLINE, stands).await.expect("in time").expect("watched");
    let after = board(&engine).await;
    assert!(
        after.len() == all && after.cards().all(|c| c.links[0].sync != SyncStatus::Manual),
        "no mark yet"
    );

    // The outage is over: going on finds everything as it was.
    for issue in 1..=44 {
        let _ = stage.sandbox.web("ana").show(REPO, issue);
    }
    answer(&engine, "empty", true).await;
    until(&engine, "all is well again", |b| b.cards().all(|c| c.links[0].sync == SyncStatus::Synced)).await;
    let number = card.links[0].number.expect("linked");
    assert_eq!(stage.sandbox.issue(REPO, number).expect("there").title, "Edited meanwhile");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_15_an_empty_remote_that_a_person_confirms_leaves_every_card_marked() {
    let stage = Stage::new(Seed::Count(25)).await;
    stage.sync().await;
    stage.sandbox.web("ana").empty_repository(REPO).expect("emptied");
    let report = stage.sync().await;
    assert!(report.needs_a_person() && report.connections[0].asks[0].contains("not one issue"), "{report:?}");
    let again = stage.sync().await;
    assert_eq!(again.connections[0].asks.len(), 1, "it is asked once: {again:?}");
    let engine = stage.engine().await;
    let cards = board(&engine).await.len();
    let report = engine.sync_once_with(None, Once { yes: true, census: false }).await.expect("a pass");
    assert_eq!(report.connections[0].refused.len(), cards, "{report:?}");
    let board = board(&engine).await;
    assert!(board.len() == cards && board.cards().all(|c| c.links[0].sync == SyncStatus::Manual));
    assert_eq!(stage.sandbox.writes().len(), 0, "nothing was made anew");
    engine.shutdown().await;
    let quiet = stage.sync().await;
    assert_eq!((quiet.connections[0].asks.len(), quiet.failed()), (0, false), "{quiet:?}");
}

#[tokio::test]
async fn row_16_another_repository_under_the_same_name_stops_and_asks() {
    let stage = Stage::new(Seed::Count(30)).await;
    stage.sync().await;
    stage.sandbox.web("ana").replace_repository(REPO).expect("replaced");
    stage.sandbox.web("ana").create_issue(REPO, "The first of the new one", "").expect("made");
    let engine = stage.engine().await;
    let cards = board(&engine).await.len();
    let (_, create) = new_card("Not for the other one");
    run(&engine, create).await;
    stage.sandbox.clear_requests();
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(report.connections[0].asks[0].contains("another repository"), "{report:?}");
    assert_eq!(
        (stage.sandbox.writes().len(), board(&engine).await.len()),
        (0, cards + 1),
        "nothing went either way"
    );

    let asked = engine.store().run(|db| db.questions(&core())).await.expect("read");
    engine.store().run(move |db| db.answer(asked[0].id, false)).await.expect("answered");
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(report.connections[0].error.as_ref().is_some_and(|e| e.contains("paused")), "{report:?}");

    // Let go on again it asks again; taken over, the new repository's issue comes and the old cards are marked.
    engine.store().run(|db| db.set_paused(&core(), false)).await.expect("goes on");
    assert_eq!(engine.sync_once(None).await.expect("a pass").connections[0].asks.len(), 1);
    engine.sync_once_with(None, Once { yes: true, census: false }).await.expect("a pass");
    let after = board(&engine).await;
    assert_eq!(after.len(), cards + 2);
    assert_eq!(after.cards().filter(|c| c.links[0].sync == SyncStatus::Manual).count(), cards);
    assert_eq!(stage.sandbox.issues(REPO).len(), 2);
    engine.shutdown().await;
}

#[tokio::test]
async fn row_16_a_replaced_repository_is_noticed_while_the_board_runs() {
    let stage = Stage::new(Seed::Count(10)).await;
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "the first pull", |b| b.len() > 5).await;
    let cards = board(&engine).await.len();
    stage.sandbox.web("ana").replace_repository(REPO).expect("replaced");
    for n in 0..3 {
        let _ = stage.sandbox.web("ana").create_issue(REPO, &format!("Of the new one {n}"), "");
    }
    let health = asking(&engine, "different").await;
    assert!(health.question.expect("one").stops_connection);
    assert_eq!(board(&engine).await.len(), cards, "none of its issues became a card");
    engine.shutdown().await;
}

#[tokio::test]
async fn moving_a_card_does_not_wait_for_an_act_that_is_asked_about() {
    let mut stage = Stage::new(Seed::Count(8)).await;
    stage.settings.connections[0].guards.bulk_creates = 2;
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "the first pull", |b| b.len() > 5).await;
    at_once(&engine, creates(3)).await;
    asking(&engine, "creates").await;
    let card = board(&engine).await.cards().find(|c| c.links[0].number.is_some()).cloned().expect("one");
    let to = if card.status.as_str() == "completed" { "approved" } else { "completed" };
    run(&engine, Command::Move { card: card.id, to: Status::new(to), place: Place::Top }).await;
    until(&engine, "the move is sent", |b| {
        b.card(card.id).is_some_and(|c| c.links[0].sync == SyncStatus::Synced)
    })
    .await;
    assert_eq!(engine.store().run(|db| db.unsent(&core())).await.expect("read"), 3);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_first_issue_that_lists_do_not_show_yet_is_no_empty_remote() {
    let stage = Stage::new(Seed::Count(0)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    run(&engine, new_card("The very first").1).await;
    stage.sandbox.set_faults("GET stale(lag=60s)".parse().expect("faults"));
    for _ in 0..2 {
        let report = engine.sync_once(None).await.expect("a pass");
        assert_eq!((report.connections[0].asks.len(), report.failed()), (0, false), "{report:?}");
    }
    assert_eq!(stage.sandbox.issues(REPO).len(), 1);
    engine.shutdown().await;
}

#[tokio::test]
async fn row_15_what_piled_up_while_a_connection_only_pulled_is_one_act() {
    let mut stage = Stage::new(Seed::Count(8)).await;
    stage.settings.connections[0].direction = corkboard::config::settings::Direction::Pull;
    stage.settings.connections[0].guards.bulk_updates = 3;
    stage.sync().await;
    let engine = stage.engine().await;
    let cards: Vec<_> = board(&engine).await.cards().take(4).map(|c| c.id).collect();
    for card in cards {
        run(&engine, Command::Retitle { card, title: "Edited while it only pulled".into() }).await;
    }
    engine.shutdown().await;
    stage.settings.connections[0].direction = corkboard::config::settings::Direction::Bidirectional;
    let report = stage.sync().await;
    assert_eq!((report.connections[0].asks.len(), stage.sandbox.writes().len()), (1, 0), "{report:?}");
}
