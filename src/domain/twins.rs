//! Cards that may be the same work on two platforms, and what speaks for it. A suggestion, no more: nothing here links
//! anything. Pure, and bounded: the words and names of all cards are indexed once, and only what shares some is compared.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use similar::{Algorithm, capture_diff_slices, diff_ratio};

use super::card::CardId;
use super::fields::{Field, Value};
use super::link::{ConnectionName, LinkId};

mod words;

use words::{Title, named_in};

/// The most twins told of one card.
const PER_CARD: usize = 5;
/// The most pairs told of a whole board.
const PAIRS: usize = 500;
/// A card that names more others than this is a list of them, not the same work as any.
const LISTED: usize = 3;
/// A title more cards have than this says nothing of any.
const COMMON_TITLE: usize = 6;
/// A word more titles have than this leads from no title to another.
const COMMON_WORD: usize = 50;
/// How many titles each title is compared with letter by letter: those that share most with it.
const COMPARED: usize = 8;
/// How much of two titles' letters must be the same, in percent.
const ALIKE: u8 = 82;

/// A card as it is compared with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// Which card.
    pub card: CardId,
    /// Its title.
    pub title: String,
    /// Its body, or as much of it as is looked at.
    pub text: String,
    /// Where it is.
    pub places: Vec<Place>,
}

/// A card's item on one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The link.
    pub link: LinkId,
    /// The connection.
    pub connection: ConnectionName,
    /// What a text may call it: `core#12`, `octo/app#12`, `PLAN-7`, its web address. The first is its key.
    pub names: Vec<String>,
    /// The mark its body carries on the platform.
    pub marker: Option<LinkId>,
}

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// In the title.
    Title,
    /// In the text.
    Text,
}

impl Part {
    fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
        }
    }
}

/// Why another card may be the same work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Reason {
    /// One carries the mark by which an item of the other is found again.
    Marked,
    /// The other one names this card.
    Names {
        /// As it is written there.
        name: String,
        /// Where it stands.
        part: Part,
    },
    /// This card names the other one.
    NamedBy {
        /// What this card is called; its short id when it is on no platform.
        key: String,
        /// Where it stands.
        part: Part,
    },
    /// Both have the same words for a title.
    SameTitle,
    /// The titles are nearly the same.
    LikeTitle {
        /// How much of them is, in percent.
        percent: u8,
    },
}

impl Reason {
    /// In words, about the other card: `names core#12 in its text`.
    pub fn words(&self) -> String {
        match self {
            Self::Marked => "carries the same mark".to_owned(),
            Self::Names { name, part } => format!("names {name} in its {}", part.as_str()),
            Self::NamedBy { key, part } => format!("{key} names it in its {}", part.as_str()),
            Self::SameTitle => "same title".to_owned(),
            Self::LikeTitle { percent } => format!("title {percent}% the same"),
        }
    }

    /// How much it says.
    fn weight(&self) -> u32 {
        match self {
            Self::Marked => 200,
            Self::Names { .. } | Self::NamedBy { .. } => 80,
            Self::SameTitle => 100,
            Self::LikeTitle { percent } => u32::from(*percent) - 30,
        }
    }
}

/// Two cards that may be the same work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// The card that was asked about.
    pub card: CardId,
    /// The other one; it is on a platform.
    pub other: CardId,
    /// What speaks for it, what says most first. Never empty.
    pub reasons: Vec<Reason>,
}

impl Twin {
    /// All reasons in words.
    pub fn words(&self) -> String {
        self.reasons.iter().map(Reason::words).collect::<Vec<_>>().join(", ")
    }

    fn weight(&self) -> u32 {
        self.reasons.iter().map(Reason::weight).sum()
    }
}

/// A field that joining two cards would replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which field.
    pub field: Field,
    /// The value that stands.
    pub stays: Value,
    /// The value that is replaced, and kept in the card's history.
    pub goes: Value,
}

/// Two cards that a person said are not the same work; the lower id first.
pub type Dismissed = HashSet<(CardId, CardId)>;

/// Two cards in the order in which they are kept as a pair.
pub fn pair(one: CardId, two: CardId) -> (CardId, CardId) {
    if one <= two { (one, two) } else { (two, one) }
}

/// The likely twins of `only`, or of every card: the likeliest first. Two cards on one connection are never twins, nor
/// are two that are on none.
pub fn likely(all: &[Suspect], dismissed: &Dismissed, only: Option<CardId>) -> Vec<Twin> {
    let at = only.map(|id| all.iter().position(|s| s.card == id));
    if at == Some(None) {
        return Vec::new();
    }
    let search = Search { all, dismissed, only: at.flatten(), found: BTreeMap::new() };
    let mut twins = search.run();
    twins.sort_by_key(|t| (std::cmp::Reverse(t.weight()), t.card, t.other));
    let mut told: HashMap<CardId, usize> = HashMap::new();
    twins.retain(|twin| {
        let sides = if only.is_some() { vec![twin.card] } else { vec![twin.card, twin.other] };
        let few = sides.iter().all(|id| told.get(id).copied().unwrap_or(0) < PER_CARD);
        sides.into_iter().filter(|_| few).for_each(|id| *told.entry(id).or_default() += 1);
        few
    });
    twins.truncate(PAIRS);
    twins
}

/// What is found of one pair, the one with the lower place first.
#[derive(Default)]
struct Evidence {
    marked: bool,
    /// The first names the second by this, and the other way round.
    names: [Option<(String, Part)>; 2],
    title: Option<u8>,
}

struct Search<'a> {
    all: &'a [Suspect],
    dismissed: &'a Dismissed,
    only: Option<usize>,
    found: BTreeMap<(usize, usize), Evidence>,
}

impl Search<'_> {
    fn run(mut self) -> Vec<Twin> {
        self.marks();
        self.names();
        self.titles();
        let found = std::mem::take(&mut self.found);
        found.into_iter().map(|(pair, evidence)| self.twin(pair, evidence)).collect()
    }

    /// The evidence of a pair, when the two could be linked and it is asked about.
    fn of(&mut self, one: usize, two: usize) -> Option<(&mut Evidence, bool)> {
        if one == two || self.only.is_some_and(|only| only != one && only != two) {
            return None;
        }
        let (a, b) = (&self.all[one], &self.all[two]);
        // Whoever is asked about must find somebody who is on a platform.
        let reach = match self.only {
            Some(only) => !self.all[if only == one { two } else { one }].places.is_empty(),
            None => !(a.places.is_empty() && b.places.is_empty()),
        };
        let shared = a.places.iter().any(|p| b.places.iter().any(|q| p.connection == q.connection));
        if !reach || shared || self.dismissed.contains(&pair(a.card, b.card)) {
            return None;
        }
        let turned = one > two;
        let key = if turned { (two, one) } else { (one, two) };
        Some((self.found.entry(key).or_default(), turned))
    }

    fn marks(&mut self) {
        let all = self.all;
        let mut owners: HashMap<LinkId, Vec<usize>> = HashMap::new();
        for (n, suspect) in all.iter().enumerate() {
            for place in &suspect.places {
                owners.entry(place.link).or_default().push(n);
                owners.entry(place.marker.unwrap_or(place.link)).or_default().push(n);
            }
        }
        for cards in owners.values_mut() {
            cards.dedup();
            for (at, one) in cards.iter().enumerate().take(COMMON_TITLE) {
                for two in cards[at + 1..].iter().take(COMMON_TITLE) {
                    if let Some((evidence, _)) = self.of(*one, *two) {
                        evidence.marked = true;
                    }
                }
            }
        }
    }

    fn names(&mut self) {
        let all = self.all;
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, suspect) in all.iter().enumerate() {
            for name in suspect.places.iter().flat_map(|p| &p.names) {
                index.entry(words::canonical(name)).or_default().push(n);
            }
        }
        for (n, suspect) in all.iter().enumerate() {
            let mut told: BTreeMap<usize, (String, Part)> = BTreeMap::new();
            for (part, text) in [(Part::Title, &suspect.title), (Part::Text, &suspect.text)] {
                for name in named_in(text) {
                    for other in index.get(&words::canonical(name)).into_iter().flatten() {
                        if *other != n {
                            told.entry(*other).or_insert_with(|| (name.to_owned(), part));
                        }
                    }
                }
            }
            if told.len() > LISTED {
                continue;
            }
            for (other, said) in told {
                if let Some((evidence, turned)) = self.of(n, other) {
                    evidence.names[usize::from(turned)] = Some(said);
                }
            }
        }
    }

    fn titles(&mut self) {
        let all = self.all;
        let titles: Vec<Title> = all.iter().map(|s| Title::of(&s.title)).collect();
        let mut same: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, title) in titles.iter().enumerate() {
            if !title.text.is_empty() {
                same.entry(&title.text).or_default().push(n);
            }
            for word in title.words() {
                holders.entry(word).or_default().push(n);
            }
        }
        for cards in same.values().filter(|cards| cards.len() <= COMMON_TITLE) {
            for (at, one) in cards.iter().enumerate() {
                for two in &cards[at + 1..] {
                    self.titled(*one, *two, 100);
                }
            }
        }
        let asked = self.only.map_or(0..titles.len(), |only| only..only + 1);
        for n in asked {
            for other in nearest(n, &titles, &holders) {
                // Of a pair of a whole board one side is enough.
                if let Some(percent) = alike(&titles[n], &titles[other]) {
                    self.titled(n, other, percent);
                }
            }
        }
    }

    fn titled(&mut self, one: usize, two: usize, percent: u8) {
        if let Some((evidence, _)) = self.of(one, two) {
            evidence.title = Some(percent);
        }
    }

    /// The pair as it is told: seen from the one that was asked about, or from the one that could be the hub.
    fn twin(&self, (one, two): (usize, usize), evidence: Evidence) -> Twin {
        let turned = match self.only {
            Some(only) => only == two,
            // By their keys, not by their ids, which say nothing to anybody; one that is on no platform first.
            None => key_of(&self.all[two]) < key_of(&self.all[one]),
        };
        let (card, other) =
            if turned { (&self.all[two], &self.all[one]) } else { (&self.all[one], &self.all[two]) };
        let [forth, back] = evidence.names;
        let (by_card, by_other) = if turned { (back, forth) } else { (forth, back) };
        let mut reasons = Vec::new();
        reasons.extend(evidence.marked.then_some(Reason::Marked));
        reasons.extend(evidence.title.map(|percent| match percent {
            100 => Reason::SameTitle,
            percent => Reason::LikeTitle { percent },
        }));
        reasons.extend(by_other.map(|(name, part)| Reason::Names { name, part }));
        reasons.extend(by_card.map(|(_, part)| Reason::NamedBy {
            key: key_of(card).map_or_else(|| card.card.short(), str::to_owned),
            part,
        }));
        reasons.sort_by_key(|r| std::cmp::Reverse(r.weight()));
        Twin { card: card.card, other: other.card, reasons }
    }
}

/// What a card is called on the first platform it is on.
fn key_of(card: &Suspect) -> Option<&str> {
    card.places.iter().find_map(|p| p.names.first()).map(String::as_str)
}

/// The titles that share most of their words with one, weighed by how rare the words are.
fn nearest(n: usize, titles: &[Title], holders: &HashMap<&str, Vec<usize>>) -> Vec<usize> {
    let total = titles.len() as f32;
    let weight = |word: &str| (1.0 + total / holders.get(word).map_or(1.0, |h| h.len() as f32)).ln();
    let own: f32 = titles[n].words().map(weight).sum();
    let mut shared: HashMap<usize, (f32, u32)> = HashMap::new();
    for word in titles[n].words() {
        let Some(with) = holders.get(word).filter(|h| h.len() <= COMMON_WORD) else { continue };
        for other in with.iter().filter(|other| **other != n) {
            let sum = shared.entry(*other).or_default();
            sum.0 += weight(word);
            sum.1 += 1;
        }
    }
    let mut near: Vec<(f32, usize)> = shared
        .into_iter()
        .filter(|(_, (sum, words))| *words >= 2 && *sum * 2.0 >= own)
        .map(|(other, (sum, _))| (sum, other))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    near.into_iter().take(COMPARED).map(|(_, other)| other).collect()
}

/// How much of two titles is the same, when it is enough: the share of letters in common runs (Myers' diff). Titles
/// that count differently (`release 1.2`, `release 1.3`) are about different things.
fn alike(one: &Title, two: &Title) -> Option<u8> {
    if one.numbers != two.numbers || one.text == two.text {
        return None;
    }
    let (a, b): (Vec<char>, Vec<char>) = (one.text.chars().collect(), two.text.chars().collect());
    let ops = capture_diff_slices(Algorithm::Myers, &a, &b);
    let percent = (diff_ratio(&ops, a.len(), b.len()) * 100.0).round().min(99.0) as u8;
    (percent >= ALIKE).then_some(percent)
}

#[cfg(test)]
mod tests;
