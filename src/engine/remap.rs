//! Settings that change while the board is open: columns, mappings, connections.

use std::sync::{Arc, PoisonError};

use super::{Engine, EngineError, Update, lock};
use crate::config::{ConnectionSettings, Settings};
use crate::domain::Status;
use crate::store::{Absent, Registration, StoreError};

impl Engine {
    /// Brings the store's rows of the connections up to date. A connection that only has another name now keeps its
    /// cards. One that is read otherwise since it was last seen, or that was away, is read anew from what is stored,
    /// without a request. Returns how many cards moved.
    pub async fn register_connections(&self) -> Result<usize, EngineError> {
        let settings = self.settings();
        let configured = settings.connections.clone();
        let renamed = self.0.store.run(move |db| db.renamed(&configured)).await?;
        // Nobody may be synchronising a connection under the name it had.
        let mut held = Vec::new();
        for (old, new) in &renamed {
            let lock = lock::take(&self.0.data_dir, old);
            held.push(lock.ok().flatten().ok_or_else(|| {
                let words = format!("the config calls the connection `{old}` `{new}` now, and another corkboard is still synchronising it as `{old}`: end that one first");
                StoreError::Unfit(words)
            })?);
        }
        let moved = self
            .0
            .store
            .run(move |db| {
                for (old, new) in &renamed {
                    db.rename_connection(old, new)?;
                    tracing::info!(%old, %new, "a connection has another name");
                }
                let readings: Vec<String> =
                    settings.connections.iter().map(|c| fingerprint(&settings, c)).collect();
                let all: Vec<Registration<'_>> = std::iter::zip(&settings.connections, &readings)
                    .map(|(connection, reading)| Registration { connection, reading })
                    .collect();
                let statuses: Vec<Status> = settings.statuses().cloned().collect();
                Ok(db.register(&all, &statuses)?.len())
            })
            .await?;
        drop(held);
        Ok(moved)
    }

    /// The connections that cards are linked to and that the config does not name: what is theirs is kept, and they
    /// should be told of.
    pub async fn absent_connections(&self) -> Result<Vec<Absent>, EngineError> {
        let settings = self.settings();
        Ok(self.0.store.run(move |db| db.absent(&settings.connections)).await?)
    }

    /// Takes changed settings over: the workers are started anew with them.
    pub async fn apply_settings(&self, settings: Arc<Settings>) -> Result<usize, EngineError> {
        let old = self.0.workers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        old.cancel();
        *self.0.settings.write().unwrap_or_else(PoisonError::into_inner) = settings.clone();
        self.0.monitor.reset(&settings);
        self.0.lines.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.lay_lines();
        self.forget_ways();
        let moved = self.register_connections().await?;
        self.send(Update::Settings(settings)).await;
        self.tell();
        self.start_workers();
        Ok(moved)
    }
}

/// The text by which it is noticed that a connection is read otherwise now: the board's statuses, the connection's
/// targets and names, and whether it sends.
fn fingerprint(settings: &Settings, connection: &ConnectionSettings) -> String {
    let statuses: Vec<&str> = settings.statuses().map(Status::as_str).collect();
    let mut text = serde_json::json!({
        "statuses": statuses, "targets": connection.targets, "pushes": connection.direction.pushes(),
    });
    let names = connection.mapping.names();
    if !names.is_empty() {
        text["names"] = serde_json::json!(names);
    }
    let rules = connection.mapping.rules().as_slice();
    if !rules.is_empty() {
        text["fields"] = serde_json::json!(rules);
    }
    text.to_string()
}
