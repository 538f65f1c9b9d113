//! The values of a conflict beside each other, row by row: what both sides had, what is here and what is there, the
//! last two with what changed. Pure; the rows of all panes stand at the same height, so that they scroll together.

use std::collections::BTreeSet;

use ratatui::text::Line;
use similar::{MergeResolution, TextMerge};

use crate::domain::conflict::{Choice, Conflict};
use crate::domain::fields::{Field, Value, contains};
use crate::support::text::one_line;
use crate::tui::screen::Ctx;
use crate::tui::screens::words;

/// From this width on what both sides had has a pane of its own.
const THREE: u16 = 100;
/// From this width on here and there stand side by side; below, one above the other.
const TWO: u16 = 60;
/// Cells between two panes.
pub(super) const GAP: u16 = 3;

/// One row: what stands in each pane, and whether both sides changed this place differently.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) cells: Vec<Line<'static>>,
    pub(super) clash: bool,
}

/// The panes of one conflict in one width.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panes {
    /// The panes' titles; none when they stand one above the other.
    pub(super) heads: Vec<String>,
    /// Cells of each pane.
    pub(super) width: u16,
    pub(super) rows: Vec<Row>,
}

/// How many panes stand side by side in a width.
fn across(width: u16) -> u16 {
    match width {
        THREE.. => 3,
        TWO.. => 2,
        _ => 1,
    }
}

/// Whether here stands above there in a width.
pub(super) fn is_stacked(width: u16) -> bool {
    across(width) == 1
}

/// Lays a conflict out in `width` cells.
pub(super) fn panes(conflict: &Conflict, width: u16, ctx: &Ctx<'_>) -> Panes {
    let across = across(width);
    let each = width.saturating_sub(GAP * (across - 1)) / across;
    let mut rows = rows(conflict, usize::from(each), ctx);
    let heads = heads(conflict);
    match across {
        3 => Panes { heads: heads.to_vec(), width: each, rows },
        2 => {
            rows.iter_mut().for_each(|row| drop(row.cells.remove(0)));
            Panes { heads: heads[1..].to_vec(), width: each, rows }
        }
        _ => Panes { heads: vec![], width: each, rows: stacked(&rows, &heads, ctx) },
    }
}

/// What the panes are called; the value that was kept is marked.
fn heads(conflict: &Conflict) -> [String; 3] {
    let there = one_line(conflict.connection.as_str());
    let kept = |local: bool| match conflict.decided.as_ref().map(|d| &d.choice) {
        Some(Choice::Local) if local => ", kept",
        Some(Choice::Remote) if !local => ", kept",
        _ => "",
    };
    let (here, there) = match &conflict.source {
        None => ("here".to_owned(), format!("there, on {there}")),
        // Both values came from a platform: each goes by its name.
        Some(source) => (one_line(source.as_str()), there),
    };
    ["before".to_owned(), format!("{here}{}", kept(true)), format!("{there}{}", kept(false))]
}

/// Here above there.
fn stacked(rows: &[Row], heads: &[String; 3], ctx: &Ctx<'_>) -> Vec<Row> {
    let mut out = Vec::new();
    for (pane, head) in heads.iter().enumerate().skip(1) {
        let row = |line, clash| Row { cells: vec![line], clash };
        if pane > 1 {
            out.push(row(Line::default(), false));
        }
        out.push(row(Line::styled(head.clone(), ctx.theme.column), false));
        let cells = rows.iter().map(|r| (r.cells[pane].clone(), r.clash));
        out.extend(cells.map(|(line, clash)| row(line, clash)));
    }
    out
}

/// The rows of before, here and there.
fn rows(conflict: &Conflict, width: usize, ctx: &Ctx<'_>) -> Vec<Row> {
    match (&conflict.base, &conflict.local, &conflict.remote) {
        (Value::Set(base), Value::Set(local), Value::Set(remote)) => sets([base, local, remote], width, ctx),
        (base, Value::Text(local), Value::Text(remote))
            if matches!(conflict.field, Field::Title | Field::Body) =>
        {
            let base = if let Value::Text(base) = base { base.as_str() } else { "" };
            texts(base, local, remote, width, ctx)
        }
        values => single([values.0, values.1, values.2], conflict.field, width, ctx),
    }
}

/// Values of one word or none: as they are.
fn single(values: [&Value; 3], field: Field, width: usize, ctx: &Ctx<'_>) -> Vec<Row> {
    let shown = values.map(|value| match (field, value) {
        (Field::Status, Value::Text(status)) => {
            ctx.board.title_of(&crate::domain::mapping::Status::new(status.clone())).to_owned()
        }
        (_, value) => value.to_string(),
    });
    level(shown.map(|text| words::plain(&one_line(&text), width, ctx.theme.text)), true)
}

/// Names under each other: what was taken out with a minus, what was put in with a plus.
fn sets(sets: [&BTreeSet<String>; 3], width: usize, ctx: &Ctx<'_>) -> Vec<Row> {
    let [base, local, remote] = sets;
    let mut names: Vec<&String> = Vec::new();
    for name in base.iter().chain(local).chain(remote) {
        if !names.iter().any(|n| n.to_lowercase() == name.to_lowercase()) {
            names.push(name);
        }
    }
    names.sort_by_key(|n| n.to_lowercase());
    let beside = |set: &BTreeSet<String>, name: &str| {
        let (sign, style) = match (contains(base, name), contains(set, name)) {
            (true, true) => (" ", ctx.theme.text),
            (true, false) => ("-", words::gone(ctx)),
            (false, true) => ("+", words::came(ctx)),
            (false, false) => return vec![Line::default()],
        };
        words::plain(&format!("{sign} {}", one_line(name)), width, style)
    };
    let mut out = Vec::new();
    for name in names {
        let clash = contains(local, name) != contains(remote, name);
        out.extend(level([base, local, remote].map(|set| beside(set, name)), clash));
    }
    if out.is_empty() {
        out = level([0, 1, 2].map(|_| vec![Line::styled("none", ctx.theme.dim)]), false);
    }
    out
}

/// Texts, place by place: where nothing changed their lines, where something did the words that did.
fn texts(base: &str, local: &str, remote: &str, width: usize, ctx: &Ctx<'_>) -> Vec<Row> {
    let [base, local, remote] = [base, local, remote].map(|t| format!("{t}\n"));
    let merge = TextMerge::from_lines(&base, &local, &remote);
    let joined = |lines: Vec<&str>| lines.concat();
    let mut out = Vec::new();
    for region in merge.regions() {
        let before = joined(region.base_range().filter_map(|n| merge.base_line(n)).collect());
        let here = joined(region.ours_range().filter_map(|n| merge.ours_line(n)).collect());
        let there = joined(region.theirs_range().filter_map(|n| merge.theirs_line(n)).collect());
        if region.resolution() == MergeResolution::Unchanged {
            out.extend(alike(&before, width, ctx));
            continue;
        }
        let beside = |side: &str| match (before.is_empty(), side.is_empty()) {
            (true, true) => vec![],
            _ if side == before => words::plain(without_end(side), width, ctx.theme.text),
            _ => words::lines(without_end(&before), without_end(side), width, ctx),
        };
        let was = if before.is_empty() {
            vec![]
        } else {
            words::plain(without_end(&before), width, ctx.theme.text)
        };
        out.extend(level([was, beside(&here), beside(&there)], region.is_conflict()));
    }
    out
}

fn without_end(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

/// Lines that are the same in all three; of many the first and the last.
fn alike(text: &str, width: usize, ctx: &Ctx<'_>) -> Vec<Row> {
    let lines: Vec<&str> = without_end(text).split('\n').collect();
    let (head, hidden, tail) = words::folded(lines.len());
    let shown = |lines: &[&str]| words::plain(&lines.join("\n"), width, ctx.theme.dim);
    let mut all = shown(&lines[..head]);
    if hidden > 0 {
        all.push(words::left_out(hidden, ctx));
        all.extend(shown(&lines[lines.len() - tail..]));
    }
    level([all.clone(), all.clone(), all], false)
}

/// Puts three columns of lines beside each other; the shorter ones end blank.
fn level(columns: [Vec<Line<'static>>; 3], clash: bool) -> Vec<Row> {
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let line = |column: &Vec<Line<'static>>, n: usize| column.get(n).cloned().unwrap_or_default();
    let row = |n| Row { cells: columns.iter().map(|c| line(c, n)).collect(), clash };
    (0..height).map(row).collect()
}
