//! One story under way: the sandbox, the database, the processes that come and go, and what each operation does.

use std::sync::Arc;

use corkboard::config::Settings;
use corkboard::domain::board::Column;
use corkboard::domain::mapping::{CloseReason, OpenState, Status, StatusMapping, Target};
use corkboard::engine::{Engine, SyncReport};
use corkboard::sandbox::{Sandbox, SandboxOptions, Seed};
use corkboard::store::{Db, StoreError};
use corkboard::support::clock::{Clock, Timestamp};
use corkboard::sync::Policies;

use super::ledger::{Ledger, Tally};
use super::place::{self, Ground, Place, Realm};
use super::plan::{Edit, FAULTS, Op, Start};
use super::process::{Home, Process, elsewhere};
use super::time::{Sky, Steps, Watch};
use super::trouble::asks;
use super::waits::Waits;
use crate::stage::{self, REPO};

/// The columns of the machine's board.
pub const STATUSES: [&str; 5] = ["proposed", "approved", "in_progress", "completed", "rejected"];
/// Labels that stand for a status, in the order of the first columns.
pub const STATUS_LABELS: [&str; 3] = ["status: proposed", "status: approved", "status: in progress"];
/// Who works on the platform; `ben` is Corkboard's own token.
pub const PEOPLE: [&str; 3] = ["ana", "cy", "dee"];
/// Milestones there are.
pub const MILESTONES: [&str; 3] = ["v1.1", "v1.2", "v1.3"];

/// A story under way.
pub struct World {
    pub home: Home,
    pub theirs: Watch,
    pub process: Option<Process>,
    pub ledger: Ledger,
    pub tally: Tally,
    pub waits: Waits,
    pub realm: Realm,
    /// The connections, in the order in which they are passed.
    pub places: Vec<Place>,
    /// Values of others that one of our writes replaced between our look and the write.
    pub overwritten_within: u64,
}

fn settings(url: &str, policies: &Policies) -> Settings {
    let mut settings = stage::settings(url);
    let columns: Vec<Column> =
        STATUSES.map(|s| Column { status: Status::new(s), title: s.to_owned() }).to_vec();
    let connection = &mut settings.connections[0];
    let rejected =
        Target { state: Some(OpenState::Closed), reason: Some(CloseReason::NotPlanned), ..Target::default() };
    connection.targets.insert(Status::new("rejected"), rejected);
    connection.mapping = StatusMapping::new(columns.iter().map(|c| &c.status), &connection.targets);
    // As people have them: waiting costs nothing here.
    connection.write_pace = std::time::Duration::from_secs(1);
    connection.interval = std::time::Duration::from_mins(1);
    connection.policies = policies.clone();
    settings.columns = columns;
    settings
}

/// A directory in memory where there is one: what the disk does is not looked at here.
fn directory() -> tempfile::TempDir {
    let shm = std::path::Path::new("/dev/shm");
    let made = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
    made.expect("a directory")
}

impl World {
    pub fn new(start: &Start) -> Self {
        let sky = Sky::new();
        let (ours, theirs) = (sky.watch(i64::from(start.ours_off_s) * 1000), sky.watch(0));
        let options = SandboxOptions {
            // Where there are several platforms, people make the items, as they could on each.
            seed: Seed::Count(if start.realm == Realm::One { start.issues } else { 0 }),
            primary_limit: 1_000_000_000,
            clock: Arc::new(theirs.clone()),
            seed_rng: u64::from(start.seed),
            history: true,
            ..SandboxOptions::default()
        };
        let sandbox = elsewhere().block_on(Sandbox::start(options)).expect("a sandbox");
        sandbox.set_record_bodies(false);
        let mut settings = settings(sandbox.url(), &start.policies);
        let places = place::furnish(start.realm, &mut settings, &sandbox);
        let home = Home { settings: Arc::new(settings), dir: Arc::new(directory()), sky, ours, sandbox };
        let mut world = Self {
            home,
            theirs,
            process: None,
            ledger: Ledger::default(),
            tally: Tally::default(),
            waits: Waits::default(),
            realm: start.realm,
            places,
            overwritten_within: 0,
        };
        if start.realm != Realm::One {
            world.link_all(start.issues.min(2));
        }
        world
    }

    /// Items on each platform; the cards of GitHub's are put on all others.
    fn link_all(&mut self, issues: usize) {
        for n in 1..=issues {
            let title = format!("born {n}");
            let web = self.sandbox().web("ana");
            let number = web.create_issue(REPO, &title, &format!("Born {n}.")).expect("made");
            web.add_label(REPO, number, "bug").expect("labelled");
        }
        self.sandbox().gitlab().create_issue(REPO, "born on GitLab", "Born there.").expect("made");
        if self.realm.grounds().contains(&Ground::Jira) {
            self.sandbox().jira().create_issue("ana", "born on Jira");
        }
        self.pass();
        let engine = self.engine();
        let board = self.process().block_on(engine.board()).expect("a board");
        let names: Vec<_> = self.places[1..].iter().map(|p| p.name.clone()).collect();
        let first = &self.places[0].name;
        for card in board.cards().filter(|c| c.links.iter().any(|l| l.connection == *first)) {
            for name in &names {
                self.process
                    .as_ref()
                    .expect("it runs")
                    .block_on(engine.add_link(card.id, name))
                    .expect("linked");
            }
        }
        self.pass();
        self.look_at_requests();
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.home.sandbox
    }

    /// The process that runs, started when there is none.
    pub fn process(&mut self) -> &mut Process {
        let home = &self.home;
        self.process.get_or_insert_with(|| Process::start(home))
    }

    pub fn engine(&mut self) -> Engine {
        self.process().engine.clone()
    }

    /// Does one operation and looks at the requests it made.
    pub fn apply(&mut self, op: &Op) {
        self.tally.add(op.name(), 1);
        self.waits.next_operation(op.name());
        match op {
            Op::Edit(edit) => self.edit(edit),
            Op::Faults(at) => {
                let grounds = self.realm.grounds();
                self.set_faults(grounds, FAULTS[usize::from(*at) % FAULTS.len()]);
            }
            Op::FaultsAt { place, at } => {
                let ground = self.places[usize::from(*place) % self.places.len()].ground;
                self.set_faults(&[ground], FAULTS[usize::from(*at) % FAULTS.len()]);
            }
            Op::Out(place) => {
                let ground = self.places[usize::from(*place) % self.places.len()].ground;
                self.set_faults(&[ground], "drop-before");
            }
            Op::NoFaults => self.no_faults(),
            Op::Online(online) => elsewhere().block_on(self.home.sandbox.set_online(*online)),
            Op::Pass => {
                self.pass();
            }
            Op::Cut(most) => {
                self.cut(*most);
            }
            Op::Busy(edits) => self.busy(edits),
            Op::Two(most) => self.two(*most),
            Op::Live { ticks, wakes, two, kill, edits } => self.live(*ticks, *wakes, *two, *kill, edits),
            Op::Quit => self.quit(),
            Op::Skew(seconds) => {
                if self.home.ours.set(i64::from(*seconds) * 1000) > 0 {
                    // A clock that was set ahead says that every wait is over.
                    self.waits.forget();
                }
            }
            Op::ServerAhead(seconds) => {
                self.theirs.ahead(i64::from(*seconds) * 1000);
            }
            Op::Wait(ms) => self.home.sky.advance(i64::from(*ms)),
            Op::Quiet => self.quiet(),
        }
        self.look_at_requests();
        self.home.sky.advance(1);
    }

    /// A whole pass of the process that runs.
    pub fn pass(&mut self) -> SyncReport {
        self.tally.add("passes", 1);
        let report = self.process().pass();
        let met: u32 = report.connections.iter().map(|c| c.conflicts).sum();
        self.tally.add("conflicts met", u64::from(met));
        report
    }

    /// A pass that is killed, with its process, when it waits for the `most`th time.
    /// Whether the pass came to its end before.
    pub fn cut(&mut self, most: u16) -> bool {
        self.tally.add("passes", 1);
        let sky = self.home.sky.clone();
        let process = self.process();
        let engine = process.engine.clone();
        self.places.iter().for_each(|p| engine.retry(&p.name));
        let process = self.process.as_ref().expect("it runs");
        let mut pass = Steps::new(&sky, engine.sync_once(None));
        let ended = process.block_on(pass.go(u32::from(most))).is_some();
        drop(pass);
        self.tally.add("kills", u64::from(!ended));
        self.kill();
        ended
    }

    /// Takes the process away where it stands.
    fn kill(&mut self) {
        self.process = None;
        self.survived();
    }

    /// After the end of a process: what it was told and did not write down, nobody knows any more.
    fn survived(&mut self) {
        self.let_arrive();
        let told = self.cool_downs();
        for (ground, until) in told {
            self.waits.survive(ground, until, &self.home.ours, &self.theirs);
        }
    }

    /// Until when each connection stays away, as it is written down.
    fn cool_downs(&mut self) -> Vec<(Ground, Option<Timestamp>)> {
        let (engine, places) = (self.engine(), self.places.clone());
        let read = engine.store().run(move |db| noted(db, &places));
        self.process().block_on(read).expect("read")
    }

    /// What a process that is gone had sent still arrives, also on connections nobody has looked at yet.
    fn let_arrive(&mut self) {
        knock(self.home.sandbox.url());
        let gone = self.home.sandbox.wait_for(stage::DEADLINE, |s| s.connections() == 0);
        assert!(elsewhere().block_on(gone), "a dead process keeps its connections");
        self.look_at_requests();
    }

    fn busy(&mut self, edits: &[(u8, Edit)]) {
        self.tally.add("passes", 1);
        let engine = self.engine();
        let sky = self.home.sky.clone();
        let mut pass = Steps::new(&sky, engine.sync_once(None));
        for (after, edit) in edits {
            let ended = self.process().block_on(pass.go(u32::from(*after)));
            if ended.is_some() {
                return;
            }
            self.tally.add("edits within a pass", 1);
            // The pass is stopped, so no time may pass for it.
            sky.hold(true);
            self.edit(edit);
            sky.hold(false);
        }
        self.process().block_on(pass.go(u32::MAX));
    }

    fn two(&mut self, most: Option<u16>) {
        self.tally.add("passes", 2);
        let sky = self.home.sky.clone();
        let sandbox = self.home.sandbox.clone();
        let places = self.places.clone();
        let process = self.process();
        let (first, second) = (process.desk(false), process.desk(true));
        let mut one = Some(Steps::new(&sky, first.sync_once(None)));
        let mut two = Steps::new(&sky, second.sync_once(None));
        let desk = second.clone();
        let (cut, _) = process.block_on(async {
            let first = async {
                let mut pass = one.take().expect("there");
                // Dropped at its end or where it is cut; the other goes on.
                let ended = pass.go(most.map_or(u32::MAX, u32::from)).await.is_some();
                drop(pass);
                if ended {
                    return None;
                }
                knock(sandbox.url());
                let heard = sandbox.requests().len();
                let known = desk.store().run(move |db| noted(db, &places)).await.expect("read");
                Some((heard, known))
            };
            tokio::join!(first, two.go(u32::MAX))
        });
        drop((one, two));
        if let Some((heard, stored)) = cut {
            // What the one that was cut had been told and did not write down, the other cannot know.
            self.look_at_first_requests(heard);
            for (ground, until) in stored {
                self.waits.survive(ground, until, &self.home.ours, &self.theirs);
            }
        }
        self.look_at_requests();
        if most.is_some() {
            self.tally.add("kills", 1);
            self.kill();
        }
    }

    fn live(&mut self, ticks: u8, wakes: u8, two: bool, kill: bool, edits: &[Edit]) {
        // Workers are started once in a process' life.
        self.quit();
        let engine = self.engine();
        let mut engines = vec![engine];
        if two {
            engines.push(self.process().desk(true));
        }
        self.process().block_on(async { engines.iter().for_each(Engine::start) });
        for edit in edits {
            self.edit(edit);
            self.run_for(u32::from(ticks) / 2, wakes, &engines);
        }
        self.run_for(u32::from(ticks), wakes, &engines);
        drop(engines);
        if kill {
            self.tally.add("kills", 1);
            self.kill();
        } else {
            self.quit();
        }
    }

    /// Lets workers run for some ticks; every second one brings wakes, as many hints of the same change would.
    fn run_for(&mut self, ticks: u32, wakes: u8, engines: &[Engine]) {
        self.process().block_on(async {
            let mut pulse = super::time::ticks();
            for tick in 0..ticks {
                if tick % 2 == 0 {
                    for _ in 0..wakes {
                        engines.iter().rev().for_each(|e| e.sync_now(None));
                    }
                }
                let _ = pulse.changed().await;
            }
        });
    }

    /// The story is over: its numbers go into the books of the run.
    pub fn hand_in(mut self) {
        let engine = self.engine();
        let cards: Vec<_> = self
            .ledger
            .edits
            .iter()
            .map(|e| e.card)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let kept = engine.store().run(move |db| {
            cards.into_iter().map(|card| Ok(db.conflicts_of(card)?.len() as u64)).sum::<Result<u64, _>>()
        });
        let kept = self.process().block_on(kept).expect("read");
        self.tally.add("conflicts kept", kept);
        self.tally.add("values replaced between look and write", self.overwritten_within);
        self.tally.hand_in(self.realm.name());
    }

    /// Ends the process in order.
    pub fn quit(&mut self) {
        if let Some(process) = self.process.take() {
            let engines: Vec<Engine> =
                [Some(process.engine.clone()), process.second.clone()].into_iter().flatten().collect();
            process.block_on(async {
                for engine in engines {
                    engine.shutdown().await;
                }
            });
            // A request that outlived its grace is cut, as a kill cuts it.
            drop(process);
            self.survived();
        }
    }

    /// Looks at the requests made since it was last called.
    pub fn look_at_requests(&mut self) {
        self.look_at_first_requests(usize::MAX);
    }

    fn look_at_first_requests(&mut self, upto: usize) {
        let (fresh, total) = self.waits.take(&self.home.sandbox, upto);
        self.tally.add("requests", total);
        for fault in fresh {
            self.tally.fault(&fault);
        }
    }

    /// Goes on until nothing is owed, with no fault any more; then all promises are checked.
    pub fn quiet(&mut self) {
        self.settle();
        if self.realm == Realm::One {
            super::check::all(self);
        } else {
            super::agree::all(self);
        }
        self.nothing_is_written();
    }

    /// Takes faults away and passes until nothing is owed.
    pub fn settle(&mut self) {
        elsewhere().block_on(self.home.sandbox.set_online(true));
        self.no_faults();
        let mut last = None;
        for _ in 0..60 {
            self.end_waits();
            self.answer_questions();
            let engine = self.engine();
            self.places.iter().for_each(|p| engine.retry(&p.name));
            let report = self.pass();
            self.look_at_requests();
            let calm = report.connections.iter().all(|c| {
                let done = c.error.is_none() && c.unsent == c.parked;
                done && c.sent + c.created + c.comments + c.pulled_created + c.pulled_updated == 0
            });
            let again = last.replace(report.clone());
            if calm && again.is_some() {
                return;
            }
        }
        panic!("it does not come to rest: {last:#?}");
    }

    /// Says "go on" to whatever the connection asks.
    fn answer_questions(&mut self) {
        let (engine, places) = (self.engine(), self.places.clone());
        let answer = engine.store().run(move |db| {
            for place in &places {
                let asked = db.questions(&place.name)?;
                for question in asked.iter().filter(|q| q.go.is_none()) {
                    db.answer(question.id, true)?;
                }
            }
            Ok(())
        });
        self.process().block_on(answer).expect("answered");
    }

    /// Moves time past every order to stay away.
    fn end_waits(&mut self) {
        let until = self.cool_downs().into_iter().filter_map(|(_, until)| until).max();
        let left = until.map_or(0, |until| until.since(self.home.ours.now()));
        self.home.sky.advance(left.max(0) + 1);
    }

    fn nothing_is_written(&mut self) {
        self.sandbox().clear_requests();
        self.waits.start_anew();
        // A pass may fail for a busy machine; that is no reason to write either.
        let mut good = 0;
        for _ in 0..20 {
            good += u32::from(!self.pass().failed());
            if good == 2 {
                break;
            }
        }
        assert_eq!(good, 2, "passes go well when all is quiet");
        let writes: Vec<String> = self
            .sandbox()
            .writes()
            .iter()
            .filter(|w| !asks(w))
            .map(|w| format!("{} {}", w.method, w.path))
            .collect();
        assert!(writes.is_empty(), "nothing changed, and it writes: {writes:?}");
    }
}

/// Until when each connection stays away, as the database has it.
fn noted(db: &Db, places: &[Place]) -> Result<Vec<(Ground, Option<Timestamp>)>, StoreError> {
    places.iter().map(|p| Ok((p.ground, db.health(&p.name)?.cool_down_until))).collect()
}

/// Makes a connection of its own and has it answered: all that were made before it were looked at.
fn knock(url: &str) {
    use std::io::{Read, Write};
    let Ok(mut stream) = std::net::TcpStream::connect(url.trim_start_matches("http://")) else { return };
    let asked = "GET /_sandbox/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(asked.as_bytes()).and_then(|()| stream.read_to_end(&mut Vec::new()));
}
