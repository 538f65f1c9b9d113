//! Looking for texts in bodies and comments on behalf of a front end. Reads the store alone.

use super::{Engine, Update};

impl Engine {
    /// Looks for each of the texts in bodies and comments; the answer is [`Update::Found`] with the same token.
    pub fn search(&self, token: u64, texts: Vec<String>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let found = engine.0.store.run(move |db| db.search(&texts)).await;
            let found = found.map_err(|error| format!("bodies cannot be searched: {error}"));
            engine.send(Update::Found { token, found }).await;
        });
    }
}
