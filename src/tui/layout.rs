//! Where everything stands: pure, and the same for drawing and for hit-testing. Costs what is on the screen.

use ratatui::layout::{Position, Rect};

use super::paint;
use super::screens::health;
use super::state::{State, View};
use super::tour;
use super::view::{Parts, status_parts};
use crate::config::views::ALL;
use crate::domain::card::CardId;

pub mod card;
mod columns;
mod hints;
mod lanes;

pub use columns::{COLUMN_MIN, NARROW, revealing_first, revealing_top, strip_label};
pub use hints::{HintBox, Tap};
pub use lanes::{LaneBox, LaneTop, above, below, revealing_lane};

/// From this height on the saved views have a line: below it the cards need every row.
const VIEWS_FROM: u16 = 8;
/// The least columns and rows on which anything can be told; below, only that it is too small.
pub const LEAST: (u16, u16) = (16, 4);
/// From this width on a card may stand beside the board.
const WIDE: u16 = 100;
/// From this height on cards get a second line of facts.
const ROOMY: u16 = 32;

/// One card on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardBox {
    /// Which.
    pub id: CardId,
    /// Its place in its column.
    pub index: usize,
    /// Its cells, cut at the column's end.
    pub area: Rect,
}

/// One column on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnBox {
    /// Its place on the board.
    pub index: usize,
    /// All of it.
    pub area: Rect,
    /// Title and rule.
    pub header: Rect,
    /// Where the cards stand.
    pub body: Rect,
    /// The line below them that says how many more there are.
    pub foot: Rect,
    /// Whether it is a narrow strip that shows no cards.
    pub collapsed: bool,
    /// The cards.
    pub cards: Vec<CardBox>,
    /// How many of its cards are above the first on the screen.
    pub above: usize,
    /// How many of its cards are below the last that is whole on the screen.
    pub below: usize,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The line with the tabs.
    pub top: Rect,
    /// The tabs.
    pub tabs: Vec<(View, Rect)>,
    /// The line with the saved views, when there are any.
    pub views: Rect,
    /// Their tabs, as far as there is room: all cards, and each view by its place among the settings.
    pub saved: Vec<(Option<usize>, Rect)>,
    /// The filter's line, when there is a filter.
    pub filter: Rect,
    /// What the view has.
    pub body: Rect,
    /// The docked health panel.
    pub docked: Rect,
    /// The focused card beside the board.
    pub pane: Rect,
    /// The strip of column titles, in the one-column mode.
    pub strip: Vec<(usize, Rect)>,
    /// The columns.
    pub columns: Vec<ColumnBox>,
    /// The lanes, from the first on the screen.
    pub lanes: Vec<LaneBox>,
    /// Whether the last lane is on the screen to its end.
    pub lanes_end: bool,
    /// Whether one column is shown at a time.
    pub single: bool,
    /// The status bar.
    pub status: Rect,
    /// What the tour says, while it is on.
    pub tour: Rect,
    /// What the status bar says, the hints aside.
    pub said: Parts,
    /// The hints in the status bar; while a chord is begun, the ways it can go on.
    pub hints: Vec<HintBox>,
    /// Whether cards have room for a second line of facts.
    pub roomy: bool,
}

/// What is under a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// A view's tab.
    Tab(View),
    /// A saved view's tab; `None` is the one with all cards.
    Saved(Option<usize>),
    /// The filter's line.
    Filter,
    /// A column's header, its title in the strip, or all of it where it is collapsed.
    Header(usize),
    /// The row with a lane's name.
    Lane(usize),
    /// A card.
    Card {
        /// Its column.
        column: usize,
        /// Which.
        id: CardId,
    },
    /// The empty part of a column.
    Column(usize),
    /// The docked panel.
    Docked,
    /// The card beside the board.
    Pane,
    /// The status bar.
    Status,
    /// A hint, which does what its key does.
    Hint(Tap),
    /// A view that is no board.
    View,
}

/// Lays the whole terminal out.
pub fn layout(state: &State) -> Layout {
    lay_out(state, true)
}

/// The same without the cards, for whoever only asks where things are: measuring cards is most of the work.
pub fn bare_layout(state: &State) -> Layout {
    lay_out(state, false)
}

fn lay_out(state: &State, cards: bool) -> Layout {
    let area = state.area;
    let mut out = Layout { roomy: area.height >= ROOMY, ..Layout::default() };
    if is_too_small(area) {
        return out;
    }
    let mut rest = area;
    out.top = take_top(&mut rest, 1);
    out.tabs = tabs(state, out.top);
    rest.height -= 1;
    out.status = Rect { y: rest.bottom(), height: 1, ..rest };
    let height = tour::rows(state, rest.height);
    rest.height -= height;
    out.tour = Rect { y: rest.bottom(), height, ..rest };
    beside(state, &mut rest, &mut out);
    if state.view == View::Board && !state.settings.views.is_empty() && rest.height >= VIEWS_FROM {
        out.views = take_top(&mut rest, 1);
        out.saved = saved_tabs(state, out.views);
    }
    if state.view == View::Board && state.filter.is_shown() && rest.height >= 2 {
        out.filter = take_top(&mut rest, 1);
    }
    out.body = rest;
    if state.view == View::Board {
        columns::board(state, rest, cards, &mut out);
    }
    if cards {
        status_bar(state, &mut out);
    }
    out
}

/// What the status bar says, and the hints where that leaves room.
fn status_bar(state: &State, out: &mut Layout) {
    let area = out.status;
    if !state.keys.is_empty() {
        out.hints = hints::following(state, area);
        return;
    }
    let (said, free) = status_parts(state, area, hints::reserved(state, area));
    out.said = said;
    out.hints = hints::place(state, area, free);
}

/// Whether nothing can be laid out in an area.
pub fn is_too_small(area: Rect) -> bool {
    area.width < LEAST.0 || area.height < LEAST.1
}

/// What stands beside the view. The health panel and the card stand side by side where the board keeps enough; where it
/// would not, the panel stands below the card.
fn beside(state: &State, rest: &mut Rect, out: &mut Layout) {
    let docked = (state.docked && state.view != View::Health)
        .then(|| health::docked_width(rest.width).filter(|w| *w < rest.width))
        .flatten();
    let pane = if has_pane(state) { pane_width(rest.width - docked.unwrap_or(0)) } else { None };
    if let Some(width) = docked.filter(|_| pane.is_some() || !has_pane(state)) {
        rest.width -= width;
        out.docked = Rect { x: rest.right(), width, ..*rest };
    }
    if let Some(width) = pane.or_else(|| has_pane(state).then(|| pane_width(rest.width)).flatten()) {
        rest.width -= width;
        out.pane = Rect { x: rest.right(), width, ..*rest };
    }
    if docked.is_some() && out.docked.is_empty() {
        let height = (out.pane.height / 3).max(6).min(out.pane.height / 2);
        out.pane.height -= height;
        out.docked = Rect { y: out.pane.bottom(), height, ..out.pane };
    }
}

/// The columns the card beside the board takes of a width; `None` where it has no room.
fn pane_width(width: u16) -> Option<u16> {
    (width >= WIDE).then(|| (width * 2 / 5).clamp(40, 100))
}

/// Whether there is room for a card beside the board.
pub fn pane_fits(state: &State) -> bool {
    state.view == View::Board && pane_width(state.area.width).is_some()
}

/// Whether a card stands beside the board.
pub fn has_pane(state: &State) -> bool {
    state.pane.on && pane_fits(state)
}

fn take_top(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    let top = Rect { height, ..*area };
    area.y += height;
    area.height -= height;
    top
}

fn tabs(state: &State, top: Rect) -> Vec<(View, Rect)> {
    let label = |v: View| paint::width(&tab_label(state, v)) as u16 + 2;
    let wanted: u16 = View::ALL.iter().map(|v| label(*v)).sum();
    // The tabs stand at the right end: they do not move when the board's name is long.
    let mut x = top.right().saturating_sub(wanted).max(top.x);
    let mut out = Vec::new();
    // Where they have no room, they begin so that the one one is on is whole.
    let at = View::ALL.iter().position(|v| *v == state.view).unwrap_or(0);
    let before = |first: usize| View::ALL[first..=at].iter().map(|v| label(*v)).sum::<u16>();
    let first = (0..=at).find(|first| before(*first) <= top.width).unwrap_or(at);
    for view in View::ALL.into_iter().skip(first) {
        let width = label(view).min(top.right().saturating_sub(x));
        out.push((view, Rect { x, width, ..top }));
        x += width;
    }
    out
}

/// A tab's text: the view's name, and what there is to look at.
pub fn tab_label(state: &State, view: View) -> String {
    let troubles: u32 = state.health.iter().map(|h| h.failed_total).sum();
    let conflicts: u32 = state.health.iter().map(|h| h.conflicts).sum();
    match view {
        View::Health if troubles > 0 => format!("{} {troubles}", view.title()),
        View::Conflicts if conflicts > 0 => format!("{} {conflicts}", view.title()),
        _ => view.title().to_owned(),
    }
}

/// The tabs of the saved views: the shown one always whole, the others as far as there is room.
fn saved_tabs(state: &State, line: Rect) -> Vec<(Option<usize>, Rect)> {
    let all: Vec<Option<usize>> =
        std::iter::once(None).chain((0..state.settings.views.len()).map(Some)).collect();
    let width = |n: &Option<usize>| paint::width(&saved_label(state, *n)) as u16 + 2;
    let shown = all.iter().position(|n| *n == state.saved_view()).unwrap_or(0);
    let mut first = 0;
    while first < shown && all[first..=shown].iter().map(width).sum::<u16>() > line.width {
        first += 1;
    }
    let mut x = line.x;
    let mut out = Vec::new();
    for n in &all[first..] {
        let width = width(n).min(line.right().saturating_sub(x));
        if width > 2 {
            out.push((*n, Rect { x, width, ..line }));
        }
        x += width;
    }
    out
}

/// A saved view's tab: its name, and on the shown one a mark, how many cards it shows, and whether the filter was
/// changed since.
pub fn saved_label(state: &State, view: Option<usize>) -> String {
    let named = view.and_then(|n| state.settings.views.get(n));
    let name = paint::clean(named.map_or(ALL, |v| &v.name));
    if state.saved_view() != view {
        return name.into_owned();
    }
    let word = if view.is_some() { "changed" } else { "filtered" };
    let changed = match state.view_is_changed() {
        true if state.area.width < NARROW => " *".to_owned(),
        true => format!(" * {word}"),
        false => String::new(),
    };
    format!("{}{name} {}{changed}", state.glyphs.focus, state.shown().0)
}

impl Layout {
    /// The hint under a cell: hints are hit beside and under dialogs too.
    pub fn hint(&self, x: u16, y: u16) -> Option<Tap> {
        let at = Position::new(x, y);
        self.hints.iter().find(|h| h.area.contains(at)).map(|h| h.tap)
    }

    /// What is under a cell.
    pub fn hit(&self, x: u16, y: u16) -> Option<Hit> {
        let at = Position::new(x, y);
        if let Some(tap) = self.hint(x, y) {
            return Some(Hit::Hint(tap));
        }
        if let Some((view, _)) = self.tabs.iter().find(|(_, r)| r.contains(at)) {
            return Some(Hit::Tab(*view));
        }
        if let Some((view, _)) = self.saved.iter().find(|(_, r)| r.contains(at)) {
            return Some(Hit::Saved(*view));
        }
        for (area, hit) in [
            (self.filter, Hit::Filter),
            (self.docked, Hit::Docked),
            (self.pane, Hit::Pane),
            (self.status, Hit::Status),
        ] {
            if area.contains(at) {
                return Some(hit);
            }
        }
        if let Some((n, _)) = self.strip.iter().find(|(_, r)| r.contains(at)) {
            return Some(Hit::Header(*n));
        }
        let Some(column) = self.columns.iter().find(|c| c.area.contains(at)) else {
            return (self.columns.is_empty() && self.body.contains(at)).then_some(Hit::View);
        };
        if column.collapsed || column.header.contains(at) {
            return Some(Hit::Header(column.index));
        }
        if let Some(lane) = self.lanes.iter().find(|l| l.header.contains(at)) {
            return Some(Hit::Lane(lane.index));
        }
        let card = column.cards.iter().find(|c| c.area.contains(at));
        Some(card.map_or(Hit::Column(column.index), |c| Hit::Card { column: column.index, id: c.id }))
    }

    /// The lane a row belongs to.
    pub fn lane_at(&self, y: u16) -> Option<usize> {
        self.lanes.iter().find(|l| (l.area.top()..l.area.bottom()).contains(&y)).map(|l| l.index)
    }

    /// The column a cell belongs to.
    pub fn column_at(&self, x: u16) -> Option<usize> {
        self.columns.iter().find(|c| (c.area.left()..c.area.right()).contains(&x)).map(|c| c.index)
    }

    /// The box of a column, when it is on the screen.
    pub fn column(&self, index: usize) -> Option<&ColumnBox> {
        self.columns.iter().find(|c| c.index == index)
    }
}
