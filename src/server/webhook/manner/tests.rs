//! The proofs, ids and events of each platform, against published examples where there are any.

use axum::http::HeaderValue;

use super::*;

/// 2021-02-25T15:02:10Z, of the example that Standard Webhooks' own libraries are tested with.
const THEN: Timestamp = Timestamp(1_614_265_330_000);
const TOKEN: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const BODY: &[u8] = br#"{"test": 2432232314}"#;

/// A connection as a config with only what it needs has it.
pub(in crate::server::webhook) fn connection(platform: &str, place: &str) -> ConnectionSettings {
    let text = format!(
        "[[connection]]\nname = \"one\"\nplatform = \"{platform}\"\n{place}\napi_url = \"http://127.0.0.1:1\"\n\
         token = {{ env = \"TOKEN\" }}\n[connection.status_mapping]\n{}\n",
        match platform {
            "jira" => "proposed = { status = \"To Do\" }\ncompleted = { status = \"Done\" }",
            "bitbucket" => "proposed = { state = \"DRAFT\" }\ncompleted = { state = \"MERGED\" }",
            _ if place.contains("projects") =>
                "proposed = { option = \"Backlog\" }\ncompleted = { option = \"Done\" }",
            _ => "proposed = { state = \"open\" }\ncompleted = { state = \"closed\" }",
        }
    );
    let settings = crate::config::parse(&text, None).map_err(|e| e.render(false)).expect("valid");
    settings.connections[0].clone()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
}

fn proven(manner: Manner, secret: &str, pairs: &[(&'static str, &str)], body: &[u8], at: Timestamp) -> bool {
    let headers = headers(pairs);
    manner.has_proof(&headers) && manner.is_proven(secret, Sent { headers: &headers, body, at })
}

fn signed<'a>(id: &'a str, time: &'a str, signature: &'a str) -> [(&'static str, &'a str); 3] {
    [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)]
}

/// The example of GitHub's documentation on validating webhook deliveries; the others sign the same way.
#[test]
fn a_signature_of_the_body_is_checked_as_the_platforms_make_it() {
    const SECRET: &str = "It's a Secret to Everybody";
    const RIGHT: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    for manner in [GITHUB, JIRA, BITBUCKET] {
        let header = manner.proofs[0];
        let proof = |signature: &str, body: &[u8]| proven(manner, SECRET, &[(header, signature)], body, THEN);
        assert!(proof(RIGHT, b"Hello, World!"));
        assert!(!proof(RIGHT, b"Hello, World?"));
        for wrong in [&RIGHT[7..], "sha256=", "sha256=zz", "sha1=757107ea", &RIGHT[..60], ""] {
            assert!(!proof(wrong, b"Hello, World!"), "{wrong}");
        }
        assert!(!proven(manner, "", &[(header, RIGHT)], b"Hello, World!", THEN));
    }
    let elsewhere = [("x-hub-signature", RIGHT)];
    assert!(!proven(GITHUB, SECRET, &elsewhere, b"Hello, World!", THEN), "GitHub's old header is no proof");
}

#[test]
fn gitlab_proves_itself_by_a_token_that_is_the_same_letter_by_letter() {
    let proof = |secret: &str, token: &str| proven(GITLAB, secret, &[("x-gitlab-token", token)], b"{}", THEN);
    assert!(proof("kept between us", "kept between us"));
    for wrong in ["", "kept between u", "kept between us ", "Kept between us", "kept between us, too"] {
        assert!(!proof("kept between us", wrong), "{wrong}");
    }
    assert!(!proof("", ""), "an empty secret is known to all");
    assert!(proof(TOKEN, TOKEN), "an instance that does not sign yet sends any secret as it is");
    let mut odd = HeaderMap::new();
    odd.insert("x-gitlab-token", HeaderValue::from_bytes("größer".as_bytes()).unwrap());
    assert!(GITLAB.is_proven("größer", Sent { headers: &odd, body: b"{}", at: THEN }));
}

/// The example of the Standard Webhooks libraries.
#[test]
fn gitlabs_signature_covers_id_time_and_body_and_does_not_last() {
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIME: &str = "1614265330";
    let proof = |pairs: &[(&'static str, &str)], body: &[u8], at| proven(GITLAB, TOKEN, pairs, body, at);
    let right = signed(ID, TIME, SIGNATURE);
    assert!(proof(&right, BODY, THEN));
    let several = format!("v1,AAAA v1a,g0hM {SIGNATURE}");
    assert!(proof(&signed(ID, TIME, &several), BODY, THEN), "while a token is replaced there are two");
    for at in [AGE_MS, -AGE_MS] {
        assert!(proof(&right, BODY, THEN.plus_ms(at)));
        assert!(!proof(&right, BODY, THEN.plus_ms(at + at.signum())), "{at} ms is too far");
    }
    assert!(!proof(&right, b"{}", THEN));
    for (id, time) in [("another", TIME), (ID, "1614265331"), (ID, "soon"), (ID, "9223372036854775807")] {
        assert!(!proof(&signed(id, time, SIGNATURE), BODY, THEN), "{id} {time}");
    }
    for wrong in ["", "v1,", "v1,g0hM", &SIGNATURE[3..], "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="] {
        assert!(!proof(&signed(ID, TIME, wrong), BODY, THEN), "{wrong}");
    }
    for missing in 0..2 {
        let some: Vec<_> = right.iter().enumerate().filter(|(n, _)| *n != missing).map(|(_, h)| *h).collect();
        assert!(!proof(&some, BODY, THEN), "{some:?}");
    }
    let [id, time, _] = right;
    let both = [id, time, ("webhook-signature", "v1,AAAA"), ("x-gitlab-token", TOKEN)];
    assert!(!proof(&both, BODY, THEN), "what carries a signature is held to it");
    let dotted = signed("a.b", TIME, SIGNATURE);
    assert!(!proof(&dotted, BODY, THEN));
}

#[test]
fn a_secret_that_signs_nothing_is_looked_for_in_the_token_beside_a_signature() {
    let both = [("webhook-signature", SIGNATURE), ("x-gitlab-token", "plain")];
    assert!(proven(GITLAB, "plain", &both, BODY, THEN));
    for no_key in ["plain", "whsec_", "whsec_not Base64!"] {
        assert!(!proven(GITLAB, no_key, &signed("id", "1614265330", SIGNATURE), BODY, THEN), "{no_key}");
    }
}

#[test]
fn a_delivery_has_the_id_that_stays_when_it_is_sent_again() {
    let id = |manner: Manner, pairs: &[(&'static str, &str)], body: &[u8]| {
        let headers = headers(pairs);
        manner.delivery(Sent { headers: &headers, body, at: THEN }).map(Cow::into_owned)
    };
    let all = [
        ("webhook-id", "signed"),
        ("idempotency-key", "key"),
        ("x-gitlab-event-uuid", "u"),
        ("x-gitlab-webhook-uuid", "w"),
    ];
    assert_eq!(id(GITLAB, &all, b"{}").as_deref(), Some("signed"));
    assert_eq!(id(GITLAB, &all[1..], b"{}").as_deref(), Some("key"));
    assert_eq!(id(GITLAB, &all[2..], b"{}"), id(GITLAB, &all[2..], b"{}"));
    assert_ne!(
        id(GITLAB, &all[2..], b"{}"),
        id(GITLAB, &all[2..], b"[]"),
        "two events of one request are two"
    );
    assert_eq!(id(GITLAB, &all[3..], b"{}"), None, "that one is new at each attempt");

    let jira = [("x-atlassian-webhook-identifier", "j"), ("x-atlassian-webhook-retry", "2")];
    assert_eq!(id(JIRA, &jira, b"{}").as_deref(), Some("j"));
    assert_eq!(id(JIRA, &[], b"{}"), id(JIRA, &[], b"{}"));
    assert_ne!(id(JIRA, &[], b"{}"), id(JIRA, &[], b"[]"));
    assert_eq!(id(JIRA, &[], b""), None);

    let bitbucket = [("x-request-uuid", "r"), ("x-hook-uuid", "h"), ("x-attempt-number", "2")];
    assert_eq!(id(BITBUCKET, &bitbucket, b"{}").as_deref(), Some("r"));
    assert_eq!(
        id(BITBUCKET, &bitbucket[1..], b"{}"),
        None,
        "the webhook's own id is the same for all it sends"
    );
    assert_eq!(id(GITHUB, &[("x-github-delivery", "g")], b"{}").as_deref(), Some("g"));
}

#[test]
fn only_what_can_change_the_board_is_a_concern() {
    let concern = |manner: Manner, pairs: &[(&'static str, &str)], body: &str| {
        let headers = headers(pairs);
        manner.concern(Sent { headers: &headers, body: body.as_bytes(), at: THEN })
    };
    assert_eq!(concern(GITLAB, &[("x-gitlab-event", "Note Hook")], ""), Some("Note Hook"));
    assert_eq!(concern(GITLAB, &[("x-gitlab-event", "Push Hook")], ""), None);
    assert_eq!(
        concern(BITBUCKET, &[("x-event-key", "pullrequest:fulfilled")], ""),
        Some("pullrequest:fulfilled")
    );
    assert_eq!(concern(BITBUCKET, &[("x-event-key", "repo:push")], ""), None);
    assert_eq!(concern(GITHUB, &[("x-github-event", "projects_v2_item")], ""), None);
    for body in [
        r#"{"timestamp": 1, "webhookEvent": "comment_created", "comment": {}}"#,
        r#"{"webhookEvent": "comment\u005fcreated"}"#,
    ] {
        assert_eq!(concern(JIRA, &[], body), Some("comment_created"), "{body}");
    }
    for body in
        ["", "{}", "[]", "comment_created", r#"{"webhookEvent": 1}"#, r#"{"webhookEvent": "sprint_started"}"#]
    {
        assert_eq!(concern(JIRA, &[], body), None, "{body}");
    }
}

#[test]
fn each_connection_has_the_manner_of_its_platform() {
    let listens =
        |platform, place, event: &str| Manner::of(&connection(platform, place)).events.contains(&event);
    assert!(listens("github", "repository = \"octo/app\"", "issues"));
    assert!(!listens("github", "repository = \"octo/app\"", "projects_v2_item"));
    let project = "repository = \"octo/app\"\nproject = \"orgs/octo/projects/3\"";
    assert!(listens("github", project, "projects_v2_item") && listens("github", project, "issues"));
    assert!(listens("gitlab", "project = \"octo/app\"", "Issue Hook"));
    assert!(listens("jira", "project = \"ABC\"", "jira:issue_updated"));
    assert!(listens("bitbucket", "repository = \"team/app\"", "pullrequest:updated"));
}
