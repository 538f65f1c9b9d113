//! Measures sync through the real engine, store and connector against the sandbox, beside the best that a bare HTTP
//! client does on the same pages in the same run. `cargo bench --bench sync [-- ISSUES]`; the sandbox shares the machine.

mod stage;

use std::time::{Duration, Instant};

use corkboard::domain::board::Place;
use corkboard::domain::command::{Command, decide};
use corkboard::engine::Update;
use corkboard::sandbox::{Faults, Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use futures::StreamExt;
use serde::Deserialize;

use stage::{REPO, Times, core, ms, ratio, rules, say, table};

/// How often the first pull is measured, in turns with the best possible.
const ROUNDS: usize = 5;
/// Pages the best possible asks for side by side, as many as the connector does.
const SIDE_BY_SIDE: usize = 8;
/// Moves queued offline.
const MOVES: usize = 1_000;

/// What a reader who wants an issue's fields must at least look at.
#[derive(Debug, Deserialize)]
struct Bare<'a> {
    #[serde(borrow)]
    title: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    body: Option<std::borrow::Cow<'a, str>>,
    number: u64,
}

fn main() {
    let issues = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(10_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(measure(issues));
}

async fn measure(issues: usize) {
    let options =
        SandboxOptions { seed: Seed::Count(issues), primary_limit: 10_000_000, ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    sandbox.set_record_bodies(false);
    sandbox.set_faults("latency=50ms".parse::<Faults>().expect("faults"));
    let dir = first_pulls(&sandbox, issues).await;
    later_pulls(&sandbox, dir.path()).await;
    moves(&sandbox, dir.path()).await;
    sandbox.shutdown().await;
}

/// First pulls in turns with the best possible; gives the last one's directory.
async fn first_pulls(sandbox: &Sandbox, issues: usize) -> tempfile::TempDir {
    say(&format!("first pull of {issues} issues, 50 ms latency, {ROUNDS} rounds in turns"));
    let (mut thrown, mut parsed, mut pulled) = (Times::default(), Times::default(), Times::default());
    let mut requests = 0;
    let mut bytes = 0;
    let mut dir = tempfile::tempdir().expect("a directory");
    for _ in 0..ROUNDS {
        let (time, got) = bare(sandbox, issues, false).await;
        thrown.0.push(time);
        bytes = got;
        parsed.0.push(bare(sandbox, issues, true).await.0);
        dir = tempfile::tempdir().expect("a directory");
        let engine = stage::engine(dir.path(), sandbox.url()).await;
        sandbox.clear_requests();
        let begun = Instant::now();
        let report = engine.sync_once(None).await.expect("a pass");
        pulled.0.push(begun.elapsed());
        requests = sandbox.requests().len();
        assert!(!report.failed(), "{report:?}");
        let cards = engine.board().await.expect("a board").len();
        assert!(cards * 10 > issues * 8, "only {cards} cards of {issues} issues");
        engine.shutdown().await;
    }
    let row = |what: &str, times: &Times| {
        vec![
            what.to_owned(),
            ms(times.p50()),
            ms(times.quantile(0.0)),
            ratio(times.p50(), thrown.p50()),
            ratio(times.p50(), parsed.p50()),
        ]
    };
    table(
        &["what", "median", "best", "x thrown away", "x parsed"],
        &[
            row("bare client, pages thrown away", &thrown),
            row("bare client, pages parsed", &parsed),
            row("corkboard: parsed, judged, stored", &pulled),
        ],
    );
    say(&format!("{requests} requests; {:.1} KB of JSON per issue\n", bytes as f64 / issues as f64 / 1e3));
    dir
}

/// The same pages by a bare client: the first, then the rest with eight in flight. Gives the bytes read.
async fn bare(sandbox: &Sandbox, issues: usize, parse: bool) -> (Duration, usize) {
    let client = corkboard::connector::http::loopback_client().expect("a client");
    let page = |n: usize| {
        let url = format!(
            "{}/repos/{REPO}/issues?state=all&sort=created&direction=asc&per_page=100&page={n}",
            sandbox.url()
        );
        let request = client.get(url).bearer_auth(WRITE_TOKEN).header("user-agent", "bench");
        async move {
            let body = request.send().await.expect("an answer").bytes().await.expect("a body");
            if parse {
                let all: Vec<Bare<'_>> = serde_json::from_slice(&body).expect("issues");
                let seen: usize = all
                    .iter()
                    .map(|i| i.title.len() + i.body.as_ref().map_or(0, |b| b.len()) + i.number as usize)
                    .sum();
                assert!(std::hint::black_box(seen) > 0, "empty issues");
            }
            body.len()
        }
    };
    let begun = Instant::now();
    let mut bytes = page(1).await;
    let mut rest = futures::stream::iter(2..=issues.div_ceil(100)).map(page).buffer_unordered(SIDE_BY_SIDE);
    while let Some(more) = rest.next().await {
        bytes += more;
    }
    (begun.elapsed(), bytes)
}

/// Pulls after the first one: with nothing changed, and with ten issues changed.
async fn later_pulls(sandbox: &Sandbox, dir: &std::path::Path) {
    let engine = stage::engine(dir, sandbox.url()).await;
    engine.sync_once(None).await.expect("a pass");
    let mut rows = Vec::new();
    for changed in [0_u64, 0, 10, 0] {
        for n in 0..changed {
            sandbox.web("ben").set_title(REPO, 50 + n * 900, &format!("Changed {n}")).expect("an edit");
        }
        sandbox.clear_requests();
        let begun = Instant::now();
        let report = engine.sync_once(None).await.expect("a pass");
        let asked: Vec<String> = sandbox
            .requests()
            .iter()
            .map(|r| format!("{} {}", r.method, r.status.map_or_else(|| "-".into(), |s| s.to_string())))
            .collect();
        let at = &report.connections[0];
        rows.push(vec![
            format!("{changed} changed"),
            ms(begun.elapsed()),
            asked.join(", "),
            format!("{} updated, {} looked at", at.pulled_updated, at.pulled_unchanged + at.pulled_updated),
        ]);
    }
    engine.shutdown().await;
    say("a complete pass afterwards, 50 ms latency");
    table(&["pass", "time", "requests", "cards"], &rows);
}

/// A thousand moves made without a network, then sent.
async fn moves(sandbox: &Sandbox, dir: &std::path::Path) {
    sandbox.set_faults(Faults::default());
    let engine = stage::engine(dir, sandbox.url()).await;
    let mut updates = engine.updates().expect("the updates");
    tokio::spawn(async move { while let Some(_update) = updates.recv().await as Option<Update> {} });
    let mut board = engine.board().await.expect("a board");
    let [from, to] = ["proposed", "approved"].map(corkboard::domain::mapping::Status::new);
    let cards: Vec<_> = board.ids_in(&from).take(MOVES).collect();
    let mut commits = Times::default();
    for card in &cards {
        let begun = Instant::now();
        let command = Command::Move { card: *card, to: to.clone(), place: Place::Top };
        let changes = decide(&board, command).expect("a move");
        changes.iter().for_each(|c| board.apply(c));
        let rules = rules();
        engine.store().run(move |db| db.commit(&changes, &rules)).await.expect("committed");
        commits.0.push(begun.elapsed());
    }
    sandbox.clear_requests();
    let begun = Instant::now();
    let report = engine.sync_once(None).await.expect("a pass");
    let time = begun.elapsed();
    let (all, writes) = (sandbox.requests().len(), sandbox.writes().len());
    assert_eq!(report.connections[0].sent as usize, cards.len(), "{report:?}");
    assert_eq!(report.connections[0].connection, core().to_string(), "one connection");
    engine.shutdown().await;
    let n = cards.len() as f64;
    say(&format!("{} moves queued offline, then one pass; write pace 1 ms, no latency", cards.len()));
    table(
        &["what", "value"],
        &[
            vec![
                "commit of one move, p50 / p99".into(),
                format!("{} / {}", ms(commits.p50()), ms(commits.p99())),
            ],
            vec!["writes per card".into(), format!("{:.2}", writes as f64 / n)],
            vec!["requests per card, reads too".into(), format!("{:.2}", all as f64 / n)],
            vec!["time per card".into(), ms(time.div_f64(n))],
        ],
    );
}
