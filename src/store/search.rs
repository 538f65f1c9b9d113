//! Finding cards by what their bodies and comments say, and bringing the index of their words up to date before that (see
//! `schema/009_texts.sql`). Comments are those the store has: written here, imported, or read when a card was opened.

use std::collections::HashSet;

use rusqlite::params;

use super::load::parse;
use super::{Db, Result};
use crate::domain::card::CardId;

/// The cards of what the index found, with the text itself where `?2` asks for it. The numbers are those of
/// `schema/009_texts.sql`.
const FOUND: &str = "
    WITH found AS MATERIALIZED (SELECT rowid AS hit FROM texts WHERE texts MATCH ?1)
    SELECT card_id, iif(?2, body, '') FROM found CROSS JOIN bodies ON doc = hit / 4 WHERE hit % 4 = 0
    UNION ALL
    SELECT l.card_id, iif(?2, (SELECT group_concat(json_extract(value, '$.body'), char(10)) FROM json_each(c.comments)), '')
    FROM found CROSS JOIN comment_cache c ON c.doc = hit / 4 CROSS JOIN feature_issue_links l ON l.id = c.link_id
    WHERE hit % 4 = 1
    UNION ALL
    SELECT card_id, iif(?2, body, '') FROM found CROSS JOIN local_comments ON doc = hit / 4 WHERE hit % 4 = 2
    UNION ALL
    SELECT l.card_id, iif(?2, d.body, '')
    FROM found CROSS JOIN deliveries d ON d.doc = hit / 4 CROSS JOIN feature_issue_links l ON l.id = d.link_id
    WHERE hit % 4 = 3";

/// How many texts are indexed at once: others may use the store between two such steps.
const STEP: i64 = 1_000;

/// The texts of the next step, by the numbers of `schema/009_texts.sql`.
const INDEX: &str = "
    INSERT INTO texts (rowid, text)
    SELECT at, said FROM (
        SELECT at, body AS said FROM step CROSS JOIN bodies ON doc = at / 4 WHERE at % 4 = 0
        UNION ALL
        SELECT at, (SELECT group_concat(json_extract(value, '$.body'), char(10)) FROM json_each(comments))
        FROM step CROSS JOIN comment_cache ON doc = at / 4 WHERE at % 4 = 1
        UNION ALL
        SELECT step.at, body FROM step CROSS JOIN local_comments ON doc = step.at / 4 WHERE step.at % 4 = 2
        UNION ALL
        SELECT at, body FROM step CROSS JOIN deliveries ON doc = at / 4 WHERE at % 4 = 3
    ) WHERE said <> ''";

/// How a text is looked for.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// One sign or letter alone, which is in almost every text: it is looked for in none.
    Not,
    /// In the index, by this expression; `exactly` when it holds signs, which the index does not know: what it finds is
    /// then read.
    Index { expression: String, exactly: bool },
    /// Through all texts: it has no letters, or is of a script without blanks, which the index cannot cut into words.
    Through,
}

impl Way {
    fn of(text: &str) -> Self {
        let alone = text.chars().nth(1).is_none();
        if text.chars().any(is_unspaced) || !text.chars().any(char::is_alphanumeric) {
            return if alone && text.is_ascii() { Self::Not } else { Self::Through };
        }
        if alone {
            return Self::Not;
        }
        // As one quoted phrase nothing in it is syntax; a NUL would end the expression early.
        let quoted = text.replace('\0', " ").replace('"', "\"\"");
        let exactly = text.chars().any(|c| !c.is_alphanumeric() && !c.is_whitespace());
        // What is typed may go on; but behind a sign the word has ended.
        let more = if text.ends_with(char::is_alphanumeric) { " *" } else { "" };
        Self::Index { expression: format!("\"{quoted}\"{more}"), exactly }
    }
}

/// Whether it is of a script that puts no blanks between words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

impl Db {
    /// Indexes some of the texts that were written since the last time. Returns whether more are left: called until
    /// there are none, the index is up to date.
    pub fn index_texts(&mut self) -> Result<bool> {
        // Nobody is told of it: no card changes. What is lost with the power is still due.
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let step = "WITH step AS MATERIALIZED (SELECT at FROM texts_due ORDER BY at LIMIT ?1)";
        tx.prepare_cached(&format!("{step} DELETE FROM texts WHERE rowid IN (SELECT at FROM step)"))?
            .execute([STEP])?;
        tx.prepare_cached(&format!("{step} {INDEX}"))?.execute([STEP])?;
        let done = tx
            .prepare_cached(&format!("{step} DELETE FROM texts_due WHERE at IN (SELECT at FROM step)"))?
            .execute([STEP])?;
        tx.commit()?;
        Ok(done as i64 == STEP)
    }

    /// Whether texts wait to be indexed.
    pub fn has_texts_due(&self) -> Result<bool> {
        let mut query = self.conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM texts_due)")?;
        Ok(query.query_row([], |r| r.get(0))?)
    }

    /// For each text the cards whose body or one of whose comments holds it, also those taken off the board. Words are
    /// found from their beginnings, without regard to case and accents; several words where they stand in a row.
    /// Texts that are not indexed yet (see [`Db::index_texts`]) are not found.
    pub fn search(&self, texts: &[String]) -> Result<Vec<HashSet<CardId>>> {
        texts.iter().map(|text| self.search_one(text)).collect()
    }

    fn search_one(&self, text: &str) -> Result<HashSet<CardId>> {
        match Way::of(text) {
            Way::Not => Ok(HashSet::new()),
            Way::Through => {
                let mut query = self
                    .conn
                    .prepare_cached("SELECT card_id, '' FROM said WHERE text LIKE ?1 ESCAPE '\\'")?;
                let signs = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                read(query.query(params![format!("%{signs}%")])?, |_| true)
            }
            Way::Index { expression, exactly } => {
                let mut query = self.conn.prepare_cached(FOUND)?;
                let wanted = plain(text);
                read(query.query(params![expression, exactly])?, |text| {
                    !exactly || plain(text).contains(&wanted)
                })
            }
        }
    }
}

/// In small letters, with one blank wherever there are blanks or line ends.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn read(mut rows: rusqlite::Rows<'_>, holds: impl Fn(&str) -> bool) -> Result<HashSet<CardId>> {
    let mut found = HashSet::new();
    while let Some(row) = rows.next()? {
        if holds(row.get_ref(1)?.as_str_or_null().ok().flatten().unwrap_or_default()) {
            found.insert(parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
        }
    }
    Ok(found)
}
