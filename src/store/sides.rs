//! A card beside its item on one connection, for showing what the connection's field rules make of both. Reads alone.

use super::cards::CardRow;
use super::{Db, Result, Tx};
use crate::domain::card::{Card, CardId};
use crate::domain::link::ConnectionName;
use crate::domain::remote::RemoteItem;
use crate::sync::judge::Known;

/// A card and its item on a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// The card.
    pub card: Card,
    /// What is known of its own side; without anything agreed on where it is not linked.
    pub known: Known,
    /// The item as it was last seen, with the body both sides agreed on; `None` where there is none yet.
    pub remote: Option<RemoteItem>,
}

impl Db {
    /// A card beside its item on `connection`, whether it is linked there or not; `None` when there is no such card.
    pub fn sides(&self, id: CardId, connection: &ConnectionName) -> Result<Option<Sides>> {
        let Some(card) = self.card(id)? else { return Ok(None) };
        let tx = Tx::new(&self.conn, self.now(), &self.who);
        if let Some(link) = card.link_on(connection.as_str())
            && let Some(row) = tx.link_row(link.id)?
        {
            let body = row.known.base.as_ref().map(|base| base.body.clone()).unwrap_or_default();
            let remote = row.remote.map(|remote| RemoteItem { body, ..remote });
            return Ok(Some(Sides { card, known: row.known, remote }));
        }
        let Some(CardRow { fields, edited, undoing, archived, .. }) = tx.card_row(id)? else {
            return Ok(None);
        };
        let known = Known {
            base: None,
            sent: None,
            card: fields,
            edited,
            archived,
            open_conflicts: Vec::new(),
            undoing,
            flapping: Vec::new(),
            told: tx.told_of(id, connection.as_str())?,
        };
        Ok(Some(Sides { card, known, remote: None }))
    }
}
