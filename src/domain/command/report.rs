//! Many commands decided together: what can be done is done, and what cannot is told card by card. Pure.

use std::collections::BTreeSet;

use super::{Change, Command, Reject, decide};
use crate::domain::board::Board;
use crate::domain::card::CardId;
use crate::domain::mapping::Status;

/// What came of commands about several cards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What is to be applied, in the order of the commands.
    pub changes: Vec<Change>,
    /// The cards that are as asked then: changed, or so already.
    pub done: Vec<CardId>,
    /// The cards that stay as they are, and why.
    pub refused: Vec<(CardId, Reject)>,
}

impl Report {
    /// The first reason, when nothing at all can be done.
    pub fn refused_whole(&self) -> Option<&Reject> {
        let (_, first) = self.refused.first()?;
        self.done.is_empty().then_some(first)
    }

    /// How many different cards change.
    pub fn changed(&self) -> usize {
        self.changes.iter().filter_map(Change::card).collect::<BTreeSet<_>>().len()
    }
}

impl Command {
    /// The card it is about.
    pub fn card(&self) -> CardId {
        match self {
            Self::Create(new) => new.id,
            Self::Move { card, .. }
            | Self::Retitle { card, .. }
            | Self::Rewrite { card, .. }
            | Self::Label { card, .. }
            | Self::Assign { card, .. }
            | Self::SetMilestone { card, .. }
            | Self::SetField { card, .. }
            | Self::Comment { card, .. }
            | Self::Agree { card, .. }
            | Self::Archive { card } => *card,
        }
    }

    /// The column whose order it needs to know.
    fn column(&self) -> Option<&Status> {
        match self {
            Self::Create(new) => Some(&new.status),
            Self::Move { to, .. } => Some(to),
            _ => None,
        }
    }
}

/// Decides each command, later ones seeing what earlier ones did. One that is rejected leaves its card as it is by then;
/// the others go on.
pub fn decide_each(board: &Board, commands: Vec<Command>) -> Report {
    let cards: BTreeSet<CardId> = commands.iter().map(Command::card).collect();
    let columns: BTreeSet<Status> = commands.iter().filter_map(Command::column).cloned().collect();
    // Commands that cannot get in each other's way need no board of their own to be tried on; the others need no more of
    // it than they touch, which matters where a board has many thousands of cards.
    let alone = columns.is_empty() && cards.len() == commands.len();
    let mut trial = (!alone).then(|| board.excerpt(&cards, &columns));
    let mut report = Report::default();
    for command in commands {
        let card = command.card();
        if report.refused.iter().any(|(other, _)| *other == card) {
            continue;
        }
        match decide(trial.as_ref().unwrap_or(board), command) {
            Ok(changes) => {
                if let Some(trial) = &mut trial {
                    changes.iter().for_each(|c| trial.apply(c));
                }
                report.changes.extend(changes);
                if report.done.last() != Some(&card) {
                    report.done.push(card);
                }
            }
            Err(reject) => {
                report.done.retain(|done| *done != card);
                report.refused.push((card, reject));
            }
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::board::{Column, Place, RANK_GAP};
    use crate::domain::card::{Card, Kind};
    use crate::domain::fields::SetDelta;
    use crate::support::clock::Timestamp;

    fn id(n: u128) -> CardId {
        CardId(uuid::Uuid::from_u128(n))
    }

    fn board(cards: u128) -> Board {
        let column = |s: &str| Column { status: Status::new(s), title: s.to_uppercase() };
        let mut board = Board::new("b", [column("todo"), column("done")]);
        for n in 1..=cards {
            board.upsert(Card {
                id: id(n),
                kind: Kind::Issue,
                title: format!("card {n}"),
                status: Status::new("todo"),
                rank: n as i64 * RANK_GAP,
                labels: BTreeSet::new().into(),
                assignees: BTreeSet::new().into(),
                milestone: None,
                extra: std::collections::BTreeMap::new().into(),
                revision: 1,
                created_at: Timestamp(0),
                updated_at: Timestamp(0),
                links: vec![],
            });
        }
        board
    }

    fn label(n: u128, name: &str) -> Command {
        let add = BTreeSet::from([name.to_owned()]);
        Command::Label { card: id(n), delta: SetDelta { add, ..SetDelta::default() } }
    }

    fn to(n: u128, status: &str) -> Command {
        Command::Move { card: id(n), to: Status::new(status), place: Place::Top }
    }

    #[test]
    fn what_can_be_done_is_done_and_what_cannot_is_told_by_card() {
        let report = decide_each(&board(3), vec![label(1, "bug"), label(9, "bug"), label(3, "bug")]);
        assert_eq!(report.done, [id(1), id(3)]);
        assert_eq!(report.refused, [(id(9), Reject::NoSuchCard)]);
        assert_eq!((report.changed(), report.refused_whole()), (2, None));
    }

    #[test]
    fn where_nothing_can_be_done_the_reason_is_that_of_all() {
        let report = decide_each(&board(2), vec![label(1, "a,b"), label(2, "a,b")]);
        assert_eq!(report.refused_whole(), Some(&Reject::BadName("a,b".into())));
        assert!(report.changes.is_empty());
    }

    #[test]
    fn a_card_that_is_so_already_is_done_without_a_change() {
        let mut board = board(2);
        let first = decide_each(&board, vec![label(1, "bug")]);
        first.changes.iter().for_each(|c| board.apply(c));
        let again = decide_each(&board, vec![label(1, "bug"), label(2, "bug")]);
        assert_eq!((again.done.len(), again.changed()), (2, 1));
    }

    #[test]
    fn later_moves_see_earlier_ones_as_on_the_whole_board() {
        let board = board(40);
        let commands: Vec<Command> = (1..=5).rev().map(|n| to(n, "done")).collect();
        let report = decide_each(&board, commands);
        let mut after = board.clone();
        report.changes.iter().for_each(|c| after.apply(c));
        let order: Vec<CardId> = after.ids_in(&Status::new("done")).collect();
        assert_eq!(order, (1..=5).map(id).collect::<Vec<_>>());
        assert_eq!(after.count_in(&Status::new("todo")), 35);
    }

    #[test]
    fn a_column_that_is_not_there_refuses_its_moves_alone() {
        let report = decide_each(&board(2), vec![to(1, "nowhere"), to(2, "done")]);
        assert_eq!(report.refused, [(id(1), Reject::NoSuchStatus("nowhere".into()))]);
        assert_eq!(report.done, [id(2)]);
    }
}
