//! Where a pull request can go, what a merge meets, and what a change must leave as it is.

use std::sync::Arc;

use corkboard::connector::{Connector, Failure, Fetched, Outcome, Patch, RemoteItem, Scope};
use corkboard::domain::mapping::StateChange;
use corkboard::sandbox::{BITBUCKET_OLD_REPO, Obstacle, READ_TOKEN, Recorded, TRIAGE_TOKEN, WRITE_TOKEN};
use corkboard::sync::Class;

use super::{Bitbucket, REPO};
use crate::desk::Desk as _;

/// A desk with one pull request that is ready, and a connector for it.
async fn ready() -> (Bitbucket, Arc<dyn Connector>) {
    let desk = Bitbucket::start(1).await;
    desk.sandbox.bitbucket().set_draft(REPO, 1, false).unwrap();
    let connector = desk.connector(false);
    (desk, connector)
}

async fn look(connector: &Arc<dyn Connector>) -> RemoteItem {
    let at = corkboard::connector::RemoteRef { id: "1".into(), number: 1, repository: REPO.into() };
    match connector.tracker().unwrap().fetch(&at).await.unwrap() {
        Fetched::Item(item) => *item,
        other => panic!("not there: {other:?}"),
    }
}

fn to(status: &str) -> Patch {
    let state = StateChange { status: Some(status.to_owned()), ..StateChange::default() };
    Patch { state, ..Patch::default() }
}

async fn move_to(connector: &Arc<dyn Connector>, status: &str) -> Result<RemoteItem, Failure> {
    let seen = look(connector).await;
    connector.tracker().unwrap().update(&seen, &to(status)).await
}

async fn possible(connector: &Arc<dyn Connector>) -> Vec<String> {
    let at = look(connector).await.at;
    let moves = connector.tracker().unwrap().moves(&at).await.unwrap().unwrap();
    assert!(moves.iter().all(|m| m.needs.is_empty()));
    moves.into_iter().map(|m| m.status).collect()
}

fn writes(desk: &Bitbucket) -> Vec<Recorded> {
    desk.sandbox.writes()
}

#[tokio::test]
async fn a_declined_pull_request_stays_declined_and_nothing_is_sent_to_change_that() {
    let (desk, connector) = ready().await;
    assert_eq!(possible(&connector).await, ["DRAFT", "MERGED", "DECLINED"]);
    let declined = move_to(&connector, "DECLINED").await.unwrap();
    assert_eq!(declined.state.status.as_deref(), Some("DECLINED"));
    assert_eq!(desk.sandbox.bitbucket().pull_request(REPO, 1).unwrap().state, "DECLINED");
    assert!(possible(&connector).await.is_empty());
    desk.sandbox.clear_requests();
    for status in ["OPEN", "DRAFT", "MERGED", "SUPERSEDED"] {
        let refused = move_to(&connector, status).await.unwrap_err();
        assert_eq!((refused.class, refused.scope), (Class::Permanent, Scope::Item), "{refused:?}");
        assert_eq!(refused.outcome, Outcome::NotApplied);
        assert!(refused.message.contains("DECLINED") && refused.message.contains("final"), "{refused}");
    }
    assert!(writes(&desk).is_empty());
}

#[tokio::test]
async fn what_was_merged_or_superseded_takes_no_edit_and_is_not_asked_to() {
    for merged in [true, false] {
        let (desk, connector) = ready().await;
        let web = desk.sandbox.bitbucket();
        if merged { web.merge(REPO, 1) } else { web.supersede(REPO, 1) }.unwrap();
        let seen = look(&connector).await;
        desk.sandbox.clear_requests();
        let patch = Patch { title: Some("too late".into()), ..Patch::default() };
        let refused = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
        assert_eq!((refused.class, refused.outcome), (Class::Permanent, Outcome::NotApplied));
        assert!(desk.sandbox.requests().is_empty(), "{refused:?}");
    }
}

#[tokio::test]
async fn a_draft_cannot_be_merged_and_the_refusal_says_what_can_be_done() {
    let desk = Bitbucket::start(1).await;
    let connector = desk.connector(false);
    assert_eq!(possible(&connector).await, ["OPEN", "DECLINED"]);
    let refused = move_to(&connector, "MERGED").await.unwrap_err();
    assert!(refused.message.contains("draft") && refused.message.contains("OPEN, DECLINED"), "{refused}");
    assert!(writes(&desk).is_empty(), "it was not sent");
    let opened = move_to(&connector, "OPEN").await.unwrap();
    assert_eq!(opened.state.status.as_deref(), Some("OPEN"));
    let back = move_to(&connector, "DRAFT").await.unwrap();
    assert_eq!(back.state.status.as_deref(), Some("DRAFT"));
}

#[tokio::test]
async fn an_edit_of_the_title_leaves_everything_else_as_it_is() {
    let desk = Bitbucket::start(1).await;
    let (web, connector) = (desk.sandbox.bitbucket(), desk.connector(false));
    web.set_description(REPO, 1, "Kept *as typed*.\r\n\r\n  ").unwrap();
    web.set_close_source_branch(REPO, 1, true).unwrap();
    let seen = look(&connector).await;
    // Named after the look the edit was planned on.
    web.set_reviewers(REPO, 1, &["cy", "dee"]).unwrap();
    let patch = Patch { title: Some("another title".into()), ..Patch::default() };
    let answer = connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
    assert_eq!((answer.title.as_str(), answer.body.as_str()), ("another title", "Kept *as typed*."));
    let shown = web.pull_request(REPO, 1).unwrap();
    assert_eq!(shown.description, "Kept *as typed*.\r\n\r\n  ");
    assert_eq!(shown.reviewers, ["cy", "dee"]);
    assert!(shown.close_source_branch && shown.draft);
}

#[tokio::test]
async fn what_somebody_changed_a_moment_ago_is_a_conflict_and_is_not_written_over() {
    let (desk, connector) = ready().await;
    let (web, tracker) = (desk.sandbox.bitbucket(), connector.tracker().unwrap());
    let seen = look(&connector).await;
    web.set_title(REPO, 1, "theirs").unwrap();
    let patch = Patch { title: Some("ours".into()), ..Patch::default() };
    assert_eq!(tracker.update(&seen, &patch).await.unwrap_err().class, Class::Conflict);
    web.decline(REPO, 1).unwrap();
    assert_eq!(tracker.update(&seen, &to("MERGED")).await.unwrap_err().class, Class::Conflict);
    assert!(writes(&desk).is_empty());
    // What they did is what was wanted: nothing is left to send.
    let there = tracker.update(&seen, &to("DECLINED")).await.unwrap();
    assert_eq!(there.state.status.as_deref(), Some("DECLINED"));
    assert!(writes(&desk).is_empty());
}

#[tokio::test]
async fn a_merge_goes_by_the_branchs_default_and_after_the_edits_sent_with_it() {
    let (desk, connector) = ready().await;
    let seen = look(&connector).await;
    let patch = Patch { title: Some("and renamed".into()), ..to("MERGED") };
    let merged = connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
    assert_eq!((merged.title.as_str(), merged.state.status.as_deref()), ("and renamed", Some("MERGED")));
    let shown = desk.sandbox.bitbucket().pull_request(REPO, 1).unwrap();
    assert_eq!((shown.state, shown.merge_strategy.as_deref()), ("MERGED", Some("squash")));
    let methods: Vec<String> = writes(&desk).into_iter().map(|w| w.method).collect();
    assert_eq!(methods, ["PUT", "POST"]);
}

#[tokio::test]
async fn a_merge_that_takes_longer_is_waited_for_and_not_asked_for_again() {
    let (desk, connector) = ready().await;
    let slow = Obstacle::Slow { looks: 2, succeeds: true };
    desk.sandbox.bitbucket().set_obstacle(REPO, 1, Some(slow)).unwrap();
    let merged = move_to(&connector, "MERGED").await.unwrap();
    assert_eq!(merged.state.status.as_deref(), Some("MERGED"));
    assert_eq!(writes(&desk).len(), 1);
    let looks = desk.sandbox.requests().iter().filter(|r| r.path.contains("task-status")).count();
    assert_eq!(looks, 3);
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_merge_is_said_in_the_servers_words() {
    let check = "at least 1 approval".to_owned();
    let failing = Obstacle::Slow { looks: 1, succeeds: false };
    let table = [
        (Obstacle::Conflicts, Class::Permanent, Outcome::NotApplied, "resolve all merge conflicts"),
        (Obstacle::Check(check), Class::Permanent, Outcome::NotApplied, "at least 1 approval"),
        (Obstacle::Moved, Class::Conflict, Outcome::NotApplied, "changed while attempting to merge"),
        (Obstacle::TooLong, Class::Transient, Outcome::Unknown, "took too long"),
        (failing, Class::Permanent, Outcome::NotApplied, "the branches have conflicts"),
    ];
    for (obstacle, class, outcome, words) in table {
        let (desk, connector) = ready().await;
        desk.sandbox.bitbucket().set_obstacle(REPO, 1, Some(obstacle.clone())).unwrap();
        let refused = move_to(&connector, "MERGED").await.unwrap_err();
        assert_eq!((refused.class, refused.outcome), (class, outcome), "{obstacle:?} {refused:?}");
        assert_eq!(refused.scope, Scope::Item, "{obstacle:?}");
        assert!(refused.message.contains(words), "{refused}");
        assert_eq!(desk.sandbox.bitbucket().pull_request(REPO, 1).unwrap().state, "OPEN");
    }
}

#[tokio::test]
async fn a_merge_whose_answer_is_lost_is_unknown_and_a_look_tells() {
    let (desk, connector) = ready().await;
    let seen = look(&connector).await;
    desk.sandbox.set_faults("POST count=1 drop-after".parse().unwrap());
    let lost = connector.tracker().unwrap().update(&seen, &to("MERGED")).await.unwrap_err();
    assert_eq!(lost.outcome, Outcome::Unknown, "{lost:?}");
    desk.sandbox.set_faults("".parse().unwrap());
    desk.sandbox.clear_requests();
    let there = move_to(&connector, "MERGED").await.unwrap();
    assert_eq!(there.state.status.as_deref(), Some("MERGED"));
    assert!(writes(&desk).is_empty(), "it is not merged again");
}

#[tokio::test]
async fn a_token_without_a_scope_and_an_account_without_access_are_told_apart() {
    let (desk, _) = ready().await;
    let reader = desk.connect(REPO, READ_TOKEN);
    let refused = move_to(&reader, "DECLINED").await.unwrap_err();
    assert_eq!((refused.class, refused.scope), (Class::Configuration, Scope::Connection), "{refused:?}");
    let help = refused.help.unwrap();
    assert!(help.contains("needs the scope write:pullrequest:bitbucket"), "{help}");
    assert!(help.contains("it has read:user:bitbucket"), "{help}");
    let probe = reader.probe().await.unwrap();
    assert!(!probe.can_write && probe.scopes.unwrap().len() == 3);

    let onlooker = desk.connect(REPO, TRIAGE_TOKEN);
    let refused = move_to(&onlooker, "DECLINED").await.unwrap_err();
    assert_eq!((refused.class, refused.scope), (Class::Configuration, Scope::Item), "{refused:?}");
    let at = look(&onlooker).await.at;
    let said = onlooker.tracker().unwrap().comment(&at, "May I?", uuid::Uuid::new_v4()).await.unwrap();
    assert_eq!((said.author.as_str(), said.body.as_str()), ("cy", "May I?"));
}

#[tokio::test]
async fn a_repository_that_once_had_issues_is_a_repository_of_pull_requests() {
    let desk = Bitbucket::start(0).await;
    let connector = desk.connect(BITBUCKET_OLD_REPO, WRITE_TOKEN);
    let probe = connector.probe().await.unwrap();
    assert!(probe.has_issues && probe.repository == BITBUCKET_OLD_REPO);
    let offers = connector.tracker().unwrap().offers().await.unwrap();
    assert!(offers.labels.is_empty() && offers.milestones.is_empty() && offers.assignable.is_empty());
    let missing = desk.connect("team/nowhere", WRITE_TOKEN).probe().await.unwrap_err();
    assert_eq!((missing.class, missing.scope), (Class::Configuration, Scope::Connection), "{missing:?}");
    assert!(missing.help.unwrap().contains("team/nowhere"));
}
