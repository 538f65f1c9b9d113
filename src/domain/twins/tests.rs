//! What makes two cards likely twins, what does not, and that thousands of them are compared in bounded time.

use super::*;

fn id(n: u128) -> CardId {
    CardId(uuid::Uuid::from_u128(n))
}

fn link(n: u128) -> LinkId {
    LinkId(uuid::Uuid::from_u128(1_000_000 + n))
}

/// A card on `core` (GitHub), `plan` (Jira), or on nothing when the number is 0.
fn card(n: u128, connection: &str, number: u64, title: &str, text: &str) -> Suspect {
    let names = match connection {
        "plan" => vec![
            format!("plan#{number}"),
            format!("ABC-{number}"),
            format!("https://site.example.net/browse/ABC-{number}"),
        ],
        name => vec![
            format!("{name}#{number}"),
            format!("octo/{name}#{number}"),
            format!("https://git.example.com/octo/{name}/issues/{number}"),
        ],
    };
    let place = Place { link: link(n), connection: ConnectionName::new(connection), names, marker: None };
    let places = if number == 0 { Vec::new() } else { vec![place] };
    Suspect { card: id(n), title: title.into(), text: text.into(), places }
}

/// The reasons for which two cards are twins, seen from the first.
fn reasons(one: &Suspect, two: &Suspect) -> Vec<String> {
    let found = likely(&[one.clone(), two.clone()], &Dismissed::new(), Some(one.card));
    assert!(found.iter().all(|t| t.card == one.card && t.other == two.card));
    found.iter().flat_map(|t| &t.reasons).map(Reason::words).collect()
}

#[test]
fn titles_make_twins_when_their_words_do_and_their_numbers_are_the_same() {
    for (one, two, wanted) in [
        ("Retry on 502", "Retry on 502", Some("same title")),
        ("Retry on 502", "retry: 502!", Some("same title")),
        ("Import of MSPDI files fails", "Import MSPDI files fail", Some("title 98% the same")),
        ("Login page is broken on phones", "Login page broken on phone", Some("title 98% the same")),
        ("Release 1.2 of the exporter", "Release 1.3 of the exporter", None),
        ("Retry on 502", "Retry on 503", None),
        ("Dark theme for the board", "Light theme for the board", None),
        ("Write the guide", "Fix the importer", None),
        ("", "", None),
    ] {
        let found = reasons(&card(1, "core", 1, one, ""), &card(2, "plan", 7, two, ""));
        assert_eq!(found, wanted.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{one} / {two}");
    }
}

#[test]
fn a_name_in_title_or_text_makes_twins_whichever_way_it_is_written() {
    for (title, text, wanted) in [
        ("Left", "See core#12.", Some("names core#12 in its text")),
        ("Left", "see (Core#12), please", Some("names Core#12 in its text")),
        ("Left", "mirror of octo/core#12", Some("names octo/core#12 in its text")),
        ("Left (core#12)", "", Some("names core#12 in its title")),
        (
            "Left",
            "[there](https://git.example.com/octo/core/issues/12#note_5)",
            Some("names https://git.example.com/octo/core/issues/12#note_5 in its text"),
        ),
        ("Left", "core#1, core#120 and encore#12 are others", None),
        ("Left", "#12 is one of its own", None),
        ("Left", "core #12", None),
    ] {
        let found = reasons(&card(1, "core", 12, "Right", ""), &card(2, "plan", 7, title, text));
        assert_eq!(found, wanted.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{title} / {text}");
    }
}

#[test]
fn who_names_whom_is_said_from_where_one_stands() {
    let (core, plan) = (card(1, "core", 12, "Right", "tracked as ABC-7"), card(2, "plan", 7, "Left", ""));
    assert_eq!(reasons(&plan, &core), ["names ABC-7 in its text"]);
    assert_eq!(reasons(&core, &plan), ["core#12 names it in its text"]);
    let local = card(3, "", 0, "Note", "for https://site.example.net/browse/ABC-7/");
    assert_eq!(reasons(&local, &plan), [format!("{} names it in its text", id(3).short())]);
}

#[test]
fn a_mark_of_another_cards_item_says_most() {
    let mut copy = card(2, "plan", 7, "Copied, then renamed", "");
    copy.places[0].marker = Some(link(1));
    let core = card(1, "core", 12, "As it was", "");
    assert_eq!(reasons(&core, &copy), ["carries the same mark"]);
    let titled = card(3, "ops", 3, "As it was", "");
    let found = likely(&[core.clone(), titled, copy], &Dismissed::new(), Some(core.card));
    assert_eq!(found.iter().map(|t| t.other).collect::<Vec<_>>(), [id(2), id(3)], "the mark first");
    // Its own mark is none.
    let mut own = card(1, "core", 12, "One", "");
    own.places[0].marker = Some(link(1));
    assert_eq!(reasons(&own, &card(2, "plan", 7, "Two", "")), Vec::<String>::new());
}

#[test]
fn what_cannot_be_linked_or_was_dismissed_is_not_suggested() {
    let core = card(1, "core", 1, "Retry on 502", "");
    for (two, why) in [
        (card(2, "core", 2, "Retry on 502", ""), "on the same connection"),
        (card(3, "", 0, "Retry on 502", ""), "on no platform: there is nothing to link"),
    ] {
        assert_eq!(reasons(&core, &two), Vec::<String>::new(), "{why}");
    }
    let local = card(3, "", 0, "Retry on 502", "");
    assert_eq!(reasons(&local, &core), ["same title"], "a card of this board alone may be linked to an item");
    let plan = card(4, "plan", 7, "Retry on 502", "");
    let dismissed = Dismissed::from([pair(id(4), id(1))]);
    assert!(likely(&[core.clone(), plan.clone()], &dismissed, Some(id(1))).is_empty());
    assert!(likely(&[core, plan], &dismissed, None).is_empty());
}

#[test]
fn a_list_of_others_and_a_title_everybody_has_make_no_twins() {
    let mut all: Vec<Suspect> =
        (1..=8).map(|n| card(u128::from(n), "core", n, "Untitled", &format!("text {n}"))).collect();
    all.push(card(20, "plan", 7, "Untitled", "core#1 core#2 core#3 core#4"));
    assert_eq!(likely(&all, &Dismissed::new(), None), []);
}

#[test]
fn of_a_whole_board_each_pair_is_told_once_with_the_one_that_can_be_joined_second() {
    let all = [
        card(1, "core", 1, "Retry on 502", ""),
        card(2, "plan", 7, "Retry on 502", "see core#1"),
        card(3, "", 0, "Write the guide", ""),
        card(4, "ops", 4, "Write the guide", ""),
    ];
    let found = likely(&all, &Dismissed::new(), None);
    let told: Vec<(CardId, CardId, String)> = found.iter().map(|t| (t.card, t.other, t.words())).collect();
    let wanted = [
        (id(1), id(2), "same title, names core#1 in its text".to_owned()),
        (id(3), id(4), "same title".to_owned()),
    ];
    assert_eq!(told, wanted);
    // The local card is behind: still the item is what is joined to it.
    let turned = likely(&[all[3].clone(), all[2].clone()], &Dismissed::new(), None);
    assert_eq!((turned[0].card, turned[0].other), (id(3), id(4)));
}

#[test]
fn two_thousand_cards_on_each_side_are_compared_and_the_pairs_are_found() {
    let verbs = ["Fix", "Write", "Move", "Speed up", "Test", "Translate", "Drop", "Split", "Rename", "Cache"];
    let things = ["importer", "guide", "board", "exporter", "login page", "search", "menu", "theme", "queue"];
    let title = |n: u64| {
        let (v, t) = (verbs[n as usize % verbs.len()], things[(n / 10) as usize % things.len()]);
        format!("{v} the {t} for team {} in area {}", n / 90, n % 37)
    };
    let filler = "Some words of a body that is as long as bodies are, and no more than that. ".repeat(25);
    let mut all = Vec::new();
    for n in 1..=2_000_u64 {
        all.push(card(u128::from(n), "core", n, &title(n), &filler));
        let text = if n % 100 == 0 { format!("{filler} octo/core#{n}") } else { filler.clone() };
        let name = if n % 50 == 0 { title(n) } else { format!("{} otherwise {n}", title(n + 7)) };
        all.push(card(u128::from(n) + 10_000, "plan", n, &name, &text));
    }
    let started = std::time::Instant::now();
    let found = likely(&all, &Dismissed::new(), None);
    let one = likely(&all, &Dismissed::new(), Some(id(100)));
    // Comparing each with each would be eight million pairs: minutes, in a build without optimisation.
    assert!(started.elapsed() < std::time::Duration::from_secs(30), "{:?}", started.elapsed());
    for n in (50..=2_000).step_by(50) {
        let twin = found.iter().find(|t| pair(t.card, t.other) == (id(n), id(n + 10_000)));
        assert!(twin.is_some_and(|t| t.reasons.contains(&Reason::SameTitle)), "{n}");
    }
    assert_eq!(one[0].other, id(10_100));
    assert_eq!(one[0].words(), "same title, names octo/core#100 in its text");
}
