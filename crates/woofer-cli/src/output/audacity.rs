use std::io::Write;
use std::path::PathBuf;

use woofer::events::Event;

use super::file_result::{FileOutcome, FileResult};
use super::printable::printable;
use super::sink::Sink;

/// Label tracks of Audacity: a line an event, with onset, offset, class and score.
///
/// A track belongs to one recording; several recordings have a file each in a folder.
///
/// Source: Audacity Manual, "Importing and Exporting Labels".
pub struct AudacityResults<'a> {
    to: Tracks,
    classes: &'a [String],
}

enum Tracks {
    /// The track of the only recording.
    One(Sink),
    Folder(PathBuf),
}

impl<'a> AudacityResults<'a> {
    /// The track of a single recording.
    pub const fn one(sink: Sink, classes: &'a [String]) -> Self {
        Self {
            to: Tracks::One(sink),
            classes,
        }
    }

    /// The tracks of several recordings, in a folder that is there.
    pub const fn folder(folder: PathBuf, classes: &'a [String]) -> Self {
        Self {
            to: Tracks::Folder(folder),
            classes,
        }
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let FileOutcome::Scored(scored) = &result.outcome else {
            return Ok(()); // Failures go to stderr.
        };
        let line = |event: &Event| {
            let label = printable(self.classes.get(event.class)?);
            let (onset_s, offset_s, score) = (event.onset_s, event.offset_s, event.peak_score);
            Some(format!("{onset_s:.6}\t{offset_s:.6}\t{label} {score:.2}\n"))
        };
        let track: String = scored.events.iter().filter_map(line).collect();
        match &mut self.to {
            Tracks::One(sink) => sink.write_all(track.as_bytes())?,
            Tracks::Folder(folder) => {
                let mut sink = Sink::open(Some(&folder.join(format!("{}.txt", result.name))))?;
                sink.write_all(track.as_bytes())?;
                sink.finish()?;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> anyhow::Result<()> {
        match self.to {
            Tracks::One(sink) => sink.finish(),
            Tracks::Folder(_) => Ok(()),
        }
    }
}
