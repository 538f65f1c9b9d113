//! Conflicts as they are kept: found, waiting, decided; the losing side goes into the card's history.

use rusqlite::{OptionalExtension, Row, params};

use super::cards::{CardRow, text};
use super::load::parse;
use super::{AuditEntry, Db, LinkRow, Origin, Result, StoreError, Tx};
use crate::domain::card::CardId;
use crate::domain::conflict::{Choice, Conflict, Decided, Decision};
use crate::domain::fields::{Field, Fields, Value};
use crate::domain::history::VersionKind;
use crate::domain::link::{ConnectionName, LinkId};
use crate::support::clock::Timestamp;
use crate::sync::reconcile::{FieldConflict, Side};

/// A conflict with its card. Of one that ended by itself, since both sides became alike, nothing is told.
const CONFLICTS: &str = "SELECT k.id, l.card_id, l.issue_number, c.title, l.connection, k.field, k.base, k.local, \
     k.remote, k.winner, k.merged, k.decided_by, k.found_at, k.resolved_at, k.source FROM conflicts k \
     JOIN feature_issue_links l ON l.id = k.link_id JOIN cards c ON c.id = l.card_id \
     WHERE (k.resolved_at IS NULL OR k.winner IS NOT NULL)";

impl Db {
    /// A card's conflicts, newest first: those that wait, and those a policy or a person decided.
    pub fn conflicts_of(&self, card: CardId) -> Result<Vec<Conflict>> {
        let sql = format!("{CONFLICTS} AND l.card_id = ?1 ORDER BY k.id DESC LIMIT 50");
        let mut query = self.conn.prepare_cached(&sql)?;
        let rows = query.query_map([card.to_string()], |r| Ok(conflict(r)))?;
        rows.map(|row| row?).collect()
    }

    /// The conflicts that wait for a person, oldest first, then the last `decided` of the others, newest first.
    pub fn conflicts(&self, decided: usize) -> Result<Vec<Conflict>> {
        let mut out = Vec::new();
        for (sql, limit) in [
            (format!("{CONFLICTS} AND k.resolved_at IS NULL ORDER BY k.id LIMIT ?1"), 10_000),
            (
                format!(
                    "{CONFLICTS} AND k.resolved_at IS NOT NULL ORDER BY k.resolved_at DESC, k.id DESC LIMIT ?1"
                ),
                decided,
            ),
        ] {
            let mut query = self.conn.prepare_cached(&sql)?;
            let rows = query.query_map([limit as i64], |r| Ok(conflict(r)))?;
            for row in rows {
                out.push(row??);
            }
        }
        Ok(out)
    }

    /// How many conflicts of a connection wait for a decision.
    pub fn open_conflicts(&self, connection: &ConnectionName) -> Result<u32> {
        Ok(self
            .conn
            .prepare_cached(
                "SELECT count(*) FROM conflicts k CROSS JOIN feature_issue_links l ON l.id = k.link_id \
                 WHERE l.connection = ?1 AND k.resolved_at IS NULL",
            )?
            .query_row([connection.as_str()], |r| r.get(0))?)
    }

    /// Decides open conflicts, all in one transaction. The values that lose are kept in the cards' histories. Returns
    /// the connections that have something to send now. One that was decided or ended meanwhile is left as it is.
    pub fn resolve(&mut self, decisions: &[Decision]) -> Result<Vec<ConnectionName>> {
        self.write(|tx| {
            let mut wake = Vec::new();
            for decision in decisions {
                wake.extend(tx.resolve_one(decision)?);
            }
            Ok(wake)
        })
    }
}

fn conflict(row: &Row<'_>) -> Result<Conflict> {
    let json = |column: usize| -> Result<Value> {
        let text: Option<String> = row.get(column)?;
        text.map_or(Ok(Value::None), |t| Ok(serde_json::from_str(&t)?))
    };
    let card: CardId = parse(&row.get::<_, String>(1)?)?;
    let connection = ConnectionName::new(row.get::<_, String>(4)?);
    let winner: Option<String> = row.get(9)?;
    let choice = match winner.as_deref() {
        None => None,
        Some("local") => Some(Choice::Local),
        Some("remote") => Some(Choice::Remote),
        Some(_) => Some(Choice::Merged(json(10)?)),
    };
    let by: Option<String> = row.get(11)?;
    let at: Option<i64> = row.get(13)?;
    let decided = choice.zip(at).map(|(choice, at)| Decided {
        choice,
        by: by.unwrap_or_else(|| "policy".to_owned()),
        at: Timestamp(at),
    });
    Ok(Conflict {
        id: row.get(0)?,
        card,
        key: card.key_on(&connection, row.get::<_, Option<i64>>(2)?),
        title: row.get(3)?,
        connection,
        source: row.get::<_, Option<String>>(14)?.map(ConnectionName::new),
        field: parse(&row.get::<_, String>(5)?)?,
        base: json(6)?,
        local: json(7)?,
        remote: json(8)?,
        found_at: Timestamp(row.get(12)?),
        decided,
    })
}

fn with_value(base: &Fields, field: Field, value: &Value) -> Fields {
    let mut out = base.clone();
    match (field, value) {
        (Field::Title, Value::Text(t)) => out.title.clone_from(t),
        (Field::Body, Value::Text(t)) => out.body.clone_from(t),
        (Field::Status, Value::Text(t)) => {
            out.status = crate::domain::mapping::Status::new(t.clone());
        }
        (Field::Labels, Value::Set(s)) => out.labels.clone_from(s),
        (Field::Assignees, Value::Set(s)) => out.assignees.clone_from(s),
        (Field::Milestone, Value::None) => out.milestone = None,
        (Field::Milestone, Value::Text(t)) => out.milestone = Some(t.clone()),
        (Field::Extra(name), value) => out.set_extra(name, value.clone()),
        _ => {}
    }
    out
}

impl Tx<'_> {
    fn resolve_one(&self, decision: &Decision) -> Result<Option<ConnectionName>> {
        let found = {
            let sql = format!("{CONFLICTS} AND k.id = ?1 AND k.resolved_at IS NULL");
            let mut query = self.conn.prepare_cached(&sql)?;
            let found = query.query_row([decision.conflict], |r| Ok(conflict(r))).optional()?;
            found.transpose()?
        };
        let Some(conflict) = found else { return Ok(None) };
        let (card, field) = (conflict.card, conflict.field);
        let link = self
            .links_of(card)?
            .into_iter()
            .find(|(_, name)| *name == conflict.connection)
            .ok_or_else(|| StoreError::Unfit("that card is not linked any more".into()))?
            .0;
        let (Some(row), Some(base)) = (self.card_row(card)?, self.link_row(link)?.and_then(|l| l.known.base))
        else {
            return Ok(None);
        };
        let here = row.fields.value(field);
        let theirs = with_value(&base, field, &conflict.remote);
        // What the platform has is agreed on; whatever differs from it then is an edit of ours, to be sent.
        self.set_base(link, &theirs)?;
        let merged = match &decision.choice {
            Choice::Merged(value) => Some(serde_json::to_string(value)?),
            _ => None,
        };
        self.conn.execute(
            "UPDATE conflicts SET resolved_at = ?2, winner = ?3, merged = ?4, decided_by = ?5, local = ?6 WHERE id = ?1",
            params![
                conflict.id,
                self.now.0,
                decision.choice.as_str(),
                merged,
                self.who.login,
                serde_json::to_string(&here)?
            ],
        )?;
        self.carry_out(&conflict, &decision.choice, link, &row, &theirs)?;
        if field == Field::Milestone
            && let Some(now) = self.card_row(card)?
        {
            let both = [&row.fields.milestone, &now.fields.milestone];
            self.recount_milestones(both.into_iter().flatten().map(String::as_str))?;
        }
        self.audit_decision(&conflict, &decision.choice, &here)?;
        self.refresh_status(link, card)?;
        Ok(Some(conflict.connection))
    }

    /// Makes the card and the queue what a decision says, and keeps what lost.
    fn carry_out(
        &self,
        conflict: &Conflict,
        choice: &Choice,
        link: LinkId,
        row: &CardRow,
        theirs: &Fields,
    ) -> Result<()> {
        let (card, field) = (conflict.card, conflict.field);
        let here = row.fields.value(field);
        let origin = conflict.connection.as_str();
        let ours = conflict.source.as_ref().map_or("local", ConnectionName::as_str);
        match choice {
            Choice::Local => {
                self.lose(card, origin, field, &here, &conflict.remote)?;
                let revision = self.mark_edited(card, row, &[field])?;
                self.queue(link, revision)?;
            }
            Choice::Remote => {
                self.lose(card, ours, field, &conflict.remote, &here)?;
                let mut to = row.fields.clone();
                to.take(field, theirs);
                self.set_fields(card, row, &to, &Origin::Remote(conflict.connection.clone()), self.now)?;
                self.queue_others_of(card, link)?;
            }
            Choice::Merged(value) => {
                for (side, lost) in [(ours, &here), (origin, &conflict.remote)] {
                    if lost != value {
                        self.lose(card, side, field, value, lost)?;
                    }
                }
                let to = with_value(&row.fields, field, value);
                self.as_kind(VersionKind::Merged, || {
                    self.set_fields(card, row, &to, &Origin::Local, self.now)
                })?;
                let revision = self.mark_edited(card, row, &[field])?;
                self.queue(link, revision)?;
                self.queue_others_of(card, link)?;
            }
        }
        Ok(())
    }

    fn audit_decision(&self, conflict: &Conflict, choice: &Choice, here: &Value) -> Result<()> {
        let (card, field) = (conflict.card, conflict.field);
        self.audit(
            &Origin::Local,
            Some(&conflict.connection),
            &AuditEntry {
                action: "conflict",
                object: conflict.key.clone(),
                card: Some(card),
                fields: serde_json::json!({ field.as_str(): {
                    "base": conflict.base, "local": here, "remote": conflict.remote,
                    "local_from": conflict.source, "chosen": choice.as_str(),
                    "after": match choice {
                        Choice::Local => here,
                        Choice::Remote => &conflict.remote,
                        Choice::Merged(value) => value,
                    },
                } }),
                outcome: "ok".into(),
                request_id: None,
            },
        )
    }

    fn queue_others_of(&self, card: CardId, link: LinkId) -> Result<()> {
        match self.link_row(link)? {
            Some(row) if row.card == card => self.queue_others(&row),
            _ => Ok(()),
        }
    }

    /// The fields of a link about which a person must decide.
    pub fn open_fields(&self, link: LinkId) -> Result<Vec<Field>> {
        let mut query = self
            .conn
            .prepare_cached("SELECT field FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL")?;
        let rows = query.query_map([link.to_string()], |r| r.get::<_, String>(0))?;
        rows.map(|f| parse(&f?)).collect()
    }

    /// Notes conflicts; an open one about which there is no question any more is closed. The side that lost by policy
    /// is kept in the card's history.
    pub fn note_conflicts(&self, link: &LinkRow, conflicts: &[FieldConflict]) -> Result<()> {
        let id = link.id.to_string();
        let open = self.open_fields(link.id)?;
        for field in &open {
            if !conflicts.iter().any(|c| c.field == *field && c.winner.is_none()) {
                self.conn.execute(
                    "UPDATE conflicts SET resolved_at = ?3 WHERE link_id = ?1 AND field = ?2 AND resolved_at IS NULL",
                    params![id, field.as_str(), self.now.0],
                )?;
            }
        }
        for c in conflicts {
            let source = self.source_of(link, c)?;
            // One that waits is told once.
            if c.winner.is_some() || !open.contains(&c.field) {
                self.audit_conflict(link, c, source.as_ref())?;
            }
            let winner = c.winner.map(|w| if w == Side::Local { "local" } else { "remote" });
            self.conn.execute(
                "INSERT INTO conflicts (link_id, field, base, local, remote, winner, decided_by, found_at, resolved_at, source) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (link_id, field) \
                 WHERE resolved_at IS NULL DO UPDATE SET local = ?4, remote = ?5, source = ?10",
                params![
                    id,
                    c.field.as_str(),
                    c.base.as_ref().map(serde_json::to_string).transpose()?,
                    serde_json::to_string(&c.local)?,
                    serde_json::to_string(&c.remote)?,
                    winner,
                    winner.map(|_| "policy"),
                    self.now.0,
                    winner.map(|_| self.now.0),
                    source.as_ref().map(ConnectionName::as_str)
                ],
            )?;
        }
        Ok(())
    }

    /// Whether these are exactly the conflicts that wait already, with the same values.
    pub fn is_told(&self, link: &LinkRow, conflicts: &[FieldConflict]) -> Result<bool> {
        if conflicts.len() != link.known.open_conflicts.len() {
            return Ok(false);
        }
        let mut query = self.conn.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM conflicts WHERE link_id = ?1 AND field = ?2 AND local = ?3 AND remote = ?4 \
             AND resolved_at IS NULL)",
        )?;
        for c in conflicts {
            let (local, remote) = (serde_json::to_string(&c.local)?, serde_json::to_string(&c.remote)?);
            let known: bool = query
                .query_row(params![link.id.to_string(), c.field.as_str(), local, remote], |r| r.get(0))?;
            if !known || c.winner.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes into the audit log that a conflict was found and how it was decided, and keeps the loser.
    fn audit_conflict(
        &self,
        link: &LinkRow,
        c: &FieldConflict,
        source: Option<&ConnectionName>,
    ) -> Result<()> {
        let Some(name) = self.connection_of(link.id)? else { return Ok(()) };
        let undone = link.known.undoing.contains(&c.field) && c.winner == Some(Side::Remote);
        match c.winner {
            Some(Side::Local) => self.lose(link.card, name.as_str(), c.field, &c.local, &c.remote)?,
            Some(Side::Remote) => {
                let ours = source.map_or("local", ConnectionName::as_str);
                self.lose(link.card, ours, c.field, &c.remote, &c.local)?;
            }
            None => {}
        }
        let key = link.key(&name);
        let outcome = match (c.winner, source) {
            (Some(Side::Remote), _) if undone => {
                "refused: it was changed there since; the value there stays".to_owned()
            }
            (Some(Side::Local), None) => "decided: the value here stays".to_owned(),
            (Some(Side::Remote), None) => "decided: the value there stays".to_owned(),
            (Some(Side::Local), Some(source)) => format!("decided: {source}'s value stays, not {name}'s"),
            (Some(Side::Remote), Some(source)) => format!("decided: {name}'s value stays, not {source}'s"),
            (None, _) if link.known.flapping.contains(&c.field) => {
                "waits for a decision: it was changed back and forth".to_owned()
            }
            (None, None) => "waits for a decision".to_owned(),
            (None, Some(source)) => {
                format!("waits for a decision: {source} and {name} changed it differently")
            }
        };
        if undone {
            let words = format!("{key}: the undo of the {} was refused: {name} changed it since", c.field);
            self.told.borrow_mut().push(words);
        }
        let entry = AuditEntry {
            action: if undone { "undo" } else { "conflict" },
            object: key,
            card: Some(link.card),
            fields: serde_json::json!({ c.field.as_str(): {
                "base": c.base, "local": c.local, "remote": c.remote, "local_from": source, "chosen": c.winner,
            } }),
            outcome,
            request_id: None,
        };
        self.audit(&Origin::Remote(name.clone()), Some(&name), &entry)
    }

    /// The connection from which the card's side of a conflict came: the last change that made the field this value,
    /// else the card's own making. `None` when that was a person here, a mapping, or the connection of the link itself.
    fn source_of(&self, link: &LinkRow, c: &FieldConflict) -> Result<Option<ConnectionName>> {
        let origin: Option<String> = self
            .conn
            .prepare_cached(
                "SELECT origin FROM change_log WHERE card_id = ?1 AND kind <> 'lost' \
                 AND (field = 'created' OR (field = ?2 AND after IS ?3)) ORDER BY seq DESC LIMIT 1",
            )?
            .query_row(params![link.card.to_string(), c.field.as_str(), text(&c.local)?], |r| r.get(0))
            .optional()?;
        let own = self.connection_of(link.id)?;
        let from = origin.map(ConnectionName::new).filter(|origin| Some(origin) != own.as_ref());
        // The other words of the log, `local` and the like, are no connection of the card.
        Ok(match from {
            Some(from) if self.links_of(link.card)?.iter().any(|(_, name)| *name == from) => Some(from),
            _ => None,
        })
    }

    fn connection_of(&self, link: LinkId) -> Result<Option<ConnectionName>> {
        let name: Option<String> = self
            .conn
            .prepare_cached("SELECT connection FROM feature_issue_links WHERE id = ?1")?
            .query_row([link.to_string()], |r| r.get(0))
            .optional()?;
        Ok(name.map(ConnectionName::new))
    }
}
