//! Fields and values as no GitHub should tell them: no panic, nothing that cannot be kept, nothing taken for empty.

use proptest::prelude::*;

use super::*;
use crate::connector::github::fuzz::shapes;

/// A value of any kind, in its good form.
fn good() -> impl Strategy<Value = Json> {
    let at = "2026-11-05T16:20:11Z";
    prop_oneof![
        shapes::text().prop_map(move |t| json!({"text": t, "updatedAt": at})),
        any::<f64>().prop_map(move |n| json!({"number": n, "updatedAt": at})),
        shapes::text().prop_map(move |t| json!({"date": t, "updatedAt": at})),
        shapes::text().prop_map(move |t| json!({"name": t, "optionId": "47fc9ee4", "updatedAt": t})),
        shapes::text().prop_map(move |t| json!({"title": t, "updatedAt": null})),
        Just(Json::Null),
    ]
}

fn told() -> impl Strategy<Value = Json> {
    prop_oneof![3 => good(), 1 => shapes::mutated()]
}

fn a_field() -> impl Strategy<Value = Json> {
    let kind = prop::sample::select(vec![
        "TEXT",
        "NUMBER",
        "DATE",
        "SINGLE_SELECT",
        "ITERATION",
        "TITLE",
        "TRACKS",
        "",
    ]);
    (kind, shapes::text(), shapes::text()).prop_map(|(kind, name, option)| {
        json!({
            "id": "PVTF_1", "name": name, "dataType": kind, "options": [{"id": "1", "name": option}],
            "configuration": {"iterations": [{"id": "2", "title": option}], "completedIterations": []},
        })
    })
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(3_000))]

    #[test]
    fn any_value_is_read_in_a_form_that_can_be_kept_or_not_at_all(told in told()) {
        if let Some(value) = read(&told) {
            let kept = serde_json::to_string(&value).expect("it can be kept");
            prop_assert_eq!(&serde_json::from_str::<Value>(&kept).expect("and read"), &value);
            prop_assert!(!value.is_empty() || value == Value::None, "one form of nothing");
        }
        let _ = time(told.get("updatedAt"));
    }

    #[test]
    fn any_field_takes_back_what_was_read_of_it_or_says_why_not(told in a_field(), value in told()) {
        let Some(field) = serde_json::from_value::<wire::Further>(told).ok().and_then(Field::of) else { return Ok(()) };
        let _ = field.offered();
        let Some(value) = read(&value) else { return Ok(()) };
        match field.given(&value) {
            Ok(given) => {
                prop_assert!(given.wire().is_some() != value.is_empty());
                prop_assert!(field.holds(&value, &value));
            }
            Err(words) => prop_assert!(words.contains(&field.name)),
        }
    }

    #[test]
    fn any_number_comes_back_as_it_was(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        let Some(Value::Text(text)) = read(&json!({"number": number})) else { panic!("a number") };
        prop_assert_eq!(super::number(&text), Some(number + 0.0));
        prop_assert!(!text.contains('e') && !text.contains('E'), "{}", text);
    }

    #[test]
    fn any_answer_about_an_item_leaves_out_what_was_not_read(
        project in prop::collection::btree_map("k[0-3]", shapes::mutated(), 0..4),
        item in prop::collection::btree_map("v[0-3]", told(), 0..4),
    ) {
        let names = (0..4).map(|n| (format!("rule {n}"), format!("field {n}"))).collect();
        let asked = Asked { names };
        let known = asked.known(&project);
        let (values, _) = asked.values(&known, &item);
        for (n, known) in known.iter().enumerate() {
            let there = values.contains_key(&format!("rule {n}"));
            let told = *known && item.contains_key(&format!("v{n}"));
            prop_assert!(told || !there);
        }
    }
}
