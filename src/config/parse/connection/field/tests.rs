//! Rules as a file writes them, and where their mistakes are told.

use pretty_assertions::assert_eq;

use crate::config::parse;
use crate::config::settings::ConnectionSettings;
use crate::domain::fields::Value;
use crate::domain::mapping::rule::{Case, Otherwise, Replacement, RuleDirection, Step};

const HEAD: &str = "[status_mapping]\ncompleted = \"Done\"\n[[connection]]\nname = \"core\"\nplatform = \"github\"\n\
                    repository = \"octo/app\"\ntoken = { env = \"T\" }\n[connection.status_mapping]\n\
                    completed = { state = \"closed\" }\n";
/// The line a rule's first key stands in.
const FIRST: usize = 11;

fn of(rule: &str) -> String {
    format!("{HEAD}[[connection.field]]\n{rule}")
}

fn connection(text: &str) -> ConnectionSettings {
    parse(text, None).unwrap_or_else(|error| panic!("{}", error.render(false))).connections.remove(0)
}

fn mistakes(text: &str) -> Vec<(usize, usize, String, String)> {
    let error = parse(text, None).err();
    let of = |m: &crate::config::Mistake| (m.line, m.column, m.message.clone(), m.help.clone());
    error.map(|error| error.mistakes().iter().map(of).collect()).unwrap_or_default()
}

fn steps(transform: &str) -> Vec<Step> {
    let rule =
        format!("source = \"custom\"\ntarget = \"T\"\ndirection = \"push\"\ntype = \"number\"\n{transform}");
    connection(&of(&rule)).mapping.rules().as_slice()[0].steps().to_vec()
}

#[test]
fn every_step_reads_as_written_with_its_options_beside_or_inside() {
    let replacement = |regex: &str, with: &str| Replacement { regex: regex.into(), with: with.into() };
    let replace = Step::Replace { to: replacement("a", "b"), back: Some(replacement("b", "a")) };
    let scale = Step::Scale { factor: 0.5, offset: 1.0, round: Some(2), back: Some(1) };
    let date = Step::Date { from: Some("epoch_ms".into()), to: "%d.%m.%Y".into() };
    let truncate = Step::Truncate { characters: 80, ellipsis: "..".into(), link: true, keep_back: true };
    for (written, step) in [
        ("{ replace = { regex = \"a\", with = \"b\", back = { regex = \"b\", with = \"a\" } } }", &replace),
        ("{ replace = \"a\", with = \"b\", back = { regex = \"b\", with = \"a\" } }", &replace),
        ("{ scale = { factor = 0.5, offset = 1, round = 2, back = 1 } }", &scale),
        ("{ scale = 0.5, offset = 1.0, round = 2, back = 1 }", &scale),
        ("{ date = { from = \"epoch_ms\", to = \"%d.%m.%Y\" } }", &date),
        ("{ date = \"%d.%m.%Y\", from = \"epoch_ms\" }", &date),
        ("{ truncate = { characters = 80, ellipsis = \"..\", link = true, back = \"keep\" } }", &truncate),
        ("{ truncate = 80, ellipsis = \"..\", link = true, back = \"keep\" }", &truncate),
        ("{ case = \"upper\", back = \"keep\" }", &Step::Case { to: Case::Upper, back: Some(Case::Keep) }),
        ("{ default = \"1\" }", &Step::Default("1".into())),
        (
            "{ map = { 1 = [\"One\", 11], 2 = \"Two\" }, otherwise = \"keep\" }",
            &Step::Map {
                classes: vec![
                    ("1".into(), vec!["One".into(), "11".into()]),
                    ("2".into(), vec!["Two".into()]),
                ],
                otherwise: Otherwise::Keep,
                back: None,
            },
        ),
        (
            "{ template = \"{{ card.title }}\", back = \"{{ value }}\" }",
            &Step::Template { to: "{{ card.title }}".into(), back: Some("{{ value }}".into()) },
        ),
    ] {
        assert_eq!(steps(&format!("transform = [ {written} ]")), std::slice::from_ref(step), "{written}");
    }
    let tables =
        "[[connection.field.transform]]\nprefix = \"a\"\n[[connection.field.transform]]\nsuffix = \"b\"\n";
    assert_eq!(steps(tables), [Step::Prefix("a".into()), Step::Suffix("b".into())]);
}

#[test]
fn a_rule_left_plain_goes_both_ways_as_it_is() {
    let text = of("source = \"labels\"\ntarget = \"Components\"\n");
    let rule = &connection(&text).mapping.rules().as_slice()[0].clone();
    assert_eq!((rule.source(), rule.target()), ("labels", "Components"));
    assert_eq!(
        (rule.direction(), rule.kind().as_str(), rule.required()),
        (RuleDirection::Both, "list", false)
    );
    let names = Value::Set(["bug".to_owned()].into());
    assert_eq!(rule.read(&names), Ok(names.clone()));
    assert!(connection(HEAD).mapping.rules().is_empty());
}

#[test]
fn a_mistake_in_a_rule_is_told_in_its_place_with_its_cure() {
    let rule = "source = \"custom\"\ntarget = \"T\"\n";
    let with = |transform: &str| format!("{rule}transform = [ {transform} ]\n");
    let step = (FIRST + 2, 15);
    for (written, place, message, help) in [
        ("target = \"T\"\n".to_owned(), (FIRST - 1, 1), "`source` is missing", "source = \"priority\""),
        ("source = \"due\"\n".to_owned(), (FIRST - 1, 1), "`target` is missing", "target ="),
        ("source = \"lables\"\ntarget = \"T\"\n".into(), (FIRST, 10), "`lables` is not a field", "`labels`?"),
        ("source = \"estimat\"\ntarget = \"T\"\n".into(), (FIRST, 10), "is not a field", "`estimate`?"),
        ("source = \"status\"\ntarget = \"T\"\n".into(), (FIRST, 10), "mapped by itself", "status_mapping"),
        ("source = \"Due\"\ntarget = \"T\"\n".into(), (FIRST, 10), "is not a field", "`due`?"),
        (format!("{rule}kind = \"text\"\n"), (FIRST + 2, 1), "unknown key `kind`", "may hold"),
        (format!("{rule}type = \"nubmer\"\n"), (FIRST + 2, 8), "`type` cannot be", "\"number\"?"),
        (format!("{rule}direction = \"up\"\n"), (FIRST + 2, 13), "`direction` cannot be", "`push`"),
        (format!("{rule}required = \"yes\"\n"), (FIRST + 2, 12), "true or false", "without quotes"),
        (format!("{rule}transform = \"x\"\n"), (FIRST + 2, 13), "a list of tables, not a text", "prefix"),
        (with("{ prefx = \"a\" }"), (FIRST + 2, 17), "unknown step `prefx`", "`prefix`?"),
        (with("{ }"), step, "this step does nothing", "`map`"),
        (
            with("{ prefix = \"a\", suffix = \"b\" }"),
            (FIRST + 2, 31),
            "one step does one thing",
            "of its own",
        ),
        (with("{ prefix = \"a\", back = \"b\" }"), (FIRST + 2, 31), "unknown option `back`", "no options"),
        (with("{ scale = { facotr = 2 } }"), (FIRST + 2, 27), "unknown option `facotr`", "`factor`?"),
        (with("{ scale = \"2\" }"), (FIRST + 2, 25), "`scale` is a number", "without quotes"),
        (with("{ map = \"a\" }"), (FIRST + 2, 23), "`map` is a table", "map = {"),
        (with("{ map = { a = true } }"), (FIRST + 2, 29), "neither a text nor a list", "map = {"),
        (with("{ replace = { regex = \"a\" } }"), (FIRST + 2, 27), "`with` is missing", "regex ="),
        (with("{ truncate = 0 }"), (FIRST + 2, 28), "cannot be 0", "from 1"),
        (with("{ truncate = 9 }"), step, "goes both ways, and `truncate`", "direction = \"push\""),
        (
            with("{ prefix = \"a\" }, { template = \"{{ card.titel }}\", back = \"{{ value }}\" }"),
            (FIRST + 2, 33),
            "`card.titel` is not",
            "`card.title`?",
        ),
        (with("{ template = \"{{ value }\", back = \"\" }"), step, "missing", "{{ card.title }}"),
        (
            format!("{rule}[[connection.field]]\nsource = \"due\"\ntarget = \"t\"\n"),
            (FIRST + 4, 10),
            "already a rule for \"t\"",
            "one rule",
        ),
        (
            format!("{rule}[[connection.field]]\nsource = \"custom\"\ntarget = \"U\"\n"),
            (FIRST + 3, 10),
            "already read from \"T\"",
            "push",
        ),
    ] {
        let got = mistakes(&of(&written));
        let good = got.iter().any(|m| (m.0, m.1) == place && m.2.contains(message) && m.3.contains(help));
        assert!(good, "{written}\nwanted {place:?} {message} / {help}\n   got {got:?}");
    }
    let flat = mistakes(&HEAD.replace("token =", "field = 3\ntoken ="));
    assert!(flat[0].2.contains("`field` is a list of tables, not a number"), "{flat:?}");
}

#[test]
fn a_field_that_a_rule_names_may_be_named_in_templates() {
    let text = of(
        "source = \"tier\"\ntarget = \"Tier\"\n[[connection.field]]\nsource = \"title\"\ntarget = \"Heading\"\n\
                   direction = \"push\"\ntransform = [ { template = \"{{ card.tier }}{{ card.priority }}\" } ]\n",
    );
    assert_eq!(connection(&text).mapping.rules().as_slice().len(), 2);
    assert!(mistakes(&text.replace("\"tier\"", "\"rank\""))[0].2.contains("`card.tier` is not a field"));
}

/// The tables of a row of them, whatever tables they hold.
fn tables(row: &str) -> Vec<&str> {
    let (mut out, mut depth, mut begin) = (Vec::new(), 0, 0);
    for (at, c) in row.char_indices() {
        match c {
            '{' if depth == 0 => (depth, begin) = (1, at),
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    out.push(&row[begin..=at]);
                }
            }
            _ => {}
        }
    }
    out
}

#[test]
fn the_rule_in_the_example_file_is_right_and_so_is_every_step_it_shows() {
    let text = include_str!("../../../../../config.example.toml");
    let begin = text.find("# [[connection.field]]").expect("there");
    let end = begin + text[begin..].find("# More steps:").expect("there");
    let rule: Vec<&str> = text[begin..end].lines().map(|line| &line[2..]).collect();
    let one = connection(&format!("{HEAD}{}", rule.join("\n")));
    let rule = &one.mapping.rules().as_slice()[0];
    assert_eq!(rule.write(&rule.sample_facts(Value::None)), Ok(Value::Text("Medium".into())));
    let more = &text[end..];
    let more = more[..more.find("\n\n").expect("an end")].replace("\n#", " ");
    let shown = tables(&more);
    for step in &shown {
        let kind = match () {
            () if step.contains("scale") => "number",
            () if step.contains("date") => "date",
            () if step.contains("join") => "list",
            () => "text",
        };
        let rule = format!("source = \"custom\"\ntarget = \"T\"\ntype = \"{kind}\"\ndirection = \"push\"\n");
        let read = connection(&of(&format!("{rule}transform = [ {step} ]\n")));
        assert_eq!(read.mapping.rules().as_slice()[0].steps().len(), 1, "{step}");
    }
    assert_eq!(shown.len() + 2, Step::NAMES.len(), "with `map` and `default` above, every step is shown");
}
