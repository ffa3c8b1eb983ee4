use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a file did not come.
///
/// Addresses in messages have no passwords and no keys: see [`without_secrets`](crate::without_secrets). The variants
/// tell what may be done next: after [`NoConnection`](Self::NoConnection), [`Busy`](Self::Busy),
/// [`BrokenOff`](Self::BrokenOff) and [`Stopped`](Self::Stopped) the same download goes on where it ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The address is none.
    #[error("{url:?} is no address; one begins with https:// or http://")]
    BadUrl {
        /// The address.
        url: String,
    },
    /// The SHA-256 that was stated is none.
    #[error("{sha256:?} is no SHA-256; one has 64 hex digits, or at least the first 8 of them")]
    BadSha256 {
        /// What was stated.
        sha256: String,
    },
    /// The server cannot be reached.
    #[error(
        "{url}: cannot be reached: {reason}. Check the network and the proxy (HTTPS_PROXY); without a network, fetch the \
         file elsewhere and put it at {}{otherwise}", to.display()
    )]
    NoConnection {
        /// The address.
        url: String,
        /// What failed.
        reason: String,
        /// Where the file is to lie.
        to: PathBuf,
        /// What else one can do, with `, ` in front; or empty.
        otherwise: String,
    },
    /// The server's certificate or its TLS is not accepted.
    #[error(
        "{url}: the connection is not secure: {reason}. If a proxy of your organisation stands in between, name its \
         certificates with SSL_CERT_FILE"
    )]
    NotSecure {
        /// The address.
        url: String,
        /// What is not accepted.
        reason: String,
    },
    /// The file named by `SSL_CERT_FILE` holds no certificates.
    #[error("{}: no certificates can be read from it (SSL_CERT_FILE names it): {reason}", file.display())]
    BadCertificates {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// The server has no such file, or does not give it.
    #[error("{url}: the server answers {status} {meaning}")]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The status in words.
        meaning: &'static str,
    },
    /// The server is overloaded or asks for fewer requests, and went on doing so.
    #[error(
        "{url}: the server is busy (it answers {status}); try again {}: the same command goes on where this one ended",
        after.map_or_else(|| "later".to_owned(), |after| format!("in {} s", after.as_secs()))
    )]
    Busy {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long the server asks to wait.
        after: Option<Duration>,
    },
    /// The connection broke off again and again.
    #[error(
        "{url}: broke off after {bytes} bytes{}, and again when tried anew: {reason}. The same command goes on from there",
        of.map_or_else(String::new, |of| format!(" of {of}"))
    )]
    BrokenOff {
        /// The address.
        url: String,
        /// The bytes that are there.
        bytes: u64,
        /// The bytes that there should be.
        of: Option<u64>,
        /// What failed last.
        reason: String,
    },
    /// The answer is not what HTTP allows, or not what was asked for.
    #[error("{url}: the server's answer makes no sense: {reason}")]
    BadAnswer {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer is a web page.
    #[error(
        "{url}: a web page came in place of the file; is there a login page between this machine and the network?"
    )]
    WebPage {
        /// The address.
        url: String,
    },
    /// The file is larger than is allowed.
    #[error("{url}: {}larger than the {max} bytes that are allowed", bytes.map_or_else(String::new, |n| format!("{n} bytes, ")))]
    TooLarge {
        /// The address.
        url: String,
        /// Its size, if the server tells.
        bytes: Option<u64>,
        /// The most that is allowed.
        max: u64,
    },
    /// The file's size is not the stated one.
    #[error("{url}: has {found} bytes where {expected} were expected: it is not the file that was meant")]
    WrongSize {
        /// The address.
        url: String,
        /// The bytes it has.
        found: u64,
        /// The bytes it should have.
        expected: u64,
    },
    /// The file's SHA-256 is not the stated one.
    #[error(
        "{url}: its SHA-256 is {found} where {expected} was expected: it is not the file that was meant, and was removed"
    )]
    WrongHash {
        /// The address.
        url: String,
        /// Its SHA-256.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// Another program is fetching this file.
    #[error("{}: another download to this place is running", to.display())]
    InUse {
        /// Where the file is to lie.
        to: PathBuf,
    },
    /// The user wished to stop.
    #[error("{url}: stopped, as was wished; the same command goes on from there")]
    Stopped {
        /// The address.
        url: String,
    },
    /// The file cannot be written.
    #[error("{}: cannot be written", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl DownloadError {
    /// Whether what has come of the file is of no use.
    pub(super) const fn leaves_nothing(&self) -> bool {
        matches!(
            self,
            Self::WrongHash { .. } | Self::WrongSize { .. } | Self::TooLarge { .. } | Self::WebPage { .. }
        )
    }
}
