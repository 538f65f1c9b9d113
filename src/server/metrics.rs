//! `/metrics` in the OpenMetrics text format 1.0 (<https://github.com/prometheus/OpenMetrics>, `specification/OpenMetrics.md`):
//! every family once with its type, unit and help, its samples together, `# EOF` at the end.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::Shared;
use super::webhook::Counts;
use crate::domain::health::{Health, HealthState};
use crate::domain::link::ConnectionName;
use crate::support::clock::Timestamp;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const STATES: [(HealthState, &str); 9] = [
    (HealthState::Starting, "starting"),
    (HealthState::Healthy, "healthy"),
    (HealthState::Syncing, "syncing"),
    (HealthState::Throttled, "throttled"),
    (HealthState::Retrying, "retrying"),
    (HealthState::Broken, "broken"),
    (HealthState::Asking, "asking"),
    (HealthState::Paused, "paused"),
    (HealthState::Elsewhere, "elsewhere"),
];

pub(super) async fn page(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let all = shared.engine.health().borrow().clone();
    let hooks: Vec<(&ConnectionName, &Counts)> =
        shared.hooks.iter().map(|(name, hook)| (name, &hook.counts)).collect();
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text(&all, &hooks, shared.engine.clock().now()))
}

/// The page under construction.
struct Page(String);

impl Page {
    /// Begins a family. `unit` is the end of its name, where it has one.
    fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {}", escaped(help));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
        let _ = writeln!(self.0, "{name}{{{}}} {value}", labels.join(","));
    }

    /// A family with one value for each connection that has one.
    fn gauge(
        &mut self,
        all: &[Health],
        (name, unit, help): (&str, &str, &str),
        value: impl Fn(&Health) -> Option<f64>,
    ) {
        self.family(name, "gauge", unit, help);
        for health in all {
            if let Some(value) = value(health) {
                self.sample(name, &[("connection", health.connection.as_str())], value);
            }
        }
    }

    /// A family of counters of each connection, told apart by one label.
    fn counters<const N: usize>(
        &mut self,
        all: &[Health],
        (name, label, help): (&str, &str, &str),
        values: impl Fn(&Health) -> [(&'static str, u64); N],
    ) {
        self.family(name, "counter", "", help);
        for health in all {
            for (word, value) in values(health) {
                let labels = [("connection", health.connection.as_str()), (label, word)];
                self.sample(&format!("{name}_total"), &labels, value as f64);
            }
        }
    }
}

/// A label's value or a help text with what would end it escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1_000.0
}

fn text(all: &[Health], hooks: &[(&ConnectionName, &Counts)], now: Timestamp) -> String {
    let mut page = Page(String::new());
    page.family("corkboard_build", "info", "", "The version that runs.");
    page.sample("corkboard_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    states(&mut page, all);
    requests(&mut page, all);
    queue(&mut page, all, now);
    times(&mut page, all);
    page.counters(all, ("corkboard_sync_passes", "outcome", "Passes that came to their end."), |h| {
        [("complete", h.stats.passes)]
    });
    page.counters(all, ("corkboard_sync_items", "what", "What was synchronised."), |h| {
        let s = &h.stats;
        [
            ("pulled_created", s.pulled_created),
            ("pulled_updated", s.pulled_updated),
            ("created", s.created),
            ("sent", s.sent),
            ("comments", s.comments),
            ("conflicts", s.conflicts),
            ("refused", s.refused),
        ]
    });
    page.family("corkboard_webhooks", "counter", "", "Webhooks that were received.");
    for (name, counts) in hooks {
        for (outcome, count) in
            [("hint", &counts.hints), ("idle", &counts.idle), ("refused", &counts.refused)]
        {
            let labels = [("connection", name.as_str()), ("outcome", outcome)];
            page.sample("corkboard_webhooks_total", &labels, count.load(Ordering::Relaxed) as f64);
        }
    }
    page.0.push_str("# EOF\n");
    page.0
}

fn states(page: &mut Page, all: &[Health]) {
    page.family("corkboard_connection", "info", "", "What each connection connects.");
    for h in all {
        let labels = [("connection", h.connection.as_str()), ("platform", &h.platform), ("scope", &h.scope)];
        page.sample("corkboard_connection_info", &labels, 1.0);
    }
    page.gauge(all, ("corkboard_connection_up", "", "1 while a connection works, 0 while it fails."), |h| {
        Some(f64::from(u8::from(!h.is_down())))
    });
    let name = "corkboard_connection_state";
    page.family(name, "stateset", "", "How each connection is doing.");
    for h in all {
        for (state, word) in STATES {
            let labels = [("connection", h.connection.as_str()), (name, word)];
            page.sample(name, &labels, f64::from(u8::from(h.state == state)));
        }
    }
    page.family("corkboard_alert", "gauge", "", "1 for each alert that lasts.");
    for h in all {
        for alert in &h.alerts {
            let labels = [("connection", h.connection.as_str()), ("rule", alert.rule.as_str())];
            page.sample("corkboard_alert", &labels, 1.0);
        }
    }
}

fn requests(page: &mut Page, all: &[Health]) {
    page.family("corkboard_requests", "counter", "", "Requests to the platform.");
    for h in all {
        let labels = [("connection", h.connection.as_str())];
        page.sample("corkboard_requests_total", &labels, h.requests as f64);
    }
    page.counters(all, ("corkboard_request_errors", "class", "Requests that failed, by class."), |h| {
        let f = &h.failures;
        [
            ("transient", f.transient.into()),
            ("configuration", f.configuration.into()),
            ("permanent", f.permanent.into()),
            ("conflict", f.conflict.into()),
        ]
    });
    let name = "corkboard_request_latency_seconds";
    page.family(name, "summary", "seconds", "Round trips of the last requests.");
    for h in all {
        for (quantile, percent) in [("0.5", 50), ("0.95", 95)] {
            if let Some(ms) = h.percentile(percent) {
                let labels = [("connection", h.connection.as_str()), ("quantile", quantile)];
                page.sample(name, &labels, f64::from(ms) / 1_000.0);
            }
        }
    }
    let rate = |h: &Health| h.rate;
    page.gauge(all, ("corkboard_budget_limit", "", "Requests the platform allows in a window."), |h| {
        rate(h).map(|r| r.limit.into())
    });
    page.gauge(all, ("corkboard_budget_remaining", "", "Requests left in the window."), |h| {
        rate(h).map(|r| r.remaining.into())
    });
    page.gauge(all, ("corkboard_budget_reset_timestamp_seconds", "seconds", "When the window ends."), |h| {
        rate(h).map(|r| seconds(r.resets_at))
    });
}

fn queue(page: &mut Page, all: &[Health], now: Timestamp) {
    page.gauge(all, ("corkboard_unsent", "", "Local changes that are not confirmed yet."), |h| {
        Some(h.unsent.into())
    });
    let oldest = ("corkboard_oldest_unsent_age_seconds", "seconds", "How long the oldest of them waits.");
    page.gauge(all, oldest, |h| {
        Some(h.oldest_unsent.map_or(0.0, |at| now.since(at).max(0) as f64 / 1_000.0))
    });
    page.gauge(all, ("corkboard_parked", "", "Items that wait for a person."), |h| {
        Some(h.failed_total.into())
    });
    page.gauge(all, ("corkboard_conflicts_open", "", "Conflicts that wait for a person."), |h| {
        Some(h.conflicts.into())
    });
    page.gauge(all, ("corkboard_questions_open", "", "1 while a connection asks a person."), |h| {
        Some(f64::from(u8::from(h.question.is_some())))
    });
}

fn times(page: &mut Page, all: &[Health]) {
    type Of = fn(&Health) -> Option<Timestamp>;
    let of: [(&str, &str, Of); 4] = [
        ("corkboard_last_good_timestamp_seconds", "End of the last good pass.", |h| h.last_good),
        ("corkboard_next_attempt_timestamp_seconds", "When something is tried next.", |h| h.next_attempt),
        ("corkboard_down_since_timestamp_seconds", "Since when it fails, while it does.", |h| h.down_since),
        ("corkboard_token_expires_timestamp_seconds", "When the token ends.", |h| h.token_expires),
    ];
    for (name, help, at) in of {
        page.gauge(all, (name, "seconds", help), |h| at(h).map(seconds));
    }
}

#[cfg(test)]
mod tests;
