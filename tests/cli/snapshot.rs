//! `snapshot`: pictures of what the database holds, and those of the documentation, which must be what the program draws.

use std::path::Path;

use corkboard::sandbox::Seed;

use crate::home::{Home, code, err};

/// The pictures of the documentation, and how each is made.
const PICTURES: [(&str, &[&str]); 4] = [
    ("board.svg", &["--theme", "dark", "--panel"]),
    ("board-light.svg", &["--theme", "light", "--size", "100x30"]),
    ("themes.svg", &["--theme", "dark", "--view", "themes", "--size", "100x30"]),
    ("health.svg", &["--theme", "dark", "--view", "health", "--size", "100x30"]),
];

#[test]
fn the_pictures_of_the_documentation_are_what_the_program_draws() {
    let home = Home::new();
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let renew = std::env::var_os("CORKBOARD_PICTURES").is_some();
    for (name, how) in PICTURES {
        let out = home.path(name);
        let file = out.display().to_string();
        let arguments = [&["snapshot", "--demo", "-o", file.as_str()][..], how].concat();
        home.text(&arguments);
        let drawn = std::fs::read_to_string(&out).expect("a picture");
        if renew {
            std::fs::write(assets.join(name), &drawn).expect("written");
        }
        let kept = std::fs::read_to_string(assets.join(name)).unwrap_or_default();
        assert!(
            kept == drawn,
            "assets/{name} is stale: CORKBOARD_PICTURES=1 cargo test --test cli snapshot draws it anew"
        );
        assert!(drawn.len() < 120_000, "assets/{name} is large: {}", drawn.len());
    }
    let svgs = std::fs::read_dir(&assets).expect("assets").filter_map(Result::ok);
    let svgs = svgs.filter(|e| e.path().extension().is_some_and(|e| e == "svg")).count();
    assert_eq!(svgs, PICTURES.len(), "each picture in assets is made here");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_is_drawn_of_what_was_synced_without_a_terminal_or_a_network() {
    let (home, sandbox) = Home::connected(Seed::Count(12)).await;
    let home = tokio::task::spawn_blocking(move || {
        home.text(&["sync", "--once"]);
        home
    })
    .await
    .expect("no panic");
    sandbox.shutdown().await;
    tokio::task::spawn_blocking(move || {
        let before = home.text(&["audit", "list", "--json"]);
        for (view, words) in [
            ("board", "BACKLOG"),
            ("mappings", "status: approved"),
            ("health", "Last good sync"),
            ("activity", "core"),
            ("conflicts", "conflict"),
            ("help", "Help: Board"),
            ("themes", "high-contrast"),
            ("card:core#1", "core#1"),
        ] {
            let file = home.path("out.txt");
            let name = file.display().to_string();
            home.text(&["snapshot", "--view", view, "--size", "100x30", "-o", &name]);
            let text = std::fs::read_to_string(&file).expect("a picture");
            assert!(text.contains(words), "{view}:\n{text}");
            assert_eq!(text.lines().count(), 30, "{view}");
        }
        assert_eq!(before, home.text(&["audit", "list", "--json"]), "a picture changes nothing");
    })
    .await
    .expect("no panic");
}

#[test]
fn a_picture_that_cannot_be_drawn_says_why() {
    let home = Home::new();
    for (arguments, words) in [
        (&["-o", "board.png"][..], "board.png is no kind of picture"),
        (&["-o", "b.svg", "--theme", "drak"], "there is no theme `drak`"),
        (&["-o", "b.svg", "--size", "0x0"], "write columns and rows"),
        (&["-o", "b.svg", "--view", "moon"], "it may be board, mappings"),
        (&["-o", "b.svg", "--view", "card:core#1"], "no connection"),
        (&["-o", "none/b.svg"], "cannot write none/b.svg"),
    ] {
        let out = home.run(&[&["snapshot"][..], arguments].concat());
        assert_ne!(code(&out), 0, "{arguments:?}");
        assert!(err(&out).contains(words), "{arguments:?}: {}", err(&out));
    }
}

#[test]
fn colours_are_where_the_command_line_wants_them() {
    let home = Home::with("[board]\nnmae = \"x\"\n");
    let coloured = |arguments: &[&str], name: &str, value: &str| {
        let out = home.command(arguments).env(name, value).output().expect("it runs");
        err(&out).contains('\u{1b}')
    };
    assert!(!coloured(&["card", "list"], "A", "b"), "nobody reads colours from a pipe");
    assert!(coloured(&["card", "list", "--color", "always"], "NO_COLOR", "1"));
    assert!(coloured(&["card", "list"], "CLICOLOR_FORCE", "1"));
    assert!(!coloured(&["card", "list"], "NO_COLOR", "1"));
    assert!(!coloured(&["card", "list", "--color", "never"], "CLICOLOR_FORCE", "1"));
    assert!(coloured(&["card", "lsit", "--color=always"], "A", "b"), "a mistake in the arguments too");
}
