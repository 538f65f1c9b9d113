//! Limits: the platform's own, which are waited out to the end and over a restart, and ours, which keep from meeting
//! them. The times are those at which the simulated GitHub got the requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use corkboard::connector::http::{Limits, Rule};
use corkboard::domain::ConnectionName;
use corkboard::domain::command::Command;
use corkboard::domain::health::RequestClass::{self, ContentCreate, Read};
use corkboard::domain::health::{Health, HealthState};
use corkboard::domain::link::SyncStatus;
use corkboard::domain::remote::RemoteRef;
use corkboard::engine::{Engine, EngineOptions, RealDial};
use corkboard::sandbox::{Recorded, Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use corkboard::support::clock::{Clock, SharedClock, SystemClock, Timestamp};

use crate::stage::*;

/// The right time, which can be moved on.
#[derive(Debug, Default)]
struct Skipping(AtomicI64);

impl Clock for Skipping {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(self.0.load(Ordering::SeqCst))
    }
}

impl Skipping {
    fn skip_to(&self, at: Timestamp) {
        let _before = self.0.fetch_add(at.since(self.now()), Ordering::SeqCst);
    }
}

async fn stage(seed: Seed, clock: &SharedClock, primary_limit: u64) -> Stage {
    let options = SandboxOptions { seed, primary_limit, clock: clock.clone(), ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    let settings = settings(sandbox.url());
    Stage { sandbox, dir: tempfile::tempdir().expect("a directory"), settings, token: WRITE_TOKEN }
}

/// A process that has just started.
async fn engine(stage: &Stage, clock: &SharedClock, limits: Limits) -> Engine {
    let dial = RealDial::new(Arc::new(|_| Ok(WRITE_TOKEN.to_owned().into()))).with_loopback_limits(limits);
    let engine = Engine::open(EngineOptions {
        settings: Arc::new(stage.settings.clone()),
        data_dir: stage.dir.path().to_owned(),
        clock: clock.clone(),
        dial: Arc::new(dial),
    })
    .expect("an engine");
    engine.register_connections().await.expect("registered");
    engine
}

/// Waits until the health of the first connection is as wanted; returns it.
async fn health(engine: &Engine, what: &str, wanted: impl Fn(&Health) -> bool) -> Health {
    let mut all = engine.health();
    let waiting = all.wait_for(|all| wanted(&all[0]));
    let found = tokio::time::timeout(DEADLINE, waiting).await;
    found.unwrap_or_else(|_| panic!("waited in vain for: {what}")).expect("watched")[0].clone()
}

fn limited(request: &Recorded) -> bool {
    request.fault.is_some()
}

/// When a limited answer lets the next request be sent.
fn allowed_from(limited: &Recorded) -> Timestamp {
    let header = |name: &str| {
        let found = limited.response_headers.iter().find(|(n, _)| n == name);
        found.and_then(|(_, value)| value.parse::<i64>().ok())
    };
    match (header("retry-after"), header("x-ratelimit-remaining")) {
        (Some(seconds), _) => limited.at.plus_ms(seconds * 1_000),
        (None, Some(0)) => Timestamp(header("x-ratelimit-reset").expect("a reset") * 1_000),
        // "Wait for at least one minute", GitHub says of a limit that names no wait.
        (None, _) => limited.at.plus_ms(60_000),
    }
}

/// A connection meets `fault` while a person goes on editing; perhaps the process ends meanwhile.
async fn waits_its_time(fault: &str, restart: bool) {
    let what = format!("{fault}, restart: {restart}");
    let skipping = Arc::new(Skipping::default());
    let clock: SharedClock = skipping.clone();
    let stage = stage(Seed::Count(2), &clock, 1_000_000).await;
    let mut running = engine(&stage, &clock, Limits::github()).await;
    running.start();
    until(&running, "the first pull", |b| b.len() == 2).await;
    health(&running, "a good pass", |h| h.last_good.is_some()).await;

    stage.sandbox.set_faults(format!("count=1 {fault}").parse().expect("faults"));
    let throttled = health(&running, &what, |h| h.state == HealthState::Throttled).await;
    let promised = throttled.next_attempt.expect("it says when it goes on");
    let requests = stage.sandbox.requests();
    let at = requests.iter().position(limited).expect("the limit was met");
    let allowed = allowed_from(&requests[at]);
    let late = promised.since(allowed);
    assert!((0..2_500).contains(&late), "{what}: {late} ms after the platform lets us");
    assert_eq!(requests.len(), at + 1, "{what}: nothing after it");

    // All that could make an impatient worker send.
    let card = by_number(&running, 1).await.id;
    run(&running, Command::Retitle { card, title: "edited while told to wait".into() }).await;
    running.sync_now(None);
    running.retry(&core());
    if restart {
        running.shutdown().await;
        running = engine(&stage, &clock, Limits::github()).await;
        running.start();
    }
    skipping.skip_to(promised.plus_ms(-600));
    running.sync_now(None);
    let waiting = health(&running, &what, |h| h.next_attempt == Some(promised)).await;
    assert_eq!(waiting.state, HealthState::Throttled, "{what}");
    let arrived = |s: &Sandbox| s.issue(REPO, 1).is_some_and(|i| i.title == "edited while told to wait");
    assert!(stage.sandbox.wait_for(DEADLINE, arrived).await, "{what}: it goes on");
    let next = stage.sandbox.requests()[at + 1].at;
    assert!(next >= allowed, "{what}: {} ms early", allowed.since(next));
    assert!(next >= promised, "{what}: {} ms before the panel said", promised.since(next));
    health(&running, &what, |h| h.state == HealthState::Healthy && h.reason.is_none()).await;
    running.shutdown().await;
}

#[tokio::test]
async fn no_request_is_sent_before_its_time_and_the_panel_says_when_it_goes_on() {
    let faults = [
        "429(retry-after=60s)",
        "403-secondary(retry-after=90s)",
        "403-secondary-silent",
        "403-primary(reset=1800s)",
    ];
    futures::future::join_all(faults.map(|fault| waits_its_time(fault, false))).await;
}

#[tokio::test]
async fn a_wait_is_kept_over_a_restart_whatever_the_limit() {
    let faults = ["429(retry-after=86400s)", "403-secondary-silent", "403-primary(reset=1800s)"];
    futures::future::join_all(faults.map(|fault| waits_its_time(fault, true))).await;
}

#[tokio::test]
async fn the_other_connections_keep_running_while_one_is_told_to_wait() {
    let clock: SharedClock = Arc::new(SystemClock);
    let mut one = stage(Seed::Count(2), &clock, 1_000_000).await;
    let other = stage(Seed::Count(3), &clock, 1_000_000).await;
    let mut second = other.settings.connections[0].clone();
    second.name = ConnectionName::new("other");
    one.settings.connections.push(second);
    let running = engine(&one, &clock, Limits::none()).await;
    running.start();
    until(&running, "both first pulls", |b| b.len() == 5).await;
    health(&running, "a good pass", |h| h.last_good.is_some()).await;

    one.sandbox.set_faults("429(retry-after=3600s)".parse().expect("faults"));
    health(&running, "the limit", |h| h.state == HealthState::Throttled).await;
    one.sandbox.clear_requests();
    other.sandbox.web("cy").create_issue(REPO, "made meanwhile", "").expect("created");
    until(&running, "what is new in the other one", |b| b.cards().any(|c| c.title == "made meanwhile")).await;
    let cards = board(&running).await;
    let card = cards.cards().find(|c| c.title == "made meanwhile").expect("there").clone();
    run(&running, Command::Retitle { card: card.id, title: "and edited here".into() }).await;
    let number = card.links[0].number.expect("a number");
    let arrived = |s: &Sandbox| s.issue(REPO, number).is_some_and(|i| i.title == "and edited here");
    assert!(other.sandbox.wait_for(DEADLINE, arrived).await, "edits go out there");
    assert_eq!(one.sandbox.requests().len(), 0, "and nothing here");
    let states: Vec<HealthState> = running.health().borrow().iter().map(|h| h.state).collect();
    assert_eq!(states[0], HealthState::Throttled);
    assert!(matches!(states[1], HealthState::Healthy | HealthState::Syncing), "{states:?}");
    running.shutdown().await;
}

fn rule(class: &'static [(RequestClass, u32)], shown: &'static [RequestClass], at_once: u32) -> Rule {
    Rule { most: at_once + 50, window: Duration::from_secs(10), at_once, costs: class, shown }
}

#[tokio::test]
async fn what_a_person_asks_for_goes_before_the_pages_of_a_first_pull() {
    let clock: SharedClock = Arc::new(SystemClock);
    let stage = stage(Seed::Count(4_000), &clock, 1_000_000).await;
    // Ten reads at the start and then five a second: of the forty pages, eight wait at any time.
    let limits = Limits { rules: vec![rule(&[(Read, 1)], &[Read], 20)], reserve: false };
    let running = engine(&stage, &clock, limits).await;
    running.start();
    let waits = |h: &Health| h.budgets.iter().any(|b| b.class == Read && b.remaining == 0);
    health(&running, "a spent budget", waits).await;
    let connector = running.connector(&core()).expect("it pulls");
    let id = stage.sandbox.issue(REPO, 1).expect("there").id.to_string();
    let issue = RemoteRef { id, number: 1, repository: REPO.to_owned() };
    let before = stage.sandbox.requests().len();
    connector.tracker().expect("a tracker").comments(&issue).await.expect("an answer");
    let requests = stage.sandbox.requests();
    let place = requests.iter().position(|r| r.path.contains("/comments")).expect("asked for");
    assert!(place <= before + 4, "{} pages went before a person", place - before);
    let pages = requests.iter().filter(|r| r.path.contains("sort=created")).count();
    assert!(pages < 40, "the pull was still under way");
    running.shutdown().await;
}

#[tokio::test]
async fn new_issues_wait_for_their_budget_while_edits_go_on() {
    let clock: SharedClock = Arc::new(SystemClock);
    let stage = stage(Seed::Count(2), &clock, 1_000_000).await;
    // One new issue in seven seconds.
    let slow =
        Rule { most: 2, window: Duration::from_secs(7), ..rule(&[(ContentCreate, 1)], &[ContentCreate], 1) };
    let running = engine(&stage, &clock, Limits { rules: vec![slow], reserve: false }).await;
    running.start();
    until(&running, "the first pull", |b| b.len() == 2).await;
    let (first, create) = new_card("first");
    run(&running, create).await;
    let (second, create) = new_card("second");
    run(&running, create).await;
    let link = |b: &corkboard::domain::board::Board, id| b.card(id).map(|c| c.links[0].clone());
    until(&running, "a create that waits", |b| {
        [first, second].iter().filter_map(|id| link(b, *id)).any(|l| l.note.is_some())
    })
    .await;
    let words = board(&running).await.cards().find_map(|c| c.links[0].note.clone()).expect("a reason");
    assert!(words.contains("wait until") && words.contains("platform's limit"), "{words}");
    let budget =
        health(&running, "the budget", |h| h.budgets.first().is_some_and(|b| b.remaining == 0)).await;
    let free_at = budget.budgets[0].free_at.expect("it says when the next may go out");
    assert_eq!(budget.budgets[0].class, ContentCreate);

    let card = by_number(&running, 1).await.id;
    run(&running, Command::Retitle { card, title: "not held up".into() }).await;
    let sent = |s: &Sandbox| s.issue(REPO, 1).is_some_and(|i| i.title == "not held up");
    assert!(stage.sandbox.wait_for(DEADLINE, sent).await);
    let made = |s: &Sandbox| s.writes().iter().filter(|w| w.method == "POST").count();
    assert_eq!(made(&stage.sandbox), 1, "the edit went out while the second card waited");

    assert!(stage.sandbox.wait_for(DEADLINE, |s| made(s) == 2).await, "it goes on by itself");
    let second_at = stage.sandbox.writes().iter().rfind(|w| w.method == "POST").expect("made").at;
    // The two clocks may round a millisecond apart.
    assert!(second_at.since(free_at) >= -2, "{} ms early", free_at.since(second_at));
    let settled = |b: &corkboard::domain::board::Board| {
        [first, second].iter().all(|id| link(b, *id).is_some_and(|l| l.sync == SyncStatus::Synced))
    };
    until(&running, "both cards in step", settled).await;
    assert_eq!(stage.sandbox.issues(REPO).len(), 4, "each of them once");
    running.shutdown().await;
}

#[tokio::test]
async fn a_pull_leaves_a_reserve_of_the_platforms_budget_for_a_person() {
    let clock: SharedClock = Arc::new(SystemClock);
    // 150 requests an hour, and a pull of a hundred pages.
    let stage = stage(Seed::Count(10_000), &clock, 150).await;
    stage.sandbox.set_record_bodies(false);
    let running = engine(&stage, &clock, Limits { rules: Vec::new(), reserve: true }).await;
    running.start();
    let slow = |h: &Health| h.reason.as_ref().is_some_and(|r| r.contains("pulls go slow until"));
    let resting = health(&running, "a pull that goes slow", slow).await;
    assert!(resting.next_attempt.is_some());
    run(&running, Command::Retitle { card: by_number(&running, 1).await.id, title: "sent meanwhile".into() })
        .await;
    let sent = |s: &Sandbox| s.issue(REPO, 1).is_some_and(|i| i.title == "sent meanwhile");
    assert!(stage.sandbox.wait_for(DEADLINE, sent).await, "an edit is not held back");
    let left = resting.rate.expect("the platform's account").remaining;
    assert!(left >= 36, "{left} are left");
    let card = board(&running).await.cards().next().expect("a card").id;
    running.open_card(card);
    let asked = |s: &Sandbox| s.requests().iter().any(|r| r.path.contains("/comments"));
    assert!(stage.sandbox.wait_for(DEADLINE, asked).await, "a person's own request is not held back");
    running.shutdown().await;
}

#[tokio::test]
async fn an_edit_does_not_wait_for_the_next_page_of_a_slow_pull() {
    let clock: SharedClock = Arc::new(SystemClock);
    let stage = stage(Seed::Count(1_500), &clock, 1_000_000).await;
    // Five reads at the start and then one in ten seconds: the pull of fifteen pages stands still.
    let slow = Rule { most: 11, window: Duration::from_secs(10), ..rule(&[(Read, 1)], &[Read], 10) };
    let running = engine(&stage, &clock, Limits { rules: vec![slow], reserve: false }).await;
    running.start();
    until(&running, "a first page", |b| !b.is_empty()).await;
    let (_, create) = new_card("does not wait");
    run(&running, create).await;
    let made = |s: &Sandbox| s.issues(REPO).iter().any(|i| i.title == "does not wait");
    let pages = |s: &Sandbox| s.requests().iter().filter(|r| r.path.contains("sort=created")).count();
    let before = pages(&stage.sandbox);
    assert!(stage.sandbox.wait_for(Duration::from_secs(8), made).await, "sent at once");
    assert!(pages(&stage.sandbox) <= before + 1, "before the next page");
    running.shutdown().await;
}
