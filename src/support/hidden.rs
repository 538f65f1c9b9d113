//! Finds a secret in text, in whatever spelling a server or a library repeats it: as it is, percent-encoded, escaped for
//! JSON, or within a Basic credential. It holds the secret and shows it to nobody.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use secrecy::{ExposeSecret as _, SecretString};

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";
/// The shortest secret whose base64 is looked for: of a shorter one too little is left that is its own.
const LEAST_FOR_BASE64: usize = 6;

/// A secret that must not be shown.
#[derive(Clone)]
pub struct Hidden {
    /// The most telling first, since what was replaced is not found again.
    spellings: Vec<SecretString>,
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

impl Hidden {
    /// A token, also where it is part of a credential whose user is not known.
    pub fn new(secret: &SecretString) -> Self {
        let text = secret.expose_secret();
        let mut spellings = vec![secret.clone()];
        if text.len() >= LEAST_FOR_BASE64 {
            for before in 0..3 {
                let inner = within_base64(text, before);
                let for_urls = inner.replace('+', "-").replace('/', "_");
                if for_urls != inner {
                    spellings.push(SecretString::from(for_urls));
                }
                spellings.push(SecretString::from(inner));
            }
        }
        Self { spellings }
    }

    /// A token that is sent with its user, as `Basic` does.
    pub fn of_user(user: &str, secret: &SecretString) -> Self {
        let pair = BASE64.encode(format!("{user}:{}", secret.expose_secret()));
        let mut hidden = Self::new(secret);
        hidden.spellings.insert(0, SecretString::from(pair));
        hidden
    }

    /// Whether both hide the same.
    pub fn is(&self, secret: &SecretString) -> bool {
        self.spellings.iter().any(|s| s.expose_secret() == secret.expose_secret())
    }

    /// `text` with every spelling of the secret replaced; `None` when it holds none.
    pub fn redact(&self, text: &str) -> Option<String> {
        let mut out: Option<String> = None;
        for spelling in &self.spellings {
            if let Some(clean) = replace(out.as_deref().unwrap_or(text), spelling.expose_secret()) {
                out = Some(clean);
            }
        }
        out
    }
}

/// The part of a base64 text that `secret` alone decides when `before` bytes (modulo three) stand in front of it.
fn within_base64(secret: &str, before: usize) -> String {
    let mut bytes = vec![0; before];
    bytes.extend(secret.as_bytes());
    // A character is six bits: those that bytes in front or behind have a part in are left out.
    let (first, whole) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    BASE64.encode(&bytes)[first..whole].to_owned()
}

/// `text` with every occurrence of `secret` replaced; `None` when there is none.
fn replace(text: &str, secret: &str) -> Option<String> {
    let (bytes, wanted) = (text.as_bytes(), secret.as_bytes());
    if wanted.is_empty() {
        return None;
    }
    let (mut out, mut kept, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        match matched(&bytes[at..], wanted) {
            Some(length) if text.is_char_boundary(at + length) => {
                out.push_str(&text[kept..at]);
                out.push_str(REDACTED);
                at += length;
                kept = at;
            }
            // Only at the beginning of a character can a match begin, since all spellings are ASCII or whole text.
            _ => at += 1,
        }
    }
    if kept == 0 && out.is_empty() {
        return None;
    }
    out.push_str(&text[kept..]);
    Some(out)
}

/// How many bytes of `text` spell `secret`, from its beginning on; the most, where several readings fit. All are followed:
/// a `%` may stand for itself, or begin what stands for another.
fn matched(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut ends = vec![0];
    for wanted in secret {
        let mut next: Vec<usize> = Vec::new();
        for at in ends {
            next.extend(one(&text[at..], *wanted).into_iter().flatten().map(|length| at + length));
        }
        next.sort_unstable();
        next.dedup();
        ends = next;
        if ends.is_empty() {
            return None;
        }
    }
    ends.last().copied()
}

/// How many bytes spell the one that is wanted: as itself, as `%2B`, as `\"` or `\u002b` however often it was escaped.
fn one(text: &[u8], wanted: u8) -> [Option<usize>; 3] {
    let Some(first) = text.first() else { return [None; 3] };
    let itself = (*first == wanted).then_some(1);
    let percent = || (hex(text.get(1..3)?)? == u32::from(wanted)).then_some(3);
    let escape = || {
        let run = text.iter().take_while(|b| **b == b'\\').count();
        let next = *text.get(run)?;
        if next == wanted {
            return Some(run + 1);
        }
        let code = text.get(run + 1..run + 5).filter(|_| next == b'u')?;
        (hex(code)? == u32::from(wanted)).then_some(run + 5)
    };
    match first {
        b'%' => [itself, percent(), None],
        b'\\' => [itself, None, escape()],
        _ => [itself, None, None],
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    let plain = digits.iter().all(u8::is_ascii_hexdigit);
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
    use proptest::prelude::*;

    fn shown(hidden: &Hidden, text: &str) -> String {
        hidden.redact(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let hidden = Hidden::new(&SecretString::from("a+b/c=\"d\\e.f"));
        for text in [
            "Bearer a+b/c=\"d\\e.f!",
            r#"{"x":"Bearer a+b/c=\"d\\e.f!"#,
            r#"{"x":"Bearer a+b\/c\u003d\"d\\e.f!"#,
            "Bearer a%2Bb%2Fc%3D%22d%5Ce.f!",
            "Bearer a%2bb/c=%22d%5ce.f!",
            r#"{\"x\":\"Bearer a+b/c=\\\"d\\\\e.f!"#,
        ] {
            let clean = shown(&hidden, text);
            assert!(clean.ends_with("Bearer [redacted]!"), "{text} became {clean}");
        }
        let percent = Hidden::new(&SecretString::from("x%25y%z"));
        for text in ["a x%25y%z!", "a x%2525y%25z!", "a x%25y%25z!"] {
            assert_eq!(shown(&percent, text), "a [redacted]!");
        }
        assert_eq!(hidden.redact("a+b/c"), None);
        assert_eq!(hidden.redact("ends with a %2"), None);
        assert_eq!(hidden.redact("ends with a \\"), None);
    }

    #[test]
    fn a_basic_credential_goes_as_a_whole_when_its_user_is_known() {
        let secret = SecretString::from("the-token-of-it");
        let pair = BASE64_STANDARD.encode("me@example.com:the-token-of-it");
        let known = Hidden::of_user("me@example.com", &secret);
        assert_eq!(
            shown(&known, &format!("Basic {pair} ")),
            format!("Basic [redacted]{} ", &pair[pair.trim_end_matches('=').len()..])
        );
        let unknown = shown(&Hidden::new(&secret), &pair);
        assert!(unknown.contains("[redacted]") && unknown.len() < pair.len(), "{unknown}");
        assert_eq!(format!("{known:?}"), "Hidden");
        assert!(known.is(&secret));
    }

    #[test]
    fn a_short_secret_does_not_eat_what_looks_like_it_in_base64() {
        assert_eq!(Hidden::new(&SecretString::from("abc")).redact("YWJj abd"), None);
    }

    proptest! {
        #[test]
        fn no_credential_in_base64_gets_through(user in "[a-z.@]{0,12}", secret in "[!-9;-~]{8,40}") {
            let hidden = Hidden::new(&SecretString::from(secret.clone()));
            for text in [
                BASE64_STANDARD.encode(format!("{user}:{secret}")),
                BASE64_URL_SAFE.encode(format!("{user}:{secret}")),
                BASE64_STANDARD.encode(format!("{secret}:{user}")),
            ] {
                prop_assert!(hidden.redact(&text).is_some(), "{} in {}", secret, text);
            }
        }

        #[test]
        fn text_without_the_secret_stays_as_it_is(text in "\\PC{0,80}") {
            prop_assert_eq!(Hidden::new(&SecretString::from("not-in-there")).redact(&text), None);
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}", secret in "\\PC{1,8}") {
            let hidden = Hidden::new(&SecretString::from(secret.clone()));
            let clean = hidden.redact(&format!("{text}{secret}{text}")).expect("it is there");
            prop_assert!(clean.contains("[redacted]"));
        }
    }
}
