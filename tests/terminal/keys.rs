//! Keys that a person changes on the board, and commands found by name: at once, and after a restart.

use corkboard::sandbox::Seed;

use crate::term::{DEADLINE, Desk, REPO};

/// Opens the help, looks for an action and asks for its new key.
fn ask_for(term: &mut crate::term::Term, typed: &str) {
    term.send("?");
    term.wait_for("Help: Board");
    term.send(typed);
    term.wait_for(&format!("/{typed}"));
    term.send("\r");
    term.wait_for("New key for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_changed_on_the_board_holds_at_once_and_after_a_restart_and_goes_back() {
    let desk = Desk::new(Seed::Count(8)).await;
    let before = std::fs::read_to_string(desk.config_file()).expect("a config");
    let mut term = desk.board(120, 36);
    term.wait_for("core#");
    ask_for(&mut term, "health panel");
    term.send("q");
    term.wait_for("already (board)");
    term.send("\x7fX");
    term.wait_for("free");
    term.send("\r");
    term.wait_for("kept: X for `health panel beside the view`");
    term.send("\x1b");
    term.wait("the whole help", |s| s.contains("Help: Board") && s.contains("to search"));
    term.send("\x1b");
    term.wait("no help", |s| !s.contains("Help: Board"));
    term.send("X");
    term.wait_for("HEALTH");
    let after = std::fs::read_to_string(desk.config_file()).expect("a config");
    assert_eq!(after, format!("{before}\n[keys]\nhealth_panel = \"X\"\n"));
    term.send("q");
    assert_eq!(term.end().0, 0);

    let mut term = desk.board(120, 36);
    term.wait_for("core#");
    term.send("X");
    term.wait_for("HEALTH");
    ask_for(&mut term, "health panel");
    term.send("\x1b[3~");
    term.wait_for("kept: the default keys");
    term.send("\x1b");
    term.wait("the whole help", |s| s.contains("to search"));
    term.send("?");
    term.wait("no help", |s| !s.contains("Help: Board"));
    term.send("!");
    term.wait("no panel", |s| !s.contains("HEALTH"));
    let text = std::fs::read_to_string(desk.config_file()).expect("a config");
    assert!(!text.contains("health_panel") && text.starts_with(&before), "{text}");
    term.send("q");
    assert_eq!(term.end().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_moved_by_a_command_that_is_first_in_the_palette_after_a_restart() {
    let desk = Desk::new(Seed::Demo).await;
    let mut term = desk.board(80, 24);
    term.wait_for("core#");
    term.wait("the whole board", |s| !s.contains("loading"));
    term.send("2gg:");
    term.wait_for("Commands on core#");
    let number: u64 = {
        let text = term.text();
        let after = text.split("Commands on core#").nth(1).expect("the card");
        after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a number")
    };
    term.send("in prog");
    term.wait_for("move to In Progress");
    term.send("\r");
    let moved = desk.sandbox.wait_for(DEADLINE, move |s| {
        s.issue(REPO, number).is_some_and(|i| i.has_label("status: in progress"))
    });
    assert!(moved.await, "{}", term.text());
    term.wait("the answer", |s| !s.contains("unsent") && !s.contains("sending"));
    term.send("qq");
    assert_eq!(term.end().0, 0);

    let mut term = desk.board(80, 24);
    term.wait_for("core#");
    term.send(":");
    term.wait("the last command", |s| s.contains("move to In Progress") && s.contains("recent"));
    term.send("\x1b");
    term.wait("no palette", |s| !s.contains("Commands on"));
    term.send(":q\r");
    assert_eq!(term.end().0, 0);
}
