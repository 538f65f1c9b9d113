//! How the board looks in each theme, style by style; and that no text, however strange, breaks a line of any screen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ratatui::buffer::CellWidth as _;
use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::domain::link::ConnectionName;
use crate::support::text::is_unsafe;
use crate::tui::theme::Depth;

/// A frame as it is drawn.
fn frame(state: &State) -> Buffer {
    let mut buf = Buffer::empty(state.area);
    let _ = draw(state, &mut buf);
    buf
}

/// A style in a few letters: `80 on 234 bold`.
fn in_words(style: Style) -> String {
    let colour = |c: Option<Color>| match c {
        None | Some(Color::Reset) => "own".to_owned(),
        Some(c) => c.to_string(),
    };
    let mut out = format!("{} on {}", colour(style.fg), colour(style.bg));
    let how = style.add_modifier;
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
    ] {
        if how.contains(modifier) {
            let _ = write!(out, " {word}");
        }
    }
    out
}

/// Each row as text, and under it a letter for the style of each cell; then what the letters stand for.
fn styled(buf: &Buffer) -> String {
    let mut legend: Vec<Style> = Vec::new();
    let mut out = String::new();
    for y in buf.area.top()..buf.area.bottom() {
        let (mut text, mut letters) = (String::new(), String::new());
        for x in buf.area.left()..buf.area.right() {
            let cell = &buf[(x, y)];
            let style = cell.style();
            let n = legend.iter().position(|s| *s == style).unwrap_or_else(|| {
                legend.push(style);
                legend.len() - 1
            });
            text.push_str(cell.symbol());
            letters.push(char::from(b'a' + n as u8));
        }
        let _ = writeln!(out, "{}\n{letters}", text.trim_end());
    }
    for (n, style) in legend.iter().enumerate() {
        let _ = writeln!(out, "{} = {}", char::from(b'a' + n as u8), in_words(*style));
    }
    out
}

#[test]
fn each_theme_is_what_it_was_when_it_was_looked_at() {
    for name in ThemeName::ALL {
        let mut settings = fixture::settings();
        settings.ui.theme = name.clone();
        let mut state = busy(64, 14);
        state.depth = Depth::Indexed;
        state.set_settings(Arc::new(settings));
        press(&mut state, "l jl");
        let mut how = insta::Settings::clone_current();
        how.set_snapshot_path("../../snapshots");
        how.set_prepend_module_to_snapshot(false);
        how.set_omit_expression(true);
        how.bind(|| insta::assert_snapshot!(format!("theme-{}", name.as_str()), styled(&frame(&state))));
    }
}

#[test]
fn where_nothing_shall_move_no_card_follows_the_pointer() {
    let mut state = fixture::state(27, 120, 24);
    let from = layout(&state).columns[0].cards[1].area;
    let to = layout(&state).columns[1].cards[2].area;
    point(&mut state, MouseEventKind::Down(MouseButton::Left), (from.x + 4, from.y));
    point(&mut state, MouseEventKind::Drag(MouseButton::Left), (to.x + 6, to.y));
    let moving = picture(&state);
    assert!(moving.contains("core#8 Do not echo"), "{moving}");
    Arc::make_mut(&mut state.settings).ui.motion = false;
    let still = picture(&state);
    assert!(!still.contains("core#8 Do not echo"), "{still}");
    let status = still.lines().last().unwrap_or_default();
    assert!(status.contains("In Progress"), "the status bar tells where it would land: {status}");
}

/// What is wrong with the grid of a frame: a wide cluster that is cut, one without its room, or something a terminal would act on.
fn broken(buf: &Buffer) -> Option<String> {
    for y in buf.area.top()..buf.area.bottom() {
        let mut x = buf.area.left();
        while x < buf.area.right() {
            let symbol = buf[(x, y)].symbol();
            if symbol.chars().any(is_unsafe) {
                return Some(format!("{symbol:?} at {x},{y} would reach the terminal"));
            }
            let cells = buf[(x, y)].cell_width();
            if cells == 0 || x + cells > buf.area.right() {
                return Some(format!("{symbol:?} at {x},{y} takes {cells} cells"));
            }
            for under in x + 1..x + cells {
                if buf[(under, y)].symbol() != " " {
                    let other = buf[(under, y)].symbol();
                    return Some(format!("{symbol:?} at {x},{y} reaches into {other:?}"));
                }
            }
            x += cells;
        }
    }
    None
}

/// Words as people write them all over the world, and as nobody should.
fn words() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "日本語",
        "ｆｕｌｌ",
        "한국어",
        "각ᆨᆨ",
        "ᄀᄀᄀ",
        "👩‍💻",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        "🏳️‍🌈",
        "👍🏽",
        "☝🏿",
        "❤️",
        "1️⃣",
        "e\u{301}",
        "Z\u{351}\u{36b}\u{343}\u{32a}",
        "\u{301}",
        "שלום",
        "مرحبا",
        "\u{202E}gnp",
        "\u{2066}x",
        "\u{200F}",
        "\u{200D}",
        "\u{200B}",
        "\u{FEFF}",
        "स्त्री",
        "क्षि",
        "ไทยที่",
        "བོད",
        "\u{FDFD}",
        "\u{12031}",
        "\u{1b}[2J",
        "\u{9b}1m",
        "\u{7}",
        "\t",
        "\n",
        "\r",
        "a",
        "B7",
        " ",
        "  ",
        "#",
        "@",
        "…",
        "—",
        "\u{AD}",
        "ﬃ",
        "\u{E0067}",
        "\u{FE0F}",
        "⚠",
        "𝔘",
        "\u{10FFFF}",
    ]);
    let pieces = proptest::collection::vec(piece, 0..14).prop_map(|all| all.concat());
    let all = prop_oneof![4 => pieces, 1 => any::<String>()];
    all.prop_filter("terminals agree about it", |text| counted_alike(text))
}

/// Whether the rows' widths are those of the characters: of a few, such as the halfwidth sound marks of Japanese and old
/// letters of Korean, ratatui counts other cells than the tables of Unicode, as terminals do among themselves.
fn counted_alike(text: &str) -> bool {
    use unicode_segmentation::UnicodeSegmentation as _;
    let clean = crate::tui::paint::clean(text);
    clean.graphemes(true).all(|g| usize::from(g.cell_width()) == crate::tui::paint::width(g))
}

/// A board of hostile names everywhere, on a terminal of some size.
fn hostile(text: &[String; 5], size: (u16, u16), theme: ThemeName) -> State {
    let [title, label, person, milestone, name] = text.clone();
    let mut columns = fixture::columns();
    columns[1].title.clone_from(&title);
    let mut settings = fixture::settings();
    settings.columns.clone_from(&columns);
    settings.board_name.clone_from(&title);
    settings.ui.theme = theme;
    settings.connections[0].name = ConnectionName::new(&name);
    let mut board = Board::new(&title, columns);
    for n in 1..=9 {
        let status = ["todo", "doing", "review", "done"][n as usize % 4];
        let mut card = fixture::card(n, &title, status, &[&label, "bug"], &[&person], Some(&milestone));
        card.links[0].connection = ConnectionName::new(&name);
        card.links[0].note = Some(label.clone());
        card.links[0].sync = SyncStatus::Failed;
        board.upsert(card);
    }
    let mut state = fixture::state_with(board, settings, size.0, size.1);
    let health = &mut state.health[0];
    health.connection = ConnectionName::new(&name);
    health.scope.clone_from(&label);
    health.reason = Some(person.clone());
    health.state = HealthState::Broken;
    state
}

fn sizes() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![Just((80, 24)), Just((120, 36)), (1u16..60, 1u16..30)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]
    #[test]
    fn no_text_breaks_a_line_of_any_screen_in_any_theme(
        text in [words(), words(), words(), words(), words()],
        size in sizes(),
        theme in proptest::sample::select(ThemeName::ALL.to_vec()),
    ) {
        let mut seen = BTreeSet::new();
        for steps in ["", "\n", "@", "#", "?", "m", "zt", "/", "gh", "ga", "gm", "gc", "a", "&", "!", "t", "e"] {
            let mut state = hostile(&text, size, theme.clone());
            press(&mut state, steps);
            let buf = frame(&state);
            seen.insert(format!("{:?}{:?}", state.view, state.modals.len()));
            if let Some(why) = broken(&buf) {
                prop_assert!(false, "after {steps:?} at {size:?}: {why}\n{}", styled_rows(&buf));
            }
        }
        prop_assert!(size < (60, 20) || seen.len() > 4, "the screens were drawn: {seen:?}");
    }

    #[test]
    fn a_filter_of_any_text_keeps_its_line(text in words(), size in sizes()) {
        let mut state = fixture::state(9, size.0, size.1);
        press(&mut state, "/");
        let _ = update(&mut state, NOW, Event::Paste(text));
        let buf = frame(&state);
        prop_assert_eq!(broken(&buf), None);
    }

    #[test]
    fn what_is_measured_is_what_is_drawn(text in words(), max in 0u16..40, x in 0u16..12) {
        use crate::tui::paint;
        let mut buf = Buffer::empty(Rect::new(0, 0, 40, 1));
        let clean = paint::clean(&text).into_owned();
        let end = paint::text(&mut buf, x, 0, max, &text, Style::new().fg(Color::Red), &crate::tui::theme::Glyphs::UNICODE);
        prop_assert_eq!(broken(&buf), None);
        prop_assert!(end <= (x + max).min(40));
        let whole = paint::width(&clean);
        if whole <= usize::from(max.min(40 - x)) {
            prop_assert_eq!(usize::from(end - x), whole);
        }
        let painted: BTreeSet<u16> = (0..40).filter(|x| buf[(*x, 0)].fg == Color::Red).collect();
        prop_assert_eq!(painted, (x..end).collect::<BTreeSet<u16>>());
        let (head, used) = paint::fit(&clean, usize::from(max));
        prop_assert!(clean.starts_with(head) && used == paint::width(head) && used <= usize::from(max));
        for line in paint::wrap(&clean, usize::from(max), 4, "…") {
            prop_assert!(paint::width(&line) <= usize::from(max).max(widest(&clean)), "{line:?}");
        }
    }
}

/// The cells of the widest cluster.
fn widest(text: &str) -> usize {
    use unicode_segmentation::UnicodeSegmentation as _;
    text.graphemes(true).map(crate::tui::paint::width).max().unwrap_or(0)
}

fn styled_rows(buf: &Buffer) -> String {
    let rows = (buf.area.top()..buf.area.bottom())
        .map(|y| (buf.area.left()..buf.area.right()).map(|x| buf[(x, y)].symbol()).collect::<String>());
    rows.collect::<Vec<_>>().join("\n")
}
