//! How many cards the columns may hold, `[wip]`, and when a card is stale.

use std::time::Duration;

use toml_edit::Item;

use super::Reader;
use super::section::Section;
use crate::config::keys::{self, nearest};
use crate::config::settings::STALE_AFTER;
use crate::domain::board::Column;
use crate::domain::limit::{Limit, Limits};
use crate::domain::mapping::Status;

/// The most cards a limit can name.
const MOST: u32 = 100_000;
/// The least time after which a card is stale.
const LEAST_STALE: Duration = Duration::from_hours(1);

impl Reader {
    /// A limit for each status that is written: a number, or a table that says whether it is hard.
    pub(super) fn wip(&mut self, root: &Section, columns: &[Column]) -> Limits {
        let Some(table) = root.section(self, "wip", "[wip]") else { return Limits::new() };
        let mut limits = Limits::new();
        for (name, span, item) in table.entries() {
            if !columns.iter().any(|c| c.status.as_str() == name) {
                let known: Vec<&str> = columns.iter().map(|c| c.status.as_str()).collect();
                let help = match nearest(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the board has {}", known.join(", ")),
                };
                self.mistakes.add(span, format!("the board has no status `{name}`"), help);
                continue;
            }
            if let Some(limit) = self.limit(&table, name, item) {
                limits.insert(Status::new(name), limit);
            }
        }
        limits
    }

    fn limit(&mut self, table: &Section, name: &str, item: &Item) -> Option<Limit> {
        if item.as_table_like().is_none() {
            return table.number(self, name, 1..=MOST).map(|most| Limit { most, hard: false });
        }
        let own = table.section(self, name, "a status in [wip]")?;
        own.refuse_unknown(self, keys::WIP);
        if !own.has("limit") {
            let help = format!("write `{name} = {{ limit = 4, hard = true }}`");
            self.mistakes.add(own.span.clone(), format!("`limit` is missing for `{name}`"), help);
        }
        let hard = own.switch(self, "hard").unwrap_or(false);
        own.number(self, "limit", 1..=MOST).map(|most| Limit { most, hard })
    }

    /// After how long a card is stale; `off` and `0` are never.
    pub(super) fn stale_after(&mut self, board: &Section) -> Option<Duration> {
        match board.item("stale_after").and_then(Item::as_str) {
            Some("off" | "0") => None,
            _ => self.time(board, "stale_after", LEAST_STALE).or(Some(STALE_AFTER)),
        }
    }
}
