//! The demo's project, replayed from `assets/demo.json` so that every event has its time and its person. All times in
//! the file are hours before now, so that the project looks alive whenever it is opened.

use serde::Deserialize;

use crate::sandbox::seed::DEMO_REPO;
use crate::sandbox::world::edit::By;
use crate::sandbox::world::{Repo, World};
use crate::support::clock::Timestamp;

const DATA: &str = include_str!("../../../assets/demo.json");
const HOUR_MS: i64 = 3_600_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    description: String,
    labels: Vec<DemoLabel>,
    milestones: Vec<DemoMilestone>,
    issues: Vec<DemoIssue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoLabel {
    name: String,
    color: String,
    description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoMilestone {
    title: String,
    description: String,
    /// Days from now, negative for the past.
    due_days: i64,
    #[serde(default)]
    closed: bool,
}

/// An issue; times are hours before now.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoIssue {
    title: String,
    #[serde(default)]
    body: String,
    author: String,
    hours: i64,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    assignees: Vec<String>,
    milestone: Option<String>,
    closed: Option<DemoClosing>,
    #[serde(default)]
    comments: Vec<DemoComment>,
    #[serde(default)]
    pull_request: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoClosing {
    hours: i64,
    by: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoComment {
    hours: i64,
    by: String,
    body: String,
}

/// Fills the main repository with the demo's project.
pub(super) fn fill(world: &mut World, now: Timestamp) {
    let project: Project =
        serde_json::from_str(DATA).expect("the demo's data is part of the program and a test reads it");
    let start = now.0 - 4_000 * HOUR_MS;
    let mut repo = Repo::new(1, DEMO_REPO, start.div_euclid(1000));
    repo.description = project.description;
    for label in &project.labels {
        repo.create_label(&label.name, &label.color, Some(&label.description));
    }
    let by = By { login: "ana".to_owned(), at: start };
    for milestone in &project.milestones {
        let number = repo.create_milestone(&milestone.title, &by);
        let due = now.plus_ms(milestone.due_days * 24 * HOUR_MS).to_utc();
        if let Some(made) = repo.milestones.get_mut(&number) {
            made.description = Some(milestone.description.clone());
            made.due = Some(format!("{}T07:00:00Z", due.format("%Y-%m-%d")));
            made.open = !milestone.closed;
            made.closed = milestone.closed.then_some(due.timestamp());
        }
    }
    let mut issues = project.issues;
    issues.sort_by_key(|issue| std::cmp::Reverse(issue.hours));
    for issue in &issues {
        replay(&mut repo, issue, now);
    }
    world.repos.push(repo);
}

/// Opens, labels, discusses and closes an issue at the times it happened.
fn replay(repo: &mut Repo, issue: &DemoIssue, now: Timestamp) {
    let by = |login: &str, hours: i64| By { login: login.to_owned(), at: now.0 - hours * HOUR_MS };
    let opened = by(&issue.author, issue.hours);
    let number = repo.open_issue(&issue.title, Some(&issue.body), &opened);
    let labels: Vec<u64> = issue.labels.iter().filter_map(|name| repo.label_named(name)).collect();
    repo.set_labels(number, &labels, &opened);
    repo.set_assignees(number, &issue.assignees, &opened);
    let milestone = issue.milestone.as_deref().and_then(|title| repo.milestone_titled(title));
    repo.set_milestone(number, milestone, &opened);
    if let Some(here) = repo.issues.get_mut(&number) {
        here.pull_request = issue.pull_request;
    }
    for comment in &issue.comments {
        repo.add_comment(number, &comment.body, &by(&comment.by, comment.hours));
    }
    if let Some(closing) = &issue.closed {
        repo.set_open(number, false, Some(&closing.reason), &by(&closing.by, closing.hours));
    }
}
