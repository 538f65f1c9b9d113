//! One rule while it is edited: its ends, its type, its ways, and its steps as text. Read anew with each key, so that
//! what is wrong and what it does are known at once.

use super::choices::{Choice, Known, narrowed};
use crate::config::keymap::Key;
use crate::config::rule_text::{RuleProblem, RuleText, map_of_options};
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::{CARD_FIELDS, FieldKind, RuleDirection};
use crate::tui::screen::Input;
use crate::tui::screens::editor::Field;

/// What can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Source,
    Target,
    Kind,
    Direction,
    Required,
    Steps,
}

impl Part {
    pub(super) const ALL: [Self; 6] =
        [Self::Source, Self::Target, Self::Kind, Self::Direction, Self::Required, Self::Steps];

    /// What stands before it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Source => "Card's",
            Self::Target => "Platform's",
            Self::Kind => "Type",
            Self::Direction => "Direction",
            Self::Required => "Required",
            Self::Steps => "Steps",
        }
    }
}

/// A rule under edit.
#[derive(Debug)]
pub(super) struct RuleEditor {
    /// The rule it is; `None`: a new one.
    pub(super) row: Option<usize>,
    before: RuleText,
    pub(super) part: Part,
    pub(super) source: Field,
    pub(super) target: Field,
    pub(super) steps: Field,
    pub(super) kind: FieldKind,
    pub(super) direction: RuleDirection,
    pub(super) required: bool,
    /// What is typed, read.
    pub(super) read: Result<FieldRule, Vec<RuleProblem>>,
    /// Whether the name was changed since its part got the focus: only then are the choices narrowed.
    narrowing: bool,
    /// The choice under the cursor; `None`: what is typed.
    pub(super) choice: Option<usize>,
    /// Whether it has asked if what was typed may be given up.
    pub(super) asking: bool,
}

impl RuleEditor {
    pub(super) fn new(row: Option<usize>, text: RuleText) -> Self {
        let part = if row.is_some() { Part::Steps } else { Part::Source };
        let mut steps = Field::new(&text.steps, false);
        steps.go_to_end();
        Self {
            row,
            part,
            source: Field::new(&text.source, true),
            target: Field::new(&text.target, true),
            steps,
            kind: text.kind,
            direction: text.direction,
            required: text.required,
            read: text.read(),
            before: text,
            narrowing: false,
            choice: None,
            asking: false,
        }
    }

    fn text(&self) -> RuleText {
        RuleText {
            source: self.source.text(),
            target: self.target.text(),
            kind: self.kind,
            direction: self.direction,
            required: self.required,
            steps: self.steps.text(),
        }
    }

    pub(super) fn is_changed(&self) -> bool {
        self.text() != self.before
    }

    /// The connection's rules with this one in its place, and that place.
    ///
    /// # Errors
    /// What is wrong with the rule.
    pub(super) fn candidate(&self, rules: &[FieldRule]) -> Result<(Vec<FieldRule>, usize), Vec<RuleProblem>> {
        let rule = self.read.clone()?;
        let mut rules = rules.to_vec();
        // Rules may have come and gone meanwhile: it is known again by what it said.
        let mine = |rule: &FieldRule| RuleText::of(rule) == self.before;
        let place = |row: &usize| rules.get(*row).is_some_and(mine);
        let row = self.row.filter(place).or_else(|| self.row.and_then(|_| rules.iter().position(mine)));
        let row = row.unwrap_or(rules.len());
        if row < rules.len() {
            rules[row] = rule;
        } else {
            rules.push(rule);
        }
        Ok((rules, row))
    }

    /// Whether escape leaves it at once; where something was typed, it asks first.
    pub(super) fn leaves(&mut self) -> bool {
        let leaves = !self.is_changed();
        self.asking = !leaves && !self.asking;
        leaves
    }

    /// What a key says to the question whether to give up what was typed; `None` where that is not asked.
    pub(super) fn gives_up(&mut self, input: &Input) -> Option<bool> {
        let Input::Key(press, _) = input else { return None };
        let asked = std::mem::take(&mut self.asking);
        asked.then_some(matches!(press.key, Key::Char('y' | 'Y')))
    }

    /// The choices of the part that has the focus.
    pub(super) fn choices<'k>(&self, known: &'k Known) -> Vec<&'k Choice> {
        let (all, typed) = match self.part {
            Part::Source => (&known.sources, self.source.text()),
            Part::Target => (&known.targets, self.target.text()),
            _ => return Vec::new(),
        };
        narrowed(all, if self.narrowing { &typed } else { "" })
    }

    /// The options of the platform's field that is named.
    pub(super) fn options<'k>(&self, known: &'k Known) -> &'k [String] {
        let target = self.target.text().trim().to_lowercase();
        let found = known.targets.iter().find(|choice| choice.name.to_lowercase() == target);
        found.map(|choice| choice.options.as_slice()).unwrap_or_default()
    }

    /// Goes to a part.
    pub(super) fn go(&mut self, part: Part) {
        (self.part, self.narrowing, self.choice) = (part, false, None);
    }

    fn step(&mut self, by: isize) {
        let at = Part::ALL.iter().position(|part| *part == self.part).unwrap_or(0);
        let len = Part::ALL.len().cast_signed();
        let to = (at.cast_signed() + by).rem_euclid(len).cast_unsigned();
        self.go(Part::ALL[to]);
    }

    /// Moves among the choices; above the first is what is typed.
    pub(super) fn choose(&mut self, by: isize, known: &Known) {
        let len = self.choices(known).len().cast_signed();
        let at = self.choice.map_or(-1, usize::cast_signed);
        let to = (at + by).min(len - 1);
        self.choice = usize::try_from(to).ok();
    }

    /// Takes the choice under the cursor, with the type and the direction that go with it.
    pub(super) fn take(&mut self, known: &Known) {
        let chosen = self.choice.and_then(|at| self.choices(known).get(at).map(|&choice| choice.clone()));
        let Some(chosen) = chosen else { return };
        let field = Field::new(&chosen.name, true);
        if self.part == Part::Source {
            self.source = field;
            self.kind = chosen.kind.unwrap_or(self.kind);
        } else {
            self.target = field;
            let own = CARD_FIELDS.contains(&self.source.text().trim());
            self.kind = chosen.kind.filter(|_| !own).unwrap_or(self.kind);
            if chosen.read_only {
                self.direction = RuleDirection::Pull;
            }
        }
        self.read = self.text().read();
    }

    /// Puts a map of the platform's options under the steps.
    fn start_map(&mut self, known: &Known) -> bool {
        let options = self.options(known);
        if options.is_empty() {
            return false;
        }
        let steps = self.steps.text();
        let above = if steps.trim().is_empty() { String::new() } else { format!("{}\n", steps.trim_end()) };
        self.steps = Field::new(&format!("{above}{}", map_of_options(options)), false);
        self.steps.go_to_end();
        self.go(Part::Steps);
        true
    }

    /// Goes on to the next value of a part that can only be chosen.
    pub(super) fn turn(&mut self, by: isize) {
        fn next<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
            let at = all.iter().position(|x| *x == now).unwrap_or(0).cast_signed();
            all[(at + by).rem_euclid(all.len().cast_signed()).cast_unsigned()]
        }
        match self.part {
            Part::Kind => self.kind = next(&FieldKind::ALL, self.kind, by),
            Part::Direction => self.direction = next(&RuleDirection::ALL, self.direction, by),
            Part::Required => self.required = !self.required,
            Part::Source | Part::Target | Part::Steps => {}
        }
        self.read = self.text().read();
    }

    /// Takes a key or a pasted text; says whether it meant something.
    pub(super) fn input(&mut self, input: &Input, known: &Known) -> bool {
        let taken = match input {
            Input::Key(press, _) => match press.key {
                Key::Char('o') if press.ctrl => self.start_map(known),
                Key::Tab | Key::BackTab => {
                    self.step(if press.key == Key::Tab { 1 } else { -1 });
                    true
                }
                key => self.key(key, input, known),
            },
            _ => self.typed(input),
        };
        if taken {
            self.read = self.text().read();
        }
        taken
    }

    fn key(&mut self, key: Key, input: &Input, known: &Known) -> bool {
        match (self.part, key) {
            (Part::Source | Part::Target, Key::Down) => self.choose(1, known),
            (Part::Source | Part::Target, Key::Up) => self.choose(-1, known),
            (Part::Source | Part::Target, Key::PageDown) => self.choose(8, known),
            (Part::Source | Part::Target, Key::PageUp) => self.choose(-8, known),
            (Part::Source | Part::Target, Key::Enter) => {
                self.take(known);
                self.step(1);
            }
            (Part::Kind | Part::Direction | Part::Required, Key::Left) => self.turn(-1),
            (Part::Kind | Part::Direction | Part::Required, Key::Right | Key::Char(' ')) => self.turn(1),
            (Part::Kind | Part::Direction | Part::Required, Key::Down | Key::Enter) => self.step(1),
            (Part::Kind | Part::Direction | Part::Required, Key::Up) => self.step(-1),
            _ => return self.typed(input),
        }
        true
    }

    fn typed(&mut self, input: &Input) -> bool {
        match self.part {
            Part::Source | Part::Target => {
                let field = if self.part == Part::Source { &mut self.source } else { &mut self.target };
                let before = field.text();
                let taken = field.input(input);
                if field.text() != before {
                    (self.narrowing, self.choice) = (true, None);
                }
                taken
            }
            Part::Steps => self.steps.input(input),
            Part::Kind | Part::Direction | Part::Required => false,
        }
    }
}
