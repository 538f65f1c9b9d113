//! Untrusted text made harmless, and secrets kept out of what is shown.

/// Whether a terminal could act on `c`: control characters, bidirectional overrides and isolates, and other
/// invisible format characters that let text look like what it is not. Zero-width joiners stay: emoji need them.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // The soft hyphen has no cell here and one in some terminals.
            '\u{AD}'
                | '\u{061C}'
                | '\u{180E}'
                | '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{FEFF}'
        )
        || ('\u{202A}'..='\u{202E}').contains(&c)
        || ('\u{2060}'..='\u{206F}').contains(&c)
        || ('\u{FFF9}'..='\u{FFFB}').contains(&c)
        || ('\u{E0000}'..='\u{E007F}').contains(&c)
}

/// One line that is safe to draw or log: unsafe characters become U+FFFD, line breaks and tabs a space.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if is_unsafe(c) => '\u{FFFD}',
            c => c,
        })
        .collect()
}

/// Several lines that are safe to draw: as [`one_line`], but line feeds stay, a tab becomes four spaces and the
/// carriage return of a CRLF goes.
pub fn many_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' => out.push('\n'),
            '\t' => out.push_str("    "),
            c if is_unsafe(c) => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// `text` cut to at most `max` characters, with an ellipsis in the last place when something was cut.
pub fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

/// `text` with every occurrence of `secret` replaced by `[redacted]`.
pub fn redact(text: &str, secret: &str) -> String {
    if secret.is_empty() { text.to_owned() } else { text.replace(secret, "[redacted]") }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_in_remote_text_cannot_reach_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\u{7}\u{9b}c"), "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}c");
        assert_eq!(many_lines("a\r\nb\tc\u{1b}]0;x"), "a\nb    c\u{FFFD}]0;x");
    }

    #[test]
    fn a_right_to_left_override_is_made_visible() {
        assert_eq!(one_line("photo\u{202E}gpj.exe"), "photo\u{FFFD}gpj.exe");
    }

    #[test]
    fn emoji_sequences_stay_whole() {
        assert_eq!(one_line("👩\u{200D}💻"), "👩\u{200D}💻");
    }

    #[test]
    fn clip_counts_characters_and_says_that_it_cut() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
    }
}
