//! The status mapping, read and written as people mean it.

use super::*;
use proptest::prelude::*;

fn status(s: &str) -> Status {
    Status::new(s)
}

fn label(l: &str) -> Target {
    Target { label: Some(l.into()), ..Target::default() }
}

fn mapping() -> StatusMapping {
    let closed =
        |reason| Target { state: Some(OpenState::Closed), reason: Some(reason), ..Target::default() };
    let board: Vec<Status> =
        ["proposed", "approved", "in_progress", "review", "completed", "rejected"].map(status).into();
    let targets = [
        (status("proposed"), label("status: proposed")),
        (status("approved"), label("status: approved")),
        (status("in_progress"), label("status: in progress")),
        (status("completed"), closed(CloseReason::Completed)),
        (status("rejected"), closed(CloseReason::NotPlanned)),
    ];
    StatusMapping::new(&board, &targets.into_iter().collect())
}

fn at(state: OpenState, reason: Option<CloseReason>, labels: &[&str]) -> PlatformState {
    let labels = labels.iter().map(|&l| l.to_owned()).collect();
    PlatformState { state, reason, labels, ..PlatformState::default() }
}

#[test]
fn states_read_as_people_mean_them() {
    use OpenState::{Closed, Open};
    let m = mapping();
    let cases = [
        ("a label, in any case", at(Open, None, &["Status: Approved", "bug"]), "approved", true),
        ("closed beats a label left behind", at(Closed, None, &["status: approved"]), "completed", true),
        ("a reason", at(Closed, Some(CloseReason::NotPlanned), &[]), "rejected", true),
        (
            "two labels: furthest along",
            at(Open, None, &["status: approved", "status: in progress"]),
            "in_progress",
            true,
        ),
        ("no label: assumed", at(Open, None, &["bug"]), "proposed", false),
        (
            "a reason nobody mapped: assumed closed",
            at(Closed, Some(CloseReason::Duplicate), &[]),
            "completed",
            false,
        ),
    ];
    for (what, state, want, mapped) in cases {
        let got = m.read(&state);
        assert_eq!((got.status.as_str(), got.mapped), (want, mapped), "{what}");
    }
}

#[test]
fn status_labels_are_not_shown_as_labels() {
    let got = mapping().read(&at(OpenState::Open, None, &["status: approved", "bug"]));
    assert_eq!(got.labels, BTreeSet::from(["bug".to_owned()]));
}

#[test]
fn moving_on_swaps_the_label_and_leaves_the_others() {
    let change = mapping()
        .write(&at(OpenState::Open, None, &["status: approved", "bug"]), &status("in_progress"))
        .expect("mapped");
    assert_eq!(change.state, None);
    assert_eq!(change.labels.add, BTreeSet::from(["status: in progress".to_owned()]));
    assert_eq!(change.labels.remove, BTreeSet::from(["status: approved".to_owned()]));
}

#[test]
fn a_status_the_connection_does_not_map_cannot_be_written() {
    assert_eq!(mapping().write(&at(OpenState::Open, None, &[]), &status("review")), None);
}

/// A GitHub project's options, a Jira workflow with resolutions.
fn by_status() -> StatusMapping {
    let named = |status: &str| Target { status: Some(status.into()), ..Target::default() };
    let resolved = |resolution: &str| Target { resolution: Some(resolution.into()), ..named("Done") };
    let board: Vec<Status> =
        ["proposed", "in_progress", "completed", "rejected", "shipped"].map(status).into();
    let shipped =
        Target { state: Some(OpenState::Closed), reason: Some(CloseReason::Completed), ..named("Shipped") };
    let targets = [
        (status("proposed"), Target { state: Some(OpenState::Open), ..named("Backlog") }),
        (status("in_progress"), named("In Progress")),
        (status("completed"), resolved("Done")),
        (status("rejected"), resolved("Won't Do")),
        (status("shipped"), shipped),
    ];
    StatusMapping::new(&board, &targets.into_iter().collect())
}

fn placed(state: OpenState, status: Option<&str>, resolution: Option<&str>) -> PlatformState {
    PlatformState {
        state,
        status: status.map(str::to_owned),
        resolution: resolution.map(str::to_owned),
        ..PlatformState::default()
    }
}

#[test]
fn a_platforms_own_status_says_where_an_item_stands() {
    use OpenState::{Closed, Open};
    let cases = [
        ("by name, in any case", placed(Open, Some("in progress"), None), "in_progress", true),
        ("whether open or closed", placed(Closed, Some("In Progress"), None), "in_progress", true),
        ("by resolution", placed(Closed, Some("Done"), Some("Won't Do")), "rejected", true),
        (
            "a resolution nobody mapped",
            placed(Closed, Some("Done"), Some("Cannot Reproduce")),
            "rejected",
            true,
        ),
        ("dragged on the web, still open", placed(Open, Some("Shipped"), None), "shipped", true),
        ("closed and without a status", placed(Closed, None, None), "shipped", true),
        ("open and without a status", placed(Open, None, None), "proposed", false),
        ("a status nobody mapped", placed(Open, Some("Icebox"), None), "proposed", false),
    ];
    for (what, state, want, mapped) in cases {
        let got = by_status().read(&state);
        assert_eq!((got.status.as_str(), got.mapped), (want, mapped), "{what}");
    }
}

#[test]
fn moving_names_the_status_and_what_the_mapping_says_of_open_and_closed() {
    let m = by_status();
    let change = m.write(&placed(OpenState::Open, Some("Backlog"), None), &status("shipped"));
    let change = change.expect("mapped");
    assert_eq!((change.status.as_deref(), change.state), (Some("Shipped"), Some(OpenState::Closed)));
    let change = m.write(&placed(OpenState::Closed, Some("Done"), Some("Done")), &status("rejected"));
    let change = change.expect("mapped");
    assert_eq!((change.status.as_deref(), change.resolution.as_deref()), (Some("Done"), Some("Won't Do")));
    assert_eq!(change.state, None, "the workflow decides that");
    let there = placed(OpenState::Closed, Some("Done"), Some("Won't Do"));
    assert!(m.write(&there, &status("rejected")).expect("mapped").is_empty());
    // Reopened in the place it has: only the state changes.
    let change = m.write(&placed(OpenState::Closed, Some("Backlog"), None), &status("proposed"));
    let change = change.expect("mapped");
    assert_eq!((change.status, change.state), (None, Some(OpenState::Open)));
}

fn any_state() -> impl Strategy<Value = PlatformState> {
    let labels = prop::collection::btree_set(
        prop::sample::select(vec![
            "status: proposed",
            "status: approved",
            "status: in progress",
            "bug",
            "ui",
        ]),
        0..4,
    );
    let reason = prop::option::of(prop::sample::select(CloseReason::ALL.to_vec()));
    (any::<bool>(), reason, labels).prop_map(|(open, reason, labels)| PlatformState {
        state: if open { OpenState::Open } else { OpenState::Closed },
        reason: if open { None } else { reason },
        labels: labels.into_iter().map(str::to_owned).collect(),
        ..PlatformState::default()
    })
}

proptest! {
    /// What is written reads back as what was meant, and writing it again changes nothing.
    #[test]
    fn a_written_status_reads_back(before in any_state(), to in prop::sample::select(vec!["proposed", "approved", "in_progress", "completed", "rejected"])) {
        let m = mapping();
        let change = m.write(&before, &status(to)).expect("mapped");
        let after = PlatformState {
            state: change.state.unwrap_or(before.state),
            reason: if change.state.is_some() { change.reason } else { before.reason },
            labels: change.labels.apply(&before.labels),
            ..before.clone()
        };
        let reading = m.read(&after);
        prop_assert_eq!(reading.status.as_str(), to);
        prop_assert!(reading.mapped);
        prop_assert!(m.write(&after, &status(to)).expect("mapped").is_empty());
        prop_assert_eq!(reading.labels, m.read(&before).labels);
    }
}
