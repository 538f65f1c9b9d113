//! Any text at all through the sanitisers: nothing a terminal acts on ever comes out, and nothing grows.

use proptest::prelude::*;

use super::*;

/// Text as an attacker would write it: any characters, with those that matter far more often than by chance.
fn hostile() -> impl Strategy<Value = String> {
    let sharp = prop::sample::select(vec![
        '\u{1b}',
        '\u{9b}',
        '\u{9d}',
        '\u{90}',
        '\u{7}',
        '\u{8}',
        '\u{0}',
        '\u{7f}',
        '\r',
        '\n',
        '\t',
        '\u{85}',
        '\u{202E}',
        '\u{2066}',
        '\u{2069}',
        '\u{200B}',
        '\u{200D}',
        '\u{FEFF}',
        '\u{E0041}',
        '[',
        ']',
        '2',
        'J',
        'm',
        ';',
        '\\',
    ]);
    prop::collection::vec(prop_oneof![2 => sharp, 1 => any::<char>()], 0..200).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(2_000))]

    #[test]
    fn one_line_is_one_line_without_anything_a_terminal_acts_on(text in hostile()) {
        let safe = one_line(&text);
        prop_assert!(!safe.chars().any(is_unsafe), "{safe:?}");
        let controls = ['\n', '\r', '\t', '\u{1b}', '\u{9b}'];
        prop_assert!(!safe.contains(controls));
        prop_assert_eq!(safe.chars().count(), text.chars().count(), "a character for a character");
        prop_assert_eq!(one_line(&safe), safe.clone(), "and it stays as it is");
    }

    #[test]
    fn many_lines_keep_their_breaks_and_nothing_else_that_controls(text in hostile()) {
        let safe = many_lines(&text);
        prop_assert!(!safe.chars().any(|c| c != '\n' && is_unsafe(c)), "{safe:?}");
        prop_assert!(safe.chars().count() <= 4 * text.chars().count());
        prop_assert_eq!(many_lines(&safe), safe.clone());
    }

    #[test]
    fn a_clipped_text_is_no_longer_than_asked_and_begins_as_it_did(text in hostile(), max in 1..64_usize) {
        let short = clip(&text, max);
        prop_assert!(short.chars().count() <= max);
        let kept: String = text.chars().take(max - 1).collect();
        prop_assert!(short.starts_with(&kept));
    }

    #[test]
    fn a_secret_is_gone_wherever_it_stood(before in hostile(), after in hostile()) {
        let secret = "ghp_0123456789abcdef";
        let text = [&before, secret, &after, secret].concat();
        prop_assert!(!redact(&text, secret).contains(secret));
    }
}
