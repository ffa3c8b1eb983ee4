//! A file by HTTP: resumed where it broke off, checked, and in its place only when it is whole.
//!
//! 1. [`Download`] says what is wanted: the address, the place, and what is known of the file.
//! 2. `part_file` keeps what has come so far beside the place, with the address and the server's mark for this version
//!    of the file, so that a later run goes on and never joins two versions.
//! 3. `attempt` makes one request in a thread of its own and hands the pieces over, so that a stalled connection
//!    can be left and a wish to stop is heard at once.
//! 4. [`Downloader`] repeats attempts: at once when bytes came, after a growing pause (`retry`) when none did or the
//!    server says it is busy (429, 5xx), for as long as the server asks (`Retry-After`).
//!
//! Certificates are checked against Mozilla's list, or against the file that `SSL_CERT_FILE` names. Proxies are taken
//! from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.

mod attempt;
mod certificates;
mod downloader;
mod error;
mod outcome;
mod part_file;
mod request;
mod retry;

pub use downloader::{Downloader, Event, Settings};
pub use error::DownloadError;
pub use request::{Download, Downloaded};
