//! What can be written of one card on several platforms.

/// `card link`.
#[derive(Debug, clap::Args)]
pub struct LinkArgs {
    /// The card, whose values stand: `core#12`, or the beginning of its id
    pub id: String,
    /// A connection, to make an item there, or the item that is the same work: `plan#7`
    #[arg(value_name = "CONNECTION[#NUMBER]")]
    pub to: String,
    /// Go on although values of the other card are replaced
    #[arg(long)]
    pub yes: bool,
    /// Print the card as JSON
    #[arg(long)]
    pub json: bool,
}

/// `card unlink`.
#[derive(Debug, clap::Args)]
pub struct UnlinkArgs {
    /// The card: `core#12`, or the beginning of its id
    pub id: String,
    /// The connection
    #[arg(value_name = "CONNECTION")]
    pub from: String,
    /// Print the card as JSON
    #[arg(long)]
    pub json: bool,
}

/// `card twins`.
#[derive(Debug, clap::Args)]
pub struct TwinsArgs {
    /// Only those of this card: `core#12`, or the beginning of its id
    pub id: Option<String>,
    /// This card is not the same work: never suggest it again
    #[arg(long, value_name = "CARD", requires = "id")]
    pub dismiss: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
