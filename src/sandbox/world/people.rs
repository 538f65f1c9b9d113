//! The people of the world and how GitHub shows them. Holds no tokens and decides no permissions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Shape;

/// One person, with the JSON by which answers show them.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Person {
    pub(in crate::sandbox) login: String,
    pub(in crate::sandbox) json: String,
    /// Whether issues may be assigned to them.
    pub(in crate::sandbox) assignable: bool,
}

/// Everybody by login, letter case ignored.
#[derive(Debug)]
pub(in crate::sandbox) struct People {
    base: String,
    by_login: BTreeMap<String, Person>,
}

impl People {
    pub(super) fn new(base: String) -> Self {
        Self { base, by_login: BTreeMap::new() }
    }

    pub(in crate::sandbox) fn get(&self, login: &str) -> Option<&Person> {
        self.by_login.get(&login.to_lowercase())
    }

    pub(in crate::sandbox) fn assignable(&self) -> impl Iterator<Item = &Person> {
        self.by_login.values().filter(|person| person.assignable)
    }

    /// The person's JSON, `null` for nobody and for those who left.
    pub(in crate::sandbox) fn json(&self, login: Option<&str>) -> &str {
        login.and_then(|login| self.get(login)).map_or("null", |person| person.json.as_str())
    }

    pub(in crate::sandbox) fn value(&self, login: Option<&str>) -> Value {
        serde_json::from_str(self.json(login)).unwrap_or(Value::Null)
    }

    /// Makes sure that `login` exists.
    pub(in crate::sandbox) fn register(&mut self, login: &str, assignable: bool) {
        if let Some(person) = self.by_login.get_mut(&login.to_lowercase()) {
            person.assignable |= assignable;
            return;
        }
        let id = 500 + self.by_login.len() as u64;
        let json = simple_user(&self.base, login, id).to_string();
        let person = Person { login: login.to_owned(), json, assignable };
        self.by_login.insert(login.to_lowercase(), person);
    }

    /// Takes in a person as a seed file shows them, their fields untouched but for the addresses a client could
    /// follow; the login.
    pub(in crate::sandbox) fn register_shape(&mut self, shape: &Shape, assignable: bool) -> Option<String> {
        let login = shape.get("login")?.as_str()?.to_owned();
        if self.get(&login).is_some() {
            self.register(&login, assignable);
            return Some(login);
        }
        let id = shape.get("id").and_then(Value::as_u64).unwrap_or(500 + self.by_login.len() as u64);
        let mut shown = shape.clone();
        if let Value::Object(own) = simple_user(&self.base, &login, id) {
            for (key, value) in own.into_iter().filter(|(key, _)| key.ends_with("url") && key != "html_url") {
                if let Some(place) = shown.get_mut(&key) {
                    *place = value;
                }
            }
        }
        let person = Person { login: login.clone(), json: Value::Object(shown).to_string(), assignable };
        self.by_login.insert(login.to_lowercase(), person);
        Some(login)
    }
}

/// GitHub's `simple-user`.
fn simple_user(base: &str, login: &str, id: u64) -> Value {
    let url = format!("{base}/users/{login}");
    json!({
        "login": login,
        "id": id,
        "node_id": format!("U_sandbox{id}"),
        "avatar_url": format!("{base}/avatars/{id}"),
        "gravatar_id": "",
        "url": url,
        "html_url": format!("{base}/{login}"),
        "followers_url": format!("{url}/followers"),
        "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"),
        "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"),
        "organizations_url": format!("{url}/orgs"),
        "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"),
        "type": "User",
        "user_view_type": "public",
        "site_admin": false,
    })
}
