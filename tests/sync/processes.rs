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
