//! What may stand in what: the format refuses a document with a block in the wrong place, so such a block is said in
//! another way there.

use serde_json::{Value, json};

use crate::connector::jira::adf::essence::is_shell;
use crate::connector::jira::adf::{children, kind};

/// `blocks` as they may stand in a `parent`; never none.
pub(super) fn fit(parent: &str, blocks: Vec<Value>) -> Vec<Value> {
    let mut out = Vec::new();
    blocks.into_iter().for_each(|block| put(parent, block, &mut out));
    let opener = |k: &str| parent == "listItem" && matches!(k, "bulletList" | "orderedList" | "taskList");
    if parent != "doc" && out.first().is_none_or(|n| opener(kind(n))) {
        out.insert(0, json!({"type": "paragraph", "content": []}));
    }
    out
}

fn put(parent: &str, block: Value, out: &mut Vec<Value>) {
    if may_stand(parent, &block) {
        out.push(block);
        return;
    }
    match kind(&block) {
        "heading" => {
            let strong = |node: &Value| {
                let mut node = node.clone();
                let marks = node.get("marks").and_then(Value::as_array).cloned().unwrap_or_default();
                let bare =
                    kind(&node) == "text" && marks.iter().all(|m| !matches!(kind(m), "strong" | "code"));
                if bare {
                    let own = std::iter::once(json!({"type": "strong"}));
                    node["marks"] = own.chain(marks).collect();
                }
                node
            };
            let line: Vec<Value> = children(&block).iter().map(strong).collect();
            out.push(json!({"type": "paragraph", "content": line}));
        }
        "rule" => out.push(json!({"type": "paragraph", "content": [{"type": "text", "text": "---"}]})),
        "taskList" => out.push(as_bullets(&block)),
        "taskItem" => out.push(json!({"type": "paragraph", "content": children(&block)})),
        "tableRow" => out.push(json!({"type": "paragraph", "content": row_as_line(&block)})),
        "mediaSingle" | "extension" | "blockCard" | "embedCard" | "decisionList" | "mediaGroup" => {
            // Only its placeholder could say it; that it is missing is told.
        }
        // Quotes, panels, tables and what else holds blocks: what is in them, one after the other.
        _ => children(&block).iter().for_each(|inner| put(parent, inner.clone(), out)),
    }
}

fn may_stand(parent: &str, block: &Value) -> bool {
    let what = kind(block);
    let list = matches!(what, "paragraph" | "bulletList" | "orderedList" | "codeBlock");
    let media = matches!(what, "mediaSingle" | "mediaGroup" | "extension");
    match parent {
        "blockquote" => list || media,
        "listItem" => list || what == "taskList" || what == "mediaSingle" || what == "extension",
        "panel" => {
            list || media || matches!(what, "heading" | "taskList" | "rule" | "decisionList" | "blockCard")
        }
        "nestedExpand" => {
            list || media
                || matches!(what, "heading" | "taskList" | "rule" | "decisionList" | "panel" | "blockquote")
        }
        "expand" => what != "expand" && what != "layoutSection" && what != "layoutColumn",
        "layoutColumn" => what != "layoutSection" && what != "layoutColumn",
        "layoutSection" => what == "layoutColumn",
        _ => what != "layoutColumn" || is_shell(block),
    }
}

fn as_bullets(tasks: &Value) -> Value {
    let item = |task: &Value| {
        if kind(task) != "taskItem" {
            return json!({"type": "listItem", "content": [{"type": "paragraph", "content": []}, as_bullets(task)]});
        }
        let done = task.pointer("/attrs/state").and_then(Value::as_str) == Some("DONE");
        let mark = json!({"type": "text", "text": if done { "[x] " } else { "[ ] " }});
        let line: Vec<Value> = std::iter::once(mark).chain(children(task).iter().cloned()).collect();
        json!({"type": "listItem", "content": [{"type": "paragraph", "content": line}]})
    };
    let items: Vec<Value> = children(tasks).iter().map(item).collect();
    json!({"type": "bulletList", "content": items})
}

fn row_as_line(row: &Value) -> Vec<Value> {
    let mut line = Vec::new();
    for (at, cell) in children(row).iter().enumerate() {
        if at > 0 {
            line.push(json!({"type": "text", "text": " | "}));
        }
        line.extend(children(cell).iter().flat_map(|p| children(p).iter().cloned()));
    }
    line
}
