//! A field that text is typed into, of one line or many. Remote text in it keeps every character and is still
//! drawn harmlessly.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget as _;
use tui_textarea::{CursorMove, TextArea, WrapMode};

use crate::config::keymap::Key;
use crate::support::text::is_unsafe;
use crate::tui::screen::{Ctx, Input};

/// A field that text is typed into.
#[derive(Debug, Clone)]
pub struct Field {
    area: Box<TextArea<'static>>,
    one_line: bool,
}

impl Field {
    /// A field with a text to start from; the cursor stands at its end when it is one line, else at its start.
    pub fn new(text: &str, one_line: bool) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<String> = if one_line {
            vec![text.replace('\n', " ")]
        } else {
            text.split('\n').map(str::to_owned).collect()
        };
        let mut area = TextArea::new(lines);
        area.set_cursor_line_style(Style::new());
        // The terminal's own cursor is put there instead: screen readers and input methods follow it.
        area.set_cursor_style(Style::new());
        area.set_wrap_mode(if one_line { WrapMode::None } else { WrapMode::WordOrGlyph });
        if one_line {
            area.move_cursor(CursorMove::End);
        }
        Self { area: Box::new(area), one_line }
    }

    /// What is in it; lines are parted by line feeds.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Takes a key or a pasted text; says whether it meant something.
    pub fn input(&mut self, input: &Input) -> bool {
        match input {
            Input::Key(press, _) if self.one_line && press.key == Key::Enter => false,
            // What ctrl-m and ctrl-j are in a terminal: enter.
            Input::Key(press, _)
                if self.one_line && press.ctrl && matches!(press.key, Key::Char('m' | 'j')) =>
            {
                false
            }
            // As in a shell, and in every other field of one line; the text area would undo.
            Input::Key(press, _) if self.one_line && press.ctrl && press.key == Key::Char('u') => {
                self.area.delete_line_by_head()
            }
            Input::Key(press, event) => {
                let known = !matches!(press.key, Key::F(_) | Key::Insert | Key::Esc | Key::BackTab);
                if known {
                    self.area.input(*event);
                }
                known
            }
            Input::Paste(text) => {
                self.paste(text);
                true
            }
            Input::Mouse(_) => false,
        }
    }

    /// Puts a text at the cursor: control characters stay out, a line break is a blank where there is one line.
    fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = text
            .chars()
            .filter_map(|c| match c {
                '\n' | '\t' if self.one_line => Some(' '),
                '\n' | '\t' => Some(c),
                c if is_unsafe(c) => None,
                c => Some(c),
            })
            .collect();
        self.area.insert_str(text);
    }

    /// The text of the cursor's line before it.
    pub fn before_cursor(&self) -> String {
        let cursor = self.area.cursor();
        let line = self.area.lines().get(cursor.0).map(String::as_str).unwrap_or_default();
        line.chars().take(cursor.1).collect()
    }

    /// Replaces the last characters before the cursor, on its own line, by a text.
    pub fn replace_before(&mut self, characters: usize, with: &str) {
        let most = characters.min(self.before_cursor().chars().count());
        for _ in 0..most {
            self.area.delete_char();
        }
        self.area.insert_str(with);
    }

    /// Puts the cursor at the start of a line, counted from 0.
    pub fn go_to_line(&mut self, line: usize) {
        self.area.move_cursor(CursorMove::Jump(u16::try_from(line).unwrap_or(u16::MAX), 0));
    }

    /// Puts the cursor behind the last character.
    pub fn go_to_end(&mut self) {
        self.area.move_cursor(CursorMove::Bottom);
        self.area.move_cursor(CursorMove::End);
    }

    /// Whether the cursor is behind the last character.
    pub fn at_end(&self) -> bool {
        let cursor = self.area.cursor();
        let last = self.area.lines().len().saturating_sub(1);
        cursor.0 == last && cursor.1 == self.area.lines()[last].chars().count()
    }

    /// Draws it. Characters a terminal could act on are shown as U+FFFD; what is typed keeps them.
    pub fn render(&self, buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let before = self.area.style();
        debug_assert_eq!(before, Style::new(), "the field's own style would hide the theme's");
        self.area.as_ref().render(area, buf);
        if self.one_line {
            buf.set_style(area, ctx.theme.input);
        }
        for position in area.positions() {
            let cell = &mut buf[position];
            if cell.symbol().chars().any(is_unsafe) {
                cell.set_symbol("\u{FFFD}");
            }
        }
    }

    /// Where the cursor stands when the field was last drawn in `area`.
    pub fn cursor(&self, area: Rect) -> Option<Position> {
        let (top, left) = self.area.scroll_offset();
        let at = self.area.screen_cursor();
        let x = area.x.checked_add(u16::try_from(at.col).ok()?.checked_sub(left)?)?;
        let y = area.y.checked_add(u16::try_from(at.row).ok()?.checked_sub(top)?)?;
        area.contains(Position::new(x, y)).then(|| Position::new(x, y))
    }
}
