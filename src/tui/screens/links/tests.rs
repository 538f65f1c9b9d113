//! What the picker of links shows, what each key and click asks for, and that nothing is linked before it was confirmed.

use std::collections::BTreeSet;

use crossterm::event::{KeyModifiers, MouseEvent};

use super::*;
use crate::domain::fields::{Field, Value};
use crate::domain::link::ConnectionName;
use crate::domain::twins::{Difference, Part, Reason};
use crate::tui::screens::fixture::{World, card_on, id, pictures, set, survives_every_size};
use crate::tui::screens::question::Question;
use crate::tui::theme::Glyphs;

/// `core#9`, what it may be linked to on `docs`, and what it may not.
fn world() -> World {
    let mut world = World::new();
    let wide = "日本語のタイトル with wide characters";
    for card in [
        card_on(4, wide, "docs", 12),
        card_on(5, "Describe the retry", "docs", 15),
        card_on(6, "An older page", "docs", 3),
        card_on(7, "On the same connection", "core", 10),
    ] {
        world.board.upsert(card);
    }
    world
}

fn twins() -> Vec<Twin> {
    let names = Reason::Names { name: "core#9".into(), part: Part::Text };
    vec![Twin { card: id(3), other: id(4), reasons: vec![Reason::LikeTitle { percent: 91 }, names] }]
}

fn picker(world: &World) -> LinksScreen {
    let mut screen = LinksScreen::new(id(3));
    let _ = tell(world, &mut screen, LinkTold::Twins { card: id(3), twins: twins() });
    screen
}

fn tell(world: &World, screen: &mut LinksScreen, told: LinkTold) -> Outcome {
    screen.update(&Update::Links(Box::new(told)), &world.ctx(80, 24))
}

fn differences() -> Vec<Difference> {
    let text = |t: &str| Value::Text(t.to_owned());
    vec![
        Difference {
            field: Field::Title,
            stays: text("Write it down"),
            goes: text("Writing it all down, once"),
        },
        Difference { field: Field::Body, stays: text("One.\nTwo."), goes: text("") },
        Difference { field: Field::Status, stays: text("approved"), goes: text("proposed") },
        Difference { field: Field::Milestone, stays: Value::None, goes: text("v1.2") },
    ]
}

fn asked(outcome: Outcome) -> LinkAsk {
    match outcome {
        Outcome::Do(effects) | Outcome::CloseWith(effects) => match &effects[..] {
            [Effect::Links(ask)] => ask.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn question(outcome: Outcome) -> Question {
    match outcome {
        Outcome::Open(modal) => match *modal {
            Modal::Question(question) => question,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn labels(world: &World, screen: &LinksScreen) -> Vec<String> {
    let rows = screen.rows(&world.ctx(80, 24));
    rows.rows.iter().map(|r| format!("{} {}", r.what.heading(), r.key)).collect()
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let mut world = world();
    let mut screen = picker(&world);
    pictures!(world, &screen, "links");
    pictures!(world, &LinksScreen::new(id(1)), "links-everywhere");
    let _ = world.press(&mut screen, Key::Down);
    pictures!(world, &screen, "links-twin");
    world.type_in(&mut screen, "retry");
    pictures!(world, &screen, "links-narrowed");
    let refused =
        LinkTold::Refused { card: id(3), why: "on `docs` a conflict waits: decide it first".into() };
    let _ = tell(&world, &mut screen, refused);
    pictures!(world, &screen, "links-refused");
    let card = |n| world.board.card(id(n)).expect("there").clone();
    let join = confirm::join(&card(3), &card(5), &differences(), &world.ctx(80, 24));
    pictures!(world, &join, "links-join");
    pictures!(world, &confirm::part(&card(1), &ConnectionName::new("docs")), "links-part");
    world.glyphs = Glyphs::ASCII;
    let screen = picker(&world);
    insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("links-ascii", world.text(&screen, 80, 24));
        insta::assert_snapshot!("links-ascii-narrow", world.text(&screen, 44, 18));
    });
}

#[test]
fn a_card_can_be_linked_to_those_that_are_elsewhere_and_linked_to_nothing_else() {
    let world = world();
    let rows = labels(&world, &picker(&world));
    let wanted = [
        "It is on core#9",
        "Looks like the same work docs#12",
        "Make a new item on docs",
        "Link it to docs#15",
        "Link it to docs#3",
    ];
    assert_eq!(rows, wanted);
    // A card on both has nothing left to be linked to; one of this board alone can go anywhere.
    assert_eq!(labels(&world, &LinksScreen::new(id(1))), ["It is on core#142", "It is on docs#7"]);
    let alone = labels(&world, &LinksScreen::new(id(2)));
    assert_eq!(alone[..2], ["Make a new item on core", "Make a new item on docs"]);
    assert!(alone.contains(&"Link it to core#9".to_owned()) && alone.len() == 7, "{alone:?}");
}

#[test]
fn typing_narrows_by_number_and_title_and_escape_clears_before_it_closes() {
    let world = world();
    let mut screen = picker(&world);
    for (typed, wanted) in
        [("15", &["Link it to docs#15"][..]), ("retry", &["Link it to docs#15"]), ("zzz", &[])]
    {
        world.type_in(&mut screen, typed);
        assert_eq!(labels(&world, &screen), wanted, "{typed}");
        assert!(matches!(world.act(&mut screen, &[Action::Back]), Outcome::Stay));
    }
    world.type_in(&mut screen, "docs");
    assert_eq!(labels(&world, &screen).len(), 4, "a connection's name finds what is there: all but core");
    let _ = world.act(&mut screen, &[Action::Back]);
    assert!(matches!(world.act(&mut screen, &[Action::Back]), Outcome::Close));
}

#[test]
fn a_card_is_linked_after_its_differences_were_read_and_the_person_said_whose_values_stand() {
    let world = world();
    let mut screen = picker(&world);
    world.type_in(&mut screen, "15");
    let compare = asked(world.press(&mut screen, Key::Enter));
    assert_eq!(compare, LinkAsk::Compare { hub: id(3), other: id(5) });
    // An answer about other cards is not this one's.
    let strange = LinkTold::Compared { hub: id(3), other: id(6), differences: vec![] };
    assert!(matches!(tell(&world, &mut screen, strange), Outcome::Ignored));
    let told = LinkTold::Compared { hub: id(3), other: id(5), differences: differences() };
    let mut asks = question(tell(&world, &mut screen, told.clone()));
    let text = world.text(&asks, 80, 24);
    for said in
        ["Writing it all down, once → Write it down", "Backlog → To Do", "body: empty →", "Undo does not"]
    {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(matches!(world.act(&mut asks, &[Action::Open]), Outcome::Close), "enter leaves them apart");
    assert_eq!(asked(world.press(&mut asks, Key::Char('y'))), LinkAsk::Join { hub: id(3), other: id(5) });
    assert_eq!(asked(world.press(&mut asks, Key::Char('o'))), LinkAsk::Join { hub: id(5), other: id(3) });
    assert!(matches!(tell(&world, &mut screen, told), Outcome::Ignored), "it is asked once");
}

#[test]
fn a_card_of_this_board_alone_cannot_become_part_of_another() {
    let world = world();
    let card = |n| world.board.card(id(n)).expect("there").clone();
    let mut asks = confirm::join(&card(2), &card(5), &differences(), &world.ctx(80, 24));
    assert!(matches!(world.press(&mut asks, Key::Char('o')), Outcome::Ignored));
    let mut same = confirm::join(&card(2), &card(5), &[], &world.ctx(80, 24));
    assert!(world.text(&same, 80, 24).contains("nothing is replaced"));
    assert_eq!(asked(world.press(&mut same, Key::Char('y'))), LinkAsk::Join { hub: id(2), other: id(5) });
}

#[test]
fn labels_of_both_are_said_to_be_kept_when_they_differ() {
    let world = world();
    let card = |n| world.board.card(id(n)).expect("there").clone();
    let said = |one: &Card, two: &Card| {
        let asks = confirm::join(one, two, &[], &world.ctx(80, 24));
        world.text(&asks, 80, 24).contains("Labels and people of both are kept")
    };
    let mut other = card(5);
    assert!(said(&card(3), &other));
    other.labels = set(&["UI"]).into();
    assert!(!said(&card(3), &other), "in another case it is the same label");
    other.assignees = BTreeSet::from(["ben".to_owned()]).into();
    assert!(said(&card(3), &other));
}

#[test]
fn unlinking_and_making_an_item_are_asked_about_first() {
    let world = world();
    let mut screen = picker(&world);
    let mut asks = question(world.press(&mut screen, Key::Enter));
    assert!(world.text(&asks, 80, 24).contains("Take core#9 off core?"));
    assert!(matches!(world.act(&mut asks, &[Action::Open]), Outcome::Close), "enter leaves it");
    let core = ConnectionName::new("core");
    let part = LinkAsk::Part { card: id(3), connection: core };
    assert_eq!(asked(world.press(&mut asks, Key::Char('y'))), part);
    let _ = world.press(&mut screen, Key::Down);
    let _ = world.press(&mut screen, Key::Down);
    let mut asks = question(world.press(&mut screen, Key::Enter));
    let add = LinkAsk::Add { card: id(3), connection: ConnectionName::new("docs") };
    assert_eq!(asked(world.press(&mut asks, Key::Char('y'))), add);
}

#[test]
fn a_suggestion_that_is_none_goes_and_is_not_made_again() {
    let world = world();
    let mut screen = picker(&world);
    assert!(matches!(screen.key(Press::plain(Key::Delete), &world.ctx(80, 24)), Outcome::Ignored), "no twin");
    let _ = world.press(&mut screen, Key::Down);
    let dismiss = asked(screen.key(Press::plain(Key::Delete), &world.ctx(80, 24)));
    assert_eq!(dismiss, LinkAsk::Dismiss { card: id(3), other: id(4) });
    let rows = labels(&world, &screen);
    assert!(rows.contains(&"Link it to docs#12".to_owned()), "it can still be linked: {rows:?}");
}

#[test]
fn a_click_asks_about_the_row_under_it_and_a_heading_is_none() {
    let world = world();
    let mut screen = picker(&world);
    let text = world.text(&screen, 80, 24);
    let row = |said: &str| text.lines().position(|l| l.contains(said)).expect("shown") as u16;
    let mut ctx = world.ctx(80, 24);
    ctx.area = screen.area(ctx.area, &ctx);
    let click = |row: u16| {
        Input::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 30,
            row,
            modifiers: KeyModifiers::NONE,
        })
    };
    assert!(matches!(screen.input(&click(row("Link it to")), &ctx), Outcome::Ignored));
    let ask = asked(screen.input(&click(row("docs#3")), &ctx));
    assert_eq!(ask, LinkAsk::Compare { hub: id(3), other: id(6) });
    let asks = question(screen.input(&click(row("core#9  ")), &ctx));
    assert!(world.text(&asks, 80, 24).contains("off core"));
}

#[test]
fn what_was_done_closes_it_and_what_was_refused_is_told_in_it() {
    let world = world();
    let mut screen = picker(&world);
    let refused = LinkTold::Refused { card: id(3), why: "the card is on `docs` already".into() };
    assert!(matches!(tell(&world, &mut screen, refused), Outcome::Stay));
    assert!(world.text(&screen, 80, 24).contains("already"));
    let other = LinkTold::Done { card: id(9), gone: None, words: "done".into() };
    assert!(matches!(tell(&world, &mut screen, other), Outcome::Ignored));
    let done = LinkTold::Done { card: id(5), gone: Some(id(3)), words: "done".into() };
    assert!(matches!(tell(&world, &mut screen, done), Outcome::Close));
}

#[test]
fn the_focus_stays_on_its_row_when_the_suggestions_come() {
    let world = world();
    let mut screen = LinksScreen::new(id(3));
    for _ in 0..2 {
        let _ = world.press(&mut screen, Key::Down);
    }
    let focused = |screen: &LinksScreen| {
        let rows = screen.rows(&world.ctx(80, 24));
        rows.rows[screen.at(&rows.rows)].key.clone()
    };
    let before = focused(&screen);
    let _ = tell(&world, &mut screen, LinkTold::Twins { card: id(3), twins: twins() });
    assert_eq!(focused(&screen), before);
}

#[test]
fn of_thousands_of_cards_the_first_are_listed_and_typing_finds_every_one() {
    let mut world = world();
    for n in 100..3_100 {
        world.board.upsert(card_on(n, &format!("Page {n}"), "docs", n as u64));
    }
    let mut screen = picker(&world);
    let rows = screen.rows(&world.ctx(80, 24));
    assert_eq!((rows.rows.len(), rows.more), (list::MOST + 3, 3_002 - list::MOST));
    let more = format!("typing finds the other {}", crate::tui::screens::shape::grouped(2_502));
    let text = world.text(&screen, 80, 24);
    assert!(text.contains(&more), "{text}");
    world.type_in(&mut screen, "docs#100");
    assert_eq!(labels(&world, &screen)[0..2], ["Link it to docs#100", "Link it to docs#1009"]);
}

#[test]
fn it_survives_every_size() {
    let world = world();
    survives_every_size(&world, &picker(&world));
}
