//! The accounts the sandbox knows: their tokens, what each may do. Plain constants, worth nothing outside the sandbox.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Token of `ana`, who may do everything. A classic token: its scopes are announced in `X-OAuth-Scopes`.
pub const ADMIN_TOKEN: &str = "ghp_sandbox_admin";
/// Token of `ben`, who may push; it expires, so `github-authentication-token-expiration` is sent with every answer.
pub const WRITE_TOKEN: &str = "ghp_sandbox_write";
/// Token of `cy`, who may label, assign and close, but not edit what others wrote or create labels.
pub const TRIAGE_TOKEN: &str = "ghp_sandbox_triage";
/// Token of `dee`, who may read, comment and open issues; labels and assignees sent along are dropped without a word.
pub const READ_TOKEN: &str = "ghp_sandbox_read";
/// Token of `guest`, who exists but sees none of the repositories.
pub const NONE_TOKEN: &str = "ghp_sandbox_none";
/// A token that has expired: every request is answered 401.
pub const EXPIRED_TOKEN: &str = "ghp_sandbox_expired";
/// A fine-grained token of `ben` that may only read: a write is answered 403 "Resource not accessible by personal
/// access token".
pub const FINE_GRAINED_TOKEN: &str = "github_pat_sandbox_read_only";
/// A classic token without a scope that opens anything: private repositories answer 404, GitLab refuses all but the
/// account itself, and Jira's gateway answers 401.
pub const SCOPELESS_TOKEN: &str = "ghp_sandbox_scopeless";
/// Token of `ben` that reads projects and cannot change them.
pub const READ_PROJECT_TOKEN: &str = "ghp_sandbox_read_project";
/// Token of `cy`, who may label, assign and close, and has the scope for projects, but no write access to any.
pub const PROJECT_READER_TOKEN: &str = "ghp_sandbox_project_reader";
/// A fine-grained token of `ben` that sees the repository and nothing that is in it: issues, labels and milestones answer
/// 403.
pub const METADATA_TOKEN: &str = "github_pat_sandbox_metadata";

/// What an account may do in the repositories, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees nothing: the repositories answer 404.
    None,
    /// Reads, comments, opens issues.
    Read,
    /// Also labels, assigns, sets milestones, closes and reopens.
    Triage,
    /// Also edits what others wrote and manages labels and milestones.
    Write,
    /// Also administers the repository.
    Admin,
}

/// One token and what it opens.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// The token, sent as `Authorization: Bearer TOKEN`.
    pub token: &'static str,
    /// Whose token it is.
    pub login: &'static str,
    /// What it may do.
    pub role: Role,
    /// One line for people who choose a token.
    pub about: &'static str,
    /// Classic tokens announce their scopes; fine-grained ones do not.
    pub(super) scopes: Option<&'static str>,
    /// Days until the token expires; negative when it already has.
    pub(super) expires_in_days: Option<i64>,
    pub(super) read_only: bool,
}

const fn classic(token: &'static str, login: &'static str, role: Role, about: &'static str) -> Account {
    Account { token, login, role, about, scopes: Some("repo"), expires_in_days: None, read_only: false }
}

/// Every account, from the one that may do most.
pub const ACCOUNTS: &[Account] = &[
    Account {
        scopes: Some("project, read:org, repo"),
        ..classic(ADMIN_TOKEN, "ana", Role::Admin, "may do everything")
    },
    Account {
        expires_in_days: Some(20),
        ..classic(WRITE_TOKEN, "ben", Role::Write, "may push; the token expires in 20 days")
    },
    classic(TRIAGE_TOKEN, "cy", Role::Triage, "may label, assign and close"),
    classic(READ_TOKEN, "dee", Role::Read, "may read, comment and open issues"),
    classic(NONE_TOKEN, "guest", Role::None, "sees no repository"),
    Account {
        expires_in_days: Some(-1),
        ..classic(EXPIRED_TOKEN, "ana", Role::Admin, "has expired: every request is answered 401")
    },
    Account {
        scopes: None,
        expires_in_days: Some(60),
        read_only: true,
        ..classic(
            FINE_GRAINED_TOKEN,
            "ben",
            Role::Write,
            "fine-grained, may only read: a write is answered 403",
        )
    },
    Account {
        scopes: Some("read:project, repo"),
        ..classic(READ_PROJECT_TOKEN, "ben", Role::Write, "may read projects, not change them")
    },
    Account {
        scopes: Some("project, repo"),
        ..classic(PROJECT_READER_TOKEN, "cy", Role::Triage, "may label, and read projects")
    },
    Account {
        scopes: Some("gist, read:user"),
        ..classic(SCOPELESS_TOKEN, "guest", Role::None, "lacks every scope that is needed")
    },
    Account {
        scopes: None,
        read_only: true,
        ..classic(METADATA_TOKEN, "ben", Role::Write, "fine-grained, sees no issue")
    },
];

/// The value of an `Authorization` header with an admitted token put in the place of the one it stands for.
pub(super) fn stand_in(authorization: &str, admitted: &[(String, &'static str)]) -> Option<String> {
    let (scheme, proof) = authorization.split_once(' ')?;
    let known = |token: &str| admitted.iter().find(|(a, _)| a == token).map(|(_, known)| *known);
    if scheme.eq_ignore_ascii_case("basic") {
        let (user, token) = pair(proof)?;
        return Some(format!("{scheme} {}", BASE64_STANDARD.encode(format!("{user}:{}", known(&token)?))));
    }
    Some(format!("{scheme} {}", known(proof.trim())?))
}

/// User and token of a `Basic` credential.
pub(super) fn pair(proof: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(proof.trim()).ok()?).ok()?;
    text.split_once(':').map(|(user, token)| (user.to_owned(), token.to_owned()))
}

/// The account of the value of an `Authorization` header (`Bearer T`, `token T`, or `Basic` of a user and T), when the
/// sandbox knows it and it has not expired.
pub(super) fn authenticate(authorization: &str) -> Option<Account> {
    let (scheme, proof) = authorization.split_once(' ')?;
    let token = match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "token" => proof.trim().to_owned(),
        "basic" => pair(proof)?.1,
        _ => return None,
    };
    ACCOUNTS
        .iter()
        .find(|account| account.token == token && account.expires_in_days.is_none_or(|days| days > 0))
        .copied()
}
