//! Answers and GitHub's error shapes. Holds no logic about when to use them.

use serde_json::{Value, json};

/// Where GitHub's errors point to.
const DOCS: &str = "https://docs.github.com/rest";

/// One answer before it is put on the wire.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Answer {
    pub(in crate::sandbox) status: u16,
    pub(in crate::sandbox) headers: Vec<(&'static str, String)>,
    pub(in crate::sandbox) body: String,
    /// A hash of the body when it is known without reading the body.
    pub(in crate::sandbox) hash: Option<u64>,
    /// A list page that has a next page, and the issue at its head: what a `shift` fault acts on.
    pub(in crate::sandbox) walk: Option<(usize, u64)>,
}

impl Answer {
    pub(in crate::sandbox) fn new(status: u16, body: String) -> Self {
        let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
        Self { status, headers, body, hash: None, walk: None }
    }

    #[must_use]
    pub(in crate::sandbox) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

pub(in crate::sandbox) fn ok(value: Value) -> Answer {
    Answer::new(200, value.to_string())
}

pub(in crate::sandbox) fn created(value: &Value) -> Answer {
    let location = value.get("url").and_then(Value::as_str).map(str::to_owned);
    let answer = Answer::new(201, value.to_string());
    match location {
        Some(url) => answer.header("location", url),
        None => answer,
    }
}

pub(in crate::sandbox) fn no_content() -> Answer {
    Answer { headers: Vec::new(), ..Answer::new(204, String::new()) }
}

/// GitHub's plain error.
pub(in crate::sandbox) fn error(status: u16, message: &str) -> Answer {
    let body = json!({"message": message, "documentation_url": DOCS, "status": status.to_string()});
    Answer::new(status, body.to_string())
}

pub(in crate::sandbox) fn not_found() -> Answer {
    error(404, "Not Found")
}

/// 422 with a list of errors.
pub(in crate::sandbox) fn validation(errors: &Value) -> Answer {
    let body =
        json!({"message": "Validation Failed", "errors": errors, "documentation_url": DOCS, "status": "422"});
    Answer::new(422, body.to_string())
}

/// 422 for a request that does not fit the description, in GitHub's words.
pub(in crate::sandbox) fn invalid_request(detail: &str) -> Answer {
    error(422, &format!("Invalid request.\n\n{detail}"))
}

pub(in crate::sandbox) fn moved(status: u16, url: &str) -> Answer {
    let message = if status == 307 { "Temporary Redirect" } else { "Moved Permanently" };
    let body = json!({"message": message, "url": url, "documentation_url": DOCS});
    Answer::new(status, body.to_string()).header("location", url.to_owned())
}

/// The hourly budget is used up.
pub(in crate::sandbox) fn primary() -> Answer {
    let docs = format!("{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api");
    let message = "API rate limit exceeded for user ID 1.";
    Answer::new(403, json!({"message": message, "documentation_url": docs, "status": "403"}).to_string())
}

/// The secondary limit, as 403 or 429.
pub(in crate::sandbox) fn secondary(status: u16, retry_after: u64) -> Answer {
    secondary_silent(status).header("retry-after", retry_after.to_string())
}

/// The secondary limit as GitHub sends it at times: without a word of how long.
pub(in crate::sandbox) fn secondary_silent(status: u16) -> Answer {
    let docs = format!("{DOCS}/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits");
    let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let body = json!({"message": message, "documentation_url": docs, "status": status.to_string()});
    Answer::new(status, body.to_string())
}

/// An answer with a web page in it.
pub(in crate::sandbox) fn html(status: u16, body: &str) -> Answer {
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    Answer { headers, ..Answer::new(status, body.to_owned()) }
}

pub(in crate::sandbox) fn page(body: &str) -> Answer {
    html(200, body)
}

pub(in crate::sandbox) fn no_user_agent() -> Answer {
    html(
        403,
        "Request forbidden by administrative rules. Please make sure your request has a User-Agent header \
         (https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent).\n",
    )
}
