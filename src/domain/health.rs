//! The health of a connection: what the panel shows and `monitor` prints. Plain facts, no judgement by colour.

use std::collections::VecDeque;

use super::link::ConnectionName;
use crate::support::clock::Timestamp;

/// How a connection is doing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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
            Self::Paused => "paused",
            Self::Elsewhere => "synced by another corkboard",
        }
    }
}

/// The platform's own account of what may still be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimit {
    /// Requests per window.
    pub limit: u32,
    /// Requests left in this window.
    pub remaining: u32,
    /// When the window ends.
    pub resets_at: Timestamp,
}

/// What kind of request it is, since platforms limit kinds apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedItem {
    /// `core#142` or the card's short id.
    pub key: String,
    /// The card's title.
    pub title: String,
    /// The server's words, or ours.
    pub reason: String,
}

/// How far a long pull has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Items read so far.
    pub done: u64,
    /// Items there are, when the platform tells.
    pub total: Option<u64>,
}

/// How many latencies are kept for the sparkline.
pub const LATENCY_SAMPLES: usize = 60;

/// Everything the panel shows of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Which connection.
    pub connection: ConnectionName,
    /// The platform's name, such as `github`.
    pub platform: &'static str,
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
}

impl Health {
    /// A connection of which nothing is known yet.
    pub fn new(connection: ConnectionName, platform: &'static str, scope: String) -> Self {
        Self {
            connection,
            platform,
            scope,
            state: HealthState::Starting,
            reason: None,
            login: None,
            warning: None,
            last_good: None,
            next_attempt: None,
            latencies: VecDeque::new(),
            requests: 0,
            errors: 0,
            rate: None,
            budgets: Vec::new(),
            unsent: 0,
            failed: Vec::new(),
            failed_total: 0,
            conflicts: 0,
            progress: None,
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
}
