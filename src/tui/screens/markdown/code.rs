//! Blocks of code: how they are gathered, and their lines, broken only where the pane ends. Pure.

use pulldown_cmark::CodeBlockKind;
use ratatui::text::Span;

use super::{Look, harmless};
use crate::tui::ink::{CodeBlock, InkedLine};
use crate::tui::paint::fit;

/// A block that begins; its language is the first word of the fence.
pub(super) fn begin(kind: &CodeBlockKind<'_>) -> CodeBlock {
    let info = match kind {
        CodeBlockKind::Fenced(info) => info.as_ref(),
        CodeBlockKind::Indented => "",
    };
    let word = info.split([' ', ',', '{', ':']).next().unwrap_or_default();
    CodeBlock { language: harmless(word).to_lowercase(), code: String::new() }
}

/// Takes a part of a block's text.
pub(super) fn take(block: &mut CodeBlock, text: &str) {
    block.code.push_str(&harmless(text));
}

/// A block that is complete: the line end before the closing fence is none of its own.
pub(super) fn ended(mut block: CodeBlock) -> CodeBlock {
    block.code.truncate(block.code.trim_end_matches('\n').len());
    block
}

/// The lines of a block, each of at most `width` cells; what could not be looked at is in the style of code.
pub(super) fn lines(
    block: &CodeBlock,
    inked: Option<&[InkedLine]>,
    width: usize,
    look: &Look,
) -> Vec<Vec<Span<'static>>> {
    let width = width.max(1);
    let mut out = Vec::new();
    for (n, line) in block.code.split('\n').enumerate() {
        let parts = inked.map(|lines| lines.get(n).map(Vec::as_slice));
        // Beyond what was looked at, and in code nobody knows, there is one part: the line.
        let (parts, plain) = match parts {
            Some(Some(parts)) => (parts, look.ink(None)),
            Some(None) => (&[][..], look.ink(None)),
            None => (&[][..], look.code),
        };
        let (mut row, mut used, mut at) = (Vec::new(), 0, 0_usize);
        let end = line.trim_end().len();
        let ends = parts.iter().map(|(ink, len)| (look.ink(*ink), *len)).chain([(plain, usize::MAX)]);
        for (style, len) in ends {
            let to = at.saturating_add(len).min(end);
            let mut rest = line.get(at..to).unwrap_or_default();
            at = to;
            while !rest.is_empty() {
                let (mut part, mut cells) = fit(rest, width - used);
                if part.is_empty() && used == 0 {
                    // Wider than the pane: it stands alone, drawing will leave it out.
                    part = rest.char_indices().nth(1).map_or(rest, |(n, _)| &rest[..n]);
                    cells = width;
                }
                if part.is_empty() {
                    out.push(std::mem::take(&mut row));
                    used = 0;
                    continue;
                }
                row.push(Span::styled(part.to_owned(), style));
                used += cells;
                rest = &rest[part.len()..];
            }
        }
        out.push(row);
    }
    out
}
