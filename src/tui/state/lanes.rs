//! The lanes of the board: which there are, which card stands in which, and what a card must become to stand in another.
//! Read anew when the board changes, never when it is drawn.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use indexmap::IndexMap;

use super::State;
use super::look::LaneBy;
use crate::domain::board::{Board, names, parent};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::command::{Command, decide};
use crate::domain::fields::{FieldName, SetDelta, Value};

/// One lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// What its cards have in common; empty in the last one, whose cards have nothing.
    pub key: String,
    /// What a card is given that is put into it; `None` takes it away.
    pub value: Option<String>,
    /// What it is called.
    pub name: String,
    /// Whether it is only a row.
    pub folded: bool,
}

/// The lanes, and how far they are scrolled.
#[derive(Debug, Clone, Default)]
pub struct Lanes {
    /// In their order, the one without a value last. Empty where the board has no lanes.
    pub all: Vec<Lane>,
    /// The first lane that is drawn.
    pub top: usize,
    /// How many cards of each column are passed over in that one.
    pub row: usize,
    by: LaneBy,
    index: HashMap<String, usize>,
    /// The cards that others are part of, by what those may call them.
    parents: HashMap<String, CardId>,
}

impl Lanes {
    /// Whether the board is cut into lanes.
    pub fn are_on(&self) -> bool {
        self.by != LaneBy::Nothing
    }

    /// Begins anew: looks up what the cards' keys need to be known.
    pub(super) fn begin(&mut self, by: LaneBy, board: &Board) {
        if self.by != by {
            (self.top, self.row) = (0, 0);
        }
        self.by = by;
        self.parents.clear();
        if by == LaneBy::Epic {
            for card in board.cards().filter(|c| c.kind == Kind::Epic || board.has_parts(c)) {
                self.parents.extend(names(card).into_iter().map(|name| (name, card.id)));
            }
        }
    }

    /// What a card has that decides about its lane; empty for nothing.
    fn key_of<'a>(&self, card: &'a Card, me: &[String]) -> Cow<'a, str> {
        match self.by {
            LaneBy::Nothing => Cow::Borrowed(""),
            LaneBy::Assignee => {
                let mine = card.assignees.iter().find(|a| me.contains(a));
                Cow::Borrowed(mine.or_else(|| card.assignees.first()).map_or("", String::as_str))
            }
            LaneBy::Milestone => Cow::Borrowed(card.milestone.as_deref().unwrap_or_default()),
            LaneBy::Priority => Cow::Borrowed(card.extra(FieldName::PRIORITY).unwrap_or_default()),
            LaneBy::Connection => Cow::Borrowed(card.links.first().map_or("", |l| l.connection.as_str())),
            LaneBy::Epic => Cow::Owned(self.epic_of(card)),
        }
    }

    /// The card it is part of; itself where others are part of it; a name that no card has stands for itself.
    fn epic_of(&self, card: &Card) -> String {
        if let Some(parent) = parent(card) {
            return self.parents.get(&parent).map_or(parent, ToString::to_string);
        }
        let own = !self.parents.is_empty() && names(card).iter().any(|name| self.parents.contains_key(name));
        if own { card.id.to_string() } else { String::new() }
    }

    /// The lane of a card, when it has one.
    pub fn of(&self, card: &Card, me: &[String]) -> Option<usize> {
        if self.all.is_empty() {
            return None;
        }
        self.index.get(&*self.key_of(card, me)).copied()
    }

    /// Whether the lanes found before still tell where cards stand that changed: epics get keys and titles of their own.
    pub(super) fn hold(&self, by: LaneBy) -> bool {
        self.by == by && by != LaneBy::Epic
    }
}

impl State {
    /// Finds the lanes of these cards, all that the columns hold.
    pub(super) fn find_lanes<'a>(&mut self, cards: impl Iterator<Item = &'a CardId>) {
        let mut lanes = std::mem::take(&mut self.lanes);
        lanes.begin(self.look.lanes, &self.board);
        let top = lanes.all.get(lanes.top).map(|lane| lane.key.clone());
        let mut found: IndexMap<String, Lane> = IndexMap::new();
        if lanes.are_on() {
            for card in cards.filter_map(|id| self.board.card(*id)) {
                let key = lanes.key_of(card, &self.me);
                if !found.contains_key(&*key) {
                    found.insert(key.clone().into_owned(), self.lane_named(&key, card));
                }
            }
        }
        let mut all: Vec<Lane> = found.into_values().collect();
        all.sort_by(|a, b| self.order(a, b));
        lanes.index = all.iter().enumerate().map(|(n, lane)| (lane.key.clone(), n)).collect();
        // What was at the top stays there, however many lanes came or went above it.
        if let Some(at) = top.and_then(|key| lanes.index.get(&key)) {
            lanes.top = *at;
        } else {
            (lanes.top, lanes.row) = (lanes.top.min(all.len().saturating_sub(1)), 0);
        }
        lanes.all = all;
        self.lanes = lanes;
    }

    fn lane_named(&self, key: &str, card: &Card) -> Lane {
        let value = (!key.is_empty()).then(|| key.to_owned());
        let by = self.look.lanes;
        let name = match (by, &value) {
            (_, None) => by.without().to_owned(),
            (LaneBy::Assignee, Some(login)) => format!("@{login}"),
            (_, Some(value)) => value.clone(),
        };
        let folded = self.look.folded.contains(key);
        let mut lane = Lane { key: key.to_owned(), value, name, folded };
        if by == LaneBy::Epic && lane.value.is_some() {
            if let Some(epic) = key.parse().ok().and_then(|id: CardId| self.board.card(id)) {
                lane.value = Some(epic.key());
                lane.name = format!("{} {}", epic.key(), epic.title);
            } else {
                let written = card.extra(FieldName::PARENT).unwrap_or(key).trim().to_owned();
                lane.name.clone_from(&written);
                lane.value = Some(written);
            }
        }
        lane
    }

    fn order(&self, a: &Lane, b: &Lane) -> Ordering {
        let rank = |lane: &Lane| {
            let Some(value) = &lane.value else { return (usize::MAX, 0) };
            let among = match self.look.lanes {
                LaneBy::Assignee => usize::from(!self.me.contains(value)),
                LaneBy::Priority => {
                    let low = value.to_lowercase();
                    let all = self.facts().priorities;
                    all.iter().position(|p| p.to_lowercase() == low).unwrap_or(all.len())
                }
                LaneBy::Connection => {
                    let all = &self.settings.connections;
                    all.iter().position(|c| c.name.as_str() == value).unwrap_or(all.len())
                }
                LaneBy::Nothing | LaneBy::Epic | LaneBy::Milestone => 0,
            };
            (0, among)
        };
        rank(a).cmp(&rank(b)).then_with(|| natural(&a.name, &b.name))
    }

    /// The lane a card stands in.
    pub fn lane_of(&self, card: CardId) -> Option<usize> {
        self.board.card(card).and_then(|card| self.lanes.of(card, &self.me))
    }

    /// What puts a card into another lane; nothing when it stands in it.
    ///
    /// # Errors
    /// It cannot be put there, and why.
    pub fn into_lane(&self, card: CardId, lane: usize) -> Result<Vec<Command>, String> {
        let (Some(data), Some(to)) = (self.board.card(card), self.lanes.all.get(lane)) else {
            return Ok(vec![]);
        };
        let from = self.lanes.key_of(data, &self.me);
        if *from == *to.key {
            return Ok(vec![]);
        }
        let text = |value: &Option<String>| value.clone().map_or(Value::None, Value::Text);
        let field = |field, value| Command::SetField { card, field, value };
        let command = match self.look.lanes {
            LaneBy::Nothing => return Ok(vec![]),
            LaneBy::Connection => {
                return Err("a card stays on its platform: linking puts it on another".to_owned());
            }
            LaneBy::Assignee => {
                let add = to.value.iter().cloned().collect();
                let remove = (!from.is_empty()).then(|| from.into_owned()).into_iter().collect();
                Command::Assign { card, delta: SetDelta { add, remove } }
            }
            LaneBy::Milestone => Command::SetMilestone { card, milestone: to.value.clone() },
            LaneBy::Priority => field(FieldName::PRIORITY, text(&to.value)),
            LaneBy::Epic if to.key == card.to_string() => {
                return Err(format!("{} cannot be part of itself", data.key()));
            }
            LaneBy::Epic => field(FieldName::PARENT, text(&to.value)),
        };
        let changes = decide(&self.board, command.clone()).map_err(|reject| reject.to_string())?;
        // Where it would stand then is looked at, not guessed: it may have other assignees, or parts of its own.
        let mut alone = Board::default();
        alone.upsert(data.clone());
        changes.iter().for_each(|change| alone.apply(change));
        let then = alone.card(card).map(|c| self.lanes.key_of(c, &self.me).into_owned());
        if then.as_deref() == Some(to.key.as_str()) {
            return Ok(vec![command]);
        }
        let then = then.unwrap_or_default();
        let known = self.lanes.index.get(&then).and_then(|n| self.lanes.all.get(*n));
        let still = known.map_or_else(|| self.lane_named(&then, data).name, |lane| lane.name.clone());
        Err(format!("{} would still stand with {still}", data.key()))
    }

    /// What a card gets in a lane, in words: `milestone v1.2`.
    pub fn lane_words(&self, lane: usize) -> String {
        let Some(lane) = self.lanes.all.get(lane) else { return String::new() };
        match (&lane.value, self.look.lanes) {
            (None, _) => lane.name.clone(),
            (Some(_), LaneBy::Assignee) => format!("assignee {}", lane.name),
            (Some(value), by) => format!("{} {value}", by.word()),
        }
    }
}

/// Compares names as people do: `v1.9` before `v1.10`, and without regard to case.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let (Some(here), Some(there)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len());
        };
        if here.is_ascii_digit() && there.is_ascii_digit() {
            let number = |text: &str| {
                let digits = text.bytes().take_while(u8::is_ascii_digit).count();
                (text[..digits].parse::<u128>().unwrap_or(u128::MAX), digits)
            };
            let ((mine, my_len), (yours, your_len)) = (number(left), number(right));
            if mine != yours {
                return mine.cmp(&yours);
            }
            (left, right) = (&left[my_len..], &right[your_len..]);
            continue;
        }
        let order = here.to_lowercase().cmp(there.to_lowercase());
        if order.is_ne() {
            return order;
        }
        (left, right) = (&left[here.len_utf8()..], &right[there.len_utf8()..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_numbers_stand_in_the_order_people_count() {
        let mut names = ["v1.10", "V1.9", "v1.2", "alpha", "v10", "2", "10"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["2", "10", "alpha", "v1.2", "V1.9", "v1.10", "v10"]);
    }
}
