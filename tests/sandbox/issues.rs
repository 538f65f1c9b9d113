//! What editing an issue means.

use corkboard::sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::common::{ISSUES, START, admin};

fn events(sandbox: &Sandbox, number: u64) -> Vec<String> {
    sandbox.issue("octo/app", number).unwrap().events.into_iter().map(|event| event.what).collect()
}

#[tokio::test]
async fn a_new_issue_carries_what_was_asked_and_unknown_labels_come_into_being() {
    let (sandbox, client) = admin(0).await;
    let milestone = client.post("/repos/octo/app/milestones", json!({"title": "v9"})).await.json();
    let made = client
        .post(
            ISSUES,
            json!({"title": "日本語 title 🎉", "body": "x", "labels": ["Fresh", "bug"], "assignees": ["ben"],
                   "milestone": milestone["number"]}),
        )
        .await;
    assert_eq!(made.status, 201);
    let issue = made.json();
    assert_eq!(made.header("location"), issue["url"].as_str().unwrap());
    assert_eq!(issue["title"], "日本語 title 🎉");
    assert_eq!(issue["assignees"][0]["login"], "ben");
    assert_eq!(issue["assignee"]["login"], "ben");
    assert_eq!(issue["milestone"]["open_issues"], 1);
    assert_eq!(issue["user"]["login"], "ana");
    assert_eq!(issue["created_at"], "2026-03-01T12:00:00Z");
    let fresh = client.get("/repos/octo/app/labels/fresh").await.json();
    assert_eq!((fresh["name"].as_str(), fresh["color"].as_str()), (Some("Fresh"), Some("ededed")));
    let wanted = ["labeled Fresh", "labeled bug", "assigned ben", "milestoned v9"];
    assert_eq!(events(&sandbox, 1), wanted);
}

#[tokio::test]
async fn closing_sets_completed_and_a_reason_counts_only_when_the_state_changes() {
    let (sandbox, client) = admin(0).await;
    client.post(ISSUES, json!({"title": "a"})).await;
    let path = format!("{ISSUES}/1");
    assert_eq!(client.get(&path).await.json()["state_reason"], json!(null));
    let closed = client.patch(&path, json!({"state": "closed"})).await.json();
    assert_eq!(closed["state_reason"], "completed");
    assert_eq!(closed["closed_by"]["login"], "ana");
    let same = client.patch(&path, json!({"state": "closed", "state_reason": "not_planned"})).await.json();
    assert_eq!(same["state_reason"], "completed", "the state did not change, so the reason is ignored");
    let open = client.patch(&path, json!({"state": "open"})).await.json();
    assert_eq!((&open["state_reason"], &open["closed_at"]), (&json!("reopened"), &json!(null)));
    let again = client.patch(&path, json!({"state": "closed", "state_reason": "not_planned"})).await.json();
    assert_eq!(again["state_reason"], "not_planned");
    assert_eq!(events(&sandbox, 1), ["closed completed", "reopened", "closed not_planned"]);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_leaves_no_trace() {
    let (sandbox, clock) = crate::common::still(0).await;
    let client = crate::common::Client::new(&sandbox, corkboard::sandbox::ADMIN_TOKEN);
    client.post(ISSUES, json!({"title": "a", "body": "b", "labels": ["bug"]})).await;
    let before = sandbox.issue("octo/app", 1).unwrap();
    clock.advance(5_500);
    let same = json!({"title": "a", "body": "b", "labels": ["BUG"], "state": "open", "assignees": []});
    assert_eq!(client.patch(&format!("{ISSUES}/1"), same).await.status, 200);
    assert_eq!(sandbox.issue("octo/app", 1).unwrap(), before);
    client.patch(&format!("{ISSUES}/1"), json!({"title": "c"})).await;
    let after = sandbox.issue("octo/app", 1).unwrap();
    assert_eq!(after.updated_at.since(START), 5_000, "whole seconds, bumped by the real change");
    assert_eq!(after.events.last().unwrap().what, "renamed a -> c");
}

#[tokio::test]
async fn labels_on_an_issue_can_be_added_replaced_and_removed_by_encoded_name() {
    let (sandbox, client) = admin(0).await;
    client.post(ISSUES, json!({"title": "a", "labels": ["area/ui"]})).await;
    let path = format!("{ISSUES}/1/labels");
    let added = client.post(&path, json!({"labels": ["Area/UI", "status: in progress"]})).await;
    let names = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&added.json()), ["area/ui", "status: in progress"], "the display case is the first one");
    let left = client.delete(&format!("{path}/area%2Fui")).await;
    assert_eq!(names(&left.json()), ["status: in progress"]);
    let missing = client.delete(&format!("{path}/area%2Fui")).await;
    assert_eq!((missing.status, &missing.json()["message"]), (404, &json!("Label does not exist")));
    let replaced = client.put(&path, json!(["x", "y"])).await;
    assert_eq!(names(&replaced.json()), ["x", "y"], "a bare list is taken, as the real server does");
    assert_eq!(client.delete(&path).await.status, 204);
    assert!(sandbox.issue("octo/app", 1).unwrap().labels.is_empty());
}

#[tokio::test]
async fn renaming_a_label_keeps_its_id_and_shows_on_every_issue() {
    let (_sandbox, client) = admin(0).await;
    let made = client.post("/repos/octo/app/labels", json!({"name": "odd", "color": "FF0000"})).await;
    assert_eq!((made.status, &made.json()["color"]), (201, &json!("ff0000")));
    client.post(ISSUES, json!({"title": "a", "labels": ["odd"]})).await;
    let taken = client.post("/repos/octo/app/labels", json!({"name": "ODD"})).await;
    assert_eq!(taken.status, 422);
    assert_eq!(
        taken.json()["errors"][0],
        json!({"resource": "Label", "field": "name", "code": "already_exists"})
    );
    let renamed = client.patch("/repos/octo/app/labels/odd", json!({"new_name": "even"})).await.json();
    assert_eq!(renamed["id"], made.json()["id"]);
    assert_eq!(client.get(&format!("{ISSUES}/1")).await.json()["labels"][0]["name"], "even");
    assert_eq!(client.delete("/repos/octo/app/labels/even").await.status, 204);
    assert_eq!(client.get(&format!("{ISSUES}/1")).await.json()["labels"], json!([]));
}

#[tokio::test]
async fn unknown_people_are_dropped_when_added_and_refused_when_set() {
    let (_sandbox, client) = admin(0).await;
    client.post(ISSUES, json!({"title": "a"})).await;
    let path = format!("{ISSUES}/1/assignees");
    let added = client.post(&path, json!({"assignees": ["nobody", "BEN"]})).await;
    assert_eq!(added.status, 201);
    assert_eq!(added.json()["assignees"].as_array().unwrap().len(), 1);
    let refused = client.patch(&format!("{ISSUES}/1"), json!({"assignees": ["nobody"]})).await;
    assert_eq!(refused.status, 422);
    let error = json!({"resource": "Issue", "field": "assignees", "code": "invalid", "value": ["nobody"]});
    assert_eq!(refused.json()["errors"][0], error);
    let many: Vec<String> = (0..11).map(|n| format!("p{n}")).collect();
    assert_eq!(client.post(&path, json!({"assignees": many})).await.status, 422);
    let left = client.send(Method::DELETE, &path, Some(json!({"assignees": ["ben"]}))).await;
    assert_eq!((left.status, &left.json()["assignees"]), (200, &json!([])));
    assert_eq!(client.get("/repos/octo/app/assignees/ben").await.status, 204);
    assert_eq!(client.get("/repos/octo/app/assignees/nobody").await.status, 404);
}

#[tokio::test]
async fn a_title_or_body_that_is_too_long_is_refused_and_nothing_changes() {
    let (sandbox, client) = admin(0).await;
    client.post(ISSUES, json!({"title": "é".repeat(256), "body": "x".repeat(65_536)})).await;
    for (field, length) in [("title", 257), ("body", 65_537)] {
        let refused =
            client.patch(&format!("{ISSUES}/1"), json!({"state": "closed", field: "x".repeat(length)})).await;
        assert_eq!(refused.status, 422, "{field}");
        assert_eq!(refused.json()["message"], "Validation Failed");
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
    assert!(sandbox.issue("octo/app", 1).unwrap().open);
    assert_eq!(client.post(ISSUES, json!({"body": "no title"})).await.status, 422);
    assert_eq!(
        client.post(ISSUES, json!({"title": "  "})).await.json()["errors"][0]["code"],
        "missing_field"
    );
    assert_eq!(client.post(ISSUES, json!({"title": "a", "milestone": 77})).await.status, 422);
    assert_eq!(sandbox.issues("octo/app").len(), 1);
}

#[tokio::test]
async fn comments_bump_the_issue_and_can_be_edited_and_deleted() {
    let (sandbox, clock) = crate::common::still(0).await;
    let client = crate::common::Client::new(&sandbox, corkboard::sandbox::ADMIN_TOKEN);
    client.post(ISSUES, json!({"title": "a"})).await;
    clock.advance(2_000);
    let made = client.post(&format!("{ISSUES}/1/comments"), json!({"body": "first"})).await;
    assert_eq!(made.status, 201);
    let issue = client.get(&format!("{ISSUES}/1")).await.json();
    assert_eq!((&issue["comments"], &issue["updated_at"]), (&json!(1), &json!("2026-03-01T12:00:02Z")));
    let path = format!("{ISSUES}/comments/{}", made.json()["id"]);
    clock.advance(2_000);
    assert_eq!(client.patch(&path, json!({"body": "second"})).await.json()["body"], "second");
    let since = client.get(&format!("{ISSUES}/comments?since=2026-03-01T12:00:04Z&sort=updated")).await;
    assert_eq!(since.json().as_array().unwrap().len(), 1);
    let later = client.get(&format!("{ISSUES}/1/comments?since=2026-03-01T12:00:05Z")).await;
    assert_eq!(later.json(), json!([]));
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.get(&path).await.status, 404);
    assert_eq!(sandbox.issue("octo/app", 1).unwrap().comments.len(), 0);
}

#[tokio::test]
async fn events_name_the_actor_and_the_moment() {
    let (sandbox, client) = admin(0).await;
    client.post(ISSUES, json!({"title": "a"})).await;
    sandbox.web("dee").add_label("octo/app", 1, "unheard of").unwrap();
    sandbox.web("dee").assign("octo/app", 1, "cy").unwrap();
    let events = client.get(&format!("{ISSUES}/1/events")).await.json();
    assert_eq!(events[0]["event"], "labeled");
    assert_eq!(events[0]["label"], json!({"name": "unheard of", "color": "ededed"}));
    assert_eq!(events[0]["actor"]["login"], "dee");
    assert_eq!(events[0]["created_at"], "2026-03-01T12:00:00Z");
    assert_eq!(events[1]["assignee"]["login"], "cy");
    let all = client.get(&format!("{ISSUES}/events")).await.json();
    assert_eq!((&all[0]["event"], &all[0]["issue"]["number"]), (&json!("assigned"), &json!(1)));
}

#[tokio::test]
async fn milestones_count_their_issues_and_keep_only_the_day_they_are_due() {
    let (_sandbox, client) = admin(0).await;
    let path = "/repos/octo/app/milestones";
    let made = client.post(path, json!({"title": "m", "due_on": "2026-05-01T23:30:00Z"})).await;
    assert_eq!((made.status, &made.json()["due_on"]), (201, &json!("2026-05-01T07:00:00Z")));
    let number = made.json()["number"].as_u64().unwrap();
    client.post(ISSUES, json!({"title": "a", "milestone": number})).await;
    client.post(ISSUES, json!({"title": "b", "milestone": number})).await;
    client.patch(&format!("{ISSUES}/1"), json!({"state": "closed"})).await;
    let one = format!("{path}/{number}");
    let counted = client.get(&one).await.json();
    assert_eq!((&counted["open_issues"], &counted["closed_issues"]), (&json!(1), &json!(1)));
    let closed = client.patch(&one, json!({"state": "closed", "due_on": null})).await.json();
    assert_eq!((&closed["state"], &closed["due_on"]), (&json!("closed"), &json!(null)));
    assert!(closed["closed_at"].is_string());
    let open = client.get(path).await.json();
    assert!(open.as_array().unwrap().iter().all(|m| m["title"] != "m"), "closed ones need state=all");
    assert_eq!(client.post(path, json!({"title": "M"})).await.json()["errors"][0]["code"], "already_exists");
    assert_eq!(client.delete(&one).await.status, 204);
    assert_eq!(client.get(&format!("{ISSUES}/2")).await.json()["milestone"], json!(null));
}
