//! Numbers and links of a walk as no server should send them.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::connector::github::fuzz::{a_sound_item, connector, fit_to_show, reply, shapes};

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, (wire::NUMBER_MAX - 200)..=wire::NUMBER_MAX, 0..=wire::NUMBER_MAX]
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(4_000))]

    #[test]
    fn any_borders_give_few_missing_numbers_or_none(
        pages in prop::collection::btree_map(any::<u64>(), prop::option::of((number(), number(), any::<bool>())), 0..12),
    ) {
        // A page that ascends ends no lower than it began.
        let border = |(a, b, ascending): (u64, u64, bool)| Border {
            first: if ascending { a.min(b) } else { a },
            last: if ascending { a.max(b) } else { b },
            ascending,
        };
        let borders: BTreeMap<u64, Option<Border>> = pages.into_iter().map(|(n, b)| (n, b.map(border))).collect();
        if let Some(missing) = gaps(&borders) {
            prop_assert!(missing.len() as u64 <= GAPS_MAX, "{}", missing.len());
            let met = |n: &u64| borders.values().flatten().any(|b| b.first == *n || b.last == *n);
            prop_assert!(!missing.iter().any(met), "what was read is not missing");
        }
    }

    #[test]
    fn a_page_of_any_address_can_be_chosen(query in "[ -~]{0,40}", page in any::<u64>()) {
        let mut url = Url::parse("https://api.github.com/repositories/1/issues").expect("an address");
        url.set_query(Some(&query));
        let chosen = with_page(&url, page);
        if page_number(&url).is_some() {
            prop_assert_eq!(page_number(&chosen), Some(page));
        }
        prop_assert_eq!(chosen.path(), url.path());
    }

    #[test]
    fn any_moment_is_cut_to_its_second(ms in any::<i64>()) {
        let cut = whole_second(Timestamp(ms));
        prop_assert!(cut.0 <= ms);
    }
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(2_000))]

    #[test]
    fn any_list_of_issues_is_a_page_or_a_failure(body in shapes::bytes()) {
        let github = connector("http://127.0.0.1:9", shapes::client());
        match github.listing(&reply(200, &[], body, false)) {
            Ok(listing) => {
                let page = listing.page(None);
                page.items.iter().try_for_each(a_sound_item)?;
                prop_assert!(page.skipped.len() <= 1_000);
                page.skipped.iter().try_for_each(|why| fit_to_show(why))?;
            }
            Err(failure) => fit_to_show(&failure.message)?,
        }
    }
}

#[test]
fn a_page_with_more_entries_than_any_page_has_is_refused() {
    let github = connector("http://127.0.0.1:9", shapes::client());
    let body = serde_json::to_vec(&vec![Value::Null; 5_000]).expect("JSON");
    let failure = github.listing(&reply(200, &[], body, false)).err().expect("refused");
    assert!(failure.message.contains("5000"), "{failure}");
}
