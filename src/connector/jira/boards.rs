//! The project's boards as columns: a column's statuses by name, in board order. It only reads.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::JiraConnector;
use super::catalog::understood;
use super::classify::About;
use super::client::{endless, within_a_page};
use super::moves::quoted;
use crate::connector::{BoardColumn, Class, Failure, PlatformBoard, PlatformBoards, Trouble};
use crate::domain::mapping::Target;

/// How many boards are read; each takes a request of its own.
const BOARDS_MAX: usize = 50;

/// A page of boards (`GET rest/agile/1.0/board`).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Boards {
    #[serde(default)]
    values: Vec<Value>,
    is_last: Option<bool>,
}

/// A board in the list; one that is private has no name for those who may not see it.
#[derive(Debug, Deserialize)]
pub(super) struct Board {
    id: u64,
    name: Option<String>,
}

/// What `GET rest/agile/1.0/board/{id}/configuration` tells of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Configuration {
    column_config: ColumnConfig,
}

#[derive(Debug, Deserialize)]
struct ColumnConfig {
    #[serde(default)]
    columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
struct Column {
    name: String,
    #[serde(default)]
    statuses: Vec<StatusId>,
}

#[derive(Debug, Deserialize)]
struct StatusId {
    id: String,
}

impl JiraConnector {
    /// The boards whose filter names the project.
    pub(super) async fn list_boards(&self) -> Result<PlatformBoards, Failure> {
        let (all, more) = match self.boards_of_project().await {
            Ok(found) => found,
            Err(failure) if withheld(&failure) => return Ok(PlatformBoards::none(self.withheld(&failure))),
            Err(failure) => return Err(failure),
        };
        if all.is_empty() {
            let word = format!("{} has no board that this account sees", self.api.project());
            return Ok(PlatformBoards::none(word));
        }
        let known: HashMap<String, String> =
            self.workflow_statuses().await?.into_iter().filter_map(|s| Some((s.id?, s.name))).collect();
        let mut found = PlatformBoards::default();
        if more {
            found.word = Some(format!("there are more boards; the first {BOARDS_MAX} were read"));
        }
        for board in all {
            match self.configuration(board.id).await {
                Ok(read) => found.boards.push(columns(board, read, &known)),
                Err(failure) if withheld(&failure) => found.word = Some(self.withheld(&failure)),
                // An answer that is none of Jira's board is that board's trouble alone.
                Err(failure) if failure.class == Class::Permanent => {
                    let words = format!("a board was left out: {}", failure.message);
                    found.word = Some(self.api.port().words(&words));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(found)
    }

    /// The boards, and whether there are more than are read.
    async fn boards_of_project(&self) -> Result<(Vec<Board>, bool), Failure> {
        let (mut all, mut start) = (Vec::new(), 0);
        // Every page but the last has a board on it.
        for _ in 0..=BOARDS_MAX {
            let mut url = self.api.on_site(&["rest", "agile", "1.0", "board"]);
            let from = start.to_string();
            let query = [("projectKeyOrId", self.api.project()), ("startAt", from.as_str())];
            url.query_pairs_mut().extend_pairs(query);
            let page: Boards = self.api.get(url, About::Container).await?;
            within_a_page(page.values.len())?;
            let ended = page.values.is_empty() || page.is_last != Some(false);
            start += page.values.len();
            all.extend(understood::<Board>(page.values));
            if ended || all.len() > BOARDS_MAX {
                let more = all.len() > BOARDS_MAX || !ended;
                all.truncate(BOARDS_MAX);
                return Ok((all, more));
            }
        }
        Err(endless())
    }

    async fn configuration(&self, board: u64) -> Result<Configuration, Failure> {
        let id = board.to_string();
        let url = self.api.on_site(&["rest", "agile", "1.0", "board", &id, "configuration"]);
        self.api.get(url, About::Container).await
    }

    /// Why boards are kept from us, and what would help.
    fn withheld(&self, failure: &Failure) -> String {
        let words = format!(
            "Jira does not show this account the boards of {}: {}; a token with scopes needs \
             read:board-scope:jira-software, read:board-scope.admin:jira-software and read:project:jira",
            self.api.project(),
            failure.message
        );
        self.api.port().words(&words)
    }
}

/// Whether the boards alone are kept from us. Their API belongs to Jira Software and has scopes of its own.
fn withheld(failure: &Failure) -> bool {
    let of_scope = failure.status == Some(401) && failure.trouble == Some(Trouble::Scope);
    failure.class != Class::Transient && (of_scope || matches!(failure.status, Some(403 | 404)))
}

pub(super) fn columns(board: Board, read: Configuration, known: &HashMap<String, String>) -> PlatformBoard {
    let columns = read.column_config.columns.into_iter().map(|c| column(c, known)).collect();
    let name = board.name.unwrap_or_else(|| format!("Board {}", board.id));
    PlatformBoard { name, columns, notes: Vec::new() }
}

/// A column with its statuses by name. One whose id is none of the project's belongs to another project on the board.
fn column(column: Column, known: &HashMap<String, String>) -> BoardColumn {
    let (mut names, mut strangers): (Vec<&String>, Vec<&String>) = (Vec::new(), Vec::new());
    for status in &column.statuses {
        match known.get(&status.id) {
            Some(name) => names.push(name),
            None => strangers.push(&status.id),
        }
    }
    let note = if column.statuses.is_empty() {
        Some("no status is mapped to the column on Jira's board".to_owned())
    } else if strangers.is_empty() {
        None
    } else {
        Some(format!("not of this project, known by number alone: {}", quoted(&strangers)))
    };
    let target = names.into_iter().map(|name| Target { status: Some(name.clone()), ..Target::default() });
    BoardColumn { title: column.name, target: target.collect(), note }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_columns_statuses_are_named_in_their_order_and_strangers_are_told() {
        let known = [("3", "In Progress"), ("7", "Review")];
        let known = known.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
        let read = |json: &str| column(serde_json::from_str(json).expect("a column"), &known);
        let one = read(r#"{"name":"Doing","statuses":[{"id":"7"},{"id":"99"},{"id":"3"}],"max":3}"#);
        let names: Vec<&str> = one.target.iter().filter_map(|t| t.status.as_deref()).collect();
        assert_eq!(names, ["Review", "In Progress"]);
        assert_eq!(one.note.as_deref(), Some("not of this project, known by number alone: `99`"));
        let bare = read(r#"{"name":"Later"}"#);
        assert!(bare.target.is_empty() && bare.note.is_some_and(|note| note.contains("no status")));
    }
}
