//! `woofer completions` and `woofer man`: what a shell and `man` want to know of the arguments.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::args::Cli;
use crate::exit::Outcome;
use crate::output::Sink;

/// Prints the completions of a shell.
pub fn completions(shell: Shell) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "woofer", &mut script);
    let mut out = Sink::open(None)?;
    out.write_all(&script)?;
    out.finish()?;
    Ok(Outcome::Done)
}

/// Writes a manual page for each command into a folder, or prints that of the program.
pub fn man(folder: Option<&Path>) -> anyhow::Result<Outcome> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        let mut out = Sink::open(None)?;
        out.write_all(&page)?;
        out.finish()?;
        return Ok(Outcome::Done);
    };
    let unwritable = || format!("{}: manual pages cannot be written there", folder.display());
    fs::create_dir_all(folder).with_context(unwritable)?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(unwritable)?;
    Ok(Outcome::Done)
}
