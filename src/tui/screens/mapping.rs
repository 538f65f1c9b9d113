//! The mapping editor: canonical status, column title, and what each status is on every connection; and, on a tab beside
//! it, the connections' field rules. Nothing is saved before the person says so, and what a change would do is shown
//! before.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use crate::config::keymap::{Action, Key, Layer};
use crate::config::mapping_draft::status_problem;
use crate::config::{MappingDraft, Settings};
use crate::domain::board::Board;
use crate::domain::card::CardId;
use crate::domain::mapping::Status;
use crate::engine::Update;
use crate::tui::effect::Effect;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::editor::Field;

mod fields;
mod sheet;
mod target;
mod view;

use fields::FieldsTab;
use sheet::{Saving, Sheet};
use target::{By, TargetEditor};

/// The mapping editor.
#[derive(Debug)]
pub struct MappingScreen {
    sheet: Sheet,
    fields: FieldsTab,
    /// Whether the field rules are shown, not the statuses.
    on_fields: bool,
    dialog: Dialog,
}

/// What stands over the sheet.
#[derive(Debug)]
enum Dialog {
    None,
    /// A column's title is being typed.
    Title(Field),
    /// A new status is being typed.
    Add(NewStatus),
    /// A target is being chosen.
    Target(TargetEditor),
    /// Whether the row shall go.
    Remove,
    /// Whether what is not saved shall be given up.
    Leave,
}

/// A new status: the title, and the name that it suggests until the person types another.
#[derive(Debug)]
struct NewStatus {
    title: Field,
    /// The name as typed; `None` while it follows the title.
    name: Option<Field>,
    on_name: bool,
}

impl NewStatus {
    fn name(&self) -> String {
        match &self.name {
            Some(field) => field.text().trim().to_owned(),
            None => sheet::suggested_status(&self.title.text()),
        }
    }

    fn input(&mut self, input: &Input) -> bool {
        if let Input::Key(press, _) = input
            && matches!(press.key, Key::Tab | Key::BackTab | Key::Up | Key::Down)
        {
            self.on_name = !self.on_name;
            return true;
        }
        if self.on_name {
            let suggested = self.name();
            self.name.get_or_insert_with(|| Field::new(&suggested, true)).input(input)
        } else {
            self.title.input(input)
        }
    }
}

impl MappingScreen {
    /// Opens it on the mapping as it is saved.
    pub fn new(settings: &Settings) -> Self {
        Self {
            sheet: Sheet::new(MappingDraft::of(settings)),
            fields: FieldsTab::new(settings),
            on_fields: false,
            dialog: Dialog::None,
        }
    }

    /// The view is opened from the board, where this card had the focus: field rules are tried on it too.
    pub fn came_from(&mut self, card: Option<CardId>, board: &Board) -> Vec<Effect> {
        self.fields.came_from(card);
        self.fields.ask(board).filter(|_| self.on_fields).into_iter().collect()
    }

    /// Whether something is on either tab that is not saved.
    fn is_changed(&self) -> bool {
        self.sheet.is_changed() || self.fields.is_changed()
    }

    /// Goes to the other tab.
    fn turn(&mut self, ctx: &Ctx<'_>) -> Outcome {
        self.on_fields = !self.on_fields;
        if self.on_fields { self.fields.asked(ctx) } else { Outcome::Stay }
    }

    /// What to ask for when the view is opened: what the platforms offer, and what they hold that is not mapped.
    pub fn questions(&self) -> Vec<Effect> {
        let offers = self.sheet.draft().targets.keys().map(|c| Effect::FetchOffers(c.clone()));
        offers.chain([self.preview()]).collect()
    }

    fn preview(&self) -> Effect {
        Effect::PreviewMapping { token: self.sheet.token(), draft: self.sheet.draft().clone() }
    }

    /// What comes of a change to the sheet: the dialog goes, and what would move is asked anew.
    fn changed(&mut self) -> Outcome {
        self.dialog = Dialog::None;
        Outcome::Do(vec![self.preview()])
    }

    fn open(&mut self, dialog: Dialog) -> Outcome {
        self.dialog = dialog;
        Outcome::Stay
    }

    fn rename(&mut self) -> Outcome {
        match self.sheet.title() {
            Some(title) => {
                let field = Field::new(title, true);
                self.open(Dialog::Title(field))
            }
            None => self.add(),
        }
    }

    fn add(&mut self) -> Outcome {
        self.open(Dialog::Add(NewStatus { title: Field::new("", true), name: None, on_name: false }))
    }

    /// Edits the cell under the cursor.
    fn edit(&mut self, ctx: &Ctx<'_>) -> Outcome {
        let (_, col) = self.sheet.cursor();
        let (Some(connection), Some(status)) = (self.sheet.connection(col), self.sheet.status()) else {
            return self.rename();
        };
        let target = self.sheet.draft().target(connection, status).cloned();
        let by = ctx.settings.connection(connection.as_str()).map_or(By::Labels, By::of);
        let editor = TargetEditor::new(by, target, ctx.offers.get(connection));
        let asked = ctx.offers.contains_key(connection).then(Vec::new);
        let effects = asked.unwrap_or_else(|| vec![Effect::FetchOffers(connection.clone())]);
        self.dialog = Dialog::Target(editor);
        if effects.is_empty() { Outcome::Stay } else { Outcome::Do(effects) }
    }

    fn save(&mut self, ctx: &Ctx<'_>) -> Outcome {
        if let Some(problem) = self.sheet.problems().first().cloned() {
            self.sheet.go_to(&problem.at);
            return Outcome::Say(format!("not saved: {problem}"));
        }
        if !self.sheet.is_changed() {
            return Outcome::Say("nothing to save".to_owned());
        }
        if ctx.settings.file.is_none() {
            return Outcome::Say("there is no config file to save to: run `corkboard init` first".to_owned());
        }
        self.sheet.saving = Saving::Asked;
        Outcome::Do(vec![Effect::SaveMapping(self.sheet.draft().clone())])
    }

    /// Takes over what a dialog holds.
    fn accept(&mut self) -> Outcome {
        match std::mem::replace(&mut self.dialog, Dialog::None) {
            Dialog::Title(field) => {
                self.sheet.rename(&field.text());
                self.changed()
            }
            Dialog::Add(new) => {
                let name = new.name();
                let taken = self.sheet.draft().row(&Status::new(name.clone())).is_some();
                if taken || status_problem(&name).is_some() {
                    // The dialog says what is wrong.
                    return self.open(Dialog::Add(new));
                }
                self.sheet.add(Status::new(name), &new.title.text());
                self.changed()
            }
            Dialog::Target(editor) => {
                self.sheet.set_target(editor.target());
                self.changed()
            }
            Dialog::Remove => {
                self.sheet.remove();
                self.changed()
            }
            Dialog::Leave => Outcome::Close,
            Dialog::None => Outcome::Stay,
        }
    }

    fn walk(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(ctx.area.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusLeft => self.sheet.step(0, -1),
            Action::FocusRight => self.sheet.step(0, 1),
            Action::FocusDown => self.sheet.step(1, 0),
            Action::FocusUp => self.sheet.step(-1, 0),
            Action::FocusTop => self.sheet.step(isize::MIN, 0),
            Action::FocusBottom => self.sheet.step(isize::MAX, 0),
            Action::HalfPageDown => self.sheet.step(half, 0),
            Action::HalfPageUp => self.sheet.step(-half, 0),
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }
}

impl Screen for MappingScreen {
    fn layer(&self) -> Layer {
        match self.dialog {
            Dialog::None if !(self.on_fields && self.fields.is_open()) => Layer::Mapping,
            // A question is answered with one plain key, so no plain key may be bound there.
            _ => Layer::Text,
        }
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Mappings".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        match self.dialog {
            Dialog::None if self.on_fields && self.fields.is_open() => &[Action::Save, Action::Back],
            Dialog::None if self.on_fields => &[
                Action::Open,
                Action::AddRow,
                Action::RemoveRow,
                Action::FieldRules,
                Action::Save,
                Action::Help,
            ],
            Dialog::None => &[
                Action::Open,
                Action::AddRow,
                Action::FieldRules,
                Action::RenameRow,
                Action::MoveDown,
                Action::MoveUp,
                Action::RemoveRow,
                Action::Save,
                Action::Help,
            ],
            _ => &[Action::Back],
        }
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        if self.on_fields && matches!(self.dialog, Dialog::None) {
            let closes = action == Action::Back && !self.fields.is_open();
            if !closes && action != Action::FieldRules {
                return self.fields.action(action, ctx);
            }
            if self.fields.is_open() {
                return Outcome::Ignored;
            }
        }
        match (action, &self.dialog) {
            (Action::FieldRules, Dialog::None) => self.turn(ctx),
            (Action::Back, Dialog::None) if self.is_changed() => self.open(Dialog::Leave),
            (Action::Back, Dialog::None) => Outcome::Close,
            (Action::Back, _) => self.open(Dialog::None),
            (Action::Save, Dialog::None) => self.save(ctx),
            (Action::Save, Dialog::Remove | Dialog::Leave) => Outcome::Stay,
            (Action::Save, _) => self.accept(),
            (_, Dialog::Title(_) | Dialog::Add(_) | Dialog::Target(_) | Dialog::Remove | Dialog::Leave) => {
                Outcome::Ignored
            }
            (Action::Open, _) => self.edit(ctx),
            (Action::AddRow, _) => self.add(),
            (Action::RenameRow, _) => self.rename(),
            (Action::RemoveRow, _) if self.sheet.status().is_some() => self.open(Dialog::Remove),
            (Action::MoveDown | Action::MoveUp, _) => {
                let before = self.sheet.token();
                self.sheet.reorder(if action == Action::MoveDown { 1 } else { -1 });
                if self.sheet.token() == before { Outcome::Stay } else { self.changed() }
            }
            (action, _) => self.walk(action, ctx),
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        if let Input::Mouse(mouse) = input {
            return self.mouse(*mouse, ctx);
        }
        if self.on_fields && matches!(self.dialog, Dialog::None) {
            return self.fields.input(input, ctx);
        }
        let key = if let Input::Key(press, _) = input { Some(press.key) } else { None };
        let taken = match &mut self.dialog {
            Dialog::None => return Outcome::Ignored,
            Dialog::Remove | Dialog::Leave => {
                return match key {
                    Some(Key::Char('y' | 'Y')) => self.accept(),
                    Some(_) => self.open(Dialog::None),
                    None => Outcome::Ignored,
                };
            }
            _ if key == Some(Key::Enter) => return self.accept(),
            Dialog::Title(field) => field.input(input),
            Dialog::Add(new) => new.input(input),
            Dialog::Target(editor) => editor.input(input),
        };
        if taken { Outcome::Stay } else { Outcome::Ignored }
    }

    fn update(&mut self, update: &Update, ctx: &Ctx<'_>) -> Outcome {
        let fields = self.fields.update(update, ctx);
        match update {
            Update::RuleCards { .. } => fields,
            Update::Cards(_) if self.on_fields => fields,
            Update::Preview(preview) if self.sheet.answer((**preview).clone()) => Outcome::Stay,
            Update::Settings(settings) => {
                let asked = self.sheet.saving == Saving::Asked;
                self.sheet.settle(MappingDraft::of(settings));
                self.fields.settle(settings);
                // Rows may have come and gone under an open dialog: what it was about is not sure any more.
                if !asked {
                    self.dialog = Dialog::None;
                }
                let cards = self.fields.ask(ctx.board).filter(|_| self.on_fields);
                Outcome::Do([self.preview()].into_iter().chain(cards).collect())
            }
            Update::SaveFailed { .. } if self.sheet.saving != Saving::Asked => fields,
            Update::SaveFailed { reason } => {
                self.sheet.saving = Saving::Failed(reason.clone());
                Outcome::Stay
            }
            Update::Offers { connection, offers } => {
                let here = self.sheet.connection(self.sheet.cursor().1) == Some(connection);
                if let (Dialog::Target(editor), true) = (&mut self.dialog, here) {
                    editor.answer(offers);
                    return Outcome::Stay;
                }
                Outcome::Ignored
            }
            _ => Outcome::Ignored,
        }
    }

    fn unsaved(&self) -> bool {
        self.is_changed()
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        self.draw(buf, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let typing = self.on_fields && matches!(self.dialog, Dialog::None);
        if typing { self.fields.cursor(ctx) } else { self.cursor_in_dialog(ctx) }
    }
}

#[cfg(test)]
mod tests;
