//! Walks over a list that moves while it is read, is broken off, or stands still within one millisecond.

use std::collections::BTreeMap;
use std::sync::Arc;

use corkboard::connector::{Connector, Cursor, Failure, Fetched, Page, PullEnd, RemoteRef};
use corkboard::sync::Class;
use tokio::sync::mpsc;

use super::{Bitbucket, REPO};
use crate::desk::Desk as _;

/// Walks from `from`, lets `see` look at each page as it comes, and counts how often each number came.
async fn walk(
    connector: &Arc<dyn Connector>,
    from: &Cursor,
    mut see: impl FnMut(usize, &Page),
) -> (Result<PullEnd, Failure>, BTreeMap<u64, u32>) {
    let (pages, mut inbox) = mpsc::channel::<Page>(1);
    let read = async {
        let (mut met, mut n) = (BTreeMap::new(), 0);
        while let Some(page) = inbox.recv().await {
            see(n, &page);
            n += 1;
            page.items.iter().for_each(|i| *met.entry(i.at.number).or_default() += 1);
        }
        met
    };
    tokio::join!(connector.tracker().unwrap().pull(from, pages), read)
}

fn all(met: &BTreeMap<u64, u32>, count: u64) -> bool {
    met.len() as u64 == count && (1..=count).all(|n| met.contains_key(&n))
}

#[tokio::test]
async fn a_list_that_shifts_while_it_is_read_loses_nothing() {
    let desk = Bitbucket::start(230).await;
    let (web, connector) = (desk.sandbox.bitbucket(), desk.connector(false));
    let (end, met) = walk(&connector, &Cursor::default(), |n, page| {
        // What was read already moves to the end, so that everything behind it moves up.
        for item in page.items.iter().take(7).filter(|_| n < 4) {
            desk.clock.advance(1_000);
            web.set_title(REPO, item.at.number, &format!("edited during page {n}")).unwrap();
        }
    })
    .await;
    end.unwrap();
    assert!(all(&met, 230), "{} of 230", met.len());
    let twice = met.values().filter(|n| **n > 1).count();
    assert!(twice <= 28, "only what was edited comes again: {twice}");
}

#[tokio::test]
async fn more_than_a_page_within_one_millisecond_comes_once_each() {
    let desk = Bitbucket::start(0).await;
    let (web, connector) = (desk.sandbox.bitbucket(), desk.connector(false));
    for n in 1..=130 {
        web.create(REPO, &format!("imported {n}"), "", false).unwrap();
    }
    desk.clock.advance(60_000);
    for n in 131..=140 {
        web.create(REPO, &format!("later {n}"), "", false).unwrap();
    }
    let (end, met) = walk(&connector, &Cursor::default(), |_, _| {}).await;
    end.unwrap();
    assert!(all(&met, 140), "{} of 140", met.len());
    assert!(met.values().all(|n| *n == 1), "{met:?}");
}

#[tokio::test]
async fn a_first_walk_that_was_broken_off_goes_on_where_it_was() {
    let desk = Bitbucket::start(180).await;
    let connector = desk.connector(false);
    let mut reached = None;
    desk.sandbox.set_faults("GET nth=3 status=502".parse().unwrap());
    let (broken, before) =
        walk(&connector, &Cursor::default(), |_, page| reached.clone_from(&page.walk)).await;
    assert_eq!(broken.unwrap_err().class, Class::Transient);
    assert!(before.len() >= 90 && before.len() < 180, "{}", before.len());
    desk.sandbox.set_faults("".parse().unwrap());
    desk.clock.advance(3_600_000);
    desk.sandbox.clear_requests();
    let walk_on = Cursor { walk: reached, ..Cursor::default() };
    let (end, after) = walk(&connector, &walk_on, |_, _| {}).await;
    let mut met = before;
    met.extend(after);
    assert!(all(&met, 180), "{} of 180", met.len());
    assert!(desk.sandbox.requests().len() <= 3, "{}", desk.sandbox.requests().len());
    let since = end.unwrap().cursor.since.unwrap();
    assert!(desk.clock_now().since(since) >= 3_600_000, "the cursor is of the walk's beginning");
}

#[tokio::test]
async fn every_state_comes_and_a_quiet_hour_costs_one_request() {
    let desk = Bitbucket::start(5).await;
    let (web, connector) = (desk.sandbox.bitbucket(), desk.connector(false));
    web.set_draft(REPO, 2, false).unwrap();
    web.merge(REPO, 3).unwrap();
    web.decline(REPO, 4).unwrap();
    web.supersede(REPO, 5).unwrap();
    let mut states = Vec::new();
    let (end, _) = walk(&connector, &Cursor::default(), |_, page| {
        states.extend(page.items.iter().map(|i| (i.at.number, i.state.status.clone().unwrap())));
    })
    .await;
    states.sort();
    let names: Vec<&str> = states.iter().map(|(_, s)| s.as_str()).collect();
    assert_eq!(names, ["DRAFT", "OPEN", "MERGED", "DECLINED", "SUPERSEDED"]);
    let end = end.unwrap();
    assert!(!end.empty && !end.unchanged);
    desk.clock.advance(3_600_000);
    let (end, _) = walk(&connector, &end.cursor, |_, _| {}).await;
    desk.sandbox.clear_requests();
    desk.clock.advance(3_600_000);
    let (end, met) = walk(&connector, &end.unwrap().cursor, |_, _| {}).await;
    assert!(end.unwrap().unchanged && met.is_empty());
    assert_eq!(desk.sandbox.requests().len(), 1);
}

#[tokio::test]
async fn an_empty_repository_says_so_and_a_missing_pull_request_is_hidden() {
    let desk = Bitbucket::start(0).await;
    let connector = desk.connector(false);
    let (end, _) = walk(&connector, &Cursor::default(), |_, _| {}).await;
    assert!(end.unwrap().empty);
    let at = RemoteRef { id: "9".into(), number: 9, repository: REPO.into() };
    assert_eq!(connector.tracker().unwrap().fetch(&at).await.unwrap(), Fetched::Hidden);
}

#[tokio::test]
async fn comments_of_many_pages_come_oldest_first_without_our_marks() {
    let desk = Bitbucket::start(1).await;
    let (web, connector) = (desk.sandbox.bitbucket(), desk.connector(false));
    for n in 1..=150 {
        desk.clock.advance(1_000);
        web.comment(REPO, 1, &format!("comment {n}")).unwrap();
    }
    let at = RemoteRef { id: "1".into(), number: 1, repository: REPO.into() };
    let tracker = connector.tracker().unwrap();
    desk.clock.advance(1_000);
    tracker.comment(&at, "ours", uuid::Uuid::new_v4()).await.unwrap();
    let bodies: Vec<String> = tracker.comments(&at).await.unwrap().into_iter().map(|c| c.body).collect();
    assert_eq!(bodies.len(), 151);
    assert_eq!(
        (bodies[0].as_str(), bodies[149].as_str(), bodies[150].as_str()),
        ("comment 1", "comment 150", "ours")
    );
    let shown = web.pull_request(REPO, 1).unwrap().comments;
    assert!(shown[150].starts_with("ours\n\n[//]: # (corkboard: "), "{}", shown[150]);
}
