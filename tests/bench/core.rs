//! Measures the core without network or terminal: commits, loads, reconcile, decide and drawing, with stores and boards
//! of several sizes. `cargo bench --bench core`.

mod stage;

#[path = "terminal/floor.rs"]
mod floor;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use corkboard::domain::Board;
use corkboard::domain::board::Place;
use corkboard::domain::command::{Command, decide};
use corkboard::domain::mapping::Status;
use corkboard::store::Db;
use corkboard::support::clock::{Clock, SystemClock, Timestamp};
use corkboard::sync::{Policies, judge};
use corkboard::tui::state::{Setup, State};
use corkboard::tui::{update, view};
use divan::Bencher;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;

use stage::{Times, columns, item, mapping, ms, rules, say, settings};

const SIZES: [u64; 2] = [10_000, 100_000];
const SCREENS: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
/// Moves whose commits are timed one by one.
const COMMITS: usize = 500;

fn main() {
    commits();
    divan::main();
}

/// Stores filled once for all benchmarks of a size; they go with the process.
fn filled(cards: u64) -> Arc<Mutex<Db>> {
    type Stores = Mutex<HashMap<u64, (tempfile::TempDir, Arc<Mutex<Db>>)>>;
    static STORES: OnceLock<Stores> = OnceLock::new();
    let mut stores = STORES.get_or_init(Stores::default).lock().unwrap_or_else(PoisonError::into_inner);
    let (_, db) = stores.entry(cards).or_insert_with(|| {
        let dir = tempfile::tempdir().expect("a directory");
        stage::fill(dir.path(), cards);
        let db = Db::open(&dir.path().join("corkboard.db"), Arc::new(SystemClock)).expect("a database");
        (dir, Arc::new(Mutex::new(db)))
    });
    db.clone()
}

fn board(cards: u64) -> Board {
    filled(cards).lock().unwrap_or_else(PoisonError::into_inner).board("bench", &columns()).expect("a board")
}

/// Commits of one move, each a transaction on the disk: a percentile says more than a mean.
fn commits() {
    for cards in SIZES {
        let mut board = board(cards);
        let store = filled(cards);
        let mut db = store.lock().unwrap_or_else(PoisonError::into_inner);
        let rules = rules();
        let [from, to] = ["proposed", "approved"].map(Status::new);
        let ids: Vec<_> = board.ids_in(&from).take(COMMITS).collect();
        let mut times = Times::default();
        for card in ids {
            let changes =
                decide(&board, Command::Move { card, to: to.clone(), place: Place::Top }).expect("a move");
            changes.iter().for_each(|c| board.apply(c));
            times.0.push(stage::timed(|| db.commit(&changes, &rules).expect("committed")).0);
        }
        let worst = times.0.iter().max().copied().unwrap_or(Duration::ZERO);
        say(&format!(
            "commit of one move, {cards} cards: p50 {}, p99 {}, worst {}",
            ms(times.p50()),
            ms(times.p99()),
            ms(worst)
        ));
    }
}

#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn board_load(bencher: Bencher<'_, '_>, cards: u64) {
    let db = filled(cards);
    let db = db.lock().unwrap_or_else(PoisonError::into_inner);
    bencher.bench_local(|| db.board("bench", &columns()).expect("a board"));
}

#[divan::bench(args = SIZES)]
fn first_page(bencher: Bencher<'_, '_>, cards: u64) {
    let db = filled(cards);
    let db = db.lock().unwrap_or_else(PoisonError::into_inner);
    bencher.bench_local(|| db.first_page("bench", &columns(), 40).expect("a page"));
}

#[divan::bench(args = SIZES)]
fn changed_since_the_last_write(bencher: Bencher<'_, '_>, cards: u64) {
    let db = filled(cards);
    let db = db.lock().unwrap_or_else(PoisonError::into_inner);
    let touched = db.touched().expect("a number");
    bencher.bench_local(|| db.changed_since(touched - 1).expect("changes"));
}

#[divan::bench]
fn judge_an_item_that_did_not_change(bencher: Bencher<'_, '_>) {
    let (item, mapping, policies) = (item(7), mapping(), Policies::default());
    let (fields, _) = item.fields(&mapping);
    let known = judge::Known {
        sent: None,
        base: Some(fields.clone()),
        card: fields,
        edited: std::collections::BTreeMap::new(),
        archived: false,
        open_conflicts: vec![],
        undoing: vec![],
        flapping: vec![],
        told: corkboard::domain::mapping::Told::default(),
    };
    bencher.bench_local(|| judge::judge(&known, &item, &mapping, &policies, 0));
}

#[divan::bench(args = SIZES)]
fn decide_a_move(bencher: Bencher<'_, '_>, cards: u64) {
    let board = board(cards);
    let card = board.ids_in(&Status::new("proposed")).nth(500).expect("a card");
    let command = Command::Move { card, to: Status::new("approved"), place: Place::Top };
    bencher.bench_local(|| decide(&board, command.clone()).expect("a move"));
}

fn state(cards: u64, size: (u16, u16)) -> State {
    let now = SystemClock.now();
    let settings = Arc::new(settings("http://127.0.0.1:1"));
    let setup = Setup {
        settings,
        board: board(cards),
        health: vec![],
        me: vec![],
        now,
        remembered: std::collections::BTreeMap::new(),
        depth: corkboard::tui::theme::Depth::Indexed,
        size,
    };
    let mut state = State::new(setup).expect("a state");
    state.loading = false;
    update::reveal(&mut state);
    state
}

fn terminal(size: (u16, u16)) -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal")
}

fn frames() -> impl Iterator<Item = (u64, (u16, u16))> {
    [100, 10_000, 100_000].into_iter().flat_map(|cards| SCREENS.map(|size| (cards, size)))
}

/// A whole frame: what is on the screen is laid out and drawn, and compared with the last frame.
#[divan::bench(args = frames().map(|(c, (w, h))| Frame(c, w, h)).collect::<Vec<_>>())]
fn frame(bencher: Bencher<'_, '_>, at: &Frame) {
    let state = state(at.0, (at.1, at.2));
    let mut terminal = terminal((at.1, at.2));
    bencher.bench_local(|| {
        let drawn = terminal.draw(|frame| {
            let _ = view::draw(&state, frame.buffer_mut());
        });
        drawn.expect("drawn");
    });
}

/// The floor's frame of the same size.
#[divan::bench(args = frames().map(|(c, (w, h))| Frame(c, w, h)).collect::<Vec<_>>())]
fn frame_of_the_floor(bencher: Bencher<'_, '_>, at: &Frame) {
    let mut floor = floor::Floor::new(at.0);
    let mut terminal = terminal((at.1, at.2));
    bencher.bench_local(|| {
        terminal.draw(|frame| floor.draw(Rect::new(0, 0, at.1, at.2), frame.buffer_mut())).expect("drawn");
    });
}

/// Cards, columns and rows of a frame.
#[derive(Debug, Clone, Copy)]
struct Frame(u64, u16, u16);

impl std::fmt::Display for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} cards, {}x{}", self.0, self.1, self.2)
    }
}

/// A key that moves the focus, without the drawing.
#[divan::bench(args = [100_u64, 10_000, 100_000])]
fn key_to_state(bencher: Bencher<'_, '_>, cards: u64) {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let mut state = state(cards, (120, 40));
    let keys = ['j', 'k'].map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    let mut n = 0;
    bencher.bench_local(|| {
        n += 1;
        update::update(&mut state, Timestamp(0), update::Event::Key(keys[n % 2]))
    });
}

/// A body as long as a platform takes, with everything in it that costs something.
fn long_body() -> String {
    let part = "## Heading\n\nA line of *words* with `code` and https://example.com/a_b.\n- [x] done\n  - nested\n\n\
        | a | b |\n|---|--:|\n| one | 2 |\n\n```rust\nlet wait = backoff.next(attempt); // soon\n```\n\n> quoted\n\n";
    let mut body = part.repeat(65_536 / part.len());
    body.push_str(&"x".repeat(65_536 - body.len()));
    body
}

/// The longest body there is, laid out for a width: done once when a card is opened, and again when the width changes.
#[divan::bench(args = [40_u16, 76, 100])]
fn body_of_65536_characters(bencher: Bencher<'_, '_>, columns: u16) {
    use corkboard::tui::screens::markdown::{Look, read};
    let body = long_body();
    let inks = corkboard::tui::ink::Inks::new();
    bencher.bench_local(|| read(&body, columns, Look::default(), &inks));
}

/// Lines of code looked at, by a thread of its own.
#[divan::bench(args = [10_usize, 400])]
fn code_looked_at(bencher: Bencher<'_, '_>, lines: usize) {
    use corkboard::tui::ink::{CodeBlock, inked};
    let code = "    let wait = backoff.next(attempt).min(Duration::from_secs(300)); // soon\n".repeat(lines);
    let block = CodeBlock { language: "rust".into(), code };
    bencher.bench_local(|| inked(&block));
}
