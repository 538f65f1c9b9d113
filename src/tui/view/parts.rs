//! The texts of one line with their places, put together before anything is drawn: so the layout knows how far they
//! reach. Draws what it was given and nothing else.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use crate::tui::paint;
use crate::tui::theme::Glyphs;

/// One text of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    x: u16,
    max: u16,
    text: String,
    style: Style,
}

/// The texts of a line, and how far they reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts(Vec<Part>);

impl Parts {
    /// Puts a text of at most `max` cells at `x`; returns the cell after it, as [`paint::text`] does.
    pub fn text(&mut self, x: u16, max: u16, text: &str, style: Style) -> u16 {
        if max == 0 {
            return x;
        }
        let clean = paint::clean(text);
        let wide = paint::width(&clean);
        let end = if wide <= usize::from(max) {
            wide
        } else {
            paint::width(paint::fit(&clean, usize::from(max) - 1).0.trim_end()) + 1
        };
        self.0.push(Part { x, max, text: clean.into_owned(), style });
        x.saturating_add(end as u16)
    }

    /// Puts a text so that it ends before `right`; returns where it begins. Nothing is put when it does not fit from
    /// `left`, as with [`paint::text_right`].
    pub fn right(&mut self, left: u16, right: u16, text: &str, style: Style) -> u16 {
        let wide = paint::width(&paint::clean(text));
        if wide == 0 || usize::from(right.saturating_sub(left)) < wide {
            return right;
        }
        let x = right - wide as u16;
        self.text(x, wide as u16, text, style);
        x
    }

    /// Draws them on a row.
    pub fn draw(&self, y: u16, buf: &mut Buffer, glyphs: &Glyphs) {
        for part in &self.0 {
            paint::text(buf, part.x, y, part.max, &part.text, part.style, glyphs);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::layout::Rect;

    use super::*;

    proptest! {
        #[test]
        fn a_text_ends_where_it_is_drawn_to(text in "\\PC{0,30}", x in 0_u16..20, max in 0_u16..40) {
            let mut buf = Buffer::empty(Rect::new(0, 0, 80, 1));
            let mut parts = Parts::default();
            let said = parts.text(x, max, &text, Style::new());
            let drawn = paint::text(&mut buf, x, 0, max, &text, Style::new(), &Glyphs::UNICODE);
            prop_assert_eq!(said, drawn);
            let begins = Parts::default().right(x, x + max, &text, Style::new());
            let drawn = paint::text_right(&mut buf, x, x + max, 0, &text, Style::new(), &Glyphs::UNICODE);
            prop_assert_eq!(begins, drawn);
        }
    }
}
