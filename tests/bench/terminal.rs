//! Measures the real binary in a terminal, beside the floor (this program, started with `floor N`) in turns in the
//! same run. `cargo bench --bench terminal [-- N..]`, N being numbers of cards; Linux only: it reads /proc.

mod stage;

#[path = "terminal/floor.rs"]
mod floor;
#[path = "terminal/pty.rs"]
mod pty;

use std::path::Path;
use std::time::{Duration, Instant};

use corkboard::sandbox::{Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use portable_pty::CommandBuilder;

use pty::{Answer, Pty, pause};
use stage::{Times, ms, ratio, say, table};

/// The terminal's columns and rows.
const SIZE: (u16, u16) = (120, 40);
/// How often a start is measured.
const STARTS: usize = 11;
/// How many keys are measured.
const KEYS: usize = 200;
/// Keys of one program before it is the other's turn.
const BLOCK: usize = 20;
/// How long idleness is watched.
const IDLE: Duration = Duration::from_secs(10);
/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_millis(500);

type Row = Vec<String>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if arguments.first().is_some_and(|a| a == "floor") {
        let cards = arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(100);
        floor::run(cards).expect("a terminal");
        return;
    }
    let mut sizes: Vec<u64> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![100, 10_000, 100_000];
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let options =
        SandboxOptions { seed: Seed::Count(0), primary_limit: 1_000_000, ..SandboxOptions::default() };
    let sandbox = runtime.block_on(Sandbox::start(options)).expect("a sandbox");
    for cards in sizes {
        Desk::new(sandbox.url(), cards).measure();
    }
}

/// A home with a filled board.
struct Desk {
    home: tempfile::TempDir,
    cards: u64,
    /// How many cards the first column has.
    first_column: String,
}

impl Desk {
    fn new(url: &str, cards: u64) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let data = home.path().join("data");
        std::fs::create_dir(&data).expect("a directory");
        stage::fill(&data, cards);
        std::fs::write(home.path().join("config.toml"), config(url)).expect("written");
        let db = corkboard::store::Db::open(
            &data.join("corkboard.db"),
            std::sync::Arc::new(corkboard::support::clock::SystemClock),
        )
        .expect("a database");
        let counts = db.counts().expect("counts");
        let first = counts.iter().find(|(s, _)| s.as_str() == "proposed").map_or(0, |(_, n)| *n);
        Self { home, cards, first_column: format!(" {first} ") }
    }

    fn board(&self) -> Pty {
        let path = |p: &Path| p.to_string_lossy().into_owned();
        let home = self.home.path();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_corkboard"));
        command.args(["--config", &path(&home.join("config.toml")), "--data-dir", &path(&home.join("data"))]);
        command.env("HOME", home);
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            command.env(name, home.join(name));
        }
        command.env("CORKBOARD_BENCH_TOKEN", WRITE_TOKEN);
        Pty::start(command, SIZE.0, SIZE.1)
    }

    fn floor(cards: u64) -> Pty {
        let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
        command.args(["floor", &cards.to_string()]);
        Pty::start(command, SIZE.0, SIZE.1)
    }

    fn measure(&self) {
        say(&format!("## {} cards, {}x{}\n", self.cards, SIZE.0, SIZE.1));
        let mut rows = self.starts();
        let (mut a, mut b) = (self.settled_floor(), self.settled_board());
        rows.extend(keys(&mut a, &mut b));
        rows.extend(moves(&mut b));
        rows.extend(drags(&mut b));
        rows.extend(burst(&mut a, &mut b));
        a.end();
        b.end();
        let (mut a, mut b) = (self.settled_floor(), self.settled_board());
        rows.extend(idle(&a, &b));
        rows.extend(sizes(&mut a, &mut b));
        rows.extend(slow(&mut b));
        a.end();
        b.end();
        table(&["what", "floor", "corkboard", "ratio"], &rows);
    }

    fn settled_floor(&self) -> Pty {
        let floor = Self::floor(self.cards);
        floor.settle(Duration::from_millis(500));
        floor
    }

    /// A board whose first pull is done.
    fn settled_board(&self) -> Pty {
        let board = self.board();
        assert!(board.shows(|s| s.contains(&self.first_column)).is_some(), "{}", board.picture());
        board.settle(Duration::from_millis(1_500));
        board
    }

    /// From the start of the process to the first cards, to the counted board, and the memory of that.
    fn starts(&self) -> Vec<Row> {
        let (mut small, mut same, mut first, mut usable) =
            (Times::default(), Times::default(), Times::default(), Times::default());
        let (mut floor_kib, mut board_kib) = (0, 0);
        let shown = |s: &str| s.contains('#');
        for _ in 0..STARTS {
            let floor = Self::floor(100);
            small.0.extend(floor.shows(shown));
            floor.end();
            let floor = Self::floor(self.cards);
            same.0.extend(floor.shows(shown));
            floor_kib = floor_kib.max(floor.usage().peak_kib);
            floor.end();
            let board = self.board();
            first.0.extend(board.shows(shown));
            usable.0.extend(board.shows(|s| s.contains(&self.first_column)));
            board.settle(Duration::from_millis(300));
            board_kib = board_kib.max(board.usage().peak_kib);
            board.end();
        }
        let mib = |kib: u64| format!("{:.1} MiB", kib as f64 / 1024.0);
        vec![
            vec![
                "first paint (floor: 100 cards)".into(),
                ms(small.p50()),
                ms(first.p50()),
                ratio(first.p50(), small.p50()),
            ],
            vec![
                "usable (floor: as many cards)".into(),
                ms(same.p50()),
                ms(usable.p50()),
                ratio(usable.p50(), same.p50()),
            ],
            vec!["peak memory".into(), mib(floor_kib), mib(board_kib), String::new()],
        ]
    }
}

fn config(url: &str) -> String {
    format!(
        r#"[board]
name = "Bench"

[status_mapping]
proposed = "Backlog"
approved = "To Do"
in_progress = "In Progress"
completed = "Done"

[[connection]]
name = "core"
platform = "github"
repository = "octo/app"
api_url = "{url}"
token = {{ env = "CORKBOARD_BENCH_TOKEN" }}
interval = "60s"

[connection.status_mapping]
proposed = {{ label = "status: proposed" }}
approved = {{ label = "status: approved" }}
in_progress = {{ label = "status: in progress" }}
completed = {{ state = "closed", reason = "completed" }}
"#
    )
}

/// Times of many answers as a row, and their bytes as another.
fn two(what: &str, floor: &[Answer], board: &[Answer]) -> Vec<Row> {
    let last = |all: &[Answer]| Times(all.iter().map(|a| a.last).collect());
    let bytes = |all: &[Answer]| {
        let mut all: Vec<usize> = all.iter().map(|a| a.bytes).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or(0)
    };
    let both = |t: &Times| format!("{} / {}", ms(t.p50()), ms(t.p99()));
    let (a, b) = (last(floor), last(board));
    let (floor_text, ratio_text) = if floor.is_empty() {
        ("-".into(), "-".into())
    } else {
        (both(&a), format!("{} / {}", ratio(b.p50(), a.p50()), ratio(b.p99(), a.p99())))
    };
    let floor_bytes = if floor.is_empty() { "-".into() } else { bytes(floor).to_string() };
    vec![
        vec![format!("{what} to last byte, p50 / p99"), floor_text, both(&b), ratio_text],
        vec![format!("{what}, bytes, median"), floor_bytes, bytes(board).to_string(), String::new()],
    ]
}

/// Focus moves, in turns: to a card that is on the screen, and far enough down that the column scrolls.
fn keys(floor: &mut Pty, board: &mut Pty) -> Vec<Row> {
    let mut rows = Vec::new();
    for (what, run) in [("focus move", 2), ("focus move, scrolling", BLOCK)] {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..KEYS / BLOCK / 2 {
            for (program, answers) in [(&mut *floor, &mut a), (&mut *board, &mut b)] {
                for n in 0..2 * BLOCK {
                    answers.extend(program.ask(if n / run % 2 == 0 { b"j" } else { b"k" }, PATIENCE));
                }
            }
        }
        rows.extend(two(what, &a, &b));
    }
    rows
}

/// Cards moved to the next column and back while sync sends them.
fn moves(board: &mut Pty) -> Vec<Row> {
    let mut answers = Vec::new();
    for n in 0..KEYS / 4 {
        answers.extend(board.ask(if n % 2 == 0 { b"L" } else { b"H" }, PATIENCE));
    }
    let first = Times(answers.iter().map(|a| a.first).collect());
    let mut rows = two("card move with sync running", &[], &answers);
    let text = format!("{} / {}", ms(first.p50()), ms(first.p99()));
    rows.insert(0, vec!["card move to first byte, p50 / p99".into(), "-".into(), text, "-".into()]);
    board.settle(Duration::from_millis(500));
    rows
}

/// A card dragged about with the mouse, and let go where it came from.
fn drags(board: &mut Pty) -> Vec<Row> {
    let (x, y) = (8, 6);
    let _ = board.ask(format!("\x1b[<0;{x};{y}M").as_bytes(), PATIENCE);
    let mut answers = Vec::new();
    for step in 0..KEYS / 2 {
        let (dx, dy) = (1 + step % 60, step % 20);
        answers.extend(board.ask(format!("\x1b[<32;{};{}M", x + dx, y + dy).as_bytes(), PATIENCE));
    }
    let _ = board.ask(format!("\x1b[<0;{x};{y}m").as_bytes(), PATIENCE);
    two("drag step", &[], &answers)
}

/// A hundred keys in one write.
fn burst(floor: &mut Pty, board: &mut Pty) -> Vec<Row> {
    let (mut times, mut texts) = (Vec::new(), Vec::new());
    for program in [floor, board] {
        let answers: Vec<Answer> = (0..5)
            .flat_map(|_| [vec![b'j'; 100], vec![b'k'; 100]])
            .filter_map(|keys| program.ask(&keys, PATIENCE))
            .collect();
        let last = Times(answers.iter().map(|a| a.last).collect());
        let most = answers.iter().map(|a| a.reads).max().unwrap_or(0);
        let bytes = answers.iter().map(|a| a.bytes).max().unwrap_or(0);
        texts.push(format!("{}, at most {most} reads, {bytes} bytes", ms(last.p50())));
        times.push(last.p50());
    }
    let by = ratio(times[1], times[0]);
    vec![vec!["100 keys in one write".into(), texts[0].clone(), texts[1].clone(), by]]
}

/// What is used while nothing happens.
fn idle(floor: &Pty, board: &Pty) -> Vec<Row> {
    let mut texts = Vec::new();
    floor.forget();
    board.forget();
    let before = [floor.usage(), board.usage()];
    pause(IDLE);
    for (program, before) in [floor, board].iter().zip(before) {
        let after = program.usage();
        let woken = after.woken_since(&before);
        let named: Vec<String> = woken.iter().map(|(name, n)| format!("{name} {n}")).collect();
        let sum: u64 = woken.iter().map(|(_, n)| n).sum();
        let ticks = after.ticks - before.ticks;
        texts.push(format!("{ticks} ticks, {sum} wake-ups {}, {} bytes", named.join(" "), program.bytes()));
    }
    let what = format!("idle for {} s", IDLE.as_secs());
    vec![vec![what, texts[0].clone(), texts[1].clone(), String::new()]]
}

/// Sizes that are awkward, and a storm of them; then the repaint at the first size.
fn sizes(floor: &mut Pty, board: &mut Pty) -> Vec<Row> {
    let (mut times, mut alive) = (Vec::new(), Vec::new());
    for program in [floor, board] {
        for (columns, rows) in [(20, 5), (10, 3), (1, 1), (400, 120)] {
            program.resize(columns, rows);
            program.settle(Duration::from_millis(60));
        }
        for n in 0..60_u16 {
            program.resize(60 + n, 20 + n % 17);
            pause(Duration::from_millis(3));
        }
        program.settle(Duration::from_millis(200));
        let mut last = Times::default();
        for n in 0..10_u16 {
            program.forget();
            let begun = Instant::now();
            program.resize(SIZE.0 - n % 2, SIZE.1);
            last.0.extend(program.answer(begun, PATIENCE, Duration::from_millis(30)).map(|a| a.last));
        }
        times.push(last.p50());
        alive.push(program.is_alive());
        program.resize(SIZE.0, SIZE.1);
        program.settle(Duration::from_millis(100));
    }
    let text = |n: usize| format!("{}{}", ms(times[n]), if alive[n] { "" } else { ", died" });
    vec![vec!["resize to last byte, after a storm".into(), text(0), text(1), ratio(times[1], times[0])]]
}

/// A terminal that reads 10 KB a second, then one that does not read, while keys come.
fn slow(board: &mut Pty) -> Vec<Row> {
    let mut rows = Vec::new();
    for (what, rate) in [("10 KB/s", 10_000), ("stalled", 0)] {
        let before = board.usage();
        board.read_at(rate);
        for n in 0..KEYS {
            board.type_in(if n % 40 < 20 { b"j" } else { b"k" });
            pause(Duration::from_millis(10));
        }
        let after = board.usage();
        board.forget();
        let begun = Instant::now();
        board.read_at(u64::MAX);
        let rest = board.answer(begun, PATIENCE, Duration::from_millis(100)).unwrap_or_default();
        let text = format!(
            "{} left after {KEYS} keys, newest after {}, memory {:+} KiB",
            format_args!("{} bytes", rest.bytes),
            ms(rest.last),
            after.rss_kib as i64 - before.rss_kib as i64
        );
        rows.push(vec![format!("reader: {what}"), "-".into(), text, String::new()]);
    }
    rows
}
