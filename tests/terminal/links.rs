//! Two items that are the same work become one card by a few keys, and both platforms follow it from then on.

use corkboard::sandbox::{Sandbox, Seed};

use crate::term::{DEADLINE, Desk, REPO};

const SIDE: &str = "octo/other";

/// A board on two repositories, each with an issue about the same.
async fn on_two() -> Desk {
    let desk = Desk::new(Seed::Count(0)).await;
    let config = std::fs::read_to_string(desk.config_file()).expect("a config");
    let from = config.find("[[connection]]").expect("there");
    let second = config[from..].replace("\"core\"", "\"side\"").replace(REPO, SIDE);
    std::fs::write(desk.config_file(), format!("{config}\n{second}")).expect("written");
    let web = desk.sandbox.web("ana");
    web.create_issue(REPO, "Retry when the platform restarts", "It gives up at once.").expect("made");
    web.create_issue(SIDE, "Retry while it restarts", "The same as core#1.").expect("made");
    assert!(desk.run(&["sync", "--once"]).status.success());
    desk
}

fn titles(sandbox: &Sandbox) -> [String; 2] {
    [REPO, SIDE].map(|repo| sandbox.issue(repo, 1).expect("there").title)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_cards_are_linked_by_keys_and_both_platforms_are_in_step() {
    let desk = on_two().await;
    let mut term = desk.board(120, 36);
    term.wait("both cards", |s| s.contains("core#1") && s.contains("side#1"));
    term.wait("the whole board", |s| !s.contains("loading"));
    // The filter brings the focus to the one of them, whichever stands first.
    term.send("/when\r");
    term.wait("one card", |s| s.contains("core#1") && !s.contains("side#1"));
    term.send("\x1b");
    term.wait("both again", |s| s.contains("core#1") && s.contains("side#1"));
    term.send("&");
    term.wait("the suggestion", |s| {
        s.contains("Links of core#1")
            && s.contains("Looks like the same work")
            && s.contains("names core#1 in its text")
    });
    term.send("\x1b[B\r");
    term.wait("the question", |s| {
        s.contains("Make one card of core#1 and side#1?")
            && s.contains("Undo does not part them")
            && s.contains("title: Retry while it restarts")
    });
    term.send("y");
    term.wait_for("the two are one card");
    let joined = |s: &Sandbox| titles(s).iter().all(|t| t == "Retry when the platform restarts");
    assert!(desk.sandbox.wait_for(DEADLINE, joined).await, "{:?}\n{}", titles(&desk.sandbox), term.text());

    // An edit on the board reaches both, and an edit on one reaches the other.
    term.send("t");
    term.wait_for("Title of core#1");
    term.send(", at last\r");
    let both = |s: &Sandbox| titles(s).iter().all(|t| t == "Retry when the platform restarts, at last");
    assert!(desk.sandbox.wait_for(DEADLINE, both).await, "{:?}\n{}", titles(&desk.sandbox), term.text());
    desk.sandbox.web("cy").set_title(SIDE, 1, "The platform retries").expect("edited");
    let both = |s: &Sandbox| titles(s).iter().all(|t| t == "The platform retries");
    assert!(desk.sandbox.wait_for(DEADLINE, both).await, "{:?}\n{}", titles(&desk.sandbox), term.text());

    term.wait("nothing on its way", |s| s.contains("The platform retries") && !s.contains("unsent"));
    term.send("&");
    term.wait("it is on both", |s| s.contains("Links of core#1") && s.contains("side#1"));
    term.send("\x1b");
    term.wait("the board", |s| !s.contains("Links of"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}
