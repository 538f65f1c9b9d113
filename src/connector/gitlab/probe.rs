//! Looks at the token, the project and the instance's version. It only reads.

use super::{About, GitlabConnector, wire};
use crate::connector::finding::{listed, not_the_platform};
use crate::connector::{Class, Failure, Finding, Probe, Scope, Stops, Trouble};
use crate::support::clock::Timestamp;

/// The oldest version that is spoken to: from here on milestones of groups are listed with `include_ancestors`, and a
/// project that moved answers with a redirect.
const OLDEST: (u32, u32) = (16, 7);
/// The help when there is no account's address.
const NOT_THE_API: &str = "this does not look like GitLab's API; give the instance's own address as `api_url`, such as \
    https://gitlab.example.com";
/// The role Planner: from here on other people's issues can be edited.
const PLANNER: u32 = 15;

impl GitlabConnector {
    /// The number of the project: it stays when the project is renamed or moved.
    pub(super) async fn project_id(&self) -> Result<Option<String>, Failure> {
        let project: wire::Project = self.api.get(self.api.here(&[], &[]), About::Container).await?;
        Ok(Some(project.id.to_string()))
    }

    /// Asks who we are, how old the instance is and what the project lets us do.
    pub(super) async fn probe_connection(&self) -> Result<Probe, Failure> {
        let me = self.api.get(self.api.url(&["user"], &[]), About::Container).await;
        // Every account has this address: without it, no API of GitLab is there.
        let me: wire::Me = me.map_err(|f| not_the_platform(f, NOT_THE_API))?;
        self.check_version().await?;
        let token = self.token().await?;
        let scopes = token.as_ref().and_then(|t| t.scopes.clone());
        let project: wire::Project = self
            .api
            .get(self.api.here(&[], &[]), About::Container)
            .await
            .map_err(|f| self.refused_by_scope(f, scopes.as_deref()))?;
        let switched_off = project.issues_access_level.as_deref() == Some("disabled");
        let mut findings: Vec<Finding> = scopes.as_deref().and_then(of_scopes).into_iter().collect();
        let level = level(project.permissions.as_ref());
        if level < PLANNER && me.is_admin != Some(true) {
            findings.push(of_role(&me.username, level, self.api.project()));
        }
        Ok(Probe {
            login: me.username,
            repository: project.path_with_namespace.unwrap_or_else(|| self.api.project().to_owned()),
            repository_id: Some(project.id.to_string()),
            can_write: findings.is_empty(),
            has_issues: project.issues_enabled.unwrap_or(true) && !switched_off,
            archived: project.archived.unwrap_or(false),
            scopes,
            expires_at: token.and_then(|t| t.expires_at).and_then(start_of),
            clock_offset_ms: self.api.port().gate().clock_offset_ms().unwrap_or(0),
            findings,
        })
    }

    /// A refusal for want of a scope, with those the token has.
    fn refused_by_scope(&self, failure: Failure, scopes: Option<&[String]>) -> Failure {
        let (Some(Trouble::Scope), Some(scopes)) = (failure.trouble, scopes) else { return failure };
        let help = format!(
            "the token has {}; it needs the scope `api`, or `read_api` with `direction = \"pull\"`",
            listed(scopes)
        );
        let help = self.api.port().words(&help);
        failure.with_help(help)
    }

    /// A version that is too old is a matter of configuration; one that is not told or not understood is none.
    async fn check_version(&self) -> Result<(), Failure> {
        let told: wire::Version = match self.api.get(self.api.url(&["version"], &[]), About::Item).await {
            Ok(told) => told,
            Err(failure) if unknown(&failure) => return Ok(()),
            Err(failure) => return Err(failure),
        };
        if numbers(&told.version).is_none_or(|version| version >= OLDEST) {
            return Ok(());
        }
        let words = self.api.port().words(&format!("the instance runs GitLab {}", told.version));
        let help =
            format!("Corkboard needs GitLab {}.{} or later; have the instance updated", OLDEST.0, OLDEST.1);
        Err(Failure::new(Class::Configuration, Scope::Connection, words)
            .with_trouble(Trouble::Version)
            .with_help(help))
    }

    /// What the token says of itself; `None` for what is no personal, project or group token.
    async fn token(&self) -> Result<Option<wire::Token>, Failure> {
        let url = self.api.url(&["personal_access_tokens", "self"], &[]);
        match self.api.get(url, About::Item).await {
            Ok(token) => Ok(Some(token)),
            Err(failure) if unknown(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// What the token's scopes lack.
fn of_scopes(scopes: &[String]) -> Option<Finding> {
    if scopes.iter().any(|s| s == "api") {
        return None;
    }
    let words = format!("the token has {}: nothing can be written with it", listed(scopes));
    Some(Finding::new(Trouble::Scope, Stops::Writes, words, "give it the scope `api`"))
}

/// An account that may not edit what others wrote.
fn of_role(login: &str, level: u32, project: &str) -> Finding {
    let role = match level {
        0 => "no member",
        1..10 => "a member with minimal access",
        _ => "a Guest",
    };
    let words = format!(
        "{login} is {role} of {project} (access level {level}): issues that others wrote cannot be edited"
    );
    let help = format!("give {login} the role Planner (level {PLANNER}) or higher in {project}");
    Finding::new(Trouble::Permission, Stops::Writes, words, help)
}

/// Whether a look told us nothing, and that is all it means.
fn unknown(failure: &Failure) -> bool {
    failure.class != Class::Transient
}

fn level(permissions: Option<&wire::Permissions>) -> u32 {
    let both = permissions.map(|p| [p.project_access.as_ref(), p.group_access.as_ref()]);
    both.into_iter().flatten().flatten().map(|a| a.access_level).max().unwrap_or(0)
}

/// `18.5.1-ee` is 18.5.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A token stops working when its last day begins.
fn start_of(day: chrono::NaiveDate) -> Option<Timestamp> {
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(numbers("18.5.1-ee"), Some((18, 5)));
        assert!(numbers("16.10.0") > Some(OLDEST) && numbers("9.5.10") < Some(OLDEST));
        assert_eq!(numbers("unreleased"), None);
    }

    #[test]
    fn the_higher_of_two_roles_counts() {
        let of = |text: &str| {
            level(serde_json::from_str::<wire::Project>(text).expect("a project").permissions.as_ref())
        };
        let both = r#"{"id":1,"permissions":{"project_access":{"access_level":10},"group_access":{"access_level":40}}}"#;
        assert_eq!(of(both), 40);
        assert_eq!(of(r#"{"id":1,"permissions":{"project_access":null,"group_access":null}}"#), 0);
        assert_eq!(of(r#"{"id":1}"#), 0);
    }
}
