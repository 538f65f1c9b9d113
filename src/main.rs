//! The `corkboard` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    corkboard::cli::run(std::env::args_os())
}
