//! How the cards of a column are ordered, when the query says so; else they stand where people put them.

use std::cmp::Ordering;

use super::{Facts, words};
use crate::domain::card::Card;
use crate::domain::fields::FieldName;

/// What cards are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// The board's priorities.
    Priority,
    /// When it last changed.
    Updated,
    /// When it was made.
    Created,
    /// The day it is due.
    Due,
    /// How much work it is.
    Estimate,
    /// The title.
    Title,
    /// The number people call it by.
    Key,
}

impl SortKey {
    /// Every key, in the order they are offered.
    pub const ALL: [Self; 7] =
        [Self::Priority, Self::Updated, Self::Created, Self::Due, Self::Estimate, Self::Title, Self::Key];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Priority => "priority",
            Self::Updated => "updated",
            Self::Created => "created",
            Self::Due => "due",
            Self::Estimate => "estimate",
            Self::Title => "title",
            Self::Key => "key",
        }
    }

    /// Whether people expect the largest or the latest first.
    fn starts_high(self) -> bool {
        matches!(self, Self::Updated | Self::Created | Self::Estimate)
    }
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub by: SortKey,
    /// Whether it runs from the largest or the latest to the smallest.
    pub descending: bool,
}

impl Sort {
    /// `priority`, `updated-asc`, `due-desc`. Without a direction the most pressing comes first.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (name, direction) = match text.rsplit_once('-') {
            Some((name, "asc")) => (name, Some(false)),
            Some((name, "desc")) => (name, Some(true)),
            _ => (text, None),
        };
        let by = SortKey::ALL.into_iter().find(|k| k.as_str() == name).ok_or_else(|| {
            let all: Vec<&str> = SortKey::ALL.iter().map(|k| k.as_str()).collect();
            format!("cards cannot be sorted by `{name}`; there are {}", all.join(", "))
        })?;
        Ok(Self { by, descending: direction.unwrap_or(by.starts_high()) })
    }

    /// The order one expects of a key: the most pressing first.
    pub fn usual(by: SortKey) -> Self {
        Self { by, descending: by.starts_high() }
    }

    /// The other way round.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { descending: !self.descending, ..self }
    }

    /// As a query writes it: `priority`, `updated-asc`.
    pub fn word(self) -> String {
        let way = match self.descending {
            _ if self == Self::usual(self.by) => "",
            true => "-desc",
            false => "-asc",
        };
        format!("{}{way}", self.by.as_str())
    }

    /// What stands first, in words.
    pub fn words(self) -> &'static str {
        match (self.by, self.descending) {
            (SortKey::Priority, false) => "highest first",
            (SortKey::Priority, true) => "lowest first",
            (SortKey::Updated | SortKey::Created, true) => "latest first",
            (SortKey::Updated | SortKey::Created, false) => "oldest first",
            (SortKey::Due, false) => "soonest first",
            (SortKey::Due, true) => "furthest off first",
            (SortKey::Estimate, true) => "largest first",
            (SortKey::Estimate, false) => "smallest first",
            (SortKey::Title, false) => "A to Z",
            (SortKey::Title, true) => "Z to A",
            (SortKey::Key, false) => "lowest number first",
            (SortKey::Key, true) => "highest number first",
        }
    }

    /// Which of two cards stands above the other. Cards without the value stand below all that have one.
    pub fn compare(self, a: &Card, b: &Card, facts: &Facts<'_>) -> Ordering {
        let turn = |order: Ordering| if self.descending { order.reverse() } else { order };
        let known = |a: Option<Ordering>, has: (bool, bool)| match has {
            (true, true) => turn(a.unwrap_or(Ordering::Equal)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => Ordering::Equal,
        };
        let order = match self.by {
            SortKey::Updated => turn(a.updated_at.cmp(&b.updated_at)),
            SortKey::Created => turn(a.created_at.cmp(&b.created_at)),
            SortKey::Title => turn(a.title.to_lowercase().cmp(&b.title.to_lowercase())),
            SortKey::Key => {
                let key = |c: &Card| c.links.iter().find_map(|l| Some((l.connection.clone(), l.number?)));
                let (a, b) = (key(a), key(b));
                known(a.partial_cmp(&b), (a.is_some(), b.is_some()))
            }
            SortKey::Priority => {
                let (a, b) = (rank(a, facts), rank(b, facts));
                known(a.partial_cmp(&b), (a.is_some(), b.is_some()))
            }
            // Days in ISO form sort as text.
            SortKey::Due => {
                let (a, b) = (a.extra(FieldName::DUE), b.extra(FieldName::DUE));
                known(a.partial_cmp(&b), (a.is_some(), b.is_some()))
            }
            SortKey::Estimate => {
                let number = |c: &Card| c.extra(FieldName::ESTIMATE).and_then(|n| n.parse::<f64>().ok());
                let (a, b) = (number(a), number(b));
                known(a.partial_cmp(&b), (a.is_some(), b.is_some()))
            }
        };
        order.then(a.rank.cmp(&b.rank)).then(a.id.cmp(&b.id))
    }
}

/// A query's text with this order in the place of the one it asks for; `None`: with none, so that cards stand where
/// people put them.
pub fn sorted_by(text: &str, sort: Option<Sort>) -> String {
    let asks = |word: &str| {
        let plain = word.strip_prefix('-').unwrap_or(word);
        plain.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("sort:"))
    };
    let kept = words(text).map(|(_, word)| word.to_owned()).filter(|word| !asks(word));
    let order = sort.map(|sort| format!("sort:{}", sort.word()));
    kept.chain(order).collect::<Vec<_>>().join(" ")
}

/// The place of a card's priority, the highest first; one the board does not know stands behind the known ones.
fn rank(card: &Card, facts: &Facts<'_>) -> Option<usize> {
    let own = card.extra(FieldName::PRIORITY)?.to_lowercase();
    let at = facts.priorities.iter().position(|p| p.to_lowercase() == own);
    Some(at.unwrap_or(facts.priorities.len()))
}
