//! Issues that were exported elsewhere, as local cards: which column, which kind, which names; each made once, however
//! often the same export is read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Engine, EngineError};
use crate::connector::Comment;
use crate::connector::bitbucket::export::{Export, ExportedIssue};
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::command::BODY_MAX;
use crate::domain::mapping::{OpenState, Status};
use crate::store::{AuditEntry, LocalCard};
use crate::support::shared::Shared;
use crate::support::text::clip;

/// The longest label or login a card takes, in characters.
const NAME_MAX: usize = 50;
/// Room in a body for the line that says where it came from.
const ORIGIN_ROOM: usize = 4_000;
/// Which of a board's columns stand for the tracker's words, the likeliest first.
const COLUMNS: [(&str, &[&str]); 9] = [
    ("submitted", &["proposed", "backlog", "new"]),
    ("new", &["proposed", "backlog", "new"]),
    ("open", &["approved", "todo", "to_do", "open"]),
    ("on hold", &["on_hold", "blocked", "paused"]),
    ("resolved", &["completed", "done", "closed"]),
    ("closed", &["completed", "done", "closed"]),
    ("invalid", &["rejected", "cancelled", "closed"]),
    ("duplicate", &["rejected", "cancelled", "closed"]),
    ("wontfix", &["rejected", "cancelled", "closed"]),
];

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Cards made.
    pub made: u32,
    /// Comments made with them.
    pub comments: u32,
    /// Issues whose card was there already: those are left as they are.
    pub known: u32,
    /// For each of the tracker's words for a state: the column its cards came into, and how many there are.
    pub columns: BTreeMap<String, (Status, u32)>,
    /// What was changed to fit.
    pub changed: Vec<String>,
    /// What could not be carried over.
    pub left: Vec<String>,
}

impl Engine {
    /// Makes a local card of each issue of an export of Bitbucket's tracker. `columns` says which status some of the
    /// tracker's words stand for; the others go where they are likeliest meant. With `dry_run` nothing is written.
    pub async fn import_issues(
        &self,
        export: Export,
        columns: &BTreeMap<String, Status>,
        dry_run: bool,
    ) -> Result<ImportReport, EngineError> {
        let board = self.board().await?;
        let (cards, mut report) = plan(export, &board, columns);
        report.dry_run = dry_run;
        let ids: Vec<CardId> = cards.iter().map(|c| c.card.id).collect();
        let known = self.0.store.run(move |db| db.known_cards(&ids)).await?;
        report.known = known.len() as u32;
        if dry_run {
            let new = cards.iter().filter(|c| !known.contains(&c.card.id));
            (report.made, report.comments) =
                new.fold((0, 0), |(made, said), c| (made + 1, said + c.comments.len() as u32));
            return Ok(report);
        }
        let new = cards.len() - known.len();
        let entry = AuditEntry {
            action: "import",
            object: "bitbucket".into(),
            fields: serde_json::json!({ "cards": { "before": null, "after": new } }),
            outcome: "ok".into(),
            ..AuditEntry::default()
        };
        (report.made, report.comments) = self.0.store.run(move |db| db.import_cards(&cards, &entry)).await?;
        self.tell();
        Ok(report)
    }
}

/// The cards an export becomes on a board, and what is to be said of them. Pure.
fn plan(export: Export, board: &Board, given: &BTreeMap<String, Status>) -> (Vec<LocalCard>, ImportReport) {
    let mut report = ImportReport { left: export.skipped, ..ImportReport::default() };
    let mut files = 0;
    let cards = export
        .issues
        .into_iter()
        .map(|issue| {
            files += issue.attachments.len();
            let status = column(&issue, board, given, &mut report);
            card(issue, status, &mut report.changed)
        })
        .collect();
    if files > 0 {
        report.left.push(format!("{files} attached files: the cards name them, the archive holds them"));
    }
    (cards, report)
}

/// The column of an issue; a word that nobody knows is told, once.
fn column(
    issue: &ExportedIssue,
    board: &Board,
    given: &BTreeMap<String, Status>,
    report: &mut ImportReport,
) -> Status {
    let word = issue.state.status.clone().unwrap_or_default();
    if let Some((status, count)) = report.columns.get_mut(&word) {
        *count += 1;
        return status.clone();
    }
    let lower = word.to_lowercase();
    let there = |name: &&&str| board.columns().any(|(s, _)| s.as_str() == **name);
    let known = COLUMNS.iter().find(|(known, _)| *known == lower);
    let usual = known.and_then(|(_, names)| names.iter().find(there)).map(|name| Status::new(*name));
    let all: Vec<&Status> = board.columns().map(|(s, _)| s).collect();
    // The last column stands for what is done where no column of the usual names does.
    let done = ["completed", "done", "closed"].iter().find(there).map(|name| Status::new(*name));
    let fallback = if issue.state.state == OpenState::Closed {
        done.or_else(|| all.last().map(|s| (*s).clone()))
    } else {
        all.first().map(|s| (*s).clone())
    };
    let told =
        given.iter().find(|(asked, _)| asked.to_lowercase() == lower).map(|(_, status)| status.clone());
    if told.is_none() && known.is_none() {
        report
            .changed
            .push(format!("`{word}` is no state of the tracker: its cards are in the first column"));
    }
    let status = told.or(usual).or(fallback).unwrap_or_else(|| Status::new("proposed"));
    report.columns.insert(word, (status.clone(), 1));
    status
}

fn card(issue: ExportedIssue, status: Status, changed: &mut Vec<String>) -> LocalCard {
    let key = format!("bitbucket-export/{}/{}", issue.number, issue.created_at.0);
    let mut names = |all: BTreeSet<String>| -> BTreeSet<String> {
        let fitted = |name: String| {
            let fit = fit(&name);
            if fit != name {
                changed.push(format!("issue #{}: `{name}` became `{fit}`", issue.number));
            }
            fit
        };
        all.into_iter().map(fitted).filter(|name| !name.is_empty()).collect()
    };
    let task = issue.state.labels.contains("task");
    let labels = names(issue.state.labels);
    let assignees = names(issue.assignee.into_iter().collect());
    let origin = origin(issue.number, issue.state.status.as_deref(), &issue.attachments);
    let (body, rest) = split(&issue.body, BODY_MAX - ORIGIN_ROOM);
    if !rest.is_empty() {
        changed.push(format!(
            "issue #{}: what its text has beyond a card's length is in comments",
            issue.number
        ));
    }
    let author = issue.reporter.clone().unwrap_or_else(|| "somebody".to_owned());
    let continued = rest.into_iter().map(|body| Comment {
        id: String::new(),
        author: author.clone(),
        body,
        at: issue.created_at,
    });
    let comments = continued.chain(issue.comments).enumerate().map(|(n, comment)| {
        // One that the export numbers keeps its id when another export has more of them.
        let name = if comment.id.is_empty() { format!("nth/{n}") } else { comment.id };
        Comment { id: named(&format!("{key}/{name}/{}", comment.at.0)).simple().to_string(), ..comment }
    });
    let mut comments: Vec<Comment> = comments.collect();
    let mut met = BTreeSet::new();
    comments.retain(|c| met.insert(c.id.clone()));
    LocalCard {
        card: Card {
            id: CardId(named(&key)),
            kind: if task { Kind::Task } else { Kind::Issue },
            title: issue.title,
            status,
            // As with items that are pulled: the newest stand at the top.
            rank: -(issue.created_at.0.saturating_mul(1 << 10)).saturating_add(16 * issue.number as i64),
            labels: labels.into(),
            assignees: assignees.into(),
            milestone: issue.milestone,
            extra: Shared::default(),
            revision: 0,
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            links: Vec::new(),
        },
        body: if body.is_empty() { origin } else { format!("{body}\n\n{origin}") },
        author: issue.reporter,
        comments,
    }
}

/// Where a card came from, as the last line of its body.
fn origin(number: u64, state: Option<&str>, files: &[String]) -> String {
    let state = state.map(|s| format!(", which was `{}`", s.replace('`', "'"))).unwrap_or_default();
    let mut line = format!("*From Bitbucket issue {number}{state}.*");
    if !files.is_empty() {
        let names: Vec<String> = files.iter().map(|f| format!("`{}`", f.replace('`', "'"))).collect();
        line = format!("{line} Attached there: {}", names.join(", "));
    }
    clip(&line, ORIGIN_ROOM - 2)
}

/// A name as a card takes it: without commas, and not too long.
fn fit(name: &str) -> String {
    let plain = name.replace([',', '\n', '\r'], " ");
    clip(&plain.split_whitespace().collect::<Vec<_>>().join(" "), NAME_MAX)
}

/// A text's beginning of at most `most` characters, and the rest in pieces that are no longer.
fn split(text: &str, most: usize) -> (String, Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = chars.chunks(most).map(|piece| piece.iter().collect::<String>());
    (pieces.next().unwrap_or_default(), pieces.collect())
}

/// The id that stands for a name, always the same.
fn named(name: &str) -> Uuid {
    let digest = Sha256::digest(name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::board::Column;

    fn board(names: &[&str]) -> Board {
        Board::new("b", names.iter().map(|n| Column { status: Status::new(*n), title: (*n).to_owned() }))
    }

    fn export(value: serde_json::Value) -> Export {
        crate::connector::bitbucket::export::read(&serde_json::to_vec(&value).expect("bytes"))
            .expect("an export")
    }

    fn issue(id: u64, status: &str) -> serde_json::Value {
        serde_json::json!({"id": id, "title": format!("issue {id}"), "status": status, "created_on": "2019-03-01T10:00:00+00:00"})
    }

    #[test]
    fn each_state_comes_into_the_column_that_stands_for_it() {
        let all = ["new", "open", "on hold", "resolved", "wontfix", "duplicate", "waiting"];
        let issues: Vec<_> = all.iter().zip(1..).map(|(status, id)| issue(id, status)).collect();
        let export = || export(serde_json::json!({"issues": issues}));
        let columns = |names: &[&str], given: &[(&str, &str)]| {
            let given = given.iter().map(|(w, s)| ((*w).to_owned(), Status::new(*s))).collect();
            let (cards, report) = plan(export(), &board(names), &given);
            let at: Vec<String> = cards.iter().map(|c| c.card.status.to_string()).collect();
            (at, report.changed.len())
        };
        let features = ["proposed", "approved", "in_progress", "blocked", "completed", "rejected"];
        let (at, told) = columns(&features, &[]);
        let wanted = ["proposed", "approved", "blocked", "completed", "rejected", "rejected", "proposed"];
        assert_eq!((at, told), (wanted.map(str::to_owned).to_vec(), 1), "`waiting` is told");
        let (at, told) = columns(&["a", "b", "c"], &[("On Hold", "b"), ("waiting", "b")]);
        assert_eq!((at, told), (["a", "a", "b", "c", "c", "c", "b"].map(str::to_owned).to_vec(), 0));
    }

    #[test]
    fn a_text_too_long_for_a_card_goes_on_in_comments_and_nothing_is_cut() {
        let long = "word ".repeat(30_000);
        let mut one = issue(1, "new");
        one["content"] = long.clone().into();
        let (cards, report) =
            plan(export(serde_json::json!({"issues": [one]})), &board(&["a"]), &BTreeMap::new());
        assert!(cards[0].body.chars().count() <= BODY_MAX);
        let (head, _) = cards[0].body.rsplit_once("\n\n*From Bitbucket").expect("the origin is told");
        let whole: String =
            [head].into_iter().chain(cards[0].comments.iter().map(|c| c.body.as_str())).collect();
        assert_eq!(whole, long.trim_end());
        assert_eq!(report.changed.len(), 1);
    }

    #[test]
    fn names_a_card_cannot_hold_are_made_to_fit_and_told() {
        let mut one = issue(1, "new");
        one["component"] = "ui, and all that belongs to it in one long name of a part".into();
        let (cards, report) =
            plan(export(serde_json::json!({"issues": [one]})), &board(&["a"]), &BTreeMap::new());
        let label = cards[0].card.labels.first().expect("a label");
        assert!(label.starts_with("component: ui and all") && label.chars().count() <= NAME_MAX, "{label}");
        assert!(report.changed[0].starts_with("issue #1: `component: ui, and"), "{:?}", report.changed);
    }

    #[test]
    fn the_same_issue_has_the_same_card_and_another_trackers_has_another() {
        let at = |created: &str| {
            let mut one = issue(1, "new");
            one["created_on"] = created.into();
            plan(export(serde_json::json!({"issues": [one]})), &board(&["a"]), &BTreeMap::new()).0[0].card.id
        };
        assert_eq!(at("2019-03-01T10:00:00.123+00:00"), at("2019-03-01T10:00:00.123+00:00"));
        assert_ne!(at("2019-03-01T10:00:00.123+00:00"), at("2019-03-01T10:00:00.124+00:00"));
    }
}
