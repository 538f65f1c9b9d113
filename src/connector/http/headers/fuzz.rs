//! Headers as no server should send them: no panic, no overflow, and a wait that is asked for is never cut short.

use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};

use super::*;

const NAMES: [&str; 9] = [
    "date",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "link",
    "x-github-request-id",
    "x-request-id",
    "etag",
];

fn value() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "0",
        "1",
        "60",
        "-1",
        "18446744073709551615",
        "9223372036854775807",
        "9223372036854775",
        "99999999999999999999999999",
        "1e9",
        "0x10",
        " 5 ",
        "Sat, 21 Nov 2026 12:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0000 00:00:00 GMT",
        "Sat, 30 Feb 2026 99:99:99 +9999",
        "<https://h/x?page=2>; rel=\"next\", <https://h/x?page=9>; rel=last",
        "<>; rel=next",
        "<https://h/>; rel=next;;; <<<",
        "<https://[::1/>; rel=\"next\"",
        ",,,,;;;;<<>>",
    ]);
    let bytes = prop::collection::vec(prop_oneof![32..=126_u8, 128..=255_u8], 0..60);
    prop_oneof![3 => known.prop_map(|t| t.as_bytes().to_vec()), 2 => bytes, 1 => any::<u64>().prop_map(|n| n.to_string().into_bytes())]
}

fn any_headers() -> impl Strategy<Value = HeaderMap> {
    prop::collection::vec((prop::sample::select(NAMES.to_vec()), value()), 0..8).prop_map(|pairs| {
        let read = |(name, value): (&str, Vec<u8>)| {
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(&value).ok()?))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.into_iter().filter_map(read) {
            headers.append(name, value);
        }
        headers
    })
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(4_000))]

    #[test]
    fn any_headers_at_all_are_read_without_harm(headers in any_headers(), status in 100..600_u16, now in any::<i64>()) {
        let now = Timestamp(now);
        if let Some(ms) = stay_away_ms(status, &headers, now) {
            prop_assert!(ms > 0);
            prop_assert!(now.plus_ms(ms) >= now, "a wait never ends before it began");
        }
        let _ = (date(&headers), rate(&headers));
        if let Some(id) = request_id(&headers) {
            prop_assert!(id.chars().count() <= 128 && !id.chars().any(crate::support::text::is_unsafe));
        }
        let found = links(&headers);
        for url in [found.next, found.last].into_iter().flatten() {
            prop_assert_eq!(Url::parse(url.as_str()).ok(), Some(url));
        }
    }

    #[test]
    fn a_retry_after_of_any_length_is_kept_whole(seconds in any::<u64>(), now in 0..4_102_444_800_000_i64) {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from(seconds))]);
        let asked = i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
        let got = stay_away_ms(429, &headers, Timestamp(now)).unwrap_or(0);
        prop_assert_eq!(got, asked);
        prop_assert!(Timestamp(now).plus_ms(got).since(Timestamp(now)) >= asked.min(i64::MAX - now));
    }
}
