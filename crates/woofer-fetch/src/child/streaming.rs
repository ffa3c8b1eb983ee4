use std::io::{self, Read};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::drain::Drain;
use super::error::{ChildError, said};
use super::program::{Program, Started};
use super::supervise::{Cancel, Supervisor};
use crate::Stop;

/// The standard output of a child that is running.
///
/// The end of the stream is only told when the child ended with success; otherwise the last `read` fails with a
/// [`ChildError`] inside its [`io::Error`], so that half an output is never taken for the whole.
pub struct Streaming {
    program: Program,
    stdout: Option<ChildStdout>,
    cancel: Cancel,
    // Nothing in it is shared; the lock lets the stream be `Sync`.
    waiting: Mutex<Option<Waiting>>,
}

struct Waiting {
    supervisor: Supervisor,
    stderr: Drain<Vec<u8>>,
}

impl Program {
    /// Starts the program and hands out its standard output while it runs. Dropping the stream ends the program.
    ///
    /// # Errors
    /// There is no such program, or it cannot be started.
    pub fn stream(&self, stop: &Stop) -> Result<Streaming, ChildError> {
        let Started { child, stderr } = self.start(Stdio::null())?;
        Ok(Streaming::new(self.clone(), child, stderr, stop))
    }

    /// As [`Program::stream`], with a standard input that is read from `input` in a thread of its own.
    ///
    /// The thread ends with the input or with the program. An `input` that blocks keeps it, and nothing else, waiting.
    ///
    /// # Errors
    /// As [`Program::stream`].
    pub fn stream_from(
        &self,
        mut input: impl Read + Send + 'static,
        stop: &Stop,
    ) -> Result<Streaming, ChildError> {
        let Started { mut child, stderr } = self.start(Stdio::piped())?;
        if let Some(mut stdin) = child.stdin.take() {
            thread::spawn(move || {
                // A program that has read enough closes its input: no fault.
                let _ = io::copy(&mut input, &mut stdin);
            });
        }
        Ok(Streaming::new(self.clone(), child, stderr, stop))
    }
}

impl Streaming {
    fn new(program: Program, mut child: Child, stderr: Drain<Vec<u8>>, stop: &Stop) -> Self {
        let stdout = child.stdout.take();
        let cancel = Cancel::default();
        let supervisor = Supervisor::start(child, program.limit(), stop.clone(), cancel.clone());
        Self {
            program,
            stdout,
            cancel,
            waiting: Mutex::new(Some(Waiting { supervisor, stderr })),
        }
    }

    /// Waits for the child's end, once its output has ended.
    fn end(&mut self) -> Result<(), ChildError> {
        let waiting = self.waiting.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(Waiting { supervisor, stderr }) = waiting.take() else {
            return Ok(());
        };
        let end = supervisor.finish();
        let stderr = String::from_utf8_lossy(&stderr.finish()).into_owned();
        let status = self.program.status(end, &stderr)?;
        if status.success() {
            return Ok(());
        }
        Err(ChildError::Failed {
            program: self.program.name(),
            status,
            said: said(&stderr),
        })
    }
}

impl Read for Streaming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(stdout) = &mut self.stdout {
            match stdout.read(buffer)? {
                0 if !buffer.is_empty() => self.stdout = None,
                n => return Ok(n),
            }
        }
        match self.end() {
            Ok(()) => Ok(0),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.cancel.now();
        let waiting = self.waiting.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(Waiting { supervisor, .. }) = waiting.take() {
            supervisor.finish();
        }
    }
}
