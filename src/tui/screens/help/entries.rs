//! What the help lists: the actions of a view with their keys as they are, the view's own first, then what holds
//! everywhere, then dialogs and text fields. No drawing.

use crate::config::keymap::{Action, Chord, Layer};
use crate::tui::screen::Ctx;
use crate::tui::screens::fuzzy;

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What it is listed under.
    pub group: &'static str,
    /// The keys; words where there are none.
    pub keys: String,
    /// What they do.
    pub what: String,
    /// Whether there are keys.
    pub bound: bool,
    /// Which action, and in which layer it is listed; `None` where nothing can be bound.
    pub action: Option<(Layer, Action)>,
    /// Whether the keys are the person's own.
    pub own: bool,
}

/// What the mouse does on the board; it is not bound, so it cannot be rebound.
const MOUSE: [(&str, &str); 7] = [
    ("drag", "move a card; esc cancels"),
    ("click", "focus a card, go to a tab, do what a hint says"),
    ("double click", "open a card"),
    ("ctrl and click", "select or deselect a card"),
    ("drag beside cards", "select them"),
    ("wheel", "scroll the column under the pointer"),
    ("shift and drag", "select text, in most terminals"),
];

/// What stands for the nine keys that focus a column.
pub(super) const COLUMNS: &str = "focus that column";

/// The headings, in the order in which they are shown.
const GROUPS: [&str; 10] = [
    "Cards",
    "Conflicts",
    "Mappings",
    "Sync",
    "Move and find",
    "What is shown",
    "Everywhere",
    "Mouse",
    "Lists and dialogs",
    "Text fields",
];

/// What answers `typed`, in the order it is shown.
pub(super) fn entries(layer: Layer, typed: &str, ctx: &Ctx<'_>) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    for (action, chords) in ctx.keymap.in_layer(layer) {
        // Nine keys that do the same nine times over are one entry, as long as they are a row of keys.
        let numbered = action.column();
        if numbered.is_some_and(|n| n > 0)
            && let ([chord], Some(first)) = (chords, out.iter_mut().find(|e| e.what == COLUMNS))
        {
            first.keys = format!("{} .. {chord}", first.keys.split(' ').next().unwrap_or_default());
            first.action = None;
            continue;
        }
        let mut entry = entry(group(action), (layer, action), chords, ctx);
        if numbered == Some(0) {
            COLUMNS.clone_into(&mut entry.what);
        }
        out.push(entry);
    }
    if layer == Layer::Board {
        out.extend(MOUSE.map(|(keys, what)| Entry {
            group: "Mouse",
            keys: keys.to_owned(),
            what: what.to_owned(),
            bound: true,
            action: None,
            own: false,
        }));
    }
    if !matches!(layer, Layer::List | Layer::Text) {
        for other in [Layer::List, Layer::Text] {
            let chords = ctx.keymap.in_layer(other);
            out.extend(chords.map(|(action, chords)| entry(other.title(), (other, action), chords, ctx)));
        }
    }
    out.retain(|e| found(typed, e));
    // Groups stand together, in the order in which they first come.
    out.sort_by_key(|e| GROUPS.iter().position(|g| *g == e.group).unwrap_or(GROUPS.len()));
    out
}

fn entry(group: &'static str, at: (Layer, Action), chords: &[Chord], ctx: &Ctx<'_>) -> Entry {
    let keys: Vec<String> = chords.iter().map(ToString::to_string).collect();
    let bound = !keys.is_empty();
    let keys = if bound { keys.join(", ") } else { "not bound".to_owned() };
    let named = |view| ctx.settings.keys.table(view).is_some_and(|t| t.contains_key(at.1.name()));
    let own = named(None) || named(Some(at.0));
    Entry { group, keys, what: at.1.what().to_owned(), bound, action: Some(at), own }
}

/// Whether an entry holds every word that is typed, or a word's letters in order near each other.
fn found(typed: &str, entry: &Entry) -> bool {
    let name = entry.action.map_or("", |(_, action)| action.name());
    typed.split_whitespace().all(|word| {
        let lower = word.to_lowercase();
        // A key is looked for as it is written: `g` and `G` are two.
        let key = entry.keys.split(", ").any(|k| k == word || (word.len() > 1 && k.contains(word)));
        key || [entry.what.as_str(), name].iter().any(|text| {
            text.to_lowercase().contains(&lower)
                || fuzzy::matches(word, text).is_some_and(|m| m.score > -10 && m.at.len() > 3)
        })
    })
}

fn group(action: Action) -> &'static str {
    if action.layers().contains(&Layer::Health) && action.layers().contains(&Layer::Activity) {
        let motion = action.layers().contains(&Layer::List) && action != Action::Suspend;
        return if motion { "Move and find" } else { "Everywhere" };
    }
    match action {
        Action::KeepLocal | Action::TakeRemote | Action::Merge | Action::SelectAll | Action::ShowDecided => {
            "Conflicts"
        }
        Action::AddRow | Action::RenameRow | Action::RemoveRow | Action::Save | Action::FieldRules => {
            "Mappings"
        }
        Action::SyncNow | Action::Retry | Action::Pause => "Sync",
        Action::Lanes
        | Action::FoldLane
        | Action::FoldLanes
        | Action::Density
        | Action::CollapseColumn
        | Action::HideColumn
        | Action::ShowColumns
        | Action::Pane
        | Action::PaneDown
        | Action::PaneUp
        | Action::Themes => "What is shown",
        Action::Filter
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::NextConnection
        | Action::PreviousConnection => "Move and find",
        a if a.column().is_some() || a.name().starts_with("focus_") || a.name().starts_with("detail_") => {
            "Move and find"
        }
        _ => "Cards",
    }
}
