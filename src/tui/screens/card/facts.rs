//! What is known of a card beside its text: where it stands, whose it is, how far its links are in step, and the
//! conflicts that were kept. Pure.

use ratatui::text::{Line, Span};

use super::page::{Form, named, rule};
use super::reader::Reader;
use crate::domain::card::Card;
use crate::domain::conflict::{Choice, Conflict};
use crate::domain::fields::{FieldName, Value};
use crate::domain::link::Link;
use crate::domain::twins::Twin;
use crate::engine::CardDetail;
use crate::support::text::one_line;
use crate::tui::screen::Ctx;
use crate::tui::screens::editor::losses;
use crate::tui::screens::pen;
use crate::tui::screens::shape::{ago, clip, wrap};
use crate::tui::theme::Mark;

/// Cells of the names of the facts.
const NAMES: usize = 11;

/// The facts above the text, in one pane.
pub(super) fn wide(
    card: &Card,
    reader: &Reader,
    form: Form,
    width: usize,
    ctx: &Ctx<'_>,
) -> Vec<Line<'static>> {
    let detail = reader.detail.as_deref();
    let mut out = Vec::new();
    for (name, value) in fields(card, form, ctx).into_iter().chain(progress(reader, form, ctx)) {
        out.extend(named(name, NAMES, value, width, ctx));
    }
    for link in &card.links {
        out.extend(named("On", NAMES, sync(link, ctx), width, ctx));
        out.extend(url(link, NAMES, width, ctx));
        out.extend(beyond(link, detail, ctx).into_iter().flat_map(|note| named("", NAMES, note, width, ctx)));
    }
    if card.links.is_empty() {
        out.extend(named("On", NAMES, vec![Span::styled("this board only", ctx.theme.text)], width, ctx));
    }
    out.push(Line::styled(history(card, detail, ctx), ctx.theme.dim));
    out
}

/// The facts beside the text, in two panes.
pub(super) fn tall(card: &Card, reader: &Reader, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let detail = reader.detail.as_deref();
    let mut out = Vec::new();
    for (name, value) in fields(card, Form::Card, ctx).into_iter().chain(progress(reader, Form::Card, ctx)) {
        out.extend(named(name, NAMES, value, width, ctx));
    }
    out.push(Line::default());
    for link in &card.links {
        out.extend(wrap(&Line::from(sync(link, ctx)), width, "  "));
        out.extend(url(link, 2, width, ctx));
        out.extend(beyond(link, detail, ctx).into_iter().flat_map(|note| named("", 2, note, width, ctx)));
        out.push(Line::default());
    }
    if card.links.is_empty() {
        out.push(Line::styled("on this board only", ctx.theme.dim));
        out.push(Line::default());
    }
    out.extend(wrap(&Line::styled(history(card, detail, ctx), ctx.theme.dim), width, ""));
    out
}

/// A fact: what it is called, and its value.
type Fact = (&'static str, Vec<Span<'static>>);

/// How far its sub-issues and the tasks in its body are.
fn progress(reader: &Reader, form: Form, ctx: &Ctx<'_>) -> Vec<Fact> {
    let mut out = Vec::new();
    let text = |done: usize, all: usize| vec![Span::styled(format!("{done} of {all} done"), ctx.theme.text)];
    if let Some(family) = reader.family(ctx).filter(|f| !f.children.is_empty()) {
        let done = family.done(ctx.board, &ctx.settings.closed_statuses());
        let mut value = text(done, family.children.len());
        // Beside the board that key opens the card.
        if form == Form::Card {
            let hint = format!(" {} {} lists", ctx.glyphs.dot, pen::key(ctx, super::Action::Open));
            value.push(Span::styled(hint, ctx.theme.dim));
        }
        out.push(("Sub-issues", value));
    }
    let (done, all) = reader.tasks;
    if all > 0 {
        out.push(("Tasks", text(done, all)));
    }
    out
}

/// The card's fields; beside the board only those that have a value.
fn fields(card: &Card, form: Form, ctx: &Ctx<'_>) -> Vec<Fact> {
    let none = || vec![Span::styled("none", ctx.theme.dim)];
    let set = |names: &std::collections::BTreeSet<String>, before: &str, style| {
        let mut out = Vec::new();
        for name in names {
            if !out.is_empty() {
                out.push(Span::styled(format!(" {} ", ctx.glyphs.dot), ctx.theme.dim));
            }
            out.push(Span::styled(format!("{before}{}", one_line(name)), style));
        }
        if out.is_empty() { none() } else { out }
    };
    let column = one_line(ctx.board.title_of(&card.status));
    let milestone =
        card.milestone.as_ref().map_or_else(none, |m| vec![Span::styled(one_line(m), ctx.theme.text)]);
    let mut out = vec![
        ("Column", vec![Span::styled(column, ctx.theme.text)]),
        ("Kind", vec![Span::styled(card.kind.as_str(), ctx.theme.text)]),
        ("Labels", set(&card.labels, "", ctx.theme.label)),
        ("Assigned", set(&card.assignees, "@", ctx.theme.person)),
        ("Milestone", milestone),
    ];
    if form == Form::Pane {
        let empty = [card.labels.is_empty(), card.assignees.is_empty(), card.milestone.is_none()];
        let mut at = 0;
        out.retain(|_| {
            at += 1;
            at < 3 || !empty[at - 3]
        });
    }
    for (name, value) in &card.extra {
        out.push((title_of(*name), vec![Span::styled(one_line(&value.to_string()), ctx.theme.text)]));
    }
    out
}

/// What a further field is called above its value.
fn title_of(name: FieldName) -> &'static str {
    match name {
        FieldName::PRIORITY => "Priority",
        FieldName::ESTIMATE => "Estimate",
        FieldName::SPENT => "Spent",
        FieldName::DUE => "Due",
        FieldName::PARENT => "Parent",
        other => other.as_str(),
    }
}

/// How far a link is in step, in a glyph and a word.
fn sync(link: &Link, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let key = one_line(&link.key().unwrap_or_else(|| link.connection.to_string()));
    let mut out = match Mark::of_link(link) {
        None => vec![
            Span::styled(format!("{} {key}", ctx.glyphs.check), ctx.theme.ok),
            Span::styled(" in step", ctx.theme.text),
        ],
        Some(mark) => vec![
            Span::styled(format!("{} {key}", ctx.glyphs.mark(mark)), ctx.theme.mark(mark)),
            Span::styled(format!(" {}", mark.word()), ctx.theme.text),
        ],
    };
    // Why it is not in step stands above; a note on one that is stands here.
    if let (Some(note), None) = (&link.note, Mark::of_link(link)) {
        out.push(Span::styled(format!(": {}", one_line(note)), ctx.theme.text));
    }
    out
}

/// The likeliest card that may be the same work, why, and the key that links or dismisses it.
pub(super) fn twins(card: &Card, twins: &[Twin], width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let apart = |other: &Card| other.links.iter().all(|l| card.link_on(l.connection.as_str()).is_none());
    let known = twins.iter().filter_map(|t| Some((t, ctx.board.card(t.other)?)));
    let mut known = known.filter(|(_, other)| apart(other));
    let Some((twin, other)) = known.next() else { return Vec::new() };
    let more = match known.count() {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    let line = Line::from(vec![
        Span::styled(
            format!("{} looks like {}", ctx.glyphs.selected, one_line(&other.key())),
            ctx.theme.marked,
        ),
        Span::styled(format!(": {}{more} ", one_line(&twin.words())), ctx.theme.text),
        Span::styled(pen::key(ctx, super::Action::Link), ctx.theme.key),
        Span::styled(" link", ctx.theme.dim),
    ]);
    wrap(&line, width, "  ")
}

fn url(link: &Link, indent: usize, width: usize, ctx: &Ctx<'_>) -> Option<Line<'static>> {
    let url = link.url.as_deref()?;
    let text = clip(url, width.saturating_sub(indent), ctx.glyphs.ellipsis);
    Some(Line::from(vec![Span::raw(" ".repeat(indent)), Span::styled(text, ctx.theme.link)]))
}

/// What the body there holds beyond Markdown, when it does.
fn beyond(link: &Link, detail: Option<&CardDetail>, ctx: &Ctx<'_>) -> Option<Vec<Span<'static>>> {
    let there = detail?.beyond.iter().find(|b| b.link == link.id)?;
    let text = format!("its text also holds {}", one_line(&losses::listed(&there.things)));
    Some(vec![Span::styled(text, ctx.theme.dim)])
}

fn history(card: &Card, detail: Option<&CardDetail>, ctx: &Ctx<'_>) -> String {
    let author = detail.and_then(|d| d.author.as_deref());
    let by = author.map_or_else(String::new, |a| format!(" by @{}", one_line(a)));
    let dot = ctx.glyphs.dot;
    format!("opened{by} {} {dot} changed {}", ago(ctx.now, card.created_at), ago(ctx.now, card.updated_at))
}

/// The conflicts that were kept: the value that lost is shown, and who won; one that is open says what to do.
pub(super) fn conflicts(detail: &CardDetail, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    if detail.conflicts.is_empty() {
        return Vec::new();
    }
    let mut out = vec![Line::default(), rule("Changed on both sides", width, ctx)];
    for conflict in &detail.conflicts {
        out.extend(one_conflict(conflict, width, ctx));
    }
    if detail.conflicts.iter().any(|c| c.decided.is_none()) {
        let key = pen::key(ctx, super::Action::Open);
        out.push(Line::styled(format!("{key} shows both and decides"), ctx.theme.dim));
    }
    out.push(Line::default());
    out
}

fn one_conflict(conflict: &Conflict, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let there = one_line(conflict.connection.as_str());
    let choice = conflict.decided.as_ref().map(|d| &d.choice);
    let (glyph, style, said) = match choice {
        None => (ctx.glyphs.warn, ctx.theme.warn, "waits for your decision".to_owned()),
        Some(Choice::Local) => {
            (ctx.glyphs.check, ctx.theme.dim, format!("{} won", one_line(&conflict.ours())))
        }
        Some(Choice::Remote) => (ctx.glyphs.check, ctx.theme.dim, format!("{there}'s won")),
        Some(Choice::Merged(_)) => (ctx.glyphs.check, ctx.theme.dim, "both were put together".to_owned()),
    };
    let mut out = vec![Line::from(vec![
        Span::styled(format!("{glyph} {}", conflict.field), style),
        Span::styled(
            format!(" {} {said} {} {}", ctx.glyphs.dot, ctx.glyphs.dot, ago(ctx.now, conflict.found_at)),
            ctx.theme.dim,
        ),
    ])];
    let here = one_line(conflict.here());
    let sides: &[(&str, &Value)] = match choice {
        None | Some(Choice::Merged(_)) => &[(&here, &conflict.local), (&there, &conflict.remote)],
        Some(Choice::Local) => &[("lost", &conflict.remote)],
        Some(Choice::Remote) => &[("lost", &conflict.local)],
    };
    for (name, value) in sides {
        let mut lines = one_value(name, value, width, ctx);
        // A long body is kept whole in the store; here its beginning says which one it is.
        let cut = lines.len() > 6;
        lines.truncate(6);
        out.extend(lines);
        if cut {
            out.push(Line::styled(format!("  {}", ctx.glyphs.ellipsis), ctx.theme.dim));
        }
    }
    out
}

fn one_value(name: &str, value: &Value, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let text = value.to_string();
    let mut out = Vec::new();
    for (n, line) in text.lines().take(8).enumerate() {
        let head = if n == 0 { format!("  {name:8}") } else { " ".repeat(10) };
        let spans = vec![Span::styled(head, ctx.theme.dim), Span::styled(one_line(line), ctx.theme.text)];
        out.extend(wrap(&Line::from(spans), width, &" ".repeat(10)));
    }
    out
}
