//! One thing a person chose on the screen, written into the config: the line it stands on and no other.

use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::table::put;
use super::{EditError, create_private, keep_line_ends, replace_checked};
use crate::config::parse::parse;
use crate::config::settings::{Settings, ThemeName};

/// What a new file begins with.
const HEAD: &str = "# Corkboard's config file; see `corkboard doctor`.\n";

/// One thing that is chosen on the screen and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// How it looks.
    Theme(ThemeName),
}

impl Choice {
    /// What was kept, for a person.
    pub fn told(&self) -> String {
        match self {
            Self::Theme(theme) => format!("theme {}", theme.as_str()),
        }
    }

    fn write(&self, document: &mut DocumentMut) -> Result<(), EditError> {
        match self {
            Self::Theme(theme) => put(table(document, "ui")?, "theme", Value::from(theme.as_str())),
        }
        Ok(())
    }

    /// Whether the settings say so.
    fn is_in(&self, settings: &Settings) -> bool {
        match self {
            Self::Theme(theme) => settings.ui.theme == *theme,
        }
    }

    /// Makes `after` say of this what `before` says: what is left must be the same.
    fn put_back(&self, before: &Settings, after: &mut Settings) {
        match self {
            Self::Theme(_) => after.ui.theme.clone_from(&before.ui.theme),
        }
    }
}

/// The table of this name, made when there is none.
fn table<'a>(document: &'a mut DocumentMut, name: &str) -> Result<&'a mut dyn TableLike, EditError> {
    let root = document.as_table_mut();
    if !root.contains_key(name) {
        let mut new = Table::new();
        new.decor_mut().set_prefix("\n");
        root.insert(name, Item::Table(new));
    }
    root.get_mut(name).and_then(Item::as_table_like_mut).ok_or(EditError::Unfaithful)
}

/// The text of a config file, changed so that it says what was chosen; everything else stays as it is.
///
/// # Errors
/// The file is not valid, or it would say something else that is new.
pub fn apply_choice_to_text(old: &str, path: Option<&Path>, choice: &Choice) -> Result<String, EditError> {
    let before = parse(old, path)?;
    let (mark, body) = old.strip_prefix('\u{feff}').map_or(("", old), |body| ("\u{feff}", body));
    let Ok(mut document) = body.parse::<DocumentMut>() else { return Err(EditError::Unfaithful) };
    choice.write(&mut document)?;
    let text = keep_line_ends(old, format!("{mark}{document}"));
    let mut after = parse(&text, path)?;
    let said = choice.is_in(&after);
    choice.put_back(&before, &mut after);
    after.source.clone_from(&before.source);
    if said && after == before { Ok(text) } else { Err(EditError::Unfaithful) }
}

/// Writes what was chosen into the file at `path` and returns the settings it now holds; when the file is not `expected`
/// any more, nothing is written. Without `expected` there must be no file yet: one is made.
///
/// # Errors
/// As [`apply_choice_to_text`]; or the file changed meanwhile or cannot be written.
pub fn save_choice(path: &Path, expected: Option<&str>, choice: &Choice) -> Result<Settings, EditError> {
    let text = apply_choice_to_text(expected.unwrap_or(HEAD), Some(path), choice)?;
    match expected {
        Some(expected) => replace_checked(path, expected, &text)?,
        None => create_private(path, &text)
            .map_err(|source| EditError::Write { path: path.to_owned(), source })?,
    }
    Ok(parse(&text, Some(path))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(old: &str, choice: &Choice) -> String {
        apply_choice_to_text(old, None, choice).expect("an edit")
    }

    #[test]
    fn a_theme_is_written_where_it_stands_and_nothing_else_changes() {
        let old = "# mine\n[ui]\ntheme = \"light\" # on the desk\nascii = true\n\n[board]\nname = \"B\"\n";
        let new = chosen(old, &Choice::Theme(ThemeName::Dark));
        assert_eq!(new, old.replace("\"light\"", "\"dark\""));
    }

    #[test]
    fn a_theme_of_ones_own_is_kept_by_its_name_and_must_be_there() {
        let old = "[theme.sea]\naccent = 80\n";
        let sea = Choice::Theme(ThemeName::Own("sea".into()));
        assert_eq!(chosen(old, &sea), format!("{old}\n[ui]\ntheme = \"sea\"\n"));
        assert!(apply_choice_to_text("[board]\nname = \"B\"\n", None, &sea).is_err());
    }

    #[test]
    fn a_table_that_is_not_there_is_made() {
        let new = chosen("[board]\nname = \"B\"\n", &Choice::Theme(ThemeName::HighContrast));
        assert_eq!(new, "[board]\nname = \"B\"\n\n[ui]\ntheme = \"high-contrast\"\n");
    }

    #[test]
    fn the_first_choice_makes_the_file_and_one_that_is_there_is_never_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("sub/config.toml");
        let saved = save_choice(&path, None, &Choice::Theme(ThemeName::Dark)).expect("saved");
        assert_eq!(saved.ui.theme, ThemeName::Dark);
        assert!(save_choice(&path, None, &Choice::Theme(ThemeName::Light)).is_err());
        let source = saved.source.clone().expect("its text");
        std::fs::write(&path, "# other\n").expect("written");
        let error = save_choice(&path, Some(&source), &Choice::Theme(ThemeName::Light)).expect_err("changed");
        assert!(matches!(error, EditError::Changed { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "# other\n");
    }
}
