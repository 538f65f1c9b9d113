//! The `[new_cards]` table: its rules, held against the connections and columns there are.

use std::ops::Range;

use super::Reader;
use super::connection::ReadConnection;
use super::section::{Section, listed};
use crate::config::keys::{self, nearest};
use crate::config::mapping_draft::label_problem;
use crate::config::new_cards::{NewCardRule, NewCards};
use crate::domain::board::Column;
use crate::domain::card::Kind;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;

impl Reader {
    pub(super) fn new_cards(
        &mut self,
        root: &Section,
        columns: &[Column],
        read: &[ReadConnection],
    ) -> NewCards {
        let Some(table) = root.section(self, "new_cards", "[new_cards]") else { return NewCards::default() };
        table.refuse_unknown(self, keys::NEW_CARDS);
        let connections = table.has("connections").then(|| self.made_on(&table, read));
        let rules = table.tables("rule", "[[new_cards.rule]]").unwrap_or_else(|_| {
            let help = "write [[new_cards.rule]] with two pairs of brackets above each rule";
            self.mistakes.add(table.key_span("rule"), "`rule` is a list of tables", help);
            Vec::new()
        });
        let rules = rules.iter().filter_map(|rule| self.rule(rule, columns, read)).collect();
        NewCards { connections, rules }
    }

    fn rule(&mut self, table: &Section, columns: &[Column], read: &[ReadConnection]) -> Option<NewCardRule> {
        table.refuse_unknown(self, keys::NEW_CARDS_RULE);
        if !["label", "kind", "status"].iter().any(|key| table.has(key)) {
            let help = "name a `label`, a `kind` or a `status`; what holds for every card stands in \
                        `connections` of [new_cards]";
            self.mistakes.add(table.span.clone(), "this rule is about no card", help);
        }
        if !table.has("connections") {
            let help = "write `connections = [\"..\"]`; an empty list keeps the card on this board";
            let message = "`connections` is missing in [[new_cards.rule]]";
            self.mistakes.add(table.span.clone(), message, help);
            return None;
        }
        let label = table.text(self, "label").and_then(|(label, span)| match label_problem(label) {
            Some(message) => {
                self.mistakes.add(span, message, "write a label's name as the board shows it");
                None
            }
            None => Some(label.to_owned()),
        });
        let kinds = Kind::ALL.map(|kind| (kind.as_str(), kind));
        let kind = table.word(self, "kind", &kinds);
        let statuses: Vec<(&str, &Status)> = columns.iter().map(|c| (c.status.as_str(), &c.status)).collect();
        let status = table.word(self, "status", &statuses).cloned();
        let connections = self.made_on(table, read);
        Some(NewCardRule { label, kind, status, connections })
    }

    /// The connections a card is made on: each must be there, take new items, and stand once.
    fn made_on(&mut self, table: &Section, read: &[ReadConnection]) -> Vec<ConnectionName> {
        let mut out: Vec<ConnectionName> = Vec::new();
        for (written, span) in table.texts(self, "connections") {
            let found = read.iter().find(|c| c.name.as_ref().is_some_and(|n| n.as_str() == written));
            let Some(found) = found else {
                self.no_connection(written, span, read);
                continue;
            };
            let takes = found.draft.as_ref().is_none_or(super::connection::Draft::creates);
            let name = ConnectionName::new(written);
            if !takes {
                let message = format!("nothing can be made on `{written}`");
                let help = "it only pulls, or its platform has nothing a card could become: take it out";
                self.mistakes.add(span, message, help);
            } else if out.contains(&name) {
                self.mistakes.add(span, format!("`{written}` is listed twice"), "take one of them out");
            } else {
                out.push(name);
            }
        }
        out
    }

    fn no_connection(&mut self, written: &str, span: Range<usize>, read: &[ReadConnection]) {
        let names: Vec<&str> = read.iter().filter_map(|c| Some(c.name.as_ref()?.as_str())).collect();
        let help = match nearest(written, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if names.is_empty() => "the file has no [[connection]]".to_owned(),
            None => format!("it may be {}", listed(&names)),
        };
        self.mistakes.add(span, format!("there is no connection `{written}`"), help);
    }
}
