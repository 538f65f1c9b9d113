//! Every refusal of GitHub's that is known, as a table; and a recorded one, where the recordings are at hand.

use super::*;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const DOCS: &str = r#""documentation_url":"https://docs.github.com/rest","status":"0""#;

fn reply(status: u16, headers: &[(&str, &str)], body: &str, mutation: bool) -> Reply {
    let headers: HeaderMap = headers
        .iter()
        .map(|(n, v)| (n.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(v).expect("a value")))
        .collect();
    Reply {
        status: StatusCode::from_u16(status).expect("a status"),
        headers,
        body: body.as_bytes().to_vec(),
        url: "https://api.github.com/repos/o/r".parse().expect("an address"),
        mutation,
        retry_after_ms: None,
    }
}

fn json(message: &str) -> String {
    format!(r#"{{"message":"{message}",{DOCS}}}"#)
}

fn judged(reply: &Reply, about: About) -> Classified {
    classify(reply, about, "o/r", &|t| crate::support::text::one_line(t))
}

struct Row {
    what: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: String,
    about: About,
    want: (Class, Scope),
    /// What the message and the help must say.
    says: &'static str,
}

fn row(
    what: &'static str,
    status: u16,
    body: String,
    about: About,
    want: (Class, Scope),
    says: &'static str,
) -> Row {
    Row { what, status, headers: &[], body, about, want, says }
}

fn with(headers: &'static [(&'static str, &'static str)], row: Row) -> Row {
    Row { headers, ..row }
}

const HALT: (Class, Scope) = (Class::Configuration, Scope::Connection);
const WAIT: (Class, Scope) = (Class::Transient, Scope::Connection);
const PARK: (Class, Scope) = (Class::Permanent, Scope::Item);
const AGAIN: (Class, Scope) = (Class::Conflict, Scope::Item);

fn limits_and_permissions() -> Vec<Row> {
    use About::{Container, Item, NewItem};
    let sso = &[("x-github-sso", "required; url=https://github.com/orgs/o/sso?x=1")];
    vec![
        row("a wrong token", 401, json("Bad credentials"), Container, HALT, "token is wrong"),
        with(
            &[("x-ratelimit-remaining", "0")],
            row("the hourly budget", 403, json("API rate limit exceeded for user ID 1."), Container, WAIT, "rate limit"),
        ),
        row("the secondary limit", 403, json("You have exceeded a secondary rate limit."), Item, WAIT, "secondary"),
        row("the secondary limit as 429", 429, json("You have exceeded a secondary rate limit."), Item, WAIT, "secondary"),
        with(&[("retry-after", "60")], row("a wait", 403, json("Please wait."), Item, WAIT, "Please wait")),
        row("too quick", 422, r#"{"message":"Validation Failed","errors":[{"resource":"IssueComment","code":"unprocessable","field":"data","message":"was submitted too quickly"}]}"#.into(), Item, WAIT, "too quickly"),
        with(
            &[("x-accepted-github-permissions", "issues=write")],
            row("a fine-grained token", 403, json("Resource not accessible by personal access token"), Item, HALT, "issues=write"),
        ),
        row("an app's token", 403, json("Resource not accessible by integration"), NewItem, HALT, "scope `repo`"),
        with(sso, row("single sign-on", 403, json("Resource protected by organization SAML enforcement."), Container, HALT, "https://github.com/orgs/o/sso?x=1")),
        row("an archive", 403, json("Repository was archived so is read-only."), Item, HALT, "unarchive"),
        row("a locked issue", 403, json("Unable to create comment because issue is locked."), Item, PARK, "locked"),
        row("no user agent", 403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header".into(), Container, HALT, "proxy"),
        row("a proxy's page", 403, "<html>Blocked by policy</html>".into(), Container, WAIT, "Blocked by policy"),
    ]
}

fn places_and_contents() -> Vec<Row> {
    use About::{Container, Item, NewItem};
    vec![
        row("no repository", 404, json("Not Found"), Container, HALT, "no such repository, or the token cannot see it: o/r"),
        row("no repository to make an issue in", 404, json("Not Found"), NewItem, HALT, "o/r"),
        row("no issue", 404, json("Not Found"), Item, PARK, "gone"),
        row("a page that is no API", 404, "<!DOCTYPE html><p>not here".into(), Container, HALT, "api_url"),
        row("issues switched off", 410, json("Issues are disabled for this repo"), Item, HALT, "switched off"),
        row("issues switched off for a new one", 410, json("Issues has been disabled in this repository."), NewItem, HALT, "switched off"),
        row("a deleted issue", 410, json("This issue was deleted"), Item, PARK, "deleted"),
        row("a transferred issue", 301, json("Moved Permanently"), Item, AGAIN, "new address"),
        row("invalid", 422, r#"{"message":"Validation Failed","errors":[{"resource":"Issue","code":"missing_field","field":"title"}]}"#.into(), NewItem, PARK, "Issue title missing_field"),
        row("custom", 422, r#"{"message":"Validation Failed","errors":[{"resource":"Issue","code":"custom","field":"body","message":"body is too long (maximum is 65536 characters)"}]}"#.into(), Item, PARK, "65536"),
        row("errors as text", 422, r#"{"message":"Invalid request.","errors":["x is not y"]}"#.into(), Item, PARK, "Invalid request.: x is not y"),
        row("exists already", 422, r#"{"message":"Validation Failed","errors":[{"resource":"Milestone","code":"already_exists","field":"title"}]}"#.into(), NewItem, AGAIN, "already_exists"),
        row("an assignee", 422, r#"{"message":"Validation Failed","errors":[{"resource":"Issue","field":"assignees","code":"invalid","value":["zoe"]}]}"#.into(), NewItem, PARK, "zoe"),
        row("a conflict", 409, json("Conflict"), Item, AGAIN, "Conflict"),
        row("too large", 413, json("Payload too large"), Item, PARK, "65,536"),
        row("an old API version", 400, json("unsupported version"), Container, HALT, "unsupported"),
        row("an unhappy unicorn", 502, "<html><title>Unicorn!</title>".into(), Item, WAIT, "502"),
        row("nothing at all", 503, String::new(), Container, WAIT, "Service Unavailable"),
        row("a timeout", 504, json("timeout"), Item, WAIT, "504"),
        row("one request the server stumbles over", 500, json("oops"), Item, (Class::Transient, Scope::Item), "oops"),
        row("a stumble on a list", 500, json("oops"), Container, WAIT, "oops"),
    ]
}

#[test]
fn every_refusal_has_its_meaning_and_its_cure() {
    for row in limits_and_permissions().into_iter().chain(places_and_contents()) {
        let mutation = row.about != About::Container;
        let got = judged(&reply(row.status, row.headers, &row.body, mutation), row.about).failure;
        assert_eq!((got.class, got.scope), row.want, "{}: {got:?}", row.what);
        let told = format!("{} {}", got.message, got.help.as_deref().unwrap_or_default());
        assert!(told.contains(row.says), "{}: `{}` in `{told}`", row.what, row.says);
        let unknown = row.status >= 500 && mutation;
        assert_eq!(got.outcome == Outcome::Unknown, unknown, "{}: {got:?}", row.what);
        if row.want == HALT {
            assert!(
                got.help.is_some() || row.status == 400,
                "{}: a person must be told what to do",
                row.what
            );
        }
    }
}

#[test]
fn only_a_limit_without_a_word_gets_our_own_wait() {
    let secondary = reply(403, &[], &json("You have exceeded a secondary rate limit."), true);
    assert!(judged(&secondary, About::Item).limited_without_a_word);
    let told = Reply { retry_after_ms: Some(5_000), ..secondary };
    let got = judged(&told, About::Item);
    assert!(!got.limited_without_a_word);
    assert_eq!(got.failure.retry_after_ms, Some(5_000));
    assert!(
        !judged(&reply(403, &[], &json("Must have admin rights to Repository."), true), About::Item)
            .limited_without_a_word
    );
}

#[test]
fn a_lost_read_is_never_of_unknown_outcome() {
    let got = judged(&reply(502, &[], "", false), About::Item).failure;
    assert_eq!(got.outcome, Outcome::NotApplied);
}

#[test]
fn a_recorded_refusal_is_classified() {
    for exchange in crate::connector::github::recorded::exchanges("fixture_errors.json") {
        let response = &exchange["response"];
        let status = u16::try_from(response["status"].as_u64().expect("a status")).expect("a status");
        let got = judged(&reply(status, &[], &response["body"].to_string(), true), About::Item).failure;
        assert_eq!((got.class, got.scope), PARK);
        assert_eq!(got.message, "GitHub answered 422: Validation Failed: Label color invalid");
    }
}
