//! The census: what is no longer listed is looked at one by one, and each card is treated as its issue was.

use corkboard::domain::command::Command;
use corkboard::domain::link::SyncStatus;
use corkboard::engine::{Once, SyncReport};
use corkboard::sandbox::{OTHER_REPO, Seed};

use crate::stage::*;

async fn count(stage: &Stage) -> SyncReport {
    let engine = stage.engine().await;
    let report = engine.sync_once_with(None, Once { yes: false, census: true }).await.expect("a pass");
    engine.shutdown().await;
    report
}

async fn marked(stage: &Stage, number: u64, words: &str) {
    let engine = stage.engine().await;
    let link = by_number(&engine, number).await.links[0].clone();
    assert_eq!(link.sync, SyncStatus::Manual, "{link:?}");
    assert!(link.note.as_ref().is_some_and(|n| n.contains(words)), "{link:?}");
    engine.shutdown().await;
}

/// Numbers of open and closed issues, without pull requests.
fn numbers(stage: &Stage) -> Vec<u64> {
    stage.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request).map(|i| i.number).collect()
}

#[tokio::test]
async fn row_16_a_deleted_issue_leaves_its_card_marked() {
    let stage = Stage::new(Seed::Count(120)).await;
    stage.sync().await;
    let (number, issues) = (numbers(&stage)[3], stage.sandbox.issues(REPO).len());
    stage.sandbox.web("ana").delete(REPO, number).expect("deleted");
    stage.sync().await;
    let engine = stage.engine().await;
    assert_eq!(by_number(&engine, number).await.links[0].sync, SyncStatus::Synced, "absence is not deletion");
    engine.shutdown().await;
    let report = count(&stage).await;
    assert!(report.needs_a_person() && report.connections[0].refused[0].contains("deleted"), "{report:?}");
    marked(&stage, number, "deleted").await;
    assert_eq!(stage.sandbox.issues(REPO).len(), issues - 1, "it is not made anew");
    let again = count(&stage).await;
    assert_eq!(again.connections[0].refused.len(), 0, "it is said once: {again:?}");
}

#[tokio::test]
async fn row_16_a_hidden_issue_is_marked_and_taken_up_when_it_is_seen_again() {
    let stage = Stage::new(Seed::Count(30)).await;
    stage.sync().await;
    let number = numbers(&stage)[5];
    stage.sandbox.web("ana").hide(REPO, number).expect("hidden");
    count(&stage).await;
    marked(&stage, number, "not to be seen").await;
    let engine = stage.engine().await;
    let card = by_number(&engine, number).await.id;
    engine.shutdown().await;
    stage.sandbox.web("ana").show(REPO, number).expect("shown");
    count(&stage).await;
    let engine = stage.engine().await;
    let back = by_number(&engine, number).await;
    assert_eq!((back.id, back.links[0].sync), (card, SyncStatus::Synced));
    assert!(back.links[0].note.as_ref().is_none_or(|n| !n.contains("not to be seen")), "{back:?}");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_16_a_transferred_issue_is_followed_to_its_new_place() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let number = numbers(&stage)[2];
    let engine = stage.engine().await;
    let card = by_number(&engine, number).await.id;
    let there = stage.sandbox.web("ana").transfer(REPO, number, OTHER_REPO).expect("transferred");
    let how = Once { yes: false, census: true };
    let report = engine.sync_once_with(None, how).await.expect("a pass");
    assert_eq!((report.connections[0].refused.len(), report.failed()), (0, false), "{report:?}");
    let moved = board(&engine).await.card(card).cloned().expect("there");
    assert_eq!((moved.links[0].number, moved.links[0].sync), (Some(there), SyncStatus::Synced));
    run(&engine, Command::Retitle { card, title: "Edited at its new place".into() }).await;
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.issue(OTHER_REPO, there).expect("there").title, "Edited at its new place");
    assert!(stage.sandbox.issue(REPO, number).is_none());
    engine.shutdown().await;
}

#[tokio::test]
async fn row_16_an_issue_that_went_to_another_connection_is_not_kept_twice() {
    let mut stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let mut other = stage.settings.connections[0].clone();
    other.name = corkboard::domain::ConnectionName::new("other");
    other.repository = OTHER_REPO.into();
    stage.settings.connections.push(other);
    let number = numbers(&stage)[2];
    stage.sandbox.web("ana").transfer(REPO, number, OTHER_REPO).expect("transferred");
    let report = count(&stage).await;
    let said = &report.connections[0].refused[0];
    assert!(said.contains("transferred to") && said.contains("`other`"), "{said}");
    marked(&stage, number, "transferred").await;
}

#[tokio::test]
async fn row_16_an_issue_that_became_something_else_is_marked_so() {
    let stage = Stage::new(Seed::Count(30)).await;
    stage.sync().await;
    let all = numbers(&stage);
    stage.sandbox.web("ana").convert_to_discussion(REPO, all[1]).expect("converted");
    stage.sandbox.web("ana").convert_to_pull_request(REPO, all[2]).expect("converted");
    count(&stage).await;
    marked(&stage, all[1], "a discussion").await;
    marked(&stage, all[2], "a pull request").await;
}

#[tokio::test]
async fn row_15_when_most_issues_vanish_at_once_a_person_is_asked_first() {
    let stage = Stage::new(Seed::Count(60)).await;
    stage.sync().await;
    let all = numbers(&stage);
    for number in &all[..all.len() * 2 / 3] {
        stage.sandbox.web("ana").hide(REPO, *number).expect("hidden");
    }
    stage.sandbox.clear_requests();
    let report = count(&stage).await;
    assert!(report.connections[0].asks[0].contains("not listed there any more"), "{report:?}");
    assert_eq!(report.connections[0].refused.len(), 0, "nothing is marked before the answer");
    let looks = stage.sandbox.requests().iter().filter(|r| r.path.contains("/issues/")).count();
    assert_eq!(looks, 0, "and not one is looked at");
    let engine = stage.engine().await;
    let report = engine.sync_once_with(None, Once { yes: true, census: false }).await.expect("a pass");
    assert_eq!(report.connections[0].refused.len(), all.len() * 2 / 3, "{report:?}");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_15_a_repository_that_cannot_be_seen_marks_no_card() {
    let stage = Stage::new(Seed::Count(12)).await;
    stage.sync().await;
    let number = numbers(&stage)[0];
    stage.sandbox.web("ana").hide(REPO, number).expect("hidden");
    // The listing still answers; then the repository itself goes out of sight.
    stage.sandbox.set_faults("GET */repos/octo/app status=404".parse().expect("faults"));
    let report = count(&stage).await;
    assert!(report.failed(), "{report:?}");
    let engine = stage.engine().await;
    assert_eq!(by_number(&engine, number).await.links[0].sync, SyncStatus::Synced);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_census_is_made_once_a_day_and_else_a_quiet_pass_asks_once() {
    let stage = Stage::new(Seed::Count(150)).await;
    stage.sync().await;
    stage.sync().await;
    stage.sandbox.clear_requests();
    stage.sync().await;
    assert_eq!(stage.sandbox.requests().len(), 1, "counted a moment ago");
    let file = rusqlite::Connection::open(stage.dir.path().join("corkboard.db")).expect("opened");
    file.execute("UPDATE health SET counted_at = counted_at - 86400000", []).expect("a day passes");
    drop(file);
    stage.sync().await;
    assert!(stage.sandbox.requests().len() > 3, "it counted");
    stage.sandbox.clear_requests();
    stage.sync().await;
    assert_eq!(stage.sandbox.requests().len(), 1, "and not again");
}

#[tokio::test]
async fn an_interrupted_census_marks_nothing_it_did_not_look_at_and_is_made_again() {
    let stage = Stage::new(Seed::Count(250)).await;
    stage.sync().await;
    let number = numbers(&stage)[0];
    stage.sandbox.web("ana").delete(REPO, number).expect("deleted");
    stage.sandbox.set_faults("GET *?*page=2* status=502".parse().expect("faults"));
    assert!(count(&stage).await.failed());
    stage.sandbox.set_faults("".parse().expect("faults"));
    let engine = stage.engine().await;
    assert_eq!(by_number(&engine, number).await.links[0].sync, SyncStatus::Synced);
    let cursor = engine.store().run(|db| db.cursor(&core())).await.expect("read");
    assert!(cursor.since.is_some() && cursor.walk.is_none(), "the pull's own place is as it was");
    engine.shutdown().await;
    count(&stage).await;
    marked(&stage, number, "deleted").await;
}

#[tokio::test]
async fn a_renamed_milestone_is_followed_by_its_cards_without_a_write() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let issue = stage.sandbox.issues(REPO).into_iter().find(|i| !i.pull_request && i.milestone.is_some());
    let issue = issue.expect("one in a milestone");
    let before = issue.milestone.clone().expect("a milestone");
    stage.sandbox.web("ana").rename_milestone(REPO, &before, "Renamed there").expect("renamed");
    stage.sandbox.clear_requests();
    count(&stage).await;
    let engine = stage.engine().await;
    assert_eq!(by_number(&engine, issue.number).await.milestone.as_deref(), Some("Renamed there"));
    assert_eq!(stage.sandbox.writes().len(), 0);
    let file = rusqlite::Connection::open(stage.dir.path().join("corkboard.db")).expect("opened");
    let old: i64 = file
        .query_row("SELECT count(*) FROM release_milestones WHERE milestone_name = ?1", [&before], |r| {
            r.get(0)
        })
        .expect("counted");
    assert_eq!(old, 0, "its row has the new title");
    engine.shutdown().await;
}
