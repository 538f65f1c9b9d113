//! What rules do with values, both ways; what the properties of every rule are.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;

pub(super) fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

pub(super) fn set(names: &[&str]) -> Value {
    Value::Set(names.iter().map(|&n| n.to_owned()).collect())
}

pub(super) fn written(
    source: &str,
    kind: FieldKind,
    direction: RuleDirection,
    steps: Vec<Step>,
) -> WrittenRule {
    WrittenRule {
        source: source.to_owned(),
        target: "Field".to_owned(),
        kind,
        direction,
        required: false,
        transform: steps,
    }
}

pub(super) fn rule(kind: FieldKind, direction: RuleDirection, steps: Vec<Step>) -> FieldRule {
    FieldRule::new(written("custom", kind, direction, steps)).unwrap_or_else(|flaws| panic!("{flaws}"))
}

fn both(kind: FieldKind, steps: Vec<Step>) -> FieldRule {
    rule(kind, RuleDirection::Both, steps)
}

/// The words of what is wrong with a rule of `custom`.
pub(super) fn wrong(kind: FieldKind, direction: RuleDirection, steps: Vec<Step>) -> String {
    match FieldRule::new(written("custom", kind, direction, steps)) {
        Ok(_) => String::new(),
        Err(flaws) => flaws.to_string(),
    }
}

pub(super) fn facts(value: Value) -> Facts<'static> {
    rule(FieldKind::Text, RuleDirection::Push, Vec::new()).sample_facts(value)
}

fn write(rule: &FieldRule, value: Value) -> Result<Value, String> {
    rule.write(&facts(value)).map_err(|unfit| unfit.why)
}

pub(super) fn map(classes: &[(&str, &[&str])], otherwise: Otherwise) -> Step {
    let classes =
        classes.iter().map(|(c, t)| ((*c).to_owned(), t.iter().map(|&t| t.to_owned()).collect())).collect();
    Step::Map { classes, otherwise, back: None }
}

fn priorities() -> Step {
    map(
        &[("high", &["Highest", "High"]), ("medium", &["Medium"]), ("low", &["Low", "Lowest"])],
        Otherwise::Refuse,
    )
}

fn template(to: &str, back: Option<&str>) -> Step {
    Step::Template { to: to.to_owned(), back: back.map(str::to_owned) }
}

fn expression(to: &str, back: Option<&str>) -> Step {
    Step::Expression { to: to.to_owned(), back: back.map(str::to_owned) }
}

fn replace(regex: &str, with: &str, back: Option<(&str, &str)>) -> Step {
    let one = |(regex, with): (&str, &str)| Replacement { regex: regex.to_owned(), with: with.to_owned() };
    Step::Replace { to: one((regex, with)), back: back.map(one) }
}

fn date(from: Option<&str>, to: &str) -> Step {
    Step::Date { from: from.map(str::to_owned), to: to.to_owned() }
}

fn truncate(characters: u32, link: bool) -> Step {
    Step::Truncate { characters, ellipsis: "…".to_owned(), link, keep_back: false }
}

#[test]
fn every_step_does_what_it_says_both_ways() {
    use FieldKind::{Date, List, Number, Text};
    let case = Step::Case { to: Case::Upper, back: Some(Case::Lower) };
    let scale = |factor, offset| Step::Scale { factor, offset, round: None, back: None };
    let cases = [
        (Text, vec![priorities()], text("low"), text("Low")),
        (Text, vec![case], text("high"), text("HIGH")),
        (Text, vec![Step::Prefix("[A] ".into()), Step::Suffix("!".into())], text("x"), text("[A] x!")),
        (Text, vec![Step::Split(",".into())], text("a,b"), set(&["a", "b"])),
        (List, vec![Step::Join(", ".into())], set(&["a", "b"]), text("a, b")),
        (
            List,
            vec![map(&[("bug", &["defect"])], Otherwise::Keep)],
            set(&["bug", "ui"]),
            set(&["defect", "ui"]),
        ),
        (Text, vec![replace("^v", "Version ", Some(("^Version ", "v")))], text("v1.2"), text("Version 1.2")),
        (Number, vec![scale(3600.0, 0.0)], text("1.5"), text("5400")),
        (Number, vec![scale(1.8, 32.0)], text("20"), text("68")),
        (Number, vec![scale(0.1, 0.0)], text("3"), text("0.3")),
        (Number, vec![], text("3"), text("3")),
        (Date, vec![date(None, "%d.%m.%Y")], text("2026-11-21"), text("21.11.2026")),
        (Date, vec![date(None, "epoch_ms")], text("2026-11-21"), text("1795219200000")),
        (Date, vec![date(None, "rfc3339")], text("2026-11-21"), text("2026-11-21T00:00:00Z")),
        (
            Text,
            vec![template("<{{ value }}>", Some("{{ value | replace('<', '') | replace('>', '') }}"))],
            text("x"),
            text("<x>"),
        ),
        (Text, vec![expression("value | upper", Some("value | lower"))], text("x"), text("X")),
        (Number, vec![expression("value / 2", Some("value | times(2)"))], text("3"), text("1.5")),
        (Text, vec![Step::Default("none".into())], text("x"), text("x")),
    ];
    for (kind, steps, here, there) in cases {
        let rule = both(kind, steps);
        assert_eq!(write(&rule, here.clone()), Ok(there.clone()), "{:?}", rule.steps());
        assert_eq!(rule.read(&there), Ok(here.clone()), "{:?}", rule.steps());
        assert_eq!(rule.round_trips(&facts(here)), RoundTrip::Yes, "{:?}", rule.steps());
    }
}

#[test]
fn every_platform_value_of_a_class_is_read_as_the_cards_and_left_alone() {
    let rule = both(FieldKind::Option, vec![priorities()]);
    for (there, here) in [("Highest", "high"), ("High", "high"), ("lowest", "low"), ("Medium", "medium")] {
        assert_eq!(rule.read(&text(there)), Ok(text(here)));
        assert!(rule.settled(&facts(text(here)), &text(there)), "{there}");
    }
    assert!(!rule.settled(&facts(text("low")), &text("High")));
    assert!(
        rule.read(&text("Urgent"))
            .expect_err("outside")
            .why
            .contains("does not name the platform's \"Urgent\"")
    );
    assert!(write(&rule, text("urgent")).expect_err("outside").contains("does not name \"urgent\""));
}

#[test]
fn a_value_outside_a_map_is_refused_kept_or_replaced_as_the_rule_says() {
    let of =
        |otherwise| both(FieldKind::Option, vec![map(&[("high", &["High"]), ("low", &["Low"])], otherwise)]);
    assert_eq!(write(&of(Otherwise::Keep), text("odd")), Ok(text("odd")));
    assert_eq!(of(Otherwise::Keep).read(&text("odd")), Ok(text("odd")));
    let low = of(Otherwise::Value("Low".into()));
    assert_eq!(write(&low, text("odd")), Ok(text("Low")));
    assert!(low.settled(&facts(text("odd")), &text("Low")), "the card's own word stays");
    assert_eq!(low.read_beside(&facts(text("odd")), &text("Low")), Ok(text("odd")));
    assert_eq!(low.read_beside(&facts(text("odd")), &text("High")), Ok(text("high")));
}

#[test]
fn a_long_text_is_cut_with_an_ellipsis_and_the_cards_link() {
    let push = |step| rule(FieldKind::Text, RuleDirection::Push, vec![step]);
    assert_eq!(write(&push(truncate(5, false)), text("abcdefgh")), Ok(text("abcd…")));
    assert_eq!(write(&push(truncate(8, false)), text("abcdefgh")), Ok(text("abcdefgh")));
    let linked = "one… https://tracker.example/12";
    assert_eq!(
        write(&push(truncate(34, true)), text(&"one two three four five six seven".repeat(2))),
        Ok(text("one tw… https://tracker.example/12"))
    );
    assert_eq!(
        write(&push(truncate(31, true)), text(&"one two three four five six seven".repeat(2))),
        Ok(text(linked))
    );
    assert!(write(&push(truncate(9, true)), text("one two three")).expect_err("no room").contains("no room"));
    // A family of three people is one letter to a person: all of it or nothing.
    assert_eq!(write(&push(truncate(4, false)), text("a👩‍👩‍👦bcd")), Ok(text("a…")));
}

#[test]
fn a_cut_text_that_is_kept_on_the_way_back_does_not_shorten_the_card() {
    let keep = Step::Truncate { characters: 5, ellipsis: "…".into(), link: false, keep_back: true };
    let rule = both(FieldKind::Text, vec![keep]);
    let card = facts(text("abcdefgh"));
    assert_eq!(rule.read_beside(&card, &text("abcd…")), Ok(text("abcdefgh")));
    assert_eq!(rule.read_beside(&card, &text("new")), Ok(text("new")));
}

#[test]
fn an_empty_value_stays_empty_unless_the_rule_fills_it() {
    let plain = both(FieldKind::Option, vec![priorities(), Step::Prefix("P".into())]);
    assert_eq!(write(&plain, Value::None), Ok(Value::None));
    assert_eq!(write(&plain, text("")), Ok(Value::None));
    assert_eq!(plain.read(&Value::None), Ok(Value::None));
    let filled = both(FieldKind::Option, vec![Step::Default("medium".into()), priorities()]);
    assert_eq!(write(&filled, Value::None), Ok(text("Medium")));
    assert!(filled.settled(&facts(Value::None), &text("Medium")), "a card without one stays without");
    let listed = both(FieldKind::List, vec![Step::Default("triage".into())]);
    assert_eq!(write(&listed, Value::None), Ok(set(&["triage"])));
}

#[test]
fn a_required_value_that_is_missing_is_said() {
    let needed =
        WrittenRule { required: true, ..written("custom", FieldKind::Text, RuleDirection::Both, vec![]) };
    let rule = FieldRule::new(needed).expect("good");
    let unfit = rule.write(&facts(Value::None)).expect_err("missing");
    assert_eq!(
        unfit,
        Unfit { step: 0, why: "`custom` is needed for \"Field\", and the card has none".into() }
    );
    assert_eq!(rule.write(&facts(text("x"))), Ok(text("x")));
}

#[test]
fn templates_see_the_card_and_expressions_decide() {
    let push = |step| rule(FieldKind::Text, RuleDirection::Push, vec![step]);
    let cases = [
        (template("{{ card.title }} ({{ card.key }})", None), "Fix the login (core#12)"),
        (
            template("{% for l in card.labels %}#{{ l }} {% endfor %}via {{ connection }}", None),
            "#bug #ui via core",
        ),
        (template("{% if 'bug' in card.labels %}fix{% else %}do{% endif %}: {{ value }}", None), "fix: x"),
        (template("{{ card.labels | join('/') | upper }}{{ card.nothing_yet }}", None), "BUG/UI"),
        (expression("'yes' if card.milestone == 'v1.2' and value else 'no'", None), "yes"),
        (expression("(card.title | length) + 1", None), "14"),
        (expression("card.estimate | default('0') | number + 0.5", None), "0.5"),
    ];
    for (step, made) in cases {
        assert_eq!(write(&push(step.clone()), text("x")), Ok(text(made)), "{step:?}");
    }
    let list = rule(FieldKind::Text, RuleDirection::Push, vec![expression("card.labels", None)]);
    assert_eq!(write(&list, text("x")), Ok(set(&["bug", "ui"])));
}

#[test]
fn a_rule_that_cannot_be_undone_goes_one_way_and_names_the_step() {
    use RuleDirection::{Both, Pull, Push};
    let one_way = [
        truncate(50, false),
        Step::Case { to: Case::Lower, back: None },
        replace("a", "b", None),
        template("{{ value }}", None),
        expression("value", None),
        Step::Scale { factor: 0.1, offset: 0.0, round: Some(0), back: None },
        date(Some("%Y-%m-%d"), "%d.%m."),
    ];
    for step in one_way {
        let kind = if matches!(step, Step::Scale { .. }) { FieldKind::Number } else { FieldKind::Text };
        let name = step.name();
        assert!(
            rule(kind, Push, vec![step.clone()]).reversible().expect_err("one way").contains(name),
            "{name}"
        );
        assert!(wrong(kind, Both, vec![step.clone()]).contains("goes both ways, and `"), "{name}");
        assert!(wrong(kind, Pull, vec![step]).contains("reads from the platform, and `"), "{name}");
    }
    assert_eq!(rule(FieldKind::Text, Push, vec![Step::Prefix("a".into())]).reversible(), Ok(()));
}

#[test]
fn what_is_wrong_with_a_rule_is_said_before_it_runs() {
    use FieldKind::{Date, List, Number, Text};
    let scale = |factor| Step::Scale { factor, offset: 0.0, round: None, back: None };
    let cases = [
        (Text, map(&[("a", &["X"]), ("b", &["x"])], Otherwise::Refuse), "\"x\" stands for both `a` and `b`"),
        (Text, map(&[("a", &["X"]), ("A", &["Y"])], Otherwise::Refuse), "`A` stands in the map twice"),
        (Text, map(&[("a", &[])], Otherwise::Refuse), "`a` stands for nothing there"),
        (Text, map(&[], Otherwise::Refuse), "names no value"),
        (Number, scale(0.0), "`factor` cannot be 0"),
        (Number, scale(f64::NAN), "usual size"),
        (Text, scale(2.0), "add `type = \"number\"`"),
        (List, scale(2.0), "`scale` does not take a list"),
        (List, Step::Split(",".into()), "a list cannot be split"),
        (Text, Step::Join(",".into()), "only a list can be joined"),
        (Text, date(None, "%d.%m.%Y"), "add `type = \"date\"`"),
        (Date, date(None, "%Q"), "\"%Q\" is not a date format"),
        (Date, date(None, "on the day"), "names no part of a date"),
        (Text, truncate(0, false), "at least 2 characters, not 0"),
        (List, truncate(9, false), "`truncate` does not take a list"),
        (Text, replace("(", "", None), "not a regular expression"),
        (Text, replace("a", "$1", None), "names the group `1`"),
        (Text, replace("", "x", None), "is empty"),
        (Text, template("{{ value", None), "missing"),
        (Text, template("{{ valeu }}", None), "`valeu` is not a name here"),
        (Text, template("{{ range(3) }}", None), "`range` is not a name here"),
        (Text, expression("value |", None), "expected"),
        (Text, expression("value", Some("card.title")), "not known on the way back"),
        (Text, Step::Prefix(String::new()), "1 to 1000 characters"),
        (Number, Step::Default("none".into()), "is not a number"),
        (Text, Step::Case { to: Case::Keep, back: None }, "`keep` is for its `back`"),
    ];
    for (kind, step, words) in cases {
        let told = wrong(kind, RuleDirection::Push, vec![step]);
        assert!(told.contains(words), "wanted: {words}\n   got: {told}");
    }
}

#[test]
fn names_and_types_of_a_rule_are_checked() {
    let wrong = |source: &str, target: &str, kind| {
        let rule =
            WrittenRule { target: target.into(), ..written(source, kind, RuleDirection::Both, vec![]) };
        FieldRule::new(rule).expect_err("wrong").to_string()
    };
    for (source, target, kind, words) in [
        ("status", "S", FieldKind::Text, "the status is mapped by itself"),
        ("Priority", "P", FieldKind::Text, "`Priority` cannot be a field"),
        ("key", "P", FieldKind::Text, "no field that could be written"),
        ("labels", "L", FieldKind::Text, "`labels` is a list, not `text`"),
        ("title", "T", FieldKind::Number, "`title` is a text, not `number`"),
        ("priority", " ", FieldKind::Text, "cannot be the name of a platform's field"),
    ] {
        assert!(wrong(source, target, kind).contains(words), "{source}");
    }
}

#[test]
fn two_ways_that_chase_each_other_are_refused() {
    let grows = vec![template("{{ value }}!", Some("{{ value }}"))];
    let told = wrong(FieldKind::Text, RuleDirection::Both, grows);
    assert!(told.contains("is written as \"high!\"") || told.contains("is read as"), "{told}");
    let one = vec![priorities(), replace(".*", "Same", Some(("Same", "High")))];
    let told = wrong(FieldKind::Option, RuleDirection::Both, one);
    assert!(told.contains("\"medium\" is written as \"Same\", and that is read as \"high\""), "{told}");
}

#[test]
fn rules_of_one_connection_do_not_get_in_each_others_way() {
    use RuleDirection::{Both, Push};
    let of = |source: &str, target: &str, direction| {
        let rule =
            WrittenRule { target: target.into(), ..written(source, FieldKind::Text, direction, vec![]) };
        FieldRule::new(rule).expect("good")
    };
    let rules = [
        of("priority", "Priority", Both),
        of("estimate", "priority", Push),
        of("priority", "Rank", Both),
        of("priority", "Copy", Push),
    ];
    let told: Vec<_> = clashes(&rules).into_iter().map(|(at, flaw)| (at, flaw.place)).collect();
    assert_eq!(told, [(1, Place::Target), (2, Place::Source)]);
}

#[test]
fn a_rule_is_traced_step_by_step_both_ways() {
    let rule = both(FieldKind::Option, vec![priorities(), Step::Prefix("P-".into())]);
    let told = |outcomes: Vec<StepOutcome>| -> Vec<(usize, Result<Value, String>)> {
        outcomes.into_iter().map(|o| (o.step, o.value)).collect()
    };
    let forth = told(rule.trace(&facts(text("high"))));
    assert_eq!(forth, [(0, Ok(text("high"))), (1, Ok(text("Highest"))), (2, Ok(text("P-Highest")))]);
    let back = told(rule.trace_back(&text("P-High")));
    assert_eq!(
        back,
        [(0, Ok(text("P-High"))), (2, Ok(text("High"))), (1, Ok(text("high"))), (0, Ok(text("high")))]
    );
    let stopped = rule.trace(&facts(text("odd")));
    assert_eq!((stopped.len(), stopped[1].step, stopped[1].value.is_err()), (2, 1, true));
}

#[test]
fn a_rule_is_what_was_written_and_survives_being_stored() {
    let rule = both(FieldKind::Option, vec![priorities(), Step::Default("low".into())]);
    let stored = serde_json::to_string(&rule).expect("json");
    let back: FieldRule = serde_json::from_str(&stored).expect("read");
    assert_eq!(back, rule);
    assert_eq!(back.read(&text("High")), Ok(text("high")));
    let broken = stored.replace("\"Low\",\"Lowest\"", "\"High\"");
    assert!(serde_json::from_str::<FieldRule>(&broken).is_err(), "what is stored is checked too");
}

/// A map over few words, so that they meet: card values a..e, each with some of the platform's.
fn any_map() -> impl Strategy<Value = Step> {
    let there = prop::sample::subsequence(vec!["P1", "P2", "P3", "P4", "P5", "P6"], 2..=6).prop_shuffle();
    let otherwise =
        prop_oneof![Just(Otherwise::Refuse), Just(Otherwise::Keep), Just(Otherwise::Value("P1".into()))];
    (there, otherwise).prop_map(|(there, otherwise)| {
        let classes = ["high", "medium", "low"].iter().zip(there.chunks(2));
        let classes =
            classes.map(|(c, t)| ((*c).to_owned(), t.iter().map(|&t| t.to_owned()).collect())).collect();
        Step::Map { classes, otherwise, back: None }
    })
}

/// Steps with an exact way back for texts of small letters.
fn any_reversible() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        "[a-z#\\[\\] ]{1,4}".prop_map(Step::Prefix),
        "[a-z#\\[\\] ]{1,4}".prop_map(Step::Suffix),
        Just(template("<{{ value }}>", Some("{{ value | replace('<', '') | replace('>', '') }}"))),
        Just(expression("value ~ ';'", Some("value | replace(';', '')"))),
        Just(replace("^", "=", Some(("^=", "")))),
    ];
    prop::collection::vec(step, 0..5)
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(256))]

    #[test]
    fn a_reversible_chain_brings_every_text_back(steps in any_reversible(), word in "[a-zäöß0-9]{1,12}") {
        let rule = both(FieldKind::Text, steps);
        prop_assert_eq!(rule.round_trips(&facts(text(&word))), RoundTrip::Yes);
    }

    #[test]
    fn numbers_come_back_through_every_scale(factor in 0.01f64..5000.0, offset in -100i32..100, value in 0i32..100_000) {
        let factor = (factor * 100.0).round() / 100.0;
        let rule = both(FieldKind::Number, vec![Step::Scale { factor, offset: offset.into(), round: None, back: None }]);
        prop_assert_eq!(rule.round_trips(&facts(text(&value.to_string()))), RoundTrip::Yes);
    }

    #[test]
    fn days_come_back_through_every_form(days in 0u64..60_000, form in prop::sample::select(vec!["%d.%m.%Y", "%m/%d/%Y", "epoch_ms", "epoch_s", "rfc3339", "%A, %d %B %Y", "%s"])) {
        let day = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).and_then(|d| d.checked_add_days(chrono::Days::new(days)));
        let day = day.map(|d| d.format("%Y-%m-%d").to_string()).expect("a day");
        let rule = both(FieldKind::Date, vec![date(None, form)]);
        prop_assert_eq!(rule.round_trips(&facts(text(&day))), RoundTrip::Yes);
    }

    #[test]
    fn lists_come_back_through_a_text(names in prop::collection::btree_set("[a-z]{1,5}( [a-z]{1,3})?", 1..6)) {
        let rule = both(FieldKind::List, vec![Step::Join(", ".into())]);
        prop_assert_eq!(rule.round_trips(&facts(Value::Set(names))), RoundTrip::Yes);
    }

    /// Two or three platforms with maps of their own around one card: whoever edits last, after one pass over the
    /// platforms nothing more is written and the card stays as it is.
    #[test]
    fn classes_of_several_platforms_never_chase_each_other(
        maps in prop::collection::vec(any_map(), 2..=3),
        start in prop::sample::select(vec!["high", "medium", "low", "odd", ""]),
        edits in prop::collection::vec((0usize..3, prop::sample::select(vec!["P1", "P2", "P3", "P4", "P5", "P6", "odd"])), 0..4),
    ) {
        let rules: Vec<FieldRule> = maps.into_iter().map(|step| both(FieldKind::Option, vec![step])).collect();
        let mut card = facts(text(start));
        let mut there: Vec<Value> = rules.iter().map(|_| Value::None).collect();
        let pass = |card: &Facts<'static>, there: &mut Vec<Value>| {
            let mut writes = 0;
            for (rule, there) in rules.iter().zip(there.iter_mut()) {
                if !rule.settled(card, there) && let Ok(value) = rule.write(card) {
                    *there = value;
                    writes += 1;
                }
            }
            writes
        };
        pass(&card, &mut there);
        for (at, word) in edits {
            let at = at % rules.len();
            there[at] = text(word);
            if let Ok(read) = rules[at].read_beside(&card, &there[at]) {
                card = card.with("custom", read);
            }
            pass(&card, &mut there);
            for (rule, there) in rules.iter().zip(&there) {
                // What a platform has after a pass is never taken for an edit.
                if rule.write(&card).is_ok() && let Ok(read) = rule.read_beside(&card, there) {
                    prop_assert_eq!(&read, card.value("custom"));
                }
            }
            prop_assert_eq!(pass(&card, &mut there), 0);
        }
    }

    #[test]
    fn what_is_written_always_stands_for_the_card(step in any_map(), there in "[A-Za-z0-9]{0,6}") {
        let rule = both(FieldKind::Option, vec![step]);
        if let Ok(read) = rule.read(&text(&there)) {
            let card = facts(read);
            prop_assert!(rule.settled(&card, &text(&there)));
            if let Ok(written) = rule.write(&card) {
                prop_assert!(rule.settled(&card, &written));
            }
        }
    }

    #[test]
    fn a_list_and_its_parts_are_the_same_names(names in prop::collection::btree_set("[a-z]{1,6}", 0..5)) {
        let rule = both(FieldKind::List, vec![map(&[("bug", &["defect"])], Otherwise::Keep)]);
        let card = facts(Value::Set(names.clone()));
        if let Ok(Value::Set(there)) = rule.write(&card) {
            let here: BTreeSet<String> = names.iter().map(|n| if n == "bug" { "defect".into() } else { n.clone() }).collect();
            prop_assert_eq!(there, here);
        }
    }
}
