//! Values in and out, field by field.

use super::*;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn field(kind: Kind) -> Field {
    Field { id: "PVTF_1".into(), name: "F".into(), kind }
}

fn choices() -> Vec<Choice> {
    [("a1", "LOW"), ("b2", "Low"), ("c3", "High")]
        .map(|(id, name)| Choice { id: id.into(), name: name.into() })
        .to_vec()
}

#[test]
fn a_value_is_read_in_one_form_whatever_its_field_holds() {
    let table = [
        (json!(null), Some(Value::None)),
        (json!({"text": "a note", "updatedAt": "2026-11-05T16:20:11Z"}), Some(text("a note"))),
        (json!({"text": null}), Some(Value::None)),
        (json!({"text": ""}), Some(Value::None)),
        (json!({"number": 3.0}), Some(text("3"))),
        (json!({"number": 0.1}), Some(text("0.1"))),
        (json!({"number": -2.50}), Some(text("-2.5"))),
        (json!({"number": -0.0}), Some(text("0"))),
        (json!({"number": 13}), Some(text("13"))),
        (json!({"date": "2026-11-05"}), Some(text("2026-11-05"))),
        (json!({"date": "2026-11-05T00:00:00Z"}), Some(text("2026-11-05"))),
        (json!({"date": "2026-13-05"}), None),
        (json!({"name": "High"}), Some(text("High"))),
        (json!({"title": "Sprint 3"}), Some(text("Sprint 3"))),
        (json!({}), None),
        (json!({"number": "3"}), None),
        (json!("High"), None),
    ];
    for (told, want) in table {
        assert_eq!(read(&told), want, "{told}");
    }
}

#[test]
fn a_field_takes_what_it_holds_and_refuses_the_rest_with_what_it_takes() {
    let (single, iteration) = (field(Kind::Single(choices())), field(Kind::Iteration(choices())));
    let good = [
        (field(Kind::Text), "a note", Given::Text("a note".into())),
        (field(Kind::Number), " 2.50 ", Given::Number(2.5)),
        (field(Kind::Date), "2026-11-05", Given::Date("2026-11-05".into())),
        (single.clone(), "Low", Given::Option("b2".into())),
        (single.clone(), "high", Given::Option("c3".into())),
        (iteration.clone(), "LOW", Given::Iteration("a1".into())),
    ];
    for (field, value, want) in good {
        assert_eq!(field.given(&text(value)), Ok(want));
        assert_eq!(field.given(&Value::None), Ok(Given::Clear));
        assert_eq!(field.given(&text("")), Ok(Given::Clear));
    }
    let bad = [
        (field(Kind::Number), text("much"), "a number, not `much`"),
        (field(Kind::Number), text("inf"), "a number"),
        (field(Kind::Date), text("soon"), "YYYY-MM-DD"),
        (field(Kind::Date), text("05.11.2026"), "YYYY-MM-DD"),
        (single.clone(), text("Huge"), "no option `Huge`; it has LOW, Low, High"),
        (iteration, text("Sprint 9"), "no iteration `Sprint 9`; it has LOW"),
        (field(Kind::Single(Vec::new())), text("x"), "it has none"),
        (single, Value::Set(["a".to_owned()].into()), "one value"),
        (field(Kind::Other), Value::None, "cannot be written"),
    ];
    for (field, value, words) in bad {
        let said = field.given(&value).expect_err(words);
        assert!(said.contains(words) && said.contains("`F`"), "{said}");
    }
}

#[test]
fn what_is_read_back_is_what_was_written_in_githubs_own_spelling() {
    let (number, note) = (field(Kind::Number), field(Kind::Text));
    assert!(number.holds(&text("2.5"), &text("2.50")) && !number.holds(&text("2"), &text("3")));
    assert!(note.holds(&text("a note"), &text(" a note ")) && !note.holds(&text("a"), &text("A")));
    let single = field(Kind::Single(choices()));
    assert!(single.holds(&text("High"), &text("high")) && !single.holds(&Value::None, &text("high")));
    assert!(single.holds(&Value::None, &text("")) && !single.holds(&text("High"), &Value::None));
}

#[test]
fn a_field_is_found_by_name_by_id_and_last_in_another_case() {
    let field = |id: &str, name: &str| Field { id: id.into(), name: name.into(), kind: Kind::Text };
    let all = [field("f1", "PRIORITY"), field("f2", "Priority"), field("f3", "f1")];
    let found = |name: &str| named(&all, name).map(|f| f.id.as_str());
    assert_eq!(found("Priority"), Some("f2"));
    assert_eq!(found("priority"), Some("f1"));
    assert_eq!(found("f2"), Some("f2"));
    assert_eq!(found("f1"), Some("f3"), "a name goes before an id");
    assert_eq!(found("Effort"), None);
}

#[test]
fn a_field_is_offered_with_its_kind_and_all_its_options() {
    let told = |json: Json| Field::of(serde_json::from_value(json).expect("a field")).expect("with a name");
    let sprint = told(json!({
        "id": "PVTIF_1", "name": "Sprint", "dataType": "ITERATION",
        "configuration": {"iterations": [{"id": "2", "title": "Now"}], "completedIterations": [{"id": "1", "title": "Past"}]},
    }));
    let offered = sprint.offered().expect("offered");
    assert_eq!(
        (offered.holds, offered.options, offered.writable),
        (Holds::Option, vec!["Now".into(), "Past".into()], true)
    );
    assert_eq!(offered.id.as_deref(), Some("PVTIF_1"));
    let reviewers = told(json!({"id": "PVTF_2", "name": "Reviewers", "dataType": "REVIEWERS"}));
    assert!(reviewers.offered().is_some_and(|f| f.holds == Holds::Other && !f.writable));
    assert_eq!(told(json!({"id": "PVTF_3", "name": "Labels", "dataType": "LABELS"})).offered(), None);
    assert_eq!(Field::of(serde_json::from_value(json!({})).expect("nothing of a field")), None);
}
