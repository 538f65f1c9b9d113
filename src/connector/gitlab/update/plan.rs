//! Decides what the PUT of an update holds, and what GitLab dropped of it. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::connector::gitlab::{lines, map};
use crate::connector::{Class, Failure, Patch, RemoteItem, Scope};
use crate::domain::fields::{SetDelta, contains};
use crate::domain::mapping::OpenState;

/// What the names of a patch are on the instance.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Labels to add, in the project's spelling.
    pub(super) add: BTreeSet<String>,
    /// Everybody who shall be assigned afterwards; none: nobody changes.
    pub(super) people: Option<Vec<u64>>,
    /// The milestone; zero clears it.
    pub(super) milestone: Option<u64>,
}

/// The request of one update.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) body: Map<String, Value>,
    /// Every label we mean to add or remove.
    delta: SetDelta,
    /// Everybody who shall be assigned afterwards.
    people: Option<BTreeSet<String>>,
}

/// The labels to add, and those to remove in the spelling.
pub(super) fn labels(seen: &RemoteItem, patch: &Patch) -> SetDelta {
    let wanted = patch.labels.apply(&patch.state.labels.apply(&seen.state.labels));
    SetDelta::between(&seen.state.labels, &wanted)
}

/// Everybody who shall be assigned afterwards, when that changes: GitLab replaces all of them.
pub(super) fn people(seen: &RemoteItem, patch: &Patch) -> Option<BTreeSet<String>> {
    let wanted = patch.assignees.apply(&seen.assignees);
    (!SetDelta::between(&seen.assignees, &wanted).is_empty()).then_some(wanted)
}

/// Plans an update.
pub(super) fn plan(
    seen: &RemoteItem,
    patch: &Patch,
    delta: SetDelta,
    people: Option<BTreeSet<String>>,
    ids: Ids,
) -> Result<Plan, Failure> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    if let Some(title) = &patch.title {
        put("title", json!(title));
    }
    if let Some(text) = &patch.body {
        // The marker survives edits, so that the issue stays findable.
        let text = seen.marker.map_or_else(|| lines::held(text), |marker| map::with_marker(text, marker.0));
        put("description", json!(text));
    }
    if !ids.add.is_empty() {
        put("add_labels", json!(names_without_commas(&ids.add)?));
    }
    if !delta.remove.is_empty() {
        put("remove_labels", json!(names_without_commas(&delta.remove)?));
    }
    if let Some(state) = patch.state.state.filter(|s| *s != seen.state.state) {
        put("state_event", json!(if state == OpenState::Open { "reopen" } else { "close" }));
    }
    if let Some(people) = &ids.people {
        // Zero is GitLab's word for nobody.
        put("assignee_ids", if people.is_empty() { json!([0]) } else { json!(people) });
    }
    if let Some(milestone) = ids.milestone {
        put("milestone_id", json!(milestone));
    }
    Ok(Plan { body, delta, people })
}

/// Names as GitLab's requests take them. A comma would make two labels of one, so such a name is not sent.
pub(in crate::connector::gitlab) fn names_without_commas(
    names: &BTreeSet<String>,
) -> Result<String, Failure> {
    if let Some(name) = names.iter().find(|n| n.contains(',')) {
        let words = format!("GitLab's labels hold no commas: `{}`", crate::support::text::one_line(name));
        return Err(Failure::new(Class::Permanent, Scope::Item, words).with_help("rename the label"));
    }
    Ok(names.iter().map(String::as_str).collect::<Vec<_>>().join(","))
}

/// What of an update its answer does not show, in words: GitLab drops what a role or a plan may not set and says 200.
pub(super) fn dropped(patch: &Patch, plan: &Plan, answer: &RemoteItem) -> Vec<String> {
    let after = &answer.state.labels;
    let mut out: Vec<String> = Vec::new();
    let missing = plan.delta.add.iter().filter(|l| !contains(after, l));
    out.extend(missing.map(|l| format!("GitLab took the change but dropped the label `{l}`")));
    let left = plan.delta.remove.iter().filter(|l| after.contains(*l));
    out.extend(left.map(|l| format!("GitLab took the change but kept the label `{l}`")));
    if let Some(wanted) = patch.state.state.filter(|s| *s != answer.state.state) {
        let word = if wanted == OpenState::Open { "open" } else { "closed" };
        out.push(format!("GitLab took the change but dropped the state `{word}`"));
    }
    let same =
        |name: &String| answer.state.status.as_ref().is_some_and(|s| s.to_lowercase() == name.to_lowercase());
    if let Some(wanted) = patch.state.status.as_ref().filter(|name| !same(name)) {
        out.push(format!("GitLab took the change but dropped the status `{wanted}`"));
    }
    if let Some(wanted) = &plan.people {
        out.extend(unassigned(wanted, &answer.assignees));
    }
    let lower = |m: &Option<String>| m.as_ref().map(|m| m.trim().to_lowercase());
    if let Some(wanted) = patch.milestone.as_ref().filter(|m| lower(m) != lower(&answer.milestone)) {
        let named = wanted
            .as_ref()
            .map_or_else(|| "removal of the milestone".to_owned(), |m| format!("milestone `{m}`"));
        out.push(format!("GitLab took the change but dropped the {named}"));
    }
    out
}

fn unassigned(wanted: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let delta = SetDelta::between(after, wanted);
    let missing: Vec<String> = delta.add.iter().map(|n| format!("`{n}`")).collect();
    let mut out = Vec::new();
    if !missing.is_empty() {
        let why = if wanted.len() > 1 && after.len() == 1 {
            "several assignees need GitLab Premium"
        } else {
            "no such person, or no member of the project"
        };
        out.push(format!("GitLab took the change but did not assign {}: {why}", missing.join(", ")));
    }
    out.extend(delta.remove.iter().map(|n| format!("GitLab took the change but did not unassign `{n}`")));
    out
}

#[cfg(test)]
mod tests;
