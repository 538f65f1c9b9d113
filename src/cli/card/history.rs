//! `card history` and `card restore`: what became of a card, and any of it brought back.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::{after, find};
use crate::cli::args::{HistoryArgs, RestoreArgs};
use crate::cli::error::CliError;
use crate::cli::session::Session;
use crate::cli::{output, when};
use crate::domain::board::Place;
use crate::domain::card::CardId;
use crate::domain::command::Command;
use crate::domain::fields::{Field, SetDelta, Value};
use crate::domain::history::{Version, VersionKind, What};
use crate::domain::mapping::Status;
use crate::support::text::{clip, one_line};

/// How far back a version may be brought back from.
const REACH: usize = 10_000;

/// A version, as scripts read it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
struct VersionJson {
    version: i64,
    at: String,
    actor: Option<String>,
    origin: String,
    kind: VersionKind,
    what: What,
    before: Value,
    after: Value,
}

impl From<Version> for VersionJson {
    fn from(v: Version) -> Self {
        Self {
            version: v.seq,
            at: when::exact(v.at),
            actor: v.actor,
            origin: v.origin,
            kind: v.kind,
            what: v.what,
            before: v.before,
            after: v.after,
        }
    }
}

pub(super) fn list(session: &Session, args: &HistoryArgs) -> Result<(), CliError> {
    let (id, number) = (find::any(session, &args.id)?, args.number);
    let versions = session.wait(session.engine.store().run(move |db| db.history(id, number)))?;
    if args.json {
        return output::print_json(&versions.into_iter().map(VersionJson::from).collect::<Vec<_>>());
    }
    output::print(&table(&versions))
}

fn table(versions: &[Version]) -> String {
    if versions.is_empty() {
        return "No versions: the card is as it came.\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["VERSION", "AT", "WHO", "FROM", "HOW", "WHAT", "BEFORE", "AFTER"]);
    for v in versions {
        let cells = [
            v.seq.to_string(),
            v.at.to_rfc3339(),
            v.actor.clone().unwrap_or_default(),
            v.origin.clone(),
            v.kind.as_str().to_owned(),
            v.what.as_str().to_owned(),
            clip(&v.before.to_string(), 40),
            clip(&v.after.to_string(), 40),
        ];
        table.add_row(cells.map(|cell| one_line(&cell)));
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut out: String = table.lines().map(|l| l.trim_end().to_owned() + "\n").collect();
    let _ = writeln!(out, "`corkboard card restore CARD --version N` brings what stands under AFTER back.");
    out
}

pub(super) fn restore(session: &Session, args: &RestoreArgs) -> Result<(), CliError> {
    let (id, wanted) = (find::card(session, &args.id)?, args.version);
    let (versions, body) =
        session.wait(session.engine.store().run(move |db| Ok((db.history(id, REACH)?, db.body(id)?))))?;
    let version = versions.into_iter().find(|v| v.seq == wanted).ok_or_else(|| {
        CliError::failed(format!("the card has no version {wanted}"))
            .help("`corkboard card history` lists them")
    })?;
    let command = command(session, id, &version, body)?;
    let words = match session.wait(session.engine.carry_out_as(VersionKind::Restore, command))?[..] {
        [] => format!("{} is so already", version.what.as_str()),
        _ => format!("{} brought back from version {wanted}", version.what.as_str()),
    };
    after(session, id, &words, args.json)
}

/// What makes the card's field what it was after the version.
fn command(session: &Session, card: CardId, version: &Version, body: String) -> Result<Command, CliError> {
    let What::Field(field) = version.what else {
        let what = version.what.as_str();
        return Err(CliError::usage(format!("version {} ({what}) has no value to bring back", version.seq)));
    };
    let board = session.wait(session.engine.board())?;
    let now = board.card(card).ok_or_else(|| find::gone(&card.short()))?;
    let text = version.after.clone();
    Ok(match (field, text) {
        (Field::Title, Value::Text(title)) => Command::Retitle { card, title },
        (Field::Body, Value::Text(after)) => Command::Rewrite { card, before: body, after },
        (Field::Body, Value::None) => Command::Rewrite { card, before: body, after: String::new() },
        (Field::Status, Value::Text(status)) => {
            Command::Move { card, to: Status::new(status), place: Place::Top }
        }
        (Field::Milestone, Value::Text(title)) => Command::SetMilestone { card, milestone: Some(title) },
        (Field::Milestone, Value::None) => Command::SetMilestone { card, milestone: None },
        (Field::Extra(field), value) => Command::SetField { card, field, value },
        (Field::Labels, Value::Set(set)) => {
            Command::Label { card, delta: SetDelta::between(&now.labels, &set) }
        }
        (Field::Assignees, Value::Set(set)) => {
            Command::Assign { card, delta: SetDelta::between(&now.assignees, &set) }
        }
        _ => return Err(CliError::failed("that version holds no value for its field")),
    })
}
