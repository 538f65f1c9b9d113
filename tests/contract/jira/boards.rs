//! Jira's boards as columns, and its sprints as a further field.

use corkboard::config::parse;
use corkboard::connector::PlatformBoards;
use corkboard::domain::fields::{FieldName, Value};
use corkboard::sandbox::NONE_TOKEN;
use serde_json::json;

use super::*;

async fn boards(connector: &Arc<dyn Connector>) -> PlatformBoards {
    connector.tracker().unwrap().boards().await.unwrap()
}

fn team_board(desk: &Jira) {
    desk.sandbox.jira().create_board(
        "ABC team",
        "scrum",
        &[
            ("To Do", &["To Do"]),
            ("Doing", &["In Progress", "Blocked"]),
            ("Waiting", &["777"]),
            ("Later", &[]),
            ("Done", &["Done", "778", "Verified"]),
        ],
    );
}

#[tokio::test]
async fn a_boards_columns_are_its_statuses_by_name_on_cloud_and_at_data_center() {
    let desk = Jira::start(1).await;
    team_board(&desk);
    for n in 2..=5 {
        desk.sandbox.jira().create_board(&format!("Board {n}"), "kanban", &[("All", &["To Do"])]);
    }
    for connector in [desk.connector(false), desk.server()] {
        let found = boards(&connector).await;
        let names: Vec<&str> = found.boards.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["ABC team", "Board 2", "Board 3", "Board 4", "Board 5"], "all pages");
        let columns = &found.boards[0].columns;
        let read: Vec<(&str, Vec<&str>)> = columns
            .iter()
            .map(|c| (c.title.as_str(), c.target.iter().filter_map(|t| t.status.as_deref()).collect()))
            .collect();
        let want = [
            ("To Do", vec!["To Do"]),
            ("Doing", vec!["In Progress", "Blocked"]),
            ("Waiting", vec![]),
            ("Later", vec![]),
            ("Done", vec!["Done", "Verified"]),
        ];
        assert_eq!(read, want);
        for (at, word) in [(2, "`777`"), (3, "no status"), (4, "`778`")] {
            assert!(columns[at].note.as_deref().is_some_and(|n| n.contains(word)), "{:?}", columns[at]);
        }
        assert_eq!(columns[0].note, None);
    }
    assert!(desk.sandbox.writes().is_empty(), "nothing was written");
}

#[tokio::test]
async fn boards_without_licence_or_scope_are_none_with_a_word() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let none = boards(&connector).await;
    assert!(none.boards.is_empty() && none.word.unwrap().contains("no board"));
    team_board(&desk);
    desk.sandbox.jira().refuse_boards();
    let kept = boards(&connector).await;
    assert!(kept.boards.is_empty() && kept.word.as_ref().unwrap().contains("license"), "{kept:?}");
    let gateway: url::Url =
        format!("{}/jira/ex/jira/11111111-2222-4333-8444-555555555555", desk.sandbox.url()).parse().unwrap();
    let credential = Credential::basic("ben@example.com", &SecretString::from(WRITE_TOKEN));
    let options = JiraOptions {
        port: desk::port(&gateway, &desk.clock, &credential),
        api_url: gateway,
        project: "ABC".into(),
        user: Some("ben@example.com".into()),
    };
    let connector: Arc<dyn Connector> = Arc::new(JiraConnector::new(options).unwrap());
    let kept = boards(&connector).await;
    assert!(kept.boards.is_empty() && kept.word.as_ref().unwrap().contains("read:board-scope"), "{kept:?}");
    connector.tracker().unwrap().offers().await.expect("the rest works");
}

#[tokio::test]
async fn a_refused_token_or_project_is_a_failure_and_not_a_site_without_boards() {
    let desk = Jira::start(1).await;
    team_board(&desk);
    for connector in [
        desk.connector(true),
        desk.with(Some("ben@example.com"), WRITE_TOKEN, "NOPE"),
        desk.with(Some("guest@example.com"), NONE_TOKEN, "ABC"),
    ] {
        let failure = connector.tracker().unwrap().boards().await.unwrap_err();
        assert_eq!((failure.class, failure.scope), (Class::Configuration, Scope::Connection), "{failure:?}");
    }
}

/// A connection whose config brings the sprint to the card, as `docs/integration/jira.md` has it.
const SPRINT: &str = r#"
[[connection]]
name = "plan"
platform = "jira"
project = "ABC"
api_url = "https://site.example.net"
user = "me@example.com"
token = { env = "JIRA_TOKEN" }
[connection.status_mapping]
proposed = { status = "To Do" }

[[connection.field]]
source = "sprint"
target = "Sprint"
direction = "pull"
"#;

/// The same for an issue that was in several sprints: each of them, or the active one alone.
const EACH: &str = "type = \"list\"\ntransform = [ { join = \", \" } ]\n";
const LAST: &str = "transform = [ { expression = \"value\", back = \"value | split(', ') | last\" } ]\n";

#[tokio::test]
async fn the_active_sprint_of_a_pulled_issue_reads_as_a_further_field() {
    for cloud in [true, false] {
        let desk = Jira::start(3).await;
        let web = desk.sandbox.jira();
        web.set_field("ABC-1", "Sprint", json!([["Sprint 4", "active"]]));
        web.set_field("ABC-2", "Sprint", json!([["Sprint 4", "active"], ["Sprint 3", "closed"]]));
        let text = |text: &str| Value::Text(text.to_owned());
        let both = Value::Set(["Sprint 3".to_owned(), "Sprint 4".to_owned()].into());
        for (more, second) in [("", text("Sprint 3, Sprint 4")), (EACH, both), (LAST, text("Sprint 4"))] {
            let settings = parse(&format!("{SPRINT}{more}"), None).map_err(|e| e.render(false)).unwrap();
            let mapping = &settings.connections[0].mapping;
            let names = mapping.rules().targets();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let (_, items) = pull(&desk.named(cloud, &names), &Cursor::default()).await;
            let sprint = |number: u64| {
                let item = items.iter().find(|i| i.at.number == number).unwrap();
                item.fields(mapping).0.extra.get(&FieldName::new("sprint").unwrap()).cloned()
            };
            let first =
                if more == EACH { Value::Set(["Sprint 4".to_owned()].into()) } else { text("Sprint 4") };
            assert_eq!(sprint(1), Some(first), "{more}");
            assert_eq!(sprint(2), Some(second), "{more}");
            assert!(matches!(sprint(3), None | Some(Value::None)), "no sprint: {:?}", sprint(3));
        }
    }
}
