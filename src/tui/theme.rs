//! How things look: colours by role, and the glyphs. Every state is a glyph and a word; colour only helps.

use ratatui::style::{Modifier, Style};

use crate::config::settings::{ThemeName, UiSettings};
use crate::config::theme::OwnTheme;
use crate::domain::card::Card;
use crate::domain::health::HealthState;
use crate::domain::link::{Link, SyncStatus};

mod depth;
mod own;
mod palette;

pub use depth::{Depth, Rgb, number, xterm};
use palette::Palette;

/// Styles by role. Nothing outside this file names a colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Plain text, and what everything is painted on first.
    pub text: Style,
    /// What matters less: keys, ages, hints.
    pub dim: Style,
    /// A heading.
    pub title: Style,
    /// The program's name.
    pub brand: Style,
    /// The tab one is on.
    pub tab_active: Style,
    /// The other tabs.
    pub tab: Style,
    /// Rules and borders.
    pub border: Style,
    /// The border of what has the focus.
    pub border_focus: Style,
    /// A column's title.
    pub column: Style,
    /// The title of the column that has the focus.
    pub column_focus: Style,
    /// The focus bar.
    pub focus: Style,
    /// The focused card's title.
    pub card_focus: Style,
    /// What is selected: reversed, whatever the terminal's colours are.
    pub selection: Style,
    /// The selection mark of a card.
    pub marked: Style,
    /// A label.
    pub label: Style,
    /// A person.
    pub person: Style,
    /// A milestone.
    pub milestone: Style,
    /// A key in a hint.
    pub key: Style,
    /// All is well.
    pub ok: Style,
    /// Something is going on.
    pub info: Style,
    /// Look at this.
    pub warn: Style,
    /// This failed.
    pub error: Style,
    /// The card that follows the pointer.
    pub ghost: Style,
    /// The card that is being dragged, where it still stands.
    pub lifted: Style,
    /// The column a drop would reach.
    pub target: Style,
    /// A column a drop would only half reach.
    pub illegal: Style,
    /// Text being typed.
    pub input: Style,
    /// A part of a text that matches the filter.
    pub hit: Style,
    /// A heading inside a text.
    pub heading: Style,
    /// Code inside a text.
    pub code: Style,
    /// A link inside a text.
    pub link: Style,
    /// A quotation inside a text.
    pub quote: Style,
}

impl Theme {
    /// The theme of this name, one of `own` when it is none of the built-in ones, in the colours there are; mono where
    /// there are none. What is selected can be seen in each, whatever a person wrote.
    pub fn of(name: &ThemeName, own: &[OwnTheme], depth: Depth) -> Self {
        if depth == Depth::Mono {
            return Self::from(Palette::mono());
        }
        let made = match name {
            ThemeName::Own(wanted) => own.iter().find(|theme| theme.name == *wanted),
            _ => None,
        };
        let mut theme = match made {
            Some(made) => own::theme(made),
            None => Self::from(Palette::of(name)),
        };
        theme.each(|style| *style = depth.reduce(*style));
        theme.show_selection();
        theme
    }

    /// A built-in theme in all its colours, or without any.
    #[cfg(test)]
    pub fn new(name: ThemeName, no_color: bool) -> Self {
        Self::of(&name, &[], if no_color { Depth::Mono } else { Depth::True })
    }

    /// Makes sure that the selection does not look like what is not selected.
    fn show_selection(&mut self) {
        let plain = self.text.bg.unwrap_or_default();
        let reversed = self.selection.add_modifier.contains(Modifier::REVERSED);
        if !reversed && self.selection.bg.unwrap_or_default() == plain {
            self.selection = self.selection.add_modifier(Modifier::REVERSED);
        }
    }

    /// The style of a state's word.
    pub fn health(&self, state: HealthState) -> Style {
        match state {
            HealthState::Healthy => self.ok,
            HealthState::Syncing => self.info,
            HealthState::Throttled | HealthState::Retrying | HealthState::Asking => self.warn,
            HealthState::Broken => self.error,
            HealthState::Starting | HealthState::Paused | HealthState::Elsewhere => self.dim,
        }
    }

    /// The style of a card's sync mark.
    pub fn mark(&self, mark: Mark) -> Style {
        match mark {
            Mark::Unsent | Mark::Sending => self.info,
            Mark::Conflict | Mark::SetAside | Mark::Unmapped | Mark::Asks => self.warn,
            Mark::Refused => self.error,
        }
    }
}

impl From<Palette> for Theme {
    fn from(p: Palette) -> Self {
        let bold = |s: Style| s.add_modifier(Modifier::BOLD);
        Self {
            text: p.text,
            dim: p.dim,
            title: bold(p.text),
            brand: bold(p.accent),
            tab_active: bold(p.text).add_modifier(Modifier::UNDERLINED),
            tab: p.dim,
            border: p.dim,
            border_focus: p.accent,
            column: bold(p.dim),
            column_focus: bold(p.accent),
            focus: bold(p.accent),
            card_focus: bold(p.text),
            selection: p.text.add_modifier(Modifier::REVERSED),
            marked: bold(p.accent),
            label: p.label,
            person: p.person,
            milestone: p.dim,
            key: bold(p.text),
            ok: p.ok,
            info: p.info,
            warn: p.warn,
            error: bold(p.error),
            ghost: bold(p.text).add_modifier(Modifier::REVERSED),
            lifted: p.dim.add_modifier(Modifier::ITALIC),
            target: bold(p.accent).add_modifier(Modifier::REVERSED),
            illegal: bold(p.warn).add_modifier(Modifier::REVERSED),
            input: p.text.add_modifier(Modifier::UNDERLINED),
            hit: bold(p.accent).add_modifier(Modifier::UNDERLINED),
            heading: bold(p.accent),
            code: p.label,
            link: p.info.add_modifier(Modifier::UNDERLINED),
            quote: p.dim.add_modifier(Modifier::ITALIC),
        }
    }
}

/// What a card's links say about its being in step, when there is something to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A change waits to be sent.
    Unsent,
    /// A request is under way.
    Sending,
    /// The platform's state is none that the mapping names.
    Unmapped,
    /// Set aside, for a reason the card tells.
    SetAside,
    /// The platform asks something about a move.
    Asks,
    /// The same field was changed on both sides.
    Conflict,
    /// The platform refused.
    Refused,
}

impl Mark {
    /// The gravest mark among a card's links.
    pub fn of(card: &Card) -> Option<Self> {
        card.links.iter().filter_map(Self::of_link).max()
    }

    /// What one link says.
    pub fn of_link(link: &Link) -> Option<Self> {
        match link.sync {
            SyncStatus::Failed => Some(Self::Refused),
            _ if link.conflict => Some(Self::Conflict),
            _ if link.asks => Some(Self::Asks),
            SyncStatus::Manual => Some(Self::SetAside),
            _ if link.sending => Some(Self::Sending),
            SyncStatus::Pending => Some(Self::Unsent),
            SyncStatus::Synced => (!link.mapped).then_some(Self::Unmapped),
        }
    }

    /// The word beside the glyph.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Sending => "sending",
            Self::Unmapped => "not mapped",
            Self::SetAside => "set aside",
            Self::Asks => "asks",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
        }
    }
}

/// The drawing characters, each one cell wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// The bar at the focused card's left.
    pub focus: &'static str,
    /// The mark of a selected card.
    pub selected: &'static str,
    /// Something was cut.
    pub ellipsis: &'static str,
    /// There is more above.
    pub above: &'static str,
    /// There is more below.
    pub below: &'static str,
    /// There is more to the left.
    pub left: &'static str,
    /// There is more to the right.
    pub right: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
    /// A heavy horizontal rule.
    pub rule_focus: &'static str,
    /// A vertical rule.
    pub bar: &'static str,
    /// Between two facts on a line.
    pub dot: &'static str,
    /// Done, good.
    pub check: &'static str,
    /// Look at this.
    pub warn: &'static str,
    /// Failed.
    pub cross: &'static str,
    /// From, to.
    pub arrow: &'static str,
    /// Nothing happened for long.
    pub stale: &'static str,
    /// A filled part of a gauge.
    pub gauge_full: &'static str,
    /// An empty part of a gauge.
    pub gauge_empty: &'static str,
    /// Eight heights for a sparkline, lowest first.
    pub spark: [&'static str; 8],
    /// Box corners and sides: top left, top right, bottom left, bottom right, horizontal, vertical.
    pub frame: [&'static str; 6],
}

impl Glyphs {
    /// Unicode, from blocks every terminal font has; none is an emoji.
    pub const UNICODE: Self = Self {
        ascii: false,
        focus: "▌",
        selected: "◆",
        ellipsis: "…",
        above: "▲",
        below: "▼",
        left: "◀",
        right: "▶",
        rule: "─",
        rule_focus: "━",
        bar: "│",
        dot: "·",
        check: "✓",
        warn: "⚠",
        cross: "✗",
        arrow: "→",
        stale: "◷",
        gauge_full: "█",
        gauge_empty: "░",
        spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        frame: ["╭", "╮", "╰", "╯", "─", "│"],
    };

    /// ASCII only.
    pub const ASCII: Self = Self {
        ascii: true,
        focus: ">",
        selected: "*",
        ellipsis: "~",
        above: "^",
        below: "v",
        left: "<",
        right: ">",
        rule: "-",
        rule_focus: "=",
        bar: "|",
        dot: "-",
        check: "+",
        warn: "!",
        cross: "x",
        arrow: ">",
        stale: "z",
        gauge_full: "#",
        gauge_empty: ".",
        spark: [".", ".", ":", ":", "=", "=", "#", "#"],
        frame: ["+", "+", "+", "+", "-", "|"],
    };

    /// The set the settings ask for.
    pub fn new(ui: &UiSettings) -> Self {
        if ui.ascii { Self::ASCII } else { Self::UNICODE }
    }

    /// The glyph of a connection's state.
    pub fn health(&self, state: HealthState) -> &'static str {
        let (unicode, ascii) = match state {
            HealthState::Healthy => ("●", "+"),
            HealthState::Syncing => ("◉", "~"),
            HealthState::Throttled => ("◒", "%"),
            HealthState::Retrying => ("◐", "?"),
            HealthState::Broken => ("✗", "x"),
            HealthState::Asking => ("‽", "!"),
            HealthState::Paused => ("‖", "="),
            HealthState::Starting => ("○", "o"),
            HealthState::Elsewhere => ("◌", "."),
        };
        if self.ascii { ascii } else { unicode }
    }

    /// The glyph of a card's sync mark.
    pub fn mark(&self, mark: Mark) -> &'static str {
        let (unicode, ascii) = match mark {
            Mark::Unsent => ("○", "o"),
            Mark::Sending => ("↑", "^"),
            Mark::Unmapped => ("?", "?"),
            Mark::SetAside => ("‖", "="),
            Mark::Asks => ("‽", "!"),
            Mark::Conflict => ("⚠", "!"),
            Mark::Refused => ("✗", "x"),
        };
        if self.ascii { ascii } else { unicode }
    }
}

#[cfg(test)]
mod tests;
