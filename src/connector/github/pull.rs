//! Finds what changed, without losing anything to a list that moves while it is read.
//!
//! Every pull opens with the newest few issues, asked for conditionally. That one request answers "nothing changed"
//! with 304, serves small changes whole, and gives the walk its start on the server's own clock. Its validator is
//! older than everything the walk reads, so a change during the walk is found by the next pull.
//!
//! - A first walk goes by creation, which edits do not reorder; its pages are read side by side. A deletion during the
//!   walk moves an issue over a page's border; it shows as a gap in the numbers there, and gaps are looked at.
//! - A later walk goes by change and never turns a page of a moving list: it asks for page one *since the last change
//!   seen*, again and again. An issue that is edited meanwhile moves to the end and is met there.

use std::collections::{BTreeMap, HashSet};

use futures::StreamExt;
use octocrab::params;
use serde::Serialize;
use tokio::sync::mpsc;
use url::Url;

use super::client::{PAGES_MAX, element, endless, within_a_page};
use super::{About, GithubConnector, map, wire};
use crate::connector::http::{Links, Reply, links};
use crate::connector::{Class, Cursor, Failure, Fetched, Page, PullEnd, RemoteItem, Scope};
use crate::support::clock::Timestamp;

/// Issues per page of a walk; GitHub's most.
const PAGE: u8 = 100;
/// Issues in the opening request.
const OPENING: u8 = 30;
/// Pages of a first walk under way at once.
const SIDE_BY_SIDE: usize = 8;
/// Numbers missing at page borders that are looked at one by one; beyond, the walk is done again by change.
const GAPS_MAX: u64 = 50;
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
struct Listing {
    items: Vec<RemoteItem>,
    skipped: Vec<String>,
    /// Number and time of everything on the page, pull requests too.
    stubs: Vec<wire::Stub>,
    links: Links,
}

impl Listing {
    fn newest(&self) -> Option<Timestamp> {
        self.stubs.iter().map(|s| Timestamp::from(s.updated_at)).max()
    }

    fn oldest(&self) -> Option<Timestamp> {
        self.stubs.iter().map(|s| Timestamp::from(s.updated_at)).min()
    }

    fn page(self, total: Option<u64>) -> Page {
        Page { items: self.items, total, skipped: self.skipped }
    }
}

/// What a page of a first walk begins and ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Border {
    first: u64,
    last: u64,
    ascending: bool,
}

impl Border {
    fn of(stubs: &[wire::Stub]) -> Option<Self> {
        let ascending = stubs.windows(2).all(|w| w[0].number < w[1].number);
        Some(Self { first: stubs.first()?.number, last: stubs.last()?.number, ascending })
    }
}

impl GithubConnector {
    /// Walks what changed since `from`.
    pub(super) async fn pull_since(
        &self,
        from: &Cursor,
        pages: &mpsc::Sender<Page>,
    ) -> Result<PullEnd, Failure> {
        let url = self.list_url(params::issues::Sort::Updated, params::Direction::Descending, OPENING, None);
        let etag = from.since.and(from.etag.as_deref());
        let opening = self.api.read(url, etag, About::Container).await?.reply;
        if opening.status.as_u16() == 304 {
            return Ok(PullEnd { cursor: self.quiet(from, &opening), unchanged: true });
        }
        let listing = self.listing(&opening)?;
        let cursor = Cursor {
            since: self.walk_start(&opening, &listing, from),
            etag: opening.header("etag").map(str::to_owned),
        };
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
            Some(t) => self.walk_by_change(t, pages).await?,
            None => self.first_walk(pages).await?,
        }
        Ok(PullEnd { cursor, unchanged: false })
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

    fn list_url(
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

    async fn list(&self, url: Url) -> Result<Listing, Failure> {
        let answered = self.api.read(url, None, About::Container).await?;
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

    async fn hand_on(&self, pages: &mpsc::Sender<Page>, page: Page) -> Result<(), Failure> {
        if page.items.is_empty() && page.skipped.is_empty() && page.total.is_none() {
            return Ok(());
        }
        let stopped =
            |_| Failure::new(Class::Transient, Scope::Connection, "the walk was stopped from inside");
        pages.send(page).await.map_err(stopped)
    }

    /// Asks for page one since the last change seen until a page is the last one.
    async fn walk_by_change(&self, from: Timestamp, pages: &mpsc::Sender<Page>) -> Result<(), Failure> {
        use params::{Direction, issues::Sort};
        let mut since = from;
        // Only what lies on the border second can come again.
        let mut met: HashSet<(String, Timestamp)> = HashSet::new();
        for _ in 0..PAGES_MAX {
            let url = self.list_url(Sort::Updated, Direction::Ascending, PAGE, Some(since));
            let mut listing = self.list(url).await?;
            let (newest, more) = (listing.newest(), listing.links.next.is_some());
            listing.items.retain(|i| met.insert((i.at.id.clone(), i.updated_at)));
            self.hand_on(pages, listing.page(None)).await?;
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

    /// Reads everything, by creation.
    async fn first_walk(&self, pages: &mpsc::Sender<Page>) -> Result<(), Failure> {
        use params::{Direction, issues::Sort};
        let url = self.list_url(Sort::Created, Direction::Ascending, PAGE, None);
        let first = self.list(url).await?;
        let Some((last_url, count)) = first.links.last.clone().and_then(|u| page_number(&u).map(|n| (u, n)))
        else {
            // No last page or an opaque one: follow what the answers point to.
            return self.follow(first, pages, |_| true).await;
        };
        if count > PAGES_MAX as u64 {
            return Err(endless());
        }
        let total = Some(count.saturating_mul(u64::from(PAGE)));
        // A renamed repository answers under its new name.
        let home =
            first.items.first().map_or_else(|| self.api.repository().to_owned(), |i| i.at.repository.clone());
        let mut borders: BTreeMap<u64, Option<Border>> = BTreeMap::from([(1, Border::of(&first.stubs))]);
        self.hand_on(pages, first.page(total)).await?;
        let mut rest = futures::stream::iter(2..=count)
            .map(|n| {
                let url = with_page(&last_url, n);
                async move { (n, self.list(url).await) }
            })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some((n, listing)) = rest.next().await {
            let listing = listing?;
            borders.insert(n, Border::of(&listing.stubs));
            self.hand_on(pages, listing.page(total)).await?;
        }
        drop(rest);
        match gaps(&borders) {
            Some(missing) => self.look_at(&home, &missing, pages).await,
            None => self.walk_by_change(Timestamp(0), pages).await,
        }
    }

    /// Looks at single numbers: what slipped over a page's border while something before it was deleted.
    async fn look_at(&self, home: &str, numbers: &[u64], pages: &mpsc::Sender<Page>) -> Result<(), Failure> {
        let mut looks = futures::stream::iter(numbers.iter().copied())
            .map(|n| async move { self.look(home, n).await })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(look) = looks.next().await {
            if let (Fetched::Item(item), false) = look? {
                self.hand_on(pages, Page { items: vec![*item], total: None, skipped: Vec::new() }).await?;
            }
        }
        Ok(())
    }
}

fn whole_second(t: Timestamp) -> Timestamp {
    Timestamp(t.0 - t.0.rem_euclid(1_000))
}

pub(super) fn page_number(url: &Url) -> Option<u64> {
    url.query_pairs().find(|(k, _)| k == "page").and_then(|(_, v)| v.parse().ok())
}

/// The same address with another page number.
fn with_page(url: &Url, page: u64) -> Url {
    let pairs: Vec<(String, String)> =
        url.query_pairs()
            .map(|(k, v)| {
                if k == "page" {
                    (k.into_owned(), page.to_string())
                } else {
                    (k.into_owned(), v.into_owned())
                }
            })
            .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

/// The numbers between each page's end and the next one's beginning; `None` when they cannot tell or are too many:
/// imported issues need not be numbered in the order they were made.
fn gaps(borders: &BTreeMap<u64, Option<Border>>) -> Option<Vec<u64>> {
    let mut missing = Vec::new();
    let mut before: Option<Border> = None;
    for border in borders.values().flatten() {
        if !border.ascending {
            return None;
        }
        if let Some(before) = before {
            // Equal or lower: the page was read before the list moved, or numbers and creation disagree.
            let between = border.first.checked_sub(before.last + 1)?;
            if missing.len() as u64 + between > GAPS_MAX {
                return None;
            }
            missing.extend(before.last + 1..border.first);
        }
        before = Some(*border);
    }
    Some(missing)
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;

    fn borders(pages: &[(u64, u64)]) -> BTreeMap<u64, Option<Border>> {
        let border = |(n, (first, last)): (usize, &(u64, u64))| {
            (n as u64, Some(Border { first: *first, last: *last, ascending: true }))
        };
        pages.iter().enumerate().map(border).collect()
    }

    #[test]
    fn a_gap_at_a_border_is_looked_at_and_one_within_a_page_is_not() {
        assert_eq!(gaps(&borders(&[(1, 120), (121, 300)])), Some(vec![]));
        let mut with_an_empty_page = borders(&[(1, 100), (103, 300)]);
        with_an_empty_page.insert(9, None);
        assert_eq!(gaps(&with_an_empty_page), Some(vec![101, 102]));
    }

    #[test]
    fn numbers_that_cannot_tell_send_the_walk_another_way() {
        assert_eq!(gaps(&borders(&[(1, 100), (500, 600)])), None, "too many");
        assert_eq!(gaps(&borders(&[(1, 100), (100, 199)])), None, "overlapping");
        let mut mixed = borders(&[(1, 90), (91, 200)]);
        mixed.insert(0, Some(Border { first: 1, last: 90, ascending: false }));
        assert_eq!(gaps(&mixed), None, "imported out of order");
    }

    #[test]
    fn a_page_is_chosen_in_the_links_own_address() {
        let last =
            Url::parse("https://api.github.com/repositories/1000/issues?per_page=100&page=5&state=all")
                .expect("an address");
        assert_eq!(page_number(&last), Some(5));
        assert_eq!(
            with_page(&last, 2).as_str(),
            "https://api.github.com/repositories/1000/issues?per_page=100&page=2&state=all"
        );
        let opaque =
            Url::parse("https://api.github.com/repositories/1000/issues?after=Y3Vyc29y").expect("an address");
        assert_eq!(page_number(&opaque), None);
    }
}
