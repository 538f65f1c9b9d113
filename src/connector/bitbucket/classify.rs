//! What each of Bitbucket's refusals means: kind, reach, whether it was applied, and what a person can do. Pure.

use serde_json::Value;

use super::wire::{Refusal, Trouble};
use crate::connector::finding::{self, BETWEEN};
use crate::connector::http::{Reply, WORDS_MAX};
use crate::connector::{Class, Failure, Outcome, Scope, reading};

/// What a request was about; the same 404 means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The account or the repository: without it nothing works.
    Container,
    /// One pull request.
    Item,
    /// A merge, or the task of one: refs and checks decide, not only permissions.
    Merge,
}

/// Kind, reach and advice.
type Verdict = (Class, Scope, Option<String>);

/// The words of everything that still asks for issues.
pub(super) const NO_ISSUES: &str = "Bitbucket removed its issue tracker and the API of it on 2026-08-20; this \
    connection shows pull requests. `corkboard import bitbucket FILE` makes local cards of an exported issue archive";

/// Classifies an answer that is no success. `words` makes a server's text fit to show.
pub(super) fn classify(
    reply: &Reply,
    about: About,
    repository: &str,
    words: &dyn Fn(&str) -> String,
) -> Failure {
    let status = reply.status.as_u16();
    let trouble = serde_json::from_slice::<Refusal>(&reply.body).ok().map(|r| r.error);
    let text = trouble.as_ref().map_or_else(|| plain_text(reply), |t| sentence(t, reply));
    let (class, scope, help) = judge(reply, about, repository, trouble.as_ref());
    let unsure = reply.mutation && (status >= 500 || status == 408);
    Failure {
        class,
        scope,
        message: words(&format!("Bitbucket answered {status}: {text}{}", reading::leads_to(reply))),
        help: help.map(|h| words(&h)),
        status: Some(status),
        retry_after_ms: reply.retry_after_ms,
        outcome: if unsure { Outcome::Unknown } else { Outcome::NotApplied },
        request_id: reply.request_id(),
        asks: None,
        trouble: of_connection(status, class, scope, trouble.as_ref()),
    }
}

/// What a refusal says of the connection.
fn of_connection(
    status: u16,
    class: Class,
    scope: Scope,
    trouble: Option<&Trouble>,
) -> Option<finding::Trouble> {
    let required = trouble.and_then(|t| t.detail.as_ref()).is_some_and(|d| d.get("required").is_some());
    match status {
        403 if required && scope == Scope::Connection => Some(finding::Trouble::Scope),
        410 if scope == Scope::Connection => Some(finding::Trouble::Disabled),
        _ => finding::Trouble::of_refusal(status, class, scope, trouble.is_some()),
    }
}

fn judge(reply: &Reply, about: About, repository: &str, trouble: Option<&Trouble>) -> Verdict {
    use Class::{Configuration, Conflict, Permanent, Transient};
    use Scope::{Connection, Item};
    let here = if about == About::Container { Connection } else { Item };
    let say = |class, scope, help: &str| (class, scope, Some(help.to_owned()));
    match reply.status.as_u16() {
        401 => say(
            Configuration,
            Connection,
            "the token is wrong, expired or revoked. An API token goes with `user = \"your e-mail address\"`, a \
             repository's access token without `user`; app passwords stopped working on 2026-07-28",
        ),
        402 => (Configuration, Connection, None),
        403 => forbidden(about, reply.mutation, trouble),
        404 if trouble.is_none() => say(
            Configuration,
            Connection,
            "this does not look like Bitbucket's API; check `api_url` (https://api.bitbucket.org/2.0)",
        ),
        404 if about != About::Container => {
            say(Permanent, Item, "the pull request is gone, or the token cannot see it")
        }
        404 => {
            let help = format!(
                "no such repository, or the token cannot see it: {repository}; check the spelling and the token's \
                 access to the workspace"
            );
            (Configuration, Connection, Some(help))
        }
        409 if about == About::Merge => say(
            Conflict,
            Item,
            "somebody pushed to one of the branches while they were merged; look at the pull request and move the \
             card again",
        ),
        409 | 412 => (Conflict, here, None),
        410 => say(Configuration, Connection, NO_ISSUES),
        413 => say(Permanent, here, "it is too long for Bitbucket"),
        // A single request the server stumbles over must not stop the others; 555 is Bitbucket's own "took too long".
        555 => say(Transient, here, "Bitbucket took too long; it is looked at and tried again later"),
        500 if here == Item && reply.mutation => (Transient, Item, None),
        408 | 425 | 429 | 500..=599 => (Transient, Connection, None),
        300..=399 => {
            say(Configuration, Connection, "the address moved; check `api_url` and the repository's name")
        }
        400 if about == About::Container => (Configuration, Connection, None),
        400 if about == About::Merge => {
            say(Permanent, Item, "put right what is said here on Bitbucket, then move the card again")
        }
        _ => (Permanent, here, None),
    }
}

/// A token that lacks a scope says so for every request; anything else may be about this one pull request.
fn forbidden(about: About, mutation: bool, trouble: Option<&Trouble>) -> Verdict {
    let Some(trouble) = trouble else {
        // Not Bitbucket's words: a proxy, or a page of its front end.
        return (Class::Transient, Scope::Connection, Some(BETWEEN.to_owned()));
    };
    let scopes = |name: &str| {
        let all = trouble.detail.as_ref().and_then(|d| d.get(name)).map(listed);
        all.filter(|text| !text.is_empty())
    };
    if let Some(required) = scopes("required") {
        let granted = scopes("granted").unwrap_or_else(|| "none".to_owned());
        let help = format!("the token needs the scope {required}; it has {granted}");
        return (Class::Configuration, Scope::Connection, Some(help));
    }
    let help = match about {
        About::Container => {
            "the token may not see this; it needs read:repository:bitbucket and read:pullrequest:bitbucket"
        }
        About::Merge => "this account may not merge into that branch, or a check forbids it",
        About::Item => {
            "this account may not change the pull request; it takes write access to the repository"
        }
    };
    let scope = if about == About::Container || !mutation { Scope::Connection } else { Scope::Item };
    (Class::Configuration, scope, Some(help.to_owned()))
}

/// Scopes as a list, or one alone.
fn listed(value: &Value) -> String {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Value::String(one) => one.clone(),
        _ => String::new(),
    }
}

fn status_words(reply: &Reply) -> String {
    match reply.status.as_u16() {
        555 => "the merge took too long".to_owned(),
        _ => reply.status.canonical_reason().unwrap_or("no reason given").to_owned(),
    }
}

/// A body that is not Bitbucket's JSON, in short; a 401 often has none at all.
fn plain_text(reply: &Reply) -> String {
    let head = &reply.body[..reply.body.len().min(4 * WORDS_MAX)];
    let text = String::from_utf8_lossy(head);
    match text.trim() {
        "" => status_words(reply),
        html if html.starts_with('<') => {
            format!("{} (not JSON: {})", status_words(reply), reading::page(&reply.body))
        }
        plain => plain.to_owned(),
    }
}

/// The message with what `detail` and `fields` add.
fn sentence(trouble: &Trouble, reply: &Reply) -> String {
    let mut out = trouble.message.clone().unwrap_or_else(|| status_words(reply));
    let mut add = |text: &str| {
        let text = text.trim();
        if !text.is_empty() && !out.contains(text) {
            out.push_str(": ");
            out.push_str(text);
        }
    };
    if let Some(detail) = trouble.detail.as_ref().and_then(Value::as_str) {
        add(detail);
    }
    if let Some(fields) = trouble.fields.as_ref().and_then(Value::as_object) {
        for (field, said) in fields {
            let said = listed(said);
            if !out_mentions(trouble, &said) {
                add(&format!("{field}: {said}"));
            }
        }
    }
    out
}

/// Whether the message itself says it already.
fn out_mentions(trouble: &Trouble, said: &str) -> bool {
    trouble.message.as_ref().is_some_and(|m| m.contains(said))
}

#[cfg(test)]
mod tests;
