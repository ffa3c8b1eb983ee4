//! Runs steps one after another and says how each went.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::steps::{STEPS, Step};

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

/// Runs the steps until one fails, then prints a summary.
pub fn run(root: &Path, steps: &[&Step]) -> ExitCode {
    let mut outcomes = vec![Outcome::NotRun; steps.len()];
    let mut code = ExitCode::SUCCESS;
    for (i, (step, outcome)) in steps.iter().zip(&mut outcomes).enumerate() {
        println!("\n== {}/{} {}: {}", i + 1, steps.len(), step.name, step.about);
        let start = Instant::now();
        match (step.check)(root) {
            Ok(()) => *outcome = Outcome::Passed(start.elapsed()),
            Err(reason) => {
                *outcome = Outcome::Failed(start.elapsed());
                println!("{}: {reason}", step.name);
                code = ExitCode::FAILURE;
                break;
            }
        }
    }
    print!("\n{}", summary(steps, &outcomes));
    code
}

/// The names of the steps and what each does.
pub fn list() -> String {
    STEPS.iter().fold(String::new(), |mut text, step| {
        let _ = writeln!(text, "{:12} {}", step.name, step.about);
        text
    })
}

fn summary(steps: &[&Step], outcomes: &[Outcome]) -> String {
    steps
        .iter()
        .zip(outcomes)
        .fold(String::new(), |mut text, (step, outcome)| {
            let (word, took) = match outcome {
                Outcome::Passed(took) => ("passed", Some(took)),
                Outcome::Failed(took) => ("FAILED", Some(took)),
                Outcome::NotRun => ("not run", None),
            };
            let took = took.map_or_else(String::new, |took| format!("{:8.1} s", took.as_secs_f64()));
            let _ = writeln!(text, "{}", format!("{:12} {word:8} {took}", step.name).trim_end());
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_a_line_for_each_step() {
        let steps: Vec<&Step> = STEPS.iter().take(3).collect();
        let outcomes = [
            Outcome::Passed(Duration::from_millis(1260)),
            Outcome::Failed(Duration::from_secs(61)),
            Outcome::NotRun,
        ];
        assert_eq!(
            summary(&steps, &outcomes),
            "toolchain    passed        1.3 s\nformat       FAILED       61.0 s\nhouse-rules  not run\n"
        );
    }

    #[test]
    fn the_list_names_every_step() {
        let list = list();
        assert!(
            STEPS
                .iter()
                .all(|step| list.contains(step.name) && list.contains(step.about))
        );
    }
}
