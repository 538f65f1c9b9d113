//! Pulling: complete, in proportion to what changed, and nothing lost to a list that moves.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use corkboard::connector::{Cursor, Outcome};
use corkboard::domain::mapping::OpenState;
use corkboard::sandbox::{ADMIN_TOKEN, FORMER_NAME, Sandbox, SandboxOptions, Seed};
use corkboard::support::clock::ManualClock;
use corkboard::sync::retry::Class;

use crate::desk::{self, REPO, desk, keep};

#[tokio::test]
async fn a_first_walk_brings_every_issue_and_no_pull_request() {
    let desk = desk(350).await;
    let (end, pages) = desk.pull(&Cursor::default()).await;
    assert!(!end.unchanged && pages.iter().all(|p| p.skipped.is_empty()));
    assert!(pages.iter().all(|p| p.total.is_some_and(|t| t >= 350)), "the total is told");
    let mut board = BTreeMap::new();
    keep(&mut board, pages);
    assert_eq!(desk.held(&board), desk.truth());
    assert_eq!(board.len(), desk.truth().len(), "pull requests stay out");
    let asked = desk.asked();
    let pages = desk.sandbox.issues(REPO).len().div_ceil(100);
    assert_eq!(asked.len(), pages + 1, "one opening request and each page once: {asked:#?}");
    assert!(asked.iter().all(|a| a.starts_with("GET ")), "a pull writes nothing");
}

#[tokio::test]
async fn a_small_repository_is_read_with_one_request() {
    let desk = desk(12).await;
    let (end, pages) = desk.pull(&Cursor::default()).await;
    let mut board = BTreeMap::new();
    keep(&mut board, pages);
    assert_eq!(desk.held(&board), desk.truth());
    assert_eq!(desk.asked().len(), 1);
    assert!(end.cursor.since.is_some() && end.cursor.etag.is_some());
}

#[tokio::test]
async fn an_empty_repository_is_a_good_answer() {
    let desk = desk(0).await;
    let (end, pages) = desk.pull(&Cursor::default()).await;
    assert_eq!(pages.iter().map(|p| p.items.len()).sum::<usize>(), 0);
    assert!(desk.pull(&end.cursor).await.0.unchanged);
}

#[tokio::test]
async fn an_unchanged_repository_costs_one_conditional_request() {
    let desk = desk(250).await;
    let first = desk.pull(&Cursor::default()).await.0;
    desk.asked();
    for _ in 0..3 {
        desk.clock.advance(60_000);
        let (end, pages) = desk.pull(&first.cursor).await;
        assert!(end.unchanged && pages.is_empty());
        assert_eq!(end.cursor, first.cursor, "nothing to store");
        let asked = desk.asked();
        assert!(asked.len() == 1 && asked[0].ends_with("Some(304)"), "{asked:?}");
    }
}

#[tokio::test]
async fn a_change_costs_one_request_and_then_all_is_quiet_again() {
    let desk = desk(250).await;
    let first = desk.pull(&Cursor::default()).await.0;
    desk.clock.advance(600_000);
    desk.sandbox.web("ben").set_title(REPO, 3, "changed").unwrap();
    desk.asked();
    let (second, pages) = desk.pull(&first.cursor).await;
    let items: Vec<_> =
        pages.iter().flat_map(|p| &p.items).map(|i| (i.at.number, i.title.as_str())).collect();
    assert_eq!(items, [(3, "changed")], "work in proportion to what changed");
    assert_eq!(desk.asked().len(), 1);
    assert!(desk.pull(&second.cursor).await.0.unchanged);
    assert!(desk.asked()[0].ends_with("Some(304)"));
}

#[tokio::test]
async fn a_long_quiet_time_is_not_read_again_after_it() {
    let desk = desk(60).await;
    let first = desk.pull(&Cursor::default()).await.0;
    desk.clock.advance(5 * 3_600_000);
    let quiet = desk.pull(&first.cursor).await.0;
    assert!(quiet.unchanged && quiet.cursor.since > first.cursor.since);
    assert_eq!(quiet.cursor.etag, first.cursor.etag);
}

#[tokio::test]
async fn row_05_the_cursor_is_the_servers_clock_at_the_start_less_the_overlap() {
    let desk = desk(5).await;
    let end = desk.pull(&Cursor::default()).await.0;
    assert_eq!(end.cursor.since, Some(desk::START.plus_ms(3_600_000 - 120_000)));
}

#[tokio::test]
async fn row_14_what_is_edited_during_a_first_walk_is_not_lost() {
    let desk = desk(450).await;
    desk.faults("GET *?*sort=created* shift=edit");
    let (end, pages) = desk.pull(&Cursor::default()).await;
    let mut board = BTreeMap::new();
    keep(&mut board, pages);
    assert!(desk.hits() > 0, "the list did move");
    desk.faults("");
    keep(&mut board, desk.pull(&end.cursor).await.1);
    assert_eq!(desk.held(&board), desk.truth());
}

#[tokio::test]
async fn row_14_a_deletion_during_a_first_walk_hides_no_other_issue() {
    let desk = desk(450).await;
    desk.faults("GET *?*sort=created* shift=delete");
    let before = desk.sandbox.issues(REPO).len();
    let mut board = BTreeMap::new();
    keep(&mut board, desk.pull(&Cursor::default()).await.1);
    assert!(desk.sandbox.issues(REPO).len() < before, "the fault did delete");
    assert_eq!(desk.held(&board), desk.truth());
}

#[tokio::test]
async fn row_05_what_is_edited_during_a_later_walk_is_not_lost() {
    let desk = desk(400).await;
    let mut board = BTreeMap::new();
    let (first, pages) = desk.pull(&Cursor::default()).await;
    keep(&mut board, pages);
    desk.clock.advance(600_000);
    for number in desk.truth().keys().take(330) {
        desk.sandbox.web("ben").set_title(REPO, *number, &format!("changed {number}")).unwrap();
        desk.clock.advance(1_000);
    }
    desk.clock.advance(300_000);
    desk.faults("GET *?*sort=updated* shift=edit");
    desk.asked();
    let (second, pages) = desk.pull(&first.cursor).await;
    keep(&mut board, pages);
    assert!(desk.hits() > 0, "the list did move");
    assert!(desk.asked().iter().all(|a| !a.contains("&page=")), "no page is turned over a moving list");
    desk.faults("");
    keep(&mut board, desk.pull(&second.cursor).await.1);
    assert_eq!(desk.held(&board), desk.truth());
}

#[tokio::test]
async fn more_changes_in_one_second_than_fit_a_page_are_all_met() {
    let desk = desk(300).await;
    let mut board = BTreeMap::new();
    let (first, pages) = desk.pull(&Cursor::default()).await;
    keep(&mut board, pages);
    desk.clock.advance(600_000);
    for number in desk.truth().keys().take(250) {
        desk.sandbox.web("ben").set_title(REPO, *number, &format!("bulk {number}")).unwrap();
    }
    // Far enough that the next pull's overlap mends nothing.
    desk.clock.advance(300_000);
    desk.faults("GET *?*sort=updated* shift=edit");
    let (second, pages) = desk.pull(&first.cursor).await;
    keep(&mut board, pages);
    assert!(desk.hits() > 0, "the list did move");
    desk.faults("");
    keep(&mut board, desk.pull(&second.cursor).await.1);
    assert_eq!(desk.held(&board), desk.truth());
}

#[tokio::test]
async fn row_04_a_walk_that_breaks_is_a_failure_and_moves_no_cursor() {
    for fault in ["status=502", "truncate", "html", "drop-before"] {
        let desk = desk(300).await;
        desk.faults(&format!("GET *?*page=2* {fault}"));
        let failure = desk::pull(&desk.github, &Cursor::default()).await.map(|_| ()).expect_err(fault);
        assert_eq!(
            (failure.class, failure.outcome),
            (Class::Transient, Outcome::NotApplied),
            "{fault}: {failure}"
        );
        assert!(!failure.message.contains("ghp_"), "{failure}");
    }
}

#[tokio::test]
async fn row_16_a_renamed_repository_is_still_pulled() {
    let (sandbox, clock) = desk::sandbox(250).await;
    let desk = desk::at(sandbox, clock, ADMIN_TOKEN, FORMER_NAME, false);
    desk.faults("GET *?*sort=created* shift=delete");
    let (end, pages) = desk.pull(&Cursor::default()).await;
    let mut board = BTreeMap::new();
    keep(&mut board, pages);
    assert_eq!(desk.held(&board), desk.truth());
    assert!(board.values().all(|i| i.at.repository == REPO), "issues know their present repository");
    desk.faults("");
    let second = desk.pull(&end.cursor).await.0;
    assert!(desk.pull(&second.cursor).await.0.unchanged);
}

/// A generator of edits, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[tokio::test]
async fn whatever_people_do_between_and_during_pulls_the_board_ends_up_as_the_repository() {
    for seed in 1..=4 {
        let desk = desk(260).await;
        let (mut dice, mut board, mut cursor) = (Dice(seed), BTreeMap::new(), Cursor::default());
        for round in 0..12 {
            desk.faults(if dice.below(2) == 0 {
                "GET *?*sort=* shift=edit"
            } else {
                "GET *?*sort=* p=0.3 shift=edit"
            });
            let (end, pages) = desk.pull(&cursor).await;
            keep(&mut board, pages);
            cursor = end.cursor;
            let web = desk.sandbox.web("cy");
            for n in 0..dice.below(150) {
                let number = 1 + dice.below(250);
                let edited = match dice.below(5) {
                    0 => web.set_title(REPO, number, &format!("title {seed}/{round}/{n}")),
                    1 => web.add_label(REPO, number, &format!("label {}", dice.below(9))),
                    2 => web.close(REPO, number, "not_planned"),
                    3 => web.reopen(REPO, number),
                    _ => web.create_issue(REPO, &format!("new {seed}/{round}/{n}"), "").map(|_| ()),
                };
                edited.unwrap();
                desk.clock.advance(i64::try_from(dice.below(3)).unwrap() * 400);
            }
            desk.clock.advance(i64::try_from(dice.below(2)).unwrap() * 400_000);
        }
        desk.faults("");
        keep(&mut board, desk.pull(&cursor).await.1);
        assert_eq!(desk.held(&board), desk.truth(), "seed {seed}");
        for item in board.values() {
            let there = desk.sandbox.issue(REPO, item.at.number).unwrap();
            assert_eq!(
                item.state.labels,
                there.labels.into_iter().collect(),
                "seed {seed}, #{}",
                item.at.number
            );
            assert_eq!(item.state.state == OpenState::Open, there.open, "seed {seed}, #{}", item.at.number);
        }
    }
}

#[tokio::test]
async fn issues_as_github_returned_them_years_ago_are_pulled() {
    let Ok(oracles) = std::env::var("CORKBOARD_ORACLES") else {
        writeln!(std::io::stderr(), "NOT RUN: recorded issues; CORKBOARD_ORACLES names no recordings")
            .unwrap();
        return;
    };
    for file in ["fixture_paginate-issues.json", "fixture_add-labels-to-issue.json", "vcr_close_issue.json"] {
        let seed = Seed::File(format!("{oracles}/samples/github/{file}").into());
        let sandbox = Sandbox::start(SandboxOptions { seed, ..SandboxOptions::default() }).await.unwrap();
        let repo = sandbox.repo().to_owned();
        let want = sandbox.issues(&repo).into_iter().filter(|i| !i.pull_request).count();
        let desk = desk::at(sandbox, Arc::new(ManualClock::new(desk::START)), ADMIN_TOKEN, &repo, false);
        let (_, pages) = desk.pull(&Cursor::default()).await;
        let mut board = BTreeMap::new();
        assert_eq!(
            pages.iter().flat_map(|p| &p.skipped).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{file}"
        );
        keep(&mut board, pages);
        assert!(want > 0 && board.len() == want, "{file}: {} of {want}", board.len());
    }
}
