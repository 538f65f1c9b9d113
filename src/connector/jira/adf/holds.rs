//! What a document holds beyond Markdown, counted and in words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::essence::{Things, spaced};
use super::{attr, children, kind, word};

/// How a setting of something is called; settings are named last.
const SETTING: &str = " setting";

/// `2 mentions`, `1 image`, `1 table setting`: what is seen first, then how it is set.
pub(super) fn in_words(things: &Things) -> Vec<String> {
    let mut counts: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    for thing in things.values() {
        *counts.entry((thing.noun.ends_with(SETTING), thing.noun.as_str())).or_default() += thing.count;
    }
    let words = |((_, noun), count): ((bool, &str), usize)| {
        format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
    };
    counts.into_iter().map(words).collect()
}

/// What a node is one of, so that an `s` makes it several.
pub(super) fn noun(node: &Value) -> String {
    let said = match kind(node) {
        "mediaSingle" | "mediaGroup" | "media" | "mediaInline" => {
            return if is_image(node) { "image" } else { "file" }.to_owned();
        }
        "status" => "status label",
        "inlineCard" | "blockCard" | "embedCard" => "smart link",
        "expand" | "nestedExpand" => "expandable section",
        "panel" => "custom panel",
        "layoutSection" => "layout",
        "layoutColumn" => "layout column",
        "extension" | "bodiedExtension" | "inlineExtension" => "macro",
        "table" => "complex table",
        "placeholder" => "hint",
        other => return spaced(other),
    };
    said.to_owned()
}

fn is_image(node: &Value) -> bool {
    let name = word(node, "alt").to_lowercase();
    let named = [".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"].iter().any(|end| name.ends_with(end));
    let sized = attr(node, "width").is_some() && kind(node) == "media";
    named || sized || word(node, "type") == "image" || children(node).iter().any(is_image)
}

/// The same for a mark.
pub(super) fn noun_of_mark(mark: &Value) -> String {
    match kind(mark) {
        "textColor" | "backgroundColor" => "coloured passage".to_owned(),
        other => spaced(other),
    }
}

/// The same for an attribute of something.
pub(super) fn noun_of_setting(what: &str) -> String {
    format!("{}{SETTING}", spaced(what))
}
