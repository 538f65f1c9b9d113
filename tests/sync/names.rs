//! A connection that is renamed, taken out of the config and put back: nothing twice, nothing lost, nothing silent.

use corkboard::domain::ConnectionName;
use corkboard::domain::command::Command;
use corkboard::domain::link::SyncStatus;
use corkboard::sandbox::Seed;

use crate::stage::*;

#[tokio::test]
async fn a_renamed_connection_keeps_its_cards_and_what_it_owes() {
    let mut stage = Stage::new(Seed::Count(5)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 2).await;
    run(&engine, Command::Retitle { card: card.id, title: "edited before".into() }).await;
    engine.shutdown().await;

    stage.settings.connections[0].name = ConnectionName::new("main");
    let report = stage.sync().await;
    assert_eq!((report.connections[0].pulled_created, report.connections[0].sent), (0, 1), "{report:?}");
    assert!(report.absent.is_empty());
    let engine = stage.engine().await;
    let board = board(&engine).await;
    assert_eq!(board.len(), 5, "no card twice");
    assert!(board.cards().all(|c| c.links.len() == 1 && c.links[0].connection.as_str() == "main"));
    assert_eq!(stage.sandbox.issue(REPO, 2).expect("there").title, "edited before");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_connection_that_another_process_synchronises_under_its_old_name_is_not_renamed() {
    let mut stage = Stage::new(Seed::Count(2)).await;
    let board_open = stage.engine().await;
    board_open.start();
    until(&board_open, "the first pull", |b| b.len() == 2).await;
    stage.settings.connections[0].name = ConnectionName::new("main");
    let options = corkboard::engine::EngineOptions {
        settings: std::sync::Arc::new(stage.settings.clone()),
        data_dir: stage.dir.path().to_owned(),
        clock: std::sync::Arc::new(corkboard::support::clock::SystemClock),
        dial: std::sync::Arc::new(corkboard::engine::RealDial::new(std::sync::Arc::new(|_| {
            Err("not asked for".to_owned())
        }))),
    };
    let second = corkboard::engine::Engine::open(options).expect("an engine");
    let said = second.register_connections().await.expect_err("refused").to_string();
    assert!(said.contains("`core`") && said.contains("`main`"), "{said}");
    second.shutdown().await;
    assert_eq!(board(&board_open).await.len(), 2);
    board_open.shutdown().await;
}

#[tokio::test]
async fn edits_made_while_a_connection_is_out_of_the_config_are_sent_when_it_is_back() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let away = std::mem::take(&mut stage.settings.connections);
    let engine = stage.engine().await;
    let card = by_number(&engine, 3).await.id;
    run(&engine, Command::Retitle { card, title: "edited while away".into() }).await;
    run(&engine, Command::Comment { card, body: "said while away".into() }).await;
    let link = by_number(&engine, 3).await.links.remove(0);
    assert_eq!(link.sync, SyncStatus::Pending);
    let absent = engine.absent_connections().await.expect("read");
    assert_eq!((absent[0].connection.as_str(), absent[0].cards, absent[0].unsent), ("core", 3, 1));
    assert_eq!(engine.sync_once(None).await.expect("a pass").absent, absent);
    engine.shutdown().await;

    stage.settings.connections = away;
    let report = stage.sync().await;
    assert_eq!((report.connections[0].sent, report.connections[0].unsent), (1, 0), "{report:?}");
    let issue = stage.sandbox.issue(REPO, 3).expect("there");
    assert_eq!(issue.title, "edited while away");
    assert_eq!(issue.comments.iter().filter(|c| c.body.starts_with("said while away")).count(), 1);
    stage.sandbox.clear_requests();
    stage.sync().await;
    assert_eq!(stage.applied_writes(), 0, "and then nothing more");
}

#[tokio::test]
async fn registering_what_is_registered_writes_nothing() {
    let stage = Stage::new(Seed::Count(1)).await;
    stage.sync().await;
    let other = stage.engine().await;
    let before = other.store().run(|db| db.data_version()).await.expect("a number");
    stage.engine().await.shutdown().await;
    let after = other.store().run(|db| db.data_version()).await.expect("a number");
    assert_eq!(before, after, "the database was not written to");
    other.shutdown().await;
}
