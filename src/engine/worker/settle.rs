//! The consequences of a step for its connection: health, breaker, cool-down, and what is kept of them.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Stepped, Trouble, Worker, dice};
use crate::domain::health::{BREAKER_EVENTS, BreakerEvent, Health, HealthState, SyncStats};
use crate::store::StoreError;
use crate::support::clock::Timestamp;
use crate::sync::retry::Class;
use crate::sync::schedule::jittered;

/// How long a connection that a person must mend is left alone before it is tried again of itself.
const HALT_MS: i64 = 5 * 60_000;

impl Worker {
    /// Notes a complete, good pass.
    pub(super) async fn succeed(&mut self) -> Result<(), StoreError> {
        let now = self.now();
        self.stored.last_good = Some(now);
        self.stored.cool_down_until = None;
        self.close_breaker();
        self.stored.reason = None;
        self.halted_until = None;
        let next = now.plus_ms(jittered(self.settings.interval.as_millis() as i64, dice()));
        self.next_pull = self.settings.direction.pulls().then_some(next);
        self.keep_health().await?;
        self.show(|h| {
            h.state = HealthState::Healthy;
            h.reason = None;
            h.progress = None;
            h.last_good = Some(now);
            h.down_since = None;
            h.stats.passes += 1;
        });
        Ok(())
    }

    /// Stores what must outlive the process, with the platform's order to stay away among it.
    async fn keep_health(&mut self) -> Result<(), StoreError> {
        self.stored.cool_down_until = self.stored.cool_down_until.max(self.ordered());
        if self.dry_run {
            return Ok(());
        }
        let (name, stored) = (self.settings.name.clone(), self.stored.clone());
        self.engine.0.store.run(move |db| db.set_health(&name, &stored)).await
    }

    /// Until when the platform told this process to stay away, while that lasts.
    fn ordered(&self) -> Option<Timestamp> {
        Some(Timestamp(self.ordered.load(Ordering::SeqCst))).filter(|until| *until > self.now())
    }

    /// Stores an order to stay away that came with the last answer of a pass.
    pub(in crate::engine) async fn keep_order(&mut self) -> Result<(), StoreError> {
        if self.ordered() > self.stored.cool_down_until { self.keep_health().await } else { Ok(()) }
    }

    /// Draws the consequences of a step for the connection.
    pub async fn settle(&mut self, result: Stepped) {
        self.stored.clock_offset_ms = self.clock_offset_ms();
        self.count();
        let now = self.now();
        let failure = match result {
            Ok(()) => return self.recover(),
            Err(Trouble::Store(error)) => {
                let reason = in_full(&error);
                let until = self.open_breaker(&reason);
                tracing::warn!(connection = %self.settings.name, %reason, "the database refused");
                self.show(|h| {
                    (h.state, h.reason, h.next_attempt) = (HealthState::Retrying, Some(reason), Some(until));
                    h.down_since.get_or_insert(now);
                });
                return;
            }
            Err(Trouble::Platform(failure)) => failure,
        };
        let reason = match &failure.help {
            Some(help) => format!("{}; {help}", failure.message),
            None => failure.message.clone(),
        };
        if let Some(until) = self.put_off.take() {
            // Our own budget put the pull off; what a person does goes on.
            self.next_pull = Some(until);
            self.stored.reason = Some(failure.message.clone());
            self.show(|h| (h.reason, h.next_attempt) = (Some(failure.message), Some(until)));
            return;
        }
        let (state, until) = match (failure.class, failure.retry_after_ms) {
            (Class::Configuration, _) => (HealthState::Broken, now.plus_ms(HALT_MS)),
            (_, Some(wait)) => (HealthState::Throttled, now.plus_ms(wait)),
            _ => (HealthState::Retrying, self.open_breaker(&reason)),
        };
        match state {
            HealthState::Broken => {
                self.halted_until = Some(until);
                // A new token may be there when it is tried again.
                *self.line.connector.write().unwrap_or_else(PoisonError::into_inner) = None;
            }
            HealthState::Throttled => self.stored.cool_down_until = Some(until),
            _ => {}
        }
        tracing::warn!(
            connection = %self.settings.name,
            %reason,
            status = failure.status,
            request_id = failure.request_id.as_deref(),
            "sync failed"
        );
        self.stored.reason = Some(reason.clone());
        if let Err(error) = self.keep_health().await {
            tracing::warn!(%error, "the health of the connection could not be stored");
        }
        self.show(|h| {
            (h.state, h.reason, h.next_attempt) = (state, Some(reason), Some(until));
            // Told to wait is not down: it goes on by itself at a time that is known.
            if state != HealthState::Throttled {
                h.down_since.get_or_insert(now);
            }
        });
    }

    /// Notes a failure: nothing is sent before the moment returned.
    fn open_breaker(&mut self, reason: &str) -> Timestamp {
        let now = self.now();
        let until = self.stored.breaker.fail(now, dice(), None);
        let failures = self.stored.breaker.failures;
        let event = BreakerEvent { at: now, failures, until: Some(until), reason: reason.to_owned() };
        self.show(|h| note(h, event));
        until
    }

    /// Notes that the platform answers; a breaker that was open closes, which is told.
    fn close_breaker(&mut self) {
        self.stored.breaker.succeed();
        let event =
            BreakerEvent { at: self.now(), failures: 0, until: None, reason: "it answers again".into() };
        self.show(|h| {
            if h.breaker.back().is_some_and(|last| last.failures > 0) {
                note(h, event);
            }
        });
    }

    /// Forgets the words of refusals that were counted: a process that runs for months must not collect them.
    pub(super) fn forget_refusals(&mut self) {
        self.report.refused.clear();
        self.counted.refused = 0;
    }

    /// Adds to the statistics what the last step did.
    fn count(&mut self) {
        let report = &self.report;
        let all = SyncStats {
            passes: 0,
            pulled_created: report.pulled_created.into(),
            pulled_updated: report.pulled_updated.into(),
            created: report.created.into(),
            sent: report.sent.into(),
            comments: report.comments.into(),
            conflicts: report.conflicts.into(),
            refused: report.refused.len() as u64,
        };
        let before = std::mem::replace(&mut self.counted, all);
        self.show(|h| {
            let stats = &mut h.stats;
            stats.pulled_created += all.pulled_created - before.pulled_created;
            stats.pulled_updated += all.pulled_updated - before.pulled_updated;
            stats.created += all.created - before.created;
            stats.sent += all.sent - before.sent;
            stats.comments += all.comments - before.comments;
            stats.conflicts += all.conflicts - before.conflicts;
            stats.refused += all.refused - before.refused;
        });
    }

    /// A step went well: the platform answers again.
    fn recover(&mut self) {
        self.close_breaker();
        self.stored.reason = None;
        self.show(|h| {
            h.down_since = None;
            if matches!(h.state, HealthState::Retrying | HealthState::Throttled | HealthState::Broken) {
                h.state = HealthState::Syncing;
                h.reason = None;
            }
        });
    }
}

/// Notes what the breaker did, and forgets what it did long ago.
fn note(health: &mut Health, event: BreakerEvent) {
    if health.breaker.len() == BREAKER_EVENTS {
        health.breaker.pop_front();
    }
    health.breaker.push_back(event);
}

/// What went wrong in the store, with what stands behind it and the cure.
pub(in crate::engine) fn in_full(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(|c| format!(": {c}")).unwrap_or_default();
    let help = error.help().map(|h| format!("; {h}")).unwrap_or_default();
    format!("{error}{cause}{help}")
}
