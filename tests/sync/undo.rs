//! What was sent is taken back and done again by another write; unless somebody changed it there since.

use corkboard::domain::command::{Change, Command, decide};
use corkboard::domain::{AuditFilter, VersionKind};
use corkboard::engine::{Engine, Update};
use corkboard::sandbox::Seed;
use corkboard::sync::{Policies, Policy};

use crate::stage::*;

/// Commits as the board does and waits for the answer.
async fn commit(
    engine: &Engine,
    updates: &mut tokio::sync::mpsc::Receiver<Update>,
    kind: VersionKind,
    changes: Vec<Change>,
) -> Result<(), String> {
    engine.commit(7, kind, changes);
    loop {
        match tokio::time::timeout(DEADLINE, updates.recv()).await.expect("in time").expect("an answer") {
            Update::Committed { token: 7 } => return Ok(()),
            Update::Refused { token: 7, reason } => return Err(reason),
            _ => {}
        }
    }
}

fn inverse(changes: &[Change]) -> Vec<Change> {
    changes.iter().rev().filter_map(Change::inverse).collect()
}

#[tokio::test]
async fn a_sent_change_is_undone_and_redone_there_too() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sync().await;
    let before = stage.sandbox.issue(REPO, 1).expect("there").title;
    let engine = stage.engine().await;
    let mut updates = engine.updates().expect("the updates");
    engine.start();
    let there = async |title: &str| {
        let shown = || stage.sandbox.issue(REPO, 1).is_some_and(|i| i.title == title);
        // Confirmed too, so that the next change's row comes after this one's.
        let confirmed =
            |b: &corkboard::domain::Board| b.cards().all(|c| c.links[0].sync.as_str() == "synced");
        until(&engine, title, |b| shown() && confirmed(b)).await;
    };
    let card = by_number(&engine, 1).await.id;
    let done = decide(&board(&engine).await, Command::Retitle { card, title: "two".into() }).expect("valid");
    commit(&engine, &mut updates, VersionKind::Edit, done.clone()).await.expect("stored");
    there("two").await;
    commit(&engine, &mut updates, VersionKind::Undo, inverse(&done)).await.expect("stored");
    there(&before).await;
    commit(&engine, &mut updates, VersionKind::Redo, done).await.expect("stored");
    there("two").await;
    engine.shutdown().await;
    let filter = AuditFilter { card: Some(card), ..AuditFilter::default() };
    let rows = engine.store().run(move |db| db.audit_after(&filter, 0, 100)).await.expect("read");
    let told: Vec<&str> = rows.iter().map(|r| r.action.as_str()).collect();
    assert_eq!(told, ["update", "undo", "update", "redo", "update"], "{rows:#?}");
    let writes = rows.iter().filter(|r| r.action == "update");
    assert!(writes.clone().all(|r| r.request_id.is_some()), "each write names its request: {rows:#?}");
}

#[tokio::test]
async fn an_undo_is_refused_where_the_platform_changed_the_field_since() {
    let mut stage = Stage::new(Seed::Count(2)).await;
    stage.settings.connections[0].policies = Policies { default: Policy::Local, ..Policies::default() };
    stage.sync().await;
    let engine = stage.engine().await;
    let mut updates = engine.updates().expect("the updates");
    let card = by_number(&engine, 1).await.id;
    let done = decide(&board(&engine).await, Command::Retitle { card, title: "two".into() }).expect("valid");
    commit(&engine, &mut updates, VersionKind::Edit, done.clone()).await.expect("stored");
    drop(updates);
    engine.shutdown().await;
    stage.sync().await;
    stage.sandbox.web("ana").set_title(REPO, 1, "hers").expect("edited");
    // The board has not heard of it.
    let engine = stage.engine().await;
    let mut updates = engine.updates().expect("the updates");
    commit(&engine, &mut updates, VersionKind::Undo, inverse(&done))
        .await
        .expect("nothing is known against it");
    engine.start();
    let words = loop {
        match tokio::time::timeout(DEADLINE, updates.recv()).await.expect("in time").expect("an update") {
            Update::Notice(words) if words.contains("undo") => break words,
            _ => {}
        }
    };
    assert!(words.contains("core#1") && words.contains("core changed it since"), "{words}");
    until(&engine, "hers stays", |b| b.card(card).is_some_and(|c| c.title == "hers")).await;
    engine.shutdown().await;
    assert_eq!(stage.sandbox.issue(REPO, 1).expect("there").title, "hers");
}
