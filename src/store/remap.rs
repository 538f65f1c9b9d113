//! Reading every linked card anew under a changed status mapping: without a request, and without a write to come.

use super::load::parse;
use super::{Db, LinkRow, Origin, Result, Tx};
use crate::domain::card::CardId;
use crate::domain::fields::{Field, Fields, SetDelta};
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::mapping::{Status, StatusMapping};
use crate::sync::judge;
use std::collections::BTreeMap;

/// What a mapping makes of the cards of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remapped {
    /// Cards whose column changes: which, from where, to where.
    pub moves: Vec<(CardId, Status, Status)>,
    /// Platform states the mapping does not name, in words, with how many cards each strands.
    pub unmapped: BTreeMap<String, usize>,
}

impl Db {
    /// What `mapping` would change, without changing anything.
    pub fn preview_mapping(&self, connection: &ConnectionName, mapping: &StatusMapping) -> Result<Remapped> {
        let tx = Tx::new(&self.conn, self.now(), &self.who);
        let mut out = Remapped::default();
        for link in tx.linked(connection)? {
            remap_one(&link, mapping, &mut out);
        }
        Ok(out)
    }

    /// Reads every linked card of `connection` under `mapping`; see [`Tx::remap`].
    #[cfg(test)]
    pub(super) fn remap(&mut self, connection: &ConnectionName, mapping: &StatusMapping) -> Result<Remapped> {
        self.write(|tx| tx.remap(connection, mapping, true))
    }
}

impl Tx<'_> {
    /// Reads every linked card of `connection` under `mapping`. A card whose status was edited here and not sent yet
    /// keeps it; the others follow what the platform's state now means. Where the connection sends, what differs from
    /// what both sides agreed on is queued.
    pub(super) fn remap(
        &self,
        connection: &ConnectionName,
        mapping: &StatusMapping,
        pushes: bool,
    ) -> Result<Remapped> {
        let mut out = Remapped::default();
        for link in self.linked(connection)? {
            let moved = remap_one(&link, mapping, &mut out);
            let (Some(remote), Some(mut base)) = (&link.remote, link.known.base.clone()) else {
                continue;
            };
            let (read, mapped) = remote.fields(mapping);
            let before = base.clone();
            base.status.clone_from(&read.status);
            base.labels.clone_from(&read.labels);
            base.assignees.clone_from(&read.assignees);
            base.milestone.clone_from(&read.milestone);
            base.extra.clone_from(&read.extra);
            self.set_base(link.id, &base)?;
            self.conn.execute(
                "UPDATE feature_issue_links SET mapped = ?2 WHERE id = ?1",
                rusqlite::params![link.id.to_string(), mapped],
            )?;
            let mut to = link.known.card.clone();
            if let Some(status) = moved {
                to.status = status;
            }
            // What was not edited here is called what the names say now.
            if to.labels == before.labels {
                to.labels.clone_from(&read.labels);
            }
            to.assignees = SetDelta::between(&before.assignees, &read.assignees).apply(&to.assignees);
            if to.milestone == before.milestone {
                to.milestone.clone_from(&read.milestone);
            }
            let further: Vec<_> = Fields::all_of([&before, &read])
                .into_iter()
                .filter(|f| matches!(f, Field::Extra(_)) && mapping.reads(*f) && to.same(&before, *f))
                .collect();
            further.into_iter().for_each(|field| to.take(field, &read));
            if let Some(row) = self.card_row(link.card)? {
                self.set_fields(link.card, &row, &to, &Origin::Mapping, self.now)?;
            }
            let owed = base.differing(&judge::project(&to, Some(&base), mapping, &link.known.told));
            if pushes && !owed.is_empty() {
                self.need(&link)?;
            }
            self.refresh_status(link.id, link.card)?;
        }
        Ok(out)
    }

    /// The cards on the board whose status is none of `statuses`; none when there are no statuses at all.
    pub(super) fn stranded(&self, statuses: &[Status]) -> Result<Vec<CardId>> {
        let mut out = Vec::new();
        if statuses.is_empty() {
            return Ok(out);
        }
        for status in self.statuses()? {
            if statuses.iter().any(|known| known.as_str() == status) {
                continue;
            }
            let ids: Vec<String> = self
                .conn
                .prepare_cached("SELECT id FROM cards WHERE archived_at IS NULL AND status = ?1")?
                .query_map([status], |r| r.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for id in &ids {
                out.push(parse(id)?);
            }
        }
        Ok(out)
    }

    /// The statuses cards have, each found by one step in the index: this is asked at every start.
    fn statuses(&self) -> Result<Vec<String>> {
        let mut next = self
            .conn
            .prepare_cached("SELECT min(status) FROM cards WHERE archived_at IS NULL AND status > ?1")?;
        let mut out: Vec<String> = Vec::new();
        loop {
            let after = out.last().map_or("", String::as_str);
            let Some(status) = next.query_row([after], |r| r.get::<_, Option<String>>(0))? else {
                return Ok(out);
            };
            out.push(status);
        }
    }

    /// Moves the cards of statuses the board has no more to where their platform has them, else into the first column.
    /// Returns which.
    pub(super) fn rescue_stranded(&self, statuses: &[Status]) -> Result<Vec<CardId>> {
        let Some(first) = statuses.first() else { return Ok(Vec::new()) };
        let stranded = self.stranded(statuses)?;
        for id in &stranded {
            if let Some(row) = self.card_row(*id)? {
                let mut fields = row.fields.clone();
                // Anything else would be a move that nobody made, and be sent with the card's next edit.
                let there = self.status_there(*id)?.filter(|s| statuses.contains(s));
                fields.status = there.unwrap_or_else(|| first.clone());
                self.set_fields(*id, &row, &fields, &Origin::Mapping, self.now)?;
            }
        }
        Ok(stranded)
    }

    /// The status a card has on the first of its platforms that has it.
    fn status_there(&self, card: CardId) -> Result<Option<Status>> {
        for (link, _) in self.links_of(card)? {
            if let Some(base) = self.link_row(link)?.and_then(|l| l.known.base) {
                return Ok(Some(base.status));
            }
        }
        Ok(None)
    }

    fn linked(&self, connection: &ConnectionName) -> Result<Vec<LinkRow>> {
        let ids: Vec<String> = self
            .conn
            .prepare_cached(
                "SELECT l.id FROM feature_issue_links l JOIN link_sides s ON s.link_id = l.id \
                 WHERE l.connection = ?1 AND s.remote IS NOT NULL",
            )?
            .query_map([connection.as_str()], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            out.extend(self.link_row(parse::<LinkId>(&id)?)?);
        }
        Ok(out)
    }
}

/// Where the card goes under `mapping`, when that differs and no unsent move of its own keeps it.
fn remap_one(link: &LinkRow, mapping: &StatusMapping, out: &mut Remapped) -> Option<Status> {
    let (remote, base) = (link.remote.as_ref()?, link.known.base.as_ref()?);
    let reading = mapping.read(&remote.state);
    if !reading.mapped {
        *out.unmapped.entry(in_words(remote)).or_default() += 1;
    }
    let card = &link.known.card;
    let edited = card.status != base.status;
    if edited || link.known.archived || card.status == reading.status {
        return None;
    }
    out.moves.push((link.card, card.status.clone(), reading.status.clone()));
    Some(reading.status)
}

fn in_words(remote: &crate::domain::remote::RemoteItem) -> String {
    use crate::domain::mapping::OpenState;
    match (remote.state.state, remote.state.reason) {
        (OpenState::Open, _) => "open, no status label".to_owned(),
        (OpenState::Closed, None) => "closed".to_owned(),
        (OpenState::Closed, Some(reason)) => format!("closed as {}", reason.as_str()),
    }
}
