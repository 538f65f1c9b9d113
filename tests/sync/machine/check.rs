//! What must hold when all is quiet: both sides equal, one issue for each card, every edit there or kept.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use corkboard::domain::CardId;
use corkboard::domain::Conflict;
use corkboard::domain::audit::AuditFilter;
use corkboard::domain::card::Card;
use corkboard::domain::fields::{Field, Value, canonical_body, contains};
use corkboard::domain::link::{Link, SyncStatus};
use corkboard::sandbox::{IssueView, Past};

use super::ledger::{LocalEdit, On};
use super::world::World;
use crate::stage::REPO;

/// Our own login on the platform.
pub const US: &str = "ben";
const MARKER: &str = "<!-- corkboard: ";

/// Everything there is to look at, read once.
struct Seen {
    cards: HashMap<CardId, Card>,
    bodies: HashMap<CardId, String>,
    conflicts: HashMap<CardId, Vec<Conflict>>,
    issues: BTreeMap<u64, IssueView>,
    past: Vec<Past>,
    /// Cards with moves that the platform refused and that were taken back.
    refused: HashSet<CardId>,
    /// Of which issue a card is, also of one that is gone.
    number: HashMap<CardId, u64>,
}

/// The number of a card's issue in the repository that is looked at: one that was transferred has left it.
pub fn number_of(card: &Card) -> Option<u64> {
    home_number(card.links.first()?)
}

/// The same of a link. Issues of other platforms are never transferred.
pub fn home_number(link: &Link) -> Option<u64> {
    let here = link.url.as_deref().is_none_or(|url| !url.contains("/octo/") || url.contains(REPO));
    link.number.filter(|_| here)
}

/// A raw body without the line that marks it, wherever people have written around it.
pub fn plain(raw: &str) -> String {
    let body = canonical_body(raw);
    let Some(at) = body.rfind(MARKER) else { return body };
    let (above, rest) = body.split_at(at);
    let below = rest.split_once('\n').map_or("", |(_, below)| below);
    [above.trim_end(), below.trim_matches('\n')].join("\n\n").trim().to_owned()
}

/// The id in the line that marks a body.
pub fn marker(raw: &str) -> Option<String> {
    let at = raw.rfind(MARKER)? + MARKER.len();
    raw[at..].split_whitespace().next().map(str::to_owned)
}

pub fn words(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::None => String::new(),
        Value::Set(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
    }
}

impl Seen {
    fn of(world: &mut World) -> Self {
        let engine = world.engine();
        let board = world.process().block_on(engine.board()).expect("a board");
        let cards: HashMap<CardId, Card> = board.cards().map(|c| (c.id, c.clone())).collect();
        let edited: BTreeSet<CardId> =
            world.ledger.edits.iter().map(|e| e.card).chain(cards.keys().copied()).collect();
        let asked = engine.store().run(move |db| {
            let mut conflicts = HashMap::new();
            for card in edited {
                conflicts.insert(card, db.conflicts_of(card)?);
            }
            let refused =
                AuditFilter { action: Some("update".to_owned()), troubled: true, ..AuditFilter::default() };
            Ok((db.bodies()?, conflicts, db.audit_page(&refused, None, 10_000)?))
        });
        let (bodies, conflicts, audit) = world.process().block_on(asked).expect("read");
        let issues = world.sandbox().issues(REPO).into_iter().filter(|i| !i.pull_request);
        let past = world.sandbox().history();
        let mut number = world.ledger.numbers.clone();
        number.extend(cards.values().filter_map(|c| Some((c.id, number_of(c)?))));
        let made: HashMap<&str, CardId> = world.ledger.made.iter().map(|(id, m)| (m.as_str(), *id)).collect();
        for born in past.iter().filter(|p| p.field == "created" && p.by == US) {
            if let Some(card) = marker(&born.after).and_then(|m| made.get(m.as_str()).copied()) {
                number.insert(card, born.number);
            }
        }
        world.ledger.numbers.clone_from(&number);
        Self {
            cards,
            bodies,
            conflicts,
            issues: issues.map(|i| (i.number, i)).collect(),
            past,
            refused: audit.into_iter().filter_map(|row| row.card).collect(),
            number,
        }
    }

    fn open(&self, card: CardId, field: Field) -> bool {
        self.kept(card).any(|c| c.field == field && c.decided.is_none())
    }

    fn kept(&self, card: CardId) -> impl Iterator<Item = &Conflict> {
        self.conflicts.get(&card).into_iter().flatten()
    }

    /// The issue of a card that both sides still share.
    fn shared(&self, card: &Card) -> Option<&IssueView> {
        let link = card.links.first()?;
        let aside = link.sync == SyncStatus::Failed;
        self.issues.get(&number_of(card)?).filter(|_| !aside)
    }

    fn value(&self, card: CardId, field: Field) -> Option<String> {
        let found = self.cards.get(&card)?;
        Some(match field {
            Field::Title => found.title.clone(),
            Field::Body => self.bodies.get(&card).cloned().unwrap_or_default(),
            Field::Status => found.status.to_string(),
            Field::Milestone => found.milestone.clone().unwrap_or_default(),
            Field::Labels | Field::Assignees | Field::Extra(_) => return None,
        })
    }
}

/// Checks every promise.
pub fn all(world: &mut World) {
    let seen = Seen::of(world);
    both_sides_are_equal(world, &seen);
    one_issue_for_each_card(world, &seen);
    every_comment_once(world, &seen);
    every_name_is_there(world, &seen);
    let index = Index::of(world, &seen);
    for edit in &world.ledger.edits {
        is_there_or_kept(world, &seen, &index, edit);
    }
    nobody_is_in_conflict_with_themselves(&seen, &index);
    nothing_unseen_was_overwritten(world, &seen, &index);
}

fn both_sides_are_equal(world: &World, seen: &Seen) {
    for card in seen.cards.values() {
        let Some(issue) = seen.shared(card) else { continue };
        let at = format!("#{} \"{}\"", issue.number, card.title);
        let standing = |i: &IssueView| {
            let state = if i.open {
                "open".to_owned()
            } else {
                format!("closed {}", i.state_reason.as_deref().unwrap_or_default())
            };
            std::iter::once(state).chain(i.labels.iter().cloned()).collect::<Vec<_>>().join("\n")
        };
        let rows = [
            (Field::Title, issue.title.clone()),
            (Field::Body, plain(issue.body.as_deref().unwrap_or_default())),
            (Field::Status, world.places[0].reads_as(&standing(issue))),
            (Field::Milestone, issue.milestone.clone().unwrap_or_default()),
        ];
        for (field, there) in rows {
            if !seen.open(card.id, field) {
                let here = seen.value(card.id, field).unwrap_or_default();
                assert_eq!(here, there, "{at}: {field} differs (left here, right there) {:?}", card.links);
            }
        }
        let labels: BTreeSet<String> =
            issue.labels.iter().filter(|l| !world.places[0].mapping.is_status_label(l)).cloned().collect();
        if !seen.open(card.id, Field::Labels) {
            assert_eq!(*card.labels, labels, "{at}: labels differ");
        }
        if !seen.open(card.id, Field::Assignees) {
            assert_eq!(card.assignees, issue.assignees.iter().cloned().collect(), "{at}: people differ");
        }
    }
}

fn one_issue_for_each_card(world: &World, seen: &Seen) {
    let mut of: HashMap<u64, u32> = HashMap::new();
    for number in seen.cards.values().filter_map(number_of) {
        *of.entry(number).or_default() += 1;
    }
    for (number, cards) in &of {
        assert_eq!(*cards, 1, "#{number} has {cards} cards");
    }
    let archived: HashSet<u64> =
        world.ledger.archived.iter().filter_map(|card| seen.number.get(card).copied()).collect();
    for number in seen.issues.keys().filter(|n| !archived.contains(n)) {
        assert!(of.contains_key(number), "#{number} has no card");
    }
    let mut born: HashMap<String, u64> = HashMap::new();
    for (at, p) in seen.past.iter().enumerate().filter(|(_, p)| p.field == "created" && p.by == US) {
        let mark = marker(&p.after).expect("what we make is marked");
        // One that somebody took away before its lost answer was looked for is in no list.
        let was_gone =
            |n: &u64| !seen.issues.contains_key(n) && seen.past[at..].iter().all(|later| later.number != *n);
        let before = born.insert(mark, p.number).filter(|n| !was_gone(n));
        assert_eq!(before, None, "#{} is the second issue of its card", p.number);
    }
    for (card, mark) in &world.ledger.made {
        let aside = seen.cards.get(card).is_some_and(|c| c.links[0].sync == SyncStatus::Failed);
        assert!(
            born.contains_key(mark) || aside,
            "{card:?} never became an issue: {:?}",
            seen.cards.get(card)
        );
    }
}

fn every_comment_once(world: &World, seen: &Seen) {
    for (card, body) in &world.ledger.comments {
        let Some(issue) = seen.number.get(card).and_then(|n| seen.issues.get(n)) else { continue };
        if seen.cards.get(card).is_some_and(|c| c.links[0].sync == SyncStatus::Failed) {
            continue;
        }
        let said = issue.comments.iter().filter(|c| c.body.starts_with(body.as_str())).count();
        assert_eq!(said, 1, "#{}: \"{body}\" is said {said} times", issue.number);
    }
}

/// A label or a person that was put on is there unless somebody took it off, and one that was taken off is not.
fn every_name_is_there(world: &World, seen: &Seen) {
    let number = |on: &On| match on {
        On::Card(card) => seen.number.get(card).copied(),
        On::Issue(_, number) => Some(*number),
    };
    let on_board: HashMap<u64, &Card> =
        seen.cards.values().filter_map(|c| Some((number_of(c)?, c))).collect();
    let removed: HashSet<(Field, u64, &str)> = world
        .ledger
        .removed
        .iter()
        .filter_map(|(field, on, name)| Some((*field, number(on)?, name.as_str())))
        .collect();
    let there = |field: Field, issue: &IssueView, name: &str| {
        let names = if field == Field::Labels { &issue.labels } else { &issue.assignees };
        contains(&names.iter().cloned().collect(), name)
    };
    for (field, on, name) in &world.ledger.added {
        let Some(number) = number(on) else { continue };
        let Some(issue) = seen.issues.get(&number) else { continue };
        if on_board.get(&number).is_none_or(|c| seen.shared(c).is_none()) {
            continue;
        }
        let wanted = !removed.contains(&(*field, number, name));
        let there_is = there(*field, issue, name);
        if there_is && !wanted && put_back_unseen(world, seen, number, name) {
            continue;
        }
        let holds = |text: &str| text.lines().any(|line| line == name);
        let past: Vec<&Past> =
            seen.past.iter().filter(|p| p.number == number && holds(&p.before) != holds(&p.after)).collect();
        let card = on_board.get(&number);
        assert_eq!(
            there_is,
            wanted,
            "#{number}: {field} {name}, wanted {wanted}\nthere: {past:#?}\ncard: {card:?}\n{}",
            world.waits.about(&format!("/issues/{number}"))
        );
    }
    for (field, number, name) in &removed {
        let Some(issue) = seen.issues.get(number) else { continue };
        if on_board.get(number).is_some_and(|c| seen.shared(c).is_some())
            && !put_back_unseen(world, seen, *number, name)
        {
            let past: Vec<&Past> = seen.past.iter().filter(|p| p.number == *number).collect();
            let card = on_board.get(number);
            assert!(
                !there(*field, issue, name),
                "#{number}: {field} {name} was taken off and is there\nthere: {past:#?}\ncard: {card:?}\n{}",
                world.waits.about(&format!("/issues/{number}"))
            );
        }
    }
}

/// Whether a name was put on by us without an answer, taken off by somebody before anybody here had looked again, and
/// then put on again, for all that could be known here was that it is not there. The platform tells no more.
fn put_back_unseen(world: &World, seen: &Seen, number: u64, name: &str) -> bool {
    let holds = |text: &str| text.lines().any(|line| line == name);
    let of_name: Vec<(usize, bool, bool)> = seen
        .past
        .iter()
        .enumerate()
        .filter(|(_, p)| p.number == number && holds(&p.before) != holds(&p.after))
        .map(|(at, p)| (at, p.by == US, holds(&p.after)))
        .collect();
    of_name.windows(3).any(|w| match w {
        [(first, true, true), (off, false, false), (_, true, true)] => !world
            .waits
            .reads
            .iter()
            .any(|(_, n, moment)| *n == number && (first + 1..=*off).contains(moment)),
        _ => false,
    })
}

/// An edit in the platform's history: its place there, who, before, after.
type Line = (usize, String, String, String);

/// What the platform's history holds, by issue and field.
struct Index {
    lines: HashMap<(u64, Field), Vec<Line>>,
    /// Where we read an issue: how many edits the answer knew of.
    reads: HashMap<u64, Vec<usize>>,
}

impl Index {
    fn of(world: &World, seen: &Seen) -> Self {
        let mut lines: HashMap<(u64, Field), Vec<Line>> = HashMap::new();
        for (at, p) in seen.past.iter().enumerate() {
            let mut put = |field, before, after| {
                lines.entry((p.number, field)).or_default().push((at, p.by.clone(), before, after));
            };
            match p.field {
                "created" => {
                    put(Field::Title, String::new(), p.before.clone());
                    put(Field::Body, String::new(), plain(&p.after));
                    put(Field::Status, String::new(), world.places[0].reads_as("open"));
                }
                "title" => put(Field::Title, p.before.clone(), p.after.clone()),
                "body" => put(Field::Body, plain(&p.before), plain(&p.after)),
                "milestone" => put(Field::Milestone, p.before.clone(), p.after.clone()),
                "assignees" => {}
                _ => {
                    let (before, after) =
                        (world.places[0].reads_as(&p.before), world.places[0].reads_as(&p.after));
                    if before != after {
                        put(Field::Status, before, after);
                    }
                }
            }
        }
        let mut reads: HashMap<u64, Vec<usize>> = HashMap::new();
        for (_, number, moment) in &world.waits.reads {
            reads.entry(*number).or_default().push(*moment);
        }
        Self { lines, reads }
    }

    fn of_field(&self, number: u64, field: Field) -> &[Line] {
        self.lines.get(&(number, field)).map_or(&[], Vec::as_slice)
    }
}

fn is_there_or_kept(world: &World, seen: &Seen, index: &Index, edit: &LocalEdit) {
    let LocalEdit { card, field, before: _, after } = edit;
    let later = world.ledger.edits.iter().any(|e| e.card == *card && e.field == *field && e.before == *after);
    let kept = seen.kept(*card).any(|c| c.field == *field && words(&c.local) == *after);
    let here = seen.value(*card, *field).is_some_and(|v| v == *after);
    let number = seen.number.get(card).copied();
    let lines = number.map_or(&[][..], |n| index.of_field(n, *field));
    let reached = lines.iter().any(|(_, _, before, now)| now == after || before == after);
    let taken_back = *field == Field::Status && seen.refused.contains(card);
    let gone = world.ledger.archived.contains(card) && number.is_none_or(|n| !seen.issues.contains_key(&n));
    let ok = later || kept || here || reached || taken_back || gone;
    let story: Vec<_> = world.ledger.edits.iter().filter(|e| e.card == *card && e.field == *field).collect();
    assert!(
        ok,
        "lost: {field} \"{after}\" of {number:?}\nedits here: {story:#?}\nthere: {lines:#?}\nkept: {:#?}",
        seen.kept(*card).collect::<Vec<_>>()
    );
}

/// What a conflict holds against the value here was written by somebody else. Texts only: no two are alike.
fn nobody_is_in_conflict_with_themselves(seen: &Seen, index: &Index) {
    for (card, kept) in &seen.conflicts {
        let Some(number) = seen.number.get(card) else { continue };
        for c in kept.iter().filter(|c| matches!(c.field, Field::Title | Field::Body)) {
            let lines = index.of_field(*number, c.field);
            let wrote =
                |us: bool| lines.iter().any(|(_, by, _, now)| (by == US) == us && *now == words(&c.remote));
            assert!(
                !wrote(true) || wrote(false),
                "#{number}: in conflict with our own write: {c:#?}\nthere: {lines:#?}"
            );
        }
    }
}

/// Whenever we wrote over somebody's value, that value had been seen here, or is kept. One that was written between
/// our look and our write cannot be: the platform knows no precondition. Those are counted.
fn nothing_unseen_was_overwritten(world: &mut World, seen: &Seen, index: &Index) {
    let cards: HashMap<u64, CardId> = seen.number.iter().map(|(card, n)| (*n, *card)).collect();
    let mut within = 0;
    for ((number, field), lines) in &index.lines {
        let Some(card) = cards.get(number) else { continue };
        for (at, pair) in lines.windows(2).enumerate() {
            let [(theirs, who, _, value), (ours, us, before, _)] = pair else { continue };
            // A write of ours may come in two lines; what it comes to is in the last.
            let after = lines[at + 1..]
                .iter()
                .take_while(|(_, by, ..)| by == US)
                .last()
                .map(|(_, _, _, after)| after);
            if who == US || us != US || after == Some(value) || before != value {
                continue;
            }
            let seen_here =
                world.ledger.edits.iter().any(|e| e.card == *card && e.field == *field && e.before == *value)
                    || seen.kept(*card).any(|c| c.field == *field && words(&c.remote) == *value);
            let looked = index.reads.get(number).into_iter().flatten().filter(|m| **m <= *ours).max();
            let unseen = looked.is_none_or(|m| m <= theirs);
            if !seen_here && unseen {
                within += 1;
            }
            assert!(
                seen_here || unseen,
                "#{number}: {field} \"{value}\" of {who} was written over\nthere: {lines:#?}\nhere: {:#?}\nkept: {:#?}\n{}",
                world
                    .ledger
                    .edits
                    .iter()
                    .filter(|e| e.card == *card && e.field == *field)
                    .collect::<Vec<_>>(),
                seen.kept(*card).collect::<Vec<_>>(),
                world.waits.about(&format!("/issues/{number}"))
            );
        }
    }
    world.overwritten_within = within;
}
