//! The page of an open card: what is read from top to bottom, and the facts beside or above it. Pure.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::facts;
use crate::domain::card::Card;
use crate::domain::twins::Twin;
use crate::engine::{CardDetail, Comments};
use crate::support::text::one_line;
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

/// What is drawn, and where.
pub(super) struct Page {
    /// Where the lines go.
    pub(super) area: Rect,
    /// The text, and above it the facts when there is one pane.
    pub(super) lines: Vec<Line<'static>>,
    /// The facts beside the text.
    pub(super) side: Option<(Rect, Vec<Line<'static>>)>,
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
    fn of(detail: &CardDetail, columns: u16, look: Look) -> Self {
        let inks = crate::tui::ink::Inks::new();
        let said = |text: &str| markdown::read(text, columns.saturating_sub(2), look, &inks).lines;
        let comments = match &detail.comments {
            Comments::Ready(comments) => comments.iter().map(|c| said(&c.body)).collect(),
            Comments::None | Comments::Loading | Comments::Failed(_) => Vec::new(),
        };
        Self {
            columns,
            look,
            body: markdown::read(&detail.body, columns, look, &inks).lines,
            comments,
            unsent: detail.unsent_comments.iter().map(|c| said(c)).collect(),
        }
    }
}

/// Lays the card out in `ctx.area`. `memo` keeps the Markdown of the last width.
pub(super) fn page(
    card: Option<&Card>,
    detail: Option<&CardDetail>,
    twins: &[Twin],
    memo: &mut Option<Prose>,
    ctx: &Ctx<'_>,
) -> Page {
    let area = inner(ctx.area);
    let Some(card) = card else {
        let gone =
            if ctx.loading { "The board is being read." } else { "This card is not on the board any more." };
        return Page { area, lines: wrap_text(gone, usize::from(area.width), ctx.theme.dim), side: None };
    };
    if ctx.area.width >= TWO_PANES {
        let mut facts = facts::tall(card, detail, usize::from(SIDE), ctx);
        facts.extend(facts::twins(card, twins, usize::from(SIDE), ctx));
        if facts.len() <= usize::from(area.height) {
            let side = Rect { x: area.right() - SIDE, width: SIDE, ..area };
            let text = Rect { width: (area.width - SIDE - 4).min(WIDEST), ..area };
            let mut lines = heading(card, text.width, ctx);
            lines.extend(reading(detail, text.width, memo, ctx));
            return Page { area: text, lines, side: Some((side, facts)) };
        }
    }
    let area = Rect { width: area.width.min(WIDEST), ..area };
    let width = usize::from(area.width);
    let mut lines = heading(card, area.width, ctx);
    lines.extend(facts::wide(card, detail, width, ctx));
    lines.extend(facts::twins(card, twins, width, ctx));
    lines.push(Line::styled(ctx.glyphs.rule.repeat(width), ctx.theme.border));
    lines.extend(reading(detail, area.width, memo, ctx));
    Page { area, lines, side: None }
}

fn inner(area: Rect) -> Rect {
    let left = 2.min(area.width);
    let top = u16::from(area.height > 12);
    Rect {
        x: area.x + left,
        y: area.y + top,
        width: (area.width - left).saturating_sub(2),
        height: area.height - top,
    }
}

fn heading(card: &Card, width: u16, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = vec![Line::styled(one_line(&card.key()), ctx.theme.dim)];
    out.extend(wrap_text(&card.title, usize::from(width), ctx.theme.title));
    out.push(Line::default());
    out
}

/// Body and comments, or why they are not here.
fn reading(
    detail: Option<&CardDetail>,
    width: u16,
    memo: &mut Option<Prose>,
    ctx: &Ctx<'_>,
) -> Vec<Line<'static>> {
    let Some(detail) = detail else {
        return vec![Line::styled(format!("reading the card{}", ctx.glyphs.ellipsis), ctx.theme.dim)];
    };
    let look = Look::of(ctx);
    let fresh = memo.as_ref().is_some_and(|m| m.columns == width && m.look == look);
    if !fresh {
        *memo = Some(Prose::of(detail, width, look));
    }
    let Some(prose) = memo.as_ref() else { return Vec::new() };
    let mut out = prose.body.clone();
    if out.is_empty() {
        out.push(Line::styled("no description", ctx.theme.dim));
    }
    if detail.conflicts.is_empty() {
        out.push(Line::default());
    }
    out.extend(facts::conflicts(detail, usize::from(width), ctx));
    out.extend(comments(detail, prose, usize::from(width), ctx));
    out
}

fn comments(detail: &CardDetail, prose: &Prose, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let unsent = &detail.unsent_comments;
    match &detail.comments {
        Comments::None if unsent.is_empty() => return out,
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
            for (comment, lines) in ready.iter().zip(&prose.comments) {
                let head = [
                    Span::styled(format!("@{}", one_line(&comment.author)), ctx.theme.person),
                    Span::styled(format!(" {} {}", ctx.glyphs.dot, ago(ctx.now, comment.at)), ctx.theme.dim),
                ];
                said(&mut out, &head, lines);
            }
        }
    }
    for lines in &prose.unsent {
        let mark = crate::tui::theme::Mark::Unsent;
        let head = [
            Span::styled("you", ctx.theme.person),
            Span::styled(format!(" {} ", ctx.glyphs.dot), ctx.theme.dim),
            Span::styled(format!("{} unsent", ctx.glyphs.mark(mark)), ctx.theme.mark(mark)),
        ];
        said(&mut out, &head, lines);
    }
    out
}

fn said(out: &mut Vec<Line<'static>>, head: &[Span<'static>], lines: &[Line<'static>]) {
    out.push(Line::from(head.to_vec()));
    for line in lines {
        let mut line = line.clone();
        line.spans.insert(0, Span::raw("  "));
        out.push(line);
    }
    out.push(Line::default());
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
