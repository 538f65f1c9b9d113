//! Makes an issue, finds one again by its marker, and looks at one.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{PAGES_MAX, element, endless};
use super::{About, GithubConnector, map, wire};
use crate::connector::http::{Priority, links};
use crate::connector::{Class, Draft, Failure, Fetched, RemoteItem, RemoteRef};
use crate::domain::link::LinkId;
use crate::support::clock::Timestamp;

/// How much older than asked for an issue may be and still be looked at: our clock may be ahead of GitHub's.
const SLACK_MS: i64 = 5 * 60_000;

impl GithubConnector {
    /// One request, and no other after it: whatever else the draft wants (to be closed, a label GitHub dropped) is
    /// the next pass's difference. A second request that failed here would hide the id of an issue that exists.
    pub(super) async fn create_item(&self, draft: &Draft) -> Result<RemoteItem, Failure> {
        let fields = &draft.fields;
        let milestone = match &fields.milestone {
            Some(title) => Some(self.milestone_number(title).await?),
            None => None,
        };
        // Labels the repository does not have are made by GitHub on the way.
        let labels = draft.state.labels.apply(&fields.labels);
        let body = wire::NewIssue {
            title: &fields.title,
            body: map::with_marker(&fields.body, draft.marker.0),
            labels: labels.iter().map(String::as_str).collect(),
            assignees: fields.assignees.iter().map(String::as_str).collect(),
            milestone,
        };
        let url = self.api.here(&["issues"], &());
        let made = self.api.write(Method::POST, url, Some(&body), About::NewItem).await;
        if made.as_ref().is_err_and(|f| f.status == Some(422)) {
            self.forget_milestones().await;
        }
        let issue: wire::Issue = self.api.decode(&made?, About::NewItem)?;
        Ok(map::item(issue, self.api.repository()))
    }

    /// Lists our own issues, newest first, back to `since`. Not the search, which lags behind.
    pub(super) async fn find_marked(
        &self,
        marker: LinkId,
        since: Timestamp,
    ) -> Result<Option<RemoteItem>, Failure> {
        let oldest = since.plus_ms(-SLACK_MS);
        let mut query = json!({"state": "all", "sort": "created", "direction": "desc", "per_page": 100});
        match self.login().await {
            Ok(login) => query["creator"] = json!(login),
            // An app's token has no user; then everybody's issues are listed.
            Err(f) if f.status == Some(403) && f.class == Class::Configuration => {}
            Err(f) => return Err(f),
        }
        let mut next = Some(self.api.here(&["issues"], &query));
        for _ in 0..PAGES_MAX {
            let Some(url) = next else { return Ok(None) };
            let reply = self.api.read(url.clone(), None, About::Container).await?.reply;
            let values = self.api.entries(&reply, About::Container)?;
            let mut reached = values.is_empty();
            let issues = values.into_iter().filter(|v| v.get("pull_request").is_none_or(Value::is_null));
            for issue in issues.filter_map(|v| element::<wire::Issue>(v).ok()) {
                reached |= Timestamp::from(issue.created_at) < oldest;
                let item = map::item(issue, self.api.repository());
                if item.marker == Some(marker) {
                    return Ok(Some(item));
                }
            }
            next = links(&reply.headers).next.filter(|n| !reached && *n != url);
        }
        // A search that was not finished has not found nothing: "not there" would let it be created once more.
        Err(endless())
    }

    /// Looks at one issue by its address.
    pub(super) async fn fetch_item(&self, at: &RemoteRef) -> Result<Fetched, Failure> {
        let (found, moved) = self.look(&at.repository, at.number, Priority::Interactive).await?;
        Ok(match found {
            // A repository that was deleted and made anew counts from one again; that is another issue. One that
            // was transferred may have a new id at its new place.
            Fetched::Item(item) if !moved && item.at.id != at.id => Fetched::Hidden,
            found => found,
        })
    }

    /// Looks at a number; also tells whether the answer came from another address.
    pub(super) async fn look(
        &self,
        repository: &str,
        number: u64,
        priority: Priority,
    ) -> Result<(Fetched, bool), Failure> {
        let number = number.to_string();
        let url = self.api.in_repository(repository, &["issues", &number], &());
        let answered = match self.api.read_as(priority, url, None, About::Item).await {
            Ok(answered) => answered,
            Err(f) if f.status == Some(404) && f.class == Class::Permanent => {
                return Ok((discussion(&f).unwrap_or(Fetched::Hidden), false));
            }
            Err(f) if f.status == Some(410) && f.class == Class::Permanent => {
                return Ok((discussion(&f).unwrap_or(Fetched::Deleted), false));
            }
            Err(f) => return Err(f),
        };
        let value: Value = self.api.decode(&answered.reply, About::Item)?;
        if value.get("pull_request").is_some_and(|p| !p.is_null()) {
            return Ok((Fetched::Converted("a pull request"), answered.moved));
        }
        let issue: wire::Issue = self.api.decode(&answered.reply, About::Item)?;
        let item = map::item(issue, repository);
        let moved = answered.moved && !item.at.repository.eq_ignore_ascii_case(repository);
        Ok((Fetched::Item(Box::new(item)), moved))
    }
}

/// What GitHub answers for an issue that became a discussion is not in its reference; its words are taken for it.
fn discussion(failure: &Failure) -> Option<Fetched> {
    failure.message.to_lowercase().contains("discussion").then_some(Fetched::Converted("a discussion"))
}
