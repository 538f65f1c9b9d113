//! Applying what a platform sent: a page in one transaction, the cursor only with the end of a complete walk.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, params};

use super::commit::LinkRule;
use super::load::parse;
use super::{Db, LinkRow, Origin, Result, Tx};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::link::{ConnectionName, Link, LinkId, SyncStatus};
use crate::domain::remote::{Cursor, RemoteItem, RemoteMilestone, Walk};
use crate::sync::judge::{Known, Queue, Verdict};
use crate::sync::reconcile::Case;

/// What a page did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// Cards made.
    pub created: u32,
    /// Cards changed.
    pub updated: u32,
    /// Items of which nothing was new.
    pub unchanged: u32,
    /// Conflicts found, decided ones too.
    pub conflicts: u32,
    /// A number that is linked to another item: the page was left alone, for the repository may be another one.
    pub stranger: Option<u64>,
}

/// How a page is applied.
pub struct Inbound<'a> {
    /// From which connection.
    pub connection: &'a ConnectionName,
    /// Its rule.
    pub rule: &'a LinkRule,
    /// Whether the repository was just recognised, so that a known number on an unknown item is no surprise.
    pub recognised: bool,
    /// How far a first walk has come with this page; kept with the page's rows or not at all.
    pub walk: Option<&'a Walk>,
    /// Links whose own answer is newer than this page.
    pub newer: &'a HashSet<LinkId>,
    /// Judges a known link.
    pub judge: &'a dyn Fn(&Known, &RemoteItem) -> Verdict,
    /// Judges a link whose create had no answer.
    pub adopt: &'a dyn Fn(&Known, &RemoteItem) -> Verdict,
}

impl Db {
    /// Applies a page.
    pub fn apply_page(&mut self, items: &[RemoteItem], how: &Inbound<'_>) -> Result<Applied> {
        self.write_relaxed(|tx| {
            let mut applied = Applied::default();
            if !how.recognised {
                for item in items {
                    if tx.is_stranger(item, how)? {
                        return Ok(Applied { stranger: Some(item.at.number), ..applied });
                    }
                }
            }
            let mut milestones = HashSet::new();
            for item in items {
                let case = tx.apply_item(item, how, &mut applied.conflicts)?;
                match case {
                    Case::CreateLocal => applied.created += 1,
                    Case::Pull | Case::Merge | Case::Conflict | Case::Adopt => applied.updated += 1,
                    _ => applied.unchanged += 1,
                }
                if case == Case::CreateLocal {
                    milestones.extend(item.milestone.as_deref());
                }
            }
            tx.recount_milestones(milestones)?;
            if let Some(walk) = how.walk {
                let cursor = Cursor { walk: Some(walk.clone()), ..Cursor::default() };
                tx.set_cursor(how.connection, &cursor)?;
            }
            Ok(applied)
        })
    }

    /// Where the next pull of `connection` starts.
    pub fn cursor(&self, connection: &ConnectionName) -> Result<Cursor> {
        let json: Option<String> = self
            .conn
            .query_row("SELECT cursor FROM cursors WHERE connection = ?1", [connection.as_str()], |r| {
                r.get(0)
            })
            .optional()?;
        json.map_or_else(|| Ok(Cursor::default()), |j| Ok(serde_json::from_str(&j)?))
    }

    /// Notes the end of a complete walk.
    pub fn advance(&mut self, connection: &ConnectionName, cursor: &Cursor) -> Result<()> {
        self.write(|tx| tx.set_cursor(connection, cursor))
    }

    /// Takes the platform's milestones into `release_milestones`; one that a person made here stays. One that has
    /// another title there now is followed by its id, with the cards in it: no edit of theirs is lost or sent by it.
    pub fn take_milestones(
        &mut self,
        connection: &ConnectionName,
        milestones: &[RemoteMilestone],
    ) -> Result<()> {
        self.write_relaxed(|tx| {
            for m in milestones {
                tx.follow_milestone(connection, m)?;
                let status = if m.open { "active" } else { "completed" };
                tx.conn.execute(
                    "INSERT INTO release_milestones (milestone_name, target_date, platform_milestone_id, connection, \
                     status, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (connection, milestone_name) \
                     DO UPDATE SET target_date = ?2, platform_milestone_id = ?3, status = ?5",
                    params![
                        m.title,
                        m.due.map(|d| d.to_string()),
                        m.id,
                        connection.as_str(),
                        status,
                        tx.now.to_rfc3339()
                    ],
                )?;
            }
            tx.recount_milestones(milestones.iter().map(|m| m.title.as_str()))
        })
    }
}

impl Tx<'_> {
    fn set_cursor(&self, connection: &ConnectionName, cursor: &Cursor) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO cursors (connection, cursor, at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (connection) DO UPDATE SET cursor = ?2, at = ?3",
            )?
            .execute(params![connection.as_str(), serde_json::to_string(cursor)?, self.now.0])?;
        Ok(())
    }

    /// Whether a number of this repository is linked to another item than this one: numbers are not given twice.
    fn is_stranger(&self, item: &RemoteItem, how: &Inbound<'_>) -> Result<bool> {
        Ok(self
            .conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM feature_issue_links WHERE connection = ?1 AND issue_number = ?2 \
                 AND remote_id <> ?3 AND repository = ?4 COLLATE NOCASE AND gone IS NULL)",
            )?
            .query_row(
                params![how.connection.as_str(), item.at.number as i64, item.at.id, item.at.repository],
                |r| r.get(0),
            )?)
    }

    fn apply_item(&self, item: &RemoteItem, how: &Inbound<'_>, conflicts: &mut u32) -> Result<Case> {
        let origin = Origin::Remote(how.connection.clone());
        let known = match self.find_link(how.connection, &item.at.id)? {
            Some(link) => Some((link, false)),
            None => self.find_unanswered(how.connection, item)?.map(|link| (link, true)),
        };
        let Some((id, unanswered)) = known else {
            self.import(item, how, &origin)?;
            return Ok(Case::CreateLocal);
        };
        let Some(link) = self.link_row(id)? else { return Ok(Case::Nothing) };
        if how.newer.contains(&id) || Self::is_old_news(&link, item) {
            return Ok(Case::InStep);
        }
        // A card that was taken off the board follows nothing; what it still owes stays queued.
        if link.known.archived && !unanswered {
            return Ok(Case::LeftBoard);
        }
        let verdict =
            if unanswered { (how.adopt)(&link.known, item) } else { (how.judge)(&link.known, item) };
        let told = self.is_told(&link, &verdict.conflicts)?;
        if !told {
            *conflicts += verdict.conflicts.len() as u32;
        }
        if unanswered {
            self.conn.execute("DELETE FROM intents WHERE link_id = ?1", [id.to_string()])?;
        }
        let mut seen = item.clone();
        seen.body = String::new();
        // Nothing new at all: not even a row is written.
        let owes = verdict.queue == Queue::Needed && !self.is_queued(id)?;
        let idle = verdict.card.is_none() && verdict.base.is_none() && told && !owes;
        if idle && !link.gone && link.remote.as_ref() == Some(&seen) {
            return Ok(if verdict.conflicts.is_empty() { verdict.case } else { Case::InStep });
        }
        self.record(&link, &verdict, item, &origin, link.revision)?;
        Ok(verdict.case)
    }

    fn is_queued(&self, link: LinkId) -> Result<bool> {
        Ok(self
            .conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE link_id = ?1)")?
            .query_row([link.to_string()], |r| r.get(0))?)
    }

    fn is_old_news(link: &LinkRow, item: &RemoteItem) -> bool {
        link.remote.as_ref().is_some_and(|seen| item.updated_at < seen.updated_at)
    }

    fn find_link(&self, connection: &ConnectionName, remote_id: &str) -> Result<Option<LinkId>> {
        let found: Option<String> = self
            .conn
            .prepare_cached("SELECT id FROM feature_issue_links WHERE connection = ?1 AND remote_id = ?2")?
            .query_row(params![connection.as_str(), remote_id], |r| r.get(0))
            .optional()?;
        found.map(|id| parse(&id)).transpose()
    }

    /// The link whose marker the item carries, when its create is still without an answer.
    fn find_unanswered(&self, connection: &ConnectionName, item: &RemoteItem) -> Result<Option<LinkId>> {
        let Some(marker) = item.marker else { return Ok(None) };
        let found: Option<String> = self
            .conn
            .prepare_cached(
                "SELECT id FROM feature_issue_links WHERE connection = ?1 AND id = ?2 AND remote_id IS NULL",
            )?
            .query_row(params![connection.as_str(), marker.to_string()], |r| r.get(0))
            .optional()?;
        found.map(|id| parse(&id)).transpose()
    }

    /// Makes the card of an item that was never seen. The newest items stand at the top of their columns.
    fn import(&self, item: &RemoteItem, how: &Inbound<'_>, origin: &Origin) -> Result<()> {
        let (fields, mapped) = item.fields(&how.rule.mapping);
        let link = Link {
            id: LinkId::random(),
            connection: how.connection.clone(),
            number: Some(item.at.number),
            url: Some(item.url.clone()),
            sync: SyncStatus::Synced,
            note: (!mapped).then(|| "its state there is not in the status mapping".to_owned()),
            conflict: false,
            sending: false,
            mapped,
            asks: false,
        };
        let card = Card {
            id: CardId::random(),
            kind: kind_of(item),
            title: fields.title.clone(),
            status: fields.status.clone(),
            // The number keeps items of the same second in order; the scale leaves room between any two.
            rank: -(item.created_at.0.saturating_mul(1 << 10)).saturating_add(16 * item.at.number as i64),
            labels: fields.labels.clone().into(),
            assignees: fields.assignees.clone().into(),
            milestone: fields.milestone.clone(),
            extra: fields.extra.clone().into(),
            revision: 0,
            created_at: item.created_at,
            updated_at: item.updated_at,
            links: Vec::new(),
        };
        self.insert_card(&card, &fields.body, item.author.as_deref(), origin)?;
        self.insert_link(&link, card.id, card.kind, how.rule, Some(&item.at))?;
        self.insert_sides(link.id, &fields, item)
    }
}

/// The kind an issue type's name stands for.
fn kind_of(item: &RemoteItem) -> Kind {
    match item.kind.as_deref().map(str::to_lowercase).as_deref() {
        Some("epic" | "initiative") => Kind::Epic,
        Some("task" | "subtask" | "sub-task") => Kind::Task,
        _ => Kind::Issue,
    }
}
