//! Looks at the token and the repository. It only reads.

use super::{About, BitbucketConnector, wire};
use crate::connector::http::Reply;
use crate::connector::{Class, Failure, Probe};

impl BitbucketConnector {
    /// The repository's uuid: it stays when the repository is renamed or moved to another workspace.
    pub(super) async fn repository_id(&self) -> Result<Option<String>, Failure> {
        let repository: wire::Repository = self.api.get(self.api.here(&[], &[]), About::Container).await?;
        Ok(repository.uuid)
    }

    /// Asks who we are and what we may do. The account needs `read:user:bitbucket`, which nothing else does, and which
    /// a repository's access token cannot have: a refusal for want of it is not held against the token.
    pub(super) async fn probe_connection(&self) -> Result<Probe, Failure> {
        let (login, of_user) = match self.api.read(self.api.url(&["user"], &[]), About::Container).await {
            Ok(reply) => {
                let user: wire::Account = self.api.decode(&reply, About::Container)?;
                (user.name().unwrap_or_else(|| "somebody".to_owned()), scopes(&reply))
            }
            Err(f) if f.status == Some(403) && f.class == Class::Configuration => {
                ("a token without read:user:bitbucket".to_owned(), None)
            }
            Err(failure) => return Err(failure),
        };
        let reply = self.api.read(self.api.here(&[], &[]), About::Container).await?;
        let repository: wire::Repository = self.api.decode(&reply, About::Container)?;
        if repository.has_issues == Some(true) {
            tracing::info!(repository = self.api.repository(), "{}", super::classify::NO_ISSUES);
        }
        let scopes = of_user.or_else(|| scopes(&reply));
        Ok(Probe {
            login,
            repository: repository.full_name.unwrap_or_else(|| self.api.repository().to_owned()),
            repository_id: repository.uuid,
            can_write: scopes.as_deref().is_none_or(may_write),
            // Pull requests, which are what is tracked here, cannot be switched off.
            has_issues: true,
            archived: false,
            scopes,
            expires_at: None,
            clock_offset_ms: self.api.port().gate().clock_offset_ms().unwrap_or(0),
        })
    }
}

/// Whether one of the scopes lets pull requests be changed: an API token's name for it, or an access token's.
fn may_write(scopes: &[String]) -> bool {
    let ours = ["write:pullrequest:bitbucket", "pullrequest:write"];
    scopes.iter().any(|s| ours.contains(&s.as_str()))
}

/// The token's scopes, where the answer tells.
fn scopes(reply: &Reply) -> Option<Vec<String>> {
    let header = reply.header("x-oauth-scopes")?;
    let all: Vec<String> =
        header.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    (!all.is_empty()).then_some(all)
}
