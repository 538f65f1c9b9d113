//! One thing a person chose on the screen, written into the config: the line it stands on and no other.

use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use super::table::{put, remove_keeping_comments};
use super::views::{forget_view, write_view};
use super::{EditError, create_private, keep_line_ends, replace_checked};
use crate::config::keymap::{Action, Chord, Layer};
use crate::config::parse::parse;
use crate::config::settings::{Settings, ThemeName};
use crate::config::views::SavedView;

/// What a new file begins with.
const HEAD: &str = "# Corkboard's config file; see `corkboard doctor`.\n";

/// One thing that is chosen on the screen and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// How it looks.
    Theme(ThemeName),
    /// A saved view, in the place of one of the same name.
    View(SavedView),
    /// No view of this name any more.
    ForgetView(String),
    /// Which keys do what.
    Key {
        /// In one view only; `None` wherever the action works.
        view: Option<Layer>,
        /// What they do.
        action: Action,
        /// The keys; `None` for those it has by default.
        chords: Option<Vec<Chord>>,
    },
}

impl Choice {
    /// What was kept, for a person.
    pub fn told(&self) -> String {
        match self {
            Self::Theme(theme) => format!("theme {}", theme.as_str()),
            Self::View(view) => format!("view {}", view.name),
            Self::ForgetView(name) => format!("view {name} is removed"),
            Self::Key { view, action, chords } => {
                let place = view.map_or(String::new(), |v| format!(" ({} only)", v.title().to_lowercase()));
                let keys = match chords.as_deref().map(written) {
                    None => "the default keys".to_owned(),
                    Some(chords) if chords.is_empty() => "no key".to_owned(),
                    Some(chords) => chords.join(", "),
                };
                format!("{keys} for `{}`{place}", action.what())
            }
        }
    }

    fn write(&self, document: &mut DocumentMut) -> Result<(), EditError> {
        match self {
            Self::Theme(theme) => put(table(document, "ui")?, "theme", Value::from(theme.as_str())),
            Self::View(view) => return write_view(document, view),
            Self::ForgetView(name) => forget_view(document, name)?,
            Self::Key { view, action, chords } => {
                // What holds everywhere takes the place of what single views had.
                let gone = if view.is_none() { Layer::ALL.as_slice() } else { &[] };
                for layer in gone {
                    forget(document, Some(*layer), *action);
                }
                match chords.as_deref().map(written) {
                    Some(chords) => put(keys(document, *view)?, action.name(), chords_value(&chords)),
                    None => forget(document, *view, *action),
                }
            }
        }
        Ok(())
    }

    /// Whether the settings say so.
    fn is_in(&self, settings: &Settings) -> bool {
        match self {
            Self::Theme(theme) => settings.ui.theme == *theme,
            Self::View(view) => settings.views.contains(view),
            Self::ForgetView(name) => !settings.views.iter().any(|v| v.is_named(name)),
            Self::Key { view, action, chords } => {
                let said = settings.keys.table(*view).and_then(|t| t.get(action.name()));
                said == chords.as_deref().map(written).as_ref()
            }
        }
    }

    /// Makes `after` say of this what `before` says: what is left must be the same.
    fn put_back(&self, before: &Settings, after: &mut Settings) {
        match self {
            Self::Theme(_) => after.ui.theme.clone_from(&before.ui.theme),
            Self::View(SavedView { name, .. }) | Self::ForgetView(name) => {
                after.views.retain(|v| !v.is_named(name));
                if let Some((at, old)) = before.views.iter().enumerate().find(|(_, v)| v.is_named(name)) {
                    after.views.insert(at.min(after.views.len()), old.clone());
                }
            }
            Self::Key { view, action, .. } => {
                let all = std::iter::once(None).chain(Layer::ALL.into_iter().map(Some));
                for at in all.filter(|at| view.is_none() || at == view) {
                    let old = before.keys.table(at).and_then(|t| t.get(action.name())).cloned();
                    let table = after.keys.table_mut(at);
                    match old {
                        Some(old) => table.insert(action.name().to_owned(), old),
                        None => table.remove(action.name()),
                    };
                }
                after.keys.views.retain(|_, own| !own.is_empty());
            }
        }
    }
}

/// Chords as the file has them.
fn written(chords: &[Chord]) -> Vec<String> {
    chords.iter().map(ToString::to_string).collect()
}

/// One chord as a text, several or none as a list.
fn chords_value(chords: &[String]) -> Value {
    match chords {
        [one] => Value::from(one.as_str()),
        several => Value::Array(several.iter().map(String::as_str).collect::<Array>()),
    }
}

/// The table of the keys that hold everywhere, or in one view; made when there is none.
fn keys(document: &mut DocumentMut, view: Option<Layer>) -> Result<&mut dyn TableLike, EditError> {
    let all = table(document, "keys")?;
    let Some(layer) = view else { return Ok(all) };
    if !all.contains_key(layer.name()) {
        let mut new = Table::new();
        new.decor_mut().set_prefix("\n");
        all.insert(layer.name(), Item::Table(new));
    }
    all.get_mut(layer.name()).and_then(Item::as_table_like_mut).ok_or(EditError::Unfaithful)
}

/// Takes an action out of the table it stands in, and leaves the rest as it is.
fn forget(document: &mut DocumentMut, view: Option<Layer>, action: Action) {
    let Some(mut item) = document.as_table_mut().get_mut("keys") else { return };
    if let Some(layer) = view {
        let Some(own) = item.as_table_like_mut().and_then(|t| t.get_mut(layer.name())) else { return };
        item = own;
    }
    if item.as_table_like().is_some_and(|t| t.contains_key(action.name())) {
        remove_keeping_comments(item, |name| name != action.name());
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
    let text = apply_choice_to_text(expected.unwrap_or_default(), Some(path), choice)?;
    let Some(expected) = expected else {
        let text = format!("{HEAD}\n{}", text.trim_start());
        create_private(path, &text).map_err(|source| EditError::Write { path: path.to_owned(), source })?;
        return Ok(parse(&text, Some(path))?);
    };
    replace_checked(path, expected, &text)?;
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

    fn view(name: &str, query: &str) -> Choice {
        Choice::View(SavedView { name: name.into(), query: query.into() })
    }

    #[test]
    fn a_view_is_added_behind_the_others_and_one_of_the_same_name_is_replaced_where_it_stands() {
        let old = "[board]\nname = \"B\"\n\n# mine\n[[view]]\nname = \"Bugs\" # all\nquery = \"label:bug\"\n\n[ui]\nascii = true\n";
        let two = chosen(old, &view("My work", "assignee:@me -label:\"help wanted\""));
        assert!(two.starts_with(&old[..old.find("\n[ui]").expect("there")]), "{two}");
        assert!(two.ends_with("\n[ui]\nascii = true\n"), "{two}");
        assert_eq!(parse(&two, None).expect("valid").views.len(), 2);
        let again = chosen(&two, &view("bugs", "is:open label:bug"));
        assert_eq!(
            again,
            two.replace("\"Bugs\"", "\"bugs\"").replace("\"label:bug\"", "\"is:open label:bug\"")
        );
        assert!(chosen(&again, &Choice::ForgetView("MY WORK".into())).len() < again.len());
        let first = chosen("", &view("Bugs", "label:bug"));
        assert_eq!(first.trim_start(), "[[view]]\nname = \"Bugs\"\nquery = \"label:bug\"\n");
    }

    #[test]
    fn a_view_that_is_removed_takes_its_own_comment_along_and_no_other() {
        let old = "[[view]]\nname = \"One\"\nquery = \"is:open\"\n\n# stays\n\n# goes\n[[view]]\nname = \"Two\"\nquery = \"\"\n\n# three\n[[view]]\nname = \"Three\"\nquery = \"\"\n\n# of ui\n[ui]\nascii = true\n";
        let new = chosen(old, &Choice::ForgetView("Two".into()));
        for (part, there) in
            [("# stays", true), ("# goes", false), ("# three", true), ("# of ui", true), ("Two", false)]
        {
            assert_eq!(new.contains(part), there, "{part}:\n{new}");
        }
        let names: Vec<String> =
            parse(&new, None).expect("valid").views.into_iter().map(|v| v.name).collect();
        assert_eq!(names, ["One", "Three"]);
        let last = chosen(&new, &Choice::ForgetView("three".into()));
        assert!(last.contains("# stays") && last.contains("# of ui"), "{last}");
        let none = chosen("[[view]]\nname = \"A\"\nquery = \"\"\n", &Choice::ForgetView("A".into()));
        assert_eq!(none.trim(), "");
        let inline = "view = [{ name = \"A\", query = \"\" }, { name = \"B\", query = \"\" }]\n";
        assert_eq!(
            chosen(inline, &Choice::ForgetView("B".into())),
            "view = [{ name = \"A\", query = \"\" }]\n"
        );
        assert!(chosen(inline, &view("C", "is:open")).contains("is:open"));
    }

    fn key(view: Option<Layer>, action: Action, chords: Option<&[&str]>) -> Choice {
        let read = |c: &&str| c.parse().expect("a chord");
        Choice::Key { view, action, chords: chords.map(|all| all.iter().map(read).collect()) }
    }

    #[test]
    fn a_key_is_written_where_it_stands_with_the_comments_around_it() {
        let old = "[keys] # mine\nundo = \"U\" # as at home\n# leaving\nquit = [\"q\"]\n";
        let new = chosen(old, &key(None, Action::Undo, Some(&["ctrl-x u"])));
        assert_eq!(new, old.replace("\"U\"", "\"ctrl-x u\""));
        let new = chosen(old, &key(None, Action::Help, Some(&["?", "f1"])));
        assert_eq!(new, format!("{old}help = [\"?\", \"f1\"]\n"));
        let new = chosen(old, &key(None, Action::Undo, None));
        assert!(new.contains("# leaving\nquit") && !new.contains("undo"), "{new}");
        assert_eq!(chosen(old, &key(None, Action::Redo, None)), old, "what is default already is no edit");
        assert!(chosen(old, &key(None, Action::Help, Some(&[]))).contains("help = []"));
    }

    #[test]
    fn a_key_of_one_view_goes_into_that_views_table() {
        let old = "[keys]\nundo = \"U\"\n\n[ui]\nascii = true\n";
        let new = chosen(old, &key(Some(Layer::Card), Action::Undo, Some(&["z"])));
        assert_eq!(new, "[keys]\nundo = \"U\"\n\n[keys.card]\nundo = \"z\"\n\n[ui]\nascii = true\n");
        let again = chosen(&new, &key(Some(Layer::Card), Action::Undo, Some(&["Z"])));
        assert_eq!(again, new.replace("\"z\"", "\"Z\""));
        let none = chosen(&new, &key(Some(Layer::Card), Action::Undo, None));
        assert!(parse(&none, None).expect("valid").keys.views.is_empty(), "{none}");
    }

    #[test]
    fn a_key_for_everywhere_takes_the_place_of_those_of_single_views() {
        let old = "[keys.card]\nundo = \"z\"\nredo = \"Z\"\n";
        let new = chosen(old, &key(None, Action::Undo, Some(&["U"])));
        let keys = parse(&new, None).expect("valid").keys;
        assert_eq!(keys.everywhere["undo"], ["U"]);
        assert_eq!(keys.views[&Layer::Card].keys().collect::<Vec<_>>(), ["redo"]);
    }

    #[test]
    fn a_key_that_clashes_is_not_written() {
        let error =
            apply_choice_to_text("", None, &key(None, Action::Undo, Some(&["q"]))).expect_err("a clash");
        assert!(error.to_string().contains("bound to both"), "{error}");
    }

    #[test]
    fn what_was_kept_is_told_in_words() {
        let told = |c: Choice| c.told();
        assert_eq!(told(key(None, Action::Undo, Some(&["U"]))), "U for `undo`");
        assert_eq!(
            told(key(Some(Layer::Board), Action::Undo, None)),
            "the default keys for `undo` (board only)"
        );
    }

    #[test]
    fn the_first_choice_makes_the_file_and_one_that_is_there_is_never_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("sub/config.toml");
        let saved = save_choice(&path, None, &Choice::Theme(ThemeName::Dark)).expect("saved");
        assert_eq!(saved.ui.theme, ThemeName::Dark);
        let text = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(text, format!("{HEAD}\n[ui]\ntheme = \"dark\"\n"));
        assert!(save_choice(&path, None, &Choice::Theme(ThemeName::Light)).is_err());
        let source = saved.source.clone().expect("its text");
        std::fs::write(&path, "# other\n").expect("written");
        let error = save_choice(&path, Some(&source), &Choice::Theme(ThemeName::Light)).expect_err("changed");
        assert!(matches!(error, EditError::Changed { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "# other\n");
    }
}
