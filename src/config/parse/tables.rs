//! The tables of numbers and switches: `[audit]`, `[alerts]`, `[log]`.

use std::time::Duration;

use super::Reader;
use super::section::Section;
use crate::config::settings::{AlertSettings, AuditSettings, LogFormat, LogSettings};
use crate::config::{duration, keys};
use crate::sync::alerts::AlertRules;

const DAY: Duration = Duration::from_hours(24);
/// Longest time any of these may name.
const LONGEST: Duration = Duration::from_hours(24 * 365 * 100);

impl Reader {
    pub(super) fn audit(&mut self, root: &Section) -> AuditSettings {
        let standard = AuditSettings::default();
        let Some(table) = root.section(self, "audit", "[audit]") else { return standard };
        table.refuse_unknown(self, keys::AUDIT);
        AuditSettings {
            bodies: table.switch(self, "bodies").unwrap_or(standard.bodies),
            retention: self.time(&table, "retention", DAY),
        }
    }

    pub(super) fn alerts(&mut self, root: &Section) -> AlertSettings {
        let standard = AlertSettings::default();
        let Some(table) = root.section(self, "alerts", "[alerts]") else { return standard };
        table.refuse_unknown(self, keys::ALERTS);
        let rules = standard.rules;
        AlertSettings {
            rules: AlertRules {
                down_after: self.time(&table, "down_after", Duration::ZERO).unwrap_or(rules.down_after),
                parked: table.number(self, "parked", 0..=1_000_000).unwrap_or(rules.parked),
                budget_under: table.number(self, "budget_under", 0..=100).unwrap_or(rules.budget_under),
                token_expires_within: self
                    .time(&table, "token_expires_within", Duration::ZERO)
                    .unwrap_or(rules.token_expires_within),
            },
            bell: table.switch(self, "bell").unwrap_or(standard.bell),
            notify: table.switch(self, "notify").unwrap_or(standard.notify),
        }
    }

    pub(super) fn log(&mut self, root: &Section) -> LogSettings {
        let standard = LogSettings::default();
        let Some(table) = root.section(self, "log", "[log]") else { return standard };
        table.refuse_unknown(self, keys::LOG);
        let levels = ["error", "warn", "info", "debug", "trace"].map(|level| (level, level));
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let keep = table.number(self, "keep", 1..=366).map(|n| n as usize);
        LogSettings {
            level: table.word(self, "level", &levels).unwrap_or(standard.level),
            format: table.word(self, "format", &formats).unwrap_or(standard.format),
            keep: keep.unwrap_or(standard.keep),
        }
    }

    /// A duration of at least `least`.
    pub(super) fn time(&mut self, table: &Section, key: &str, least: Duration) -> Option<Duration> {
        let help = "write a number with its unit: \"10m\", \"36h\", \"7d\", \"2y\"";
        let item = table.item(key)?;
        let span = table.value_span(key);
        let written = Section::expect_text(self, item, span.clone(), "a duration", help)?;
        let read = match duration::parse(written) {
            Ok(read) if (least..=LONGEST).contains(&read) => return Some(read),
            Ok(_) => format!("`{key}` cannot be \"{written}\""),
            Err(message) => message,
        };
        let (least, most) = (duration::words(least), duration::words(LONGEST));
        self.mistakes.add(span, read, format!("{help}; from \"{least}\" to \"{most}\""));
        None
    }
}
