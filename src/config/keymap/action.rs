//! The closed list of things a key can be bound to, with the names people write in `[keys]`. No behaviour here.

use std::fmt;
use std::str::FromStr;

use super::Preset;

/// Where a key is looked up. An action is active in some of these; two actions may share a chord when they share
/// no layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The board view.
    Board,
    /// An open card.
    Card,
    /// The health view.
    Health,
    /// The mapping editor.
    Mapping,
    /// The audit log.
    Activity,
    /// Fields changed on both sides.
    Conflicts,
    /// A list in a dialog: pickers, help, questions.
    List,
    /// A text field. Only chords that are no plain character work here.
    Text,
}

impl Layer {
    /// Every layer, in the order help shows them.
    pub const ALL: [Self; 8] = [
        Self::Board,
        Self::Card,
        Self::Health,
        Self::Mapping,
        Self::Activity,
        Self::Conflicts,
        Self::List,
        Self::Text,
    ];

    /// The name of its table under `[keys]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Card => "card",
            Self::Health => "health",
            Self::Mapping => "mapping",
            Self::Activity => "activity",
            Self::Conflicts => "conflicts",
            Self::List => "list",
            Self::Text => "text",
        }
    }

    /// Its table in the config, as it is written.
    pub fn place(self) -> &'static str {
        match self {
            Self::Board => "[keys.board]",
            Self::Card => "[keys.card]",
            Self::Health => "[keys.health]",
            Self::Mapping => "[keys.mapping]",
            Self::Activity => "[keys.activity]",
            Self::Conflicts => "[keys.conflicts]",
            Self::List => "[keys.list]",
            Self::Text => "[keys.text]",
        }
    }

    /// The heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Board => "Board",
            Self::Card => "Open card",
            Self::Health => "Health",
            Self::Mapping => "Mappings",
            Self::Activity => "Activity",
            Self::Conflicts => "Conflicts",
            Self::List => "Lists and dialogs",
            Self::Text => "Text fields",
        }
    }
}

use Layer::{Activity, Board, Card, Conflicts, Health, List, Mapping, Text};

/// The full-screen views and an open card.
const VIEWS: &[Layer] = &[Board, Card, Health, Mapping, Activity, Conflicts];
/// Wherever there are rows to walk.
const ROWS: &[Layer] = &[Board, Card, Health, Mapping, Activity, Conflicts, List];
/// Wherever a card is meant.
const CARDS: &[Layer] = &[Board, Card];

macro_rules! actions {
    ($($variant:ident, $name:literal, $what:literal, $layers:expr, [$($chord:literal),*]
        $(, [$($standard:literal),*])?;)*) => {
        /// What a key, a click or a palette entry is bound to. The names are stable: people write them in `[keys]`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $(#[doc = $what] $variant,)*
        }

        impl Action {
            /// Every action, in the order help shows them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it does, for help and hints.
            pub fn what(self) -> &'static str {
                match self { $(Self::$variant => $what),* }
            }

            /// Where it is active.
            pub fn layers(self) -> &'static [Layer] {
                match self { $(Self::$variant => $layers),* }
            }

            /// The chords it has in a preset unless the config says otherwise.
            pub fn chords_of(self, preset: Preset) -> &'static [&'static str] {
                match preset {
                    Preset::Vim => match self { $(Self::$variant => &[$($chord),*]),* },
                    Preset::Standard => match self { $(Self::$variant => &[$($($standard),*)?]),* },
                }
            }
        }
    };
}

// Name, what people write, what it does, where it works, its chords in the preset `vim`, and those in `standard`: without
// them it has none there and is reached by the command palette.
actions! {
    FocusLeft, "focus_left", "focus the column to the left", &[Board, Mapping], ["h", "left"], ["left"];
    FocusDown, "focus_down", "focus the next card or line", ROWS, ["j", "down"], ["down"];
    FocusUp, "focus_up", "focus the card or line above", ROWS, ["k", "up"], ["up"];
    FocusRight, "focus_right", "focus the column to the right", &[Board, Mapping], ["l", "right"], ["right"];
    FocusTop, "focus_top", "focus the first", ROWS, ["gg", "home"], ["home"];
    FocusBottom, "focus_bottom", "focus the last", ROWS, ["G", "end"], ["end"];
    HalfPageDown, "half_page_down", "half a page down", ROWS, ["ctrl-d", "pagedown"], ["pagedown"];
    HalfPageUp, "half_page_up", "half a page up", ROWS, ["ctrl-u", "pageup"], ["pageup"];
    Column1, "column_1", "focus column 1", &[Board], ["1"], ["alt-1"];
    Column2, "column_2", "focus column 2", &[Board], ["2"], ["alt-2"];
    Column3, "column_3", "focus column 3", &[Board], ["3"], ["alt-3"];
    Column4, "column_4", "focus column 4", &[Board], ["4"], ["alt-4"];
    Column5, "column_5", "focus column 5", &[Board], ["5"], ["alt-5"];
    Column6, "column_6", "focus column 6", &[Board], ["6"], ["alt-6"];
    Column7, "column_7", "focus column 7", &[Board], ["7"], ["alt-7"];
    Column8, "column_8", "focus column 8", &[Board], ["8"], ["alt-8"];
    Column9, "column_9", "focus column 9", &[Board], ["9"], ["alt-9"];
    GoToColumn, "go_to_column", "focus the column a count names", &[Board], ["|"], [];
    MoveLeft, "move_left", "move one column to the left", CARDS, ["H", "shift-left"], ["alt-left"];
    MoveRight, "move_right", "move one column to the right", CARDS, ["L", "shift-right"], ["alt-right"];
    MoveDown, "move_down", "move down within the column", &[Board, Mapping], ["J", "shift-down"], ["alt-down"];
    MoveUp, "move_up", "move up within the column", &[Board, Mapping], ["K", "shift-up"], ["alt-up"];
    MoveTo, "move_to", "pick a column to move to", CARDS, ["m"], ["f6"];
    Select, "select", "select or deselect", &[Board, Health, Conflicts, List], ["space"], ["space", "insert"];
    SelectRange, "select_range", "select a range", &[Board], ["v"], [];
    SelectColumn, "select_column", "select the column, or none of it", &[Board], ["V"], [];
    WhyNot, "why_not", "what could not be done, and why", CARDS, ["gw"], [];
    SelectShown, "select_shown", "select all shown, or none", &[Board], ["ctrl-a"], ["ctrl-a"];
    Open, "open", "open, choose", ROWS, ["enter"], ["enter"];
    Back, "back", "back, close, clear", &[Board, Card, Health, Mapping, Activity, Conflicts, List, Text], ["esc"], ["esc"];
    Filter, "filter", "filter", &[Board, Mapping, Activity, List], ["/"], ["ctrl-f"];
    Lanes, "lanes", "choose swimlanes", &[Board], ["zl"];
    FoldLane, "fold_lane", "fold the lane", &[Board], ["zf"];
    FoldLanes, "fold_lanes", "fold or unfold all lanes", &[Board], ["zF"];
    Density, "density", "how much of a card is shown", &[Board], ["zd"];
    CollapseColumn, "collapse_column", "collapse or expand the column", &[Board], ["zc"];
    HideColumn, "hide_column", "hide the column", &[Board], ["zh"];
    ShowColumns, "show_columns", "show all columns", &[Board], ["za"];
    NextMatch, "next_match", "next match", &[Board], ["n"], ["f3"];
    PreviousMatch, "previous_match", "previous match", &[Board], ["N"], ["shift-f3"];
    Sort, "sort", "sort the cards", &[Board], ["s"], ["alt-s"];
    NextSavedView, "next_saved_view", "next saved view", &[Board], ["tab"], ["tab"];
    PreviousSavedView, "previous_saved_view", "previous saved view", &[Board], ["backtab"], ["backtab"];
    SaveView, "save_view", "save the filter as a view", &[Board], ["gs"], ["alt-v"];
    RemoveView, "remove_view", "remove the saved view", &[Board], ["gS"], [];
    NewCard, "new_card", "new card", &[Board], ["a"], ["ctrl-n"];
    NewCardForm, "new_card_form", "new card, in a form", &[Board], ["+"], ["alt-n"];
    EditTitle, "edit_title", "edit the title", CARDS, ["t"], ["f2"];
    EditBody, "edit_body", "edit the body", CARDS, ["e"], ["f4"];
    EditInEditor, "edit_in_editor", "edit the body in $EDITOR", CARDS, ["E"], ["shift-f4"];
    Comment, "comment", "comment", CARDS, ["c"], ["alt-c"];
    Labels, "labels", "labels", CARDS, ["#"], ["alt-l"];
    Assignees, "assignees", "assignees", CARDS, ["@"], ["alt-a"];
    Milestone, "milestone", "milestone", CARDS, ["M"], ["alt-m"];
    Priority, "priority", "priority", CARDS, ["P"], ["alt-p"];
    PartOf, "part_of", "set what it is part of", CARDS, ["^"], [];
    Due, "due", "due date", CARDS, ["d"], ["alt-d"];
    Estimate, "estimate", "estimate", CARDS, ["="], ["alt-e"];
    Link, "link", "link to other platforms, or unlink", CARDS, ["&"], ["alt-k"];
    CloseOrReopen, "close_or_reopen", "close or reopen", CARDS, ["x"], ["alt-x"];
    Archive, "archive", "take off the board", CARDS, ["D"], ["delete"];
    Undo, "undo", "undo", CARDS, ["u"], ["ctrl-z"];
    Redo, "redo", "redo", CARDS, ["ctrl-r"], ["ctrl-y"];
    Repeat, "repeat", "do the last change again", CARDS, ["."], [];
    OpenInBrowser, "open_in_browser", "open in the browser", CARDS, ["o"], ["alt-o"];
    CopyUrl, "copy_url", "copy the URL", CARDS, ["y"], ["alt-u"];
    Addresses, "addresses", "the addresses in its text", &[Card], ["O"], ["alt-i"];
    CopyKey, "copy_key", "copy the key", CARDS, ["Y"], ["alt-r"];
    SyncNow, "sync_now", "sync this connection now", &[Board, Card, Health], ["r"], ["f5"];
    SyncAll, "sync_all", "sync all connections now", VIEWS, ["R"], ["shift-f5", "ctrl-r"];
    Retry, "retry", "retry now", &[Health], ["t"], ["alt-t"];
    Pause, "pause", "pause or go on", &[Health], ["p"], ["alt-p"];
    NextConnection, "next_connection", "next connection", &[Health], ["tab"], ["tab"];
    PreviousConnection, "previous_connection", "connection above", &[Health], ["backtab"], ["backtab"];
    Answer, "answer", "answer what a connection asks", VIEWS, ["A"], ["f8"];
    CopyRow, "copy_row", "copy the row as JSON", &[Activity], ["y"], ["alt-u"];
    DetailDown, "detail_down", "scroll the details down", &[Activity], ["J", "shift-down"], ["alt-down"];
    DetailUp, "detail_up", "scroll the details up", &[Activity], ["K", "shift-up"], ["alt-up"];
    KeepLocal, "keep_local", "keep the value here", &[Conflicts], ["h", "left"], ["left"];
    TakeRemote, "take_remote", "take the value there", &[Conflicts], ["l", "right"], ["right"];
    Merge, "merge", "put both values together", &[Conflicts], ["e"], ["f4"];
    SelectAll, "select_all", "select all, or none", &[Conflicts], ["a"], ["ctrl-a"];
    ShowDecided, "show_decided", "show or hide what is decided", &[Conflicts], ["d"], ["alt-d"];
    NextTab, "next_tab", "the card, or its history", &[Card], ["tab"], ["tab"];
    Restore, "restore", "bring back a version", &[Card], ["b"], ["alt-b"];
    FieldRules, "field_rules", "statuses, or field rules", &[Mapping], ["tab"], ["tab"];
    AddRow, "add_row", "add a status or a rule", &[Mapping], ["a"], ["ctrl-n"];
    RenameRow, "rename_row", "rename the column", &[Mapping], ["t"], ["f2"];
    RemoveRow, "remove_row", "remove the status or rule", &[Mapping], ["x", "D"], ["delete"];
    Save, "save", "save", &[Mapping, Text, List], ["ctrl-s"], ["ctrl-s"];
    Pane, "pane", "the focused card beside the board", &[Board], ["p"], ["f7"];
    PaneDown, "pane_down", "scroll the card beside the board down", CARDS, ["ctrl-e"], ["ctrl-down"];
    PaneUp, "pane_up", "scroll the card beside the board up", CARDS, ["ctrl-y"], ["ctrl-up"];
    Parent, "parent", "go to the card it belongs to", CARDS, ["gp"], ["alt-g"];
    OutsideEditor, "outside_editor", "go on in $EDITOR", &[Text], ["alt-e"], ["alt-e"];
    HealthPanel, "health_panel", "health panel beside the view", VIEWS, ["!"], ["f9"];
    ToggleMouse, "toggle_mouse", "take or release the mouse", VIEWS, ["ctrl-t"], ["ctrl-t"];
    Palette, "palette", "command palette", VIEWS, [":", "ctrl-p"], ["ctrl-p", ":"];
    Tour, "tour", "a short tour, or its end", VIEWS, ["g?"], [];
    Help, "help", "help and key bindings", VIEWS, ["?"], ["f1"];
    ViewBoard, "view_board", "go to the board", VIEWS, ["gb"];
    ViewMappings, "view_mappings", "go to the mappings", VIEWS, ["gm"];
    ViewHealth, "view_health", "go to health", VIEWS, ["gh"];
    ViewActivity, "view_activity", "go to activity", VIEWS, ["ga"];
    ViewConflicts, "view_conflicts", "go to conflicts", VIEWS, ["gc"];
    NextView, "next_view", "next view", VIEWS, ["]"], ["ctrl-pagedown"];
    PreviousView, "previous_view", "previous view", VIEWS, ["["], ["ctrl-pageup"];
    Themes, "themes", "choose a theme", &[Board], ["zt"];
    Redraw, "redraw", "draw everything again", VIEWS, ["ctrl-l"], ["ctrl-l"];
    Suspend, "suspend", "suspend to the shell", ROWS, ["ctrl-z"];
    Quit, "quit", "quit", VIEWS, ["q", "ctrl-c"], ["ctrl-q", "ctrl-c"];
}

impl Action {
    /// The column a `column_N` action names, from 0.
    pub fn column(self) -> Option<usize> {
        let first = Self::Column1 as usize;
        let n = (self as usize).checked_sub(first)?;
        (n < 9).then_some(n)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Layer {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|l| l.name() == s).ok_or_else(|| format!("`{s}` is no view"))
    }
}

impl FromStr for Action {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|a| a.name() == s).ok_or_else(|| format!("`{s}` is not an action"))
    }
}
