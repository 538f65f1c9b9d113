//! Writing card rows, and the change log that goes with every change of one.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, params};

use super::load::{edited, extra, names};
use super::{Origin, Result, Tx};
use crate::domain::card::{Card, CardId};
use crate::domain::fields::{Field, Fields, Value};
use crate::domain::history::VersionKind;
use crate::domain::mapping::Status;
use crate::support::clock::Timestamp;

/// A card row with its body, as a transaction sees it.
#[derive(Debug, Clone)]
pub(super) struct CardRow {
    pub fields: Fields,
    pub edited: BTreeMap<Field, Timestamp>,
    /// Fields whose last edit here takes something back.
    pub undoing: Vec<Field>,
    pub rank: i64,
    pub revision: i64,
    pub archived: bool,
}

impl Tx<'_> {
    /// Makes every other process and the board look at the card again.
    pub fn touch(&self, card: CardId) -> Result<()> {
        let touched = self.next_touched()?;
        self.conn
            .prepare_cached("UPDATE cards SET touched = ?2 WHERE id = ?1")?
            .execute(params![card.to_string(), touched])?;
        Ok(())
    }

    /// The number of this write; every card it touches carries it.
    pub fn next_touched(&self) -> Result<i64> {
        if let Some(touched) = self.touched.get() {
            return Ok(touched);
        }
        let mut next =
            self.conn.prepare_cached("UPDATE counter SET touched = touched + 1 RETURNING touched")?;
        let touched = next.query_row([], |r| r.get(0))?;
        self.touched.set(Some(touched));
        Ok(touched)
    }

    pub fn card_row(&self, id: CardId) -> Result<Option<CardRow>> {
        let mut query = self.conn.prepare_cached(
            "SELECT c.title, b.body, c.status, c.labels, c.assignees, c.milestone, c.edited, c.rank, c.revision, \
             c.archived_at, c.undoing, c.fields FROM cards c LEFT JOIN bodies b ON b.card_id = c.id WHERE c.id = ?1",
        )?;
        let mut rows = query.query([id.to_string()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(CardRow {
            fields: Fields {
                title: row.get(0)?,
                body: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                status: Status::new(row.get::<_, String>(2)?),
                labels: names(row, 3)?,
                assignees: names(row, 4)?,
                milestone: row.get(5)?,
                extra: extra(row, 11)?,
            },
            edited: edited(&row.get::<_, String>(6)?)?,
            rank: row.get(7)?,
            revision: row.get(8)?,
            archived: row.get::<_, Option<i64>>(9)?.is_some(),
            undoing: undoing(row.get_ref(10)?.as_str().unwrap_or_default())?,
        }))
    }

    pub fn insert_card(&self, card: &Card, body: &str, author: Option<&str>, origin: &Origin) -> Result<()> {
        let touched = self.next_touched()?;
        let id = card.id.to_string();
        self.conn
            .prepare_cached(
                "INSERT INTO cards (id, kind, title, status, rank, labels, assignees, milestone, author, revision, \
                 created_at, updated_at, touched, fields) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                id,
                card.kind.as_str(),
                card.title,
                card.status.as_str(),
                card.rank,
                json(&card.labels)?,
                json(&card.assignees)?,
                card.milestone,
                author,
                card.revision,
                card.created_at.0,
                card.updated_at.0,
                touched,
                serde_json::to_string(&*card.extra)?
            ])?;
        self.conn
            .prepare_cached("INSERT INTO bodies (card_id, body) VALUES (?1, ?2)")?
            .execute(params![id, body])?;
        self.log(card.id, origin, "created", None, Some(&card.title))
    }

    /// Sets the synchronised fields that differ from `row`, logs each, and says which they were.
    /// A card that comes to another column from outside goes to its top.
    pub fn set_fields(
        &self,
        id: CardId,
        row: &CardRow,
        to: &Fields,
        origin: &Origin,
        updated_at: Timestamp,
    ) -> Result<Vec<Field>> {
        let all = Fields::all_of([&row.fields, to]);
        let changed: Vec<Field> = all.into_iter().filter(|f| row.fields.value(*f) != to.value(*f)).collect();
        if changed.is_empty() {
            return Ok(changed);
        }
        let rank = if changed.contains(&Field::Status) { self.top_rank(&to.status)? } else { row.rank };
        let touched = self.next_touched()?;
        self.conn
            .prepare_cached(
                "UPDATE cards SET title = ?2, status = ?3, rank = ?4, labels = ?5, assignees = ?6, milestone = ?7, \
                 updated_at = max(updated_at, ?8), touched = ?9, fields = ?10 WHERE id = ?1",
            )?
            .execute(params![
                id.to_string(),
                to.title,
                to.status.as_str(),
                rank,
                json(&to.labels)?,
                json(&to.assignees)?,
                to.milestone,
                updated_at.0,
                touched,
                serde_json::to_string(&to.extra)?
            ])?;
        if changed.contains(&Field::Body) {
            self.set_body(id, &to.body)?;
        }
        for field in &changed {
            let (before, after) = (text(&row.fields.value(*field))?, text(&to.value(*field))?);
            self.log(id, origin, field.as_str(), before.as_deref(), after.as_deref())?;
        }
        Ok(changed)
    }

    pub fn set_body(&self, id: CardId, body: &str) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO bodies (card_id, body) VALUES (?1, ?2) ON CONFLICT (card_id) DO UPDATE SET body = ?2",
            )?
            .execute(params![id.to_string(), body])?;
        Ok(())
    }

    /// The rank above every card of a column.
    pub fn top_rank(&self, status: &Status) -> Result<i64> {
        let top: Option<i64> = self
            .conn
            .prepare_cached(
                "SELECT rank FROM cards WHERE status = ?1 AND archived_at IS NULL ORDER BY rank, id LIMIT 1",
            )?
            .query_row([status.as_str()], |r| r.get(0))
            .optional()?;
        Ok(top.map_or(0, |t| t.saturating_sub(crate::domain::board::RANK_GAP)))
    }

    /// Notes local edits: the revision rises by one, and each field remembers when.
    pub fn mark_edited(&self, id: CardId, row: &CardRow, fields: &[Field]) -> Result<i64> {
        let mut edited = row.edited.clone();
        let mut undoing = row.undoing.clone();
        let takes_back = matches!(self.kind.get(), VersionKind::Undo | VersionKind::Redo);
        for field in fields {
            edited.insert(*field, self.now);
            undoing.retain(|f| f != field);
            undoing.extend(takes_back.then_some(*field));
        }
        let revision = row.revision + 1;
        self.conn
            .prepare_cached(
                "UPDATE cards SET revision = ?2, edited = ?3, updated_at = ?4, undoing = ?5 WHERE id = ?1",
            )?
            .execute(params![
                id.to_string(),
                revision,
                serde_json::to_string(&edited)?,
                self.now.0,
                serde_json::to_string(&undoing)?
            ])?;
        Ok(revision)
    }

    /// Notes when fields were changed on a platform, so that of two platforms the later one wins.
    pub fn note_taken(
        &self,
        id: CardId,
        row: &CardRow,
        fields: &[Field],
        at: Option<Timestamp>,
    ) -> Result<()> {
        let Some(at) = at else { return Ok(()) };
        let mut edited = row.edited.clone();
        edited.extend(fields.iter().map(|field| (*field, at)));
        self.conn
            .prepare_cached("UPDATE cards SET edited = ?2 WHERE id = ?1")?
            .execute(params![id.to_string(), serde_json::to_string(&edited)?])?;
        Ok(())
    }

    /// What was taken back has arrived: from now on it is a value like any other.
    pub fn settle_undo(&self, card: CardId, revision: i64) -> Result<()> {
        self.conn
            .prepare_cached(
                "UPDATE cards SET undoing = '[]' WHERE id = ?1 AND undoing <> '[]' AND revision <= ?2",
            )?
            .execute(params![card.to_string(), revision])?;
        Ok(())
    }

    pub fn log(
        &self,
        id: CardId,
        origin: &Origin,
        field: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO change_log (card_id, at, origin, field, before, after, actor, kind) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                id.to_string(),
                self.now.0,
                origin.as_str(),
                field,
                before,
                after,
                (*origin == Origin::Local).then_some(&self.who.login),
                self.kind.get().as_str()
            ])?;
        Ok(())
    }

    /// Writes the list of cards of each named milestone into its row, where there is one.
    pub fn recount_milestones<'m>(&self, names: impl IntoIterator<Item = &'m str>) -> Result<()> {
        let names: BTreeSet<&str> = names.into_iter().collect();
        for name in names {
            self.conn
                .prepare_cached(
                    "UPDATE release_milestones SET included_features = (SELECT json_group_array(id) FROM \
                     (SELECT id FROM cards WHERE milestone = ?1 AND archived_at IS NULL ORDER BY id)) \
                     WHERE milestone_name = ?1",
                )?
                .execute([name])?;
        }
        Ok(())
    }
}

fn undoing(json: &str) -> Result<Vec<Field>> {
    if json == "[]" { Ok(Vec::new()) } else { Ok(serde_json::from_str(json)?) }
}

pub(super) fn json(names: &BTreeSet<String>) -> Result<String> {
    if names.is_empty() { Ok("[]".to_owned()) } else { Ok(serde_json::to_string(names)?) }
}

/// A value for the change log and the conflict table.
pub(super) fn text(value: &Value) -> Result<Option<String>> {
    Ok(match value {
        Value::Text(t) => Some(t.clone()),
        Value::None => None,
        Value::Set(names) => Some(json(names)?),
    })
}
