use std::num::NonZeroUsize;

use anyhow::Context;

/// Lets all work that follows run on this many threads; on all cores if none is given.
pub fn set(threads: Option<NonZeroUsize>) -> anyhow::Result<()> {
    match threads {
        None => Ok(()),
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build_global()
            .context("the threads cannot be started"),
    }
}
