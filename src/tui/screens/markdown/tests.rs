//! What people write in issues, and what they write to harm a terminal.

use super::*;
use proptest::prelude::*;

fn shown(markdown: &str, columns: u16) -> String {
    rendered(markdown, columns, Look::default())
}

fn rendered(markdown: &str, columns: u16, look: Look) -> String {
    let rows = lines(markdown, columns, look);
    let rows: Vec<String> =
        rows.iter().map(|l| l.spans.iter().map(|s| s.content.as_ref()).collect::<String>()).collect();
    rows.join("\n")
}

#[test]
fn an_issue_reads_as_on_the_platform() {
    let body = "## What happens\r\nThe dial waits.\r\nThen it fails.\r\n\r\n<!-- please fill in -->\r\n\r\n\
        - [x] reproduce it on a slow link with a very long line of words\r\n- [ ] fix\r\n  - nested\r\n\r\n\
        1. one\r\n2. two\r\n   goes on\r\n\r\n> quoted words that are long enough to be wrapped somewhere\r\n\r\n\
        ```rust\r\nfn main() {\r\n    retry();\r\n}\r\n```\r\n\r\n\
        | a | b |\r\n|---|---|\r\n| 1 | two |\r\n\r\n---\r\nsee https://example.com/x and [docs](https://d.example)";
    insta::assert_snapshot!(shown(body, 40));
}

#[test]
fn ascii_draws_no_other_frame() {
    let body = "- a\n\n| a | b |\n|---|---|\n| 1 | two |\n\n```\ncode\n```";
    let text = rendered(body, 40, Look { ascii: true, ..Look::default() });
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn an_entity_smuggles_no_escape_and_no_override() {
    let text = shown("a&#27;[2Jb &#x202E;gpj.exe `\u{9b}c`", 60);
    assert!(!text.contains(|c: char| c != '\n' && is_unsafe(c)), "{text:?}");
    assert!(text.contains("gpj.exe"), "{text:?}");
}

#[test]
fn a_comment_that_is_never_closed_hides_only_itself() {
    assert_eq!(shown("before\n\n<!-- open", 40), "before");
    assert_eq!(shown("a <!-- x --> b", 40), "a  b");
}

#[test]
fn an_address_is_not_said_twice() {
    assert_eq!(shown("<https://example.com/x>", 60), "https://example.com/x");
    assert_eq!(shown("[docs](https://d.example)", 60), "docs (https://d.example)");
}

#[test]
fn code_keeps_its_blanks_and_is_broken_at_the_edge() {
    assert_eq!(shown("```\n  abcdefgh\n```", 8), "▏   abcd\n▏ efgh");
}

#[test]
fn nothing_written_is_nothing_shown() {
    assert_eq!(shown("", 40), "");
    assert_eq!(shown("\n\n  \n", 40), "");
}

proptest! {
    /// Whatever is written, at any width: no panic, nothing unsafe, no line that leaves the pane but a table's.
    #[test]
    fn any_text_at_any_width_is_harmless(text in "(\\PC|[\n\t#>*`|\\[\\]()!<>-]){0,80}", columns in 0_u16..40) {
        for line in lines(&text, columns, Look::default()) {
            for span in &line.spans {
                prop_assert!(!span.content.contains(is_unsafe), "{:?}", span.content);
            }
        }
    }
}
