//! What each of GitLab's refusals means: kind, reach, whether it was applied, and what a person can do.
//!
//! One place, pure, over status, headers and body (`https://docs.gitlab.com/api/rest/troubleshooting/`). GitLab words its
//! refusals in three ways: `message` as text, `message` as lists by field, and `error`.

use serde_json::Value;

use crate::connector::finding::BETWEEN;
use crate::connector::http::Reply;
use crate::connector::{Class, Failure, Outcome, Scope, Trouble, reading};

/// What a request was about; the same 404 means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The account or the project: without it nothing works.
    Container,
    /// Something that is to be made in the project.
    NewItem,
    /// One issue.
    Item,
}

impl About {
    /// How far a refusal reaches that says nothing of its own.
    pub(super) fn scope(self) -> Scope {
        if self == Self::Container { Scope::Connection } else { Scope::Item }
    }
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

/// A refusal's body and what it says.
struct Said {
    text: String,
    /// The body was a JSON object, so it is GitLab's own.
    json: bool,
    captcha: bool,
}

/// Classifies an answer that is no success. `words` makes a server's text fit to show.
pub(super) fn classify(
    reply: &Reply,
    about: About,
    project: &str,
    words: &dyn Fn(&str) -> String,
) -> Classified {
    let status = reply.status.as_u16();
    let said = said(reply);
    let verdict = judge(reply, about, project, &said);
    let applied = reply.mutation && (status >= 500 || status == 408);
    let failure = Failure {
        class: verdict.class,
        scope: verdict.scope,
        message: words(&format!("GitLab answered {status}: {}{}", said.text, reading::leads_to(reply))),
        help: verdict.help,
        status: Some(status),
        retry_after_ms: reply.retry_after_ms,
        outcome: if applied { Outcome::Unknown } else { Outcome::NotApplied },
        request_id: reply.request_id(),
        asks: None,
        trouble: verdict
            .trouble
            .or_else(|| Trouble::of_refusal(status, verdict.class, verdict.scope, said.json)),
    };
    Classified { limited_without_a_word: verdict.limited && failure.retry_after_ms.is_none(), failure }
}

fn judge(reply: &Reply, about: About, project: &str, said: &Said) -> Verdict {
    use Class::{Configuration, Conflict, Permanent, Transient};
    use Scope::{Connection, Item};
    let (status, text, here) = (reply.status.as_u16(), said.text.as_str(), about.scope());
    let of_item = about == About::Item;
    if said.captcha {
        return Verdict::of(Configuration, here).help(
            "GitLab takes it for spam and wants a person: make the change once in the browser, or have the account trusted",
        );
    }
    match status {
        401 => Verdict::of(Configuration, Connection)
            .help("the token is wrong, expired or revoked; make a new one and put it where `token` points"),
        403 | 429 if limited(reply, text) => Verdict { limited: true, ..Verdict::of(Transient, Connection) },
        403 => forbidden(reply, about, said),
        404 if !said.json => Verdict::of(Configuration, Connection).help(
            "this does not look like GitLab's API; check `api_url`, and that no proxy decodes %2F in addresses",
        ),
        404 if of_item && reply.mutation => Verdict::of(Permanent, Item)
            .help("the issue is gone, or the token may read it and not change it"),
        404 if of_item => Verdict::of(Permanent, Item).help("the issue is gone, or the token cannot see it"),
        404 => Verdict::of(Configuration, Connection).help(format!(
            "no such project, or the token cannot see it: {project}; check the spelling and the token's access"
        )),
        405 if mentions(text, &["moved"]) && of_item => {
            Verdict::of(Conflict, Item).help("the project moved; it is looked up again at its new address")
        }
        405 => Verdict::of(Configuration, Connection)
            .help("the project moved or the instance is too old; write the project's present path"),
        409 | 412 => Verdict::of(Conflict, here),
        413 => Verdict::of(Permanent, here).help("it is too long for GitLab; a description holds 1 MiB"),
        400 | 422 if here == Item => Verdict::of(Permanent, Item)
            .help("edit the card so that GitLab can take it; the message names what it refused"),
        400 | 422 => Verdict::of(Configuration, Connection)
            .help("the instance does not understand the request; it may be too old, which `doctor` tells"),
        402 => Verdict::of(Configuration, Connection).help("the group's plan does not allow it"),
        // A single request that the server stumbles over must not stop the others.
        500 if here == Item && reply.mutation => Verdict::of(Transient, Item),
        408 | 425 | 500..=599 => Verdict::of(Transient, Connection),
        300..=399 if of_item => {
            Verdict::of(Conflict, Item).help("the project moved; it is looked up again at its new address")
        }
        300..=399 => Verdict::of(Configuration, Connection)
            .help("the address moved, or leads to the page where people sign in; check `api_url` and the project's path"),
        _ => Verdict::of(Permanent, here),
    }
}

/// Whether the refusal is a limit: the instance's, with a plain text, or one of its features', with JSON.
fn limited(reply: &Reply, text: &str) -> bool {
    reply.status.as_u16() == 429
        || reply.headers.contains_key(reqwest::header::RETRY_AFTER)
        || mentions(text, &["retry later", "too many times", "rate limit"])
}

fn forbidden(reply: &Reply, about: About, said: &Said) -> Verdict {
    use Class::{Configuration, Transient};
    use Scope::Connection;
    if mentions(&said.text, &["insufficient_scope", "insufficient scope"]) {
        let refused = Verdict::of(Configuration, Connection).help(
            "the token needs the scope `api`; to read only, `read_api` is enough with the direction `pull`",
        );
        return Verdict { trouble: Some(Trouble::Scope), ..refused };
    }
    if !said.json {
        // Not GitLab's words: a proxy, or the instance's block of an address that asked too much.
        return Verdict::of(Transient, Connection).help(BETWEEN);
    }
    let help = "the token's account may not do this: it needs the role Planner or higher, and the project must not be archived";
    // What a role may do depends on the issue: its author may edit it, others may not.
    let scope = if reply.mutation { about.scope() } else { Connection };
    Verdict::of(Configuration, scope).help(help)
}

fn mentions(text: &str, any: &[&str]) -> bool {
    let text = text.to_lowercase();
    any.iter().any(|needle| text.contains(needle))
}

fn said(reply: &Reply) -> Said {
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&reply.body) else {
        return Said { text: plain_text(reply), json: false, captcha: false };
    };
    let captcha = body.get("needs_captcha_response").and_then(Value::as_bool) == Some(true);
    let mut parts: Vec<String> = Vec::new();
    for key in ["message", "error", "error_description", "errors", "scope"] {
        if let Some(value) = body.get(key) {
            collect(None, value, &mut parts);
        }
    }
    let text = if parts.is_empty() { status_words(reply) } else { parts.join("; ") };
    Said { text, json: true, captcha }
}

/// The sentences in a refusal: a text, a list of them, or lists by field.
fn collect(field: Option<&str>, value: &Value, out: &mut Vec<String>) {
    let named = |text: String| match field {
        Some("message" | "error" | "base") | None => text,
        Some(field) => format!("{field} {text}"),
    };
    match value {
        Value::Null => {}
        Value::String(text) => out.push(named(text.clone())),
        Value::Array(all) => all.iter().take(10).for_each(|one| collect(field, one, out)),
        Value::Object(by_field) => {
            by_field.iter().take(10).for_each(|(field, one)| collect(Some(field), one, out));
        }
        other => out.push(named(other.to_string())),
    }
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

#[cfg(test)]
mod tests;
