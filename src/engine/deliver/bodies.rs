//! Writing over a body that holds more than Markdown can say: only what a person agreed to lose goes, and what was
//! there is kept first.

use crate::connector::{RemoteItem, RichBody, body_losses};
use crate::domain::fields::Field;
use crate::engine::worker::{Trouble, Worker};
use crate::store::Item;
use crate::sync::reconcile::Push;

impl Worker {
    /// What of a change goes now, and what writing its body may lose. A body that would lose more than a person agreed
    /// to holds the other fields up no longer than itself: it is left for the next turn, where it is refused alone.
    pub(super) async fn without_losses(
        &self,
        item: &Item,
        mut push: Push,
        seen: &RemoteItem,
    ) -> Result<(Push, Vec<String>), Trouble> {
        let Some(rich) = seen.rich.as_ref().filter(|_| push.fields.contains(&Field::Body)) else {
            return Ok((push, Vec::new()));
        };
        let agreed = self.agreed_losses(item, &push.to.body, rich).await?;
        if push.fields.len() > 1 && body_losses(seen, &push.to.body).iter().any(|l| !agreed.contains(l)) {
            push.fields.remove(&Field::Body);
        }
        Ok((push, agreed))
    }

    /// What may be lost by writing `body` over the item's. When there is something, the body as the platform holds it
    /// goes into the card's history before anything is sent.
    async fn agreed_losses(&self, item: &Item, body: &str, rich: &RichBody) -> Result<Vec<String>, Trouble> {
        let (link, card, name) = (item.link.id, item.link.card, self.settings.name.clone());
        let (body, lost) = (body.to_owned(), as_text(self.settings.name.as_str(), rich));
        let dry_run = self.dry_run;
        let work = move |db: &mut crate::store::Db| {
            let agreed = db.agreed_losses(link, &body)?;
            if !agreed.is_empty() && !dry_run {
                db.keep_lost_body(card, &name, &body, &lost)?;
            }
            Ok(agreed)
        };
        Ok(self.engine.0.store.run(work).await?)
    }
}

/// A body as its platform held it, for the card's history: readable there, and all of it.
fn as_text(connection: &str, rich: &RichBody) -> String {
    let pretty = serde_json::from_str::<serde_json::Value>(&rich.source)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| rich.source.clone());
    format!(
        "What {connection} held ({}) before its body was written over from here:\n\n```json\n{pretty}\n```",
        rich.holds.join(", ")
    )
}
