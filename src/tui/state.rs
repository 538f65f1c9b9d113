//! Everything the front end knows. Only `update` changes it; drawing and hit-testing read it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ratatui::layout::Rect;

use super::effect::Effect;
use super::filter::{FilterLine, REMEMBERED};
use super::moves::KnownMoves;
use super::overlay::Overlay;
use super::screen::{Ctx, Offered, Screen};
use super::screens::activity::ActivityScreen;
use super::screens::card::SidePane;
use super::screens::conflicts::ConflictsScreen;
use super::screens::{Modal, health::HealthScreen, mapping::MappingScreen};
use super::theme::{Depth, Glyphs, Theme};
use super::tour::Tour;
use crate::config::Settings;
use crate::config::keymap::{Action, Keymap, KeymapError, Layer, Pending};
use crate::config::settings::ThemeName;
use crate::domain::board::Board;
use crate::domain::card::CardId;
use crate::domain::command::Change;
use crate::domain::fields::PRIORITIES;
use crate::domain::health::{Health, HealthState};
use crate::domain::history::VersionKind;
use crate::domain::mapping::Status;
use crate::domain::query::Facts;
use crate::support::clock::Timestamp;

pub mod columns;
mod doing;
pub mod lanes;
pub mod look;

pub use columns::ColumnState;
pub use doing::{Doing, Ranging, Refused, Repeat, Sweep};
use lanes::Lanes;
use look::{KEPT_AS, Look};

/// The full-screen views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// The board.
    Board,
    /// The mapping editor.
    Mappings,
    /// The connections' health.
    Health,
    /// The audit log.
    Activity,
    /// Fields changed on both sides.
    Conflicts,
}

impl View {
    /// Every view, in the order of the tabs.
    pub const ALL: [Self; 5] = [Self::Board, Self::Mappings, Self::Health, Self::Activity, Self::Conflicts];

    /// The tab's name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Board => "Board",
            Self::Mappings => "Mappings",
            Self::Health => "Health",
            Self::Activity => "Activity",
            Self::Conflicts => "Conflicts",
        }
    }
}

/// Where a card that is let go would land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropTarget {
    /// The column.
    pub column: usize,
    /// Above this card; `None` with `top` off: below all.
    pub before: Option<CardId>,
    /// On the header: above all.
    pub top: bool,
    /// The lane it would stand in, where that is another.
    pub lane: Option<usize>,
}

/// A press on a card, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drag {
    /// The card that was pressed.
    pub card: CardId,
    /// All that go along: that card, or the selected ones when it is one of them; in board order.
    pub cards: Vec<CardId>,
    /// The cell that was pressed.
    pub origin: (u16, u16),
    /// Where the pointer is.
    pub at: (u16, u16),
    /// Whether the pointer left the cell: before, it is only a press.
    pub moving: bool,
    /// What letting go would do; `None` over the own column or outside.
    pub target: Option<DropTarget>,
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It happened.
    Info,
    /// It could not be done.
    Warn,
    /// It failed.
    Error,
}

/// A line in the status bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub text: String,
    /// How much it matters.
    pub tone: Tone,
}

/// Something that was done and can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its commit.
    pub token: u64,
    /// How it came about: an edit, or something taken back or brought back.
    pub kind: VersionKind,
    /// What changed.
    pub changes: Vec<Change>,
    /// What platforms were given with its moves, for doing it again.
    pub answers: Vec<Change>,
}

/// A body that is being fetched in order to be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedBody {
    /// Of which card.
    pub card: CardId,
    /// In the person's own editor rather than here.
    pub outside: bool,
}

/// What a state is made of.
#[derive(Debug)]
pub struct Setup {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The first page of the board.
    pub board: Board,
    /// The connections' health.
    pub health: Vec<Health>,
    /// The person's own logins.
    pub me: Vec<String>,
    /// The moment.
    pub now: Timestamp,
    /// How a person left the board.
    pub remembered: BTreeMap<String, String>,
    /// How many colours there are.
    pub depth: Depth,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
}

/// Everything the front end knows.
#[derive(Debug)]
pub struct State {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The styles.
    pub theme: Theme,
    /// The drawing characters.
    pub glyphs: Glyphs,
    /// The bindings.
    pub keymap: Keymap,
    /// The board as it is shown: changes under way are in it.
    pub board: Board,
    /// Changes under way.
    pub overlay: Overlay,
    /// The columns' shown cards and positions.
    pub columns: Vec<ColumnState>,
    /// How a person has arranged the board.
    pub look: Look,
    /// The lanes.
    pub lanes: Lanes,
    /// The column that has the focus.
    pub focus: usize,
    /// The leftmost column shown.
    pub first_column: usize,
    /// The selected cards.
    pub selected: BTreeSet<CardId>,
    /// What is under way: a range, a count, what was done last.
    pub doing: Doing,
    /// The filter.
    pub filter: FilterLine,
    /// The card under the pointer's button.
    pub drag: Option<Drag>,
    /// The last press, for telling a double click.
    pub last_press: Option<(Timestamp, CardId)>,
    /// The connections' health, in the order of the settings.
    pub health: Vec<Health>,
    /// Where cards can go on their platforms, as far as that was told.
    pub moves: KnownMoves,
    /// What the platforms offer.
    pub offers: Offered,
    /// The person's own logins.
    pub me: Vec<String>,
    /// The moment of the last event.
    pub now: Timestamp,
    /// The whole terminal.
    pub area: Rect,
    /// The view.
    pub view: View,
    /// The mapping editor, once visited: a draft survives a look at the board.
    pub mapping: Option<MappingScreen>,
    /// The health view.
    pub health_view: HealthScreen,
    /// The activity view.
    pub activity: ActivityScreen,
    /// The conflicts view.
    pub conflicts: ConflictsScreen,
    /// What stands on top of the view; the last has the keys.
    pub modals: Vec<Modal>,
    /// Whether only the first page is here.
    pub loading: bool,
    /// Whether the health panel is docked beside the view.
    pub docked: bool,
    /// The focused card beside the board.
    pub pane: SidePane,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// A chord that was begun.
    pub keys: Pending,
    /// The status bar's message.
    pub message: Option<Message>,
    /// What can be undone, oldest first.
    pub undo: Vec<Done>,
    /// What can be redone, oldest first.
    pub redo: Vec<Done>,
    /// A body that is on its way to an editor.
    pub wanted: Option<WantedBody>,
    /// Since when snapshots are held back.
    pub held_since: Option<Timestamp>,
    /// How a person left the board, as it was at the start.
    pub remembered: BTreeMap<String, String>,
    /// The tour, while it is on.
    pub tour: Option<Tour>,
    /// Whether the loop should end.
    pub leaving: bool,
    /// How many colours there are.
    pub depth: Depth,
    /// A theme that was chosen, until it is known to be kept or not.
    pub choosing: Option<ThemeName>,
    worn: ThemeName,
    next_token: u64,
    closed: Vec<Status>,
}

impl State {
    /// The state before the first event.
    pub fn new(setup: Setup) -> Result<Self, KeymapError> {
        let Setup { settings, board, health, me, now, remembered, depth, size } = setup;
        let mut state = Self {
            theme: Theme::of(&settings.ui.theme, &settings.themes, depth),
            glyphs: Glyphs::new(&settings.ui),
            keymap: Keymap::build(&settings.keys)?,
            closed: settings.closed_statuses(),
            mouse: settings.ui.mouse,
            board,
            overlay: Overlay::default(),
            columns: Vec::new(),
            look: Look::read(remembered.get(KEPT_AS)),
            lanes: Lanes::default(),
            focus: 0,
            first_column: 0,
            selected: BTreeSet::new(),
            doing: Doing::default(),
            filter: FilterLine::default(),
            drag: None,
            last_press: None,
            health,
            moves: KnownMoves::default(),
            offers: Offered::new(),
            me,
            now,
            area: Rect::new(0, 0, size.0, size.1),
            view: View::Board,
            mapping: None,
            health_view: HealthScreen::default(),
            activity: ActivityScreen::default(),
            conflicts: ConflictsScreen::default(),
            modals: Vec::new(),
            loading: true,
            docked: false,
            pane: SidePane::new(remembered.get("pane").is_some_and(|kept| kept == "on")),
            keys: Pending::default(),
            message: None,
            undo: Vec::new(),
            redo: Vec::new(),
            wanted: None,
            held_since: None,
            leaving: false,
            remembered,
            depth,
            choosing: None,
            worn: settings.ui.theme.clone(),
            tour: None,
            next_token: 0,
            settings,
        };
        if let Some(left) = state.remembered.get(REMEMBERED) {
            state.filter.restore(left, now);
        }
        state.board.set_limits(state.settings.limits.clone());
        state.rebuild_columns();
        state.focus = state.columns.iter().position(|c| !c.ids.is_empty()).unwrap_or(state.focus);
        Ok(state)
    }

    /// What a screen may look at.
    pub fn ctx(&self, area: Rect) -> Ctx<'_> {
        Ctx {
            theme: &self.theme,
            glyphs: &self.glyphs,
            keymap: &self.keymap,
            layer: self.layer(),
            now: self.now,
            settings: &self.settings,
            health: &self.health,
            board: &self.board,
            offers: &self.offers,
            me: &self.me,
            loading: self.loading,
            area,
        }
    }

    /// What the filter needs to know.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            closed: &self.closed,
            me: &self.me,
            columns: &self.settings.columns,
            priorities: &PRIORITIES,
            now: self.now,
            today: self.now.local_day(),
        }
    }

    /// The saved view that is shown, by its place among the settings; `None`: all cards, or a filter of no view.
    pub fn saved_view(&self) -> Option<usize> {
        let name = self.filter.view.as_ref()?;
        self.settings.views.iter().position(|v| v.is_named(name))
    }

    /// Whether the filter asks something else than the saved view that is shown, or than all cards.
    pub fn view_is_changed(&self) -> bool {
        let view = self.saved_view().and_then(|n| self.settings.views.get(n));
        view.map_or("", |v| v.query.trim()) != self.filter.text.trim()
    }

    /// Statuses that count as closed.
    pub fn closed(&self) -> &[Status] {
        &self.closed
    }

    /// The key of an action where keys are looked up now, for a hint in a sentence.
    pub fn key_of(&self, action: Action) -> String {
        self.keymap.hint_in(self.layer(), action).unwrap_or_else(|| format!(":{action}"))
    }

    /// Takes new settings: the theme, the bindings and the columns may differ. Bindings that cannot be used are told,
    /// and those there were stay.
    pub fn set_settings(&mut self, settings: Arc<Settings>) {
        match Keymap::build(&settings.keys) {
            Ok(keymap) => self.keymap = keymap,
            Err(error) => self.say(Tone::Error, format!("the keys stay as they were: {error}")),
        }
        self.keys.clear();
        self.choosing = None;
        self.worn = settings.ui.theme.clone();
        self.theme = Theme::of(&self.worn, &settings.themes, self.depth);
        // The command line may have asked for ASCII where the config does not.
        if !self.glyphs.ascii {
            self.glyphs = Glyphs::new(&settings.ui);
        }
        self.closed = settings.closed_statuses();
        self.board.set_columns(settings.columns.iter().cloned());
        self.board.set_limits(settings.limits.clone());
        self.settings = settings;
        self.moves = KnownMoves::default();
        self.rebuild_columns();
    }

    /// Puts on the theme that is looked at, or was chosen last, or is in the settings.
    pub fn dress(&mut self) {
        let looked_at = self.modals.iter().rev().find_map(|modal| match modal {
            Modal::Themes(screen) => screen.chosen(),
            _ => None,
        });
        let wanted = looked_at.or(self.choosing.as_ref()).unwrap_or(&self.settings.ui.theme);
        if *wanted != self.worn {
            self.worn = wanted.clone();
            self.theme = Theme::of(&self.worn, &self.settings.themes, self.depth);
        }
    }

    /// Takes the connections' health; whose token it is tells who `@me` is.
    pub fn set_health(&mut self, health: Vec<Health>) {
        let logins = health.iter().filter_map(|h| h.login.as_ref());
        let new: Vec<String> = logins.filter(|l| !self.me.contains(l)).cloned().collect();
        self.health = health;
        if !new.is_empty() {
            self.me.extend(new);
            if !self.filter.query.is_empty() || self.lanes.are_on() {
                self.rebuild_columns();
            }
        }
    }

    /// The focused card.
    pub fn focused(&self) -> Option<CardId> {
        let column = self.columns.get(self.focus)?;
        column.ids.get(column.at).copied()
    }

    /// The open card, when one is open.
    pub fn open_card(&self) -> Option<CardId> {
        self.modals.iter().rev().find_map(|m| match m {
            Modal::Card(screen) => Some(screen.card()),
            _ => None,
        })
    }

    /// The cards an action is about: the open one, or the selected ones in board order, or the focused one.
    pub fn subjects(&self) -> Vec<CardId> {
        if let Some(card) = self.open_card() {
            return vec![card];
        }
        if self.selected.is_empty() {
            return self.focused().into_iter().collect();
        }
        let shown = self.columns.iter().flat_map(|c| c.ids.iter().copied());
        shown.filter(|id| self.selected.contains(id)).collect()
    }

    /// Where keys are looked up now.
    pub fn layer(&self) -> Layer {
        if let Some(top) = self.modals.last() {
            return top.screen().layer();
        }
        match self.view {
            View::Board => Layer::Board,
            View::Mappings => self.mapping.as_ref().map_or(Layer::Mapping, Screen::layer),
            View::Health => Layer::Health,
            View::Activity => self.activity.layer(),
            View::Conflicts => self.conflicts.layer(),
        }
    }

    /// Whether the mouse is ours now: not while an address is shown that a person may want to select.
    pub fn takes_mouse(&self) -> bool {
        self.mouse && !self.modals.iter().any(|m| matches!(m, Modal::Address(_)))
    }

    /// A number no other commit has.
    pub fn token(&mut self) -> u64 {
        self.next_token += 1;
        self.next_token
    }

    /// Shows a line in the status bar.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), tone });
    }

    /// Local changes no platform has confirmed.
    pub fn unsent(&self) -> u32 {
        self.health.iter().map(|h| h.unsent).sum()
    }

    /// Whether what is unsent will be sent while nobody looks: another process of ours syncs it.
    pub fn sent_elsewhere(&self) -> bool {
        self.health.iter().filter(|h| h.unsent > 0).all(|h| h.state == HealthState::Elsewhere)
    }

    /// Ends the loop.
    pub fn leave(&mut self) -> Vec<Effect> {
        self.leaving = true;
        vec![Effect::Quit]
    }
}
