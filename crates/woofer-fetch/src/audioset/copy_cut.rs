//! Clips cut out of files that are on disk already.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use woofer::audio::{AudioError, AudioReader, resample};
use woofer::audioset::{CLIP_MS, PlannedCut};

use super::copy_index::CopyFile;
use super::cutting::as_file;
use super::reason::Reason;
use super::yt_dlp::Refused;
use crate::Stop;
use crate::child::Program;

/// A file that is longer than this, and whose name has no start, is the whole video.
const LONGEST_CLIP_MS: u64 = CLIP_MS as u64 + 1_000;
/// What is taken more on both sides, for the resampling, in milliseconds.
const MARGIN_MS: u64 = 32;

/// Samples of a cut, at the wanted rate.
pub type Samples = Vec<f32>;

/// A stretch of a file that is being gathered.
struct Stretch {
    /// First sample and the sample behind the last, the margins not counted.
    from: u64,
    to: u64,
    /// Where the gathered samples begin.
    first: u64,
    last: u64,
    samples: Vec<f32>,
}

impl Stretch {
    fn new(from_ms: u64, to_ms: u64, rate_hz: u32, margin: u64) -> Self {
        let at = |ms: u64| (ms * u64::from(rate_hz) + 500) / 1_000;
        let (from, to) = (at(from_ms), at(to_ms));
        Self {
            from,
            to,
            // A whole number of margins, so that the cut's own first sample falls on one of the new rate.
            first: from.saturating_sub(margin),
            last: to + margin,
            samples: Vec::new(),
        }
    }

    /// Takes what it needs of a block that begins at a sample.
    fn take(&mut self, block: &[f32], at: u64) {
        let (begin, end) = (self.first.max(at), self.last.min(at + block.len() as u64));
        let place = |sample: u64| usize::try_from(sample - at).unwrap_or(usize::MAX);
        if begin < end
            && let Some(piece) = block.get(place(begin)..place(end))
        {
            self.samples.extend_from_slice(piece);
        }
    }

    /// The cut at the wanted rate; shorter than planned where the file ends before it does.
    fn finish(self, rate_hz: u32, wanted_hz: u32) -> Result<Samples, AudioError> {
        let there = self.first + self.samples.len() as u64;
        let to = self.to.min(there);
        if to <= self.from {
            return Ok(Vec::new());
        }
        let resampled = resample(&self.samples, rate_hz, wanted_hz)?;
        let at = |samples: u64| {
            let (wanted, rate) = (u64::from(wanted_hz), u64::from(rate_hz));
            usize::try_from((samples * wanted + rate / 2) / rate).unwrap_or(usize::MAX)
        };
        let begin = at(self.from - self.first);
        let end = (begin + at(to - self.from)).min(resampled.len());
        Ok(resampled.get(begin..end).unwrap_or_default().to_vec())
    }
}

/// A cut that is to be made out of a file.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    pub cut: &'a PlannedCut,
    /// Where the file's clip begins in the video, if that is known.
    pub clip_start_ms: Option<u32>,
}

impl Piece<'_> {
    /// What is needed of AudioSet's ten-second clip.
    fn of_clip(&self, rate_hz: u32, margin: u64) -> Stretch {
        let Some(clip_ms) = self.clip_start_ms else {
            return Stretch::new(0, 0, rate_hz, margin);
        };
        let within = |ms: u32| u64::from(ms.saturating_sub(clip_ms));
        // An edited plan may ask for what lies before the clip: nothing of that is there.
        let to_ms = if self.cut.start_ms < clip_ms {
            clip_ms
        } else {
            self.cut.end_ms
        };
        Stretch::new(within(self.cut.start_ms), within(to_ms), rate_hz, margin)
    }

    /// What is needed of the whole video.
    fn of_video(&self, rate_hz: u32, margin: u64) -> Stretch {
        let (from, to) = (self.cut.start_ms, self.cut.end_ms);
        Stretch::new(u64::from(from), u64::from(to), rate_hz, margin)
    }
}

/// Cuts all of these out of one file, and returns for each its samples, mono at the wanted rate; none for one of which it
/// is not known where it lies in the file.
///
/// The file holds AudioSet's ten-second clip, or the whole video if it is longer than that and its name has no start.
pub fn cut_all(
    file: &CopyFile,
    pieces: &[Piece],
    wanted_hz: u32,
    ffmpeg: &OsString,
    stop: &Stop,
) -> Result<Vec<Option<Samples>>, Refused> {
    let mut reader = open(&file.path, ffmpeg, stop)?;
    let rate_hz = reader.rate_hz();
    let margin = margin(rate_hz, wanted_hz);
    let of_clip = |piece: &Piece| piece.of_clip(rate_hz, margin);
    let of_video = |piece: &Piece| piece.of_video(rate_hz, margin);
    let longest_clip = LONGEST_CLIP_MS * u64::from(rate_hz) / 1_000;
    let mut clip: Vec<Stretch> = pieces.iter().map(of_clip).collect();
    // What cannot be told by the name is told by the length, which is known for certain at the end only.
    let mut video: Option<Vec<Stretch>> = file
        .start
        .is_none()
        .then(|| pieces.iter().map(of_video).collect());
    let mut at = 0;
    let mut is_video = false;
    loop {
        let name = file.path.display().to_string();
        let unreadable = |error: AudioError| Refused::new(Reason::Unreadable, &format!("{name}: {error}"));
        let Some(block) = reader.next_block().map_err(unreadable)? else {
            break;
        };
        for stretch in clip.iter_mut().chain(video.iter_mut().flatten()) {
            stretch.take(block, at);
        }
        at += block.len() as u64;
        is_video = video.is_some() && at > longest_clip;
        let needed = if is_video {
            video.as_deref().unwrap_or_default()
        } else {
            &clip
        };
        let is_known = is_video || video.is_none();
        if is_known && needed.iter().all(|stretch| stretch.last <= at) {
            break;
        }
    }
    let stretches = if is_video { video.unwrap_or_default() } else { clip };
    let finished = stretches.into_iter().zip(pieces).map(|(stretch, piece)| {
        let is_placed = is_video || piece.clip_start_ms.is_some();
        is_placed.then(|| stretch.finish(rate_hz, wanted_hz)).transpose()
    });
    finished
        .collect::<Result<_, _>>()
        .map_err(|error| Refused::new(Reason::Unreadable, &error.to_string()))
}

/// Samples that are a whole number at both rates, and last 32 ms or more.
fn margin(rate_hz: u32, wanted_hz: u32) -> u64 {
    let unit = u64::from(rate_hz / greatest_common_divisor(rate_hz, wanted_hz));
    let least = MARGIN_MS * u64::from(rate_hz) / 1_000;
    least.div_ceil(unit) * unit
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a.max(1)
    } else {
        greatest_common_divisor(b, a % b)
    }
}

/// Opens a file by our own decoders, or by `ffmpeg` if it is of a format that they do not read, such as Opus.
///
/// What can be told at once to be such a format goes to this `ffmpeg`, which ends with a wish to stop; what our decoders
/// find out later goes to the program's other decoder, if it has one.
fn open(path: &Path, ffmpeg: &OsString, stop: &Stop) -> Result<AudioReader, Refused> {
    let refused = |detail: String| Refused::new(Reason::Unreadable, &detail);
    let demuxer = foreign(path).map_err(|error| refused(format!("{}: {error}", path.display())))?;
    if demuxer.is_none() {
        match AudioReader::open(path) {
            Err(AudioError::Unsupported { .. }) => {}
            other => return other.map_err(|error| refused(error.to_string())),
        }
    }
    let program = Program::new(ffmpeg)
        .args(["-nostdin", "-hide_banner", "-loglevel", "error"])
        .args(["-protocol_whitelist", "file"])
        .args(demuxer.iter().flat_map(|demuxer| ["-f", *demuxer]))
        .arg("-i")
        .arg(as_file(path))
        .args(["-map", "0:a:0", "-vn", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"]);
    let stream = program.stream(stop).map_err(|error| refused(error.to_string()))?;
    let name = path.display().to_string();
    AudioReader::from_stream(Box::new(stream), &name).map_err(|error| refused(error.to_string()))
}

/// What `ffmpeg` calls the demuxer of a file whose first bytes tell that our decoders do not read it: Opus in an Ogg, and
/// Matroska, which `WebM` is too.
///
/// Source: RFC 7845, section 5.1; RFC 8794, section 11.2.1.
fn foreign(path: &Path) -> io::Result<Option<&'static str>> {
    let mut head = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut head)?;
    let is_opus = head.starts_with(b"OggS") && head.windows(8).any(|window| window == b"OpusHead");
    Ok(match head.as_slice() {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("matroska"),
        _ if is_opus => Some("ogg"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_whole_at_both_rates() {
        for (from, to) in [
            (44_100, 16_000),
            (48_000, 16_000),
            (16_000, 16_000),
            (11_025, 32_000),
            (8_000, 44_100),
        ] {
            let margin = margin(from, to);
            assert_eq!(margin * u64::from(to) % u64::from(from), 0);
            assert!(margin >= MARGIN_MS * u64::from(from) / 1_000);
        }
    }
}
