//! Rules are written so that they read as what they are, and nothing else of the file changes.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;
use crate::domain::mapping::rule::{Case, WrittenRule};

const FILE: &str = r#"# Ana's board
[status_mapping]
completed = "Done"

[[connection]]
name = "core"
platform = "github"
repository = "octo/app"
token = { env = "T" } # read only
[connection.status_mapping]
completed = { state = "closed" }

# how urgent it is
[[connection.field]]
source = "priority"   # ours
target = "Priority"
transform = [ { prefix = "P" } ]  # theirs

[[connection.field]]
source = "due"
target = "Due"
type = "date"

[[connection]]
name = "docs"
platform = "github"
repository = "octo/docs"
token = { env = "T" }
[connection.status_mapping]
completed = { state = "closed" }

[ui]
ascii = true # the end
"#;

fn rule(source: &str, target: &str, transform: Vec<Step>) -> FieldRule {
    let written = WrittenRule {
        source: source.into(),
        target: target.into(),
        kind: FieldKind::usual(source),
        direction: RuleDirection::Push,
        required: false,
        transform,
    };
    FieldRule::new(written).expect("good")
}

fn rules_of(text: &str, connection: &str) -> Vec<FieldRule> {
    let settings = parse(text, None).map_err(|e| e.render(false)).expect("valid");
    settings.connection(connection).expect("there").mapping.rules().as_slice().to_vec()
}

fn edited(text: &str, connection: &str, rules: &[FieldRule]) -> String {
    apply_fields_to_text(text, None, &ConnectionName::new(connection), rules).expect("good")
}

#[test]
fn rules_that_stay_the_same_leave_the_text_as_it_is() {
    assert_eq!(edited(FILE, "core", &rules_of(FILE, "core")), FILE);
    assert_eq!(edited(FILE, "docs", &[]), FILE);
}

#[test]
fn a_rule_that_changed_is_changed_in_its_lines_and_keeps_its_comments() {
    let mut rules = rules_of(FILE, "core");
    rules[0] = rule("priority", "Priority", vec![Step::Suffix("!".into())]);
    let wanted = FILE.replace(
        "transform = [ { prefix = \"P\" } ]  # theirs\n",
        "transform = [{ suffix = \"!\" }]  # theirs\ndirection = \"push\"\n",
    );
    assert_eq!(edited(FILE, "core", &rules), wanted);
}

#[test]
fn a_rule_is_added_behind_the_others_and_taken_out_whole() {
    let mut rules = rules_of(FILE, "core");
    rules.remove(1);
    rules.push(rule("labels", "Areas", vec![Step::Join(", ".into())]));
    let text = edited(FILE, "core", &rules);
    let added = "\n[[connection.field]]\nsource = \"labels\"\ntarget = \"Areas\"\ndirection = \"push\"\n\
                 transform = [{ join = \", \" }]\n";
    let gone = "\n[[connection.field]]\nsource = \"due\"\ntarget = \"Due\"\ntype = \"date\"\n";
    assert_eq!(text, FILE.replace(gone, added));
    let first = edited(FILE, "docs", &rules[1..]);
    assert_eq!(rules_of(&first, "docs"), rules[1..]);
    assert!(
        first.contains("completed = { state = \"closed\" }\n\n[[connection.field]]\nsource = \"labels\""),
        "{first}"
    );
    let none = edited(FILE, "core", &[]);
    assert!(
        !none.contains("[[connection.field]]") && none.contains("[ui]\nascii = true # the end\n"),
        "{none}"
    );
}

#[test]
fn a_file_that_changed_meanwhile_is_not_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("config.toml");
    let name = ConnectionName::new("core");
    std::fs::write(&path, FILE).expect("written");
    let settings = save_fields(&path, FILE, &[(name.clone(), Vec::new())]).expect("saved");
    assert!(settings.connection("core").expect("there").mapping.rules().is_empty());
    let now = std::fs::read_to_string(&path).expect("there");
    assert!(matches!(
        save_fields(&path, FILE, &[(name.clone(), Vec::new())]),
        Err(EditError::Changed { .. })
    ));
    assert_eq!(std::fs::read_to_string(&path).expect("there"), now);
    let nowhere = apply_fields_to_text(FILE, None, &ConnectionName::new("x"), &[]);
    assert!(matches!(nowhere, Err(EditError::NoConnection(_))));
}

fn any_step() -> impl Strategy<Value = Step> {
    let word = || prop_oneof!["[ -~äöü\"\\\\']{1,8}", "[\u{1}-\u{ff}]{1,4}"];
    let digits = || prop::option::of(0u32..9);
    prop_oneof![
        word().prop_map(Step::Prefix),
        word().prop_map(Step::Suffix),
        word().prop_map(Step::Default),
        (
            word(),
            word(),
            prop_oneof![Just(Otherwise::Refuse), Just(Otherwise::Keep), Just(Otherwise::Value("x".into()))]
        )
            .prop_map(|(a, b, otherwise)| Step::Map {
                classes: vec![
                    ("one".into(), vec![format!("1{a}")]),
                    (format!("two{a}"), vec![format!("2{b}"), format!("3{b}")])
                ],
                otherwise,
                back: Some(b),
            }),
        Just(Step::Case { to: Case::Title, back: Some(Case::Keep) }),
        word().prop_map(|with| Step::Replace {
            to: Replacement { regex: "^\"a\\s+".into(), with: with.replace('$', "") },
            back: Some(Replacement { regex: "b".into(), with: String::new() }),
        }),
        (word(), any::<bool>(), any::<bool>()).prop_map(|(ellipsis, link, keep_back)| Step::Truncate {
            characters: 50,
            ellipsis,
            link,
            keep_back,
        }),
        Just(Step::Template { to: "{{ card.title }}\n\"{{ value }}\"".into(), back: None }),
        Just(Step::Expression { to: "value".into(), back: Some("value | upper".into()) }),
        (0.001f64..9e5, -5i32..5, digits(), digits()).prop_map(|(factor, offset, round, back)| Step::Scale {
            factor,
            offset: offset.into(),
            round,
            back,
        }),
        Just(Step::Date { from: Some("%d.%m.%Y".into()), to: "epoch_ms".into() }),
    ]
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(64))]

    #[test]
    fn whatever_a_rule_says_it_is_read_as_that(steps in prop::collection::vec(any_step(), 0..4), before in any::<bool>()) {
        let written = WrittenRule {
            source: "custom".into(),
            target: "A \"quoted\" field".into(),
            kind: FieldKind::Number,
            direction: RuleDirection::Push,
            required: true,
            transform: steps,
        };
        // Not every chain fits together; those that do are written.
        if let Ok(rule) = FieldRule::new(written) {
            let name = if before { "core" } else { "docs" };
            let mut rules = rules_of(FILE, name);
            rules.push(rule);
            prop_assert_eq!(rules_of(&edited(FILE, name, &rules), name), rules);
        }
    }
}
