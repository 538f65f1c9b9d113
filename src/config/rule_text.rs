//! A field rule as a person types it: its parts, and its steps one to a line in the config's own notation. Read by the
//! reader of the config file, so that what is typed here is what could stand there.

use toml_edit::Value;

use super::edit::step_text;
use super::parse::rule_from_text;
use crate::domain::mapping::rule::{CARD_FACTS, CARD_FIELDS, FURTHER_FIELDS, FieldKind, RuleDirection};
use crate::domain::mapping::{FieldRule, rule};

/// Lines above the first step in the text that is read.
const ABOVE_STEPS: usize = 6;

/// A rule while it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// The card's field.
    pub source: String,
    /// The platform's field.
    pub target: String,
    /// What the card's side holds.
    pub kind: FieldKind,
    /// Which way it goes.
    pub direction: RuleDirection,
    /// Whether a card must have a value to be sent.
    pub required: bool,
    /// The steps, one to a line, such as `prefix = "x"`; braces around them may be left out.
    pub steps: String,
}

/// A part of a rule that something can be wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulePart {
    /// The rule as a whole.
    Rule,
    /// The card's field.
    Source,
    /// The platform's field.
    Target,
    /// The type.
    Kind,
    /// The direction.
    Direction,
    /// A line of the steps, from zero.
    Line(usize),
}

/// Something that is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleProblem {
    /// Where.
    pub at: RulePart,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl RuleText {
    /// A rule about nothing yet.
    pub fn blank() -> Self {
        Self {
            source: String::new(),
            target: String::new(),
            kind: FieldKind::default(),
            direction: RuleDirection::default(),
            required: false,
            steps: String::new(),
        }
    }

    /// A rule as it is typed.
    pub fn of(rule: &FieldRule) -> Self {
        let steps: Vec<String> = rule.steps().iter().map(|step| bare(&step_text(step))).collect();
        Self {
            source: rule.source().to_owned(),
            target: rule.target().to_owned(),
            kind: rule.kind(),
            direction: rule.direction(),
            required: rule.required(),
            steps: steps.join("\n"),
        }
    }

    /// The rule that is typed.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn read(&self) -> Result<FieldRule, Vec<RuleProblem>> {
        let steps: Vec<String> = self.steps.lines().map(step_line).collect();
        let text = format!(
            "source = {}\ntarget = {}\ntype = \"{}\"\ndirection = \"{}\"\nrequired = {}\ntransform = [\n{}\n]\n",
            Value::from(self.source.trim()),
            Value::from(self.target.trim()),
            self.kind.as_str(),
            self.direction.as_str(),
            self.required,
            steps.join("\n"),
        );
        rule_from_text(&text).map_err(|error| {
            let told = |m: &super::Mistake| RuleProblem {
                at: self.part(m.line),
                message: m.message.clone(),
                help: m.help.clone(),
            };
            error.mistakes().iter().map(told).collect()
        })
    }

    /// The part that stands on a line of the text that is read.
    fn part(&self, line: usize) -> RulePart {
        match line {
            1 => RulePart::Source,
            2 => RulePart::Target,
            3 => RulePart::Kind,
            4 => RulePart::Direction,
            5 => RulePart::Rule,
            // What a line leaves open is noticed behind the last one.
            _ => {
                let last = self.steps.lines().count().saturating_sub(1);
                RulePart::Line(line.saturating_sub(ABOVE_STEPS + 1).min(last))
            }
        }
    }
}

/// A line of steps as it stands within the list: with braces and a comma.
fn step_line(line: &str) -> String {
    let line = line.trim().trim_end_matches(',').trim_end();
    match line {
        "" => String::new(),
        line if line.starts_with('{') => format!("{line},"),
        line => format!("{{ {line} }},"),
    }
}

/// A step's table without its braces.
fn bare(step: &str) -> String {
    let inner = step.trim().strip_prefix('{').and_then(|s| s.strip_suffix('}'));
    inner.map_or_else(|| step.to_owned(), |s| s.trim().to_owned())
}

/// A step that maps values of the platform to the same words of the card, in small letters.
pub fn map_of_options(options: &[String]) -> String {
    let mut taken: Vec<String> = Vec::new();
    let mut pairs = Vec::new();
    for option in options {
        let mut word: String = option.trim().to_lowercase();
        word = word.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        if word.is_empty() || taken.contains(&word) {
            continue;
        }
        let key = if word.is_ascii() { word.clone() } else { Value::from(word.as_str()).to_string() };
        pairs.push(format!("{key} = {}", Value::from(option.as_str())));
        taken.push(word);
    }
    format!("map = {{ {} }}", pairs.join(", "))
}

/// What keeps a connection's rules from being saved beside each other: which rule, what, and what to do. `sources`: the
/// fields that rules of other connections name.
pub fn rules_problems(rules: &[FieldRule], sources: &[&str]) -> Vec<(usize, RuleProblem)> {
    let place = |place| match place {
        rule::Place::Source => RulePart::Source,
        rule::Place::Target => RulePart::Target,
        _ => RulePart::Rule,
    };
    let clash = |(at, flaw): (usize, rule::Flaw)| {
        (at, RuleProblem { at: place(flaw.place), message: flaw.message, help: flaw.help })
    };
    let mut out: Vec<_> = rule::clashes(rules).into_iter().map(clash).collect();
    let own = rules.iter().map(FieldRule::source);
    let known: Vec<&str> = own.chain(sources.iter().copied()).collect();
    let built_in = || CARD_FIELDS.iter().chain(&CARD_FACTS).chain(&FURTHER_FIELDS);
    for (at, rule) in rules.iter().enumerate() {
        for (step, name) in rule.card_names() {
            if known.contains(&name.as_str()) || built_in().any(|field| *field == name) {
                continue;
            }
            let message = format!("`card.{name}` is not a field of a card");
            let help = "a field of your own is known once a rule has it as `source`".to_owned();
            out.push((at, RuleProblem { at: RulePart::Line(step), message, help }));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(steps: &str) -> RuleText {
        RuleText {
            source: "priority".into(),
            target: "Priority".into(),
            steps: steps.into(),
            ..RuleText::blank()
        }
    }

    #[test]
    fn what_is_typed_is_read_as_the_config_reads_it_and_written_back_alike() {
        for steps in [
            "",
            "prefix = \"[x] \"\nsuffix = \"!\"",
            "map = { high = [\"Highest\", \"High\"], \"wont fix\" = \"No\" }, otherwise = \"keep\"",
            "replace = { regex = \"^v\", with = \"V\", back = { regex = \"^V\", with = \"v\" } }",
        ] {
            let rule = typed(steps).read().unwrap_or_else(|e| panic!("{steps}: {e:?}"));
            let again = RuleText::of(&rule);
            assert_eq!(again.read().as_ref(), Ok(&rule), "{again:?}");
        }
        let braces = typed("{ prefix = \"a\" },\n\n{ suffix = \"b\" }").read().expect("as in the file");
        assert_eq!(RuleText::of(&braces).steps, "prefix = \"a\"\nsuffix = \"b\"");
    }

    #[test]
    fn what_is_wrong_is_told_at_its_line() {
        let at = |text: RuleText| text.read().expect_err("wrong").first().map(|p| p.at);
        assert_eq!(at(typed("prefix = \"a\"\nprefx = \"b\"")), Some(RulePart::Line(1)));
        assert_eq!(at(typed("prefix = \"a\"\n\nprefix = b")), Some(RulePart::Line(2)));
        assert_eq!(at(typed("case = \"lower\"")), Some(RulePart::Line(0)), "it has no way back");
        assert_eq!(at(RuleText { source: String::new(), ..typed("") }), Some(RulePart::Source));
        assert_eq!(at(RuleText { target: " ".into(), ..typed("") }), Some(RulePart::Target));
        let help = typed("prefx = \"b\"").read().expect_err("wrong");
        assert!(help[0].help.contains("`prefix`"), "{help:?}");
    }

    #[test]
    fn no_line_says_more_than_a_step() {
        for steps in ["] \nsource = \"x\"", "prefix = \"a\" } ]", "prefix = \"\"\"a", "# a note"] {
            assert!(typed(steps).read().is_err(), "{steps}");
        }
    }

    #[test]
    fn a_map_is_begun_from_what_the_platform_offers() {
        let options = ["Highest", "Won't do", "Höher", "HIGHEST"].map(str::to_owned);
        let steps = map_of_options(&options);
        assert_eq!(steps, "map = { highest = \"Highest\", won_t_do = \"Won't do\", \"höher\" = \"Höher\" }");
        assert!(typed(&steps).read().is_ok());
    }

    #[test]
    fn rules_that_do_not_go_together_are_named() {
        let rule = |source: &str| RuleText { source: source.into(), ..typed("") }.read().expect("good");
        let problems = rules_problems(&[rule("priority"), rule("urgency")], &[]);
        assert_eq!(problems.iter().map(|(at, p)| (*at, p.at)).collect::<Vec<_>>(), [(1, RulePart::Target)]);
        let text = "template = \"{{ card.team }}\"";
        let template = RuleText { direction: RuleDirection::Push, ..typed(text) }.read().expect("good");
        assert_eq!(rules_problems(std::slice::from_ref(&template), &[]).len(), 1);
        assert_eq!(rules_problems(&[template], &["team"]), []);
    }
}
