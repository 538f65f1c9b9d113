//! The health of every connection for whoever does not synchronise it: what the process that does last kept, with the
//! counts of the store as it is now. Needs no network, and takes nobody's place.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{Engine, EngineError, lock};
use crate::domain::health::{FailedItem, Health, HealthState};
use crate::store::Parked;
use crate::support::clock::Timestamp;
use crate::sync::alerts;

/// Items that wait for a person, as many as are listed.
pub(super) const SHOWN_FAILED: usize = 20;

/// One connection as it can be seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its health.
    pub health: Health,
    /// When the process that synchronises it last told; `None` when none ever did.
    pub told_at: Option<Timestamp>,
    /// Whether a process synchronises it now.
    pub live: bool,
}

/// Tells when somebody wrote to the database. Ends when dropped.
#[derive(Debug)]
pub struct Watching {
    _watcher: Option<notify::RecommendedWatcher>,
    changed: Arc<Notify>,
}

impl Watching {
    /// Waits for a write since the last call.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Engine {
    /// Every configured connection as it can be seen from outside.
    pub async fn seen(&self) -> Result<Vec<Seen>, EngineError> {
        let (settings, now) = (self.settings(), self.0.clock.now());
        let mut out = Vec::new();
        for connection in &settings.connections {
            let name = connection.name.clone();
            let read = move |db: &mut crate::store::Db| {
                Ok((
                    db.snapshot(&name)?,
                    db.is_paused(&name)?,
                    db.unsent(&name)?,
                    db.oldest_unsent(&name)?,
                    db.parked(&name, SHOWN_FAILED)?,
                    db.open_conflicts(&name)?,
                ))
            };
            let (snapshot, paused, unsent, oldest, (failed, failed_total), conflicts) =
                self.0.store.run(read).await?;
            let blank = || {
                Health::new(
                    connection.name.clone(),
                    connection.platform.as_str(),
                    connection.repository.clone(),
                )
            };
            let told_at = snapshot.as_ref().map(|(_, at)| *at);
            let mut health = snapshot.map_or_else(blank, |(health, _)| health);
            (health.connection, health.scope) = (connection.name.clone(), connection.repository.clone());
            (health.unsent, health.oldest_unsent, health.conflicts) = (unsent, oldest, conflicts);
            health.failed = failed.into_iter().map(FailedItem::from).collect();
            health.failed_total = failed_total;
            if paused {
                health.state = HealthState::Paused;
                health.down_since = None;
            }
            health.alerts = alerts::alerts(&health, &settings.alerts.rules, now);
            let live = lock::is_held(&self.0.data_dir, &connection.name);
            out.push(Seen { health, told_at, live });
        }
        Ok(out)
    }

    /// Watches the database for writes of any process.
    pub fn watch_store(&self) -> Watching {
        let changed = Arc::new(Notify::new());
        let tell = changed.clone();
        Watching { _watcher: self.watch_file(move || tell.notify_one()), changed }
    }
}

impl From<Parked> for FailedItem {
    fn from(p: Parked) -> Self {
        Self {
            card: p.card,
            key: p.key,
            title: p.title,
            reason: p.reason,
            attempts: p.attempts,
            since: p.since,
        }
    }
}
