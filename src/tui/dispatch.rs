//! Who carries effects out: a seam to the engine, and what the loop does itself.

use super::effect::Effect;
use crate::config::MappingDraft;
use crate::domain::card::CardId;
use crate::domain::command::Change;
use crate::domain::fields::Field;
use crate::domain::link::ConnectionName;
use crate::engine::Engine;
use crate::sync::reconcile::Side;

/// What the front end asks of the engine. Nothing here waits; answers come as updates.
pub trait Backend: Send + Sync {
    /// Stores decided changes.
    fn commit(&self, token: u64, changes: Vec<Change>);
    /// Reads a card in full.
    fn open_card(&self, id: CardId);
    /// Syncs one connection, or all.
    fn sync_now(&self, only: Option<&ConnectionName>);
    /// Pauses a connection or lets it go on.
    fn set_paused(&self, name: &ConnectionName, paused: bool);
    /// Tries a connection now that waits or failed.
    fn retry(&self, name: &ConnectionName);
    /// Asks a platform what it offers.
    fn fetch_offers(&self, name: &ConnectionName);
    /// Decides an open conflict.
    fn resolve(&self, card: CardId, connection: ConnectionName, field: Field, side: Side);
    /// Asks which cards a mapping would move.
    fn preview(&self, token: u64, draft: MappingDraft);
    /// Saves a mapping to the config.
    fn save_mapping(&self, draft: MappingDraft);
}

/// Hands an effect to the engine; gives back those that are the loop's own.
pub fn dispatch(backend: &dyn Backend, effect: Effect) -> Option<Effect> {
    match effect {
        Effect::Commit { token, changes } => backend.commit(token, changes),
        Effect::OpenCard(card) => backend.open_card(card),
        Effect::SyncNow(only) => backend.sync_now(only.as_ref()),
        Effect::Pause(name) => backend.set_paused(&name, true),
        Effect::Resume(name) => backend.set_paused(&name, false),
        Effect::Retry(name) => backend.retry(&name),
        Effect::FetchOffers(name) => backend.fetch_offers(&name),
        Effect::Resolve { card, connection, field, side } => backend.resolve(card, connection, field, side),
        Effect::PreviewMapping { token, draft } => backend.preview(token, draft),
        Effect::SaveMapping(draft) => backend.save_mapping(draft),
        own => return Some(own),
    }
    None
}

impl Backend for Engine {
    fn commit(&self, token: u64, changes: Vec<Change>) {
        Engine::commit(self, token, changes);
    }

    fn open_card(&self, id: CardId) {
        Engine::open_card(self, id);
    }

    fn sync_now(&self, only: Option<&ConnectionName>) {
        Engine::sync_now(self, only);
    }

    fn set_paused(&self, name: &ConnectionName, paused: bool) {
        Engine::set_paused(self, name, paused);
    }

    fn retry(&self, name: &ConnectionName) {
        Engine::retry(self, name);
    }

    fn fetch_offers(&self, name: &ConnectionName) {
        Engine::fetch_offers(self, name);
    }

    fn resolve(&self, card: CardId, connection: ConnectionName, field: Field, side: Side) {
        Engine::resolve(self, card, connection, field, side);
    }

    fn preview(&self, token: u64, draft: MappingDraft) {
        self.preview_mapping(token, draft);
    }

    fn save_mapping(&self, draft: MappingDraft) {
        Engine::save_mapping(self, draft);
    }
}
