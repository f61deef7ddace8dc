//! Answers for programs.

use clap::Args;

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Json {
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}
