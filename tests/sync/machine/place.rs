//! The platforms of a world: how their connections are set up, what an item there looks like in the machine's words, and
//! what its history tells.

use std::collections::BTreeSet;

use corkboard::config::Settings;
use corkboard::config::settings::{ConnectionSettings, Platform};
use corkboard::domain::ConnectionName;
use corkboard::domain::mapping::{
    CloseReason, NameMap, Names, OpenState, PlatformState, Status, StatusMapping, Target,
};
use corkboard::sandbox::{IssueView, Past, Sandbox};
use serde_json::Value;

use super::check::{marker, plain};
use super::world::{MILESTONES, STATUSES};
use crate::stage::REPO;

/// Which platforms the cards of a story may be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// GitHub.
    One,
    /// GitHub and GitLab.
    Two,
    /// GitHub, GitLab and Jira.
    Three,
    /// The same, where Jira's workflow does not let an issue go everywhere.
    Workflow,
}

impl Realm {
    pub const ALL: [Self; 4] = [Self::One, Self::Two, Self::Three, Self::Workflow];

    pub fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Two => "two",
            Self::Three => "three",
            Self::Workflow => "workflow",
        }
    }

    pub fn grounds(self) -> &'static [Ground] {
        match self {
            Self::One => &[Ground::Github],
            Self::Two => &[Ground::Github, Ground::Gitlab],
            Self::Three | Self::Workflow => &[Ground::Github, Ground::Gitlab, Ground::Jira],
        }
    }
}

/// A platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    Github,
    Gitlab,
    Jira,
}

/// One connection of a world.
#[derive(Debug, Clone)]
pub struct Place {
    pub name: ConnectionName,
    pub ground: Ground,
    pub mapping: StatusMapping,
}

/// An item as its platform shows it.
#[derive(Debug, Clone)]
pub struct Item {
    pub number: u64,
    pub title: String,
    /// Without the line that marks it.
    pub body: String,
    pub state: PlatformState,
    pub assignees: BTreeSet<String>,
    pub milestone: Option<String>,
    pub comments: Vec<String>,
    /// The link it was made for.
    pub marker: Option<String>,
}

impl Ground {
    /// Where it stands among all there are; requests are told apart by it.
    pub fn at(self) -> usize {
        self as usize
    }

    /// To whose API a request went.
    pub fn of_path(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("gitlab") => Self::Gitlab,
            Some("jira") => Self::Jira,
            _ => Self::Github,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Github => "core",
            Self::Gitlab => "ops",
            Self::Jira => "plan",
        }
    }

    /// What a status is there. Jira has no label for one and GitLab no reason for closing.
    fn target(self, status: &str) -> Option<Target> {
        let label = |l: &str| Target { label: Some(l.to_owned()), ..Target::default() };
        let named = |s: &str| Target { status: Some(s.to_owned()), ..Target::default() };
        let resolved = |r: &str| Target { resolution: Some(r.to_owned()), ..named("Done") };
        match (self, status) {
            (Self::Gitlab, "proposed") => Some(Target { state: Some(OpenState::Open), ..Target::default() }),
            (Self::Gitlab, "approved") => Some(label("workflow::approved")),
            (Self::Gitlab, "in_progress") => Some(label("workflow::in progress")),
            (Self::Gitlab, "completed") => {
                Some(Target { state: Some(OpenState::Closed), ..Target::default() })
            }
            (Self::Jira, "proposed") => Some(named("To Do")),
            (Self::Jira, "approved") => Some(named("Blocked")),
            (Self::Jira, "in_progress") => Some(named("In Progress")),
            (Self::Jira, "completed") => Some(resolved("Done")),
            (Self::Jira, "rejected") => Some(resolved("Won't Do")),
            _ => None,
        }
    }

    /// Who and what is called otherwise there. One person is known on Jira, where an issue has one assignee.
    fn names(self) -> Names {
        let map = |pairs: &[(&str, &str)]| {
            NameMap::new(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))).expect("one to one")
        };
        match self {
            Self::Github => Names::default(),
            Self::Gitlab => Names {
                people: Some(map(&[("ana", "ana"), ("ben", "ben"), ("cy", "cy"), ("dee", "dee")])),
                labels: map(&[("bug", "kind-bug")]),
                ..Names::default()
            },
            Self::Jira => Names {
                people: Some(map(&[("cy", "712020:cy")])),
                milestones: map(&[("v1.1", "1.1")]),
                ..Names::default()
            },
        }
    }

    /// The connection, like GitHub's `core` in all that is not the platform's.
    fn connection(self, like: &ConnectionSettings, url: &str) -> ConnectionSettings {
        let statuses = STATUSES.map(Status::new);
        let targets: indexmap::IndexMap<Status, Target> =
            STATUSES.into_iter().filter_map(|s| Some((Status::new(s), self.target(s)?))).collect();
        let (platform, place, base, user) = match self {
            Self::Github => return like.clone(),
            Self::Gitlab => (Platform::Gitlab, "octo/app", "gitlab", None),
            Self::Jira => (Platform::Jira, "ABC", "jira", Some("ben@example.com".to_owned())),
        };
        ConnectionSettings {
            name: ConnectionName::new(self.name()),
            platform,
            repository: place.into(),
            user,
            api_url: format!("{url}/{base}").parse().expect("an address"),
            mapping: StatusMapping::new(&statuses, &targets).with_names(self.names()),
            targets,
            ..like.clone()
        }
    }
}

/// Adds the connections of a realm to settings that have GitHub's; gives the places.
pub fn furnish(realm: Realm, settings: &mut Settings, sandbox: &Sandbox) -> Vec<Place> {
    let like = settings.connections[0].clone();
    settings.connections =
        realm.grounds().iter().map(|ground| ground.connection(&like, sandbox.url())).collect();
    let place = |(connection, ground): (&ConnectionSettings, &Ground)| Place {
        name: connection.name.clone(),
        ground: *ground,
        mapping: connection.mapping.clone(),
    };
    let places = settings.connections.iter().zip(realm.grounds()).map(place).collect();
    if realm == Realm::One {
        return places;
    }
    for title in MILESTONES {
        sandbox.gitlab().create_milestone(REPO, title).expect("a project");
        sandbox.jira().create_version(if title == "v1.1" { "1.1" } else { title });
    }
    sandbox.jira().set_free_workflow(realm != Realm::Workflow);
    places
}

/// The text of a document of plain paragraphs, as Markdown has it.
pub fn prose(document: &Value) -> String {
    fn text(node: &Value) -> String {
        let inner = node["content"].as_array().into_iter().flatten().map(text).collect::<String>();
        node["text"].as_str().map_or(inner, str::to_owned)
    }
    let blocks = document["content"].as_array().into_iter().flatten().map(text);
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// A document of plain paragraphs.
pub fn document(text: &str) -> Value {
    let paragraph =
        |p: &str| serde_json::json!({"type": "paragraph", "content": [{"type": "text", "text": p}]});
    let all: Vec<Value> = text.split("\n\n").filter(|p| !p.is_empty()).map(paragraph).collect();
    serde_json::json!({"type": "doc", "version": 1, "content": all})
}

fn github(issue: IssueView) -> Item {
    let reason = match issue.state_reason.as_deref() {
        Some("not_planned") => Some(CloseReason::NotPlanned),
        Some("duplicate") => Some(CloseReason::Duplicate),
        Some("completed") => Some(CloseReason::Completed),
        _ => None,
    };
    let raw = issue.body.unwrap_or_default();
    Item {
        number: issue.number,
        title: issue.title,
        body: plain(&raw),
        state: PlatformState {
            state: if issue.open { OpenState::Open } else { OpenState::Closed },
            reason: reason.filter(|_| !issue.open),
            labels: issue.labels.into_iter().collect(),
            ..PlatformState::default()
        },
        assignees: issue.assignees.into_iter().collect(),
        milestone: issue.milestone,
        comments: issue.comments.into_iter().map(|c| c.body).collect(),
        marker: marker(&raw),
    }
}

impl Place {
    /// All items there that can be seen, by number.
    pub fn items(&self, sandbox: &Sandbox) -> Vec<Item> {
        match self.ground {
            Ground::Github => {
                let all = sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request);
                all.map(github).collect()
            }
            Ground::Gitlab => {
                let all = sandbox.gitlab().issues(REPO);
                let seen = all.into_iter().filter(|i| sandbox.gitlab().issue(REPO, i.iid).is_some());
                seen.map(|issue| Item {
                    number: issue.iid,
                    title: issue.title,
                    body: plain(&issue.description),
                    state: PlatformState {
                        state: if issue.open { OpenState::Open } else { OpenState::Closed },
                        labels: issue.labels.into_iter().collect(),
                        ..PlatformState::default()
                    },
                    assignees: issue.assignees.into_iter().collect(),
                    milestone: issue.milestone,
                    comments: issue.comments,
                    marker: marker(&issue.description),
                })
                .collect()
            }
            Ground::Jira => {
                let all = sandbox.jira().issues().into_iter().filter(|i| i.key.starts_with("ABC-"));
                all.map(|issue| Item {
                    number: number_in(&issue.key),
                    title: issue.summary,
                    body: plain(&prose(&issue.description)),
                    state: jira_state(&issue.status, issue.resolution.as_deref(), issue.labels),
                    assignees: issue.assignee.into_iter().map(|a| format!("712020:{a}")).collect(),
                    milestone: issue.versions.first().cloned(),
                    comments: issue.comments.iter().map(prose).collect(),
                    marker: issue.properties.get("corkboard").and_then(|p| p["marker"].as_str()).map(bare),
                })
                .collect()
            }
        }
    }

    /// Every edit there, oldest first, with bodies as they read.
    pub fn history(&self, sandbox: &Sandbox) -> Vec<Past> {
        let all = match self.ground {
            Ground::Github => sandbox.history(),
            Ground::Gitlab => sandbox.gitlab().history(),
            Ground::Jira => sandbox.jira().history(),
        };
        all.into_iter().map(|p| self.readable(p)).collect()
    }

    fn readable(&self, p: Past) -> Past {
        let text = |raw: &str| match (self.ground, serde_json::from_str::<Value>(raw)) {
            (Ground::Jira, Ok(document)) => plain(&prose(&document)),
            (Ground::Jira, Err(_)) => String::new(),
            _ => plain(raw),
        };
        match p.field {
            "body" => Past { before: text(&p.before), after: text(&p.after), ..p },
            "created" => Past { after: text(&p.after), ..p },
            _ => p,
        }
    }

    /// The status an item stands in, from what its history says of its standing.
    pub fn reads_as(&self, standing: &str) -> String {
        let mut lines = standing.lines();
        let state = lines.next().unwrap_or_default();
        let at = if self.ground == Ground::Jira {
            let resolution = lines.next().filter(|r| !r.is_empty());
            jira_state(state, resolution, lines.map(str::to_owned).collect())
        } else {
            let closed = state.starts_with("closed");
            let reason = match state.trim_start_matches("closed").trim() {
                "not_planned" => Some(CloseReason::NotPlanned),
                "duplicate" => Some(CloseReason::Duplicate),
                "completed" => Some(CloseReason::Completed),
                _ => None,
            };
            PlatformState {
                state: if closed { OpenState::Closed } else { OpenState::Open },
                reason: reason.filter(|_| closed),
                labels: lines.map(str::to_owned).collect(),
                ..PlatformState::default()
            }
        };
        self.mapping.read(&at).status.to_string()
    }

    /// How an item stands before anybody moves it.
    pub fn fresh(&self) -> String {
        self.reads_as(if self.ground == Ground::Jira { "To Do\n" } else { "open" })
    }
}

fn jira_state(status: &str, resolution: Option<&str>, labels: Vec<String>) -> PlatformState {
    let done = matches!(status, "Done" | "Verified");
    PlatformState {
        state: if done { OpenState::Closed } else { OpenState::Open },
        labels: labels.into_iter().collect(),
        status: Some(status.to_owned()),
        resolution: resolution.map(str::to_owned),
        ..PlatformState::default()
    }
}

/// 12 of `ABC-12`.
pub fn number_in(key: &str) -> u64 {
    key.rsplit_once('-').and_then(|(_, n)| n.parse().ok()).expect("a key")
}

/// An id without its dashes, as markers have it.
pub fn bare(id: &str) -> String {
    id.chars().filter(|c| *c != '-').collect()
}
