//! Pages and their `Link` header. Says nothing about what is on a page.

use serde_json::Value;

use super::answer::{self, Answer};
use super::call::Call;
use crate::sandbox::world::World;

const MOST_PER_PAGE: usize = 100;
const DEFAULT_PER_PAGE: usize = 30;

/// Which page of how many items is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// Reads `page` and `per_page`; what makes no sense becomes the default, too much the most, as GitHub does.
    pub(super) fn of(call: &Call) -> Self {
        let number = |name: &str| call.param(name).and_then(|text| text.parse::<usize>().ok());
        Self {
            number: number("page").filter(|n| *n > 0).unwrap_or(1),
            size: number("per_page").filter(|n| *n > 0).map_or(DEFAULT_PER_PAGE, |n| n.min(MOST_PER_PAGE)),
        }
    }

    /// The range of the page within `total` items.
    pub(super) fn range(self, total: usize) -> std::ops::Range<usize> {
        let start = (self.number - 1).saturating_mul(self.size).min(total);
        start..start.saturating_add(self.size).min(total)
    }

    pub(super) fn last(self, total: usize) -> usize {
        total.div_ceil(self.size).max(1)
    }
}

/// The `Link` header, with GitHub's numeric repository address; None when everything fits on one page.
pub(super) fn link(
    world: &World,
    call: &Call,
    repo: usize,
    path: &str,
    page: Page,
    total: usize,
) -> Option<String> {
    let last = page.last(total);
    if last == 1 && page.number == 1 {
        return None;
    }
    let root = format!("{}/repositories/{}/{path}", call.root(world), world.repos[repo].id);
    let to = |number: usize, rel: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(call.query.iter().filter(|(name, _)| name != "page"));
        query.append_pair("page", &number.to_string());
        format!("<{root}?{}>; rel=\"{rel}\"", query.finish())
    };
    let mut links = Vec::new();
    if page.number > 1 {
        links.push(to((page.number - 1).min(last), "prev"));
    }
    if page.number < last {
        links.push(to(page.number + 1, "next"));
        links.push(to(last, "last"));
    }
    if page.number > 1 {
        links.push(to(1, "first"));
    }
    Some(links.join(", "))
}

/// A page of `items`, which are all there are, at the repository's `path`.
pub(super) fn of_values(world: &World, call: &Call, repo: usize, path: &str, items: Vec<Value>) -> Answer {
    let page = Page::of(call);
    let total = items.len();
    let link = link(world, call, repo, path, page, total);
    let range = page.range(total);
    let shown = items.into_iter().skip(range.start).take(range.len()).collect();
    let answer = answer::ok(Value::Array(shown));
    match link {
        Some(link) => answer.header("link", link),
        None => answer,
    }
}
