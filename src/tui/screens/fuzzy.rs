//! Narrowing a list as a person types: letters in order, gaps allowed, the best match first.

/// How well a text answers what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Higher is better; comparable for one needle only.
    pub score: i32,
    /// The characters that matched, as indices into the text's characters, ascending.
    pub at: Vec<usize>,
}

/// Matches `needle` in `text` without regard to case or to blanks in the needle; `None` when a letter is missing.
///
/// A whole run of letters beats scattered ones, the start of a word beats its middle, an early place a late one and
/// a short text a long one. Nothing typed matches everything alike.
pub fn matches(needle: &str, text: &str) -> Option<Match> {
    let wanted: Vec<char> =
        needle.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    if wanted.is_empty() {
        return Some(Match { score: 0, at: Vec::new() });
    }
    // One lower-case letter for each character, so that places in both are the same.
    let chars: Vec<char> = text.chars().collect();
    let lower: Vec<char> = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let starts_word = |n: usize| n == 0 || !chars[n - 1].is_alphanumeric();
    let run = (0..lower.len())
        .filter(|&n| lower[n..].starts_with(&wanted))
        .max_by_key(|&n| (starts_word(n), std::cmp::Reverse(n)));
    let (base, at) = match run {
        Some(n) => (if starts_word(n) { 2_000 } else { 1_000 }, (n..n + wanted.len()).collect()),
        None => (0, scattered(&wanted, &lower)?),
    };
    let first = at.first().copied().unwrap_or(0);
    let spread = at.last().map_or(0, |last| last - first);
    let cost = (first + 4 * (spread + 1 - at.len().min(spread + 1)) + chars.len()).min(900);
    Some(Match { score: base - i32::try_from(cost).unwrap_or(900), at })
}

/// The letters in order, each as early as it can be, then drawn together from the end.
fn scattered(wanted: &[char], text: &[char]) -> Option<Vec<usize>> {
    let mut from = 0;
    for c in wanted {
        from += text[from..].iter().position(|t| t == c)? + 1;
    }
    let mut at = Vec::with_capacity(wanted.len());
    for c in wanted.iter().rev() {
        from = text[..from].iter().rposition(|t| t == c)?;
        at.push(from);
    }
    at.reverse();
    Some(at)
}

/// A name in runs of characters that answer what was typed, and of those that do not.
pub fn runs(name: &str, matched: &[usize]) -> Vec<(String, bool)> {
    let mut out: Vec<(String, bool)> = Vec::new();
    for (n, c) in name.chars().enumerate() {
        let hit = matched.binary_search(&n).is_ok();
        match out.last_mut().filter(|(_, h)| *h == hit) {
            Some((run, _)) => run.push(c),
            None => out.push((c.to_string(), hit)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn best<'a>(needle: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let mut found: Vec<_> = texts
            .iter()
            .filter_map(|t| matches(needle, t).map(|m| (std::cmp::Reverse(m.score), *t)))
            .collect();
        found.sort();
        found.into_iter().map(|(_, t)| t).collect()
    }

    #[test]
    fn the_likeliest_comes_first() {
        assert_eq!(
            best("bug", &["debug", "bug", "big upgrade", "old bug", "docs"]),
            ["bug", "old bug", "debug", "big upgrade"]
        );
        assert_eq!(best("gfi", &["good first issue", "configuration"]), ["good first issue"]);
    }

    #[test]
    fn case_and_blanks_do_not_matter() {
        assert!(matches("GoodFirst", "good first issue").is_some());
        assert_eq!(matches("b u", "Bug").map(|m| m.at), Some(vec![0, 1]));
        assert_eq!(matches("x", "bug"), None);
        assert_eq!(matches("", "anything").map(|m| m.at), Some(vec![]));
    }

    proptest! {
        #[test]
        fn every_letter_that_is_marked_is_one_that_was_typed(needle in "\\PC{0,6}", text in "\\PC{0,20}") {
            if let Some(found) = matches(&needle, &text) {
                let count = text.chars().count();
                prop_assert!(found.at.iter().all(|&n| n < count));
                prop_assert!(found.at.is_sorted());
            }
        }
    }
}
