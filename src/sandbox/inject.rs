//! Decides which fault hits which request. Knows nothing of what a fault then does.

use std::time::Duration;

use super::faults::{Action, Faults, Rule};
use super::random::Random;

/// The rules with their counters and the generator behind `p=`.
#[derive(Debug)]
pub(super) struct Injector {
    faults: Faults,
    /// Per rule: how many requests matched, and how many of them were hit.
    counters: Vec<(u64, u64)>,
    random: Random,
}

/// What happens to one request.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) latency: Duration,
    pub(super) action: Option<Action>,
}

impl Injector {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        let counters = vec![(0, 0); faults.rules.len()];
        Self { faults, counters, random: Random::new(seed) }
    }

    /// Replaces the rules and starts their counters anew; the generator goes on.
    pub(super) fn replace(&mut self, faults: Faults) {
        self.counters = vec![(0, 0); faults.rules.len()];
        self.faults = faults;
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Counts the request and says what happens to it. `target` is path and query.
    pub(super) fn judge(&mut self, method: &str, target: &str) -> Verdict {
        let mut verdict = Verdict::default();
        for (rule, (seen, fired)) in self.faults.rules.iter().zip(&mut self.counters) {
            if !matches(rule, method, target) {
                continue;
            }
            *seen += 1;
            if !selected(rule, *seen, *fired, &mut self.random) {
                continue;
            }
            match &rule.action {
                Action::Latency(time) => verdict.latency += *time,
                _ if verdict.action.is_some() => continue,
                action => verdict.action = Some(action.clone()),
            }
            *fired += 1;
        }
        verdict
    }
}

fn matches(rule: &Rule, method: &str, target: &str) -> bool {
    let read = matches!(method, "GET" | "HEAD");
    let method_fits = match rule.method.as_deref() {
        None => true,
        Some("READ") => read,
        Some("WRITE") => !read,
        Some(wanted) => wanted == method,
    };
    let path_fits = rule.path.as_deref().is_none_or(|pattern| {
        let path = target.split('?').next().unwrap_or(target);
        glob(pattern, if pattern.contains('?') { target } else { path })
    });
    method_fits && path_fits
}

fn selected(rule: &Rule, seen: u64, fired: u64, random: &mut Random) -> bool {
    if seen <= rule.after || rule.count.is_some_and(|count| fired >= count) {
        return false;
    }
    let index = seen - rule.after;
    rule.nth.is_none_or(|nth| index == nth)
        && rule.every.is_none_or(|every| index.is_multiple_of(every))
        && rule.probability.is_none_or(|p| random.unit() < p)
}

/// Whether `text` fits `pattern`, where `*` stands for any run of characters.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        assert!(glob("*/issues/*", "/repos/octo/app/issues/7"));
        assert!(glob("/repos/*/labels", "/repos/octo/app/labels"));
        assert!(!glob("/repos/*/labels", "/repos/octo/app/labels/bug"));
        assert!(!glob("*aXb*b", "aXb"));
    }

    #[test]
    fn selectors_pick_exactly_the_requests_they_name() {
        let hits = |spec: &str| -> Vec<usize> {
            let mut injector = Injector::new(spec.parse().unwrap(), 7);
            (1..=12).filter(|_| injector.judge("GET", "/x").action.is_some()).collect()
        };
        assert_eq!(hits("nth=3 hang"), [3]);
        assert_eq!(hits("every=4 hang"), [4, 8, 12]);
        assert_eq!(hits("count=2 hang"), [1, 2]);
        assert_eq!(hits("after=10 hang"), [11, 12]);
        assert_eq!(hits("after=4 count=1 hang"), [5]);
        assert_eq!(hits("WRITE hang"), [0_usize; 0]);
        assert_eq!(hits("p=0.5 hang"), hits("p=0.5 hang"), "the same seed, the same run");
    }
}
