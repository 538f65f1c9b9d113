//! GitLab's further fields: due date, weight, time, confidentiality, epics, and what a plan or a role does not allow.

use corkboard::connector::{Holds, Outcome, Patch, Scope};
use corkboard::domain::fields::Value;
use corkboard::sandbox::READ_TOKEN;
use corkboard::sync::Class;

use super::*;
use crate::further::Further;

impl Gitlab {
    /// A connector whose rules name these fields.
    pub fn named(&self, token: &str, names: &[&str]) -> Arc<dyn Connector> {
        let api_url: url::Url = format!("{}/gitlab", self.sandbox.url()).parse().unwrap();
        let port = desk::port(&api_url, &self.clock, &Credential::bearer(&SecretString::from(token)));
        let options = GitlabOptions { api_url, project: PROJECT.into(), port };
        let names = names.iter().map(|&n| n.to_owned()).collect();
        Arc::new(GitlabConnector::new(options).unwrap().with_further(names))
    }
}

impl Further for Gitlab {
    const PLAIN: (&'static str, &'static str, &'static str) = ("due_date", "2026-12-01", "2027-01-31");
    const CHOICE: (&'static str, &'static str, &'static str) = ("confidential", "true", "perhaps");
    // GitLab tells every field with every issue.
    const TRACES: &'static [&'static str] = &[];

    fn with_fields(&self, names: &[&str]) -> Arc<dyn Connector> {
        self.named(WRITE_TOKEN, names)
    }

    fn give(&self, at: &RemoteRef, name: &str, value: Option<&str>) {
        assert_eq!(name, "due_date");
        self.sandbox.gitlab().set_due(&at.repository, at.number, value).unwrap();
    }
}

crate::further::further!(Gitlab);

/// Every further field there is.
pub const ALL: [&str; 7] =
    ["due_date", "weight", "confidential", "time_estimate", "total_time_spent", "epic", "iteration"];

fn with(name: &str, value: &str) -> Patch {
    let value = if value.is_empty() { Value::None } else { Value::Text(value.to_owned()) };
    Patch { raw: [(name.to_owned(), value)].into(), ..Patch::default() }
}

#[tokio::test]
async fn every_further_field_of_an_issue_is_read() {
    let desk = Gitlab::start(2).await;
    let web = desk.sandbox.gitlab();
    web.set_due(PROJECT, 1, Some("2026-12-01")).unwrap();
    web.set_weight(PROJECT, 1, Some(5)).unwrap();
    web.set_confidential(PROJECT, 1, true).unwrap();
    web.track_time(PROJECT, 1, 5_400, 60).unwrap();
    web.plan(PROJECT, 1, Some("Checkout"), Some("Sprint 9")).unwrap();
    let connector = desk.named(WRITE_TOKEN, &ALL);
    let told: Vec<String> = {
        let seen = titled(&connector, "item 1").await;
        ALL.iter().map(|n| seen.raw[*n].to_string()).collect()
    };
    assert_eq!(told, ["2026-12-01", "5", "true", "5400", "60", "Checkout", "Sprint 9"]);
    let other = titled(&connector, "item 2").await;
    assert!(ALL.iter().all(|n| other.raw[*n] == Value::None || *n == "confidential"), "{:?}", other.raw);
}

#[tokio::test]
async fn a_weight_is_written_where_the_plan_has_weights_and_refused_elsewhere() {
    let desk = Gitlab::start(1).await;
    let connector = desk.named(WRITE_TOKEN, &ALL);
    let tracker = connector.tracker().unwrap();
    let seen = titled(&connector, "item 1").await;
    let now = tracker.update(&seen, &with("weight", "8")).await.unwrap();
    assert_eq!(now.raw["weight"], Value::Text("8".into()));
    assert_eq!(desk.sandbox.gitlab().issue(PROJECT, 1).unwrap().weight, Some(8));
    let now = tracker.update(&now, &with("weight", "")).await.unwrap();
    assert_eq!(now.raw["weight"], Value::None);
    let half = tracker.update(&now, &with("weight", "0.5")).await.unwrap_err();
    assert!(half.message.contains("whole number"), "{half}");

    let free = Gitlab::start(1).await;
    free.sandbox.gitlab().set_premium(false);
    let connector = free.named(WRITE_TOKEN, &ALL);
    let tracker = connector.tracker().unwrap();
    let seen = titled(&connector, "item 1").await;
    assert!(!seen.raw.contains_key("weight") && !seen.raw.contains_key("epic"), "{:?}", seen.raw);
    free.sandbox.clear_requests();
    let patch = Patch { title: Some("must not be sent".into()), ..with("weight", "8") };
    let refused = tracker.update(&seen, &patch).await.unwrap_err();
    assert_eq!((refused.class, refused.scope), (Class::Configuration, Scope::Item), "{refused:?}");
    assert!(refused.message.contains("weight") && refused.help.is_some_and(|h| h.contains("Premium")));
    assert!(free.sandbox.writes().is_empty(), "nothing was sent");
    let offers = tracker.offers().await.unwrap();
    assert!(offers.fields.iter().all(|f| f.name != "weight"), "what the plan has not is not offered");
    // A new issue is made all the same; its weight is the next pass's difference, which says why.
    let mut heavy = draft("heavy", "");
    heavy.raw = with("weight", "3").raw;
    let made = tracker.create(&heavy).await.unwrap();
    assert!(!made.raw.contains_key("weight"));
}

#[tokio::test]
async fn what_is_only_read_and_what_a_role_may_not_set_is_said() {
    let desk = Gitlab::start(1).await;
    let connector = desk.named(WRITE_TOKEN, &ALL);
    let tracker = connector.tracker().unwrap();
    let seen = titled(&connector, "item 1").await;
    for (name, value) in [("time_estimate", "3600"), ("epic", "Checkout"), ("due_date", "soon")] {
        let refused = tracker.update(&seen, &with(name, value)).await.unwrap_err();
        assert_eq!((refused.class, refused.outcome), (Class::Permanent, Outcome::NotApplied), "{refused:?}");
        assert!(refused.message.contains(name), "{refused}");
    }
    assert!(desk.sandbox.writes().is_empty());
    let offers = tracker.offers().await.unwrap();
    let estimate = offers.fields.iter().find(|f| f.name == "time_estimate").unwrap();
    assert_eq!((estimate.holds, estimate.writable), (Holds::Number, false));
    // A Guest's due date is dropped without a word.
    let guest = desk.named(READ_TOKEN, &ALL);
    let made = guest.tracker().unwrap().create(&draft("by a guest", "")).await.unwrap();
    let told = guest.tracker().unwrap().update(&made, &with("due_date", "2026-12-01")).await.unwrap_err();
    assert!(told.message.contains("dropped the due_date"), "{told}");
}

#[tokio::test]
async fn an_issue_that_becomes_confidential_is_hidden_from_guests() {
    let desk = Gitlab::start(1).await;
    let guest = desk.named(READ_TOKEN, &["confidential"]);
    let seen = titled(&guest, "item 1").await;
    let connector = desk.named(WRITE_TOKEN, &["confidential"]);
    connector.tracker().unwrap().update(&seen, &with("confidential", "true")).await.unwrap();
    assert!(desk.sandbox.gitlab().issue(PROJECT, 1).unwrap().confidential);
    let looked = guest.tracker().unwrap().fetch(&seen.at).await.unwrap();
    assert_eq!(looked, corkboard::connector::Fetched::Hidden);
}
