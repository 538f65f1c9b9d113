//! `[[connection.field]]`: a rule for one field, with its chain of transforms.

mod step;

use std::ops::Range;

use toml_edit::Document;

use super::super::Reader;
use super::super::section::{Section, kind_of};
use super::ReadConnection;
use crate::config::keys;
use crate::config::report::{ConfigError, Mistakes};
use crate::domain::mapping::rule::{
    self, FieldKind, FieldRule, Flaw, Place, RuleDirection, Step, WrittenRule,
};

/// Most rules of one connection.
const RULES_MAX: usize = 100;

/// The rules of a connection, with the places their mistakes are told at.
#[derive(Default)]
pub(in super::super) struct ReadFields {
    pub(in super::super) rules: Vec<FieldRule>,
    spans: Vec<Spans>,
}

/// Reads the keys of one `[[connection.field]]`, without its header.
pub(in crate::config) fn rule_from_text(text: &str) -> Result<FieldRule, ConfigError> {
    let mut mistakes = Mistakes::default();
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let message =
                format!("this is not TOML: {}", error.message().lines().collect::<Vec<_>>().join(", "));
            mistakes.add(
                error.span().unwrap_or(0..0),
                message,
                "texts stand in double quotes: `prefix = \"x\"`",
            );
            return Err(mistakes.into_error(text, None));
        }
    };
    let mut reader = Reader { mistakes, base: None };
    match reader.field(&Section::of("[[connection.field]]", document.as_table(), None)) {
        Some((rule, _)) => Ok(rule),
        None => Err(reader.mistakes.into_error(text, None)),
    }
}

/// Where the parts of a rule stand.
struct Spans {
    rule: Range<usize>,
    source: Range<usize>,
    target: Range<usize>,
    kind: Range<usize>,
    direction: Range<usize>,
    steps: Vec<Range<usize>>,
}

impl Spans {
    fn at(&self, place: Place) -> Range<usize> {
        match place {
            Place::Rule => self.rule.clone(),
            Place::Source => self.source.clone(),
            Place::Target => self.target.clone(),
            Place::Kind => self.kind.clone(),
            Place::Direction => self.direction.clone(),
            Place::Step(at) => self.steps.get(at).unwrap_or(&self.rule).clone(),
        }
    }
}

impl Reader {
    /// The rules of a connection.
    pub(super) fn fields(&mut self, table: &Section) -> ReadFields {
        let mut read = ReadFields::default();
        for section in self.tables(table, "field", "[[connection.field]]") {
            if let Some((rule, spans)) = self.field(&section) {
                read.rules.push(rule);
                read.spans.push(spans);
            }
        }
        if read.rules.len() > RULES_MAX {
            let message = format!("a connection has at most {RULES_MAX} field rules");
            self.mistakes.add(table.key_span("field"), message, "take some of them out");
        }
        for (at, flaw) in rule::clashes(&read.rules) {
            let span = read.spans[at].at(flaw.place);
            self.mistakes.add(span, flaw.message, flaw.help);
        }
        read
    }

    /// A list of tables, however it is written.
    fn tables<'a>(&mut self, table: &Section<'a>, key: &str, title: &'static str) -> Vec<Section<'a>> {
        table.tables(key, title).unwrap_or_else(|item| {
            let message = format!("`{key}` is a list of tables, not {}", kind_of(item));
            let help = if key == "field" {
                "write [[connection.field]] with two pairs of brackets above each rule"
            } else {
                "write `transform = [ { prefix = \"[x] \" } ]`, one table for each step"
            };
            self.mistakes.add(table.value_span(key), message, help);
            Vec::new()
        })
    }

    fn field(&mut self, table: &Section) -> Option<(FieldRule, Spans)> {
        let before = self.mistakes.len();
        table.refuse_unknown(self, keys::FIELD);
        let help = "write the card's field, such as `source = \"priority\"`";
        let source = table.required(self, "source", help).map(|(text, _)| text.to_owned());
        let help = "write the platform's field by its own name, such as `target = \"Priority\"`";
        let target = table.required(self, "target", help).map(|(text, _)| text.to_owned());
        if let Some(source) = &source
            && let Some(meant) = slip(source)
        {
            let message = format!("`{source}` is not a field of a card");
            let help = format!("did you mean `{meant}`? A field of your own needs a name less like it");
            self.mistakes.add(table.value_span("source"), message, help);
        }
        let usual = source.as_deref().map(FieldKind::usual).unwrap_or_default();
        let kind = table.word(self, "type", &FieldKind::ALL.map(|k| (k.as_str(), k))).unwrap_or(usual);
        let directions = RuleDirection::ALL.map(|d| (d.as_str(), d));
        let direction = table.word(self, "direction", &directions).unwrap_or_default();
        let required = table.switch(self, "required").unwrap_or(false);
        let (mut transform, mut steps): (Vec<Step>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
        for section in self.tables(table, "transform", "a step of `transform`") {
            steps.push(section.span.clone());
            transform.extend(self.step(&section));
        }
        if self.mistakes.len() > before {
            return None;
        }
        let spans = Spans {
            rule: table.span.clone(),
            source: table.value_span("source"),
            target: table.value_span("target"),
            kind: table.value_span(if table.has("type") { "type" } else { "source" }),
            direction: table.value_span("direction"),
            steps,
        };
        let written = WrittenRule { source: source?, target: target?, kind, direction, required, transform };
        match FieldRule::new(written) {
            Ok(rule) => Some((rule, spans)),
            Err(flaws) => {
                for Flaw { place, message, help } in flaws.0 {
                    self.mistakes.add(spans.at(place), message, help);
                }
                None
            }
        }
    }

    /// Whether what templates call a field of the card is one: a built-in one, or one that some rule names.
    pub(in super::super) fn check_card_names(&mut self, read: &[ReadConnection]) {
        let rules = || read.iter().flat_map(|connection| &connection.fields.rules);
        let mut known: Vec<&str> = rules().map(FieldRule::source).collect();
        known.extend(rule::CARD_FIELDS.iter().chain(&rule::CARD_FACTS).chain(&rule::FURTHER_FIELDS));
        for connection in read {
            for (rule, spans) in connection.fields.rules.iter().zip(&connection.fields.spans) {
                for (step, name) in rule.card_names() {
                    if known.contains(&name.as_str()) {
                        continue;
                    }
                    let help = match keys::nearest(&name, known.iter().copied()) {
                        Some(meant) => format!("did you mean `card.{meant}`?"),
                        None => "a field of your own is known once a rule has it as `source`".to_owned(),
                    };
                    let message = format!("`card.{name}` is not a field of a card");
                    self.mistakes.add(spans.at(Place::Step(step)), message, help);
                }
            }
        }
    }
}

/// The built-in field that a name was probably meant to be.
fn slip(source: &str) -> Option<&'static str> {
    let known = || rule::CARD_FIELDS.iter().chain(&rule::FURTHER_FIELDS);
    if known().any(|field| *field == source) {
        return None;
    }
    known().copied().find(|field| keys::is_slip(source, field))
}

#[cfg(test)]
mod tests;
