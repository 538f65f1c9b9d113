//! Webhooks: only a hint, from whoever knows the secret.

use std::time::Duration;

use corkboard::sandbox::Seed;

use crate::desk::{Desk, SECRET, sign};
use crate::stage::*;

fn has(board: &corkboard::domain::Board, title: &str) -> bool {
    board.cards().any(|c| c.title == title)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_17_a_webhook_is_a_hint_and_a_missed_or_doubled_one_changes_nothing() {
    let desk = Desk::new(Seed::Count(5)).await;
    let (sandbox, engine) = (desk.stage.sandbox.clone(), desk.engine.clone());
    let titled = |title: &'static str| move |b: &corkboard::domain::Board| has(b, title);

    // One that arrives makes the board look, though the next poll is an hour away.
    sandbox.web("cy").set_title(REPO, 1, "Told by a webhook").expect("edited");
    let (status, told) = desk.deliver("d1", "issues", SECRET).await;
    assert_eq!((status, &told["hint"]), (202, &true.into()));
    until(&engine, "the hint", titled("Told by a webhook")).await;

    // The same one again is known, and makes nobody look.
    let looks = desk.looks();
    for _ in 0..5 {
        let (status, told) = desk.deliver("d1", "issues", SECRET).await;
        assert_eq!((status, &told["hint"], &told["repeated"]), (202, &false.into(), &true.into()));
    }
    assert_eq!(desk.looks(), looks);

    // Two come in the wrong order, and one of three is missed: what is there counts, not what was said.
    sandbox.web("cy").set_title(REPO, 2, "First").expect("edited");
    sandbox.web("cy").set_title(REPO, 2, "Second").expect("edited");
    sandbox.web("ana").set_title(REPO, 3, "Never told").expect("edited");
    desk.deliver("d3", "issues", SECRET).await;
    desk.deliver("d2", "issues", SECRET).await;
    until(&engine, "all of it", |b| has(b, "Second") && has(b, "Never told") && !has(b, "First")).await;

    // A hint too many about nothing: no card changes and nothing is written there.
    let before = board(&engine).await;
    let looks = desk.looks();
    desk.deliver("d4", "issue_comment", SECRET).await;
    assert!(sandbox.wait_for(DEADLINE, |_| desk.looks() > looks).await, "it looked");
    assert_eq!(board(&engine).await, before);
    assert!(sandbox.writes().is_empty());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_never_comes_is_made_up_for_by_the_poll() {
    let desk = Desk::polling(Seed::Count(3), Duration::from_millis(200)).await;
    desk.stage.sandbox.web("cy").set_title(REPO, 2, "Found by the poll").expect("edited");
    until(&desk.engine, "the poll", |b| has(b, "Found by the poll")).await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_right_signature_a_webhook_is_refused_and_nobody_looks() {
    let desk = Desk::new(Seed::Count(1)).await;
    let looks = desk.looks();
    let body = b"{}";
    let right = sign(SECRET, body);
    let good = [("x-github-delivery", "d1"), ("x-github-event", "issues")];
    for signature in [&sign("another-secret", body), &sign(SECRET, b"{ }"), "sha256=", "sha1=00", &right[7..]]
    {
        let headers = [("x-hub-signature-256", signature), good[0], good[1]];
        assert_eq!(desk.send("core", body, &headers).await.0, 401, "{signature}");
    }
    assert_eq!(desk.send("core", body, &good).await.0, 401, "no signature at all");
    assert_eq!(desk.send("docs", body, &[("x-hub-signature-256", &right), good[0], good[1]]).await.0, 404);
    let no_id = desk.send("core", body, &[("x-hub-signature-256", &right), good[1]]).await;
    assert_eq!(no_id.0, 400);
    assert_eq!(desk.looks(), looks);
    // An id that was only ever sent with a wrong signature is not known: nobody can spoil a real delivery.
    let fresh = desk.send("core", body, &[("x-hub-signature-256", &right), good[0], good[1]]).await;
    assert_eq!((fresh.0, &fresh.1["repeated"]), (202, &false.into()));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_about_something_else_or_too_large_is_no_hint() {
    let desk = Desk::new(Seed::Count(1)).await;
    let looks = desk.looks();
    for (id, event) in [("p1", "ping"), ("p2", "push"), ("p3", "workflow_run")] {
        let (status, told) = desk.deliver(id, event, SECRET).await;
        assert_eq!((status, &told["hint"]), (202, &false.into()), "{event}");
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    let headers = [
        ("x-hub-signature-256", &*sign(SECRET, &large)),
        ("x-github-delivery", "l1"),
        ("x-github-event", "issues"),
    ];
    assert_eq!(desk.send("core", &large, &headers).await.0, 413);
    let most = vec![b' '; 1024 * 1024];
    assert_eq!(desk.looks(), looks);
    let headers = [
        ("x-hub-signature-256", &*sign(SECRET, &most)),
        ("x-github-delivery", "l2"),
        ("x-github-event", "issues"),
    ];
    assert_eq!(desk.send("core", &most, &headers).await.0, 202);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_webhooks_is_a_look_or_two() {
    let desk = Desk::new(Seed::Count(3)).await;
    let looks = desk.looks();
    for n in 0..100 {
        assert_eq!(desk.deliver(&format!("storm-{n}"), "issues", SECRET).await.0, 202);
    }
    desk.stage.sandbox.web("cy").set_title(REPO, 1, "The last of the storm").expect("edited");
    desk.deliver("storm-end", "issues", SECRET).await;
    until(&desk.engine, "the last one", |b| has(b, "The last of the storm")).await;
    let looked = desk.looks() - looks;
    assert!((1..=6).contains(&looked), "{looked} looks for 101 webhooks");
    desk.close().await;
}
