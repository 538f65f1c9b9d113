//! What a person chooses on the screen and wants kept: written into the config, and known to everybody at once. Nothing
//! here touches cards or connections.

use std::sync::{Arc, PoisonError};

use super::{Engine, Update};
use crate::config::{Choice, edit};

impl Engine {
    /// Keeps a choice in the config file, its comments too: the answer is [`Update::Settings`], or [`Update::NotKept`]
    /// with the file as it was.
    pub fn keep_choice(&self, choice: Choice) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            if let Err(reason) = engine.write_choice(choice).await {
                engine.send(Update::NotKept { reason }).await;
            }
        });
    }

    async fn write_choice(&self, choice: Choice) -> Result<(), String> {
        // One after the other: each is written over the text the one before left.
        let _turn = self.0.config_turn.lock().await;
        let settings = self.settings();
        let Some(file) = settings.file.clone() else {
            return Err("there is no config file to keep it in; start with --config FILE".to_owned());
        };
        let (expected, told) = (settings.source.clone(), choice.told());
        let saved = self.write_config(move || edit::save_choice(&file, expected.as_deref(), &choice)).await?;
        let (board, saved) = (saved.board_name.clone(), Arc::new(saved));
        // No connection reads what can be chosen: none is started anew.
        *self.0.settings.write().unwrap_or_else(PoisonError::into_inner) = saved.clone();
        self.send(Update::Settings(saved)).await;
        self.note_config("config", board, serde_json::json!({ "kept": told })).await;
        self.send(Update::Notice(format!("kept: {told}"))).await;
        Ok(())
    }
}
