use std::io::Write;

use woofer::features::FrontEnd;

use super::file_result::{FileOutcome, FileResult};
use super::printable::printable;
use super::sink::Sink;

const HEADER: [&str; 11] = [
    "Selection",
    "View",
    "Channel",
    "Begin Time (s)",
    "End Time (s)",
    "Low Freq (Hz)",
    "High Freq (Hz)",
    "Begin Path",
    "File Offset (s)",
    "Class",
    "Score",
];

/// A selection table of Raven, a row an event.
///
/// Recordings follow one another as Raven opens several at once: times are counted from the start of the first, and the
/// offset in an event's own recording stands beside them. A box spans the frequencies that the network heard.
///
/// Source: Raven Pro 1.6 User's Manual, "Selection Tables", Cornell Lab of Ornithology.
pub struct RavenResults<'a> {
    sink: Sink,
    classes: &'a [String],
    heard_hz: (f64, f64),
    selections: u64,
    /// Length of all recordings so far, in seconds.
    before_s: f64,
}

impl<'a> RavenResults<'a> {
    pub fn new(mut sink: Sink, classes: &'a [String], front_end: FrontEnd) -> anyhow::Result<Self> {
        writeln!(sink, "{}", HEADER.join("\t"))?;
        let spec = front_end.spec();
        Ok(Self {
            sink,
            classes,
            heard_hz: (spec.f_min_hz, spec.f_max_hz),
            selections: 0,
            before_s: 0.0,
        })
    }

    pub fn write(&mut self, result: &FileResult) -> anyhow::Result<()> {
        let FileOutcome::Scored(scored) = &result.outcome else {
            return Ok(()); // Failures go to stderr.
        };
        let path = result.path.display().to_string();
        let path = printable(&path);
        let high_hz = self.heard_hz.1.min(f64::from(scored.rate_hz) / 2.0);
        for event in &scored.events {
            let Some(class) = self.classes.get(event.class) else {
                continue;
            };
            self.selections += 1;
            writeln!(
                self.sink,
                "{}\tSpectrogram 1\t1\t{:.3}\t{:.3}\t{:.1}\t{high_hz:.1}\t{path}\t{:.3}\t{}\t{:.4}",
                self.selections,
                self.before_s + event.onset_s,
                self.before_s + event.offset_s,
                self.heard_hz.0,
                event.onset_s,
                printable(class),
                event.peak_score,
            )?;
        }
        self.before_s += scored.clip.duration_s;
        self.sink.flush()?;
        Ok(())
    }

    pub fn finish(self) -> anyhow::Result<()> {
        self.sink.finish()
    }
}
