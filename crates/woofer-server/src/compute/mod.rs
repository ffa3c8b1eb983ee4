//! From bytes to scores: a bounded queue and workers that take what waits in batches.
//!
//! ```text
//! Pool::submit -> Queue -> worker (one thread) -> hearing -> reply
//!                             ^ supervisor: replaces one that never comes back
//! ```

mod hearing;
mod job;
mod pool;
mod queue;
mod worker;

pub use job::{Heard, Job, Outcome, Seen, Task};
pub use pool::Pool;
