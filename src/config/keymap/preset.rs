//! What `[keys]` says: which bindings it begins with, what holds everywhere, and what holds in one view only. Plain
//! values; [`Keymap::build`](super::Keymap::build) makes bindings of them.

use std::collections::BTreeMap;

use super::Layer;

/// The bindings one begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Preset {
    /// Letters, as in vim and most terminal boards.
    #[default]
    Vim,
    /// Arrows, function keys, and letters with ctrl or alt, as in most windows; no letter alone does anything.
    Standard,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 2] = [Self::Vim, Self::Standard];

    /// The word in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vim => "vim",
            Self::Standard => "standard",
        }
    }
}

/// Chords by an action's name, as written.
pub type Written = BTreeMap<String, Vec<String>>;

/// What `[keys]` says. An action that is named has those chords and no others; an empty list unbinds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySettings {
    /// What it begins with.
    pub preset: Preset,
    /// What holds wherever the action works.
    pub everywhere: Written,
    /// What holds in one view only; it goes before [`Self::everywhere`].
    pub views: BTreeMap<Layer, Written>,
}

impl KeySettings {
    /// The table of a view, or the one that holds everywhere.
    pub fn table(&self, view: Option<Layer>) -> Option<&Written> {
        match view {
            None => Some(&self.everywhere),
            Some(layer) => self.views.get(&layer),
        }
    }

    /// The same, to be changed; an empty one is made.
    pub fn table_mut(&mut self, view: Option<Layer>) -> &mut Written {
        match view {
            None => &mut self.everywhere,
            Some(layer) => self.views.entry(layer).or_default(),
        }
    }

    /// Gives an action these chords in a view, or everywhere; without any, those of the preset. Everywhere means
    /// everywhere: what single views had of their own for it goes.
    pub fn set(&mut self, view: Option<Layer>, action: &str, chords: Option<Vec<String>>) {
        if view.is_none() {
            for own in self.views.values_mut() {
                own.remove(action);
            }
        }
        match chords {
            Some(chords) => {
                self.table_mut(view).insert(action.to_owned(), chords);
            }
            None => {
                self.table_mut(view).remove(action);
            }
        }
        self.views.retain(|_, own| !own.is_empty());
    }
}
