//! Programs that a step starts. They write to this terminal themselves, so that nothing of theirs is lost.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Failure;

/// The cargo that started xtask, in the workspace's folder.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// Runs a program to its end, showing the command line first.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let line = line(command);
    println!("$ {line}");
    let status = command
        .status()
        .map_err(|error| format!("{line}: cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{line}: {status}"))
    }
}

/// Runs a program to its end and returns what it printed, without the line end.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let line = line(command);
    let output = command
        .output()
        .map_err(|error| format!("{line}: cannot be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{line}: {}\n{}", output.status, said.trim_end()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// The command as one would type it, but for quotes.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words: Vec<_> = std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let reason = run(&mut Command::new("woofer-no-such-program")).unwrap_err();
        assert!(
            reason.contains("woofer-no-such-program: cannot be started"),
            "{reason}"
        );
    }

    #[test]
    fn a_program_that_fails_is_named_with_its_arguments() {
        let reason = output(cargo(Path::new(".")).arg("no-such-subcommand")).unwrap_err();
        assert!(
            reason.starts_with("cargo no-such-subcommand: exit status"),
            "{reason}"
        );
    }
}
