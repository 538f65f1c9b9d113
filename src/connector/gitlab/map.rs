//! Pure translation between GitLab's shapes and ours.

use uuid::Uuid;

use super::further::{self, Wanted};
use super::lines::{held, spoken};
use super::wire;
use crate::connector::github::map;
use crate::connector::{Comment, RemoteItem, RemoteMilestone, RemoteRef};
use crate::domain::link::LinkId;
use crate::domain::mapping::{OpenState, PlatformState};
use crate::support::clock::Timestamp;

/// A text with its marker, as it is sent.
pub(super) fn with_marker(text: &str, marker: Uuid) -> String {
    map::with_marker(&held(text), marker)
}

/// The text and the marker of what GitLab holds.
pub(super) fn split_marker(raw: &str) -> (String, Option<Uuid>) {
    let (text, marker) = map::split_marker(raw);
    (spoken(&text), marker)
}

/// An issue in our form. `home` is the project for answers that do not name theirs, `wanted` the further fields to read.
///
/// A `state` that is not `closed` reads as open; GitLab keeps no reason for closing.
pub(super) fn item(issue: wire::Issue, home: &str, wanted: &Wanted) -> RemoteItem {
    let raw = further::read(wanted, &issue);
    let (body, marker) = split_marker(issue.description.as_deref().unwrap_or_default());
    let closed = issue.state.eq_ignore_ascii_case("closed");
    let assignees = issue.assignees.unwrap_or_else(|| issue.assignee.into_iter().collect());
    let full = issue.references.and_then(|r| r.full);
    RemoteItem {
        at: RemoteRef {
            id: issue.id.to_string(),
            number: issue.iid,
            repository: full.as_deref().and_then(project_of).unwrap_or(home).to_owned(),
        },
        url: issue.web_url.unwrap_or_default(),
        title: issue.title,
        body,
        marker: marker.map(LinkId),
        state: PlatformState {
            state: if closed { OpenState::Closed } else { OpenState::Open },
            labels: issue.labels.unwrap_or_default().into_iter().map(wire::Label::into_name).collect(),
            ..PlatformState::default()
        },
        assignees: assignees.into_iter().filter_map(|u| u.username).collect(),
        milestone: issue.milestone.map(|m| m.title),
        raw,
        kind: issue.kind,
        author: issue.author.and_then(|u| u.username),
        comments: issue.user_notes_count.unwrap_or_default(),
        created_at: issue.created_at.into(),
        updated_at: issue.updated_at.into(),
        rich: None,
    }
}

/// `group/app` from `group/app#7`.
fn project_of(full: &str) -> Option<&str> {
    let (project, number) = full.rsplit_once('#')?;
    (project.contains('/') && number.parse::<u64>().is_ok()).then_some(project)
}

/// A note in our form, with the marker it carries. A deleted account shows as `ghost`, as on GitLab's pages.
pub(super) fn comment(note: wire::Note) -> (Comment, Option<Uuid>) {
    let (body, marker) = split_marker(note.body.as_deref().unwrap_or_default());
    let author = note.author.and_then(|u| u.username).unwrap_or_else(|| "ghost".to_owned());
    (Comment { id: note.id.to_string(), author, body, at: note.created_at.into() }, marker)
}

/// A milestone in our form.
pub(super) fn milestone(milestone: wire::Milestone) -> RemoteMilestone {
    RemoteMilestone {
        id: milestone.id.to_string(),
        title: milestone.title,
        due: milestone.due_date,
        open: milestone.state.as_deref() != Some("closed"),
    }
}

/// A moment as GitLab's queries take it, in milliseconds.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn issue(extra: &serde_json::Value) -> RemoteItem {
        let mut all = json!({
            "id": 76, "iid": 7, "title": "t", "state": "opened",
            "created_at": "2026-11-01T00:00:00.123Z", "updated_at": "2026-11-01T02:00:01.456+02:00",
        });
        for (key, value) in extra.as_object().expect("an object") {
            all[key] = value.clone();
        }
        item(serde_json::from_value(all).expect("an issue"), "home/app", &Wanted::new())
    }

    #[test]
    fn an_issue_is_known_by_its_id_and_addressed_by_its_number() {
        let got = issue(&json!({
            "description": "Text\r\n\r\n<!-- corkboard: 0123456789abcdef0123456789abcdef -->",
            "labels": ["bug", {"name": "workflow::doing"}], "assignees": [{"id": 3, "username": "ana"}],
            "references": {"short": "#7", "relative": "#7", "full": "group/sub/app#7"},
            "milestone": {"id": 5, "title": "v1"}, "author": {"id": 4, "username": "ben"},
            "issue_type": "issue", "user_notes_count": 2, "web_url": "https://gitlab.com/group/sub/app/-/issues/7",
        }));
        assert_eq!(got.at, RemoteRef { id: "76".into(), number: 7, repository: "group/sub/app".into() });
        assert_eq!((got.body.as_str(), got.marker.is_some()), ("Text", true));
        assert!(got.state.labels.contains("workflow::doing") && got.assignees.contains("ana"));
        assert_eq!((got.milestone.as_deref(), got.author.as_deref()), (Some("v1"), Some("ben")));
        assert_eq!(got.created_at.0.rem_euclid(1_000), 123, "milliseconds count");
        assert_eq!(moment(got.updated_at), "2026-11-01T00:00:01.456Z");
    }

    #[test]
    fn old_and_odd_answers_are_understood() {
        let bare = issue(&json!({}));
        assert_eq!((bare.at.repository.as_str(), bare.body.as_str(), bare.author), ("home/app", "", None));
        let odd = issue(&json!({
            "state": "closed", "author": null, "description": null, "labels": null, "milestone": null,
            "assignee": {"id": 1, "username": "ana"}, "references": {"full": "nonsense"},
        }));
        assert_eq!((odd.state.state, odd.state.reason), (OpenState::Closed, None));
        assert!(odd.assignees.contains("ana"));
        assert_eq!(odd.at.repository, "home/app");
        assert_eq!(issue(&json!({"state": "locked"})).state.state, OpenState::Open);
    }

    #[test]
    fn a_note_carries_its_marker_and_a_note_of_nobody_is_shown() {
        let marker = Uuid::from_u128(7);
        let note = json!({"id": 3, "body": with_marker("Said", marker), "author": null, "created_at": "2026-11-01T00:00:00Z"});
        let (said, found) = comment(serde_json::from_value(note).expect("a note"));
        assert_eq!((said.author.as_str(), said.body.as_str(), found), ("ghost", "Said", Some(marker)));
    }
}
