use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use woofer::audio::wav_bytes;
use woofer::audioset::{Plan, PlannedCut, VideoId};

use super::copy_cut::{Piece, cut_all};
use super::copy_index::{CopyFile, CopyIndex};
use super::cutting::{is_enough, is_whole};
use super::error::FetchError;
use super::journal::{Entry, Journal, State};
use super::pending::pending;
use super::reason::Reason;
use super::run::{RunEnd, place, without_clip};
use super::settings::FetchSettings;
use super::work_folder::WorkRoot;
use super::workers::for_each;
use super::yt_dlp::Refused;
use crate::Stop;

/// What happens while clips are cut out of a copy.
#[derive(Debug)]
pub enum CopyProgress<'a> {
    /// So many cuts are to be made now, out of a copy with so many audio files.
    Begins {
        /// Cuts.
        cuts: usize,
        /// Files that end like audio.
        audio_files: usize,
    },
    /// It is settled how it stands with a cut.
    Cut(&'a Entry),
}

struct CopyRun<'a> {
    settings: &'a FetchSettings,
    stop: &'a Stop,
    index: CopyIndex,
    // Before the journal, so that it is gone before another program may begin.
    work: WorkRoot,
    journal: Journal,
    /// What YouTube does not have any more, by the clip's file.
    gone: HashMap<String, Entry>,
    tell: &'a (dyn Fn(CopyProgress<'_>) + Sync),
}

/// Makes the cuts of a plan that are not there yet out of a copy of AudioSet on disk.
///
/// What the copy does not have is left to be fetched, and what is gone is looked for all the same: it stays gone only where
/// the copy lacks it too. The journal is the same as that of [`fetch`](super::fetch).
///
/// # Errors
/// The copy cannot be read, the folder cannot be written or is in use, or the journal is none.
pub fn cut_from_copy(
    plan: &Plan,
    copy: &Path,
    settings: &FetchSettings,
    stop: &Stop,
    tell: &(dyn Fn(CopyProgress<'_>) + Sync),
) -> Result<RunEnd, FetchError> {
    let (journal, entries) = Journal::open(&settings.folder)?;
    let work = WorkRoot::create(&settings.folder)
        .map_err(|source| FetchError::unwritable(&settings.folder, source))?;
    let with_gone = FetchSettings {
        retry_gone: true,
        ..settings.clone()
    };
    let videos = pending(plan, &entries, &with_gone);
    let gone = entries
        .into_iter()
        .filter(|(_, entry)| entry.state == State::Gone)
        .collect();
    if videos.is_empty() {
        return Ok(RunEnd::Finished);
    }
    let ids: HashSet<VideoId> = videos.iter().flatten().map(|cut| cut.video).collect();
    let index = CopyIndex::scan(copy, &ids).map_err(|source| FetchError::unreadable(copy, source))?;
    tell(CopyProgress::Begins {
        cuts: videos.iter().map(Vec::len).sum(),
        audio_files: index.audio_files,
    });
    let run = CopyRun {
        settings,
        stop,
        index,
        work,
        journal,
        gone,
        tell,
    };
    for_each(videos, settings.jobs, |cuts| {
        if stop.is_wished() {
            Ok(())
        } else {
            run.video(&cuts)
        }
    })?;
    Ok(if stop.is_wished() {
        RunEnd::Stopped
    } else {
        RunEnd::Finished
    })
}

impl CopyRun<'_> {
    fn video(&self, cuts: &[&PlannedCut]) -> Result<(), FetchError> {
        let Some(video) = cuts.first().map(|cut| cut.video) else {
            return Ok(());
        };
        let files = self.index.files(video);
        let mut by_file: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
        for cut in cuts {
            if let Some((file, piece)) = find(files, cut) {
                by_file.entry(file).or_default().push(piece);
                continue;
            }
            let detail = if files.is_empty() {
                ""
            } else {
                "it has other clips of the video"
            };
            self.settle(cut, &Refused::new(Reason::NotInCopy, detail), "copy")?;
        }
        for (file, pieces) in by_file {
            let Some(file) = files.get(file) else { continue };
            let by = format!("copy: {}", file.path.display());
            let (rate_hz, ffmpeg) = (self.settings.rate_hz, &self.settings.ffmpeg);
            match cut_all(file, &pieces, rate_hz, ffmpeg, self.stop) {
                // A decoder that was ended may look like a file that ends.
                _ if self.stop.is_wished() => return Ok(()),
                Ok(all) => {
                    for (piece, samples) in pieces.iter().zip(all) {
                        match samples {
                            Some(samples) => self.keep(piece.cut, &samples, &by)?,
                            None => self.settle(piece.cut, &without_start(file), &by)?,
                        }
                    }
                }
                Err(refused) => {
                    for piece in &pieces {
                        self.settle(piece.cut, &refused, &by)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn keep(&self, cut: &PlannedCut, samples: &[f32], by: &str) -> Result<(), FetchError> {
        let length_ms = samples.len() as u64 * 1_000 / u64::from(self.settings.rate_hz);
        let detail = match (is_whole(length_ms, cut), is_enough(length_ms, cut)) {
            (true, _) => "",
            (_, true) => "ends with the file",
            _ => {
                let refused = Refused::new(Reason::TooShort, "the file ends before the cut");
                return self.settle(cut, &refused, by);
            }
        };
        let written = self.work.job().and_then(|folder| {
            let clip = folder.path.join("clip.wav");
            fs::write(&clip, wav_bytes(samples, self.settings.rate_hz))?;
            place(self.settings, cut, &clip, length_ms, detail, by.to_owned())
        });
        let entry = written.map_err(|source| FetchError::unwritable(&self.settings.folder, source))?;
        self.record(&entry)
    }

    /// There is no clip yet: another copy, or YouTube, may have it.
    fn settle(&self, cut: &PlannedCut, refused: &Refused, by: &str) -> Result<(), FetchError> {
        // What YouTube does not have any more is no more to be had from there than before.
        if let Some(gone) = self.gone.get(&cut.file).filter(|entry| entry.is_of(cut)) {
            (self.tell)(CopyProgress::Cut(gone));
            return Ok(());
        }
        self.record(&without_clip(cut, State::Retry, refused, by.to_owned()))
    }

    fn record(&self, entry: &Entry) -> Result<(), FetchError> {
        self.journal.add(entry)?;
        (self.tell)(CopyProgress::Cut(entry));
        Ok(())
    }
}

/// The file out of which a cut is to be made, by its place among those of the video: one whose name tells the clip's
/// start, else one whose name tells none.
fn find<'c>(files: &[CopyFile], cut: &'c PlannedCut) -> Option<(usize, Piece<'c>)> {
    let piece = |clip_start_ms| Piece { cut, clip_start_ms };
    let named = match cut.clip_start_ms {
        Some(ms) => {
            let named = files.iter().position(|file| file.starts_at(ms));
            named.map(|file| (file, piece(Some(ms))))
        }
        None => files.iter().enumerate().find_map(|(file, named)| {
            let start_ms = named.start_around(cut)?;
            Some((file, piece(Some(start_ms))))
        }),
    };
    named.or_else(|| {
        let unnumbered = files.iter().position(|file| file.start.is_none())?;
        Some((unnumbered, piece(cut.clip_start_ms)))
    })
}

fn without_start(file: &CopyFile) -> Refused {
    let detail = format!(
        "{}: is a clip and not the whole video, and the plan does not say where it begins: it has no clip_start_s for it",
        file.path.display()
    );
    Refused::new(Reason::UnknownStart, &detail)
}
