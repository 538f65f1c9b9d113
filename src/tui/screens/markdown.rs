//! Remote Markdown as styled lines of a given width: made harmless before and after it is read, laid out here.
//!
//! It draws nothing and fetches nothing: an image is its description and its address, a link its words and its address.

use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use crate::support::text::{is_unsafe, many_lines};
use crate::tui::ink::{CodeBlock, Ink, Inks, MOST};
use crate::tui::screen::Ctx;

mod code;
mod table;
mod web;
mod writer;

pub use web::is_web;
use writer::Writer;

/// The styles of the parts that stand out; the rest is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Headings and the heads of tables.
    pub heading: Style,
    /// Code, in a line and in blocks.
    pub code: Style,
    /// Links.
    pub link: Style,
    /// Frames, addresses, raw HTML: what stands back.
    pub faint: Style,
    /// Quotes.
    pub quote: Style,
    /// A task that is done, a tip, an added line.
    pub good: Style,
    /// A note, a type.
    pub note: Style,
    /// A warning, a number.
    pub warn: Style,
    /// Something to beware of, a removed line.
    pub bad: Style,
    /// A type in code.
    pub kind: Style,
    /// Draw with ASCII only.
    pub ascii: bool,
}

impl Look {
    /// The look the theme asks for.
    pub fn of(ctx: &Ctx<'_>) -> Self {
        let theme = ctx.theme;
        Self {
            heading: theme.heading,
            code: theme.code,
            link: theme.link,
            faint: theme.dim,
            quote: theme.quote,
            good: theme.ok,
            note: theme.info,
            warn: theme.warn,
            bad: theme.error,
            kind: theme.person,
            ascii: ctx.glyphs.ascii,
        }
    }

    /// The style of a part of a code. Without colours the words are bold and the comments dim.
    fn ink(&self, ink: Option<Ink>) -> Style {
        match ink {
            None => Style::new(),
            Some(Ink::Keyword) => self.heading,
            Some(Ink::Type) => self.kind,
            Some(Ink::Text | Ink::Added) => self.good,
            Some(Ink::Number) => self.code,
            Some(Ink::Comment) => self.faint.add_modifier(Modifier::ITALIC),
            Some(Ink::Removed) => self.bad,
        }
    }

    /// Whether code in a line looks like the words around it, so that it needs its marks.
    fn is_code_plain(&self) -> bool {
        self.code.fg.is_none() && self.code.add_modifier.is_empty()
    }

    fn glyph(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }
}

/// An address a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What the text calls it; the address itself when it has no words.
    pub label: String,
    /// The address.
    pub url: String,
}

/// A text as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Its lines. They borrow nothing.
    pub lines: Vec<Line<'static>>,
    /// The addresses it names, each once, in its order.
    pub links: Vec<Named>,
}

/// Lays a body or a comment out for `columns` cells; code that is in `inks` shows what its parts are.
pub fn read(markdown: &str, columns: u16, look: Look, inks: &Inks) -> Reading {
    let source = many_lines(markdown);
    let mut writer = Writer::new(usize::from(columns), look, inks);
    for event in writer::parser(&source) {
        writer.event(event);
    }
    writer.finish()
}

/// The pieces of code in a text that can show what their parts are, at most [`MOST`].
pub fn blocks(markdown: &str) -> Vec<CodeBlock> {
    // Most texts have no code at all.
    if !markdown.contains("```") && !markdown.contains("~~~") {
        return Vec::new();
    }
    let source = many_lines(markdown);
    let mut out: Vec<CodeBlock> = Vec::new();
    let mut open: Option<CodeBlock> = None;
    for event in writer::parser(&source) {
        match event {
            pulldown_cmark::Event::Start(pulldown_cmark::Tag::CodeBlock(kind)) => {
                open = Some(code::begin(&kind));
            }
            pulldown_cmark::Event::Text(text) => {
                if let Some(block) = &mut open {
                    code::take(block, &text);
                }
            }
            pulldown_cmark::Event::End(pulldown_cmark::TagEnd::CodeBlock) => {
                let done = open.take().map(code::ended).filter(CodeBlock::can_be_inked);
                out.extend(done.filter(|block| !out.contains(block)));
            }
            _ => {}
        }
        if out.len() == MOST {
            break;
        }
    }
    out
}

/// The tasks in a text: how many are done, and how many there are.
pub fn tasks(markdown: &str) -> (usize, usize) {
    if !markdown.contains("[ ]") && !markdown.contains("[x]") && !markdown.contains("[X]") {
        return (0, 0);
    }
    let mut out = (0, 0);
    for event in writer::parser(&many_lines(markdown)) {
        if let pulldown_cmark::Event::TaskListMarker(done) = event {
            out = (out.0 + usize::from(done), out.1 + 1);
        }
    }
    out
}

/// A text without what could steer a terminal: an entity may have smuggled it past the first look.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if is_unsafe(c) && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests;
