//! Why a card is not in step with its platforms, in plain words, and what to do. Pure.

use ratatui::text::{Line, Span};

use super::page::Form;
use crate::config::keymap::Action;
use crate::domain::card::Card;
use crate::domain::health::HealthState;
use crate::domain::link::Link;
use crate::support::text::one_line;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen::key;
use crate::tui::screens::shape::wrap;
use crate::tui::theme::Mark;

/// One thing that keeps a link out of step, and what a person can do about it.
struct Told {
    what: String,
    help: Option<String>,
}

/// What keeps the card out of step; nothing when all is well.
pub(super) fn lines(card: &Card, width: usize, form: Form, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    for link in &card.links {
        let Some(mark) = Mark::of_link(link) else { continue };
        let told = told(link, mark, form, ctx);
        let head = Line::from(vec![
            Span::styled(format!("{} ", ctx.glyphs.mark(mark)), ctx.theme.mark(mark)),
            Span::styled(told.what, ctx.theme.text),
        ]);
        out.extend(wrap(&head, width, "  "));
        if let Some(help) = told.help {
            out.extend(wrap(&Line::styled(format!("  {help}"), ctx.theme.dim), width, "  "));
        }
    }
    if card.links.is_empty() && !ctx.settings.connections.is_empty() {
        let text = format!("On this board only. {} puts it on a platform.", key(ctx, Action::Link));
        out.extend(wrap(&Line::styled(text, ctx.theme.dim), width, "  "));
    }
    if !out.is_empty() {
        out.push(Line::default());
    }
    out
}

fn told(link: &Link, mark: Mark, form: Form, ctx: &Ctx<'_>) -> Told {
    let there = one_line(&link.key().unwrap_or_else(|| link.connection.to_string()));
    let because = link.note.as_deref().map(|note| format!(": {}", one_line(note))).unwrap_or_default();
    let again = key(ctx, Action::SyncNow);
    let (what, help) = match mark {
        Mark::Refused => (
            format!("{there} refused the change{because}"),
            format!("change the card so that it fits, or {again} tries again"),
        ),
        Mark::Conflict => {
            let by = if form == Form::Pane { Action::ViewConflicts } else { Action::Open };
            (
                format!("changed here and on {there} at the same time"),
                format!("{} shows both values and decides", key(ctx, by)),
            )
        }
        Mark::Asks => (
            format!("{there} wants to know something before the card moves there"),
            format!("{} answers", key(ctx, Action::Answer)),
        ),
        Mark::SetAside => (
            format!("{there} is set aside{because}"),
            format!("{again} tries again, {} shows the connection", key(ctx, Action::ViewHealth)),
        ),
        Mark::Sending => return Told { what: format!("a change is on its way to {there}"), help: None },
        Mark::Unmapped => (
            format!("its state on {there} is none the mapping names, so this column was assumed"),
            format!("{} maps that state", key(ctx, Action::ViewMappings)),
        ),
        Mark::Unsent => return unsent(link, &there, &because, ctx),
    };
    Told { what, help: Some(help) }
}

/// Why a change was not sent yet: that is the connection's matter.
fn unsent(link: &Link, there: &str, because: &str, ctx: &Ctx<'_>) -> Told {
    let name = one_line(link.connection.as_str());
    let health_key = key(ctx, Action::ViewHealth);
    let configured = ctx.settings.connection(link.connection.as_str());
    let health = ctx.health.iter().find(|h| h.connection == link.connection);
    let reason = health.and_then(|h| h.reason.as_deref()).map(|r| format!(": {}", one_line(r)));
    let reason = reason.unwrap_or_default();
    let (what, help) = match (configured, health.map(|h| h.state)) {
        (None, _) => (format!("not sent to {there}: there is no connection `{name}` any more"), None),
        (Some(c), _) if !c.direction.pushes() => {
            (format!("{name} is only read: what is changed here stays here"), None)
        }
        (_, Some(HealthState::Paused)) => (
            format!("not sent to {there}: {name} is paused"),
            Some(format!("{health_key} shows it, {} there lets it go on", key(ctx, Action::Pause))),
        ),
        (_, Some(HealthState::Broken)) => (
            format!("not sent to {there}: {name} is broken{reason}"),
            Some(format!("{health_key} shows what it needs")),
        ),
        (_, Some(state @ (HealthState::Retrying | HealthState::Throttled))) => (
            format!("not sent to {there} yet: {name} is {}{reason}", state.word()),
            Some("it is tried again by itself, nothing is lost".to_owned()),
        ),
        (_, Some(HealthState::Asking)) => (
            format!("not sent to {there}: {name} asks you first"),
            Some(format!("{} answers", key(ctx, Action::Answer))),
        ),
        (_, Some(HealthState::Elsewhere)) => {
            (format!("a change waits: another corkboard on this machine sends it to {there}"), None)
        }
        _ => (
            format!("a change waits to be sent to {there}{because}"),
            Some(format!("it is sent by itself, {} sends it now", key(ctx, Action::SyncNow))),
        ),
    };
    Told { what, help }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::link::SyncStatus;
    use crate::tui::screens::fixture::{World, id};

    /// What is done to a link.
    type Change = fn(&mut Link);

    fn said(world: &World, change: impl Fn(&mut Link)) -> String {
        let mut card = world.board.card(id(3)).expect("there").clone();
        card.links[0].sync = SyncStatus::Synced;
        change(&mut card.links[0]);
        let lines = lines(&card, 200, Form::Card, &world.ctx(200, 24));
        let text = |l: &Line<'_>| l.spans.iter().map(|s| s.content.as_ref()).collect::<String>();
        lines.iter().map(text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_reason_is_told_in_words_with_what_to_do() {
        let world = World::new();
        assert_eq!(said(&world, |_| {}), "", "all is well");
        let refused = said(&world, |l| {
            l.sync = SyncStatus::Failed;
            l.note = Some("the label is too long".into());
        });
        assert!(refused.contains("core#9 refused the change: the label is too long"), "{refused}");
        assert!(refused.contains("r tries again"), "{refused}");
        let cases: [(Change, &str); 4] = [
            (|l| l.conflict = true, "enter shows both values and decides"),
            (|l| l.asks = true, "A answers"),
            (|l| l.sync = SyncStatus::Manual, "core#9 is set aside"),
            (|l| l.mapped = false, " maps that state"),
        ];
        for (change, want) in cases {
            let text = said(&world, change);
            assert!(text.contains(want), "{want} in {text}");
        }
    }

    #[test]
    fn a_change_that_waits_says_what_its_connection_is_doing() {
        let mut world = World::new();
        let waits = |l: &mut Link| l.sync = SyncStatus::Pending;
        for (state, want) in [
            (HealthState::Healthy, "r sends it now"),
            (HealthState::Paused, "core is paused"),
            (HealthState::Broken, "core is broken"),
            (HealthState::Retrying, "tried again by itself"),
            (HealthState::Elsewhere, "another corkboard"),
        ] {
            world.health[0].state = state;
            let text = said(&world, waits);
            assert!(text.contains(want), "{state:?}: {text}");
        }
        world.settings.connections.remove(0);
        assert!(said(&world, waits).contains("no connection `core` any more"));
    }
}
