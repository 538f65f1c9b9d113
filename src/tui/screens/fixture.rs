//! A small believable world for the tests of the screens, and ways to draw and to type.

use std::collections::BTreeSet;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::config::keymap::{Action, Key, KeySettings, Keymap, Layer, Press};
use crate::config::settings::{ConnectionSettings, Direction, Platform, Settings, ThemeName, TokenSource};
use crate::connector::{Comment, Offers, RemoteMilestone};
use crate::domain::board::{Board, Column};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::conflict::{Choice, Conflict, Decided};
use crate::domain::fields::{Field, Value};
use crate::domain::health::Health;
use crate::domain::link::{ConnectionName, Link, LinkId, SyncStatus};
use crate::domain::mapping::{CloseReason, OpenState, Status, StatusMapping, Target};
use crate::engine::{CardDetail, Comments};
use crate::support::clock::Timestamp;
use crate::support::shared::Shared;
use crate::tui::screen::{Ctx, Input, Offered, Outcome, Screen};
use crate::tui::theme::{Glyphs, Theme};

mod health;

pub use health::{asking, importing, throttled};

const NOW: Timestamp = Timestamp(1_795_000_000_000);
const MINUTE: i64 = 60_000;

/// Everything a context lends.
pub struct World {
    pub theme: Theme,
    pub glyphs: Glyphs,
    pub keymap: Keymap,
    pub settings: Settings,
    pub health: Vec<Health>,
    pub board: Board,
    pub offers: Offered,
    pub me: Vec<String>,
}

/// A moment `minutes` ago.
pub fn ago(minutes: i64) -> Timestamp {
    NOW.plus_ms(-minutes * MINUTE)
}

/// The card with this number.
pub fn id(n: u128) -> CardId {
    CardId(uuid::Uuid::from_u128(n))
}

/// A set of names.
pub fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&n| n.to_owned()).collect()
}

fn connection(
    name: &str,
    repository: &str,
    targets: &[(&str, Target)],
    statuses: &[Status],
) -> ConnectionSettings {
    let targets = targets.iter().map(|(s, t)| (Status::new(*s), t.clone())).collect();
    ConnectionSettings {
        name: ConnectionName::new(name),
        platform: Platform::Github,
        repository: repository.to_owned(),
        project: None,
        user: None,
        api_url: "https://api.github.com".parse().expect("a url"),
        token: TokenSource::Env("GITHUB_TOKEN".into()),
        direction: Direction::Bidirectional,
        mode: crate::config::settings::Mode::default(),
        guards: crate::config::settings::Guards::default(),
        interval: Duration::from_mins(1),
        write_pace: Duration::from_secs(1),
        default_labels: Vec::new(),
        issue_template: None,
        mapping: StatusMapping::new(statuses, &targets),
        targets,
        policies: crate::sync::reconcile::Policies::default(),
        ca_file: None,
        webhook_secret: None,
    }
}

fn link(connection: &str, number: u64, sync: SyncStatus, note: Option<&str>) -> Link {
    Link {
        id: LinkId(uuid::Uuid::from_u128(number.into())),
        connection: ConnectionName::new(connection),
        number: Some(number),
        url: Some(format!("https://github.com/octo/app/issues/{number}")),
        sync,
        note: note.map(str::to_owned),
        conflict: false,
        sending: false,
        asks: false,
        mapped: true,
    }
}

fn card(n: u128, title: &str, status: &str, links: Vec<Link>) -> Card {
    Card {
        id: id(n),
        kind: Kind::Issue,
        title: title.to_owned(),
        status: Status::new(status),
        rank: n as i64,
        labels: Shared::default(),
        assignees: Shared::default(),
        milestone: None,
        extra: Shared::default(),
        revision: 1,
        created_at: ago(60 * 24 * 3),
        updated_at: ago(125),
        links,
    }
}

/// A card in the first column that is on one connection.
pub fn card_on(n: u128, title: &str, connection: &str, number: u64) -> Card {
    card(n, title, "proposed", vec![link(connection, number, SyncStatus::Synced, None)])
}

impl World {
    /// One board on two connections, with a card that has everything and one that has nothing.
    pub fn new() -> Self {
        let columns = [
            ("proposed", "Backlog"),
            ("approved", "To Do"),
            ("in_progress", "In Progress"),
            ("completed", "Done"),
        ]
        .map(|(s, t)| Column { status: Status::new(s), title: t.to_owned() });
        let statuses: Vec<Status> = columns.iter().map(|c| c.status.clone()).collect();
        let label = |l: &str| Target { label: Some(l.into()), ..Target::default() };
        let closed = Target {
            state: Some(OpenState::Closed),
            reason: Some(CloseReason::Completed),
            ..Target::default()
        };
        let core = [
            ("proposed", label("status: proposed")),
            ("approved", label("status: approved")),
            ("in_progress", label("status: in progress")),
            ("completed", closed.clone()),
        ];
        let docs = [
            ("proposed", Target { state: Some(OpenState::Open), ..Target::default() }),
            ("completed", closed),
        ];
        let settings = Settings {
            file: Some("/home/ana/.config/corkboard/config.toml".into()),
            board_name: "Feature Development".into(),
            columns: columns.to_vec(),
            connections: vec![
                connection("core", "octo/app", &core, &statuses),
                connection("docs", "octo/handbook", &docs, &statuses),
            ],
            ..Settings::default()
        };
        let mut board = Board::new("Feature Development", columns);
        let refused =
            Some("Validation Failed: label `needs-a-very-long-name` is too long (maximum is 50 characters)");
        let mut full = card(
            1,
            "Retry on 502 instead of giving up while the platform restarts",
            "in_progress",
            vec![link("core", 142, SyncStatus::Synced, None), link("docs", 7, SyncStatus::Failed, refused)],
        );
        full.labels = set(&["bug", "sync"]).into();
        full.assignees = set(&["ana", "ben"]).into();
        full.milestone = Some("v1.2".into());
        board.upsert(full);
        board.upsert(card(2, "Write it down", "proposed", vec![]));
        let mut third = card(
            3,
            "日本語のタイトル 👩\u{200D}💻 with wide characters",
            "approved",
            vec![link("core", 9, SyncStatus::Pending, None)],
        );
        third.labels = set(&["ui"]).into();
        board.upsert(third);
        Self {
            theme: Theme::new(ThemeName::Terminal, false),
            glyphs: Glyphs::UNICODE,
            keymap: Keymap::build(&KeySettings::default()).expect("the built-in bindings"),
            settings,
            health: vec![health::healthy(), health::troubled()],
            board,
            offers: Offered::new(),
            me: vec!["ana".into()],
        }
    }

    /// The same with what `core` offers.
    pub fn offering() -> Self {
        let mut world = Self::new();
        world.offers.insert(ConnectionName::new("core"), Ok(offers()));
        world.offers.insert(ConnectionName::new("docs"), Ok(Offers::default()));
        world
    }

    /// A board without connections.
    pub fn local() -> Self {
        let mut world = Self::new();
        world.settings.connections.clear();
        world.health.clear();
        world
    }

    /// A context of this size.
    pub fn ctx(&self, width: u16, height: u16) -> Ctx<'_> {
        Ctx {
            theme: &self.theme,
            glyphs: &self.glyphs,
            keymap: &self.keymap,
            layer: Layer::Board,
            now: NOW,
            settings: &self.settings,
            health: &self.health,
            board: &self.board,
            offers: &self.offers,
            me: &self.me,
            loading: false,
            area: Rect::new(0, 0, width, height),
        }
    }

    /// Draws a screen as the front end does, on a terminal of this size.
    pub fn draw(&self, screen: &dyn Screen, width: u16, height: u16) -> Buffer {
        let mut ctx = Ctx { layer: screen.layer(), ..self.ctx(width, height) };
        let mut buffer = Buffer::empty(ctx.area);
        ctx.area = screen.area(ctx.area, &ctx);
        assert_eq!(ctx.area.intersection(buffer.area), ctx.area, "it wants more than there is");
        buffer.set_style(ctx.area, ctx.theme.text);
        screen.render(&mut buffer, &ctx);
        if let Some(cursor) = screen.cursor(&ctx) {
            assert!(buffer.area.contains(cursor), "the cursor stands outside");
        }
        buffer
    }

    /// The same as text.
    pub fn text(&self, screen: &dyn Screen, width: u16, height: u16) -> String {
        text(&self.draw(screen, width, height))
    }

    /// Carries out actions; what came of the last one.
    pub fn act(&self, screen: &mut dyn Screen, actions: &[Action]) -> Outcome {
        let mut ctx = self.ctx(80, 24);
        ctx.area = screen.area(ctx.area, &ctx);
        actions.iter().map(|a| screen.action(*a, &ctx)).last().unwrap_or(Outcome::Ignored)
    }

    /// Presses a key.
    pub fn press(&self, screen: &mut dyn Screen, key: Key) -> Outcome {
        let mut ctx = self.ctx(80, 24);
        ctx.area = screen.area(ctx.area, &ctx);
        screen.input(&pressed(key), &ctx)
    }

    /// Types a text, key by key.
    pub fn type_in(&self, screen: &mut dyn Screen, text: &str) {
        for c in text.chars() {
            let _ = self.press(screen, Key::Char(c));
        }
    }
}

/// Draws every size up to 12x12, every width up to 120 at some heights and every height up to 40 at some widths; panics
/// where the screen does.
pub fn survives_every_size(world: &World, screen: &dyn Screen) {
    let small = (0..=12).flat_map(|width| (0..=12).map(move |height| (width, height)));
    let widths = (13..=120).flat_map(|width| [1, 3, 6, 24, 40].map(|height| (width, height)));
    let heights = (13..=40).flat_map(|height| [1, 9, 20, 39, 80, 120].map(|width| (width, height)));
    for (width, height) in small.chain(widths).chain(heights) {
        let _ = world.draw(screen, width, height);
    }
}

fn pressed(key: Key) -> Input {
    let code = match key {
        Key::Char(c) => KeyCode::Char(c),
        Key::Enter => KeyCode::Enter,
        Key::Esc => KeyCode::Esc,
        Key::Tab => KeyCode::Tab,
        Key::BackTab => KeyCode::BackTab,
        Key::Backspace => KeyCode::Backspace,
        Key::Left => KeyCode::Left,
        Key::Right => KeyCode::Right,
        Key::Up => KeyCode::Up,
        Key::Down => KeyCode::Down,
        _ => KeyCode::Null,
    };
    Input::Key(Press::plain(key), KeyEvent::new(code, KeyModifiers::NONE))
}

/// A buffer as text, without the blanks at the ends of lines.
pub fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut x = area.left();
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += (crate::tui::paint::width(symbol) as u16).max(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// What `core` offers.
pub fn offers() -> Offers {
    let milestone = |id: &str, title: &str, due: Option<&str>| RemoteMilestone {
        id: id.into(),
        title: title.into(),
        due: due.map(|d| d.parse().expect("a day")),
        open: true,
    };
    Offers {
        labels: [
            "bug",
            "docs",
            "good first issue",
            "help wanted",
            "status: approved",
            "status: in review",
            "sync",
            "ui",
        ]
        .map(str::to_owned)
        .to_vec(),
        milestones: vec![milestone("1", "v1.2", Some("2026-12-01")), milestone("2", "v1.3", None)],
        assignable: ["ana", "ben", "cy"].map(str::to_owned).to_vec(),
        statuses: Vec::new(),
        fields: Vec::new(),
    }
}

/// The card that has everything.
pub fn detail(world: &World, comments: Comments) -> CardDetail {
    CardDetail {
        card: world.board.card(id(1)).expect("it is there").clone(),
        body: "When the platform answers **502** while it restarts, the worker gives up at once.\r\n\r\n\
               ## Wanted\r\n- [x] read `Retry-After`\r\n- [ ] back off, at most *five* minutes\r\n\r\n\
               ```rust\r\nlet wait = backoff.next(attempt);\r\n```\r\n\r\n\
               | code | meaning |\r\n|---|---|\r\n| 502 | restarts |\r\n| 503 | overloaded |\r\n\r\n\
               See https://example.com/status."
            .into(),
        comments,
        unsent_comments: vec!["Will do it today.".into()],
        conflicts: vec![
            Conflict {
                id: 1,
                card: id(1),
                key: "core#142".into(),
                title: "Retry on 502".into(),
                connection: ConnectionName::new("core"),
                source: None,
                field: Field::Title,
                base: Value::Text("Retry".into()),
                local: Value::Text("Retry on 502".into()),
                remote: Value::Text("Retry on 502 instead of giving up".into()),
                found_at: ago(125),
                decided: Some(Decided { choice: Choice::Remote, by: "policy".into(), at: ago(125) }),
            },
            Conflict {
                id: 2,
                card: id(1),
                key: "docs#7".into(),
                title: "Retry on 502".into(),
                connection: ConnectionName::new("docs"),
                source: None,
                field: Field::Milestone,
                base: Value::Text("v1.1".into()),
                local: Value::Text("v1.2".into()),
                remote: Value::None,
                found_at: ago(30),
                decided: None,
            },
        ],
        history: Vec::new(),
        author: Some("cy".into()),
        beyond: Vec::new(),
    }
}

/// Two comments.
pub fn comments() -> Comments {
    let comment = |id: &str, author: &str, body: &str, minutes| Comment {
        id: id.into(),
        author: author.into(),
        body: body.into(),
        at: ago(minutes),
    };
    Comments::Ready(vec![
        comment("1", "ben", "I see this every morning at 06:00 UTC.", 60 * 5),
        comment("2", "cy", "> every morning\n\nThat is the nightly restart. \u{1b}[31mred\u{202E}", 42),
    ])
}

/// Compares a screen's picture at both sizes with the one that was looked at.
macro_rules! pictures {
    ($world:expr, $screen:expr, $name:literal) => {
        insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(concat!($name, "-80x24"), $world.text($screen, 80, 24));
            insta::assert_snapshot!(concat!($name, "-120x36"), $world.text($screen, 120, 36));
        });
    };
}
pub(super) use pictures;

/// Compares a screen's picture at three sizes, and in ASCII, with the one that was looked at.
macro_rules! sights {
    ($world:expr, $screen:expr, $name:literal) => {
        insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
            let (mut world, screen) = ($world, $screen);
            insta::assert_snapshot!(concat!($name, "-80x24"), world.text(screen, 80, 24));
            insta::assert_snapshot!(concat!($name, "-120x36"), world.text(screen, 120, 36));
            insta::assert_snapshot!(concat!($name, "-200x60"), world.text(screen, 200, 60));
            world.glyphs = crate::tui::theme::Glyphs::ASCII;
            insta::assert_snapshot!(concat!($name, "-ascii"), world.text(screen, 80, 24));
        });
    };
}
pub(super) use sights;
