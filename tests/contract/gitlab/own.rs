//! What only GitLab has: issues that move, names in groups, plans, quick actions, a status beside open and closed.

use corkboard::connector::{Fetched, Outcome, Patch, Scope};
use corkboard::sandbox::{FINE_GRAINED_TOKEN, NONE_TOKEN, READ_TOKEN};
use corkboard::sync::Class;
use serde_json::Value;

use super::*;

#[tokio::test]
async fn an_issue_that_moved_is_not_taken_for_a_closed_one() {
    let desk = Gitlab::start(2).await;
    let connector = desk.connector(false);
    let seen = titled(&connector, "item 2").await;
    assert!(desk.transfer(&seen.at));
    let left: Vec<String> = all(&connector).await.into_iter().map(|i| i.title).collect();
    assert_eq!(left, ["item 1"], "the closed issue it left behind is no card");
    let Fetched::Item(now) = connector.tracker().unwrap().fetch(&seen.at).await.unwrap() else {
        panic!("it is at its new place")
    };
    assert_eq!((now.at.repository.as_str(), now.state.state), ("octo/other", OpenState::Open));
    let patch = Patch { title: Some("edited there".into()), ..Patch::default() };
    connector.tracker().unwrap().update(&now, &patch).await.unwrap();
    let there = desk.sandbox.gitlab().issue("octo/other", now.at.number).unwrap();
    assert_eq!(there.title, "edited there");
    // Out of sight there, what is left here is all we can see.
    desk.sandbox.gitlab().set_hidden("octo/other", now.at.number, true).unwrap();
    let Fetched::Item(left) = connector.tracker().unwrap().fetch(&seen.at).await.unwrap() else {
        panic!("the closed issue is still there")
    };
    assert_eq!((left.at, left.state.state), (seen.at, OpenState::Closed));
}

#[tokio::test]
async fn a_create_that_moved_away_before_it_was_looked_for_is_found() {
    let desk = Gitlab::start(1).await;
    let connector = desk.connector(false);
    let (since, draft) = (desk.clock_now(), draft("made", "text"));
    let made = connector.tracker().unwrap().create(&draft).await.unwrap();
    assert!(desk.transfer(&made.at));
    let found = connector.tracker().unwrap().find(draft.marker, since).await.unwrap();
    assert_eq!(found.map(|i| i.at), Some(made.at), "it is not made once more");
}

#[tokio::test]
async fn names_of_the_group_above_are_used_and_labels_keep_the_projects_spelling() {
    let desk = Gitlab::start(1).await;
    let web = desk.sandbox.gitlab();
    web.create_group_label("Bug");
    web.create_group_milestone("Autumn");
    let connector = desk.connector(false);
    let tracker = connector.tracker().unwrap();
    let offers = tracker.offers().await.unwrap();
    assert!(offers.labels.contains(&"Bug".to_owned()));
    assert!(["Autumn", "v1.2"].iter().all(|t| offers.milestones.iter().any(|m| m.title == *t)));
    assert!(offers.assignable.contains(&"cy".to_owned()) && !offers.assignable.contains(&"guest".to_owned()));
    let seen = titled(&connector, "item 1").await;
    let patch = Patch {
        labels: add(&["bug", "new one"]),
        milestone: Some(Some("autumn".into())),
        ..Patch::default()
    };
    let answer = tracker.update(&seen, &patch).await.unwrap();
    assert_eq!(answer.state.labels, set(&["Bug", "new one"]));
    assert_eq!(answer.milestone.as_deref(), Some("Autumn"));
    assert!(!web.labels(PROJECT).contains(&"bug".to_owned()), "no second label beside it");
    let patch = Patch { milestone: Some(Some("Winter".into())), ..Patch::default() };
    let answer = tracker.update(&answer, &patch).await.unwrap();
    assert_eq!(answer.milestone.as_deref(), Some("Winter"), "one there was not is made");
}

#[tokio::test]
async fn one_put_moves_a_card_and_carries_nothing_else() {
    let desk = Gitlab::start(1).await;
    let web = desk.sandbox.gitlab();
    web.add_label(PROJECT, 1, "workflow::in progress").unwrap();
    web.add_label(PROJECT, 1, "ui").unwrap();
    for premium in [true, false] {
        web.set_premium(premium);
        let connector = desk.connector(false);
        let seen = titled(&connector, "item 1").await;
        let (from, to) = if premium { ("in_progress", "review") } else { ("review", "in_progress") };
        assert_eq!(seen.fields(&desk.mapping()).0.status.as_str(), from);
        let state = desk.mapping().write(&seen.state, &Status::new(to)).unwrap();
        desk.sandbox.clear_requests();
        // Somebody labels the issue between our look and our write.
        web.add_label(PROJECT, 1, "theirs").unwrap();
        let patch = Patch { state, ..Patch::default() };
        connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
        let writes = desk.sandbox.writes();
        assert_eq!(writes.len(), 1);
        let sent: Value = serde_json::from_str(&writes[0].request_body).unwrap();
        let keys: Vec<&String> = sent.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["add_labels", "remove_labels"]);
        let labels: BTreeSet<String> = web.issue(PROJECT, 1).unwrap().labels.into_iter().collect();
        assert!(labels.contains("theirs") && labels.contains("ui"), "{labels:?}");
        assert_eq!(labels.iter().filter(|l| l.starts_with("workflow::")).count(), 1, "{labels:?}");
    }
}

#[tokio::test]
async fn what_a_plan_or_a_role_drops_silently_is_said() {
    let desk = Gitlab::start(1).await;
    let web = desk.sandbox.gitlab();
    web.set_premium(false);
    let connector = desk.connector(false);
    let seen = titled(&connector, "item 1").await;
    let two = Patch { assignees: add(&["ana", "cy"]), ..Patch::default() };
    let told = connector.tracker().unwrap().update(&seen, &two).await.unwrap_err();
    assert_eq!((told.class, told.scope, told.outcome), (Class::Configuration, Scope::Item, Outcome::Unknown));
    assert!(told.message.contains("Premium") && told.message.contains("`cy`"), "{told}");
    web.set_premium(true);
    let seen = titled(&connector, "item 1").await;
    let answer = connector.tracker().unwrap().update(&seen, &two).await.unwrap();
    assert_eq!(answer.assignees, set(&["ana", "cy"]));

    let nobody = Patch { assignees: add(&["zoe"]), ..Patch::default() };
    let told = connector.tracker().unwrap().update(&answer, &nobody).await.unwrap_err();
    assert_eq!((told.class, told.scope), (Class::Permanent, Scope::Item), "{told:?}");
    let outsider = Patch { assignees: add(&["guest"]), ..Patch::default() };
    let told = connector.tracker().unwrap().update(&answer, &outsider).await.unwrap_err();
    assert!(told.message.contains("`guest`"), "{told}");

    let reader = desk.with(READ_TOKEN, PROJECT);
    let made = reader.tracker().unwrap().create(&draft("by a guest", "text")).await.unwrap();
    let patch = Patch { labels: add(&["x"]), ..Patch::default() };
    let told = reader.tracker().unwrap().update(&made, &patch).await.unwrap_err();
    assert!(told.message.contains("dropped the label `x`"), "{told}");
    let told = reader.tracker().unwrap().update(&answer, &Patch { title: Some("t".into()), ..patch }).await;
    let told = told.unwrap_err();
    assert_eq!(
        (told.class, told.scope, told.outcome),
        (Class::Configuration, Scope::Item, Outcome::NotApplied)
    );
}

#[tokio::test]
async fn a_line_that_gitlab_would_carry_out_is_only_text() {
    let desk = Gitlab::start(1).await;
    let connector = desk.connector(false);
    let seen = titled(&connector, "item 1").await;
    let tracker = connector.tracker().unwrap();
    let body = "Then run\n/close\nand wait";
    let now = tracker.update(&seen, &Patch { body: Some(body.into()), ..Patch::default() }).await.unwrap();
    assert_eq!((now.body.as_str(), now.state.state), (body, OpenState::Open));
    let said = tracker.comment(&seen.at, "/close", uuid::Uuid::from_u128(1)).await.unwrap();
    assert_eq!(said.body, "/close");
    let again = titled(&connector, "item 1").await;
    assert_eq!((again.body.as_str(), again.state.state), (body, OpenState::Open), "nothing was carried out");
}

/// A mapping by GitLab's own statuses.
fn by_status() -> StatusMapping {
    let status = |name: &str| Target { status: Some(name.to_owned()), ..Target::default() };
    let targets = [
        ("proposed", status("To do")),
        ("in_progress", status("In progress")),
        ("completed", Target { state: Some(OpenState::Closed), ..status("Done") }),
        ("rejected", Target { state: Some(OpenState::Closed), ..status("Won't do") }),
    ]
    .map(|(status, target)| (Status::new(status), target));
    let statuses = targets.clone().map(|(status, _)| status);
    StatusMapping::new(&statuses, &targets.into_iter().collect())
}

#[tokio::test]
async fn a_card_moves_through_gitlabs_own_statuses_and_back() {
    let desk = Gitlab::start(3).await;
    let connector = desk.connector(false);
    let mapping = by_status();
    let mut seen = titled(&connector, "item 2").await;
    for to in ["in_progress", "completed", "rejected", "proposed", "rejected", "in_progress"] {
        let state = mapping.write(&seen.state, &Status::new(to)).unwrap();
        let patch = Patch { state, ..Patch::default() };
        let answer = connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
        let (fields, mapped) = answer.fields(&mapping);
        assert!(fields.status.as_str() == to && mapped, "{:?}", answer.state);
        assert!(
            mapping.write(&answer.state, &Status::new(to)).unwrap().is_empty(),
            "nothing is left to write"
        );
        let shown = desk.sandbox.gitlab().issue(PROJECT, seen.at.number).unwrap();
        assert_eq!(Some(shown.status), answer.state.status);
        assert_eq!(shown.open, answer.state.state == OpenState::Open);
        let Fetched::Item(now) = connector.tracker().unwrap().fetch(&seen.at).await.unwrap() else {
            panic!("it is there")
        };
        assert_eq!(now.state, answer.state);
        seen = *now;
    }
    // And what somebody else does is seen.
    let (end, _) = walk(&connector, &Cursor::default(), usize::MAX).await;
    desk.clock.advance(3_600_000);
    desk.sandbox.gitlab().set_status(PROJECT, 1, "Duplicate").unwrap();
    let (_, pages) = walk(&connector, &end.unwrap().cursor, usize::MAX).await;
    let changed: Vec<&RemoteItem> =
        pages.iter().flat_map(|p| &p.items).filter(|i| i.at.number == 1).collect();
    assert_eq!(changed[0].state.status.as_deref(), Some("Duplicate"));
    assert_eq!(changed[0].state.state, OpenState::Closed);
}

#[tokio::test]
async fn where_there_is_no_status_of_gitlabs_own_none_is_asked_for_and_none_pretended() {
    for (premium, version) in [(false, "18.5.1"), (true, "17.0.0-ee")] {
        let desk = Gitlab::start(120).await;
        let web = desk.sandbox.gitlab();
        web.set_premium(premium);
        web.set_version(version);
        let connector = desk.connector(false);
        let seen = titled(&connector, "item 1").await;
        assert_eq!(seen.state.status, None);
        let asked = desk.sandbox.requests().iter().filter(|r| r.path.contains("graphql")).count();
        assert_eq!(asked, 1, "once is enough");
        let state = StateChange { status: Some("In progress".into()), ..StateChange::default() };
        let patch = Patch { state, title: Some("with it".into()), ..Patch::default() };
        let told = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
        assert_eq!((told.class, told.outcome), (Class::Configuration, Outcome::NotApplied), "{told:?}");
        assert!(told.message.contains("Premium") && desk.sandbox.writes().is_empty(), "{told}");
    }
}

#[tokio::test]
async fn a_status_that_is_not_there_or_not_ours_to_set_is_refused_in_words() {
    let desk = Gitlab::start(1).await;
    let connector = desk.connector(false);
    let seen = titled(&connector, "item 1").await;
    let to = |name: &str| {
        let state = StateChange { status: Some(name.to_owned()), ..StateChange::default() };
        Patch { state, ..Patch::default() }
    };
    let told = connector.tracker().unwrap().update(&seen, &to("Cooking")).await.unwrap_err();
    assert!(told.message.contains("`Cooking`") && told.help.is_some_and(|h| h.contains("`In progress`")));
    let reader = desk.with(READ_TOKEN, PROJECT);
    let told = reader.tracker().unwrap().update(&seen, &to("Done")).await.unwrap_err();
    assert_eq!(
        (told.class, told.scope, told.outcome),
        (Class::Configuration, Scope::Item, Outcome::NotApplied)
    );
    assert!(told.message.contains("permission"), "{told}");
    // The answer is lost: nobody knows.
    desk.sandbox.set_faults("POST */graphql drop-after".parse().unwrap());
    let told = connector.tracker().unwrap().update(&seen, &to("Done")).await.unwrap_err();
    assert_eq!(told.outcome, Outcome::Unknown);
    assert_eq!(desk.sandbox.gitlab().issue(PROJECT, 1).unwrap().status, "Done");
}

#[tokio::test]
async fn the_notes_of_an_issues_history_are_no_comments() {
    let desk = Gitlab::start(1).await;
    let web = desk.sandbox.gitlab();
    web.set_open(PROJECT, 1, false).unwrap();
    web.comment(PROJECT, 1, "said by somebody").unwrap();
    let connector = desk.connector(false);
    let seen = titled(&connector, "item 1").await;
    let tracker = connector.tracker().unwrap();
    tracker.comment(&seen.at, "said by us", uuid::Uuid::from_u128(7)).await.unwrap();
    let said: Vec<String> = tracker.comments(&seen.at).await.unwrap().into_iter().map(|c| c.body).collect();
    assert_eq!(said, ["said by somebody", "said by us"]);
}

#[tokio::test]
async fn a_renamed_project_is_followed_by_reads_and_its_issues_are_edited_there() {
    let desk = Gitlab::start(2).await;
    let connector = desk.connector(false);
    let old = titled(&connector, "item 1").await;
    let before = connector.identity().await.unwrap();
    desk.sandbox.gitlab().rename_project(PROJECT, "octo/renamed").unwrap();
    assert_eq!(connector.identity().await.unwrap(), before, "the same project");
    let patch = Patch { title: Some("edited".into()), ..Patch::default() };
    let told = connector.tracker().unwrap().update(&old, &patch).await.unwrap_err();
    assert_eq!((told.class, told.scope), (Class::Conflict, Scope::Item), "read again: {told:?}");
    let now = titled(&connector, "item 1").await;
    assert_eq!((now.at.repository.as_str(), &now.at.id), ("octo/renamed", &old.at.id));
    connector.tracker().unwrap().update(&now, &patch).await.unwrap();
    connector.tracker().unwrap().comment(&old.at, "still said", uuid::Uuid::from_u128(1)).await.unwrap();
    let refused = connector.tracker().unwrap().create(&draft("new", "")).await.unwrap_err();
    assert_eq!((refused.class, refused.scope), (Class::Configuration, Scope::Connection), "{refused:?}");
    assert!(refused.help.is_some_and(|h| h.contains("path")));
}

#[tokio::test]
async fn a_probe_finds_what_will_not_work() {
    let desk = Gitlab::start(1).await;
    let web = desk.sandbox.gitlab();
    let good = desk.connector(false).probe().await.unwrap();
    assert_eq!((good.login.as_str(), good.repository.as_str()), ("ben", PROJECT));
    assert_eq!(good.scopes, Some(vec!["api".to_owned()]));
    assert!(good.expires_at.is_some_and(|at| at > desk.clock_now()), "{good:?}");

    let read_only = desk.with(FINE_GRAINED_TOKEN, PROJECT);
    assert!(!read_only.probe().await.unwrap().can_write, "read_api does not write");
    let told = read_only.tracker().unwrap().create(&draft("x", "")).await.unwrap_err();
    assert!(told.scope == Scope::Connection && told.help.is_some_and(|h| h.contains("`api`")));
    assert!(!desk.with(READ_TOKEN, PROJECT).probe().await.unwrap().can_write, "nor does a Guest");
    for (token, project) in [(NONE_TOKEN, PROJECT), (WRITE_TOKEN, "octo/nothing")] {
        let told = desk.with(token, project).probe().await.unwrap_err();
        assert_eq!((told.class, told.status), (Class::Configuration, Some(404)), "{told:?}");
        assert!(told.help.is_some_and(|h| h.contains(project)));
    }
    web.set_archived(PROJECT, true).unwrap();
    assert!(desk.connector(false).probe().await.unwrap().archived);
    web.set_version("15.11.3");
    let old = desk.connector(false).probe().await.unwrap_err();
    assert_eq!((old.class, old.scope), (Class::Configuration, Scope::Connection));
    assert!(old.message.contains("15.11.3") && old.help.is_some_and(|h| h.contains("16.7")));
}

#[tokio::test]
async fn an_address_that_is_no_instance_is_told_from_one_that_is_down() {
    let desk = Gitlab::start(1).await;
    let api_url: url::Url = format!("{}/gitlab/nowhere", desk.sandbox.url()).parse().unwrap();
    let port = desk::port(&api_url, &desk.clock, &Credential::bearer(&SecretString::from(WRITE_TOKEN)));
    let wrong = GitlabConnector::new(GitlabOptions { api_url, project: PROJECT.into(), port }).unwrap();
    let told = wrong.probe().await.unwrap_err();
    assert!(told.class == Class::Configuration && told.help.is_some_and(|h| h.contains("api_url")));
    desk.sandbox.set_faults("status=502".parse().unwrap());
    let down = desk.connector(false).probe().await.unwrap_err();
    assert_eq!((down.class, down.scope), (Class::Transient, Scope::Connection), "{down:?}");
}
