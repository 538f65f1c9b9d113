//! What the command palette lists: actions, and commands that carry a name; how each is remembered and what else it is
//! found by. No behaviour here.

use crate::config::keymap::Action;
use crate::domain::mapping::Status;

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An action.
    Do(Action),
    /// Moves the cards into this column.
    MoveTo(Status),
}

impl Entry {
    /// The line it is remembered by; stable, and no text of a platform's.
    pub fn id(&self) -> String {
        match self {
            Self::Do(action) => action.name().to_owned(),
            Self::MoveTo(status) => format!("move_to {status}"),
        }
    }

    /// Words by which it is found besides what it says: those of other programs too.
    pub fn also(&self) -> &'static [&'static str] {
        let Self::Do(action) = self else { return &["mv", "send"] };
        match action {
            Action::Quit => &["q", "q!", "qa", "quit", "exit", "x", "wq"],
            Action::Save => &["w", "write", "save"],
            Action::SyncNow => &["w", "write", "sync", "pull", "push", "refresh"],
            Action::SyncAll => &["wa", "w", "write", "sync", "pull", "push", "refresh"],
            Action::NewCard => &["new", "n", "add", "create", "issue", "enew", "tabnew"],
            Action::Open => &["e", "edit", "show", "view"],
            Action::Undo => &["u", "undo", "revert"],
            Action::Redo => &["red", "redo"],
            Action::Help => &["h", "help", "keys", "bindings", "rebind", "shortcuts", "map"],
            Action::Filter => &["find", "search", "query", "/"],
            Action::Archive => &["d", "delete", "remove", "archive", "hide"],
            Action::CloseOrReopen => &["done", "resolve", "finish", "bd"],
            Action::Assignees => &["assign", "people", "owner"],
            Action::Labels => &["tag", "label"],
            Action::OpenInBrowser => &["web", "url", "browse"],
            Action::CopyUrl | Action::CopyKey => &["yank", "clipboard"],
            Action::SelectShown | Action::SelectAll => &["everything", "mark all"],
            Action::Redraw => &["redraw", "repaint", "clear"],
            Action::Suspend => &["sh", "shell", "background", "stop"],
            Action::ViewMappings => &["settings", "statuses", "columns"],
            Action::ViewHealth => &["status", "connections"],
            Action::ViewActivity => &["log", "audit", "history"],
            Action::ViewBoard => &["home", "b"],
            Action::Column1 => &["1"],
            Action::Column2 => &["2"],
            Action::Column3 => &["3"],
            Action::Column4 => &["4"],
            Action::Column5 => &["5"],
            Action::Column6 => &["6"],
            Action::Column7 => &["7"],
            Action::Column8 => &["8"],
            Action::Column9 => &["9"],
            _ => &[],
        }
    }
}

/// Where a row stands while nothing is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// It was used lately, so many commands ago.
    Recent(u8),
    /// It belongs to this view.
    Here,
    /// It moves cards into a column.
    Column,
    /// It works in every view.
    Global,
    /// It only moves the focus: keys are faster.
    Motion,
    /// It works in another view: found when it is looked for.
    Elsewhere,
}

/// A command as it can be chosen now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which command.
    pub entry: Entry,
    /// What it does.
    pub what: String,
    /// Its keys as they are bound, the first one first; empty when it has none.
    pub keys: String,
    /// Where it stands.
    pub rank: Rank,
    /// Why it cannot be done now.
    pub blocked: Option<String>,
}
