//! The form of one rule: its parts, what is wrong with it in its place, and below either what can be chosen or what the
//! rule makes of real cards.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::Action;
use crate::config::rule_text::{RulePart, RuleProblem};
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Outcome};
use crate::tui::screens::mapping::fields::FieldsTab;
use crate::tui::screens::mapping::fields::choices::Known;
use crate::tui::screens::mapping::fields::editor::{Part, RuleEditor};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{window, wrap_text};

use super::arrow;

/// Cells of the names before the values.
const NAMES: u16 = 12;
/// The least and the most rows of the steps.
const STEPS: (u16, u16) = (3, 10);

/// Where the parts of the form are.
struct Parts {
    head: Rect,
    rows: Vec<(Part, Rect)>,
    /// What is wrong, or how the rule reads.
    told: Rect,
    /// The choices or the samples.
    below: Rect,
    hints: Rect,
}

fn parts(editor: &RuleEditor, area: Rect) -> Parts {
    let left = 2.min(area.width);
    let inner = Rect { x: area.x + left, width: area.width.saturating_sub(3), ..area };
    let mut y = inner.y;
    let bottom = inner.bottom();
    let mut take = |rows: u16| {
        let height = rows.min(bottom.saturating_sub(y));
        let rect = Rect { y, height, ..inner };
        y += height;
        rect
    };
    let head = take(1);
    let lines = editor.steps.text().split('\n').count();
    let most = STEPS.1.min((inner.height / 3).max(STEPS.0));
    let steps = u16::try_from(lines + 1).unwrap_or(u16::MAX).clamp(STEPS.0, most);
    let rows =
        Part::ALL.map(|part| (part, take(if part == Part::Steps { steps } else { 1 }))).into_iter().collect();
    let told = take(2);
    let rest = take(u16::MAX);
    let hints = Rect { y: rest.bottom().saturating_sub(1).max(rest.y), height: rest.height.min(1), ..inner };
    Parts { head, rows, told, below: Rect { height: rest.height - hints.height, ..rest }, hints }
}

/// The part of a row behind its name and the blank column for marks.
fn value(row: Rect) -> Rect {
    let names = NAMES.min(row.width);
    Rect { x: row.x + names, width: row.width - names, ..row }
}

fn part_of(problem: &RuleProblem) -> Part {
    match problem.at {
        RulePart::Source => Part::Source,
        RulePart::Target | RulePart::Rule => Part::Target,
        RulePart::Kind => Part::Kind,
        RulePart::Direction => Part::Direction,
        RulePart::Line(_) => Part::Steps,
    }
}

/// Whether a name is not there yet: an untouched form is not told that it is empty.
fn untouched(editor: &RuleEditor, part: Part) -> bool {
    match part {
        Part::Source => editor.source.text().is_empty(),
        Part::Target => editor.target.text().is_empty(),
        _ => false,
    }
}

impl FieldsTab {
    pub(super) fn draw_form(&self, buf: &mut Buffer, ctx: &Ctx<'_>, editor: &RuleEditor) {
        let at = parts(editor, ctx.area);
        let known = self.known(ctx);
        let saved = self.draft().map(|draft| draft.rules.as_slice()).unwrap_or_default();
        let candidate = editor.candidate(saved);
        let problems = match &candidate {
            Ok((rules, row)) => {
                let here = self.problems_of(self.at, rules).into_iter().filter(|(at, _)| at == row);
                here.map(|(_, problem)| problem).collect()
            }
            Err(problems) => problems.clone(),
        };
        self.draw_title(buf, ctx, at.head, editor);
        for (part, row) in &at.rows {
            let wrong = problems.iter().find(|problem| part_of(problem) == *part);
            let wrong = wrong.filter(|_| !untouched(editor, *part));
            draw_part(buf, ctx, editor, *part, *row, wrong);
        }
        self.draw_told(buf, ctx, at.told, editor, &problems, &candidate);
        if matches!(editor.part, Part::Source | Part::Target) {
            self.draw_choices(buf, ctx, at.below, editor, &known);
        } else if let Ok((rules, row)) = &candidate {
            let lines = self.samples(rules, *row, usize::from(at.below.width), ctx);
            pen::lines(buf, at.below, &lines, 0);
            pen::more(buf, Rect { width: at.below.width + 1, ..at.below }, ctx, 0, lines.len());
        } else {
            let text = "What the rule makes of real cards is shown here once it can be read.";
            Pen::new(buf, ctx, at.below, 0).put(text, ctx.theme.dim);
        }
        draw_hints(buf, ctx, at.hints, editor, &known);
    }

    fn draw_title(&self, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect, editor: &RuleEditor) {
        let name = self.draft().map_or("", |draft| draft.name.as_str());
        let what = if editor.row.is_some() { "Rule of" } else { "New rule of" };
        let mut pen = Pen::new(buf, ctx, area, 0);
        pen.put(what, ctx.theme.title).skip(1).put(name, ctx.theme.title).skip(2);
        if let Ok(rule) = &editor.read {
            let text = format!("{} {} \"{}\"", rule.source(), arrow(rule.direction()), rule.target());
            pen.put(&one_line(&text), ctx.theme.dim);
        }
    }

    /// The first thing that is wrong; else what speaks against the rule, or that it has no way back.
    fn draw_told(
        &self,
        buf: &mut Buffer,
        ctx: &Ctx<'_>,
        area: Rect,
        editor: &RuleEditor,
        problems: &[RuleProblem],
        candidate: &Result<(Vec<crate::domain::mapping::FieldRule>, usize), Vec<RuleProblem>>,
    ) {
        if let Some(problem) = problems.first() {
            let part = part_of(problem);
            let untouched = untouched(editor, part);
            let at = if let RulePart::Line(line) = problem.at {
                format!("line {}: ", line + 1)
            } else {
                String::new()
            };
            let (mark, style) =
                if untouched { (ctx.glyphs.dot, ctx.theme.dim) } else { (ctx.glyphs.cross, ctx.theme.error) };
            let message = if untouched {
                format!("name the {} field", if part == Part::Source { "card's" } else { "platform's" })
            } else {
                format!("{at}{}", one_line(&problem.message))
            };
            Pen::new(buf, ctx, area, 0).put(mark, style).skip(1).put(&message, style);
            if !untouched {
                Pen::new(buf, ctx, area, 1).skip(2).put(&one_line(&problem.help), ctx.theme.dim);
            }
            return;
        }
        let Some(rule) = candidate.as_ref().ok().and_then(|(rules, row)| rules.get(*row)) else { return };
        if let Some(doubt) = self.doubts(rule, ctx).first() {
            Pen::new(buf, ctx, area, 0)
                .put(ctx.glyphs.warn, ctx.theme.warn)
                .skip(1)
                .put(&one_line(doubt), ctx.theme.warn);
        } else {
            let (mark, text, style) = match rule.reversible() {
                Ok(()) => (ctx.glyphs.check, "the rule is good".to_owned(), ctx.theme.ok),
                Err(why) => (ctx.glyphs.dot, format!("one way: {why}"), ctx.theme.dim),
            };
            Pen::new(buf, ctx, area, 0).put(mark, style).skip(1).put(&text, style);
        }
    }

    fn draw_choices(&self, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect, editor: &RuleEditor, known: &Known) {
        let mut area = area;
        if editor.part == Part::Target {
            let lines = self.unknown(usize::from(area.width), ctx);
            pen::lines(buf, area, &lines, 0);
            let used = (lines.len() as u16).min(area.height);
            area = Rect { y: area.y + used, height: area.height - used, ..area };
        }
        let choices = editor.choices(known);
        if choices.is_empty() {
            let text = "Nothing known is called so: it is taken as it is typed.";
            Pen::new(buf, ctx, area, 0).put(text, ctx.theme.dim);
        }
        let top = window(0, editor.choice.unwrap_or(0), usize::from(area.height), choices.len());
        for (n, choice) in choices.iter().enumerate().skip(top).take(usize::from(area.height)) {
            let row = Rect { y: area.y + (n - top) as u16, height: 1, ..area };
            let focused = editor.choice == Some(n);
            let style = if focused { ctx.theme.selection } else { ctx.theme.text };
            if focused {
                buf.set_style(row.intersection(buf.area), style);
            }
            let about = if focused { style } else { ctx.theme.dim };
            let mark = if focused { ctx.glyphs.focus } else { " " };
            Pen::new(buf, ctx, row, 0)
                .skip(NAMES - 2)
                .field(mark, 2, if focused { style } else { ctx.theme.focus })
                .field(&one_line(&choice.name), (area.width / 3).clamp(10, 30), style)
                .skip(1)
                .put(&one_line(&choice.about), about);
        }
        pen::more(buf, Rect { width: area.width + 1, ..area }, ctx, top, choices.len());
    }
}

/// The row of a part that the mark of a problem stands on: its line of the steps, as long as no line above it is broken
/// and nothing was scrolled away; else the first.
fn marked_row(editor: &RuleEditor, problem: &RuleProblem, area: Rect) -> u16 {
    let RulePart::Line(line) = problem.at else { return 0 };
    let text = editor.steps.text();
    let whole = text.split('\n').take(line).all(|above| paint::width(above) < usize::from(area.width));
    let all_shown = text.split('\n').count() <= usize::from(area.height);
    if whole && all_shown { line as u16 } else { 0 }
}

fn draw_part(
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    editor: &RuleEditor,
    part: Part,
    row: Rect,
    wrong: Option<&RuleProblem>,
) {
    let focused = editor.part == part;
    let style = if focused { ctx.theme.title } else { ctx.theme.dim };
    Pen::new(buf, ctx, row, 0).put(part.word(), style);
    let area = value(row);
    if let Some(problem) = wrong {
        let line = marked_row(editor, problem, area);
        let mark = Rect { x: area.x.saturating_sub(2).max(row.x), width: 2.min(row.width), ..row };
        Pen::new(buf, ctx, mark, line).put(ctx.glyphs.cross, ctx.theme.error);
    }
    let choice = |buf: &mut Buffer, text: &str| {
        let mut pen = Pen::new(buf, ctx, area, 0);
        if focused {
            pen.put(ctx.glyphs.left, ctx.theme.dim).skip(1).put(text, ctx.theme.selection);
            pen.skip(1).put(ctx.glyphs.right, ctx.theme.dim);
        } else {
            pen.put(text, ctx.theme.text);
        }
    };
    match part {
        Part::Source => editor.source.render(buf, area, ctx),
        Part::Target => editor.target.render(buf, area, ctx),
        Part::Kind => choice(buf, editor.kind.as_str()),
        Part::Direction => choice(buf, editor.direction.as_str()),
        Part::Required => choice(buf, if editor.required { "yes" } else { "no" }),
        Part::Steps if editor.steps.text().is_empty() => {
            let text = "one to a line, such as prefix = \"P\"; none carries the value as it is";
            for (n, line) in wrap_text(text, usize::from(area.width), ctx.theme.dim).iter().enumerate() {
                pen::lines(
                    buf,
                    Rect {
                        y: area.y + n as u16,
                        height: area.height.saturating_sub(n as u16).min(1),
                        ..area
                    },
                    std::slice::from_ref(line),
                    0,
                );
            }
        }
        Part::Steps => editor.steps.render(buf, area, ctx),
    }
}

fn draw_hints(buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect, editor: &RuleEditor, known: &Known) {
    let mut pen = Pen::new(buf, ctx, area, 0);
    if editor.asking {
        pen.put("Give up what you typed?", ctx.theme.warn).skip(2);
        pen.hints(&[("y", "gives it up"), ("any other key", "goes on")]);
        return;
    }
    let (save, back) = (pen::key(ctx, Action::Save), pen::key(ctx, Action::Back));
    let mut hints = vec![(save.as_str(), "take over"), ("tab", "next")];
    match editor.part {
        Part::Source | Part::Target => hints.extend([("up down", "choose"), ("enter", "take")]),
        Part::Kind | Part::Direction | Part::Required => hints.push(("left right", "change")),
        Part::Steps => {}
    }
    if !editor.options(known).is_empty() {
        hints.push(("ctrl-o", "map its options"));
    }
    hints.push((back.as_str(), "cancel"));
    pen.hints(&hints);
}

/// What a click or the wheel does.
pub(super) fn mouse(editor: &mut RuleEditor, mouse: MouseEvent, ctx: &Ctx<'_>, known: &Known) -> Outcome {
    let at = parts(editor, ctx.area);
    let choosing = matches!(editor.part, Part::Source | Part::Target);
    match mouse.kind {
        MouseEventKind::ScrollDown if choosing => editor.choose(1, known),
        MouseEventKind::ScrollUp if choosing => editor.choose(-1, known),
        MouseEventKind::Down(MouseButton::Left) => {
            let place = Position::new(mouse.column, mouse.row);
            let Some((part, _)) = at.rows.iter().find(|(_, row)| row.contains(place)) else {
                return Outcome::Ignored;
            };
            if editor.part == *part { editor.turn(1) } else { editor.go(*part) }
        }
        _ => return Outcome::Ignored,
    }
    Outcome::Stay
}

/// Where the terminal's cursor stands.
pub(super) fn cursor(editor: &RuleEditor, area: Rect) -> Option<Position> {
    let at = parts(editor, area);
    let row = at.rows.iter().find(|(part, _)| *part == editor.part).map(|(_, row)| value(*row))?;
    match editor.part {
        Part::Source => editor.source.cursor(row),
        Part::Target => editor.target.cursor(row),
        Part::Steps if editor.steps.text().is_empty() => {
            (!row.is_empty()).then(|| Position::new(row.x, row.y))
        }
        Part::Steps => editor.steps.cursor(row),
        Part::Kind | Part::Direction | Part::Required => None,
    }
}
