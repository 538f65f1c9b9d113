//! A first import that is interrupted, at any page, goes on from there: nothing missed, little asked twice.

use std::collections::BTreeMap;
use std::time::Duration;

use corkboard::domain::health::Progress;
use corkboard::sandbox::Seed;

use crate::stage::*;

/// How often each page of the walk was asked for.
fn asked_pages(stage: &Stage) -> BTreeMap<u64, usize> {
    let mut pages = BTreeMap::new();
    for request in stage.sandbox.requests().iter().filter(|r| r.path.contains("sort=created")) {
        let page = request.path.split(['?', '&']).find_map(|p| p.strip_prefix("page=")).unwrap_or("1");
        *pages.entry(page.parse().expect("a number")).or_default() += 1;
    }
    pages
}

fn truth(stage: &Stage) -> Vec<(u64, String)> {
    let all = stage.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request);
    all.map(|i| (i.number, i.title)).collect()
}

async fn held(stage: &Stage) -> Vec<(u64, String)> {
    let engine = stage.engine().await;
    let board = board(&engine).await;
    let mut all: Vec<(u64, String)> =
        board.cards().filter_map(|c| Some((c.links[0].number?, c.title.clone()))).collect();
    all.sort();
    engine.shutdown().await;
    all
}

/// Runs a pass and kills it as soon as the walk has come one page further. Returns whether it came to its end first.
async fn killed_after_a_page(stage: &Stage) -> bool {
    let engine = stage.engine().await;
    let before = engine.store().run(|db| db.cursor(&core())).await.expect("read");
    let came = |c: &corkboard::connector::Cursor| c.walk.as_ref().map_or(0, |w| w.page);
    let pass = engine.clone();
    let running = tokio::spawn(async move { pass.sync_once(None).await });
    let deadline = tokio::time::Instant::now() + DEADLINE;
    let mut health = engine.health();
    let done = loop {
        assert!(tokio::time::Instant::now() < deadline, "the walk goes on");
        let cursor = engine.store().run(|db| db.cursor(&core())).await.expect("read");
        if cursor.since.is_some() {
            break true;
        }
        if came(&cursor) > came(&before) {
            break false;
        }
        let _ = tokio::time::timeout(Duration::from_millis(20), health.changed()).await;
    };
    if done {
        running.await.expect("it ends").expect("a pass");
    } else {
        running.abort();
        let _ = running.await;
    }
    engine.shutdown().await;
    done
}

#[tokio::test]
async fn row_27_an_interrupted_import_goes_on_from_its_page() {
    let stage = Stage::new(Seed::Count(2_500)).await;
    // So that a page is a thing that can be seen, and edits go on between two runs.
    stage.sandbox.set_faults("GET latency=15ms".parse().expect("faults"));
    let mut runs = 1;
    while !killed_after_a_page(&stage).await {
        runs += 1;
        stage.sandbox.web("ana").set_title(REPO, runs, &format!("Edited before run {runs}")).ok();
        assert!(runs < 60, "each run comes at least a page further");
    }
    assert!(runs > 5, "it was interrupted: {runs} runs");
    let pages = asked_pages(&stage);
    assert_eq!(pages.keys().copied().max(), Some(25), "{pages:?}");
    // Cut at each page, a page is asked for once to keep it, once to go on from it, and in vain while a run before it
    // was killed.
    assert!(pages.values().all(|n| *n <= 5), "no page is asked for again and again: {pages:?}");
    assert!(pages.values().sum::<usize>() <= 25 * 7 / 2, "{pages:?}");
    // What was edited meanwhile comes with the next pull, which starts where the first run did.
    stage.sandbox.set_faults("".parse().expect("faults"));
    stage.sync().await;
    assert_eq!(held(&stage).await, truth(&stage));
}

#[tokio::test]
async fn row_27_what_is_deleted_between_two_runs_hides_no_other_issue() {
    let stage = Stage::new(Seed::Count(1_200)).await;
    stage.sandbox.set_faults("GET latency=15ms".parse().expect("faults"));
    for _ in 0..3 {
        assert!(!killed_after_a_page(&stage).await, "it is interrupted");
    }
    // More than a page's worth, all of it read already: everything behind moves up by more than a page.
    let first: Vec<u64> = truth(&stage).into_iter().map(|(n, _)| n).take(170).collect();
    for number in &first {
        stage.sandbox.web("ana").delete(REPO, *number).expect("deleted");
    }
    stage.sandbox.set_faults("".parse().expect("faults"));
    stage.sync().await;
    let held = held(&stage).await;
    for there in truth(&stage) {
        assert!(held.contains(&there), "{there:?} is missing");
    }
}

#[tokio::test]
async fn row_27_a_resumed_import_keeps_the_time_of_its_first_start() {
    let stage = Stage::new(Seed::Count(900)).await;
    stage.sandbox.set_faults("GET latency=15ms".parse().expect("faults"));
    assert!(!killed_after_a_page(&stage).await);
    let engine = stage.engine().await;
    let cut = engine.store().run(|db| db.cursor(&core())).await.expect("read").walk.expect("a walk");
    assert!(cut.since.is_some() && cut.total == Some(900), "{cut:?}");
    engine.shutdown().await;
    stage.sync().await;
    let engine = stage.engine().await;
    let end = engine.store().run(|db| db.cursor(&core())).await.expect("read");
    assert_eq!((end.since, end.etag, end.walk), (cut.since, cut.etag, None));
    engine.shutdown().await;
}

#[tokio::test]
async fn the_progress_of_a_resumed_import_counts_what_was_read_before() {
    let stage = Stage::new(Seed::Count(1_000)).await;
    stage.sandbox.set_faults("GET latency=15ms".parse().expect("faults"));
    for _ in 0..3 {
        assert!(!killed_after_a_page(&stage).await);
    }
    let engine = stage.engine().await;
    let read = engine.store().run(|db| db.cursor(&core())).await.expect("read").walk.expect("a walk").done;
    let mut health = engine.health();
    let pass = engine.clone();
    let running = tokio::spawn(async move { pass.sync_once(None).await });
    let further = health.wait_for(|all| all[0].progress.is_some_and(|p| p.done > read));
    let progress: Progress =
        tokio::time::timeout(DEADLINE, further).await.expect("in time").expect("watched")[0]
            .progress
            .expect("progress");
    assert_eq!((progress.before, progress.total), (read, Some(1_000)), "{progress:?}");
    let percent = progress.percent().expect("known");
    assert!((30..=100).contains(&percent), "{progress:?}");
    let now = corkboard::support::clock::Clock::now(&corkboard::support::clock::SystemClock);
    assert!(progress.rate(now).is_some_and(|rate| rate > 0.0), "{progress:?}");
    running.await.expect("it ends").expect("a pass");
    engine.shutdown().await;
}

#[tokio::test]
async fn pausing_during_a_long_import_stops_pulls_and_pushes_at_the_next_page() {
    let stage = Stage::new(Seed::Count(1_500)).await;
    stage.sandbox.set_faults("GET latency=30ms".parse().expect("faults"));
    let engine = stage.engine().await;
    engine.start();
    until(&engine, "some cards", |b| b.len() >= 100).await;
    engine.set_paused(&core(), true);
    let mut health = engine.health();
    let paused = health.wait_for(|all| all[0].state == corkboard::domain::health::HealthState::Paused);
    tokio::time::timeout(DEADLINE, paused).await.expect("in time").expect("watched");
    let there = board(&engine).await;
    assert!(there.len() < 1_300, "the import was not read to its end: {}", there.len());
    stage.sandbox.clear_requests();
    let card = there.cards().next().expect("one").id;
    run(&engine, corkboard::domain::command::Command::Retitle { card, title: "Edited while paused".into() })
        .await;
    let mut watch = engine.health();
    let queued = watch.wait_for(|all| all[0].unsent == 1);
    tokio::time::timeout(DEADLINE, queued).await.expect("in time").expect("watched");
    assert_eq!(stage.sandbox.requests().len(), 0, "nothing is asked and nothing is sent");
    engine.set_paused(&core(), false);
    let issues = truth(&stage).len();
    until(&engine, "the rest", |b| b.len() == issues).await;
    let sent = stage
        .sandbox
        .wait_for(DEADLINE, |s| s.issues(REPO).iter().any(|i| i.title == "Edited while paused"))
        .await;
    assert!(sent, "and the edit went out");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_14_a_list_that_moves_while_it_is_read_loses_no_issue() {
    for action in ["shift=edit", "shift=delete"] {
        let stage = Stage::new(Seed::Count(650)).await;
        stage.sandbox.set_faults(format!("GET *?*sort=* {action}").parse().expect("faults"));
        stage.sync().await;
        stage.sandbox.set_faults("".parse().expect("faults"));
        stage.sync().await;
        let held = held(&stage).await;
        for there in truth(&stage) {
            assert!(held.contains(&there), "{action}: {there:?} is missing");
        }
    }
}
