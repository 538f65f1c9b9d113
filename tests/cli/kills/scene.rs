//! One story: a repository, a data directory, people on both sides, and a process that is killed over and over.

use std::fmt;
use std::io::Read;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use corkboard::config::Settings;
use corkboard::domain::board::{Board, Place};
use corkboard::domain::command::{Command, NewCard};
use corkboard::domain::fields::{SetDelta, canonical_body};
use corkboard::domain::mapping::Status;
use corkboard::domain::{CardId, ConnectionName, Kind};
use corkboard::engine::{Engine, EngineOptions, RealDial};
use corkboard::sandbox::{IssueView, Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use corkboard::support::clock::{Clock, SystemClock};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::Dice;
use super::ledger::Ledger;
use crate::home::{Home, config};

const REPO: &str = "octo/app";
/// Issues there are from the start.
const ISSUES: usize = 8;
/// Issues only people at the web pages edit: all of theirs may change while a pass is under way. Of the others only
/// labels do: GitHub has no precondition, and a title that is set twice within one moment has no history to mend from.
const THEIRS: u64 = 2;
const COLUMNS: [&str; 4] = ["proposed", "approved", "in_progress", "completed"];
const SKIES: [&str; 6] = [
    "latency=1ms",
    "latency=3ms",
    "WRITE p=0.2 drop-after; latency=2ms",
    "WRITE p=0.2 truncate; latency=2ms",
    "p=0.1 status=502; latency=1ms",
    "READ p=0.2 drop-before; latency=2ms",
];

/// What the kills met.
#[derive(Default)]
pub struct Tally {
    pub kills: u32,
    pub in_a_terminal: u32,
    pub during_a_pass: u32,
    pub creates_in_doubt: u32,
    pub claims_left: u32,
    pub comments_waiting: u32,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills, {} of them of the board in a terminal; {} met a process at work; after {} a create was in \
             doubt, after {} a claim was left behind, after {} a comment was not known to have arrived",
            self.kills,
            self.in_a_terminal,
            self.during_a_pass,
            self.creates_in_doubt,
            self.claims_left,
            self.comments_waiting
        )
    }
}

pub struct Scene {
    pub dice: Dice,
    seed: u64,
    sandbox: Sandbox,
    home: Home,
    settings: Arc<Settings>,
    ledger: Ledger,
}

impl Scene {
    pub async fn new(seed: u64) -> Self {
        let options = SandboxOptions {
            seed: Seed::Count(ISSUES),
            primary_limit: 1_000_000,
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        // One policy that always decides, so that both sides end equal; the other side is kept as the loser.
        let policy = ["local", "remote"][seed as usize % 2];
        let text = config(sandbox.url())
            .replace("interval = \"1s\"", &format!("interval = \"1s\"\nconflicts = \"{policy}\""));
        let home = Home::new();
        home.write("config.toml", &text);
        let settings = Arc::new(corkboard::config::parse(&text, None).expect("a config"));
        let dice = Dice(seed.wrapping_mul(7_919) + 1);
        let scene = Self { dice, seed, sandbox, home, settings, ledger: Ledger::default() };
        scene.settle();
        scene
    }

    /// Our own look at the database, as another process on the machine has it.
    async fn engine(&self) -> Engine {
        let engine = Engine::open(EngineOptions {
            settings: self.settings.clone(),
            data_dir: self.home.path("data"),
            clock: Arc::new(SystemClock),
            dial: Arc::new(RealDial::new(Arc::new(|_| Ok(WRITE_TOKEN.to_owned().into())))),
        })
        .expect("the database opens");
        engine.register_connections().await.expect("registered");
        engine
    }

    fn arguments(&self, command: &[&str]) -> Vec<String> {
        let text = |inside| self.home.path(inside).to_string_lossy().into_owned();
        let own = ["--config".into(), text("config.toml"), "--data-dir".into(), text("data")];
        own.into_iter().chain(command.iter().map(|&c| c.to_owned())).collect()
    }

    fn dress(&self, mut set: impl FnMut(&str, &str)) {
        let home = self.home.path("").to_string_lossy().into_owned();
        set("HOME", &home);
        set("XDG_STATE_HOME", &format!("{home}/state"));
        set("CORKBOARD_TEST_TOKEN", WRITE_TOKEN);
        set("TERM", "xterm-256color");
    }

    fn pass(&self) -> Process {
        let mut process = Process::new(env!("CARGO_BIN_EXE_corkboard"));
        process.args(self.arguments(&["sync", "--once", "--json"]));
        self.dress(|k, v| {
            process.env(k, v);
        });
        process
    }

    /// Passes under a clear sky until nothing is owed.
    pub fn settle(&self) {
        self.sandbox.set_faults("".parse().expect("faults"));
        let mut last = String::new();
        for _ in 0..30 {
            let out = self.pass().output().expect("it runs");
            last = String::from_utf8_lossy(&out.stdout).into_owned();
            let report: serde_json::Value = serde_json::from_str(&last).expect("JSON");
            let core = &report["connections"][0];
            if core["unsent"] == 0 && core["error"].is_null() {
                return;
            }
        }
        panic!("story {} never settled: {last}", self.seed);
    }

    /// How long a process with as much to do as each of the killed ones takes to its end.
    pub async fn measure_a_busy_pass(&mut self) -> Duration {
        self.edit_here(6).await;
        self.edit_there(2);
        self.sandbox.set_faults("latency=2ms".parse().expect("faults"));
        let began = Instant::now();
        let out = self.pass().output().expect("it runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        began.elapsed()
    }

    pub fn cloud_the_sky(&mut self) {
        let sky = SKIES[self.dice.roll(SKIES.len())];
        self.sandbox.set_faults(sky.parse().expect("faults"));
    }

    /// One to `most` edits made on this side.
    pub async fn edit_here(&mut self, most: usize) {
        let engine = self.engine().await;
        for _ in 0..=self.dice.roll(most) {
            let board = engine.board().await.expect("a board");
            let command = self.pick(&engine, &board).await;
            engine.carry_out(command).await.expect("committed");
        }
        engine.shutdown().await;
    }

    async fn pick(&mut self, engine: &Engine, board: &Board) -> Command {
        let mut cards: Vec<_> = board
            .cards()
            .filter(|c| c.links.iter().any(|l| l.number.is_none_or(|n| n > THEIRS)))
            .map(|c| (c.links[0].number.is_none(), c.links[0].number, c.title.clone(), c.id))
            .collect();
        cards.sort();
        let card = cards[self.dice.roll(cards.len())].3;
        let word = self.ledger.word("here");
        match self.dice.roll(7) {
            0 | 1 => self.create(word),
            2 => {
                let to = Status::new(COLUMNS[self.dice.roll(COLUMNS.len())]);
                Command::Move { card, to, place: Place::Top }
            }
            3 => {
                self.ledger.texts_here.entry((card, "title")).or_default().push(word.clone());
                Command::Retitle { card, title: word }
            }
            4 => {
                self.ledger.texts_here.entry((card, "body")).or_default().push(word.clone());
                let before = engine.card_detail(card).await.expect("read").expect("there").body;
                Command::Rewrite { card, before, after: format!("{word}\n\n- [ ] a task") }
            }
            5 => {
                self.ledger.labels_here.entry(card).or_default().insert(word.clone());
                Command::Label { card, delta: SetDelta { add: [word].into(), ..SetDelta::default() } }
            }
            _ => {
                self.ledger.comments_here.entry(card).or_default().push(word.clone());
                Command::Comment { card, body: word }
            }
        }
    }

    fn create(&mut self, title: String) -> Command {
        let id = CardId::random();
        self.ledger.created.push(id);
        self.ledger.texts_here.entry((id, "title")).or_default().push(title.clone());
        Command::Create(NewCard {
            id,
            kind: Kind::Issue,
            title,
            body: "A body.".into(),
            status: Status::new("approved"),
            labels: ["bug".to_owned()].into(),
            assignees: std::collections::BTreeSet::new(),
            milestone: None,
            extra: std::collections::BTreeMap::new(),
            connections: vec![ConnectionName::new("core")],
            at: SystemClock.now(),
        })
    }

    /// Edits people make at the web pages while no process of ours runs.
    pub fn edit_there(&mut self, most: usize) {
        for _ in 0..self.dice.roll(most + 1) {
            let numbers: Vec<u64> = self.issues().iter().map(|i| i.number).collect();
            let number = numbers[self.dice.roll(numbers.len())];
            self.edit_issue(number);
        }
    }

    fn edit_issue(&mut self, number: u64) {
        let (web, word) = (self.sandbox.web("cy"), self.ledger.word("there"));
        let done = match self.dice.roll(6) {
            0 => {
                self.ledger.texts_there.entry((number, "title")).or_default().push(word.clone());
                web.set_title(REPO, number, &word)
            }
            1 => {
                self.ledger.texts_there.entry((number, "body")).or_default().push(word.clone());
                // Whoever edits the text keeps what they do not see.
                let old = self.sandbox.issue(REPO, number).expect("there").body.unwrap_or_default();
                let marker = old.lines().last().filter(|l| l.starts_with("<!--")).unwrap_or_default();
                web.set_body(REPO, number, &format!("{word}\r\n\r\n{marker}"))
            }
            2 => {
                self.ledger.labels_there.entry(number).or_default().insert(word.clone());
                web.add_label(REPO, number, &word)
            }
            3 => web.close(REPO, number, "completed"),
            4 => {
                self.ledger.comments_there.entry(number).or_default().push(word.clone());
                web.comment(REPO, number, &word).map(|_| ())
            }
            _ => {
                self.ledger.opened += 1;
                web.create_issue(REPO, &word, "From there.").map(|_| ())
            }
        };
        done.expect("edited");
    }

    /// A label on whatever issue, which our own write of that issue's labels must not cost.
    fn label_any_issue(&mut self) {
        let numbers: Vec<u64> = self.issues().iter().map(|i| i.number).collect();
        let (number, word) = (numbers[self.dice.roll(numbers.len())], self.ledger.word("there"));
        self.sandbox.web("cy").add_label(REPO, number, &word).expect("labelled");
        self.ledger.labels_there.entry(number).or_default().insert(word);
    }

    fn issues(&self) -> Vec<IssueView> {
        self.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request).collect()
    }

    /// Starts the process, lets people edit on, and kills it at `moment`.
    pub async fn run_and_kill(&mut self, moment: Duration, in_a_terminal: bool, tally: &mut Tally) {
        tally.kills += 1;
        let at_work = if in_a_terminal {
            tally.in_a_terminal += 1;
            self.kill_the_board(moment).await
        } else {
            let mut child =
                self.pass().stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
            self.let_time_pass(moment).await;
            let ended = child.try_wait().expect("asked").is_some();
            child.kill().expect("killed");
            child.wait().expect("dead");
            !ended
        };
        tally.during_a_pass += u32::from(at_work);
    }

    async fn kill_the_board(&mut self, moment: Duration) -> bool {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_corkboard"));
        command.args(self.arguments(&[]));
        self.dress(|k, v| command.env(k, v));
        let mut child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        let mut screen = pair.master.try_clone_reader().expect("a reader");
        let drain = std::thread::spawn(move || {
            let mut buffer = [0_u8; 8_192];
            while screen.read(&mut buffer).is_ok_and(|n| n > 0) {}
        });
        self.let_time_pass(moment).await;
        let ended = child.try_wait().expect("asked").is_some();
        // The terminal's own `kill` asks politely first.
        let pid = child.process_id().expect("a process").to_string();
        assert!(ended || Process::new("kill").args(["-9", &pid]).status().expect("kill runs").success());
        child.wait().expect("dead");
        drop(pair.master);
        drain.join().expect("the screen was read");
        !ended
    }

    /// Not a wait for something to happen: the moment of death is what is tried. Half-way people edit on.
    async fn let_time_pass(&mut self, moment: Duration) {
        let half = self.dice.micros(moment);
        let pause = |time| tokio::time::timeout(time, std::future::pending::<()>());
        let began = Instant::now();
        pause(half).await.ok();
        match self.dice.roll(3) {
            0 => {
                let number = 1 + self.dice.roll(THEIRS as usize) as u64;
                self.edit_issue(number);
            }
            1 => self.label_any_issue(),
            _ => {}
        }
        pause(moment.saturating_sub(began.elapsed())).await.ok();
    }

    fn database(&self) -> rusqlite::Connection {
        let db = rusqlite::Connection::open(self.home.path("data/corkboard.db")).expect("the database opens");
        db.busy_timeout(Duration::from_secs(10)).expect("set");
        db
    }

    /// What the death left behind; and the database is whole.
    pub fn look_at_the_database(&self, tally: &mut Tally) {
        let db = self.database();
        let whole: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0)).expect("checked");
        assert_eq!(whole, "ok", "story {}", self.seed);
        let any = |sql: &str| db.query_row(sql, [], |r| r.get::<_, bool>(0)).expect("counted");
        tally.creates_in_doubt += u32::from(any("SELECT EXISTS (SELECT 1 FROM intents)"));
        tally.claims_left +=
            u32::from(any("SELECT EXISTS (SELECT 1 FROM outbox WHERE lease_until IS NOT NULL)"));
        tally.comments_waiting += u32::from(any(
            "SELECT EXISTS (SELECT 1 FROM deliveries d JOIN feature_issue_links l ON l.id = d.link_id \
             WHERE l.remote_id IS NOT NULL)",
        ));
    }

    /// One issue for each card, each comment once, each edit on both sides or kept; and then all is quiet.
    pub async fn check(&self) {
        let engine = self.engine().await;
        let (board, issues, story) = (engine.board().await.expect("a board"), self.issues(), self.seed);
        let ledger = &self.ledger;
        assert_eq!(board.len(), issues.len(), "story {story}: a card for each issue");
        let expected = ISSUES + ledger.opened as usize + ledger.created.len();
        assert_eq!(issues.len(), expected, "story {story}: an issue for each that was made");
        for issue in &issues {
            let mine: Vec<_> =
                board.cards().filter(|c| c.links.iter().any(|l| l.number == Some(issue.number))).collect();
            assert_eq!(mine.len(), 1, "story {story}: #{}", issue.number);
            let card = mine[0];
            let detail = engine.card_detail(card.id).await.expect("read").expect("there");
            let place = format!("story {story}, #{}", issue.number);
            assert_eq!(card.title, issue.title, "{place}");
            assert_eq!(detail.body, text_of(issue), "{place}");
            assert_eq!(card.status.as_str() == "completed", !issue.open, "{place}: {}", card.status);
            let status = format!("status: {}", card.status.as_str().replace('_', " "));
            assert!(!issue.open || issue.has_label(&status) || !card.links[0].mapped, "{place}: {status}");
            let labels = ledger.labels_here.get(&card.id).into_iter().flatten();
            for label in labels.chain(ledger.labels_there.get(&issue.number).into_iter().flatten()) {
                assert!(card.labels.contains(label) && issue.has_label(label), "{place} lost {label}");
            }
            let said = ledger.comments_here.get(&card.id).into_iter().flatten();
            for comment in said.chain(ledger.comments_there.get(&issue.number).into_iter().flatten()) {
                let times = issue.comments.iter().filter(|c| c.body.starts_with(comment.as_str())).count();
                assert_eq!(times, 1, "{place}: {comment}");
            }
            let wanted = ledger.comments_here.get(&card.id).map_or(0, Vec::len)
                + ledger.comments_there.get(&issue.number).map_or(0, Vec::len);
            let extra = issue.comments.iter().filter(|c| c.body.contains("here-")).count();
            assert!(extra <= wanted, "{place}: a comment that nobody made here");
        }
        for id in &ledger.created {
            let card = board.card(*id).unwrap_or_else(|| panic!("story {story}: {id:?} is gone"));
            assert!(card.links[0].number.is_some(), "story {story}: {card:?}");
        }
        self.every_text_is_there_or_kept(&board, &issues);
        engine.shutdown().await;
        self.all_is_quiet();
    }

    /// A title or body is on both sides; or a later one took its place on its own side; or it was seen on the other
    /// side and replaced there; or it lost a conflict and is kept.
    fn every_text_is_there_or_kept(&self, board: &Board, issues: &[IssueView]) {
        let db = self.database();
        let kept = |sql: &str, card: CardId, text: &str| -> bool {
            let like = format!("%{text}%");
            db.query_row(sql, rusqlite::params![card.to_string(), like], |r| r.get(0)).expect("looked up")
        };
        let lost_conflict = "SELECT EXISTS (SELECT 1 FROM conflicts k JOIN feature_issue_links l \
             ON l.id = k.link_id WHERE l.card_id = ?1 AND (k.local LIKE ?2 OR k.remote LIKE ?2))";
        // What a card was imported with is in its log once it is replaced.
        let seen = "SELECT EXISTS (SELECT 1 FROM change_log WHERE card_id = ?1 AND (after LIKE ?2 OR before LIKE ?2))";
        let writes = self.sandbox.writes();
        let number_of = |id: CardId| board.card(id).and_then(|c| c.links[0].number).expect("linked");
        for ((card, field), texts) in &self.ledger.texts_here {
            let (last, issue) = (texts.last().expect("one"), number_of(*card));
            let issue = issues.iter().find(|i| i.number == issue).expect("there");
            let now = if *field == "title" { issue.title.clone() } else { text_of(issue) };
            let there = now.contains(last.as_str());
            let was_there = writes.iter().any(|w| w.applied && w.request_body.contains(last.as_str()));
            let told = format!("story {}: {field} {last} of #{} is lost", self.seed, issue.number);
            assert!(there || was_there || kept(lost_conflict, *card, last), "{told}");
            for earlier in texts {
                assert!(kept(seen, *card, earlier), "{told}: no trace of {earlier}");
            }
        }
        for ((number, field), texts) in &self.ledger.texts_there {
            let last = texts.last().expect("one");
            let issue = issues.iter().find(|i| i.number == *number).expect("there");
            let now = if *field == "title" { issue.title.clone() } else { text_of(issue) };
            let card = board.cards().find(|c| c.links[0].number == Some(*number)).expect("a card").id;
            let found =
                now.contains(last.as_str()) || kept(seen, card, last) || kept(lost_conflict, card, last);
            assert!(found, "story {}: {field} {last} of #{number} is lost", self.seed);
        }
    }

    fn all_is_quiet(&self) {
        self.sandbox.clear_requests();
        self.settle();
        self.settle();
        assert_eq!(self.sandbox.writes().len(), 0, "story {}: quiet", self.seed);
    }
}

/// An issue's text as people see it.
fn text_of(issue: &IssueView) -> String {
    let text = canonical_body(issue.body.as_deref().unwrap_or_default());
    text.split("<!-- corkboard:").next().unwrap_or_default().trim_end().to_owned()
}
