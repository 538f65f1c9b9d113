//! Histories in any order, with anybody's edits: a repair names each label once, and never one of ours.

use proptest::prelude::*;

use super::*;
use crate::support::clock::Timestamp;

fn event() -> impl Strategy<Value = wire::Event> {
    let words = |all: &'static [&'static str]| prop::sample::select(all.to_vec());
    let label = words(&["bug", "BUG", "ui", "status: done", "..", ""]);
    let what = words(&["labeled", "unlabeled", "closed", ""]);
    let when = words(&[
        "1970-01-01T00:00:05Z",
        "1970-01-01T00:00:15Z",
        "1970-01-01T00:00:20Z",
        "9999-12-31T23:59:59Z",
        "+262142-12-31T23:59:59Z",
        "-262143-01-02T00:00:00Z",
    ]);
    (any::<u64>(), what, prop::option::of(words(&["me", "ME", "ana"])), when, prop::option::of(label))
        .prop_map(|(id, what, who, at, label)| {
            let actor = who.map(|login| json!({"login": login}));
            let label = label.map(|name| json!({"name": name}));
            let event = json!({"id": id, "event": what, "actor": actor, "created_at": at, "label": label});
            serde_json::from_value(event).expect("an event")
        })
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(3_000))]

    #[test]
    fn any_history_gives_a_repair_that_contradicts_nothing(
        events in prop::collection::vec(event(), 0..12),
        read_at in any::<i64>(),
        patched_at in any::<i64>(),
        me in prop::option::of(Just("me")),
    ) {
        let ours = SetDelta { add: ["status: done".to_owned()].into(), ..SetDelta::default() };
        let lost = repair::lost_edits(&events, me, Timestamp(read_at), Timestamp(patched_at), &ours);
        for name in lost.add.iter().chain(&lost.remove) {
            prop_assert!(!name.eq_ignore_ascii_case("status: done"), "ours is not theirs");
        }
        prop_assert!(!lost.add.iter().any(|n| contains(&lost.remove, n)));
    }
}
