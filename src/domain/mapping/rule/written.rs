//! A field rule as it is written down: plain data that reads, compares and serialises; nothing here computes.

use serde::{Deserialize, Serialize};

/// What stands where a text was cut, unless the step says otherwise.
pub const ELLIPSIS: &str = "…";

/// What the card's side of a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text.
    #[default]
    Text,
    /// A number in decimal form.
    Number,
    /// A day `YYYY-MM-DD`, or a moment in RFC 3339.
    Date,
    /// One of some words.
    Option,
    /// A set of names.
    List,
}

impl FieldKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Text, Self::Number, Self::Date, Self::Option, Self::List];

    /// What a field of the card holds unless a rule says otherwise.
    pub fn usual(source: &str) -> Self {
        if matches!(source, "labels" | "assignees") { Self::List } else { Self::Text }
    }

    /// The word in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Option => "option",
            Self::List => "list",
        }
    }
}

/// Which way a rule carries a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleDirection {
    /// Both ways.
    #[default]
    Both,
    /// From the card to the platform.
    Push,
    /// From the platform to the card.
    Pull,
}

impl RuleDirection {
    /// Every direction.
    pub const ALL: [Self; 3] = [Self::Both, Self::Push, Self::Pull];

    /// The word in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Push => "push",
            Self::Pull => "pull",
        }
    }

    /// Whether the card's value goes out.
    pub fn pushes(self) -> bool {
        self != Self::Pull
    }

    /// Whether the platform's value comes in.
    pub fn pulls(self) -> bool {
        self != Self::Push
    }
}

/// Letter case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// all small
    Lower,
    /// ALL CAPITAL
    Upper,
    /// The First Of Each Word
    Title,
    /// As it is.
    Keep,
}

impl Case {
    /// Every case, `keep` last: it makes sense for the way back only.
    pub const ALL: [Self; 4] = [Self::Lower, Self::Upper, Self::Title, Self::Keep];

    /// The word in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Title => "title",
            Self::Keep => "keep",
        }
    }
}

/// What becomes of a value that a map does not name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// It cannot be carried, and that is said.
    #[default]
    Refuse,
    /// It is called the same on both sides.
    Keep,
    /// It becomes this value.
    Value(String),
}

/// A regular expression and what stands for its matches; `$1` and `${name}` are its groups.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Replacement {
    /// The regular expression.
    pub regex: String,
    /// What every match becomes.
    pub with: String,
}

/// One transform, as written. From the card to the platform; the `back` of a step is its other way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Values of the card and what they are on the platform: the first is written, each is read.
    Map {
        /// Card value to platform values, in the order written.
        classes: Vec<(String, Vec<String>)>,
        /// What becomes of a value the map does not name.
        otherwise: Otherwise,
        /// What a value of the platform that the map does not name becomes on the card; else `otherwise` says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<String>,
    },
    /// Another letter case.
    Case {
        /// On the platform.
        to: Case,
        /// On the card.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<Case>,
    },
    /// Text in front of the value.
    Prefix(String),
    /// Text behind the value.
    Suffix(String),
    /// A text becomes a list.
    Split(String),
    /// A list becomes a text.
    Join(String),
    /// What a regular expression matches becomes something else.
    Replace {
        /// From the card to the platform.
        to: Replacement,
        /// From the platform to the card.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<Replacement>,
    },
    /// A number times `factor`, plus `offset`.
    Scale {
        /// What it is multiplied by; not zero.
        factor: f64,
        /// What is added then.
        #[serde(default)]
        offset: f64,
        /// Digits behind the point that are kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        /// Digits behind the point that are kept on the way back; needed where `round` is, to go both ways.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<u32>,
    },
    /// A date in another form; a format is a chrono pattern, `epoch_ms`, `epoch_s` or `rfc3339`.
    Date {
        /// The form that comes in; a day or a moment in ISO form when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The form that goes out.
        to: String,
    },
    /// A text of at most so many characters.
    Truncate {
        /// How many, ellipsis and link counted.
        characters: u32,
        /// What stands where something was cut off.
        ellipsis: String,
        /// Whether the card's link follows a text that was cut.
        link: bool,
        /// Whether a text is taken as it is on the way back.
        keep_back: bool,
    },
    /// A text made by a template.
    Template {
        /// From the card to the platform.
        to: String,
        /// From the platform to the card; sees `value` alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<String>,
    },
    /// A value worked out by an expression.
    Expression {
        /// From the card to the platform.
        to: String,
        /// From the platform to the card; sees `value` alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back: Option<String>,
    },
    /// A value for a card that has none.
    Default(String),
}

impl Step {
    /// The key of every step in the config.
    pub const NAMES: [&str; 13] = [
        "map",
        "case",
        "prefix",
        "suffix",
        "split",
        "join",
        "replace",
        "scale",
        "date",
        "truncate",
        "template",
        "expression",
        "default",
    ];

    /// The key in the config.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Map { .. } => "map",
            Self::Case { .. } => "case",
            Self::Prefix(_) => "prefix",
            Self::Suffix(_) => "suffix",
            Self::Split(_) => "split",
            Self::Join(_) => "join",
            Self::Replace { .. } => "replace",
            Self::Scale { .. } => "scale",
            Self::Date { .. } => "date",
            Self::Truncate { .. } => "truncate",
            Self::Template { .. } => "template",
            Self::Expression { .. } => "expression",
            Self::Default(_) => "default",
        }
    }

    /// Why the step has no way back; `None` when it has one.
    pub fn one_way(&self) -> Option<&'static str> {
        match self {
            Self::Case { back: None, .. } => {
                Some("`case` does not know what the letters were: give it a `back`")
            }
            Self::Replace { back: None, .. } => Some("`replace` has no `back`"),
            Self::Template { back: None, .. } => Some("`template` has no `back`"),
            Self::Expression { back: None, .. } => Some("`expression` has no `back`"),
            Self::Truncate { keep_back: false, .. } => Some(
                "`truncate` cuts off what cannot be read back: `back = \"keep\"` takes a text there as it is",
            ),
            Self::Scale { round: Some(_), back: None, .. } => {
                Some("`scale` with `round` makes one number of several: give it a `back`")
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quoted = |text: &str| format!("\"{}\"", crate::support::text::clip(text, 40));
        match self {
            Self::Map { classes, .. } => {
                let shown = classes.iter().take(4).map(|(card, there)| {
                    let other = if there.len() > 1 {
                        format!(" (or {})", there[1..].join(", "))
                    } else {
                        String::new()
                    };
                    format!("{card} = {}{other}", there.first().map_or("", String::as_str))
                });
                let shown = shown.collect::<Vec<_>>().join("; ");
                let more = if classes.len() > 4 { "; .." } else { "" };
                write!(f, "map {shown}{more}")
            }
            Self::Case { to, .. } => write!(f, "case {}", to.as_str()),
            Self::Prefix(text) => write!(f, "prefix {}", quoted(text)),
            Self::Suffix(text) => write!(f, "suffix {}", quoted(text)),
            Self::Split(text) => write!(f, "split at {}", quoted(text)),
            Self::Join(text) => write!(f, "join with {}", quoted(text)),
            Self::Replace { to, .. } => write!(f, "replace {} with {}", quoted(&to.regex), quoted(&to.with)),
            Self::Scale { factor, offset, .. } if *offset == 0.0 => write!(f, "times {factor}"),
            Self::Scale { factor, offset, .. } => write!(f, "times {factor} plus {offset}"),
            Self::Date { to, .. } => write!(f, "date as {}", quoted(to)),
            Self::Truncate { characters, link, .. } => {
                write!(
                    f,
                    "at most {characters} characters{}",
                    if *link { ", with the card's link" } else { "" }
                )
            }
            Self::Template { to, .. } => write!(f, "template {}", quoted(to)),
            Self::Expression { to, .. } => write!(f, "expression {}", quoted(to)),
            Self::Default(value) => write!(f, "{} when empty", quoted(value)),
        }
    }
}

/// A whole rule, as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenRule {
    /// The card's field by name.
    pub source: String,
    /// The platform's field by its own name.
    pub target: String,
    /// What the card's side holds.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// Which way the field goes.
    pub direction: RuleDirection,
    /// Whether a card must have a value to be sent.
    pub required: bool,
    /// The transforms from the card to the platform, in order.
    pub transform: Vec<Step>,
}
