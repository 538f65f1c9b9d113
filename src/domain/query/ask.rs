//! What one term asks of a card, and whether a card answers it.

use std::cell::RefCell;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::Facts;
use super::when::{Age, Due, Than};
use crate::domain::card::{Card, Kind};
use crate::domain::fields::{FieldName, Value, contains};
use crate::domain::link::SyncStatus;

/// What a term asks. Several values: any of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ask {
    Is(Vec<Is>),
    Has(Vec<Has>),
    Lacks(Vec<Has>),
    Kind(Vec<Kind>),
    Names(CardField, Names),
    Number(FieldName, Number),
    /// A priority compared: `>=high`.
    Priority(Than, String),
    Due(Due),
    Updated(Age),
    Created(Age),
    Title(Needle),
    Text(Needle),
}

/// A field that holds names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CardField {
    Label,
    Assignee,
    Milestone,
    Status,
    Connection,
    Key,
    Extra(FieldName),
}

/// A state of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    Open,
    Closed,
    Unsent,
    Failed,
    Conflict,
    Unmapped,
    Local,
    Linked,
    Overdue,
    Kind(Kind),
}

impl Is {
    pub(super) const ALL: [(&'static str, Self); 12] = [
        ("open", Self::Open),
        ("closed", Self::Closed),
        ("unsent", Self::Unsent),
        ("failed", Self::Failed),
        ("conflict", Self::Conflict),
        ("unmapped", Self::Unmapped),
        ("local", Self::Local),
        ("linked", Self::Linked),
        ("overdue", Self::Overdue),
        ("epic", Self::Kind(Kind::Epic)),
        ("issue", Self::Kind(Kind::Issue)),
        ("task", Self::Kind(Kind::Task)),
    ];

    pub(super) fn parse(word: &str) -> Result<Self, String> {
        named(word, &Self::ALL)
    }

    fn holds(self, card: &Card, facts: &Facts<'_>) -> bool {
        let any = |sync: SyncStatus| card.links.iter().any(|l| l.sync == sync);
        match self {
            Self::Open => !facts.closed.contains(&card.status),
            Self::Closed => facts.closed.contains(&card.status),
            Self::Unsent => any(SyncStatus::Pending),
            Self::Failed => any(SyncStatus::Failed),
            Self::Conflict => card.links.iter().any(|l| l.conflict),
            Self::Unmapped => card.links.iter().any(|l| !l.mapped),
            Self::Local => card.links.is_empty(),
            Self::Linked => !card.links.is_empty(),
            Self::Overdue => {
                !facts.closed.contains(&card.status) && due(card).is_some_and(|due| due < facts.today)
            }
            Self::Kind(kind) => card.kind == kind,
        }
    }
}

/// Something a card may be without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Has {
    Label,
    Assignee,
    Milestone,
    Link,
    Field(FieldName),
}

impl Has {
    pub(super) const ALL: [(&'static str, Self); 9] = [
        ("label", Self::Label),
        ("assignee", Self::Assignee),
        ("milestone", Self::Milestone),
        ("link", Self::Link),
        ("priority", Self::Field(FieldName::PRIORITY)),
        ("estimate", Self::Field(FieldName::ESTIMATE)),
        ("spent", Self::Field(FieldName::SPENT)),
        ("due", Self::Field(FieldName::DUE)),
        ("parent", Self::Field(FieldName::PARENT)),
    ];

    pub(super) fn parse(word: &str) -> Result<Self, String> {
        named(word, &Self::ALL).or_else(|why| FieldName::new(word).map(Self::Field).ok_or(why))
    }

    fn holds(self, card: &Card) -> bool {
        match self {
            Self::Label => !card.labels.is_empty(),
            Self::Assignee => !card.assignees.is_empty(),
            Self::Milestone => card.milestone.is_some(),
            Self::Link => !card.links.is_empty(),
            Self::Field(name) => card.extra.contains_key(&name),
        }
    }
}

fn named<T: Copy>(word: &str, all: &[(&str, T)]) -> Result<T, String> {
    all.iter().find(|(name, _)| *name == word).map(|(_, t)| *t).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        format!("`{word}` is none of {}", names.join(", "))
    })
}

/// Names, any of which is meant; `*` at the end stands for any rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn new(names: Vec<String>) -> Self {
        Self(names.into_iter().map(|n| n.trim().to_lowercase()).collect())
    }

    fn means(&self, name: &str) -> bool {
        self.0.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => starts(name, start),
            None => same(name, wanted),
        })
    }
}

/// Whether `name` is `wanted` (which is lower-case), without regard to case; ASCII needs no copy.
fn same(name: &str, wanted: &str) -> bool {
    if name.is_ascii() { name.eq_ignore_ascii_case(wanted) } else { name.to_lowercase() == wanted }
}

fn starts(name: &str, start: &str) -> bool {
    match name.get(..start.len()).filter(|s| s.is_ascii()) {
        Some(head) => head.eq_ignore_ascii_case(start),
        None => name.to_lowercase().starts_with(start),
    }
}

/// A number compared, or a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Compared(Than, f64),
    Between(f64, f64),
}

impl Number {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let number = |text: &str| -> Result<f64, String> {
            let read = text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
            read.ok_or_else(|| format!("`{text}` is no number; write 3, >3 or 1..5"))
        };
        if let Some((from, to)) = text.split_once("..") {
            return Ok(Self::Between(number(from)?, number(to)?));
        }
        let (than, rest) = Than::split(text);
        Ok(Self::Compared(than, number(rest)?))
    }

    fn holds(self, number: f64) -> bool {
        match self {
            Self::Compared(than, wanted) => than.holds(&number, &wanted),
            Self::Between(from, to) => (from..=to).contains(&number),
        }
    }
}

/// A text to be found.
#[derive(Debug, Clone, PartialEq)]
pub struct Needle {
    atom: Atom,
    lower: String,
    exact: bool,
}

/// How much of the best score a fuzzy find must reach, in percent: letters strewn over a title are no find.
const CLOSE: u32 = 70;
/// The fewest letters that are looked for apart from each other: fewer are in almost every title.
const FUZZY_MIN: usize = 4;
/// What one letter scores when it follows the one before it; nucleo's own figure.
const LETTER: u32 = 16;

impl Needle {
    /// A word: fuzzy, or as it stands within quotation marks; `None` when there is nothing to find.
    pub(super) fn new(word: &str) -> Option<Self> {
        let plain = word.trim_matches('"');
        if plain.is_empty() {
            return None;
        }
        let short = plain.chars().nth(FUZZY_MIN - 1).is_none();
        let exact = short || word.starts_with('"');
        Some(if exact { Self::exact(plain) } else { Self::of(plain, AtomKind::Fuzzy) })
    }

    /// A word or a text within quotation marks, both as they stand; `None` when there is nothing to find.
    pub(super) fn exactly(word: &str) -> Option<Self> {
        let plain = word.trim_matches('"');
        (!plain.is_empty()).then(|| Self::exact(plain))
    }

    /// A text as it stands.
    pub(super) fn exact(text: &str) -> Self {
        Self::of(text, AtomKind::Substring)
    }

    fn of(text: &str, kind: AtomKind) -> Self {
        let atom = Atom::new(text, CaseMatching::Ignore, Normalization::Smart, kind, false);
        Self { atom, lower: text.to_lowercase(), exact: kind == AtomKind::Substring }
    }

    /// The text, in lower case.
    pub(super) fn text(&self) -> &str {
        &self.lower
    }

    /// How well `hay` holds it; `None`: not at all, or too strewn to be meant.
    pub fn score(&self, hay: &str) -> Option<u32> {
        thread_local! {
            static MATCHER: RefCell<(Matcher, Vec<char>)> =
                RefCell::new((Matcher::new(Config::DEFAULT), Vec::new()));
        }
        let score = MATCHER.with_borrow_mut(|(matcher, buffer)| {
            self.atom.score(Utf32Str::new(hay, buffer), matcher).map(u32::from)
        })?;
        let letters = self.lower.chars().count() as u32;
        (self.exact || score * 100 >= letters * LETTER * CLOSE).then_some(score)
    }

    fn is_in(&self, hay: &str) -> bool {
        self.score(hay).is_some()
    }
}

impl Ask {
    /// A priority by name, or compared with one.
    pub(super) fn priority(written: &str, values: Vec<String>) -> Self {
        match Than::split(written) {
            (Than::Is, _) => Self::Names(CardField::Extra(FieldName::PRIORITY), Names::new(values)),
            (than, rest) => Self::Priority(than, rest.trim_matches('"').to_lowercase()),
        }
    }

    /// Whether a card answers it.
    pub(super) fn holds(&self, card: &Card, facts: &Facts<'_>) -> bool {
        match self {
            Self::Is(any) => any.iter().any(|is| is.holds(card, facts)),
            Self::Has(any) => any.iter().any(|has| has.holds(card)),
            Self::Lacks(any) => any.iter().any(|has| !has.holds(card)),
            Self::Kind(any) => any.contains(&card.kind),
            Self::Names(field, names) => field.holds(card, names, facts),
            Self::Number(field, number) => {
                let own = card.extra(*field).and_then(|n| n.parse().ok());
                own.is_some_and(|own| number.holds(own))
            }
            Self::Priority(than, wanted) => {
                let place = |name: &str| facts.priorities.iter().position(|p| same(p, name));
                let own = card.extra(FieldName::PRIORITY).map(str::to_lowercase);
                // The highest stands first, so that its place is the smallest.
                let places = own.as_deref().and_then(place).zip(place(wanted));
                places.is_some_and(|(own, wanted)| than.holds(&wanted, &own))
            }
            Self::Due(wanted) => due(card).is_some_and(|due| wanted.holds(due, facts.today)),
            Self::Updated(age) => age.holds(card.updated_at, facts.now),
            Self::Created(age) => age.holds(card.created_at, facts.now),
            Self::Title(needle) => needle.is_in(&card.title),
            Self::Text(needle) => {
                needle.is_in(&card.title) || keys(card).any(|key| key.to_lowercase().contains(&needle.lower))
            }
        }
    }
}

impl CardField {
    fn holds(self, card: &Card, names: &Names, facts: &Facts<'_>) -> bool {
        match self {
            Self::Label => card.labels.iter().any(|l| names.means(l)),
            Self::Assignee => {
                let me = names.0.iter().any(|n| n == "@me");
                card.assignees.iter().any(|a| names.means(a))
                    || (me && facts.me.iter().any(|login| contains(&card.assignees, login)))
            }
            Self::Milestone => card.milestone.as_deref().is_some_and(|m| names.means(m)),
            Self::Status => {
                let column = facts.columns.iter().find(|c| c.status == card.status);
                names.means(card.status.as_str()) || column.is_some_and(|c| names.means(&c.title))
            }
            Self::Connection => card.links.iter().any(|l| names.means(l.connection.as_str())),
            Self::Key => keys(card).any(|key| names.means(&key)),
            Self::Extra(field) => match card.extra.get(&field) {
                Some(Value::Text(text)) => names.means(text),
                Some(Value::Set(all)) => all.iter().any(|one| names.means(one)),
                Some(Value::None) | None => false,
            },
        }
    }
}

/// Every key of a card, one for each link, or its short id.
fn keys(card: &Card) -> impl Iterator<Item = String> {
    let own = card.links.iter().all(|l| l.number.is_none()).then(|| card.id.short());
    card.links.iter().filter_map(crate::domain::link::Link::key).chain(own)
}

fn due(card: &Card) -> Option<chrono::NaiveDate> {
    card.extra(FieldName::DUE)?.parse().ok()
}
