//! How the activity view is drawn, and where its parts are: the filter, the rows, and the focused row in full.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{ActivityScreen, detail, query};
use crate::config::keymap::Action;
use crate::domain::audit::AuditRow;
use crate::support::clock::Timestamp;
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{count, lasting, window, wrap_text};

/// From this width on the focused row stands beside the others.
const WIDE: u16 = 140;
/// Cells of the focus bar and the blanks around it.
const LEFT: u16 = 3;
/// Cells at the right of the filter that say how many rows there are.
const COUNT: u16 = 24;
/// The least rows of the list that let the focused row stand below it.
const LEAST: u16 = 5;

/// Where everything stands.
pub(super) struct Places {
    /// The filter's line.
    pub(super) filter: Rect,
    /// The names of the columns.
    heads: Rect,
    /// The rows.
    pub(super) list: Rect,
    /// The focused row in full; empty where there is no room.
    pub(super) detail: Rect,
}

impl Places {
    pub(super) fn of(area: Rect) -> Self {
        let row =
            |n: u16| Rect { y: area.y + n.min(area.height), height: u16::from(area.height > n), ..area };
        let head = 2.min(area.height);
        let mut list = Rect { y: area.y + head, height: area.height - head, ..area };
        let mut detail = Rect::default();
        if list.width >= WIDE {
            let width = list.width * 2 / 5;
            list.width -= width;
            detail = Rect { x: list.right() + 2, width: width - 3, ..list };
            detail.y = area.y + 1;
            detail.height += 1;
        } else if list.height > LEAST + 5 {
            let height = (list.height * 2 / 5).max(6).min(list.height - LEAST);
            list.height -= height;
            let x = area.x + LEFT.min(area.width);
            let width = area.width.saturating_sub(LEFT + 2);
            detail = Rect { x, y: list.bottom() + 1, width, height: height - 1 };
        }
        Self { filter: row(0), heads: Rect { width: list.width, ..row(1) }, list, detail }
    }

    /// Where the filter is typed.
    pub(super) fn field(&self) -> Rect {
        let left = (LEFT + 2).min(self.filter.width);
        let width = (self.filter.width - left).saturating_sub(COUNT);
        Rect { x: self.filter.x + left, width, ..self.filter }
    }

    /// The rule between the rows and the focused one's details.
    fn rule(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.detail.is_empty() {
            return;
        }
        if self.detail.x >= self.list.right() {
            for y in self.heads.y..self.list.bottom() {
                paint::text(buf, self.list.right(), y, 1, ctx.glyphs.bar, ctx.theme.border, ctx.glyphs);
            }
        } else {
            let y = self.list.bottom();
            paint::rule(buf, self.detail.x, y, self.detail.width, ctx.glyphs.rule, ctx.theme.border);
        }
    }
}

/// The columns' cells: when, who, did, to what; none where there is no room for it.
struct Columns {
    actor: u16,
    connection: u16,
    action: u16,
    object: u16,
}

/// Cells of an age.
const AGE: u16 = 5;

impl Columns {
    fn of(width: u16) -> Self {
        let roomy = width >= 100;
        Self {
            actor: if width >= 64 { 10 } else { 0 },
            connection: if roomy { 10 } else { 0 },
            action: if width >= 48 { 10 } else { 0 },
            object: if roomy { 16 } else { 12 },
        }
    }
}

impl ActivityScreen {
    pub(super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let places = Places::of(ctx.area);
        self.draw_filter(&places, buf, ctx);
        if self.rows.is_empty() {
            return self.draw_nothing(&places, buf, ctx);
        }
        let columns = Columns::of(places.list.width);
        draw_heads(&places, &columns, buf, ctx);
        let height = usize::from(places.list.height);
        let top = window(self.top, self.at, height, self.rows.len());
        for (n, row) in self.rows.iter().enumerate().skip(top).take(height) {
            let y = (n - top) as u16;
            draw_row(
                row,
                n == self.at,
                &columns,
                Rect { width: places.list.width.saturating_sub(1), ..places.list },
                y,
                buf,
                ctx,
            );
        }
        let all = self.rows.len() + usize::from(self.more);
        pen::more(buf, places.list, ctx, top, all);
        places.rule(buf, ctx);
        if let Some(row) = self.focused() {
            let lines = detail::lines(row, places.detail.width, ctx);
            let below = self.below.min(lines.len().saturating_sub(usize::from(places.detail.height)));
            pen::lines(buf, places.detail, &lines, below);
            let marks = Rect { width: places.detail.width + 1, ..places.detail }.intersection(ctx.area);
            pen::more(buf, marks, ctx, below, lines.len());
        }
    }

    fn draw_filter(&self, places: &Places, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = places.filter;
        if area.is_empty() {
            return;
        }
        let (counted, style) = match &self.query.wrong[..] {
            [wrong, ..] => (format!("`{wrong}` is no qualifier"), ctx.theme.warn),
            [] if !self.read => ("reading".to_owned(), ctx.theme.dim),
            [] if self.more => {
                (format!("{}, and older", count(self.rows.len(), "row", "rows")), ctx.theme.dim)
            }
            [] => (count(self.rows.len(), "row", "rows"), ctx.theme.dim),
        };
        let right = area.right().saturating_sub(2);
        let field = places.field();
        paint::text_right(buf, field.right() + 1, right, area.y, &counted, style, ctx.glyphs);
        let key = pen::key(ctx, Action::Filter);
        paint::text(
            buf,
            area.x + LEFT,
            area.y,
            1.min(area.width.saturating_sub(LEFT)),
            &key,
            ctx.theme.key,
            ctx.glyphs,
        );
        match &self.typing {
            Some(typing) => typing.render(buf, field, ctx),
            None if self.text.is_empty() => {
                paint::text(buf, field.x, area.y, field.width, query::EXAMPLE, ctx.theme.dim, ctx.glyphs);
            }
            None => {
                paint::text(buf, field.x, area.y, field.width, &self.text, ctx.theme.hit, ctx.glyphs);
            }
        }
    }

    /// Nothing known, nothing written and nothing that fits are three sights.
    fn draw_nothing(&self, places: &Places, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = ctx.area;
        let left = LEFT.min(area.width);
        let width = area.width.saturating_sub(left + 2);
        let y = places.list.y + u16::from(places.list.height > 1);
        let area = Rect { x: area.x + left, y, width, height: area.bottom().saturating_sub(y) };
        let (title, text) = match (self.read, self.text.is_empty()) {
            (false, _) => ("Reading the activity", String::new()),
            (true, true) => (
                "Nothing was written yet",
                "Every write to a platform, every refusal and every decision is listed here, with what was \
                 before and after."
                    .to_owned(),
            ),
            (true, false) => {
                ("No row fits the filter", format!("{} shows all rows again.", pen::key(ctx, Action::Back)))
            }
        };
        let mut lines = wrap_text(title, usize::from(width), ctx.theme.title);
        lines.extend(wrap_text(&text, usize::from(width), ctx.theme.dim));
        pen::lines(buf, area, &lines, 0);
    }
}

fn draw_heads(places: &Places, columns: &Columns, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let mut pen = Pen::new(buf, ctx, places.heads, 0);
    let style = ctx.theme.column;
    pen.skip(LEFT + 2).field("WHEN", AGE, style);
    for (name, cells) in [
        ("WHO", columns.actor),
        ("WHERE", columns.connection),
        ("DID", columns.action),
        ("TO", columns.object),
        ("WHAT CHANGED, OR WHY NOT", 30),
    ] {
        if cells > 0 {
            pen.field(name, cells, style);
        }
    }
}

fn draw_row(
    row: &AuditRow,
    focused: bool,
    columns: &Columns,
    area: Rect,
    y: u16,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
) {
    let trouble = detail::is_trouble(row);
    let (glyph, mark) =
        if trouble { (ctx.glyphs.cross, ctx.theme.error) } else { (ctx.glyphs.check, ctx.theme.ok) };
    let text = if focused { ctx.theme.card_focus } else { ctx.theme.text };
    let mut pen = Pen::new(buf, ctx, area, y);
    pen.skip(1).field(if focused { ctx.glyphs.focus } else { " " }, 2, ctx.theme.focus);
    pen.field(glyph, 2, mark).field(&age(ctx.now, row.at), AGE, ctx.theme.dim);
    let connection = row.connection.as_ref().map_or("", |c| c.as_str());
    let cells: [(&str, u16, Style); 4] = [
        (&row.actor, columns.actor, ctx.theme.person),
        (connection, columns.connection, ctx.theme.dim),
        (&row.action, columns.action, text),
        (&row.object, columns.object, text),
    ];
    for (value, cells, style) in cells {
        if cells > 1 {
            pen.field(&one_line(value), cells - 1, style).skip(1);
        }
    }
    let what = detail::in_one_line(row, ctx);
    if trouble {
        pen.put(&row.outcome, ctx.theme.error);
        if !what.is_empty() && pen.room() > 12 {
            pen.put(&format!(" {} ", ctx.glyphs.dot), ctx.theme.dim).put(&what, ctx.theme.dim);
        }
    } else {
        pen.put(&what, text);
    }
}

/// How long ago, in at most four cells.
fn age(now: Timestamp, at: Timestamp) -> String {
    match now.since(at) {
        ..60_000 => "now".to_owned(),
        ms => lasting(ms),
    }
}
