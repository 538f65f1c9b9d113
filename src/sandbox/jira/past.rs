//! Every edit of an issue, for proofs. It only writes down what happened.

use super::issue::State;
use super::{World, flow};
use crate::sandbox::Past;

impl World {
    /// Keeps every edit from now on.
    pub(in crate::sandbox) fn keep_history(&mut self) {
        self.past = Some(Vec::new());
    }

    /// How many edits there were, when they are kept.
    pub(in crate::sandbox) fn moment(&self) -> usize {
        self.past.as_ref().map_or(0, Vec::len)
    }

    /// Changes an issue, if it is there, in somebody's name.
    pub(super) fn change(&mut self, id: u64, at: i64, by: &str, edit: impl FnOnce(&mut State)) {
        let Some(issue) = self.issues.get_mut(&id) else { return };
        let before = issue.now.clone();
        issue.change(at, edit);
        self.note(id, Some(&before), by);
    }

    /// Notes how an issue differs from what it was; one that is new was nothing.
    pub(super) fn note(&mut self, id: u64, before: Option<&State>, by: &str) {
        let (Some(past), Some(issue)) = (&mut self.past, self.issues.get(&id)) else { return };
        let now = &issue.now;
        let versions = |state: &State| state.versions.first().map(|v| v.1.clone()).unwrap_or_default();
        let body = |state: &State| state.description.to_string();
        let people = |state: &State| state.assignee.clone().unwrap_or_default();
        let told = match before {
            None => vec![("created", now.summary.clone(), body(now))],
            Some(old) => vec![
                ("title", old.summary.clone(), now.summary.clone()),
                ("body", body(old), body(now)),
                ("milestone", versions(old), versions(now)),
                ("standing", standing(old), standing(now)),
                ("assignees", people(old), people(now)),
            ],
        };
        let told = told.into_iter().filter(|(field, before, after)| *field == "created" || before != after);
        past.extend(told.map(|(field, before, after)| Past {
            number: issue.number,
            by: by.to_owned(),
            field,
            before,
            after,
        }));
    }
}

/// Status, resolution and labels, one a line.
fn standing(state: &State) -> String {
    let resolution = state.resolution.clone().unwrap_or_default();
    let first = [flow::status(state.status).1.to_owned(), resolution];
    first.into_iter().chain(state.labels.iter().cloned()).collect::<Vec<_>>().join("\n")
}
