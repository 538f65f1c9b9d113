//! What the connector sends and the sandbox answers, held against Atlassian's own description of the API.

use std::path::Path;
use std::process::Command;

use corkboard::connector::{Cursor, Page, Patch, RemoteRef};
use corkboard::domain::mapping::StateChange;
use corkboard::sandbox::Obstacle;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Bitbucket, REPO};
use crate::desk::Desk as _;

/// Every kind of request the connector makes, once.
async fn exercise(desk: &Bitbucket) {
    let (web, connector) = (desk.sandbox.bitbucket(), desk.connector(false));
    for n in 1..=6 {
        web.set_reviewers(REPO, n, &["cy"]).unwrap();
        web.set_draft(REPO, n, false).unwrap();
    }
    connector.probe().await.unwrap();
    connector.identity().await.unwrap();
    let tracker = connector.tracker().unwrap();
    let mut from = Cursor::default();
    for _ in 0..2 {
        let (pages, mut inbox) = mpsc::channel::<Page>(64);
        from = tracker.pull(&from, pages).await.unwrap().cursor;
        assert!(inbox.recv().await.is_some());
    }
    let at = |number: u64| RemoteRef { id: number.to_string(), number, repository: REPO.into() };
    let to = |status: &str| StateChange { status: Some(status.to_owned()), ..StateChange::default() };
    let slow = Obstacle::Slow { looks: 1, succeeds: true };
    web.set_obstacle(REPO, 4, Some(slow)).unwrap();
    let patches = [
        (1, Patch { title: Some("renamed".into()), body: Some("rewritten".into()), ..Patch::default() }),
        (1, Patch { state: to("DRAFT"), ..Patch::default() }),
        (2, Patch { state: to("MERGED"), ..Patch::default() }),
        (3, Patch { state: to("DECLINED"), ..Patch::default() }),
        (4, Patch { state: to("MERGED"), ..Patch::default() }),
    ];
    for (number, patch) in patches {
        let corkboard::connector::Fetched::Item(seen) = tracker.fetch(&at(number)).await.unwrap() else {
            panic!("not there")
        };
        tracker.update(&seen, &patch).await.unwrap();
        tracker.moves(&at(number)).await.unwrap();
    }
    tracker.comment(&at(5), "Said.", uuid::Uuid::new_v4()).await.unwrap();
    tracker.comments(&at(5)).await.unwrap();
    tracker.fetch(&at(99)).await.unwrap();
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
async fn what_is_sent_and_answered_agrees_with_bitbuckets_own_description() {
    let Some(oracles) = std::env::var_os("CORKBOARD_ORACLES").map(std::path::PathBuf::from) else {
        eprintln!("NOT RUN: bitbucket oracle: CORKBOARD_ORACLES does not name the folder of descriptions");
        return;
    };
    let desk = Bitbucket::start(60).await;
    exercise(&desk).await;
    let dir = tempfile::tempdir().unwrap();
    let traffic = dir.path().join("traffic.jsonl");
    // The description has no server of its own: paths are those below the API's base.
    let recorded = desk.sandbox.traffic_jsonl().replace("\"path\":\"/bitbucket/2.0/", "\"path\":\"/");
    std::fs::write(&traffic, recorded).unwrap();
    let spec = dir.path().join("spec.json");
    let written = std::fs::read(oracles.join("specs/bitbucket-pullrequests.json")).unwrap();
    let mut description: Value = serde_json::from_slice(&written).unwrap();
    mend(&mut description);
    std::fs::write(&spec, description.to_string()).unwrap();
    let python = std::env::var("CORKBOARD_PYTHON").unwrap_or_else(|_| "python3".into());
    let check = |traffic: &Path| {
        let done = Command::new(&python)
            .arg(oracles.join("tools/validate_recorded.py"))
            .arg(&spec)
            .arg(traffic)
            .arg("https://api.bitbucket.org")
            .output()
            .expect("python runs (CORKBOARD_PYTHON names one with openapi-core)");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let said = check(&traffic);
    let wrong: Vec<&str> = said.lines().filter(|l| !l.ends_with(": ok")).filter(|l| !known_gap(l)).collect();
    assert!(said.lines().filter(|l| l.ends_with(": ok")).count() > 40, "the validator ran: {said}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // The probe that must fail, or the validator proves nothing.
    let broken = dir.path().join("broken.jsonl");
    let line = r#"{"method":"PUT","path":"/repositories/team/app/pullrequests/1","req_headers":{},"req_body":"{\"title\":5}","status":200,"resp_headers":{},"resp_body":"{\"id\":\"seven\"}"}"#;
    std::fs::write(&broken, line).unwrap();
    let said = check(&broken);
    assert!(!said.is_empty() && said.lines().all(|l| !l.ends_with(": ok")), "{said}");
}

/// Makes the description one that a validator takes: some answers lack the text every answer must have, and some words
/// about a schema slid in among its properties. What it demands stays.
fn mend(part: &mut Value) {
    if let Some(answers) = part.get_mut("responses").and_then(Value::as_object_mut) {
        for answer in answers.values_mut().filter_map(Value::as_object_mut) {
            answer.entry("description").or_insert_with(|| json!(""));
        }
    }
    let slid: Vec<(String, Value)> = match part.get_mut("properties").and_then(Value::as_object_mut) {
        Some(properties) => {
            let words: Vec<String> =
                properties.iter().filter(|(_, v)| !v.is_object()).map(|(k, _)| k.clone()).collect();
            words.into_iter().filter_map(|k| properties.remove(&k).map(|v| (k, v))).collect()
        }
        None => Vec::new(),
    };
    slid.into_iter().for_each(|(word, value)| part[word.as_str()] = value);
    match part {
        Value::Object(fields) => fields.values_mut().for_each(mend),
        Value::Array(all) => all.iter_mut().for_each(mend),
        _ => {}
    }
}

/// What the description lacks: the task of a merge that takes longer, and the 202 that names it; and this cut of it, which
/// is of pull requests, the list of a workspace's repositories.
fn known_gap(line: &str) -> bool {
    line.contains("/merge/task-status/")
        || line.contains(" GET /repositories/team?role=")
        || (line.contains("/merge response") && line.contains("202"))
}
