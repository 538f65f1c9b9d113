//! The settings after they were read and checked: plain values, each already known to be good.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::keymap::KeySettings;
use super::new_cards::NewCards;
use super::templates::Template;
use super::theme::OwnTheme;
use super::views::SavedView;
use crate::domain::board::Column;
use crate::domain::fields::Field;
use crate::domain::limit::Limits;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::{OpenState, Status, StatusMapping, Target};
use crate::sync::alerts::AlertRules;
use crate::sync::reconcile::Policies;

/// After how long without a change an open card is stale, unless the config says otherwise.
pub const STALE_AFTER: Duration = Duration::from_hours(14 * 24);

/// What a board is for; it decides what its views start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardKind {
    /// Features on their way from an idea to done.
    #[default]
    FeatureDevelopment,
    /// What goes into a release.
    ReleasePlanning,
    /// What a sprint holds.
    SprintBoard,
}

/// Which way a connection carries changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    #[default]
    Bidirectional,
    /// From here to the platform.
    Push,
    /// From the platform to here.
    Pull,
}

impl Direction {
    /// Whether local changes go out.
    pub fn pushes(self) -> bool {
        self != Self::Pull
    }

    /// Whether remote changes come in.
    pub fn pulls(self) -> bool {
        self != Self::Push
    }
}

/// When a connection does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Edits are sent at once, pulls come by the interval.
    #[default]
    RealTime,
    /// Edits and pulls both wait for the interval's next tick.
    Interval,
    /// Nothing happens of itself: only `sync --once`, or a person who asks.
    Batch,
}

/// What a connection asks a person about before it does it, and how often it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guards {
    /// Items one act may create without a question.
    pub bulk_creates: u32,
    /// Items one act may change without a question.
    pub bulk_updates: u32,
    /// Time between two censuses; `None`: only when somebody asks for one.
    pub census: Option<Duration>,
}

impl Default for Guards {
    fn default() -> Self {
        Self { bulk_creates: 20, bulk_updates: 40, census: Some(Duration::from_hours(24)) }
    }
}

/// A platform Corkboard speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// GitHub or GitHub Enterprise Server.
    Github,
    /// GitLab, gitlab.com or self-managed.
    Gitlab,
    /// Jira, Cloud or Data Center.
    Jira,
    /// Bitbucket Cloud.
    Bitbucket,
}

impl Platform {
    /// The word in the config, the store and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Jira => "jira",
            Self::Bitbucket => "bitbucket",
        }
    }

    /// Every platform.
    pub const ALL: [Self; 4] = [Self::Github, Self::Gitlab, Self::Jira, Self::Bitbucket];

    /// The fields a card has and its items do not: a change of one stays on the card.
    pub fn unwritable(self) -> &'static [Field] {
        match self {
            Self::Github | Self::Gitlab | Self::Jira => &[],
            Self::Bitbucket => &[Field::Labels, Field::Assignees, Field::Milestone],
        }
    }

    /// Whether where an item can go depends on where it is.
    pub fn has_workflow(self) -> bool {
        matches!(self, Self::Jira | Self::Bitbucket)
    }

    /// Whether items can be made there: a pull request needs branches.
    pub fn creates(self) -> bool {
        self != Self::Bitbucket
    }

    /// The key under which the config names what a connection connects.
    pub fn place_key(self) -> &'static str {
        match self {
            Self::Github | Self::Bitbucket => "repository",
            Self::Gitlab | Self::Jira => "project",
        }
    }

    /// The key under which a target of the mapping names the platform's own status.
    pub fn status_key(self) -> &'static str {
        match self {
            Self::Github => "option",
            Self::Gitlab | Self::Jira => "status",
            Self::Bitbucket => "state",
        }
    }
}

/// The states of a pull request that a column can stand for; `DRAFT` is an open one marked as a draft.
pub const BITBUCKET_STATES: [&str; 5] = ["DRAFT", "OPEN", "MERGED", "DECLINED", "SUPERSEDED"];

/// Where a connection's token is found. The token itself is never a setting.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenSource {
    /// An environment variable.
    Env(String),
    /// A command that prints it.
    Command(String),
    /// A file that only its owner can read.
    File(PathBuf),
    /// An entry `service/user` of the operating system's secret store.
    Keyring(String),
}

impl std::fmt::Display for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env {name}"),
            Self::Command(command) => write!(f, "command `{command}`"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Keyring(entry) => write!(f, "keyring {entry}"),
        }
    }
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// Its name, unique on the board.
    pub name: ConnectionName,
    /// The platform.
    pub platform: Platform,
    /// What is connected: `owner/name` on GitHub, `workspace/name` on Bitbucket, the project's path on GitLab, its key
    /// on Jira.
    pub repository: String,
    /// The project whose columns are the statuses, such as `orgs/octo/projects/3` (GitHub).
    pub project: Option<String>,
    /// Whose token it is, where the platform wants to know (Jira Cloud, Bitbucket): an e-mail address.
    pub user: Option<String>,
    /// Base of the API, without a trailing slash.
    pub api_url: url::Url,
    /// Where the token is found.
    pub token: TokenSource,
    /// Which way changes go.
    pub direction: Direction,
    /// When it works.
    pub mode: Mode,
    /// What it asks about first.
    pub guards: Guards,
    /// Time between two pulls.
    pub interval: Duration,
    /// Least time between two writes; below one second only for a server on loopback.
    pub write_pace: Duration,
    /// Labels every item created here gets.
    pub default_labels: Vec<String>,
    /// Body of a new card, when the person gives none.
    pub issue_template: Option<String>,
    /// Canonical status to the platform's state, as written.
    pub targets: IndexMap<Status, Target>,
    /// The same, ready to read and write with, and what people, labels and milestones are called there.
    pub mapping: StatusMapping,
    /// Who decides a conflict.
    pub policies: Policies,
    /// A PEM bundle to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Where the secret is found by which the platform signs what it sends to `serve`.
    pub webhook_secret: Option<TokenSource>,
}

impl ConnectionSettings {
    /// Whether cards made here can be made there too.
    pub fn creates(&self) -> bool {
        self.direction.pushes() && self.platform.creates()
    }
}

/// How the board looks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum ThemeName {
    /// The terminal's own sixteen colours on its own background.
    #[default]
    Terminal,
    /// Tuned for a dark background.
    Dark,
    /// Tuned for a light background.
    Light,
    /// As much contrast as there is.
    HighContrast,
    /// No colour at all.
    Mono,
    /// One of the person's own, by its name in [`Settings::themes`].
    Own(Arc<str>),
}

impl ThemeName {
    /// Every theme that is built in.
    pub const ALL: [Self; 5] = [Self::Terminal, Self::Dark, Self::Light, Self::HighContrast, Self::Mono];

    /// The word in the config.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
            Self::Own(name) => name,
        }
    }
}

/// What plain digits on the board do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Digits {
    /// They jump to a column.
    #[default]
    Columns,
    /// They begin a count for the next motion or change.
    Counts,
}

/// Whether addresses are links that the terminal makes clickable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hyperlinks {
    /// Where the terminal is likely to know them.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Hyperlinks {
    /// Every one with its word in the config.
    pub const WORDS: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}

/// The `[ui]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UiSettings {
    /// The theme.
    pub theme: ThemeName,
    /// Draw with ASCII only.
    pub ascii: bool,
    /// Take the mouse from the start.
    pub mouse: bool,
    /// What plain digits do.
    pub digits: Digits,
    /// Let things move that need not.
    pub motion: bool,
    /// Set the terminal's title.
    pub title: bool,
    /// Make links of an open card's addresses.
    pub hyperlinks: Hyperlinks,
}

impl Default for UiSettings {
    fn default() -> Self {
        let hyperlinks = Hyperlinks::default();
        let theme = ThemeName::default();
        let digits = Digits::default();
        Self { theme, ascii: false, mouse: true, digits, motion: true, title: true, hyperlinks }
    }
}

/// The `[audit]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditSettings {
    /// Keep whole bodies, or only their length and hash.
    pub bodies: bool,
    /// How long rows are kept; `None` for ever.
    pub retention: Option<Duration>,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { bodies: true, retention: None }
    }
}

/// The `[alerts]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertSettings {
    /// When a person is told.
    pub rules: AlertRules,
    /// Ring the terminal's bell when an alert begins.
    pub bell: bool,
    /// Ask the terminal for a notification (OSC 9) when an alert begins.
    pub notify: bool,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { rules: AlertRules::default(), bell: true, notify: false }
    }
}

/// How the lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The `[log]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// The least important level that is written: `error`, `warn`, `info`, `debug` or `trace`.
    pub level: &'static str,
    /// How lines are written.
    pub format: LogFormat,
    /// How many files are kept.
    pub keep: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: "info", format: LogFormat::Text, keep: 7 }
    }
}

/// Everything a config file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The file it was read from, or would be; `None` where there is none.
    pub file: Option<PathBuf>,
    /// The text that was read: what an edit expects to find there still. `None` for the built-in board.
    pub source: Option<Arc<str>>,
    /// The board's name.
    pub board_name: String,
    /// What the board is for.
    pub board_kind: BoardKind,
    /// The columns, in board order.
    pub columns: Vec<Column>,
    /// How many cards the columns may hold.
    pub limits: Limits,
    /// After how long without a change an open card is stale; `None`: never.
    pub stale_after: Option<Duration>,
    /// The connections, in the order written.
    pub connections: Vec<ConnectionSettings>,
    /// On which of them a new card is made.
    pub new_cards: NewCards,
    /// What new cards can begin with, in the order written.
    pub templates: Vec<Template>,
    /// How it looks.
    pub ui: UiSettings,
    /// The person's own themes, in the order written.
    pub themes: Vec<OwnTheme>,
    /// The saved views, in the order written.
    pub views: Vec<SavedView>,
    /// The key bindings: a preset, and what differs from it.
    pub keys: KeySettings,
    /// What the audit log keeps.
    pub audit: AuditSettings,
    /// When a person is told, and how.
    pub alerts: AlertSettings,
    /// What the log holds.
    pub log: LogSettings,
}

impl Default for Settings {
    /// The board of a run without a config: four columns, no connection.
    fn default() -> Self {
        let column =
            |(status, title): (&str, &str)| Column { status: Status::new(status), title: title.into() };
        let columns = [
            ("proposed", "Backlog"),
            ("approved", "To Do"),
            ("in_progress", "In Progress"),
            ("completed", "Done"),
        ];
        Self {
            file: None,
            source: None,
            board_name: "Corkboard".to_owned(),
            board_kind: BoardKind::default(),
            columns: columns.into_iter().map(column).collect(),
            limits: Limits::new(),
            stale_after: Some(STALE_AFTER),
            connections: Vec::new(),
            new_cards: NewCards::default(),
            templates: Vec::new(),
            ui: UiSettings::default(),
            themes: Vec::new(),
            views: Vec::new(),
            keys: KeySettings::default(),
            audit: AuditSettings::default(),
            alerts: AlertSettings::default(),
            log: LogSettings::default(),
        }
    }
}

impl Settings {
    /// One connection by name.
    pub fn connection(&self, name: &str) -> Option<&ConnectionSettings> {
        self.connections.iter().find(|c| c.name.as_str() == name)
    }

    /// One template by name, without regard to case.
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.templates.iter().find(|t| t.name.to_lowercase() == name.trim().to_lowercase())
    }

    /// The statuses that count as closed: those a connection closes for, or the last column where there is no connection.
    pub fn closed_statuses(&self) -> Vec<Status> {
        if self.connections.is_empty() {
            return self.columns.last().map(|c| c.status.clone()).into_iter().collect();
        }
        let closes = |(_, target): &(&Status, &Target)| target.open_state() == OpenState::Closed;
        let targets = self.connections.iter().flat_map(|c| c.targets.iter());
        targets.filter(closes).map(|(status, _)| status.clone()).collect()
    }

    /// The statuses, in board order.
    pub fn statuses(&self) -> impl Iterator<Item = &Status> {
        self.columns.iter().map(|c| &c.status)
    }
}
