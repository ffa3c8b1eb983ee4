//! What the tests of downloads share: how they ask, and how they look at what came.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use woofer::hexadecimal;
use woofer_fetch::Stop;
use woofer_fetch::download::{Download, DownloadError, Downloaded, Downloader, Event, Settings};

/// The mark of a version of the file that the server has.
pub const TAG: &str = "\"v1\"";

/// Quick settings, so that a test does not wait long.
pub fn settings() -> Settings {
    Settings {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_secs(2),
        tries: 4,
        patience: Duration::from_secs(20),
    }
}

/// What comes of a download, and what it told on its way.
pub fn fetch_with(
    settings: &Settings,
    download: &Download,
) -> (Result<Downloaded, DownloadError>, Vec<Event>) {
    let mut events = Vec::new();
    let downloader = Downloader::new(settings, &Stop::new()).unwrap();
    let result = downloader.fetch(download, &mut |event| events.push(event));
    (result, events)
}

/// What comes of a download.
pub fn fetch(download: &Download) -> Result<Downloaded, DownloadError> {
    fetch_with(&settings(), download).0
}

/// The SHA-256 of bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The names of what lies in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
