//! What the config file may say, and what each mistake is told.

use pretty_assertions::assert_eq;

use super::*;
use crate::config::settings::{Direction, TokenSource};
use crate::domain::fields::Field;
use crate::sync::reconcile::Policy;

const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// A connection that is right; tests add lines to it or change some.
const CONNECTION: &str = r#"
[[connection]]
name = "core"
platform = "github"
repository = "octo/app"
token = { env = "GITHUB_TOKEN" }
[connection.status_mapping]
proposed = { label = "status: proposed" }
completed = { state = "closed", reason = "completed" }
"#;

fn with(old: &str, new: &str) -> String {
    assert!(CONNECTION.contains(old), "{old}");
    CONNECTION.replacen(old, new, 1)
}

fn mistakes(text: &str) -> Vec<(usize, usize, String, String)> {
    match parse(text, None) {
        Ok(_) => Vec::new(),
        Err(error) => {
            error.mistakes().iter().map(|m| (m.line, m.column, m.message.clone(), m.help.clone())).collect()
        }
    }
}

#[test]
fn the_example_reads_as_it_says() {
    let settings = parse(EXAMPLE, None).map_err(|e| e.render(false)).expect("valid");
    assert_eq!(settings.board_name, "Feature Development");
    let columns: Vec<_> = settings.columns.iter().map(|c| (c.status.as_str(), c.title.as_str())).collect();
    let wanted = [
        ("proposed", "Backlog"),
        ("approved", "To Do"),
        ("in_progress", "In Progress"),
        ("completed", "Done"),
    ];
    assert_eq!(columns, wanted);
    let core = settings.connection("core").expect("there");
    assert_eq!(core.repository, "octo/app");
    assert_eq!(core.token, TokenSource::Env("GITHUB_TOKEN".into()));
    assert_eq!(core.direction, Direction::Bidirectional);
    assert_eq!(core.interval.as_secs(), 60);
    assert_eq!(core.write_pace.as_secs(), 1);
    assert_eq!(core.mapping.targets().count(), 4);
}

#[test]
fn views_are_read_in_order_and_each_mistake_has_its_place() {
    let text = "[[view]]\nname = \"Bugs\"\nquery = \" is:open label:bug \"\n\n[[view]]\nname = \"All of it\"\nquery = \"\"\n";
    let views = parse(text, None).expect("valid").views;
    let told: Vec<_> = views.iter().map(|v| (v.name.as_str(), v.query.as_str())).collect();
    assert_eq!(told, [("Bugs", "is:open label:bug"), ("All of it", "")]);
    for (lines, line, column, says) in [
        (
            "name = \"A\"\nquery = \"label:x is:purple\"",
            3,
            18,
            "`is:purple` cannot be read: `purple` is none of",
        ),
        ("name = \"A\"", 1, 1, "`query` is missing"),
        ("query = \"is:open\"", 1, 1, "`name` is missing"),
        ("name = \"all\"\nquery = \"\"", 2, 8, "every card"),
        ("name = \" \"\nquery = \"\"", 2, 8, "needs a name"),
        ("name = \"A\"\nquery = \"\"\nsort = \"due\"", 4, 1, "unknown key `sort`"),
        ("name = \"A\"\nquery = \"\"\n[[view]]\nname = \"a\"\nquery = \"\"", 5, 8, "two views named `a`"),
        ("name = \"A\"\nquery = \"\"\"a\nb\"\"\"", 3, 9, "one line"),
        ("name = \"A\"\nquery = \"a \\u0069s:purple\"", 3, 9, "cannot be read"),
    ] {
        let found = mistakes(&format!("[[view]]\n{lines}\n"));
        assert_eq!(found.len(), 1, "{lines}: {found:?}");
        assert_eq!((found[0].0, found[0].1), (line, column), "{lines}");
        assert!(found[0].2.contains(says), "{lines}: {}", found[0].2);
    }
    assert_eq!(mistakes("view = \"x\"\n").len(), 1);
}

#[test]
fn the_example_names_every_key() {
    let written: Vec<&str> = EXAMPLE.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for (table, known) in keys::ALL {
        for key in known {
            assert!(written.contains(key), "config.example.toml does not show `{key}` of {table}");
        }
    }
}

#[test]
fn the_documentation_explains_every_key() {
    let text = include_str!("../../../docs/configuration.md");
    for (table, known) in keys::ALL {
        for key in known {
            let told = text.contains(&format!("| `{key}`")) || text.contains(&format!("[{key}]"));
            assert!(told, "docs/configuration.md does not explain `{key}` of {table}");
        }
    }
}

#[test]
fn the_examples_of_the_documentation_are_right() {
    let text = include_str!("../../../docs/configuration.md");
    let mut blocks = 0;
    for block in text.split("```toml\n").skip(1) {
        let block = block.split("```").next().expect("closed");
        if let Err(error) = parse(block, None) {
            panic!("{}", error.render(false));
        }
        blocks += 1;
    }
    assert!(blocks >= 3, "the page shows whole files");
}

#[test]
fn the_keys_the_example_has_as_comments_are_right_too() {
    let mut text = EXAMPLE.replace("# conflicts = \"last", "# # conflicts = \"last");
    for key in [
        "write_pace",
        "default_labels",
        "issue_template",
        "conflicts",
        "ca_file",
        "webhook_secret",
        "retention",
    ] {
        text = text.replace(&format!("\n# {key} ="), &format!("\n{key} ="));
    }
    text = text.replace("# ### What\n#\n# ### Why\n# \"\"\"", "### What\n### Why\n\"\"\"");
    let settings =
        parse(&text, Some(Path::new("/etc/cork/config.toml"))).map_err(|e| e.render(false)).expect("valid");
    let core = settings.connection("core").expect("there");
    assert_eq!(core.default_labels, ["from corkboard"]);
    assert_eq!(core.issue_template.as_deref(), Some("### What\n### Why\n"));
    assert_eq!(core.policies.of(Field::Title), Policy::Manual);
    assert_eq!(core.policies.of(Field::Labels), Policy::LastWriteWins);
    assert_eq!(core.ca_file.as_deref(), Some(Path::new("/etc/cork/company-ca.pem")));
    assert_eq!(core.webhook_secret, Some(TokenSource::Env("GITHUB_WEBHOOK_SECRET".into())));
    assert_eq!(settings.audit.retention, Some(std::time::Duration::from_hours(2 * 365 * 24)));
    let told = (settings.alerts, settings.log, settings.audit.bodies);
    let standard = Settings::default();
    assert_eq!(told, (standard.alerts, standard.log, true), "the example shows what is so without it");
}

#[test]
fn an_empty_file_is_the_built_in_board() {
    let settings = parse("", None).expect("valid");
    assert_eq!((settings.columns.len(), settings.connections.len()), (4, 0));
    assert_eq!(settings.columns, Settings::default().columns);
}

#[test]
fn a_limit_is_a_number_or_a_table_and_belongs_to_a_column() {
    use crate::domain::limit::Limit;
    let text = "[wip]\napproved = 8\nin_progress = { limit = 4, hard = true }\n[wip.completed]\nlimit = 2\n";
    let limits = parse(text, None).map_err(|e| e.render(false)).expect("valid").limits;
    let of = |status: &str| limits.get(&Status::new(status)).copied();
    assert_eq!(of("approved"), Some(Limit { most: 8, hard: false }));
    assert_eq!(of("in_progress"), Some(Limit { most: 4, hard: true }));
    assert_eq!(of("completed"), Some(Limit { most: 2, hard: false }));
    assert_eq!(limits.len(), 3);
    for (text, at, what, help) in [
        (
            "[wip]\nin_progess = 4\n",
            (2, 1),
            "the board has no status `in_progess`",
            "did you mean `in_progress`?",
        ),
        ("[wip]\napproved = 0\n", (2, 12), "`approved` cannot be 0", "write a whole number"),
        ("[wip]\napproved = { hard = true }\n", (2, 12), "`limit` is missing for `approved`", "limit = 4"),
        ("[wip]\napproved = { limit = 3, hrad = true }\n", (2, 25), "unknown key `hrad`", "`hard`"),
        ("wip = 3\n", (1, 7), "`wip` is a table", "[wip]"),
    ] {
        let found = mistakes(text);
        assert_eq!((found.len(), (found[0].0, found[0].1)), (1, at), "{text}: {found:?}");
        assert!(found[0].2.contains(what) && found[0].3.contains(help), "{text}: {found:?}");
    }
}

#[test]
fn when_a_card_is_stale_can_be_said_and_turned_off() {
    let days = |text: &str| {
        let settings = parse(&format!("[board]\n{text}\n"), None).expect("valid");
        settings.stale_after.map(|time| time.as_secs() / 86_400)
    };
    assert_eq!(days(""), Some(14));
    assert_eq!(days("stale_after = \"30d\""), Some(30));
    assert_eq!((days("stale_after = \"off\""), days("stale_after = \"0\"")), (None, None));
    assert_eq!(mistakes("[board]\nstale_after = \"1m\"\n").len(), 1);
}

/// One mistake: the text, the place, words of the message, words of the help.
type Case = (String, (usize, usize), &'static str, &'static str);

const TOKEN: &str = "token = { env = \"GITHUB_TOKEN\" }";
const PROPOSED: &str = "proposed = { label = \"status: proposed\" }";

fn mistakes_of_the_board() -> Vec<Case> {
    vec![
        ("[board\n".into(), (1, 7), "unclosed table", "toml.io"),
        ("[board]\nname = \"a\"\nname = \"b\"\n".into(), (3, 1), "duplicate key", "once"),
        ("[bord]\nname = \"a\"\n".into(), (1, 2), "unknown key `bord`", "did you mean `board`?"),
        ("[board]\nkinds = \"x\"\n".into(), (2, 1), "unknown key `kinds` in [board]", "`kind`?"),
        ("[board]\nkind = \"sprint\"\n".into(), (2, 8), "`kind` cannot be \"sprint\"", "sprint_board"),
        ("[board]\nname = 3\n".into(), (2, 8), "a text is needed here, not a number", "double quotes"),
        ("[board]\nname = \" \"\n".into(), (2, 8), "needs a name", "short name"),
        ("board = 3\n".into(), (1, 9), "is a table, not a number", "[board]"),
        ("[status_mapping]\n".into(), (1, 1), "at least one column", "Title"),
        ("[status_mapping]\nTodo = \"T\"\n".into(), (2, 1), "`Todo` cannot be a status", "lower-case"),
        ("[status_mapping]\na = \"T\"\nb = \"t\"\n".into(), (3, 5), "another column", "of its own"),
        ("[status_mapping]\na = \"T\"\na = \"U\"\n".into(), (3, 1), "duplicate key", "once"),
        ("[status_mapping]\na = 1\n".into(), (2, 5), "a column title is needed", "In Progress"),
        ("[ui]\ntheme = \"drak\"\n".into(), (2, 9), "`theme` cannot be \"drak\"", "did you mean \"dark\"?"),
        ("[audit]\nretention = \"1h\"\n".into(), (2, 13), "cannot be \"1h\"", "from \"1d\""),
        ("[alerts]\nparked = \"1\"\n".into(), (2, 10), "whole number, not a text", "from 0 to"),
        ("[alerts]\nbudget_under = 101\n".into(), (2, 16), "cannot be 101", "to 100"),
        ("[alerts]\ndown_after = 10\n".into(), (2, 14), "a duration is needed", "10m"),
        ("[log]\nlevel = \"loud\"\n".into(), (2, 9), "`level` cannot be", "`trace`"),
        ("[log]\nkeep = 0\n".into(), (2, 8), "cannot be 0", "from 1"),
        ("[ui]\nascii = \"yes\"\n".into(), (2, 9), "true or false, not a text", "without quotes"),
        ("[keys]\nquit = 3\n".into(), (2, 8), "a chord or a list of chords", "action ="),
        ("[keys]\nquit = [\"q\", 3]\n".into(), (2, 14), "list of texts", "[\""),
        ("[keys]\nqiut = \"q\"\n".into(), (2, 1), "`qiut` is not an action", "`?` on the board"),
        ("[keys]\nquit = [\"q\", \"ctrl-\"]\n".into(), (2, 14), "is not a key", "write keys as"),
        ("[ui]\n[keys]\nquit = \"h\"\n".into(), (3, 8), "is bound to both", "another key"),
        ("[keys]\npreset = \"emacs\"\n".into(), (2, 10), "`preset` cannot be", "`vim` or `standard`"),
        ("[keys]\nboard = \"q\"\n".into(), (2, 9), "`board` is a table", "[keys.board]"),
        ("[keys.bord]\nquit = \"q\"\n".into(), (1, 7), "no view `bord`", "[keys.board]"),
        ("[keys.card]\nqiut = \"q\"\n".into(), (2, 1), "`qiut` is not an action", "docs/keys.md"),
        (
            "[keys.health]\nundo = \"U\"\n".into(),
            (2, 1),
            "does nothing in [keys.health]",
            "under [keys.board]",
        ),
        (
            "[keys]\nundo = \"U\"\n[keys.card]\nundo = [\"z\", \"q\"]\n".into(),
            (4, 14),
            "bound to both",
            "(open card)",
        ),
        ("[keys.text]\nsave = \"s\"\n".into(), (2, 8), "types a character", "ctrl or alt"),
        ("[keys]\npreset = \"standard\"\nundo = \"f1\"\n".into(), (3, 8), "bound to both", "another key"),
        ("[connection]\nname = \"a\"\n".into(), (1, 2), "list of tables", "[[connection]]"),
    ]
}

fn mistakes_of_a_connection() -> Vec<Case> {
    let token = TOKEN;
    vec![
        (with("name = \"core\"\n", ""), (2, 1), "`name` is missing", "core#12"),
        (with("\"core\"", "\"co re\""), (3, 8), "cannot be the name", "letters"),
        (with("platform = \"github\"\n", ""), (2, 1), "`platform` is missing", "github"),
        (with("\"github\"", "\"gitea\""), (4, 12), "cannot be \"gitea\"", "`github`"),
        (with("octo/app", "octo"), (5, 14), "not a repository", "owner/name"),
        (
            with("octo/app", "git@github.com:octo/app.git"),
            (5, 14),
            "not a repository",
            "`repository = \"octo/app\"`",
        ),
        (with(token, "token = \"hunter2\""), (6, 9), "no place in this file", "GITHUB_TOKEN"),
        (with(token, "token = { env = \"A\", command = \"b\" }"), (6, 9), "several places", "one of"),
        (
            with(token, &format!("{token}\nwebhook_secret = \"hunter2\"")),
            (7, 18),
            "the secret itself has no place",
            "env",
        ),
        (with(token, "token = {}"), (6, 9), "does not say where", "one of"),
        (with(token, "token = { evn = \"A\" }"), (6, 9), "does not say where", "one of"),
        (with(token, "token = { env = \"A B\" }"), (6, 17), "environment variable", "GITHUB_TOKEN"),
        (with(token, "token = { keyring = \"corkboard\" }"), (6, 21), "entry of the keyring", "service/user"),
        (with(&format!("{token}\n"), ""), (2, 1), "`token` is missing", "gh auth token"),
        (with(token, &format!("{token}\ninterval = 60")), (7, 12), "a duration is needed here", "60s"),
        (with(token, &format!("{token}\ninterval = \"60\"")), (7, 12), "lacks a unit", "60s"),
        (with(token, &format!("{token}\ninterval = \"1s\"")), (7, 12), "cannot be \"1s\"", "\"5s\" to"),
        (with(token, &format!("{token}\nwrite_pace = \"0s\"")), (7, 14), "cannot be \"0s\"", "\"1s\" to"),
        (with(token, &format!("{token}\ndirection = \"both\"")), (7, 13), "cannot be", "`bidirectional`"),
        (with(token, &format!("{token}\napi_url = \"http://git.corp\"")), (7, 11), "plain http", "https"),
        (with(token, &format!("{token}\napi_url = \"https://a:b@h/\"")), (7, 11), "password", "`token`"),
        (with(token, &format!("{token}\napi_url = \"https://h/?a=1\"")), (7, 11), "no `?`", "take"),
        (with(token, &format!("{token}\napi_url = \"ftp://h/\"")), (7, 11), "https URL", "https"),
        (with(token, &format!("{token}\napi_url = \"nonsense\"")), (7, 11), "not a URL", "api.github.com"),
        (with(token, &format!("{token}\napi_url = \"https://github.com/\"")), (7, 11), "web site", "api."),
    ]
}

fn mistakes_of_a_mapping() -> Vec<Case> {
    let (token, proposed) = (TOKEN, PROPOSED);
    vec![
        (
            with(token, &format!("{token}\ndefault_labels = [\"Status: Proposed\"]")),
            (7, 19),
            "stands for the status `proposed`",
            "take it out",
        ),
        (with(token, &format!("{token}\ndefault_labels = [\"a\", 3]")), (7, 24), "list of texts", "[\""),
        (with(token, &format!("{token}\nconflicts = \"newest\"")), (7, 13), "cannot be", "last_write_wins"),
        (
            with(token, &format!("{token}\nconflicts = {{ labels = \"local\" }}")),
            (7, 15),
            "cannot conflict",
            "merged",
        ),
        (with(proposed, "proposed = {}"), (8, 12), "mapped to nothing", "label"),
        (with(proposed, "proposed = \"todo\""), (8, 12), "is a table, not a text", "{ label = \"todo\" }"),
        (with(proposed, "proposed = { label = \"\" }"), (8, 12), "cannot be empty", "as the platform"),
        (
            with(proposed, "proposed = { label = \"a\", reason = \"completed\" }"),
            (8, 12),
            "only a closed item",
            "add `state",
        ),
        (with(proposed, "proposed = { state = \"done\" }"), (8, 22), "`state` cannot be", "`closed`"),
        (with(proposed, "review = { label = \"a\" }"), (8, 10), "no status `review`", "[status_mapping]"),
        (with(proposed, "proposed = { state = \"closed\" }"), (9, 13), "would come back", "of its own"),
        (CONNECTION.replace("proposed =", "#").replace("completed =", "#"), (7, 1), "maps no status", "map"),
        (
            CONNECTION[..CONNECTION.find("[connection.s").expect("there")].into(),
            (2, 1),
            "maps no status",
            "map",
        ),
        (
            format!("{CONNECTION}{}", CONNECTION.replace("\"core\"", "\"CORE\"")),
            (12, 8),
            "two connections named `CORE`",
            "of its own",
        ),
        (
            format!("{CONNECTION}{}", CONNECTION.replace("\"core\"", "\"twin\"")),
            (14, 14),
            "both connect octo/app",
            "one connection per repository",
        ),
    ]
}

#[test]
fn every_mistake_names_its_place_and_its_cure() {
    let cases = [mistakes_of_the_board(), mistakes_of_a_connection(), mistakes_of_a_mapping()].concat();
    let mut wrong = Vec::new();
    for (text, place, message, help) in cases {
        let got = mistakes(&text);
        let good = got.iter().any(|m| (m.0, m.1) == place && m.2.contains(message) && m.3.contains(help));
        if !good {
            wrong.push(format!("{text}\nwanted {place:?} {message} / {help}\n   got {got:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn on_loopback_http_and_quick_paces_are_allowed() {
    for host in ["127.0.0.1:8080", "localhost:1", "[::1]:1"] {
        let text = with(
            "token =",
            &format!("api_url = \"http://{host}/\"\ninterval = \"200ms\"\nwrite_pace = \"0s\"\ntoken ="),
        );
        let settings = parse(&text, None).map_err(|e| e.render(false)).expect("valid");
        assert_eq!(settings.connections[0].write_pace.as_millis(), 0, "{host}");
    }
    assert!(!mistakes(&with("token =", "api_url = \"http://127.0.0.1.evil.example/\"\ntoken =")).is_empty());
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let text = "[board]\nkind = 1\n[ui]\ntheme = \"x\"\nmouse = 2\n[colours]\n[[connection]]\nname = \"a\"\n\
                [connection.status_mapping]\nproposed = 1\nnowhere = { label = \"a\" }\n";
    let got: Vec<usize> = mistakes(text).into_iter().map(|m| m.0).collect();
    assert_eq!(got, [2, 4, 5, 6, 7, 7, 7, 10, 11]);
}

#[test]
fn a_secret_written_into_the_file_is_never_shown() {
    let secret = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";
    let texts = [
        with("token = { env = \"GITHUB_TOKEN\" }", "token = \"hunter2-secret\""),
        with("env = \"GITHUB_TOKEN\"", "env = \"hunter2-secret\""),
        with("env = \"GITHUB_TOKEN\"", &format!("command = \"echo {secret}\"")),
        with("token =", "api_url = \"https://me:hunter2-secret@host/\"\ntoken ="),
        with("token = { env = \"GITHUB_TOKEN\" }", &format!("token = \"{secret}")),
        with("platform = \"github\"", &format!("platform = \"{secret}\"")),
    ];
    for text in texts {
        let error = parse(&text, None).expect_err("refused");
        for shown in [error.render(false), error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(!shown.contains("0123456789abc"), "{shown}");
        }
    }
}

#[test]
fn a_mistake_is_shown_with_its_line_and_without_colour() {
    let text = "[board]\nname = \"x\"\n\n[ui]\ntheme = \"drak\"\n";
    let error = parse(text, Some(Path::new("/home/ana/c.toml"))).expect_err("wrong");
    let wanted = "\
error: `theme` cannot be \"drak\"
 --> /home/ana/c.toml:5:9
  |
5 | theme = \"drak\"
  |         ^^^^^^
  |
  = help: did you mean \"dark\"? It may be `terminal`, `dark`, `light`, `high-contrast` or `mono`
";
    assert_eq!(error.render(false), wanted);
    assert!(error.render(true).contains('\u{1b}'));
}

#[test]
fn escape_sequences_in_a_file_do_not_reach_the_terminal() {
    let error = parse("[board]\nname = \"a\u{202E}b\"\nkind = \"\\u001b[2J\"\n", None).expect_err("wrong");
    let shown = error.render(false);
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202E}'), "{shown:?}");
}

#[test]
fn a_file_that_is_no_text_says_where() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("config.toml");
    std::fs::write(&path, b"[board]\nname = \"\xff\"\n").expect("written");
    let error = load(&path).expect_err("no text");
    assert_eq!((error.mistakes()[0].line, error.mistakes()[0].column), (2, 9));
}

#[test]
fn a_file_that_is_not_there_says_what_to_do() {
    let error = load(Path::new("/nowhere/config.toml")).expect_err("missing");
    assert!(error.render(false).contains("help: run `corkboard init`"), "{}", error.render(false));
}

#[test]
fn mode_census_and_bulk_limits_read_as_written() {
    use crate::config::settings::{Guards, Mode};
    let of = |text: &str| parse(text, None).expect("valid").connections.remove(0);
    let usual = of(CONNECTION);
    assert_eq!((usual.mode, usual.guards), (Mode::RealTime, Guards::default()));
    let line = "token = { env = \"GITHUB_TOKEN\" }";
    let more = "\nmode = \"batch\"\ncensus = \"off\"\nbulk_creates = 5\nbulk_updates = 7";
    let own = of(&with(line, &format!("{line}{more}")));
    assert_eq!(own.mode, Mode::Batch);
    assert_eq!(own.guards, Guards { bulk_creates: 5, bulk_updates: 7, census: None });
    let weekly = of(&with(line, &format!("{line}\ncensus = \"7d\"")));
    assert_eq!(weekly.guards.census.map(|d| d.as_secs()), Some(7 * 86_400));
    for (wrong, message) in [
        ("bulk_creates = 0", "`bulk_creates` cannot be 0"),
        ("bulk_updates = \"40\"", "`bulk_updates` is a whole number, not a text"),
        ("census = \"1s\"", "`census` cannot be \"1s\""),
        ("census = 5", "a duration is needed here, not a number"),
        ("mode = \"sometimes\"", "`mode` cannot be \"sometimes\""),
    ] {
        let found = mistakes(&with(line, &format!("{line}\n{wrong}")));
        assert_eq!(found.iter().map(|m| m.2.as_str()).collect::<Vec<_>>(), [message], "{wrong}");
    }
}

/// The places a text's mistakes are told at, and what they say.
fn complaints(text: &str) -> String {
    parse(text, None).err().map(|error| error.render(false)).unwrap_or_default()
}

#[test]
fn every_platform_is_written_as_its_people_call_things() {
    let board = "[status_mapping]\nproposed = \"Backlog\"\nin_progress = \"Doing\"\ncompleted = \"Done\"\n";
    let connections = [
        "name = \"road\"\nplatform = \"github\"\nrepository = \"octo/app\"\nproject = \"orgs/octo/projects/3\"\n\
         token = { env = \"T\" }\n[connection.status_mapping]\nproposed = { option = \"Backlog\" }\n\
         completed = { option = \"Done\", state = \"closed\", reason = \"completed\" }\n",
        "name = \"ops\"\nplatform = \"gitlab\"\nproject = \"group/app\"\napi_url = \"https://gitlab.example.com/sub/\"\n\
         token = { env = \"T\" }\n[connection.status_mapping]\nin_progress = { label = \"workflow::in progress\" }\n\
         completed = { state = \"closed\" }\n",
        "name = \"plan\"\nplatform = \"jira\"\nproject = \"ABC\"\napi_url = \"https://site.example.net\"\n\
         user = \"me@example.com\"\ntoken = { env = \"T\" }\n[connection.status_mapping]\n\
         in_progress = { status = \"In Progress\" }\ncompleted = { status = \"Done\", resolution = \"Done\" }\n",
        "name = \"review\"\nplatform = \"bitbucket\"\nrepository = \"team/app\"\nuser = \"me@example.com\"\n\
         token = { env = \"T\" }\n[connection.status_mapping]\nin_progress = { state = \"OPEN\" }\n\
         completed = { state = \"MERGED\" }\n[connection.people]\nana = \"{5f6a}\"\n",
    ];
    let text = connections.iter().fold(board.to_owned(), |all, c| format!("{all}\n[[connection]]\n{c}"));
    let settings = parse(&text, None).unwrap_or_else(|e| panic!("{}", e.render(false)));
    let of = |name: &str| settings.connection(name).expect("there");
    let place: Vec<(&str, &str)> =
        settings.connections.iter().map(|c| (c.platform.as_str(), c.repository.as_str())).collect();
    assert_eq!(
        place,
        [("github", "octo/app"), ("gitlab", "group/app"), ("jira", "ABC"), ("bitbucket", "team/app")]
    );
    assert_eq!(of("road").project.as_deref(), Some("orgs/octo/projects/3"));
    assert_eq!(of("ops").api_url.as_str(), "https://gitlab.example.com/sub");
    assert_eq!(of("review").api_url.as_str(), "https://api.bitbucket.org/2.0");
    let target = |name: &str, status: &str| of(name).targets[&Status::new(status)].clone();
    assert_eq!(target("road", "proposed").status.as_deref(), Some("Backlog"));
    assert_eq!(target("plan", "completed").resolution.as_deref(), Some("Done"));
    assert_eq!(target("review", "completed").status.as_deref(), Some("MERGED"));
    assert_eq!(of("review").mapping.names().people.as_ref().and_then(|p| p.there("ana")), Some("{5f6a}"));
}

#[test]
fn what_a_platform_does_not_have_is_refused_with_its_own_words() {
    let with = |lines: &str| {
        let head =
            "[status_mapping]\ncompleted = \"Done\"\n[[connection]]\nname = \"x\"\ntoken = { env = \"T\" }\n";
        complaints(&format!("{head}{lines}"))
    };
    let github = "platform = \"github\"\nrepository = \"o/r\"\n[connection.status_mapping]\n";
    let jira = "platform = \"jira\"\nproject = \"ABC\"\napi_url = \"https://s.example.net\"\n";
    for (lines, words) in [
        (format!("{github}completed = {{ option = \"Done\" }}\n"), "an option belongs to a project"),
        (format!("{github}completed = {{ status = \"Done\" }}\n"), "`status` says nothing on github"),
        (format!("{jira}[connection.status_mapping]\ncompleted = {{ state = \"closed\" }}\n"), "`state` says nothing on jira"),
        (format!("{jira}repository = \"o/r\"\n"), "a jira connection has no `repository`"),
        ("platform = \"jira\"\nproject = \"abc\"\napi_url = \"https://s.example.net\"\n".to_owned(), "`abc` is not the key of a project"),
        ("platform = \"jira\"\nproject = \"ABC\"\n".to_owned(), "`api_url` is missing"),
        ("platform = \"gitlab\"\nproject = \"app\"\n".to_owned(), "`app` is not the path of a project"),
        ("platform = \"github\"\nrepository = \"o/r\"\nproject = \"octo/3\"\n".to_owned(), "`octo/3` is not a project"),
        ("platform = \"github\"\nrepository = \"o/r\"\nuser = \"me@example.com\"\n".to_owned(), "a github connection has no `user`"),
        (
            "platform = \"bitbucket\"\nrepository = \"o/r\"\n[connection.status_mapping]\ncompleted = { state = \"closed\" }\n".to_owned(),
            "`state` cannot be \"closed\"",
        ),
        (format!("{jira}[connection.people]\nana = \"x\"\nben = \"X\"\n"), "`X` stands here twice"),
    ] {
        let told = with(&lines);
        assert!(told.contains(words), "{words}:\n{told}");
    }
}

#[test]
fn rules_for_new_cards_are_read_and_held_against_what_there_is() {
    let plan = CONNECTION.replace("\"core\"", "\"plan\"").replace("octo/app", "octo/plan");
    let pulls = CONNECTION.replace("\"core\"", "\"seen\"").replace("octo/app", "octo/seen");
    let pulls = pulls.replace("token =", "direction = \"pull\"\ntoken =");
    let board = format!("{CONNECTION}{plan}{pulls}");
    let rules = "[new_cards]\nconnections = [\"core\"]\n[[new_cards.rule]]\nlabel = \"bug\"\nkind = \"epic\"\n\
                 connections = [\"core\", \"plan\"]\n[[new_cards.rule]]\nstatus = \"proposed\"\nconnections = []\n";
    let settings = parse(&format!("{board}{rules}"), None).map_err(|e| e.render(false)).expect("valid");
    let new = settings.new_cards;
    assert_eq!(new.connections, Some(vec![ConnectionName::new("core")]));
    let told: Vec<(String, usize)> = new.rules.iter().map(|r| (r.words(), r.connections.len())).collect();
    assert_eq!(told, [("label bug, kind epic".to_owned(), 2), ("status proposed".to_owned(), 0)]);
    for (rules, message, help) in [
        ("[new_cards]\nconnections = [\"plna\"]", "no connection `plna`", "did you mean `plan`"),
        ("[new_cards]\nconnections = [\"seen\"]", "nothing can be made on `seen`", "only pulls"),
        ("[new_cards]\nconnections = [\"core\", \"core\"]", "listed twice", "take one"),
        ("[new_cards]\non = [\"core\"]", "unknown key `on`", "`connections`"),
        ("[[new_cards.rule]]\nlabel = \"a\"", "`connections` is missing", "empty list"),
        ("[[new_cards.rule]]\nconnections = []", "about no card", "name a `label`"),
        ("[[new_cards.rule]]\nkind = \"story\"\nconnections = []", "`kind` cannot be", "`issue`"),
        ("[[new_cards.rule]]\nstatus = \"propsed\"\nconnections = []", "`status` cannot be", "proposed"),
        ("[[new_cards.rule]]\nlabel = \"\"\nconnections = []", "empty", "as the board shows it"),
        ("[new_cards]\nrule = 1", "a list of tables", "[[new_cards.rule]]"),
    ] {
        let got = mistakes(&format!("{board}{rules}\n"));
        let good = got.len() == 1 && got[0].2.contains(message) && got[0].3.contains(help);
        assert!(good, "{rules}\n{got:?}");
    }
}

#[test]
fn several_steps_of_a_workflow_are_taken_only_where_they_are_asked_for_and_there_is_one() {
    let jira = CONNECTION
        .replace("\"github\"", "\"jira\"")
        .replace("repository = \"octo/app\"", "project = \"ABC\"");
    let jira = jira.replace("name = \"core\"", "name = \"core\"\napi_url = \"https://site.example.net\"");
    let mapped = jira.replace("{ label = \"status: proposed\" }", "{ status = \"To Do\" }");
    let mapped = mapped.replace("{ state = \"closed\", reason = \"completed\" }", "{ status = \"Done\" }");
    let hops = |text: &str| parse(text, None).map(|s| s.connections[0].mapping.hops());
    assert_eq!(hops(&mapped).ok(), Some(false));
    let on = mapped.replace("name = \"core\"", "name = \"core\"\nmulti_hop = true");
    assert_eq!(hops(&on).ok(), Some(true));
    let told = mistakes(&with("name = \"core\"", "name = \"core\"\nmulti_hop = true"));
    assert!(told.len() == 1 && told[0].2.contains("`multi_hop` means nothing on github"), "{told:?}");
}
