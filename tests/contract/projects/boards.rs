//! A project's Status options as the columns of a board.

use super::*;

#[tokio::test]
async fn the_options_of_a_project_are_a_boards_columns() {
    let desk = Projects::start(0).await;
    let found = desk.connector(false).tracker().unwrap().boards().await.unwrap();
    assert_eq!((found.boards.len(), &found.word), (1, &None));
    let columns = &found.boards[0].columns;
    let titles: Vec<&str> = columns.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["Backlog", "In Progress", "In Review", "Done"]);
    let said: Vec<_> = columns.iter().map(|c| (c.target[0].status.as_deref(), c.target[0].state)).collect();
    assert_eq!(said[0], (Some("Backlog"), Some(OpenState::Open)));
    assert_eq!(said[3], (Some("Done"), Some(OpenState::Closed)));
    assert!(columns[3].note.as_deref().is_some_and(|note| note.contains("closed")), "{:?}", columns[3]);
    assert!(!found.boards[0].name.is_empty());
}

#[tokio::test]
async fn a_repository_without_a_project_has_no_board_and_says_what_would_give_it_one() {
    let desk = Projects::start(0).await;
    let url = desk.sandbox.url();
    let port =
        desk::port(&url.parse().unwrap(), &desk.clock, &Credential::bearer(&SecretString::from(ADMIN_TOKEN)));
    let options = GithubOptions {
        api_url: url.parse().unwrap(),
        repository: REPO.into(),
        project: None,
        port,
        overlap: OVERLAP,
    };
    let connector = GithubConnector::new(options).unwrap();
    let found = connector.tracker().unwrap().boards().await.unwrap();
    assert!(found.boards.is_empty() && found.word.unwrap().contains("project = "));
}
