//! How cards, changes and connections are read out: whole sentences, the most important first. Pure.

use std::fmt::Write as _;

use crate::domain::board::Board;
use crate::domain::card::Card;
use crate::domain::command::Change;
use crate::domain::conflict::Conflict;
use crate::domain::fields::SetDelta;
use crate::domain::health::Health;
use crate::domain::link::SyncStatus;
use crate::support::clock::Timestamp;
use crate::support::text::one_line;

/// What can be typed: the words, and what they do.
const HELP: [(&str, &str); 20] = [
    ("columns", "the columns, with how many cards each has"),
    ("list [COLUMN]", "the cards, numbered: of one column by its number or title, or of all"),
    ("more", "the next cards of the list"),
    ("open CARD", "read a card out, with its comments; a number alone does the same"),
    (
        "move CARD COLUMN",
        "move a card, such as: move 3 Done; what a platform wants with it follows: resolution=Fixed",
    ),
    ("new TITLE", "make a card in the first column; `new @2 TITLE` in column 2"),
    ("title CARD TEXT", "change a title"),
    ("label CARD +bug -ui", "add and take off labels; \"help wanted\" in quotation marks"),
    ("assign CARD +ana -ben", "add and take off assignees"),
    ("milestone CARD TITLE", "set the milestone; without a title: none"),
    (
        "comment CARD TEXT",
        "comment; without a text: the lines that follow, up to a line with only a full stop",
    ),
    ("filter QUERY", "list only what fits, such as: filter is:open label:bug; without a query: all again"),
    ("undo, redo", "take the last change back, or do it again"),
    ("sync [NAME]", "sync all connections now, or one"),
    ("state", "how each connection is doing, and what it asks"),
    ("answer NAME yes", "let a connection go on that asks; `no` lets it leave it"),
    ("conflicts", "what was changed on both sides and waits for you"),
    ("news", "what happened since the last line; an empty line does the same"),
    ("help", "these lines"),
    ("quit", "leave"),
];

/// Everything that can be typed.
pub(super) fn help() -> String {
    let mut out = "CARD is a number of the last list, or a key such as core#12.\n".to_owned();
    for (words, what) in HELP {
        let _ = writeln!(out, "{words}: {what}.");
    }
    out
}

/// `1 card`, `3 cards`.
pub(super) fn cards(n: usize) -> String {
    format!("{n} card{}", if n == 1 { "" } else { "s" })
}

/// A card in one line.
pub(super) fn card(board: &Board, card: &Card) -> String {
    let mut out = format!("{} {}. {}.", card.key(), one_line(&card.title), column(board, card));
    let listed = |set: &std::collections::BTreeSet<String>| {
        one_line(&set.iter().cloned().collect::<Vec<_>>().join(", "))
    };
    if !card.labels.is_empty() {
        let _ = write!(out, " Labels {}.", listed(&card.labels));
    }
    if !card.assignees.is_empty() {
        let _ = write!(out, " Assigned to {}.", listed(&card.assignees));
    }
    if let Some(milestone) = &card.milestone {
        let _ = write!(out, " Milestone {}.", one_line(milestone));
    }
    for link in &card.links {
        let word = match link.sync {
            _ if link.conflict => "In conflict",
            SyncStatus::Synced => continue,
            SyncStatus::Pending => "Not yet sent",
            SyncStatus::Failed => "Refused",
            SyncStatus::Manual => "Set aside",
        };
        let note = link.note.as_deref().map(|n| format!(": {}", one_line(n))).unwrap_or_default();
        let _ = write!(out, " {word} on {}{note}.", one_line(link.connection.as_str()));
    }
    out
}

/// The title of a card's column.
pub(super) fn column(board: &Board, card: &Card) -> String {
    one_line(board.title_of(&card.status))
}

/// What a change did, in a sentence.
pub(super) fn change(board: &Board, change: &Change) -> String {
    let key = |id| board.card(id).map_or_else(|| "The card".to_owned(), Card::key);
    let set = |card, delta: &SetDelta, what: &str| {
        let signed = |sign: char| move |name: &String| format!("{sign}{}", one_line(name));
        let all = delta.add.iter().map(signed('+')).chain(delta.remove.iter().map(signed('-')));
        format!("{}: {what} {}.", key(card), all.collect::<Vec<_>>().join(" "))
    };
    match change {
        Change::Created { card, .. } => {
            format!("{} is made: {}. {}.", card.key(), one_line(&card.title), column(board, card))
        }
        Change::Moved { card, to, .. } => {
            format!("{} is in {} now.", key(*card), one_line(board.title_of(to)))
        }
        Change::Retitled { card, after, .. } => format!("{} is called {} now.", key(*card), one_line(after)),
        Change::Labelled { card, delta } => set(*card, delta, "labels"),
        Change::Assigned { card, delta } => set(*card, delta, "assignees"),
        Change::Milestoned { card, after, .. } => match after {
            Some(title) => format!("{}: milestone {}.", key(*card), one_line(title)),
            None => format!("{}: no milestone.", key(*card)),
        },
        Change::Commented { card, .. } => format!("{}: comment added.", key(*card)),
        other => other.card().map_or_else(|| "Done.".to_owned(), |card| format!("{}: done.", key(card))),
    }
}

/// How a connection is doing.
pub(super) fn health(health: &Health, now: Timestamp) -> String {
    let mut out = format!(
        "{} ({} {}): {}.",
        one_line(health.connection.as_str()),
        health.platform,
        one_line(&health.scope),
        health.state.word()
    );
    if let Some(reason) = &health.reason {
        let _ = write!(out, " {}.", one_line(reason).trim_end_matches('.'));
    }
    match health.last_good {
        Some(at) => {
            let minutes = (now.since(at) / 60_000).max(0);
            let ago = match minutes {
                0 => "less than a minute ago".to_owned(),
                1 => "a minute ago".to_owned(),
                n => format!("{n} minutes ago"),
            };
            let _ = write!(out, " Last synced {ago}.");
        }
        None => out.push_str(" Not synced yet."),
    }
    let counts = [
        (health.unsent, "not sent yet"),
        (health.failed_total, "refused or set aside"),
        (health.conflicts, "in conflict"),
    ];
    for (n, what) in counts.into_iter().filter(|(n, _)| *n > 0) {
        let _ = write!(out, " {n} {what}.");
    }
    if let Some(question) = &health.question {
        let name = one_line(health.connection.as_str());
        let _ = write!(
            out,
            " It asks: {} Type `answer {name} yes` to {}, or `answer {name} no` to {}.",
            one_line(&question.text),
            one_line(&question.go),
            one_line(&question.stop)
        );
    }
    out
}

/// The conflicts that wait.
pub(super) fn conflicts(all: &[Conflict]) -> String {
    let waiting: Vec<&Conflict> = all.iter().filter(|c| c.decided.is_none()).collect();
    if waiting.is_empty() {
        return "No conflict waits.\n".to_owned();
    }
    let mut out =
        format!("{} conflict{} wait for you.\n", waiting.len(), if waiting.len() == 1 { "" } else { "s" });
    for c in waiting {
        let _ = writeln!(
            out,
            "Conflict {}: {}, {}. {}: {}. On {}: {}.",
            c.id,
            one_line(&c.key),
            c.field,
            one_line(c.here()),
            one_line(&c.local.to_string()),
            one_line(c.connection.as_str()),
            one_line(&c.remote.to_string())
        );
    }
    out.push_str("`corkboard conflicts resolve NUMBER --take local` (or remote) decides one.\n");
    out
}
