//! The simulated GitHub's data: repositories, issues, labels, milestones, people. Plain values and indexes; what an
//! edit means is in `world::edit`, how an answer looks in `render`. Knows nothing of HTTP.

pub(super) mod edit;
pub(super) mod people;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use people::People;

/// A JSON object as it came from a seed file.
pub(super) type Shape = Map<String, Value>;

/// Everything the sandbox knows.
#[derive(Debug)]
pub(super) struct World {
    /// `http://127.0.0.1:PORT`, in front of every address that is served.
    pub(super) base: String,
    pub(super) repos: Vec<Repo>,
    /// Former `owner/name` in lower case, and the repository it became.
    pub(super) renamed: HashMap<String, usize>,
    pub(super) people: People,
    /// The version of an Enterprise Server, when it is one that is played.
    pub(super) enterprise: Option<String>,
}

/// One repository.
#[derive(Debug)]
pub(super) struct Repo {
    pub(super) id: u64,
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) archived: bool,
    pub(super) has_issues: bool,
    /// Seconds since the epoch.
    pub(super) created: i64,
    pub(super) issues: HashMap<u64, Issue>,
    pub(super) gone: HashMap<u64, Gone>,
    /// Seconds of creation and number, in order: lists read from here instead of sorting.
    pub(super) by_created: BTreeSet<(i64, u64)>,
    /// Seconds of the last update and number, in order.
    pub(super) by_updated: BTreeSet<(i64, u64)>,
    pub(super) labels: BTreeMap<u64, Label>,
    pub(super) milestones: BTreeMap<u64, Milestone>,
    pub(super) next_number: u64,
    pub(super) next_milestone: u64,
    pub(super) next_id: u64,
    /// Grows when a label or a milestone changes, since answers about issues repeat them.
    pub(super) revision: u64,
    /// Every edit of an issue since the start, oldest first; None when nobody asked for it.
    pub(super) past: Option<Vec<Past>>,
}

/// One edit of one field of an issue, as it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The issue's number.
    pub number: u64,
    /// Who did it.
    pub by: String,
    /// `created` (from title to body), `title`, `body`, `milestone`, `standing` (state and labels, one a line) or
    /// `assignees` (one a line).
    pub field: &'static str,
    /// The value before.
    pub before: String,
    /// The value since.
    pub after: String,
}

/// What became of an issue that is no longer here.
#[derive(Debug, Clone)]
pub(super) enum Gone {
    Deleted,
    Transferred {
        repo_id: u64,
        number: u64,
    },
    /// Kept, and shown again when it is no longer hidden.
    Hidden(Box<Issue>),
    Discussion,
}

/// One issue or pull request.
#[derive(Debug, Clone)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) open: bool,
    pub(super) state_reason: Option<String>,
    pub(super) labels: Vec<u64>,
    pub(super) assignees: Vec<String>,
    pub(super) milestone: Option<u64>,
    pub(super) author: Option<String>,
    /// Whole seconds since the epoch, as GitHub keeps them; so are all times here.
    pub(super) created: i64,
    /// The same moment with milliseconds, for the lag of `stale`.
    pub(super) created_ms: i64,
    pub(super) updated: i64,
    pub(super) closed: Option<i64>,
    pub(super) closed_by: Option<String>,
    pub(super) comments: Vec<Comment>,
    /// Comments that a seed file counts but does not hold.
    pub(super) unseen_comments: u64,
    pub(super) events: Vec<Event>,
    pub(super) pull_request: bool,
    /// The object a seed file held, when there was one.
    pub(super) shape: Option<Box<Shape>>,
    /// Grows with every change of the issue itself.
    pub(super) revision: u64,
    pub(super) rendered: [Option<Rendered>; 2],
}

/// An issue's JSON, kept until something it shows changes.
#[derive(Debug, Clone)]
pub(super) struct Rendered {
    pub(super) issue_revision: u64,
    pub(super) repo_revision: u64,
    pub(super) json: String,
    pub(super) hash: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) author: String,
    pub(super) body: String,
    pub(super) created: i64,
    pub(super) updated: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: u64,
    pub(super) actor: String,
    pub(super) at: i64,
    pub(super) kind: EventKind,
}

#[derive(Debug, Clone)]
pub(super) enum EventKind {
    Labeled { name: String, color: String },
    Unlabeled { name: String, color: String },
    Closed { reason: Option<String> },
    Reopened,
    Assigned(String),
    Unassigned(String),
    Milestoned(String),
    Demilestoned(String),
    Renamed { from: String, to: String },
}

#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) color: String,
    pub(super) description: Option<String>,
    pub(super) default: bool,
    pub(super) shape: Option<Box<Shape>>,
}

#[derive(Debug, Clone)]
pub(super) struct Milestone {
    pub(super) id: u64,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) open: bool,
    pub(super) due: Option<String>,
    pub(super) creator: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) closed: Option<i64>,
    pub(super) open_issues: u64,
    pub(super) closed_issues: u64,
    pub(super) shape: Option<Box<Shape>>,
}

impl World {
    pub(super) fn new(base: String) -> Self {
        let people = People::new(base.clone());
        Self { base, repos: Vec::new(), renamed: HashMap::new(), people, enterprise: None }
    }

    /// Index of the repository `owner/name`, letter case ignored.
    pub(super) fn repo_named(&self, full_name: &str) -> Option<usize> {
        let (owner, name) = full_name.split_once('/')?;
        self.repos
            .iter()
            .position(|r| r.owner.eq_ignore_ascii_case(owner) && r.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn repo_by_id(&self, id: u64) -> Option<usize> {
        self.repos.iter().position(|r| r.id == id)
    }
}

impl Repo {
    /// An empty repository. Its own ids count up from a range of its own, so that ids are unique in the world.
    pub(super) fn new(id: u64, full_name: &str, created: i64) -> Self {
        let (owner, name) = full_name.split_once('/').unwrap_or(("octo", full_name));
        Self {
            id,
            owner: owner.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            archived: false,
            has_issues: true,
            created,
            issues: HashMap::new(),
            gone: HashMap::new(),
            by_created: BTreeSet::new(),
            by_updated: BTreeSet::new(),
            labels: BTreeMap::new(),
            milestones: BTreeMap::new(),
            next_number: 1,
            next_milestone: 1,
            next_id: id.saturating_mul(1_000_000),
            revision: 0,
            past: None,
        }
    }

    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// An id nothing else in the repository has.
    pub(super) fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Takes in an issue that is complete, and keeps the indexes and the next number right.
    pub(super) fn insert(&mut self, issue: Issue) {
        self.next_number = self.next_number.max(issue.number + 1);
        self.by_created.insert((issue.created, issue.number));
        self.by_updated.insert((issue.updated, issue.number));
        self.issues.insert(issue.number, issue);
    }

    /// Takes an issue out of lists and indexes.
    pub(super) fn remove(&mut self, number: u64) -> Option<Issue> {
        let issue = self.issues.remove(&number)?;
        self.by_created.remove(&(issue.created, number));
        self.by_updated.remove(&(issue.updated, number));
        if let Some(milestone) = issue.milestone {
            self.recount(milestone);
        }
        Some(issue)
    }

    /// Id of the label of that name, letter case ignored.
    pub(super) fn label_named(&self, name: &str) -> Option<u64> {
        let wanted = name.to_lowercase();
        self.labels.values().find(|label| label.name.to_lowercase() == wanted).map(|label| label.id)
    }

    pub(super) fn milestone_titled(&self, title: &str) -> Option<u64> {
        self.milestones.values().find(|m| m.title.eq_ignore_ascii_case(title)).map(|m| m.number)
    }

    pub(super) fn issue_of_comment(&self, comment: u64) -> Option<u64> {
        let holds = |issue: &&Issue| issue.comments.iter().any(|c| c.id == comment);
        self.issues.values().find(holds).map(|issue| issue.number)
    }

    /// Counts a milestone's issues anew.
    pub(super) fn recount(&mut self, number: u64) {
        let Some(milestone) = self.milestones.get_mut(&number) else { return };
        let of_it = || self.issues.values().filter(|issue| issue.milestone == Some(number));
        milestone.open_issues = of_it().filter(|issue| issue.open).count() as u64;
        milestone.closed_issues = of_it().count() as u64 - milestone.open_issues;
        self.revision += 1;
    }

    pub(super) fn open_issues(&self) -> usize {
        self.issues.values().filter(|issue| issue.open).count()
    }
}

impl Issue {
    /// An open issue of `author` with nothing on it; `at` in milliseconds.
    pub(super) fn new(id: u64, number: u64, title: String, author: &str, at: i64) -> Self {
        let seconds = at.div_euclid(1000);
        Self {
            id,
            node_id: format!("I_sandbox{id}"),
            number,
            title,
            body: None,
            open: true,
            state_reason: None,
            labels: Vec::new(),
            assignees: Vec::new(),
            milestone: None,
            author: Some(author.to_owned()),
            created: seconds,
            created_ms: at,
            updated: seconds,
            closed: None,
            closed_by: None,
            comments: Vec::new(),
            unseen_comments: 0,
            events: Vec::new(),
            pull_request: false,
            shape: None,
            revision: 0,
            rendered: [None, None],
        }
    }

    pub(super) fn comment_count(&self) -> u64 {
        self.unseen_comments + self.comments.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::edit::By;
    use super::*;
    use crate::sandbox::random::Random;

    /// One random edit, sensible or not.
    fn edit(repo: &mut Repo, random: &mut Random, by: &By) {
        let number = 1 + random.below(12) as u64;
        let label = |random: &mut Random| ["a", "b", "c"][random.below(3)];
        match random.below(10) {
            0 => {
                repo.open_issue("new", None, by);
            }
            1 => {
                repo.set_open(number, random.below(2) == 0, None, by);
            }
            2 => {
                let id = repo.ensure_label(label(random));
                repo.set_labels(number, &[id, id], by);
            }
            3 => {
                repo.set_milestone(number, [None, Some(1), Some(2)][random.below(3)], by);
            }
            4 => {
                repo.add_comment(number, "text", by);
            }
            5 => {
                repo.set_assignees(number, &["ana".to_owned(), "ana".to_owned()], by);
            }
            6 if random.below(5) == 0 => {
                repo.delete_issue(number);
            }
            7 if random.below(5) == 0 => {
                if let Some(id) = repo.label_named(label(random)) {
                    repo.delete_label(id);
                }
            }
            _ => {
                repo.set_title(number, ["x", "y"][random.below(2)], by);
            }
        }
    }

    #[test]
    fn indexes_counts_and_labels_stay_right_through_any_edits() {
        for seed in 0..40 {
            let (mut random, mut repo) = (Random::new(seed), Repo::new(1, "octo/app", 0));
            let mut by = By { login: "ana".to_owned(), at: 1_000 };
            repo.create_milestone("one", &by);
            repo.create_milestone("two", &by);
            for _ in 0..200 {
                by.at += random.below(3) as i64 * 700;
                edit(&mut repo, &mut random, &by);
            }
            let wanted: BTreeSet<_> = repo.issues.values().map(|i| (i.updated, i.number)).collect();
            assert_eq!(repo.by_updated, wanted, "seed {seed}");
            let wanted: BTreeSet<_> = repo.issues.values().map(|i| (i.created, i.number)).collect();
            assert_eq!(repo.by_created, wanted, "seed {seed}");
            for milestone in repo.milestones.values() {
                let of_it = || repo.issues.values().filter(|i| i.milestone == Some(milestone.number));
                let open = of_it().filter(|i| i.open).count() as u64;
                let counted = (milestone.open_issues, milestone.closed_issues);
                assert_eq!(counted, (open, of_it().count() as u64 - open), "seed {seed}");
            }
            for issue in repo.issues.values() {
                let labels: BTreeSet<_> = issue.labels.iter().collect();
                assert_eq!(labels.len(), issue.labels.len(), "no label twice");
                assert!(issue.labels.iter().all(|id| repo.labels.contains_key(id)));
                assert!(issue.assignees.len() <= 1);
                let ids: BTreeSet<_> = issue.events.iter().map(|event| event.id).collect();
                assert_eq!(ids.len(), issue.events.len());
            }
        }
    }
}
