//! What every tracker must do, in the words of its [`Desk`]. Each behaviour is one test of each platform.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use corkboard::connector::{
    Connector, Cursor, Draft, Failure, Fetched, Outcome, Page, Patch, PullEnd, RemoteItem, Scope,
};
use corkboard::domain::fields::{Field, Fields, SetDelta};
use corkboard::domain::link::LinkId;
use corkboard::domain::mapping::{StateChange, Status};
use corkboard::sync::Class;
use tokio::sync::mpsc;

use crate::desk::Desk;

/// Makes one test of each behaviour for a platform's desk.
macro_rules! contract {
    ($desk:ty) => {
        crate::suite::contract!($desk;
            a_probe_says_whose_token_it_is_and_what_it_may_do,
            an_expired_token_is_a_matter_of_configuration,
            a_thousand_items_come_in_pages_and_none_is_missed_or_doubled,
            what_changed_since_the_last_walk_comes_and_nothing_is_asked_twice,
            a_created_item_has_what_was_asked_and_is_found_by_its_marker,
            a_create_whose_answer_is_lost_is_found_and_not_made_again,
            every_field_that_can_be_written_is_written_and_read_back,
            an_item_moves_through_every_mapped_status_and_back,
            a_comment_is_said_once,
            throttled_it_says_for_how_long_and_asks_nothing_meanwhile,
            a_deleted_item_is_told,
            an_item_that_moved_away_is_told,
            a_field_somebody_else_edits_is_left_as_it_is,
            a_token_is_told_to_nobody_whatever_goes_wrong,
        );
    };
    ($desk:ty; $($behaviour:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                crate::suite::$behaviour::<$desk>().await;
            }
        )+
    };
}
pub(crate) use contract;

/// A walk to its end.
pub async fn pull(
    connector: &Arc<dyn Connector>,
    from: &Cursor,
) -> Result<(PullEnd, Vec<RemoteItem>), Failure> {
    let (pages, mut inbox) = mpsc::channel::<Page>(2);
    let read = async {
        let mut all = Vec::new();
        while let Some(page) = inbox.recv().await {
            assert!(page.skipped.is_empty(), "{:?}", page.skipped);
            all.extend(page.items);
        }
        all
    };
    let (end, items) = tokio::join!(connector.tracker().unwrap().pull(from, pages), read);
    end.map(|end| (end, items))
}

async fn fetch(connector: &Arc<dyn Connector>, item: &RemoteItem) -> Fetched {
    connector.tracker().unwrap().fetch(&item.at).await.unwrap()
}

pub async fn there(connector: &Arc<dyn Connector>, item: &RemoteItem) -> RemoteItem {
    match fetch(connector, item).await {
        Fetched::Item(item) => *item,
        other => panic!("not there: {other:?}"),
    }
}

/// The item titled `title`, as a first walk finds it.
pub async fn item<D: Desk>(desk: &D, connector: &Arc<dyn Connector>, title: &str) -> RemoteItem {
    let (_, items) = pull(connector, &Cursor::default()).await.unwrap();
    desk.clock().advance(3_600_000);
    items.into_iter().find(|i| i.title == title).expect("seeded")
}

/// An item to be made.
pub fn draft(title: &str) -> Draft {
    let fields = Fields {
        title: title.to_owned(),
        body: "First line.\n\n- [ ] a task\n- [x] another\n\n`code`".to_owned(),
        status: Status::new("proposed"),
        labels: BTreeSet::from(["urgent".to_owned()]),
        assignees: BTreeSet::new(),
        milestone: None,
        extra: std::collections::BTreeMap::new(),
    };
    Draft {
        marker: LinkId::random(),
        fields,
        state: StateChange::default(),
        raw: std::collections::BTreeMap::new(),
    }
}

pub async fn a_probe_says_whose_token_it_is_and_what_it_may_do<D: Desk>() {
    let desk = D::start(1).await;
    let connector = desk.connector(false);
    let probe = connector.probe().await.unwrap();
    assert!(!probe.login.is_empty() && !probe.repository.is_empty());
    assert!(probe.can_write && probe.has_issues && !probe.archived, "{probe:?}");
    assert_eq!(connector.identity().await.unwrap(), probe.repository_id);
    assert!(connector.clock_offset_ms().is_some(), "an answer tells the platform's clock");
}

pub async fn an_expired_token_is_a_matter_of_configuration<D: Desk>() {
    let desk = D::start(1).await;
    let connector = desk.connector(true);
    let failure = pull(&connector, &Cursor::default()).await.unwrap_err();
    assert_eq!((failure.class, failure.scope), (Class::Configuration, Scope::Connection), "{failure:?}");
    assert!(failure.help.is_some(), "it says what to do");
    assert!(connector.probe().await.is_err());
}

pub async fn a_thousand_items_come_in_pages_and_none_is_missed_or_doubled<D: Desk>() {
    let desk = D::start(1_000).await;
    let connector = desk.connector(false);
    let (end, items) = pull(&connector, &Cursor::default()).await.unwrap();
    let mut titles: BTreeMap<&str, u32> = BTreeMap::new();
    items.iter().for_each(|i| *titles.entry(&i.title).or_default() += 1);
    assert_eq!(titles.len(), 1_000);
    assert!((1..=1_000).all(|n| titles.contains_key(format!("item {n}").as_str())));
    assert!(end.cursor.since.is_some() && end.cursor.walk.is_none() && !end.empty, "{end:?}");
    assert!(desk.sandbox().writes().is_empty());
}

pub async fn what_changed_since_the_last_walk_comes_and_nothing_is_asked_twice<D: Desk>() {
    let desk = D::start(120).await;
    let connector = desk.connector(false);
    let (end, items) = pull(&connector, &Cursor::default()).await.unwrap();
    desk.clock().advance(3_600_000);
    desk.retitle(&items[7].at, "changed since");
    desk.sandbox().clear_requests();
    let (end, changed) = pull(&connector, &end.cursor).await.unwrap();
    assert!(changed.iter().any(|i| i.at.id == items[7].at.id && i.title == "changed since"));
    assert!(desk.sandbox().requests().len() <= 4, "{:?}", desk.sandbox().requests().len());
    // An hour later nothing has changed: nothing comes.
    desk.clock().advance(3_600_000);
    let (_, nothing) = pull(&connector, &end.cursor).await.unwrap();
    assert!(nothing.iter().all(|i| i.title != "item 1"), "what did not change does not come again");
}

pub async fn a_created_item_has_what_was_asked_and_is_found_by_its_marker<D: Desk>() {
    let desk = D::start(2).await;
    let connector = desk.connector(false);
    if !connector.capabilities().creates {
        let refused = connector.tracker().unwrap().create(&draft("refused")).await.unwrap_err();
        assert_eq!((refused.class, refused.outcome), (Class::Permanent, Outcome::NotApplied), "{refused:?}");
        return;
    }
    let since = desk.clock_now();
    let draft = draft("New: <b> & \u{1F980}");
    let made = connector.tracker().unwrap().create(&draft).await.unwrap();
    assert_eq!((&made.title, &made.body), (&draft.fields.title, &draft.fields.body));
    assert_eq!(made.marker, Some(draft.marker));
    let (fields, _) = made.fields(&desk.mapping());
    assert_eq!(fields.status, Status::new("proposed"));
    assert!(fields.labels.contains("urgent"), "{fields:?}");
    let shown = desk.shows(&made.at).expect("made");
    assert_eq!(shown.0, draft.fields.title);
    let found = connector.tracker().unwrap().find(draft.marker, since).await.unwrap().expect("found");
    assert_eq!(found.at, made.at);
    let nobodys = connector.tracker().unwrap().find(LinkId::random(), since).await.unwrap();
    assert_eq!(nobodys, None);
}

pub async fn a_create_whose_answer_is_lost_is_found_and_not_made_again<D: Desk>() {
    let desk = D::start(2).await;
    let connector = desk.connector(false);
    if !connector.capabilities().creates {
        return;
    }
    connector.probe().await.unwrap();
    let (since, draft) = (desk.clock_now(), draft("answer lost"));
    desk.sandbox().set_faults("POST count=1 drop-after".parse().unwrap());
    let lost = connector.tracker().unwrap().create(&draft).await.unwrap_err();
    assert_eq!(lost.outcome, Outcome::Unknown, "{lost:?}");
    desk.sandbox().set_faults("".parse().unwrap());
    desk.clock().advance(120_000);
    let found = connector.tracker().unwrap().find(draft.marker, since).await.unwrap();
    assert_eq!(found.map(|i| i.title), Some("answer lost".to_owned()));
    assert_eq!(desk.count("answer lost"), 1);
}

pub async fn every_field_that_can_be_written_is_written_and_read_back<D: Desk>() {
    let desk = D::start(3).await;
    let connector = desk.connector(false);
    let seen = item(&desk, &connector, "item 2").await;
    let (person, milestone) = desk.names();
    let writes = connector.capabilities().writes;
    let can = |field: Field| writes.contains(&field);
    let add = |name: &str| SetDelta { add: BTreeSet::from([name.to_owned()]), remove: BTreeSet::new() };
    let body = "Rewritten.\n\n1. one\n2. two\n\n> quoted\n\n```rust\nfn main() {}\n```";
    let patch = Patch {
        title: can(Field::Title).then(|| "another title".to_owned()),
        body: can(Field::Body).then(|| body.to_owned()),
        labels: if can(Field::Labels) { add("urgent") } else { SetDelta::default() },
        assignees: if can(Field::Assignees) { add(&person) } else { SetDelta::default() },
        milestone: can(Field::Milestone).then(|| Some(milestone.clone())),
        ..Patch::default()
    };
    let answer = connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
    for now in [answer, there(&connector, &seen).await] {
        assert!(!can(Field::Title) || now.title == "another title");
        assert!(!can(Field::Body) || now.body == body, "{}", now.body);
        assert!(!can(Field::Labels) || now.state.labels.contains("urgent"), "{:?}", now.state);
        assert!(!can(Field::Assignees) || now.assignees == BTreeSet::from([person.clone()]), "{now:?}");
        assert!(!can(Field::Milestone) || now.milestone.as_deref() == Some(&milestone), "{now:?}");
    }
    // And taken back.
    let seen = there(&connector, &seen).await;
    let back = Patch {
        labels: SetDelta { add: BTreeSet::new(), remove: patch.labels.add },
        assignees: SetDelta { add: BTreeSet::new(), remove: patch.assignees.add },
        milestone: can(Field::Milestone).then_some(None),
        ..Patch::default()
    };
    if !back.is_empty() {
        connector.tracker().unwrap().update(&seen, &back).await.unwrap();
    }
    let now = there(&connector, &seen).await;
    assert!(!now.state.labels.contains("urgent") && now.milestone.is_none(), "{now:?}");
    assert!(!can(Field::Assignees) || now.assignees.is_empty(), "{now:?}");
}

pub async fn an_item_moves_through_every_mapped_status_and_back<D: Desk>() {
    let desk = D::start(3).await;
    let connector = desk.connector(false);
    let mapping = desk.mapping();
    let mut seen = item(&desk, &connector, "item 3").await;
    let statuses: Vec<Status> = mapping.targets().map(|(s, _)| s.clone()).collect();
    for to in statuses.iter().skip(1) {
        let state = mapping.write(&seen.state, to).expect("mapped");
        let patch = Patch { state, ..Patch::default() };
        let answer = connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
        assert_eq!(&answer.fields(&mapping).0.status, to, "{:?}", answer.state);
        seen = there(&connector, &seen).await;
        let (fields, mapped) = seen.fields(&mapping);
        assert!(&fields.status == to && mapped, "{:?}", seen.state);
        assert!(mapping.write(&seen.state, to).expect("mapped").is_empty(), "nothing is left to write");
    }
}

pub async fn a_comment_is_said_once<D: Desk>() {
    let desk = D::start(2).await;
    let connector = desk.connector(false);
    if !connector.capabilities().comments {
        return;
    }
    let seen = item(&desk, &connector, "item 1").await;
    let (tracker, marker) = (connector.tracker().unwrap(), uuid::Uuid::new_v4());
    desk.sandbox().set_faults("POST count=1 drop-after".parse().unwrap());
    tracker.comment(&seen.at, "Said *once*.", marker).await.unwrap_err();
    desk.sandbox().set_faults("".parse().unwrap());
    let said = tracker.comment(&seen.at, "Said *once*.", marker).await.unwrap();
    assert_eq!(said.body, "Said *once*.");
    let all = tracker.comments(&seen.at).await.unwrap();
    assert_eq!(all.iter().filter(|c| c.body == "Said *once*.").count(), 1, "{all:?}");
}

pub async fn throttled_it_says_for_how_long_and_asks_nothing_meanwhile<D: Desk>() {
    let desk = D::start(2).await;
    let connector = desk.connector(false);
    desk.sandbox().set_faults("429(retry-after=90s)".parse().unwrap());
    let told = pull(&connector, &Cursor::default()).await.unwrap_err();
    assert_eq!(told.class, Class::Transient, "{told:?}");
    assert!(told.retry_after_ms.is_some_and(|ms| (80_000..=100_000).contains(&ms)), "{told:?}");
    desk.sandbox().set_faults("".parse().unwrap());
    desk.sandbox().clear_requests();
    pull(&connector, &Cursor::default()).await.unwrap_err();
    assert!(desk.sandbox().requests().is_empty(), "told to wait, it asks nothing");
    desk.clock().advance(91_000);
    pull(&connector, &Cursor::default()).await.unwrap();
}

pub async fn a_deleted_item_is_told<D: Desk>() {
    let desk = D::start(2).await;
    let connector = desk.connector(false);
    let seen = item(&desk, &connector, "item 2").await;
    if !desk.delete(&seen.at) {
        return;
    }
    let found = fetch(&connector, &seen).await;
    let wanted = if connector.capabilities().tells_deleted { Fetched::Deleted } else { Fetched::Hidden };
    assert_eq!(found, wanted);
    let patch = Patch { title: Some("too late".into()), ..Patch::default() };
    let late = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
    assert_eq!(late.scope, Scope::Item, "{late:?}");
}

pub async fn an_item_that_moved_away_is_told<D: Desk>() {
    let desk = D::start(2).await;
    let connector = desk.connector(false);
    let seen = item(&desk, &connector, "item 2").await;
    if !desk.transfer(&seen.at) {
        return;
    }
    match fetch(&connector, &seen).await {
        Fetched::Item(now) => {
            assert!(connector.capabilities().follows_transfers);
            assert_ne!(now.at.repository, seen.at.repository, "at its new address");
            assert_eq!(now.title, seen.title);
        }
        Fetched::Deleted | Fetched::Hidden => assert!(!connector.capabilities().follows_transfers),
        Fetched::Converted(what) => panic!("it did not become {what}"),
    }
}

pub async fn a_token_is_told_to_nobody_whatever_goes_wrong<D: Desk>() {
    let desk = D::start(3).await;
    let connector = desk.connector(false);
    let seen = item(&desk, &connector, "item 1").await;
    let patch = Patch { title: Some("another".into()), ..Patch::default() };
    let mut told = Vec::new();
    for fault in [
        "status=400",
        "status=401",
        "status=403",
        "status=404",
        "status=409",
        "status=410",
        "status=422",
        "status=500",
        "status=502",
        "html",
        "truncate",
        "drop-before",
        "drop-after",
    ] {
        desk.sandbox().set_faults(fault.parse().unwrap());
        let tracker = connector.tracker().unwrap();
        told.push(format!("{:?}", connector.probe().await));
        told.push(format!("{:?}", pull(&connector, &Cursor::default()).await));
        told.push(format!("{:?}", tracker.fetch(&seen.at).await));
        told.push(format!("{:?}", tracker.create(&draft("made")).await));
        told.push(format!("{:?}", tracker.update(&seen, &patch).await));
        told.push(format!("{:?}", tracker.comment(&seen.at, "said", uuid::Uuid::new_v4()).await));
        desk.clock().advance(3_600_000);
    }
    assert!(told.iter().any(|text| text.contains("Err(")), "something went wrong");
    told.push(desk.sandbox().traffic_jsonl());
    for text in &told {
        assert!(!text.contains("ghp_sandbox"), "{text}");
    }
    let sent = desk.sandbox().requests();
    let proofs = sent.iter().flat_map(|r| &r.request_headers).filter(|(name, _)| name == "authorization");
    assert!(proofs.clone().count() > 0 && proofs.clone().all(|(_, value)| value.ends_with("[redacted]")));
}

pub async fn a_field_somebody_else_edits_is_left_as_it_is<D: Desk>() {
    let desk = D::start(2).await;
    let connector = desk.connector(false);
    let seen = item(&desk, &connector, "item 1").await;
    desk.retitle(&seen.at, "theirs, a moment ago");
    let writes = connector.capabilities().writes;
    let patch = if writes.contains(&Field::Body) {
        Patch { body: Some("ours".into()), ..Patch::default() }
    } else {
        return;
    };
    // Planned on what was read before their edit: only what we change is sent.
    let answer = connector.tracker().unwrap().update(&seen, &patch).await;
    let now = there(&connector, &seen).await;
    assert_eq!(now.title, "theirs, a moment ago");
    assert!(now.body == "ours" || answer.is_err_and(|f| f.class == Class::Conflict), "{now:?}");
}
