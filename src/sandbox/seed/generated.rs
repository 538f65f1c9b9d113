//! Generated issues: any number, the same each time, varied enough to look like a project. Reads no files.

use crate::sandbox::random::Random;
use crate::sandbox::seed::DEMO_REPO;
use crate::sandbox::world::edit::By;
use crate::sandbox::world::{Comment, Issue, Repo, World};
use crate::support::clock::Timestamp;

const HOUR_MS: i64 = 3_600_000;
const PEOPLE: &[&str] = &["ana", "ben", "cy", "dee"];
const LABELS: &[(&str, &str)] = &[
    ("bug", "d73a4a"),
    ("ui", "1d76db"),
    ("sync", "5319e7"),
    ("docs", "0075ca"),
    ("performance", "fbca04"),
    ("good first issue", "7057ff"),
    ("status: proposed", "ededed"),
    ("status: approved", "c2e0c6"),
    ("status: in progress", "0e8a16"),
];
const STATUS_FROM: usize = 6;
const MILESTONES: &[&str] = &["v1.1", "v1.2", "v1.3"];
const VERBS: &[&str] =
    &["Fix", "Speed up", "Document", "Rework", "Test", "Simplify", "Support", "Log", "Cache"];
const PARTS: &[&str] = &[
    "the upload queue",
    "conflict detection",
    "the settings loader",
    "the progress bar",
    "retry after a lost answer",
    "the file watcher",
    "label mapping",
    "the export command",
    "the status line",
    "token renewal",
];
const PLACES: &[&str] = &[
    "on slow disks",
    "behind a proxy",
    "in narrow terminals",
    "for large repositories",
    "after a restart",
    "when offline",
    "with wide characters (日本語)",
    "under load",
];
const PARAGRAPHS: &[&str] = &[
    "The daemon keeps a queue on disk and drains it when the network is back. Between two drains nothing tells the \
     user how much is left, and after a crash the first entry is sent again although the server has it already.",
    "Steps to reproduce:\n\n1. Start the daemon with an empty state directory.\n2. Edit three files quickly.\n3. Cut \
     the network before the second upload ends.\n4. Watch the log.\n",
    "```text\nsync: 3 pending, 1 in flight\nsync: answer lost, will ask again in 2 s\nsync: 2 pending\n```",
    "- [ ] write a failing test\n- [ ] change the order of the two writes\n- [x] look at how others do it\n",
    "| case | before | after |\n|---|---|---|\n| clean start | 120 ms | 40 ms |\n| 10 000 files | 9.1 s | 0.8 s |\n",
    "I would rather not add an option for this. The default can be right for everybody, and an option that nobody \
     finds is worse than none. If somebody needs the old behaviour, the environment variable stays.",
    "Expected: the second run does nothing, since nothing changed. Actual: every file is read and hashed again, \
     which takes minutes on a network drive and wakes the fan on a laptop.",
];

/// Fills the main repository with `count` issues.
pub(super) fn fill(world: &mut World, count: usize, now: Timestamp) {
    let mut repo = Repo::new(1, DEMO_REPO, (now.0 - 9_000 * HOUR_MS).div_euclid(1000));
    "Generated issues for trying things out".clone_into(&mut repo.description);
    let labels: Vec<u64> = LABELS.iter().map(|(name, color)| repo.create_label(name, color, None)).collect();
    let by = By { login: "ana".to_owned(), at: now.0 - 9_000 * HOUR_MS };
    let milestones: Vec<u64> = MILESTONES.iter().map(|title| repo.create_milestone(title, &by)).collect();
    let mut random = Random::new(count as u64);
    let step = 8_000 * HOUR_MS / (count.max(1) as i64);
    for at in 0..count {
        let created = now.0 - 8_500 * HOUR_MS + step * at as i64;
        let mut issue = one(&mut repo, &mut random, created, now.0);
        issue.labels = pick_labels(&labels, &mut random);
        issue.milestone = (random.below(3) == 0).then(|| milestones[random.below(milestones.len())]);
        repo.insert(issue);
    }
    for milestone in milestones {
        repo.recount(milestone);
    }
    world.repos.push(repo);
}

fn one(repo: &mut Repo, random: &mut Random, created: i64, now: i64) -> Issue {
    let (id, number) = (repo.fresh_id(), repo.next_number);
    let title = format!("{} {} {}", random.pick(VERBS), random.pick(PARTS), random.pick(PLACES));
    let mut issue = Issue::new(id, number, title, random.pick(PEOPLE), created);
    issue.body = Some(body(random));
    if random.below(2) == 0 {
        issue.assignees = vec![random.pick(PEOPLE).to_owned()];
    }
    let later = created + random.below(((now - created) / 1000).max(1) as usize) as i64 * 1000;
    issue.updated = later.div_euclid(1000);
    if random.below(3) == 0 {
        issue.open = false;
        let reason = if random.below(5) == 0 { "not_planned" } else { "completed" };
        issue.state_reason = Some(reason.to_owned());
        issue.closed = Some(issue.updated);
        issue.closed_by = Some(random.pick(PEOPLE).to_owned());
    }
    for _ in 0..random.below(3) {
        issue.comments.push(Comment {
            id: repo.fresh_id(),
            author: random.pick(PEOPLE).to_owned(),
            body: random.pick(PARAGRAPHS).to_owned(),
            created: issue.updated,
            updated: issue.updated,
        });
    }
    issue
}

/// One status label for most open issues, and up to two others.
fn pick_labels(labels: &[u64], random: &mut Random) -> Vec<u64> {
    let mut out = Vec::new();
    if random.below(4) > 0 {
        out.push(labels[STATUS_FROM + random.below(labels.len() - STATUS_FROM)]);
    }
    for _ in 0..random.below(3) {
        let id = labels[random.below(STATUS_FROM)];
        if !out.contains(&id) {
            out.push(id);
        }
    }
    out
}

/// Markdown of about one to five kilobytes.
fn body(random: &mut Random) -> String {
    let wanted = 900 + random.below(4_000);
    let mut out = String::with_capacity(wanted + 400);
    while out.len() < wanted {
        out.push_str(random.pick(PARAGRAPHS));
        out.push_str("\n\n");
    }
    out
}
