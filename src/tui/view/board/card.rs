//! One card: a line, a few, or all there is of it, as the person wants it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::card::Card;
use crate::tui::layout::card::{
    Piece, Tint, facts, full_lines, kind, overdue, text_width, title_most, warnings,
};
use crate::tui::layout::{CardBox, ColumnBox};
use crate::tui::paint;
use crate::tui::state::State;
use crate::tui::state::look::Density;
use crate::tui::theme::Mark;

/// The least cells a title keeps before a mark loses its word, on a line of its own.
const TITLE_LEAST: usize = 16;

/// Draws a card into its box.
pub(super) fn draw(
    state: &State,
    column: &ColumnBox,
    at: &CardBox,
    card: &Card,
    roomy: bool,
    buf: &mut Buffer,
) {
    let (theme, glyphs, area) = (&state.theme, &state.glyphs, at.area);
    let focused = column.index == state.focus && state.columns[column.index].at == at.index;
    let lifted = state.drag.as_ref().is_some_and(|d| d.moving && d.cards.contains(&card.id));
    if focused && area.width > 1 {
        for y in area.top()..area.bottom() {
            paint::text(buf, area.x, y, 1, glyphs.focus, theme.focus, glyphs);
        }
    }
    if state.selected.contains(&card.id) {
        let room = u16::from(area.width > 2);
        paint::text(buf, area.x + 1, area.y, room, glyphs.selected, theme.marked, glyphs);
    }
    // Where a card that is let go would go in.
    let below = state.drag.as_ref().and_then(|d| d.target.as_ref());
    if below.is_some_and(|t| t.before == Some(card.id)) {
        paint::text(buf, area.x, area.y, 1, glyphs.right, theme.focus, glyphs);
    }
    let shade = |style: Style| if lifted { theme.lifted } else { style };
    let (x, width) = if area.width > 4 { (area.x + 2, area.width - 3) } else { (area.x, area.width) };
    let density = state.look.density;
    if density == Density::Compact {
        return compact(state, card, Rect { x, width, height: 1, ..area }, &shade, buf);
    }
    let title = paint::clean(&card.title);
    let mut y = area.y;
    for line in paint::wrap(&title, text_width(area.width), title_most(density), glyphs.ellipsis) {
        if y < area.bottom() {
            paint::text(buf, x, y, width, &line, shade(theme.text), glyphs);
        }
        y += 1;
    }
    let rest = Rect { x, y, width, height: area.bottom().saturating_sub(y) };
    if density == Density::Full {
        return full(state, card, rest, text_width(area.width), &shade, buf);
    }
    if rest.height > 0 {
        key_line(state, card, rest, roomy, &shade, buf);
    }
    if rest.height > 1 {
        let mut line = Pieces::new(state, Rect { y: rest.y + 1, ..rest });
        facts(state, card, roomy).iter().for_each(|piece| line.put(buf, piece, &shade));
    }
}

/// A card on one line: key, title, and at the right what should not be missed, as a glyph where a word has no room.
fn compact(state: &State, card: &Card, area: Rect, shade: &dyn Fn(Style) -> Style, buf: &mut Buffer) {
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    let key = card.key();
    let mark = Mark::of(card).map(|m| (glyphs.mark(m), m.word(), theme.mark(m)));
    let late = overdue(state, card).then_some((glyphs.warn, "overdue", theme.warn));
    let mut right = area.right();
    for (glyph, word, style) in late.into_iter().chain(mark) {
        let long = format!("{glyph} {word}");
        let left = usize::from(right - area.x).saturating_sub(paint::width(&key) + paint::width(&long) + 2);
        let said = if left >= TITLE_LEAST { long.as_str() } else { glyph };
        let from = paint::text_right(buf, area.x, right, area.y, said, shade(style), glyphs);
        right = from.saturating_sub(u16::from(from < right)).max(area.x);
    }
    let room = right - area.x;
    let after = paint::text(buf, area.x, area.y, room, &key, shade(theme.dim), glyphs) + 1;
    paint::text(buf, after, area.y, right.saturating_sub(after), &card.title, shade(theme.text), glyphs);
}

/// All that is known of a card below its title.
fn full(
    state: &State,
    card: &Card,
    area: Rect,
    room: usize,
    shade: &dyn Fn(Style) -> Style,
    buf: &mut Buffer,
) {
    for (pieces, y) in full_lines(state, card, room).iter().zip(area.y..area.bottom()) {
        let mut line = Pieces::new(state, Rect { y, ..area });
        pieces.iter().for_each(|piece| line.put(buf, piece, shade));
    }
}

/// The style of a piece.
fn tint(state: &State, tint: Tint) -> Style {
    let theme = &state.theme;
    match tint {
        Tint::Dim => theme.dim,
        Tint::Title => theme.title,
        Tint::Label => theme.label,
        Tint::Person => theme.person,
        Tint::Milestone => theme.milestone,
        Tint::Warn => theme.warn,
        Tint::Mark(mark) => theme.mark(mark),
    }
}

/// Pieces of a line, each drawn only while it fits, two blanks apart or one.
struct Pieces<'a> {
    x: u16,
    right: u16,
    y: u16,
    first: bool,
    state: &'a State,
}

impl<'a> Pieces<'a> {
    fn new(state: &'a State, area: Rect) -> Self {
        Self { x: area.x, right: area.right(), y: area.y, first: true, state }
    }

    fn put(&mut self, buf: &mut Buffer, piece: &Piece, shade: &dyn Fn(Style) -> Style) {
        self.add(buf, &piece.text, shade(tint(self.state, piece.tint)));
    }

    fn add(&mut self, buf: &mut Buffer, text: &str, style: Style) {
        let gap = u16::from(!self.first);
        let room = self.right.saturating_sub(self.x + gap);
        let text = paint::clean(text);
        let wanted = paint::width(&text);
        // A piece that would be cut down to nothing readable is left out; the first is cut rather.
        if room == 0 || (!self.first && wanted > usize::from(room)) {
            return;
        }
        self.x = paint::text(buf, self.x + gap, self.y, room, &text, style, &self.state.glyphs);
        self.first = false;
    }
}

/// Key at the left, people at the right, and as many labels between as fit.
fn key_line(
    state: &State,
    card: &Card,
    area: Rect,
    roomy: bool,
    shade: &dyn Fn(Style) -> Style,
    buf: &mut Buffer,
) {
    let theme = &state.theme;
    let key = card.key();
    let room = usize::from(area.width).saturating_sub(paint::width(&key) + 1);
    let people = people(card, room);
    let right =
        paint::text_right(buf, area.x, area.right(), area.y, &people, shade(theme.person), &state.glyphs);
    let right = if people.is_empty() { right } else { right.saturating_sub(1) };
    let mut line = Pieces { x: area.x, right, y: area.y, first: true, state };
    line.add(buf, &key, shade(theme.dim));
    if let Some(kind) = kind(card) {
        line.put(buf, &kind, shade);
    }
    if !roomy {
        warnings(state, card).iter().for_each(|piece| line.put(buf, piece, shade));
    }
    for label in &card.labels {
        line.add(buf, label, shade(theme.label));
    }
}

/// The people of a card, in at most `room` cells: all of them, or the first and how many more, or just how many.
fn people(card: &Card, room: usize) -> String {
    let logins: Vec<String> = card.assignees.iter().map(|a| format!("@{}", paint::clean(a))).collect();
    let Some(first) = logins.first() else { return String::new() };
    let short = format!("{first} +{}", logins.len() - 1);
    let count = format!("@{}", logins.len());
    let tries = [logins.join(" "), if logins.len() > 1 { short } else { String::new() }, count];
    tries.into_iter().find(|t| !t.is_empty() && paint::width(t) <= room).unwrap_or_default()
}
