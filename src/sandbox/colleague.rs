//! A simulated colleague, who now and then does what people do: moves a card on, comments, assigns, opens, closes.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::inner::{Inner, locked};
use super::random::Random;
use super::view::IssueView;
use super::web::WebUser;

/// Status labels from first to last; a colleague moves a card one step on.
const STEPS: &[&str] = &["status: proposed", "status: approved", "status: in progress"];

const COMMENTS: &[&str] = &[
    "I can reproduce this on the current main branch.",
    "Had a look: smaller than it seems, the parsing is already in place.",
    "Could we split the documentation part off? Then this could go into the next release.",
    "Works for me with the nightly build. 👍",
    "Pushed a first version, tests are still missing.",
    "Blocked on a decision about the file format, see the discussion above.",
];

const NEW_ISSUES: &[(&str, &str)] = &[
    (
        "Exit code is 0 when the last upload failed",
        "Seen in a cron job: the log says `1 failed`, the exit code is 0.",
    ),
    ("Show the queue length in `status --short`", "One number would do, for the shell prompt."),
    ("Typo in the quick start: `--confg`", "Second code block, first line."),
    (
        "Progress bar flickers in a narrow terminal",
        "Below 60 columns the bar wraps and every update scrolls.",
    ),
];

/// Edits the repository as `login` until told to stop, after pauses picked from `pause`.
pub(super) async fn work(
    inner: Arc<Inner>,
    repo: String,
    login: String,
    seed: u64,
    pause: Range<Duration>,
    mut stop: watch::Receiver<bool>,
) {
    let mut random = Random::new(seed);
    let who = WebUser { inner: Arc::clone(&inner), login };
    loop {
        let spread = pause.end.saturating_sub(pause.start).as_millis() as usize;
        let wait = pause.start + Duration::from_millis(random.below(spread + 1) as u64);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(wait) => act(&who, &repo, &mut random),
        }
    }
}

/// One plausible edit. An issue that vanished in between is nobody's loss: the edit is simply not made.
fn act(who: &WebUser, repo: &str, random: &mut Random) {
    let open = open_issues(&who.inner, repo);
    if open.is_empty() {
        return;
    }
    let issue = &open[random.below(open.len())];
    let number = issue.number;
    let step = STEPS.iter().position(|step| issue.has_label(step));
    let _made = match (random.below(10), step) {
        (0..=3, Some(at)) => match STEPS.get(at + 1) {
            Some(next) => {
                who.remove_label(repo, number, STEPS[at]).and_then(|()| who.add_label(repo, number, next))
            }
            None => who.close(repo, number, "completed"),
        },
        (0..=3, None) => who.add_label(repo, number, STEPS[0]),
        (4..=6, _) => who.comment(repo, number, random.pick(COMMENTS)).map(|_| ()),
        (7 | 8, _) => who.assign(repo, number, &who.login),
        _ => {
            let (title, body) = NEW_ISSUES[random.below(NEW_ISSUES.len())];
            who.create_issue(repo, title, body).and_then(|new| who.add_label(repo, new, STEPS[0]))
        }
    };
}

fn open_issues(inner: &Inner, repo: &str) -> Vec<IssueView> {
    let world = locked(&inner.world);
    let Some(repo) = world.repo_named(repo).map(|at| &world.repos[at]) else { return Vec::new() };
    let mut found: Vec<IssueView> = repo
        .issues
        .values()
        .filter(|issue| issue.open && !issue.pull_request)
        .map(|issue| IssueView::of(repo, issue))
        .collect();
    // The map's order changes from run to run; the choice must follow from the seed.
    found.sort_by_key(|issue| issue.number);
    found
}
