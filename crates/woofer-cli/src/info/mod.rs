//! `woofer info`: what a recording is.

mod args;

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use woofer::audio::{AudioError, AudioReader, Loudness, Repairs};
use woofer::with_causes;
use woofer_nn::Bundle;

use crate::args::ReportFormat;
use crate::exit::Outcome;
use crate::logging;
use crate::output::{Sink, channels, format_words, length, printable, table};
pub use args::InfoArgs;

/// What a recording is.
struct Facts {
    path: String,
    bytes: Option<u64>,
    container: String,
    codec: String,
    rate_hz: u32,
    channels: usize,
    samples: u64,
    /// As the header says.
    declared: Option<u64>,
    loudness: Loudness,
    repairs: Repairs,
}

/// Runs the command.
pub fn run(args: &InfoArgs) -> anyhow::Result<Outcome> {
    let mut out = Sink::open(None)?;
    let mut all = Vec::new();
    let mut failed = 0;
    for path in &args.files {
        match Facts::gather(path) {
            Ok(facts) if args.format == ReportFormat::Text => {
                writeln!(out, "{}", facts.text())?;
                out.flush()?;
            }
            Ok(facts) => all.push(facts.json()),
            Err(error) => {
                failed += 1;
                let reason = with_causes(&error);
                let hint = if Bundle::is_at(path) {
                    "; it is a model, and `woofer model info` tells of it"
                } else {
                    ""
                };
                logging::error(&format!("{reason}{hint}"));
                all.push(json!({ "path": path.display().to_string(), "error": reason }));
            }
        }
    }
    if args.format == ReportFormat::Json {
        writeln!(out, "{:#}", json!({ "schema_version": 1, "files": all }))?;
    }
    out.finish()?;
    Ok(match failed {
        0 => Outcome::Done,
        n if n < args.files.len() => Outcome::SomeFailed,
        _ => Outcome::NothingDone,
    })
}

impl Facts {
    fn gather(path: &Path) -> Result<Self, AudioError> {
        let is_stdin = path.as_os_str() == "-";
        let mut reader = if is_stdin {
            AudioReader::from_stream(Box::new(std::io::stdin()), "-")?
        } else {
            AudioReader::open(path)?
        };
        let mut loudness = Loudness::default();
        while let Some(block) = reader.next_block()? {
            loudness.hear(block);
        }
        Ok(Self {
            path: path.display().to_string(),
            bytes: std::fs::metadata(path)
                .ok()
                .filter(|_| !is_stdin)
                .map(|m| m.len()),
            container: reader.container().to_string(),
            codec: reader.codec().to_owned(),
            rate_hz: reader.rate_hz(),
            channels: reader.channels(),
            samples: reader.frames_read(),
            declared: reader.declared_frames(),
            loudness,
            repairs: reader.repairs(),
        })
    }

    fn seconds(&self, samples: u64) -> f64 {
        samples as f64 / f64::from(self.rate_hz)
    }

    fn text(&self) -> String {
        let mut rows = table(["recording", &printable(&self.path)]);
        rows.add_row(["format", &format_words(&self.container, &self.codec)]);
        rows.add_row([
            "sound",
            &format!("{} Hz, {}", self.rate_hz, channels(self.channels)),
        ]);
        let seconds = self.seconds(self.samples);
        let claimed = self.declared.filter(|declared| *declared != self.samples);
        let claimed = claimed.map_or_else(String::new, |declared| {
            format!("; its header says {:.3} s", self.seconds(declared))
        });
        let lasts = format!(
            "{} ({seconds:.3} s, {} samples){claimed}",
            length(seconds),
            self.samples
        );
        rows.add_row(["length", &lasts]);
        if let Some(bytes) = self.bytes {
            let rate = if seconds > 0.0 {
                format!(", {:.0} kbit/s", bytes as f64 * 8.0 / seconds / 1000.0)
            } else {
                String::new()
            };
            rows.add_row(["size", &format!("{bytes} bytes{rate}")]);
        }
        rows.add_row(["loudest sample", &decibels(self.loudness.peak_db())]);
        rows.add_row(["level (RMS)", &decibels(self.loudness.rms_db())]);
        if self.loudness.clipped() > 0 {
            let share = 100.0 * self.loudness.clipped() as f64 / self.samples.max(1) as f64;
            let clipped = format!(
                "{} samples at full scale ({share:.2} %): it may be clipped",
                self.loudness.clipped()
            );
            rows.add_row(["beware", &clipped]);
        }
        if !self.repairs.is_clean() {
            rows.add_row(["damage", &self.repairs.to_string()]);
        }
        rows.to_string()
    }

    fn json(&self) -> Value {
        let rounded = |db: Option<f64>| db.map(|db| (db * 100.0).round() / 100.0);
        json!({
            "path": self.path,
            "bytes": self.bytes,
            "container": self.container,
            "codec": self.codec,
            "rate_hz": self.rate_hz,
            "channels": self.channels,
            "samples": self.samples,
            "duration_s": (self.seconds(self.samples) * 1e6).round() / 1e6,
            "declared_samples": self.declared,
            "peak_db": rounded(self.loudness.peak_db()),
            "rms_db": rounded(self.loudness.rms_db()),
            "clipped_samples": self.loudness.clipped(),
            "skipped_packets": self.repairs.skipped_packets,
            "ended_early": self.repairs.ended_early,
            "error": null,
        })
    }
}

fn decibels(value: Option<f64>) -> String {
    value.map_or_else(|| "silence".to_owned(), |db| format!("{db:.1} dB"))
}
