//! An alert that begins is heard: the terminal's bell, or its notification (OSC 9). One that goes on is not.

use super::outside::for_terminal;
use crate::config::settings::AlertSettings;
use crate::domain::health::Health;
use crate::support::text::{clip, one_line};

/// Longest notification, in characters.
const TEXT_MAX: usize = 200;

/// What makes the alerts heard that are in `after` and were not in `before`; nothing when none began.
pub fn ring(before: &[Health], after: &[Health], how: &AlertSettings, tmux: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for health in after {
        let known = before.iter().find(|h| h.connection == health.connection);
        let known = known.map(|h| h.alerts.as_slice()).unwrap_or_default();
        for alert in health.begun_since(known) {
            if how.notify {
                let words =
                    clip(&one_line(&format!("Corkboard, {}: {}", health.connection, alert.text)), TEXT_MAX);
                out.extend(for_terminal(format!("\u{1b}]9;{words}\u{7}").as_bytes(), tmux));
            } else if how.bell && out.is_empty() {
                out.push(7);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ConnectionName;
    use crate::domain::health::Alert;
    use crate::support::clock::Timestamp;

    fn with(rules: &[&str]) -> Vec<Health> {
        let mut health = Health::new(ConnectionName::new("core"), "github", "octo/app".into());
        health.alerts = rules
            .iter()
            .map(|rule| Alert { rule: (*rule).to_owned(), text: "a\u{7}b".into(), since: Timestamp(1) })
            .collect();
        vec![health]
    }

    #[test]
    fn an_alert_rings_once_when_it_begins() {
        let bell = AlertSettings::default();
        assert_eq!(ring(&with(&[]), &with(&["down", "parked"]), &bell, false), [7], "one ring for both");
        assert!(ring(&with(&["down"]), &with(&["down"]), &bell, false).is_empty());
        assert!(ring(&with(&["down"]), &with(&[]), &bell, false).is_empty());
        let silent = AlertSettings { bell: false, ..bell };
        assert!(ring(&with(&[]), &with(&["down"]), &silent, false).is_empty());
    }

    #[test]
    fn a_notification_holds_nothing_that_could_end_it() {
        let notify = AlertSettings { notify: true, ..AlertSettings::default() };
        let plain = ring(&with(&[]), &with(&["down"]), &notify, false);
        assert_eq!(String::from_utf8_lossy(&plain), "\u{1b}]9;Corkboard, core: a\u{FFFD}b\u{7}");
        assert!(ring(&with(&[]), &with(&["down"]), &notify, true).starts_with(b"\x1bPtmux;\x1b\x1b]9;"));
    }
}
