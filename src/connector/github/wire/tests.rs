//! Our shapes and octocrab's against answers GitHub gave over the years.

use serde_json::{Value, json};

use super::*;
use crate::connector::github::client::element;
use crate::connector::github::{map, recorded};

const RECORDINGS: [&str; 8] = [
    "fixture_add-labels-to-issue.json",
    "fixture_lock-issue.json",
    "fixture_paginate-issues.json",
    "vcr_add_comment.json",
    "vcr_close_issue.json",
    "vcr_reopen_issue.json",
    "vcr_labels_replace.json",
    "vcr_issue_timeline.json",
];

/// Everything in a recorded body that looks as `like` says.
fn collect(body: &Value, like: &dyn Fn(&Value) -> bool, into: &mut Vec<Value>) {
    // One recording has parts of numbers blotted out.
    let readable = body.as_str().map(|text| {
        text.replace("<GITHUB_TEST_INTEGRATION>", "12").replace("<GITHUB_TEST_INTEGRATION_INSTALLATION>", "1")
    });
    let body = match readable.map(|text| serde_json::from_str::<Value>(&text)) {
        Some(Ok(parsed)) => parsed,
        _ => body.clone(),
    };
    match body {
        Value::Array(all) => all.iter().for_each(|v| collect(v, like, into)),
        one if like(&one) => into.push(one),
        _ => {}
    }
}

fn bodies(files: &[&str], like: &dyn Fn(&Value) -> bool) -> Vec<Value> {
    let mut found = Vec::new();
    for file in files {
        for exchange in recorded::exchanges(file) {
            collect(&exchange["response"]["body"], like, &mut found);
        }
    }
    found
}

#[test]
fn every_recorded_issue_is_understood() {
    let issues = bodies(&RECORDINGS, &|v| {
        v.get("title").is_some() && v.get("comments_url").is_some() && v.get("number").is_some()
    });
    assert!(issues.len() > 15 || std::env::var_os("CORKBOARD_ORACLES").is_none(), "{}", issues.len());
    let mut refused_by_octocrab = 0;
    for value in issues {
        let title = value["title"].as_str().map(str::to_owned);
        let strict: Result<octocrab::models::issues::Issue, _> = serde_json::from_value(value.clone());
        refused_by_octocrab += usize::from(strict.is_err());
        let item =
            map::item(element::<Issue>(value.clone()).unwrap_or_else(|e| panic!("{e}: {value}")), "o/r");
        assert_eq!(Some(item.title), title);
        assert_eq!(item.at.repository.split('/').count(), 2);
        assert!(item.url.starts_with("https://github.com/"), "{}", item.url);
    }
    assert!(
        refused_by_octocrab > 0 || std::env::var_os("CORKBOARD_ORACLES").is_none(),
        "then octocrab's own type would do"
    );
}

#[test]
fn recorded_comments_milestones_and_labels_are_understood() {
    let comments = bodies(&["vcr_add_comment.json"], &|v| v.get("issue_url").is_some());
    let milestones =
        bodies(&["vcr_milestones_list.json", "vcr_milestone_create.json"], &|v| v.get("due_on").is_some());
    let labels = bodies(&["fixture_labels.json", "vcr_labels_list.json"], &|v| v.get("color").is_some());
    let counts = [comments.len(), milestones.len(), labels.len()];
    assert!(!counts.contains(&0) || std::env::var_os("CORKBOARD_ORACLES").is_none(), "{counts:?}");
    for value in comments {
        assert!(!map::comment(element::<Comment>(value).expect("a comment")).0.author.is_empty());
    }
    for value in milestones {
        assert!(!map::milestone(element::<Milestone>(value).expect("a milestone")).title.is_empty());
    }
    for value in labels {
        assert!(!element::<Named>(value).expect("a label").name.is_empty());
    }
}

#[test]
fn octocrabs_repository_takes_recorded_ones() {
    let found = bodies(&["fixture_rename-repository.json"], &|v| v.get("full_name").is_some());
    assert!(!found.is_empty() || std::env::var_os("CORKBOARD_ORACLES").is_none());
    for value in found {
        let repository: octocrab::models::Repository = element(value).expect("a repository");
        assert!(repository.full_name.is_some() && repository.has_issues.is_some());
    }
}

#[test]
fn octocrab_and_we_read_a_modern_issue_alike() {
    let user = json!({
        "login": "ana", "id": 1, "node_id": "U", "avatar_url": "https://a.example/1", "gravatar_id": "",
        "url": "https://a.example/u", "html_url": "https://a.example/u", "followers_url": "https://a.example/u",
        "following_url": "https://a.example/u", "gists_url": "https://a.example/u", "starred_url": "https://a.example/u",
        "subscriptions_url": "https://a.example/u", "organizations_url": "https://a.example/u",
        "repos_url": "https://a.example/u", "events_url": "https://a.example/u", "received_events_url": "https://a.example/u",
        "type": "User", "site_admin": false,
    });
    let address = "https://api.github.com/repos/o/r/issues/7";
    let issue = json!({
        "id": 4_000_000_007_u64, "node_id": "I_1", "number": 7, "title": "A card", "state": "closed", "state_reason": "not_planned",
        "url": address, "repository_url": "https://api.github.com/repos/o/r", "labels_url": address, "comments_url": address,
        "events_url": address, "html_url": "https://github.com/o/r/issues/7", "body": "Text", "user": user.clone(),
        "labels": [{"id": 1, "node_id": "L", "url": address, "name": "bug", "color": "d73a4a", "default": true}],
        "assignees": [user], "locked": false, "comments": 3, "closed_at": "2026-11-02T00:00:00Z",
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-02T00:00:00Z",
    });
    let theirs: octocrab::models::issues::Issue =
        serde_json::from_value(issue.clone()).expect("octocrab's issue");
    let ours = map::item(element(issue).expect("our issue"), "home/repo");
    assert_eq!((ours.at.id, ours.at.number), (theirs.id.to_string(), theirs.number));
    assert_eq!((ours.title, ours.body), (theirs.title, theirs.body.expect("a body")));
    assert_eq!(ours.author, Some(theirs.user.login));
    assert!(ours.state.labels.contains(&theirs.labels[0].name));
    assert_eq!(ours.updated_at, theirs.updated_at.into());
    assert_eq!(ours.comments, theirs.comments);
}
