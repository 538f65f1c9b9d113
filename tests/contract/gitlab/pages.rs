//! Pages by key and by number, walks that are interrupted, and lists that move while they are read.

use corkboard::connector::Walk;
use corkboard::sandbox::GitlabPaging;
use corkboard::sync::Class;

use super::*;

#[tokio::test]
async fn every_way_of_paging_brings_everything_even_what_is_edited_and_deleted_meanwhile() {
    for paging in [GitlabPaging::Keyset, GitlabPaging::Ignored, GitlabPaging::Refused] {
        let desk = Gitlab::start(250).await;
        let web = desk.sandbox.gitlab();
        web.set_paging(paging);
        let connector = desk.connector(false);
        let (pages, mut inbox) = mpsc::channel::<Page>(1);
        let meddle = async {
            let (mut met, mut seen) = (BTreeSet::new(), 0);
            while let Some(page) = inbox.recv().await {
                met.extend(page.items.into_iter().map(|i| i.title));
                seen += 1;
                // Something already read changes, and something goes away: whatever counts from the front shifts.
                desk.clock.advance(1_000);
                web.set_description(PROJECT, seen, "edited meanwhile").unwrap();
                web.delete(PROJECT, 20 + seen).unwrap();
            }
            met
        };
        let from = Cursor::default();
        let (end, met) = tokio::join!(connector.tracker().unwrap().pull(&from, pages), meddle);
        end.unwrap();
        let missing: Vec<u64> = (1..=250)
            .filter(|n| web.issue(PROJECT, *n).is_some() && !met.contains(&format!("item {n}")))
            .collect();
        assert!(missing.is_empty(), "{paging:?}: {missing:?}");
    }
}

#[tokio::test]
async fn more_than_a_page_of_one_single_moment_comes_whole_without_keys() {
    let desk = Gitlab::start(0).await;
    let web = desk.sandbox.gitlab();
    web.set_paging(GitlabPaging::Ignored);
    for n in 1..=230 {
        web.create_issue(PROJECT, &format!("item {n}"), "").unwrap();
    }
    desk.clock.advance(3_600_000);
    let found: BTreeSet<String> = all(&desk.connector(false)).await.into_iter().map(|i| i.title).collect();
    assert_eq!(found.len(), 230);
}

#[tokio::test]
async fn an_interrupted_first_walk_goes_on_where_it_was() {
    for paging in [GitlabPaging::Keyset, GitlabPaging::Ignored] {
        let desk = Gitlab::start(450).await;
        desk.sandbox.gitlab().set_paging(paging);
        desk.sandbox.gitlab().set_premium(false);
        let connector = desk.connector(false);
        let (end, first) = walk(&connector, &Cursor::default(), 3).await;
        assert_eq!(end.unwrap_err().class, Class::Transient, "stopped from inside");
        let stopped: Walk = first.last().and_then(|p| p.walk.clone()).expect("how far it came");
        assert!(stopped.done >= 300 && stopped.total == Some(450), "{stopped:?}");
        desk.sandbox.clear_requests();
        let from = Cursor { walk: Some(stopped.clone()), ..Cursor::default() };
        let (end, rest) = walk(&connector, &from, usize::MAX).await;
        assert_eq!(end.unwrap().cursor.since, stopped.since, "the next walk starts where this one began");
        assert!(desk.sandbox.requests().len() <= 4, "{}", desk.sandbox.requests().len());
        let met: BTreeSet<String> = titles(&first).into_iter().chain(titles(&rest)).collect();
        assert_eq!(met.len(), 450, "{paging:?}");
    }
}

#[tokio::test]
async fn when_nothing_changed_one_request_says_so_and_an_edit_is_seen_all_the_same() {
    let desk = Gitlab::start(40).await;
    let connector = desk.connector(false);
    let (end, _) = walk(&connector, &Cursor::default(), usize::MAX).await;
    desk.clock.advance(60_000);
    desk.sandbox.clear_requests();
    let (quiet, pages) = walk(&connector, &end.unwrap().cursor, usize::MAX).await;
    let quiet = quiet.unwrap();
    assert!(quiet.unchanged && pages.is_empty(), "{quiet:?}");
    let asked = desk.sandbox.requests();
    assert_eq!((asked.len(), asked[0].status), (1, Some(304)));
    desk.sandbox.gitlab().set_description(PROJECT, 3, "edited").unwrap();
    let (end, pages) = walk(&connector, &quiet.cursor, usize::MAX).await;
    assert!(!end.unwrap().unchanged);
    assert_eq!(titles(&pages), ["item 3"]);
}
