use std::path::{Component, Path, PathBuf};

use woofer::audio::{AudioReader, wav_bytes};
use woofer::evaluation::ScoreRow;
use woofer::features::{FrontEnd, LogMel, LogMelPlan, LogMelStream};
use woofer::pipeline::{SegmentReader, Stretch};
use woofer::render::{AudioFormat, Playable};
use woofer::with_causes;

/// What is played: 16 kHz, in segments of five seconds, the first of which is taken.
const PLAYED: FrontEnd = FrontEnd::Vggish;

/// The beginning of a clip, to be seen and heard.
pub struct Sound {
    pub log_mel: LogMel,
    /// At the rate of [`PLAYED`].
    pub samples: Vec<f32>,
    pub audio: Playable,
}

impl Sound {
    /// The first five seconds of a clip that lies in one of the folders.
    pub fn open(row: &ScoreRow, folders: &[PathBuf], front_end: FrontEnd) -> Result<Self, String> {
        // A score file from elsewhere could name any file, whose sound would then be in a page for others.
        let is_inside = |path: &PathBuf| folders.iter().any(|folder| path.starts_with(plain(folder)));
        let paths = folders.iter().map(|folder| plain(&folder.join(&row.path)));
        let paths: Vec<PathBuf> = paths.filter(is_inside).collect();
        if paths.is_empty() {
            return Err(format!(
                "{}: leads out of the folder of clips, and is not opened; give a folder above both as --clips, and the list as --list",
                row.path
            ));
        }
        let path = paths.iter().find(|path| path.is_file());
        let path = path.ok_or_else(|| {
            let tried: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("{}: there is no such file", tried.join(", nor "))
        })?;
        let samples = beginning(path, row, PLAYED)?;
        let heard = beginning(path, row, front_end)?;
        Ok(Self {
            log_mel: LogMelStream::new(&LogMelPlan::new(front_end)).whole(&heard),
            audio: Playable {
                format: AudioFormat::Wav,
                bytes: wav_bytes(&samples, PLAYED.rate_hz()),
            },
            samples,
        })
    }
}

/// A path without the folders that it only passes through.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).as_deref().unwrap_or(path).components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

/// The first segment of a clip at a front end's rate.
fn beginning(path: &Path, row: &ScoreRow, front_end: FrontEnd) -> Result<Vec<f32>, String> {
    let named = |e: woofer::audio::AudioError| with_causes(&e);
    let mut reader = AudioReader::open(path).map_err(named)?;
    let stretch = Stretch {
        onset_s: row.onset_s,
        offset_s: row.offset_s,
    };
    let mut segments = SegmentReader::new(&mut reader, front_end, stretch).map_err(named)?;
    match segments.next_segment().map_err(named)? {
        Some(segment) => Ok(segment.samples),
        None => Err(format!("{}: {stretch} holds no sound", path.display())),
    }
}
