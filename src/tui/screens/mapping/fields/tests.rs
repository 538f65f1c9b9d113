//! The tab of field rules: what is typed is tried on real cards at once, what is wrong is said in its place, nothing is
//! saved or lost unasked.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::*;
use crate::config::keymap::{Layer, Press};
use crate::domain::fields::{FieldName, Fields, Value};
use crate::domain::mapping::rule::{FieldKind, RuleDirection};
use crate::domain::mapping::{PlatformState, Status, Told};
use crate::domain::remote::{Holds, PlatformField, RemoteItem, RemoteRef};
use crate::support::clock::Timestamp;
use crate::sync::judge::Known;
use crate::tui::screen::Screen as _;
use crate::tui::screens::fixture::{World, id, sights};
use crate::tui::screens::mapping::MappingScreen;

fn rule(source: &str, target: &str, kind: FieldKind, steps: &str) -> FieldRule {
    let text = RuleText {
        source: source.into(),
        target: target.into(),
        kind,
        steps: steps.into(),
        ..RuleText::blank()
    };
    text.read().expect("a good rule")
}

fn rules() -> Vec<FieldRule> {
    let title = RuleText {
        source: "title".into(),
        target: "Heading".into(),
        direction: RuleDirection::Push,
        steps: "case = \"upper\"\ntruncate = 12".into(),
        ..RuleText::blank()
    };
    let map = "map = { high = [\"Highest\", \"High\"], medium = \"Medium\", low = [\"Low\", \"Lowest\"] }";
    vec![
        rule("priority", "Priority", FieldKind::Option, map),
        rule("estimate", "Story Points", FieldKind::Number, "scale = { factor = 2 }"),
        title.read().expect("a good rule"),
    ]
}

fn field(name: &str, holds: Holds, options: &[&str], writable: bool) -> PlatformField {
    let options = options.iter().map(|&o| o.to_owned()).collect();
    PlatformField { name: name.into(), id: None, holds, options, writable }
}

/// A world whose `core` has three rules and offers four fields; `docs` has none.
fn world() -> World {
    let mut world = World::offering();
    let core = &mut world.settings.connections[0];
    core.mapping = core.mapping.clone().with_rules(rules());
    if let Some(Ok(offers)) = world.offers.get_mut(&ConnectionName::new("core")) {
        offers.fields = vec![
            field("Priority", Holds::Option, &["Highest", "High", "Medium", "Low", "Lowest"], true),
            field("Story Points", Holds::Number, &[], true),
            field("Due date", Holds::Date, &[], true),
            field("Reviewer", Holds::Other, &[], false),
        ];
    }
    world
}

/// A card with a priority here, and what stands there.
fn card(n: u128, key: &str, title: &str, priority: &str, there: Option<&str>) -> RuleCard {
    let text = |text: &str| Value::Text(text.to_owned());
    let mut fields = Fields {
        title: title.into(),
        body: String::new(),
        status: Status::new("proposed"),
        labels: std::collections::BTreeSet::new(),
        assignees: std::collections::BTreeSet::new(),
        milestone: None,
        extra: BTreeMap::new(),
    };
    fields.set_extra(FieldName::PRIORITY, text(priority));
    fields.set_extra(FieldName::ESTIMATE, text("3"));
    let remote = there.map(|there| RemoteItem {
        at: RemoteRef { id: key.into(), number: 142, repository: "octo/app".into() },
        url: String::new(),
        title: title.into(),
        body: String::new(),
        marker: None,
        state: PlatformState { labels: ["status: proposed".to_owned()].into(), ..PlatformState::default() },
        assignees: std::collections::BTreeSet::new(),
        milestone: None,
        raw: [("Priority".to_owned(), text(there)), ("Story Points".to_owned(), text("6"))].into(),
        kind: None,
        author: None,
        comments: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        rich: None,
    });
    let told = Told { key: key.into(), urls: Vec::new(), connection: "core".into() };
    let known = Known {
        base: remote.is_some().then(|| fields.clone()),
        sent: None,
        card: fields,
        edited: BTreeMap::new(),
        archived: false,
        open_conflicts: Vec::new(),
        undoing: Vec::new(),
        flapping: Vec::new(),
        told,
    };
    RuleCard { id: id(n), key: key.into(), title: title.into(), linked: remote.is_some(), known, remote }
}

fn cards() -> Update {
    Update::RuleCards {
        connection: ConnectionName::new("core"),
        cards: vec![
            card(1, "core#142", "Retry on 502 instead of giving up", "high", Some("High")),
            card(3, "core#9", "日本語のタイトル 👩\u{200D}💻", "someday", Some("Medium")),
            card(2, "00000002", "Write it down", "low", None),
        ],
    }
}

/// The tab, with the cards read.
fn tab(world: &World) -> MappingScreen {
    let mut screen = MappingScreen::new(&world.settings);
    let _ = world.act(&mut screen, &[Action::FieldRules]);
    let _ = screen.update(&cards(), &world.ctx(80, 24));
    screen
}

fn ctrl(world: &World, screen: &mut MappingScreen, c: char) {
    let press = Press { ctrl: true, ..Press::plain(Key::Char(c)) };
    let event = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    let _ = screen.input(&Input::Key(press, event), &world.ctx(80, 24));
}

fn paste(world: &World, screen: &mut MappingScreen, text: &str) {
    let _ = screen.input(&Input::Paste(text.into()), &world.ctx(80, 24));
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let mut screen = tab(&world());
    sights!(world(), &screen, "mapping-fields");
    let _ = world().act(&mut screen, &[Action::Open]);
    sights!(world(), &screen, "mapping-fields-edit");
    paste(&world(), &mut screen, "\nprefx = \"P\"");
    sights!(world(), &screen, "mapping-fields-error");
    let _ = world().act(&mut screen, &[Action::Back]);
    let _ = world().press(&mut screen, Key::Char('y'));
    let _ = world().act(&mut screen, &[Action::AddRow]);
    let _ = world().press(&mut screen, Key::Tab);
    let _ = world().press(&mut screen, Key::Down);
    sights!(world(), &screen, "mapping-fields-choose");
    let _ = world().act(&mut screen, &[Action::Back, Action::RemoveRow]);
    sights!(world(), &screen, "mapping-fields-remove");
    let mut none = tab(&World::offering());
    let _ = none.update(
        &Update::RuleCards { connection: ConnectionName::new("core"), cards: vec![] },
        &world().ctx(80, 24),
    );
    sights!(World::offering(), &none, "mapping-fields-none");
    let mut offline = world();
    offline.offers.clear();
    offline.offers.insert(ConnectionName::new("core"), Err("the connection is offline".into()));
    sights!(offline, &tab(&world()), "mapping-fields-offline");
}

#[test]
fn a_narrow_terminal_shows_what_matters() {
    let world = world();
    let mut screen = tab(&world);
    let list = world.text(&screen, 44, 20);
    let _ = world.act(&mut screen, &[Action::Open]);
    let form = world.text(&screen, 44, 20);
    insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("mapping-fields-narrow", list);
        insta::assert_snapshot!("mapping-fields-edit-narrow", form);
    });
}

#[test]
fn the_tab_asks_for_cards_and_for_what_the_platform_has() {
    let mut world = world();
    world.offers.clear();
    let mut screen = MappingScreen::new(&world.settings);
    let _ = screen.came_from(Some(id(2)), &world.board);
    let told = format!("{:?}", world.act(&mut screen, &[Action::FieldRules]));
    assert!(told.contains("TryCards { connection: ConnectionName(\"core\")"), "{told}");
    for card in [id(2), id(1), id(3)] {
        assert!(told.contains(&format!("{card:?}")), "{card:?} in {told}");
    }
    assert!(told.contains("FetchOffers(ConnectionName(\"core\"))"), "{told}");
    let other = format!("{:?}", world.act(&mut screen, &[Action::FocusRight]));
    assert!(other.contains("TryCards { connection: ConnectionName(\"docs\")"), "{other}");
    assert!(world.text(&screen, 80, 24).contains("DOCS"));
}

#[test]
fn what_is_typed_is_tried_on_real_cards_at_once() {
    let world = world();
    let mut screen = tab(&world);
    let shown = world.text(&screen, 120, 36);
    for words in [
        "\"high\" → \"Highest\"  ✓ comes back as it was",
        "\"High\" → \"high\"",
        "settled: nothing would be sent",
        "step 1: the map does not name \"someday\"",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    let _ = world.act(&mut screen, &[Action::FocusDown, Action::Open]);
    assert!(world.text(&screen, 120, 36).contains("\"3\" → \"6\""));
    for _ in 0..3 {
        let _ = world.press(&mut screen, Key::Backspace);
    }
    assert!(world.text(&screen, 120, 36).contains("✗ line 1:"), "{}", world.text(&screen, 120, 36));
    world.type_in(&mut screen, " 5 }");
    let shown = world.text(&screen, 120, 36);
    assert!(shown.contains("\"3\" → \"15\"") && shown.contains("\"15\" would be sent"), "{shown}");
}

#[test]
fn a_rule_with_something_wrong_is_not_taken_over_and_says_where() {
    let world = world();
    let mut screen = tab(&world);
    let _ = world.act(&mut screen, &[Action::Open]);
    assert_eq!(screen.layer(), Layer::Text);
    paste(&world, &mut screen, "\nprefx = \"P\"");
    let shown = world.text(&screen, 80, 24);
    assert!(
        shown.contains("line 2: unknown step `prefx`") && shown.contains("did you mean `prefix`?"),
        "{shown}"
    );
    let refused = world.act(&mut screen, &[Action::Save]);
    assert!(matches!(&refused, Outcome::Say(why) if why.contains("`prefx`")), "{refused:?}");
    assert_eq!(screen.fields.drafts[0].rules, rules());
    // A second rule to the same field of the platform is refused in the form as well.
    let _ = world.act(&mut screen, &[Action::Back]);
    let _ = world.press(&mut screen, Key::Char('y'));
    let _ = world.act(&mut screen, &[Action::AddRow]);
    world.type_in(&mut screen, "urgency");
    let _ = world.press(&mut screen, Key::Tab);
    world.type_in(&mut screen, "priority");
    assert!(world.text(&screen, 80, 24).contains("there is already a rule for \"priority\""));
    assert!(matches!(world.act(&mut screen, &[Action::Save]), Outcome::Say(_)));
    assert_eq!(screen.fields.drafts[0].rules.len(), 3);
}

#[test]
fn a_rule_is_made_from_what_both_sides_have() {
    let world = world();
    let mut screen = tab(&world);
    let _ = world.act(&mut screen, &[Action::FocusRight]);
    let _ = world.act(&mut screen, &[Action::FocusLeft, Action::RemoveRow]);
    let _ = world.press(&mut screen, Key::Char('y'));
    let _ = world.act(&mut screen, &[Action::AddRow]);
    world.type_in(&mut screen, "prio");
    let _ = world.press(&mut screen, Key::Down);
    let _ = world.press(&mut screen, Key::Enter);
    assert!(world.text(&screen, 120, 36).contains("one of: Highest, High, Medium, Low, Lowest"));
    let _ = world.press(&mut screen, Key::Down);
    let _ = world.press(&mut screen, Key::Enter);
    ctrl(&world, &mut screen, 'o');
    let map = "map = { highest = \"Highest\", high = \"High\", medium = \"Medium\", low = \"Low\", lowest = \"Lowest\" }";
    let shown = world.text(&screen, 200, 60);
    assert!(shown.contains(map), "{shown}");
    assert!(matches!(world.act(&mut screen, &[Action::Save]), Outcome::Stay));
    let made = screen.fields.drafts[0].rules.last().expect("the new one").clone();
    assert_eq!(made, rule("priority", "Priority", FieldKind::Option, map));
    // A field that can only be read is only read.
    let _ = world.act(&mut screen, &[Action::AddRow]);
    world.type_in(&mut screen, "reviewer");
    let _ = world.press(&mut screen, Key::Tab);
    world.type_in(&mut screen, "rev");
    let _ = world.press(&mut screen, Key::Down);
    let _ = world.press(&mut screen, Key::Enter);
    let _ = world.act(&mut screen, &[Action::Save]);
    let made = screen.fields.drafts[0].rules.last().expect("the new one");
    assert_eq!((made.target(), made.direction()), ("Reviewer", RuleDirection::Pull));
}

#[test]
fn a_field_the_platform_does_not_have_is_named() {
    let world = world();
    let mut screen = tab(&world);
    let _ = world.act(&mut screen, &[Action::FocusBottom]);
    assert!(world.text(&screen, 80, 24).contains("the platform has no field \"Heading\""));
    let mut unknown = world;
    unknown.offers.clear();
    let shown = unknown.text(&screen, 80, 24);
    assert!(
        !shown.contains("has no field") && shown.contains("asking which fields the platform has"),
        "{shown}"
    );
}

#[test]
fn saving_asks_once_and_the_saved_settings_settle_it() {
    let world = world();
    let mut screen = tab(&world);
    assert!(matches!(world.act(&mut screen, &[Action::Save]), Outcome::Say(_)), "nothing to save");
    let _ = world.act(&mut screen, &[Action::RemoveRow]);
    let _ = world.press(&mut screen, Key::Char('y'));
    assert!(screen.unsaved());
    let Outcome::Do(effects) = world.act(&mut screen, &[Action::Save]) else { panic!("it is saved") };
    let saved = vec![(ConnectionName::new("core"), rules()[1..].to_vec())];
    assert_eq!(effects, [Effect::SaveFields(saved)]);
    let failed = Update::SaveFailed { reason: "the disk is full".into() };
    let _ = screen.update(&failed, &world.ctx(80, 24));
    assert!(world.text(&screen, 80, 24).contains("not saved: the disk is full"));
    assert!(screen.unsaved());
    let _ = world.act(&mut screen, &[Action::Save]);
    let mut settings = world.settings.clone();
    settings.connections[0].mapping =
        settings.connections[0].mapping.clone().with_rules(rules()[1..].to_vec());
    let _ = screen.update(&Update::Settings(Arc::new(settings)), &world.ctx(80, 24));
    assert!(!screen.unsaved());
}

#[test]
fn settings_from_elsewhere_leave_edits_alone() {
    let world = world();
    let mut screen = tab(&world);
    let _ = world.act(&mut screen, &[Action::RemoveRow]);
    let _ = world.press(&mut screen, Key::Char('y'));
    let _ = screen.update(&Update::Settings(Arc::new(world.settings.clone())), &world.ctx(80, 24));
    assert_eq!(screen.fields.drafts[0].rules, rules()[1..]);
    assert!(screen.unsaved());
}

#[test]
fn leaving_asks_while_something_is_not_saved() {
    let world = world();
    let mut screen = tab(&world);
    let _ = world.act(&mut screen, &[Action::Open]);
    paste(&world, &mut screen, "\n");
    assert!(screen.unsaved(), "what is being typed counts");
    let _ = world.act(&mut screen, &[Action::Back]);
    assert!(world.text(&screen, 80, 24).contains("Give up what you typed?"));
    let _ = world.press(&mut screen, Key::Char('n'));
    assert!(screen.fields.is_open());
    let _ = world.act(&mut screen, &[Action::Save, Action::RemoveRow]);
    let _ = world.press(&mut screen, Key::Char('y'));
    let _ = world.act(&mut screen, &[Action::Back]);
    assert!(world.text(&screen, 80, 24).contains("Give up the changes?"));
    assert!(matches!(world.press(&mut screen, Key::Char('y')), Outcome::Close));
}

#[test]
fn a_click_lands_on_the_tab_the_rule_and_the_part_of_the_form() {
    let world = world();
    let mut screen = MappingScreen::new(&world.settings);
    let click = |screen: &mut MappingScreen, column: u16, row: u16| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let mouse = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        screen.input(&Input::Mouse(mouse), &world.ctx(80, 24))
    };
    let shown = world.text(&screen, 80, 24);
    let column = shown.lines().nth(1).and_then(|line| line.find("Fields")).expect("the tab") as u16;
    assert!(matches!(click(&mut screen, column, 1), Outcome::Do(_)));
    let _ = screen.update(&cards(), &world.ctx(80, 24));
    let shown = world.text(&screen, 80, 24);
    let row = shown.lines().position(|line| line.contains("estimate")).expect("a rule") as u16;
    let _ = click(&mut screen, 10, row);
    assert_eq!((screen.fields.row, screen.fields.is_open()), (1, false));
    let _ = click(&mut screen, 10, row);
    assert!(screen.fields.is_open(), "a second click edits it");
    let shown = world.text(&screen, 80, 24);
    let row = shown.lines().position(|line| line.contains("Required")).expect("a part") as u16;
    let _ = click(&mut screen, 20, row);
    let _ = click(&mut screen, 20, row);
    assert!(world.text(&screen, 80, 24).contains("yes"));
}

/// Draws small sizes one by one and larger ones in strides; panics where the screen does.
fn survives(world: &World, screen: &MappingScreen) {
    for width in (0..=24).chain((28..=120).step_by(9)) {
        for height in (0..=16).chain((18..=40).step_by(5)) {
            let _ = world.draw(screen, width, height);
        }
    }
}

#[test]
fn it_survives_every_size() {
    let world = world();
    let mut screen = tab(&world);
    survives(&world, &screen);
    let _ = world.act(&mut screen, &[Action::Open]);
    survives(&world, &screen);
    let _ = world.press(&mut screen, Key::Tab);
    survives(&world, &screen);
    let _ = world.act(&mut screen, &[Action::Back, Action::RemoveRow]);
    survives(&world, &screen);
    let local = World::local();
    survives(&local, &tab(&local));
}

#[test]
fn a_rule_under_edit_is_known_again_when_others_go() {
    let world = world();
    let mut screen = tab(&world);
    let _ = world.act(&mut screen, &[Action::FocusDown, Action::Open]);
    let mut settings = world.settings.clone();
    let fewer = rules()[1..].to_vec();
    settings.connections[0].mapping = settings.connections[0].mapping.clone().with_rules(fewer);
    let _ = screen.update(&Update::Settings(Arc::new(settings)), &world.ctx(80, 24));
    paste(&world, &mut screen, "\nscale = { factor = 3 }");
    let taken = world.act(&mut screen, &[Action::Save]);
    assert!(matches!(taken, Outcome::Stay), "{taken:?}");
    let rules: Vec<(&str, usize)> =
        screen.fields.drafts[0].rules.iter().map(|rule| (rule.source(), rule.steps().len())).collect();
    assert_eq!(rules, [("estimate", 2), ("title", 2)]);
}
