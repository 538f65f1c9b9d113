//! What must stay true of a link when its item is gone, its card is off the board, or a conflict ends by itself.

use super::*;
use crate::domain::AuditFilter;
use crate::domain::fields::{Field, FieldName, Value};
use crate::domain::history::What;
use crate::sync::reconcile::Policy;

#[test]
fn asking_again_after_an_item_is_gone_does_not_call_it_synced() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.move_to(id, "doing");
    let claimed = b.claim().expect("a row");
    b.db.hold(&core(), claimed.link.id, "it was deleted there").expect("held");
    assert_eq!(b.only().links[0].sync, SyncStatus::Manual);
    b.db.retry(&core(), None).expect("asked again");
    assert_eq!(b.only().links[0].sync, SyncStatus::Pending, "it is looked at again");
    assert!(b.claim().is_some());
}

#[test]
fn a_card_taken_off_the_board_still_owes_its_edits_after_a_pull() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Retitle { card: id, title: "mine".into() });
    b.run(Command::Archive { card: id });
    let mut there = item(1, "one", "s: doing");
    there.updated_at = Timestamp(600_000);
    b.page(&[there]);
    assert!(b.claim().is_some(), "the edit is still to be sent");
}

#[test]
fn a_conflict_that_ended_by_itself_waits_for_nobody() {
    let mut b = bench();
    b.policies = Policies { default: Policy::Manual, ..Policies::default() };
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Retitle { card: id, title: "mine".into() });
    let mut there = item(1, "theirs", "s: todo");
    there.updated_at = Timestamp(600_000);
    b.page(&[there.clone()]);
    assert_eq!(b.db.conflicts_of(id).expect("read").len(), 1);
    assert_eq!(b.only().links[0].sync, SyncStatus::Manual);
    there.title = "mine".into();
    there.updated_at = Timestamp(700_000);
    b.page(&[there]);
    assert_eq!(b.db.open_conflicts(&core()).expect("read"), 0);
    assert_eq!(b.db.conflicts_of(id).expect("read"), [], "nothing waits, and nothing was lost");
    let told = b.db.audit_page(&AuditFilter::default(), None, 100).expect("read");
    assert_eq!(told.iter().filter(|row| row.action == "conflict").count(), 1, "{told:?}");
}

#[test]
fn an_edit_that_is_in_no_queue_is_queued_when_its_item_is_seen_again() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Retitle { card: id, title: "mine".into() });
    let claimed = b.claim().expect("a row");
    b.db.hold(&core(), claimed.link.id, "not to be seen").expect("held");
    b.page(&[item(1, "one", "s: todo")]);
    assert!(b.claim().is_some());
}

#[test]
fn a_comment_that_was_sent_is_still_shown() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Comment { card: id, body: "said".into() });
    assert_eq!(b.only().links[0].sync, SyncStatus::Pending);
    let delivery = b.db.due_delivery(&core()).expect("read").expect("due");
    let comment = crate::domain::remote::Comment {
        id: "7".into(),
        author: "ben".into(),
        body: "said".into(),
        at: Timestamp(1_000_000),
    };
    let entry = AuditEntry {
        action: "comment",
        object: "core#1".into(),
        outcome: "ok".into(),
        ..AuditEntry::default()
    };
    b.db.delivered(&core(), &delivery, &comment, &entry).expect("noted");
    let detail = b.db.detail(id).expect("read").expect("there");
    assert_eq!((detail.comments[0].1.len(), detail.unsent_comments.len()), (1, 0));
}

#[test]
fn the_database_file_alone_holds_the_board_once_it_was_tidied_up() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    b.db.tidy_up().expect("tidied");
    let copy = b.dir.path().join("copy.db");
    std::fs::copy(b.dir.path().join("corkboard.db"), &copy).expect("copied");
    let alone = Db::open(&copy, b.clock.clone()).expect("opened");
    assert_eq!(alone.board("test", &columns()).expect("a board").len(), 1);
}

#[test]
fn a_move_takes_back_what_was_said_of_the_place_before() {
    let mut b = bench();
    b.page(&[item(1, "one", "bug")]);
    assert!(b.only().links[0].note.as_ref().is_some_and(|n| n.contains("not in the status mapping")));
    let id = b.only().id;
    b.move_to(id, "doing");
    assert_eq!(b.only().links[0].note, None);
}

#[test]
fn a_card_whose_column_is_removed_goes_to_where_its_platform_has_it() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: doing")]);
    let id = b.only().id;
    b.move_to(id, "review");
    let left: Vec<Status> = ["todo", "doing", "done"].map(Status::new).to_vec();
    let moved = b.db.write(|tx| tx.rescue_stranded(&left)).expect("rescued");
    assert_eq!(moved, [id]);
    assert_eq!(b.only().status.as_str(), "doing", "not the first column, which would be sent as a move");
}

#[test]
fn a_further_field_is_kept_told_in_the_history_and_queued_nowhere_without_a_rule() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    let set = |value: &str| Command::SetField {
        card: id,
        field: FieldName::PRIORITY,
        value: Value::Text(value.to_owned()),
    };
    b.run(set("high"));
    b.run(set("low"));
    assert_eq!(b.only().extra(FieldName::PRIORITY), Some("low"));
    let told: Vec<(String, String)> =
        b.db.history(id, 10)
            .expect("read")
            .into_iter()
            .filter(|v| v.what == What::Field(Field::Extra(FieldName::PRIORITY)))
            .map(|v| (v.before.to_string(), v.after.to_string()))
            .collect();
    assert_eq!(told, [("high".into(), "low".into()), ("none".into(), "high".to_owned())]);
    // The platform does not know the field: what it says next leaves it alone.
    let mut there = item(1, "renamed", "s: todo");
    there.updated_at = Timestamp(600_000);
    b.page(&[there]);
    assert_eq!(b.only().title, "renamed");
    assert_eq!(b.only().extra(FieldName::PRIORITY), Some("low"));
}

#[test]
fn a_list_in_a_further_field_reads_back_as_one() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    let parts = Value::Set(["api".to_owned(), "web".to_owned()].into());
    let field = FieldName::new("components").expect("a name");
    b.run(Command::SetField { card: id, field, value: parts.clone() });
    assert_eq!(b.only().extra.get(&field), Some(&parts));
    assert_eq!(b.db.history(id, 1).expect("read")[0].after, parts);
}
