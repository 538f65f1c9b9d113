//! `reconcile(base, local, remote) -> Plan`: a total match over named cases, carried out elsewhere.
//!
//! `base` is what both sides last agreed on, as the server returned it. Each field is merged on its own; labels and
//! assignees are merged name by name, so that two people who add different labels never conflict.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::fields::{Field, Fields, SetDelta, Value};
use crate::support::clock::Timestamp;

/// The remote item, as a fresh look found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    /// It was never created.
    Never,
    /// It is there.
    Present {
        /// Its fields.
        fields: Fields,
        /// When it last changed, by the server's clock; the server's precision.
        updated_at: Timestamp,
    },
    /// The server says that it was deleted for good (410).
    Deleted,
    /// The server does not show it to us (404): deleted, or permission lost.
    Hidden,
}

/// The local card, as the store holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Local {
    /// There is no card.
    Absent,
    /// The card was taken off the board.
    Archived,
    /// There is a card.
    Present {
        /// Its fields as this connection can express them.
        fields: Fields,
        /// When each field was last edited here, on the server's clock.
        edited: BTreeMap<Field, Timestamp>,
    },
}

/// What decides when both sides changed the same field to different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The later edit by the server's clock; a tie waits for a person.
    #[default]
    LastWriteWins,
    /// This side.
    Local,
    /// The platform.
    Remote,
    /// A person.
    Manual,
}

/// The policy of each field of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policies {
    /// For fields without one of their own.
    pub default: Policy,
    /// Fields with one of their own.
    pub fields: BTreeMap<Field, Policy>,
    /// Fields that wait for a person as soon as the two sides differ, whoever changed them.
    #[serde(skip)]
    pub held: BTreeSet<Field>,
}

impl Policies {
    /// The policy of `field`.
    pub fn of(&self, field: Field) -> Policy {
        self.fields.get(&field).copied().unwrap_or(self.default)
    }
}

/// Which cell of the case table an item is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Case {
    /// Neither side knows it.
    Nothing,
    /// Here only, never sent: create it there.
    CreateRemote,
    /// There only, never seen: make a card.
    CreateLocal,
    /// On both sides without an agreed base (a create whose answer was lost and found): agree on the remote state.
    Adopt,
    /// Nothing changed on either side.
    InStep,
    /// Both sides made the same change.
    Agreed,
    /// Only this side changed.
    Push,
    /// Only the platform changed.
    Pull,
    /// Both changed, no field to different values.
    Merge,
    /// Both changed a field to different values.
    Conflict,
    /// The card was taken off the board, the item is there: leave it alone.
    LeftBoard,
    /// The card is here, the item was deleted there: keep the card, say so, never create it again.
    RemoteDeleted,
    /// The card is here, the item is not shown to us: keep all, say so.
    RemoteHidden,
    /// The card is gone and so is the item: forget the link.
    Forget,
}

/// A field both sides changed to different values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// Which field.
    pub field: Field,
    /// What both agreed on before.
    pub base: Option<Value>,
    /// What it is here.
    pub local: Value,
    /// What it is there.
    pub remote: Value,
    /// Who won by policy; `None` waits for a person, and neither side is touched meanwhile.
    pub winner: Option<Side>,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The card here.
    Local,
    /// The item on the platform.
    Remote,
}

/// What is to be done for one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Which cell of the table.
    pub case: Case,
    /// The fields to send, and the state the remote item shall have in them.
    pub push: Option<Push>,
    /// What the card shall become; `None` leaves it.
    pub pull: Option<Fields>,
    /// The base once `pull` is applied, and before `push` is confirmed; `None` leaves it.
    pub base: Option<Fields>,
    /// Conflicts, decided and open.
    pub conflicts: Vec<FieldConflict>,
}

/// What a remote item shall become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The fields that are sent; no other is.
    pub fields: BTreeSet<Field>,
    /// The values; only those of `fields` count.
    pub to: Fields,
    /// Labels by delta.
    pub labels: SetDelta,
    /// Assignees by delta.
    pub assignees: SetDelta,
}

impl Plan {
    fn only(case: Case) -> Self {
        Self { case, push: None, pull: None, base: None, conflicts: Vec::new() }
    }

    /// Whether it changes nothing anywhere.
    pub fn is_idle(&self) -> bool {
        self.push.is_none() && self.pull.is_none() && self.base.is_none() && self.conflicts.is_empty()
    }
}

/// Decides what is to be done for one item. Total: every combination has its named case.
pub fn reconcile(base: Option<&Fields>, local: &Local, remote: &Remote, policies: &Policies) -> Plan {
    match (base, local, remote) {
        (None, Local::Absent | Local::Archived, Remote::Never | Remote::Deleted | Remote::Hidden) => {
            Plan::only(Case::Nothing)
        }
        (Some(_), Local::Absent | Local::Archived, Remote::Never | Remote::Deleted | Remote::Hidden) => {
            Plan::only(Case::Forget)
        }
        (_, Local::Archived, Remote::Present { .. }) => Plan::only(Case::LeftBoard),
        (_, Local::Absent, Remote::Present { fields, .. }) => {
            Plan { pull: Some(fields.clone()), base: Some(fields.clone()), ..Plan::only(Case::CreateLocal) }
        }
        (None, Local::Present { .. }, Remote::Never) => Plan::only(Case::CreateRemote),
        // A base says that it once was there, so it is not created again.
        (Some(_), Local::Present { .. }, Remote::Never | Remote::Deleted)
        | (None, Local::Present { .. }, Remote::Deleted) => Plan::only(Case::RemoteDeleted),
        (_, Local::Present { .. }, Remote::Hidden) => Plan::only(Case::RemoteHidden),
        (None, Local::Present { fields, .. }, Remote::Present { fields: remote, .. }) => {
            adopt(fields, remote)
        }
        (
            Some(base),
            Local::Present { fields: local, edited },
            Remote::Present { fields: remote, updated_at },
        ) => merge(base, local, edited, remote, *updated_at, policies),
    }
}

/// The item is ours, as made or found again: the remote state is the base, what differs here was edited since. A further
/// field that was given no value here has the platform's own there, and that is no edit to undo.
fn adopt(local: &Fields, remote: &Fields) -> Plan {
    let mut merged = local.clone();
    for field in remote.extra.keys().copied().map(Field::Extra) {
        if merged.value(field).is_empty() {
            merged.take(field, remote);
        }
    }
    let push = push(remote, &merged, &remote.differing(&merged).into_iter().collect());
    let pull = (merged != *local).then_some(merged);
    Plan { push, pull, base: Some(remote.clone()), ..Plan::only(Case::Adopt) }
}

/// How one field stands on the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Same,
    Here,
    There,
    BothAlike,
    BothApart,
}

fn cell(field: Field, base: &Fields, local: &Fields, remote: &Fields) -> Cell {
    match (base.same(local, field), base.same(remote, field), local.same(remote, field)) {
        (true, true, _) => Cell::Same,
        (false, true, _) => Cell::Here,
        (true, false, _) => Cell::There,
        (false, false, true) => Cell::BothAlike,
        (false, false, false) => Cell::BothApart,
    }
}

fn merge(
    base: &Fields,
    local: &Fields,
    edited: &BTreeMap<Field, Timestamp>,
    remote: &Fields,
    updated_at: Timestamp,
    policies: &Policies,
) -> Plan {
    let mut merged = local.clone();
    let mut new_base = base.clone();
    let mut to_send = BTreeSet::new();
    let mut conflicts = Vec::new();
    let (mut here, mut there, mut apart) = (false, false, false);
    for field in Fields::all_of([base, local, remote]) {
        let held = policies.held.contains(&field);
        match cell(field, base, local, remote) {
            Cell::Same => {}
            Cell::Here | Cell::There | Cell::BothApart if held => {
                apart = true;
                conflicts.push(conflict(field, base, local, remote, None));
            }
            Cell::Here => {
                here = true;
                to_send.insert(field);
            }
            Cell::There => {
                there = true;
                merged.take(field, remote);
                new_base.take(field, remote);
            }
            Cell::BothAlike => new_base.take(field, remote),
            Cell::BothApart if matches!(field, Field::Labels | Field::Assignees) => {
                (here, there) = (true, true);
                merge_set(field, base, remote, &mut merged);
                new_base.take(field, remote);
                if !merged.same(remote, field) {
                    to_send.insert(field);
                }
            }
            Cell::BothApart => {
                apart = true;
                let winner = decide(policies.of(field), edited.get(&field).copied(), updated_at);
                conflicts.push(conflict(field, base, local, remote, winner));
                match winner {
                    Some(Side::Local) => {
                        new_base.take(field, remote);
                        to_send.insert(field);
                    }
                    Some(Side::Remote) => {
                        merged.take(field, remote);
                        new_base.take(field, remote);
                    }
                    // Base stays, so that the question stays until a person answers it.
                    None => {}
                }
            }
        }
    }
    let agreed = new_base != *base;
    let case = match (apart, here, there) {
        (true, _, _) => Case::Conflict,
        (false, true, true) => Case::Merge,
        (false, true, false) => Case::Push,
        (false, false, true) => Case::Pull,
        (false, false, false) if agreed => Case::Agreed,
        (false, false, false) => Case::InStep,
    };
    Plan {
        case,
        push: push(remote, &merged, &to_send),
        pull: (merged != *local).then_some(merged),
        base: agreed.then_some(new_base),
        conflicts,
    }
}

fn conflict(
    field: Field,
    base: &Fields,
    local: &Fields,
    remote: &Fields,
    winner: Option<Side>,
) -> FieldConflict {
    FieldConflict {
        field,
        base: Some(base.value(field)),
        local: local.value(field),
        remote: remote.value(field),
        winner,
    }
}

/// Adds to the local set what was added there and takes away what was removed there.
fn merge_set(field: Field, base: &Fields, remote: &Fields, merged: &mut Fields) {
    let pick = |f: &Fields| if field == Field::Labels { f.labels.clone() } else { f.assignees.clone() };
    let there = SetDelta::between(&pick(base), &pick(remote));
    let set = there.apply(&pick(merged));
    match field {
        Field::Labels => merged.labels = set,
        _ => merged.assignees = set,
    }
}

fn push(remote: &Fields, to: &Fields, fields: &BTreeSet<Field>) -> Option<Push> {
    let delta = |f: Field, a: &BTreeSet<String>, b: &BTreeSet<String>| {
        if fields.contains(&f) { SetDelta::between(a, b) } else { SetDelta::default() }
    };
    (!fields.is_empty()).then(|| Push {
        labels: delta(Field::Labels, &remote.labels, &to.labels),
        assignees: delta(Field::Assignees, &remote.assignees, &to.assignees),
        fields: fields.clone(),
        to: to.clone(),
    })
}

/// Two edits closer than this count as a tie: server times have whole seconds, and clocks are compared by an offset
/// that one request measured.
pub const TIE_MS: i64 = 2_000;

fn decide(policy: Policy, here: Option<Timestamp>, there: Timestamp) -> Option<Side> {
    match policy {
        Policy::Local => Some(Side::Local),
        Policy::Remote => Some(Side::Remote),
        Policy::Manual => None,
        Policy::LastWriteWins => {
            let lead = here?.since(there);
            match lead {
                l if l > TIE_MS => Some(Side::Local),
                l if l < -TIE_MS => Some(Side::Remote),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests;
