//! Letter case, text around a value, lists in one text, and texts cut short.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation as _;

use super::written::Case;

/// A text in another letter case.
pub(super) fn cased(text: &str, case: Case) -> String {
    match case {
        Case::Lower => text.to_lowercase(),
        Case::Upper => text.to_uppercase(),
        Case::Title => title(text),
        Case::Keep => text.to_owned(),
    }
}

/// The First Letter Of Each Word Large, the others small.
pub(super) fn title(text: &str) -> String {
    let (mut out, mut within) = (String::with_capacity(text.len()), false);
    for c in text.chars() {
        if within {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        within = c.is_alphanumeric() || (within && matches!(c, '\'' | '’'));
    }
    out
}

/// The parts of a text; blank ones are none.
pub(super) fn split(text: &str, at: &str) -> BTreeSet<String> {
    text.split(at).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A list as one text that can be taken apart again.
pub(super) fn join(list: &BTreeSet<String>, with: &str) -> Result<String, String> {
    let mark = mark(with);
    match list.iter().find(|item| item.contains(mark)) {
        Some(item) => {
            Err(format!("\"{}\" holds the separator \"{mark}\"", crate::support::text::clip(item, 60)))
        }
        None => Ok(list.iter().map(String::as_str).collect::<Vec<_>>().join(with)),
    }
}

/// Where a joined text is taken apart: `, ` is found by its comma, since the parts are trimmed.
pub(super) fn mark(with: &str) -> &str {
    if with.trim().is_empty() { with } else { with.trim() }
}

/// A text of at most `most` characters: cut between two of what people take for one, with `ellipsis` and then `link`
/// behind it.
pub(super) fn truncate(
    text: &str,
    most: usize,
    ellipsis: &str,
    link: Option<&str>,
) -> Result<String, String> {
    if text.chars().count() <= most {
        return Ok(text.to_owned());
    }
    let gap = if text.contains('\n') { "\n\n" } else { " " };
    let end =
        link.filter(|l| !l.is_empty()).map_or_else(|| ellipsis.to_owned(), |l| format!("{ellipsis}{gap}{l}"));
    let Some(room) = most.checked_sub(end.chars().count()) else {
        return Err(format!("within {most} characters there is no room for the card's link"));
    };
    let (mut out, mut used) = (String::new(), 0);
    for piece in text.graphemes(true) {
        used += piece.chars().count();
        if used > room {
            break;
        }
        out.push_str(piece);
    }
    out.truncate(out.trim_end().len());
    Ok(out + &end)
}
