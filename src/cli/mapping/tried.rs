//! `mapping try`: what the field rules make of one card, there and back; as data, and in words. Reads the database and
//! asks no platform.

use std::fmt::Write as _;

use serde::Serialize;

use super::chosen;
use crate::cli::args::{Args, MappingTryArgs};
use crate::cli::card::find;
use crate::cli::error::CliError;
use crate::cli::log::cleaned;
use crate::cli::session::Session;
use crate::cli::{Ended, output};
use crate::config::ConnectionSettings;
use crate::domain::fields::Value;
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::{RoundTrip, StepOutcome};
use crate::engine::mapping::{Next, RuleCard, Trial, shown};
use crate::sync::reconcile::Side;

/// Everything that was found, as scripts read it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
struct TriedJson {
    /// Every value can be carried.
    ok: bool,
    id: String,
    key: String,
    title: String,
    connections: Vec<ConnectionJson>,
}

#[derive(Debug, Serialize)]
struct ConnectionJson {
    name: String,
    platform: &'static str,
    place: String,
    linked: bool,
    /// When the item last changed there, as last seen; null: none is known.
    seen: Option<String>,
    fields: Vec<FieldJson>,
}

#[derive(Debug, Serialize)]
struct FieldJson {
    source: String,
    target: String,
    direction: &'static str,
    value: Value,
    /// The card's value, then the value after each step.
    steps: Vec<StepJson>,
    /// What stands there as last seen, as the platform has it; null: it has not been read, or there is none yet.
    there: Option<Value>,
    /// What stands there, then what it is after each step back.
    steps_back: Vec<StepJson>,
    settled: Option<bool>,
    /// `nothing`, `send`, `take`, `create`, `conflict`, `left`, `unread` or `unfit`.
    next: &'static str,
    /// What is sent or taken.
    next_value: Option<Value>,
    /// Who wins a conflict: `local`, `remote`; null: a person decides.
    winner: Option<&'static str>,
    round_trips: Option<bool>,
    /// What comes back where it is another value, and whether it stays at that.
    comes_back_as: Option<Value>,
    comes_to_rest: Option<bool>,
    /// Why it cannot be said whether the value comes back.
    unsure: Option<String>,
    unfit: Vec<UnfitJson>,
    #[serde(skip)]
    told: String,
}

#[derive(Debug, Serialize)]
struct StepJson {
    step: usize,
    what: String,
    value: Option<Value>,
    why: Option<String>,
}

#[derive(Debug, Serialize)]
struct UnfitJson {
    /// The step that could not, from one; 0: the value itself.
    step: usize,
    why: String,
}

pub(super) fn run(try_it: &MappingTryArgs, args: &Args) -> Result<Ended, CliError> {
    let session = Session::open_as_is(args)?;
    let found = tried(&session, try_it);
    session.close();
    let found = found?;
    if try_it.json {
        output::print_json(&found)?;
    } else {
        output::print(&found.text())?;
    }
    Ok(if found.ok { Ended::Well } else { Ended::Failed })
}

fn tried(session: &Session, try_it: &MappingTryArgs) -> Result<TriedJson, CliError> {
    let settings = session.settings();
    let named = chosen(&settings, try_it.connection.as_deref())?;
    let id = find::card(session, &try_it.card)?;
    let gone = || find::gone(&try_it.card);
    let card = session.wait(session.engine.card(id))?.ok_or_else(gone)?;
    let mut connections = Vec::new();
    for connection in named {
        if try_it.connection.is_none() && card.link_on(connection.name.as_str()).is_none() {
            continue;
        }
        let read = session.wait(session.engine.rule_cards(connection.name.clone(), vec![id]))?;
        connections.push(on(connection, &read.into_iter().next().ok_or_else(gone)?));
    }
    let ok = connections.iter().flat_map(|c| &c.fields).all(|f| f.unfit.is_empty());
    Ok(TriedJson { ok, id: id.to_string(), key: card.key(), title: card.title, connections })
}

fn on(connection: &ConnectionSettings, card: &RuleCard) -> ConnectionJson {
    let judged = card.judged(connection, &connection.mapping);
    let rules = connection.mapping.rules().as_slice();
    ConnectionJson {
        name: connection.name.to_string(),
        platform: connection.platform.as_str(),
        place: connection.repository.clone(),
        linked: card.linked,
        seen: card.remote.as_ref().map(|item| item.updated_at.to_rfc3339()),
        fields: rules.iter().map(|rule| field(rule, judged.trial(rule))).collect(),
    }
}

fn field(rule: &FieldRule, trial: Trial) -> FieldJson {
    let told = in_words(&trial);
    let (next, next_value, winner) = match trial.next {
        Next::Nothing => ("nothing", None, None),
        Next::Send(value) => ("send", Some(value), None),
        Next::Take(value) => ("take", Some(value), None),
        Next::Create(value) => ("create", Some(value), None),
        Next::Conflict(winner) => ("conflict", None, winner.map(side)),
        Next::Left => ("left", None, None),
        Next::Unread => ("unread", None, None),
        Next::Unfit => ("unfit", None, None),
    };
    let (round_trips, comes_back_as, comes_to_rest, unsure) = match trial.round_trip {
        RoundTrip::Yes => (Some(true), None, None, None),
        RoundTrip::No { back, settles, .. } => (Some(false), Some(back), Some(settles), None),
        RoundTrip::Unsure(why) => (None, None, None, Some(why)),
    };
    FieldJson {
        source: rule.source().to_owned(),
        target: rule.target().to_owned(),
        direction: rule.direction().as_str(),
        value: trial.value,
        steps: trial.forth.into_iter().map(StepJson::from).collect(),
        there: trial.there,
        steps_back: trial.back.into_iter().map(StepJson::from).collect(),
        settled: trial.settled,
        next,
        next_value,
        winner,
        round_trips,
        comes_back_as,
        comes_to_rest,
        unsure,
        unfit: trial.unfit.into_iter().map(|u| UnfitJson { step: u.step, why: u.why }).collect(),
        told: format!("{rule}\n{told}"),
    }
}

impl From<StepOutcome> for StepJson {
    fn from(outcome: StepOutcome) -> Self {
        let StepOutcome { step, what, value } = outcome;
        let (value, why) = match value {
            Ok(value) => (Some(value), None),
            Err(why) => (None, Some(why)),
        };
        Self { step, what, value, why }
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Local => "local",
        Side::Remote => "remote",
    }
}

/// A trial in lines.
fn in_words(trial: &Trial) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "  card   {}", shown(&trial.value));
    steps(&mut out, &trial.forth);
    match &trial.there {
        None => out.push_str("  there  not known: it has not been read\n"),
        Some(there) => {
            let _ = writeln!(out, "  there  {}", shown(there));
        }
    }
    steps(&mut out, trial.back.get(1..).unwrap_or_default());
    if !trial.back.is_empty()
        && let Some(Ok(read)) = trial.back.last().map(|last| &last.value)
    {
        let _ = writeln!(out, "  read   {}", shown(read));
    }
    let _ = match &trial.round_trip {
        RoundTrip::Yes => writeln!(out, "  what is written comes back as it was"),
        RoundTrip::No { there, back, settles } => {
            let rest = if *settles { "and stays at that" } else { "and would change each time" };
            writeln!(out, "  {} comes back as {}, {rest}", shown(there), shown(back))
        }
        RoundTrip::Unsure(why) => writeln!(out, "  it does not come back: {why}"),
    };
    for unfit in &trial.unfit {
        let at = if unfit.step == 0 { String::new() } else { format!("step {}: ", unfit.step) };
        let _ = writeln!(out, "  DOES NOT FIT  {at}{}", unfit.why);
    }
    let _ = writeln!(out, "  next   {}", trial.next.words());
    out
}

fn steps(out: &mut String, steps: &[StepOutcome]) {
    for outcome in steps.iter().filter(|outcome| outcome.step > 0) {
        let value = match &outcome.value {
            Ok(value) => shown(value),
            Err(why) => format!("cannot: {why}"),
        };
        let _ = writeln!(out, "    {}. {}  {value}", outcome.step, outcome.what);
    }
}

impl TriedJson {
    /// The findings for a person.
    fn text(&self) -> String {
        let mut out = format!("{}  {}\n", cleaned(&self.key), cleaned(&self.title));
        if self.connections.is_empty() {
            out.push_str("It is linked to no connection: `--connection NAME` tries the rules of one.\n");
        }
        for connection in &self.connections {
            let state = match (connection.linked, &connection.seen) {
                (false, _) => "not linked".to_owned(),
                (true, None) => "not made there yet".to_owned(),
                (true, Some(seen)) => format!("as of {seen}"),
            };
            let (name, place) = (&connection.name, cleaned(&connection.place));
            let _ = writeln!(out, "\n{name} ({} {place}), {state}", connection.platform);
            if connection.fields.is_empty() {
                out.push_str("  It has no field rules.\n");
            }
            for line in connection.fields.iter().flat_map(|field| field.told.lines()) {
                let _ = writeln!(out, "  {}", kept(line));
            }
        }
        out
    }
}

/// A line made harmless, its indent kept.
fn kept(line: &str) -> String {
    let text = line.trim_start();
    format!("{}{}", &line[..line.len() - text.len()], cleaned(text))
}
