//! The page read by a parser that takes nothing the specification does not allow.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::health::{Alert, Errors, RateLimit};

/// A sample: its name, its labels, its value.
type Sample = (String, BTreeMap<String, String>, f64);

/// A family: its type, and its samples.
#[derive(Debug, Default)]
struct Family {
    kind: String,
    unit: String,
    help: Option<String>,
    samples: Vec<Sample>,
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `a="b",c="d"}` up to the brace; returns what follows it.
fn labels(mut rest: &str) -> (BTreeMap<String, String>, &str) {
    let mut out = BTreeMap::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return (out, after);
        }
        let (key, after) = rest.split_once("=\"").expect("a label");
        assert!(is_name(key), "{key:?} is no name of a label");
        let (mut value, mut at) = (String::new(), after.char_indices());
        let end = loop {
            match at.next().expect("a closing quote") {
                (n, '"') => break n,
                (_, '\\') => value.push(match at.next().expect("an escape").1 {
                    'n' => '\n',
                    c @ ('\\' | '"') => c,
                    c => panic!("`\\{c}` is no escape"),
                }),
                (_, c) => value.push(c),
            }
        };
        assert!(out.insert(key.to_owned(), value).is_none(), "the label {key} stands twice");
        rest = &after[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}

fn parse(text: &str) -> BTreeMap<String, Family> {
    let body = text.strip_suffix("# EOF\n").expect("the page ends with its end");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let (mut current, mut series) = (String::new(), BTreeSet::new());
    for line in body.lines() {
        assert!(!line.is_empty() && line.trim() == line, "{line:?}");
        if let Some(meta) = line.strip_prefix("# ") {
            let (word, rest) = meta.split_once(' ').expect("a word");
            let (name, value) = rest.split_once(' ').expect("a name");
            assert!(is_name(name));
            if word == "TYPE" {
                assert!(!families.contains_key(name), "{name} is there twice: families are not interleaved");
                current = name.to_owned();
            }
            assert_eq!(name, current, "what is said of a family stands before its samples");
            let family = families.entry(current.clone()).or_default();
            assert!(family.samples.is_empty());
            match word {
                "TYPE" => value.clone_into(&mut family.kind),
                "UNIT" => value.clone_into(&mut family.unit),
                "HELP" => family.help = Some(value.to_owned()),
                _ => panic!("{line}"),
            }
            continue;
        }
        let (name, rest) = line.split_once('{').expect("labels");
        let (labels, rest) = labels(rest);
        let value: f64 = rest.strip_prefix(' ').expect("one blank").parse().expect("a number");
        let family = families.get_mut(&current).expect("a type before the samples");
        let suffix = name.strip_prefix(&current).expect("a sample of the family under way");
        let wanted = match family.kind.as_str() {
            "counter" => "_total",
            "info" => "_info",
            "gauge" | "stateset" | "summary" => "",
            kind => panic!("{kind} is no type"),
        };
        assert_eq!(suffix, wanted, "{line}");
        match family.kind.as_str() {
            "counter" => assert!(value >= 0.0, "{line}"),
            "info" => assert!((value - 1.0).abs() < f64::EPSILON, "{line}"),
            "stateset" => assert!(labels.contains_key(&current) && [0.0, 1.0].contains(&value), "{line}"),
            "summary" => assert!(labels["quantile"].parse::<f64>().is_ok_and(|q| (0.0..=1.0).contains(&q))),
            _ => {}
        }
        assert!(series.insert((name.to_owned(), format!("{labels:?}"))), "{line} stands twice");
        family.samples.push((name.to_owned(), labels, value));
    }
    for (name, family) in &families {
        assert!(family.help.is_some(), "{name} says what it is");
        assert!(family.unit.is_empty() || name.ends_with(&format!("_{}", family.unit)), "{name}");
    }
    families
}

fn health() -> Health {
    let mut h = Health::new(ConnectionName::new("core"), "github", "octo/app".into());
    h.state = HealthState::Retrying;
    for ms in [40, 60, 80] {
        h.record(ms, true);
    }
    h.failures = Errors { transient: 3, permanent: 1, ..Errors::default() };
    h.rate = Some(RateLimit { limit: 5_000, remaining: 4_812, resets_at: Timestamp(2_500) });
    h.down_since = Some(Timestamp(1_500));
    h.unsent = 2;
    h.oldest_unsent = Some(Timestamp(4_000));
    h.alerts = vec![Alert { rule: "down".into(), text: "x".into(), since: Timestamp(1) }];
    h
}

fn value(families: &BTreeMap<String, Family>, family: &str, wanted: &[(&str, &str)]) -> Option<f64> {
    let fits = |labels: &BTreeMap<String, String>| {
        wanted.iter().all(|(k, v)| labels.get(*k).is_some_and(|l| l == v))
    };
    families[family].samples.iter().find(|(_, labels, _)| fits(labels)).map(|(_, _, value)| *value)
}

#[test]
fn the_page_is_what_the_format_allows_and_tells_what_is() {
    let counts = Counts::default();
    counts.hints.store(4, Ordering::Relaxed);
    let name = ConnectionName::new("core");
    let page = parse(&text(&[health()], &[(&name, &counts)], Timestamp(9_000)));
    let of = |family: &str, labels: &[(&str, &str)]| value(&page, family, labels);
    let core = ("connection", "core");
    assert_eq!(of("corkboard_connection_up", &[core]), Some(0.0));
    assert_eq!(of("corkboard_requests", &[core]), Some(3.0));
    assert_eq!(of("corkboard_request_errors", &[core, ("class", "transient")]), Some(3.0));
    assert_eq!(of("corkboard_request_latency_seconds", &[core, ("quantile", "0.5")]), Some(0.06));
    assert_eq!(of("corkboard_oldest_unsent_age_seconds", &[core]), Some(5.0));
    assert_eq!(of("corkboard_budget_reset_timestamp_seconds", &[core]), Some(2.5));
    assert_eq!(
        of("corkboard_connection_state", &[core, ("corkboard_connection_state", "retrying")]),
        Some(1.0)
    );
    assert_eq!(of("corkboard_webhooks", &[core, ("outcome", "hint")]), Some(4.0));
    assert_eq!(of("corkboard_alert", &[core, ("rule", "down")]), Some(1.0));
    assert_eq!(of("corkboard_last_good_timestamp_seconds", &[core]), None, "what is not known is left out");
    assert_eq!(page["corkboard_connection_state"].samples.len(), STATES.len());
}

#[test]
fn a_page_without_connections_is_one_too() {
    assert!(parse(&text(&[], &[], Timestamp(0))).len() > 20);
}

#[test]
fn what_a_label_holds_cannot_end_it() {
    let mut odd = health();
    odd.scope = "a\"} 1\n# EOF\\".into();
    let page = parse(&text(&[odd], &[], Timestamp(0)));
    assert_eq!(page["corkboard_connection"].samples[0].1["scope"], "a\"} 1\n# EOF\\");
}

#[test]
fn two_connections_are_told_apart() {
    let mut other = health();
    other.connection = ConnectionName::new("docs");
    other.down_since = None;
    let page = parse(&text(&[health(), other], &[], Timestamp(0)));
    assert_eq!(value(&page, "corkboard_connection_up", &[("connection", "docs")]), Some(1.0));
    assert_eq!(value(&page, "corkboard_connection_up", &[("connection", "core")]), Some(0.0));
}

#[test]
fn the_documentation_names_every_family_and_its_type() {
    let doc = include_str!("../../../docs/monitoring.md");
    for (name, family) in parse(&text(&[health()], &[], Timestamp(0))) {
        let row = doc.lines().find(|l| l.starts_with('|') && l.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("docs/monitoring.md does not name {name}"));
        assert!(row.contains(&format!("| {} |", family.kind)), "{name} is a {}: {row}", family.kind);
    }
}
