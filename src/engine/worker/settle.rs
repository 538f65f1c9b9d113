//! The consequences of a step for its connection: health, breaker, cool-down, and what is kept of them.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Stepped, Trouble, Worker, dice};
use crate::domain::health::HealthState;
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
        self.stored.breaker.succeed();
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
        let failure = match result {
            Ok(()) => return self.recover(),
            Err(Trouble::Store(error)) => {
                let until = self.stored.breaker.fail(self.now(), dice(), None);
                let reason = in_full(&error);
                tracing::warn!(connection = %self.settings.name, %reason, "the database refused");
                self.show(|h| {
                    (h.state, h.reason, h.next_attempt) = (HealthState::Retrying, Some(reason), Some(until));
                });
                return;
            }
            Err(Trouble::Platform(failure)) => failure,
        };
        let now = self.now();
        let (state, until) = match (failure.class, failure.retry_after_ms) {
            (Class::Configuration, _) => (HealthState::Broken, now.plus_ms(HALT_MS)),
            (_, Some(wait)) => (HealthState::Throttled, now.plus_ms(wait)),
            _ => (HealthState::Retrying, self.stored.breaker.fail(now, dice(), None)),
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
        let reason = match &failure.help {
            Some(help) => format!("{}; {help}", failure.message),
            None => failure.message.clone(),
        };
        tracing::warn!(connection = %self.settings.name, %reason, status = failure.status, "sync failed");
        self.stored.reason = Some(reason.clone());
        if let Err(error) = self.keep_health().await {
            tracing::warn!(%error, "the health of the connection could not be stored");
        }
        self.show(|h| (h.state, h.reason, h.next_attempt) = (state, Some(reason), Some(until)));
    }

    /// A step went well: the platform answers again.
    fn recover(&mut self) {
        self.stored.breaker.succeed();
        self.stored.reason = None;
        self.show(|h| {
            if matches!(h.state, HealthState::Retrying | HealthState::Throttled | HealthState::Broken) {
                h.state = HealthState::Syncing;
                h.reason = None;
            }
        });
    }
}

/// What went wrong in the store, with what stands behind it and the cure.
pub(in crate::engine) fn in_full(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(|c| format!(": {c}")).unwrap_or_default();
    let help = error.help().map(|h| format!("; {h}")).unwrap_or_default();
    format!("{error}{cause}{help}")
}
