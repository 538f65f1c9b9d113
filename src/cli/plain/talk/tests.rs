//! Lines in, deeds out; what is told is kept for between the lines.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::domain::link::{Link, LinkId, SyncStatus};
use crate::domain::query::Query;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn id(n: u128) -> CardId {
    CardId(Uuid::from_u128(n))
}

fn card(n: u128, title: &str, status: &str) -> Card {
    Card {
        id: id(n),
        kind: Kind::Issue,
        title: title.to_owned(),
        status: Status::new(status),
        rank: n as i64 * 1_000,
        labels: std::iter::once("bug".to_owned()).collect(),
        assignees: std::iter::empty().collect(),
        milestone: None,
        extra: BTreeMap::new().into(),
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        links: vec![Link {
            id: LinkId(Uuid::from_u128(n)),
            connection: ConnectionName::new("core"),
            number: Some(n as u64),
            url: None,
            sync: SyncStatus::Synced,
            note: None,
            conflict: false,
            sending: false,
            asks: false,
            mapped: true,
        }],
    }
}

fn talk(cards: u128) -> Talk {
    let settings = Arc::new(Settings::default());
    let mut board = Board::new("Test", settings.columns.clone());
    for n in 1..=cards {
        board.upsert(card(n, &format!("Card {n}"), if n % 2 == 0 { "approved" } else { "proposed" }));
    }
    Talk::new(settings, board, vec!["ana".into()])
}

fn said(talk: &mut Talk, line: &str) -> String {
    match talk.heard(line, NOW) {
        Deed::Say(words) => words,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn cards_are_listed_with_numbers_and_the_numbers_name_them() {
    let mut talk = talk(3);
    assert_eq!(said(&mut talk, "open 1"), "There is no list yet: type `list` first.\n");
    let wanted = "3 cards.\n1. core#1 Card 1. Backlog. Labels bug.\n2. core#3 Card 3. Backlog. Labels bug.\n\
                  3. core#2 Card 2. To Do. Labels bug.\n";
    assert_eq!(said(&mut talk, "list"), wanted);
    for line in ["open 3", "3", "core#2", "o CORE#2"] {
        assert_eq!(talk.heard(line, NOW), Deed::Open(id(2)), "{line}");
    }
    assert_eq!(said(&mut talk, "open 4"), "There is no card 4 in the last list, which has 3.\n");
    assert_eq!(said(&mut talk, "list to do"), "1 card in To Do.\n1. core#2 Card 2. To Do. Labels bug.\n");
    assert_eq!(talk.heard("1", NOW), Deed::Open(id(2)), "numbers are those of the last list");
}

#[test]
fn a_long_list_is_read_out_page_by_page() {
    let mut talk = talk(45);
    assert!(said(&mut talk, "list").ends_with("25 more: type `more`.\n"));
    assert!(said(&mut talk, "more").starts_with("21. core#41"));
    assert!(said(&mut talk, "more").ends_with("45. core#44 Card 44. To Do. Labels bug.\n"));
    assert_eq!(said(&mut talk, "more"), "That was all.\n");
}

#[test]
fn what_is_done_to_a_card_is_a_command() {
    let mut talk = talk(2);
    said(&mut talk, "list");
    let delta = |add: &[&str], remove: &[&str]| SetDelta {
        add: add.iter().map(|&s| s.to_owned()).collect(),
        remove: remove.iter().map(|&s| s.to_owned()).collect(),
    };
    let card = id(1);
    for (line, command) in [
        (
            "label 1 +\"help wanted\" -bug ui",
            Command::Label { card, delta: delta(&["help wanted", "ui"], &["bug"]) },
        ),
        ("assign core#1 +ana", Command::Assign { card, delta: delta(&["ana"], &[]) }),
        ("title 1 Another  title", Command::Retitle { card, title: "Another  title".into() }),
        ("milestone 1 \"v1 2\"", Command::SetMilestone { card, milestone: Some("v1 2".into()) }),
        ("milestone 1", Command::SetMilestone { card, milestone: None }),
        ("comment 1 It is so.", Command::Comment { card, body: "It is so.".into() }),
    ] {
        assert_eq!(talk.heard(line, NOW), Deed::Run(command), "{line}");
    }
    for (line, to, set) in [
        ("move 1 to do", "approved", vec![]),
        ("move 1 \"in progress\"", "in_progress", vec![]),
        ("m 1 4 resolution=Fixed", "completed", vec!["resolution=Fixed".to_owned()]),
    ] {
        assert_eq!(talk.heard(line, NOW), Deed::Move { card, to: Status::new(to), set }, "{line}");
    }
    let Deed::Run(Command::Create(new)) = talk.heard("new @2 Retry on 502", NOW) else { panic!("a card") };
    assert_eq!((new.title.as_str(), new.status), ("Retry on 502", Status::new("approved")));
}

#[test]
fn a_comment_of_several_lines_ends_with_a_full_stop_and_no_news_breaks_in() {
    let mut talk = talk(2);
    said(&mut talk, "list");
    assert!(said(&mut talk, "comment 2").starts_with("Type the comment"));
    talk.told(Update::Notice("something".into()));
    assert_eq!(said(&mut talk, "first line"), "");
    assert_eq!(said(&mut talk, "quit"), "", "a line of the comment, and no command");
    assert_eq!(talk.prompt(), "");
    let Deed::Run(Command::Comment { body, .. }) = talk.heard(".", NOW) else { panic!("a comment") };
    assert_eq!(body, "first line\nquit");
    assert_eq!(talk.prompt(), "News: something.\n> ");
}

#[test]
fn what_cannot_be_understood_is_told_and_nothing_is_done() {
    let mut talk = talk(1);
    said(&mut talk, "list");
    for (line, words) in [
        ("dance", "I do not know `dance`. Type `help`"),
        ("move 1 nowhere", "There is no column `nowhere`.\nColumn 1: Backlog, 1 card."),
        ("move 1", "Say which column."),
        ("label 1", "Say what, such as: label 1 +one -other"),
        ("open", "Say which card"),
        ("open core#99", "There is no card `core#99`."),
        ("filter updated:soon", "cannot be read"),
        ("undo", "There is nothing to take back."),
        ("sync", "This board is local"),
        ("new", "Say what it is called"),
        ("\u{1b}[2J", "I do not know `\u{FFFD}[2j`"),
    ] {
        let told = said(&mut talk, line);
        assert!(told.contains(words), "{line:?}: {told:?}");
    }
}

#[test]
fn a_filter_says_how_many_of_all_it_lets_through() {
    let mut talk = talk(4);
    assert!(said(&mut talk, "filter status:\"To Do\"").starts_with("2 cards of 4, filtered by status"));
    assert!(said(&mut talk, "list").starts_with("2 cards of 4"));
    assert_eq!(said(&mut talk, "filter"), "No filter: all 4 cards.\n");
}

#[test]
fn what_is_done_can_be_taken_back_and_done_again() {
    let mut talk = talk(1);
    let moved = |from: &str, to: &str| Change::Moved {
        card: id(1),
        from: Status::new(from),
        to: Status::new(to),
        rank_from: 1_000,
        rank_to: 1_000,
    };
    assert_eq!(talk.done(vec![moved("proposed", "approved")]), "core#1 is in To Do now.\n");
    let Deed::TakeBack { changes, kind } = talk.heard("undo", NOW) else { panic!("something to take back") };
    assert_eq!(changes, [moved("approved", "proposed")]);
    assert_eq!(talk.taken_back(changes, kind, None), "Taken back. core#1 is in Backlog now.\n");
    let Deed::TakeBack { changes, kind } = talk.heard("redo", NOW) else { panic!("something to do again") };
    assert_eq!(talk.taken_back(changes, kind, None), "Done again. core#1 is in To Do now.\n");
    let Deed::TakeBack { changes, kind } = talk.heard("undo", NOW) else { panic!("something to take back") };
    let refused = talk.taken_back(changes, kind, Some("it was changed meanwhile".into()));
    assert_eq!(refused, "Nothing is changed: it was changed meanwhile.\n");
    assert_eq!(talk.board().card(id(1)).map(|c| c.status.clone()), Some(Status::new("approved")));
}

#[test]
fn changes_of_others_are_news_and_ones_own_are_not() {
    let mut talk = talk(2);
    let mut other = card(2, "Card 2", "completed");
    other.links[0].sync = SyncStatus::Pending;
    let own = card(1, "Card 1", "proposed");
    talk.told(Update::Cards(vec![own, other, card(9, "Found", "proposed")]));
    let wanted = "News: core#2 Card 2: it is in Done now.\nNews: new: core#9 Found. Backlog. Labels bug.\n> ";
    assert_eq!(talk.prompt(), wanted);
    assert_eq!(talk.prompt(), "> ", "told once");
    talk.told(Update::Removed(vec![id(9)]));
    assert_eq!(talk.prompt(), "News: core#9 Found left the board.\n> ");
    for n in 0..30 {
        talk.told(Update::Cards(vec![card(100 + n, "New", "proposed")]));
    }
    let news = talk.prompt();
    assert_eq!(news.lines().count(), 22);
    assert!(news.ends_with("News: and 10 more; `list` tells how it is now.\n> "), "{news}");
}

#[test]
fn what_was_told_before_an_edit_of_ones_own_and_is_heard_after_it_is_no_news() {
    let mut talk = talk(1);
    let mut edited = card(1, "Edited here", "proposed");
    edited.revision = 2;
    talk.known(edited);
    talk.told(Update::Cards(vec![card(1, "Card 1", "proposed")]));
    assert_eq!(talk.prompt(), "> ");
    assert_eq!(talk.board().card(id(1)).map(|c| c.title.as_str()), Some("Edited here"));
}

#[test]
fn help_names_every_word_that_is_understood() {
    let mut talk = talk(1);
    let help = said(&mut talk, "help");
    for word in [
        "columns",
        "list",
        "more",
        "open",
        "move",
        "new",
        "title",
        "label",
        "assign",
        "milestone",
        "comment",
        "filter",
        "undo",
        "redo",
        "sync",
        "state",
        "answer",
        "conflicts",
        "news",
        "help",
        "quit",
    ] {
        assert!(help.contains(word), "{word}");
        let unknown = matches!(talk.heard(word, NOW), Deed::Say(words) if words.starts_with("I do not know"));
        assert!(!unknown, "help names `{word}`, which is not understood");
    }
    assert_eq!(Query::default(), talk.query);
    let page = include_str!("../../../../docs/plain.md");
    for line in help.lines().skip(1) {
        let word = line.split(':').next().unwrap_or_default();
        assert!(page.contains(&format!("| `{word}`")), "docs/plain.md does not tell of `{word}`");
    }
}

#[test]
fn nothing_that_is_said_moves_the_cursor_or_draws() {
    let mut talk = talk(0);
    talk.told(Update::Cards(vec![card(1, "\u{1b}[31mred\u{202E}", "proposed")]));
    let all = [talk.greeting(), talk.prompt(), said(&mut talk, "list"), said(&mut talk, "help")].concat();
    assert!(all.chars().all(|c| c == '\n' || !crate::support::text::is_unsafe(c)), "{all:?}");
    assert!(!all.chars().any(|c| ('\u{2500}'..='\u{259F}').contains(&c)), "{all:?}");
}
