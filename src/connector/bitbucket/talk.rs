//! A pull request's comments: on the whole of it, on lines of it and answers to others, all alike.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::client::element;
use super::{About, BitbucketConnector, map, wire};
use crate::connector::{Class, Comment, Failure, Outcome, RemoteRef, Scope};

impl BitbucketConnector {
    /// All comments that are to be seen, oldest first.
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
        let json = json!({"type": "pullrequest_comment", "content": {"raw": map::with_marker(body, marker)}});
        let url = self.api.at(at.number, &["comments"], &[]);
        let reply = self.api.write(Method::POST, url, Some(json), About::Item).await?;
        let made: wire::Comment = self.api.decode(&reply, About::Item)?;
        map::comment(made).map(|(comment, _)| comment).ok_or_else(|| {
            let words = "Bitbucket took the comment and does not show it";
            Failure::new(Class::Permanent, Scope::Item, words).with_outcome(Outcome::Unknown)
        })
    }

    async fn marked_comments(&self, at: &RemoteRef) -> Result<Vec<(Comment, Option<Uuid>)>, Failure> {
        let url = self.api.at(at.number, &["comments"], &[("pagelen", "100")]);
        let all = self.api.all_pages(url, About::Item).await?;
        let understood = all.into_iter().filter_map(|value| {
            element::<wire::Comment>(value)
                .inspect_err(|why| tracing::warn!(%why, "a comment on Bitbucket was left out"))
                .ok()
        });
        let mut comments: Vec<_> = understood.filter_map(map::comment).collect();
        comments.sort_by_key(|(comment, _)| comment.at);
        Ok(comments)
    }
}
