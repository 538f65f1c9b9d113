//! Several processes on one database: one synchronises, all see, none doubles.

use std::time::Duration;

use corkboard::domain::command::Command;
use corkboard::domain::health::HealthState;
use corkboard::engine::Update;
use corkboard::sandbox::Seed;

use crate::stage::*;

#[tokio::test]
async fn row_35_one_process_syncs_and_the_other_sees_it_and_is_heard() {
    let stage = Stage::new(Seed::Demo).await;
    let first = stage.engine().await;
    first.start();
    until(&first, "the first pull", |b| b.len() > 40).await;

    let second = stage.engine().await;
    let mut updates = second.updates().expect("the updates");
    second.start();
    let mut health = second.health();
    let elsewhere = health.wait_for(|all| all[0].state == HealthState::Elsewhere);
    tokio::time::timeout(DEADLINE, elsewhere).await.expect("in time").expect("watched");

    let open = stage.sandbox.issues(REPO).into_iter().find(|i| i.has_label("status: approved")).expect("one");
    stage.sandbox.web("cy").set_title(REPO, open.number, "Seen by both").expect("edited");
    first.sync_now(None);
    let seen = async {
        loop {
            match updates.recv().await.expect("the engine runs") {
                Update::Cards(cards) if cards.iter().any(|c| c.title == "Seen by both") => return,
                _ => {}
            }
        }
    };
    tokio::time::timeout(DEADLINE, seen).await.expect("the second process is told without asking");

    let card = by_number(&second, open.number).await.id;
    run(&second, Command::Retitle { card, title: "Edited in the second".into() }).await;
    let arrived = stage
        .sandbox
        .wait_for(DEADLINE, |s| s.issue(REPO, open.number).is_some_and(|i| i.title == "Edited in the second"))
        .await;
    assert!(arrived, "the first process sent the second one's edit");
    second.shutdown().await;
    first.shutdown().await;
}

#[tokio::test]
async fn row_35_a_process_that_does_not_sync_has_its_asks_heard_and_sees_the_answer_within_a_second() {
    let mut stage = Stage::new(Seed::Count(5)).await;
    // Nothing comes of itself: only what is asked for.
    stage.settings.connections[0].interval = Duration::from_hours(1);
    let first = stage.engine().await;
    first.start();
    until(&first, "the first pull", |b| b.len() == 5).await;
    let second = stage.engine().await;
    let mut updates = second.updates().expect("the updates");
    second.start();
    let mut health = second.health();
    let elsewhere = health.wait_for(|all| all[0].state == HealthState::Elsewhere);
    tokio::time::timeout(DEADLINE, elsewhere).await.expect("in time").expect("watched");

    let loaded =
        async { while !matches!(updates.recv().await.expect("the engine runs"), Update::Loaded(_)) {} };
    tokio::time::timeout(DEADLINE, loaded).await.expect("the second process shows the board");

    // A machine that is busy with other work may be late once; a mechanism that polls is late each time.
    let mut in_time = false;
    for round in 0..5 {
        let title = format!("Asked for in round {round}");
        stage.sandbox.web("cy").set_title(REPO, 1, &title).expect("edited");
        let began = tokio::time::Instant::now();
        second.sync_now(None);
        let seen = async {
            loop {
                match updates.recv().await.expect("the engine runs") {
                    Update::Cards(cards) if cards.iter().any(|c| c.title == title) => return,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(DEADLINE, seen).await.expect("the first process was asked and pulled");
        in_time |= began.elapsed() < Duration::from_secs(1);
    }
    assert!(in_time, "no round was done within a second");
    let waiting = second.store().run(|db| db.take_asks(&core())).await.expect("read");
    assert_eq!(waiting, [], "what was asked was taken");
    second.shutdown().await;
    first.shutdown().await;
}

#[tokio::test]
async fn row_35_a_pass_beside_a_running_board_asks_it_to_sync() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.settings.connections[0].interval = Duration::from_hours(1);
    let board_process = stage.engine().await;
    board_process.start();
    until(&board_process, "the first pull", |b| b.len() == 3).await;
    stage.sandbox.web("cy").set_title(REPO, 1, "Wanted now").expect("edited");
    let report = stage.sync().await;
    assert!(
        report.connections[0].error.as_ref().is_some_and(|e| e.contains("it was asked to")),
        "{report:?}"
    );
    until(&board_process, "the pull that was asked for", |b| b.cards().any(|c| c.title == "Wanted now"))
        .await;
    board_process.shutdown().await;
}

#[tokio::test]
async fn row_35_who_asks_when_the_other_is_gone_takes_over_at_once() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.settings.connections[0].interval = Duration::from_hours(1);
    let first = stage.engine().await;
    first.start();
    until(&first, "the first pull", |b| b.len() == 3).await;
    let second = stage.engine().await;
    second.start();
    let mut health = second.health();
    let elsewhere = health.wait_for(|all| all[0].state == HealthState::Elsewhere);
    tokio::time::timeout(DEADLINE, elsewhere).await.expect("in time").expect("watched");
    first.shutdown().await;
    drop(first);
    stage.sandbox.web("cy").set_title(REPO, 1, "After the first was gone").expect("edited");
    second.sync_now(None);
    until(&second, "its own pull", |b| b.cards().any(|c| c.title == "After the first was gone")).await;
    second.shutdown().await;
}

#[tokio::test]
async fn row_35_two_passes_at_once_create_one_issue() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let (first, second) = (stage.engine().await, stage.engine().await);
    let (_, create) = new_card("Only one");
    run(&first, create).await;
    let (one, two) = tokio::join!(first.sync_once(None), second.sync_once(None));
    let reports = [one.expect("a pass"), two.expect("a pass")];
    assert_eq!(reports.iter().map(|r| r.connections[0].created).sum::<u32>(), 1, "{reports:?}");
    assert_eq!(stage.sandbox.issues(REPO).iter().filter(|i| i.title == "Only one").count(), 1);
    first.shutdown().await;
    second.shutdown().await;
}

#[tokio::test]
async fn the_other_process_takes_over_when_the_first_ends() {
    let stage = Stage::new(Seed::Count(3)).await;
    let first = stage.engine().await;
    first.start();
    until(&first, "the first pull", |b| b.len() == 3).await;
    let second = stage.engine().await;
    second.start();
    first.shutdown().await;
    drop(first);
    stage.sandbox.web("cy").create_issue(REPO, "After the first ended", "").expect("created");
    until(&second, "the issue made after", |b| b.len() == 4).await;
    second.shutdown().await;
}

#[tokio::test]
async fn a_process_that_does_not_sync_shows_the_health_of_the_one_that_does() {
    let mut stage = Stage::new(Seed::Count(3)).await;
    stage.settings.alerts.rules.down_after = std::time::Duration::from_millis(1_500);
    let first = stage.engine().await;
    drop(first.updates());
    first.start();
    until(&first, "the first pull", |b| b.len() == 3).await;
    let second = stage.engine().await;
    drop(second.updates());
    second.start();
    let mut health = second.health();
    let seen =
        health.wait_for(|all| all[0].state == HealthState::Elsewhere && all[0].stats.pulled_created == 3);
    let seen = tokio::time::timeout(DEADLINE, seen).await.expect("in time").expect("watched")[0].clone();
    assert!(seen.last_good.is_some() && seen.requests > 0 && !seen.minutes.is_empty(), "{seen:?}");

    // What befalls the one is seen by the other, alerts among it.
    stage.sandbox.set_faults("READ status=503".parse().expect("faults"));
    let told = health.wait_for(|all| all[0].alerts.iter().any(|a| a.rule == "down"));
    let told = tokio::time::timeout(DEADLINE, told).await.expect("in time").expect("watched")[0].clone();
    assert_eq!(told.state, HealthState::Elsewhere, "still synced by the other");
    assert!(told.reason.is_some() && told.down_since.is_some() && told.breaker.len() > 1, "{told:?}");

    // Seen from outside by a third that runs nothing at all.
    let third = stage.engine().await;
    let from_outside = third.seen().await.expect("read").remove(0);
    assert!(from_outside.live && from_outside.health.is_down(), "{from_outside:?}");
    stage.sandbox.set_faults("".parse().expect("none"));
    let over = health.wait_for(|all| all[0].alerts.is_empty() && all[0].down_since.is_none());
    drop(tokio::time::timeout(DEADLINE, over).await.expect("in time").expect("watched"));

    first.shutdown().await;
    drop(first);
    let taken_over = health.wait_for(|all| all[0].state == HealthState::Healthy && all[0].requests > 0);
    let own = tokio::time::timeout(DEADLINE, taken_over).await.expect("in time").expect("watched")[0].clone();
    assert!(own.breaker.len() > 1, "what happened before is not forgotten: {:?}", own.breaker);
    second.shutdown().await;
    assert!(!third.seen().await.expect("read")[0].live, "nobody syncs it now");
    third.shutdown().await;
}

#[tokio::test]
async fn a_connection_at_rest_keeps_no_snapshot_of_what_did_not_change() {
    let mut stage = Stage::new(Seed::Count(2)).await;
    stage.settings.connections[0].interval = std::time::Duration::from_hours(1);
    let engine = stage.engine().await;
    drop(engine.updates());
    engine.start();
    let mut health = engine.health();
    let pulled = health.wait_for(|all| all[0].state == HealthState::Healthy && all[0].next_attempt.is_some());
    let pulled = tokio::time::timeout(DEADLINE, pulled).await.expect("in time").expect("watched")[0].clone();
    let kept = || async { engine.store().run(|db| db.snapshot(&core())).await.expect("read") };
    let began = tokio::time::Instant::now();
    let (first, at) = loop {
        match kept().await {
            Some(found) if found.0 == pulled => break found,
            _ => assert!(began.elapsed() < DEADLINE, "the end of the pass is kept"),
        }
        tokio::task::yield_now().await;
    };
    // Edits of others wake it; nothing of its health comes of that.
    let version = engine.store().run(|db| db.data_version()).await.expect("read");
    let other = stage.engine().await;
    other.carry_out(new_local("Only here")).await.expect("made");
    until(&engine, "the other's card", |b| b.cards().any(|c| c.title == "Only here")).await;
    assert_ne!(engine.store().run(|db| db.data_version()).await.expect("read"), version);
    tokio::time::timeout(std::time::Duration::from_millis(2_500), health.changed())
        .await
        .expect_err("at rest");
    assert_eq!(kept().await, Some((first, at)), "not written again");
    other.shutdown().await;
    engine.shutdown().await;
}

#[tokio::test]
async fn the_health_at_the_end_is_kept_and_the_next_start_goes_on_from_it() {
    let mut stage = Stage::new(Seed::Count(2)).await;
    stage.settings.connections[0].interval = std::time::Duration::from_hours(1);
    let first = stage.engine().await;
    drop(first.updates());
    stage.sandbox.set_faults("READ nth=1 status=502".parse().expect("faults"));
    first.start();
    let mut health = first.health();
    let good = health.wait_for(|all| all[0].last_good.is_some());
    drop(tokio::time::timeout(DEADLINE, good).await.expect("in time").expect("watched"));
    first.shutdown().await;
    let at_the_end = first.health().borrow()[0].clone();
    assert!(at_the_end.breaker.len() >= 2, "it opened and closed: {:?}", at_the_end.breaker);

    let second = stage.engine().await;
    assert_eq!(second.seen().await.expect("read")[0].health, at_the_end, "nothing of it is lost");
    drop(second.updates());
    second.start();
    let mut health = second.health();
    let again = health.wait_for(|all| all[0].requests > 0 && all[0].state == HealthState::Healthy);
    let again = tokio::time::timeout(DEADLINE, again).await.expect("in time").expect("watched")[0].clone();
    assert_eq!(again.breaker, at_the_end.breaker);
    assert_eq!(again.minutes.iter().map(|m| m.requests).sum::<u32>(), {
        let before: u32 = at_the_end.minutes.iter().map(|m| m.requests).sum();
        before + again.requests as u32
    });
    assert_eq!(again.stats.pulled_created, 0, "statistics are of this process alone");
    second.shutdown().await;
}

fn new_local(title: &str) -> Command {
    match new_card(title).1 {
        Command::Create(card) => {
            Command::Create(corkboard::domain::command::NewCard { connections: vec![], ..card })
        }
        other => other,
    }
}
