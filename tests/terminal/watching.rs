//! What a person sees of trouble, and does about it, without leaving the terminal.

use corkboard::sandbox::Seed;

use crate::term::{DEADLINE, Desk, REPO};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_edit_is_read_retried_and_found_in_the_activity() {
    let desk = Desk::new(Seed::Count(1)).await;
    desk.sandbox.set_faults("PATCH count=1 status=422".parse().expect("faults"));
    let mut term = desk.board(120, 36);
    term.wait("the whole board", |s| s.contains("core#1") && !s.contains("loading"));
    // The one made-up issue is closed.
    term.send("4t");
    term.send(" once more\r");
    term.wait_for("Health 1");
    term.send("ghj");
    term.wait("the server's words", |s| s.contains("Set aside: 1 item") && s.contains("answered 422"));
    term.send("t");
    let arrived = desk
        .sandbox
        .wait_for(DEADLINE, |s| s.issue(REPO, 1).is_some_and(|i| i.title.ends_with(" once more")))
        .await;
    assert!(arrived, "{}", term.text());
    term.wait("an empty list", |s| !s.contains("Set aside"));

    term.send("ga");
    term.wait("both rows", |s| s.contains("✗") && s.contains("✓") && s.matches("core#1").count() >= 2);
    term.send("/is:trouble card:core#1\r");
    term.wait("the refusal alone", |s| {
        s.contains("1 row") && s.contains("once more") && !s.contains("✓ now")
    });
    term.send("\r");
    term.wait("the card", |s| s.contains("Assigned") && s.contains("once more"));
    term.send("\u{1b}");
    term.wait("the rows", |s| s.contains("WHAT CHANGED"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}
