//! The words of a title, and the names a text may hold of other items. Pure.

/// Words that tell no title from another.
const FILLERS: [&str; 22] = [
    "a", "an", "and", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "of", "on", "or",
    "that", "the", "this", "to", "when", "with",
];
/// The longest title that is compared, in words.
const WORDS: usize = 40;

/// A title as it is compared: small letters and digits, without fillers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Title {
    /// The words in their order, a blank between two.
    pub(super) text: String,
    /// Those with a digit, sorted.
    pub(super) numbers: Vec<String>,
}

impl Title {
    pub(super) fn of(title: &str) -> Self {
        let lower = title.to_lowercase();
        let words = |fillers: bool| -> Vec<&str> {
            let all = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
            all.filter(|w| fillers || !FILLERS.contains(w)).take(WORDS).collect()
        };
        let mut kept = words(false);
        if kept.is_empty() {
            kept = words(true);
        }
        let digit = |w: &&&str| w.chars().any(|c| c.is_ascii_digit());
        let mut numbers: Vec<String> = kept.iter().filter(digit).map(|w| (*w).to_owned()).collect();
        numbers.sort();
        Self { text: kept.join(" "), numbers }
    }

    /// Each word once.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let mut words: Vec<&str> = self.text.split(' ').filter(|w| !w.is_empty()).collect();
        words.sort_unstable();
        words.dedup();
        words.into_iter()
    }
}

/// What in a text may name an item: `core#12`, `octo/app#12`, `PLAN-7`, a web address.
pub(super) fn named_in(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| {
        matches!(
            c,
            ' ' | '\n'
                | '('
                | ')'
                | '['
                | ']'
                | '<'
                | '>'
                | '{'
                | '}'
                | '"'
                | '\''
                | '`'
                | ','
                | ';'
                | '|'
                | '*'
        ) || c.is_whitespace()
    };
    // Most words are no names: they are told apart before anything else is done with them.
    let may = |word: &&str| {
        word.len() > 2
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| matches!(b, b'#' | b'-' | b'/'))
    };
    text.split(ends).filter(may).map(|word| word.trim_matches(|c| ".:!?_~".contains(c)))
}

/// The form in which two names are compared: an address without what stands behind its path, small letters.
pub(super) fn canonical(name: &str) -> String {
    let address = name.contains("://");
    let path = if address { name.split(['#', '?']).next().unwrap_or(name) } else { name };
    path.trim_end_matches('/').to_lowercase()
}
