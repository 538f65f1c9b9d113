//! Pure translation between Jira's shapes and ours, and what Corkboard notes beside an issue in its entity property.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{adf, wire};
use crate::connector::reading;
use crate::connector::{Comment, RemoteItem, RemoteMilestone, RemoteRef};
use crate::domain::fields::canonical_body;
use crate::domain::link::LinkId;
use crate::domain::mapping::{OpenState, PlatformState};

/// The entity property's key, on issues and on comments.
pub(super) const PROPERTY: &str = "corkboard";
/// The most text a property's value may have; Jira takes 32,768 characters.
const PROPERTY_MAX: usize = 32_000;

/// What Corkboard notes beside an issue or a comment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Note {
    /// Which card or comment it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) marker: Option<Uuid>,
    /// The Markdown that the text was made from, and what the text reads as since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<NotedText>,
}

/// A text as it was written here. It counts for as long as the text there reads as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotedText {
    /// The Markdown, as it was written.
    pub(super) markdown: String,
    /// The digest of how the text there reads.
    pub(super) reads: String,
}

impl Note {
    /// The note in an entity property; one that cannot be understood is none.
    pub(super) fn of(value: Option<&Value>) -> Self {
        value.and_then(|v| serde_json::from_value(v.clone()).ok()).unwrap_or_default()
    }

    /// A note of a text that is about to be written as `document`.
    pub(super) fn new(marker: Option<Uuid>, markdown: &str, document: &Value) -> Self {
        let shown = adf::markdown(document);
        // What reads back as it was written needs no note.
        let text = (shown != markdown && markdown.chars().count() < PROPERTY_MAX)
            .then(|| NotedText { markdown: markdown.to_owned(), reads: adf::digest(&shown) });
        Self { marker, text }
    }

    /// The entity property that keeps it.
    pub(super) fn property(&self) -> Value {
        json!({"key": PROPERTY, "value": self})
    }

    /// A text there as Markdown: as it was written here, unless it reads otherwise since.
    pub(super) fn markdown(&self, shown: String) -> String {
        match &self.text {
            Some(noted) if noted.reads == adf::digest(&shown) => noted.markdown.clone(),
            _ => shown,
        }
    }
}

/// A description or comment as Markdown: ADF is translated, Data Center's text is taken as it is.
pub(super) fn text(value: Option<&Value>, note: &Note) -> String {
    let read = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => return canonical_body(text),
        Some(document) => note.markdown(adf::markdown(document)),
    };
    canonical_body(&read)
}

/// `ABC` and 12 from `ABC-12`.
pub(super) fn split_key(key: &str) -> Option<(&str, u64)> {
    let (project, number) = key.rsplit_once('-')?;
    let number = number.parse().ok().filter(|n| *n <= reading::NUMBER_MAX)?;
    (!project.is_empty()).then_some((project, number))
}

/// An issue in our form. `site` is where its page is. Of several fix versions the first is the milestone.
pub(super) fn item(issue: wire::Issue, site: &str) -> Result<RemoteItem, String> {
    let Some((project, number)) = split_key(&issue.key) else {
        let key = crate::support::text::clip(&crate::support::text::one_line(&issue.key), 100);
        return Err(format!("`{key}` is not an issue's key"));
    };
    let fields = issue.fields;
    let rich = fields.description.as_ref().and_then(adf::rich);
    let note = Note::of(issue.properties.as_ref().and_then(|all| all.get(PROPERTY)));
    let done = fields.status.is_done();
    Ok(RemoteItem {
        at: RemoteRef { id: issue.id, number, repository: project.to_owned() },
        url: format!("{}/browse/{}", site.trim_end_matches('/'), issue.key),
        title: fields.summary.unwrap_or_default(),
        body: text(fields.description.as_ref(), &note),
        marker: note.marker.map(LinkId),
        state: PlatformState {
            state: if done { OpenState::Closed } else { OpenState::Open },
            reason: None,
            labels: fields.labels.into_iter().collect(),
            status: Some(fields.status.name),
            resolution: fields.resolution.map(|r| r.name),
        },
        assignees: fields.assignee.and_then(|u| u.handle()).into_iter().collect::<BTreeSet<_>>(),
        milestone: fields.fix_versions.into_iter().next().map(|v| v.name),
        raw: BTreeMap::new(),
        kind: fields.issuetype.map(|t| t.name),
        author: fields.creator.or(fields.reporter).and_then(|u| u.handle()),
        comments: 0,
        created_at: fields.created.into(),
        updated_at: fields.updated.into(),
        rich,
    })
}

/// A comment in our form, with the marker it carries.
pub(super) fn comment(comment: wire::Comment) -> (Comment, Option<Uuid>) {
    let property = comment.properties.iter().find(|p| p.key == PROPERTY).map(|p| &p.value);
    let note = Note::of(property);
    let author = comment.author.as_ref().and_then(|u| u.display_name.clone().or_else(|| u.handle()));
    let ours = Comment {
        id: comment.id,
        author: author.unwrap_or_else(|| "anonymous".to_owned()),
        body: text(comment.body.as_ref(), &note),
        at: comment.created.into(),
    };
    (ours, note.marker)
}

/// A version as a milestone.
pub(super) fn milestone(version: wire::Version) -> RemoteMilestone {
    RemoteMilestone {
        due: version.release_date.as_deref().and_then(|d| d.parse().ok()),
        open: !version.released && !version.archived,
        id: version.id,
        title: version.name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_project_and_a_number() {
        assert_eq!(split_key("ABC-12"), Some(("ABC", 12)));
        assert_eq!(split_key("A_B2-1"), Some(("A_B2", 1)));
        for wrong in ["ABC", "-1", "ABC-", "ABC--", "ABC-99999999999999999999"] {
            assert!(split_key(wrong).is_none_or(|(p, _)| p == "ABC-"), "{wrong}");
        }
    }

    #[test]
    fn a_noted_text_counts_until_the_text_reads_otherwise() {
        let written = "* a\n* b";
        let document = adf::document(written, None).document;
        let note = Note::new(None, written, &document);
        assert_eq!(text(Some(&document), &note), written, "as it was written, not as it is translated back");
        let edited = adf::document("* a\n* b\n* c", None).document;
        assert_eq!(text(Some(&edited), &note), "- a\n- b\n- c");
    }

    #[test]
    fn a_noted_text_that_reads_as_it_was_written_is_not_kept() {
        let document = adf::document("plain", None).document;
        assert_eq!(Note::new(None, "plain", &document), Note::default());
    }
}
