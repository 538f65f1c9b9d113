//! `corkboard snapshot`: a picture of any view, drawn of what the database holds. Syncs nothing, changes no card, and needs
//! neither a network nor a terminal.

use std::path::Path;
use std::str::FromStr;

use super::Ended;
use super::args::{Args, SnapshotArgs};
use super::board::dressed;
use super::card::find;
use super::demo;
use super::error::CliError;
use super::log::without_secrets;
use super::session::Session;
use crate::config::Settings;
use crate::config::settings::ThemeName;
use crate::domain::health::Health;
use crate::engine::Update;
use crate::support::clock::Timestamp;
use crate::tui::effect::Effect;
use crate::tui::picture::{Scene, Sight, Subject};
use crate::tui::state::View;

/// How many rows of the audit log are shown at most.
const ROWS: usize = 200;
/// How many decided conflicts are listed behind those that wait.
const DECIDED: usize = 50;

/// Columns and rows, written as `120x36`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u16, pub u16);

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| part.parse::<u16>().ok().filter(|n| (1..=500).contains(n));
        let read = text.split_once('x').and_then(|(w, h)| Some(Self(number(w)?, number(h)?)));
        read.ok_or_else(|| "write columns and rows, such as 120x36; each from 1 to 500".to_owned())
    }
}

/// What is drawn, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A view.
    View(View),
    /// The bindings.
    Help,
    /// The list of themes.
    Themes,
    /// A card, by its key or the beginning of its id.
    Card(String),
}

impl FromStr for Shown {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "board" => Self::View(View::Board),
            "mappings" => Self::View(View::Mappings),
            "health" => Self::View(View::Health),
            "activity" => Self::View(View::Activity),
            "conflicts" => Self::View(View::Conflicts),
            "help" => Self::Help,
            "themes" => Self::Themes,
            other => {
                match other.strip_prefix("card:") {
                    Some(card) if !card.is_empty() => Self::Card(card.to_owned()),
                    _ => {
                        return Err("it may be board, mappings, health, activity, conflicts, help, themes or card:KEY".into());
                    }
                }
            }
        })
    }
}

/// What the file is to hold, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Svg,
    Text,
    Ansi,
}

fn form(file: &Path) -> Result<Form, CliError> {
    match file.extension().and_then(|e| e.to_str()) {
        Some("svg") => Ok(Form::Svg),
        Some("txt") => Ok(Form::Text),
        Some("ans") => Ok(Form::Ansi),
        _ => Err(CliError::usage(format!("{} is no kind of picture", file.display()))
            .help("end its name in .svg, in .txt for text alone, or in .ans for text with a terminal's colour codes")),
    }
}

pub(super) fn run(snapshot: &SnapshotArgs, args: &Args) -> Result<Ended, CliError> {
    let form = form(&snapshot.output)?;
    if snapshot.demo {
        return demo::still(args, |session, me, health, now| {
            draw(session, (me, health, now), snapshot, args, form)
        });
    }
    let session = Session::open_as_is(args)?;
    let drawn = session.wait(session.engine.seen()).map_err(CliError::from).and_then(|seen| {
        let now = session.engine.clock().now();
        let health: Vec<Health> = seen.into_iter().map(|one| one.health).collect();
        let me = health.iter().filter_map(|h| h.login.clone()).collect();
        draw(&session, (me, health, now), snapshot, args, form)
    });
    session.close();
    drawn
}

fn draw(
    session: &Session,
    (me, health, now): (Vec<String>, Vec<Health>, Timestamp),
    snapshot: &SnapshotArgs,
    args: &Args,
    form: Form,
) -> Result<Ended, CliError> {
    let settings = worn(&session.settings(), snapshot.theme.as_deref())?;
    let subject = Subject {
        settings: dressed(settings, args),
        board: session.wait(session.engine.board())?,
        health,
        me,
        now,
    };
    let Size(columns, rows) = snapshot.size;
    let mut scene = Scene::new(subject, columns, rows).map_err(|error| CliError::usage(error.to_string()))?;
    let sight = match &snapshot.view {
        Shown::View(view) => Sight::View(*view),
        Shown::Help => Sight::Help,
        Shown::Themes => Sight::Themes,
        Shown::Card(card) => Sight::Card(find::card(session, card)?),
    };
    if snapshot.panel {
        scene.dock();
    }
    for effect in scene.look(sight) {
        if let Some(fact) = answer(session, effect)? {
            scene.tell(fact);
        }
    }
    let picture = match form {
        Form::Svg => scene.svg(),
        Form::Text => scene.text(),
        Form::Ansi => scene.ansi(),
    };
    write(&snapshot.output, &picture)?;
    Ok(Ended::Well)
}

/// The settings with the theme that was asked for.
fn worn(settings: &Settings, theme: Option<&str>) -> Result<Settings, CliError> {
    let mut settings = settings.clone();
    let Some(wanted) = theme else { return Ok(settings) };
    let own = settings.themes.iter().map(|theme| ThemeName::Own(theme.name.clone()));
    let all: Vec<ThemeName> = ThemeName::ALL.into_iter().chain(own).collect();
    let Some(found) = all.iter().find(|name| name.as_str() == wanted) else {
        let names: Vec<&str> = all.iter().map(ThemeName::as_str).collect();
        return Err(CliError::usage(format!("there is no theme `{wanted}`"))
            .help(format!("there are {}", names.join(", "))));
    };
    settings.ui.theme = found.clone();
    Ok(settings)
}

/// What the store answers to what a view asks for; a platform is not asked.
fn answer(session: &Session, effect: Effect) -> Result<Option<Update>, CliError> {
    let store = session.engine.store();
    Ok(match effect {
        Effect::ListActivity { token, filter, before } => {
            let mut rows = session.wait(store.run(move |db| db.audit_page(&filter, before, ROWS + 1)))?;
            let more = rows.len() > ROWS;
            rows.truncate(ROWS);
            Some(Update::Activity { token, rows, more })
        }
        Effect::ListConflicts => {
            Some(Update::Conflicts(session.wait(store.run(|db| db.conflicts(DECIDED)))?))
        }
        Effect::OpenCard(id) => {
            let detail = session.wait(session.engine.card_detail(id))?;
            detail.map(|detail| Update::Opened(Box::new(detail)))
        }
        Effect::FetchOffers(connection) => {
            let offers = Err("a snapshot asks no platform".to_owned());
            Some(Update::Offers { connection, offers })
        }
        _ => None,
    })
}

fn write(file: &Path, picture: &str) -> Result<(), CliError> {
    let safe = without_secrets(picture);
    std::fs::write(file, safe.as_bytes())
        .map_err(|error| CliError::failed(format!("cannot write {}", file.display())).because(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_views_are_read_as_they_are_written() {
        assert_eq!("120x36".parse(), Ok(Size(120, 36)));
        for wrong in ["", "120", "0x5", "120x", "x36", "120X36", "501x9", "-1x4"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        assert_eq!("card:core#12".parse(), Ok(Shown::Card("core#12".into())));
        assert_eq!("health".parse(), Ok(Shown::View(View::Health)));
        assert!("card:".parse::<Shown>().is_err() && "Board".parse::<Shown>().is_err());
    }

    #[test]
    fn the_name_of_the_file_says_what_it_holds() {
        assert_eq!(form(Path::new("a/b.svg")).ok(), Some(Form::Svg));
        assert_eq!(form(Path::new("b.txt")).ok(), Some(Form::Text));
        assert_eq!(form(Path::new("b.ans")).ok(), Some(Form::Ansi));
        assert!(form(Path::new("b.png")).is_err() && form(Path::new("svg")).is_err());
    }
}
