//! GitLab's ways of saying no. Holds no logic about when to use them.

use serde_json::{Value, json};

use crate::sandbox::api::Answer;

/// An answer in JSON.
pub(super) fn json(status: u16, value: &Value) -> Answer {
    Answer::new(status, value.to_string())
}

/// A refusal in one sentence.
pub(super) fn refuse(status: u16, message: &str) -> Answer {
    json(status, &json!({"message": message}))
}

/// A refusal of a parameter, before anything was looked at.
pub(super) fn invalid(what: &str) -> Answer {
    json(400, &json!({"error": what}))
}

/// A refusal of a value, by field.
pub(super) fn unfit(field: &str, why: &str) -> Answer {
    json(400, &json!({"message": {field: [why]}}))
}

/// There is no such thing, or it is not for these eyes.
pub(super) fn not_found(what: &str) -> Answer {
    refuse(404, &format!("404 {what}Not found"))
}

pub(super) fn forbidden() -> Answer {
    refuse(403, "403 Forbidden")
}

/// The token may not do this, whoever it belongs to.
pub(super) fn scope() -> Answer {
    let why = "The request requires higher privileges than provided by the access token.";
    json(403, &json!({"error": "insufficient_scope", "error_description": why, "scope": "api"}))
}

/// The token has expired or was never one.
pub(super) fn token(known: bool) -> Answer {
    if known {
        let why = "Token is expired. You can either do re-authorization or token refresh.";
        return json(401, &json!({"error": "invalid_token", "error_description": why}));
    }
    refuse(401, "401 Unauthorized")
}
