//! Remote Markdown as styled lines of a given width: made harmless before and after it is read, wrapped here.
//!
//! It draws nothing and fetches nothing: an image is its description, a link its address.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use tui_markdown::{AlertKind, Options, StyleSheet};

use super::shape::wrap;
use crate::support::text::{is_unsafe, many_lines};
use crate::tui::paint::{fit, width};
use crate::tui::screen::Ctx;

/// The styles of the parts that stand out; the rest is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Headings and the heads of tables.
    pub heading: Style,
    /// Code, in a line and in blocks.
    pub code: Style,
    /// Links.
    pub link: Style,
    /// Frames, raw HTML, footnotes: what stands back.
    pub faint: Style,
    /// Quotes.
    pub quote: Style,
    /// Draw with ASCII only.
    pub ascii: bool,
}

impl Look {
    /// The look the theme asks for.
    pub fn of(ctx: &Ctx<'_>) -> Self {
        Self {
            heading: ctx.theme.heading,
            code: ctx.theme.code,
            link: ctx.theme.link,
            faint: ctx.theme.dim,
            quote: ctx.theme.quote,
            ascii: ctx.glyphs.ascii,
        }
    }
}

/// Marks code lines and raw HTML between the reader and the wrapping; never drawn.
const CODE: Modifier = Modifier::SLOW_BLINK;
const HTML: Modifier = Modifier::RAPID_BLINK;

#[derive(Debug, Clone, Copy)]
struct Sheet(Look);

impl StyleSheet for Sheet {
    fn heading(&self, level: u8) -> Style {
        if level == 1 { self.0.heading.add_modifier(Modifier::UNDERLINED) } else { self.0.heading }
    }
    fn heading_marker(&self, _level: u8) -> &'static str {
        ""
    }
    fn code(&self) -> Style {
        self.0.code.add_modifier(CODE)
    }
    fn code_block_fence(&self) -> &'static str {
        ""
    }
    fn link(&self) -> Style {
        self.0.link
    }
    fn blockquote(&self) -> Style {
        self.0.quote
    }
    fn heading_meta(&self) -> Style {
        self.0.faint
    }
    fn metadata_block(&self) -> Style {
        self.0.faint
    }
    fn html(&self) -> Style {
        self.0.faint.add_modifier(HTML)
    }
    fn math_inline(&self) -> Style {
        self.0.code
    }
    fn math_display(&self) -> Style {
        self.0.code
    }
    fn footnote_ref(&self) -> Style {
        self.0.faint
    }
    fn footnote_def(&self) -> Style {
        self.0.faint
    }
    fn alert(&self, _kind: AlertKind) -> Style {
        self.0.heading
    }
    fn alert_icon(&self, _kind: AlertKind) -> &'static str {
        "!"
    }
    fn table_header(&self) -> Style {
        self.0.heading
    }
    fn table_border(&self) -> Style {
        self.0.faint
    }
    fn list_marker(&self) -> Style {
        Style::new()
    }
    fn image_alt(&self) -> Style {
        self.0.faint
    }
}

/// Renders a body or a comment for `columns` cells. The lines borrow nothing.
pub fn lines(markdown: &str, columns: u16, look: Look) -> Vec<Line<'static>> {
    let source = with_breaks(&many_lines(markdown));
    let options = Options::new(Sheet(look)).table_width(columns.max(4));
    let text = tui_markdown::from_str_with_options(&source, &options);
    let mut shaper =
        Shaper { columns: usize::from(columns), look, hang: None, comment: false, out: Vec::new() };
    for line in text.lines {
        shaper.line(line);
    }
    let mut out = shaper.out;
    while out.last().is_some_and(|l| l.spans.iter().all(|s| s.content.trim().is_empty())) {
        out.pop();
    }
    out
}

/// Ends every line with a hard break: in an issue a new line is a new line, as GitHub shows it.
fn with_breaks(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split('\n') {
        out.push_str(line);
        out.push_str(if line.trim().is_empty() { "\n" } else { "  \n" });
    }
    out
}

struct Shaper {
    columns: usize,
    look: Look,
    /// Where the lines of the open list item hang.
    hang: Option<usize>,
    /// Inside an HTML comment, which people do not see on the platform either.
    comment: bool,
    out: Vec<Line<'static>>,
}

impl Shaper {
    fn line(&mut self, line: Line<'_>) {
        let code = line.style.add_modifier.contains(CODE);
        let style = plain(line.style);
        let had_text = !line.spans.is_empty();
        let spans = self.harmless(line.spans);
        let line = Line { spans: without_echoed_links(spans), style, alignment: None };
        if code {
            return self.code(line);
        }
        let text: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
        if text.trim().is_empty() {
            self.hang = None;
            // What only held a comment leaves no gap, and gaps do not add up.
            let gap = self.out.last().is_none_or(|l| l.spans.is_empty());
            if !had_text && !gap {
                self.out.push(Line::default());
            }
            return;
        }
        if text.trim() == "---" {
            let rule = if self.look.ascii { "-" } else { "─" }.repeat(self.columns);
            self.out.push(Line::styled(rule, self.look.faint));
            return;
        }
        self.prose(line, &text);
    }

    /// A line of text: list items hang, their further lines stand under the first.
    fn prose(&mut self, mut line: Line<'static>, text: &str) {
        let table = text.starts_with(['┌', '│', '├', '└', '╭', '╰']);
        if let Some(marker) = marker(text) {
            self.hang = Some(marker);
            self.bullet(&mut line);
        } else if let Some(hang) = self.hang.filter(|_| !table) {
            line.spans.insert(0, Span::raw(" ".repeat(hang)));
        }
        if self.look.ascii {
            line.spans.iter_mut().for_each(|s| s.content = ascii_lines(&s.content).into());
        }
        if table {
            self.out.push(line);
            return;
        }
        let quote = text.chars().take_while(|c| matches!(c, '>' | ' ')).count();
        let indent = match self.hang {
            _ if text.starts_with('>') => text[..quote].to_owned(),
            Some(hang) => " ".repeat(hang),
            None => " ".repeat(text.chars().take_while(|c| *c == ' ').count()),
        };
        self.out.extend(wrap(&line, self.columns, &indent));
    }

    /// A code line keeps its blanks and is broken only where the pane ends.
    fn code(&mut self, line: Line<'static>) {
        self.hang = None;
        let bar = if self.look.ascii { "| " } else { "▏ " };
        let text: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
        let mut rest = text.trim_end();
        loop {
            let part = fit(rest, self.columns.saturating_sub(2).max(1)).0;
            let spans =
                vec![Span::styled(bar, self.look.faint), Span::styled(part.to_owned(), self.look.code)];
            self.out.push(Line::from(spans));
            rest = &rest[part.len()..];
            if rest.is_empty() || part.is_empty() {
                break;
            }
        }
    }

    fn bullet(&self, line: &mut Line<'static>) {
        if self.look.ascii {
            return;
        }
        if let Some(first) = line.spans.first_mut() {
            let blank = first.content.len() - first.content.trim_start().len();
            if first.content[blank..].starts_with("- ") && !first.content[blank..].starts_with("- [") {
                first.content =
                    format!("{}• {}", &first.content[..blank], &first.content[blank + 2..]).into();
            }
        }
    }

    /// Takes HTML comments out and neutralises what an entity may have smuggled in.
    fn harmless(&mut self, spans: Vec<Span<'_>>) -> Vec<Span<'static>> {
        let mut out = Vec::with_capacity(spans.len());
        for span in spans {
            let html = span.style.add_modifier.contains(HTML);
            let content = if html { self.uncommented(&span.content) } else { span.content.into_owned() };
            if content.is_empty() {
                continue;
            }
            let safe: String = content.chars().map(|c| if is_unsafe(c) { '\u{FFFD}' } else { c }).collect();
            out.push(Span::styled(safe, plain(span.style)));
        }
        out
    }

    fn uncommented(&mut self, html: &str) -> String {
        let (mut out, mut rest) = (String::new(), html);
        loop {
            if self.comment {
                let Some((_, after)) = rest.split_once("-->") else { return out };
                (self.comment, rest) = (false, after);
            }
            let Some((before, after)) = rest.split_once("<!--") else {
                out.push_str(rest);
                return out;
            };
            out.push_str(before);
            (self.comment, rest) = (true, after);
        }
    }
}

fn plain(style: Style) -> Style {
    Style { add_modifier: style.add_modifier - (CODE | HTML), ..style }
}

/// `https://x (https://x)` says the same thing twice: the address of a bare link goes.
fn without_echoed_links(spans: Vec<Span<'static>>) -> Vec<Span<'static>> {
    let mut out: Vec<Span<'static>> = Vec::with_capacity(spans.len());
    let mut rest = spans.into_iter().peekable();
    while let Some(span) = rest.next() {
        let label = out.last().map(|s| s.content.clone()).unwrap_or_default();
        if span.content == " ("
            && rest.peek().is_some_and(|url| url.content.trim_start_matches("mailto:") == label)
        {
            rest.nth(1);
            continue;
        }
        out.push(span);
    }
    out
}

/// Cells up to the text of a list item; `None` when the line is none.
fn marker(text: &str) -> Option<usize> {
    let blank = text.len() - text.trim_start().len();
    let rest = &text[blank..];
    let bullet = ["- [ ] ", "- [x] ", "- "].into_iter().find(|b| rest.starts_with(b)).map(str::len);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = (digits > 0 && rest[digits..].starts_with(". ")).then_some(digits + 2);
    bullet.or(number).map(|m| width(&text[..blank + m]))
}

/// The frames of tables for a terminal that shows ASCII only.
fn ascii_lines(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '─' | '━' | '═' => '-',
            '│' | '┃' | '║' => '|',
            '\u{2500}'..='\u{257F}' => '+',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests;
