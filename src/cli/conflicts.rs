//! `corkboard conflicts ..`: fields that were changed on both sides, listed and decided.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{Args, ConflictListArgs, ConflictsCommand, ResolveArgs};
use super::card::{status_named, text_of};
use super::error::CliError;
use super::session::Session;
use super::{Ended, output, when};
use crate::domain::command::{BODY_MAX, Command, decide};
use crate::domain::conflict::{Choice, Conflict, Decision};
use crate::domain::fields::{Field, Value, canonical_body};
use crate::support::text::{clip, one_line};

/// How many decided conflicts are listed behind those that wait.
const DECIDED: usize = 20;

/// A conflict, as scripts read it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
struct ConflictJson {
    id: i64,
    card: String,
    key: String,
    title: String,
    connection: String,
    field: Field,
    base: Value,
    local: Value,
    remote: Value,
    found_at: String,
    chosen: Option<&'static str>,
    decided_by: Option<String>,
    decided_at: Option<String>,
    /// The connection the local value came from; null: it was made on this board.
    local_from: Option<String>,
}

impl From<&Conflict> for ConflictJson {
    fn from(c: &Conflict) -> Self {
        let decided = c.decided.as_ref();
        Self {
            id: c.id,
            card: c.card.to_string(),
            key: c.key.clone(),
            title: c.title.clone(),
            connection: c.connection.to_string(),
            field: c.field,
            base: c.base.clone(),
            local: c.local.clone(),
            remote: c.remote.clone(),
            found_at: when::exact(c.found_at),
            chosen: decided.map(|d| d.choice.as_str()),
            decided_by: decided.map(|d| d.by.clone()),
            decided_at: decided.map(|d| when::exact(d.at)),
            local_from: c.source.as_ref().map(ToString::to_string),
        }
    }
}

pub(super) fn run(command: &ConflictsCommand, args: &Args) -> Result<Ended, CliError> {
    let session = Session::open(args)?;
    let done = match command {
        ConflictsCommand::List(list) => self::list(&session, list),
        ConflictsCommand::Resolve(resolve) => self::resolve(&session, resolve),
    };
    session.close();
    done
}

fn list(session: &Session, list: &ConflictListArgs) -> Result<Ended, CliError> {
    let conflicts = session.wait(session.engine.store().run(|db| db.conflicts(DECIDED)))?;
    if list.json {
        output::print_json(&conflicts.iter().map(ConflictJson::from).collect::<Vec<_>>())?;
    } else {
        output::print(&text(&conflicts))?;
    }
    let waits = conflicts.iter().any(|c| c.decided.is_none());
    Ok(if waits { Ended::NeedsPerson } else { Ended::Well })
}

fn text(conflicts: &[Conflict]) -> String {
    let mut out = String::new();
    for c in conflicts {
        let state = match &c.decided {
            None => "waits for you".to_owned(),
            Some(d) => format!("{} by {} at {}", d.choice.as_str(), d.by, d.at.to_rfc3339()),
        };
        let _ = writeln!(out, "{:<4} {} {}: {}", c.id, one_line(&c.key), c.field, one_line(&state));
        // Of a card on two platforms both have a name.
        let there = c.source.as_ref().map_or("there", |_| c.connection.as_str());
        for (side, value) in [("base", &c.base), (c.here(), &c.local), (there, &c.remote)] {
            let side = one_line(side);
            let _ = writeln!(out, "     {side:<6} {}", clip(&one_line(&value.to_string()), 100));
        }
    }
    let waiting = conflicts.iter().filter(|c| c.decided.is_none()).count();
    let _ = match waiting {
        0 => writeln!(out, "No conflict waits."),
        n => {
            let names = "local|remote|CONNECTION";
            writeln!(out, "{n} wait: `corkboard conflicts resolve N --take {names}`, or --merged-file F")
        }
    };
    out
}

fn resolve(session: &Session, resolve: &ResolveArgs) -> Result<Ended, CliError> {
    let id = resolve.id;
    let find = || session.wait(session.engine.store().run(|db| db.conflicts(1_000)));
    let conflict = find()?.into_iter().find(|c| c.id == id).ok_or_else(|| {
        CliError::failed(format!("there is no conflict {id}")).help("`corkboard conflicts list` lists them")
    })?;
    if let Some(decided) = &conflict.decided {
        let words = format!("conflict {id} was decided already: {}", decided.choice.as_str());
        return Err(CliError::failed(words).help("`corkboard card restore` brings the losing value back"));
    }
    let choice = match (&resolve.take, &resolve.merged_file) {
        (Some(whose), _) => side(&conflict, whose)?,
        (None, Some(file)) => Choice::Merged(merged(session, &conflict, file)?),
        (None, None) => return Err(CliError::usage("say which value shall be taken")),
    };
    let word = choice.as_str();
    session.wait(
        session.engine.store().run(move |db| db.resolve(&[Decision { conflict: id, choice }]).map(|_| ())),
    )?;
    let done = find()?.into_iter().any(|c| c.id == id && c.decided.is_some());
    if !done {
        return Err(CliError::failed(format!("conflict {id} ended by itself meanwhile")));
    }
    let sent = if word == "remote" { "" } else { "; an open board, `serve` or `sync --once` sends it" };
    output::print(&format!(
        "{} {}: {word} taken, the other value is kept in the card's history{sent}\n",
        one_line(&conflict.key),
        conflict.field
    ))?;
    Ok(Ended::Well)
}

/// The side of a conflict that a person means.
fn side(conflict: &Conflict, whose: &str) -> Result<Choice, CliError> {
    let is = |name: &str| name.eq_ignore_ascii_case(whose);
    let ours = conflict.source.as_ref();
    if whose == "local" || ours.is_some_and(|name| is(name.as_str())) {
        return Ok(Choice::Local);
    }
    if whose == "remote" || is(conflict.connection.as_str()) {
        return Ok(Choice::Remote);
    }
    let names: Vec<String> = ours.iter().map(|name| format!(", {name}")).collect();
    Err(CliError::usage(format!("`{}` has no value in conflict {}", one_line(whose), conflict.id))
        .help(format!("it may be local, remote, {}{}", conflict.connection, names.concat())))
}

/// The text that shall become the value of both sides, checked as any edit is.
fn merged(session: &Session, conflict: &Conflict, file: &std::path::Path) -> Result<Value, CliError> {
    let text = if file.as_os_str() == "-" { text_of("-")? } else { read(file)? };
    let board = session.wait(session.engine.board())?;
    let card = conflict.card;
    let check =
        |command| decide(&board, command).map(|_| ()).map_err(|reject| CliError::failed(reject.to_string()));
    let line = text.trim().to_owned();
    Ok(match conflict.field {
        Field::Title => {
            check(Command::Retitle { card, title: line.clone() })?;
            Value::Text(line)
        }
        Field::Body => {
            check(Command::Rewrite { card, before: String::new(), after: text.clone() })?;
            Value::Text(canonical_body(&text))
        }
        Field::Status => Value::Text(status_named(&board, &line)?.to_string()),
        Field::Milestone if line.is_empty() => Value::None,
        Field::Milestone => Value::Text(line),
        Field::Extra(field) => {
            let value = Value::Text(line);
            check(Command::SetField { card, field, value: value.clone() })?;
            if value.is_empty() { Value::None } else { value }
        }
        field => return Err(CliError::usage(format!("{field} are merged name by name, not by a text"))),
    })
}

fn read(file: &std::path::Path) -> Result<String, CliError> {
    use std::io::Read as _;
    let failed = |error| CliError::failed(format!("cannot read {}", file.display())).because(error);
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(failed)?;
    opened.take(BODY_MAX as u64 * 4 + 4).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}
