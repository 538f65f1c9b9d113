//! Which key does what: the built-in bindings, the user's own over them, and clashes refused by name.
//!
//! Knows nothing of terminals: the front end turns its key events into [`Press`]es.

use std::collections::BTreeMap;

mod action;
mod chord;

pub use action::{Action, Layer};
pub use chord::{Chord, Key, Press};

/// Why bindings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No action has this name.
    #[error("`{name}` is not an action{}", suggestion.map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownAction {
        /// What was written.
        name: String,
        /// The nearest name there is.
        suggestion: Option<&'static str>,
    },
    /// A chord cannot be read.
    #[error("`{chord}`, bound to `{action}`, is not a key: {reason}")]
    BadChord {
        /// For which action.
        action: Action,
        /// What was written.
        chord: String,
        /// Why not.
        reason: String,
    },
    /// A text field needs this key to type.
    #[error("`{chord}` types a character, so it cannot be bound to `{action}`, which works in text fields")]
    TypesText {
        /// For which action.
        action: Action,
        /// Which chord.
        chord: Chord,
    },
    /// Two actions have the same chord in the same place.
    #[error("`{chord}` is bound to both `{first}` and `{second}`")]
    Duplicate {
        /// Which chord.
        chord: Chord,
        /// One action.
        first: Action,
        /// The other.
        second: Action,
    },
    /// One chord begins with another, which could then never be told apart.
    #[error("`{long}` (`{long_action}`) begins with `{short}` (`{short_action}`)")]
    Ambiguous {
        /// The shorter chord.
        short: Chord,
        /// What it does.
        short_action: Action,
        /// The longer chord.
        long: Chord,
        /// What it does.
        long_action: Action,
    },
}

impl KeymapError {
    /// The names under `[keys]` it is about: where a message should point. The first that the file has is best.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::UnknownAction { name, .. } => vec![name],
            Self::BadChord { action, .. } | Self::TypesText { action, .. } => vec![action.name()],
            Self::Duplicate { first, second, .. } => vec![first.name(), second.name()],
            Self::Ambiguous { short_action, long_action, .. } => {
                vec![long_action.name(), short_action.name()]
            }
        }
    }
}

/// What a press came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// It completes a chord.
    Action(Action),
    /// It begins or goes on with a chord that needs more.
    Pending,
    /// It means nothing here.
    None,
}

/// The presses of a chord begun but not complete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pending(Vec<Press>);

impl Pending {
    /// Forgets what was begun.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether nothing was begun.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was begun, as it is shown: `g`.
    pub fn shown(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// Every binding, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: BTreeMap<Action, Vec<Chord>>,
}

impl Keymap {
    /// The built-in bindings with the user's over them: an action named in `overrides` has those chords and no
    /// others; an empty list unbinds it.
    pub fn build(overrides: &BTreeMap<String, Vec<String>>) -> Result<Self, KeymapError> {
        let mut own: BTreeMap<Action, Vec<Chord>> = BTreeMap::new();
        for (name, chords) in overrides {
            let action = name
                .parse()
                .map_err(|_| KeymapError::UnknownAction { name: name.clone(), suggestion: nearest(name) })?;
            let chords = chords.iter().map(|c| read(action, c)).collect::<Result<_, _>>()?;
            own.insert(action, chords);
        }
        let mut bindings = BTreeMap::new();
        for &action in Action::ALL {
            let chords = match own.remove(&action) {
                Some(chords) => chords,
                None => action.default_chords().iter().map(|c| read(action, c)).collect::<Result<_, _>>()?,
            };
            bindings.insert(action, chords);
        }
        let map = Self { bindings };
        map.check()?;
        Ok(map)
    }

    /// The chords of an action, in the order written; empty when it is unbound.
    pub fn chords_of(&self, action: Action) -> &[Chord] {
        self.bindings.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The first chord of an action, as it is shown in a hint.
    pub fn hint(&self, action: Action) -> Option<String> {
        self.chords_of(action).first().map(ToString::to_string)
    }

    /// The actions active in a layer with their chords, in help's order; unbound ones too.
    pub fn in_layer(&self, layer: Layer) -> impl Iterator<Item = (Action, &[Chord])> {
        self.bindings
            .iter()
            .filter(move |(a, _)| a.layers().contains(&layer))
            .map(|(a, c)| (*a, c.as_slice()))
    }

    /// What `press` means in `layer`, given what was begun. A press that does not go on with a begun chord drops
    /// it and is looked up on its own.
    pub fn lookup(&self, layer: Layer, pending: &mut Pending, press: Press) -> Lookup {
        if layer == Layer::Text && press.is_text() {
            pending.clear();
            return Lookup::None;
        }
        pending.0.push(press);
        let found = self.find(layer, &pending.0);
        if found == Lookup::None && pending.0.len() > 1 {
            pending.clear();
            return self.lookup(layer, pending, press);
        }
        if found != Lookup::Pending {
            pending.clear();
        }
        found
    }

    fn find(&self, layer: Layer, presses: &[Press]) -> Lookup {
        let mut begun = Lookup::None;
        for (action, chords) in self.in_layer(layer) {
            for chord in chords {
                if chord.presses() == presses {
                    return Lookup::Action(action);
                }
                if chord.presses().starts_with(presses) {
                    begun = Lookup::Pending;
                }
            }
        }
        begun
    }

    fn check(&self) -> Result<(), KeymapError> {
        let all: Vec<(Action, &Chord)> =
            self.bindings.iter().flat_map(|(a, cs)| cs.iter().map(|c| (*a, c))).collect();
        for (n, &(first, one)) in all.iter().enumerate() {
            for &(second, two) in &all[n + 1..] {
                let together = first.layers().iter().any(|l| second.layers().contains(l));
                if first != second && !together {
                    continue;
                }
                clash(first, one, second, two)?;
            }
        }
        Ok(())
    }
}

fn clash(first: Action, one: &Chord, second: Action, two: &Chord) -> Result<(), KeymapError> {
    if one == two {
        return Err(KeymapError::Duplicate { chord: one.clone(), first, second });
    }
    let (short, short_action, long, long_action) = if one.covers(two) {
        (two, second, one, first)
    } else if two.covers(one) {
        (one, first, two, second)
    } else {
        return Ok(());
    };
    Err(KeymapError::Ambiguous { short: short.clone(), short_action, long: long.clone(), long_action })
}

fn read(action: Action, chord: &str) -> Result<Chord, KeymapError> {
    let parsed: Chord =
        chord.parse().map_err(|reason| KeymapError::BadChord { action, chord: chord.to_owned(), reason })?;
    let types = action.layers().contains(&Layer::Text) && parsed.presses()[0].is_text();
    if types { Err(KeymapError::TypesText { action, chord: parsed }) } else { Ok(parsed) }
}

/// The action whose name shares most with what was written, when it shares enough to be worth saying.
fn nearest(name: &str) -> Option<&'static str> {
    let pairs = |s: &str| s.as_bytes().windows(2).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let wanted = pairs(name);
    let score = |other: &str| pairs(other).iter().filter(|p| wanted.contains(p)).count();
    let best = Action::ALL.iter().map(|a| a.name()).max_by_key(|n| (score(n), usize::MAX - n.len()))?;
    (score(best) * 2 >= wanted.len().max(2)).then_some(best)
}

#[cfg(test)]
mod tests;
