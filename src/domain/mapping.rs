//! The status mapping: canonical status, column title and, per connection, the platform's state.
//!
//! Reading turns a platform's state into a canonical status; writing says what must change on the platform so that
//! it reads as another one. Both are pure and total: a state the mapping does not name is read as the nearest
//! status and said to be unmapped, never dropped.

mod further;
mod names;
pub mod rule;

use std::collections::BTreeSet;
use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::fields::{Field, SetDelta, contains};
use super::moves::Given;
use crate::support::kept::kept;

pub use further::{FieldRules, Told};
pub use names::{NameMap, Names};
pub use rule::FieldRule;

/// A canonical status, such as `in_progress`: lower-case letters, digits, `_` and `-`.
///
/// Its name is kept once for the life of the process, so that a hundred thousand cards share it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(&'static str);

impl Status {
    /// Wraps a name that has been checked with [`Status::is_valid`].
    pub fn new(name: impl Into<String>) -> Self {
        Self(kept(&name.into()))
    }

    /// Whether `name` can be a canonical status.
    pub fn is_valid(name: &str) -> bool {
        !name.is_empty()
            && name.len() <= 64
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0
    }
}

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(kept(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?)))
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({})", self.0)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// Open or closed: the state every issue tracker has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenState {
    /// Still to be done.
    #[default]
    Open,
    /// Done, or not to be done.
    Closed,
}

/// Why an issue is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// It was done.
    Completed,
    /// It will not be done.
    NotPlanned,
    /// It is told elsewhere.
    Duplicate,
}

impl CloseReason {
    /// Every reason, as GitHub's description lists them.
    pub const ALL: [Self; 3] = [Self::Completed, Self::NotPlanned, Self::Duplicate];

    /// GitHub's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
        }
    }
}

/// What a canonical status is on a platform.
///
/// A target without `state` means open, as a label alone does. One that names a status of the platform's own and no
/// `state` says nothing of open and closed: there the platform's status decides that.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The label that stands for the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Open or closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<OpenState>,
    /// Why closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<CloseReason>,
    /// The platform's own status by name: the option of a GitHub project's Status field, a Jira or GitLab status, the
    /// state of a Bitbucket pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The resolution that goes with it (Jira).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
}

impl Target {
    /// Open or closed.
    pub fn open_state(&self) -> OpenState {
        self.state.unwrap_or_default()
    }

    /// Open or closed, where the target says so: the platform's own status alone does not.
    fn told_state(&self) -> Option<OpenState> {
        if self.status.is_some() { self.state } else { Some(self.open_state()) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(status) = &self.status {
            parts.push(format!("\"{status}\""));
        }
        if let Some(resolution) = &self.resolution {
            parts.push(format!("resolved as \"{resolution}\""));
        }
        match (self.state, self.reason) {
            (Some(OpenState::Closed), Some(r)) => parts.push(format!("closed as {}", r.as_str())),
            (Some(OpenState::Closed), None) => parts.push("closed".to_owned()),
            (Some(OpenState::Open), _) => parts.push("open".to_owned()),
            (None, _) => {}
        }
        if let Some(label) = &self.label {
            parts.push(format!("label \"{label}\""));
        }
        f.pad(&parts.join(", "))
    }
}

/// A platform's own view of where an item stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlatformState {
    /// Open or closed.
    pub state: OpenState,
    /// Why closed, when the platform says so.
    pub reason: Option<CloseReason>,
    /// Every label on it, those that stand for a status too.
    pub labels: BTreeSet<String>,
    /// The platform's own status by name, where it has one and the item does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How it was resolved, where the platform says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
}

/// How a platform's state reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The canonical status; assumed when `mapped` is false.
    pub status: Status,
    /// Whether the mapping names this state.
    pub mapped: bool,
    /// The labels that do not stand for a status.
    pub labels: BTreeSet<String>,
}

/// What must change on the platform so that an item reads as another status.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StateChange {
    /// Open or close it; `None` leaves it.
    pub state: Option<OpenState>,
    /// The reason that goes with closing.
    pub reason: Option<CloseReason>,
    /// Status labels to add and to remove.
    pub labels: SetDelta,
    /// The platform's own status to give it; `None` leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The resolution that goes with that status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// What a person gave for fields that the platform wants with it.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
}

impl StateChange {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.state.is_none() && self.labels.is_empty() && self.status.is_none()
    }
}

/// One connection's mapping, in board order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusMapping {
    targets: IndexMap<Status, Target>,
    /// Where an open item goes that the mapping does not name.
    open_default: Option<Status>,
    /// Where a closed item goes that the mapping does not name.
    closed_default: Option<Status>,
    /// What people, labels and milestones are called there.
    names: Names,
    /// Fields its items do not have.
    without: &'static [Field],
    /// What further fields are called and made of there.
    rules: FieldRules,
    /// Whether a move may go over several steps of a workflow.
    hops: bool,
}

impl StatusMapping {
    /// Builds the mapping of a connection over a board's `statuses`, in board order. `targets` may leave some out.
    pub fn new<'a>(
        statuses: impl IntoIterator<Item = &'a Status>,
        targets: &IndexMap<Status, Target>,
    ) -> Self {
        let statuses: Vec<&Status> = statuses.into_iter().collect();
        let ordered: IndexMap<Status, Target> =
            statuses.iter().filter_map(|s| targets.get(*s).map(|t| ((*s).clone(), t.clone()))).collect();
        let closed = |s: &&&Status| targets.get(**s).is_some_and(|t| t.open_state() == OpenState::Closed);
        let open_default = statuses.iter().find(|s| !closed(s)).or(statuses.first()).map(|s| (*s).clone());
        let closed_default = statuses.iter().find(closed).or(statuses.last()).map(|s| (*s).clone());
        Self {
            targets: ordered,
            open_default,
            closed_default,
            names: Names::default(),
            without: &[],
            rules: FieldRules::default(),
            hops: false,
        }
    }

    /// The same with other names on the platform.
    #[must_use]
    pub fn with_names(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// The same with rules for further fields.
    #[must_use]
    pub fn with_rules(self, rules: Vec<FieldRule>) -> Self {
        Self { rules: FieldRules::new(rules), ..self }
    }

    /// The same for a platform whose items do not have these fields.
    #[must_use]
    pub fn without(self, without: &'static [Field]) -> Self {
        Self { without, ..self }
    }

    /// The same with moves over several steps of a workflow, or without.
    #[must_use]
    pub fn with_hops(self, hops: bool) -> Self {
        Self { hops, ..self }
    }

    /// Whether a move may go over several steps of a workflow.
    pub fn hops(&self) -> bool {
        self.hops
    }

    /// Whether the platform's items have a field.
    pub fn has(&self, field: Field) -> bool {
        self.reads(field) || self.writes(field)
    }

    /// Whether a field of the platform's items is taken over to the card.
    pub fn reads(&self, field: Field) -> bool {
        self.rules.reads(field, self.by_itself(field))
    }

    /// Whether a field of the card is sent to the platform.
    pub fn writes(&self, field: Field) -> bool {
        self.rules.writes(field, self.by_itself(field))
    }

    fn by_itself(&self, field: Field) -> bool {
        !matches!(field, Field::Extra(_)) && !self.without.contains(&field)
    }

    /// Whether a change of `field` on a card may be something to send.
    pub fn concerns(&self, field: Field) -> bool {
        self.writes(field) || self.rules.concern(field)
    }

    /// The rules of further fields.
    pub fn rules(&self) -> &FieldRules {
        &self.rules
    }

    /// What people, labels and milestones are called there.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What `status` is on the platform, when the mapping names it.
    pub fn target(&self, status: &Status) -> Option<&Target> {
        self.targets.get(status)
    }

    /// The statuses the mapping names, in board order, with what they are on the platform.
    pub fn targets(&self) -> impl Iterator<Item = (&Status, &Target)> {
        self.targets.iter()
    }

    /// Whether `label` stands for a status here.
    pub fn is_status_label(&self, label: &str) -> bool {
        self.targets
            .values()
            .filter_map(|t| t.label.as_deref())
            .any(|l| l.to_lowercase() == label.to_lowercase())
    }

    /// Reads a platform's state.
    ///
    /// The platform's own status beats everything else. Closed beats a label left behind; a target that names more of
    /// the state beats one that names less; of several status labels the one furthest along the board wins, since
    /// people add the new label before they remove the old.
    pub fn read(&self, at: &PlatformState) -> Reading {
        let best = self
            .targets
            .iter()
            .filter_map(|(s, t)| fit(t, at).map(|score| (score, s)))
            .max_by_key(|(score, _)| *score)
            .map(|(_, s)| s.clone());
        let mapped = best.is_some();
        let assumed = match at.state {
            OpenState::Open => &self.open_default,
            OpenState::Closed => &self.closed_default,
        };
        let status = best.or_else(|| assumed.clone()).unwrap_or_else(|| Status::new("unmapped"));
        let labels = at.labels.iter().filter(|l| !self.is_status_label(l)).cloned().collect();
        Reading { status, mapped, labels }
    }

    /// What to change so that an item in state `at` reads as `to`; `None` when the mapping does not name `to`.
    pub fn write(&self, at: &PlatformState, to: &Status) -> Option<StateChange> {
        let target = self.targets.get(to)?;
        let mut change = StateChange::default();
        if let Some(wanted) = target.told_state() {
            let reason_differs = wanted == OpenState::Closed
                && target.reason.is_some()
                && target.reason != at.reason
                && !(target.reason == Some(CloseReason::Completed) && at.reason.is_none());
            if at.state != wanted || reason_differs {
                change.state = Some(wanted);
                change.reason = if wanted == OpenState::Closed { target.reason } else { None };
            }
        }
        let resolved =
            target.resolution.is_none() || same_name(target.resolution.as_deref(), at.resolution.as_deref());
        if target.status.is_some() && !(same_name(target.status.as_deref(), at.status.as_deref()) && resolved)
        {
            change.status.clone_from(&target.status);
            change.resolution.clone_from(&target.resolution);
        }
        for label in &at.labels {
            let wanted_here = target.label.as_ref().is_some_and(|l| l.to_lowercase() == label.to_lowercase());
            if self.is_status_label(label) && !wanted_here {
                change.labels.remove.insert(label.clone());
            }
        }
        if let Some(label) = &target.label
            && !contains(&at.labels, label)
        {
            change.labels.add.insert(label.clone());
        }
        Some(change)
    }
}

/// How well a target fits a state; `None`: not at all.
fn fit(target: &Target, at: &PlatformState) -> Option<u8> {
    let state_fits = target.state.is_none_or(|state| state == at.state);
    let mut score = match (&target.status, &at.status) {
        (Some(want), Some(is)) if want.to_lowercase() == is.to_lowercase() => {
            let resolved = match (&target.resolution, &at.resolution) {
                (Some(_), _) if same_name(target.resolution.as_deref(), at.resolution.as_deref()) => 8,
                (None, _) => 4,
                (Some(_), _) => 0,
            };
            16 + resolved + u8::from(state_fits)
        }
        // Closed is closed, on a board or not; an open item without a status stands nowhere.
        (Some(_), None) if at.state == OpenState::Closed && target.state == Some(at.state) => 0,
        (Some(_), _) => return None,
        (None, _) if target.open_state() != at.state => return None,
        (None, _) => 0,
    };
    let by_status = score >= 16;
    match &target.label {
        Some(label) if contains(&at.labels, label) => score += 4,
        Some(_) if !by_status => return None,
        _ => {}
    }
    match (target.reason, at.reason) {
        (Some(want), Some(is)) if want == is => score += 2,
        // Old answers carry no reason; closing without one means completed.
        (Some(CloseReason::Completed), None) => score += 1,
        (Some(_), _) if !by_status => return None,
        _ => {}
    }
    Some(score)
}

fn same_name(a: Option<&str>, b: Option<&str>) -> bool {
    a.map(str::to_lowercase) == b.map(str::to_lowercase)
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
