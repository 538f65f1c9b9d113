//! Giving an action new keys: what was pressed so far, where it shall hold, and what it clashes with. Writes nothing
//! itself: it says what is to be kept.

use crate::config::Choice;
use crate::config::keymap::{Action, Chord, Key, KeySettings, Keymap, KeymapError, Layer, Press};

/// An action that is being given new keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rebind {
    /// The layer it was chosen in.
    pub layer: Layer,
    /// Which action.
    pub action: Action,
    /// What was pressed so far.
    pub presses: Vec<Press>,
    /// Whether it shall hold in this layer only.
    pub here: bool,
    /// Why it cannot be kept, or what is missing.
    pub problem: Option<String>,
}

/// What a press while rebinding came to.
pub(super) enum Came {
    /// It goes on.
    On,
    /// Nothing shall change.
    Left,
    /// This is to be kept.
    Keep(Choice),
}

impl Rebind {
    /// Begins. Where the layer has keys of its own for it already, those are what is changed.
    pub(super) fn new(layer: Layer, action: Action, keys: &KeySettings) -> Self {
        let here = keys.views.get(&layer).is_some_and(|own| own.contains_key(action.name()));
        Self { layer, action, presses: Vec::new(), here, problem: None }
    }

    /// Whether it works in more than one place, so that one can choose.
    pub(super) fn elsewhere_too(&self) -> bool {
        self.action.layers().len() > 1
    }

    /// What was pressed, as it will be written.
    pub(super) fn shown(&self) -> String {
        Chord::of(self.presses.clone()).map_or_else(
            |_| self.presses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            |chord| chord.to_string(),
        )
    }

    /// A press: `enter` keeps, `esc` leaves, `tab` changes where it holds, `delete` goes back to the default keys,
    /// `backspace` takes the last press back; every other one is a part of the new keys.
    pub(super) fn press(&mut self, press: Press, keys: &KeySettings) -> Came {
        if press == Press::plain(press.key) {
            match press.key {
                Key::Esc => return Came::Left,
                Key::Enter => return self.keep(keys),
                Key::Delete => return self.reset(keys),
                Key::Tab => {
                    self.here = self.elsewhere_too() && !self.here;
                    self.look(keys);
                    return Came::On;
                }
                Key::Backspace => {
                    self.presses.pop();
                    self.look(keys);
                    return Came::On;
                }
                _ => {}
            }
        }
        self.presses.push(press);
        self.look(keys);
        Came::On
    }

    /// Looks at once whether what was pressed could be kept.
    fn look(&mut self, keys: &KeySettings) {
        self.problem = None;
        if self.presses.is_empty() {
            return;
        }
        self.problem = match Chord::of(self.presses.clone()) {
            Err(why) => Some(why),
            Ok(chord) => self.clash(keys, Some(&[chord])),
        };
    }

    fn view(&self) -> Option<Layer> {
        self.here.then_some(self.layer)
    }

    fn clash(&self, keys: &KeySettings, chords: Option<&[Chord]>) -> Option<String> {
        let mut new = keys.clone();
        let written = chords.map(|all| all.iter().map(ToString::to_string).collect());
        new.set(self.view(), self.action.name(), written);
        Keymap::build(&new).err().map(|error| self.in_words(&error))
    }

    fn in_words(&self, error: &KeymapError) -> String {
        let what = |a: Action| format!("\u{201c}{}\u{201d}", a.what());
        match error {
            KeymapError::Duplicate { layer, chord, .. } => {
                let other = error.other_than(self.action).unwrap_or(self.action);
                format!("{chord} is {} already ({})", what(other), layer.title().to_lowercase())
            }
            KeymapError::Ambiguous { layer, short, short_action, long, long_action } => {
                let place = layer.title().to_lowercase();
                if *long_action == self.action {
                    format!("{short} alone is {} already ({place})", what(*short_action))
                } else {
                    format!("{short} begins {long}, {} ({place})", what(*long_action))
                }
            }
            KeymapError::TypesText { chord, .. } => {
                format!("{chord} is needed for typing: it works in text fields; take one with ctrl or alt")
            }
            other => other.to_string(),
        }
    }

    fn keep(&mut self, keys: &KeySettings) -> Came {
        if self.presses.is_empty() {
            self.problem = Some("press the new key first".to_owned());
            return Came::On;
        }
        self.look(keys);
        match Chord::of(self.presses.clone()) {
            Ok(chord) if self.problem.is_none() => self.choice(Some(vec![chord])),
            _ => Came::On,
        }
    }

    fn reset(&mut self, keys: &KeySettings) -> Came {
        let name = self.action.name();
        let own = keys.table(self.view()).is_some_and(|t| t.contains_key(name));
        let any = own || (!self.here && keys.views.values().any(|t| t.contains_key(name)));
        self.problem = if any { self.clash(keys, None) } else { Some("it has its default keys".to_owned()) };
        if self.problem.is_some() { Came::On } else { self.choice(None) }
    }

    fn choice(&self, chords: Option<Vec<Chord>>) -> Came {
        Came::Keep(Choice::Key { view: self.view(), action: self.action, chords })
    }
}
