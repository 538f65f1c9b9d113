//! What people write in issues, and what they write to harm a terminal.

use super::*;
use crate::tui::ink;
use crate::tui::paint::width;
use proptest::prelude::*;
use ratatui::style::Color;

fn shown(markdown: &str, columns: u16) -> String {
    rendered(markdown, columns, Look::default())
}

fn rendered(markdown: &str, columns: u16, look: Look) -> String {
    let inks = ink::all(blocks(markdown));
    let rows = read(markdown, columns, look, &inks).lines;
    let rows: Vec<String> =
        rows.iter().map(|l| l.spans.iter().map(|s| s.content.as_ref()).collect::<String>()).collect();
    rows.join("\n")
}

fn links(markdown: &str) -> Vec<(String, String)> {
    let links = read(markdown, 60, Look::default(), &Inks::new()).links;
    links.into_iter().map(|l| (l.label, l.url)).collect()
}

/// A colour for each role, so that a test can tell them apart.
fn coloured() -> Look {
    let fg = |c| Style::new().fg(c);
    Look {
        heading: fg(Color::Cyan),
        code: fg(Color::Magenta),
        good: fg(Color::Green),
        kind: fg(Color::Blue),
        faint: fg(Color::DarkGray),
        bad: fg(Color::Red),
        ..Look::default()
    }
}

/// The words of a text that have a colour.
fn of_colour(markdown: &str, colour: Color) -> Vec<String> {
    let lines = read(markdown, 60, coloured(), &ink::all(blocks(markdown))).lines;
    let spans = lines.into_iter().flat_map(|l| l.spans);
    spans.filter(|s| s.style.fg == Some(colour)).map(|s| s.content.trim().to_owned()).collect()
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
fn nested_lists_hang_under_their_marks_and_loose_ones_have_air() {
    let body = "- one\n  - two, which is long enough to be broken\n    1. three\n    2. four\n      > quoted in it\n\
        - five\n\n10. ten\n\n    another paragraph of ten\n\n11. eleven\n\n    ```sh\n    ls\n    ```\n-\n- [ ] open\n- [X] done";
    insta::assert_snapshot!(shown(body, 30));
}

const TABLE: &str = "| Platform | Limit | What happens then |\n|:--|--:|:-:|\n\
    | github | 5000 | it waits until the hour is over |\n| jira | 日本 | `429` and a *pause* |\n| short |\n";

#[test]
fn a_table_stands_in_columns_shares_what_room_there_is_and_is_told_in_lines_where_there_is_none() {
    for columns in [60, 34, 20] {
        insta::assert_snapshot!(format!("table-{columns}"), shown(TABLE, columns));
    }
}

#[test]
fn alerts_say_what_they_are_in_words() {
    let body = "> [!NOTE]\n> Useful.\n\n> [!TIP]\n> Helpful.\n\n> [!IMPORTANT]\n> Key.\n\n> [!WARNING]\n> Urgent.\n\n\
        > [!CAUTION]\n> Risky.\n>\n> - a list\n> > and a quote in it\n";
    insta::assert_snapshot!(shown(body, 40));
}

#[test]
fn an_image_is_its_description_and_its_address_however_it_is_written() {
    let body = "![a diagram](https://i.example/d.png)\n\n<img width=\"300\" alt=\"the dial\" src=\"https://i.example/e.png\" />\n\n\
        [![build](https://i.example/b.svg)](https://ci.example)\n\n![](https://i.example/f.png)";
    insta::assert_snapshot!(shown(body, 60));
}

#[test]
fn html_that_means_nothing_here_stands_as_it_is_written() {
    let body =
        "<details>\n<summary>Log</summary>\n\npressed <kbd>x</kbd><br>twice\n\n</details>\n<!-- hidden -->";
    assert_eq!(
        shown(body, 40),
        "<details>\n<summary>Log</summary>\n\npressed <kbd>x</kbd>\ntwice\n\n</details>"
    );
}

#[test]
fn code_shows_what_its_parts_are_by_role() {
    let rust = "```rust\nlet name = \"a\"; // b\n```";
    assert_eq!(of_colour(rust, Color::Cyan), ["let"]);
    assert_eq!(of_colour(rust, Color::Green), ["\"a\""]);
    assert!(
        of_colour("```python\nif x: # no\n    return 1\n```", Color::Cyan).contains(&"return".to_owned())
    );
    assert_eq!(of_colour("```toml\nport = 80\n```", Color::Magenta), ["80"]);
    assert_eq!(of_colour("```diff\n-old\n+new\n```", Color::Red), ["-old"]);
}

#[test]
fn code_in_an_unknown_language_is_in_the_style_of_code() {
    assert_eq!(of_colour("```klingon\nlet x\n```\n\n    indented", Color::Magenta), ["let x", "indented"]);
    assert!(blocks("```klingon\nlet x\n```\n\n    indented").is_empty());
}

#[test]
fn a_block_is_looked_at_once_however_often_it_stands_there() {
    let found = blocks("```rust\r\nfn a() {}\r\n```\n\n> ```rust,ignore\n> fn a() {}\n> ```\n");
    assert_eq!(found, [ink::CodeBlock { language: "rust".into(), code: "fn a() {}".into() }]);
}

#[test]
fn without_colours_code_in_a_line_keeps_its_marks() {
    assert_eq!(shown("run `ls` now", 40), "run `ls` now");
    assert_eq!(rendered("run `ls` now", 40, coloured()), "run ls now");
}

#[test]
fn every_address_is_named_once_with_what_the_text_calls_it() {
    let body = "[docs](https://d.example) and https://e.example/a_b_c, again https://d.example.\n\
        ![pic](http://i.example/p.png) <https://f.example> [mail](mailto:a@b.example) [local](./x.md)";
    let want = [
        ("docs", "https://d.example"),
        ("https://e.example/a_b_c", "https://e.example/a_b_c"),
        ("pic", "http://i.example/p.png"),
        ("https://f.example", "https://f.example"),
    ];
    assert_eq!(links(body), want.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn tasks_are_counted() {
    assert_eq!(tasks("- [x] a\n- [ ] b\n  - [X] c\n- d\n\n`- [ ] e`"), (2, 3));
    assert_eq!(tasks("none"), (0, 0));
}

#[test]
fn ascii_draws_no_other_frame() {
    let body =
        "- a\n- [x] b\n\n| a | b |\n|---|---|\n| 1 | two |\n\n```\ncode\n```\n\n> [!WARNING]\n> c\n\n---\n";
    let text = rendered(body, 40, Look { ascii: true, ..Look::default() });
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn an_entity_smuggles_no_escape_and_no_override() {
    let text = shown(
        "a&#27;[2Jb &#x202E;gpj.exe `\u{9b}c` [x](https://a.example/&#27;]0;y)\n\n```a&#27;b\n\u{1b}c\n```",
        60,
    );
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
    assert_eq!(shown("```rust\nlet 日本 = 1;\n\n\n```", 9), "▏ let 日\n▏ 本 = 1;");
}

#[test]
fn nothing_written_is_nothing_shown() {
    assert_eq!(shown("", 40), "");
    assert_eq!(shown("\n\n  \n", 40), "");
}

#[test]
fn what_is_nested_deeper_than_the_pane_is_wide_still_has_room() {
    let text = shown(&format!("{}deep words", "> ".repeat(200)), 12);
    assert!(text.contains("deep") && text.lines().all(|l| width(l) <= 12), "{text}");
}

proptest! {
    /// Whatever is written, at any width: no panic, nothing unsafe, no line that leaves the pane.
    #[test]
    fn any_text_at_any_width_is_harmless_and_stays_in_the_pane(
        text in "(\\PC|[\n\t#>*`|\\[\\]()!<>-]|\n- |\n\\| a \\| b \\|\n\\|-\\|-\\|\n|日|```\n){0,60}",
        columns in 2_u16..40,
    ) {
        for line in read(&text, columns, Look::default(), &Inks::new()).lines {
            let row: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
            prop_assert!(!row.contains(is_unsafe), "{:?}", row);
            prop_assert!(width(&row) <= usize::from(columns), "{:?} in {}", row, columns);
        }
    }
}
