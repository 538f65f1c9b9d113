//! What an open card shows in each state, and what its keys ask for.

use super::*;
use crate::config::keymap::Key;
use crate::engine::{Comments, LinkTold};
use crate::tui::screens::fixture::{World, comments, detail, id, pictures, survives_every_size};

fn opened(world: &World, comments: Comments) -> CardScreen {
    let mut card = CardScreen::new(id(1));
    let _ = card.update(&Update::Opened(Box::new(detail(world, comments))), &world.ctx(80, 24));
    card
}

fn said(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let world = World::new();
    pictures!(world, &opened(&world, comments()), "card");
    let mut end = opened(&world, comments());
    let _ = world.act(&mut end, &[Action::FocusBottom]);
    pictures!(world, &end, "card-end");
    pictures!(world, &CardScreen::new(id(1)), "card-reading");
    pictures!(world, &CardScreen::new(id(99)), "card-gone");
    let mut local = CardScreen::new(id(2));
    let mut plain = detail(&world, Comments::None);
    plain.card = world.board.card(id(2)).expect("there").clone();
    (plain.body, plain.conflicts, plain.unsent_comments) = (String::new(), vec![], vec![]);
    let _ = local.update(&Update::Opened(Box::new(plain)), &world.ctx(80, 24));
    pictures!(world, &local, "card-local");
}

#[test]
fn loading_failed_and_no_comments_are_different_sights() {
    let world = World::new();
    let sight = |c| world.text(&opened(&world, c), 80, 80);
    assert!(sight(Comments::Loading).contains("asking for the comments"));
    assert!(sight(Comments::Failed("502 Bad Gateway".into())).contains("could not be had: 502 Bad Gateway"));
    assert!(sight(comments()).contains("2 comments"));
    let mut none = detail(&world, Comments::Ready(vec![]));
    none.unsent_comments.clear();
    let mut card = CardScreen::new(id(1));
    let _ = card.update(&Update::Opened(Box::new(none)), &world.ctx(80, 24));
    assert!(world.text(&card, 80, 80).contains("No comments"));
}

#[test]
fn the_value_that_lost_a_conflict_is_shown_and_an_open_one_can_be_decided() {
    let world = World::new();
    let mut card = opened(&world, comments());
    let text = world.text(&card, 80, 90);
    assert!(text.contains("lost    Retry on 502"), "{text}");
    assert!(text.contains("waits for your decision"), "{text}");
    let outcome = world.act(&mut card, &[Action::Open]);
    assert!(said(&outcome).contains("Run(ViewConflicts)"), "{outcome:?}");
}

#[test]
fn nothing_a_platform_wrote_can_steer_the_terminal() {
    let world = World::new();
    let text = world.text(&opened(&world, comments()), 120, 90);
    assert!(!text.contains(['\u{1b}', '\u{202E}', '\u{9b}']), "{text}");
}

#[test]
fn keys_edit_the_card_that_is_open() {
    let world = World::new();
    let mut card = opened(&world, comments());
    for (action, want) in [
        (Action::EditTitle, "Title(CardId"),
        (Action::EditBody, "Body { card"),
        (Action::Comment, "Comment(CardId"),
        (Action::EditInEditor, "Edit { text"),
        (Action::Labels, "Picker"),
        (Action::Milestone, "Picker"),
        (Action::CopyUrl, "Run(CopyUrl)"),
        (Action::MoveTo, "Run(MoveTo)"),
        (Action::Back, "Close"),
    ] {
        let outcome = world.act(&mut card, &[action]);
        assert!(said(&outcome).contains(want), "{action}: {outcome:?}");
    }
}

#[test]
fn the_body_cannot_be_edited_before_it_is_read() {
    let world = World::new();
    let outcome = world.act(&mut CardScreen::new(id(1)), &[Action::EditBody]);
    assert!(matches!(outcome, Outcome::Say(_)), "{outcome:?}");
}

#[test]
fn it_is_read_again_when_it_changed_here_or_there() {
    let world = World::new();
    let ctx = world.ctx(80, 24);
    let mut card = opened(&world, comments());
    let mut newer = world.board.card(id(1)).expect("there").clone();
    assert!(matches!(card.update(&Update::Cards(vec![newer.clone()]), &ctx), Outcome::Ignored));
    newer.revision += 1;
    assert!(said(&card.update(&Update::Cards(vec![newer]), &ctx)).contains("OpenCard"));
    assert!(matches!(card.update(&Update::Committed { token: 1 }, &ctx), Outcome::Ignored));
    let _ = world.act(&mut card, &[Action::EditBody]);
    assert!(said(&card.update(&Update::Committed { token: 2 }, &ctx)).contains("OpenCard"));
}

#[test]
fn comments_that_are_fetched_again_do_not_disappear_meanwhile() {
    let world = World::new();
    let mut card = opened(&world, comments());
    let again = detail(&world, Comments::Loading);
    let _ = card.update(&Update::Opened(Box::new(again)), &world.ctx(80, 24));
    assert!(world.text(&card, 80, 90).contains("2 comments"));
}

#[test]
fn scrolling_stops_at_both_ends() {
    let world = World::new();
    let mut card = opened(&world, comments());
    let start = world.text(&card, 80, 24);
    let _ = world.act(&mut card, &[Action::FocusUp]);
    assert_eq!(world.text(&card, 80, 24), start);
    let _ = world.act(&mut card, &[Action::FocusBottom]);
    let end = world.text(&card, 80, 24);
    assert!(end.contains("Will do it today."), "{end}");
    let _ = world.act(&mut card, &[Action::FocusDown, Action::HalfPageDown]);
    assert_eq!(world.text(&card, 80, 24), end);
    let _ = world.press(&mut card, Key::Enter);
}

#[test]
fn it_survives_every_size() {
    let mut world = World::new();
    survives_every_size(&world, &opened(&world, comments()));
    survives_every_size(&world, &CardScreen::new(id(99)));
    world.glyphs = crate::tui::theme::Glyphs::ASCII;
    survives_every_size(&world, &opened(&world, Comments::Failed("日本語 reason".into())));
}

mod children;
mod history;

#[test]
fn the_likeliest_twin_is_told_until_the_two_are_linked() {
    use crate::domain::twins::{Reason, Twin};
    use crate::tui::screens::fixture::card_on;
    let mut world = World::new();
    world.board.upsert(card_on(4, "Retry on 502", "ops", 7));
    world.board.upsert(card_on(5, "Retry", "ops", 8));
    let mut card = opened(&world, comments());
    let twin = |other| Twin { card: id(1), other: id(other), reasons: vec![Reason::SameTitle] };
    let told = LinkTold::Twins { card: id(1), twins: vec![twin(4), twin(5)] };
    let _ = card.update(&Update::Links(Box::new(told)), &world.ctx(80, 24));
    let text = world.text(&card, 80, 60);
    assert!(text.contains("looks like ops#7: same title, and 1 more & link"), "{text}");
    assert!(world.text(&card, 120, 60).contains("looks like ops#7"), "beside the text too");
    let mut linked = world.board.card(id(1)).expect("there").clone();
    linked.links.extend(world.board.card(id(4)).expect("there").links.clone());
    world.board.upsert(linked);
    assert!(!world.text(&card, 80, 60).contains("looks like"));
    assert!(matches!(world.act(&mut card, &[Action::Link]), Outcome::Run(Action::Link)));
}

#[test]
fn scrolling_lays_nothing_out_anew_and_a_new_text_width_or_ink_does() {
    let world = World::new();
    let ctx = world.ctx(80, 24);
    let mut card = CardScreen::new(id(1));
    let mut long = detail(&world, comments());
    long.body = format!("{}\n\n```rust\nlet a = 1;\n```\n", "a line of words\n".repeat(2_000));
    let _ = card.update(&Update::Opened(Box::new(long.clone())), &ctx);
    let laid = |card: &CardScreen| {
        card.reader.prose(76, crate::tui::screens::markdown::Look::of(&ctx)).expect("read")
    };
    let first = laid(&card);
    for action in [Action::FocusDown, Action::HalfPageDown, Action::FocusBottom, Action::FocusUp] {
        let _ = world.act(&mut card, &[action]);
        let _ = world.draw(&card, 80, 24);
        assert!(std::sync::Arc::ptr_eq(&first, &laid(&card)), "{action}");
    }
    assert_eq!(
        card.page(&ctx).window(5).len(),
        usize::from(card.page(&ctx).area.height),
        "only what is seen"
    );
    let blocks = crate::tui::screens::markdown::blocks(&long.body);
    card.take_inks(&crate::tui::ink::all(blocks));
    let inked = laid(&card);
    assert!(!std::sync::Arc::ptr_eq(&first, &inked), "code is drawn anew");
    card.take_inks(&crate::tui::ink::Inks::new());
    assert!(std::sync::Arc::ptr_eq(&inked, &laid(&card)), "nothing new is nothing to do");
    let _ = card.update(&Update::Opened(Box::new(long)), &ctx);
    assert!(!std::sync::Arc::ptr_eq(&inked, &laid(&card)));
}

#[test]
fn the_lines_of_a_window_are_the_lines_of_the_whole() {
    let world = World::new();
    let mut card = opened(&world, comments());
    let mut whole = String::new();
    let tall = world.text(&card, 80, 200);
    for _ in 0..200 {
        let shown = world.text(&card, 80, 24);
        let first = shown.lines().nth(1).unwrap_or_default().trim_end_matches(['▲', ' ']).to_owned();
        whole.push_str(&first);
        whole.push('\n');
        let before = shown.clone();
        let _ = world.act(&mut card, &[Action::FocusDown]);
        if world.text(&card, 80, 24) == before {
            break;
        }
    }
    for (n, line) in whole.lines().enumerate() {
        assert_eq!(line, tall.lines().nth(n + 1).unwrap_or_default().trim_end(), "line {n}");
    }
}

#[test]
fn the_addresses_of_its_text_are_listed_to_open_or_copy_one() {
    let world = World::new();
    let outcome = world.act(&mut opened(&world, comments()), &[Action::Addresses]);
    let Outcome::Open(modal) = outcome else { panic!("{outcome:?}") };
    let Modal::Addresses(mut list) = *modal else { panic!("{modal:?}") };
    assert!(said(&world.act(&mut list, &[Action::Open])).contains("https://example.com/status"));
    let none = world.act(&mut CardScreen::new(id(2)), &[Action::Addresses]);
    assert!(matches!(none, Outcome::Say(_)), "{none:?}");
}

#[test]
fn reading_again_takes_up_what_was_refused_and_leaves_a_conflict_alone() {
    let world = World::new();
    let said = said(&world.act(&mut opened(&world, comments()), &[Action::SyncNow]));
    assert!(said.contains("RetryCards([(ConnectionName(\"docs\")"), "{said}");
    assert!(!said.contains("RetryCards([(ConnectionName(\"core\")"), "{said}");
}
