//! Pages of a board, and answers about one issue, as no GitHub should give them: no panic, and no value that was not read.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::connector::github::fuzz::shapes;

fn page() -> Json {
    let at = "2026-11-05T16:20:11Z";
    let item = |n: u64| {
        json!({
            "id": "PVTI_1", "type": "ISSUE", "isArchived": false, "updatedAt": at,
            "fieldValueByName": {"optionId": "47fc9ee4", "name": "Done", "updatedAt": at},
            "v0": {"number": 2.5, "updatedAt": at}, "v1": {"name": "High", "updatedAt": at}, "v2": null,
            "content": {"number": n, "repository": {"nameWithOwner": "o/r"}},
        })
    };
    json!({
        "repository": {"nameWithOwner": "o/r"},
        "node": {
            "k0": {"id": "PVTF_1", "dataType": "NUMBER"}, "k1": {"id": "PVTSSF_1", "dataType": "SINGLE_SELECT"}, "k2": null,
            "items": {"pageInfo": {"hasNextPage": false, "endCursor": "Mg"}, "nodes": [item(7), null, item(8)]},
        },
        "rateLimit": {"cost": 1, "remaining": 4980, "resetAt": at},
    })
}

fn places() -> Json {
    let place = json!({"id": "PVTI_1", "isArchived": false, "project": {"id": "PVT_1"}, "v0": {"number": 3, "updatedAt": null}});
    json!({
        "node": {"k0": {"id": "PVTF_1", "dataType": "NUMBER"}},
        "repository": {"issue": {"id": "I_1", "projectItems": {"nodes": [place]}}},
    })
}

fn written() -> Json {
    json!({"m0": {"projectV2Item": {"id": "PVTI_1"}}, "m1": {"projectV2Item": {"id": "PVTI_1", "v0": {"number": 3}}}, "m2": null})
}

fn fields() -> Json {
    json!({"node": {"fields": {"nodes": [
        {"id": "PVTF_1", "name": "Estimate", "dataType": "NUMBER"},
        {"id": "PVTIF_1", "name": "Iteration", "dataType": "ITERATION",
         "configuration": {"iterations": [{"id": "1", "title": "Now"}], "completedIterations": []}},
        {}, null,
    ]}}})
}

fn asked() -> Asked {
    let names = ["Estimate", "Priority", "Gone"].map(|name| (name.to_owned(), name.to_owned()));
    Asked { names: names.into() }
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(3_000))]

    #[test]
    fn any_page_of_a_board_gives_values_that_were_read_and_no_others(told in shapes::spoilt(vec![page()])) {
        let Ok(answer) = serde_json::from_value::<wire::BoardPage>(told) else { return Ok(()) };
        let Some(page) = answer.node else { return Ok(()) };
        let mut board = Board { home: "o/r".into(), asked: asked(), ..Board::default() };
        board.take(page);
        prop_assert_eq!(board.known.len(), 3);
        for stand in board.stands.values() {
            let read = |(n, name): (usize, &str)| board.known[n] || !stand.values.contains_key(name);
            prop_assert!(["Estimate", "Priority", "Gone"].into_iter().enumerate().all(read), "{:?}", stand);
        }
        let (etag, kept) = picture::split(Some(&picture::join(None, &board.picture(), "p")), "p");
        prop_assert_eq!((etag, kept), (None, Some(board.picture())));
        let before = Before { kept: Some(board.picture()), told: HashMap::new(), nowhere: Spot::default() };
        prop_assert!(board.moved(&before).is_empty(), "what was kept is what was seen");
    }

    #[test]
    fn any_other_answer_about_a_project_is_understood_or_refused(
        told in shapes::spoilt(vec![places(), written(), fields()]),
    ) {
        if let Ok(answer) = serde_json::from_value::<wire::IssuePlaces>(told.clone()) {
            let known = asked().known(&answer.node.unwrap_or_default());
            let issue = answer.repository.and_then(|r| r.issue);
            for place in issue.into_iter().flat_map(|i| i.project_items.nodes).flatten() {
                let _ = Stand::of(place.field_value_by_name.as_ref(), &place.rest, &asked(), &known);
            }
        }
        let _ = serde_json::from_value::<wire::Written>(told.clone());
        let _ = serde_json::from_value::<wire::AllFields>(told);
    }
}
