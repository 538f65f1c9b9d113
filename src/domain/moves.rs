//! Where a workflow lets an item go from where it is, and what it wants filled in on the way. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::link::ConnectionName;
use super::mapping::{OpenState, PlatformState, Status, StatusMapping};

/// The field that says how an issue was resolved, which the status mapping can give.
pub const RESOLUTION: &str = "resolution";

/// A field that a move wants filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The platform's key of the field, such as `resolution`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The values it takes; empty: any text.
    pub values: Vec<String>,
}

impl Need {
    /// A given value as the platform spells it; `None` when the field does not take it.
    pub fn spelt<'a>(&'a self, value: &'a str) -> Option<&'a str> {
        if self.values.is_empty() {
            return Some(value).filter(|v| !v.trim().is_empty());
        }
        self.values.iter().find(|v| v.to_lowercase() == value.trim().to_lowercase()).map(String::as_str)
    }

    /// What was given for it, by its key or by its name.
    pub fn given<'a>(&self, given: &'a Given) -> Option<&'a str> {
        let named =
            |key: &String| [&self.key, &self.name].iter().any(|n| n.to_lowercase() == key.to_lowercase());
        given.iter().find(|(key, _)| named(key)).map(|(_, value)| value.as_str())
    }
}

/// What was given for fields that a move wants: the field's key or name, and the value.
pub type Given = BTreeMap<String, String>;

/// A status an item can be given now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The platform's status by name.
    pub status: String,
    /// Whether an item in it is closed, where the platform tells.
    pub closes: Option<bool>,
    /// Fields that must be given with it.
    pub needs: Vec<Need>,
}

/// What a platform asks for before it makes a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asks {
    /// The platform's status that the item would get.
    pub status: String,
    /// What nobody gave.
    pub needs: Vec<Need>,
}

impl Asks {
    /// The fields by name: `Resolution, Verified by`.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.needs.iter().map(|n| n.name.as_str()).collect();
        names.join(", ")
    }
}

/// A move of a card that one of its platforms asks about, and that waits until a person answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which connection asks.
    pub connection: ConnectionName,
    /// The card's status, which it cannot get there yet.
    pub to: Status,
    /// The status it has there.
    pub back: Status,
    /// What is asked.
    pub asks: Asks,
}

/// Where one item stands on a platform with a workflow, and where it can go from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    /// On which connection.
    pub connection: ConnectionName,
    /// Where it stands.
    pub from: PlatformState,
    /// Where it can go by one step.
    pub moves: Vec<Move>,
}

/// What a move to a status would meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Nothing, as far as is known.
    Open,
    /// These fields must be given.
    Needs(Asks),
    /// It cannot be made, and why, for a person.
    Closed(String),
}

impl Ways {
    /// What a move to `to` would meet, as `mapping` says what that is there.
    pub fn to(&self, mapping: &StatusMapping, to: &Status) -> Way {
        let Some(change) = mapping.write(&self.from, to) else { return Way::Open };
        let closes = change.state.map(|state| state == OpenState::Closed);
        let mut fits: Vec<&Move> = match (&change.status, closes) {
            (None, None) => return Way::Open,
            (Some(wanted), _) => {
                self.moves.iter().filter(|m| m.status.to_lowercase() == wanted.to_lowercase()).collect()
            }
            (None, _) if self.moves.iter().any(|m| m.closes.is_none()) => return Way::Open,
            (None, closes) => self.moves.iter().filter(|m| m.closes == closes).collect(),
        };
        if change.status.is_none() && fits.iter().any(|m| m.status != fits[0].status) {
            let names: Vec<&str> = fits.iter().map(|m| m.status.as_str()).collect();
            return Way::Closed(format!(
                "it can be any of {}: name one in the status mapping",
                names.join(", ")
            ));
        }
        let gives = |need: &Need| {
            need.key == RESOLUTION && change.resolution.as_ref().is_some_and(|r| need.spelt(r).is_some())
        };
        fits.sort_by_key(|m| m.needs.iter().filter(|n| !gives(n)).count());
        let Some(best) = fits.first() else {
            // Over several steps it may be reached: nobody knows.
            return if mapping.hops() {
                Way::Open
            } else {
                Way::Closed(self.no_way(change.status.as_deref(), closes))
            };
        };
        let needs: Vec<Need> = best.needs.iter().filter(|n| !gives(n)).cloned().collect();
        if needs.is_empty() { Way::Open } else { Way::Needs(Asks { status: best.status.clone(), needs }) }
    }

    fn no_way(&self, wanted: Option<&str>, closes: Option<bool>) -> String {
        let wanted =
            wanted.unwrap_or(if closes == Some(true) { "a closed status" } else { "an open status" });
        let from = self.from.status.as_deref().unwrap_or("where it is");
        format!("the workflow leads from {from} not to {wanted}; {}", self.possible())
    }

    /// The statuses that can be reached, in words.
    pub fn possible(&self) -> String {
        let mut names: Vec<&str> = self.moves.iter().map(|m| m.status.as_str()).collect();
        names.dedup();
        if names.is_empty() {
            return "nothing is possible from here".to_owned();
        }
        format!("possible: {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapping::Target;
    use super::*;

    fn resolution() -> Need {
        let values = ["Done", "Won't Do"].map(str::to_owned).to_vec();
        Need { key: RESOLUTION.into(), name: "Resolution".into(), values }
    }

    fn ways(from: &str, moves: &[(&str, bool, Vec<Need>)]) -> Ways {
        let from = PlatformState { status: Some(from.into()), ..PlatformState::default() };
        let one = |(status, closes, needs): &(&str, bool, Vec<Need>)| Move {
            status: (*status).to_owned(),
            closes: Some(*closes),
            needs: needs.clone(),
        };
        let moves = moves.iter().map(one).collect();
        Ways { connection: ConnectionName::new("plan"), from, moves }
    }

    fn mapping(resolution: Option<&str>) -> StatusMapping {
        let named = |s: &str| Target { status: Some(s.into()), ..Target::default() };
        let done = Target { resolution: resolution.map(str::to_owned), ..named("Done") };
        let closed = Target { state: Some(OpenState::Closed), ..Target::default() };
        let all =
            [("todo", named("To Do")), ("doing", named("In Progress")), ("done", done), ("over", closed)];
        let all = all.map(|(s, t)| (Status::new(s), t));
        let statuses = all.clone().map(|(s, _)| s);
        StatusMapping::new(&statuses, &all.into_iter().collect())
    }

    #[test]
    fn a_status_the_workflow_does_not_lead_to_is_closed_and_the_possible_ones_are_named() {
        let from = ways("To Do", &[("In Progress", false, vec![])]);
        let Way::Closed(why) = from.to(&mapping(None), &Status::new("done")) else { panic!("open") };
        assert_eq!(why, "the workflow leads from To Do not to Done; possible: In Progress");
        assert_eq!(from.to(&mapping(None), &Status::new("doing")), Way::Open);
        assert_eq!(from.to(&mapping(None), &Status::new("todo")), Way::Open, "it is there");
        assert_eq!(from.to(&mapping(None), &Status::new("unmapped")), Way::Open, "it stays here");
        let hopping = mapping(None).with_hops(true);
        assert_eq!(from.to(&hopping, &Status::new("done")), Way::Open);
    }

    #[test]
    fn a_field_is_asked_for_unless_the_mapping_gives_a_value_it_takes() {
        let from = ways("In Progress", &[("Done", true, vec![resolution()])]);
        let asks = Way::Needs(Asks { status: "Done".into(), needs: vec![resolution()] });
        assert_eq!(from.to(&mapping(None), &Status::new("done")), asks);
        assert_eq!(from.to(&mapping(Some("won't do")), &Status::new("done")), Way::Open);
        assert_eq!(from.to(&mapping(Some("Splendid")), &Status::new("done")), asks);
    }

    #[test]
    fn a_mapping_by_state_goes_where_one_status_of_that_kind_is_reached() {
        let over = Status::new("over");
        let one = ways("In Progress", &[("Done", true, vec![]), ("To Do", false, vec![])]);
        assert_eq!(one.to(&mapping(None), &over), Way::Open);
        let two = ways("In Progress", &[("Done", true, vec![]), ("Rejected", true, vec![])]);
        assert!(matches!(two.to(&mapping(None), &over), Way::Closed(why) if why.contains("Done, Rejected")));
    }

    #[test]
    fn what_is_given_is_found_by_key_and_by_name_in_any_case() {
        let need = Need { key: "customfield_1".into(), name: "Verified by".into(), values: vec![] };
        let by = |key: &str| Given::from([(key.to_owned(), "cy".to_owned())]);
        assert_eq!(need.given(&by("CUSTOMFIELD_1")), Some("cy"));
        assert_eq!(need.given(&by("verified BY")), Some("cy"));
        assert_eq!(need.given(&by("resolution")), None);
        assert_eq!(need.spelt("  "), None, "blanks are no value");
        assert_eq!(resolution().spelt(" won't do "), Some("Won't Do"));
    }
}
