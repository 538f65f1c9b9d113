//! The matrix of `docs/integration/README.md`: what each connector says it can do, and nothing else.

use std::fmt::Write as _;
use std::path::Path;

use corkboard::config::settings::Platform;
use corkboard::connector::{Capabilities, StatusModel};
use corkboard::domain::fields::Field;

use crate::desk::Desk;

const BEGIN: &str = "<!-- matrix: made by `CORKBOARD_BLESS=1 cargo test --test contract matrix` -->\n";
const END: &str = "<!-- /matrix -->\n";

async fn of<D: Desk>() -> Capabilities {
    D::start(0).await.connector(false).capabilities()
}

fn yes(yes: bool) -> String {
    if yes { "yes".to_owned() } else { "–".to_owned() }
}

fn writes(of: &Capabilities, field: Field) -> String {
    yes(of.writes.contains(&field))
}

fn time(ms: u32) -> String {
    if ms >= 1_000 { format!("{} s", ms / 1_000) } else { format!("{ms} ms") }
}

/// A row's name, and what it says of a connector.
type Row = (&'static str, fn(&Capabilities) -> String);

const ROWS: [Row; 17] = [
    (
        "an item is",
        |c| if c.status == StatusModel::States { "a pull request".into() } else { "an issue".into() },
    ),
    ("a status is", |c| {
        match c.status {
            StatusModel::Labels => "open or closed, and labels",
            StatusModel::Options => "an option of the project",
            StatusModel::Workflow => "a status of the workflow",
            StatusModel::States => "a state, some of them final",
        }
        .to_owned()
    }),
    ("makes items", |c| yes(c.creates)),
    ("writes titles", |c| writes(c, Field::Title)),
    ("writes bodies", |c| writes(c, Field::Body)),
    ("moves", |c| writes(c, Field::Status)),
    ("writes labels", |c| writes(c, Field::Labels)),
    ("assigns", |c| writes(c, Field::Assignees)),
    ("people at once", |c| if c.assignees == 0 { "–".into() } else { c.assignees.to_string() }),
    ("sets milestones", |c| writes(c, Field::Milestone)),
    ("comments", |c| yes(c.comments)),
    ("reasons for closing", |c| {
        let words: Vec<&str> = c.reasons.iter().map(|r| r.as_str()).collect();
        if words.is_empty() { "–".to_owned() } else { words.join(", ") }
    }),
    ("further fields", |c| yes(c.further)),
    ("tells deleted from hidden", |c| yes(c.tells_deleted)),
    ("follows an item that moves away", |c| yes(c.follows_transfers)),
    ("precision of times", |c| time(c.precision_ms)),
    ("lists may lag", |c| if c.list_lag_s == 0 { "–".into() } else { format!("{} s", c.list_lag_s) }),
];

#[tokio::test]
async fn the_config_knows_what_a_platforms_items_do_not_have() {
    let connectors = [
        (Platform::Github, of::<crate::github::Github>().await),
        (Platform::Gitlab, of::<crate::gitlab::Gitlab>().await),
        (Platform::Jira, of::<crate::jira::Jira>().await),
        (Platform::Bitbucket, of::<crate::bitbucket::Bitbucket>().await),
    ];
    for (platform, told) in connectors {
        let lacks: Vec<Field> = Field::ALL.into_iter().filter(|f| !told.writes.contains(f)).collect();
        assert_eq!(lacks, platform.unwritable(), "{platform:?}");
        assert_eq!(told.creates, platform.creates(), "{platform:?}");
    }
}

fn table(connectors: &[(&str, Capabilities)]) -> String {
    let mut out = String::from("| |");
    connectors.iter().for_each(|(name, _)| write!(out, " {name} |").unwrap());
    out.push_str("\n|---|");
    connectors.iter().for_each(|_| out.push_str("---|"));
    out.push('\n');
    for (name, say) in ROWS {
        write!(out, "| {name} |").unwrap();
        connectors.iter().for_each(|(_, c)| write!(out, " {} |", say(c)).unwrap());
        out.push('\n');
    }
    out
}

#[tokio::test]
async fn the_matrix_of_the_integration_page_is_what_the_connectors_say() {
    let connectors = [
        ("GitHub issues", of::<crate::github::Github>().await),
        ("GitHub project", of::<crate::projects::Projects>().await),
        ("GitLab", of::<crate::gitlab::Gitlab>().await),
        ("Jira", of::<crate::jira::Jira>().await),
        ("Bitbucket", of::<crate::bitbucket::Bitbucket>().await),
    ];
    let made = table(&connectors);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/integration/README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(BEGIN).expect("the page has a place for the matrix");
    let (there, tail) = rest.split_once(END).expect("the matrix ends");
    if std::env::var_os("CORKBOARD_BLESS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{made}{END}{tail}")).unwrap();
        return;
    }
    assert_eq!(there, made, "run the test once with CORKBOARD_BLESS=1");
}
