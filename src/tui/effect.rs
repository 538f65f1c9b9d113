//! Requests that leave `update`: plain data. Who carries them out is the loop's business.

use super::ink::CodeBlock;
use crate::config::{Choice, MappingDraft};
use crate::domain::audit::AuditFilter;
use crate::domain::card::CardId;
use crate::domain::command::Change;
use crate::domain::conflict::Decision;
use crate::domain::history::VersionKind;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::FieldRule;
use crate::domain::moves::Given;
use crate::domain::remote::Beyond;
use crate::engine::LinkAsk;

/// A request that leaves `update`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Effect {
    /// Store these changes, already applied on the screen. The answer carries the token.
    Commit {
        /// The front end's own number.
        token: u64,
        /// How it came about: an edit, or something taken back or brought back.
        kind: VersionKind,
        /// What was decided.
        changes: Vec<Change>,
    },
    /// Ask the platforms where these cards can go.
    FetchMoves(Vec<CardId>),
    /// Read what is asked about a card's move that waits.
    FetchAsked(CardId),
    /// Give what is asked about a card's move that waits.
    AnswerMove {
        /// Which card.
        card: CardId,
        /// What is given on each connection that asks.
        answers: Vec<(ConnectionName, Given)>,
    },
    /// Read one card in full, with its comments.
    OpenCard(CardId),
    /// Look for these texts in bodies and comments. The answer carries the token.
    Search {
        /// The front end's own number.
        token: u64,
        /// The texts.
        texts: Vec<String>,
    },
    /// Read one card as the store has it; its platform is asked only for comments that were never read.
    Glance(CardId),
    /// Find out what the parts of these pieces of code are. The answer is `Event::Inked`.
    Ink(Vec<CodeBlock>),
    /// Sync one connection now, or all.
    SyncNow(Option<ConnectionName>),
    /// Hold a connection.
    Pause(ConnectionName),
    /// Let a connection go on.
    Resume(ConnectionName),
    /// Try a connection now that waits or failed.
    Retry(ConnectionName),
    /// Ask a platform what it offers.
    FetchOffers(ConnectionName),
    /// Ask which cards a mapping would move. The answer carries the token.
    PreviewMapping {
        /// The front end's own number.
        token: u64,
        /// The mapping as it would be.
        draft: MappingDraft,
    },
    /// Save a mapping to the config, its comments kept.
    SaveMapping(MappingDraft),
    /// Read cards as the field rules of a connection see them.
    TryCards {
        /// Which connection.
        connection: ConnectionName,
        /// Which cards.
        cards: Vec<CardId>,
    },
    /// Save the field rules of these connections to the config, its comments kept.
    SaveFields(Vec<(ConnectionName, Vec<FieldRule>)>),
    /// Keep under a name how a person left the board; it is found again in [`State::remembered`](super::state::State).
    Remember(&'static str, String),
    /// Keep what was chosen in the config.
    Keep(Choice),
    /// Take up what was set aside of these cards.
    RetryCards(Vec<(ConnectionName, CardId)>),
    /// Do something about a card's links.
    Links(LinkAsk),
    /// Read the conflicts.
    ListConflicts,
    /// Decide open conflicts.
    Resolve(Vec<Decision>),
    /// Read a page of the audit log. The answer carries the token.
    ListActivity {
        /// The front end's own number.
        token: u64,
        /// Which rows.
        filter: AuditFilter,
        /// Only those before this row.
        before: Option<i64>,
    },
    /// Answer what a connection asks.
    Answer {
        /// Which connection.
        connection: ConnectionName,
        /// Which question.
        question: i64,
        /// Whether it shall go on.
        go: bool,
    },
    /// Ask what saving a body would lose on the card's platforms.
    CheckBody {
        /// Which card.
        card: CardId,
        /// The body as it would be.
        body: String,
    },
    /// Edit a text in the person's own editor.
    Edit {
        /// The text it starts with.
        text: String,
        /// What it is for.
        purpose: Purpose,
    },
    /// Show a web address: in a browser, or on the clipboard where there is none.
    OpenUrl(String),
    /// Put a text on the clipboard.
    Copy(String),
    /// Take or release the mouse.
    SetMouse(bool),
    /// Stop, as the shell's job control asks.
    Suspend,
    /// Forget what the terminal is thought to show and draw all of it.
    Redraw,
    /// Leave.
    Quit,
    /// Leave, and go on with what needs the terminal to itself.
    LeaveFor(Next),
}

/// What comes after the board was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Connect the repository of the folder.
    Connect,
    /// Try the demo.
    Demo,
}

/// What a text is typed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A card's title.
    Title(CardId),
    /// A card's body; what it was when the edit began.
    Body {
        /// Which card.
        card: CardId,
        /// The body before.
        before: String,
        /// What the card's items hold beyond Markdown.
        beyond: Vec<Beyond>,
    },
    /// A comment on a card.
    Comment(CardId),
    /// The same comment on each of several cards; never none.
    CommentAll(Vec<CardId>),
}

impl Purpose {
    /// The card it is about.
    pub fn card(&self) -> CardId {
        match self {
            Self::Title(card) | Self::Comment(card) | Self::Body { card, .. } => *card,
            Self::CommentAll(cards) => cards.first().copied().unwrap_or(CardId(uuid::Uuid::nil())),
        }
    }

    /// Whether one line is all it may have.
    pub fn one_line(&self) -> bool {
        matches!(self, Self::Title(_))
    }
}
