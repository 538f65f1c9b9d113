//! Queries against cards, as people would type them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::card::{CardId, Kind};
use crate::domain::fields::{FieldName, Value};
use crate::domain::link::{ConnectionName, Link, LinkId, SyncStatus};
use crate::support::shared::Shared;

const DAY: i64 = 24 * 3_600_000;
const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|&n| n.to_owned()).collect()
}

fn link(connection: &str, number: u64, sync: SyncStatus) -> Link {
    Link {
        id: LinkId::random(),
        connection: ConnectionName::new(connection),
        number: Some(number),
        url: None,
        sync,
        note: None,
        conflict: sync == SyncStatus::Manual,
        sending: false,
        mapped: true,
        asks: false,
    }
}

fn card(title: &str, status: &str) -> Card {
    Card {
        id: CardId::random(),
        kind: Kind::Issue,
        title: title.to_owned(),
        status: Status::new(status),
        rank: 0,
        labels: Shared::default(),
        assignees: Shared::default(),
        milestone: None,
        extra: Shared::default(),
        revision: 1,
        created_at: Timestamp(NOW.0 - 40 * DAY),
        updated_at: Timestamp(NOW.0 - DAY / 2),
        links: Vec::new(),
    }
}

fn with(card: Card, extra: &[(&str, &str)]) -> Card {
    let extra = extra.iter().map(|(n, v)| (FieldName::new(n).expect("a name"), Value::Text((*v).to_owned())));
    Card { extra: extra.collect(), ..card }
}

/// The cards the table asks about, by their first words.
fn board() -> Vec<Card> {
    vec![
        with(
            Card {
                labels: names(&["bug", "area: sync"]).into(),
                assignees: names(&["ana"]).into(),
                milestone: Some("v1.2".into()),
                links: vec![link("core", 142, SyncStatus::Pending), link("plan", 7, SyncStatus::Synced)],
                ..card("Retry on 502", "todo")
            },
            &[("priority", "high"), ("estimate", "3"), ("due", "2026-11-15")],
        ),
        with(
            Card {
                labels: names(&["ui"]).into(),
                updated_at: Timestamp(NOW.0 - 30 * DAY),
                links: vec![link("core", 98, SyncStatus::Manual)],
                ..card("Drag with the MOUSE", "review")
            },
            &[("priority", "low"), ("estimate", "0.5")],
        ),
        with(
            Card {
                kind: Kind::Epic,
                assignees: names(&["ben"]).into(),
                ..card("Ärger mit Umlauten", "done")
            },
            &[("due", "2026-11-20"), ("team", "core")],
        ),
        card("Refactor the store", "todo"),
    ]
}

fn shown(text: &str) -> Vec<String> {
    let closed = [Status::new("done")];
    let column = |status: &str, title: &str| Column { status: Status::new(status), title: title.into() };
    let columns = [column("todo", "To Do"), column("review", "In Review"), column("done", "Done")];
    let (me, priorities) = (["ana".to_owned()], ["urgent", "high", "low"]);
    let today = NaiveDate::from_ymd_opt(2026, 11, 18).expect("a day");
    let facts =
        Facts { closed: &closed, me: &me, columns: &columns, priorities: &priorities, now: NOW, today };
    let query = Query::parse(text);
    assert_eq!(query.mistakes(), [], "{text}");
    let ranked = board().into_iter().zip(0..).map(|(card, rank)| Card { rank, ..card });
    let mut cards: Vec<Card> = ranked.filter(|c| query.matches_alone(c, &facts)).collect();
    if let Some(sort) = query.sort() {
        cards.sort_by(|a, b| sort.compare(a, b, &facts));
    }
    cards.iter().map(|c| c.title.split(' ').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn qualifiers_select_as_people_mean_them() {
    for (text, want) in [
        ("", "Retry Drag Ärger Refactor"),
        ("is:open", "Retry Drag Refactor"),
        ("is:closed", "Ärger"),
        ("-is:closed", "Retry Drag Refactor"),
        ("state:open label:bug", "Retry"),
        ("label:BUG,ui", "Retry Drag"),
        ("-label:bug", "Drag Ärger Refactor"),
        ("label:\"area: sync\"", "Retry"),
        ("label:area*", "Retry"),
        ("label:none", "Ärger Refactor"),
        ("no:label,assignee", "Drag Ärger Refactor"),
        ("has:milestone", "Retry"),
        ("assignee:@me", "Retry"),
        ("assignee:@ben", "Ärger"),
        ("assignee:none", "Drag Refactor"),
        ("milestone:V1.2", "Retry"),
        ("status:\"in review\"", "Drag"),
        ("status:todo,done", "Retry Ärger Refactor"),
        ("connection:plan", "Retry"),
        ("is:linked -connection:plan", "Drag"),
        ("is:local", "Ärger Refactor"),
        ("kind:epic", "Ärger"),
        ("is:epic", "Ärger"),
        ("is:unsent", "Retry"),
        ("is:conflict", "Drag"),
        ("priority:high", "Retry"),
        ("priority:>=high", "Retry"),
        ("priority:<high", "Drag"),
        ("priority:none", "Ärger Refactor"),
        ("estimate:>1", "Retry"),
        ("estimate:0.5..2", "Drag"),
        ("updated:<7d", "Retry Ärger Refactor"),
        ("updated:>2w", "Drag"),
        ("created:<1m", ""),
        ("due:overdue", "Retry"),
        ("is:overdue", "Retry"),
        ("due:<7d", "Retry Ärger"),
        ("due:2026-11-19..2026-11-30", "Ärger"),
        ("due:>2026-11-15", "Ärger"),
        ("field:team=core", "Ärger"),
        ("has:team", "Ärger"),
        ("key:core#142", "Retry"),
        ("title:\"the store\"", "Refactor"),
    ] {
        assert_eq!(shown(text).join(" "), want, "{text}");
    }
}

#[test]
fn free_text_is_found_letter_by_letter_but_not_strewn_about() {
    assert_eq!(shown("mouse"), ["Drag"]);
    assert_eq!(shown("rfctr"), ["Refactor"], "letters left out");
    assert_eq!(shown("arger"), ["Ärger"], "without its dots");
    assert_eq!(shown("core#98"), ["Drag"]);
    assert_eq!(shown("\"with the\""), ["Drag"]);
    assert_eq!(shown("-\"with the\" is:open"), ["Retry", "Refactor"]);
    assert_eq!(shown("rts"), [""; 0], "three letters strewn over a title");
    assert_eq!(shown("dwmo"), ["Drag"], "the beginnings of words");
    assert_eq!(shown("https://example.test/x"), [""; 0], "a colon in free text");
}

#[test]
fn cards_are_sorted_with_those_that_lack_the_value_last() {
    assert_eq!(shown("sort:priority").join(" "), "Retry Drag Ärger Refactor");
    assert_eq!(shown("-sort:priority")[..2], ["Drag", "Retry"]);
    assert_eq!(shown("sort:due").join(" "), "Retry Ärger Drag Refactor");
    assert_eq!(shown("sort:estimate")[..2], ["Retry", "Drag"]);
    assert_eq!(shown("sort:updated-asc")[0], "Drag");
    assert_eq!(shown("sort:title").join(" "), "Drag Refactor Retry Ärger");
    assert_eq!(shown("sort:key")[..2], ["Drag", "Retry"]);
}

#[test]
fn an_order_is_put_into_a_query_in_the_place_of_another() {
    let by = |key, descending| Some(Sort { by: key, descending });
    for (text, sort, want) in [
        ("is:open", by(SortKey::Due, false), "is:open sort:due"),
        ("sort:due is:open -sort:title", by(SortKey::Due, true), "is:open sort:due-desc"),
        ("  label:\"a  b\"  SORT:x ", by(SortKey::Updated, true), "label:\"a  b\" sort:updated"),
        ("is:open sort:updated-asc", None, "is:open"),
        ("", by(SortKey::Title, false), "sort:title"),
    ] {
        assert_eq!(sorted_by(text, sort), want, "{text}");
        assert_eq!(Query::parse(want).sort(), sort, "{want}");
    }
    for key in SortKey::ALL {
        for sort in [Sort::usual(key), Sort::usual(key).turned()] {
            assert_eq!(Query::parse(&sorted_by("", Some(sort))).sort(), Some(sort));
        }
        assert_ne!(Sort::usual(key).words(), Sort::usual(key).turned().words());
    }
}

#[test]
fn a_query_has_a_short_name() {
    for (text, name) in [
        ("is:open label:bug sort:due", "Open bug"),
        ("assignee:@me -is:closed", "Me"),
        ("status:\"In Review\" retry", "In Review retry"),
        ("sort:priority", "By priority"),
        ("", ""),
    ] {
        assert_eq!(name_of(text), name, "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_place_and_hides_nothing() {
    for (text, at, says) in [
        ("is:purple", 0..9, "`purple` is none of open, closed"),
        ("bug updated:soon", 4..16, "write 7d, 2w or 2026-11-30"),
        ("estimate:much", 0..13, "no number"),
        ("sort:mood", 0..9, "there are priority"),
        ("kind:saga", 0..9, "epic, issue or task"),
        ("field:team", 0..10, "field:NAME=VALUE"),
    ] {
        let query = Query::parse(text);
        assert_eq!(query.mistakes().len(), 1, "{text}");
        assert_eq!(query.mistakes()[0].at, at, "{text}");
        assert!(query.mistakes()[0].why.contains(says), "{}", query.mistakes()[0].why);
    }
    assert_eq!(shown("label:").len(), 4, "a qualifier that is being typed hides nothing");
    assert_eq!(shown("status:\"").len(), 4);
}

#[test]
fn a_find_in_a_body_counts_as_a_find() {
    let facts =
        Facts { closed: &[], me: &[], columns: &[], priorities: &[], now: NOW, today: NaiveDate::default() };
    let any = card("Retry", "todo");
    // The texts, those of them that stand in the body, and whether the card is shown.
    for (text, texts, in_body, shown) in [
        ("zebra is:open", &["zebra"][..], &[][..], false),
        ("zebra is:open", &["zebra"], &[0], true),
        ("zebra is:closed", &["zebra"], &[0], false),
        ("retry zebra", &["retry", "zebra"], &[1], true),
        ("zebra is:open \"lion den\"", &["zebra", "lion den"], &[0], false),
        ("zebra is:open \"lion den\"", &["zebra", "lion den"], &[0, 1], true),
        ("-zebra", &["zebra"], &[], true),
        ("-zebra", &["zebra"], &[0], false),
        ("retry -\"Lion den\"", &["retry", "lion den"], &[1], false),
        ("title:zebra", &[], &[], false),
    ] {
        let query = Query::parse(text);
        assert_eq!(query.texts().collect::<Vec<_>>(), texts, "{text}");
        assert_eq!(query.matches(&any, |n| in_body.contains(&n), &facts), shown, "{text} {in_body:?}");
    }
}

#[test]
fn a_dash_before_a_word_hides_what_holds_it_letter_for_letter() {
    assert_eq!(shown("-retry"), ["Drag", "Ärger", "Refactor"]);
    assert_eq!(shown("-rfctr").len(), 4, "nothing is hidden that merely resembles it");
    assert_eq!(shown("-with -store"), ["Retry", "Ärger"]);
    assert_eq!(shown("-").len(), 4, "it is being typed");
    assert_eq!(shown("->"), [""; 0], "no letter behind it: a text");
}

#[test]
fn the_page_of_the_query_has_every_word_there_is() {
    let page = include_str!("../../../docs/query.md");
    for (name, _) in super::parse::QUALIFIERS {
        assert!(page.contains(&format!("`{name}:")), "{name}");
    }
    for (name, _) in super::ask::Is::ALL {
        assert!(page.contains(name), "is:{name}");
    }
    for key in SortKey::ALL {
        assert!(page.contains(key.as_str()), "sort:{}", key.as_str());
    }
    // What the page shows can be read.
    for line in page.lines().filter_map(|l| l.strip_prefix("| `")) {
        let shown = line.split('`').next().unwrap_or_default().replace("\\|", "|");
        assert_eq!(Query::parse(&shown).mistakes(), [], "{shown}");
    }
}

fn offered(text: &str) -> Vec<String> {
    let cards = board();
    let columns = [Column { status: Status::new("review"), title: "In Review".into() }];
    let priorities = ["urgent", "high"];
    let facts = Facts {
        closed: &[],
        me: &[],
        columns: &columns,
        priorities: &priorities,
        now: NOW,
        today: NaiveDate::default(),
    };
    let words = Vocabulary::of(&cards, &facts);
    let put = |c: Completion| format!("{}{}", &text[..c.at.start], c.with);
    complete(text, text.len(), &words).into_iter().map(put).collect()
}

#[test]
fn a_query_is_completed_with_what_the_board_holds() {
    assert_eq!(offered("la"), ["label:"]);
    assert_eq!(offered("is:open la"), ["is:open label:"]);
    assert_eq!(offered("label:u"), ["label:ui", "label:bug"]);
    assert_eq!(offered("-label:a")[0], "-label:\"area: sync\"");
    assert_eq!(offered("label:bug,u"), ["label:bug,ui"]);
    assert_eq!(offered("assignee:a")[0], "assignee:@ana");
    assert_eq!(offered("is:open priority:high assignee:")[0], "is:open priority:high assignee:@me");
    assert_eq!(offered("status:")[0], "status:\"In Review\"");
    assert_eq!(offered("priority:h"), ["priority:high"]);
    assert_eq!(offered("field:te")[0], "field:team=");
    assert_eq!(offered("sort:pri"), ["sort:priority"]);
    assert_eq!(offered("sort:due"), ["sort:due-asc", "sort:due-desc"]);
    assert_eq!(offered("field:team="), ["field:team=core"]);
    assert_eq!(offered("key:c"), ["key:core#"]);
    assert_eq!(offered("label:bug"), [""; 0], "it is complete");
    // All but `state`, which is another name of `is`.
    assert_eq!(
        offered("").len(),
        super::parse::QUALIFIERS.len() - 1,
        "an empty query can begin with anything"
    );
    for (name, _) in super::parse::QUALIFIERS.iter().filter(|(name, _)| !matches!(*name, "title" | "parent"))
    {
        assert!(!offered(&format!("{name}:")).is_empty(), "{name}");
    }
}

proptest! {
    /// Whatever is typed: it is read, and what was read once is read the same again.
    #[test]
    fn no_query_breaks_anything(text in "[-a-z:\"<>=.,#@*0-9äß \u{1F600}]{0,40}", cursor in 0..60_usize) {
        let query = Query::parse(&text);
        prop_assert_eq!(&query, &Query::parse(&text));
        for mistake in query.mistakes() {
            prop_assert!(text.get(mistake.at.clone()).is_some());
        }
        for found in complete(&text, cursor, &Vocabulary::default()) {
            prop_assert!(text.get(found.at).is_some());
        }
        let facts = Facts { closed: &[], me: &[], columns: &[], priorities: &[], now: NOW, today: NaiveDate::default() };
        for card in board() {
            let _ = query.matches(&card, |n| n == 0, &facts);
        }
    }
}
