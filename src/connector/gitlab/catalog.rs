//! What the project offers: labels, milestones, people, those of the groups above it too; and their ids and spelling,
//! since GitLab's writes name people and milestones by id and tell labels apart by case.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::client::element;
use super::further::Known;
use super::{About, GitlabConnector, map, wire};
use crate::connector::{Class, Failure, Offers, PlatformField, Scope};

impl GitlabConnector {
    /// Reads the lists side by side. An entry that cannot be understood is left out and logged.
    pub(super) async fn list_offers(&self) -> Result<Offers, Failure> {
        let open = [("state", "active"), ("include_ancestors", "true"), ("per_page", "100")];
        let one = self.list_url(&[("per_page", "1")]);
        let (labels, milestones, people, issue) = futures::try_join!(
            self.read_labels(),
            self.api.all_pages(self.api.here(&["milestones"], &open), About::Container),
            self.api.all_pages(self.api.here(&["members", "all"], &[("per_page", "100")]), About::Container),
            self.api.get::<Vec<Value>>(one, About::Container),
        )?;
        let people = understood::<wire::User>(people)
            .filter(|u| u.state.as_deref().is_none_or(|state| state == "active"))
            .filter_map(|u| u.username);
        let assignable: BTreeSet<String> = people.collect();
        Ok(Offers {
            labels,
            milestones: understood::<wire::Milestone>(milestones).map(map::milestone).collect(),
            assignable: assignable.into_iter().collect(),
            statuses: Vec::new(),
            fields: fields(issue.first()),
        })
    }

    /// The id of the milestone with this title, the project's or a group's; one that is in no list yet is made.
    pub(super) async fn milestone_id(&self, title: &str) -> Result<u64, Failure> {
        let mut known = self.milestones.lock().await;
        if let Some(id) = known.as_deref().and_then(|all| by_title(all, title)) {
            return Ok(id);
        }
        let fresh = self.read_milestones().await?;
        let found = by_title(&fresh, title);
        *known = Some(fresh);
        if let Some(id) = found {
            return Ok(id);
        }
        let url = self.api.here(&["milestones"], &[]);
        let made = self.api.write(Method::POST, url, json!({"title": title}), About::NewItem).await;
        match made {
            Ok(reply) => {
                let one: wire::Milestone = self.api.decode(&reply, About::NewItem)?;
                known.get_or_insert_default().push((one.id, one.title));
                Ok(one.id)
            }
            // Somebody made it just now; GitLab words that as a title that is taken.
            Err(failure) if matches!(failure.status, Some(400 | 409)) => {
                let fresh = self.read_milestones().await?;
                let found = by_title(&fresh, title);
                *known = Some(fresh);
                found.ok_or(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn read_milestones(&self) -> Result<Vec<(u64, String)>, Failure> {
        let query = [("include_ancestors", "true"), ("per_page", "100")];
        let all = self.api.all_pages(self.api.here(&["milestones"], &query), About::Container).await?;
        Ok(understood::<wire::Milestone>(all).map(|m| (m.id, m.title)).collect())
    }

    /// The names in the project's spelling: to GitLab `bug` is another label than `Bug`, and would be made beside it.
    pub(super) async fn spelled(&self, names: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
        if names.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut known = self.labels.lock().await;
        let all_known = |known: &[String]| names.iter().all(|n| spelling(known, n).is_some());
        if !known.as_deref().is_some_and(all_known) {
            *known = Some(self.read_labels().await?);
        }
        let known = known.as_deref().unwrap_or_default();
        Ok(names.iter().map(|n| spelling(known, n).unwrap_or(n).to_owned()).collect())
    }

    async fn read_labels(&self) -> Result<Vec<String>, Failure> {
        let query = [("include_ancestor_groups", "true"), ("per_page", "100")];
        let all = self.api.all_pages(self.api.here(&["labels"], &query), About::Container).await?;
        Ok(understood::<wire::Label>(all).map(wire::Label::into_name).collect())
    }

    /// The ids of people by their names.
    pub(super) async fn ids_of(&self, names: &BTreeSet<String>) -> Result<Vec<u64>, Failure> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            ids.push(self.id_of(name).await?);
        }
        Ok(ids)
    }

    async fn id_of(&self, name: &str) -> Result<u64, Failure> {
        let lower = name.to_lowercase();
        if let Some(id) = self.people.lock().await.get(&lower) {
            return Ok(*id);
        }
        let found: Vec<Value> =
            self.api.get(self.api.url(&["users"], &[("username", name)]), About::Item).await?;
        let same = |u: &wire::User| u.username.as_ref().is_some_and(|n| n.to_lowercase() == lower);
        let id = understood::<wire::User>(found).find(same).and_then(|u| u.id);
        let id = id.ok_or_else(|| {
            let words = self.api.port().words(&format!("GitLab knows nobody by the name `{name}`"));
            Failure::new(Class::Permanent, Scope::Item, words)
                .with_help("assign somebody who has an account there, by the account's name")
        })?;
        self.people.lock().await.insert(lower, id);
        Ok(id)
    }

    /// Forgets names and ids, for when GitLab says that one is not there.
    pub(super) async fn forget_names(&self) {
        *self.milestones.lock().await = None;
        *self.labels.lock().await = None;
        self.people.lock().await.clear();
    }
}

/// The further fields of this project's issues, as an issue of it shows; a plan that has fewer leaves the others out.
/// Where there is no issue yet, all there may be.
fn fields(issue: Option<&Value>) -> Vec<PlatformField> {
    let issue = issue.and_then(|issue| element::<wire::Issue>(issue.clone()).ok());
    let has = |field: &Known| issue.as_ref().is_none_or(|issue| field.read(issue).is_some());
    Known::ALL.into_iter().filter(has).map(Known::offer).collect()
}

pub(super) fn understood<T: serde::de::DeserializeOwned>(values: Vec<Value>) -> impl Iterator<Item = T> {
    values.into_iter().filter_map(|value| {
        element::<T>(value)
            .inspect_err(|why| tracing::warn!(%why, "an entry of a list on GitLab was left out"))
            .ok()
    })
}

/// The exact title first; else the same in another case.
fn by_title(all: &[(u64, String)], title: &str) -> Option<u64> {
    let same = |t: &str| t.trim().to_lowercase() == title.trim().to_lowercase();
    all.iter().find(|(_, t)| t == title).or_else(|| all.iter().find(|(_, t)| same(t))).map(|(id, _)| *id)
}

/// The exact name first; else the same in another case.
fn spelling<'a>(known: &'a [String], name: &str) -> Option<&'a str> {
    let same = |k: &&String| k.to_lowercase() == name.to_lowercase();
    known.iter().find(|k| *k == name).or_else(|| known.iter().find(same)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_name_beats_one_in_another_case() {
        let all = [(1, "V1".to_owned()), (2, "v1".to_owned())];
        assert_eq!(
            (by_title(&all, "v1"), by_title(&all[..1], "v1"), by_title(&all, "v2")),
            (Some(2), Some(1), None)
        );
        let known = ["Bug".to_owned(), "bug".to_owned()];
        assert_eq!((spelling(&known, "bug"), spelling(&known[..1], "bug")), (Some("bug"), Some("Bug")));
        assert_eq!(spelling(&known, "ui"), None);
    }
}
