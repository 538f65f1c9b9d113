//! Bodies that hold more on a platform than Markdown can say: what is there, and what an edit would lose.

use super::{Engine, EngineError, Update};
use crate::connector::{RemoteItem, body_losses};
use crate::domain::card::CardId;
use crate::domain::fields::canonical_body;
use crate::domain::link::Link;
use crate::domain::remote::Beyond;
use crate::store::StoreError;

impl Engine {
    /// What making `body` the card's body would lose on its platforms, link by link; nothing where nothing is lost.
    /// Worked out from what was last read of the items: no platform is asked.
    pub async fn body_losses(&self, card: CardId, body: &str) -> Result<Vec<Beyond>, EngineError> {
        let found = self
            .0
            .store
            .run(move |db| {
                let Some(card) = db.card(card)? else { return Ok(None) };
                Ok(Some((db.remotes_of(card.id)?, card)))
            })
            .await?;
        let Some((remotes, card)) = found else { return Ok(Vec::new()) };
        let rich: Vec<(Link, RemoteItem)> = remotes
            .into_iter()
            .filter(|(_, remote)| remote.rich.is_some())
            .filter_map(|(id, remote)| Some((card.links.iter().find(|l| l.id == id)?.clone(), remote)))
            .filter(|(link, _)| self.writes_bodies(link))
            .collect();
        let body = canonical_body(body);
        // A long document may take a while to be read; the runtime's own threads do not wait for it.
        let worked = tokio::task::spawn_blocking(move || {
            let lost = |(link, remote): &(Link, RemoteItem)| Beyond {
                link: link.id,
                connection: link.connection.clone(),
                things: body_losses(remote, &body),
            };
            rich.iter().map(lost).filter(|lost| !lost.things.is_empty()).collect()
        });
        worked
            .await
            .map_err(|_| StoreError::Unfit("what the edit would lose could not be worked out".into()).into())
    }

    /// The same for a front end: the answer is [`Update::BodyChecked`].
    pub fn check_body(&self, card: CardId, body: String) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let losses = engine.body_losses(card, &body).await.map_err(|error| error.to_string());
            engine.send(Update::BodyChecked { card, body, losses }).await;
        });
    }

    /// What the items of a card hold beyond Markdown, where an edit of the body would be written.
    pub(super) fn beyond(&self, linked: &[(Link, RemoteItem)]) -> Vec<Beyond> {
        let holds = |(link, remote): &(Link, RemoteItem)| {
            let things = remote.rich.as_ref()?.holds.clone();
            let there = Beyond { link: link.id, connection: link.connection.clone(), things };
            self.writes_bodies(link).then_some(there)
        };
        linked.iter().filter_map(holds).collect()
    }

    fn writes_bodies(&self, link: &Link) -> bool {
        let settings = self.settings();
        settings.connection(link.connection.as_str()).is_some_and(|c| c.direction.pushes())
    }
}
