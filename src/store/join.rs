//! One card on several platforms: giving it another link, joining two cards to one, and parting them again.

use rusqlite::params;

use super::cards::CardRow;
use super::commit::{Committed, LinkRules, Origin};
use super::load::parse;
use super::{AuditEntry, Db, Result, StoreError, Tx};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::fields::{Field, contains};
use crate::domain::link::{ConnectionName, Link, LinkId, SyncStatus};

fn unfit<T>(why: impl Into<String>) -> Result<T> {
    Err(StoreError::Unfit(why.into()))
}

impl Db {
    /// Gives a card a link on a connection it is not on yet: its item is made there.
    pub fn add_link(
        &mut self,
        card: CardId,
        connection: &ConnectionName,
        rules: &LinkRules,
    ) -> Result<Committed> {
        self.write(|tx| {
            tx.acting.set(true);
            let row = tx.row_on_board(card)?;
            tx.must_not_be_on(card, connection)?;
            let Some(rule) = rules.0.get(connection).filter(|rule| rule.creates) else {
                return unfit(format!("nothing can be made on `{connection}`"));
            };
            let link = Link {
                id: LinkId::random(),
                connection: connection.clone(),
                number: None,
                url: None,
                sync: SyncStatus::Pending,
                note: None,
                conflict: false,
                sending: false,
                mapped: true,
                asks: false,
            };
            tx.insert_link(&link, card, tx.kind_of(card)?, rule, None)?;
            tx.queue(link.id, row.revision)?;
            tx.touch(card)?;
            tx.note_link("link", card, connection, None)?;
            Ok(Committed { wake: [connection.clone()].into() })
        })
    }

    /// Makes one card of two: the links of `other` become links of `hub`, and `other` leaves the board.
    ///
    /// The values of `hub` stand, and are sent to where `other` was; labels and people of both are kept. What stood
    /// on `other` and is replaced goes into the history of `hub`, from where it can be restored.
    pub fn join(&mut self, hub: CardId, other: CardId, rules: &LinkRules) -> Result<Committed> {
        self.write(|tx| {
            tx.acting.set(true);
            if hub == other {
                return unfit("that is the same card");
            }
            let (row, theirs) = (tx.row_on_board(hub)?, tx.row_on_board(other)?);
            let links = tx.links_of(other)?;
            let Some((_, first)) = links.first() else {
                return unfit("the other card is on no platform: there is nothing to link");
            };
            for (link, connection) in &links {
                tx.must_not_be_on(hub, connection)?;
                tx.must_rest(*link, connection)?;
            }
            let mut to = row.fields.clone();
            for field in row.fields.differing(&theirs.fields) {
                let (won, lost) = (row.fields.value(field), theirs.fields.value(field));
                match field {
                    Field::Labels | Field::Assignees => {}
                    // What only the other has goes with it.
                    Field::Extra(_) if won.is_empty() => to.take(field, &theirs.fields),
                    field => tx.lose(hub, first.as_str(), field, &won, &lost)?,
                }
            }
            for (all, more) in
                [(&mut to.labels, &theirs.fields.labels), (&mut to.assignees, &theirs.fields.assignees)]
            {
                let missing: Vec<String> = more.iter().filter(|name| !contains(all, name)).cloned().collect();
                all.extend(missing);
            }
            let changed = tx.set_fields(hub, &row, &to, &Origin::Local, tx.now)?;
            let revision =
                if changed.is_empty() { row.revision } else { tx.mark_edited(hub, &row, &changed)? };
            for (link, connection) in &links {
                tx.hand_over(*link, hub)?;
                tx.note_link("link", hub, connection, Some(other))?;
            }
            tx.commit_archived(other, theirs.fields.milestone.as_deref())?;
            tx.forget_dismissed(other)?;
            let mut done = Committed::default();
            tx.queue_links(hub, revision, None, &Field::ALL, rules, &mut done)?;
            Ok(done)
        })
    }

    /// Takes a card off a connection. Its item stays as both sides last agreed on it, and gets a card of its own, which
    /// is returned; one that was never made there is not made any more.
    pub fn part(&mut self, card: CardId, connection: &ConnectionName) -> Result<Option<CardId>> {
        self.write(|tx| {
            tx.acting.set(true);
            tx.row_on_board(card)?;
            let Some((link, _)) = tx.links_of(card)?.into_iter().find(|(_, name)| name == connection) else {
                return unfit(format!("the card is not on `{connection}`"));
            };
            tx.must_rest(link, connection)?;
            tx.conn.execute("DELETE FROM outbox WHERE link_id = ?1", [link.to_string()])?;
            tx.settle_answer(link)?;
            let sides = tx.link_row(link)?.and_then(|row| Some((row.remote?, row.known.base?)));
            let Some((remote, base)) = sides else {
                tx.note_link("unlink", card, connection, None)?;
                tx.keep_comments(link, card)?;
                tx.conn.execute("DELETE FROM feature_issue_links WHERE id = ?1", [link.to_string()])?;
                tx.touch(card)?;
                return Ok(None);
            };
            let own = Card {
                id: CardId::random(),
                kind: tx.kind_of(card)?,
                title: base.title.clone(),
                rank: tx.top_rank(&base.status)?,
                status: base.status.clone(),
                labels: base.labels.clone().into(),
                assignees: base.assignees.clone().into(),
                milestone: base.milestone.clone(),
                extra: base.extra.clone().into(),
                revision: 0,
                created_at: remote.created_at,
                updated_at: remote.updated_at,
                links: Vec::new(),
            };
            let from = Origin::Remote(connection.clone());
            tx.insert_card(&own, &base.body, remote.author.as_deref(), &from)?;
            tx.recount_milestones(own.milestone.as_deref())?;
            tx.hand_over(link, own.id)?;
            tx.refresh_status(link, own.id)?;
            // Alike as they are: who parts them does not want to be asked to link them.
            tx.dismiss_twin(card, own.id)?;
            tx.touch(card)?;
            tx.note_link("unlink", card, connection, Some(own.id))?;
            Ok(Some(own.id))
        })
    }
}

impl Tx<'_> {
    pub(super) fn row_on_board(&self, card: CardId) -> Result<CardRow> {
        match self.card_row(card)? {
            Some(row) if !row.archived => Ok(row),
            _ => unfit("that card is not on the board any more"),
        }
    }

    fn kind_of(&self, card: CardId) -> Result<Kind> {
        let kind: String =
            self.conn.query_row("SELECT kind FROM cards WHERE id = ?1", [card.to_string()], |r| r.get(0))?;
        parse(&kind)
    }

    fn must_not_be_on(&self, card: CardId, connection: &ConnectionName) -> Result<()> {
        if self.links_of(card)?.iter().any(|(_, name)| name == connection) {
            return unfit(format!("the card is on `{connection}` already"));
        }
        Ok(())
    }

    /// Refuses while something about a link is open that could not be told apart afterwards.
    fn must_rest(&self, link: LinkId, connection: &ConnectionName) -> Result<()> {
        let is = |sql: &str| -> Result<bool> {
            Ok(self.conn.prepare_cached(sql)?.query_row([link.to_string()], |r| r.get(0))?)
        };
        if is("SELECT EXISTS (SELECT 1 FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL)")? {
            return unfit(format!("on `{connection}` a conflict waits: decide it first"));
        }
        if is("SELECT EXISTS (SELECT 1 FROM intents WHERE link_id = ?1) \
               OR EXISTS (SELECT 1 FROM link_sides WHERE link_id = ?1 AND sent IS NOT NULL)")?
        {
            return unfit(format!(
                "on `{connection}` a write is without an answer: try again when it has one"
            ));
        }
        Ok(())
    }

    /// What was said for an item that is never made stays with the card, where it goes nowhere else.
    fn keep_comments(&self, link: LinkId, card: CardId) -> Result<()> {
        self.conn.execute(
            "INSERT INTO local_comments (id, card_id, body, at) SELECT id, ?2, body, queued_at FROM deliveries \
             WHERE link_id = ?1 \
               AND NOT EXISTS (SELECT 1 FROM feature_issue_links WHERE card_id = ?2 AND id <> ?1)",
            params![link.to_string(), card.to_string()],
        )?;
        Ok(())
    }

    /// Makes a link one of another card.
    fn hand_over(&self, link: LinkId, to: CardId) -> Result<()> {
        let task = self.kind_of(to)? == Kind::Task;
        self.conn.execute(
            "UPDATE feature_issue_links SET feature_id = ?2, task_id = ?3 WHERE id = ?1",
            params![link.to_string(), (!task).then(|| to.to_string()), task.then(|| to.to_string())],
        )?;
        Ok(())
    }

    fn note_link(
        &self,
        action: &'static str,
        card: CardId,
        connection: &ConnectionName,
        other: Option<CardId>,
    ) -> Result<()> {
        let entry = AuditEntry {
            action,
            object: self.key_of(card)?,
            card: Some(card),
            fields: serde_json::json!({ "card": { "before": null, "after": other.map(CardId::short) } }),
            outcome: "ok".into(),
            ..AuditEntry::default()
        };
        self.audit(&Origin::Local, Some(connection), &entry)
    }
}
