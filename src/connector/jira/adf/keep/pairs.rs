//! Which block of the original an edited block was made from.

use std::collections::HashMap;

use serde_json::Value;

use super::both_cells;
use crate::connector::jira::adf::{kind, plain};

/// How many comparisons between two unchanged blocks are worth while; beyond it the next of the same kind is taken.
const WORTH: usize = 10_000;
/// What two blocks of the same kind are worth with all words in common.
const ALL_WORDS: u64 = 1_000;

/// For each new block the old one it was made from: first those that read the same, then, between these, those of the
/// same kind with the most words in common, in order.
pub(super) fn paired(
    old: &[Value],
    filled: &[usize],
    new: &[Value],
    same: &[Option<usize>],
) -> Vec<Option<usize>> {
    let mut out = vec![None; new.len()];
    let (mut at, mut next) = (0, 0);
    while at < new.len() {
        if let Some(from) = same[at] {
            out[at] = Some(filled[from]);
            (at, next) = (at + 1, from + 1);
            continue;
        }
        let end = (at..new.len()).find(|n| same[*n].is_some()).unwrap_or(new.len());
        let until = same.get(end).copied().flatten().unwrap_or(filled.len());
        let before: Vec<&Value> = filled[next..until].iter().map(|n| &old[*n]).collect();
        for (n, from) in gap(&before, &new[at..end]).into_iter().enumerate() {
            out[at + n] = from.map(|from| filled[next + from]);
        }
        at = end;
    }
    out
}

fn alike(old: &Value, new: &Value) -> bool {
    kind(old) == kind(new) || both_cells(old, new)
}

/// Pairs what lies between two unchanged blocks.
fn gap(old: &[&Value], new: &[Value]) -> Vec<Option<usize>> {
    let mut out = vec![None; new.len()];
    if old.len().saturating_mul(new.len()) > WORTH {
        let mut next = 0;
        for (at, node) in new.iter().enumerate() {
            if let Some(from) = (next..old.len()).find(|from| alike(old[*from], node)) {
                out[at] = Some(from);
                next = from + 1;
            }
        }
        return out;
    }
    let (a, b): (Vec<Words>, Vec<Words>) =
        (old.iter().map(|n| Words::of(n)).collect(), new.iter().map(Words::of).collect());
    let worth = |i: usize, j: usize| if alike(old[i], &new[j]) { 1 + a[i].shared(&b[j]) } else { 0 };
    let mut best = vec![vec![0_u64; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let both = match worth(i, j) {
                0 => 0,
                worth => worth + best[i + 1][j + 1],
            };
            best[i][j] = both.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let worth = worth(i, j);
        if worth > 0 && best[i][j] == worth + best[i + 1][j + 1] {
            out[j] = Some(i);
            (i, j) = (i + 1, j + 1);
        } else if best[i][j] == best[i + 1][j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

/// The words of a block, each with how often it is there.
struct Words {
    counts: HashMap<String, u64>,
    all: u64,
}

impl Words {
    fn of(node: &Value) -> Self {
        let mut words = Self { counts: HashMap::new(), all: 0 };
        for word in plain(node).split_whitespace() {
            *words.counts.entry(word.to_owned()).or_default() += 1;
            words.all += 1;
        }
        words
    }

    /// How much two blocks have in common, up to [`ALL_WORDS`].
    fn shared(&self, other: &Self) -> u64 {
        let common: u64 =
            self.counts.iter().map(|(word, n)| (*n).min(other.counts.get(word).copied().unwrap_or(0))).sum();
        common * ALL_WORDS / self.all.max(other.all).max(1)
    }
}
