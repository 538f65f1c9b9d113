//! Durations and numbers of a connection, each within its bounds.

use std::time::Duration;

use toml_edit::Item;

use super::Reader;
use super::section::Section;
use crate::config::duration;
use crate::config::settings::Guards;

/// Longest time between two pulls or two writes.
const LONGEST: Duration = Duration::from_hours(24);
/// Longest time between two censuses.
const CENSUS_MAX: Duration = Duration::from_hours(24 * 30);
/// Most that one act may do unasked.
const BULK_MAX: u32 = 10_000;

impl Reader {
    /// How much one act may do unasked, and how often the items are counted.
    pub(super) fn guards(&mut self, table: &Section, local: bool) -> Guards {
        let usual = Guards::default();
        let least = if local { Duration::from_millis(100) } else { Duration::from_mins(10) };
        let census = match table.item("census").and_then(Item::as_str) {
            Some("off") => None,
            _ => self.duration_up_to(table, "census", least, CENSUS_MAX).or(usual.census),
        };
        Guards {
            bulk_creates: table.number(self, "bulk_creates", 1..=BULK_MAX).unwrap_or(usual.bulk_creates),
            bulk_updates: table.number(self, "bulk_updates", 1..=BULK_MAX).unwrap_or(usual.bulk_updates),
            census,
        }
    }

    /// A duration of at least `least`.
    pub(super) fn duration(&mut self, table: &Section, key: &str, least: Duration) -> Option<Duration> {
        self.duration_up_to(table, key, least, LONGEST)
    }

    fn duration_up_to(
        &mut self,
        table: &Section,
        key: &str,
        least: Duration,
        most: Duration,
    ) -> Option<Duration> {
        let help = "write a number with its unit: \"500ms\", \"60s\", \"5m\", \"1h30m\"";
        let item = table.item(key)?;
        let span = table.value_span(key);
        let written = Section::expect_text(self, item, span.clone(), "a duration", help)?;
        let read = match duration::parse(written) {
            Ok(read) => read,
            Err(message) => {
                self.mistakes.add(span, message, help);
                return None;
            }
        };
        if read < least || read > most {
            let (least, most) = (duration::words(least), duration::words(most));
            let message = format!("`{key}` cannot be \"{written}\"");
            let help = format!(
                "write \"{least}\" to \"{most}\"; less is allowed only when `api_url` is on this machine"
            );
            self.mistakes.add(span, message, help);
            return None;
        }
        Some(read)
    }
}
