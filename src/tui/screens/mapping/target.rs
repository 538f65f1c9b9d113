//! What a status is on a connection, while it is chosen: open or closed, why, and a label or a status of the platform's
//! own, one that it offers or one that is typed. Pure.

use crate::config::ConnectionSettings;
use crate::config::keymap::Key;
use crate::config::settings::Platform;
use crate::connector::Offers;
use crate::domain::mapping::{CloseReason, OpenState, Target};
use crate::tui::screen::Input;
use crate::tui::screens::fuzzy;

/// What an item is when it has the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    NotMapped,
    /// The platform's own status decides.
    Told,
    Open,
    Closed(Option<CloseReason>),
}

impl State {
    const ALL: [Self; 6] = [
        Self::Open,
        Self::Closed(None),
        Self::Closed(Some(CloseReason::Completed)),
        Self::Closed(Some(CloseReason::NotPlanned)),
        Self::Closed(Some(CloseReason::Duplicate)),
        Self::NotMapped,
    ];

    const OWN: [Self; 2] = [Self::Told, Self::NotMapped];

    /// In words.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotMapped => "not mapped",
            Self::Told => "as the status says",
            Self::Open => "open",
            Self::Closed(None) => "closed",
            Self::Closed(Some(CloseReason::Completed)) => "closed as completed",
            Self::Closed(Some(CloseReason::NotPlanned)) => "closed as not planned",
            Self::Closed(Some(CloseReason::Duplicate)) => "closed as duplicate",
        }
    }
}

/// What tells statuses apart on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Labels, beside open and closed.
    Labels,
    /// The options of a project, beside open and closed.
    Options,
    /// The platform's own statuses, and nothing else.
    Statuses,
}

impl By {
    /// How it is on this connection.
    pub(super) fn of(connection: &ConnectionSettings) -> Self {
        match connection.platform {
            Platform::Github if connection.project.is_some() => Self::Options,
            Platform::Github | Platform::Gitlab => Self::Labels,
            Platform::Jira | Platform::Bitbucket => Self::Statuses,
        }
    }

    /// What one of them is called, at the head of the list.
    pub(super) fn head(self) -> &'static str {
        match self {
            Self::Labels => "Label",
            Self::Options => "Option",
            Self::Statuses => "Status",
        }
    }

    /// The same within a sentence, of one and of many.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Labels => ("label", "labels"),
            Self::Options => ("option", "options"),
            Self::Statuses => ("status", "statuses"),
        }
    }

    fn name(self, target: &Target) -> Option<&String> {
        if self == Self::Labels { target.label.as_ref() } else { target.status.as_ref() }
    }

    fn states(self) -> &'static [State] {
        if self == Self::Statuses { &State::OWN } else { &State::ALL }
    }
}

/// A row of the labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LabelRow {
    /// No label stands for the status.
    None,
    /// One that is there.
    Known(String),
    /// What was typed.
    New(String),
}

/// What the platform says it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// It has been asked.
    Asked,
    /// These.
    Labels(Vec<String>),
    /// It does not say, and why.
    Failed(String),
}

/// A target while it is chosen.
#[derive(Debug)]
pub(super) struct TargetEditor {
    /// What is listed.
    pub(super) by: By,
    before: Option<Target>,
    /// Open, closed, and why.
    pub(super) state: State,
    /// What is typed.
    pub(super) typed: String,
    focus: usize,
    /// What the platform has.
    pub(super) known: Known,
}

impl TargetEditor {
    pub(super) fn new(by: By, before: Option<Target>, offers: Option<&Result<Offers, String>>) -> Self {
        let state = match &before {
            _ if by == By::Statuses => State::Told,
            Some(t) if t.open_state() == OpenState::Closed => State::Closed(t.reason),
            Some(_) | None => State::Open,
        };
        let mut editor = Self { by, before, state, typed: String::new(), focus: 0, known: Known::Asked };
        if let Some(offers) = offers {
            editor.answer(offers);
        }
        editor.focus_present();
        editor
    }

    /// Takes what the platform says. The chosen label stays chosen.
    pub(super) fn answer(&mut self, offers: &Result<Offers, String>) {
        let chosen = self.chosen();
        self.known = match offers {
            Ok(offers) if self.by == By::Labels => Known::Labels(offers.labels.clone()),
            Ok(offers) => Known::Labels(offers.statuses.clone()),
            Err(reason) => Known::Failed(reason.clone()),
        };
        if let Some(at) = self.rows().iter().position(|r| label_of(r) == chosen.as_deref()) {
            self.focus = at;
        }
    }

    fn focus_present(&mut self) {
        let label = self.before.as_ref().and_then(|t| self.by.name(t)).cloned();
        self.focus = self.rows().iter().position(|r| label_of(r) == label.as_deref()).unwrap_or(0);
    }

    /// The labels that answer what is typed; the present one and none come first.
    pub(super) fn rows(&self) -> Vec<LabelRow> {
        let typed = self.typed.trim();
        let offered: &[String] = if let Known::Labels(labels) = &self.known { labels } else { &[] };
        let present = self.before.as_ref().and_then(|t| self.by.name(t)).cloned();
        let mut found: Vec<(i32, String)> = present
            .iter()
            .chain(offered.iter().filter(|l| Some(*l) != present.as_ref()))
            .filter_map(|l| fuzzy::matches(typed, l).map(|m| (m.score, l.clone())))
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut rows: Vec<LabelRow> = Vec::new();
        if typed.is_empty() {
            rows.push(LabelRow::None);
        }
        let exact = found.iter().any(|(_, l)| l.to_lowercase() == typed.to_lowercase());
        rows.extend(found.into_iter().map(|(_, l)| LabelRow::Known(l)));
        if !typed.is_empty() && !exact {
            rows.push(LabelRow::New(typed.to_owned()));
        }
        rows
    }

    /// The place of the focus among the rows.
    pub(super) fn focus(&self) -> usize {
        self.focus
    }

    fn chosen(&self) -> Option<String> {
        self.rows().get(self.focus).and_then(|r| label_of(r).map(str::to_owned))
    }

    /// The target as it is chosen; `None`: the status is nothing on the connection.
    pub(super) fn target(&self) -> Option<Target> {
        let name = self.chosen();
        // What this dialog does not ask about stays.
        let mut kept = self.before.clone().unwrap_or_default();
        if self.by != By::Labels {
            let same = kept.status == name;
            kept.resolution = kept.resolution.filter(|_| same);
            kept.status.clone_from(&name);
        }
        let label = if self.by == By::Labels { name.clone() } else { kept.label.clone() };
        match self.state {
            State::NotMapped => None,
            State::Told => name.map(|_| kept),
            State::Closed(reason) => Some(Target { label, state: Some(OpenState::Closed), reason, ..kept }),
            State::Open => {
                // A label alone means open; `open` is written only where nothing else is, or where it was written.
                let written = self.before.as_ref().is_some_and(|t| t.state == Some(OpenState::Open));
                let open = written || label.is_none() || self.by == By::Options;
                let state = open.then_some(OpenState::Open);
                Some(Target { label, state, reason: None, ..kept })
            }
        }
    }

    /// Takes a key or a pasted text; says whether it meant something.
    pub(super) fn input(&mut self, input: &Input) -> bool {
        match input {
            Input::Key(press, _) => match press.key {
                Key::Left | Key::BackTab => self.turn(-1),
                Key::Right | Key::Tab => self.turn(1),
                Key::Down => self.step(1),
                Key::Up => self.step(-1),
                Key::PageDown => self.step(10),
                Key::PageUp => self.step(-10),
                Key::Backspace => {
                    self.typed.pop();
                    self.narrowed();
                }
                Key::Char(c) if press.is_text() => {
                    self.typed.push(c);
                    self.narrowed();
                }
                _ => return false,
            },
            Input::Paste(text) => {
                self.typed.extend(text.chars().filter(|c| !c.is_control()));
                self.narrowed();
            }
            Input::Mouse(_) => return false,
        }
        true
    }

    /// Moves the focus, as far as there are labels.
    pub(super) fn step(&mut self, by: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.focus = self.focus.saturating_add_signed(by).min(last);
    }

    fn narrowed(&mut self) {
        self.focus = 0;
        if self.typed.is_empty() {
            self.focus_present();
        }
    }

    fn turn(&mut self, by: isize) {
        let states = self.by.states();
        let at = states.iter().position(|s| *s == self.state).unwrap_or(0);
        let to = if by < 0 { at + states.len() - 1 } else { at + 1 };
        self.state = states[to % states.len()];
    }
}

fn label_of(row: &LabelRow) -> Option<&str> {
    match row {
        LabelRow::None => None,
        LabelRow::Known(label) | LabelRow::New(label) => Some(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keymap::Press;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn key(key: Key) -> Input {
        Input::Key(Press::plain(key), KeyEvent::new(KeyCode::Null, KeyModifiers::NONE))
    }

    fn label(l: &str) -> Target {
        Target { label: Some(l.into()), ..Target::default() }
    }

    fn offers() -> Offers {
        Offers {
            labels: vec!["bug".into(), "status: doing".into(), "status: review".into()],
            ..Offers::default()
        }
    }

    fn typed(editor: &mut TargetEditor, text: &str) {
        text.chars().for_each(|c| assert!(editor.input(&key(Key::Char(c)))));
    }

    #[test]
    fn opening_and_accepting_changes_nothing() {
        let targets = [
            Some(label("status: doing")),
            Some(Target { state: Some(OpenState::Open), ..label("x") }),
            Some(Target {
                state: Some(OpenState::Closed),
                reason: Some(CloseReason::Duplicate),
                ..Target::default()
            }),
        ];
        for target in targets {
            assert_eq!(TargetEditor::new(By::Labels, target.clone(), Some(&Ok(offers()))).target(), target);
            assert_eq!(
                TargetEditor::new(By::Labels, target.clone(), None).target(),
                target,
                "nor without offers"
            );
        }
    }

    #[test]
    fn typing_narrows_the_labels_and_the_best_is_chosen() {
        let mut editor = TargetEditor::new(By::Labels, None, Some(&Ok(offers())));
        typed(&mut editor, "rev");
        assert_eq!(editor.target(), Some(label("status: review")));
    }

    #[test]
    fn a_label_the_platform_does_not_have_can_be_typed() {
        let mut editor = TargetEditor::new(By::Labels, None, Some(&Ok(offers())));
        typed(&mut editor, "qa");
        assert_eq!(editor.rows(), [LabelRow::New("qa".into())]);
        assert_eq!(editor.target(), Some(label("qa")));
    }

    #[test]
    fn the_state_goes_round() {
        let mut editor = TargetEditor::new(By::Labels, Some(label("bug")), Some(&Ok(offers())));
        let mut seen = Vec::new();
        for _ in State::ALL {
            seen.push(editor.state);
            editor.input(&key(Key::Right));
        }
        assert_eq!((seen.as_slice(), editor.state), (State::ALL.as_slice(), State::Open));
        editor.input(&key(Key::Left));
        assert_eq!(editor.target(), None, "not mapped is one of them");
    }

    #[test]
    fn labels_that_arrive_later_do_not_change_the_choice() {
        let mut editor = TargetEditor::new(By::Labels, Some(label("status: review")), None);
        editor.answer(&Ok(offers()));
        assert_eq!(editor.target(), Some(label("status: review")));
        assert_eq!(editor.rows().len(), 4);
        editor.answer(&Err("502".into()));
        assert_eq!(editor.target(), Some(label("status: review")));
    }

    #[test]
    fn a_platform_with_statuses_of_its_own_lists_them_and_says_nothing_of_open_and_closed() {
        let offers = Offers { statuses: vec!["To Do".into(), "Done".into()], ..Offers::default() };
        let done =
            Target { status: Some("Done".into()), resolution: Some("Done".into()), ..Target::default() };
        let mut editor = TargetEditor::new(By::Statuses, Some(done.clone()), Some(&Ok(offers)));
        assert_eq!(editor.target(), Some(done), "untouched it stays, its resolution too");
        assert_eq!(editor.state.word(), "as the status says");
        editor.step(1);
        let chosen = editor.target().expect("mapped");
        assert_eq!((chosen.status.as_deref(), chosen.resolution, chosen.state), (Some("To Do"), None, None));
        editor.turn(1);
        assert_eq!(editor.target(), None, "not mapped");
        let mut project = TargetEditor::new(By::Options, None, None);
        project.input(&Input::Paste("Backlog".into()));
        let typed = project.target().expect("mapped");
        assert_eq!((typed.status.as_deref(), typed.state), (Some("Backlog"), Some(OpenState::Open)));
    }
}
