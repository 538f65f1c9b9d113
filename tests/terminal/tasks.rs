//! Twelve things people come to the board for, done by somebody who knows nothing but what the screen says: what is pressed
//! stands on the screen before it is pressed, and there is a limit to how many keys it takes.

use corkboard::sandbox::Seed;

use crate::term::{DEADLINE, Desk, REPO, Term};

/// Somebody who counts the keys, and presses none that the screen does not name.
struct Newcomer {
    term: Term,
    keys: usize,
}

impl Newcomer {
    /// At a board that has been read.
    fn at(desk: &Desk, environment: &[(&str, &str)], columns: u16, rows: u16) -> Self {
        let term = desk.board_in(environment, columns, rows);
        term.wait_for("core#");
        term.wait("the whole board", |s| !s.contains("loading"));
        term.wait("the first sync", |s| s.contains("synced"));
        Self { term, keys: 0 }
    }

    /// Presses a key of which the screen says `told`, as a hint or as a row of a list.
    fn press(&mut self, told: &str, key: &str) {
        self.term.wait_for(told);
        self.term.send(key);
        self.keys += 1;
    }

    /// Types a text, key by key.
    fn types(&mut self, text: &str) {
        self.term.send(text);
        self.keys += text.chars().count();
    }

    /// Finds a command by words of its own in the palette, and does it: `row` is what the first row then says.
    fn command(&mut self, words: &str, row: &str) {
        self.press(": command", ":");
        self.term.wait_for("enter does it");
        self.types(words);
        let first = format!("▌ {row}");
        self.term.wait("the command first in the list", |s| s.contains(&first));
        self.types("\r");
    }

    fn within(&self, limit: usize) {
        assert!(self.keys <= limit, "{} keys, {limit} would do\n{}", self.keys, self.term.text());
    }

    fn leave(mut self) {
        // Twice: what is unsent may be counted a moment longer, and then `q` asks and `q` confirms.
        self.term.send("qq");
        assert_eq!(self.term.end().0, 0);
    }
}

async fn demo() -> Desk {
    Desk::new(Seed::Demo).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_unassigned_bugs_are_found() {
    let desk = demo().await;
    let bugs = desk
        .sandbox
        .issues(REPO)
        .into_iter()
        .filter(|i| i.open && !i.pull_request && i.has_label("bug") && i.assignees.is_empty());
    let expected = bugs.count();
    let mut person = Newcomer::at(&desk, &[], 120, 36);
    person.press("/ filter", "/");
    // The list below the line goes on with what is typed.
    person.types("is:o");
    person.press("is:open", "\t");
    person.types("label:bu");
    person.press("label:bug", "\t");
    person.types("no:as");
    person.press("no:assignee", "\t");
    person.types("\r");
    person.term.wait_for(&format!(" {expected} of "));
    person.within(25);
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_cards_are_labelled_and_assigned_at_once() {
    let desk = demo().await;
    let mut person = Newcomer::at(&desk, &[], 120, 36);
    person.command("select or", "select or deselect");
    for _ in 0..4 {
        person.press("selected", " ");
    }
    person.term.wait_for("5 selected");
    person.press("# labels", "#");
    person.term.wait_for("Labels of 5 cards");
    person.types("docs");
    person.types("\t\x13");
    person.term.wait("the dialog gone", |s| !s.contains("Labels of 5 cards"));
    person.press("@ assignees", "@");
    person.term.wait_for("Assignees of 5 cards");
    person.types("ben");
    person.types("\t\x13");
    let done = desk
        .sandbox
        .wait_for(DEADLINE, |s| {
            let both = |i: &&corkboard::sandbox::IssueView| {
                i.has_label("docs") && i.assignees.iter().any(|a| a == "ben")
            };
            s.issues(REPO).iter().filter(both).count() >= 5
        })
        .await;
    assert!(done, "{}", person.term.text());
    person.within(40);
    person.leave();
}

/// A board of four columns with one card in the first.
async fn one_card() -> Desk {
    let desk = Desk::new(Seed::Count(0)).await;
    let web = desk.sandbox.web("cy");
    let number = web.create_issue(REPO, "Walks far", "").expect("made");
    web.add_label(REPO, number, "status: proposed").expect("labelled");
    desk
}

async fn is_done(desk: &Desk) -> bool {
    desk.sandbox.wait_for(DEADLINE, |s| s.issue(REPO, 1).is_some_and(|i| !i.open)).await
}

async fn is_back(desk: &Desk) -> bool {
    desk.sandbox
        .wait_for(DEADLINE, |s| s.issue(REPO, 1).is_some_and(|i| i.open && i.has_label("status: proposed")))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_goes_three_columns_by_keys_and_that_is_undone() {
    let desk = one_card().await;
    let mut person = Newcomer::at(&desk, &[], 80, 24);
    person.command("to the right", "move one column to the right");
    person.press("core#1", "L");
    person.press("core#1", "L");
    assert!(is_done(&desk).await, "{}", person.term.text());
    person.within(20);
    person.keys = 0;
    person.command("undo", "undo");
    person.press("core#1", "u");
    person.press("core#1", "u");
    assert!(is_back(&desk).await, "{}", person.term.text());
    person.within(8);
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_goes_three_columns_by_mouse_or_by_the_palette() {
    let desk = one_card().await;
    let mut person = Newcomer::at(&desk, &[], 80, 24);
    let from = person.term.find("Walks far").expect("the card");
    let to = person.term.find("DONE").expect("the column");
    person.term.drag(from, (to.0 + 2, to.1 + 4));
    assert!(is_done(&desk).await, "{}", person.term.text());
    person.command("to backlog", "move to Backlog");
    assert!(is_back(&desk).await, "{}", person.term.text());
    person.within(12);
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_is_written_in_the_persons_own_editor() {
    let desk = one_card().await;
    let editor = desk.home.path().join("editor.sh");
    std::fs::write(&editor, "#!/bin/sh\nprintf 'Seen, and liked.\\n' > \"$1\"\n").expect("written");
    let mut permissions = std::fs::metadata(&editor).expect("there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o700);
    std::fs::set_permissions(&editor, permissions).expect("made runnable");
    let command = editor.to_string_lossy().into_owned();
    let mut person = Newcomer::at(&desk, &[("EDITOR", &command), ("VISUAL", &command)], 80, 24);
    person.command("comment", "comment");
    person.press("alt-e $EDITOR", "\x1be");
    let said = desk
        .sandbox
        .wait_for(DEADLINE, |s| {
            s.issue(REPO, 1).is_some_and(|i| i.comments.iter().any(|c| c.body.contains("Seen, and liked.")))
        })
        .await;
    assert!(said, "{}", person.term.text());
    person.within(10);
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_is_saved() {
    let desk = demo().await;
    let mut person = Newcomer::at(&desk, &[], 80, 24);
    person.press("/ filter", "/");
    person.types("label:bug\r");
    person.command("save the f", "save the filter as a view");
    person.term.wait_for("Save");
    person.types("\x15Bugs\r");
    person.term.wait("the tab", |s| s.contains("All") && s.contains("Bugs"));
    let config = std::fs::read_to_string(desk.config_file()).expect("a config");
    assert!(config.contains("[[view]]") && config.contains("The test's own comment"), "{config}");
    person.within(30);
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_theme_is_chosen() {
    let desk = one_card().await;
    let mut person = Newcomer::at(&desk, &[], 80, 24);
    person.command("theme", "choose a theme");
    person.term.wait_for("high-contrast");
    person.types("jj\r");
    person.term.wait_for("kept: theme light");
    let config = std::fs::read_to_string(desk.config_file()).expect("a config");
    assert!(config.contains("theme = \"light\""), "{config}");
    person.within(12);
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_bound_anew() {
    let desk = one_card().await;
    let mut person = Newcomer::at(&desk, &[], 80, 24);
    person.press("? help", "?");
    person.press("type to search", "undo");
    person.press("enter change keys", "\r");
    person.term.wait_for("undo");
    person.types("U\r");
    person.term.wait_for("kept: U");
    let config = std::fs::read_to_string(desk.config_file()).expect("a config");
    assert!(config.contains("undo = \"U\""), "{config}");
    person.within(10);
    person.term.send("\x1b\x1b");
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_copied_over_ssh() {
    let desk = one_card().await;
    let mut person = Newcomer::at(&desk, &[("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")], 80, 24);
    person.command("copy the u", "copy the URL");
    person.term.wait_for("copied");
    // OSC 52 (xterm, "Operating System Commands"): the terminal at the person's own end takes it.
    person.term.wait_written("\x1b]52;c;");
    person.within(13);
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapping_is_edited() {
    let desk = one_card().await;
    let mut person = Newcomer::at(&desk, &[], 100, 30);
    person.command("mappings", "view: mappings");
    person.term.wait_for("STATUS");
    person.types("j");
    person.press("t rename", "t");
    person.term.wait_for("Title of approved");
    person.types("\x15Up next\r");
    person.press("ctrl-s save", "\x13");
    person.term.wait("what was saved", |s| s.contains("saved") && !s.contains("unsaved"));
    let config = std::fs::read_to_string(desk.config_file()).expect("a config");
    assert!(config.contains("Up next"), "{config}");
    person.within(28);
    person.term.send("\x1b");
    person.leave();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_seen_why_a_card_is_not_in_step() {
    let desk = one_card().await;
    let mut person = Newcomer::at(&desk, &[], 80, 24);
    // The platform's state is one the mapping does not name.
    let web = desk.sandbox.web("cy");
    web.set_title(REPO, 1, "Nobody knows this column").expect("edited");
    web.remove_label(REPO, 1, "status: proposed").expect("edited");
    person.term.wait_for("not mapped");
    person.press("enter open", "\r");
    person.term.wait_for("maps that state");
    person.within(2);
    person.term.send("\x1b");
    person.leave();
}
