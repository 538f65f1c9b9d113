//! The health of a connection: what the panel shows and `monitor` prints. Plain facts, no judgement by colour.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::card::CardId;
use super::link::ConnectionName;
use crate::support::clock::Timestamp;

/// How a connection is doing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Nothing has been tried yet.
    #[default]
    Starting,
    /// The last exchange went well.
    Healthy,
    /// A pass is under way.
    Syncing,
    /// The platform told us to wait.
    Throttled,
    /// It fails for a passing reason and is tried again.
    Retrying,
    /// It needs a person: token, permission, repository.
    Broken,
    /// It stopped and asks a person before it goes on.
    Asking,
    /// A person paused it.
    Paused,
    /// Another process of this machine synchronises it.
    Elsewhere,
}

impl HealthState {
    /// The word beside the glyph.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "ok",
            Self::Syncing => "syncing",
            Self::Throttled => "throttled",
            Self::Retrying => "retrying",
            Self::Broken => "broken",
            Self::Asking => "asks you",
            Self::Paused => "paused",
            Self::Elsewhere => "synced by another corkboard",
        }
    }
}

/// The platform's own account of what may still be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RateLimit {
    /// Requests per window.
    pub limit: u32,
    /// Requests left in this window.
    pub remaining: u32,
    /// When the window ends.
    pub resets_at: Timestamp,
}

/// What kind of request it is, since platforms limit kinds apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestClass {
    /// A read.
    Read,
    /// A change of something that is there.
    Write,
    /// A new item or comment.
    ContentCreate,
    /// A search.
    Search,
    /// A GraphQL call.
    Graphql,
}

impl RequestClass {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Read, Self::Write, Self::ContentCreate, Self::Search, Self::Graphql];

    /// The word the panel and JSON use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ContentCreate => "create",
            Self::Search => "search",
            Self::Graphql => "graphql",
        }
    }
}

/// One bucket of requests as it stood after the last exchange. Ours, kept so that the platform's limit is never met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Which requests it counts. A class may have several buckets, such as one for the minute and one for the hour.
    pub class: RequestClass,
    /// How many requests may go out at once when it is full.
    pub limit: u32,
    /// How many may go out at once now.
    pub remaining: u32,
    /// In how many milliseconds an empty bucket is full again; `limit` in every `window_ms` may go out for ever.
    pub window_ms: i64,
    /// When the next may go out, when none may now.
    pub free_at: Option<Timestamp>,
}

/// An item that could not be sent, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedItem {
    /// The card.
    pub card: CardId,
    /// `core#142` or the card's short id.
    pub key: String,
    /// The card's title.
    pub title: String,
    /// The server's words, or ours.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when it waits.
    pub since: Timestamp,
}

/// How far a long pull has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Items read so far, those of an interrupted walk included.
    pub done: u64,
    /// Items there are, when the platform tells.
    pub total: Option<u64>,
    /// When this run of the walk began.
    pub started: Timestamp,
    /// Items that had been read before this run began.
    pub before: u64,
}

impl Progress {
    /// How much is done, in percent, when the end is known.
    pub fn percent(&self) -> Option<u64> {
        let total = self.total.filter(|t| *t > 0)?;
        Some((self.done.min(total) * 100) / total)
    }

    /// Items a second in this run; `None` before there is anything to tell from.
    pub fn rate(&self, now: Timestamp) -> Option<f64> {
        let (ms, done) = (now.since(self.started), self.done.saturating_sub(self.before));
        (ms > 0 && done > 0).then(|| done as f64 * 1_000.0 / ms as f64)
    }

    /// The time left at the rate so far, in milliseconds.
    pub fn left_ms(&self, now: Timestamp) -> Option<i64> {
        let left = self.total?.saturating_sub(self.done);
        Some((left as f64 * 1_000.0 / self.rate(now)?) as i64)
    }
}

/// Something a connection asks before it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its number.
    pub id: i64,
    /// What is asked about, in one word: `creates`, `updates`, `empty`, `different`, `vanished`.
    pub kind: String,
    /// What was found, for a person.
    pub text: String,
    /// What going on means.
    pub go: String,
    /// What stopping means.
    pub stop: String,
    /// Whether the whole connection waits for the answer, and not only the changes it is about.
    pub stops_connection: bool,
}

/// How many failures there were of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Errors {
    /// They pass: network, 5xx, limits.
    pub transient: u32,
    /// A person must mend the connection.
    pub configuration: u32,
    /// The platform will not take an item as it is.
    pub permanent: u32,
    /// Something else changed meanwhile.
    pub conflict: u32,
}

impl Errors {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.transient + self.configuration + self.permanent + self.conflict
    }
}

/// One minute of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Minute {
    /// Its beginning.
    pub at: Timestamp,
    /// Requests.
    pub requests: u32,
    /// The median round trip, in milliseconds.
    pub p50: u32,
    /// The 95th percentile, in milliseconds.
    pub p95: u32,
    /// What failed.
    pub errors: Errors,
}

/// How many minutes are kept.
pub const MINUTES: usize = 60;

/// What the breaker did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerEvent {
    /// When.
    pub at: Timestamp,
    /// Failures in a row; none: it closed again.
    pub failures: u32,
    /// Until when nothing was sent.
    pub until: Option<Timestamp>,
    /// Why, in the server's words where there are any.
    pub reason: String,
}

/// How many of the breaker's doings are kept.
pub const BREAKER_EVENTS: usize = 20;

/// What was synchronised since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SyncStats {
    /// Complete passes.
    pub passes: u64,
    /// Cards made from items there.
    pub pulled_created: u64,
    /// Cards changed by items there.
    pub pulled_updated: u64,
    /// Items created there.
    pub created: u64,
    /// Items changed there.
    pub sent: u64,
    /// Comments added there.
    pub comments: u64,
    /// Fields changed on both sides.
    pub conflicts: u64,
    /// Changes the platform refused.
    pub refused: u64,
}

/// A rule that holds now, told until it holds no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The rule's name.
    pub rule: String,
    /// What is the matter, for a person.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
}

/// How many latencies are kept for the sparkline.
pub const LATENCY_SAMPLES: usize = 60;

/// Everything the panel shows of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Which connection.
    pub connection: ConnectionName,
    /// The platform's name, such as `github`.
    pub platform: String,
    /// The repository or project.
    pub scope: String,
    /// One word.
    pub state: HealthState,
    /// What is wrong and what to do, when something is.
    pub reason: Option<String>,
    /// Whose token it is, once the platform has told.
    pub login: Option<String>,
    /// What will not work although the connection does, such as a token that may only read.
    pub warning: Option<String>,
    /// When the token ends, where the platform tells.
    pub token_expires: Option<Timestamp>,
    /// Since when it has failed, while it does.
    pub down_since: Option<Timestamp>,
    /// End of the last complete, good pass.
    pub last_good: Option<Timestamp>,
    /// When something will next be tried of itself.
    pub next_attempt: Option<Timestamp>,
    /// Round-trip times in milliseconds, oldest first, at most [`LATENCY_SAMPLES`].
    pub latencies: VecDeque<u32>,
    /// Requests since start.
    pub requests: u64,
    /// Requests that failed since start.
    pub errors: u64,
    /// The same by class.
    pub failures: Errors,
    /// The platform's budget, once it has told.
    pub rate: Option<RateLimit>,
    /// Our own buckets for this host and credential, once something was sent; empty where nothing is limited.
    pub budgets: Vec<Budget>,
    /// Local changes not yet confirmed.
    pub unsent: u32,
    /// Items a person must look at, the first few of them.
    pub failed: Vec<FailedItem>,
    /// How many such items there are.
    pub failed_total: u32,
    /// Conflicts that wait for a decision.
    pub conflicts: u32,
    /// A long pull's progress.
    pub progress: Option<Progress>,
    /// What it asks a person before it goes on.
    pub question: Option<Question>,
    /// Since when the oldest change waits to be sent.
    pub oldest_unsent: Option<Timestamp>,
    /// The last minutes in which something was asked, oldest first, at most [`MINUTES`].
    pub minutes: VecDeque<Minute>,
    /// What the breaker did, oldest first, at most [`BREAKER_EVENTS`].
    pub breaker: VecDeque<BreakerEvent>,
    /// What was synchronised since the process started.
    pub stats: SyncStats,
    /// The rules that hold now.
    pub alerts: Vec<Alert>,
}

impl Health {
    /// A connection of which nothing is known yet.
    pub fn new(connection: ConnectionName, platform: impl Into<String>, scope: String) -> Self {
        Self {
            connection,
            platform: platform.into(),
            scope,
            state: HealthState::Starting,
            reason: None,
            login: None,
            warning: None,
            token_expires: None,
            down_since: None,
            last_good: None,
            next_attempt: None,
            latencies: VecDeque::new(),
            requests: 0,
            errors: 0,
            failures: Errors::default(),
            rate: None,
            budgets: Vec::new(),
            unsent: 0,
            failed: Vec::new(),
            failed_total: 0,
            conflicts: 0,
            progress: None,
            question: None,
            oldest_unsent: None,
            minutes: VecDeque::new(),
            breaker: VecDeque::new(),
            stats: SyncStats::default(),
            alerts: Vec::new(),
        }
    }

    /// Notes one exchange with the platform.
    pub fn record(&mut self, latency_ms: u32, ok: bool) {
        self.requests += 1;
        self.errors += u64::from(!ok);
        if self.latencies.len() == LATENCY_SAMPLES {
            self.latencies.pop_front();
        }
        self.latencies.push_back(latency_ms);
    }

    /// The median of the kept latencies, in milliseconds.
    pub fn latency_p50(&self) -> Option<u32> {
        self.percentile(50)
    }

    /// The given percentile (0 to 100) of the kept latencies, in milliseconds.
    pub fn percentile(&self, p: usize) -> Option<u32> {
        let mut sorted: Vec<u32> = self.latencies.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get((sorted.len().saturating_sub(1)) * p / 100).copied()
    }

    /// Share of requests that failed, in percent.
    pub fn error_percent(&self) -> u64 {
        (self.errors * 100).checked_div(self.requests).unwrap_or(0)
    }

    /// Whether it fails and is tried again, or needs a person before it goes on. A paused one rests because somebody
    /// wants it to.
    pub fn is_down(&self) -> bool {
        self.state != HealthState::Paused && (self.down_since.is_some() || self.state == HealthState::Broken)
    }

    /// Whether something waits for a person.
    pub fn needs_a_person(&self) -> bool {
        self.failed_total > 0 || self.conflicts > 0 || self.question.is_some()
    }

    /// The alerts that were not there in `before`.
    pub fn begun_since<'a>(&'a self, before: &'a [Alert]) -> impl Iterator<Item = &'a Alert> {
        self.alerts.iter().filter(|a| before.iter().all(|b| b.rule != a.rule))
    }
}
