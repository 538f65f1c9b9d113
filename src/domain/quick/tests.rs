//! The line: what is understood of it, that nothing is lost, and that what is written is read again.

use proptest::prelude::*;

use super::*;

fn today() -> NaiveDate {
    // A Saturday.
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

fn read(text: &str) -> Quick {
    let priorities = ["urgent", "High", "medium", "low"].map(str::to_owned);
    Quick::parse(text, &Known { priorities: &priorities, today: today() })
}

/// What was understood, in one line to compare: marks with their values behind the title.
fn told(text: &str) -> String {
    let quick = read(text);
    let mut out = vec![format!("[{}]", quick.title)];
    out.extend(quick.labels.iter().map(|l| format!("#{l}")));
    out.extend(quick.assignees.iter().map(|a| format!("@{a}")));
    let due = quick.due.map(|d| d.to_string());
    for (sign, value) in [
        ("!", &quick.priority),
        ("~", &quick.milestone),
        ("^", &quick.parent),
        ("=", &quick.estimate),
        ("due ", &due),
    ] {
        out.extend(value.iter().map(|v| format!("{sign}{v}")));
    }
    out.join(" ")
}

#[test]
fn a_line_is_understood() {
    for (text, wanted) in [
        (
            "Fix login #bug @ana !high ~v1.2 ^core#12 =3 due:2026-12-01",
            "[Fix login] #bug @ana !High ~v1.2 ^core#12 =3 due 2026-12-01",
        ),
        ("#bug Fix @me login", "[Fix login] #bug @me"),
        ("Fix #bug,ui #\"good first issue\"", "[Fix] #bug #good first issue #ui"),
        ("Fix #good\\ first\\ issue", "[Fix] #good first issue"),
        ("Fix ~\"Sprint 4\" @ana,ben", "[Fix] @ana @ben ~Sprint 4"),
        ("Fix =0.50 due:Tomorrow DUE:fri", "[Fix DUE:fri] =0.5 due 2026-11-22"),
        ("Port to #\"2026\"", "[Port to] #2026"),
        ("  Fix   the\tlogin  ", "[Fix the login]"),
        ("", "[]"),
    ] {
        assert_eq!(told(text), wanted, "{text}");
    }
}

#[test]
fn what_is_not_understood_stays_in_the_title() {
    for text in [
        "Follow up on #12 and #3,4",
        "Follow up on #a,0",
        "Mail ana@example.com about C# and a=b",
        "Wow! Really !important != done",
        "Clean ~/bin ^_^ = 3",
        "Estimate =3h =-1 =much =.",
        "Meet @ noon # ! ~ ^ = due: due:soon due:none",
        "Ask @ana: now, @ben, or @cy.",
        "Label #,a #a, #\"\" #\"open",
        "He said \"fix #bug @ana\" twice",
        "C:\\temp\\new and \\d+",
    ] {
        assert_eq!(told(text), format!("[{text}]"), "{text}");
    }
}

#[test]
fn a_backslash_or_quotes_make_a_mark_part_of_the_title() {
    for (text, wanted) in [
        ("\\#general is \\@home", "[#general is @home]"),
        ("Print \\due:fri and \\\\n", "[Print due:fri and \\n]"),
        ("Rename \"#general\" #chat", "[Rename \"#general\"] #chat"),
        ("\\\"quoted #bug", "[\"quoted] #bug"),
    ] {
        assert_eq!(told(text), wanted, "{text}");
    }
}

#[test]
fn of_two_the_first_counts_and_the_second_is_not_lost() {
    assert_eq!(told("Fix !high !low ~a ~b =1 =2"), "[Fix !low ~b =2] !High ~a =1");
}

#[test]
fn me_is_the_person_where_that_is_known() {
    let quick = read("Fix @me @ben");
    assert_eq!(quick.people(Some("ana")).into_iter().collect::<Vec<_>>(), ["ana", "ben"]);
    assert!(quick.people(None).contains("me"));
}

#[test]
fn days_are_read_as_people_write_them() {
    for (text, wanted) in [
        ("2026-12-01", "2026-12-01"),
        ("today", "2026-11-21"),
        ("Tomorrow", "2026-11-22"),
        ("fri", "2026-11-27"),
        ("sat", "2026-11-28"),
        ("next monday", "2026-11-23"),
        ("sunday", "2026-11-22"),
        ("+7d", "2026-11-28"),
        ("2w", "2026-12-05"),
        ("+3m", "2027-02-21"),
        ("1y", "2027-11-21"),
        ("1 dec", "2026-12-01"),
        ("Dec 1", "2026-12-01"),
        ("3 november", "2027-11-03"),
        ("29 feb", "2028-02-29"),
    ] {
        let found = day::day(text, today()).expect(text).map(|d| d.to_string());
        assert_eq!(found.as_deref(), Some(wanted), "{text}");
    }
    for none in ["none", "", " never "] {
        assert_eq!(day::day(none, today()), Ok(None), "{none}");
    }
    for wrong in
        ["soon", "+d", "32 dec", "12", "2026-02-30", "+-1d", "d", "mo", "99999999999d", "1 2 dec", "+99999y"]
    {
        assert!(day::day(wrong, today()).is_err(), "{wrong}");
    }
}

#[test]
fn a_day_is_told_with_how_far_it_is() {
    for (text, wanted) in [
        ("today", "Sat 21 Nov 2026, today"),
        ("fri", "Fri 27 Nov 2026, in 6 days"),
        ("2026-11-01", "Sun 1 Nov 2026, 20 days ago"),
    ] {
        let day = day::day(text, today()).expect(text).expect("a day");
        assert_eq!(day::told(day, today()), wanted);
    }
}

fn offered(text: &str) -> Vec<String> {
    let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect();
    let known = Words {
        labels: names(&["bug", "debug", "good first issue", "ui"]),
        people: names(&["ana", "ben"]),
        priorities: names(&["urgent", "high"]),
        milestones: names(&["v1.2", "Sprint 4"]),
        cards: vec![("core#12".into(), "Login".into()), ("core#40".into(), "Retry on 502".into())],
    };
    complete(text, text.len(), &known, today())
        .into_iter()
        .map(|c| format!("{}{}", &text[..c.at.start], c.with))
        .collect()
}

#[test]
fn a_mark_that_was_begun_is_completed_with_what_there_is() {
    for (text, wanted) in [
        ("Fix #b", &["Fix #bug", "Fix #debug"][..]),
        ("Fix #ui,go", &["Fix #ui,\"good first issue\""]),
        ("Fix #\"good f", &["Fix #\"good first issue\""]),
        ("Fix @", &["Fix @ana", "Fix @ben"]),
        ("Fix !u", &["Fix !urgent"]),
        ("Fix ~s", &["Fix ~\"Sprint 4\""]),
        ("Fix ^502", &["Fix ^core#40"]),
        ("Fix ^core#1", &["Fix ^core#12"]),
        ("Fix due:to", &["Fix due:today", "Fix due:tomorrow"]),
        ("Fix #ui", &[]),
        ("Fix #bug ", &[]),
        ("Fix login", &[]),
    ] {
        assert_eq!(offered(text), wanted, "{text}");
    }
}

/// The letters of a text, without the backslashes and blanks that only part or escape.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect()
}

fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[#@!~^=]?[a-z0-9\"\\\\,.]{0,6}",
        "(due:|DUE:)[a-z0-9+-]{0,10}",
        "[#~^@]\"[a-z \\\\]{0,8}\"?",
        "\\PC{0,5}",
    ];
    proptest::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn nothing_that_is_typed_is_lost(text in line()) {
        let quick = read(&text);
        let (mut rest, mut from) = (String::new(), 0);
        for part in &quick.parts {
            prop_assert!(part.at.start >= from && text.is_char_boundary(part.at.end));
            rest.push_str(&text[from..part.at.start]);
            from = part.at.end;
        }
        rest.push_str(&text[from..]);
        prop_assert_eq!(letters(&rest), letters(&quick.title));
    }

    #[test]
    fn an_escaped_title_is_all_title(title in line()) {
        let quick = read(&escaped(&title));
        // Blanks within quotation marks stay as they are; all others are one.
        let one = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(one(&quick.title), one(&title));
        prop_assert!(quick.parts.is_empty(), "{:?}", quick);
    }

    #[test]
    fn what_is_written_is_read_again(text in line()) {
        let quick = read(&text);
        let mut again = read(&quick.written());
        again.parts.clone_from(&quick.parts);
        let one = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
        again.title = one(&again.title);
        let wanted = Quick { title: one(&quick.title), ..quick };
        prop_assert_eq!(again, wanted);
    }

    #[test]
    fn any_day_is_read_or_refused_and_any_cursor_completes(text in "\\PC{0,20}", at in 0_usize..30) {
        if let Ok(Some(day)) = day::day(&text, today()) {
            let _ = day::told(day, today());
        }
        for found in complete(&text, at, &Words::default(), today()) {
            prop_assert!(text.get(found.at).is_some());
        }
    }
}

#[test]
fn the_examples_of_the_documentation_are_understood_as_it_says() {
    let page = include_str!("../../../docs/editing.md");
    let (_, table) = page.split_once("| line | understood |\n|---|---|\n").expect("the table");
    let mut rows = 0;
    for row in table.lines().take_while(|l| l.starts_with('|')) {
        let (line, says) = row.trim_matches(['|', ' ']).split_once("` | ").expect("two columns");
        let quick = read(line.trim_start_matches('`'));
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        let due = quick.due.map(|d| d.to_string());
        let told: Vec<String> = [
            ("title", Some(quick.title.clone())),
            ("labels", Some(list(&quick.labels))),
            ("people", Some(list(&quick.assignees))),
            ("priority", quick.priority.map(|p| p.to_lowercase())),
            ("milestone", quick.milestone),
            ("parent", quick.parent),
            ("estimate", quick.estimate),
            ("due", due),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)))
        .map(|(name, value)| format!("{name} `{value}`"))
        .collect();
        assert_eq!(told.join(", "), says, "{line}");
        rows += 1;
    }
    assert!(rows >= 5);
    for mark in Mark::ALL {
        assert!(page.contains(&format!("\n| `{}` |", mark.sign())), "{mark:?} is not explained");
    }
}
