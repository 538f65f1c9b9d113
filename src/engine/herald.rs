//! Tells the front end what changed, whoever changed it: this process' workers, or another Corkboard on the same file.

use notify::{RecursiveMode, Watcher};

use super::{Engine, Update};
use crate::store::BELL;

impl Engine {
    /// Starts the herald: it sends the whole board once, then whatever changed since.
    pub(super) fn start_herald(&self) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let cancel = engine.0.cancel.clone();
            tokio::select! {
                () = cancel.cancelled() => {}
                () = engine.herald() => {}
            }
        });
    }

    async fn herald(&self) {
        // Kept alive while the herald runs.
        let engine = self.clone();
        let _watcher = self.watch_file(move || {
            engine.tell();
            engine.wake(engine.settings().connections.iter().map(|c| c.name.clone()));
        });
        let settings = self.settings();
        let loaded = self
            .0
            .store
            .run(move |db| Ok((db.touched()?, db.board(&settings.board_name, &settings.columns)?)))
            .await;
        let mut seen = match loaded {
            Ok((touched, board)) => {
                self.send(Update::Loaded(Box::new(board))).await;
                touched
            }
            Err(error) => {
                self.send(Update::Notice(format!("the board cannot be read: {error}"))).await;
                0
            }
        };
        for absent in self.absent_connections().await.unwrap_or_default() {
            self.send(Update::Notice(absent.to_string())).await;
        }
        loop {
            self.0.changed.notified().await;
            self.show_elsewhere().await;
            let since = seen;
            match self.0.store.run(move |db| Ok((db.changed_since(since)?, db.take_told()))).await {
                Ok(((cards, gone, now), told)) => {
                    seen = now;
                    for words in told {
                        self.send(Update::Notice(words)).await;
                    }
                    if !cards.is_empty() {
                        self.send(Update::Cards(cards)).await;
                    }
                    if !gone.is_empty() {
                        self.send(Update::Removed(gone)).await;
                    }
                }
                Err(error) => self.send(Update::Notice(format!("the board cannot be read: {error}"))).await,
            }
        }
    }

    /// Watches the database for writes of other processes: no polling, so an idle board sleeps.
    pub(super) fn watch_file(
        &self,
        mut changed: impl FnMut() + Send + 'static,
    ) -> Option<notify::RecommendedWatcher> {
        let told = move |event: notify::Result<notify::Event>| {
            let of_database = |e: &notify::Event| {
                e.kind.is_modify()
                    && e.paths
                        .iter()
                        .filter_map(|p| p.file_name().map(|n| n.to_string_lossy()))
                        .any(|name| name.ends_with("-wal") || name.ends_with(BELL))
            };
            if event.is_ok_and(|e| of_database(&e)) {
                changed();
            }
        };
        let mut watcher = notify::recommended_watcher(told)
            .inspect_err(|error| tracing::warn!(%error, "changes of other processes will be seen late"))
            .ok()?;
        watcher.watch(&self.0.data_dir, RecursiveMode::NonRecursive).ok()?;
        Some(watcher)
    }
}
