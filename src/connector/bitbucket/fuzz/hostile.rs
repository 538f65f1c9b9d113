//! A server that answers everything with the same page: walks and lists come to an end, and say why.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::connector::http::{Gates, GatesOptions, Limits, loopback_client};
use crate::support::clock::ManualClock;

/// A connector to a server that answers `body` whatever is asked, and how often it was asked.
async fn always(body: impl Fn(&str) -> String) -> (BitbucketConnector, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (body, asked) = (body(&base), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (body, count) = (body.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let mut head = [0_u8; 8_192];
                while matches!(stream.read(&mut head).await, Ok(n) if n > 0) {
                    count.fetch_add(1, Ordering::SeqCst);
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let api_url: Url = base.parse().expect("an address");
    let clock = Arc::new(ManualClock::new(Timestamp(1_795_262_400_000)));
    let client = loopback_client().expect("a client");
    let gates = Gates::new(GatesOptions { client, clock, read_only: false, limits: Limits::none() });
    let credential = Credential::bearer(&SecretString::from(TOKEN));
    let port = gates.gate(&api_url, &credential, Duration::ZERO).port(Arc::new(|_| {}));
    let options = BitbucketOptions { api_url, repository: "team/app".into(), port };
    (BitbucketConnector::new(options).expect("a connector"), asked)
}

async fn pull(connector: &BitbucketConnector) -> Result<PullEnd, Failure> {
    let (pages, mut inbox) = mpsc::channel(8);
    let drain = async { while inbox.recv().await.is_some() {} };
    let from = Cursor::default();
    tokio::join!(Tracker::pull(connector, &from, pages), drain).0
}

#[tokio::test]
async fn pages_that_point_in_circles_come_to_an_end() {
    let page = |base: &str| json!({"values": [sample()], "next": format!("{base}/again?page=2")}).to_string();
    let (connector, asked) = always(page).await;
    let failure = pull(&connector).await.expect_err("it does not end");
    assert!(failure.class == Class::Transient && failure.message.contains("circles"), "{failure:?}");
    let at = RemoteRef { id: "7".into(), number: 7, repository: "team/app".into() };
    let failure = connector.comments(&at).await.expect_err("it does not end");
    assert!(failure.message.contains("circles"), "{failure:?}");
    assert!(asked.load(Ordering::SeqCst) < 10, "{asked:?}");
}

#[tokio::test]
async fn a_list_that_goes_on_at_another_host_is_not_followed_there() {
    let page = |_: &str| json!({"values": [sample()], "next": "https://elsewhere.example/2.0/x"}).to_string();
    let (connector, _) = always(page).await;
    let at = RemoteRef { id: "7".into(), number: 7, repository: "team/app".into() };
    let failure = connector.comments(&at).await.expect_err("another host");
    assert!(failure.class == Class::Configuration && failure.message.contains("elsewhere"), "{failure:?}");
}

#[tokio::test]
async fn what_cannot_be_understood_is_named_and_the_rest_of_the_page_holds() {
    let mut broken = sample();
    broken["id"] = json!("eight");
    let page = move |_: &str| json!({"values": [broken, sample(), 7]}).to_string();
    let (connector, _) = always(page).await;
    let (pages, mut inbox) = mpsc::channel(8);
    Tracker::pull(&connector, &Cursor::default(), pages).await.expect("a walk");
    let page = inbox.recv().await.expect("a page");
    assert_eq!((page.items.len(), page.skipped.len()), (1, 2), "{:?}", page.skipped);
}
