//! Further fields carried by rules: both ways, in, out; what does not fit stays as it is and is told.

use super::*;
use crate::domain::fields::FieldName;
use crate::domain::mapping::FieldRule;

/// A rule as the config has it, in JSON; what is left out is as usual.
fn rule(written: serde_json::Value) -> FieldRule {
    let mut whole = serde_json::json!({
        "type": "text", "direction": "both", "required": false, "transform": [],
    });
    let (all, own) = (whole.as_object_mut().expect("an object"), written.as_object().expect("an object"));
    all.extend(own.clone());
    serde_json::from_value(whole).expect("a rule")
}

fn priority() -> FieldRule {
    rule(serde_json::json!({
        "source": "priority", "target": "Priority",
        "transform": [{ "map": {
            "classes": [["high", ["High", "Highest"]], ["low", ["Low", "Lowest"]]], "otherwise": "refuse",
        } }],
    }))
}

fn with_rules(rules: Vec<FieldRule>) -> StatusMapping {
    mapping().with_rules(rules)
}

fn there(raw: &[(&str, Value)]) -> RemoteItem {
    let raw = raw.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    RemoteItem { raw, ..item("t", "s: todo") }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn card_with(extra: &[(FieldName, &str)]) -> Fields {
    let extra = extra.iter().map(|(name, value)| (*name, text(value))).collect();
    Fields { extra, ..fields("t", "todo") }
}

fn look(state: &Known, item: &RemoteItem, mapping: &StatusMapping) -> Verdict {
    judge(state, item, mapping, &Policies::default(), 0)
}

#[test]
fn a_value_there_comes_to_the_card_and_one_of_its_class_is_no_change() {
    let mapping = with_rules(vec![priority()]);
    let base = card_with(&[]);
    let state = known(base.clone(), base);
    let got = look(&state, &there(&[("Priority", text("Highest"))]), &mapping);
    let card = got.card.expect("a change");
    assert_eq!(card.extra.get(&FieldName::PRIORITY), Some(&text("high")));
    let agreed = known(got.base.expect("agreed on"), card);
    let again = look(&agreed, &there(&[("Priority", text("High"))]), &mapping);
    assert_eq!((again.case, again.queue), (Case::InStep, Queue::Settled), "another word for the same");
}

#[test]
fn an_edit_here_is_sent_and_reads_back_as_agreed() {
    let mapping = with_rules(vec![priority()]);
    let high = card_with(&[(FieldName::PRIORITY, "high")]);
    let state = known(high, card_with(&[(FieldName::PRIORITY, "low")]));
    let got = look(&state, &there(&[("Priority", text("Highest"))]), &mapping);
    let push = got.push.expect("something to send");
    assert_eq!(push.fields, BTreeSet::from([Field::Extra(FieldName::PRIORITY)]));
    let (mut to, mut sent) = (push.to.clone(), push.fields.clone());
    let raw = mapping.rules().write(&mut to, &mut sent, &state.told);
    assert_eq!(raw, BTreeMap::from([("Priority".to_owned(), text("Low"))]));
    let answer = there(&[("Priority", text("Low"))]);
    let done = confirm(&state, &push, &answer, &mapping, &Policies::default(), 0);
    assert_eq!((done.queue, &done.card, done.unfit.len()), (Queue::Settled, &None, 0));
    assert_eq!(done.base.expect("agreed").extra.get(&FieldName::PRIORITY), Some(&text("low")));
}

#[test]
fn a_value_no_rule_knows_stays_on_both_sides_and_is_told() {
    let mapping = with_rules(vec![priority()]);
    let high = card_with(&[(FieldName::PRIORITY, "high")]);
    let got = look(&known(high.clone(), high.clone()), &there(&[("Priority", text("Blocker"))]), &mapping);
    assert_eq!((got.card, got.push), (None, None));
    assert!(got.unfit[0].contains("Blocker"), "{:?}", got.unfit);
    let odd = card_with(&[(FieldName::PRIORITY, "someday")]);
    let got = look(&known(high, odd), &there(&[("Priority", text("High"))]), &mapping);
    assert_eq!((&got.card, &got.push), (&None, &None), "what cannot be said there is not sent");
    assert!(got.unfit[0].contains("someday"), "{:?}", got.unfit);
}

#[test]
fn what_was_not_read_is_not_empty() {
    let mapping = with_rules(vec![priority()]);
    let high = card_with(&[(FieldName::PRIORITY, "high")]);
    let got = look(&known(high.clone(), high.clone()), &there(&[]), &mapping);
    assert_eq!((got.case, got.card), (Case::InStep, None));
    let got = look(&known(high.clone(), high), &there(&[("Priority", Value::None)]), &mapping);
    assert!(got.card.expect("a change").extra.is_empty(), "read, and empty");
}

#[test]
fn a_field_without_a_rule_is_nobodys_business_there() {
    let state = known(card_with(&[]), card_with(&[(FieldName::DUE, "2026-11-30")]));
    let got = look(&state, &there(&[("Due", text("2026-01-01"))]), &with_rules(vec![priority()]));
    assert_eq!((got.case, got.push, got.card), (Case::InStep, None, None));
}

#[test]
fn a_rule_that_only_sends_makes_its_value_again_whoever_changes_it_there() {
    let summary = rule(serde_json::json!({
        "source": "estimate", "target": "Effort", "type": "number", "direction": "push",
        "transform": [{ "template": { "to": "{{ card.title }}: {{ value }}" } }],
    }));
    let mapping = with_rules(vec![summary]);
    let sent = FieldName::sent_to("Effort");
    let card = card_with(&[(FieldName::ESTIMATE, "3")]);
    let got = look(&known(card_with(&[]), card.clone()), &there(&[("Effort", Value::None)]), &mapping);
    let push = got.push.expect("something to send");
    assert_eq!(push.fields, BTreeSet::from([Field::Extra(sent)]));
    assert_eq!(push.to.value(Field::Extra(sent)), text("t: 3"));
    let answer = there(&[("Effort", text("t: 3"))]);
    let done =
        confirm(&known(card_with(&[]), card.clone()), &push, &answer, &mapping, &Policies::default(), 0);
    assert_eq!((done.queue, &done.card), (Queue::Settled, &None), "no card has it");
    let agreed = known(done.base.expect("agreed"), card);
    assert_eq!(look(&agreed, &answer, &mapping).case, Case::InStep);
    let theirs = look(&agreed, &there(&[("Effort", text("by hand"))]), &mapping);
    assert_eq!((theirs.queue, theirs.card), (Queue::Needed, None));
    assert!(theirs.conflicts.is_empty());
}

#[test]
fn a_rule_that_only_reads_leaves_edits_of_the_card_on_the_card() {
    let parent = rule(serde_json::json!({ "source": "parent", "target": "Parent", "direction": "pull" }));
    let mapping = with_rules(vec![parent]);
    let state = known(card_with(&[]), card_with(&[(FieldName::PARENT, "ABC-1")]));
    let got = look(&state, &there(&[("Parent", Value::None)]), &mapping);
    assert_eq!((got.push, got.card), (None, None));
    let got = look(&state, &there(&[("Parent", text("ABC-9"))]), &mapping);
    let card = got.card.expect("a change");
    assert_eq!(card.extra.get(&FieldName::PARENT), Some(&text("ABC-9")));
}

#[test]
fn a_title_is_shaped_on_its_way_and_read_back_without_it() {
    let tag = rule(serde_json::json!({
        "source": "title", "target": "title", "transform": [{ "prefix": "[app] " }],
    }));
    let mapping = with_rules(vec![tag]);
    let base = fields("t", "todo");
    let there = |title: &str| RemoteItem { title: title.to_owned(), ..item("t", "s: todo") };
    assert_eq!(look(&known(base.clone(), base.clone()), &there("[app] t"), &mapping).case, Case::InStep);
    let got = look(&known(base.clone(), base.clone()), &there("[app] new"), &mapping);
    assert_eq!(got.card.expect("a change").title, "new");
    let state = known(base, fields("mine", "todo"));
    let push = look(&state, &there("[app] t"), &mapping).push.expect("something to send");
    let (mut to, mut sent) = (push.to.clone(), push.fields.clone());
    assert!(mapping.rules().write(&mut to, &mut sent, &state.told).is_empty());
    assert_eq!(to.title, "[app] mine");
}

#[test]
fn labels_that_are_kept_elsewhere_leave_the_platforms_own_labels_alone() {
    let parts = rule(serde_json::json!({ "source": "labels", "target": "Components", "type": "list" }));
    let mapping = with_rules(vec![parts]);
    let set = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<BTreeSet<_>>();
    let there = RemoteItem {
        raw: [("Components".to_owned(), Value::Set(set(&["api"])))].into(),
        state: PlatformState { labels: set(&["s: todo", "theirs"]), ..PlatformState::default() },
        ..item("t", "s: todo")
    };
    let base = Fields { labels: set(&["api"]), ..fields("t", "todo") };
    assert_eq!(look(&known(base.clone(), base.clone()), &there, &mapping).case, Case::InStep);
    let state = known(base.clone(), Fields { labels: set(&["api", "web"]), ..base });
    let push = look(&state, &there, &mapping).push.expect("something to send");
    let (mut to, mut sent) = (push.to.clone(), push.fields.clone());
    let raw = mapping.rules().write(&mut to, &mut sent, &state.told);
    assert_eq!(raw["Components"], Value::Set(set(&["api", "web"])));
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn what_a_platform_gives_a_new_item_by_itself_comes_to_the_card_and_is_not_cleared() {
    let mapping = with_rules(vec![priority()]);
    let card = card_with(&[]);
    let state = Known { base: None, ..known(card.clone(), card) };
    let got = adopt(&state, &there(&[("Priority", text("Low"))]), &mapping);
    assert_eq!((got.queue, &got.push), (Queue::Settled, &None));
    assert_eq!(got.card.expect("a change").extra.get(&FieldName::PRIORITY), Some(&text("low")));
}
