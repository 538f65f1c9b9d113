//! The project's boards as columns: a list by label is that label, Open and Closed are the state. What other lists show is
//! no status of an issue; they are named with the reason. It only reads.

use serde::Deserialize;
use serde_json::Value;

use super::catalog::understood;
use super::{About, GitlabConnector, wire};
use crate::connector::{BoardColumn, Class, Failure, PlatformBoard, PlatformBoards};
use crate::domain::mapping::{OpenState, Target};

/// A board, as `GET projects/:id/boards` lists it (`https://docs.gitlab.com/api/boards/`). Open and Closed are not among
/// its lists.
#[derive(Debug, Deserialize)]
pub(super) struct Board {
    id: u64,
    /// Old instances have one board, without a name.
    name: Option<String>,
    hide_backlog_list: Option<bool>,
    hide_closed_list: Option<bool>,
    /// The board shows issues of this milestone alone; so with those below.
    milestone: Option<wire::Titled>,
    assignee: Option<wire::User>,
    labels: Option<Vec<wire::Label>>,
    #[serde(default)]
    lists: Vec<Value>,
}

/// A list of a board; exactly one of label, milestone, assignee and iteration is there.
#[derive(Debug, Deserialize)]
struct List {
    label: Option<wire::Label>,
    milestone: Option<wire::Titled>,
    #[serde(alias = "user")]
    assignee: Option<wire::User>,
    iteration: Option<Iteration>,
    position: Option<i64>,
}

/// An iteration; one of a cadence has no title of its own.
#[derive(Debug, Deserialize)]
struct Iteration {
    title: Option<String>,
}

impl GitlabConnector {
    /// The boards of the project; those of its groups are none of its.
    pub(super) async fn list_boards(&self) -> Result<PlatformBoards, Failure> {
        let url = self.api.here(&["boards"], &[("per_page", "100")]);
        let all = match self.api.all_pages(url, About::Container).await {
            Ok(all) => all,
            Err(failure) if withheld(&failure) => {
                let words = format!(
                    "GitLab does not show this account the boards of {}: {}",
                    self.api.project(),
                    failure.message
                );
                return Ok(PlatformBoards::none(self.api.port().words(&words)));
            }
            Err(failure) => return Err(failure),
        };
        if all.is_empty() {
            return Ok(PlatformBoards::none(format!("{} has no issue board", self.api.project())));
        }
        let there = all.len();
        let boards: Vec<PlatformBoard> = understood::<Board>(all).map(columns).collect();
        let odd = there - boards.len();
        let word =
            (odd > 0).then(|| format!("{odd} of the boards could not be understood; the log says why"));
        Ok(PlatformBoards { boards, word })
    }
}

/// Whether the boards alone are kept from us. Without the project nothing works, and that is another matter.
fn withheld(failure: &Failure) -> bool {
    let no_project = || failure.message.to_lowercase().contains("project not found");
    failure.class != Class::Transient && matches!(failure.status, Some(403 | 404)) && !no_project()
}

/// A board with its columns, in the order in which GitLab shows them.
pub(super) fn columns(board: Board) -> PlatformBoard {
    let mut notes = scope(&board);
    let name = board.name.unwrap_or_else(|| format!("Board {}", board.id));
    let there = board.lists.len();
    let mut lists: Vec<List> = understood::<List>(board.lists).collect();
    if lists.len() < there {
        notes.push(format!("{} of its lists could not be understood; the log says why", there - lists.len()));
    }
    lists.sort_by_key(|list| list.position.unwrap_or(i64::MAX));
    let label = |list: &List| list.label.clone().map(wire::Label::into_name);
    let scope = common_scope(&lists.iter().filter_map(label).collect::<Vec<_>>());
    let state = |title: &str, state| BoardColumn {
        title: title.to_owned(),
        target: vec![Target { state: Some(state), ..Target::default() }],
        note: None,
    };
    let mut columns = Vec::new();
    if board.hide_backlog_list == Some(true) {
        notes.push(
            "the board hides its list Open: an open issue without one of its labels has no column".into(),
        );
    } else {
        columns.push(state("Open", OpenState::Open));
    }
    columns.extend(lists.into_iter().map(|list| column(list, &scope)));
    if board.hide_closed_list == Some(true) {
        notes.push("the board hides its list Closed: no column closes an issue".into());
    } else {
        columns.push(state("Closed", OpenState::Closed));
    }
    PlatformBoard { name, columns, notes }
}

/// A list as a column. Only a label is something an issue has one way or the other, as a status is.
fn column(list: List, scope: &str) -> BoardColumn {
    let other =
        |title: String, why: &str| BoardColumn { title, target: Vec::new(), note: Some(why.to_owned()) };
    if let Some(label) = list.label {
        let label = label.into_name();
        let title = label.strip_prefix(scope).filter(|rest| !rest.is_empty()).unwrap_or(&label).to_owned();
        let note = label.contains(',').then(|| {
            "the label has a comma in its name, so GitLab's API cannot put it on: cards can be read here, not moved \
             here"
                .to_owned()
        });
        return BoardColumn { title, target: vec![Target { label: Some(label), ..Target::default() }], note };
    }
    if let Some(milestone) = list.milestone {
        return other(
            milestone.title,
            "a list by milestone is no status: it is the card's milestone (filter by it)",
        );
    }
    if let Some(person) = list.assignee {
        let name = person.username.unwrap_or_else(|| "somebody".to_owned());
        return other(name, "a list by assignee is no status: it is the card's assignee (filter by it)");
    }
    if let Some(iteration) = list.iteration {
        let title = iteration.title.unwrap_or_else(|| "iteration".to_owned());
        let why = "a list by iteration is no status: a field rule with the target \"iteration\" brings it to the card";
        return other(title, why);
    }
    let why = "GitLab's REST API does not tell what this list is by; where it is by status, write a line such as \
               `{ status = \"In progress\" }` yourself";
    other("list".to_owned(), why)
}

/// What a board leaves out of the project's issues.
fn scope(board: &Board) -> Vec<String> {
    let mut only: Vec<String> = Vec::new();
    only.extend(board.milestone.as_ref().map(|m| format!("milestone {}", m.title)));
    only.extend(
        board.assignee.as_ref().and_then(|a| a.username.as_ref()).map(|name| format!("assignee {name}")),
    );
    only.extend(board.labels.iter().flatten().cloned().map(|l| format!("label {}", l.into_name())));
    if only.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "the board shows only issues of {}; a connection has all issues of the project",
        only.join(", ")
    )]
}

/// The scope all labels share, with its colons, such as `workflow::`; empty when they do not.
fn common_scope(labels: &[String]) -> String {
    let scope_of = |label: &String| label.rsplit_once("::").map(|(scope, _)| format!("{scope}::"));
    let first = labels.first().and_then(scope_of).unwrap_or_default();
    if labels.iter().all(|label| scope_of(label).as_ref() == Some(&first)) { first } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> PlatformBoard {
        columns(serde_json::from_str(json).expect("a board"))
    }

    #[test]
    fn a_board_of_an_old_instance_has_a_name_and_its_lists() {
        let board = read(
            r#"{"id":1,"lists":[{"id":2,"label":{"name":"Ready","description":null},"position":2},
                {"id":1,"label":{"name":"Testing"},"position":1}]}"#,
        );
        let titles: Vec<&str> = board.columns.iter().map(|c| c.title.as_str()).collect();
        assert_eq!((board.name.as_str(), titles), ("Board 1", vec!["Open", "Testing", "Ready", "Closed"]));
        assert_eq!(board.columns[1].target[0].label.as_deref(), Some("Testing"));
    }

    #[test]
    fn a_scope_all_lists_share_is_left_out_of_the_titles_and_never_of_the_labels() {
        let list = |name: &str| format!(r#"{{"id":1,"label":{{"name":"{name}"}},"position":1}}"#);
        let board = |names: &[&str]| {
            let lists: Vec<String> = names.iter().map(|n| list(n)).collect();
            let board = read(&format!(r#"{{"id":1,"lists":[{}]}}"#, lists.join(",")));
            board.columns.into_iter().map(|c| c.title).collect::<Vec<_>>()
        };
        assert_eq!(board(&["workflow::doing", "workflow::review"]), ["Open", "doing", "review", "Closed"]);
        assert_eq!(board(&["workflow::doing", "bug"]), ["Open", "workflow::doing", "bug", "Closed"]);
        assert_eq!(board(&["workflow::"]), ["Open", "workflow::", "Closed"]);
    }
}
