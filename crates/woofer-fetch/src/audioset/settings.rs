use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How videos are fetched.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// The folder of clips.
    pub folder: PathBuf,
    /// The clips' sample rate.
    pub rate_hz: u32,
    /// Videos at a time.
    pub jobs: usize,
    /// At most so many videos are begun a minute; infinite for no limit.
    pub per_minute: f64,
    /// How long a video may take in one attempt.
    pub time_limit: Duration,
    /// Attempts for a video in one run.
    pub tries: u32,
    /// The pause of all after the first "too many requests"; doubled after each further one.
    pub pause: Duration,
    /// `yt-dlp`, by name or path.
    pub yt_dlp: OsString,
    /// `ffmpeg`, by name or path.
    pub ffmpeg: OsString,
    /// A proxy, for `yt-dlp`; otherwise it takes what the environment says.
    pub proxy: Option<String>,
    /// A file of cookies, for `yt-dlp`. It is copied for each child and never changed.
    pub cookies: Option<PathBuf>,
    /// A browser whose cookies `yt-dlp` is to take.
    pub cookies_from_browser: Option<String>,
    /// Further arguments for `yt-dlp`.
    pub more_args: Vec<OsString>,
    /// Try again what an earlier run found to be gone.
    pub retry_gone: bool,
}
