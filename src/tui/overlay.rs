//! Changes on their way to the store, kept over every snapshot of it, so that a card never jumps back. Pure.

use std::collections::BTreeSet;

use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::command::Change;

/// How many stored changes are remembered until a snapshot shows them; more means the snapshots went astray.
const REMEMBERED: usize = 256;

/// One commit.
#[derive(Debug, Clone)]
struct Entry {
    token: u64,
    changes: Vec<Change>,
    /// The store has it; a snapshot that shows it has not come yet.
    stored: bool,
    /// The cards whose snapshots must still show it, with the revision that does.
    awaited: Vec<(CardId, i64)>,
}

/// The changes under way, and the touched cards as the store last showed them.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    entries: Vec<Entry>,
    base: Board,
    tracked: BTreeSet<CardId>,
    /// Snapshots that look older than what is stored. Each is replaced by a newer one, or taken after all.
    held: Vec<Card>,
}

impl Overlay {
    /// Whether the store has not confirmed everything.
    pub fn is_waiting(&self) -> bool {
        self.entries.iter().any(|e| !e.stored)
    }

    /// Applies changes to the shown board and remembers them until the store has them.
    pub fn submit(&mut self, board: &mut Board, token: u64, changes: &[Change]) {
        let mut awaited: Vec<(CardId, i64)> = Vec::new();
        for change in changes {
            let Some(id) = change.card() else { continue };
            if self.tracked.insert(id)
                && let Some(card) = board.card(id)
            {
                self.base.upsert(card.clone());
            }
            apply(board, change);
            let revision = board.card(id).map_or(i64::MAX, |c| c.revision);
            awaited.retain(|(other, _)| *other != id);
            awaited.push((id, revision));
        }
        self.entries.push(Entry { token, changes: changes.to_vec(), stored: false, awaited });
    }

    /// The store has the changes of this token.
    pub fn committed(&mut self, token: u64) {
        let Some(at) = self.entries.iter().position(|e| e.token == token && !e.stored) else { return };
        self.entries[at].stored = true;
        for change in &self.entries[at].changes {
            apply(&mut self.base, change);
        }
        // An archived card is never shown again.
        let base = &self.base;
        self.entries[at].awaited.retain(|(id, _)| base.card(*id).is_some());
        self.entries.retain(|e| !e.stored || !e.awaited.is_empty());
        let stored = self.entries.iter().filter(|e| e.stored).count();
        if stored > REMEMBERED
            && let Some(oldest) = self.entries.iter().position(|e| e.stored)
        {
            self.entries.remove(oldest);
        }
        self.forget_settled();
    }

    /// The store refused the changes of this token: its cards go back to what the store has. Returns them.
    pub fn refused(&mut self, board: &mut Board, token: u64) -> Vec<CardId> {
        let Some(at) = self.entries.iter().position(|e| e.token == token) else { return Vec::new() };
        let entry = self.entries.remove(at);
        let cards: BTreeSet<CardId> = entry.changes.iter().filter_map(Change::card).collect();
        for id in &cards {
            self.show(board, *id);
        }
        self.forget_settled();
        cards.into_iter().collect()
    }

    /// A card as the store has it. One that is older than a change the store already has is left aside.
    pub fn snapshot(&mut self, board: &mut Board, card: Card) {
        let id = card.id;
        if !self.tracked.contains(&id) {
            board.upsert(card);
            return;
        }
        let stale = self.entries.iter().filter(|e| e.stored).flat_map(|e| &e.awaited);
        self.held.retain(|c| c.id != id);
        if stale.clone().any(|(awaited, revision)| *awaited == id && card.revision < *revision) {
            self.held.push(card);
            return;
        }
        self.take(board, card);
    }

    /// Whether snapshots are held back.
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes the snapshots held back after all: nothing newer came, so they were not old.
    pub fn release(&mut self, board: &mut Board) {
        for card in std::mem::take(&mut self.held) {
            self.take(board, card);
        }
    }

    fn take(&mut self, board: &mut Board, card: Card) {
        let id = card.id;
        for entry in self.entries.iter_mut().filter(|e| e.stored) {
            entry.awaited.retain(|(awaited, _)| *awaited != id);
        }
        self.entries.retain(|e| !e.stored || !e.awaited.is_empty());
        self.base.upsert(card);
        self.show(board, id);
        self.forget_settled();
    }

    /// A card the store does not show any more.
    pub fn removed(&mut self, board: &mut Board, id: CardId) {
        self.base.remove(id);
        self.held.retain(|c| c.id != id);
        board.remove(id);
        for entry in &mut self.entries {
            entry.awaited.retain(|(awaited, _)| *awaited != id);
        }
        self.show(board, id);
        self.forget_settled();
    }

    /// The whole board, as the store has it.
    pub fn loaded(&mut self, board: &mut Board, fresh: Board) {
        let shown = std::mem::replace(board, fresh);
        for id in self.tracked.clone() {
            let Some(card) = board.card(id).cloned() else {
                // Made here and not stored yet, or left the board.
                self.show(board, id);
                continue;
            };
            if let Some(now) = shown.card(id) {
                board.upsert(now.clone());
            }
            self.snapshot(board, card);
        }
    }

    /// Puts a card on the board as the store has it, with what is still under way over it.
    fn show(&self, board: &mut Board, id: CardId) {
        board.remove(id);
        if let Some(card) = self.base.card(id) {
            board.upsert(card.clone());
        }
        let waiting = self.entries.iter().filter(|e| !e.stored).flat_map(|e| &e.changes);
        for change in waiting.filter(|c| c.card() == Some(id)) {
            apply(board, change);
        }
    }

    fn forget_settled(&mut self) {
        let busy: BTreeSet<CardId> = self
            .entries
            .iter()
            .flat_map(|e| {
                e.changes.iter().filter_map(Change::card).chain(e.awaited.iter().map(|(id, _)| *id))
            })
            .collect();
        for id in self.tracked.clone() {
            if !busy.contains(&id) {
                self.tracked.remove(&id);
                self.base.remove(id);
            }
        }
    }
}

/// Applies a change and counts it, as the store does: an edit of a field is a revision.
fn apply(board: &mut Board, change: &Change) {
    board.apply(change);
    if change.field().is_none() {
        return;
    }
    if let Some(mut card) = change.card().and_then(|id| board.card(id).cloned()) {
        card.revision += 1;
        board.upsert(card);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mapping::Status;
    use crate::tui::fixture;

    fn moved(board: &Board, id: CardId, to: &str) -> Vec<Change> {
        let card = board.card(id).expect("there");
        vec![Change::Moved {
            card: id,
            from: card.status.clone(),
            to: Status::new(to),
            rank_from: card.rank,
            rank_to: -5,
        }]
    }

    fn status(board: &Board, id: CardId) -> &str {
        board.card(id).expect("there").status.as_str()
    }

    #[test]
    fn a_snapshot_from_before_a_move_does_not_move_the_card_back() {
        let (mut board, mut overlay) = (fixture::board(8), Overlay::default());
        let id = fixture::id(1);
        let old = board.card(id).cloned().expect("there");
        let changes = moved(&board, id, "done");
        overlay.submit(&mut board, 1, &changes);
        overlay.snapshot(&mut board, old.clone());
        assert_eq!(status(&board, id), "done", "while the commit is under way");
        overlay.committed(1);
        overlay.snapshot(&mut board, old.clone());
        assert_eq!(status(&board, id), "done", "after the commit, from a read that began before it");
        let fresh =
            Card { status: Status::new("done"), revision: old.revision + 1, title: "new".into(), ..old };
        overlay.snapshot(&mut board, fresh);
        assert_eq!(board.card(id).map(|c| c.title.as_str()), Some("new"));
        assert!(overlay.tracked.is_empty() && overlay.entries.is_empty());
    }

    #[test]
    fn a_snapshot_held_back_is_taken_when_nothing_newer_comes() {
        let (mut board, mut overlay) = (fixture::board(8), Overlay::default());
        let id = fixture::id(1);
        let old = board.card(id).cloned().expect("there");
        let changes = moved(&board, id, "done");
        overlay.submit(&mut board, 1, &changes);
        overlay.committed(1);
        overlay.snapshot(&mut board, old.clone());
        assert!(overlay.holds());
        overlay.release(&mut board);
        assert_eq!(status(&board, id), old.status.as_str());
        assert!(!overlay.holds());
    }

    #[test]
    fn a_later_remote_move_is_taken_after_the_own_one_was_seen() {
        let (mut board, mut overlay) = (fixture::board(8), Overlay::default());
        let id = fixture::id(1);
        let old = board.card(id).cloned().expect("there");
        let changes = moved(&board, id, "done");
        overlay.submit(&mut board, 1, &changes);
        overlay.committed(1);
        let remote = Card { status: Status::new("doing"), revision: old.revision + 1, ..old };
        overlay.snapshot(&mut board, remote);
        assert_eq!(status(&board, id), "doing");
    }

    #[test]
    fn a_refused_commit_takes_back_its_own_card_alone_and_keeps_later_changes() {
        let (mut board, mut overlay) = (fixture::board(8), Overlay::default());
        let (a, b) = (fixture::id(1), fixture::id(2));
        let (first, second) = (moved(&board, a, "done"), moved(&board, b, "done"));
        overlay.submit(&mut board, 1, &first);
        overlay.submit(&mut board, 2, &second);
        let again = vec![Change::Retitled { card: a, before: String::new(), after: "later".into() }];
        overlay.submit(&mut board, 3, &again);
        let before = fixture::board(8);
        overlay.refused(&mut board, 1);
        assert_eq!(status(&board, a), status(&before, a));
        assert_eq!(board.card(a).map(|c| c.title.as_str()), Some("later"));
        assert_eq!(status(&board, b), "done");
    }

    #[test]
    fn the_whole_board_arriving_keeps_what_is_under_way() {
        let (mut board, mut overlay) = (fixture::board(4), Overlay::default());
        let id = fixture::id(1);
        let changes = moved(&board, id, "done");
        overlay.submit(&mut board, 1, &changes);
        let new = fixture::card(99, "made here", "todo", &[], &[], None);
        overlay.submit(&mut board, 2, &[Change::Created { card: Box::new(new), body: String::new() }]);
        overlay.loaded(&mut board, fixture::board(40));
        assert_eq!(board.len(), 41);
        assert_eq!(status(&board, id), "done");
        assert!(board.card(fixture::id(99)).is_some());
    }
}
