//! Templates of new cards: what a `[[template]]` fills in. Pure.

use std::collections::BTreeSet;

use crate::domain::card::Kind;
use crate::domain::mapping::Status;
use crate::domain::quick::{Quick, escaped};

/// One `[[template]]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// What it is called.
    pub name: String,
    /// What the title begins with.
    pub title: String,
    /// The Markdown body.
    pub body: String,
    /// Labels.
    pub labels: BTreeSet<String>,
    /// Logins.
    pub assignees: BTreeSet<String>,
    /// Milestone title.
    pub milestone: Option<String>,
    /// Priority.
    pub priority: Option<String>,
    /// How much work, as a number.
    pub estimate: Option<String>,
    /// What sort of work.
    pub kind: Option<Kind>,
    /// The column.
    pub status: Option<Status>,
}

impl Template {
    /// What it says of a card that can be said in one line, the title excepted.
    pub fn quick(&self) -> Quick {
        Quick {
            labels: self.labels.clone(),
            assignees: self.assignees.clone(),
            milestone: self.milestone.clone(),
            priority: self.priority.clone(),
            estimate: self.estimate.clone(),
            ..Quick::default()
        }
    }

    /// The line to go on typing: its marks first, then what the title begins with.
    pub fn line(&self) -> String {
        let marks = self.quick().written();
        let line: Vec<String> = [marks, escaped(&self.title)].into_iter().filter(|p| !p.is_empty()).collect();
        if line.is_empty() { String::new() } else { format!("{} ", line.join(" ")) }
    }

    /// Puts in what a card does not have yet; labels and people are added to those it has.
    pub fn fill(&self, card: &mut Quick) {
        card.labels.extend(self.labels.iter().cloned());
        card.assignees.extend(self.assignees.iter().cloned());
        let or = |own: &mut Option<String>, from: &Option<String>| {
            if own.is_none() {
                own.clone_from(from);
            }
        };
        or(&mut card.milestone, &self.milestone);
        or(&mut card.priority, &self.priority);
        or(&mut card.estimate, &self.estimate);
        if card.title.trim().is_empty() {
            card.title.clone_from(&self.title);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quick::Known;

    fn bug() -> Template {
        Template {
            name: "Bug".into(),
            title: "Bug:".into(),
            labels: ["bug".to_owned(), "needs triage".to_owned()].into(),
            priority: Some("high".into()),
            ..Template::default()
        }
    }

    #[test]
    fn its_line_is_read_as_what_it_says_and_the_title_goes_on() {
        let line = format!("{}login fails", bug().line());
        let known = Known { priorities: &["high".to_owned()], today: chrono::NaiveDate::default() };
        let quick = Quick::parse(&line, &known);
        assert_eq!(quick.title, "Bug: login fails");
        assert_eq!((quick.labels, quick.priority), (bug().labels, bug().priority));
        assert_eq!(Template::default().line(), "");
    }

    #[test]
    fn what_a_card_has_is_kept_and_sets_are_put_together() {
        let mut card =
            Quick { title: "Login fails".into(), priority: Some("low".into()), ..Quick::default() };
        card.labels.insert("ui".into());
        bug().fill(&mut card);
        assert_eq!((card.title.as_str(), card.priority.as_deref()), ("Login fails", Some("low")));
        assert_eq!(card.labels.len(), 3);
    }
}
