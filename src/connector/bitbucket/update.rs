//! Changes a pull request: only what differs, and nothing that Bitbucket would refuse.
//!
//! A PUT needs the title, and reports disagree on what becomes of the rest that is left out. So the pull request is
//! read right before it, and everything that can be changed is sent back as it stands, but for what is to change.

use reqwest::Method;
use serde_json::{Value, json};

use super::{About, BitbucketConnector, map, wire};
use crate::connector::{Class, Failure, Outcome, Patch, RemoteItem, Scope};
use crate::domain::fields::canonical_body;

/// How a pull request comes from one state into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The draft's flag is set or taken off.
    Draft(bool),
    /// It is merged.
    Merge,
    /// It is declined.
    Decline,
}

impl BitbucketConnector {
    /// Carries `patch` out. A later request that fails leaves the earlier ones applied; the failure then says that the
    /// outcome is unknown, and a fresh look tells.
    pub(super) async fn update_item(&self, seen: &RemoteItem, patch: &Patch) -> Result<RemoteItem, Failure> {
        check(seen, patch)?;
        let merges = patch.state.status.as_deref().is_some_and(|s| s.eq_ignore_ascii_case(map::MERGED));
        // How the branch is merged is told only when it is asked for; unasked, the API would ignore the setting.
        let query = [("fields", "+destination.branch.default_merge_strategy")];
        let fresh = self.look(seen.at.number, if merges { &query } else { &[] }).await?;
        let now = map::item(fresh.clone(), self.api.repository());
        check_fresh(seen, &now, patch)?;
        check(&now, patch)?;
        let step = match patch.state.status.as_deref() {
            Some(to) => step(&now, to)?,
            None => None,
        };
        let draft = match step {
            Some(Step::Draft(draft)) => Some(draft),
            _ => None,
        };
        let (mut latest, mut applied) = (now, false);
        if patch.title.is_some() || patch.body.is_some() || draft.is_some() {
            latest = self.put(&fresh, patch, draft).await?;
            applied = true;
        }
        let moved = match step {
            Some(Step::Merge) => self.merge(&fresh).await,
            Some(Step::Decline) => self.decline(fresh.id).await,
            Some(Step::Draft(_)) | None => return Ok(latest),
        };
        moved.map_err(|f| if applied { f.with_outcome(Outcome::Unknown) } else { f })
    }

    async fn put(
        &self,
        fresh: &wire::PullRequest,
        patch: &Patch,
        draft: Option<bool>,
    ) -> Result<RemoteItem, Failure> {
        let body = wire::Put {
            kind: "pullrequest",
            title: patch.title.clone().or_else(|| fresh.title.clone()).unwrap_or_default(),
            description: patch.body.clone().unwrap_or_else(|| map::description(fresh)),
            reviewers: fresh.reviewers.as_ref().map(|all| all.iter().map(named).collect()),
            close_source_branch: fresh.close_source_branch,
            draft: draft.or(fresh.draft),
        };
        let json = serde_json::to_value(&body).map_err(|e| {
            let words = format!("the request cannot be written as JSON: {e}");
            Failure::new(Class::Permanent, Scope::Item, words)
        })?;
        let url = self.api.at(fresh.id, &[], &[]);
        let reply = self.api.write(Method::PUT, url, Some(json), About::Item).await?;
        let answer: wire::PullRequest = self.api.decode(&reply, About::Item)?;
        if let Some(dropped) = dropped(&body, patch, &answer) {
            let failure = Failure::new(Class::Configuration, Scope::Item, self.api.port().words(&dropped));
            return Err(failure.with_outcome(Outcome::Unknown).with_help(
                "look at the pull request on Bitbucket; somebody else may have changed it just now",
            ));
        }
        Ok(map::item(answer, self.api.repository()))
    }

    async fn decline(&self, number: u64) -> Result<RemoteItem, Failure> {
        let url = self.api.at(number, &["decline"], &[]);
        let reply = self.api.write(Method::POST, url, None, About::Item).await?;
        let request: wire::PullRequest = self.api.decode(&reply, About::Item)?;
        arrived(map::item(request, self.api.repository()), map::DECLINED)
    }
}

/// What somebody changed between the look the patch was planned on and this one is planned anew.
fn check_fresh(seen: &RemoteItem, now: &RemoteItem, patch: &Patch) -> Result<(), Failure> {
    let arrived = |to: &String| same_status(now.state.status.as_deref(), to);
    let moved =
        patch.state.status.as_ref().is_some_and(|to| !arrived(to) && now.state.status != seen.state.status);
    let what = match () {
        () if patch.title.is_some() && now.title != seen.title => "its title",
        () if patch.body.is_some() && now.body != seen.body => "its description",
        () if moved => "its state",
        () => return Ok(()),
    };
    let words = format!("pull request {} was changed a moment ago: {what}", seen.at.number);
    Err(Failure::new(Class::Conflict, Scope::Item, words))
}

/// The item, when it is in the state it was to be given.
pub(super) fn arrived(item: RemoteItem, to: &str) -> Result<RemoteItem, Failure> {
    if same_status(item.state.status.as_deref(), to) {
        return Ok(item);
    }
    let is = item.state.status.as_deref().unwrap_or("nothing we know");
    let words =
        format!("Bitbucket took the request, but pull request {} is {is} and not {to}", item.at.number);
    Err(Failure::new(Class::Transient, Scope::Item, words).with_outcome(Outcome::Unknown))
}

fn same_status(is: Option<&str>, to: &str) -> bool {
    is.is_some_and(|s| s.eq_ignore_ascii_case(to))
}

fn named(account: &wire::Account) -> wire::Named {
    let by_account = account.atlassian_id.clone().filter(|_| account.uuid.is_none());
    wire::Named { kind: "user", uuid: account.uuid.clone(), account_id: by_account }
}

/// What the answer shows that Bitbucket did not take, in words.
fn dropped(sent: &wire::Put, patch: &Patch, answer: &wire::PullRequest) -> Option<String> {
    if sent.draft.is_some_and(|draft| answer.draft.is_some_and(|is| is != draft)) {
        let what = if sent.draft == Some(true) { "did not make it a draft" } else { "left it a draft" };
        return Some(format!("Bitbucket took the change but {what}"));
    }
    if patch.title.as_ref().is_some_and(|t| answer.title.as_deref().map(str::trim) != Some(t.trim())) {
        return Some("Bitbucket took the change but has another title".to_owned());
    }
    let body = canonical_body(&map::description(answer));
    if patch.body.as_ref().is_some_and(|b| canonical_body(b).trim() != body.trim()) {
        return Some("Bitbucket took the change but has another description".to_owned());
    }
    let (Some(before), Some(after)) = (&sent.reviewers, &answer.reviewers) else { return None };
    let there = |one: &&wire::Named| {
        after
            .iter()
            .any(|a| a.uuid == one.uuid || (a.atlassian_id.is_some() && a.atlassian_id == one.account_id))
    };
    let lost = before.iter().filter(|one| !there(one)).count();
    (lost > 0).then(|| format!("Bitbucket took the change but {lost} of the reviewers are gone"))
}

/// Refuses, before anything is asked, what cannot be done to the pull request as it was seen.
fn check(seen: &RemoteItem, patch: &Patch) -> Result<(), Failure> {
    let refuse = |what: &str| {
        let words = format!("pull request {}: {what}", seen.at.number);
        Err(Failure::new(Class::Permanent, Scope::Item, words)
            .with_help("on Bitbucket a card has a title, a description and a state"))
    };
    if patch.touches_labels() {
        return refuse("a pull request has no labels");
    }
    if !patch.assignees.is_empty() {
        return refuse("reviewers are not changed from here, and nobody is assigned to a pull request");
    }
    if patch.milestone.is_some() {
        return refuse("a pull request has no milestone");
    }
    if patch.state.state.is_some() || patch.state.resolution.is_some() {
        return refuse(
            "it is not open or closed, but in one of its states; map `{ state = \"MERGED\" }` and the like",
        );
    }
    let status = seen.state.status.as_deref().unwrap_or_default();
    if (patch.title.is_some() || patch.body.is_some()) && map::is_final(status) {
        return refuse(&format!("it is {status}; Bitbucket lets only open ones be edited"));
    }
    match patch.state.status.as_deref() {
        Some(to) => step(seen, to).map(|_| ()),
        None => Ok(()),
    }
}

/// How `item` comes to be `to`; `None` when it is that already.
pub(super) fn step(item: &RemoteItem, to: &str) -> Result<Option<Step>, Failure> {
    let (from, to) = (item.state.status.as_deref().unwrap_or_default(), to.to_uppercase());
    if from == to {
        return Ok(None);
    }
    if map::moves(from).contains(&to.as_str()) {
        return Ok(Some(match to.as_str() {
            map::MERGED => Step::Merge,
            map::DECLINED => Step::Decline,
            to => Step::Draft(to == map::DRAFT),
        }));
    }
    let number = item.at.number;
    let why = match (from, to.as_str()) {
        (from, _) if map::is_final(from) => format!("pull request {number} is {from}, and that is final"),
        (_, map::SUPERSEDED) => "a pull request becomes SUPERSEDED by another one, not by hand".to_owned(),
        (map::DRAFT, map::MERGED) => {
            format!("pull request {number} is a draft, and a draft cannot be merged")
        }
        (from, to) => format!("pull request {number} cannot go from {from} to {to}"),
    };
    let help = match map::moves(from) {
        [] => "nothing leads on from there; open a new pull request on Bitbucket".to_owned(),
        possible => format!("possible now: {}", possible.join(", ")),
    };
    Err(Failure::new(Class::Permanent, Scope::Item, format!("{why} ({help})")).with_help(help))
}

/// The body of a merge: by the branch's own default, which the API does not use by itself.
pub(super) fn merge_body(request: &wire::PullRequest) -> Value {
    let branch = request.destination.as_ref().and_then(|d| d.branch.as_ref());
    let mut body = json!({"type": "pullrequest_merge_parameters"});
    if let Some(strategy) = branch.and_then(|b| b.default_merge_strategy.as_deref()) {
        body["merge_strategy"] = json!(strategy);
    }
    body
}

#[cfg(test)]
mod tests;
