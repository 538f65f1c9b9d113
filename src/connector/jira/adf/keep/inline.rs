//! An edited line with what its original had beside its words: words that still stand keep their colours, their links'
//! attributes and the like, and a word put into a coloured passage takes its colour.

use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation as _;

use super::matched;
use crate::connector::jira::adf::essence::{MARKS, name_of, said_marks};
use crate::connector::jira::adf::{kind, marks};

/// A word of a text, or what stands between texts.
struct Piece<'a> {
    node: &'a Value,
    /// Which of the line's nodes it is of.
    of: usize,
    /// The word; `None` for what is no text.
    word: Option<&'a str>,
}

/// `new` with everything from `old` that it does not change.
pub(super) fn line(old: &[Value], new: &[Value]) -> Vec<Value> {
    let (a, b) = (pieces(old), pieces(new));
    let same = matched(&essences(&a), &essences(&b));
    let mut out = Line::default();
    for (at, piece) in b.iter().enumerate() {
        let from = same[at].map(|from| &a[from]);
        match (piece.word, from) {
            (None, Some(from)) => out.push(from.node.clone(), None),
            (None, None) => out.push(piece.node.clone(), None),
            (Some(word), Some(from)) => out.push(worded(from.node, word, marks(from.node)), Some(from.of)),
            (Some(word), None) => {
                let (before, after) = (
                    same[..at].iter().rev().find_map(|s| s.map(|s| &a[s])),
                    same[at..].iter().find_map(|s| s.map(|s| &a[s])),
                );
                let within = before.zip(after).filter(|(b, a)| b.of == a.of && b.word.is_some());
                let marks = coloured(piece.node, within.map(|(before, _)| before.node));
                out.push(worded(piece.node, word, &marks), None);
            }
        }
    }
    out.nodes
}

/// A text's marks, and those of the passage it was put into that Markdown cannot say. Code takes none.
fn coloured(node: &Value, within: Option<&Value>) -> Vec<Value> {
    let mut all = marks(node).to_vec();
    if all.iter().any(|m| kind(m) == "code") {
        return all;
    }
    let unsaid = within.into_iter().flat_map(marks).filter(|m| !MARKS.contains(&kind(m)));
    all.extend(unsaid.cloned());
    all
}

fn worded(node: &Value, word: &str, marks: &[Value]) -> Value {
    let mut out = node.clone();
    out["text"] = json!(word);
    if let Some(map) = out.as_object_mut() {
        if marks.is_empty() && !map.contains_key("marks") {
            return out;
        }
        map.insert("marks".to_owned(), json!(marks));
    }
    out
}

fn pieces(nodes: &[Value]) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for (of, node) in nodes.iter().enumerate() {
        if kind(node) == "text" {
            let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
            out.extend(text.split_word_bounds().map(|word| Piece { node, of, word: Some(word) }));
        } else {
            out.push(Piece { node, of, word: None });
        }
    }
    out
}

fn essences(pieces: &[Piece<'_>]) -> Vec<Value> {
    let essence = |piece: &Piece<'_>| match piece.word {
        Some(word) => json!(["t", word, said_marks(piece.node)]),
        None if kind(piece.node) == "hardBreak" => json!(["br"]),
        None => json!(["atom", kind(piece.node), name_of(piece.node)]),
    };
    pieces.iter().map(essence).collect()
}

/// A line that is put together: words of one node become one node again, and a new word joins what looks like it.
#[derive(Default)]
struct Line {
    nodes: Vec<Value>,
    /// Which old node the last one is of, when it is of one.
    of: Option<usize>,
}

impl Line {
    fn push(&mut self, node: Value, of: Option<usize>) {
        let foreign = self.of.is_some() && of.is_some() && self.of != of;
        if let Some(last) = self.nodes.last_mut().filter(|last| {
            kind(last) == "text" && kind(&node) == "text" && !foreign && marks(last) == marks(&node)
        }) {
            let whole =
                [&*last, &node].map(|n| n.get("text").and_then(Value::as_str).unwrap_or_default()).concat();
            last["text"] = json!(whole);
            self.of = self.of.or(of);
            return;
        }
        self.of = of;
        self.nodes.push(node);
    }
}
