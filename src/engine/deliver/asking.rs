//! A move that the platform asks about when it is about to be sent: nothing of it is sent, it waits for a person.

use super::{Delivered, Sent};
use crate::connector::{Asks, Failure};
use crate::engine::worker::Worker;
use crate::store::Item;
use crate::sync::reconcile::Push;

impl Worker {
    /// Sets a move aside until a person gives what the platform asks for, and says so.
    pub(super) async fn ask_person(
        &mut self,
        item: &Item,
        push: &Push,
        revision: i64,
        failure: &Failure,
        asks: Asks,
    ) -> Delivered {
        let (name, link) = (self.settings.name.clone(), item.link.id);
        let words = format!("{name} asks for {} to make it {}", asks.names(), asks.status);
        let mut entry = self.refusal(item, Some(push), failure, "update");
        entry.outcome.clone_from(&words);
        let waits =
            self.engine.0.store.run(move |db| db.await_answer(&name, link, revision, &asks, &entry)).await?;
        if waits {
            let line = format!("{}: {words}", item.link.key(&self.settings.name));
            self.report.refused.push(line);
        }
        Ok(Sent::Settled)
    }
}
