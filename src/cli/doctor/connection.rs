//! One connection: token, access, version, scopes, permissions, issues, budget, clock, labels. Asked with a connector that can only read.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::Check;
use crate::config::ConnectionSettings;
use crate::config::settings::Platform;
use crate::connector::{Connector, Failure, Finding, Probe, Stops, Trouble};
use crate::domain::health::RateLimit;
use crate::engine::dial::{Dial, Wires};
use crate::support::clock::{Clock as _, SystemClock, Timestamp};

/// How far the clocks may differ before it is worth a word.
const CLOCK_TOLERANCE_MS: i64 = 30_000;
/// How long before its end a token is worth a word.
const EXPIRY_NOTICE_MS: i64 = 14 * 24 * 3_600_000;

/// What was found of one connection.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ConnectionFacts {
    pub(in crate::cli) name: String,
    pub(in crate::cli) platform: &'static str,
    pub(in crate::cli) repository: String,
    pub(in crate::cli) token: String,
    pub(in crate::cli) checks: Vec<Check>,
    /// What the platform said of account and repository.
    pub(in crate::cli) probe: Option<Probe>,
    /// Requests left of requests per window.
    pub(in crate::cli) rate: Option<(u32, u32)>,
    /// Labels the config needs that the repository does not have.
    pub(in crate::cli) missing_labels: Vec<String>,
}

/// Looks at one connection.
pub(in crate::cli) async fn look(dial: &dyn Dial, settings: &ConnectionSettings) -> ConnectionFacts {
    let mut facts = ConnectionFacts {
        name: settings.name.to_string(),
        platform: settings.platform.as_str(),
        repository: settings.repository.clone(),
        token: settings.token.to_string(),
        checks: Vec::new(),
        probe: None,
        rate: None,
        missing_labels: Vec::new(),
    };
    // Found by itself first, so that a missing token is told apart from a refused one.
    let source = settings.token.clone();
    let found = tokio::task::spawn_blocking(move || source.resolve().map(|_| ())).await;
    match found {
        Ok(Ok(())) => facts.checks.push(Check::ok("token", format!("found ({})", settings.token))),
        Ok(Err(error)) => {
            let check = Check::fail("token", error.to_string(), error.help());
            facts.checks.push(check.of(Some(Trouble::Token)));
            return facts;
        }
        Err(_) => {
            facts.checks.push(Check::fail("token", "looking for it broke off", "try again"));
            return facts;
        }
    }
    let rate = Arc::new(Mutex::new(None::<RateLimit>));
    match dial.dial(settings, wires(&rate)).await {
        Ok(connector) => ask(connector.as_ref(), settings, &mut facts).await,
        Err(failure) => facts.checks.push(failed("access", &failure)),
    }
    let rate = *rate.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(rate) = rate {
        facts.rate = Some((rate.remaining, rate.limit));
        facts.checks.push(budget(rate));
    }
    facts
}

fn wires(rate: &Arc<Mutex<Option<RateLimit>>>) -> Wires {
    let seen = rate.clone();
    Wires {
        observe: Arc::new(move |exchange| {
            if exchange.rate.is_some() {
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = exchange.rate;
            }
        }),
        cool_down: Arc::new(|_| {}),
        cool_down_until: None,
        read_only: true,
        clock: Arc::new(SystemClock),
    }
}

async fn ask(connector: &dyn Connector, settings: &ConnectionSettings, facts: &mut ConnectionFacts) {
    let probe = match connector.probe().await {
        Ok(probe) => probe,
        Err(failure) => {
            facts.checks.push(failed("access", &failure));
            // A clock that is wrong makes certificates and tokens look wrong.
            facts.checks.extend(connector.clock_offset_ms().map(clock).filter(|c| c.trouble.is_some()));
            return;
        }
    };
    facts.checks.extend(access(&probe, settings, SystemClock.now()));
    let issues = probe.has_issues;
    facts.probe = Some(probe);
    let Some(tracker) = connector.tracker().filter(|_| issues) else { return };
    match tracker.offers().await {
        Ok(offers) => {
            facts.missing_labels = missing(settings, &offers.labels);
            facts.checks.push(labels(&facts.missing_labels));
            facts.checks.extend(statuses(settings, &offers.statuses));
        }
        Err(failure) => facts.checks.push(failed("labels", &failure)),
    }
}

fn failed(name: &str, failure: &Failure) -> Check {
    let help = failure.help.as_deref().unwrap_or("try again; if it stays so, see the log");
    Check::fail(name, &failure.message, help).of(failure.trouble)
}

/// What a probe means for this connection.
fn access(probe: &Probe, settings: &ConnectionSettings, now: Timestamp) -> Vec<Check> {
    let mut out = vec![Check::ok("access", format!("as {} to {}", probe.login, probe.repository))];
    if !probe.repository.eq_ignore_ascii_case(&settings.repository) {
        let detail = format!("{} is now called {}", settings.repository, probe.repository);
        out.push(Check::warn("repository", detail, "write the new name into the config"));
    }
    out.push(items(probe, settings));
    out.extend(findings(probe, settings));
    if let Some(end) = probe.expires_at {
        let day = end.to_rfc3339();
        if end.since(now) < EXPIRY_NOTICE_MS {
            out.push(Check::warn("expiry", format!("the token expires at {day}"), "make a new one in time"));
        } else {
            out.push(Check::ok("expiry", format!("the token is good until {day}")));
        }
    }
    out.push(clock(probe.clock_offset_ms));
    out
}

/// Whether there is something to track, and whether it can be changed at all.
fn items(probe: &Probe, settings: &ConnectionSettings) -> Check {
    let place = &settings.repository;
    let (name, items) = match settings.platform {
        Platform::Bitbucket => ("requests", "pull requests"),
        _ => ("issues", "issues"),
    };
    if !probe.has_issues {
        let help = format!("switch {items} on in the settings of {place}");
        let check = Check::fail(name, format!("{place} has {items} switched off"), help);
        return check.of(Some(Trouble::Disabled));
    }
    if probe.archived && settings.direction.pushes() {
        let help = "write `direction = \"pull\"`, or unarchive it";
        let check = Check::fail(name, format!("{place} is archived: nothing can be written"), help);
        return check.of(Some(Trouble::Archived));
    }
    Check::ok(name, format!("{items} are switched on"))
}

/// What the platform said of version, scopes and permissions, as far as it matters to what the connection does.
fn findings(probe: &Probe, settings: &ConnectionSettings) -> Vec<Check> {
    let pushes = settings.direction.pushes();
    let matter = probe.findings.iter().filter(|f| pushes || f.stops == Stops::Everything);
    let mut out: Vec<Check> = matter.map(|f| finding(f, settings)).collect();
    if pushes && !probe.can_write && probe.findings.is_empty() {
        let help = format!("{}, or write `direction = \"pull\"`", permission(settings));
        let check = Check::fail("permission", "this token may not write here", help);
        out.push(check.of(Some(Trouble::Permission)));
    }
    let of_access = |c: &Check| matches!(c.trouble, Some(Trouble::Scope | Trouble::Permission));
    if !out.iter().any(of_access) {
        let may = if pushes { "may write" } else { "may read, and only that is asked" };
        let scopes = match &probe.scopes {
            Some(scopes) => format!(" (scopes {})", scopes.join(", ")),
            None if settings.platform == Platform::Github && pushes => {
                " (a fine-grained token does not tell what it may: a refusal will)".to_owned()
            }
            None => String::new(),
        };
        out.push(Check::ok("permission", format!("{may}{scopes}")));
    }
    out
}

fn finding(finding: &Finding, settings: &ConnectionSettings) -> Check {
    let name = match finding.trouble {
        Trouble::Scope => "scope",
        Trouble::Permission => "permission",
        Trouble::Version => "version",
        Trouble::Archived => "project",
        _ => "access",
    };
    match finding.stops {
        Stops::SomeWrites => Check::warn(name, &finding.message, &finding.help),
        Stops::Everything => Check::fail(name, &finding.message, &finding.help),
        Stops::Writes => {
            // Scopes of a project's token have words of their own; what a token needs in all is said with them.
            let help = match finding.trouble {
                Trouble::Scope => format!("{}: {}", finding.help, permission(settings)),
                _ => finding.help.clone(),
            };
            Check::fail(name, &finding.message, format!("{help}; or write `direction = \"pull\"`"))
        }
    }
    .of(Some(finding.trouble))
}

/// How far the clocks are apart.
fn clock(offset: i64) -> Check {
    if offset.abs() <= CLOCK_TOLERANCE_MS {
        return Check::ok("clock", format!("within {} s of the server's", offset.abs() / 1000 + 1));
    }
    let way = if offset > 0 { "late" } else { "early" };
    let detail = format!("this machine's clock is {} s {way}", offset.abs() / 1000);
    let help = "set it, or let a time service do so (Corkboard goes by the server's clock meanwhile)";
    Check::warn("clock", detail, help).of(Some(Trouble::Clock))
}

fn budget(rate: RateLimit) -> Check {
    let detail =
        format!("{} of {} requests left until {}", rate.remaining, rate.limit, rate.resets_at.to_rfc3339());
    if rate.remaining * 10 < rate.limit {
        let help = "Corkboard waits by itself; a longer `interval` uses fewer";
        return Check::warn("budget", detail, help);
    }
    Check::ok("budget", detail)
}

/// What a token needs to write, in the platform's own words.
fn permission(settings: &ConnectionSettings) -> &'static str {
    match settings.platform {
        Platform::Github if settings.project.is_some() => {
            "give the token \"Issues: read and write\" and \"Projects: read and write\" (classic: scopes `repo` and `project`)"
        }
        Platform::Github => "give the token \"Issues: read and write\" (classic: scope `repo`)",
        Platform::Gitlab => "give the token the scope `api`, and its account a role that may edit issues",
        Platform::Jira => {
            "let the account edit and move issues of the project (a token with scopes needs `write:jira-work`)"
        }
        Platform::Bitbucket => "give the token `write:pullrequest:bitbucket`, and its account write access",
    }
}

/// Whether the platform has the statuses that the config names, where it tells its own.
fn statuses(settings: &ConnectionSettings, there: &[String]) -> Option<Check> {
    let known = |status: &&String| there.iter().any(|s| s.to_lowercase() == status.to_lowercase());
    let mut named = settings.mapping.targets().filter_map(|(_, t)| t.status.as_ref()).peekable();
    named.peek()?;
    if there.is_empty() {
        return None;
    }
    let missing: Vec<&str> = named.filter(|s| !known(s)).map(String::as_str).collect();
    if missing.is_empty() {
        return Some(Check::ok("statuses", "all that the config names are there"));
    }
    let detail = format!("not there: {}", missing.join(", "));
    Some(Check::fail("statuses", detail, format!("it has {}", there.join(", "))))
}

/// Labels the config names that the repository does not have.
fn missing(settings: &ConnectionSettings, there: &[String]) -> Vec<String> {
    let known = |label: &str| there.iter().any(|l| l.to_lowercase() == label.to_lowercase());
    let mapped = settings.mapping.targets().filter_map(|(_, t)| t.label.as_ref());
    mapped.chain(&settings.default_labels).filter(|l| !known(l)).cloned().collect()
}

fn labels(missing: &[String]) -> Check {
    if missing.is_empty() {
        return Check::ok("labels", "all that the config names are there");
    }
    let detail = format!("not there yet: {}", missing.join(", "));
    Check::warn("labels", detail, "each is made when a card first needs it; check the spelling in the config")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Verdict;

    const CONFIG: &str = r#"
[[connection]]
name = "core"
platform = "github"
repository = "octo/app"
token = { env = "T" }
default_labels = ["board"]
[connection.status_mapping]
proposed = { label = "Status: Proposed" }
"#;

    fn settings() -> ConnectionSettings {
        crate::config::parse(CONFIG, None).expect("valid").connections.remove(0)
    }

    fn probe() -> Probe {
        Probe {
            login: "ana".into(),
            repository: "octo/app".into(),
            repository_id: None,
            can_write: true,
            has_issues: true,
            archived: false,
            scopes: None,
            expires_at: None,
            clock_offset_ms: 200,
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_status_that_the_platform_does_not_have_is_told_with_those_it_has() {
        let text = "[status_mapping]\ncompleted = \"Done\"\n[[connection]]\nname = \"plan\"\nplatform = \"jira\"\n\
                    project = \"ABC\"\napi_url = \"https://site.example.net\"\ntoken = { env = \"T\" }\n\
                    [connection.status_mapping]\ncompleted = { status = \"Finished\" }\n";
        let jira = crate::config::parse(text, None).expect("valid").connections.remove(0);
        let there = ["To Do".to_owned(), "Done".to_owned()];
        let told = statuses(&jira, &there).expect("a check");
        assert_eq!((told.verdict, told.detail.as_str()), (Verdict::Fail, "not there: Finished"));
        assert!(told.help.is_some_and(|help| help.contains("To Do, Done")));
        assert!(statuses(&settings(), &there).is_none(), "a connection by labels names none");
        let mute = access(&Probe { can_write: false, ..probe() }, &jira, Timestamp(0));
        assert!(mute.iter().any(|c| c.help.as_deref().is_some_and(|help| help.contains("write:jira-work"))));
    }

    fn bad(probe: &Probe) -> Vec<(String, Verdict)> {
        access(probe, &settings(), Timestamp(0))
            .into_iter()
            .filter(|c| c.verdict != Verdict::Ok)
            .map(|c| (c.name, c.verdict))
            .collect()
    }

    #[test]
    fn a_good_connection_has_nothing_to_tell() {
        assert_eq!(bad(&probe()), []);
    }

    fn found(trouble: Trouble, stops: Stops) -> Probe {
        let finding = Finding { trouble, stops, message: "so".into(), help: "do".into() };
        Probe { findings: vec![finding], can_write: stops == Stops::SomeWrites, ..probe() }
    }

    #[test]
    fn what_keeps_from_writing_is_no_trouble_of_a_connection_that_only_reads() {
        let text = CONFIG.replace("default_labels", "direction = \"pull\"\ndefault_labels");
        let reader = crate::config::parse(&text, None).expect("valid").connections.remove(0);
        let names = |probe: &Probe| -> Vec<String> {
            let checks = access(probe, &reader, Timestamp(0)).into_iter();
            checks.filter(|c| c.verdict != Verdict::Ok).map(|c| c.name).collect()
        };
        assert_eq!(names(&found(Trouble::Scope, Stops::Writes)), [""; 0]);
        assert_eq!(names(&found(Trouble::Scope, Stops::Everything)), ["scope"]);
    }

    #[test]
    fn each_trouble_of_a_connection_is_told() {
        let cases = [
            (Probe { can_write: false, ..probe() }, "permission", Verdict::Fail),
            (Probe { has_issues: false, ..probe() }, "issues", Verdict::Fail),
            (Probe { archived: true, ..probe() }, "issues", Verdict::Fail),
            (Probe { repository: "octo/new".into(), ..probe() }, "repository", Verdict::Warn),
            (Probe { clock_offset_ms: -90_000, ..probe() }, "clock", Verdict::Warn),
            (Probe { expires_at: Some(Timestamp(1000)), ..probe() }, "expiry", Verdict::Warn),
            (found(Trouble::Scope, Stops::Writes), "scope", Verdict::Fail),
            (found(Trouble::Version, Stops::Everything), "version", Verdict::Fail),
            (found(Trouble::Permission, Stops::SomeWrites), "permission", Verdict::Warn),
        ];
        for (probe, name, verdict) in cases {
            assert_eq!(bad(&probe), [(name.to_owned(), verdict)]);
        }
    }

    #[test]
    fn labels_are_missed_whatever_their_case() {
        assert_eq!(missing(&settings(), &["status: proposed".into()]), ["board"]);
    }
}
