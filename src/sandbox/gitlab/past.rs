//! Every edit of the first project's issues, for proofs. It only writes down what happened.

use super::{By, Issue, World};
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

    /// Notes how an issue differs from what it was; one that is new was nothing.
    pub(super) fn note(&mut self, project: usize, iid: u64, before: Option<&Issue>, by: By) {
        if project != 0 || self.past.is_none() {
            return;
        }
        let Some(now) = self.projects[project].issues.get(&iid) else { return };
        let mut told: Vec<(&'static str, String, String)> = Vec::new();
        match before {
            None => told.push(("created", now.title.clone(), now.description.clone().unwrap_or_default())),
            Some(old) => {
                let text = |issue: &Issue| issue.description.clone().unwrap_or_default();
                let people = |issue: &Issue| issue.assignees.join("\n");
                let milestone = |issue: &Issue| {
                    let found = self.milestones(project).find(|m| Some(m.id) == issue.milestone);
                    found.map(|m| m.title.clone()).unwrap_or_default()
                };
                told.push(("title", old.title.clone(), now.title.clone()));
                told.push(("body", text(old), text(now)));
                told.push(("milestone", milestone(old), milestone(now)));
                told.push(("standing", self.standing(project, old), self.standing(project, now)));
                told.push(("assignees", people(old), people(now)));
                told.retain(|(_, before, after)| before != after);
            }
        }
        let past = self.past.get_or_insert_default();
        past.extend(told.into_iter().map(|(field, before, after)| Past {
            number: iid,
            by: by.login.to_owned(),
            field,
            before,
            after,
        }));
    }

    /// Open or closed, and the labels, one a line.
    fn standing(&self, project: usize, issue: &Issue) -> String {
        let state = if issue.open { "open" } else { "closed " };
        let labels = self.labels(project).filter(|l| issue.labels.contains(&l.id)).map(|l| l.name.clone());
        std::iter::once(state.to_owned()).chain(labels).collect::<Vec<_>>().join("\n")
    }
}
