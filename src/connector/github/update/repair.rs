//! Finds label edits that our PATCH undid, in the history. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::connector::github::wire;
use crate::domain::fields::{SetDelta, contains};
use crate::support::clock::Timestamp;

/// How much older than the issue's `updated_at` an event of the same PATCH may be: seconds are cut, not rounded.
pub(super) const STRADDLE_MS: i64 = 1_000;

/// What must be added and removed again.
///
/// `events` is the history in any order; `read_at` the last change as we read it, `patch` when our PATCH can
/// have been applied, both on the server's clock. A label outside `ours` was lost when its last event is ours, as old
/// as the PATCH, and the opposite of the one before it, which happened after our read. Events of the very second of the
/// read may be older than the read; they count only when the PATCH reversed them, which it does not do to what it knew.
pub(super) fn lost_edits(
    events: &[wire::Event],
    me: Option<&str>,
    read_at: Timestamp,
    patch: RangeInclusive<Timestamp>,
    ours: &SetDelta,
) -> SetDelta {
    let mut by_label: BTreeMap<String, Vec<&wire::Event>> = BTreeMap::new();
    for event in events {
        let Some(label) = event.label.as_ref().map(|l| &l.name) else { continue };
        let about_labels = matches!(event.what.as_str(), "labeled" | "unlabeled");
        let planned = contains(&ours.add, label) || contains(&ours.remove, label);
        if about_labels && !planned && Timestamp::from(event.created_at) >= read_at {
            by_label.entry(label.to_lowercase()).or_default().push(event);
        }
    }
    let mut lost = SetDelta::default();
    for history in by_label.values_mut() {
        history.sort_by_key(|e| e.id);
        let [.., theirs, last] = history.as_slice() else { continue };
        let actor = last.actor.as_ref().map(|a| a.login.as_str()).unwrap_or_default();
        let mine = me.is_none_or(|me| actor.eq_ignore_ascii_case(me));
        let by_the_patch = mine && patch.contains(&Timestamp::from(last.created_at));
        if put_back_already(history, me, &patch) {
            continue;
        }
        if !by_the_patch || theirs.what == last.what {
            continue;
        }
        let Some(label) = theirs.label.as_ref().map(|l| l.name.clone()) else { continue };
        if theirs.what == "labeled" {
            lost.add.insert(label);
        } else {
            lost.remove.insert(label);
        }
    }
    lost
}

/// Whether the last two events are our PATCH that undid somebody's edit, and our own repair of that: both ours, and
/// neither older than the PATCH.
fn put_back_already(history: &[&wire::Event], me: Option<&str>, patch: &RangeInclusive<Timestamp>) -> bool {
    let ours = |e: &wire::Event| {
        let actor = e.actor.as_ref().map(|a| a.login.as_str()).unwrap_or_default();
        me.is_none_or(|me| actor.eq_ignore_ascii_case(me)) && patch.contains(&Timestamp::from(e.created_at))
    };
    match history {
        [.., theirs, undone, back] => {
            theirs.what == back.what && undone.what != back.what && ours(undone) && ours(back)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn event(id: u64, second: i64, who: &str, what: &str, label: &str) -> wire::Event {
        let at = Timestamp(second * 1_000).to_rfc3339();
        let json = serde_json::json!({
            "id": id, "event": what, "actor": {"login": who}, "created_at": at, "label": {"name": label, "color": "ededed"},
        });
        serde_json::from_value(json).expect("an event")
    }

    fn lost(events: &[wire::Event]) -> SetDelta {
        let ours = SetDelta { add: BTreeSet::from(["status: done".to_owned()]), remove: BTreeSet::new() };
        let patch = Timestamp(20_000 - STRADDLE_MS)..=Timestamp(i64::MAX);
        lost_edits(events, Some("me"), Timestamp(10_000), patch, &ours)
    }

    #[test]
    fn a_label_somebody_added_before_our_patch_comes_back() {
        let got =
            lost(&[event(1, 15, "ana", "labeled", "urgent"), event(2, 20, "me", "unlabeled", "urgent")]);
        assert_eq!(got, SetDelta { add: BTreeSet::from(["urgent".to_owned()]), remove: BTreeSet::new() });
    }

    #[test]
    fn a_label_somebody_removed_before_our_patch_goes_again() {
        let got = lost(&[event(2, 20, "me", "labeled", "bug"), event(1, 15, "ana", "unlabeled", "bug")]);
        assert_eq!(got, SetDelta { add: BTreeSet::new(), remove: BTreeSet::from(["bug".to_owned()]) });
    }

    #[test]
    fn what_nobody_lost_is_left_alone() {
        let table: &[(&str, &[wire::Event])] = &[
            ("known when we read", &[event(1, 10, "ana", "labeled", "bug")]),
            ("long ago", &[event(1, 5, "ana", "labeled", "x"), event(2, 6, "me", "unlabeled", "x")]),
            ("added after our patch", &[event(1, 21, "ana", "labeled", "urgent")]),
            (
                "lost once and put back by us",
                &[
                    event(1, 15, "ana", "labeled", "x"),
                    event(2, 20, "me", "unlabeled", "x"),
                    event(3, 21, "me", "labeled", "x"),
                ],
            ),
            (
                "put on and taken off by somebody",
                &[event(1, 15, "ana", "labeled", "x"), event(2, 16, "ana", "unlabeled", "x")],
            ),
            (
                "our own change",
                &[
                    event(1, 15, "ana", "unlabeled", "status: done"),
                    event(2, 20, "me", "labeled", "status: done"),
                ],
            ),
            ("something else", &[event(1, 15, "ana", "closed", "x"), event(2, 20, "me", "reopened", "x")]),
        ];
        for (what, events) in table {
            assert_eq!(lost(events), SetDelta::default(), "{what}");
        }
    }
}
