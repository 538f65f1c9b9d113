//! Names that are kept once for the life of the process: there are few, and everything refers to them. Not for what
//! platforms send in numbers nobody bounds, such as titles and labels.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The one copy of a name.
pub fn kept(name: &str) -> &'static str {
    static NAMES: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    let names = names.get_or_insert_default();
    if let Some(known) = names.get(name) {
        return known;
    }
    let new: &'static str = Box::leak(name.into());
    names.insert(new);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_is_the_same_copy() {
        let one = kept("in_progress");
        assert!(std::ptr::eq(one, kept(&["in_", "progress"].concat())));
        assert_ne!(one, kept("completed"));
    }
}
