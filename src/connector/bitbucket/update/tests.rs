//! Every move between two states: allowed the same way by [`step`] and by what `Tracker::moves` tells.

use std::collections::BTreeSet;

use super::*;
use crate::domain::fields::SetDelta;
use crate::domain::mapping::{OpenState, StateChange};

const ALL: [&str; 5] = [map::DRAFT, map::OPEN, map::MERGED, map::DECLINED, map::SUPERSEDED];

fn in_state(status: &str) -> RemoteItem {
    let (state, draft) = if status == map::DRAFT { (map::OPEN, true) } else { (status, false) };
    let request = serde_json::from_value(json!({
        "id": 7, "title": "t", "state": state, "draft": draft,
        "created_on": "2026-11-01T00:00:00+00:00", "updated_on": "2026-11-01T00:00:00+00:00",
    }));
    map::item(request.expect("a pull request"), "team/app")
}

fn to(status: &str) -> Patch {
    let state = StateChange { status: Some(status.to_owned()), ..StateChange::default() };
    Patch { state, ..Patch::default() }
}

#[test]
fn a_move_is_allowed_exactly_where_moves_names_it_and_a_refusal_names_what_is() {
    for from in ALL {
        for target in ALL {
            let item = in_state(from);
            match step(&item, target) {
                Ok(None) => assert_eq!(from, target),
                Ok(Some(_)) => assert!(map::moves(from).contains(&target), "{from} {target}"),
                Err(failure) => {
                    assert!(!map::moves(from).contains(&target), "{from} {target}");
                    assert_eq!((failure.class, failure.scope), (Class::Permanent, Scope::Item));
                    assert_eq!(failure.outcome, Outcome::NotApplied);
                    for possible in map::moves(from) {
                        assert!(failure.message.contains(possible), "{}", failure.message);
                    }
                    assert_eq!(map::is_final(from), failure.message.contains("final"), "{}", failure.message);
                    assert!(check(&item, &to(target)).is_err());
                }
            }
        }
    }
    assert!(step(&in_state("QUEUED"), map::MERGED).is_err(), "a state nobody knows leads nowhere");
    assert_eq!(step(&in_state(map::OPEN), "merged").expect("in any case"), Some(Step::Merge));
}

#[test]
fn what_a_pull_request_does_not_have_is_refused_by_name() {
    let one = SetDelta { add: BTreeSet::from(["x".to_owned()]), ..SetDelta::default() };
    let closed = StateChange { state: Some(OpenState::Closed), ..StateChange::default() };
    let cases = [
        (Patch { labels: one.clone(), ..Patch::default() }, "labels"),
        (Patch { assignees: one, ..Patch::default() }, "reviewers"),
        (Patch { milestone: Some(None), ..Patch::default() }, "milestone"),
        (Patch { state: closed, ..Patch::default() }, "open or closed"),
    ];
    for (patch, named) in cases {
        let failure = check(&in_state(map::OPEN), &patch).expect_err("refused");
        assert!(failure.message.contains(named), "{}", failure.message);
        assert_eq!((failure.class, failure.outcome), (Class::Permanent, Outcome::NotApplied));
    }
    let late = Patch { title: Some("too late".into()), ..Patch::default() };
    assert!(check(&in_state(map::MERGED), &late).expect_err("final").message.contains("MERGED"));
    assert!(check(&in_state(map::DRAFT), &late).is_ok());
}

#[test]
fn a_merge_goes_by_the_branchs_own_default() {
    let with = |branch: Value| {
        serde_json::from_value::<wire::PullRequest>(json!({
            "id": 7, "state": "OPEN", "destination": {"branch": branch},
            "created_on": "2026-11-01T00:00:00+00:00", "updated_on": "2026-11-01T00:00:00+00:00",
        }))
        .expect("a pull request")
    };
    assert_eq!(merge_body(&with(json!({"default_merge_strategy": "squash"})))["merge_strategy"], "squash");
    assert_eq!(merge_body(&with(json!({"name": "main"}))).get("merge_strategy"), None);
    assert_eq!(merge_body(&with(Value::Null)).get("merge_strategy"), None);
}
