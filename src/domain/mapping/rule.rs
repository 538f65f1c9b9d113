//! Field rules: what becomes of a card's field on its way to a platform's own field, and on its way back.
//!
//! A rule is a chain of steps from the card to the platform; a rule that goes both ways has a way back for each step.
//! Pure: what a rule sees is a value and a [`Facts`] of the card. Whatever people write into a rule, running it ends in
//! bounded time and memory, and what does not fit is said ([`Unfit`]), never made up.
//!
//! What a platform has stands for a card's value when the card's value is written as it, or when it is read as the
//! card's value ([`FieldRule::settled`]). A value that stands for the card's is neither written over nor read in, so
//! values that mean the same on one side never chase each other, over however many platforms.

mod check;
mod classes;
mod moment;
mod number;
mod op;
mod pattern;
mod sandbox;
mod text;
mod written;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::check::{Flaw, Flaws, Place, clashes};
use self::op::{Flow, Op, is_empty};
pub use self::written::{
    Case, ELLIPSIS, FieldKind, Otherwise, Replacement, RuleDirection, Step, WrittenRule,
};
use super::super::fields::{FieldName, SetDelta, Value, canonical_body};

/// Longest value a rule takes or makes, in bytes: a body's length in the widest letters.
const VALUE_MAX: usize = 256 << 10;

/// The fields every card has that a rule may name.
pub const CARD_FIELDS: [&str; 5] = ["title", "body", "labels", "assignees", "milestone"];
/// Further fields that have a meaning of their own; a team may name others.
pub const FURTHER_FIELDS: [&str; 5] = ["priority", "estimate", "due", "parent", "spent"];
/// What a template sees of a card besides its fields.
pub const CARD_FACTS: [&str; 4] = ["status", "key", "url", "urls"];
/// Words that are no field of their own: they mean something else in a rule.
const RESERVED: [&str; 8] = ["status", "key", "url", "urls", "value", "card", "connection", "id"];

/// Whether a rule can be about a card's field of this name.
pub fn is_field_name(name: &str) -> bool {
    CARD_FIELDS.contains(&name) || FieldName::is_valid(name)
}

/// What a rule sees of a card.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    /// All its fields by name; one that is missing is empty.
    pub fields: BTreeMap<String, Value>,
    /// What people call the card: `core#12`.
    pub key: &'a str,
    /// Where its whole text can be read: what `truncate` with `link` points to.
    pub url: &'a str,
    /// Its address on every platform that has it.
    pub urls: Vec<&'a str>,
    /// The connection it is written to.
    pub connection: &'a str,
}

impl Facts<'_> {
    /// A field's value.
    pub fn value(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::None)
    }

    /// The same with another value in a field.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.fields.insert(field.to_owned(), value);
        self
    }
}

/// Why a value cannot be carried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unfit {
    /// The step that could not, from one; 0: the value itself.
    pub step: usize,
    /// Why, in words for a person, without a full stop.
    pub why: String,
}

/// Whether a value comes back as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoundTrip {
    /// It does.
    Yes,
    /// It does not.
    No {
        /// What is written.
        there: Value,
        /// What that is read as.
        back: Value,
        /// Whether it stays at that: what came back comes back as itself.
        settles: bool,
    },
    /// It cannot be said: the value cannot be carried, or the rule goes one way.
    Unsure(String),
}

/// The value after one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutcome {
    /// The step, from one; 0: what went in.
    pub step: usize,
    /// What the step does.
    pub what: String,
    /// The value, or why there is none; then it is the last.
    pub value: Result<Value, String>,
}

/// A rule that was checked and is ready to run. Two are equal when they are written alike.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "WrittenRule", into = "WrittenRule")]
pub struct FieldRule {
    written: Arc<WrittenRule>,
    /// Each step ready to run, with what goes into it.
    ops: Arc<[(Op, Flow)]>,
}

impl PartialEq for FieldRule {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

/// Its numbers are finite: that was checked.
impl Eq for FieldRule {}

impl fmt::Debug for FieldRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FieldRule").field(&self.written).finish()
    }
}

impl TryFrom<WrittenRule> for FieldRule {
    type Error = Flaws;
    fn try_from(written: WrittenRule) -> Result<Self, Flaws> {
        Self::new(written)
    }
}

impl From<FieldRule> for WrittenRule {
    fn from(rule: FieldRule) -> Self {
        Self::clone(&rule.written)
    }
}

impl fmt::Display for FieldRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = match self.written.direction {
            RuleDirection::Both => "<->",
            RuleDirection::Push => "->",
            RuleDirection::Pull => "<-",
        };
        write!(f, "{} {arrow} \"{}\"", self.written.source, self.written.target)
    }
}

impl FieldRule {
    /// Checks a rule and makes it ready.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn new(written: WrittenRule) -> Result<Self, Flaws> {
        check::ready(written)
    }

    /// The rule as written.
    pub fn written(&self) -> &WrittenRule {
        &self.written
    }

    /// The card's field by name.
    pub fn source(&self) -> &str {
        &self.written.source
    }

    /// The platform's field by its own name.
    pub fn target(&self) -> &str {
        &self.written.target
    }

    /// What the card's side holds.
    pub fn kind(&self) -> FieldKind {
        self.written.kind
    }

    /// Which way the field goes.
    pub fn direction(&self) -> RuleDirection {
        self.written.direction
    }

    /// Whether a card must have a value to be sent.
    pub fn required(&self) -> bool {
        self.written.required
    }

    /// The transforms from the card to the platform.
    pub fn steps(&self) -> &[Step] {
        &self.written.transform
    }

    /// The names after `card.` in its templates and expressions.
    pub fn card_names(&self) -> Vec<(usize, String)> {
        let named = |(at, (op, _)): (usize, &(Op, Flow))| {
            op.card_names().into_iter().map(|name| (at, name.to_owned())).collect::<Vec<_>>()
        };
        self.ops.iter().enumerate().flat_map(named).collect()
    }

    /// Whether every step has a way back that loses nothing.
    ///
    /// # Errors
    /// Names the step that has none.
    pub fn reversible(&self) -> Result<(), String> {
        for ((op, _), step) in self.ops.iter().zip(self.steps()) {
            if let Some(why) = step.one_way().map(str::to_owned).or_else(|| op.loses()) {
                return Err(why);
            }
        }
        Ok(())
    }

    /// The platform's value for a card's; what is empty, of whatever type, is [`Value::None`].
    ///
    /// # Errors
    /// The value does not fit the rule; or there is none, and the rule requires one.
    pub fn write(&self, card: &Facts<'_>) -> Result<Value, Unfit> {
        let value = self.forth(card, |_, _| {})?;
        if self.required() && is_empty(&value) {
            let why =
                format!("`{}` is needed for \"{}\", and the card has none", self.source(), self.target());
            return Err(Unfit { step: 0, why });
        }
        Ok(value)
    }

    /// The card's value for a platform's; what is empty, of whatever type, is [`Value::None`].
    ///
    /// # Errors
    /// The value does not fit the rule, or the rule has no way back.
    pub fn read(&self, there: &Value) -> Result<Value, Unfit> {
        self.back(there, |_, _| {})
    }

    /// The card's value beside what the platform has: its own while that stands for it, else what is read.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_beside(&self, card: &Facts<'_>, there: &Value) -> Result<Value, Unfit> {
        if self.settled(card, there) { Ok(card.value(self.source()).clone()) } else { self.read(there) }
    }

    /// Whether what the platform has already stands for the card's value, so that nothing is written.
    pub fn settled(&self, card: &Facts<'_>, there: &Value) -> bool {
        if self.write(card).is_ok_and(|value| self.alike(&value, there)) {
            return true;
        }
        let own = self.fit(card.value(self.source()));
        self.reversible().is_ok()
            && own.is_ok_and(|own| self.read(there).is_ok_and(|read| self.alike(&read, &own)))
    }

    /// Whether a card's value comes back as it was.
    pub fn round_trips(&self, card: &Facts<'_>) -> RoundTrip {
        if let Err(why) = self.reversible() {
            return RoundTrip::Unsure(why);
        }
        let (own, there) = match (self.fit(card.value(self.source())), self.write(card)) {
            (Ok(own), Ok(there)) => (own, there),
            (Err(unfit), _) | (_, Err(unfit)) => return RoundTrip::Unsure(unfit.why),
        };
        let back = match self.read(&there) {
            Ok(back) => back,
            Err(unfit) => return RoundTrip::Unsure(unfit.why),
        };
        if self.alike(&own, &back) {
            return RoundTrip::Yes;
        }
        let again = self.write(&card.clone().with(self.source(), back.clone()));
        let again = again.and_then(|again| self.read(&again));
        let settles = again.is_ok_and(|again| self.alike(&again, &back));
        RoundTrip::No { there, back, settles }
    }

    /// The value after each step on its way to the platform.
    pub fn trace(&self, card: &Facts<'_>) -> Vec<StepOutcome> {
        let mut out = Vec::new();
        let end = self.forth(card, |step, value| out.push(self.outcome(step, Ok(value.clone()))));
        if let Err(unfit) = end {
            out.push(self.outcome(unfit.step, Err(unfit.why)));
        }
        out
    }

    /// The value after each step on its way from the platform, the last step first.
    pub fn trace_back(&self, there: &Value) -> Vec<StepOutcome> {
        let mut out = vec![StepOutcome { step: 0, what: "there".to_owned(), value: Ok(there.clone()) }];
        let end = self.back(there, |step, value| out.push(self.outcome(step, Ok(value.clone()))));
        if let Err(unfit) = end {
            out.push(self.outcome(unfit.step, Err(unfit.why)));
        }
        out
    }

    fn outcome(&self, step: usize, value: Result<Value, String>) -> StepOutcome {
        let named = step.checked_sub(1).and_then(|at| self.steps().get(at)).map(ToString::to_string);
        StepOutcome { step, what: named.unwrap_or_else(|| format!("card's {}", self.source())), value }
    }

    fn forth(&self, card: &Facts<'_>, mut told: impl FnMut(usize, &Value)) -> Result<Value, Unfit> {
        let mut value = self.fit(card.value(self.source()))?;
        told(0, &value);
        for (at, ((op, flow), step)) in self.ops.iter().zip(self.steps()).enumerate() {
            value = op.forth(step, value, *flow, card).map_err(|why| Unfit { step: at + 1, why })?;
            told(at + 1, &value);
        }
        Ok(if is_empty(&value) { Value::None } else { value })
    }

    fn back(&self, there: &Value, mut told: impl FnMut(usize, &Value)) -> Result<Value, Unfit> {
        let mut value = op::bounded(there.clone()).map_err(|why| Unfit { step: 0, why })?;
        for (at, ((op, flow), step)) in self.ops.iter().zip(self.steps()).enumerate().rev() {
            value = op.back(step, value, *flow).map_err(|why| Unfit { step: at + 1, why })?;
            told(at + 1, &value);
        }
        let value = self.fit(&value)?;
        if self.source() == "title" && is_empty(&value) {
            return Err(Unfit {
                step: 0,
                why: "a card needs a title, and this would leave it none".to_owned(),
            });
        }
        told(0, &value);
        Ok(value)
    }

    /// A value as the card holds it, in its one form.
    fn fit(&self, value: &Value) -> Result<Value, Unfit> {
        let unfit = |why: String| Unfit { step: 0, why };
        let value = op::bounded(value.clone()).map_err(unfit)?;
        if is_empty(&value) {
            return Ok(Value::None);
        }
        match (self.kind(), value) {
            (FieldKind::List, value @ Value::Set(_))
            | (FieldKind::Text | FieldKind::Option, value @ Value::Text(_)) => Ok(value),
            (FieldKind::Number, Value::Text(text)) => {
                number::canonical(&text).map(Value::Text).map_err(unfit)
            }
            (FieldKind::Date, Value::Text(text)) => moment::canonical(&text).map(Value::Text).map_err(unfit),
            (kind, Value::Set(_)) => {
                Err(unfit(format!("it is a list, and the rule says `{}`", kind.as_str())))
            }
            (_, value) => Err(unfit(format!("\"{value}\" is no list, and the rule says `list`"))),
        }
    }

    /// Whether two values are the same to people: line ends, letter case within lists and `3.0` for `3` are no
    /// difference.
    fn alike(&self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            _ if is_empty(a) || is_empty(b) => is_empty(a) && is_empty(b),
            (Value::Set(a), Value::Set(b)) => SetDelta::between(a, b).is_empty(),
            (Value::Text(a), Value::Text(b)) if a == b => true,
            (Value::Text(a), Value::Text(b)) => match (number::canonical(a), number::canonical(b)) {
                (Ok(a), Ok(b)) if self.makes_number() => a == b,
                _ => canonical_body(a) == canonical_body(b),
            },
            _ => false,
        }
    }

    /// Whether numbers are what it is about.
    fn makes_number(&self) -> bool {
        let scaled = |step: &Step| matches!(step, Step::Scale { .. });
        self.kind() == FieldKind::Number || self.steps().iter().any(scaled)
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
