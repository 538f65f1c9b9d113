//! How the line of a new card is drawn: what is typed, the ways to go on, what was understood, and where it will be made.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{QuickScreen, known};
use crate::config::keymap::Action;
use crate::domain::quick::{Quick, day};
use crate::tui::paint;
use crate::tui::screen::{Ctx, Screen as _};
use crate::tui::screens::pen::{self, Pen};

/// Cells it takes at most.
const WIDTH: u16 = 76;
/// Cells before what is typed.
const PROMPT: u16 = 2;
/// Rows besides those of the ways to go on: the line, what was understood in two, what is new, where it will be, the keys.
const ROWS: u16 = 6;

impl QuickScreen {
    /// The cells it takes: at the column it was opened at, as far as there is room.
    pub(super) fn place(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let width = WIDTH.min(frame.width);
        let height = (ROWS + self.offered.len() as u16 + 2).min(frame.height);
        let x = self.at.x.clamp(frame.x, frame.right().saturating_sub(width));
        let y = self.at.y.clamp(frame.y, frame.bottom().saturating_sub(height));
        Rect { x, y, width, height }
    }

    /// Where the line is typed.
    pub(super) fn typed_at(area: Rect) -> Rect {
        let inner = paint::inside(area);
        let skip = PROMPT.min(inner.width);
        Rect { x: inner.x + skip, width: inner.width - skip, height: inner.height.min(1), ..inner }
    }

    /// The rows of the ways to go on: as many as leave the keys their row.
    fn list_at(&self, area: Rect) -> Rect {
        let inner = paint::inside(area);
        let height = (self.offered.len() as u16).min(inner.height.saturating_sub(2));
        Rect { y: inner.y + 1, height, ..inner }
    }

    /// Which way to go on is under a cell.
    pub(super) fn offered_at(&self, ctx: &Ctx<'_>, at: Position) -> Option<usize> {
        let list = self.list_at(ctx.area);
        list.contains(at).then(|| usize::from(at.y - list.y)).filter(|n| *n < self.offered.len())
    }

    pub(super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        Pen::new(buf, ctx, inner, 0).put(if ctx.glyphs.ascii { ">" } else { "›" }, ctx.theme.dim);
        self.field.render(buf, Self::typed_at(ctx.area), ctx);
        self.mark_parts(buf, ctx);
        let list = self.list_at(ctx.area);
        self.draw_list(buf, ctx, list);
        let Some(keys) = inner.height.checked_sub(1).filter(|row| *row > 0) else { return };
        let told = Rect { y: list.bottom(), height: (inner.y + keys).saturating_sub(list.bottom()), ..inner };
        self.draw_told(buf, ctx, told);
        self.draw_keys(buf, ctx, inner, keys);
    }

    /// Shows in the line itself what of it was understood.
    fn mark_parts(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let text = self.field.text();
        let area = Self::typed_at(ctx.area);
        // While a long line is scrolled its places are not those of the cells.
        if paint::clean(&text) != text || paint::width(&text) >= usize::from(area.width) || area.height == 0 {
            return;
        }
        for part in &self.read(ctx).parts {
            let cells = |to: usize| text.get(..to).map_or(0, paint::width) as u16;
            for x in area.x + cells(part.at.start)..area.x + cells(part.at.end) {
                if let Some(cell) = buf.cell_mut((x, area.y)) {
                    cell.set_style(ctx.theme.hit);
                }
            }
        }
    }

    fn draw_list(&self, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect) {
        let named = self.offered.iter().map(|c| paint::width(&c.with)).max().unwrap_or(0) as u16;
        for (n, offered) in self.offered.iter().enumerate().take(usize::from(area.height)) {
            let row = Rect { y: area.y + n as u16, height: 1, ..area };
            let chosen = n == self.chosen;
            let style = if chosen { ctx.theme.selection } else { ctx.theme.text };
            if chosen {
                buf.set_style(row, style);
            }
            let dim = if chosen { style } else { ctx.theme.dim };
            let mut pen = Pen::new(buf, ctx, row, 0);
            pen.put(if chosen { ctx.glyphs.focus } else { " " }, style).skip(1);
            pen.field(&offered.with, named.min(area.width / 2), style).skip(2).put(&offered.about, dim);
        }
    }

    /// What was understood, what of it is new, and where the card will be made; as much as there are rows for.
    fn draw_told(&self, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect) {
        if area.height == 0 {
            return;
        }
        if let Some(why) = &self.refusal {
            let mut pen = Pen::new(buf, ctx, area, 0);
            pen.put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(why, ctx.theme.error);
            return;
        }
        let quick = self.read(ctx);
        // A name that is still being typed is new with every letter.
        let news = if self.offered.is_empty() { known::news(&quick, &self.words) } else { Vec::new() };
        let places = self.places(&quick, ctx);
        // What a slip of the finger would make is told before where the card goes.
        let notes = u16::from(!news.is_empty()) + u16::from(!ctx.settings.connections.is_empty());
        let rows = area.height.saturating_sub(notes).max(1);
        let used = understood(&quick, buf, ctx, Rect { height: rows.min(area.height), ..area });
        let mut row = used;
        if !news.is_empty() {
            let mut pen = Pen::new(buf, ctx, area, row);
            pen.put(ctx.glyphs.warn, ctx.theme.warn).skip(1).put(&news.join("; "), ctx.theme.warn);
            row += 1;
        }
        if !ctx.settings.connections.is_empty() {
            let names: Vec<&str> = places.iter().map(crate::domain::link::ConnectionName::as_str).collect();
            let told = match &names[..] {
                [] => "stays on this board".to_owned(),
                names => format!("will be made on {}", names.join(", ")),
            };
            Pen::new(buf, ctx, area, row).put(&told, ctx.theme.dim);
        }
    }

    fn draw_keys(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect, row: u16) {
        let mut pen = Pen::new(buf, ctx, inner, row);
        if self.asking {
            pen.put("Give up what you typed?", ctx.theme.warn).skip(2);
            pen.hints(&[("y", "gives it up"), ("any other key", "goes on")]);
            return;
        }
        let (save, back) = (pen::key(ctx, Action::Save), pen::key(ctx, Action::Back));
        let made = format!("{} made", self.made);
        if self.made > 0 {
            pen.put(ctx.glyphs.check, ctx.theme.ok).skip(1).put(&made, ctx.theme.ok).skip(3);
        }
        let mut hints = Vec::new();
        if !self.offered.is_empty() {
            hints.push(("tab", "take it"));
        }
        hints.extend([("enter", "make"), (save.as_str(), "make, stay"), ("ctrl-o", "form")]);
        if !ctx.settings.templates.is_empty() {
            hints.push(("ctrl-t", "template"));
        }
        hints.push((&back, "close"));
        pen.hints(&hints);
    }
}

/// Draws what was understood, piece by piece, over the rows there are; returns how many it took.
fn understood(quick: &Quick, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect) -> u16 {
    let theme = ctx.theme;
    let mut pieces: Vec<(String, Style)> = Vec::new();
    if quick.title.is_empty() {
        pieces.push((
            "a title, and #label @person !priority ~milestone ^parent =3 due:fri".to_owned(),
            theme.dim,
        ));
    } else {
        pieces.push((quick.title.clone(), theme.title));
    }
    let mut add = |text: String, style: Style| pieces.push((text, style));
    quick.labels.iter().for_each(|l| add(format!("#{l}"), theme.label));
    quick.assignees.iter().for_each(|a| add(format!("@{a}"), theme.person));
    quick.priority.iter().for_each(|p| add(format!("priority {p}"), theme.title));
    quick.milestone.iter().for_each(|m| add(format!("milestone {m}"), theme.milestone));
    quick.parent.iter().for_each(|p| add(format!("part of {p}"), theme.text));
    quick.estimate.iter().for_each(|e| add(format!("estimate {e}"), theme.text));
    let today = ctx.now.local_day();
    quick.due.iter().for_each(|d| add(format!("due {}", day::told(*d, today)), theme.text));
    let (mut row, mut pen) = (0, Pen::new(buf, ctx, area, 0));
    for (n, (text, style)) in pieces.iter().enumerate() {
        let needed = paint::width(&paint::clean(text)) + 2;
        if n > 0 && usize::from(pen.room()) < needed && row + 1 < area.height {
            row += 1;
            pen = Pen::new(buf, ctx, area, row);
        } else if n > 0 {
            pen.skip(2);
        }
        pen.put(text, *style);
    }
    row + 1
}
