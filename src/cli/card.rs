//! `corkboard card ..`: the cards without the board. Every change is a [`Command`], as on the board.

mod create;
mod fields;
pub(super) mod find;
mod history;
mod link;
pub(super) mod moving;
pub(super) mod show;

use std::fmt::Write as _;
use std::io::Read as _;

use super::args::{Args, CardCommand, CommentArgs, EditArgs, ListArgs, ShowArgs};
use super::error::CliError;
use super::session::Session;
use super::{Ended, output};
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::command::{BODY_MAX, Command, decide};
use crate::domain::fields::{PRIORITIES, SetDelta, contains};
use crate::domain::link::SyncStatus;
use crate::domain::mapping::Status;
use crate::domain::query::{Facts, Query};
use crate::support::text::one_line;

pub(super) fn run(command: &CardCommand, args: &Args) -> Result<Ended, CliError> {
    let session = Session::open(args)?;
    let done = match command {
        CardCommand::List(list) => self::list(&session, list),
        CardCommand::Show(show) => self::show(&session, show),
        CardCommand::Create(args) => create::create(&session, args),
        CardCommand::Edit(edit) => self::edit(&session, edit),
        CardCommand::Move(to) => moving::put(&session, to),
        CardCommand::Comment(comment) => self::comment(&session, comment),
        CardCommand::History(args) => history::list(&session, args),
        CardCommand::Restore(args) => history::restore(&session, args),
        CardCommand::Link(args) => link::link(&session, args),
        CardCommand::Unlink(args) => link::unlink(&session, args),
        CardCommand::Twins(args) => link::twins(&session, args),
    };
    session.close();
    done.map(|()| Ended::Well)
}

fn list(session: &Session, list: &ListArgs) -> Result<(), CliError> {
    let board = session.wait(session.engine.board())?;
    let only = list.status.as_deref().map(|s| status_named(&board, s)).transpose()?;
    let settings = session.settings();
    let asked = Query::parse(list.query.as_deref().unwrap_or_default());
    if let Some(mistake) = asked.mistakes().first() {
        let part = list.query.as_deref().and_then(|q| q.get(mistake.at.clone())).unwrap_or_default();
        return Err(CliError::usage(format!("`{part}` cannot be read: {}", mistake.why))
            .help("docs/query.md has every word a query knows"));
    }
    let closed = settings.closed_statuses();
    let me: Vec<String> = session.engine.health().borrow().iter().filter_map(|h| h.login.clone()).collect();
    let now = session.engine.clock().now();
    let facts = Facts {
        closed: &closed,
        me: &me,
        columns: &settings.columns,
        priorities: &PRIORITIES,
        now,
        today: now.local_day(),
    };
    let texts: Vec<String> = asked.texts().map(str::to_owned).collect();
    let found = session.wait(session.engine.look_for(texts))?;
    let wanted = |card: &&Card| {
        asked.matches(card, |n| found.get(n).is_some_and(|f| f.contains(&card.id)), &facts)
            && list.label.iter().all(|l| contains(&card.labels, l))
            && list.assignee.as_ref().is_none_or(|a| contains(&card.assignees, a))
    };
    let columns: Vec<Status> = board
        .columns()
        .map(|(s, _)| s.clone())
        .chain(board.stranded().into_iter().map(|(s, _)| s.clone()))
        .filter(|s| only.as_ref().is_none_or(|o| o == s))
        .collect();
    let mut cards: Vec<&Card> =
        columns.iter().flat_map(|s| board.ids_in(s)).filter_map(|id| board.card(id)).filter(wanted).collect();
    if let Some(sort) = asked.sort() {
        cards.sort_by(|a, b| sort.compare(a, b, &facts));
    }
    if !list.json {
        return output::print(&show::table(&board, &cards));
    }
    let (bodies, remote_ids) =
        session.wait(session.engine.store().run(|db| Ok((db.bodies()?, db.remote_ids()?))))?;
    let settings = session.settings();
    let rows: Vec<show::CardJson> = cards
        .iter()
        .map(|card| {
            let body = bodies.get(&card.id).map(String::as_str).unwrap_or_default();
            show::json(&board, &settings, card, body, &remote_ids)
        })
        .collect();
    output::print_json(&rows)
}

fn show(session: &Session, show: &ShowArgs) -> Result<(), CliError> {
    let id = find::card(session, &show.id)?;
    let board = session.wait(session.engine.board())?;
    let detail = session.wait(session.engine.card_detail(id))?.ok_or_else(|| find::gone(&show.id))?;
    if show.json {
        let remote_ids = session.wait(session.engine.store().run(|db| db.remote_ids()))?;
        return output::print_json(&show::detail_json(&board, &session.settings(), &detail, &remote_ids));
    }
    output::print(&show::page(&board, &detail))
}

fn edit(session: &Session, edit: &EditArgs) -> Result<(), CliError> {
    let id = find::card(session, &edit.id)?;
    let board = session.wait(session.engine.board())?;
    let mut commands = Vec::new();
    if let Some(title) = &edit.title {
        commands.push(Command::Retitle { card: id, title: title.clone() });
    }
    if edit.body.is_some() || edit.yes {
        commands.extend(rewrite(session, id, edit)?);
    }
    let delta = |add: &[String], remove: &[String]| SetDelta {
        add: add.iter().cloned().collect(),
        remove: remove.iter().cloned().collect(),
    };
    let labels = delta(&edit.add_label, &edit.remove_label);
    if !labels.is_empty() {
        commands.push(Command::Label { card: id, delta: labels });
    }
    let assignees = delta(&edit.assignee, &edit.remove_assignee);
    if !assignees.is_empty() {
        commands.push(Command::Assign { card: id, delta: assignees });
    }
    if let Some(milestone) = &edit.milestone {
        let milestone = Some(milestone.clone()).filter(|m| !m.trim().is_empty());
        commands.push(Command::SetMilestone { card: id, milestone });
    }
    let set = fields::given(&edit.set)?.into_iter();
    commands.extend(set.map(|(field, value)| Command::SetField { card: id, field, value }));
    let changed = carry_out(session, &board, commands)?;
    after(session, id, if changed { "changed" } else { "is so already" }, edit.json)
}

/// The new body, and the agreement to what it loses where a platform holds more than Markdown can say. Without the
/// agreement nothing is changed.
fn rewrite(session: &Session, id: CardId, edit: &EditArgs) -> Result<Vec<Command>, CliError> {
    let before = session.wait(session.engine.store().run(move |db| db.body(id)))?;
    let after = edit.body.as_deref().map_or_else(|| Ok(before.clone()), text_of)?;
    let losses = session.wait(session.engine.body_losses(id, &after))?;
    if !losses.is_empty() && !edit.yes {
        let mut words =
            "the new body has no words for what stands in its place now, and would lose:\n".to_owned();
        for lost in losses.iter().flat_map(|l| l.things.iter().map(move |thing| (&l.connection, thing))) {
            let _ = writeln!(words, "  on {}: {}", lost.0, one_line(lost.1));
        }
        return Err(CliError::usage(words.trim_end().to_owned()).help(
            "nothing was changed; keep the `adf:` links of what is named, or say --yes to lose it (the card's \
             history keeps what was there)",
        ));
    }
    Ok(vec![Command::Rewrite { card: id, before, after }, Command::Agree { card: id, losses }])
}

fn comment(session: &Session, comment: &CommentArgs) -> Result<(), CliError> {
    let id = find::card(session, &comment.id)?;
    let board = session.wait(session.engine.board())?;
    carry_out(session, &board, vec![Command::Comment { card: id, body: text_of(&comment.body)? }])?;
    after(session, id, "comment added", comment.json)
}

/// Carries commands out one after another, once all of them are known to be possible. Returns whether anything
/// changed.
fn carry_out(session: &Session, board: &Board, commands: Vec<Command>) -> Result<bool, CliError> {
    let mut trial = board.clone();
    for command in &commands {
        let changes =
            decide(&trial, command.clone()).map_err(|reject| CliError::failed(reject.to_string()))?;
        changes.iter().for_each(|c| trial.apply(c));
    }
    let mut changed = false;
    for command in commands {
        changed |= !session.wait(session.engine.carry_out(command))?.is_empty();
    }
    Ok(changed)
}

/// Tells what became of a card.
fn after(session: &Session, id: CardId, words: &str, json: bool) -> Result<(), CliError> {
    let board = session.wait(session.engine.board())?;
    let card = board.card(id).ok_or_else(|| find::gone(&id.short()))?;
    if json {
        let (body, remote_ids) =
            session.wait(session.engine.store().run(move |db| Ok((db.body(id)?, db.remote_ids()?))))?;
        return output::print_json(&show::json(&board, &session.settings(), card, &body, &remote_ids));
    }
    let mut out = format!("{} {words}: {}\n", card.key(), one_line(&card.title));
    for link in card.links.iter().filter(|l| l.sync != SyncStatus::Synced || l.note.is_some()) {
        let note = link.note.as_deref().map(|n| format!(" ({})", one_line(n))).unwrap_or_default();
        let at = &link.connection;
        let _ = match link.sync {
            SyncStatus::Pending => {
                writeln!(out, "not yet on {at}: an open board or `corkboard sync --once` sends it{note}")
            }
            other => writeln!(out, "{} on {at}{note}", other.as_str()),
        };
    }
    output::print(&out)
}

/// A status by its name, or by its column's title in any case.
pub(super) fn status_named(board: &Board, name: &str) -> Result<Status, CliError> {
    let exact = board.columns().find(|(s, _)| s.as_str() == name);
    let titled = || board.columns().find(|(_, t)| t.to_lowercase() == name.to_lowercase());
    exact.or_else(titled).map(|(s, _)| s.clone()).ok_or_else(|| {
        let known: Vec<&str> = board.columns().map(|(s, _)| s.as_str()).collect();
        CliError::usage(format!("the board has no status `{name}`"))
            .help(format!("it has {}", known.join(", ")))
    })
}

/// A text given on the command line; `-` is standard input.
pub(super) fn text_of(given: &str) -> Result<String, CliError> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut text = String::new();
    // A little more than a platform takes, so that too long a text is refused as such.
    let most = BODY_MAX as u64 * 4 + 4;
    std::io::stdin()
        .lock()
        .take(most)
        .read_to_string(&mut text)
        .map_err(|error| CliError::failed("cannot read the text from standard input").because(error))?;
    Ok(text)
}
