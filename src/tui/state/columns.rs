//! The columns' shown cards, and where in them one is. Kept beside the board so that a frame walks no set.

use super::State;
use crate::domain::card::CardId;
use crate::domain::mapping::Status;

/// One column as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnState {
    /// Its status.
    pub status: Status,
    /// The cards that pass the filter, from the top.
    pub ids: Vec<CardId>,
    /// The focused card's place among them; 0 when there is none.
    pub at: usize,
    /// The first card drawn.
    pub top: usize,
    /// How many of them pass the filter only for what their bodies or comments hold.
    pub in_text: usize,
}

impl State {
    /// Reads every column anew: the board, its columns or the filter changed.
    pub fn rebuild_columns(&mut self) {
        let statuses: Vec<Status> = self.board.columns().map(|(s, _)| s.clone()).collect();
        let mut old = std::mem::take(&mut self.columns);
        for status in &statuses {
            let known = old.iter().position(|c| c.status == *status).map(|n| old.swap_remove(n));
            self.columns.push(known.unwrap_or_else(|| ColumnState {
                status: status.clone(),
                ids: Vec::new(),
                at: 0,
                top: 0,
                in_text: 0,
            }));
        }
        self.focus = self.focus.min(statuses.len().saturating_sub(1));
        self.first_column = self.first_column.min(statuses.len().saturating_sub(1));
        self.refresh(&statuses);
    }

    /// Reads these columns anew. The focus stays on its card, and the card where it is on the screen, as far as it
    /// is still there.
    pub fn refresh(&mut self, statuses: &[Status]) {
        for n in 0..self.columns.len() {
            if statuses.contains(&self.columns[n].status) {
                let (ids, in_text) = self.shown_in(&self.columns[n].status);
                self.columns[n].replace(ids);
                self.columns[n].in_text = in_text;
            }
        }
        let board = &self.board;
        self.selected.retain(|id| board.card(*id).is_some());
        if self.drag.as_ref().is_some_and(|d| self.board.card(d.card).is_none()) {
            self.drag = None;
        }
    }

    /// The cards of a column that pass the filter, and how many of them only for their bodies or comments.
    fn shown_in(&self, status: &Status) -> (Vec<CardId>, usize) {
        let ids = self.board.ids_in(status);
        let (query, found) = (&self.filter.query, &self.filter.found);
        if query.is_empty() && query.sort().is_none() {
            return (ids.collect(), 0);
        }
        let facts = self.facts();
        let nothing_found = found.is_empty();
        let mut in_text = 0;
        let passes = |id: &CardId| {
            let Some(card) = self.board.card(*id) else { return false };
            if nothing_found {
                return query.matches_alone(card, &facts);
            }
            let passes = query.matches(card, |n| found.holds(*id, n), &facts);
            in_text += usize::from(passes && !query.matches_alone(card, &facts));
            passes
        };
        let mut shown: Vec<CardId> = ids.filter(passes).collect();
        if let Some(sort) = query.sort() {
            let card = |id: &CardId| self.board.card(*id);
            shown.sort_by(|a, b| match (card(a), card(b)) {
                (Some(a), Some(b)) => sort.compare(a, b, &facts),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
        }
        (shown, in_text)
    }

    /// How many of the shown cards pass the filter only for what their bodies or comments hold.
    pub fn in_text(&self) -> usize {
        self.columns.iter().map(|c| c.in_text).sum()
    }

    /// How many cards are shown, and how many there are.
    pub fn shown(&self) -> (usize, usize) {
        (self.columns.iter().map(|c| c.ids.len()).sum(), self.board.len())
    }

    /// Puts the focus on a card, if it is shown.
    pub fn focus_card(&mut self, id: CardId) -> bool {
        let found = self
            .columns
            .iter()
            .enumerate()
            .find_map(|(n, c)| Some((n, c.ids.iter().position(|other| *other == id)?)));
        if let Some((column, at)) = found {
            self.focus = column;
            self.columns[column].at = at;
        }
        found.is_some()
    }
}

impl ColumnState {
    fn replace(&mut self, ids: Vec<CardId>) {
        let focused = self.ids.get(self.at).copied();
        // Nearly always the card is where it was, or near: look there before looking everywhere.
        let near = |id: CardId| (ids.get(self.at) == Some(&id)).then_some(self.at);
        let at = focused.and_then(|id| near(id).or_else(|| ids.iter().position(|other| *other == id)));
        let at = at.unwrap_or(self.at).min(ids.len().saturating_sub(1));
        self.top = (self.top + at).saturating_sub(self.at).min(at);
        self.at = at;
        self.ids = ids;
    }
}
