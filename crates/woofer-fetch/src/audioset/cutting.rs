use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use woofer::audio::AudioReader;
use woofer::audioset::PlannedCut;

use super::reason::Reason;
use super::yt_dlp::{Refused, disk_is_full};
use crate::Stop;
use crate::child::{ChildError, Program};

/// How long cutting a clip may take.
const LIMIT: Duration = Duration::from_mins(2);
/// How far a clip's length may be from the planned one, in milliseconds.
pub const TOLERANCE_MS: u64 = 20;

/// The command that cuts a clip out of a file that has the times of its video.
pub fn command(ffmpeg: &OsString, from: &Path, cut: &PlannedCut, rate_hz: u32, to: &Path) -> Program {
    let seconds = |ms: u32| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let trim = format!(
        "aresample={rate_hz},atrim=start={}:end={},asetpts=PTS-STARTPTS",
        seconds(cut.start_ms),
        seconds(cut.end_ms)
    );
    Program::new(ffmpeg)
        .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-copyts", "-i"])
        .arg(as_file(from))
        .args([
            "-map",
            "0:a:0",
            "-vn",
            "-ac",
            "1",
            "-af",
            &trim,
            "-c:a",
            "pcm_s16le",
            "-f",
            "wav",
            "-y",
        ])
        .arg(as_file(to))
        .time_limit(LIMIT)
}

/// A path as `ffmpeg` takes it for a file, whatever is in it: it takes the beginning of `set:1/a.wav` for a protocol.
pub fn as_file(path: &Path) -> OsString {
    let mut address = OsString::from("file:");
    address.push(OsStr::new(path));
    address
}

/// Cuts a clip out of a file that has the times of its video, into a mono WAV of 16 bits.
///
/// The cut is made at the video's times, not at those of the file: where the file truly begins and ends shows in the
/// length of what comes of it, which is returned in milliseconds.
///
/// # Errors
/// Why there is no clip; the outer error as [`super::yt_dlp::fetch`].
pub fn cut_with_ffmpeg(
    ffmpeg: &OsString,
    from: &Path,
    cut: &PlannedCut,
    rate_hz: u32,
    to: &Path,
    stop: &Stop,
) -> Result<Result<u64, Refused>, ChildError> {
    let finished = match command(ffmpeg, from, cut, rate_hz, to).run(stop) {
        Ok(finished) => finished,
        Err(error @ (ChildError::Stopped { .. } | ChildError::NotFound { .. })) => return Err(error),
        Err(error) => return Ok(Err(Refused::new(Reason::ToolFailed, &error.to_string()))),
    };
    disk_is_full(&finished)?;
    if !finished.status.success() {
        let said = finished.stderr.trim().to_owned();
        let reason = if said.contains("matches no streams") {
            Reason::NoSound
        } else {
            Reason::Truncated
        };
        return Ok(Err(Refused::new(reason, &said)));
    }
    Ok(length_ms(to).map_err(|detail| Refused::new(Reason::Truncated, &detail)))
}

/// The length of a clip, found by reading all of it.
fn length_ms(clip: &Path) -> Result<u64, String> {
    let mut reader = match AudioReader::open(clip) {
        Ok(reader) => reader,
        Err(woofer::audio::AudioError::NoSamples { .. }) => return Ok(0),
        Err(error) => return Err(error.to_string()),
    };
    while reader.next_block().map_err(|error| error.to_string())?.is_some() {}
    Ok(reader.frames_read() * 1_000 / u64::from(reader.rate_hz()))
}

/// Whether a clip is as long as it was planned.
pub fn is_whole(length_ms: u64, cut: &PlannedCut) -> bool {
    length_ms.abs_diff(u64::from(cut.end_ms - cut.start_ms)) <= TOLERANCE_MS
}

/// Whether a clip that ends with its video is long enough to be of use: half of what was planned.
pub fn is_enough(length_ms: u64, cut: &PlannedCut) -> bool {
    length_ms >= 100 && 2 * length_ms >= u64::from(cut.end_ms - cut.start_ms)
}

#[cfg(test)]
mod tests {
    use super::super::sections::cut;
    use super::*;

    #[test]
    fn a_folder_that_looks_like_a_protocol_is_a_folder() {
        let cut = cut("abcdefghijk", 0, 1_000);
        let (from, to) = (Path::new("set:1/whole.mka"), Path::new("set:1/clip.wav"));
        let line = command(&"ffmpeg".into(), from, &cut, 16_000, to).command_line();
        assert!(line.contains("-i file:set:1/whole.mka"), "{line}");
        assert!(line.ends_with("-y file:set:1/clip.wav"), "{line}");
    }
}
