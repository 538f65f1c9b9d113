//! What a platform lets one credential do, as its documentation gives it. Tables only; nothing is decided here.

use std::time::Duration;

use crate::domain::health::RequestClass::{self, ContentCreate, Graphql, Read, Search, Write};

/// One limit: so many points in any window of time. Requests cost points by their class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Points that no window may exceed, as the platform documents them.
    pub most: u32,
    /// How long a window is.
    pub window: Duration,
    /// How many of the points may be spent at once. The rest flows back evenly over the window: whatever the sequence
    /// of requests, `at_once` and what flows back in one window make `most` and no more.
    pub at_once: u32,
    /// What a request of each class costs; classes that are not named cost nothing.
    pub costs: &'static [(RequestClass, u32)],
    /// The classes whose budget it is, for the panel.
    pub shown: &'static [RequestClass],
}

/// A platform's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// All that must hold at once.
    pub rules: Vec<Rule>,
    /// Whether pulls slow down when the account that the platform keeps (`x-ratelimit-*`) runs low, and leave a
    /// reserve for a person's own work.
    pub reserve: bool,
}

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

impl Limits {
    /// No limit: for a simulated platform.
    pub const fn none() -> Self {
        Self { rules: Vec::new(), reserve: false }
    }

    /// GitHub's secondary limits, and Enterprise Server's where they are switched on
    /// (`https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api`, "About secondary rate limits":
    /// 900 points a minute, where a read costs one and a change five; 80 content-creating requests a minute and 500 an
    /// hour; GraphQL 2,000 points a minute). A search counts against its own 30 a minute as well. A GraphQL call is
    /// taken for a mutation, which costs five points, since the class does not tell.
    pub fn github() -> Self {
        let points = Rule {
            most: 900,
            window: MINUTE,
            at_once: 300,
            costs: &[(Read, 1), (Write, 5), (ContentCreate, 5), (Search, 1)],
            shown: &[Read, Write],
        };
        let content = Rule {
            most: 80,
            window: MINUTE,
            at_once: 20,
            costs: &[(ContentCreate, 1)],
            shown: &[ContentCreate],
        };
        let content_an_hour = Rule { most: 500, window: HOUR, at_once: 140, ..content.clone() };
        let search = Rule { most: 30, window: MINUTE, at_once: 10, costs: &[(Search, 1)], shown: &[Search] };
        let graphql =
            Rule { most: 2_000, window: MINUTE, at_once: 500, costs: &[(Graphql, 5)], shown: &[Graphql] };
        Self { rules: vec![points, content, content_an_hour, search, graphql], reserve: true }
    }

    /// GitLab.com's own limits (`https://docs.gitlab.com/security/rate_limits/`): 2,000 requests a minute of one user, 200 new
    /// issues a minute, 60 notes a minute. A self-managed instance has its own, which its answers tell.
    pub fn gitlab() -> Self {
        let all = Rule {
            most: 2_000,
            window: MINUTE,
            at_once: 500,
            costs: &[(Read, 1), (Write, 1), (ContentCreate, 1), (Search, 1), (Graphql, 1)],
            shown: &[Read, Write, Graphql],
        };
        let notes = Rule {
            most: 60,
            window: MINUTE,
            at_once: 20,
            costs: &[(ContentCreate, 1)],
            shown: &[ContentCreate],
        };
        let search = Rule { most: 30, window: MINUTE, at_once: 10, costs: &[(Search, 1)], shown: &[Search] };
        Self { rules: vec![all, notes, search], reserve: true }
    }

    /// Jira Cloud's burst limits of an API token (`https://developer.atlassian.com/cloud/jira/platform/rate-limiting/`): 100
    /// reads or creates and 50 changes a second of one endpoint; 20 writes to one issue in two seconds. Half of that is used.
    pub fn jira() -> Self {
        let reads = Rule {
            most: 50,
            window: Duration::from_secs(1),
            at_once: 20,
            costs: &[(Read, 1), (Search, 1), (Graphql, 1)],
            shown: &[Read, Search, Graphql],
        };
        let writes = Rule {
            most: 20,
            window: Duration::from_secs(2),
            at_once: 8,
            costs: &[(Write, 1), (ContentCreate, 1)],
            shown: &[Write, ContentCreate],
        };
        Self { rules: vec![reads, writes], reserve: true }
    }

    /// Bitbucket Cloud's limit (`https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/`): 1,000 requests an hour
    /// of one user, over a rolling window.
    pub fn bitbucket() -> Self {
        let all = Rule {
            most: 1_000,
            window: HOUR,
            at_once: 250,
            costs: &[(Read, 1), (Write, 1), (ContentCreate, 1), (Search, 1), (Graphql, 1)],
            shown: &RequestClass::ALL,
        };
        Self { rules: vec![all], reserve: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_limits_every_class_and_every_request_fits_into_its_bucket() {
        for limits in [Limits::github(), Limits::gitlab(), Limits::jira(), Limits::bitbucket()] {
            assert!(limits.reserve);
            holds(&limits);
        }
    }

    fn holds(limits: &Limits) {
        for class in RequestClass::ALL {
            let cost = |r: &Rule| r.costs.iter().find(|(c, _)| *c == class).map(|(_, cost)| *cost);
            let binding: Vec<&Rule> = limits.rules.iter().filter(|r| cost(r).is_some()).collect();
            assert!(!binding.is_empty(), "{class:?} is limited");
            assert!(limits.rules.iter().any(|r| r.shown.contains(&class)), "{class:?} is shown");
            for rule in binding {
                assert!(rule.at_once < rule.most, "{rule:?}: something flows back");
                // A bucket starts half full; a request dearer than that would wait at every start.
                assert!(cost(rule).is_some_and(|c| c <= rule.at_once / 2), "{rule:?}");
            }
        }
    }
}
