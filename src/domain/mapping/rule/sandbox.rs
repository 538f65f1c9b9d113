//! Templates and expressions in a cage: they see values and nothing else, and neither time nor memory grows with what
//! somebody wrote.
//!
//! Fuel bounds the instructions. What an instruction may cost is bounded by what values there are: only card fields,
//! loop variables and what filters return can be named again, each is at most [`super::VALUE_MAX`] long, every look at
//! a field is paid for by its length, and [`gate`] refuses what could make a value grow step by step (`set`, repetition,
//! joining within a loop's header).

mod filters;
mod gate;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use minijinja::value::{Object, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value as Plain};

use super::{Facts, number};
use crate::domain::fields::Value;

/// Instructions one run may take.
const FUEL: u64 = 20_000;
/// Bytes of fields one run may look at, each look counted.
const READ_MAX: usize = 4 << 20;
/// Deepest nesting.
const DEPTH: usize = 40;

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text with `{{ .. }}` and `{% .. %}`.
    Template,
    /// One expression.
    Expression,
}

/// A template or an expression that passed the gate and compiles.
#[derive(Debug)]
pub(super) struct Program {
    kind: Kind,
    source: String,
    names: Vec<String>,
}

fn cage() -> &'static Environment<'static> {
    static CAGE: OnceLock<Environment<'static>> = OnceLock::new();
    CAGE.get_or_init(|| {
        let mut env = Environment::empty();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(DEPTH);
        filters::register(&mut env);
        env
    })
}

/// The names a program may look up by itself.
const ROOTS: [&str; 3] = ["value", "card", "connection"];

impl Program {
    /// Checks and compiles a source; `back` programs see `value` alone.
    pub(super) fn new(kind: Kind, source: &str, back: bool) -> Result<Self, String> {
        gate::check(kind, source)?;
        let found = match kind {
            Kind::Template => cage().template_from_str(source).map(|t| t.undeclared_variables(true)),
            Kind::Expression => cage().compile_expression(source).map(|e| e.undeclared_variables(true)),
        };
        let mut names: Vec<String> = found.map_err(|error| words(&error))?.into_iter().collect();
        names.sort();
        for name in &names {
            let root = name.split('.').next().unwrap_or_default();
            if !ROOTS.contains(&root) {
                let hint = if root == "loop" { "" } else { ": there are `value`, `card` and `connection`" };
                return Err(format!("`{root}` is not a name here{hint}"));
            }
            if back && root != "value" {
                return Err(format!("`{root}` is not known on the way back: there is `value` alone"));
            }
        }
        Ok(Self { kind, source: source.to_owned(), names })
    }

    /// The fields of the card that it names.
    pub(super) fn card_names(&self) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .filter_map(|name| name.strip_prefix("card."))
            .map(|rest| rest.split('.').next().unwrap_or(rest))
    }

    /// Runs it; a number is seen as a number. Without `card` it sees `value` alone.
    pub(super) fn run(
        &self,
        value: &Value,
        as_number: bool,
        card: Option<&Facts<'_>>,
    ) -> Result<Value, String> {
        let purse = Arc::new(Purse::default());
        let root = Plain::from_object(Root::new(value, as_number, card, &purse)?);
        let result = match self.kind {
            Kind::Template => {
                self.render(root).map(|text| if text.is_empty() { Value::None } else { Value::Text(text) })
            }
            Kind::Expression => self.eval(root),
        };
        if purse.is_empty() {
            return Err("it looks at too much text".to_owned());
        }
        result
    }

    fn render(&self, root: Plain) -> Result<String, String> {
        let template = cage().template_from_str(&self.source).map_err(|error| words(&error))?;
        let mut out = Bounded(Vec::new());
        template.render_captured_to(root, &mut out).map_err(|error| words(&error))?;
        String::from_utf8(out.0).map_err(|_| "it makes no text".to_owned())
    }

    fn eval(&self, root: Plain) -> Result<Value, String> {
        let expression = cage().compile_expression(&self.source).map_err(|error| words(&error))?;
        let result = expression.eval(root).map_err(|error| words(&error))?;
        card_value(&result)
    }
}

/// What an expression gave, as a card's value.
fn card_value(result: &Plain) -> Result<Value, String> {
    let text = match result.kind() {
        ValueKind::Undefined => return Err("it gives nothing: a name in it is not known".to_owned()),
        ValueKind::None => return Ok(Value::None),
        ValueKind::Bool => result.is_true().to_string(),
        ValueKind::Number => number::words(f64::try_from(result.clone()).map_err(|e| words(&e))?, None)?,
        ValueKind::String => result.as_str().unwrap_or_default().to_owned(),
        ValueKind::Seq | ValueKind::Iterable => return list(result),
        _ => return Err("it gives neither a text nor a number nor a list".to_owned()),
    };
    if text.len() > super::VALUE_MAX {
        return Err("it makes too long a text".to_owned());
    }
    Ok(if text.is_empty() { Value::None } else { Value::Text(text) })
}

fn list(result: &Plain) -> Result<Value, String> {
    let (mut out, mut length) = (std::collections::BTreeSet::new(), 0);
    for item in result.try_iter().map_err(|error| words(&error))? {
        match card_value(&item)? {
            Value::Text(text) => {
                length += text.len() + 1;
                out.insert(text);
            }
            Value::None => length += 1,
            Value::Set(_) => return Err("it gives a list of lists".to_owned()),
        }
        if length > super::VALUE_MAX {
            return Err("it makes too long a list".to_owned());
        }
    }
    Ok(Value::Set(out))
}

/// A sink of bounded size.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > super::VALUE_MAX {
            return Err(std::io::Error::other("it makes too long a text"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How much of [`READ_MAX`] was spent.
#[derive(Debug, Default)]
struct Purse(AtomicUsize);

impl Purse {
    fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) > READ_MAX
    }

    /// The value, paid for; an error once the purse is empty.
    fn pay(&self, (value, length): &(Plain, usize)) -> Plain {
        self.0.fetch_add(length + 16, Ordering::Relaxed);
        if self.is_empty() { Plain::from(Error::from(ErrorKind::OutOfFuel)) } else { value.clone() }
    }
}

/// The names a program sees.
#[derive(Debug)]
struct Root {
    value: (Plain, usize),
    card: Option<Plain>,
    connection: Option<String>,
    purse: Arc<Purse>,
}

impl Root {
    fn new(
        value: &Value,
        as_number: bool,
        card: Option<&Facts<'_>>,
        purse: &Arc<Purse>,
    ) -> Result<Self, String> {
        let fields = card.map(|facts| Card::new(facts, purse)).transpose()?;
        let seen = if as_number { as_plain_number(value) } else { None };
        let seen = seen.map_or_else(|| plain(value), |number| (number, 8));
        bounded(seen.1)?;
        Ok(Self {
            value: seen,
            card: fields.map(Plain::from_object),
            connection: card.map(|facts| facts.connection.to_owned()),
            purse: Arc::clone(purse),
        })
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Plain) -> Option<Plain> {
        match key.as_str()? {
            "value" => Some(self.purse.pay(&self.value)),
            "card" => self.card.clone(),
            "connection" => self.connection.as_deref().map(Plain::from),
            _ => None,
        }
    }
}

/// The fields of a card by name. A field the card does not have is empty, not unknown: names are checked at load.
#[derive(Debug)]
struct Card {
    fields: std::collections::BTreeMap<String, (Plain, usize)>,
    purse: Arc<Purse>,
}

impl Card {
    fn new(facts: &Facts<'_>, purse: &Arc<Purse>) -> Result<Self, String> {
        let mut fields: std::collections::BTreeMap<String, (Plain, usize)> =
            facts.fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        let text = |text: &str| (Plain::from(text), text.len());
        fields.insert("key".to_owned(), text(facts.key));
        fields.insert("url".to_owned(), text(facts.url));
        let length = facts.urls.iter().map(|url| url.len()).sum();
        fields.insert("urls".to_owned(), (facts.urls.iter().map(|url| Plain::from(*url)).collect(), length));
        bounded(fields.values().map(|(_, length)| length).sum())?;
        Ok(Self { fields, purse: Arc::clone(purse) })
    }
}

impl Object for Card {
    fn get_value(self: &Arc<Self>, key: &Plain) -> Option<Plain> {
        let name = key.as_str()?;
        if let Some(field) = self.fields.get(name) {
            return Some(self.purse.pay(field));
        }
        let known = super::CARD_FACTS.contains(&name) || super::is_field_name(name);
        known.then(|| Plain::from(""))
    }
}

fn bounded(length: usize) -> Result<(), String> {
    if length > super::VALUE_MAX * 2 { Err("the card is too long for a template".to_owned()) } else { Ok(()) }
}

fn plain(value: &Value) -> (Plain, usize) {
    match value {
        Value::Text(text) => (Plain::from(text.as_str()), text.len()),
        Value::None => (Plain::from(""), 0),
        Value::Set(names) => {
            let length = names.iter().map(|name| name.len() + 24).sum();
            (names.iter().map(|name| Plain::from(name.as_str())).collect(), length)
        }
    }
}

/// A number as a number, whole ones without a point.
fn as_plain_number(value: &Value) -> Option<Plain> {
    let Value::Text(text) = value else { return None };
    let number = number::parse(text).ok()?;
    Some(if number.fract() == 0.0 { Plain::from(number as i64) } else { Plain::from(number) })
}

/// What went wrong, in a person's words.
fn words(error: &Error) -> String {
    let said = match error.kind() {
        ErrorKind::OutOfFuel => return "it takes too long".to_owned(),
        ErrorKind::UnknownFilter => "there is no such filter",
        ErrorKind::UnknownTest => "there is no such test",
        ErrorKind::UndefinedError => "a name in it is not known",
        ErrorKind::WriteFailure => return "it makes too long a text".to_owned(),
        _ => "",
    };
    let detail = error.detail().map(|d| crate::support::text::clip(&crate::support::text::one_line(d), 160));
    match (said, detail) {
        ("", Some(detail)) => detail,
        ("", None) => error.kind().to_string(),
        (said, Some(detail)) => format!("{said}: {detail}"),
        (said, None) => said.to_owned(),
    }
}
