//! Blocks as Markdown. Each is read back before it is shown: what does not come back as it is, is spelt more carefully, and
//! what even then does not stands as a placeholder.

use serde_json::Value;

use super::essence::{
    blocks, image, is_empty, is_shell, is_simple_table, name_of, name_of_shell, panel_word,
};
use super::inline::{Spelling, line, placeholder};
use super::read::{Originals, blocks as read};
use super::{attr, children, kind, plain, word};

/// A comment that keeps apart what would run into one.
const APART: &str = "\n\n<!-- -->\n\n";

/// A document.
pub(super) fn document(document: &Value) -> String {
    let all = shown(children(document), Spelling::Easy);
    let originals = Originals::of(document);
    let together = all.join("\n\n");
    if comes_back(&together, children(document), &originals) {
        return together;
    }
    let apart = all.join(APART);
    if comes_back(&apart, children(document), &originals) {
        return apart;
    }
    shown(children(document), Spelling::Safe).join(APART)
}

fn comes_back(markdown: &str, as_these: &[Value], originals: &Originals) -> bool {
    let (back, _) = read(markdown, originals);
    blocks(&back) == blocks(as_these)
}

/// Blocks, one by one; empty paragraphs are not shown. Two lists in a row are told apart by their markers.
fn shown(all: &[Value], how: Spelling) -> Vec<String> {
    let mut out = Vec::new();
    let (mut before, mut second) = ("", false);
    for node in all.iter().filter(|b| !is_empty(b)) {
        let bullets = |k| matches!(k, "bulletList" | "taskList");
        let runs_on = kind(node) == before || (bullets(kind(node)) && bullets(before));
        second = runs_on && !second;
        before = kind(node);
        out.push(block(node, how, second));
    }
    out
}

/// A block that comes back as it is.
fn block(node: &Value, how: Spelling, second: bool) -> String {
    let originals = Originals::of(node);
    let good = |text: &String| comes_back(text, std::slice::from_ref(node), &originals);
    let careful: &[Spelling] =
        if how == Spelling::Safe { &[Spelling::Safe] } else { &[Spelling::Easy, Spelling::Safe] };
    for how in careful {
        if let Some(text) = said(node, *how, second).filter(good) {
            return text;
        }
    }
    unsaid(node)
}

/// A block in Markdown's own words; `None` when there are none.
fn said(node: &Value, how: Spelling, second: bool) -> Option<String> {
    let inside = || shown(children(node), how).join("\n\n");
    Some(match kind(node) {
        "paragraph" => line(children(node), how, false),
        "heading" => {
            let level = attr(node, "level").and_then(Value::as_u64).unwrap_or(1).clamp(1, 6);
            format!("{} {}", "#".repeat(level as usize), line(children(node), how, true))
        }
        "codeBlock" => code(node),
        "rule" => "---".to_owned(),
        "blockquote" => quoted(&inside()),
        "panel" if !is_shell(node) => quoted(&format!("[!{}]\n{}", panel_word(node)?, inside())),
        "bulletList" | "taskList" => {
            items(node, how, |_| if second { "* ".to_owned() } else { "- ".to_owned() })
        }
        "orderedList" => {
            let first = attr(node, "order").and_then(Value::as_u64).unwrap_or(1);
            let end = if second { ')' } else { '.' };
            items(node, how, |at| format!("{}{end} ", first + at as u64))
        }
        "table" if is_simple_table(node) => table(node, how),
        "mediaSingle" => {
            let (url, alt) = image(node)?;
            format!("![{}](<{}>)", alt.replace(['[', ']', '\\'], " "), url.replace(['<', '>', '\\'], " "))
        }
        _ if is_shell(node) => {
            let head = placeholder(node, &name_of_shell(node));
            let inside = inside();
            quoted(&if inside.is_empty() { head } else { format!("{head}\n\n{inside}") })
        }
        _ => return None,
    })
}

/// A block Markdown has no words for: a placeholder, and below it what is in a table or a list, to be read.
fn unsaid(node: &Value) -> String {
    let head = placeholder(node, &name_of(node));
    match preview(node) {
        text if text.is_empty() => head,
        text => quoted(&format!("{head}\n\n{text}")),
    }
}

/// What a placeholder's node says, for reading only.
pub(super) fn preview(node: &Value) -> String {
    if !matches!(kind(node), "table" | "decisionList") {
        return String::new();
    }
    let text = |node: &Value| {
        let words = plain(node).split_whitespace().collect::<Vec<_>>().join(" ");
        line(&[serde_json::json!({"type": "text", "text": words})], Spelling::Safe, true)
    };
    let row = |row: &Value| match kind(row) {
        "tableRow" => children(row).iter().map(text).collect::<Vec<_>>().join(" / "),
        _ => text(row),
    };
    children(node).iter().map(row).filter(|r| !r.trim().is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn quoted(text: &str) -> String {
    let lines: Vec<String> =
        text.split('\n').map(|l| if l.is_empty() { ">".to_owned() } else { format!("> {l}") }).collect();
    lines.join("\n")
}

fn code(node: &Value) -> String {
    let text: String = children(node).iter().filter_map(|t| t.get("text").and_then(Value::as_str)).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    let end = if text.is_empty() { "" } else { "\n" };
    format!("{fence}{}\n{text}{end}{fence}", word(node, "language"))
}

/// The items of a list. One of single paragraphs is written without blank lines.
fn items(node: &Value, how: Spelling, marker: impl Fn(usize) -> String) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut loose = false;
    for (at, item) in children(node).iter().enumerate() {
        if kind(item) == "taskList" {
            // A list of tasks within one belongs to the task before it.
            parts.push(indented(&block(item, how, false), 2));
            continue;
        }
        let lead = marker(at);
        let text = if kind(item) == "taskItem" {
            let done = if word(item, "state") == "DONE" { 'x' } else { ' ' };
            format!("[{done}] {}", line(children(item), how, true))
        } else {
            let tight = is_tight(item);
            loose |= !tight;
            shown(children(item), how).join(if tight { "\n" } else { "\n\n" })
        };
        let body = indented(&text, lead.len());
        parts.push(format!("{lead}{}", body.trim_start_matches(' ')).trim_end().to_owned());
    }
    parts.join(if loose { "\n\n" } else { "\n" })
}

/// Whether an item is one paragraph, or one and lists after it.
fn is_tight(item: &Value) -> bool {
    // A numbered list that does not begin with 1 is taken for more of the paragraph it follows directly.
    let follows = |b: &Value| match kind(b) {
        "bulletList" | "taskList" => true,
        "orderedList" => attr(b, "order").and_then(Value::as_u64).unwrap_or(1) == 1,
        _ => false,
    };
    let mut filled = children(item).iter().filter(|b| !is_empty(b));
    filled.next().is_none_or(|first| kind(first) == "paragraph") && filled.all(follows)
}

fn indented(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    let lines: Vec<String> =
        text.split('\n').map(|l| if l.is_empty() { String::new() } else { format!("{pad}{l}") }).collect();
    lines.join("\n")
}

fn table(node: &Value, how: Spelling) -> String {
    let cell = |cell: &Value| {
        let filled = children(cell).iter().find(|b| !is_empty(b));
        filled.map(|p| line(children(p), how, true)).unwrap_or_default()
    };
    let row = |row: &Value| {
        let cells: Vec<String> = children(row).iter().map(cell).collect();
        format!("| {} |", cells.join(" | "))
    };
    let mut rows: Vec<String> = children(node).iter().map(row).collect();
    let width = children(node).first().map_or(0, |r| children(r).len());
    rows.insert(1.min(rows.len()), format!("|{}", " --- |".repeat(width)));
    rows.join("\n")
}
