//! What is asked before a link is made or taken away: what becomes of which value, and that undo does not reach it. Pure.

use crate::domain::card::Card;
use crate::domain::fields::{Field, SetDelta, Value};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::twins::Difference;
use crate::engine::LinkAsk;
use crate::support::text::one_line;
use crate::tui::effect::Effect;
use crate::tui::screen::Ctx;
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::screens::shape::{clip, grouped};

/// The cells of a value in a question.
const SHOWN: usize = 28;

fn choice(key: char, text: String, ask: Option<LinkAsk>) -> Choice {
    let answer = ask.map_or(Answer::Nothing, |ask| Answer::Effects(vec![Effect::Links(ask)]));
    Choice { key, text, note: None, answer }
}

/// Asks whether the card shall be taken off a connection.
pub(super) fn part(card: &Card, connection: &ConnectionName) -> Question {
    let key = one_line(&card.key());
    let item = card.link_on(connection.as_str()).and_then(crate::domain::link::Link::key);
    let line = match item {
        Some(item) => format!(
            "{item} stays there as both sides last agreed on it, and goes on as a card of its own. Undo does not put it \
             back; linking the two again does."
        ),
        None => "Its item there was not made yet, and is not made any more.".to_owned(),
    };
    let ask = LinkAsk::Part { card: card.id, connection: connection.clone() };
    let choices =
        vec![choice('y', "take it off".into(), Some(ask)), choice('n', "leave it there".into(), None)];
    Question::new(format!("Take {key} off {connection}?"), vec![line], choices, 1)
}

/// Asks whether an item shall be made on a connection.
pub(super) fn add(card: &Card, connection: &ConnectionName) -> Question {
    let key = one_line(&card.key());
    let line = format!(
        "An item with the values of {key} is made there, and follows it from then on. Undo does not delete it; \
         unlinking leaves it there."
    );
    let ask = LinkAsk::Add { card: card.id, connection: connection.clone() };
    let choices = vec![choice('y', "make it".into(), Some(ask)), choice('n', "leave it".into(), None)];
    Question::new(format!("Make {key} on {connection} too?"), vec![line], choices, 1)
}

/// Asks whether two cards shall become one, and whose values stand.
pub(super) fn join(hub: &Card, other: &Card, differences: &[Difference], ctx: &Ctx<'_>) -> Question {
    let (one, two) = (one_line(&hub.key()), one_line(&other.key()));
    let mut lines = Vec::new();
    if differences.is_empty() {
        lines.push("They say the same: nothing is replaced.".to_owned());
    } else {
        lines.push(format!("They differ. If {one}'s values stand, this becomes of {two}'s:"));
        lines.extend(differences.iter().map(|d| replaced(d, ctx)));
        lines.push("What is replaced is kept in the card's history.".to_owned());
    }
    let apart = |a, b| !SetDelta::between(a, b).is_empty();
    if apart(&hub.labels, &other.labels) || apart(&hub.assignees, &other.assignees) {
        lines.push("Labels and people of both are kept.".to_owned());
    }
    lines.push("Undo does not part them; unlinking here does.".to_owned());
    let join = |hub: &Card, other: &Card| Some(LinkAsk::Join { hub: hub.id, other: other.id });
    let mut choices = Vec::new();
    if differences.is_empty() {
        choices.push(choice('y', "link them".into(), join(hub, other)));
    } else {
        choices.push(choice('y', format!("link them: {one}'s values stand"), join(hub, other)));
        // A card that is on no platform cannot become part of another.
        if !hub.links.is_empty() {
            choices.push(choice('o', format!("link them: {two}'s values stand"), join(other, hub)));
        }
    }
    choices.push(choice('n', "leave them apart".into(), None));
    let last = choices.len() - 1;
    Question::new(format!("Make one card of {one} and {two}?"), lines, choices, last)
}

/// One field before and after: a long text by its length.
fn replaced(difference: &Difference, ctx: &Ctx<'_>) -> String {
    let long = |value: &Value| matches!(value, Value::Text(t) if t.contains('\n') || t.chars().count() > 200);
    let lengths = long(&difference.goes) || long(&difference.stays);
    let shown = |value: &Value| match (difference.field, value) {
        (Field::Status, Value::Text(status)) => one_line(ctx.board.title_of(&Status::new(status.clone()))),
        (_, Value::Text(text)) if text.is_empty() => "empty".to_owned(),
        (_, Value::Text(text)) if lengths => format!("{} characters", grouped(text.chars().count() as u64)),
        (_, value) => clip(&one_line(&value.to_string()), SHOWN, ctx.glyphs.ellipsis),
    };
    let (goes, stays) = (shown(&difference.goes), shown(&difference.stays));
    format!("  {}: {goes} {} {stays}", difference.field, ctx.glyphs.arrow)
}
