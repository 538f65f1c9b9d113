//! One issue's place on the board: looking at it, putting it there, moving it.
//!
//! Order of a move: whatever concerns the issue goes first, over REST, then its further fields, and the option after
//! them. GitHub's built-in automation may answer a closed issue with a Status of its own; what we set after it stands,
//! and is read back.

use std::collections::BTreeMap;

use serde_json::json;

use super::further::{Asked, Known, Planned};
use super::{Meta, Owed, Project, Stand, documents, key, option_named, wire};
use crate::connector::github::{About, GithubConnector};
use crate::connector::http::Priority;
use crate::connector::{Class, Draft, Failure, Fetched, Outcome, Patch, RemoteItem, RemoteRef, Scope};
use crate::domain::link::LinkId;
use crate::domain::mapping::StateChange;
use crate::support::clock::Timestamp;

/// An issue as GitHub's projects know it.
struct Found {
    /// Its GraphQL id.
    issue: String,
    /// Its item in the project, when it has one.
    place: Option<wire::Place>,
    /// Which of the fields that were asked for the project has.
    known: Known,
}

/// An item that is about to be written.
pub(super) struct Target<'a> {
    pub(super) meta: &'a Meta,
    pub(super) item: &'a str,
    pub(super) asked: &'a Asked,
    pub(super) known: &'a [bool],
}

/// What an issue shall be on the board.
struct Wanted<'a> {
    status: Option<&'a str>,
    values: &'a [Planned],
    /// The issue was closed or opened just before, so what GitHub made of that is looked at once more.
    automated: bool,
}

impl Wanted<'_> {
    fn is_nothing(&self) -> bool {
        self.status.is_none() && self.values.is_empty()
    }
}

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

    /// Carries `patch` out: the issue first, then its further fields and its Status.
    pub(in crate::connector::github) async fn update_on_board(
        &self,
        project: &Project,
        seen: &RemoteItem,
        patch: &Patch,
    ) -> Result<RemoteItem, Failure> {
        // A name that is on no board, and a value no field takes, are refused before anything is written.
        if let Some(name) = &patch.state.status {
            self.option(project, name).await?;
        }
        let values = self.planned(project, &patch.raw).await?;
        let state = StateChange { status: None, resolution: None, ..patch.state.clone() };
        let rest = Patch { state, raw: BTreeMap::new(), ..patch.clone() };
        let issue = if rest.is_empty() { None } else { Some(self.update_item(seen, &rest).await?) };
        let applied = issue.is_some();
        let unsure = |f: Failure| if applied { f.with_outcome(Outcome::Unknown) } else { f };
        let at = issue.as_ref().map_or(&seen.at, |i| &i.at).clone();
        let wanted = Wanted {
            status: patch.state.status.as_deref(),
            values: &values,
            automated: rest.state.state.is_some(),
        };
        let stand = if wanted.is_nothing() {
            self.stand(project, &at, Priority::Interactive).await.map_err(unsure)?
        } else {
            self.put(project, &at, &wanted).await.map_err(unsure)?
        };
        let mut item = match issue.filter(|_| wanted.is_nothing()) {
            Some(item) => item,
            None => self.look_again(seen).await.map_err(|f| f.with_outcome(Outcome::Unknown))?,
        };
        stand.put_on(&mut item, !wanted.is_nothing());
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
        let wanted = Owed { status: draft.state.status.clone(), values: draft.raw.clone() };
        match &wanted.status {
            Some(name) => drop(self.option(project, name).await?),
            None => drop(self.meta(project).await?),
        }
        self.planned(project, &wanted.values).await?;
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
        let wanted = project.owed().get(&marker).cloned().unwrap_or_default();
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
        wanted: Owed,
    ) -> Result<RemoteItem, Failure> {
        project.owed().insert(marker, wanted.clone());
        let values = self.planned(project, &wanted.values).await?;
        let put = Wanted { status: wanted.status.as_deref(), values: &values, automated: false };
        let stand = self.put(project, &item.at, &put).await?;
        project.owed().remove(&marker);
        stand.put_on(&mut item, false);
        project.tell(&item);
        Ok(item)
    }

    /// Where an issue stands; nowhere when it is not on the board. Of one that is not to be seen no value was read.
    pub(super) async fn stand(
        &self,
        project: &Project,
        at: &RemoteRef,
        priority: Priority,
    ) -> Result<Stand, Failure> {
        let (asked, found) = self.look_for(project, at, priority).await?;
        let Some(found) = found else { return Ok(Stand::default()) };
        Ok(found.stand(&asked).unwrap_or_else(|| Stand::nowhere(&asked, &found.known)))
    }

    /// The same of what is on the board.
    pub(super) async fn standing(
        &self,
        project: &Project,
        at: &RemoteRef,
        priority: Priority,
    ) -> Result<Option<Stand>, Failure> {
        let (asked, found) = self.look_for(project, at, priority).await?;
        Ok(found.and_then(|found| found.stand(&asked)))
    }

    /// Looks for an issue, and says which further fields were asked for. One that the project has not may have another
    /// name now and be known by its id: then it is looked for once more.
    async fn look_for(
        &self,
        project: &Project,
        at: &RemoteRef,
        priority: Priority,
    ) -> Result<(Asked, Option<Found>), Failure> {
        let asked = self.asked(project).await?;
        let found = self.places(project, &asked, at, priority).await?;
        if !found.as_ref().is_some_and(|found| found.known.contains(&false)) {
            return Ok((asked, found));
        }
        self.fresh_fields(project).await?;
        let fresh = self.asked(project).await?;
        if fresh.names == asked.names {
            return Ok((asked, found));
        }
        let found = self.places(project, &fresh, at, priority).await?;
        Ok((fresh, found))
    }

    async fn places(
        &self,
        project: &Project,
        asked: &Asked,
        at: &RemoteRef,
        priority: Priority,
    ) -> Result<Option<Found>, Failure> {
        let meta = self.meta(project).await?;
        let (owner, name) = at.repository.split_once('/').unwrap_or((&at.repository, ""));
        let mut variables = json!({"owner": owner, "name": name, "number": at.number});
        if !asked.names.is_empty() {
            variables["project"] = json!(meta.id);
            asked.put_in(&mut variables);
        }
        let document = project.reading.places();
        let answer =
            self.api.graphql_partial::<wire::IssuePlaces>(priority, document, variables, About::Item).await?;
        let Some(issue) = answer.data.repository.and_then(|r| r.issue) else {
            if answer.errors.iter().all(|e| e.is("NOT_FOUND")) {
                return Ok(None);
            }
            return Err(self.api.refused_by_graphql(&answer.errors, &answer.reply, document, About::Item));
        };
        let place = issue.project_items.nodes.into_iter().flatten().find(|p| p.project.id == meta.id);
        let known = asked.known(&answer.data.node.unwrap_or_default());
        Ok(Some(Found { issue: issue.id, place, known }))
    }

    /// The issue's item, added when there was none; also whether something was written for it.
    async fn on_board(
        &self,
        project: &Project,
        at: &RemoteRef,
    ) -> Result<(bool, wire::Place, Asked, Known), Failure> {
        let meta = self.meta(project).await?;
        let (asked, found) = self.look_for(project, at, Priority::Interactive).await?;
        let Some(found) = found else {
            return Err(Failure::new(Class::Permanent, Scope::Item, "the issue is not to be seen on GitHub")
                .with_help("it is gone, or the token cannot see it"));
        };
        if let Some(place) = found.place {
            return Ok((false, place, asked, found.known));
        }
        let mut variables = json!({"project": meta.id, "issue": found.issue});
        asked.put_in(&mut variables);
        let added: wire::Added = self.api.graphql(project.reading.add(), variables, About::Item).await?;
        let place =
            added.payload.and_then(|p| p.item).ok_or_else(|| unanswered("the addition to the project"))?;
        Ok((true, place, asked, found.known))
    }

    /// Puts an issue where it is wanted: adds it to the board when it is not there, brings it back when it is archived,
    /// and writes nothing of what it has already.
    async fn put(&self, project: &Project, at: &RemoteRef, wanted: &Wanted<'_>) -> Result<Stand, Failure> {
        let (mut written, place, asked, known) = self.on_board(project, at).await?;
        let mut stand = Stand::of(place.field_value_by_name.as_ref(), &place.rest, &asked, &known);
        if wanted.is_nothing() {
            return Ok(stand);
        }
        let unsure =
            |written: bool| move |f: Failure| if written { f.with_outcome(Outcome::Unknown) } else { f };
        let meta = self.meta(project).await?;
        if place.is_archived {
            let variables = json!({"project": meta.id, "item": place.id});
            self.api
                .graphql::<serde_json::Value>(documents::UNARCHIVE, variables, About::Item)
                .await
                .map_err(unsure(written))?;
            written = true;
        }
        let target = Target { meta: &meta, item: &place.id, asked: &asked, known: &known };
        let there = |p: &Planned| stand.values.get(&p.rule).is_some_and(|v| p.field.holds(v, &p.value));
        let due: Vec<Planned> = wanted.values.iter().filter(|p| !there(p)).cloned().collect();
        if !due.is_empty() {
            stand = self.set_values(project, &target, due).await.map_err(unsure(written))?;
            written = true;
        }
        let Some(name) = wanted.status else { return Ok(stand) };
        if !same(&stand, name) {
            stand = self.set(project, &target, name).await.map_err(unsure(written))?;
            written = true;
        }
        if wanted.automated {
            let now = self.stand(project, at, Priority::Interactive).await.map_err(unsure(written))?;
            stand = if same(&now, name) {
                now
            } else {
                self.set(project, &target, name).await.map_err(unsure(true))?
            };
        }
        Ok(stand)
    }

    /// Sets the option by name. Its id may have changed since it was read, or have another name now; then it is read
    /// again, once.
    async fn set(&self, project: &Project, target: &Target<'_>, name: &str) -> Result<Stand, Failure> {
        let (meta, option) = self.option(project, name).await?;
        let stand = match self.set_option(project, &meta, target, &option).await {
            Err(f) if f.message.to_lowercase().contains("does not belong to the field") => None,
            set => Some(set?),
        };
        if let Some(stand) = stand.as_ref().filter(|stand| same(stand, name)) {
            return Ok(stand.clone());
        }
        let meta = self.fresh_meta(project).await?;
        match (option_named(&meta.options, name), stand) {
            (Some(known), Some(stand)) if known == option => Ok(stand),
            (Some(other), _) => self.set_option(project, &meta, target, &other).await,
            (None, None) => Err(self.no_such_option(&meta, name)),
            (None, Some(_)) => Err(self.no_such_option(&meta, name).with_outcome(Outcome::Unknown)),
        }
    }

    async fn set_option(
        &self,
        project: &Project,
        meta: &Meta,
        target: &Target<'_>,
        option: &str,
    ) -> Result<Stand, Failure> {
        let mut variables =
            json!({"project": meta.id, "item": target.item, "field": meta.field, "option": option});
        target.asked.put_in(&mut variables);
        let moved: wire::Moved = self.api.graphql(project.reading.moved(), variables, About::Item).await?;
        let item = moved.payload.and_then(|p| p.item).ok_or_else(|| unanswered("the move"))?;
        Ok(target.stand(&item))
    }
}

impl Found {
    /// Where it stands on the board, when it is there.
    fn stand(&self, asked: &Asked) -> Option<Stand> {
        let place = self.place.as_ref()?;
        Some(Stand::of(place.field_value_by_name.as_ref(), &place.rest, asked, &self.known))
    }
}

impl Target<'_> {
    /// Where the item stands by the answer to a write.
    pub(super) fn stand(&self, item: &wire::Standing) -> Stand {
        Stand::of(item.field_value_by_name.as_ref(), &item.rest, self.asked, self.known)
    }
}

fn same(stand: &Stand, name: &str) -> bool {
    stand.status.as_ref().is_some_and(|s| s.to_lowercase() == name.to_lowercase())
}

/// A mutation that GitHub took and said nothing of.
pub(super) fn unanswered(what: &str) -> Failure {
    Failure::new(Class::Transient, Scope::Item, format!("GitHub did not answer {what}"))
        .with_outcome(Outcome::Unknown)
}
