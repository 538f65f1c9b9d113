//! A drawn screen as a self-contained SVG picture: for the README, bug reports and a look at a theme.
//!
//! Pure: a buffer and a palette in, text out. It reads no font and no file; every glyph keeps its cell whatever
//! font the viewer has, because each run of text says how long it is.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::style::{Color, Modifier, Style};

mod shapes;

pub use super::theme::Rgb;
use super::theme::xterm;

/// Width of a cell in SVG units.
const CELL_W: f32 = 8.4;
/// Height of a cell in SVG units.
const CELL_H: f32 = 18.0;
/// Room around the grid.
const MARGIN: f32 = 12.0;
/// Distance from the top of a cell to the base line of its text.
const BASELINE: f32 = 13.5;

impl Rgb {
    /// The colour halfway to `other`.
    fn halfway(self, other: Self) -> Self {
        let mid = |a: u8, b: u8| a.midpoint(b);
        Self(mid(self.0, other.0), mid(self.1, other.1), mid(self.2, other.2))
    }
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// What a terminal would show for the colours that a theme leaves to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Text without a colour of its own.
    pub foreground: Rgb,
    /// Behind everything.
    pub background: Rgb,
    /// The sixteen ANSI colours: black to white, then the bright ones.
    pub ansi: [Rgb; 16],
}

impl Palette {
    /// A quiet dark terminal.
    pub const DARK: Self = Self {
        foreground: Rgb(0xd4, 0xd8, 0xde),
        background: Rgb(0x16, 0x1a, 0x20),
        ansi: [
            Rgb(0x2a, 0x30, 0x3a),
            Rgb(0xe8, 0x6c, 0x75),
            Rgb(0x8c, 0xc2, 0x72),
            Rgb(0xe0, 0xb4, 0x66),
            Rgb(0x6a, 0xa8, 0xe8),
            Rgb(0xc0, 0x86, 0xdc),
            Rgb(0x5c, 0xbd, 0xc4),
            Rgb(0xb4, 0xbb, 0xc6),
            Rgb(0x6a, 0x73, 0x82),
            Rgb(0xf2, 0x8b, 0x92),
            Rgb(0xa6, 0xd6, 0x8e),
            Rgb(0xf0, 0xc9, 0x86),
            Rgb(0x8c, 0xc0, 0xf4),
            Rgb(0xd4, 0xa4, 0xea),
            Rgb(0x80, 0xd4, 0xda),
            Rgb(0xf4, 0xf6, 0xf9),
        ],
    };

    /// A quiet light terminal.
    pub const LIGHT: Self = Self {
        foreground: Rgb(0x2a, 0x2f, 0x38),
        background: Rgb(0xfb, 0xfb, 0xf9),
        ansi: [
            Rgb(0x2a, 0x2f, 0x38),
            Rgb(0xb8, 0x32, 0x3c),
            Rgb(0x3a, 0x7d, 0x32),
            Rgb(0x9a, 0x6a, 0x08),
            Rgb(0x1f, 0x62, 0xb4),
            Rgb(0x8a, 0x3f, 0xa8),
            Rgb(0x12, 0x78, 0x80),
            Rgb(0xc8, 0xcc, 0xd2),
            Rgb(0x76, 0x7e, 0x8a),
            Rgb(0xd0, 0x4a, 0x54),
            Rgb(0x4e, 0x96, 0x44),
            Rgb(0xb4, 0x82, 0x1c),
            Rgb(0x3a, 0x7c, 0xce),
            Rgb(0xa2, 0x58, 0xc0),
            Rgb(0x24, 0x92, 0x9a),
            Rgb(0xff, 0xff, 0xff),
        ],
    };

    /// The same terminal, with a theme's own text and background as its own.
    pub fn around(mut self, text: Style) -> Self {
        self.background = self.resolve(text.bg.unwrap_or_default(), self.background);
        self.foreground = self.resolve(text.fg.unwrap_or_default(), self.foreground);
        self
    }

    /// The colour a terminal shows for `color`; `default` for the terminal's own.
    fn resolve(&self, color: Color, default: Rgb) -> Rgb {
        let named = |n: usize| self.ansi.get(n).copied().unwrap_or(default);
        match color {
            Color::Reset => default,
            Color::Black => named(0),
            Color::Red => named(1),
            Color::Green => named(2),
            Color::Yellow => named(3),
            Color::Blue => named(4),
            Color::Magenta => named(5),
            Color::Cyan => named(6),
            Color::Gray => named(7),
            Color::DarkGray => named(8),
            Color::LightRed => named(9),
            Color::LightGreen => named(10),
            Color::LightYellow => named(11),
            Color::LightBlue => named(12),
            Color::LightMagenta => named(13),
            Color::LightCyan => named(14),
            Color::White => named(15),
            Color::Rgb(r, g, b) => Rgb(r, g, b),
            Color::Indexed(n) => match n {
                0..=15 => named(usize::from(n)),
                16..=255 => xterm(n),
            },
        }
    }
}

/// How a cell looks once reverse and dim are worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    fg: Rgb,
    bg: Rgb,
    bold: bool,
    italic: bool,
    underline: bool,
    struck: bool,
    hidden: bool,
}

impl Look {
    fn of(cell: &Cell, palette: &Palette) -> Self {
        let has = |m: Modifier| cell.modifier.contains(m);
        let mut fg = palette.resolve(cell.fg, palette.foreground);
        let mut bg = palette.resolve(cell.bg, palette.background);
        if has(Modifier::REVERSED) {
            std::mem::swap(&mut fg, &mut bg);
        }
        if has(Modifier::DIM) {
            fg = fg.halfway(bg);
        }
        Self {
            fg,
            bg,
            bold: has(Modifier::BOLD),
            italic: has(Modifier::ITALIC),
            underline: has(Modifier::UNDERLINED),
            struck: has(Modifier::CROSSED_OUT),
            hidden: has(Modifier::HIDDEN),
        }
    }
}

/// One glyph where it stands: column, width in cells, what and how.
struct Glyph<'a> {
    x: u16,
    width: u16,
    symbol: &'a str,
    look: Look,
}

/// Draws `buffer` as an SVG document named `title`.
///
/// Box lines and blocks are drawn as shapes, so that they meet without seams; all else is text that can be selected.
pub fn document(buffer: &Buffer, palette: &Palette, title: &str) -> String {
    let area = buffer.area();
    let width = f32::from(area.width) * CELL_W + 2.0 * MARGIN;
    let height = f32::from(area.height) * CELL_H + 2.0 * MARGIN;
    let mut out = String::with_capacity(usize::from(area.width) * usize::from(area.height) * 12 + 1024);
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.1} {height:.1}\" role=\"img\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\" xml:space=\"preserve\">"
    );
    let _ = writeln!(out, "<title>{}</title>", Escaped(title));
    let _ = writeln!(
        out,
        "<rect width=\"{width:.1}\" height=\"{height:.1}\" rx=\"8\" fill=\"{}\"/>",
        palette.background
    );
    for y in area.top()..area.bottom() {
        let glyphs = row(buffer, y, palette);
        let top = MARGIN + f32::from(y - area.top()) * CELL_H;
        backgrounds(&mut out, &glyphs, top, palette);
        texts(&mut out, &glyphs, top);
    }
    out.push_str("</svg>\n");
    out
}

/// The glyphs of one row, the second halves of wide ones left out.
fn row<'a>(buffer: &'a Buffer, y: u16, palette: &Palette) -> Vec<Glyph<'a>> {
    let area = buffer.area();
    let mut glyphs = Vec::with_capacity(usize::from(area.width));
    let mut x = area.left();
    while x < area.right() {
        let Some(cell) = buffer.cell((x, y)) else { break };
        // A control character has no width of its own and must not be asked for one.
        let control = cell.symbol().contains(char::is_control);
        let width = if control { 1 } else { cell.cell_width().clamp(1, area.right() - x) };
        glyphs.push(Glyph {
            x: x - area.left(),
            width,
            symbol: cell.symbol(),
            look: Look::of(cell, palette),
        });
        x += width;
    }
    glyphs
}

/// One rectangle for each run of cells with the same background that is not the picture's own.
fn backgrounds(out: &mut String, glyphs: &[Glyph<'_>], top: f32, palette: &Palette) {
    for run in glyphs.chunk_by(|a, b| a.look.bg == b.look.bg) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if first.look.bg == palette.background {
            continue;
        }
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{CELL_H:.1}\" fill=\"{}\"/>",
            left(first.x),
            f32::from(last.x + last.width - first.x) * CELL_W,
            first.look.bg
        );
    }
}

/// One text element for each run of one look; a wide glyph is a run of its own, a shape is drawn.
fn texts(out: &mut String, glyphs: &[Glyph<'_>], top: f32) {
    let alone = |g: &Glyph<'_>| g.width > 1 || shapes::is_shape(g.symbol);
    for run in glyphs.chunk_by(|a, b| a.look == b.look && !alone(a) && !alone(b)) {
        let Some(first) = run.first() else { continue };
        if first.look.hidden {
            continue;
        }
        if shapes::draw(out, first.symbol, left(first.x), top, first.look.fg) {
            continue;
        }
        text(out, run, top);
    }
}

fn text(out: &mut String, run: &[Glyph<'_>], top: f32) {
    let Some(first) = run.first() else { return };
    let decorated = first.look.underline || first.look.struck;
    let blank = |g: &&Glyph<'_>| g.symbol.trim().is_empty() && !decorated;
    let lead = run.iter().take_while(blank).count();
    let tail = run.iter().rev().take_while(blank).count();
    if lead + tail >= run.len() {
        return;
    }
    let run = &run[lead..run.len() - tail];
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
    let content: String = run.iter().map(|g| g.symbol).collect();
    let length = f32::from(last.x + last.width - first.x) * CELL_W;
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\"",
        left(first.x),
        top + BASELINE,
        first.look.fg
    );
    if first.look.bold {
        out.push_str(" font-weight=\"bold\"");
    }
    if first.look.italic {
        out.push_str(" font-style=\"italic\"");
    }
    match (first.look.underline, first.look.struck) {
        (true, true) => out.push_str(" text-decoration=\"underline line-through\""),
        (true, false) => out.push_str(" text-decoration=\"underline\""),
        (false, true) => out.push_str(" text-decoration=\"line-through\""),
        (false, false) => {}
    }
    let _ = writeln!(out, ">{}</text>", Escaped(&content));
}

/// The left edge of column `x`.
fn left(x: u16) -> f32 {
    MARGIN + f32::from(x) * CELL_W
}

/// Text as it may stand in XML: markup escaped, characters XML does not allow replaced.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\u{FFFE}' | '\u{FFFF}' => f.write_str("\u{FFFD}")?,
                c if c.is_control() => f.write_str("\u{FFFD}")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
