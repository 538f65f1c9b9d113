//! `corkboard demo`: the real board on a simulated GitHub inside this process. Nothing is kept.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::args::{Args, DemoArgs};
use super::board::{dressed, need_terminal, show};
use super::error::CliError;
use super::session::{Session, runtime};
use super::{Ended, sandbox};
use crate::config::{Paths, edit::create_private, load};
use crate::sandbox::{ACCOUNTS, Action, Faults, Rule, Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use crate::tui::picture::{Subject, picture};

/// What a request takes to a server not too far away.
const LATENCY: Duration = Duration::from_millis(60);
/// Columns and rows of the picture.
const PICTURE: (u16, u16) = (128, 34);
/// How long the colleague rests between two edits.
const PAUSES: std::ops::Range<Duration> = Duration::from_secs(6)..Duration::from_secs(20);

pub(super) fn run(demo: &DemoArgs, args: &Args) -> Result<Ended, CliError> {
    if demo.picture.is_none() {
        need_terminal(
            "`corkboard sandbox` runs the simulated GitHub alone; `sync --once` and `card list` work on it",
        )?;
    }
    let folder = tempfile::Builder::new()
        .prefix("corkboard-demo")
        .tempdir()
        .map_err(|error| CliError::failed("cannot make a folder for the demo").because(error))?;
    // The server has a runtime of its own, as a server elsewhere would: the board's shut-down does not stop it.
    let server = runtime()?;
    let sandbox = server.block_on(async {
        let options = SandboxOptions {
            seed: Seed::Demo,
            faults: Faults { rules: vec![Rule::always(Action::Latency(LATENCY))] },
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await?;
        if !demo.alone && demo.picture.is_none() {
            sandbox.colleague("cy", 1, PAUSES);
        }
        Ok(sandbox)
    });
    let sandbox = sandbox.map_err(|error| sandbox::failed(&error))?;
    let shown = open(folder.path(), &sandbox, demo, args);
    server.block_on(sandbox.shutdown());
    shown
}

fn open(folder: &Path, sandbox: &Sandbox, demo: &DemoArgs, args: &Args) -> Result<Ended, CliError> {
    let file = folder.join("config.toml");
    create_private(&file, &config(sandbox))
        .map_err(|error| CliError::failed("cannot write the demo's config").because(error))?;
    let settings = dressed(load(&file)?, args);
    let paths = Paths {
        config_file: file,
        config_named: true,
        data_dir: folder.join("data"),
        log_dir: folder.join("log"),
    };
    let log = super::log::start(&paths.log_dir, &settings.log)?;
    let tokens = Arc::new(|_: &_| Ok(SecretString::from(WRITE_TOKEN)));
    let session = Session::with(&paths, settings, tokens, log)?;
    let me = ACCOUNTS.iter().filter(|a| a.token == WRITE_TOKEN).map(|a| a.login.to_owned()).collect();
    let shown = match &demo.picture {
        Some(file) => draw(&session, me, file),
        None => show(&session, me, None).map(|_| Ended::Well),
    };
    session.close();
    shown
}

/// Draws the demo's board, fresh from its first sync, into `file`.
fn draw(session: &Session, me: Vec<String>, file: &Path) -> Result<Ended, CliError> {
    let engine = &session.engine;
    let synced = session.wait(async {
        engine.register_connections().await?;
        engine.sync_once(None).await
    })?;
    if synced.failed() {
        return Err(CliError::failed("the demo's first sync did not come to its end"));
    }
    let subject = Subject {
        settings: session.settings(),
        board: session.wait(engine.board())?,
        health: engine.health().borrow().clone(),
        me,
        now: engine.clock().now(),
    };
    let svg = picture(subject, PICTURE.0, PICTURE.1).map_err(|error| CliError::usage(error.to_string()))?;
    std::fs::write(file, svg)
        .map_err(|error| CliError::failed(format!("cannot write {}", file.display())).because(error))?;
    Ok(Ended::Well)
}

/// A config file of its own, so that the mapping editor can be tried too.
fn config(sandbox: &Sandbox) -> String {
    format!(
        r#"# The demo's config: it is gone when the demo ends.
[board]
name = "Corkboard demo"

[status_mapping]
proposed = "Backlog"
approved = "To Do"
in_progress = "In Progress"
completed = "Done"

[[connection]]
name = "core"
platform = "github"
repository = "{repository}"
api_url = "{url}"
token = {{ env = "CORKBOARD_DEMO_TOKEN" }} # the simulated GitHub's own
interval = "3s"
write_pace = "300ms"

[connection.status_mapping]
proposed    = {{ label = "status: proposed" }}
approved    = {{ label = "status: approved" }}
in_progress = {{ label = "status: in progress" }}
completed   = {{ state = "closed", reason = "completed" }}
"#,
        repository = sandbox.repo(),
        url = sandbox.url(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_demos_config_is_valid() {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.expect("a sandbox");
        if let Err(error) = crate::config::parse(&config(&sandbox), None) {
            panic!("{}", error.render(false));
        }
    }
}
