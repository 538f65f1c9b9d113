//! Pure translation between GitHub's shapes and ours, and the marker in the last line of a body.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::wire;
use crate::connector::{Comment, RemoteItem, RemoteMilestone, RemoteRef};
use crate::domain::fields::canonical_body;
use crate::domain::link::LinkId;
use crate::domain::mapping::{CloseReason, OpenState, PlatformState};

const MARKER_START: &str = "<!-- corkboard: ";
const MARKER_END: &str = " -->";

/// An issue in our form. `home` is the repository for answers that do not name theirs.
///
/// A `state_reason` nobody knows yet reads as none given; a `state` that is not `closed` reads as open.
pub(super) fn item(issue: wire::Issue, home: &str) -> RemoteItem {
    let (body, marker) = split_marker(issue.body.as_deref().unwrap_or_default());
    let closed = issue.state.eq_ignore_ascii_case("closed");
    // Answers under newer API versions have no `assignee`, very old ones no `assignees`.
    let assignees = issue.assignees.unwrap_or_else(|| issue.assignee.into_iter().collect());
    RemoteItem {
        at: RemoteRef {
            id: issue.id.to_string(),
            number: issue.number,
            repository: issue
                .repository_url
                .as_deref()
                .and_then(repository_of)
                .unwrap_or_else(|| home.to_owned()),
        },
        url: issue.html_url,
        title: issue.title,
        body,
        marker: marker.map(LinkId),
        state: PlatformState {
            state: if closed { OpenState::Closed } else { OpenState::Open },
            reason: issue.state_reason.as_deref().filter(|_| closed).and_then(reason),
            labels: issue.labels.iter().filter_map(|l| l.name()).map(str::to_owned).collect(),
            ..PlatformState::default()
        },
        assignees: assignees.into_iter().map(|u| u.login).collect(),
        milestone: issue.milestone.map(|m| m.title),
        raw: BTreeMap::new(),
        kind: issue.kind.map(|k| k.name),
        author: issue.user.map(|u| u.login),
        comments: issue.comments,
        created_at: issue.created_at.into(),
        updated_at: issue.updated_at.into(),
        rich: None,
    }
}

/// A comment in our form, with the marker it carries. A deleted account shows as `ghost`, as on GitHub's pages.
pub(super) fn comment(comment: wire::Comment) -> (Comment, Option<Uuid>) {
    let (body, marker) = split_marker(comment.body.as_deref().unwrap_or_default());
    let ours = Comment {
        id: comment.id.to_string(),
        author: comment.user.map_or_else(|| "ghost".to_owned(), |u| u.login),
        body,
        at: comment.created_at.into(),
    };
    (ours, marker)
}

/// A milestone in our form.
pub(super) fn milestone(milestone: wire::Milestone) -> RemoteMilestone {
    RemoteMilestone {
        id: milestone.number.to_string(),
        title: milestone.title,
        due: milestone.due_on.map(|d| d.date_naive()),
        open: milestone.state.as_deref() != Some("closed"),
    }
}

fn reason(word: &str) -> Option<CloseReason> {
    CloseReason::ALL.into_iter().find(|r| r.as_str() == word)
}

/// `owner/name` from `https://api.github.com/repos/owner/name`.
fn repository_of(url: &str) -> Option<String> {
    let (_, path) = url.rsplit_once("/repos/")?;
    let path = path.trim_end_matches('/');
    (path.split('/').filter(|p| !p.is_empty()).count() == 2 && path.matches('/').count() == 1)
        .then(|| path.to_owned())
}

/// `body` with `marker` as its last line, invisible where GitHub renders it. Nothing else of it is touched.
pub(in crate::connector) fn with_marker(body: &str, marker: Uuid) -> String {
    let line = format!("{MARKER_START}{}{MARKER_END}", marker.simple());
    if body.trim().is_empty() { line } else { format!("{}\n\n{line}", body.trim_end()) }
}

/// The canonical body without our marker, and the marker: the last line that is one and nothing else. People who add
/// to a body write below it, for it does not show; what they wrote is theirs, and the issue stays ours.
pub(in crate::connector) fn split_marker(raw: &str) -> (String, Option<Uuid>) {
    let body = canonical_body(raw);
    let lines: Vec<&str> = body.split('\n').collect();
    // One that opens a text was quoted: ours stands below what was sent.
    let ours = |at: usize| at > 0 || lines.len() == 1;
    let mut marks = lines.iter().enumerate().rev().filter(|(at, _)| ours(*at));
    let found = marks.find_map(|(at, line)| Some((at, marker_in(line)?)));
    let Some((at, marker)) = found else { return (body, None) };
    let (above, below) = (lines[..at].join("\n"), lines[at + 1..].join("\n"));
    let parts = [above.trim_end(), below.trim_matches('\n')];
    let body =
        if parts[0].is_empty() { parts[1].to_owned() } else { parts.join("\n\n").trim_end().to_owned() };
    (body, Some(marker))
}

fn marker_in(line: &str) -> Option<Uuid> {
    let id = line.trim().strip_prefix(MARKER_START)?.strip_suffix(MARKER_END)?;
    Uuid::parse_str(id.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> Uuid {
        Uuid::parse_str("0123456789abcdef0123456789abcdef").expect("a uuid")
    }

    proptest! {
        #[test]
        fn a_marker_put_on_comes_off_and_leaves_the_body_as_it_was(raw in "(\\PC|[\r\n\t ]|<!-- corkboard: )*", n in any::<u128>()) {
            let (body, marker) = (canonical_body(&raw), Uuid::from_u128(n));
            // A body of blanks in front of its text keeps them; one of blanks alone is canonically empty.
            prop_assert_eq!(split_marker(&with_marker(&body, marker)), (body, Some(marker)));
        }

        #[test]
        fn line_ends_and_blanks_after_the_marker_do_not_hide_it(end in "[\r\n \t]{0,8}", n in any::<u128>()) {
            let raw = with_marker("a\r\nb", Uuid::from_u128(n)) + &end;
            prop_assert_eq!(split_marker(&raw), ("a\nb".to_owned(), Some(Uuid::from_u128(n))));
        }
    }

    #[test]
    fn what_people_write_below_the_marker_is_theirs_and_the_marker_is_still_ours() {
        let added = format!("{}\n\nand one more thing", with_marker("a", id()));
        assert_eq!(split_marker(&added), ("a\n\nand one more thing".to_owned(), Some(id())));
        let opening = format!("{}\nquoted above", with_marker("", id()));
        assert_eq!(split_marker(&opening), (opening.clone(), None));
    }

    #[test]
    fn a_marker_within_a_line_is_somebodys_text() {
        let quoted = format!("> {}", with_marker("", id()));
        assert_eq!(split_marker(&quoted), (quoted.clone(), None));
    }

    #[test]
    fn the_marker_is_the_last_line_and_html_cannot_show_it() {
        assert_eq!(
            with_marker("Steps:\n1. run", id()),
            "Steps:\n1. run\n\n<!-- corkboard: 0123456789abcdef0123456789abcdef -->"
        );
        assert_eq!(with_marker("", id()), "<!-- corkboard: 0123456789abcdef0123456789abcdef -->");
    }

    #[test]
    fn mentions_and_references_go_out_as_they_were_written() {
        assert!(
            with_marker("@ana please look at #12 & <b>", id()).starts_with("@ana please look at #12 & <b>\n")
        );
    }

    fn issue(extra: serde_json::Value) -> RemoteItem {
        let mut all = serde_json::json!({
            "id": 1, "number": 7, "html_url": "https://github.com/a/b/issues/7", "title": "t", "state": "open",
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:01Z",
        });
        for (key, value) in extra.as_object().expect("an object") {
            all[key] = value.clone();
        }
        item(serde_json::from_value(all).expect("an issue"), "home/repo")
    }

    #[test]
    fn old_and_odd_answers_are_understood() {
        let bare = issue(serde_json::json!({}));
        assert_eq!((bare.at.repository.as_str(), bare.body.as_str(), bare.author), ("home/repo", "", None));
        let odd = issue(serde_json::json!({
            "state": "closed", "state_reason": "abducted", "user": null, "body": null, "labels": ["old", {"name": "new"}, {"name": null}],
            "assignee": {"login": "ana"}, "repository_url": "https://ghe.example/api/v3/repos/o/r",
        }));
        assert_eq!((odd.state.state, odd.state.reason), (OpenState::Closed, None));
        assert_eq!(odd.state.labels.len(), 2);
        assert!(odd.assignees.contains("ana"));
        assert_eq!(odd.at.repository, "o/r");
        let reopened = issue(
            serde_json::json!({"state_reason": "reopened", "assignees": [], "assignee": {"login": "x"}}),
        );
        assert_eq!((reopened.state.reason, reopened.assignees.len()), (None, 0));
    }

    #[test]
    fn a_repository_is_read_from_its_address_only() {
        assert_eq!(repository_of("https://api.github.com/repos/o/r").as_deref(), Some("o/r"));
        assert_eq!(repository_of("https://api.github.com/repositories/1000"), None);
        assert_eq!(repository_of("https://api.github.com/repos/o/r/issues/1"), None);
    }
}
