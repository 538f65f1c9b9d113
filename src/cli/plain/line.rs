//! A typed line as words: what is within quotation marks stays together. Pure.

/// The words of a line.
pub(super) fn pieces(line: &str) -> Vec<String> {
    let (mut out, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                begun = true;
            }
            c if c.is_whitespace() && !quoted => {
                if begun {
                    out.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        out.push(word);
    }
    out
}

/// The first word of a line, in small letters, and the rest.
pub(super) fn head(line: &str) -> (String, &str) {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word.to_lowercase(), rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_quotation_marks_stay_together() {
        for (line, wanted) in [
            ("+bug  -ui", vec!["+bug", "-ui"]),
            ("+\"help wanted\" ana", vec!["+help wanted", "ana"]),
            ("\"\" x", vec!["", "x"]),
            ("\"open end", vec!["open end"]),
            ("   ", vec![]),
        ] {
            assert_eq!(pieces(line), wanted, "{line}");
        }
        assert_eq!(head("  Move 3  Done "), ("move".to_owned(), "3  Done"));
        assert_eq!(head("quit"), ("quit".to_owned(), ""));
    }
}
