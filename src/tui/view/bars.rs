//! The lines above and below: name and tabs, the filter, and the status bar, which always says how fresh the board
//! is and what is unsent.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::config::keymap::Action;
use crate::domain::health::{Health, HealthState};
use crate::support::clock::Timestamp;
use crate::tui::layout::{Layout, saved_label, tab_label};
use crate::tui::paint;
use crate::tui::screens::health::goes_on;
use crate::tui::screens::shape::{clip, lasting};
use crate::tui::state::{State, Tone};
use crate::tui::theme::Mark;
use crate::tui::update::moving::asks_now;

use super::hints;
use super::parts::Parts;

/// Name, board and tabs.
pub fn top(state: &State, layout: &Layout, buf: &mut Buffer) {
    let (theme, glyphs, area) = (&state.theme, &state.glyphs, layout.top);
    if area.height == 0 {
        return;
    }
    let left = layout.tabs.first().map_or(area.right(), |(_, r)| r.x);
    let room = left.saturating_sub(area.x + 2);
    let mut x = area.x + 1;
    let (brand, name) = ("corkboard", paint::clean(&state.board.name));
    if usize::from(room) >= brand.len() + 2 + paint::width(&name).min(12) {
        x = paint::text(buf, x, area.y, room, brand, theme.brand, glyphs) + 2;
    }
    paint::text(buf, x, area.y, left.saturating_sub(x + 1), &name, theme.title, glyphs);
    for (view, rect) in &layout.tabs {
        let style = if *view == state.view { theme.tab_active } else { theme.tab };
        paint::text(
            buf,
            rect.x + 1,
            rect.y,
            rect.width.saturating_sub(1),
            &tab_label(state, *view),
            style,
            glyphs,
        );
    }
}

/// The saved views; a mark at an end says that there are more.
pub fn views(state: &State, layout: &Layout, buf: &mut Buffer) {
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    for (view, area) in &layout.saved {
        let style = if *view == state.saved_view() { theme.tab_active } else { theme.tab };
        let room = area.width.saturating_sub(1);
        paint::text(buf, area.x + 1, area.y, room, &saved_label(state, *view), style, glyphs);
    }
    let (Some((first, _)), Some((last, end))) = (layout.saved.first(), layout.saved.last()) else { return };
    if first.is_some() {
        paint::text(buf, layout.views.x, layout.views.y, 1, glyphs.ellipsis, theme.dim, glyphs);
    }
    let more = last.map_or(0, |n| n + 1) < state.settings.views.len();
    if more && end.right() >= layout.views.x {
        let x = end.right().min(layout.views.right().saturating_sub(1));
        paint::text(buf, x, layout.views.y, 1, glyphs.ellipsis, theme.dim, glyphs);
    }
}

/// The cells of the filter line that are left for what is typed, however little that is.
const TYPED: usize = 10;

/// How many cards the filter shows, which is always told; before it, as far as there is room beside what is typed, how
/// many of them for their texts alone, the order, and what cannot be read.
fn counted(state: &State, width: usize, typed: usize) -> String {
    let room = width.saturating_sub(typed);
    let (query, glyphs) = (&state.filter.query, &state.glyphs);
    let (shown, all) = state.shown();
    let mut told = format!("{shown} of {all} ");
    let waiting = state.filter.found.is_waiting();
    let count = if waiting { glyphs.ellipsis.to_owned() } else { state.in_text().to_string() };
    let texts = query.seeks_text().then(|| format!("{count} in text"));
    let sort = query.sort().map(|sort| format!("by {}", sort.by.as_str()));
    for part in texts.into_iter().chain(sort) {
        if paint::width(&part) + 3 + paint::width(&told) <= room {
            told = format!("{part} {} {told}", glyphs.dot);
        }
    }
    if let Some(first) = query.mistakes().first() {
        let left = room.saturating_sub(paint::width(&told) + 3).max(24);
        let why = format!("{} {} {told}", clip(&first.why, left, glyphs.ellipsis), glyphs.dot);
        told = if paint::width(&why) + 4 <= width { why } else { told };
    }
    told
}

/// The filter as typed, and how many cards it shows. Returns the cursor while it is typed.
pub fn filter(state: &State, layout: &Layout, buf: &mut Buffer) -> Option<Position> {
    let (theme, glyphs, area) = (&state.theme, &state.glyphs, layout.filter);
    if area.height == 0 {
        return None;
    }
    let mistakes = state.filter.query.mistakes();
    let style = if mistakes.is_empty() { theme.dim } else { theme.warn };
    let typed = paint::width(&state.filter.text).saturating_add(5).max(TYPED);
    let counted = counted(state, usize::from(area.width), typed);
    let right = paint::text_right(buf, area.x, area.right(), area.y, &counted, style, glyphs);
    let x = paint::text(buf, area.x + 1, area.y, 2, "/ ", theme.key, glyphs);
    let room = right.saturating_sub(x + 1);
    let text = paint::clean(&state.filter.text);
    // While typing, the end is what matters.
    let over = paint::width(&text).saturating_sub(usize::from(room.saturating_sub(1)));
    let (hidden, _) = paint::fit(&text, if state.filter.editing { over } else { 0 });
    let end = paint::text(buf, x, area.y, room, &text[hidden.len()..], theme.hit, glyphs);
    for mistake in mistakes {
        mark_mistake(state, (mistake.at.start, mistake.at.end), hidden.len(), (x, end, area.y), buf);
    }
    state.filter.editing.then_some(Position::new(end, area.y))
}

/// Marks the part of the filter that could not be read, where it stands: underlined, and in the colour of a warning.
fn mark_mistake(
    state: &State,
    (from, to): (usize, usize),
    hidden: usize,
    (x, end, y): (u16, u16, u16),
    buf: &mut Buffer,
) {
    let text = &state.filter.text;
    // Where something had to be made harmless the places are not those of the text.
    if paint::clean(text).len() != text.len() {
        return;
    }
    let cells = |to: usize| text.get(hidden..to.max(hidden)).map_or(0, paint::width) as u16;
    let style = state.theme.warn.add_modifier(ratatui::style::Modifier::UNDERLINED);
    for x in (x + cells(from)).min(end)..(x + cells(to)).min(end) {
        if let Some(cell) = buf.cell_mut((x, y)) {
            cell.set_style(style);
        }
    }
}

/// What the status bar says, put together: connections at the left, of which what matters least leaves `reserved` cells to
/// the hints; or a message at the left and the connections in short at the right, so that what is unsent is always told. Returns
/// also which cells are left for hints.
pub fn status_parts(state: &State, area: Rect, reserved: u16) -> (Parts, Range<u16>) {
    let mut out = Parts::default();
    if area.height == 0 {
        return (out, 0..0);
    }
    // What is selected, and a count that is typed, stand before everything else: the next key is about them.
    let end = super::picked::bar(state, area, &mut out);
    let area = Rect { x: end, width: area.right().saturating_sub(end), ..area };
    let Some((text, style)) = told(state) else {
        let x = pressing(state, area, &mut out);
        let end = connections(state, Rect { x, width: area.right() - x, ..area }, reserved, &mut out);
        return (out, end..area.right());
    };
    if state.drag.as_ref().is_some_and(|d| d.moving) {
        let end = out.text(area.x + 1, area.width.saturating_sub(2), &text, style);
        return (out, end..area.right());
    }
    // Where both have no room, a message goes before connections of which there is nothing to tell.
    let pressing =
        state.drag.is_none() && (state.unsent() > 0 || state.health.iter().any(|h| h.question.is_some()));
    let right = if pressing || paint::width(&text) + in_short_width(state) + 4 <= usize::from(area.width) {
        in_short(state, area, &mut out)
    } else {
        area.right()
    };
    let room = right.saturating_sub(area.x + 2);
    let end = out.text(area.x + 1, room, &text, style);
    (out, end..right)
}

/// Draws the status bar as it was laid out.
pub fn status(state: &State, layout: &Layout, buf: &mut Buffer) {
    let area = layout.status;
    if area.height == 0 {
        return;
    }
    if state.keys.is_empty() {
        layout.said.draw(area.y, buf, &state.glyphs);
    }
    hints::draw(state, layout, buf);
}

/// What a person should not miss: what a connection asks with the key that answers, and what the rules ring for.
/// Returns the cell after it. At most half the line, but on a narrow one the key that answers goes before all else.
fn pressing(state: &State, area: Rect, out: &mut Parts) -> u16 {
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    let mut x = area.x;
    let end = area.x + (area.width / 2).max(32).min(area.width);
    let mut put = |text: &str, style: Style| {
        x = out.text(x, end.saturating_sub(x), text, style);
    };
    if let Some(asking) = state.health.iter().find(|h| h.question.is_some()) {
        let key = state.key_of(Action::Answer);
        let name = clip(asking.connection.as_str(), 12, glyphs.ellipsis);
        let text = format!(" {} {name} asks: {key} answers ", glyphs.health(HealthState::Asking));
        put(&text, theme.illegal);
    } else if asks_now(state) {
        let key = state.key_of(Action::Answer);
        let text = format!(" {} this move waits: {key} answers ", glyphs.mark(Mark::Asks));
        put(&text, theme.illegal);
    }
    let alerts: Vec<String> = state
        .health
        .iter()
        .flat_map(|h| h.alerts.iter().map(move |a| format!("{}: {}", h.connection, a.text)))
        .collect();
    match &alerts[..] {
        [] => {}
        [one] => put(&format!(" {} {one} ", glyphs.warn), theme.warn),
        [first, ..] => put(&format!(" {} {} alerts, {first} ", glyphs.warn, alerts.len()), theme.warn),
    }
    x
}

/// What there is to say of a drag, or of what was just done.
fn told(state: &State) -> Option<(String, Style)> {
    if let Some(drag) = state.drag.as_ref().filter(|d| d.moving) {
        return Some(super::picked::drag_line(state, drag));
    }
    let message = state.message.as_ref()?;
    let (glyph, style) = match message.tone {
        Tone::Info => (state.glyphs.check, state.theme.ok),
        Tone::Warn => (state.glyphs.warn, state.theme.warn),
        Tone::Error => (state.glyphs.cross, state.theme.error),
    };
    Some((format!("{glyph} {}", message.text), style))
}

/// Each connection's state, and what is unsent, at the right end; returns where they begin. At most half the line.
fn in_short(state: &State, area: Rect, out: &mut Parts) -> u16 {
    let glyphs = &state.glyphs;
    let mut right = area.right().saturating_sub(1);
    if state.health.iter().any(|h| h.question.is_some()) {
        let key = state.key_of(Action::Answer);
        let text = format!(" {} {key} answers ", glyphs.health(HealthState::Asking));
        let style = state.theme.illegal;
        let x = out.right(area.x + area.width / 2, right, &text, style);
        right = x.saturating_sub(u16::from(x < right) * 2);
    }
    for health in state.health.iter().rev() {
        let unsent = if health.unsent > 0 { format!("  {} unsent", health.unsent) } else { String::new() };
        let (glyph, word) = (glyphs.health(health.state), health.state.word());
        let text = format!("{glyph} {} {word}{unsent}", health.connection);
        let style = state.theme.health(health.state);
        let x = out.right(area.x + area.width / 2, right, &text, style);
        if x == right {
            break;
        }
        right = x.saturating_sub(2);
    }
    right
}

/// The cells all connections take that are told of in short.
fn in_short_width(state: &State) -> usize {
    let one = |h: &Health| paint::width(h.connection.as_str()) + paint::width(h.state.word()) + 5;
    state.health.iter().map(one).sum()
}

fn connections(state: &State, area: Rect, reserved: u16, out: &mut Parts) -> u16 {
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    if state.health.is_empty() {
        let text = "local board: `corkboard init` in a repository connects it";
        let short = "local board, no connection";
        let room = usize::from(area.width.saturating_sub(reserved));
        let text = if paint::width(text) + 2 <= room { text } else { short };
        return out.text(area.x + 1, area.width.saturating_sub(2), text, theme.dim);
    }
    let mut x = area.x;
    for health in &state.health {
        let with = |word: &str| format!(" {} {} {word}  ", glyphs.health(health.state), health.connection);
        let mut head = with(health.state.word());
        // Where there is no room for both, what is unsent matters more than that all is well.
        let unsent = format!("{} unsent", health.unsent);
        let both = paint::width(&head) + paint::width(&unsent) + 2;
        let is_well = matches!(health.state, HealthState::Healthy | HealthState::Syncing);
        if health.unsent > 0 && is_well && both > usize::from(area.width) {
            head = with(&unsent);
        }
        if usize::from(area.right().saturating_sub(x)) < paint::width(&head) && x > area.x {
            break;
        }
        let room = |x: u16| area.right().saturating_sub(x);
        x = out.text(x, room(x), &head, theme.health(health.state));
        for (fact, style, minor) in facts(state, health) {
            let fact = format!("{fact}  ");
            let room = |x: u16| room(x).saturating_sub(if minor { reserved } else { 0 });
            if paint::width(&fact) < usize::from(room(x)) {
                x = out.text(x, room(x), &fact, style);
            }
        }
    }
    x
}

/// What is told of a connection, most important first; and whether it matters less than how to go on.
fn facts(state: &State, health: &Health) -> Vec<(String, Style, bool)> {
    let (theme, mut out) = (&state.theme, Vec::new());
    out.extend(goes_on(health, state.now, state.settings.ui.motion).map(|when| (when, theme.warn, false)));
    if health.unsent > 0 {
        out.push((format!("{} unsent", health.unsent), theme.info, false));
    }
    if health.failed_total > 0 {
        out.push((format!("{} failed", health.failed_total), theme.error, false));
    }
    if health.conflicts > 0 {
        out.push((format!("{} in conflict", health.conflicts), theme.warn, false));
    }
    if let Some(p) = health.progress {
        let total = p.total.map(|t| format!("/{t}")).unwrap_or_default();
        let left = p.left_ms(state.now).map(|ms| format!(", {} left", lasting(ms)));
        out.push((format!("{}{total} read{}", p.done, left.unwrap_or_default()), theme.info, false));
    }
    match health.last_good {
        Some(at) => out.push((format!("synced {}", age(state.now, at)), theme.dim, false)),
        None if health.state != HealthState::Starting => {
            out.push(("never synced".to_owned(), theme.warn, false));
        }
        None => {}
    }
    if let Some(ms) = health.latency_p50() {
        out.push((format!("{ms}ms"), theme.dim, true));
    }
    if let Some(rate) = health.rate {
        out.push((format!("{}/{}", rate.remaining, rate.limit), theme.dim, true));
    }
    out
}

/// How long ago, in a word that changes at most once a minute.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    match now.since(then) / 60_000 {
        ..=0 => "just now".to_owned(),
        m @ 1..=59 => format!("{m} min ago"),
        m @ 60..=1439 => format!("{} h ago", m / 60),
        m => format!("{} d ago", m / 1440),
    }
}

/// When the word of [`age`] changes next.
pub fn next_age_change(now: Timestamp, then: Timestamp) -> Timestamp {
    let minutes = (now.since(then) / 60_000).max(0);
    let next = match minutes {
        0..=59 => minutes + 1,
        60..=1439 => (minutes / 60 + 1) * 60,
        _ => (minutes / 1440 + 1) * 1440,
    };
    then.plus_ms(next * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_changes_its_word_exactly_when_it_is_said_to() {
        let then = Timestamp(1_000_000);
        let mut now = then;
        for _ in 0..200 {
            let next = next_age_change(now, then);
            assert!(next.since(now) >= 60_000 || now == then);
            assert_eq!(age(next.plus_ms(-1), then), age(now, then));
            assert_ne!(age(next, then), age(now, then));
            now = next;
        }
    }

    #[test]
    fn a_clock_that_went_back_is_just_now() {
        assert_eq!(age(Timestamp(0), Timestamp(5_000)), "just now");
    }
}
