//! What a person sees, and what is kept, when the platform refuses or does not answer.

use corkboard::domain::command::Command;
use corkboard::domain::health::HealthState;
use corkboard::domain::link::SyncStatus;
use corkboard::engine::Update;
use corkboard::sandbox::{EXPIRED_TOKEN, FINE_GRAINED_TOKEN, NONE_TOKEN, Seed};

use crate::stage::*;

#[tokio::test]
async fn row_18_a_refused_move_rolls_back_that_card_with_the_servers_words() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let mut updates = engine.updates().expect("the updates");
    let open = stage.sandbox.issues(REPO).into_iter().find(|i| i.has_label("status: approved")).expect("one");
    let card = by_number(&engine, open.number).await.id;
    stage.sandbox.set_faults("PATCH count=1 status=422".parse().expect("faults"));
    move_to(&engine, card, "completed").await;
    engine.sync_once(None).await.expect("a pass");
    let reason = loop {
        if let Update::RolledBack { card, reason } = updates.try_recv().expect("an update") {
            assert_eq!(card.status.as_str(), "approved");
            break reason;
        }
    };
    assert!(!reason.is_empty());
    let card = by_number(&engine, open.number).await;
    assert_eq!(card.status.as_str(), "approved");
    assert!(card.links[0].note.is_some());
    engine.shutdown().await;
}

#[tokio::test]
async fn row_28_a_refused_edit_is_kept_and_set_aside_and_the_others_go_on() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let numbers: Vec<u64> = stage.sandbox.issues(REPO).iter().map(|i| i.number).collect();
    let faults = format!("PATCH */issues/{} status=422", numbers[0]);
    stage.sandbox.set_faults(faults.parse().expect("faults"));
    for number in &numbers {
        let card = by_number(&engine, *number).await.id;
        run(&engine, Command::Retitle { card, title: format!("edited {number}") }).await;
    }
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!((report.connections[0].sent, report.connections[0].parked), (2, 1), "{report:?}");
    assert!(report.needs_a_person());
    let kept = by_number(&engine, numbers[0]).await;
    assert_eq!(kept.title, format!("edited {}", numbers[0]));
    assert_eq!(kept.links[0].sync, SyncStatus::Failed);

    stage.sandbox.set_faults("".parse().expect("faults"));
    engine.retry(&core());
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.issue(REPO, numbers[0]).expect("there").title, format!("edited {}", numbers[0]));
    engine.shutdown().await;
}

#[tokio::test]
async fn a_token_that_will_not_do_says_what_to_mend_and_loses_nothing() {
    let cases =
        [(EXPIRED_TOKEN, "credential"), (NONE_TOKEN, "repository"), (FINE_GRAINED_TOKEN, "not accessible")];
    for (token, words) in cases {
        let mut stage = Stage::new(Seed::Count(2)).await;
        stage.sync().await;
        stage.token = token;
        let engine = stage.engine().await;
        let card = only(&engine).await;
        run(&engine, Command::Retitle { card: card.id, title: "kept".into() }).await;
        let report = engine.sync_once(None).await.expect("a pass");
        let said = format!("{:?}", report.connections[0]).to_lowercase();
        assert!(said.contains(words), "{token}: {said}");
        assert!(!said.contains(token), "the token is never said");
        assert_eq!(report.connections[0].unsent, 1);
        engine.shutdown().await;
    }
}

#[tokio::test]
async fn row_09_being_told_to_wait_is_kept_over_a_restart() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sync().await;
    stage.sandbox.set_faults("GET count=1 429(retry-after=3600s)".parse().expect("faults"));
    let report = stage.sync().await;
    assert!(report.failed());
    stage.sandbox.clear_requests();
    let report = stage.sync().await;
    assert!(report.failed());
    assert_eq!(stage.sandbox.requests().len(), 0, "no request while told to wait");
}

#[tokio::test]
async fn row_15_a_server_that_speaks_html_is_an_outage_and_not_an_empty_board() {
    let stage = Stage::new(Seed::Count(4)).await;
    stage.sync().await;
    stage.sandbox.set_faults("html".parse().expect("faults"));
    let report = stage.sync().await;
    assert!(report.failed());
    let engine = stage.engine().await;
    assert_eq!(board(&engine).await.len(), 4);
}

#[tokio::test]
async fn the_health_of_an_unreachable_platform_says_so_and_recovers() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sandbox.set_online(false).await;
    let engine = stage.engine().await;
    engine.start();
    let mut health = engine.health();
    let retrying = health.wait_for(|all| all[0].state == HealthState::Retrying && all[0].reason.is_some());
    tokio::time::timeout(DEADLINE, retrying).await.expect("in time").expect("watched");
    stage.sandbox.set_online(true).await;
    engine.retry(&core());
    let healthy = health.wait_for(|all| all[0].state == HealthState::Healthy && all[0].last_good.is_some());
    tokio::time::timeout(DEADLINE, healthy).await.expect("in time").expect("watched");
    assert_eq!(board(&engine).await.len(), 2);
    engine.shutdown().await;
}
