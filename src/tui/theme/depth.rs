//! How many colours a terminal has, and the nearest there is of one it has not.

use ratatui::style::{Color, Style};

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Depth {
    /// None: they are not wanted, or there are none.
    Mono,
    /// The sixteen.
    Sixteen,
    /// The sixteen, a cube of 216 and 24 greys.
    #[default]
    Indexed,
    /// Any red, green and blue.
    True,
}

/// A colour with eight bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Depth {
    /// A style in colours of this depth.
    pub(super) fn reduce(self, mut style: Style) -> Style {
        style.fg = style.fg.map(|c| self.nearest(c));
        style.bg = style.bg.map(|c| self.nearest(c));
        style
    }

    /// The nearest colour there is. The terminal's own and the sixteen stay what they are: nobody knows how they look.
    fn nearest(self, colour: Color) -> Color {
        match (self, colour) {
            (Self::Mono, _) => Color::Reset,
            (Self::Indexed, Color::Rgb(r, g, b)) => Color::Indexed(closest(Rgb(r, g, b), 16..=255)),
            (Self::Sixteen, Color::Rgb(r, g, b)) => named(closest(Rgb(r, g, b), 0..=15)),
            (Self::Sixteen, Color::Indexed(n)) if n > 15 => named(closest(xterm(n), 0..=15)),
            (Self::Sixteen, Color::Indexed(n)) => named(n),
            _ => colour,
        }
    }
}

/// The number of the colour among these that looks most like `wanted`.
fn closest(wanted: Rgb, among: std::ops::RangeInclusive<u8>) -> u8 {
    among.min_by_key(|n| distance(xterm(*n), wanted)).unwrap_or(7)
}

/// How far two colours are apart, weighted as eyes do ("redmean").
fn distance(a: Rgb, b: Rgb) -> u32 {
    let apart = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    let red = u32::from(a.0.midpoint(b.0));
    (512 + red) * apart(a.0, b.0) + 1024 * apart(a.1, b.1) + (767 - red) * apart(a.2, b.2)
}

/// One of the sixteen by its number.
pub(super) fn named(n: u8) -> Color {
    match n {
        0 => Color::Black,
        1 => Color::Red,
        2 => Color::Green,
        3 => Color::Yellow,
        4 => Color::Blue,
        5 => Color::Magenta,
        6 => Color::Cyan,
        7 => Color::Gray,
        8 => Color::DarkGray,
        9 => Color::LightRed,
        10 => Color::LightGreen,
        11 => Color::LightYellow,
        12 => Color::LightBlue,
        13 => Color::LightMagenta,
        14 => Color::LightCyan,
        _ => Color::White,
    }
}

/// The number of one of the sixteen; 7 for what is none of them.
pub fn number(colour: Color) -> u16 {
    (0..16).find(|n| named(*n) == colour).map_or(7, u16::from)
}

/// What xterm shows for one of the 256.
pub fn xterm(n: u8) -> Rgb {
    const FIRST: [Rgb; 16] = [
        Rgb(0, 0, 0),
        Rgb(205, 0, 0),
        Rgb(0, 205, 0),
        Rgb(205, 205, 0),
        Rgb(0, 0, 238),
        Rgb(205, 0, 205),
        Rgb(0, 205, 205),
        Rgb(229, 229, 229),
        Rgb(127, 127, 127),
        Rgb(255, 0, 0),
        Rgb(0, 255, 0),
        Rgb(255, 255, 0),
        Rgb(92, 92, 255),
        Rgb(255, 0, 255),
        Rgb(0, 255, 255),
        Rgb(255, 255, 255),
    ];
    match n {
        0..=15 => FIRST[usize::from(n)],
        16..=231 => {
            let level = |v: u8| if v == 0 { 0 } else { 55 + v * 40 };
            let n = n - 16;
            Rgb(level(n / 36), level(n / 6 % 6), level(n % 6))
        }
        232..=255 => {
            let level = 8 + (n - 232) * 10;
            Rgb(level, level, level)
        }
    }
}
