//! Finds what changed. Jira's search is its only list, and it lags behind: a walk starts ten minutes before the last one
//! began, and the issues written here lately are named, so that they come as they are.
//!
//! The search is asked with GET: it changes nothing, so a read-only connection may ask it and no write waits for it.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::mpsc;
use url::Url;

use super::JiraConnector;
use super::classify::About;
use super::client::{PAGES_MAX, element, endless, within_a_page};
use super::fields::Wanted;
use super::{map, wire};
use crate::connector::http::{Priority, Reply};
use crate::connector::{Class, Cursor, Failure, Page, PullEnd, RemoteItem, Scope};
use crate::support::clock::Timestamp;

/// How far a walk's cursor lies before its start, in milliseconds: as long as the search's index may lag.
const OVERLAP_MS: i64 = 10 * 60_000;
/// Issues per page.
const PAGE: &str = "100";
/// The fields that are read; the search gives none that is not named.
pub(super) const FIELDS: &str = "summary,description,status,labels,assignee,fixVersions,resolution,issuetype,creator,reporter,created,updated";
/// Pages without anything new before a walk is given up.
const IDLE_MAX: u32 = 10;
/// How far a server's clock may be ahead of ours before it is not believed, in milliseconds.
const AHEAD_MS: i64 = 24 * 3_600_000;

/// Where the next page of a search is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    /// Cloud.
    Token(String),
    /// Data Center: how many come before it.
    From(u64),
}

/// One page as read.
struct Listing {
    items: Vec<RemoteItem>,
    skipped: Vec<String>,
    next: Option<Next>,
    total: Option<u64>,
    read: u64,
}

impl JiraConnector {
    /// Walks what changed since `from`.
    pub(super) async fn pull_since(
        &self,
        from: &Cursor,
        pages: &mpsc::Sender<Page>,
    ) -> Result<PullEnd, Failure> {
        let resumed = from.walk.clone().filter(|_| from.since.is_none());
        let project = format!("project = \"{}\"", self.api.project());
        let jql = match (from.since, resumed.as_ref().and_then(|w| w.by_change)) {
            (Some(since), _) if self.api.is_cloud() => {
                format!("{project} AND updated >= {} ORDER BY updated ASC", since.0)
            }
            // Pages by offset shift when what they are sorted by changes; when it was made never does.
            (Some(since), _) => format!("{project} AND updated >= {} ORDER BY created ASC, key ASC", since.0),
            (None, Some(made)) => {
                format!("{project} AND created >= {} ORDER BY created ASC, key ASC", made.0)
            }
            (None, None) => format!("{project} ORDER BY created ASC, key ASC"),
        };
        let mut walk = from.since.is_none().then(|| resumed.clone().unwrap_or_default());
        let (mut began, mut met) = (resumed.and_then(|w| w.since), 0_u64);
        let first = |reply: &Reply| self.walk_start(reply);
        let mut seen = HashSet::new();
        let mut turn = Turn { wanted: self.wanted(true).await?, ..Turn::default() };
        while let Some(listing) = self.turn(&jql, &mut turn).await? {
            began = began.or_else(|| turn.first.as_ref().and_then(first));
            met += listing.read;
            let mut items = listing.items;
            items.retain(|i| seen.insert((i.at.id.clone(), i.updated_at)));
            turn.idle = if items.is_empty() { turn.idle + 1 } else { 0 };
            if let Some(walk) = &mut walk {
                walk.since = began;
                walk.by_change = items.iter().map(|i| i.created_at).max().or(walk.by_change);
                walk.done += items.len() as u64;
                walk.page += 1;
            }
            let page = Page { items, total: listing.total, skipped: listing.skipped, walk: walk.clone() };
            hand_on(pages, page).await?;
        }
        let since = began.or(from.since).max(from.since);
        let cursor = Cursor { since, etag: None, walk: None };
        let resumed_walk = walk.is_some_and(|w| w.done > 0);
        let empty = from.since.is_none() && met == 0 && !resumed_walk;
        Ok(PullEnd { cursor, unchanged: from.since.is_some() && met == 0, empty })
    }

    /// Where the next walk starts: when this one began, on the server's clock, less the overlap.
    fn walk_start(&self, first: &Reply) -> Option<Timestamp> {
        let ahead = self.api.port().gate().clock_offset_ms().is_some_and(|ms| ms > AHEAD_MS);
        first.date().filter(|_| !ahead).map(|t| t.plus_ms(-OVERLAP_MS))
    }

    /// The next page of a walk; `None` after the last.
    async fn turn(&self, jql: &str, turn: &mut Turn) -> Result<Option<Listing>, Failure> {
        if turn.ended {
            return Ok(None);
        }
        if turn.pages >= PAGES_MAX || turn.idle >= IDLE_MAX {
            return Err(endless());
        }
        let reply = self.search(jql, turn).await?;
        let mut listing = self.listing(&reply, turn).await?;
        turn.pages += 1;
        turn.first.get_or_insert(reply);
        turn.next = listing.next.take();
        turn.ended = match &turn.next {
            None => true,
            Some(Next::From(_)) => false,
            // A token that comes again leads to what was read already: Jira's way to end some walks.
            Some(Next::Token(token)) => !turn.tokens.insert(token.clone()),
        };
        Ok(Some(listing))
    }

    /// One page of a search. An id that Jira does not take is not named again.
    async fn search(&self, jql: &str, turn: &Turn) -> Result<Reply, Failure> {
        let fields = turn.wanted.query();
        let url = |lately: &[u64]| self.search_url(jql, &fields, turn.next.as_ref(), lately);
        let lately = self.lately_written();
        let asked = self.api.read(url(&lately), Priority::Background, About::Container);
        match asked.await {
            Err(f) if f.status == Some(400) && !lately.is_empty() => {
                self.forget_written();
                self.api.read(url(&[]), Priority::Background, About::Container).await
            }
            answered => answered,
        }
    }

    fn search_url(&self, jql: &str, fields: &str, next: Option<&Next>, lately: &[u64]) -> Url {
        let mut query = vec![("jql", jql), ("fields", fields), ("maxResults", PAGE)];
        let ids: Vec<String> = lately.iter().map(u64::to_string).collect();
        let start = match next {
            Some(Next::From(at)) => at.to_string(),
            _ => "0".to_owned(),
        };
        if !self.api.is_cloud() {
            query.push(("startAt", &start));
            return self.api.url(&["search"], &query);
        }
        query.push(("properties", map::PROPERTY));
        if let Some(Next::Token(token)) = next {
            query.push(("nextPageToken", token));
        }
        query.extend(ids.iter().map(|id| ("reconcileIssues", id.as_str())));
        self.api.url(&["search", "jql"], &query)
    }

    /// Reads a page issue by issue, so that one that cannot be understood costs itself, not the page.
    async fn listing(&self, reply: &Reply, turn: &mut Turn) -> Result<Listing, Failure> {
        let found: wire::Found = self.api.decode(reply, About::Container)?;
        within_a_page(found.issues.len())?;
        let site = self.site().await;
        let read = found.issues.len() as u64;
        let (mut items, mut skipped) = (Vec::new(), Vec::new());
        for value in found.issues {
            let raw = turn.wanted.read(&value);
            match element::<wire::Issue>(value).and_then(|issue| map::item(issue, site)) {
                Ok(item) => items.push(RemoteItem { raw, ..item }),
                Err(why) => skipped.push(self.api.port().words(&why)),
            }
        }
        let next = if self.api.is_cloud() {
            let more = found.is_last != Some(true);
            found.next_page_token.filter(|t| more && !t.is_empty()).map(Next::Token)
        } else {
            turn.offset(read, found.total.unwrap_or(0)).map(Next::From)
        };
        Ok(Listing { items, skipped, next, total: found.total, read })
    }

    /// Looks through our own issues made since `oldest`, newest first, for one with this property. Jira's search
    /// cannot look into properties that no app has registered.
    pub(super) async fn search_marked(
        &self,
        jql: &str,
        is_it: impl Fn(&RemoteItem) -> bool,
    ) -> Result<Option<RemoteItem>, Failure> {
        let mut turn = Turn { wanted: self.wanted(false).await?, ..Turn::default() };
        while let Some(listing) = self.turn(jql, &mut turn).await? {
            turn.idle = if listing.read == 0 { turn.idle + 1 } else { 0 };
            for item in listing.items {
                // Data Center's search gives no properties.
                let marked = if self.api.is_cloud() { item } else { self.with_marker(item).await? };
                if is_it(&marked) {
                    return Ok(Some(marked));
                }
            }
        }
        Ok(None)
    }
}

/// How far a search was followed.
#[derive(Default)]
struct Turn {
    /// The further fields that are read.
    wanted: Arc<Wanted>,
    next: Option<Next>,
    /// The answer to its first request.
    first: Option<Reply>,
    tokens: HashSet<String>,
    pages: usize,
    /// Pages in a row that held nothing new.
    idle: u32,
    ended: bool,
    /// By offset: how many were read, and how many there were.
    offset: u64,
    total: Option<u64>,
}

impl Turn {
    /// Where the next page by offset starts. When some were deleted meanwhile, those behind moved up by as many.
    fn offset(&mut self, read: u64, total: u64) -> Option<u64> {
        let gone = self.total.map_or(0, |before| before.saturating_sub(total));
        self.total = Some(total);
        self.offset = (self.offset + read).saturating_sub(gone);
        (read > 0 && self.offset < total).then_some(self.offset)
    }
}

async fn hand_on(pages: &mpsc::Sender<Page>, page: Page) -> Result<(), Failure> {
    if page.items.is_empty() && page.skipped.is_empty() && page.total.is_none() && page.walk.is_none() {
        return Ok(());
    }
    let stopped = |_| Failure::new(Class::Transient, Scope::Connection, "the walk was stopped from inside");
    pages.send(page).await.map_err(stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_by_offset_step_back_when_something_was_deleted() {
        let mut turn = Turn::default();
        assert_eq!(turn.offset(100, 250), Some(100));
        assert_eq!(turn.offset(100, 247), Some(197), "three that were read are gone");
        assert_eq!(turn.offset(50, 247), None);
        assert_eq!(Turn::default().offset(0, 10), None, "an empty page is the last");
    }
}
