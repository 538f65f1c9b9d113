//! How Corkboard behaves towards a terminal: what it asks, what it gives back, and what it spares those that would
//! print it. The rows of `docs/terminals.md`.

use corkboard::sandbox::Seed;

use crate::term::{DEADLINE, Desk, REPO};

/// What the terminal is asked, and what one answers that speaks the kitty protocol.
const QUESTION: &str = "\x1b[?u\x1b[c";
const YES: &str = "\x1b[?0u\x1b[?62;22c";
const NO: &str = "\x1b[?1;2c";
const KEYS_ON: &str = "\x1b[>5u";
const KEYS_OFF: &str = "\x1b[<u";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kitty_keyboard_is_used_where_offered_and_given_back_on_every_way_out() {
    let desk = Desk::new(Seed::Count(5)).await;
    let mut term = desk.board_in(&[("EDITOR", "true")], 100, 30);
    term.wait_written(QUESTION);
    term.send(YES);
    term.wait_written(KEYS_ON);
    term.wait("the whole board", |s| s.contains("core#1") && !s.contains("loading"));
    // Help by its key, and the escape key in the protocol's form.
    term.send("?");
    term.wait_for("Help");
    term.send("\x1b[27u");
    term.wait("the board", |s| !s.contains("Help:"));
    // While the editor runs, its keys are as ever.
    // The made-up issues are closed, but for a few: the last column has one.
    term.send("4E");
    term.wait_written_times(KEYS_ON, 2);
    // While stopped as well: ctrl-z in the protocol's form.
    term.send("\x1b[122;5u");
    term.wait_written_times(KEYS_OFF, 2);
    term.wait_stopped();
    term.signal("CONT");
    term.wait_written_times(KEYS_ON, 3);
    term.signal("HUP");
    let (_, raw) = term.end();
    let raw = String::from_utf8_lossy(&raw);
    assert_eq!(raw.matches(KEYS_OFF).count(), 3);
    let end = raw.rfind(KEYS_OFF).expect("given back");
    assert!(
        raw[..end].rfind("\x1b[?1049h") > raw[..end].rfind("\x1b[?1049l"),
        "on the screen it was asked for"
    );
    assert!(raw[end..].contains("\x1b[?1049l"), "before that screen is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_kitty_keyboard_nothing_of_it_is_written_and_escape_works() {
    let desk = Desk::new(Seed::Count(5)).await;
    let mut term = desk.board(100, 30);
    term.wait_written(QUESTION);
    term.send(NO);
    term.wait("the whole board", |s| s.contains("core#1") && !s.contains("loading"));
    term.send("?");
    term.wait_for("Help");
    term.send("\x1b");
    term.wait("the board", |s| !s.contains("Help:"));
    // An arrow that a slow link cuts in two is an arrow: its letters would open and answer things.
    term.send("?");
    term.wait_for("Help");
    term.send("\x1b[");
    term.send("B");
    term.send("\x1b");
    term.wait("the board", |s| !s.contains("Help:"));
    term.send("q");
    let (code, raw) = term.end();
    assert_eq!(code, 0);
    let raw = String::from_utf8_lossy(&raw);
    assert!(!raw.contains(KEYS_ON) && !raw.contains(KEYS_OFF));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_title_names_the_board_and_is_given_back() {
    let desk = Desk::new(Seed::Count(3)).await;
    let mut term = desk.board(100, 30);
    term.wait_written("\x1b]2;corkboard: Test\x1b\\");
    term.wait("the whole board", |s| s.contains("core#1") && !s.contains("loading"));
    term.send("jkjk");
    term.send("q");
    let (_, raw) = term.end();
    let raw = String::from_utf8_lossy(&raw);
    let kept = raw.find("\x1b[22;2t").expect("the former title is kept");
    assert!(kept < raw.find("\x1b]2;corkboard").expect("a title"));
    assert!(raw.contains("\x1b]2;\x1b\\\x1b[23;2t"));
    assert!(raw.matches("\x1b]2;corkboard: Test\x1b").count() <= 2, "it is written when it changes");
    let config = std::fs::read_to_string(desk.config_file()).expect("a config");
    std::fs::write(desk.config_file(), format!("[ui]\ntitle = false\n{config}")).expect("written");
    let mut term = desk.board(100, 30);
    term.wait_for("core#1");
    term.send("q");
    let (_, raw) = term.end();
    let raw = String::from_utf8_lossy(&raw);
    assert!(!raw.contains("\x1b]2;") && !raw.contains(";2t"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_linux_console_gets_nothing_that_it_would_print() {
    let desk = Desk::new(Seed::Count(5)).await;
    let mut term = desk.board_in(&[("TERM", "linux")], 80, 25);
    term.wait("the whole board", |s| s.contains("core#1") && !s.contains("loading"));
    let shown = term.text();
    assert!(shown.is_ascii(), "its font has no more\n{shown}");
    term.send("4\r");
    term.wait_for("Assigned");
    term.send("\x1b");
    term.wait("the board", |s| !s.contains("Assigned"));
    term.send("q");
    let (code, raw) = term.end();
    assert_eq!(code, 0);
    let raw = String::from_utf8_lossy(&raw);
    for unknown in ["\x1b]", "\x1bP", "\x1b[>", "\x1b[<", "\x1b[?u", "\x1b[c", "\x1b[?2026h", "t\x1b[?1049h"]
    {
        assert!(!raw.contains(unknown), "{unknown:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locale_without_utf_8_is_drawn_in_ascii_and_told() {
    let desk = Desk::new(Seed::Count(5)).await;
    let mut term = desk.board_in(&[("LC_ALL", "C")], 110, 30);
    term.wait_for("LC_ALL=C is no UTF-8 locale");
    term.wait_for("core#1");
    assert!(term.text().is_ascii(), "{}", term.text());
    term.send("q");
    assert_eq!(term.end().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_cannot_draw_is_refused_with_what_to_do() {
    let desk = Desk::new(Seed::Count(1)).await;
    for (named, says) in [("dumb", "TERM=dumb"), ("", "TERM is not set")] {
        let term = desk.board_in(&[("TERM", named)], 100, 30);
        let (code, raw) = term.end();
        let raw = String::from_utf8_lossy(&raw);
        assert_eq!(code, 2, "{raw}");
        assert!(raw.contains(says) && raw.contains("card list"), "{raw}");
        assert!(!raw.contains("\x1b[?1049h"), "{raw}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_without_a_browser_is_shown_copied_and_can_be_selected() {
    let desk = Desk::new(Seed::Count(3)).await;
    // The board starts with its cards, so the focus is on one.
    assert!(desk.run(&["sync", "--once"]).status.success());
    let mut term = desk.board_in(&[("SSH_TTY", "/dev/pts/9")], 60, 20);
    term.wait("the whole board", |s| s.contains("core#") && !s.contains("loading"));
    term.wait_written_times("\x1b[?1006h", 1);
    term.send("o");
    term.wait_for("No browser here");
    let url = format!("/{REPO}/issues/");
    assert!(term.text().contains(&url), "{}", term.text());
    term.wait_written("\x1b]52;c;");
    term.wait_written("\x1b[?1006l");
    term.send("\x1b");
    term.wait_written_times("\x1b[?1006h", 2);
    term.wait("the board", |s| !s.contains("No browser here"));
    term.send("q");
    assert_eq!(term.end().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_sizes_leaves_the_picture_of_the_last_one() {
    let desk = Desk::new(Seed::Count(60)).await;
    let mut term = desk.board(120, 36);
    term.wait("the whole board", |s| s.contains("core#") && !s.contains("loading"));
    for n in 0..60_u16 {
        term.resize(10 + n * 37 % 150, 2 + n * 13 % 50);
        // Frames are under way meanwhile.
        term.send(if n % 2 == 0 { "j" } else { "\x0c" });
    }
    term.resize(100, 30);
    let rows = |s: &str| s.lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>();
    term.wait("the last size", |s| {
        rows(s).last().is_some_and(|l| l.contains("core") && l.contains("help")) && rows(s).len() == 30
    });
    // The last line tells of times, which go on.
    let picture = |s: &str| rows(s)[..29.min(rows(s).len())].join("\n");
    let after = picture(&term.text());
    // A picture drawn from nothing is the same.
    let cleared = term.written().matches("\x1b[2J").count();
    term.send("\x0c");
    term.wait_written_times("\x1b[2J", cleared + 1);
    term.wait("the same picture", |s| picture(s) == after);
    term.send("q");
    assert_eq!(term.end().0, 0);
}

/// Resident memory in KiB.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("it has memory");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_stopped_reading_stops_neither_keys_nor_sync_and_costs_no_memory() {
    let desk = Desk::new(Seed::Demo).await;
    let mut term = desk.board(200, 60);
    term.wait("the whole board", |s| s.contains("core#") && !s.contains("loading"));
    term.send("2gg");
    let before = resident(term.pid());
    term.hold(true);
    // More than any buffer between holds, if all of it were written.
    for n in 0..200 {
        term.send(if n % 2 == 0 { "\x0cj" } else { "\x0ck" });
    }
    let moves = |label: &'static str| {
        move |s: &corkboard::sandbox::Sandbox| {
            s.issues(REPO).iter().filter(|i| i.open && !i.pull_request && i.has_label(label)).count()
        }
    };
    let count = moves("status: in progress");
    let at_first = count(&desk.sandbox);
    term.send("L");
    let arrived = desk.sandbox.wait_for(DEADLINE, move |s| count(s) == at_first + 1).await;
    assert!(arrived, "the key was taken and sent although nobody reads the picture");
    let grown = resident(term.pid()).saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} KiB");
    term.send("?");
    term.hold(false);
    term.wait_for("Help");
    term.send("\x1b");
    term.wait("nothing on its way", |s| !s.contains("Help:") && !s.contains("unsent"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}
