//! The board as a person uses it: keys, mouse, and edits that come from elsewhere.

use corkboard::sandbox::Seed;

use crate::term::{DEADLINE, Desk, REPO, Term};

/// The byte sequences that give the terminal back: leave the alternate screen, release the mouse, show the cursor.
const GIVEN_BACK: [&str; 3] = ["\x1b[?1049l", "\x1b[?1006l", "\x1b[?25h"];

fn was_given_back(raw: &[u8]) -> bool {
    let text = String::from_utf8_lossy(raw);
    GIVEN_BACK.iter().all(|s| text.contains(s))
}

/// An issue that a card on the first screen of the To Do column shows.
fn approved(desk: &Desk) -> Vec<corkboard::sandbox::IssueView> {
    let mut found: Vec<_> = desk
        .sandbox
        .issues(REPO)
        .into_iter()
        .filter(|i| i.open && !i.pull_request && i.has_label("status: approved"))
        .collect();
    found.sort_by_key(|i| std::cmp::Reverse(i.created_at));
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mouse_drag_moves_a_card_and_the_issue_on_github() {
    let desk = Desk::new(Seed::Demo).await;
    let mut term = desk.board(120, 36);
    let issue = approved(&desk).remove(0);
    let key = format!("core#{}", issue.number);
    term.wait_for(&key);
    let from = term.find(&key).expect("the card is on the screen");
    let to =
        term.find("IN PROGRESS").or_else(|| term.find("In Progress")).expect("the column is on the screen");
    term.drag(from, (to.0 + 3, to.1 + 12));
    let number = issue.number;
    let arrived = desk
        .sandbox
        .wait_for(DEADLINE, move |s| {
            s.issue(REPO, number)
                .is_some_and(|i| i.has_label("status: in progress") && !i.has_label("status: approved"))
        })
        .await;
    assert!(arrived, "the label changed on GitHub\n{}", term.text());

    // Somebody edits on the web; no key is pressed here.
    desk.sandbox.web("cy").set_title(REPO, number, "Zebra crossing").expect("edited");
    term.wait_for("Zebra");
    term.send("q");
    let (code, raw) = term.end();
    assert_eq!(code, 0);
    assert!(was_given_back(&raw));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_moves_a_card_and_undo_brings_it_back() {
    let desk = Desk::new(Seed::Demo).await;
    let mut term = desk.board(80, 24);
    let issue = approved(&desk).remove(0);
    term.wait_for(&format!("core#{}", issue.number));
    term.wait("the whole board", |s| !s.contains("loading"));
    term.send("2ggL");
    let number = issue.number;
    let moved = |label: &'static str| {
        desk.sandbox.wait_for(DEADLINE, move |s| s.issue(REPO, number).is_some_and(|i| i.has_label(label)))
    };
    assert!(moved("status: in progress").await, "{}", term.text());
    term.send("u");
    assert!(moved("status: approved").await, "{}", term.text());
    term.wait("the answer", |s| !s.contains("unsent") && !s.contains("sending"));
    // Twice: the answer may be on the screen a moment before it is counted, and then `q` asks and `q` confirms.
    term.send("qq");
    assert_eq!(term.end().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_out_gives_the_terminal_back() {
    for way in ["key", "TERM", "HUP"] {
        let desk = Desk::new(Seed::Count(5)).await;
        let mut term = desk.board(100, 30);
        term.wait_for("core#");
        match way {
            "key" => term.send("q"),
            signal => term.signal(signal),
        }
        let (_, raw) = term.end();
        assert!(was_given_back(&raw), "{way}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_size_is_too_small() {
    let desk = Desk::new(Seed::Count(30)).await;
    let mut term = desk.board(120, 40);
    term.wait_for("core#");
    for (columns, rows) in [(20, 5), (10, 3), (1, 1), (400, 120), (2, 50), (80, 24)] {
        term.resize(columns, rows);
        term.send("j");
    }
    term.wait_for("core#");
    term.send("q");
    assert_eq!(term.end().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mapping_is_edited_on_screen_and_the_config_keeps_its_comments() {
    let desk = Desk::new(Seed::Demo).await;
    let before = std::fs::read_to_string(desk.config_file()).expect("a config");
    let mut term = desk.board(100, 30);
    term.wait_for("core#");
    term.send("gm");
    term.wait_for("STATUS");
    term.send("jt");
    term.wait_for("Title of approved");
    term.send("\x15Up next\r");
    term.wait_for("unsaved");
    term.send("\x13");
    term.wait("the title on the board", |s| s.contains("saved") && !s.contains("unsaved"));
    term.send("gb");
    term.wait_for("UP NEXT");
    let after = std::fs::read_to_string(desk.config_file()).expect("a config");
    assert_eq!(after, before.replace(r#"approved = "To Do""#, r#"approved = "Up next""#));
    term.send("q");
    assert_eq!(term.end().0, 0);
    assert_eq!(desk.sandbox.writes().len(), 0, "a new title is no edit of any issue");
}

#[test]
fn the_demo_shows_the_board_with_live_sync_and_health() {
    let mut term = Term::demo(120, 36);
    term.wait_for("core#");
    term.wait_for("synced just now");
    term.send("!");
    term.wait("the health panel", |s| s.contains("HEALTH") && s.contains("octo/app") && s.contains("left"));
    term.send("q");
    let (code, raw) = term.end();
    assert_eq!(code, 0);
    assert!(was_given_back(&raw));
}
