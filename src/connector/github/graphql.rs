//! Sends one GraphQL document and says what its refusals mean. What is asked for is in `project::documents`.
//!
//! GitHub answers most GraphQL failures with 200 and `errors`; the same classes come out of them as out of REST's
//! statuses (`https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api`).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::About;
use super::client::Api;
use crate::connector::http::{Priority, Reply};
use crate::connector::{Class, Failure, Outcome, Scope, Trouble};

/// One document, sent as it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'a> {
    /// The operation's name.
    pub(super) name: &'static str,
    /// The whole text.
    pub(super) text: &'a str,
}

impl Document<'_> {
    fn is_mutation(self) -> bool {
        self.text.trim_start().starts_with("mutation")
    }
}

/// An answer with data in it; the errors concern parts of it.
pub(super) struct Partial<T> {
    pub(super) data: T,
    pub(super) errors: Vec<Error>,
    pub(super) reply: Reply,
}

/// One entry of `errors`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Error {
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) path: Vec<Value>,
}

impl Error {
    /// Whether it is of this type.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// Whether it lies within one entry of a list, so that the rest of the answer holds.
    pub(super) fn within_a_list(&self) -> bool {
        self.path.iter().any(Value::is_u64)
    }

    /// The key of the answer it lies below, at this depth.
    pub(super) fn key(&self, depth: usize) -> Option<&str> {
        self.path.get(depth).and_then(Value::as_str)
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    data: Value,
    #[serde(default)]
    errors: Vec<Error>,
}

/// Where GraphQL is: beside REST on github.com, at `/api/graphql` on an Enterprise Server.
fn address(base: &Url) -> Url {
    let mut url = base.clone();
    let path = base.path().trim_end_matches('/');
    let root = path.strip_suffix("/v3").unwrap_or(path);
    url.set_path(&format!("{root}/graphql"));
    url
}

impl Api {
    /// Sends a document of which every part must be answered.
    pub(super) async fn graphql<T: DeserializeOwned>(
        &self,
        document: Document<'_>,
        variables: Value,
        about: About,
    ) -> Result<T, Failure> {
        let answer = self.graphql_partial(Priority::Interactive, document, variables, about).await?;
        match answer.errors.first() {
            Some(_) => Err(self.refused_by_graphql(&answer.errors, &answer.reply, document, about)),
            None => Ok(answer.data),
        }
    }

    /// Sends a document whose answer may lack parts; fails when the errors leave no data that can be read.
    pub(super) async fn graphql_partial<T: DeserializeOwned>(
        &self,
        priority: Priority,
        document: Document<'_>,
        variables: Value,
        about: About,
    ) -> Result<Partial<T>, Failure> {
        let body = json!({ "query": document.text, "operationName": document.name, "variables": variables });
        let sent = self.post(priority, address(self.base()), body, about).await;
        // Nothing is applied by a query, whatever became of its answer.
        let reply = sent.map_err(|f| settle(f, document))?;
        let envelope: Envelope = self.decode(&reply, about).map_err(|f| settle(f, document))?;
        let limited = envelope.errors.iter().any(|e| e.is("RATE_LIMITED"));
        match serde_path_to_error::deserialize::<_, T>(envelope.data) {
            Ok(data) if !limited => Ok(Partial { data, errors: envelope.errors, reply }),
            Err(e) if envelope.errors.is_empty() => {
                let words = format!("GitHub's answer cannot be understood at `{}`: {}", e.path(), e.inner());
                let scope = if about == About::Container { Scope::Connection } else { Scope::Item };
                let failure = Failure::new(Class::Permanent, scope, self.port().words(&words));
                Err(settle(failure.with_outcome(Outcome::Unknown), document))
            }
            _ => Err(self.refused_by_graphql(&envelope.errors, &reply, document, about)),
        }
    }

    /// The failure for an answer with `errors`.
    pub(super) fn refused_by_graphql(
        &self,
        errors: &[Error],
        reply: &Reply,
        document: Document<'_>,
        about: About,
    ) -> Failure {
        let Some(error) = errors.iter().find(|e| e.is("RATE_LIMITED")).or(errors.first()) else {
            return Failure::new(Class::Transient, Scope::Connection, "GitHub answered without data");
        };
        let verdict = judge(error, about);
        let words = self.port().words(&format!("GitHub answered: {}", error.message));
        let mut failure = Failure::new(verdict.class, verdict.scope, words);
        failure.help = verdict.help.map(str::to_owned);
        failure.trouble = verdict.trouble;
        failure.status = Some(reply.status.as_u16());
        failure.request_id = reply.request_id();
        failure.retry_after_ms = reply.retry_after_ms;
        if verdict.limited && failure.retry_after_ms.is_none() {
            failure.retry_after_ms = Some(self.port().limited_without_a_word());
        }
        if verdict.unsure {
            failure.outcome = Outcome::Unknown;
        }
        settle(failure, document)
    }
}

/// A query leaves nothing behind.
fn settle(failure: Failure, document: Document<'_>) -> Failure {
    if document.is_mutation() { failure } else { failure.with_outcome(Outcome::NotApplied) }
}

struct Verdict {
    class: Class,
    scope: Scope,
    help: Option<&'static str>,
    /// What it says of the connection.
    trouble: Option<Trouble>,
    /// It is a limit.
    limited: bool,
    /// A mutation may have been applied.
    unsure: bool,
}

const SCOPES: &str = "a classic token needs the scopes `repo` and `project`; a fine-grained one Issues and the \
    organisation's Projects: read and write. Projects of a user take a classic token";

const NO_PROJECT: &str = "no such project, or the token cannot see it: write it as in its address, `orgs/NAME/projects/N` or \
    `users/NAME/projects/N`; a classic token needs the scope `project`, and a user's projects take no other";

fn judge(error: &Error, about: About) -> Verdict {
    use Class::{Configuration, Permanent, Transient};
    use Scope::{Connection, Item};
    let of =
        |class, scope, help| Verdict { class, scope, help, trouble: None, limited: false, unsure: false };
    let lacks = |trouble| Verdict { trouble: Some(trouble), ..of(Configuration, Connection, Some(SCOPES)) };
    let text = error.message.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|needle| text.contains(needle));
    let here = if about == About::Container { Connection } else { Item };
    match error.kind.as_deref() {
        Some("RATE_LIMITED") => Verdict { limited: true, ..of(Transient, Connection, None) },
        _ if says(&["secondary rate", "submitted too quickly"]) => {
            Verdict { limited: true, ..of(Transient, Connection, None) }
        }
        Some("INSUFFICIENT_SCOPES") => lacks(Trouble::Scope),
        _ if says(&["resource not accessible", "required scopes", "saml", "single sign-on"]) => {
            lacks(Trouble::Scope)
        }
        Some("FORBIDDEN") => lacks(Trouble::Permission),
        Some("NOT_FOUND") if about == About::Container => {
            Verdict { help: Some(NO_PROJECT), ..lacks(Trouble::Place) }
        }
        Some("NOT_FOUND") => of(Permanent, Item, Some("the issue is gone, or the token cannot see it")),
        Some("RESOURCE_LIMITS_EXCEEDED" | "SERVICE_UNAVAILABLE" | "INTERNAL" | "STALE_DATA") => {
            Verdict { unsure: true, ..of(Transient, Connection, None) }
        }
        // What GitHub says, without a type, when its ten seconds are over or it stumbled.
        _ if says(&["something went wrong", "timeout", "timed out", "try again"]) => {
            Verdict { unsure: true, ..of(Transient, here, None) }
        }
        None if about == About::Container => of(Configuration, Connection, None),
        _ => of(Permanent, here, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphql_is_beside_rest_or_below_api_on_an_enterprise_server() {
        let table = [
            ("https://api.github.com", "https://api.github.com/graphql"),
            ("https://api.github.com/", "https://api.github.com/graphql"),
            ("https://git.example/api/v3", "https://git.example/api/graphql"),
            ("https://git.example/api/v3/", "https://git.example/api/graphql"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql"),
        ];
        for (base, want) in table {
            assert_eq!(address(&Url::parse(base).expect("an address")).as_str(), want);
        }
    }

    #[test]
    fn every_kind_of_error_has_its_class_and_reach() {
        use Class::{Configuration, Permanent, Transient};
        use Scope::{Connection, Item};
        let error = |kind: Option<&str>, message: &str| Error {
            kind: kind.map(str::to_owned),
            message: message.to_owned(),
            path: Vec::new(),
        };
        let table = [
            (error(Some("RATE_LIMITED"), "API rate limit exceeded"), About::Item, Transient, Connection),
            (error(None, "You have exceeded a secondary rate limit."), About::Item, Transient, Connection),
            (
                error(Some("INSUFFICIENT_SCOPES"), "needs read:project"),
                About::Item,
                Configuration,
                Connection,
            ),
            (
                error(Some("FORBIDDEN"), "Resource not accessible by integration"),
                About::Item,
                Configuration,
                Connection,
            ),
            (
                error(None, "Resource not accessible by personal access token"),
                About::Item,
                Configuration,
                Connection,
            ),
            (
                error(Some("NOT_FOUND"), "Could not resolve to a ProjectV2"),
                About::Container,
                Configuration,
                Connection,
            ),
            (error(Some("NOT_FOUND"), "Could not resolve to an Issue"), About::Item, Permanent, Item),
            (error(Some("UNPROCESSABLE"), "no"), About::Item, Permanent, Item),
            (error(None, "Something went wrong while executing your query."), About::Item, Transient, Item),
            (error(Some("RESOURCE_LIMITS_EXCEEDED"), "too much"), About::Container, Transient, Connection),
            (error(None, "Field 'x' doesn't exist on type 'Y'"), About::Container, Configuration, Connection),
        ];
        for (error, about, class, scope) in table {
            let verdict = judge(&error, about);
            assert_eq!((verdict.class, verdict.scope), (class, scope), "{error:?}");
            assert_eq!(verdict.limited, error.message.contains("rate limit"), "{error:?}");
        }
    }
}
