//! What can be read in each theme, by the numbers, and what a person's own theme comes to.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ratatui::style::Color;

use super::*;
use crate::config::theme::{Brush, Colour, NAMES, Role};

/// What is seen of a colour on a terminal with xterm's palette; its own colours are grey on black.
fn seen(colour: Option<Color>, default: Rgb) -> Rgb {
    match colour {
        None | Some(Color::Reset) => default,
        Some(Color::Rgb(r, g, b)) => Rgb(r, g, b),
        Some(Color::Indexed(n)) => xterm(n),
        Some(named) => xterm((0..16).find(|n| depth::named(*n) == named).expect("one of the sixteen")),
    }
}

/// Relative luminance, as WCAG 2.1 defines it.
fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    let channel = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
}

/// The contrast of a style's text on its background, from 1 to 21.
fn contrast(style: Style) -> f64 {
    let (fg, bg) = (seen(style.fg, xterm(7)), seen(style.bg, xterm(0)));
    let (a, b) = (luminance(fg), luminance(bg));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn built_in(name: ThemeName, depth: Depth) -> Theme {
    Theme::of(&name, &[], depth)
}

#[test]
fn text_has_a_contrast_of_seven_and_nothing_less_than_four_and_a_half() {
    assert!((contrast(Style::new().fg(Color::White).bg(Color::Black)) - 21.0).abs() < 0.01);
    for name in [ThemeName::Dark, ThemeName::Light, ThemeName::HighContrast] {
        let mut theme = built_in(name.clone(), Depth::Indexed);
        assert!(contrast(theme.text) >= 7.0, "{name:?}: {:.2}", contrast(theme.text));
        let least = if name == ThemeName::HighContrast { 7.0 } else { 4.5 };
        let mut weak = Vec::new();
        for role in Role::ALL {
            let Some(style) = theme.style(*role).copied() else { continue };
            if contrast(style) < least {
                weak.push(format!("{role} {:.2}", contrast(style)));
            }
        }
        assert!(weak.is_empty(), "{name:?}: {weak:?}");
    }
}

#[test]
fn text_can_be_read_where_there_are_only_sixteen_colours() {
    for name in [ThemeName::Dark, ThemeName::Light, ThemeName::HighContrast] {
        let mut theme = built_in(name.clone(), Depth::Sixteen);
        assert!(contrast(theme.text) >= 7.0, "{name:?}: {:.2}", contrast(theme.text));
        for role in Role::ALL {
            let Some(style) = theme.style(*role).copied() else { continue };
            // The sixteen have no dark orange: the nearest is what there is.
            assert!(contrast(style) >= 2.0, "{name:?} {role}: {:.2}", contrast(style));
            let plain = |c: Option<Color>| !matches!(c, Some(Color::Indexed(_) | Color::Rgb(..)));
            assert!(plain(style.fg) && plain(style.bg), "{name:?} {role}: {style:?}");
        }
    }
}

#[test]
fn what_is_selected_looks_different_in_every_theme_and_depth() {
    for name in ThemeName::ALL {
        for depth in [Depth::Mono, Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = built_in(name.clone(), depth);
            assert!(theme.selection.add_modifier.contains(Modifier::REVERSED), "{name:?} {depth:?}");
            assert_ne!(theme.focus, theme.text, "{name:?} {depth:?}");
            assert_ne!(theme.lifted, theme.text, "{name:?} {depth:?}");
        }
    }
}

#[test]
fn without_colour_no_theme_has_any() {
    for name in ThemeName::ALL {
        let mut theme = built_in(name, Depth::Mono);
        theme.each(|style| assert_eq!((style.fg, style.bg), (None, None)));
    }
}

#[test]
fn every_colour_that_can_be_written_is_the_terminals_of_that_name() {
    for (n, name) in NAMES.iter().enumerate() {
        let theirs: Color = name.parse().expect("ratatui knows it");
        let ours: Colour = name.parse().expect("a colour");
        assert_eq!(own::colour(ours), theirs, "{n} {name}");
    }
    for text in ["0", "208", "#5fd7d7"] {
        assert_eq!(own::colour(text.parse().expect("a colour")), text.parse().expect("theirs"), "{text}");
    }
}

fn own(base: ThemeName, roles: impl IntoIterator<Item = (Role, Brush)>) -> Theme {
    let made = OwnTheme { name: "mine".into(), base, roles: roles.into_iter().collect() };
    Theme::of(&ThemeName::Own("mine".into()), &[made], Depth::True)
}

fn fg(colour: Colour) -> Brush {
    Brush { fg: Some(colour), ..Brush::default() }
}

#[test]
fn what_is_said_of_a_first_role_holds_for_those_that_follow_it() {
    let pink = Colour::Rgb(250, 180, 200);
    let theme = own(ThemeName::Dark, [(Role::Accent, fg(pink)), (Role::Heading, fg(Colour::Indexed(9)))]);
    let pink = Some(Color::Rgb(250, 180, 200));
    assert_eq!((theme.focus.fg, theme.column_focus.fg, theme.border_focus.fg), (pink, pink, pink));
    assert_eq!(theme.heading.fg, Some(Color::Indexed(9)), "a role that is named is as it says");
    assert_eq!(theme.text, built_in(ThemeName::Dark, Depth::True).text, "the rest is the base's");
    assert!(theme.focus.add_modifier.contains(Modifier::BOLD), "and stays bold");
}

#[test]
fn a_background_of_the_text_is_everythings() {
    let brush = Brush { bg: Some(Colour::Indexed(17)), ..Brush::default() };
    let mut theme = own(ThemeName::Dark, [(Role::Text, brush)]);
    theme.each(|style| assert_eq!(style.bg, Some(Color::Indexed(17))));
}

#[test]
fn a_selection_with_a_background_of_its_own_is_drawn_on_it() {
    let brush = Brush { bg: Some(Colour::Named(6)), fg: Some(Colour::Named(0)), ..Brush::default() };
    let theme = own(ThemeName::Dark, [(Role::Selection, brush)]);
    assert_eq!((theme.selection.fg, theme.selection.bg), (Some(Color::Black), Some(Color::Cyan)));
    assert!(!theme.selection.add_modifier.contains(Modifier::REVERSED));
}

fn colours() -> impl Strategy<Value = Colour> {
    prop_oneof![
        Just(Colour::Terminal),
        (0u8..16).prop_map(Colour::Named),
        any::<u8>().prop_map(Colour::Indexed),
        any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Colour::Rgb(r, g, b)),
    ]
}

fn brushes() -> impl Strategy<Value = Brush> {
    let said = || proptest::option::of(any::<bool>());
    let paint = (proptest::option::of(colours()), proptest::option::of(colours()));
    (paint, said(), said(), said(), said(), said()).prop_map(
        |((fg, bg), bold, dim, italic, underline, reverse)| Brush {
            fg,
            bg,
            bold,
            dim,
            italic,
            underline,
            reverse,
        },
    )
}

fn depths() -> impl Strategy<Value = Depth> {
    prop_oneof![Just(Depth::Mono), Just(Depth::Sixteen), Just(Depth::Indexed), Just(Depth::True)]
}

proptest! {
    #[test]
    fn whatever_a_person_writes_the_selection_is_seen_and_no_colour_is_too_deep(
        roles in proptest::collection::btree_map(proptest::sample::select(Role::ALL), brushes(), 0..12),
        base in proptest::sample::select(ThemeName::ALL.to_vec()),
        depth in depths(),
    ) {
        let roles: BTreeMap<Role, Brush> = roles;
        let made = OwnTheme { name: "mine".into(), base, roles };
        let mut theme = Theme::of(&ThemeName::Own("mine".into()), &[made], depth);
        let reversed = theme.selection.add_modifier.contains(Modifier::REVERSED);
        prop_assert!(reversed || theme.selection.bg.unwrap_or_default() != theme.text.bg.unwrap_or_default());
        let mut deepest = Depth::Mono;
        theme.each(|style| {
            for colour in [style.fg, style.bg].into_iter().flatten() {
                deepest = deepest.max(match colour {
                    Color::Rgb(..) => Depth::True,
                    Color::Indexed(_) => Depth::Indexed,
                    Color::Reset => Depth::Mono,
                    _ => Depth::Sixteen,
                });
            }
        });
        prop_assert!(deepest <= depth, "{deepest:?} on {depth:?}");
    }
}
