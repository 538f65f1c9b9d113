//! What the panel shows of a connection that rests: counts, the state word, and what it asks.

use super::Worker;
use crate::domain::health::{FailedItem, HealthState, Question};
use crate::engine::seen::SHOWN_FAILED;
use crate::store::{Asked, StoreError};
use crate::sync::schedule::{Facts, Step};

impl Worker {
    /// Writes counts and the state word of a resting connection to the panel.
    pub(super) async fn report(&self, step: &Step, facts: &Facts, asked: &[Asked]) -> Result<(), StoreError> {
        let name = self.settings.name.clone();
        let (unsent, oldest, (parked, parked_total), conflicts) = self
            .engine
            .0
            .store
            .run(move |db| {
                Ok((
                    db.unsent(&name)?,
                    db.oldest_unsent(&name)?,
                    db.parked(&name, SHOWN_FAILED)?,
                    db.open_conflicts(&name)?,
                ))
            })
            .await?;
        let now = self.now();
        let told = self.stored.cool_down_until.filter(|until| *until > now);
        let why = self.stored.reason.clone();
        let question = open_question(asked);
        let stopped = asked.iter().find(|q| q.stops_connection()).filter(|q| q.go == Some(false));
        self.show(|h| {
            h.unsent = unsent;
            h.oldest_unsent = oldest;
            h.failed_total = parked_total;
            h.failed = parked.into_iter().map(FailedItem::from).collect();
            h.conflicts = conflicts;
            h.question.clone_from(&question);
            let resting = matches!(
                h.state,
                HealthState::Syncing
                    | HealthState::Starting
                    | HealthState::Paused
                    | HealthState::Asking
                    | HealthState::Elsewhere
            );
            match step {
                Step::Push | Step::Pull | Step::Census => {}
                Step::Wait(_) if facts.paused => {
                    h.state = HealthState::Paused;
                    if let Some(stopped) = stopped {
                        h.reason = Some(format!("stopped by you: {}", words(stopped).text));
                    }
                }
                Step::Wait(_) if facts.asking => {
                    h.state = HealthState::Asking;
                    h.reason = question.map(|q| q.text);
                    h.progress = None;
                }
                Step::Wait(until) => {
                    h.next_attempt = *until;
                    // An order that came with a good answer, or before a restart, is told too.
                    if let Some(told) = told {
                        let asked = || format!("the platform asked to wait until {}", told.to_rfc3339());
                        h.state = HealthState::Throttled;
                        h.reason.get_or_insert_with(|| why.unwrap_or_else(asked));
                    }
                    let free = facts.blocked_until.is_none_or(|until| until <= now);
                    if resting && free {
                        if matches!(h.state, HealthState::Asking | HealthState::Paused) {
                            h.reason = None;
                        }
                        let tried = h.last_good.is_some() || h.requests > 0;
                        h.state = if tried { HealthState::Healthy } else { h.state };
                    }
                }
            }
        });
        Ok(())
    }
}

/// What is asked first: what stops the connection before what holds up an act, the oldest first.
fn open_question(asked: &[Asked]) -> Option<Question> {
    let open = asked.iter().filter(|q| q.go.is_none());
    open.min_by_key(|q| (!q.stops_connection(), q.id)).map(words)
}

/// A question in words.
pub(in crate::engine) fn words(asked: &Asked) -> Question {
    let number = |key: &str| asked.detail[key].as_u64().unwrap_or_default();
    let text_of = |key: &str| asked.detail[key].as_str().unwrap_or_default();
    let issues = |n: u64| if n == 1 { "1 issue".to_owned() } else { format!("{n} issues") };
    let (text, go, stop) = match asked.kind.as_str() {
        "creates" | "updates" => {
            let (creates, updates) = (number("creates"), number("updates"));
            let does = match (creates, updates) {
                (0, n) => format!("change {}", issues(n)),
                (n, 0) => format!("create {}", issues(n)),
                (n, m) => format!("create {} and change {m}", issues(n)),
            };
            let named: Vec<&str> =
                asked.detail["cards"].as_array().into_iter().flatten().filter_map(|c| c.as_str()).collect();
            let more = (creates + updates).saturating_sub(named.len() as u64);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            (
                format!("what was done here at once would {does} there: {}{more}", named.join(", ")),
                "send all of it".to_owned(),
                "hold it back: the changes stay here, listed, and can be retried".to_owned(),
            )
        }
        "different" => (
            format!(
                "another repository is at {} now (id {}, it was {})",
                text_of("repository"),
                text_of("found"),
                text_of("known")
            ),
            "take it for the connection's repository; cards whose issues are not in it are marked".to_owned(),
            "pause the connection; nothing is read or sent".to_owned(),
        ),
        "empty" => (
            format!("there is not one issue there any more; cards here: {}", number("linked")),
            "look at each linked issue and mark the cards whose issues are gone".to_owned(),
            "pause the connection; nothing is read or sent".to_owned(),
        ),
        _ => (
            format!(
                "{} of {} linked are not listed there any more",
                issues(number("missing")),
                number("linked")
            ),
            "look at each of them and mark the cards whose issues are gone".to_owned(),
            "pause the connection; nothing is read or sent".to_owned(),
        ),
    };
    Question {
        id: asked.id,
        kind: asked.kind.clone(),
        text,
        go,
        stop,
        stops_connection: asked.stops_connection(),
    }
}
