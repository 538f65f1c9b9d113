//! Watches the requests for one that comes although the platform has said to wait.

use corkboard::sandbox::{Recorded, Sandbox};
use corkboard::support::clock::{Clock, Timestamp};

use super::place::Ground;
use super::time::Watch;

/// Requests that may have left before the order to wait was read: one of each of two processes.
const CROSSED: u32 = 2;
/// Between what is stored and what was said there may be a rounded second.
const SLACK_MS: i64 = 2_000;

/// An order to wait, on the server's clock.
#[derive(Debug, Clone, Copy)]
struct Told {
    at: Timestamp,
    until: Timestamp,
    crossed: u32,
    /// In which operation.
    during: (u32, &'static str),
}

/// The requests looked at so far, and the order in force.
#[derive(Debug, Default)]
pub struct Waits {
    seen: usize,
    /// For each platform.
    told: [Option<Told>; 3],
    during: (u32, &'static str),
    /// Every request, for whoever reads why a promise was broken.
    pub story: Vec<String>,
    /// Looks at single items of a platform whose answers arrived: which, and how many edits of the history they knew
    /// of. Jira's are named by id.
    pub reads: Vec<(Ground, u64, usize)>,
}

impl Waits {
    /// Another operation begins.
    pub fn next_operation(&mut self, name: &'static str) {
        self.during = (self.during.0 + 1, name);
    }

    /// The requests to one item, by where it is.
    pub fn about(&self, path: &str) -> String {
        let about = |line: &&String| {
            line.split_once(path).is_some_and(|(_, rest)| !rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        self.story.iter().filter(about).cloned().collect::<Vec<_>>().join("\n")
    }

    /// The record of requests was emptied.
    pub fn start_anew(&mut self) {
        self.seen = 0;
    }

    /// Nobody can be held to the order any more.
    pub fn forget(&mut self) {
        self.told = [None; 3];
    }

    /// A process was killed: what it had been told by a platform holds if it had written it down.
    pub fn survive(&mut self, by: Ground, stored: Option<Timestamp>, ours: &Watch, theirs: &Watch) {
        let Some(told) = self.told[by.at()] else { return };
        let left = |until: Timestamp, clock: &Watch| until.since(clock.now());
        if stored.is_none_or(|s| left(s, ours) + SLACK_MS < left(told.until, theirs)) {
            self.told[by.at()] = None;
        }
    }

    /// Looks at what is new among the first `upto` requests; gives the faults that hit, and how many there were.
    pub fn take(&mut self, sandbox: &Sandbox, upto: usize) -> (Vec<String>, u64) {
        let all = sandbox.requests();
        let all = &all[..upto.min(all.len())];
        let fresh = &all[self.seen.min(all.len())..];
        self.seen = all.len();
        for (n, request) in fresh.iter().enumerate() {
            self.look(request, &fresh[n.saturating_sub(8)..n]);
            self.reads.extend(read(request));
            self.story.push(format!("{:?}: {} (edit {})", self.during, line(request), request.moment));
        }
        (fresh.iter().filter_map(|r| r.fault.clone()).collect(), fresh.len() as u64)
    }

    fn look(&mut self, request: &Recorded, before: &[Recorded]) {
        let told = &mut self.told[Ground::of_path(&request.path).at()];
        if let Some(told) = told
            && (told.at..told.until).contains(&request.at)
        {
            told.crossed += 1;
            let crossed = request.at == told.at && told.crossed <= CROSSED;
            let story: Vec<String> = before.iter().chain([request]).map(line).collect();
            assert!(
                crossed,
                "a request in {:?} though told in {:?} to wait: {told:?}\n{}",
                self.during,
                told.during,
                story.join("\n")
            );
        }
        if let Some(until) = order(request) {
            let longer = told.is_none_or(|told| told.until < until);
            if longer {
                *told = Some(Told { at: request.at, until, crossed: 0, during: self.during });
            }
        }
    }
}

fn line(r: &Recorded) -> String {
    format!("{:?} {} {} -> {:?} {}", r.at, r.method, r.path, r.status, r.fault.as_deref().unwrap_or_default())
}

/// Until when the answer says to stay away.
fn order(request: &Recorded) -> Option<Timestamp> {
    let header = |name: &str| {
        request.response_headers.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.parse::<i64>().ok())
    };
    let refused = matches!(request.status, Some(403 | 429));
    let asked = header("retry-after").filter(|_| refused).map(|s| request.at.plus_ms(s * 1000));
    let spent = (header("x-ratelimit-remaining") == Some(0))
        .then(|| header("x-ratelimit-reset").map(|s| Timestamp(s * 1000)))
        .flatten();
    asked.max(spent)
}

/// The item a request looked at, when its answer arrived whole.
fn read(request: &Recorded) -> Option<(Ground, u64, usize)> {
    let whole =
        request.status == Some(200) && request.fault.as_deref().is_none_or(|f| !f.starts_with("truncate"));
    let path = request.path.split('?').next().unwrap_or_default();
    let ground = Ground::of_path(path);
    let list = if ground == Ground::Jira { "/issue/" } else { "/issues/" };
    let number = path.rsplit_once(list)?.1.parse().ok()?;
    (request.method == "GET" && whole).then_some((ground, number, request.moment))
}
