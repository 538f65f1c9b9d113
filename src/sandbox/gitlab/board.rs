//! Issue boards: which lists each has, how GitLab shows them, and the hands of somebody at its pages.

use serde_json::{Value, json};

use super::web::{Done, GitlabWeb};
use super::{World, render};

/// A board of a project.
#[derive(Debug)]
pub(super) struct Board {
    id: u64,
    name: String,
    hides_open: bool,
    hides_closed: bool,
    lists: Vec<(u64, By)>,
}

/// What a list is by.
#[derive(Debug)]
enum By {
    Label(u64),
    Milestone(u64),
    Assignee(String),
    Iteration(String),
    /// A status: REST shows such a list and says nothing of what it is by.
    Status,
}

/// A list of a board.
#[derive(Debug, Clone, Copy)]
pub enum GitlabList<'a> {
    /// By a label, made when there is none of that name.
    Label(&'a str),
    /// By a milestone, made when there is none of that title.
    Milestone(&'a str),
    /// By somebody.
    Assignee(&'a str),
    /// By an iteration with this title.
    Iteration(&'a str),
    /// By a status of GitLab's own.
    Status,
}

impl GitlabWeb {
    /// Makes a board with these lists between Open and Closed.
    pub fn create_board(&self, project: &str, name: &str, lists: &[GitlabList<'_>]) -> Done {
        self.project(project, |world, at, by| {
            let mut made = Vec::new();
            for list in lists {
                let of = match *list {
                    GitlabList::Label(name) => By::Label(world.label(at, name)),
                    GitlabList::Milestone(title) => {
                        let known = world.milestones(at).find(|m| m.title == title).map(|m| m.id);
                        By::Milestone(known.unwrap_or_else(|| world.add_milestone(Some(at), title, by.at)))
                    }
                    GitlabList::Assignee(login) => By::Assignee(login.to_owned()),
                    GitlabList::Iteration(title) => By::Iteration(title.to_owned()),
                    GitlabList::Status => By::Status,
                };
                made.push((world.fresh_id(), of));
            }
            let id = world.fresh_id();
            let board =
                Board { id, name: name.to_owned(), hides_open: false, hides_closed: false, lists: made };
            world.projects[at].boards.push(board);
        })
    }

    /// Lets the project's boards hide their lists Open and Closed.
    pub fn hide_lists(&self, project: &str, open: bool, closed: bool) -> Done {
        self.project(project, |world, at, _| {
            for board in &mut world.projects[at].boards {
                (board.hides_open, board.hides_closed) = (open, closed);
            }
        })
    }
}

/// The project's boards as `GET projects/:id/boards` shows them: Open and Closed are not among the lists, and the lists
/// come in any order.
pub(super) fn shown(world: &World, root: &str, at: usize) -> Vec<Value> {
    let project = &world.projects[at];
    let one = |board: &Board| {
        let lists = board.lists.iter().enumerate().rev();
        let lists: Vec<Value> = lists.map(|(place, list)| list_of(world, root, at, place, list)).collect();
        json!({
            "id": board.id, "name": board.name, "hide_backlog_list": board.hides_open,
            "hide_closed_list": board.hides_closed, "lists": lists, "milestone": null, "assignee": null,
            "labels": [], "weight": null, "group": null,
            "project": {
                "id": project.id, "name": project.path.rsplit('/').next(), "path_with_namespace": project.path,
                "web_url": format!("{root}/{}", project.path),
            },
        })
    };
    project.boards.iter().map(one).collect()
}

fn list_of(world: &World, root: &str, at: usize, place: usize, (id, by): &(u64, By)) -> Value {
    let mut out = json!({
        "id": id, "label": null, "position": place, "max_issue_count": 0, "max_issue_weight": 0,
        "limit_metric": null,
    });
    let project = &world.projects[at];
    match by {
        By::Label(id) => {
            let label = world.labels(at).find(|l| l.id == *id);
            out["label"] = label.map(|l| render::label(l, true)).unwrap_or_default();
        }
        By::Milestone(id) => {
            let milestone = world.milestones(at).find(|m| m.id == *id);
            out["milestone"] =
                milestone.map(|m| render::milestone(root, m, Some(project))).unwrap_or_default();
        }
        By::Assignee(login) => out["assignee"] = render::user(root, login),
        By::Iteration(title) => {
            out["iteration"] = json!({"id": 1, "iid": 1, "title": title, "state": 2});
        }
        By::Status => {}
    }
    out
}
