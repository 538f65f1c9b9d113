//! The handle itself: waiting, recording, stopping, people at the web pages, the colleague.

use std::time::Duration;

use corkboard::sandbox::{ADMIN_TOKEN, Sandbox, SandboxError, SandboxOptions, Seed};
use serde_json::{Value, json};

use crate::common::{Client, DEADLINE, ISSUES, admin, faults};

#[tokio::test]
async fn waiting_wakes_on_a_change_and_gives_up_at_its_deadline() {
    let (sandbox, _client) = admin(1).await;
    assert!(
        !sandbox.wait_for(Duration::from_millis(30), |s| s.issue("octo/app", 1).unwrap().title == "x").await
    );
    let other = sandbox.clone();
    let waiting = tokio::spawn(async move {
        other.wait_for(DEADLINE, |s| s.issue("octo/app", 1).unwrap().title == "x").await
    });
    sandbox.web("ben").set_title("octo/app", 1, "x").unwrap();
    assert!(waiting.await.unwrap());
}

#[tokio::test]
async fn recorded_traffic_holds_no_token_and_both_bodies() {
    let (sandbox, client) = admin(1).await;
    client.post(ISSUES, json!({"title": "recorded"})).await;
    client.get(&format!("{ISSUES}?state=all")).await;
    let text = sandbox.traffic_jsonl();
    assert!(!text.contains(ADMIN_TOKEN) && text.contains("Bearer [redacted]"));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["req_body"], r#"{"title":"recorded"}"#);
    assert_eq!((&lines[0]["status"], &lines[0]["method"]), (&json!(201), &json!("POST")));
    assert_eq!(lines[1]["path"], format!("{ISSUES}?state=all"));
    assert_eq!(sandbox.requests()[0].login.as_deref(), Some("ana"));
    sandbox.set_record_bodies(false);
    client.get(ISSUES).await;
    assert_eq!(sandbox.requests()[2].response_body, "");
    sandbox.clear_requests();
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port_and_ends_hanging_requests() {
    let (sandbox, client) = admin(1).await;
    sandbox.set_faults(faults("hang"));
    let asking = tokio::spawn(Client::try_send(client.request(reqwest::Method::GET, ISSUES)));
    assert!(sandbox.wait_for(DEADLINE, |s| !s.requests().is_empty()).await);
    tokio::time::timeout(DEADLINE, sandbox.shutdown()).await.unwrap();
    assert!(tokio::time::timeout(DEADLINE, asking).await.unwrap().unwrap().is_err());
    let port = sandbox.url().rsplit(':').next().unwrap().parse().unwrap();
    let again = Sandbox::start(SandboxOptions { port, ..Default::default() }).await.unwrap();
    let taken = Sandbox::start(SandboxOptions { port, ..Default::default() }).await.unwrap_err();
    assert!(matches!(taken, SandboxError::Listen { port: p, .. } if p == port));
    again.shutdown().await;
}

#[tokio::test]
async fn requests_at_the_same_time_each_make_one_issue() {
    let (sandbox, client) = admin(0).await;
    let posts = (0..40).map(|n| client.post(ISSUES, json!({"title": format!("t{n}")})));
    let numbers: std::collections::BTreeSet<u64> = futures::future::join_all(posts)
        .await
        .iter()
        .map(|made| made.json()["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=40).collect());
    assert_eq!(sandbox.issues("octo/app").len(), 40);
}

#[tokio::test]
async fn the_last_handle_takes_the_sandbox_along() {
    let (sandbox, client) = admin(1).await;
    let other = sandbox.clone();
    drop(sandbox);
    assert_eq!(client.get(ISSUES).await.status, 200, "one handle is left");
    drop(other);
    let gone = async {
        while Client::try_send(client.request(reqwest::Method::GET, ISSUES)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, gone).await.unwrap();
}

#[tokio::test]
async fn edits_of_people_show_at_once_and_mistakes_are_told() {
    let (sandbox, client) = admin(0).await;
    let ben = sandbox.web("ben");
    ben.create_issue("octo/app", "a", "").unwrap();
    ben.set_body("octo/app", 1, "by hand").unwrap();
    ben.close("octo/app", 1, "not_planned").unwrap();
    ben.unassign("octo/app", 1, "ana").unwrap();
    let issue = client.get(&format!("{ISSUES}/1")).await.json();
    assert_eq!((&issue["body"], &issue["state_reason"]), (&json!("by hand"), &json!("not_planned")));
    ben.reopen("octo/app", 1).unwrap();
    assert!(sandbox.issue("octo/app", 1).unwrap().open);
    assert!(matches!(ben.set_title("octo/app", 9, "x"), Err(SandboxError::NoIssue { number: 9, .. })));
    assert!(matches!(ben.create_issue("octo/none", "x", ""), Err(SandboxError::NoRepository { .. })));
    assert!(matches!(ben.set_milestone("octo/app", 1, Some("v77")), Err(SandboxError::NoMilestone { .. })));
    let comment = ben.comment("octo/app", 1, "first").unwrap();
    ben.edit_comment("octo/app", comment, "second").unwrap();
    assert_eq!(client.get(&format!("{ISSUES}/comments/{comment}")).await.json()["body"], "second");
    ben.delete_comment("octo/app", comment).unwrap();
    assert!(matches!(ben.edit_comment("octo/app", comment, "x"), Err(SandboxError::NoComment { .. })));
    ben.add_label("octo/app", 1, "odd").unwrap();
    ben.rename_label("octo/app", "odd", "even").unwrap();
    assert_eq!(client.get(&format!("{ISSUES}/1")).await.json()["labels"][0]["name"], "even");
    assert!(matches!(ben.rename_label("octo/app", "even", "BUG"), Err(SandboxError::LabelTaken { .. })));
    ben.delete_label("octo/app", "even").unwrap();
    assert!(matches!(ben.delete_label("octo/app", "even"), Err(SandboxError::NoLabel { .. })));
    assert_eq!(client.get(&format!("{ISSUES}/1")).await.json()["labels"], json!([]));
    sandbox.rename_repo("octo/app", "octo/renamed").unwrap();
    assert_eq!(client.get(&format!("{ISSUES}/1")).await.status, 301);
    assert_eq!(client.get("/repos/octo/renamed/issues/1").await.status, 200);
}

#[tokio::test]
async fn a_colleague_edits_until_the_sandbox_stops() {
    let sandbox = Sandbox::start(SandboxOptions { seed: Seed::Demo, ..Default::default() }).await.unwrap();
    let before = sandbox.issues(sandbox.repo());
    sandbox.colleague("ben", 3, Duration::from_millis(1)..Duration::from_millis(3));
    let busy = |s: &Sandbox| {
        let now = s.issues(s.repo());
        let changed = now.iter().zip(&before).filter(|(now, before)| now != before).count();
        changed >= 5 && now.iter().any(|issue| issue.comments.iter().any(|c| c.author == "ben"))
    };
    assert!(sandbox.wait_for(DEADLINE, busy).await);
    assert!(sandbox.requests().is_empty(), "people at the web pages send nothing through the API");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_issues_web_address_shows_it_to_a_browser_without_running_its_text() {
    let (sandbox, client) = admin(0).await;
    client.post(ISSUES, json!({"title": "<script>alert(1)</script>", "body": "a & b"})).await;
    let address = client.get(&format!("{ISSUES}/1")).await.json()["html_url"].as_str().unwrap().to_owned();
    let page = Client::new(&sandbox, "").get(&address).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.text.contains("&lt;script&gt;") && page.text.contains("a &amp; b"));
    assert!(!page.text.contains("<script>"));
}
