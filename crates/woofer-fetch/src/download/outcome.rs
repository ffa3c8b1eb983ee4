//! What an answer means for a download: how an attempt ended, and what is to be said of it.

use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, UnexpectedEof};
use std::path::Path;
use std::time::Duration;

use super::attempt::Head;
use super::error::DownloadError;
use super::part_file::{Origin, PartFile};
use super::request::Download;
use crate::without_secrets;

/// How an attempt ended.
pub enum Outcome {
    Complete,
    /// It may go better next time.
    Passing(Fault),
    /// It may go better next time, without the bytes that are there: they are no part of this file.
    BeginAnew(String),
}

/// What went wrong and may not go wrong again.
#[derive(Default)]
pub struct Fault {
    pub reason: String,
    pub status: Option<u16>,
    /// How long the server asks to wait.
    pub after: Option<Duration>,
    /// The server was not reached at all.
    pub no_connection: bool,
}

impl Fault {
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            ..Self::default()
        }
    }
}

/// Looks at the head of an answer: an outcome if its body is of no use.
pub fn begin(
    download: &Download,
    part: &mut PartFile,
    head: &Head,
) -> Result<Option<Outcome>, DownloadError> {
    let url = || without_secrets(&download.url);
    if head.is_encoded {
        return Err(bad_answer(
            download,
            "it is compressed, which was not asked for".into(),
        ));
    }
    if head.is_web_page && !looks_like_page(&download.to) {
        return Err(DownloadError::WebPage { url: url() });
    }
    if let (Some(found), Some(expected)) = (head.total, download.size)
        && found != expected
    {
        return Err(DownloadError::WrongSize {
            url: url(),
            found,
            expected,
        });
    }
    if head.total.is_some_and(|total| total > download.max_bytes) {
        return Err(too_large(download, head.total));
    }
    if head.from == 0 && part.len() > 0 {
        // The whole file came: another version, or a server that knows no ranges.
        part.empty()?;
    }
    let known = part.origin();
    let other_total = known.is_some_and(|origin| part.len() > 0 && origin.total != head.total);
    if head.from != part.len() || other_total {
        return Ok(Some(Outcome::BeginAnew(format!(
            "byte {} was asked for and byte {} of {} came",
            part.len(),
            head.from,
            head.total
                .map_or_else(|| "an unknown number".into(), |total| total.to_string()),
        ))));
    }
    // A server may pass over the condition that the rest was asked for on.
    let kept = known.and_then(|origin| origin.mark.as_deref());
    if let (Some(kept), Some(came)) = (kept, head.mark.as_deref())
        && part.len() > 0
        && kept != came
    {
        return Ok(Some(Outcome::BeginAnew(format!(
            "the rest of another version of the file came: {came} where {kept} was begun"
        ))));
    }
    part.set_origin(Origin {
        url: url(),
        mark: head.mark.clone(),
        total: head.total,
    })?;
    Ok(None)
}

fn looks_like_page(to: &Path) -> bool {
    to.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"))
}

pub fn no_answer(download: &Download, error: ureq::Error) -> Result<Outcome, DownloadError> {
    let url = without_secrets(&download.url);
    let reason = without_secrets(&error.to_string());
    let no_connection = match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => return Err(DownloadError::BadUrl { url }),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
            return Err(DownloadError::NotSecure { url, reason });
        }
        // This is how rustls tells that it does not accept a certificate.
        ureq::Error::Io(source) if source.kind() == InvalidData => {
            return Err(DownloadError::NotSecure { url, reason });
        }
        ureq::Error::RequireHttpsOnly(to) => {
            let reason = format!("it is redirected to {}", without_secrets(&to));
            return Err(DownloadError::NotSecure { url, reason });
        }
        ureq::Error::TooManyRedirects
        | ureq::Error::RedirectFailed
        | ureq::Error::LargeResponseHeader(..)
        | ureq::Error::Protocol(_) => return Err(DownloadError::BadAnswer { url, reason }),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => true,
        ureq::Error::Timeout(phase) => matches!(phase, ureq::Timeout::Resolve | ureq::Timeout::Connect),
        // A name that is not known has no kind of its own, so it is asked for what tells that the server was reached.
        ureq::Error::Io(source) => !matches!(
            source.kind(),
            BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
        ),
        _ => false,
    };
    Ok(Outcome::Passing(Fault {
        no_connection,
        ..Fault::new(reason)
    }))
}

pub fn give_up(download: &Download, part: &PartFile, fault: Fault) -> DownloadError {
    let url = without_secrets(&download.url);
    let Fault { reason, after, .. } = fault;
    if let Some(status) = fault.status {
        return DownloadError::Busy { url, status, after };
    }
    if fault.no_connection && part.len() == 0 {
        return DownloadError::NoConnection {
            url,
            reason,
            to: download.to.clone(),
            otherwise: match download.otherwise.as_str() {
                "" => String::new(),
                advice => format!(", {advice}"),
            },
        };
    }
    DownloadError::BrokenOff {
        url,
        bytes: part.len(),
        of: part.origin().and_then(|origin| origin.total),
        reason,
    }
}

/// Whether the file is the one that was meant.
pub fn verify(download: &Download, part: &PartFile) -> Result<(), DownloadError> {
    let url = || without_secrets(&download.url);
    if let Some(expected) = download.size.filter(|size| *size != part.len()) {
        return Err(DownloadError::WrongSize {
            url: url(),
            found: part.len(),
            expected,
        });
    }
    let found = part.sha256();
    match &download.sha256 {
        Some(expected) if !found.starts_with(&expected.to_ascii_lowercase()) => {
            Err(DownloadError::WrongHash {
                url: url(),
                found,
                expected: expected.clone(),
            })
        }
        _ => Ok(()),
    }
}

pub fn stopped(download: &Download) -> DownloadError {
    DownloadError::Stopped {
        url: without_secrets(&download.url),
    }
}

pub fn bad_answer(download: &Download, reason: String) -> DownloadError {
    DownloadError::BadAnswer {
        url: without_secrets(&download.url),
        reason,
    }
}

pub fn too_large(download: &Download, bytes: Option<u64>) -> DownloadError {
    DownloadError::TooLarge {
        url: without_secrets(&download.url),
        bytes,
        max: download.max_bytes,
    }
}
