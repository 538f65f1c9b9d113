//! Looks at the token, the site and the project. It only reads.

use super::classify::About;
use super::{JiraConnector, wire};
use crate::connector::finding::not_the_platform;
use crate::connector::http::{Call, Priority};
use crate::connector::{Class, Failure, Finding, Probe, Scope, Stops, Trouble};

/// The first Data Center that knows personal access tokens (Jira Software 8.14 release notes).
const PAT_SINCE: [u32; 2] = [8, 14];
/// The help when there is no word of the server.
const NOT_THE_API: &str = "this does not look like Jira's API; give the site's own address as `api_url`, such as \
    https://SITE.atlassian.net";
/// What we ask to be allowed: Jira's key and its name, what is done by it, and how far its want reaches.
const PERMISSIONS: [(&str, &str, &str, Stops); 6] = [
    ("BROWSE_PROJECTS", "Browse Projects", "issues are read", Stops::Everything),
    ("EDIT_ISSUES", "Edit Issues", "fields are edited", Stops::Writes),
    ("TRANSITION_ISSUES", "Transition Issues", "cards are moved", Stops::Writes),
    ("CREATE_ISSUES", "Create Issues", "new cards become issues", Stops::SomeWrites),
    ("ASSIGN_ISSUES", "Assign Issues", "people are assigned", Stops::SomeWrites),
    ("ADD_COMMENTS", "Add Comments", "comments are sent", Stops::SomeWrites),
];

impl JiraConnector {
    /// The project's number: it stays when the project gets another key.
    pub(super) async fn project_id(&self) -> Result<Option<String>, Failure> {
        Ok(Some(self.project().await?.id))
    }

    async fn project(&self) -> Result<wire::Project, Failure> {
        self.api.get(self.api.url(&["project", self.api.project()], &[]), About::Container).await
    }

    /// Asks who we are, what server this is and what the project lets us do.
    pub(super) async fn probe_connection(&self) -> Result<Probe, Failure> {
        let server: Result<wire::ServerInfo, Failure> =
            self.api.get(self.api.url(&["serverInfo"], &[]), About::Container).await;
        // Every site has this address: without it, no Jira is there.
        let server = server.map_err(|f| not_the_platform(f, NOT_THE_API));
        if let Ok(server) = &server {
            fits(server, self.api.is_cloud())?;
        }
        let who =
            self.api.read(self.api.url(&["myself"], &[]), Priority::Interactive, About::Container).await;
        let who = match who {
            Err(f) if f.status == Some(401) => return Err(self.with_gateway(f).await),
            who => who?,
        };
        let who: wire::User = self.api.decode(&who, About::Container)?;
        server?;
        let project = self.project().await?;
        let keys = PERMISSIONS.map(|(key, ..)| key).join(",");
        let query = [("projectKey", self.api.project()), ("permissions", keys.as_str())];
        let may: wire::Permissions =
            self.api.get(self.api.url(&["mypermissions"], &query), About::Container).await?;
        let have = |name: &str| may.permissions.get(name).is_some_and(|p| p.have_permission);
        let findings = missing(&have, self.api.project());
        Ok(Probe {
            login: who
                .email_address
                .clone()
                .or(who.display_name.clone())
                .or_else(|| who.handle())
                .unwrap_or_default(),
            repository: project.key,
            repository_id: Some(project.id),
            can_write: findings.iter().all(Finding::lets_write),
            // No project of Jira is without issues.
            has_issues: true,
            archived: project.archived,
            scopes: None,
            expires_at: None,
            clock_offset_ms: self.api.port().gate().clock_offset_ms().unwrap_or(0),
            findings,
        })
    }

    /// The failure with the gateway's address of this very site, when the site tells its id.
    async fn with_gateway(&self, failure: Failure) -> Failure {
        if !self.api.is_cloud() || self.api.base().path().contains("/ex/jira/") {
            return failure;
        }
        let url = self.api.on_site(&["_edge", "tenant_info"]);
        let Ok(reply) = self.api.port().send(Call::get(url)).await else { return failure };
        let Ok(tenant) = serde_json::from_slice::<wire::Tenant>(&reply.body) else { return failure };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !reply.status.is_success() || !tenant.cloud_id.chars().all(plain) || tenant.cloud_id.len() > 64 {
            return failure;
        }
        let help = format!(
            "the token is wrong, expired or revoked, or `user` is not its owner's e-mail address; \
             a token with scopes needs `api_url = \"https://api.atlassian.com/ex/jira/{}\"`",
            tenant.cloud_id
        );
        failure.with_help(help)
    }

    /// Where the site's pages are: behind the gateway only the server can tell.
    pub(super) async fn site(&self) -> &str {
        let ask = || async {
            if !self.api.base().path().contains("/ex/jira/") {
                return self.api.base().to_string();
            }
            let url = self.api.url(&["serverInfo"], &[]);
            let server = self.api.get::<wire::ServerInfo>(url, About::Container).await;
            server.ok().and_then(|s| s.base_url).unwrap_or_else(|| self.api.base().to_string())
        };
        self.site.get_or_init(ask).await
    }
}

/// The permissions the account lacks in the project, by what their want stops.
fn missing(have: &dyn Fn(&str) -> bool, project: &str) -> Vec<Finding> {
    let lacks = |stops: Stops| {
        let all = PERMISSIONS.iter().filter(|(key, _, _, of)| *of == stops && !have(key));
        let all: Vec<String> =
            all.map(|(key, name, what, _)| format!("{key} ({name}), by which {what}")).collect();
        (!all.is_empty()).then(|| all.join("; "))
    };
    let found = [Stops::Everything, Stops::Writes, Stops::SomeWrites].into_iter();
    let found = found.filter_map(|stops| lacks(stops).map(|all| (stops, all)));
    let help = format!("a Jira administrator grants it in the permission scheme of {project}");
    found
        .map(|(stops, all)| {
            let words = format!("the account lacks in {project}: {all}");
            Finding::new(Trouble::Permission, stops, words, help.clone())
        })
        .collect()
}

/// Whether the kind of server is the one the configuration means, and new enough.
fn fits(server: &wire::ServerInfo, cloud: bool) -> Result<(), Failure> {
    let wrong = |trouble: Trouble, words: String, help: &str| {
        Err(Failure::new(Class::Configuration, Scope::Connection, words)
            .with_trouble(trouble)
            .with_help(help))
    };
    let is_cloud = server.deployment_type.as_deref().map(|t| t.eq_ignore_ascii_case("cloud"));
    if is_cloud == Some(true) && !cloud {
        return wrong(
            Trouble::Token,
            "this is Jira Cloud, and no user is given".into(),
            "set `user` to the e-mail address of the token's owner",
        );
    }
    if is_cloud == Some(false) && cloud {
        return wrong(
            Trouble::Token,
            "this is Jira Data Center, and a user is given".into(),
            "leave `user` out; a personal access token needs none",
        );
    }
    let numbers = &server.version_numbers;
    if !cloud && numbers.len() >= 2 && numbers[..2] < PAT_SINCE[..] {
        let version = server.version.as_deref().unwrap_or("older");
        let words = format!(
            "this Jira is {}",
            crate::support::text::one_line(&crate::support::text::clip(version, 40))
        );
        return wrong(Trouble::Version, words, "personal access tokens need Jira 8.14 or newer; update Jira");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(kind: &str, numbers: &[u32]) -> wire::ServerInfo {
        serde_json::from_value(serde_json::json!({"deploymentType": kind, "versionNumbers": numbers}))
            .unwrap()
    }

    #[test]
    fn a_server_of_the_other_kind_or_too_old_is_named() {
        assert!(fits(&server("Cloud", &[1001, 0, 0]), true).is_ok());
        assert!(fits(&server("Server", &[8, 14, 0]), false).is_ok());
        assert!(fits(&server("Server", &[10, 3, 1]), false).is_ok());
        for (kind, numbers, cloud) in [
            ("Cloud", [1001, 0], false),
            ("Server", [9, 4], true),
            ("Server", [8, 13], false),
            ("Server", [7, 20], false),
        ] {
            let failure = fits(&server(kind, &numbers), cloud).unwrap_err();
            assert!(failure.help.is_some(), "{failure:?}");
        }
    }
}
