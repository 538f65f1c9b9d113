//! `corkboard card link`, `card unlink` and `card twins`: one card on several platforms.

use std::fmt::Write as _;

use serde::Serialize;

use super::find;
use crate::cli::args::{LinkArgs, TwinsArgs, UnlinkArgs};
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::session::Session;
use crate::domain::card::Card;
use crate::domain::fields::Value;
use crate::domain::link::ConnectionName;
use crate::domain::twins::{Difference, Reason, Twin};
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
    let replaced = session.wait(session.engine.differences(hub, other))?;
    if !replaced.is_empty() && !link.yes {
        let mut words = format!("`{}` differs, and would become as `{}` is:\n", link.to, link.id);
        for Difference { field, stays, goes } in &replaced {
            let shown = |value: &Value| clip(&one_line(&value.to_string()), SHOWN);
            let _ = writeln!(words, "  {field}: {} -> {}", shown(goes), shown(stays));
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
            .help(super::create::known_connections(&settings))
    })
}

/// Two cards that may be the same work, as scripts read it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
struct TwinJson {
    card: String,
    key: String,
    title: String,
    other: String,
    other_key: String,
    other_title: String,
    reasons: Vec<ReasonJson>,
}

#[derive(Debug, Serialize)]
struct ReasonJson {
    #[serde(flatten)]
    reason: Reason,
    words: String,
}

pub(super) fn twins(session: &Session, args: &TwinsArgs) -> Result<(), CliError> {
    let only = args.id.as_deref().map(|id| find::card(session, id)).transpose()?;
    if let (Some(card), Some(other)) = (only, &args.dismiss) {
        let other = find::card(session, other)?;
        session.wait(session.engine.dismiss_twin(card, other))?;
    }
    let twins = session.wait(session.engine.twins(only))?;
    let board = session.wait(session.engine.board())?;
    // A card that left the board since is no suggestion any more.
    let pairs = twins.iter().filter_map(|t| Some((t, board.card(t.card)?, board.card(t.other)?)));
    if args.json {
        let json = |(twin, card, other): (&Twin, &Card, &Card)| TwinJson {
            card: card.id.to_string(),
            key: card.key(),
            title: card.title.clone(),
            other: other.id.to_string(),
            other_key: other.key(),
            other_title: other.title.clone(),
            reasons: twin
                .reasons
                .iter()
                .map(|reason| ReasonJson { words: reason.words(), reason: reason.clone() })
                .collect(),
        };
        return output::print_json(&pairs.map(json).collect::<Vec<_>>());
    }
    let mut out = String::new();
    for (twin, card, other) in pairs {
        let title = |card: &Card| clip(&one_line(&card.title), SHOWN);
        let _ = writeln!(out, "{} {}", one_line(&card.key()), title(card));
        let _ = writeln!(out, "  looks like {} {}", one_line(&other.key()), title(other));
        let _ = writeln!(out, "  {}", one_line(&twin.words()));
    }
    let _ = if out.is_empty() {
        writeln!(out, "No two cards look like the same work.")
    } else {
        writeln!(
            out,
            "`corkboard card link A B` makes one card of two; `card twins A --dismiss B` says they are not."
        )
    };
    output::print(&out)
}
