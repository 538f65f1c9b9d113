//! GitLab's issue boards as columns.

use corkboard::connector::{PlatformBoards, Scope};
use corkboard::sandbox::{GitlabList, NONE_TOKEN};

use super::*;

async fn boards(connector: &Arc<dyn Connector>) -> PlatformBoards {
    connector.tracker().unwrap().boards().await.unwrap()
}

#[tokio::test]
async fn a_boards_lists_are_labels_and_states_and_what_else_there_is_says_why_it_is_none() {
    let desk = Gitlab::start(1).await;
    let web = desk.sandbox.gitlab();
    web.create_group_label("workflow::review");
    let lists = [
        GitlabList::Label("workflow::in progress"),
        GitlabList::Milestone("v1.2"),
        GitlabList::Label("workflow::review"),
        GitlabList::Assignee("cy"),
        GitlabList::Iteration("Sprint 9"),
        GitlabList::Status,
    ];
    web.create_board(PROJECT, "Development", &lists).unwrap();
    web.create_board(PROJECT, "Bare", &[]).unwrap();
    let connector = desk.connector(false);
    let found = boards(&connector).await;
    let names: Vec<&str> = found.boards.iter().map(|b| b.name.as_str()).collect();
    assert_eq!((names, &found.word), (vec!["Development", "Bare"], &None));
    let columns = &found.boards[0].columns;
    let titles: Vec<&str> = columns.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["Open", "in progress", "v1.2", "review", "cy", "Sprint 9", "list", "Closed"]);
    let state = |state| vec![Target { state: Some(state), ..Target::default() }];
    assert_eq!(columns[0].target, state(OpenState::Open));
    assert_eq!(columns[3].target[0].label.as_deref(), Some("workflow::review"));
    assert_eq!(columns[7].target, state(OpenState::Closed));
    for (at, word) in [(2, "milestone"), (4, "assignee"), (5, "iteration"), (6, "by status")] {
        assert!(columns[at].target.is_empty(), "{:?}", columns[at]);
        assert!(columns[at].note.as_deref().is_some_and(|note| note.contains(word)), "{:?}", columns[at]);
    }
    assert_eq!(found.boards[1].columns.len(), 2);
    assert!(desk.sandbox.writes().is_empty(), "nothing was written");
}

#[tokio::test]
async fn a_list_the_board_hides_is_no_column_and_is_told() {
    let desk = Gitlab::start(0).await;
    let web = desk.sandbox.gitlab();
    web.create_board(PROJECT, "Development", &[GitlabList::Label("doing")]).unwrap();
    web.hide_lists(PROJECT, true, true).unwrap();
    let found = boards(&desk.connector(false)).await;
    let titles: Vec<&str> = found.boards[0].columns.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["doing"]);
    assert_eq!(found.boards[0].notes.len(), 2, "{:?}", found.boards[0].notes);
}

#[tokio::test]
async fn boards_that_are_kept_from_the_account_are_none_with_a_word_and_a_project_that_is_gone_is_a_failure()
{
    let desk = Gitlab::start(1).await;
    let connector = desk.connector(false);
    let none = boards(&connector).await;
    assert!(none.boards.is_empty() && none.word.unwrap().contains("no issue board"));
    desk.sandbox.gitlab().set_issues_enabled(PROJECT, false).unwrap();
    let kept = boards(&connector).await;
    assert!(kept.boards.is_empty() && kept.word.unwrap().contains("403"));
    for connector in [desk.with(WRITE_TOKEN, "octo/nothing"), desk.with(NONE_TOKEN, PROJECT)] {
        let failure = connector.tracker().unwrap().boards().await.unwrap_err();
        assert_eq!(failure.scope, Scope::Connection, "{failure:?}");
    }
    desk.sandbox.set_faults("GET */boards* status=502".parse().unwrap());
    connector.tracker().unwrap().boards().await.expect_err("nobody knows whether there are boards");
}
