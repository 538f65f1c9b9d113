//! Somebody at Jira's own pages who edits further fields, or the site's administrator who makes one.

use std::sync::Arc;

use serde_json::Value;

use super::{Field, Holds, keep};
use crate::sandbox::jira::JiraWeb;

impl JiraWeb {
    /// Gives an issue's field a plain value: a name, a list of names, a day, a number, a login, a moment in
    /// milliseconds, a parent's key, sprints as lists of name and state; null empties it. The field goes by its name or
    /// id. False when there is no such issue or field.
    pub fn set_field(&self, key: &str, field: &str, value: Value) -> bool {
        let id = self.world(|world, _| {
            let all = world.known_fields();
            all.iter().find(|f| f.id == field || f.name == field).map(|f| f.id.clone())
        });
        id.is_some_and(|id| self.change(key, |state| keep(state, &id, value)))
    }

    /// What an issue's field holds, plainly; null when it is empty.
    pub fn field(&self, key: &str, field: &str) -> Option<Value> {
        self.world(|world, _| {
            let all = world.known_fields();
            let id = &all.iter().find(|f| f.id == field || f.name == field)?.id;
            let issue = world.issues.values().find(|i| i.key() == key)?;
            Some(issue.now.further.get(id).cloned().unwrap_or_default())
        })
    }

    /// Makes a text field that all screens have, and gives its id.
    pub fn create_field(&self, name: &str) -> String {
        self.world(|world, _| {
            let mut all = world.known_fields().to_vec();
            let id = format!("customfield_{}", 10_100 + all.len());
            all.push(Field {
                id: id.clone(),
                name: name.to_owned(),
                holds: Holds::Text,
                screens: (true, true),
                project: None,
            });
            world.fields = Arc::new(all);
            id
        })
    }
}
