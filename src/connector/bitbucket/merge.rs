//! Merges a pull request, and waits for a merge that takes longer.
//!
//! Bitbucket answers 200 with what was merged, or 202 with the address of a task. A task that fails, an answer that is
//! lost and a merge that takes too long are settled by what the pull request itself shows, never by merging again.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::LOCATION;
use url::Url;

use super::update::{arrived, merge_body};
use super::{About, BitbucketConnector, map, wire};
use crate::connector::http::Reply;
use crate::connector::{Class, Failure, Outcome, RemoteItem, Scope};

/// How long to wait before each look at a task, in milliseconds: the first at once, half a minute in all.
const LOOKS_MS: [u64; 8] = [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];

impl BitbucketConnector {
    /// Merges `request`.
    pub(super) async fn merge(&self, request: &wire::PullRequest) -> Result<RemoteItem, Failure> {
        let url = self.api.at(request.id, &["merge"], &[]);
        let reply = self.api.write(Method::POST, url, Some(merge_body(request)), About::Merge).await?;
        if reply.status.as_u16() != 202 {
            let merged: wire::PullRequest = self.api.decode(&reply, About::Merge)?;
            return arrived(map::item(merged, self.api.repository()), map::MERGED);
        }
        let unsure = |f: Failure| f.with_outcome(Outcome::Unknown);
        if let Some(task) = task_address(&reply, request.id)
            && let Err(failure) = self.wait_for(task).await
        {
            // Whether the task's failure left the pull request open, it says itself.
            let shown = self.shown(request.id).await.map_err(unsure)?;
            let merged = shown.state.status.as_deref() == Some(map::MERGED);
            let refused = failure.class != Class::Transient;
            return if merged {
                Ok(shown)
            } else if refused {
                Err(failure.with_outcome(Outcome::NotApplied))
            } else {
                Err(unsure(failure))
            };
        }
        let shown = self.shown(request.id).await.map_err(unsure)?;
        arrived(shown, map::MERGED)
    }

    async fn shown(&self, number: u64) -> Result<RemoteItem, Failure> {
        Ok(map::item(self.look(number, &[]).await?, self.api.repository()))
    }

    /// Waits until a task is no longer pending. A refusal of the merge comes as the answer's status.
    async fn wait_for(&self, task: Url) -> Result<(), Failure> {
        for wait in LOOKS_MS {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let now: wire::MergeTask = self.api.get(task.clone(), About::Merge).await?;
            if !now.task_status.is_some_and(|s| s.eq_ignore_ascii_case("PENDING")) {
                return Ok(());
            }
        }
        let words = "Bitbucket is still merging the pull request; it is looked at again later";
        Err(Failure::new(Class::Transient, Scope::Item, words))
    }
}

/// The task's address, when it is one of this pull request's: no other address is asked on an answer's word.
fn task_address(reply: &Reply, number: u64) -> Option<Url> {
    let url = reply.url.join(reply.headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let ours = format!("/pullrequests/{number}/merge/task-status/");
    (url.origin() == reply.url.origin() && url.path().contains(&ours)).then_some(url)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::super::fuzz::reply;
    use super::*;

    #[test]
    fn only_a_task_of_the_same_pull_request_is_asked() {
        let task = |location: &str| {
            let mut reply = reply(202, Vec::new(), true);
            reply.headers.insert(LOCATION, HeaderValue::from_str(location).expect("a header"));
            task_address(&reply, 7).map(|url| url.path().to_owned())
        };
        let ours = "/2.0/repositories/team/app/pullrequests/7/merge/task-status/a1";
        assert_eq!(task(&format!("https://api.bitbucket.org{ours}")).as_deref(), Some(ours));
        assert_eq!(task(ours).as_deref(), Some(ours));
        assert_eq!(task(&format!("https://elsewhere.example{ours}")), None);
        assert_eq!(task("/2.0/repositories/team/app/pullrequests/8/merge/task-status/a1"), None);
        assert_eq!(task("/2.0/user"), None);
    }
}
