//! An issue's comments.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::classify::About;
use super::client::{PAGES_MAX, element, endless, within_a_page};
use super::{JiraConnector, adf, map, wire};
use crate::connector::{Comment, Failure, RemoteRef};

impl JiraConnector {
    /// All comments, oldest first.
    pub(super) async fn list_comments(&self, at: &RemoteRef) -> Result<Vec<Comment>, Failure> {
        Ok(self.marked_comments(at).await?.into_iter().map(|(comment, _)| comment).collect())
    }

    /// Adds a comment once: one whose property carries the marker already is the answer.
    pub(super) async fn add_comment(
        &self,
        at: &RemoteRef,
        body: &str,
        marker: Uuid,
    ) -> Result<Comment, Failure> {
        let there = self.marked_comments(at).await?.into_iter().find(|(_, m)| *m == Some(marker));
        if let Some((comment, _)) = there {
            return Ok(comment);
        }
        let (text, note) = if self.api.is_cloud() {
            let document = adf::document(body, None).document;
            let note = map::Note::new(Some(marker), body, &document);
            (document, note)
        } else {
            (json!(body), map::Note { marker: Some(marker), text: None })
        };
        let said = json!({"body": text, "properties": [note.property()]});
        let url = self.api.at(at, &["comment"], &[]);
        let reply = self.api.write(Method::POST, url, said, About::Item).await?;
        let made: wire::Comment = self.api.decode(&reply, About::Item)?;
        let (comment, _) = map::comment(made);
        // The answer need not hold the property, and reads without it as a translation would.
        Ok(Comment { body: crate::domain::fields::canonical_body(body), ..comment })
    }

    async fn marked_comments(&self, at: &RemoteRef) -> Result<Vec<(Comment, Option<Uuid>)>, Failure> {
        let mut all = Vec::new();
        let mut start = 0_u64;
        for _ in 0..PAGES_MAX {
            let from = start.to_string();
            let query = [
                ("startAt", from.as_str()),
                ("maxResults", "100"),
                ("orderBy", "created"),
                ("expand", "properties"),
            ];
            let page: wire::Comments =
                self.api.get(self.api.at(at, &["comment"], &query), About::Item).await?;
            within_a_page(page.comments.len())?;
            let read = page.comments.len() as u64;
            all.extend(page.comments.into_iter().filter_map(understood).map(map::comment));
            start += read;
            if read == 0 || page.total.is_none_or(|total| start >= total) {
                return Ok(all);
            }
        }
        Err(endless())
    }
}

fn understood(value: Value) -> Option<wire::Comment> {
    element(value).inspect_err(|why| tracing::warn!(%why, "a comment on Jira was left out")).ok()
}
