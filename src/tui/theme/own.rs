//! From what a person wrote of a theme to its styles.

use ratatui::style::{Color, Modifier, Style};

use super::Theme;
use super::depth::named;
use super::palette::Palette;
use crate::config::theme::{Brush, Colour, OwnTheme, Role};

/// The theme a person made: first the colours that others follow, then the rest by name.
pub(super) fn theme(own: &OwnTheme) -> Theme {
    let mut palette = Palette::of(&own.base);
    let said = |role: Role| own.roles.get(&role);
    if let Some(bg) = said(Role::Text).and_then(|brush| brush.bg) {
        for role in Role::FIRST {
            if let Some(style) = palette.style(role) {
                style.bg = Some(colour(bg));
            }
        }
    }
    for (role, brush) in &own.roles {
        if let Some(style) = palette.style(*role) {
            paint(style, brush);
        }
    }
    let mut theme = Theme::from(palette);
    for (role, brush) in &own.roles {
        if let Some(style) = theme.style(*role) {
            paint(style, brush);
        }
    }
    theme
}

/// Lays a brush over a style: what it does not say stays.
fn paint(style: &mut Style, brush: &Brush) {
    if let Some(fg) = brush.fg {
        style.fg = Some(colour(fg));
    }
    if let Some(bg) = brush.bg {
        style.bg = Some(colour(bg));
        // Whoever names a background wants to see it there, and not in the letters.
        style.add_modifier.remove(Modifier::REVERSED);
    }
    for (said, modifier) in [
        (brush.bold, Modifier::BOLD),
        (brush.dim, Modifier::DIM),
        (brush.italic, Modifier::ITALIC),
        (brush.underline, Modifier::UNDERLINED),
        (brush.reverse, Modifier::REVERSED),
    ] {
        if let Some(on) = said {
            style.add_modifier.set(modifier, on);
        }
    }
}

/// A written colour as the terminal's.
pub(super) fn colour(written: Colour) -> Color {
    match written {
        Colour::Terminal => Color::Reset,
        Colour::Named(n) => named(n),
        Colour::Indexed(n) => Color::Indexed(n),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

impl Palette {
    /// The colour of a role that others follow.
    fn style(&mut self, role: Role) -> Option<&mut Style> {
        Some(match role {
            Role::Text => &mut self.text,
            Role::Dim => &mut self.dim,
            Role::Accent => &mut self.accent,
            Role::Label => &mut self.label,
            Role::Person => &mut self.person,
            Role::Ok => &mut self.ok,
            Role::Info => &mut self.info,
            Role::Warn => &mut self.warn,
            Role::Error => &mut self.error,
            _ => return None,
        })
    }
}

impl Theme {
    /// The style of a role; the accent has none of its own, only those that follow it.
    pub(super) fn style(&mut self, role: Role) -> Option<&mut Style> {
        Some(match role {
            Role::Accent => return None,
            Role::Text => &mut self.text,
            Role::Dim => &mut self.dim,
            Role::Label => &mut self.label,
            Role::Person => &mut self.person,
            Role::Ok => &mut self.ok,
            Role::Info => &mut self.info,
            Role::Warn => &mut self.warn,
            Role::Error => &mut self.error,
            Role::Title => &mut self.title,
            Role::Brand => &mut self.brand,
            Role::TabActive => &mut self.tab_active,
            Role::Tab => &mut self.tab,
            Role::Border => &mut self.border,
            Role::BorderFocus => &mut self.border_focus,
            Role::Column => &mut self.column,
            Role::ColumnFocus => &mut self.column_focus,
            Role::Focus => &mut self.focus,
            Role::CardFocus => &mut self.card_focus,
            Role::Selection => &mut self.selection,
            Role::Marked => &mut self.marked,
            Role::Milestone => &mut self.milestone,
            Role::Key => &mut self.key,
            Role::Ghost => &mut self.ghost,
            Role::Lifted => &mut self.lifted,
            Role::Target => &mut self.target,
            Role::Illegal => &mut self.illegal,
            Role::Input => &mut self.input,
            Role::Hit => &mut self.hit,
            Role::Heading => &mut self.heading,
            Role::Code => &mut self.code,
            Role::Link => &mut self.link,
            Role::Quote => &mut self.quote,
        })
    }

    /// Does something with the style of every role.
    pub(super) fn each(&mut self, mut change: impl FnMut(&mut Style)) {
        for role in Role::ALL {
            if let Some(style) = self.style(*role) {
                change(style);
            }
        }
    }
}
