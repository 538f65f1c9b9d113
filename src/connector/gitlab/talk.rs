//! An issue's notes, as far as people wrote them.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::client::element;
use super::{About, GitlabConnector, map, wire};
use crate::connector::{Class, Comment, Failure, Fetched, RemoteRef};

impl GitlabConnector {
    /// All comments, oldest first, without the notes in which GitLab keeps the history.
    pub(super) async fn list_comments(&self, at: &RemoteRef) -> Result<Vec<Comment>, Failure> {
        Ok(self.marked_comments(at).await?.into_iter().map(|(comment, _)| comment).collect())
    }

    /// Adds a comment once: one that carries the marker already is the answer.
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
        let note = json!({"body": map::with_marker(body, marker)});
        let say = async |at: &RemoteRef| {
            self.api.write(Method::POST, self.api.at(at, &["notes"], &[]), note.clone(), About::Item).await
        };
        let reply = match say(at).await {
            // A write is not redirected: an issue of a project that moved is looked up at its new address.
            Err(failure) if failure.class == Class::Conflict => {
                match self.look(&at.repository, at.number).await? {
                    (Fetched::Item(moved), _) if moved.at != *at => say(&moved.at).await?,
                    _ => return Err(failure),
                }
            }
            said => said?,
        };
        let made: wire::Note = self.api.decode(&reply, About::Item)?;
        Ok(map::comment(made).0)
    }

    async fn marked_comments(&self, at: &RemoteRef) -> Result<Vec<(Comment, Option<Uuid>)>, Failure> {
        let query = [
            ("activity_filter", "only_comments"),
            ("order_by", "created_at"),
            ("sort", "asc"),
            ("per_page", "100"),
        ];
        let all = self.api.all_pages(self.api.at(at, &["notes"], &query), About::Item).await?;
        let understood = all.into_iter().filter_map(|value| {
            element::<wire::Note>(value)
                .inspect_err(|why| tracing::warn!(%why, "a note on GitLab was left out"))
                .ok()
        });
        Ok(understood.filter(|n| !n.system).map(map::comment).collect())
    }
}
