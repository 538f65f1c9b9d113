//! What of an item's body a person agreed to lose there: kept with the edit, and good for that one body only.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::commit::LinkRules;
use super::{AuditEntry, Committed, Db, Origin, Result, StoreError, Tx};
use crate::domain::card::CardId;
use crate::domain::fields::Field;
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::remote::Beyond;

/// As it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Agreed {
    /// The digest of the body that may be written.
    body: String,
    /// What may go, in the words in which the person was asked.
    losses: Vec<String>,
}

fn digest(body: &str) -> String {
    hex::encode(Sha256::digest(body.as_bytes()))
}

impl Db {
    /// What may be lost by writing `body` over the link's item's.
    pub fn agreed_losses(&self, link: LinkId, body: &str) -> Result<Vec<String>> {
        let agreed = agreed(&self.conn, link)?.filter(|a| a.body == digest(body));
        Ok(agreed.map(|a| a.losses).unwrap_or_default())
    }

    /// Keeps in the card's history what an item's body held before it is written over, as text; once, however often
    /// the write is tried.
    pub fn keep_lost_body(
        &mut self,
        card: CardId,
        connection: &ConnectionName,
        body: &str,
        lost: &str,
    ) -> Result<()> {
        self.write(|tx| {
            let kept: Option<String> = tx
                .conn
                .prepare_cached(
                    "SELECT after FROM change_log WHERE card_id = ?1 AND origin = ?2 AND field = ?3 \
                     AND kind = 'lost' ORDER BY seq DESC LIMIT 1",
                )?
                .query_row(params![card.to_string(), connection.as_str(), Field::Body.as_str()], |r| r.get(0))
                .optional()?
                .flatten();
            if kept.as_deref() == Some(lost) {
                return Ok(());
            }
            let text = |text: &str| crate::domain::fields::Value::Text(text.to_owned());
            tx.lose(card, connection.as_str(), Field::Body, &text(body), &text(lost))?;
            tx.touch(card)
        })
    }
}

impl Tx<'_> {
    /// Keeps an agreement for the card's body as it is now, and takes up what waits for it.
    pub(super) fn commit_agreed(
        &self,
        id: CardId,
        losses: &[Beyond],
        rules: &LinkRules,
        done: &mut Committed,
    ) -> Result<()> {
        let row = self.card_row(id)?.ok_or_else(|| StoreError::Unfit("that card is gone".into()))?;
        for lost in losses {
            let agreed = Agreed { body: digest(&row.fields.body), losses: lost.things.clone() };
            let known = self
                .conn
                .prepare_cached(
                    "UPDATE link_sides SET agreed = ?3 WHERE link_id = ?1 \
                     AND EXISTS (SELECT 1 FROM feature_issue_links WHERE id = ?1 AND card_id = ?2)",
                )?
                .execute(params![lost.link.to_string(), id.to_string(), serde_json::to_string(&agreed)?])?;
            if known == 0 || rules.0.get(&lost.connection).is_none_or(|r| !r.pushes) {
                continue;
            }
            let entry = AuditEntry {
                action: "agree",
                object: self.key_of(id)?,
                card: Some(id),
                fields: serde_json::json!({ "lost": { "before": lost.things, "after": null } }),
                outcome: "ok".into(),
                request_id: None,
            };
            self.audit(&Origin::Local, Some(&lost.connection), &entry)?;
            self.queue(lost.link, row.revision)?;
            self.refresh_status(lost.link, id)?;
            done.wake.insert(lost.connection.clone());
        }
        Ok(())
    }

    /// Forgets an agreement once the body it was about has arrived.
    pub(super) fn settle_agreed(&self, link: LinkId, arrived: &str) -> Result<()> {
        if agreed(self.conn, link)?.is_some_and(|a| a.body == digest(arrived)) {
            self.conn
                .prepare_cached("UPDATE link_sides SET agreed = NULL WHERE link_id = ?1")?
                .execute([link.to_string()])?;
        }
        Ok(())
    }
}

fn agreed(conn: &rusqlite::Connection, link: LinkId) -> Result<Option<Agreed>> {
    let json: Option<String> = conn
        .prepare_cached("SELECT agreed FROM link_sides WHERE link_id = ?1")?
        .query_row([link.to_string()], |r| r.get(0))
        .optional()?
        .flatten();
    json.map(|j| Ok(serde_json::from_str(&j)?)).transpose()
}
