//! How the field rules are drawn: the list with what the rule under the cursor makes of real cards, and the form of one
//! rule; and where a click lands.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::super::view::{HEAD, LEFT};
use super::{FieldsTab, Over};
use crate::config::keymap::Action;
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::RuleDirection;
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Outcome, centred};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{count, window, wrap_text};

mod form;

/// Where the parts of the list are.
struct Layout {
    /// One row for each rule that is shown.
    rows: Rect,
    /// The first rule shown.
    top: usize,
    /// What is told of the rule under the cursor.
    below: Rect,
}

/// The direction as an arrow.
fn arrow(direction: RuleDirection) -> &'static str {
    match direction {
        RuleDirection::Both => "<->",
        RuleDirection::Push => "->",
        RuleDirection::Pull => "<-",
    }
}

impl FieldsTab {
    fn layout(&self, area: Rect) -> Layout {
        let rules = self.draft().map_or(0, |draft| draft.rules.len());
        let head = HEAD.min(area.height);
        let room = area.height - head;
        let height = (rules as u16).min((room / 3).max(room.min(3)));
        let rows = Rect { y: area.y + head, height, ..area };
        let top = window(0, self.row, usize::from(height), rules);
        let left = LEFT.min(area.width);
        let y = (rows.bottom() + u16::from(height > 0)).min(area.bottom());
        let width = area.width.saturating_sub(LEFT + 1);
        Layout { rows, top, below: Rect { x: area.x + left, y, width, height: area.bottom() - y } }
    }

    /// Draws the list, or the form of the rule under edit.
    pub(in super::super) fn draw(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if let Over::Edit(editor) = &self.over {
            self.draw_form(buf, ctx, editor);
            return;
        }
        let layout = self.layout(ctx.area);
        self.draw_head(buf, ctx);
        let rules = self.draft().map(|draft| draft.rules.as_slice()).unwrap_or_default();
        let wrong: Vec<usize> = self.problems_of(self.at, rules).into_iter().map(|(row, _)| row).collect();
        for n in 0..layout.rows.height {
            let row = layout.top + usize::from(n);
            if let Some(rule) = rules.get(row) {
                let area = Rect { y: layout.rows.y + n, height: 1, ..layout.rows };
                self.draw_rule(buf, ctx, area, row, rule, wrong.contains(&row));
            }
        }
        pen::more(buf, layout.rows, ctx, layout.top, rules.len());
        let told = self.told(usize::from(layout.below.width), ctx);
        pen::lines(buf, layout.below, &told, 0);
        let marks = Rect { width: ctx.area.right().saturating_sub(layout.below.x), ..layout.below };
        pen::more(buf, marks, ctx, 0, told.len());
        if matches!(self.over, Over::Remove) {
            self.draw_remove(buf, ctx);
        }
    }

    /// The names of the columns, with the connection whose rules these are.
    fn draw_head(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = Rect {
            x: ctx.area.x + LEFT.min(ctx.area.width),
            width: ctx.area.width.saturating_sub(LEFT + 1),
            ..ctx.area
        };
        let Some(draft) = self.draft() else { return };
        let platform = self.connection(ctx).map_or("", |c| c.platform.as_str());
        let name = format!("{} {} {platform}", draft.name.as_str().to_uppercase(), ctx.glyphs.dot);
        Pen::new(buf, ctx, area, HEAD - 1).put(&name, ctx.theme.column_focus);
        if self.drafts.len() > 1 && area.height >= HEAD {
            let text =
                format!("{} {} of {} {}", ctx.glyphs.left, self.at + 1, self.drafts.len(), ctx.glyphs.right);
            let y = area.y + HEAD - 1;
            paint::text_right(buf, area.x, area.right(), y, &text, ctx.theme.dim, ctx.glyphs);
        }
    }

    fn draw_rule(
        &self,
        buf: &mut Buffer,
        ctx: &Ctx<'_>,
        area: Rect,
        row: usize,
        rule: &FieldRule,
        wrong: bool,
    ) {
        let focused = row == self.row;
        if focused {
            paint::text(
                buf,
                area.x + 1,
                area.y,
                area.width.saturating_sub(1).min(1),
                ctx.glyphs.focus,
                ctx.theme.focus,
                ctx.glyphs,
            );
        }
        let inner =
            Rect { x: area.x + LEFT.min(area.width), width: area.width.saturating_sub(LEFT + 1), ..area };
        let doubtful = !self.doubts(rule, ctx).is_empty();
        let changed = self.draft().is_some_and(|draft| !draft.saved.contains(rule));
        let (mark, mark_style) = match (wrong, doubtful, changed) {
            (true, ..) => (ctx.glyphs.cross, ctx.theme.error),
            (_, true, _) => (ctx.glyphs.warn, ctx.theme.warn),
            (_, _, true) => (ctx.glyphs.selected, ctx.theme.warn),
            _ => (" ", ctx.theme.dim),
        };
        let style = if focused { ctx.theme.title } else { ctx.theme.text };
        let source = (inner.width / 5).clamp(8, 20);
        let target = (inner.width / 4).clamp(10, 30);
        let mut steps: Vec<String> = rule.steps().iter().map(ToString::to_string).collect();
        if steps.is_empty() {
            steps.push("as it is".to_owned());
        }
        if rule.required() {
            steps.push("required".to_owned());
        }
        let mut pen = Pen::new(buf, ctx, inner, 0);
        pen.field(mark, 2, mark_style)
            .field(rule.source(), source.saturating_sub(1), style)
            .skip(1)
            .field(arrow(rule.direction()), 4, ctx.theme.dim)
            .field(rule.target(), target.saturating_sub(1), style)
            .skip(1);
        pen.put(&one_line(&steps.join("; ")), ctx.theme.dim);
    }

    /// What is wrong with the rule under the cursor, what it does, and what it makes of cards.
    fn told(&self, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let Some(draft) = self.draft() else {
            return wrap_text(
                "There is no connection: there is nothing to carry a field to.",
                width,
                ctx.theme.dim,
            );
        };
        let Some(rule) = self.rule() else { return self.begin(width, ctx) };
        let mut out = Vec::new();
        for (row, problem) in self.problems_of(self.at, &draft.rules) {
            if row == self.row {
                let text = format!("{} {}", ctx.glyphs.cross, one_line(&problem.message));
                out.extend(wrap_text(&text, width, ctx.theme.error));
                out.extend(wrap_text(&format!("  {}", problem.help), width, ctx.theme.dim));
            }
        }
        for doubt in self.doubts(rule, ctx) {
            let text = format!("{} {}", ctx.glyphs.warn, one_line(&doubt));
            out.extend(wrap_text(&text, width, ctx.theme.warn));
        }
        let mut about = rule.kind().as_str().to_owned();
        if rule.required() {
            about.push_str(", required");
        }
        let ways = match rule.direction() {
            RuleDirection::Both => "both ways",
            RuleDirection::Push => "sent only",
            RuleDirection::Pull => "read only",
        };
        out.push(Line::styled(format!("{about}, {ways}"), ctx.theme.dim));
        for (n, step) in rule.steps().iter().enumerate() {
            let text = format!("{}. {}", n + 1, one_line(&step.to_string()));
            out.extend(wrap_text(&text, width, ctx.theme.text));
        }
        if let Err(why) = rule.reversible() {
            out.extend(wrap_text(&format!("one way: {why}"), width, ctx.theme.dim));
        }
        out.extend(self.unknown(width, ctx));
        out.push(Line::default());
        out.extend(self.samples(&draft.rules, self.row, width, ctx));
        out
    }

    /// What rules are for, and how to begin.
    fn begin(&self, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let name = self.draft().map_or("", |draft| draft.name.as_str());
        let mut out = wrap_text(&format!("{name} has no field rules yet."), width, ctx.theme.text);
        out.push(Line::default());
        let about = "A rule carries one field of a card, such as priority, estimate or due, to one field of the \
                     platform, and back. Its steps say what becomes of the value on its way: `high` here may be \
                     `Highest` there.";
        out.extend(wrap_text(about, width, ctx.theme.dim));
        out.push(Line::default());
        let key = pen::key(ctx, Action::AddRow);
        let begin = format!(
            "{key} begins one: name the two fields, and see what it makes of real cards before it is saved."
        );
        out.extend(wrap_text(&begin, width, ctx.theme.dim));
        out.push(Line::default());
        if let Some(Ok(offers)) = self.offers(ctx) {
            let names: Vec<&str> = offers.fields.iter().map(|field| field.name.as_str()).collect();
            let text = if names.is_empty() {
                "The platform names no further fields of its own.".to_owned()
            } else {
                format!("The platform has {}.", one_line(&names.join(", ")))
            };
            out.extend(wrap_text(&text, width, ctx.theme.dim));
        }
        out.extend(self.unknown(width, ctx));
        out
    }

    /// Why it is not known which fields the platform has.
    fn unknown(&self, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        match self.offers(ctx) {
            Some(Ok(_)) => Vec::new(),
            Some(Err(why)) => {
                let text = format!(
                    "{} which fields the platform has could not be asked: {}",
                    ctx.glyphs.warn,
                    one_line(why)
                );
                wrap_text(&text, width, ctx.theme.warn)
            }
            None => {
                let text = format!("asking which fields the platform has{}", ctx.glyphs.ellipsis);
                wrap_text(&text, width, ctx.theme.dim)
            }
        }
    }

    fn draw_remove(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = centred(ctx.area, 64, 5);
        for position in area.intersection(buf.area).positions() {
            buf[position].reset();
            buf[position].set_style(ctx.theme.text);
        }
        let title = self.rule().map(|rule| one_line(&rule.to_string())).unwrap_or_default();
        paint::frame(buf, area, &format!("Remove {title}?"), ctx.theme.border_focus, ctx);
        let inner = paint::inside(area);
        let text = "The field stays as it is on both sides, and goes no more.";
        Pen::new(buf, ctx, inner, 0).put(text, ctx.theme.text);
        Pen::new(buf, ctx, inner, 2).hints(&[("y", "remove"), ("any other key", "keep")]);
    }

    pub(in super::super) fn mouse(&mut self, mouse: MouseEvent, ctx: &Ctx<'_>) -> Outcome {
        let known = self.known(ctx);
        if let Over::Edit(editor) = &mut self.over {
            return form::mouse(editor, mouse, ctx, &known);
        }
        if matches!(self.over, Over::Remove) {
            return Outcome::Ignored;
        }
        match mouse.kind {
            MouseEventKind::ScrollDown => self.step(1),
            MouseEventKind::ScrollUp => self.step(-1),
            MouseEventKind::Down(MouseButton::Left) => {
                let layout = self.layout(ctx.area);
                if !layout.rows.contains(Position::new(mouse.column, mouse.row)) {
                    return Outcome::Ignored;
                }
                let row = layout.top + usize::from(mouse.row - layout.rows.y);
                let again = self.row == row;
                self.row = row;
                self.step(0);
                // A click on the rule that has the cursor edits it.
                return if again { self.edit(Some(row)) } else { Outcome::Stay };
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    /// Where the terminal's cursor stands while a rule is typed.
    pub(in super::super) fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        match &self.over {
            Over::Edit(editor) => form::cursor(editor, ctx.area),
            Over::None | Over::Remove => None,
        }
    }

    /// How many rules there are, in words for the tab.
    pub(in super::super) fn counted(&self) -> String {
        let rules = self.drafts.iter().map(|draft| draft.rules.len()).sum();
        count(rules, "rule", "rules")
    }
}
