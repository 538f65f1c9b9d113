//! A card becomes exactly one issue, whatever is lost on the way and whenever the process dies.

use std::time::Duration;

use corkboard::sandbox::Seed;

use crate::stage::*;

/// How many issues have this title.
fn titled(stage: &Stage, title: &str) -> usize {
    stage.sandbox.issues(REPO).iter().filter(|i| i.title == title).count()
}

async fn settle(stage: &Stage, title: &str, way: &str) {
    for _ in 0..20 {
        let report = stage.sync().await;
        if report.connections[0].unsent == 0 && !report.failed() {
            break;
        }
    }
    assert_eq!(titled(stage, title), 1, "exactly one issue: {way}");
    let engine = stage.engine().await;
    let board = board(&engine).await;
    let cards: Vec<_> = board.cards().filter(|c| c.title == title).collect();
    assert_eq!(cards.len(), 1, "exactly one card: {way}");
    let issue = stage.sandbox.issues(REPO).into_iter().find(|i| i.title == title).expect("there");
    assert_eq!(cards[0].links[0].number, Some(issue.number));
    assert!(issue.has_label("bug") && issue.has_label("status: approved"), "{:?}", issue.labels);
    let body = engine.card_detail(cards[0].id).await.expect("read").expect("there").body;
    assert_eq!(body, "A body.", "the marker is not shown");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_01_a_create_whose_answer_was_lost_is_one_issue() {
    let ways = [
        "POST */issues count=1 drop-after",
        "POST */issues count=1 drop-before",
        "POST */issues count=1 truncate",
        "POST */issues count=1 status=502",
        "POST */issues count=2 drop-after",
        "POST */issues count=1 drop-after; GET */issues?* count=3 lag=300ms",
        "POST */issues count=1 drop-after; GET count=3 drop-before",
        "POST */issues count=1 403-secondary(retry-after=1s)",
        "POST */issues count=1 429(retry-after=1s)",
        "POST */issues count=1 html",
    ];
    for way in ways {
        let stage = Stage::new(Seed::Count(5)).await;
        stage.sync().await;
        let engine = stage.engine().await;
        let (_, create) = new_card("Lost and found");
        run(&engine, create).await;
        engine.shutdown().await;
        stage.sandbox.set_faults(way.parse().expect("faults"));
        settle(&stage, "Lost and found", way).await;
    }
}

/// The process dies at a random moment of the create, again and again: every task is cut where it stands and the
/// database is opened anew.
#[tokio::test]
async fn row_27_a_process_that_dies_at_any_moment_of_a_create_leaves_one_issue() {
    for seed in 0..40_u64 {
        let stage = Stage::new(Seed::Count(3)).await;
        stage.sync().await;
        let engine = stage.engine().await;
        let (_, create) = new_card("Killed in the middle");
        run(&engine, create).await;
        engine.shutdown().await;
        drop(engine);
        let fault = ["", "POST */issues count=1 drop-after", "latency=2ms", "POST */issues count=1 truncate"];
        stage.sandbox.set_faults(fault[seed as usize % 4].parse().expect("faults"));
        for death in 0..3 {
            let engine = stage.engine().await;
            let pass = engine.sync_once(None);
            // A future that is dropped stops at whatever it awaited, as a killed process does between two writes.
            let moment = Duration::from_micros((seed * 389 + death * 1_700) % 9_000);
            let _ = tokio::time::timeout(moment, pass).await;
            drop(engine);
        }
        settle(&stage, "Killed in the middle", &format!("seed {seed}")).await;
    }
}

#[tokio::test]
async fn row_01_a_comment_whose_answer_was_lost_is_said_once() {
    for way in [
        "POST */comments count=1 drop-after",
        "POST */comments count=1 status=503",
        "POST */comments count=1 truncate",
    ] {
        let stage = Stage::new(Seed::Count(2)).await;
        stage.sync().await;
        let engine = stage.engine().await;
        let card = only(&engine).await;
        let number = card.links[0].number.expect("linked");
        let comment = corkboard::domain::Command::Comment { card: card.id, body: "Said once".into() };
        run(&engine, comment).await;
        stage.sandbox.set_faults(way.parse().expect("faults"));
        for _ in 0..10 {
            let report = engine.sync_once(None).await.expect("a pass");
            if report.connections[0].unsent == 0 {
                break;
            }
        }
        let issue = stage.sandbox.issue(REPO, number).expect("there");
        assert_eq!(issue.comments.iter().filter(|c| c.body.starts_with("Said once")).count(), 1, "{way}");
        engine.shutdown().await;
    }
}
