//! One step ready to run, both ways.

use std::collections::BTreeSet;

use super::classes::Classes;
use super::moment::{self, Form};
use super::pattern::Pattern;
use super::sandbox::{Kind, Program};
use super::written::{FieldKind, Step};
use super::{Facts, VALUE_MAX, number, text};
use crate::domain::fields::Value;

/// Longest text that is put before, behind or between, in bytes.
const AROUND_MAX: usize = 1_000;

/// What goes from one step to the next, as far as that is known before there is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// A text of the card's own.
    Words,
    /// A text a step made.
    Text,
    /// A number.
    Number,
    /// A date.
    Date,
    /// A list.
    List,
    /// Whatever an expression gives.
    Any,
}

impl Flow {
    pub(super) fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text | FieldKind::Option => Self::Words,
            FieldKind::Number => Self::Number,
            FieldKind::Date => Self::Date,
            FieldKind::List => Self::List,
        }
    }

    /// What comes out of `step` when this goes in.
    pub(super) fn through(self, step: &Step) -> Result<Self, String> {
        let name = step.name();
        let made = if matches!(self, Self::List | Self::Any) { self } else { Self::Text };
        match (step, self) {
            (
                Step::Map { .. }
                | Step::Case { .. }
                | Step::Prefix(_)
                | Step::Suffix(_)
                | Step::Replace { .. },
                _,
            ) => Ok(made),
            (Step::Split(_), Self::List) => Err("a list cannot be split: `split` takes a text".to_owned()),
            (Step::Split(_), _) => Ok(Self::List),
            (Step::Join(_), Self::List | Self::Any) => Ok(Self::Text),
            (Step::Join(_), _) => Err("only a list can be joined: `join` takes a list".to_owned()),
            (Step::Scale { .. }, Self::Number | Self::Text | Self::Any) => Ok(Self::Number),
            (Step::Date { from, to }, Self::Date | Self::Text | Self::Any | Self::Number | Self::Words)
                if self == Self::Date || from.is_some() || matches!(self, Self::Text | Self::Any) =>
            {
                Ok(if matches!(to.as_str(), "epoch_ms" | "epoch_s") { Self::Number } else { Self::Text })
            }
            (Step::Scale { .. }, Self::Words) => {
                Err("`scale` takes a number: add `type = \"number\"`".to_owned())
            }
            (Step::Date { .. }, Self::Words) => Err("`date` takes a date: add `type = \"date\"`".to_owned()),
            (Step::Truncate { .. }, Self::List) | (Step::Scale { .. } | Step::Date { .. }, _) => {
                Err(format!("`{name}` does not take {}", self.words()))
            }
            (Step::Truncate { .. } | Step::Template { .. }, _) => Ok(Self::Text),
            (Step::Expression { .. }, _) => Ok(Self::Any),
            (Step::Default(value), Self::Number) => number::parse(value).map(|_| self),
            (Step::Default(_), _) => Ok(self),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Words | Self::Text => "a text",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::List => "a list",
            Self::Any => "whatever comes",
        }
    }
}

/// A step ready to run.
#[derive(Debug)]
pub(super) enum Op {
    Map(Classes),
    Replace {
        to: Pattern,
        back: Option<Pattern>,
    },
    Date {
        from: Form,
        to: Form,
    },
    Program {
        to: Program,
        back: Option<Program>,
    },
    /// Whatever needs no making ready.
    Plain,
}

impl Op {
    /// Makes a step ready.
    ///
    /// # Errors
    /// The step cannot do what it says: why, in a sentence without a full stop.
    pub(super) fn new(step: &Step) -> Result<Self, String> {
        match step {
            Step::Map { classes, otherwise, back } => {
                Classes::new(classes, otherwise, back.as_ref()).map(Self::Map)
            }
            Step::Replace { to, back } => Ok(Self::Replace {
                to: Pattern::new(to)?,
                back: back.as_ref().map(Pattern::new).transpose().map_err(|e| format!("`back`: {e}"))?,
            }),
            Step::Date { from, to } => {
                Ok(Self::Date { from: from.as_deref().map_or(Ok(Form::Iso), Form::new)?, to: Form::new(to)? })
            }
            Step::Template { to, back } => Self::program(Kind::Template, to, back.as_deref()),
            Step::Expression { to, back } => Self::program(Kind::Expression, to, back.as_deref()),
            Step::Prefix(text)
            | Step::Suffix(text)
            | Step::Split(text)
            | Step::Join(text)
            | Step::Default(text)
                if text.is_empty() || text.len() > AROUND_MAX =>
            {
                Err(format!("`{}` takes a text of 1 to {AROUND_MAX} characters", step.name()))
            }
            Step::Case { to: super::written::Case::Keep, .. } => {
                Err("`case` is `lower`, `upper` or `title`; `keep` is for its `back`".to_owned())
            }
            Step::Scale { factor, offset, round, back } => {
                scale(*factor, *offset, [*round, *back]).map(|()| Self::Plain)
            }
            Step::Truncate { characters, ellipsis, .. } => {
                let least = ellipsis.chars().count() + 1;
                if (*characters as usize) < least {
                    return Err(format!("`truncate` keeps at least {least} characters, not {characters}"));
                }
                Ok(Self::Plain)
            }
            _ => Ok(Self::Plain),
        }
    }

    fn program(kind: Kind, to: &str, back: Option<&str>) -> Result<Self, String> {
        let to = Program::new(kind, to, false)?;
        let back = back.map(|source| Program::new(kind, source, true)).transpose();
        Ok(Self::Program { to, back: back.map_err(|e| format!("`back`: {e}"))? })
    }

    /// Names of the card's fields that the step looks at.
    pub(super) fn card_names(&self) -> Vec<&str> {
        match self {
            Self::Program { to, .. } => to.card_names().collect(),
            _ => Vec::new(),
        }
    }

    /// From the card to the platform; `flow` goes in.
    pub(super) fn forth(
        &self,
        step: &Step,
        value: Value,
        flow: Flow,
        card: &Facts<'_>,
    ) -> Result<Value, String> {
        let makes = matches!(step, Step::Default(_) | Step::Template { .. } | Step::Expression { .. });
        if is_empty(&value) && !makes {
            return Ok(value);
        }
        match (self, step) {
            (Self::Map(classes), _) => each(value, |text| classes.there(text)),
            (Self::Replace { to, .. }, _) => each(value, |text| to.apply(text)),
            (Self::Date { from, to }, _) => each(value, |text| to.write(from.read(text)?)),
            (Self::Program { to, .. }, _) => to.run(&value, flow == Flow::Number, Some(card)),
            (_, Step::Case { to, .. }) => each(value, |text| Ok(text::cased(text, *to))),
            (_, Step::Prefix(before)) => each(value, |text| Ok(format!("{before}{text}"))),
            (_, Step::Suffix(behind)) => each(value, |text| Ok(format!("{text}{behind}"))),
            (_, Step::Split(at)) => Ok(Value::Set(text::split(one_text(&value)?, text::mark(at)))),
            (_, Step::Join(with)) => text::join(&list(value), with).map(Value::Text),
            (_, Step::Scale { factor, offset, round, .. }) => {
                number::scale(one_text(&value)?, *factor, *offset, *round).map(Value::Text)
            }
            (_, Step::Truncate { characters, ellipsis, link, .. }) => {
                let link = link.then_some(card.url);
                text::truncate(one_text(&value)?, *characters as usize, ellipsis, link).map(Value::Text)
            }
            (_, Step::Default(other)) if is_empty(&value) => Ok(match flow {
                Flow::List => Value::Set(BTreeSet::from([other.clone()])),
                _ => Value::Text(other.clone()),
            }),
            _ => Ok(value),
        }
        .and_then(bounded)
    }

    /// From the platform to the card; `flow` comes out.
    pub(super) fn back(&self, step: &Step, value: Value, flow: Flow) -> Result<Value, String> {
        let makes = matches!(step, Step::Template { .. } | Step::Expression { .. });
        if let Some(why) = step.one_way() {
            return Err(why.to_owned());
        }
        if is_empty(&value) && !makes {
            return Ok(value);
        }
        match (self, step) {
            (Self::Map(classes), _) => each(value, |text| classes.here(text)),
            (Self::Replace { back: Some(back), .. }, _) => each(value, |text| back.apply(text)),
            (Self::Date { from, to }, _) => each(value, |text| from.write(to.read(text)?)),
            (Self::Program { back: Some(back), .. }, _) => back.run(&value, flow == Flow::Number, None),
            (_, Step::Case { back: Some(back), .. }) => each(value, |text| Ok(text::cased(text, *back))),
            // What somebody wrote there without it means the same: a title made on the platform, say.
            (_, Step::Prefix(before)) => {
                each(value, |text| Ok(text.strip_prefix(before.as_str()).unwrap_or(text).to_owned()))
            }
            (_, Step::Suffix(behind)) => {
                each(value, |text| Ok(text.strip_suffix(behind.as_str()).unwrap_or(text).to_owned()))
            }
            (_, Step::Split(at)) => text::join(&list(value), at).map(Value::Text),
            (_, Step::Join(with)) => Ok(Value::Set(text::split(one_text(&value)?, text::mark(with)))),
            (_, Step::Scale { factor, offset, back, .. }) => {
                number::unscale(one_text(&value)?, *factor, *offset, *back).map(Value::Text)
            }
            _ => Ok(value),
        }
        .and_then(bounded)
    }

    /// Why the step, which has a way back, loses something on it all the same.
    pub(super) fn loses(&self) -> Option<String> {
        match self {
            Self::Date { from, to } => {
                moment::loss(from, to).map(|why| format!("`date` loses something: {why}"))
            }
            _ => None,
        }
    }
}

fn scale(factor: f64, offset: f64, digits: [Option<u32>; 2]) -> Result<(), String> {
    if factor == 0.0 {
        return Err("a number times 0 is always 0: `factor` cannot be 0".to_owned());
    }
    if !factor.is_finite()
        || !offset.is_finite()
        || factor.abs() < 1e-9
        || factor.abs() > 1e12
        || offset.abs() > 1e15
    {
        return Err("`scale` takes numbers of a usual size".to_owned());
    }
    if digits.into_iter().flatten().any(|digits| digits > 9) {
        return Err("at most 9 digits behind the point are kept".to_owned());
    }
    Ok(())
}

/// Nothing, in any form.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::None => true,
        Value::Text(text) => text.is_empty(),
        Value::Set(names) => names.is_empty(),
    }
}

/// Does the same to a text and to every name of a list.
fn each(value: Value, change: impl Fn(&str) -> Result<String, String>) -> Result<Value, String> {
    match value {
        Value::None => Ok(Value::None),
        Value::Text(text) => change(&text).map(|t| if t.is_empty() { Value::None } else { Value::Text(t) }),
        Value::Set(names) => {
            let changed: BTreeSet<String> =
                names.iter().map(|name| change(name)).collect::<Result<_, _>>()?;
            Ok(Value::Set(changed.into_iter().filter(|name| !name.is_empty()).collect()))
        }
    }
}

fn one_text(value: &Value) -> Result<&str, String> {
    match value {
        Value::Text(text) => Ok(text),
        Value::None => Ok(""),
        Value::Set(_) => Err("a text is needed here, not a list".to_owned()),
    }
}

fn list(value: Value) -> BTreeSet<String> {
    match value {
        Value::Set(names) => names,
        Value::Text(text) => BTreeSet::from([text]),
        Value::None => BTreeSet::new(),
    }
}

/// The value, when it is not too long.
pub(super) fn bounded(value: Value) -> Result<Value, String> {
    let length = match &value {
        Value::None => 0,
        Value::Text(text) => text.len(),
        Value::Set(names) => names.iter().map(|name| name.len() + 1).sum(),
    };
    if length > VALUE_MAX { Err("the value is too long".to_owned()) } else { Ok(value) }
}
