//! `corkboard card create`: by flags, by a line as on the board, by a template; where they say different things the flag
//! goes before the line, and the line before the template.

use std::collections::BTreeSet;

use super::{after, carry_out, fields, status_named, text_of};
use crate::cli::args::CreateArgs;
use crate::cli::error::CliError;
use crate::cli::session::Session;
use crate::config::Settings;
use crate::config::new_cards::Coming;
use crate::config::templates::Template;
use crate::domain::board::Board;
use crate::domain::card::{CardId, Kind};
use crate::domain::command::{Command, NewCard};
use crate::domain::fields::{FieldName, PRIORITIES, contains};
use crate::domain::link::ConnectionName;
use crate::domain::quick::{Known, Quick};

pub(super) fn create(session: &Session, create: &CreateArgs) -> Result<(), CliError> {
    let settings = session.settings();
    let board = session.wait(session.engine.board())?;
    let template = create.template.as_deref().map(|name| template_named(&settings, name)).transpose()?;
    let line = line(session, create, &board, template);
    let kind = kind(create, template)?;
    let status = match (&create.status, template.and_then(|t| t.status.clone())) {
        (Some(name), _) => status_named(&board, name)?,
        (None, Some(status)) => status,
        (None, None) => {
            board.status_at(0).cloned().ok_or_else(|| CliError::failed("the board has no column"))?
        }
    };
    let labels: BTreeSet<String> = create.label.iter().chain(&line.labels).cloned().collect();
    let coming = Coming { labels: &labels, kind, status: &status };
    let connections = connections_for(create, coming, &settings)?;
    let linked = || settings.connections.iter().filter(|c| connections.contains(&c.name));
    let body = match (&create.body, template.filter(|t| !t.body.trim().is_empty())) {
        (Some(body), _) => text_of(body)?,
        (None, Some(template)) => template.body.clone(),
        (None, None) => linked().find_map(|c| c.issue_template.clone()).unwrap_or_default(),
    };
    let mut labels = labels;
    for label in linked().flat_map(|c| &c.default_labels) {
        if !contains(&labels, label) {
            labels.insert(label.clone());
        }
    }
    let id = CardId::random();
    let me = session.engine.health().borrow().iter().find_map(|h| h.login.clone());
    let mut extra = line.extra();
    extra.extend(fields::given(&create.set)?);
    let new = NewCard {
        id,
        kind,
        title: create.title.clone().unwrap_or_else(|| line.title.clone()),
        body,
        status,
        labels,
        assignees: create.assignee.iter().cloned().chain(line.people(me.as_deref())).collect(),
        milestone: create
            .milestone
            .clone()
            .or_else(|| line.milestone.clone())
            .filter(|m| !m.trim().is_empty()),
        extra,
        connections,
        at: session.engine.clock().now(),
    };
    carry_out(session, &board, vec![Command::Create(new)])?;
    after(session, id, "created", create.json)
}

/// What the line and the template say. Priorities are those people know and those in use, as on the board.
fn line(session: &Session, create: &CreateArgs, board: &Board, template: Option<&Template>) -> Quick {
    let used = board.cards().filter_map(|c| c.extra(FieldName::PRIORITY)).map(str::to_owned);
    let own = template.and_then(|t| t.priority.clone());
    let mut priorities: Vec<String> = used.chain(own).collect();
    priorities.extend(PRIORITIES.map(str::to_owned));
    let known = Known { priorities: &priorities, today: session.engine.clock().now().local_day() };
    let mut line = Quick::parse(create.quick.as_deref().unwrap_or_default(), &known);
    if let Some(template) = template {
        template.fill(&mut line);
    }
    line
}

fn kind(create: &CreateArgs, template: Option<&Template>) -> Result<Kind, CliError> {
    match &create.kind {
        Some(kind) => kind.parse().map_err(|why: String| CliError::usage(why)),
        None => Ok(template.and_then(|t| t.kind).unwrap_or_default()),
    }
}

fn template_named<'a>(settings: &'a Settings, name: &str) -> Result<&'a Template, CliError> {
    settings.template(name).ok_or_else(|| {
        let known: Vec<&str> = settings.templates.iter().map(|t| t.name.as_str()).collect();
        let help = if known.is_empty() {
            "the config has no [[template]]".to_owned()
        } else {
            format!("the config has {}", known.join(", "))
        };
        CliError::usage(format!("there is no template `{name}`")).help(help)
    })
}

/// Where a new card shall exist too: where it is said here, else by the rules of the config, else on the only
/// connection that takes it.
fn connections_for(
    create: &CreateArgs,
    coming: Coming<'_>,
    settings: &Settings,
) -> Result<Vec<ConnectionName>, CliError> {
    for name in &create.connection {
        let Some(connection) = settings.connection(name) else {
            return Err(
                CliError::usage(format!("there is no connection `{name}`")).help(known_connections(settings))
            );
        };
        if !connection.direction.pushes() {
            let message = format!("the connection `{name}` only pulls, so nothing can be created on it");
            return Err(CliError::usage(message).help("change its `direction` in the config, or use --local"));
        }
        if !connection.creates() {
            let message = format!("nothing can be made on `{name}`: {}", connection.platform.as_str());
            return Err(CliError::usage(message).help("make it there, or use another connection or --local"));
        }
    }
    if create.local {
        return Ok(Vec::new());
    }
    if !create.connection.is_empty() {
        return Ok(create.connection.iter().map(ConnectionName::new).collect());
    }
    if let Some(chosen) = settings.new_cards.chosen(coming) {
        return Ok(chosen.connections.to_vec());
    }
    let mut pushing = settings.connections.iter().filter(|c| c.creates());
    match (pushing.next(), pushing.next()) {
        (None, _) => Ok(Vec::new()),
        (Some(only), None) => Ok(vec![only.name.clone()]),
        (Some(_), Some(_)) => {
            Err(CliError::usage("there are several connections: say where the card shall be").help(format!(
                "use --connection or --local, or say it in [new_cards]; {}",
                known_connections(settings)
            )))
        }
    }
}

pub(super) fn known_connections(settings: &Settings) -> String {
    let names: Vec<&str> = settings.connections.iter().map(|c| c.name.as_str()).collect();
    if names.is_empty() {
        "the config has none".to_owned()
    } else {
        format!("the config has {}", names.join(", "))
    }
}
