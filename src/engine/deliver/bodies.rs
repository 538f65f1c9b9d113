//! Writing over a body that holds more than Markdown can say: only what a person agreed to lose goes, and what was
//! there is kept first.

use crate::connector::RemoteItem;
use crate::domain::remote::RichBody;
use crate::engine::worker::{Trouble, Worker};
use crate::store::Item;

impl Worker {
    /// What may be lost by writing `body` over the item's. When there is something, the body as the platform holds it
    /// goes into the card's history before anything is sent.
    pub(super) async fn agreed_losses(
        &self,
        item: &Item,
        body: Option<&str>,
        seen: &RemoteItem,
    ) -> Result<Vec<String>, Trouble> {
        let (Some(body), Some(rich)) = (body, &seen.rich) else { return Ok(Vec::new()) };
        let (link, card, name) = (item.link.id, item.link.card, self.settings.name.clone());
        let (body, lost) = (body.to_owned(), as_text(self.settings.name.as_str(), rich));
        let work = move |db: &mut crate::store::Db| {
            let agreed = db.agreed_losses(link, &body)?;
            if !agreed.is_empty() {
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
