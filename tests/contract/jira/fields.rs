//! Jira's further fields: priority, due date, components, story points and whatever a site has made for itself.

use std::sync::Arc;

use corkboard::connector::http::Credential;
use corkboard::connector::jira::{JiraConnector, JiraOptions};
use corkboard::connector::{Connector, Cursor, Holds, Outcome, Page, Patch, RemoteItem, RemoteRef, Scope};
use corkboard::domain::fields::Value;
use corkboard::sandbox::WRITE_TOKEN;
use corkboard::sync::Class;
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::mpsc;

use super::{Jira, draft, key, pull};
use crate::desk::{self, Desk as _};
use crate::further::Further;

impl Jira {
    /// A connector whose rules name these fields, to Cloud or to Data Center.
    pub fn named(&self, cloud: bool, names: &[&str]) -> Arc<dyn Connector> {
        let api_url: url::Url = format!("{}/jira", self.sandbox.url()).parse().unwrap();
        let token = SecretString::from(WRITE_TOKEN);
        let user = cloud.then(|| "ben@example.com".to_owned());
        let credential =
            user.as_deref().map_or_else(|| Credential::bearer(&token), |u| Credential::basic(u, &token));
        let port = desk::port(&api_url, &self.clock, &credential);
        let options = JiraOptions { api_url, project: "ABC".into(), user, port };
        let names = names.iter().map(|&n| n.to_owned()).collect();
        Arc::new(JiraConnector::new(options).unwrap().with_further(names))
    }
}

impl Further for Jira {
    const PLAIN: (&'static str, &'static str, &'static str) = ("Story Points", "3", "0.5");
    const CHOICE: (&'static str, &'static str, &'static str) = ("severity", "Major", "Catastrophic");
    const TRACES: &'static [&'static str] = &["/rest/api/3/field", "customfield_10016"];

    fn with_fields(&self, names: &[&str]) -> Arc<dyn Connector> {
        self.named(true, names)
    }

    fn give(&self, at: &RemoteRef, name: &str, value: Option<&str>) {
        let number = value.map(|v| v.parse::<f64>().unwrap());
        assert!(self.sandbox.jira().set_field(&key(at), name, json!(number)));
    }
}

crate::further::further!(Jira);

/// Every kind of field there is.
pub const ALL: [&str; 14] = [
    "priority",
    "Due Date",
    "Components",
    "Parent",
    "Original estimate",
    "time spent",
    "Story Points",
    "Sprint",
    "Severity",
    "Customer",
    "Browsers",
    "Steps",
    "Goes live",
    "Reviewer",
];

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn set(names: &[&str]) -> Value {
    Value::Set(names.iter().map(|&n| n.to_owned()).collect())
}

fn with(name: &str, value: Value) -> Patch {
    Patch { raw: [(name.to_owned(), value)].into(), ..Patch::default() }
}

async fn update(connector: &Arc<dyn Connector>, seen: &RemoteItem, patch: &Patch) -> RemoteItem {
    connector.tracker().unwrap().update(seen, patch).await.unwrap()
}

async fn refused(
    connector: &Arc<dyn Connector>,
    seen: &RemoteItem,
    patch: &Patch,
) -> corkboard::connector::Failure {
    connector.tracker().unwrap().update(seen, patch).await.unwrap_err()
}

/// How often the site's list of fields was read.
fn lists_read(desk: &Jira) -> usize {
    desk.sandbox.requests().iter().filter(|r| r.path.ends_with("/field")).count()
}

#[tokio::test]
async fn every_kind_of_field_is_read_on_cloud_and_at_data_center() {
    for cloud in [true, false] {
        let desk = Jira::start(2).await;
        let web = desk.sandbox.jira();
        let steps = json!({"version": 1, "type": "doc", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "Open it"}]}
        ]});
        for (field, value) in [
            ("Priority", json!("High")),
            ("Due date", json!("2026-12-01")),
            ("Components", json!(["web", "api"])),
            ("Parent", json!("ABC-2")),
            ("Original estimate", json!(5_400)),
            ("Time Spent", json!(60)),
            ("Story Points", json!(13)),
            ("Sprint", json!([["Sprint 9", "active"], ["Sprint 8, late", "closed"]])),
            ("customfield_10030", json!("Critical")),
            ("Customer", json!("Ada & Co")),
            ("Browsers", json!(["Firefox"])),
            ("Steps", if cloud { steps } else { json!("Open it") }),
            ("Goes live", json!(1_795_251_600_000_i64)),
            ("Reviewer", json!("cy")),
        ] {
            assert!(web.set_field("ABC-1", field, value), "{field}");
        }
        let connector = desk.named(cloud, &ALL);
        let (_, items) = pull(&connector, &Cursor::default()).await;
        let full = items.iter().find(|i| i.at.number == 1).unwrap();
        let shown: Vec<String> = ALL.iter().map(|n| full.raw[*n].to_string()).collect();
        let expected = [
            "High",
            "2026-12-01",
            "api, web",
            "ABC-2",
            "5400",
            "60",
            "13",
            "Sprint 8, late, Sprint 9",
            "Critical",
            "Ada & Co",
            "Firefox",
            "Open it",
            "2026-11-21T09:00:00Z",
            if cloud { "712020:cy" } else { "cy" },
        ];
        assert_eq!(shown, expected);
        assert_eq!(desk.item(&connector, "ABC-1").await.raw, full.raw, "a single look tells the same");
        let bare = items.iter().find(|i| i.at.number == 2).unwrap();
        let empty = ALL.iter().filter(|name| bare.raw[**name] == Value::None).count();
        assert_eq!((empty, &bare.raw["priority"]), (ALL.len() - 1, &text("Medium")), "{:?}", bare.raw);
    }
}

#[tokio::test]
async fn every_kind_of_field_is_written_with_the_title_in_one_request() {
    for cloud in [true, false] {
        let desk = Jira::start(1).await;
        let connector = desk.named(cloud, &ALL);
        let person = if cloud { "712020:cy" } else { "cy" };
        let mut values = vec![
            ("priority", text("lowest"), json!("Lowest")),
            ("Due Date", text("2026-12-01"), json!("2026-12-01")),
            ("Components", set(&["docs"]), json!(["docs"])),
            ("Story Points", text("5"), json!(5)),
            ("Severity", text("Minor"), json!("Minor")),
            ("Customer", text("Ada & Co"), json!("Ada & Co")),
            ("Browsers", set(&["Safari", "Firefox"]), json!(["Firefox", "Safari"])),
            ("Goes live", text("2026-11-21T10:00:00+01:00"), json!(1_795_251_600_000_i64)),
            ("Reviewer", text(person), json!("cy")),
        ];
        if !cloud {
            values.push(("Steps", text("h1. Open it"), json!("h1. Open it")));
        }
        let seen = desk.item(&connector, "ABC-1").await;
        desk.sandbox.clear_requests();
        let raw = values.iter().map(|(name, value, _)| ((*name).to_owned(), value.clone())).collect();
        let now =
            update(&connector, &seen, &Patch { title: Some("t".into()), raw, ..Patch::default() }).await;
        assert_eq!(desk.sandbox.writes().len(), 1, "one PUT");
        for (name, _, plain) in &values {
            let field = match *name {
                "priority" => "Priority",
                "Due Date" => "Due date",
                "Severity" => "customfield_10030",
                other => other,
            };
            assert_eq!(desk.sandbox.jira().field("ABC-1", field).as_ref(), Some(plain), "{name}");
        }
        let raw =
            values.iter().filter(|v| v.0 != "priority").map(|v| (v.0.to_owned(), Value::None)).collect();
        let bare = update(&connector, &now, &Patch { raw, ..Patch::default() }).await;
        let emptied = values.iter().filter(|v| v.0 != "priority");
        assert!(emptied.clone().all(|v| bare.raw[v.0] == Value::None), "{:?}", bare.raw);
    }
}

#[tokio::test]
async fn what_somebody_else_puts_on_a_list_meanwhile_stays() {
    let desk = Jira::start(1).await;
    let web = desk.sandbox.jira();
    web.set_field("ABC-1", "Components", json!(["api"]));
    let connector = desk.named(true, &["Components"]);
    let seen = desk.item(&connector, "ABC-1").await;
    web.set_field("ABC-1", "Components", json!(["api", "web"]));
    let now = update(&connector, &seen, &with("Components", set(&["docs"]))).await;
    assert_eq!(now.raw["Components"], set(&["docs", "web"]), "ours is exchanged, theirs is there");
    let wrong = refused(&connector, &now, &with("Components", set(&["docs", "cellar"]))).await;
    assert!(wrong.message.contains("`cellar`") && wrong.message.contains("`api`"), "{wrong}");
}

#[tokio::test]
async fn two_fields_of_one_name_are_told_by_their_ids_and_one_is_named_by_its_id() {
    let desk = Jira::start(1).await;
    let connector = desk.named(true, &["Team"]);
    let (pages, _inbox) = mpsc::channel::<Page>(1);
    let told = connector.tracker().unwrap().pull(&Cursor::default(), pages).await.unwrap_err();
    assert_eq!((told.class, told.scope), (Class::Configuration, Scope::Connection), "{told:?}");
    assert!(told.message.contains("`customfield_10050`, `customfield_10051`"), "{told}");
    assert!(told.help.is_some_and(|h| h.contains("id")));
    let offers = connector.tracker().unwrap().offers().await.unwrap();
    assert_eq!(offers.fields.iter().filter(|f| f.name == "Team").count(), 2, "the offers show both");
    let connector = desk.named(true, &["customfield_10051"]);
    let seen = desk.item(&connector, "ABC-1").await;
    update(&connector, &seen, &with("customfield_10051", text("Blue"))).await;
    assert_eq!(desk.sandbox.jira().field("ABC-1", "customfield_10051"), Some(json!("Blue")));
    assert_eq!(desk.sandbox.jira().field("ABC-1", "customfield_10050"), Some(json!(null)));
}

#[tokio::test]
async fn what_no_screen_takes_or_is_only_read_is_refused_before_anything_is_sent() {
    let desk = Jira::start(1).await;
    let names = ["Verified by", "Sprint", "Time Spent", "Parent", "Steps", "nothing of this name", "Labels"];
    let connector = desk.named(true, &names);
    let seen = desk.item(&connector, "ABC-1").await;
    for (name, says, helps) in [
        ("Verified by", "`Verified by` (customfield_10040)", "edit screen"),
        ("Sprint", "only read", "in Jira"),
        ("Time Spent", "only read", "in Jira"),
        ("Parent", "only read", "in Jira"),
        ("Steps", "only read", "in Jira"),
        ("Labels", "only read", "in Jira"),
        ("nothing of this name", "no field `nothing of this name`", "its id"),
        ("Story Points", "no field `Story Points`", "rule"),
    ] {
        let patch = Patch { title: Some("must not be sent".into()), ..with(name, text("7")) };
        let told = refused(&connector, &seen, &patch).await;
        assert_eq!((told.scope, told.outcome), (Scope::Item, Outcome::NotApplied), "{told:?}");
        assert!(told.message.contains(says), "{told}");
        assert!(told.help.as_deref().is_some_and(|h| h.contains(helps)), "{told:?}");
    }
    assert!(desk.sandbox.writes().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn jiras_own_refusal_names_the_field_as_people_do() {
    let desk = Jira::start(1).await;
    let connector = desk.named(true, &["Customer"]);
    let seen = desk.item(&connector, "ABC-1").await;
    let told = refused(&connector, &seen, &with("Customer", text(&"x".repeat(300)))).await;
    assert_eq!((told.class, told.status), (Class::Permanent, Some(400)), "{told:?}");
    assert!(told.message.contains("`Customer` (customfield_10032): The entered text is too long"), "{told}");
}

#[tokio::test]
async fn a_field_the_screen_of_a_new_issue_has_not_is_set_right_after_and_nothing_is_made_twice() {
    for fault in ["", "PUT count=1 drop-before", "PUT count=1 drop-after", "PUT count=1 status=400"] {
        let desk = Jira::start(1).await;
        let connector = desk.named(true, &["Root cause", "Story Points"]);
        let tracker = connector.tracker().unwrap();
        let (mut draft, since) = (draft("late"), desk.clock_now());
        draft.fields.assignees.clear();
        draft.raw =
            [("Root cause".to_owned(), text("a race")), ("Story Points".to_owned(), text("2"))].into();
        desk.sandbox.set_faults(fault.parse().unwrap());
        let made = tracker.create(&draft).await.unwrap();
        desk.sandbox.set_faults("".parse().unwrap());
        assert_eq!(desk.count("late"), 1);
        assert_eq!(made.raw["Story Points"], text("2"));
        let found = tracker.find(draft.marker, since).await.unwrap().expect("found");
        assert_eq!(found.at, made.at);
        if fault.is_empty() {
            assert_eq!(made.raw["Root cause"], text("a race"));
            continue;
        }
        // The next pass sees what is missing and sets it.
        let seen = desk.item(&connector, &key(&made.at)).await;
        let now = update(&connector, &seen, &with("Root cause", text("a race"))).await;
        assert_eq!(now.raw["Root cause"], text("a race"), "{fault}");
    }
}

#[tokio::test]
async fn the_list_of_fields_is_read_once_and_again_for_a_name_that_was_not_in_it() {
    let desk = Jira::start(1).await;
    let quiet = desk.named(true, &["Story Points"]);
    let (mut cursor, _) = pull(&quiet, &Cursor::default()).await;
    for _ in 0..30 {
        cursor = pull(&quiet, &cursor).await.0;
    }
    assert_eq!(lists_read(&desk), 1, "what is known is not asked for again");
    let connector = desk.named(true, &["Story Points", "Tier"]);
    let seen = desk.item(&connector, "ABC-1").await;
    assert_eq!(seen.raw.keys().collect::<Vec<_>>(), ["Story Points"]);
    let id = desk.sandbox.jira().create_field("Tier");
    desk.sandbox.clear_requests();
    for _ in 0..30 {
        pull(&connector, &Cursor::default()).await;
    }
    assert_eq!(lists_read(&desk), 1, "it is looked for now and then, not with every walk");
    let seen = desk.item(&connector, "ABC-1").await;
    assert_eq!(seen.raw["Tier"], Value::None);
    // What is to be written is looked for at once.
    let other = desk.named(true, &["Rank of ours"]);
    desk.item(&other, "ABC-1").await;
    let rank = desk.sandbox.jira().create_field("Rank of ours");
    update(&other, &seen, &with("Rank of ours", text("first"))).await;
    assert_eq!(desk.sandbox.jira().field("ABC-1", &rank), Some(json!("first")));
    assert_ne!(id, rank);
}

#[tokio::test]
async fn the_offers_tell_what_each_field_holds_and_takes() {
    for cloud in [true, false] {
        let desk = Jira::start(0).await;
        let offers = desk.named(cloud, &[]).tracker().unwrap().offers().await.unwrap();
        let told = |name: &str| {
            let field = offers.fields.iter().find(|f| f.name == name);
            let field = field.unwrap_or_else(|| panic!("{name} in {:?}", offers.fields));
            (field.holds, field.writable, field.options.len())
        };
        assert_eq!(told("Priority"), (Holds::Option, true, 5));
        assert_eq!(told("Components"), (Holds::List, true, 3));
        assert_eq!(told("Due date"), (Holds::Date, true, 0));
        assert_eq!(told("Story Points"), (Holds::Number, true, 0));
        assert_eq!(told("Goes live"), (Holds::Time, true, 0));
        assert_eq!(told("Browsers"), (Holds::List, true, 3), "on the screen's last page");
        assert_eq!(told("Steps"), (Holds::Text, !cloud, 0));
        assert_eq!(told("Sprint"), (Holds::Text, false, 0));
        assert_eq!(told("Parent"), (Holds::Text, false, 0));
        assert_eq!(told("Time Spent"), (Holds::Number, false, 0));
        assert!(offers.fields.iter().all(|f| !matches!(f.name.as_str(), "Summary" | "Labels" | "Status")));
        assert_eq!(offers.fields.iter().filter(|f| f.name == "Severity").count(), 1, "not other projects'");
    }
}
