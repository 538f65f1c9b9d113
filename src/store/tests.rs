//! The store on a real file in a temporary directory.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::*;
use crate::domain::board::{Column, Place};
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::command::{Change, Command, NewCard, decide};
use crate::domain::conflict::{Choice, Decision};
use crate::domain::fields::SetDelta;
use crate::domain::link::{ConnectionName, SyncStatus};
use crate::domain::mapping::{OpenState, PlatformState, Status, StatusMapping, Target};
use crate::domain::remote::{Cursor, RemoteItem, RemoteRef};
use crate::support::clock::ManualClock;
use crate::sync::judge;
use crate::sync::reconcile::Policies;

mod chain;
mod kept;
mod search;
mod taken_back;
mod trust;

struct Bench {
    db: Db,
    clock: Arc<ManualClock>,
    rules: LinkRules,
    mapping: StatusMapping,
    policies: Policies,
    dir: tempfile::TempDir,
}

fn core() -> ConnectionName {
    ConnectionName::new("core")
}

fn columns() -> Vec<Column> {
    ["todo", "doing", "review", "done"]
        .map(|s| Column { status: Status::new(s), title: s.to_uppercase() })
        .to_vec()
}

fn mapping() -> StatusMapping {
    let label = |l: &str| Target { label: Some(l.into()), ..Target::default() };
    let closed = Target { state: Some(OpenState::Closed), ..Target::default() };
    let targets = [("todo", label("s: todo")), ("doing", label("s: doing")), ("done", closed)];
    let statuses: Vec<Status> = columns().into_iter().map(|c| c.status).collect();
    StatusMapping::new(&statuses, &targets.map(|(s, t)| (Status::new(s), t)).into_iter().collect())
}

fn bench() -> Bench {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(ManualClock::new(Timestamp(1_000_000)));
    let db = Db::open(&dir.path().join("corkboard.db"), clock.clone()).expect("a database");
    let rule = LinkRule {
        platform: "github",
        repository: "octo/app".into(),
        pushes: true,
        creates: true,
        mapping: mapping(),
        default_labels: vec!["new".into()],
        template: Some("## What".into()),
    };
    let rules = LinkRules([(core(), rule)].into_iter().collect());
    Bench { db, clock, rules, mapping: mapping(), policies: Policies::default(), dir }
}

fn item(number: u64, title: &str, label: &str) -> RemoteItem {
    RemoteItem {
        at: RemoteRef { id: (number + 1000).to_string(), number, repository: "octo/app".into() },
        url: format!("https://example.test/{number}"),
        title: title.into(),
        body: "body".into(),
        marker: None,
        state: PlatformState {
            state: OpenState::Open,
            reason: None,
            labels: BTreeSet::from([label.to_owned()]),
            ..PlatformState::default()
        },
        assignees: BTreeSet::new(),
        milestone: Some("v1".into()),
        raw: BTreeMap::new(),
        kind: None,
        author: Some("ana".into()),
        comments: 0,
        created_at: Timestamp(number as i64 * 1000),
        updated_at: Timestamp(500_000),
        rich: None,
    }
}

impl Bench {
    fn page(&mut self, items: &[RemoteItem]) -> Applied {
        let (mapping, policies) = (self.mapping.clone(), self.policies.clone());
        let how = Inbound {
            connection: &core(),
            rule: &self.rules.0[&core()],
            recognised: false,
            walk: None,
            newer: &HashSet::new(),
            judge: &|k, i| judge::judge(k, i, &mapping, &policies, 0),
            adopt: &|k, i| judge::adopt(k, i, &mapping),
        };
        self.db.apply_page(items, &how).expect("applied")
    }

    fn board(&self) -> crate::domain::Board {
        self.db.board("test", &columns()).expect("a board")
    }

    fn only(&self) -> Card {
        self.board().cards().next().cloned().expect("a card")
    }

    fn run(&mut self, command: Command) -> Committed {
        let changes = decide(&self.board(), command).expect("valid");
        self.db.commit(&changes, &self.rules).expect("committed")
    }

    fn move_to(&mut self, card: CardId, to: &str) -> Committed {
        self.run(Command::Move { card, to: Status::new(to), place: Place::Top })
    }

    fn create(&mut self, title: &str) -> CardId {
        let id = CardId::random();
        self.run(Command::Create(NewCard {
            id,
            kind: Kind::Issue,
            title: title.into(),
            body: "text".into(),
            status: Status::new("todo"),
            labels: BTreeSet::new(),
            assignees: BTreeSet::new(),
            milestone: None,
            extra: BTreeMap::new(),
            connections: vec![core()],
            at: Timestamp(1),
        }));
        id
    }

    fn claim(&mut self) -> Option<Item> {
        self.db.claim(&core(), "me", &crate::config::settings::Guards::default()).expect("claimed")
    }
}

#[test]
fn a_page_makes_cards_and_the_same_page_again_writes_nothing() {
    let mut b = bench();
    let page = [item(1, "one", "s: todo"), item(2, "two", "s: doing")];
    assert_eq!(b.page(&page).created, 2);
    let touched = b.db.touched().expect("a number");
    let again = b.page(&page);
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 2));
    assert_eq!(b.db.touched().expect("a number"), touched, "no row was written");
    assert_eq!(b.claim(), None, "and nothing waits to be sent");
}

#[test]
fn five_moves_before_the_worker_wakes_are_one_row() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    for to in ["doing", "done", "todo", "done", "doing"] {
        assert_eq!(b.move_to(id, to).wake, BTreeSet::from([core()]));
    }
    let claimed = b.claim().expect("one row");
    assert_eq!(claimed.revision, 5);
    assert_eq!(b.claim(), None, "a claimed row is not claimed twice");
    assert!(b.only().links[0].sending);
}

#[test]
fn an_edit_made_during_the_upload_stays_queued() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.move_to(id, "doing");
    let claimed = b.claim().expect("a row");
    let sent = crate::sync::reconcile::Push {
        fields: [crate::domain::Field::Status].into(),
        to: claimed.link.known.card.clone(),
        labels: SetDelta::default(),
        assignees: SetDelta::default(),
    };
    b.run(Command::Retitle { card: id, title: "edited meanwhile".into() });
    let entry = AuditEntry {
        action: "update",
        object: "core#1".into(),
        outcome: "ok".into(),
        ..AuditEntry::default()
    };
    let answer = item(1, "one", "s: doing");
    let map = b.mapping.clone();
    b.db.ack(
        &core(),
        claimed.link.id,
        claimed.revision,
        &answer,
        |k| judge::confirm(k, &sent, &answer, &map, &Policies::default(), 0),
        &entry,
    )
    .expect("acknowledged");
    let card = b.only();
    assert_eq!((card.title.as_str(), card.links[0].sync), ("edited meanwhile", SyncStatus::Pending));
    let next = b.claim().expect("still queued");
    assert_eq!(next.link.known.base.expect("a base").status.as_str(), "doing");
}

#[test]
fn a_claim_left_behind_by_a_dead_process_is_healed() {
    let mut b = bench();
    b.create("new");
    assert!(b.claim().is_some());
    assert_eq!(b.claim(), None);
    b.db.heal(&core()).expect("healed");
    assert!(b.claim().is_some());
}

#[test]
fn a_lost_answer_is_adopted_from_a_page_and_no_second_card_is_made() {
    let mut b = bench();
    let id = b.create("new");
    let claimed = b.claim().expect("a row");
    b.db.begin_create(claimed.link.id, Timestamp(0), &claimed.link.known.card).expect("journaled");
    let mut arrived = item(7, "new", "s: todo");
    arrived.body = "text".into();
    arrived.milestone = None;
    arrived.state.labels.insert("new".into());
    arrived.marker = Some(claimed.link.id);
    b.page(&[arrived]);
    let board = b.board();
    assert_eq!(board.len(), 1);
    let card = board.card(id).expect("the same card");
    assert_eq!(card.key(), "core#7");
    assert_eq!(card.links[0].sync, SyncStatus::Synced);
}

#[test]
fn a_status_the_connection_does_not_map_is_not_queued_and_says_so() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    assert_eq!(b.move_to(id, "review").wake, BTreeSet::new());
    assert_eq!(b.claim(), None);
    let link = &b.only().links[0];
    assert!(!link.mapped);
    assert!(link.note.as_deref().is_some_and(|n| n.contains("review")), "{:?}", link.note);
}

#[test]
fn both_sides_changed_the_title_and_the_question_waits_while_other_fields_go_on() {
    let mut b = bench();
    b.policies.default = crate::sync::Policy::Manual;
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Retitle { card: id, title: "mine".into() });
    let mut theirs = item(1, "theirs", "s: doing");
    theirs.updated_at = Timestamp(600_000);
    assert_eq!(b.page(&[theirs.clone()]).conflicts, 1);
    let card = b.only();
    assert_eq!((card.title.as_str(), card.status.as_str()), ("mine", "doing"));
    assert_eq!(card.links[0].sync, SyncStatus::Manual);
    assert_eq!(b.db.open_conflicts(&core()).expect("a number"), 1);
    b.page(&[theirs]);
    assert_eq!(b.db.conflicts_of(id).expect("conflicts").len(), 1, "asked once");

    let conflict = b.db.conflicts_of(id).expect("conflicts")[0].id;
    b.db.resolve(&[Decision { conflict, choice: Choice::Remote }]).expect("resolved");
    let card = b.only();
    assert_eq!((card.title.as_str(), card.links[0].sync), ("theirs", SyncStatus::Synced));
}

#[test]
fn a_decided_conflict_keeps_the_losing_side() {
    let mut b = bench();
    b.policies.default = crate::sync::Policy::Remote;
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.run(Command::Retitle { card: id, title: "mine".into() });
    let mut theirs = item(1, "theirs", "s: todo");
    theirs.updated_at = Timestamp(600_000);
    b.page(&[theirs]);
    assert_eq!(b.only().title, "theirs");
    let kept = b.db.conflicts_of(id).expect("conflicts");
    assert_eq!(kept[0].local, crate::domain::fields::Value::Text("mine".into()));
    assert_eq!(kept[0].decided.as_ref().map(|d| &d.choice), Some(&Choice::Remote));
}

#[test]
fn an_older_page_does_not_undo_a_newer_answer() {
    let mut b = bench();
    let mut new = item(1, "new", "s: todo");
    new.updated_at = Timestamp(900_000);
    b.page(&[new]);
    b.page(&[item(1, "old", "s: todo")]);
    assert_eq!(b.only().title, "new");
}

#[test]
fn a_refused_move_goes_back_and_keeps_the_servers_words() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    b.move_to(id, "doing");
    let claimed = b.claim().expect("a row");
    let entry = AuditEntry {
        action: "update",
        object: "core#1".into(),
        outcome: "Validation Failed".into(),
        ..AuditEntry::default()
    };
    let back = b.db.roll_back_move(&core(), claimed.link.id, claimed.revision, &entry).expect("rolled back");
    assert_eq!(back, Some(id));
    let card = b.only();
    assert_eq!(card.status.as_str(), "todo");
    assert_eq!(card.links[0].note.as_deref(), Some("Validation Failed"));
    assert_eq!(b.claim(), None);
}

#[test]
fn a_new_mapping_reads_the_stored_states_anew_and_sends_nothing() {
    let mut b = bench();
    b.page(&[item(1, "one", "ready"), item(2, "two", "s: doing")]);
    let label = |l: &str| Target { label: Some(l.into()), ..Target::default() };
    let targets = [("todo", label("s: todo")), ("doing", label("s: doing")), ("review", label("ready"))];
    let statuses: Vec<Status> = columns().into_iter().map(|c| c.status).collect();
    let wider =
        StatusMapping::new(&statuses, &targets.map(|(s, t)| (Status::new(s), t)).into_iter().collect());
    let before = b.db.preview_mapping(&core(), &mapping()).expect("a preview");
    assert_eq!(before.unmapped.values().sum::<usize>(), 1);
    let preview = b.db.preview_mapping(&core(), &wider).expect("a preview");
    assert_eq!(preview.moves.len(), 1);
    assert!(preview.unmapped.is_empty());
    b.db.remap(&core(), &wider).expect("remapped");
    assert_eq!(b.board().count_in(&Status::new("review")), 1);
    assert_eq!(b.claim(), None, "reading anew is no edit");
}

#[test]
fn milestones_list_their_cards() {
    let mut b = bench();
    let due = Some(chrono::NaiveDate::from_ymd_opt(2026, 12, 1).expect("a date"));
    let v1 = crate::domain::remote::RemoteMilestone { id: "3".into(), title: "v1".into(), due, open: true };
    b.db.take_milestones(&core(), &[v1]).expect("taken");
    b.page(&[item(1, "one", "s: todo"), item(2, "two", "s: todo")]);
    let id = b.only().id;
    b.run(Command::SetMilestone { card: id, milestone: None });
    let (name, date, number, features): (String, String, String, String) = b
        .db
        .conn
        .query_row(
            "SELECT milestone_name, target_date, platform_milestone_id, included_features FROM release_milestones",
            [],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
        )
        .expect("a row");
    assert_eq!((name.as_str(), date.as_str(), number.as_str()), ("v1", "2026-12-01", "3"));
    let features: Vec<String> = serde_json::from_str(&features).expect("JSON");
    assert_eq!(features.len(), 1);
}

#[test]
fn tables_that_other_tools_read_have_their_columns() {
    let b = bench();
    let wanted = [
        (
            "git_integration_config",
            "id platform repository_url api_token_name default_labels auto_sync_enabled issue_template created_at",
        ),
        (
            "feature_issue_links",
            "id feature_id task_id platform repository issue_number issue_url sync_status last_synced created_at",
        ),
        (
            "release_milestones",
            "id milestone_name target_date platform_milestone_id included_features status created_at",
        ),
    ];
    for (table, columns) in wanted {
        for column in columns.split(' ') {
            let sql = format!("SELECT {column} FROM {table}");
            assert!(b.db.conn.prepare(&sql).is_ok(), "{table}.{column}");
        }
    }
}

#[test]
fn the_cursor_is_kept() {
    let mut b = bench();
    assert_eq!(b.db.cursor(&core()).expect("a cursor"), Cursor::default());
    let cursor = Cursor { since: Some(Timestamp(5)), etag: Some("W/x".into()), ..Cursor::default() };
    b.db.advance(&core(), &cursor).expect("advanced");
    assert_eq!(b.db.cursor(&core()).expect("a cursor"), cursor);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let b = bench();
    b.db.conn.pragma_update(None, "user_version", 99).expect("set");
    let path = b.dir.path().join("corkboard.db");
    drop(b.db);
    let before = std::fs::read(&path).expect("a file");
    let got = Db::open(&path, b.clock.clone());
    assert!(matches!(got, Err(StoreError::Newer { found: 99, .. })), "{got:?}");
    assert_eq!(std::fs::read(&path).expect("a file"), before);
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let b = bench();
    let path = b.dir.path().join("other.db");
    std::fs::write(&path, "somebody's notes, not a database").expect("written");
    let got = Db::open(&path, b.clock.clone());
    assert!(matches!(got, Err(StoreError::Corrupt { .. })), "{got:?}");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "somebody's notes, not a database");
}

#[test]
fn a_database_cut_in_the_middle_is_told_and_left_alone() {
    let mut b = bench();
    let items: Vec<RemoteItem> = (1..400).map(|n| item(n, "title", "s: todo")).collect();
    b.page(&items);
    b.db.conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("checkpoint");
    let path = b.dir.path().join("corkboard.db");
    drop(b.db);
    let whole = std::fs::read(&path).expect("a file");
    std::fs::write(&path, &whole[..whole.len() / 3]).expect("cut");
    let read = Db::open(&path, b.clock.clone()).and_then(|db| db.board("x", &columns()).map(|b| b.len()));
    assert!(!matches!(read, Ok(399)), "a cut file cannot give all its cards");
    assert!(read.is_err(), "{read:?}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let b = bench();
    for name in ["corkboard.db", "corkboard.db-wal"] {
        let mode = std::fs::metadata(b.dir.path().join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} {mode:o}");
    }
}

#[test]
fn another_connection_sees_what_changed_since_it_last_looked() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo"), item(2, "two", "s: todo")]);
    let other = Db::open(&b.dir.path().join("corkboard.db"), b.clock.clone()).expect("a second process");
    let (all, _, seen) = other.changed_since(0).expect("changes");
    assert_eq!(all.len(), 2);
    let id = b.only().id;
    let add = SetDelta { add: BTreeSet::from(["bug".to_owned()]), ..SetDelta::default() };
    b.run(Command::Label { card: id, delta: add });
    let (cards, gone, seen) = other.changed_since(seen).expect("changes");
    assert_eq!(cards.iter().map(|c| c.id).collect::<Vec<_>>(), [id]);
    assert!(gone.is_empty());
    b.run(Command::Archive { card: id });
    assert_eq!(other.changed_since(seen).expect("changes").1, [id]);
}

#[test]
fn a_body_that_was_rewritten_keeps_the_old_one_in_the_change_log() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let id = b.only().id;
    let change = Change::Rewritten { card: id, before: "body".into(), after: "new body".into() };
    b.db.commit(&[change], &b.rules.clone()).expect("committed");
    assert_eq!(b.db.body(id).expect("a body"), "new body");
    let before: String =
        b.db.conn
            .query_row("SELECT before FROM change_log WHERE field = 'body'", [], |r| r.get(0))
            .expect("a row");
    assert_eq!(before, "body");
}

#[test]
fn a_full_disk_changes_nothing_and_says_so() {
    let mut b = bench();
    b.page(&[item(1, "one", "s: todo")]);
    let before = b.board();
    let id = b.only().id;
    let pages: i64 = b.db.conn.pragma_query_value(None, "page_count", |r| r.get(0)).expect("a number");
    b.db.conn.pragma_update(None, "max_page_count", pages).expect("set");
    let change = Change::Rewritten { card: id, before: "body".into(), after: "long ".repeat(40_000) };
    let got = b.db.commit(std::slice::from_ref(&change), &b.rules.clone());
    assert!(matches!(got, Err(StoreError::DiskFull)), "{got:?}");
    assert_eq!(b.board(), before);
    b.db.conn.pragma_update(None, "max_page_count", 1_000_000).expect("set");
    b.db.commit(&[change], &b.rules.clone()).expect("committed once there is room");
}

#[test]
fn a_card_made_for_a_connection_gets_its_labels_and_its_template() {
    let mut b = bench();
    let id = b.create("with a body");
    assert_eq!(b.only().labels, BTreeSet::from(["new".to_owned()]).into());
    assert_eq!(b.db.body(id).expect("a body"), "text", "a body of its own is kept");
}
