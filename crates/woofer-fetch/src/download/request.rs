use std::path::PathBuf;

/// The most bytes of a file unless [`Download::max_bytes`] says otherwise: 4 GiB.
const MAX_BYTES: u64 = 4 << 30;

/// A file that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Where it is: `https://...`; `http://` too, but nothing that begins with `https` is ever redirected to it.
    pub url: String,
    /// Where it is to lie. The folder must be there. A file in this place is replaced, once the new one is whole.
    pub to: PathBuf,
    /// Its size in bytes, if known.
    pub size: Option<u64>,
    /// Its SHA-256 in hex, if known: the whole, or the first digits (at least eight).
    pub sha256: Option<String>,
    /// The most bytes that are taken.
    pub max_bytes: u64,
    /// What to do where there is no network, such as `or give the file with --strong FILE`; empty, or part of a sentence.
    pub otherwise: String,
}

impl Download {
    /// A file of which nothing is known.
    #[must_use]
    pub fn new(url: impl Into<String>, to: impl Into<PathBuf>) -> Self {
        Self {
            url: url.into(),
            to: to.into(),
            size: None,
            sha256: None,
            max_bytes: MAX_BYTES,
            otherwise: String::new(),
        }
    }

    /// States the size in bytes.
    #[must_use]
    pub const fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// States the SHA-256 in hex, or its first digits.
    #[must_use]
    pub fn sha256(mut self, hex: impl Into<String>) -> Self {
        self.sha256 = Some(hex.into());
        self
    }

    /// Takes no more than this many bytes.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Says what else one can do, for where there is no network.
    #[must_use]
    pub fn otherwise(mut self, advice: impl Into<String>) -> Self {
        self.otherwise = advice.into();
        self
    }
}

/// A file that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub sha256: String,
    /// How many bytes were there already from an earlier run.
    pub resumed_from: u64,
}
