//! What can happen: the operations, how often each comes, and what a story starts with. Chosen by proptest, so that a
//! story that fails is cut down to the few operations that matter.

use corkboard::domain::fields::Field;
use corkboard::sync::{Policies, Policy};
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;
use proptest_state_machine::ReferenceStateMachine;

use super::place::Realm;

/// Faults of every kind the sandbox can inject, one of each way they hurt.
pub const FAULTS: &[&str] = &[
    "WRITE p=0.4 drop-after",
    "WRITE p=0.4 drop-before",
    "READ p=0.3 drop-before",
    "READ p=0.3 drop-after",
    "p=0.2 status=502",
    "p=0.2 status=500",
    "WRITE p=0.4 status=422",
    "PATCH p=0.5 status=409",
    "WRITE p=0.2 status=404",
    "p=0.1 status=403",
    "p=0.1 status=401",
    "GET */issues/* p=0.3 status=404",
    "WRITE p=0.3 truncate",
    "GET p=0.3 truncate",
    "p=0.3 html",
    "p=0.3 429(retry-after=2s)",
    "p=0.2 403-secondary(retry-after=7s)",
    "p=0.2 403-primary(reset=5s)",
    "nth=3 429(retry-after=3600s)",
    "p=0.1 hang",
    "WRITE p=0.3 hang-after",
    "p=0.3 latency=1ms",
    "shift=edit",
    "shift=delete",
    "GET */issues?* stale(lag=30s)",
    "GET */issues?* doubled",
    "POST */issues count=2 drop-after; GET */issues?* stale(lag=20s)",
    "POST */comments count=2 truncate; PATCH count=1 drop-after",
];

/// An edit here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Here {
    Move(u8),
    Retitle,
    Rewrite,
    AddLabel,
    RemoveLabel(u8),
    Assign,
    Unassign(u8),
    Milestone(u8),
    Comment,
    Create(u8),
    /// On the places whose bits are set; on all when none is.
    CreateOn {
        status: u8,
        places: u8,
    },
    Archive,
    Resolve {
        local: bool,
    },
    /// The card comes to one more place.
    Link(u8),
    Unlink(u8),
    /// Another card becomes one with it.
    Join(u8),
}

/// An edit on the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum There {
    Title,
    Body {
        crlf: bool,
    },
    AddLabel,
    RemoveLabel(u8),
    Stand(u8),
    Close(u8),
    Reopen,
    Assign,
    Unassign(u8),
    Milestone(u8),
    Comment,
    Create,
    Delete,
    Transfer,
    /// Out of our sight, and back.
    Hide,
    Show,
}

/// An edit by somebody, somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    Here { second: bool, posted: bool, card: u8, edit: Here },
    There { place: u8, who: u8, issue: u8, edit: There },
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    Edit(Edit),
    /// Other faults from now on; an index into [`FAULTS`].
    Faults(u8),
    /// The same on one platform, while the others go on.
    FaultsAt {
        place: u8,
        at: u8,
    },
    /// One platform is out.
    Out(u8),
    NoFaults,
    /// The network is gone, or back.
    Online(bool),
    /// A whole pass.
    Pass,
    /// A pass that is killed, with its process, when it waits for the n-th time.
    Cut(u16),
    /// A pass with edits between its await points.
    Busy(Vec<(u8, Edit)>),
    /// Two processes pass at once; the first may be killed on the way.
    Two(Option<u16>),
    /// Workers run for some ticks while wakes come doubled and out of order; killed or shut down.
    Live {
        ticks: u8,
        wakes: u8,
        two: bool,
        kill: bool,
        edits: Vec<Edit>,
    },
    /// The process ends in order.
    Quit,
    /// Our clock is off by this many seconds from now on.
    Skew(i32),
    /// The server's clock jumps ahead by this many seconds.
    ServerAhead(u16),
    /// Time passes, in milliseconds.
    Wait(u32),
    /// Everything is let come to rest, and every promise is checked.
    Quiet,
}

impl Op {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Edit(Edit::Here { .. }) => "edits here",
            Self::Edit(Edit::There { .. }) => "edits there",
            Self::Faults(_) | Self::FaultsAt { .. } | Self::Out(_) | Self::NoFaults | Self::Online(_) => {
                "changes of faults"
            }
            Self::Pass => "whole passes",
            Self::Cut(_) => "cut passes",
            Self::Busy(_) => "passes with edits in them",
            Self::Two(_) => "two passes at once",
            Self::Live { .. } => "runs of workers",
            Self::Quit => "orderly ends",
            Self::Skew(_) | Self::ServerAhead(_) => "clock jumps",
            Self::Wait(_) => "pauses",
            Self::Quiet => "checks",
        }
    }
}

/// What a story starts with, and how far it has come.
#[derive(Debug, Clone)]
pub struct Start {
    pub issues: usize,
    pub policies: Policies,
    pub ours_off_s: i32,
    pub seed: u32,
    pub realm: Realm,
}

/// The generator of stories over one of [`Realm::ALL`].
#[derive(Debug)]
pub struct Stories<const REALM: usize>;

impl<const REALM: usize> ReferenceStateMachine for Stories<REALM> {
    type State = Start;
    type Transition = Op;

    fn init_state() -> BoxedStrategy<Start> {
        let issues = prop_oneof![9 => 2..9_usize, 1 => Just(34_usize)];
        (issues, policies(), skew(), any::<u32>())
            .prop_map(|(issues, policies, ours_off_s, seed)| Start {
                issues,
                policies,
                ours_off_s,
                seed,
                realm: Realm::ALL[REALM],
            })
            .boxed()
    }

    fn transitions(_: &Start) -> BoxedStrategy<Op> {
        let places = Realm::ALL[REALM].grounds().len() as u8;
        if places > 1 { abroad(places) } else { at_home() }
    }

    fn apply(state: Start, _: &Op) -> Start {
        state
    }
}

/// What happens where there is one platform.
fn at_home() -> BoxedStrategy<Op> {
    prop_oneof![
        52 => edit().prop_map(Op::Edit),
        6 => (0..FAULTS.len() as u8).prop_map(Op::Faults),
        3 => Just(Op::NoFaults),
        1 => any::<bool>().prop_map(Op::Online),
        6 => Just(Op::Pass),
        9 => (1..90_u16).prop_map(Op::Cut),
        8 => prop::collection::vec((1..30_u8, edit()), 1..6).prop_map(Op::Busy),
        2 => prop::option::of(1..60_u16).prop_map(Op::Two),
        2 => (2..16_u8, 0..4_u8, any::<bool>(), any::<bool>(), prop::collection::vec(edit(), 0..3))
            .prop_map(|(ticks, wakes, two, kill, edits)| Op::Live { ticks, wakes, two, kill, edits }),
        1 => Just(Op::Quit),
        2 => skew().prop_map(Op::Skew),
        1 => (1..4000_u16).prop_map(Op::ServerAhead),
        7 => prop_oneof![0..900_u32, 900..9_000_u32, Just(200_000_u32)].prop_map(Op::Wait),
        2 => Just(Op::Quiet),
    ]
    .boxed()
}

fn skew() -> impl Strategy<Value = i32> {
    prop_oneof![3 => Just(0), 1 => -90..90_i32, 1 => -90_000..90_000_i32]
}

fn policies() -> impl Strategy<Value = Policies> {
    let policy =
        || prop::sample::select(vec![Policy::LastWriteWins, Policy::Local, Policy::Remote, Policy::Manual]);
    let field = prop::sample::select(vec![Field::Title, Field::Body, Field::Status, Field::Milestone]);
    (policy(), prop::collection::btree_map(field, policy(), 0..3)).prop_map(|(default, fields)| Policies {
        default,
        fields,
        ..Policies::default()
    })
}

/// What happens where there are several. Faults and edits there hit one of them at a time, more often than all.
fn abroad(places: u8) -> BoxedStrategy<Op> {
    let at = 0..FAULTS.len() as u8;
    let edits = move |most| prop::collection::vec(edit_abroad(places), 0..most);
    prop_oneof![
        52 => edit_abroad(places).prop_map(Op::Edit),
        5 => (0..places, at.clone()).prop_map(|(place, at)| Op::FaultsAt { place, at }),
        1 => at.prop_map(Op::Faults),
        1 => (0..places).prop_map(Op::Out),
        3 => Just(Op::NoFaults),
        1 => any::<bool>().prop_map(Op::Online),
        7 => Just(Op::Pass),
        9 => (1..160_u16).prop_map(Op::Cut),
        8 => prop::collection::vec((1..50_u8, edit_abroad(places)), 1..6).prop_map(Op::Busy),
        2 => prop::option::of(1..90_u16).prop_map(Op::Two),
        2 => (2..16_u8, 0..4_u8, any::<bool>(), any::<bool>(), edits(3))
            .prop_map(|(ticks, wakes, two, kill, edits)| Op::Live { ticks, wakes, two, kill, edits }),
        1 => Just(Op::Quit),
        2 => skew().prop_map(Op::Skew),
        1 => (1..4000_u16).prop_map(Op::ServerAhead),
        7 => prop_oneof![0..900_u32, 900..9_000_u32, Just(200_000_u32)].prop_map(Op::Wait),
        2 => Just(Op::Quiet),
    ]
    .boxed()
}

fn edit_abroad(places: u8) -> impl Strategy<Value = Edit> {
    let pick = || prop_oneof![3 => 0..3_u8, 1 => any::<u8>()];
    let links = prop_oneof![
        6 => (0..places).prop_map(Here::Link),
        2 => (0..places).prop_map(Here::Unlink),
        2 => any::<u8>().prop_map(Here::Join),
        3 => (0..5_u8, any::<u8>()).prop_map(|(status, places)| Here::CreateOn { status, places }),
    ];
    let there = prop_oneof![
        20 => there(),
        1 => Just(There::Hide),
        1 => Just(There::Show),
    ];
    prop_oneof![
        6 => (any::<bool>(), any::<bool>(), pick(), here())
            .prop_map(|(second, posted, card, edit)| Edit::Here { second, posted, card, edit }),
        2 => (any::<bool>(), pick(), links)
            .prop_map(|(second, card, edit)| Edit::Here { second, posted: false, card, edit }),
        6 => (0..places, 0..3_u8, pick(), there)
            .prop_map(|(place, who, issue, edit)| Edit::There { place, who, issue, edit }),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    // Few cards and issues are picked often, so that edits meet.
    let pick = || prop_oneof![3 => 0..3_u8, 1 => any::<u8>()];
    prop_oneof![
        3 => (any::<bool>(), any::<bool>(), pick(), here())
            .prop_map(|(second, posted, card, edit)| Edit::Here { second, posted, card, edit }),
        2 => (0..3_u8, pick(), there())
            .prop_map(|(who, issue, edit)| Edit::There { place: 0, who, issue, edit }),
    ]
}

fn here() -> impl Strategy<Value = Here> {
    prop_oneof![
        5 => (0..5_u8).prop_map(Here::Move),
        4 => Just(Here::Retitle),
        4 => Just(Here::Rewrite),
        3 => Just(Here::AddLabel),
        2 => any::<u8>().prop_map(Here::RemoveLabel),
        2 => Just(Here::Assign),
        1 => any::<u8>().prop_map(Here::Unassign),
        2 => (0..4_u8).prop_map(Here::Milestone),
        3 => Just(Here::Comment),
        4 => (0..5_u8).prop_map(Here::Create),
        1 => Just(Here::Archive),
        2 => any::<bool>().prop_map(|local| Here::Resolve { local }),
    ]
}

fn there() -> impl Strategy<Value = There> {
    prop_oneof![
        4 => Just(There::Title),
        4 => any::<bool>().prop_map(|crlf| There::Body { crlf }),
        3 => Just(There::AddLabel),
        2 => any::<u8>().prop_map(There::RemoveLabel),
        3 => (0..3_u8).prop_map(There::Stand),
        3 => (0..3_u8).prop_map(There::Close),
        2 => Just(There::Reopen),
        2 => Just(There::Assign),
        1 => any::<u8>().prop_map(There::Unassign),
        2 => (0..4_u8).prop_map(There::Milestone),
        2 => Just(There::Comment),
        2 => Just(There::Create),
        1 => Just(There::Delete),
        1 => Just(There::Transfer),
    ]
}
