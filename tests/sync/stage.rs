//! A stage for whole-engine tests: a sandbox, a board in a temporary directory, and a way to wait for facts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use corkboard::config::Settings;
use corkboard::config::settings::{
    BoardKind, ConnectionSettings, Direction, Platform, TokenSource, UiSettings,
};
use corkboard::domain::board::{Board, Column, Place};
use corkboard::domain::command::{Command, NewCard};
use corkboard::domain::mapping::{CloseReason, OpenState, Status, StatusMapping, Target};
use corkboard::domain::{CardId, ConnectionName, Kind};
use corkboard::engine::{Engine, EngineOptions, RealDial, SyncReport};
use corkboard::sandbox::{Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use corkboard::support::clock::{Clock, SystemClock};
use corkboard::sync::Policies;

/// Longest wait for any fact.
pub const DEADLINE: Duration = Duration::from_secs(20);
/// The repository of the sandbox.
pub const REPO: &str = "octo/app";

pub fn core() -> ConnectionName {
    ConnectionName::new("core")
}

pub fn statuses() -> Vec<Column> {
    [("proposed", "Backlog"), ("approved", "To Do"), ("in_progress", "In Progress"), ("completed", "Done")]
        .map(|(s, t)| Column { status: Status::new(s), title: t.to_owned() })
        .to_vec()
}

pub fn settings(url: &str) -> Settings {
    let label = |l: &str| Target { label: Some(l.into()), ..Target::default() };
    let done =
        Target { state: Some(OpenState::Closed), reason: Some(CloseReason::Completed), ..Target::default() };
    let targets: indexmap::IndexMap<Status, Target> = [
        ("proposed", label("status: proposed")),
        ("approved", label("status: approved")),
        ("in_progress", label("status: in progress")),
        ("completed", done),
    ]
    .into_iter()
    .map(|(s, t)| (Status::new(s), t))
    .collect();
    let columns = statuses();
    let connection = ConnectionSettings {
        name: core(),
        platform: Platform::Github,
        repository: REPO.into(),
        project: None,
        user: None,
        api_url: url.parse().expect("an address"),
        token: TokenSource::Env("CORKBOARD_TEST_TOKEN".into()),
        direction: Direction::Bidirectional,
        mode: corkboard::config::settings::Mode::default(),
        guards: corkboard::config::settings::Guards::default(),
        interval: Duration::from_millis(200),
        write_pace: Duration::from_millis(5),
        default_labels: vec![],
        issue_template: None,
        mapping: StatusMapping::new(columns.iter().map(|c| &c.status), &targets),
        targets,
        policies: Policies::default(),
        ca_file: None,
        webhook_secret: None,
    };
    Settings {
        file: None,
        board_name: "test".into(),
        board_kind: BoardKind::FeatureDevelopment,
        columns,
        connections: vec![connection],
        ui: UiSettings::default(),
        keys: corkboard::config::keymap::KeySettings::default(),
        source: None,
        ..Settings::default()
    }
}

pub struct Stage {
    pub sandbox: Sandbox,
    pub dir: tempfile::TempDir,
    pub settings: Settings,
    pub token: &'static str,
}

impl Stage {
    pub async fn new(seed: Seed) -> Self {
        let options = SandboxOptions { seed, primary_limit: 1_000_000, ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let settings = settings(sandbox.url());
        Self { sandbox, dir: tempfile::tempdir().expect("a directory"), settings, token: WRITE_TOKEN }
    }

    /// An engine on this stage's database, as a process that has just started has it.
    pub async fn engine(&self) -> Engine {
        let token = self.token;
        let engine = Engine::open(EngineOptions {
            settings: Arc::new(self.settings.clone()),
            data_dir: self.dir.path().to_owned(),
            clock: Arc::new(SystemClock),
            dial: Arc::new(RealDial::new(Arc::new(move |_| Ok(token.to_owned().into())))),
        })
        .expect("an engine");
        engine.register_connections().await.expect("registered");
        engine
    }

    /// One pass by a process of its own.
    pub async fn sync(&self) -> SyncReport {
        let engine = self.engine().await;
        let report = engine.sync_once(None).await.expect("a pass");
        engine.shutdown().await;
        report
    }

    /// The writes GitHub applied since the requests were last cleared.
    pub fn applied_writes(&self) -> usize {
        self.sandbox.writes().iter().filter(|w| w.applied).count()
    }
}

pub async fn board(engine: &Engine) -> Board {
    engine.board().await.expect("a board")
}

pub async fn only(engine: &Engine) -> corkboard::domain::Card {
    board(engine).await.cards().next().cloned().expect("a card")
}

pub async fn by_number(engine: &Engine, number: u64) -> corkboard::domain::Card {
    let found =
        board(engine).await.cards().find(|c| c.links.iter().any(|l| l.number == Some(number))).cloned();
    found.unwrap_or_else(|| panic!("no card of issue {number}"))
}

pub fn new_card(title: &str) -> (CardId, Command) {
    let id = CardId::random();
    let card = NewCard {
        id,
        kind: Kind::Issue,
        title: title.into(),
        body: "A body.".into(),
        status: Status::new("approved"),
        labels: BTreeSet::from(["bug".to_owned()]),
        assignees: BTreeSet::new(),
        milestone: None,
        extra: std::collections::BTreeMap::new(),
        connections: vec![core()],
        at: SystemClock.now(),
    };
    (id, Command::Create(card))
}

pub async fn run(engine: &Engine, command: Command) {
    engine.carry_out(command).await.expect("carried out");
}

pub async fn move_to(engine: &Engine, card: CardId, to: &str) {
    run(engine, Command::Move { card, to: Status::new(to), place: Place::Top }).await;
}

/// Waits until `fact` holds of the board.
pub async fn until(engine: &Engine, what: &str, fact: impl Fn(&Board) -> bool) {
    let mut health = engine.health();
    let deadline = tokio::time::Instant::now() + DEADLINE;
    loop {
        if fact(&board(engine).await) {
            return;
        }
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        assert!(!left.is_zero(), "waited in vain for: {what}");
        // Every step of a worker changes its health; the short bound covers writes of other processes.
        let _ = tokio::time::timeout(left.min(Duration::from_millis(50)), health.changed()).await;
    }
}
