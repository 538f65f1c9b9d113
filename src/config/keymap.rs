//! Which key does what: the built-in bindings, the user's own over them, and clashes refused by name.
//!
//! Knows nothing of terminals: the front end turns its key events into [`Press`]es.

use std::collections::{BTreeMap, HashMap};

mod action;
mod chord;
mod error;
mod preset;

pub use action::{Action, Layer};
pub use chord::{Chord, Key, Press};
pub use error::KeymapError;
pub use preset::{KeySettings, Preset, Written};

/// What a press came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// It completes a chord.
    Action(Action),
    /// It begins or goes on with a chord that needs more.
    Pending,
    /// It was escape, and dropped the chord that was begun.
    Dropped,
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

/// How a chord that was begun can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Following {
    /// The presses that are missing; at least one.
    pub rest: Chord,
    /// What they do then.
    pub action: Action,
}

/// What a run of presses is in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Whole(Action),
    Begun,
}

/// The bindings of one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LayerMap {
    /// In help's order; unbound actions too.
    bindings: Vec<(Action, Vec<Chord>)>,
    /// Every chord and every beginning of one: a press is looked up, not searched for.
    index: HashMap<Vec<Press>, Found>,
}

/// Every binding, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// In the order of [`Layer::ALL`].
    layers: Vec<LayerMap>,
}

/// The person's own chords of some actions.
type Own = BTreeMap<Action, Vec<Chord>>;

impl Keymap {
    /// The preset's bindings with the person's over them: those of a view before those that hold everywhere.
    ///
    /// # Errors
    /// A name or a chord cannot be read, or two chords of a layer cannot be told apart.
    pub fn build(keys: &KeySettings) -> Result<Self, KeymapError> {
        let everywhere = own(None, &keys.everywhere)?;
        let mut views: BTreeMap<Layer, Own> = BTreeMap::new();
        for (layer, written) in &keys.views {
            views.insert(*layer, own(Some(*layer), written)?);
        }
        let none = Own::new();
        let mut all = Vec::with_capacity(Layer::ALL.len());
        for layer in Layer::ALL {
            let mut bindings = Vec::new();
            for &action in Action::ALL.iter().filter(|a| a.layers().contains(&layer)) {
                let view = views.get(&layer).unwrap_or(&none);
                let chords = match view.get(&action).or_else(|| everywhere.get(&action)) {
                    Some(chords) => chords.clone(),
                    None => preset_chords(keys.preset, action)?,
                };
                bindings.push((action, chords));
            }
            all.push((layer, bindings));
        }
        // A letter in a text field is the better thing to say, before what it clashes with elsewhere.
        for (_, bindings) in all.iter().filter(|(l, _)| *l == Layer::Text) {
            keep_letters(bindings)?;
        }
        let layers = all.into_iter().map(|(layer, b)| LayerMap::new(layer, b)).collect::<Result<_, _>>()?;
        Ok(Self { layers })
    }

    fn layer(&self, layer: Layer) -> &LayerMap {
        &self.layers[layer as usize]
    }

    /// The chords of an action in a layer, in the order written; empty when it is unbound there.
    pub fn chords_in(&self, layer: Layer, action: Action) -> &[Chord] {
        let found = self.layer(layer).bindings.iter().find(|(a, _)| *a == action);
        found.map_or(&[], |(_, chords)| chords.as_slice())
    }

    /// The first chord of an action, as it is shown in a hint: of the first layer in which it has one.
    pub fn hint(&self, action: Action) -> Option<String> {
        let mut chords = action.layers().iter().filter_map(|l| self.chords_in(*l, action).first());
        chords.next().map(ToString::to_string)
    }

    /// The first chord of an action in a layer; where the action does not work there, that of [`Self::hint`].
    pub fn hint_in(&self, layer: Layer, action: Action) -> Option<String> {
        if action.layers().contains(&layer) {
            return self.chords_in(layer, action).first().map(ToString::to_string);
        }
        self.hint(action)
    }

    /// The actions active in a layer with their chords, in help's order; unbound ones too.
    pub fn in_layer(&self, layer: Layer) -> impl Iterator<Item = (Action, &[Chord])> {
        self.layer(layer).bindings.iter().map(|(a, c)| (*a, c.as_slice()))
    }

    /// How the chord that was begun can go on, in help's order; nothing when none was begun.
    pub fn following(&self, layer: Layer, pending: &Pending) -> Vec<Following> {
        if pending.is_empty() {
            return Vec::new();
        }
        let begun = pending.0.as_slice();
        let mut out = Vec::new();
        for (action, chords) in self.in_layer(layer) {
            let rest = chords.iter().filter_map(|c| c.presses().strip_prefix(begun));
            let rest = rest.filter_map(|r| Chord::of(r.to_vec()).ok());
            out.extend(rest.map(|rest| Following { rest, action }));
        }
        out
    }

    /// What `press` means in `layer`, given what was begun. A press that does not go on with a begun chord drops
    /// it and is looked up on its own; escape only drops it.
    pub fn lookup(&self, layer: Layer, pending: &mut Pending, press: Press) -> Lookup {
        if layer == Layer::Text && press.is_text() {
            pending.clear();
            return Lookup::None;
        }
        pending.0.push(press);
        match self.layer(layer).index.get(pending.0.as_slice()) {
            Some(Found::Begun) => Lookup::Pending,
            Some(Found::Whole(action)) => {
                pending.clear();
                Lookup::Action(*action)
            }
            None => {
                let alone = pending.0.len() == 1;
                pending.clear();
                match press {
                    _ if alone => Lookup::None,
                    Press { key: Key::Esc, .. } => Lookup::Dropped,
                    _ => self.lookup(layer, pending, press),
                }
            }
        }
    }
}

impl LayerMap {
    fn new(layer: Layer, bindings: Vec<(Action, Vec<Chord>)>) -> Result<Self, KeymapError> {
        let mut map = Self { index: HashMap::new(), bindings: Vec::new() };
        for (action, chords) in &bindings {
            for chord in chords {
                map.enter(*action, chord)
                    .map_err(|other| clash(layer, &bindings, (*action, chord), other))?;
            }
        }
        map.bindings = bindings;
        Ok(map)
    }

    /// Enters a chord and its beginnings; where it cannot be told apart from one that is there, that one's presses.
    fn enter(&mut self, action: Action, chord: &Chord) -> Result<(), Vec<Press>> {
        let presses = chord.presses();
        if self.index.contains_key(presses) {
            return Err(presses.to_vec());
        }
        for end in 1..presses.len() {
            let begun = &presses[..end];
            if let Found::Whole(_) = self.index.entry(begun.to_vec()).or_insert(Found::Begun) {
                return Err(begun.to_vec());
            }
        }
        self.index.insert(presses.to_vec(), Found::Whole(action));
        Ok(())
    }
}

/// What a chord clashes with: the first before it that is, begins or goes on with `other`.
fn clash(
    layer: Layer,
    bindings: &[(Action, Vec<Chord>)],
    (action, chord): (Action, &Chord),
    other: Vec<Press>,
) -> KeymapError {
    let all = bindings.iter().flat_map(|(a, cs)| cs.iter().map(|c| (*a, c)));
    let mut before = all.take_while(|(a, c)| (*a, *c) != (action, chord));
    let met = before.find(|(_, c)| c.presses().starts_with(&other));
    // Only a chord that is written twice for one action has none before it.
    let (first, one) = met.unwrap_or((action, chord));
    if one == chord {
        return KeymapError::Duplicate { layer, chord: chord.clone(), first, second: action };
    }
    let (short, short_action, long, long_action) =
        if one.covers(chord) { (chord, action, one, first) } else { (one, first, chord, action) };
    KeymapError::Ambiguous { layer, short: short.clone(), short_action, long: long.clone(), long_action }
}

/// Reads the person's own chords in a view, or everywhere.
fn own(layer: Option<Layer>, written: &Written) -> Result<Own, KeymapError> {
    let mut out = Own::new();
    for (name, chords) in written {
        let action: Action = name.parse().map_err(|_| KeymapError::UnknownAction {
            layer,
            name: name.clone(),
            suggestion: nearest(name),
        })?;
        if let Some(layer) = layer.filter(|l| !action.layers().contains(l)) {
            return Err(KeymapError::NotThere { layer, action });
        }
        let read = |chord: &String| {
            let bad = |reason| KeymapError::BadChord { layer, action, chord: chord.clone(), reason };
            chord.parse::<Chord>().map_err(bad)
        };
        out.insert(action, chords.iter().map(read).collect::<Result<_, _>>()?);
    }
    Ok(out)
}

fn preset_chords(preset: Preset, action: Action) -> Result<Vec<Chord>, KeymapError> {
    let read = |chord: &&str| {
        let bad = |reason| KeymapError::BadChord { layer: None, action, chord: (*chord).to_owned(), reason };
        chord.parse::<Chord>().map_err(bad)
    };
    action.chords_of(preset).iter().map(read).collect()
}

/// A text field keeps what types a character.
fn keep_letters(bindings: &[(Action, Vec<Chord>)]) -> Result<(), KeymapError> {
    for (action, chords) in bindings {
        if let Some(chord) = chords.iter().find(|c| c.presses()[0].is_text()) {
            return Err(KeymapError::TypesText { action: *action, chord: chord.clone() });
        }
    }
    Ok(())
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
