//! Changing the config file on behalf of a front end: where waiting holds nobody up, with errors for a person, and with a
//! row in the audit log. What is changed and who takes it over is the caller's business.

use super::Engine;
use crate::config::{EditError, Settings};
use crate::store::{AuditEntry, Origin};

impl Engine {
    /// Runs `write`, which changes the config file, and gives back the settings it then holds; the error says for a
    /// person why not. Whoever calls it holds the turn (`config_turn`), so that each is written over the text the one
    /// before left.
    pub(super) async fn write_config(
        &self,
        write: impl FnOnce() -> Result<Settings, EditError> + Send + 'static,
    ) -> Result<Settings, String> {
        let saved = tokio::task::spawn_blocking(write).await;
        saved.map_err(|_| "the config could not be written".to_owned())?.map_err(|error| {
            let help = error.help().map(|h| format!("; {h}")).unwrap_or_default();
            format!("{error}{help}")
        })
    }

    /// Notes in the audit log what of the config of a board was changed.
    pub(super) async fn note_config(&self, action: &'static str, board: String, fields: serde_json::Value) {
        let entry =
            AuditEntry { action, object: board, fields, outcome: "ok".into(), ..AuditEntry::default() };
        if let Err(error) = self.0.store.run(move |db| db.audit(&Origin::Local, None, &entry)).await {
            tracing::warn!(%error, "the audit log could not be written");
        }
    }
}
