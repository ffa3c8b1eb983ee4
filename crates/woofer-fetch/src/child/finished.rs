use std::process::ExitStatus;

use super::error::{ChildError, said};

/// A child that came to its end by itself.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The program, for messages.
    pub program: String,
    /// How it ended.
    pub status: ExitStatus,
    /// All it printed on standard output.
    pub stdout: Vec<u8>,
    /// The end of what it said on standard error: at most 64 KiB.
    pub stderr: String,
}

impl Finished {
    /// The child, if it ended with success.
    ///
    /// # Errors
    /// [`ChildError::Failed`] with the last lines of what it said on standard error.
    pub fn success(self) -> Result<Self, ChildError> {
        if self.status.success() {
            return Ok(self);
        }
        Err(ChildError::Failed {
            said: said(&self.stderr),
            status: self.status,
            program: self.program,
        })
    }

    /// Standard output as text, what is no UTF-8 replaced, without white space at both ends.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim().to_owned()
    }
}
