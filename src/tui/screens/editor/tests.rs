//! What is typed is kept, what is too long is told, what is unsaved is asked about.

use super::*;
use crate::domain::mapping::Status;
use crate::tui::screens::fixture::{World, id, pictures, set, survives_every_size};

fn title() -> EditorScreen {
    EditorScreen::new(Purpose::Title(id(1)), "Retry on 502".into())
}

fn body(text: &str) -> EditorScreen {
    EditorScreen::new(Purpose::Body { card: id(1), before: text.into(), beyond: vec![] }, text.into())
}

/// What a body on `core` holds, or what an edit would lose of it.
fn beyond(things: &[&str]) -> Vec<Beyond> {
    let connection = crate::domain::link::ConnectionName::new("core");
    let things = things.iter().map(|&t| t.to_owned()).collect();
    vec![Beyond { link: crate::domain::link::LinkId(uuid::Uuid::from_u128(142)), connection, things }]
}

const RICH: &str =
    "Ask [@ana](adf:mention/5b10a2844c) about it.\n\n[media single: screen.png](adf:mediaSingle/77d1a0be52)";

fn rich() -> EditorScreen {
    let beyond = beyond(&["1 image", "2 mentions", "1 table setting"]);
    EditorScreen::new(Purpose::Body { card: id(1), before: RICH.into(), beyond }, RICH.into())
}

/// The editor with a body of which it is known what saving it would lose.
fn losing(world: &World, typed: &str) -> EditorScreen {
    let mut editor = rich();
    world.type_in(&mut editor, typed);
    let asked = world.act(&mut editor, &[Action::Save]);
    let body = editor.field.text();
    assert!(
        matches!(&asked, Outcome::Do(e) if *e == [Effect::CheckBody { card: id(1), body: body.clone() }]),
        "{asked:?}"
    );
    let losses = Ok(beyond(&["a mention (@ana)", "an image (screen.png)"]));
    let _ = editor.update(&Update::BodyChecked { card: id(1), body, losses }, &world.ctx(80, 24));
    editor
}

#[test]
fn what_a_body_holds_is_told_before_it_is_edited_and_what_an_edit_loses_before_it_is_saved() {
    let world = World::new();
    pictures!(world, &rich(), "editor-rich");
    pictures!(world, &losing(&world, "x"), "editor-losing");
    survives_every_size(&world, &rich());
    survives_every_size(&world, &losing(&world, "x"));
}

#[test]
fn a_save_that_loses_nothing_is_saved_once_that_is_known() {
    let world = World::new();
    let mut editor = rich();
    world.type_in(&mut editor, "x");
    let _ = world.act(&mut editor, &[Action::Save]);
    let told = |body: &str| Update::BodyChecked { card: id(1), body: body.into(), losses: Ok(vec![]) };
    assert!(matches!(editor.update(&told("another body"), &world.ctx(80, 24)), Outcome::Ignored));
    let body = editor.field.text();
    let saved = editor.update(&told(&body), &world.ctx(80, 24));
    let wanted = Command::Rewrite { card: id(1), before: RICH.into(), after: body };
    assert!(matches!(&saved, Outcome::Submit(c) if *c == [wanted]), "{saved:?}");
    // What was typed since is asked about anew.
    let _ = world.act(&mut editor, &[Action::Save]);
    world.type_in(&mut editor, "y");
    let stale = told(&format!("x{RICH}"));
    assert!(matches!(editor.update(&stale, &world.ctx(80, 24)), Outcome::Ignored));
}

#[test]
fn the_answer_to_a_loss_keeps_editing_agrees_or_keeps_it_here() {
    let world = World::new();
    let lost = beyond(&["a mention (@ana)", "an image (screen.png)"]);
    let rewrite = Command::Rewrite { card: id(1), before: RICH.into(), after: format!("x{RICH}") };
    let agree = Command::Agree { card: id(1), losses: lost };
    let answer = |typed: &str, key: char| world.press(&mut losing(&world, typed), Key::Char(key));
    assert!(matches!(&answer("x", 's'), Outcome::Submit(c) if *c == [rewrite.clone(), agree.clone()]));
    assert!(matches!(&answer("x", 'h'), Outcome::Submit(c) if *c == [rewrite.clone()]));
    // A body that came from elsewhere is held up for its loss: saving it unchanged is the way to agree.
    assert!(matches!(&answer("", 's'), Outcome::Submit(c) if *c == [agree.clone()]));
    assert!(matches!(&answer("", 'h'), Outcome::Submit(c) if c.is_empty()));
    let mut editor = losing(&world, "x");
    assert!(matches!(world.press(&mut editor, Key::Char('k')), Outcome::Stay));
    assert!(editor.question.is_none() && editor.field.text().starts_with('x'), "back to the text");
    let mut editor = losing(&world, "x");
    assert!(matches!(world.act(&mut editor, &[Action::Back]), Outcome::Stay), "escape keeps editing too");
}

fn form(world: &World) -> NewCardScreen {
    NewCardScreen::new(Status::new("approved"), &world.ctx(80, 24))
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let world = World::offering();
    pictures!(world, &title(), "editor-title");
    pictures!(
        world,
        &body(
            "## Wanted\n\n- back off\n- tell why\n\nA line that is so long that it has to be broken somewhere before the frame, at a blank, and not in the middle."
        ),
        "editor-body"
    );
    let mut asking = title();
    world.type_in(&mut asking, " and 503");
    let _ = world.act(&mut asking, &[Action::Back]);
    pictures!(world, &asking, "editor-asking");
    let mut new = form(&world);
    world.type_in(&mut new, "Import MSPDI");
    for _ in 0..3 {
        let _ = world.press(&mut new, Key::Tab);
    }
    world.type_in(&mut new, "ui, goo");
    pictures!(world, &new, "editor-new");
}

#[test]
fn enter_saves_a_title_and_the_save_key_a_body() {
    let world = World::new();
    let mut one = title();
    world.type_in(&mut one, "!");
    let saved = world.press(&mut one, Key::Enter);
    assert!(
        matches!(&saved, Outcome::Submit(c) if *c == [Command::Retitle { card: id(1), title: "Retry on 502!".into() }]),
        "{saved:?}"
    );
    let mut many = body("old");
    assert!(matches!(world.press(&mut many, Key::Enter), Outcome::Stay));
    let saved = world.act(&mut many, &[Action::Save]);
    let wanted = Command::Rewrite { card: id(1), before: "old".into(), after: "\nold".into() };
    assert!(matches!(&saved, Outcome::Submit(c) if *c == [wanted]), "{saved:?}");
}

#[test]
fn saving_what_was_not_changed_only_closes() {
    let world = World::new();
    assert!(matches!(world.act(&mut title(), &[Action::Save]), Outcome::Close));
    assert!(matches!(world.act(&mut body("a\r\nb"), &[Action::Save]), Outcome::Close));
}

#[test]
fn escape_asks_only_when_something_was_typed() {
    let world = World::new();
    assert!(matches!(world.act(&mut title(), &[Action::Back]), Outcome::Close));
    let mut changed = title();
    world.type_in(&mut changed, "x");
    assert!(matches!(world.act(&mut changed, &[Action::Back]), Outcome::Stay));
    assert!(matches!(world.press(&mut changed, Key::Char('n')), Outcome::Stay), "keeps on");
    assert_eq!(changed.field.text(), "Retry on 502x", "the answer was not typed");
    let _ = world.act(&mut changed, &[Action::Back]);
    assert!(matches!(world.press(&mut changed, Key::Char('y')), Outcome::Close));
}

#[test]
fn a_refused_save_keeps_what_was_typed_and_says_why() {
    let world = World::new();
    let mut editor = title();
    world.type_in(&mut editor, &"x".repeat(300));
    let text = world.text(&editor, 80, 24);
    assert!(text.contains("56 too many"), "{text}");
    editor.rejected(&Reject::TitleTooLong(312));
    assert!(world.text(&editor, 80, 24).contains("256 is the most"));
    assert!(editor.unsaved() && editor.field.text().ends_with("xxx"));
}

#[test]
fn a_paste_is_one_line_in_a_title_and_brings_no_control_characters() {
    let mut field = Field::new("", true);
    assert!(field.input(&Input::Paste("a\r\nb\u{1b}[2J\tc".into())));
    assert_eq!(field.text(), "a b[2J c");
    let mut field = Field::new("", false);
    assert!(field.input(&Input::Paste("a\r\nb\u{202E}\tc".into())));
    assert_eq!(field.text(), "a\nb\tc");
}

#[test]
fn hidden_characters_of_a_remote_text_are_shown_and_kept() {
    let world = World::new();
    let editor = body("photo\u{202E}gpj.exe");
    let text = world.text(&editor, 80, 24);
    assert!(!text.contains('\u{202E}') && text.contains("characters that do not show"), "{text}");
    assert_eq!(editor.field.text(), "photo\u{202E}gpj.exe");
}

#[test]
fn a_new_card_has_what_the_form_says() {
    let world = World::offering();
    let mut new = form(&world);
    world.type_in(&mut new, "Import");
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Right);
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Right);
    let _ = world.press(&mut new, Key::Tab);
    world.type_in(&mut new, "ui, goo");
    let _ = world.press(&mut new, Key::Right);
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Char(' '));
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Char(' '));
    let outcome = world.press(&mut new, Key::Enter);
    let Outcome::Submit(commands) = outcome else { panic!("{outcome:?}") };
    let [Command::Create(card)] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!((card.title.as_str(), card.status.as_str()), ("Import", "in_progress"));
    assert_eq!(card.labels, set(&["ui", "good first issue"]), "the label was completed");
    assert_eq!(card.kind, crate::domain::card::Kind::Task);
    let on: Vec<&str> = card.connections.iter().map(crate::domain::link::ConnectionName::as_str).collect();
    assert_eq!(on, ["docs"], "off on the first, on on the second");
}

#[test]
fn where_a_new_card_is_made_follows_the_rules_until_a_person_says_otherwise() {
    use crate::config::new_cards::{NewCardRule, NewCards};
    use crate::domain::link::ConnectionName;
    let mut world = World::offering();
    let rule = NewCardRule {
        label: Some("bug".into()),
        kind: None,
        status: None,
        connections: vec![ConnectionName::new("core"), ConnectionName::new("docs")],
    };
    world.settings.new_cards =
        NewCards { connections: Some(vec![ConnectionName::new("docs")]), rules: vec![rule] };
    let mut new = form(&world);
    let told = |new: &NewCardScreen| world.text(new, 80, 24);
    assert!(told(&new).contains("will be made on docs "), "{}", told(&new));
    for _ in 0..3 {
        let _ = world.press(&mut new, Key::Tab);
    }
    world.type_in(&mut new, "Bug");
    assert!(told(&new).contains("will be made on core, docs (rule: label bug)"), "{}", told(&new));
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Char(' '));
    let _ = world.press(&mut new, Key::Tab);
    let _ = world.press(&mut new, Key::Char(' '));
    assert!(told(&new).contains("stays on this board"), "{}", told(&new));
    let _ = world.press(&mut new, Key::Tab);
    assert!(!told(&new).contains("rule:"), "what a person said is not turned back");
    let alone = World::local();
    assert!(!alone.text(&form(&alone), 80, 24).contains("will be made"));
}

#[test]
fn a_rejected_form_goes_to_the_field_that_is_wrong() {
    let world = World::new();
    let mut new = form(&world);
    new.rejected(&Reject::BadName("a,b".into()));
    world.type_in(&mut new, "z");
    assert!(world.text(&new, 80, 24).contains("Labels    z"), "{}", world.text(&new, 80, 24));
}

fn comment() -> EditorScreen {
    EditorScreen::new(Purpose::Comment(id(1)), String::new())
}

#[test]
fn people_and_cards_are_offered_while_a_comment_is_typed() {
    let mut world = World::offering();
    // On one connection alone a number says which item is meant.
    let mut card = world.board.card(id(1)).cloned().expect("there");
    card.links.truncate(1);
    world.board.upsert(card);
    let mut text = comment();
    world.type_in(&mut text, "Ask @b");
    pictures!(world, &text, "editor-people");
    let _ = world.press(&mut text, Key::Tab);
    assert_eq!(text.field.text(), "Ask @ben ");
    world.type_in(&mut text, "about #wide");
    pictures!(world, &text, "editor-cards");
    let _ = world.press(&mut text, Key::Tab);
    assert_eq!(text.field.text(), "Ask @ben about #9 ");
    world.type_in(&mut text, "and #write");
    let _ = world.press(&mut text, Key::Tab);
    let local = world.board.card(id(2)).expect("there").key();
    assert_eq!(text.field.text(), format!("Ask @ben about #9 and {local} "), "on no platform: by its key");
}

#[test]
fn a_card_on_several_platforms_is_spoken_of_by_the_others_key() {
    let world = World::offering();
    let mut text = comment();
    world.type_in(&mut text, "See #9");
    let _ = world.press(&mut text, Key::Tab);
    assert_eq!(text.field.text(), "See core#9 ");
}

#[test]
fn escape_closes_the_list_before_the_text_and_enter_is_a_line_break_until_one_is_chosen() {
    let world = World::offering();
    let mut text = comment();
    world.type_in(&mut text, "@a");
    assert!(text.mentions.is_open());
    assert!(matches!(world.act(&mut text, &[Action::Back]), Outcome::Stay));
    assert!(!text.mentions.is_open() && !text.asking, "the list alone is closed");
    world.type_in(&mut text, "n");
    let _ = world.press(&mut text, Key::Enter);
    assert_eq!(text.field.text(), "@an\n");
    world.type_in(&mut text, "@");
    let _ = world.press(&mut text, Key::Down);
    let _ = world.press(&mut text, Key::Enter);
    assert_eq!(text.field.text(), "@an\n@ben ");
}

#[test]
fn a_title_offers_nobody() {
    let world = World::offering();
    let mut one = title();
    world.type_in(&mut one, " @");
    assert!(!one.mentions.is_open());
}

#[test]
fn one_comment_is_for_all_the_cards_it_is_about() {
    let world = World::new();
    let mut text = EditorScreen::new(Purpose::CommentAll(vec![id(1), id(3)]), String::new());
    assert!(world.text(&text, 80, 24).contains("Comment on 2 cards"));
    world.type_in(&mut text, "hi");
    let saved = world.act(&mut text, &[Action::Save]);
    let wanted = [id(1), id(3)].map(|card| Command::Comment { card, body: "hi".into() });
    assert!(matches!(&saved, Outcome::Submit(c) if *c == wanted), "{saved:?}");
}

#[test]
fn the_form_reads_its_last_line_like_the_line_of_a_new_card() {
    let world = World::offering();
    let mut new = form(&world);
    world.type_in(&mut new, "Import");
    for _ in 0..4 {
        let _ = world.press(&mut new, Key::Tab);
    }
    world.type_in(&mut new, "@ben !high ~v1.2 what");
    let refused = world.press(&mut new, Key::Enter);
    assert!(matches!(refused, Outcome::Stay), "{refused:?}");
    assert!(world.text(&new, 80, 24).contains("`what` says nothing here"), "{}", world.text(&new, 80, 24));
    for _ in 0..5 {
        let _ = world.press(&mut new, Key::Backspace);
    }
    let Outcome::Submit(commands) = world.press(&mut new, Key::Enter) else { panic!("refused") };
    let [Command::Create(card)] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!((card.assignees.clone(), card.milestone.as_deref()), (set(&["ben"]), Some("v1.2")));
}

#[test]
fn they_survive_every_size() {
    let world = World::offering();
    let mut new = form(&world);
    world.type_in(&mut new, "日本語のとても長いタイトル");
    survives_every_size(&world, &new);
    survives_every_size(&world, &title());
    survives_every_size(&world, &body("日本語 and more\n\nwords"));
}
