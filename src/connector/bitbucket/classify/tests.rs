//! Each refusal Bitbucket is known for, and what is made of it.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::*;

fn refused(status: u16, body: &str, about: About, mutation: bool) -> Failure {
    let reply = Reply {
        status: StatusCode::from_u16(status).expect("a status"),
        headers: HeaderMap::new(),
        body: body.as_bytes().to_vec(),
        url: "https://api.bitbucket.org/2.0/repositories/team/app".parse().expect("an address"),
        mutation,
        retry_after_ms: None,
    };
    classify(&reply, about, "team/app", &str::to_owned)
}

#[test]
fn a_missing_scope_is_named_with_the_ones_the_token_has() {
    let body = r#"{"type":"error","error":{"message":"Your credentials lack one or more required privilege scopes.",
        "detail":{"required":["write:pullrequest:bitbucket"],"granted":["read:user:bitbucket","read:pullrequest:bitbucket"]}}}"#;
    for about in [About::Container, About::Item, About::Merge] {
        let failure = refused(403, body, about, true);
        assert_eq!((failure.class, failure.scope), (Class::Configuration, Scope::Connection));
        let help = failure.help.expect("help");
        assert!(help.contains("needs the scope write:pullrequest:bitbucket"), "{help}");
        assert!(help.contains("read:user:bitbucket, read:pullrequest:bitbucket"), "{help}");
    }
}

#[test]
fn the_table_of_refusals_holds() {
    use About::{Container, Item, Merge};
    use Class::{Configuration, Conflict, Permanent, Transient};
    use Outcome::{NotApplied, Unknown};
    let json = r#"{"type":"error","error":{"message":"Because."}}"#;
    let table = [
        (401, "", Container, false, Configuration, Scope::Connection, NotApplied),
        (403, json, Item, true, Configuration, Scope::Item, NotApplied),
        (403, json, Merge, true, Configuration, Scope::Item, NotApplied),
        (403, json, Item, false, Configuration, Scope::Connection, NotApplied),
        (403, "<html>", Item, true, Transient, Scope::Connection, NotApplied),
        (404, json, Container, false, Configuration, Scope::Connection, NotApplied),
        (404, "<html>", Item, false, Configuration, Scope::Connection, NotApplied),
        (404, json, Item, false, Permanent, Scope::Item, NotApplied),
        (409, json, Merge, true, Conflict, Scope::Item, NotApplied),
        (410, json, Container, false, Configuration, Scope::Connection, NotApplied),
        (400, json, Merge, true, Permanent, Scope::Item, NotApplied),
        (400, json, Item, true, Permanent, Scope::Item, NotApplied),
        (429, json, Item, true, Transient, Scope::Connection, NotApplied),
        (555, json, Merge, true, Transient, Scope::Item, Unknown),
        (500, "<html>", Merge, true, Transient, Scope::Item, Unknown),
        (503, "<html>", Container, false, Transient, Scope::Connection, NotApplied),
    ];
    for (status, body, about, mutation, class, scope, outcome) in table {
        let got = refused(status, body, about, mutation);
        assert_eq!(
            (got.class, got.scope, got.outcome),
            (class, scope, outcome),
            "{status} {about:?} {mutation}"
        );
    }
}

#[test]
fn the_servers_words_are_kept_and_said_once() {
    let body = r#"{"type":"error","error":{"fields":{"title":["This field is required."]},"message":"title: This field is required."}}"#;
    assert_eq!(
        refused(400, body, About::Item, true).message,
        "Bitbucket answered 400: title: This field is required."
    );
    let body = r#"{"type":"error","error":{"fields":{"title":["Too long."]},"message":"Bad request","detail":"See there."}}"#;
    assert_eq!(
        refused(400, body, About::Item, true).message,
        "Bitbucket answered 400: Bad request: See there.: title: Too long."
    );
}

#[test]
fn a_route_of_the_removed_issue_tracker_says_what_became_of_it() {
    let gone = refused(410, r#"{"type":"error","error":{"message":"Gone"}}"#, About::Container, false);
    assert!(gone.help.expect("help").contains("removed its issue tracker"));
}
