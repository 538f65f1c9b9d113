//! The house rules that no compiler holds: floors, doors, file headers, sizes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src` from the ground up. A room imports its own floor and those below it.
const FLOORS: [(&str, u8); 13] = [
    ("support", 0),
    ("domain", 1),
    ("sync", 3),
    ("config", 4),
    ("connector", 5),
    ("store", 6),
    ("engine", 7),
    ("tui", 8),
    ("sandbox", 8),
    ("server", 8),
    ("cli", 9),
    ("lib", 9),
    ("main", 9),
];

/// Rooms that stand side by side and do not know each other.
const STRANGERS: [(&str, &str); 5] = [
    ("tui", "sandbox"),
    ("tui", "server"),
    ("sandbox", "server"),
    ("connector", "store"),
    ("sync", "connector"),
];

/// Crates that live in one room only.
const DOORS: [(&str, &[&str]); 7] = [
    ("rusqlite", &["store"]),
    ("reqwest", &["connector"]),
    ("octocrab", &["connector"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("axum", &["sandbox", "server"]),
    ("color_eyre", &["cli", "main"]),
];

/// Longest file, in lines; a longer one wants dividing.
const LINES: usize = 600;

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).expect("a directory").map(|e| e.expect("an entry").path()) {
            if entry.is_dir() {
                open.push(entry);
            } else if entry.extension().is_some_and(|e| e == "rs") {
                out.push(entry);
            }
        }
    }
    out.sort();
    out
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(src()).expect("inside src");
    let first = inside.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The lines that are code: no comments, so that a doc link to another room is no import.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")).map(|(n, l)| (n + 1, l))
}

/// Rooms that a line names through `crate::`.
fn rooms_named(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !name.is_empty() {
            out.push(name);
        }
    }
    out
}

#[test]
fn a_room_imports_only_its_own_floor_and_those_below() {
    let floors: BTreeMap<&str, u8> = FLOORS.into_iter().collect();
    let mut wrong = Vec::new();
    for file in sources(&src()) {
        let room = room_of(&file);
        let Some(own) = floors.get(room.as_str()) else {
            wrong.push(format!("{room} has no floor: add it to FLOORS and to docs/architecture.md"));
            continue;
        };
        let text = fs::read_to_string(&file).expect("text");
        for (n, line) in code(&text) {
            for other in rooms_named(line) {
                let above = floors.get(other.as_str()).is_some_and(|f| f > own);
                let strange = STRANGERS
                    .iter()
                    .any(|(a, b)| (room == *a && other == *b) || (room == *b && other == *a && *a != "sync"));
                if above || strange {
                    wrong.push(format!("{}:{n}: {room} must not import {other}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_crate_that_belongs_to_one_room_is_named_nowhere_else() {
    let mut wrong = Vec::new();
    for file in sources(&src()) {
        // A connector's own tests may stand up a server.
        if file.ends_with("tests.rs") {
            continue;
        }
        let room = room_of(&file);
        let text = fs::read_to_string(&file).expect("text");
        for (n, line) in code(&text) {
            for (name, rooms) in DOORS {
                let named = line.contains(&format!("{name}::")) || line.contains(&format!("use {name};"));
                if named && !rooms.contains(&room.as_str()) {
                    wrong.push(format!("{}:{n}: {name} belongs to {rooms:?}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_holds_and_is_of_a_size_to_read() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut wrong = Vec::new();
    for file in sources(&src()).into_iter().chain(sources(&tests)) {
        let text = fs::read_to_string(&file).expect("text");
        if !text.starts_with("//!") {
            wrong.push(format!("{}: starts without `//!`", file.display()));
        }
        let lines = text.lines().count();
        if lines > LINES {
            wrong.push(format!("{}: {lines} lines, at most {LINES}", file.display()));
        }
        if text.lines().any(|l| l.trim_start().starts_with("#[ignore")) {
            wrong.push(format!("{}: an ignored test is no test", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_top_level_holds_only_what_belongs_there() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "assets",
        "tests",
        "docs",
        "config.example.toml",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "deny.toml",
        "clippy.toml",
        "rustfmt.toml",
        "target",
        ".ci",
        ".cargo",
        ".config",
        ".git",
        ".github",
        ".gitignore",
    ];
    let mut strange = Vec::new();
    for entry in fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("a directory") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if !allowed.contains(&name.as_str()) {
            strange.push(name);
        }
    }
    assert!(strange.is_empty(), "{strange:?}");
}

/// Every function that is written in the sources and tests, by name.
fn functions() -> std::collections::BTreeSet<String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut found = std::collections::BTreeSet::new();
    for file in sources(&src()).into_iter().chain(sources(&tests)) {
        let text = fs::read_to_string(&file).expect("text");
        for (_, line) in code(&text) {
            let Some((_, rest)) = line.split_once("fn ") else { continue };
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

/// The names of tests between back quotes: what else stands there has fewer underscores.
fn tests_named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|w| w.matches('_').count() >= 3 && !w.contains(['.', ' ', '='])).collect()
}

#[test]
fn the_page_of_failure_modes_has_every_row_and_names_only_tests_there_are() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/failure-modes.md");
    let page = fs::read_to_string(page).expect("the page");
    let functions = functions();
    let mut wrong: Vec<String> = tests_named(&page)
        .into_iter()
        .filter(|name| !functions.contains(*name))
        .map(|name| format!("there is no test `{name}`"))
        .collect();
    for row in 1..=35 {
        let Some(line) = page.lines().find(|l| l.starts_with(&format!("| {row} | "))) else {
            wrong.push(format!("row {row} is missing"));
            continue;
        };
        let columns: Vec<&str> = line.split(" | ").collect();
        let sentence = columns.get(2).is_some_and(|c| c.trim_end().ends_with('.'));
        if tests_named(line).is_empty() && !sentence {
            wrong.push(format!("row {row} has neither a test nor a sentence"));
        }
        let own = format!("row_{row:02}_");
        for name in functions.iter().filter(|f| f.starts_with(&own)) {
            if !tests_named(line).contains(&name.as_str()) {
                wrong.push(format!("row {row} does not name `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_of_terminals_names_only_tests_there_are() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/terminals.md");
    let page = fs::read_to_string(page).expect("the page");
    let functions = functions();
    let named = tests_named(&page);
    let wrong: Vec<&&str> = named.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(wrong.is_empty() && named.len() > 15, "there is no test {wrong:?}");
}
