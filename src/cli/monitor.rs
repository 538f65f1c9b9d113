//! `corkboard monitor`: how every connection is doing, for a person, a script or a pager. Reads the database alone.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::args::{Args, MonitorArgs};
use super::error::CliError;
use super::log::cleaned;
use super::session::{Session, asked_to_end};
use super::{Ended, output, when};
use crate::domain::health::{Alert, Errors, Health, HealthState, SyncStats};
use crate::engine::Seen;
use crate::support::clock::Timestamp;

/// Least time between two pictures.
const PACE: Duration = Duration::from_secs(1);
/// How old the ages in a picture may become.
const STALE: Duration = Duration::from_secs(30);
/// Clears the terminal and goes to its upper left corner.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// Everything, as scripts read it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
struct MonitorJson {
    connections: Vec<ConnectionJson>,
}

#[derive(Debug, Serialize)]
struct ConnectionJson {
    connection: String,
    platform: String,
    scope: String,
    state: HealthState,
    live: bool,
    told_at: Option<String>,
    reason: Option<String>,
    warning: Option<String>,
    login: Option<String>,
    down_since: Option<String>,
    last_good: Option<String>,
    next_attempt: Option<String>,
    latency_ms: LatencyJson,
    requests: u64,
    errors: u64,
    errors_by_class: Errors,
    budget: Option<BudgetJson>,
    unsent: u32,
    oldest_unsent: Option<String>,
    parked: u32,
    parked_items: Vec<ParkedJson>,
    conflicts: u32,
    question: Option<String>,
    token_expires: Option<String>,
    alerts: Vec<AlertJson>,
    minutes: Vec<MinuteJson>,
    breaker: Vec<BreakerJson>,
    stats: SyncStats,
}

#[derive(Debug, Serialize)]
struct LatencyJson {
    p50: Option<u32>,
    p95: Option<u32>,
}

#[derive(Debug, Serialize)]
struct BudgetJson {
    limit: u32,
    remaining: u32,
    resets_at: String,
}

#[derive(Debug, Serialize)]
struct ParkedJson {
    key: String,
    title: String,
    reason: String,
    attempts: u32,
    since: String,
}

#[derive(Debug, Serialize)]
struct AlertJson {
    rule: String,
    text: String,
    since: String,
}

#[derive(Debug, Serialize)]
struct MinuteJson {
    at: String,
    requests: u32,
    p50: u32,
    p95: u32,
    errors: Errors,
}

#[derive(Debug, Serialize)]
struct BreakerJson {
    at: String,
    failures: u32,
    until: Option<String>,
    reason: String,
}

impl From<&Seen> for ConnectionJson {
    fn from(seen: &Seen) -> Self {
        let h = &seen.health;
        let at = |t: Option<Timestamp>| t.map(when::exact);
        Self {
            connection: h.connection.to_string(),
            platform: h.platform.clone(),
            scope: h.scope.clone(),
            state: h.state,
            live: seen.live,
            told_at: at(seen.told_at),
            reason: h.reason.clone(),
            warning: h.warning.clone(),
            login: h.login.clone(),
            down_since: at(h.down_since),
            last_good: at(h.last_good),
            next_attempt: at(h.next_attempt),
            latency_ms: LatencyJson { p50: h.latency_p50(), p95: h.percentile(95) },
            requests: h.requests,
            errors: h.errors,
            errors_by_class: h.failures,
            budget: h.rate.map(|r| BudgetJson {
                limit: r.limit,
                remaining: r.remaining,
                resets_at: when::exact(r.resets_at),
            }),
            unsent: h.unsent,
            oldest_unsent: at(h.oldest_unsent),
            parked: h.failed_total,
            parked_items: h.failed.iter().map(parked).collect(),
            conflicts: h.conflicts,
            question: h.question.as_ref().map(|q| q.text.clone()),
            token_expires: at(h.token_expires),
            alerts: h.alerts.iter().map(alert).collect(),
            minutes: h
                .minutes
                .iter()
                .map(|m| MinuteJson {
                    at: when::exact(m.at),
                    requests: m.requests,
                    p50: m.p50,
                    p95: m.p95,
                    errors: m.errors,
                })
                .collect(),
            breaker: h
                .breaker
                .iter()
                .map(|b| BreakerJson {
                    at: when::exact(b.at),
                    failures: b.failures,
                    until: at(b.until),
                    reason: b.reason.clone(),
                })
                .collect(),
            stats: h.stats,
        }
    }
}

fn parked(item: &crate::domain::health::FailedItem) -> ParkedJson {
    ParkedJson {
        key: item.key.clone(),
        title: item.title.clone(),
        reason: item.reason.clone(),
        attempts: item.attempts,
        since: when::exact(item.since),
    }
}

fn alert(alert: &Alert) -> AlertJson {
    AlertJson { rule: alert.rule.clone(), text: alert.text.clone(), since: when::exact(alert.since) }
}

pub(super) fn run(monitor: &MonitorArgs, args: &Args) -> Result<Ended, CliError> {
    let session = Session::open_as_is(args)?;
    let done = if monitor.watch {
        session.wait(watch(&session, monitor.json))
    } else {
        session.wait(session.engine.seen()).map_err(CliError::from).and_then(|seen| {
            output::print(&picture(&seen, session.engine.clock().now(), monitor.json, false)?)?;
            Ok(ended(&seen))
        })
    };
    session.close();
    done
}

/// Prints again whenever something changed, until asked to end or nobody reads any more.
async fn watch(session: &Session, json: bool) -> Result<Ended, CliError> {
    let engine = &session.engine;
    let store = engine.watch_store();
    let clear = !json && std::io::stdout().is_terminal();
    let end = asked_to_end();
    tokio::pin!(end);
    let mut last = String::new();
    loop {
        let seen = engine.seen().await?;
        let text = picture(&seen, engine.clock().now(), json, true)?;
        if text != last {
            let shown = if clear { format!("{CLEAR}{text}") } else { text.clone() };
            if !output::print_on(&shown)? {
                return Ok(ended(&seen));
            }
            last = text;
        }
        let again = async {
            tokio::time::sleep(PACE).await;
            // A write meanwhile has left its mark. Ages and alerts change without one.
            let _ = tokio::time::timeout(STALE, store.changed()).await;
        };
        tokio::select! {
            () = again => {}
            () = &mut end => return Ok(ended(&seen)),
        }
    }
}

fn picture(seen: &[Seen], now: Timestamp, json: bool, line: bool) -> Result<String, CliError> {
    if !json {
        return Ok(text(seen, now));
    }
    let all = MonitorJson { connections: seen.iter().map(ConnectionJson::from).collect() };
    if line {
        return output::json_line(&all);
    }
    output::json_text(&all)
}

fn ended(seen: &[Seen]) -> Ended {
    let waits = |h: &Health| {
        h.needs_a_person() || h.alerts.iter().any(|a| matches!(a.rule.as_str(), "token" | "parked"))
    };
    match () {
        () if seen.iter().any(|s| s.health.is_down()) => Ended::Failed,
        () if seen.iter().any(|s| waits(&s.health)) => Ended::NeedsPerson,
        () => Ended::Well,
    }
}

fn text(seen: &[Seen], now: Timestamp) -> String {
    if seen.is_empty() {
        return "No connection is configured: the board is local. `corkboard init` makes one.\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let head = ["CONNECTION", "STATE", "P50", "P95", "BUDGET", "UNSENT", "PARKED", "CONFLICTS"];
    table.set_header(head.into_iter().chain(["LAST GOOD", "NEXT"]));
    for one in seen {
        table.add_row(row(one, now).map(|cell| cleaned(&cell)));
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut out: String = table.lines().map(|l| l.trim_end().to_owned() + "\n").collect();
    for one in seen {
        for words in notes(one) {
            let line = format!("{}: {words}", one.health.connection);
            let _ = writeln!(out, "{}", cleaned(&line));
        }
    }
    out
}

fn row(seen: &Seen, now: Timestamp) -> [String; 10] {
    let h = &seen.health;
    let none = || "-".to_owned();
    let ms = |n: Option<u32>| n.map_or_else(none, |n| format!("{n} ms"));
    let unsent = match h.oldest_unsent {
        Some(oldest) if h.unsent > 0 => format!("{} for {}", h.unsent, when::span(now.since(oldest))),
        _ => h.unsent.to_string(),
    };
    let next = match h.next_attempt {
        Some(at) if seen.live && at > now => format!("in {}", when::span(at.since(now))),
        _ => none(),
    };
    [
        h.connection.to_string(),
        if seen.told_at.is_none() { "never synced".into() } else { h.state.word().to_owned() },
        ms(h.latency_p50()),
        ms(h.percentile(95)),
        h.rate.map_or_else(none, |r| format!("{}/{}", r.remaining, r.limit)),
        unsent,
        h.failed_total.to_string(),
        h.conflicts.to_string(),
        h.last_good.map_or_else(|| "never".into(), |at| format!("{} ago", when::span(now.since(at)))),
        next,
    ]
}

/// What does not fit into a table.
fn notes(seen: &Seen) -> Vec<String> {
    let h = &seen.health;
    let mut out = Vec::new();
    if !seen.live {
        out.push("nobody syncs it now; an open board or `corkboard serve` does".to_owned());
    }
    out.extend(h.reason.clone());
    out.extend(h.warning.clone());
    out.extend(h.question.as_ref().map(|q| format!("asks you: {}", q.text)));
    out.extend(h.alerts.iter().map(|a| format!("alert {}: {}", a.rule, a.text)));
    out.extend(h.failed.iter().take(5).map(|f| format!("parked {} \"{}\": {}", f.key, f.title, f.reason)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ConnectionName;
    use crate::domain::health::FailedItem;

    fn seen() -> Seen {
        let mut health = Health::new(ConnectionName::new("core"), "github", "octo/app".into());
        health.state = HealthState::Healthy;
        health.last_good = Some(Timestamp(1_000));
        health.record(40, true);
        Seen { health, told_at: Some(Timestamp(1_000)), live: true }
    }

    #[test]
    fn what_is_down_outweighs_what_waits() {
        let mut one = seen();
        assert_eq!(ended(std::slice::from_ref(&one)), Ended::Well);
        one.health.conflicts = 1;
        assert_eq!(ended(std::slice::from_ref(&one)), Ended::NeedsPerson);
        one.health.down_since = Some(Timestamp(1));
        assert_eq!(ended(&[seen(), one]), Ended::Failed);
    }

    #[test]
    fn a_server_cannot_draw_on_the_terminal_or_show_a_token() {
        let mut one = seen();
        one.health.reason = Some("\u{1b}[2J ghp_0123456789abcdef".into());
        one.health.failed = vec![FailedItem {
            card: crate::domain::CardId::random(),
            key: "core#1".into(),
            title: "a\u{9b}b".into(),
            reason: "no\nway".into(),
            attempts: 1,
            since: Timestamp(0),
        }];
        let shown = text(&[one], Timestamp(5_000));
        assert!(!shown.contains(['\u{1b}', '\u{9b}']) && !shown.contains("0123456789"), "{shown}");
        assert!(
            shown.contains("core        ok") && shown.contains("4s ago") && shown.contains("no way"),
            "{shown}"
        );
    }
}
