//! What the repository offers: labels, milestones, people; and milestones by title, since issues name them by number.

use reqwest::Method;
use serde_json::json;

use super::client::element;
use super::{About, GithubConnector, map, wire};
use crate::connector::{Class, Failure, Offers};

impl GithubConnector {
    /// Reads the lists side by side. An entry that cannot be understood is left out and logged.
    pub(super) async fn list_offers(&self) -> Result<Offers, Failure> {
        let hundred = json!({"per_page": 100});
        let open = json!({"per_page": 100, "state": "open"});
        let (labels, milestones, people, statuses, fields) = futures::try_join!(
            self.api.all_pages(self.api.here(&["labels"], &hundred), About::Container),
            self.api.all_pages(self.api.here(&["milestones"], &open), About::Container),
            self.api.all_pages(self.api.here(&["assignees"], &hundred), About::Container),
            self.status_names(),
            self.platform_fields(),
        )?;
        Ok(Offers {
            labels: understood::<wire::Named>(labels).map(|l| l.name).collect(),
            milestones: understood::<wire::Milestone>(milestones).map(map::milestone).collect(),
            assignable: understood::<wire::User>(people).map(|u| u.login).collect(),
            statuses,
            fields,
        })
    }

    /// The number of the milestone with this title; one that is in no list yet is made.
    pub(super) async fn milestone_number(&self, title: &str) -> Result<u64, Failure> {
        let mut known = self.milestones.lock().await;
        if let Some(number) = known.as_deref().and_then(|all| by_title(all, title)) {
            return Ok(number);
        }
        let fresh = self.read_milestones().await?;
        let found = by_title(&fresh, title);
        *known = Some(fresh);
        if let Some(number) = found {
            return Ok(number);
        }
        let url = self.api.here(&["milestones"], &());
        let made = self.api.write(Method::POST, url, Some(&json!({"title": title})), About::NewItem).await;
        let fresh = match made {
            Ok(reply) => {
                let one: wire::Milestone = self.api.decode(&reply, About::NewItem)?;
                let mut all = known.take().unwrap_or_default();
                all.push((one.number, one.title));
                all
            }
            // Somebody made it just now.
            Err(failure) if failure.class == Class::Conflict => self.read_milestones().await?,
            Err(failure) => return Err(failure),
        };
        let found = by_title(&fresh, title);
        *known = Some(fresh);
        found.ok_or_else(|| {
            Failure::new(
                Class::Permanent,
                crate::connector::Scope::Item,
                format!("GitHub would not make the milestone `{title}`"),
            )
        })
    }

    /// Forgets the milestones, for when GitHub says that one is not there.
    pub(super) async fn forget_milestones(&self) {
        *self.milestones.lock().await = None;
    }

    async fn read_milestones(&self) -> Result<Vec<(u64, String)>, Failure> {
        let url = self.api.here(&["milestones"], &json!({"per_page": 100, "state": "all"}));
        let all = self.api.all_pages(url, About::Container).await?;
        Ok(understood::<wire::Milestone>(all).map(|m| (m.number, m.title)).collect())
    }
}

fn understood<T: serde::de::DeserializeOwned>(values: Vec<serde_json::Value>) -> impl Iterator<Item = T> {
    values.into_iter().filter_map(|value| {
        element::<T>(value)
            .inspect_err(|why| tracing::warn!(%why, "an entry of a list on GitHub was left out"))
            .ok()
    })
}

/// The exact title first; else the same in another case.
fn by_title(all: &[(u64, String)], title: &str) -> Option<u64> {
    let same = |t: &str| t.trim().to_lowercase() == title.trim().to_lowercase();
    all.iter().find(|(_, t)| t == title).or_else(|| all.iter().find(|(_, t)| same(t))).map(|(n, _)| *n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_title_beats_one_in_another_case() {
        let all = [(1, "V1".to_owned()), (2, "v1".to_owned())];
        assert_eq!(by_title(&all, "v1"), Some(2));
        assert_eq!(by_title(&all[..1], "v1"), Some(1));
        assert_eq!(by_title(&all, "v2"), None);
    }
}
