//! Looks at the token, the repository and the project. It only reads.

use chrono::{DateTime, NaiveDateTime};
use octocrab::models::Repository;

use super::{About, GithubConnector, wire};
use crate::connector::finding::{listed, not_the_platform};
use crate::connector::http::Reply;
use crate::connector::{Failure, Finding, Probe, Stops, Trouble};
use crate::support::clock::Timestamp;

impl GithubConnector {
    /// The number of the repository: it stays when the repository is renamed or given to another owner.
    pub(super) async fn repository_id(&self) -> Result<Option<String>, Failure> {
        let repository: wire::Numbered = self.api.get(self.api.here(&[], &()), About::Container).await?;
        Ok(Some(repository.id.to_string()))
    }

    /// Asks who we are and what the repository lets us do.
    pub(super) async fn probe_connection(&self) -> Result<Probe, Failure> {
        let who = self.api.read(self.api.url(&["user"], &()), None, About::Container).await;
        // Every account has this address: without it, no API of GitHub is there.
        let who = who.map_err(|f| not_the_platform(f, NOT_THE_API))?.reply;
        let user: wire::User = self.api.decode(&who, About::Container)?;
        let scopes = scopes(&who);
        let repository: Result<Repository, Failure> =
            self.api.get(self.api.here(&[], &()), About::Container).await;
        let repository = repository.map_err(|f| self.unseen(f, scopes.as_deref()))?;
        let mut findings = Vec::new();
        findings.extend(too_old(&who, &|text| self.api.port().words(text)));
        findings.extend(scopes.as_deref().and_then(of_scopes));
        findings.extend(self.of_role(&user.login, &repository));
        findings.extend(self.project_findings(scopes.as_deref()).await?);
        Ok(Probe {
            login: user.login,
            repository: repository.full_name.unwrap_or_else(|| self.api.repository().to_owned()),
            repository_id: Some(repository.id.to_string()),
            can_write: findings.iter().all(Finding::lets_write),
            has_issues: repository.has_issues.unwrap_or(true),
            archived: repository.archived.unwrap_or(false),
            scopes,
            expires_at: who.header("github-authentication-token-expiration").and_then(expiry),
            clock_offset_ms: self.api.port().gate().clock_offset_ms().unwrap_or(0),
            findings,
        })
    }

    /// A repository that is not shown, when the token's own scopes are a reason for it.
    fn unseen(&self, failure: Failure, scopes: Option<&[String]>) -> Failure {
        let Some(scopes) =
            scopes.filter(|all| failure.status == Some(404) && !all.iter().any(|s| s == "repo"))
        else {
            return failure;
        };
        let help = format!(
            "the token has {}, and a private repository is shown only to one with `repo`; if it has no need of that, \
             check the spelling: {}",
            listed(scopes),
            self.api.repository()
        );
        let help = self.api.port().words(&help);
        failure.with_trouble(Trouble::Scope).with_help(help)
    }

    /// What the account's role lacks. A token of Enterprise Server may not tell its role.
    fn of_role(&self, login: &str, repository: &Repository) -> Option<Finding> {
        let role = repository.permissions.as_ref()?;
        let place = self.api.repository();
        if role.admin || role.maintain || role.push {
            return None;
        }
        let help = format!("give {login} the role Write in {place}");
        // Editing labels, assignees and milestones takes triage.
        Some(if role.triage {
            let words = format!(
                "{login} has the role Triage in {place}: titles and bodies that others wrote cannot be edited, nor \
                 labels and milestones be made"
            );
            Finding::new(Trouble::Permission, Stops::SomeWrites, words, help)
        } else {
            let words = format!("{login} may only read in {place}");
            Finding::new(Trouble::Permission, Stops::Writes, words, help)
        })
    }
}

/// The help when there is no account's address.
const NOT_THE_API: &str =
    "this does not look like GitHub's API; check `api_url` (Enterprise Server: https://HOST/api/v3)";
/// The oldest Enterprise Server that is spoken to: with it the API got versions, and 2022-11-28 is the first
/// (`https://docs.github.com/en/enterprise-server@3.8/rest`).
const OLDEST_SERVER: (u32, u32) = (3, 9);

/// An Enterprise Server that is too old; it names its version with every answer, github.com names none.
fn too_old(reply: &Reply, words: &dyn Fn(&str) -> String) -> Option<Finding> {
    let told = reply.header("x-github-enterprise-version")?;
    let mut parts = told.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty());
    let version: (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (version < OLDEST_SERVER).then(|| {
        let help = format!(
            "Corkboard needs GitHub Enterprise Server {}.{} or later; have the server updated",
            OLDEST_SERVER.0, OLDEST_SERVER.1
        );
        let words = words(&format!("the server runs GitHub Enterprise Server {told}"));
        Finding::new(Trouble::Version, Stops::Everything, words, help)
    })
}

/// What a classic token's scopes lack.
fn of_scopes(scopes: &[String]) -> Option<Finding> {
    if scopes.iter().any(|s| s == "repo" || s == "public_repo") {
        return None;
    }
    let words = format!("the token has {}: issues can be read and not written", listed(scopes));
    let help = "give it the scope `repo`, or `public_repo` for a public repository";
    Some(Finding::new(Trouble::Scope, Stops::Writes, words, help))
}

/// A classic token's scopes; fine-grained and app tokens have none and send an empty header or no header.
fn scopes(reply: &Reply) -> Option<Vec<String>> {
    let header = reply.header("x-oauth-scopes")?;
    let all: Vec<String> =
        header.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    (!all.is_empty()).then_some(all)
}

/// GitHub writes `2026-12-01 00:00:00 UTC`, or an offset such as `+0200` in place of `UTC`.
fn expiry(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(utc) = text.strip_suffix(" UTC") {
        let at = NaiveDateTime::parse_from_str(utc, "%Y-%m-%d %H:%M:%S").ok()?;
        return Some(at.and_utc().into());
    }
    let at = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z").ok()?;
    Some(Timestamp(at.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tokens_end_is_read_in_both_spellings() {
        assert_eq!(expiry("2026-12-01 00:00:00 UTC"), expiry("2026-12-01 02:00:00 +0200"));
        assert_eq!(
            expiry("2026-12-01 00:00:00 UTC").map(Timestamp::to_rfc3339).as_deref(),
            Some("2026-12-01T00:00:00Z")
        );
        assert_eq!(expiry("never"), None);
    }
}
