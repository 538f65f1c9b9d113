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
                let ids = self.shown_in(&self.columns[n].status);
                self.columns[n].replace(ids);
            }
        }
        let board = &self.board;
        self.selected.retain(|id| board.card(*id).is_some());
        self.count_hidden();
        if self.drag.as_ref().is_some_and(|d| self.board.card(d.card).is_none()) {
            self.drag = None;
        }
    }

    fn shown_in(&self, status: &Status) -> Vec<CardId> {
        let ids = self.board.ids_in(status);
        let query = &self.filter.query;
        if query.is_empty() && query.sort().is_none() {
            return ids.collect();
        }
        let facts = self.facts();
        let passes = |id: &CardId| self.board.card(*id).is_some_and(|c| query.matches(c, false, &facts));
        let mut shown: Vec<CardId> = ids.filter(passes).collect();
        if let Some(sort) = query.sort() {
            let card = |id: &CardId| self.board.card(*id);
            shown.sort_by(|a, b| match (card(a), card(b)) {
                (Some(a), Some(b)) => sort.compare(a, b, &facts),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
        }
        shown
    }

    /// Counts the selected cards that no column shows; walks nothing while nothing is selected.
    fn count_hidden(&mut self) {
        let shown = if self.selected.is_empty() {
            0
        } else {
            let ids = self.columns.iter().flat_map(|c| &c.ids);
            ids.filter(|id| self.selected.contains(id)).count()
        };
        self.doing.hidden = self.selected.len().saturating_sub(shown);
    }

    /// Selects nothing any more.
    pub fn deselect(&mut self) {
        self.selected.clear();
        self.doing.hidden = 0;
        self.doing.range = None;
        self.doing.sweep = None;
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
