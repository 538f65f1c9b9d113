//! The audit log as a chain: whoever changes the file behind Corkboard's back is found out.

use rusqlite::Connection;

use super::*;
use crate::domain::AuditFilter;
use crate::domain::conflict::Choice;
use crate::domain::fields::{Field, Value};

/// What somebody does who wants the log to tell another story: the triggers go first.
const UNGUARD: &str = "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened;";

fn entry(action: &'static str, n: usize) -> AuditEntry {
    AuditEntry {
        action,
        object: format!("core#{n}"),
        fields: serde_json::json!({ "title": { "before": "a", "after": format!("b{n}") } }),
        outcome: "ok".into(),
        request_id: Some(format!("R{n}")),
        ..AuditEntry::default()
    }
}

/// A log of ten rows, one a second.
fn ten() -> Bench {
    let mut b = bench();
    for n in 1..=10 {
        b.clock.advance(1_000);
        b.db.audit(&Origin::Local, Some(&core()), &entry("update", n)).expect("written");
    }
    b
}

/// Somebody else's hand on the file.
fn behind(b: &Bench) -> Connection {
    Connection::open(b.dir.path().join("corkboard.db")).expect("opened")
}

fn broken(b: &Bench, head: Option<(i64, &str)>) -> Option<i64> {
    b.db.audit_verify(head).expect("checked").broken.map(|(seq, _)| seq)
}

#[test]
fn a_log_as_it_was_written_is_whole_and_tells_its_head() {
    let b = ten();
    let check = b.db.audit_verify(None).expect("checked");
    assert_eq!((check.rows, check.broken, check.forgotten), (10, None, None));
    let (seq, hash) = check.head.expect("a head");
    assert_eq!((seq, hash.len()), (10, 64));
    assert_eq!(broken(&b, Some((seq, &hash))), None);
}

#[test]
fn a_row_cannot_simply_be_changed_or_deleted() {
    let b = ten();
    let other = behind(&b);
    for sql in ["UPDATE audit SET outcome = 'ok' WHERE seq = 3", "DELETE FROM audit WHERE seq = 3"] {
        let refused = other.execute(sql, []).expect_err("refused").to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(broken(&b, None), None);
}

#[test]
fn the_first_row_that_was_changed_is_named_whatever_was_changed_of_it() {
    for change in [
        "outcome = 'refused'",
        "actor = 'somebody'",
        "at = at + 1",
        "fields = '{}'",
        "request_id = NULL",
        "object = 'core#99'",
        "hash = replace(hash, substr(hash, 1, 1), 'x')",
    ] {
        let b = ten();
        behind(&b)
            .execute_batch(&format!("{UNGUARD} UPDATE audit SET {change} WHERE seq IN (4, 7);"))
            .expect("changed");
        assert_eq!(broken(&b, None), Some(4), "{change}");
    }
}

#[test]
fn a_row_that_was_taken_out_or_put_in_is_named() {
    let b = ten();
    behind(&b).execute_batch(&format!("{UNGUARD} DELETE FROM audit WHERE seq = 5;")).expect("deleted");
    assert_eq!(broken(&b, None), Some(5), "in the middle");

    let b = ten();
    behind(&b).execute_batch(&format!("{UNGUARD} DELETE FROM audit WHERE seq = 1;")).expect("deleted");
    assert_eq!(broken(&b, None), Some(1), "at the beginning");

    let b = ten();
    behind(&b).execute_batch(&format!("{UNGUARD} DELETE FROM audit WHERE seq > 8;")).expect("deleted");
    assert_eq!(broken(&b, None), Some(9), "at the end");

    let b = ten();
    behind(&b)
        .execute_batch(
            "INSERT INTO audit (at, origin, actor, action, object, outcome, hash) \
             VALUES (1, 'local', 'ana', 'update', 'core#1', 'ok', 'made up')",
        )
        .expect("a new row is no change of an old one");
    assert_eq!(broken(&b, None), Some(11), "one that nobody of us wrote");
}

#[test]
fn a_head_noted_elsewhere_proves_even_against_a_chain_written_anew() {
    let b = ten();
    let (seq, hash) = b.db.audit_verify(None).expect("checked").head.expect("a head");
    let other = behind(&b);
    other
        .execute_batch(&format!("{UNGUARD} UPDATE audit SET actor = 'somebody' WHERE seq = 6;"))
        .expect("changed");
    // The same code seals the rows anew, as somebody could who has the program.
    crate::store::audit::seal(&other).expect("sealed");
    assert_eq!(broken(&b, None), None, "the chain alone does not tell");
    assert_eq!(broken(&b, Some((seq, &hash))), Some(10));

    let b = ten();
    behind(&b)
        .execute_batch(&format!(
            "{UNGUARD} DELETE FROM audit WHERE seq > 8; UPDATE sqlite_sequence SET seq = 8 WHERE name = 'audit';"
        ))
        .expect("deleted");
    assert_eq!(broken(&b, None), None);
    assert_eq!(broken(&b, Some((seq, &hash))), Some(9), "the end was cut off, and its count with it");
}

#[test]
fn retention_removes_the_old_says_so_and_leaves_a_chain() {
    let mut b = ten();
    let before = b.db.audit_verify(None).expect("checked").head.expect("a head");
    // Rows 1 to 4 were written before this moment.
    let until = Timestamp(1_000_000 + 4_500);
    assert_eq!(b.db.audit_forget(until).expect("forgotten"), 4);
    let rows = b.db.audit_after(&AuditFilter::default(), 0, 100).expect("read");
    assert_eq!(rows.iter().map(|r| r.seq).collect::<Vec<_>>(), [5, 6, 7, 8, 9, 10, 11]);
    let last = rows.last().expect("a row");
    assert_eq!((last.action.as_str(), &last.fields["rows"]), ("retention", &4.into()));
    let check = b.db.audit_verify(Some((before.0, &before.1))).expect("checked");
    assert_eq!((check.rows, check.forgotten, check.broken), (7, Some(4), None));

    let touched = b.db.conn.total_changes();
    assert_eq!(b.db.audit_forget(until).expect("forgotten"), 0);
    assert_eq!(b.db.conn.total_changes(), touched, "nothing to remove: nothing is written");
    assert_eq!(broken(&b, Some((4, "0"))), Some(4), "the row retention ended with is known by its hash");
    behind(&b).execute("DELETE FROM audit WHERE seq = 5", []).expect_err("younger rows stay guarded");
}

#[test]
fn the_newest_row_stays_however_old_it_is() {
    let mut b = ten();
    assert_eq!(b.db.audit_forget(Timestamp(i64::MAX)).expect("forgotten"), 9);
    assert_eq!(broken(&b, None), None);
}

#[test]
fn a_page_narrows_by_every_part_of_the_filter() {
    let mut b = ten();
    let docs = ConnectionName::new("docs");
    let refused = AuditEntry { outcome: "422: no such label".into(), ..entry("create", 77) };
    b.db.audit(&Origin::Local, Some(&docs), &refused).expect("written");
    let count = |filter: AuditFilter| b.db.audit_page(&filter, None, 100).expect("read").len();
    let all = AuditFilter::default;
    assert_eq!(count(all()), 11);
    assert_eq!(count(AuditFilter { connection: Some(docs), ..all() }), 1);
    assert_eq!(count(AuditFilter { action: Some("update".into()), ..all() }), 10);
    assert_eq!(count(AuditFilter { troubled: true, ..all() }), 1);
    assert_eq!(count(AuditFilter { text: Some("NO SUCH".into()), ..all() }), 1);
    assert_eq!(count(AuditFilter { since: Some(Timestamp(1_009_000)), ..all() }), 3);
    assert_eq!(count(AuditFilter { until: Some(Timestamp(1_009_000)), ..all() }), 8);
    assert_eq!(
        b.db.audit_page(&all(), Some(4), 2).expect("read").iter().map(|r| r.seq).collect::<Vec<_>>(),
        [3, 2]
    );
}

#[test]
fn without_bodies_a_row_keeps_what_proves_them() {
    let mut b = bench();
    b.db.set_who(Who { audit_bodies: false, ..b.db.who.clone() });
    let fields = serde_json::json!({ "body": { "before": null, "after": "private words" }, "title": "t" });
    b.db.audit(&Origin::Local, None, &AuditEntry { fields, ..entry("update", 1) }).expect("written");
    let row = b.db.audit_page(&AuditFilter::default(), None, 1).expect("read").remove(0);
    assert!(!row.fields.to_string().contains("private"), "{}", row.fields);
    assert_eq!(row.fields["body"]["after"]["characters"], 13);
    assert_eq!(row.fields["title"], "t");
    assert_eq!(broken(&b, None), None);
}

/// A database as the first version of Corkboard left it.
fn first_schema(path: &std::path::Path) {
    let conn = Connection::open(path).expect("opened");
    conn.execute_batch(include_str!("../schema/001_first.sql")).expect("made");
    conn.execute_batch(
        r#"
        INSERT INTO cards (id, kind, title, status, rank, revision, created_at, updated_at, touched)
            VALUES ('00000000-0000-0000-0000-000000000001', 'issue', 'mine', 'todo', 1, 1, 1, 1, 1);
        INSERT INTO feature_issue_links
            (id, feature_id, connection, platform, repository, remote_id, issue_number, created_at)
            VALUES ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'core', 'github',
                    'octo/app', '1001', 1, '2026-11-20T00:00:00Z');
        INSERT INTO conflicts (link_id, field, base, local, remote, winner, found_at, resolved_at) VALUES
            ('00000000-0000-0000-0000-000000000002', 'title', 'said "so"', '"mine"', '"theirs"', NULL, 5, NULL),
            ('00000000-0000-0000-0000-000000000002', 'body', 'old', '"a"', '"b"', 'remote', 4, 4);
        INSERT INTO audit (at, origin, connection, action, object, fields, outcome, request_id) VALUES
            (10, 'local', 'core', 'create', 'core#1', '{"title":{"before":null,"after":"x"}}', 'ok', 'A1'),
            (20, 'core', 'core', 'conflict', 'core#1', '{}', 'waits for a decision', NULL),
            (30, 'local', NULL, 'mapping', 'board', '{}', 'ok', NULL);
        PRAGMA user_version = 1;
        "#,
    )
    .expect("filled");
}

#[test]
fn a_database_of_the_first_schema_becomes_a_chain_and_keeps_what_it_held() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("corkboard.db");
    first_schema(&path);
    let clock = Arc::new(ManualClock::new(Timestamp(1_000)));
    let mut db = Db::open(&path, clock).expect("migrated");
    let check = db.audit_verify(None).expect("checked");
    assert_eq!((check.rows, check.broken), (3, None));
    db.audit(&Origin::Local, Some(&core()), &entry("update", 9)).expect("written");
    assert_eq!(db.audit_verify(None).expect("checked").rows, 4);
    let rows = db.audit_after(&AuditFilter::default(), 0, 10).expect("read");
    assert_eq!(
        (rows[0].request_id.as_deref(), rows[1].outcome.as_str()),
        (Some("A1"), "waits for a decision")
    );

    let conflicts = db.conflicts(10).expect("read");
    assert_eq!(conflicts.len(), 2);
    assert_eq!((conflicts[0].field, &conflicts[0].decided), (Field::Title, &None));
    assert_eq!(conflicts[0].base, Value::Text("said \"so\"".into()));
    let decided = conflicts[1].decided.clone().expect("decided");
    assert_eq!((decided.choice, decided.by.as_str()), (Choice::Remote, "policy"));

    let other = Connection::open(&path).expect("opened");
    other.execute("UPDATE audit SET outcome = 'x' WHERE seq = 1", []).expect_err("guarded from now on");
}

#[test]
fn a_snapshot_comes_back_as_it_was_kept_and_one_that_cannot_be_read_is_none() {
    let mut b = bench();
    assert_eq!(b.db.snapshot(&core()).expect("read"), None);
    let mut health = crate::domain::health::Health::new(core(), "github", "octo/app".into());
    health.record(43, true);
    b.db.keep_snapshot(&health).expect("kept");
    assert_eq!(b.db.snapshot(&core()).expect("read"), Some((health, Timestamp(1_000_000))));
    let stored = b.db.health(&core()).expect("read");
    assert_eq!(stored, StoredHealth::default(), "what was not known stays so");
    behind(&b).execute("UPDATE health SET snapshot = '{\"later\":1}'", []).expect("changed");
    assert_eq!(b.db.snapshot(&core()).expect("read"), None);
}
