//! The secondary screens and dialogs, and the one enum of what can stand on the modal stack.

pub mod activity;
pub mod address;
pub mod addresses;
pub mod asking;
pub mod card;
pub mod conflicts;
pub mod editor;
pub mod fuzzy;
pub mod health;
pub mod help;
pub mod links;
pub mod mapping;
pub mod markdown;
pub mod palette;
pub mod pen;
pub mod picker;
pub mod question;
pub mod quick;
pub mod refused;
pub mod save_view;
pub mod shape;
pub mod sort;
pub mod themes;
pub mod words;

#[cfg(test)]
mod fixture;

use super::screen::Screen;

/// What can stand on top of a view.
#[derive(Debug)]
pub enum Modal {
    /// An open card.
    Card(card::CardScreen),
    /// A text field: title, body, comment, new card.
    Editor(editor::EditorScreen),
    /// The form of a new card.
    NewCard(editor::NewCardScreen),
    /// A new card in one line.
    Quick(quick::QuickScreen),
    /// Labels, assignees, milestone.
    Picker(picker::PickerScreen),
    /// What cards are part of.
    Parent(picker::ParentScreen),
    /// A due date, an estimate.
    Typed(picker::TypedScreen),
    /// What a platform wants with a move.
    Asking(asking::AskingScreen),
    /// The web addresses in a card's text.
    Addresses(addresses::AddressesScreen),
    /// A card's links.
    Links(links::LinksScreen),
    /// The bindings.
    Help(help::HelpScreen),
    /// The name of a view that is to be saved.
    SaveView(save_view::SaveViewScreen),
    /// The order of the cards.
    Sort(sort::SortScreen),
    /// The command palette.
    Palette(palette::PaletteScreen),
    /// A question with a few answers, such as which column to move to.
    Question(question::Question),
    /// What could not be done to some cards.
    Refused(refused::RefusedScreen),
    /// The themes.
    Themes(themes::ThemesScreen),
    /// A web address where there is no browser.
    Address(address::AddressScreen),
}

impl Modal {
    /// The screen inside.
    pub fn screen(&self) -> &dyn Screen {
        match self {
            Self::Card(s) => s,
            Self::Editor(s) => s,
            Self::NewCard(s) => s,
            Self::Quick(s) => s,
            Self::Picker(s) => s,
            Self::Parent(s) => s,
            Self::Typed(s) => s,
            Self::Asking(s) => s,
            Self::Addresses(s) => s,
            Self::Links(s) => s,
            Self::Help(s) => s,
            Self::SaveView(s) => s,
            Self::Sort(s) => s,
            Self::Palette(s) => s,
            Self::Question(s) => s,
            Self::Refused(s) => s,
            Self::Themes(s) => s,
            Self::Address(s) => s,
        }
    }

    /// The screen inside.
    pub fn screen_mut(&mut self) -> &mut dyn Screen {
        match self {
            Self::Card(s) => s,
            Self::Editor(s) => s,
            Self::NewCard(s) => s,
            Self::Quick(s) => s,
            Self::Picker(s) => s,
            Self::Parent(s) => s,
            Self::Typed(s) => s,
            Self::Asking(s) => s,
            Self::Addresses(s) => s,
            Self::Links(s) => s,
            Self::Help(s) => s,
            Self::SaveView(s) => s,
            Self::Sort(s) => s,
            Self::Palette(s) => s,
            Self::Question(s) => s,
            Self::Refused(s) => s,
            Self::Themes(s) => s,
            Self::Address(s) => s,
        }
    }
}
