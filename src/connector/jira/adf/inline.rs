//! What stands in a line, as Markdown. With `Spelling::Safe` everything that could be taken for something else is escaped
//! and marks are HTML, which no neighbour can break.

use serde_json::Value;

use super::essence::{is_inline, name, name_of, said_marks, spaced};
use super::{SCHEME, kind, plain};
use crate::support::text::clip;

/// How carefully text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As people write it.
    Easy,
    /// So that it cannot be taken for anything else.
    Safe,
}

/// How long a placeholder's label may be, in characters.
const LABEL_MAX: usize = 80;

/// A line of `nodes`. `one_line` writes breaks so that the line does not end.
pub(super) fn line(nodes: &[Value], how: Spelling, one_line: bool) -> String {
    let mut out = String::new();
    let mut open: Vec<Value> = Vec::new();
    let close = |out: &mut String, open: &mut Vec<Value>, keep: usize| {
        while open.len() > keep {
            if let Some(mark) = open.pop() {
                out.push_str(&fence(&mark, how, false));
            }
        }
    };
    for node in nodes {
        match kind(node) {
            "text" => {
                let marks = said_marks(node);
                let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
                if text.is_empty() {
                    continue;
                }
                let same = open.iter().zip(&marks).take_while(|(a, b)| a == b).count();
                close(&mut out, &mut open, same);
                let code = marks.last().is_some_and(|m| is(m, "code"));
                for mark in marks.iter().skip(same).filter(|m| !is(m, "code") || how == Spelling::Safe) {
                    out.push_str(&fence(mark, how, true));
                    open.push(mark.clone());
                }
                if code && how == Spelling::Easy {
                    out.push_str(&code_span(text));
                } else {
                    out.push_str(&escaped(text, how, one_line));
                }
            }
            "hardBreak" => {
                // A mark may go on over a break, but nothing needs it to.
                close(&mut out, &mut open, 0);
                out.push_str(if one_line || how == Spelling::Safe { "<br>" } else { "\n" });
            }
            _ => {
                close(&mut out, &mut open, 0);
                out.push_str(&placeholder(node, &name_of(node)));
            }
        }
    }
    close(&mut out, &mut open, 0);
    out
}

/// A placeholder: a link whose address names the node.
pub(super) fn placeholder(node: &Value, digest: &str) -> String {
    let own = name(node);
    let words = if is_inline(node) && !own.is_empty() {
        own
    } else if own.is_empty() {
        format!("{}: {}", spaced(kind(node)), plain(node))
    } else {
        format!("{}: {own}", spaced(kind(node)))
    };
    let safe = |c: char| match c {
        '[' | ']' | '\\' | '`' | '<' | '>' | '|' | '&' | '*' | '_' | '~' | '!' => ' ',
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c,
    };
    let label: String = words.chars().map(safe).collect();
    let label = clip(&label.split_whitespace().collect::<Vec<_>>().join(" "), LABEL_MAX);
    let label = label.trim_end_matches([':', ' ']);
    let plain_kind: String = kind(node).chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("[{}]({SCHEME}{plain_kind}/{digest})", if label.is_empty() { &plain_kind } else { label })
}

fn is(mark: &Value, name: &str) -> bool {
    mark.get(0).and_then(Value::as_str) == Some(name)
}

/// What opens or closes a mark.
fn fence(mark: &Value, how: Spelling, opens: bool) -> String {
    let text = |at: usize| mark.get(at).and_then(Value::as_str).unwrap_or_default();
    let tag = |name: &str| if opens { format!("<{name}>") } else { format!("</{name}>") };
    match (text(0), how) {
        ("link", _) if opens => "[".to_owned(),
        ("link", _) => target(text(1), text(2)),
        ("strong", Spelling::Easy) => "**".to_owned(),
        ("em", Spelling::Easy) => "*".to_owned(),
        ("strike", Spelling::Easy) => "~~".to_owned(),
        ("strong", _) => tag("b"),
        ("em", _) => tag("i"),
        ("strike", _) => tag("s"),
        ("underline", _) => tag("u"),
        ("code", _) => tag("code"),
        ("subsup", _) => tag(if text(1) == "sup" { "sup" } else { "sub" }),
        _ => String::new(),
    }
}

fn target(href: &str, title: &str) -> String {
    let plain = !href.is_empty()
        && !href.starts_with('<')
        && !href.contains(['(', ')', '\\', '&', '|'])
        && !href.chars().any(|c| c.is_whitespace() || c.is_control());
    let escape = |text: &str, also: &[char]| {
        text.chars().fold(String::new(), |mut out, c| {
            match c {
                '&' => out.push_str("&amp;"),
                '|' => out.push_str("&#124;"),
                c if c == '\\' || also.contains(&c) => out.extend(['\\', c]),
                c => out.push(c),
            }
            out
        })
    };
    let href = if plain { href.to_owned() } else { format!("<{}>", escape(href, &['<', '>'])) };
    let title = if title.is_empty() { String::new() } else { format!(" \"{}\"", escape(title, &['"'])) };
    format!("]({href}{title})")
}

fn code_span(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    let blank = text.starts_with('`') || text.ends_with('`');
    let padded = blank || (text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty());
    let pad = if padded { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn escaped(text: &str, how: Spelling, one_line: bool) -> String {
    if how == Spelling::Easy {
        return if one_line { text.replace('|', "\\|") } else { text.to_owned() };
    }
    let mut out = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let (first, last) = (at == 0, at + 1 == chars.len());
        match c {
            '|' => out.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '+' | '-' | '!' | '~' | '&' | '='
            | '.' | ')' | ':' => out.extend(['\\', *c]),
            ' ' if first || last || chars[at - 1] == ' ' => out.push_str("&#32;"),
            '\n' | '\t' | '\r' => out.push_str(&numbered(*c)),
            c => out.push(*c),
        }
    }
    out
}

/// A character by its number.
fn numbered(c: char) -> String {
    format!("&#{};", u32::from(c))
}
