//! Payloads recorded from the real GitHub, old shapes and all, travel to the board, are edited there and go back;
//! and every request and answer of it agrees with GitHub's own description of its API.
//!
//! What others wrote is not in this repository: `CORKBOARD_ORACLES` names the folder. Without it these tests say
//! that they did not run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command as Process;

use corkboard::domain::command::Command;
use corkboard::domain::fields::{SetDelta, canonical_body};
use corkboard::sandbox::{IssueView, Seed};

use crate::stage::*;

/// The oracles' folder, or a loud word that the test did not run.
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn oracles(test: &str) -> Option<PathBuf> {
    let found = std::env::var_os("CORKBOARD_ORACLES").map(PathBuf::from);
    if found.is_none() {
        eprintln!("NOT RUN: {test}: CORKBOARD_ORACLES does not name the folder of recorded payloads");
    }
    found
}

/// The recorded files that hold issues.
const RECORDED: [&str; 5] = [
    "fixture_paginate-issues.json",
    "vcr_close_issue.json",
    "vcr_reopen_issue.json",
    "vcr_add_comment.json",
    "vcr_labels_replace.json",
];

async fn recorded_stage(file: PathBuf) -> (Stage, String) {
    let mut stage = Stage::new(Seed::File(file)).await;
    let repo = stage.sandbox.repo().to_owned();
    stage.settings.connections[0].repository.clone_from(&repo);
    (stage, repo)
}

#[tokio::test]
async fn issues_recorded_from_github_come_and_go_with_every_field_intact() {
    let Some(oracles) = oracles("issues_recorded_from_github_come_and_go_with_every_field_intact") else {
        return;
    };
    let mut seen = 0;
    for file in RECORDED {
        let path = oracles.join("samples/github").join(file);
        let (stage, repo) = recorded_stage(path).await;
        let before = stage.sandbox.issues(&repo);
        let report = stage.sync().await;
        assert!(!report.failed(), "{file}: {report:?}");
        let engine = stage.engine().await;
        let issues: Vec<&IssueView> = before.iter().filter(|i| !i.pull_request).collect();
        assert_eq!(board(&engine).await.len(), issues.len(), "{file}");
        for issue in &issues {
            let card = by_number(&engine, issue.number).await;
            assert_eq!(card.title, issue.title, "{file}");
            assert_eq!(card.labels, issue.labels.iter().cloned().collect(), "{file}");
            assert_eq!(card.assignees, issue.assignees.iter().cloned().collect(), "{file}");
            assert_eq!(card.milestone, issue.milestone, "{file}");
            assert_eq!(card.status.as_str() == "completed", !issue.open, "{file}");
            let body = engine.card_detail(card.id).await.expect("read").expect("there").body;
            assert_eq!(body, canonical_body(issue.body.as_deref().unwrap_or_default()), "{file}");
            seen += 1;
        }
        // Nothing was edited: nothing is written, and the recorded issues are as they were.
        assert_eq!(stage.sandbox.writes().len(), 0, "{file}");
        assert_eq!(stage.sandbox.issues(&repo), before, "{file}");

        for issue in &issues {
            let card = by_number(&engine, issue.number).await.id;
            run(&engine, Command::Retitle { card, title: format!("{} (edited)", issue.title) }).await;
            let delta = SetDelta { add: BTreeSet::from(["triaged".to_owned()]), ..SetDelta::default() };
            run(&engine, Command::Label { card, delta }).await;
        }
        let report = engine.sync_once(None).await.expect("a pass");
        assert_eq!(report.connections[0].sent as usize, issues.len(), "{file}: {report:?}");
        for old in issues {
            let new = stage.sandbox.issue(&repo, old.number).expect("there");
            assert_eq!(new.title, format!("{} (edited)", old.title));
            assert_eq!(new.body, old.body, "{file}: the body was not edited and not touched");
            assert_eq!((new.open, &new.state_reason), (old.open, &old.state_reason), "{file}");
            assert_eq!(
                (&new.assignees, &new.milestone, &new.author),
                (&old.assignees, &old.milestone, &old.author)
            );
            let mut labels: BTreeSet<&str> = old.labels.iter().map(String::as_str).collect();
            labels.insert("triaged");
            assert_eq!(new.labels.iter().map(String::as_str).collect::<BTreeSet<_>>(), labels, "{file}");
        }
        engine.shutdown().await;
    }
    assert!(seen > 10, "the recordings hold issues: {seen}");
}

/// Every kind of request Corkboard makes, once.
async fn exercise(stage: &Stage) {
    stage.sync().await;
    let engine = stage.engine().await;
    let (_, create) = new_card("Made by the board");
    run(&engine, create).await;
    let open: Vec<u64> = stage
        .sandbox
        .issues(REPO)
        .iter()
        .filter(|i| i.open && !i.pull_request && i.has_label("status: approved"))
        .map(|i| i.number)
        .collect();
    let card = by_number(&engine, open[0]).await.id;
    let set = |name: &str| BTreeSet::from([name.to_owned()]);
    run(&engine, Command::Label { card, delta: SetDelta { add: set("alone"), ..SetDelta::default() } }).await;
    engine.sync_once(None).await.expect("a pass");
    run(&engine, Command::Label { card, delta: SetDelta { remove: set("alone"), ..SetDelta::default() } })
        .await;
    engine.sync_once(None).await.expect("a pass");
    run(&engine, Command::Assign { card, delta: SetDelta { add: set("cy"), ..SetDelta::default() } }).await;
    run(&engine, Command::SetMilestone { card, milestone: Some("A new milestone".into()) }).await;
    run(&engine, Command::Comment { card, body: "A comment".into() }).await;
    move_to(&engine, card, "in_progress").await;
    engine.sync_once(None).await.expect("a pass");
    run(&engine, Command::Assign { card, delta: SetDelta { remove: set("cy"), ..SetDelta::default() } })
        .await;
    run(&engine, Command::SetMilestone { card, milestone: None }).await;
    move_to(&engine, card, "completed").await;
    engine.sync_once(None).await.expect("a pass");
    move_to(&engine, card, "approved").await;
    stage.sandbox.web("cy").set_title(REPO, open[1], "Edited on the web").expect("edited");
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!(report.connections[0].unsent, 0, "{report:?}");
    let connector = engine.connector(&core()).expect("open");
    connector.probe().await.expect("a probe");
    let tracker = connector.tracker().expect("a tracker");
    tracker.offers().await.expect("offers");
    let at =
        corkboard::domain::remote::RemoteRef { id: String::new(), number: open[0], repository: REPO.into() };
    tracker.comments(&at).await.expect("comments");
    engine.shutdown().await;
}

#[tokio::test]
async fn what_is_sent_and_answered_agrees_with_githubs_own_description() {
    let Some(oracles) = oracles("what_is_sent_and_answered_agrees_with_githubs_own_description") else {
        return;
    };
    let stage = Stage::new(Seed::Demo).await;
    exercise(&stage).await;
    let dir = tempfile::tempdir().expect("a directory");
    let traffic = dir.path().join("traffic.jsonl");
    let recorded = stage.sandbox.traffic_jsonl();
    let methods: BTreeSet<String> = stage.sandbox.writes().into_iter().map(|w| w.method).collect();
    assert!(methods.is_superset(&["POST", "PATCH", "DELETE"].map(str::to_owned).into()), "{methods:?}");
    std::fs::write(&traffic, recorded).expect("written");

    let python = std::env::var("CORKBOARD_PYTHON").unwrap_or_else(|_| "python3".into());
    let check = |traffic: &std::path::Path| {
        Process::new(&python)
            .arg(oracles.join("tools/validate_recorded.py"))
            .arg(oracles.join("specs/github-rest-issues.core.json"))
            .arg(traffic)
            .output()
            .expect("python runs (CORKBOARD_PYTHON names one with openapi-core)")
    };
    let said = String::from_utf8_lossy(&check(&traffic).stdout).into_owned();
    let wrong: Vec<&str> = said.lines().filter(|l| !l.ends_with(": ok")).filter(|l| !known_gap(l)).collect();
    assert!(said.lines().filter(|l| l.ends_with(": ok")).count() > 40, "the validator ran: {said}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // The probe that must fail, or the validator proves nothing.
    let broken = dir.path().join("broken.jsonl");
    let line = r#"{"method":"POST","path":"/repos/octo/app/issues","req_headers":{},"req_body":"{\"labels\":5}","status":201,"resp_headers":{},"resp_body":"{\"number\":\"seven\"}"}"#;
    std::fs::write(&broken, line).expect("written");
    let said = String::from_utf8_lossy(&check(&broken).stdout).into_owned();
    assert!(said.lines().all(|l| !l.ends_with(": ok")), "{said}");
}

/// What the description itself lacks: GitHub's own page links lead to `/repositories/<id>/..`, which is not in it.
fn known_gap(line: &str) -> bool {
    line.contains(" /repositories/")
}
