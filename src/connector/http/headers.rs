//! Reads the headers every platform shares: dates, budgets, waits and links. Pure.

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, LINK, RETRY_AFTER};
use url::Url;

use crate::domain::health::RateLimit;
use crate::support::clock::Timestamp;

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim)
}

fn http_date(value: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc2822(value).ok().map(|d| Timestamp(d.timestamp_millis()))
}

/// The server's clock when it answered.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    text(headers, DATE.as_str()).and_then(http_date)
}

/// The platform's id of a request.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-github-request-id", "x-request-id", "x-arequestid"]
        .iter()
        .find_map(|name| text(headers, name))
        .map(|id| crate::support::text::clip(&crate::support::text::one_line(id), 128))
}

/// The budget, when the answer tells it: GitHub's and Jira's `x-ratelimit-*`, GitLab's `ratelimit-*`. The reset is seconds
/// since the epoch or, on Jira, an ISO 8601 date, both on the server's clock.
pub(super) fn rate(headers: &HeaderMap) -> Option<RateLimit> {
    ["x-ratelimit", "ratelimit"].iter().find_map(|family| {
        let told = |what: &str| text(headers, &format!("{family}-{what}"));
        let number = |what: &str| told(what).and_then(|v| v.parse::<u32>().ok());
        let reset = told("reset")?;
        let resets_at = match reset.parse::<i64>() {
            Ok(seconds) => Timestamp(seconds.saturating_mul(1_000)),
            Err(_) => Timestamp(DateTime::parse_from_rfc3339(reset).ok()?.timestamp_millis()),
        };
        Some(RateLimit { limit: number("limit")?, remaining: number("remaining")?, resets_at })
    })
}

/// How long the server asks us to stay away, from the moment it answered, in milliseconds; however long that is.
///
/// `Retry-After` counts on refusals only and is seconds or an HTTP date (RFC 9110 §10.2.3). A spent budget counts on
/// any answer: the next request would be refused. Dates are the server's, so they are taken relative to its `Date`;
/// `now` stands in where there is none.
pub(super) fn stay_away_ms(status: u16, headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let server_now = date(headers).unwrap_or(now);
    let asked =
        (status >= 400).then(|| text(headers, RETRY_AFTER.as_str())).flatten().and_then(|value| match value
            .parse::<u64>()
        {
            Ok(seconds) => Some(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000)),
            Err(_) => http_date(value).map(|at| at.since(server_now).max(0)),
        });
    // One second more, since both clocks are told in whole seconds.
    let spent = rate(headers)
        .filter(|r| r.remaining == 0)
        .map(|r| r.resets_at.since(server_now).saturating_add(1_000).max(0));
    asked.max(spent).filter(|ms| *ms > 0)
}

/// The pages a list answer points to (RFC 8288).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The next page.
    pub next: Option<Url>,
    /// The last page.
    pub last: Option<Url>,
}

/// Reads the `Link` header.
pub fn links(headers: &HeaderMap) -> Links {
    let mut found = Links::default();
    for value in headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok()) {
        for part in value.split(',').map(str::trim) {
            let Some((url, rest)) = part.strip_prefix('<').and_then(|p| p.split_once('>')) else { continue };
            let Ok(url) = Url::parse(url) else { continue };
            let is = |rel: &str| {
                rest.split(';')
                    .map(str::trim)
                    .any(|p| p == format!("rel=\"{rel}\"") || p == format!("rel={rel}"))
            };
            if is("next") {
                found.next = Some(url);
            } else if is("last") {
                found.last = Some(url);
            }
        }
    }
    found
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| {
                (n.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(v).expect("a value"))
            })
            .collect()
    }

    /// What, status, headers, wait.
    type Row<'a> = (&'a str, u16, &'a [(&'a str, &'a str)], Option<i64>);

    const NOON: &str = "Sat, 21 Nov 2026 12:00:00 GMT";

    #[test]
    fn the_server_says_when_to_come_back() {
        let noon = http_date(NOON).expect("a date");
        let reset = (noon.0 / 1_000 + 90).to_string();
        let spent = [
            ("date", NOON),
            ("x-ratelimit-limit", "60"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", &reset),
        ];
        let table: &[Row<'_>] = &[
            ("seconds", 429, &[("retry-after", "60")], Some(60_000)),
            ("three days are three days", 403, &[("retry-after", "259200")], Some(259_200_000)),
            (
                "a date, by the server's own clock",
                503,
                &[("date", NOON), ("retry-after", "Sat, 21 Nov 2026 12:02:00 GMT")],
                Some(120_000),
            ),
            (
                "a date that has passed",
                503,
                &[("date", NOON), ("retry-after", "Sat, 21 Nov 2026 11:00:00 GMT")],
                None,
            ),
            ("an answer that is no refusal", 202, &[("retry-after", "5")], None),
            ("nonsense", 429, &[("retry-after", "soon")], None),
            ("a spent budget", 403, &spent, Some(91_000)),
            ("a budget spent by a good answer", 200, &spent, Some(91_000)),
        ];
        for (what, status, pairs, want) in table {
            // Our own clock is an hour fast; it must not matter.
            assert_eq!(stay_away_ms(*status, &headers(pairs), noon.plus_ms(3_600_000)), *want, "{what}");
        }
    }

    #[test]
    fn links_are_read_as_they_come() {
        let got = links(&headers(&[(
            "link",
            "<https://api.github.com/repositories/1000/issues?per_page=3&page=2>; rel=\"next\", <https://api.github.com/repositories/1000/issues?per_page=3&page=5>; rel=\"last\"",
        )]));
        assert_eq!(got.next.expect("a next page").query(), Some("per_page=3&page=2"));
        assert_eq!(got.last.expect("a last page").query(), Some("per_page=3&page=5"));
        assert_eq!(links(&headers(&[("link", "<not a url>; rel=next, garbage")])), Links::default());
    }
}
