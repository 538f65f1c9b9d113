//! The status mapping: canonical status, column title and, per connection, the platform's state.
//!
//! Reading turns a platform's state into a canonical status; writing says what must change on the platform so that
//! it reads as another one. Both are pure and total: a state the mapping does not name is read as the nearest
//! status and said to be unmapped, never dropped.

use std::collections::BTreeSet;
use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::fields::{SetDelta, contains};

/// A canonical status, such as `in_progress`: lower-case letters, digits, `_` and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Status(String);

impl Status {
    /// Wraps a name that has been checked with [`Status::is_valid`].
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Whether `name` can be a canonical status.
    pub fn is_valid(name: &str) -> bool {
        !name.is_empty()
            && name.len() <= 64
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({})", self.0)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Open or closed: the state every issue tracker has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenState {
    /// Still to be done.
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

/// What a canonical status is on a platform. A target without `state` means open, as a label alone does.
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
}

impl Target {
    /// Open or closed.
    pub fn open_state(&self) -> OpenState {
        self.state.unwrap_or(OpenState::Open)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformState {
    /// Open or closed.
    pub state: OpenState,
    /// Why closed, when the platform says so.
    pub reason: Option<CloseReason>,
    /// Every label on it, those that stand for a status too.
    pub labels: BTreeSet<String>,
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
}

impl StateChange {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.state.is_none() && self.labels.is_empty()
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
        Self { targets: ordered, open_default, closed_default }
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
    /// Closed beats a label left behind; a target that names more of the state beats one that names less; of several
    /// status labels the one furthest along the board wins, since people add the new label before they remove the old.
    pub fn read(&self, at: &PlatformState) -> Reading {
        let fit = |t: &Target| -> Option<u8> {
            if t.open_state() != at.state {
                return None;
            }
            let label = match &t.label {
                Some(l) if contains(&at.labels, l) => 4,
                Some(_) => return None,
                None => 0,
            };
            let reason = match (t.reason, at.reason) {
                (Some(want), Some(is)) if want == is => 2,
                // Old answers carry no reason; closing without one means completed.
                (Some(CloseReason::Completed), None) => 1,
                (Some(_), _) => return None,
                (None, _) => 0,
            };
            Some(label + reason)
        };
        let best = self
            .targets
            .iter()
            .filter_map(|(s, t)| fit(t).map(|score| (score, s)))
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
        let wanted = target.open_state();
        let reason_differs = wanted == OpenState::Closed
            && target.reason.is_some()
            && target.reason != at.reason
            && !(target.reason == Some(CloseReason::Completed) && at.reason.is_none());
        if at.state != wanted || reason_differs {
            change.state = Some(wanted);
            change.reason = if wanted == OpenState::Closed { target.reason } else { None };
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

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status(s: &str) -> Status {
        Status::new(s)
    }

    fn label(l: &str) -> Target {
        Target { label: Some(l.into()), ..Target::default() }
    }

    fn mapping() -> StatusMapping {
        let closed =
            |reason| Target { state: Some(OpenState::Closed), reason: Some(reason), ..Target::default() };
        let board: Vec<Status> =
            ["proposed", "approved", "in_progress", "review", "completed", "rejected"].map(status).into();
        let targets = [
            (status("proposed"), label("status: proposed")),
            (status("approved"), label("status: approved")),
            (status("in_progress"), label("status: in progress")),
            (status("completed"), closed(CloseReason::Completed)),
            (status("rejected"), closed(CloseReason::NotPlanned)),
        ];
        StatusMapping::new(&board, &targets.into_iter().collect())
    }

    fn at(state: OpenState, reason: Option<CloseReason>, labels: &[&str]) -> PlatformState {
        PlatformState { state, reason, labels: labels.iter().map(|&l| l.to_owned()).collect() }
    }

    #[test]
    fn states_read_as_people_mean_them() {
        use OpenState::{Closed, Open};
        let m = mapping();
        let cases = [
            ("a label, in any case", at(Open, None, &["Status: Approved", "bug"]), "approved", true),
            ("closed beats a label left behind", at(Closed, None, &["status: approved"]), "completed", true),
            ("a reason", at(Closed, Some(CloseReason::NotPlanned), &[]), "rejected", true),
            (
                "two labels: furthest along",
                at(Open, None, &["status: approved", "status: in progress"]),
                "in_progress",
                true,
            ),
            ("no label: assumed", at(Open, None, &["bug"]), "proposed", false),
            (
                "a reason nobody mapped: assumed closed",
                at(Closed, Some(CloseReason::Duplicate), &[]),
                "completed",
                false,
            ),
        ];
        for (what, state, want, mapped) in cases {
            let got = m.read(&state);
            assert_eq!((got.status.as_str(), got.mapped), (want, mapped), "{what}");
        }
    }

    #[test]
    fn status_labels_are_not_shown_as_labels() {
        let got = mapping().read(&at(OpenState::Open, None, &["status: approved", "bug"]));
        assert_eq!(got.labels, BTreeSet::from(["bug".to_owned()]));
    }

    #[test]
    fn moving_on_swaps_the_label_and_leaves_the_others() {
        let change = mapping()
            .write(&at(OpenState::Open, None, &["status: approved", "bug"]), &status("in_progress"))
            .expect("mapped");
        assert_eq!(change.state, None);
        assert_eq!(change.labels.add, BTreeSet::from(["status: in progress".to_owned()]));
        assert_eq!(change.labels.remove, BTreeSet::from(["status: approved".to_owned()]));
    }

    #[test]
    fn a_status_the_connection_does_not_map_cannot_be_written() {
        assert_eq!(mapping().write(&at(OpenState::Open, None, &[]), &status("review")), None);
    }

    fn any_state() -> impl Strategy<Value = PlatformState> {
        let labels = prop::collection::btree_set(
            prop::sample::select(vec![
                "status: proposed",
                "status: approved",
                "status: in progress",
                "bug",
                "ui",
            ]),
            0..4,
        );
        let reason = prop::option::of(prop::sample::select(CloseReason::ALL.to_vec()));
        (any::<bool>(), reason, labels).prop_map(|(open, reason, labels)| PlatformState {
            state: if open { OpenState::Open } else { OpenState::Closed },
            reason: if open { None } else { reason },
            labels: labels.into_iter().map(str::to_owned).collect(),
        })
    }

    proptest! {
        /// What is written reads back as what was meant, and writing it again changes nothing.
        #[test]
        fn a_written_status_reads_back(before in any_state(), to in prop::sample::select(vec!["proposed", "approved", "in_progress", "completed", "rejected"])) {
            let m = mapping();
            let change = m.write(&before, &status(to)).expect("mapped");
            let after = PlatformState {
                state: change.state.unwrap_or(before.state),
                reason: if change.state.is_some() { change.reason } else { before.reason },
                labels: change.labels.apply(&before.labels),
            };
            let reading = m.read(&after);
            prop_assert_eq!(reading.status.as_str(), to);
            prop_assert!(reading.mapped);
            prop_assert!(m.write(&after, &status(to)).expect("mapped").is_empty());
            prop_assert_eq!(reading.labels, m.read(&before).labels);
        }
    }
}
