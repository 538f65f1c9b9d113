//! A project's further fields by name: read once, read again when a name or an id is not among them, and said in words
//! when one that rules name cannot be read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::further::{Asked, Field, Kind, Planned, named};
use super::{FIELD, Project, documents, wire};
use crate::connector::github::{About, GithubConnector};
use crate::connector::{Class, Failure, PlatformField, Scope};
use crate::domain::fields::Value;

impl GithubConnector {
    /// The project's fields as last read, or read now.
    pub(super) async fn fields(&self, project: &Project) -> Result<Arc<Vec<Field>>, Failure> {
        let meta = self.meta(project).await?;
        let mut known = project.fields.lock().await;
        if let Some(fields) = &*known {
            return Ok(Arc::clone(fields));
        }
        let variables = json!({"project": meta.id});
        let answer: wire::AllFields =
            self.api.graphql(documents::FIELDS, variables, About::Container).await?;
        let all = answer.node.map(|node| node.fields.nodes).unwrap_or_default();
        let fields = Arc::new(all.into_iter().flatten().filter_map(Field::of).collect::<Vec<_>>());
        *known = Some(Arc::clone(&fields));
        Ok(fields)
    }

    /// The same, read anew.
    pub(super) async fn fresh_fields(&self, project: &Project) -> Result<Arc<Vec<Field>>, Failure> {
        *project.fields.lock().await = None;
        self.fields(project).await
    }

    /// The further fields that are to be read, under their names in the project. One that is not there is asked for all
    /// the same: it may come back.
    pub(super) async fn asked(&self, project: &Project) -> Result<Asked, Failure> {
        if project.names.is_empty() {
            return Ok(Asked::default());
        }
        let fields = self.fields(project).await?;
        let name = |rule: &String| named(&fields, rule).map_or_else(|| rule.clone(), |f| f.name.clone());
        Ok(Asked { names: project.names.iter().map(|rule| (rule.clone(), name(rule))).collect() })
    }

    /// What must be written for these values. A field or a value that is not among those last read is looked for in
    /// fresh ones.
    ///
    /// # Errors
    /// There is no such field, or it does not take the value; in words, with what there is. Nothing was written.
    pub(super) async fn planned(
        &self,
        project: &Project,
        values: &BTreeMap<String, Value>,
    ) -> Result<Vec<Planned>, Failure> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let fields = self.fields(project).await?;
        if let Ok(planned) = plan(&fields, values) {
            return Ok(planned);
        }
        let fields = self.fresh_fields(project).await?;
        plan(&fields, values).map_err(|words| {
            Failure::new(Class::Configuration, Scope::Item, self.api.port().words(&words)).with_help(
                "change the value, or the field's name in the connection's rules, or add it on GitHub",
            )
        })
    }

    /// The project's fields that rules can name; none without a project.
    pub(in crate::connector::github) async fn platform_fields(&self) -> Result<Vec<PlatformField>, Failure> {
        let Some(project) = &self.project else { return Ok(Vec::new()) };
        let fields = self.fresh_fields(project).await?;
        Ok(fields.iter().filter(|f| f.name != FIELD).filter_map(Field::offered).collect())
    }

    /// Notes which of the fields that rules name can be read. The answer is what has to be said of those that cannot
    /// and could before: each once, until it comes back.
    pub(super) async fn unreadable(
        &self,
        project: &Project,
        asked: &Asked,
        known: &[bool],
    ) -> Result<Vec<String>, Failure> {
        let rules = || asked.names.iter().zip(known).map(|((rule, _), known)| (rule, *known));
        project.missed().retain(|rule| rules().any(|(r, known)| r == rule && !known));
        let new: Vec<&String> = rules()
            .filter(|(rule, known)| !known && !project.missed().contains(*rule))
            .map(|(r, _)| r)
            .collect();
        if rules().any(|(_, known)| !known) {
            // It may have another name by the next poll.
            *project.fields.lock().await = None;
        }
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let fields = self.fields(project).await?;
        let words = new.iter().map(|rule| self.api.port().words(&why_unread(&fields, rule))).collect();
        project.missed().extend(new.into_iter().cloned());
        Ok(words)
    }
}

/// Every value with its field and what GitHub must be given.
fn plan(fields: &[Field], values: &BTreeMap<String, Value>) -> Result<Vec<Planned>, String> {
    let one = |(rule, value): (&String, &Value)| {
        let field = named(fields, rule).ok_or_else(|| no_such_field(fields, rule))?;
        if field.name == FIELD {
            return Err(format!("the project's field `{FIELD}` is the column: a card is moved instead"));
        }
        let given = field.given(value)?;
        Ok(Planned { rule: rule.clone(), field: field.clone(), value: value.clone(), given })
    };
    values.iter().map(one).collect()
}

fn no_such_field(fields: &[Field], name: &str) -> String {
    let writable = fields.iter().filter(|f| f.name != FIELD && !matches!(f.kind, Kind::Issue | Kind::Other));
    let names: Vec<&str> = writable.map(|f| f.name.as_str()).collect();
    let has = if names.is_empty() { "none of its own".to_owned() } else { names.join(", ") };
    format!("the project has no field `{name}`; it has {has}")
}

fn why_unread(fields: &[Field], rule: &str) -> String {
    match named(fields, rule) {
        Some(field) if matches!(field.kind, Kind::Issue | Kind::Other) => {
            format!(
                "the project's field `{}` holds what cannot be read here; its values stay as they are",
                field.name
            )
        }
        // It came back just now, or has another name: the next poll reads it.
        Some(field) => {
            format!("the project's field `{}` was renamed or made anew while it was read", field.name)
        }
        None => format!("{}; the values on the cards stay as they are", no_such_field(fields, rule)),
    }
}
