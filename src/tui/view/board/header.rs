//! The head of a column: title, how many cards it has and may have, what they are estimated at, and what is beyond.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::config::keymap::Action;
use crate::tui::layout::{ColumnBox, Layout};
use crate::tui::moves::full;
use crate::tui::paint;
use crate::tui::state::State;
use crate::tui::update::mouse::warning;
use crate::tui::update::moving::{barred_of, takes_none};

/// What a column is to the card that is being dragged.
enum Role {
    None,
    Target,
    Doubtful,
    /// A platform is known not to let it go there; whether it is over it.
    Barred(bool),
}

fn role(state: &State, column: usize) -> Role {
    let Some(drag) = state.drag.as_ref().filter(|d| d.moving) else { return Role::None };
    let over = drag.target.as_ref().filter(|t| t.column == column);
    let all = |(stay, _): (usize, String)| stay == drag.cards.len();
    let no_lane = over.is_some_and(|target| barred_of(state, &drag.cards, target).is_some_and(all));
    if no_lane || takes_none(state, &drag.cards, column) {
        return Role::Barred(over.is_some());
    }
    match over {
        None => Role::None,
        Some(_) if warning(state, drag.card, column).is_some() => Role::Doubtful,
        Some(_) => Role::Target,
    }
}

/// Draws a column's title with its count, and the rule below it.
pub(super) fn draw(state: &State, layout: &Layout, column: &ColumnBox, buf: &mut Buffer) {
    let area = column.header;
    let Some(c) = state.columns.get(column.index).filter(|_| area.height > 0) else { return };
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    let inner = Rect { width: area.width.saturating_sub(1), ..area };
    let titled = layout.strip.is_empty() || area.height > 1;
    let mut points = points(state, column.index);
    if titled {
        let role = role(state, column.index);
        let focused = column.index == state.focus;
        let style = match role {
            Role::Target => theme.target,
            Role::Doubtful | Role::Barred(true) => theme.illegal,
            Role::Barred(false) => theme.error,
            Role::None if focused => theme.column_focus,
            Role::None => theme.column,
        };
        let is_barred = matches!(role, Role::Barred(_));
        let mark = match (is_barred, focused) {
            (true, _) => glyphs.cross,
            (false, true) => glyphs.focus,
            (false, false) => " ",
        };
        let title = format!("{mark} {}", paint::clean(&state.board.title_of(&c.status).to_uppercase()));
        let room = usize::from(inner.width).saturating_sub(paint::width(&title) + 1);
        let (count, tint) = if is_barred {
            (full(state, column.index).unwrap_or_else(|| "no way".to_owned()), theme.dim)
        } else {
            count(state, column.index, &mut points, room)
        };
        let end = paint::text_right(buf, area.x + 2, inner.right(), area.y, &count, tint, glyphs);
        paint::text(buf, area.x, area.y, end.saturating_sub(area.x + 1), &title, style, glyphs);
    }
    if area.height > 1 || !titled {
        rule(state, layout, column, points, buf);
    } else {
        beyond(state, layout, column, buf);
    }
}

/// The rule below a title: what did not fit beside it, how many cards are above, and how many columns are beyond or
/// hidden.
fn rule(state: &State, layout: &Layout, column: &ColumnBox, points: Option<String>, buf: &mut Buffer) {
    let (theme, glyphs, area) = (&state.theme, &state.glyphs, column.header);
    let y = area.bottom() - 1;
    paint::rule(buf, area.x, y, area.width.saturating_sub(1), glyphs.rule, theme.border);
    let (mut left, right) = beyond(state, layout, column, buf);
    if let Some(points) = points {
        let (x, said) = (left.max(area.x + 2), format!(" {points} "));
        if paint::width(&said) + 2 < usize::from(right.saturating_sub(x)) {
            left = paint::text(buf, x, y, area.width, &said, theme.dim, glyphs);
        }
    }
    if column.above > 0 {
        let more = format!(" {} {} ", glyphs.above, column.above);
        let end = right.min(area.right().saturating_sub(1)).saturating_sub(1);
        paint::text_right(buf, left, end, y, &more, theme.dim, glyphs);
    }
}

/// The sum of the estimates in a column, as people write it: `34 pt`, `2.5 pt`; none where nothing is estimated.
fn points(state: &State, column: usize) -> Option<String> {
    let sum = state.columns.get(column).filter(|_| !state.loading)?.points;
    let number = format!("{}.{:03}", sum / 1000, (sum % 1000).abs());
    let number = number.trim_end_matches('0').trim_end_matches('.');
    (sum != 0).then(|| format!("{number} pt"))
}

/// How many cards a column has, of how many it may have, with the sum of their estimates where there is room for it;
/// while only the first page is here, nobody knows.
fn count(state: &State, column: usize, points: &mut Option<String>, room: usize) -> (String, Style) {
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    let Some(c) = state.columns.get(column) else { return (String::new(), theme.dim) };
    if state.loading {
        return (glyphs.ellipsis.to_owned(), theme.dim);
    }
    let all = state.board.count_in(&c.status);
    let limit = state.board.limit_of(&c.status);
    let limited = limit.map_or_else(|| all.to_string(), |limit| format!("{all}/{}", limit.most));
    let counted = if c.passing == all { limited } else { format!("{} of {limited}", c.passing) };
    let over = limit.is_some_and(|limit| limit.is_over(all));
    let (counted, tint) = if over {
        let long = format!("{} over {counted}", glyphs.warn);
        if paint::width(&long) <= room {
            (long, theme.warn)
        } else {
            // The word stands on the line below then.
            let sum = points.take().map(|points| format!(" {} {points}", glyphs.dot));
            *points = Some(format!("over{}", sum.unwrap_or_default()));
            return (format!("{} {counted}", glyphs.warn), theme.warn);
        }
    } else {
        (counted, theme.dim)
    };
    let with = points.as_ref().map(|points| format!("{counted} {} {points}", glyphs.dot));
    match with.filter(|with| paint::width(with) <= room) {
        Some(with) => {
            *points = None;
            (with, tint)
        }
        None => (counted, tint),
    }
}

/// Marks at the outer headers that there are more columns beyond, and hidden ones. Returns the cells between them.
fn beyond(state: &State, layout: &Layout, column: &ColumnBox, buf: &mut Buffer) -> (u16, u16) {
    let area = column.header;
    let (mut left, mut right) = (area.x, area.right());
    let y = area.bottom() - 1;
    let (dim, glyphs) = (state.theme.dim, &state.glyphs);
    let (first, last) = (layout.columns.first(), layout.columns.last());
    // A collapsed column has no rule to say it on: the outermost that has one does.
    let mut open = layout.columns.iter().filter(|c| !c.collapsed);
    let (open_first, open_last) = (open.clone().next(), open.next_back());
    let is = |end: Option<&ColumnBox>| end.is_some_and(|c| c.index == column.index);
    let shown = state.shown_columns();
    if layout.strip.is_empty() {
        let before = shown.iter().filter(|n| first.is_some_and(|c| **n < c.index)).count();
        let after = shown.iter().filter(|n| last.is_some_and(|c| **n > c.index)).count();
        if is(open_first) && before > 0 {
            let more = format!("{} {before} ", glyphs.left);
            left = paint::text(buf, area.x, y, area.width, &more, dim, glyphs);
        }
        if is(open_last) && after > 0 {
            let more = format!(" {after} {}", glyphs.right);
            right = paint::text_right(buf, left, right, y, &more, dim, glyphs);
        }
    }
    let hidden = state.hidden_count();
    if is(open_last) && hidden > 0 {
        let key = state.key_of(Action::ShowColumns);
        let long = format!(" {hidden} hidden {} {key} ", glyphs.dot);
        let end = right.min(area.right().saturating_sub(1));
        right = paint::text_right(buf, left, end, y, &long, dim, glyphs);
    }
    (left, right)
}

/// A collapsed column: its count, and its title written downwards.
pub(super) fn collapsed(state: &State, column: &ColumnBox, buf: &mut Buffer) {
    let (theme, glyphs, area) = (&state.theme, &state.glyphs, column.area);
    let Some(c) = state.columns.get(column.index).filter(|_| area.width > 1) else { return };
    let focused = column.index == state.focus;
    let role = role(state, column.index);
    let style = match role {
        Role::Target => theme.target,
        Role::Doubtful | Role::Barred(true) => theme.illegal,
        Role::Barred(false) => theme.error,
        Role::None if focused => theme.column_focus,
        Role::None => theme.column,
    };
    let width = area.width - 1;
    let all = state.board.count_in(&c.status);
    let over = state.board.limit_of(&c.status).is_some_and(|limit| limit.is_over(all));
    let mark = match role {
        Role::Barred(_) => glyphs.cross,
        _ if over => glyphs.warn,
        _ if focused => glyphs.focus,
        _ => glyphs.right,
    };
    paint::text(buf, area.x, area.y, 1, mark, style, glyphs);
    let count = match (state.loading, all) {
        (true, _) => glyphs.ellipsis.to_owned(),
        (_, 0..=999) => all.to_string(),
        (_, 1_000..=99_999) => format!("{}k", all / 1000),
        _ => "99k".to_owned(),
    };
    paint::text(buf, area.x + 1, area.y, width - 1, &count, theme.dim, glyphs);
    if area.height > 1 {
        paint::rule(buf, area.x, area.y + 1, width, glyphs.rule, theme.border);
    }
    let title = paint::clean(&state.board.title_of(&c.status).to_uppercase()).into_owned();
    for (cluster, y) in title.graphemes(true).zip(area.y + 2..area.bottom()) {
        paint::text(buf, area.x + 1, y, width - 1, cluster, style, glyphs);
    }
}
