//! How each platform sends its webhooks: what proves that it did, by what a delivery is known, what it is about. Pure
//! functions in a table: nothing here waits, logs, or knows a connection.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::config::settings::{ConnectionSettings, Platform};
use crate::support::clock::Timestamp;

/// How far the time of a signed delivery may be from ours, either way, in milliseconds: what the specification of
/// Standard Webhooks has as usual.
const AGE_MS: i64 = 5 * 60 * 1_000;
/// Jira's search is its only list, and its index is some seconds behind what a webhook tells at once.
const INDEX_LAG: Duration = Duration::from_secs(5);

/// What came: the headers, the body byte for byte, and when.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) at: Timestamp,
}

/// How the webhooks of one platform are sent.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Without one of these headers there is no proof, and the body is not worth reading.
    proofs: &'static [&'static str],
    /// Whether who sent it knows the secret. Compares in constant time.
    proof: fn(&[u8], Sent<'_>) -> bool,
    /// By what it is known when it comes again.
    delivery: fn(Sent<'_>) -> Option<Cow<'_, str>>,
    /// What it is about, in the platform's word.
    event: fn(Sent<'_>) -> Option<Cow<'_, str>>,
    /// The events that can change what the board shows.
    events: &'static [&'static str],
    /// How long its lists may not show yet what it told of, where they do.
    pub(super) lag: Option<Duration>,
}

/// GitHub, for a repository's issues.
const GITHUB: Manner = Manner {
    proofs: &["x-hub-signature-256"],
    proof: |secret, sent| hub(secret, sent, "x-hub-signature-256"),
    delivery: |sent| text(sent, "x-github-delivery"),
    event: |sent| text(sent, "x-github-event"),
    events: &["issues", "issue_comment", "label", "milestone", "repository", "sub_issues"],
    lag: None,
};

/// GitHub, for a project: its own events are sent by webhooks of the organisation alone.
const GITHUB_PROJECT: Manner = Manner {
    events: &[
        "issues",
        "issue_comment",
        "label",
        "milestone",
        "repository",
        "sub_issues",
        "projects_v2",
        "projects_v2_item",
    ],
    ..GITHUB
};

/// GitLab. A merge closes issues, so what is said of merge requests counts too.
const GITLAB: Manner = Manner {
    proofs: &["webhook-signature", "x-gitlab-token"],
    proof: gitlab,
    delivery: gitlab_delivery,
    event: |sent| text(sent, "x-gitlab-event"),
    events: &[
        "Issue Hook",
        "Confidential Issue Hook",
        "Work Item Hook",
        "Note Hook",
        "Confidential Note Hook",
        "Merge Request Hook",
        "Milestone Hook",
    ],
    lag: None,
};

/// Jira, Cloud and Data Center. Only its body says what it is about.
const JIRA: Manner = Manner {
    proofs: &["x-hub-signature"],
    proof: |secret, sent| hub(secret, sent, "x-hub-signature"),
    delivery: jira_delivery,
    event: jira_event,
    events: &[
        "jira:issue_created",
        "jira:issue_updated",
        "jira:issue_deleted",
        "comment_created",
        "comment_updated",
        "comment_deleted",
        "jira:version_created",
        "jira:version_updated",
        "jira:version_deleted",
        "jira:version_merged",
        "jira:version_released",
        "jira:version_unreleased",
    ],
    lag: Some(INDEX_LAG),
};

/// Bitbucket Cloud. `X-Hook-UUID` names the webhook; only `X-Request-UUID` names what it sent.
const BITBUCKET: Manner = Manner {
    proofs: &["x-hub-signature"],
    proof: |secret, sent| hub(secret, sent, "x-hub-signature"),
    delivery: |sent| text(sent, "x-request-uuid"),
    event: |sent| text(sent, "x-event-key"),
    events: &[
        "pullrequest:created",
        "pullrequest:updated",
        "pullrequest:push",
        "pullrequest:fulfilled",
        "pullrequest:rejected",
        "pullrequest:superseded",
        "pullrequest:comment_created",
        "pullrequest:comment_updated",
        "pullrequest:comment_deleted",
    ],
    lag: None,
};

impl Manner {
    /// How the platform of `connection` sends them.
    pub(super) fn of(connection: &ConnectionSettings) -> Self {
        match connection.platform {
            Platform::Github if connection.project.is_some() => GITHUB_PROJECT,
            Platform::Github => GITHUB,
            Platform::Gitlab => GITLAB,
            Platform::Jira => JIRA,
            Platform::Bitbucket => BITBUCKET,
        }
    }

    /// Whether there is anything that could be a proof.
    pub(super) fn has_proof(&self, headers: &HeaderMap) -> bool {
        self.proofs.iter().any(|name| headers.contains_key(*name))
    }

    /// Whether who sent it knows the secret. Nobody knows an empty one.
    pub(super) fn is_proven(&self, secret: &str, sent: Sent<'_>) -> bool {
        !secret.is_empty() && (self.proof)(secret.as_bytes(), sent)
    }

    /// By what it is known when it comes again.
    pub(super) fn delivery<'a>(&self, sent: Sent<'a>) -> Option<Cow<'a, str>> {
        (self.delivery)(sent)
    }

    /// The event it is about, when that one can change what the board shows.
    pub(super) fn concern(&self, sent: Sent<'_>) -> Option<&'static str> {
        let event = (self.event)(sent)?;
        self.events.iter().copied().find(|known| *known == event)
    }
}

fn text<'a>(sent: Sent<'a>, header: &str) -> Option<Cow<'a, str>> {
    sent.headers.get(header).and_then(|value| value.to_str().ok()).map(Cow::Borrowed)
}

/// The HMAC of `parts`, one after another; a key may have any length.
fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

fn is_mac(key: &[u8], parts: &[&[u8]], claimed: &[u8]) -> bool {
    mac(key, parts).is_some_and(|mac| mac.verify_slice(claimed).is_ok())
}

/// `sha256=` and the HMAC of the body in hex, as GitHub, Jira and Bitbucket sign.
fn hub(secret: &[u8], sent: Sent<'_>, header: &str) -> bool {
    let signature = text(sent, header);
    let signature = signature.as_deref().and_then(|s| s.strip_prefix("sha256="));
    signature.and_then(|s| hex::decode(s).ok()).is_some_and(|claimed| is_mac(secret, &[sent.body], &claimed))
}

/// A signing token signs, and what carries a signature is held to it; any other secret is sent as it is.
fn gitlab(secret: &[u8], sent: Sent<'_>) -> bool {
    match (signing_key(secret), sent.headers.get("webhook-signature")) {
        (Some(key), Some(_)) => standard(&key, sent),
        _ => sent.headers.get("x-gitlab-token").is_some_and(|token| same(secret, token.as_bytes())),
    }
}

/// Equality in constant time, whatever the lengths: that of the two under a hash nobody else can make.
fn same(secret: &[u8], claimed: &[u8]) -> bool {
    mac(secret, &[claimed]).is_some_and(|mac| is_mac(secret, &[secret], &mac.finalize().into_bytes()))
}

/// The key of a signing token: `whsec_` and the key in Base64 (GitLab's merge request 231325).
fn signing_key(secret: &[u8]) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix(b"whsec_")?).ok()?;
    (!key.is_empty()).then_some(key)
}

/// Standard Webhooks 1.0.0, as GitLab signs: the HMAC of id, time and body with dots between, as `v1,` and Base64. There
/// may be several, while a token is replaced. An old one is nobody's any more.
fn standard(key: &[u8], sent: Sent<'_>) -> bool {
    let of = |header| text(sent, header);
    let (Some(id), Some(time), Some(signatures)) =
        (of("webhook-id"), of("webhook-timestamp"), of("webhook-signature"))
    else {
        return false;
    };
    let Ok(seconds) = time.parse::<i64>() else { return false };
    let age = sent.at.since(Timestamp(seconds.saturating_mul(1_000)));
    if !(-AGE_MS..=AGE_MS).contains(&age) || id.contains('.') {
        return false;
    }
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", sent.body];
    let mut claims = signatures.split(' ').filter_map(|s| STANDARD.decode(s.strip_prefix("v1,")?).ok());
    claims.any(|claimed| is_mac(key, &signed, &claimed))
}

/// `webhook-id` is signed, and the same as `Idempotency-Key` (GitLab 17.4 and later). Before that there is only
/// `X-Gitlab-Event-UUID`, which all that one request sets off has in common: with the body it is one delivery's.
fn gitlab_delivery(sent: Sent<'_>) -> Option<Cow<'_, str>> {
    let own = text(sent, "webhook-id").or_else(|| text(sent, "idempotency-key"));
    own.or_else(|| {
        text(sent, "x-gitlab-event-uuid").map(|id| Cow::Owned(format!("{id}:{}", digest(sent.body))))
    })
}

/// The identifier stays the same when it is sent again. Where there is none, as from older Data Centers, the body
/// stands for it, which has its time to the millisecond.
fn jira_delivery(sent: Sent<'_>) -> Option<Cow<'_, str>> {
    let own = text(sent, "x-atlassian-webhook-identifier");
    own.or_else(|| (!sent.body.is_empty()).then(|| Cow::Owned(digest(sent.body))))
}

fn digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// All that is read of a body.
#[derive(Deserialize)]
struct JiraBody<'a> {
    #[serde(rename = "webhookEvent", borrow)]
    event: Cow<'a, str>,
}

fn jira_event(sent: Sent<'_>) -> Option<Cow<'_, str>> {
    serde_json::from_slice::<JiraBody<'_>>(sent.body).ok().map(|body| body.event)
}

#[cfg(test)]
pub(super) mod tests;
