//! Where cards can go on platforms with a workflow, asked before a move; and a person's answers to what a platform asks.
//!
//! Nothing is polled: a question is asked when a person begins to move a card, and its answer is good for a minute. A
//! platform without a workflow costs no request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError};

use super::dial::Wires;
use super::{Engine, EngineError, Update};
use crate::config::ConnectionSettings;
use crate::connector::{Connector, Move};
use crate::domain::card::CardId;
use crate::domain::command::{Change, Command, decide};
use crate::domain::history::VersionKind;
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::mapping::Status;
use crate::domain::moves::{Given, Ways};
use crate::store::{Standing, StoreError};
use crate::support::clock::Timestamp;

/// For how long an answer is taken for true, in milliseconds.
const FRESH_MS: i64 = 60_000;
/// How many answers are remembered.
const KEPT: usize = 256;
/// About how many cards is asked at once: whoever moves more hears of the rest when they are sent.
const AT_ONCE: usize = 20;

/// What the platforms told of where items can go, newest last, and who is asked where no worker of ours is.
#[derive(Default)]
pub(super) struct KnownWays {
    told: VecDeque<Told>,
    askers: HashMap<ConnectionName, Arc<dyn Connector>>,
}

/// One answer: about an item in one status of the platform.
struct Told {
    link: LinkId,
    status: Option<String>,
    at: Timestamp,
    moves: Vec<Move>,
}

impl KnownWays {
    fn of(&self, standing: &Standing, now: Timestamp) -> Option<Vec<Move>> {
        let fits = |t: &&Told| t.link == standing.link && t.status == standing.remote.state.status;
        let told = self.told.iter().rev().find(fits)?;
        (now.since(told.at) < FRESH_MS).then(|| told.moves.clone())
    }

    fn note(&mut self, standing: &Standing, at: Timestamp, moves: Vec<Move>) {
        self.told.retain(|t| t.link != standing.link);
        if self.told.len() >= KEPT {
            self.told.pop_front();
        }
        let status = standing.remote.state.status.clone();
        self.told.push_back(Told { link: standing.link, status, at, moves });
    }
}

impl Engine {
    /// Asks where cards can go on their platforms with a workflow; each answer is an [`Update::Moves`]. What cannot be
    /// learned now is left out: those moves are known only when they are sent.
    pub fn fetch_moves(&self, cards: Vec<CardId>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            let cancel = engine.0.cancel.clone();
            for card in cards.into_iter().take(AT_ONCE) {
                let found = tokio::select! {
                    () = cancel.cancelled() => return,
                    found = engine.ways_of(card) => found,
                };
                match found {
                    Ok(Some((status, ways))) => engine.send(Update::Moves { card, status, ways }).await,
                    Ok(None) => {}
                    Err(error) => tracing::debug!(%error, "where a card can go is not known"),
                }
            }
        });
    }

    /// A card's status, and where it can go on each of its connections with a workflow, as far as that is known or can
    /// be asked. `None`: there is no such card.
    pub async fn ways_of(&self, card: CardId) -> Result<Option<(Status, Vec<Ways>)>, EngineError> {
        let Some((status, standings)) = self.0.store.run(move |db| db.standings(card)).await? else {
            return Ok(None);
        };
        let settings = self.settings();
        let mut out = Vec::new();
        for standing in standings {
            let found = settings.connection(standing.connection.as_str());
            let Some(connection) = found.filter(|c| c.platform.has_workflow() && c.direction.pushes()) else {
                continue;
            };
            // What is on its way there changes where it stands.
            let settled = standing.agreed == status || connection.mapping.target(&status).is_none();
            if !settled {
                continue;
            }
            if let Some(moves) = self.moves_from(connection, &standing).await? {
                let (connection, from) = (standing.connection, standing.remote.state);
                out.push(Ways { connection, from, moves });
            }
        }
        Ok(Some((status, out)))
    }

    async fn moves_from(
        &self,
        connection: &ConnectionSettings,
        standing: &Standing,
    ) -> Result<Option<Vec<Move>>, EngineError> {
        let now = self.0.clock.now();
        let known = self.0.ways.lock().unwrap_or_else(PoisonError::into_inner).of(standing, now);
        if known.is_some() {
            return Ok(known);
        }
        let Some(connector) = self.asker(connection).await? else { return Ok(None) };
        let Some(tracker) = connector.tracker() else { return Ok(None) };
        match tracker.moves(&standing.remote.at).await {
            Ok(Some(moves)) => {
                let mut ways = self.0.ways.lock().unwrap_or_else(PoisonError::into_inner);
                ways.note(standing, now, moves.clone());
                Ok(Some(moves))
            }
            Ok(None) => Ok(None),
            Err(failure) => {
                tracing::debug!(connection = %connection.name, %failure, "where an item can go is not known");
                Ok(None)
            }
        }
    }

    /// Who can be asked on a connection: its worker's connector; or, where no worker of this process has it, one that
    /// can only read. Nobody, where the connection is paused or in trouble.
    async fn asker(
        &self,
        connection: &ConnectionSettings,
    ) -> Result<Option<Arc<dyn Connector>>, EngineError> {
        let (name, now) = (connection.name.clone(), self.0.clock.now());
        let (paused, health) =
            self.0.store.run(move |db| Ok((db.is_paused(&name)?, db.health(&name)?))).await?;
        if paused {
            return Ok(None);
        }
        let line = self.line(&connection.name);
        if let Some(connector) = line.as_ref().and_then(|l| l.connector()) {
            return Ok(Some(connector));
        }
        if line.is_some_and(|l| l.is_held()) {
            return Ok(None);
        }
        let known = |engine: &Self| {
            let ways = engine.0.ways.lock().unwrap_or_else(PoisonError::into_inner);
            ways.askers.get(&connection.name).cloned()
        };
        if let Some(connector) = known(self) {
            return Ok(Some(connector));
        }
        let wires = Wires {
            observe: Arc::new(|_| {}),
            cool_down: Arc::new(|_| {}),
            cool_down_until: health.cool_down_until.filter(|until| *until > now),
            read_only: true,
            clock: self.0.clock.clone(),
        };
        let dial = self.0.dial.clone();
        match dial.dial(connection, wires).await {
            Ok(connector) => {
                let mut ways = self.0.ways.lock().unwrap_or_else(PoisonError::into_inner);
                ways.askers.insert(connection.name.clone(), connector.clone());
                Ok(Some(connector))
            }
            Err(failure) => {
                tracing::debug!(connection = %connection.name, %failure, "nobody can be asked there");
                Ok(None)
            }
        }
    }

    /// Forgets what was told and who was asked: the connections may be others now.
    pub(super) fn forget_ways(&self) {
        *self.0.ways.lock().unwrap_or_else(PoisonError::into_inner) = KnownWays::default();
    }

    /// Reads what is asked about a card's move; the answer is [`Update::Asked`].
    pub fn fetch_asked(&self, card: CardId) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            match engine.0.store.run(move |db| db.waiting(card)).await {
                Ok(waiting) => engine.send(Update::Asked { card, waiting }).await,
                Err(error) => engine.send(Update::Notice(error.to_string())).await,
            }
        });
    }

    /// Hands over a person's answers about a card's move that waits.
    pub fn answer_move(&self, card: CardId, answers: Vec<(ConnectionName, Given)>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            if let Err(error) = engine.keep_answers(card, answers).await {
                engine.send(Update::Notice(error.to_string())).await;
            }
        });
    }

    /// Keeps a person's answers about a card's move that waits; it is sent when this returns or soon after.
    ///
    /// # Errors
    /// Nothing waits for one of them.
    pub async fn keep_answers(
        &self,
        card: CardId,
        answers: Vec<(ConnectionName, Given)>,
    ) -> Result<(), EngineError> {
        let wake = self.0.store.run(move |db| db.answer_move(card, &answers)).await?;
        self.wake(wake);
        self.tell();
        Ok(())
    }

    /// Decides and commits a card's move together with what its platforms want with it.
    pub async fn carry_out_answered(
        &self,
        command: Command,
        answers: Vec<(ConnectionName, Given)>,
    ) -> Result<Vec<Change>, EngineError> {
        let board = self.board().await?;
        let mut changes = decide(&board, command)?;
        let moved = changes.iter().rev().find(|c| c.field().is_some()).and_then(Change::card);
        if let Some(card) = moved {
            let answered = |(connection, given)| Change::Answered { card, connection, given };
            changes.extend(answers.into_iter().map(answered));
        }
        let (rules, committed) = (self.rules(), changes.clone());
        let commit = move |db: &mut crate::store::Db| db.commit_as(VersionKind::Edit, &committed, &rules);
        let done = self.0.store.run(commit).await.map_err(|error: StoreError| EngineError::Store(error))?;
        self.wake(done.wake);
        Ok(changes)
    }
}
