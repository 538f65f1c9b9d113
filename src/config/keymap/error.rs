//! Why bindings cannot be used, said with the names people write, and where in `[keys]` the mistake stands.

use super::{Action, Chord, Layer};

/// Why bindings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No action has this name.
    #[error("`{name}` is not an action{}", suggestion.map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownAction {
        /// In the table of which view; `None` in `[keys]` itself.
        layer: Option<Layer>,
        /// What was written.
        name: String,
        /// The nearest name there is.
        suggestion: Option<&'static str>,
    },
    /// The table of a view names an action that view has not.
    #[error("`{action}` does nothing in {}: it works in {}", layer.place(), places_of(*action))]
    NotThere {
        /// The view.
        layer: Layer,
        /// The action.
        action: Action,
    },
    /// A chord cannot be read.
    #[error("`{chord}`, bound to `{action}`, is not a key: {reason}")]
    BadChord {
        /// In the table of which view; `None` in `[keys]` itself.
        layer: Option<Layer>,
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
        /// Where both work.
        layer: Layer,
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
        /// Where both work.
        layer: Layer,
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
    /// The entries it may be about, each as the view's table (`None`: `[keys]` itself) and the action's name: a
    /// message should point at the first of them that the file has.
    pub fn places(&self) -> Vec<(Option<Layer>, &str)> {
        match self {
            Self::UnknownAction { layer, name, .. } => vec![(*layer, name)],
            Self::NotThere { layer, action } => vec![(Some(*layer), action.name())],
            Self::BadChord { layer, action, .. } => vec![(*layer, action.name())],
            Self::TypesText { action, .. } => {
                vec![(Some(Layer::Text), action.name()), (None, action.name())]
            }
            Self::Duplicate { layer, first, second, .. } => either(*layer, *first, *second),
            Self::Ambiguous { layer, short_action, long_action, .. } => {
                either(*layer, *long_action, *short_action)
            }
        }
    }

    /// The other action a clash is with; `None` where it is no clash with another one.
    pub fn other_than(&self, own: Action) -> Option<Action> {
        let (one, two) = match self {
            Self::Duplicate { first, second, .. } => (*first, *second),
            Self::Ambiguous { short_action, long_action, .. } => (*short_action, *long_action),
            _ => return None,
        };
        [one, two].into_iter().find(|a| *a != own)
    }
}

/// What a view's own table says is nearer than what holds everywhere.
fn either(layer: Layer, one: Action, two: Action) -> Vec<(Option<Layer>, &'static str)> {
    let entries = [Some(layer), None].into_iter();
    entries.flat_map(|at| [(at, one.name()), (at, two.name())]).collect()
}

/// The tables an action may stand in.
fn places_of(action: Action) -> String {
    let all: Vec<&str> = action.layers().iter().map(|l| l.place()).collect();
    all.join(", ")
}
