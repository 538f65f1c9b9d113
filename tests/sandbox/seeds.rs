//! What a sandbox can be filled with.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use corkboard::sandbox::{ADMIN_TOKEN, Sandbox, SandboxError, SandboxOptions, Seed};
use serde_json::{Value, json};

use crate::common::{Client, ISSUES, admin};

async fn seeded(seed: Seed) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(SandboxOptions { seed, ..Default::default() }).await.unwrap();
    let client = Client::new(&sandbox, ADMIN_TOKEN);
    (sandbox, client)
}

fn file(dir: &Path, content: &str) -> PathBuf {
    let path = dir.join("seed.json");
    std::fs::write(&path, content).unwrap();
    path
}

/// The oracle folder; says loudly when there is none.
pub fn oracles(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CORKBOARD_ORACLES").map(PathBuf::from);
    if folder.is_none() {
        use std::io::Write;
        let _told = writeln!(
            std::io::stderr(),
            "NOT RUN: {test}: CORKBOARD_ORACLES does not name the folder of real answers"
        );
    }
    folder
}

#[tokio::test]
async fn the_demo_is_a_believable_project() {
    let (sandbox, client) = seeded(Seed::Demo).await;
    let issues = sandbox.issues("octo/app");
    assert!((55..=70).contains(&issues.len()), "{}", issues.len());
    assert_eq!(issues.iter().filter(|issue| issue.pull_request).count(), 2);
    let status =
        |issue: &&corkboard::sandbox::IssueView| issue.labels.iter().any(|l| l.starts_with("status: "));
    let bare = issues.iter().filter(|issue| issue.open && !issue.pull_request && !status(issue)).count();
    assert_eq!(bare, 3, "open issues without a status label");
    let titles: BTreeSet<&str> = issues.iter().map(|issue| issue.title.as_str()).collect();
    assert_eq!(titles.len(), issues.len());
    let reasons: BTreeSet<_> = issues.iter().filter_map(|issue| issue.state_reason.as_deref()).collect();
    assert_eq!(reasons, BTreeSet::from(["completed", "duplicate", "not_planned"]));
    for issue in &issues {
        assert!(issue.author.is_some() && !issue.body.as_deref().unwrap_or_default().is_empty());
        assert!(issue.updated_at >= issue.created_at, "{}", issue.title);
    }
    let named = issues.iter().flat_map(|issue| issue.labels.clone()).collect::<BTreeSet<_>>();
    assert!(named.len() >= 12, "every label named in the data exists: {named:?}");
    let milestones = client.get("/repos/octo/app/milestones?state=all").await.json();
    let states: BTreeSet<String> = milestones
        .as_array()
        .unwrap()
        .iter()
        .map(|m| format!("{} {}", m["title"].as_str().unwrap(), m["state"].as_str().unwrap()))
        .collect();
    let wanted = ["v1.1 closed", "v1.2 open", "v1.3 open"].map(str::to_owned);
    assert_eq!(states, BTreeSet::from(wanted));
    let listed = client.get(&format!("{ISSUES}?state=all&per_page=100")).await.json();
    let pulls = listed.as_array().unwrap().iter().filter(|issue| issue.get("pull_request").is_some());
    assert_eq!(pulls.count(), 2);
}

#[tokio::test]
async fn generated_issues_are_the_same_each_time() {
    let (one, _) = admin(50).await;
    let (two, _) = admin(50).await;
    assert_eq!(one.issues("octo/app"), two.issues("octo/app"));
    let titles: BTreeSet<String> = one.issues("octo/app").into_iter().map(|issue| issue.title).collect();
    assert!(titles.len() > 30, "varied titles");
}

const OLD: &str = r#"[{
  "url": "https://api.github.com/repos/acme/tool/issues/12",
  "labels_url": "https://api.github.com/repos/acme/tool/issues/12/labels{/name}",
  "comments_url": "https://api.github.com/repos/acme/tool/issues/12/comments",
  "events_url": "https://api.github.com/repos/acme/tool/issues/12/events",
  "html_url": "https://github.com/acme/tool/issues/12",
  "id": 4711, "number": 12, "title": "Old and short",
  "user": {"login": "ana", "id": 7, "type": "User"},
  "labels": [{"url": "https://api.github.com/repos/acme/tool/labels/bug", "name": "bug", "color": "fc2929"}, "plain"],
  "state": "closed", "locked": false, "assignee": {"login": "ben", "id": 8},
  "milestone": {"number": 4, "title": "1.0", "state": "open", "id": 99, "description": null, "due_on": null},
  "comments": 3, "created_at": "2013-09-01T10:00:00Z", "updated_at": "2013-09-02T10:00:00Z",
  "closed_at": "2013-09-02T10:00:00Z", "body": "text\r\nwith CRLF", "gravatar_flavour": {"kept": [1, 2]}
}]"#;

#[tokio::test]
async fn an_old_answer_stays_old_and_unknown_fields_come_back_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let (sandbox, client) = seeded(Seed::File(file(dir.path(), OLD))).await;
    assert_eq!(sandbox.repo(), "acme/tool");
    let issue = client.get("/repos/acme/tool/issues/12").await.json();
    for absent in
        ["node_id", "state_reason", "timeline_url", "reactions", "author_association", "repository_url"]
    {
        assert!(issue.get(absent).is_none(), "{absent} was not in the file");
    }
    assert_eq!(issue["gravatar_flavour"], json!({"kept": [1, 2]}));
    assert_eq!((&issue["id"], &issue["comments"]), (&json!(4711), &json!(3)));
    assert_eq!(issue["html_url"], "https://github.com/acme/tool/issues/12");
    assert_eq!(
        issue["url"],
        format!("{}/repos/acme/tool/issues/12", sandbox.url()),
        "no address leaves the machine"
    );
    assert_eq!(issue["body"], "text\r\nwith CRLF");
    assert_eq!(issue["labels"][0]["color"], "fc2929");
    assert!(issue["labels"][0].get("id").is_none());
    assert_eq!(issue["labels"][1]["name"], "plain");
    assert_eq!(issue["milestone"]["closed_issues"], 1);
    let view = sandbox.issue("acme/tool", 12).unwrap();
    assert_eq!((view.assignees, view.milestone), (vec!["ben".to_owned()], Some("1.0".to_owned())));
    let open = client.patch("/repos/acme/tool/issues/12", json!({"state": "open"})).await.json();
    assert_eq!((&open["state"], &open["state_reason"]), (&json!("open"), &json!("reopened")));
    let made = client.post("/repos/acme/tool/issues", json!({"title": "next"})).await.json();
    assert_eq!(made["number"], 13);
}

#[tokio::test]
async fn a_seed_file_that_does_not_fit_is_refused_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let start = async |content: &str| {
        let seed = Seed::File(file(dir.path(), content));
        Sandbox::start(SandboxOptions { seed, ..Default::default() }).await.unwrap_err()
    };
    assert!(matches!(start("{").await, SandboxError::ParseSeed { .. }));
    let shape = start("{\"issues\": []}").await;
    assert!(shape.to_string().contains("seed.json") && shape.to_string().contains("exchanges"), "{shape}");
    assert!(matches!(start("[{\"a\": 1}]").await, SandboxError::SeedShape { .. }));
    let two = OLD
        .replace("acme/tool/issues/12\",", "acme/other/issues/12\",")
        .replace("\"number\": 12", "\"number\": 13");
    let mixed =
        start(&format!("{},{}", OLD.trim_end_matches(']'), two.trim_start_matches('['))).await.to_string();
    assert!(mixed.contains("`acme/tool` and `acme/other`"), "{mixed}");
    let missing = SandboxOptions { seed: Seed::File(dir.path().join("none.json")), ..Default::default() };
    assert!(matches!(Sandbox::start(missing).await.unwrap_err(), SandboxError::ReadSeed { .. }));
    let (empty, _) = seeded(Seed::File(file(dir.path(), "[]"))).await;
    assert!(empty.issues("octo/app").is_empty());
}

#[tokio::test]
async fn recorded_real_answers_load_and_come_back_as_they_were() {
    let Some(folder) = oracles("recorded_real_answers_load_and_come_back_as_they_were") else { return };
    let names = ["fixture_paginate-issues.json", "vcr_close_issue.json", "vcr_labels_replace.json"];
    for name in names {
        let path = folder.join("samples/github").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let (sandbox, client) = seeded(Seed::File(path)).await;
        let listed =
            client.get(&format!("/repos/{}/issues?state=all&per_page=100", encoded(sandbox.repo()))).await;
        let served = listed.json();
        let served = served.as_array().unwrap();
        assert!(!served.is_empty(), "{name}");
        let recorded: Value = serde_json::from_str(&text).unwrap();
        for issue in served {
            let real = last_recorded(&recorded, issue["number"].as_u64().unwrap()).unwrap();
            for (key, value) in real.as_object().unwrap().iter().filter(|(key, _)| !key.ends_with("url")) {
                if key != "labels" && key != "milestone" && !value.is_object() && !value.is_array() {
                    assert_eq!(&issue[key], value, "{name}: {key}");
                }
            }
            assert_eq!(
                issue.as_object().unwrap().len(),
                real.as_object().unwrap().len(),
                "{name}: same fields"
            );
        }
    }
    let (_sandbox, client) =
        seeded(Seed::File(folder.join("samples/github/fixture_paginate-issues.json"))).await;
    let page = client.get("/repos/octokit-fixture-org/paginate-issues/issues?per_page=3").await;
    assert!(page.link("next").unwrap().contains("/repositories/1000/issues?"), "the real repository's id");
}

fn encoded(repo: &str) -> String {
    repo.replace('<', "%3C").replace('>', "%3E")
}

/// The last answer about issue `number` in a recording.
fn last_recorded(recorded: &Value, number: u64) -> Option<Value> {
    let bodies =
        recorded["exchanges"].as_array()?.iter().map(|exchange| exchange["response"]["body"].clone());
    let all = bodies.flat_map(|body| match body {
        Value::Array(items) => items,
        one => vec![one],
    });
    let all: Vec<Value> =
        all.filter(|one| one["number"] == number && one.get("comments_url").is_some()).collect();
    all.last().cloned()
}
