//! Reading answers, the same for every platform: decoding with a name for what does not fit, and where redirects lead.

use reqwest::header::LOCATION;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::http::{Port, Reply};
use super::{Class, Failure, Outcome, Scope};
use crate::support::text::{clip, one_line};

/// Decodes an answer of `platform`; what does not fit is named by its path, and is a failure of `scope`.
pub(super) fn decode<T: DeserializeOwned>(
    port: &Port,
    platform: &str,
    reply: &Reply,
    scope: Scope,
) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(&reply.body);
    let error = match serde_path_to_error::deserialize(&mut json) {
        Ok(value) => return Ok(value),
        Err(e) => e,
    };
    let (class, scope, message) = if error.inner().is_data() {
        let words =
            format!("{platform}'s answer cannot be understood at `{}`: {}", error.path(), error.inner());
        (Class::Permanent, scope, words)
    } else {
        let head = String::from_utf8_lossy(&reply.body[..reply.body.len().min(2_048)]).into_owned();
        let words = format!("the server answered {} with something that is not JSON: {head}", reply.status);
        (Class::Transient, Scope::Connection, words)
    };
    let mut failure = Failure::new(class, scope, port.words(&message));
    failure.status = Some(reply.status.as_u16());
    failure.request_id = reply.request_id();
    failure.outcome = if reply.mutation { Outcome::Unknown } else { Outcome::NotApplied };
    Err(failure)
}

/// Decodes one element of a list; the error names the element and the path within.
pub(super) fn element<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value)
        .map_err(|e| clip(&one_line(&format!("{name}: `{}`: {}", e.path(), e.inner())), 200))
}

/// Where a redirect leads, when it may be followed: reads always, writes only where the method is kept (307, 308).
pub(super) fn destination(reply: &Reply) -> Option<Url> {
    let follow = match reply.status.as_u16() {
        301 | 302 => !reply.mutation,
        307 | 308 => true,
        _ => false,
    };
    let location = reply.headers.get(LOCATION)?.to_str().ok()?;
    let mut url = reply.url.join(location).ok().filter(|_| follow)?;
    // A place that moved must not turn a question about all its items into one about the open ones.
    if url.query().is_none() {
        url.set_query(reply.url.query());
    }
    Some(url)
}
