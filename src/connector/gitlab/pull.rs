//! Finds what changed, without losing anything to a list that moves while it is read.
//!
//! Every pull opens with the newest few issues, asked for with the validator of the last time. That one request answers
//! "nothing changed" with 304, serves small changes whole, and gives the walk its start on the server's own clock.
//!
//! Everything else is walked by change, oldest first, a first walk too. Where the instance pages by key (18.3 and later)
//! its own links are followed: a key names the last issue read, so nothing shifts. Elsewhere no page of the moving list is
//! ever turned: page one is asked for *since the last change seen*, again and again. Either way an issue that is edited
//! meanwhile moves to the end and is met there, and one that goes away takes no other with it.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;
use url::Url;

use super::client::{PAGES_MAX, element, endless, next_page};
use super::{GitlabConnector, OVERLAP_MS, map, wire};
use crate::connector::http::Reply;
use crate::connector::{Class, Cursor, Failure, Page, PullEnd, RemoteItem, Scope, Walk};
use crate::support::clock::Timestamp;

/// Issues per page of a walk; GitLab's most.
const PAGE: &str = "100";
/// Issues in the opening request.
const OPENING: &str = "30";
/// How far a quiet cursor may fall behind before it is brought up, in milliseconds.
const QUIET_MS: i64 = 3_600_000;
/// How far a server's clock may be ahead of ours before it is not believed, in milliseconds.
const AHEAD_MS: i64 = 24 * 3_600_000;

/// One page of issues as read.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) items: Vec<RemoteItem>,
    /// Issues that were moved to another project. They stay in the list, closed; what they became is asked for one by
    /// one when they are missed.
    pub(super) moved: Vec<RemoteItem>,
    skipped: Vec<String>,
    /// When everything on the page changed, also what could not be understood otherwise.
    changes: Vec<Timestamp>,
    pub(super) next: Option<Url>,
    total: Option<u64>,
}

impl Listing {
    fn newest(&self) -> Option<Timestamp> {
        self.changes.iter().max().copied()
    }

    fn oldest(&self) -> Option<Timestamp> {
        self.changes.iter().min().copied()
    }

    fn page(self, total: Option<u64>) -> Page {
        Page { items: self.items, total, skipped: self.skipped, walk: None }
    }

    /// Whether the project has nothing at all.
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.skipped.is_empty() && self.next.is_none()
    }
}

impl GitlabConnector {
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
        let query = [("order_by", "updated_at"), ("sort", "desc"), ("per_page", OPENING)];
        let etag = from.since.and(from.etag.as_deref());
        let opening = self.api.read_behind(self.list_url(&query), etag).await?;
        if opening.status.as_u16() == 304 {
            return Ok(PullEnd { cursor: self.quiet(from, &opening), unchanged: true, empty: false });
        }
        let mut listing = self.listing(&opening)?;
        self.read_statuses(&mut listing.items).await?;
        let cursor = Cursor {
            since: self.walk_start(&opening, &listing, from),
            etag: opening.header("etag").map(str::to_owned),
            walk: None,
        };
        let (empty, total) = (listing.is_empty(), listing.total);
        let reaches_back =
            listing.next.is_none() || from.since.zip(listing.oldest()).is_some_and(|(t, oldest)| oldest < t);
        match from.since {
            since if reaches_back => {
                let total = if since.is_none() { Some(listing.items.len() as u64) } else { None };
                let mut page = listing.page(total);
                page.items.retain(|i| since.is_none_or(|t| i.updated_at >= t));
                self.hand_on(pages, page).await?;
            }
            Some(t) => self.walk_by_change(Some(t), None, pages).await?,
            None => {
                let walk = Walk { since: cursor.since, etag: cursor.etag.clone(), total, ..Walk::default() };
                self.walk_by_change(None, Some(walk), pages).await?;
            }
        }
        Ok(PullEnd { cursor, unchanged: false, empty })
    }

    /// Goes on with a first walk that was interrupted; `None` when GitLab does not know its place any more, and the walk
    /// has to begin anew. The last page that was handed on is read again.
    async fn resume(&self, walk: Walk, pages: &mpsc::Sender<Page>) -> Result<Option<Cursor>, Failure> {
        let end = Cursor { since: walk.since, etag: walk.etag.clone(), walk: None };
        let url = match &walk.url {
            Some(url) => match url.parse::<Url>() {
                Ok(url) => url,
                Err(_) => return Ok(None),
            },
            None => self.change_url(walk.by_change),
        };
        let listing = match self.list(url.clone()).await {
            Ok(listing) => listing,
            Err(failure) if failure.class == Class::Transient => return Err(failure),
            Err(_) => return Ok(None),
        };
        let since = walk.by_change;
        let walk = Walk { done: walk.done.saturating_sub(listing.changes.len() as u64), ..walk };
        self.walk_on(url, listing, since, Some(walk), pages).await?;
        Ok(Some(end))
    }

    /// The cursor after "nothing changed". It is brought up now and then, so that what lay in the last walk's overlap
    /// is not read again for ever.
    fn quiet(&self, from: &Cursor, reply: &Reply) -> Cursor {
        let mut cursor = from.clone();
        if let (Some(since), Some(date)) = (from.since, self.credible_date(reply)) {
            let fresh = date.plus_ms(-OVERLAP_MS);
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
        began.map(|t| t.plus_ms(-OVERLAP_MS)).or(from.since).max(from.since)
    }

    /// The server's time, unless it is more than a day ahead of ours: a proxy's nonsense that would put the cursor
    /// where nothing changes for years.
    fn credible_date(&self, reply: &Reply) -> Option<Timestamp> {
        let ahead = self.api.port().gate().clock_offset_ms().is_some_and(|ms| ms > AHEAD_MS);
        reply.date().filter(|_| !ahead)
    }

    /// All issues of the project, in the order the query asks for. Without `scope=all` only our own would come.
    pub(super) fn list_url(&self, query: &[(&str, &str)]) -> Url {
        let all: Vec<(&str, &str)> =
            [("scope", "all"), ("state", "all")].into_iter().chain(query.iter().copied()).collect();
        self.api.here(&["issues"], &all)
    }

    /// What changed at or after a moment, oldest first, by key where the instance can.
    fn change_url(&self, since: Option<Timestamp>) -> Url {
        let since = since.map(map::moment);
        let mut query = vec![("order_by", "updated_at"), ("sort", "asc"), ("per_page", PAGE)];
        query.extend(since.as_deref().map(|t| ("updated_after", t)));
        query.extend(self.by_key());
        self.list_url(&query)
    }

    /// The word that asks for paging by key; none once the instance refused it.
    pub(super) fn by_key(&self) -> Option<(&'static str, &'static str)> {
        (!self.offset_only.load(Ordering::SeqCst)).then_some(("pagination", "keyset"))
    }

    /// Reads a page. An instance that cannot page this list by key says 405 and is asked again without; older ones page
    /// as they can and say nothing.
    pub(super) async fn list(&self, url: Url) -> Result<Listing, Failure> {
        let reply = match self.api.read_behind(url.clone(), None).await {
            Ok(reply) => reply,
            Err(failure) if failure.status == Some(405) && asks_by_key(&url) => {
                self.offset_only.store(true, Ordering::SeqCst);
                self.api.read_behind(without(&url, "pagination"), None).await?
            }
            Err(failure) => return Err(failure),
        };
        let mut listing = self.listing(&reply)?;
        self.read_statuses(&mut listing.items).await?;
        Ok(listing)
    }

    /// Reads a page issue by issue, so that one that cannot be understood costs itself, not the page.
    pub(super) fn listing(&self, reply: &Reply) -> Result<Listing, Failure> {
        let total = reply.header("x-total").and_then(|t| t.trim().parse().ok());
        let mut listing = Listing { next: next_page(reply), total, ..Listing::default() };
        for value in self.api.entries(reply, super::About::Container)? {
            match element::<wire::Issue>(value.clone()) {
                Ok(issue) => {
                    listing.changes.push(issue.updated_at.into());
                    let moved = issue.moved_to_id.is_some();
                    let item = map::item(issue, self.api.project(), &self.further);
                    if moved { listing.moved.push(item) } else { listing.items.push(item) }
                }
                Err(why) => {
                    listing
                        .changes
                        .extend(element::<wire::Stub>(value).ok().map(|s| Timestamp::from(s.updated_at)));
                    listing.skipped.push(self.api.port().words(&why));
                }
            }
        }
        Ok(listing)
    }

    async fn hand_on(&self, pages: &mpsc::Sender<Page>, page: Page) -> Result<(), Failure> {
        if page.items.is_empty() && page.skipped.is_empty() && page.total.is_none() && page.walk.is_none() {
            return Ok(());
        }
        let stopped =
            |_| Failure::new(Class::Transient, Scope::Connection, "the walk was stopped from inside");
        pages.send(page).await.map_err(stopped)
    }

    async fn walk_by_change(
        &self,
        since: Option<Timestamp>,
        first: Option<Walk>,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        let url = self.change_url(since);
        let listing = self.list(url.clone()).await?;
        self.walk_on(url, listing, since, first, pages).await
    }

    /// Hands on a page and all behind it. A first walk notes with each page how to get there again.
    async fn walk_on(
        &self,
        mut url: Url,
        mut listing: Listing,
        mut since: Option<Timestamp>,
        mut first: Option<Walk>,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        // Only what lies on the border between two pages can come again.
        let mut met: HashSet<(String, Timestamp)> = HashSet::new();
        let mut asked = HashSet::new();
        for _ in 0..PAGES_MAX {
            let (newest, next, read) = (listing.newest(), listing.next.take(), listing.changes.len());
            listing.items.retain(|i| met.insert((i.at.id.clone(), i.updated_at)));
            let mut page = listing.page(first.as_ref().and_then(|walk| walk.total));
            if let Some(walk) = &mut first {
                let keyed = next.as_ref().is_some_and(is_keyed) || is_keyed(&url);
                walk.page += 1;
                walk.done += read as u64;
                walk.url = keyed.then(|| url.to_string());
                walk.by_change = since.filter(|_| !keyed);
                page.walk = Some(walk.clone());
            }
            self.hand_on(pages, page).await?;
            let Some(next) = next else { return Ok(()) };
            if is_keyed(&next) {
                if !asked.insert(next.to_string()) {
                    return Err(endless());
                }
                url = next;
            } else {
                match newest.filter(|t| since.is_none_or(|s| *t > s)) {
                    Some(newest) => since = Some(newest),
                    None => return self.rest_from_the_top(since, met, pages).await,
                }
                url = self.change_url(since);
            }
            met.retain(|(_, at)| Some(*at) == newest);
            listing = self.list(url.clone()).await?;
        }
        Err(endless())
    }

    /// Ends a walk without keys that met more than a page of issues changed in one single millisecond, where `since`
    /// cannot step on. From the newest down, an issue that is edited meanwhile leaves for the top: the others move down
    /// a page, where they are met twice; the edited one is after the walk's start and comes with the next pull.
    async fn rest_from_the_top(
        &self,
        since: Option<Timestamp>,
        mut met: HashSet<(String, Timestamp)>,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        let since = since.map(map::moment);
        let mut query = vec![("order_by", "updated_at"), ("sort", "desc"), ("per_page", PAGE)];
        query.extend(since.as_deref().map(|t| ("updated_after", t)));
        let mut next = Some(self.list_url(&query));
        let mut asked = HashSet::new();
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { return Ok(()) };
            if !asked.insert(url.to_string()) {
                return Err(endless());
            }
            let mut listing = self.list(url).await?;
            next = listing.next.take();
            listing.items.retain(|i| met.insert((i.at.id.clone(), i.updated_at)));
            self.hand_on(pages, listing.page(None)).await?;
        }
        Err(endless())
    }
}

/// Whether an address names its page by a key. GitLab repeats `pagination=keyset` in links that count pages.
fn is_keyed(url: &Url) -> bool {
    url.query_pairs().any(|(name, _)| name == "cursor" || name == "id_after")
}

/// Whether an address asks for paging by key.
fn asks_by_key(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| name == "pagination" && value == "keyset")
}

/// The same address without one of its pairs.
fn without(url: &Url, name: &str) -> Url {
    let left: Vec<(String, String)> =
        url.query_pairs().filter(|(n, _)| n != name).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(left);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(query: &str) -> Url {
        Url::parse(&format!("https://gitlab.com/api/v4/projects/o%2Fr/issues?{query}")).expect("an address")
    }

    #[test]
    fn a_link_that_counts_pages_is_not_taken_for_a_key() {
        assert!(is_keyed(&url("cursor=eyJ1&pagination=keyset&per_page=100")));
        assert!(is_keyed(&url("id_after=42&pagination=keyset")));
        assert!(!is_keyed(&url("page=2&pagination=keyset&per_page=100")));
    }

    #[test]
    fn asked_again_a_list_keeps_the_rest_of_its_query() {
        let again = without(
            &url("scope=all&pagination=keyset&updated_after=2026-11-01T00%3A00%3A00.000Z"),
            "pagination",
        );
        assert_eq!(again.query(), Some("scope=all&updated_after=2026-11-01T00%3A00%3A00.000Z"));
    }
}
