//! Finds what changed, without losing anything to a list that moves while it is read.
//!
//! Every pull opens with the newest few issues, asked for conditionally. That one request answers "nothing changed"
//! with 304, serves small changes whole, and gives the walk its start on the server's own clock. Its validator is
//! older than everything the walk reads, so a change during the walk is found by the next pull.
//!
//! - A first walk goes by creation, which edits do not reorder; see `first`.
//! - A later walk goes by change and never turns a page of a moving list: it asks for page one *since the last change
//!   seen*, again and again. An issue that is edited meanwhile moves to the end and is met there.

use std::collections::HashSet;

use octocrab::params;
use serde::Serialize;
use tokio::sync::mpsc;
use url::Url;

use super::client::{PAGES_MAX, element, endless, within_a_page};
use super::{About, GithubConnector, map, wire};
use crate::connector::http::{Links, Reply, links};
use crate::connector::{Class, Cursor, Failure, Page, PullEnd, RemoteItem, Scope, Walk};
use crate::support::clock::Timestamp;

/// Issues per page of a walk; GitHub's most.
pub(super) const PAGE: u8 = 100;
/// Issues in the opening request.
const OPENING: u8 = 30;
/// How far a quiet cursor may fall behind before it is brought up, in milliseconds.
const QUIET_MS: i64 = 3_600_000;
/// How far a server's clock may be ahead of ours before it is not believed, in milliseconds.
const AHEAD_MS: i64 = 24 * 3_600_000;

/// The query of an issue list, in octocrab's words.
#[derive(Serialize)]
struct ListQuery {
    state: params::State,
    sort: params::issues::Sort,
    direction: params::Direction,
    per_page: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// One page of issues as read.
pub(super) struct Listing {
    pub(super) items: Vec<RemoteItem>,
    skipped: Vec<String>,
    /// Number and time of everything on the page, pull requests too.
    pub(super) stubs: Vec<wire::Stub>,
    pub(super) links: Links,
}

impl Listing {
    fn newest(&self) -> Option<Timestamp> {
        self.stubs.iter().map(|s| Timestamp::from(s.updated_at)).max()
    }

    fn oldest(&self) -> Option<Timestamp> {
        self.stubs.iter().map(|s| Timestamp::from(s.updated_at)).min()
    }

    pub(super) fn page(self, total: Option<u64>) -> Page {
        Page { items: self.items, total, skipped: self.skipped, walk: None }
    }

    /// Whether the platform has nothing at all.
    fn is_empty(&self) -> bool {
        self.stubs.is_empty() && self.skipped.is_empty() && self.links.next.is_none()
    }
}

impl GithubConnector {
    /// Walks what changed since `from`.
    pub(super) async fn pull_since(
        &self,
        from: &Cursor,
        pages: &mpsc::Sender<Page>,
    ) -> Result<PullEnd, Failure> {
        if let (None, Some(walk)) = (from.since, &from.walk)
            && let Some(cursor) = self.resume(walk.clone(), pages).await?
        {
            return Ok(PullEnd { cursor, unchanged: false, empty: false });
        }
        let url = self.list_url(params::issues::Sort::Updated, params::Direction::Descending, OPENING, None);
        let etag = from.since.and(from.etag.as_deref());
        let opening = self.api.read_behind(url, etag).await?.reply;
        if opening.status.as_u16() == 304 {
            return Ok(PullEnd { cursor: self.quiet(from, &opening), unchanged: true, empty: false });
        }
        let listing = self.listing(&opening)?;
        let cursor = Cursor {
            since: self.walk_start(&opening, &listing, from),
            etag: opening.header("etag").map(str::to_owned),
            walk: None,
        };
        let empty = listing.is_empty();
        // GitHub's `since` knows whole seconds.
        let since = from.since.map(whole_second);
        let reaches_back =
            listing.links.next.is_none() || since.zip(listing.oldest()).is_some_and(|(t, oldest)| oldest < t);
        match since {
            Some(t) if reaches_back => {
                let mut page = listing.page(None);
                page.items.retain(|i| i.updated_at >= t);
                self.hand_on(pages, page).await?;
            }
            None if reaches_back => {
                let total = listing.items.len() as u64;
                self.hand_on(pages, listing.page(Some(total))).await?;
            }
            Some(t) => self.walk_by_change(t, pages, None).await?,
            None => self.first_walk(&cursor, pages).await?,
        }
        Ok(PullEnd { cursor, unchanged: false, empty })
    }

    /// The cursor after "nothing changed". It is brought up now and then, so that what lay in the last walk's overlap
    /// is not read again for ever.
    fn quiet(&self, from: &Cursor, reply: &Reply) -> Cursor {
        let mut cursor = from.clone();
        if let (Some(since), Some(date)) = (from.since, self.credible_date(reply)) {
            let fresh = date.plus_ms(-self.overlap_ms);
            if fresh.since(since) > QUIET_MS {
                cursor.since = Some(fresh);
            }
        }
        cursor
    }

    /// Where the next walk starts: when this one began, on the server's clock and never on ours, less the overlap.
    /// A server that does not tell the time leaves only what it wrote on its issues.
    fn walk_start(&self, opening: &Reply, listing: &Listing, from: &Cursor) -> Option<Timestamp> {
        let began = self.credible_date(opening).or_else(|| listing.newest());
        began.map(|t| t.plus_ms(-self.overlap_ms)).or(from.since).max(from.since)
    }

    /// The server's time, unless it is more than a day ahead of ours: a proxy's nonsense that would put the cursor
    /// where nothing changes for years. When it is our clock that is wrong, what the issues say is as good.
    fn credible_date(&self, reply: &Reply) -> Option<Timestamp> {
        let ahead = self.api.port().gate().clock_offset_ms().is_some_and(|ms| ms > AHEAD_MS);
        reply.date().filter(|_| !ahead)
    }

    pub(super) fn list_url(
        &self,
        sort: params::issues::Sort,
        direction: params::Direction,
        per_page: u8,
        since: Option<Timestamp>,
    ) -> Url {
        let since = since.map(Timestamp::to_rfc3339);
        let query = ListQuery { state: params::State::All, sort, direction, per_page, since };
        self.api.here(&["issues"], &query)
    }

    pub(super) async fn list(&self, url: Url) -> Result<Listing, Failure> {
        let answered = self.api.read_behind(url, None).await?;
        self.listing(&answered.reply)
    }

    /// Reads a page: at once when all of it is understood, else issue by issue, so that one that cannot be understood
    /// costs itself, not the page.
    fn listing(&self, reply: &Reply) -> Result<Listing, Failure> {
        let mut listing = Listing {
            items: Vec::new(),
            skipped: Vec::new(),
            stubs: Vec::new(),
            links: links(&reply.headers),
        };
        if let Ok(issues) = serde_json::from_slice::<Vec<wire::Issue>>(&reply.body) {
            within_a_page(issues.len())?;
            listing.stubs.extend(issues.iter().map(wire::Issue::stub));
            let real = issues.into_iter().filter(|i| i.pull_request.is_none());
            listing.items.extend(real.map(|i| map::item(i, self.api.repository())));
            return Ok(listing);
        }
        for value in self.api.entries(reply, About::Container)? {
            let stub = element::<wire::Stub>(value.clone());
            let is_pull_request = stub.as_ref().is_ok_and(|s| s.pull_request.is_some());
            listing.stubs.extend(stub.ok());
            if is_pull_request {
                continue;
            }
            match element::<wire::Issue>(value) {
                Ok(issue) => listing.items.push(map::item(issue, self.api.repository())),
                Err(why) => listing.skipped.push(self.api.port().words(&why)),
            }
        }
        Ok(listing)
    }

    pub(super) async fn hand_on(&self, pages: &mpsc::Sender<Page>, page: Page) -> Result<(), Failure> {
        if page.items.is_empty() && page.skipped.is_empty() && page.total.is_none() && page.walk.is_none() {
            return Ok(());
        }
        let stopped =
            |_| Failure::new(Class::Transient, Scope::Connection, "the walk was stopped from inside");
        pages.send(page).await.map_err(stopped)
    }

    /// Asks for page one since the last change seen until a page is the last one. As the second half of a first walk
    /// it notes how far it came.
    pub(super) async fn walk_by_change(
        &self,
        from: Timestamp,
        pages: &mpsc::Sender<Page>,
        first: Option<&Walk>,
    ) -> Result<(), Failure> {
        use params::{Direction, issues::Sort};
        let mut since = from;
        // Only what lies on the border second can come again.
        let mut met: HashSet<(String, Timestamp)> = HashSet::new();
        for _ in 0..PAGES_MAX {
            let url = self.list_url(Sort::Updated, Direction::Ascending, PAGE, Some(since));
            let mut listing = self.list(url).await?;
            let (newest, more) = (listing.newest(), listing.links.next.is_some());
            listing.items.retain(|i| met.insert((i.at.id.clone(), i.updated_at)));
            let mut page = listing.page(None);
            page.walk = first.map(|walk| Walk { by_change: Some(since), ..walk.clone() });
            self.hand_on(pages, page).await?;
            if !more {
                return Ok(());
            }
            match newest {
                Some(newest) if newest > since => since = newest,
                _ => return self.rest_from_the_top(since, met, pages).await,
            }
            met.retain(|(_, at)| *at == since);
        }
        Err(endless())
    }

    /// Ends a walk that met more than a page of issues with one single second, where `since` cannot step on. From the
    /// newest down, an issue that is edited meanwhile leaves for the top: the others move down a page, where they are
    /// met twice, and none is missed; the edited one is after the walk's start and comes with the next pull.
    async fn rest_from_the_top(
        &self,
        since: Timestamp,
        mut met: HashSet<(String, Timestamp)>,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        use params::{Direction, issues::Sort};
        let url = self.list_url(Sort::Updated, Direction::Descending, PAGE, Some(since));
        self.follow(self.list(url).await?, pages, |i| met.insert((i.at.id.clone(), i.updated_at))).await
    }

    /// Hands on a page and all that follow it, one by one.
    async fn follow(
        &self,
        mut listing: Listing,
        pages: &mpsc::Sender<Page>,
        mut keep: impl FnMut(&RemoteItem) -> bool,
    ) -> Result<(), Failure> {
        let mut asked = HashSet::new();
        for _ in 0..PAGES_MAX {
            let next = listing.links.next.take();
            listing.items.retain(&mut keep);
            self.hand_on(pages, listing.page(None)).await?;
            let Some(url) = next else { return Ok(()) };
            if !asked.insert(url.to_string()) {
                return Err(endless());
            }
            listing = self.list(url).await?;
        }
        Err(endless())
    }
}

fn whole_second(t: Timestamp) -> Timestamp {
    Timestamp(t.0 - t.0.rem_euclid(1_000))
}

pub(super) fn page_number(url: &Url) -> Option<u64> {
    url.query_pairs().find(|(k, _)| k == "page").and_then(|(_, v)| v.parse().ok())
}

#[cfg(test)]
mod fuzz;
