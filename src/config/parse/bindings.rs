//! `[keys]` and the tables of the views under it: read, and built as the board will build them, so that every mistake is
//! told with its place.

use std::ops::Range;

use toml_edit::Item;

use super::Reader;
use super::section::Section;
use crate::config::keymap::{Action, KeySettings, Keymap, KeymapError, Layer, Preset, Written};
use crate::config::keys;

/// Where a chord, or with an empty chord the action's name, stands in the file.
struct Place {
    view: Option<Layer>,
    action: String,
    chord: String,
    span: Range<usize>,
}

impl Reader {
    pub(super) fn keys(&mut self, root: &Section) -> KeySettings {
        let mut out = KeySettings::default();
        let Some(table) = root.section(self, "keys", "[keys]") else { return out };
        let presets = Preset::ALL.map(|p| (p.as_str(), p));
        out.preset = table.word(self, "preset", &presets).unwrap_or_default();
        let mut places = Vec::new();
        out.everywhere = self.bindings(&table, None, &mut places);
        for layer in Layer::ALL {
            if let Some(view) = table.section(self, layer.name(), layer.place()) {
                let own = self.bindings(&view, Some(layer), &mut places);
                if !own.is_empty() {
                    out.views.insert(layer, own);
                }
            }
        }
        self.check_keys(&out, &places);
        out
    }

    fn bindings(&mut self, table: &Section, view: Option<Layer>, places: &mut Vec<Place>) -> Written {
        let help = "write `action = \"chord\"` or `action = [\"chord\", \"chord\"]`";
        let mut out = Written::new();
        for (action, key_span, item) in table.entries() {
            if view.is_none() && keys::KEYS.1.contains(&action) {
                continue;
            }
            let mut note = |chord: &str, span: Range<usize>| {
                places.push(Place { view, action: action.to_owned(), chord: chord.to_owned(), span });
            };
            note("", key_span.clone());
            let chords = if item.is_array() {
                table.texts(self, action)
            } else {
                let span = item.span().unwrap_or_else(|| key_span.clone());
                match self.chord(item, key_span, action, help) {
                    Some(chord) => vec![(chord, span)],
                    None => continue,
                }
            };
            chords.iter().for_each(|(chord, span)| note(chord, span.clone()));
            out.insert(action.to_owned(), chords.into_iter().map(|(c, _)| c.to_owned()).collect());
        }
        out
    }

    /// One chord; a table that was meant for a view but misspelt is told as such.
    fn chord<'a>(&mut self, item: &'a Item, span: Range<usize>, name: &str, help: &str) -> Option<&'a str> {
        if item.is_table_like() {
            let views: Vec<&str> = Layer::ALL.iter().map(|l| l.name()).collect();
            let help = match keys::nearest(name, views.iter().copied()) {
                Some(meant) => format!("did you mean [keys.{meant}]?"),
                None => format!("the views are {}", super::section::listed(&views)),
            };
            self.mistakes.add(span, format!("there is no view `{name}` whose keys could be set"), help);
            return None;
        }
        Section::expect_text(self, item, span, "a chord or a list of chords", help)
    }

    /// Builds the bindings as the board will; each one that is wrong is told and left out, until the rest is good.
    fn check_keys(&mut self, written: &KeySettings, places: &[Place]) {
        let mut left = written.clone();
        while let Err(error) = Keymap::build(&left) {
            let found = error
                .places()
                .into_iter()
                .find(|(view, name)| left.table(*view).is_some_and(|t| t.contains_key(*name)));
            let Some((view, name)) = found.map(|(view, name)| (view, name.to_owned())) else { return };
            let of_entry = |p: &&Place| p.view == view && p.action == name;
            let at = |chord: &str| {
                places.iter().filter(of_entry).find(|p| p.chord == chord).map(|p| p.span.clone())
            };
            let span = chords(&error).iter().find_map(|c| at(c)).or_else(|| at("")).unwrap_or(0..0);
            self.mistakes.add(span, error.to_string(), cure(&error));
            left.table_mut(view).remove(&name);
        }
    }
}

/// The chords a message is about, the one to point at first.
fn chords(error: &KeymapError) -> Vec<String> {
    match error {
        KeymapError::UnknownAction { .. } | KeymapError::NotThere { .. } => Vec::new(),
        KeymapError::BadChord { chord, .. } => vec![chord.clone()],
        KeymapError::TypesText { chord, .. } | KeymapError::Duplicate { chord, .. } => {
            vec![chord.to_string()]
        }
        KeymapError::Ambiguous { short, long, .. } => vec![long.to_string(), short.to_string()],
    }
}

/// What to do about a mistake.
fn cure(error: &KeymapError) -> String {
    match error {
        KeymapError::UnknownAction { .. } => "`?` on the board lists the actions; docs/keys.md has their names".to_owned(),
        KeymapError::NotThere { action, .. } => {
            let first = action.layers().first().copied().unwrap_or(Layer::Board);
            format!("write it under {} or, for all views, under [keys]", first.place())
        }
        KeymapError::BadChord { .. } => {
            "write keys as \"q\", \"G\", \"ctrl-d\", \"enter\" or, one after another, \"g h\"".to_owned()
        }
        KeymapError::TypesText { .. } => {
            "choose a chord with ctrl or alt, or a key that types nothing; other views can have a letter of their own"
                .to_owned()
        }
        KeymapError::Duplicate { layer, first, second, .. } => another(*layer, *first, *second),
        KeymapError::Ambiguous { layer, short_action, long_action, .. } => {
            another(*layer, *short_action, *long_action)
        }
    }
}

fn another(layer: Layer, one: Action, two: Action) -> String {
    let place = layer.title().to_lowercase();
    format!("give one of the two another key: `{one}` and `{two}` both work here ({place}); `[]` unbinds")
}
