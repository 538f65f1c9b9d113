//! What stands in a line: text and its marks, breaks, placeholders.

use pulldown_cmark::{Event, Tag, TagEnd};
use serde_json::{Value, json};

use super::Reader;
use crate::connector::jira::adf::essence::MARKS;
use crate::connector::jira::adf::{SCHEME, kind};

/// How many spans may stand in one another; what is deeper is read as text of the last.
const SPANS_MAX: usize = 40;

/// The marks that are open: by Markdown's own words, and by HTML.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    own: Vec<Value>,
    html: Vec<(String, Value)>,
}

impl Marks {
    /// All of them as the format wants them: each once, in order, code with links only.
    fn all(&self) -> Vec<Value> {
        let open: Vec<&Value> = self.own.iter().chain(self.html.iter().map(|(_, m)| m)).collect();
        let code = open.iter().any(|m| kind(m) == "code");
        let fits = |name: &str| !code || matches!(name, "link" | "code");
        let last = |name: &str| open.iter().rev().find(|m| kind(m) == name).map(|m| (*m).clone());
        MARKS.iter().filter(|name| fits(name)).filter_map(|name| last(name)).collect()
    }

    /// Opens or closes a mark by HTML; false when the tag is none.
    fn html(&mut self, tag: &str) -> bool {
        let name = tag.trim_start_matches("</").trim_start_matches('<').trim_end_matches('>');
        let mark = match name {
            "b" | "strong" => json!({"type": "strong"}),
            "i" | "em" => json!({"type": "em"}),
            "s" | "del" | "strike" => json!({"type": "strike"}),
            "u" | "ins" => json!({"type": "underline"}),
            "code" => json!({"type": "code"}),
            "sub" | "sup" => json!({"type": "subsup", "attrs": {"type": name}}),
            _ => return false,
        };
        if !tag.starts_with("</") {
            self.html.push((name.to_owned(), mark));
            return true;
        }
        match self.html.iter().rposition(|(open, _)| open == name) {
            Some(at) => {
                self.html.remove(at);
                true
            }
            None => false,
        }
    }
}

/// Whether a tag opens a block.
pub(super) fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
}

impl Reader<'_, '_> {
    /// A line up to the end of what it is in, or the next block; neither is taken.
    pub(super) fn inline(&mut self, marks: &mut Marks, out: &mut Vec<Value>) {
        while let Some(event) = self.events.peek() {
            match event {
                Event::End(_) | Event::Rule => return,
                Event::Start(tag) if is_block(tag) => return,
                _ => {}
            }
            let Some(event) = self.events.next() else { return };
            match event {
                Event::Text(t) | Event::InlineMath(t) | Event::DisplayMath(t) => text(out, &t, marks.all()),
                Event::Code(t) => {
                    marks.own.push(json!({"type": "code"}));
                    text(out, &t, marks.all());
                    marks.own.pop();
                }
                // On GitHub and here a new line is one; the format's own break says so.
                Event::SoftBreak | Event::HardBreak => out.push(json!({"type": "hardBreak"})),
                Event::InlineHtml(tag) | Event::Html(tag) => tag_of(&tag, marks, out),
                Event::TaskListMarker(done) => self.task = Some(done),
                Event::FootnoteReference(t) => text(out, &format!("[^{t}]"), marks.all()),
                Event::Start(tag) => self.span(tag, marks, out),
                Event::End(_) | Event::Rule => {}
            }
        }
    }

    fn span(&mut self, tag: Tag<'_>, marks: &mut Marks, out: &mut Vec<Value>) {
        let mark = match tag {
            Tag::Emphasis => json!({"type": "em"}),
            Tag::Strong => json!({"type": "strong"}),
            Tag::Strikethrough => json!({"type": "strike"}),
            Tag::Superscript => json!({"type": "subsup", "attrs": {"type": "sup"}}),
            Tag::Subscript => json!({"type": "subsup", "attrs": {"type": "sub"}}),
            Tag::Link { dest_url, title, .. } => {
                if let Some(node) = self.originals.find(&dest_url).cloned() {
                    self.label();
                    out.push(node);
                    return;
                }
                if dest_url.starts_with(SCHEME) {
                    // What it stood for is not here any more, or is another issue's: its label is what can be said.
                    let words = self.label();
                    text(out, &words, marks.all());
                    return;
                }
                link(&dest_url, &title)
            }
            Tag::Image { dest_url, title, .. } => {
                self.image(&dest_url, &title, marks, out);
                return;
            }
            _ => return,
        };
        if marks.own.len() >= SPANS_MAX {
            let words = self.label();
            text(out, &words, marks.all());
            return;
        }
        marks.own.push(mark);
        let before = out.len();
        self.inline(marks, out);
        self.events.next();
        let mark = marks.own.pop();
        // A link needs words.
        if let Some(href) = mark.as_ref().filter(|m| kind(m) == "link" && out.len() == before) {
            let href = href.pointer("/attrs/href").and_then(Value::as_str).unwrap_or_default();
            text(out, href, marks.all());
        }
    }

    /// The words up to the end of a link or image, which is taken.
    fn label(&mut self) -> String {
        let (mut open, mut words) = (1_usize, String::new());
        while open > 0 {
            match self.events.next() {
                Some(Event::Start(_)) => open += 1,
                Some(Event::End(_)) => open -= 1,
                Some(Event::Text(t) | Event::Code(t)) => words.push_str(&t),
                Some(_) => words.push(' '),
                None => break,
            }
        }
        words
    }

    /// An image alone in its paragraph is one; within a line the format has only links to it.
    fn image(&mut self, url: &str, title: &str, marks: &Marks, out: &mut Vec<Value>) {
        let alt = self.label();
        let alone = out.is_empty()
            && matches!(self.events.peek(), Some(Event::End(TagEnd::Paragraph)))
            && marks.all().is_empty();
        if alone && title.is_empty() && (url.starts_with("https://") || url.starts_with("http://")) {
            let mut attrs = json!({"type": "external", "url": url});
            if !alt.is_empty() {
                attrs["alt"] = json!(alt);
            }
            let media = json!({"type": "media", "attrs": attrs});
            out.push(json!({"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]}));
            return;
        }
        let mut with = marks.clone();
        with.own.push(link(url, title));
        text(out, if alt.is_empty() { url } else { &alt }, with.all());
    }
}

/// Carries out a tag in a line; one that is not understood stays as text.
fn tag_of(tag: &str, marks: &mut Marks, out: &mut Vec<Value>) {
    if matches!(tag, "<br>" | "<br/>" | "<br />") {
        out.push(json!({"type": "hardBreak"}));
    } else if !marks.html(tag) {
        text(out, tag, marks.all());
    }
}

fn link(href: &str, title: &str) -> Value {
    let mut attrs = json!({"href": href});
    if !title.is_empty() {
        attrs["title"] = json!(title);
    }
    json!({"type": "link", "attrs": attrs})
}

/// Adds text; text with the same marks before it takes it in.
fn text(out: &mut Vec<Value>, words: &str, marks: Vec<Value>) {
    if words.is_empty() {
        return;
    }
    let same = |node: &&mut Value| {
        kind(node) == "text"
            && node.get("marks").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice) == marks
    };
    if let Some(before) = out.last_mut().filter(same) {
        let whole = format!("{}{words}", before["text"].as_str().unwrap_or_default());
        before["text"] = json!(whole);
        return;
    }
    let mut node = json!({"type": "text", "text": words});
    if !marks.is_empty() {
        node["marks"] = Value::Array(marks);
    }
    out.push(node);
}
