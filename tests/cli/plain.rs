//! `--plain`: a day's work in lines, on a simulated platform, with nothing on the screen that moves.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use corkboard::sandbox::{Sandbox, Seed};

use crate::home::{Home, code, err};

/// How long a fact may take to come about.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a conversation with these lines says.
fn talk(home: &Home, lines: &str) -> String {
    let out = home.command(&["--plain"]).write_stdin(lines).output().expect("it runs");
    assert_eq!(code(&out), 0, "{}", err(&out));
    let text = String::from_utf8(out.stdout).expect("text");
    let plain = |c: char| c == '\n' || (!c.is_control() && !('\u{2500}'..='\u{259F}').contains(&c));
    assert!(text.chars().all(plain), "nothing moves and nothing is drawn: {text:?}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_found_moved_labelled_commented_and_the_move_taken_back() {
    let (home, sandbox) = Home::connected(Seed::Count(12)).await;
    tokio::task::spawn_blocking(move || {
        home.text(&["sync", "--once"]);
        let text = talk(
            &home,
            "list\nmove 1 Done\nlabel 1 +urgent\nassign 1 +ana\ncomment 1\nTwo lines.\nOf a comment.\n.\n\
             undo\nopen 1\nnew @2 Made in lines\nfilter \"Made in lines\"\nconflicts\nstate\nhelp\nquit\n",
        );
        for words in [
            "Corkboard: 12 cards in 4 columns.",
            "is in Done now.",
            "labels +urgent.",
            "assignees +ana.",
            "comment added.",
            "is made: Made in lines. To Do.",
            "1 card of 13, filtered by \"Made in lines\".",
            "No conflict waits.",
            "core (github octo/app):",
            "move CARD COLUMN",
            "Left.",
        ] {
            assert!(text.contains(words), "{words} is not in:\n{text}");
        }
        assert!(!text.contains("News: core#11"), "ones own changes are no news: {text}");
        // A comment cannot be taken back, and says so; what was done before it stays.
        assert!(text.contains("cannot be taken back"), "{text}");
        let again = talk(&home, "undo\nlist\n");
        assert!(again.contains("There is nothing to take back."), "{again}");
    })
    .await
    .expect("no panic");
    sandbox.shutdown().await;
}

#[test]
fn a_board_without_a_connection_works_in_lines_too() {
    let home = Home::new();
    let text = talk(&home, "new First\nlist\nmove 1 2\nundo\nredo\nsync\nstate\nnonsense\n");
    for words in [
        "is made: First. Backlog.",
        "1 card.\n1. ",
        "is in To Do now.",
        "Taken back.",
        "is in Backlog now.",
        "Done again.",
        "This board is local",
        "I do not know `nonsense`",
    ] {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    assert!(home.text(&["card", "list"]).contains("First"), "it is the same board");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_do_is_told_between_the_lines() {
    let (home, sandbox) = Home::connected(Seed::Count(3)).await;
    let (told, sandbox) = tokio::task::spawn_blocking(move || {
        home.text(&["sync", "--once"]);
        (told(&home, &sandbox), sandbox)
    })
    .await
    .expect("no panic");
    assert!(told.contains("Renamed by another"), "{told}");
    sandbox.shutdown().await;
}

/// The news of a change somebody else makes while the conversation goes on.
fn told(home: &Home, sandbox: &Sandbox) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corkboard"));
    command
        .arg("--plain")
        .env("HOME", home.path(""))
        .env("CORKBOARD_TEST_TOKEN", corkboard::sandbox::WRITE_TOKEN);
    let mut child = command
        .env_remove("CORKBOARD_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    output.read_line(&mut line).expect("a greeting");
    sandbox.web("ben").set_title("octo/app", 1, "Renamed by another").expect("edited");
    let end = Instant::now() + PATIENCE;
    let mut found = String::new();
    // Each empty line asks for the news; the answer to `columns` is the fact that it was heard.
    while found.is_empty() && Instant::now() < end {
        input.write_all(b"sync\ncolumns\n\n").expect("written");
        loop {
            line.clear();
            output.read_line(&mut line).expect("a line");
            if line.contains("News:") {
                found.clone_from(&line);
            }
            if line.contains("Column 4:") {
                break;
            }
        }
    }
    input.write_all(b"quit\n").expect("written");
    assert!(child.wait().expect("it ends").success());
    found
}
