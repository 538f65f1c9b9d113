//! Atlassian's document format and Markdown, both ways, without damage.
//!
//! A document is shown as Markdown. What Markdown cannot hold stands there as a placeholder, a link such as
//! `[@Ana](adf:mention/5b10a2844c)`, or as a quote that such a link opens. Back to a document it goes with the original at
//! hand: what reads as it did is taken from the original as it was, placeholders become what they stand for, and what
//! would be missing afterwards is named, so that nobody loses it unawares.
//!
//! What is shown has been read back first: a block that would not come back as it is, is shown as a placeholder.
//! Format: `https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/`.

mod essence;
mod holds;
mod inline;
mod keep;
mod read;
mod show;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::essence::{Thing, things};
use self::read::Originals;
use crate::connector::RichBody;

/// The scheme of a placeholder's link.
const SCHEME: &str = "adf:";

/// A document made from Markdown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    /// The document.
    pub(super) document: Value,
    /// What of the original it no longer holds though Markdown cannot have meant to remove it, in words.
    pub(super) losses: Vec<String>,
}

/// A document as Markdown; what is no document reads as nothing.
pub(super) fn markdown(document: &Value) -> String {
    show::document(document)
}

/// Markdown as a document; `original` is what it was shown from.
pub(super) fn document(markdown: &str, original: Option<&Value>) -> Written {
    let blank = json!({"version": 1, "type": "doc", "content": []});
    let original = original.filter(|o| kind(o) == "doc").unwrap_or(&blank);
    let (blocks, mut losses) = read::blocks(markdown, &Originals::of(original));
    let content = keep::children(children(original), blocks);
    let mut document = original.clone();
    document["content"] = Value::Array(content);
    let (before, after) = (things(original), things(&document));
    for (key, Thing { count, words, .. }) in before {
        let left = after.get(&key).map_or(0, |left| left.count);
        if left < count {
            losses.push(if count - left > 1 { format!("{words} ({} times)", count - left) } else { words });
        }
    }
    Written { document, losses }
}

/// What a document holds beyond Markdown, with the document; `None` when Markdown says all of it.
pub(super) fn rich(document: &Value) -> Option<RichBody> {
    let things = things(document);
    let known = kind(document) == "doc" && !things.is_empty();
    known.then(|| RichBody { holds: holds::in_words(&things), source: document.to_string() })
}

/// A short digest of a text.
pub(super) fn digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..16])
}

/// A node's type.
fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// What is in a node.
fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// One of a node's attributes.
fn attr<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    node.get("attrs").and_then(|a| a.get(name)).filter(|v| !v.is_null())
}

/// An attribute that is text.
fn word<'a>(node: &'a Value, name: &str) -> &'a str {
    attr(node, name).and_then(Value::as_str).unwrap_or_default()
}

/// A node's marks.
fn marks(node: &Value) -> &[Value] {
    node.get("marks").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// All text in a node, on one line.
fn plain(node: &Value) -> String {
    let own = node.get("text").and_then(Value::as_str).unwrap_or_default();
    let label =
        if own.is_empty() && children(node).is_empty() { essence::name(node) } else { own.to_owned() };
    let all = children(node).iter().map(plain);
    let all: Vec<String> = std::iter::once(label).chain(all).filter(|t| !t.trim().is_empty()).collect();
    all.join(" ")
}
