//! An issue's comments.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::client::element;
use super::{About, GithubConnector, map, wire};
use crate::connector::http::Priority;
use crate::connector::{Class, Comment, Failure, Fetched, RemoteRef};

impl GithubConnector {
    /// All comments, oldest first.
    pub(super) async fn list_comments(&self, at: &RemoteRef) -> Result<Vec<Comment>, Failure> {
        Ok(self.marked_comments(at).await?.into_iter().map(|(comment, _)| comment).collect())
    }

    /// Adds a comment once: one that carries the marker already is the answer. All pages are read for it, since
    /// comments come oldest first.
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
        let body = json!({"body": map::with_marker(body, marker)});
        let say = async |at: &RemoteRef| {
            let url = self.api.at(at, &["comments"], &());
            self.api.write(Method::POST, url, Some(&body), About::Item).await
        };
        let reply = match say(at).await {
            // A write is not redirected: an issue that was transferred is looked up at its new address.
            Err(failure) if failure.class == Class::Conflict => {
                match self.look(&at.repository, at.number, Priority::Interactive).await? {
                    (Fetched::Item(moved), _) if moved.at != *at => say(&moved.at).await?,
                    _ => return Err(failure),
                }
            }
            said => said?,
        };
        let made: wire::Comment = self.api.decode(&reply, About::Item)?;
        Ok(map::comment(made).0)
    }

    async fn marked_comments(&self, at: &RemoteRef) -> Result<Vec<(Comment, Option<Uuid>)>, Failure> {
        let url = self.api.at(at, &["comments"], &json!({"per_page": 100}));
        let all = self.api.all_pages(url, About::Item).await?;
        let understood = all.into_iter().filter_map(|value| {
            element::<wire::Comment>(value)
                .inspect_err(|why| tracing::warn!(%why, "a comment on GitHub was left out"))
                .ok()
        });
        Ok(understood.map(map::comment).collect())
    }
}
