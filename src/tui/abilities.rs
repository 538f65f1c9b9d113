//! What the terminal is and may be asked for, as the environment tells it. Pure but for [`Abilities::here`]; asks the
//! terminal nothing. `docs/terminals.md` has the table.

use std::env;

/// How much of a terminal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It cannot place a cursor: nothing can be drawn.
    Dumb,
    /// It draws, but shows what it does not know as text: the Linux console before 5.8 prints a title, before 5.12
    /// the end of `CSI > 1 u`. It is asked nothing and told nothing beyond drawing.
    Plain,
    /// It ignores what it does not know, as ECMA-48 wants.
    Modern,
}

/// What stands between us and the terminal and takes sequences for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Nothing.
    Direct,
    /// tmux, which passes on what is wrapped for it (`allow-passthrough`).
    Tmux,
    /// GNU screen, which passes on the contents of short strings.
    Screen,
}

/// Why only ASCII is drawn although nobody asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsciiOnly {
    /// The console's font has 256 or 512 glyphs, and ours are not among them.
    Font,
    /// The locale's characters are not UTF-8; the variable that says so.
    Locale(String),
}

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// The sixteen every terminal has.
    Sixteen,
    /// The palette of 256.
    Palette,
    /// 24 bits.
    True,
}

impl Colours {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sixteen => "16 colours",
            Self::Palette => "256 colours",
            Self::True => "truecolor",
        }
    }
}

/// Which sequence shows a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// `OSC 9 ; text`: iTerm2, kitty, foot, WezTerm, Ghostty.
    Osc9,
    /// `OSC 777 ; notify ; title ; text`: urxvt, terminals on VTE.
    Osc777,
    /// None: the bell has to do.
    Bell,
}

/// What the terminal is and may be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abilities {
    /// What it calls itself.
    pub term: String,
    /// How much of a terminal it is.
    pub kind: Kind,
    /// What stands between.
    pub route: Route,
    /// Whether it is on another machine: sequences may come in pieces, and no browser is here.
    pub remote: bool,
    /// How many colours there are.
    pub colours: Colours,
    /// Why only ASCII is drawn, if so.
    pub ascii: Option<AsciiOnly>,
    /// Whether it is likely to show OSC 8 as a link, and to show nothing where it does not.
    pub hyperlinks: bool,
    /// How it shows a notification.
    pub notice: Notice,
}

impl Abilities {
    /// What this process' environment tells.
    pub fn here() -> Self {
        Self::of(&|name| env::var(name).ok().filter(|v| !v.is_empty()))
    }

    /// What an environment tells; `get` gives the variables that are set and not empty.
    pub fn of(get: &dyn Fn(&str) -> Option<String>) -> Self {
        let term = get("TERM").unwrap_or_default();
        let set = |name| get(name).is_some();
        let kind = kind(&term);
        let route = route(&term, set("TMUX"), set("STY"));
        let modern = kind == Kind::Modern;
        Self {
            kind,
            route,
            remote: set("SSH_CONNECTION") || set("SSH_TTY"),
            colours: colours(&term, get("COLORTERM").as_deref()),
            ascii: ascii(&term, get),
            // screen drops the address and shows the text, but a long address overflows its buffer onto the screen.
            hyperlinks: modern && route != Route::Screen,
            notice: match (modern, set("VTE_VERSION") || term.starts_with("rxvt")) {
                (false, _) => Notice::Bell,
                (true, true) => Notice::Osc777,
                (true, false) => Notice::Osc9,
            },
            term,
        }
    }

    /// Whether it may be asked and told beyond drawing: questions, title, clipboard, notifications.
    pub fn is_modern(&self) -> bool {
        self.kind == Kind::Modern
    }

    /// The word a person gets at the start when something was chosen for them.
    pub fn told(&self) -> Option<String> {
        match &self.ascii {
            Some(AsciiOnly::Locale(which)) => Some(format!(
                "drawn in ASCII, as {which} is no UTF-8 locale: `export LC_ALL=C.UTF-8` gives lines"
            )),
            Some(AsciiOnly::Font) | None => None,
        }
    }
}

/// What the names of plain terminals begin with.
const PLAIN: [&str; 9] = ["linux", "vt", "ansi", "cons", "pc", "wsvt", "sun", "eterm", "wy"];

fn kind(term: &str) -> Kind {
    match term {
        "" if cfg!(unix) => Kind::Dumb,
        "dumb" | "unknown" | "network" => Kind::Dumb,
        "vte" | "vte-256color" => Kind::Modern,
        _ if PLAIN.iter().any(|p| term.starts_with(p)) => Kind::Plain,
        _ => Kind::Modern,
    }
}

/// Over ssh only TERM tells: tmux and screen set it, the variables of their own do not come along.
fn route(term: &str, tmux: bool, screen: bool) -> Route {
    match () {
        () if tmux || term.starts_with("tmux") => Route::Tmux,
        () if screen || term.starts_with("screen") => Route::Screen,
        () => Route::Direct,
    }
}

fn colours(term: &str, colorterm: Option<&str>) -> Colours {
    match colorterm {
        Some("truecolor" | "24bit") => Colours::True,
        _ if term.ends_with("-direct") => Colours::True,
        _ if term.contains("256color") || ["xterm-kitty", "alacritty", "foot"].contains(&term) => {
            Colours::Palette
        }
        _ => Colours::Sixteen,
    }
}

/// The first of the three variables that is set decides, as for every program (POSIX). None set is the locale C too,
/// but in containers that is so although the terminal knows UTF-8: nothing said is nothing decided.
fn ascii(term: &str, get: &dyn Fn(&str) -> Option<String>) -> Option<AsciiOnly> {
    if term.starts_with("linux") {
        return Some(AsciiOnly::Font);
    }
    let (name, value) = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| Some((n, get(n)?)))?;
    let utf8 = value.to_lowercase().replace('-', "").contains("utf8");
    (!utf8).then(|| AsciiOnly::Locale(format!("{name}={value}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&str, &str)]) -> Abilities {
        Abilities::of(&|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    /// The table of `docs/terminals.md`, row by row.
    #[test]
    fn terminals_are_known_by_what_they_call_themselves() {
        use Kind::{Dumb, Modern, Plain};
        use Route::{Direct, Screen, Tmux};
        let table = [
            ("dumb", Dumb, Direct, false),
            ("", Dumb, Direct, false),
            ("linux", Plain, Direct, false),
            ("linux-16color", Plain, Direct, false),
            ("vt100", Plain, Direct, false),
            ("vt220", Plain, Direct, false),
            ("eterm-color", Plain, Direct, false),
            ("vte-256color", Modern, Direct, true),
            ("xterm", Modern, Direct, true),
            ("xterm-256color", Modern, Direct, true),
            ("xterm-kitty", Modern, Direct, true),
            ("xterm-ghostty", Modern, Direct, true),
            ("foot", Modern, Direct, true),
            ("alacritty", Modern, Direct, true),
            ("rxvt-unicode-256color", Modern, Direct, true),
            ("st-256color", Modern, Direct, true),
            ("tmux-256color", Modern, Tmux, true),
            ("screen", Modern, Screen, false),
            ("screen-256color", Modern, Screen, false),
        ];
        for (term, kind, route, hyperlinks) in table {
            let found = with(&[("TERM", term)]);
            assert_eq!((found.kind, found.route, found.hyperlinks), (kind, route, hyperlinks), "{term}");
            assert_eq!(found.is_modern(), kind == Modern);
        }
        assert_eq!(with(&[("TERM", "screen-256color"), ("TMUX", "/tmp/t,1,0")]).route, Tmux);
        assert_eq!(with(&[("TERM", "xterm"), ("STY", "1.pts")]).route, Screen);
    }

    #[test]
    fn the_page_of_terminals_names_every_plain_one() {
        let page = include_str!("../../docs/terminals.md");
        for name in PLAIN {
            assert!(page.contains(&format!("`{name}*`")), "{name}");
        }
    }

    #[test]
    fn ascii_is_drawn_where_more_cannot_be_shown_and_the_reason_is_told() {
        let on = |vars: &[(&str, &str)]| {
            let mut all = vec![("TERM", "xterm")];
            all.extend_from_slice(vars);
            with(&all)
        };
        for utf8 in [
            &[][..],
            &[("LANG", "C.UTF-8")],
            &[("LANG", "de_DE.utf8")],
            &[("LC_ALL", "en_US.UTF-8"), ("LANG", "C")],
        ] {
            assert_eq!(on(utf8).ascii, None, "{utf8:?}");
            assert_eq!(on(utf8).told(), None);
        }
        for (vars, says) in [
            (&[("LANG", "C")][..], "LANG=C"),
            (&[("LANG", "POSIX")], "LANG=POSIX"),
            (&[("LC_ALL", "C"), ("LANG", "C.UTF-8")], "LC_ALL=C"),
            (&[("LC_CTYPE", "en_US.ISO-8859-1")], "LC_CTYPE=en_US.ISO-8859-1"),
        ] {
            let found = on(vars);
            assert_eq!(found.ascii, Some(AsciiOnly::Locale(says.to_owned())));
            assert!(found.told().is_some_and(|t| t.contains(says)), "{vars:?}");
        }
        let console = with(&[("TERM", "linux"), ("LANG", "C.UTF-8")]);
        assert_eq!((console.ascii.clone(), console.told()), (Some(AsciiOnly::Font), None));
    }

    #[test]
    fn colours_and_notifications_are_as_the_terminal_says() {
        let of = |vars: &[(&str, &str)]| (with(vars).colours, with(vars).notice);
        assert_eq!(of(&[("TERM", "xterm")]), (Colours::Sixteen, Notice::Osc9));
        assert_eq!(of(&[("TERM", "xterm-256color")]), (Colours::Palette, Notice::Osc9));
        assert_eq!(of(&[("TERM", "foot"), ("COLORTERM", "truecolor")]), (Colours::True, Notice::Osc9));
        assert_eq!(of(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")]).1, Notice::Osc777);
        assert_eq!(of(&[("TERM", "rxvt-unicode")]).1, Notice::Osc777);
        assert_eq!(of(&[("TERM", "linux")]), (Colours::Sixteen, Notice::Bell));
    }
}
