//! Where the parts of the conflicts view stand, and its list. Pure but for the cells it is given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Action, ConflictsScreen, said};
use crate::domain::conflict::Conflict;
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{ago, clip, count, window};

/// Below this width a row names no age.
const AGES: u16 = 50;

/// Where everything stands.
pub(super) struct Parts {
    pub(super) head: Rect,
    pub(super) list: Rect,
    /// What is told of the focused one, and the panes' titles.
    pub(super) about: Rect,
    pub(super) heads: Rect,
    pub(super) panes: Rect,
    pub(super) foot: Rect,
}

/// What is inside the edges, where the marks stand.
pub(super) fn inner(area: Rect) -> Rect {
    Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), ..area }
}

/// Lays the view out for `rows` conflicts, `stacked` when the panes have no titles of their own.
pub(super) fn parts(area: Rect, rows: usize, stacked: bool) -> Parts {
    let mut rest = inner(area);
    let mut take = |wanted: u16, from: u16| {
        let height = if rest.height >= from { wanted.min(rest.height) } else { 0 };
        let taken = Rect { height, ..rest };
        rest.y += height;
        rest.height -= height;
        taken
    };
    let most = (area.height / 3).clamp(1, 10);
    let head = take(1, 4);
    let list = take(u16::try_from(rows).unwrap_or(u16::MAX).min(most), 1);
    let about = take(1, 3);
    let heads = take(u16::from(!stacked), 3);
    let foot = u16::from(rest.height >= 2);
    let panes = Rect { height: rest.height - foot, ..rest };
    Parts { head, list, about, heads, panes, foot: Rect { y: panes.bottom(), height: foot, ..rest } }
}

/// The first row shown of the list.
pub(super) fn top(at: usize, height: u16, len: usize) -> usize {
    window(at.saturating_sub(usize::from(height) / 2), at, usize::from(height), len)
}

impl ConflictsScreen {
    pub(super) fn draw_head(&self, buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let waiting = self.waiting().count();
        let decided = self.conflicts.len() - waiting;
        let mut pen = Pen::new(buf, ctx, area, 0);
        let waits = format!("{} for you", count(waiting, "conflict waits", "conflicts wait"));
        pen.put(&waits, ctx.theme.heading);
        if !self.selected.is_empty() {
            pen.skip(2).put(&format!("{} selected", self.selected.len()), ctx.theme.marked);
        }
        if decided > 0 {
            pen.skip(2).put(&format!("{decided} decided"), ctx.theme.dim).skip(2);
            pen.hints(&[(
                &pen::key(ctx, Action::ShowDecided),
                if self.with_decided { "hides" } else { "shows" },
            )]);
        }
    }

    pub(super) fn draw_list(&self, buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let shown = self.shown();
        let first = top(self.at, area.height, shown.len());
        let keys = shown.iter().map(|c| paint::width(&c.key)).max().unwrap_or(0).clamp(4, 18) as u16;
        for (row, (n, conflict)) in (0..area.height).zip(shown.iter().enumerate().skip(first)) {
            self.draw_row(buf, Rect { y: area.y + row, height: 1, ..area }, n, conflict, keys, ctx);
        }
        let marks = Rect { width: area.width + 1, ..area }.intersection(ctx.area);
        pen::more(buf, marks, ctx, first, shown.len());
    }

    fn draw_row(
        &self,
        buf: &mut Buffer,
        area: Rect,
        n: usize,
        conflict: &Conflict,
        keys: u16,
        ctx: &Ctx<'_>,
    ) {
        let (theme, glyphs) = (ctx.theme, ctx.glyphs);
        let (focused, open) = (n == self.at, conflict.decided.is_none());
        let age = ago(ctx.now, conflict.decided.as_ref().map_or(conflict.found_at, |d| d.at));
        let right = if area.width >= AGES {
            paint::text_right(buf, area.x, area.right(), area.y, &age, theme.dim, glyphs)
        } else {
            area.right()
        };
        let room = Rect { width: right.saturating_sub(area.x + u16::from(right < area.right())), ..area };
        let (mark, style) = if open { (glyphs.warn, theme.warn) } else { (glyphs.check, theme.dim) };
        let text = match (open, focused) {
            (false, _) => theme.dim,
            (true, true) => theme.card_focus,
            (true, false) => theme.text,
        };
        let selected = self.selected.contains(&conflict.id);
        let mut pen = Pen::new(buf, ctx, room, 0);
        pen.field(if focused { glyphs.focus } else { "" }, 1, theme.focus);
        pen.field(if selected { glyphs.selected } else { "" }, 1, theme.marked).skip(1);
        pen.put(mark, style).skip(1);
        pen.field(&clip(&conflict.key, usize::from(keys), glyphs.ellipsis), keys, text).skip(2);
        pen.field(conflict.field.as_str(), 9, text).skip(2);
        let title = if open {
            conflict.title.clone()
        } else {
            format!("{}: {}", said::kept(conflict), conflict.title)
        };
        pen.put(&title, text);
    }

    /// What is told of the focused conflict above its panes.
    pub(super) fn draw_about(conflict: &Conflict, buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let theme = ctx.theme;
        paint::rule(buf, area.x, area.y, area.width * area.height, ctx.glyphs.rule, theme.border);
        let mut pen = Pen::new(buf, ctx, area, 0);
        pen.put(&format!("{} of {} ", conflict.field, conflict.key), theme.heading);
        let told = match &conflict.decided {
            None => {
                let sides = match &conflict.source {
                    None => "both sides".to_owned(),
                    Some(source) => one_line(&format!("{source} and on {}", conflict.connection)),
                };
                format!("changed on {sides}, found {} ", ago(ctx.now, conflict.found_at))
            }
            Some(decided) => {
                format!("{}: decided by {} {} ", said::kept(conflict), decided.by, ago(ctx.now, decided.at))
            }
        };
        pen.put(&told, theme.dim);
    }

    /// What the keys would do now.
    pub(super) fn draw_foot(&self, buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let key = |action| pen::key(ctx, action);
        let Some(conflict) = self.focused() else { return };
        let mut pen = Pen::new(buf, ctx, area, 0);
        if conflict.decided.is_some() {
            pen.hints(&[(
                &key(Action::Open),
                "opens the card's history, where the loser can be brought back",
            )]);
            return;
        }
        let (here, there) = match (self.selected.len(), &conflict.source) {
            (0, None) => ("keep the one here".to_owned(), "take the one there".to_owned()),
            (0, Some(source)) => (
                format!("keep {}'s", one_line(source.as_str())),
                format!("take {}'s", one_line(conflict.connection.as_str())),
            ),
            (n, _) => (format!("keep the {n} here"), format!("take the {n} there")),
        };
        let words = [
            (Action::KeepLocal, here.as_str()),
            (Action::TakeRemote, &there),
            (Action::Merge, "merge"),
            (Action::Select, "select"),
            (Action::Open, "card"),
        ]
        .map(|(action, what)| (key(action), what));
        pen.hints(&words.each_ref().map(|(key, what)| (key.as_str(), *what)));
    }
}
