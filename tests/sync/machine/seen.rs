//! Everything there is to look at when all is quiet: cards, items and what became of both, read once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use corkboard::domain::audit::AuditFilter;
use corkboard::domain::card::Card;
use corkboard::domain::fields::Field;
use corkboard::domain::history::{Version, VersionKind};
use corkboard::domain::link::{Link, SyncStatus};
use corkboard::domain::{CardId, Conflict};

use super::check::{US, home_number};
use super::ledger::Node;
use super::place::{Ground, Item, bare};
use super::world::World;

/// An edit of a field that has one value, in the history of a platform.
#[derive(Debug, Clone)]
pub struct Line {
    pub place: usize,
    pub number: u64,
    /// Its place in that history.
    pub at: usize,
    pub by: String,
    pub field: Field,
    pub before: String,
    pub after: String,
}

impl Line {
    pub fn is_ours(&self) -> bool {
        self.by == US
    }
}

/// Everything there is to look at, read once.
pub struct Seen {
    pub cards: HashMap<CardId, Card>,
    pub bodies: HashMap<CardId, String>,
    pub conflicts: HashMap<CardId, Vec<Conflict>>,
    /// Values that lost and are kept with their card.
    pub lost: HashMap<CardId, Vec<Version>>,
    /// Cards with moves that a platform refused and that were taken back.
    pub refused: HashSet<CardId>,
    /// By place, then by number.
    pub items: Vec<BTreeMap<u64, Item>>,
    pub lines: Vec<Line>,
    /// Of each kin, its lines.
    pub of_kin: HashMap<Node, Vec<usize>>,
    /// Looks at single items: how many edits the answer knew of.
    pub reads: HashMap<(usize, u64), Vec<usize>>,
}

fn lines(world: &World) -> Vec<Line> {
    let mut out = Vec::new();
    for (place, there) in world.places.iter().enumerate() {
        for (at, p) in there.history(world.sandbox()).into_iter().enumerate() {
            let mut put = |field, before: String, after: String| {
                let (number, by) = (p.number, p.by.clone());
                if before != after {
                    out.push(Line { place, number, at, by, field, before, after });
                }
            };
            match p.field {
                "created" => {
                    put(Field::Title, String::new(), p.before.clone());
                    put(Field::Body, String::new(), p.after.clone());
                    put(Field::Status, String::new(), there.fresh());
                }
                "title" => put(Field::Title, p.before.clone(), p.after.clone()),
                "body" => put(Field::Body, p.before.clone(), p.after.clone()),
                "milestone" => {
                    let here = |title: &str| {
                        let title = Some(title).filter(|t| !t.is_empty());
                        there.mapping.names().milestone_here(title).unwrap_or_default()
                    };
                    put(Field::Milestone, here(&p.before), here(&p.after));
                }
                "standing" => put(Field::Status, there.reads_as(&p.before), there.reads_as(&p.after)),
                _ => {}
            }
        }
    }
    out
}

impl Seen {
    pub fn of(world: &mut World) -> Self {
        let engine = world.engine();
        let board = world.process().block_on(engine.board()).expect("a board");
        world.observe(&board);
        let cards: HashMap<CardId, Card> = board.cards().map(|c| (c.id, c.clone())).collect();
        let known: BTreeSet<CardId> = (world.ledger.edits.iter().map(|e| e.card))
            .chain(cards.keys().copied())
            .chain(world.ledger.links.values().copied())
            .collect();
        let asked = engine.store().run(move |db| {
            let (mut conflicts, mut lost) = (HashMap::new(), HashMap::new());
            for card in known {
                conflicts.insert(card, db.conflicts_of(card)?);
                let kept = db.history(card, 1_000)?.into_iter().filter(|v| v.kind == VersionKind::Lost);
                lost.insert(card, kept.collect());
            }
            let refused =
                AuditFilter { action: Some("update".to_owned()), troubled: true, ..AuditFilter::default() };
            Ok((db.bodies()?, conflicts, lost, db.audit_page(&refused, None, 10_000)?))
        });
        let (bodies, conflicts, lost, audit) = world.process().block_on(asked).expect("read");
        let all = world.places.iter().map(|p| p.items(world.sandbox()));
        let items: Vec<BTreeMap<u64, Item>> =
            all.map(|items| items.into_iter().map(|i| (i.number, i)).collect()).collect();
        join_made(world, &items);
        let lines = lines(world);
        let mut of_kin: HashMap<Node, Vec<usize>> = HashMap::new();
        for (n, line) in lines.iter().enumerate() {
            of_kin.entry(world.ledger.kin(Node::Item(line.place, line.number))).or_default().push(n);
        }
        let refused = audit.into_iter().filter_map(|row| row.card).collect();
        let reads = reads(world);
        Self { cards, bodies, conflicts, lost, refused, items, lines, of_kin, reads }
    }

    pub fn lines_of(&self, kin: Node) -> impl Iterator<Item = &Line> {
        self.of_kin.get(&kin).into_iter().flatten().map(|n| &self.lines[*n])
    }

    pub fn value(&self, card: &Card, field: Field) -> String {
        match field {
            Field::Title => card.title.clone(),
            Field::Body => self.bodies.get(&card.id).cloned().unwrap_or_default(),
            Field::Status => card.status.to_string(),
            Field::Milestone => card.milestone.clone().unwrap_or_default(),
            Field::Labels | Field::Assignees | Field::Extra(_) => String::new(),
        }
    }

    /// Whether a field waits for a person on one link.
    pub fn open(&self, card: &Card, link: &Link, field: Field) -> bool {
        self.conflicts
            .get(&card.id)
            .into_iter()
            .flatten()
            .any(|c| c.field == field && c.decided.is_none() && c.connection == link.connection)
    }

    /// Whether an item of a kin went to another repository, which has no labels and milestones of its old one.
    pub fn was_transferred(&self, world: &World, kin: Node) -> bool {
        let cards = self.cards.values().filter(|c| world.ledger.kin(Node::Card(c.id)) == kin);
        cards.flat_map(|c| &c.links).any(|l| l.number.is_some() && home_number(l).is_none())
    }

    /// The item of a link that card and platform still share.
    pub fn shared(&self, place: usize, link: &Link) -> Option<&Item> {
        let item = self.items[place].get(&home_number(link)?)?;
        (link.sync != SyncStatus::Failed).then_some(item)
    }

    /// Everything about a kin, for whoever reads why a promise was broken.
    pub fn about(&self, world: &World, kin: Node, field: Field) -> String {
        let of = |card: &CardId| world.ledger.kin(Node::Card(*card)) == kin;
        let cards: Vec<&Card> = self.cards.values().filter(|c| of(&c.id)).collect();
        let edits: Vec<_> = world.ledger.edits.iter().filter(|e| of(&e.card) && e.field == field).collect();
        let there: Vec<&Line> = self.lines_of(kin).filter(|l| l.field == field).collect();
        let kept: Vec<&Conflict> =
            self.conflicts.iter().filter(|(c, _)| of(c)).flat_map(|(_, k)| k).collect();
        let lost: Vec<&Version> = self.lost.iter().filter(|(c, _)| of(c)).flat_map(|(_, k)| k).collect();
        let asked: Vec<String> = (there.iter().map(|l| (l.place, l.number)))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|(place, number)| format!("-- {place}#{number}\n{}", world.about(place, number)))
            .collect();
        format!(
            "cards: {cards:#?}\nedits here: {edits:#?}\nthere: {there:#?}\nkept: {kept:#?}\nlost: {lost:#?}\n{}",
            asked.join("\n")
        )
    }
}

/// An item that carries the id of a link belongs to its card, also when nobody has found it yet.
fn join_made(world: &mut World, items: &[BTreeMap<u64, Item>]) {
    let made: HashMap<String, CardId> =
        world.ledger.links.iter().map(|(link, card)| (bare(&link.to_string()), *card)).collect();
    for (place, items) in items.iter().enumerate() {
        for item in items.values() {
            if let Some(card) = item.marker.as_ref().and_then(|m| made.get(&bare(m))) {
                world.ledger.join(Node::Card(*card), Node::Item(place, item.number));
            }
        }
    }
}

fn reads(world: &World) -> HashMap<(usize, u64), Vec<usize>> {
    let mut out: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
    for (ground, number, moment) in &world.waits.reads {
        let Some(place) = world.places.iter().position(|p| p.ground == *ground) else { continue };
        if let Some(number) = world.number_of_id(*ground, *number) {
            out.entry((place, number)).or_default().push(*moment);
        }
    }
    out
}

impl World {
    /// The place a link is on.
    pub fn place_of(&self, link: &Link) -> usize {
        self.places.iter().position(|p| p.name == link.connection).expect("a place")
    }

    /// The number of an item that a request named, which Jira's name by id.
    fn number_of_id(&self, ground: Ground, id: u64) -> Option<u64> {
        if ground != Ground::Jira {
            return Some(id);
        }
        let all = self.sandbox().jira().issues();
        all.iter().find(|i| i.id == id.to_string()).map(|i| super::place::number_in(&i.key))
    }

    /// The requests about an item.
    pub fn about(&self, place: usize, number: u64) -> String {
        match self.places[place].ground {
            Ground::Jira => {
                let all = self.sandbox().jira().issues();
                let id = all.iter().find(|i| i.key == format!("ABC-{number}")).map(|i| i.id.clone());
                self.waits.about(&format!("/jira/rest/api/3/issue/{}", id.unwrap_or_default()))
            }
            Ground::Gitlab => self.waits.about(&format!("octo%2Fapp/issues/{number}")),
            Ground::Github => self.waits.about(&format!("/repos/octo/app/issues/{number}")),
        }
    }
}
