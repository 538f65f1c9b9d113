//! Answers as no GitHub should give them, through every parser of the connector: no panic, nothing unbounded, nothing
//! that a terminal acts on. `PROPTEST_CASES` raises the number of cases.

mod hostile;
pub(super) mod shapes;

use std::sync::Arc;

use proptest::prelude::*;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use uuid::Uuid;

use super::classify::classify;
use super::client::element;
use super::*;
use crate::connector::http::{Credential, Gates, GatesOptions, Limits, Reply, WORDS_MAX};
use crate::connector::reading;
use crate::domain::fields::canonical_body;
use crate::domain::mapping::StatusMapping;
use crate::support::clock::ManualClock;
use crate::support::text::is_unsafe;

const TOKEN: &str = "ghp_very_secret_0123456789";

/// A connector at `api`, with a gate of its own.
pub(super) fn connector(api: &str, client: reqwest::Client) -> GithubConnector {
    let api_url: Url = api.parse().expect("an address");
    let clock = Arc::new(ManualClock::new(Timestamp(1_795_262_400_000)));
    let gates = Gates::new(GatesOptions { client, clock, read_only: false, limits: Limits::none() });
    let credential = Credential::bearer(&SecretString::from(TOKEN));
    let port = gates.gate(&api_url, &credential, Duration::ZERO).port(Arc::new(|_| {}));
    let options = GithubOptions { api_url, repository: "o/r".into(), project: None, port, overlap: OVERLAP };
    GithubConnector::new(options).expect("a connector")
}

pub(super) fn reply(status: u16, head: &[(String, Vec<u8>)], body: Vec<u8>, mutation: bool) -> Reply {
    let read =
        |(n, v): &(String, Vec<u8>)| Some((n.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(v).ok()?));
    Reply {
        status: StatusCode::from_u16(status).expect("a status"),
        headers: head.iter().filter_map(read).collect::<HeaderMap>(),
        body,
        url: "https://api.github.com/repos/o/r/issues".parse().expect("an address"),
        mutation,
        retry_after_ms: None,
    }
}

/// Words that are shown to a person.
pub(super) fn fit_to_show(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.chars().count() <= WORDS_MAX, "{} characters", text.chars().count());
    prop_assert!(!text.chars().any(is_unsafe), "{text:?}");
    prop_assert!(!text.contains(TOKEN));
    Ok(())
}

/// What must hold of every item that was understood.
pub(super) fn a_sound_item(item: &RemoteItem) -> Result<(), TestCaseError> {
    prop_assert!(item.at.number <= reading::NUMBER_MAX, "{}", item.at.number);
    prop_assert_eq!(canonical_body(&item.body), item.body.clone());
    let kept = serde_json::to_string(item).expect("it can be kept");
    prop_assert_eq!(serde_json::from_str::<RemoteItem>(&kept).expect("and read"), item.clone());
    let _ = item.fields(&StatusMapping::default());
    Ok(())
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(2_000))]

    #[test]
    fn any_shape_of_an_answer_is_understood_or_refused_by_name(value in shapes::mutated()) {
        if let Ok(issue) = element::<wire::Issue>(value.clone()) {
            let _ = issue.stub();
            a_sound_item(&map::item(issue, "o/r"))?;
        }
        if let Ok(comment) = element::<wire::Comment>(value.clone()) {
            prop_assert!(!map::comment(comment).0.id.is_empty());
        }
        if let Ok(milestone) = element::<wire::Milestone>(value.clone()) {
            let _ = map::milestone(milestone);
        }
        for why in [
            element::<wire::Event>(value.clone()).err(),
            element::<wire::Stub>(value.clone()).err(),
            element::<wire::User>(value.clone()).err(),
            element::<wire::Named>(value.clone()).err(),
            element::<octocrab::models::Repository>(value).err(),
        ].into_iter().flatten() {
            prop_assert!(why.chars().count() <= 200 && !why.chars().any(is_unsafe), "{why:?}");
        }
    }

    #[test]
    fn any_refusal_is_classified_in_words_fit_to_show(
        status in prop::sample::select(vec![300, 301, 304, 400, 401, 403, 404, 408, 409, 410, 413, 418, 422, 429, 451, 500, 502, 503, 504, 599_u16]),
        head in shapes::headers(),
        body in shapes::bytes(),
        mutation in any::<bool>(),
        about in prop::sample::select(vec![About::Container, About::NewItem, About::Item]),
    ) {
        let credential = Credential::bearer(&SecretString::from(TOKEN));
        let got = classify(&reply(status, &head, body, mutation), about, "o/r", &|text| credential.words(text)).failure;
        fit_to_show(&got.message)?;
        prop_assert_eq!(got.status, Some(status));
        let unsure = mutation && (status >= 500 || status == 408);
        prop_assert_eq!(got.outcome == crate::connector::Outcome::Unknown, unsure);
    }

    #[test]
    fn a_marker_comes_off_any_body_it_was_put_on(body in shapes::text(), id in any::<u128>()) {
        let marker = Uuid::from_u128(id);
        let (back, found) = map::split_marker(&map::with_marker(&body, marker));
        prop_assert_eq!(found, Some(marker));
        let canonical = canonical_body(&body);
        prop_assert_eq!(back.trim(), canonical.trim());
    }

    #[test]
    fn any_body_is_split_into_text_and_at_most_one_marker(body in shapes::text()) {
        let (text, marker) = map::split_marker(&body);
        prop_assert_eq!(canonical_body(&text), text.clone(), "in canonical form");
        prop_assert!(text.len() <= body.len());
        if marker.is_none() {
            prop_assert_eq!(text, canonical_body(&body), "nothing else is taken away");
        }
    }

    #[test]
    fn the_canonical_form_of_a_canonical_body_is_itself(body in shapes::text()) {
        let once = canonical_body(&body);
        prop_assert_eq!(canonical_body(&once), once.clone());
        prop_assert!(!once.contains('\r'));
    }
}
