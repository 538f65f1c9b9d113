//! A card's versions: what the change log tells, and what of it is a flapping field.

use rusqlite::params;

use super::cards::text;
use super::load::parse;
use super::{Db, Result, Tx};
use crate::domain::card::CardId;
use crate::domain::fields::{Field, Value};
use crate::domain::history::{Version, VersionKind, What};
use crate::support::clock::Timestamp;

/// How far back it is looked for a field that goes back and forth, in milliseconds.
const FLAP_WINDOW_MS: i64 = 10 * 60_000;
/// How many changes in a row, each undoing the one before, are a field going back and forth.
const FLAPS: usize = 6;

impl Db {
    /// A card's versions, newest first, at most `limit`.
    pub fn history(&self, card: CardId, limit: usize) -> Result<Vec<Version>> {
        let mut query = self.conn.prepare_cached(
            "SELECT seq, at, actor, origin, kind, field, before, after FROM change_log \
             WHERE card_id = ?1 ORDER BY seq DESC LIMIT ?2",
        )?;
        let mut rows = query.query(params![card.to_string(), limit as i64])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let what: What = parse(&row.get::<_, String>(5)?)?;
            out.push(Version {
                seq: row.get(0)?,
                at: Timestamp(row.get(1)?),
                actor: row.get(2)?,
                origin: row.get(3)?,
                kind: parse::<VersionKind>(&row.get::<_, String>(4)?)?,
                what,
                before: value(what, row.get(6)?)?,
                after: value(what, row.get(7)?)?,
            });
        }
        Ok(out)
    }
}

/// A value as the change log keeps it; see [`text`].
pub(super) fn value(what: What, stored: Option<String>) -> Result<Value> {
    Ok(match (what, stored) {
        (What::Field(Field::Labels | Field::Assignees), None) => {
            Value::Set(std::collections::BTreeSet::new())
        }
        (_, None) => Value::None,
        (What::Field(Field::Labels | Field::Assignees), Some(json)) => {
            Value::Set(serde_json::from_str(&json)?)
        }
        // A further field may hold a list too; see `text`.
        (What::Field(Field::Extra(_)), Some(stored)) => {
            let list = stored.starts_with('[').then(|| serde_json::from_str(&stored).ok());
            list.flatten().map_or(Value::Text(stored), Value::Set)
        }
        (_, Some(text)) => Value::Text(text),
    })
}

/// A step of one field: where it came from, before, after.
type Step = (String, Option<String>, Option<String>);

impl Tx<'_> {
    /// Keeps the value that lost a conflict. `origin` is the side it came from.
    pub fn lose(&self, card: CardId, origin: &str, field: Field, won: &Value, lost: &Value) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO change_log (card_id, at, origin, field, before, after, kind) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'lost')",
            )?
            .execute(params![
                card.to_string(),
                self.now.0,
                origin,
                field.as_str(),
                text(won)?,
                text(lost)?
            ])?;
        Ok(())
    }

    /// The fields of a card that two writers keep changing back and forth: each of the last changes undid the one
    /// before it, in a short time, and they did not come from one side alone. Such a field waits for a person.
    pub fn flapping(&self, card: CardId) -> Result<Vec<Field>> {
        let mut query = self.conn.prepare_cached(
            "SELECT field, origin, before, after FROM change_log WHERE card_id = ?1 AND at >= ?2 AND kind <> 'lost' \
             ORDER BY seq DESC LIMIT 64",
        )?;
        let mut steps: Vec<(Field, Vec<Step>)> = Vec::new();
        let mut rows = query.query(params![card.to_string(), self.now.plus_ms(-FLAP_WINDOW_MS).0])?;
        while let Some(row) = rows.next()? {
            let Ok(What::Field(field)) = row.get::<_, String>(0)?.parse() else { continue };
            let step = (row.get(1)?, row.get(2)?, row.get(3)?);
            match steps.iter_mut().find(|(f, _)| *f == field) {
                Some((_, all)) => all.push(step),
                None => steps.push((field, vec![step])),
            }
        }
        let back_and_forth = |all: &[Step]| {
            all.len() >= FLAPS
                && all[..FLAPS].windows(2).all(|w| w[0].1 == w[1].2 && w[0].2 == w[1].1)
                && all[1..FLAPS].iter().any(|s| s.0 != all[0].0)
        };
        Ok(steps.into_iter().filter(|(_, all)| back_and_forth(all)).map(|(field, _)| field).collect())
    }
}
