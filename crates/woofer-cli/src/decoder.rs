use std::time::Duration;

use woofer_fetch::ffmpeg::{FFMPEG, Ffmpeg};

/// The variable that names another ffmpeg than the one on the PATH.
pub const VARIABLE: &str = "WOOFER_FFMPEG";

/// The ffmpeg that is asked.
pub fn ffmpeg() -> Ffmpeg {
    Ffmpeg::new(std::env::var_os(VARIABLE).unwrap_or_else(|| FFMPEG.into()))
}

/// How long ffmpeg may be silent over a recording that somebody waits for.
const PATIENCE_WITH_UPLOADS: Duration = Duration::from_secs(10);

/// Lets all readers of sound ask ffmpeg for what they cannot read themselves.
pub fn hand_in() {
    woofer::audio::set_other_decoder(Box::new(ffmpeg()));
}

/// Lets a service ask ffmpeg for what it cannot read itself: nothing is written to disk, and a silent one is ended soon.
pub fn hand_in_for_uploads() {
    let ffmpeg = ffmpeg().without_files().patience(PATIENCE_WITH_UPLOADS);
    woofer::audio::set_other_decoder(Box::new(ffmpeg));
}
