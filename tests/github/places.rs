//! Looking: at the connection, at one issue wherever it went, at what the repository offers; and being told to wait.

use std::sync::Arc;
use std::time::Duration;

use corkboard::connector::github::{GithubConnector, GithubOptions, OVERLAP};
use corkboard::connector::http::{Credential, Gates, GatesOptions, Limits, loopback_client};
use corkboard::connector::{Connector, Cursor, Fetched};
use corkboard::sandbox::{
    ADMIN_TOKEN, ARCHIVED_REPO, EXPIRED_TOKEN, FINE_GRAINED_TOKEN, FORMER_NAME, NO_ISSUES_REPO, NONE_TOKEN,
    OTHER_REPO, READ_TOKEN, Sandbox, SandboxOptions, WRITE_TOKEN,
};
use corkboard::support::clock::SystemClock;
use corkboard::sync::retry::Class;
use secrecy::SecretString;

use crate::desk::{self, Desk, REPO, desk, draft};

async fn as_(token: &str, repo: &str) -> Desk {
    let (sandbox, clock) = desk::sandbox(5).await;
    desk::at(sandbox, clock, token, repo, false)
}

#[tokio::test]
async fn the_probe_tells_who_and_what() {
    let probe = as_(WRITE_TOKEN, REPO).await.github.probe().await.unwrap();
    assert_eq!((probe.login.as_str(), probe.repository.as_str()), ("ben", REPO));
    assert!(probe.can_write && probe.has_issues && !probe.archived);
    assert_eq!(probe.scopes, Some(vec!["repo".to_owned()]));
    assert!(probe.expires_at.is_some_and(|t| t > desk::START));
    assert!(probe.clock_offset_ms.abs() <= 1_000, "{}", probe.clock_offset_ms);
    assert!(!as_(READ_TOKEN, REPO).await.github.probe().await.unwrap().can_write);
    assert_eq!(as_(FINE_GRAINED_TOKEN, REPO).await.github.probe().await.unwrap().scopes, None);
    assert!(as_(ADMIN_TOKEN, ARCHIVED_REPO).await.github.probe().await.unwrap().archived);
    assert!(!as_(ADMIN_TOKEN, NO_ISSUES_REPO).await.github.probe().await.unwrap().has_issues);
    assert_eq!(as_(ADMIN_TOKEN, FORMER_NAME).await.github.probe().await.unwrap().repository, REPO);
}

#[tokio::test]
async fn each_trouble_with_the_connection_has_its_own_cure() {
    let cures = [
        (EXPIRED_TOKEN, REPO, "token"),
        (NONE_TOKEN, REPO, "no such repository, or the token cannot see it: octo/app"),
        (ADMIN_TOKEN, "octo/typo", "no such repository, or the token cannot see it: octo/typo"),
        (ADMIN_TOKEN, NO_ISSUES_REPO, "switched off"),
    ];
    for (token, repo, cure) in cures {
        let desk = as_(token, repo).await;
        let failure = desk::pull(&desk.github, &Cursor::default()).await.expect_err(cure);
        assert_eq!(failure.class, Class::Configuration, "{failure}");
        assert!(failure.help.as_deref().is_some_and(|h| h.contains(cure)), "{failure:?}");
    }
    let writes = [(FINE_GRAINED_TOKEN, REPO, "permission"), (ADMIN_TOKEN, ARCHIVED_REPO, "archived")];
    for (token, repo, cure) in writes {
        let failure = as_(token, repo).await.tracker().create(&draft("x")).await.expect_err(cure);
        assert_eq!(failure.class, Class::Configuration, "{failure}");
        assert!(failure.help.as_deref().is_some_and(|h| h.contains(cure)), "{failure:?}");
    }
}

#[tokio::test]
async fn an_issue_is_followed_wherever_it_went() {
    let desk = desk(6).await;
    let web = desk.sandbox.web("ana");
    let numbers: Vec<u64> = desk.truth().into_keys().collect();
    let (gone, away, there) = (desk.address(numbers[0]), desk.address(numbers[1]), desk.address(numbers[2]));
    web.delete(REPO, gone.number).unwrap();
    let new_number = web.transfer(REPO, away.number, OTHER_REPO).unwrap();
    assert_eq!(desk.tracker().fetch(&gone).await.unwrap(), Fetched::Deleted);
    let Fetched::Item(moved) = desk.tracker().fetch(&away).await.unwrap() else {
        panic!("it was transferred")
    };
    assert_eq!((moved.at.repository.as_str(), moved.at.number), (OTHER_REPO, new_number));
    let mut never = there.clone();
    never.number = 9_999;
    assert_eq!(desk.tracker().fetch(&never).await.unwrap(), Fetched::Hidden);
    let mut another = there.clone();
    another.id = "1".into();
    assert_eq!(
        desk.tracker().fetch(&another).await.unwrap(),
        Fetched::Hidden,
        "the number is another issue's now"
    );
    let Fetched::Item(same) = desk.tracker().fetch(&there).await.unwrap() else { panic!("it is there") };
    assert_eq!(same.at, there);
    let patch = corkboard::connector::Patch { title: Some("x".into()), ..Default::default() };
    let stale = corkboard::connector::RemoteItem { at: away, ..*moved.clone() };
    let failure = desk.tracker().update(&stale, &patch).await.expect_err("it moved");
    assert_eq!(failure.class, Class::Conflict, "{failure:?}");
    assert_eq!(desk.tracker().update(&moved, &patch).await.unwrap().title, "x");
}

#[tokio::test]
async fn offers_are_complete() {
    let desk = desk(5).await;
    for n in 0..120 {
        desk.sandbox.web("ana").create_label(REPO, &format!("label {n}"), "ededed").unwrap();
    }
    let offers = desk.tracker().offers().await.unwrap();
    let mut want = desk.sandbox.labels(REPO);
    let mut got = offers.labels;
    want.sort();
    got.sort();
    assert_eq!(got, want);
    assert!(!offers.milestones.is_empty() && offers.milestones.iter().all(|m| m.open));
    assert!(offers.assignable.contains(&"ben".to_owned()));
}

#[tokio::test]
async fn a_limit_stops_every_request_until_it_ends() {
    for fault in ["429(retry-after=90s)", "403-secondary(retry-after=90s)", "403-primary(reset=89s)"] {
        let desk = desk(5).await;
        desk.faults(&format!("GET * count=1 {fault}"));
        let failure = desk::pull(&desk.github, &Cursor::default()).await.expect_err(fault);
        assert_eq!(
            (failure.class, failure.retry_after_ms),
            (Class::Transient, Some(90_000)),
            "{fault}: {failure:?}"
        );
        desk.asked();
        desk.clock.advance(80_000);
        let failure = desk.tracker().create(&draft("x")).await.expect_err(fault);
        assert_eq!(failure.retry_after_ms, Some(10_000), "{fault}");
        assert!(desk.asked().is_empty(), "{fault}: nothing is sent while it lasts");
        desk.clock.advance(11_000);
        assert!(desk.tracker().create(&draft("x")).await.is_ok(), "{fault}");
    }
}

#[tokio::test]
async fn row_09_writes_that_come_together_go_out_one_by_one_and_in_time() {
    let gap = Duration::from_millis(40);
    let options = SandboxOptions { secondary_gap: Some(gap), ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let api_url: url::Url = sandbox.url().parse().unwrap();
    let client = loopback_client().unwrap();
    let gates = Gates::new(GatesOptions {
        client,
        clock: Arc::new(SystemClock),
        read_only: false,
        limits: Limits::none(),
    });
    let credential = Credential::bearer(&SecretString::from(ADMIN_TOKEN));
    let connector = || {
        let port = gates.gate(&api_url, &credential, gap).port(Arc::new(|_| {}));
        let (api_url, repository) = (api_url.clone(), REPO.to_owned());
        GithubConnector::new(GithubOptions { api_url, repository, project: None, port, overlap: OVERLAP })
            .unwrap()
    };
    // Two connections with one token share its lane.
    let (one, other) = (connector(), connector());
    let drafts: Vec<_> = (0..6).map(|n| draft(&format!("{n}"))).collect();
    let creates = drafts.iter().enumerate().map(|(n, draft)| {
        let from = if n % 2 == 0 { &one } else { &other };
        from.tracker().unwrap().create(draft)
    });
    for made in futures::future::join_all(creates).await {
        made.unwrap();
    }
    assert_eq!(sandbox.issues(REPO).len(), 6);
}

#[tokio::test]
async fn every_exchange_is_reported_and_none_names_the_token() {
    let desk = desk(5).await;
    desk.pull(&Cursor::default()).await;
    desk.tracker().create(&draft("x")).await.unwrap();
    let seen = Arc::clone(&desk.exchanges).lock().unwrap().clone();
    assert_eq!(seen.len(), desk.asked().len());
    assert!(seen.iter().all(|e| e.rate.is_some_and(|r| r.limit == 5_000) && e.request_id.is_some()));
    assert!(!format!("{seen:?} {:?}", desk.github).contains(ADMIN_TOKEN));
}
