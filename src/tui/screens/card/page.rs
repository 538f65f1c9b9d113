//! The page of a card: what is read from top to bottom, and the facts beside or above it. Pure, and cheap to make: the
//! Markdown is laid out before and only what is on the screen is copied out of it.

use std::sync::Arc;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::reader::Reader;
use super::{facts, why};
use crate::domain::card::{Card, CardId};
use crate::engine::{CardDetail, Comments};
use crate::support::text::one_line;
use crate::tui::ink::Inks;
use crate::tui::paint::width as cells;
use crate::tui::screen::Ctx;
use crate::tui::screens::markdown::{self, Look};
use crate::tui::screens::shape::{ago, count, wrap, wrap_text};

/// From this width on the facts stand beside the text.
const TWO_PANES: u16 = 110;
/// Cells of the facts beside the text.
const SIDE: u16 = 38;
/// The widest a text is set: longer lines are hard to read.
const WIDEST: u16 = 100;

/// Where the page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// On a page of its own.
    Card,
    /// Beside the board.
    Pane,
}

/// A part of the page.
enum Part {
    /// Lines that are made anew for each picture: few, and of what changes with time.
    Lines(Vec<Line<'static>>),
    /// The children, of which a row can be focused and clicked.
    Children(Vec<Line<'static>>),
    /// The body.
    Body,
    /// A comment: who and when, and which of the comments.
    Said(Line<'static>, usize),
    /// A comment that waits to be sent.
    Unsent(Line<'static>, usize),
}

/// What is drawn, and where.
pub(super) struct Page {
    /// Where the lines go.
    pub(super) area: Rect,
    /// The facts beside the text.
    pub(super) side: Option<(Rect, Vec<Line<'static>>)>,
    parts: Vec<Part>,
    prose: Option<Arc<Prose>>,
    children: Vec<CardId>,
}

/// A card's Markdown as lines.
#[derive(Debug)]
pub(super) struct Prose {
    columns: u16,
    look: Look,
    body: Vec<Line<'static>>,
    comments: Vec<Vec<Line<'static>>>,
    unsent: Vec<Vec<Line<'static>>>,
}

impl Prose {
    pub(super) fn of(detail: &CardDetail, columns: u16, look: Look, inks: &Inks) -> Self {
        let said = |text: &str| {
            let mut lines = markdown::read(text, columns.saturating_sub(2), look, inks).lines;
            lines.iter_mut().for_each(|line| line.spans.insert(0, Span::raw("  ")));
            lines
        };
        let comments = match &detail.comments {
            Comments::Ready(comments) => comments.iter().map(|c| said(&c.body)).collect(),
            Comments::None | Comments::Loading | Comments::Failed(_) => Vec::new(),
        };
        Self {
            columns,
            look,
            body: markdown::read(&detail.body, columns, look, inks).lines,
            comments,
            unsent: detail.unsent_comments.iter().map(|c| said(c)).collect(),
        }
    }

    /// Whether it was laid out for this.
    pub(super) fn is_for(&self, columns: u16, look: Look) -> bool {
        self.columns == columns && self.look == look
    }
}

impl Page {
    fn part_len(&self, part: &Part) -> usize {
        let prose = |lines: &dyn Fn(&Prose) -> usize| self.prose.as_deref().map_or(0, lines);
        match part {
            Part::Lines(lines) | Part::Children(lines) => lines.len(),
            Part::Body => prose(&|p| p.body.len()),
            Part::Said(_, n) => prose(&|p| p.comments.get(*n).map_or(0, Vec::len)) + 2,
            Part::Unsent(_, n) => prose(&|p| p.unsent.get(*n).map_or(0, Vec::len)) + 2,
        }
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|part| self.part_len(part)).sum()
    }

    /// The lines from `top` on, as many as there is room for.
    pub(super) fn window(&self, top: usize) -> Vec<Line<'static>> {
        let (mut skip, mut room) = (top, usize::from(self.area.height));
        let mut out = Vec::with_capacity(room);
        for part in &self.parts {
            let len = self.part_len(part);
            if skip >= len {
                skip -= len;
                continue;
            }
            let take = (len - skip).min(room);
            self.copy(part, skip, take, &mut out);
            (skip, room) = (0, room - take);
            if room == 0 {
                break;
            }
        }
        out
    }

    fn copy(&self, part: &Part, skip: usize, take: usize, out: &mut Vec<Line<'static>>) {
        let Some(prose) = self.prose.as_deref() else {
            if let Part::Lines(lines) | Part::Children(lines) = part {
                out.extend(lines.iter().skip(skip).take(take).cloned());
            }
            return;
        };
        let (head, lines) = match part {
            Part::Lines(lines) | Part::Children(lines) => (None, lines),
            Part::Body => (None, &prose.body),
            Part::Said(head, n) => match prose.comments.get(*n) {
                Some(lines) => (Some(head), lines),
                None => return,
            },
            Part::Unsent(head, n) => match prose.unsent.get(*n) {
                Some(lines) => (Some(head), lines),
                None => return,
            },
        };
        let end = head.map(|_| Line::default());
        let all = head.cloned().into_iter().chain(lines.iter().cloned()).chain(end);
        // Skipping copies nothing but the head: iterators of slices jump.
        match (head, skip.checked_sub(1)) {
            (Some(_), Some(rest)) => {
                let rest = lines.iter().skip(rest).cloned().chain([Line::default()]);
                out.extend(rest.take(take));
            }
            (Some(_), None) => out.extend(all.take(take)),
            (None, _) => out.extend(lines.iter().skip(skip).take(take).cloned()),
        }
    }

    /// The first line of the children.
    fn children_at(&self) -> Option<usize> {
        let at = self.parts.iter().position(|p| matches!(p, Part::Children(_)))?;
        // Below the heading.
        Some(self.parts[..at].iter().map(|p| self.part_len(p)).sum::<usize>() + 1)
    }

    /// The child whose row is this line.
    pub(super) fn child_at(&self, line: usize) -> Option<CardId> {
        self.children.get(line.checked_sub(self.children_at()?)?).copied()
    }

    /// The line of a child's row.
    pub(super) fn row_of(&self, child: usize) -> Option<usize> {
        (child < self.children.len()).then(|| self.children_at().map(|at| at + child))?
    }

    /// The children that have rows.
    pub(super) fn children(&self) -> &[CardId] {
        &self.children
    }
}

/// Lays a card out in `ctx.area`.
pub(super) fn page(reader: &Reader, form: Form, focus: Option<usize>, ctx: &Ctx<'_>) -> Page {
    let area = inner(ctx.area, form);
    let plain = |area, lines| Page {
        area,
        side: None,
        parts: vec![Part::Lines(lines)],
        prose: None,
        children: Vec::new(),
    };
    let Some(card) = reader.shown(ctx) else {
        let gone =
            if ctx.loading { "The board is being read." } else { "This card is not on the board any more." };
        return plain(area, wrap_text(gone, usize::from(area.width), ctx.theme.dim));
    };
    if form == Form::Card && ctx.area.width >= TWO_PANES {
        let mut side_facts = facts::tall(card, reader, usize::from(SIDE), ctx);
        side_facts.extend(facts::twins(card, reader.twins(), usize::from(SIDE), ctx));
        if side_facts.len() <= usize::from(area.height) {
            let side = Rect { x: area.right() - SIDE, width: SIDE, ..area };
            let text = Rect { width: (area.width - SIDE - 4).min(WIDEST), ..area };
            let head = heading(card, form, text.width, ctx);
            let mut page = reading(reader, text, vec![Part::Lines(head)], focus, ctx);
            page.side = Some((side, side_facts));
            return page;
        }
    }
    let area = Rect { width: area.width.min(WIDEST), ..area };
    let width = usize::from(area.width);
    let mut head = heading(card, form, area.width, ctx);
    head.extend(facts::wide(card, reader, form, width, ctx));
    head.extend(facts::twins(card, reader.twins(), width, ctx));
    head.push(Line::styled(ctx.glyphs.rule.repeat(width), ctx.theme.border));
    reading(reader, area, vec![Part::Lines(head)], focus, ctx)
}

fn inner(area: Rect, form: Form) -> Rect {
    let left = 2.min(area.width);
    let top = u16::from(form == Form::Card && area.height > 12);
    Rect {
        x: area.x + left,
        y: area.y + top,
        width: (area.width - left).saturating_sub(2),
        height: area.height - top,
    }
}

/// What the card is called, and why it is not in step when it is not.
fn heading(card: &Card, form: Form, width: u16, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = vec![Line::styled(one_line(&card.key()), ctx.theme.dim)];
    out.extend(wrap_text(&card.title, usize::from(width), ctx.theme.title));
    out.push(Line::default());
    out.extend(why::lines(card, usize::from(width), form, ctx));
    out
}

/// Body, children and comments, or why they are not here.
fn reading(reader: &Reader, area: Rect, mut parts: Vec<Part>, focus: Option<usize>, ctx: &Ctx<'_>) -> Page {
    let look = Look::of(ctx);
    let width = usize::from(area.width);
    let (Some(detail), Some(prose)) = (reader.detail.as_deref(), reader.prose(area.width, look)) else {
        let wait = format!("reading the card{}", ctx.glyphs.ellipsis);
        parts.push(Part::Lines(vec![Line::styled(wait, ctx.theme.dim)]));
        return Page { area, side: None, parts, prose: None, children: Vec::new() };
    };
    let mut between = Vec::new();
    if prose.body.is_empty() {
        between.push(Line::styled("no description", ctx.theme.dim));
    } else {
        parts.push(Part::Body);
    }
    if detail.conflicts.is_empty() {
        between.push(Line::default());
    }
    between.extend(facts::conflicts(detail, width, ctx));
    parts.push(Part::Lines(between));
    let family = reader.family(ctx);
    let mut children = Vec::new();
    if let Some(family) = family.filter(|f| !f.children.is_empty()) {
        children.extend(family.children.iter().take(super::family::LISTED).copied());
        parts.push(Part::Children(family.lines(focus, width, ctx)));
    }
    comments(detail, width, &mut parts, ctx);
    Page { area, side: None, parts, prose: Some(prose), children }
}

fn comments(detail: &CardDetail, width: usize, parts: &mut Vec<Part>, ctx: &Ctx<'_>) {
    let mut out = Vec::new();
    let unsent = &detail.unsent_comments;
    let mut said = Vec::new();
    match &detail.comments {
        Comments::None if unsent.is_empty() => return,
        Comments::None => out.push(rule("Comments", width, ctx)),
        Comments::Loading => {
            out.push(rule("Comments", width, ctx));
            out.push(Line::styled(format!("asking for the comments{}", ctx.glyphs.ellipsis), ctx.theme.dim));
        }
        Comments::Failed(reason) => {
            out.push(rule("Comments", width, ctx));
            let text = format!("{} the comments could not be had: {}", ctx.glyphs.cross, one_line(reason));
            out.extend(wrap_text(&text, width, ctx.theme.error));
            let again = format!("{} asks again", super::pen::key(ctx, super::Action::SyncNow));
            out.push(Line::styled(again, ctx.theme.dim));
        }
        Comments::Ready(ready) if ready.is_empty() && unsent.is_empty() => {
            out.push(rule("No comments", width, ctx));
        }
        Comments::Ready(ready) => {
            out.push(rule(&count(ready.len(), "comment", "comments"), width, ctx));
            said.extend(ready.iter().enumerate().map(|(n, comment)| {
                let head = Line::from(vec![
                    Span::styled(format!("@{}", one_line(&comment.author)), ctx.theme.person),
                    Span::styled(format!(" {} {}", ctx.glyphs.dot, ago(ctx.now, comment.at)), ctx.theme.dim),
                ]);
                Part::Said(head, n)
            }));
        }
    }
    parts.push(Part::Lines(out));
    parts.extend(said);
    let mark = crate::tui::theme::Mark::Unsent;
    parts.extend((0..unsent.len()).map(|n| {
        let head = Line::from(vec![
            Span::styled("you", ctx.theme.person),
            Span::styled(format!(" {} ", ctx.glyphs.dot), ctx.theme.dim),
            Span::styled(format!("{} unsent", ctx.glyphs.mark(mark)), ctx.theme.mark(mark)),
        ]);
        Part::Unsent(head, n)
    }));
}

/// A blank line, and a heading with a rule that runs to the end of the line.
pub(super) fn rule(text: &str, width: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let rest = width.saturating_sub(cells(text) + 1);
    Line::from(vec![
        Span::styled(text.to_owned(), ctx.theme.heading),
        Span::raw(" "),
        Span::styled(ctx.glyphs.rule.repeat(rest), ctx.theme.border),
    ])
}

/// A name in its column, and a value that hangs beside it.
pub(super) fn named(
    name: &str,
    at: usize,
    value: Vec<Span<'static>>,
    width: usize,
    ctx: &Ctx<'_>,
) -> Vec<Line<'static>> {
    let mut spans = vec![Span::styled(format!("{name:at$}"), ctx.theme.dim)];
    spans.extend(value);
    wrap(&Line::from(spans), width, &" ".repeat(at))
}
