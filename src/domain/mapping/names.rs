//! What people, labels and milestones are called on one connection. Pure.
//!
//! A card knows a person by one name; each platform has its own login, account id or e-mail address for them. Whoever is
//! not in a table of people is left alone: not shown on the card, and not touched on the platform. Labels and milestones
//! without an entry are called the same on both sides.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::fields::{Fields, SetDelta, contains};

/// Pairs of a name here and a name there; each name stands once on its side, letter case ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameMap(Vec<(String, String)>);

impl NameMap {
    /// A table of pairs `(here, there)`.
    ///
    /// # Errors
    /// A name stands twice on its side; it is returned.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, String> {
        let mut map = Self::default();
        for (here, there) in pairs {
            if map.there(&here).is_some() {
                return Err(here);
            }
            if map.here(&there).is_some() {
                return Err(there);
            }
            map.0.push((here, there));
        }
        Ok(map)
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `there` is called here.
    pub fn here(&self, there: &str) -> Option<&str> {
        self.0.iter().find(|(_, t)| same(t, there)).map(|(here, _)| here.as_str())
    }

    /// What `here` is called there.
    pub fn there(&self, here: &str) -> Option<&str> {
        self.0.iter().find(|(h, _)| same(h, here)).map(|(_, there)| there.as_str())
    }
}

fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// All that is called otherwise on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Names {
    /// People; `None`: everybody is called the same on both sides.
    pub people: Option<NameMap>,
    /// Labels.
    pub labels: NameMap,
    /// Milestones, by title.
    pub milestones: NameMap,
}

impl Names {
    /// Whether everything is called the same on both sides.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn person_here<'a>(&'a self, there: &'a str) -> Option<&'a str> {
        self.people.as_ref().map_or(Some(there), |map| map.here(there))
    }

    fn label_here<'a>(&'a self, there: &'a str) -> &'a str {
        self.labels.here(there).unwrap_or(there)
    }

    /// The people of an item as the card knows them.
    pub fn people_here(&self, there: &BTreeSet<String>) -> BTreeSet<String> {
        there.iter().filter_map(|name| self.person_here(name)).map(str::to_owned).collect()
    }

    /// The labels of an item as the card knows them.
    pub fn labels_here(&self, there: &BTreeSet<String>) -> BTreeSet<String> {
        there.iter().map(|name| self.label_here(name).to_owned()).collect()
    }

    /// A milestone as the card knows it.
    pub fn milestone_here(&self, there: Option<&str>) -> Option<String> {
        there.map(|title| self.milestones.here(title).unwrap_or(title).to_owned())
    }

    /// The people of a card that the connection has a name for, as the card knows them.
    pub fn expressible(&self, people: &BTreeSet<String>) -> BTreeSet<String> {
        let known = |name: &&String| self.people.as_ref().is_none_or(|map| map.there(name).is_some());
        people.iter().filter(known).cloned().collect()
    }

    /// A change of people in the connection's names; `there` is who is on the item now.
    pub fn people_there(&self, delta: &SetDelta, there: &BTreeSet<String>) -> SetDelta {
        let name = |here: &String| match &self.people {
            Some(map) => map.there(here).map(str::to_owned),
            None => Some(here.clone()),
        };
        SetDelta {
            add: delta.add.iter().filter_map(name).collect(),
            remove: read_as(&delta.remove, there, |name| self.person_here(name)),
        }
    }

    /// A change of labels in the connection's names; `there` is what is on the item now. What is taken off goes with
    /// every label that reads as it.
    pub fn labels_there(&self, delta: &SetDelta, there: &BTreeSet<String>) -> SetDelta {
        SetDelta {
            add: delta.add.iter().map(|name| self.label_there(name)).collect(),
            remove: read_as(&delta.remove, there, |name| Some(self.label_here(name))),
        }
    }

    fn label_there(&self, here: &str) -> String {
        self.labels.there(here).unwrap_or(here).to_owned()
    }

    /// A milestone in the connection's name.
    pub fn milestone_there(&self, here: Option<&str>) -> Option<String> {
        here.map(|title| self.milestones.there(title).unwrap_or(title).to_owned())
    }

    /// The fields of a new item in the connection's names.
    pub fn new_item(&self, fields: &Fields) -> Fields {
        let nobody = BTreeSet::new();
        let add = |names: &BTreeSet<String>| SetDelta { add: names.clone(), ..SetDelta::default() };
        Fields {
            labels: self.labels_there(&add(&fields.labels), &nobody).add,
            assignees: self.people_there(&add(&fields.assignees), &nobody).add,
            milestone: self.milestone_there(fields.milestone.as_deref()),
            ..fields.clone()
        }
    }
}

/// Those of `there` that read as one of `wanted`.
fn read_as<'a>(
    wanted: &BTreeSet<String>,
    there: &'a BTreeSet<String>,
    here: impl Fn(&'a str) -> Option<&'a str>,
) -> BTreeSet<String> {
    there.iter().filter(|name| here(name).is_some_and(|name| contains(wanted, name))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map(pairs: &[(&str, &str)]) -> NameMap {
        NameMap::new(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))).expect("one to one")
    }

    fn names() -> Names {
        Names {
            people: Some(map(&[("ana", "5b10ac8d"), ("ben", "ben.b")])),
            labels: map(&[("bug", "kind::bug"), ("ui", "frontend")]),
            milestones: map(&[("v1.2", "Version 1.2")]),
        }
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&s| s.to_owned()).collect()
    }

    #[test]
    fn a_name_stands_once_on_its_side() {
        let twice = |pairs: [(&str, &str); 2]| NameMap::new(pairs.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(twice([("a", "x"), ("A", "y")]), Err("A".to_owned()));
        assert_eq!(twice([("a", "x"), ("b", "X")]), Err("X".to_owned()));
    }

    #[test]
    fn whoever_is_not_in_the_table_is_left_alone() {
        let there = set(&["5b10ac8d", "somebody"]);
        assert_eq!(names().people_here(&there), set(&["ana"]));
        let delta = SetDelta { add: set(&["ben", "kim"]), remove: set(&["ana", "somebody"]) };
        let got = names().people_there(&delta, &there);
        assert_eq!(got, SetDelta { add: set(&["ben.b"]), remove: set(&["5b10ac8d"]) });
        let everybody = Names::default();
        assert_eq!(everybody.people_here(&there), there);
    }

    #[test]
    fn taking_a_label_off_takes_every_label_off_that_reads_as_it() {
        let there = set(&["kind::bug", "Bug", "frontend"]);
        assert_eq!(names().labels_here(&there), set(&["bug", "Bug", "ui"]));
        let off = SetDelta { remove: set(&["bug"]), ..SetDelta::default() };
        assert_eq!(names().labels_there(&off, &there).remove, set(&["kind::bug", "Bug"]));
    }

    proptest! {
        /// Whatever is on both sides: what is written reads back as what was meant.
        #[test]
        fn a_written_change_reads_back(
            there in prop::collection::btree_set("[a-c]|kind::bug|bug|ui|frontend", 0..5),
            add in prop::collection::btree_set("[a-d]|bug|ui", 0..3),
            remove in prop::collection::btree_set("[a-d]|bug|ui|frontend", 0..3),
        ) {
            let names = names();
            let remove: BTreeSet<String> = remove.difference(&add).cloned().collect();
            let before = names.labels_here(&there);
            let delta = SetDelta { add, remove };
            let after = names.labels_here(&names.labels_there(&delta, &there).apply(&there));
            let wanted = delta.apply(&before);
            prop_assert!(SetDelta::between(&wanted, &after).is_empty(), "{before:?} {delta:?} {after:?} {wanted:?}");
        }
    }
}
