//! The field rules of the connections under edit: which connection and rule has the cursor, what was changed, the cards
//! the rules are tried on. Nothing is saved before the person says so.

use std::collections::BTreeMap;

use super::sheet::Saving;
use crate::config::keymap::{Action, Key};
use crate::config::rule_text::{RuleProblem, RuleText, rules_problems};
use crate::config::{ConnectionSettings, Settings};
use crate::connector::Offers;
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::CARD_FIELDS;
use crate::engine::Update;
use crate::engine::mapping::{RuleCard, Trial, fits_connection};
use crate::tui::effect::Effect;
use crate::tui::screen::{Ctx, Input, Outcome};

mod choices;
mod editor;
mod samples;
mod view;

use editor::RuleEditor;

/// Most linked cards that rules are tried on.
const CARDS: usize = 3;

/// The rules of one connection, as saved and as they stand here.
#[derive(Debug)]
struct Draft {
    name: ConnectionName,
    saved: Vec<FieldRule>,
    rules: Vec<FieldRule>,
}

impl Draft {
    fn of(connection: &ConnectionSettings) -> Self {
        let saved = connection.mapping.rules().as_slice().to_vec();
        Self { name: connection.name.clone(), rules: saved.clone(), saved }
    }

    fn is_changed(&self) -> bool {
        self.rules != self.saved
    }
}

/// What stands over the list.
#[derive(Debug)]
enum Over {
    None,
    /// A rule is being edited.
    Edit(Box<RuleEditor>),
    /// Whether the rule shall go.
    Remove,
}

/// The rules of all connections.
#[derive(Debug)]
pub(super) struct FieldsTab {
    drafts: Vec<Draft>,
    /// The connection.
    at: usize,
    /// The rule.
    row: usize,
    over: Over,
    /// The cards to try rules on, as far as they were read.
    cards: BTreeMap<ConnectionName, Vec<RuleCard>>,
    /// The card of the board one came from.
    from: Option<CardId>,
    /// How far the saving is.
    pub(super) saving: Saving,
}

impl FieldsTab {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            drafts: settings.connections.iter().map(Draft::of).collect(),
            at: 0,
            row: 0,
            over: Over::None,
            cards: BTreeMap::new(),
            from: None,
            saving: Saving::No,
        }
    }

    /// Whether something is here that is not saved.
    pub(super) fn is_changed(&self) -> bool {
        self.drafts.iter().any(Draft::is_changed) || self.is_typing()
    }

    fn is_typing(&self) -> bool {
        matches!(&self.over, Over::Edit(editor) if editor.is_changed())
    }

    /// Whether text is typed, or a question is asked.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.over, Over::None)
    }

    /// Whether the form of a rule is shown.
    pub(super) fn is_editing(&self) -> bool {
        matches!(self.over, Over::Edit(_))
    }

    /// The card that rules are tried on besides the first linked ones.
    pub(super) fn came_from(&mut self, card: Option<CardId>) {
        self.from = card;
    }

    fn draft(&self) -> Option<&Draft> {
        self.drafts.get(self.at)
    }

    fn rule(&self) -> Option<&FieldRule> {
        self.draft()?.rules.get(self.row)
    }

    fn connection<'a>(&self, ctx: &Ctx<'a>) -> Option<&'a ConnectionSettings> {
        ctx.settings.connection(self.draft()?.name.as_str())
    }

    fn offers<'a>(&self, ctx: &Ctx<'a>) -> Option<&'a Result<Offers, String>> {
        ctx.offers.get(&self.draft()?.name)
    }

    /// What to ask for to try the rules of the connection on: the card one came from, and the first linked ones.
    pub(super) fn ask(&self, board: &Board) -> Option<Effect> {
        let connection = self.draft()?.name.clone();
        let linked = |card: &&Card| card.link_on(connection.as_str()).is_some();
        let columns = board.columns().map(|(status, _)| status.clone()).collect::<Vec<_>>();
        let in_order = columns.iter().flat_map(|status| board.ids_in(status));
        let first = in_order.filter_map(|id| board.card(id)).filter(linked).map(|card| card.id);
        let mut cards: Vec<CardId> = self.from.filter(|id| board.card(*id).is_some()).into_iter().collect();
        for id in first.take(CARDS + 1) {
            if cards.len() < CARDS && !cards.contains(&id) {
                cards.push(id);
            }
        }
        Some(Effect::TryCards { connection, cards })
    }

    /// Everything that is asked for when the rules of another connection are shown.
    pub(super) fn asked(&self, ctx: &Ctx<'_>) -> Outcome {
        let offers = self.draft().filter(|draft| !ctx.offers.contains_key(&draft.name));
        let offers = offers.map(|draft| Effect::FetchOffers(draft.name.clone()));
        Outcome::Do(self.ask(ctx.board).into_iter().chain(offers).collect())
    }

    /// What keeps the rules of a connection from being saved, each with the rule it is about.
    fn problems_of(&self, at: usize, rules: &[FieldRule]) -> Vec<(usize, RuleProblem)> {
        let others = self.drafts.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, draft)| draft);
        let sources: Vec<&str> = others.flat_map(|draft| &draft.rules).map(FieldRule::source).collect();
        rules_problems(rules, &sources)
    }

    /// What keeps a rule from ever doing something, as far as it is known.
    fn doubts(&self, rule: &FieldRule, ctx: &Ctx<'_>) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(Err(why)) = self.connection(ctx).map(|connection| fits_connection(connection, rule)) {
            out.push(why.to_owned());
        }
        if let Some(Ok(offers)) = self.offers(ctx)
            && let Some(why) = missing(rule, offers)
        {
            out.push(why);
        }
        out
    }

    /// What rules make of the cards, for the one of them at `row`.
    fn trials(&self, rules: &[FieldRule], row: usize, ctx: &Ctx<'_>) -> Vec<(&RuleCard, Trial)> {
        let (Some(connection), Some(rule)) = (self.connection(ctx), rules.get(row)) else {
            return Vec::new();
        };
        let mapping = connection.mapping.clone().with_rules(rules.to_vec());
        let cards = self.cards.get(&connection.name).map(Vec::as_slice).unwrap_or_default();
        cards.iter().map(|card| (card, card.judged(connection, &mapping).trial(rule))).collect()
    }

    fn step(&mut self, by: isize) {
        let last = self.draft().map_or(0, |draft| draft.rules.len()).saturating_sub(1);
        self.row = self.row.saturating_add_signed(by).min(last);
    }

    fn turn(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let to = self.at.saturating_add_signed(by).min(self.drafts.len().saturating_sub(1));
        if to == self.at {
            return Outcome::Stay;
        }
        (self.at, self.row) = (to, 0);
        self.asked(ctx)
    }

    fn edit(&mut self, row: Option<usize>) -> Outcome {
        if self.draft().is_none() {
            return Outcome::Say("there is no connection to carry a field to".to_owned());
        }
        let rule = row.and_then(|row| self.draft()?.rules.get(row));
        let text = rule.map_or_else(RuleText::blank, RuleText::of);
        self.over = Over::Edit(Box::new(RuleEditor::new(row.filter(|_| rule.is_some()), text)));
        Outcome::Stay
    }

    /// Takes the rule under edit over, unless something is wrong with it.
    fn accept(&mut self) -> Outcome {
        let Over::Edit(editor) = &self.over else { return Outcome::Stay };
        let rules = self.draft().map(|draft| draft.rules.clone()).unwrap_or_default();
        let (rules, row) = match editor.candidate(&rules) {
            Ok(candidate) => candidate,
            Err(problems) => {
                let why = problems.first().map(|p| p.message.clone()).unwrap_or_default();
                return Outcome::Say(format!("not taken over: {why}"));
            }
        };
        if let Some((_, problem)) = self.problems_of(self.at, &rules).into_iter().find(|(at, _)| *at == row) {
            return Outcome::Say(format!("not taken over: {}", problem.message));
        }
        if let Some(draft) = self.drafts.get_mut(self.at) {
            draft.rules = rules;
        }
        (self.row, self.over, self.saving) = (row, Over::None, Saving::No);
        Outcome::Stay
    }

    fn remove(&mut self) {
        let row = self.row;
        if let Some(draft) = self.drafts.get_mut(self.at)
            && row < draft.rules.len()
        {
            draft.rules.remove(row);
        }
        (self.over, self.saving) = (Over::None, Saving::No);
        self.step(0);
    }

    fn save(&mut self, ctx: &Ctx<'_>) -> Outcome {
        for at in 0..self.drafts.len() {
            if let Some((row, problem)) = self.problems_of(at, &self.drafts[at].rules).into_iter().next() {
                (self.at, self.row) = (at, row);
                return Outcome::Say(format!("not saved: {}", problem.message));
            }
        }
        let changed: Vec<_> = self
            .drafts
            .iter()
            .filter(|draft| draft.is_changed())
            .map(|draft| (draft.name.clone(), draft.rules.clone()))
            .collect();
        if changed.is_empty() {
            return Outcome::Say("nothing to save".to_owned());
        }
        if ctx.settings.file.is_none() {
            return Outcome::Say("there is no config file to save to: run `corkboard init` first".to_owned());
        }
        self.saving = Saving::Asked;
        Outcome::Do(vec![Effect::SaveFields(changed)])
    }

    pub(super) fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(ctx.area.height / 2).unwrap_or(1).max(1);
        let some = self.rule().is_some();
        match (&mut self.over, action) {
            (Over::Edit(editor), Action::Back) => {
                if editor.leaves() {
                    self.over = Over::None;
                }
                return Outcome::Stay;
            }
            (Over::Edit(_), Action::Save) => return self.accept(),
            (Over::Remove, Action::Back) => {
                self.over = Over::None;
                return Outcome::Stay;
            }
            (Over::None, Action::Save) => return self.save(ctx),
            (Over::None, Action::Open) => return self.edit(Some(self.row)),
            (Over::None, Action::AddRow) => return self.edit(None),
            (Over::None, Action::RemoveRow) if some => self.over = Over::Remove,
            (Over::None, Action::FocusLeft) => return self.turn(-1, ctx),
            (Over::None, Action::FocusRight) => return self.turn(1, ctx),
            (Over::None, Action::FocusDown) => self.step(1),
            (Over::None, Action::FocusUp) => self.step(-1),
            (Over::None, Action::FocusTop) => self.step(isize::MIN),
            (Over::None, Action::FocusBottom) => self.step(isize::MAX),
            (Over::None, Action::HalfPageDown) => self.step(half),
            (Over::None, Action::HalfPageUp) => self.step(-half),
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    pub(super) fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        if let Input::Mouse(mouse) = input {
            return self.mouse(*mouse, ctx);
        }
        if matches!(self.over, Over::Remove) {
            match input {
                Input::Key(press, _) if matches!(press.key, Key::Char('y' | 'Y')) => self.remove(),
                Input::Key(..) => self.over = Over::None,
                _ => return Outcome::Ignored,
            }
            return Outcome::Stay;
        }
        let known = self.known(ctx);
        let Over::Edit(editor) = &mut self.over else { return Outcome::Ignored };
        if let Some(gives_up) = editor.gives_up(input) {
            if gives_up {
                self.over = Over::None;
            }
            return Outcome::Stay;
        }
        if editor.input(input, &known) { Outcome::Stay } else { Outcome::Ignored }
    }

    pub(super) fn update(&mut self, update: &Update, ctx: &Ctx<'_>) -> Outcome {
        match update {
            Update::RuleCards { connection, cards } => {
                self.cards.insert(connection.clone(), cards.clone());
                Outcome::Stay
            }
            Update::Cards(changed) => {
                let shown = self.draft().and_then(|draft| self.cards.get(&draft.name));
                let hit = shown.is_some_and(|all| all.iter().any(|c| changed.iter().any(|n| n.id == c.id)));
                match self.ask(ctx.board).filter(|_| hit) {
                    Some(effect) => Outcome::Do(vec![effect]),
                    None => Outcome::Ignored,
                }
            }
            Update::SaveFailed { reason } if self.saving == Saving::Asked => {
                self.saving = Saving::Failed(reason.clone());
                Outcome::Stay
            }
            _ => Outcome::Ignored,
        }
    }

    /// The settings changed: rules without edits follow, those with edits keep them.
    pub(super) fn settle(&mut self, settings: &Settings) {
        let asked = self.saving == Saving::Asked;
        let before = self.draft().map(|draft| draft.name.clone());
        let mut old = std::mem::take(&mut self.drafts);
        for connection in &settings.connections {
            let mut fresh = Draft::of(connection);
            if let Some(at) = old.iter().position(|draft| draft.name == connection.name) {
                let draft = old.swap_remove(at);
                if draft.is_changed() && !asked {
                    fresh.rules = draft.rules;
                }
            }
            self.drafts.push(fresh);
        }
        self.at = self.drafts.iter().position(|d| Some(&d.name) == before.as_ref()).unwrap_or(0);
        self.saving = Saving::No;
        self.step(0);
        if matches!(self.over, Over::Remove) {
            self.over = Over::None;
        }
    }
}

/// Why a platform that offers this has no place for what a rule carries.
fn missing(rule: &FieldRule, offers: &Offers) -> Option<String> {
    let target = rule.target();
    if CARD_FIELDS.contains(&target) || offers.fields.is_empty() {
        return None;
    }
    // Platforms know `Due date` by `due_date` too.
    let plain = |name: &str| name.to_lowercase().replace([' ', '-'], "_");
    let same = |name: &str| plain(name) == plain(target);
    let found = offers.fields.iter().find(|field| same(&field.name) || field.id.as_deref().is_some_and(same));
    match found {
        None => Some(format!("the platform has no field \"{target}\"")),
        Some(field) if !field.writable && rule.direction().pushes() => {
            Some(format!("\"{}\" can only be read there: `direction` is `pull`", field.name))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests;
