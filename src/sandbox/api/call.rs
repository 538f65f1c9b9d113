//! One request as the API sees it: who, what, with which parameters. Reading and checking only.

#![expect(
    clippy::option_option,
    reason = "a field that is absent, null or a value says three different things"
)]

use serde_json::{Map, Value};

use super::answer::{self, Answer};
use crate::sandbox::accounts::{Account, Role, authenticate};
use crate::sandbox::world::World;
use crate::sandbox::world::edit::By;
use crate::support::clock::Timestamp;

/// The API versions GitHub serves.
pub(in crate::sandbox) const VERSIONS: &[&str] = &["2022-11-28", "2026-03-10"];

/// One request.
#[derive(Debug)]
pub(in crate::sandbox) struct Call {
    pub(in crate::sandbox) method: String,
    /// Path and query as sent, without the `/api/v3` of an enterprise server.
    pub(in crate::sandbox) path: String,
    pub(in crate::sandbox) segments: Vec<String>,
    pub(in crate::sandbox) query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// `/api/v3` when the request came that way.
    prefix: &'static str,
    account: Option<Account>,
    pub(in crate::sandbox) bad_credentials: bool,
    pub(in crate::sandbox) now: Timestamp,
    /// Lists leave out what was created within this many milliseconds.
    pub(in crate::sandbox) lag_ms: Option<i64>,
    /// Issue lists hold every entry twice.
    pub(in crate::sandbox) doubled: bool,
}

impl Call {
    /// Takes a request apart; header names are lower case, as HTTP libraries give them.
    pub(in crate::sandbox) fn new(
        method: &str,
        target: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        now: Timestamp,
    ) -> Self {
        let (prefix, target) = match target.strip_prefix("/api/v3") {
            Some(rest) if rest.starts_with('/') => ("/api/v3", rest),
            _ => ("", target),
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let authorization = headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value);
        let account = authorization.and_then(|value| authenticate(value));
        Self {
            method: if method == "HEAD" { "GET".to_owned() } else { method.to_owned() },
            path: path.to_owned(),
            segments: path.split('/').skip(1).map(decode).collect(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            bad_credentials: authorization.is_some() && account.is_none(),
            headers,
            body,
            prefix,
            account,
            now,
            lag_ms: None,
            doubled: false,
        }
    }

    /// Makes lists leave out what was created within `lag`.
    pub(in crate::sandbox) fn lag(&mut self, lag: std::time::Duration) {
        self.lag_ms = i64::try_from(lag.as_millis()).ok();
    }

    /// Makes issue lists hold every entry twice.
    pub(in crate::sandbox) fn double(&mut self) {
        self.doubled = true;
    }

    pub(in crate::sandbox) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(in crate::sandbox) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(in crate::sandbox) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    pub(in crate::sandbox) fn login(&self) -> Option<&'static str> {
        self.account.map(|account| account.login)
    }

    pub(in crate::sandbox) fn role(&self) -> Role {
        self.account.map_or(Role::None, |account| account.role)
    }

    pub(in crate::sandbox) fn read_only(&self) -> bool {
        self.account.is_some_and(|account| account.read_only)
    }

    /// Whether the caller asked for API version 2026-03-10.
    pub(in crate::sandbox) fn modern(&self) -> bool {
        self.header("x-github-api-version") == Some(VERSIONS[1])
    }

    /// Who acts, and when.
    pub(in crate::sandbox) fn by(&self) -> By {
        By { login: self.login().unwrap_or("guest").to_owned(), at: self.now.0 }
    }

    /// The root under which the caller sees the API.
    pub(in crate::sandbox) fn root(&self, world: &World) -> String {
        format!("{}{}", world.base, self.prefix)
    }

    /// Seconds of the parameter `since`; 422 when it is no RFC 3339 time.
    pub(in crate::sandbox) fn since(&self) -> Result<Option<i64>, Answer> {
        let Some(text) = self.param("since") else { return Ok(None) };
        let spaced = text.replace(' ', "+");
        match chrono::DateTime::parse_from_rfc3339(&spaced) {
            Ok(at) => Ok(Some(at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0))),
            Err(_) => Err(answer::error(422, "The given since value is invalid.")),
        }
    }

    pub(in crate::sandbox) fn raw_json(&self) -> Result<Value, Answer> {
        if self.body.is_empty() {
            return Ok(Value::Object(Map::new()));
        }
        serde_json::from_slice(&self.body).map_err(|_| answer::error(400, "Problems parsing JSON"))
    }

    /// The body as an object.
    pub(in crate::sandbox) fn json(&self) -> Result<Map<String, Value>, Answer> {
        match self.raw_json()? {
            Value::Object(map) => Ok(map),
            _ => Err(answer::error(400, "Body should be a JSON object")),
        }
    }
}

/// A string field: None when it is not there, `Some(None)` when it is null.
pub(in crate::sandbox) fn text_field(
    body: &Map<String, Value>,
    name: &str,
) -> Result<Option<Option<String>>, Answer> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) => Ok(Some(Some(text.clone()))),
        Some(Value::Number(number)) if name == "title" => Ok(Some(Some(number.to_string()))),
        Some(other) => Err(not_a(name, other, "string")),
    }
}

/// A list of names given as strings or as objects with `key`.
pub(in crate::sandbox) fn names(value: &Value, field: &str, key: &str) -> Result<Vec<String>, Answer> {
    let Value::Array(items) = value else { return Err(not_a(field, value, "array")) };
    let name = |item: &Value| match item {
        Value::String(name) => Ok(name.clone()),
        Value::Object(object) if object.get(key).is_some_and(Value::is_string) => {
            Ok(object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned())
        }
        other => Err(not_a(&format!("{field}/0"), other, "string")),
    };
    items.iter().map(name).collect()
}

/// GitHub's words for a value of the wrong type.
pub(in crate::sandbox) fn not_a(field: &str, value: &Value, wanted: &str) -> Answer {
    let shown = if value.is_null() { "nil".to_owned() } else { value.to_string() };
    answer::invalid_request(&format!("For 'properties/{field}', {shown} is not a {wanted}."))
}

/// Undoes %-encoding; bytes that make no UTF-8 become U+FFFD.
fn decode(segment: &str) -> String {
    let (bytes, mut out, mut at) = (segment.as_bytes(), Vec::with_capacity(segment.len()), 0);
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.filter(|_| bytes[at] == b'%').and_then(|two| std::str::from_utf8(two).ok());
        if let Some(value) = hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            out.push(value);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
