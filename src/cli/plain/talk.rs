//! The conversation itself: what is typed becomes a deed, what is told becomes news. Knows the board and what was done, and
//! does nothing itself. Pure.

use std::fmt::Write as _;
use std::sync::Arc;

use super::line::{head, pieces};
use super::news::{News, differs, of_health};
use super::words;
use crate::config::Settings;
use crate::config::new_cards::Coming;
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId, Kind};
use crate::domain::command::{Change, Command, NewCard};
use crate::domain::fields::{PRIORITIES, SetDelta, contains};
use crate::domain::health::Health;
use crate::domain::history::VersionKind;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::query::{Facts, Query};
use crate::engine::Update;
use crate::support::clock::Timestamp;
use crate::support::text::one_line;

/// How many cards are listed at once.
const PAGE: usize = 20;
/// How many changes can be taken back.
const UNDO_MAX: usize = 200;

/// What is to be done about a line.
#[derive(Debug, PartialEq)]
pub(super) enum Deed {
    /// Only this is to be said.
    Say(String),
    /// A command, for the board and the platforms.
    Run(Command),
    /// A card is to be moved: a platform may have a say in it.
    Move {
        /// Which card.
        card: CardId,
        /// Into which column.
        to: Status,
        /// What a platform wants with it, as `FIELD=VALUE`.
        set: Vec<String>,
    },
    /// A card is to be read out.
    Open(CardId),
    /// Something is to be taken back, or done again.
    TakeBack {
        /// The changes that do it.
        changes: Vec<Change>,
        /// Which of the two.
        kind: VersionKind,
    },
    /// Sync one connection now, or all.
    Sync(Option<ConnectionName>),
    /// Tell how the connections are doing.
    State,
    /// Answer what a connection asks.
    Answer {
        /// Which connection.
        connection: ConnectionName,
        /// Which question.
        question: i64,
        /// Whether it shall go on.
        go: bool,
    },
    /// Read the conflicts out.
    Conflicts,
    /// Leave.
    Leave,
}

/// A comment that is being typed line by line.
#[derive(Debug)]
struct Comment {
    card: CardId,
    lines: Vec<String>,
}

/// The conversation.
#[derive(Debug)]
pub(super) struct Talk {
    settings: Arc<Settings>,
    board: Board,
    me: Vec<String>,
    health: Vec<Health>,
    filter: String,
    query: Query,
    /// The cards of the last list, in its order: a number is a place in it.
    listed: Vec<CardId>,
    /// How many of them were read out.
    shown: usize,
    comment: Option<Comment>,
    undo: Vec<Vec<Change>>,
    redo: Vec<Vec<Change>>,
    news: News,
    tokens: u64,
}

impl Talk {
    /// A conversation about a board.
    pub(super) fn new(settings: Arc<Settings>, board: Board, me: Vec<String>) -> Self {
        Self {
            settings,
            board,
            me,
            health: Vec::new(),
            filter: String::new(),
            query: Query::default(),
            listed: Vec::new(),
            shown: 0,
            comment: None,
            undo: Vec::new(),
            redo: Vec::new(),
            news: News::default(),
            tokens: 0,
        }
    }

    /// The board as it is known.
    pub(super) fn board(&self) -> &Board {
        &self.board
    }

    /// A number no other commit has.
    pub(super) fn token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    /// The first lines.
    pub(super) fn greeting(&self) -> String {
        let name = one_line(&self.settings.board_name);
        let (cards, columns) = (words::cards(self.board.len()), self.board.columns().len());
        format!("{name}: {cards} in {columns} columns. Type `help` for what can be done.\n{}", self.columns())
    }

    /// The last line: what is not sent yet is not lost.
    pub(super) fn farewell(&self) -> String {
        match self.health.iter().map(|h| h.unsent).sum::<u32>() {
            0 => "Left.\n".to_owned(),
            1 => {
                "Left. 1 change is not sent yet; it is kept, and sent when Corkboard runs again.\n".to_owned()
            }
            n => format!(
                "Left. {n} changes are not sent yet; they are kept, and sent when Corkboard runs again.\n"
            ),
        }
    }

    /// What stands before the next line: what happened meanwhile, and that a word is waited for. Nothing while a comment is
    /// typed.
    pub(super) fn prompt(&mut self) -> String {
        if self.comment.is_some() { String::new() } else { format!("{}> ", self.news.take()) }
    }

    /// A card as the store has it, after a change of one's own.
    pub(super) fn known(&mut self, card: Card) {
        self.board.upsert(card);
    }

    /// Understands a line.
    pub(super) fn heard(&mut self, line: &str, now: Timestamp) -> Deed {
        if let Some(comment) = &mut self.comment {
            if line != "." {
                comment.lines.push(line.to_owned());
                return Deed::Say(String::new());
            }
            return match self.comment.take() {
                Some(Comment { card, lines }) if lines.iter().any(|l| !l.trim().is_empty()) => {
                    Deed::Run(Command::Comment { card, body: lines.join("\n") })
                }
                _ => Deed::Say("Nothing was typed: no comment.\n".to_owned()),
            };
        }
        self.understood(line, now).unwrap_or_else(|why| Deed::Say(format!("{why}\n")))
    }

    fn understood(&mut self, line: &str, now: Timestamp) -> Result<Deed, String> {
        let (word, rest) = head(line);
        if is_card(&word) && rest.is_empty() {
            return Ok(Deed::Open(self.card(&word)?));
        }
        match word.as_str() {
            "" | "news" => Ok(Deed::Say(String::new())),
            "help" | "h" | "?" => Ok(Deed::Say(words::help())),
            "quit" | "q" | "exit" => Ok(Deed::Leave),
            "columns" => Ok(Deed::Say(self.columns())),
            "list" | "l" => self.list(rest, now),
            "more" => Ok(Deed::Say(self.more())),
            "open" | "o" => Ok(Deed::Open(self.card(rest)?)),
            "filter" | "f" => self.filter(rest, now),
            "new" => self.new_card(rest, now),
            "undo" | "u" => self.back(VersionKind::Undo),
            "redo" => self.back(VersionKind::Redo),
            "sync" => self.sync(rest),
            "state" | "s" => Ok(Deed::State),
            "answer" => self.answer(rest),
            "conflicts" => Ok(Deed::Conflicts),
            "move" | "m" | "title" | "label" | "assign" | "milestone" | "comment" => {
                self.about_card(&word, rest)
            }
            other => Err(format!("I do not know `{}`. Type `help` for what can be done.", one_line(other))),
        }
    }

    fn about_card(&mut self, word: &str, rest: &str) -> Result<Deed, String> {
        let (name, rest) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        let (card, rest) = (self.card(name)?, rest.trim());
        let delta = || -> Result<SetDelta, String> {
            let mut delta = SetDelta::default();
            for piece in pieces(rest) {
                match piece.strip_prefix('-') {
                    Some(name) => delta.remove.insert(name.to_owned()),
                    None => delta.add.insert(piece.strip_prefix('+').unwrap_or(&piece).to_owned()),
                };
            }
            if delta.is_empty() {
                Err(format!("Say what, such as: {word} {name} +one -other"))
            } else {
                Ok(delta)
            }
        };
        Ok(match word {
            "move" | "m" => {
                let (set, column): (Vec<String>, Vec<String>) =
                    pieces(rest).into_iter().partition(|piece| piece.contains('='));
                Deed::Move { card, to: self.column(&column.join(" "))?, set }
            }
            "label" => Deed::Run(Command::Label { card, delta: delta()? }),
            "assign" => Deed::Run(Command::Assign { card, delta: delta()? }),
            "title" => Deed::Run(Command::Retitle { card, title: rest.to_owned() }),
            "milestone" => {
                let milestone = Some(rest.trim_matches('"').to_owned()).filter(|m| !m.is_empty());
                Deed::Run(Command::SetMilestone { card, milestone })
            }
            _ if rest.is_empty() => {
                self.comment = Some(Comment { card, lines: Vec::new() });
                Deed::Say("Type the comment; a line with only a full stop ends it.\n".to_owned())
            }
            _ => Deed::Run(Command::Comment { card, body: rest.to_owned() }),
        })
    }

    /// The card of a number of the last list, or of a key.
    fn card(&self, name: &str) -> Result<CardId, String> {
        if let Ok(number) = name.parse::<usize>() {
            let found = number.checked_sub(1).and_then(|n| self.listed.get(n)).copied();
            let found = found.filter(|id| self.board.card(*id).is_some());
            return found.ok_or_else(|| match self.listed.len() {
                0 => "There is no list yet: type `list` first.".to_owned(),
                n => format!("There is no card {number} in the last list, which has {n}."),
            });
        }
        let wanted = name.to_lowercase();
        if wanted.is_empty() {
            return Err("Say which card: a number of the last list, or a key such as core#12.".to_owned());
        }
        let named = |card: &&Card| {
            let key = card.key().to_lowercase();
            let on_link =
                card.links.iter().any(|l| card.id.key_on(&l.connection, l.number).to_lowercase() == wanted);
            key == wanted || on_link || card.id.short() == wanted
        };
        let found = self.board.cards().find(named).map(|card| card.id);
        found.ok_or_else(|| format!("There is no card `{}`.", one_line(name)))
    }

    /// A column by its number, title or status.
    fn column(&self, name: &str) -> Result<Status, String> {
        let name = name.trim().trim_matches('"');
        let numbered = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let wanted = name.to_lowercase();
        let titled = || {
            let fits = |(s, t): &(&Status, &str)| t.to_lowercase() == wanted || s.as_str() == wanted;
            self.board.columns().find(fits).map(|(s, _)| s)
        };
        let found = numbered.and_then(|n| self.board.status_at(n)).or_else(titled).cloned();
        found.ok_or_else(|| {
            let what = if name.is_empty() {
                "Say which column.".to_owned()
            } else {
                format!("There is no column `{}`.", one_line(name))
            };
            format!("{what}\n{}", self.columns().trim_end())
        })
    }

    fn columns(&self) -> String {
        let mut out = String::new();
        for (n, (status, title)) in self.board.columns().enumerate() {
            let cards = words::cards(self.board.count_in(status));
            let _ = writeln!(out, "Column {}: {}, {cards}.", n + 1, one_line(title));
        }
        out
    }

    /// The cards that fit, of one column or of all, in board order.
    fn fitting(&self, only: Option<&Status>, now: Timestamp) -> (Vec<CardId>, usize) {
        let closed = self.settings.closed_statuses();
        let facts = Facts {
            closed: &closed,
            me: &self.me,
            columns: &self.settings.columns,
            priorities: &PRIORITIES,
            now,
            today: now.local_day(),
        };
        let statuses = self.board.columns().map(|(s, _)| s).filter(|s| only.is_none_or(|o| o == *s));
        let all: Vec<&Card> =
            statuses.flat_map(|s| self.board.ids_in(s)).filter_map(|id| self.board.card(id)).collect();
        let total = all.len();
        let mut fit: Vec<&Card> = all.into_iter().filter(|c| self.query.matches_alone(c, &facts)).collect();
        if let Some(sort) = self.query.sort() {
            fit.sort_by(|a, b| sort.compare(a, b, &facts));
        }
        (fit.into_iter().map(|c| c.id).collect(), total)
    }

    fn list(&mut self, column: &str, now: Timestamp) -> Result<Deed, String> {
        let only = if column.is_empty() { None } else { Some(self.column(column)?) };
        let (fit, total) = self.fitting(only.as_ref(), now);
        let of = if self.filter.is_empty() {
            String::new()
        } else {
            format!(" of {total}, filtered by {}", one_line(&self.filter))
        };
        let place = only.map(|s| format!(" in {}", one_line(self.board.title_of(&s)))).unwrap_or_default();
        let head = format!("{}{place}{of}.\n", words::cards(fit.len()));
        (self.listed, self.shown) = (fit, 0);
        Ok(Deed::Say(if self.listed.is_empty() { head } else { format!("{head}{}", self.more()) }))
    }

    fn more(&mut self) -> String {
        let from = self.shown;
        let page = self.listed.iter().enumerate().skip(from).take(PAGE);
        let mut out: String = page
            .filter_map(|(n, id)| {
                Some(format!("{}. {}\n", n + 1, words::card(&self.board, self.board.card(*id)?)))
            })
            .collect();
        self.shown = (from + PAGE).min(self.listed.len());
        match self.listed.len() - self.shown {
            0 if from == self.shown => out.push_str("That was all.\n"),
            0 => {}
            left => {
                let _ = writeln!(out, "{left} more: type `more`.");
            }
        }
        out
    }

    fn filter(&mut self, text: &str, now: Timestamp) -> Result<Deed, String> {
        let query = Query::parse(text);
        if let Some(mistake) = query.mistakes().first() {
            let part = text.get(mistake.at.clone()).unwrap_or_default();
            return Err(format!(
                "`{}` cannot be read: {}. The filter is as it was.",
                one_line(part),
                mistake.why
            ));
        }
        (self.query, self.filter) = (query, text.to_owned());
        if text.is_empty() {
            return Ok(Deed::Say(format!("No filter: all {}.\n", words::cards(self.board.len()))));
        }
        self.list("", now)
    }

    fn new_card(&self, rest: &str, now: Timestamp) -> Result<Deed, String> {
        let (column, title) = match rest.strip_prefix('@') {
            Some(rest) => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            None => ("1", rest),
        };
        let (status, title) = (self.column(column)?, title.trim());
        if title.is_empty() {
            return Err("Say what it is called, such as: new Retry on 502".to_owned());
        }
        let none = std::collections::BTreeSet::new();
        let coming = Coming { labels: &none, kind: Kind::Issue, status: &status };
        let first = || self.settings.connections.iter().find(|c| c.creates()).map(|c| c.name.clone());
        let chosen = self.settings.new_cards.chosen(coming).map(|chosen| chosen.connections.to_vec());
        let connections: Vec<ConnectionName> = chosen.unwrap_or_else(|| first().into_iter().collect());
        let linked = || self.settings.connections.iter().filter(|c| connections.contains(&c.name));
        let mut labels = none.clone();
        for label in linked().flat_map(|c| &c.default_labels) {
            if !contains(&labels, label) {
                labels.insert(label.clone());
            }
        }
        Ok(Deed::Run(Command::Create(NewCard {
            id: CardId::random(),
            kind: Kind::Issue,
            title: title.to_owned(),
            body: linked().find_map(|c| c.issue_template.clone()).unwrap_or_default(),
            status,
            labels,
            assignees: none.clone(),
            milestone: None,
            extra: std::collections::BTreeMap::new(),
            connections,
            at: now,
        })))
    }

    fn sync(&self, name: &str) -> Result<Deed, String> {
        if self.settings.connections.is_empty() {
            return Err("This board is local: there is no connection.".to_owned());
        }
        if name.is_empty() {
            return Ok(Deed::Sync(None));
        }
        self.connection(name).map(|name| Deed::Sync(Some(name)))
    }

    fn connection(&self, name: &str) -> Result<ConnectionName, String> {
        let names = || self.settings.connections.iter().map(|c| &c.name);
        let found = names().find(|n| n.as_str().eq_ignore_ascii_case(name)).cloned();
        found.ok_or_else(|| {
            let all: Vec<&str> = names().map(ConnectionName::as_str).collect();
            format!("There is no connection `{}`; there are: {}.", one_line(name), all.join(", "))
        })
    }

    fn answer(&self, rest: &str) -> Result<Deed, String> {
        let (name, answer) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let connection = self.connection(name)?;
        let asked = self.health.iter().find(|h| h.connection == connection).and_then(|h| h.question.as_ref());
        let Some(question) = asked else { return Err(format!("{connection} asks nothing.")) };
        let go = match answer.trim().to_lowercase().as_str() {
            "yes" | "y" => true,
            "no" | "n" => false,
            _ => return Err(format!("Type `answer {connection} yes` or `answer {connection} no`.")),
        };
        Ok(Deed::Answer { connection, question: question.id, go })
    }

    /// How every connection is doing.
    pub(super) fn state(&self, now: Timestamp) -> String {
        if self.health.is_empty() {
            return "This board is local: there is no connection.\n".to_owned();
        }
        self.health.iter().map(|h| words::health(h, now) + "\n").collect()
    }

    fn back(&mut self, kind: VersionKind) -> Result<Deed, String> {
        let (done, word) = match kind {
            VersionKind::Redo => (self.redo.last(), "do again"),
            _ => (self.undo.last(), "take back"),
        };
        let Some(done) = done else { return Err(format!("There is nothing to {word}.")) };
        let inverse: Option<Vec<Change>> = done.iter().rev().map(Change::inverse).collect();
        let Some(changes) = inverse else {
            self.undo.pop();
            return Err("The last change cannot be taken back: it is on its platform already.".to_owned());
        };
        Ok(Deed::TakeBack { changes, kind })
    }

    /// What was done is known, and can be taken back.
    pub(super) fn done(&mut self, changes: Vec<Change>) -> String {
        if changes.is_empty() {
            return "It is so already.\n".to_owned();
        }
        changes.iter().for_each(|change| self.board.apply(change));
        let out = self.told_of(&changes);
        self.redo.clear();
        self.undo.push(changes);
        if self.undo.len() > UNDO_MAX {
            self.undo.remove(0);
        }
        out
    }

    /// What was taken back or done again; `refused` is why the store did not.
    pub(super) fn taken_back(
        &mut self,
        changes: Vec<Change>,
        kind: VersionKind,
        refused: Option<String>,
    ) -> String {
        let (from, to) = match kind {
            VersionKind::Redo => (&mut self.redo, &mut self.undo),
            _ => (&mut self.undo, &mut self.redo),
        };
        from.pop();
        if let Some(why) = refused {
            return format!("Nothing is changed: {}.\n", one_line(&why));
        }
        to.push(changes.clone());
        changes.iter().for_each(|change| self.board.apply(change));
        let word = if kind == VersionKind::Redo { "Done again" } else { "Taken back" };
        format!("{word}. {}", self.told_of(&changes))
    }

    fn told_of(&self, changes: &[Change]) -> String {
        let seen = changes.iter().filter(|c| !matches!(c, Change::Answered { .. }));
        seen.map(|change| words::change(&self.board, change) + "\n").collect()
    }

    /// Takes what the engine tells.
    pub(super) fn told(&mut self, update: Update) {
        match update {
            Update::Cards(cards) => cards.into_iter().for_each(|card| {
                // Told before an edit made here, and heard after it.
                if self.board.card(card.id).is_some_and(|known| card.revision < known.revision) {
                    return;
                }
                let told = differs(&self.board, self.board.card(card.id), &card);
                self.board.upsert(card);
                told.into_iter().for_each(|line| self.news.add(line));
            }),
            Update::Removed(ids) => ids.into_iter().for_each(|id| {
                if let Some(card) = self.board.remove(id) {
                    self.news.add(format!("{} {} left the board.", card.key(), one_line(&card.title)));
                }
            }),
            Update::RolledBack { card, reason } => {
                let line = format!(
                    "{} is back in {}: {}.",
                    card.key(),
                    words::column(&self.board, &card),
                    one_line(&reason)
                );
                self.news.add(line);
                self.board.upsert(*card);
            }
            Update::Notice(words)
            | Update::SaveFailed { reason: words }
            | Update::NotKept { reason: words } => {
                self.news.add(format!("{}.", one_line(&words).trim_end_matches('.')));
            }
            Update::Settings(settings) => {
                self.board.set_columns(settings.columns.iter().cloned());
                self.settings = settings;
            }
            Update::Asked { card, waiting } if !waiting.is_empty() => {
                let key = self.board.card(card).map_or_else(|| card.short(), Card::key);
                self.news.add(format!(
                    "{key}: a platform asks for more before it moves; `corkboard card move {key} COLUMN --set FIELD=VALUE` gives it."
                ));
            }
            _ => {}
        }
    }

    /// Takes the connections' health.
    pub(super) fn health(&mut self, health: Vec<Health>) {
        for now in &health {
            let before = self.health.iter().find(|h| h.connection == now.connection);
            if let Some(line) = of_health(before, now) {
                self.news.add(line);
            }
        }
        for login in health.iter().filter_map(|h| h.login.as_ref()) {
            if !self.me.contains(login) {
                self.me.push(login.clone());
            }
        }
        self.health = health;
    }
}

/// Whether a word can only mean a card: a number, or a key.
fn is_card(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number(word) || word.rsplit_once('#').is_some_and(|(_, n)| number(n))
}

#[cfg(test)]
mod tests;
