//! A machine whose clock is wrong: times are compared on the server's clock.

use std::sync::Arc;

use corkboard::domain::command::Command;
use corkboard::engine::{Engine, EngineOptions, RealDial};
use corkboard::sandbox::{Seed, WRITE_TOKEN};
use corkboard::support::clock::{Clock, SystemClock, Timestamp};

use crate::stage::*;

const HOUR_MS: i64 = 3_600_000;

/// The right time, but for a constant.
#[derive(Debug)]
struct Off(i64);

impl Clock for Off {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(self.0)
    }
}

async fn engine(stage: &Stage, off_ms: i64) -> Engine {
    let engine = Engine::open(EngineOptions {
        settings: Arc::new(stage.settings.clone()),
        data_dir: stage.dir.path().to_owned(),
        clock: Arc::new(Off(off_ms)),
        dial: Arc::new(RealDial::new(Arc::new(|_| Ok(WRITE_TOKEN.to_owned().into())))),
    })
    .expect("an engine");
    engine.register_connections().await.expect("registered");
    engine
}

#[tokio::test]
async fn row_25_a_create_without_an_answer_is_found_again_though_our_clock_is_an_hour_ahead() {
    let stage = Stage::new(Seed::Count(3)).await;
    let first = engine(&stage, HOUR_MS).await;
    let (_, create) = new_card("Once");
    run(&first, create).await;
    stage.sandbox.set_faults("POST */issues count=1 drop-after".parse().expect("faults"));
    for _ in 0..10 {
        if first.sync_once(None).await.expect("a pass").connections[0].unsent == 0 {
            break;
        }
    }
    assert_eq!(stage.sandbox.issues(REPO).iter().filter(|i| i.title == "Once").count(), 1);
    first.shutdown().await;
}

#[tokio::test]
async fn row_25_the_later_edit_wins_though_our_clock_is_an_hour_off() {
    for off in [-HOUR_MS, HOUR_MS] {
        let stage = Stage::new(Seed::Count(2)).await;
        stage.sync().await;
        let first = engine(&stage, off).await;
        let card = by_number(&first, 1).await.id;
        stage.sandbox.web("ana").set_title(REPO, 1, "edited there first").expect("edited");
        // Two edits within two seconds are a tie, so the second one is made well after the first.
        let later = engine(&stage, off + 5_000).await;
        run(&later, Command::Retitle { card, title: "edited here later".into() }).await;
        first.sync_once(None).await.expect("a pass");
        let title = stage.sandbox.issue(REPO, 1).expect("there").title;
        assert_eq!(title, "edited here later", "clock off by {off} ms");
        later.shutdown().await;
        first.shutdown().await;
    }
}
