//! What `mapping check` finds: as data, and in words.

use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::log::cleaned;
use crate::config::settings::Direction;
use crate::config::{ConnectionSettings, Settings};
use crate::domain::fields::Value;
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::RoundTrip;
use crate::engine::mapping::fits_connection;
use crate::support::text::clip;

/// Everything that was found, as scripts read it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Nothing is wrong.
    pub(super) ok: bool,
    connections: Vec<ConnectionJson>,
}

#[derive(Debug, Serialize)]
struct ConnectionJson {
    name: String,
    platform: &'static str,
    place: String,
    direction: Direction,
    statuses: Vec<StatusJson>,
    fields: Vec<FieldJson>,
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct StatusJson {
    status: String,
    title: String,
    /// What it is there, in words; none: a card in it keeps what it has there.
    there: Option<String>,
}

#[derive(Debug, Serialize)]
struct FieldJson {
    source: String,
    target: String,
    #[serde(rename = "type")]
    kind: &'static str,
    direction: &'static str,
    required: bool,
    steps: Vec<String>,
    reversible: bool,
    /// Why it is not.
    one_way: Option<String>,
    samples: Vec<SampleJson>,
}

#[derive(Debug, Serialize)]
struct SampleJson {
    value: Value,
    /// What is written; none when the value cannot be carried there.
    there: Option<Value>,
    /// What that is read as, where it is another value.
    back: Option<Value>,
    round_trips: Option<bool>,
    /// Why it cannot be carried.
    why: Option<String>,
}

/// A config that cannot be read.
#[derive(Debug, Serialize)]
pub(super) struct WrongJson {
    pub(super) ok: bool,
    pub(super) error: String,
    pub(super) mistakes: Vec<MistakeJson>,
}

#[derive(Debug, Serialize)]
pub(super) struct MistakeJson {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
    pub(super) help: String,
}

impl Report {
    pub(super) fn of(settings: &Settings, connections: &[&ConnectionSettings]) -> Self {
        let connections: Vec<ConnectionJson> = connections.iter().map(|c| connection(settings, c)).collect();
        Self { ok: connections.iter().all(|c| c.problems.is_empty()), connections }
    }

    /// The findings for a person.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        if self.connections.is_empty() {
            out.push_str("There is no connection: nothing is mapped.\n");
        }
        for (at, connection) in self.connections.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            connection.tell(&mut out);
        }
        out
    }
}

fn connection(settings: &Settings, connection: &ConnectionSettings) -> ConnectionJson {
    let statuses = settings.columns.iter().map(|column| StatusJson {
        status: column.status.to_string(),
        title: column.title.clone(),
        there: connection.mapping.target(&column.status).map(ToString::to_string),
    });
    let fields: Vec<FieldJson> = connection.mapping.rules().as_slice().iter().map(field).collect();
    let problems = connection
        .mapping
        .rules()
        .as_slice()
        .iter()
        .zip(&fields)
        .flat_map(|(rule, told)| problems(connection, rule, told));
    ConnectionJson {
        name: connection.name.to_string(),
        platform: connection.platform.as_str(),
        place: connection.repository.clone(),
        direction: connection.direction,
        statuses: statuses.collect(),
        problems: problems.collect(),
        fields,
    }
}

fn field(rule: &FieldRule) -> FieldJson {
    let reversible = rule.reversible();
    FieldJson {
        source: rule.source().to_owned(),
        target: rule.target().to_owned(),
        kind: rule.kind().as_str(),
        direction: rule.direction().as_str(),
        required: rule.required(),
        steps: rule.steps().iter().map(ToString::to_string).collect(),
        reversible: reversible.is_ok(),
        one_way: reversible.err(),
        samples: rule.samples().into_iter().map(|value| sample(rule, value)).collect(),
    }
}

fn sample(rule: &FieldRule, value: Value) -> SampleJson {
    let facts = rule.sample_facts(value.clone());
    let written = rule.write(&facts);
    let (round_trips, back) = match rule.round_trips(&facts) {
        RoundTrip::Yes => (Some(true), None),
        RoundTrip::No { back, .. } => (Some(false), Some(back)),
        RoundTrip::Unsure(_) => (None, None),
    };
    let why = written.as_ref().err().map(|unfit| unfit.why.clone());
    SampleJson { value, there: written.ok(), back, round_trips, why }
}

/// What keeps a rule from ever doing something.
fn problems(connection: &ConnectionSettings, rule: &FieldRule, told: &FieldJson) -> Vec<String> {
    let mut out = Vec::new();
    if let Err(why) = fits_connection(connection, rule) {
        out.push(format!("{rule}: {why}"));
    }
    if let (true, Some(first)) = (told.samples.iter().all(|s| s.there.is_none()), told.samples.first()) {
        let why = first.why.as_deref().unwrap_or("it gives nothing");
        out.push(format!("{rule}: no sample could be written: {why}"));
    }
    out
}

impl ConnectionJson {
    fn tell(&self, out: &mut String) {
        let way = match self.direction {
            Direction::Bidirectional => "both ways",
            Direction::Push => "sends only",
            Direction::Pull => "reads only",
        };
        let _ = writeln!(out, "{} ({} {}), {way}", self.name, self.platform, cleaned(&self.place));
        let width = self.statuses.iter().map(|s| s.status.chars().count()).max().unwrap_or_default();
        for status in &self.statuses {
            let there =
                status.there.as_deref().unwrap_or("not mapped: a card in it keeps the state it has there");
            let _ = writeln!(out, "  {:<width$}  {}", status.status, cleaned(there));
        }
        for field in &self.fields {
            field.tell(out);
        }
        for problem in &self.problems {
            let _ = writeln!(out, "  PROBLEM  {}", cleaned(problem));
        }
    }
}

impl FieldJson {
    fn tell(&self, out: &mut String) {
        let arrow = match self.direction {
            "push" => "->",
            "pull" => "<-",
            _ => "<->",
        };
        let mut about = vec![self.kind];
        if self.required {
            about.push("required");
        }
        about.push(if self.reversible { "both ways" } else { "one way" });
        let _ = writeln!(
            out,
            "  field {} {arrow} \"{}\" ({})",
            self.source,
            cleaned(&self.target),
            about.join(", ")
        );
        for (at, step) in self.steps.iter().enumerate() {
            let _ = writeln!(out, "    {}. {}", at + 1, cleaned(step));
        }
        if let Some(why) = &self.one_way {
            let _ = writeln!(out, "    one way: {}", cleaned(why));
        }
        for sample in &self.samples {
            let _ = writeln!(out, "    {}", cleaned(&sample.words()));
        }
    }
}

impl SampleJson {
    fn words(&self) -> String {
        let shown = |value: &Value| clip(&value.to_string(), 40);
        let value = shown(&self.value);
        match (&self.there, self.round_trips, &self.back) {
            (None, ..) => format!(
                "\"{value}\" cannot be written: {}",
                self.why.as_deref().unwrap_or("it gives nothing")
            ),
            (Some(there), Some(true), _) => format!("\"{value}\" = \"{}\", and comes back", shown(there)),
            (Some(there), _, Some(back)) => {
                format!("\"{value}\" = \"{}\", and would be read as \"{}\"", shown(there), shown(back))
            }
            (Some(there), ..) => format!("\"{value}\" becomes \"{}\"", shown(there)),
        }
    }
}
