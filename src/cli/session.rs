//! What most commands need: paths, settings, a log, a runtime and the engine on the database.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tracing_appender::non_blocking::WorkerGuard;

use super::args::Args;
use super::error::CliError;
use super::log;
use crate::config::{Paths, Settings};
use crate::engine::dial::{RealDial, TokenReader};
use crate::engine::{Engine, EngineOptions};
use crate::support::clock::{SharedClock, SystemClock};

/// How long tasks that do not end by themselves may keep the process.
const RUNTIME_GRACE: Duration = Duration::from_millis(500);

/// An open engine with everything around it.
pub(super) struct Session {
    pub(super) engine: Engine,
    runtime: Runtime,
    _log: Option<WorkerGuard>,
}

impl Session {
    /// Reads the settings, opens the database and brings its rows of the connections up to date. Nothing runs in the
    /// background yet.
    pub(super) fn open(args: &Args) -> Result<Self, CliError> {
        let session = Self::open_as_is(args)?;
        session.wait(session.engine.register_connections())?;
        Ok(session)
    }

    /// The same, but leaves the database as it is.
    pub(super) fn open_as_is(args: &Args) -> Result<Self, CliError> {
        let paths = paths(args)?;
        let settings = Arc::new(paths.settings()?);
        let log = log::start(&paths.log_dir, &settings.log)?;
        Self::with(&paths, settings, tokens(), log)
    }

    /// Opens the engine with settings and tokens of one's own, and leaves the database as it is.
    pub(super) fn with(
        paths: &Paths,
        settings: Arc<Settings>,
        tokens: TokenReader,
        log: Option<WorkerGuard>,
    ) -> Result<Self, CliError> {
        Self::at(paths, settings, tokens, log, Arc::new(SystemClock))
    }

    /// The same at a time of one's own.
    pub(super) fn at(
        paths: &Paths,
        settings: Arc<Settings>,
        tokens: TokenReader,
        log: Option<WorkerGuard>,
        clock: SharedClock,
    ) -> Result<Self, CliError> {
        let runtime = runtime()?;
        let engine = Engine::open(EngineOptions {
            settings,
            data_dir: paths.data_dir.clone(),
            clock,
            dial: Arc::new(RealDial::new(tokens)),
        })?;
        Ok(Self { engine, runtime, _log: log })
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        self.engine.settings()
    }

    /// Waits for a future on the runtime.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Ends the engine's tasks and the runtime.
    pub(super) fn close(self) {
        self.runtime.block_on(self.engine.shutdown());
        self.runtime.shutdown_timeout(RUNTIME_GRACE);
    }
}

/// The runtime of a command: two threads are plenty, the work is waiting.
pub(super) fn runtime() -> Result<Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::failed("cannot start the background tasks").because(error))
}

/// The paths of this run; a name given as nothing is as not given.
pub(super) fn paths(args: &Args) -> Result<Paths, CliError> {
    let given = |path: &Option<std::path::PathBuf>| path.clone().filter(|p| !p.as_os_str().is_empty());
    let (config, data) = (given(&args.config), given(&args.data_dir));
    Ok(Paths::find(config.as_deref().map(Path::new), data.as_deref().map(Path::new))?)
}

/// Finds tokens where the config says they are.
pub(super) fn tokens() -> TokenReader {
    Arc::new(|source| {
        let found = source.resolve().map_err(|error| format!("{error}; {}", error.help()))?;
        log::keep_out(&found);
        Ok(found)
    })
}

/// Waits until somebody asks the process to end: ctrl-c, or a polite signal.
pub(super) async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut end), Ok(mut hang_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
