//! The further fields of an edit: what is sent for them, and whether they are so afterwards.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value as Json;

use super::Plan;
use crate::connector::jira::JiraConnector;
use crate::connector::jira::classify::About;
use crate::connector::jira::client::{element, refuse};
use crate::connector::jira::fields::{EditScreen, Known, OnScreen, Sent, is_so, sent, settable};
use crate::connector::{Failure, Patch, RemoteItem, RemoteRef};
use crate::domain::fields::Value;

impl JiraConnector {
    /// Plans them: whole values, and steps for lists. The issue's own screen is asked first, so that what it does not
    /// take is refused before anything is sent.
    pub(super) async fn plan_further(
        &self,
        seen: &RemoteItem,
        patch: &Patch,
        plan: &mut Plan,
    ) -> Result<(), Failure> {
        if patch.raw.is_empty() {
            return Ok(());
        }
        let wanted = self.wanted_now(patch.raw.keys()).await?;
        for name in patch.raw.keys() {
            settable(wanted.field(name)?)?;
        }
        let url = self.api.at(&seen.at, &["editmeta"], &[]);
        let screen: EditScreen = self.api.get(url, About::Item).await?;
        for (name, value) in &patch.raw {
            let field = wanted.field(name)?;
            let on = screen.fields.get(&field.id).ok_or_else(|| off_screen(field))?;
            let on = element::<OnScreen>(on.clone()).map_err(refuse)?;
            match sent(field, &on, seen.raw.get(name), value, self.api.is_cloud())? {
                Sent::Whole(json) => {
                    plan.fields.insert(field.id.clone(), json);
                }
                Sent::Steps(steps) if steps.is_empty() => {}
                Sent::Steps(steps) => {
                    plan.update.insert(field.id.clone(), Json::Array(steps));
                }
            }
        }
        Ok(())
    }

    /// Sends an edit. Jira's refusals name fields by their ids, ours as people do.
    pub(super) async fn put(
        &self,
        at: &RemoteRef,
        body: Json,
        raw: &BTreeMap<String, Value>,
    ) -> Result<(), Failure> {
        let url = self.api.at(at, &[], &[]);
        match self.api.write(Method::PUT, url, body, About::Item).await {
            Ok(_) => Ok(()),
            Err(failure) if raw.is_empty() => Err(failure),
            Err(failure) => Err(match self.wanted(false).await {
                Ok(wanted) => wanted.named(failure),
                Err(_) => failure,
            }),
        }
    }
}

/// The fields of a change that are not so afterwards, in words.
pub(super) fn lost(seen: &RemoteItem, patch: &Patch, now: &RemoteItem) -> Vec<String> {
    let is_lost = |(name, wanted): &(&String, &Value)| {
        let held = now.raw.get(*name);
        !held.is_some_and(|held| is_so(seen.raw.get(*name), wanted, held))
    };
    patch.raw.iter().filter(is_lost).map(|(name, _)| format!("the field `{name}`")).collect()
}

fn off_screen(field: &Known) -> Failure {
    refuse(format!("Jira does not let the field {} be edited on this issue", field.shown())).with_help(
        "a Jira administrator can put it on the edit screen of the issue's type; or take it out of the connection's rules",
    )
}
