//! When a connection works: at once, at ticks, when asked, one way, or not at all.

use std::time::Duration;

use corkboard::config::settings::{Direction, Mode};
use corkboard::domain::command::Command;
use corkboard::domain::link::SyncStatus;
use corkboard::engine::Engine;
use corkboard::sandbox::Seed;

use crate::stage::*;

async fn retitle(engine: &Engine, number: u64, title: &str) {
    let card = by_number(engine, number).await.id;
    run(engine, Command::Retitle { card, title: title.into() }).await;
}

/// Waits until the worker has seen the edit and rests: only then does a missing request mean anything.
async fn seen_and_resting(engine: &Engine) {
    let mut health = engine.health();
    let seen = health.wait_for(|all| all[0].unsent == 1);
    tokio::time::timeout(DEADLINE, seen).await.expect("in time").expect("watched");
}

#[tokio::test]
async fn in_real_time_an_edit_is_sent_long_before_the_interval_ends() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.settings.connections[0].interval = Duration::from_hours(1);
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "the first pull", |b| b.len() == 3).await;
    retitle(&engine, 1, "Sent at once").await;
    let sent =
        stage.sandbox.wait_for(DEADLINE, |s| s.issue(REPO, 1).is_some_and(|i| i.title == "Sent at once"));
    assert!(sent.await);
    engine.shutdown().await;
}

#[tokio::test]
async fn at_intervals_an_edit_waits_for_the_tick_and_goes_with_it() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.settings.connections[0].mode = Mode::Interval;
    stage.settings.connections[0].interval = Duration::from_secs(3);
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "the first pull", |b| b.len() == 3).await;
    let mut health = engine.health();
    let rests = health.wait_for(|all| all[0].next_attempt.is_some() && all[0].last_good.is_some());
    tokio::time::timeout(DEADLINE, rests).await.expect("in time").expect("watched");
    stage.sandbox.clear_requests();
    let began = tokio::time::Instant::now();
    retitle(&engine, 1, "Sent at the tick").await;
    seen_and_resting(&engine).await;
    if began.elapsed() < Duration::from_secs(1) {
        assert_eq!(stage.sandbox.requests().len(), 0, "nothing goes out between two ticks");
    }
    until(&engine, "the tick", |b| b.cards().all(|c| c.links[0].sync == SyncStatus::Synced)).await;
    assert_eq!(stage.sandbox.issue(REPO, 1).expect("there").title, "Sent at the tick");
    engine.shutdown().await;
}

#[tokio::test]
async fn in_batch_mode_nothing_happens_before_somebody_asks() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    stage.settings.connections[0].mode = Mode::Batch;
    stage.settings.connections[0].interval = Duration::from_millis(100);
    let engine = stage.engine().await;
    stage.sandbox.clear_requests();
    engine.start();
    retitle(&engine, 1, "Waits").await;
    stage.sandbox.web("ana").set_title(REPO, 2, "Waits too").expect("edited");
    seen_and_resting(&engine).await;
    assert_eq!(stage.sandbox.requests().len(), 0, "not even at start");
    engine.sync_now(None);
    until(&engine, "both ways", |b| {
        b.cards().any(|c| c.title == "Waits too") && b.cards().all(|c| c.links[0].sync == SyncStatus::Synced)
    })
    .await;
    assert_eq!(stage.sandbox.issue(REPO, 1).expect("there").title, "Waits");
    engine.shutdown().await;

    let engine = stage.engine().await;
    stage.sandbox.clear_requests();
    engine.start();
    retitle(&engine, 3, "Waits again").await;
    seen_and_resting(&engine).await;
    assert_eq!(stage.sandbox.requests().len(), 0, "one pass was asked for, not all that follow");
    engine.shutdown().await;
    let report = stage.sync().await;
    assert_eq!((report.connections[0].sent, report.failed()), (1, false), "a pass that is asked for is one");
}

#[tokio::test]
async fn push_only_at_intervals_sends_at_its_ticks_and_reads_nothing_in() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    stage.settings.connections[0].mode = Mode::Interval;
    stage.settings.connections[0].direction = Direction::Push;
    stage.settings.connections[0].interval = Duration::from_millis(300);
    let engine = stage.engine().await;
    engine.start();
    stage.sandbox.web("ana").set_title(REPO, 2, "Not for here").expect("edited");
    for round in 0..3 {
        let title = format!("Tick {round}");
        retitle(&engine, 1, &title).await;
        let sent =
            stage.sandbox.wait_for(DEADLINE, |s| s.issue(REPO, 1).is_some_and(|i| i.title == title)).await;
        assert!(sent, "tick {round} came");
    }
    assert!(board(&engine).await.cards().all(|c| c.title != "Not for here"));
    engine.shutdown().await;
}

#[tokio::test]
async fn pull_only_takes_in_and_sends_nothing() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.settings.connections[0].direction = Direction::Pull;
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "the first pull", |b| b.len() == 3).await;
    retitle(&engine, 1, "Kept here").await;
    stage.sandbox.web("ana").set_title(REPO, 2, "Comes in").expect("edited");
    until(&engine, "the edit", |b| b.cards().any(|c| c.title == "Comes in")).await;
    assert_eq!(stage.sandbox.writes().len(), 0);
    engine.shutdown().await;
}
