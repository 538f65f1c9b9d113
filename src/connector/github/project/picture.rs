//! What a poll saw of a project: which issue stands at which option, and a digest of its values. Pure; it is kept in the
//! pull's cursor, so that it is exactly as old as what the board was told, over restarts and over walks that were broken
//! off.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::connector::RemoteItem;
use crate::domain::fields::Value;

/// Stands between REST's validator and the picture in a cursor.
const MARK: &str = " board:";

/// Where each issue of the repository stands that is on the board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) items: BTreeMap<u64, Spot>,
}

/// Where an issue stands, and what its further fields were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// `None`: without a Status.
    pub(super) status: Option<String>,
    /// The [`digest`] of its values.
    pub(super) values: String,
}

impl Spot {
    /// As an item of ours tells it.
    pub(super) fn of(item: &RemoteItem) -> Self {
        Self { status: item.state.status.clone(), values: digest(&item.raw) }
    }
}

/// A short text that differs when the values, or which of them were read, do; nothing for no values at all. 48 bits:
/// two states of one item that are taken for one another are not to be feared.
pub(super) fn digest(values: &BTreeMap<String, Value>) -> String {
    if values.is_empty() {
        return String::new();
    }
    let text = serde_json::to_vec(values).unwrap_or_default();
    BASE64_STANDARD_NO_PAD.encode(&Sha256::digest(text)[..6])
}

/// The same on one line: names and digests once, then for each issue the step to its number, the letters of its name,
/// and when it has a digest the small letters of that.
#[derive(Serialize, Deserialize)]
struct Kept {
    project: String,
    options: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
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
    let (mut options, mut values) = (Index::default(), Index::default());
    let (mut items, mut last) = (String::new(), 0);
    for (number, spot) in &picture.items {
        let at = spot.status.as_deref().map_or(0, |name| options.of(name) + 1);
        // Steps are written in digits, names in letters and digests in small ones, so nothing stands between them.
        let _ = write!(items, "{}{}", number - last, letters(at, b'A'));
        if !spot.values.is_empty() {
            items.push_str(&letters(values.of(&spot.values), b'a'));
        }
        last = *number;
    }
    Kept { project: project.to_owned(), options: options.all, values: values.all, items }
}

/// Texts by the order in which they came.
#[derive(Default)]
struct Index {
    all: Vec<String>,
    places: HashMap<String, usize>,
}

impl Index {
    fn of(&mut self, text: &str) -> usize {
        if let Some(at) = self.places.get(text) {
            return *at;
        }
        self.all.push(text.to_owned());
        self.places.insert(text.to_owned(), self.all.len() - 1);
        self.all.len() - 1
    }
}

fn letters(mut at: usize, first: u8) -> String {
    let mut out = Vec::new();
    loop {
        out.push(char::from(first + (at % 26) as u8));
        at /= 26;
        if at == 0 {
            break;
        }
    }
    out.iter().rev().collect()
}

/// The reverse of [`letters`]: the number at the beginning of `text`, and what is behind it; `None` when there is none.
fn spelt(text: &str, first: u8) -> Option<(usize, &str)> {
    let is_letter = |b: &u8| (first..first + 26).contains(b);
    let (name, behind) = text.split_at(text.bytes().position(|b| !is_letter(&b)).unwrap_or(text.len()));
    let at = name.bytes().try_fold(0_usize, |at, b| at.checked_mul(26)?.checked_add((b - first).into()))?;
    (!name.is_empty()).then_some((at, behind))
}

fn unpack(kept: &Kept) -> Option<Picture> {
    let (mut items, mut last, mut rest) = (BTreeMap::new(), 0_u64, kept.items.as_str());
    while !rest.is_empty() {
        let (step, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (at, behind) = spelt(behind, b'A')?;
        last = last.checked_add(step.parse().ok()?)?;
        let status = if at == 0 { None } else { Some(kept.options.get(at - 1)?.clone()) };
        let has_digest = behind.starts_with(|c: char| c.is_ascii_lowercase());
        let (values, behind) = if has_digest {
            let (at, behind) = spelt(behind, b'a')?;
            (kept.values.get(at)?.clone(), behind)
        } else {
            (String::new(), behind)
        };
        items.insert(last, Spot { status, values });
        rest = behind;
    }
    Some(Picture { items })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROJECT: &str = "orgs/octo/projects/3";

    fn at(status: &str) -> Spot {
        Spot { status: Some(status.to_owned()), values: String::new() }
    }

    #[test]
    fn a_picture_of_two_thousand_issues_is_a_few_kilobytes() {
        let names = ["Backlog", "In Progress", "Done"];
        let mut items: BTreeMap<u64, Spot> = (1..=2_000).map(|n| (n, at(names[n as usize % 3]))).collect();
        let text = join(Some("W/\"abc\""), &Picture { items: items.clone() }, PROJECT);
        assert!(text.len() < 5_000, "{}", text.len());
        // With further fields, all of them different.
        for (number, spot) in &mut items {
            let values = [("Estimate".to_owned(), Value::Text(number.to_string()))];
            spot.values = digest(&values.into());
        }
        let text = join(None, &Picture { items }, PROJECT);
        assert!(text.len() < 40_000, "{}", text.len());
    }

    #[test]
    fn a_digest_differs_with_a_value_and_with_what_was_read() {
        let values = |all: &[(&str, Value)]| {
            digest(&all.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
        };
        let text = |t: &str| Value::Text(t.to_owned());
        let all = [
            values(&[]),
            values(&[("a", Value::None)]),
            values(&[("a", text("1"))]),
            values(&[("a", text("1")), ("b", Value::None)]),
            values(&[("b", text("1")), ("a", Value::None)]),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(!all[..n].contains(one), "{n}");
        }
        assert_eq!(all[2], values(&[("a", text("1"))]));
    }

    #[test]
    fn what_is_no_picture_of_this_project_is_none_and_the_validator_stays() {
        let picture = Picture { items: BTreeMap::from([(7, Spot::default())]) };
        let text = join(Some("W/\"x\""), &picture, PROJECT);
        assert_eq!(split(Some(&text), "orgs/octo/projects/4"), (Some("W/\"x\"".to_owned()), None));
        assert_eq!(split(Some("W/\"x\""), PROJECT), (Some("W/\"x\"".to_owned()), None));
        assert_eq!(split(None, PROJECT), (None, None));
        for broken in ["A", "1", "1Z", "x", "99999999999999999999999A", "1A1a", "1Aa", "1Az2A"] {
            let text = format!(" board:{{\"project\":\"{PROJECT}\",\"options\":[],\"items\":\"{broken}\"}}");
            assert_eq!(split(Some(&text), PROJECT), (None, None), "{broken}");
        }
    }

    #[test]
    fn a_picture_from_before_there_were_values_is_read() {
        let text = format!(" board:{{\"project\":\"{PROJECT}\",\"options\":[\"Done\"],\"items\":\"7B1A\"}}");
        let items = BTreeMap::from([(7, at("Done")), (8, Spot::default())]);
        assert_eq!(split(Some(&text), PROJECT).1, Some(Picture { items }));
    }

    proptest! {
        #[test]
        fn a_picture_comes_back_as_it_was_kept(
            items in prop::collection::btree_map(
                1..1_u64 << 53,
                (prop::option::of("\\PC{0,8}"), "[A-Za-z0-9+/]{0,8}"),
                0..80,
            ),
            etag in prop::option::of("W/\"[0-9a-f]{1,8}\""),
        ) {
            let spots = items.into_iter().map(|(n, (status, values))| (n, Spot { status, values }));
            let picture = Picture { items: spots.collect() };
            let text = join(etag.as_deref(), &picture, PROJECT);
            prop_assert_eq!(split(Some(&text), PROJECT), (etag, Some(picture)));
        }

        #[test]
        fn any_picture_that_was_kept_is_read_or_is_none(items in "[0-9A-Ca-c]{0,40}") {
            let kept = Kept { project: PROJECT.to_owned(), options: vec!["x".into()], values: vec!["y".into()], items };
            let _ = unpack(&kept);
        }
    }
}
