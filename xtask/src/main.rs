//! The project's own chores: `cargo xtask ci` runs what CI runs, and each of its steps can be run by itself.
//!
//! ```text
//! arguments -> Command -> steps, the cheapest first -> summary
//! ```
//!
//! The steps stand in [`steps`]; [`house_rules`] holds what no other tool checks.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is its job"
)]

mod arguments;
mod cargo_deny;
mod child;
mod house_rules;
mod onnx;
mod readme;
mod report;
mod steps;
mod tree;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::{Command, USAGE};

/// Why a step failed, in words for whoever ran it.
type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let command = match Command::parse(&arguments) {
        Ok(command) => command,
        Err(reason) => {
            eprintln!("{reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    // Cargo says where the sources are now; where they were when this was built may be another copy of them.
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let Some(root) = folder.as_deref().and_then(Path::parent) else {
        eprintln!("xtask is started by cargo: cargo xtask ci");
        return ExitCode::from(2);
    };
    match command {
        Command::Help => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Command::List => {
            print!("{}", report::list());
            ExitCode::SUCCESS
        }
        Command::SetUp => match cargo_deny::install(root) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                eprintln!("{reason}");
                ExitCode::FAILURE
            }
        },
        Command::Run(steps) => report::run(root, &steps),
    }
}
