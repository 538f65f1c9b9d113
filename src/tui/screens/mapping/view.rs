//! How the mapping editor is drawn: the sheet, what is wrong, what would move; and where a click lands.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::sheet::{Saving, grouped_moves};
use super::{Dialog, MappingScreen};
use crate::domain::mapping::Status;
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Outcome, Screen as _};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{count, window, wrap_text};

mod dialogs;

/// Cells of the focus bar and the blank after it.
pub(super) const LEFT: u16 = 3;
/// The least cells of a connection's column.
const TARGET: u16 = 21;
/// Rows above the first row: the state of the sheet, the tabs, the names of the columns.
pub(super) const HEAD: u16 = 3;

/// Where the parts of the sheet are.
struct Layout {
    area: Rect,
    /// Rows of statuses.
    rows: Rect,
    /// First row shown.
    top: usize,
    /// Start and cells of the canonical names, then of the titles, then of each connection shown.
    columns: Vec<(u16, u16)>,
    /// The first connection shown.
    first: usize,
    /// What is told below the rows.
    below: Rect,
}

impl MappingScreen {
    fn layout(&self, ctx: &Ctx<'_>) -> Layout {
        let area = ctx.area;
        let width = area.width.saturating_sub(LEFT + 1);
        let draft = self.sheet.draft();
        let names = draft.columns.iter().map(|(s, _)| paint::width(s.as_str())).max().unwrap_or(0);
        let names = (names as u16 + 2).clamp(8, 18).min(width / 4);
        let titles = if width < 60 { width / 3 } else { 20.min(width / 3) };
        let rest = width - names - titles;
        let all = draft.targets.len();
        let shown = usize::from(rest / TARGET).clamp(1, all.max(1));
        let (row, col) = self.sheet.cursor();
        let first = col.saturating_sub(shown).min(all.saturating_sub(shown));
        let each = rest / shown as u16;
        let mut columns = vec![(area.x + LEFT, names), (area.x + LEFT + names, titles)];
        let left = area.x + LEFT + names + titles;
        columns.extend((0..shown.min(all)).map(|n| (left + n as u16 * each, each)));
        let head = HEAD.min(area.height);
        let room = area.height - head;
        let height = (draft.columns.len() as u16).min(room.saturating_sub(6).max(room.min(3)));
        let rows = Rect { y: area.y + head, height, ..area };
        let top = window(0, row, usize::from(height), draft.columns.len());
        let y = (rows.bottom() + 1).min(area.bottom());
        let below = Rect { x: area.x + LEFT.min(area.width), y, width, height: area.bottom() - y };
        Layout { area, rows, top, columns, first, below }
    }

    pub(super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.on_fields {
            if !self.fields.is_editing() {
                self.draw_state(buf, ctx);
                self.draw_tabs(buf, ctx);
            }
            self.fields.draw(buf, ctx);
            self.draw_dialog(buf, ctx);
            return;
        }
        let layout = self.layout(ctx);
        self.draw_state(buf, ctx);
        self.draw_tabs(buf, ctx);
        self.draw_head(buf, ctx, &layout);
        for n in 0..layout.rows.height {
            let row = layout.top + usize::from(n);
            self.draw_row(buf, ctx, &layout, row, layout.rows.y + n);
        }
        let marks = Rect { width: layout.area.width, ..layout.rows };
        pen::more(buf, marks, ctx, layout.top, self.sheet.draft().columns.len());
        if self.sheet.draft().columns.is_empty() {
            let hint = format!("{} adds the first status", pen::key(ctx, super::Action::AddRow));
            Pen::new(buf, ctx, layout.below, 0).put(&hint, ctx.theme.dim);
        }
        let told = self.told(usize::from(layout.below.width), ctx);
        pen::lines(buf, layout.below, &told, 0);
        let right = (layout.below.right() + 1).min(layout.area.right());
        let marks = Rect { width: right - layout.below.x, ..layout.below };
        pen::more(buf, marks, ctx, 0, told.len());
        self.draw_dialog(buf, ctx);
    }

    /// The row without the focus bar's cells.
    fn line(area: Rect) -> Rect {
        Rect { x: area.x + LEFT.min(area.width), width: area.width.saturating_sub(LEFT + 1), ..area }
    }

    /// Whether what is on both tabs is saved.
    fn draw_state(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let failed = [&self.sheet.saving, &self.fields.saving]
            .into_iter()
            .find_map(|s| if let Saving::Failed(why) = s { Some(why) } else { None });
        let asked = [&self.sheet.saving, &self.fields.saving].contains(&&Saving::Asked);
        let (glyph, text, style) = if asked {
            (ctx.glyphs.dot, "saving".to_owned(), ctx.theme.info)
        } else if let Some(why) = failed {
            (ctx.glyphs.cross, format!("not saved: {}", one_line(why)), ctx.theme.error)
        } else if self.is_changed() {
            let here = if self.on_fields { self.fields.is_changed() } else { self.sheet.is_changed() };
            let there = if self.on_fields { "statuses" } else { "fields" };
            let text = if here {
                format!(
                    "unsaved changes {} {} saves them",
                    ctx.glyphs.dot,
                    pen::key(ctx, super::Action::Save)
                )
            } else {
                format!("unsaved changes among the {there}")
            };
            (ctx.glyphs.selected, text, ctx.theme.warn)
        } else {
            (ctx.glyphs.check, "saved".to_owned(), ctx.theme.dim)
        };
        Pen::new(buf, ctx, Self::line(ctx.area), 0).put(glyph, style).skip(1).put(&text, style);
    }

    /// The tabs by name with their cells, which are where a click lands.
    fn tabs(&self, area: Rect) -> [(bool, String, Rect); 2] {
        let line = Self::line(area);
        let names = ["Statuses".to_owned(), format!("Fields ({})", self.fields.counted())];
        let y = area.y + 1;
        let place = |x: u16, name: &str| {
            let width = (paint::width(name) as u16).min(line.right().saturating_sub(x));
            Rect { x, y, width, height: 1 }.intersection(area)
        };
        let [statuses, fields] = names;
        let first = place(line.x, &statuses);
        let second = place(first.right().saturating_add(3).min(line.right()), &fields);
        [(false, statuses, first), (true, fields, second)]
    }

    fn draw_tabs(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let mut end = ctx.area.x;
        for (fields, name, cells) in self.tabs(ctx.area) {
            let style = if fields == self.on_fields { ctx.theme.tab_active } else { ctx.theme.tab };
            Pen::new(buf, ctx, cells, 0).put(&name, style);
            end = cells.right();
        }
        let line = Self::line(ctx.area);
        let rest =
            Rect { x: (end + 3).min(line.right()), width: line.right().saturating_sub(end + 3), ..line };
        let other = if self.on_fields { "statuses" } else { "fields" };
        let key = pen::key(ctx, super::Action::FieldRules);
        Pen::new(buf, ctx, rest, 1).hints(&[(&key, other)]);
    }

    fn draw_head(&self, buf: &mut Buffer, ctx: &Ctx<'_>, layout: &Layout) {
        let area = Rect { x: layout.below.x, width: layout.below.width, ..layout.area };
        let y = HEAD - 1;
        let head = |buf: &mut Buffer, column: usize, text: &str, style: Style| {
            if let Some(&(x, cells)) = layout.columns.get(column)
                && y < layout.area.height
            {
                let area =
                    Rect { x, width: cells.saturating_sub(1), ..layout.area }.intersection(layout.area);
                Pen::new(buf, ctx, area, y).put(text, style);
            }
        };
        let here = self.sheet.cursor().1;
        let style = |col: usize| if col == here { ctx.theme.column_focus } else { ctx.theme.column };
        head(buf, 0, "STATUS", ctx.theme.column);
        head(buf, 1, "COLUMN", style(0));
        for (n, (connection, _)) in self.sheet.draft().targets.iter().enumerate().skip(layout.first) {
            let platform = ctx.settings.connection(connection.as_str()).map_or("", |c| c.platform.as_str());
            let text = format!("{} {} {platform}", connection.as_str().to_uppercase(), ctx.glyphs.dot);
            head(buf, 2 + n - layout.first, &text, style(n + 1));
        }
        let hidden = self.sheet.draft().targets.len().saturating_sub(layout.columns.len() - 2);
        if hidden > 0 {
            let text = format!("{} {hidden} more {}", ctx.glyphs.left, ctx.glyphs.right);
            paint::text_right(buf, area.x, area.right(), area.y, &text, ctx.theme.dim, ctx.glyphs);
        }
    }

    fn draw_row(&self, buf: &mut Buffer, ctx: &Ctx<'_>, layout: &Layout, row: usize, y: u16) {
        let Some((status, title)) = self.sheet.draft().columns.get(row) else { return };
        let (at, col) = self.sheet.cursor();
        if row == at {
            paint::text(buf, layout.area.x + 1, y, 1, ctx.glyphs.focus, ctx.theme.focus, ctx.glyphs);
        }
        let cell = |column: usize| {
            let (x, cells) = layout.columns.get(column).copied().unwrap_or_default();
            Rect { x, y, width: cells.saturating_sub(1), height: 1 }.intersection(layout.area)
        };
        Pen::new(buf, ctx, cell(0), 0).put(status.as_str(), ctx.theme.dim);
        let shown = |changed: bool| if changed { ctx.glyphs.selected } else { "" };
        let draw =
            |buf: &mut Buffer, column: usize, number: usize, text: &str, style: Style, changed: bool| {
                let area = cell(column);
                let focused = row == at && number == col;
                let wrong = self.sheet.problem_at(row, number).is_some();
                let style = match (focused, wrong) {
                    (true, _) => ctx.theme.selection,
                    (false, true) => ctx.theme.error,
                    (false, false) => style,
                };
                if focused {
                    buf.set_style(area, ctx.theme.selection);
                }
                let mut pen = Pen::new(buf, ctx, area, 0);
                if wrong {
                    pen.put(ctx.glyphs.cross, style).skip(1);
                }
                pen.put(text, style);
                if pen.room() > 1 {
                    pen.skip(1).put(shown(changed), if focused { style } else { ctx.theme.warn });
                }
            };
        let title_style = if row == at { ctx.theme.title } else { ctx.theme.text };
        draw(buf, 1, 0, title, title_style, self.sheet.title_changed(row));
        for column in 2..layout.columns.len() {
            let number = layout.first + column - 1;
            let Some(connection) = self.sheet.connection(number) else { continue };
            let (text, style) = match self.sheet.draft().target(connection, status) {
                Some(target) => (in_words(target), ctx.theme.text),
                None => ("not mapped".to_owned(), ctx.theme.dim),
            };
            draw(buf, column, number, &text, style, self.sheet.target_changed(connection, status));
        }
    }

    /// What is wrong, what would move and what nothing stands for.
    fn told(&self, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        let (row, col) = self.sheet.cursor();
        let problems = self.sheet.problems();
        let first = self.sheet.problem_at(row, col).or(self.sheet.problem_elsewhere()).or(problems.first());
        if let Some(problem) = first {
            let text = format!("{} {}", ctx.glyphs.cross, one_line(&problem.message));
            out.extend(wrap_text(&text, width, ctx.theme.error));
            out.extend(wrap_text(&format!("  {}", problem.help), width, ctx.theme.dim));
            if problems.len() > 1 {
                let more = count(problems.len() - 1, "more problem keeps", "more problems keep");
                out.push(Line::styled(format!("  {more} this from being saved"), ctx.theme.dim));
            }
            out.push(Line::default());
        }
        out.extend(self.moves(width, ctx));
        out.extend(self.unmapped(width, ctx));
        out
    }

    fn moves(&self, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let Some(preview) = self.sheet.preview() else {
            let text = format!("working out what would move{}", ctx.glyphs.ellipsis);
            return vec![Line::styled(text, ctx.theme.dim)];
        };
        if preview.moves.is_empty() {
            let text =
                if self.sheet.is_changed() { "Saving this moves no card." } else { "Nothing is changed." };
            return vec![Line::styled(text, ctx.theme.dim)];
        }
        let cards = count(preview.moves.len(), "card", "cards");
        let mut out = vec![Line::styled(format!("Saving this moves {cards}"), ctx.theme.warn)];
        let title = |status: &Status| {
            let draft = self.sheet.draft();
            let here = draft.row(status).and_then(|r| draft.columns.get(r)).map(|(_, t)| t.as_str());
            one_line(here.unwrap_or_else(|| ctx.board.title_of(status)))
        };
        for (from, to, n) in grouped_moves(preview) {
            let text = format!("{n:>6}  {} {} {}", title(&from), ctx.glyphs.arrow, title(&to));
            out.extend(wrap_text(&text, width, ctx.theme.text));
        }
        out
    }

    /// Values on the platforms that no status stands for, and statuses that no column shows.
    fn unmapped(&self, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        let unmapped = self.sheet.preview().map(|p| p.unmapped.as_slice()).unwrap_or_default();
        for (n, (connection, state, cards)) in unmapped.iter().enumerate() {
            if n == 0 {
                out.push(Line::default());
                out.push(Line::styled(
                    "Not mapped: these cards stand in a column that is assumed",
                    ctx.theme.dim,
                ));
            }
            let text = format!("{cards:>6}  {}: {}", connection.as_str(), one_line(state));
            let line = Line::from(Span::styled(text, ctx.theme.text));
            out.extend(crate::tui::screens::shape::wrap(&line, width, "        "));
        }
        let stranded = ctx.board.stranded();
        for (n, (status, cards)) in stranded.iter().enumerate() {
            if n == 0 {
                out.push(Line::default());
                out.push(Line::styled("No column: these cards stand in the first one", ctx.theme.dim));
            }
            out.extend(wrap_text(&format!("{cards:>6}  {status}"), width, ctx.theme.text));
        }
        out
    }

    pub(super) fn mouse(&mut self, mouse: MouseEvent, ctx: &Ctx<'_>) -> Outcome {
        let free = matches!(self.dialog, Dialog::None) && !self.fields.is_open();
        if free && mouse.kind == MouseEventKind::Down(MouseButton::Left) {
            let at = Position::new(mouse.column, mouse.row);
            if let Some((fields, ..)) = self.tabs(ctx.area).into_iter().find(|(.., cells)| cells.contains(at))
            {
                return if fields == self.on_fields { Outcome::Stay } else { self.turn(ctx) };
            }
        }
        if self.on_fields && matches!(self.dialog, Dialog::None) {
            return self.fields.mouse(mouse, ctx);
        }
        let editing = match &mut self.dialog {
            Dialog::None => false,
            Dialog::Target(editor) => {
                match mouse.kind {
                    MouseEventKind::ScrollDown => editor.step(1),
                    MouseEventKind::ScrollUp => editor.step(-1),
                    _ => return Outcome::Ignored,
                }
                return Outcome::Stay;
            }
            _ => true,
        };
        if editing {
            return Outcome::Ignored;
        }
        match mouse.kind {
            MouseEventKind::ScrollDown => self.sheet.step(1, 0),
            MouseEventKind::ScrollUp => self.sheet.step(-1, 0),
            MouseEventKind::Down(MouseButton::Left) => {
                let layout = self.layout(ctx);
                if !layout.rows.contains(Position::new(mouse.column, mouse.row)) {
                    return Outcome::Ignored;
                }
                let row = layout.top + usize::from(mouse.row - layout.rows.y);
                let column = layout.columns.iter().rposition(|(x, _)| *x <= mouse.column).unwrap_or(0);
                let number = if column < 2 { 0 } else { layout.first + column - 1 };
                let again = self.sheet.cursor() == (row, number);
                self.sheet.go(row, number);
                // A click on the cell that has the cursor edits it.
                return if again { self.edit(ctx) } else { Outcome::Stay };
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    pub(super) fn dialog_title(&self, ctx: &Ctx<'_>) -> String {
        let title = one_line(self.sheet.title().unwrap_or_default());
        match &self.dialog {
            Dialog::None => self.title(ctx),
            Dialog::Title(_) => format!("Title of {}", self.sheet.status().map_or("", Status::as_str)),
            Dialog::Add(_) => "New status".to_owned(),
            Dialog::Target(_) => {
                let connection = self.sheet.connection(self.sheet.cursor().1);
                format!("{title} on {}", connection.map_or("", |c| c.as_str()))
            }
            Dialog::Remove => format!("Remove {title}?"),
            Dialog::Leave => "Give up the changes?".to_owned(),
        }
    }
}

/// A target in few words; the label comes first, since it tells statuses apart.
fn in_words(target: &crate::domain::mapping::Target) -> String {
    use crate::domain::mapping::OpenState;
    let state = match (target.open_state(), target.reason) {
        (OpenState::Open, _) => "open".to_owned(),
        (OpenState::Closed, None) => "closed".to_owned(),
        (OpenState::Closed, Some(reason)) => format!("closed, {}", reason.as_str().replace('_', " ")),
    };
    if let Some(status) = &target.status {
        let closed = target.state == Some(OpenState::Closed);
        return if closed { format!("{status}, {state}") } else { status.clone() };
    }
    match &target.label {
        Some(label) if target.open_state() == OpenState::Open && target.state.is_none() => label.clone(),
        Some(label) => format!("{label}, {state}"),
        None => state,
    }
}
