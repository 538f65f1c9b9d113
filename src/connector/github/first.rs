//! The first walk: everything, by creation, and so that it can be interrupted after any page and go on from there.
//!
//! Edits do not reorder a list by creation. Its pages are asked for side by side, few at first, and handed on in order:
//! with each goes the point up to which nothing is missing. A deletion during the walk moves an issue over a page's
//! border; it shows as a gap in the numbers there, and gaps are looked at before the page behind them is handed on. A
//! walk that goes on reads its last page again, and pages before it, while what was deleted meanwhile could hide an
//! issue between two of them.

use std::collections::HashSet;

use futures::stream::{FuturesOrdered, StreamExt};
use octocrab::params::{Direction, issues::Sort};
use tokio::sync::mpsc;
use url::Url;

use super::client::{PAGES_MAX, endless};
use super::pull::{Listing, PAGE, page_number};
use super::{GithubConnector, wire};
use crate::connector::http::Priority;
use crate::connector::{Class, Cursor, Failure, Fetched, Page, Walk};
use crate::support::clock::Timestamp;

/// Pages under way at once.
const SIDE_BY_SIDE: usize = 8;
/// Numbers missing at one page border that are looked at one by one; beyond, the walk is done again by change.
const GAP_MAX: u64 = 50;

/// What a page begins and ends with.
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

/// A first walk under way.
struct Walking<'a> {
    walk: Walk,
    /// The end of the page before.
    before: Option<Border>,
    /// The repository as its issues name it: a renamed one answers under its new name.
    home: String,
    pages: &'a mpsc::Sender<Page>,
}

impl GithubConnector {
    /// Reads everything, by creation; `end` is the cursor that it will leave behind.
    pub(super) async fn first_walk(&self, end: &Cursor, pages: &mpsc::Sender<Page>) -> Result<(), Failure> {
        let walk = Walk { since: end.since, etag: end.etag.clone(), ..Walk::default() };
        let url = self.list_url(Sort::Created, Direction::Ascending, PAGE, None);
        let first = self.list(url.clone()).await?;
        if first.links.last.as_ref().and_then(page_number).is_none() && first.links.next.is_some() {
            // No last page or an opaque one: follow what the answers point to.
            return self.follow_on(url, first, walk, pages).await;
        }
        self.walk_pages(1, first, walk, pages).await
    }

    /// Goes on with a walk that was interrupted; `None` when the platform does not know its place any more, and the
    /// walk has to begin anew.
    pub(super) async fn resume(
        &self,
        walk: Walk,
        pages: &mpsc::Sender<Page>,
    ) -> Result<Option<Cursor>, Failure> {
        let end = Cursor { since: walk.since, etag: walk.etag.clone(), walk: None };
        if let Some(since) = walk.by_change {
            self.walk_by_change(since, pages, Some(&walk)).await?;
        } else if let Some(url) = &walk.url {
            let Ok(url) = url.parse::<Url>() else { return Ok(None) };
            let listing = match self.list(url.clone()).await {
                Ok(listing) => listing,
                Err(failure) if failure.class == Class::Transient => return Err(failure),
                Err(_) => return Ok(None),
            };
            let walk = Walk { done: walk.done.saturating_sub(PAGE.into()), ..walk };
            self.follow_on(url, listing, walk, pages).await?;
        } else {
            let (page, listing) = self.step_back(&walk).await?;
            self.walk_pages(page, listing, walk, pages).await?;
        }
        Ok(Some(end))
    }

    /// The page that was handed on last, or the one before it at whose beginning nothing can have slipped away.
    async fn step_back(&self, walk: &Walk) -> Result<(u64, Listing), Failure> {
        let mut page = walk.page.max(1);
        loop {
            let mut url = self.list_url(Sort::Created, Direction::Ascending, PAGE, None);
            url.query_pairs_mut().append_pair("page", &page.to_string());
            let listing = self.list(url).await?;
            let reaches = listing.stubs.first().is_some_and(|s| s.number <= walk.last) || walk.unsure;
            if page == 1 || reaches {
                return Ok((page, listing));
            }
            page -= 1;
        }
    }

    /// Hands on a page and all behind it, by their numbers.
    async fn walk_pages(
        &self,
        page: u64,
        first: Listing,
        walk: Walk,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        let last = first.links.last.clone().and_then(|url| page_number(&url).map(|n| (url, n)));
        let count = last.as_ref().map_or(page, |(_, n)| *n);
        if count > PAGES_MAX as u64 {
            return Err(endless());
        }
        let goes_on = walk.page > 0;
        let walk = Walk { total: Some(count.saturating_mul(PAGE.into())), ..walk };
        let home =
            first.items.first().map_or_else(|| self.api.repository().to_owned(), |i| i.at.repository.clone());
        let mut walking = Walking { walk, before: None, home, pages };
        self.meet(page, first, &mut walking).await?;
        if let Some((address, _)) = last {
            let ask = |n: u64| {
                let url = with_page(&address, n);
                async move { (n, self.list(url).await) }
            };
            let (mut next, mut width, mut handed_on, mut under_way) = (page + 1, 1, 0, FuturesOrdered::new());
            loop {
                while under_way.len() < width && next <= count {
                    under_way.push_back(ask(next));
                    next += 1;
                }
                let Some((n, listing)) = under_way.next().await else { break };
                self.meet(n, listing?, &mut walking).await?;
                handed_on += 1;
                width = width_after(handed_on, goes_on).min(SIDE_BY_SIDE);
            }
        }
        if walking.walk.unsure {
            self.walk_by_change(Timestamp(0), pages, Some(&walking.walk)).await?;
        }
        Ok(())
    }

    /// Hands on one page, with what slipped away before it in front.
    async fn meet(&self, n: u64, listing: Listing, walking: &mut Walking<'_>) -> Result<(), Failure> {
        let border = Border::of(&listing.stubs);
        if let Some(border) = border {
            match gap(walking.before, border) {
                Some(missing) => self.look_at(&walking.home, &missing, walking.pages).await?,
                None => walking.walk.unsure = true,
            }
            walking.before = Some(border);
        }
        let walk = &mut walking.walk;
        walk.page = n;
        walk.last = listing.stubs.iter().map(|s| s.number).max().unwrap_or_default().max(walk.last);
        walk.done = (n - 1) * u64::from(PAGE) + listing.stubs.len() as u64;
        let mut page = listing.page(walk.total);
        page.walk = Some(walk.clone());
        self.hand_on(walking.pages, page).await
    }

    /// Hands on a page and all that its answers point to, where pages have no numbers.
    async fn follow_on(
        &self,
        mut url: Url,
        mut listing: Listing,
        mut walk: Walk,
        pages: &mpsc::Sender<Page>,
    ) -> Result<(), Failure> {
        let mut asked = HashSet::new();
        loop {
            let next = listing.links.next.take();
            walk.url = Some(url.to_string());
            walk.page += 1;
            walk.done += listing.stubs.len() as u64;
            let mut page = listing.page(None);
            page.walk = Some(walk.clone());
            self.hand_on(pages, page).await?;
            let Some(following) = next else { return Ok(()) };
            if asked.len() >= PAGES_MAX || !asked.insert(following.to_string()) {
                return Err(endless());
            }
            listing = self.list(following.clone()).await?;
            url = following;
        }
    }

    /// Looks at single numbers: what slipped over a page's border while something before it was deleted.
    async fn look_at(&self, home: &str, numbers: &[u64], pages: &mpsc::Sender<Page>) -> Result<(), Failure> {
        let mut looks = futures::stream::iter(numbers.iter().copied())
            .map(|n| async move { self.look(home, n, Priority::Background).await })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(look) = looks.next().await {
            if let (Fetched::Item(item), false) = look? {
                let page = Page { items: vec![*item], total: None, skipped: Vec::new(), walk: None };
                self.hand_on(pages, page).await?;
            }
        }
        Ok(())
    }
}

/// How many pages are asked for at once after so many were handed on. One that was interrupted before may be again,
/// and must not have asked for many pages in vain each time.
fn width_after(handed_on: usize, goes_on: bool) -> usize {
    if goes_on { 1 + handed_on / 4 } else { 2 * handed_on }
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

/// The numbers between a page's end and the next one's beginning; `None` when they cannot tell or are too many:
/// imported issues need not be numbered in the order they were made.
fn gap(before: Option<Border>, page: Border) -> Option<Vec<u64>> {
    if !page.ascending {
        return None;
    }
    let Some(before) = before else { return Some(Vec::new()) };
    if !before.ascending {
        return None;
    }
    // Equal or lower: the page was read before the list moved, or numbers and creation disagree.
    let between = page.first.checked_sub(before.last + 1)?;
    (between <= GAP_MAX).then(|| (before.last + 1..page.first).collect())
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;

    fn border(first: u64, last: u64) -> Border {
        Border { first, last, ascending: true }
    }

    #[test]
    fn a_gap_at_a_border_is_looked_at_and_one_within_a_page_is_not() {
        assert_eq!(gap(None, border(7, 120)), Some(vec![]));
        assert_eq!(gap(Some(border(1, 120)), border(121, 300)), Some(vec![]));
        assert_eq!(gap(Some(border(1, 100)), border(103, 300)), Some(vec![101, 102]));
    }

    #[test]
    fn numbers_that_cannot_tell_send_the_walk_another_way() {
        assert_eq!(gap(Some(border(1, 100)), border(500, 600)), None, "too many");
        assert_eq!(gap(Some(border(1, 100)), border(100, 199)), None, "overlapping");
        let mixed = Border { ascending: false, ..border(91, 200) };
        assert_eq!(gap(Some(border(1, 90)), mixed), None, "imported out of order");
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
