//! kill -9 of the real process, again and again, at random moments of a busy sync: the database opens, nothing is
//! lost, nothing is doubled.
//!
//! `CORKBOARD_KILLS=1000 cargo test --test cli kills -- --nocapture` kills a thousand times and prints the figures.

#[path = "kills/ledger.rs"]
mod ledger;
#[path = "kills/scene.rs"]
mod scene;

use std::io::Write;
use std::time::{Duration, Instant};

use scene::{Scene, Tally};

/// Kills without being told a number: some seconds' worth.
const KILLS: u32 = 40;
/// Kills of one database and one repository; then another one begins, so that passes stay short.
const KILLS_PER_STORY: u32 = 40;

/// A small generator: repeatable, and good enough to choose with.
pub struct Dice(u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    pub fn micros(&mut self, most: Duration) -> Duration {
        Duration::from_micros(self.roll(most.as_micros().max(1) as usize) as u64)
    }
}

async fn one_story(seed: u64, kills: u32, tally: &mut Tally) {
    let mut scene = Scene::new(seed).await;
    let whole_pass = scene.measure_a_busy_pass().await;
    for round in 0..kills {
        scene.edit_here(4).await;
        scene.edit_there(2);
        scene.cloud_the_sky();
        let moment = scene.dice.micros(whole_pass + whole_pass / 5);
        let in_a_terminal = round % 5 == 4;
        scene.run_and_kill(moment, in_a_terminal, tally).await;
        scene.look_at_the_database(tally);
    }
    scene.settle();
    scene.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_27_a_process_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let wanted = std::env::var("CORKBOARD_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let first = std::env::var("CORKBOARD_KILLS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let (began, mut tally, mut left, mut seed) = (Instant::now(), Tally::default(), wanted, first);
    while left > 0 {
        let kills = left.min(KILLS_PER_STORY);
        one_story(seed, kills, &mut tally).await;
        left -= kills;
        seed += 1;
    }
    writeln!(std::io::stderr(), "{tally} in {:.0} s", began.elapsed().as_secs_f64()).expect("told");
    assert_eq!(tally.kills, wanted);
    assert!(tally.during_a_pass * 4 > wanted, "most must meet a pass under way: {tally}");
}
