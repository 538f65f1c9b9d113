//! Saved views: a query under a name. Pure.

use crate::support::text;

/// Longest name of a view, in characters.
pub const NAME_MAX: usize = 40;
/// What the tab is called that shows all cards; no view can be called so.
pub const ALL: &str = "All";

/// One `[[view]]`: what the board shows under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its name, unique without regard to case.
    pub name: String,
    /// The query as written; it reads without mistakes.
    pub query: String,
}

impl SavedView {
    /// Whether it is called so; case does not matter.
    pub fn is_named(&self, name: &str) -> bool {
        same(&self.name, name)
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// What is wrong with a view's name; `None` when it can be one.
pub fn name_problem(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        Some("a view needs a name".to_owned())
    } else if name.trim() != name {
        Some("a view's name has no blanks around it".to_owned())
    } else if name.chars().count() > NAME_MAX {
        Some(format!("a view's name has at most {NAME_MAX} characters"))
    } else if name.chars().any(text::is_unsafe) {
        Some("a view's name cannot hold control or invisible characters".to_owned())
    } else if same(name, ALL) {
        Some(format!("`{ALL}` is the tab that shows every card"))
    } else {
        None
    }
}
