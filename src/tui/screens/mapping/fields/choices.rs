//! What a rule's two ends can be: the card's fields, and the platform's as far as they are known. Pure.

use std::collections::BTreeMap;

use super::FieldsTab;
use crate::domain::fields::Value;
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::{CARD_FIELDS, FURTHER_FIELDS, FieldKind};
use crate::domain::remote::{Holds, PlatformField};
use crate::tui::screen::Ctx;
use crate::tui::screens::fuzzy;

/// Most options of a field that are named.
const OPTIONS: usize = 6;

/// One thing an end of a rule can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// What is written into the rule.
    pub(super) name: String,
    /// What it is, in words.
    pub(super) about: String,
    /// What a card's side then holds, where that is known.
    pub(super) kind: Option<FieldKind>,
    /// The values it takes, where they are a list.
    pub(super) options: Vec<String>,
    /// Whether it can only be read.
    pub(super) read_only: bool,
}

/// Everything there is to choose from.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The card's fields.
    pub(super) sources: Vec<Choice>,
    /// The platform's.
    pub(super) targets: Vec<Choice>,
}

impl FieldsTab {
    /// What can be chosen for a rule of the connection.
    pub(super) fn known(&self, ctx: &Ctx<'_>) -> Known {
        let offered = self.offers(ctx).and_then(|offers| offers.as_ref().ok());
        let fields = offered.map(|offers| offers.fields.as_slice()).unwrap_or_default();
        let mut targets: Vec<Choice> = fields.iter().map(|field| target(field, fields)).collect();
        let every = ["title", "body", "milestone"];
        targets.extend(every.map(|name| plain(name, "every item has it", None)));
        Known { sources: self.sources(ctx), targets }
    }

    fn sources(&self, ctx: &Ctx<'_>) -> Vec<Choice> {
        let mut out: Vec<Choice> = CARD_FIELDS
            .iter()
            .map(|name| plain(name, "of every card", Some(FieldKind::usual(name))))
            .chain(FURTHER_FIELDS.iter().map(|name| plain(name, meaning(name), Some(usual(name)))))
            .collect();
        let mut used: BTreeMap<String, (usize, bool)> = BTreeMap::new();
        for (name, value) in ctx.board.cards().flat_map(|card| &card.extra) {
            let entry = used.entry(name.to_string()).or_default();
            *entry = (entry.0 + 1, matches!(value, Value::Set(_)));
        }
        let rules = self.drafts.iter().flat_map(|draft| &draft.rules);
        for name in rules.map(FieldRule::source) {
            used.entry(name.to_owned()).or_default();
        }
        for (name, (cards, list)) in used {
            let about = match cards {
                0 => "named by a rule".to_owned(),
                1 => "on 1 card".to_owned(),
                n => format!("on {n} cards"),
            };
            match out.iter_mut().find(|choice| choice.name == name) {
                Some(known) if cards > 0 => known.about = format!("{}, {about}", known.about),
                Some(_) => {}
                None => out.push(plain(&name, &about, list.then_some(FieldKind::List))),
            }
        }
        out
    }
}

fn plain(name: &str, about: &str, kind: Option<FieldKind>) -> Choice {
    Choice { name: name.to_owned(), about: about.to_owned(), kind, options: Vec::new(), read_only: false }
}

fn meaning(name: &str) -> &'static str {
    match name {
        "priority" => "how much it matters",
        "estimate" => "how much work it is",
        "due" => "the day it is due",
        "parent" => "what it is part of",
        _ => "how much work went into it",
    }
}

fn usual(name: &str) -> FieldKind {
    match name {
        "priority" => FieldKind::Option,
        "estimate" | "spent" => FieldKind::Number,
        "due" => FieldKind::Date,
        _ => FieldKind::Text,
    }
}

/// A platform's field; by its id where another is called the same.
fn target(field: &PlatformField, all: &[PlatformField]) -> Choice {
    let (word, kind) = match field.holds {
        Holds::Text => ("text", Some(FieldKind::Text)),
        Holds::Number => ("number", Some(FieldKind::Number)),
        Holds::Date => ("date", Some(FieldKind::Date)),
        Holds::Time => ("moment", Some(FieldKind::Date)),
        Holds::Option => ("one of", Some(FieldKind::Option)),
        Holds::List => ("list", Some(FieldKind::List)),
        Holds::Other => ("shown by its name", None),
    };
    let twice = all.iter().filter(|other| other.name == field.name).count() > 1;
    let name = field.id.clone().filter(|_| twice).unwrap_or_else(|| field.name.clone());
    let mut about = if twice { format!("{}, {word}", field.name) } else { word.to_owned() };
    if !field.options.is_empty() {
        let more = if field.options.len() > OPTIONS { ", .." } else { "" };
        let named: Vec<&str> = field.options.iter().take(OPTIONS).map(String::as_str).collect();
        about = format!("{about}: {}{more}", named.join(", "));
    }
    let read_only = !field.writable;
    if read_only {
        about.push_str(" (read only)");
    }
    Choice { name, about, kind, options: field.options.clone(), read_only }
}

/// The choices that answer what is typed, the best first; all of them in their order when nothing is.
pub(super) fn narrowed<'a>(choices: &'a [Choice], typed: &str) -> Vec<&'a Choice> {
    let scored = choices.iter().filter_map(|c| fuzzy::matches(typed.trim(), &c.name).map(|m| (m.score, c)));
    let mut found: Vec<(i32, &Choice)> = scored.collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, choice)| choice).collect()
}
