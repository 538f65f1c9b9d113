//! `--plain`: the board as a conversation in lines, for screen readers and for terminals that can do nothing else. Nothing
//! moves on the screen: each line is written once, at its end. What is typed is understood in [`talk`]; here it is carried
//! out by the same engine the board has.

mod line;
mod news;
mod talk;
mod words;

use std::fmt::Write as _;
use std::io::{BufRead as _, Read as _};

use tokio::sync::{mpsc, watch};

use super::card::{moving, show as card_show};
use super::error::CliError;
use super::session::{Session, asked_to_end};
use super::{Ended, output};
use crate::domain::card::CardId;
use crate::domain::command::{Change, Command, decide};
use crate::domain::health::Health;
use crate::domain::history::VersionKind;
use crate::domain::mapping::Status;
use crate::engine::{Comments, Update};
use crate::support::text::one_line;
use talk::{Deed, Talk};

/// The longest line that is read, in bytes; what is beyond is another line.
const LINE_MAX: u64 = 64 << 10;
/// How long a card's comments are waited for before it is read out without new ones.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
/// How many decided conflicts are read out behind those that wait.
const DECIDED: usize = 0;

/// Everything the conversation listens to.
struct Ears {
    lines: mpsc::Receiver<String>,
    updates: mpsc::Receiver<Update>,
    health: watch::Receiver<Vec<Health>>,
}

/// What was heard.
enum Heard {
    Line(String),
    Update(Box<Update>),
    Health,
    End,
}

impl Ears {
    async fn next(&mut self) -> Heard {
        tokio::select! {
            biased;
            () = asked_to_end() => Heard::End,
            Some(update) = self.updates.recv() => Heard::Update(Box::new(update)),
            Ok(()) = self.health.changed() => Heard::Health,
            line = self.lines.recv() => line.map_or(Heard::End, Heard::Line),
        }
    }
}

/// Talks until it is left. `me` are the person's own logins, as far as they are known.
pub(super) fn show(session: &Session, me: Vec<String>) -> Result<Ended, CliError> {
    let engine = &session.engine;
    session.wait(engine.register_connections())?;
    let updates =
        engine.updates().ok_or_else(|| CliError::failed("the engine's updates are taken already"))?;
    let board = session.wait(engine.board())?;
    let mut ears = Ears { lines: listen(), updates, health: engine.health() };
    let mut talk = Talk::new(session.settings(), board, me);
    session.wait(async { engine.start() });
    say(&talk.greeting())?;
    loop {
        say(&talk.prompt())?;
        let Some(line) = next_line(session, &mut ears, &mut talk) else { break };
        let deed = talk.heard(&line, engine.clock().now());
        if matches!(deed, Deed::Leave) {
            break;
        }
        match carry_out(session, &mut ears, &mut talk, deed) {
            Ok(words) => say(&words)?,
            // What cannot be done ends no conversation.
            Err(error) => say(&error.render(false))?,
        }
    }
    talk.health(engine.health().borrow().clone());
    say(&talk.farewell())?;
    Ok(Ended::Well)
}

fn say(words: &str) -> Result<(), CliError> {
    if words.is_empty() { Ok(()) } else { output::print(words) }
}

/// Lines as they come, read by a thread of its own: it may wait for ever without anybody waiting for it.
fn listen() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut bytes = Vec::new();
            match input.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let line = String::from_utf8_lossy(&bytes);
            if sender.blocking_send(line.trim_end_matches(['\n', '\r']).to_owned()).is_err() {
                return;
            }
        }
    });
    lines
}

/// The next line that is typed; what is told meanwhile is kept for after it. `None`: it is over.
fn next_line(session: &Session, ears: &mut Ears, talk: &mut Talk) -> Option<String> {
    loop {
        match session.wait(ears.next()) {
            Heard::Line(line) => return Some(line),
            Heard::Update(update) => talk.told(*update),
            Heard::Health => talk.health(ears.health.borrow_and_update().clone()),
            Heard::End => return None,
        }
    }
}

/// Does what was asked for; what there is to say of it.
fn carry_out(session: &Session, ears: &mut Ears, talk: &mut Talk, deed: Deed) -> Result<String, CliError> {
    let engine = &session.engine;
    match deed {
        Deed::Say(words) => Ok(words),
        Deed::Run(command) => run(session, talk, command),
        Deed::Move { card, to, set } => put(session, talk, card, (&to, &set)),
        Deed::Open(card) => read_out(session, ears, talk, card),
        Deed::TakeBack { changes, kind } => take_back(session, ears, talk, changes, kind),
        Deed::Sync(only) => {
            engine.sync_now(only.as_ref());
            Ok(format!("Syncing {}.\n", only.map_or_else(|| "all connections".to_owned(), |n| n.to_string())))
        }
        Deed::State => {
            talk.health(engine.health().borrow().clone());
            Ok(talk.state(engine.clock().now()))
        }
        Deed::Answer { connection, question, go } => {
            engine.answer(connection.clone(), question, go);
            Ok(format!("Answered: {connection} {}.\n", if go { "goes on" } else { "leaves it" }))
        }
        Deed::Conflicts => {
            let waiting = session.wait(engine.store().run(|db| db.conflicts(DECIDED)))?;
            Ok(words::conflicts(&waiting))
        }
        Deed::Leave => Ok(String::new()),
    }
}

fn run(session: &Session, talk: &mut Talk, command: Command) -> Result<String, CliError> {
    // Decided here first, so that a refusal is in the words the board has for it.
    decide(talk.board(), command.clone()).map_err(|reject| CliError::failed(reject.to_string()))?;
    let changes = session.wait(session.engine.carry_out(command))?;
    let words = talk.done(changes.clone());
    known(session, talk, &changes)?;
    Ok(words)
}

/// Reads the cards of one's own changes as the store has them now: what is told of them later and is older is no news.
fn known(session: &Session, talk: &mut Talk, changes: &[Change]) -> Result<(), CliError> {
    for id in changes.iter().filter_map(Change::card) {
        if let Some(card) = session.wait(session.engine.card(id))? {
            talk.known(card);
        }
    }
    Ok(())
}

/// Moves as `card move` does: a platform with a workflow is asked first.
fn put(
    session: &Session,
    talk: &mut Talk,
    card: CardId,
    (to, set): (&Status, &[String]),
) -> Result<String, CliError> {
    let before = talk.board().card(card).cloned();
    moving::moved(session, card, to, set)?;
    let after = session.wait(session.engine.card(card))?;
    let (Some(before), Some(after)) = (before, after) else { return Ok("That card is gone.\n".to_owned()) };
    let words = talk.done(vec![Change::Moved {
        card,
        from: before.status,
        to: after.status.clone(),
        rank_from: before.rank,
        rank_to: after.rank,
    }]);
    talk.known(after);
    Ok(words)
}

/// A card in full, with its comments as the platform has them now, if it tells them in time.
fn read_out(session: &Session, ears: &mut Ears, talk: &mut Talk, card: CardId) -> Result<String, CliError> {
    let engine = &session.engine;
    let Some(mut detail) = session.wait(engine.card_detail(card))? else {
        return Ok("That card is not on the board any more.\n".to_owned());
    };
    if detail.comments == Comments::Loading {
        say("Reading its comments.\n")?;
        session.wait(async { engine.open_card(card) });
        let comments = session.wait(async {
            let wanted = async {
                while let Some(update) = ears.updates.recv().await {
                    match update {
                        Update::Comments { card: of, comments } if of == card => return Some(comments),
                        other => talk.told(other),
                    }
                }
                None
            };
            tokio::time::timeout(PATIENCE, wanted).await.ok().flatten()
        });
        detail.comments =
            comments.unwrap_or(Comments::Failed("the platform does not tell them in time".into()));
    }
    let mut out = card_show::page(talk.board(), &detail);
    if let Comments::Failed(why) = &detail.comments {
        let _ = writeln!(out, "Its comments cannot be read: {}.", one_line(why));
    }
    Ok(out)
}

/// Commits what takes something back, or does it again; the store has the last word.
fn take_back(
    session: &Session,
    ears: &mut Ears,
    talk: &mut Talk,
    changes: Vec<Change>,
    kind: VersionKind,
) -> Result<String, CliError> {
    let token = talk.token();
    session.wait(async { session.engine.commit(token, kind, changes.clone()) });
    let refused = session.wait(async {
        while let Some(update) = ears.updates.recv().await {
            match update {
                Update::Committed { token: of } if of == token => return None,
                Update::Refused { token: of, reason } if of == token => return Some(reason),
                other => talk.told(other),
            }
        }
        Some("the engine stopped".to_owned())
    });
    let words = talk.taken_back(changes.clone(), kind, refused);
    known(session, talk, &changes)?;
    Ok(words)
}
