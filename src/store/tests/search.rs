//! What bodies and comments say is found: as soon as it is written, no longer than it stands, and whatever is asked.

use proptest::prelude::*;

use super::*;
use crate::domain::remote::Comment;

impl Bench {
    fn found(&mut self, text: &str) -> Vec<CardId> {
        index(&mut self.db);
        let mut found = self.db.search(&[text.to_owned()]).expect("searched");
        assert_eq!(found.len(), 1);
        let mut ids: Vec<CardId> = found.remove(0).into_iter().collect();
        ids.sort();
        ids
    }
}

fn index(db: &mut Db) {
    while db.index_texts().expect("indexed") {}
    assert!(!db.has_texts_due().expect("read"));
}

fn said(id: &str, body: &str) -> Comment {
    Comment { id: id.into(), author: "ben".into(), body: body.into(), at: Timestamp(1) }
}

fn with_body(number: u64, body: &str) -> RemoteItem {
    RemoteItem { body: body.into(), ..item(number, "a title", "s: todo") }
}

#[test]
fn a_body_is_found_from_its_making_over_its_edits_to_its_end() {
    let mut b = bench();
    let id = b.create("a title");
    assert_eq!(b.found("text"), [id]);
    assert_eq!(b.found("title"), [], "titles are matched by whoever holds the cards");
    b.run(Command::Rewrite { card: id, before: "text".into(), after: "The zebra crossed".into() });
    assert_eq!((b.found("zebra"), b.found("text")), (vec![id], vec![]));
    b.run(Command::Rewrite { card: id, before: "The zebra crossed".into(), after: String::new() });
    assert_eq!(b.found("zebra"), []);
    b.run(Command::Rewrite { card: id, before: String::new(), after: "lions".into() });
    assert_eq!(b.found("lion"), [id]);
    b.db.conn.execute("DELETE FROM cards", []).expect("deleted");
    assert_eq!(b.found("lion"), []);
    let left: i64 = b.db.conn.query_row("SELECT count(*) FROM texts", [], |r| r.get(0)).expect("counted");
    assert_eq!(left, 0, "nothing is left in the index");
}

#[test]
fn a_text_may_change_several_times_before_it_is_searched() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let (id, link) = (b.only().id, b.only().links[0].id);
    let mut before = "body".to_owned();
    for after in ["zebra", "lion", "", "tiger"] {
        b.run(Command::Rewrite { card: id, before, after: after.into() });
        before = after.to_owned();
    }
    for body in ["one", "two", "panther"] {
        b.db.cache_comments(link, &[said("1", body)]).expect("kept");
    }
    assert_eq!((b.found("tiger"), b.found("panther")), (vec![id], vec![id]));
    assert_eq!((b.found("zebra"), b.found("lion"), b.found("two")), (vec![], vec![], vec![]));
}

#[test]
fn what_comes_from_a_platform_is_found_and_follows_its_edits() {
    let mut b = bench();
    b.page(&[with_body(1, "zebra"), with_body(2, "lion")]);
    let id = |b: &Bench, n: u64| b.db.card_by_number("core", n).expect("read").expect("there");
    assert_eq!(b.found("zebra"), [id(&b, 1)]);
    b.page(&[RemoteItem { updated_at: Timestamp(600_000), ..with_body(1, "a lion too") }]);
    let mut both = vec![id(&b, 1), id(&b, 2)];
    both.sort();
    assert_eq!((b.found("zebra"), b.found("lion")), (vec![], both));
}

#[test]
fn comments_are_found_wherever_the_store_has_them() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    let link = b.only().links[0].id;
    b.db.cache_comments(link, &[said("1", "a zebra"), said("2", "and a lion")]).expect("kept");
    assert_eq!((b.found("zebra"), b.found("lion")), (vec![id], vec![id]));
    b.db.cache_comments(link, &[said("2", "and a lion")]).expect("kept");
    assert_eq!((b.found("zebra"), b.found("lion")), (vec![], vec![id]));
    b.db.cache_comments(link, &[]).expect("kept");
    assert_eq!(b.found("lion"), []);

    b.run(Command::Comment { card: id, body: "on its way".into() });
    assert_eq!(b.found("on its way"), [id], "before it is sent");
    let delivery = b.db.due_delivery(&core()).expect("read").expect("due");
    let entry = AuditEntry { action: "comment", outcome: "ok".into(), ..AuditEntry::default() };
    b.db.delivered(&core(), &delivery, &said("7", "on its way"), &entry).expect("delivered");
    assert_eq!(b.found("on its way"), [id], "and after");
}

#[test]
fn what_is_imported_is_found_with_its_comments() {
    let mut b = bench();
    let made = b.create("elsewhere");
    let card =
        Card { id: CardId::random(), links: Vec::new(), ..b.db.card(made).expect("read").expect("there") };
    let id = card.id;
    let comments = vec![said("c-1", "the zebra said so")];
    let one = LocalCard { card, body: "imported lion".into(), author: None, comments };
    let entry = AuditEntry { action: "import", outcome: "ok".into(), ..AuditEntry::default() };
    assert_eq!(b.db.import_cards(&[one], &entry).expect("imported"), (1, 1));
    assert_eq!((b.found("zebra"), b.found("lion")), (vec![id], vec![id]));
}

#[test]
fn words_are_found_as_people_type_them() {
    let mut b = bench();
    let body = "Größe of the Ärger: see foo_bar() in C++, e.g. https://example.test/x?y=1.\nIt isn't 100% done -> later. \
                日本語の本文とGitHub連携。";
    b.page(&[with_body(1, body)]);
    let id = b.only().id;
    for (text, there) in [
        ("ärg", true),
        ("arger", true),
        ("see foo", true),
        ("foo_bar()", true),
        ("foo_baz", false),
        ("foo.bar", false),
        ("c++", true),
        ("c#", false),
        ("e.g.", true),
        ("example.test/x", true),
        ("isn't", true),
        ("100%", true),
        ("->", true),
        ("=>", false),
        ("done -> later", true),
        ("later done", false),
        ("x?y=1. it", true),
        ("連携", true),
        ("本文と", true),
        ("犬", false),
        ("github連携", true),
        // From the beginnings of words, and never by one letter or sign alone.
        ("rger", false),
        ("o", false),
        (".", false),
        ("", false),
    ] {
        let wanted: &[CardId] = if there { &[id] } else { &[] };
        assert_eq!(b.found(text), wanted, "{text}");
    }
}

#[test]
fn an_older_database_is_indexed_when_it_is_opened() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("old.db");
    let old = rusqlite::Connection::open(&path).expect("a file");
    // The audit log's seal is the only step in code, and of no row here.
    for sql in [
        include_str!("../schema/001_first.sql"),
        include_str!("../schema/002_trust.sql"),
        include_str!("../schema/003_sent.sql"),
        include_str!("../schema/004_fields.sql"),
        include_str!("../schema/005_answers.sql"),
        include_str!("../schema/006_bodies.sql"),
        include_str!("../schema/007_twins.sql"),
        include_str!("../schema/008_remembered.sql"),
    ] {
        old.execute_batch(sql).expect("an older schema");
    }
    let (card, link) = ("00000000000000000000000000000001", "00000000000000000000000000000002");
    old.execute_batch(&format!(
        "PRAGMA user_version = 8;
         INSERT INTO cards (id, kind, title, status, rank, revision, created_at, updated_at, touched)
             VALUES ('{card}', 'issue', 'mine', 'todo', 1, 1, 1, 1, 1);
         INSERT INTO bodies VALUES ('{card}', 'zebra in a body');
         INSERT INTO feature_issue_links (id, feature_id, connection, platform, repository, remote_id, created_at)
             VALUES ('{link}', '{card}', 'core', 'github', 'octo/app', '1001', '2026-11-20T00:00:00Z');
         INSERT INTO comment_cache VALUES ('{link}',
             '[{{\"id\":\"1\",\"author\":\"ana\",\"body\":\"lion in a comment\",\"at\":1}}]', 1);
         INSERT INTO local_comments (id, card_id, body, at) VALUES ('c', '{card}', 'tiger here', 1);
         INSERT INTO deliveries (id, link_id, body, queued_at) VALUES ('d', '{link}', 'panther going', 7);"
    ))
    .expect("rows");
    drop(old);
    let mut db = Db::open(&path, Arc::new(ManualClock::new(Timestamp(10)))).expect("migrated");
    assert!(db.has_texts_due().expect("read"));
    index(&mut db);
    let id: CardId = card.parse().expect("an id");
    for text in ["zebra", "lion", "tiger", "panther"] {
        assert_eq!(db.search(&[text.to_owned()]).expect("searched"), [HashSet::from([id])], "{text}");
    }
    let detail = db.detail(id).expect("read").expect("there");
    assert_eq!(detail.body, "zebra in a body");
    assert_eq!(detail.comments[0].1[0].body, "lion in a comment");
    assert_eq!(detail.local_comments[0].body, "tiger here");
    assert_eq!(detail.unsent_comments, ["panther going"]);
    assert_eq!(db.check().expect("checked"), None);
}

#[test]
fn indexing_goes_on_in_steps_until_all_is_done_and_tells_nobody_of_a_change() {
    let mut b = bench();
    let items: Vec<RemoteItem> = (1..=1_200).map(|n| with_body(n, &format!("zebra {n}"))).collect();
    for page in items.chunks(100) {
        b.page(page);
    }
    let touched = b.db.touched().expect("a number");
    assert!(b.db.index_texts().expect("indexed"), "more is left");
    assert_eq!(b.db.search(&["zebra".into()]).expect("searched")[0].len(), 1_000);
    assert!(!b.db.index_texts().expect("indexed"));
    assert_eq!(b.db.search(&["zebra".into()]).expect("searched")[0].len(), 1_200);
    assert_eq!(b.db.touched().expect("a number"), touched);
}

#[test]
fn a_copy_of_the_database_finds_the_same() {
    let mut b = bench();
    b.page(&[with_body(1, "zebra"), with_body(2, "lion"), with_body(3, "tiger")]);
    let gone = b.db.card_by_number("core", 1).expect("read").expect("there");
    b.db.conn.execute("DELETE FROM cards WHERE id = ?1", [gone.to_string()]).expect("deleted");
    index(&mut b.db);
    b.db.conn.execute("DELETE FROM texts_due", []).expect("all is indexed");
    let copy = b.dir.path().join("copy.db");
    b.db.copy_to(&copy).expect("copied");
    let mut copy = Db::open(&copy, b.clock.clone()).expect("a database");
    index(&mut copy);
    for text in ["zebra", "lion", "tiger"] {
        assert_eq!(
            copy.search(&[text.into()]).expect("searched"),
            b.db.search(&[text.into()]).expect("searched")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Nothing that can be typed is an error, and what stands in a body as words is found by them.
    #[test]
    fn no_text_is_an_error(texts in prop::collection::vec("\\PC{0,20}|[\"'*^:(){}+.AND OR NOT NEAR\\-\u{0}\\n%_\\\\]{0,20}", 1..12)) {
        let mut b = bench();
        b.page(&[with_body(1, "some words, AND (more) of them")]);
        index(&mut b.db);
        let found = b.db.search(&texts);
        prop_assert!(found.is_ok(), "{:?}: {:?}", texts, found);
    }

    #[test]
    fn every_word_of_a_body_finds_it(words in prop::collection::vec("[a-zäöüé0-9]{2,8}", 1..8)) {
        let mut b = bench();
        b.page(&[with_body(1, &words.join(" "))]);
        let id = b.only().id;
        for word in &words {
            prop_assert_eq!(b.found(word), [id], "{}", word);
        }
        prop_assert_eq!(b.found(&words.join(" ")), [id]);
    }
}
