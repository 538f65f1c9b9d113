//! A web address where there is no browser to show it: to be selected with the terminal's own selection, for which the
//! mouse is released while it is shown. No side borders and no indent, so that nothing else is selected with it.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::config::keymap::{Action, Layer};
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};

/// An address.
#[derive(Debug)]
pub struct AddressScreen {
    url: String,
    told: String,
}

impl AddressScreen {
    /// Shows an address; `told` is what became of it on the clipboard.
    pub fn new(url: String, told: String) -> Self {
        Self { url, told }
    }

    /// The address in rows of the whole width, as a terminal would break it.
    fn rows(&self, width: u16) -> Vec<String> {
        let mut rest: &str = &paint::clean(&self.url);
        let mut out = Vec::new();
        while !rest.is_empty() {
            let (head, _) = paint::fit(rest, usize::from(width));
            if head.is_empty() {
                break;
            }
            out.push(head.to_owned());
            rest = &rest[head.len()..];
        }
        out
    }

    /// What is said below it, in rows of this width.
    fn words(&self, width: u16, ctx: &Ctx<'_>) -> Vec<String> {
        let key = |action| ctx.keymap.hint(action).unwrap_or_default();
        // The address itself is above: once is enough.
        let told = self.told.strip_suffix(&format!(": {}", self.url)).unwrap_or(&self.told);
        let copied = match told {
            "copied" => "It was sent to the terminal's clipboard; some take it only when told to.".to_owned(),
            other => format!("It is not on the clipboard: {other}."),
        };
        let said = [
            copied,
            "The mouse selects text until this is closed.".to_owned(),
            format!("{} copies again, {} closes", key(Action::CopyUrl), key(Action::Back)),
        ];
        let rows = |line: &String| -> Vec<String> {
            let rows = paint::wrap(line, usize::from(width), usize::from(u8::MAX), ctx.glyphs.ellipsis);
            rows.into_iter().map(Cow::into_owned).collect()
        };
        said.iter().flat_map(rows).collect()
    }
}

impl Screen for AddressScreen {
    fn layer(&self) -> Layer {
        Layer::Card
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "No browser here".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Back]
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back | Action::Open | Action::Quit => Outcome::Close,
            Action::CopyUrl => Outcome::Do(vec![Effect::Copy(self.url.clone())]),
            Action::Suspend | Action::Redraw => Outcome::Ignored,
            // What is beneath is not what a person looks at.
            _ => Outcome::Stay,
        }
    }

    fn input(&mut self, _input: &Input, _ctx: &Ctx<'_>) -> Outcome {
        Outcome::Stay
    }

    fn area(&self, frame: Rect, ctx: &Ctx<'_>) -> Rect {
        let wanted = self.rows(frame.width).len() + self.words(frame.width, ctx).len() + 3;
        let height = u16::try_from(wanted).unwrap_or(u16::MAX).min(frame.height);
        Rect { y: frame.y + (frame.height - height) / 2, height, ..frame }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = ctx.area;
        if area.is_empty() {
            return;
        }
        let rows = self.rows(area.width);
        // Where there is no room for all, the address has it.
        let edges = u16::from(usize::from(area.height) >= rows.len() + 2);
        if edges > 0 {
            for y in [area.y, area.bottom() - 1] {
                paint::rule(buf, area.x, y, area.width, ctx.glyphs.rule, ctx.theme.border_focus);
            }
            let title = format!(" {} ", self.title(ctx));
            paint::text(
                buf,
                area.x + 2,
                area.y,
                area.width.saturating_sub(4),
                &title,
                ctx.theme.title,
                ctx.glyphs,
            );
        }
        let mut y = area.y + edges;
        let end = area.bottom() - edges;
        for row in rows.iter().take(usize::from(end - y)) {
            paint::text(buf, area.x, y, area.width, row, ctx.theme.link, ctx.glyphs);
            y += 1;
        }
        for words in self.words(area.width, ctx) {
            y += u16::from(y + 1 < end && y == area.y + edges + rows.len() as u16);
            if y >= end {
                return;
            }
            paint::text(buf, area.x, y, area.width, &words, ctx.theme.dim, ctx.glyphs);
            y += 1;
        }
    }
}
