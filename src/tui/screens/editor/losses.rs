//! Bodies that hold more on a platform than Markdown can say: what is told before an edit, and what is asked before
//! one that would lose something is saved.

use crate::domain::card::CardId;
use crate::domain::command::Command;
use crate::domain::remote::Beyond;
use crate::tui::effect::{Effect, Purpose};
use crate::tui::screens::question::{Answer, Choice, Question};

/// How many losses are named one by one.
const NAMED: usize = 8;

/// What there is beyond Markdown, in a sentence or two; empty when there is nothing.
pub fn told(beyond: &[Beyond]) -> String {
    if beyond.is_empty() {
        return String::new();
    }
    let held = beyond
        .iter()
        .map(|b| format!("{} holds more than Markdown can say: {}.", b.connection, listed(&b.things)));
    let held: Vec<String> = held.collect();
    format!(
        "{} Keep the links to `adf:`, which stand for it; you are asked before anything of it is lost.",
        held.join(" ")
    )
}

/// `1 image, 1 status label and 2 mentions`.
pub fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Tells it before the person's own editor opens, which leaves no room for it.
pub fn before_outside(purpose: Purpose, text: String, beyond: &[Beyond]) -> Question {
    let edit = Answer::Effects(vec![Effect::Edit { text, purpose }]);
    let choices = vec![
        Choice { key: 'e', text: "open the editor".into(), note: None, answer: edit },
        Choice { key: 'n', text: "leave it".into(), note: None, answer: Answer::Nothing },
    ];
    Question::new("Before you edit", vec![told(beyond)], choices, 0)
}

/// Asks what to do with a body whose writing would lose something. `rewrite` is the edit, when there is one beside the
/// agreement. The first answer goes back to the text.
pub fn question(card: CardId, rewrite: Option<Command>, losses: Vec<Beyond>) -> Question {
    let names: Vec<String> = losses.iter().map(|l| l.connection.to_string()).collect();
    let names = listed(&names);
    let mut lines =
        vec![format!("Saved to {names}, this text takes out of it what Markdown has no words for:")];
    let all: Vec<String> = losses.iter().flat_map(|l| l.things.iter().map(|t| format!("- {t}"))).collect();
    lines.extend(all.iter().take(NAMED).cloned());
    if all.len() > NAMED {
        lines.push(format!("and {} more", all.len() - NAMED));
    }
    lines.push(String::new());
    lines.push(format!("What {names} holds now is kept in the card's history."));
    let edit: Vec<Command> = rewrite.into_iter().collect();
    let here = if edit.is_empty() {
        format!("leave it: {names} keeps its own")
    } else {
        format!("save here; {names} keeps its own until you agree")
    };
    let agreed = edit.iter().cloned().chain([Command::Agree { card, losses }]).collect();
    let choice = |key, text, answer| Choice { key, text, note: None, answer };
    let choices = vec![
        choice('k', "keep editing".to_owned(), Answer::Nothing),
        choice('s', format!("save, and lose them on {names}"), Answer::Commands(agreed)),
        choice('h', here, Answer::Commands(edit)),
    ];
    Question::new(format!("This would lose something on {names}"), lines, choices, 0)
}
