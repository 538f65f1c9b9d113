//! Looks at the token, the repository and the project. It only reads.

use chrono::{DateTime, NaiveDateTime};
use octocrab::models::Repository;

use super::{About, GithubConnector, wire};
use crate::connector::http::Reply;
use crate::connector::{Failure, Probe};
use crate::support::clock::Timestamp;

impl GithubConnector {
    /// The number of the repository: it stays when the repository is renamed or given to another owner.
    pub(super) async fn repository_id(&self) -> Result<Option<String>, Failure> {
        let repository: wire::Numbered = self.api.get(self.api.here(&[], &()), About::Container).await?;
        Ok(Some(repository.id.to_string()))
    }

    /// Asks who we are and what the repository lets us do.
    pub(super) async fn probe_connection(&self) -> Result<Probe, Failure> {
        let who = self.api.read(self.api.url(&["user"], &()), None, About::Container).await?.reply;
        let user: wire::User = self.api.decode(&who, About::Container)?;
        let repository: Repository = self.api.get(self.api.here(&[], &()), About::Container).await?;
        // Editing labels, assignees and milestones takes triage; a token of Enterprise Server may not tell.
        let can_write =
            repository.permissions.as_ref().is_none_or(|p| p.admin || p.maintain || p.push || p.triage);
        let scopes = scopes(&who);
        let can_move = self.project_can_be_written(scopes.as_deref()).await?;
        Ok(Probe {
            login: user.login,
            repository: repository.full_name.unwrap_or_else(|| self.api.repository().to_owned()),
            repository_id: Some(repository.id.to_string()),
            can_write: can_write && can_move,
            has_issues: repository.has_issues.unwrap_or(true),
            archived: repository.archived.unwrap_or(false),
            scopes,
            expires_at: who.header("github-authentication-token-expiration").and_then(expiry),
            clock_offset_ms: self.api.port().gate().clock_offset_ms().unwrap_or(0),
        })
    }
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
