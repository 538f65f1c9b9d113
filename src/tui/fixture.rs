//! Boards for tests: believable, small, and the same every time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use uuid::Uuid;

use super::effect::Effect;
use super::state::{Setup, State};
use super::theme::Depth;
use super::update::{Event, update};
use crate::config::keymap::KeySettings;
use crate::config::settings::{ConnectionSettings, Direction, Platform, Settings, TokenSource, UiSettings};
use crate::domain::board::{Board, Column, RANK_GAP};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::health::{Health, HealthState, RateLimit};
use crate::domain::link::{ConnectionName, Link, LinkId, SyncStatus};
use crate::domain::mapping::{OpenState, PlatformState, Status, StatusMapping, Target};
use crate::domain::moves::{Move, Need, RESOLUTION, Ways};
use crate::support::clock::Timestamp;
use crate::support::shared::Shared;

/// The moment all tests happen.
pub const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// The id of card `n`.
pub fn id(n: u128) -> CardId {
    CardId(Uuid::from_u128(n))
}

/// Card `n`, linked to `core#n` and in step.
pub fn card(
    n: u128,
    title: &str,
    status: &str,
    labels: &[&str],
    people: &[&str],
    milestone: Option<&str>,
) -> Card {
    let own = |names: &[&str]| names.iter().map(|&s| s.to_owned()).collect();
    Card {
        id: id(n),
        kind: Kind::Issue,
        title: title.to_owned(),
        status: Status::new(status),
        rank: n as i64 * RANK_GAP,
        labels: own(labels),
        assignees: own(people),
        milestone: milestone.map(str::to_owned),
        extra: Shared::default(),
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        links: vec![link(n)],
    }
}

/// A link in step.
pub fn link(n: u128) -> Link {
    Link {
        id: LinkId(Uuid::from_u128(n)),
        connection: ConnectionName::new("core"),
        number: Some(n as u64),
        url: Some(format!("https://github.test/octo/app/issues/{n}")),
        sync: SyncStatus::Synced,
        note: None,
        conflict: false,
        sending: false,
        asks: false,
        mapped: true,
    }
}

/// The columns of the test board.
pub fn columns() -> Vec<Column> {
    [("todo", "To Do"), ("doing", "In Progress"), ("review", "Review"), ("done", "Done")]
        .into_iter()
        .map(|(s, t)| Column { status: Status::new(s), title: t.to_owned() })
        .collect()
}

const TITLES: [&str; 12] = [
    "Retry on 502",
    "Drag cards with the mouse and drop them on a header",
    "Circuit breaker keeps its cool-down over a restart",
    "Config schema",
    "Keep the losing side of a conflict",
    "Import of milestones",
    "Wide characters never break the grid",
    "Health panel: sparkline of latencies",
    "Do not echo our own changes",
    "Token from a command",
    "Undo a move",
    "A sync without edits makes zero writes",
];

/// A board of `n` cards, from 1, spread over the columns.
pub fn board(n: u128) -> Board {
    let columns = columns();
    let mut board = Board::new("app v1.2", columns.clone());
    for k in 1..=n {
        let at = k as usize;
        let labels: &[&str] = [&["bug"][..], &["ui", "help wanted"], &[], &["sync"]][at % 4];
        let people: &[&str] = [&["ana"][..], &[], &["ben", "cy"]][at % 3];
        let milestone = at.is_multiple_of(5).then_some("v1.2");
        let status = columns[at % 4].status.as_str();
        board.upsert(card(k, TITLES[at % TITLES.len()], status, labels, people, milestone));
    }
    board
}

/// Settings with one connection `core` that maps all columns but `review`.
pub fn settings() -> Settings {
    let target = |label: &str| Target { label: Some(label.to_owned()), ..Target::default() };
    let closed = Target { state: Some(OpenState::Closed), ..Target::default() };
    let targets: indexmap::IndexMap<Status, Target> = [
        (Status::new("todo"), target("todo")),
        (Status::new("doing"), target("doing")),
        (Status::new("done"), closed),
    ]
    .into_iter()
    .collect();
    Settings {
        file: Some(PathBuf::from("corkboard.toml")),
        source: None,
        board_name: "app v1.2".into(),
        board_kind: crate::config::settings::BoardKind::default(),
        columns: columns(),
        connections: vec![ConnectionSettings {
            name: ConnectionName::new("core"),
            platform: Platform::Github,
            repository: "octo/app".into(),
            project: None,
            user: None,
            api_url: "https://api.github.com".parse().expect("a URL"),
            token: TokenSource::Env("GITHUB_TOKEN".into()),
            direction: Direction::default(),
            mode: crate::config::settings::Mode::default(),
            guards: crate::config::settings::Guards::default(),
            interval: Duration::from_mins(1),
            write_pace: Duration::from_secs(1),
            default_labels: vec![],
            issue_template: None,
            mapping: StatusMapping::new(columns().iter().map(|c| &c.status), &targets),
            targets,
            policies: crate::sync::reconcile::Policies::default(),
            ca_file: None,
            webhook_secret: None,
        }],
        ui: UiSettings::default(),
        keys: KeySettings::default(),
        ..Settings::default()
    }
}

/// A connection that is well.
pub fn health() -> Health {
    let mut health = Health::new(ConnectionName::new("core"), "github", "octo/app".into());
    health.state = HealthState::Healthy;
    health.last_good = Some(NOW.plus_ms(-12_000));
    health.rate = Some(RateLimit { limit: 5000, remaining: 4812, resets_at: NOW.plus_ms(1_800_000) });
    health.record(43, true);
    health
}

/// A state of the given size over a loaded board.
pub fn state_with(board: Board, settings: Settings, width: u16, height: u16) -> State {
    let setup = Setup {
        settings: Arc::new(settings),
        board,
        health: vec![health()],
        me: vec!["ana".into()],
        now: NOW,
        remembered: BTreeMap::new(),
        depth: Depth::True,
        size: (width, height),
    };
    let mut state = State::new(setup).expect("the built-in bindings");
    state.loading = false;
    state.rebuild_columns();
    state
}

/// A state of the given size over a board of `cards` cards that are issues of the Jira `plan`.
pub fn on_jira(cards: u128, width: u16, height: u16) -> State {
    let mut settings = settings();
    let named = |s: &str| Target { status: Some(s.to_owned()), ..Target::default() };
    let targets: indexmap::IndexMap<Status, Target> =
        [("todo", "To Do"), ("doing", "In Progress"), ("done", "Done")]
            .map(|(status, there)| (Status::new(status), named(there)))
            .into_iter()
            .collect();
    let connection = &mut settings.connections[0];
    connection.name = ConnectionName::new("plan");
    connection.platform = Platform::Jira;
    connection.mapping = StatusMapping::new(columns().iter().map(|c| &c.status), &targets);
    connection.targets = targets;
    let mut plain = board(cards);
    for n in 1..=cards {
        let mut card = plain.card(id(n)).cloned().expect("there");
        card.links[0].connection = ConnectionName::new("plan");
        plain.upsert(card);
    }
    let mut state = state_with(plain, settings, width, height);
    state.health[0].connection = ConnectionName::new("plan");
    state
}

/// Where an issue of `plan` can go: without more, and with a resolution.
pub fn ways(from: &str, free: &[&str], resolved: &[&str]) -> Vec<Ways> {
    let resolution = || Need {
        key: RESOLUTION.into(),
        name: "Resolution".into(),
        values: ["Done", "Won't Do", "Duplicate", "Cannot Reproduce"].map(str::to_owned).to_vec(),
    };
    let to = |status: &&str, needs| Move { status: (*status).to_owned(), closes: Some(false), needs };
    let moves = free.iter().map(|s| to(s, vec![])).chain(resolved.iter().map(|s| to(s, vec![resolution()])));
    let from = PlatformState { status: Some(from.to_owned()), ..PlatformState::default() };
    vec![Ways { connection: ConnectionName::new("plan"), from, moves: moves.collect() }]
}

/// A state of the given size over a board of `cards` cards.
pub fn state(cards: u128, width: u16, height: u16) -> State {
    state_with(board(cards), settings(), width, height)
}

/// The state as it would stand on a terminal.
pub fn picture(state: &State) -> String {
    let mut terminal =
        Terminal::new(TestBackend::new(state.area.width, state.area.height)).expect("a test backend");
    terminal
        .draw(|frame| {
            let _ = super::view::draw(state, frame.buffer_mut());
        })
        .expect("a test backend");
    let buf = terminal.backend().buffer();
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            x += crate::tui::paint::width(symbol).max(1) as u16;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Presses these keys: `\r` is enter, `\x1b` escape; returns what they ask for.
pub fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    let code = |c| match c {
        '\r' => KeyCode::Enter,
        '\x1b' => KeyCode::Esc,
        c => KeyCode::Char(c),
    };
    let event = |c| Event::Key(KeyEvent::new(code(c), KeyModifiers::NONE));
    keys.chars().flat_map(|c| update(state, NOW, event(c))).collect()
}
