//! `mapping suggest`: what it prints is pasted into the config, and gives the board of the platform. And a sprint, which is
//! no column, as a filter.

use corkboard::config::{Settings, parse};
use corkboard::domain::mapping::{CloseReason, OpenState, Target};
use corkboard::sandbox::{GitlabList, Sandbox, SandboxOptions, Seed};

use crate::home::{Home, code, err};
use crate::places::On;

const OWN: &str = "[status_mapping]\nproposed = \"Backlog\"\napproved = \"Approved\"\nin_progress = \"In Progress\"\ncompleted = \"Done\"\n";

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions { seed: Seed::Count(0), ..SandboxOptions::default() })
        .await
        .expect("a sandbox")
}

/// The connection as its file has it.
fn connection(on: On, sandbox: &Sandbox) -> String {
    on.config(&format!("{}{}", sandbox.url(), on.root()), "{ env = \"CORKBOARD_TEST_TOKEN\" }")
}

fn home(on: On, sandbox: &Sandbox) -> Home {
    Home::with(&format!("{OWN}{}", connection(on, sandbox)))
}

fn printed(home: &Home, on: On, more: &[&str]) -> String {
    let arguments: Vec<&str> =
        ["mapping", "suggest", on.connection()].into_iter().chain(more.iter().copied()).collect();
    let out = home.command(&arguments).env("CORKBOARD_TEST_TOKEN", on.account()).output().expect("it runs");
    assert_eq!(code(&out), 0, "{}", err(&out));
    String::from_utf8(out.stdout).expect("text")
}

/// The config with what was printed in place of its own two tables, as its first lines say.
fn pasted(on: On, sandbox: &Sandbox, printed: &str) -> String {
    let text = connection(on, sandbox);
    let (keys, _) = text.split_once("[connection.status_mapping]").expect("a mapping");
    format!("{keys}\n{printed}")
}

fn read(text: &str) -> Settings {
    parse(text, None).map_err(|error| error.render(false)).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

fn board(settings: &Settings) -> Vec<(String, String, Option<Target>)> {
    let targets = &settings.connections[0].targets;
    let one = |c: &corkboard::domain::board::Column| {
        (c.status.to_string(), c.title.clone(), targets.get(&c.status).cloned())
    };
    settings.columns.iter().map(one).collect()
}

/// Pastes what was printed, checks what it gives, and that the same is suggested from there.
fn round_trip(on: On, sandbox: &Sandbox, more: &[&str], want: &[(&str, &str, Target)]) -> String {
    let told = printed(&home(on, sandbox), on, more);
    let text = pasted(on, sandbox, &told);
    let want: Vec<_> =
        want.iter().map(|(s, t, target)| ((*s).to_owned(), (*t).to_owned(), Some(target.clone()))).collect();
    assert_eq!(board(&read(&text)), want, "{told}");
    let again = printed(&Home::with(&text), on, more);
    assert_eq!(board(&read(&pasted(on, sandbox, &again))), want, "{again}");
    let writes = sandbox.writes();
    // Questions in GraphQL are posted.
    assert!(
        writes.iter().all(|w| w.path == "/graphql" && !w.request_body.contains("mutation")),
        "{writes:?}"
    );
    told
}

fn label(name: &str) -> Target {
    Target { label: Some(name.to_owned()), ..Target::default() }
}

fn state(state: OpenState) -> Target {
    Target { state: Some(state), ..Target::default() }
}

fn status(name: &str) -> Target {
    Target { status: Some(name.to_owned()), ..Target::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gitlab_board_pasted_into_the_config_is_the_board() {
    let sandbox = sandbox().await;
    let web = sandbox.gitlab();
    let lists = [
        GitlabList::Label("workflow::in progress"),
        GitlabList::Label("workflow::QA \"2\""),
        GitlabList::Milestone("v1.2"),
    ];
    web.create_board("octo/app", "Development", &lists).expect("made");
    web.create_board("octo/app", "People", &[GitlabList::Assignee("cy")]).expect("made");
    let want = [
        ("proposed", "Backlog", state(OpenState::Open)),
        ("in_progress", "In Progress", label("workflow::in progress")),
        ("qa_2", "QA \"2\"", label("workflow::QA \"2\"")),
        ("completed", "Done", state(OpenState::Closed)),
    ];
    let told = round_trip(On::Gitlab, &sandbox, &["--board", "development"], &want);
    assert!(told.contains("# left out: \"v1.2\": a list by milestone is no status"), "{told}");
    assert!(told.contains("proposed = \"Backlog\"    # \"Open\" there"), "{told}");
    let all = printed(&home(On::Gitlab, &sandbox), On::Gitlab, &[]);
    assert_eq!(all.matches("[connection.status_mapping]\n").count(), 2, "a block for each board: {all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jira_board_pasted_into_the_config_is_the_board() {
    let sandbox = sandbox().await;
    let columns: [(&str, &[&str]); 5] = [
        ("Selected", &["To Do"]),
        ("In Progress", &["In Progress", "Blocked"]),
        ("Elsewhere", &["777"]),
        ("Finished", &["Done"]),
        ("Verified", &["Verified"]),
    ];
    sandbox.jira().create_board("ABC team", "scrum", &columns);
    let want = [
        ("proposed", "Backlog", status("To Do")),
        ("in_progress", "In Progress", status("In Progress")),
        ("completed", "Done", Target { resolution: Some("Done".into()), ..status("Done") }),
        ("verified", "Verified", status("Verified")),
    ];
    let told = round_trip(On::Jira, &sandbox, &[], &want);
    for words in [
        "# { status = \"Blocked\" } stands in \"In Progress\" there too",
        "# left out: \"Elsewhere\": ",
        "# not on that board: approved = \"Approved\"",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_github_project_pasted_into_the_config_is_the_board() {
    let sandbox = sandbox().await;
    let open = |name: &str| Target { state: Some(OpenState::Open), ..status(name) };
    let done =
        Target { state: Some(OpenState::Closed), reason: Some(CloseReason::Completed), ..status("Done") };
    let want = [
        ("proposed", "Backlog", open("Backlog")),
        ("in_progress", "In Progress", open("In Progress")),
        ("in_review", "In Review", open("In Review")),
        ("completed", "Done", done),
    ];
    let told = round_trip(On::Project, &sandbox, &[], &want);
    assert!(told.contains("{ option = \"Backlog\", state = \"open\" }"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_reads_the_same_as_json() {
    let sandbox = sandbox().await;
    sandbox.gitlab().create_board("octo/app", "Development", &[GitlabList::Label("doing")]).expect("made");
    let home = home(On::Gitlab, &sandbox);
    let told: serde_json::Value =
        serde_json::from_str(&printed(&home, On::Gitlab, &["--json"])).expect("JSON");
    let one = &told["boards"][0];
    assert_eq!(
        (&told["ok"], &told["connection"], &one["name"]),
        (&true.into(), &"ops".into(), &"Development".into())
    );
    assert_eq!(one["columns"][1]["target"], serde_json::json!({ "label": "doing" }));
    let toml = one["toml"].as_str().expect("text");
    assert_eq!(read(&pasted(On::Gitlab, &sandbox, toml)).connections[0].targets.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_another_connection_needs_is_kept_and_the_whole_config_still_holds() {
    let sandbox = sandbox().await;
    sandbox.jira().create_board("ABC team", "kanban", &[("Now", &["In Progress"]), ("Fertig", &["Blocked"])]);
    let other = connection(On::Gitlab, &sandbox);
    let home = Home::with(&format!("{OWN}{}{other}", connection(On::Jira, &sandbox)));
    let told = printed(&home, On::Jira, &[]);
    let settings = read(&format!("{}\n{other}", pasted(On::Jira, &sandbox, &told)));
    let titles: Vec<&str> = settings.columns.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["Backlog", "In Progress", "Done", "Fertig"], "{told}");
    assert!(told.contains("proposed = \"Backlog\"    # kept for `ops`"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_board_it_says_why_and_writes_nothing() {
    let sandbox = sandbox().await;
    let suggest = |on: On, more: &[&str]| {
        let arguments: Vec<&str> =
            ["mapping", "suggest", on.connection()].into_iter().chain(more.iter().copied()).collect();
        home(on, &sandbox)
            .command(&arguments)
            .env("CORKBOARD_TEST_TOKEN", on.account())
            .output()
            .expect("it runs")
    };
    for (on, word) in [
        (On::Gitlab, "no issue board"),
        (On::Jira, "no board that this account sees"),
        (On::Github, "a repository has no board"),
        (On::Bitbucket, "the platform has no boards"),
    ] {
        let out = suggest(on, &[]);
        assert_eq!(code(&out), 1, "{on:?}");
        assert!(err(&out).contains(word) && out.stdout.is_empty(), "{on:?}: {}", err(&out));
    }
    let out = suggest(On::Gitlab, &["--json"]);
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!((code(&out), &told["ok"]), (1, &false.into()));
    let out = suggest(On::Project, &["--board", "Nope"]);
    assert!(
        err(&out).contains("has no board \"Nope\"") && err(&out).contains("there are: "),
        "{}",
        err(&out)
    );
    sandbox.jira().create_board("ABC team", "scrum", &[("To Do", &["To Do"])]);
    sandbox.jira().refuse_boards();
    let out = suggest(On::Jira, &[]);
    assert!(err(&out).contains("read:board-scope:jira-software"), "{}", err(&out));
    let out = home(On::Gitlab, &sandbox).run(&["mapping", "suggest", "nobody"]);
    assert_eq!(code(&out), 2, "{}", err(&out));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sprint_of_jira_is_a_filter() {
    let sandbox = sandbox().await;
    let web = sandbox.jira();
    let sprints: [serde_json::Value; 3] = [
        serde_json::json!([["Sprint 4", "active"]]),
        serde_json::json!([["Sprint 4", "active"], ["Sprint 3", "closed"]]),
        serde_json::json!([["Sprint 3", "closed"]]),
    ];
    for (title, sprint) in ["new", "late", "old"].into_iter().zip(sprints) {
        let key = web.create_issue("ana", title);
        assert!(web.set_field(&key, "Sprint", sprint));
    }
    web.create_issue("ana", "without");
    let rule = "\n[[connection.field]]\nsource = \"sprint\"\ntarget = \"Sprint\"\ndirection = \"pull\"\n";
    let each = "type = \"list\"\ntransform = [ { join = \", \" } ]\n";
    let last = "transform = [ { expression = \"value\", back = \"value | split(', ') | last\" } ]\n";
    for (more, third) in [("", vec!["old"]), (each, vec!["late", "old"]), (last, vec!["old"])] {
        let home = Home::with(&format!("{OWN}{}{rule}{more}", connection(On::Jira, &sandbox)));
        home.text(&["sync", "--once"]);
        let titles = |query: &str| -> Vec<String> {
            let all = home.json(&["card", "list", query, "--json"]);
            let one = |c: &serde_json::Value| c["title"].as_str().expect("a title").to_owned();
            let mut titles: Vec<String> = all.as_array().expect("a list").iter().map(one).collect();
            titles.sort();
            titles
        };
        let fourth = if more.is_empty() { vec!["new"] } else { vec!["late", "new"] };
        assert_eq!(titles("field:sprint=\"Sprint 4\""), fourth, "{more}");
        assert_eq!(titles("field:sprint=\"Sprint 3\""), third, "{more}");
    }
    assert!(sandbox.writes().is_empty(), "nothing was edited, nothing is written");
}
