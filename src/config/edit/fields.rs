//! A connection's field rules written into the text: what did not change keeps its words, comments and order.

use std::path::Path;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::table::{put, remove_keeping_comments};
use super::{EditError, find_connection, keep_line_ends, replace_checked};
use crate::config::parse::parse;
use crate::config::settings::Settings;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::{ELLIPSIS, FieldKind, Otherwise, Replacement, RuleDirection, Step};

/// The text of a config file, changed so that a connection has these rules; a rule is known again by its target. The
/// order of those that are there stays; new ones come last.
///
/// The result has been read again: it loads to exactly these rules, and to the same settings otherwise.
///
/// # Errors
/// The file has no such connection, the rules do not go together, or the text cannot be edited.
pub fn apply_fields_to_text(
    old: &str,
    path: Option<&Path>,
    connection: &ConnectionName,
    rules: &[FieldRule],
) -> Result<String, EditError> {
    let before = parse(old, path)?;
    let missing = || EditError::NoConnection(connection.clone());
    let present = before.connection(connection.as_str()).ok_or_else(missing)?.mapping.rules().as_slice();
    let (mark, body) = old.strip_prefix('\u{feff}').map_or(("", old), |body| ("\u{feff}", body));
    let Ok(mut document) = body.parse::<DocumentMut>() else { return Err(EditError::Unfaithful) };
    let all = document.as_table_mut().get_mut("connection").ok_or_else(missing)?;
    let table = find_connection(all, connection.as_str()).ok_or_else(missing)?;
    write_rules(table, present, rules)?;
    let text = keep_line_ends(old, format!("{mark}{document}"));
    verify(&text, path, &before, connection, rules)?;
    Ok(text)
}

/// Writes the rules of connections into the file at `path`, all or none, and returns the settings it now holds; when the
/// file is not `expected` any more, nothing is written.
///
/// # Errors
/// As [`apply_fields_to_text`]; or the file changed meanwhile or cannot be written.
pub fn save_fields(
    path: &Path,
    expected: &str,
    changed: &[(ConnectionName, Vec<FieldRule>)],
) -> Result<Settings, EditError> {
    let mut text = expected.to_owned();
    for (connection, rules) in changed {
        text = apply_fields_to_text(&text, Some(path), connection, rules)?;
    }
    replace_checked(path, expected, &text)?;
    Ok(parse(&text, Some(path))?)
}

/// A step as it stands in the file: `{ prefix = "x" }`.
pub(in crate::config) fn step_text(step: &Step) -> String {
    step_of(step).to_string()
}

fn same_target(a: &FieldRule, b: &FieldRule) -> bool {
    a.target().to_lowercase() == b.target().to_lowercase()
}

fn write_rules(
    table: &mut dyn TableLike,
    present: &[FieldRule],
    rules: &[FieldRule],
) -> Result<(), EditError> {
    let wanted = |old: &FieldRule| rules.iter().find(|rule| same_target(rule, old));
    let new = || rules.iter().filter(|rule| !present.iter().any(|old| same_target(old, rule)));
    if !table.contains_key("field") {
        if !rules.is_empty() {
            table.insert("field", Item::ArrayOfTables(new().map(table_of).collect::<ArrayOfTables>()));
        }
        return Ok(());
    }
    match table.get_mut("field") {
        Some(Item::ArrayOfTables(list)) => {
            for (at, old) in present.iter().enumerate().rev() {
                match wanted(old) {
                    None => {
                        list.remove(at);
                    }
                    Some(rule) if rule != old => {
                        if let Some(lines) = list.get_mut(at) {
                            put_rule(lines, rule);
                        }
                    }
                    Some(_) => {}
                }
            }
            for rule in new() {
                list.push(table_of(rule));
            }
        }
        Some(Item::Value(value @ Value::Array(_))) => {
            let kept = present.iter().filter_map(wanted).chain(new());
            let decor = value.decor().clone();
            *value = Value::Array(kept.map(|rule| table_of(rule).into_inline_table()).collect::<Array>());
            *value.decor_mut() = decor;
        }
        _ => return Err(EditError::Unfaithful),
    }
    if table.get("field").and_then(Item::as_array_of_tables).is_some_and(ArrayOfTables::is_empty) {
        table.remove("field");
    }
    Ok(())
}

/// The keys of a rule and what they say; what would say nothing new is left out.
fn entries(rule: &FieldRule) -> Vec<(&'static str, Value)> {
    let mut out = vec![("source", Value::from(rule.source())), ("target", Value::from(rule.target()))];
    if rule.kind() != FieldKind::usual(rule.source()) {
        out.push(("type", Value::from(rule.kind().as_str())));
    }
    if rule.direction() != RuleDirection::Both {
        out.push(("direction", Value::from(rule.direction().as_str())));
    }
    if rule.required() {
        out.push(("required", Value::from(true)));
    }
    if !rule.steps().is_empty() {
        let steps = rule.steps().iter().map(|step| Value::InlineTable(step_of(step)));
        out.push(("transform", Value::Array(steps.collect())));
    }
    out
}

fn table_of(rule: &FieldRule) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    for (key, value) in entries(rule) {
        table.insert(key, Item::Value(value));
    }
    table
}

/// Makes the lines of a rule say what it says now; a line that says so already is not touched.
fn put_rule(lines: &mut Table, rule: &FieldRule) {
    let wanted = entries(rule);
    for (key, value) in &wanted {
        let same = lines.get(key).and_then(Item::as_value).is_some_and(|old| bare(old) == bare(value));
        if !same {
            if lines.get(key).is_some_and(|item| !item.is_value()) {
                lines.remove(key);
            }
            put(lines, key, value.clone());
        }
    }
    let mut item = Item::Table(std::mem::take(lines));
    remove_keeping_comments(&mut item, |key| wanted.iter().any(|(wanted, _)| *wanted == key));
    if let Item::Table(kept) = item {
        *lines = kept;
    }
}

/// A value without the blanks and comments around it.
fn bare(value: &Value) -> String {
    value.clone().decorated("", "").to_string()
}

fn step_of(step: &Step) -> InlineTable {
    let mut out = InlineTable::new();
    let optional = |out: &mut InlineTable, key: &str, value: Option<&String>| {
        if let Some(value) = value {
            out.insert(key, Value::from(value.as_str()));
        }
    };
    match step {
        Step::Prefix(text)
        | Step::Suffix(text)
        | Step::Split(text)
        | Step::Join(text)
        | Step::Default(text) => {
            out.insert(step.name(), Value::from(text.as_str()));
        }
        Step::Template { to, back } | Step::Expression { to, back } => {
            out.insert(step.name(), Value::from(to.as_str()));
            optional(&mut out, "back", back.as_ref());
        }
        Step::Map { classes, otherwise, back } => {
            let value = |there: &Vec<String>| match there.as_slice() {
                [one] => Value::from(one.as_str()),
                several => Value::Array(several.iter().map(String::as_str).collect()),
            };
            let map: InlineTable =
                classes.iter().map(|(card, there)| (card.as_str(), value(there))).collect();
            out.insert("map", Value::InlineTable(map));
            match otherwise {
                Otherwise::Refuse => {}
                Otherwise::Keep => optional(&mut out, "otherwise", Some(&"keep".to_owned())),
                Otherwise::Value(other) => optional(&mut out, "otherwise", Some(other)),
            }
            optional(&mut out, "back", back.as_ref());
        }
        Step::Case { to, back } => {
            out.insert("case", Value::from(to.as_str()));
            if let Some(back) = back {
                out.insert("back", Value::from(back.as_str()));
            }
        }
        Step::Replace { to, back } => {
            let mut inner = replacement(to);
            if let Some(back) = back {
                inner.insert("back", Value::InlineTable(replacement(back)));
            }
            out.insert("replace", Value::InlineTable(inner));
        }
        Step::Scale { factor, offset, round, back } => {
            out.insert("scale", Value::InlineTable(scale(*factor, *offset, [*round, *back])));
        }
        Step::Date { from, to } => {
            out.insert("date", Value::from(to.as_str()));
            optional(&mut out, "from", from.as_ref());
        }
        Step::Truncate { characters, ellipsis, link, keep_back } => {
            out.insert("truncate", Value::from(i64::from(*characters)));
            if ellipsis != ELLIPSIS {
                out.insert("ellipsis", Value::from(ellipsis.as_str()));
            }
            if *link {
                out.insert("link", Value::from(true));
            }
            if *keep_back {
                out.insert("back", Value::from("keep"));
            }
        }
    }
    out
}

fn scale(factor: f64, offset: f64, [round, back]: [Option<u32>; 2]) -> InlineTable {
    let mut inner = InlineTable::from_iter([("factor", number(factor))]);
    if offset != 0.0 {
        inner.insert("offset", number(offset));
    }
    for (key, digits) in [("round", round), ("back", back)] {
        if let Some(digits) = digits {
            inner.insert(key, Value::from(i64::from(digits)));
        }
    }
    inner
}

/// A number as people write it: a whole one without a point.
fn number(of: f64) -> Value {
    let whole = of.fract() == 0.0 && of.abs() < 1e15;
    format!("{of}").parse::<i64>().ok().filter(|_| whole).map_or_else(|| Value::from(of), Value::from)
}

fn replacement(of: &Replacement) -> InlineTable {
    [("regex", of.regex.as_str()), ("with", of.with.as_str())].into_iter().collect()
}

/// Whether `text` says these rules, and nothing else that is new.
fn verify(
    text: &str,
    path: Option<&Path>,
    before: &Settings,
    connection: &ConnectionName,
    rules: &[FieldRule],
) -> Result<(), EditError> {
    let mut after = parse(text, path)?;
    after.source.clone_from(&before.source);
    let mut faithful = after.connections.len() == before.connections.len();
    for (new, old) in after.connections.iter_mut().zip(&before.connections) {
        if new.name == *connection {
            let said = new.mapping.rules().as_slice().to_vec();
            new.mapping = new.mapping.clone().with_rules(old.mapping.rules().as_slice().to_vec());
            faithful &= said.len() == rules.len() && rules.iter().all(|rule| said.contains(rule));
        }
    }
    if faithful && after == *before { Ok(()) } else { Err(EditError::Unfaithful) }
}

#[cfg(test)]
mod tests;
