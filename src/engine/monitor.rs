//! The health of every connection, live: workers write it, front ends watch it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::config::Settings;
use crate::connector::Exchange;
use crate::domain::health::{Errors, Health, MINUTES, Minute};
use crate::domain::link::ConnectionName;
use crate::support::clock::Timestamp;

/// A minute, in milliseconds.
const MINUTE_MS: i64 = 60_000;
/// Round trips of one minute that are kept for its percentiles; of more, the latest count.
const SAMPLES: usize = 1_024;

/// Holds the health of every connection and tells who watches.
#[derive(Debug, Clone)]
pub struct Monitor {
    health: watch::Sender<Vec<Health>>,
    /// The round trips of the minute under way.
    samples: Arc<Mutex<HashMap<ConnectionName, Samples>>>,
}

/// The round trips of one minute, in milliseconds.
#[derive(Debug, Default)]
struct Samples {
    minute: Timestamp,
    taken: usize,
    round_trips: Vec<u32>,
}

impl Samples {
    /// Adds one; returns the median and the 95th percentile of its minute so far.
    fn add(&mut self, minute: Timestamp, latency_ms: u32) -> (u32, u32) {
        if self.minute != minute {
            *self = Self { minute, ..Self::default() };
        }
        if self.round_trips.len() < SAMPLES {
            self.round_trips.push(latency_ms);
        } else {
            self.round_trips[self.taken % SAMPLES] = latency_ms;
        }
        self.taken += 1;
        let mut sorted = self.round_trips.clone();
        sorted.sort_unstable();
        let at = |percent: usize| sorted[(sorted.len() - 1) * percent / 100];
        (at(50), at(95))
    }
}

impl Monitor {
    /// Nothing is known yet of any connection.
    pub fn new(settings: &Settings) -> Self {
        Self { health: watch::Sender::new(Self::blank(settings)), samples: Arc::default() }
    }

    fn blank(settings: &Settings) -> Vec<Health> {
        let of = |c: &crate::config::ConnectionSettings| {
            Health::new(c.name.clone(), c.platform.as_str(), c.repository.clone())
        };
        settings.connections.iter().map(of).collect()
    }

    /// Takes changed settings over; what is known of a connection that stays is kept.
    pub fn reset(&self, settings: &Settings) {
        self.health.send_modify(|all| {
            let mut next = Self::blank(settings);
            for health in &mut next {
                if let Some(old) = all.iter().find(|h| h.connection == health.connection) {
                    health.clone_from(old);
                }
            }
            *all = next;
        });
    }

    /// A receiver of every change.
    pub fn watch(&self) -> watch::Receiver<Vec<Health>> {
        self.health.subscribe()
    }

    /// The health of one connection now.
    pub fn of(&self, name: &ConnectionName) -> Option<Health> {
        self.health.borrow().iter().find(|h| h.connection == *name).cloned()
    }

    /// Changes the health of one connection; nobody is told when nothing came of it.
    pub fn update(&self, name: &ConnectionName, change: impl FnOnce(&mut Health)) {
        self.health.send_if_modified(|all| {
            let Some(health) = all.iter_mut().find(|h| h.connection == *name) else { return false };
            let before = health.clone();
            change(health);
            *health != before
        });
    }

    /// Notes an exchange with the platform that ended now.
    pub fn record(&self, name: &ConnectionName, exchange: &Exchange, now: Timestamp) {
        tracing::debug!(
            connection = %name,
            method = exchange.method,
            path = exchange.path,
            status = exchange.status,
            latency_ms = exchange.latency_ms,
            request_id = exchange.request_id.as_deref(),
            "exchange"
        );
        let minute = Timestamp(now.0 - now.0.rem_euclid(MINUTE_MS));
        let (p50, p95) = {
            let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
            samples.entry(name.clone()).or_default().add(minute, exchange.latency_ms)
        };
        let failed = failures(exchange);
        self.update(name, |h| {
            h.record(exchange.latency_ms, failed.total() == 0);
            h.failures = sum(h.failures, failed);
            if exchange.rate.is_some() {
                h.rate = exchange.rate;
            }
            h.budgets.clone_from(&exchange.budgets);
            if h.minutes.back().is_none_or(|m| m.at < minute) {
                if h.minutes.len() == MINUTES {
                    h.minutes.pop_front();
                }
                h.minutes.push_back(Minute { at: minute, ..Minute::default() });
            }
            if let Some(last) = h.minutes.back_mut() {
                last.requests += 1;
                (last.p50, last.p95) = (p50, p95);
                last.errors = sum(last.errors, failed);
            }
        });
    }
}

/// What an exchange adds to the failures, by what its status tells of their class. A 403 that ends the budget passes
/// with its window; any other is a permission somebody must give.
fn failures(exchange: &Exchange) -> Errors {
    let none = Errors::default();
    let spent = exchange.rate.is_some_and(|r| r.remaining == 0);
    match exchange.status {
        Some(..=399) => none,
        Some(401) => Errors { configuration: 1, ..none },
        Some(403) if !spent => Errors { configuration: 1, ..none },
        None | Some(403 | 408 | 425 | 429 | 500..) => Errors { transient: 1, ..none },
        Some(409 | 412) => Errors { conflict: 1, ..none },
        Some(_) => Errors { permanent: 1, ..none },
    }
}

fn sum(a: Errors, b: Errors) -> Errors {
    Errors {
        transient: a.transient.saturating_add(b.transient),
        configuration: a.configuration.saturating_add(b.configuration),
        permanent: a.permanent.saturating_add(b.permanent),
        conflict: a.conflict.saturating_add(b.conflict),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(status: Option<u16>, latency_ms: u32) -> Exchange {
        Exchange {
            method: "GET".into(),
            path: "/repos/octo/app/issues".into(),
            status,
            latency_ms,
            rate: None,
            budgets: Vec::new(),
            request_id: None,
        }
    }

    fn monitor() -> (Monitor, ConnectionName) {
        let name = ConnectionName::new("core");
        let health = Health::new(name.clone(), "github", "octo/app".into());
        (Monitor { health: watch::Sender::new(vec![health]), samples: Arc::default() }, name)
    }

    #[test]
    fn a_minute_has_its_own_percentiles_and_its_errors_by_class() {
        let (monitor, name) = monitor();
        for ms in 1..=100 {
            monitor.record(&name, &exchange(Some(200), ms), Timestamp(60_000 + i64::from(ms)));
        }
        for (status, at) in
            [(Some(502), 120_000), (Some(422), 150_000), (None, 170_000), (Some(401), 179_999)]
        {
            monitor.record(&name, &exchange(status, 7), Timestamp(at));
        }
        let health = monitor.of(&name).expect("there");
        let minutes: Vec<Minute> = health.minutes.into_iter().collect();
        assert_eq!((minutes[0].at, minutes[0].requests), (Timestamp(60_000), 100));
        assert_eq!((minutes[0].p50, minutes[0].p95), (50, 95));
        assert_eq!(minutes[0].errors, Errors::default());
        let errors = Errors { transient: 2, configuration: 1, permanent: 1, conflict: 0 };
        assert_eq!((minutes[1].p50, minutes[1].errors), (7, errors));
        assert_eq!((health.failures, health.errors), (errors, 4));
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let (monitor, name) = monitor();
        for minute in 0..100 {
            monitor.record(&name, &exchange(Some(200), 1), Timestamp(minute * MINUTE_MS));
        }
        let minutes = monitor.of(&name).expect("there").minutes;
        assert_eq!((minutes.len(), minutes[0].at), (MINUTES, Timestamp(40 * MINUTE_MS)));
    }

    #[test]
    fn a_flood_in_one_minute_takes_no_more_room_than_its_samples() {
        let mut samples = Samples::default();
        for n in 0..5_000 {
            samples.add(Timestamp(0), n);
        }
        assert_eq!(samples.round_trips.len(), SAMPLES);
        assert!(samples.add(Timestamp(0), 5_000).0 > 3_900, "the latest count");
    }
}
