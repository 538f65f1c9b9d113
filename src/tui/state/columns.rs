//! The columns' shown cards, and where in them one is. Kept beside the board so that a frame walks no set.

use super::State;
use super::look::LaneBy;
use crate::domain::board::points;
use crate::domain::card::CardId;
use crate::domain::mapping::Status;

/// One column as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnState {
    /// Its status.
    pub status: Status,
    /// The cards that are shown, from the top: those that pass the filter, lane after lane, without those of folded
    /// lanes; none where the column is collapsed or hidden.
    pub ids: Vec<CardId>,
    /// The focused card's place among them; 0 when there is none.
    pub at: usize,
    /// The first card drawn, where there are no lanes.
    pub top: usize,
    /// How many cards pass the filter.
    pub passing: usize,
    /// How many of them only for what their bodies or comments hold.
    pub in_text: usize,
    /// The sum of their estimates, in thousandths.
    pub points: i64,
    /// Where each lane begins among the cards.
    starts: Vec<usize>,
    /// How many cards that pass the filter each lane has, shown or not.
    in_lanes: Vec<usize>,
}

impl State {
    /// Reads every column anew: the board, its columns, the look or the filter changed.
    pub fn rebuild_columns(&mut self) {
        let statuses: Vec<Status> = self.board.columns().map(|(s, _)| s.clone()).collect();
        let mut old = std::mem::take(&mut self.columns);
        for status in &statuses {
            let known = old.iter().position(|c| c.status == *status).map(|n| old.swap_remove(n));
            self.columns.push(known.unwrap_or_else(|| ColumnState::new(status.clone())));
        }
        self.focus = self.focus.min(statuses.len().saturating_sub(1));
        self.first_column = self.first_column.min(statuses.len().saturating_sub(1));
        self.leave_hidden();
        self.read(&statuses, true);
    }

    /// Reads these columns anew. The focus stays on its card, and the card where it is on the screen, as far as it
    /// is still there.
    pub fn refresh(&mut self, statuses: &[Status]) {
        self.read(statuses, false);
    }

    fn read(&mut self, statuses: &[Status], lanes_too: bool) {
        let mut fresh = self.passing(|status| statuses.contains(status));
        if self.look.lanes != LaneBy::Nothing || self.lanes.are_on() {
            let known = |ids: &Vec<CardId>| ids.iter().all(|id| self.lane_of(*id).is_some());
            let hold = !lanes_too && self.lanes.hold(self.look.lanes);
            if !hold || !fresh.iter().all(|(_, ids)| known(ids)) {
                fresh = self.passing(|_| true);
                self.find_lanes(fresh.iter().flat_map(|(_, ids)| ids));
            }
        }
        for (n, ids) in fresh {
            self.arrange(n, ids);
        }
        let board = &self.board;
        self.selected.retain(|id| board.card(*id).is_some());
        self.count_hidden();
        if self.drag.as_ref().is_some_and(|d| self.board.card(d.card).is_none()) {
            self.drag = None;
        }
    }

    /// The cards that pass the filter, of each column whose status is wanted.
    fn passing(&self, wanted: impl Fn(&Status) -> bool) -> Vec<(usize, Vec<CardId>)> {
        let columns = self.columns.iter().enumerate().filter(|(_, c)| wanted(&c.status));
        columns.map(|(n, c)| (n, self.shown_in(&c.status))).collect()
    }

    /// Takes the cards of a column that pass the filter: puts them in the order of the lanes and leaves out those that
    /// are not shown.
    fn arrange(&mut self, n: usize, ids: Vec<CardId>) {
        let filtered = !self.filter.query.is_empty();
        let points = if filtered {
            ids.iter().filter_map(|id| self.board.card(*id)).filter_map(points).sum()
        } else {
            self.board.points_in(&self.columns[n].status)
        };
        let shut = self.is_collapsed(n) || self.is_hidden(n);
        let passing = ids.len();
        let in_text = self.only_in_text(&ids);
        let (mut shown, mut starts, mut in_lanes) = (ids, Vec::new(), Vec::new());
        if self.lanes.are_on() {
            let mut lanes: Vec<Vec<CardId>> = vec![Vec::new(); self.lanes.all.len()];
            for id in shown {
                if let Some(lane) = self.lane_of(id).and_then(|lane| lanes.get_mut(lane)) {
                    lane.push(id);
                }
            }
            shown = Vec::with_capacity(passing);
            for (cards, lane) in lanes.into_iter().zip(&self.lanes.all) {
                in_lanes.push(cards.len());
                starts.push(shown.len());
                if !lane.folded && !shut {
                    shown.extend(cards);
                }
            }
        }
        if shut {
            shown.clear();
        }
        let column = &mut self.columns[n];
        (column.passing, column.in_text, column.points) = (passing, in_text, points);
        (column.starts, column.in_lanes) = (starts, in_lanes);
        column.replace(shown);
    }

    fn shown_in(&self, status: &Status) -> Vec<CardId> {
        let ids = self.board.ids_in(status);
        let (query, found) = (&self.filter.query, &self.filter.found);
        if query.is_empty() && query.sort().is_none() {
            return ids.collect();
        }
        let facts = self.facts();
        let passes = |id: &CardId| {
            self.board.card(*id).is_some_and(|c| query.matches(c, |n| found.holds(*id, n), &facts))
        };
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

    /// How many of these cards, which pass the filter, do so only for what their bodies or comments hold.
    fn only_in_text(&self, ids: &[CardId]) -> usize {
        if self.filter.found.is_empty() {
            return 0;
        }
        let facts = self.facts();
        let cards = ids.iter().filter_map(|id| self.board.card(*id));
        cards.filter(|card| !self.filter.query.matches_alone(card, &facts)).count()
    }

    /// How many of the shown cards pass the filter only for what their bodies or comments hold.
    pub fn in_text(&self) -> usize {
        self.columns.iter().map(|c| c.in_text).sum()
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

    /// How many cards pass the filter, and how many there are.
    pub fn shown(&self) -> (usize, usize) {
        (self.columns.iter().map(|c| c.passing).sum(), self.board.len())
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

    /// The columns that are not hidden, by their places on the board. There is always one, where there are any.
    pub fn shown_columns(&self) -> Vec<usize> {
        let hidden = |n: &usize| self.look.hidden.contains(&self.columns[*n].status);
        let shown: Vec<usize> = (0..self.columns.len()).filter(|n| !hidden(n)).collect();
        if shown.is_empty() { (0..self.columns.len()).collect() } else { shown }
    }

    /// Whether a column is hidden.
    pub fn is_hidden(&self, column: usize) -> bool {
        let hidden = |c: &ColumnState| self.look.hidden.contains(&c.status);
        self.columns.get(column).is_some_and(hidden) && !self.columns.iter().all(hidden)
    }

    /// Whether a column is collapsed.
    pub fn is_collapsed(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|c| self.look.narrow.contains(&c.status))
    }

    /// How many columns are hidden.
    pub fn hidden_count(&self) -> usize {
        self.columns.len() - self.shown_columns().len()
    }

    /// Takes the focus off a column that is hidden, to the nearest one.
    fn leave_hidden(&mut self) {
        if self.is_hidden(self.focus) {
            let near = |n: &usize| n.abs_diff(self.focus);
            self.focus = self.shown_columns().into_iter().min_by_key(near).unwrap_or(0);
        }
    }
}

impl ColumnState {
    fn new(status: Status) -> Self {
        Self {
            status,
            ids: Vec::new(),
            at: 0,
            top: 0,
            passing: 0,
            in_text: 0,
            points: 0,
            starts: Vec::new(),
            in_lanes: Vec::new(),
        }
    }

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

    /// Where a lane's cards begin and end among the shown ones.
    pub fn lane(&self, lane: usize) -> (usize, usize) {
        let at = |n: usize| self.starts.get(n).copied().unwrap_or(self.ids.len()).min(self.ids.len());
        (at(lane), at(lane + 1))
    }

    /// The lane of the shown card at a place.
    pub fn lane_at(&self, at: usize) -> usize {
        // A lane without cards begins where the next one does: the last of those is meant.
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// How many cards that pass the filter a lane has here, shown or not.
    pub fn in_lane(&self, lane: usize) -> usize {
        self.in_lanes.get(lane).copied().unwrap_or(0)
    }
}
