//! One story under way: the sandbox, the database, the processes that come and go, and what each operation does.

use std::sync::Arc;

use corkboard::config::Settings;
use corkboard::domain::board::Column;
use corkboard::domain::mapping::{CloseReason, OpenState, Status, StatusMapping, Target};
use corkboard::engine::{Engine, SyncReport};
use corkboard::sandbox::{Sandbox, SandboxOptions, Seed};
use corkboard::support::clock::Clock;
use corkboard::sync::Policies;

use super::ledger::{Ledger, Tally};
use super::plan::{Edit, FAULTS, Op, Start};
use super::process::{Home, Process, elsewhere};
use super::time::{Sky, Steps, Watch};
use super::waits::Waits;
use crate::stage;

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
    pub mapping: StatusMapping,
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
            seed: Seed::Count(start.issues),
            primary_limit: 1_000_000_000,
            clock: Arc::new(theirs.clone()),
            seed_rng: u64::from(start.seed),
            history: true,
            ..SandboxOptions::default()
        };
        let sandbox = elsewhere().block_on(Sandbox::start(options)).expect("a sandbox");
        sandbox.set_record_bodies(false);
        let settings = settings(sandbox.url(), &start.policies);
        let mapping = settings.connections[0].mapping.clone();
        let home = Home { settings: Arc::new(settings), dir: Arc::new(directory()), sky, ours, sandbox };
        Self {
            home,
            theirs,
            process: None,
            ledger: Ledger::default(),
            tally: Tally::default(),
            waits: Waits::default(),
            mapping,
            overwritten_within: 0,
        }
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
                let faults = FAULTS[usize::from(*at) % FAULTS.len()].parse().expect("faults");
                self.sandbox().set_faults(faults);
            }
            Op::NoFaults => self.sandbox().set_faults("".parse().expect("faults")),
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
        self.tally.add("conflicts met", u64::from(report.connections[0].conflicts));
        report
    }

    /// A pass that is killed, with its process, when it waits for the `most`th time.
    /// Whether the pass came to its end before.
    pub fn cut(&mut self, most: u16) -> bool {
        self.tally.add("passes", 1);
        let sky = self.home.sky.clone();
        let process = self.process();
        let engine = process.engine.clone();
        engine.retry(&stage::core());
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
        let known = self.engine();
        let told = self.process().block_on(known.store().run(|db| db.health(&stage::core())));
        self.waits.survive(told.expect("read").cool_down_until, &self.home.ours, &self.theirs);
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
                let known = desk.store().run(|db| db.health(&stage::core())).await.expect("read");
                Some((heard, known.cool_down_until))
            };
            tokio::join!(first, two.go(u32::MAX))
        });
        drop((one, two));
        if let Some((heard, stored)) = cut {
            // What the one that was cut had been told and did not write down, the other cannot know.
            self.look_at_first_requests(heard);
            self.waits.survive(stored, &self.home.ours, &self.theirs);
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
        self.tally.hand_in();
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
        super::check::all(self);
        self.nothing_is_written();
    }

    /// Takes faults away and passes until nothing is owed.
    pub fn settle(&mut self) {
        elsewhere().block_on(self.home.sandbox.set_online(true));
        self.sandbox().set_faults("".parse().expect("faults"));
        let mut last = None;
        for _ in 0..60 {
            self.end_waits();
            self.answer_questions();
            self.engine().retry(&stage::core());
            let report = self.pass();
            self.look_at_requests();
            let c = &report.connections[0];
            let done = c.error.is_none() && c.unsent == c.parked;
            let calm = done && c.sent + c.created + c.comments + c.pulled_created + c.pulled_updated == 0;
            let again = last.replace(report.clone());
            if calm && again.is_some() {
                return;
            }
        }
        panic!("it does not come to rest: {last:#?}");
    }

    /// Says "go on" to whatever the connection asks.
    fn answer_questions(&mut self) {
        let engine = self.engine();
        self.process()
            .block_on(engine.store().run(|db| {
                let asked = db.questions(&stage::core())?;
                asked.iter().filter(|q| q.go.is_none()).try_for_each(|q| db.answer(q.id, true).map(drop))
            }))
            .expect("answered");
    }

    /// Moves time past every order to stay away.
    fn end_waits(&mut self) {
        let engine = self.engine();
        let health = self.process().block_on(engine.store().run(|db| db.health(&stage::core())));
        let until = health.expect("read").cool_down_until;
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
        let writes: Vec<String> =
            self.sandbox().writes().iter().map(|w| format!("{} {}", w.method, w.path)).collect();
        assert!(writes.is_empty(), "nothing changed, and it writes: {writes:?}");
    }

    /// Names of labels and where they stand, for those who read the history.
    pub fn reads_as(&self, standing: &str) -> String {
        let mut lines = standing.lines();
        let state = lines.next().unwrap_or_default();
        let closed = state.starts_with("closed");
        let reason = match state.trim_start_matches("closed").trim() {
            "not_planned" => Some(CloseReason::NotPlanned),
            "duplicate" => Some(CloseReason::Duplicate),
            "completed" => Some(CloseReason::Completed),
            _ => None,
        };
        let at = corkboard::domain::mapping::PlatformState {
            state: if closed { OpenState::Closed } else { OpenState::Open },
            reason: reason.filter(|_| closed),
            labels: lines.map(str::to_owned).collect(),
            ..Default::default()
        };
        self.mapping.read(&at).status.to_string()
    }
}

/// Makes a connection of its own and has it answered: all that were made before it were looked at.
fn knock(url: &str) {
    use std::io::{Read, Write};
    let Ok(mut stream) = std::net::TcpStream::connect(url.trim_start_matches("http://")) else { return };
    let asked = "GET /_sandbox/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(asked.as_bytes()).and_then(|()| stream.read_to_end(&mut Vec::new()));
}
