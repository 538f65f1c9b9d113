//! How runs end: exit codes, errors on standard error, and readers that go away.

use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::home::{Home, code, err};

#[test]
fn without_a_terminal_the_board_names_its_headless_twins() {
    let home = Home::new();
    for arguments in [&[][..], &["demo"]] {
        let out = home.run(arguments);
        assert_eq!(code(&out), 2, "{}", err(&out));
        assert!(err(&out).starts_with("error: standard output is not a terminal"), "{}", err(&out));
        assert!(err(&out).contains("card list") && err(&out).contains("sync --once"), "{}", err(&out));
        assert!(out.stdout.is_empty());
    }
}

#[test]
fn a_wrong_config_is_told_with_its_place_and_ends_with_2() {
    let home = Home::with("[board]\nnmae = \"x\"\n[ui]\ntheme = \"drak\"\n");
    for arguments in [&[][..], &["card", "list"], &["sync", "--once"]] {
        let out = home.run(arguments);
        assert_eq!(code(&out), 2);
        for part in
            ["config.toml:2:1", "unknown key `nmae`", "did you mean `name`?", "config.toml:4:9", "help:"]
        {
            assert!(err(&out).contains(part), "{part} is not in {}", err(&out));
        }
        assert!(!err(&out).contains('\u{1b}'), "no colours without a terminal");
    }
}

#[test]
fn a_config_that_was_named_must_exist() {
    let home = Home::new();
    let out = home.run(&["--config", "none.toml", "card", "list"]);
    assert_eq!(code(&out), 2);
    assert!(err(&out).contains("cannot read the config file none.toml"), "{}", err(&out));
    let out = home.command(&["card", "list"]).env("CORKBOARD_CONFIG", "none.toml").output().expect("it runs");
    assert_eq!(code(&out), 2);
}

#[test]
fn paths_come_from_arguments_and_environment() {
    let home = Home::new();
    home.write("elsewhere.toml", "[board]\nname = \"x\"\n[status_mapping]\nonly = \"Only\"\n");
    home.text(&["--config", "elsewhere.toml", "--data-dir", "d1", "card", "create", "--title", "x"]);
    assert!(home.path("d1/corkboard.db").exists());
    let list = home
        .command(&["card", "list", "--json"])
        .env("CORKBOARD_CONFIG", "elsewhere.toml")
        .env("CORKBOARD_DATA_DIR", "d1")
        .output()
        .expect("it runs");
    assert!(String::from_utf8_lossy(&list.stdout).contains("\"column\": \"Only\""));
    assert!(!home.path(".local/share/corkboard").exists(), "nothing is made where nothing was asked for");
}

#[test]
fn a_usage_error_ends_with_2_and_help_with_0() {
    let home = Home::new();
    assert_eq!(code(&home.run(&["card", "fly"])), 2);
    assert_eq!(code(&home.run(&["sync"])), 2);
    assert_eq!(code(&home.run(&["--help"])), 0);
    assert_eq!(code(&home.run(&["--version"])), 0);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::new();
    for n in 0..3 {
        home.text(&["card", "create", "--title", &format!("{n}"), "--body", &"x".repeat(60_000)]);
    }
    for arguments in [&["card", "list", "--json"][..], &["doctor"], &["--help"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_corkboard"))
            .args(arguments)
            .env("HOME", home.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // One byte at most, then the pipe is closed.
        let mut out = child.stdout.take().expect("piped");
        let _ = out.read(&mut [0_u8; 1]).expect("a byte");
        drop(out);
        let mut words = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut words).expect("text");
        let status = child.wait().expect("it ends");
        assert!(!words.contains("panic"), "{arguments:?}: {words}");
        assert_eq!(status.code(), Some(0), "{arguments:?}: {words}");
    }
}

#[test]
fn a_filter_of_the_log_that_is_none_says_so() {
    let out = Home::new().command(&["card", "list"]).env("CORKBOARD_LOG", "=&=").output().expect("it runs");
    assert_eq!(code(&out), 2);
    assert!(err(&out).contains("CORKBOARD_LOG"), "{}", err(&out));
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    let home = Home::new();
    let rubbish = "this is no database, and long enough to be looked at as one. ".repeat(100);
    home.write(".local/share/corkboard/corkboard.db", &rubbish);
    let out = home.run(&["card", "list"]);
    assert_eq!(code(&out), 1);
    assert!(err(&out).contains("corkboard.db") && err(&out).contains("help:"), "{}", err(&out));
    assert_eq!(home.read(".local/share/corkboard/corkboard.db"), rubbish);
}
