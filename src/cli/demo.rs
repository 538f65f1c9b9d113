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
use crate::domain::health::{Health, HealthState, RateLimit};
use crate::sandbox::{ACCOUNTS, Action, Faults, Rule, Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use crate::support::clock::{ManualClock, SharedClock, SystemClock, Timestamp};

/// What a request takes to a server not too far away.
const LATENCY: Duration = Duration::from_millis(60);
/// The moment of the demo's pictures: 2026-11-21 12:00 UTC.
const MOMENT: Timestamp = Timestamp(1_795_262_400_000);
/// What requests took in the demo's pictures, in milliseconds.
const LATENCIES: [u32; 12] = [61, 63, 62, 68, 61, 74, 66, 62, 91, 64, 62, 63];
/// How long the colleague rests between two edits.
const PAUSES: std::ops::Range<Duration> = Duration::from_secs(6)..Duration::from_secs(20);

pub(super) fn run(demo: &DemoArgs, args: &Args) -> Result<Ended, CliError> {
    if args.plain {
        return on_stage(args, Arc::new(SystemClock), !demo.alone, super::plain::show);
    }
    need_terminal(
        "`corkboard demo --plain` needs none; `corkboard sandbox` runs the simulated GitHub alone; `sync --once` and `card list` work on it",
    )?;
    on_stage(args, Arc::new(SystemClock), !demo.alone, |session, me| {
        show(session, me, None).map(|_| Ended::Well)
    })
}

/// Shows the demo's board as it is after its first sync, always the same: at a fixed moment, with the figures that were
/// measured replaced by fixed ones.
pub(super) fn still(
    args: &Args,
    draw: impl FnOnce(&Session, Vec<String>, Vec<Health>, Timestamp) -> Result<Ended, CliError>,
) -> Result<Ended, CliError> {
    on_stage(args, Arc::new(ManualClock::new(MOMENT)), false, |session, me| {
        let engine = &session.engine;
        let synced = session.wait(async {
            engine.register_connections().await?;
            engine.sync_once(None).await
        })?;
        if synced.failed() {
            return Err(CliError::failed("the demo's first sync did not come to its end"));
        }
        let mut health = engine.health().borrow().clone();
        health.iter_mut().for_each(settled);
        draw(session, me, health, MOMENT)
    })
}

/// A connection's health with fixed figures in the place of measured ones.
fn settled(health: &mut Health) {
    health.state = HealthState::Healthy;
    health.last_good = Some(MOMENT.plus_ms(-4_000));
    health.next_attempt = None;
    health.latencies = LATENCIES.into();
    health.requests = LATENCIES.len() as u64;
    health.budgets.clear();
    health.minutes.clear();
    health.rate = Some(RateLimit { limit: 5000, remaining: 4972, resets_at: MOMENT.plus_ms(41 * 60_000) });
}

/// Sets the demo up on a sandbox of its own, lets `play` do its part, and clears everything away.
fn on_stage(
    args: &Args,
    clock: SharedClock,
    colleague: bool,
    play: impl FnOnce(&Session, Vec<String>) -> Result<Ended, CliError>,
) -> Result<Ended, CliError> {
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
            clock: clock.clone(),
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await?;
        if colleague {
            sandbox.colleague("cy", 1, PAUSES);
        }
        Ok(sandbox)
    });
    let sandbox = sandbox.map_err(|error| sandbox::failed(&error))?;
    let played = open(folder.path(), &sandbox, args, clock, play);
    server.block_on(sandbox.shutdown());
    played
}

fn open(
    folder: &Path,
    sandbox: &Sandbox,
    args: &Args,
    clock: SharedClock,
    play: impl FnOnce(&Session, Vec<String>) -> Result<Ended, CliError>,
) -> Result<Ended, CliError> {
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
    let session = Session::at(&paths, settings, tokens, log, clock)?;
    let me = ACCOUNTS.iter().filter(|a| a.token == WRITE_TOKEN).map(|a| a.login.to_owned()).collect();
    let played = play(&session, me);
    session.close();
    played
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
