//! Rules somebody wrote to do harm, and values nobody expects: each ends soon, small, and with words.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::tests::{facts, rule, text, wrong};
use super::*;

/// Far more than any of these takes, even unoptimised on a busy machine.
const SOON: Duration = Duration::from_secs(20);

fn outcome(step: Step, value: Value) -> String {
    let begun = Instant::now();
    let made =
        FieldRule::new(super::tests::written("custom", FieldKind::Text, RuleDirection::Push, vec![step]));
    let said = match made {
        Ok(rule) => match rule.write(&facts(value)) {
            Ok(Value::Text(made)) => format!("made {} bytes", made.len()),
            Ok(other) => format!("made {other}"),
            Err(unfit) => unfit.why,
        },
        Err(flaws) => flaws.to_string(),
    };
    assert!(begun.elapsed() < SOON, "{said} after {:?}", begun.elapsed());
    said
}

fn template(source: &str) -> Step {
    Step::Template { to: source.to_owned(), back: None }
}

#[test]
fn fuel_ends_a_template_that_would_go_on() {
    let long = text(&"a,".repeat(4_000));
    let source =
        "{% for a in value|lines %}{% for b in card.body|lines %}{{ a|length }}{% endfor %}{% endfor %}";
    let lines = facts(text(&"a\n".repeat(4_000))).with("body", text(&"b\n".repeat(4_000)));
    let rule = rule(FieldKind::Text, RuleDirection::Push, vec![template(source)]);
    assert_eq!(rule.write(&lines).expect_err("endless").why, "it takes too long");
    assert!(outcome(template("{{ value | length }}"), long).starts_with("made"));
}

#[test]
fn nothing_in_a_template_grows_without_bounds() {
    let big = text(&"x".repeat(200_000));
    let joined = format!("{{{{ {} }}}}", vec!["value"; 30].join(" ~ "));
    let refused = [
        ("{% set x = value ~ value %}{{ x }}", "has no place here"),
        ("{% with x = value %}{{ x }}{% endwith %}", "has no place here"),
        ("{% include 'secret' %}", "has no place here"),
        ("{% macro m() %}{% endmacro %}", "has no place here"),
        ("{% raw %}{# {% endraw %}{{ value * 9 }}{# #}", "has no place here"),
        ("{{ value * 100000000 }}", "`*` would repeat"),
        ("{{ 'it\\'s' }}{{ value * 100000000 }}", "`*` would repeat"),
        ("{{ [value] * 100000000 }}", "`*` would repeat"),
        ("{% for x in [value ~ value] %}{{ x }}{% endfor %}", "header of a loop"),
        ("{% for x in card.labels recursive %}{{ loop(x) }}{% endfor %}", "cannot call itself"),
        (
            "{% for a in value %}{% for b in value %}{% for c in value %}{% endfor %}{% endfor %}{% endfor %}",
            "loop in a loop",
        ),
        ("{{ {'a': value} }}", "has no place within code"),
        ("{{ value | indent(100000000) }}", "there is no such filter"),
        ("{{ value | format(value) }}", "there is no such filter"),
        (joined.as_str(), "too much text"),
        ("{{ value | replace('x', card.body) }}", "too long a text"),
    ];
    for (source, words) in refused {
        let said = outcome(template(source), big.clone());
        let card = said.contains(words) || (source.contains("card.body") && said.starts_with("made"));
        assert!(card, "{source}\nwanted: {words}\n   got: {said}");
    }
}

#[test]
fn looking_again_and_again_at_a_long_text_ends() {
    let source = "{% for a in card.body|lines %}{% if value == a %}x{% endif %}{% endfor %}";
    let card = facts(text(&"y".repeat(200_000))).with("body", text(&"b\n".repeat(3_000)));
    let rule = rule(FieldKind::Text, RuleDirection::Push, vec![template(source)]);
    let begun = Instant::now();
    assert!(rule.write(&card).is_err());
    assert!(begun.elapsed() < SOON);
}

#[test]
fn expressions_are_held_to_the_same() {
    let expression = |source: &str| Step::Expression { to: source.to_owned(), back: None };
    let big = text(&"x".repeat(200_000));
    for (source, words) in [
        ("value * 1000", "`*` would repeat"),
        ("value ~ value", "too long a text"),
        ("9 ** 9 ** 9", "`*` would repeat"),
        ("card.nope_yet.more", "not known"),
        ("card['No Such']", "not known"),
        ("value()", "not"),
        ("value.secret", "not known"),
        ("1 / 0", "zero"),
    ] {
        let said = outcome(expression(source), big.clone());
        assert!(
            said.contains(words) || said.contains("unable") || said.contains("gives nothing"),
            "{source}: {said}"
        );
    }
    let deep = format!("{}value{}", "(".repeat(1_500), ")".repeat(1_500));
    assert!(outcome(expression(&deep), big.clone()).contains("recursion"));
    let long = vec!["1"; 3_000].join("+");
    assert!(!outcome(expression(&long), big).starts_with("made"));
}

#[test]
fn hostile_regular_expressions_are_refused_or_end() {
    let replace = |regex: &str, with: &str| Step::Replace {
        to: Replacement { regex: regex.to_owned(), with: with.to_owned() },
        back: None,
    };
    let text = text(&"a".repeat(60_000));
    for (regex, with) in [
        ("(a*)*b", "x"),
        ("(a+a+)+y", "x"),
        ("(a|a|a|a)*c", "x"),
        (".*[^a-z]|[a-z]", "x"),
        ("a", "bbbbbbbbbbbbbbbbbbbbbbbb"),
        ("a*", "$0$0$0$0$0$0$0$0"),
        ("", "x"),
        ("(?:(?:(?:a{0,50}){0,50}){0,50}){0,50}", "x"),
        ("\\w{1000}{1000}", "x"),
        ("a{99999999}", "x"),
        ("((((((((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))))))))", "x"),
    ] {
        let said = outcome(replace(regex, with), text.clone());
        assert!(!said.is_empty(), "{regex}");
    }
    let said = outcome(replace("a*", "$0$0$0$0$0$0$0$0"), text.clone());
    assert!(said.contains("too long"), "{said}");
    assert!(
        wrong(FieldKind::Text, RuleDirection::Push, vec![replace("\\w{1000}{1000}", "x")])
            .contains("too large")
    );
}

#[test]
fn a_value_of_any_length_is_refused_with_words() {
    let plain = rule(FieldKind::Text, RuleDirection::Both, vec![Step::Prefix("x".into())]);
    let huge = text(&"y".repeat(VALUE_MAX + 1));
    assert_eq!(plain.write(&facts(huge.clone())).expect_err("long").why, "the value is too long");
    assert_eq!(plain.read(&huge).expect_err("long").why, "the value is too long");
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::None),
        any::<String>().prop_map(Value::Text),
        prop::sample::select(vec!["1e400", "-0", "NaN", "2026-02-30", "9999999999999999", "ẞ", "\u{202E}"])
            .prop_map(|word| Value::Text(word.to_owned())),
        prop::collection::btree_set(any::<String>(), 0..4).prop_map(Value::Set),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let word = || {
        prop_oneof![
            any::<String>(),
            "[a-z{}%|~. ]{0,12}",
            "(\\{\\{|\\{%|%\\}|\\}\\}|value|card\\.|for|if| ){0,9}"
        ]
    };
    let back = || prop::option::of(word());
    prop_oneof![
        (prop::collection::vec((word(), prop::collection::vec(word(), 0..3)), 0..3), back())
            .prop_map(|(classes, back)| Step::Map { classes, otherwise: Otherwise::Keep, back }),
        word().prop_map(Step::Prefix),
        word().prop_map(Step::Suffix),
        word().prop_map(Step::Split),
        word().prop_map(Step::Join),
        word().prop_map(Step::Default),
        (word(), word())
            .prop_map(|(regex, with)| Step::Replace { to: Replacement { regex, with }, back: None }),
        (any::<f64>(), any::<f64>(), prop::option::of(any::<u32>()), prop::option::of(any::<u32>()))
            .prop_map(|(factor, offset, round, back)| Step::Scale { factor, offset, round, back }),
        (back(), word()).prop_map(|(from, to)| Step::Date { from, to }),
        ("%[a-zA-Z:#%.0-9_-]{1,4}", back()).prop_map(|(to, from)| Step::Date { from, to }),
        (any::<u32>(), word(), any::<bool>(), any::<bool>()).prop_map(
            |(characters, ellipsis, link, keep_back)| {
                Step::Truncate { characters, ellipsis, link, keep_back }
            }
        ),
        (word(), back()).prop_map(|(to, back)| Step::Template { to, back }),
        (word(), back()).prop_map(|(to, back)| Step::Expression { to, back }),
    ]
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(2_000))]

    #[test]
    fn whatever_is_written_and_whatever_comes_nothing_panics(
        kind in prop::sample::select(FieldKind::ALL.to_vec()),
        direction in prop::sample::select(RuleDirection::ALL.to_vec()),
        steps in prop::collection::vec(any_step(), 0..3),
        value in any_value(),
        there in any_value(),
    ) {
        let written = super::tests::written("custom", kind, direction, steps);
        if let Ok(rule) = FieldRule::new(written) {
            let card = facts(value);
            let _ = (rule.settled(&card, &there), rule.round_trips(&card), rule.trace(&card), rule.trace_back(&there));
            if let Ok(read) = rule.read(&there) {
                let card = facts(read);
                prop_assert!(rule.reversible().is_err() || rule.settled(&card, &there), "{rule:?} {there:?}");
            }
        }
    }
}
