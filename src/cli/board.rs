//! The board itself: `corkboard` without a command.

use std::io::IsTerminal as _;
use std::sync::Arc;

use super::args::{Args, DemoArgs, InitArgs};
use super::error::CliError;
use super::session::Session;
use super::{Ended, colour, demo, init};
use crate::config::Settings;
use crate::tui::abilities::{Abilities, Kind};
use crate::tui::{FrontError, FrontOptions, Left, Next, Welcome};

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
    // Whoever has no config and no card has not decided anything yet.
    let new = settings.source.is_none();
    let session = Session::with(&paths, dressed(settings, args), super::session::tokens(), log)?;
    let new = new && session.wait(session.engine.board())?.is_empty();
    let welcome = new.then(|| Welcome { repository: init::repository_here() });
    let shown = show(&session, Vec::new(), welcome);
    session.close();
    match shown? {
        None => Ok(Ended::Well),
        Some(Next::Demo) => demo::run(&DemoArgs::default(), args),
        Some(Next::Connect) => match init::run(&InitArgs::default(), args)? {
            Ended::Well => run(args),
            other => Ok(other),
        },
    }
}

/// Refuses to draw where nobody could see it, and names what does the same without a terminal.
pub(super) fn need_terminal(twin: &str) -> Result<(), CliError> {
    let missing = match (std::io::stdin().is_terminal(), std::io::stdout().is_terminal()) {
        (true, true) => return can_draw(&Abilities::here(), twin),
        (_, false) => "standard output",
        (false, true) => "standard input",
    };
    Err(CliError::usage(format!("{missing} is not a terminal, and the board needs one")).help(twin))
}

/// Refuses a terminal that cannot place a cursor: what is drawn there would be garbage.
fn can_draw(terminal: &Abilities, twin: &str) -> Result<(), CliError> {
    if terminal.kind != Kind::Dumb {
        return Ok(());
    }
    let what = match terminal.term.as_str() {
        "" => "TERM is not set, so nobody knows what the terminal can".to_owned(),
        term => format!("a terminal of TERM={term} cannot place a cursor, and the board needs that"),
    };
    let help = format!("{twin}; if the terminal can do more, say so: `export TERM=xterm-256color`");
    Err(CliError::usage(what).help(help))
}

/// The settings with what the command line says over them.
pub(super) fn dressed(mut settings: Settings, args: &Args) -> Arc<Settings> {
    settings.ui.ascii |= args.ascii;
    Arc::new(settings)
}

/// Draws the board until it is left; returns what a person left it for. `me` are the person's own logins, as far as they
/// are known.
pub(super) fn show(
    session: &Session,
    me: Vec<String>,
    welcome: Option<Welcome>,
) -> Result<Option<Next>, CliError> {
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
        welcome,
        depth: colour::depth(),
    };
    let left = session.wait(async {
        engine.start();
        crate::tui::run(options).await
    });
    match left {
        Ok(Left::For(next)) => Ok(Some(next)),
        Ok(Left::Quit | Left::Told) => Ok(None),
        Err(error @ FrontError::Keymap(_)) => {
            Err(CliError::usage(error.to_string()).help("mend [keys] in the config"))
        }
        Err(error) => Err(CliError::failed("the board cannot be shown").because(error)),
    }
}
