//! One row of the audit log in words: what changed, in a line and in full. Pure.

use std::collections::BTreeSet;

use ratatui::text::{Line, Span};
use serde_json::{Map, Value};

use crate::domain::audit::AuditRow;
use crate::support::text::{many_lines, one_line};
use crate::tui::paint::width as cells;
use crate::tui::screen::Ctx;
use crate::tui::screens::shape::{ago, clip, grouped, wrap};

/// Cells of the names of the facts.
const NAMES: usize = 12;
/// Cells of `before` and `after`.
const SIDES: usize = 8;
/// The cells a value has where there is one line.
const SHORT: usize = 48;
/// A longer text is told by its length where there is one line; so is one of several lines.
const LONG: usize = 200;

/// Whether a row tells of something that did not go as it was meant.
pub(super) fn is_trouble(row: &AuditRow) -> bool {
    row.outcome != "ok" && !row.outcome.starts_with("answered")
}

/// What changed, in one line.
pub(super) fn in_one_line(row: &AuditRow, ctx: &Ctx<'_>) -> String {
    let said: Vec<String> = match row.fields.as_object() {
        Some(fields) => ordered(fields).map(|(name, value)| change(name, value, ctx)).collect(),
        None if row.fields.is_null() => Vec::new(),
        None => vec![short(&row.fields, ctx)],
    };
    said.join(", ")
}

/// The fields in the order of a card: the title first, the body last.
fn ordered(fields: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let rank = |name: &str| match name {
        "title" => 0,
        "status" => 1,
        "body" => 3,
        _ => 2,
    };
    let mut all: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value)).collect();
    all.sort_by_key(|(name, _)| rank(name));
    all.into_iter()
}

fn change(name: &str, value: &Value, ctx: &Ctx<'_>) -> String {
    let name = one_line(name);
    if let Some(chosen) = value.get("chosen").and_then(Value::as_str) {
        return format!("{name}: {} was chosen", one_line(chosen));
    }
    let (Some(before), Some(after)) = (value.get("before"), value.get("after")) else {
        return format!("{name}: {}", short(value, ctx));
    };
    if let (Some(before), Some(after)) = (names(before), names(after)) {
        let gone = before.difference(&after).map(|n| format!("-{}", one_line(n)));
        let new = after.difference(&before).map(|n| format!("+{}", one_line(n)));
        return format!("{name}: {}", new.chain(gone).collect::<Vec<_>>().join(" "));
    }
    if let (Some(before), Some(after)) = (length(before), length(after)) {
        return format!("{name}: {} {} {} characters", grouped(before), ctx.glyphs.arrow, grouped(after));
    }
    if before.is_null() {
        return format!("{name}: {}", short(after, ctx));
    }
    format!("{name}: {} {} {}", short(before, ctx), ctx.glyphs.arrow, short(after, ctx))
}

/// A list as a set of names; nothing is an empty one only beside a list.
fn names(value: &Value) -> Option<BTreeSet<&str>> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect())
}

/// How long a text is that is not told in a line: a long one, or one that is kept only as its length and hash.
fn length(value: &Value) -> Option<u64> {
    let long = value.as_str().filter(|t| t.contains('\n') || t.chars().count() > LONG);
    long.map(|t| t.chars().count() as u64).or_else(|| value.get("characters")?.as_u64())
}

fn short(value: &Value, ctx: &Ctx<'_>) -> String {
    match length(value) {
        Some(n) => format!("{} characters", grouped(n)),
        None => clip(&said(value), SHORT, ctx.glyphs.ellipsis),
    }
}

/// A value as a person reads it.
fn said(value: &Value) -> String {
    let redacted =
        (value.get("characters").and_then(Value::as_u64), value.get("sha256").and_then(Value::as_str));
    match (value, redacted) {
        (_, (Some(characters), Some(hash))) => format!("{} characters, sha256 {hash}", grouped(characters)),
        (Value::Null, _) => "none".to_owned(),
        (Value::String(text), _) if text.is_empty() => "empty".to_owned(),
        (Value::String(text), _) => text.clone(),
        (Value::Array(all), _) if all.is_empty() => "none".to_owned(),
        (Value::Array(all), _) => all.iter().map(said).collect::<Vec<_>>().join(", "),
        (other, _) => other.to_string(),
    }
}

/// The row in full: every field before and after, whose request it was, and its place in the chain.
pub(super) fn lines(row: &AuditRow, width: u16, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let mut out = vec![head(row, ctx)];
    if is_trouble(row) {
        out.extend(wrap(&Line::styled(one_line(&row.outcome), ctx.theme.error), width, ""));
    }
    let place = row.connection.as_ref().map_or_else(String::new, |c| format!(" on {c}"));
    let origin =
        if row.origin == row.actor { String::new() } else { format!(" ({})", one_line(&row.origin)) };
    let actor = format!("{} by {}{origin}{place}", row.at.to_rfc3339(), one_line(&row.actor));
    let ago = format!(" {} {}", ctx.glyphs.dot, ago(ctx.now, row.at));
    let spans = vec![Span::styled(actor, ctx.theme.text), Span::styled(ago, ctx.theme.dim)];
    out.extend(wrap(&Line::from(spans), width, ""));
    match row.fields.as_object() {
        Some(fields) => {
            for (name, value) in ordered(fields) {
                field(name, value, width, ctx, &mut out);
            }
        }
        None if !row.fields.is_null() => named("fields", &said(&row.fields), 0, width, ctx, &mut out),
        None => {}
    }
    if let Some(request) = &row.request_id {
        named("request", request, 0, width, ctx, &mut out);
    }
    let hash: String = row.hash.chars().take(16).collect();
    named("row", &format!("{} {} hash {hash}", row.seq, ctx.glyphs.dot), 0, width, ctx, &mut out);
    out
}

fn head(row: &AuditRow, ctx: &Ctx<'_>) -> Line<'static> {
    let (glyph, style) =
        if is_trouble(row) { (ctx.glyphs.cross, ctx.theme.error) } else { (ctx.glyphs.check, ctx.theme.ok) };
    let mut spans = vec![
        Span::styled(format!("{glyph} "), style),
        Span::styled(format!("{} {}", one_line(&row.action), one_line(&row.object)), ctx.theme.title),
    ];
    if !is_trouble(row) {
        spans.push(Span::styled(format!("  {}", one_line(&row.outcome)), style));
    }
    Line::from(spans)
}

/// A field: its sides each on lines of their own, or its one value.
fn field(name: &str, value: &Value, width: usize, ctx: &Ctx<'_>, out: &mut Vec<Line<'static>>) {
    let sides = value.as_object().filter(|sides| sides.contains_key("after"));
    let Some(sides) = sides else { return named(name, &said(value), 0, width, ctx, out) };
    let order = ["base", "before", "local", "remote", "chosen", "after"];
    let known = order.iter().filter_map(|side| Some((*side, sides.get(*side)?)));
    for (n, (side, value)) in known.enumerate() {
        let text = format!("{side:SIDES$}{}", said(value));
        named(if n == 0 { name } else { "" }, &text, SIDES, width, ctx, out);
    }
}

/// A named value; further lines stand under its beginning, `deeper` cells further in.
fn named(name: &str, value: &str, deeper: usize, width: usize, ctx: &Ctx<'_>, out: &mut Vec<Line<'static>>) {
    let name = clip(name, NAMES - 2, ctx.glyphs.ellipsis);
    let blank = NAMES.saturating_sub(cells(&name));
    let indent = " ".repeat(NAMES + deeper);
    for (n, line) in many_lines(value).lines().enumerate() {
        let head = match n {
            0 => format!("{name}{}", " ".repeat(blank)),
            _ => indent.clone(),
        };
        let spans = vec![Span::styled(head, ctx.theme.dim), Span::styled(line.to_owned(), ctx.theme.text)];
        out.extend(wrap(&Line::from(spans), width, &indent));
    }
}
