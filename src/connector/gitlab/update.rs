//! Changes an issue: one PUT with only what differs (and one for its status), checked against what GitLab answers.

mod plan;

use reqwest::Method;

pub(super) use self::plan::names_without_commas;
use self::plan::{Ids, Plan};
use super::{About, GitlabConnector, further, map, wire};
use crate::connector::{Class, Failure, Fetched, Outcome, Patch, RemoteItem, Scope};

impl GitlabConnector {
    /// Carries `patch` out: one PUT, and where GitLab's own status shall change, a second request after it, since
    /// opening and closing give a status too. What GitLab took and dropped is a failure of unknown outcome, and a fresh
    /// look tells.
    pub(super) async fn update_item(&self, seen: &RemoteItem, patch: &Patch) -> Result<RemoteItem, Failure> {
        let status = match &patch.state.status {
            Some(name) => Some(self.status_id(name).await?),
            None => None,
        };
        let plan = self.plan(seen, patch).await?;
        let mut answer = None;
        if !plan.body.is_empty() {
            answer = Some(self.put(seen, &plan).await?);
        }
        let mut applied = answer.is_some();
        let unsure =
            |applied: bool| move |f: Failure| if applied { f.with_outcome(Outcome::Unknown) } else { f };
        if let Some(status) = &status {
            self.give_status(seen, status).await.map_err(unsure(applied))?;
            (applied, answer) = (true, None);
        }
        let now = match answer {
            Some(mut item) => self.read_statuses(std::slice::from_mut(&mut item)).await.map(|()| item),
            None => self.look_again(seen).await,
        };
        let now = now.map_err(unsure(applied))?;
        let mut dropped = plan::dropped(patch, &plan, &now);
        dropped.extend(further::dropped(&self.further, &patch.raw, &now));
        if dropped.is_empty() {
            return Ok(now);
        }
        let words = self.api.port().words(&dropped.join("; "));
        Err(Failure::new(Class::Configuration, Scope::Item, words).with_outcome(Outcome::Unknown).with_help(
            "the token's role may not set it, what is named does not exist there, or the plan does not allow it",
        ))
    }

    async fn put(&self, seen: &RemoteItem, plan: &Plan) -> Result<RemoteItem, Failure> {
        let url = self.api.at(&seen.at, &[], &[]);
        let sent = self.api.write(Method::PUT, url, plan.body.clone().into(), About::Item).await;
        if sent.as_ref().is_err_and(|f| matches!(f.status, Some(400 | 404 | 422))) {
            self.forget_names().await;
        }
        let issue: wire::Issue = self.api.decode(&sent?, About::Item)?;
        Ok(map::item(issue, &seen.at.repository, &self.further))
    }

    async fn plan(&self, seen: &RemoteItem, patch: &Patch) -> Result<Plan, Failure> {
        let further = further::sent(&self.further, &patch.raw, Some(seen))?;
        let labels = plan::labels(seen, patch);
        let people = plan::people(seen, patch);
        let ids = Ids {
            add: self.spelled(&labels.add).await?,
            people: match &people {
                Some(wanted) => Some(self.ids_of(wanted).await?),
                None => None,
            },
            milestone: match &patch.milestone {
                Some(Some(title)) => Some(self.milestone_id(title).await?),
                // Zero is GitLab's word for none.
                Some(None) => Some(0),
                None => None,
            },
        };
        let mut plan = plan::plan(seen, patch, labels, people, ids)?;
        plan.body.extend(further);
        Ok(plan)
    }

    /// The issue as it is now, for when no answer tells.
    async fn look_again(&self, seen: &RemoteItem) -> Result<RemoteItem, Failure> {
        match self.fetch_item(&seen.at).await? {
            Fetched::Item(item) => Ok(*item),
            Fetched::Deleted | Fetched::Hidden | Fetched::Converted(_) => {
                Err(Failure::new(Class::Conflict, Scope::Item, "the issue went away while it was changed"))
            }
        }
    }
}
