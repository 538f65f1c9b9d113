//! `card move`: as on the board, what a platform is known to refuse is not begun, and what it wants with the move is
//! given with it.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::args::MoveArgs;
use super::super::error::CliError;
use super::super::output;
use super::super::session::Session;
use super::{after, find, status_named};
use crate::domain::board::Place;
use crate::domain::card::CardId;
use crate::domain::command::Command;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::moves::{Asks, Given, Need, Way, Ways};

/// How long the platforms may take to tell where the card can go. Without an answer the move is kept here, and looked
/// at when it is sent.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a connection wants with a move.
type Wanted = (ConnectionName, Asks);

pub(super) fn put(session: &Session, to: &MoveArgs) -> Result<(), CliError> {
    let id = find::card(session, &to.id)?;
    let board = session.wait(session.engine.board())?;
    let status = status_named(&board, &to.status)?;
    let words = go(session, id, status, &to.set, to.json)?;
    after(session, id, &words, to.json)
}

/// Moves a card, with what a platform wants with it given as `FIELD=VALUE`.
pub(in crate::cli) fn moved(
    session: &Session,
    card: CardId,
    to: &Status,
    set: &[String],
) -> Result<(), CliError> {
    go(session, card, to.clone(), set, false).map(|_| ())
}

/// Moves a card; what became of it, in words.
fn go(
    session: &Session,
    id: CardId,
    status: Status,
    set: &[String],
    as_json: bool,
) -> Result<String, CliError> {
    let board = session.wait(session.engine.board())?;
    let title = board.title_of(&status).to_owned();
    let card = board.card(id).ok_or_else(|| find::gone(&id.short()))?;
    let mut given = read(set)?;
    if card.status == status {
        let waiting = session.wait(session.engine.store().run(move |db| db.waiting(id)))?;
        if waiting.is_empty() || given.is_empty() {
            return Ok(format!("is in {title} already"));
        }
        let wanted: Vec<Wanted> = waiting.into_iter().map(|w| (w.connection, w.asks)).collect();
        let answers = answers(&wanted, &mut given);
        complete(&card.key(), &wanted, &answers, &given, as_json)?;
        session.wait(session.engine.keep_answers(id, answers))?;
        return Ok("answered".to_owned());
    }
    let ways = session.wait(async {
        let asked = tokio::time::timeout(PATIENCE, session.engine.ways_of(id)).await;
        asked.map_or(Ok(None), |found| found)
    })?;
    let ways = ways.map(|(_, ways)| ways).unwrap_or_default();
    let wanted = allowed(session, &card.key(), &ways, &status, as_json)?;
    let mut answers = answers(&wanted, &mut given);
    // Where nothing was told it may be asked for when the move is sent.
    let settings = session.settings();
    let flows =
        |name: &ConnectionName| settings.connection(name.as_str()).is_some_and(|c| c.platform.has_workflow());
    let told = |name: &ConnectionName| ways.iter().any(|w| w.connection == *name);
    let untold = card.links.iter().map(|l| &l.connection).filter(|name| flows(name) && !told(name));
    let untold: Vec<&ConnectionName> = untold.filter(|_| !given.is_empty()).collect();
    if !untold.is_empty() {
        let rest: Given = std::mem::take(&mut given).into_iter().collect();
        answers.extend(untold.into_iter().map(|name| (name.clone(), rest.clone())));
    }
    complete(&card.key(), &wanted, &answers, &given, as_json)?;
    let (limit, cards) = (board.limit_of(&status), board.count_in(&status) + 1);
    let command = Command::Move { card: id, to: status, place: Place::Top };
    session.wait(session.engine.carry_out_answered(command, answers))?;
    let over = limit.filter(|limit| limit.is_over(cards));
    let over = over.map(|limit| format!(" (over its limit: {cards}/{})", limit.most));
    Ok(format!("moved to {title}{}", over.unwrap_or_default()))
}

/// `FIELD=VALUE`, several times.
fn read(set: &[String]) -> Result<Vec<(String, String)>, CliError> {
    let pair = |text: &String| match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() && !value.trim().is_empty() => {
            Ok((field.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(CliError::usage(format!("`{text}` does not give a field a value"))
            .help("write it as `--set resolution=Done`")),
    };
    set.iter().map(pair).collect()
}

/// What each connection wants with the move; an error when one does not let it.
fn allowed(
    session: &Session,
    key: &str,
    ways: &[Ways],
    to: &Status,
    as_json: bool,
) -> Result<Vec<Wanted>, CliError> {
    let settings = session.settings();
    let mut wanted = Vec::new();
    for ways in ways {
        let Some(connection) = settings.connection(ways.connection.as_str()) else { continue };
        match ways.to(&connection.mapping, to) {
            Way::Open => {}
            Way::Needs(asks) => wanted.push((ways.connection.clone(), asks)),
            Way::Closed(why) => {
                let message = format!("{key} was not moved; {}: {why}", ways.connection);
                let possible: Vec<&str> = ways.moves.iter().map(|m| m.status.as_str()).collect();
                let told = json!({
                    "error": message, "connection": ways.connection.as_str(), "possible": possible, "needs": [],
                });
                return Err(
                    refuse(message, &told, as_json)?.help("move it to one of the possible statuses first")
                );
            }
        }
    }
    Ok(wanted)
}

/// What was given of what is wanted, by connection; it is taken out of `given` when somebody wants it.
fn answers(wanted: &[Wanted], given: &mut Vec<(String, String)>) -> Vec<(ConnectionName, Given)> {
    let all: Given = given.iter().cloned().collect();
    let mut out = Vec::new();
    for (connection, asks) in wanted {
        let answer = |need: &Need| {
            let value = need.given(&all)?;
            Some((need.key.clone(), need.spelt(value)?.to_owned()))
        };
        let answered: Given = asks.needs.iter().filter_map(answer).collect();
        if !answered.is_empty() {
            out.push((connection.clone(), answered));
        }
        given.retain(|(field, value)| {
            let one = Given::from([(field.clone(), value.clone())]);
            !asks.needs.iter().any(|need| need.given(&one).is_some())
        });
    }
    out
}

/// An error unless everything that is wanted was given, and nothing besides.
fn complete(
    key: &str,
    wanted: &[Wanted],
    answers: &[(ConnectionName, Given)],
    left: &[(String, String)],
    as_json: bool,
) -> Result<(), CliError> {
    let has = |connection: &ConnectionName, need: &Need| {
        answers.iter().any(|(name, given)| name == connection && given.contains_key(&need.key))
    };
    let mut words = Vec::new();
    let mut needs: Vec<Value> = Vec::new();
    for (connection, asks) in wanted {
        for need in asks.needs.iter().filter(|need| !has(connection, need)) {
            let values = if need.values.is_empty() { "any text".to_owned() } else { need.values.join(", ") };
            words.push(format!(
                "{connection} asks for {} ({}) to make it {}: {values}",
                need.name, need.key, asks.status
            ));
            needs.push(json!({
                "connection": connection.as_str(), "field": need.key, "name": need.name, "values": need.values,
            }));
        }
    }
    if let Some(first) = needs.first() {
        let example = first["values"][0].as_str().unwrap_or("TEXT");
        let example = format!("{}={example}", first["field"].as_str().unwrap_or_default());
        let quoted = if example.contains(' ') { format!("\"{example}\"") } else { example };
        let message = format!("{key} was not moved; {}", words.join("; "));
        let told = json!({ "error": message, "needs": needs });
        return Err(refuse(message, &told, as_json)?.help(format!("give it with --set {quoted}")));
    }
    match left.first() {
        Some((field, _)) => Err(CliError::usage(format!("nothing asks for `{field}` with this move"))
            .help("leave it out, or move the card where it is asked for")),
        None => Ok(()),
    }
}

/// The failure of a move, told as JSON too where that is wanted.
fn refuse(message: String, told: &Value, as_json: bool) -> Result<CliError, CliError> {
    if as_json {
        output::print_json(told)?;
    }
    Ok(CliError::failed(message))
}
