//! Pure translation between Bitbucket's shapes and ours, and the marker in the last line of a comment.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::wire;
use crate::connector::{Comment, RemoteItem, RemoteRef};
use crate::domain::fields::canonical_body;
use crate::domain::mapping::{OpenState, PlatformState};
use crate::support::text::{clip, one_line};

/// A pull request that is not ready yet: open, with the flag.
pub(super) const DRAFT: &str = "DRAFT";
/// A pull request that waits to be merged.
pub(super) const OPEN: &str = "OPEN";
/// It was merged.
pub(super) const MERGED: &str = "MERGED";
/// It was declined.
pub(super) const DECLINED: &str = "DECLINED";
/// Another pull request took its place; Bitbucket does that by itself.
pub(super) const SUPERSEDED: &str = "SUPERSEDED";

/// Bitbucket's Markdown shows HTML comments as text; a link's definition that nothing refers to does not show.
const MARKER_START: &str = "[//]: # (corkboard: ";
const MARKER_END: &str = ")";

/// The name of a state, with drafts told from what is ready. A word nobody knows is kept as it came.
pub(super) fn status(request: &wire::PullRequest) -> String {
    let word = clip(&one_line(&request.state).trim().to_uppercase(), 64);
    if word == OPEN && request.draft == Some(true) { DRAFT.to_owned() } else { word }
}

/// Whether nothing leads on from this state.
pub(super) fn is_final(status: &str) -> bool {
    matches!(status, MERGED | DECLINED | SUPERSEDED)
}

/// The states a pull request can be given, by the one it has.
pub(super) fn moves(status: &str) -> &'static [&'static str] {
    match status {
        DRAFT => &[OPEN, DECLINED],
        OPEN => &[DRAFT, MERGED, DECLINED],
        _ => &[],
    }
}

/// The description as typed.
pub(super) fn description(request: &wire::PullRequest) -> String {
    let summary = || request.summary.as_ref().and_then(|s| s.raw.clone());
    request.description.clone().or_else(summary).unwrap_or_default()
}

/// A pull request in our form. `home` is the repository.
pub(super) fn item(request: wire::PullRequest, home: &str) -> RemoteItem {
    let (status, body) = (status(&request), canonical_body(&description(&request)));
    let shown = request.links.and_then(|l| l.html).and_then(|h| h.href);
    let url = shown.unwrap_or_else(|| format!("https://bitbucket.org/{home}/pull-requests/{}", request.id));
    RemoteItem {
        at: RemoteRef { id: request.id.to_string(), number: request.id, repository: home.to_owned() },
        url,
        title: request.title.unwrap_or_default(),
        body,
        marker: None,
        state: PlatformState {
            state: if is_final(&status) { OpenState::Closed } else { OpenState::Open },
            status: Some(status),
            ..PlatformState::default()
        },
        assignees: std::collections::BTreeSet::new(),
        milestone: None,
        raw: BTreeMap::new(),
        kind: None,
        author: request.author.and_then(wire::Account::name),
        comments: request.comment_count.unwrap_or_default(),
        created_at: request.created_on.into(),
        updated_at: request.updated_on.into(),
        rich: None,
    }
}

/// A comment in our form, with the marker it carries; `None` for one that is not to be seen.
pub(super) fn comment(comment: wire::Comment) -> Option<(Comment, Option<Uuid>)> {
    if comment.deleted == Some(true) || comment.pending == Some(true) {
        return None;
    }
    let raw = comment.content.and_then(|c| c.raw).unwrap_or_default();
    let (body, marker) = split_marker(&raw);
    let author = comment.user.and_then(wire::Account::name).unwrap_or_else(|| "somebody".to_owned());
    let ours = Comment { id: comment.id.to_string(), author, body, at: comment.created_on.into() };
    Some((ours, marker))
}

/// The body with the marker as its last line.
pub(super) fn with_marker(body: &str, marker: Uuid) -> String {
    let line = format!("{MARKER_START}{}{MARKER_END}", marker.simple());
    let body = body.trim_end();
    if body.is_empty() { line } else { format!("{body}\n\n{line}") }
}

/// The body without its marker: the last line that is one. What people add below stays theirs.
pub(super) fn split_marker(raw: &str) -> (String, Option<Uuid>) {
    let body = canonical_body(raw);
    let lines: Vec<&str> = body.split('\n').collect();
    let found = lines.iter().enumerate().rev().find_map(|(at, line)| Some((at, marker_in(line)?)));
    let Some((at, marker)) = found else { return (body, None) };
    let (above, below) = (lines[..at].join("\n"), lines[at + 1..].join("\n"));
    let parts = [above.trim_end(), below.trim_matches('\n')];
    let rest: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    (canonical_body(&rest.join("\n\n")), Some(marker))
}

fn marker_in(line: &str) -> Option<Uuid> {
    let id = line.trim().strip_prefix(MARKER_START)?.strip_suffix(MARKER_END)?;
    Uuid::parse_str(id.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(extra: serde_json::Value) -> wire::PullRequest {
        let mut all = serde_json::json!({
            "id": 7, "state": "OPEN", "created_on": "2026-11-01T00:00:00.123456+00:00",
            "updated_on": "2026-11-01T02:00:01.999999+02:00",
        });
        for (key, value) in extra.as_object().expect("an object") {
            all[key] = value.clone();
        }
        serde_json::from_value(all).expect("a pull request")
    }

    #[test]
    fn a_state_nobody_knows_stays_short_however_its_letters_grow() {
        let grown = status(&request(serde_json::json!({"state": "\u{1f80}".repeat(64)})));
        assert!(grown.chars().count() <= 64, "{grown}");
    }

    #[test]
    fn nulls_and_missing_fields_are_understood() {
        let bare = item(request(serde_json::json!({})), "team/app");
        assert_eq!(bare.url, "https://bitbucket.org/team/app/pull-requests/7");
        assert_eq!((bare.title.as_str(), bare.body.as_str(), bare.author), ("", "", None));
        assert_eq!(bare.updated_at.since(bare.created_at), 1_876, "milliseconds are kept");
        let nulls = request(serde_json::json!({
            "title": null, "description": null, "summary": {"raw": "from the summary\r\n"}, "draft": null,
            "author": {"display_name": "A bot", "nickname": null}, "reviewers": null, "destination": null,
            "comment_count": null, "links": {"html": null}, "close_source_branch": null,
        }));
        let nulls = item(nulls, "team/app");
        assert_eq!((nulls.body.as_str(), nulls.author.as_deref()), ("from the summary", Some("A bot")));
    }

    #[test]
    fn a_draft_is_told_from_what_is_ready_and_a_final_state_is_closed() {
        let cases = [
            ("OPEN", Some(true), "DRAFT", OpenState::Open),
            ("OPEN", Some(false), "OPEN", OpenState::Open),
            ("open", None, "OPEN", OpenState::Open),
            ("MERGED", Some(true), "MERGED", OpenState::Closed),
            ("DECLINED", None, "DECLINED", OpenState::Closed),
            ("SUPERSEDED", None, "SUPERSEDED", OpenState::Closed),
            ("QUEUED", None, "QUEUED", OpenState::Open),
        ];
        for (state, draft, want, open) in cases {
            let got = item(request(serde_json::json!({"state": state, "draft": draft})), "team/app");
            assert_eq!((got.state.status.as_deref(), got.state.state), (Some(want), open), "{state}");
        }
    }

    #[test]
    fn a_comments_marker_is_a_line_bitbucket_does_not_show() {
        let id = Uuid::from_u128(7);
        let marked = with_marker("Said.", id);
        assert_eq!(marked, "Said.\n\n[//]: # (corkboard: 00000000000000000000000000000007)");
        assert_eq!(split_marker(&marked), ("Said.".to_owned(), Some(id)));
        let added = format!("{}\r\n\r\nand more", with_marker("Said.", id));
        assert_eq!(split_marker(&added), ("Said.\n\nand more".to_owned(), Some(id)));
        let quoted = format!("> {}", with_marker("", id));
        assert_eq!(split_marker(&quoted).1, None);
    }
}
