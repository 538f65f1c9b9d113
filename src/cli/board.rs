//! The board itself: `corkboard` without a command.

use std::io::IsTerminal as _;
use std::sync::Arc;

use super::args::Args;
use super::error::CliError;
use super::session::Session;
use super::{Ended, colour};
use crate::config::Settings;
use crate::tui::{FrontError, FrontOptions};

/// How many cards of each column are read before the first picture: more than the tallest terminal shows.
const FIRST_PAGE: usize = 200;

pub(super) fn run(args: &Args) -> Result<Ended, CliError> {
    let paths = super::session::paths(args)?;
    // A config that is wrong is told first: it would be so in a terminal too.
    let settings = paths.settings()?;
    if args.plain {
        let log = super::log::start(&paths.log_dir, &settings.log)?;
        let session = Session::with(&paths, dressed(settings, args), super::session::tokens(), log)?;
        let talked = super::plain::show(&session, Vec::new());
        session.close();
        return talked;
    }
    need_terminal(
        "`corkboard --plain` needs none, `corkboard card list` prints the cards, `corkboard sync --once` syncs them",
    )?;
    let log = super::log::start(&paths.log_dir, &settings.log)?;
    let session = Session::with(&paths, dressed(settings, args), super::session::tokens(), log)?;
    let shown = show(&session, Vec::new());
    session.close();
    shown
}

/// Refuses to draw where nobody could see it, and names what does the same without a terminal.
pub(super) fn need_terminal(twin: &str) -> Result<(), CliError> {
    let missing = match (std::io::stdin().is_terminal(), std::io::stdout().is_terminal()) {
        (true, true) => return Ok(()),
        (_, false) => "standard output",
        (false, true) => "standard input",
    };
    Err(CliError::usage(format!("{missing} is not a terminal, and the board needs one")).help(twin))
}

/// The settings with what the command line says over them.
pub(super) fn dressed(mut settings: Settings, args: &Args) -> Arc<Settings> {
    settings.ui.ascii |= args.ascii;
    Arc::new(settings)
}

/// Draws the board until it is left. `me` are the person's own logins, as far as they are known.
pub(super) fn show(session: &Session, me: Vec<String>) -> Result<Ended, CliError> {
    let engine = &session.engine;
    // The store's rows follow the config before the first picture is drawn of them.
    session.wait(engine.register_connections())?;
    let board = engine.first_page(FIRST_PAGE)?;
    let updates =
        engine.updates().ok_or_else(|| CliError::failed("the engine's updates are taken already"))?;
    let options = FrontOptions {
        settings: session.settings(),
        board,
        backend: Arc::new(engine.clone()),
        updates,
        health: engine.health(),
        clock: engine.clock().clone(),
        me,
        remembered: engine.remembered()?,
        depth: colour::depth(),
    };
    let left = session.wait(async {
        engine.start();
        crate::tui::run(options).await
    });
    match left {
        Ok(_) => Ok(Ended::Well),
        Err(error @ FrontError::Keymap(_)) => {
            Err(CliError::usage(error.to_string()).help("mend [keys] in the config"))
        }
        Err(error) => Err(CliError::failed("the board cannot be shown").because(error)),
    }
}
