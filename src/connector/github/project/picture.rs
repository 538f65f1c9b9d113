//! What a poll saw of a project: which issue stands at which option. Pure; it is kept in the pull's cursor, so that it
//! is exactly as old as what the board was told, over restarts and over walks that were broken off.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Stands between REST's validator and the picture in a cursor.
const MARK: &str = " board:";

/// Where each issue of the repository stands; `None`: on the board, without a Status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) items: BTreeMap<u64, Option<String>>,
}

/// The same on one line: names once, then for each issue the step to its number and the letters of its name.
#[derive(Serialize, Deserialize)]
struct Kept {
    project: String,
    options: Vec<String>,
    items: String,
}

/// Takes a cursor's validator apart: REST's own, and the picture of `project` when there is one.
pub(super) fn split(validator: Option<&str>, project: &str) -> (Option<String>, Option<Picture>) {
    let Some(text) = validator else { return (None, None) };
    let Some((rest, kept)) = text.split_once(MARK) else { return (Some(text.to_owned()), None) };
    let kept = serde_json::from_str::<Kept>(kept).ok().filter(|kept| kept.project == project);
    let rest = Some(rest.to_owned()).filter(|r| !r.is_empty());
    (rest, kept.and_then(|kept| unpack(&kept)))
}

/// The reverse of [`split`].
pub(super) fn join(validator: Option<&str>, picture: &Picture, project: &str) -> String {
    let kept = serde_json::to_string(&pack(picture, project)).unwrap_or_default();
    format!("{}{MARK}{kept}", validator.unwrap_or_default())
}

fn pack(picture: &Picture, project: &str) -> Kept {
    let mut options: Vec<String> = Vec::new();
    let (mut items, mut last) = (String::new(), 0);
    for (number, status) in &picture.items {
        let at = match status {
            None => 0,
            Some(name) => options.iter().position(|o| o == name).map_or_else(
                || {
                    options.push(name.clone());
                    options.len()
                },
                |at| at + 1,
            ),
        };
        // Steps are written in digits and names in letters, so nothing stands between them.
        let _ = write!(items, "{}{}", number - last, letters(at));
        last = *number;
    }
    Kept { project: project.to_owned(), options, items }
}

fn letters(mut at: usize) -> String {
    let mut out = Vec::new();
    loop {
        out.push(char::from(b'A' + (at % 26) as u8));
        at /= 26;
        if at == 0 {
            break;
        }
    }
    out.iter().rev().collect()
}

fn unpack(kept: &Kept) -> Option<Picture> {
    let (mut items, mut last, mut rest) = (BTreeMap::new(), 0_u64, kept.items.as_str());
    while !rest.is_empty() {
        let (step, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let end = behind.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(behind.len());
        let (name, behind) = behind.split_at(end);
        let at =
            name.bytes().try_fold(0_usize, |at, b| at.checked_mul(26)?.checked_add((b - b'A').into()))?;
        if name.is_empty() {
            return None;
        }
        last = last.checked_add(step.parse().ok()?)?;
        let status = if at == 0 { None } else { Some(kept.options.get(at - 1)?.clone()) };
        items.insert(last, status);
        rest = behind;
    }
    Some(Picture { items })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROJECT: &str = "orgs/octo/projects/3";

    #[test]
    fn a_picture_of_two_thousand_issues_is_a_few_kilobytes() {
        let names = ["Backlog", "In Progress", "Done"];
        let items = (1..=2_000).map(|n| (n, Some(names[n as usize % 3].to_owned()))).collect();
        let text = join(Some("W/\"abc\""), &Picture { items }, PROJECT);
        assert!(text.len() < 5_000, "{}", text.len());
    }

    #[test]
    fn what_is_no_picture_of_this_project_is_none_and_the_validator_stays() {
        let picture = Picture { items: BTreeMap::from([(7, None)]) };
        let text = join(Some("W/\"x\""), &picture, PROJECT);
        assert_eq!(split(Some(&text), "orgs/octo/projects/4"), (Some("W/\"x\"".to_owned()), None));
        assert_eq!(split(Some("W/\"x\""), PROJECT), (Some("W/\"x\"".to_owned()), None));
        assert_eq!(split(None, PROJECT), (None, None));
        for broken in ["A", "1", "1Z", "x", "99999999999999999999999A", "1A1a"] {
            let text = format!(" board:{{\"project\":\"{PROJECT}\",\"options\":[],\"items\":\"{broken}\"}}");
            assert_eq!(split(Some(&text), PROJECT), (None, None), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn a_picture_comes_back_as_it_was_kept(
            items in prop::collection::btree_map(1..1_u64 << 53, prop::option::of("\\PC{0,8}"), 0..80),
            etag in prop::option::of("W/\"[0-9a-f]{1,8}\""),
        ) {
            let picture = Picture { items };
            let text = join(etag.as_deref(), &picture, PROJECT);
            prop_assert_eq!(split(Some(&text), PROJECT), (etag, Some(picture)));
        }
    }
}
