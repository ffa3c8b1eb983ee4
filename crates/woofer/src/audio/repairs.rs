//! What had to be mended while decoding.

use std::fmt;

/// What had to be mended while decoding; all zero and false for a sound file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Packets that could not be decoded and were left out, whose time is missing from the samples, and places where an
    /// Ogg lacks pages, for which silence stands as long as they were, up to a minute each.
    pub skipped_packets: u64,
    /// The data broke off before the end that the file declares, or in the middle of a frame.
    pub ended_early: bool,
}

impl Repairs {
    /// True when nothing had to be mended.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Repairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.skipped_packets, self.ended_early) {
            (0, false) => f.write_str("nothing to mend"),
            (0, true) => f.write_str("the data broke off early"),
            (n, false) => write!(f, "{n} damaged packets left out"),
            (n, true) => write!(f, "{n} damaged packets left out and the data broke off early"),
        }
    }
}
