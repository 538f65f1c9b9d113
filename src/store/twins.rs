//! What is read to find cards that may be the same work, what joining two of them would replace, and the pairs a person
//! said are none.

use rusqlite::params;
use uuid::Uuid;

use super::load::parse;
use super::{Db, Result, StoreError, Tx};
use crate::domain::card::CardId;
use crate::domain::fields::Field;
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::twins::{Difference, Dismissed, Place, Suspect, pair};

/// How much of a body is read: its beginning and its end, where references stand. Together at most 10,000 characters,
/// so that reading the cards of a large board is bounded.
const BODY: &str = "substr(b.body, 1, 8000) || char(10) || CASE WHEN length(b.body) > 8000 THEN substr(b.body, -2000) \
                    ELSE '' END";

impl Db {
    /// The cards on the board as they are compared with each other, and the pairs that were dismissed.
    pub fn suspects(&self) -> Result<(Vec<Suspect>, Dismissed)> {
        let sql = format!(
            "SELECT c.id, c.title, {BODY}, l.id, l.connection, l.platform, l.repository, l.issue_number, l.issue_url, \
             json_extract(s.remote, '$.marker') FROM cards c JOIN bodies b ON b.card_id = c.id \
             LEFT JOIN feature_issue_links l ON l.card_id = c.id LEFT JOIN link_sides s ON s.link_id = l.id \
             WHERE c.archived_at IS NULL ORDER BY c.id, l.connection"
        );
        let mut query = self.conn.prepare_cached(&sql)?;
        let mut rows = query.query([])?;
        let mut out: Vec<Suspect> = Vec::new();
        while let Some(row) = rows.next()? {
            let card: CardId =
                parse(row.get_ref(0)?.as_str().map_err(|e| StoreError::Value(e.to_string()))?)?;
            if out.last().is_none_or(|last| last.card != card) {
                out.push(Suspect { card, title: row.get(1)?, text: row.get(2)?, places: Vec::new() });
            }
            if let (Some(last), Some(place)) = (out.last_mut(), place(row)?) {
                last.places.push(place);
            }
        }
        Ok((out, self.dismissed()?))
    }

    fn dismissed(&self) -> Result<Dismissed> {
        let mut query = self.conn.prepare_cached("SELECT low, high FROM twins_dismissed")?;
        let rows = query.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (low, high) = row?;
            Ok((parse(&low)?, parse(&high)?))
        })
        .collect()
    }

    /// Notes that two cards are not the same work: they are not suggested again.
    pub fn dismiss_twin(&mut self, one: CardId, two: CardId) -> Result<()> {
        self.write(|tx| tx.dismiss_twin(one, two))
    }

    /// The fields with one value in which two cards differ: what [`Db::join`] would replace. Sets are put together, so
    /// they are not among them.
    pub fn differences(&self, hub: CardId, other: CardId) -> Result<Vec<Difference>> {
        let reading = Tx::new(&self.conn, self.now(), &self.who);
        let (here, there) = (reading.row_on_board(hub)?.fields, reading.row_on_board(other)?.fields);
        Ok(here
            .differing(&there)
            .into_iter()
            .map(|field: Field| Difference { field, stays: here.value(field), goes: there.value(field) })
            // Labels and people of both are kept, and so is what only the other has.
            .filter(|d| match d.field {
                Field::Labels | Field::Assignees => false,
                Field::Extra(_) => !d.stays.is_empty(),
                _ => true,
            })
            .collect())
    }
}

impl Tx<'_> {
    pub(super) fn dismiss_twin(&self, one: CardId, two: CardId) -> Result<()> {
        let (low, high) = pair(one, two);
        self.conn
            .prepare_cached(
                "INSERT INTO twins_dismissed (low, high, at) VALUES (?1, ?2, ?3) ON CONFLICT (low, high) DO NOTHING",
            )?
            .execute(params![low.to_string(), high.to_string(), self.now.0])?;
        Ok(())
    }

    /// Two cards were linked after all: when they are parted again, nothing is known of them.
    pub(super) fn forget_dismissed(&self, card: CardId) -> Result<()> {
        self.conn
            .prepare_cached("DELETE FROM twins_dismissed WHERE low = ?1 OR high = ?1")?
            .execute([card.to_string()])?;
        Ok(())
    }
}

/// The link of a row, when it has one.
fn place(row: &rusqlite::Row<'_>) -> Result<Option<Place>> {
    let Some(link) = row.get::<_, Option<String>>(3)? else { return Ok(None) };
    let link: LinkId = parse(&link)?;
    let connection = ConnectionName::new(row.get::<_, String>(4)?);
    let (platform, repository): (String, String) = (row.get(5)?, row.get(6)?);
    let mut names = Vec::new();
    if let Some(number) = row.get::<_, Option<i64>>(7)? {
        names.push(format!("{connection}#{number}"));
        names.push(match platform.as_str() {
            "jira" => format!("{repository}-{number}"),
            _ => format!("{repository}#{number}"),
        });
    }
    names.extend(row.get::<_, Option<String>>(8)?);
    let marker = row.get::<_, Option<String>>(9)?.and_then(|m| Uuid::parse_str(&m).ok()).map(LinkId);
    Ok(Some(Place { link, connection, names, marker }))
}
