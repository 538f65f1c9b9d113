//! What goes into Markdown comes back.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::essence::{blocks, essence, is_empty};
use super::{children, document, markdown};
use crate::support::fuzz::cases;

fn doc(content: Value) -> Value {
    json!({"version": 1, "type": "doc", "content": content})
}

fn there_and_back(md: &str) -> String {
    markdown(&document(md, None).document)
}

#[test]
fn common_markdown_comes_back_letter_by_letter() {
    for md in [
        "",
        "First line.\n\n- [ ] a task\n- [x] another\n\n`code`",
        "Rewritten.\n\n1. one\n2. two\n\n> quoted\n\n```rust\nfn main() {}\n```",
        "# One\n\n### Three\n\n---\n\na *b* **c** ~~d~~ ***e*** `f`",
        "- a\n  - b\n    1. c\n- d\n\n* another list",
        "[text](https://example.com/a?b=c \"title\") and <u>under</u> and H<sub>2</sub>O",
        "| a | b |\n| --- | --- |\n| 1 \\| 2 | `x` |",
        "two\nlines",
        "snake_case_word, 3 * 4, a < b & c > d, [x], #12 and @ana",
        "> [!NOTE]\n> Mind this.\n>\n> - and that",
        "![alt](<https://example.com/a.png>)",
        "````\n```\n````",
        "3. three\n4. four",
        "- loose\n\n- items\n\n  with two paragraphs",
    ] {
        assert_eq!(there_and_back(md), md);
    }
}

#[test]
fn text_that_looks_like_markdown_stays_text() {
    for text in [
        "# not a heading",
        "- no list",
        "1. no list",
        "> no quote",
        "*no* emphasis",
        "`no code`",
        "<b>",
        "&amp;",
        "[a](b)",
        "---",
        "    four blanks",
        "a\\b",
        "| a | b |",
        "ends with blank ",
        "a  b",
        "[ ] no box",
        "```",
        "$x$",
        "line\nfeed",
    ] {
        let original = doc(json!([{"type": "paragraph", "content": [{"type": "text", "text": text}]}]));
        let shown = markdown(&original);
        assert_eq!(
            essence(&document(&shown, None).document),
            essence(&original),
            "{text:?} shown as {shown:?}"
        );
    }
}

#[test]
fn an_edited_cell_keeps_the_table_around_it() {
    let cell = |t: &str| json!({"type": "tableCell", "attrs": {"background": "#eee"}, "content": [{"type": "paragraph", "content": [{"type": "text", "text": t}]}]});
    let table = |last: &str| {
        doc(json!([{"type": "table", "attrs": {"layout": "wide", "localId": "t"}, "content": [
            {"type": "tableRow", "content": [cell("a"), cell("b")]}, {"type": "tableRow", "content": [cell("1"), cell(last)]},
        ]}]))
    };
    let edited = markdown(&table("2")).replace("| 2 |", "| 3 |");
    let written = document(&edited, Some(&table("2")));
    assert_eq!(written.losses, Vec::<String>::new());
    assert_eq!(written.document, table("3"));
}

#[test]
fn an_edit_inside_an_expand_keeps_the_expand() {
    let expand = |t: &str| {
        doc(
            json!([{"type": "expand", "attrs": {"title": "More"}, "content": [{"type": "paragraph", "content": [{"type": "text", "text": t}]}]}]),
        )
    };
    let edited = markdown(&expand("before")).replace("before", "after");
    let written = document(&edited, Some(&expand("before")));
    assert_eq!((written.document, written.losses), (expand("after"), Vec::new()));
}

#[test]
fn an_edited_word_keeps_what_stands_around_it() {
    let red = json!([{"type": "textColor", "attrs": {"color": "#ff0000"}}]);
    let line = |name: &str, how: &str| {
        doc(json!([
            {"type": "paragraph", "attrs": {"localId": "p"}, "content": [
                {"type": "text", "text": format!("Ask {name} or ")},
                {"type": "mention", "attrs": {"id": "1", "text": "@Ana", "localId": "m"}},
                {"type": "text", "text": format!("in {how} red words"), "marks": red},
                {"type": "text", "text": " at once"},
            ]},
            {"type": "paragraph", "content": [{"type": "text", "text": "same", "marks": red}]},
        ]))
    };
    let original = line("ben", "some");
    let edited = markdown(&original).replace("ben", "cy").replace("some", "few");
    let written = document(&edited, Some(&original));
    assert_eq!((written.document, written.losses), (line("cy", "few"), Vec::new()));
}

#[test]
fn a_new_paragraph_before_an_edited_one_does_not_take_what_that_holds() {
    let status = json!({"type": "textColor", "attrs": {"color": "#ff0000"}});
    let coloured = |before: &str| {
        json!({"type": "paragraph", "attrs": {"localId": "p"}, "content": [
            {"type": "text", "text": before}, {"type": "text", "text": "late", "marks": [status]}]})
    };
    let original = doc(json!([coloured("the export is ")]));
    let written = document("A word before.\n\nthe big export is late", Some(&original));
    let first = json!({"type": "paragraph", "content": [{"type": "text", "text": "A word before."}]});
    assert_eq!(
        (written.document, written.losses),
        (doc(json!([first, coloured("the big export is ")])), vec![])
    );
}

#[test]
fn what_a_document_holds_is_counted_and_named() {
    let media = json!({"type": "media", "attrs": {"id": "9", "type": "file", "alt": "a.png"}});
    let original = doc(json!([
        {"type": "paragraph", "content": [
            {"type": "mention", "attrs": {"id": "1", "text": "@Ana"}}, {"type": "mention", "attrs": {"id": "2", "text": "@Ben"}},
            {"type": "text", "text": "red", "marks": [{"type": "textColor", "attrs": {"color": "#f00"}}]},
        ]},
        {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]},
        {"type": "panel", "attrs": {"panelType": "custom", "panelColor": "#abcdef"}, "content": [{"type": "rule"}]},
        {"type": "table", "attrs": {"layout": "wide"}, "content": []},
    ]));
    let rich = super::rich(&original).expect("more than Markdown");
    assert_eq!(
        rich.holds,
        ["1 coloured passage", "1 complex table", "1 custom panel", "1 image", "2 mentions"]
            .map(str::to_owned)
    );
    assert_eq!(serde_json::from_str::<Value>(&rich.source).expect("JSON"), original);
    assert_eq!(super::rich(&document("# plain\n\n- [x] *words*", None).document), None);
}

#[test]
fn a_placeholder_that_stands_for_nothing_is_its_label() {
    let line = json!({"type": "paragraph", "content": [{"type": "text", "text": "Ask @Ana now"}]});
    assert_eq!(document("Ask [@Ana](adf:mention/5b10a2844c) now", None).document, doc(json!([line])));
}

#[test]
fn what_an_edit_would_lose_is_named() {
    let original = doc(json!([
        {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "1", "text": "@Ana"}}, {"type": "text", "text": " hello"}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "red", "marks": [{"type": "textColor", "attrs": {"color": "#f00"}}]}]},
    ]));
    let kept = markdown(&original).replace("hello", "bye");
    assert_eq!(document(&kept, Some(&original)).losses, Vec::<String>::new());
    let losses = document("hello", Some(&original)).losses.join("; ");
    assert!(losses.contains("a mention (@Ana)") && losses.contains("text color"), "{losses}");
}

#[test]
fn an_edit_inside_a_table_markdown_cannot_hold_is_told() {
    let cell = json!({"type": "tableCell", "attrs": {"colspan": 2}, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "merged"}]}]});
    let original = doc(json!([{"type": "table", "content": [{"type": "tableRow", "content": [cell]}]}]));
    let shown = markdown(&original);
    assert!(shown.contains("merged"), "{shown}");
    assert_eq!(document(&shown, Some(&original)).document, original);
    let losses = document(&shown.replace("> merged", "> changed"), Some(&original)).losses;
    assert!(losses.iter().any(|l| l.contains("an edit inside a table")), "{losses:?}");
}

#[test]
fn a_block_where_the_format_wants_none_is_said_otherwise() {
    let written =
        document("> # heading in a quote\n>\n> | a |\n> | - |\n> | 1 |\n\n- > quote in a list", None)
            .document;
    let quote = &children(&written)[0];
    assert!(children(quote).iter().all(|b| b["type"] == "paragraph"), "{quote}");
    let item = &children(&children(&written)[1])[0];
    assert_eq!(children(item)[0]["type"], "paragraph");
}

#[test]
fn a_block_that_cannot_be_said_at_all_is_restored_whole() {
    let quote = json!({"type": "blockquote", "content": []});
    let original = doc(json!([{"type": "panel", "attrs": {"panelType": "custom"}, "content": [quote]}]));
    let written = document(&markdown(&original), Some(&original));
    assert_eq!((written.document, written.losses), (original, Vec::new()));
}

#[test]
fn spans_and_quotes_nested_without_end_are_read() {
    for md in [
        "*a ".repeat(20_000) + &"b* ".repeat(20_000),
        "**".repeat(20_000) + "a" + &"**".repeat(20_000),
        "> ".repeat(5_000) + "a",
        "[".repeat(9_000) + "a" + &"](b)".repeat(9_000),
    ] {
        let written = document(&md, None).document;
        assert!(!children(&written).is_empty());
        assert!(super::plain(&written).contains('a'));
    }
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}( [a-z]{1,6}){0,3}",
        "[ -~]{1,12}",
        "[*_`~\\[\\]()<>#|!&\\\\ a\\-]{1,8}",
        "\\PC{1,6}",
    ]
}

fn text() -> impl Strategy<Value = Value> {
    let mark = prop_oneof![
        Just(json!({"type": "strong"})),
        Just(json!({"type": "em"})),
        Just(json!({"type": "code"})),
        Just(json!({"type": "strike"})),
        Just(json!({"type": "underline"})),
        Just(json!({"type": "subsup", "attrs": {"type": "sup"}})),
        Just(json!({"type": "textColor", "attrs": {"color": "#ff0000"}})),
        "[a-z:/.()<> |&]{1,12}".prop_map(|h| json!({"type": "link", "attrs": {"href": h}})),
    ];
    (words(), prop::collection::vec(mark, 0..3)).prop_map(|(text, marks)| {
        let mut kinds = std::collections::BTreeSet::new();
        let marks: Vec<Value> = marks.into_iter().filter(|m| kinds.insert(m["type"].to_string())).collect();
        if marks.is_empty() {
            json!({"type": "text", "text": text})
        } else {
            json!({"type": "text", "text": text, "marks": marks})
        }
    })
}

fn inline() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text(),
        1 => Just(json!({"type": "hardBreak"})),
        1 => words().prop_map(|t| json!({"type": "mention", "attrs": {"id": "5b1", "text": t}})),
        1 => words().prop_map(|t| json!({"type": "status", "attrs": {"text": t, "color": "red"}})),
        1 => Just(json!({"type": "date", "attrs": {"timestamp": "1762000000000"}})),
        1 => words().prop_map(|t| json!({"type": "unheardOf", "attrs": {"of": t}})),
    ]
}

fn line() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(inline(), 0..5)
}

fn block() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => line().prop_map(|l| json!({"type": "paragraph", "content": l})),
        1 => Just(json!({"type": "paragraph"})),
        1 => (1..7_u8, line()).prop_map(|(n, l)| json!({"type": "heading", "attrs": {"level": n}, "content": l})),
        1 => ("[a-z`]{0,4}", "[ -~\n`]{0,20}").prop_map(|(l, t)| json!({"type": "codeBlock", "attrs": {"language": l}, "content": [{"type": "text", "text": t}]})),
        1 => Just(json!({"type": "rule"})),
        1 => words().prop_map(|t| json!({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": t, "type": "file"}}]})),
        1 => words().prop_map(|t| json!({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"url": t, "type": "external"}}]})),
        1 => words().prop_map(|t| json!({"type": "blockCard", "attrs": {"url": t}})),
        1 => line().prop_map(|l| json!({"type": "taskList", "attrs": {"localId": "a"}, "content": [{"type": "taskItem", "attrs": {"localId": "b", "state": "DONE"}, "content": l}]})),
        1 => line().prop_map(|l| json!({"type": "decisionList", "content": [{"type": "decisionItem", "content": l}]})),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let some = prop::collection::vec(inner, 0..4).boxed();
        let list = |kind: &'static str, some: &BoxedStrategy<Vec<Value>>| {
            prop::collection::vec(some.clone().prop_map(|c| json!({"type": "listItem", "content": c})), 1..3)
                .prop_map(move |items| json!({"type": kind, "content": items}))
        };
        let cell = |some: &BoxedStrategy<Vec<Value>>| some.clone().prop_map(|c| json!({"type": "tableCell", "content": c}));
        prop_oneof![
            list("bulletList", &some),
            list("orderedList", &some),
            some.clone().prop_map(|c| json!({"type": "blockquote", "content": c})),
            (prop::sample::select(vec!["info", "note", "custom"]), some.clone())
                .prop_map(|(t, c)| json!({"type": "panel", "attrs": {"panelType": t}, "content": c})),
            some.clone().prop_map(|c| json!({"type": "expand", "attrs": {"title": "x"}, "content": c})),
            (cell(&some), cell(&some)).prop_map(|(a, b)| json!({"type": "table", "attrs": {"layout": "wide"}, "content": [
                {"type": "tableRow", "content": [a.clone(), b.clone()]}, {"type": "tableRow", "content": [b, a]},
            ]})),
        ]
    })
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn an_untouched_document_is_what_it_was(content in prop::collection::vec(block(), 0..5)) {
        let original = doc(Value::Array(content));
        let shown = markdown(&original);
        let written = document(&shown, Some(&original));
        prop_assert_eq!(&written.losses, &Vec::<String>::new(), "{}", &shown);
        prop_assert_eq!(&written.document, &original, "{}", shown);
    }

    #[test]
    fn a_sentence_more_leaves_the_rest_as_it_was(content in prop::collection::vec(block(), 0..4)) {
        let original = doc(Value::Array(content));
        let edited = format!("{}\n\nOne sentence more.", markdown(&original));
        let written = document(edited.trim_start(), Some(&original));
        prop_assert_eq!(&written.losses, &Vec::<String>::new(), "{}", &edited);
        let all = children(&written.document);
        let kept = blocks(all);
        prop_assert_eq!(&kept[..kept.len() - 1], &blocks(children(&original))[..], "{}", edited);
    }

    #[test]
    fn an_edit_of_one_block_leaves_every_other_as_it_was(
        content in prop::collection::vec(block(), 1..6),
        pick in any::<prop::sample::Index>(),
        edit in prop::sample::select(vec!["add", "replace", "insert", "delete"]),
    ) {
        let filled: Vec<usize> = (0..content.len()).filter(|at| !is_empty(&content[*at])).collect();
        prop_assume!(!filled.is_empty());
        let at = filled[pick.index(filled.len())];
        // Of two blocks that read the same nobody can say which one an edit took away.
        let twins = content.iter().filter(|b| essence(b) == essence(&content[at])).count();
        // And of a text that is taken out whole nothing is left that blank lines could stand between.
        prop_assume!(twins == 1 && (edit != "delete" || filled.len() > 1));
        let said = json!({"type": "text", "text": "newlyedited"});
        let new = json!({"type": "paragraph", "content": [said.clone()]});
        let mut edited = content.clone();
        let has_line = matches!(content[at]["type"].as_str(), Some("paragraph" | "heading"));
        match edit {
            "delete" => drop(edited.remove(at)),
            "insert" => edited.insert(at, new),
            "add" if has_line => edited[at]["content"].as_array_mut().expect("a line").push(said),
            _ => edited[at] = new,
        }
        let shown = markdown(&doc(Value::Array(edited)));
        let written = document(&shown, Some(&doc(Value::Array(content.clone()))));
        let mut left = children(&written.document).to_vec();
        if edit != "delete" {
            let found = left.iter().position(|b| super::plain(b).contains("newlyedited"));
            left.remove(found.expect("the edit is there"));
        }
        let mut others = content;
        if edit != "insert" {
            others.remove(at);
        }
        prop_assert_eq!(left, others, "{}", shown);
    }

    #[test]
    fn markdown_once_translated_stays(md in prop_oneof!["([a-z*_`~\\[\\]<>#|!&\\\\ 0-9.)-]|\n){0,60}", "(- |1\\. |> |# |\n|a|\\*\\*|`|~~|\\| a \\| b \\|\n\\|---\\|---\\|\n){0,20}"]) {
        let first = document(&md, None).document;
        let once = markdown(&first);
        // A placeholder needs what it stands for; everything else comes back by itself.
        let original = once.contains("](adf:").then_some(&first);
        prop_assert_eq!(markdown(&document(&once, original).document), once.clone(), "from {:?}", md);
    }
}
