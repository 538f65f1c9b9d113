//! What a front end asks for. Nothing here waits: each call hands work on and returns; the answer is an [`Update`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CardDetail, Comments, Engine, EngineError, LinkAsk, MappingPreview, Update};
use crate::config::{MappingDraft, Settings, edit};
use crate::connector::{Connector, Failure};
use crate::domain::audit::AuditFilter;
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::command::Change;
use crate::domain::conflict::Decision;
use crate::domain::history::VersionKind;
use crate::domain::link::{ConnectionName, Link};
use crate::domain::mapping::Status;
use crate::domain::remote::RemoteItem;
use crate::store::{Ask, Detail};

/// How many of a card's versions are read with it.
const HISTORY: usize = 500;
/// How many decided conflicts are listed behind those that wait.
const DECIDED: usize = 50;
/// How many rows of the audit log are read at once.
const ACTIVITY: usize = 200;

impl Engine {
    /// The top `per_column` cards of each column: for the first picture, before anything else is read. Waits for the
    /// disk, so it is called once, before the loop starts, and not on a runtime thread.
    pub fn first_page(&self, per_column: usize) -> Result<Board, EngineError> {
        let settings = self.settings();
        let page = move |db: &mut crate::store::Db| {
            db.first_page(&settings.board_name, &settings.columns, per_column)
        };
        Ok(self.0.store.run_blocking(page)?)
    }

    /// How a person left the board, by the front end's own names. Waits for the disk, as [`Engine::first_page`] does.
    pub fn remembered(&self) -> Result<BTreeMap<String, String>, EngineError> {
        Ok(self.0.store.run_blocking(|db| db.remembered())?)
    }

    /// Keeps how a person left the board. What cannot be kept is only logged: no work is lost with it.
    pub fn remember(&self, key: &'static str, value: String) {
        let posted = self.0.store.post(move |db| {
            if let Err(error) = db.remember(key, &value) {
                tracing::warn!(%error, key, "the board's look could not be kept");
            }
        });
        if posted.is_err() {
            tracing::warn!(key, "the store is closed: the board's look is not kept");
        }
    }

    /// Commits decided changes; the answer is [`Update::Committed`] or [`Update::Refused`] with the same token.
    pub fn commit(&self, token: u64, kind: VersionKind, changes: Vec<Change>) {
        let (engine, rules) = (self.clone(), self.rules());
        let posted = self.0.store.post(move |db| {
            let answer = match db.commit_as(kind, &changes, &rules) {
                Ok(done) => {
                    engine.wake(done.wake);
                    Update::Committed { token }
                }
                Err(error) => {
                    let help = error.help().map(|h| format!("; {h}")).unwrap_or_default();
                    Update::Refused { token, reason: format!("{error}{help}") }
                }
            };
            // The store's own thread may wait for the front end; the front end never waits for the store.
            let _ = engine.0.updates.blocking_send(answer);
            engine.tell();
        });
        if let Err(error) = posted {
            self.send_later(Update::Refused { token, reason: error.to_string() });
        }
    }

    /// Reads one card in full, then its comments from its platform.
    pub fn open_card(&self, id: CardId) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            match engine.detail(id).await {
                Ok(Some((detail, links))) => {
                    engine.send(Update::Opened(Box::new(detail))).await;
                    engine.links(LinkAsk::Twins(id));
                    engine.refresh_comments(id, &links).await;
                }
                Ok(None) => {
                    engine.send(Update::Notice("that card is not on the board any more".into())).await;
                }
                Err(error) => engine.send(Update::Notice(format!("the card cannot be read: {error}"))).await,
            }
        });
    }

    /// Reads one card in full as the store has it, for whoever passes by. Its platform is asked only for comments that
    /// are there and were never read, so that walking over a board costs no requests.
    pub fn glance_card(&self, id: CardId) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            // A card that left meanwhile is told as such; here nobody asked for it.
            let Ok(Some((detail, links))) = engine.detail(id).await else { return };
            let unread = detail.comments == Comments::Loading;
            engine.send(Update::Opened(Box::new(detail))).await;
            if unread {
                engine.refresh_comments(id, &links).await;
            }
        });
    }

    /// One card in full from the store alone.
    pub async fn card_detail(&self, id: CardId) -> Result<Option<CardDetail>, EngineError> {
        Ok(self.detail(id).await?.map(|(detail, _)| detail))
    }

    async fn detail(&self, id: CardId) -> Result<Option<(CardDetail, Vec<(Link, RemoteItem)>)>, EngineError> {
        let found = self
            .0
            .store
            .run(move |db| {
                let Some(detail) = db.detail(id)? else { return Ok(None) };
                Ok(Some((db.conflicts_of(id)?, db.history(id, HISTORY)?, db.remotes_of(id)?, detail)))
            })
            .await?;
        let Some((conflicts, history, remotes, detail)) = found else { return Ok(None) };
        let linked: Vec<(Link, RemoteItem)> = remotes
            .into_iter()
            .filter_map(|(id, remote)| {
                detail.card.links.iter().find(|l| l.id == id).map(|l| (l.clone(), remote))
            })
            .collect();
        let comments = self.comments_known(&detail, &linked);
        let beyond = self.beyond(&linked);
        let Detail { card, body, author, unsent_comments, .. } = detail;
        let detail = CardDetail { card, body, comments, unsent_comments, conflicts, history, author, beyond };
        Ok(Some((detail, linked)))
    }

    /// The comments the store knows: those of the platforms as last read, and those made here.
    fn comments_known(&self, detail: &Detail, linked: &[(Link, RemoteItem)]) -> Comments {
        let mut known: Vec<_> = detail.comments.iter().flat_map(|(_, c)| c.clone()).collect();
        known.extend(detail.local_comments.iter().cloned());
        known.sort_by_key(|c| c.at);
        let expected = linked.iter().any(|(_, remote)| remote.comments > 0);
        let online = linked
            .iter()
            .any(|(link, _)| self.line(&link.connection).is_some_and(|l| l.connector().is_some()));
        match (known.is_empty(), linked.is_empty()) {
            (true, true) => Comments::None,
            (true, false) if expected && online => Comments::Loading,
            _ => Comments::Ready(known),
        }
    }

    async fn refresh_comments(&self, card: CardId, linked: &[(Link, RemoteItem)]) {
        for (link, remote) in linked {
            let Some(connector) = self.line(&link.connection).and_then(|l| l.connector()) else { continue };
            let Some(tracker) = connector.tracker() else { continue };
            let fresh = match tracker.comments(&remote.at).await {
                Ok(fresh) => fresh,
                Err(failure) => {
                    self.send(Update::Comments { card, comments: Comments::Failed(failure.message) }).await;
                    return;
                }
            };
            let id = link.id;
            if let Err(error) = self.0.store.run(move |db| db.cache_comments(id, &fresh)).await {
                tracing::warn!(%error, "comments could not be kept");
            }
        }
        if linked.is_empty() {
            return;
        }
        if let Ok(Some((detail, _))) = self.detail(card).await {
            let comments = match detail.comments {
                Comments::Loading => Comments::Ready(Vec::new()),
                known => known,
            };
            self.send(Update::Comments { card, comments }).await;
        }
    }

    /// Asks for a pass now: of one connection, or of all.
    pub fn sync_now(&self, only: Option<&ConnectionName>) {
        for connection in &self.settings().connections {
            if only.is_none_or(|name| *name == connection.name) {
                self.ask(&connection.name, Ask::Sync);
            }
        }
    }

    /// Asks for a count of the items on a connection now.
    pub fn count_now(&self, name: &ConnectionName) {
        self.ask(name, Ask::Census);
    }

    /// Hands what a person asks to whoever synchronises the connection: this process, or by the database another one.
    fn ask(&self, name: &ConnectionName, ask: Ask) {
        let Some(line) = self.line(name) else { return };
        match ask {
            Ask::Sync if line.is_held() => return line.ask(|r| r.sync_now = true),
            Ask::Retry if line.is_held() => return line.ask(|r| r.retry = true),
            _ => {}
        }
        let (engine, name) = (self.clone(), name.clone());
        let posted = self.0.store.post(move |db| {
            if let Err(error) = db.note_ask(&name, ask) {
                let _ = engine.0.updates.blocking_send(Update::Notice(error.to_string()));
            }
            // Whoever waits for the lock tries again: its holder may be gone.
            engine.wake([name]);
        });
        if let Err(error) = posted {
            self.send_later(Update::Notice(error.to_string()));
        }
    }

    /// Takes up what failed or was parked on a connection, now.
    pub fn retry(&self, name: &ConnectionName) {
        self.ask(name, Ask::Retry);
    }

    /// Pauses a connection, or lets it go on. Kept over a restart.
    pub fn set_paused(&self, name: &ConnectionName, paused: bool) {
        let (engine, name) = (self.clone(), name.clone());
        let posted = self.0.store.post(move |db| {
            if let Err(error) = db.set_paused(&name, paused) {
                let _ = engine.0.updates.blocking_send(Update::Notice(error.to_string()));
            }
            engine.wake([name]);
        });
        if let Err(error) = posted {
            self.send_later(Update::Notice(error.to_string()));
        }
    }

    /// Takes up what was set aside of single cards, now.
    pub fn retry_cards(&self, cards: Vec<(ConnectionName, CardId)>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let names: Vec<ConnectionName> = cards.iter().map(|(name, _)| name.clone()).collect();
            let work = move |db: &mut crate::store::Db| {
                cards.iter().try_for_each(|(name, card)| db.retry(name, Some(*card)))
            };
            match engine.0.store.run(work).await {
                Ok(()) => {
                    engine.wake(names);
                    engine.tell();
                }
                Err(error) => engine.send(Update::Notice(error.to_string())).await,
            }
        });
    }

    /// Reads the conflicts that wait, and those decided last; the answer is [`Update::Conflicts`].
    pub fn list_conflicts(&self) {
        let engine = self.clone();
        self.0.tasks.spawn(async move { engine.tell_conflicts().await });
    }

    async fn tell_conflicts(&self) {
        match self.0.store.run(|db| db.conflicts(DECIDED)).await {
            Ok(conflicts) => self.send(Update::Conflicts(conflicts)).await,
            Err(error) => self.send(Update::Notice(error.to_string())).await,
        }
    }

    /// Decides open conflicts, all or none; the answer is [`Update::Conflicts`].
    pub fn resolve(&self, decisions: Vec<Decision>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            match engine.0.store.run(move |db| db.resolve(&decisions)).await {
                Ok(wake) => {
                    engine.wake(wake);
                    engine.tell();
                }
                Err(error) => engine.send(Update::Notice(error.to_string())).await,
            }
            engine.tell_conflicts().await;
        });
    }

    /// Answers what a connection asked before it went on.
    pub fn answer(&self, connection: ConnectionName, question: i64, go: bool) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            match engine.0.store.run(move |db| db.answer(question, go)).await {
                Ok(_) => engine.wake([connection]),
                Err(error) => engine.send(Update::Notice(error.to_string())).await,
            }
        });
    }

    /// Reads a page of the audit log; the answer is [`Update::Activity`] with the same token.
    pub fn list_activity(&self, token: u64, filter: AuditFilter, before: Option<i64>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            // One more than is shown tells whether there are more.
            match engine.0.store.run(move |db| db.audit_page(&filter, before, ACTIVITY + 1)).await {
                Ok(mut rows) => {
                    let more = rows.len() > ACTIVITY;
                    rows.truncate(ACTIVITY);
                    engine.send(Update::Activity { token, rows, more }).await;
                }
                Err(error) => engine.send(Update::Notice(error.to_string())).await,
            }
        });
    }

    /// Asks a platform what it offers.
    pub fn fetch_offers(&self, name: &ConnectionName) {
        let (engine, name) = (self.clone(), name.clone());
        self.0.tasks.spawn(async move {
            let offers = engine.offers(&name).await.map_err(|failure| failure.message);
            engine.send(Update::Offers { connection: name, offers }).await;
        });
    }

    async fn offers(&self, name: &ConnectionName) -> Result<crate::connector::Offers, Failure> {
        let connector = self.line(name).and_then(|l| l.connector());
        let offers = match connector.as_deref().and_then(Connector::tracker) {
            Some(tracker) => tracker.offers().await?,
            None => return Err(Failure::offline()),
        };
        let (name, milestones) = (name.clone(), offers.milestones.clone());
        if let Err(error) = self.0.store.run(move |db| db.take_milestones(&name, &milestones)).await {
            tracing::warn!(%error, "milestones could not be kept");
        }
        Ok(offers)
    }

    /// Works out what a mapping would change; the answer is [`Update::Preview`] with the same token.
    pub fn preview_mapping(&self, token: u64, draft: MappingDraft) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let work = move |db: &mut crate::store::Db| {
                let mut preview = MappingPreview { token, ..MappingPreview::default() };
                for connection in draft.targets.keys() {
                    let Some(mapping) = draft.mapping(connection) else { continue };
                    let out = db.preview_mapping(connection, &mapping)?;
                    preview.moves.extend(out.moves);
                    let named = |(state, cards)| (connection.clone(), state, cards);
                    preview.unmapped.extend(out.unmapped.into_iter().map(named));
                }
                Ok(preview)
            };
            match engine.0.store.run(work).await {
                Ok(preview) => engine.send(Update::Preview(Box::new(preview))).await,
                Err(error) => engine.send(Update::Notice(error.to_string())).await,
            }
        });
    }

    /// Writes a mapping to the config file, with its comments kept, and takes it over: the answer is
    /// [`Update::Settings`], or [`Update::SaveFailed`] with the file as it was.
    pub fn save_mapping(&self, draft: MappingDraft) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            if let Err(reason) = engine.write_mapping(draft).await {
                engine.send(Update::SaveFailed { reason }).await;
            }
        });
    }

    async fn write_mapping(&self, draft: MappingDraft) -> Result<(), String> {
        let _turn = self.0.config_turn.lock().await;
        let settings = self.settings();
        let Some(file) = settings.file.clone() else {
            return Err("there is no config file to save to; start with --config FILE".to_owned());
        };
        let expected = settings.source.clone();
        let saved = self.write_config(move || edit::save(&file, expected.as_deref(), &draft)).await?;
        let (board, change) = (saved.board_name.clone(), mapping_change(&settings, &saved));
        let moved = self.apply_settings(Arc::new(saved)).await.map_err(|error| error.to_string())?;
        self.note_config("mapping", board, change).await;
        self.send(Update::Notice(format!("mapping saved; {moved} cards moved"))).await;
        Ok(())
    }

    fn send_later(&self, update: Update) {
        let engine = self.clone();
        self.0.tasks.spawn(async move { engine.send(update).await });
    }

    /// The card as the store holds it.
    pub async fn card(&self, id: CardId) -> Result<Option<Card>, EngineError> {
        Ok(self.0.store.run(move |db| db.card(id)).await?)
    }

    /// The connector of a connection, once its worker has made it.
    pub fn connector(&self, name: &ConnectionName) -> Option<Arc<dyn Connector>> {
        self.line(name).and_then(|l| l.connector())
    }
}

/// Statuses and targets before and after a mapping was saved.
fn mapping_change(before: &Settings, after: &Settings) -> serde_json::Value {
    let of = |settings: &Settings| {
        let statuses: Vec<&str> = settings.statuses().map(Status::as_str).collect();
        let targets: std::collections::BTreeMap<&str, _> =
            settings.connections.iter().map(|c| (c.name.as_str(), &c.targets)).collect();
        serde_json::json!({ "statuses": statuses, "targets": targets })
    };
    serde_json::json!({ "mapping": { "before": of(before), "after": of(after) } })
}
