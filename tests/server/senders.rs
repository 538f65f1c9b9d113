//! How GitLab, Jira and Bitbucket send webhooks, and a board that is connected to one of them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use corkboard::config::settings::{ConnectionSettings, Mode, Platform};
use corkboard::domain::ConnectionName;
use corkboard::domain::mapping::{OpenState, Status, StatusMapping, Target};
use corkboard::sandbox::{BITBUCKET_REPO, Sandbox, Seed};
use corkboard::support::clock::{Clock as _, SystemClock, Timestamp};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::desk::{Desk, sign};
use crate::stage::{REPO, Stage};

/// The token of the examples of Standard Webhooks, with which a GitLab signs.
const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Another one of its kind.
const OTHER_SIGNING: &str = "whsec_AAAAr8GKYqrTwjUPD8ILPZIo2LaLaSwA";

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A GitLab that sends its secret token.
    Gitlab,
    /// A GitLab that signs.
    GitlabSigning,
    Jira,
    Bitbucket,
}

/// What is sent, before anybody proved anything.
pub struct Delivery {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Sender {
    pub const ALL: [Self; 4] = [Self::Gitlab, Self::GitlabSigning, Self::Jira, Self::Bitbucket];

    pub fn secret(self) -> &'static str {
        match self {
            Self::GitlabSigning => SIGNING,
            _ => "what-only-we-and-they-know",
        }
    }

    pub fn wrong_secret(self) -> &'static str {
        match self {
            Self::GitlabSigning => OTHER_SIGNING,
            _ => "what-somebody-guessed",
        }
    }

    /// Events that concern a board.
    pub fn events(self) -> &'static [&'static str] {
        match self {
            Self::Gitlab | Self::GitlabSigning => &[
                "Issue Hook",
                "Confidential Issue Hook",
                "Note Hook",
                "Merge Request Hook",
                "Milestone Hook",
            ],
            Self::Jira => {
                &["jira:issue_updated", "jira:issue_created", "jira:issue_deleted", "comment_created"]
            }
            Self::Bitbucket => &["pullrequest:updated", "pullrequest:created", "pullrequest:comment_created"],
        }
    }

    /// Events that do not, tests of the way among them.
    pub fn other_events(self) -> &'static [&'static str] {
        match self {
            Self::Gitlab | Self::GitlabSigning => &["Push Hook", "Tag Push Hook", "Pipeline Hook"],
            Self::Jira => &["sprint_started", "worklog_created", "diagnostics:ping"],
            Self::Bitbucket => &["repo:push", "repo:commit_status_updated", "diagnostics:ping"],
        }
    }

    /// A delivery without a proof.
    pub fn unproven(self, id: &str, event: &str) -> Delivery {
        let (headers, body) = match self {
            Self::Gitlab => {
                let headers = vec![
                    ("x-gitlab-event", event.to_owned()),
                    ("idempotency-key", id.to_owned()),
                    ("x-gitlab-event-uuid", "13792a34-cac6-4fda-95a8-c58e00a3954e".to_owned()),
                ];
                (headers, r#"{"object_kind":"issue"}"#.to_owned())
            }
            Self::GitlabSigning => {
                let headers = vec![("x-gitlab-event", event.to_owned()), ("webhook-id", id.to_owned())];
                (headers, r#"{"object_kind":"issue"}"#.to_owned())
            }
            Self::Jira => {
                let headers = vec![
                    ("x-atlassian-webhook-identifier", id.to_owned()),
                    ("x-atlassian-webhook-flow", "Primary".to_owned()),
                ];
                (headers, format!(r#"{{"timestamp":1763716429000,"webhookEvent":"{event}"}}"#))
            }
            Self::Bitbucket => {
                let headers = vec![
                    ("x-event-key", event.to_owned()),
                    ("x-request-uuid", id.to_owned()),
                    ("x-hook-uuid", "a3d0b6f2-5d1e-4c63-8f0a-000000000001".to_owned()),
                ];
                (headers, r#"{"pullrequest":{"id":1}}"#.to_owned())
            }
        };
        Delivery { headers, body: body.into_bytes() }
    }

    /// What proves that whoever knows `secret` sent it at `at`.
    pub fn proof(self, secret: &str, id: &str, body: &[u8], at: Timestamp) -> Vec<(&'static str, String)> {
        match self {
            Self::Gitlab => vec![("x-gitlab-token", secret.to_owned())],
            Self::GitlabSigning => {
                let time = (at.0 / 1_000).to_string();
                let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a token")).expect("a key");
                let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
                mac.update(format!("{id}.{time}.").as_bytes());
                mac.update(body);
                let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
                vec![("webhook-timestamp", time), ("webhook-signature", signature)]
            }
            Self::Jira | Self::Bitbucket => vec![("x-hub-signature", sign(secret, body))],
        }
    }

    /// Sends it as the platform does, now.
    pub async fn deliver(self, desk: &Desk, id: &str, event: &str, secret: &str) -> (u16, serde_json::Value) {
        let mut delivery = self.unproven(id, event);
        delivery.headers.extend(self.proof(secret, id, &delivery.body, SystemClock.now()));
        delivery.send(desk).await
    }

    /// A board that has pulled the one item there is, and that only a hint makes look again.
    pub async fn desk(self) -> Desk {
        let mut stage = Stage::new(Seed::Count(0)).await;
        let sandbox = &stage.sandbox;
        match self {
            Self::Gitlab | Self::GitlabSigning => {
                sandbox.gitlab().create_issue(REPO, "item 1", "").expect("made");
            }
            Self::Jira => assert_eq!(sandbox.jira().create_issue("ana", "item 1"), "ABC-1"),
            Self::Bitbucket => {
                sandbox.bitbucket().create(BITBUCKET_REPO, "item 1", "", false).expect("made");
            }
        }
        let connection = self.connection(&stage.settings.connections[0], sandbox.url());
        stage.settings.connections = vec![connection];
        Desk::on(stage, self.secret()).await
    }

    /// Somebody gives the item another title at the platform's web pages.
    pub fn retitle(self, sandbox: &Sandbox, title: &str) {
        match self {
            Self::Gitlab | Self::GitlabSigning => {
                sandbox.gitlab().set_title(REPO, 1, title).expect("edited");
            }
            Self::Jira => assert!(sandbox.jira().set_summary("ABC-1", title)),
            Self::Bitbucket => sandbox.bitbucket().set_title(BITBUCKET_REPO, 1, title).expect("edited"),
        }
    }

    /// How often the board asked for the list of items.
    pub fn looks(self, sandbox: &Sandbox) -> usize {
        let list = match self {
            Self::Gitlab | Self::GitlabSigning => "/issues?",
            Self::Jira => "/search",
            Self::Bitbucket => "/pullrequests?",
        };
        sandbox.requests().iter().filter(|r| r.method == "GET" && r.path.contains(list)).count()
    }

    fn connection(self, like: &ConnectionSettings, url: &str) -> ConnectionSettings {
        let named = |s: &str| Target { status: Some(s.to_owned()), ..Target::default() };
        let state = |s| Target { state: Some(s), ..Target::default() };
        let (platform, place, base, first, last) = match self {
            Self::Gitlab | Self::GitlabSigning => {
                (Platform::Gitlab, REPO, "gitlab", state(OpenState::Open), state(OpenState::Closed))
            }
            Self::Jira => (Platform::Jira, "ABC", "jira", named("To Do"), named("Done")),
            Self::Bitbucket => {
                (Platform::Bitbucket, BITBUCKET_REPO, "bitbucket/2.0", named("OPEN"), named("MERGED"))
            }
        };
        let targets: indexmap::IndexMap<Status, Target> =
            [(Status::new("proposed"), first), (Status::new("completed"), last)].into_iter().collect();
        ConnectionSettings {
            name: ConnectionName::new("abroad"),
            platform,
            repository: place.into(),
            user: (platform != Platform::Gitlab).then(|| "ben@example.com".to_owned()),
            api_url: format!("{url}/{base}").parse().expect("an address"),
            mode: Mode::Interval,
            interval: Duration::from_hours(1),
            mapping: StatusMapping::new(targets.keys(), &targets),
            targets,
            ..like.clone()
        }
    }
}

impl Delivery {
    pub async fn send(&self, desk: &Desk) -> (u16, serde_json::Value) {
        self.send_to(desk, "abroad").await
    }

    pub async fn send_to(&self, desk: &Desk, name: &str) -> (u16, serde_json::Value) {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
        desk.send(name, &self.body, &headers).await
    }
}
