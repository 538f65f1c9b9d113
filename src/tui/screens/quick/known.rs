//! The names there are on a board and on its platforms: what a line is completed with, and what in it is new.

use std::collections::BTreeSet;

use crate::connector::Offers;
use crate::domain::fields::{FieldName, PRIORITIES, contains};
use crate::domain::quick::{Quick, Words};
use crate::tui::screen::Ctx;
use crate::tui::screens::picker::candidates::candidates;

/// Priorities that are offered although no card has one of them.
const USUAL: [&str; 4] = ["urgent", "high", "medium", "low"];

/// The names there are. Reads the whole board: for when a screen opens, not for every key.
pub fn words(ctx: &Ctx<'_>) -> Words {
    let offers: Vec<&Offers> = ctx.offers.values().flatten().collect();
    let status_label = |l: &String| ctx.settings.connections.iter().any(|c| c.mapping.is_status_label(l));
    let mut labels: BTreeSet<String> = BTreeSet::new();
    let mut people: BTreeSet<String> = ctx.me.iter().cloned().collect();
    let mut milestones: BTreeSet<String> = BTreeSet::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for card in ctx.board.cards() {
        let add = |to: &mut BTreeSet<String>, name: &String| {
            if !to.contains(name) {
                to.insert(name.clone());
            }
        };
        card.labels.iter().for_each(|l| add(&mut labels, l));
        card.assignees.iter().for_each(|a| add(&mut people, a));
        card.milestone.iter().for_each(|m| add(&mut milestones, m));
        used.extend(card.extra(FieldName::PRIORITY).map(str::to_owned));
    }
    labels.extend(offers.iter().flat_map(|o| o.labels.iter().cloned()));
    labels.retain(|l| !status_label(l));
    people.extend(offers.iter().flat_map(|o| o.assignable.iter().cloned()));
    people.insert("me".to_owned());
    let open = offers.iter().flat_map(|o| &o.milestones).filter(|m| m.open);
    milestones.extend(open.map(|m| m.title.clone()));
    let cards = candidates(ctx, &[]).into_iter().map(|c| (c.key, c.title)).collect();
    Words {
        labels: labels.into_iter().collect(),
        people: people.into_iter().collect(),
        priorities: priorities(used),
        milestones: milestones.into_iter().collect(),
        cards,
    }
}

/// The priorities a line may name: those in use as they are spelled here, and the usual ones, the highest first.
fn priorities(used: BTreeSet<String>) -> Vec<String> {
    let mut all: Vec<String> = used.into_iter().collect();
    for usual in USUAL.into_iter().chain(PRIORITIES) {
        if !all.iter().any(|p| p.eq_ignore_ascii_case(usual)) {
            all.push(usual.to_owned());
        }
    }
    let place = |name: &String| PRIORITIES.iter().position(|p| name.eq_ignore_ascii_case(p));
    all.sort_by_key(|name| (place(name).unwrap_or(PRIORITIES.len()), name.to_lowercase()));
    all
}

/// What of a line nobody has used yet, in words: told before the card is made, since a slip of the finger looks the same.
pub fn news(quick: &Quick, words: &Words) -> Vec<String> {
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<String>>();
    let mut out = Vec::new();
    let mut new = |what: &str, names: Vec<&String>| {
        if !names.is_empty() {
            let listed: Vec<&str> = names.into_iter().map(String::as_str).collect();
            out.push(format!("{what} {}", listed.join(", ")));
        }
    };
    let labels = set(&words.labels);
    new("new label", quick.labels.iter().filter(|l| !contains(&labels, l)).collect());
    let people = set(&words.people);
    new("nobody here is called", quick.assignees.iter().filter(|p| !contains(&people, p)).collect());
    let milestones = set(&words.milestones);
    new("new milestone", quick.milestone.iter().filter(|m| !contains(&milestones, m)).collect());
    let known = |key: &String| words.cards.iter().any(|(k, _)| k == key);
    new("no open card", quick.parent.iter().filter(|p| !known(p)).collect());
    out
}
