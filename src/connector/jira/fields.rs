//! Further fields: those a connection's rules name, found in the site's list of fields, read with every issue. The list
//! is read once, and again when a name is not in it. Without names nothing is asked.

mod catalogue;
mod read;
mod shape;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tokio::sync::Mutex;

use self::catalogue::Catalogue;
pub(super) use self::catalogue::Known;
#[cfg(test)]
pub(super) use self::catalogue::{By, Kind};
#[cfg(test)]
pub(super) use self::read::value as read_value;
#[cfg(test)]
pub(super) use self::shape::Field as Listed;
pub(super) use self::shape::{EditScreen, OnScreen};
pub(super) use self::write::{Sent, is_so, sent, settable};
use super::JiraConnector;
use super::classify::About;
use super::client::{PAGES_MAX, element, endless, refuse, within_a_page};
use super::pull::FIELDS;
use crate::connector::{Class, Failure, PlatformField, Scope};
use crate::domain::fields::Value;

/// How many walks pass before a name that is in no list is looked for again.
const PATIENCE: u32 = 20;
/// How many fields of a screen are asked for at once; Cloud's most.
const SCREEN_PAGE: &str = "200";

/// The names of a connection's rules, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) names: Vec<String>,
    known: Mutex<Option<Reading>>,
}

/// One reading of the site's list.
#[derive(Debug, Clone)]
struct Reading {
    catalogue: Arc<Catalogue>,
    /// What the rules name of it; a failure where a name means several fields.
    wanted: Result<Arc<Wanted>, Failure>,
    /// Walks since it was read that did not find all they looked for.
    walks: u32,
}

/// The fields the rules name, each under the rule's own spelling.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    fields: Vec<(String, Known)>,
    /// A name is in no list.
    lacks: bool,
}

impl Wanted {
    fn new(names: &[String], catalogue: &Catalogue) -> Result<Self, Failure> {
        let mut wanted = Self::default();
        for name in names {
            match catalogue.find(name)? {
                Some(field) => wanted.fields.push((name.clone(), field.clone())),
                None => wanted.lacks = true,
            }
        }
        Ok(wanted)
    }

    /// What a request names in `fields`: Jira gives no field that is not named.
    pub(super) fn query(&self) -> String {
        let ids = self.fields.iter().map(|(_, field)| field.id.as_str());
        std::iter::once(FIELDS).chain(ids).collect::<Vec<_>>().join(",")
    }

    /// What an issue holds of them. One that Jira does not give, since the issue's type has it not, is not there; only
    /// of an issue without a parent it says nothing at all.
    pub(super) fn read(&self, issue: &Json) -> BTreeMap<String, Value> {
        let Some(fields) = issue.get("fields") else { return BTreeMap::new() };
        let one = |(name, field): &(String, Known)| {
            let value = match fields.get(&field.id) {
                Some(json) => read::value(field.kind, json)?,
                None if field.id == "parent" => Value::None,
                None => return None,
            };
            Some((name.clone(), value))
        };
        self.fields.iter().filter_map(one).collect()
    }

    /// The field of a rule's name.
    pub(super) fn field(&self, name: &str) -> Result<&Known, Failure> {
        let found = self.fields.iter().find(|(n, _)| n == name).map(|(_, field)| field);
        found.ok_or_else(|| {
            let words = refuse(format!("this Jira has no field `{name}`, or the account does not see it"));
            Failure { class: Class::Configuration, scope: Scope::Item, ..words }
                .with_help("name the field in the connection's rule as Jira does, or by its id")
        })
    }

    /// A failure with the fields' names beside their ids, which are all that Jira's own words name.
    pub(super) fn named(&self, mut failure: Failure) -> Failure {
        for (_, field) in &self.fields {
            if field.id.starts_with("customfield_") {
                let id = format!("{}: ", field.id);
                failure.message = failure.message.replace(&id, &format!("{}: ", field.shown()));
            }
        }
        failure.message = crate::support::text::clip(&failure.message, crate::connector::http::WORDS_MAX);
        failure
    }
}

impl JiraConnector {
    /// The same with the further fields that the connection's rules name: by name in any case, or by id.
    #[must_use]
    pub fn with_further(mut self, names: Vec<String>) -> Self {
        self.book = Book { names, known: Mutex::default() };
        self
    }

    /// The fields the rules name. A walk looks now and then for a name that was not there.
    ///
    /// # Errors
    /// A name means several fields, or the list cannot be read.
    pub(super) async fn wanted(&self, walk: bool) -> Result<Arc<Wanted>, Failure> {
        if self.book.names.is_empty() {
            return Ok(Arc::default());
        }
        let mut known = self.book.known.lock().await;
        if let Some(reading) = known.as_mut() {
            let lacks = reading.wanted.as_ref().map_or(true, |wanted| wanted.lacks);
            reading.walks += u32::from(walk && lacks);
            if reading.walks < PATIENCE {
                return reading.wanted.clone();
            }
        }
        known.insert(self.read_book().await?).wanted.clone()
    }

    /// The same for names that are about to be written: one that is not known is looked for at once.
    pub(super) async fn wanted_now<'a>(
        &self,
        mut names: impl Iterator<Item = &'a String>,
    ) -> Result<Arc<Wanted>, Failure> {
        let wanted = self.wanted(false).await?;
        if names.all(|name| wanted.field(name).is_ok()) || self.book.names.is_empty() {
            return Ok(wanted);
        }
        let fresh = self.read_book().await?;
        self.book.known.lock().await.insert(fresh).wanted.clone()
    }

    async fn read_book(&self) -> Result<Reading, Failure> {
        let url = self.api.url(&["field"], &[]);
        let all: Vec<Json> = self.api.get(url, About::Container).await?;
        let understood = |value: Json| {
            let read = element::<shape::Field>(value);
            read.inspect_err(|why| tracing::warn!(%why, "a field of Jira's was left out")).ok()
        };
        let fields: Vec<shape::Field> = all.into_iter().filter_map(understood).collect();
        let scoped = fields.iter().any(|f| f.project().is_some());
        let project = if scoped { self.project_id().await? } else { None };
        let catalogue = Catalogue::new(fields, project.as_deref(), self.api.is_cloud());
        let wanted = Wanted::new(&self.book.names, &catalogue).map(Arc::new);
        if let Some(wanted) = wanted.as_ref().ok().filter(|wanted| wanted.lacks) {
            let lost = self.book.names.iter().filter(|name| wanted.field(name).is_err());
            let lost: Vec<&String> = lost.collect();
            tracing::warn!(fields = ?lost, "this Jira has no such fields, or the account does not see them");
        }
        Ok(Reading { catalogue: Arc::new(catalogue), wanted, walks: 0 })
    }

    /// The further fields the project has, with their values where the screen of a new issue tells them.
    pub(super) async fn offered_fields(&self) -> Result<Vec<PlatformField>, Failure> {
        let fresh = match self.read_book().await {
            Err(failure) if failure.class != Class::Transient => {
                tracing::info!(%failure, "the fields of Jira's issues are not known");
                return Ok(Vec::new());
            }
            read => read?,
        };
        let catalogue = Arc::clone(&fresh.catalogue);
        *self.book.known.lock().await = Some(fresh);
        // Who may not make issues sees no screen for it; the fields are there all the same.
        let screen = self.create_screen().await.unwrap_or_else(|failure| {
            tracing::info!(%failure, "the values of Jira's fields are not known");
            BTreeMap::new()
        });
        let offer = |field: &Known| PlatformField {
            name: field.name.clone(),
            id: Some(field.id.clone()),
            holds: field.holds(),
            options: screen.get(&field.id).into_iter().flat_map(OnScreen::allowed).map(|a| a.name).collect(),
            writable: field.writable,
        };
        Ok(catalogue.all.iter().filter(|field| field.is_offered()).map(offer).collect())
    }

    /// What the screen of a new issue of our type takes, by the fields' ids.
    async fn create_screen(&self) -> Result<BTreeMap<String, OnScreen>, Failure> {
        let kind = self.issue_type().await?;
        let mut all = BTreeMap::new();
        let mut read = 0_u64;
        for _ in 0..PAGES_MAX {
            let start = read.to_string();
            let query = [("startAt", start.as_str()), ("maxResults", SCREEN_PAGE)];
            let parts = ["issue", "createmeta", self.api.project(), "issuetypes", kind];
            let page: shape::CreateScreen =
                self.api.get(self.api.url(&parts, &query), About::NewItem).await?;
            within_a_page(page.values.len())?;
            let count = page.values.len() as u64;
            read += count;
            let on = page.values.into_iter().filter_map(|value| element::<OnScreen>(value).ok());
            all.extend(on.filter_map(|on| Some((on.id()?.to_owned(), on))));
            if count == 0 || page.is_last == Some(true) || page.total.is_none_or(|total| read >= total) {
                return Ok(all);
            }
        }
        Err(endless())
    }

    /// Puts a draft's further fields into the request that makes the issue. What its screen does not take is handed
    /// back, for an edit after it.
    ///
    /// # Errors
    /// A field cannot be written, or not with this value: nothing is to be made then.
    pub(super) async fn draft_further(
        &self,
        raw: &BTreeMap<String, Value>,
        body: &mut Map<String, Json>,
    ) -> Result<BTreeMap<String, Value>, Failure> {
        let given: BTreeMap<&String, &Value> = raw.iter().filter(|(_, value)| !value.is_empty()).collect();
        let mut later = BTreeMap::new();
        if given.is_empty() {
            return Ok(later);
        }
        let wanted = self.wanted_now(given.keys().copied()).await?;
        let screen = self.create_screen().await?;
        for (name, value) in given {
            let field = wanted.field(name)?;
            let off = OnScreen::default();
            let sent = sent(field, screen.get(&field.id).unwrap_or(&off), None, value, self.api.is_cloud())?;
            match sent {
                Sent::Whole(json) if screen.contains_key(&field.id) => {
                    body.insert(field.id.clone(), json);
                }
                _ => {
                    later.insert(name.clone(), value.clone());
                }
            }
        }
        Ok(later)
    }
}

/// Finds a field in a list of one, reads a value of it and writes another; nothing may panic.
#[cfg(test)]
pub(super) fn try_one(listed: Listed, held: &str, screen: &Json) {
    let catalogue = Catalogue::new(vec![listed], Some("10000"), true);
    let _two = catalogue.find(held);
    let on = element::<OnScreen>(screen.clone()).unwrap_or_default();
    for field in &catalogue.all {
        let wanted = Value::Text(held.to_owned());
        if let Ok(Sent::Whole(json)) = sent(field, &on, None, &wanted, true) {
            let _not_read = read::value(field.kind, &json);
        }
    }
}
