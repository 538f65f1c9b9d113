//! The repository's labels.

#![expect(
    clippy::option_option,
    reason = "a field that is absent, null or a value says three different things"
)]

use serde_json::{Map, Value};

use super::answer::{self, Answer};
use super::call::{Call, text_field};
use super::issues::too_long;
use super::{Outcome, invalid, need, page};
use crate::sandbox::accounts::Role;
use crate::sandbox::render;
use crate::sandbox::world::World;
use crate::sandbox::world::edit::DEFAULT_COLOR;

const LONGEST_NAME: usize = 50;
const LONGEST_DESCRIPTION: usize = 100;

pub(super) fn route(world: &mut World, call: &Call, repo: usize, rest: &[&str]) -> Outcome {
    let method = call.method.as_str();
    if method != "GET" {
        need(call, Role::Write)?;
    }
    let id = match (method, rest) {
        ("GET", []) => {
            let here = &world.repos[repo];
            let all = here.labels.values().map(|label| render::label(&world.base, here, label)).collect();
            return Ok(page::of_values(world, call, repo, "labels", all));
        }
        ("POST", []) => {
            let sent = Sent::of(&call.json()?)?;
            let name = sent.name.ok_or_else(|| answer::invalid_request("\"name\" wasn't supplied."))?;
            free(world, repo, &name, None)?;
            let color = sent.color.as_deref().unwrap_or(DEFAULT_COLOR);
            let about = sent.description.flatten();
            let id = world.repos[repo].create_label(&name, color, about.as_deref());
            return Ok(answer::created(&shown(world, repo, id)));
        }
        (_, [name]) => world.repos[repo].label_named(name).ok_or_else(answer::not_found)?,
        _ => return Err(answer::not_found()),
    };
    match method {
        "GET" => {}
        "PATCH" => update(world, call, repo, id)?,
        "DELETE" => {
            world.repos[repo].delete_label(id);
            return Ok(answer::no_content());
        }
        _ => return Err(answer::not_found()),
    }
    Ok(answer::ok(shown(world, repo, id)))
}

/// `PATCH`: a new name keeps the id, and with it the label's place on every issue.
fn update(world: &mut World, call: &Call, repo: usize, id: u64) -> Result<(), Answer> {
    let mut body = call.json()?;
    if let Some(new_name) = body.remove("new_name") {
        body.insert("name".to_owned(), new_name);
    }
    let sent = Sent::of(&body)?;
    if let Some(name) = &sent.name {
        free(world, repo, name, Some(id))?;
    }
    let here = &mut world.repos[repo];
    here.revision += 1;
    if let Some(label) = here.labels.get_mut(&id) {
        label.name = sent.name.unwrap_or_else(|| label.name.clone());
        label.color = sent.color.unwrap_or_else(|| label.color.clone());
        label.description = sent.description.unwrap_or_else(|| label.description.clone());
    }
    Ok(())
}

fn shown(world: &World, repo: usize, id: u64) -> Value {
    let here = &world.repos[repo];
    here.labels.get(&id).map_or(Value::Null, |label| render::label(&world.base, here, label))
}

/// Refuses a name that another label has, letter case ignored.
fn free(world: &World, repo: usize, name: &str, own: Option<u64>) -> Result<(), Answer> {
    match world.repos[repo].label_named(name) {
        Some(id) if Some(id) != own => Err(invalid("Label", "name", "already_exists")),
        _ => Ok(()),
    }
}

/// The fields of a label, checked.
struct Sent {
    name: Option<String>,
    color: Option<String>,
    description: Option<Option<String>>,
}

impl Sent {
    fn of(body: &Map<String, Value>) -> Result<Self, Answer> {
        let name = text_field(body, "name")?.flatten();
        if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return Err(invalid("Label", "name", "missing_field"));
        }
        if name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
            return Err(too_long("Label", "name", LONGEST_NAME));
        }
        let color = text_field(body, "color")?.flatten();
        let hex = |color: &String| color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit());
        if color.as_ref().is_some_and(|color| !hex(color)) {
            return Err(invalid("Label", "color", "invalid"));
        }
        let description = text_field(body, "description")?;
        if description.iter().flatten().any(|text| text.chars().count() > LONGEST_DESCRIPTION) {
            return Err(too_long("Label", "description", LONGEST_DESCRIPTION));
        }
        Ok(Self { name, color: color.map(|color| color.to_lowercase()), description })
    }
}
