//! Reading cards: the whole board, its first page, what changed, one card in full.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use rusqlite::{OptionalExtension, Row, params};

use super::{Db, Result, StoreError};
use crate::domain::board::{Board, Column};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::fields::{Field, FieldName, Value};
use crate::domain::link::{ConnectionName, Link, LinkId, SyncStatus};
use crate::domain::mapping::Status;
use crate::domain::remote::Comment;
use crate::support::clock::Timestamp;
use crate::support::shared::Shared;

/// A card with its links, one row per link. Must be read with [`read_cards`].
macro_rules! cards_from {
    ($source:literal) => {
        concat!(
            "SELECT c.id, c.kind, c.title, c.status, c.rank, c.labels, c.assignees, c.milestone, c.revision, ",
            "c.created_at, c.updated_at, c.archived_at, l.id, l.connection, l.issue_number, l.issue_url, ",
            "l.sync_status, l.note, l.mapped, o.lease_until, EXISTS (SELECT 1 FROM conflicts k ",
            "WHERE k.link_id = l.id AND k.resolved_at IS NULL), c.fields, o.asks IS NOT NULL FROM ",
            $source,
            " LEFT JOIN feature_issue_links l ON l.card_id = c.id LEFT JOIN outbox o ON o.link_id = l.id "
        )
    };
}

/// One card in full, as the store knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The card.
    pub card: Card,
    /// Its body.
    pub body: String,
    /// Who made the remote item.
    pub author: Option<String>,
    /// The comments as last read, per link.
    pub comments: Vec<(LinkId, Vec<Comment>)>,
    /// Comments made here and not confirmed by every platform yet, or never to be sent.
    pub unsent_comments: Vec<String>,
    /// Comments on a card that is on no platform.
    pub local_comments: Vec<Comment>,
}

impl Db {
    /// The whole board.
    pub fn board(&self, name: &str, columns: &[Column]) -> Result<Board> {
        let mut board = Board::new(name, columns.iter().cloned());
        let mut query = self.conn.prepare_cached(cards_from!("cards c"))?;
        let rows = query.query([])?;
        self.read_cards(rows, |card, archived| {
            if !archived {
                board.upsert(card);
            }
        })?;
        Ok(board)
    }

    /// The board with only the top `per_column` cards of each column: enough for the first picture.
    pub fn first_page(&self, name: &str, columns: &[Column], per_column: usize) -> Result<Board> {
        let mut board = Board::new(name, columns.iter().cloned());
        let mut query = self.conn.prepare_cached(cards_from!(
            "(SELECT * FROM cards WHERE status = ?1 AND archived_at IS NULL ORDER BY rank, id LIMIT ?2) c"
        ))?;
        for column in columns {
            let rows = query.query(params![column.status.as_str(), per_column as i64])?;
            self.read_cards(rows, |card, _| board.upsert(card))?;
        }
        Ok(board)
    }

    /// How many cards each status has.
    pub fn counts(&self) -> Result<Vec<(Status, u64)>> {
        let mut query = self
            .conn
            .prepare_cached("SELECT status, count(*) FROM cards WHERE archived_at IS NULL GROUP BY status")?;
        let rows =
            query.query_map([], |r| Ok((Status::new(r.get::<_, String>(0)?), r.get::<_, i64>(1)? as u64)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What changed after the write numbered `seen`: the cards, the ids of those off the board, and the number to
    /// ask with next time.
    pub fn changed_since(&self, seen: i64) -> Result<(Vec<Card>, Vec<CardId>, i64)> {
        let now = self.touched()?;
        let (mut cards, mut gone) = (Vec::new(), Vec::new());
        if now > seen {
            let mut query =
                self.conn.prepare_cached(cards_from!("(SELECT * FROM cards WHERE touched > ?1) c"))?;
            let rows = query.query([seen])?;
            self.read_cards(
                rows,
                |card, archived| if archived { gone.push(card.id) } else { cards.push(card) },
            )?;
        }
        Ok((cards, gone, now))
    }

    /// The number of the last write.
    pub fn touched(&self) -> Result<i64> {
        Ok(self.conn.prepare_cached("SELECT touched FROM counter")?.query_row([], |r| r.get(0))?)
    }

    /// One card, also one that was taken off the board.
    pub fn card(&self, id: CardId) -> Result<Option<Card>> {
        let mut query = self.conn.prepare_cached(cards_from!("(SELECT * FROM cards WHERE id = ?1) c"))?;
        let mut found = None;
        self.read_cards(query.query([id.to_string()])?, |card, _| found = Some(card))?;
        Ok(found)
    }

    /// A card's body; empty when there is no such card.
    pub fn body(&self, id: CardId) -> Result<String> {
        let mut query = self.conn.prepare_cached("SELECT body FROM bodies WHERE card_id = ?1")?;
        Ok(query.query_row([id.to_string()], |r| r.get(0)).optional()?.unwrap_or_default())
    }

    /// Everything the store knows of one card.
    pub fn detail(&self, id: CardId) -> Result<Option<Detail>> {
        let Some(card) = self.card(id)? else { return Ok(None) };
        let author =
            self.conn.query_row("SELECT author FROM cards WHERE id = ?1", [id.to_string()], |r| r.get(0))?;
        let mut comments = Vec::new();
        let mut unsent_comments = Vec::new();
        for link in &card.links {
            comments.push((link.id, self.cached_comments(link.id)?));
            unsent_comments.extend(self.strings(
                "SELECT body FROM deliveries WHERE link_id = ?1 ORDER BY queued_at",
                &link.id.to_string(),
            )?);
        }
        let mut query = self.conn.prepare_cached(
            "SELECT id, body, at, coalesce(author, 'you') FROM local_comments WHERE card_id = ?1 ORDER BY at, rowid",
        )?;
        let local_comments = query
            .query_map([id.to_string()], |r| {
                Ok(Comment { id: r.get(0)?, author: r.get(3)?, body: r.get(1)?, at: Timestamp(r.get(2)?) })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let body = self.body(id)?;
        Ok(Some(Detail { card, body, author, comments, unsent_comments, local_comments }))
    }

    fn cached_comments(&self, link: LinkId) -> Result<Vec<Comment>> {
        let json: Option<String> = self
            .conn
            .query_row("SELECT comments FROM comment_cache WHERE link_id = ?1", [link.to_string()], |r| {
                r.get(0)
            })
            .optional()?;
        json.map_or_else(|| Ok(Vec::new()), |j| Ok(serde_json::from_str(&j)?))
    }

    pub(super) fn strings(&self, sql: &str, key: &str) -> Result<Vec<String>> {
        let mut query = self.conn.prepare_cached(sql)?;
        Ok(query.query_map([key], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// Ids that start with `prefix`, at most `limit` of them.
    pub fn ids_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<CardId>> {
        let mut query = self.conn.prepare_cached(
            "SELECT id FROM cards WHERE id >= ?1 AND id < ?2 AND archived_at IS NULL ORDER BY id LIMIT ?3",
        )?;
        let rows = query
            .query_map(params![prefix, format!("{prefix}~"), limit as i64], |r| r.get::<_, String>(0))?;
        rows.map(|id| parse(&id?)).collect()
    }

    /// The card with `number` on `connection`.
    pub fn card_by_number(&self, connection: &str, number: u64) -> Result<Option<CardId>> {
        let found: Option<String> = self
            .conn
            .query_row(
                "SELECT card_id FROM feature_issue_links WHERE connection = ?1 AND issue_number = ?2",
                params![connection, number as i64],
                |r| r.get(0),
            )
            .optional()?;
        found.map(|id| parse(&id)).transpose()
    }

    fn read_cards(&self, mut rows: rusqlite::Rows<'_>, mut take: impl FnMut(Card, bool)) -> Result<()> {
        let now = self.now();
        let mut known = Known::default();
        let mut current: Option<(Card, bool)> = None;
        while let Some(row) = rows.next()? {
            let id = row.get_ref(0)?.as_str().map_err(|e| StoreError::Value(e.to_string()))?;
            let id: CardId = parse(id)?;
            if current.as_ref().is_none_or(|(c, _)| c.id != id) {
                let next = (card_of(row, id, &mut known)?, row.get::<_, Option<i64>>(11)?.is_some());
                if let Some((card, archived)) = current.replace(next) {
                    take(card, archived);
                }
            }
            if let (Some((card, _)), Some(link)) = (&mut current, link_of(row, now)?) {
                card.links.push(link);
            }
        }
        if let Some((card, archived)) = current {
            take(card, archived);
        }
        Ok(())
    }
}

/// What many cards of one reading have alike: the same text in the row is the same value, read once.
#[derive(Default)]
struct Known {
    names: HashMap<String, Shared<BTreeSet<String>>>,
    extra: HashMap<String, Shared<BTreeMap<FieldName, Value>>>,
}

/// The value of a text column, read by `read` unless the same text was read before.
fn shared<T>(
    known: &mut HashMap<String, Shared<T>>,
    row: &Row<'_>,
    column: usize,
    read: impl FnOnce(&Row<'_>, usize) -> Result<T>,
) -> Result<Shared<T>> {
    let text = row.get_ref(column)?.as_str().map_err(|e| StoreError::Value(e.to_string()))?;
    if let Some(value) = known.get(text) {
        return Ok(value.clone());
    }
    let value = Shared::from(read(row, column)?);
    known.insert(text.to_owned(), value.clone());
    Ok(value)
}

fn card_of(row: &Row<'_>, id: CardId, known: &mut Known) -> Result<Card> {
    Ok(Card {
        id,
        kind: parse::<Kind>(&row.get::<_, String>(1)?)?,
        title: row.get(2)?,
        status: Status::new(row.get::<_, String>(3)?),
        rank: row.get(4)?,
        labels: shared(&mut known.names, row, 5, names)?,
        assignees: shared(&mut known.names, row, 6, names)?,
        milestone: row.get(7)?,
        extra: shared(&mut known.extra, row, 21, extra)?,
        revision: row.get(8)?,
        created_at: Timestamp(row.get(9)?),
        updated_at: Timestamp(row.get(10)?),
        links: Vec::new(),
    })
}

fn link_of(row: &Row<'_>, now: Timestamp) -> Result<Option<Link>> {
    let Some(id) = row.get::<_, Option<String>>(12)? else { return Ok(None) };
    Ok(Some(Link {
        id: parse(&id)?,
        connection: ConnectionName::new(row.get::<_, String>(13)?),
        number: row.get::<_, Option<i64>>(14)?.map(|n| n as u64),
        url: row.get(15)?,
        sync: parse::<SyncStatus>(&row.get::<_, String>(16)?)?,
        note: row.get(17)?,
        mapped: row.get(18)?,
        conflict: row.get(20)?,
        asks: row.get(22)?,
        sending: row.get::<_, Option<i64>>(19)?.is_some_and(|until| until > now.0),
    }))
}

/// A JSON list of names; the empty list, by far the most common, is not parsed.
pub(super) fn names(row: &Row<'_>, column: usize) -> Result<BTreeSet<String>> {
    let text = row.get_ref(column)?.as_str().map_err(|e| StoreError::Value(e.to_string()))?;
    if text == "[]" { Ok(BTreeSet::new()) } else { Ok(serde_json::from_str(text)?) }
}

/// The further fields of a card; none, by far the most common, is not parsed.
pub(super) fn extra(row: &Row<'_>, column: usize) -> Result<BTreeMap<FieldName, Value>> {
    let text = row.get_ref(column)?.as_str().map_err(|e| StoreError::Value(e.to_string()))?;
    if text == "{}" { Ok(BTreeMap::new()) } else { Ok(serde_json::from_str(text)?) }
}

/// Reads a value that has a text form; whatever does not parse names itself.
pub(super) fn parse<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| StoreError::Value(text.to_owned()))
}

/// The fields in the `edited` column: when each was last edited here.
pub(super) fn edited(json: &str) -> Result<BTreeMap<Field, Timestamp>> {
    Ok(serde_json::from_str(json)?)
}
