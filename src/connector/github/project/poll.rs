//! Pulls with a project: the issues that changed, as without one, each with its Status and its further fields; and those
//! of which these alone changed, which touches nothing on the issue.
//!
//! A project has no list of changes. One query per hundred items tells where each stands and the values that rules ask
//! for, without a word of what it says; it costs one point, since none of that is a list. What differs from the picture that the last complete pull left in its cursor is read one
//! by one, over REST, or from the issue list when it is much.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::further::{Asked, Known, time};
use super::picture::{self, Picture, Spot};
use super::{Project, Stand, wire};
use crate::connector::github::client::{PAGES_MAX, endless};
use crate::connector::github::graphql::Error;
use crate::connector::github::{About, GithubConnector};
use crate::connector::http::Priority;
use crate::connector::{Cursor, Failure, Fetched, Page, PullEnd, RemoteItem, RemoteRef};
use crate::support::clock::Timestamp;

/// Issues that are read one by one; more are picked from the whole list.
const ONE_BY_ONE: usize = 100;
/// Issues looked at side by side.
const SIDE_BY_SIDE: usize = 8;
/// An issue that lost its Status has no time for that; it is taken for older than the look by this, in milliseconds,
/// since GitHub's servers do not agree on the second.
const CLOCKS_MS: i64 = 2_000;

/// Everything on the board that is an issue of this repository.
#[derive(Debug, Default)]
struct Board {
    /// The repository under its present name.
    home: String,
    stands: BTreeMap<u64, Stand>,
    /// When items last changed, their values or their order.
    touched: BTreeMap<u64, Timestamp>,
    /// The further fields that were asked for, and which of them the project has.
    asked: Asked,
    known: Known,
    /// When it was read, by GitHub's clock.
    read_at: Option<Timestamp>,
    drafts: u64,
    redacted: u64,
}

/// Where issues stood as the board here was last told.
struct Before {
    /// `None`: nothing is known.
    kept: Option<Picture>,
    told: HashMap<(String, u64), Spot>,
    /// What is known of an issue that was not on the board.
    nowhere: Spot,
}

impl Before {
    /// Where an issue is known to have stood.
    fn of(&self, home: &str, number: u64) -> Option<&Spot> {
        let told = self.told.get(&(home.to_lowercase(), number));
        told.or_else(|| Some(self.kept.as_ref()?.items.get(&number).unwrap_or(&self.nowhere)))
    }

    /// Whether nothing is known of what was not told.
    fn is_blank(&self) -> bool {
        self.kept.is_none()
    }

    /// Everything that stood somewhere.
    fn numbers(&self, home: &str) -> BTreeSet<u64> {
        let told = self.told.iter().filter(|((repository, _), spot)| {
            repository.eq_ignore_ascii_case(home) && **spot != self.nowhere
        });
        let kept = self.kept.iter().flat_map(|p| &p.items).filter(|(_, spot)| **spot != self.nowhere);
        told.map(|((_, number), _)| *number).chain(kept.map(|(number, _)| *number)).collect()
    }
}

impl Board {
    fn picture(&self) -> Picture {
        Picture { items: self.stands.iter().map(|(n, s)| (*n, s.spot())).collect() }
    }

    /// Where an issue stands; one that is not on the board has none of its values.
    fn stand(&self, number: u64) -> Stand {
        self.stands.get(&number).cloned().unwrap_or_else(|| Stand::nowhere(&self.asked, &self.known))
    }

    /// Writes on an item that was read after the board where it stands.
    fn put_on(&self, item: &mut RemoteItem, before: &Before) {
        if !item.at.repository.eq_ignore_ascii_case(&self.home) {
            return;
        }
        let number = item.at.number;
        let stand = self.stand(number);
        stand.put_on(item, true);
        let Some(stood) = before.of(&self.home, number).filter(|_| !before.is_blank()) else { return };
        // What was taken away has no time of its own.
        let lost = stand.status.is_none() && stood.status.is_some();
        let changed = !stood.values.is_empty() && picture::digest(&stand.values) != stood.values;
        let touched = self.touched.get(&number).copied().filter(|_| changed);
        let looked = self.read_at.filter(|_| lost || (changed && touched.is_none()));
        let at = touched.max(looked.map(|at| at.plus_ms(-CLOCKS_MS)));
        item.updated_at = at.map_or(item.updated_at, |at| item.updated_at.max(at));
    }

    /// Issues that stand elsewhere than the board here was told, or with other values.
    fn moved(&self, before: &Before) -> BTreeSet<u64> {
        let elsewhere = |n: &u64| before.of(&self.home, *n) != Some(&self.stand(*n).spot());
        self.stands.keys().copied().chain(before.numbers(&self.home)).filter(elsewhere).collect()
    }

    fn take(&mut self, page: wire::Board) {
        let known = self.asked.known(&page.rest);
        for item in page.items.nodes.into_iter().flatten() {
            let Some(content) = item.content else {
                // A draft has a content, of which nothing is asked.
                self.redacted += 1;
                continue;
            };
            self.drafts += u64::from(item.kind == "DRAFT_ISSUE");
            let (Some(number), Some(repository)) = (content.number, content.repository) else { continue };
            if repository.name_with_owner.eq_ignore_ascii_case(&self.home) {
                let status = item.field_value_by_name.as_ref();
                self.stands.insert(number, Stand::of(status, &item.rest, &self.asked, &known));
                self.touched.extend(time(item.rest.get("updatedAt")).map(|at| (number, at)));
            }
        }
        self.known = known;
    }

    /// What is on GitHub's board and cannot be on ours, in words.
    fn left_out(&self) -> Vec<String> {
        let say = |n: u64, what: &str| (n > 0).then(|| format!("{n} {what}"));
        [
            say(self.drafts, "of the project's items are drafts and no issues; they stay off the board here"),
            say(self.redacted, "of the project's items are not shown to this token"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl GithubConnector {
    /// Walks what changed since `from`, issues and places.
    pub(in crate::connector::github) async fn pull_with_board(
        &self,
        project: &Project,
        from: &Cursor,
        pages: &mpsc::Sender<Page>,
    ) -> Result<PullEnd, Failure> {
        let (etag, kept) = picture::split(from.etag.as_deref(), &project.address);
        let bare = Cursor { etag, ..from.clone() };
        let begins = from.since.is_none() && from.walk.is_none();
        // A first walk tells everything anew; one that goes on has told the board as it was then, which nobody knows.
        let kept = kept.filter(|_| from.since.is_some());
        let told = std::mem::take(&mut *project.told());
        let mut board = self.read_board(project).await?;
        let before = Before { kept, told, nowhere: Stand::nowhere(&board.asked, &board.known).spot() };
        self.forget_names_that_changed(project, &board).await;
        self.look_for_vanished(project, &before, &mut board).await?;
        let mut handed = HashSet::new();
        let mut end = self.issues_on_board(&bare, &board, &before, None, &mut handed, pages).await?;
        let mut moved = board.moved(&before);
        moved.retain(|number| !handed.contains(number));
        if !moved.is_empty() {
            self.hand_on_moved(&board, &before, &moved, pages).await?;
            end.unchanged = false;
        }
        let mut skipped = if begins { board.left_out() } else { Vec::new() };
        skipped.extend(self.unreadable(project, &board.asked, &board.known).await?);
        self.hand_on(pages, Page { items: Vec::new(), total: None, skipped, walk: None }).await?;
        let etag = picture::join(end.cursor.etag.as_deref(), &board.picture(), &project.address);
        Ok(PullEnd { cursor: Cursor { etag: Some(etag), ..end.cursor }, ..end })
    }

    /// Reads where everything stands. A field whose name is not in the project any more may be one that was renamed and
    /// is known by its id: then all is read once more, under its new name.
    async fn read_board(&self, project: &Project) -> Result<Board, Failure> {
        let asked = self.asked(project).await?;
        let board = self.read_pages(project, asked.clone()).await?;
        if board.known.iter().all(|known| *known) {
            return Ok(board);
        }
        self.fresh_fields(project).await?;
        let fresh = self.asked(project).await?;
        if fresh.names == asked.names { Ok(board) } else { self.read_pages(project, fresh).await }
    }

    async fn read_pages(&self, project: &Project, asked: Asked) -> Result<Board, Failure> {
        let meta = self.meta(project).await?;
        let (owner, name) = self.api.repository().split_once('/').unwrap_or_default();
        let mut board = Board { home: self.api.repository().to_owned(), asked, ..Board::default() };
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut variables = json!({"project": meta.id, "after": after, "owner": owner, "name": name});
            board.asked.put_in(&mut variables);
            let (page, read_at) = self.read_page(project, variables, &mut board.home).await?;
            board.read_at = read_at.or(board.read_at);
            let info = (page.items.page_info.has_next_page, page.items.page_info.end_cursor.clone());
            board.take(page);
            match info {
                (true, Some(next)) if after.as_ref() != Some(&next) => after = Some(next),
                (true, _) => return Err(endless()),
                (false, _) => return Ok(board),
            }
        }
        Err(endless())
    }

    /// Reads a page of the board, and when GitHub answered it; `home` becomes the repository's present name.
    async fn read_page(
        &self,
        project: &Project,
        variables: Value,
        home: &mut String,
    ) -> Result<(wire::Board, Option<Timestamp>), Failure> {
        let (document, about) = (project.reading.page(), About::Container);
        let answer = self
            .api
            .graphql_partial::<wire::BoardPage>(Priority::Background, document, variables, about)
            .await?;
        // What is wrong with single items is theirs alone, and a field that is not there is known by its absence.
        let missing = |e: &Error| e.is("NOT_FOUND") && e.key(1).is_some_and(|key| key.starts_with('k'));
        let whole = answer.errors.iter().all(|e| e.within_a_list() || missing(e));
        let Some(page) = answer.data.node.filter(|_| whole) else {
            *project.meta.lock().await = None;
            return Err(self.api.refused_by_graphql(&answer.errors, &answer.reply, document, about));
        };
        if let Some(limit) = &answer.data.rate_limit {
            tracing::debug!(cost = limit.cost, left = limit.remaining, "a page of the project was read");
        }
        if let Some(repository) = answer.data.repository {
            *home = repository.name_with_owner;
        }
        Ok((page, answer.reply.date()))
    }

    /// A name on the board that the options do not have: they were renamed or added to since they were read.
    async fn forget_names_that_changed(&self, project: &Project, board: &Board) {
        let mut meta = project.meta.lock().await;
        let new = meta.as_ref().is_some_and(|meta| {
            let known = |name: &str| meta.options.iter().any(|(_, option)| option == name);
            board.stands.values().filter_map(|s| s.status.as_deref()).any(|name| !known(name))
        });
        if new {
            *meta = None;
        }
    }

    /// Looks at what was on the board and is not now: somebody who drags an item while the pages are read can make it
    /// slip over a page's border, and that is no reason to take its card out of its column.
    async fn look_for_vanished(
        &self,
        project: &Project,
        before: &Before,
        board: &mut Board,
    ) -> Result<(), Failure> {
        let mut vanished = before.numbers(&board.home);
        vanished.retain(|number| !board.stands.contains_key(number));
        let home = board.home.clone();
        let found: Vec<(u64, Option<Stand>)> = stream::iter(vanished)
            .map(|number| {
                let at = RemoteRef { id: String::new(), number, repository: home.clone() };
                async move { Ok((number, self.standing(project, &at, Priority::Background).await?)) }
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        // What is not on the board, or not to be seen any more, has lost its place.
        board.stands.extend(found.into_iter().filter_map(|(number, stand)| Some((number, stand?))));
        Ok(())
    }

    /// Walks the issues and hands them on with their places; with `only`, no others than these.
    async fn issues_on_board(
        &self,
        from: &Cursor,
        board: &Board,
        before: &Before,
        only: Option<&BTreeSet<u64>>,
        handed: &mut HashSet<u64>,
        pages: &mpsc::Sender<Page>,
    ) -> Result<PullEnd, Failure> {
        let (inside, mut arriving) = mpsc::channel::<Page>(1);
        let walk = async move {
            if only.is_none() {
                return self.pull_since(from, &inside).await;
            }
            self.walk_by_change(Timestamp(0), &inside, None).await?;
            Ok(PullEnd { cursor: from.clone(), unchanged: false, empty: false })
        };
        let fill = async move {
            while let Some(mut page) = arriving.recv().await {
                if let Some(only) = only {
                    page.items.retain(|i| only.contains(&i.at.number));
                    page.skipped.clear();
                }
                for item in &mut page.items {
                    board.put_on(item, before);
                    handed.insert(item.at.number);
                }
                // Nobody takes pages any more: the walk finds its own end closed and says so.
                if self.hand_on(pages, page).await.is_err() {
                    break;
                }
            }
        };
        let (end, ()) = tokio::join!(walk, fill);
        end
    }

    /// Reads issues whose place alone changed, and hands them on.
    async fn hand_on_moved(
        &self,
        board: &Board,
        before: &Before,
        moved: &BTreeSet<u64>,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        if moved.len() > ONE_BY_ONE {
            let from = Cursor::default();
            let mut handed = HashSet::new();
            return self
                .issues_on_board(&from, board, before, Some(moved), &mut handed, pages)
                .await
                .map(drop);
        }
        let looks: Vec<(Fetched, bool)> = stream::iter(moved.iter().copied())
            .map(|number| self.look(&board.home, number, Priority::Background))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let there = looks.into_iter().filter_map(|look| match look {
            (Fetched::Item(mut item), false) => {
                board.put_on(&mut item, before);
                Some(*item)
            }
            _ => None,
        });
        let page = Page { items: there.collect(), total: None, skipped: Vec::new(), walk: None };
        self.hand_on(pages, page).await
    }
}

#[cfg(test)]
mod fuzz;
