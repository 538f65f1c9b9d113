//! Whether colours are written, and how many: what the command line says, then what the environment says
//! (<https://no-color.org>, <https://bixense.com/clicolors>), then what there is.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::sync::OnceLock;

use clap::ValueEnum;

use crate::tui::abilities::{Abilities, Colours};
use crate::tui::theme::Depth;

/// When colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum When {
    /// On a terminal, unless the environment asks for none.
    #[default]
    Auto,
    /// Wherever it goes.
    Always,
    /// Nowhere.
    Never,
}

impl From<When> for clap::ColorChoice {
    fn from(when: When) -> Self {
        match when {
            When::Auto => Self::Auto,
            When::Always => Self::Always,
            When::Never => Self::Never,
        }
    }
}

/// What this run was told; the first word holds.
static TOLD: OnceLock<When> = OnceLock::new();

/// Takes what the command line says.
pub(super) fn choose(when: When) {
    // A second call is of no interest: there is one command line.
    let _ = TOLD.set(when);
}

/// What the arguments say of colours, before they are read: for a mistake in them, and for `--help`.
pub(super) fn early(arguments: &[OsString]) -> When {
    let words: Vec<&str> = arguments.iter().filter_map(|a| a.to_str()).take_while(|a| *a != "--").collect();
    let after = words.windows(2).filter_map(|w| (w[0] == "--color").then_some(w[1]));
    let said = words.iter().filter_map(|w| w.strip_prefix("--color=")).chain(after).last();
    said.and_then(|word| When::from_str(word, false).ok()).unwrap_or_default()
}

/// What the environment says of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Wish {
    /// `NO_COLOR`.
    none: bool,
    /// `CLICOLOR_FORCE`.
    force: bool,
    /// `CLICOLOR=0`.
    off: bool,
    /// A terminal that knows nothing but text.
    dumb: bool,
}

impl Wish {
    fn of(var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| var(name).filter(|v| !v.is_empty());
        Self {
            none: set("NO_COLOR").is_some(),
            force: set("CLICOLOR_FORCE").is_some_and(|v| v != "0"),
            off: set("CLICOLOR").is_some_and(|v| v == "0"),
            dumb: set("TERM").is_some_and(|v| v == "dumb"),
        }
    }

    /// Whether colours are written.
    fn granted(self, when: When, terminal: bool) -> bool {
        match when {
            When::Always => true,
            When::Never => false,
            When::Auto if self.none => false,
            When::Auto => self.force || (terminal && !self.off && !self.dumb),
        }
    }
}

fn var(name: &str) -> Option<String> {
    std::env::var_os(name).map(|v| v.to_string_lossy().into_owned())
}

fn told() -> When {
    TOLD.get().copied().unwrap_or_default()
}

/// Whether colours are written to standard error.
pub(super) fn on_stderr() -> bool {
    Wish::of(var).granted(told(), std::io::stderr().is_terminal())
}

/// How many colours the board has.
pub(super) fn depth() -> Depth {
    depth_of(told(), Abilities::here().colours, var)
}

fn depth_of(when: When, colours: Colours, var: impl Fn(&str) -> Option<String>) -> Depth {
    match colours {
        _ if !Wish::of(var).granted(when, true) => Depth::Mono,
        Colours::Sixteen => Depth::Sixteen,
        Colours::Palette => Depth::Indexed,
        Colours::True => Depth::True,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn the_command_line_wins_then_no_color_then_force_then_the_terminal() {
        use When::{Always, Auto, Never};
        for (when, set, on_terminal, elsewhere) in [
            (Auto, &[][..], true, false),
            (Auto, &[("NO_COLOR", "1")], false, false),
            (Auto, &[("NO_COLOR", "")], true, false),
            (Auto, &[("CLICOLOR_FORCE", "1")], true, true),
            (Auto, &[("CLICOLOR_FORCE", "0")], true, false),
            (Auto, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
            (Auto, &[("CLICOLOR", "0")], false, false),
            (Auto, &[("TERM", "dumb")], false, false),
            (Always, &[("NO_COLOR", "1"), ("TERM", "dumb")], true, true),
            (Never, &[("CLICOLOR_FORCE", "1")], false, false),
        ] {
            let wish = Wish::of(env(set));
            let granted = (wish.granted(when, true), wish.granted(when, false));
            assert_eq!(granted, (on_terminal, elsewhere), "{when:?} {set:?}");
        }
    }

    #[test]
    fn a_board_has_the_colours_of_its_terminal_unless_none_are_wanted() {
        for (colours, depth) in [
            (Colours::Sixteen, Depth::Sixteen),
            (Colours::Palette, Depth::Indexed),
            (Colours::True, Depth::True),
        ] {
            assert_eq!(depth_of(When::Auto, colours, env(&[])), depth);
            assert_eq!(depth_of(When::Auto, colours, env(&[("NO_COLOR", "1")])), Depth::Mono);
            assert_eq!(depth_of(When::Never, colours, env(&[])), Depth::Mono);
            assert_eq!(depth_of(When::Always, colours, env(&[("NO_COLOR", "1"), ("TERM", "dumb")])), depth);
        }
    }

    #[test]
    fn what_is_said_of_colours_holds_for_a_mistake_in_the_arguments_too() {
        let of = |words: &[&str]| early(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of(&["corkboard", "--color", "never", "--nope"]), When::Never);
        assert_eq!(of(&["corkboard", "--nope", "--color=always"]), When::Always);
        assert_eq!(of(&["corkboard", "card", "--", "--color=always"]), When::Auto);
        assert_eq!(of(&["corkboard", "--color"]), When::Auto);
    }
}
