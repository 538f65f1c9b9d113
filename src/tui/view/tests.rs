//! Pictures of the board, one per state; every size survives; and what a step costs in bytes.

use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::{CrosstermBackend, WindowSize};
use ratatui::layout::Size;

use super::*;
use crate::config::settings::{Settings, ThemeName};
use crate::domain::board::Board;
use crate::domain::health::HealthState;
use crate::domain::link::SyncStatus;
use crate::tui::fixture::{self, NOW, picture};
use crate::tui::layout::Hit;
use crate::tui::quiet::Quiet;
use crate::tui::update::{Event, update};

fn check(name: &str, state: &State) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, picture(state)));
}

fn press(state: &mut State, words: &str) {
    for c in words.chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\u{1b}' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        let _ = update(state, NOW, Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
}

fn point(state: &mut State, kind: MouseEventKind, at: (u16, u16)) {
    let event = MouseEvent { kind, column: at.0, row: at.1, modifiers: KeyModifiers::NONE };
    let _ = update(state, NOW, Event::Mouse(event));
}

/// A board with every mark a card can have.
fn busy(width: u16, height: u16) -> State {
    let mut board = fixture::board(27);
    let mut link = |n: u128, change: &dyn Fn(&mut crate::domain::link::Link)| {
        let mut card = board.card(fixture::id(n)).cloned().expect("there");
        change(&mut card.links[0]);
        board.upsert(card);
    };
    link(1, &|l| l.sending = true);
    link(2, &|l| {
        l.sync = SyncStatus::Manual;
        l.conflict = true;
    });
    link(3, &|l| l.sync = SyncStatus::Failed);
    link(4, &|l| l.mapped = false);
    link(5, &|l| l.sync = SyncStatus::Pending);
    let mut state = fixture::state_with(board, fixture::settings(), width, height);
    state.health[0].unsent = 2;
    state
}

#[test]
fn the_board_is_a_picture_at_every_common_size() {
    for (width, height) in [(80, 24), (120, 36), (200, 60), (40, 12)] {
        let mut state = busy(width, height);
        press(&mut state, "lj");
        check(&format!("board-{width}x{height}"), &state);
    }
}

#[test]
fn a_drag_names_its_target_and_warns_before_the_drop() {
    let mut state = fixture::state(27, 120, 24);
    let from = layout(&state).columns[0].cards[1].area;
    let to = layout(&state).columns[1].cards[2].area;
    point(&mut state, MouseEventKind::Down(MouseButton::Left), (from.x + 4, from.y));
    point(&mut state, MouseEventKind::Drag(MouseButton::Left), (to.x + 6, to.y));
    check("dragging", &state);
    let doubtful = layout(&state).columns[2].header;
    point(&mut state, MouseEventKind::Drag(MouseButton::Left), (doubtful.x + 6, doubtful.y));
    check("dragging-to-an-unmapped-column", &state);
}

#[test]
fn empty_loading_failed_and_filtered_to_nothing_are_four_sights() {
    let empty = || Board::new("app v1.2", fixture::columns());
    let mut state = fixture::state_with(empty(), fixture::settings(), 80, 16);
    check("empty", &state);
    state.health[0].last_good = None;
    state.health[0].state = HealthState::Syncing;
    check("first-sync", &state);
    state.health[0].state = HealthState::Broken;
    state.health[0].reason = Some("the token was refused: run `corkboard doctor`".into());
    check("first-sync-failed", &state);
    state.loading = true;
    check("loading", &state);
    let mut filtered = fixture::state(27, 80, 16);
    press(&mut filtered, "/label:wontfix is:open\n");
    check("filtered-to-nothing", &filtered);
}

#[test]
fn a_filter_shows_what_it_is_and_how_much_it_lets_through() {
    let mut state = fixture::state(27, 100, 20);
    press(&mut state, "/is:open label:bug");
    check("filtered", &state);
}

#[test]
fn saved_views_are_tabs_and_the_shown_one_says_what_it_shows_and_whether_it_was_changed() {
    let view = |name: &str, query: &str| crate::config::SavedView { name: name.into(), query: query.into() };
    let views = vec![
        view("Bugs", "label:bug"),
        view("My open work", "assignee:@me is:open sort:title"),
        view("Ready for review", "status:Review"),
        view("Overdue", "is:overdue"),
        view("日本語", "label:sync"),
    ];
    for (width, height) in [(80, 24), (120, 36), (40, 20)] {
        let settings = Settings { views: views.clone(), ..fixture::settings() };
        let mut state = fixture::state_with(fixture::board(27), settings, width, height);
        check(&format!("views-all-{width}x{height}"), &state);
        press(&mut state, "\t\t");
        press(&mut state, "/ is:open\n");
        check(&format!("views-changed-{width}x{height}"), &state);
        press(&mut state, "gs");
        check(&format!("views-save-{width}x{height}"), &state);
        press(&mut state, "\u{1b}s");
        check(&format!("views-sort-{width}x{height}"), &state);
    }
}

#[test]
fn a_filter_says_how_it_can_go_on_and_what_of_it_cannot_be_read() {
    let mut state = fixture::state(27, 80, 24);
    press(&mut state, "/");
    check("filter-begins", &state);
    press(&mut state, "is:open priority:high assignee:");
    check("filter-goes-on", &state);
    let mut narrow = fixture::state(27, 40, 12);
    press(&mut narrow, "/is:open l");
    check("filter-narrow", &narrow);
    let mut wrong = fixture::state(27, 100, 16);
    press(&mut wrong, "/label:bug updated:soon sort:title\n");
    check("filter-mistake", &wrong);
}

#[test]
fn a_card_shows_how_much_it_matters_when_it_is_due_and_how_big_it_is() {
    use crate::domain::fields::{FieldName, Value};
    let mut state = fixture::state(4, 120, 36);
    let ids: Vec<_> = state.columns.iter().filter_map(|c| c.ids.first().copied()).collect();
    let days = ["1999-12-31", "2999-12-31"];
    for (id, day) in ids.into_iter().zip(days) {
        let mut card = state.board.card(id).expect("there").clone();
        let text = |text: &str| Value::Text(text.to_owned());
        card.extra = [
            (FieldName::PRIORITY, text("high")),
            (FieldName::DUE, text(day)),
            (FieldName::ESTIMATE, text("3")),
        ]
        .into();
        card.milestone = None;
        state.board.upsert(card);
    }
    state.rebuild_columns();
    check("further-fields", &state);
}

#[test]
fn what_a_person_should_not_miss_stands_in_the_status_bar() {
    use crate::domain::health::{Alert, Question};
    let mut state = busy(100, 16);
    state.health[0].alerts =
        vec![Alert { rule: "parked".into(), text: "2 items wait for you".into(), since: NOW }];
    check("alert", &state);
    state.health[0].state = HealthState::Asking;
    state.health[0].question = Some(Question {
        id: 1,
        kind: "empty".into(),
        text: "octo/app lists no issue any more; 27 cards are linked to it.".into(),
        go: "take the cards off the board".into(),
        stop: "leave them alone".into(),
        stops_connection: true,
    });
    check("question", &state);
    press(&mut state, "A");
    check("question-open", &state);
    state.view = View::Health;
    state.glyphs = crate::tui::theme::Glyphs::ASCII;
    state.modals.clear();
    check("question-health-ascii", &state);
}

#[test]
fn an_outage_does_not_look_like_peace() {
    let mut state = busy(100, 16);
    state.health[0].state = HealthState::Retrying;
    state.health[0].last_good = Some(NOW.plus_ms(-7 * 60_000));
    state.health[0].unsent = 4;
    check("offline", &state);
}

fn wide() -> Board {
    let mut board = Board::new("日本語のボード", fixture::columns());
    let titles = [
        "カードをドラッグして移動する、とても長いタイトル",
        "👩‍💻 pairs with 👨‍👩‍👧 on the 🇩🇪 release",
        "e\u{301}a\u{300}o\u{302} combining marks stay together",
        "\u{1b}[2Jescape \u{202E}gnp.exe",
        "x",
        "averylongwordwithoutanyblankthatmustbebrokensomewhereorelse",
    ];
    for (n, title) in titles.iter().enumerate() {
        let status = ["todo", "doing", "review", "done"][n % 4];
        board.upsert(fixture::card(n as u128 + 1, title, status, &["设计", "ui"], &["花子"], Some("第一版")));
    }
    board
}

#[test]
fn wide_characters_keep_the_grid() {
    let state = fixture::state_with(wide(), fixture::settings(), 84, 34);
    check("wide", &state);
}

#[test]
fn ascii_and_mono_say_everything_too() {
    let mut settings = fixture::settings();
    settings.ui.ascii = true;
    settings.ui.theme = ThemeName::Mono;
    let mut state = busy(100, 34);
    state.set_settings(Arc::new(settings));
    press(&mut state, " ");
    let picture = fixture::picture(&state);
    assert!(picture.is_ascii(), "{picture}");
    check("ascii", &state);
}

#[test]
fn nine_columns_scroll_sideways_and_say_what_is_beyond() {
    let columns: Vec<_> = (1..=9)
        .map(|n| crate::domain::board::Column {
            status: crate::domain::mapping::Status::new(format!("s{n}")),
            title: format!("Stage {n}"),
        })
        .collect();
    let settings = Settings { columns: columns.clone(), ..fixture::settings() };
    let mut state = fixture::state_with(Board::new("wide", columns), settings, 100, 14);
    state.board.upsert(fixture::card(1, "the only card", "s7", &[], &[], None));
    state.rebuild_columns();
    press(&mut state, "7");
    check("nine-columns", &state);
}

#[test]
fn the_question_which_column_is_small_and_says_what_is_not_mapped() {
    let mut state = fixture::state(12, 80, 20);
    press(&mut state, "m");
    check("move-to", &state);
}

/// Counts what the terminal would get.
#[derive(Clone, Default)]
struct Counted(Arc<Mutex<Vec<u8>>>);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A terminal of a fixed size whose bytes are counted.
struct Meter {
    terminal: Terminal<Quiet<Fixed>>,
    counted: Counted,
}

/// The real backend, but with a size of our own.
struct Fixed(CrosstermBackend<Counted>, Size);

impl ratatui::backend::Backend for Fixed {
    type Error = std::io::Error;
    fn draw<'a, I>(&mut self, content: I) -> std::io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a ratatui::buffer::Cell)>,
    {
        self.0.draw(content)
    }
    fn hide_cursor(&mut self) -> std::io::Result<()> {
        self.0.hide_cursor()
    }
    fn show_cursor(&mut self) -> std::io::Result<()> {
        self.0.show_cursor()
    }
    fn get_cursor_position(&mut self) -> std::io::Result<Position> {
        Ok(Position::ORIGIN)
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> std::io::Result<()> {
        self.0.set_cursor_position(position)
    }
    fn clear(&mut self) -> std::io::Result<()> {
        self.0.clear()
    }
    fn clear_region(&mut self, region: ratatui::backend::ClearType) -> std::io::Result<()> {
        self.0.clear_region(region)
    }
    fn size(&self) -> std::io::Result<Size> {
        Ok(self.1)
    }
    fn window_size(&mut self) -> std::io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.1, pixels: Size::default() })
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Meter {
    fn new(state: &State) -> Self {
        let counted = Counted::default();
        let size = Size { width: state.area.width, height: state.area.height };
        let terminal = Terminal::new(Quiet::new(Fixed(CrosstermBackend::new(counted.clone()), size)))
            .expect("a fixed size");
        let mut meter = Self { terminal, counted };
        meter.frame(state);
        meter
    }

    /// The bytes of one frame.
    fn frame(&mut self, state: &State) -> usize {
        self.counted.0.lock().expect("one thread").clear();
        self.terminal
            .draw(|frame| {
                let _ = draw(state, frame.buffer_mut());
            })
            .expect("memory");
        self.counted.0.lock().expect("one thread").len()
    }
}

#[test]
fn a_focus_move_costs_at_most_three_hundred_bytes() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut state = fixture::state(10_000, width, height);
        let mut meter = Meter::new(&state);
        for key in ["j", "j", "k", "l", "j", "l", "h", "k", "h"] {
            press(&mut state, key);
            let bytes = meter.frame(&state);
            assert!(bytes <= 300, "{key} at {width}x{height} cost {bytes} bytes");
            assert!(bytes > 0);
        }
    }
}

#[test]
fn a_step_of_a_drag_costs_at_most_four_hundred_bytes() {
    let mut state = fixture::state(10_000, 120, 36);
    let from = layout(&state).columns[0].cards[1].area;
    point(&mut state, MouseEventKind::Down(MouseButton::Left), (from.x + 4, from.y));
    point(&mut state, MouseEventKind::Drag(MouseButton::Left), (from.x + 5, from.y));
    let mut meter = Meter::new(&state);
    let mut most = 0;
    for x in from.x + 6..100 {
        point(&mut state, MouseEventKind::Drag(MouseButton::Left), (x, from.y + x / 20));
        most = most.max(meter.frame(&state));
    }
    assert!(most <= 400, "{most} bytes");
}

#[test]
fn a_frame_without_news_costs_nothing() {
    let mut state = fixture::state(100, 120, 36);
    let mut meter = Meter::new(&state);
    let _ = update(&mut state, NOW.plus_ms(20_000), Event::Health(vec![fixture::health()]));
    assert_eq!(meter.frame(&state), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the size and whatever is on the board: drawing survives, and each cell belongs to one thing at most,
    /// inside the terminal.
    #[test]
    fn every_size_draws_and_every_cell_is_one_thing(
        width in 0_u16..200, height in 0_u16..60, cards in 0_u128..60, strange: bool, docked: bool,
        keys in "[jklhGgm1-9?! LHJKatc/]{0,12}",
    ) {
        let board = if strange { wide() } else { fixture::board(cards) };
        let mut state = fixture::state_with(board, fixture::settings(), width, height);
        state.docked = docked;
        press(&mut state, &keys);
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        let _ = draw(&state, &mut buf);
        let layout = layout(&state);
        let boxes: Vec<Rect> = layout.columns.iter().flat_map(|c| {
            c.cards.iter().map(|c| c.area).chain([c.header, c.foot])
        }).chain(layout.tabs.iter().map(|(_, r)| *r)).chain(layout.strip.iter().map(|(_, r)| *r))
            .chain([layout.filter, layout.docked, layout.status]).filter(|r| !r.is_empty()).collect();
        for (n, a) in boxes.iter().enumerate() {
            prop_assert_eq!(a.intersection(area), *a);
            for b in &boxes[n + 1..] {
                prop_assert!(a.intersection(*b).is_empty(), "{:?} and {:?}", a, b);
            }
        }
        for y in 0..height {
            for x in 0..width {
                if let Some(Hit::Card { column, id }) = layout.hit(x, y) {
                    let shown = layout.column(column).and_then(|c| c.cards.iter().find(|c| c.id == id));
                    prop_assert!(shown.is_some_and(|c| c.area.contains(Position::new(x, y))));
                }
            }
        }
    }

    /// A resize, or a storm of them, in the middle of a drag leaves the board whole and the focus on the screen.
    #[test]
    fn a_storm_of_resizes_changes_no_card(sizes in prop::collection::vec((0_u16..140, 0_u16..50), 1..20)) {
        let mut state = fixture::state(60, 100, 30);
        let before = state.board.clone();
        point(&mut state, MouseEventKind::Down(MouseButton::Left), (4, 5));
        point(&mut state, MouseEventKind::Drag(MouseButton::Left), (40, 5));
        for (width, height) in sizes {
            let _ = update(&mut state, NOW, Event::Resize(width, height));
            let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
            let _ = draw(&state, &mut buf);
        }
        prop_assert_eq!(&state.board, &before);
        prop_assert!(state.drag.is_none());
    }
}

mod doing;
mod looking;
mod looks;
mod moving;
mod pane;
mod small;

#[test]
fn the_palette_is_a_picture_at_every_common_size() {
    for (width, height) in [(80, 24), (120, 36), (40, 15)] {
        let mut state = busy(width, height);
        press(&mut state, "lj:");
        check(&format!("palette-{width}x{height}"), &state);
    }
    let mut state = busy(80, 24);
    state.remembered.insert("recent".into(), "move_to done\nundo".into());
    press(&mut state, "lj:");
    check("palette-recent", &state);
    press(&mut state, "move");
    check("palette-typed", &state);
    let mut settings = fixture::settings();
    settings.ui.ascii = true;
    state.set_settings(Arc::new(settings));
    check("palette-ascii", &state);
}

#[test]
fn hints_fit_the_moment() {
    let mut state = busy(100, 16);
    press(&mut state, "j ");
    state.message = None;
    check("hints-selected", &state);
    press(&mut state, "g");
    check("hints-prefix", &state);
    let mut narrow = fixture::state(9, 40, 12);
    press(&mut narrow, "g");
    check("hints-prefix-narrow", &narrow);
    let mut settings = fixture::settings();
    settings.connections.clear();
    let mut local = fixture::state_with(fixture::board(9), settings, 100, 12);
    local.health.clear();
    check("hints-local", &local);
    let mut board = fixture::board(4);
    let mut card = board.card(fixture::id(1)).cloned().expect("there");
    card.links[0].conflict = true;
    board.upsert(card);
    let mut conflict = fixture::state_with(board, fixture::settings(), 100, 12);
    conflict.focus_card(fixture::id(1));
    check("hints-conflict", &conflict);
}
