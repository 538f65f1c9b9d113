//! What the engine tells a front end. Facts only: whatever is missed is read again from the store.

use std::collections::HashSet;
use std::sync::Arc;

use crate::config::Settings;
use crate::connector::{Comment, Offers};
use crate::domain::audit::AuditRow;
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::conflict::Conflict;
use crate::domain::history::Version;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::moves::{Waiting, Ways};
use crate::domain::remote::Beyond;

/// A fact for a front end.
#[derive(Debug, Clone)]
pub enum Update {
    /// The whole board, read after the first paint. Changes still on their way to the store are not in it.
    Loaded(Box<Board>),
    /// These cards changed (by sync, by another process, or their links' marks did).
    Cards(Vec<Card>),
    /// These cards left the board.
    Removed(Vec<CardId>),
    /// The changes handed over with this token are in the store.
    Committed {
        /// The front end's own number.
        token: u64,
    },
    /// The changes handed over with this token could not be stored; the card as it is in the store follows.
    Refused {
        /// The front end's own number.
        token: u64,
        /// Why, for a person.
        reason: String,
    },
    /// A platform refused a move: the card is back where it was.
    RolledBack {
        /// Which card, as it is now.
        card: Box<Card>,
        /// The server's words.
        reason: String,
    },
    /// Where a card can go on its connections with a workflow, as far as they told.
    Moves {
        /// Which card.
        card: CardId,
        /// The status it had when that was asked.
        status: Status,
        /// From there.
        ways: Vec<Ways>,
    },
    /// What is asked about a card's move, one entry for each connection.
    Asked {
        /// Which card.
        card: CardId,
        /// What waits; empty when nothing does any more.
        waiting: Vec<Waiting>,
    },
    /// The card that was asked for.
    Opened(Box<CardDetail>),
    /// A card's comments arrived, or could not be had.
    Comments {
        /// Which card.
        card: CardId,
        /// The comments.
        comments: Comments,
    },
    /// What saving a body would lose on the card's platforms.
    BodyChecked {
        /// Which card.
        card: CardId,
        /// The body that was asked about.
        body: String,
        /// What would be lost, link by link; or why that cannot be told.
        losses: Result<Vec<Beyond>, String>,
    },
    /// What a platform offers.
    Offers {
        /// Which connection.
        connection: ConnectionName,
        /// The offers, or why there are none.
        offers: Result<Offers, String>,
    },
    /// Which cards hold texts in their bodies or comments.
    Found {
        /// The front end's own number; an older answer is stale.
        token: u64,
        /// The cards, text by text, or why they could not be looked for.
        found: Result<Vec<HashSet<CardId>>, String>,
    },
    /// What came of a [`super::LinkAsk`].
    Links(Box<super::LinkTold>),
    /// The conflicts that wait for a person, oldest first, then those decided last.
    Conflicts(Vec<Conflict>),
    /// A page of the audit log, newest first.
    Activity {
        /// The front end's own number; an older answer is stale.
        token: u64,
        /// The rows.
        rows: Vec<AuditRow>,
        /// Whether there are older ones.
        more: bool,
    },
    /// What a mapping would change.
    Preview(Box<MappingPreview>),
    /// Cards as the field rules of a connection see them, for trying rules on.
    RuleCards {
        /// Which connection.
        connection: ConnectionName,
        /// The cards that were asked for, as far as they are there.
        cards: Vec<super::mapping::RuleCard>,
    },
    /// The settings changed (mapping saved here or elsewhere).
    Settings(Arc<Settings>),
    /// A mapping could not be saved.
    SaveFailed {
        /// Why, for a person.
        reason: String,
    },
    /// What was chosen could not be kept, and why.
    NotKept {
        /// Why not, for a person.
        reason: String,
    },
    /// Something a person should know.
    Notice(String),
}

/// A card opened for reading.
#[derive(Debug, Clone)]
pub struct CardDetail {
    /// The card.
    pub card: Card,
    /// Its Markdown body.
    pub body: String,
    /// Its comments.
    pub comments: Comments,
    /// Comments made here that are not on every platform yet.
    pub unsent_comments: Vec<String>,
    /// Conflicts that wait for a decision, or that a policy decided: the loser is here.
    pub conflicts: Vec<Conflict>,
    /// Its versions, newest first.
    pub history: Vec<Version>,
    /// Who made the remote item.
    pub author: Option<String>,
    /// What its items hold beyond Markdown, where an edit of the body would be written.
    pub beyond: Vec<Beyond>,
}

/// The state of a card's comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comments {
    /// The card is on no platform.
    None,
    /// Being fetched.
    Loading,
    /// Here they are, oldest first.
    Ready(Vec<Comment>),
    /// They could not be had, and why.
    Failed(String),
}

/// What a mapping would change, and what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MappingPreview {
    /// The number the front end gave when it asked; an older answer is stale.
    pub token: u64,
    /// Cards that would stand in another column: which, from where, to where.
    pub moves: Vec<(CardId, Status, Status)>,
    /// Platform states no status stands for: connection, the state in words, how many cards it strands.
    pub unmapped: Vec<(ConnectionName, String, usize)>,
}
