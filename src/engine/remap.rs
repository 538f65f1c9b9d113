//! Settings that change while the board is open: columns, mappings, connections.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::{Engine, EngineError, Update};
use crate::config::{ConnectionSettings, Settings};

impl Engine {
    /// Brings the store's rows of the connections up to date. A connection whose mapping changed since it was last
    /// read is read anew from what is stored, without a request. Returns how many cards moved.
    pub async fn register_connections(&self) -> Result<usize, EngineError> {
        let settings = self.settings();
        let moved = self
            .0
            .store
            .run(move |db| {
                let mut moved = BTreeSet::new();
                for connection in &settings.connections {
                    let mapping = fingerprint(&settings, connection);
                    let before = db.register(connection, &mapping)?;
                    if before.is_some_and(|b| b != mapping) {
                        let out = db.remap(&connection.name, &connection.mapping)?;
                        moved.extend(out.moves.into_iter().map(|(card, _, _)| card));
                    }
                }
                if let Some(first) = settings.columns.first() {
                    let statuses: Vec<_> = settings.statuses().cloned().collect();
                    let rescued = db.rescue_stranded(&statuses, &first.status)?;
                    return Ok(moved.len() + rescued as usize);
                }
                Ok(moved.len())
            })
            .await?;
        Ok(moved)
    }

    /// Takes changed settings over: the workers are started anew with them.
    pub async fn apply_settings(&self, settings: Arc<Settings>) -> Result<usize, EngineError> {
        let old = self.0.workers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        old.cancel();
        *self.0.settings.write().unwrap_or_else(PoisonError::into_inner) = settings.clone();
        self.0.monitor.reset(&settings);
        self.0.lines.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.lay_lines();
        let moved = self.register_connections().await?;
        self.send(Update::Settings(settings)).await;
        self.tell();
        self.start_workers();
        Ok(moved)
    }
}

/// The text by which a changed mapping is noticed: the board's statuses and the connection's targets.
fn fingerprint(settings: &Settings, connection: &ConnectionSettings) -> String {
    let statuses: Vec<&str> = settings.statuses().map(crate::domain::Status::as_str).collect();
    serde_json::json!({ "statuses": statuses, "targets": connection.targets }).to_string()
}
