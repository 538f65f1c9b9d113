//! Many cards at once and a new card in one line, as a person types them, and what of it is on the platform then.

use corkboard::sandbox::Seed;

use crate::term::{DEADLINE, Desk, REPO};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_cards_are_labelled_and_assigned_at_once_and_one_key_takes_it_back() {
    let desk = Desk::new(Seed::Count(60)).await;
    let mut term = desk.board(80, 24);
    term.wait_for("core#");
    term.wait("the whole board", |s| !s.contains("loading"));
    term.send("vjjjj");
    term.wait_for("5 selecting");
    term.send("v#");
    term.wait_for("Labels of 5 cards");
    term.send("shipit\r");
    let labelled =
        |s: &corkboard::sandbox::Sandbox| s.issues(REPO).iter().filter(|i| i.has_label("shipit")).count();
    assert!(desk.sandbox.wait_for(DEADLINE, move |s| labelled(s) == 5).await, "{}", term.text());
    term.send("@");
    term.wait_for("Assignees of 5 cards");
    term.wait("what GitHub offers", |s| s.contains("ana") && !s.contains("asking"));
    term.send("ana\r");
    let assigned = |s: &corkboard::sandbox::Sandbox| {
        let both = s.issues(REPO).into_iter().filter(|i| i.has_label("shipit"));
        both.filter(|i| i.assignees.iter().any(|a| a == "ana")).count()
    };
    assert!(desk.sandbox.wait_for(DEADLINE, move |s| assigned(s) == 5).await, "{}", term.text());
    term.send("u");
    assert!(desk.sandbox.wait_for(DEADLINE, move |s| assigned(s) < 5).await, "{}", term.text());
    term.send("u");
    assert!(desk.sandbox.wait_for(DEADLINE, move |s| labelled(s) == 0).await, "{}", term.text());
    term.wait("the answer", |s| !s.contains("unsent") && !s.contains("sending"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_typed_in_one_line_is_an_issue_with_its_label_and_person() {
    let desk = Desk::new(Seed::Count(5)).await;
    let mut term = desk.board(80, 24);
    term.wait_for("core#");
    term.wait("the whole board", |s| !s.contains("loading"));
    term.send("a");
    term.wait_for("New card in");
    term.send("Zebra crossing #shipit @ana");
    term.wait_for("new label shipit");
    term.send("\r");
    let made = desk.sandbox.wait_for(DEADLINE, |s| {
        let issues = s.issues(REPO);
        issues.iter().any(|i| {
            i.title == "Zebra crossing" && i.has_label("shipit") && i.assignees.iter().any(|a| a == "ana")
        })
    });
    assert!(made.await, "{}", term.text());
    term.wait("the answer", |s| !s.contains("unsent") && !s.contains("sending"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}
