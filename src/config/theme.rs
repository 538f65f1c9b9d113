//! A person's own themes as they are written: a built-in one as the base, and what is different by role. Knows no
//! terminal: what a colour becomes there is the front end's business.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::settings::ThemeName;

/// The sixteen colours every terminal has, by the number of each, as they are written.
pub const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

/// A colour as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Colour {
    /// The terminal's own: `terminal`.
    Terminal,
    /// One of the sixteen, which a terminal draws as its person likes: its number in [`NAMES`].
    Named(u8),
    /// One of 256 by its number.
    Indexed(u8),
    /// Red, green, blue: `#5fd7d7`.
    Rgb(u8, u8, u8),
}

impl Colour {
    /// What can be written, for a message.
    pub const HELP: &'static str = "a colour is \"terminal\", a name such as \"cyan\" or \"light-red\", a number from 0 to 255, or \
                                    \"#rrggbb\"";
}

/// What is written is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Colour::HELP)]
pub struct NoColour;

impl FromStr for Colour {
    type Err = NoColour;
    fn from_str(text: &str) -> Result<Self, NoColour> {
        if let Some(hex) = text.strip_prefix('#') {
            // `from_str_radix` would take a sign.
            if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(NoColour);
            }
            let [_, r, g, b] = u32::from_str_radix(hex, 16).map_err(|_| NoColour)?.to_be_bytes();
            return Ok(Self::Rgb(r, g, b));
        }
        let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_'], "").replace("grey", "gray");
        let written = plain(text);
        if written == "terminal" {
            return Ok(Self::Terminal);
        }
        if let Some(n) = NAMES.iter().position(|name| plain(name) == written) {
            return Ok(Self::Named(n as u8));
        }
        text.parse().map(Self::Indexed).map_err(|_| NoColour)
    }
}

/// How something is drawn, as far as it is said; the rest is as in the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Brush {
    /// The colour of the text.
    pub fg: Option<Colour>,
    /// The colour behind it.
    pub bg: Option<Colour>,
    /// Bold or not.
    pub bold: Option<bool>,
    /// Dim or not.
    pub dim: Option<bool>,
    /// Slanted or not.
    pub italic: Option<bool>,
    /// Underlined or not.
    pub underline: Option<bool>,
    /// With text and background changed over, or not.
    pub reverse: Option<bool>,
}

/// The keys of a brush that is written as a table.
pub const BRUSH: [&str; 7] = ["fg", "bg", "bold", "dim", "italic", "underline", "reverse"];

macro_rules! roles {
    ($($variant:ident, $name:literal, $what:literal;)*) => {
        /// What a style is for. The names are stable: people write them in `[theme.NAME]`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $what] $variant,)*
        }

        impl Role {
            /// Every role, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Every role's name, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The word in the config.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What is drawn so, for a person.
            pub fn what(self) -> &'static str {
                match self { $(Self::$variant => $what),* }
            }
        }
    };
}

roles! {
    Text, "text", "plain text; its background is everything's";
    Dim, "dim", "what matters less: ages, hints, milestones";
    Accent, "accent", "what the focus is on, headings, the name of the program";
    Label, "label", "a label, and code in a text";
    Person, "person", "a person";
    Ok, "ok", "all is well";
    Info, "info", "something is going on; a link in a text";
    Warn, "warn", "look at this";
    Error, "error", "this failed";
    Title, "title", "a heading of a view or dialog";
    Brand, "brand", "the name of the program";
    TabActive, "tab_active", "the tab one is on";
    Tab, "tab", "the other tabs";
    Border, "border", "rules and borders";
    BorderFocus, "border_focus", "the border of what has the focus";
    Column, "column", "the title of a column";
    ColumnFocus, "column_focus", "the title of the column that has the focus";
    Focus, "focus", "the bar at the focused card";
    CardFocus, "card_focus", "the title of the focused card";
    Selection, "selection", "the chosen line of a list";
    Marked, "marked", "the mark of a selected card";
    Milestone, "milestone", "a milestone";
    Key, "key", "a key in a hint";
    Ghost, "ghost", "the card that follows the pointer";
    Lifted, "lifted", "the card that is dragged, where it still stands";
    Target, "target", "the column a drop would reach";
    Illegal, "illegal", "a column a drop would only half reach";
    Input, "input", "text being typed";
    Hit, "hit", "the part of a text that matches";
    Heading, "heading", "a heading in a text";
    Code, "code", "code in a text";
    Link, "link", "a link in a text";
    Quote, "quote", "a quotation in a text";
}

impl Role {
    /// The roles that others follow: what is said of one holds for those that nothing is said of.
    pub const FIRST: [Self; 9] = [
        Self::Text,
        Self::Dim,
        Self::Accent,
        Self::Label,
        Self::Person,
        Self::Ok,
        Self::Info,
        Self::Warn,
        Self::Error,
    ];
}

impl FromStr for Role {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|r| r.name() == s).ok_or_else(|| format!("`{s}` is not a role"))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A theme that a person made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTheme {
    /// Its name; none of the built-in ones.
    pub name: Arc<str>,
    /// The built-in theme it starts from.
    pub base: ThemeName,
    /// What is different.
    pub roles: BTreeMap<Role, Brush>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_a_name_a_number_or_red_green_and_blue() {
        for (written, colour) in [
            ("terminal", Colour::Terminal),
            ("cyan", Colour::Named(6)),
            ("Light_Red", Colour::Named(9)),
            ("dark grey", Colour::Named(8)),
            ("0", Colour::Indexed(0)),
            ("255", Colour::Indexed(255)),
            ("#5fd7d7", Colour::Rgb(0x5f, 0xd7, 0xd7)),
        ] {
            assert_eq!(written.parse(), Ok(colour), "{written}");
        }
        for wrong in ["", "blu", "256", "-1", "#5fd7d", "#+fd7d7", "#gggggg", "rgb(1,2,3)"] {
            assert_eq!(wrong.parse::<Colour>(), Err(NoColour), "{wrong}");
        }
    }
}
