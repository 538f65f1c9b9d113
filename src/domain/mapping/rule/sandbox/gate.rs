//! What may stand in a template or an expression. It reads the source as the engine's lexer does and refuses more than
//! it must, never less; what passes can make no value grow but by joining a bounded number of bounded ones.

use super::Kind;

/// Longest source, in bytes.
const SOURCE_MAX: usize = 4_096;
/// Most places where values are joined.
const JOINS_MAX: usize = 32;
/// Deepest loop within a loop.
const LOOPS_MAX: usize = 2;
/// The statements there are.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// Refuses what the cage could not hold.
pub(super) fn check(kind: Kind, source: &str) -> Result<(), String> {
    if source.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if source.len() > SOURCE_MAX {
        return Err(format!("it has at most {SOURCE_MAX} characters"));
    }
    let mut gate = Gate { joins: 0, loops: 0 };
    match kind {
        Kind::Expression => gate.code(source, false),
        Kind::Template => gate.template(source),
    }
}

struct Gate {
    joins: usize,
    loops: usize,
}

impl Gate {
    fn template(&mut self, source: &str) -> Result<(), String> {
        let mut rest = source;
        while let Some(at) = rest.find('{') {
            let tail = &rest[at..];
            rest = if let Some(comment) = tail.strip_prefix("{#") {
                comment.split_once("#}").map_or("", |(_, after)| after)
            } else if let Some(inner) = tail.strip_prefix("{{") {
                &inner[self.segment(inner, "}}", false)?..]
            } else if let Some(inner) = tail.strip_prefix("{%") {
                let word = inner.trim_start_matches(['-', '+']).trim_start();
                let word: String = word.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                self.statement(&word)?;
                &inner[self.segment(inner, "%}", word == "for")?..]
            } else {
                &tail[1..]
            };
        }
        Ok(())
    }

    fn statement(&mut self, word: &str) -> Result<(), String> {
        if !STATEMENTS.contains(&word) {
            return Err(format!("`{{% {word} %}}` has no place here: there are `if` and `for`"));
        }
        match word {
            "for" => self.loops += 1,
            "endfor" => self.loops = self.loops.saturating_sub(1),
            _ => {}
        }
        if self.loops > LOOPS_MAX {
            return Err("a loop in a loop in a loop would take too long".to_owned());
        }
        Ok(())
    }

    /// The length of the code up to and with `end`.
    fn segment(&mut self, inner: &str, end: &str, header: bool) -> Result<usize, String> {
        let bytes = inner.as_bytes();
        let (mut at, mut quote) = (0, None);
        while at < bytes.len() {
            match (quote, bytes[at]) {
                (Some(_), b'\\') => at += 1,
                (Some(open), c) if c == open => quote = None,
                (None, c @ (b'"' | b'\'')) => quote = Some(c),
                (None, _) if bytes[at..].starts_with(end.as_bytes()) => {
                    let code = inner.get(..at).unwrap_or_default();
                    self.code(code, header)?;
                    return Ok(at + end.len());
                }
                _ => {}
            }
            at += 1;
        }
        Err(format!("`{end}` is missing"))
    }

    /// Looks at code outside of texts. `header`: of a loop, whose variable names a value.
    fn code(&mut self, code: &str, header: bool) -> Result<(), String> {
        // A `-` or `+` at either end steers the blanks around a tag.
        let code = code.trim_matches(['-', '+']);
        let (mut quote, mut escaped) = (None, false);
        for c in code.chars() {
            if let Some(open) = quote {
                if escaped {
                    escaped = false;
                } else if c == '\\' {
                    escaped = true;
                } else if c == open {
                    quote = None;
                }
                continue;
            }
            match c {
                '"' | '\'' => quote = Some(c),
                '{' | '}' => return Err("`{` has no place within code".to_owned()),
                '*' => {
                    return Err("`*` would repeat a text: write `value | times(2)` with the filter `times`"
                        .to_owned());
                }
                '~' | '+' if header => return Err("nothing is joined in the header of a loop".to_owned()),
                '(' | '[' if header => {
                    return Err("the header of a loop names a list: `for name in card.labels`".to_owned());
                }
                '~' | '+' => self.joins += 1,
                _ => {}
            }
        }
        if self.joins > JOINS_MAX {
            return Err(format!("values are joined in at most {JOINS_MAX} places"));
        }
        if header && code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "recursive") {
            return Err("a loop cannot call itself".to_owned());
        }
        Ok(())
    }
}
