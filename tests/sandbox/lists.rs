//! Lists: pages, order, filters, entity tags.

use std::collections::BTreeSet;

use corkboard::sandbox::{ADMIN_TOKEN, READ_TOKEN, Sandbox, SandboxOptions, Seed};
use reqwest::Method;
use serde_json::json;

use crate::common::{Client, Got, ISSUES, admin, still};

async fn walk(client: &Client, first: &str) -> Vec<Got> {
    let mut pages = vec![client.get(first).await];
    while let Some(next) = pages.last().unwrap().link("next") {
        pages.push(client.get(&next).await);
        assert!(pages.len() < 1000, "the walk does not end");
    }
    pages
}

#[tokio::test]
async fn following_links_gives_every_issue_once() {
    let (sandbox, client) = admin(250).await;
    let pages = walk(&client, &format!("{ISSUES}?state=all&per_page=100")).await;
    assert_eq!(pages.len(), 3);
    let next = pages[0].link("next").unwrap();
    assert!(next.starts_with(&format!("{}/repositories/1/issues?", sandbox.url())), "{next}");
    assert_eq!((pages[0].link("prev"), pages[0].link("first")), (None, None));
    assert!(pages[0].link("last").unwrap().ends_with("page=3"));
    assert!(pages[2].link("prev").unwrap().ends_with("page=2") && pages[2].link("first").is_some());
    let numbers: Vec<u64> = pages.iter().flat_map(Got::numbers).collect();
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 250);
    assert!(numbers.is_sorted_by(|a, b| a > b), "newest first unless asked otherwise");
}

#[tokio::test]
async fn pages_default_to_thirty_and_end_at_a_hundred() {
    let (_sandbox, client) = admin(200).await;
    assert_eq!(client.get(&format!("{ISSUES}?state=all")).await.numbers().len(), 30);
    assert_eq!(client.get(&format!("{ISSUES}?state=all&per_page=500")).await.numbers().len(), 100);
    assert_eq!(client.get(&format!("{ISSUES}?state=all&page=99")).await.numbers().len(), 0);
    let open = client.get(&format!("{ISSUES}?per_page=100")).await.json();
    assert!(open.as_array().unwrap().iter().all(|issue| issue["state"] == "open"), "open by default");
}

#[tokio::test]
async fn since_is_inclusive_and_updated_order_holds() {
    let (sandbox, clock) = still(30).await;
    let client = Client::new(&sandbox, ADMIN_TOKEN);
    clock.advance(10_000);
    for number in [7, 3] {
        sandbox.web("ben").set_title("octo/app", number, "touched").unwrap();
        clock.advance(1_000);
    }
    let list = |since: &str| format!("{ISSUES}?state=all&sort=updated&direction=asc&since={since}");
    assert_eq!(client.get(&list("2026-03-01T12:00:10Z")).await.numbers(), [7, 3]);
    assert_eq!(client.get(&list("2026-03-01T12:00:11Z")).await.numbers(), [3]);
    assert_eq!(client.get(&list("2026-03-01T13:00:11%2B01:00")).await.numbers(), [3]);
    assert_eq!(client.get(&list("yesterday")).await.status, 422);
    let newest = client.get(&format!("{ISSUES}?state=all&sort=updated&per_page=2")).await;
    assert_eq!(newest.numbers(), [3, 7]);
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let (sandbox, client) = admin(0).await;
    for title in ["a", "b", "c"] {
        client.post(ISSUES, json!({"title": title})).await;
    }
    let milestone = sandbox.web("ana").create_milestone("octo/app", "filter").unwrap();
    sandbox.web("ben").add_label("octo/app", 1, "x").unwrap();
    sandbox.web("ben").add_label("octo/app", 1, "y").unwrap();
    sandbox.web("ben").add_label("octo/app", 2, "x").unwrap();
    sandbox.web("ben").assign("octo/app", 3, "cy").unwrap();
    sandbox.web("ben").set_milestone("octo/app", 2, Some("filter")).unwrap();
    sandbox.web("ben").comment("octo/app", 2, "hello").unwrap();
    let by_ben = sandbox.web("ben").create_issue("octo/app", "d", "").unwrap();
    let numbered = [
        ("labels=x,Y".to_owned(), vec![1]),
        ("labels=x&direction=asc".to_owned(), vec![1, 2]),
        ("labels=unknown".to_owned(), vec![]),
        ("assignee=cy".to_owned(), vec![3]),
        ("assignee=*".to_owned(), vec![3]),
        ("assignee=none&direction=asc".to_owned(), vec![1, 2, by_ben]),
        ("creator=ben".to_owned(), vec![by_ben]),
        (format!("milestone={milestone}"), vec![2]),
        ("milestone=*".to_owned(), vec![2]),
        ("sort=comments&per_page=1".to_owned(), vec![2]),
    ];
    for (query, wanted) in numbered {
        assert_eq!(client.get(&format!("{ISSUES}?{query}")).await.numbers(), wanted, "{query}");
    }
    assert_eq!(client.get(&format!("{ISSUES}?state=odd")).await.status, 422);
}

#[tokio::test]
async fn an_entity_tag_saves_the_budget_until_something_changes() {
    let (sandbox, client) = admin(5).await;
    let path = format!("{ISSUES}?state=all");
    let first = client.get(&path).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""));
    let ask = |token: &str, tag: String| {
        let client = Client::new(&sandbox, token);
        let path = path.clone();
        async move {
            let request = client.request(Method::GET, &path).header("if-none-match", tag);
            Client::try_send(request).await.unwrap()
        }
    };
    let unchanged = ask(ADMIN_TOKEN, tag.clone()).await;
    assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""));
    assert_eq!(unchanged.header("x-ratelimit-used"), first.header("x-ratelimit-used"));
    assert_eq!(unchanged.header("etag"), tag);
    assert_eq!(ask(READ_TOKEN, tag.clone()).await.status, 200, "tags belong to one token");
    sandbox.web("ben").set_title("octo/app", 2, "changed").unwrap();
    assert_eq!(ask(ADMIN_TOKEN, tag).await.status, 200);
}

#[tokio::test]
async fn ten_thousand_issues_load_and_are_walked_whole() {
    let options = SandboxOptions { seed: Seed::Count(10_000), ..Default::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    sandbox.set_record_bodies(false);
    let client = Client::new(&sandbox, ADMIN_TOKEN);
    let pages = walk(&client, &format!("{ISSUES}?state=all&sort=updated&direction=asc&per_page=100")).await;
    let numbers: BTreeSet<u64> = pages.iter().flat_map(Got::numbers).collect();
    assert_eq!((pages.len(), numbers.len()), (100, 10_000));
    assert!(pages[0].text.len() > 200_000, "bodies are of a believable size");
}

#[tokio::test]
async fn an_enterprise_prefix_reaches_the_same_routes_and_stays_in_links() {
    let (sandbox, client) = admin(40).await;
    let first = client.get("/api/v3/repos/octo/app/issues?state=all").await;
    let next = first.link("next").unwrap();
    assert!(next.starts_with(&format!("{}/api/v3/repositories/1/", sandbox.url())), "{next}");
    assert_eq!(client.get(&next).await.numbers().len(), 10);
}
