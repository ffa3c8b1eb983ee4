use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::drain::{self, Drain};
use super::error::{ChildError, said};
use super::finished::Finished;
use super::supervise::{Cancel, End, Reason, Supervisor};
use super::{group, guard};
use crate::Stop;

/// The most that is kept of standard output unless [`Program::stdout_limit`] says otherwise.
const STDOUT_LIMIT: usize = 1 << 20;
/// The most that is kept of standard error: its end.
const STDERR_KEPT: usize = 64 << 10;

/// A program that is to run as a child, with its arguments.
///
/// No shell is asked: every argument reaches the program as it is. The environment is this program's own, proxies with
/// it. Standard input is empty unless [`Program::stream_from`] gives one.
#[derive(Debug, Clone)]
pub struct Program {
    name: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    time_limit: Option<Duration>,
    stdout_limit: usize,
}

/// A child just started, with what reads from it.
pub(super) struct Started {
    pub child: Child,
    pub stderr: Drain<Vec<u8>>,
}

impl Program {
    /// A program by its name, which is looked for on the PATH, or by its path.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            name: program.as_ref().to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            folder: None,
            time_limit: None,
            stdout_limit: STDOUT_LIMIT,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Runs it in a folder.
    #[must_use]
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Ends it, and all it started, after a time.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// The most bytes that [`Program::run`] takes from standard output; 1 MiB unless this is called.
    #[must_use]
    pub const fn stdout_limit(mut self, bytes: usize) -> Self {
        self.stdout_limit = bytes;
        self
    }

    /// The program's name, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        Path::new(&self.name).display().to_string()
    }

    /// The program and its arguments as one would type them, for showing to people; passwords and keys are taken out.
    #[must_use]
    pub fn command_line(&self) -> String {
        let words = std::iter::once(&self.name).chain(&self.args);
        let words = words.map(|word| quoted(&word.to_string_lossy()));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Runs the program to its end, whether it succeeds or not, and returns what it said.
    ///
    /// # Errors
    /// [`ChildError`], but for `Failed`: there is no such program, it took longer than the time limit, printed more than
    /// is allowed, or `stop` was wished. Nothing of it is running any more then.
    pub fn run(&self, stop: &Stop) -> Result<Finished, ChildError> {
        let Started { mut child, stderr } = self.start(Stdio::null())?;
        let cancel = Cancel::default();
        let on_too_much = cancel.clone();
        let stdout = child
            .stdout
            .take()
            .map(|pipe| drain::first(pipe, self.stdout_limit, move || on_too_much.now()));
        let end = Supervisor::start(child, self.time_limit, stop.clone(), cancel).finish();
        let stdout = stdout.map(Drain::finish).unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr.finish()).into_owned();
        if stdout.too_much {
            return Err(ChildError::TooMuchOutput {
                program: self.name(),
                limit: self.stdout_limit,
            });
        }
        let status = self.status(end, &stderr)?;
        if let Some(error) = stdout.error {
            return Err(self.io("cannot be read from", error));
        }
        Ok(Finished {
            program: self.name(),
            status,
            stdout: stdout.bytes,
            stderr,
        })
    }

    /// Starts the program in a group of its own, its output to be read.
    pub(super) fn start(&self, stdin: Stdio) -> Result<Started, ChildError> {
        let mut command = Command::new(&self.name);
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        group::own_group(&mut command);
        let mut child = command.spawn().map_err(|source| match source.kind() {
            // A folder that is not there gives the same error.
            io::ErrorKind::NotFound if self.folder.as_ref().is_none_or(|folder| folder.is_dir()) => {
                ChildError::NotFound { program: self.name() }
            }
            _ => ChildError::NotStarted {
                program: self.name(),
                source,
            },
        })?;
        guard::watch(child.id());
        let Some(pipe) = child.stderr.take() else {
            group::end(&mut child);
            return Err(self.io("has no standard error", io::ErrorKind::BrokenPipe.into()));
        };
        let stderr = drain::last(pipe, STDERR_KEPT);
        Ok(Started { child, stderr })
    }

    pub(super) const fn limit(&self) -> Option<Duration> {
        self.time_limit
    }

    /// The exit status of a child that came to its end by itself.
    pub(super) fn status(&self, end: End, stderr: &str) -> Result<std::process::ExitStatus, ChildError> {
        let program = self.name();
        match end.reason {
            Reason::TimedOut => Err(ChildError::TimedOut {
                program,
                limit: self.time_limit.unwrap_or_default(),
                said: said(stderr),
            }),
            Reason::Stopped => Err(ChildError::Stopped { program }),
            Reason::Ended | Reason::Cancelled => end
                .status
                .map_err(|source| self.io("cannot be waited for", source)),
        }
    }

    fn io(&self, what: &'static str, source: io::Error) -> ChildError {
        ChildError::Io {
            program: self.name(),
            what,
            source,
        }
    }
}

/// A word as a shell would take it for one.
fn quoted(word: &str) -> String {
    let word = crate::without_secrets(word);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_can_be_typed_and_tells_no_secret() {
        let program = Program::new("yt-dlp").args(["--proxy", "http://u:p@h:1", "it's", "", "-x"]);
        assert_eq!(
            program.command_line(),
            r"yt-dlp --proxy http://...@h:1 'it'\''s' '' -x"
        );
    }
}
