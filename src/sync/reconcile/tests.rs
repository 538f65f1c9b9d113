//! Every cell of the case table by name, and the merge as properties.

use std::collections::BTreeMap;

use super::*;
use crate::domain::fields::FieldName;
use crate::domain::mapping::Status;
use proptest::prelude::*;

fn fields() -> Fields {
    Fields {
        title: "title".into(),
        body: "body".into(),
        status: Status::new("todo"),
        labels: BTreeSet::from(["bug".to_owned()]),
        assignees: BTreeSet::new(),
        milestone: None,
        extra: BTreeMap::new(),
    }
}

fn with(change: impl FnOnce(&mut Fields)) -> Fields {
    let mut f = fields();
    change(&mut f);
    f
}

fn here(fields: Fields) -> Local {
    Local::Present { fields, edited: BTreeMap::new() }
}

fn there(fields: Fields) -> Remote {
    Remote::Present { fields, updated_at: Timestamp(1_000_000) }
}

fn plan(base: Option<Fields>, local: &Local, remote: &Remote) -> Plan {
    reconcile(base.as_ref(), local, remote, &Policies::default())
}

#[test]
fn every_cell_of_the_case_table_has_its_case() {
    use Case as C;
    let b = || Some(fields());
    let titled = |t: &str| with(|f| f.title = t.into());
    let bodied = |t: &str| with(|f| f.body = t.into());
    let (same, edited) = (here(fields()), here(titled("here")));
    let table: Vec<(Option<Fields>, Local, Remote, Case)> = vec![
        (None, Local::Absent, Remote::Never, C::Nothing),
        (None, Local::Absent, Remote::Deleted, C::Nothing),
        (None, Local::Absent, Remote::Hidden, C::Nothing),
        (None, Local::Archived, Remote::Never, C::Nothing),
        (None, Local::Archived, Remote::Deleted, C::Nothing),
        (None, Local::Archived, Remote::Hidden, C::Nothing),
        (None, Local::Absent, there(fields()), C::CreateLocal),
        (None, Local::Archived, there(fields()), C::LeftBoard),
        (None, same.clone(), Remote::Never, C::CreateRemote),
        (None, same.clone(), Remote::Deleted, C::RemoteDeleted),
        (None, same.clone(), Remote::Hidden, C::RemoteHidden),
        (None, same.clone(), there(fields()), C::Adopt),
        (None, edited.clone(), there(fields()), C::Adopt),
        (b(), Local::Absent, Remote::Never, C::Forget),
        (b(), Local::Absent, Remote::Deleted, C::Forget),
        (b(), Local::Absent, Remote::Hidden, C::Forget),
        (b(), Local::Archived, Remote::Deleted, C::Forget),
        (b(), Local::Archived, Remote::Never, C::Forget),
        (b(), Local::Archived, Remote::Hidden, C::Forget),
        (b(), Local::Absent, there(fields()), C::CreateLocal),
        (b(), Local::Archived, there(fields()), C::LeftBoard),
        (b(), same.clone(), Remote::Never, C::RemoteDeleted),
        (b(), same.clone(), Remote::Deleted, C::RemoteDeleted),
        (b(), edited.clone(), Remote::Deleted, C::RemoteDeleted),
        (b(), edited.clone(), Remote::Hidden, C::RemoteHidden),
        (b(), same.clone(), there(fields()), C::InStep),
        (b(), edited.clone(), there(fields()), C::Push),
        (b(), same, there(titled("there")), C::Pull),
        (b(), edited.clone(), there(titled("here")), C::Agreed),
        (b(), edited.clone(), there(bodied("there")), C::Merge),
        (b(), edited, there(titled("there")), C::Conflict),
    ];
    for (base, local, remote, want) in table {
        let got = plan(base.clone(), &local, &remote);
        assert_eq!(got.case, want, "{base:?} {local:?} {remote:?}");
    }
}

#[test]
fn only_the_changed_field_is_pushed() {
    let got = plan(Some(fields()), &here(with(|f| f.title = "new".into())), &there(fields()));
    assert_eq!(got.push.expect("a push").fields, BTreeSet::from([Field::Title]));
    assert_eq!((got.pull, got.base), (None, None), "base waits for the server's answer");
}

#[test]
fn labels_added_on_both_sides_are_all_kept() {
    let name = |l: &str| l.to_owned();
    let local = here(with(|f| f.labels = BTreeSet::from([name("bug"), name("ui")])));
    let remote = there(with(|f| f.labels = BTreeSet::from([name("sync")])));
    let got = plan(Some(fields()), &local, &remote);
    assert_eq!(got.case, Case::Merge);
    let pull = got.pull.expect("a pull");
    assert_eq!(pull.labels, BTreeSet::from([name("sync"), name("ui")]), "bug went there, ui came here");
    let push = got.push.expect("a push");
    assert_eq!(push.labels, SetDelta { add: BTreeSet::from([name("ui")]), remove: BTreeSet::new() });
}

fn conflict(policy: Policy, edited_at: i64) -> Plan {
    let local = Local::Present {
        fields: with(|f| f.title = "here".into()),
        edited: BTreeMap::from([(Field::Title, Timestamp(edited_at))]),
    };
    let own = BTreeMap::from([(Field::Title, policy)]);
    let policies = Policies { default: Policy::Manual, fields: own, ..Policies::default() };
    reconcile(Some(&fields()), &local, &there(with(|f| f.title = "there".into())), &policies)
}

#[test]
fn each_policy_decides_as_it_says() {
    let cases = [
        (Policy::Local, 0, Some(Side::Local)),
        (Policy::Remote, i64::MAX, Some(Side::Remote)),
        (Policy::Manual, i64::MAX, None),
        (Policy::LastWriteWins, 1_010_000, Some(Side::Local)),
        (Policy::LastWriteWins, 990_000, Some(Side::Remote)),
        (Policy::LastWriteWins, 1_000_900, None),
    ];
    for (policy, edited_at, want) in cases {
        let got = conflict(policy, edited_at);
        assert_eq!(got.conflicts.len(), 1);
        assert_eq!(got.conflicts[0].winner, want, "{policy:?} {edited_at}");
        assert_eq!(got.push.is_some(), want == Some(Side::Local));
        assert_eq!(got.pull.is_some(), want == Some(Side::Remote));
    }
}

#[test]
fn an_open_conflict_leaves_both_sides_and_the_other_fields_go_on() {
    let local = here(with(|f| {
        f.title = "here".into();
        f.milestone = Some("v1".into());
    }));
    let remote = there(with(|f| {
        f.title = "there".into();
        f.body = "there".into();
    }));
    let policies = Policies { default: Policy::Manual, ..Policies::default() };
    let got = reconcile(Some(&fields()), &local, &remote, &policies);
    assert_eq!(got.push.expect("a push").fields, BTreeSet::from([Field::Milestone]));
    let pull = got.pull.expect("a pull");
    assert_eq!((pull.title.as_str(), pull.body.as_str()), ("here", "there"));
    assert_eq!(got.base.expect("a base").title, "title", "the question stays open");
}

fn any_fields() -> impl Strategy<Value = Fields> {
    let names = |all: &'static [&'static str]| {
        prop::collection::btree_set(prop::sample::select(all), 0..3)
            .prop_map(|s| s.into_iter().map(str::to_owned).collect::<BTreeSet<_>>())
    };
    let text = |all: &'static [&'static str]| prop::sample::select(all).prop_map(str::to_owned);
    (
        text(&["a", "b", "c"]),
        text(&["", "x", "y"]),
        text(&["todo", "doing", "done"]),
        names(&["bug", "ui", "sync"]),
        names(&["ana", "ben"]),
        prop::option::of(text(&["v1", "v2"])),
        prop::collection::btree_map(
            prop::sample::select(&[FieldName::DUE, FieldName::PRIORITY][..]),
            text(&["a", "b"]).prop_map(Value::Text),
            0..3,
        ),
    )
        .prop_map(|(title, body, status, labels, assignees, milestone, extra)| Fields {
            title,
            body,
            status: Status::new(status),
            labels,
            assignees,
            milestone,
            extra,
        })
}

/// What the server holds once `push` is applied to it.
fn served(remote: &Fields, push: Option<&Push>) -> Fields {
    let mut after = remote.clone();
    if let Some(push) = push {
        push.fields.iter().for_each(|f| match f {
            Field::Labels => after.labels = push.labels.apply(&after.labels),
            Field::Assignees => after.assignees = push.assignees.apply(&after.assignees),
            f => after.take(*f, &push.to),
        });
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Once the plan is carried out both sides are equal, and planning again does nothing.
    #[test]
    fn a_plan_that_is_carried_out_settles(base in any_fields(), local in any_fields(), remote in any_fields(), ours in any::<bool>()) {
        let default = if ours { Policy::Local } else { Policy::Remote };
        let policies = Policies { default, ..Policies::default() };
        let first = reconcile(Some(&base), &here(local.clone()), &there(remote.clone()), &policies);
        let card = first.pull.clone().unwrap_or(local);
        let server = served(&remote, first.push.as_ref());
        prop_assert!(card.differing(&server).is_empty(), "{:?}", card.differing(&server));
        let second = reconcile(Some(&server), &here(card), &there(server.clone()), &policies);
        prop_assert!(second.is_idle());
        prop_assert_eq!(second.case, Case::InStep);
    }

    /// No edit disappears: each side's changed value is in the result or kept as a conflict's losing side.
    #[test]
    fn no_edit_disappears(base in any_fields(), local in any_fields(), remote in any_fields(), pick in 0..4_usize) {
        let default = [Policy::Local, Policy::Remote, Policy::Manual, Policy::LastWriteWins][pick];
        let got = reconcile(Some(&base), &here(local.clone()), &there(remote.clone()), &Policies { default, ..Policies::default() });
        let card = got.pull.clone().unwrap_or_else(|| local.clone());
        for side in [&local, &remote] {
            for field in base.differing(side) {
                match field {
                    Field::Labels | Field::Assignees => {
                        let set = |f: &Fields| if field == Field::Labels { f.labels.clone() } else { f.assignees.clone() };
                        let delta = SetDelta::between(&set(&base), &set(side));
                        prop_assert!(delta.add.is_subset(&set(&card)));
                        prop_assert!(delta.remove.is_disjoint(&set(&card)));
                    }
                    _ => {
                        let kept = got.conflicts.iter().any(|c| c.field == field && (c.local == side.value(field) || c.remote == side.value(field)));
                        prop_assert!(card.same(side, field) || kept, "{} was lost", field);
                    }
                }
            }
        }
    }

    /// Without a local edit nothing is ever sent.
    #[test]
    fn no_local_edit_no_write(base in any_fields(), remote in any_fields()) {
        let got = reconcile(Some(&base), &here(base.clone()), &there(remote), &Policies::default());
        prop_assert_eq!(got.push, None);
    }
}
