//! A project behind tokens, servers and limits: what is refused, what is said of it, and what goes out at all.

use std::collections::BTreeSet;

use super::*;

#[tokio::test]
async fn a_move_whose_answer_is_lost_says_so_and_one_that_is_refused_says_that() {
    let (desk, connector, _) = pulled(2).await;
    let seen = item(&connector, &desk, 1).await;
    desk.sandbox.set_faults("POST /graphql nth=2 drop-after".parse().unwrap());
    let lost = connector.tracker().unwrap().update(&seen, &to("Done")).await.unwrap_err();
    assert_eq!(lost.outcome, Outcome::Unknown, "{lost:?}");
    desk.sandbox.set_faults("POST /graphql status=502".parse().unwrap());
    let failed = connector.tracker().unwrap().update(&seen, &to("In Review")).await.unwrap_err();
    assert_eq!((failed.class, failed.outcome), (Class::Transient, Outcome::NotApplied), "{failed:?}");
    // Once the issue is closed, whatever fails behind it leaves a doubt.
    let failed = connector.tracker().unwrap().update(&seen, &close_at("In Review")).await.unwrap_err();
    assert_eq!(failed.outcome, Outcome::Unknown, "{failed:?}");
    assert!(!desk.sandbox.issue(REPO, 1).unwrap().open);
}

#[tokio::test]
async fn a_token_without_the_scope_or_the_permission_is_told_what_is_missing() {
    let desk = Projects::start(1).await;
    let cases = [
        (ROAD, WRITE_TOKEN, "`project`"),
        (MINE, FINE_GRAINED_TOKEN, "classic token"),
        ("orgs/octo/projects/99", ADMIN_TOKEN, "no such project"),
        ("orgs/nobody/projects/3", ADMIN_TOKEN, "no such project"),
    ];
    for (project, token, help) in cases {
        let connector = desk.with_token(project, token);
        let pulled = pull(&connector, &Cursor::default()).await.unwrap_err();
        for failure in [connector.probe().await.unwrap_err(), pulled] {
            let verdict = (failure.class, failure.scope);
            assert_eq!(verdict, (Class::Configuration, Scope::Connection), "{project}: {failure:?}");
            assert!(failure.help.as_deref().unwrap_or_default().contains(help), "{project}: {failure:?}");
        }
    }
    let reader = desk.with_token(ROAD, FINE_GRAINED_TOKEN);
    assert!(!reader.probe().await.unwrap().can_write, "it may read the project and not change it");
    let seen = item(&reader, &desk, 1).await;
    let refused = reader.tracker().unwrap().update(&seen, &to("Done")).await.unwrap_err();
    assert_eq!((refused.class, refused.outcome), (Class::Configuration, Outcome::NotApplied), "{refused:?}");
}

#[tokio::test]
async fn a_run_that_may_only_read_reads_the_board_and_writes_nothing() {
    let desk = Projects::start(3).await;
    let connector = desk.read_only();
    assert!(connector.probe().await.unwrap().can_write);
    let (_, items, _) = pull(&connector, &Cursor::default()).await.unwrap();
    assert_eq!(items.len(), 3);
    let seen = item(&connector, &desk, 1).await;
    let refused = connector.tracker().unwrap().update(&seen, &to("Done")).await.unwrap_err();
    assert!(refused.message.contains("read-only"), "{refused:?}");
    assert_eq!(desk.status(1).as_deref(), Some("Backlog"));
}

#[tokio::test]
async fn a_user_s_project_and_an_enterprise_server_work_alike() {
    let desk = Projects::start(2).await;
    assert!(desk.web().add_to_project(MINE, REPO, 1, Some("In Progress")));
    let base = format!("{}/api/v3", desk.sandbox.url());
    let credential = Credential::bearer(&SecretString::from(ADMIN_TOKEN));
    let port = desk::port(&base.parse().unwrap(), &desk.clock, &credential);
    let connector = connector(MINE, &base, port);
    assert_eq!(connector.capabilities().status, StatusModel::Options);
    let (_, items, _) = pull(&connector, &Cursor::default()).await.unwrap();
    let standing: BTreeMap<u64, Option<&str>> =
        items.iter().map(|i| (i.at.number, i.state.status.as_deref())).collect();
    assert_eq!(
        standing,
        BTreeMap::from([(1, Some("In Progress")), (2, None)]),
        "another project's places are not this one's"
    );
    assert!(desk.sandbox.requests().iter().any(|r| r.path == "/api/graphql"));
    let offers = connector.tracker().unwrap().offers().await.unwrap();
    assert_eq!(offers.statuses, ["Backlog", "In Progress", "In Review", "Done"]);
}

#[tokio::test]
async fn points_that_are_spent_put_the_connection_off_until_they_are_renewed() {
    let (desk, connector, cursor) = pulled(1).await;
    desk.sandbox.spend_graphql_points(ADMIN_TOKEN, 5_000);
    let put_off = pull(&connector, &cursor).await.unwrap_err();
    assert_eq!((put_off.class, put_off.scope), (Class::Transient, Scope::Connection), "{put_off:?}");
    assert!(put_off.retry_after_ms.is_some_and(|ms| ms > 0), "{put_off:?}");
    desk.clock.advance(3_700_000);
    pull(&connector, &cursor).await.unwrap();
}

#[tokio::test]
async fn every_document_that_goes_out_fits_githubs_own_schema() {
    let desk = Projects::start(2).await;
    let plain: &[&str] = &[];
    for (project, names) in [(ROAD, plain), (MINE, plain), (ROAD, &further::NAMES)] {
        let connector = desk.with_names(project, names);
        pull(&connector, &Cursor::default()).await.unwrap();
        connector.tracker().unwrap().create(&draft("new", "In Review")).await.unwrap();
        desk.web().archive_in_project(project, REPO, 1);
        let seen = item(&connector, &desk, 1).await;
        connector.tracker().unwrap().update(&seen, &to("Done")).await.unwrap();
        connector.tracker().unwrap().offers().await.unwrap();
        // Every kind of value, alone and together, and clearing.
        for values in [further::ALL.as_slice(), &further::ALL[..1], &further::NOTHING] {
            let seen = item(&connector, &desk, 2).await;
            let patch = Patch { raw: further::raw(values), ..Patch::default() };
            connector.tracker().unwrap().update(&seen, &patch).await.unwrap();
        }
    }
    let mut documents = BTreeMap::new();
    for request in desk.sandbox.requests().into_iter().filter(|r| r.path.ends_with("/graphql")) {
        assert!(!request.response_body.contains("\"errors\""), "{}", request.response_body);
        let body: serde_json::Value = serde_json::from_str(&request.request_body).unwrap();
        let (name, text) = (body["operationName"].as_str().unwrap(), body["query"].as_str().unwrap());
        // One name may stand for several texts, by how many fields are read or written.
        documents.insert(format!("{name} {}", text.len()), text.to_owned());
    }
    let names: BTreeSet<&str> = documents.keys().filter_map(|key| key.split(' ').next()).collect();
    let all = [
        "AddToProject",
        "BoardPage",
        "IssuePlaces",
        "MoveItem",
        "OrgProject",
        "ProjectFields",
        "SetValues",
        "Unarchive",
        "UserProject",
    ];
    assert_eq!(names, all.into());
    crate::schema::check("every_document_that_goes_out_fits_githubs_own_schema", &documents);
}
