//! Where the lanes stand: bands over all columns, one below the other, with one scroll for the whole board. A band is as
//! high as the highest of its columns on the screen. Pure, and walks no further than a screen.

use ratatui::layout::Rect;

use super::card::card_height;
use super::columns::{gap, stack};
use super::{ColumnBox, Layout};
use crate::tui::state::State;

/// One lane on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneBox {
    /// Its place among the lanes.
    pub index: usize,
    /// The row with its name.
    pub header: Rect,
    /// All of it, the header too.
    pub area: Rect,
}

/// A place to begin drawing at: a lane, and how many cards of each column are passed over in it.
pub type LaneTop = (usize, usize);

/// Puts the lanes that are on the screen, and their cards, into the layout.
pub(super) fn lay(state: &State, out: &mut Layout) {
    let open = || out.columns.iter().filter(|c| !c.collapsed);
    let (Some(left), Some(right)) = (open().next(), open().next_back()) else { return };
    let (body, end) = (left.body, right.area.right());
    let (mut lane, mut row) = now(state);
    // Cards may have gone since it was scrolled there.
    row = row.min(rows(state, &out.columns, lane).saturating_sub(1));
    let mut y = body.y;
    let mut whole = vec![0; out.columns.len()];
    let first = (lane, row);
    while lane < state.lanes.all.len() && y < body.bottom() {
        let header = Rect { x: body.x, y, width: end - body.x, height: 1 };
        let mut next = y + 1;
        if !state.lanes.all[lane].folded {
            let mut tallest = next + 1;
            for (column, whole) in out.columns.iter_mut().zip(&mut whole).filter(|(c, _)| !c.collapsed) {
                let c = &state.columns[column.index];
                let (from, to) = c.lane(lane);
                let (bottom, fit) = stack(state, out.roomy, column, &c.ids[..to], (from + row).min(to), next);
                *whole += fit;
                tallest = tallest.max(bottom);
            }
            next = tallest;
        }
        let height = next.min(body.bottom()) - y;
        out.lanes.push(LaneBox { index: lane, header, area: Rect { height, ..header } });
        y = next;
        (lane, row) = (lane + 1, 0);
    }
    out.lanes_end = lane >= state.lanes.all.len() && y <= body.bottom() + gap(state, body.height);
    for (column, whole) in out.columns.iter_mut().zip(whole).filter(|(c, _)| !c.collapsed) {
        let c = &state.columns[column.index];
        let (from, to) = c.lane(first.0);
        column.above = (from + first.1).min(to);
        column.below = c.ids.len() - column.above - whole;
    }
}

/// The place that is drawn from now, as far as there is one.
fn now(state: &State) -> LaneTop {
    let lanes = &state.lanes;
    if lanes.top < lanes.all.len() { (lanes.top, lanes.row) } else { (lanes.all.len().saturating_sub(1), 0) }
}

/// The most cards that a column on the screen has in a lane.
fn rows(state: &State, columns: &[ColumnBox], lane: usize) -> usize {
    let own = |c: &ColumnBox| state.columns.get(c.index).map_or(0, |c| c.lane(lane).1 - c.lane(lane).0);
    columns.iter().filter(|c| !c.collapsed).map(own).max().unwrap_or(0)
}

/// The place one step further down, if there is one.
pub fn below(state: &State, layout: &Layout) -> Option<LaneTop> {
    let (lane, row) = now(state);
    if layout.lanes_end {
        return None;
    }
    if row + 1 < rows(state, &layout.columns, lane) {
        return Some((lane, row + 1));
    }
    (lane + 1 < state.lanes.all.len()).then_some((lane + 1, 0))
}

/// The place one step further up, if there is one.
pub fn above(state: &State, layout: &Layout) -> Option<LaneTop> {
    before(state, &layout.columns, now(state))
}

fn before(state: &State, columns: &[ColumnBox], (lane, row): LaneTop) -> Option<LaneTop> {
    match (lane, row) {
        (0, 0) => None,
        (_, 0) => Some((lane - 1, rows(state, columns, lane - 1).saturating_sub(1))),
        _ => Some((lane, row - 1)),
    }
}

/// The place to draw from so that the focused card is whole on the screen, given the one drawn from now; nothing is
/// hidden above while there is room for it below.
pub fn revealing_lane(state: &State, layout: &Layout) -> LaneTop {
    let measure = Measure { state, layout };
    let Some(column) = layout.column(state.focus) else { return now(state) };
    let room = column.body.height;
    let Some(c) = state.columns.get(state.focus).filter(|c| !c.ids.is_empty()) else {
        return measure.filled(now(state), room);
    };
    let lane = c.lane_at(c.at);
    let (focused, row) = (column, c.at - c.lane(lane).0);
    let used = |(from, skipped): LaneTop| {
        let own = |skipped| 1 + measure.column(focused, lane, skipped, row + 1, room);
        if from == lane {
            return own(skipped);
        }
        let mut used = measure.lane(from, skipped, room);
        for between in from + 1..lane {
            used = used.saturating_add(measure.lane(between, 0, room));
            if used > room {
                break;
            }
        }
        used.saturating_add(own(0))
    };
    let mut first = (lane, row);
    while first > now(state)
        && let Some(up) = before(state, &layout.columns, first)
        && used(up) <= room
    {
        first = up;
    }
    measure.filled(first, room)
}

/// How high things would be.
struct Measure<'a> {
    state: &'a State,
    layout: &'a Layout,
}

impl Measure<'_> {
    /// A column's cards in a lane, from one to another, counted no further than `most`.
    fn column(&self, column: &ColumnBox, lane: usize, from: usize, to: usize, most: u16) -> u16 {
        let Some(c) = self.state.columns.get(column.index) else { return 0 };
        let (start, end) = c.lane(lane);
        let gap = gap(self.state, column.body.height);
        let mut used = 0_u16;
        for id in &c.ids[(start + from).min(end)..(start + to).min(end)] {
            let Some(card) = self.state.board.card(*id) else { continue };
            used += if used > 0 { gap } else { 0 };
            used += card_height(self.state, card, column.body.width, self.layout.roomy);
            if used > most {
                break;
            }
        }
        used
    }

    /// A lane with its header and the blank row below it, counted no further than a little over `most`.
    fn lane(&self, lane: usize, from: usize, most: u16) -> u16 {
        if self.state.lanes.all.get(lane).is_none_or(|l| l.folded) {
            return 1;
        }
        let open = self.layout.columns.iter().filter(|c| !c.collapsed);
        let stacks = open.map(|c| {
            let used = self.column(c, lane, from, usize::MAX / 2, most);
            if used > 0 { used + gap(self.state, c.body.height) } else { 0 }
        });
        1 + stacks.max().unwrap_or(0).max(1)
    }

    /// All lanes from a place on, counted no further than a little over `most`.
    fn rest(&self, (lane, row): LaneTop, most: u16) -> u16 {
        let mut used = 0_u16;
        for (n, from) in
            (lane..self.state.lanes.all.len()).zip(std::iter::once(row).chain(std::iter::repeat(0)))
        {
            used = used.saturating_add(self.lane(n, from, most));
            if used > most {
                break;
            }
        }
        used
    }

    /// The place itself, or one further up where the lanes from it on would leave room.
    fn filled(&self, mut first: LaneTop, room: u16) -> LaneTop {
        while let Some(up) = before(self.state, &self.layout.columns, first)
            && self.rest(up, room) <= room
        {
            first = up;
        }
        first
    }
}
