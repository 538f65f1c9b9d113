//! What can be written on the command line.

mod links;
mod mapping;

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

use super::colour::When;
use super::snapshot::{Shown, Size};
pub use links::{LinkArgs, TwinsArgs, UnlinkArgs};
pub use mapping::{MappingCheckArgs, MappingCommand, MappingSuggestArgs, MappingTryArgs};

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 failed, 2 usage or config, 3 finished but something waits for you.\n\
                          Logs are in the state folder (`corkboard doctor` says where); CORKBOARD_LOG sets their filter.";

/// A kanban board in the terminal that keeps every card in step with GitHub Issues.
///
/// Without a command it opens the board.
#[derive(Debug, Parser)]
#[command(name = "corkboard", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Args {
    /// The config file [default: config.toml in the user's config folder]
    #[arg(long, global = true, value_name = "FILE", env = "CORKBOARD_CONFIG")]
    pub config: Option<PathBuf>,
    /// The folder of the database [default: the user's data folder]
    #[arg(long, global = true, value_name = "DIR", env = "CORKBOARD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Draw with ASCII only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// The board as a conversation in lines: nothing moves, nothing is drawn
    #[arg(long, global = true)]
    pub plain: bool,
    /// When colours are written: on a terminal, always, or never
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto")]
    pub color: When,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try the board on a simulated GitHub: no account, no network, nothing is kept
    Demo(DemoArgs),
    /// Write a config for the repository of this folder, and try the connection
    Init(InitArgs),
    /// Check config, database, connections and terminal, and say what to do
    Doctor(DoctorArgs),
    /// Make one complete pass over the connections without opening the board
    Sync(SyncArgs),
    /// Run the simulated GitHub on its own
    Sandbox(SandboxArgs),
    /// List, show and change cards
    #[command(subcommand)]
    Card(CardCommand),
    /// List conflicts and decide them
    #[command(subcommand)]
    Conflicts(ConflictsCommand),
    /// Show, export and check the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Say what is mapped to what, and whether it can work
    #[command(subcommand)]
    Mapping(MappingCommand),
    /// Make local cards of what another tracker exported
    #[command(subcommand)]
    Import(ImportCommand),
    /// Show how every connection is doing, as the process that syncs it last told
    Monitor(MonitorArgs),
    /// Draw a view into a file, as an SVG or as text
    Snapshot(SnapshotArgs),
    /// Sync without the board until asked to end, and serve metrics, health and webhooks
    Serve(ServeArgs),
}

/// `demo`.
#[derive(Debug, Default, clap::Args)]
pub struct DemoArgs {
    /// Leave out the colleague who edits now and then
    #[arg(long)]
    pub alone: bool,
}

/// `snapshot`.
#[derive(Debug, clap::Args)]
#[command(after_help = "It draws what the database holds; nothing is synced, and no card is changed.")]
pub struct SnapshotArgs {
    /// Columns and rows
    #[arg(long, value_name = "WxH", default_value = "120x36")]
    pub size: Size,
    /// The theme, instead of the config's
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// board, mappings, health, activity, conflicts, help, themes or card:KEY
    #[arg(long, value_name = "VIEW", default_value = "board")]
    pub view: Shown,
    /// The health panel beside the view
    #[arg(long)]
    pub panel: bool,
    /// The file: .svg, .txt, or .ans for text with a terminal's colour codes
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Of the demo's board at a fixed moment instead: always the same picture
    #[arg(long)]
    pub demo: bool,
}

/// `init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The repository, instead of the one the git remote names
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<String>,
    /// The git remote to read
    #[arg(long, value_name = "NAME", default_value = "origin")]
    pub remote: String,
    /// Base of the API, instead of the one that goes with the remote's host
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// Write the config and try nothing
    #[arg(long)]
    pub offline: bool,
}

impl Default for InitArgs {
    fn default() -> Self {
        Self { repository: None, remote: "origin".to_owned(), api_url: None, offline: false }
    }
}

/// `doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `sync`.
#[derive(Debug, clap::Args)]
pub struct SyncArgs {
    /// One pass, then end
    #[arg(long, required = true)]
    pub once: bool,
    /// Change nothing, here or there, and say what would be sent
    #[arg(long)]
    pub dry_run: bool,
    /// Go on with acts that change many issues, and with what the connections asked before
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Count the issues too: find those that were deleted, transferred or hidden
    #[arg(long, conflicts_with = "dry_run")]
    pub census: bool,
    /// Only this connection
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Which platform a sandbox plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SandboxPlatform {
    /// GitHub's REST API.
    Github,
}

/// `sandbox`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = crate::sandbox::Faults::HELP)]
pub struct SandboxArgs {
    /// The platform to play
    #[arg(long, value_enum, default_value = "github")]
    pub platform: SandboxPlatform,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// `demo`, a number of made-up issues, or a file of issues as GitHub's REST API returns them
    #[arg(long, value_name = "FILE|N", default_value = "demo")]
    pub seed: String,
    /// What goes wrong, such as `READ p=0.1 status=502; WRITE latency=50ms` (`--help` has the language)
    #[arg(long, value_name = "SPEC", default_value = "")]
    pub faults: String,
}

/// `import ..`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Import an export of Bitbucket's issue tracker, which is no more
    Bitbucket(ImportBitbucketArgs),
}

/// `import bitbucket`.
#[derive(Debug, clap::Args)]
pub struct ImportBitbucketArgs {
    /// The exported zip archive, or the db-1.0.json in it
    pub file: PathBuf,
    /// Change nothing, and say what would be made
    #[arg(long)]
    pub dry_run: bool,
    /// Which status one of the tracker's words stands for, such as "on hold=approved"; may be given several times
    #[arg(long, value_name = "WORD=STATUS")]
    pub status: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `monitor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 healthy, 1 a connection is down, 2 usage or config, 3 something waits for you."
)]
pub struct MonitorArgs {
    /// Print JSON; with --watch one object a line
    #[arg(long)]
    pub json: bool,
    /// Go on, and print again whenever something changed
    #[arg(long)]
    pub watch: bool,
}

/// `serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7420")]
    pub listen: std::net::SocketAddr,
    /// Listen on an address that other machines can reach too; put a proxy with TLS before it
    #[arg(long)]
    pub allow_remote: bool,
}

/// `audit ..`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List rows, newest first
    List(AuditListArgs),
    /// Print every row, oldest first, as JSON Lines
    Export(AuditExportArgs),
    /// Check the chain of hashes and name the first row that is not as it was written
    Verify(AuditVerifyArgs),
}

/// Which rows of the audit log.
#[derive(Debug, clap::Args)]
pub struct AuditWhich {
    /// Only rows of this connection
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Only this action: create, update, comment, conflict, undo, mapping, ..
    #[arg(long, value_name = "WORD")]
    pub action: Option<String>,
    /// Only rows of this card: `core#12`, or the beginning of its id
    #[arg(long, value_name = "CARD")]
    pub card: Option<String>,
    /// Only rows that hold this text
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Only what did not end well
    #[arg(long)]
    pub trouble: bool,
    /// From then on: `2h` ago, `2026-11-21` or `2026-11-21T12:30:00Z` (UTC)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Before then
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
}

/// `audit list`.
#[derive(Debug, clap::Args)]
pub struct AuditListArgs {
    /// Which rows
    #[command(flatten)]
    pub which: AuditWhich,
    /// How many
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 50)]
    pub number: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `audit export`.
#[derive(Debug, clap::Args)]
pub struct AuditExportArgs {
    /// Which rows
    #[command(flatten)]
    pub which: AuditWhich,
}

/// `audit verify`.
#[derive(Debug, clap::Args)]
pub struct AuditVerifyArgs {
    /// A row's number and hash as an earlier check printed them: proves that nothing before was written anew
    #[arg(long, value_name = "SEQ:HASH")]
    pub head: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `conflicts ..`.
#[derive(Debug, Subcommand)]
pub enum ConflictsCommand {
    /// List those that wait, then those decided last
    List(ConflictListArgs),
    /// Decide one that waits; the value that loses stays in the card's history
    Resolve(ResolveArgs),
}

/// `conflicts list`.
#[derive(Debug, clap::Args)]
pub struct ConflictListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `conflicts resolve`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("choice").required(true))]
pub struct ResolveArgs {
    /// Its number, as `conflicts list` shows it
    pub id: i64,
    /// Whose value becomes the card's: `local` (the value here; it is sent), `remote` (the one on the platform), or the
    /// name of the connection it came from
    #[arg(long, value_name = "local|remote|CONNECTION", group = "choice")]
    pub take: Option<String>,
    /// A file with the text that shall become the value of both; `-` reads it from standard input
    #[arg(long, value_name = "FILE", group = "choice")]
    pub merged_file: Option<PathBuf>,
}

/// `card ..`.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// List the cards, in board order
    List(ListArgs),
    /// Show one card with its body and comments
    Show(ShowArgs),
    /// Make a card
    Create(CreateArgs),
    /// Change a card
    Edit(EditArgs),
    /// Put a card into another column
    Move(MoveArgs),
    /// Say something on a card
    Comment(CommentArgs),
    /// Show a card's versions, newest first
    History(HistoryArgs),
    /// Bring a version's value back
    Restore(RestoreArgs),
    /// Put a card on one more connection, or make one card of two
    Link(LinkArgs),
    /// Take a card off a connection; its item there goes on as a card of its own
    Unlink(UnlinkArgs),
    /// List cards that may be the same work on two platforms, and why; nothing is linked
    Twins(TwinsArgs),
}

/// `card history`.
#[derive(Debug, clap::Args)]
pub struct HistoryArgs {
    /// The card: `core#12`, or the beginning of its id
    pub id: String,
    /// How many versions
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 50)]
    pub number: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `card restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The card: `core#12`, or the beginning of its id
    pub id: String,
    /// The version's number, as `card history` shows it
    #[arg(long, value_name = "SEQ")]
    pub version: i64,
    /// Print the card as JSON
    #[arg(long)]
    pub json: bool,
}

/// `card list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only cards that answer this query, as in the board's filter: "is:open label:bug updated:<7d sort:priority"
    #[arg(value_name = "QUERY")]
    pub query: Option<String>,
    /// Only cards of this status (or column title)
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Only cards with this label; several must all be there
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// Only cards assigned to this login
    #[arg(long, value_name = "LOGIN")]
    pub assignee: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `card show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The card: `core#12`, or the beginning of its id
    pub id: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `card create`.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// The title
    #[arg(long, required_unless_present_any = ["quick", "template"])]
    pub title: Option<String>,
    /// The card in one line, as on the board: "Fix login #bug @ana !high ~v1.2 ^core#12 =3 due:fri"
    #[arg(long, value_name = "LINE")]
    pub quick: Option<String>,
    /// Begin with a `[[template]]` of the config
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// The body in Markdown; `-` reads it from standard input
    #[arg(long)]
    pub body: Option<String>,
    /// The status (or column title) [default: the first column]
    #[arg(long)]
    pub status: Option<String>,
    /// A label; may be given several times
    #[arg(long, value_name = "LABEL")]
    pub label: Vec<String>,
    /// A login to assign; may be given several times
    #[arg(long, value_name = "LOGIN")]
    pub assignee: Vec<String>,
    /// The milestone's title
    #[arg(long)]
    pub milestone: Option<String>,
    /// A further field, such as priority=high, estimate=3 or due=2026-11-30; may be given several times
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// epic, issue or task [default: the template's, else issue]
    #[arg(long)]
    pub kind: Option<String>,
    /// A connection to create it on too; may be given several times [default: by `[new_cards]`, else the only one]
    #[arg(long, value_name = "NAME")]
    pub connection: Vec<String>,
    /// Keep it on this machine
    #[arg(long, conflicts_with = "connection")]
    pub local: bool,
    /// Print the card as JSON
    #[arg(long)]
    pub json: bool,
}

/// `card edit`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct EditArgs {
    /// The card: `core#12`, or the beginning of its id
    pub id: String,
    /// The new title
    #[arg(long, group = "change")]
    pub title: Option<String>,
    /// The new body in Markdown; `-` reads it from standard input
    #[arg(long, group = "change")]
    pub body: Option<String>,
    /// A label to add; may be given several times
    #[arg(long, value_name = "LABEL", group = "change")]
    pub add_label: Vec<String>,
    /// A label to remove; may be given several times
    #[arg(long, value_name = "LABEL", group = "change")]
    pub remove_label: Vec<String>,
    /// A login to assign; may be given several times
    #[arg(long, visible_alias = "add-assignee", value_name = "LOGIN", group = "change")]
    pub assignee: Vec<String>,
    /// A login to unassign; may be given several times
    #[arg(long, value_name = "LOGIN", group = "change")]
    pub remove_assignee: Vec<String>,
    /// The milestone's title; an empty one clears it
    #[arg(long, group = "change")]
    pub milestone: Option<String>,
    /// A further field, such as priority=high, estimate=3 or due=2026-11-30; an empty value clears it; may be given
    /// several times
    #[arg(long, value_name = "FIELD=VALUE", group = "change")]
    pub set: Vec<String>,
    /// Agree to what the body loses on a platform; alone: of the body as it is
    #[arg(long, group = "change")]
    pub yes: bool,
    /// Print the card as JSON
    #[arg(long, action = ArgAction::SetTrue)]
    pub json: bool,
}

/// `card move`.
#[derive(Debug, clap::Args)]
pub struct MoveArgs {
    /// The card: `core#12`, or the beginning of its id
    pub id: String,
    /// The status, or its column's title
    pub status: String,
    /// Give a field that a platform wants with the move, such as `resolution=Done`; may be repeated
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// Print the card as JSON; where it is not moved, why not and what is asked for
    #[arg(long)]
    pub json: bool,
}

/// `card comment`.
#[derive(Debug, clap::Args)]
pub struct CommentArgs {
    /// The card: `core#12`, or the beginning of its id
    pub id: String,
    /// What to say, in Markdown; `-` reads it from standard input
    #[arg(allow_hyphen_values = true)]
    pub body: String,
    /// Print the card as JSON
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definitions_are_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_may_stand_before_and_after_the_command() {
        for line in [["corkboard", "--config", "c", "doctor"], ["corkboard", "doctor", "--config", "c"]] {
            assert_eq!(Args::try_parse_from(line).expect("good").config, Some(PathBuf::from("c")));
        }
    }

    #[test]
    fn an_edit_without_a_change_is_refused() {
        assert!(Args::try_parse_from(["corkboard", "card", "edit", "ab"]).is_err());
        assert!(Args::try_parse_from(["corkboard", "card", "edit", "ab", "--milestone", ""]).is_ok());
    }
}
