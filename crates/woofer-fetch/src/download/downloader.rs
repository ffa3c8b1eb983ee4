use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use ureq::tls::TlsConfig;

use super::attempt::{self, Ask, Message};
use super::certificates::root_certs;
use super::error::DownloadError;
use super::outcome::{Fault, Outcome, bad_answer, begin, give_up, no_answer, stopped, too_large, verify};
use super::part_file::PartFile;
use super::request::{Download, Downloaded};
use super::retry::{Backoff, is_passing, meaning};
use crate::{Stop, without_secrets};

/// How patient a [`Downloader`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The first pause after a vain attempt; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause, also when the server asks for a longer one: then the download ends as busy.
    pub longest_pause: Duration,
    /// Vain attempts in a row after which the download fails. One that brings bytes is not vain.
    pub tries: u32,
    /// How long to wait for a connection, for an answer, and for the next bytes.
    pub patience: Duration,
}

impl Default for Settings {
    /// Pauses of 1, 2, 4 ... up to 60 s, eight tries, 30 s for the next bytes.
    fn default() -> Self {
        Self {
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(1),
            tries: 8,
            patience: Duration::from_secs(30),
        }
    }
}

/// What happens during a download, for showing progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// So many bytes of the file are there.
    Progress {
        /// Bytes that are there, those of earlier runs among them.
        bytes: u64,
        /// Bytes of the whole, if the server tells.
        total: Option<u64>,
    },
    /// An attempt failed; the next follows after a pause.
    Waiting {
        /// What failed.
        reason: String,
        /// The pause.
        pause: Duration,
    },
}

/// Fetches files.
pub struct Downloader {
    agent: ureq::Agent,
    backoff: Backoff,
    patience: Duration,
    stop: Stop,
}

impl Downloader {
    /// Prepares for downloads that end early when `stop` is wished.
    ///
    /// # Errors
    /// [`DownloadError::BadCertificates`]: `SSL_CERT_FILE` names a file without certificates.
    pub fn new(settings: &Settings, stop: &Stop) -> Result<Self, DownloadError> {
        let patience = Some(settings.patience);
        let tls = TlsConfig::builder().root_certs(root_certs()?).build();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("woofer/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(0)
            .timeout_connect(patience)
            .timeout_recv_response(patience)
            .timeout_per_read(patience)
            .tls_config(tls)
            .build()
            .new_agent();
        Ok(Self {
            agent,
            backoff: Backoff {
                first: settings.first_pause,
                longest: settings.longest_pause,
                tries: settings.tries.max(1),
            },
            patience: settings.patience,
            stop: stop.clone(),
        })
    }

    /// Fetches a file. What an earlier run of the same download left is gone on with.
    ///
    /// # Errors
    /// [`DownloadError`]. The place of the file is as it was before.
    pub fn fetch(
        &self,
        download: &Download,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Downloaded, DownloadError> {
        check(download)?;
        let mut part = PartFile::open(&download.to, &without_secrets(&download.url))?;
        match self.fill(download, &mut part, tell) {
            Ok(resumed_from) => {
                let (bytes, sha256) = (part.len(), part.sha256());
                part.finish()?;
                Ok(Downloaded {
                    bytes,
                    sha256,
                    resumed_from,
                })
            }
            Err(error) => {
                if part.len() == 0 || error.leaves_nothing() {
                    part.discard()?;
                }
                Err(error)
            }
        }
    }

    /// Fills the part until it is the whole, and returns how much of it was there before.
    fn fill(
        &self,
        download: &Download,
        part: &mut PartFile,
        tell: &mut dyn FnMut(Event),
    ) -> Result<u64, DownloadError> {
        let mut resumed_from = part.len();
        let mut most = part.len();
        let mut vain = 0;
        let mut nonsense = None;
        loop {
            let outcome = self.attempt(download, part, tell)?;
            // A server that sends the same bytes again and again brings nothing new.
            vain = if part.len() > most { 0 } else { vain + 1 };
            most = most.max(part.len());
            let fault = match outcome {
                Outcome::Complete => match verify(download, part) {
                    Ok(()) => return Ok(resumed_from),
                    // What an earlier run left may have been damaged.
                    Err(DownloadError::WrongHash { .. }) if resumed_from > 0 => {
                        part.empty()?;
                        resumed_from = 0;
                        continue;
                    }
                    Err(error) => return Err(error),
                },
                Outcome::BeginAnew(reason) => {
                    part.empty()?;
                    resumed_from = 0;
                    nonsense = Some(reason.clone());
                    Fault::new(reason)
                }
                Outcome::Passing(fault) => fault,
            };
            let Some(pause) = self.pause(vain, most, &fault) else {
                // What made no sense says more than the break that followed it.
                return Err(match nonsense {
                    Some(reason) if fault.status.is_none() => bad_answer(download, reason),
                    _ => give_up(download, part, fault),
                });
            };
            tell(Event::Waiting {
                reason: fault.reason,
                pause,
            });
            if self.stop.wait(pause) {
                return Err(stopped(download));
            }
        }
    }

    /// How long to wait before the next attempt; none when there is to be no other.
    fn pause(&self, vain: u32, most: u64, fault: &Fault) -> Option<Duration> {
        /// Whoever has no network wants to know it soon.
        const TRIES_WITHOUT_CONNECTION: u32 = 3;
        if fault.no_connection && most == 0 && vain >= TRIES_WITHOUT_CONNECTION {
            return None;
        }
        let own = match vain {
            0 => self.backoff.first,
            vain => self.backoff.pause(vain)?,
        };
        let pause = fault.after.map_or(own, |after| after.max(own));
        (pause <= self.backoff.longest).then_some(pause)
    }

    fn attempt(
        &self,
        download: &Download,
        part: &mut PartFile,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Outcome, DownloadError> {
        let known = part.origin().cloned().unwrap_or_default();
        // Without a mark two versions could be joined, which only a hash would tell.
        if part.len() > 0 && known.mark.is_none() && download.sha256.is_none() {
            part.empty()?;
        }
        if part.len() > 0 && known.total == Some(part.len()) {
            return Ok(Outcome::Complete);
        }
        let ask = Ask {
            url: download.url.clone(),
            from: part.len(),
            mark: known.mark,
        };
        let messages = attempt::start(self.agent.clone(), ask);
        let mut heard = Instant::now();
        loop {
            if self.stop.is_wished() {
                return Err(stopped(download));
            }
            let message = match messages.recv_timeout(Duration::from_millis(50)) {
                Ok(message) => message,
                // Resolving a name, connecting and answering may each take the patience, and so may each redirect.
                Err(RecvTimeoutError::Timeout) if heard.elapsed() < self.patience * 10 => continue,
                Err(_) => return Ok(Outcome::Passing(Fault::new("nothing came any more"))),
            };
            heard = Instant::now();
            match message {
                Message::Begins(answer) => {
                    if let Some(outcome) = begin(download, part, &answer)? {
                        return Ok(outcome);
                    }
                }
                Message::Piece(piece) => {
                    let bytes = part.len() + piece.len() as u64;
                    let total = part.origin().and_then(|origin| origin.total);
                    if let Some(total) = total.filter(|total| bytes > *total) {
                        return Ok(Outcome::BeginAnew(format!(
                            "more than the stated {total} bytes came"
                        )));
                    }
                    if bytes > download.max_bytes {
                        return Err(too_large(download, None));
                    }
                    part.push(&piece)?;
                    tell(Event::Progress { bytes, total });
                }
                Message::End => {
                    let total = part.origin().and_then(|origin| origin.total);
                    return Ok(match total {
                        Some(total) if part.len() < total => {
                            Outcome::Passing(Fault::new("the connection was closed"))
                        }
                        _ => Outcome::Complete,
                    });
                }
                Message::Status { status: 416, .. } if part.len() > 0 => {
                    return Ok(Outcome::BeginAnew(
                        "the server does not have the rest (416)".into(),
                    ));
                }
                Message::Status { status, after } if is_passing(status) => {
                    return Ok(Outcome::Passing(Fault {
                        status: Some(status),
                        after,
                        ..Fault::new(format!("the server answers {status}"))
                    }));
                }
                Message::Status { status, .. } => {
                    return Err(DownloadError::Refused {
                        url: without_secrets(&download.url),
                        status,
                        meaning: meaning(status),
                    });
                }
                Message::NoAnswer(error) => return no_answer(download, error),
                Message::BadAnswer(reason) => return Err(bad_answer(download, reason)),
                Message::BrokenOff(error) => {
                    return Ok(Outcome::Passing(Fault::new(without_secrets(&error.to_string()))));
                }
            }
        }
    }
}

fn check(download: &Download) -> Result<(), DownloadError> {
    let lower = download.url.to_ascii_lowercase();
    if !lower.starts_with("https://") && !lower.starts_with("http://") {
        return Err(DownloadError::BadUrl {
            url: without_secrets(&download.url),
        });
    }
    match &download.sha256 {
        Some(hex) if !(8..=64).contains(&hex.len()) || !hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Err(DownloadError::BadSha256 { sha256: hex.clone() })
        }
        _ => Ok(()),
    }
}
