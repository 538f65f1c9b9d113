//! What each of Jira's refusals means: kind, reach, whether it was applied, and what a person can do. Pure, over
//! status, headers and body.

use super::client::Api;
use super::wire::Refusal;
use crate::connector::finding::BETWEEN;
use crate::connector::http::{Reply, WORDS_MAX};
use crate::connector::{Class, Failure, Outcome, Scope, Trouble, reading};

/// What a request was about; the same 404 means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The account, the site or the project: without it nothing works.
    Container,
    /// An issue that is to be made in the project.
    NewItem,
    /// One issue.
    Item,
}

type Verdict = (Class, Scope, Option<String>);

/// Classifies an answer that is no success. `words` makes a server's text fit to show.
pub(super) fn classify(reply: &Reply, about: About, api: &Api, words: &dyn Fn(&str) -> String) -> Failure {
    let status = reply.status.as_u16();
    let refusal = serde_json::from_slice::<Refusal>(&reply.body).ok();
    let text = refusal.as_ref().map(sentence).filter(|t| !t.is_empty()).unwrap_or_else(|| plain(reply));
    let (class, scope, help) = judge(reply, about, api, &text, refusal.is_some());
    let unsure = reply.mutation && (status >= 500 || status == 408);
    Failure {
        class,
        scope,
        message: words(&format!("Jira answered {status}: {text}{}", reading::leads_to(reply))),
        help,
        status: Some(status),
        retry_after_ms: reply.retry_after_ms,
        outcome: if unsure { Outcome::Unknown } else { Outcome::NotApplied },
        request_id: reply.header("atl-traceid").map(words).or_else(|| reply.request_id()),
        asks: None,
        trouble: trouble(reply, class, scope, &text, refusal.is_some()),
    }
}

/// What a refusal says of the connection.
fn trouble(reply: &Reply, class: Class, scope: Scope, text: &str, json: bool) -> Option<Trouble> {
    match reply.status.as_u16() {
        401 if mentions(text, &["scope does not match"]) => Some(Trouble::Scope),
        403 if reply.header("x-authentication-denied-reason").is_some() => Some(Trouble::Token),
        410 if scope == Scope::Connection => Some(Trouble::Version),
        status => Trouble::of_refusal(status, class, scope, json),
    }
}

fn judge(reply: &Reply, about: About, api: &Api, text: &str, json: bool) -> Verdict {
    use Class::{Configuration, Conflict, Permanent, Transient};
    use Scope::{Connection, Item};
    let here = if about == About::Container { Connection } else { Item };
    let says = |class, scope, help: &str| (class, scope, Some(help.to_owned()));
    match reply.status.as_u16() {
        401 if mentions(text, &["scope does not match"]) => says(
            Configuration,
            Connection,
            "give the token the scopes read:jira-work, write:jira-work and read:jira-user; they are chosen when it is made",
        ),
        401 => (Configuration, Connection, Some(wrong_token(reply, api))),
        403 if reply.header("x-authentication-denied-reason").is_some() => says(
            Configuration,
            Connection,
            "too many failed logins: log in once at Jira's own page, then try again",
        ),
        403 if reply.retry_after_ms.is_some() => (Transient, Connection, None),
        403 if !json => says(Transient, Connection, BETWEEN),
        403 => says(
            Configuration,
            here,
            "the account may not do this in the project, or the token lacks the scope write:jira-work",
        ),
        404 if !json => says(
            Configuration,
            Connection,
            "this does not look like Jira's API; give the site's own address as `api_url`, such as https://SITE.atlassian.net",
        ),
        404 if about == About::Item => {
            says(Permanent, Item, "the issue is gone, or the account may not see it")
        }
        404 => (
            Configuration,
            here,
            Some(format!(
                "no project {} here, or the account may not see it; check `project`",
                api.project()
            )),
        ),
        409 | 412 => (Conflict, here, None),
        410 => {
            says(Configuration, Connection, "this Jira no longer has this part of its API; update Corkboard")
        }
        413 => says(Permanent, here, "it is too long for Jira; a description holds 32,767 characters"),
        400 | 422 if mentions(text, &["appropriate screen", "cannot be set", "field 'fixversions'"]) => says(
            if here == Item { Permanent } else { Configuration },
            here,
            "the field is not on the project's screen; a Jira administrator can add it there",
        ),
        400 | 422 if here == Connection => (Configuration, Connection, None),
        400 | 422 => {
            says(Permanent, Item, "edit the card so that Jira can take it; the message names what it refused")
        }
        // A single request that the server stumbles over must not stop the others.
        500 if here == Item && reply.mutation => (Transient, Item, None),
        408 | 425 | 429 | 500..=599 => (Transient, Connection, None),
        300..=399 => says(Configuration, Connection, "the address moved; check `api_url`"),
        _ => (Permanent, here, None),
    }
}

/// What to do about a refused token. One with scopes is valid at the gateway alone.
fn wrong_token(reply: &Reply, api: &Api) -> String {
    if reply.header("x-authentication-denied-reason").is_some_and(|r| r.contains("CAPTCHA")) {
        return "too many failed logins: log in once at Jira's own page, then try again".to_owned();
    }
    if !api.is_cloud() {
        return "the personal access token is wrong, expired or revoked; a Cloud token needs `user` as well"
            .to_owned();
    }
    let start = "the token is wrong, expired or revoked, or `user` is not its owner's e-mail address";
    if api.base().path().contains("/ex/jira/") {
        return format!("{start}; or the token lacks the scopes read:jira-work and write:jira-work");
    }
    format!(
        "{start}; a token with scopes is taken only at the gateway: set `api_url` to https://api.atlassian.com/ex/jira/CLOUD-ID"
    )
}

fn mentions(text: &str, any: &[&str]) -> bool {
    let text = text.to_lowercase();
    any.iter().any(|needle| text.contains(needle))
}

/// All it says, in one sentence.
fn sentence(refusal: &Refusal) -> String {
    let field = |(name, words): (&String, &serde_json::Value)| match words.as_str() {
        Some(words) => format!("{name}: {words}"),
        None => format!("{name}: {words}"),
    };
    let by_field = refusal.errors.iter().map(field);
    let all: Vec<String> =
        refusal.error_messages.iter().cloned().chain(by_field).chain(refusal.message.clone()).collect();
    all.join("; ")
}

/// A body that is not Jira's JSON, in short.
fn plain(reply: &Reply) -> String {
    let reason = reply.status.canonical_reason().unwrap_or("no reason given");
    let head = &reply.body[..reply.body.len().min(4 * WORDS_MAX)];
    match String::from_utf8_lossy(head).trim() {
        "" => reason.to_owned(),
        text if text.starts_with('<') => format!("{reason} (not JSON: {})", reading::page(&reply.body)),
        text if text.starts_with(['{', '[']) => format!("{reason} ({text})"),
        text => text.to_owned(),
    }
}
