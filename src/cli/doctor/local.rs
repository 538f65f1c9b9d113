//! What can be checked without a network: data folder, database, log folder, terminal.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use super::Check;
use crate::cli::colour;
use crate::cli::session::runtime;
use crate::config::settings::Hyperlinks;
use crate::config::{Paths, Settings};
use crate::store::Db;
use crate::support::clock::SystemClock;
use crate::tui::abilities::{Abilities, AsciiOnly, Kind, Notice, Route};
use crate::tui::speaks_kitty;
use crate::tui::theme::Depth;

/// Data folder, database and log folder.
pub(super) fn data(paths: &Paths, settings: Option<&Settings>) -> Vec<Check> {
    let mut out = vec![folder("data folder", &paths.data_dir)];
    let file = paths.data_dir.join("corkboard.db");
    if file.exists() {
        out.push(database(&file));
        out.extend(settings.into_iter().flat_map(|settings| absent(&file, settings)));
    } else {
        out.push(Check::ok("database", "not made yet: the first start makes it"));
    }
    out.push(folder("log folder", &paths.log_dir));
    out
}

fn database(file: &Path) -> Check {
    let shown = file.display();
    let opened = Db::open(file, Arc::new(SystemClock)).and_then(|db| db.check());
    match opened {
        Ok(None) => Check::ok("database", format!("{shown} is sound")),
        Ok(Some(said)) => Check::fail(
            "database",
            format!("{shown} is damaged: {said}"),
            "move the file aside, keep it, and start again: linked cards come back with the next sync",
        ),
        Err(error) => {
            Check::fail("database", error.to_string(), error.help().unwrap_or("see the log for details"))
        }
    }
}

/// Connections that cards are linked to and that the config does not name.
fn absent(file: &Path, settings: &Settings) -> Vec<Check> {
    let found = Db::open(file, Arc::new(SystemClock)).and_then(|db| db.absent(&settings.connections));
    let help = "nothing of it is lost; put the connection back into the config and the rest is sent";
    found.unwrap_or_default().iter().map(|a| Check::warn("connections", a.to_string(), help)).collect()
}

/// Whether a folder can be written to, or made.
fn folder(name: &str, dir: &Path) -> Check {
    let shown = dir.display();
    let existing = dir.ancestors().find(|d| d.exists()).unwrap_or(Path::new("/"));
    match tempfile::tempfile_in(existing) {
        Ok(_) if existing == dir => Check::ok(name, format!("{shown}")),
        Ok(_) => Check::ok(name, format!("{shown} (will be made)")),
        Err(error) => Check::fail(
            name,
            format!("{} cannot be written to: {error}", existing.display()),
            "check its permissions and the free space, or choose another with --data-dir",
        ),
    }
}

/// What the terminal is, what it offers, and what Corkboard makes of that.
pub(super) fn terminal(settings: Option<&Settings>) -> Vec<Check> {
    let here = Abilities::here();
    let is_one = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut out = vec![what_it_is(&here, is_one)];
    if is_one && here.is_modern() {
        out.push(keyboard());
    }
    out.extend(offers(&here, settings));
    out.push(locale(&here));
    out
}

fn what_it_is(here: &Abilities, is_one: bool) -> Check {
    let term = if here.term.is_empty() { "(unset)" } else { &here.term };
    let mut facts = vec![format!("TERM={term}")];
    facts.push(if colour::depth() == Depth::Mono { "no colour".into() } else { here.colours.words().into() });
    match here.route {
        Route::Direct => {}
        Route::Tmux => facts.push("tmux".into()),
        Route::Screen => facts.push("screen".into()),
    }
    if here.remote {
        facts.push("over ssh".into());
    }
    let facts = facts.join(", ");
    if !is_one {
        return Check::ok("terminal", format!("none here ({facts}): the board needs one"));
    }
    match here.kind {
        Kind::Modern => Check::ok("terminal", facts),
        Kind::Plain => {
            Check::ok("terminal", format!("{facts}, a plain one: nothing but drawing, keys and mouse"))
        }
        Kind::Dumb => {
            let help = "`export TERM=xterm-256color` if it can do more; `corkboard card list` needs none";
            Check::warn("terminal", format!("{facts}: the board cannot be drawn on it"), help)
        }
    }
}

fn keyboard() -> Check {
    let asked = runtime().ok().and_then(|runtime| runtime.block_on(speaks_kitty()).ok());
    Check::ok(
        "keyboard",
        match asked.flatten() {
            Some(true) => "kitty protocol: the escape key is instant, ctrl-enter and the like can be bound",
            Some(false) => {
                "without the kitty protocol: all built-in keys work, the escape key takes a moment"
            }
            None => "the terminal answers no questions: all built-in keys work",
        },
    )
}

/// Clipboard, links, notifications, title and mouse.
fn offers(here: &Abilities, settings: Option<&Settings>) -> Vec<Check> {
    let clipboard = match (here.is_modern(), here.route) {
        (false, _) => "none that a program reaches: `y` shows the address",
        (_, Route::Direct) => "by OSC 52, if the terminal lets programs use it",
        (_, Route::Tmux) => "by OSC 52: tmux needs `set-clipboard on` or `allow-passthrough on`",
        (_, Route::Screen) => "by OSC 52 through screen, if the terminal lets programs use it",
    };
    let mut out = vec![Check::ok("clipboard", clipboard)];
    let Some(settings) = settings else { return out };
    let links = match settings.ui.hyperlinks {
        Hyperlinks::Always => "on, as the config says",
        Hyperlinks::Never => "off, as the config says",
        Hyperlinks::Auto if here.hyperlinks => "on, where the terminal knows OSC 8",
        Hyperlinks::Auto => "off: not sure to be harmless here",
    };
    out.push(Check::ok("links", links));
    let told = match (settings.alerts.notify, settings.alerts.bell, here.notice) {
        (true, _, Notice::Osc9) => "a notification (OSC 9)",
        (true, _, Notice::Osc777) => "a notification (OSC 777)",
        (true, _, Notice::Bell) => "the bell: no notification is known here",
        (false, true, _) => "the bell",
        (false, false, _) => "nothing heard",
    };
    out.push(Check::ok("alerts", told));
    let mouse = if settings.ui.mouse {
        "taken; ctrl-t gives it back"
    } else {
        "left to the terminal; ctrl-t takes it"
    };
    out.push(Check::ok("mouse", mouse));
    out
}

fn locale(here: &Abilities) -> Check {
    let named =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| std::env::var(n).ok().filter(|v| !v.is_empty()));
    match &here.ascii {
        Some(AsciiOnly::Locale(which)) => Check::warn(
            "locale",
            format!("{which} is not UTF-8: the board is drawn in ASCII"),
            "export LC_ALL=C.UTF-8 if the terminal shows UTF-8",
        ),
        Some(AsciiOnly::Font) => {
            Check::ok("locale", "the console's font has few glyphs: the board is drawn in ASCII")
        }
        None => Check::ok("locale", named.unwrap_or_else(|| "not set".into())),
    }
}
