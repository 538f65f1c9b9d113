//! Makes an issue, finds one again by its marker, and looks at one.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::classify::About;
use super::client::refuse;
use super::pull::FIELDS;
use super::{JiraConnector, adf, map, update, wire};
use crate::connector::http::Priority;
use crate::connector::{Class, Draft, Failure, Fetched, Patch, RemoteItem, RemoteRef, Scope};
use crate::domain::fields::Value as Held;
use crate::domain::link::LinkId;
use crate::domain::mapping::{OpenState, PlatformState};
use crate::support::clock::Timestamp;

/// How much older than asked for an issue may be and still be looked at: our clock may be ahead of Jira's.
const SLACK_MS: i64 = 5 * 60_000;

impl JiraConnector {
    /// One request that makes it, its marker with it. It starts where the workflow starts; a status further on is the
    /// next pass's difference. When the look afterwards fails, the answer is what was asked for: an error there would
    /// hide the id of an issue that exists.
    pub(super) async fn create_item(&self, draft: &Draft) -> Result<RemoteItem, Failure> {
        let fields = &draft.fields;
        let labels = draft.state.labels.apply(&fields.labels);
        update::check_labels(labels.iter())?;
        update::check_title(&fields.title)?;
        let mut body = json!({
            "project": {"key": self.api.project()},
            "issuetype": {"id": self.issue_type().await?},
            "summary": fields.title,
            "labels": labels,
        });
        let marker = Some(draft.marker.0);
        let note = if self.api.is_cloud() {
            let written = adf::document(&fields.body, None).document;
            let note = map::Note::new(marker, &fields.body, &written);
            if !fields.body.is_empty() {
                body["description"] = written;
            }
            note
        } else {
            body["description"] = json!(fields.body);
            map::Note { marker, text: None }
        };
        if let Some(person) = update::one_person(&fields.assignees)? {
            body["assignee"] = self.person(Some(person));
        }
        if let Some(title) = &fields.milestone {
            body["fixVersions"] = json!([{"id": self.version_id(title).await?}]);
        }
        let later = match body.as_object_mut() {
            Some(body) => self.draft_further(&draft.raw, body).await?,
            None => BTreeMap::new(),
        };
        let sent = json!({"fields": body, "properties": [note.property()]});
        let reply = self.api.write(Method::POST, self.api.url(&["issue"], &[]), sent, About::NewItem).await?;
        let made: wire::Created = self.api.decode(&reply, About::NewItem)?;
        self.wrote(&made.id);
        let Some((project, number)) = map::split_key(&made.key) else {
            let words = format!("Jira made an issue whose key is `{}`", made.key);
            return Err(Failure::new(Class::Permanent, Scope::Item, self.api.port().words(&words))
                .with_outcome(crate::connector::Outcome::Unknown));
        };
        let at = RemoteRef { id: made.id, number, repository: project.to_owned() };
        match self.fetch_item(&at).await {
            Ok(Fetched::Item(item)) => {
                let item = self.with_later(*item, later).await;
                Ok(RemoteItem { marker: Some(draft.marker), ..item })
            }
            _ => Ok(self.as_drafted(draft, at, reply.date())),
        }
    }

    /// A new issue with what the request that made it could not give. A failure here must not hide the id of an issue that
    /// exists: what is missing is the next pass's difference, which tells why.
    async fn with_later(&self, item: RemoteItem, later: BTreeMap<String, Held>) -> RemoteItem {
        if later.is_empty() {
            return item;
        }
        let patch = Patch { raw: later, ..Patch::default() };
        match self.update_item(&item, &patch).await {
            Ok(item) => item,
            Err(failure) => {
                tracing::info!(%failure, "fields of a new issue are left to the next pass");
                item
            }
        }
    }

    /// A new issue as it was asked for, when it cannot be looked at.
    fn as_drafted(&self, draft: &Draft, at: RemoteRef, made: Option<Timestamp>) -> RemoteItem {
        let fields = draft.fields.clone();
        let made = made.unwrap_or(Timestamp(0));
        let key = format!("{}-{}", at.repository, at.number);
        RemoteItem {
            url: self.api.on_site(&["browse", &key]).to_string(),
            at,
            title: fields.title,
            body: fields.body,
            marker: Some(draft.marker),
            state: PlatformState {
                state: OpenState::Open,
                labels: draft.state.labels.apply(&fields.labels),
                ..PlatformState::default()
            },
            assignees: fields.assignees,
            milestone: fields.milestone,
            raw: BTreeMap::new(),
            kind: None,
            author: None,
            comments: 0,
            created_at: made,
            updated_at: made,
            rich: None,
        }
    }

    /// Looks through our own issues, newest first, back to `since`.
    pub(super) async fn find_marked(
        &self,
        marker: LinkId,
        since: Timestamp,
    ) -> Result<Option<RemoteItem>, Failure> {
        let jql = format!(
            "project = \"{}\" AND creator = currentUser() AND created >= {} ORDER BY created DESC, key DESC",
            self.api.project(),
            since.plus_ms(-SLACK_MS).0
        );
        self.search_marked(&jql, |item| item.marker == Some(marker)).await
    }

    /// The item with the marker of its own entity property, which Data Center gives one by one.
    pub(super) async fn with_marker(&self, item: RemoteItem) -> Result<RemoteItem, Failure> {
        let url = self.api.at(&item.at, &["properties", map::PROPERTY], &[]);
        match self.api.get::<wire::Property>(url, About::Item).await {
            Ok(found) => {
                let marker = map::Note::of(Some(&found.value)).marker.map(LinkId);
                Ok(RemoteItem { marker, ..item })
            }
            Err(f) if f.status == Some(404) && f.class == Class::Permanent => Ok(item),
            Err(f) => Err(f),
        }
    }

    /// Looks at one issue by its id, which it keeps when it is moved to another project.
    pub(super) async fn fetch_item(&self, at: &RemoteRef) -> Result<Fetched, Failure> {
        match self.look(at).await {
            Ok((issue, raw)) => {
                let item = map::item(issue, self.site().await).map_err(refuse)?;
                Ok(Fetched::Item(Box::new(RemoteItem { raw, ..item })))
            }
            Err(f) if f.status == Some(404) && f.class == Class::Permanent => Ok(Fetched::Hidden),
            Err(f) => Err(f),
        }
    }

    /// An issue as Jira holds it, and the further fields the rules name.
    async fn look(&self, at: &RemoteRef) -> Result<(wire::Issue, BTreeMap<String, Held>), Failure> {
        let wanted = self.wanted(false).await?;
        let query = [("fields", &*wanted.query()), ("properties", map::PROPERTY)];
        let reply = self.api.read(self.api.at(at, &[], &query), Priority::Interactive, About::Item).await?;
        let issue = self.api.decode(&reply, About::Item)?;
        let raw = serde_json::from_slice(&reply.body).map(|whole| wanted.read(&whole)).unwrap_or_default();
        Ok((issue, raw))
    }

    /// An issue as Jira holds it.
    pub(super) async fn raw_issue(&self, at: &RemoteRef) -> Result<wire::Issue, Failure> {
        let url = self.api.at(at, &[], &[("fields", FIELDS), ("properties", map::PROPERTY)]);
        let reply = self.api.read(url, Priority::Interactive, About::Item).await?;
        self.api.decode(&reply, About::Item)
    }

    /// A person as this Jira names them in a field; `None` is nobody.
    pub(super) fn person(&self, handle: Option<&str>) -> Value {
        match (handle, self.api.is_cloud()) {
            (None, _) => Value::Null,
            (Some(id), true) => json!({"accountId": id}),
            (Some(name), false) => json!({"name": name}),
        }
    }
}
