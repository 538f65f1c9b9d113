//! What must hold when all is quiet and cards are on several platforms: every platform agrees with the card, no value of
//! anybody is lost, nothing is there twice, and no two platforms wear each other out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use corkboard::domain::CardId;
use corkboard::domain::card::Card;
use corkboard::domain::fields::{Field, Value, contains};
use corkboard::domain::history::What;
use corkboard::domain::link::{Link, SyncStatus};
use corkboard::domain::mapping::Status;

use super::check::{US, home_number, words};
use super::ledger::{Node, On};
use super::place::Item;
use super::seen::{Line, Seen};
use super::world::World;

/// How often we may write the same text to the same item: once to bring it there, and again when conflicts about it are
/// decided otherwise.
const SAME_TEXT: usize = 4;

/// Checks every promise.
pub fn all(world: &mut World) {
    let seen = Seen::of(world);
    every_platform_agrees(world, &seen);
    every_item_has_one_card(world, &seen);
    every_comment_once(world, &seen);
    every_label_is_there(world, &seen);
    let mut within = 0;
    for edit in &world.ledger.edits {
        let kin = world.ledger.kin(Node::Card(edit.card));
        let fate = Fate { world, seen: &seen, kin, field: edit.field, value: &edit.after };
        let ok = fate.is_known();
        assert!(
            ok,
            "lost: {} \"{}\" made here\n{}",
            edit.field,
            edit.after,
            seen.about(world, kin, edit.field)
        );
    }
    for (n, line) in seen.lines.iter().enumerate().filter(|(_, l)| !l.is_ours()) {
        let kin = world.ledger.kin(Node::Item(line.place, line.number));
        let fate = Fate { world, seen: &seen, kin, field: line.field, value: &line.after };
        if fate.is_known() || out_of_reach(world, &seen, line) {
            continue;
        }
        let between = replaced_between(&seen, n);
        within += u64::from(between);
        assert!(
            between,
            "lost: {} \"{}\" of {} on {}#{}\n{}",
            line.field,
            line.after,
            line.by,
            world.places[line.place].name,
            line.number,
            seen.about(world, kin, line.field)
        );
    }
    nobody_is_in_conflict_with_themselves(world, &seen);
    nothing_goes_back_and_forth(world, &seen);
    world.overwritten_within = within;
}

fn every_platform_agrees(world: &World, seen: &Seen) {
    for card in seen.cards.values() {
        for link in &card.links {
            let place = world.place_of(link);
            let Some(item) = seen.shared(place, link) else { continue };
            agrees(world, seen, card, link, item);
        }
    }
}

fn agrees(world: &World, seen: &Seen, card: &Card, link: &Link, item: &Item) {
    let there = &world.places[world.place_of(link)];
    let (mapping, names) = (&there.mapping, there.mapping.names());
    let at = format!("{}#{} \"{}\"", there.name, item.number, card.title);
    let about = |field| seen.about(world, world.ledger.kin(Node::Card(card.id)), field);
    let rows = [
        (Field::Title, item.title.clone()),
        (Field::Body, item.body.clone()),
        (Field::Status, mapping.read(&item.state).status.to_string()),
        (Field::Milestone, names.milestone_here(item.milestone.as_deref()).unwrap_or_default()),
    ];
    for (field, theirs) in rows {
        let expressed = field != Field::Status || mapping.target(&card.status).is_some();
        if expressed && !seen.open(card, link, field) {
            let ours = seen.value(card, field);
            assert_eq!(ours, theirs, "{at}: {field} differs (left here, right there)\n{}", about(field));
        }
    }
    let labels: BTreeSet<String> =
        item.state.labels.iter().filter(|l| !mapping.is_status_label(l)).cloned().collect();
    if !seen.open(card, link, Field::Labels) {
        let (ours, theirs) = (&card.labels, names.labels_here(&labels));
        assert_eq!(**ours, theirs, "{at}: labels differ\n{}", about(Field::Labels));
    }
    if !seen.open(card, link, Field::Assignees) {
        let (ours, theirs) = (names.expressible(&card.assignees), names.people_here(&item.assignees));
        assert_eq!(ours, theirs, "{at}: people differ\n{}", about(Field::Assignees));
    }
}

fn every_item_has_one_card(world: &World, seen: &Seen) {
    let mut of: HashMap<(usize, u64), u32> = HashMap::new();
    for card in seen.cards.values() {
        let mut on = BTreeSet::new();
        for link in &card.links {
            assert!(on.insert(&link.connection), "a card is twice on {}: {card:#?}", link.connection);
            if let Some(number) = home_number(link) {
                *of.entry((world.place_of(link), number)).or_default() += 1;
            }
            let owed = link.number.is_none() && link.sync != SyncStatus::Failed;
            assert!(!owed, "never became an item on {}: {card:#?}", link.connection);
        }
    }
    for ((place, number), cards) in &of {
        assert_eq!(*cards, 1, "{}#{number} has {cards} cards", world.places[*place].name);
    }
    let archived: HashSet<Node> =
        world.ledger.archived.iter().map(|card| world.ledger.kin(Node::Card(*card))).collect();
    for (place, items) in seen.items.iter().enumerate() {
        let mut born: HashMap<&str, u64> = HashMap::new();
        for item in items.values() {
            let kin = world.ledger.kin(Node::Item(place, item.number));
            let known = of.contains_key(&(place, item.number)) || archived.contains(&kin);
            assert!(known, "{}#{} has no card: {item:#?}", world.places[place].name, item.number);
            let twin = item.marker.as_deref().and_then(|m| born.insert(m, item.number));
            assert_eq!(twin, None, "{}#{} is the second of its card", world.places[place].name, item.number);
        }
    }
}

fn every_comment_once(world: &World, seen: &Seen) {
    let count = |item: &Item, text: &str| item.comments.iter().filter(|c| c.starts_with(text)).count();
    for (text, links) in &world.ledger.said {
        for (place, items) in seen.items.iter().enumerate() {
            for item in items.values() {
                let said = count(item, text);
                let at = format!("{}#{}", world.places[place].name, item.number);
                assert!(said < 2, "{at}: \"{text}\" is said {said} times");
            }
        }
        for card in seen.cards.values() {
            for link in card.links.iter().filter(|l| links.contains(&l.id)) {
                let place = world.place_of(link);
                let Some(item) = seen.shared(place, link) else { continue };
                let at = format!("{}#{}", world.places[place].name, item.number);
                assert_eq!(count(item, text), 1, "{at}: \"{text}\" is not said\n{card:#?}");
            }
        }
    }
}

/// A label that was put on is on its card unless somebody took it off, and one that was taken off is not. What the
/// platforms have is the same. Where cards were joined or parted, a label may stay on one side.
fn every_label_is_there(world: &World, seen: &Seen) {
    let kin = |on: &On| world.ledger.kin(Node::from(*on));
    let parted: HashSet<Node> = world.ledger.parted.iter().map(|node| world.ledger.kin(*node)).collect();
    let mut cards: HashMap<Node, Vec<&Card>> = HashMap::new();
    for card in seen.cards.values() {
        cards.entry(world.ledger.kin(Node::Card(card.id))).or_default().push(card);
    }
    let holds = |card: &Card, field: Field, name: &str| {
        contains(if field == Field::Labels { &card.labels } else { &card.assignees }, name)
    };
    let removed: HashSet<(Field, Node, &str)> =
        world.ledger.removed.iter().map(|(f, on, name)| (*f, kin(on), name.as_str())).collect();
    for (field, on, name) in &world.ledger.added {
        let kin = kin(on);
        let lost = parted.contains(&kin) || seen.was_transferred(world, kin) || gone(world, seen, on);
        if lost || removed.contains(&(*field, kin, name)) {
            continue;
        }
        for card in cards.get(&kin).into_iter().flatten() {
            let about = seen.about(world, kin, *field);
            assert!(holds(card, *field, name), "{field} {name} of {on:?} is not on its card\n{about}");
        }
    }
    for (field, kin, name) in &removed {
        for card in cards.get(kin).into_iter().flatten().filter(|_| !parted.contains(kin)) {
            if !holds(card, *field, name) || put_back_unseen(world, seen, *kin, name) {
                continue;
            }
            let about = seen.about(world, *kin, *field);
            panic!("{field} {name} was taken off and is on its card\n{about}");
        }
    }
}

/// Whether the item somebody edited was never to be seen again.
fn gone(world: &World, seen: &Seen, on: &On) -> bool {
    let On::Issue(place, number) = on else { return false };
    let linked = seen
        .cards
        .values()
        .flat_map(|c| &c.links)
        .find(|l| world.place_of(l) == *place && home_number(l) == Some(*number));
    linked.is_none_or(|link| seen.shared(*place, link).is_none())
}

/// Whether on one of the platforms a name was put on by us without an answer, taken off by somebody before anybody here
/// had looked again, and then put on again, for all that could be known here was that it is not there.
fn put_back_unseen(world: &World, seen: &Seen, kin: Node, name: &str) -> bool {
    let holds = |text: &str| text.lines().any(|line| line == name);
    world.places.iter().enumerate().any(|(place, there)| {
        let mut of_items: BTreeMap<u64, Vec<(usize, bool, bool)>> = BTreeMap::new();
        for (at, p) in there.history(world.sandbox()).iter().enumerate() {
            let ours = world.ledger.kin(Node::Item(place, p.number)) == kin;
            if ours && holds(&p.before) != holds(&p.after) {
                of_items.entry(p.number).or_default().push((at, p.by == US, holds(&p.after)));
            }
        }
        of_items.iter().any(|(number, steps)| {
            steps.windows(3).any(|w| match w {
                [(first, true, true), (off, false, false), (_, true, true)] => {
                    let reads = seen.reads.get(&(place, *number));
                    !reads.into_iter().flatten().any(|moment| (first + 1..=*off).contains(moment))
                }
                _ => false,
            })
        })
    })
}

/// A value somebody gave a field, and what may have become of it.
struct Fate<'a> {
    world: &'a World,
    seen: &'a Seen,
    kin: Node,
    field: Field,
    value: &'a str,
}

impl Fate<'_> {
    /// The value is the card's, or somebody replaced it who saw it, or it is kept, or its move was refused.
    fn is_known(&self) -> bool {
        self.value.is_empty() && matches!(self.field, Field::Title | Field::Body)
            || self.is_current()
            || self.was_replaced_knowingly()
            || self.is_kept()
            || self.was_taken_back()
            || self.was_out_of_sight()
            || self.field == Field::Milestone && self.seen.was_transferred(self.world, self.kin)
            || self.left_the_board()
    }

    fn of_kin(&self, card: CardId) -> bool {
        self.world.ledger.kin(Node::Card(card)) == self.kin
    }

    fn is_current(&self) -> bool {
        let mut cards = self.seen.cards.values().filter(|c| self.of_kin(c.id));
        cards.any(|c| self.seen.value(c, self.field) == self.value)
    }

    fn was_replaced_knowingly(&self) -> bool {
        let mut here =
            self.world.ledger.edits.iter().filter(|e| self.of_kin(e.card) && e.field == self.field);
        here.any(|e| e.before == self.value)
            || self
                .seen
                .lines_of(self.kin)
                .any(|l| l.field == self.field && !l.is_ours() && l.before == self.value)
    }

    fn is_kept(&self) -> bool {
        let kept = |value: &Value| words(value) == self.value;
        let mut conflicts = self.seen.conflicts.iter().filter(|(card, _)| self.of_kin(**card));
        conflicts
            .any(|(_, all)| all.iter().any(|c| c.field == self.field && (kept(&c.local) || kept(&c.remote))))
            || self
                .seen
                .lost
                .iter()
                .filter(|(card, _)| self.of_kin(**card))
                .any(|(_, all)| all.iter().any(|v| v.what == What::Field(self.field) && kept(&v.after)))
    }

    fn was_taken_back(&self) -> bool {
        self.field == Field::Status && self.seen.refused.iter().any(|card| self.of_kin(*card))
    }

    /// A status that a platform cannot show: whoever moves the item there does not see it, and moves the card.
    fn was_out_of_sight(&self) -> bool {
        let status = Status::new(self.value);
        self.field == Field::Status
            && self.seen.lines_of(self.kin).any(|l| {
                let mapping = &self.world.places[l.place].mapping;
                l.field == Field::Status && !l.is_ours() && mapping.target(&status).is_none()
            })
    }

    fn left_the_board(&self) -> bool {
        self.world.ledger.archived.iter().any(|card| self.of_kin(*card))
    }
}

/// Whether the item an edit was made on cannot be read any more, or was set aside.
fn out_of_reach(world: &World, seen: &Seen, line: &Line) -> bool {
    gone(world, seen, &On::Issue(line.place, line.number))
}

/// Whether we replaced a value that was written between our look and our write, which follow each other directly: no
/// platform knows a precondition for all fields.
fn replaced_between(seen: &Seen, line: usize) -> bool {
    let theirs = &seen.lines[line];
    let next = seen.lines[line + 1..]
        .iter()
        .find(|l| (l.place, l.number, l.field) == (theirs.place, theirs.number, theirs.field));
    let Some(ours) = next.filter(|l| l.is_ours()) else { return false };
    let mut looks: Vec<usize> =
        seen.reads.get(&(theirs.place, theirs.number)).into_iter().flatten().copied().collect();
    looks.retain(|m| *m <= ours.at);
    looks.last().is_none_or(|m| *m <= theirs.at)
}

/// What a conflict holds against the value here was written by somebody else. Texts only: no two are alike.
fn nobody_is_in_conflict_with_themselves(world: &World, seen: &Seen) {
    for (card, kept) in &seen.conflicts {
        let kin = world.ledger.kin(Node::Card(*card));
        for c in kept.iter().filter(|c| matches!(c.field, Field::Title | Field::Body)) {
            let place = world.places.iter().position(|p| p.name == c.connection).expect("a place");
            let wrote = |us: bool| {
                seen.lines_of(kin).any(|l| {
                    l.place == place && l.field == c.field && l.is_ours() == us && l.after == words(&c.remote)
                })
            };
            let about = || seen.about(world, kin, c.field);
            assert!(!wrote(true) || wrote(false), "in conflict with our own write: {c:#?}\n{}", about());
        }
    }
}

fn nothing_goes_back_and_forth(world: &World, seen: &Seen) {
    let mut times: HashMap<(usize, u64, Field, &str), usize> = HashMap::new();
    let texts = |l: &&Line| l.is_ours() && matches!(l.field, Field::Title | Field::Body);
    for line in seen.lines.iter().filter(texts) {
        let n = times.entry((line.place, line.number, line.field, &line.after)).or_default();
        *n += 1;
        let kin = world.ledger.kin(Node::Item(line.place, line.number));
        assert!(
            *n <= SAME_TEXT,
            "{} \"{}\" was written {n} times to {}#{}\n{}",
            line.field,
            line.after,
            world.places[line.place].name,
            line.number,
            seen.about(world, kin, line.field)
        );
    }
}
