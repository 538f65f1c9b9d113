//! `corkboard card link` and `card unlink`: one card on several platforms.

use std::fmt::Write as _;

use super::find;
use crate::cli::args::{LinkArgs, UnlinkArgs};
use crate::cli::error::CliError;
use crate::cli::session::Session;
use crate::domain::card::CardId;
use crate::domain::fields::{Field, Fields, Value};
use crate::domain::link::ConnectionName;
use crate::support::text::{clip, one_line};

/// How much of a value is shown, in characters.
const SHOWN: usize = 60;

pub(super) fn link(session: &Session, link: &LinkArgs) -> Result<(), CliError> {
    let hub = find::card(session, &link.id)?;
    if !link.to.contains('#') {
        let connection = named(session, &link.to)?;
        session.wait(session.engine.add_link(hub, &connection))?;
        return super::after(session, hub, &format!("linked to {connection}"), link.json);
    }
    let other = find::card(session, &link.to)?;
    let replaced = differences(session, hub, other)?;
    if !replaced.is_empty() && !link.yes {
        let mut words = format!("`{}` differs, and would become as `{}` is:\n", link.to, link.id);
        for (field, here, there) in &replaced {
            let shown = |value: &Value| clip(&one_line(&value.to_string()), SHOWN);
            let _ = writeln!(words, "  {field}: {} -> {}", shown(there), shown(here));
        }
        return Err(CliError::usage(words.trim_end().to_owned())
            .help("say --yes to go on; what is replaced is kept in the card's history"));
    }
    session.wait(session.engine.join(hub, other))?;
    super::after(session, hub, &format!("linked to {}", link.to), link.json)
}

pub(super) fn unlink(session: &Session, unlink: &UnlinkArgs) -> Result<(), CliError> {
    let card = find::card(session, &unlink.id)?;
    let connection = named(session, &unlink.from)?;
    let own = session.wait(session.engine.part(card, &connection))?;
    let words = match own {
        Some(own) => format!("unlinked from {connection}, where it goes on as card {}", own.short()),
        None => format!("unlinked from {connection}"),
    };
    super::after(session, card, &words, unlink.json)
}

fn named(session: &Session, name: &str) -> Result<ConnectionName, CliError> {
    let settings = session.settings();
    let found = settings.connections.iter().find(|c| c.name.as_str().eq_ignore_ascii_case(name));
    found.map(|c| c.name.clone()).ok_or_else(|| {
        CliError::usage(format!("there is no connection `{}`", one_line(name)))
            .help(super::known_connections(&settings))
    })
}

/// The fields with one value in which two cards differ: the field, the first card's value, the second one's.
fn differences(
    session: &Session,
    hub: CardId,
    other: CardId,
) -> Result<Vec<(Field, Value, Value)>, CliError> {
    let board = session.wait(session.engine.board())?;
    let fields = |id: CardId| -> Result<Fields, CliError> {
        let card = board.card(id).ok_or_else(|| find::gone(&id.short()))?;
        Ok(Fields {
            title: card.title.clone(),
            body: session.wait(session.engine.store().run(move |db| db.body(id)))?,
            status: card.status.clone(),
            labels: card.labels.clone(),
            assignees: card.assignees.clone(),
            milestone: card.milestone.clone(),
            extra: card.extra.clone(),
        })
    };
    let (here, there) = (fields(hub)?, fields(other)?);
    let merged = |field: &Field| matches!(field, Field::Labels | Field::Assignees);
    let differ = here.differing(&there).into_iter().filter(|field| !merged(field));
    Ok(differ.map(|field| (field, here.value(field), there.value(field))).collect())
}
