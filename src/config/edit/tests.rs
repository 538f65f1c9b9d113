//! Edits keep what a person wrote, and the file says what the draft says.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;
use crate::domain::mapping::{CloseReason, OpenState, Status, Target};

const FILE: &str = r#"# Ana's board
[board]
name = "App" # the name

# Columns, left to right.
[status_mapping]   # canonical = title
# about the columns
proposed = "Backlog"     # ideas
# what we said yes to
approved = 'To Do'

# --- under way ---

# being worked on
in_progress = "In Progress"
completed   = "Done"
# the end of the columns

[[connection]]
# where the code is
name = "core"
platform = "github"
repository = "octo/app"
token = { env = "GITHUB_TOKEN" } # read only
interval = "60s"

# What each column is there.
[connection.status_mapping]
# labels first
proposed    = { label = "status: proposed" }   # all open
approved.label = "status: approved"
in_progress = { label = "status: in progress" }
# then the rest
completed   = { state = "closed", reason = "completed" }

[[connection]]
name = "docs"
platform = "github"
repository = "octo/docs"
token = { command = "gh auth token" }
[connection.status_mapping]
  # indented
  proposed = { state = "open" }
  [connection.status_mapping.completed]
  # a table of its own
  state = "closed" # shut
[ui]
# nothing fancy
ascii = true
# the end
"#;

fn settings(text: &str) -> Settings {
    parse(text, None).map_err(|e| e.render(false)).expect("valid")
}

fn edited(edit: impl FnOnce(&mut MappingDraft)) -> String {
    let mut draft = MappingDraft::of(&settings(FILE));
    edit(&mut draft);
    apply_to_text(FILE, None, &draft).expect("good")
}

fn status(name: &str) -> Status {
    Status::new(name)
}

fn label(name: &str) -> Target {
    Target { label: Some(name.into()), ..Target::default() }
}

/// The lines of `new` that `old` has not, and the other way round.
fn changed(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    let only = |a: &str, b: &str| {
        let mut rest: Vec<&str> = b.lines().collect();
        a.lines()
            .filter(|line| match rest.iter().position(|l| l == line) {
                Some(at) => {
                    rest.remove(at);
                    false
                }
                None => true,
            })
            .map(str::to_owned)
            .collect()
    };
    (only(old, new), only(new, old))
}

#[test]
fn no_edit_changes_no_byte() {
    assert_eq!(edited(|_| {}), FILE);
}

#[test]
fn a_new_title_changes_one_line_and_keeps_its_comment() {
    let text = edited(|d| d.rename(0, "Ideas"));
    let (gone, new) = changed(FILE, &text);
    assert_eq!(gone, [r#"proposed = "Backlog"     # ideas"#]);
    assert_eq!(new, [r#"proposed = "Ideas"     # ideas"#]);
}

#[test]
fn a_new_column_with_its_target_adds_two_lines() {
    let text = edited(|d| {
        d.add(3, status("review"), "In \"Review\"");
        d.set_target(&ConnectionName::new("core"), &status("review"), Some(label("status: review")));
    });
    let (gone, new) = changed(FILE, &text);
    assert_eq!(gone, Vec::<String>::new());
    assert_eq!(new, ["review = 'In \"Review\"'", r#"review = { label = "status: review" }"#]);
    let at = |needle: &str| text.find(needle).expect("there");
    assert!(at("in_progress = \"In") < at("review = 'In") && at("review = 'In") < at("completed   = \"Done"));
}

#[test]
fn removing_a_column_takes_its_own_comment_and_no_other() {
    let text = edited(|d| {
        d.remove(2);
    });
    let (gone, new) = changed(FILE, &text);
    let wanted = [
        "# being worked on",
        "in_progress = \"In Progress\"",
        "in_progress = { label = \"status: in progress\" }",
    ];
    assert_eq!(gone, wanted);
    assert_eq!(new, Vec::<String>::new());
}

#[test]
fn removing_the_first_and_the_last_column_keeps_the_comments_of_the_table() {
    let text = edited(|d| {
        d.remove(3);
        d.remove(0);
        d.set_target(&ConnectionName::new("docs"), &status("approved"), Some(label("yes")));
    });
    for comment in
        ["# about the columns", "# --- under way ---", "# the end of the columns", "# labels first"]
    {
        assert!(text.contains(comment), "{comment} is gone:\n{text}");
    }
}

#[test]
fn columns_change_places_with_their_comments() {
    let text = edited(|d| d.reorder(3, 0));
    let (gone, new) = changed(FILE, &text);
    assert_eq!((gone.len(), new.len()), (0, 0), "{text}");
    let at = |needle: &str| text.find(needle).expect("there");
    assert!(at("# about the columns") < at("completed   = \"Done"));
    assert!(at("completed   = \"Done") < at("proposed = \"Backlog"));
}

#[test]
fn a_target_written_as_a_table_is_changed_in_place() {
    let text = edited(|d| {
        let closed = Target {
            state: Some(OpenState::Closed),
            reason: Some(CloseReason::NotPlanned),
            ..Target::default()
        };
        d.set_target(&ConnectionName::new("docs"), &status("completed"), Some(closed));
    });
    let (gone, new) = changed(FILE, &text);
    assert_eq!(gone, Vec::<String>::new());
    assert_eq!(new.iter().map(|l| l.trim()).collect::<Vec<_>>(), ["reason = \"not_planned\""]);
}

#[test]
fn windows_line_ends_stay() {
    let old = FILE.replace('\n', "\r\n");
    let mut draft = MappingDraft::of(&settings(&old));
    draft.rename(1, "Next");
    let new = apply_to_text(&old, None, &draft).expect("good");
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    assert!(new.contains("approved = \"Next\"\r\n"), "{new}");
}

#[test]
fn a_file_without_columns_gets_them_after_the_board() {
    let old = "[board]\nname = \"x\"\n\n[ui]\nascii = true\n";
    let mut draft = MappingDraft::of(&settings(old));
    draft.rename(0, "Inbox");
    let new = apply_to_text(old, None, &draft).expect("good");
    let at = |needle: &str| new.find(needle).expect(needle);
    assert!(at("[board]") < at("[status_mapping]") && at("[status_mapping]") < at("[ui]"), "{new}");
}

#[test]
fn a_draft_with_problems_is_refused() {
    let mut draft = MappingDraft::of(&settings(FILE));
    draft.rename(0, "");
    assert!(matches!(apply_to_text(FILE, None, &draft), Err(EditError::Problems(p)) if p.len() == 1));
}

fn on_disk() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("config.toml");
    std::fs::write(&path, FILE).expect("written");
    (dir, path)
}

#[test]
fn saving_replaces_the_file_and_keeps_its_permissions_and_its_link() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, path) = on_disk();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("set");
    let link = dir.path().join("link.toml");
    std::os::unix::fs::symlink(&path, &link).expect("linked");
    let mut draft = MappingDraft::of(&settings(FILE));
    draft.rename(0, "Inbox");
    let saved = save(&link, Some(FILE), &draft).expect("saved");
    assert_eq!(MappingDraft::of(&saved), draft);
    assert_eq!(saved.file.as_deref(), Some(link.as_path()));
    assert!(link.symlink_metadata().expect("there").is_symlink());
    assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o640);
    let on_disk = std::fs::read_to_string(&path).expect("text");
    assert_eq!(saved.source.as_deref(), Some(on_disk.as_str()));
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 2, "nothing is left behind");
}

#[test]
fn a_file_that_changed_meanwhile_is_not_overwritten() {
    let (_dir, path) = on_disk();
    let theirs = FILE.replace("Backlog", "Theirs");
    std::fs::write(&path, &theirs).expect("written");
    let mut draft = MappingDraft::of(&settings(FILE));
    draft.rename(0, "Mine");
    assert!(matches!(save(&path, Some(FILE), &draft), Err(EditError::Changed { .. })));
    assert_eq!(std::fs::read_to_string(&path).expect("text"), theirs);
}

#[test]
fn a_board_without_a_file_gets_one_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("new/config.toml");
    let mut draft = MappingDraft::of(&Settings::default());
    draft.add(1, status("next"), "Next");
    let saved = save(&path, None, &draft).expect("saved");
    assert_eq!(MappingDraft::of(&saved), draft);
    assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    assert!(matches!(save(&path, None, &draft), Err(EditError::Write { .. })), "there is one now");
}

/// One turn in the mapping editor.
#[derive(Debug, Clone)]
enum Edit {
    Rename(usize, String),
    Add(usize, String),
    Remove(usize),
    Reorder(usize, usize),
    Map(bool, usize, Option<Target>),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let title = "[A-Z][a-z \"'#=]{0,8}[a-z]";
    let name = "[a-z][a-z0-9_-]{0,5}";
    let target = prop_oneof![
        "[a-z][a-z:\" ]{0,6}[a-z]".prop_map(|l| label(&l)),
        Just(Target { state: Some(OpenState::Open), ..Target::default() }),
        prop::sample::select(CloseReason::ALL.to_vec()).prop_map(|r| Target {
            state: Some(OpenState::Closed),
            reason: Some(r),
            ..Target::default()
        }),
        "[a-z]{1,3}".prop_map(|l| Target { state: Some(OpenState::Closed), ..label(&l) }),
    ];
    prop_oneof![
        (0..6_usize, title).prop_map(|(r, t)| Edit::Rename(r, t)),
        (0..6_usize, name).prop_map(|(r, n)| Edit::Add(r, n)),
        (0..6_usize).prop_map(Edit::Remove),
        (0..6_usize, 0..6_usize).prop_map(|(a, b)| Edit::Reorder(a, b)),
        (any::<bool>(), 0..6_usize, prop::option::weighted(0.8, target))
            .prop_map(|(c, r, t)| Edit::Map(c, r, t)),
    ]
}

impl Edit {
    fn make(self, draft: &mut MappingDraft) {
        match self {
            Self::Rename(row, title) => draft.rename(row, title),
            Self::Add(row, name) => draft.add(row, status(&name), format!("Column {name}")),
            Self::Remove(row) => drop(draft.remove(row)),
            Self::Reorder(from, to) => draft.reorder(from, to),
            Self::Map(core, row, target) => {
                let name = ConnectionName::new(if core { "core" } else { "docs" });
                if let Some((status, _)) = draft.columns.get(row).cloned() {
                    draft.set_target(&name, &status, target);
                }
            }
        }
    }
}

#[test]
fn a_comment_that_moved_above_a_table_of_its_own_does_not_go_with_that_table() {
    let docs = ConnectionName::new("docs");
    let mut draft = MappingDraft::of(&settings(FILE));
    let mut text = FILE.to_owned();
    draft.remove(0);
    text = apply_to_text(&text, None, &draft).expect("good");
    draft.set_target(&docs, &status("approved"), Some(label("aa")));
    text = apply_to_text(&text, None, &draft).expect("good");
    draft.remove(2);
    text = apply_to_text(&text, None, &draft).expect("good");
    assert!(text.contains("# indented"), "{text}");
}

/// The comment lines that stand directly above an entry of a mapping but its first: what goes when the entry goes.
const ATTACHED: [&str; 4] =
    ["# what we said yes to", "# being worked on", "# then the rest", "# a table of its own"];

#[test]
fn a_column_that_goes_takes_its_limit_with_it_and_leaves_the_others() {
    let old =
        "[status_mapping]\na = \"A\"\nb = \"B\"\n\n[wip]\na = 3 # few\nb = { limit = 4, hard = true }\n";
    let mut draft = MappingDraft::of(&settings(old));
    draft.rename(0, "First");
    let renamed = apply_to_text(old, None, &draft).expect("good");
    assert_eq!(settings(&renamed).limits, settings(old).limits);
    draft.remove(1);
    let text = apply_to_text(&renamed, None, &draft).expect("good");
    assert!(text.contains("a = 3 # few") && !text.contains("hard"), "{text}");
    draft.remove(0);
    draft.add(0, status("c"), "C");
    let text = apply_to_text(&text, None, &draft).expect("good");
    assert!(settings(&text).limits.is_empty(), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// The file says what the draft says, and no comment is lost that did not belong to something removed.
    #[test]
    fn any_edits_keep_every_comment_and_load_to_the_draft(edits in prop::collection::vec(any_edit(), 1..8)) {
        let mut draft = MappingDraft::of(&settings(FILE));
        let mut text = FILE.to_owned();
        let removed_before = |draft: &MappingDraft| {
            let had = MappingDraft::of(&settings(FILE));
            had.columns.iter().any(|(s, _)| draft.row(s).is_none())
                || had.targets.iter().any(|(c, t)| t.keys().any(|s| draft.target(c, s).is_none()))
        };
        let mut removed = false;
        for edit in edits {
            let before = draft.clone();
            edit.make(&mut draft);
            if !draft.problems().is_empty() {
                draft = before;
                continue;
            }
            removed |= removed_before(&draft);
            text = apply_to_text(&text, None, &draft).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            prop_assert_eq!(&MappingDraft::of(&settings(&text)), &draft);
        }
        for line in FILE.lines().map(str::trim).filter(|l| l.starts_with('#')) {
            let may_go = removed && ATTACHED.contains(&line);
            prop_assert!(may_go || text.lines().any(|l| l.trim() == line), "{} is gone:\n{}", line, text);
        }
    }
}
