//! One card on several platforms: the use cases of linking, and the search for cards that may be the same work.

use super::{Engine, EngineError, Update};
use crate::domain::card::CardId;
use crate::domain::link::ConnectionName;
use crate::domain::twins::{self, Difference, Twin};

/// What a front end asks about a card's links; the answer is [`Update::Links`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkAsk {
    /// Look for cards that may be the same work.
    Twins(CardId),
    /// These two are not the same work: never suggest it again.
    Dismiss {
        /// One card.
        card: CardId,
        /// The other.
        other: CardId,
    },
    /// Tell what joining would replace.
    Compare {
        /// The card whose values stand.
        hub: CardId,
        /// The card that becomes part of it.
        other: CardId,
    },
    /// Make an item on one more connection.
    Add {
        /// Which card.
        card: CardId,
        /// On which connection.
        connection: ConnectionName,
    },
    /// Make one card of two.
    Join {
        /// The card whose values stand.
        hub: CardId,
        /// The card that becomes part of it.
        other: CardId,
    },
    /// Take a card off a connection.
    Part {
        /// Which card.
        card: CardId,
        /// Off which connection.
        connection: ConnectionName,
    },
}

/// What came of a [`LinkAsk`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTold {
    /// Cards that may be the same work, the likeliest first.
    Twins {
        /// As which card.
        card: CardId,
        /// The suggestions.
        twins: Vec<Twin>,
    },
    /// What joining would replace.
    Compared {
        /// The card whose values stand.
        hub: CardId,
        /// The card that would become part of it.
        other: CardId,
        /// The fields that differ.
        differences: Vec<Difference>,
    },
    /// It was done.
    Done {
        /// The card it was done to, or that is there now.
        card: CardId,
        /// The card that became part of it.
        gone: Option<CardId>,
        /// What was done, in words that follow the card's key.
        words: String,
    },
    /// It was not done; nothing changed.
    Refused {
        /// Which card.
        card: CardId,
        /// Why, in words.
        why: String,
    },
}

impl LinkAsk {
    /// The card it is about.
    fn card(&self) -> CardId {
        match self {
            Self::Twins(card)
            | Self::Dismiss { card, .. }
            | Self::Compare { hub: card, .. }
            | Self::Add { card, .. }
            | Self::Join { hub: card, .. }
            | Self::Part { card, .. } => *card,
        }
    }
}

impl Engine {
    /// Does what is asked about a card's links; the answer is [`Update::Links`].
    pub fn links(&self, ask: LinkAsk) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            // Nobody asked for a suggestion by name: that there is none because of a failure is for the log.
            let (card, quiet) = (ask.card(), matches!(ask, LinkAsk::Twins(_)));
            let told = match engine.carry_out_link(ask).await {
                Ok(told) => told,
                Err(error) if quiet => {
                    tracing::warn!(%error, "twins could not be looked for");
                    None
                }
                Err(error) => Some(LinkTold::Refused { card, why: error.to_string() }),
            };
            engine.tell();
            if let Some(told) = told {
                engine.send(Update::Links(Box::new(told))).await;
            }
        });
    }

    async fn carry_out_link(&self, ask: LinkAsk) -> Result<Option<LinkTold>, EngineError> {
        Ok(Some(match ask {
            LinkAsk::Twins(card) => LinkTold::Twins { card, twins: self.twins(Some(card)).await? },
            LinkAsk::Dismiss { card, other } => {
                self.dismiss_twin(card, other).await?;
                return Ok(None);
            }
            LinkAsk::Compare { hub, other } => {
                LinkTold::Compared { hub, other, differences: self.differences(hub, other).await? }
            }
            LinkAsk::Add { card, connection } => {
                self.add_link(card, &connection).await?;
                let words = format!("is linked to {connection}: its item is made there");
                LinkTold::Done { card, gone: None, words }
            }
            LinkAsk::Join { hub, other } => {
                self.join(hub, other).await?;
                let words = "has the other's links now: the two are one card".to_owned();
                LinkTold::Done { card: hub, gone: Some(other), words }
            }
            LinkAsk::Part { card, connection } => {
                let words = match self.part(card, &connection).await? {
                    Some(_) => format!("is off {connection}: the item there has a card of its own"),
                    None => format!("is off {connection}: no item is made there"),
                };
                LinkTold::Done { card, gone: None, words }
            }
        }))
    }

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

    /// What joining two cards would replace: the fields that differ, labels and people aside, which are kept of both.
    pub async fn differences(&self, hub: CardId, other: CardId) -> Result<Vec<Difference>, EngineError> {
        Ok(self.0.store.run(move |db| db.differences(hub, other)).await?)
    }

    /// Cards that may be the same work as `only`, or as each other: the likeliest first. They are compared on a thread
    /// of their own; the store's only reads them.
    pub async fn twins(&self, only: Option<CardId>) -> Result<Vec<Twin>, EngineError> {
        if !self.can_have_twins(only).await? {
            return Ok(Vec::new());
        }
        let (all, dismissed) = self.0.store.run(|db| db.suspects()).await?;
        let compared = tokio::task::spawn_blocking(move || twins::likely(&all, &dismissed, only)).await;
        Ok(compared.unwrap_or_else(|error| {
            tracing::warn!(%error, "the search for twins did not end");
            Vec::new()
        }))
    }

    /// Where there is one connection only a card on it has no twin, and no body is read to find that out.
    async fn can_have_twins(&self, only: Option<CardId>) -> Result<bool, EngineError> {
        match (self.settings().connections.len(), only) {
            (0, _) => Ok(false),
            (1, Some(card)) => {
                let card = self.0.store.run(move |db| db.card(card)).await?;
                Ok(card.is_some_and(|c| c.links.is_empty()))
            }
            _ => Ok(true),
        }
    }

    /// Notes that two cards are not the same work: they are not suggested again.
    pub async fn dismiss_twin(&self, card: CardId, other: CardId) -> Result<(), EngineError> {
        Ok(self.0.store.run(move |db| db.dismiss_twin(card, other)).await?)
    }
}
