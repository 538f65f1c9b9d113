//! Pulling what changed: the walk, its pages, what goes out between two of them, and how far a first one has come.

use std::collections::HashSet;

use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use super::{Trouble, Worker};
use crate::config::settings::Direction;
use crate::connector::{Failure, Page, PullEnd, Scope};
use crate::domain::health::{HealthState, Progress};
use crate::domain::remote::Cursor;
use crate::engine::Update;
use crate::engine::deliver::{found, one_way};
use crate::store::{Applied, Inbound, StoreError};
use crate::sync::judge;
use crate::sync::reconcile::{Policies, Policy};

/// What a walk is for.
pub(super) enum Purpose<'a> {
    /// What changed; a first walk notes how far it came.
    Pull,
    /// What is there: the ids are collected.
    Census(&'a mut Seen),
}

/// What a census met.
#[derive(Default)]
pub(super) struct Seen {
    /// The ids of all items.
    pub ids: HashSet<String>,
    /// The repository as its items name it, in lower case: a renamed one answers under its new name.
    pub homes: HashSet<String>,
}

impl Worker {
    /// Pulls what changed, page by page; a person's own changes go out between two pages. Returns whether it came to its
    /// end: one that was stopped from here did not fail, and is not done.
    pub async fn pull(&mut self, cancel: &CancellationToken) -> Result<bool, Trouble> {
        self.pushes = 0;
        self.show(|h| h.state = HealthState::Syncing);
        let name = self.settings.name.clone();
        let cursor = self.engine.0.store.run(move |db| db.cursor(&name)).await?;
        let first = cursor.since.is_none();
        let Some(end) = self.walk(&cursor, Purpose::Pull, cancel).await? else { return Ok(false) };
        if end.empty && !self.may_be_empty().await? {
            return Ok(false);
        }
        if end.cursor != cursor {
            let name = self.settings.name.clone();
            self.engine.0.store.run(move |db| db.advance(&name, &end.cursor)).await?;
        }
        if first {
            self.learn_milestones().await;
            self.count_again().await?;
        }
        self.succeed().await?;
        Ok(true)
    }

    /// Walks from `cursor`; `None` when the walk was stopped from here and what it brings must not count.
    pub(super) async fn walk(
        &mut self,
        cursor: &Cursor,
        purpose: Purpose<'_>,
        cancel: &CancellationToken,
    ) -> Result<Option<PullEnd>, Trouble> {
        self.newer.clear();
        let connector = self.connector()?;
        let Some(tracker) = connector.tracker() else { return Ok(None) };
        // Side by side: the next pages are asked for and read while the store works at this one. Eight pages may wait,
        // no more; one for a walk that was interrupted and may be again, for what waits then was read in vain. Neither
        // cuts the other: a change may be on its way between two pages.
        let waiting = if cursor.walk.is_some() { 1 } else { 8 };
        let (pages, arriving) = tokio::sync::mpsc::channel::<Page>(waiting);
        let walk = tracker.pull(cursor, pages);
        let (end, taken) = tokio::join!(walk, self.take_pages(arriving, cursor, purpose, cancel));
        if !taken? {
            return Ok(None);
        }
        if let Err(Failure { scope: Scope::Item, retry_after_ms: Some(wait), .. }) = &end {
            self.put_off = Some(self.now().plus_ms(*wait));
        }
        Ok(Some(end?))
    }

    /// Applies pages as they come, until there are no more. Returns whether all were taken: cancelled, paused or with
    /// a question to a person it takes none any more, which ends the walk.
    async fn take_pages(
        &mut self,
        mut pages: Receiver<Page>,
        from: &Cursor,
        mut purpose: Purpose<'_>,
        cancel: &CancellationToken,
    ) -> Result<bool, Trouble> {
        let first = from.since.is_none() && matches!(purpose, Purpose::Pull);
        let (mut done, started) = (0_u64, self.now());
        let before = from.walk.as_ref().map_or(0, |w| w.done);
        loop {
            let page = tokio::select! {
                page = pages.recv() => page,
                // A page may be long in coming when the budget is low; an edit does not wait for it.
                () = self.line.wake.notified() => {
                    if cancel.is_cancelled() || self.must_stop().await? {
                        return Ok(false);
                    }
                    while !cancel.is_cancelled() && self.push_between_pages().await? && self.recognised {}
                    continue;
                }
            };
            let Some(mut page) = page else { return Ok(true) };
            if !self.recognised && !self.recognise().await? {
                return Ok(false);
            }
            done = page.walk.as_ref().map_or(done + page.items.len() as u64, |w| w.done);
            let total = page.total;
            if let Purpose::Census(seen) = &mut purpose {
                seen.ids.extend(page.items.iter().map(|i| i.at.id.clone()));
                seen.homes.extend(page.items.iter().map(|i| i.at.repository.to_lowercase()));
                // A census is no first walk: it must not be taken for one that was interrupted.
                page.walk = None;
            }
            if !self.apply(page).await? {
                return Ok(false);
            }
            if first {
                self.show(|h| {
                    let total = total.or(h.progress.and_then(|p| p.total));
                    h.progress = Some(Progress { done, total, started, before });
                });
            }
            if cancel.is_cancelled() || self.must_stop().await? {
                return Ok(false);
            }
            self.push_between_pages().await?;
        }
    }

    /// Whether a person paused the connection, or it asks one, while a long walk goes on.
    pub(super) async fn must_stop(&self) -> Result<bool, StoreError> {
        let name = self.settings.name.clone();
        let asked = self.engine.0.store.run(move |db| Ok((db.is_paused(&name)?, db.questions(&name)?))).await;
        let (paused, questions) = asked?;
        Ok(paused || questions.iter().any(|q| q.stops_connection() && q.go.is_none()))
    }

    /// Sends what is due while a long walk goes on. Trouble with an item does not end the walk. Returns whether
    /// something was due.
    pub(super) async fn push_between_pages(&mut self) -> Result<bool, Trouble> {
        let (name, guards) = (self.settings.name.clone(), self.guards());
        let due = self
            .engine
            .0
            .store
            .run(move |db| {
                db.ask_about_bulk(&name, &guards)?;
                db.next_due(&name, &guards)
            })
            .await?;
        let now = self.now();
        let allowed = self.settings.direction.pushes() && self.stored.breaker.allows(now) && !self.dry_run;
        let due = allowed && due.is_some_and(|at| at <= now);
        if due {
            self.push().await?;
        }
        Ok(due)
    }

    /// Applies one page. Returns whether to go on: a page of what may be another repository is not applied before
    /// the repository was recognised again.
    async fn apply(&mut self, page: Page) -> Result<bool, Trouble> {
        let Page { items, skipped, walk, .. } = page;
        let page = (std::sync::Arc::new(items), walk);
        let mut applied = self.apply_items(&page, false).await?;
        if let Some(number) = applied.stranger {
            tracing::warn!(connection = %self.settings.name, number, "a known number is on an unknown issue");
            if !self.recognise().await? {
                return Ok(false);
            }
            applied = self.apply_items(&page, true).await?;
        }
        if applied.created + applied.updated > 0 {
            self.engine.tell();
            // A card that is on two platforms is to change on the other one too.
            self.engine.wake(self.engine.settings().connections.iter().map(|c| c.name.clone()));
        }
        self.tally(&applied);
        for skipped in skipped {
            tracing::warn!(connection = %self.settings.name, %skipped, "not read");
            let words = format!("{}: not read: {skipped}", self.settings.name);
            self.engine.send(Update::Notice(words)).await;
        }
        Ok(true)
    }

    async fn apply_items(&self, page: &ItemsOfPage, recognised: bool) -> Result<Applied, StoreError> {
        let rules = self.engine.rules();
        let (name, newer) = (self.settings.name.clone(), self.newer.clone());
        let (mapping, policies) = (self.settings.mapping.clone(), self.policies());
        let (offset, direction) = (self.clock_offset_ms(), self.settings.direction);
        let (items, walk) = page.clone();
        let apply = move |db: &mut crate::store::Db| {
            let Some(rule) = rules.0.get(&name) else { return Ok(Applied::default()) };
            let how = Inbound {
                connection: &name,
                rule,
                recognised,
                walk: walk.as_ref(),
                newer: &newer,
                judge: &|known, item| {
                    one_way(direction, judge::judge(known, item, &mapping, &policies, offset))
                },
                adopt: &|known, item| found(direction, known, item, &mapping, &policies, offset),
            };
            db.apply_page(&items, &how)
        };
        self.engine.0.store.run(apply).await
    }

    /// Takes the platform's milestones over; a failure here is not worth a failed pass.
    pub(super) async fn learn_milestones(&self) {
        let Ok(connector) = self.connector() else { return };
        let Some(tracker) = connector.tracker() else { return };
        if let Ok(offers) = tracker.offers().await {
            let name = self.settings.name.clone();
            let _ = self.engine.0.store.run(move |db| db.take_milestones(&name, &offers.milestones)).await;
        }
    }

    /// Who decides a conflict; where changes go one way only, there is nothing to decide.
    pub fn policies(&self) -> Policies {
        let always = |default| Policies { default, ..Policies::default() };
        match self.settings.direction {
            Direction::Bidirectional => self.settings.policies.clone(),
            Direction::Push => always(Policy::Local),
            Direction::Pull => always(Policy::Remote),
        }
    }
}

/// A page's items, with the point a first walk has come to.
type ItemsOfPage =
    (std::sync::Arc<Vec<crate::domain::remote::RemoteItem>>, Option<crate::domain::remote::Walk>);
