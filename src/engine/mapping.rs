//! What field rules make of real cards: both sides as the store holds them, judged as a pass would judge them. Nothing
//! is written and nothing is asked of a platform.

use std::sync::Arc;

use super::{Engine, EngineError, Update};
use crate::config::{ConnectionSettings, Settings, edit};
use crate::domain::card::CardId;
use crate::domain::fields::{Field, Fields, Value};
use crate::domain::link::{ConnectionName, Link};
use crate::domain::mapping::rule::{Facts, RoundTrip, RuleDirection, StepOutcome, Unfit};
use crate::domain::mapping::{FieldRule, FieldRules, StatusMapping};
use crate::domain::remote::RemoteItem;
use crate::store::Db;
use crate::support::text::clip;
use crate::sync::judge::{Known, Verdict, judge, project};
use crate::sync::reconcile::Side;

/// Most characters of a value in words.
const SHOWN: usize = 60;

/// A card on one connection, as rules see it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleCard {
    /// Which card.
    pub id: CardId,
    /// What people call it.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Whether it is linked to the connection.
    pub linked: bool,
    /// Its own side.
    pub known: Known,
    /// Its item as last seen; `None` where there is none yet.
    pub remote: Option<RemoteItem>,
}

/// What the next pass would do about one field of a card by its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: what stands there stands for the card's value.
    Nothing,
    /// The card's value is sent.
    Send(Value),
    /// The platform's value comes onto the card.
    Take(Value),
    /// The card's value goes out when the item is made there.
    Create(Value),
    /// Both sides changed it: who wins by the connection's policy; nobody: a person decides.
    Conflict(Option<Side>),
    /// The two differ, and the rule's or the connection's direction leaves it at that.
    Left,
    /// What stands there has not been read yet.
    Unread,
    /// A value cannot be carried, so both sides stay as they are.
    Unfit,
}

impl Next {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Nothing => "settled: nothing would be sent".to_owned(),
            Self::Send(value) => format!("{} would be sent", shown(value)),
            Self::Take(value) => format!("{} would come onto the card", shown(value)),
            Self::Create(value) => format!("{} would be sent when the item is made there", shown(value)),
            Self::Conflict(None) => "both sides changed it: a person would decide".to_owned(),
            Self::Conflict(Some(Side::Local)) => "both sides changed it: the card would win".to_owned(),
            Self::Conflict(Some(Side::Remote)) => "both sides changed it: the platform would win".to_owned(),
            Self::Left => "the two differ, and nothing carries it this way".to_owned(),
            Self::Unread => "not known: the next sync reads it first".to_owned(),
            Self::Unfit => "both sides stay as they are".to_owned(),
        }
    }
}

/// A value in quotes; one that is empty, in a word.
pub fn shown(value: &Value) -> String {
    if value.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", clip(&value.to_string(), SHOWN)) }
}

/// What one rule makes of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The card's value.
    pub value: Value,
    /// The value after each step on its way there.
    pub forth: Vec<StepOutcome>,
    /// What stands there as last seen; `None` when that is not known.
    pub there: Option<Value>,
    /// What that is read as, step by step; empty where it is not known or the rule has no way back.
    pub back: Vec<StepOutcome>,
    /// Whether what stands there stands for the card's value; `None` when that is not known.
    pub settled: Option<bool>,
    /// Whether the card's value comes back as it was.
    pub round_trip: RoundTrip,
    /// What the next pass would do.
    pub next: Next,
    /// Why a value cannot be carried, there or back.
    pub unfit: Vec<Unfit>,
}

/// A card with what the next pass would do about it under some rules.
#[derive(Debug)]
pub struct Judged<'a> {
    card: &'a RuleCard,
    connection: &'a ConnectionSettings,
    facts: Facts<'a>,
    /// The item's own fields.
    there: Option<Fields>,
    verdict: Option<Verdict>,
    /// The card as the connection can be told it.
    told: Fields,
}

impl RuleCard {
    /// Judges the card as a pass of `connection` would under `mapping`, which may be another than the saved one.
    pub fn judged<'a>(&'a self, connection: &'a ConnectionSettings, mapping: &StatusMapping) -> Judged<'a> {
        let known = &self.known;
        let verdict = |item: &RemoteItem| judge(known, item, mapping, &connection.policies, 0);
        Judged {
            card: self,
            connection,
            facts: FieldRules::facts(&known.card, &known.told),
            there: self.remote.as_ref().map(|item| item.common_fields(mapping).0),
            verdict: self.remote.as_ref().filter(|_| !known.archived).map(verdict),
            told: project(&known.card, known.base.as_ref(), mapping, &known.told),
        }
    }
}

impl Judged<'_> {
    /// What a rule makes of the card; the rule is one of those it was judged under.
    pub fn trial(&self, rule: &FieldRule) -> Trial {
        let raw = self.card.remote.as_ref().map(|item| &item.raw);
        let there = self.there.as_ref().zip(raw).and_then(|(fields, raw)| rule.there(fields, raw));
        let way_back = rule.reversible().is_ok();
        let written = rule.write(&self.facts);
        let mut unfit = Vec::new();
        if rule.direction().pushes() {
            unfit.extend(written.as_ref().err().cloned());
        }
        if let (true, Some(there)) = (rule.direction().pulls(), &there) {
            unfit.extend(rule.read_beside(&self.facts, there).err());
        }
        let back = there.as_ref().filter(|_| way_back).map(|there| rule.trace_back(there));
        let settled = there.as_ref().map(|there| rule.settled(&self.facts, there));
        Trial {
            value: self.facts.value(rule.source()).clone(),
            forth: rule.trace(&self.facts),
            back: back.unwrap_or_default(),
            round_trip: rule.round_trips(&self.facts),
            next: self.next(rule, there.as_ref(), settled, written.ok(), !unfit.is_empty()),
            settled,
            there,
            unfit,
        }
    }

    fn next(
        &self,
        rule: &FieldRule,
        there: Option<&Value>,
        settled: Option<bool>,
        written: Option<Value>,
        unfit: bool,
    ) -> Next {
        let sends = rule.direction().pushes() && self.connection.direction.pushes();
        let Some(field) = rule.compared_by().filter(|_| !self.card.known.archived) else {
            return Next::Nothing;
        };
        let Some(verdict) = &self.verdict else {
            return match written {
                _ if unfit => Next::Unfit,
                Some(value) if sends => Next::Create(value),
                _ => Next::Nothing,
            };
        };
        let sent = written.map_or(Next::Unfit, Next::Send);
        let moved = if self.connection.direction.pulls() {
            self.by_verdict(field, verdict, sends.then_some(sent))
        } else {
            Some(sent).filter(|_| sends && self.told_anew(field))
        };
        match moved {
            Some(next) => next,
            None if unfit => Next::Unfit,
            None if there.is_none() => Next::Unread,
            None if settled == Some(true) => Next::Nothing,
            None => Next::Left,
        }
    }

    /// `sent`: what it is when the field is among those that are sent; `None` where none is.
    fn by_verdict(&self, field: Field, verdict: &Verdict, sent: Option<Next>) -> Option<Next> {
        if let Some(conflict) = verdict.conflicts.iter().find(|c| c.field == field) {
            return Some(Next::Conflict(conflict.winner));
        }
        if verdict.push.as_ref().is_some_and(|push| push.fields.contains(&field)) && sent.is_some() {
            return sent;
        }
        let card = verdict.card.as_ref()?;
        (!card.same(&self.card.known.card, field)).then(|| Next::Take(card.value(field)))
    }

    /// Whether a connection that only sends is told another value than it was.
    fn told_anew(&self, field: Field) -> bool {
        self.card.known.base.as_ref().is_none_or(|base| !base.same(&self.told, field))
    }
}

/// Whether a rule's way fits its connection's; why not, in words.
pub fn fits_connection(connection: &ConnectionSettings, rule: &FieldRule) -> Result<(), &'static str> {
    match rule.direction() {
        RuleDirection::Pull if !connection.direction.pulls() => {
            Err("the rule reads, and the connection only sends")
        }
        RuleDirection::Push if !connection.direction.pushes() => {
            Err("the rule writes, and the connection only reads")
        }
        _ => Ok(()),
    }
}

impl Engine {
    /// Cards on one connection, as its rules see them, in the order given; one that is not there is left out.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rule_cards(
        &self,
        connection: ConnectionName,
        cards: Vec<CardId>,
    ) -> Result<Vec<RuleCard>, EngineError> {
        let read = move |db: &mut Db| {
            let mut out = Vec::new();
            for id in cards {
                let Some(sides) = db.sides(id, &connection)? else { continue };
                let link = sides.card.link_on(connection.as_str());
                out.push(RuleCard {
                    id,
                    key: link.and_then(Link::key).unwrap_or_else(|| sides.card.key()),
                    linked: link.is_some(),
                    title: sides.card.title,
                    known: sides.known,
                    remote: sides.remote,
                });
            }
            Ok(out)
        };
        Ok(self.0.store.run(read).await?)
    }
}

impl Engine {
    /// Reads cards as the rules of a connection see them; the answer is [`Update::RuleCards`].
    pub fn try_cards(&self, connection: ConnectionName, cards: Vec<CardId>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            match engine.rule_cards(connection.clone(), cards).await {
                Ok(cards) => engine.send(Update::RuleCards { connection, cards }).await,
                Err(error) => engine.send(Update::Notice(error.to_string())).await,
            }
        });
    }

    /// Writes the field rules of connections to the config file, with its comments kept, and takes them over: the answer
    /// is [`Update::Settings`], or [`Update::SaveFailed`] with the file as it was.
    pub fn save_fields(&self, changed: Vec<(ConnectionName, Vec<FieldRule>)>) {
        let engine = self.clone();
        self.0.tasks.spawn(async move {
            if let Err(reason) = engine.write_fields(changed).await {
                engine.send(Update::SaveFailed { reason }).await;
            }
        });
    }

    async fn write_fields(&self, changed: Vec<(ConnectionName, Vec<FieldRule>)>) -> Result<(), String> {
        let _turn = self.0.config_turn.lock().await;
        let settings = self.settings();
        let (Some(file), Some(expected)) = (settings.file.clone(), settings.source.clone()) else {
            return Err("there is no config file to save to; start with --config FILE".to_owned());
        };
        let names: Vec<ConnectionName> = changed.iter().map(|(name, _)| name.clone()).collect();
        let saved = self.write_config(move || edit::save_fields(&file, &expected, &changed)).await?;
        let (board, change) = (saved.board_name.clone(), rules_change(&settings, &saved, &names));
        self.apply_settings(Arc::new(saved)).await.map_err(|error| error.to_string())?;
        self.note_config("mapping", board, change).await;
        self.send(Update::Notice("field rules saved".to_owned())).await;
        Ok(())
    }
}

/// The rules of these connections before and after they were saved.
fn rules_change(before: &Settings, after: &Settings, names: &[ConnectionName]) -> serde_json::Value {
    let of = |settings: &Settings| {
        let rules = |name: &ConnectionName| {
            let connection = settings.connection(name.as_str());
            let rules = connection.map(|c| c.mapping.rules().as_slice().to_vec());
            (name.to_string(), serde_json::json!(rules.unwrap_or_default()))
        };
        names.iter().map(rules).collect::<serde_json::Map<_, _>>()
    };
    serde_json::json!({ "fields": { "before": of(before), "after": of(after) } })
}
