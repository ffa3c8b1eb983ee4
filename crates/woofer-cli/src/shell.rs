//! `woofer completions` and `woofer man`: what a shell and `man` want to know of the arguments.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::{Shell, generate};

use crate::exit::Outcome;
use crate::output::Sink;

/// Prints the completions of a shell for the program's `command`.
pub fn completions(mut command: Command, shell: Shell) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    generate(shell, &mut command, "woofer", &mut script);
    let mut out = Sink::open(None)?;
    out.write_all(&script)?;
    out.finish()?;
    Ok(Outcome::Done)
}

/// Writes a manual page for each command into a folder, or prints that of the program, `command`.
pub fn man(command: Command, folder: Option<&Path>) -> anyhow::Result<Outcome> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        let mut out = Sink::open(None)?;
        out.write_all(&page)?;
        out.finish()?;
        return Ok(Outcome::Done);
    };
    let unwritable = || format!("{}: manual pages cannot be written there", folder.display());
    fs::create_dir_all(folder).with_context(unwritable)?;
    clap_mangen::generate_to(command, folder).with_context(unwritable)?;
    Ok(Outcome::Done)
}
