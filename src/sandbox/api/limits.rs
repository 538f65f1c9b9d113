//! GitHub's budgets and the headers every answer carries. Knows nothing of what a request does.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde_json::json;

use super::answer::{self, Answer};
use super::call::Call;
use crate::support::clock::Timestamp;

/// GitHub's hourly budget of a request without a token.
const ANONYMOUS_LIMIT: u64 = 60;
const HOUR_MS: i64 = 3_600_000;

/// The limits and what each token has used of them.
#[derive(Debug)]
pub(in crate::sandbox) struct Limits {
    primary: u64,
    gap: Option<Duration>,
    per_minute: Option<usize>,
    secondary_status: u16,
    tokens: HashMap<&'static str, Usage>,
    request: u64,
}

#[derive(Debug, Default, Clone)]
struct Usage {
    used: u64,
    reset: i64,
    last_write: Option<Timestamp>,
    /// Arrivals of content-creating requests within the last minute.
    creations: Vec<Timestamp>,
}

impl Limits {
    pub(in crate::sandbox) fn new(
        primary: u64,
        gap: Option<Duration>,
        per_minute: Option<usize>,
        secondary_status: u16,
    ) -> Self {
        Self { primary, gap, per_minute, secondary_status, tokens: HashMap::new(), request: 0 }
    }

    fn limit(&self, call: &Call) -> u64 {
        if call.account().is_some() { self.primary } else { ANONYMOUS_LIMIT }
    }

    /// Usage of the caller's token, its window begun anew when the last one is over.
    fn usage(&mut self, call: &Call) -> &mut Usage {
        let usage = self.tokens.entry(call.account().map_or("", |account| account.token)).or_default();
        if usage.reset <= call.now.0 {
            usage.used = 0;
            usage.reset = call.now.0 + HOUR_MS;
        }
        usage
    }

    /// Refuses a request that is over a limit.
    pub(super) fn admit(&mut self, call: &Call) -> Result<(), Answer> {
        if call.path == "/rate_limit" {
            return Ok(());
        }
        let limit = self.limit(call);
        if self.usage(call).used >= limit {
            return Err(answer::primary());
        }
        if call.method == "GET" { Ok(()) } else { self.admit_write(call) }
    }

    fn admit_write(&mut self, call: &Call) -> Result<(), Answer> {
        let (gap, per_minute, status) = (self.gap, self.per_minute, self.secondary_status);
        let usage = self.usage(call);
        let since_last = usage.last_write.replace(call.now).map(|last| call.now.since(last));
        if let (Some(gap), Some(passed)) = (gap, since_last)
            && i128::from(passed) < gap.as_millis() as i128
        {
            return Err(answer::secondary(status, gap.as_millis().div_ceil(1000).max(1) as u64));
        }
        usage.creations.retain(|at| call.now.since(*at) < 60_000);
        if call.method == "POST" {
            if per_minute.is_some_and(|most| usage.creations.len() >= most) {
                return Err(answer::secondary(status, 60));
            }
            usage.creations.push(call.now);
        }
        Ok(())
    }

    /// The answer to a request after the budget is used up, with the budget coming back `reset` from now.
    pub(in crate::sandbox) fn exhausted(&mut self, call: &Call, reset: Duration) -> Answer {
        let limit = self.limit(call);
        let usage = self.usage(call);
        let before = usage.clone();
        usage.used = limit;
        usage.reset = call.now.plus_ms(i64::try_from(reset.as_millis()).unwrap_or(i64::MAX)).0;
        let answer = self.finish(call, answer::primary());
        *self.usage(call) = before;
        answer
    }

    /// `GET /rate_limit`.
    pub(super) fn overview(&mut self, call: &Call) -> Answer {
        let limit = self.limit(call);
        let usage = self.usage(call);
        let core = json!({
            "limit": limit, "used": usage.used, "remaining": limit.saturating_sub(usage.used),
            "reset": usage.reset.div_euclid(1000), "resource": "core",
        });
        let mut search = core.clone();
        search["resource"] = json!("search");
        (search["limit"], search["remaining"], search["used"]) = (json!(30), json!(30), json!(0));
        let mut overview = json!({"resources": {"core": core, "search": search}});
        if !call.modern() {
            overview["rate"] = core;
        }
        answer::ok(overview)
    }

    /// Adds what GitHub sends with every answer: ETag and 304, budget, dates, ids; counts the request.
    pub(in crate::sandbox) fn finish(&mut self, call: &Call, mut answer: Answer) -> Answer {
        if call.method == "GET" && answer.status == 200 {
            let tag = entity_tag(call, &answer);
            let known = call.header("if-none-match").unwrap_or_default();
            if known.split(',').any(|one| one.trim().trim_start_matches("W/") == &tag[2..]) {
                answer = Answer { status: 304, body: String::new(), walk: None, ..answer };
            }
            answer.headers.push(("etag", tag));
            answer.headers.push(("cache-control", "private, max-age=60, s-maxage=60".to_owned()));
        }
        let free = answer.status == 304 || call.path == "/rate_limit";
        let limit = self.limit(call);
        let usage = self.usage(call);
        usage.used = (usage.used + u64::from(!free)).min(limit);
        let (used, reset) = (usage.used, usage.reset);
        self.request += 1;
        answer.headers.extend([
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", (limit - used).to_string()),
            ("x-ratelimit-used", used.to_string()),
            ("x-ratelimit-reset", reset.div_euclid(1000).to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
            ("x-github-request-id", format!("5A0D:{:04X}:{:08X}", self.request & 0xFFFF, self.request)),
            ("x-github-media-type", "github.v3; format=json".to_owned()),
        ]);
        let version = call.header("x-github-api-version").unwrap_or(super::call::VERSIONS[0]);
        answer.headers.push(("x-github-api-version-selected", version.to_owned()));
        account_headers(call, &mut answer);
        answer
    }
}

/// What the token says of itself.
fn account_headers(call: &Call, answer: &mut Answer) {
    let Some(account) = call.account() else { return };
    if let Some(scopes) = account.scopes {
        answer.headers.push(("x-oauth-scopes", scopes.to_owned()));
        answer.headers.push(("x-accepted-oauth-scopes", "repo".to_owned()));
    }
    if let Some(days) = account.expires_in_days {
        let at = call.now.plus_ms(days * 86_400_000).to_utc();
        let text = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        answer.headers.push(("github-authentication-token-expiration", text));
    }
}

/// A weak tag over the content, different for each token.
fn entity_tag(call: &Call, answer: &Answer) -> String {
    let mut hasher = DefaultHasher::new();
    call.account().map(|account| account.token).hash(&mut hasher);
    match answer.hash {
        Some(hash) => hash.hash(&mut hasher),
        None => answer.body.hash(&mut hasher),
    }
    answer.headers.iter().filter(|(name, _)| *name == "link").for_each(|link| link.hash(&mut hasher));
    format!("W/\"{:016x}\"", hasher.finish())
}
