//! A platform's state in any words at all: it always reads as some status, and writing always has an end.

use proptest::prelude::*;

use super::*;

fn word() -> impl Strategy<Value = String> {
    let known =
        prop::sample::select(vec!["status: todo", "STATUS: TODO", "s\u{1b}", "", "ẞ", "İ", "..", "\u{202E}"]);
    prop_oneof![known.prop_map(str::to_owned), any::<String>()]
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(2_000))]

    #[test]
    fn any_state_reads_as_one_status_and_can_be_moved_on(
        labels in prop::collection::btree_set(word(), 0..8),
        targets in prop::collection::vec((prop::option::of(word()), any::<bool>()), 0..6),
        open in any::<bool>(),
        reason in prop::option::of(prop::sample::select(CloseReason::ALL.to_vec())),
    ) {
        let names: Vec<Status> = (0..targets.len()).map(|n| Status::new(format!("s{n}"))).collect();
        let target = |(label, open): &(Option<String>, bool)| Target {
            label: label.clone(),
            state: Some(if *open { OpenState::Open } else { OpenState::Closed }),
            ..Target::default()
        };
        let map = names.iter().cloned().zip(targets.iter().map(target)).collect();
        let mapping = StatusMapping::new(&names, &map);
        let state = if open { OpenState::Open } else { OpenState::Closed };
        let at = PlatformState { state, reason, labels, ..PlatformState::default() };
        let reading = mapping.read(&at);
        prop_assert!(reading.labels.is_subset(&at.labels));
        prop_assert!(!reading.mapped || names.contains(&reading.status));
        for status in &names {
            if let Some(change) = mapping.write(&at, status) {
                let labels = change.labels.apply(&at.labels);
                let after = PlatformState { state: change.state.unwrap_or(at.state), labels, ..PlatformState::default() };
                let kept = |l: &&String| !mapping.is_status_label(l);
                prop_assert!(at.labels.iter().filter(kept).all(|l| after.labels.contains(l)), "nobody's label is touched");
            }
        }
    }
}
