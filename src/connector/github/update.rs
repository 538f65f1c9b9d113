//! Changes an issue: only what differs, in as few requests as it takes, and checked against what GitHub answers.

#[cfg(test)]
mod fuzz;
mod plan;
mod repair;

use octocrab::models::IssueState;
use reqwest::Method;
use serde_json::{Value, json};

use self::plan::{Labels, Plan, dropped_labels, plan};
use super::client::element;
use super::{About, GithubConnector, map, wire};
use crate::connector::http::links;
use crate::connector::{Class, Doubt, Failure, Fetched, Outcome, Patch, RemoteItem, Scope};
use crate::domain::fields::{SetDelta, contains};
use crate::domain::mapping::OpenState;
use crate::support::clock::Timestamp;

/// How many pages of an issue's history are read backwards at most.
const EVENT_PAGES: u64 = 5;

/// What has happened so far.
#[derive(Default)]
struct Progress {
    /// Something was written.
    applied: bool,
    /// The last answer that was the whole issue; emptied by a write that does not answer with one.
    latest: Option<RemoteItem>,
    /// What GitHub left out, in words.
    dropped: Vec<String>,
}

impl GithubConnector {
    /// Carries `patch` out. A later request that fails leaves the earlier ones applied; the failure then says that the
    /// outcome is unknown, and a fresh look tells.
    pub(super) async fn update_item(&self, seen: &RemoteItem, patch: &Patch) -> Result<RemoteItem, Failure> {
        let mut progress = Progress::default();
        let done = self.carry_out(seen, patch, &mut progress).await;
        let Progress { applied, latest, dropped } = progress;
        done.map_err(|f| if applied { f.with_outcome(Outcome::Unknown) } else { f })?;
        if let Some(first) = dropped.first() {
            let all = if dropped.len() == 1 { first.clone() } else { dropped.join("; ") };
            let failure = Failure::new(Class::Configuration, Scope::Item, self.api.port().words(&all))
                .with_outcome(Outcome::Unknown);
            return Err(failure.with_help(
                "the token may not have triage permission for the repository, or what is named does not exist there",
            ));
        }
        match latest {
            Some(item) => Ok(item),
            None => self.look_again(seen).await.map_err(|f| f.with_outcome(Outcome::Unknown)),
        }
    }

    async fn carry_out(
        &self,
        seen: &RemoteItem,
        patch: &Patch,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let milestone = match &patch.milestone {
            Some(Some(title)) => Some(json!(self.milestone_number(title).await?)),
            Some(None) => Some(Value::Null),
            None => None,
        };
        let plan = plan(seen, patch, milestone);
        match &plan.labels {
            Labels::Add(names) => self.add_labels(seen, names, progress).await?,
            Labels::RemoveOne(name) => self.remove_label(seen, name, progress).await?,
            Labels::None | Labels::WithPatch => {}
        }
        if !plan.patch.is_empty() {
            self.send_patch(seen, patch, &plan, progress).await?;
        }
        self.change_assignees(seen, Method::POST, &plan.assign, progress).await?;
        self.change_assignees(seen, Method::DELETE, &plan.unassign, progress).await
    }

    async fn add_labels(
        &self,
        seen: &RemoteItem,
        names: &[String],
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let url = self.api.at(&seen.at, &["labels"], &());
        let reply = self.api.write(Method::POST, url, Some(&json!({"labels": names})), About::Item).await?;
        progress.applied = true;
        progress.latest = None;
        let there: Vec<wire::Label> = self.api.decode(&reply, About::Item)?;
        let there = there.iter().filter_map(wire::Label::name).map(str::to_owned).collect();
        let added = SetDelta { add: names.iter().cloned().collect(), ..SetDelta::default() };
        progress.dropped.extend(dropped_labels(&added, &there));
        Ok(())
    }

    async fn remove_label(
        &self,
        seen: &RemoteItem,
        name: &str,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let url = self.api.at(&seen.at, &["labels", name], &());
        progress.latest = None;
        match self.api.write(Method::DELETE, url, None::<&Value>, About::Item).await {
            Ok(reply) => {
                progress.applied = true;
                // The answer is what is left: a web page that some proxy answers with is no removal.
                let left: Vec<wire::Label> = self.api.decode(&reply, About::Item)?;
                let left = left.iter().filter_map(wire::Label::name).map(str::to_owned).collect();
                let removed =
                    SetDelta { remove: std::iter::once(name.to_owned()).collect(), ..SetDelta::default() };
                progress.dropped.extend(dropped_labels(&removed, &left));
            }
            // It is off already: what was wanted.
            Err(f) if f.status == Some(404) && f.message.to_lowercase().contains("label does not exist") => {}
            Err(f) => return Err(f),
        }
        progress.applied = true;
        Ok(())
    }

    async fn send_patch(
        &self,
        seen: &RemoteItem,
        patch: &Patch,
        plan: &Plan,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let mut item = self.patch_once(seen, &plan.patch, progress).await?;
        let patched_at = item.updated_at;
        let asked = patch.state.reason.filter(|_| plan.patch.state_reason.is_some());
        let ignored = |item: &RemoteItem| asked.filter(|r| item.state.reason != Some(*r));
        if ignored(&item).is_some() && seen.state.state == OpenState::Closed {
            // A reason counts only when the state changes: one that is closed already is opened and closed again.
            let open = wire::IssuePatch { state: Some(IssueState::Open), ..wire::IssuePatch::default() };
            self.patch_once(seen, &open, progress).await?;
            let close = wire::IssuePatch {
                state: Some(IssueState::Closed),
                state_reason: plan.patch.state_reason.clone(),
                ..wire::IssuePatch::default()
            };
            item = self.patch_once(seen, &close, progress).await?;
        }
        if let Some(reason) = ignored(&item) {
            let word = reason.as_str();
            progress.dropped.push(format!("GitHub took the change but dropped the reason `{word}`"));
        }
        progress.dropped.extend(plan::dropped(patch, plan, &item));
        progress.latest = Some(item);
        if plan.patch.labels.is_some() {
            self.restore_labels(seen, plan, patched_at, progress).await?;
        }
        Ok(())
    }

    async fn patch_once(
        &self,
        seen: &RemoteItem,
        body: &wire::IssuePatch,
        progress: &mut Progress,
    ) -> Result<RemoteItem, Failure> {
        let url = self.api.at(&seen.at, &[], &());
        let sent = self.api.write(Method::PATCH, url, Some(body), About::Item).await;
        if body.milestone.is_some() && sent.as_ref().is_err_and(|f| f.status == Some(422)) {
            self.forget_milestones().await;
        }
        let reply = sent?;
        progress.applied = true;
        progress.latest = None;
        let issue: wire::Issue = self.api.decode(&reply, About::Item)?;
        Ok(map::item(issue, &seen.at.repository))
    }

    /// Puts right what our PATCH may have undone.
    ///
    /// A PATCH replaces the whole label set. Somebody who labels the issue between our read and our PATCH would lose
    /// that edit, and GitHub has no precondition to stop us. But it keeps a history: when the last thing that
    /// happened to a label outside our delta is that *we* reversed what was done to it after our read, it is done
    /// again with the endpoints that touch one label alone.
    async fn restore_labels(
        &self,
        seen: &RemoteItem,
        plan: &Plan,
        patched_at: Timestamp,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        // An app's token has no user; then the time alone must tell which event is ours.
        let me = self.login().await.ok();
        let events = self.events_since(seen).await?;
        let patch = patched_at.plus_ms(-repair::STRADDLE_MS)..=Timestamp(i64::MAX);
        let lost = repair::lost_edits(&events, me, seen.updated_at, patch, &plan.delta);
        self.put_back(seen, lost, progress).await
    }

    /// The same for a PATCH whose answer never came, or after which the process died: it may have been applied within
    /// the time in doubt. An app's token has no user, so nothing can be said to be ours.
    pub(super) async fn mend_labels(
        &self,
        seen: &RemoteItem,
        doubt: Doubt,
        ours: &SetDelta,
    ) -> Result<(), Failure> {
        let me = match self.login().await {
            Ok(me) => me,
            Err(f) if f.status == Some(403) && f.class == Class::Configuration => return Ok(()),
            Err(f) => return Err(f),
        };
        let before = RemoteItem { updated_at: doubt.from, ..seen.clone() };
        let events = self.events_since(&before).await?;
        let patch = doubt.from.plus_ms(-repair::STRADDLE_MS)..=doubt.until;
        let lost = repair::lost_edits(&events, Some(me), doubt.from, patch, ours);
        self.put_back(seen, lost, &mut Progress::default()).await
    }

    /// Does label edits again that were undone, one label at a time.
    async fn put_back(
        &self,
        seen: &RemoteItem,
        lost: SetDelta,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        if !lost.add.is_empty() {
            let names: Vec<String> = lost.add.into_iter().collect();
            self.add_labels(seen, &names, progress).await?;
        }
        for name in &lost.remove {
            self.remove_label(seen, name, progress).await?;
        }
        Ok(())
    }

    /// The issue's history since `seen`. It comes oldest first, so it is read from its last page backwards.
    async fn events_since(&self, seen: &RemoteItem) -> Result<Vec<wire::Event>, Failure> {
        let query = |page: u64| json!({"per_page": 100, "page": page});
        let first =
            self.api.read(self.api.at(&seen.at, &["events"], &query(1)), None, About::Item).await?.reply;
        let mut at = links(&first.headers).last.as_ref().and_then(super::pull::page_number).unwrap_or(1);
        let end = at.saturating_sub(EVENT_PAGES).max(1);
        let mut events = Vec::new();
        while at > 1 {
            let url = self.api.at(&seen.at, &["events"], &query(at));
            let page = self.api.get::<Vec<Value>>(url, About::Item).await?;
            let page: Vec<wire::Event> = page.into_iter().filter_map(|v| element(v).ok()).collect();
            let enough = page
                .first()
                .is_some_and(|e| crate::support::clock::Timestamp::from(e.created_at) < seen.updated_at);
            events.extend(page);
            if enough || at <= end {
                return Ok(events);
            }
            at -= 1;
        }
        let page: Vec<Value> = self.api.decode(&first, About::Item)?;
        events.extend(page.into_iter().filter_map(|v| element(v).ok()));
        Ok(events)
    }

    async fn change_assignees(
        &self,
        seen: &RemoteItem,
        method: Method,
        logins: &[String],
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        if logins.is_empty() {
            return Ok(());
        }
        let adding = method == Method::POST;
        let url = self.api.at(&seen.at, &["assignees"], &());
        let reply = self.api.write(method, url, Some(&json!({"assignees": logins})), About::Item).await?;
        progress.applied = true;
        let issue: wire::Issue = self.api.decode(&reply, About::Item)?;
        let item = map::item(issue, &seen.at.repository);
        for login in logins.iter().filter(|l| contains(&item.assignees, l) != adding) {
            progress.dropped.push(if adding {
                format!("GitHub took the change but did not assign `{login}`: no such person, or not one of the repository's")
            } else {
                format!("GitHub took the change but did not unassign `{login}`")
            });
        }
        progress.latest = Some(item);
        Ok(())
    }

    /// The issue as it is now, for when the last write answered with something else.
    pub(super) async fn look_again(&self, seen: &RemoteItem) -> Result<RemoteItem, Failure> {
        match self.fetch_item(&seen.at).await? {
            Fetched::Item(item) => Ok(*item),
            Fetched::Deleted | Fetched::Hidden | Fetched::Converted(_) => {
                Err(Failure::new(Class::Conflict, Scope::Item, "the issue went away while it was changed"))
            }
        }
    }
}
