//! Who may do what, and how GitHub refuses.

use corkboard::sandbox::{
    EXPIRED_TOKEN, FINE_GRAINED_TOKEN, NONE_TOKEN, READ_TOKEN, TRIAGE_TOKEN, WRITE_TOKEN,
};
use reqwest::Method;
use serde_json::json;

use crate::common::{Client, ISSUES, admin};

#[tokio::test]
async fn a_reader_opens_issues_but_labels_people_and_milestone_are_dropped_without_a_word() {
    let (sandbox, client) = admin(1).await;
    let reader = Client::new(&sandbox, READ_TOKEN);
    let wish = json!({"title": "mine", "labels": ["bug"], "assignees": ["ben"], "milestone": 1});
    let made = reader.post(ISSUES, wish).await;
    assert_eq!(made.status, 201);
    let issue = made.json();
    assert_eq!((&issue["labels"], &issue["assignees"]), (&json!([]), &json!([])));
    assert_eq!(issue["milestone"], json!(null));
    let own = reader.patch(&format!("{ISSUES}/2"), json!({"title": "better", "state": "closed"})).await;
    assert_eq!((&own.json()["title"], &own.json()["state"]), (&json!("better"), &json!("closed")));
    client.post(ISSUES, json!({"title": "not mine"})).await;
    let path = format!("{ISSUES}/3");
    let dropped = reader.patch(&path, json!({"state": "closed", "labels": ["bug"]})).await;
    assert_eq!((dropped.status, &dropped.json()["state"]), (200, &json!("open")));
    assert_eq!(reader.patch(&path, json!({"title": "x"})).await.status, 403);
    assert_eq!(reader.post(&format!("{path}/labels"), json!({"labels": ["bug"]})).await.status, 403);
    let assigned = reader.post(&format!("{path}/assignees"), json!({"assignees": ["ben"]})).await;
    assert_eq!((assigned.status, &assigned.json()["assignees"]), (201, &json!([])));
}

#[tokio::test]
async fn a_triager_labels_and_closes_but_does_not_rewrite() {
    let (sandbox, client) = admin(0).await;
    client.post(ISSUES, json!({"title": "a", "labels": ["known"]})).await;
    client.post(ISSUES, json!({"title": "b"})).await;
    let triager = Client::new(&sandbox, TRIAGE_TOKEN);
    let path = format!("{ISSUES}/2");
    let done = triager.patch(&path, json!({"labels": ["known"], "state": "closed"})).await.json();
    assert_eq!((&done["labels"][0]["name"], &done["state"]), (&json!("known"), &json!("closed")));
    assert_eq!(triager.patch(&path, json!({"body": "rewritten"})).await.status, 403);
    assert_eq!(triager.post("/repos/octo/app/labels", json!({"name": "n"})).await.status, 403);
    let repo = triager.get("/repos/octo/app").await.json();
    assert_eq!((&repo["permissions"]["triage"], &repo["permissions"]["push"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn bad_expired_and_missing_credentials_are_told_apart() {
    let (sandbox, _) = admin(0).await;
    for token in ["ghp_unknown", EXPIRED_TOKEN] {
        let refused = Client::new(&sandbox, token).get("/user").await;
        assert_eq!(refused.status, 401);
        let wanted = json!({
            "message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"
        });
        assert_eq!(refused.json(), wanted);
    }
    let nobody = Client::new(&sandbox, "");
    assert_eq!(nobody.get("/user").await.json()["message"], "Requires authentication");
    assert_eq!(nobody.get(ISSUES).await.status, 404);
    assert_eq!(nobody.get("/rate_limit").await.json()["resources"]["core"]["limit"], 60);
    let outsider = Client::new(&sandbox, NONE_TOKEN);
    assert_eq!(outsider.get("/user").await.json()["login"], "guest");
    assert_eq!(outsider.get("/repos/octo/app").await.json()["message"], "Not Found");
}

#[tokio::test]
async fn tokens_tell_their_scopes_and_their_end() {
    let (sandbox, client) = admin(0).await;
    let ana = client.get("/user").await;
    assert_eq!(
        (&ana.json()["login"], ana.header("x-oauth-scopes")),
        (&json!("ana"), "project, read:org, repo")
    );
    let ben = Client::new(&sandbox, WRITE_TOKEN).get("/user").await;
    assert_eq!(ben.header("github-authentication-token-expiration"), "2026-03-21 12:00:00 UTC");
    let fine = Client::new(&sandbox, FINE_GRAINED_TOKEN);
    assert!(fine.get("/user").await.headers.get("x-oauth-scopes").is_none());
    assert_eq!(fine.get(ISSUES).await.status, 200);
    let refused = fine.post(ISSUES, json!({"title": "a"})).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["message"], "Resource not accessible by personal access token");
    assert_eq!(refused.header("x-accepted-github-permissions"), "issues=write");
}

#[tokio::test]
async fn archived_disabled_renamed_transferred_and_deleted_answer_as_github_does() {
    let (sandbox, client) = admin(3).await;
    let archived = client.post("/repos/octo/archived/issues", json!({"title": "a"})).await;
    assert_eq!(
        (archived.status, &archived.json()["message"]),
        (403, &json!("Repository was archived so is read-only."))
    );
    let disabled = client.get("/repos/octo/no-issues/issues").await;
    assert_eq!(
        (disabled.status, &disabled.json()["message"]),
        (410, &json!("Issues are disabled for this repo"))
    );
    assert_eq!(client.get("/repos/octo/no-issues").await.json()["has_issues"], false);
    let renamed = client.get("/repos/octo/former-name/issues").await;
    let moved = format!("{}/repositories/1/issues", sandbox.url());
    assert_eq!((renamed.status, renamed.header("location")), (301, moved.as_str()));
    assert_eq!(client.get(&moved).await.status, 200);
    assert_eq!(client.post("/repos/octo/former-name/issues", json!({"title": "a"})).await.status, 307);
    let there = sandbox.web("ana").transfer("octo/app", 1, "octo/other").unwrap();
    let transferred = client.get(&format!("{ISSUES}/1")).await;
    assert_eq!(transferred.status, 301);
    let followed = client.get(transferred.header("location")).await.json();
    assert_eq!((&followed["number"], there), (&json!(1), 1));
    assert!(followed["repository_url"].as_str().unwrap().ends_with("/repos/octo/other"));
    sandbox.web("ana").delete("octo/app", 2).unwrap();
    let deleted = client.get(&format!("{ISSUES}/2")).await;
    assert_eq!((deleted.status, &deleted.json()["message"]), (410, &json!("This issue was deleted")));
    assert_eq!(client.get(&format!("{ISSUES}?state=all")).await.numbers(), [3]);
}

#[tokio::test]
async fn what_github_does_not_know_is_a_json_404_and_so_is_a_trailing_slash() {
    let (_sandbox, client) = admin(1).await;
    for path in
        ["/repos/octo/app/issues/", "/nothing", "/repos/octo/app/issues/77", "/repos/octo/app/issues/x"]
    {
        let missing = client.get(path).await;
        assert_eq!((missing.status, &missing.json()["message"]), (404, &json!("Not Found")), "{path}");
    }
}

#[tokio::test]
async fn a_request_must_name_its_program_and_a_known_api_version() {
    let (_sandbox, client) = admin(1).await;
    let anonymous = client.request(Method::GET, "/user").header("user-agent", "");
    assert_eq!(Client::try_send(anonymous).await.unwrap().status, 403);
    let ask = async |version: &str| {
        let request =
            client.request(Method::GET, &format!("{ISSUES}/1")).header("x-github-api-version", version);
        Client::try_send(request).await.unwrap()
    };
    assert_eq!(ask("2031-01-01").await.status, 400);
    assert!(ask("2022-11-28").await.json().get("assignee").is_some());
    let modern = ask("2026-03-10").await.json();
    assert!(modern.get("assignee").is_none() && modern.get("assignees").is_some());
}

#[tokio::test]
async fn broken_json_is_a_400() {
    let (_sandbox, client) = admin(0).await;
    let request =
        client.request(Method::POST, ISSUES).header("content-type", "application/json").body("{\"title\":");
    let refused = Client::try_send(request).await.unwrap();
    assert_eq!((refused.status, &refused.json()["message"]), (400, &json!("Problems parsing JSON")));
}
