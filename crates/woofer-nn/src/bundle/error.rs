use std::path::PathBuf;

use crate::weights::WeightsError;

/// Why a bundle is refused.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The folder is no bundle.
    #[error("{}: not a model: {reason}", path.display())]
    NotABundle {
        /// The folder or file.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// A file of the bundle cannot be read or written.
    #[error("{}: cannot be {action}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// `model.toml` does not say what it must.
    #[error("{}: {reason}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// The value and what is allowed.
        reason: String,
    },
    /// Two parts of the bundle do not belong together.
    #[error("{}: {what} does not match: {found}, but model.toml says {expected}", path.display())]
    Mismatch {
        /// The bundle.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// What is there.
        found: String,
        /// What `model.toml` says.
        expected: String,
    },
    /// The weights cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The bundle is not to be overwritten.
    #[error("{}: is there already; give --force to replace it", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
}
