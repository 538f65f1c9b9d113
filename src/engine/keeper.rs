//! What goes on beside the sync: alerts begin and end, the health is kept for other processes to see, and the audit
//! log forgets what is too old. One task; it sleeps until something changes or is due.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::worker::Worker;
use super::{Engine, Line};
use crate::domain::health::{Health, HealthState};
use crate::domain::link::ConnectionName;
use crate::store::{StoreError, Who};
use crate::support::clock::Timestamp;
use crate::sync::alerts;

/// Least time between two snapshots of one connection, in milliseconds.
const SNAPSHOT_MS: i64 = 2_000;
/// How often the audit log is looked through for what is too old, in milliseconds.
const FORGET_MS: i64 = 24 * 3_600_000;
/// How long a snapshot that could not be written is left, in milliseconds.
const RETRY_MS: i64 = 10_000;

/// How long a pass may go on before it is worth a snapshot of its own, in milliseconds: most end sooner.
const PASS_MS: i64 = 1_000;

/// The snapshots this process wrote.
type Kept = HashMap<ConnectionName, Snapshot>;

/// What is known of the snapshots of one connection.
#[derive(Debug)]
struct Snapshot {
    /// What was in the last one.
    last: Option<Health>,
    /// When the next may be written.
    free_at: Timestamp,
    /// Since when the pass under way is seen.
    pass: Option<Timestamp>,
}

impl Snapshot {
    /// When `health` is to be written; `None` when there is nothing new in it.
    fn due(&mut self, health: &Health, now: Timestamp) -> Option<Timestamp> {
        let passing = health.state == HealthState::Syncing;
        self.pass = passing.then(|| self.pass.unwrap_or(now));
        if self.last.as_ref() == Some(health) {
            return None;
        }
        let told = self.pass.map_or(now, |since| since.plus_ms(PASS_MS));
        Some(self.free_at.max(told))
    }
}

/// Marks that this process synchronises a connection, as long as it lives.
pub(super) struct Hold(std::sync::Arc<Line>);

impl Hold {
    pub(super) fn on(line: &std::sync::Arc<Line>) -> Self {
        line.held.store(true, Ordering::SeqCst);
        Self(line.clone())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.held.store(false, Ordering::SeqCst);
    }
}

impl Engine {
    /// Tells the store how much of a body the audit log keeps.
    pub(super) fn name_the_writer(&self) -> Result<(), StoreError> {
        let audit_bodies = self.settings().audit.bodies;
        self.0.store.post(move |db| db.set_who(Who { audit_bodies, ..db.who.clone() }))
    }

    /// Starts the task; without a connection and without something to forget there is none.
    pub(super) fn start_keeper(&self) {
        let settings = self.settings();
        if settings.connections.is_empty() && settings.audit.retention.is_none() {
            return;
        }
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let cancel = engine.0.cancel.clone();
            tokio::select! {
                () = cancel.cancelled() => {}
                () = engine.keep() => {}
            }
        });
    }

    async fn keep(&self) {
        let mut health = self.health();
        let mut kept = Kept::new();
        let mut forget_at = self.0.clock.now();
        let mut bodies = self.settings().audit.bodies;
        loop {
            let now = self.0.clock.now();
            // The settings may have been read anew.
            let wanted = self.settings().audit.bodies;
            if wanted != bodies && self.name_the_writer().is_ok() {
                bodies = wanted;
            }
            if forget_at <= now {
                self.forget_audit().await;
                forget_at = now.plus_ms(FORGET_MS);
            }
            let due = self.watch_alerts(now);
            let unwritten = self.keep_snapshots(&mut kept, now).await;
            let next = [due, unwritten, Some(forget_at)].into_iter().flatten().min().unwrap_or(forget_at);
            let wait = Duration::from_millis(next.since(self.0.clock.now()).max(1) as u64);
            tokio::select! {
                changed = health.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Lets alerts begin and end. Returns when to look again although nothing happens.
    pub(super) fn watch_alerts(&self, now: Timestamp) -> Option<Timestamp> {
        let rules = self.settings().alerts.rules;
        let all = self.0.monitor.watch().borrow().clone();
        let mut next = None;
        for health in all {
            let told = alerts::alerts(&health, &rules, now);
            if told != health.alerts {
                let after = Health { alerts: told, ..health.clone() };
                for alert in after.begun_since(&health.alerts) {
                    tracing::warn!(connection = %health.connection, rule = alert.rule, text = alert.text, "an alert begins");
                }
                for alert in health.begun_since(&after.alerts) {
                    tracing::info!(connection = %health.connection, rule = alert.rule, "an alert ends");
                }
                self.0.monitor.update(&health.connection, |h| h.alerts = after.alerts);
            }
            next = [next, alerts::due(&health, &rules, now)].into_iter().flatten().min();
        }
        next
    }

    /// Keeps the health of the connections this process synchronises, as far as it changed and its time has come.
    /// Returns when the next one may be written that is waiting.
    async fn keep_snapshots(&self, kept: &mut Kept, now: Timestamp) -> Option<Timestamp> {
        let mut next: Option<Timestamp> = None;
        let all = self.0.monitor.watch().borrow().clone();
        for health in all {
            let held = self.line(&health.connection).is_some_and(|l| l.is_held());
            if !held || !has_something_to_tell(&health) {
                kept.remove(&health.connection);
                continue;
            }
            let blank = Snapshot { last: None, free_at: now, pass: None };
            let kept = kept.entry(health.connection.clone()).or_insert(blank);
            let Some(mut due) = kept.due(&health, now) else { continue };
            if due <= now {
                let written = health.clone();
                match self.0.store.run(move |db| db.keep_snapshot(&written)).await {
                    Ok(()) => {
                        (kept.last, kept.free_at) = (Some(health), now.plus_ms(SNAPSHOT_MS));
                        continue;
                    }
                    Err(error) => {
                        tracing::debug!(%error, "the health could not be kept");
                        kept.free_at = now.plus_ms(RETRY_MS);
                        due = kept.free_at;
                    }
                }
            }
            next = Some(next.map_or(due, |at| at.min(due)));
        }
        next
    }

    /// The connections this process synchronises.
    pub(super) fn held(&self) -> Vec<ConnectionName> {
        let lines = self.0.lines.read().unwrap_or_else(PoisonError::into_inner);
        let held = lines.iter().filter(|(_, line)| line.is_held());
        held.map(|(name, _)| name.clone()).collect()
    }

    /// Keeps the health of these connections as it is at the end, where that was not kept yet.
    pub(super) async fn leave_snapshots(&self, held: Vec<ConnectionName>) {
        for health in held.iter().filter_map(|name| self.0.monitor.of(name)).filter(has_something_to_tell) {
            let work = move |db: &mut crate::store::Db| {
                let kept = db.snapshot(&health.connection)?;
                if kept.is_some_and(|(kept, _)| kept == health) { Ok(()) } else { db.keep_snapshot(&health) }
            };
            if let Err(error) = self.0.store.run(work).await {
                tracing::debug!(%error, "the health could not be kept");
            }
        }
    }

    /// Takes over what was known of a connection that this process begins to synchronise: the last hour, what the
    /// breaker did, since when it fails. Requests and statistics are this process' own.
    pub(super) async fn take_over(&self, name: &ConnectionName) {
        let (wanted, now) = (name.clone(), self.0.clock.now());
        let found = self.0.store.run(move |db| db.snapshot(&wanted)).await;
        let Ok(Some((before, _))) = found else { return };
        let hour = now.plus_ms(-3_600_000);
        self.0.monitor.update(name, |h| {
            // A worker that was started anew goes on with what this process knows.
            if h.requests > 0 && h.state != HealthState::Elsewhere {
                return;
            }
            let fresh = Health::new(h.connection.clone(), h.platform.clone(), h.scope.clone());
            *h = Health { state: h.state, ..fresh };
            h.minutes = before.minutes.into_iter().filter(|m| m.at > hour).collect();
            h.breaker = before.breaker;
            h.rate = before.rate.filter(|r| r.resets_at > now);
            h.token_expires = before.token_expires;
            h.down_since = before.down_since;
            h.alerts = before.alerts;
        });
    }

    /// Shows of the connections that another process synchronises what that one last showed.
    pub(super) async fn show_elsewhere(&self) {
        let all = self.0.monitor.watch().borrow().clone();
        for health in all.into_iter().filter(|h| h.state == HealthState::Elsewhere) {
            let name = health.connection.clone();
            let read = move |db: &mut crate::store::Db| {
                Ok((
                    db.snapshot(&name)?,
                    db.unsent(&name)?,
                    db.oldest_unsent(&name)?,
                    db.open_conflicts(&name)?,
                ))
            };
            let Ok((snapshot, unsent, oldest_unsent, conflicts)) = self.0.store.run(read).await else {
                continue;
            };
            let known = snapshot.map_or_else(|| health.clone(), |(known, _)| known);
            self.0.monitor.update(&health.connection, |h| {
                // It may have become ours while we read.
                if h.state == HealthState::Elsewhere {
                    *h = Health {
                        connection: h.connection.clone(),
                        platform: h.platform.clone(),
                        scope: h.scope.clone(),
                        state: HealthState::Elsewhere,
                        alerts: std::mem::take(&mut h.alerts),
                        unsent,
                        oldest_unsent,
                        conflicts,
                        ..known
                    };
                }
            });
        }
    }

    /// Removes what of the audit log is older than the retention allows.
    pub(super) async fn forget_audit(&self) {
        let Some(retention) = self.settings().audit.retention else { return };
        let until = self.0.clock.now().plus_ms(-(retention.as_millis() as i64));
        match self.0.store.run(move |db| db.audit_forget(until)).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, until = until.to_rfc3339(), "rows of the audit log went"),
            Err(error) => tracing::warn!(%error, "the audit log could not be shortened"),
        }
    }
}

/// Whether something came of it in this process.
fn has_something_to_tell(health: &Health) -> bool {
    !matches!(health.state, HealthState::Elsewhere | HealthState::Starting)
}

impl Worker {
    /// Keeps the health as a single pass leaves it.
    pub(super) async fn leave_snapshot(&mut self, unsent: u32, parked: u32, conflicts: u32) {
        let name = self.settings.name.clone();
        self.engine.0.monitor.update(&name, |h| {
            (h.unsent, h.failed_total, h.conflicts) = (unsent, parked, conflicts);
        });
        self.engine.watch_alerts(self.now());
        let Some(health) = self.engine.0.monitor.of(&name).filter(|h| h.requests > 0 || h.is_down()) else {
            return;
        };
        if let Err(error) = self.engine.0.store.run(move |db| db.keep_snapshot(&health)).await {
            tracing::debug!(%error, "the health could not be kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(state: HealthState, requests: u64) -> Health {
        let blank = Health::new(ConnectionName::new("core"), "github", "octo/app".into());
        Health { state, requests, ..blank }
    }

    #[test]
    fn a_short_pass_is_one_snapshot_at_its_end() {
        let mut kept =
            Snapshot { last: Some(health(HealthState::Healthy, 1)), free_at: Timestamp(0), pass: None };
        assert_eq!(kept.due(&health(HealthState::Healthy, 1), Timestamp(10)), None, "nothing new");
        let begun = kept.due(&health(HealthState::Syncing, 1), Timestamp(20));
        assert_eq!(begun, Some(Timestamp(1_020)), "it may end before that");
        assert_eq!(kept.due(&health(HealthState::Syncing, 9), Timestamp(500)), Some(Timestamp(1_020)));
        assert_eq!(kept.due(&health(HealthState::Healthy, 2), Timestamp(600)), Some(Timestamp(600)));
    }

    #[test]
    fn two_snapshots_are_never_closer_than_their_pace() {
        let mut kept = Snapshot { last: None, free_at: Timestamp(5_000), pass: None };
        assert_eq!(kept.due(&health(HealthState::Retrying, 1), Timestamp(3_000)), Some(Timestamp(5_000)));
    }
}
