//! What a card belongs to and what belongs to it, as the cards' parent fields say. Pure. Looking for it walks the
//! board, so whoever asks keeps the answer until the board changes.

use ratatui::text::{Line, Span};

use super::page::rule;
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::fields::FieldName;
use crate::domain::mapping::Status;
use crate::support::text::one_line;
use crate::tui::paint::width as cells;
use crate::tui::screen::Ctx;
use crate::tui::screens::shape::clip;

/// The most cards listed below one; a filter finds all.
pub(super) const LISTED: usize = 200;

/// A card's next of kin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Family {
    /// The card it belongs to, when that is on the board.
    pub(super) parent: Option<CardId>,
    /// The cards that belong to it, in the order of the columns.
    pub(super) children: Vec<CardId>,
}

/// Whether `name`, in the parent field of `child`, means `card`: its key here, the platform's own key (`PLAN-7`), its
/// address, its number on the connection both are on, or its id.
pub fn means(name: &str, child: &Card, card: &Card) -> bool {
    let name = name.trim();
    if name.is_empty() || child.id == card.id {
        return false;
    }
    let (place, number) = name.rsplit_once('#').unwrap_or(("", name));
    let number: Option<u64> = number.parse().ok();
    card.links.iter().any(|link| {
        let url = link.url.as_deref().unwrap_or_default();
        let numbered = number.is_some() && link.number == number;
        let here = place == link.connection.as_str();
        let beside = place.is_empty() && child.link_on(link.connection.as_str()).is_some();
        let own = url.rsplit('/').next().is_some_and(|last| last == name && number.is_none());
        (numbered && (here || beside)) || own || url == name
    }) || card.id.to_string() == name
        || card.id.short() == name
}

/// The text of a card's parent field.
fn parent_name(card: &Card) -> Option<&str> {
    card.extra(FieldName::PARENT)
}

/// The card that `card` belongs to.
pub fn parent(card: &Card, board: &Board) -> Option<CardId> {
    let name = parent_name(card)?;
    board.cards().find(|other| means(name, card, other)).map(|other| other.id)
}

impl Family {
    /// Looks through the board.
    pub(super) fn of(card: &Card, board: &Board) -> Self {
        let belongs = |other: &&Card| parent_name(other).is_some_and(|name| means(name, other, card));
        let mut children: Vec<&Card> = board.cards().filter(belongs).collect();
        children.sort_by_key(|c| (board.column_index(&c.status), c.rank, c.id));
        Self { parent: parent(card, board), children: children.into_iter().map(|c| c.id).collect() }
    }

    /// How many of the children are closed.
    pub(super) fn done(&self, board: &Board, closed: &[Status]) -> usize {
        let is_closed = |id: &&CardId| board.card(**id).is_some_and(|c| closed.contains(&c.status));
        self.children.iter().filter(is_closed).count()
    }

    /// A heading with the count, and a line for each child; the one at `focus` is marked.
    pub(super) fn lines(&self, focus: Option<usize>, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        if self.children.is_empty() {
            return Vec::new();
        }
        let closed = ctx.settings.closed_statuses();
        let counted = format!("{} of {} done", self.done(ctx.board, &closed), self.children.len());
        let mut out = vec![rule(&format!("Sub-issues {} {counted}", ctx.glyphs.dot), width, ctx)];
        for (n, id) in self.children.iter().take(LISTED).enumerate() {
            let Some(card) = ctx.board.card(*id) else {
                out.push(Line::styled("  not on the board any more", ctx.theme.dim));
                continue;
            };
            out.push(row(card, closed.contains(&card.status), focus == Some(n), width, ctx));
        }
        if let Some(more) = self.children.len().checked_sub(LISTED).filter(|n| *n > 0) {
            out.push(Line::styled(
                format!("  and {more} more: the filter `parent:` finds all"),
                ctx.theme.dim,
            ));
        }
        out.push(Line::default());
        out
    }
}

/// A child: whether it is done, its key and title, and at the right the column it stands in.
fn row(card: &Card, closed: bool, focused: bool, width: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let (theme, glyphs) = (ctx.theme, ctx.glyphs);
    let mark = if focused { glyphs.focus } else { " " };
    let (state, style) = match (closed, glyphs.ascii) {
        (true, _) => (glyphs.check, theme.ok),
        (false, false) => ("○", theme.info),
        (false, true) => ("o", theme.info),
    };
    let column = clip(ctx.board.title_of(&card.status), width / 3, glyphs.ellipsis);
    let key = clip(&card.key(), width / 2, glyphs.ellipsis);
    let used = 4 + cells(&key) + 1 + cells(&column) + 1;
    let room = width.saturating_sub(used);
    let title = clip(&one_line(&card.title), room, glyphs.ellipsis);
    let free = room.saturating_sub(cells(&title));
    let text = if focused { theme.selection } else { theme.text };
    let mut spans = vec![
        Span::styled(mark, theme.focus),
        Span::raw(" "),
        Span::styled(state, style),
        Span::raw(" "),
        Span::styled(key, theme.dim),
        Span::raw(" "),
        Span::styled(title, text),
    ];
    // Where all has no room, the title goes before the column.
    if width > used {
        spans.push(Span::raw(" ".repeat(free + 1)));
        spans.push(Span::styled(column, theme.dim));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fields::Value;
    use crate::tui::fixture;

    fn child(n: u128, of: &str) -> Card {
        let mut card = fixture::card(n, "child", "todo", &[], &[], None);
        card.extra.to_mut().insert(FieldName::PARENT, Value::Text(of.into()));
        card
    }

    #[test]
    fn a_parent_is_named_by_key_number_address_the_platforms_key_or_id() {
        let mut epic = fixture::card(7, "epic", "todo", &[], &[], None);
        epic.links[0].url = Some("https://jira.test/browse/PLAN-7".into());
        let id = epic.id.to_string();
        for name in ["core#7", "#7", "7", "PLAN-7", "https://jira.test/browse/PLAN-7", id.as_str()] {
            assert!(means(name, &child(1, name), &epic), "{name}");
        }
        for name in ["core#8", "docs#7", "PLAN-70", "LAN-7", "", "8"] {
            assert!(!means(name, &child(1, name), &epic), "{name}");
        }
        let mut elsewhere = child(1, "#7");
        elsewhere.links.clear();
        assert!(!means("#7", &elsewhere, &epic), "a bare number is one of the same platform");
        assert!(!means("core#7", &epic, &epic), "no card is its own parent");
    }

    #[test]
    fn a_family_is_found_both_ways_in_the_order_of_the_columns() {
        let mut board = fixture::board(4);
        board.upsert(child(21, "core#2"));
        let mut done = child(20, "core#2");
        done.status = Status::new("done");
        board.upsert(done);
        let parent_card = board.card(fixture::id(2)).expect("there");
        let family = Family::of(parent_card, &board);
        assert_eq!(family.children, [fixture::id(21), fixture::id(20)]);
        assert_eq!(family.done(&board, &[Status::new("done")]), 1);
        assert_eq!(parent(board.card(fixture::id(20)).expect("there"), &board), Some(fixture::id(2)));
        assert_eq!(family.parent, None);
    }
}
