//! Where everything stands: pure, and the same for drawing and for hit-testing. Costs what is on the screen.

use ratatui::layout::{Position, Rect};

use super::paint;
use super::screens::health;
use super::state::{State, View};
use super::theme::Mark;
use super::tour;
use super::view::{Parts, status_parts};
use crate::config::views::ALL;
use crate::domain::card::{Card, CardId};
use crate::domain::fields::FieldName;

mod hints;

pub use hints::{HintBox, Tap};

/// The least cells a column gets, its gutter included.
pub const COLUMN_MIN: u16 = 20;
/// The most cells a column gets.
const COLUMN_MAX: u16 = 56;
/// Below this width one column is shown at a time, with a strip of the others.
pub const NARROW: u16 = 60;
/// From this height on the saved views have a line: below it the cards need every row.
const VIEWS_FROM: u16 = 8;
/// The least columns and rows on which anything can be told; below, only that it is too small.
pub const LEAST: (u16, u16) = (16, 4);
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
    /// The cards.
    pub cards: Vec<CardBox>,
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
    /// The strip of column titles, in the one-column mode.
    pub strip: Vec<(usize, Rect)>,
    /// The columns.
    pub columns: Vec<ColumnBox>,
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
    /// A column's header, or its title in the strip.
    Header(usize),
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
    if state.docked
        && state.view != View::Health
        && let Some(width) = health::docked_width(rest.width).filter(|w| *w < rest.width)
    {
        rest.width -= width;
        out.docked = Rect { x: rest.right(), width, ..rest };
    }
    if state.view == View::Board && !state.settings.views.is_empty() && rest.height >= VIEWS_FROM {
        out.views = take_top(&mut rest, 1);
        out.saved = saved_tabs(state, out.views);
    }
    if state.view == View::Board && state.filter.is_shown() && rest.height >= 2 {
        out.filter = take_top(&mut rest, 1);
    }
    out.body = rest;
    if state.view == View::Board {
        board(state, rest, cards, &mut out);
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
    if let Some(left) = free {
        out.hints = hints::place(state, area, left);
    }
}

/// Whether nothing can be laid out in an area.
pub fn is_too_small(area: Rect) -> bool {
    area.width < LEAST.0 || area.height < LEAST.1
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

/// How many columns are shown side by side in a width.
pub fn columns_shown(width: u16, columns: usize) -> usize {
    if width < NARROW { columns.min(1) } else { columns.min(usize::from(width / COLUMN_MIN)).max(1) }
}

/// What the board itself has when all the rest is laid out.
fn board(state: &State, mut area: Rect, cards: bool, out: &mut Layout) {
    let columns = state.columns.len();
    if columns == 0 || area.is_empty() {
        return;
    }
    let shown = columns_shown(area.width, columns);
    let narrow = area.width < NARROW && columns > 1;
    let first = if narrow { state.focus } else { state.first_column.min(columns - shown) };
    if narrow && area.height >= 3 {
        let strip = take_top(&mut area, 1);
        out.strip = strip_boxes(state, strip);
    }
    let each = if shown == 1 && narrow { area.width } else { (area.width / shown as u16).min(COLUMN_MAX) };
    let spare = if each == COLUMN_MAX { 0 } else { area.width - each * shown as u16 };
    let mut x = area.x;
    for (n, index) in (first..first + shown).enumerate() {
        let width = each + u16::from((n as u16) < spare);
        let column = Rect { x, width, ..area };
        x += width;
        let mut column = column_box(index, column, !narrow || out.strip.is_empty());
        if cards {
            lay_cards(state, out.roomy, &mut column);
        }
        out.columns.push(column);
    }
}

fn strip_boxes(state: &State, strip: Rect) -> Vec<(usize, Rect)> {
    let label = |n: usize| paint::width(&strip_label(state, n)) as u16 + 2;
    // The focused title is always whole: begin so that it fits.
    let mut first = 0;
    while first < state.focus && (first..=state.focus).map(label).sum::<u16>() > strip.width {
        first += 1;
    }
    let mut x = strip.x;
    let mut out = Vec::new();
    for n in first..state.columns.len() {
        let width = label(n).min(strip.right().saturating_sub(x));
        if width > 0 {
            out.push((n, Rect { x, width, ..strip }));
        }
        x += width;
    }
    out
}

/// A column's title and count in the strip.
pub fn strip_label(state: &State, column: usize) -> String {
    let Some(c) = state.columns.get(column) else { return String::new() };
    format!("{} {}", paint::clean(state.board.title_of(&c.status)), c.ids.len())
}

fn column_box(index: usize, area: Rect, titled: bool) -> ColumnBox {
    let mut rest = area;
    let header = match rest.height {
        0..=1 => Rect { height: 0, ..rest },
        2..=5 => take_top(&mut rest, u16::from(titled)),
        _ => take_top(&mut rest, 1 + u16::from(titled)),
    };
    let foot = u16::from(rest.height >= 6);
    rest.height -= foot;
    let foot = Rect { y: rest.bottom(), height: foot, ..rest };
    ColumnBox { index, area, header, body: rest, foot, cards: Vec::new() }
}

/// Puts the cards that are on the screen into a column's box.
fn lay_cards(state: &State, roomy: bool, out: &mut ColumnBox) {
    let Some(column) = state.columns.get(out.index) else { return };
    let rest = out.body;
    let mut y = rest.y;
    for at in column.top.min(column.ids.len())..column.ids.len() {
        let id = column.ids[at];
        let Some(card) = state.board.card(id) else { continue };
        if y >= rest.bottom() {
            break;
        }
        let height = card_height(card, rest.width, roomy);
        let area = Rect { y, height: height.min(rest.bottom() - y), ..rest };
        out.cards.push(CardBox { id, index: at, area });
        y = y.saturating_add(height + gap(rest.height));
    }
}

/// The blank rows between two cards.
fn gap(body_height: u16) -> u16 {
    u16::from(body_height >= 12)
}

/// The cells a card's text has in a column of this width: a bar, a blank, the text, a gutter.
pub fn text_width(column: u16) -> usize {
    usize::from(column.saturating_sub(3)).max(1)
}

/// The rows a card takes: its title in one or two lines, its key and labels, and a line of facts when there are any.
pub fn card_height(card: &Card, column: u16, roomy: bool) -> u16 {
    let title = title_lines(card, column).max(1) as u16;
    title + 1 + u16::from(has_facts(card, roomy))
}

/// The further fields a card shows on the board.
pub const SHOWN: [FieldName; 3] = [FieldName::PRIORITY, FieldName::DUE, FieldName::ESTIMATE];

/// Whether a card has a third line: sync mark, milestone, priority, due, estimate. Where rows are dear, only the mark gets one.
pub fn has_facts(card: &Card, roomy: bool) -> bool {
    let more = card.milestone.is_some() || SHOWN.iter().any(|name| card.extra.contains_key(name));
    Mark::of(card).is_some() || (roomy && more)
}

/// The lines a title takes, at most two.
fn title_lines(card: &Card, column: u16) -> usize {
    paint::wrap(&paint::clean(&card.title), text_width(column), 2, "").len()
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
        for (area, hit) in
            [(self.filter, Hit::Filter), (self.docked, Hit::Docked), (self.status, Hit::Status)]
        {
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
        if column.header.contains(at) {
            return Some(Hit::Header(column.index));
        }
        let card = column.cards.iter().find(|c| c.area.contains(at));
        Some(card.map_or(Hit::Column(column.index), |c| Hit::Card { column: column.index, id: c.id }))
    }

    /// The box of a column, when it is on the screen.
    pub fn column(&self, index: usize) -> Option<&ColumnBox> {
        self.columns.iter().find(|c| c.index == index)
    }
}

/// The first card to draw so that the card at `at` is whole in a column's body, given the first one drawn now; no card
/// is hidden above while there is room for it below the last one. Walks no further than a screen.
pub fn revealing_top(state: &State, column: &ColumnBox, roomy: bool) -> usize {
    let Some(c) = state.columns.get(column.index) else { return 0 };
    let at = c.at.min(c.ids.len().saturating_sub(1));
    let top = c.top.min(c.ids.len().saturating_sub(1));
    let height = |n: usize| {
        let card = c.ids.get(n).and_then(|id| state.board.card(*id));
        card.map_or(0, |card| card_height(card, column.body.width, roomy))
    };
    let (room, gap) = (column.body.height, gap(column.body.height));
    let (mut first, mut used) = (at, height(at));
    while first > top && used + height(first - 1) + gap <= room {
        first -= 1;
        used += height(first) + gap;
    }
    for below in at + 1..c.ids.len() {
        used += height(below) + gap;
        if used > room {
            return first;
        }
    }
    while first > 0 && used + height(first - 1) + gap <= room {
        first -= 1;
        used += height(first) + gap;
    }
    first
}
