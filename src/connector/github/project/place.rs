//! One issue's place on the board: looking at it, putting it there, moving it.
//!
//! Order of a move: whatever concerns the issue goes first, over REST, and the option after it. GitHub's built-in
//! automation may answer a closed issue with a Status of its own; what we set after it stands, and is read back.

use serde_json::json;

use super::{Meta, Project, Stand, documents, key, option_named, wire};
use crate::connector::github::{About, GithubConnector};
use crate::connector::http::Priority;
use crate::connector::{Class, Draft, Failure, Fetched, Outcome, Patch, RemoteItem, RemoteRef, Scope};
use crate::domain::link::LinkId;
use crate::domain::mapping::StateChange;
use crate::support::clock::Timestamp;

/// An issue's GraphQL id and its item in the project, when it has one.
type Places = Option<(String, Option<wire::Place>)>;

impl GithubConnector {
    /// Looks at an issue and its place, freshly.
    pub(in crate::connector::github) async fn fetch_on_board(
        &self,
        project: &Project,
        at: &RemoteRef,
    ) -> Result<Fetched, Failure> {
        // First the place: what is read after it hides no change behind the later of both times.
        let stand = self.stand(project, at, Priority::Interactive).await?;
        let mut item = match self.fetch_item(at).await? {
            Fetched::Item(item) => item,
            gone => return Ok(gone),
        };
        if key(&item.at) == key(at) {
            stand.put_on(&mut item, true);
        } else {
            self.stand(project, &item.at, Priority::Interactive).await?.put_on(&mut item, false);
        }
        Ok(Fetched::Item(item))
    }

    /// Carries `patch` out: the issue first, then its Status.
    pub(in crate::connector::github) async fn update_on_board(
        &self,
        project: &Project,
        seen: &RemoteItem,
        patch: &Patch,
    ) -> Result<RemoteItem, Failure> {
        let wanted = patch.state.status.as_deref();
        // A name that is on no board is refused before anything is written.
        if let Some(name) = wanted {
            self.option(project, name).await?;
        }
        let state = StateChange { status: None, resolution: None, ..patch.state.clone() };
        let rest = Patch { state, ..patch.clone() };
        let issue = if rest.is_empty() { None } else { Some(self.update_item(seen, &rest).await?) };
        let applied = issue.is_some();
        let unsure = |f: Failure| if applied { f.with_outcome(Outcome::Unknown) } else { f };
        let at = issue.as_ref().map_or(&seen.at, |i| &i.at).clone();
        let stand = match wanted {
            Some(name) => {
                let automated = rest.state.state.is_some();
                self.put(project, &at, name, automated).await.map_err(unsure)?
            }
            None => self.stand(project, &at, Priority::Interactive).await.map_err(unsure)?,
        };
        let mut item = match issue.filter(|_| wanted.is_none()) {
            Some(item) => item,
            None => self.look_again(seen).await.map_err(|f| f.with_outcome(Outcome::Unknown))?,
        };
        stand.put_on(&mut item, wanted.is_some());
        project.tell(&item);
        Ok(item)
    }

    /// Makes an issue and puts it on the board. Once the issue is there, a failure says that the outcome is unknown:
    /// then it is found by its marker, put on the board, and never made again.
    pub(in crate::connector::github) async fn create_on_board(
        &self,
        project: &Project,
        draft: &Draft,
    ) -> Result<RemoteItem, Failure> {
        let wanted = draft.state.status.clone();
        match &wanted {
            Some(name) => drop(self.option(project, name).await?),
            None => drop(self.meta(project).await?),
        }
        let item = self.create_item(draft).await.inspect_err(|f| {
            if f.outcome == Outcome::Unknown {
                project.owed().insert(draft.marker, wanted.clone());
            }
        })?;
        self.complete(project, draft.marker, item, wanted).await.map_err(|f| f.with_outcome(Outcome::Unknown))
    }

    /// Looks for an issue by its marker; one that did not come onto the board when it was made is put there now.
    pub(in crate::connector::github) async fn find_on_board(
        &self,
        project: &Project,
        marker: LinkId,
        since: Timestamp,
    ) -> Result<Option<RemoteItem>, Failure> {
        let Some(item) = self.find_marked(marker, since).await? else { return Ok(None) };
        let wanted = project.owed().get(&marker).cloned().flatten();
        match self.complete(project, marker, item.clone(), wanted).await {
            Ok(item) => Ok(Some(item)),
            // A run that may only read finds it as it is; and what the board refuses for good must not hide the issue.
            Err(f) if f.class == Class::Configuration && f.status.is_none() => Ok(Some(item)),
            Err(f) if f.scope == Scope::Item && f.class != Class::Transient => {
                tracing::warn!(number = item.at.number, why = %f, "an issue could not be put on the board");
                project.owed().remove(&marker);
                Ok(Some(item))
            }
            Err(f) => Err(f),
        }
    }

    /// The board's half of a create.
    async fn complete(
        &self,
        project: &Project,
        marker: LinkId,
        mut item: RemoteItem,
        wanted: Option<String>,
    ) -> Result<RemoteItem, Failure> {
        project.owed().insert(marker, wanted.clone());
        let stand = match &wanted {
            Some(name) => self.put(project, &item.at, name, false).await?,
            None => Stand::of(self.on_board(project, &item.at).await?.1.field_value_by_name.as_ref()),
        };
        project.owed().remove(&marker);
        stand.put_on(&mut item, false);
        project.tell(&item);
        Ok(item)
    }

    /// Where an issue stands; nowhere when it is not on the board or not to be seen.
    pub(super) async fn stand(
        &self,
        project: &Project,
        at: &RemoteRef,
        priority: Priority,
    ) -> Result<Stand, Failure> {
        let meta = self.meta(project).await?;
        let place = self.places(&meta, at, priority).await?.and_then(|(_, place)| place);
        Ok(Stand::of(place.and_then(|p| p.field_value_by_name).as_ref()))
    }

    async fn places(&self, meta: &Meta, at: &RemoteRef, priority: Priority) -> Result<Places, Failure> {
        let (owner, name) = at.repository.split_once('/').unwrap_or((&at.repository, ""));
        let variables = json!({"owner": owner, "name": name, "number": at.number});
        let document = documents::ISSUE_PLACES;
        let answer =
            self.api.graphql_partial::<wire::IssuePlaces>(priority, document, variables, About::Item).await?;
        let Some(issue) = answer.data.repository.and_then(|r| r.issue) else {
            if answer.errors.iter().all(|e| e.is("NOT_FOUND")) {
                return Ok(None);
            }
            return Err(self.api.refused_by_graphql(&answer.errors, &answer.reply, document, About::Item));
        };
        let place = issue.project_items.nodes.into_iter().flatten().find(|p| p.project.id == meta.id);
        Ok(Some((issue.id, place)))
    }

    /// The issue's item, added when there was none; also whether something was written for it.
    async fn on_board(&self, project: &Project, at: &RemoteRef) -> Result<(bool, wire::Place), Failure> {
        let meta = self.meta(project).await?;
        let Some((issue, place)) = self.places(&meta, at, Priority::Interactive).await? else {
            return Err(Failure::new(Class::Permanent, Scope::Item, "the issue is not to be seen on GitHub")
                .with_help("it is gone, or the token cannot see it"));
        };
        if let Some(place) = place {
            return Ok((false, place));
        }
        let variables = json!({"project": meta.id, "issue": issue});
        let added: wire::Added = self.api.graphql(documents::ADD, variables, About::Item).await?;
        let place =
            added.payload.and_then(|p| p.item).ok_or_else(|| unanswered("the addition to the project"))?;
        Ok((true, place))
    }

    /// Puts an issue at an option: adds it to the board when it is not there, brings it back when it is archived, and
    /// writes nothing when it stands there already. `automated`: the issue was closed or opened just before, so what
    /// GitHub made of that is looked at once more.
    async fn put(
        &self,
        project: &Project,
        at: &RemoteRef,
        name: &str,
        automated: bool,
    ) -> Result<Stand, Failure> {
        let (mut written, place) = self.on_board(project, at).await?;
        let unsure =
            |written: bool| move |f: Failure| if written { f.with_outcome(Outcome::Unknown) } else { f };
        if place.is_archived {
            let meta = self.meta(project).await?;
            let variables = json!({"project": meta.id, "item": place.id});
            self.api
                .graphql::<serde_json::Value>(documents::UNARCHIVE, variables, About::Item)
                .await
                .map_err(unsure(written))?;
            written = true;
        }
        let mut stand = Stand::of(place.field_value_by_name.as_ref());
        if !same(&stand, name) {
            stand = self.set(project, &place.id, name).await.map_err(unsure(written))?;
            written = true;
        }
        if automated {
            let now = self.stand(project, at, Priority::Interactive).await.map_err(unsure(written))?;
            stand = if same(&now, name) {
                now
            } else {
                self.set(project, &place.id, name).await.map_err(unsure(true))?
            };
        }
        Ok(stand)
    }

    /// Sets the option by name. Its id may have changed since it was read, or have another name now; then it is read
    /// again, once.
    async fn set(&self, project: &Project, item: &str, name: &str) -> Result<Stand, Failure> {
        let (meta, option) = self.option(project, name).await?;
        let stand = match self.set_option(&meta, item, &option).await {
            Err(f) if f.message.to_lowercase().contains("does not belong to the field") => None,
            set => Some(set?),
        };
        if let Some(stand) = stand.as_ref().filter(|stand| same(stand, name)) {
            return Ok(stand.clone());
        }
        let meta = self.fresh_meta(project).await?;
        match (option_named(&meta.options, name), stand) {
            (Some(known), Some(stand)) if known == option => Ok(stand),
            (Some(other), _) => self.set_option(&meta, item, &other).await,
            (None, None) => Err(self.no_such_option(&meta, name)),
            (None, Some(_)) => Err(self.no_such_option(&meta, name).with_outcome(Outcome::Unknown)),
        }
    }

    async fn set_option(&self, meta: &Meta, item: &str, option: &str) -> Result<Stand, Failure> {
        let variables = json!({"project": meta.id, "item": item, "field": meta.field, "option": option});
        let moved: wire::Moved = self.api.graphql(documents::MOVE, variables, About::Item).await?;
        let item = moved.payload.and_then(|p| p.item).ok_or_else(|| unanswered("the move"))?;
        Ok(Stand::of(item.field_value_by_name.as_ref()))
    }
}

fn same(stand: &Stand, name: &str) -> bool {
    stand.status.as_ref().is_some_and(|s| s.to_lowercase() == name.to_lowercase())
}

/// A mutation that GitHub took and said nothing of.
fn unanswered(what: &str) -> Failure {
    Failure::new(Class::Transient, Scope::Item, format!("GitHub did not answer {what}"))
        .with_outcome(Outcome::Unknown)
}
