use std::io::{self, Read};
use std::process::{Child, ChildStdout};
use std::sync::{Mutex, PoisonError};

use super::drain::Drain;
use super::error::{ChildError, said};
use super::program::Program;
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

impl Streaming {
    pub(super) fn new(program: Program, mut child: Child, stderr: Drain<Vec<u8>>, stop: &Stop) -> Self {
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
