//! A Corkboard process: engines on a runtime of their own, which can be killed with all that runs on it.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use corkboard::config::Settings;
use corkboard::engine::{Engine, EngineOptions, RealDial, SyncReport};
use corkboard::sandbox::{Sandbox, WRITE_TOKEN};
use tokio::runtime::{Builder, Runtime};

use super::time::{self, Sky, Steps, Watch};

/// What a process is started with.
#[derive(Clone)]
pub struct Home {
    pub settings: Arc<Settings>,
    pub dir: Arc<tempfile::TempDir>,
    pub sky: Sky,
    pub ours: Watch,
    pub sandbox: Sandbox,
}

impl Home {
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// A running process. Dropped, it is gone as with kill -9: whatever it awaited is never taken up again.
pub struct Process {
    runtime: Option<Runtime>,
    pub engine: Engine,
    /// A second Corkboard on the same database, with connections and limits of its own.
    pub second: Option<Engine>,
    home: Home,
    /// While this is held, time moves only as `time::keep` moves it.
    _frozen: SyncSender<()>,
}

/// The runtime this thread's sandboxes live on: they outlive every process. It has one worker, so that whoever was
/// heard by it knows that all that was sent before was looked at.
pub fn elsewhere() -> &'static Runtime {
    thread_local! {
        static PLACE: &'static Runtime = Box::leak(Box::new(
            Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime"),
        ));
    }
    PLACE.with(|place| *place)
}

impl Process {
    pub fn start(home: &Home) -> Self {
        let runtime =
            Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let (frozen, thaw) = std::sync::mpsc::sync_channel::<()>(0);
        runtime.spawn_blocking(move || {
            let _ = thaw.recv();
        });
        runtime.spawn(time::keep(home.sky.clone(), home.sandbox.clone()));
        let engine = runtime.block_on(open(home));
        Self { runtime: Some(runtime), engine, second: None, home: home.clone(), _frozen: frozen }
    }

    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("it runs").block_on(work)
    }

    /// One of the two engines.
    pub fn desk(&mut self, second: bool) -> Engine {
        if !second {
            return self.engine.clone();
        }
        if self.second.is_none() {
            self.second = Some(self.block_on(open(&self.home)));
        }
        self.second.clone().expect("just opened")
    }

    /// A whole pass.
    pub fn pass(&self) -> SyncReport {
        let mut pass = Steps::new(&self.home.sky, self.engine.sync_once(None));
        self.block_on(pass.go(u32::MAX)).expect("to its end").expect("a pass")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn open(home: &Home) -> Engine {
    let engine = Engine::open(EngineOptions {
        settings: Arc::clone(&home.settings),
        data_dir: home.path().to_owned(),
        clock: Arc::new(home.ours.clone()),
        dial: Arc::new(RealDial::new(Arc::new(|_| Ok(WRITE_TOKEN.to_owned().into())))),
    })
    .expect("an engine");
    // Nobody takes updates here, and none may wait for that.
    drop(engine.updates());
    engine.register_connections().await.expect("registered");
    engine
}
