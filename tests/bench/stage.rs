//! What the benchmarks share: settings, an engine, a store filled through its own use cases, numbers and tables.
//! It measures nothing itself.
#![allow(dead_code, reason = "each benchmark uses its part")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use corkboard::config::Settings;
use corkboard::config::settings::{
    BoardKind, ConnectionSettings, Direction, Platform, TokenSource, UiSettings,
};
use corkboard::domain::ConnectionName;
use corkboard::domain::board::Column;
use corkboard::domain::mapping::{CloseReason, OpenState, PlatformState, Status, StatusMapping, Target};
use corkboard::domain::remote::{Cursor, RemoteItem, RemoteRef};
use corkboard::engine::{Engine, EngineOptions, RealDial};
use corkboard::sandbox::WRITE_TOKEN;
use corkboard::store::{Db, Inbound, LinkRule, LinkRules};
use corkboard::support::clock::{SystemClock, Timestamp};
use corkboard::sync::{Policies, judge};

/// The repository of the sandbox.
pub const REPO: &str = "octo/app";
/// How many items a page has.
const PAGE: usize = 100;

const WORDS: [&str; 16] = [
    "upload",
    "queue",
    "retry",
    "column",
    "token",
    "label",
    "export",
    "draws",
    "twice",
    "after",
    "restart",
    "slowly",
    "behind",
    "proxy",
    "日本語",
    "when offline",
];

/// The one connection.
pub fn core() -> ConnectionName {
    ConnectionName::new("core")
}

/// Four columns.
pub fn columns() -> Vec<Column> {
    [("proposed", "Backlog"), ("approved", "To Do"), ("in_progress", "In Progress"), ("completed", "Done")]
        .map(|(s, t)| Column { status: Status::new(s), title: t.to_owned() })
        .to_vec()
}

fn targets() -> indexmap::IndexMap<Status, Target> {
    let label = |l: &str| Target { label: Some(l.into()), ..Target::default() };
    let done =
        Target { state: Some(OpenState::Closed), reason: Some(CloseReason::Completed), ..Target::default() };
    [
        ("proposed", label("status: proposed")),
        ("approved", label("status: approved")),
        ("in_progress", label("status: in progress")),
        ("completed", done),
    ]
    .into_iter()
    .map(|(s, t)| (Status::new(s), t))
    .collect()
}

/// How the connection reads and writes statuses.
pub fn mapping() -> StatusMapping {
    let columns = columns();
    StatusMapping::new(columns.iter().map(|c| &c.status), &targets())
}

/// A board with one connection to a sandbox at `url`.
pub fn settings(url: &str) -> Settings {
    let connection = ConnectionSettings {
        name: core(),
        platform: Platform::Github,
        repository: REPO.into(),
        project: None,
        user: None,
        api_url: url.parse().expect("an address"),
        token: TokenSource::Env("CORKBOARD_BENCH_TOKEN".into()),
        direction: Direction::Bidirectional,
        mode: corkboard::config::settings::Mode::default(),
        guards: corkboard::config::settings::Guards::default(),
        interval: Duration::from_mins(1),
        write_pace: Duration::from_millis(1),
        default_labels: vec![],
        issue_template: None,
        mapping: mapping(),
        targets: targets(),
        policies: Policies::default(),
        ca_file: None,
        webhook_secret: None,
    };
    Settings {
        file: None,
        board_name: "bench".into(),
        board_kind: BoardKind::FeatureDevelopment,
        columns: columns(),
        connections: vec![connection],
        ui: UiSettings::default(),
        keys: corkboard::config::keymap::KeySettings::default(),
        source: None,
        ..Settings::default()
    }
}

/// What the store must know of the connection.
pub fn rule() -> LinkRule {
    LinkRule {
        platform: "github",
        repository: REPO.into(),
        pushes: true,
        creates: true,
        mapping: mapping(),
        default_labels: vec![],
        template: None,
    }
}

/// The rule of the one connection.
pub fn rules() -> LinkRules {
    LinkRules(HashMap::from([(core(), rule())]))
}

/// An engine on a database in `dir`, as a process that has just started has it.
pub async fn engine(dir: &Path, url: &str) -> Engine {
    let engine = Engine::open(EngineOptions {
        settings: Arc::new(settings(url)),
        data_dir: dir.to_owned(),
        clock: Arc::new(SystemClock),
        dial: Arc::new(RealDial::new(Arc::new(|_| Ok(WRITE_TOKEN.to_owned().into())))),
    })
    .expect("an engine");
    engine.register_connections().await.expect("registered");
    engine
}

/// Issue `n`, the same every time.
pub fn item(n: u64) -> RemoteItem {
    let mut seed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 16) as usize % below
    };
    let title: Vec<&str> = (0..4 + next(8)).map(|_| WORDS[next(WORDS.len())]).collect();
    let column = next(4);
    let closed = column == 3;
    let status = ["status: proposed", "status: approved", "status: in progress"].get(column);
    let mut labels: BTreeSet<String> = status.iter().map(|s| (**s).to_owned()).collect();
    for _ in 0..next(3) {
        labels.insert(["bug", "ui", "sync", "docs", "performance", "infra"][next(6)].to_owned());
    }
    let at = Timestamp(1_700_000_000_000 + n as i64 * 60_000);
    RemoteItem {
        at: RemoteRef { id: (1_000_000 + n).to_string(), number: n, repository: REPO.into() },
        url: format!("https://github.test/{REPO}/issues/{n}"),
        title: title.join(" "),
        body: "The queue is drained when the network is back; nothing tells how much is left.\n\n"
            .repeat(6 + next(18)),
        marker: None,
        state: PlatformState {
            state: if closed { OpenState::Closed } else { OpenState::Open },
            reason: closed.then_some(CloseReason::Completed),
            labels,
            ..PlatformState::default()
        },
        assignees: (0..next(3)).map(|_| ["ana", "ben", "cy", "dee"][next(4)].to_owned()).collect(),
        milestone: (next(3) == 0).then(|| ["v1.1", "v1.2", "v1.3"][next(3)].to_owned()),
        raw: std::collections::BTreeMap::new(),
        kind: None,
        author: Some("ana".into()),
        comments: next(4) as u32,
        created_at: at,
        updated_at: at,
        rich: None,
    }
}

/// Applies a page of items as a pull does.
pub fn apply(db: &mut Db, items: &[RemoteItem]) {
    let (connection, rule, newer) = (core(), rule(), HashSet::new());
    let (mapping, policies) = (mapping(), Policies::default());
    let how = Inbound {
        connection: &connection,
        rule: &rule,
        recognised: true,
        walk: None,
        newer: &newer,
        judge: &|known, item| judge::judge(known, item, &mapping, &policies, 0),
        adopt: &|known, item| judge::adopt(known, item, &mapping),
    };
    db.apply_page(items, &how).expect("applied");
}

/// Makes a database of `cards` linked cards in `dir`, with a cursor as after a complete pull.
pub fn fill(dir: &Path, cards: u64) {
    let mut db = Db::open(&dir.join("corkboard.db"), Arc::new(SystemClock)).expect("a database");
    let numbers: Vec<u64> = (1..=cards).collect();
    for page in numbers.chunks(PAGE) {
        let items: Vec<RemoteItem> = page.iter().map(|n| item(*n)).collect();
        apply(&mut db, &items);
    }
    let since = Some(Timestamp(1_795_000_000_000));
    db.advance(&core(), &Cursor { since, ..Cursor::default() }).expect("advanced");
}

/// Writes a line to standard output.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Milliseconds with as many digits as matter.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms if ms >= 10.0 => format!("{ms:.1} ms"),
        ms if ms >= 0.1 => format!("{ms:.2} ms"),
        ms => format!("{ms:.3} ms"),
    }
}

/// The time `work` takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let out = work();
    (begun.elapsed(), out)
}

/// Measured times; quantiles of them.
#[derive(Debug, Clone, Default)]
pub struct Times(pub Vec<Duration>);

impl Times {
    /// The time below which a share `q` of them lies; zero of none.
    pub fn quantile(&self, q: f64) -> Duration {
        let mut all = self.0.clone();
        all.sort();
        let at = ((all.len() as f64 * q) as usize).min(all.len().saturating_sub(1));
        all.get(at).copied().unwrap_or_default()
    }

    /// The median.
    pub fn p50(&self) -> Duration {
        self.quantile(0.5)
    }

    /// The 99th percentile.
    pub fn p99(&self) -> Duration {
        self.quantile(0.99)
    }
}

/// How many times `a` is `b`.
pub fn ratio(a: Duration, b: Duration) -> String {
    format!("{:.2}x", a.as_secs_f64() / b.as_secs_f64().max(1e-9))
}

/// A table in Markdown.
pub fn table(head: &[&str], rows: &[Vec<String>]) {
    say(&format!("| {} |", head.join(" | ")));
    say(&format!("|{}", "---|".repeat(head.len())));
    for row in rows {
        say(&format!("| {} |", row.join(" | ")));
    }
    say("");
}
