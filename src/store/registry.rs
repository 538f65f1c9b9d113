//! The connections a config names, as the store knows them: new, changed, renamed, gone and back again.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::load::parse;
use super::{AuditEntry, Db, Origin, Result, Tx};
use crate::config::settings::ConnectionSettings;
use crate::domain::card::CardId;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;

/// A connection as a config has it, with the text by which a change of how it is read is noticed.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// The connection.
    pub connection: &'a ConnectionSettings,
    /// How its items are read, as JSON with the key `pushes`; never empty.
    pub reading: &'a str,
}

/// A connection that cards are linked to and that the config does not name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Absent {
    /// Its name.
    pub connection: String,
    /// How many cards are linked to it.
    pub cards: u32,
    /// How many of them have changes or comments that it was not sent.
    pub unsent: u32,
}

impl std::fmt::Display for Absent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { connection, cards, unsent } = self;
        write!(f, "`{connection}` is not in the config: {cards} linked cards are kept")?;
        if *unsent > 0 {
            write!(f, ", {unsent} of them with changes it was not sent")?;
        }
        Ok(())
    }
}

impl Db {
    /// Which connections of the config are known under another name that the config does not have any more: the old
    /// name and the new one. The same repository at the same address is the same connection.
    pub fn renamed(
        &self,
        connections: &[ConnectionSettings],
    ) -> Result<Vec<(ConnectionName, ConnectionName)>> {
        let mut known: Vec<(String, String)> = self
            .conn
            .prepare("SELECT name, repository_url FROM git_integration_config ORDER BY id DESC")?
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut out = Vec::new();
        let configured = |name: &str| connections.iter().any(|c| c.name.as_str() == name);
        for new in connections {
            if known.iter().any(|(name, _)| name == new.name.as_str()) {
                continue;
            }
            let url = repository_url(new).to_lowercase();
            let old = known.iter().position(|(name, at)| !configured(name) && at.to_lowercase() == url);
            if let Some(old) = old {
                out.push((ConnectionName::new(known.remove(old).0), new.name.clone()));
            }
        }
        Ok(out)
    }

    /// Gives everything that belongs to the connection `old` to `new`: a name is only a name.
    pub fn rename_connection(&mut self, old: &ConnectionName, new: &ConnectionName) -> Result<()> {
        self.write(|tx| {
            let cards: Vec<String> = tx
                .conn
                .prepare("SELECT card_id FROM feature_issue_links WHERE connection = ?1")?
                .query_map([old.as_str()], |r| r.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for (table, column) in [
                ("git_integration_config", "name"),
                ("feature_issue_links", "connection"),
                ("release_milestones", "connection"),
                ("cursors", "connection"),
                ("health", "connection"),
                ("questions", "connection"),
                ("asks", "connection"),
                ("conflicts", "source"),
            ] {
                tx.conn.execute(
                    &format!("UPDATE {table} SET {column} = ?2 WHERE {column} = ?1"),
                    params![old.as_str(), new.as_str()],
                )?;
            }
            // The other words of the change log are no connection's, whatever it is called.
            let words = [Origin::Local, Origin::Mapping, Origin::RollBack];
            if words.iter().all(|word| word.as_str() != old.as_str()) {
                let sql = "UPDATE change_log SET origin = ?2 WHERE origin = ?1";
                tx.conn.execute(sql, params![old.as_str(), new.as_str()])?;
            }
            let entry = AuditEntry {
                action: "rename",
                object: new.to_string(),
                fields: serde_json::json!({ "name": { "before": old.as_str(), "after": new.as_str() } }),
                outcome: "ok".into(),
                ..AuditEntry::default()
            };
            tx.audit(&Origin::Local, Some(new), &entry)?;
            for card in &cards {
                tx.touch(parse(card)?)?;
            }
            Ok(())
        })
    }

    /// Brings the rows of the connections up to date, and the cards with them, in one transaction: those of a
    /// connection that is read otherwise now, or that was away, are read anew from what is stored, without a request,
    /// and what was edited meanwhile is queued; a card whose status the board has no more goes to its first column.
    /// Nothing is written when nothing changed. Returns the cards that moved.
    pub fn register(
        &mut self,
        connections: &[Registration<'_>],
        statuses: &[Status],
    ) -> Result<BTreeSet<CardId>> {
        let looking = Tx::new(&self.conn, self.now(), &self.who);
        if looking.is_registered(connections)? && looking.stranded(statuses)?.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.write(|tx| {
            tx.acting.set(true);
            let mut moved = BTreeSet::new();
            for one in connections {
                let before = tx.register_one(one)?;
                if before.as_ref().is_some_and(|b| rules_of(b) != rules_of(one.reading)) {
                    tx.walk_anew(&one.connection.name)?;
                }
                if before.is_some_and(|b| b != one.reading) {
                    let mapping = &one.connection.mapping;
                    let pushes = one.connection.direction.pushes();
                    let out = tx.remap(&one.connection.name, mapping, pushes)?;
                    moved.extend(out.moves.into_iter().map(|(card, _, _)| card));
                }
            }
            // What is read while it is away is not known, so all of it is looked at when it is back.
            tx.conn.execute(
                "UPDATE git_integration_config SET mapping = '' WHERE name NOT IN (SELECT value FROM json_each(?1))",
                [names_of(connections)?],
            )?;
            moved.extend(tx.rescue_stranded(statuses)?);
            Ok(moved)
        })
    }

    /// The connections that cards are linked to and that the config does not name.
    pub fn absent(&self, connections: &[ConnectionSettings]) -> Result<Vec<Absent>> {
        let names: Vec<&str> = connections.iter().map(|c| c.name.as_str()).collect();
        let mut query = self.conn.prepare(
            "SELECT l.connection, count(*), sum(l.sync_status <> 'synced') FROM feature_issue_links l \
             JOIN cards c ON c.id = l.card_id WHERE c.archived_at IS NULL \
               AND l.connection NOT IN (SELECT value FROM json_each(?1)) GROUP BY 1 ORDER BY 1",
        )?;
        let rows = query.query_map([serde_json::to_string(&names)?], |r| {
            Ok(Absent { connection: r.get(0)?, cards: r.get(1)?, unsent: r.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// The field rules of how a connection is read.
fn rules_of(reading: &str) -> Option<serde_json::Value> {
    serde_json::from_str::<serde_json::Value>(reading).ok()?.get_mut("fields").map(serde_json::Value::take)
}

fn names_of(connections: &[Registration<'_>]) -> Result<String> {
    let names: Vec<&str> = connections.iter().map(|r| r.connection.name.as_str()).collect();
    Ok(serde_json::to_string(&names)?)
}

fn repository_url(connection: &ConnectionSettings) -> String {
    format!("{}/repos/{}", connection.api_url.as_str().trim_end_matches('/'), connection.repository)
}

/// A connection's row but for its name: platform, address, place of the token, labels, template, reading.
type Row = (String, String, String, String, Option<String>, String);

fn row_of(one: &Registration<'_>) -> Result<Row> {
    let c = one.connection;
    Ok((
        c.platform.as_str().to_owned(),
        repository_url(c),
        c.token.to_string(),
        serde_json::to_string(&c.default_labels)?,
        c.issue_template.clone(),
        one.reading.to_owned(),
    ))
}

impl Tx<'_> {
    /// The next pull looks at every item: the fields that rules name now were not read before.
    fn walk_anew(&self, connection: &ConnectionName) -> Result<()> {
        self.conn.execute("DELETE FROM cursors WHERE connection = ?1", [connection.as_str()])?;
        Ok(())
    }

    fn registered(&self, name: &ConnectionName) -> Result<Option<Row>> {
        let row = self
            .conn
            .prepare_cached(
                "SELECT platform, repository_url, api_token_name, default_labels, issue_template, mapping \
                 FROM git_integration_config WHERE name = ?1",
            )?
            .query_row([name.as_str()], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?))
            })
            .optional()?;
        Ok(row)
    }

    /// Whether every row is as the config says, and no other connection counts as being there.
    fn is_registered(&self, connections: &[Registration<'_>]) -> Result<bool> {
        for one in connections {
            if self.registered(&one.connection.name)?.as_ref() != Some(&row_of(one)?) {
                return Ok(false);
            }
        }
        let there: usize = self.conn.query_row(
            "SELECT count(*) FROM git_integration_config WHERE mapping <> ''",
            [],
            |r| r.get::<_, i64>(0).map(|n| n as usize),
        )?;
        Ok(there == connections.len())
    }

    /// Writes a connection's row and returns how it was read before; `None` when it is new.
    fn register_one(&self, one: &Registration<'_>) -> Result<Option<String>> {
        let name = &one.connection.name;
        let known = self.registered(name)?;
        let row = row_of(one)?;
        self.audit_config(name, known.as_ref(), &row)?;
        let before = known.map(|row| row.5);
        let (platform, url, token, labels, template, reading) = row;
        self.conn.execute(
            "INSERT INTO git_integration_config (name, platform, repository_url, api_token_name, default_labels, \
             issue_template, mapping, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
             ON CONFLICT (name) DO UPDATE SET platform = ?2, repository_url = ?3, api_token_name = ?4, \
             default_labels = ?5, issue_template = ?6, mapping = ?7",
            params![name.as_str(), platform, url, token, labels, template, reading, self.now.to_rfc3339()],
        )?;
        Ok(before)
    }

    /// Tells the audit log what the config says otherwise of a connection than it did.
    fn audit_config(&self, name: &ConnectionName, before: Option<&Row>, after: &Row) -> Result<()> {
        // A connection that was away is read anew; that alone is no change of the config.
        if before.is_some_and(|b| {
            b == after || (b.5.is_empty() && (&b.0, &b.1, &b.2) == (&after.0, &after.1, &after.2))
        }) {
            return Ok(());
        }
        let columns = |row: &Row| {
            let json = |text: &str| serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
            serde_json::json!({
                "platform": row.0, "address": row.1, "token": row.2, "default_labels": json(&row.3),
                "template": row.4, "reading": json(&row.5),
            })
        };
        let (old, new) = (before.map(columns).unwrap_or_default(), columns(after));
        let mut fields = serde_json::Map::new();
        for (key, value) in new.as_object().into_iter().flatten() {
            let was = old.get(key).cloned().unwrap_or_default();
            if was != *value {
                fields.insert(key.clone(), serde_json::json!({ "before": was, "after": value }));
            }
        }
        let entry = AuditEntry {
            action: "config",
            object: name.to_string(),
            fields: fields.into(),
            outcome: "ok".into(),
            ..AuditEntry::default()
        };
        self.audit(&Origin::Local, Some(name), &entry)
    }
}
