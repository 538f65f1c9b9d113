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
];

/// The account of the value of an `Authorization` header (`Bearer T`, `token T`, or `Basic` of a user and T), when the
/// sandbox knows it and it has not expired.
pub(super) fn authenticate(authorization: &str) -> Option<Account> {
    let (scheme, proof) = authorization.split_once(' ')?;
    let token = match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "token" => proof.trim().to_owned(),
        "basic" => {
            let pair = String::from_utf8(BASE64_STANDARD.decode(proof.trim()).ok()?).ok()?;
            pair.split_once(':')?.1.to_owned()
        }
        _ => return None,
    };
    ACCOUNTS
        .iter()
        .find(|account| account.token == token && account.expires_in_days.is_none_or(|days| days > 0))
        .copied()
}
