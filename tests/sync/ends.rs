//! How a pass ends: with the truth about what could not be done, and never by waiting for a reader that is not there.

use corkboard::config::settings::Direction;
use corkboard::domain::AuditFilter;
use corkboard::domain::ConnectionName;
use corkboard::domain::VersionKind;
use corkboard::domain::command::{Change, Command};
use corkboard::domain::link::SyncStatus;
use corkboard::sandbox::Seed;
use corkboard::sync::{Policies, Policy};

use crate::stage::*;

#[tokio::test]
async fn a_pass_that_must_stop_before_all_is_sent_has_failed() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    // The pull goes well; only then is there something to send, and the platform says to wait an hour.
    stage.sandbox.set_faults("PATCH count=1 429(retry-after=3600s)".parse().expect("faults"));
    for number in [1, 2] {
        let card = by_number(&engine, number).await.id;
        run(&engine, Command::Retitle { card, title: format!("edited {number}") }).await;
    }
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!(report.connections[0].unsent, 2);
    assert!(report.failed(), "{report:?}");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_pass_that_is_asked_for_tries_although_the_last_ones_failed() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sandbox.set_online(false).await;
    for _ in 0..2 {
        assert!(stage.sync().await.failed());
    }
    stage.sandbox.set_online(true).await;
    let began = tokio::time::Instant::now();
    let report = stage.sync().await;
    assert!(!report.failed(), "{report:?}");
    assert!(began.elapsed() < std::time::Duration::from_secs(3), "it did not wait for what failed before");
}

#[tokio::test]
async fn more_refusals_than_anybody_reads_do_not_stop_a_pass() {
    let stage = Stage::new(Seed::Count(300)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let cards: Vec<_> = board(&engine).await.cards().map(|c| (c.id, c.status.clone())).collect();
    for (card, status) in &cards {
        let to = if status.as_str() == "completed" { "approved" } else { "completed" };
        move_to(&engine, *card, to).await;
    }
    stage.sandbox.set_faults("PATCH status=422".parse().expect("faults"));
    let pass = tokio::time::timeout(std::time::Duration::from_secs(90), engine.sync_once(None));
    let report = pass.await.expect("it ends").expect("a pass");
    assert!(report.connections[0].refused.len() > 256, "{}", report.connections[0].refused.len());
    engine.shutdown().await;
}

#[tokio::test]
async fn a_connection_that_only_sends_knows_when_it_last_did() {
    let mut stage = Stage::new(Seed::Count(2)).await;
    stage.sync().await;
    stage.settings.connections[0].direction = Direction::Push;
    let engine = stage.engine().await;
    let before = engine.store().run(|db| db.health(&core())).await.expect("read").last_good;
    let card = by_number(&engine, 1).await.id;
    run(&engine, Command::Retitle { card, title: "sent".into() }).await;
    engine.sync_once(None).await.expect("a pass");
    let after = engine.store().run(|db| db.health(&core())).await.expect("read").last_good;
    assert!(after > before, "{before:?} {after:?}");
    engine.shutdown().await;
}

#[tokio::test]
async fn edits_made_while_a_connection_only_pulled_are_sent_when_it_sends_again() {
    let mut stage = Stage::new(Seed::Count(2)).await;
    stage.settings.connections[0].direction = Direction::Pull;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    run(&engine, Command::Retitle { card, title: "kept here".into() }).await;
    assert!(by_number(&engine, 1).await.links[0].note.as_ref().is_some_and(|n| n.contains("only pulls")));
    engine.shutdown().await;
    stage.settings.connections[0].direction = Direction::Bidirectional;
    stage.sync().await;
    assert_eq!(stage.sandbox.issue(REPO, 1).expect("there").title, "kept here");
}

#[tokio::test]
async fn a_card_on_two_platforms_carries_a_change_from_one_to_the_other() {
    let mut stage = Stage::new(Seed::Count(1)).await;
    let twin = Stage::new(Seed::Count(0)).await;
    let mut docs = twin.settings.connections[0].clone();
    docs.name = ConnectionName::new("docs");
    stage.settings.connections.push(docs.clone());
    let engine = stage.engine().await;
    let (id, create) = new_card("On both");
    let Command::Create(mut card) = create else { unreachable!("a create") };
    card.connections = vec![core(), docs.name.clone()];
    run(&engine, Command::Create(card)).await;
    engine.sync_once(None).await.expect("a pass");
    let issue = stage.sandbox.issues(REPO).into_iter().find(|i| i.title == "On both").expect("there");
    stage.sandbox.web("ana").set_title(REPO, issue.number, "Edited on one").expect("edited");
    for _ in 0..2 {
        engine.sync_once(None).await.expect("a pass");
    }
    let there: Vec<String> = twin.sandbox.issues(REPO).into_iter().map(|i| i.title).collect();
    assert_eq!(there, ["Edited on one"]);
    let card = board(&engine).await.card(id).cloned().expect("there");
    assert!(card.links.iter().all(|l| l.sync == SyncStatus::Synced), "{card:?}");
    stage.sandbox.clear_requests();
    twin.sandbox.clear_requests();
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.applied_writes() + twin.applied_writes(), 0, "and no echo");

    // A move that one of them refuses goes back on the other one too.
    stage.sandbox.set_faults("PATCH count=1 status=422".parse().expect("faults"));
    move_to(&engine, id, "completed").await;
    for _ in 0..2 {
        engine.sync_once(None).await.expect("a pass");
    }
    let states: Vec<bool> = [&stage, &twin]
        .map(|s| {
            s.sandbox
                .issues(REPO)
                .iter()
                .any(|i| i.title == "Edited on one" && i.has_label("status: approved"))
        })
        .to_vec();
    assert_eq!(states, [true, true]);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_conflict_is_in_the_audit_log_and_the_loser_with_its_card() {
    let mut stage = Stage::new(Seed::Count(1)).await;
    stage.settings.connections[0].policies = Policies { default: Policy::Remote, ..Policies::default() };
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    run(&engine, Command::Retitle { card, title: "mine".into() }).await;
    stage.sandbox.web("ana").set_title(REPO, 1, "theirs").expect("edited");
    engine.sync_once(None).await.expect("a pass");
    let audit =
        engine.store().run(|db| db.audit_page(&AuditFilter::default(), None, 100)).await.expect("read");
    let told: Vec<_> = audit.iter().filter(|row| row.action == "conflict").collect();
    assert_eq!(told.len(), 1, "{audit:?}");
    assert_eq!((told[0].object.as_str(), told[0].outcome.contains("there")), ("core#1", true));
    let detail = engine.card_detail(card).await.expect("read").expect("there");
    assert_eq!(detail.conflicts[0].local.to_string(), "mine");
    engine.shutdown().await;
}

/// Whoever starts while the database cannot be used for a moment does all its work once it can.
#[tokio::test]
async fn a_worker_that_starts_on_a_busy_database_pulls_when_it_is_free() {
    let stage = Stage::new(Seed::Count(2)).await;
    let engine = stage.engine().await;
    let file = stage.dir.path().join("corkboard.db");
    let other = rusqlite::Connection::open(&file).expect("opened");
    // A table that is away for a moment fails at once, where a lock would have to last for ten seconds.
    other.execute_batch("ALTER TABLE health RENAME TO away").expect("renamed");
    engine.start();
    let mut health = engine.health();
    let told = health.wait_for(|all| all[0].reason.as_ref().is_some_and(|r| r.contains("health")));
    tokio::time::timeout(DEADLINE, told).await.expect("in time").expect("watched");
    other.execute_batch("ALTER TABLE away RENAME TO health").expect("renamed");
    until(&engine, "the first pull", |b| b.len() == 2).await;
    let well = health.wait_for(|all| all[0].reason.is_none());
    tokio::time::timeout(DEADLINE, well).await.expect("in time").expect("watched");
    engine.shutdown().await;
}

#[tokio::test]
async fn an_edit_and_a_comment_on_a_deleted_issue_are_kept_and_said() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    stage.sandbox.web("ana").delete(REPO, 1).expect("deleted");
    run(&engine, Command::Retitle { card, title: "edited after".into() }).await;
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(report.needs_a_person() && report.connections[0].refused[0].contains("deleted"), "{report:?}");
    run(&engine, Command::Comment { card, body: "said after".into() }).await;
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!((report.connections[0].parked, report.failed()), (1, false), "{report:?}");
    let kept = by_number(&engine, 1).await;
    assert_eq!((kept.title.as_str(), kept.links[0].sync), ("edited after", SyncStatus::Failed));
    let detail = engine.card_detail(card).await.expect("read").expect("there");
    assert_eq!(detail.unsent_comments, ["said after"]);

    // Asking again looks again, finds it gone and says so again; it is never made anew.
    engine.retry(&core());
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(report.needs_a_person(), "{report:?}");
    assert_ne!(by_number(&engine, 1).await.links[0].sync, SyncStatus::Synced);
    assert_eq!(stage.sandbox.issues(REPO).len(), 1);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_long_pass_goes_on_over_failures_that_pass() {
    let stage = Stage::new(Seed::Count(12)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    for number in 1..=12 {
        let card = by_number(&engine, number).await.id;
        run(&engine, Command::Retitle { card, title: format!("edited {number}") }).await;
    }
    stage.sandbox.set_faults("GET */issues/* every=4 count=6 status=502".parse().expect("faults"));
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(!report.failed(), "{report:?}");
    assert_eq!((report.connections[0].sent, report.connections[0].unsent), (12, 0));
    engine.shutdown().await;
}

#[tokio::test]
async fn a_budget_that_a_good_answer_used_up_is_kept_over_a_restart() {
    let options = corkboard::sandbox::SandboxOptions {
        seed: Seed::Count(2),
        // The listing, and which repository it is.
        primary_limit: 2,
        ..corkboard::sandbox::SandboxOptions::default()
    };
    let mut stage = Stage::new(Seed::Count(0)).await;
    stage.sandbox = corkboard::sandbox::Sandbox::start(options).await.expect("a sandbox");
    stage.settings = settings(stage.sandbox.url());
    let report = stage.sync().await;
    assert_eq!((report.connections[0].pulled_created, report.failed()), (2, false), "{report:?}");
    stage.sandbox.clear_requests();
    let report = stage.sync().await;
    let said = report.connections[0].error.as_deref().unwrap_or_default();
    assert!(said.contains("asked to wait until"), "{said}");
    assert_eq!(stage.sandbox.requests().len(), 0, "nothing is asked until the budget is back");
}

/// While a card is off the board it follows nothing; put back by an undo it reads what became of its issue.
#[tokio::test]
async fn a_card_put_back_takes_what_changed_meanwhile_and_writes_nothing() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    run(&engine, Command::Archive { card }).await;
    stage.sandbox.web("ana").set_title(REPO, 1, "renamed meanwhile").expect("edited");
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(board(&engine).await.len(), 1);
    stage.sandbox.clear_requests();
    engine.commit(1, VersionKind::Undo, vec![Change::Returned { card }]);
    until(&engine, "the card is back", |b| b.len() == 2).await;
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(by_number(&engine, 1).await.title, "renamed meanwhile");
    assert_eq!(stage.applied_writes(), 0);
    assert_eq!(by_number(&engine, 1).await.links[0].sync, SyncStatus::Synced);
    engine.shutdown().await;
}
