//! On which connections a new card is made: the rules of `[new_cards]`, and what they say of one card. Pure.

use std::collections::BTreeSet;

use crate::config::settings::ConnectionSettings;
use crate::domain::card::Kind;
use crate::domain::fields::contains;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;

/// The `[new_cards]` table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewCards {
    /// Where a card is made that no rule is about; `None`: nothing is said of it.
    pub connections: Option<Vec<ConnectionName>>,
    /// The rules, in the order written. The first one that fits decides.
    pub rules: Vec<NewCardRule>,
}

/// One `[[new_cards.rule]]`: it fits a card that has all it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCardRule {
    /// A label, without regard to case.
    pub label: Option<String>,
    /// The kind.
    pub kind: Option<Kind>,
    /// The column.
    pub status: Option<Status>,
    /// Where the card is made; none: on this board alone.
    pub connections: Vec<ConnectionName>,
}

/// What is known of a card that is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct Coming<'a> {
    /// Its labels.
    pub labels: &'a BTreeSet<String>,
    /// Its kind.
    pub kind: Kind,
    /// Its column.
    pub status: &'a Status,
}

/// Where a card is made, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// On which connections; none: on this board alone.
    pub connections: &'a [ConnectionName],
    /// The rule that says so; `None`: what holds for all others.
    pub rule: Option<&'a NewCardRule>,
}

impl NewCards {
    /// What is said of a card: by the first rule that fits it, else by `connections`. `None` when neither says anything.
    pub fn chosen(&self, card: Coming<'_>) -> Option<Chosen<'_>> {
        let rule = self.rules.iter().find(|rule| rule.fits(card));
        let connections = rule.map(|rule| &rule.connections).or(self.connections.as_ref())?;
        Some(Chosen { connections, rule })
    }

    /// Where a card is made on a board with these connections when nobody says otherwise: where nothing is said of it, on
    /// the first connection that takes new items.
    pub fn places(&self, card: Coming<'_>, all: &[ConnectionSettings]) -> Vec<ConnectionName> {
        match self.chosen(card) {
            Some(chosen) => chosen.connections.to_vec(),
            None => all.iter().find(|c| c.creates()).map(|c| c.name.clone()).into_iter().collect(),
        }
    }
}

impl NewCardRule {
    /// Whether a card has all the rule names.
    fn fits(&self, card: Coming<'_>) -> bool {
        self.label.as_ref().is_none_or(|label| contains(card.labels, label))
            && self.kind.is_none_or(|kind| kind == card.kind)
            && self.status.as_ref().is_none_or(|status| status == card.status)
    }

    /// What it is about, in words: `label bug, kind epic`.
    pub fn words(&self) -> String {
        let label = self.label.as_ref().map(|label| format!("label {label}"));
        let kind = self.kind.map(|kind| format!("kind {kind}"));
        let status = self.status.as_ref().map(|status| format!("status {status}"));
        [label, kind, status].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<ConnectionName> {
        names.iter().map(|n| ConnectionName::new(*n)).collect()
    }

    fn rule(label: Option<&str>, kind: Option<Kind>, status: Option<&str>, to: &[&str]) -> NewCardRule {
        NewCardRule {
            label: label.map(str::to_owned),
            kind,
            status: status.map(Status::new),
            connections: names(to),
        }
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_else_what_holds_for_all_others() {
        let new = NewCards {
            connections: Some(names(&["core"])),
            rules: vec![
                rule(Some("Secret"), None, None, &[]),
                rule(Some("bug"), Some(Kind::Task), None, &["ops"]),
                rule(Some("bug"), None, None, &["core", "plan"]),
                rule(None, Some(Kind::Epic), None, &["plan"]),
                rule(None, None, Some("proposed"), &["ops"]),
            ],
        };
        for (labels, kind, status, wanted) in [
            (&[][..], Kind::Issue, "approved", &["core"][..]),
            (&["bug"], Kind::Issue, "approved", &["core", "plan"]),
            (&["BUG", "ui"], Kind::Issue, "approved", &["core", "plan"]),
            (&["bug"], Kind::Task, "approved", &["ops"]),
            (&["bug"], Kind::Epic, "proposed", &["core", "plan"]),
            (&["bugs"], Kind::Epic, "proposed", &["plan"]),
            (&[], Kind::Issue, "proposed", &["ops"]),
            (&["bug", "secret"], Kind::Epic, "proposed", &[]),
        ] {
            let labels: BTreeSet<String> = labels.iter().map(|l| (*l).to_owned()).collect();
            let (status, at) = (Status::new(status), format!("{labels:?} {kind} {status}"));
            let card = Coming { labels: &labels, kind, status: &status };
            assert_eq!(new.places(card, &[]), names(wanted), "{at}");
        }
    }

    #[test]
    fn nothing_said_is_the_first_connection_and_an_empty_list_is_this_board_alone() {
        let (labels, status) = (BTreeSet::new(), Status::new("proposed"));
        let card = Coming { labels: &labels, kind: Kind::Issue, status: &status };
        assert_eq!(NewCards::default().chosen(card), None);
        let alone = NewCards { connections: Some(Vec::new()), ..NewCards::default() };
        assert_eq!(alone.chosen(card).map(|c| c.connections), Some(&[][..]));
    }

    #[test]
    fn a_rule_says_what_it_is_about() {
        let rule = rule(Some("bug"), Some(Kind::Epic), Some("proposed"), &[]);
        assert_eq!(rule.words(), "label bug, kind epic, status proposed");
    }
}
