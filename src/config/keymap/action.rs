//! The closed list of things a key can be bound to, with the names people write in `[keys]`. No behaviour here.

use std::fmt;
use std::str::FromStr;

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
    ($($variant:ident, $name:literal, $what:literal, $layers:expr, [$($chord:literal),*];)*) => {
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

            /// The chords it has unless the config says otherwise.
            pub fn default_chords(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($chord),*]),* }
            }
        }
    };
}

actions! {
    FocusLeft, "focus_left", "focus the column to the left", &[Board, Mapping], ["h", "left"];
    FocusDown, "focus_down", "focus the next card or line", ROWS, ["j", "down"];
    FocusUp, "focus_up", "focus the card or line above", ROWS, ["k", "up"];
    FocusRight, "focus_right", "focus the column to the right", &[Board, Mapping], ["l", "right"];
    FocusTop, "focus_top", "focus the first", ROWS, ["gg", "home"];
    FocusBottom, "focus_bottom", "focus the last", ROWS, ["G", "end"];
    HalfPageDown, "half_page_down", "half a page down", ROWS, ["ctrl-d", "pagedown"];
    HalfPageUp, "half_page_up", "half a page up", ROWS, ["ctrl-u", "pageup"];
    Column1, "column_1", "focus column 1", &[Board], ["1"];
    Column2, "column_2", "focus column 2", &[Board], ["2"];
    Column3, "column_3", "focus column 3", &[Board], ["3"];
    Column4, "column_4", "focus column 4", &[Board], ["4"];
    Column5, "column_5", "focus column 5", &[Board], ["5"];
    Column6, "column_6", "focus column 6", &[Board], ["6"];
    Column7, "column_7", "focus column 7", &[Board], ["7"];
    Column8, "column_8", "focus column 8", &[Board], ["8"];
    Column9, "column_9", "focus column 9", &[Board], ["9"];
    MoveLeft, "move_left", "move one column to the left", CARDS, ["H", "shift-left"];
    MoveRight, "move_right", "move one column to the right", CARDS, ["L", "shift-right"];
    MoveDown, "move_down", "move down within the column", &[Board, Mapping], ["J", "shift-down"];
    MoveUp, "move_up", "move up within the column", &[Board, Mapping], ["K", "shift-up"];
    MoveTo, "move_to", "pick a column to move to", CARDS, ["m"];
    Select, "select", "select or deselect", &[Board, Health, Conflicts, List], ["space"];
    Open, "open", "open, choose", ROWS, ["enter"];
    Back, "back", "back, close, clear", &[Board, Card, Health, Mapping, Activity, Conflicts, List, Text], ["esc"];
    Filter, "filter", "filter", &[Board, Mapping, Activity, List], ["/"];
    NextMatch, "next_match", "next match", &[Board], ["n"];
    PreviousMatch, "previous_match", "previous match", &[Board], ["N"];
    Sort, "sort", "sort the cards", &[Board], ["s"];
    NextSavedView, "next_saved_view", "next saved view", &[Board], ["tab"];
    PreviousSavedView, "previous_saved_view", "previous saved view", &[Board], ["backtab"];
    SaveView, "save_view", "save the filter as a view", &[Board], ["gs"];
    RemoveView, "remove_view", "remove the saved view", &[Board], ["gS"];
    NewCard, "new_card", "new card", &[Board], ["a"];
    EditTitle, "edit_title", "edit the title", CARDS, ["t"];
    EditBody, "edit_body", "edit the body", CARDS, ["e"];
    EditInEditor, "edit_in_editor", "edit the body in $EDITOR", CARDS, ["E"];
    Comment, "comment", "comment", CARDS, ["c"];
    Labels, "labels", "labels", CARDS, ["#"];
    Assignees, "assignees", "assignees", CARDS, ["@"];
    Milestone, "milestone", "milestone", CARDS, ["M"];
    Priority, "priority", "priority", CARDS, ["P"];
    Link, "link", "link to other platforms, or unlink", CARDS, ["&"];
    CloseOrReopen, "close_or_reopen", "close or reopen", CARDS, ["x"];
    Archive, "archive", "take off the board", CARDS, ["D"];
    Undo, "undo", "undo", CARDS, ["u"];
    Redo, "redo", "redo", CARDS, ["ctrl-r"];
    OpenInBrowser, "open_in_browser", "open in the browser", CARDS, ["o"];
    CopyUrl, "copy_url", "copy the URL", CARDS, ["y"];
    CopyKey, "copy_key", "copy the key", CARDS, ["Y"];
    SyncNow, "sync_now", "sync this connection now", &[Board, Card, Health], ["r"];
    SyncAll, "sync_all", "sync all connections now", VIEWS, ["R"];
    Retry, "retry", "retry now", &[Health], ["t"];
    Pause, "pause", "pause or go on", &[Health], ["p"];
    NextConnection, "next_connection", "next connection", &[Health], ["tab"];
    PreviousConnection, "previous_connection", "connection above", &[Health], ["backtab"];
    Answer, "answer", "answer what a connection asks", VIEWS, ["A"];
    CopyRow, "copy_row", "copy the row as JSON", &[Activity], ["y"];
    DetailDown, "detail_down", "scroll the details down", &[Activity], ["J", "shift-down"];
    DetailUp, "detail_up", "scroll the details up", &[Activity], ["K", "shift-up"];
    KeepLocal, "keep_local", "keep the value here", &[Conflicts], ["h", "left"];
    TakeRemote, "take_remote", "take the value there", &[Conflicts], ["l", "right"];
    Merge, "merge", "put both values together", &[Conflicts], ["e"];
    SelectAll, "select_all", "select all, or none", &[Conflicts], ["a"];
    ShowDecided, "show_decided", "show or hide what is decided", &[Conflicts], ["d"];
    NextTab, "next_tab", "the card, or its history", &[Card], ["tab"];
    Restore, "restore", "bring back a version", &[Card], ["b"];
    FieldRules, "field_rules", "statuses, or field rules", &[Mapping], ["tab"];
    AddRow, "add_row", "add a status or a rule", &[Mapping], ["a"];
    RenameRow, "rename_row", "rename the column", &[Mapping], ["t"];
    RemoveRow, "remove_row", "remove the status or rule", &[Mapping], ["x", "D"];
    Save, "save", "save", &[Mapping, Text, List], ["ctrl-s"];
    HealthPanel, "health_panel", "health panel beside the view", VIEWS, ["!"];
    ToggleMouse, "toggle_mouse", "take or release the mouse", VIEWS, ["ctrl-t"];
    Help, "help", "help", VIEWS, ["?"];
    ViewBoard, "view_board", "go to the board", VIEWS, ["gb"];
    ViewMappings, "view_mappings", "go to the mappings", VIEWS, ["gm"];
    ViewHealth, "view_health", "go to health", VIEWS, ["gh"];
    ViewActivity, "view_activity", "go to activity", VIEWS, ["ga"];
    ViewConflicts, "view_conflicts", "go to conflicts", VIEWS, ["gc"];
    NextView, "next_view", "next view", VIEWS, ["]"];
    PreviousView, "previous_view", "previous view", VIEWS, ["["];
    Redraw, "redraw", "draw everything again", VIEWS, ["ctrl-l"];
    Suspend, "suspend", "suspend to the shell", ROWS, ["ctrl-z"];
    Quit, "quit", "quit", VIEWS, ["q", "ctrl-c"];
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

impl FromStr for Action {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|a| a.name() == s).ok_or_else(|| format!("`{s}` is not an action"))
    }
}
