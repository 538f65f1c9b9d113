//! What a theme may say, and what is told of one that says something else.

use crate::config::parse::parse;
use crate::config::settings::ThemeName;
use crate::config::theme::{Brush, Colour, Role};

/// Line, column, message and help of each mistake.
fn mistakes(text: &str) -> Vec<(usize, usize, String, String)> {
    let Err(error) = parse(text, None) else { return Vec::new() };
    error.mistakes().iter().map(|m| (m.line, m.column, m.message.clone(), m.help.clone())).collect()
}

#[test]
fn a_theme_is_a_base_and_what_is_different_by_role() {
    let text = "[ui]\ntheme = \"sea\"\n\n[theme.sea]\nbase = \"light\"\naccent = \"#5fd7d7\"\nwarn = \"yellow\"\n\
                label = 176\ntext = { fg = \"black\", bg = 230, bold = true, reverse = false }\n";
    let settings = parse(text, None).map_err(|e| e.render(false)).expect("valid");
    assert_eq!(settings.ui.theme, ThemeName::Own("sea".into()));
    let [sea] = &settings.themes[..] else { panic!("one theme: {:?}", settings.themes) };
    assert_eq!((&*sea.name, &sea.base), ("sea", &ThemeName::Light));
    let fg = |fg| Brush { fg: Some(fg), ..Brush::default() };
    let wanted = [
        (
            Role::Text,
            Brush {
                fg: Some(Colour::Named(0)),
                bg: Some(Colour::Indexed(230)),
                bold: Some(true),
                reverse: Some(false),
                ..Brush::default()
            },
        ),
        (Role::Accent, fg(Colour::Rgb(0x5f, 0xd7, 0xd7))),
        (Role::Label, fg(Colour::Indexed(176))),
        (Role::Warn, fg(Colour::Named(3))),
    ];
    assert_eq!(sea.roles, wanted.into());
}

#[test]
fn what_a_theme_cannot_say_is_told_with_its_place_and_all_there_is() {
    for (text, place, message, help) in [
        ("[theme.a]\nacent = \"red\"\n", (2, 1), "`acent` is not a role", "did you mean `accent`?"),
        ("[theme.a]\nsparkle = \"red\"\n", (2, 1), "`sparkle` is not a role", "`text`, `dim`, `accent`"),
        ("[theme.a]\nwarn = \"yelow\"\n", (2, 8), "\"yelow\" is not a colour", "#rrggbb"),
        ("[theme.a]\nwarn = 256\n", (2, 8), "256 is not a colour", "0 to 255"),
        ("[theme.a]\nwarn = true\n", (2, 8), "a colour is needed here, not true or false", "#rrggbb"),
        ("[theme.a]\nwarn = { fg = \"#12\" }\n", (2, 15), "\"#12\" is not a colour", "#rrggbb"),
        ("[theme.a]\nwarn = { blink = true }\n", (2, 10), "unknown key `blink`", "`fg`, `bg`"),
        ("[theme.a]\nwarn = { bold = 1 }\n", (2, 17), "`bold` is true or false", "without quotes"),
        ("[theme.a]\nbase = \"sea\"\n", (2, 8), "`base` cannot be \"sea\"", "`dark`"),
        ("[theme.dark]\nwarn = 3\n", (1, 8), "the name of a built-in theme", "of its own"),
        ("[theme.\"\"]\nwarn = 3\n", (1, 8), "1 to 40 visible", "of its own"),
        ("[theme]\nwarn = \"red\"\n", (2, 8), "`warn` is a table", "[theme.NAME]"),
        (
            "[ui]\ntheme = \"sae\"\n[theme.sea]\n",
            (2, 9),
            "`theme` cannot be \"sae\"",
            "did you mean \"sea\"?",
        ),
    ] {
        let got = mistakes(text);
        let [one] = &got[..] else { panic!("{text}\n{got:?}") };
        assert_eq!((one.0, one.1), place, "{text}\n{got:?}");
        assert!(one.2.contains(message) && one.3.contains(help), "{text}\n{got:?}");
    }
}

#[test]
fn the_documentation_explains_every_role_in_its_own_words() {
    let text = include_str!("../../../../docs/themes.md");
    let table = text.lines().skip_while(|l| !l.starts_with("| role |"));
    let told: Vec<&str> = table.take_while(|l| l.starts_with('|')).skip(2).collect();
    let wanted: Vec<String> =
        Role::ALL.iter().map(|role| format!("| `{role}` | {} |", role.what())).collect();
    assert_eq!(told, wanted, "docs/themes.md has another table of roles");
}

#[test]
fn the_examples_of_the_documentation_are_right() {
    let text = include_str!("../../../../docs/themes.md");
    let blocks: Vec<&str> = text.split("```toml\n").skip(1).filter_map(|b| b.split("```").next()).collect();
    assert!(!blocks.is_empty(), "the page shows a theme");
    for block in blocks {
        assert_eq!(mistakes(block), [], "{block}");
    }
}
