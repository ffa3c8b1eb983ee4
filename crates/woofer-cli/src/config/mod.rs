//! Settings: an option on the command line over a `WOOFER_*` variable over `woofer.toml` over the default.
//!
//! ```text
//! clap's arguments -> settings (what can be set, under which names)
//! woofer.toml      -> file (entries with their lines) -> entries that fit a setting, or faults
//! both, variables  -> source (what sets each setting, beside what is typed) -> apply (defaults of the arguments) -> what was typed
//!                     and set, as one
//! ```
//!
//! Of two settings that exclude each other the stronger is taken and the weaker left out; which do, clap's arguments say, and where it hangs on their values
//! `settled` asks the command.
//!
//! There is no second list of options: whatever a command takes on its line can be set in the file, unless it belongs to
//! one call only.

mod apply;
mod args;
mod check;
mod entries;
mod file;
mod settings;
mod settled;
mod show;
mod source;
mod typed;

use std::path::PathBuf;

pub use apply::matches;
pub use args::ConfigCommand;
pub use settled::{Given, Settle, Settled, excluded};

use crate::exit::Outcome;

/// The file in use and how many settings it holds, or all that is wrong with it and with the variables.
pub fn state(command: &clap::Command) -> Result<Option<(PathBuf, usize)>, Vec<String>> {
    check::state(&settings::Setting::all(command))
}

/// Runs `woofer config` on the settings that the program's `arguments` have.
pub fn run(arguments: &clap::Command, command: &ConfigCommand) -> anyhow::Result<Outcome> {
    let settings = settings::Setting::all(arguments);
    match command {
        ConfigCommand::Show(args) => show::run(args, &settings),
        ConfigCommand::Check { file } => check::run(file.as_deref(), &settings),
        ConfigCommand::Path => check::path(),
    }
}
