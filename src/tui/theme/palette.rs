//! The built-in themes: the few colours each is made of.

use ratatui::style::{Color, Modifier, Style};

use crate::config::settings::ThemeName;

/// The colours a theme needs; the rest follows from them.
pub(super) struct Palette {
    pub(super) text: Style,
    pub(super) dim: Style,
    pub(super) accent: Style,
    pub(super) label: Style,
    pub(super) person: Style,
    pub(super) ok: Style,
    pub(super) info: Style,
    pub(super) warn: Style,
    pub(super) error: Style,
}

impl Palette {
    /// The built-in theme of this name; a name that is none is the terminal's.
    pub(super) fn of(name: &ThemeName) -> Self {
        match name {
            ThemeName::Terminal | ThemeName::Own(_) => Self::terminal(),
            ThemeName::Dark => Self::dark(),
            ThemeName::Light => Self::light(),
            ThemeName::HighContrast => Self::high_contrast(),
            ThemeName::Mono => Self::mono(),
        }
    }

    /// The sixteen colours every terminal has, on its own background and in its own foreground. Dim is the modifier,
    /// not bright black: some palettes draw that in the background's colour.
    fn terminal() -> Self {
        let fg = |c| Style::new().fg(c);
        Self {
            text: Style::new(),
            dim: Style::new().add_modifier(Modifier::DIM),
            accent: fg(Color::Cyan),
            label: fg(Color::Magenta),
            // Plain blue is all but black on many dark backgrounds.
            person: fg(Color::LightBlue),
            ok: fg(Color::Green),
            info: fg(Color::Cyan),
            warn: fg(Color::Yellow),
            error: fg(Color::Red),
        }
    }

    /// Colours of the 256 cube, which need no true colour and go through tmux.
    fn dark() -> Self {
        let fg = |c| Style::new().fg(Color::Indexed(c)).bg(Color::Indexed(234));
        Self {
            text: fg(252),
            dim: fg(246),
            accent: fg(80),
            label: fg(176),
            person: fg(111),
            ok: fg(114),
            info: fg(80),
            warn: fg(179),
            error: fg(210),
        }
    }

    fn light() -> Self {
        let fg = |c| Style::new().fg(Color::Indexed(c)).bg(Color::Indexed(231));
        Self {
            text: fg(235),
            dim: fg(241),
            accent: fg(25),
            label: fg(90),
            person: fg(24),
            ok: fg(22),
            info: fg(25),
            warn: fg(94),
            error: fg(124),
        }
    }

    /// Pure black behind pure hues, from the part of the 256 that no terminal's own palette bends.
    fn high_contrast() -> Self {
        let fg = |c| Style::new().fg(Color::Indexed(c)).bg(Color::Indexed(16));
        Self {
            text: fg(231),
            dim: fg(252),
            accent: fg(226),
            label: fg(123),
            person: fg(120),
            ok: fg(120),
            info: fg(123),
            warn: fg(226),
            error: fg(217),
        }
    }

    pub(super) fn mono() -> Self {
        let plain = Style::new();
        let dim = plain.add_modifier(Modifier::DIM);
        Self {
            text: plain,
            dim,
            accent: plain.add_modifier(Modifier::BOLD),
            label: plain,
            person: plain,
            ok: plain,
            info: plain,
            warn: plain.add_modifier(Modifier::BOLD),
            error: plain.add_modifier(Modifier::BOLD),
        }
    }
}
