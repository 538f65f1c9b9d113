//! Looks at the token and the repository. It only reads.

use super::{About, BitbucketConnector, wire};
use crate::connector::finding::{listed, not_the_platform};
use crate::connector::http::Reply;
use crate::connector::{Class, Failure, Finding, Probe, Stops, Trouble};

impl BitbucketConnector {
    /// The repository's uuid: it stays when the repository is renamed or moved to another workspace.
    pub(super) async fn repository_id(&self) -> Result<Option<String>, Failure> {
        let repository: wire::Repository = self.api.get(self.api.here(&[], &[]), About::Container).await?;
        Ok(repository.uuid)
    }

    /// Asks who we are and what we may do. The account needs `read:user:bitbucket`, which nothing else does, and which
    /// a repository's access token cannot have: a refusal for want of it is not held against the token.
    pub(super) async fn probe_connection(&self) -> Result<Probe, Failure> {
        let who = self.api.read(self.api.url(&["user"], &[]), About::Container).await;
        // Every account has this address: without it, no API of Bitbucket is there.
        let (login, of_user) = match who.map_err(|f| not_the_platform(f, NOT_THE_API)) {
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
        let mut findings = scopes.as_deref().map(of_scopes).unwrap_or_default();
        findings.extend(self.of_role(&login).await?);
        Ok(Probe {
            login,
            repository: repository.full_name.unwrap_or_else(|| self.api.repository().to_owned()),
            repository_id: repository.uuid,
            can_write: findings.iter().all(Finding::lets_write),
            // Pull requests, which are what is tracked here, cannot be switched off.
            has_issues: true,
            archived: false,
            scopes,
            expires_at: None,
            clock_offset_ms: self.api.port().gate().clock_offset_ms().unwrap_or(0),
            findings,
        })
    }

    /// An account that may read the repository and not write. Only an administrator may list permissions; anybody may
    /// ask in which repositories of the workspace they have a role, where an access token may not even do that.
    async fn of_role(&self, login: &str) -> Result<Option<Finding>, Failure> {
        let place = self.api.repository();
        let workspace = place.split_once('/').map_or(place, |(workspace, _)| workspace);
        let named = format!("full_name=\"{place}\"");
        for (role, writes) in [("contributor", true), ("admin", true), ("member", false)] {
            let query = [("role", role), ("q", named.as_str()), ("pagelen", "1")];
            let url = self.api.url(&["repositories", workspace], &query);
            let reply = match self.api.read(url, About::Container).await {
                Ok(reply) => reply,
                Err(failure) if failure.class == Class::Transient => return Err(failure),
                Err(_) => return Ok(None),
            };
            let Ok(listing) = self.api.listing(&reply, About::Container) else { return Ok(None) };
            if listing.values.is_empty() {
                continue;
            }
            let words = format!("{login} may only read in {place}");
            let help = format!("give {login} write access to {place}: its settings, Repository permissions");
            return Ok((!writes).then(|| Finding::new(Trouble::Permission, Stops::Writes, words, help)));
        }
        // No role at all, and yet it is shown: a public repository, or a token that is nobody's.
        Ok(None)
    }
}

/// The help when there is no account's address.
const NOT_THE_API: &str =
    "this does not look like Bitbucket's API; check `api_url` (https://api.bitbucket.org/2.0)";

/// What the token's scopes lack: an API token names them one way, an access token the other, of which only the latter
/// read what they may write.
fn of_scopes(scopes: &[String]) -> Vec<Finding> {
    let has = |any: &[&str]| scopes.iter().any(|s| any.contains(&s.as_str()));
    let finding = |stops, what: &str, name: &str| {
        let words = format!("the token has {}: pull requests cannot be {what}", listed(scopes));
        Finding::new(Trouble::Scope, stops, words, format!("give it the scope {name}"))
    };
    let mut out = Vec::new();
    if !has(&["read:pullrequest:bitbucket", "pullrequest", "pullrequest:write"]) {
        out.push(finding(
            Stops::Everything,
            "read",
            "read:pullrequest:bitbucket (an access token: `pullrequest`)",
        ));
    }
    if !may_write(scopes) {
        let name = "write:pullrequest:bitbucket (an access token: `pullrequest:write`)";
        out.push(finding(Stops::Writes, "written", name));
    }
    out
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
