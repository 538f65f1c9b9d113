//! The projects of the simulated GitHub: items, the Status field, built-in automation, points. Plain values.

use std::collections::{BTreeMap, HashMap};

use super::custom::{Field, Held, Holds};
use super::parse::Operation;
use crate::sandbox::api::Call;
use crate::sandbox::world::World;
use crate::support::clock::Timestamp;

/// GitHub's hourly account of points.
const POINTS: u64 = 5_000;
const HOUR_MS: i64 = 3_600_000;

/// What a project does by itself when an issue of it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Automation {
    /// Nothing.
    #[default]
    Off,
    /// Its Status becomes `Done` at once.
    AtOnce,
    /// Its Status becomes `Done` after the next Status that somebody gives it: GitHub takes its time.
    Late,
}

/// All projects.
#[derive(Debug)]
pub(in crate::sandbox) struct Projects {
    pub(super) all: Vec<Project>,
    /// Points used and when they are renewed, by token.
    points: HashMap<&'static str, (u64, i64)>,
    spent: u64,
    next: u64,
}

/// One project.
#[derive(Debug)]
pub(super) struct Project {
    /// `orgs/octo/projects/3`
    pub(super) address: String,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) field: String,
    /// Id and name.
    pub(super) options: Vec<(String, String)>,
    /// All fields but Status, in their order.
    pub(super) fields: Vec<Field>,
    pub(super) items: Vec<Item>,
    pub(super) automation: Automation,
    pub(super) closed: bool,
}

/// One item.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) content: Content,
    /// The option's id.
    pub(super) status: Option<String>,
    /// When it was set, in seconds.
    pub(super) status_at: i64,
    pub(super) updated: i64,
    /// Values by their field's id.
    pub(super) values: BTreeMap<String, Held>,
    pub(super) archived: bool,
    /// Whether its issue was open when it was last looked at.
    open: bool,
    /// An automation that has not come to it yet.
    pub(super) pending: bool,
    /// An automation that comes to it next.
    pub(super) due: bool,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// An issue, by its database id, and where it was when it was added.
    Issue {
        id: u64,
        repo: u64,
        number: u64,
    },
    Draft(String),
    /// Something the caller may not see.
    Redacted,
}

impl Default for Projects {
    fn default() -> Self {
        let mut projects = Self { all: Vec::new(), points: HashMap::new(), spent: 0, next: 0x10 };
        projects.make("orgs/octo/projects/3", "Road");
        projects.make("users/ana/projects/1", "Mine");
        projects
    }
}

impl Projects {
    fn make(&mut self, address: &str, title: &str) {
        let name = address.replace('/', "_");
        let options = ["Backlog", "In Progress", "In Review", "Done"];
        let options = options.map(|option| (self.option_id(), option.to_owned())).to_vec();
        self.all.push(Project {
            address: address.to_owned(),
            id: format!("PVT_sandbox_{name}"),
            title: title.to_owned(),
            field: format!("PVTSSF_sandbox_{name}"),
            options,
            fields: Vec::new(),
            items: Vec::new(),
            automation: Automation::Off,
            closed: false,
        });
        let at = self.all.len() - 1;
        for (name, holds) in [
            ("Title", "TITLE"),
            ("Assignees", "ASSIGNEES"),
            ("Labels", "LABELS"),
            ("Repository", "REPOSITORY"),
            ("Reviewers", "REVIEWERS"),
        ] {
            self.add_field(at, name, |_| Holds::BuiltIn(holds));
        }
        self.add_field(at, "Priority", |p| Holds::single(&["Low", "Medium", "High"], p));
        self.add_field(at, "Estimate", |_| Holds::Number);
        self.add_field(at, "Due", |_| Holds::Date);
        self.add_field(at, "Notes", |_| Holds::Text);
        self.add_field(at, "Iteration", |p| {
            Holds::iteration(&["Iteration 2", "Iteration 3"], &["Iteration 1"], p)
        });
    }

    /// Adds a field to a project; what it holds may need ids.
    pub(super) fn add_field(&mut self, at: usize, name: &str, holds: impl FnOnce(&mut Self) -> Holds) {
        let holds = holds(self);
        let id = format!("{}_sandbox{:X}", holds.prefix(), self.fresh());
        self.all[at].fields.push(Field { id, name: name.to_owned(), holds });
    }

    /// A number that was not given before.
    pub(super) fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// An id as options have them: eight hexadecimal digits.
    pub(super) fn option_id(&mut self) -> String {
        format!("{:08x}", (self.fresh() as u32).wrapping_mul(0x9E37_79B1))
    }

    /// Index of the project at this address.
    pub(super) fn at(&self, address: &str) -> Option<usize> {
        self.all.iter().position(|p| p.address.eq_ignore_ascii_case(address))
    }

    pub(super) fn by_id(&self, id: &str) -> Option<usize> {
        self.all.iter().position(|p| p.id == id)
    }

    /// The item of an issue in a project, added when there is none.
    pub(super) fn add(&mut self, project: usize, content: Content, open: bool, now: Timestamp) -> usize {
        let items = &self.all[project].items;
        let there = items.iter().position(|item| item.content.is_same(&content));
        if let Some(at) = there {
            return at;
        }
        let (id, seconds) = (format!("PVTI_sandbox{}", self.fresh()), now.0.div_euclid(1000));
        let items = &mut self.all[project].items;
        items.push(Item {
            id,
            content,
            status: None,
            status_at: seconds,
            updated: seconds,
            values: BTreeMap::new(),
            archived: false,
            open,
            pending: false,
            due: false,
        });
        items.len() - 1
    }

    /// Lets the projects notice what became of their issues: built-in automation, and items whose issue is no more.
    pub(in crate::sandbox) fn follow(&mut self, world: &World, now: Timestamp) {
        for project in &mut self.all {
            project.items.retain(|item| match &item.content {
                Content::Issue { .. } => {
                    place(world, &item.content).is_some() || is_hidden(world, &item.content)
                }
                _ => true,
            });
            let done = project.options.iter().find(|(_, name)| name == "Done").map(|(id, _)| id.clone());
            for item in &mut project.items {
                if std::mem::take(&mut item.due) {
                    item.set(done.clone(), now);
                }
                let Some((repo, number)) = place(world, &item.content) else { continue };
                let open = world.repos[repo].issues[&number].open;
                let closed = item.open && !open;
                item.open = open;
                match project.automation {
                    Automation::AtOnce if closed => item.set(done.clone(), now),
                    Automation::Late if closed => item.pending = true,
                    _ => {}
                }
            }
        }
    }

    /// Takes points from the caller's account; false when it is spent.
    pub(super) fn spend(&mut self, call: &Call, cost: u64) -> bool {
        self.take(call.account().map_or("", |account| account.token), cost, call.now)
    }

    /// The same for a token.
    pub(super) fn take(&mut self, token: &'static str, cost: u64, now: Timestamp) -> bool {
        self.spent += cost;
        let account = self.open_account(token, now);
        account.0 += cost;
        account.0 <= POINTS
    }

    fn open_account(&mut self, token: &'static str, now: Timestamp) -> &mut (u64, i64) {
        let account = self.points.entry(token).or_default();
        if account.1 <= now.0 {
            *account = (0, now.0 + HOUR_MS);
        }
        account
    }

    /// The caller's points: limit, used, and when they are renewed in milliseconds.
    pub(super) fn account(&mut self, call: &Call) -> (u64, u64, i64) {
        let token = call.account().map_or("", |account| account.token);
        let (used, reset) = *self.open_account(token, call.now);
        (POINTS, used, reset)
    }

    /// Points spent by everybody since the start.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }
}

impl Item {
    /// Gives it a Status, or none.
    pub(super) fn set(&mut self, option: Option<String>, now: Timestamp) {
        self.status = option;
        self.status_at = now.0.div_euclid(1000);
        self.updated = self.status_at;
    }
}

impl Content {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Issue { id, .. }, Self::Issue { id: other, .. }) => id == other,
            _ => false,
        }
    }
}

impl Project {
    /// An option's name by its id.
    pub(super) fn option_name(&self, id: &str) -> Option<&str> {
        self.options.iter().find(|(option, _)| option == id).map(|(_, name)| name.as_str())
    }
}

/// Repository and number of an issue now: it may have been transferred.
pub(super) fn place(world: &World, content: &Content) -> Option<(usize, u64)> {
    let Content::Issue { id, repo, number } = content else { return None };
    let is = |at: usize, number: u64| world.repos[at].issues.get(&number).is_some_and(|i| i.id == *id);
    if let Some(at) = world.repo_by_id(*repo)
        && is(at, *number)
    {
        return Some((at, *number));
    }
    let elsewhere = world.repos.iter().enumerate().filter(|(_, r)| r.id != *repo);
    elsewhere
        .flat_map(|(at, r)| r.issues.values().map(move |i| (at, i)))
        .find(|(_, i)| i.id == *id)
        .map(|(at, i)| (at, i.number))
}

fn is_hidden(world: &World, content: &Content) -> bool {
    let Content::Issue { repo, number, .. } = content else { return false };
    let found = world.repo_by_id(*repo).and_then(|at| world.repos[at].gone.get(number));
    matches!(found, Some(crate::sandbox::world::Gone::Hidden(_)))
}

/// What an operation is called in the record of requests.
pub(super) fn is_mutation(operation: &Operation) -> bool {
    operation.kind == "mutation"
}
