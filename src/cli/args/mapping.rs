//! What can be written behind `corkboard mapping`.

use clap::Subcommand;

/// `mapping ..`.
#[derive(Debug, Subcommand)]
pub enum MappingCommand {
    /// Read the config and say each connection's statuses and field rules, what comes back, and what cannot work
    Check(MappingCheckArgs),
    /// Print the platform's own boards as columns and mapping to paste into the config; it only reads
    Suggest(MappingSuggestArgs),
    /// Say step by step what the field rules make of a card, there and back, and what the next sync would do about it
    Try(MappingTryArgs),
}

/// `mapping check`.
#[derive(Debug, clap::Args)]
pub struct MappingCheckArgs {
    /// Only this connection
    #[arg(value_name = "CONNECTION")]
    pub connection: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `mapping suggest`.
#[derive(Debug, clap::Args)]
pub struct MappingSuggestArgs {
    /// Whose boards
    #[arg(value_name = "CONNECTION")]
    pub connection: String,
    /// Only the board of this name
    #[arg(long, value_name = "NAME")]
    pub board: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `mapping try`.
#[derive(Debug, clap::Args)]
pub struct MappingTryArgs {
    /// The card: `core#12`, or the beginning of its id
    #[arg(value_name = "CARD")]
    pub card: String,
    /// Only on this connection, also where the card is not linked to it; on each it is linked to when left out
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
