//! Versions, conflicts that a person decides, and changes that are taken back.

use super::*;
use crate::domain::AuditFilter;
use crate::domain::fields::{Field, Value};
use crate::domain::history::{Version, VersionKind, What};
use crate::sync::reconcile::Policy;

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

impl Bench {
    fn versions(&self, of: Field) -> Vec<Version> {
        let all = self.db.history(self.only().id, 100).expect("read");
        all.into_iter().filter(|v| v.what == What::Field(of)).collect()
    }

    /// One card whose title both sides changed, and the question open.
    fn in_conflict(&mut self) -> (CardId, i64) {
        self.policies.default = Policy::Manual;
        self.page(&[item(1, "one", "s: todo")]);
        let id = self.only().id;
        self.run(Command::Retitle { card: id, title: "mine".into() });
        self.page(&[RemoteItem { updated_at: Timestamp(600_000), ..item(1, "theirs", "s: todo") }]);
        (id, self.db.conflicts_of(id).expect("read")[0].id)
    }

    fn take_back(&mut self, kind: VersionKind, changes: &[Change]) -> Result<Committed> {
        let inverse: Vec<Change> = changes.iter().rev().filter_map(Change::inverse).collect();
        self.db.commit_as(kind, &inverse, &self.rules)
    }

    fn retitle(&mut self, title: &str) -> Vec<Change> {
        let card = self.only().id;
        let changes = decide(&self.board(), Command::Retitle { card, title: title.into() }).expect("valid");
        self.db.commit(&changes, &self.rules).expect("committed");
        changes
    }
}

#[test]
fn every_version_tells_who_when_where_from_and_both_values() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    b.clock.advance(5_000);
    b.retitle("two");
    b.claim().expect("claimed");
    b.page(&[RemoteItem { updated_at: Timestamp(600_000), ..item(1, "one", "s: doing") }]);
    let title = &b.versions(Field::Title)[0];
    assert_eq!((&title.before, &title.after), (&text("one"), &text("two")));
    assert_eq!((title.origin.as_str(), title.kind), ("local", VersionKind::Edit));
    assert_eq!(title.at, Timestamp(1_005_000));
    assert_eq!(title.actor.as_deref(), Some(b.db.who.login.as_str()));
    let status = &b.versions(Field::Status)[0];
    assert_eq!((status.origin.as_str(), status.actor.as_deref()), ("core", None), "who it was is not told");
}

#[test]
fn a_merged_text_is_sent_and_both_sides_are_kept() {
    let mut b = bench();
    let (id, conflict) = b.in_conflict();
    let merged = Decision { conflict, choice: Choice::Merged(text("mine and theirs")) };
    assert_eq!(b.db.resolve(&[merged]).expect("resolved"), [core()]);
    let card = b.only();
    assert_eq!((card.title.as_str(), card.links[0].sync), ("mine and theirs", SyncStatus::Pending));
    let lost: Vec<Value> = b
        .versions(Field::Title)
        .into_iter()
        .filter(|v| v.kind == VersionKind::Lost)
        .map(|v| v.after)
        .collect();
    assert_eq!(lost, [text("theirs"), text("mine")]);
    let claimed = b.claim().expect("it is to be sent");
    assert_eq!(claimed.link.known.base.expect("a base").title, "theirs", "what is there is agreed on");
    let decided = b.db.conflicts_of(id).expect("read")[0].decided.clone().expect("decided");
    assert_eq!(decided.choice, Choice::Merged(text("mine and theirs")));
    assert_eq!(decided.by, b.db.who.login);
}

#[test]
fn a_decision_keeps_the_loser_in_the_history_and_in_the_audit_log() {
    for (choice, now, lost) in [(Choice::Local, "mine", "theirs"), (Choice::Remote, "theirs", "mine")] {
        let mut b = bench();
        let (id, conflict) = b.in_conflict();
        b.db.resolve(&[Decision { conflict, choice: choice.clone() }]).expect("resolved");
        assert_eq!(b.only().title, now);
        let kept = b.versions(Field::Title).into_iter().find(|v| v.kind == VersionKind::Lost).expect("kept");
        assert_eq!((kept.after, kept.before), (text(lost), text(now)));
        let filter =
            AuditFilter { card: Some(id), action: Some("conflict".into()), ..AuditFilter::default() };
        let rows = b.db.audit_page(&filter, None, 10).expect("read");
        let told = &rows[0].fields["title"];
        assert_eq!((&told["local"], &told["remote"]), (&"mine".into(), &"theirs".into()));
        assert_eq!(told["chosen"], choice.as_str());
        assert_eq!(b.db.resolve(&[Decision { conflict, choice }]).expect("read"), [], "it is decided once");
    }
}

#[test]
fn a_policy_that_decides_keeps_the_loser_in_the_history() {
    let mut b = bench();
    b.policies.default = Policy::Remote;
    b.page(&[item(1, "one", "s: todo")]);
    b.retitle("mine");
    b.page(&[RemoteItem { updated_at: Timestamp(600_000), ..item(1, "theirs", "s: todo") }]);
    let lost = b.versions(Field::Title).into_iter().find(|v| v.kind == VersionKind::Lost).expect("kept");
    assert_eq!((lost.after, lost.origin.as_str()), (text("mine"), "local"));
}

#[test]
fn what_is_taken_back_is_a_change_with_a_row_of_its_own() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let done = b.retitle("two");
    let undo = b.take_back(VersionKind::Undo, &done).expect("undone");
    assert_eq!(undo.wake, BTreeSet::from([core()]), "it is sent");
    assert_eq!((b.only().title.as_str(), b.versions(Field::Title)[0].kind), ("one", VersionKind::Undo));
    let filter = AuditFilter { action: Some("undo".into()), ..AuditFilter::default() };
    let rows = b.db.audit_page(&filter, None, 10).expect("read");
    assert_eq!(rows[0].fields["title"], serde_json::json!({ "before": "two", "after": "one" }));
}

#[test]
fn nothing_is_taken_back_that_somebody_changed_since() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let done = b.retitle("two");
    b.retitle("three");
    let refused = b.take_back(VersionKind::Undo, &done).expect_err("refused");
    assert!(refused.to_string().contains("core#1 was changed again since"), "{refused}");
    assert_eq!(b.only().title, "three");
}

#[test]
fn an_undo_yields_to_a_change_that_was_not_seen_yet_and_says_so() {
    let mut b = bench();
    b.policies.default = Policy::Local;
    b.page(&[item(1, "one", "s: todo")]);
    let done = b.retitle("two");
    // It was sent and confirmed.
    let sent = RemoteItem { updated_at: Timestamp(600_000), ..item(1, "two", "s: todo") };
    b.page(&[sent]);
    b.take_back(VersionKind::Undo, &done).expect("nothing is known against it yet");
    b.page(&[RemoteItem { updated_at: Timestamp(700_000), ..item(1, "theirs", "s: todo") }]);
    assert_eq!(b.only().title, "theirs", "even where this side wins otherwise");
    let told = b.db.take_told();
    assert!(told[0].contains("undo of the title was refused: core changed it since"), "{told:?}");
    let filter = AuditFilter { action: Some("undo".into()), troubled: true, ..AuditFilter::default() };
    assert_eq!(b.db.audit_page(&filter, None, 10).expect("read").len(), 1);
    b.retitle("mine again");
    b.page(&[RemoteItem { updated_at: Timestamp(800_000), ..item(1, "later", "s: todo") }]);
    assert_eq!(b.only().title, "mine again", "an edit of one's own is decided by the policy again");
}

#[test]
fn row_06_a_field_that_two_writers_keep_changing_back_and_forth_waits_for_a_person() {
    let mut b = bench();
    b.policies.default = Policy::Remote;
    b.page(&[item(1, "a", "s: todo")]);
    let id = b.only().id;
    for n in 0..3 {
        b.clock.advance(1_000);
        b.retitle("b");
        b.page(&[RemoteItem { updated_at: Timestamp(600_000 + n * 2), ..item(1, "b", "s: todo") }]);
        b.clock.advance(1_000);
        // Something there turns it back each time.
        b.page(&[RemoteItem { updated_at: Timestamp(600_001 + n * 2), ..item(1, "a", "s: todo") }]);
    }
    assert_eq!(b.only().title, "a");
    b.retitle("b");
    b.page(&[RemoteItem { updated_at: Timestamp(700_000), ..item(1, "a", "s: doing") }]);
    let card = b.only();
    assert_eq!((card.title.as_str(), card.links[0].sync), ("b", SyncStatus::Manual));
    assert_eq!(card.status.as_str(), "doing", "other fields go on");
    assert_eq!(b.db.open_conflicts(&core()).expect("read"), 1);
    b.page(&[RemoteItem { updated_at: Timestamp(700_001), ..item(1, "b", "s: doing") }]);
    assert_eq!(b.db.open_conflicts(&core()).expect("read"), 0, "alike again: no question");
    assert!(b.db.conflicts_of(id).expect("read").is_empty());
}

#[test]
fn rows_of_the_first_schema_are_read_and_sealed() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("corkboard.db");
    let old = Connection::open(&path).expect("a file");
    old.execute_batch(include_str!("../schema/001_first.sql")).expect("the first schema");
    let card = CardId::random();
    let link = crate::domain::LinkId::random();
    old.execute_batch(&format!(
        "PRAGMA user_version = 1; \
         INSERT INTO cards (id, kind, title, status, rank, revision, created_at, updated_at, touched) \
           VALUES ('{card}', 'issue', 'one', 'todo', 0, 1, 1, 1, 1); \
         INSERT INTO feature_issue_links (id, feature_id, connection, platform, repository, issue_number, created_at) \
           VALUES ('{link}', '{card}', 'core', 'github', 'octo/app', 7, '2026-01-01T00:00:00Z'); \
         INSERT INTO conflicts (link_id, field, base, local, remote, winner, found_at, resolved_at) \
           VALUES ('{link}', 'title', 'a \"base\"', '\"mine\"', '\"theirs\"', 'remote', 5, 6), \
                  ('{link}', 'milestone', NULL, 'null', '\"v1\"', NULL, 7, NULL); \
         INSERT INTO audit (at, origin, connection, action, object, outcome) VALUES (1, 'local', 'core', 'update', \
           'core#7', 'ok'), (2, 'local', 'core', 'comment', 'core#7', 'ok'); \
         INSERT INTO change_log (card_id, at, origin, field, before, after) VALUES ('{card}', 1, 'core', 'labels', \
           '[\"a\"]', '[]');"
    ))
    .expect("rows");
    drop(old);
    let mut db = Db::open(&path, Arc::new(ManualClock::new(Timestamp(10)))).expect("migrated");
    let kept = db.conflicts_of(card).expect("read");
    assert_eq!(
        (kept[0].field, &kept[0].base, kept[0].decided.is_some()),
        (Field::Milestone, &Value::None, false)
    );
    assert_eq!((kept[1].key.as_str(), &kept[1].base), ("core#7", &text("a \"base\"")));
    assert_eq!(db.history(card, 10).expect("read")[0].before, Value::Set(BTreeSet::from(["a".to_owned()])));
    db.audit(
        &Origin::Local,
        None,
        &AuditEntry { action: "config", outcome: "ok".into(), ..AuditEntry::default() },
    )
    .expect("appended");
    let check = db.audit_verify(None).expect("checked");
    assert_eq!((check.rows, check.broken), (3, None));
}
