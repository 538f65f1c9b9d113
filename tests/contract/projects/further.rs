//! A project's further fields: read with every item, written, and followed when somebody else edits them.

use corkboard::connector::Holds;

use super::*;

/// One field of each kind.
pub const NAMES: [&str; 5] = ["Priority", "Estimate", "Due", "Notes", "Iteration"];
/// A value for each.
pub const ALL: [(&str, &str); 5] = [
    ("Priority", "High"),
    ("Estimate", "2.5"),
    ("Due", "2026-03-31"),
    ("Notes", "ask ana first"),
    ("Iteration", "Iteration 3"),
];
/// None for each.
pub const NOTHING: [(&str, &str); 5] =
    [("Priority", ""), ("Estimate", ""), ("Due", ""), ("Notes", ""), ("Iteration", "")];

/// Values by name; an empty one is none.
pub fn raw(values: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let value = |text: &str| if text.is_empty() { Value::None } else { Value::Text(text.to_owned()) };
    values.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
}

fn patch(values: &[(&str, &str)]) -> Patch {
    Patch { raw: raw(values), ..Patch::default() }
}

/// A board whose rules name every field, and the cursor of a complete pull an hour ago.
async fn pulled_with(items: usize) -> (Projects, Arc<dyn Connector>, Cursor) {
    let desk = Projects::start(items).await;
    let connector = desk.with_names(ROAD, &NAMES);
    let (end, all, said) = pull(&connector, &Cursor::default()).await.unwrap();
    assert_eq!(said, Vec::<String>::new());
    assert!(all.iter().all(|i| i.raw == raw(&NOTHING)), "each has an entry for each: {all:?}");
    desk.clock.advance(3_600_000);
    let (end, _, _) = pull(&connector, &end.cursor).await.unwrap();
    desk.sandbox.clear_requests();
    (desk, connector, end.cursor)
}

fn mutations(desk: &Projects) -> usize {
    desk.sandbox.writes().iter().filter(|w| w.request_body.contains("mutation")).count()
}

#[tokio::test]
async fn values_of_every_kind_are_made_with_a_card_changed_and_cleared() {
    let (desk, connector, cursor) = pulled_with(2).await;
    let tracker = connector.tracker().unwrap();
    let fresh = Draft { raw: raw(&ALL), ..draft("fresh", "In Progress") };
    let made = tracker.create(&fresh).await.unwrap();
    assert_eq!(made.raw, raw(&ALL));
    for (name, value) in ALL {
        assert_eq!(desk.value(made.at.number, name).as_deref(), Some(value), "{name}");
    }
    desk.sandbox.clear_requests();
    let other = [("Estimate", "13"), ("Iteration", "iteration 1"), ("Notes", "")];
    let answer = tracker.update(&made, &patch(&other)).await.unwrap();
    let mut want = raw(&ALL);
    want.extend(raw(&[("Estimate", "13"), ("Iteration", "Iteration 1"), ("Notes", "")]));
    assert_eq!(answer.raw, want, "in GitHub's own spelling");
    assert_eq!(mutations(&desk), 1, "all of a patch in one request");
    assert_eq!(item(&connector, &desk, made.at.number).await.raw, want);
    assert_eq!(desk.value(made.at.number, "Notes"), None);
    desk.sandbox.clear_requests();
    let same = tracker.update(&answer, &patch(&[("Estimate", "13.0"), ("Notes", "")])).await.unwrap();
    assert_eq!((same.raw, mutations(&desk)), (want, 0), "what is so already is not written");
    let answer = tracker.update(&answer, &patch(&NOTHING)).await.unwrap();
    assert_eq!(answer.raw, raw(&NOTHING));
    let (_, items, _) = pull(&connector, &cursor).await.unwrap();
    assert!(items.iter().all(|i| i.at.number == made.at.number && i.raw == raw(&NOTHING)), "{items:?}");
}

#[tokio::test]
async fn another_persons_edit_of_a_field_comes_in_although_the_issue_did_not_change() {
    let (desk, connector, cursor) = pulled_with(120).await;
    for (name, value) in ALL {
        assert!(desk.web().set_project_value(ROAD, REPO, 8, name, Some(value)), "{name}");
    }
    let edited_at = desk.clock.now();
    let (end, items, _) = pull(&connector, &cursor).await.unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    assert_eq!((items[0].at.number, &items[0].raw), (8, &raw(&ALL)));
    assert_eq!(items[0].state.status.as_deref(), Some("Backlog"));
    assert!(items[0].updated_at.since(edited_at).abs() < 1_000, "it is as new as the edit");
    let (again, nothing, _) = pull(&connector, &end.cursor).await.unwrap();
    assert!(nothing.is_empty() && again.unchanged && again.cursor == end.cursor, "{nothing:?}");
    // What is taken away has no time of its own, and is news all the same; a new process knows what the last one saw.
    desk.clock.advance(3_600_000);
    assert!(desk.web().set_project_value(ROAD, REPO, 8, "Due", None));
    let cleared_at = desk.clock.now();
    let (_, items, _) = pull(&desk.with_names(ROAD, &NAMES), &end.cursor).await.unwrap();
    assert_eq!(items.iter().map(|i| i.raw["Due"].clone()).collect::<Vec<_>>(), [Value::None]);
    assert!(items[0].updated_at.since(cleared_at).abs() < 1_000, "{:?}", items[0].updated_at);
    assert_eq!(items[0].raw["Priority"], Value::Text("High".into()));
}

#[tokio::test]
async fn our_own_values_are_not_read_again() {
    let (desk, connector, cursor) = pulled_with(3).await;
    let seen = item(&connector, &desk, 2).await;
    connector.tracker().unwrap().update(&seen, &patch(&ALL)).await.unwrap();
    let (end, items, _) = pull(&connector, &cursor).await.unwrap();
    assert!(items.is_empty(), "{items:?}");
    let (_, items, _) = pull(&desk.with_names(ROAD, &NAMES), &end.cursor).await.unwrap();
    assert!(items.is_empty(), "and they are in the picture: {items:?}");
}

#[tokio::test]
async fn without_names_nothing_more_is_asked_and_nothing_is_told() {
    let (desk, connector, cursor) = pulled(3).await;
    assert!(desk.web().set_project_value(ROAD, REPO, 2, "Priority", Some("High")));
    let (_, items, _) = pull(&connector, &cursor).await.unwrap();
    assert!(items.is_empty(), "{items:?}");
    let seen = item(&connector, &desk, 2).await;
    let moved = connector.tracker().unwrap().update(&seen, &to("Done")).await.unwrap();
    let made = connector.tracker().unwrap().create(&draft("new", "Done")).await.unwrap();
    for item in [seen, moved, made] {
        assert!(item.raw.is_empty(), "{item:?}");
    }
    for request in desk.sandbox.requests() {
        for word in ["$n0", "k0", "v0", "fields(", "NumberValue"] {
            assert!(!request.request_body.contains(word), "{}", request.request_body);
        }
    }
    // Rules that are added later bring every item in, once, with what it has.
    let connector = desk.with_names(ROAD, &["Priority"]);
    let (end, items, _) = pull(&connector, &cursor).await.unwrap();
    assert_eq!(items.iter().filter(|i| i.raw.contains_key("Priority")).count(), 4, "{items:?}");
    let (_, items, _) = pull(&connector, &end.cursor).await.unwrap();
    assert!(items.is_empty(), "{items:?}");
}

#[tokio::test]
async fn two_thousand_items_with_four_further_fields_cost_at_most_25_points_a_poll() {
    let desk = Projects::start(2_000).await;
    for number in (20..=2_000).step_by(20) {
        assert!(desk.web().set_project_value(ROAD, REPO, number, "Estimate", Some(&number.to_string())));
    }
    let connector = desk.with_names(ROAD, &NAMES[..4]);
    let (end, items, _) = pull(&connector, &Cursor::default()).await.unwrap();
    assert_eq!(items.len(), 2_000);
    let estimate = |n: u64| if n.is_multiple_of(20) { Value::Text(n.to_string()) } else { Value::None };
    assert!(items.iter().all(|i| i.raw["Estimate"] == estimate(i.at.number)));
    desk.clock.advance(3_600_000);
    let (end, _, _) = pull(&connector, &end.cursor).await.unwrap();
    for told in [true, false] {
        let before = desk.sandbox.graphql_points();
        if told {
            assert!(desk.web().set_project_value(ROAD, REPO, 1_999, "Priority", Some("High")));
        }
        desk.sandbox.clear_requests();
        let (_, items, _) = pull(&connector, &end.cursor).await.unwrap();
        assert_eq!(items.len(), 1);
        let points = desk.sandbox.graphql_points() - before;
        assert!((20..=25).contains(&points), "{points}");
        // What GitHub says a page costs, and what our own account of it says.
        let told: u64 = desk
            .sandbox
            .requests()
            .iter()
            .filter(|r| r.request_body.contains("BoardPage"))
            .map(|r| serde_json::from_str::<serde_json::Value>(&r.response_body).unwrap())
            .map(|body| body["data"]["rateLimit"]["cost"].as_u64().unwrap())
            .sum();
        assert_eq!(told, 20, "twenty pages of one point");
    }
    let kept = serde_json::to_string(&end.cursor).unwrap().len();
    assert!(kept < 20_000, "and a cursor of some kilobytes: {kept}");
}

#[tokio::test]
async fn every_field_is_offered_with_what_it_holds_and_the_values_it_takes() {
    let desk = Projects::start(1).await;
    let offers = desk.connector(false).tracker().unwrap().offers().await.unwrap();
    let told: Vec<(&str, Holds, bool)> =
        offers.fields.iter().map(|f| (f.name.as_str(), f.holds, f.writable)).collect();
    let want = [
        ("Reviewers", Holds::Other, false),
        ("Priority", Holds::Option, true),
        ("Estimate", Holds::Number, true),
        ("Due", Holds::Date, true),
        ("Notes", Holds::Text, true),
        ("Iteration", Holds::Option, true),
    ];
    assert_eq!(told, want, "without Status, which is the columns, and what an issue has anyway");
    assert_eq!(offers.fields[1].options, ["Low", "Medium", "High"]);
    assert_eq!(
        offers.fields[5].options,
        ["Iteration 2", "Iteration 3", "Iteration 1"],
        "the last one is over"
    );
    assert!(offers.fields.iter().all(|f| f.id.as_deref().is_some_and(|id| id.starts_with("PVT"))));
    assert!(desk.connector(false).capabilities().further);
}

#[tokio::test]
async fn a_field_that_is_named_by_its_id_is_followed_when_it_is_renamed() {
    let desk = Projects::start(3).await;
    let offers = desk.connector(false).tracker().unwrap().offers().await.unwrap();
    let id = offers.fields.iter().find(|f| f.name == "Priority").and_then(|f| f.id.clone()).unwrap();
    let connector = desk.with_names(ROAD, &[&id]);
    assert!(desk.web().set_project_value(ROAD, REPO, 1, "Priority", Some("Low")));
    let (end, items, _) = pull(&connector, &Cursor::default()).await.unwrap();
    assert!(items.iter().any(|i| i.raw[&id] == Value::Text("Low".into())));
    assert!(desk.web().rename_project_field(ROAD, "Priority", "Urgency"));
    desk.clock.advance(3_600_000);
    let (_, items, said) = pull(&connector, &end.cursor).await.unwrap();
    assert!(items.is_empty() && said.is_empty(), "{items:?} {said:?}");
    assert!(desk.web().rename_project_field(ROAD, "Urgency", "Weight"));
    let seen = item(&connector, &desk, 2).await;
    let answer = connector.tracker().unwrap().update(&seen, &patch(&[(&id, "High")])).await.unwrap();
    assert_eq!(answer.raw[&id], Value::Text("High".into()));
    assert_eq!(desk.value(2, "Weight").as_deref(), Some("High"));
}

#[tokio::test]
async fn an_issue_comes_onto_the_board_for_a_value_and_leaves_it_without() {
    let (desk, connector, _) = pulled_with(3).await;
    assert!(desk.web().remove_from_project(ROAD, REPO, 2));
    let seen = item(&connector, &desk, 2).await;
    assert_eq!(seen.raw, raw(&NOTHING));
    let answer = connector.tracker().unwrap().update(&seen, &patch(&[("Notes", "again")])).await.unwrap();
    assert_eq!((answer.raw["Notes"].as_text(), answer.state.status), (Some("again"), None));
    assert!(desk.web().archive_in_project(ROAD, REPO, 3));
    let seen = item(&connector, &desk, 3).await;
    connector.tracker().unwrap().update(&seen, &patch(&[("Notes", "back")])).await.unwrap();
    assert!(
        desk.sandbox.project_items(ROAD).iter().all(|i| !i.archived),
        "one that is archived takes no values"
    );
    let (end, _, _) = pull(&connector, &Cursor::default()).await.unwrap();
    assert!(desk.web().remove_from_project(ROAD, REPO, 2));
    desk.clock.advance(3_600_000);
    let (_, items, _) = pull(&connector, &end.cursor).await.unwrap();
    let gone: Vec<_> = items.iter().filter(|i| i.at.number == 2).collect();
    assert!(gone.iter().all(|i| i.raw == raw(&NOTHING)) && gone.len() == 1, "{items:?}");
}

#[tokio::test]
async fn a_card_closed_with_values_stands_where_we_put_it_and_keeps_them() {
    for automation in [Automation::Off, Automation::AtOnce, Automation::Late] {
        let (desk, connector, _) = pulled_with(2).await;
        assert!(desk.web().automate_project(ROAD, automation));
        let seen = item(&connector, &desk, 1).await;
        let all = Patch { raw: raw(&ALL), title: Some("closed".into()), ..close_at("In Review") };
        let answer = connector.tracker().unwrap().update(&seen, &all).await.unwrap();
        let state = (answer.state.state, answer.state.status.as_deref(), answer.title.as_str());
        assert_eq!(state, (OpenState::Closed, Some("In Review"), "closed"), "{automation:?}");
        assert_eq!(answer.raw, raw(&ALL), "{automation:?}");
        assert_eq!(item(&connector, &desk, 1).await.raw, raw(&ALL), "{automation:?}");
    }
}

#[tokio::test]
async fn the_order_on_the_board_is_neither_read_nor_changed() {
    let (desk, connector, cursor) = pulled_with(4).await;
    let order =
        |desk: &Projects| desk.sandbox.project_items(ROAD).iter().map(|i| i.number).collect::<Vec<_>>();
    assert!(desk.web().drag_to_top(ROAD, REPO, 3));
    let before = order(&desk);
    let (_, items, _) = pull(&connector, &cursor).await.unwrap();
    assert!(items.is_empty(), "a drag within a column is no news: {items:?}");
    let seen = item(&connector, &desk, 1).await;
    let all = Patch { raw: raw(&ALL), ..to("Done") };
    connector.tracker().unwrap().update(&seen, &all).await.unwrap();
    assert_eq!(order(&desk), before, "and neither a move nor a value takes an item out of its place");
    assert!(desk.sandbox.requests().iter().all(|r| !r.request_body.contains("updateProjectV2ItemPosition")));
}
