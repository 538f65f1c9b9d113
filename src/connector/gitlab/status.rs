//! GitLab's own Status, which REST does not know: read and set through work items in GraphQL, where version (18.2) and
//! plan (Premium) offer it. Elsewhere one question finds that out, and no other is asked.

use std::sync::Arc;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{About, GitlabConnector, wire};
use crate::connector::{Class, Failure, Outcome, RemoteItem, Scope};

/// Issues whose status is asked for at once.
const AT_ONCE: usize = 50;
/// The statuses an issue of the project can have.
const ALLOWED: &str = "query($path: ID!) { project(fullPath: $path) { workItemTypes(name: ISSUE) { nodes { \
    widgetDefinitions { type ... on WorkItemWidgetDefinitionStatus { allowedStatuses { id name } } } } } } }";
/// The statuses that issues have.
const WORN: &str = "query($path: ID!, $iids: [String!]) { project(fullPath: $path) { workItems(iids: $iids, first: 50) { \
    nodes { iid widgets { type ... on WorkItemWidgetStatus { status { id name } } } } } } }";
/// Gives an issue a status.
const GIVE: &str = "mutation($id: WorkItemID!, $status: WorkItemsStatusesStatusID!) { \
    workItemUpdate(input: {id: $id, statusWidget: {status: $status}}) { errors } }";

/// The statuses there are.
pub(super) type Statuses = Arc<[wire::Status]>;

impl GitlabConnector {
    /// The statuses an issue can have; none where the instance or the plan has no such thing.
    async fn statuses(&self) -> Result<Statuses, Failure> {
        let mut known = self.statuses.lock().await;
        if let Some(known) = known.as_ref() {
            return Ok(Arc::clone(known));
        }
        let asked: Result<wire::Graph<wire::Types>, Failure> =
            self.question(ALLOWED, &json!({"path": self.home().await?})).await;
        let found: Statuses = match asked {
            Ok(answer) => answer.data.map(wire::Types::statuses).unwrap_or_default().into(),
            Err(failure) if failure.class == Class::Transient => return Err(failure),
            Err(failure) => {
                tracing::info!(%failure, "GitLab's own status is not asked for");
                Arc::default()
            }
        };
        *known = Some(Arc::clone(&found));
        Ok(found)
    }

    /// The project's present path: GraphQL follows no former one.
    async fn home(&self) -> Result<String, Failure> {
        let project: wire::Project = self.api.get(self.api.here(&[], &[]), About::Container).await?;
        Ok(project.path_with_namespace.unwrap_or_else(|| self.api.project().to_owned()))
    }

    /// Puts on issues of one project the status each has.
    pub(super) async fn read_statuses(&self, items: &mut [RemoteItem]) -> Result<(), Failure> {
        if items.is_empty() || self.statuses().await?.is_empty() {
            return Ok(());
        }
        for some in items.chunks_mut(AT_ONCE) {
            let Some(path) = some.first().map(|i| i.at.repository.clone()) else { continue };
            let numbers: Vec<String> = some.iter().map(|i| i.at.number.to_string()).collect();
            let variables = json!({"path": path, "iids": numbers});
            let answer: wire::Graph<wire::Worn> = self.question(WORN, &variables).await?;
            if let Some(error) = answer.errors.iter().flatten().next() {
                let words = format!("GitLab does not tell the status of issues: {}", error.message);
                return Err(Failure::new(Class::Transient, Scope::Connection, self.api.port().words(&words)));
            }
            let worn = answer.data.map(wire::Worn::by_number).unwrap_or_default();
            for item in some {
                item.state.status = worn.get(&item.at.number.to_string()).cloned();
            }
        }
        Ok(())
    }

    /// The id of the status with this name.
    pub(super) async fn status_id(&self, name: &str) -> Result<String, Failure> {
        let mut known = self.statuses().await?;
        let same = |s: &&wire::Status| s.name.to_lowercase() == name.to_lowercase();
        if !known.iter().any(|s| same(&s)) {
            *self.statuses.lock().await = None;
            known = self.statuses().await?;
        }
        if let Some(status) = known.iter().find(same) {
            return Ok(status.id.clone());
        }
        let (words, help) = if known.is_empty() {
            let words =
                format!("this project has no status `{name}`: GitLab's own Status needs 18.2 and Premium");
            (words, "map the column to a label, or to open and closed, in `status_mapping`".to_owned())
        } else {
            let all: Vec<String> = known.iter().map(|s| format!("`{}`", s.name)).collect();
            (format!("this project has no status `{name}`"), format!("there are {}", all.join(", ")))
        };
        let failure = Failure::new(Class::Configuration, Scope::Item, self.api.port().words(&words));
        Err(failure.with_help(self.api.port().words(&help)))
    }

    /// Gives an issue the status with this id. A refusal comes as 200 with words.
    pub(super) async fn give_status(&self, item: &RemoteItem, status: &str) -> Result<(), Failure> {
        let variables = json!({"id": format!("gid://gitlab/WorkItem/{}", item.at.id), "status": status});
        let body = json!({"query": GIVE, "variables": variables});
        let reply = self.api.write(Method::POST, self.api.graphql(), body, About::Item).await?;
        let answer: wire::Graph<wire::Given> = self.api.decode(&reply, About::Item)?;
        let given = answer.data.and_then(|d| d.given);
        let told = answer.errors.into_iter().flatten().map(|e| e.message);
        let mut told: Vec<String> = told.chain(given.iter().flat_map(|g| g.errors.clone())).collect();
        if told.is_empty() && given.is_none() {
            told.push("GitLab does not say that the status was set".to_owned());
        }
        if told.is_empty() {
            return Ok(());
        }
        let words = self.api.port().words(&format!("GitLab did not set the status: {}", told.join("; ")));
        Err(Failure::new(Class::Configuration, Scope::Item, words)
            .with_help("the token's account needs the role Planner or higher, and the token the scope `api`")
            .with_outcome(Outcome::NotApplied))
    }

    async fn question<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: &serde_json::Value,
    ) -> Result<wire::Graph<T>, Failure> {
        self.api.get(self.api.question(document, variables), About::Item).await
    }
}
