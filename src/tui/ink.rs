//! What is what in a piece of code: its keywords, texts, numbers, types and comments, found by the grammars of
//! `syntect`. Colours nothing; that is the theme's business. Slow for a key (the grammars are compiled as they are
//! used), so the loop lets a thread of its own do it and the code stands there plain until then.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use two_face::re_exports::syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

/// Code that is longer than this many bytes stays plain.
const LONGEST: usize = 64 * 1024;
/// From a line on that is longer than this many bytes, code stays plain: it is data, not for reading.
const LONGEST_LINE: usize = 2_000;
/// The most blocks of one text that are looked at.
pub const MOST: usize = 64;

/// What a part of a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    /// A word of the language.
    Keyword,
    /// A type, a tag, a key of a table.
    Type,
    /// A quoted text.
    Text,
    /// A number or another constant.
    Number,
    /// A comment.
    Comment,
    /// A line a change adds.
    Added,
    /// A line a change takes away.
    Removed,
}

/// A piece of code as it stands in a text, made harmless.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeBlock {
    /// What its fence calls the language, in lower case; empty when it says nothing.
    pub language: String,
    /// The code.
    pub code: String,
}

/// One line: what each part is, and its length in bytes.
pub type InkedLine = Vec<(Option<Ink>, usize)>;

/// The inks of the blocks that were looked at.
pub type Inks = HashMap<CodeBlock, Arc<Vec<InkedLine>>>;

impl CodeBlock {
    /// Whether there is a grammar for its language and it is of a size to be read. Costs nothing but a look.
    pub fn can_be_inked(&self) -> bool {
        !self.language.is_empty()
            && self.code.len() <= LONGEST
            && grammars().find_syntax_by_token(&self.language).is_some_and(|s| s.name != "Plain Text")
    }
}

fn grammars() -> &'static SyntaxSet {
    static GRAMMARS: OnceLock<SyntaxSet> = OnceLock::new();
    GRAMMARS.get_or_init(two_face::syntax::extra_newlines)
}

/// What scopes mean, the more particular first. The names are those all grammars of Sublime Text share:
/// <https://www.sublimetext.com/docs/scope_naming.html>.
fn meanings() -> &'static [(Scope, Option<Ink>)] {
    const NAMES: [(&str, Option<Ink>); 21] = [
        ("comment", Some(Ink::Comment)),
        ("string.unquoted", None),
        ("string", Some(Ink::Text)),
        ("constant.character", Some(Ink::Text)),
        ("constant", Some(Ink::Number)),
        ("keyword.operator.word", Some(Ink::Keyword)),
        ("keyword.operator.logical", Some(Ink::Keyword)),
        ("keyword.operator", None),
        ("keyword", Some(Ink::Keyword)),
        ("storage", Some(Ink::Keyword)),
        ("support.type", Some(Ink::Type)),
        ("support.class", Some(Ink::Type)),
        ("entity.name.type", Some(Ink::Type)),
        ("entity.name.class", Some(Ink::Type)),
        ("entity.name.struct", Some(Ink::Type)),
        ("entity.name.enum", Some(Ink::Type)),
        ("entity.name.tag", Some(Ink::Type)),
        ("entity.name.table", Some(Ink::Type)),
        ("entity.name.section", Some(Ink::Type)),
        ("markup.inserted", Some(Ink::Added)),
        ("markup.deleted", Some(Ink::Removed)),
    ];
    static SCOPES: OnceLock<Vec<(Scope, Option<Ink>)>> = OnceLock::new();
    SCOPES
        .get_or_init(|| NAMES.iter().filter_map(|(name, ink)| Some((Scope::new(name).ok()?, *ink))).collect())
}

/// What the innermost scope that means something means.
fn meaning(stack: &ScopeStack) -> Option<Ink> {
    stack.as_slice().iter().rev().find_map(|scope| {
        meanings().iter().find(|(name, _)| name.is_prefix_of(*scope)).map(|(_, ink)| *ink)
    })?
}

/// Looks at one block; `None` when no grammar knows its language. Takes milliseconds, the first time of a language more.
pub fn inked(block: &CodeBlock) -> Option<Vec<InkedLine>> {
    if !block.can_be_inked() {
        return None;
    }
    let grammars = grammars();
    let mut state = ParseState::new(grammars.find_syntax_by_token(&block.language)?);
    let mut stack = ScopeStack::new();
    let mut out = Vec::new();
    for line in block.code.split('\n') {
        if line.len() > LONGEST_LINE {
            break;
        }
        // The grammars want the end of the line to be there.
        let ended = format!("{line}\n");
        let ops = state.parse_line(&ended, grammars).ok()?;
        let mut parts = InkedLine::new();
        let mut from = 0;
        for (at, op) in ops {
            push(&mut parts, meaning(&stack), at.min(line.len()).saturating_sub(from));
            from = at.min(line.len());
            stack.apply(&op).ok()?;
        }
        push(&mut parts, meaning(&stack), line.len() - from);
        out.push(parts);
    }
    Some(out)
}

fn push(parts: &mut InkedLine, ink: Option<Ink>, bytes: usize) {
    match parts.last_mut() {
        _ if bytes == 0 => {}
        Some((last, len)) if *last == ink => *len += bytes,
        _ => parts.push((ink, bytes)),
    }
}

/// Looks at several blocks.
pub fn all(blocks: Vec<CodeBlock>) -> Inks {
    let one = |block: CodeBlock| inked(&block).map(|lines| (block, Arc::new(lines)));
    blocks.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block(language: &str, code: &str) -> CodeBlock {
        CodeBlock { language: language.into(), code: code.into() }
    }

    /// The parts of a code that mean something.
    fn parts<'a>(language: &str, code: &'a str) -> Vec<(Ink, &'a str)> {
        let lines = inked(&block(language, code)).expect("a known language");
        let mut out = Vec::new();
        for (line, parts) in code.split('\n').zip(lines) {
            let mut from = 0;
            for (ink, len) in parts {
                out.extend(ink.map(|ink| (ink, line[from..from + len].trim())));
                from += len;
            }
        }
        out.retain(|(_, text)| !text.is_empty());
        out
    }

    #[test]
    fn words_texts_numbers_and_comments_of_several_languages_are_told_apart() {
        use Ink::{Added, Comment, Keyword, Number, Removed, Text, Type};
        let rust = parts("rust", "fn wait() -> u64 { 5 } // soon\nlet s = \"a\";");
        for want in [(Keyword, "fn"), (Number, "5"), (Comment, "// soon"), (Keyword, "let"), (Text, "\"a\"")]
        {
            assert!(rust.contains(&want), "{want:?} in {rust:?}");
        }
        let python = parts("py", "def f():\n    return 'x'  # no");
        assert!(python.contains(&(Keyword, "return")) && python.contains(&(Comment, "# no")), "{python:?}");
        let toml = parts("toml", "[server]\nport = 80 # default");
        assert!(toml.contains(&(Number, "80")) && toml.contains(&(Comment, "# default")), "{toml:?}");
        let diff = parts("diff", "-old\n+new");
        assert_eq!(diff, [(Removed, "-old"), (Added, "+new")]);
        assert!(parts("html", "<b>x</b>").contains(&(Type, "b")));
    }

    #[test]
    fn code_in_no_language_too_long_or_in_a_line_without_end_stays_plain() {
        assert_eq!(inked(&block("", "fn main() {}")), None);
        assert_eq!(inked(&block("klingon", "fn main() {}")), None);
        assert_eq!(inked(&block("rust", &"x\n".repeat(LONGEST))), None);
        let code = format!("let a = 1;\nlet b = \"{}\";\nlet c = 2;", "x".repeat(LONGEST_LINE));
        assert_eq!(inked(&block("rust", &code)).map(|lines| lines.len()), Some(1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_parts_of_a_line_are_the_whole_line(
            code in "[ -~äé日\n]{0,80}",
            language in prop::sample::select(vec!["rust", "python", "toml", "json", "diff"]),
        ) {
            if let Some(lines) = inked(&block(language, &code)) {
                for (line, parts) in code.split('\n').zip(&lines) {
                    prop_assert_eq!(parts.iter().map(|(_, len)| len).sum::<usize>(), line.len());
                    let mut at = 0;
                    for (_, len) in parts {
                        at += len;
                        prop_assert!(line.is_char_boundary(at));
                    }
                }
            }
        }
    }
}
