//! Moves through a workflow: what cannot be done is refused before anything is sent.

use corkboard::connector::{Move, Outcome, Patch, Scope};
use corkboard::domain::fields::SetDelta;
use corkboard::domain::mapping::OpenState;
use corkboard::sync::Class;

use super::{Jira, to};
use crate::desk::Desk as _;

#[tokio::test]
async fn a_status_the_workflow_does_not_lead_to_is_refused_before_anything_is_sent() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let seen = desk.item(&connector, "ABC-1").await;
    let patch = Patch { title: Some("must not be sent".into()), ..to("Done") };
    let refused = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
    assert_eq!((refused.class, refused.scope), (Class::Permanent, Scope::Item));
    assert_eq!(refused.outcome, Outcome::NotApplied);
    assert!(refused.message.contains("`To Do`") && refused.message.contains("`In Progress`"), "{refused:?}");
    assert!(desk.sandbox.writes().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_move_that_needs_a_resolution_names_the_choices_and_is_made_with_one() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    desk.sandbox.jira().set_status("ABC-1", "In Progress");
    let seen = desk.item(&connector, "ABC-1").await;
    let tracker = connector.tracker().unwrap();
    let moves = tracker.moves(&seen.at).await.unwrap().expect("a workflow");
    let done: &Move = moves.iter().find(|m| m.status == "Done").expect("reachable");
    assert_eq!((done.needs[0].key.as_str(), done.closes), ("resolution", Some(true)));
    assert!(done.needs[0].values.contains(&"Won't Do".to_owned()));
    assert!(moves.iter().all(|m| m.status != "Verified"), "{moves:?}");

    let bare = tracker.update(&seen, &to("Done")).await.unwrap_err();
    assert!(bare.message.contains("resolution") && bare.message.contains("Won't Do"), "{bare:?}");
    let mut patch = to("Done");
    patch.state.resolution = Some("Splendid".into());
    let unknown = tracker.update(&seen, &patch).await.unwrap_err();
    assert!(unknown.message.contains("`Splendid`") && unknown.message.contains("`Duplicate`"), "{unknown:?}");
    assert!(desk.sandbox.writes().is_empty(), "neither was sent");

    patch.state.resolution = Some("won't do".into());
    let now = tracker.update(&seen, &patch).await.unwrap();
    assert_eq!((now.state.status.as_deref(), now.state.state), (Some("Done"), OpenState::Closed));
    assert_eq!(now.state.resolution.as_deref(), Some("Won't Do"));
}

#[tokio::test]
async fn a_move_that_needs_a_field_nobody_gave_is_refused_by_its_name() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    desk.sandbox.jira().set_status("ABC-1", "Done");
    let seen = desk.item(&connector, "ABC-1").await;
    let refused = connector.tracker().unwrap().update(&seen, &to("Verified")).await.unwrap_err();
    assert!(refused.message.contains("Verified by"), "{refused:?}");
    assert!(desk.sandbox.writes().is_empty());
}

#[tokio::test]
async fn a_move_that_meets_another_one_is_a_conflict() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let seen = desk.item(&connector, "ABC-1").await;
    desk.sandbox.set_faults("POST */transitions count=1 status=409".parse().unwrap());
    let conflict = connector.tracker().unwrap().update(&seen, &to("In Progress")).await.unwrap_err();
    assert_eq!(conflict.class, Class::Conflict);
}

#[tokio::test]
async fn a_label_with_a_blank_is_refused_with_words() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let seen = desk.item(&connector, "ABC-1").await;
    let labels = SetDelta { add: ["needs review".to_owned()].into(), ..SetDelta::default() };
    let refused =
        connector.tracker().unwrap().update(&seen, &Patch { labels, ..Patch::default() }).await.unwrap_err();
    assert_eq!((refused.class, refused.scope), (Class::Permanent, Scope::Item));
    assert!(refused.help.as_deref().is_some_and(|h| h.contains("needs-review")), "{refused:?}");
    assert!(desk.sandbox.writes().is_empty());
}

fn hopping(desk: &Jira) -> std::sync::Arc<dyn corkboard::connector::Connector> {
    std::sync::Arc::new(desk.plain(Some("ben@example.com"), "ABC").with_hops(true))
}

/// A desk with an issue in each status from which the way goes on.
async fn with_others(statuses: &[&str]) -> Jira {
    let desk = Jira::start(1 + statuses.len()).await;
    for (n, status) in statuses.iter().enumerate() {
        assert!(desk.sandbox.jira().set_status(&format!("ABC-{}", n + 2), status));
    }
    desk
}

fn transitions(desk: &Jira) -> usize {
    desk.sandbox.writes().iter().filter(|w| w.applied).count()
}

#[tokio::test]
async fn a_move_over_several_steps_takes_the_shortest_way_and_everything_it_wants_is_asked_first() {
    let desk = with_others(&["In Progress", "Done"]).await;
    let connector = hopping(&desk);
    let seen = desk.item(&connector, "ABC-1").await;
    let tracker = connector.tracker().unwrap();
    let bare = tracker.update(&seen, &to("Verified")).await.unwrap_err();
    let asks = bare.asks.expect("it asks");
    let keys: Vec<&str> = asks.needs.iter().map(|n| n.key.as_str()).collect();
    assert_eq!((asks.status.as_str(), keys), ("Verified", vec!["resolution", "customfield_10040"]));
    assert_eq!(transitions(&desk), 0, "not one step was made");
    let mut patch = to("Verified");
    patch.state.given =
        [("resolution", "Done"), ("Verified by", "cy")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let now = tracker.update(&seen, &patch).await.unwrap();
    assert_eq!(now.state.status.as_deref(), Some("Verified"));
    assert_eq!(transitions(&desk), 3, "To Do, In Progress, Done, Verified");
}

#[tokio::test]
async fn without_the_setting_or_without_a_way_that_is_known_nothing_is_moved() {
    let desk = with_others(&["In Progress"]).await;
    let one_step = desk.connector(false);
    let seen = desk.item(&one_step, "ABC-1").await;
    let refused = one_step.tracker().unwrap().update(&seen, &to("Done")).await.unwrap_err();
    assert!(refused.message.contains("possible: `In Progress`"), "{refused:?}");
    // No issue is done: what leads on from there nobody can tell.
    let refused = hopping(&desk).tracker().unwrap().update(&seen, &to("Verified")).await.unwrap_err();
    assert!(refused.message.contains("possible: `In Progress`"), "{refused:?}");
    assert_eq!((refused.outcome, transitions(&desk)), (Outcome::NotApplied, 0));
}

#[tokio::test]
async fn a_walk_that_cannot_go_on_says_exactly_where_it_stopped() {
    let desk = with_others(&["In Progress"]).await;
    let connector = hopping(&desk);
    let seen = desk.item(&connector, "ABC-1").await;
    let mut patch = to("Done");
    patch.state.resolution = Some("Done".into());
    desk.sandbox.set_faults("POST */transitions nth=2 status=400".parse().unwrap());
    let stopped = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
    assert_eq!((stopped.outcome, stopped.scope), (Outcome::Unknown, Scope::Item));
    assert!(stopped.message.starts_with("it stopped at `In Progress` on its way to `Done`"), "{stopped:?}");
    let at = desk.item(&connector, "ABC-1").await;
    assert_eq!(at.state.status.as_deref(), Some("In Progress"));
}
