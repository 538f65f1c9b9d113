//! Takes from the original what an edit did not touch: blocks that read as they did come back as they were, and an edited
//! block keeps what its original had beside its words, down to the words of a line.

mod inline;
mod pairs;

use serde_json::{Map, Value};

use super::essence::{essence, is_empty};
use super::{children as inside, kind};

/// How many comparisons one level of a document is worth; beyond it only its start and end are compared.
const WORTH: usize = 4_000_000;

/// `new`, with everything from `old` that it does not change.
pub(super) fn children(old: &[Value], new: Vec<Value>) -> Vec<Value> {
    let filled: Vec<usize> = (0..old.len()).filter(|at| !is_empty(&old[*at])).collect();
    let mut new: Vec<Value> = new.into_iter().filter(|b| !is_empty(b)).collect();
    if new.is_empty() {
        return if filled.is_empty() { old.to_vec() } else { Vec::new() };
    }
    let (a, b): (Vec<Value>, Vec<Value>) =
        (filled.iter().map(|at| essence(&old[*at])).collect(), new.iter().map(essence).collect());
    let pairs = pairs::paired(old, &filled, &new, &matched(&a, &b));
    // What says nothing to a reader stays where it stood, also when the block before it is gone.
    let mut next = 0;
    let mut out: Vec<Value> = Vec::new();
    let mut empties = |out: &mut Vec<Value>, until: usize| {
        out.extend(old[next..until].iter().filter(|b| is_empty(b)).cloned());
        next = until;
    };
    for (at, node) in new.drain(..).enumerate() {
        match pairs[at] {
            Some(from) => {
                empties(&mut out, from);
                out.push(inherit(&old[from], node));
            }
            None => out.push(node),
        }
    }
    empties(&mut out, old.len());
    out
}

fn both_cells(a: &Value, b: &Value) -> bool {
    let cell = |n: &Value| matches!(kind(n), "tableCell" | "tableHeader");
    cell(a) && cell(b)
}

/// For each of `b` its partner in `a`, in order: a longest common subsequence.
fn matched(a: &[Value], b: &[Value]) -> Vec<Option<usize>> {
    let mut out = vec![None; b.len()];
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(x, y)| x == y).count();
    for (at, partner) in out.iter_mut().enumerate().take(start) {
        *partner = Some(at);
    }
    for back in 1..=end {
        out[b.len() - back] = Some(a.len() - back);
    }
    let (a, b) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    if a.len().saturating_mul(b.len()) > WORTH {
        return out;
    }
    let mut best = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            best[i][j] =
                if a[i] == b[j] { best[i + 1][j + 1] + 1 } else { best[i + 1][j].max(best[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            out[start + j] = Some(start + i);
            (i, j) = (i + 1, j + 1);
        } else if best[i + 1][j] >= best[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

/// An edited block with what its original had beside its words.
fn inherit(old: &Value, new: Value) -> Value {
    if essence(old) == essence(&new) {
        return old.clone();
    }
    let mut out = new;
    if both_cells(old, &out) {
        out["type"] = old["type"].clone();
    }
    // Attributes that Markdown says are said anew, also by being absent.
    let said = ["order", "language", "level", "state", "panelType"];
    let mut attrs: Map<String, Value> =
        old.get("attrs").and_then(Value::as_object).cloned().unwrap_or_default();
    attrs.retain(|key, _| !said.contains(&key.as_str()));
    attrs.extend(out.get("attrs").and_then(Value::as_object).cloned().unwrap_or_default());
    if let Some(id) = old.pointer("/attrs/localId") {
        attrs.insert("localId".to_owned(), id.clone());
    }
    if !attrs.is_empty() {
        out["attrs"] = Value::Object(attrs);
    }
    if let Some(marks) = old.get("marks") {
        out["marks"] = marks.clone();
    }
    if matches!(kind(&out), "paragraph" | "heading" | "taskItem") {
        out["content"] = Value::Array(inline::line(inside(old), inside(&out)));
    } else if !matches!(kind(&out), "codeBlock" | "mediaSingle") {
        let mut content = children(inside(old), inside(&out).to_vec());
        if content.is_empty() {
            content = inside(&out).to_vec();
        }
        out["content"] = Value::Array(content);
    }
    out
}
