//! Small edits of one table of the text: put, remove, reorder, each with the comments around it in mind.

use toml_edit::{Decor, InlineTable, Item, Key, RawString, Table, TableLike, Value};

use crate::domain::mapping::{OpenState, Target};

/// Sets `key`, keeping the spacing and the comment of what was there.
pub(super) fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(item) = table.get_mut(key) {
        if let Some(old) = item.as_value() {
            *value.decor_mut() = old.decor().clone();
        }
        *item = Item::Value(value);
        return;
    }
    let indent = indent_of(table);
    table.insert(key, Item::Value(value));
    if let (Some(indent), Some(mut key)) = (indent, table.key_mut(key)) {
        key.leaf_decor_mut().set_prefix(indent);
    }
}

/// The blanks its neighbours stand behind.
fn indent_of(table: &dyn TableLike) -> Option<String> {
    let (key, item) = table.iter().last()?;
    let prefix = if matches!(item, Item::Value(_)) { lead(table, key) } else { String::new() };
    let indent = prefix.rsplit('\n').next().unwrap_or_default();
    (!indent.is_empty() && indent.chars().all(|c| c == ' ' || c == '\t')).then(|| indent.to_owned())
}

/// What stands above an entry and before it on its line. A dotted key keeps it at its last part, a table with a
/// header of its own above the header.
fn lead(table: &dyn TableLike, key: &str) -> String {
    let decor = match table.get(key) {
        Some(Item::Table(inner)) if inner.is_dotted() => {
            return inner.iter().next().map(|(first, _)| lead(inner, first)).unwrap_or_default();
        }
        Some(Item::Table(inner)) => Some(inner.decor()),
        _ => table.key(key).map(Key::leaf_decor),
    };
    decor.and_then(Decor::prefix).and_then(RawString::as_str).unwrap_or_default().to_owned()
}

fn set_lead(table: &mut dyn TableLike, key: &str, text: String) {
    match table.get_mut(key) {
        Some(Item::Table(inner)) if inner.is_dotted() => {
            let first = inner.iter().next().map(|(first, _)| first.to_owned());
            if let Some(first) = first {
                set_lead(inner, &first, text);
            }
        }
        Some(Item::Table(inner)) => inner.decor_mut().set_prefix(text),
        _ => {
            if let Some(mut key) = table.key_mut(key) {
                key.leaf_decor_mut().set_prefix(text);
            }
        }
    }
}

/// Makes `key` say `target`. What already says so is not touched.
pub(super) fn put_target(table: &mut dyn TableLike, key: &str, target: &Target, status_key: &'static str) {
    let wanted = parts(target, status_key);
    let inner = table.get(key).and_then(Item::as_table_like);
    if inner.is_some_and(|t| t.len() == wanted.len() && wanted.iter().all(|(k, v)| text_of(t, k) == Some(v)))
    {
        return;
    }
    // A table with lines of its own may have comments of its own: change it line by line.
    if let Some(Item::Table(lines)) = table.get_mut(key) {
        for (part, text) in &wanted {
            if text_of(lines, part) != Some(text) {
                put(lines, part, Value::from(text.as_str()));
            }
        }
        let mut item = Item::Table(std::mem::take(lines));
        remove_keeping_comments(&mut item, |k| wanted.iter().any(|(part, _)| *part == k));
        if let Some(place) = table.get_mut(key) {
            *place = item;
        }
        return;
    }
    put(table, key, Value::InlineTable(inline(target, status_key)));
}

/// A target as one line has it.
pub(super) fn inline(target: &Target, status_key: &'static str) -> InlineTable {
    let mut inline = InlineTable::new();
    for (part, text) in parts(target, status_key) {
        inline.insert(part, Value::from(text));
    }
    inline
}

fn text_of<'a>(table: &'a dyn TableLike, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Item::as_str)
}

/// A target as the file writes it.
fn parts(target: &Target, status_key: &'static str) -> Vec<(&'static str, String)> {
    let state = target.state.map(|s| match s {
        OpenState::Open => "open",
        OpenState::Closed => "closed",
    });
    [
        (status_key, target.status.clone()),
        ("resolution", target.resolution.clone()),
        ("label", target.label.clone()),
        ("state", state.map(str::to_owned)),
        ("reason", target.reason.map(|r| r.as_str().to_owned())),
    ]
    .into_iter()
    .filter_map(|(key, value)| value.map(|v| (key, v)))
    .collect()
}

/// Removes the entries `kept` does not name. A comment directly above an entry goes with it; one that a blank line
/// sets apart, and what stands under the table's header, stays and moves to the next entry.
pub(super) fn remove_keeping_comments(item: &mut Item, kept: impl Fn(&str) -> bool) {
    let Some(table) = item.as_table_like_mut() else { return };
    let keys: Vec<String> = table.iter().map(|(k, _)| k.to_owned()).collect();
    let mut homeless = String::new();
    let mut previous: Option<String> = None;
    for (row, key) in keys.iter().enumerate() {
        if kept(key) {
            if !homeless.is_empty() {
                push_above(table, key, &std::mem::take(&mut homeless));
            }
            previous = Some(key.clone());
            continue;
        }
        let prefix = lead(table, key);
        let own = if row == 0 { prefix.len() } else { own_block(&prefix) };
        homeless.push_str(&prefix[..own]);
        table.remove(key);
    }
    // Nothing follows: the comments stay behind the entry before.
    if let Some(previous) = previous.filter(|_| homeless.contains('#')) {
        push_behind(table, &previous, homeless.trim_end());
    }
}

/// Where the part of a prefix ends that does not belong to the entry itself: after its last blank line.
pub(super) fn own_block(prefix: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    for line in prefix.split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() && line.ends_with('\n') {
            end = at;
        }
    }
    end
}

fn push_above(table: &mut dyn TableLike, key: &str, text: &str) {
    let old = lead(table, key);
    // Above a header it would be taken for a comment of that table, and go with it: a blank line sets it apart.
    let headed = matches!(table.get(key), Some(Item::Table(inner)) if !inner.is_dotted());
    let apart = headed && text.contains('#');
    let text = if apart { format!("{}\n\n", text.trim_end()) } else { text.to_owned() };
    set_lead(table, key, format!("{text}{old}"));
}

fn push_behind(table: &mut dyn TableLike, key: &str, text: &str) {
    let Some(item) = table.get_mut(key) else { return };
    let decor = match item {
        Item::Table(inner) if inner.is_dotted() => {
            if let Some(last) = inner.iter().last().map(|(last, _)| last.to_owned()) {
                push_behind(inner, &last, text);
            }
            return;
        }
        Item::Value(value) => value.decor_mut(),
        Item::Table(lines) => lines.decor_mut(),
        _ => return,
    };
    let old = decor.suffix().and_then(RawString::as_str).unwrap_or_default().to_owned();
    decor.set_suffix(format!("{old}\n{text}"));
}

/// Puts the entries in the order of `order`. The comment under the header stays under the header.
pub(super) fn column_order(item: &mut Item, order: &[&str]) {
    let Some(table) = item.as_table_like_mut() else { return };
    let now: Vec<String> = table.iter().map(|(k, _)| k.to_owned()).collect();
    if now == order {
        return;
    }
    let (Some(old_first), Some(new_first)) = (now.first(), order.first()) else { return };
    if old_first != new_first {
        let top = lead(table, old_first);
        let (above, indent) = top.split_at(top.rfind('\n').map_or(0, |at| at + 1));
        set_lead(table, old_first, indent.to_owned());
        push_above(table, new_first, above);
    }
    let rank = |key: &Key| order.iter().position(|k| *k == key.get()).unwrap_or(order.len());
    match item {
        Item::Table(table) => Table::sort_values_by(table, |a, _, b, _| rank(a).cmp(&rank(b))),
        Item::Value(Value::InlineTable(table)) => {
            InlineTable::sort_values_by(table, |a, _, b, _| rank(a).cmp(&rank(b)));
        }
        _ => {}
    }
}
