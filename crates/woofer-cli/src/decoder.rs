use woofer_fetch::ffmpeg::{FFMPEG, Ffmpeg};

/// The variable that names another ffmpeg than the one on the PATH.
pub const VARIABLE: &str = "WOOFER_FFMPEG";

/// The ffmpeg that is asked.
pub fn ffmpeg() -> Ffmpeg {
    Ffmpeg::new(std::env::var_os(VARIABLE).unwrap_or_else(|| FFMPEG.into()))
}

/// Lets all readers of sound ask ffmpeg for what they cannot read themselves.
pub fn hand_in() {
    woofer::audio::set_other_decoder(Box::new(ffmpeg()));
}
