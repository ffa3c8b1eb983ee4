use std::io;
use std::process::ExitCode;

/// How a command ended when nothing stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All went well: 0.
    Done,
    /// It ran to its end, but some inputs failed: 1.
    SomeFailed,
    /// Nothing could be done: 3. (Wrong usage is 2, and comes from the argument parser.)
    NothingDone,
}

/// The exit code of a command, after saying what stopped it, if anything did.
pub fn code(outcome: anyhow::Result<Outcome>) -> ExitCode {
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(1),
        Ok(Outcome::NothingDone) => ExitCode::from(3),
        // Whoever read our output has enough of it, as in `woofer classify ... | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            crate::logging::error(&format!("{error:#}"));
            ExitCode::from(3)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
