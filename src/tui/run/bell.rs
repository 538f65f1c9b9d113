//! An alert that begins is heard: the terminal's bell, or its notification (OSC 9, OSC 777). One that goes on is not.

use super::outside::for_terminal;
use crate::config::settings::AlertSettings;
use crate::domain::health::Health;
use crate::support::text::{clip, one_line};
use crate::tui::abilities::{Abilities, Notice};

/// Longest notification, in characters.
const TEXT_MAX: usize = 200;

/// What makes the alerts heard that are in `after` and were not in `before`; nothing when none began.
pub fn ring(before: &[Health], after: &[Health], how: &AlertSettings, on: &Abilities) -> Vec<u8> {
    let mut out = Vec::new();
    for health in after {
        let known = before.iter().find(|h| h.connection == health.connection);
        let known = known.map(|h| h.alerts.as_slice()).unwrap_or_default();
        for alert in health.begun_since(known) {
            let words =
                || clip(&one_line(&format!("Corkboard, {}: {}", health.connection, alert.text)), TEXT_MAX);
            match on.notice {
                Notice::Osc9 if how.notify => {
                    out.extend(for_terminal(format!("\u{1b}]9;{}\u{7}", words()).as_bytes(), on.route));
                }
                Notice::Osc777 if how.notify => {
                    // A semicolon would end the text.
                    let words = words().replace(';', ",");
                    let told = format!("\u{1b}]777;notify;Corkboard;{words}\u{7}");
                    out.extend(for_terminal(told.as_bytes(), on.route));
                }
                _ if (how.bell || how.notify) && out.is_empty() => out.push(7),
                _ => {}
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

    fn on(term: &str) -> Abilities {
        Abilities::of(&|name| (name == "TERM").then(|| term.to_owned()))
    }

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
        let ring =
            |before: &[Health], after: &[Health], how: &AlertSettings| ring(before, after, how, &on("xterm"));
        assert_eq!(ring(&with(&[]), &with(&["down", "parked"]), &bell), [7], "one ring for both");
        assert!(ring(&with(&["down"]), &with(&["down"]), &bell).is_empty());
        assert!(ring(&with(&["down"]), &with(&[]), &bell).is_empty());
        let silent = AlertSettings { bell: false, ..bell };
        assert!(ring(&with(&[]), &with(&["down"]), &silent).is_empty());
    }

    #[test]
    fn a_notification_holds_nothing_that_could_end_it() {
        let notify = AlertSettings { notify: true, ..AlertSettings::default() };
        let heard = |term: &str| ring(&with(&[]), &with(&["down"]), &notify, &on(term));
        assert_eq!(String::from_utf8_lossy(&heard("xterm")), "\u{1b}]9;Corkboard, core: a\u{FFFD}b\u{7}");
        assert!(heard("tmux-256color").starts_with(b"\x1bPtmux;\x1b\x1b]9;"));
        assert!(heard("screen").starts_with(b"\x1bP\x1b]9;"));
        let other = heard("rxvt-unicode");
        assert_eq!(
            String::from_utf8_lossy(&other),
            "\u{1b}]777;notify;Corkboard;Corkboard, core: a\u{FFFD}b\u{7}"
        );
        assert_eq!(heard("linux"), [7], "the Linux console has a bell and would print the rest");
    }
}
