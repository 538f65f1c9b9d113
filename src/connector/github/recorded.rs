//! Answers recorded from GitHub, old and new, for the tests that hold our shapes against them. They are not part of
//! the project; without them a test says so and checks nothing.

use std::io::Write;

use serde_json::Value;

/// The exchanges of one recording; none, and a loud word, when the recordings are not at hand.
pub(super) fn exchanges(file: &str) -> Vec<Value> {
    let Ok(oracles) = std::env::var("CORKBOARD_ORACLES") else {
        let told =
            writeln!(std::io::stderr(), "NOT CHECKED against {file}: CORKBOARD_ORACLES names no recordings");
        assert!(told.is_ok());
        return Vec::new();
    };
    let path = format!("{oracles}/samples/github/{file}");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let recording: Value = serde_json::from_str(&text).expect("a recording is JSON");
    recording["exchanges"].as_array().expect("a recording lists exchanges").clone()
}
