use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use woofer::audio::{AudioReader, Clips, cut};
use woofer::events::Event;
use woofer::with_causes;

use super::names::{Names, file_name};
use crate::output::{CutEvent, FileOutcome, FileResult, Sink};

/// The list of clips, in the folder of segments.
const LIST: &str = "segments.csv";

/// A new folder for the clips that events are cut out to: one of each class, and a list.
///
/// The list can be trained on: path, label and recording. Where the event lay is told in columns of other names, since
/// `onset_s` and `offset_s` of such a list would mean a part of the clip.
pub struct SegmentFolder {
    folder: PathBuf,
    /// The folder of each class, within the folder.
    class_folders: Vec<String>,
}

impl SegmentFolder {
    /// Makes the folder; one that holds something already is refused, so that nothing is lost or mixed up.
    pub fn create(folder: &Path, classes: &[String]) -> anyhow::Result<Self> {
        let refused = || format!("{}: cannot be made a folder for segments", folder.display());
        fs::create_dir_all(folder).with_context(refused)?;
        if fs::read_dir(folder).with_context(refused)?.next().is_some() {
            bail!(
                "{}: the folder is not empty; --segments wants a new one",
                folder.display()
            );
        }
        let mut names = Names::default();
        let class_folders = classes
            .iter()
            .map(|class| names.unique(&file_name(class)))
            .collect();
        Ok(Self {
            folder: folder.to_owned(),
            class_folders,
        })
    }

    /// Cuts the events out of a recording; `name` begins the names of the clips.
    pub fn cut(&self, recording: &Path, name: &str, events: &[Event]) -> Result<Vec<CutEvent>, String> {
        let place = |event: &Event| {
            let class = self.class_folders.get(event.class).map_or("", String::as_str);
            format!("{class}/{name}_{:.2}-{:.2}.wav", event.onset_s, event.offset_s)
        };
        let cut_events = events.iter().map(|event| CutEvent {
            event: *event,
            path: place(event),
        });
        let mut clips = ClipFiles {
            folder: &self.folder,
            clips: cut_events.collect(),
        };
        if events.is_empty() {
            return Ok(clips.clips);
        }
        let mut reader = AudioReader::open(recording).map_err(|e| with_causes(&e))?;
        let stretches: Vec<(f64, f64)> = events.iter().map(|e| (e.onset_s, e.offset_s)).collect();
        cut(&mut reader, &stretches, &mut clips).map_err(|e| with_causes(&e))?;
        Ok(clips.clips)
    }
}

/// The clips of one recording.
struct ClipFiles<'a> {
    folder: &'a Path,
    clips: Vec<CutEvent>,
}

impl ClipFiles<'_> {
    fn path(&self, place: usize) -> PathBuf {
        let clip = self.clips.get(place).map_or("", |clip| &clip.path);
        self.folder.join(clip)
    }

    /// Where it lies until it is complete.
    fn staging(&self, place: usize) -> PathBuf {
        self.path(place).with_extension("wav.part")
    }
}

impl Clips for ClipFiles<'_> {
    type File = BufWriter<File>;

    fn name(&self, place: usize) -> String {
        self.path(place).display().to_string()
    }

    fn begin(&mut self, place: usize) -> io::Result<Self::File> {
        let path = self.staging(place);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        File::create(path).map(BufWriter::new)
    }

    fn end(&mut self, place: usize, file: Self::File) -> io::Result<()> {
        drop(file);
        fs::rename(self.staging(place), self.path(place))
    }
}

/// Writes the list of all clips, in the order of the recordings.
pub struct SegmentList<'a> {
    writer: csv::Writer<Sink>,
    classes: &'a [String],
    clips: usize,
}

impl<'a> SegmentList<'a> {
    pub fn create(folder: &Path, classes: &'a [String]) -> anyhow::Result<Self> {
        let mut writer = csv::Writer::from_writer(Sink::open(Some(&folder.join(LIST)))?);
        writer.write_record([
            "path",
            "label",
            "recording",
            "found_in",
            "found_onset_s",
            "found_offset_s",
            "score",
        ])?;
        Ok(Self {
            writer,
            classes,
            clips: 0,
        })
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let FileOutcome::Scored(scored) = &result.outcome else {
            return Ok(());
        };
        for CutEvent { event, path } in scored.segments.iter().flatten() {
            let label = self.classes.get(event.class).map_or("", String::as_str);
            self.writer.write_record([
                path,
                label,
                &result.name,
                &result.path.display().to_string(),
                &format!("{:.3}", event.onset_s),
                &format!("{:.3}", event.offset_s),
                &format!("{:.6}", event.peak_score),
            ])?;
            self.clips += 1;
        }
        Ok(())
    }

    /// Ends the list and says how many clips it holds.
    pub fn finish(self) -> anyhow::Result<usize> {
        let clips = self.clips;
        match self.writer.into_inner() {
            Ok(sink) => sink.finish()?,
            Err(error) => return Err(error.into_error().into()),
        }
        Ok(clips)
    }
}
