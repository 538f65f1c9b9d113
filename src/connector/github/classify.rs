//! What each of GitHub's refusals means: kind, reach, whether it was applied, and what a person can do.
//!
//! One place, pure, over status, headers and body (`https://docs.github.com/rest/using-the-rest-api/troubleshooting`).

use super::wire::Refusal;
use crate::connector::finding::BETWEEN;
use crate::connector::http::Reply;
use crate::connector::{Class, Failure, Outcome, Scope, Trouble, reading};

/// What a request was about; the same 404 means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The account or the repository: without it nothing works.
    Container,
    /// An issue that is to be made in the repository.
    NewItem,
    /// One issue.
    Item,
}

/// What the refusal says, before it is put into words.
struct Verdict {
    class: Class,
    scope: Scope,
    help: Option<String>,
    /// What it says of the connection, where its status alone would say something else.
    trouble: Option<Trouble>,
    /// A limit that names no wait of its own.
    limited: bool,
}

impl Verdict {
    fn of(class: Class, scope: Scope) -> Self {
        Self { class, scope, help: None, trouble: None, limited: false }
    }

    fn trouble(mut self, trouble: Trouble) -> Self {
        self.trouble = Some(trouble);
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A classified refusal.
pub(super) struct Classified {
    /// The failure, complete but for the wait of a limit that names none.
    pub(super) failure: Failure,
    /// Whether the platform limited us without saying for how long.
    pub(super) limited_without_a_word: bool,
}

/// Classifies an answer that is no success. `words` makes a server's text fit to show.
pub(super) fn classify(
    reply: &Reply,
    about: About,
    repository: &str,
    words: &dyn Fn(&str) -> String,
) -> Classified {
    let status = reply.status.as_u16();
    let refusal = serde_json::from_slice::<Refusal>(&reply.body).ok();
    let text = refusal.as_ref().map_or_else(|| plain_text(reply), |r| sentence(r, reply));
    let verdict = judge(reply, about, repository, &text, refusal.is_some());
    let applied = reply.mutation && (status >= 500 || status == 408);
    let failure = Failure {
        class: verdict.class,
        scope: verdict.scope,
        message: words(&format!("GitHub answered {status}: {text}{}", reading::leads_to(reply))),
        help: verdict.help,
        status: Some(status),
        retry_after_ms: reply.retry_after_ms,
        outcome: if applied { Outcome::Unknown } else { Outcome::NotApplied },
        request_id: reply.request_id(),
        asks: None,
        trouble: verdict
            .trouble
            .or_else(|| Trouble::of_refusal(status, verdict.class, verdict.scope, refusal.is_some())),
    };
    Classified { limited_without_a_word: verdict.limited && failure.retry_after_ms.is_none(), failure }
}

fn judge(reply: &Reply, about: About, repository: &str, text: &str, json: bool) -> Verdict {
    use Class::{Configuration, Conflict, Permanent, Transient};
    use Scope::{Connection, Item};
    let status = reply.status.as_u16();
    let of_item = about == About::Item;
    let here = if about == About::Container { Connection } else { Item };
    match status {
        401 => Verdict::of(Configuration, Connection)
            .help("the token is wrong, expired or revoked; make a new one and put it where `token` points"),
        403 | 429 if limited(reply, text) => Verdict { limited: true, ..Verdict::of(Transient, Connection) },
        403 => forbidden(reply, text, of_item, json),
        404 if !json => Verdict::of(Configuration, Connection)
            .help("this does not look like GitHub's API; check `api_url` (Enterprise Server: https://HOST/api/v3)"),
        404 if of_item && reply.mutation => Verdict::of(Permanent, Item)
            .help("the issue is gone, or the token may read it and not change it (scope `repo`, or Issues: read and write)"),
        404 if of_item => Verdict::of(Permanent, Item).help("the issue is gone, or the token cannot see it"),
        404 => Verdict::of(Configuration, Connection).help(format!(
            "no such repository, or the token cannot see it: {repository}; check the spelling and the token's access"
        )),
        410 if mentions(text, &["disabled"]) => Verdict::of(Configuration, Connection)
            .trouble(Trouble::Disabled)
            .help("issues are switched off for this repository; switch them on under Settings, General, Features"),
        410 => Verdict::of(Permanent, here).help("it was deleted on GitHub"),
        409 | 412 => Verdict::of(Conflict, here),
        413 => Verdict::of(Permanent, here).help("it is too long for GitHub; a body holds 65,536 characters"),
        422 => invalid(text, here),
        451 => Verdict::of(Configuration, Connection).help("the repository is blocked for legal reasons"),
        // A single request that the server stumbles over must not stop the others.
        500 if here == Item && reply.mutation => Verdict::of(Transient, Item),
        408 | 425 | 500..=599 => Verdict::of(Transient, Connection),
        300..=399 if of_item => {
            Verdict::of(Conflict, Item).help("the issue moved; it is looked up again at its new address")
        }
        300..=399 => Verdict::of(Configuration, Connection)
            .help("the address moved; check `api_url` and the repository's name"),
        400 if mentions(text, &["api version"]) => Verdict::of(Configuration, Connection)
            .trouble(Trouble::Version)
            .help("this server does not speak the version of the API that Corkboard does; update one of both"),
        400 if here == Connection => Verdict::of(Configuration, Connection),
        _ => Verdict::of(Permanent, here),
    }
}

/// Whether the refusal is a rate limit, primary or secondary.
fn limited(reply: &Reply, text: &str) -> bool {
    reply.status.as_u16() == 429
        || reply.headers.contains_key(reqwest::header::RETRY_AFTER)
        || reply.header("x-ratelimit-remaining").map(str::trim) == Some("0")
        || mentions(text, &["secondary rate", "rate limit exceeded", "abuse detection"])
}

fn forbidden(reply: &Reply, text: &str, of_item: bool, json: bool) -> Verdict {
    use Class::{Configuration, Permanent, Transient};
    use Scope::{Connection, Item};
    if let Some(sso) = reply.header("x-github-sso") {
        let at = sso.split("url=").nth(1).map(|u| format!(": {}", u.trim())).unwrap_or_default();
        return Verdict::of(Configuration, Connection)
            .trouble(Trouble::Scope)
            .help(format!("authorise the token for the organisation's single sign-on{at}"));
    }
    if mentions(text, &["archived"]) {
        return Verdict::of(Configuration, Connection)
            .trouble(Trouble::Archived)
            .help("the repository is archived; unarchive it, or set the connection's direction to `pull`");
    }
    if of_item && mentions(text, &["locked", "blocked"]) {
        return Verdict::of(Permanent, Item).help("the issue does not take this from this account");
    }
    if mentions(text, &["administrative rules", "user-agent"]) {
        return Verdict::of(Configuration, Connection)
            .trouble(Trouble::Proxy)
            .help("a proxy strips the User-Agent header");
    }
    if !json {
        // Not GitHub's words: a proxy or a page of its front end.
        return Verdict::of(Transient, Connection).help(BETWEEN);
    }
    let accepted = reply.header("x-accepted-github-permissions").filter(|p| !p.trim().is_empty());
    let needs = accepted.map_or_else(
        || "a classic token needs the scope `repo` (or `public_repo`), a fine-grained one Issues: read and write".to_owned(),
        |p| format!("the request needs the permission {p}"),
    );
    let refused = Verdict::of(Configuration, Connection).help(format!("the token may not do this: {needs}"));
    let of_the_token = accepted.is_some() || mentions(text, &["resource not accessible"]);
    if of_the_token { refused.trouble(Trouble::Scope) } else { refused }
}

fn invalid(text: &str, here: Scope) -> Verdict {
    if mentions(text, &["already_exists", "already exists"]) {
        return Verdict::of(Class::Conflict, here);
    }
    // GitHub's brake on content, in the clothes of a validation error.
    if mentions(text, &["submitted too quickly"]) {
        return Verdict { limited: true, ..Verdict::of(Class::Transient, Scope::Connection) };
    }
    let help = if mentions(text, &["assignees", "assignee"]) {
        "somebody assigned has no access to the repository; unassign them, or invite them on GitHub"
    } else {
        "edit the card so that GitHub can take it; the message names what it refused"
    };
    Verdict::of(Class::Permanent, here).help(help)
}

fn mentions(text: &str, any: &[&str]) -> bool {
    let text = text.to_lowercase();
    any.iter().any(|needle| text.contains(needle))
}

fn status_words(reply: &Reply) -> String {
    reply.status.canonical_reason().unwrap_or("no reason given").to_owned()
}

/// A body that is not JSON, in short; a page of HTML says nothing its status does not.
fn plain_text(reply: &Reply) -> String {
    let head = &reply.body[..reply.body.len().min(4 * super::super::http::WORDS_MAX)];
    let text = String::from_utf8_lossy(head);
    match text.trim() {
        "" => status_words(reply),
        html if html.starts_with('<') => {
            format!("{} (not JSON: {})", status_words(reply), reading::page(&reply.body))
        }
        plain => plain.to_owned(),
    }
}

/// The message with what `errors` adds: `Validation Failed: Label name already_exists`.
fn sentence(refusal: &Refusal, reply: &Reply) -> String {
    let mut out = refusal.message.clone().unwrap_or_else(|| status_words(reply));
    let details: Vec<String> = match &refusal.errors {
        Some(serde_json::Value::Array(all)) => all.iter().map(detail).collect(),
        Some(serde_json::Value::Null) | None => Vec::new(),
        Some(other) => vec![detail(other)],
    };
    if !details.is_empty() {
        out.push_str(": ");
        out.push_str(&details.join("; "));
    }
    out
}

fn detail(error: &serde_json::Value) -> String {
    let field = |name: &str| error.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    if let Some(text) = error.as_str() {
        return text.to_owned();
    }
    let mut parts: Vec<String> = ["resource", "field", "code"].iter().filter_map(|n| field(n)).collect();
    if let Some(value) = error.get("value").filter(|v| !v.is_null()) {
        parts.push(value.to_string());
    }
    parts.extend(field("message"));
    if parts.is_empty() { error.to_string() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests;
