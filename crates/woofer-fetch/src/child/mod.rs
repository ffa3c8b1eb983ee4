//! Programs run as children: without a shell, with a time limit, with bounded output, and never left behind.
//!
//! 1. [`Program`] says what is to run. It starts in a process group of its own, so that the children of the child (the
//!    `ffmpeg` of `yt-dlp`) end with it.
//! 2. `supervise` has a thread that waits for the end, the time limit, a [`Stop`](crate::Stop) or a drop, whichever comes
//!    first, and then ends what is left of the group. Only after that the child's number is given back to the system.
//! 3. [`Program::run`] returns what the child said ([`Finished`]); [`Program::stream`] hands its output out while it runs
//!    ([`Streaming`]).
//! 4. [`guard`] is for the case that this program itself is killed: a helper then ends the groups.
//!
//! ```no_run
//! use std::time::Duration;
//! use woofer_fetch::{Stop, child::Program};
//!
//! let version = Program::new("ffmpeg")
//!     .args(["-hide_banner", "-version"])
//!     .time_limit(Duration::from_secs(10))
//!     .run(&Stop::new())?
//!     .success()?;
//! # Ok::<(), woofer_fetch::child::ChildError>(())
//! ```
//!
//! On systems other than Unix there are no process groups: there only the child itself is ended.

mod drain;
mod error;
mod finished;
mod group;
pub mod guard;
mod program;
mod streaming;
mod supervise;

pub use error::ChildError;
pub use finished::Finished;
pub use program::Program;
pub use streaming::Streaming;
