//! Every key the config file may hold: the parser accepts these and no others, and the documentation is held to them.

use crate::domain::mapping::rule::Step;

/// A table of the file and the keys it may hold. `*` stands for names that are free.
pub type Known = (&'static str, &'static [&'static str]);

/// The top level.
pub const TOP: Known = (
    "the top level",
    &[
        "board",
        "status_mapping",
        "wip",
        "connection",
        "new_cards",
        "template",
        "ui",
        "theme",
        "view",
        "keys",
        "audit",
        "alerts",
        "log",
    ],
);
/// `[board]`.
pub const BOARD: Known = ("[board]", &["name", "kind", "stale_after"]);
/// One status in `[wip]`, as a table.
pub const WIP: Known = ("a status in [wip]", &["limit", "hard"]);
/// `[[connection]]`.
pub const CONNECTION: Known = (
    "[[connection]]",
    &[
        "name",
        "platform",
        "repository",
        "project",
        "user",
        "api_url",
        "token",
        "direction",
        "mode",
        "interval",
        "write_pace",
        "default_labels",
        "issue_template",
        "conflicts",
        "census",
        "bulk_creates",
        "bulk_updates",
        "ca_file",
        "webhook_secret",
        "multi_hop",
        "status_mapping",
        "people",
        "labels",
        "milestones",
        "field",
    ],
);
/// `[[connection.field]]`.
pub const FIELD: Known =
    ("[[connection.field]]", &["source", "target", "type", "direction", "required", "transform"]);
/// What a step of `transform` does.
pub const STEP: Known = ("a step of `transform`", &Step::NAMES);
/// The options that steps have.
pub const STEP_OPTIONS: Known = (
    "the options of a step",
    &[
        "back",
        "otherwise",
        "regex",
        "with",
        "factor",
        "offset",
        "round",
        "from",
        "to",
        "characters",
        "ellipsis",
        "link",
    ],
);
/// `token = { .. }` and `webhook_secret = { .. }`.
pub const TOKEN: Known = ("token", &["env", "command", "file", "keyring"]);
/// One status in `[connection.status_mapping]`.
pub const TARGET: Known = (
    "a status in [connection.status_mapping]",
    &["label", "state", "reason", "option", "status", "resolution"],
);
/// `conflicts = { .. }`.
pub const CONFLICTS: Known = ("conflicts", &["default", "title", "body", "status", "milestone"]);
/// `[new_cards]`.
pub const NEW_CARDS: Known = ("[new_cards]", &["connections", "rule"]);
/// `[[new_cards.rule]]`.
pub const NEW_CARDS_RULE: Known = ("[[new_cards.rule]]", &["label", "kind", "status", "connections"]);
/// `[[template]]`.
pub const TEMPLATE: Known = (
    "[[template]]",
    &["name", "title", "body", "labels", "assignees", "milestone", "priority", "estimate", "kind", "status"],
);
/// `[ui]`.
pub const UI: Known = ("[ui]", &["theme", "ascii", "mouse", "digits", "motion", "title", "hyperlinks"]);

/// `[[view]]`.
pub const VIEW: Known = ("[[view]]", &["name", "query"]);

/// `[keys]`, beside the names of actions: the preset, and a table for each view.
pub const KEYS: Known =
    ("[keys]", &["preset", "board", "card", "health", "mapping", "activity", "conflicts", "list", "text"]);
/// `[audit]`.
pub const AUDIT: Known = ("[audit]", &["bodies", "retention"]);
/// `[alerts]`.
pub const ALERTS: Known =
    ("[alerts]", &["down_after", "parked", "budget_under", "token_expires_within", "bell", "notify"]);
/// `[log]`.
pub const LOG: Known = ("[log]", &["level", "format", "keep"]);

/// Every table with fixed keys.
pub const ALL: [Known; 19] = [
    TOP,
    BOARD,
    WIP,
    CONNECTION,
    FIELD,
    STEP,
    STEP_OPTIONS,
    TOKEN,
    TARGET,
    CONFLICTS,
    NEW_CARDS,
    NEW_CARDS_RULE,
    TEMPLATE,
    UI,
    VIEW,
    KEYS,
    AUDIT,
    ALERTS,
    LOG,
];

/// The word among `known` that `written` was probably meant to be.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|k| (distance(&written, &k.to_lowercase().replace('-', "_")), k))
        .filter(|(d, k)| *d <= 1 + k.chars().count() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Whether one letter too many, too few or another, two swapped, or large letters make `written` of `known`.
pub fn is_slip(written: &str, known: &str) -> bool {
    written != known && distance(&written.to_lowercase(), known) <= 1
}

/// How many letters must be added, taken away, exchanged or swapped with a neighbour to turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let exchange = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = exchange.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_word() {
        let known = CONNECTION.1.iter().copied();
        for (written, meant) in [
            ("respository", Some("repository")),
            ("intervall", Some("interval")),
            ("write-pace", Some("write_pace")),
            ("tokne", Some("token")),
            ("Name", Some("name")),
            ("assignee_roulette", None),
        ] {
            assert_eq!(nearest(written, known.clone()), meant, "{written}");
        }
    }
}
