//! Who carries effects out: a seam to the engine, and what the loop does itself.

use super::effect::Effect;
use crate::config::{Choice, MappingDraft};
use crate::domain::audit::AuditFilter;
use crate::domain::card::CardId;
use crate::domain::command::Change;
use crate::domain::conflict::Decision;
use crate::domain::history::VersionKind;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::FieldRule;
use crate::domain::moves::Given;
use crate::engine::{Engine, LinkAsk};

/// What the front end asks of the engine. Nothing here waits; answers come as updates.
pub trait Backend: Send + Sync {
    /// Stores decided changes.
    fn commit(&self, token: u64, kind: VersionKind, changes: Vec<Change>);
    /// Asks where cards can go.
    fn fetch_moves(&self, cards: Vec<CardId>);
    /// Reads what is asked about a card's move.
    fn fetch_asked(&self, card: CardId);
    /// Gives what is asked about a card's move.
    fn answer_move(&self, card: CardId, answers: Vec<(ConnectionName, Given)>);
    /// Reads a card in full.
    fn open_card(&self, id: CardId);
    /// Looks for texts in bodies and comments.
    fn search(&self, token: u64, texts: Vec<String>);
    /// Reads a card as the store has it.
    fn glance_card(&self, id: CardId);
    /// Asks what saving a body would lose.
    fn check_body(&self, card: CardId, body: String);
    /// Syncs one connection, or all.
    fn sync_now(&self, only: Option<&ConnectionName>);
    /// Pauses a connection or lets it go on.
    fn set_paused(&self, name: &ConnectionName, paused: bool);
    /// Tries a connection now that waits or failed.
    fn retry(&self, name: &ConnectionName);
    /// Asks a platform what it offers.
    fn fetch_offers(&self, name: &ConnectionName);
    /// Takes up what was set aside of single cards.
    fn retry_cards(&self, cards: Vec<(ConnectionName, CardId)>);
    /// Does something about a card's links.
    fn links(&self, ask: LinkAsk);
    /// Reads the conflicts.
    fn list_conflicts(&self);
    /// Decides open conflicts.
    fn resolve(&self, decisions: Vec<Decision>);
    /// Reads a page of the audit log.
    fn list_activity(&self, token: u64, filter: AuditFilter, before: Option<i64>);
    /// Answers what a connection asks.
    fn answer(&self, connection: ConnectionName, question: i64, go: bool);
    /// Asks which cards a mapping would move.
    fn preview(&self, token: u64, draft: MappingDraft);
    /// Saves a mapping to the config.
    fn save_mapping(&self, draft: MappingDraft);
    /// Reads cards as the field rules of a connection see them.
    fn try_cards(&self, connection: ConnectionName, cards: Vec<CardId>);
    /// Saves the field rules of connections to the config.
    fn save_fields(&self, changed: Vec<(ConnectionName, Vec<FieldRule>)>);
    /// Keeps how a person left the board.
    fn remember(&self, key: &'static str, value: String);
    /// Keeps what was chosen in the config.
    fn keep(&self, choice: Choice);
}

/// Hands an effect to the engine; gives back those that are the loop's own.
pub fn dispatch(backend: &dyn Backend, effect: Effect) -> Option<Effect> {
    match effect {
        Effect::Commit { token, kind, changes } => backend.commit(token, kind, changes),
        Effect::FetchMoves(cards) => backend.fetch_moves(cards),
        Effect::FetchAsked(card) => backend.fetch_asked(card),
        Effect::AnswerMove { card, answers } => backend.answer_move(card, answers),
        Effect::OpenCard(card) => backend.open_card(card),
        Effect::Search { token, texts } => backend.search(token, texts),
        Effect::Glance(card) => backend.glance_card(card),
        Effect::CheckBody { card, body } => backend.check_body(card, body),
        Effect::SyncNow(only) => backend.sync_now(only.as_ref()),
        Effect::Pause(name) => backend.set_paused(&name, true),
        Effect::Resume(name) => backend.set_paused(&name, false),
        Effect::Retry(name) => backend.retry(&name),
        Effect::FetchOffers(name) => backend.fetch_offers(&name),
        Effect::RetryCards(cards) => backend.retry_cards(cards),
        Effect::Links(ask) => backend.links(ask),
        Effect::ListConflicts => backend.list_conflicts(),
        Effect::Resolve(decisions) => backend.resolve(decisions),
        Effect::ListActivity { token, filter, before } => backend.list_activity(token, filter, before),
        Effect::Answer { connection, question, go } => backend.answer(connection, question, go),
        Effect::PreviewMapping { token, draft } => backend.preview(token, draft),
        Effect::SaveMapping(draft) => backend.save_mapping(draft),
        Effect::TryCards { connection, cards } => backend.try_cards(connection, cards),
        Effect::SaveFields(changed) => backend.save_fields(changed),
        Effect::Remember(key, value) => backend.remember(key, value),
        Effect::Keep(choice) => backend.keep(choice),
        own => return Some(own),
    }
    None
}

impl Backend for Engine {
    fn commit(&self, token: u64, kind: VersionKind, changes: Vec<Change>) {
        Engine::commit(self, token, kind, changes);
    }

    fn fetch_moves(&self, cards: Vec<CardId>) {
        Engine::fetch_moves(self, cards);
    }

    fn fetch_asked(&self, card: CardId) {
        Engine::fetch_asked(self, card);
    }

    fn answer_move(&self, card: CardId, answers: Vec<(ConnectionName, Given)>) {
        Engine::answer_move(self, card, answers);
    }

    fn open_card(&self, id: CardId) {
        Engine::open_card(self, id);
    }

    fn search(&self, token: u64, texts: Vec<String>) {
        Engine::search(self, token, texts);
    }

    fn glance_card(&self, id: CardId) {
        Engine::glance_card(self, id);
    }

    fn check_body(&self, card: CardId, body: String) {
        Engine::check_body(self, card, body);
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

    fn retry_cards(&self, cards: Vec<(ConnectionName, CardId)>) {
        Engine::retry_cards(self, cards);
    }

    fn links(&self, ask: LinkAsk) {
        Engine::links(self, ask);
    }

    fn list_conflicts(&self) {
        Engine::list_conflicts(self);
    }

    fn resolve(&self, decisions: Vec<Decision>) {
        Engine::resolve(self, decisions);
    }

    fn list_activity(&self, token: u64, filter: AuditFilter, before: Option<i64>) {
        Engine::list_activity(self, token, filter, before);
    }

    fn answer(&self, connection: ConnectionName, question: i64, go: bool) {
        Engine::answer(self, connection, question, go);
    }

    fn preview(&self, token: u64, draft: MappingDraft) {
        self.preview_mapping(token, draft);
    }

    fn save_mapping(&self, draft: MappingDraft) {
        Engine::save_mapping(self, draft);
    }

    fn try_cards(&self, connection: ConnectionName, cards: Vec<CardId>) {
        Engine::try_cards(self, connection, cards);
    }

    fn save_fields(&self, changed: Vec<(ConnectionName, Vec<FieldRule>)>) {
        Engine::save_fields(self, changed);
    }

    fn remember(&self, key: &'static str, value: String) {
        Engine::remember(self, key, value);
    }

    fn keep(&self, choice: Choice) {
        self.keep_choice(choice);
    }
}
