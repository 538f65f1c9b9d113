//! How the help is drawn: groups with their entries, and below what one can do, or what is asked for new keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::HelpScreen;
use super::entries::Entry;
use super::rebind::Rebind;
use crate::config::keymap::Action;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Screen as _};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape;

/// Cells for the keys, and where there is little room.
const KEYS: (usize, usize) = (22, 8);
/// Below this width there is little room: then only the first key of each is shown.
const NARROW: u16 = 50;
/// Rows under the list: a blank one and the hints.
const FOOT: u16 = 2;
/// The same while new keys are asked for.
const ASKING: u16 = 5;

/// The line an entry stands on: headings, and the blank lines before them, are lines too.
pub(super) fn line_of(entries: &[Entry], at: usize) -> usize {
    let mut line = 0;
    for (n, entry) in entries.iter().enumerate().take(at + 1) {
        let heads = n == 0 || entries[n - 1].group != entry.group;
        line += if heads && n > 0 { 3 } else { 1 };
    }
    if at >= entries.len() { line + usize::from(!entries.is_empty()) } else { line }
}

impl HelpScreen {
    pub(super) fn list(&self, area: Rect) -> Rect {
        let inner = paint::inside(area);
        let foot = if self.rebind.is_some() { ASKING } else { FOOT };
        Rect { height: inner.height.saturating_sub(foot), ..inner }
    }

    /// The first line shown: that of the last step, unless there is less to show now.
    pub(super) fn top(&self, entries: &[Entry], area: Rect) -> usize {
        let height = usize::from(self.list(area).height);
        let line = if self.at == 0 { 0 } else { line_of(entries, self.at) };
        shape::window(self.top, line, height, line_of(entries, entries.len()))
    }

    pub(super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let list = self.list(ctx.area);
        let entries = self.entries(ctx);
        if entries.is_empty() {
            Pen::new(buf, ctx, list, 0).put("no key does that here", ctx.theme.dim);
        }
        let top = self.top(&entries, ctx.area);
        let row_of = |line: usize| line.checked_sub(top).and_then(|n| u16::try_from(n).ok());
        for (n, entry) in entries.iter().enumerate() {
            let line = line_of(&entries, n);
            let heads = n == 0 || entries[n - 1].group != entry.group;
            if let Some(row) = row_of(line.saturating_sub(1)).filter(|_| heads && line > 0) {
                Pen::new(buf, ctx, list, row).put(entry.group, ctx.theme.heading);
            }
            if let Some(row) = row_of(line).filter(|row| *row < list.height) {
                draw_entry(entry, n == self.at, Rect { y: list.y + row, height: 1, ..list }, buf, ctx);
            }
        }
        let total = line_of(&entries, entries.len());
        pen::more(buf, Rect { width: list.width + 1, ..list }, ctx, top, total);
        match &self.rebind {
            Some(rebind) => draw_asking(rebind, buf, ctx),
            None => self.draw_foot(buf, ctx),
        }
    }

    fn draw_foot(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let inner = paint::inside(ctx.area);
        let Some(row) = inner.height.checked_sub(1) else { return };
        let back = pen::key(ctx, Action::Back);
        let mut foot = Pen::new(buf, ctx, inner, row);
        if let Some(typed) = &self.search {
            foot.put("/", ctx.theme.key).put(typed, ctx.theme.text).skip(3);
            foot.hints(&[("enter", "change keys"), (&back, "show all")]);
        } else {
            let (down, up) = (pen::key(ctx, Action::FocusDown), pen::key(ctx, Action::FocusUp));
            let walk = format!("{down} {up}");
            foot.hints(&[("type", "to search"), ("enter", "change keys"), (&walk, "walk"), (&back, "close")]);
        }
    }
}

fn draw_entry(entry: &Entry, focused: bool, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let style = |plain: Style| if focused { ctx.theme.selection } else { plain };
    if focused {
        buf.set_style(area, ctx.theme.selection);
    }
    let mark = if focused { ctx.glyphs.focus } else { " " };
    let keys = style(if entry.bound { ctx.theme.key } else { ctx.theme.dim });
    let narrow = area.width < NARROW;
    let said = entry.keys.split(", ").next().filter(|_| narrow).unwrap_or(&entry.keys);
    let cells = if narrow { KEYS.1 } else { KEYS.0 };
    let blank = cells.saturating_sub(paint::width(said)).max(2) as u16;
    let mut pen = Pen::new(buf, ctx, area, 0);
    pen.field(mark, 2, style(ctx.theme.text)).put(said, keys).skip(blank);
    pen.put(&entry.what, style(ctx.theme.text));
    if entry.own {
        pen.skip(2).put("your own", style(ctx.theme.dim));
    }
}

/// What is asked for new keys: which, where, what is wrong with it, and how to go on.
fn draw_asking(rebind: &Rebind, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let inner = paint::inside(ctx.area);
    let first = inner.height.saturating_sub(ASKING - 1);
    let place =
        if rebind.here { format!("only: {}", rebind.layer.title()) } else { "wherever it works".to_owned() };
    let mut head = Pen::new(buf, ctx, inner, first);
    head.put("New key for ", ctx.theme.text).put(rebind.action.what(), ctx.theme.heading);
    if rebind.elsewhere_too() {
        head.skip(2).put(&place, ctx.theme.dim);
    }
    let mut said = Pen::new(buf, ctx, inner, first + 1);
    if rebind.presses.is_empty() {
        said.put("press the new key, or several one after another", ctx.theme.dim);
    } else {
        said.put(&rebind.shown(), ctx.theme.key);
    }
    let mut told = Pen::new(buf, ctx, inner, first + 2);
    match &rebind.problem {
        Some(why) => told.put(ctx.glyphs.warn, ctx.theme.warn).skip(1).put(why, ctx.theme.warn),
        None if !rebind.presses.is_empty() => {
            told.put(ctx.glyphs.check, ctx.theme.ok).skip(1).put("free", ctx.theme.ok)
        }
        None => &mut told,
    };
    let mut hints = vec![("enter", "keeps"), ("esc", "leaves")];
    if rebind.elsewhere_too() {
        hints.push(("tab", if rebind.here { "wherever it works" } else { "in this view only" }));
    }
    hints.push(("delete", "default"));
    Pen::new(buf, ctx, inner, first + 3).hints(&hints);
}
