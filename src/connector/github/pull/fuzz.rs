//! Moments and lists as no server should send them.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::connector::github::fuzz::{a_sound_item, connector, fit_to_show, reply, shapes};

proptest! {
    #![proptest_config(crate::support::fuzz::cases(4_000))]

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
