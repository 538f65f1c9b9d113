//! One card on several platforms: the use cases of linking.

use super::{Engine, EngineError};
use crate::domain::card::CardId;
use crate::domain::link::ConnectionName;

impl Engine {
    /// Makes an item for a card on one more connection.
    pub async fn add_link(&self, card: CardId, connection: &ConnectionName) -> Result<(), EngineError> {
        let (rules, name) = (self.rules(), connection.clone());
        let done = self.0.store.run(move |db| db.add_link(card, &name, &rules)).await?;
        self.wake(done.wake);
        Ok(())
    }

    /// Makes one card of two; the values of `hub` stand. See [`crate::store::Db::join`].
    pub async fn join(&self, hub: CardId, other: CardId) -> Result<(), EngineError> {
        let rules = self.rules();
        let done = self.0.store.run(move |db| db.join(hub, other, &rules)).await?;
        self.wake(done.wake);
        Ok(())
    }

    /// Takes a card off a connection; its item gets a card of its own, if there is one.
    pub async fn part(
        &self,
        card: CardId,
        connection: &ConnectionName,
    ) -> Result<Option<CardId>, EngineError> {
        let name = connection.clone();
        Ok(self.0.store.run(move |db| db.part(card, &name)).await?)
    }
}
