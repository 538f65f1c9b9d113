//! What can be written behind `corkboard mapping`.

use clap::Subcommand;

/// `mapping ..`.
#[derive(Debug, Subcommand)]
pub enum MappingCommand {
    /// Read the config and say each connection's statuses and field rules, what comes back, and what cannot work
    Check(MappingCheckArgs),
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
