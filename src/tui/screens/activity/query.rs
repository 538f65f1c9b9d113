//! The activity view's filter: qualifiers and free text as a person types them, read into what the store is asked.
//! Pure.

use chrono::{NaiveDate, NaiveTime};

use crate::domain::audit::AuditFilter;
use crate::domain::card::CardId;
use crate::domain::link::{ConnectionName, Link};
use crate::domain::query::words;
use crate::support::clock::Timestamp;
use crate::tui::screen::Ctx;

/// The qualifiers, as the empty filter shows them.
pub(super) const EXAMPLE: &str = "is:trouble action:update connection:core card:core#12 since:2h words";

/// What is done to be found by `action:`; the beginning of one is enough.
const ACTIONS: [&str; 13] = [
    "answer", "agree", "comment", "config", "conflict", "create", "gone", "import", "mapping", "rename",
    "restore", "undo", "update",
];

/// A filter, read. The moments that count from now are worked out when it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    asked: AuditFilter,
    since: Option<When>,
    until: Option<When>,
    /// Words that look like qualifiers and are none.
    pub(super) wrong: Vec<String>,
}

/// A moment, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// So many milliseconds ago.
    Ago(i64),
    /// That day, from its beginning, UTC.
    Day(Timestamp),
}

impl When {
    fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(ms) => now.plus_ms(-ms),
            Self::Day(at) => at,
        }
    }

    /// `90s`, `30m`, `2h`, `3d`, `1w`, or a day: `2026-11-20`.
    fn parse(text: &str) -> Option<Self> {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Some(Self::Day(day.and_time(NaiveTime::MIN).and_utc().into()));
        }
        let unit = match text.chars().last()? {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        let n: i64 = text[..text.len() - 1].parse().ok().filter(|n| *n >= 0)?;
        Some(Self::Ago(n.checked_mul(unit * 1_000)?))
    }
}

impl Query {
    /// Reads a filter. A qualifier that is still being typed asks nothing; one that cannot be read is named.
    pub(super) fn parse(text: &str, ctx: &Ctx<'_>) -> Self {
        let mut query = Self::default();
        let mut free: Vec<String> = Vec::new();
        for (_, word) in words(text) {
            match word.split_once(':') {
                Some((name, value)) if NAMES.contains(&name) => {
                    query.qualifier(name, value.trim_matches('"'), word, &mut free, ctx);
                }
                _ => free.push(word.replace('"', "")),
            }
        }
        free.retain(|w| !w.is_empty());
        query.asked.text = (!free.is_empty()).then(|| free.join(" "));
        query
    }

    fn qualifier(&mut self, name: &str, value: &str, word: &str, free: &mut Vec<String>, ctx: &Ctx<'_>) {
        if value.is_empty() {
            return;
        }
        let asked = &mut self.asked;
        match name {
            "is" => match value {
                "trouble" | "troubled" => asked.troubled = true,
                other if "trouble".starts_with(other) => {}
                _ => self.wrong.push(word.to_owned()),
            },
            "action" => {
                let lower = value.to_lowercase();
                let known = ACTIONS.iter().find(|a| **a == lower);
                let known = known.or_else(|| ACTIONS.iter().find(|a| a.starts_with(&lower)));
                asked.action = Some(known.map_or(lower, |a| (*a).to_owned()));
            }
            "connection" => {
                let names = || ctx.settings.connections.iter().map(|c| &c.name);
                let known = names().find(|n| n.as_str() == value);
                let known = known.or_else(|| names().find(|n| n.as_str().starts_with(value)));
                asked.connection = Some(known.cloned().unwrap_or_else(|| ConnectionName::new(value)));
            }
            // A card that has left the board is still found by what it was called.
            "card" => match card(value, ctx) {
                Some(id) => asked.card = Some(id),
                None => free.push(value.to_owned()),
            },
            _ => match (When::parse(value), name) {
                (Some(when), "since") => self.since = Some(when),
                (Some(when), _) => self.until = Some(when),
                (None, _) if value.chars().all(|c| c.is_ascii_digit() || c == '-') => {}
                (None, _) => self.wrong.push(word.to_owned()),
            },
        }
    }

    /// What the store is asked, at this moment.
    pub(super) fn filter(&self, now: Timestamp) -> AuditFilter {
        AuditFilter {
            since: self.since.map(|w| w.at(now)),
            until: self.until.map(|w| w.at(now)),
            ..self.asked.clone()
        }
    }
}

/// The qualifiers' names.
const NAMES: [&str; 6] = ["is", "action", "connection", "card", "since", "until"];

/// The card a key names: `core#142` or its short id.
fn card(key: &str, ctx: &Ctx<'_>) -> Option<CardId> {
    let named = |link: &Link| link.key().is_some_and(|k| k.eq_ignore_ascii_case(key));
    ctx.board.cards().find(|c| c.links.iter().any(named) || c.id.short() == key).map(|c| c.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::screens::fixture::{World, ago, id};

    fn asked(text: &str) -> AuditFilter {
        let world = World::new();
        let ctx = world.ctx(80, 24);
        Query::parse(text, &ctx).filter(ctx.now)
    }

    #[test]
    fn each_qualifier_narrows_by_what_it_names() {
        assert_eq!(asked(""), AuditFilter::default());
        assert!(asked("is:trouble").troubled);
        assert_eq!(asked("action:update").action.as_deref(), Some("update"));
        assert_eq!(asked("action:up").action.as_deref(), Some("update"), "its beginning is enough");
        assert_eq!(asked("action:other").action.as_deref(), Some("other"));
        assert_eq!(asked("connection:core").connection, Some(ConnectionName::new("core")));
        assert_eq!(asked("connection:co").connection, Some(ConnectionName::new("core")));
        assert_eq!(asked("card:core#142").card, Some(id(1)));
        assert_eq!(asked("since:2h").since, Some(ago(120)));
        assert_eq!(asked("since:2026-11-18").since.map(|t| t.0), Some(1_794_960_000_000));
        assert_eq!(asked("until:1w").until, Some(ago(60 * 24 * 7)));
    }

    #[test]
    fn other_words_are_searched_for_as_they_stand() {
        let both = asked("Validation Failed is:trouble");
        assert_eq!((both.text.as_deref(), both.troubled), (Some("Validation Failed"), true));
        assert_eq!(asked("\"status: proposed\"").text.as_deref(), Some("status: proposed"));
        assert_eq!(asked("https://example.com").text.as_deref(), Some("https://example.com"));
        let gone = asked("card:core#999");
        assert_eq!((gone.card, gone.text.as_deref()), (None, Some("core#999")), "it may have left the board");
    }

    #[test]
    fn a_qualifier_being_typed_hides_nothing_and_a_wrong_one_is_named() {
        for text in ["action:", "is:tr", "since:", "since:2", "since:2026-1"] {
            assert_eq!(asked(text), AuditFilter::default(), "{text}");
        }
        let world = World::new();
        let wrong = |text| Query::parse(text, &world.ctx(80, 24)).wrong;
        assert_eq!(wrong("is:purple"), ["is:purple"]);
        assert_eq!(wrong("since:yesterday"), ["since:yesterday"]);
        assert_eq!(wrong("since:99999999999999999w"), ["since:99999999999999999w"]);
        assert!(wrong("since:ü").len() == 1 && wrong("is:trouble").is_empty());
    }
}
