//! When a person is told of a connection: rules over its health. Pure; an alert that goes on keeps its beginning.

use std::time::Duration;

use crate::domain::health::{Alert, Health};
use crate::support::clock::Timestamp;

/// When a person is told. A rule whose number is zero never tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertRules {
    /// A connection has failed for so long.
    pub down_after: Duration,
    /// So many items wait for a person.
    pub parked: u32,
    /// Less than so many percent of the platform's budget are left.
    pub budget_under: u32,
    /// The token ends within this time.
    pub token_expires_within: Duration,
}

impl Default for AlertRules {
    fn default() -> Self {
        Self {
            down_after: Duration::from_mins(10),
            parked: 1,
            budget_under: 10,
            token_expires_within: Duration::from_hours(7 * 24),
        }
    }
}

/// The alerts of one connection now, in a fixed order.
pub fn alerts(health: &Health, rules: &AlertRules, now: Timestamp) -> Vec<Alert> {
    let mut out = Vec::new();
    let mut begin = |rule: &str, since: Timestamp, text: String| {
        let since = health.alerts.iter().find(|a| a.rule == rule).map_or(since, |a| a.since);
        out.push(Alert { rule: rule.to_owned(), text, since });
    };
    if let Some(since) = health.down_since
        && down_at(health, rules).is_some_and(|at| at <= now)
    {
        let why = health.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
        begin("down", since, format!("down since {}{why}", since.to_rfc3339()));
    }
    if rules.parked > 0 && health.failed_total >= rules.parked {
        let since = health.failed.iter().map(|f| f.since).min().unwrap_or(now);
        let what = if health.failed_total == 1 { "item waits" } else { "items wait" };
        begin("parked", since, format!("{} {what} for you", health.failed_total));
    }
    if let Some(rate) = health.rate.filter(|r| r.limit > 0 && r.resets_at > now)
        && u64::from(rate.remaining) * 100 < u64::from(rate.limit) * u64::from(rules.budget_under)
    {
        let until = rate.resets_at.to_rfc3339();
        let text = format!("{} of {} requests are left until {until}", rate.remaining, rate.limit);
        begin("budget", now, text);
    }
    if let Some(end) = health.token_expires
        && let Some(from) = expiry_at(health, rules).filter(|from| *from <= now)
    {
        let word = if end <= now { "expired at" } else { "expires at" };
        begin("token", from, format!("the token {word} {}", end.to_rfc3339()));
    }
    out
}

/// When the alerts of a connection may change although nothing happens: the next moment to look again.
pub fn due(health: &Health, rules: &AlertRules, now: Timestamp) -> Option<Timestamp> {
    let budget = health.rate.map(|r| r.resets_at);
    [down_at(health, rules), expiry_at(health, rules), health.token_expires, budget]
        .into_iter()
        .flatten()
        .filter(|at| *at > now)
        .min()
}

fn down_at(health: &Health, rules: &AlertRules) -> Option<Timestamp> {
    let wait = Some(rules.down_after).filter(|wait| !wait.is_zero() && health.is_down())?;
    Some(health.down_since?.plus_ms(wait.as_millis() as i64))
}

fn expiry_at(health: &Health, rules: &AlertRules) -> Option<Timestamp> {
    let before = Some(rules.token_expires_within).filter(|before| !before.is_zero())?;
    Some(health.token_expires?.plus_ms(-(before.as_millis() as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ConnectionName;
    use crate::domain::health::{HealthState, RateLimit};

    fn health() -> Health {
        Health::new(ConnectionName::new("core"), "github", "octo/app".into())
    }

    fn told(health: &Health, now: i64) -> Vec<(String, i64)> {
        let all = alerts(health, &AlertRules::default(), Timestamp(now));
        all.into_iter().map(|a| (a.rule, a.since.0)).collect()
    }

    #[test]
    fn a_connection_that_is_down_is_told_after_its_time_and_not_before() {
        let h = Health { down_since: Some(Timestamp(1_000)), ..health() };
        assert_eq!(told(&h, 600_999), []);
        assert_eq!(due(&h, &AlertRules::default(), Timestamp(2_000)), Some(Timestamp(601_000)));
        assert_eq!(told(&h, 601_000), [("down".to_owned(), 1_000)]);
        assert_eq!(due(&h, &AlertRules::default(), Timestamp(601_000)), None, "nothing more comes of itself");
    }

    #[test]
    fn a_connection_somebody_paused_is_not_down() {
        let h = Health { down_since: Some(Timestamp(0)), state: HealthState::Paused, ..health() };
        assert_eq!(told(&h, i64::MAX / 2), []);
    }

    #[test]
    fn an_alert_that_goes_on_keeps_its_beginning() {
        let rate = RateLimit { limit: 5_000, remaining: 499, resets_at: Timestamp(90_000) };
        let mut h = Health { rate: Some(rate), ..health() };
        h.alerts = alerts(&h, &AlertRules::default(), Timestamp(10));
        h.rate = Some(RateLimit { remaining: 3, ..rate });
        assert_eq!(told(&h, 5_000), [("budget".to_owned(), 10)]);
        assert_eq!(told(&h, 90_000), [], "the window is over: what is left now is not known");
        h.rate = Some(RateLimit { remaining: 500, ..rate });
        assert_eq!(told(&h, 5_000), []);
    }

    #[test]
    fn a_token_that_ends_within_the_week_is_told_and_so_is_one_that_ended() {
        let week = 7 * 24 * 3_600_000;
        let h = Health { token_expires: Some(Timestamp(week + 50)), ..health() };
        assert_eq!(told(&h, 49), []);
        assert_eq!(told(&h, 50), [("token".to_owned(), 50)]);
        let late = alerts(&h, &AlertRules::default(), Timestamp(week + 51));
        assert!(late[0].text.contains("expired"), "{late:?}");
    }

    #[test]
    fn a_rule_of_zero_never_tells() {
        let off = AlertRules {
            down_after: Duration::ZERO,
            parked: 0,
            budget_under: 0,
            token_expires_within: Duration::ZERO,
        };
        let h = Health {
            down_since: Some(Timestamp(0)),
            failed_total: 9,
            rate: Some(RateLimit { limit: 10, remaining: 0, resets_at: Timestamp(i64::MAX) }),
            token_expires: Some(Timestamp(1)),
            ..health()
        };
        assert_eq!(alerts(&h, &off, Timestamp(1_000_000)), []);
        assert_eq!(told(&h, 1_000_000).len(), 4, "with the usual rules each of them tells");
    }
}
