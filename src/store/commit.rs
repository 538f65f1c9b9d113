//! Committing what a person decided: card, change log and outbox in one transaction.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::cards::CardRow;
use super::{AuditEntry, Db, Result, StoreError, Tx};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::command::Change;
use crate::domain::fields::{Field, Fields, SetDelta, canonical_body};
use crate::domain::history::VersionKind;
use crate::domain::link::{ConnectionName, Link, LinkId};
use crate::domain::mapping::{Status, StatusMapping};
use crate::domain::remote::RemoteRef;

/// Where a change came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A person at this board.
    Local,
    /// A platform, by its connection.
    Remote(ConnectionName),
    /// A changed status mapping.
    Mapping,
    /// A refused change taken back.
    RollBack,
}

impl Origin {
    /// The word in the change log.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::Remote(name) => name.as_str(),
            Self::Mapping => "mapping",
            Self::RollBack => "rollback",
        }
    }
}

/// What the store must know of the connections to queue changes for them.
#[derive(Debug, Clone, Default)]
pub struct LinkRules(pub HashMap<ConnectionName, LinkRule>);

/// One connection's part of [`LinkRules`].
#[derive(Debug, Clone)]
pub struct LinkRule {
    /// The platform's name.
    pub platform: &'static str,
    /// `owner/name`.
    pub repository: String,
    /// Whether local changes go out.
    pub pushes: bool,
    /// Whether items can be made there.
    pub creates: bool,
    /// Which statuses it can express.
    pub mapping: StatusMapping,
    /// Labels every card made for it gets.
    pub default_labels: Vec<String>,
    /// The body of a card made for it without one.
    pub template: Option<String>,
}

/// What a commit set in motion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Connections that have something to send now.
    pub wake: BTreeSet<ConnectionName>,
}

impl Db {
    /// Commits decided changes: all of them or none.
    pub fn commit(&mut self, changes: &[Change], rules: &LinkRules) -> Result<Committed> {
        self.commit_as(VersionKind::Edit, changes, rules)
    }

    /// Commits decided changes that came about in this way. What takes something back or brings it back is a row of
    /// the audit log of its own. What takes something back is refused when the card has gone on since, with the
    /// reason, and that is a row too.
    pub fn commit_as(
        &mut self,
        kind: VersionKind,
        changes: &[Change],
        rules: &LinkRules,
    ) -> Result<Committed> {
        let mut refused = None;
        let done = self.write(|tx| {
            tx.kind.set(kind);
            tx.acting.set(true);
            let mut done = Committed::default();
            let mut milestones = BTreeSet::new();
            for change in changes {
                if let Change::Milestoned { before, after, .. } = change {
                    milestones.extend([before, after].into_iter().flatten().map(String::as_str));
                }
                if let Err(error) = tx.check_undo(change) {
                    refused = tx.retrace(change, format!("refused: {error}"))?;
                    return Err(error);
                }
                tx.commit_one(change, rules, &mut done)?;
                if let Some(entry) = tx.retrace(change, "ok".into())? {
                    tx.audit(&Origin::Local, None, &entry)?;
                }
            }
            tx.recount_milestones(milestones)?;
            Ok(done)
        });
        // The refused transaction left no trace; that it was refused is one.
        if let Some(entry) = refused {
            self.audit(&Origin::Local, None, &entry)?;
        }
        done
    }
}

impl Tx<'_> {
    fn commit_one(&self, change: &Change, rules: &LinkRules, done: &mut Committed) -> Result<()> {
        let id = match change {
            Change::Created { card, body } => return self.commit_created(card, body, rules, done),
            other => other.card().ok_or_else(|| StoreError::Unfit("a change without a card".into()))?,
        };
        let row = self
            .card_row(id)?
            .ok_or_else(|| StoreError::Unfit("that card is not on the board any more".into()))?;
        self.unsee(id, &row, change)?;
        match change {
            Change::Moved { to, rank_to, .. } => self.commit_moved(id, &row, to, *rank_to, rules, done),
            Change::Agreed { losses, .. } => self.commit_agreed(id, losses, rules, done),
            Change::Archived { .. } => self.commit_archived(id, row.fields.milestone.as_deref()),
            Change::Returned { .. } => self.commit_returned(id, &row, rules, done),
            Change::Commented { comment, body, .. } => self.commit_comment(id, *comment, body, rules, done),
            Change::Answered { connection, given, .. } => {
                self.keep_answer(id, &row.fields.status, connection, given)
            }
            other => self.commit_fields(id, &row, other, rules, done),
        }
    }

    fn commit_created(&self, card: &Card, body: &str, rules: &LinkRules, done: &mut Committed) -> Result<()> {
        let mut card = card.clone();
        let mut body = body.to_owned();
        for rule in card.links.iter().filter_map(|l| rules.0.get(&l.connection)) {
            let add = rule.default_labels.iter().cloned().collect();
            card.labels = SetDelta { add, ..SetDelta::default() }.apply(&card.labels).into();
            if body.is_empty() {
                body = rule.template.clone().unwrap_or_default();
            }
        }
        self.insert_card(&card, &body, None, &Origin::Local)?;
        self.recount_milestones(card.milestone.as_deref())?;
        for link in &card.links {
            let sends = rules.0.get(&link.connection).filter(|r| r.creates);
            let Some(rule) = sends else {
                return Err(StoreError::Unfit(format!("nothing can be made on `{}`", link.connection)));
            };
            self.insert_link(link, card.id, card.kind, rule, None)?;
            self.queue(link.id, card.revision)?;
            done.wake.insert(link.connection.clone());
        }
        Ok(())
    }

    /// Makes a link; `at` is where its item is, when there is one already.
    pub(super) fn insert_link(
        &self,
        link: &Link,
        card: CardId,
        kind: Kind,
        rule: &LinkRule,
        at: Option<&RemoteRef>,
    ) -> Result<()> {
        let task = kind == Kind::Task;
        self.conn
            .prepare_cached(
                "INSERT INTO feature_issue_links (id, feature_id, task_id, connection, platform, repository, \
                 issue_number, issue_url, sync_status, note, mapped, created_at, remote_id, last_synced) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(params![
                link.id.to_string(),
                (!task).then(|| card.to_string()),
                task.then(|| card.to_string()),
                link.connection.as_str(),
                rule.platform,
                at.map_or(&rule.repository, |at| &at.repository),
                link.number.map(|n| n as i64),
                link.url,
                link.sync.as_str(),
                link.note,
                link.mapped,
                self.now.to_rfc3339(),
                at.map(|at| &at.id),
                at.map(|_| self.now.to_rfc3339())
            ])?;
        Ok(())
    }

    fn commit_moved(
        &self,
        id: CardId,
        row: &CardRow,
        to: &Status,
        rank: i64,
        rules: &LinkRules,
        done: &mut Committed,
    ) -> Result<()> {
        self.conn
            .prepare_cached("UPDATE cards SET status = ?2, rank = ?3 WHERE id = ?1")?
            .execute(params![id.to_string(), to.as_str(), rank])?;
        self.touch(id)?;
        if row.fields.status == *to {
            return Ok(());
        }
        self.log(id, &Origin::Local, "status", Some(row.fields.status.as_str()), Some(to.as_str()))?;
        self.drop_answers(id)?;
        let revision = self.mark_edited(id, row, &[Field::Status])?;
        self.queue_links(id, revision, Some(to), &[Field::Status], rules, done)
    }

    fn commit_fields(
        &self,
        id: CardId,
        row: &CardRow,
        change: &Change,
        rules: &LinkRules,
        done: &mut Committed,
    ) -> Result<()> {
        let mut to: Fields = row.fields.clone();
        match change {
            Change::Retitled { after, .. } => to.title.clone_from(after),
            Change::Rewritten { after, .. } => to.body.clone_from(after),
            Change::Labelled { delta, .. } => to.labels = delta.apply(&to.labels),
            Change::Assigned { delta, .. } => to.assignees = delta.apply(&to.assignees),
            Change::Milestoned { after, .. } => to.milestone.clone_from(after),
            Change::FieldSet { field, after, .. } => to.set_extra(*field, after.clone()),
            Change::Created { .. }
            | Change::Moved { .. }
            | Change::Commented { .. }
            | Change::Agreed { .. }
            | Change::Answered { .. }
            | Change::Archived { .. }
            | Change::Returned { .. } => {}
        }
        let changed = self.set_fields(id, row, &to, &Origin::Local, self.now)?;
        if changed.is_empty() {
            return Ok(());
        }
        let revision = self.mark_edited(id, row, &changed)?;
        self.queue_links(id, revision, None, &changed, rules, done)
    }

    pub(super) fn commit_archived(&self, id: CardId, milestone: Option<&str>) -> Result<()> {
        self.conn
            .prepare_cached("UPDATE cards SET archived_at = ?2 WHERE id = ?1")?
            .execute(params![id.to_string(), self.now.0])?;
        self.touch(id)?;
        self.log(id, &Origin::Local, "archived", None, None)?;
        self.recount_milestones(milestone)
    }

    /// Puts a card back on the board. While it was off it followed nothing, so its links are queued: whoever sends
    /// reads the item anew and takes what is new there, and sends nothing when there is nothing to send.
    fn commit_returned(
        &self,
        id: CardId,
        row: &CardRow,
        rules: &LinkRules,
        done: &mut Committed,
    ) -> Result<()> {
        if !row.archived {
            return Ok(());
        }
        let links = self.links_of(id)?;
        if let Some((_, name)) = links.iter().find(|(_, name)| rules.0.get(name).is_some_and(|r| !r.pushes)) {
            let why = format!("`{name}` only pulls, and would not read what became of the card meanwhile");
            return Err(StoreError::Unfit(why));
        }
        self.conn
            .prepare_cached("UPDATE cards SET archived_at = NULL WHERE id = ?1")?
            .execute([id.to_string()])?;
        self.touch(id)?;
        self.log(id, &Origin::Local, "archived", None, None)?;
        self.recount_milestones(row.fields.milestone.as_deref())?;
        for (link, connection) in links {
            self.queue(link, row.revision)?;
            self.refresh_status(link, id)?;
            done.wake.insert(connection);
        }
        Ok(())
    }

    fn commit_comment(
        &self,
        id: CardId,
        comment: Uuid,
        body: &str,
        rules: &LinkRules,
        done: &mut Committed,
    ) -> Result<()> {
        let mut sent = false;
        for (link, connection) in self.links_of(id)? {
            // For a connection that is not in the config now it waits until that is back.
            if rules.0.get(&connection).is_some_and(|r| !r.pushes) {
                continue;
            }
            // One id per link: it is the marker on that platform.
            let marker = if sent { Uuid::new_v4() } else { comment };
            self.conn
                .prepare_cached(
                    "INSERT INTO deliveries (id, link_id, body, queued_at) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![marker.simple().to_string(), link.to_string(), body, self.now.0])?;
            self.refresh_status(link, id)?;
            done.wake.insert(connection);
            sent = true;
        }
        if !sent {
            self.conn
                .prepare_cached("INSERT INTO local_comments (id, card_id, body, at) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![comment.simple().to_string(), id.to_string(), body, self.now.0])?;
        }
        self.log(id, &Origin::Local, "comment", None, Some(body))?;
        self.touch(id)
    }

    /// Queues a card's change of `fields` for every link that can carry it. A status that a connection does not map is
    /// not queued there, and the link says so; a further field that it has no rule for is none of its business.
    pub(super) fn queue_links(
        &self,
        id: CardId,
        revision: i64,
        status: Option<&Status>,
        fields: &[Field],
        rules: &LinkRules,
        done: &mut Committed,
    ) -> Result<()> {
        for (link, connection) in self.links_of(id)? {
            let further = |field: &Field| matches!(field, Field::Extra(_));
            let concerned =
                |field: &Field| rules.0.get(&connection).is_none_or(|rule| rule.mapping.concerns(*field));
            if fields.iter().all(|field| further(field) && !concerned(field)) {
                continue;
            }
            let Some(rule) = rules.0.get(&connection).filter(|r| r.pushes) else {
                self.keep_here(link, &connection, rules)?;
                continue;
            };
            if let Some(status) = status.filter(|s| rule.mapping.target(s).is_none()) {
                let note = format!("`{status}` is not mapped on {connection}: it stays as it is there");
                self.conn
                    .prepare_cached("UPDATE feature_issue_links SET mapped = 0, note = ?2 WHERE id = ?1")?
                    .execute(params![link.to_string(), note])?;
                continue;
            }
            self.queue(link, revision)?;
            done.wake.insert(connection);
        }
        self.touch(id)
    }

    /// A change that goes nowhere for now is kept with the card, and its link says why.
    fn keep_here(&self, link: LinkId, connection: &ConnectionName, rules: &LinkRules) -> Result<()> {
        let (status, note) = if rules.0.contains_key(connection) {
            (None, format!("`{connection}` only pulls: the change stays here"))
        } else {
            (
                Some("pending"),
                format!("`{connection}` is not in the config: the change is sent when it is back"),
            )
        };
        self.conn
            .prepare_cached(
                "UPDATE feature_issue_links SET sync_status = coalesce(?2, sync_status), note = ?3 WHERE id = ?1",
            )?
            .execute(params![link.to_string(), status, note])?;
        Ok(())
    }

    /// Puts a link into the outbox at `revision`; an edit takes a parked one up again.
    pub(super) fn queue(&self, link: LinkId, revision: i64) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO outbox (link_id, revision, queued_at, act) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (link_id) DO UPDATE SET revision = ?2, parked = 0, attempts = 0, next_attempt_at = 0, \
                 reason = NULL, asks = NULL, act = coalesce(?4, act)",
            )?
            .execute(params![link.to_string(), revision, self.now.0, self.act()?])?;
        self.conn
            .prepare_cached(
                "UPDATE feature_issue_links SET sync_status = 'pending', note = NULL WHERE id = ?1",
            )?
            .execute([link.to_string()])?;
        Ok(())
    }

    /// The number of the act that is being written, when it is one.
    pub(super) fn act(&self) -> Result<Option<i64>> {
        if self.acting.get() { self.next_touched().map(Some) } else { Ok(None) }
    }

    fn takes_back(&self) -> bool {
        matches!(self.kind.get(), VersionKind::Undo | VersionKind::Redo)
    }

    /// Refuses to take back what somebody has changed since.
    fn check_undo(&self, change: &Change) -> Result<()> {
        let Some(id) = change.card().filter(|_| self.takes_back()) else { return Ok(()) };
        let Some(row) = self.card_row(id)? else { return Ok(()) };
        let now = &row.fields;
        let applies =
            |set: &BTreeSet<String>, delta: &SetDelta| !SetDelta::between(set, &delta.apply(set)).is_empty();
        let as_left = match change {
            Change::Moved { from, .. } => now.status == *from,
            Change::Retitled { before, .. } => now.title == *before,
            Change::Rewritten { before, .. } => now.body == canonical_body(before),
            Change::Milestoned { before, .. } => now.milestone == *before,
            Change::FieldSet { field, before, .. } => now.value(Field::Extra(*field)) == *before,
            Change::Labelled { delta, .. } => applies(&now.labels, delta),
            Change::Assigned { delta, .. } => applies(&now.assignees, delta),
            Change::Created { .. }
            | Change::Commented { .. }
            | Change::Agreed { .. }
            | Change::Answered { .. }
            | Change::Archived { .. }
            | Change::Returned { .. } => true,
        };
        if as_left {
            return Ok(());
        }
        let field = change.field().map_or("place", Field::as_str);
        let key = self.key_of(id)?;
        Err(StoreError::Unfit(format!("{key} was changed again since: its {field} was left as it is")))
    }

    /// The row of the audit log for what takes something back or brings it back: written when it is done; what a
    /// platform makes of it is another row. `None` for an edit.
    fn retrace(&self, change: &Change, outcome: String) -> Result<Option<AuditEntry>> {
        let action = match self.kind.get() {
            VersionKind::Undo => "undo",
            VersionKind::Redo => "redo",
            VersionKind::Restore => "restore",
            VersionKind::Edit | VersionKind::Lost | VersionKind::Merged => return Ok(None),
        };
        let (Some(id), Some(field)) = (change.card(), change.field()) else { return Ok(None) };
        let (before, after) = match change {
            Change::Moved { from, to, .. } => (from.as_str().into(), to.as_str().into()),
            Change::Retitled { before, after, .. } | Change::Rewritten { before, after, .. } => {
                (before.clone().into(), after.clone().into())
            }
            Change::Milestoned { before, after, .. } => (before.clone().into(), after.clone().into()),
            Change::FieldSet { before, after, .. } => {
                (serde_json::to_value(before)?, serde_json::to_value(after)?)
            }
            Change::Labelled { delta, .. } | Change::Assigned { delta, .. } => {
                (serde_json::json!({ "removed": delta.remove }), serde_json::json!({ "added": delta.add }))
            }
            Change::Created { .. }
            | Change::Commented { .. }
            | Change::Agreed { .. }
            | Change::Answered { .. }
            | Change::Archived { .. }
            | Change::Returned { .. } => return Ok(None),
        };
        Ok(Some(AuditEntry {
            action,
            object: self.key_of(id)?,
            card: Some(id),
            fields: serde_json::json!({ field.as_str(): { "before": before, "after": after } }),
            outcome,
            request_id: None,
        }))
    }

    /// What people call a card.
    pub(super) fn key_of(&self, id: CardId) -> Result<String> {
        let found: Option<(String, i64)> = self
            .conn
            .prepare_cached(
                "SELECT connection, issue_number FROM feature_issue_links WHERE card_id = ?1 \
                   AND issue_number IS NOT NULL ORDER BY connection LIMIT 1",
            )?
            .query_row([id.to_string()], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(found.map_or_else(|| id.short(), |(name, number)| id.key_on(name, Some(number))))
    }
}
