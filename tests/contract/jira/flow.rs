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
    assert_eq!(done.needs[0].0, "resolution");
    assert!(done.needs[0].1.contains(&"Won't Do".to_owned()));
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
