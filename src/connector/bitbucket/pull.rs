//! Finds what changed, without losing anything to a list that moves while it is read.
//!
//! The list is asked for by change, oldest first, and only ever its first page: *since the last change seen*, again
//! and again. A pull request that is edited meanwhile moves to the end and is met there; nothing slips over a page's
//! border, since no border is crossed. A first walk is the same from the beginning of time, and goes on where it was
//! interrupted. Only where one millisecond holds more than a page the list is followed by its own `next`, from the
//! newest down: there an edit moves the others to later pages, where they are met twice, and hides none.

use std::collections::HashSet;

use tokio::sync::mpsc;
use url::Url;

use super::client::{PAGES_MAX, element, endless, next_page};
use super::{About, BitbucketConnector, map, wire};
use crate::connector::http::Reply;
use crate::connector::{
    Class, Cursor, Failure, Fetched, Move, Page, PullEnd, RemoteItem, RemoteRef, Scope, Walk,
};
use crate::support::clock::Timestamp;

/// Pull requests per page; Bitbucket's most.
const PAGE: &str = "50";
/// The states a list is asked for; without them it brings the open ones only. Drafts are open ones.
const STATES: [&str; 4] = [map::OPEN, map::MERGED, map::DECLINED, map::SUPERSEDED];
/// How far a walk's cursor lies before its start, in milliseconds.
const OVERLAP_MS: i64 = 120_000;
/// How far a server's clock may be ahead of ours before it is not believed, in milliseconds.
const AHEAD_MS: i64 = 24 * 3_600_000;

/// Which end of the list comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    Oldest,
    Newest,
}

/// One page as read.
struct Listing {
    items: Vec<RemoteItem>,
    skipped: Vec<String>,
    /// When each entry changed, in the order of the page; those that cannot be understood too.
    changed: Vec<Timestamp>,
    /// How many entries came.
    entries: usize,
    next: Option<Url>,
    size: Option<u64>,
}

impl Listing {
    fn newest(&self) -> Option<Timestamp> {
        self.changed.iter().max().copied()
    }

    /// Whether it is sorted as asked, so that everything before its newest entry was on it.
    fn ascends(&self) -> bool {
        self.changed.len() == self.entries && self.changed.is_sorted()
    }
}

impl BitbucketConnector {
    /// Walks what changed since `from`.
    pub(super) async fn pull_since(
        &self,
        from: &Cursor,
        pages: &mpsc::Sender<Page>,
    ) -> Result<PullEnd, Failure> {
        let resumed = from.walk.as_ref().filter(|_| from.since.is_none());
        let mut since = from.since.or_else(|| resumed.and_then(|w| w.by_change));
        let (reply, mut listing) = self.list(self.list_url(since, First::Oldest)).await?;
        let began = match resumed.and_then(|w| w.since) {
            Some(began) => Some(began),
            None => self.walk_start(&reply, &listing, from),
        };
        let nothing = listing.entries == 0 && listing.next.is_none();
        let end = PullEnd {
            cursor: Cursor { since: began, etag: None, walk: None },
            unchanged: nothing && from.since.is_some(),
            empty: nothing && since.is_none(),
        };
        let mut walk = from.since.is_none().then(|| {
            let done = resumed.map_or(0, |w| w.done);
            let total = resumed.and_then(|w| w.total).or(listing.size);
            Walk { since: began, done, total, ..Walk::default() }
        });
        // Only what lies on the border millisecond can come again.
        let mut met: HashSet<(u64, Timestamp)> = HashSet::new();
        for _ in 0..PAGES_MAX {
            let (newest, more, ascends) = (listing.newest(), listing.next.is_some(), listing.ascends());
            listing.items.retain(|i| met.insert((i.at.number, i.updated_at)));
            let steps = newest.filter(|n| ascends && since.is_none_or(|s| *n > s));
            if let Some(walk) = &mut walk {
                walk.done += listing.items.len() as u64;
                walk.by_change = steps.or(walk.by_change).or(since);
            }
            hand_on(pages, listing, walk.as_ref()).await?;
            if !more {
                return Ok(end);
            }
            let Some(newest) = steps else {
                self.rest_from_the_top(since, met, pages).await?;
                return Ok(end);
            };
            since = Some(newest);
            met.retain(|(_, at)| *at == newest);
            listing = self.list(self.list_url(since, First::Oldest)).await?.1;
        }
        Err(endless())
    }

    /// Ends a walk that cannot step on by time, by the list's own pages.
    async fn rest_from_the_top(
        &self,
        since: Option<Timestamp>,
        mut met: HashSet<(u64, Timestamp)>,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        let mut url = self.list_url(since, First::Newest);
        let mut asked = HashSet::new();
        for _ in 0..PAGES_MAX {
            if !asked.insert(url.to_string()) {
                return Err(endless());
            }
            let (_, mut listing) = self.list(url).await?;
            let next = listing.next.take();
            listing.items.retain(|i| met.insert((i.at.number, i.updated_at)));
            hand_on(pages, listing, None).await?;
            match next {
                Some(next) => url = next,
                None => return Ok(()),
            }
        }
        Err(endless())
    }

    /// Where the next walk starts: when this one began, on the server's clock and never on ours, less the overlap.
    /// A server that does not tell the time leaves only what it wrote on its pull requests; so does one that is more
    /// than a day ahead of us, whose time would put the cursor where nothing changes for years.
    fn walk_start(&self, opening: &Reply, listing: &Listing, from: &Cursor) -> Option<Timestamp> {
        let ahead = self.api.port().gate().clock_offset_ms().is_some_and(|ms| ms > AHEAD_MS);
        let began = opening.date().filter(|_| !ahead).or_else(|| listing.newest());
        began.map(|t| t.plus_ms(-OVERLAP_MS)).or(from.since).max(from.since)
    }

    fn list_url(&self, since: Option<Timestamp>, first: First) -> Url {
        let mut url = self.api.here(&["pullrequests"], &[("pagelen", PAGE)]);
        {
            let mut query = url.query_pairs_mut();
            for state in STATES {
                query.append_pair("state", state);
            }
            let sort = if first == First::Oldest { "updated_on" } else { "-updated_on" };
            query.append_pair("sort", sort);
            if let Some(since) = since {
                let since = since.to_utc().format("%Y-%m-%dT%H:%M:%S%.3f+00:00");
                query.append_pair("q", &format!("updated_on>=\"{since}\""));
            }
        }
        url
    }

    async fn list(&self, url: Url) -> Result<(Reply, Listing), Failure> {
        let reply = self.api.read_behind(url).await?;
        let page = self.api.listing(&reply, About::Container)?;
        let next = next_page(&reply, &page)?;
        let entries = page.values.len();
        let mut listing = Listing {
            items: Vec::new(),
            skipped: Vec::new(),
            changed: Vec::new(),
            entries,
            next,
            size: page.size,
        };
        for value in page.values {
            let stub = element::<wire::Stub>(value.clone());
            listing.changed.extend(stub.ok().map(|s| Timestamp::from(s.updated_on)));
            match element::<wire::PullRequest>(value) {
                Ok(request) => listing.items.push(map::item(request, self.api.repository())),
                Err(why) => listing.skipped.push(self.api.port().words(&why)),
            }
        }
        Ok((reply, listing))
    }

    /// Looks at one pull request. None is ever deleted, so what is not shown is hidden.
    pub(super) async fn fetch_item(&self, at: &RemoteRef) -> Result<Fetched, Failure> {
        match self.look(at.number, &[]).await {
            Ok(request) => Ok(Fetched::Item(Box::new(map::item(request, self.api.repository())))),
            Err(f) if f.status == Some(404) && f.class == Class::Permanent => Ok(Fetched::Hidden),
            Err(failure) => Err(failure),
        }
    }

    /// One pull request as Bitbucket has it.
    pub(super) async fn look(
        &self,
        number: u64,
        query: &[(&str, &str)],
    ) -> Result<wire::PullRequest, Failure> {
        self.api.get(self.api.at(number, &[], query), About::Item).await
    }

    /// The states it can be given now.
    pub(super) async fn list_moves(&self, at: &RemoteRef) -> Result<Option<Vec<Move>>, Failure> {
        let status = map::status(&self.look(at.number, &[]).await?);
        let to = |status: &&str| Move { status: (*status).to_owned(), closes: None, needs: Vec::new() };
        Ok(Some(map::moves(&status).iter().map(to).collect()))
    }
}

async fn hand_on(pages: &mpsc::Sender<Page>, listing: Listing, walk: Option<&Walk>) -> Result<(), Failure> {
    let page = Page {
        items: listing.items,
        total: walk.and_then(|w| w.total),
        skipped: listing.skipped,
        walk: walk.cloned(),
    };
    if page.items.is_empty() && page.skipped.is_empty() && page.walk.is_none() {
        return Ok(());
    }
    let stopped = |_| Failure::new(Class::Transient, Scope::Connection, "the walk was stopped from inside");
    pages.send(page).await.map_err(stopped)
}
