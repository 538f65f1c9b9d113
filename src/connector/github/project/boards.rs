//! The project as a board: the options of its Status are its columns. It only reads.

use crate::connector::github::GithubConnector;
use crate::connector::{BoardColumn, Failure, PlatformBoard, PlatformBoards};
use crate::domain::mapping::{CloseReason, OpenState, Target};

/// What an option is called that stands for closed issues. GitHub's own automation closes an issue that comes to `Done`.
const DONE: [&str; 4] = ["done", "closed", "completed", "complete"];

impl GithubConnector {
    /// The board of the connection's project; a repository has none.
    pub(in crate::connector::github) async fn list_boards(&self) -> Result<PlatformBoards, Failure> {
        let Some(project) = &self.project else {
            let words = "a repository has no board: name one with `project = \"orgs/NAME/projects/3\"`";
            return Ok(PlatformBoards::none(words));
        };
        let meta = self.fresh_meta(project).await?;
        let columns = meta.options.iter().map(|(_, name)| column(name)).collect();
        let board = PlatformBoard { name: meta.title.clone(), columns, notes: Vec::new() };
        Ok(PlatformBoards { boards: vec![board], word: None })
    }
}

/// An option as a column. An option says nothing of open and closed, so its name is gone by, and that is told.
fn column(name: &str) -> BoardColumn {
    let done = DONE.contains(&name.trim().to_lowercase().as_str());
    let (state, reason) =
        if done { (OpenState::Closed, Some(CloseReason::Completed)) } else { (OpenState::Open, None) };
    let target = Target { status: Some(name.to_owned()), state: Some(state), reason, ..Target::default() };
    let note = done.then(|| {
        "a card moved here is closed, by the option's name; take `state` and `reason` out to leave it open".to_owned()
    });
    BoardColumn { title: name.to_owned(), target: vec![target], note }
}
