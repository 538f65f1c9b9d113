//! Several processes on one database: one synchronises, all see, none doubles.

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
