//! The board: columns, cards, what is being dragged, and what stands there when there is nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::config::keymap::Action;
use crate::domain::card::{Card, Kind};
use crate::domain::fields::FieldName;
use crate::domain::health::{Health, HealthState};
use crate::tui::layout::{CardBox, ColumnBox, Layout, has_facts, text_width};
use crate::tui::moves::refusal;
use crate::tui::paint;
use crate::tui::state::State;
use crate::tui::theme::Mark;
use crate::tui::update::mouse::warning;

/// Draws the board view.
pub fn draw(state: &State, layout: &Layout, buf: &mut Buffer) {
    strip(state, layout, buf);
    for column in &layout.columns {
        header(state, layout, column, buf);
        for card in &column.cards {
            if let Some(data) = state.board.card(card.id) {
                draw_card(state, column, card, data, layout.roomy, buf);
            }
        }
        edges(state, column, buf);
        if column.cards.is_empty() {
            empty_column(state, column, buf);
        }
    }
    nothing_to_show(state, layout, buf);
    ghost(state, buf);
}

fn strip(state: &State, layout: &Layout, buf: &mut Buffer) {
    for (n, area) in &layout.strip {
        let style = if *n == state.focus { state.theme.selection } else { state.theme.column };
        buf.set_style(*area, style);
        let label = crate::tui::layout::strip_label(state, *n);
        paint::text(buf, area.x + 1, area.y, area.width.saturating_sub(1), &label, style, &state.glyphs);
    }
}

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
    if refusal(state, drag.card, column).is_some() {
        return Role::Barred(over.is_some());
    }
    match over {
        None => Role::None,
        Some(_) if warning(state, drag.card, column).is_some() => Role::Doubtful,
        Some(_) => Role::Target,
    }
}

fn header(state: &State, layout: &Layout, column: &ColumnBox, buf: &mut Buffer) {
    let area = column.header;
    let Some(c) = state.columns.get(column.index).filter(|_| area.height > 0) else { return };
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    let focused = column.index == state.focus;
    let titled = layout.strip.is_empty() || area.height > 1;
    let inner = Rect { width: area.width.saturating_sub(1), ..area };
    if titled {
        let role = role(state, column.index);
        let style = match role {
            Role::Target => theme.target,
            Role::Doubtful | Role::Barred(true) => theme.illegal,
            Role::Barred(false) => theme.error,
            Role::None if focused => theme.column_focus,
            Role::None => theme.column,
        };
        let barred = matches!(role, Role::Barred(_));
        let count = if barred { "no way".to_owned() } else { count(state, column.index) };
        let room = paint::text_right(buf, area.x + 2, inner.right(), area.y, &count, theme.dim, glyphs);
        let title = state.board.title_of(&c.status).to_uppercase();
        let mark = match (barred, focused) {
            (true, _) => glyphs.cross,
            (false, true) => glyphs.focus,
            (false, false) => " ",
        };
        let title = format!("{mark} {title}");
        paint::text(buf, area.x, area.y, room.saturating_sub(area.x + 1), &title, style, glyphs);
    }
    if area.height > 1 || !titled {
        let y = area.bottom() - 1;
        paint::rule(buf, area.x, y, inner.width, glyphs.rule, theme.border);
        if c.top > 0 {
            let more = format!(" {} {} ", glyphs.above, c.top);
            paint::text_right(buf, area.x, inner.right().saturating_sub(1), y, &more, theme.dim, glyphs);
        }
    }
    sideways(state, layout, column, buf);
}

/// How many cards a column has; while only the first page is here, nobody knows.
fn count(state: &State, column: usize) -> String {
    let Some(c) = state.columns.get(column) else { return String::new() };
    if state.loading {
        return state.glyphs.ellipsis.to_owned();
    }
    let all = state.board.count_in(&c.status);
    if c.ids.len() == all { all.to_string() } else { format!("{}/{all}", c.ids.len()) }
}

/// Marks at the outer headers that there are more columns beyond.
fn sideways(state: &State, layout: &Layout, column: &ColumnBox, buf: &mut Buffer) {
    let (first, last) = (layout.columns.first(), layout.columns.last());
    let y = column.header.bottom() - 1;
    if !layout.strip.is_empty() || column.header.height == 0 {
        return;
    }
    let (dim, glyphs) = (state.theme.dim, &state.glyphs);
    if first.is_some_and(|c| c.index == column.index && c.index > 0) {
        let more = format!("{} {} ", glyphs.left, column.index);
        paint::text(buf, column.header.x, y, column.header.width, &more, dim, glyphs);
    }
    let beyond = state.columns.len() - 1 - last.map_or(0, |c| c.index);
    if last.is_some_and(|c| c.index == column.index) && beyond > 0 {
        let more = format!(" {beyond} {}", glyphs.right);
        paint::text_right(buf, column.header.x, column.header.right(), y, &more, dim, glyphs);
    }
}

fn draw_card(state: &State, column: &ColumnBox, at: &CardBox, card: &Card, roomy: bool, buf: &mut Buffer) {
    let (theme, glyphs, area) = (&state.theme, &state.glyphs, at.area);
    let focused = column.index == state.focus && state.columns[column.index].at == at.index;
    let lifted = state.drag.as_ref().is_some_and(|d| d.moving && d.card == card.id);
    if focused && area.width > 1 {
        for y in area.top()..area.bottom() {
            paint::text(buf, area.x, y, 1, glyphs.focus, theme.focus, glyphs);
        }
    }
    if state.selected.contains(&card.id) {
        paint::text(
            buf,
            area.x + 1,
            area.y,
            u16::from(area.width > 2),
            glyphs.selected,
            theme.marked,
            glyphs,
        );
    }
    // Where a card that is let go would go in.
    let below = state.drag.as_ref().and_then(|d| d.target.as_ref());
    if below.is_some_and(|t| t.before == Some(card.id)) {
        paint::text(buf, area.x, area.y, 1, glyphs.right, theme.focus, glyphs);
    }
    let shade = |style: Style| if lifted { theme.lifted } else { style };
    let (x, width) = if area.width > 4 { (area.x + 2, area.width - 3) } else { (area.x, area.width) };
    let title = paint::clean(&card.title);
    let mut y = area.y;
    for line in paint::wrap(&title, text_width(area.width), 2, glyphs.ellipsis) {
        if y < area.bottom() {
            paint::text(buf, x, y, width, &line, shade(theme.text), glyphs);
        }
        y += 1;
    }
    let meta = Rect { x, y, width, height: area.bottom().saturating_sub(y) };
    if meta.height > 0 {
        key_line(state, card, meta, &shade, buf);
    }
    if meta.height > 1 && has_facts(card, roomy) {
        facts_line(state, card, Rect { y: meta.y + 1, ..meta }, roomy, &shade, buf);
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

impl Pieces<'_> {
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
fn key_line(state: &State, card: &Card, area: Rect, shade: &dyn Fn(Style) -> Style, buf: &mut Buffer) {
    let theme = &state.theme;
    let key = card.key();
    let room = usize::from(area.width).saturating_sub(paint::width(&key) + 1);
    let people = people(card, room);
    let right =
        paint::text_right(buf, area.x, area.right(), area.y, &people, shade(theme.person), &state.glyphs);
    let right = if people.is_empty() { right } else { right.saturating_sub(1) };
    let mut line = Pieces { x: area.x, right, y: area.y, first: true, state };
    line.add(buf, &key, shade(theme.dim));
    if card.kind != Kind::Issue {
        line.add(buf, card.kind.as_str(), shade(theme.title));
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

fn facts_line(
    state: &State,
    card: &Card,
    area: Rect,
    roomy: bool,
    shade: &dyn Fn(Style) -> Style,
    buf: &mut Buffer,
) {
    let theme = &state.theme;
    let mut line = Pieces { x: area.x, right: area.right(), y: area.y, first: true, state };
    if let Some(mark) = Mark::of(card) {
        line.add(buf, &format!("{} {}", state.glyphs.mark(mark), mark.word()), shade(theme.mark(mark)));
    }
    if !roomy {
        return;
    }
    if let Some(priority) = card.extra(FieldName::PRIORITY) {
        line.add(buf, &format!("!{}", paint::clean(priority)), shade(theme.title));
    }
    if let Some(due) = card.extra(FieldName::DUE) {
        let facts = state.facts();
        let late = !facts.closed.contains(&card.status)
            && due.parse::<chrono::NaiveDate>().is_ok_and(|day| day < facts.today);
        let word = if late { "overdue" } else { "due" };
        line.add(
            buf,
            &format!("{word} {}", paint::clean(due)),
            shade(if late { theme.warn } else { theme.dim }),
        );
    }
    if let Some(estimate) = card.extra(FieldName::ESTIMATE) {
        line.add(buf, &format!("est {}", paint::clean(estimate)), shade(theme.dim));
    }
    if let Some(milestone) = &card.milestone {
        line.add(buf, milestone, shade(theme.milestone));
    }
}

/// Says below a column how many cards there are beyond its end.
fn edges(state: &State, column: &ColumnBox, buf: &mut Buffer) {
    let Some(c) = state.columns.get(column.index).filter(|_| column.foot.height > 0) else { return };
    let below = match column.cards.last() {
        Some(last) => {
            let height = state.board.card(last.id).map_or(0, |d| {
                crate::tui::layout::card_height(d, column.body.width, state.area.height >= 32)
            });
            c.ids.len() - last.index - usize::from(last.area.height >= height)
        }
        None => 0,
    };
    if below > 0 {
        let more = format!("{} {below} more", state.glyphs.below);
        paint::text(
            buf,
            column.foot.x + 2,
            column.foot.y,
            column.foot.width.saturating_sub(3),
            &more,
            state.theme.dim,
            &state.glyphs,
        );
    }
}

fn empty_column(state: &State, column: &ColumnBox, buf: &mut Buffer) {
    let Some(c) = state.columns.get(column.index) else { return };
    if state.shown().0 == 0 || column.body.height == 0 {
        return;
    }
    let hidden = state.board.count_in(&c.status);
    let text = match (state.loading, hidden) {
        (true, _) => "loading".to_owned(),
        (false, 0) => "no cards".to_owned(),
        (false, n) => format!("{n} filtered out"),
    };
    let width = column.body.width.saturating_sub(3);
    paint::text(buf, column.body.x + 2, column.body.y, width, &text, state.theme.dim, &state.glyphs);
}

/// The lines that stand in the middle when no card is shown at all: why, and what to do.
fn nothing_to_show(state: &State, layout: &Layout, buf: &mut Buffer) {
    let (shown, all) = state.shown();
    if shown > 0 || layout.body.height < 5 {
        return;
    }
    let key = |a| state.keymap.hint(a).unwrap_or_default();
    let (head, help) = if all > 0 {
        (
            format!("No card matches: {}", state.filter.text),
            format!("Press {} to clear the filter.", key(Action::Back)),
        )
    } else if state.loading {
        ("Loading the board".to_owned(), String::new())
    } else if let Some(failed) = state.health.iter().find(|h| h.last_good.is_none() && failing(h)) {
        let why = failed.reason.clone().unwrap_or_else(|| failed.state.word().to_owned());
        (
            format!("{} {}: {why}", state.glyphs.health(failed.state), failed.connection),
            format!(
                "This is no empty board: it was never read. Press {} for health.",
                key(Action::ViewHealth)
            ),
        )
    } else if state.health.iter().any(|h| h.last_good.is_none() && h.state != HealthState::Paused) {
        ("Reading the first cards from the platform".to_owned(), first_progress(&state.health))
    } else {
        ("No cards yet".to_owned(), format!("Press {} to make the first.", key(Action::NewCard)))
    };
    let middle = layout.body.y + layout.body.height / 2;
    for (n, (line, style)) in [(head, state.theme.title), (help, state.theme.dim)].iter().enumerate() {
        let width = (paint::width(&paint::clean(line)) as u16).min(layout.body.width.saturating_sub(4));
        let x = layout.body.x + (layout.body.width - width) / 2;
        paint::text(buf, x, middle + n as u16, width, line, *style, &state.glyphs);
    }
}

fn failing(health: &Health) -> bool {
    matches!(health.state, HealthState::Broken | HealthState::Retrying | HealthState::Throttled)
}

fn first_progress(health: &[Health]) -> String {
    let progress = health.iter().find_map(|h| h.progress);
    progress.map_or_else(String::new, |p| match p.total {
        Some(total) => format!("{} of {total}", p.done),
        None => format!("{} so far", p.done),
    })
}

/// The card at the pointer.
fn ghost(state: &State, buf: &mut Buffer) {
    // Where nothing shall move, the marked column and the status bar tell where the card would land.
    let Some(drag) = state.drag.as_ref().filter(|d| d.moving && state.settings.ui.motion) else { return };
    let Some(card) = state.board.card(drag.card) else { return };
    let label = format!(" {} {} ", card.key(), paint::clean(&card.title));
    let (x, y) = (drag.at.0.saturating_add(1), drag.at.1);
    if x >= buf.area.right() || y >= buf.area.bottom() {
        return;
    }
    let width = 26.min(buf.area.right() - x);
    let width = width.min(paint::width(&label) as u16);
    for edge in [x, x + width] {
        paint::cut(buf, edge, y);
    }
    paint::text(buf, x, y, width, &label, state.theme.ghost, &state.glyphs);
}
