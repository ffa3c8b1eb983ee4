use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use woofer::audioset::{CLIP_MS, PlannedCut, VideoId};

/// How deep folders may lie in each other.
const MAX_DEPTH: usize = 8;
/// Endings of the files that are looked at.
const ENDINGS: [&str; 10] = [
    "wav", "flac", "m4a", "mp4", "opus", "ogg", "webm", "mka", "mp3", "aac",
];

/// A file of a copy of AudioSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFile {
    pub path: PathBuf,
    /// The number behind the video's id: where the file begins, in seconds or in milliseconds.
    pub start: Option<String>,
}

impl CopyFile {
    /// Whether the file's name says that it begins at this time of the video.
    pub fn starts_at(&self, ms: u32) -> bool {
        let Some(start) = &self.start else { return false };
        let in_ms = start.parse::<u32>() == Ok(ms);
        // `30`, `30.0` and `30.000` mean seconds.
        let in_seconds = start
            .parse::<f64>()
            .is_ok_and(|s| (s * 1_000.0 - f64::from(ms)).abs() < 0.5);
        in_ms || in_seconds
    }

    /// Where the file begins, by its name alone: whole thousands without a point are milliseconds, all else is seconds.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range by then"
    )]
    fn start_ms(&self) -> Option<u32> {
        let start = self.start.as_ref()?;
        match start.parse::<u32>() {
            Ok(ms) if ms > 0 && ms.is_multiple_of(1_000) => Some(ms),
            _ => {
                let ms = (start.parse::<f64>().ok()? * 1_000.0).round();
                (0.0..=f64::from(u32::MAX)).contains(&ms).then_some(ms as u32)
            }
        }
    }

    /// Where the file begins, if its name says that its ten seconds hold all of a cut.
    pub fn start_around(&self, cut: &PlannedCut) -> Option<u32> {
        let start = self.start_ms()?;
        let holds = start <= cut.start_ms && cut.end_ms <= start.saturating_add(CLIP_MS);
        holds.then_some(start)
    }
}

/// The files of a copy of AudioSet on disk, by video.
///
/// Names are `<id>`, `<id>_<start>` or `<id>_<start>_<end>` with the ending of an audio format; a `Y` in front, as some
/// copies have it, is understood.
#[derive(Debug, Default)]
pub struct CopyIndex {
    by_video: HashMap<VideoId, Vec<CopyFile>>,
    /// Files that end like audio.
    pub audio_files: usize,
}

impl CopyIndex {
    /// Looks through a folder and those below it for files of these videos. Links to folders are not followed.
    pub fn scan(folder: &Path, videos: &HashSet<VideoId>) -> io::Result<Self> {
        let mut index = Self::default();
        index.add(folder, videos, 0)?;
        for files in index.by_video.values_mut() {
            files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        Ok(index)
    }

    fn add(&mut self, folder: &Path, videos: &HashSet<VideoId>, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if depth < MAX_DEPTH {
                    self.add(&entry.path(), videos, depth + 1)?;
                }
                continue;
            }
            let name = entry.file_name();
            let Some((stem, ending)) = name.to_str().and_then(|name| name.rsplit_once('.')) else {
                continue;
            };
            if !ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
                continue;
            }
            self.audio_files += 1;
            for (video, start) in meanings(stem) {
                if videos.contains(&video) {
                    let path = entry.path();
                    self.by_video
                        .entry(video)
                        .or_default()
                        .push(CopyFile { path, start });
                }
            }
        }
        Ok(())
    }

    pub fn files(&self, video: VideoId) -> &[CopyFile] {
        self.by_video.get(&video).map_or(&[], Vec::as_slice)
    }
}

/// What a file's name may mean: with and without a `Y` in front.
fn meanings(stem: &str) -> impl Iterator<Item = (VideoId, Option<String>)> {
    let stems = [Some(stem), stem.strip_prefix('Y')];
    stems.into_iter().flatten().filter_map(|stem| {
        let (video, rest) = stem.as_bytes().split_at_checked(11)?;
        let video = VideoId::from_bytes(video)?;
        let rest = std::str::from_utf8(rest).ok()?;
        if rest.is_empty() {
            return Some((video, None));
        }
        let start = rest.strip_prefix('_')?.split('_').next()?;
        start.parse::<f64>().ok().filter(|s| s.is_finite())?;
        Some((video, Some(start.to_owned())))
    })
}

#[cfg(test)]
mod tests {
    use super::super::sections::cut;
    use super::*;

    #[test]
    fn the_names_that_copies_have_are_understood() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("train/00");
        fs::create_dir_all(&below).unwrap();
        for name in [
            "-0Gj8-vB1q4.flac",
            "Y-0Gj8-vB1q4.wav",
            "b0RFKhbpFJA_30000.opus",
            "b0RFKhbpFJA_40_50.m4a",
            "b0RFKhbpFJA_60.000_70.000.FLAC",
            "b0RFKhbpFJA_x.wav",
            "b0RFKhbpFJA_30000.txt",
            "__________1_0.wav",
            "short.wav",
            "zzzzzzzzzzz.wav",
        ] {
            fs::write(below.join(name), "").unwrap();
        }
        let ids = ["-0Gj8-vB1q4", "b0RFKhbpFJA", "__________1"].map(|id| id.parse::<VideoId>().unwrap());
        let index = CopyIndex::scan(dir.path(), &ids.into_iter().collect()).unwrap();
        assert_eq!(index.audio_files, 9);
        let names = |id: VideoId| {
            let files = index.files(id).iter();
            let names = files.map(|f| f.path.file_name().unwrap().to_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(ids[0]), ["-0Gj8-vB1q4.flac", "Y-0Gj8-vB1q4.wav"]);
        assert_eq!(
            names(ids[1]),
            [
                "b0RFKhbpFJA_30000.opus",
                "b0RFKhbpFJA_40_50.m4a",
                "b0RFKhbpFJA_60.000_70.000.FLAC"
            ]
        );
        let files = index.files(ids[1]);
        assert!(files[0].starts_at(30_000) && !files[0].starts_at(30));
        assert!(files[1].starts_at(40_000) && files[2].starts_at(60_000) && !files[2].starts_at(61_000));
        assert_eq!(index.files(ids[2])[0].start.as_deref(), Some("0"));
        // Without the clip's start it is the name alone that tells, and a name that fits otherwise does not.
        let around = |from_ms, to_ms| {
            let cut = cut("b0RFKhbpFJA", from_ms, to_ms);
            [0, 1, 2].map(|number: usize| files[number].start_around(&cut))
        };
        assert_eq!(around(31_000, 36_000), [Some(30_000), None, None]);
        assert_eq!(around(40_000, 45_000), [None, Some(40_000), None]);
        assert_eq!(around(38_000, 43_000), [None; 3]);
    }
}
