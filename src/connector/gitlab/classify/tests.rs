//! Every refusal of GitLab's that is known, as a table.

use super::*;
use crate::connector::gitlab::fuzz::reply;

/// What, status, body, about what, meaning, and what message and help must say.
type Row = (&'static str, u16, &'static str, About, (Class, Scope), &'static str);

const HALT: (Class, Scope) = (Class::Configuration, Scope::Connection);
const MEND: (Class, Scope) = (Class::Configuration, Scope::Item);
const WAIT: (Class, Scope) = (Class::Transient, Scope::Connection);
const PARK: (Class, Scope) = (Class::Permanent, Scope::Item);
const AGAIN: (Class, Scope) = (Class::Conflict, Scope::Item);

fn limits_and_permissions() -> Vec<Row> {
    use About::{Container, Item, NewItem};
    vec![
        ("a wrong token", 401, r#"{"message":"401 Unauthorized"}"#, Container, HALT, "token is wrong"),
        (
            "a revoked token",
            401,
            r#"{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}"#,
            Item,
            HALT,
            "Token was revoked",
        ),
        (
            "a wrong token in GraphQL",
            401,
            r#"{"errors":[{"message":"Invalid token"}]}"#,
            Item,
            HALT,
            "Invalid token",
        ),
        ("the instance's limit", 429, "Retry later", Item, WAIT, "Retry later"),
        (
            "an endpoint's limit",
            429,
            r#"{"message":{"error":"This endpoint has been requested too many times. Try again later."}}"#,
            NewItem,
            WAIT,
            "too many times",
        ),
        ("a limit in the clothes of a 403", 403, "Retry later", Item, WAIT, "Retry later"),
        (
            "a scope",
            403,
            r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api"}"#,
            Item,
            HALT,
            "the scope `api`",
        ),
        ("a role", 403, r#"{"message":"403 Forbidden"}"#, Item, MEND, "Planner"),
        ("a role for all", 403, r#"{"message":"403 Forbidden"}"#, Container, HALT, "Planner"),
        ("a blocked address", 403, "Forbidden\n", Container, WAIT, "Forbidden"),
        (
            "spam",
            409,
            r#"{"needs_captcha_response":true,"spam_log_id":42,"captcha_site_key":"k","message":{"error":"Your issue has been recognized as spam."}}"#,
            NewItem,
            MEND,
            "wants a person",
        ),
        (
            "spam as 400",
            400,
            r#"{"needs_captcha_response":true,"message":"x"}"#,
            Item,
            MEND,
            "wants a person",
        ),
    ]
}

fn places_and_contents() -> Vec<Row> {
    use About::{Container, Item, NewItem};
    vec![
        (
            "no project",
            404,
            r#"{"message":"404 Project Not Found"}"#,
            Container,
            HALT,
            "no such project, or the token cannot see it: o/r",
        ),
        (
            "no project to make an issue in",
            404,
            r#"{"message":"404 Project Not Found"}"#,
            NewItem,
            HALT,
            "o/r",
        ),
        ("no issue", 404, r#"{"message":"404 Not found"}"#, Item, PARK, "gone"),
        ("a page that is no API", 404, "<!DOCTYPE html><p>not here", Container, HALT, "api_url"),
        ("a moved project", 301, "", Item, AGAIN, "moved"),
        (
            "a moved project to make an issue in",
            405,
            r#"{"message":"Non GET methods are not allowed for moved projects"}"#,
            NewItem,
            HALT,
            "present path",
        ),
        (
            "a moved project's issue",
            405,
            r#"{"message":"Non GET methods are not allowed for moved projects"}"#,
            Item,
            AGAIN,
            "new address",
        ),
        (
            "to the page where people sign in",
            302,
            "<html><body>You are being redirected.",
            Container,
            HALT,
            "api_url",
        ),
        (
            "a title that is not given",
            400,
            r#"{"error":"title is missing"}"#,
            NewItem,
            PARK,
            "title is missing",
        ),
        (
            "a field that is wrong",
            400,
            r#"{"message":{"title":["can't be blank","is too long"]}}"#,
            Item,
            PARK,
            "title can't be blank; title is too long",
        ),
        (
            "a bad request in words",
            400,
            r#"{"message":"400 (Bad request) \"title\" not given"}"#,
            Item,
            PARK,
            "not given",
        ),
        (
            "what an old instance does not know",
            400,
            r#"{"error":"order_by does not have a valid value"}"#,
            Container,
            HALT,
            "too old",
        ),
    ]
}

fn conflicts_and_outages() -> Vec<Row> {
    use About::{Container, Item, NewItem};
    vec![
        ("a list of sentences", 422, r#"{"message":["Assignee has no access"]}"#, Item, PARK, "no access"),
        ("there already", 409, r#"{"message":"Label already exists"}"#, NewItem, AGAIN, "already exists"),
        ("a precondition", 412, r#"{"message":"412 Precondition Failed"}"#, Item, AGAIN, "Precondition"),
        ("too large", 413, "", Item, PARK, "1 MiB"),
        ("a deploy page", 502, "<html><title>GitLab is not responding</title>", Item, WAIT, "502"),
        ("nothing at all", 503, "", Container, WAIT, "Service Unavailable"),
        (
            "one request the server stumbles over",
            500,
            r#"{"message":"500 Internal Server Error"}"#,
            Item,
            (Class::Transient, Scope::Item),
            "Internal",
        ),
        (
            "a stumble on a list",
            500,
            r#"{"message":"500 Internal Server Error"}"#,
            Container,
            WAIT,
            "Internal",
        ),
    ]
}

fn judged(status: u16, body: &str, mutation: bool, about: About) -> Classified {
    let answer = reply(status, &[], body.as_bytes().to_vec(), mutation);
    classify(&answer, about, "o/r", &|t| crate::support::text::one_line(t))
}

#[test]
fn every_refusal_has_its_meaning_and_its_cure() {
    for (what, status, body, about, want, says) in
        limits_and_permissions().into_iter().chain(places_and_contents()).chain(conflicts_and_outages())
    {
        let mutation = about != About::Container;
        let got = judged(status, body, mutation, about).failure;
        assert_eq!((got.class, got.scope), want, "{what}: {got:?}");
        let told = format!("{} {}", got.message, got.help.as_deref().unwrap_or_default());
        assert!(told.contains(says), "{what}: `{says}` in `{told}`");
        let unknown = status >= 500 && mutation;
        assert_eq!(got.outcome == Outcome::Unknown, unknown, "{what}: {got:?}");
        assert!(
            got.class != Class::Configuration || got.help.is_some(),
            "{what}: a person must be told what to do"
        );
    }
}

#[test]
fn only_a_limit_without_a_word_gets_our_own_wait() {
    assert!(judged(429, "Retry later", true, About::Item).limited_without_a_word);
    let mut told = reply(429, &[], b"Retry later".to_vec(), true);
    told.retry_after_ms = Some(5_000);
    let got = classify(&told, About::Item, "o/r", &str::to_owned);
    assert!(!got.limited_without_a_word);
    assert_eq!(got.failure.retry_after_ms, Some(5_000));
    assert!(!judged(403, r#"{"message":"403 Forbidden"}"#, true, About::Item).limited_without_a_word);
}

#[test]
fn a_lost_read_is_never_of_unknown_outcome() {
    assert_eq!(judged(502, "", false, About::Item).failure.outcome, Outcome::NotApplied);
}
