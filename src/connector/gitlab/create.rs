//! Makes an issue, finds one again by its marker, and looks at one, wherever it went.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{PAGES_MAX, endless};
use super::update::names_without_commas;
use super::{About, GitlabConnector, further, map, wire};
use crate::connector::{Draft, Failure, Fetched, RemoteItem, RemoteRef};
use crate::domain::link::LinkId;
use crate::support::clock::Timestamp;

/// How much older than asked for an issue may be and still be looked at: our clock may be ahead of GitLab's.
const SLACK_MS: i64 = 5 * 60_000;
/// How many moves of one issue are followed.
const MOVES: usize = 5;
/// Where an issue is. REST tells that by id to administrators alone.
const WHEREABOUTS: &str = "query($id: IssueID!) { issue(id: $id) { iid projectId } }";

impl GitlabConnector {
    /// One request, and no other after it: whatever else the draft wants (to be closed, a label GitLab dropped) is
    /// the next pass's difference. A second request that failed here would hide the id of an issue that exists.
    pub(super) async fn create_item(&self, draft: &Draft) -> Result<RemoteItem, Failure> {
        let fields = &draft.fields;
        let mut body = Value::from(further::sent(&self.further, &draft.raw, None)?);
        body["title"] = json!(fields.title);
        body["description"] = json!(map::with_marker(&fields.body, draft.marker.0));
        let labels = draft.state.labels.apply(&fields.labels);
        if !labels.is_empty() {
            // Labels the project does not have are made by GitLab on the way.
            body["labels"] = json!(names_without_commas(&self.spelled(&labels).await?)?);
        }
        if !fields.assignees.is_empty() {
            body["assignee_ids"] = json!(self.ids_of(&fields.assignees).await?);
        }
        if let Some(title) = &fields.milestone {
            body["milestone_id"] = json!(self.milestone_id(title).await?);
        }
        let url = self.api.here(&["issues"], &[]);
        let made = self.api.write(Method::POST, url, body, About::NewItem).await;
        if made.as_ref().is_err_and(|f| matches!(f.status, Some(400 | 404 | 422))) {
            self.forget_names().await;
        }
        let issue: wire::Issue = self.api.decode(&made?, About::NewItem)?;
        let mut item = map::item(issue, self.api.project(), &self.further);
        // The issue exists and must be known, also when nobody tells the status it was given.
        if let Err(failure) = self.read_statuses(std::slice::from_mut(&mut item)).await {
            tracing::info!(%failure, "the status of a new issue is read with the next pull");
        }
        Ok(item)
    }

    /// Lists our own issues, newest first, back to `since`. Not the search, which may lag behind.
    pub(super) async fn find_marked(
        &self,
        marker: LinkId,
        since: Timestamp,
    ) -> Result<Option<RemoteItem>, Failure> {
        let (me, oldest) = (self.login().await?, map::moment(since.plus_ms(-SLACK_MS)));
        let mut query = vec![
            ("author_username", me),
            ("created_after", oldest.as_str()),
            ("order_by", "created_at"),
            ("sort", "desc"),
            ("per_page", "100"),
        ];
        query.extend(self.by_key());
        let mut next = Some(self.list_url(&query));
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { return Ok(None) };
            let listing = self.list(url.clone()).await?;
            let found = listing.items.into_iter().chain(listing.moved).find(|i| i.marker == Some(marker));
            if found.is_some() {
                return Ok(found);
            }
            if listing.next.as_ref() == Some(&url) {
                return Err(endless());
            }
            next = listing.next;
        }
        // A search that was not finished has not found nothing: "not there" would let it be created once more.
        Err(endless())
    }

    /// Looks at one issue by its address.
    pub(super) async fn fetch_item(&self, at: &RemoteRef) -> Result<Fetched, Failure> {
        let (found, moved) = self.look(&at.repository, at.number).await?;
        Ok(match found {
            // A project that was deleted and made anew counts from one again; that is another issue. One that was
            // moved has a new id at its new place.
            Fetched::Item(item) if !moved && item.at.id != at.id => Fetched::Hidden,
            found => found,
        })
    }

    /// Looks at a number, following the issue where it was moved to; also tells whether it was. GitLab answers 404 for
    /// what was deleted and for what is hidden alike.
    pub(super) async fn look(&self, project: &str, number: u64) -> Result<(Fetched, bool), Failure> {
        let (mut project, mut number) = (project.to_owned(), number.to_string());
        let mut last: Option<RemoteItem> = None;
        for moves in 0..=MOVES {
            let url = self.api.in_project(&project, &["issues", &number], &[]);
            let issue: wire::Issue = match self.api.get(url, About::Item).await {
                Ok(issue) => issue,
                // Its new place is out of sight; the closed issue it left behind is not.
                Err(f) if f.status == Some(404) && last.is_some() && json_answer(&f) => break,
                Err(f) if f.status == Some(404) && json_answer(&f) => return Ok((Fetched::Hidden, false)),
                Err(f) => return Err(f),
            };
            let onward = issue.moved_to_id;
            let mut item = map::item(issue, &project, &self.further);
            let Some(id) = onward.filter(|_| moves < MOVES) else {
                self.read_statuses(std::slice::from_mut(&mut item)).await?;
                return Ok((Fetched::Item(Box::new(item)), moves > 0));
            };
            last = Some(item);
            match self.whereabouts(id).await? {
                Some(there) => (project, number) = (there.project_id.to_string(), there.iid),
                None => break,
            }
        }
        Ok((last.map_or(Fetched::Hidden, |item| Fetched::Item(Box::new(item))), false))
    }

    async fn whereabouts(&self, id: u64) -> Result<Option<wire::Address>, Failure> {
        let url = self.api.question(WHEREABOUTS, &json!({"id": format!("gid://gitlab/Issue/{id}")}));
        let answer: wire::Graph<wire::Whereabouts> = self.api.get(url, About::Item).await?;
        Ok(answer.data.and_then(|d| d.issue))
    }
}

/// Whether a 404 is GitLab's own word on an issue and not that of something in front of it.
fn json_answer(failure: &Failure) -> bool {
    failure.class == crate::connector::Class::Permanent
}
