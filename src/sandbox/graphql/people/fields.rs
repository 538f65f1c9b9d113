//! People who edit a project's fields and the values in them, and what tests see of those.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::sandbox::graphql::custom::{Field, Holds};
use crate::sandbox::graphql::world::{Item, Projects, place};
use crate::sandbox::inner::locked;
use crate::sandbox::web::WebUser;

impl Sandbox {
    /// The value of an issue's field in a project, as its page shows it; `None` when it is empty or there is none.
    pub fn project_value(&self, project: &str, repo: &str, number: u64, field: &str) -> Option<String> {
        let (world, projects) = (locked(&self.inner.world), locked(&self.inner.projects));
        let board = &projects.all[projects.at(project)?];
        let wanted = Some((world.repo_named(repo)?, number));
        let item = board.items.iter().find(|item| place(&world, &item.content) == wanted)?;
        let field = board.fields.iter().find(|f| f.name == field)?;
        let held = &item.values.get(&field.id)?.value;
        let named = field.holds.choices().into_iter().find(|(id, _)| Some(id.as_str()) == held.as_str());
        Some(match (named, held.as_str()) {
            (Some((_, name)), _) => name,
            (None, Some(text)) => text.to_owned(),
            (None, None) => held.as_f64()?.to_string(),
        })
    }
}

impl WebUser {
    /// Gives an issue's field a value as somebody picks or types it; `None` clears it. False when there is no such issue,
    /// field, option or iteration.
    pub fn set_project_value(
        &self,
        project: &str,
        repo: &str,
        number: u64,
        field: &str,
        value: Option<&str>,
    ) -> bool {
        self.project(project, |projects, at, world, now| {
            let wanted = world.repo_named(repo).map(|r| (r, number));
            let project = &mut projects.all[at];
            let Some(field) = project.fields.iter().find(|f| f.name == field) else { return false };
            let Some(held) = value.map(|text| typed(field, text)).map_or(Some(None), |v| v.map(Some)) else {
                return false;
            };
            let found = project.items.iter_mut().find(|i| place(world, &i.content) == wanted);
            found.filter(|_| wanted.is_some()).map(|item| item.hold(&field.id, held, now)).is_some()
        })
    }

    /// Adds a text field to a project.
    pub fn add_project_field(&self, project: &str, name: &str) -> bool {
        self.project(project, |projects, at, _, _| {
            projects.add_field(at, name, |_| Holds::Text);
            true
        })
    }

    /// Gives a project's field another name; its id and its values stay.
    pub fn rename_project_field(&self, project: &str, name: &str, new_name: &str) -> bool {
        self.field(project, name, |field, _, _| {
            new_name.clone_into(&mut field.name);
        })
    }

    /// Takes a field off a project, with all its values.
    pub fn delete_project_field(&self, project: &str, name: &str) -> bool {
        self.project(project, |projects, at, _, _| {
            let fields = &mut projects.all[at].fields;
            let before = fields.len();
            fields.retain(|f| f.name != name);
            fields.len() < before
        })
    }

    /// Gives an option or an iteration of a project's field another name; its id and its items stay.
    pub fn rename_project_choice(&self, project: &str, field: &str, name: &str, new_name: &str) -> bool {
        self.field(project, field, |field, _, _| {
            let mut all = field.holds.choices_mut();
            if let Some((_, found)) = all.iter_mut().find(|(_, choice)| choice == name) {
                new_name.clone_into(found);
            }
        })
    }

    /// Gives every option or iteration of a project's field a new id, as writing the whole list anew does. With `keep`
    /// the items keep their values, as when somebody puts them back; without, every item loses its own.
    pub fn regenerate_project_choices(&self, project: &str, field: &str, keep: bool) -> bool {
        self.field(project, field, |field, fresh, items| {
            for (id, _) in field.holds.choices_mut() {
                let old = std::mem::replace(id, fresh());
                for item in items.iter_mut() {
                    let held = item.values.get_mut(&field.id).filter(|held| held.value == json!(old));
                    match held {
                        Some(held) if keep => held.value = json!(id),
                        Some(_) => drop(item.values.remove(&field.id)),
                        None => {}
                    }
                }
            }
        })
    }

    fn field(
        &self,
        project: &str,
        name: &str,
        edit: impl FnOnce(&mut Field, &mut dyn FnMut() -> String, &mut [Item]),
    ) -> bool {
        self.project(project, |projects: &mut Projects, at, _, _| {
            let ids: Vec<String> = (0..64).map(|_| projects.option_id()).collect();
            let mut ids = ids.into_iter();
            let board = &mut projects.all[at];
            let Some(field) = board.fields.iter_mut().find(|f| f.name == name) else { return false };
            edit(field, &mut || ids.next().unwrap_or_default(), &mut board.items);
            true
        })
    }
}

/// What somebody picked or typed, as the field holds it.
fn typed(field: &Field, text: &str) -> Option<Value> {
    match &field.holds {
        Holds::Text | Holds::Date => Some(json!(text)),
        Holds::Number => text.parse::<f64>().ok().map(|n| json!(n)),
        Holds::Single(_) | Holds::Iteration(..) => {
            field.holds.choices().into_iter().find(|(_, name)| name == text).map(|(id, _)| json!(id))
        }
        Holds::BuiltIn(_) => None,
    }
}
