//! `corkboard doctor` on every platform in every trouble: the real program against a simulated platform that is set up so.
//! It names the trouble, the connection and what to do; scripts find the same as data.

#[path = "doctor/certificates.rs"]
mod certificates;
#[path = "doctor/scene.rs"]
mod scene;
#[path = "doctor/table.rs"]
mod table;
#[path = "doctor/wires.rs"]
mod wires;

use corkboard::connector::Trouble;
use corkboard::sandbox::{
    ARCHIVED_REPO, BITBUCKET_REPO, DEMO_REPO, EXPIRED_TOKEN, FINE_GRAINED_TOKEN, METADATA_TOKEN,
    NO_ISSUES_REPO, PROJECT_READER_TOKEN, READ_PROJECT_TOKEN, READ_TOKEN, SCOPELESS_TOKEN, TRIAGE_TOKEN,
};

use crate::places::On;
use scene::{Case, Scene, case, note};

const ROAD: &str = "orgs/octo/projects/3";

/// Runs every case and says which of them were not told as they should be.
async fn told(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(case.run().await.err());
    }
    assert!(!cases.is_empty());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn all(trouble: Trouble) -> Vec<Case> {
    match trouble {
        Trouble::Token => tokens(),
        Trouble::Scope => scopes(),
        Trouble::Permission => permissions(),
        Trouble::Host => wires::hosts(),
        Trouble::Place => places(),
        Trouble::Disabled => disabled(),
        Trouble::Archived => archived(),
        Trouble::Clock => clocks(),
        Trouble::Proxy => wires::proxies(),
        Trouble::Tls => wires::tls(),
        Trouble::Version => versions(),
    }
}

/// Where a trouble makes no sense, and why.
const NOWHERE: [(Trouble, On, &str); 4] = [
    (Trouble::Disabled, On::Jira, "a project has no such switch"),
    (Trouble::Disabled, On::Bitbucket, "pull requests cannot be switched off, and there are no issues"),
    (Trouble::Archived, On::Bitbucket, "its API tells of none"),
    (Trouble::Version, On::Bitbucket, "there is one Bitbucket Cloud"),
];

fn tokens() -> Vec<Case> {
    let mut out = Vec::new();
    for on in On::ALL {
        let refused = |s: &mut Scene| s.token = EXPIRED_TOKEN.into();
        out.push(case(
            on,
            Trouble::Token,
            refused,
            "answered 401",
            "the token is wrong, expired or revoked",
            "401",
        ));
        let none = |s: &mut Scene| s.token = String::new();
        out.push(case(on, Trouble::Token, none, "CORKBOARD_TEST_TOKEN", "`token`", "none found"));
    }
    let cloud_alone = |s: &mut Scene| {
        s.replace("user = \"ben@example.com\"\n", "");
        s.sandbox.jira().set_cloud_alone();
    };
    out.push(case(
        On::Jira,
        Trouble::Token,
        cloud_alone,
        "this is Jira Cloud",
        "set `user`",
        "a Cloud token without `user`",
    ));
    out
}

fn scopes() -> Vec<Case> {
    let token = |token: &'static str| move |s: &mut Scene| s.token = token.into();
    let scope = |on, t, told, help, doc| case(on, Trouble::Scope, token(t), told, help, doc);
    let gateway = |s: &mut Scene| {
        s.token = SCOPELESS_TOKEN.into();
        s.replace("/jira\"", "/jira/ex/jira/11111111-2222-4333-8444-555555555555\"");
    };
    vec![
        scope(
            On::Github,
            SCOPELESS_TOKEN,
            "answered 404",
            "gist, read:user, and a private repository",
            "a classic token's scopes",
        ),
        scope(
            On::Github,
            METADATA_TOKEN,
            "answered 403",
            "needs the permission issues=read",
            "a fine-grained token's permissions, as a refusal names them",
        ),
        scope(
            On::Project,
            READ_PROJECT_TOKEN,
            "no card of orgs/octo/projects/3 can be moved",
            "give it the scope `project`",
            "`read:project` alone",
        ),
        scope(
            On::Project,
            TRIAGE_TOKEN,
            "has not been granted the required scopes",
            "`repo` and `project`",
            "none for projects",
        ),
        scope(
            On::Gitlab,
            FINE_GRAINED_TOKEN,
            "has read_api: nothing can be written",
            "scope `api`",
            "`read_api` alone",
        ),
        scope(
            On::Gitlab,
            SCOPELESS_TOKEN,
            "insufficient_scope",
            "the token has read_user; it needs the scope `api`",
            "neither `api` nor `read_api`",
        ),
        case(
            On::Jira,
            Trouble::Scope,
            gateway,
            "scope does not match",
            "read:jira-work",
            "the gateway's words",
        ),
        scope(
            On::Bitbucket,
            FINE_GRAINED_TOKEN,
            "pull requests cannot be written",
            "write:pullrequest:bitbucket",
            "the token's scopes, and those a refusal asks for",
        ),
    ]
}

fn permissions() -> Vec<Case> {
    let p = Trouble::Permission;
    let token = |token: &'static str| move |s: &mut Scene| s.token = token.into();
    let deny = |key: &'static str| move |s: &mut Scene| s.sandbox.jira().deny(key);
    vec![
        case(On::Github, p, token(READ_TOKEN), "dee may only read in octo/app", "the role Write", "the role"),
        note(
            On::Github,
            p,
            token(TRIAGE_TOKEN),
            "cy has the role Triage",
            "the role Write",
            "Triage, as a note",
        ),
        case(
            On::Project,
            p,
            token(PROJECT_READER_TOKEN),
            "may only read the project",
            "Manage access",
            "the project's role, and the repository's",
        ),
        case(
            On::Gitlab,
            p,
            token(READ_TOKEN),
            "dee is a Guest of octo/app (access level 10)",
            "the role Planner",
            "the access level",
        ),
        case(
            On::Jira,
            p,
            token(READ_TOKEN),
            "EDIT_ISSUES (Edit Issues)",
            "permission scheme of ABC",
            "each by its name, such as `EDIT_ISSUES`",
        ),
        case(
            On::Jira,
            p,
            deny("TRANSITION_ISSUES"),
            "TRANSITION_ISSUES (Transition Issues), by which cards are moved",
            "permission scheme",
            "`TRANSITION_ISSUES`",
        ),
        note(
            On::Jira,
            p,
            deny("ADD_COMMENTS"),
            "ADD_COMMENTS (Add Comments)",
            "permission scheme",
            "`ADD_COMMENTS`, as a note",
        ),
        case(
            On::Bitbucket,
            p,
            token(TRIAGE_TOKEN),
            "cy may only read in team/app",
            "write access to team/app",
            "the role in the repository",
        ),
    ]
}

fn places() -> Vec<Case> {
    let instead = |from: &'static str, to: &'static str| move |s: &mut Scene| s.replace(from, to);
    let place = |on, from, to, told, help, doc| case(on, Trouble::Place, instead(from, to), told, help, doc);
    vec![
        place(On::Github, DEMO_REPO, "octo/nowhere", "answered 404", "no such repository", "the repository"),
        place(
            On::Project,
            "projects/3",
            "projects/99",
            "Could not resolve to a ProjectV2",
            "no such project",
            "the project",
        ),
        place(On::Gitlab, DEMO_REPO, "octo/nowhere", "answered 404", "no such project", "the project"),
        place(On::Jira, "\"ABC\"", "\"NOPE\"", "answered 404", "no project NOPE here", "the project"),
        place(
            On::Bitbucket,
            BITBUCKET_REPO,
            "team/nowhere",
            "answered 404",
            "no such repository",
            "the repository",
        ),
    ]
}

fn disabled() -> Vec<Case> {
    let other = |s: &mut Scene| s.replace(DEMO_REPO, NO_ISSUES_REPO);
    let off = |s: &mut Scene| s.sandbox.gitlab().set_issues_enabled(DEMO_REPO, false).expect("there");
    let words = ("has issues switched off", "switch issues on in the settings");
    vec![
        case(On::Github, Trouble::Disabled, other, words.0, words.1, "in the repository"),
        case(On::Project, Trouble::Disabled, other, words.0, words.1, "in the repository"),
        case(On::Gitlab, Trouble::Disabled, off, words.0, words.1, "in the project"),
    ]
}

fn archived() -> Vec<Case> {
    let other = |s: &mut Scene| s.replace(DEMO_REPO, ARCHIVED_REPO);
    let closed = |s: &mut Scene| assert!(s.sandbox.web("ana").close_project(ROAD, true));
    let gitlab = |s: &mut Scene| s.sandbox.gitlab().set_archived(DEMO_REPO, true).expect("there");
    let jira = |s: &mut Scene| s.sandbox.jira().archive("ABC");
    let (told, help) = ("is archived: nothing can be written", "direction = \"pull\"");
    vec![
        case(On::Github, Trouble::Archived, other, told, help, "the repository"),
        case(
            On::Project,
            Trouble::Archived,
            closed,
            "is closed",
            "reopen it",
            "a project that is closed; the repository",
        ),
        case(On::Project, Trouble::Archived, other, told, help, ""),
        case(On::Gitlab, Trouble::Archived, gitlab, told, help, "the project"),
        case(On::Jira, Trouble::Archived, jira, told, help, "the project"),
    ]
}

fn clocks() -> Vec<Case> {
    let late = |s: &mut Scene| s.clock.advance(600_000);
    let doc = "30 s and more, as a note";
    let on = |on| note(on, Trouble::Clock, late, "this machine's clock is", "set it", doc);
    On::ALL.into_iter().map(on).collect()
}

fn versions() -> Vec<Case> {
    let enterprise = |s: &mut Scene| {
        s.sandbox.set_enterprise_version("3.8.14");
        let base = s.sandbox.url().to_owned();
        s.replace(&format!("{base}\""), &format!("{base}/api/v3\""));
    };
    let gitlab = |s: &mut Scene| s.sandbox.gitlab().set_version("15.11.3");
    let center = |s: &mut Scene| {
        s.replace("user = \"ben@example.com\"\n", "");
        s.sandbox.jira().set_server_version([8, 13, 0]);
    };
    let v = Trouble::Version;
    let (told, help) = ("GitHub Enterprise Server 3.8.14", "3.9 or later");
    vec![
        case(On::Github, v, enterprise, told, help, "Enterprise Server before 3.9"),
        case(On::Project, v, enterprise, told, help, "Enterprise Server before 3.9"),
        case(On::Gitlab, v, gitlab, "GitLab 15.11.3", "16.7 or later", "before 16.7"),
        case(On::Jira, v, center, "this Jira is 8.13.0", "8.14 or newer", "Data Center before 8.14"),
    ]
}

macro_rules! troubles {
    ($($name:ident => $trouble:ident),* $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            told(all(Trouble::$trouble)).await;
        }
    )*};
}

troubles! {
    a_wrong_token_is_told_on_every_platform => Token,
    a_missing_scope_is_told_on_every_platform => Scope,
    a_missing_permission_is_told_on_every_platform => Permission,
    a_wrong_host_is_told_on_every_platform => Host,
    a_place_that_is_not_there_is_told_on_every_platform => Place,
    issues_that_are_switched_off_are_told => Disabled,
    what_is_archived_is_told => Archived,
    a_clock_that_is_wrong_is_told_on_every_platform => Clock,
    a_proxy_that_fails_is_told_on_every_platform => Proxy,
    tls_that_fails_is_told_on_every_platform => Tls,
    a_version_that_is_too_old_is_told => Version,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_well_is_told_nothing() {
    for on in On::ALL {
        let scene = Scene::new(on).await;
        let (code, report) = scene.doctor();
        assert_eq!(code, 0, "{on:?}: {report:#}");
        let checks = report["connections"][0]["checks"].as_array().expect("a list");
        let troubled: Vec<_> = checks.iter().filter(|c| !c["trouble"].is_null()).collect();
        assert!(troubled.is_empty(), "{on:?}: {troubled:?}");
        assert!(scene.mutations().is_empty(), "it only reads");
    }
}
