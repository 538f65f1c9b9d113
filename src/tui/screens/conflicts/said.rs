//! What came of a person's decisions, in a sentence: what was kept, and where the loser is. Pure.

use std::collections::BTreeMap;

use crate::domain::conflict::{Choice, Conflict};
use crate::support::text::one_line;
use crate::tui::screens::shape::count;

/// Takes those out of `asked` that are decided now, and says what came of them; `None` when none is.
pub(super) fn came_of(asked: &mut BTreeMap<i64, Choice>, now: &[Conflict]) -> Option<String> {
    let is_open = |id: &i64| now.iter().any(|c| c.id == *id && c.decided.is_none());
    let done: Vec<(i64, Choice)> =
        asked.iter().filter(|(id, _)| !is_open(id)).map(|(id, choice)| (*id, choice.clone())).collect();
    asked.retain(|id, _| is_open(id));
    match &done[..] {
        [] => None,
        [(id, choice)] => Some(match now.iter().find(|c| c.id == *id) {
            Some(conflict) => one(conflict, choice),
            None => "both sides had become alike: there was nothing to decide".to_owned(),
        }),
        several => {
            let what = count(several.len(), "conflict decided", "conflicts decided");
            Some(format!("{what}; what lost is in the cards' histories"))
        }
    }
}

fn one(conflict: &Conflict, asked: &Choice) -> String {
    let (key, field, there) = (&conflict.key, conflict.field, one_line(conflict.connection.as_str()));
    let Some(decided) = &conflict.decided else { return String::new() };
    if decided.choice.as_str() != asked.as_str() {
        return format!("the {field} of {key} had been decided otherwise: {}", kept(conflict));
    }
    match asked {
        Choice::Local => {
            let ours = match &conflict.source {
                None => format!("the {field} here"),
                Some(source) => format!("{}'s {field}", one_line(source.as_str())),
            };
            format!("{ours} stays; {there}'s is in the history of {key}")
        }
        Choice::Remote => {
            let ours = one_line(&conflict.ours());
            format!("{there}'s {field} is taken; {ours} is in the history of {key}")
        }
        Choice::Merged(_) => {
            format!("the {field} put together is sent; the two it is made of are in the history of {key}")
        }
    }
}

/// What a decided conflict kept: `the one here stays`.
pub(super) fn kept(conflict: &Conflict) -> String {
    match conflict.decided.as_ref().map(|d| &d.choice) {
        None => "it waits for you".to_owned(),
        Some(Choice::Local) => format!("{} stayed", one_line(&conflict.ours())),
        Some(Choice::Remote) => format!("{}'s was taken", one_line(conflict.connection.as_str())),
        Some(Choice::Merged(_)) => "both were put together".to_owned(),
    }
}
