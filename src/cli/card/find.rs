//! From what a person typed to a card: `core#12`, `#12` on a board with one connection, or the beginning of an id.

use crate::cli::error::CliError;
use crate::cli::session::Session;
use crate::domain::card::{Card, CardId};
use crate::support::text::{clip, one_line};

/// How many candidates are named when a prefix is ambiguous.
const CANDIDATES: usize = 8;

/// What can name a card.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    /// On a connection, or on the only one.
    Number(Option<String>, u64),
    /// The beginning of its id, without hyphens and in small letters.
    Prefix(String),
}

fn read(given: &str) -> Option<Name> {
    if let Some((connection, number)) = given.rsplit_once('#') {
        let connection = Some(connection.to_owned()).filter(|c| !c.is_empty());
        return number.parse().ok().map(|n| Name::Number(connection, n));
    }
    let prefix = given.replace('-', "").to_lowercase();
    let good = !prefix.is_empty() && prefix.len() <= 32 && prefix.chars().all(|c| c.is_ascii_hexdigit());
    good.then_some(Name::Prefix(prefix))
}

/// The card on the board that `given` names.
pub(in crate::cli) fn card(session: &Session, given: &str) -> Result<CardId, CliError> {
    let found = any(session, given)?;
    // Asked of the board, which does not hold cards that were taken off it.
    let board = session.wait(session.engine.board())?;
    if board.card(found).is_some() { Ok(found) } else { Err(gone(given)) }
}

/// The card that `given` names, on the board or taken off it.
pub(in crate::cli) fn any(session: &Session, given: &str) -> Result<CardId, CliError> {
    match read(given) {
        None => Err(CliError::usage(format!("`{}` does not name a card", one_line(given)))
            .help("write `core#12`, or the beginning of an id as `corkboard card list` shows it")),
        Some(Name::Number(connection, number)) => by_number(session, given, connection, number),
        Some(Name::Prefix(prefix)) => by_prefix(session, given, prefix),
    }
}

fn by_number(
    session: &Session,
    given: &str,
    connection: Option<String>,
    number: u64,
) -> Result<CardId, CliError> {
    let settings = session.settings();
    let names: Vec<&str> = settings.connections.iter().map(|c| c.name.as_str()).collect();
    let connection = match (connection, &names[..]) {
        (Some(name), _) => names
            .iter()
            .find(|n| n.eq_ignore_ascii_case(&name))
            .map(|n| (*n).to_owned())
            .ok_or_else(|| CliError::usage(format!("there is no connection `{}`", one_line(&name)))),
        (None, [only]) => Ok((*only).to_owned()),
        (None, _) => Err(CliError::usage(format!("`{given}` does not say on which connection"))),
    }
    .map_err(|error| {
        error.help(format!(
            "the config has {}",
            if names.is_empty() { "none".into() } else { names.join(", ") }
        ))
    })?;
    let found = session.wait(session.engine.store().run(move |db| {
        let Some(id) = db.card_by_number(&connection, number)? else { return Ok(None) };
        db.card(id)
    }))?;
    found.map(|c| c.id).ok_or_else(|| gone(given))
}

fn by_prefix(session: &Session, given: &str, prefix: String) -> Result<CardId, CliError> {
    let ids =
        session.wait(session.engine.store().run(move |db| db.ids_with_prefix(&prefix, CANDIDATES + 1)))?;
    match ids[..] {
        [] => Err(gone(given)),
        [only] => Ok(only),
        _ => Err(ambiguous(session, given, &ids)),
    }
}

/// Several cards begin so: says which.
fn ambiguous(session: &Session, given: &str, ids: &[CardId]) -> CliError {
    let wanted = ids.to_vec();
    let cards = session
        .wait(
            session
                .engine
                .store()
                .run(move |db| wanted.iter().map(|id| db.card(*id)).collect::<Result<Vec<_>, _>>()),
        )
        .unwrap_or_default();
    let mut words: Vec<String> = cards.iter().flatten().take(CANDIDATES).map(|c| candidate(c, ids)).collect();
    if ids.len() > CANDIDATES {
        words.push("..".to_owned());
    }
    CliError::usage(format!("`{given}` is the beginning of several cards"))
        .help(format!("type more: {}", words.join("; ")))
}

/// A candidate by as much of its id as tells it from the others.
fn candidate(card: &Card, all: &[CardId]) -> String {
    let id = card.id.to_string();
    let unique = (8..=id.len())
        .find(|n| all.iter().filter(|o| o.to_string().starts_with(&id[..*n])).count() == 1)
        .unwrap_or(id.len());
    format!("{} \"{}\"", &id[..unique], clip(&one_line(&card.title), 40))
}

/// There is no such card.
pub(in crate::cli) fn gone(given: &str) -> CliError {
    CliError::failed(format!("there is no card `{}`", one_line(given)))
        .help("`corkboard card list` shows the cards; `corkboard sync --once` fetches what is new")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_named_by_number_or_by_the_beginning_of_its_id() {
        let number = |c: &str, n| Some(Name::Number(Some(c.to_owned()), n));
        for (given, wanted) in [
            ("core#12", number("core", 12)),
            ("#12", Some(Name::Number(None, 12))),
            ("ABcd-12", Some(Name::Prefix("abcd12".into()))),
            ("", None),
            ("core#", None),
            ("core#x", None),
            ("hello", None),
        ] {
            assert_eq!(read(given), wanted, "{given}");
        }
    }
}
