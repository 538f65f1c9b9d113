//! What is taken back, brought back or decided: what the card becomes, what is kept, and what the audit log tells.

use super::*;
use crate::domain::fields::{Field, Value};
use crate::domain::history::VersionKind;
use crate::domain::{AuditFilter, AuditRow};
use crate::sync::reconcile::Policy;

fn rows(b: &Bench, action: &str) -> Vec<AuditRow> {
    let filter = AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
    b.db.audit_page(&filter, None, 100).expect("read")
}

fn rewritten(id: CardId, before: &str, after: &str) -> Change {
    Change::Rewritten { card: id, before: before.into(), after: after.into() }
}

/// One card whose body was changed on both sides, and the policy leaves that to a person.
fn in_conflict() -> (Bench, CardId) {
    let mut b = bench();
    b.policies = Policies { default: Policy::Manual, ..Policies::default() };
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.db.commit(&[rewritten(id, "body", "mine")], &b.rules.clone()).expect("committed");
    let mut there = item(1, "one", "s: todo");
    there.body = "theirs".into();
    there.updated_at = Timestamp(600_000);
    b.page(&[there]);
    (b, id)
}

#[test]
fn a_conflict_is_seen_on_its_link_until_it_is_decided_also_while_other_fields_are_sent() {
    let (mut b, id) = in_conflict();
    assert!(b.only().links[0].conflict);
    b.run(Command::Retitle { card: id, title: "another".into() });
    let card = b.only();
    assert_eq!((card.links[0].sync, card.links[0].conflict), (SyncStatus::Pending, true));
    let open = b.db.conflicts(0).expect("read");
    assert_eq!(open.len(), 1);
    b.db.resolve(&[Decision { conflict: open[0].id, choice: Choice::Remote }]).expect("decided");
    assert!(!b.only().links[0].conflict);
    assert_eq!(b.db.body(id).expect("a body"), "theirs");
}

#[test]
fn a_body_that_somebody_rewrote_since_is_not_taken_back_and_the_refusal_is_audited() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    let rules = b.rules.clone();
    b.db.commit(&[rewritten(id, "body", "mine")], &rules).expect("committed");
    let back = [rewritten(id, "mine", "body")];
    b.db.commit(&[rewritten(id, "mine", "newer")], &rules).expect("committed");
    let refused = b.db.commit_as(VersionKind::Undo, &back, &rules).expect_err("refused");
    assert_eq!(refused.to_string(), "core#1 was changed again since: its body was left as it is");
    assert_eq!(b.db.body(id).expect("a body"), "newer");
    let told = rows(&b, "undo");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].object, "core#1");
    assert!(told[0].outcome.starts_with("refused: core#1 was changed again since"), "{told:?}");
    assert_eq!(b.db.history(id, 10).expect("read").len(), 3, "nothing was written but the refusal");
    assert_eq!(b.db.audit_verify(None).expect("checked").broken, None);
}

#[test]
fn an_undo_and_a_restore_are_rows_of_their_own() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    let rules = b.rules.clone();
    b.db.commit(&[rewritten(id, "body", "mine")], &rules).expect("committed");
    b.db.commit_as(VersionKind::Undo, &[rewritten(id, "mine", "body")], &rules).expect("taken back");
    b.db.commit_as(VersionKind::Restore, &[rewritten(id, "body", "mine")], &rules).expect("brought back");
    assert_eq!((rows(&b, "undo").len(), rows(&b, "restore").len()), (1, 1));
    let kinds: Vec<VersionKind> =
        b.db.history(id, 10).expect("read").into_iter().map(|v| v.kind).take(3).collect();
    assert_eq!(kinds, [VersionKind::Restore, VersionKind::Undo, VersionKind::Edit]);
}

#[test]
fn the_loser_of_a_decision_is_in_the_history_and_can_be_brought_back() {
    let (mut b, id) = in_conflict();
    let open = b.db.conflicts(0).expect("read");
    b.db.resolve(&[Decision { conflict: open[0].id, choice: Choice::Remote }]).expect("decided");
    let lost = b.db.history(id, 10).expect("read").into_iter().find(|v| v.kind == VersionKind::Lost);
    let lost = lost.expect("the loser is kept");
    assert_eq!(
        (lost.what, &lost.after),
        (crate::domain::What::Field(Field::Body), &Value::Text("mine".into()))
    );
    let rules = b.rules.clone();
    b.db.commit_as(VersionKind::Restore, &[rewritten(id, "theirs", "mine")], &rules).expect("brought back");
    assert_eq!(b.db.body(id).expect("a body"), "mine");
    assert!(b.claim().is_some(), "it is sent like any edit");
    assert_eq!((rows(&b, "restore").len(), rows(&b, "conflict").len()), (1, 2), "found, then decided");
}

#[test]
fn a_card_taken_off_the_board_comes_back_by_an_undo_and_reads_its_item_anew() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Archive { card: id });
    let mut there = item(1, "renamed meanwhile", "s: todo");
    there.updated_at = Timestamp(600_000);
    b.page(&[there]);
    assert_eq!(b.board().len(), 0);
    let rules = b.rules.clone();
    let back = [Change::Archived { card: id }.inverse().expect("it can be taken back")];
    let done = b.db.commit_as(VersionKind::Undo, &back, &rules).expect("taken back");
    assert_eq!(b.only().title, "one");
    assert!(done.wake.contains(&core()));
    assert_eq!(b.claim().map(|c| c.link.card), Some(id), "its item is read anew");
    let again = b.db.commit_as(VersionKind::Undo, &back, &rules).expect("nothing to do");
    assert!(again.wake.is_empty(), "it is there already");
}

#[test]
fn a_card_that_only_follows_is_not_put_back_and_says_why() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Archive { card: id });
    let mut rules = b.rules.clone();
    rules.0.values_mut().for_each(|r| r.pushes = false);
    let refused = b.db.commit_as(VersionKind::Undo, &[Change::Returned { card: id }], &rules);
    assert!(refused.expect_err("refused").to_string().contains("`core` only pulls"));
    assert_eq!(b.board().len(), 0);
}
