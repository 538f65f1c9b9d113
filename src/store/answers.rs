//! Moves that a platform asks about: the question beside the queued move, and the answer until the move is made.
//!
//! An answer belongs to one link and one status. It is written with the move it is for or for one that waits, and it goes
//! when nothing of the link waits any more, or when the card is moved elsewhere.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::load::parse;
use super::{AuditEntry, Db, Origin, Result, StoreError, Tx};
use crate::domain::card::CardId;
use crate::domain::fields::Fields;
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::mapping::Status;
use crate::domain::moves::{Asks, Given, Waiting};
use crate::domain::remote::RemoteItem;

/// An item of a card as it was last seen, and the status both sides last agreed on.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its link.
    pub link: LinkId,
    /// Its connection.
    pub connection: ConnectionName,
    /// The item, without its body.
    pub remote: RemoteItem,
    /// The status both sides agreed on.
    pub agreed: Status,
}

impl Db {
    /// A card's status, and its items as they were last seen.
    pub fn standings(&self, card: CardId) -> Result<Option<(Status, Vec<Standing>)>> {
        let Some(status) = self.card(card)?.map(|c| c.status) else { return Ok(None) };
        let mut query = self.conn.prepare_cached(
            "SELECT l.id, l.connection, s.remote, s.base FROM feature_issue_links l JOIN link_sides s \
             ON s.link_id = l.id WHERE l.card_id = ?1 AND s.remote IS NOT NULL AND s.base IS NOT NULL \
             AND l.gone IS NULL ORDER BY l.connection",
        )?;
        let mut rows = query.query([card.to_string()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let base: Fields = serde_json::from_str(&row.get::<_, String>(3)?)?;
            out.push(Standing {
                link: parse(&row.get::<_, String>(0)?)?,
                connection: ConnectionName::new(row.get::<_, String>(1)?),
                remote: serde_json::from_str(&row.get::<_, String>(2)?)?,
                agreed: base.status,
            });
        }
        Ok(Some((status, out)))
    }

    /// The moves of a card that wait for an answer.
    pub fn waiting(&self, card: CardId) -> Result<Vec<Waiting>> {
        let Some((to, standings)) = self.standings(card)? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for Standing { link, connection, agreed, .. } in standings {
            let asks: Option<String> = self
                .conn
                .prepare_cached(
                    "SELECT asks FROM outbox WHERE link_id = ?1 AND parked = 1 AND asks IS NOT NULL",
                )?
                .query_row([link.to_string()], |r| r.get(0))
                .optional()?;
            let Some(asks) = asks else { continue };
            let asks: Asks = serde_json::from_str(&asks)?;
            out.push(Waiting { connection, to: to.clone(), back: agreed, asks });
        }
        Ok(out)
    }

    /// Sets a claimed move aside until a person answers. What was edited meanwhile is tried again instead: it may not
    /// be asked about any more. Returns whether it waits.
    pub fn await_answer(
        &mut self,
        connection: &ConnectionName,
        link: LinkId,
        revision: i64,
        asks: &Asks,
        entry: &AuditEntry,
    ) -> Result<bool> {
        self.write(|tx| {
            tx.release(link)?;
            tx.set_sent(link, None)?;
            let Some(row) = tx.link_row(link)? else { return Ok(false) };
            if row.revision != revision {
                tx.refresh_status(link, row.card)?;
                return Ok(false);
            }
            tx.audit(&Origin::Local, Some(connection), entry)?;
            tx.conn.execute(
                "UPDATE outbox SET parked = 1, asks = ?2, reason = ?3 WHERE link_id = ?1",
                params![link.to_string(), serde_json::to_string(asks)?, entry.outcome],
            )?;
            tx.refresh_status(link, row.card)?;
            Ok(true)
        })
    }

    /// Keeps a person's answers about a move that waits and lets it go on. Returns the connections that go on.
    ///
    /// # Errors
    /// Nothing waits for one of them.
    pub fn answer_move(
        &mut self,
        card: CardId,
        answers: &[(ConnectionName, Given)],
    ) -> Result<BTreeSet<ConnectionName>> {
        self.write(|tx| {
            let mut wake = BTreeSet::new();
            let row = tx.card_row(card)?;
            for (connection, given) in answers {
                let link = tx.links_of(card)?.into_iter().find(|(_, name)| name == connection);
                let let_go = link.as_ref().map_or(Ok(0), |(link, _)| {
                    tx.conn.execute(
                        "UPDATE outbox SET parked = 0, asks = NULL, reason = NULL, attempts = 0, next_attempt_at = 0 \
                         WHERE link_id = ?1 AND parked = 1 AND asks IS NOT NULL",
                        [link.to_string()],
                    )
                })?;
                let (Some((link, _)), Some(row), 1..) = (link, &row, let_go) else {
                    return Err(StoreError::Unfit(format!("{connection} does not ask about this card any more")));
                };
                tx.keep_answer(card, &row.fields.status, connection, given)?;
                tx.refresh_status(link, card)?;
                wake.insert(connection.clone());
            }
            Ok(wake)
        })
    }
}

impl Tx<'_> {
    /// Keeps what a person gave for a card's move to `status` on a connection, beside what was given for it before.
    pub(super) fn keep_answer(
        &self,
        card: CardId,
        status: &Status,
        connection: &ConnectionName,
        given: &Given,
    ) -> Result<()> {
        let Some((link, _)) = self.links_of(card)?.into_iter().find(|(_, name)| name == connection) else {
            return Ok(());
        };
        let mut all = self.answer_of(link, status)?;
        all.extend(given.clone());
        self.conn
            .prepare_cached(
                "INSERT INTO answers (link_id, status, given, at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (link_id) DO UPDATE SET status = ?2, given = ?3, at = ?4",
            )?
            .execute(params![link.to_string(), status.as_str(), serde_json::to_string(&all)?, self.now.0])?;
        Ok(())
    }

    /// What was given for a link's move to `status`.
    pub(super) fn answer_of(&self, link: LinkId, status: &Status) -> Result<Given> {
        let given: Option<String> = self
            .conn
            .prepare_cached("SELECT given FROM answers WHERE link_id = ?1 AND status = ?2")?
            .query_row([link.to_string(), status.to_string()], |r| r.get(0))
            .optional()?;
        given.map_or_else(|| Ok(Given::new()), |given| Ok(serde_json::from_str(&given)?))
    }

    /// Forgets every answer about a card: it goes elsewhere now.
    pub(super) fn drop_answers(&self, card: CardId) -> Result<()> {
        self.conn
            .prepare_cached(
                "DELETE FROM answers WHERE link_id IN (SELECT id FROM feature_issue_links WHERE card_id = ?1)",
            )?
            .execute([card.to_string()])?;
        Ok(())
    }

    /// Forgets the answer about a link of which nothing waits any more.
    pub(super) fn settle_answer(&self, link: LinkId) -> Result<()> {
        self.conn
            .prepare_cached(
                "DELETE FROM answers WHERE link_id = ?1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE link_id = ?1)",
            )?
            .execute([link.to_string()])?;
        Ok(())
    }
}
