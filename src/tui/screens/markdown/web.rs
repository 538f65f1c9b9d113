//! What of the web stands in a text: bare addresses, and HTML, of which only pictures and line breaks mean anything
//! here. Pure.

/// Whether an address is one a browser may be given.
pub fn is_web(url: &str) -> bool {
    let starts = |with: &str| url.get(..with.len()).is_some_and(|s| s.eq_ignore_ascii_case(with));
    starts("https://") || starts("http://")
}

/// The first bare address in a text: where it begins and ends.
pub(super) fn bare_url(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("http").map(|n| n + from) {
        from = at + 4;
        if !is_web(&text[at..]) {
            continue;
        }
        let after_word = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let end = text[at..].find(|c: char| c.is_whitespace() || "<>\"`|".contains(c));
        let url = &text[at..end.map_or(text.len(), |n| at + n)];
        let url = without_tail(url);
        let named = url.split_once("://").is_some_and(|(_, rest)| !rest.is_empty());
        if !after_word && named {
            return Some((at, at + url.len()));
        }
    }
    None
}

/// An address without the marks that end a sentence, and without a bracket that was opened before it.
fn without_tail(url: &str) -> &str {
    let mut url = url;
    // No sentence ends in more marks than these.
    for _ in 0..16 {
        let Some(last) = url.chars().next_back() else { break };
        let unopened = last == ')' && url.matches(')').count() > url.matches('(').count();
        if !unopened && !".,;:!?'*_]}".contains(last) {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    url
}

/// What a piece of HTML comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A line break.
    Break,
    /// A picture: its description and its address.
    Picture(String, String),
    /// Anything else, as it is written.
    Text(&'a str),
}

/// HTML as its pieces, without comments. `comment`: whether a comment is open, before and after.
pub(super) fn pieces<'a>(html: &'a str, comment: &mut bool) -> Vec<Piece<'a>> {
    let (mut out, mut rest) = (Vec::new(), html);
    while !rest.is_empty() {
        if *comment {
            let Some((_, after)) = rest.split_once("-->") else { return out };
            (*comment, rest) = (false, after);
            continue;
        }
        if let Some(after) = rest.strip_prefix("<!--") {
            (*comment, rest) = (true, after);
            continue;
        }
        let next = rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(rest.len(), |(n, _)| n);
        let (piece, after) = rest.split_at(if rest.starts_with('<') {
            rest.find('>').map_or(next, |n| n + 1).min(next)
        } else {
            next
        });
        out.push(of_tag(piece));
        rest = after;
    }
    out
}

fn of_tag(piece: &str) -> Piece<'_> {
    let tag = piece.to_ascii_lowercase();
    let name = tag.trim_start_matches('<').split([' ', '>', '/', '\n']).next().unwrap_or_default();
    match name {
        "br" if tag.starts_with('<') => Piece::Break,
        "img" if tag.starts_with('<') => match attribute(piece, "src") {
            Some(src) => Piece::Picture(attribute(piece, "alt").unwrap_or_default(), src),
            None => Piece::Text(piece),
        },
        _ => Piece::Text(piece),
    }
}

/// The value of an attribute in a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(name).map(|n| n + from) {
        from = at + name.len();
        let before = tag[..at].chars().next_back();
        let Some(value) = tag[from..].trim_start().strip_prefix('=').map(str::trim_start) else { continue };
        if !before.is_some_and(char::is_whitespace) {
            continue;
        }
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        return Some(match quote {
            Some(quote) => value[1..].split(quote).next().unwrap_or_default().to_owned(),
            None => value.split([' ', '>']).next().unwrap_or_default().to_owned(),
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_address_ends_before_the_marks_of_its_sentence() {
        let found = |text: &'static str| bare_url(text).map(|(a, b)| &text[a..b]);
        assert_eq!(found("see https://a.example/x_y, and"), Some("https://a.example/x_y"));
        assert_eq!(found("(http://a.example/b(c))."), Some("http://a.example/b(c)"));
        assert_eq!(
            found("xhttp://a.example http:// https://日本.example/?q=1"),
            Some("https://日本.example/?q=1")
        );
        assert_eq!(found("no http here"), None);
    }

    #[test]
    fn html_is_its_pictures_its_breaks_and_its_text() {
        let mut comment = false;
        let html = "<p>a<br/><img width=\"2\" alt='two words' src=https://a.example/i.png><!-- b --></p>";
        let picture = Piece::Picture("two words".into(), "https://a.example/i.png".into());
        let want = [Piece::Text("<p>"), Piece::Text("a"), Piece::Break, picture, Piece::Text("</p>")];
        assert_eq!(pieces(html, &mut comment), want);
        assert_eq!(pieces("x <!-- open", &mut comment), [Piece::Text("x ")]);
        assert!(comment);
        assert_eq!(pieces("still --> y", &mut comment), [Piece::Text(" y")]);
        assert_eq!(pieces("日<b>", &mut comment), [Piece::Text("日"), Piece::Text("<b>")]);
        assert_eq!(pieces("<img alt=x>", &mut comment), [Piece::Text("<img alt=x>")]);
    }
}
