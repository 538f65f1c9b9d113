//! What goes wrong on a platform: the faults of the plan, suited to the one they hit.

use corkboard::sandbox::{Action, Faults, Recorded, Rule};

use super::place::{Ground, Realm};
use super::world::World;

impl World {
    pub fn no_faults(&self) {
        self.sandbox().set_faults(Faults::default());
        self.sandbox().jira().set_index_lag(0);
    }

    /// Lets these platforms have faults, and the others none.
    pub fn set_faults(&self, grounds: &[Ground], spec: &str) {
        let faults: Faults = spec.parse().expect("faults");
        if self.realm == Realm::One {
            return self.sandbox().set_faults(faults);
        }
        let rules = grounds.iter().flat_map(|g| faults.rules.iter().map(|rule| suited(*g, rule)));
        let rules = rules.collect();
        self.sandbox().set_faults(Faults { rules });
        let lags = grounds.contains(&Ground::Jira) && spec.contains("stale");
        self.sandbox().jira().set_index_lag(if lags { 30_000 } else { 0 });
    }
}

/// Whether a request that is sent as a write only asks.
pub fn asks(request: &Recorded) -> bool {
    request.path.starts_with("/gitlab/") && request.path.ends_with("/graphql")
}

/// A rule for one platform: on its paths, with its methods, and of its ways to say that it is too much.
fn suited(ground: Ground, rule: &Rule) -> Rule {
    let mut rule = rule.clone();
    let (prefix, list, one) = match ground {
        Ground::Github => ("/repos/", "/issues?", "/issues"),
        Ground::Gitlab => ("/gitlab/", "/issues?", "/issues"),
        Ground::Jira => ("/jira/", "/search/", "/issue"),
    };
    let path = rule.path.take().unwrap_or_else(|| "*".to_owned());
    let path = path.replace("/issues?", list).replace("/issues", one).replace(
        "/comments",
        match ground {
            Ground::Github => "/comments",
            Ground::Gitlab => "/notes",
            Ground::Jira => "/comment",
        },
    );
    rule.path = Some(format!("{prefix}{path}"));
    if ground != Ground::Github {
        rule.method = rule.method.map(|m| if m == "PATCH" { "PUT".to_owned() } else { m });
        rule.action = match rule.action {
            Action::Secondary(wait) | Action::Primary(wait) => Action::TooMany(wait),
            other => other,
        };
    }
    rule
}
