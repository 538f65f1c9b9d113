//! Milestones that a platform renamed: their cards follow by id, without a request and without a write to come.

use rusqlite::{OptionalExtension, params};

use super::load::parse;
use super::{Origin, Result, Tx};
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::remote::RemoteMilestone;

impl Tx<'_> {
    /// Gives a milestone that is known by its id its new title, in its row, on the cards and in what both sides agreed
    /// on. Does nothing when the title is the known one.
    pub(super) fn follow_milestone(&self, connection: &ConnectionName, now: &RemoteMilestone) -> Result<()> {
        let known: Option<(i64, String)> = self
            .conn
            .prepare_cached(
                "SELECT id, milestone_name FROM release_milestones WHERE connection = ?1 \
                   AND platform_milestone_id = ?2 AND milestone_name <> ?3",
            )?
            .query_row(params![connection.as_str(), now.id, now.title], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let Some((row, before)) = known else { return Ok(()) };
        // Somebody may have made a milestone of the new title here: the platform's takes its place.
        self.conn.execute(
            "DELETE FROM release_milestones WHERE connection = ?1 AND milestone_name = ?2",
            params![connection.as_str(), now.title],
        )?;
        self.conn.execute(
            "UPDATE release_milestones SET milestone_name = ?2 WHERE id = ?1",
            params![row, now.title],
        )?;
        let links: Vec<String> = self
            .conn
            .prepare_cached(
                "SELECT l.id FROM feature_issue_links l JOIN cards c ON c.id = l.card_id \
                 LEFT JOIN link_sides s ON s.link_id = l.id WHERE l.connection = ?1 \
                   AND (c.milestone = ?2 OR json_extract(s.base, '$.milestone') = ?2)",
            )?
            .query_map(params![connection.as_str(), before], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for link in links {
            let Some(link) = self.link_row(parse::<LinkId>(&link)?)? else { continue };
            if let Some(mut base) = link.known.base.clone()
                && base.milestone.as_ref() == Some(&before)
            {
                base.milestone = Some(now.title.clone());
                self.set_base(link.id, &base)?;
            }
            if let Some(card) = self.card_row(link.card)?
                && card.fields.milestone.as_ref() == Some(&before)
            {
                let mut to = card.fields.clone();
                to.milestone = Some(now.title.clone());
                self.set_fields(link.card, &card, &to, &Origin::Remote(connection.clone()), self.now)?;
                // On another platform the milestone still has the old title: there it is a change to send.
                self.queue_others(&link)?;
            }
        }
        self.recount_milestones([before.as_str(), now.title.as_str()])
    }
}
