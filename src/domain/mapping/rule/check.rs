//! What can be wrong with a rule, found before it runs: each by itself, and some beside each other.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::op::{Flow, Op};
use super::written::{FieldKind, Step, WrittenRule};
use super::{CARD_FIELDS, Facts, FieldRule, RESERVED, RoundTrip, is_field_name};
use crate::domain::fields::Value;
use crate::support::text;

/// Most steps of a chain.
const STEPS_MAX: usize = 16;
/// Longest name of a platform's field, in characters.
const TARGET_MAX: usize = 200;

/// The part of a rule that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The rule as a whole.
    Rule,
    /// The card's field.
    Source,
    /// The platform's field.
    Target,
    /// The `type`.
    Kind,
    /// The direction.
    Direction,
    /// A step, from zero.
    Step(usize),
}

/// Something that keeps a rule from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub place: Place,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Flaw {
    fn new(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: help.into() }
    }
}

/// Everything that is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaws(pub Vec<Flaw>);

impl fmt::Display for Flaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|flaw| flaw.message.as_str()).collect();
        f.write_str(&words.join("; "))
    }
}

impl std::error::Error for Flaws {}

/// Checks a rule and makes it ready.
pub(super) fn ready(written: WrittenRule) -> Result<FieldRule, Flaws> {
    let mut flaws = Vec::new();
    names(&written, &mut flaws);
    let ops = chain(&written, &mut flaws);
    if !flaws.is_empty() {
        return Err(Flaws(flaws));
    }
    let rule = FieldRule { written: Arc::new(written), ops: ops.into() };
    ways(&rule, &mut flaws);
    if flaws.is_empty() { Ok(rule) } else { Err(Flaws(flaws)) }
}

fn names(written: &WrittenRule, flaws: &mut Vec<Flaw>) {
    let source = written.source.as_str();
    let shown = text::clip(&text::one_line(source), 60);
    if source == "status" {
        let help = "take the rule out: [connection.status_mapping] says what each status is there";
        flaws.push(Flaw::new(Place::Source, "the status is mapped by itself", help));
    } else if RESERVED.contains(&source) {
        let message = format!("`{shown}` is no field that could be written");
        flaws.push(Flaw::new(Place::Source, message, "name a field of the card"));
    } else if !is_field_name(source) {
        let message = format!("`{shown}` cannot be a field of a card");
        let help = "use lower-case letters, digits and `_`, at most 32, a letter first";
        flaws.push(Flaw::new(Place::Source, message, help));
    } else if CARD_FIELDS.contains(&source) {
        let list = matches!(source, "labels" | "assignees");
        let fits = if list {
            written.kind == FieldKind::List
        } else {
            matches!(written.kind, FieldKind::Text | FieldKind::Option)
        };
        if !fits {
            let what = if list { "a list" } else { "a text" };
            let help = if list { "write `type = \"list\"`" } else { "write `type = \"text\"`" };
            let message = format!("`{source}` is {what}, not `{}`", written.kind.as_str());
            flaws.push(Flaw::new(Place::Kind, message, help));
        }
    }
    let target = written.target.as_str();
    if let Some((message, help)) = misplaced(target) {
        flaws.push(Flaw::new(Place::Target, message, help));
    }
    if target.trim().is_empty() || target.chars().count() > TARGET_MAX || target.chars().any(text::is_unsafe)
    {
        let message = "this cannot be the name of a platform's field";
        flaws.push(Flaw::new(
            Place::Target,
            message,
            "write the name as the platform shows it, such as \"Priority\"",
        ));
    }
}

/// Why a rule cannot be about the platform's labels or people: they are called otherwise one by one.
fn misplaced(target: &str) -> Option<(String, String)> {
    let table = match target {
        "labels" => "[connection.labels]",
        "assignees" => "[connection.people]",
        _ => return None,
    };
    let message = format!("no rule can be about the platform's `{target}`");
    Some((message, format!("{table} says what each is called there")))
}

/// The steps made ready, with what goes into each.
fn chain(written: &WrittenRule, flaws: &mut Vec<Flaw>) -> Vec<(Op, Flow)> {
    if written.transform.len() > STEPS_MAX {
        let message = format!("a chain has at most {STEPS_MAX} steps");
        flaws.push(Flaw::new(Place::Step(STEPS_MAX), message, "let one step do the work of several"));
        return Vec::new();
    }
    let (mut ops, mut flow) = (Vec::new(), Flow::of(written.kind));
    for (at, step) in written.transform.iter().enumerate() {
        match Op::new(step) {
            Ok(op) => ops.push((op, flow)),
            Err(why) => flaws.push(Flaw::new(Place::Step(at), why, help_for(step))),
        }
        match flow.through(step) {
            Ok(next) => flow = next,
            Err(why) => {
                flaws.push(Flaw::new(
                    Place::Step(at),
                    why,
                    "put the steps into another order, or say another `type`",
                ));
                flow = Flow::Any;
            }
        }
    }
    ops
}

fn help_for(step: &Step) -> &'static str {
    match step {
        Step::Map { .. } => {
            "each value stands once on its side: `map = { high = [\"Highest\", \"High\"], low = \"Low\" }`"
        }
        Step::Case { .. } => "write `case = \"lower\"`, `\"upper\"` or `\"title\"`",
        Step::Replace { .. } => {
            "write `replace = { regex = \"..\", with = \"..\" }`; `$1` is the first group"
        }
        Step::Scale { .. } => {
            "write `scale = { factor = 60 }`, with `offset` and `round` where they are needed"
        }
        Step::Date { .. } => "write a pattern such as \"%d.%m.%Y\", or `epoch_ms`, `epoch_s`, `rfc3339`",
        Step::Truncate { .. } => "write `truncate = 255`",
        Step::Template { .. } => "write a text such as \"{{ card.title }} ({{ card.key }})\"",
        Step::Expression { .. } => "write an expression such as \"'yes' if 'bug' in card.labels else 'no'\"",
        _ => "write the text in double quotes",
    }
}

/// Both ways: each there must be, and they must not chase each other.
fn ways(rule: &FieldRule, flaws: &mut Vec<Flaw>) {
    if !rule.direction().pulls() {
        return;
    }
    for (at, ((op, _), step)) in rule.ops.iter().zip(rule.steps()).enumerate() {
        let Some(why) = step.one_way().map(str::to_owned).or_else(|| op.loses()) else { continue };
        let (message, help) = if rule.direction().pushes() {
            (
                format!("the rule goes both ways, and {why}"),
                "add a `back` where there can be one, or write `direction = \"push\"`",
            )
        } else {
            (
                format!("the rule reads from the platform, and {why}"),
                "add a `back`: it is the way from the platform to the card",
            )
        };
        flaws.push(Flaw::new(Place::Step(at), message, help));
    }
    if flaws.is_empty() && rule.direction().pushes() {
        flaws.extend(tried_out(rule));
    }
}

/// The first sample that shows that the two ways do not fit each other.
fn tried_out(rule: &FieldRule) -> Option<Flaw> {
    let place = rule.steps().len().checked_sub(1).map_or(Place::Rule, Place::Step);
    for (value, named) in rule.samples_named() {
        let facts = rule.sample_facts(value.clone());
        if let RoundTrip::No { there, back, settles } = rule.round_trips(&facts)
            && (named || !settles)
        {
            let message = format!("\"{value}\" is written as \"{there}\", and that is read as \"{back}\"");
            let help = if named {
                "the steps after the map make its values one: let each stay apart from the others"
            } else {
                "the two ways do not fit each other: change a `back`, or write `direction = \"push\"`"
            };
            return Some(Flaw::new(place, message, help));
        }
    }
    None
}

impl FieldRule {
    /// Values to try the rule with: some of its type, and those its first map names.
    pub fn samples(&self) -> Vec<Value> {
        self.samples_named().into_iter().map(|(value, _)| value).collect()
    }

    /// The same, each with whether the rule names it itself.
    fn samples_named(&self) -> Vec<(Value, bool)> {
        let one = |word: &str| match self.kind() {
            FieldKind::List => Value::Set(BTreeSet::from([word.to_owned()])),
            _ => Value::Text(word.to_owned()),
        };
        let mut out: Vec<(Value, bool)> = match self.ops.first() {
            Some((Op::Map(classes), _)) => classes.cards().map(|card| (one(card), true)).collect(),
            _ => Vec::new(),
        };
        let words: &[&str] = match self.kind() {
            FieldKind::Text => &["Fix the login", "docs: ÄÖ ß 😀, and more", "a", "first line\nsecond line"],
            FieldKind::Option => &["high", "Done", "wont_fix"],
            FieldKind::Number => &["1", "3", "8", "0.5", "120", "-2"],
            FieldKind::Date => &["2026-11-21", "2024-02-29", "1999-12-31"],
            FieldKind::List => &["bug", "help wanted", "area: ui"],
        };
        out.extend(words.iter().map(|word| (one(word), false)));
        if self.kind() == FieldKind::List {
            let both = ["bug", "ui"].map(str::to_owned).into();
            out.push((Value::Set(both), false));
        }
        out
    }

    /// A card that is made up, with `value` in the rule's field.
    pub fn sample_facts(&self, value: Value) -> Facts<'static> {
        let words = [
            ("title", "Fix the login"),
            ("body", "It asks twice."),
            ("status", "in_progress"),
            ("milestone", "v1.2"),
        ];
        let mut facts = Facts {
            key: "core#12",
            url: "https://tracker.example/12",
            urls: vec!["https://tracker.example/12"],
            connection: "core",
            ..Facts::default()
        };
        for (name, word) in words {
            facts = facts.with(name, Value::Text(word.to_owned()));
        }
        facts
            .with("labels", Value::Set(["bug", "ui"].map(str::to_owned).into()))
            .with("assignees", Value::Set(["ana"].map(str::to_owned).into()))
            .with(self.source(), value)
    }
}

/// Rules of one connection that get in each other's way, each with the later of the two.
pub fn clashes(rules: &[FieldRule]) -> Vec<(usize, Flaw)> {
    let mut out = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let before = &rules[..at];
        if before.iter().any(|other| other.target().to_lowercase() == rule.target().to_lowercase()) {
            let message = format!("there is already a rule for \"{}\"", rule.target());
            out.push((at, Flaw::new(Place::Target, message, "one rule for each field of the platform")));
        }
        let reads = |r: &FieldRule| r.direction().pulls();
        if let Some(other) = before.iter().find(|o| reads(o) && reads(rule) && o.source() == rule.source()) {
            let message = format!("`{}` is already read from \"{}\"", rule.source(), other.target());
            out.push((
                at,
                Flaw::new(Place::Source, message, "write `direction = \"push\"` in one of the two rules"),
            ));
        }
    }
    out
}
