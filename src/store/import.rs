//! Cards that come from an export, with the comments made on them: on no platform, and each made once.

use std::collections::HashSet;

use rusqlite::params;

use super::{AuditEntry, Db, Origin, Result};
use crate::domain::card::{Card, CardId};
use crate::domain::remote::Comment;

/// A card that was exported elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalCard {
    /// The card, without links. Its id is always the same for the same exported item.
    pub card: Card,
    /// Its body.
    pub body: String,
    /// Who made the item there.
    pub author: Option<String>,
    /// Its comments; their ids are the same every time, too.
    pub comments: Vec<Comment>,
}

impl Db {
    /// Which of these cards there are already, on the board or taken off it.
    pub fn known_cards(&self, ids: &[CardId]) -> Result<HashSet<CardId>> {
        known(&self.conn, ids.iter().copied())
    }

    /// Makes those of the cards that there are not yet, all in one transaction; one that is known stays as it is, also
    /// when it was taken off the board. Returns how many were made, cards and comments.
    pub fn import_cards(&mut self, cards: &[LocalCard], entry: &AuditEntry) -> Result<(u32, u32)> {
        self.write(|tx| {
            let known = known(tx.conn, cards.iter().map(|c| c.card.id))?;
            let (mut made, mut said) = (0, 0);
            for one in cards.iter().filter(|c| !known.contains(&c.card.id)) {
                tx.insert_card(&one.card, &one.body, one.author.as_deref(), &Origin::Local)?;
                for comment in &one.comments {
                    said += tx
                        .conn
                        .prepare_cached(
                            "INSERT INTO local_comments (id, card_id, body, at, author) VALUES (?1, ?2, ?3, ?4, ?5)",
                        )?
                        .execute(params![
                            comment.id,
                            one.card.id.to_string(),
                            comment.body,
                            comment.at.0,
                            comment.author
                        ])? as u32;
                }
                made += 1;
            }
            if made > 0 {
                tx.recount_milestones(cards.iter().filter_map(|c| c.card.milestone.as_deref()))?;
                tx.audit(&Origin::Local, None, entry)?;
            }
            Ok((made, said))
        })
    }
}

fn known(conn: &rusqlite::Connection, ids: impl Iterator<Item = CardId>) -> Result<HashSet<CardId>> {
    let mut query = conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM cards WHERE id = ?1)")?;
    let mut known = HashSet::new();
    for id in ids {
        if query.query_row([id.to_string()], |r| r.get(0))? {
            known.insert(id);
        }
    }
    Ok(known)
}
