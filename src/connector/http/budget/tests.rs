//! The budget on tokio's paused clock: what waits, what is put off, who goes first, and what no sequence can do.

use std::sync::Arc;

use proptest::prelude::*;
use reqwest::Method;
use url::Url;

use super::super::limits::Rule;
use super::*;
use crate::support::clock::{ManualClock, Timestamp};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

/// The wall clock stands at five seconds.
fn open(limits: &Limits) -> Book {
    Book::new(limits, Arc::new(ManualClock::new(Timestamp(5_000))))
}

fn call(class: RequestClass, priority: Priority) -> Call {
    let method = match class {
        RequestClass::Read | RequestClass::Search => Method::GET,
        RequestClass::Write => Method::PATCH,
        RequestClass::ContentCreate | RequestClass::Graphql => Method::POST,
    };
    let url = Url::parse("https://api.github.com/").expect("an address");
    Call { method, class, priority, ..Call::get(url) }
}

fn person(class: RequestClass) -> Call {
    call(class, Priority::Interactive)
}

fn page() -> Call {
    call(RequestClass::Read, Priority::Background)
}

/// Reads only: `at_once` of them, of which half are there at the start, and then one a second.
fn a_second_each(at_once: u32) -> Limits {
    let rule = Rule {
        most: at_once + 60,
        window: Duration::from_mins(1),
        at_once,
        costs: &[(RequestClass::Read, 1)],
        shown: &[RequestClass::Read],
    };
    Limits { rules: vec![rule], reserve: true }
}

fn left(book: &Book, class: RequestClass) -> Vec<u32> {
    book.budgets().iter().filter(|b| b.class == class).map(|b| b.remaining).collect()
}

#[tokio::test(start_paused = true)]
async fn what_would_overrun_waits_its_time_and_is_put_off_when_that_is_long() {
    let book = open(&a_second_each(4));
    let start = Instant::now();
    for _ in 0..2 {
        book.enter(&person(RequestClass::Read)).await.expect("it is there");
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    book.enter(&person(RequestClass::Read)).await.expect("a short wait");
    assert!(start.elapsed() >= SECOND && start.elapsed() < SECOND * 2, "{:?}", start.elapsed());

    let slow = Rule { most: 5, at_once: 2, window: SECOND * 60, ..a_second_each(4).rules[0].clone() };
    let book = open(&Limits { rules: vec![slow], reserve: true });
    book.enter(&person(RequestClass::Read)).await.expect("it is there");
    let start = Instant::now();
    let held = book.enter(&person(RequestClass::Read)).await.expect_err("twenty seconds are too long");
    assert!(held.wait >= SECOND * 20 && held.wait < SECOND * 21 && !held.reserve, "{held:?}");
    assert_eq!(start.elapsed(), Duration::ZERO, "and it is told at once");
    tokio::time::advance(held.wait).await;
    book.enter(&person(RequestClass::Read)).await.expect("its time has come");
    assert_eq!(left(&book, RequestClass::Read), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_request_counts_in_every_bucket_of_its_class_or_in_none() {
    let book = open(&Limits::github());
    assert_eq!(left(&book, RequestClass::Read), [150]);
    assert_eq!(left(&book, RequestClass::ContentCreate), [10, 70]);
    book.enter(&person(RequestClass::Read)).await.expect("one point");
    book.enter(&person(RequestClass::Write)).await.expect("five points");
    book.enter(&person(RequestClass::ContentCreate)).await.expect("five points and one of content");
    book.enter(&person(RequestClass::Search)).await.expect("a point and one of the searches");
    book.enter(&person(RequestClass::Graphql)).await.expect("its own");
    assert_eq!(left(&book, RequestClass::Read), [150 - 12]);
    assert_eq!(left(&book, RequestClass::Write), [(150 - 12) / 5]);
    assert_eq!(left(&book, RequestClass::ContentCreate), [9, 69]);
    assert_eq!(left(&book, RequestClass::Search), [4]);
    assert_eq!(left(&book, RequestClass::Graphql), [49]);

    // An hour's content is used up long before its minute's: at one a second the minute's never is.
    let held = loop {
        if let Err(held) = book.enter(&person(RequestClass::ContentCreate)).await {
            break held;
        }
        tokio::time::advance(SECOND).await;
    };
    assert!(held.wait > PATIENCE && held.wait <= SECOND * 10, "{held:?}");
    let before = left(&book, RequestClass::Read);
    assert!(book.enter(&person(RequestClass::ContentCreate)).await.is_err());
    assert_eq!(left(&book, RequestClass::Read), before, "what is put off has cost nothing");
    book.enter(&person(RequestClass::Write)).await.expect("changes go on");
    book.enter(&page()).await.expect("and pulls");
    let shown = book.budgets();
    let hour = shown.iter().rfind(|b| b.class == RequestClass::ContentCreate).expect("shown");
    assert_eq!((hour.limit, hour.remaining, hour.window_ms), (140, 0, 1_400_001), "{hour:?}");
    assert!(hour.free_at.is_some_and(|at| at > Timestamp(5_000)), "{hour:?}");
}

/// Starts `call` and returns a handle that tells when it went out.
fn start(book: &Arc<Book>, call: Call) -> tokio::task::JoinHandle<Result<Instant, Held>> {
    let book = Arc::clone(book);
    tokio::spawn(async move { book.enter(&call).await.map(|()| Instant::now()) })
}

#[tokio::test(start_paused = true)]
async fn a_person_goes_before_the_pages_that_wait() {
    let book = Arc::new(open(&a_second_each(2)));
    let pages: Vec<_> = (0..6).map(|_| start(&book, page())).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let asked = start(&book, person(RequestClass::Read));
    let asked = asked.await.expect("no panic").expect("a short wait");
    let mut before = 0;
    for page in pages {
        before += u32::from(page.await.expect("no panic").expect("in the end") < asked);
    }
    assert_eq!(before, 1, "only the one that was there at the start");
}

#[tokio::test(start_paused = true)]
async fn a_page_is_not_overtaken_for_ever() {
    let book = Arc::new(open(&a_second_each(2)));
    book.enter(&page()).await.expect("it is there");
    let began = Instant::now();
    let waiting = start(&book, page());
    tokio::task::yield_now().await;
    // People who always have another request waiting.
    let mut people: Vec<_> = (0..3).map(|_| start(&book, person(RequestClass::Read))).collect();
    while !waiting.is_finished() {
        assert!(began.elapsed() < SECOND * 60, "it is overtaken for ever");
        tokio::time::sleep(Duration::from_millis(100)).await;
        people.retain(|p| !p.is_finished());
        people.extend((people.len()..3).map(|_| start(&book, person(RequestClass::Read))));
    }
    let went = waiting.await.expect("no panic").expect("a page is patient") - began;
    assert!(went > SECOND * 3, "people went before: {went:?}");
    assert!(went <= SECOND * (PASSES + 3), "but not for ever: {went:?}");
}

#[tokio::test(start_paused = true)]
async fn one_who_gives_up_is_not_waited_for() {
    let book = Arc::new(open(&a_second_each(2)));
    book.enter(&page()).await.expect("it is there");
    let gone = start(&book, person(RequestClass::Read));
    tokio::task::yield_now().await;
    assert_eq!(book.lock().waiting[0][0], 1);
    gone.abort();
    assert!(gone.await.is_err());
    assert_eq!(book.lock().waiting[0][0], 0);
    let began = Instant::now();
    book.enter(&page()).await.expect("a second");
    assert!(began.elapsed() < SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn a_pull_spreads_over_what_is_left_and_a_person_does_not_notice() {
    let book = Arc::new(open(&Limits::github()));
    let rate = |remaining| RateLimit { limit: 5_000, remaining, resets_at: Timestamp(0) };
    book.hear(RequestClass::Read, rate(4_000), HOUR);
    let began = Instant::now();
    for _ in 0..50 {
        book.enter(&page()).await.expect("plenty is left");
    }
    assert_eq!(began.elapsed(), Duration::ZERO);

    book.hear(RequestClass::Read, rate(1_000), HOUR);
    let pages: Vec<_> = (0..8).map(|_| start(&book, page())).collect();
    let mut times = Vec::new();
    for page in pages {
        times.push(page.await.expect("no panic").expect("slowly"));
    }
    times.sort();
    // 500 above the reserve in an hour.
    let pause = Duration::from_millis(7_100);
    assert!(times.windows(2).all(|w| w[1] - w[0] >= pause), "{times:?}");
    let now = Instant::now();
    for _ in 0..20 {
        book.enter(&person(RequestClass::Read)).await.expect("a person is not slowed");
    }
    assert_eq!(now.elapsed(), Duration::ZERO);

    book.hear(RequestClass::Read, rate(500), HOUR);
    let held = book.enter(&page()).await.expect_err("the reserve is not for pulls");
    assert!(held.reserve && held.wait > HOUR / 2, "{held:?}");
    book.enter(&person(RequestClass::Write)).await.expect("it is for people");
    tokio::time::advance(HOUR).await;
    book.enter(&page()).await.expect("the account was renewed");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_held_where_nothing_is_limited() {
    let book = open(&Limits::none());
    book.hear(RequestClass::Read, RateLimit { limit: 60, remaining: 1, resets_at: Timestamp(0) }, HOUR);
    let began = Instant::now();
    for _ in 0..5_000 {
        book.enter(&page()).await.expect("no limit");
        book.enter(&person(RequestClass::ContentCreate)).await.expect("no limit");
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert!(book.budgets().is_empty());
}

/// Lets calls come in any order and time; returns when each that was let out went.
async fn play(calls: Vec<(u64, usize, bool)>) -> Vec<(Instant, RequestClass)> {
    let book = Arc::new(open(&Limits::github()));
    let mut under_way = Vec::new();
    for (pause, class, background) in calls {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let class = RequestClass::ALL[class];
        let priority = if background { Priority::Background } else { Priority::Interactive };
        // Bursts are what limits are for.
        for _ in 0..12 {
            under_way.push((class, start(&book, call(class, priority))));
        }
    }
    let mut sent = Vec::new();
    for (class, handle) in under_way {
        if let Ok(at) = handle.await.expect("no panic") {
            sent.push((at, class));
        }
    }
    sent.sort_by_key(|(at, _)| *at);
    sent
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_comes_no_window_holds_more_than_the_platform_allows(
        calls in prop::collection::vec((0..4_000_u64, 0..5_usize, any::<bool>()), 1..120),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let sent = runtime.expect("a runtime").block_on(play(calls));
        for rule in Limits::github().rules {
            let cost = |class| rule.costs.iter().find(|(c, _)| *c == class).map_or(0, |(_, cost)| *cost);
            let (mut first, mut held) = (0, 0);
            for (at, class) in &sent {
                held += cost(*class);
                while sent[first].0 + rule.window < *at {
                    held -= cost(sent[first].1);
                    first += 1;
                }
                prop_assert!(held <= rule.most, "{held} of {rule:?}");
            }
        }
    }
}
