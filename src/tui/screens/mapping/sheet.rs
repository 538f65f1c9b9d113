//! The mapping under edit as a sheet of cells: where the cursor is, what was changed, what is wrong, what it would
//! move. Pure; knows neither keys nor drawing.

use std::collections::BTreeMap;

use crate::config::{Cell, MappingDraft, MappingProblem};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::{Status, Target};
use crate::engine::update::MappingPreview;

/// How far the saving of the sheet is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Saving {
    /// Not asked for.
    #[default]
    No,
    /// Asked for; the answer is on its way.
    Asked,
    /// Refused, and why.
    Failed(String),
}

/// The sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    saved: MappingDraft,
    draft: MappingDraft,
    problems: Vec<MappingProblem>,
    /// Row of the cursor.
    row: usize,
    /// Column of the cursor: 0 is the title, 1 the first connection.
    col: usize,
    /// Number of the newest preview asked for.
    token: u64,
    preview: Option<MappingPreview>,
    /// How far the saving is.
    pub saving: Saving,
}

impl Sheet {
    /// A sheet of a mapping as it is saved.
    pub fn new(saved: MappingDraft) -> Self {
        let problems = saved.problems();
        Self {
            draft: saved.clone(),
            saved,
            problems,
            row: 0,
            col: 0,
            token: 0,
            preview: None,
            saving: Saving::No,
        }
    }

    /// The mapping as it stands on the sheet.
    pub fn draft(&self) -> &MappingDraft {
        &self.draft
    }

    /// Whether something is on the sheet that is not saved.
    pub fn is_changed(&self) -> bool {
        self.draft != self.saved
    }

    /// Whether a title differs from the saved one, or is new.
    pub fn title_changed(&self, row: usize) -> bool {
        let Some((status, title)) = self.draft.columns.get(row) else { return false };
        self.saved.row(status).and_then(|r| self.saved.columns.get(r)).is_none_or(|(_, t)| t != title)
    }

    /// Whether a target differs from the saved one.
    pub fn target_changed(&self, connection: &ConnectionName, status: &Status) -> bool {
        self.draft.target(connection, status) != self.saved.target(connection, status)
    }

    /// Everything that keeps the sheet from being saved.
    pub fn problems(&self) -> &[MappingProblem] {
        &self.problems
    }

    /// What is wrong with a cell.
    pub fn problem_at(&self, row: usize, col: usize) -> Option<&MappingProblem> {
        let status = &self.draft.columns.get(row)?.0;
        self.problems.iter().find(|p| match &p.at {
            Cell::Status(r) | Cell::Title(r) => col == 0 && *r == row,
            Cell::Target(c, s) => s == status && self.connection(col) == Some(c),
            Cell::Board | Cell::Connection(_) => false,
        })
    }

    /// What is wrong with no cell in particular: the board, a whole connection, a target of a status that is gone.
    pub fn problem_elsewhere(&self) -> Option<&MappingProblem> {
        self.problems.iter().find(|p| match &p.at {
            Cell::Board | Cell::Connection(_) => true,
            Cell::Target(_, s) => self.draft.row(s).is_none(),
            Cell::Status(_) | Cell::Title(_) => false,
        })
    }

    /// The cursor: row and column.
    pub fn cursor(&self) -> (usize, usize) {
        (self.row, self.col)
    }

    /// The connection of a column; `None` for the title's.
    pub fn connection(&self, col: usize) -> Option<&ConnectionName> {
        self.draft.targets.get_index(col.checked_sub(1)?).map(|(c, _)| c)
    }

    /// The status under the cursor.
    pub fn status(&self) -> Option<&Status> {
        self.draft.columns.get(self.row).map(|(s, _)| s)
    }

    /// The title under the cursor's row.
    pub fn title(&self) -> Option<&str> {
        self.draft.columns.get(self.row).map(|(_, t)| t.as_str())
    }

    /// Moves the cursor, as far as there are cells.
    pub fn step(&mut self, rows: isize, cols: isize) {
        let last_row = self.draft.columns.len().saturating_sub(1);
        self.row = self.row.saturating_add_signed(rows).min(last_row);
        self.col = self.col.saturating_add_signed(cols).min(self.draft.targets.len());
    }

    /// Puts the cursor on a cell, as far as there is one.
    pub fn go(&mut self, row: usize, col: usize) {
        (self.row, self.col) = (row, col);
        self.step(0, 0);
    }

    /// Puts the cursor where a problem is, when it is at a cell.
    pub fn go_to(&mut self, cell: &Cell) {
        let connection = |c: &ConnectionName| self.draft.targets.get_index_of(c).map_or(0, |n| n + 1);
        let (row, col) = match cell {
            Cell::Board => return,
            Cell::Status(row) | Cell::Title(row) => (*row, 0),
            Cell::Target(c, s) => (self.draft.row(s).unwrap_or(self.row), connection(c)),
            Cell::Connection(c) => (self.row, connection(c)),
        };
        self.go(row, col);
    }

    /// Gives the row under the cursor another title.
    pub fn rename(&mut self, title: &str) {
        self.draft.rename(self.row, title.trim());
        self.touched();
    }

    /// Puts a new status under the cursor's row and goes there.
    pub fn add(&mut self, status: Status, title: &str) {
        let at = if self.draft.columns.is_empty() { 0 } else { self.row + 1 };
        self.draft.add(at, status, title.trim());
        self.go(at, 0);
        self.touched();
    }

    /// Takes the row under the cursor out.
    pub fn remove(&mut self) {
        if self.draft.remove(self.row).is_some() {
            self.step(0, 0);
            self.touched();
        }
    }

    /// Moves the row under the cursor; the cursor goes with it.
    pub fn reorder(&mut self, by: isize) {
        let to = self.row.saturating_add_signed(by).min(self.draft.columns.len().saturating_sub(1));
        if to != self.row {
            self.draft.reorder(self.row, to);
            self.row = to;
            self.touched();
        }
    }

    /// Says what the status under the cursor is on the connection under the cursor.
    pub fn set_target(&mut self, target: Option<Target>) {
        let (Some(status), Some(connection)) = (self.status().cloned(), self.connection(self.col).cloned())
        else {
            return;
        };
        self.draft.set_target(&connection, &status, target);
        self.touched();
    }

    fn touched(&mut self) {
        self.problems = self.draft.problems();
        self.token += 1;
        self.saving = Saving::No;
    }

    /// The number under which a preview of the sheet as it is now is asked for.
    pub fn token(&self) -> u64 {
        self.token
    }

    /// Takes an answer, unless the sheet has changed since it was asked for; says whether it was taken.
    pub fn answer(&mut self, preview: MappingPreview) -> bool {
        let fresh = preview.token == self.token;
        if fresh {
            self.preview = Some(preview);
        }
        fresh
    }

    /// What the sheet would change: `None` while no answer is here, or an old one only.
    pub fn preview(&self) -> Option<&MappingPreview> {
        self.preview.as_ref().filter(|p| p.token == self.token)
    }

    /// The settings changed. A sheet without edits follows; one with edits keeps them and measures them anew.
    pub fn settle(&mut self, saved: MappingDraft) {
        if self.saving == Saving::Asked || !self.is_changed() {
            self.draft = saved.clone();
        }
        self.saved = saved;
        self.preview = None;
        self.touched();
        self.step(0, 0);
    }
}

/// How many cards go from one column to another: the largest groups first.
pub fn grouped_moves(preview: &MappingPreview) -> Vec<(Status, Status, usize)> {
    let mut groups: BTreeMap<(&Status, &Status), usize> = BTreeMap::new();
    for (_, from, to) in &preview.moves {
        *groups.entry((from, to)).or_default() += 1;
    }
    let mut out: Vec<_> = groups.into_iter().map(|((a, b), n)| (a.clone(), b.clone(), n)).collect();
    out.sort_by_key(|(_, _, n)| std::cmp::Reverse(*n));
    out
}

/// The canonical name that a title suggests: `In Review` is `in_review`; empty when no letter is in it.
pub fn suggested_status(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(64);
    out.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::CardId;

    fn draft() -> MappingDraft {
        let label = |l: &str| Target { label: Some(l.into()), ..Target::default() };
        let mut draft = MappingDraft::default();
        for (status, title) in [("proposed", "Backlog"), ("approved", "To Do"), ("completed", "Done")] {
            draft.add(9, Status::new(status), title);
        }
        let targets = [("proposed", label("status: proposed")), ("approved", label("status: approved"))];
        draft.targets.insert(
            ConnectionName::new("core"),
            targets.map(|(s, t)| (Status::new(s), t)).into_iter().collect(),
        );
        draft
    }

    fn titles(sheet: &Sheet) -> Vec<&str> {
        sheet.draft().columns.iter().map(|(_, t)| t.as_str()).collect()
    }

    #[test]
    fn a_row_moves_with_the_cursor_and_back_is_no_change() {
        let mut sheet = Sheet::new(draft());
        sheet.reorder(1);
        assert_eq!((titles(&sheet), sheet.cursor().0), (vec!["To Do", "Backlog", "Done"], 1));
        assert!(sheet.is_changed());
        sheet.reorder(-1);
        assert!(!sheet.is_changed());
        sheet.reorder(-1);
        assert_eq!(sheet.cursor().0, 0, "the first row stays the first");
    }

    #[test]
    fn a_new_status_stands_under_the_cursor_and_has_it() {
        let mut sheet = Sheet::new(draft());
        sheet.add(Status::new("review"), " Review ");
        assert_eq!(
            (titles(&sheet), sheet.title()),
            (vec!["Backlog", "Review", "To Do", "Done"], Some("Review"))
        );
    }

    #[test]
    fn a_removed_last_row_leaves_the_cursor_on_a_row() {
        let mut sheet = Sheet::new(draft());
        sheet.go(2, 1);
        sheet.remove();
        assert_eq!((sheet.cursor(), sheet.title()), ((1, 1), Some("To Do")));
        sheet.remove();
        sheet.remove();
        assert_eq!((sheet.cursor(), sheet.title()), ((0, 1), None));
        sheet.remove();
        assert!(sheet.problem_elsewhere().is_some(), "a board without columns is a problem");
    }

    #[test]
    fn a_problem_is_found_at_its_cell() {
        let mut sheet = Sheet::new(draft());
        sheet.rename("to do");
        assert!(sheet.problem_at(1, 0).is_some(), "{:?}", sheet.problems());
        sheet.go(0, 1);
        sheet.set_target(Some(Target::default()));
        assert!(sheet.problem_at(0, 1).is_some(), "{:?}", sheet.problems());
        assert_eq!(sheet.problem_at(2, 1), None);
    }

    #[test]
    fn an_answer_to_an_older_question_is_not_taken() {
        let mut sheet = Sheet::new(draft());
        sheet.rename("A");
        let asked = sheet.token();
        sheet.rename("B");
        assert!(!sheet.answer(MappingPreview { token: asked, ..MappingPreview::default() }));
        assert_eq!(sheet.preview(), None);
        assert!(sheet.answer(MappingPreview { token: sheet.token(), ..MappingPreview::default() }));
        assert!(sheet.preview().is_some());
        sheet.rename("C");
        assert_eq!(sheet.preview(), None, "what was shown is old now");
    }

    #[test]
    fn edits_survive_a_change_made_elsewhere_and_a_save_settles_them() {
        let mut sheet = Sheet::new(draft());
        sheet.rename("Ideas");
        let mut elsewhere = draft();
        elsewhere.rename(2, "Finished");
        sheet.settle(elsewhere);
        assert_eq!(titles(&sheet), ["Ideas", "To Do", "Done"]);
        assert!(sheet.is_changed());
        sheet.saving = Saving::Asked;
        sheet.settle(sheet.draft().clone());
        assert!(!sheet.is_changed() && sheet.saving == Saving::No);
    }

    #[test]
    fn moves_are_counted_by_their_way() {
        let (a, b) = (Status::new("a"), Status::new("b"));
        let to = |from: &Status, to: &Status| (CardId::random(), from.clone(), to.clone());
        let preview =
            MappingPreview { moves: vec![to(&b, &a), to(&a, &b), to(&a, &b)], ..MappingPreview::default() };
        assert_eq!(grouped_moves(&preview), [(a.clone(), b.clone(), 2), (b, a, 1)]);
    }

    #[test]
    fn a_title_suggests_a_name() {
        let cases = [
            ("In Review", "in_review"),
            ("  To-Do!  ", "to_do"),
            ("済", ""),
            ("QA 2", "qa_2"),
            ("Zu prüfen", "zu_pr_fen"),
        ];
        for (title, want) in cases {
            assert_eq!(suggested_status(title), want, "{title}");
        }
    }
}
