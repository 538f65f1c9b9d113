//! Edits made on a value that a pull has replaced meanwhile: whoever made them never saw what the platform holds.

use rusqlite::{OptionalExtension, params};

use super::cards::{CardRow, text};
use super::{Result, Tx};
use crate::domain::card::CardId;
use crate::domain::command::Change;
use crate::domain::fields::{Field, Fields, canonical_body};

impl Tx<'_> {
    /// Takes back that the present value of an edited field was agreed on, for the connection that brought it, when
    /// the person who edits saw an older one. The next look then meets a field that both sides changed, as it is, and
    /// the conflict's policy decides; without it their value would be written over, and nobody told.
    pub fn unsee(&self, card: CardId, row: &CardRow, change: &Change) -> Result<()> {
        let Some((field, seen)) = seen(&row.fields, change) else { return Ok(()) };
        if seen.same(&row.fields, field) {
            return Ok(());
        }
        let Some(brought_by) = self.brought_by(card, field, &row.fields)? else { return Ok(()) };
        for (link, connection) in self.links_of(card)? {
            if connection.as_str() != brought_by {
                continue;
            }
            let base = self.link_row(link)?.and_then(|row| row.known.base);
            if let Some(mut base) = base.filter(|base| base.same(&row.fields, field)) {
                base.take(field, &seen);
                self.set_base(link, &base)?;
            }
        }
        Ok(())
    }

    /// The origin of the last change of a field, when that made it what it is now.
    fn brought_by(&self, card: CardId, field: Field, now: &Fields) -> Result<Option<String>> {
        let last = self
            .conn
            .prepare_cached(
                "SELECT origin, after FROM change_log WHERE card_id = ?1 AND field = ?2 AND kind <> 'lost' \
                 ORDER BY seq DESC LIMIT 1",
            )?
            .query_row(params![card.to_string(), field.as_str()], |r| {
                Ok((r.get::<_, String>(0)?, r.get::<_, Option<String>>(1)?))
            })
            .optional()?;
        let now = text(&now.value(field))?;
        Ok(last.filter(|(_, after)| *after == now).map(|(origin, _)| origin))
    }
}

/// The field with one value that a change alters, and the card as its author saw it.
fn seen(now: &Fields, change: &Change) -> Option<(Field, Fields)> {
    let mut seen = now.clone();
    let field = match change {
        Change::Moved { from, .. } => {
            seen.status.clone_from(from);
            Field::Status
        }
        Change::Retitled { before, .. } => {
            seen.title.clone_from(before);
            Field::Title
        }
        Change::Rewritten { before, .. } => {
            seen.body = canonical_body(before);
            Field::Body
        }
        Change::Milestoned { before, .. } => {
            seen.milestone.clone_from(before);
            Field::Milestone
        }
        Change::FieldSet { field, before, .. } => {
            seen.set_extra(*field, before.clone());
            Field::Extra(*field)
        }
        _ => return None,
    };
    Some((field, seen))
}
