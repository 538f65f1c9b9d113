//! Due dates, weights, time, epics: what an issue has beside what every board shows. How a request gives them, how GitLab
//! shows them, and the hands of somebody at its pages.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::edit::Wish;
use super::route::{PLANNER, level};
use super::web::{Done, GitlabWeb};
use super::{Issue, answer};
use crate::sandbox::api::{Answer, Call};

/// What an issue has of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Further {
    pub(super) due: Option<NaiveDate>,
    pub(super) weight: Option<u64>,
    pub(super) confidential: bool,
    /// Seconds.
    estimate: u64,
    spent: u64,
    epic: Option<String>,
    iteration: Option<String>,
}

/// What a create or an update asks for; `Some(None)` clears.
#[derive(Debug, Default)]
#[expect(clippy::option_option, reason = "not sent, cleared and set are three different things")]
pub(super) struct Asked {
    pub(super) due: Option<Option<NaiveDate>>,
    pub(super) weight: Option<Option<u64>>,
    pub(super) confidential: Option<bool>,
}

impl Asked {
    /// Reads a request. A due date that is none clears the date, as GitLab's casts do.
    pub(super) fn read(sent: &Map<String, Value>) -> Result<Self, Answer> {
        let weight = match sent.get("weight") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(value) => {
                let number = value.as_i64().ok_or_else(|| answer::invalid("weight is invalid"))?;
                let small = || answer::unfit("weight", "must be greater than or equal to 0");
                Some(Some(u64::try_from(number).map_err(|_| small())?))
            }
        };
        let confidential = match sent.get("confidential") {
            None => None,
            Some(value) => Some(value.as_bool().ok_or_else(|| answer::invalid("confidential is invalid"))?),
        };
        let due = sent.get("due_date").map(|value| value.as_str().and_then(|text| text.parse().ok()));
        Ok(Self { due, weight, confidential })
    }
}

impl Further {
    /// Carries out what was asked; the notes GitLab keeps of it. A plan without weights drops them without a word.
    pub(super) fn apply(&mut self, asked: Asked, premium: bool) -> Vec<String> {
        let mut told = Vec::new();
        if let Some(due) = asked.due.filter(|due| *due != self.due) {
            self.due = due;
            told.push("changed due date".to_owned());
        }
        if let Some(weight) = asked.weight.filter(|weight| premium && *weight != self.weight) {
            self.weight = weight;
            told.push("set weight".to_owned());
        }
        if let Some(confidential) = asked.confidential.filter(|c| *c != self.confidential) {
            self.confidential = confidential;
            told.push("changed confidentiality".to_owned());
        }
        told
    }

    /// Puts it on an issue as it is shown.
    pub(super) fn show(&self, out: &mut Value, premium: bool) {
        out["due_date"] = json!(self.due);
        out["confidential"] = json!(self.confidential);
        out["time_stats"] = json!({
            "time_estimate": self.estimate, "total_time_spent": self.spent,
            "human_time_estimate": human(self.estimate), "human_total_time_spent": human(self.spent),
        });
        if premium {
            out["weight"] = json!(self.weight);
            out["epic"] = json!(self.epic.as_ref().map(|title| json!({"id": 7, "iid": 1, "title": title})));
            let iteration = |title: &String| {
                json!({
                    "id": 8, "iid": 1, "title": title, "state": 2, "start_date": "2026-03-02",
                    "due_date": "2026-03-15",
                })
            };
            out["iteration"] = json!(self.iteration.as_ref().map(iteration));
        }
    }
}

/// Whether who asks may see the issue: a confidential one is for its author and for roles from Planner on.
pub(super) fn is_seen(issue: &Issue, call: &Call) -> bool {
    let let_in = level(call.role()) >= PLANNER || call.login() == Some(issue.author);
    !issue.hidden && (!issue.further.confidential || let_in)
}

/// `1h 30m`; nothing of no time.
fn human(seconds: u64) -> Option<String> {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    let parts = [(hours, "h"), (minutes, "m")].into_iter().filter(|(n, _)| *n > 0);
    let parts: Vec<String> = parts.map(|(n, unit)| format!("{n}{unit}")).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

impl GitlabWeb {
    /// Sets the due date, `2026-11-30`; none clears it.
    pub fn set_due(&self, project: &str, iid: u64, day: Option<&str>) -> Done {
        let due = Some(day.and_then(|day| day.parse().ok()));
        self.edit(project, iid, Wish { further: Asked { due, ..Asked::default() }, ..Wish::default() })
    }

    /// Sets the weight, which counts on Premium; none clears it.
    pub fn set_weight(&self, project: &str, iid: u64, weight: Option<u64>) -> Done {
        let further = Asked { weight: Some(weight), ..Asked::default() };
        self.edit(project, iid, Wish { further, ..Wish::default() })
    }

    /// Makes the issue confidential, or open to all.
    pub fn set_confidential(&self, project: &str, iid: u64, confidential: bool) -> Done {
        let further = Asked { confidential: Some(confidential), ..Asked::default() };
        self.edit(project, iid, Wish { further, ..Wish::default() })
    }

    /// Sets the estimate and the time spent, both in seconds.
    pub fn track_time(&self, project: &str, iid: u64, estimate: u64, spent: u64) -> Done {
        self.further(project, iid, |further| (further.estimate, further.spent) = (estimate, spent))
    }

    /// Puts the issue into an epic and an iteration, by title, or takes it out.
    pub fn plan(&self, project: &str, iid: u64, epic: Option<&str>, iteration: Option<&str>) -> Done {
        self.further(project, iid, |further| {
            further.epic = epic.map(str::to_owned);
            further.iteration = iteration.map(str::to_owned);
        })
    }

    fn further(&self, project: &str, iid: u64, edit: impl FnOnce(&mut Further)) -> Done {
        self.issue_at(project, iid, |world, at, by| {
            let issue = world.projects[at].issues.get_mut(&iid)?;
            edit(&mut issue.further);
            issue.updated = by.at;
            Some(())
        })
    }
}
