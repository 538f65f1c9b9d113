//! Cards as JSON, whose shape scripts rely on, and as text, safe for a terminal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::config::Settings;
use crate::domain::board::Board;
use crate::domain::card::Card;
use crate::domain::fields::{FieldName, Value};
use crate::domain::link::{Link, LinkId, SyncStatus};
use crate::engine::{CardDetail, Comments};
use crate::support::text::{clip, many_lines, one_line};

/// A card, as `card list --json` prints it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
pub(super) struct CardJson {
    id: String,
    kind: &'static str,
    title: String,
    body: String,
    status: String,
    column: String,
    labels: BTreeSet<String>,
    assignees: BTreeSet<String>,
    milestone: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<FieldName, Value>,
    links: Vec<LinkJson>,
}

#[derive(Debug, Serialize)]
struct LinkJson {
    connection: String,
    platform: &'static str,
    remote_id: Option<String>,
    number: Option<u64>,
    url: Option<String>,
    sync_status: &'static str,
}

/// A card with what `card show --json` adds.
#[derive(Debug, Serialize)]
pub(super) struct DetailJson {
    #[serde(flatten)]
    card: CardJson,
    author: Option<String>,
    comments: Vec<CommentJson>,
    unsent_comments: Vec<String>,
    conflicts: Vec<ConflictJson>,
    beyond_markdown: Vec<BeyondJson>,
}

/// What an item's body holds that Markdown cannot say.
#[derive(Debug, Serialize)]
struct BeyondJson {
    connection: String,
    holds: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CommentJson {
    author: String,
    at: String,
    body: String,
}

#[derive(Debug, Serialize)]
struct ConflictJson {
    connection: String,
    field: &'static str,
    local: String,
    remote: String,
    winner: Option<&'static str>,
    at: String,
    /// The connection the local value came from; null: it was made on this board.
    local_from: Option<String>,
}

/// A card as JSON.
pub(super) fn json(
    board: &Board,
    settings: &Settings,
    card: &Card,
    body: &str,
    remote_ids: &HashMap<LinkId, String>,
) -> CardJson {
    let link = |link: &Link| LinkJson {
        connection: link.connection.to_string(),
        // A link outlives the connection it was made on; there is one platform so far.
        platform: settings.connection(link.connection.as_str()).map_or("github", |c| c.platform.as_str()),
        remote_id: remote_ids.get(&link.id).cloned(),
        number: link.number,
        url: link.url.clone(),
        sync_status: link.sync.as_str(),
    };
    CardJson {
        id: card.id.to_string(),
        kind: card.kind.as_str(),
        title: card.title.clone(),
        body: body.to_owned(),
        status: card.status.to_string(),
        column: board.title_of(&card.status).to_owned(),
        labels: card.labels.to_own(),
        assignees: card.assignees.to_own(),
        milestone: card.milestone.clone(),
        fields: card.extra.to_own(),
        links: card.links.iter().map(link).collect(),
    }
}

/// A card in full as JSON.
pub(super) fn detail_json(
    board: &Board,
    settings: &Settings,
    detail: &CardDetail,
    remote_ids: &HashMap<LinkId, String>,
) -> DetailJson {
    let comments = match &detail.comments {
        Comments::Ready(all) => all
            .iter()
            .map(|c| CommentJson { author: c.author.clone(), at: c.at.to_rfc3339(), body: c.body.clone() })
            .collect(),
        _ => Vec::new(),
    };
    let conflicts = detail
        .conflicts
        .iter()
        .map(|c| ConflictJson {
            connection: c.connection.to_string(),
            field: c.field.as_str(),
            local: c.local.to_string(),
            remote: c.remote.to_string(),
            winner: c.decided.as_ref().map(|d| d.choice.as_str()),
            at: c.found_at.to_rfc3339(),
            local_from: c.source.as_ref().map(ToString::to_string),
        })
        .collect();
    DetailJson {
        card: json(board, settings, &detail.card, &detail.body, remote_ids),
        author: detail.author.clone(),
        comments,
        unsent_comments: detail.unsent_comments.clone(),
        conflicts,
        beyond_markdown: detail
            .beyond
            .iter()
            .map(|b| BeyondJson { connection: b.connection.to_string(), holds: b.things.clone() })
            .collect(),
    }
}

/// The cards as a table, column by column.
pub(super) fn table(board: &Board, cards: &[&Card]) -> String {
    if cards.is_empty() {
        return "No cards.\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["CARD", "COLUMN", "TITLE", "LABELS", "ASSIGNEES", "MILESTONE", "SYNC"]);
    for card in cards {
        let at: Vec<String> = card.assignees.iter().map(|a| format!("@{a}")).collect();
        let cells = [
            card.key(),
            board.title_of(&card.status).to_owned(),
            clip(&card.title, 60),
            card.labels.iter().cloned().collect::<Vec<_>>().join(", "),
            at.join(" "),
            card.milestone.clone().unwrap_or_default(),
            sync_word(card),
        ];
        table.add_row(cells.map(|cell| one_line(&cell)));
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut out: String = table.lines().map(|l| l.trim_end().to_owned() + "\n").collect();
    let _ = writeln!(out, "{} card{}", cards.len(), if cards.len() == 1 { "" } else { "s" });
    out
}

/// How far a card is in step, in a word for each link that is not.
fn sync_word(card: &Card) -> String {
    let words: Vec<String> = card
        .links
        .iter()
        .filter(|l| l.sync != SyncStatus::Synced)
        .map(|l| format!("{} ({})", l.sync.as_str(), l.connection))
        .collect();
    match (card.links.is_empty(), words.is_empty()) {
        (true, _) => "local".to_owned(),
        (false, true) => "synced".to_owned(),
        (false, false) => words.join(", "),
    }
}

/// One card in full.
pub(in crate::cli) fn page(board: &Board, detail: &CardDetail) -> String {
    let card = &detail.card;
    let mut out = format!("{}  {}\n", card.key(), one_line(&card.title));
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name:<11}{}", one_line(value));
        }
    };
    let joined = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    line("id", &card.id.to_string());
    line("kind", card.kind.as_str());
    line("column", board.title_of(&card.status));
    line("labels", &joined(&card.labels));
    line("assignees", &joined(&card.assignees));
    line("milestone", card.milestone.as_deref().unwrap_or_default());
    for (name, value) in &card.extra {
        line(name.as_str(), &value.to_string());
    }
    line("author", detail.author.as_deref().unwrap_or_default());
    for link in &card.links {
        let note = link.note.as_deref().map(|n| format!(": {n}")).unwrap_or_default();
        let url = link.url.as_deref().unwrap_or("not created yet");
        line(link.connection.as_str(), &format!("{url} ({}{note})", link.sync.as_str()));
        for there in detail.beyond.iter().filter(|b| b.link == link.id) {
            line("", &format!("its text also holds {}", there.things.join(", ")));
        }
    }
    for c in &detail.conflicts {
        let state = if c.decided.is_some() { "decided" } else { "waits for a decision" };
        let words = format!(
            "{} {state}; {}: {}; on {}: {}",
            c.field,
            c.here(),
            clip(&c.local.to_string(), 80),
            c.connection,
            clip(&c.remote.to_string(), 80)
        );
        line("conflict", &words);
    }
    if !detail.body.is_empty() {
        let _ = write!(out, "\n{}\n", many_lines(&detail.body));
    }
    if let Comments::Ready(comments) = &detail.comments {
        for comment in comments {
            let head = format!("{}, {}", comment.author, comment.at.to_rfc3339());
            let _ = write!(out, "\n-- {}\n{}\n", one_line(&head), many_lines(&comment.body));
        }
    }
    for unsent in &detail.unsent_comments {
        let _ = write!(out, "\n-- you, not sent yet\n{}\n", many_lines(unsent));
    }
    out
}
