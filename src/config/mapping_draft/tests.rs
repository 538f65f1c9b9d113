//! What the mapping editor refuses, and what it lets pass.

use super::*;

fn status(name: &str) -> Status {
    Status::new(name)
}

fn label(name: &str) -> Target {
    Target { label: Some(name.into()), ..Target::default() }
}

fn closed(reason: Option<CloseReason>) -> Target {
    Target { state: Some(OpenState::Closed), reason, ..Target::default() }
}

fn core() -> ConnectionName {
    ConnectionName::new("core")
}

fn draft(rows: &[(&str, &str, Target)]) -> MappingDraft {
    MappingDraft {
        columns: rows.iter().map(|(s, t, _)| (status(s), (*t).to_owned())).collect(),
        targets: [(core(), rows.iter().map(|(s, _, t)| (status(s), t.clone())).collect())].into(),
    }
}

fn good() -> MappingDraft {
    draft(&[
        ("proposed", "Backlog", label("status: proposed")),
        ("doing", "Doing", label("status: doing")),
        ("completed", "Done", closed(Some(CloseReason::Completed))),
        ("rejected", "Rejected", closed(Some(CloseReason::NotPlanned))),
    ])
}

fn words(draft: &MappingDraft) -> Vec<(Cell, String)> {
    draft.problems().into_iter().map(|p| (p.at, p.message)).collect()
}

#[test]
fn the_usual_mapping_has_no_problem() {
    assert_eq!(good().problems(), []);
}

#[test]
fn two_statuses_that_read_the_same_are_told_once_at_the_later_one() {
    let mut draft = good();
    draft.set_target(&core(), &status("doing"), Some(label("Status: PROPOSED")));
    let got = words(&draft);
    assert_eq!(got.len(), 1, "{got:?}");
    assert_eq!(got[0].0, Cell::Target(core(), status("doing")));
    assert!(got[0].1.contains("are the same on `core`"), "{}", got[0].1);
}

#[test]
fn closing_without_a_reason_beside_a_reason_cannot_be_told_apart() {
    for reason in CloseReason::ALL {
        let mut draft = good();
        draft.set_target(&core(), &status("completed"), Some(closed(None)));
        draft.set_target(&core(), &status("rejected"), Some(closed(Some(reason))));
        let got = words(&draft);
        assert_eq!(got.len(), 1, "{reason:?}: {got:?}");
        assert!(got[0].1.contains("would come back from `core` as"), "{}", got[0].1);
    }
}

#[test]
fn open_without_a_label_stands_beside_open_with_one() {
    let mut draft = good();
    let open = Target { state: Some(OpenState::Open), ..Target::default() };
    draft.set_target(&core(), &status("proposed"), Some(open));
    assert_eq!(draft.problems(), []);
}

#[test]
fn each_mistake_names_its_cell() {
    let mut draft = good();
    draft.rename(0, "  ");
    draft.rename(1, "DONE");
    draft.add(9, status("Bad Name"), "x".repeat(TITLE_MAX + 1));
    draft.set_target(&core(), &status("doing"), Some(Target::default()));
    draft.set_target(
        &core(),
        &status("proposed"),
        Some(Target { reason: Some(CloseReason::Duplicate), ..label("a") }),
    );
    draft.set_target(&core(), &status("rejected"), Some(label(" x")));
    draft.set_target(&core(), &status("nowhere"), Some(label("y")));
    let cells: Vec<Cell> = draft.problems().into_iter().map(|p| p.at).collect();
    let target = |s| Cell::Target(core(), status(s));
    assert_eq!(
        cells,
        [
            Cell::Title(0),
            Cell::Title(2),
            Cell::Status(4),
            Cell::Title(4),
            target("proposed"),
            target("doing"),
            target("rejected"),
            target("nowhere"),
        ]
    );
}

#[test]
fn removing_a_column_removes_what_connections_map_it_to() {
    let mut draft = good();
    assert_eq!(draft.remove(1), Some((status("doing"), "Doing".to_owned())));
    assert_eq!(draft.target(&core(), &status("doing")), None);
    assert_eq!(draft.problems(), []);
}

#[test]
fn a_board_without_columns_and_a_connection_without_targets_are_problems() {
    let mut draft = good();
    while draft.remove(0).is_some() {}
    let cells: Vec<Cell> = draft.problems().into_iter().map(|p| p.at).collect();
    assert_eq!(cells, [Cell::Board, Cell::Connection(core())]);
}
