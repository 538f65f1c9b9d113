//! What of a document Markdown can say, in one normal form, and what it cannot. Two blocks with the same essence are
//! the same to a reader of Markdown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{attr, children, holds, kind, marks, plain, word};

/// Marks Markdown can say, from the outermost to the innermost.
pub(super) const MARKS: [&str; 7] = ["link", "strong", "em", "strike", "underline", "subsup", "code"];
/// Blocks around other blocks that Markdown has no word for: they stand as quotes opened by a placeholder.
const SHELLS: [&str; 5] = ["expand", "nestedExpand", "layoutSection", "layoutColumn", "bodiedExtension"];
/// Attributes that say nothing to a reader, and those whose usual value says nothing.
const SILENT: [&str; 2] = ["localId", "__confluenceMetadata"];

/// The digest by which a placeholder names a node. Ids that an editor gives anew do not count.
pub(super) fn name_of(node: &Value) -> String {
    short(&canonical(node).to_string())
}

/// The digest by which a placeholder names a shell, whatever is in it.
pub(super) fn name_of_shell(node: &Value) -> String {
    short(&canonical(&shell(node)).to_string())
}

fn short(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..5])
}

/// A node without its content.
pub(super) fn shell(node: &Value) -> Value {
    let mut out = node.clone();
    if let Some(map) = out.as_object_mut() {
        map.remove("content");
    }
    out
}

/// Keys in order, silent ones left out.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept: BTreeMap<&String, Value> = map
                .iter()
                .filter(|(k, v)| !SILENT.contains(&k.as_str()) && !v.is_null())
                .map(|(k, v)| (k, canonical(v)))
                .collect();
            Value::Object(kept.into_iter().map(|(k, v)| (k.clone(), v)).collect::<Map<_, _>>())
        }
        Value::Array(all) => all.iter().map(canonical).collect(),
        other => other.clone(),
    }
}

/// Whether a node is a block around others that only a placeholder can say.
pub(super) fn is_shell(node: &Value) -> bool {
    SHELLS.contains(&kind(node)) || (kind(node) == "panel" && panel_word(node).is_none())
}

/// GitHub's word for a panel.
pub(super) fn panel_word(node: &Value) -> Option<&'static str> {
    Some(match word(node, "panelType") {
        "info" => "NOTE",
        "note" => "IMPORTANT",
        "success" => "TIP",
        "warning" => "WARNING",
        "error" => "CAUTION",
        _ => return None,
    })
}

/// Whether a table is one Markdown has: rows of one length, a paragraph a cell at most, nothing merged.
pub(super) fn is_simple_table(node: &Value) -> bool {
    let rows = children(node);
    let width = rows.first().map_or(0, |r| children(r).len());
    let merged = |cell: &Value, by: &str| attr(cell, by).and_then(Value::as_u64).unwrap_or(1) > 1;
    let plain_cell = |cell: &Value| {
        let inside = children(cell);
        let filled = inside.iter().filter(|b| !is_empty(b)).count();
        matches!(kind(cell), "tableCell" | "tableHeader")
            && inside.iter().all(|b| kind(b) == "paragraph")
            && filled <= 1
            && !merged(cell, "colspan")
            && !merged(cell, "rowspan")
    };
    let plain_row = |row: &Value| {
        kind(row) == "tableRow" && children(row).len() == width && children(row).iter().all(plain_cell)
    };
    width > 0 && rows.iter().all(plain_row)
}

/// An image by its address alone.
pub(super) fn image(node: &Value) -> Option<(&str, &str)> {
    let [media] = children(node) else { return None };
    let external = kind(node) == "mediaSingle" && kind(media) == "media" && word(media, "type") == "external";
    let url = word(media, "url");
    (external && !url.is_empty()).then(|| (url, word(media, "alt")))
}

/// A paragraph with nothing in it.
pub(super) fn is_empty(node: &Value) -> bool {
    kind(node) == "paragraph" && inline(children(node)).is_empty()
}

/// Whether a node stands between text.
pub(super) fn is_inline(node: &Value) -> bool {
    matches!(
        kind(node),
        "text"
            | "hardBreak"
            | "mention"
            | "emoji"
            | "inlineCard"
            | "date"
            | "status"
            | "mediaInline"
            | "inlineExtension"
            | "placeholder"
    )
}

/// The essence of a block.
pub(super) fn essence(node: &Value) -> Value {
    let blocks = || blocks(children(node));
    match kind(node) {
        "paragraph" => json!(["p", inline(children(node))]),
        "heading" => {
            let level = attr(node, "level").and_then(Value::as_u64).unwrap_or(1).clamp(1, 6);
            json!(["h", level, inline(children(node))])
        }
        "codeBlock" => {
            let text: String =
                children(node).iter().filter_map(|t| t.get("text").and_then(Value::as_str)).collect();
            json!(["code", word(node, "language"), text])
        }
        "rule" => json!(["rule"]),
        "blockquote" => json!(["quote", blocks()]),
        "bulletList" => json!(["ul", blocks()]),
        "orderedList" => json!(["ol", attr(node, "order").and_then(Value::as_u64).unwrap_or(1), blocks()]),
        "listItem" => json!(["li", blocks()]),
        "taskList" => json!(["tasks", blocks()]),
        "taskItem" => json!(["task", word(node, "state") == "DONE", inline(children(node))]),
        "panel" if !is_shell(node) => json!(["panel", word(node, "panelType"), blocks()]),
        "table" if is_simple_table(node) => json!(["table", blocks()]),
        "tableRow" => json!(["row", blocks()]),
        "tableCell" | "tableHeader" => json!(["cell", blocks()]),
        "mediaSingle" if image(node).is_some() => json!(["image", image(node)]),
        "doc" => json!(["doc", blocks()]),
        _ if is_shell(node) => json!(["shell", name_of_shell(node), blocks()]),
        other => json!(["atom", other, name_of(node)]),
    }
}

/// The essences of blocks; empty paragraphs say nothing.
pub(super) fn blocks(all: &[Value]) -> Vec<Value> {
    all.iter().filter(|b| !is_empty(b)).map(essence).collect()
}

/// The essence of what stands in a line: texts with the same marks are one.
pub(super) fn inline(all: &[Value]) -> Vec<Value> {
    let mut out: Vec<(String, Vec<Value>)> = Vec::new();
    let mut parts = Vec::new();
    let flush = |out: &mut Vec<(String, Vec<Value>)>, parts: &mut Vec<Value>| {
        parts.extend(out.drain(..).map(|(text, marks)| json!(["t", text, marks])));
    };
    for node in all {
        match kind(node) {
            "text" => {
                let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
                let marks = said_marks(node);
                match out.last_mut() {
                    _ if text.is_empty() => {}
                    Some((before, same)) if *same == marks => before.push_str(text),
                    _ => out.push((text.to_owned(), marks)),
                }
            }
            "hardBreak" => {
                flush(&mut out, &mut parts);
                parts.push(json!(["br"]));
            }
            other => {
                flush(&mut out, &mut parts);
                parts.push(json!(["atom", other, name_of(node)]));
            }
        }
    }
    flush(&mut out, &mut parts);
    parts
}

/// A text's marks as far as Markdown says them, in order; code goes with links only, as the format wants it.
pub(super) fn said_marks(node: &Value) -> Vec<Value> {
    let mut said: Vec<Value> = Vec::new();
    for wanted in MARKS {
        let Some(mark) = marks(node).iter().find(|m| kind(m) == wanted) else { continue };
        said.push(match wanted {
            "link" => json!(["link", word(mark, "href"), word(mark, "title")]),
            "subsup" => json!(["subsup", word(mark, "type")]),
            other => json!([other]),
        });
    }
    let is = |m: &Value, name: &str| m.get(0).and_then(Value::as_str) == Some(name);
    if said.iter().any(|m| is(m, "code")) {
        said.retain(|m| is(m, "code") || is(m, "link"));
    }
    said
}

/// Something that Markdown cannot say.
#[derive(Debug)]
pub(super) struct Thing {
    /// How many there are.
    pub(super) count: usize,
    /// It alone, in words: `a mention (@ana)`.
    pub(super) words: String,
    /// What it is one of: `mention`.
    pub(super) noun: String,
}

/// All of them, by what tells them apart.
pub(super) type Things = BTreeMap<String, Thing>;

/// Everything in a document that Markdown cannot say.
pub(super) fn things(document: &Value) -> Things {
    let mut all = Things::new();
    collect(document, &mut all, None);
    all
}

fn note(all: &mut Things, key: String, words: String, noun: String) {
    all.entry(key).or_insert(Thing { count: 0, words, noun }).count += 1;
}

fn collect(node: &Value, all: &mut Things, row: Option<usize>) {
    let what = kind(node);
    for mark in marks(node).iter().filter(|m| !MARKS.contains(&kind(m))) {
        let words = format!("the {} of some text", spaced(kind(mark)));
        note(all, format!("mark {}", canonical(mark)), words, holds::noun_of_mark(mark));
    }
    if essence_is_atom(node) {
        note(all, format!("atom {}", name_of(node)), described(node), holds::noun(node));
        return;
    }
    if is_shell(node) {
        note(all, format!("shell {}", name_of_shell(node)), described(node), holds::noun(node));
    } else {
        for (key, value) in node.get("attrs").and_then(Value::as_object).into_iter().flatten() {
            if !is_said(what, key, value) {
                let words = format!("{key} of a {}", spaced(what));
                note(all, format!("{what} {key} {}", canonical(value)), words, holds::noun_of_setting(what));
            }
        }
    }
    let header = what == "tableHeader";
    if row.is_some_and(|row| header != (row == 0)) {
        let words = if header { "a header cell" } else { "a plain cell in the first row" };
        note(all, format!("cell {header}"), words.to_owned(), holds::noun_of_setting("table"));
    }
    for (at, child) in children(node).iter().enumerate() {
        let row = match what {
            "table" => Some(at),
            "tableRow" => row,
            _ => None,
        };
        if what == "table" {
            for cell in children(child) {
                collect(cell, all, row);
            }
        } else {
            collect(child, all, None);
        }
    }
}

fn essence_is_atom(node: &Value) -> bool {
    match kind(node) {
        "doc" | "text" | "hardBreak" | "paragraph" | "heading" | "codeBlock" | "rule" | "blockquote"
        | "bulletList" | "orderedList" | "listItem" | "taskList" | "taskItem" | "tableRow" | "tableCell"
        | "tableHeader" | "panel" => false,
        "table" => !is_simple_table(node),
        "mediaSingle" => image(node).is_none(),
        _ => !is_shell(node),
    }
}

/// Whether Markdown says an attribute, or its value is the usual one that need not be said.
fn is_said(what: &str, key: &str, value: &Value) -> bool {
    let said: &[&str] = match what {
        "heading" => &["level"],
        "codeBlock" => &["language"],
        "orderedList" => &["order"],
        "taskItem" => &["state"],
        "panel" => &["panelType"],
        // How wide an image is shown comes with its address.
        "mediaSingle" | "media" => &["layout", "width", "widthType", "height", "type", "url", "alt"],
        "hardBreak" => &["text"],
        _ => &[],
    };
    let usual = value.is_null()
        || value == &json!(false)
        || value == &json!("")
        || (matches!(key, "colspan" | "rowspan") && value == &json!(1))
        || (key == "layout" && matches!(value.as_str(), Some("default" | "align-start")));
    SILENT.contains(&key) || said.contains(&key) || usual
}

/// A short name for a node, for a placeholder's label.
pub(super) fn name(node: &Value) -> String {
    let or = |first: &str, second: String| if first.is_empty() { second } else { first.to_owned() };
    match kind(node) {
        "mention" => or(word(node, "text"), format!("@{}", word(node, "id"))),
        "emoji" => or(word(node, "text"), word(node, "shortName").to_owned()),
        "status" | "placeholder" => word(node, "text").to_owned(),
        "date" => day(word(node, "timestamp")),
        "inlineCard" | "blockCard" | "embedCard" => or(word(node, "url"), "a card".to_owned()),
        "media" | "mediaInline" => or(word(node, "alt"), "a file".to_owned()),
        "expand" | "nestedExpand" => word(node, "title").to_owned(),
        "extension" | "bodiedExtension" | "inlineExtension" => word(node, "extensionKey").to_owned(),
        _ => String::new(),
    }
}

/// A node in words.
fn described(node: &Value) -> String {
    let name = crate::support::text::clip(&crate::support::text::one_line(plain(node).trim()), 40);
    let what = holds::noun(node);
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    if name.is_empty() { format!("{article} {what}") } else { format!("{article} {what} ({name})") }
}

/// `text color` from `textColor`.
pub(super) fn spaced(what: &str) -> String {
    let mut out = String::new();
    for c in what.chars().take(40) {
        if c.is_ascii_uppercase() {
            out.push(' ');
        }
        out.push(c.to_ascii_lowercase());
    }
    crate::support::text::one_line(out.trim())
}

fn day(timestamp: &str) -> String {
    let at = timestamp.parse::<i64>().ok().and_then(chrono::DateTime::from_timestamp_millis);
    at.map_or_else(|| timestamp.to_owned(), |t| t.format("%Y-%m-%d").to_string())
}
