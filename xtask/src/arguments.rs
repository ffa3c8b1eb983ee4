//! What was asked for on the command line.

use crate::steps::{STEPS, Step};

/// Printed for `--help` and below a complaint about the arguments.
pub const USAGE: &str = "\
usage: cargo xtask ci                  run every step, the cheapest first, and stop at the first that fails
       cargo xtask ci --list           print the steps
       cargo xtask ci --only STEP ...  run these steps only
       cargo xtask STEP                run one step
       cargo xtask setup               install what the steps need beside Rust: cargo-deny";

/// What to do.
#[derive(Debug, PartialEq)]
pub enum Command {
    Help,
    List,
    SetUp,
    /// These steps, in the order of [`STEPS`].
    Run(Vec<&'static Step>),
}

impl Command {
    /// Understands the arguments, or says what is wrong with them.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match arguments.as_slice() {
            ["help" | "--help" | "-h"] | ["ci", "--help" | "-h"] => Ok(Self::Help),
            ["setup"] => Ok(Self::SetUp),
            ["ci"] => Ok(Self::Run(STEPS.iter().collect())),
            ["ci", "--list"] => Ok(Self::List),
            ["ci", "--only"] => Err("--only wants the name of a step".to_owned()),
            ["ci", "--only", names @ ..] => {
                names.iter().try_for_each(|name| known(name))?;
                Ok(Self::Run(
                    STEPS.iter().filter(|step| names.contains(&step.name)).collect(),
                ))
            }
            ["ci", other, ..] => Err(format!("ci does not know {other:?}")),
            [name] => {
                known(name)?;
                Ok(Self::Run(
                    STEPS.iter().filter(|step| step.name == *name).collect(),
                ))
            }
            [] => Err("nothing to do".to_owned()),
            [_, other, ..] => Err(format!("{other:?} is one argument too many")),
        }
    }
}

fn known(name: &str) -> Result<(), String> {
    if STEPS.iter().any(|step| step.name == name) {
        return Ok(());
    }
    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    Err(format!(
        "there is no step {name:?}; there are: {}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    fn names(line: &str) -> Vec<&'static str> {
        match parse(line) {
            Ok(Command::Run(steps)) => steps.iter().map(|step| step.name).collect(),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn ci_runs_every_step_in_order() {
        assert_eq!(
            names("ci"),
            STEPS.iter().map(|step| step.name).collect::<Vec<_>>()
        );
    }

    #[test]
    fn chosen_steps_run_in_their_usual_order() {
        assert_eq!(names("ci --only clippy format"), ["format", "clippy"]);
        assert_eq!(names("doc"), ["doc"]);
    }

    #[test]
    fn the_rest_is_understood() {
        assert_eq!(parse("ci --list"), Ok(Command::List));
        assert_eq!(parse("setup"), Ok(Command::SetUp));
        assert_eq!(parse("--help"), Ok(Command::Help));
    }

    #[test]
    fn a_wrong_argument_is_named() {
        for (line, part) in [
            ("ci --only formt", "formt"),
            ("formt", "house-rules"),
            ("ci --lst", "--lst"),
            ("ci --only", "name of a step"),
            ("doc doc", "too many"),
            ("", "nothing"),
        ] {
            let reason = parse(line).unwrap_err();
            assert!(reason.contains(part), "{line}: {reason}");
        }
    }
}
