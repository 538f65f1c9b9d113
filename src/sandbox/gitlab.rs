//! A simulated GitLab below `/gitlab`, as an instance on a sub-path: its API is at `/gitlab/api/v4`. Its data are plain
//! values here; what an edit means is in `edit`, how an answer looks in `render`, who may ask what in `route`.

mod answer;
mod board;
mod edit;
mod further;
mod graph;
mod list;
mod past;
mod render;
mod route;
mod web;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

pub use board::GitlabList;
pub use web::{GitlabIssue, GitlabWeb};

use super::Past;
use super::api::{Answer, Call};

/// How the instance pages lists of issues when `pagination=keyset` is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitlabPaging {
    /// By key, as from version 18.3 on.
    Keyset,
    /// By number, and no word of it.
    Ignored,
    /// Not at all: 405.
    Refused,
}

/// What is in it.
#[derive(Debug)]
pub(super) struct World {
    version: String,
    /// Several assignees, scoped labels that exclude each other, and a status of its own on every issue.
    premium: bool,
    paging: GitlabPaging,
    projects: Vec<Project>,
    /// Labels and milestones of the group above all projects.
    group: Shelf,
    /// Former paths in lower case, and the id of the project each became.
    renamed: HashMap<String, u64>,
    next_id: u64,
    requests: u64,
    /// Every edit of the first project's issues, oldest first; None when nobody asked for it.
    past: Option<Vec<Past>>,
}

/// Labels and milestones, of a project or a group.
#[derive(Debug, Default)]
struct Shelf {
    labels: Vec<Label>,
    milestones: Vec<Milestone>,
}

#[derive(Debug)]
struct Project {
    id: u64,
    path: String,
    archived: bool,
    issues_enabled: bool,
    issues: BTreeMap<u64, Issue>,
    own: Shelf,
    boards: Vec<board::Board>,
    next_iid: u64,
}

#[derive(Debug, Clone)]
struct Issue {
    id: u64,
    iid: u64,
    title: String,
    description: Option<String>,
    open: bool,
    /// Its place in [`STATUSES`].
    status: usize,
    labels: Vec<u64>,
    assignees: Vec<&'static str>,
    milestone: Option<u64>,
    author: &'static str,
    /// Milliseconds since the epoch; so are all times here.
    created: i64,
    updated: i64,
    closed: Option<i64>,
    notes: Vec<Note>,
    moved_to: Option<u64>,
    /// Out of sight, as a confidential issue is for others.
    hidden: bool,
    further: further::Further,
}

#[derive(Debug, Clone)]
struct Note {
    id: u64,
    author: &'static str,
    body: String,
    system: bool,
    at: i64,
}

#[derive(Debug, Clone)]
struct Label {
    id: u64,
    name: String,
}

#[derive(Debug, Clone)]
struct Milestone {
    id: u64,
    iid: u64,
    title: String,
    at: i64,
}

/// Who edits, and when.
#[derive(Debug, Clone, Copy)]
struct By {
    login: &'static str,
    at: i64,
}

/// The id of the group above all projects.
const GROUP: u64 = 9;
/// The statuses an issue can have on Premium, and whether each closes it.
const STATUSES: [(&str, bool); 5] =
    [("To do", false), ("In progress", false), ("Done", true), ("Won't do", true), ("Duplicate", true)];
/// Where opening and closing puts an issue.
const TO_DO: usize = 0;
const DONE: usize = 2;
/// Everybody there is; ids count from one.
const PEOPLE: [&str; 5] = ["ana", "ben", "cy", "dee", "guest"];

impl Default for World {
    fn default() -> Self {
        Self {
            version: "18.5.1-ee".to_owned(),
            premium: true,
            paging: GitlabPaging::Keyset,
            projects: vec![Project::new(101, "octo/app"), Project::new(102, "octo/other")],
            group: Shelf::default(),
            renamed: HashMap::new(),
            next_id: 40_000,
            requests: 0,
            past: None,
        }
    }
}

impl Project {
    fn new(id: u64, path: &str) -> Self {
        Self {
            id,
            path: path.to_owned(),
            archived: false,
            issues_enabled: true,
            issues: BTreeMap::new(),
            own: Shelf::default(),
            boards: Vec::new(),
            next_iid: 1,
        }
    }
}

impl World {
    /// Answers one request and applies what it asks for.
    pub(super) fn handle(&mut self, call: &Call) -> Answer {
        self.requests += 1;
        let request = format!("{:016x}", self.requests);
        let answer = route::answer(self, call).unwrap_or_else(|refusal| refusal);
        tagged(call, answer).header("x-request-id", request)
    }

    fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The place of the project of that path, letter case ignored, or of that id.
    fn project(&self, name: &str) -> Option<usize> {
        let id = name.parse::<u64>().ok();
        self.projects.iter().position(|p| Some(p.id) == id || p.path.eq_ignore_ascii_case(name))
    }

    /// Labels that can be put on a project's issues: its own and the group's.
    fn labels(&self, project: usize) -> impl Iterator<Item = &Label> {
        self.projects[project].own.labels.iter().chain(&self.group.labels)
    }

    /// Milestones a project's issues can have.
    fn milestones(&self, project: usize) -> impl Iterator<Item = &Milestone> {
        self.projects[project].own.milestones.iter().chain(&self.group.milestones)
    }

    /// Where the issue with that id on the instance is.
    fn issue_by_id(&self, id: u64) -> Option<(usize, u64)> {
        self.projects.iter().enumerate().find_map(|(at, project)| {
            let issue = project.issues.values().find(|issue| issue.id == id && !issue.hidden)?;
            Some((at, issue.iid))
        })
    }
}

/// A person's id.
fn person_id(login: &str) -> Option<u64> {
    PEOPLE.iter().position(|p| *p == login).map(|at| at as u64 + 1)
}

/// The person with that id.
fn person(id: u64) -> Option<&'static str> {
    PEOPLE.get(usize::try_from(id.checked_sub(1)?).ok()?).copied()
}

/// Adds the weak tag that the instance's web server computes over every answer, and lets it answer 304.
fn tagged(call: &Call, mut answer: Answer) -> Answer {
    if call.method != "GET" || answer.status != 200 {
        return answer;
    }
    let mut hasher = DefaultHasher::new();
    answer.body.hash(&mut hasher);
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    if call.header("if-none-match") == Some(&tag) {
        (answer.status, answer.body) = (304, String::new());
    }
    answer.header("etag", tag).header("cache-control", "max-age=0, private, must-revalidate".to_owned())
}
