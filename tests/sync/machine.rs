//! The proof that nothing is lost and nothing doubled: random stories over the real engine, store, connector and
//! sandbox, checked against books of their own. `docs/reliability.md` says what is promised and how to run it.
//!
//! `CORKBOARD_OPS` is how many operations are done in all, `CORKBOARD_SEED` the seed of the first story; each story
//! has the next one. `CORKBOARD_WORLD` leaves only the stories over one world: `one`, `two`, `three` platforms, or
//! `workflow`. A story that fails is cut down by proptest and told with its seed.

#[path = "machine/abroad.rs"]
mod abroad;
#[path = "machine/agree.rs"]
mod agree;
#[path = "machine/check.rs"]
mod check;
#[path = "machine/edits.rs"]
mod edits;
#[path = "machine/every_await.rs"]
mod every_await;
#[path = "machine/found.rs"]
mod found;
#[path = "machine/ledger.rs"]
mod ledger;
#[path = "machine/place.rs"]
mod place;
#[path = "machine/plan.rs"]
mod plan;
#[path = "machine/process.rs"]
mod process;
#[path = "machine/seen.rs"]
mod seen;
#[path = "machine/time.rs"]
mod time;
#[path = "machine/trouble.rs"]
mod trouble;
#[path = "machine/waits.rs"]
mod waits;
#[path = "machine/world.rs"]
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use ledger::Tally;
use place::Realm;
use plan::{Op, Start, Stories};
use world::World;

/// Operations in one story.
const STORY: u64 = 50;
/// Operations in all over each of [`Realm::ALL`], unless told otherwise.
const OPERATIONS: [u64; 4] = [7_400, 1_400, 800, 500];
/// How long a story that fails is cut down, in milliseconds.
const SHRINKING_MS: u32 = 120_000;

/// The test of one story.
#[derive(Debug)]
struct Machine<const REALM: usize>;

impl<const REALM: usize> StateMachineTest for Machine<REALM> {
    type SystemUnderTest = World;
    type Reference = Stories<REALM>;

    fn init_test(start: &Start) -> World {
        World::new(start)
    }

    fn apply(mut world: World, _: &Start, op: Op) -> World {
        world.apply(&op);
        world
    }

    fn teardown(mut world: World, _: Start) {
        world.apply(&Op::Quiet);
        world.hand_in();
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.replace('_', "").parse().ok()).unwrap_or(default)
}

/// Runs the story of `seed`; the failure is told with all it takes to see it again.
fn story<const REALM: usize>(seed: u64, operations: usize) -> Result<(), String> {
    let config = Config {
        cases: 1,
        max_shrink_time: SHRINKING_MS,
        max_shrink_iters: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config.clone(), rng);
    let strategy = Stories::<REALM>::sequential_strategy(operations);
    let ran = runner.run(&strategy, |(start, operations, seen)| {
        Machine::<REALM>::test_sequential(config.clone(), start, operations, seen);
        Ok(())
    });
    let world = Realm::ALL[REALM].name();
    let again = format!(
        "CORKBOARD_WORLD={world} CORKBOARD_SEED={seed} CORKBOARD_OPS={operations} cargo test --test sync machine::stories"
    );
    ran.map_err(|failure| format!("{failure}\nsee it again: {again}"))
}

/// Stories one after the other, on as many threads as there are cores.
fn run<const REALM: usize>(first_seed: u64, operations: u64) -> Result<(), String> {
    let stories = operations.div_ceil(STORY);
    let next = AtomicU64::new(0);
    let failed: Arc<Mutex<Option<String>>> = Arc::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    std::thread::scope(|scope| {
        for _ in 0..threads.min(stories) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    if at >= stories || failed.lock().expect("not poisoned").is_some() {
                        return;
                    }
                    let operations = STORY.min(operations - at * STORY) as usize;
                    if let Err(failure) = story::<REALM>(first_seed + at, operations) {
                        failed.lock().expect("not poisoned").get_or_insert(failure);
                    }
                }
            });
        }
    });
    let failure = failed.lock().expect("not poisoned").take();
    failure.map_or(Ok(()), Err)
}

/// One line that can be quoted. Standard error is where a test may talk.
fn tell(world: &str, seed: u64, operations: u64, took: std::time::Duration) {
    use std::io::Write;
    let done = Tally::total(world);
    let line = format!("world {world}: {operations} operations from seed {seed} in {took:.1?}: {done}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Tells the stories over one world, unless only those over another one are asked for.
fn tell_stories<const REALM: usize>() {
    let world = Realm::ALL[REALM].name();
    if std::env::var("CORKBOARD_WORLD").is_ok_and(|only| only != world) {
        return;
    }
    let (seed, operations) = (number("CORKBOARD_SEED", 1), number("CORKBOARD_OPS", OPERATIONS[REALM]));
    let began = std::time::Instant::now();
    let ran = run::<REALM>(seed, operations);
    tell(world, seed, operations, began.elapsed());
    if let Err(failure) = ran {
        panic!("{failure}");
    }
}

#[test]
fn stories_of_edits_faults_kills_and_clocks_end_with_nothing_lost_and_nothing_doubled() {
    tell_stories::<0>();
}

#[test]
fn stories_of_cards_on_two_platforms_end_with_nothing_lost_and_nothing_doubled() {
    tell_stories::<1>();
}

#[test]
fn stories_of_cards_on_three_platforms_end_with_nothing_lost_and_nothing_doubled() {
    tell_stories::<2>();
}

#[test]
fn stories_of_cards_whose_workflow_forbids_moves_end_with_nothing_lost_and_nothing_doubled() {
    tell_stories::<3>();
}
