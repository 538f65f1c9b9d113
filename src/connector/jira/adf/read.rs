//! Markdown as blocks of a document. What the format does not allow where it stands is said in another way, never
//! dropped; placeholders become what they stand for.

mod fit;
mod inline;

use std::collections::HashMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use self::fit::fit;
use self::inline::Marks;
use super::essence::{
    blocks as essences, is_empty, is_inline, is_shell, name, name_of, name_of_shell, shell,
};
use super::show::preview;
use super::{SCHEME, children, kind};

/// How deep quotes and lists may go; what is deeper is read as text of the last.
const DEPTH_MAX: usize = 40;

/// What placeholders can stand for: every node of the document that Markdown was shown from.
#[derive(Debug, Default)]
pub(super) struct Originals(HashMap<String, Value>);

impl Originals {
    /// All nodes in `document`, itself included.
    pub(super) fn of(document: &Value) -> Self {
        let mut all = Self::default();
        all.take(document);
        all
    }

    fn take(&mut self, node: &Value) {
        if is_shell(node) {
            self.0.entry(name_of_shell(node)).or_insert_with(|| shell(node));
        }
        if !matches!(kind(node), "text" | "doc") {
            self.0.entry(name_of(node)).or_insert_with(|| node.clone());
        }
        children(node).iter().for_each(|child| self.take(child));
    }

    /// What a link's address stands for.
    fn find(&self, address: &str) -> Option<&Value> {
        let (_, digest) = address.strip_prefix(SCHEME)?.split_once('/')?;
        self.0.get(digest)
    }
}

/// Reads Markdown; also says which edits inside placeholders cannot be carried out.
pub(super) fn blocks(markdown: &str, originals: &Originals) -> (Vec<Value>, Vec<String>) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let events: Vec<Event<'_>> = Parser::new_ext(markdown, options).collect();
    let mut reader = Reader {
        events: events.into_iter().peekable(),
        originals,
        losses: Vec::new(),
        task: None,
        ids: 0,
        depth: 0,
    };
    let all = reader.blocks();
    (fit("doc", all), reader.losses)
}

struct Reader<'e, 'o> {
    events: Peekable<IntoIter<Event<'e>>>,
    originals: &'o Originals,
    losses: Vec<String>,
    /// The box of the list item that is being read.
    task: Option<bool>,
    /// How many ids were given to tasks.
    ids: u128,
    depth: usize,
}

/// An item of a list: its box, and what is in it.
struct Item {
    task: Option<bool>,
    inside: Vec<Value>,
}

impl Reader<'_, '_> {
    /// Blocks up to the end of what they are in, which is taken too.
    fn blocks(&mut self) -> Vec<Value> {
        let mut out = Vec::new();
        self.depth += 1;
        while let Some(event) = self.events.peek() {
            match event {
                Event::End(_) => {
                    self.events.next();
                    break;
                }
                Event::Rule => {
                    self.events.next();
                    out.push(json!({"type": "rule"}));
                }
                Event::Start(tag) if inline::is_block(tag) => {
                    if let Some(Event::Start(tag)) = self.events.next() {
                        self.block(tag, &mut out);
                    }
                }
                // A tight list's item has no paragraph of its own.
                _ => {
                    let line = self.line();
                    paragraph(line, &mut out);
                }
            }
        }
        self.depth -= 1;
        out
    }

    fn block(&mut self, tag: Tag<'_>, out: &mut Vec<Value>) {
        match tag {
            Tag::Paragraph => {
                let line = self.line();
                self.events.next();
                paragraph(line, out);
            }
            Tag::Heading { level, .. } => {
                let line = self.line();
                self.events.next();
                let line = inline_only(line);
                out.push(json!({"type": "heading", "attrs": {"level": level as u8}, "content": line}));
            }
            Tag::BlockQuote(kind) => {
                let inside = self.nested();
                self.quote(kind, inside, out);
            }
            Tag::CodeBlock(kind) => out.push(self.code(&kind)),
            Tag::HtmlBlock => self.html(out),
            Tag::List(start) => self.list(start, out),
            Tag::Table(_) => out.push(self.table()),
            // Not switched on: footnotes, definitions and the like.
            _ => out.extend(self.blocks()),
        }
    }

    /// The blocks inside another; too deep ones become one line of text.
    fn nested(&mut self) -> Vec<Value> {
        if self.depth < DEPTH_MAX {
            return self.blocks();
        }
        let (mut open, mut text) = (1_usize, String::new());
        while open > 0 {
            match self.events.next() {
                Some(Event::Start(_)) => open += 1,
                Some(Event::End(_)) => open -= 1,
                Some(Event::Text(t) | Event::Code(t)) => text.push_str(&t),
                Some(_) => text.push(' '),
                None => break,
            }
        }
        let line = if text.is_empty() { Vec::new() } else { vec![json!({"type": "text", "text": text})] };
        vec![json!({"type": "paragraph", "content": line})]
    }

    fn line(&mut self) -> Vec<Value> {
        let mut out = Vec::new();
        self.inline(&mut Marks::default(), &mut out);
        out
    }

    fn quote(&mut self, kind_of: Option<BlockQuoteKind>, mut inside: Vec<Value>, out: &mut Vec<Value>) {
        if let Some(kind) = kind_of {
            let panel = match kind {
                BlockQuoteKind::Note => "info",
                BlockQuoteKind::Important => "note",
                BlockQuoteKind::Tip => "success",
                BlockQuoteKind::Warning => "warning",
                BlockQuoteKind::Caution => "error",
            };
            let content = fit("panel", inside);
            out.push(json!({"type": "panel", "attrs": {"panelType": panel}, "content": content}));
            return;
        }
        let hollow = |n: &Value| is_shell(n) && children(n).iter().all(is_empty);
        let opener = inside.first().filter(|n| hollow(n) || !preview(n).is_empty());
        match opener.cloned() {
            Some(mut node) if is_shell(&node) => {
                inside.remove(0);
                node["content"] = Value::Array(fit(kind(&node), inside));
                out.push(node);
            }
            Some(node) => {
                inside.remove(0);
                let (as_shown, _) = blocks(&preview(&node), &Originals::default());
                if essences(&as_shown) != essences(&inside) {
                    let what = super::essence::spaced(kind(&node));
                    self.losses.push(format!("an edit inside a {what} that Markdown cannot hold"));
                }
                out.push(node);
            }
            None => {
                let content = fit("blockquote", inside);
                out.push(json!({"type": "blockquote", "content": content}));
            }
        }
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>) -> Value {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::End(TagEnd::CodeBlock) => break,
                Event::Text(t) => text.push_str(&t),
                _ => {}
            }
        }
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let mut node = json!({"type": "codeBlock"});
        if let CodeBlockKind::Fenced(language) = kind
            && !language.trim().is_empty()
        {
            node["attrs"] = json!({"language": language.trim()});
        }
        if !text.is_empty() {
            node["content"] = json!([{"type": "text", "text": text}]);
        }
        node
    }

    /// HTML is not understood: it stays as the text it is. A comment without words only keeps blocks apart.
    fn html(&mut self, out: &mut Vec<Value>) {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::End(TagEnd::HtmlBlock) => break,
                Event::Html(t) | Event::Text(t) | Event::InlineHtml(t) => text.push_str(&t),
                _ => {}
            }
        }
        let text = text.trim();
        if text.is_empty() || text == "<!-- -->" {
            return;
        }
        let mut line = Vec::new();
        for (at, words) in text.lines().map(str::trim_end).enumerate() {
            if at > 0 {
                line.push(json!({"type": "hardBreak"}));
            }
            if !words.is_empty() {
                line.push(json!({"type": "text", "text": words}));
            }
        }
        out.push(json!({"type": "paragraph", "content": line}));
    }

    fn list(&mut self, start: Option<u64>, out: &mut Vec<Value>) {
        let mut items = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(TagEnd::List(_)) => break,
                Event::Start(Tag::Item) => {
                    let before = self.task.take();
                    let inside = self.nested();
                    items.push(Item { task: self.task.take(), inside });
                    self.task = before;
                }
                _ => {}
            }
        }
        out.push(if start.is_none() && items.iter().all(is_task) {
            self.tasks(items)
        } else {
            let content: Vec<Value> = items.into_iter().map(list_item).collect();
            match start {
                None => json!({"type": "bulletList", "content": content}),
                Some(1) => json!({"type": "orderedList", "content": content}),
                Some(n) => json!({"type": "orderedList", "attrs": {"order": n}, "content": content}),
            }
        });
    }

    fn tasks(&mut self, items: Vec<Item>) -> Value {
        let mut content = Vec::new();
        for item in items {
            let state = if item.task == Some(true) { "DONE" } else { "TODO" };
            let mut inside = item.inside.into_iter();
            let mut line = inside.next();
            let words = line.as_mut().and_then(|l| l.get_mut("content")).map(Value::take);
            let words = words.unwrap_or_else(|| json!([]));
            let attrs = json!({"localId": self.id(), "state": state});
            content.push(json!({"type": "taskItem", "attrs": attrs, "content": words}));
            content.extend(inside);
        }
        json!({"type": "taskList", "attrs": {"localId": self.id()}, "content": content})
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        uuid::Uuid::from_u128(self.ids).to_string()
    }

    fn table(&mut self) -> Value {
        let mut rows = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(TagEnd::Table) => break,
                Event::Start(Tag::TableHead) => rows.push(self.row("tableHeader")),
                Event::Start(Tag::TableRow) => rows.push(self.row("tableCell")),
                _ => {}
            }
        }
        json!({"type": "table", "content": rows})
    }

    fn row(&mut self, cell: &str) -> Value {
        let mut cells = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(TagEnd::TableHead | TagEnd::TableRow) => break,
                Event::Start(Tag::TableCell) => {
                    let line = self.line();
                    self.events.next();
                    let line = inline_only(line);
                    cells.push(json!({"type": cell, "content": [{"type": "paragraph", "content": line}]}));
                }
                _ => {}
            }
        }
        json!({"type": "tableRow", "content": cells})
    }
}

/// A paragraph, or the block that its one placeholder stands for.
fn paragraph(line: Vec<Value>, out: &mut Vec<Value>) {
    match line.as_slice() {
        [] => {}
        [one] if !is_inline(one) => {
            let mut block = one.clone();
            // A shell comes without what is in it; that follows, or there is nothing.
            if is_shell(one) && one.get("content").is_none() {
                block["content"] = json!([{"type": "paragraph", "content": []}]);
            }
            out.push(block);
        }
        _ => {
            let line = inline_only(line);
            out.push(json!({"type": "paragraph", "content": line}));
        }
    }
}

/// A line without blocks: one whose placeholder was put into a line is missing, which is told as its loss.
fn inline_only(line: Vec<Value>) -> Vec<Value> {
    let as_text = |node: Value| {
        if is_inline(&node) {
            return Some(node);
        }
        let words = name(&node);
        (!words.is_empty()).then(|| json!({"type": "text", "text": words}))
    };
    line.into_iter().filter_map(as_text).collect()
}

/// Whether an item can be a task: a box, one line, and tasks below it.
fn is_task(item: &Item) -> bool {
    let below = |n: &Value| kind(n) == "taskList";
    let line = item.inside.first().is_none_or(|n| kind(n) == "paragraph");
    item.task.is_some() && line && item.inside.iter().skip(1).all(below)
}

/// A usual item; a box in it stays as text.
fn list_item(item: Item) -> Value {
    let mut inside = item.inside;
    if let Some(done) = item.task {
        let mark = json!({"type": "text", "text": if done { "[x] " } else { "[ ] " }});
        match inside.first_mut().filter(|n| kind(n) == "paragraph").and_then(|p| p.get_mut("content")) {
            Some(Value::Array(line)) => line.insert(0, mark),
            _ => inside.insert(0, json!({"type": "paragraph", "content": [mark]})),
        }
    }
    json!({"type": "listItem", "content": fit("listItem", inside)})
}
