//! A project (Projects v2) whose Status options are the columns: what is known of it, and how its names become ids.
//!
//! Issues stay the repository's, over REST; the project adds where each stands. See `poll` for what comes in, `place`
//! for what goes out.

mod boards;
mod documents;
mod fields;
mod further;
mod picture;
mod place;
mod poll;
mod values;
mod wire;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex as Lock, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::Mutex;

use self::documents::Reading;
use self::further::{Asked, Field};
use self::picture::Spot;
use super::graphql::Document;
use super::{About, GithubConnector};
use crate::connector::finding::listed;
use crate::connector::{Class, Failure, Finding, RemoteItem, RemoteRef, Scope, Stops, Trouble};
use crate::domain::fields::Value;
use crate::domain::link::LinkId;
use crate::support::clock::Timestamp;

/// The field whose options are the columns; every project has one of this name from its beginning.
const FIELD: &str = "Status";

/// The project of a connection, and what the connector remembers of it.
#[derive(Debug)]
pub(super) struct Project {
    /// As configured, such as `orgs/octo/projects/3`.
    address: String,
    /// Asks for it by its owner's kind.
    document: Document<'static>,
    login: String,
    number: u32,
    /// What rules call the further fields they name.
    names: Vec<String>,
    /// The documents that read as many.
    reading: Reading,
    /// Its ids and options, once asked; read again when a name or an id is not among them.
    meta: Mutex<Option<Arc<Meta>>>,
    /// Its fields, once asked; read again when a name or an id is not among them.
    fields: Mutex<Option<Arc<Vec<Field>>>>,
    /// Further fields of which it was said that they cannot be read.
    missed: Lock<BTreeSet<String>>,
    /// Where issues stand by answers to our own writes, until the next pull has seen it too.
    told: Lock<HashMap<(String, u64), Spot>>,
    /// Issues that were made and could not be put on the board yet, with what each shall have there.
    owed: Lock<HashMap<LinkId, Owed>>,
}

/// What an issue shall have on the board: its option, and its values by the rules' names.
#[derive(Debug, Clone, Default)]
struct Owed {
    status: Option<String>,
    values: BTreeMap<String, Value>,
}

/// A project's ids.
#[derive(Debug, Clone)]
struct Meta {
    id: String,
    field: String,
    title: String,
    /// Id and name, in the board's order.
    options: Vec<(String, String)>,
    can_write: bool,
    closed: bool,
}

/// Where an issue stands, and its further fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Stand {
    status: Option<String>,
    /// By the rules' names; what was not read is not here.
    values: BTreeMap<String, Value>,
    /// When it was put there, or given the newest of its values.
    at: Option<Timestamp>,
}

impl Stand {
    /// Of an item's Status, and of its other values as they came, by alias.
    fn of(
        status: Option<&wire::Value>,
        rest: &BTreeMap<String, serde_json::Value>,
        asked: &Asked,
        known: &[bool],
    ) -> Self {
        let (values, newest) = asked.values(known, rest);
        let name = status.and_then(|v| v.name.clone());
        let moved = status.and_then(|v| v.updated_at).map(Timestamp::from).filter(|_| name.is_some());
        Self { status: name, values, at: moved.max(newest) }
    }

    /// Of an issue that is not on the board.
    fn nowhere(asked: &Asked, known: &[bool]) -> Self {
        Self { values: asked.blank(known), ..Self::default() }
    }

    fn spot(&self) -> Spot {
        Spot { status: self.status.clone(), values: picture::digest(&self.values) }
    }

    /// Writes it on an item. A move does not touch the issue's own time, so the later of both is the item's; `whole`
    /// says that the issue was read after the move, so that nothing older is hidden behind that time.
    fn put_on(&self, item: &mut RemoteItem, whole: bool) {
        item.state.status.clone_from(&self.status);
        item.raw.clone_from(&self.values);
        if let Some(at) = self.at.filter(|_| whole) {
            item.updated_at = item.updated_at.max(at);
        }
    }
}

impl Project {
    /// Reads `orgs/NAME/projects/N` or `users/NAME/projects/N`.
    ///
    /// # Errors
    /// It is neither.
    pub(super) fn new(address: &str) -> Result<Self, Failure> {
        let parts: Vec<&str> = address.trim_matches('/').split('/').collect();
        let read = match parts.as_slice() {
            ["orgs", login, "projects", number] => Some((documents::ORG_PROJECT, login, number)),
            ["users", login, "projects", number] => Some((documents::USER_PROJECT, login, number)),
            _ => None,
        };
        let number = read.and_then(|(_, _, n)| n.parse::<u32>().ok()).filter(|n| i32::try_from(*n).is_ok());
        let (Some((document, login, _)), Some(number)) = (read, number) else {
            let words = format!("`{address}` is not a project");
            return Err(Failure::new(Class::Configuration, Scope::Connection, words)
                .with_help("write it as in its address: `orgs/NAME/projects/N` or `users/NAME/projects/N`"));
        };
        Ok(Self {
            address: parts.join("/"),
            document,
            login: (*login).to_owned(),
            number,
            names: Vec::new(),
            reading: Reading::of(0),
            meta: Mutex::new(None),
            fields: Mutex::new(None),
            missed: Lock::default(),
            told: Lock::default(),
            owed: Lock::default(),
        })
    }

    /// The same with the further fields that rules name; each once.
    pub(super) fn with_further(mut self, names: Vec<String>) -> Self {
        let mut once = BTreeSet::new();
        self.names = names.into_iter().filter(|name| once.insert(name.clone())).collect();
        self.reading = Reading::of(self.names.len());
        self
    }

    fn missed(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, HashMap<(String, u64), Spot>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn owed(&self) -> MutexGuard<'_, HashMap<LinkId, Owed>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes where an item stands by the answer to our own write.
    fn tell(&self, item: &RemoteItem) {
        self.told().insert(key(&item.at), Spot::of(item));
    }
}

fn key(at: &RemoteRef) -> (String, u64) {
    (at.repository.to_lowercase(), at.number)
}

impl GithubConnector {
    /// The project's ids and options as last read, or read now.
    async fn meta(&self, project: &Project) -> Result<Arc<Meta>, Failure> {
        let mut known = project.meta.lock().await;
        if let Some(meta) = &*known {
            return Ok(Arc::clone(meta));
        }
        let meta = Arc::new(self.read_meta(project).await?);
        *known = Some(Arc::clone(&meta));
        Ok(meta)
    }

    /// The same, read anew.
    async fn fresh_meta(&self, project: &Project) -> Result<Arc<Meta>, Failure> {
        *project.meta.lock().await = None;
        self.meta(project).await
    }

    async fn read_meta(&self, project: &Project) -> Result<Meta, Failure> {
        let variables = json!({"login": project.login, "number": project.number});
        let answer: wire::Owned = self.api.graphql(project.document, variables, About::Container).await?;
        let wrong = |words: String, help: &str| {
            Failure::new(Class::Configuration, Scope::Connection, self.api.port().words(&words))
                .with_trouble(Trouble::Place)
                .with_help(help)
        };
        let Some(found) = answer.owner.and_then(|owner| owner.project_v2) else {
            let words = format!("there is no project {}, or the token cannot see it", project.address);
            return Err(wrong(
                words,
                "check the address; a classic token needs the scope `project`, a fine-grained one the organisation's \
                 Projects: read and write, and a user's projects take a classic token",
            ));
        };
        let Some((field, options)) = found.field.and_then(|f| Some((f.id?, f.options))) else {
            let words = format!("the project \"{}\" has no single-select field named {FIELD}", found.title);
            return Err(wrong(
                words,
                "its options are the columns; add the field on GitHub, or leave `project` out",
            ));
        };
        Ok(Meta {
            id: found.id,
            field,
            title: found.title,
            options: options.into_iter().map(|o| (o.id, o.name)).collect(),
            can_write: found.viewer_can_update,
            closed: found.closed,
        })
    }

    /// The id of the option of this name. One that is not among those last read is looked for in fresh ones.
    async fn option(&self, project: &Project, name: &str) -> Result<(Arc<Meta>, String), Failure> {
        let meta = self.meta(project).await?;
        if let Some(id) = option_named(&meta.options, name) {
            return Ok((meta, id));
        }
        let meta = self.fresh_meta(project).await?;
        match option_named(&meta.options, name) {
            Some(id) => Ok((meta, id)),
            None => Err(self.no_such_option(&meta, name)),
        }
    }

    fn no_such_option(&self, meta: &Meta, name: &str) -> Failure {
        let all: Vec<&str> = meta.options.iter().map(|(_, name)| name.as_str()).collect();
        let words = format!("the project has no {FIELD} `{name}`; it has {}", all.join(", "));
        Failure::new(Class::Configuration, Scope::Item, self.api.port().words(&words))
            .with_help("name one of these in the connection's status mapping, or add the option on GitHub")
    }

    /// The names of the columns, in their order; none without a project.
    pub(super) async fn status_names(&self) -> Result<Vec<String>, Failure> {
        let Some(project) = &self.project else { return Ok(Vec::new()) };
        let meta = self.fresh_meta(project).await?;
        Ok(meta.options.iter().map(|(_, name)| name.clone()).collect())
    }

    /// What keeps cards from being moved in the project, when there is one.
    ///
    /// # Errors
    /// It cannot even be read; the failure says what is missing.
    pub(super) async fn project_findings(&self, scopes: Option<&[String]>) -> Result<Vec<Finding>, Failure> {
        let Some(project) = &self.project else { return Ok(Vec::new()) };
        let meta = self.fresh_meta(project).await?;
        let address = &project.address;
        let mut out = Vec::new();
        if let Some(scopes) = scopes.filter(|all| !all.iter().any(|s| s == "project")) {
            let words = format!("the token has {}: no card of {address} can be moved", listed(scopes));
            let help = "give it the scope `project`; `read:project` only reads";
            out.push(Finding::new(Trouble::Scope, Stops::Writes, words, help));
        }
        if meta.closed {
            let words = format!("the project {address} is closed: no card can be moved");
            out.push(Finding::new(Trouble::Archived, Stops::Writes, words, "reopen it in its settings"));
        } else if !meta.can_write {
            let words = format!("the account may only read the project {address}");
            let help = "give it the role Write there: the project's settings, Manage access";
            out.push(Finding::new(Trouble::Permission, Stops::Writes, words, help));
        }
        Ok(out)
    }
}

/// The exact name first; else the same in another case.
fn option_named(options: &[(String, String)], name: &str) -> Option<String> {
    let same = |o: &str| o.trim().to_lowercase() == name.trim().to_lowercase();
    let exact = options.iter().find(|(_, o)| o == name);
    exact.or_else(|| options.iter().find(|(_, o)| same(o))).map(|(id, _)| id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_as_in_its_address() {
        for good in ["orgs/octo/projects/3", "users/ana/projects/12", "/orgs/octo/projects/3/"] {
            assert_eq!(Project::new(good).expect(good).address, good.trim_matches('/'));
        }
        for bad in
            ["octo/3", "orgs/octo/projects/x", "teams/octo/projects/3", "orgs/octo/projects/99999999999", ""]
        {
            let failure = Project::new(bad).expect_err(bad);
            assert_eq!((failure.class, failure.scope), (Class::Configuration, Scope::Connection));
        }
    }

    #[test]
    fn an_option_is_found_by_its_exact_name_before_one_in_another_case() {
        let options = [("a".to_owned(), "DONE".to_owned()), ("b".to_owned(), "Done".to_owned())];
        assert_eq!(option_named(&options, "Done").as_deref(), Some("b"));
        assert_eq!(option_named(&options, " done ").as_deref(), Some("a"));
        assert_eq!(option_named(&options, "Doing"), None);
    }
}
