//! Numbers and links of a first walk as no server should send them.

use proptest::prelude::*;

use super::*;
use crate::connector::reading;

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, (reading::NUMBER_MAX - 200)..=reading::NUMBER_MAX, 0..=reading::NUMBER_MAX]
}

fn border() -> impl Strategy<Value = Border> {
    // A page that ascends ends no lower than it began.
    (number(), number(), any::<bool>()).prop_map(|(a, b, ascending)| Border {
        first: if ascending { a.min(b) } else { a },
        last: if ascending { a.max(b) } else { b },
        ascending,
    })
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(4_000))]

    #[test]
    fn any_two_borders_give_few_missing_numbers_or_none(before in prop::option::of(border()), page in border()) {
        if let Some(missing) = gap(before, page) {
            prop_assert!(missing.len() as u64 <= GAP_MAX, "{}", missing.len());
            let met = |n: &u64| before.is_some_and(|b| b.first == *n || b.last == *n) || page.first == *n;
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
}
