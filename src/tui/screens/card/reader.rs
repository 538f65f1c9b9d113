//! One card as it is read, in the pane beside the board as on a page of its own: what was brought of it, what was laid
//! out of that, and how far it was scrolled. What is laid out is kept until the text, the width or the look differ.

use std::cell::RefCell;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::family::Family;
use super::page::{self, Form, Page, Prose};
use crate::domain::card::{Card, CardId};
use crate::domain::fields::FieldName;
use crate::domain::history::Version;
use crate::domain::twins::Twin;
use crate::engine::{CardDetail, Comments, LinkTold, Update};
use crate::tui::effect::Effect;
use crate::tui::ink::{CodeBlock, Inks, MOST};
use crate::tui::screen::Ctx;
use crate::tui::screens::markdown::{self, Named};
use crate::tui::screens::pen;

/// What a fact was to a reader.
#[derive(Debug, PartialEq, Eq)]
pub enum Took {
    /// Nothing.
    Nothing,
    /// It looks different now, and these requests go out.
    Shows(Vec<Effect>),
    /// The card is another than the one that was read: it should be read again.
    Stale,
}

/// One card as it is read.
#[derive(Debug)]
pub struct Reader {
    card: CardId,
    pub(super) detail: Option<Box<CardDetail>>,
    /// Cards that may be the same work.
    twins: Vec<Twin>,
    inks: Inks,
    /// The tasks of the body: how many are done, and how many there are.
    pub(super) tasks: (usize, usize),
    /// First line shown.
    pub(super) top: usize,
    /// The Markdown as lines of the last width. Drawing the same again gives the same, only sooner.
    prose: RefCell<Option<Arc<Prose>>>,
    family: RefCell<Option<Arc<Family>>>,
}

impl Reader {
    /// A reader of a card of which nothing was brought yet.
    pub fn new(card: CardId) -> Self {
        Self {
            card,
            detail: None,
            twins: Vec::new(),
            inks: Inks::new(),
            tasks: (0, 0),
            top: 0,
            prose: RefCell::new(None),
            family: RefCell::new(None),
        }
    }

    /// Which card.
    pub fn card(&self) -> CardId {
        self.card
    }

    /// The card as the board shows it now, else as it was read.
    pub(super) fn shown<'a>(&'a self, ctx: &'a Ctx<'_>) -> Option<&'a Card> {
        ctx.board.card(self.card).or(self.detail.as_ref().map(|d| &d.card))
    }

    pub(super) fn versions(&self) -> &[Version] {
        self.detail.as_ref().map_or(&[], |d| &d.history)
    }

    /// Lays the page out, with the child at `focus` marked.
    pub(super) fn page(&self, form: Form, focus: Option<usize>, ctx: &Ctx<'_>) -> Page {
        page::page(self, form, focus, ctx)
    }

    pub(super) fn twins(&self) -> &[Twin] {
        &self.twins
    }

    /// The Markdown for a width, laid out if it is not yet.
    pub(super) fn prose(&self, columns: u16, look: markdown::Look) -> Option<Arc<Prose>> {
        let detail = self.detail.as_deref()?;
        let mut kept = self.prose.borrow_mut();
        if !kept.as_ref().is_some_and(|p| p.is_for(columns, look)) {
            *kept = Some(Arc::new(Prose::of(detail, columns, look, &self.inks)));
        }
        kept.clone()
    }

    /// The next of kin. Looked for once the card is read, since that walks the board and a card may only be passed by.
    pub(super) fn family(&self, ctx: &Ctx<'_>) -> Option<Arc<Family>> {
        self.detail.as_ref()?;
        let card = self.shown(ctx)?;
        let mut kept = self.family.borrow_mut();
        Some(kept.get_or_insert_with(|| Arc::new(Family::of(card, ctx.board))).clone())
    }

    /// Scrolls by lines, no further than the ends.
    pub(super) fn scroll(&mut self, by: isize, page: &Page) {
        let last = page.len().saturating_sub(usize::from(page.area.height));
        self.top = self.top.min(last).saturating_add_signed(by).min(last);
    }

    /// The first line shown of a page that may have become shorter.
    pub(super) fn top_of(&self, page: &Page) -> usize {
        self.top.min(page.len().saturating_sub(usize::from(page.area.height)))
    }

    /// Draws what of the page is on the screen, with marks that there is more.
    pub(super) fn draw(&self, buf: &mut Buffer, page: &Page, ctx: &Ctx<'_>) {
        let top = self.top_of(page);
        pen::lines(buf, page.area, &page.window(top), 0);
        let marks = Rect { width: page.area.width + 1, ..page.area }.intersection(ctx.area);
        pen::more(buf, marks, ctx, top, page.len());
    }

    /// The addresses its text and its comments name.
    pub(super) fn links(&self) -> Vec<Named> {
        let mut out: Vec<Named> = Vec::new();
        let texts = self.detail.iter().flat_map(|d| texts(d));
        for text in texts {
            let links = markdown::read(text, 80, markdown::Look::default(), &Inks::new()).links;
            for link in links {
                if !out.iter().any(|l| l.url == link.url) {
                    out.push(link);
                }
            }
        }
        out
    }

    /// Takes what the parts of its code are.
    pub fn take_inks(&mut self, inks: &Inks) {
        let asked = self.inks_wanted();
        let mine = inks.iter().filter(|(block, _)| asked.contains(block));
        let before = self.inks.len();
        self.inks.extend(mine.map(|(block, lines)| (block.clone(), lines.clone())));
        if self.inks.len() > before {
            *self.prose.borrow_mut() = None;
        }
    }

    /// The pieces of code whose parts are not known yet.
    fn inks_wanted(&self) -> Vec<CodeBlock> {
        let mut out: Vec<CodeBlock> = Vec::new();
        for text in self.detail.iter().flat_map(|d| texts(d)) {
            for block in markdown::blocks(text) {
                if !self.inks.contains_key(&block) && !out.contains(&block) && out.len() < MOST {
                    out.push(block);
                }
            }
        }
        out
    }

    /// Something of the text is different: it is laid out anew, and its code looked at.
    fn changed(&mut self) -> Took {
        *self.prose.borrow_mut() = None;
        self.tasks = self.detail.as_ref().map_or((0, 0), |d| markdown::tasks(&d.body));
        let wanted = self.inks_wanted();
        Took::Shows(if wanted.is_empty() { vec![] } else { vec![Effect::Ink(wanted)] })
    }

    /// Takes a fact from the engine, if it is about this card.
    pub fn take(&mut self, update: &Update, ctx: &Ctx<'_>) -> Took {
        match update {
            Update::Opened(detail) if detail.card.id == self.card => {
                let mut detail = detail.clone();
                // Comments that are being fetched again do not push away those that are here.
                if let (Comments::Loading, Some(old)) = (&detail.comments, self.detail.take())
                    && matches!(old.comments, Comments::Ready(_))
                {
                    detail.comments = old.comments;
                }
                self.detail = Some(detail);
                *self.family.borrow_mut() = None;
                self.changed()
            }
            Update::Comments { card, comments } if *card == self.card => {
                if let Some(detail) = &mut self.detail {
                    detail.comments = comments.clone();
                }
                self.changed()
            }
            Update::Links(told) => match &**told {
                LinkTold::Twins { card, twins } if *card == self.card => {
                    self.twins.clone_from(twins);
                    Took::Shows(vec![])
                }
                _ => Took::Nothing,
            },
            Update::Loaded(_) | Update::Removed(_) => {
                *self.family.borrow_mut() = None;
                Took::Nothing
            }
            Update::Cards(cards) => {
                let related = |c: &Card| c.id == self.card || c.extra.contains_key(&FieldName::PARENT);
                let was = |c: &Card| ctx.board.card(c.id).is_some_and(related);
                if cards.iter().any(|c| related(c) || was(c)) {
                    *self.family.borrow_mut() = None;
                }
                // A conflict that is found or decided changes nothing else of the card.
                let of = |c: &Card| (c.revision, c.updated_at, c.links.iter().filter(|l| l.conflict).count());
                let read = self.detail.as_ref().map(|d| of(&d.card));
                let newer = |c: &Card| c.id == self.card && read.is_some_and(|r| r != of(c));
                if cards.iter().any(newer) { Took::Stale } else { Took::Nothing }
            }
            _ => Took::Nothing,
        }
    }
}

/// The texts of a card: its body, its comments, and those that wait to be sent.
fn texts(detail: &CardDetail) -> impl Iterator<Item = &str> {
    let comments = match &detail.comments {
        Comments::Ready(comments) => comments.as_slice(),
        Comments::None | Comments::Loading | Comments::Failed(_) => &[],
    };
    let said = comments.iter().map(|c| c.body.as_str());
    let unsent = detail.unsent_comments.iter().map(String::as_str);
    std::iter::once(detail.body.as_str()).chain(said).chain(unsent)
}
