//! What is sent and answered, held against GitLab's own description of its API. It is not in this repository:
//! `CORKBOARD_ORACLES` names its folder. Without it the test says that it did not run.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use corkboard::connector::{Fetched, Patch};
use corkboard::domain::fields::Value;
use corkboard::sandbox::{ADMIN_TOKEN, GitlabList};

use super::*;

/// The oracles' folder, or a loud word that the test did not run.
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn oracles(test: &str) -> Option<PathBuf> {
    let found = std::env::var_os("CORKBOARD_ORACLES").map(PathBuf::from);
    if found.is_none() {
        eprintln!("NOT RUN: {test}: CORKBOARD_ORACLES does not name the folder of descriptions");
    }
    found
}

/// Every kind of request the connector makes, once.
async fn exercise(desk: &Gitlab) {
    let web = desk.sandbox.gitlab();
    web.create_group_milestone("Autumn");
    let connector = desk.named(ADMIN_TOKEN, &super::fields::ALL);
    web.plan(PROJECT, 1, Some("Checkout"), Some("Sprint 9")).unwrap();
    connector.probe().await.unwrap();
    let tracker = connector.tracker().unwrap();
    let seen = titled(&connector, "item 150").await;
    desk.clock.advance(3_600_000);
    let draft = draft("made", "text");
    let mut full = draft.clone();
    full.fields.labels = set(&["bug", "ui"]);
    full.fields.assignees = set(&["cy"]);
    full.fields.milestone = Some("Autumn".into());
    let text = |text: &str| Value::Text(text.to_owned());
    full.raw = [("due_date".to_owned(), text("2026-12-01")), ("weight".to_owned(), text("5"))].into();
    let made = tracker.create(&full).await.unwrap();
    tracker.find(draft.marker, desk.clock_now()).await.unwrap().unwrap();
    let patch = Patch {
        title: Some("another".into()),
        body: Some("text\n\nmore".into()),
        labels: SetDelta { add: set(&["workflow::done"]), remove: set(&["bug"]) },
        assignees: SetDelta { add: set(&["ben"]), remove: set(&["cy"]) },
        milestone: Some(Some("Spring".into())),
        state: StateChange { state: Some(OpenState::Closed), ..StateChange::default() },
        raw: [("weight".to_owned(), text("8")), ("confidential".to_owned(), text("true"))].into(),
        ..Patch::default()
    };
    let made = tracker.update(&made, &patch).await.unwrap();
    let back = Patch {
        assignees: SetDelta { add: BTreeSet::new(), remove: set(&["ben"]) },
        milestone: Some(None),
        state: StateChange { state: Some(OpenState::Open), ..StateChange::default() },
        raw: [("weight".to_owned(), Value::None), ("due_date".to_owned(), Value::None)].into(),
        ..Patch::default()
    };
    tracker.update(&made, &back).await.unwrap();
    tracker.comment(&seen.at, "said", uuid::Uuid::from_u128(1)).await.unwrap();
    tracker.comments(&seen.at).await.unwrap();
    tracker.offers().await.unwrap();
    let lists = [GitlabList::Label("bug"), GitlabList::Assignee("cy"), GitlabList::Iteration("Sprint 9")];
    web.create_board(PROJECT, "Development", &lists).unwrap();
    assert_eq!(tracker.boards().await.unwrap().boards.len(), 1);
    let (end, _) = walk(&connector, &Cursor::default(), usize::MAX).await;
    let mut cursor = end.unwrap().cursor;
    for n in 1..=60 {
        web.set_description(PROJECT, n, "edited").unwrap();
    }
    (cursor.etag, cursor.since) = (None, Some(desk.clock_now()));
    walk(&connector, &cursor, usize::MAX).await.0.unwrap();
    // Refusals, too.
    web.delete(PROJECT, seen.at.number).unwrap();
    assert_eq!(tracker.fetch(&seen.at).await.unwrap(), Fetched::Hidden);
    let blank = Patch { title: Some(" ".into()), ..Patch::default() };
    tracker.update(&made, &blank).await.unwrap_err();
    desk.connector(true).probe().await.unwrap_err();
}

#[tokio::test]
async fn what_is_sent_and_answered_agrees_with_gitlabs_own_description() {
    let Some(oracles) = oracles("what_is_sent_and_answered_agrees_with_gitlabs_own_description") else {
        return;
    };
    let desk = Gitlab::start(150).await;
    exercise(&desk).await;
    // The description is of an instance without a sub-path.
    let recorded: String = desk.sandbox.traffic_jsonl().replace(r#""path":"/gitlab/"#, r#""path":"/"#);
    let dir = tempfile::tempdir().unwrap();
    let traffic = dir.path().join("traffic.jsonl");
    std::fs::write(&traffic, recorded).unwrap();
    let python = std::env::var("CORKBOARD_PYTHON").unwrap_or_else(|_| "python3".into());
    let check = |traffic: &Path| {
        let out = Process::new(&python)
            .arg(oracles.join("tools/validate_recorded.py"))
            .arg(oracles.join("specs/gitlab-official-excerpt.json"))
            .arg(traffic)
            .arg("https://gitlab.com")
            .output()
            .expect("python runs (CORKBOARD_PYTHON names one with openapi-core)");
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let said = check(&traffic);
    let wrong: Vec<&str> = said.lines().filter(|l| !l.ends_with(": ok") && !not_described(l)).collect();
    assert!(said.lines().filter(|l| l.ends_with(": ok")).count() > 30, "the validator ran: {said}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // The probe that must fail, or the validator proves nothing.
    let broken = dir.path().join("broken.jsonl");
    let line = r#"{"method":"PUT","path":"/api/v4/projects/octo%2Fapp/issues/7","req_headers":{"authorization":"Bearer x"},"req_body":"{\"state_event\":\"vanish\"}","status":200,"resp_headers":{},"resp_body":"{\"iid\":\"seven\"}"}"#;
    std::fs::write(&broken, line).unwrap();
    let said = check(&broken);
    assert!(said.lines().count() == 2 && said.lines().all(|l| !l.ends_with(": ok")), "{said}");
}

/// What the excerpt leaves out: the account's token, the version, people, the project itself and GraphQL.
fn not_described(line: &str) -> bool {
    let path = line.split(' ').nth(3).and_then(|p| p.split('?').next()).unwrap_or_default();
    matches!(
        path,
        "/api/v4/version" | "/api/v4/users" | "/api/v4/personal_access_tokens/self" | "/api/graphql"
    ) || path == "/api/v4/projects/octo%2Fapp"
        || path.ends_with("/members/all")
}
