//! Every request and answer agrees with Jira's own description of its API, where that is at hand.

use std::path::PathBuf;
use std::process::Command as Process;

use corkboard::connector::{Cursor, Fetched, Patch};
use corkboard::domain::fields::{SetDelta, Value as Held};
use corkboard::domain::mapping::StateChange;
use serde_json::{Value, json};

use super::{Jira, draft, key, pull, to};
use crate::desk::Desk as _;

/// The oracles' folder, or a loud word that the test did not run.
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn oracles() -> Option<PathBuf> {
    let found = std::env::var_os("CORKBOARD_ORACLES").map(PathBuf::from);
    if found.is_none() {
        eprintln!("NOT RUN: CORKBOARD_ORACLES does not name the folder of Jira's description");
    }
    found
}

async fn exercise(desk: &Jira) {
    let connector = desk.named(true, &super::fields::ALL);
    let tracker = connector.tracker().unwrap();
    connector.probe().await.unwrap();
    tracker.offers().await.unwrap();
    desk.sandbox.jira().create_board("Team", "scrum", &[("Doing", &["In Progress"]), ("Done", &["Done"])]);
    assert_eq!(tracker.boards().await.unwrap().boards.len(), 1);
    let (cursor, _) = pull(&connector, &Cursor::default()).await;
    let mut draft = draft("made by the board");
    draft.fields.assignees = std::iter::once("712020:cy".to_owned()).collect();
    let text = |text: &str| Held::Text(text.to_owned());
    draft.raw = [("Severity".to_owned(), text("Minor")), ("Due Date".to_owned(), text("2026-12-01"))].into();
    let since = desk.clock_now();
    let made = tracker.create(&draft).await.unwrap();
    tracker.find(draft.marker, since).await.unwrap().expect("found");
    let labels = SetDelta { add: ["x".to_owned()].into(), remove: ["urgent".to_owned()].into() };
    let state = StateChange { status: Some("In Progress".into()), ..StateChange::default() };
    let patch = Patch {
        title: Some("edited".into()),
        body: Some("# new\n\n- [ ] a\n- [x] b\n\n| a | b |\n| --- | --- |\n| 1 | 2 |".into()),
        state,
        labels,
        assignees: SetDelta { remove: ["712020:cy".to_owned()].into(), ..SetDelta::default() },
        milestone: Some(Some("a new version".into())),
        raw: [
            ("Story Points".to_owned(), text("0.5")),
            ("Components".to_owned(), Held::Set(["web".to_owned()].into())),
            ("Severity".to_owned(), Held::None),
            ("Goes live".to_owned(), text("2026-11-21T09:00:00Z")),
        ]
        .into(),
        ..Patch::default()
    };
    let now = tracker.update(&made, &patch).await.unwrap();
    let mut done = to("Done");
    done.state.resolution = Some("Done".into());
    tracker.moves(&now.at).await.unwrap();
    tracker.update(&now, &done).await.unwrap();
    tracker.comment(&now.at, "a **comment**", uuid::Uuid::from_u128(1)).await.unwrap();
    tracker.comments(&now.at).await.unwrap();
    pull(&connector, &cursor).await;
    desk.sandbox.jira().delete(&key(&now.at));
    assert_eq!(tracker.fetch(&now.at).await.unwrap(), Fetched::Hidden);
}

/// The description leaves out words that its own format wants of every answer, and has usual values that are not among
/// the possible ones; nothing that is checked comes of either.
fn repair(value: &mut Value) {
    if let Some(answers) = value.get_mut("responses").and_then(Value::as_object_mut) {
        for answer in answers.values_mut().filter_map(Value::as_object_mut) {
            if !answer.contains_key("$ref") {
                answer.entry("description").or_insert_with(|| json!(""));
            }
        }
    }
    let usual = value.get("default").zip(value.get("enum").and_then(Value::as_array));
    if usual.is_some_and(|(usual, possible)| !possible.contains(usual))
        && let Some(schema) = value.as_object_mut()
    {
        schema.remove("default");
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(repair),
        Value::Array(all) => all.iter_mut().for_each(repair),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_sent_and_answered_agrees_with_jiras_own_description() {
    let Some(oracles) = oracles() else { return };
    let desk = Jira::start(120).await;
    exercise(&desk).await;
    let dir = tempfile::tempdir().unwrap();
    let traffic = dir.path().join("traffic.jsonl");
    // The description begins at the site's root, and wants a colon in a time's offset, which Jira does not write.
    let recorded = desk.sandbox.traffic_jsonl().replace("\"path\":\"/jira/", "\"path\":\"/");
    let recorded = recorded.replace("+0000\\\"", "+00:00\\\"");
    std::fs::write(&traffic, recorded).unwrap();
    let described = dir.path().join("described.json");
    let text = std::fs::read_to_string(oracles.join("specs/jira-v3-subset.json")).unwrap();
    let mut description: Value = serde_json::from_str(&text).unwrap();
    // Boards have a description of their own.
    let text = std::fs::read_to_string(oracles.join("specs/jira-agile-subset.json")).unwrap();
    let agile: Value = serde_json::from_str(&text).unwrap();
    for part in ["/paths", "/components/schemas"] {
        let more = agile.pointer(part).and_then(Value::as_object).unwrap().clone();
        let all = description.pointer_mut(part).and_then(Value::as_object_mut).unwrap();
        for (name, one) in more {
            all.entry(name).or_insert(one);
        }
    }
    repair(&mut description);
    std::fs::write(&described, description.to_string()).unwrap();
    let python = std::env::var("CORKBOARD_PYTHON").unwrap_or_else(|_| "python3".into());
    let check = |traffic: &std::path::Path| {
        let done = Process::new(&python)
            .arg(oracles.join("tools/validate_recorded.py"))
            .arg(&described)
            .args([traffic.as_os_str(), "http://localhost".as_ref()])
            .output()
            .expect("python runs (CORKBOARD_PYTHON names one with openapi-core)");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let said = check(&traffic);
    let wrong: Vec<&str> = said.lines().filter(|l| !l.ends_with(": ok") && !known_gap(l)).collect();
    assert!(said.lines().filter(|l| l.ends_with(": ok")).count() > 40, "the validator ran: {said}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let boards = said.lines().filter(|l| l.contains("/rest/agile/1.0/board") && l.ends_with(": ok")).count();
    assert_eq!(boards, 4, "two requests and their answers: {said}");
    // The probe that must fail, or the validator proves nothing.
    let broken = dir.path().join("broken.jsonl");
    let line = r#"{"method":"POST","path":"/rest/api/3/issue","req_headers":{},"req_body":"{\"fields\":5}","status":201,"resp_headers":{},"resp_body":"{\"id\":7}"}"#;
    std::fs::write(&broken, line).unwrap();
    let said = check(&broken);
    assert!(said.lines().all(|l| !l.ends_with(": ok")), "{said}");
}

/// What the description asks for and no server gives: content in an answer without any (204).
fn known_gap(line: &str) -> bool {
    line.ends_with("response: MissingData: Missing response data")
        && (line.contains(" PUT /rest/api/3/issue/") || line.contains("/transitions response"))
}
