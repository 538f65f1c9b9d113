//! The way from Markdown's events to lines: what stands around a text (quotes, items of lists), its blocks one after
//! another, and what is in a line.

use pulldown_cmark::{BlockQuoteKind, Event, Options, Parser, Tag, TagEnd, TextMergeStream};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::table::Table;
use super::web::{Piece, bare_url, is_web, pieces};
use super::{Look, Named, Reading, code, harmless};
use crate::tui::ink::{CodeBlock, Inks};
use crate::tui::paint::width;
use crate::tui::screens::shape::wrap;

/// The events of a text, in what GitHub and GitLab read in issues.
pub(super) fn parser(source: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    TextMergeStream::new(Parser::new_ext(source, options))
}

/// The most things around a text that are drawn: what is nested deeper stands no further to the right.
const DEEPEST: usize = 12;

/// Something around a text.
#[derive(Debug)]
enum Around {
    /// A quote, with the style of its bar.
    Quote(Style),
    /// An item: what stands before its first line until that is written, and the cells of that.
    Item(Option<Span<'static>>, usize),
}

/// A link that is open: its address, and its words so far.
struct OpenLink {
    url: String,
    label: String,
}

pub(super) struct Writer<'a> {
    columns: usize,
    look: Look,
    inks: &'a Inks,
    done: Reading,
    around: Vec<Around>,
    /// The open lists: the next number of a numbered one.
    lists: Vec<Option<u64>>,
    /// The rows of the text that is open, ended by hard breaks.
    rows: Vec<Vec<Span<'static>>>,
    styles: Vec<Style>,
    /// Whether a blank line comes before the next block.
    gap: bool,
    code: Option<CodeBlock>,
    table: Option<Table>,
    link: Option<OpenLink>,
    /// The address and the description of an open image.
    image: Option<(String, String)>,
    /// Inside an HTML comment, which people do not see on the platform either.
    comment: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(columns: usize, look: Look, inks: &'a Inks) -> Self {
        Self {
            columns,
            look,
            inks,
            done: Reading::default(),
            around: Vec::new(),
            lists: Vec::new(),
            rows: Vec::new(),
            styles: Vec::new(),
            gap: false,
            code: None,
            table: None,
            link: None,
            image: None,
            comment: false,
        }
    }

    /// What was read.
    pub(super) fn finish(mut self) -> Reading {
        self.flush();
        while self.done.lines.last().is_some_and(|l| l.spans.iter().all(|s| s.content.trim().is_empty())) {
            self.done.lines.pop();
        }
        self.done
    }

    /// Takes the next event.
    pub(super) fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.inline_code(&text),
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            Event::FootnoteReference(name) => self.put(&format!("[{}]", harmless(&name)), self.look.faint),
            // In an issue a new line is a new line, as GitHub shows it.
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.flush();
                let room = self.room();
                let rule = self.look.glyph("─", "-").repeat(room);
                self.emit(Line::styled(rule, self.look.faint));
                self.gap = true;
            }
            Event::TaskListMarker(done) => self.task(done),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.put(&harmless(&text), self.look.code),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                let style = match level as u8 {
                    1 => self.look.heading.add_modifier(Modifier::UNDERLINED),
                    2 => self.look.heading,
                    _ => self.look.heading.add_modifier(Modifier::ITALIC),
                };
                self.styles.push(style);
            }
            Tag::BlockQuote(kind) => self.quote(kind),
            Tag::CodeBlock(kind) => {
                self.flush();
                self.code = Some(code::begin(&kind));
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::FootnoteDefinition(name) => {
                self.flush();
                let mark = format!("[{}] ", harmless(&name));
                self.hang(Span::styled(mark, self.look.faint));
            }
            Tag::Table(alignments) => {
                self.flush();
                self.table = Some(Table { alignments, rows: Vec::new() });
            }
            Tag::TableHead => {
                self.styles.push(self.look.heading);
                self.next_row();
            }
            Tag::TableRow => self.next_row(),
            Tag::Emphasis => self.push_style(Style::new().add_modifier(Modifier::ITALIC)),
            Tag::Strong => self.push_style(Style::new().add_modifier(Modifier::BOLD)),
            Tag::Strikethrough => self.push_style(Style::new().add_modifier(Modifier::CROSSED_OUT)),
            Tag::Link { dest_url, .. } => {
                self.push_style(self.look.link);
                self.link = Some(OpenLink { url: harmless(&dest_url), label: String::new() });
            }
            Tag::Image { dest_url, .. } => self.image = Some((harmless(&dest_url), String::new())),
            Tag::Paragraph | Tag::HtmlBlock => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                self.flush();
                self.gap = true;
            }
            TagEnd::HtmlBlock => {
                let before = self.done.lines.len();
                self.flush();
                // What held only a comment leaves no gap.
                self.gap |= self.done.lines.len() > before;
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
                self.gap = true;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.styles.pop();
                self.around.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
                // A list within an item of another goes on with the next item.
                self.gap |= self.lists.is_empty();
            }
            TagEnd::Item | TagEnd::FootnoteDefinition => {
                self.flush();
                if matches!(self.around.last(), Some(Around::Item(Some(_), _))) {
                    self.emit(Line::default());
                }
                self.around.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.rows);
                if let Some(row) = self.table.as_mut().and_then(|t| t.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.end_table(),
            TagEnd::TableHead | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link => self.end_link(),
            TagEnd::Image => {
                if let Some((url, alt)) = self.image.take() {
                    self.picture(&alt, &url);
                }
            }
            _ => {}
        }
    }

    fn quote(&mut self, kind: Option<BlockQuoteKind>) {
        self.flush();
        self.open_gap();
        let look = self.look;
        let (glyph, word, style) = match kind {
            None => {
                self.around.push(Around::Quote(look.faint));
                self.styles.push(look.quote);
                return;
            }
            Some(BlockQuoteKind::Note) => ("i", "Note", look.note),
            Some(BlockQuoteKind::Tip) => ("+", "Tip", look.good),
            Some(BlockQuoteKind::Important) => ("!", "Important", look.heading),
            Some(BlockQuoteKind::Warning) => (look.glyph("⚠", "!"), "Warning", look.warn),
            Some(BlockQuoteKind::Caution) => (look.glyph("✗", "!"), "Caution", look.bad),
        };
        self.around.push(Around::Quote(style));
        self.styles.push(Style::new());
        let style = style.add_modifier(Modifier::BOLD);
        self.emit(Line::from(Span::styled(format!("{glyph} {word}"), style)));
    }

    fn item(&mut self) {
        self.flush();
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", number.saturating_sub(1))
            }
            _ => self.look.glyph("• ", "- ").to_owned(),
        };
        self.hang(Span::raw(mark));
    }

    /// What comes next hangs behind a mark.
    fn hang(&mut self, mark: Span<'static>) {
        let cells = width(&mark.content);
        self.around.push(Around::Item(Some(mark), cells));
    }

    fn task(&mut self, done: bool) {
        let (mark, style) =
            if done { (self.look.glyph("[✓] ", "[x] "), self.look.good) } else { ("[ ] ", Style::new()) };
        if let Some(Around::Item(before, cells)) = self.around.last_mut()
            && before.is_some()
        {
            (*before, *cells) = (Some(Span::styled(mark, style)), width(mark));
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(block) = &mut self.code {
            return code::take(block, text);
        }
        let text = harmless(text);
        if self.link.is_some() || self.image.is_some() {
            return self.put(&text, Style::new());
        }
        let mut rest = text.as_str();
        while let Some((from, to)) = bare_url(rest) {
            self.put(&rest[..from], Style::new());
            let url = &rest[from..to];
            self.put(url, self.look.link);
            self.name(url, url);
            rest = &rest[to..];
        }
        self.put(rest, Style::new());
    }

    fn inline_code(&mut self, text: &str) {
        let text = harmless(text);
        if self.look.is_code_plain() && self.image.is_none() {
            self.put(&format!("`{text}`"), self.look.code);
        } else {
            self.put(&text, self.look.code);
        }
    }

    fn html(&mut self, html: &str) {
        let html = harmless(html);
        for piece in pieces(&html, &mut self.comment) {
            match piece {
                Piece::Break => self.line_break(),
                Piece::Picture(alt, url) => self.picture(&alt, &url),
                Piece::Text(text) => {
                    for (n, line) in text.split('\n').enumerate() {
                        if n > 0 {
                            self.line_break();
                        }
                        self.put(line, self.look.faint);
                    }
                }
            }
        }
    }

    /// An image is told by its description and its address.
    fn picture(&mut self, alt: &str, url: &str) {
        let alt = alt.trim();
        let words = if alt.is_empty() { "image:".to_owned() } else { format!("image: {alt}") };
        self.put(&words, self.look.note);
        self.put(&format!(" ({url})"), self.look.faint);
        self.name(if alt.is_empty() { url } else { alt }, url);
    }

    fn end_link(&mut self) {
        self.styles.pop();
        let Some(OpenLink { url, label }) = self.link.take() else { return };
        // `https://x (https://x)` would say the same thing twice.
        if url.trim_start_matches("mailto:") != label && !url.is_empty() {
            self.put(&format!(" ({url})"), self.look.faint);
        }
        self.name(&label, &url);
    }

    /// Notes an address that can be opened.
    fn name(&mut self, label: &str, url: &str) {
        if is_web(url) && !self.done.links.iter().any(|l| l.url == url) && self.done.links.len() < 500 {
            let label = label.trim().to_owned();
            self.done.links.push(Named { label, url: url.to_owned() });
        }
    }

    /// A part of a line, in the style around it and its own.
    fn put(&mut self, text: &str, style: Style) {
        if let Some((_, alt)) = &mut self.image {
            alt.push_str(text);
            return;
        }
        if let Some(link) = &mut self.link {
            link.label.push_str(text);
        }
        if text.is_empty() {
            return;
        }
        let around = self.styles.last().copied().unwrap_or_default();
        if self.rows.is_empty() {
            self.rows.push(Vec::new());
        }
        if let Some(row) = self.rows.last_mut() {
            row.push(Span::styled(text.to_owned(), around.patch(style)));
        }
    }

    fn push_style(&mut self, style: Style) {
        let around = self.styles.last().copied().unwrap_or_default();
        self.styles.push(around.patch(style));
    }

    fn line_break(&mut self) {
        if let Some((_, alt)) = &mut self.image {
            alt.push(' ');
        } else if !self.rows.is_empty() {
            self.rows.push(Vec::new());
        }
    }

    fn next_row(&mut self) {
        if let Some(table) = &mut self.table {
            table.rows.push(Vec::new());
        }
    }

    fn end_code(&mut self) {
        let Some(block) = self.code.take().map(code::ended) else { return };
        let bar = Span::styled(self.look.glyph("▏ ", "| "), self.look.faint);
        let inked = self.inks.get(&block).map(|lines| lines.as_slice());
        let room = self.room();
        // Where the bar would leave no room for a wide character, there is none.
        let barred = room >= 4;
        for mut spans in code::lines(&block, inked, room - if barred { 2 } else { 0 }, &self.look) {
            if barred {
                spans.insert(0, bar.clone());
            }
            self.emit(Line::from(spans));
        }
        self.gap = true;
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        self.rows.clear();
        for line in table.lines(self.room(), &self.look) {
            self.emit(line);
        }
        self.gap = true;
    }

    /// Writes the open text down, broken to the width.
    fn flush(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let blank = |row: &Vec<Span<'_>>| row.iter().all(|s| s.content.trim().is_empty());
        while rows.last().is_some_and(blank) {
            rows.pop();
        }
        let begin = rows.iter().position(|row| !blank(row)).unwrap_or(0);
        for row in rows.drain(begin..) {
            let room = self.room();
            for line in wrap(&Line::from(row), room, "") {
                self.emit(line);
            }
        }
    }

    /// The blank line before a block, when there is something above it.
    fn open_gap(&mut self) {
        if std::mem::take(&mut self.gap) && !self.done.lines.is_empty() {
            let mut spans = self.before(true);
            while spans.last().is_some_and(|s| s.content.trim().is_empty()) {
                spans.pop();
            }
            self.done.lines.push(Line::from(spans));
        }
    }

    /// Writes down one line that fits.
    fn emit(&mut self, line: Line<'static>) {
        self.open_gap();
        let mut spans = self.before(false);
        // What was begun around an item that has its mark already, has its own.
        for thing in self.around.iter_mut().rev().take(4 * DEEPEST) {
            match thing {
                Around::Item(None, _) => break,
                Around::Item(mark, _) => *mark = None,
                Around::Quote(_) => {}
            }
        }
        let style = line.style;
        spans.extend(line.spans.into_iter().map(|s| Span { style: style.patch(s.style), ..s }));
        self.done.lines.push(Line::from(spans));
    }

    /// The things around the text that are drawn: the inner ones, when all would leave the text no room.
    fn drawn(&self) -> &[Around] {
        let (mut from, mut cells) = (self.around.len(), 0);
        for thing in self.around.iter().rev().take(DEEPEST) {
            cells += thing.cells();
            if cells * 2 > self.columns {
                break;
            }
            from -= 1;
        }
        &self.around[from..]
    }

    /// The cells a text has.
    fn room(&self) -> usize {
        let used: usize = self.drawn().iter().map(Around::cells).sum();
        self.columns.saturating_sub(used).max(1)
    }

    /// What stands before a line; before a blank one no item begins.
    fn before(&self, blank: bool) -> Vec<Span<'static>> {
        let bar = self.look.glyph("│ ", "> ");
        let one = |thing: &Around| match thing {
            Around::Quote(style) => Span::styled(bar, *style),
            Around::Item(Some(mark), _) if !blank => mark.clone(),
            Around::Item(_, cells) => Span::raw(" ".repeat(*cells)),
        };
        self.drawn().iter().map(one).collect()
    }
}

impl Around {
    fn cells(&self) -> usize {
        match self {
            Self::Quote(_) => 2,
            Self::Item(_, cells) => *cells,
        }
    }
}
