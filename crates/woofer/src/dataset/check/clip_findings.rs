//! What is odd about single clips, and clips that are the same.

use super::counts::Heard;
use super::duplicates::Duplicates;
use super::findings::{Findings, counted};
use super::sound::Sound;
use crate::dataset::{Manifest, Row, Severity};
use crate::taxonomy::Taxonomy;

/// Shorter clips are padded by every front end, and hold little to learn from.
const SHORT_S: f64 = 1.0;
/// Longer clips are rarely of one class all through.
const LONG_S: f64 = 30.0;
/// -60 dB below full scale.
const SILENT_PEAK: f32 = 0.001;
/// The share of samples at full scale from which it can be heard.
const CLIPPED_SHARE: f64 = 0.001;
/// How far a stretch may run past the end of its file.
const TOLERANCE_S: f64 = 0.05;

/// A clip that was heard: its place in the list, its row, its sound.
type Clip<'a> = (usize, &'a Row, &'a Sound);

impl Findings {
    /// What is odd about single clips.
    pub fn clips(&mut self, manifest: &Manifest, sounds: &Heard) {
        self.unheard(manifest, sounds);
        let rows = manifest.rows.iter().zip(sounds).enumerate();
        let clips: Vec<Clip> = rows
            .filter_map(|(i, (row, sound))| Some((i, row, sound.as_ref().ok()?)))
            .filter(|(_, _, sound)| sound.samples > 0)
            .collect();
        self.levels(manifest, &clips);
        self.lengths(manifest, &clips);
    }

    /// Clips without a sample.
    fn unheard(&mut self, manifest: &Manifest, sounds: &Heard) {
        let place = |i: usize| manifest.place(i);
        let unreadable = sounds.iter().enumerate().filter_map(|(i, sound)| {
            let reason = sound.as_ref().err()?;
            match manifest.rows.get(i)?.line {
                0 => Some(reason.clone()),
                line => Some(format!("line {line}, {reason}")),
            }
        });
        self.add(
            Severity::Error,
            "unreadable",
            |n| format!("{} cannot be decoded", counted(n, "clip", "clips")),
            "take them out, fetch them anew, or convert them to WAV or FLAC",
            unreadable,
        );
        let heard = || {
            let rows = manifest.rows.iter().zip(sounds).enumerate();
            rows.filter_map(|(i, (row, sound))| Some((i, row, sound.as_ref().ok()?)))
        };
        self.add(
            Severity::Error,
            "stretch_outside_file",
            |n| {
                format!(
                    "{} after the end of the file",
                    counted(n, "stretch begins", "stretches begin")
                )
            },
            "correct onset_s; times are seconds from the start of the file",
            heard()
                .filter(|(_, _, sound)| sound.samples == 0)
                .map(|(i, row, sound)| {
                    let onset_s = row.onset_s.unwrap_or(0.0);
                    format!(
                        "{}: onset_s {onset_s}, the file lasts {:.3} s",
                        place(i),
                        sound.file_s
                    )
                }),
        );
    }

    /// Silence, clipping and damage.
    fn levels(&mut self, manifest: &Manifest, clips: &[Clip]) {
        let place = |i: usize| manifest.place(i);
        self.add(
            Severity::Warning,
            "silent",
            |n| {
                format!(
                    "{} silent: nothing above -60 dB of full scale",
                    counted(n, "clip is", "clips are")
                )
            },
            "take them out: a label on silence teaches that silence sounds like it",
            clips
                .iter()
                .filter(|(_, _, sound)| sound.peak < SILENT_PEAK)
                .map(|(i, _, sound)| match sound.peak {
                    0.0 => format!("{}: all zero", place(*i)),
                    peak => format!("{}: peak {:.0} dB", place(*i), 20.0 * peak.log10()),
                }),
        );
        let mut clipped: Vec<(usize, f64)> = clips
            .iter()
            .map(|(i, _, sound)| (*i, sound.clipped as f64 / sound.samples as f64))
            .filter(|(_, share)| *share > CLIPPED_SHARE)
            .collect();
        clipped.sort_by(|a, b| b.1.total_cmp(&a.1));
        self.add(
            Severity::Note,
            "clipped",
            |n| {
                let clips = counted(n, "clip has", "clips have");
                format!("{clips} more than 0.1 % of samples at full scale")
            },
            "use a quieter copy if there is one; a microphone that clips in use may be trained for with such clips",
            clipped
                .into_iter()
                .map(|(i, share)| format!("{}: {:.1} %", place(i), 100.0 * share)),
        );
        self.add(
            Severity::Warning,
            "mended",
            |n| {
                format!(
                    "{} damaged; what could be decoded was taken",
                    counted(n, "clip is", "clips are")
                )
            },
            "fetch them anew, or listen whether the sound that the label means is still in them",
            clips
                .iter()
                .filter(|(_, _, sound)| !sound.repairs.is_clean())
                .map(|(i, _, sound)| format!("{}: {}", place(*i), sound.repairs)),
        );
    }

    /// Clips that are short or long, or shorter than the list says.
    fn lengths(&mut self, manifest: &Manifest, clips: &[Clip]) {
        let place = |i: usize| manifest.place(i);
        self.add(
            Severity::Warning,
            "stretch_past_end",
            |n| {
                format!(
                    "{} past the end of the file",
                    counted(n, "stretch runs", "stretches run")
                )
            },
            "correct offset_s; as it is, the clip ends with the file",
            clips
                .iter()
                .filter(|(_, row, sound)| row.offset_s.is_some_and(|end| end > sound.file_s + TOLERANCE_S))
                .map(|(i, row, sound)| {
                    let offset_s = row.offset_s.unwrap_or(0.0);
                    format!(
                        "{}: offset_s {offset_s}, the file lasts {:.3} s",
                        place(*i),
                        sound.file_s
                    )
                }),
        );
        let mut lengths: Vec<(usize, f64)> = clips
            .iter()
            .map(|(i, _, sound)| (*i, sound.duration_s()))
            .collect();
        lengths.sort_by(|a, b| a.1.total_cmp(&b.1));
        let lasts = |(i, duration_s): &(usize, f64)| format!("{}: {duration_s:.3} s", place(*i));
        self.add(
            Severity::Note,
            "short",
            |n| format!("{} shorter than 1 s", counted(n, "clip is", "clips are")),
            "nothing, if the sound is that short: features are padded",
            lengths.iter().filter(|(_, s)| *s < SHORT_S).map(lasts),
        );
        self.add(
            Severity::Note,
            "long",
            |n| format!("{} longer than 30 s", counted(n, "clip is", "clips are")),
            "give onset_s and offset_s of the sound that the label means, unless it goes on all the time",
            lengths.iter().rev().filter(|(_, s)| *s > LONG_S).map(lasts),
        );
    }

    /// Clips that sound the same.
    pub fn duplicates(&mut self, manifest: &Manifest, taxonomy: &Taxonomy, duplicates: &Duplicates) {
        let fine = taxonomy.fine_labels();
        let label = |place: &usize| {
            let row = manifest.rows.get(*place)?;
            let (class, label) = fine.get(row.fine)?;
            Some(format!("{}: {class}{}", manifest.place(*place), label.name))
        };
        let same = |places: &Vec<usize>| {
            let places = places.iter().map(|place| manifest.place(*place));
            places.collect::<Vec<_>>().join(" = ")
        };
        self.add(
            Severity::Warning,
            "duplicates_with_different_labels",
            |n| format!("{} under different labels", counted(n, "sound is", "sounds are")),
            "keep the label that is right; if both are, keep one copy",
            duplicates.relabelled.iter().map(|places| {
                let labels = places.iter().filter_map(label);
                labels.collect::<Vec<_>>().join(" = ")
            }),
        );
        self.add(
            Severity::Warning,
            "duplicates_across_folds",
            |n| {
                format!(
                    "{} in several folds: tested by a network that has heard it",
                    counted(n, "sound is", "sounds are")
                )
            },
            "give the copies one recording, or keep one of them; until then figures are too good",
            duplicates.across_folds.iter().map(same),
        );
        self.add(
            Severity::Warning,
            "duplicates_across_recordings",
            |n| format!("{} in several recordings", counted(n, "sound is", "sounds are")),
            "give the copies one recording, or keep one of them, so that folds keep them together",
            duplicates.across_recordings.iter().map(same),
        );
        self.add(
            Severity::Note,
            "duplicates",
            |n| {
                format!(
                    "{} more than once within a recording",
                    counted(n, "sound is there", "sounds are there")
                )
            },
            "keep one of each, unless it is to count more in training",
            duplicates.harmless.iter().map(same),
        );
    }
}
