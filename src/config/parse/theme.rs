//! `[theme.NAME]`: a person's own themes. Every mistake names its place, and an unknown role all there are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml_edit::Item;

use super::Reader;
use super::section::{Section, kind_of, listed};
use crate::config::keys::nearest;
use crate::config::settings::{Digits, Hyperlinks, ThemeName, UiSettings};
use crate::config::theme::{BRUSH, Brush, Colour, OwnTheme, Role};
use crate::support::text;

/// Longest name of a theme, in characters: what fits into a list.
const NAME_MAX: usize = 40;

impl Reader {
    /// `[theme.NAME]`, each with what it is made of, in the order written.
    pub(super) fn themes(&mut self, root: &Section) -> Vec<OwnTheme> {
        let Some(all) = root.section(self, "theme", "[theme.NAME]") else { return Vec::new() };
        let mut out = Vec::new();
        for (name, key_span, _) in all.entries() {
            let good = self.theme_name(name, key_span);
            let Some(table) = all.section(self, name, "[theme.NAME]") else { continue };
            let theme = self.theme(name, &table);
            if good {
                out.push(theme);
            }
        }
        out
    }

    fn theme_name(&mut self, name: &str, span: Range<usize>) -> bool {
        let built_in = ThemeName::ALL.iter().any(|t| t.as_str() == name);
        let message = if built_in {
            format!("`{name}` is the name of a built-in theme")
        } else if name.trim().is_empty()
            || name.chars().count() > NAME_MAX
            || name.chars().any(text::is_unsafe)
        {
            format!("a theme's name has 1 to {NAME_MAX} visible characters")
        } else {
            return true;
        };
        self.mistakes.add(span, message, "give it a name of its own, such as [theme.mine]");
        false
    }

    fn theme(&mut self, name: &str, table: &Section) -> OwnTheme {
        let words = ThemeName::ALL.map(|t| t.as_str().to_owned());
        let words: Vec<(&str, usize)> =
            words.iter().enumerate().map(|(n, word)| (word.as_str(), n)).collect();
        let base = table.word(self, "base", &words).and_then(|n| ThemeName::ALL.into_iter().nth(n));
        let mut roles = BTreeMap::new();
        for (key, span, item) in table.entries() {
            if key == "base" {
                continue;
            }
            let Ok(role) = key.parse::<Role>() else {
                self.unknown_role(key, span);
                continue;
            };
            if let Some(brush) = self.brush(item, span) {
                roles.insert(role, brush);
            }
        }
        OwnTheme { name: Arc::from(name), base: base.unwrap_or(ThemeName::Dark), roles }
    }

    fn unknown_role(&mut self, key: &str, span: Range<usize>) {
        let known = format!("a theme has `base` and the roles {}", listed(Role::NAMES));
        let help = match nearest(key, Role::NAMES.iter().copied().chain(["base"])) {
            Some(meant) => format!("did you mean `{meant}`? {known}"),
            None => known,
        };
        self.mistakes.add(span, format!("`{key}` is not a role of a theme"), help);
    }

    /// A colour alone, or a table of what is said.
    fn brush(&mut self, item: &Item, key_span: Range<usize>) -> Option<Brush> {
        let Some(table) = item.as_table_like() else {
            let fg = self.colour(item, key_span)?;
            return Some(Brush { fg: Some(fg), ..Brush::default() });
        };
        let table = Section::of("a role of a theme", table, item.span().or(Some(key_span)));
        table.refuse_unknown(self, ("a role of a theme", &BRUSH));
        let mut colour = |key: &str| self.colour(table.item(key)?, table.key_span(key));
        let (fg, bg) = (colour("fg"), colour("bg"));
        Some(Brush {
            fg,
            bg,
            bold: table.switch(self, "bold"),
            dim: table.switch(self, "dim"),
            italic: table.switch(self, "italic"),
            underline: table.switch(self, "underline"),
            reverse: table.switch(self, "reverse"),
        })
    }

    fn colour(&mut self, item: &Item, key_span: Range<usize>) -> Option<Colour> {
        let span = item.span().unwrap_or(key_span);
        if let Some(number) = item.as_integer() {
            let read = u8::try_from(number).ok().map(Colour::Indexed);
            if read.is_none() {
                self.mistakes.add(span, format!("{number} is not a colour"), Colour::HELP);
            }
            return read;
        }
        let Some(written) = item.as_str() else {
            self.mistakes.add(span, format!("a colour is needed here, not {}", kind_of(item)), Colour::HELP);
            return None;
        };
        match written.parse() {
            Ok(colour) => Some(colour),
            Err(error) => {
                self.mistakes.add(span, format!("\"{written}\" is not a colour"), error.to_string());
                None
            }
        }
    }

    /// `[ui]`; `own` are the themes that are made in this file.
    pub(super) fn ui(&mut self, root: &Section, own: &[OwnTheme]) -> UiSettings {
        let standard = UiSettings::default();
        let Some(ui) = root.section(self, "ui", "[ui]") else { return standard };
        ui.refuse_unknown(self, crate::config::keys::UI);
        let made = own.iter().map(|theme| ThemeName::Own(theme.name.clone()));
        let themes: Vec<ThemeName> = ThemeName::ALL.into_iter().chain(made).collect();
        let words: Vec<(&str, usize)> = themes.iter().enumerate().map(|(n, t)| (t.as_str(), n)).collect();
        let theme = ui.word(self, "theme", &words).and_then(|n| themes.get(n).cloned());
        UiSettings {
            theme: theme.unwrap_or(standard.theme),
            ascii: ui.switch(self, "ascii").unwrap_or(standard.ascii),
            mouse: ui.switch(self, "mouse").unwrap_or(standard.mouse),
            digits: ui
                .word(self, "digits", &[("columns", Digits::Columns), ("counts", Digits::Counts)])
                .unwrap_or(standard.digits),
            title: ui.switch(self, "title").unwrap_or(standard.title),
            hyperlinks: ui.word(self, "hyperlinks", &Hyperlinks::WORDS).unwrap_or(standard.hyperlinks),
            motion: ui.switch(self, "motion").unwrap_or(standard.motion),
        }
    }
}

#[cfg(test)]
mod tests;
