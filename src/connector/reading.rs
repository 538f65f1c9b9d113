//! Reading answers, the same for every platform: decoding with a name for what does not fit, and where redirects lead.

use reqwest::header::LOCATION;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::finding::BETWEEN;
use super::http::{Port, Reply};
use super::{Class, Failure, Outcome, Scope, Trouble};
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
    let ours = error.inner().is_data();
    let (class, scope, message) = if error.inner().is_data() {
        let words =
            format!("{platform}'s answer cannot be understood at `{}`: {}", error.path(), error.inner());
        (Class::Permanent, scope, words)
    } else {
        let what = page(&reply.body);
        let words = format!("the server answered {} with something that is not JSON: {what}", reply.status);
        (Class::Transient, Scope::Connection, words)
    };
    let mut failure = Failure::new(class, scope, port.words(&message));
    if !ours {
        failure = failure.with_trouble(Trouble::Host).with_help(BETWEEN);
    }
    failure.status = Some(reply.status.as_u16());
    failure.request_id = reply.request_id();
    failure.outcome = if reply.mutation { Outcome::Unknown } else { Outcome::NotApplied };
    Err(failure)
}

/// What a body is that is not the API's: a web page by its title, anything else by its beginning.
pub(super) fn page(body: &[u8]) -> String {
    let head = String::from_utf8_lossy(&body[..body.len().min(4_096)]).into_owned();
    let text = head.trim();
    if !text.starts_with('<') {
        return clip(text, 2_048);
    }
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let from = at + lower[at..].find('>')? + 1;
        Some(text[from..from + lower[from..].find('<')?].trim())
    });
    match title.filter(|t| !t.is_empty()) {
        Some(title) => format!("a web page, \"{}\"", clip(title, 120)),
        None => format!("a web page, {}", clip(text, 200)),
    }
}

/// Where a redirect that is not followed leads, as words behind the platform's own.
pub(super) fn leads_to(reply: &Reply) -> String {
    let location = reply.headers.get(LOCATION).and_then(|v| v.to_str().ok());
    let url = location.filter(|_| reply.status.is_redirection()).and_then(|l| reply.url.join(l).ok());
    url.map(|mut url| {
        url.set_query(None);
        url.set_fragment(None);
        format!(", to {url}")
    })
    .unwrap_or_default()
}

/// Decodes one element of a list; the error names the element and the path within.
pub(super) fn element<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value)
        .map_err(|e| clip(&one_line(&format!("{name}: `{}`: {}", e.path(), e.inner())), 200))
}

/// The highest number an item can have: beyond it JSON readers do not agree on a number's value.
pub(super) const NUMBER_MAX: u64 = 1 << 53;

/// Reads an item's number: one that is counted with further on, so it must leave room.
pub(super) fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = <u64 as serde::Deserialize>::deserialize(from)?;
    if number > NUMBER_MAX {
        return Err(serde::de::Error::custom(format_args!("{number} is no issue's number")));
    }
    Ok(number)
}

/// Whether a page of `platform` may have so many entries; one that has more would cost memory that nobody asked for.
pub(super) fn within_a_page(platform: &str, entries: usize, most: usize) -> Result<(), Failure> {
    if entries > most {
        return Err(unlike(format!("a page of a list on {platform} has {entries} entries")));
    }
    Ok(())
}

/// A list of `platform` was followed for longer than any list is.
pub(super) fn endless(platform: &str) -> Failure {
    unlike(format!("a list on {platform} does not end; the pages point in circles"))
}

/// Something no platform does; what stands between us and it may.
pub(super) fn unlike(words: String) -> Failure {
    Failure::new(Class::Transient, Scope::Connection, words)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_page_is_called_by_its_title() {
        let told = |text: &str| page(text.as_bytes());
        assert_eq!(told("<!DOCTYPE html><head><Title lang=en> Sign in\n</title>"), "a web page, \"Sign in\"");
        assert_eq!(told("<p>x</p>"), "a web page, <p>x</p>");
        assert_eq!(told("<title></title>"), "a web page, <title></title>");
        assert_eq!(told("<title"), "a web page, <title");
        assert_eq!(told(" upstream gone "), "upstream gone");
    }
}
