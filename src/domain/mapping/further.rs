//! The field rules of one connection, at work between a card's fields and an item's. Pure.
//!
//! A rule that goes both ways, or in, gives the card a further field. One that only goes out is compared by what it
//! makes: a field of its own ([`FieldName::sent_to`]) that no card has. A rule to the platform's own `title`, `body` or
//! `milestone` from the card's shapes it on its way; one that only goes out takes its place. A rule from a field every
//! card has to one of the platform's further fields keeps it there, and leaves the platform's own of that name alone.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Facts, FieldRule, RuleDirection, Unfit};
use crate::domain::fields::{Field, FieldName, Fields, Value};

/// What rules see of a card besides its fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What people call it.
    pub key: String,
    /// Its address on every platform that has it, by connection.
    pub urls: Vec<(String, String)>,
    /// The connection it is carried to.
    pub connection: String,
}

/// The rules of a connection, in the order they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldRules(Vec<FieldRule>);

impl FieldRules {
    /// These rules.
    pub fn new(rules: Vec<FieldRule>) -> Self {
        Self(rules)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules.
    pub fn as_slice(&self) -> &[FieldRule] {
        &self.0
    }

    /// The platform's own fields that must be read for them, by name.
    pub fn targets(&self) -> Vec<String> {
        let own = self.0.iter().filter(|rule| common(rule).is_none()).map(|rule| rule.target().to_owned());
        own.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether rules let a field be taken over from the platform; `has`: whether its items have it by themselves.
    pub fn reads(&self, field: Field, has: bool) -> bool {
        self.goes(field, has, RuleDirection::pulls)
    }

    /// Whether rules let a field be sent to the platform; `has`: whether its items have it by themselves.
    pub fn writes(&self, field: Field, has: bool) -> bool {
        self.goes(field, has, RuleDirection::pushes)
    }

    fn goes(&self, field: Field, has: bool, way: impl Fn(RuleDirection) -> bool) -> bool {
        let by_rule = self.0.iter().find(|rule| key(rule) == Some(field));
        let taken = self.0.iter().any(|rule| common(rule) == Some(field) && key(rule) != Some(field));
        by_rule.map_or(has && !taken, |rule| way(rule.direction()))
    }

    /// Whether a change of `field` may change what is sent through a rule.
    pub fn concern(&self, field: Field) -> bool {
        let sent_only = |rule: &FieldRule| rule.direction() == RuleDirection::Push;
        self.0.iter().any(|rule| sent_only(rule) || key(rule) == Some(field))
    }

    /// What the rules see of a card with these fields.
    pub fn facts<'a>(fields: &Fields, told: &'a Told) -> Facts<'a> {
        let mut all: BTreeMap<String, Value> =
            Field::ALL.into_iter().map(|f| (f.as_str().to_owned(), fields.value(f))).collect();
        all.extend(fields.extra.iter().map(|(name, value)| (name.to_string(), value.clone())));
        let elsewhere = told.urls.iter().find(|(connection, _)| *connection != told.connection);
        let url = elsewhere.or(told.urls.first()).map_or("", |(_, url)| url.as_str());
        let urls = told.urls.iter().map(|(_, url)| url.as_str()).collect();
        Facts { fields: all, key: &told.key, url, urls, connection: &told.connection }
    }

    /// Reads an item's values into `fields`, which hold the platform's own already. `card` is what the card has: a value
    /// that stands for its own is read as its own. Returns the fields that could not be read, each with why where that
    /// is known: a value the rule does not know; nothing where the platform's field was not read at all.
    pub fn read(
        &self,
        fields: &mut Fields,
        raw: &BTreeMap<String, Value>,
        card: Option<&Facts<'_>>,
    ) -> Vec<(Field, Option<String>)> {
        let mut unread = Vec::new();
        for rule in &self.0 {
            let Some(field) = key(rule) else { continue };
            let Some(there) = rule.there(fields, raw) else {
                unread.push((field, None));
                continue;
            };
            let read = match (rule.direction(), card) {
                // Compared as it stands there.
                (RuleDirection::Push, _) => Ok(there),
                (_, Some(card)) => rule.read_beside(card, &there),
                (_, None) => rule.read(&there),
            };
            match read {
                Ok(value) => put(fields, field, value),
                Err(unfit) => unread.push((field, Some(words(rule, &unfit)))),
            }
        }
        unread
    }

    /// What the rules that only send make of a card: put into `fields`. Returns the fields, of these and the others,
    /// whose value the connection cannot be told, with why.
    pub fn project(&self, fields: &mut Fields, told: &Told) -> Vec<(Field, String)> {
        if self.is_empty() {
            return Vec::new();
        }
        let facts = Self::facts(fields, told);
        let mut unfit = Vec::new();
        for rule in self.0.iter().filter(|rule| rule.direction().pushes()) {
            let Some(field) = key(rule) else { continue };
            match rule.write(&facts) {
                Ok(value) if rule.direction() == RuleDirection::Push => put(fields, field, value),
                Ok(_) => {}
                Err(why) => unfit.push((field, words(rule, &why))),
            }
        }
        unfit
    }

    /// The platform's values of those `sent` fields that rules carry, by the platform's own names. Where that is a field
    /// every item has, its value is put into `fields`, and the field into `sent`; a field that is kept elsewhere there is
    /// taken from `sent`.
    pub fn write(
        &self,
        fields: &mut Fields,
        sent: &mut BTreeSet<Field>,
        told: &Told,
    ) -> BTreeMap<String, Value> {
        let mut raw = BTreeMap::new();
        if self.is_empty() {
            return raw;
        }
        let facts = Self::facts(fields, told);
        for rule in self.0.iter().filter(|rule| rule.direction().pushes()) {
            if key(rule).is_none_or(|field| !sent.contains(&field)) {
                continue;
            }
            // What cannot be written was found out before anything was planned.
            let Ok(value) = rule.write(&facts) else { continue };
            if let Some(own) = common(rule) {
                put(fields, own, value);
                sent.insert(own);
            } else {
                raw.insert(rule.target().to_owned(), value);
            }
        }
        // The platform's own of that name is none of ours.
        for field in self.kept_elsewhere() {
            sent.remove(&field);
        }
        raw
    }

    /// The fields every card has that rules keep in a further field there.
    fn kept_elsewhere(&self) -> impl Iterator<Item = Field> {
        let elsewhere = |rule: &&FieldRule| common(rule).is_none() && rule.direction() != RuleDirection::Push;
        self.0.iter().filter(elsewhere).filter_map(key).filter(|field| !matches!(field, Field::Extra(_)))
    }
}

impl FieldRule {
    /// The field by which a rule is compared with what the platform has; `None` when its source can be no field.
    pub fn compared_by(&self) -> Option<Field> {
        key(self)
    }

    /// What an item has where the rule leads; `None` when that was not read. `fields` hold the item's own.
    pub fn there(&self, fields: &Fields, raw: &BTreeMap<String, Value>) -> Option<Value> {
        match common(self) {
            Some(own) => Some(fields.value(own)),
            None => raw.get(self.target()).cloned(),
        }
    }
}

/// The field a rule is compared by.
fn key(rule: &FieldRule) -> Option<Field> {
    match rule.direction() {
        RuleDirection::Push => Some(Field::Extra(FieldName::sent_to(rule.target()))),
        _ => Field::named(rule.source()),
    }
}

/// The field every item has that a rule is about, where it is one.
fn common(rule: &FieldRule) -> Option<Field> {
    [Field::Title, Field::Body, Field::Milestone].into_iter().find(|field| field.as_str() == rule.target())
}

fn put(fields: &mut Fields, field: Field, value: Value) {
    match (field, value) {
        (Field::Title, Value::Text(text)) => fields.title = text,
        (Field::Body, Value::Text(text)) => fields.body = text,
        (Field::Milestone, Value::Text(text)) => fields.milestone = Some(text),
        (Field::Labels, Value::Set(names)) => fields.labels = names,
        (Field::Assignees, Value::Set(names)) => fields.assignees = names,
        (Field::Extra(name), value) => fields.set_extra(name, value),
        (field, Value::None) => fields.clear(field),
        _ => {}
    }
}

fn words(rule: &FieldRule, unfit: &Unfit) -> String {
    format!("{rule}: {unfit}")
}
