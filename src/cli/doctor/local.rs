//! What can be checked without a network: data folder, database, log folder, terminal.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use super::Check;
use crate::cli::colour;
use crate::config::{Paths, Settings};
use crate::store::Db;
use crate::support::clock::SystemClock;
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

/// What the environment says of the terminal.
pub(super) fn terminal() -> Vec<Check> {
    let var = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let mut facts = vec![format!("TERM={}", var("TERM").unwrap_or_else(|| "(unset)".into()))];
    let colours = match colour::depth() {
        Depth::Mono => "no colour",
        Depth::Sixteen => "16 colours",
        Depth::Indexed => "256 colours",
        Depth::True => "truecolor",
    };
    facts.push(colours.into());
    facts.extend(var("TMUX").map(|_| "tmux".to_owned()));
    facts.extend(var("SSH_CONNECTION").map(|_| "over ssh".to_owned()));
    let mut out = Vec::new();
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        out.push(Check::ok("terminal", facts.join(", ")));
    } else {
        let detail = format!("none here ({}): the board needs one", facts.join(", "));
        out.push(Check::ok("terminal", detail));
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| var(name));
    match locale {
        Some(locale) if !locale.to_lowercase().replace('-', "").contains("utf8") => {
            let help = "export LANG=C.UTF-8, or set `ascii = true` in [ui]";
            out.push(Check::warn(
                "locale",
                format!("{locale} is not UTF-8: lines and marks may look broken"),
                help,
            ));
        }
        Some(locale) => out.push(Check::ok("locale", locale)),
        None => out.push(Check::ok("locale", "not set")),
    }
    out
}
