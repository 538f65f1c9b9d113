//! Looking for texts in bodies and comments on behalf of a front end. Reads the store alone.

use std::collections::HashSet;

use super::{Engine, Update};
use crate::domain::card::CardId;
use crate::store::{Db, StoreError};

impl Engine {
    /// Looks for each of the texts in bodies and comments; the answer is [`Update::Found`] with the same token.
    pub fn search(&self, token: u64, texts: Vec<String>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let found = engine.look_for(texts).await;
            let found = found.map_err(|error| format!("bodies cannot be searched: {error}"));
            engine.send(Update::Found { token, found }).await;
        });
    }

    /// The cards whose bodies or comments hold each of the texts; indexes first what was written since the last time,
    /// step by step, so that nothing else has to wait for all of it.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn look_for(&self, texts: Vec<String>) -> Result<Vec<HashSet<CardId>>, StoreError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        if self.0.store.run(|db| db.has_texts_due()).await? {
            while self.0.store.run(Db::index_texts).await? {}
        }
        self.0.store.run(move |db| db.search(&texts)).await
    }
}
