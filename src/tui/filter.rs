//! The filter: GitHub-style qualifiers and free text, read once and matched against cards. Pure.

use crate::config::Settings;
use crate::domain::card::Card;
use crate::domain::fields::contains;
use crate::domain::mapping::{OpenState, Status};

/// What one word of the filter asks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Open,
    Closed,
    Label(String),
    Assignee(String),
    Me,
    Milestone(String),
    Status(String),
    NoLabel,
    NoAssignee,
    NoMilestone,
    Text(String),
}

/// A filter, read. All its words must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    terms: Vec<(bool, Term)>,
    wrong: Vec<String>,
}

/// What matching needs to know besides the card.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Statuses that count as closed.
    pub closed: &'a [Status],
    /// The person's own logins.
    pub me: &'a [String],
    /// Columns: status and title.
    pub columns: &'a [crate::domain::board::Column],
}

impl Filter {
    /// Reads a filter. Words it does not know are kept in [`Filter::wrong`] and match nothing by themselves.
    pub fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for word in words(text) {
            let (negated, body) = match word.strip_prefix('-') {
                Some(rest) if rest.contains(':') => (true, rest),
                _ => (false, word.as_str()),
            };
            match term(body) {
                Ok(Some(term)) => filter.terms.push((negated, term)),
                Ok(None) => {}
                Err(()) => filter.wrong.push(word),
            }
        }
        filter
    }

    /// Whether it asks nothing.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Words that look like qualifiers and are none.
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }

    /// Whether a card is shown.
    pub fn matches(&self, card: &Card, facts: Facts<'_>) -> bool {
        self.terms.iter().all(|(negated, term)| term.holds(card, facts) != *negated)
    }
}

impl Term {
    fn holds(&self, card: &Card, facts: Facts<'_>) -> bool {
        match self {
            Self::Open => !facts.closed.contains(&card.status),
            Self::Closed => facts.closed.contains(&card.status),
            Self::Label(name) => contains(&card.labels, name),
            Self::Assignee(login) => contains(&card.assignees, login),
            Self::Me => facts.me.iter().any(|login| contains(&card.assignees, login)),
            Self::Milestone(title) => {
                card.milestone.as_ref().is_some_and(|m| m.to_lowercase() == title.to_lowercase())
            }
            Self::Status(name) => {
                let title = facts.columns.iter().find(|c| c.status == card.status);
                card.status.as_str() == name || title.is_some_and(|c| c.title.to_lowercase() == *name)
            }
            Self::NoLabel => card.labels.is_empty(),
            Self::NoAssignee => card.assignees.is_empty(),
            Self::NoMilestone => card.milestone.is_none(),
            Self::Text(text) => holds_text(&card.title, text) || holds_text(&card.key(), text),
        }
    }
}

/// Whether `hay` holds `needle` (which is lower-case), without regard to case; ASCII needs no copy.
fn holds_text(hay: &str, needle: &str) -> bool {
    if hay.is_ascii() && needle.is_ascii() {
        let (h, n) = (hay.as_bytes(), needle.as_bytes());
        return n.is_empty() || h.windows(n.len()).any(|w| w.eq_ignore_ascii_case(n));
    }
    hay.to_lowercase().contains(needle)
}

fn term(word: &str) -> Result<Option<Term>, ()> {
    let text = || Some(Term::Text(word.trim_matches('"').to_lowercase()));
    let Some((name, value)) = word.split_once(':') else { return Ok(text().filter(|_| !word.is_empty())) };
    let value = value.trim_matches('"').to_owned();
    if value.is_empty() {
        // Being typed: it asks nothing yet.
        return Ok(None);
    }
    let lower = value.to_lowercase();
    Ok(Some(match (name, lower.as_str()) {
        ("is" | "state", "open") => Term::Open,
        ("is" | "state", "closed") => Term::Closed,
        ("label", "none") | ("no", "label") => Term::NoLabel,
        ("assignee", "none") | ("no", "assignee") => Term::NoAssignee,
        ("milestone", "none") | ("no", "milestone") => Term::NoMilestone,
        ("assignee", "@me") => Term::Me,
        ("label", _) => Term::Label(value),
        ("assignee", _) => Term::Assignee(value.trim_start_matches('@').to_owned()),
        ("milestone", _) => Term::Milestone(value),
        ("status" | "column", _) => Term::Status(lower),
        ("is" | "state" | "no", _) => return Err(()),
        // A colon in free text, such as `status: proposed` or a URL.
        _ => return Ok(text()),
    }))
}

/// Splits at blanks, but not within quotation marks; the marks stay.
pub fn words(text: &str) -> Vec<String> {
    let (mut out, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        if c.is_whitespace() && !quoted {
            out.push(std::mem::take(&mut word));
        } else {
            word.push(c);
        }
    }
    out.push(word);
    out.retain(|w| !w.is_empty());
    out
}

/// The statuses that count as closed: those a connection closes for, or the last column where no connection says.
pub fn closed_statuses(settings: &Settings) -> Vec<Status> {
    let mapped: Vec<Status> = settings
        .connections
        .iter()
        .flat_map(|c| c.targets.iter())
        .filter(|(_, target)| target.open_state() == OpenState::Closed)
        .map(|(status, _)| status.clone())
        .collect();
    if settings.connections.is_empty() {
        return settings.columns.last().map(|c| c.status.clone()).into_iter().collect();
    }
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::board::Column;
    use crate::tui::fixture;

    fn shown(text: &str) -> Vec<String> {
        let closed = [Status::new("done")];
        let columns = [Column { status: Status::new("review"), title: "In Review".into() }];
        let me = ["ana".to_owned()];
        let facts = Facts { closed: &closed, me: &me, columns: &columns };
        let filter = Filter::parse(text);
        let cards = [
            fixture::card(1, "Retry on 502", "todo", &["bug"], &["ana"], Some("v1")),
            fixture::card(2, "Drag with the MOUSE", "review", &["ui", "good first issue"], &[], None),
            fixture::card(3, "Ärger mit Umlauten", "done", &[], &["ben"], Some("v2")),
        ];
        cards.iter().filter(|c| filter.matches(c, facts)).map(|c| c.title[..5].to_owned()).collect()
    }

    #[test]
    fn qualifiers_select_as_on_github() {
        for (text, want) in [
            ("", 3),
            ("is:open", 2),
            ("is:closed", 1),
            ("label:BUG", 1),
            ("-label:bug", 2),
            ("label:\"good first issue\"", 1),
            ("no:label", 1),
            ("assignee:@me", 1),
            ("assignee:none", 1),
            ("assignee:ben", 1),
            ("milestone:V2", 1),
            ("milestone:none", 1),
            ("status:\"in review\"", 1),
            ("status:todo", 1),
            ("is:open -label:ui", 1),
        ] {
            assert_eq!(shown(text).len(), want, "{text}");
        }
    }

    #[test]
    fn free_text_is_found_in_titles_and_keys_without_regard_to_case() {
        assert_eq!(shown("mouse"), ["Drag "]);
        assert_eq!(shown("ÄRGER"), ["Ärge"]);
        assert_eq!(shown("core#1"), ["Retry"]);
        assert_eq!(shown("\"with the\""), ["Drag "]);
    }

    #[test]
    fn a_qualifier_being_typed_hides_nothing_and_a_wrong_one_is_named() {
        assert_eq!(shown("label:").len(), 3);
        assert_eq!(Filter::parse("is:purple").wrong(), ["is:purple"]);
    }
}
