//! What a clip sounds like, as far as it matters to training.

use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::audio::{AudioError, AudioReader, FULL_SCALE, Repairs};
use crate::dataset::{Manifest, Row};
use crate::with_causes;

/// What a clip sounds like.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Samples a second.
    pub rate_hz: u32,
    /// Channels in the file.
    pub channels: usize,
    /// Samples of the clip.
    pub samples: u64,
    /// The largest absolute sample; 1 is full scale.
    pub peak: f32,
    /// Samples at full scale.
    pub clipped: u64,
    /// SHA-256 of the rate and the decoded samples.
    pub sha256: [u8; 32],
    /// What had to be mended in the file.
    pub repairs: Repairs,
    /// Length of the whole file in seconds.
    pub file_s: f64,
}

impl Sound {
    /// How long the clip lasts, in seconds.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.samples as f64 / f64::from(self.rate_hz)
    }
}

/// The sound of each row, or why it cannot be heard. Each file is decoded once, on all threads of the pool.
///
/// `on_file` is called when a file is done.
pub(super) fn listen(manifest: &Manifest, on_file: &(dyn Fn() + Sync)) -> Vec<Result<Sound, String>> {
    let mut order: Vec<usize> = (0..manifest.rows.len()).collect();
    order.sort_by(|a, b| manifest.rows[*a].path.cmp(&manifest.rows[*b].path));
    let files: Vec<&[usize]> = order
        .chunk_by(|a, b| manifest.rows[*a].path == manifest.rows[*b].path)
        .collect();
    let heard = files.par_iter().map(|places| {
        let rows: Vec<&Row> = places.iter().map(|place| &manifest.rows[*place]).collect();
        let sounds = rows
            .first()
            .map(|row| listen_to_file(&row.path, &rows).map_err(|error| with_causes(&error)));
        on_file();
        sounds.unwrap_or_else(|| Ok(Vec::new()))
    });
    let heard: Vec<Result<Vec<Sound>, String>> = heard.collect();
    let mut of_row = vec![Err(String::new()); manifest.rows.len()];
    for (places, sounds) in files.iter().zip(heard) {
        for (i, place) in places.iter().enumerate() {
            of_row[*place] = match &sounds {
                Ok(sounds) => sounds.get(i).cloned().ok_or_else(String::new),
                Err(reason) => Err(reason.clone()),
            };
        }
    }
    of_row
}

fn listen_to_file(path: &Path, rows: &[&Row]) -> Result<Vec<Sound>, AudioError> {
    let mut reader = AudioReader::open(path)?;
    let (rate_hz, channels) = (reader.rate_hz(), reader.channels());
    let mut stretches: Vec<Stretch> = rows.iter().map(|row| Stretch::new(row, rate_hz)).collect();
    let mut at = 0u64;
    while let Some(block) = reader.next_block()? {
        for stretch in &mut stretches {
            stretch.hear(block, at);
        }
        at += block.len() as u64;
    }
    let repairs = reader.repairs();
    let sounds = stretches.into_iter().map(|stretch| Sound {
        rate_hz,
        channels,
        samples: stretch.samples,
        peak: stretch.peak,
        clipped: stretch.clipped,
        sha256: stretch.hash.finalize().into(),
        repairs,
        file_s: at as f64 / f64::from(rate_hz),
    });
    Ok(sounds.collect())
}

/// A stretch while it is heard.
struct Stretch {
    from: u64,
    to: u64,
    samples: u64,
    peak: f32,
    clipped: u64,
    hash: Sha256,
}

impl Stretch {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest limit"
    )]
    fn new(row: &Row, rate_hz: u32) -> Self {
        let sample = |seconds: f64| (seconds * f64::from(rate_hz)).round() as u64;
        let mut hash = Sha256::new();
        hash.update(rate_hz.to_le_bytes());
        Self {
            from: row.onset_s.map_or(0, sample),
            to: row.offset_s.map_or(u64::MAX, sample),
            samples: 0,
            peak: 0.0,
            clipped: 0,
            hash,
        }
    }

    /// Takes what of the block, whose first sample is number `at`, lies in the stretch.
    fn hear(&mut self, block: &[f32], at: u64) {
        let place = |sample: u64| usize::try_from(sample.saturating_sub(at)).unwrap_or(usize::MAX);
        let (from, to) = (place(self.from).min(block.len()), place(self.to).min(block.len()));
        let Some(heard) = block.get(from..to) else { return };
        let mut bytes = [0; 4096];
        for samples in heard.chunks(bytes.len() / 4) {
            for (to, sample) in bytes.chunks_exact_mut(4).zip(samples) {
                to.copy_from_slice(&sample.to_le_bytes());
                self.peak = self.peak.max(sample.abs());
                self.clipped += u64::from(sample.abs() >= FULL_SCALE);
            }
            self.hash.update(&bytes[..4 * samples.len()]);
        }
        self.samples += heard.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row(path: &Path, onset_s: Option<f64>, offset_s: Option<f64>) -> Row {
        Row {
            path: path.to_owned(),
            class: 0,
            fine: 0,
            recording: String::new(),
            source: String::new(),
            weak: false,
            onset_s,
            offset_s,
            columns: BTreeMap::new(),
            line: 0,
        }
    }

    /// One second of silence, one at full scale, one of a quiet tone; in blocks that end elsewhere.
    fn sounds(stretches: &[(Option<f64>, Option<f64>)]) -> Vec<Sound> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 8_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        for t in 0..24_000u32 {
            let sample = match t / 8_000 {
                0 => 0,
                1 => [i16::MAX, i16::MIN][t as usize % 2],
                _ => [3_277, -3_276, 100][t as usize % 3],
            };
            writer.write_sample(sample).unwrap();
        }
        writer.finalize().unwrap();
        let manifest = Manifest {
            rows: stretches.iter().map(|(on, off)| row(&path, *on, *off)).collect(),
            path: path.clone(),
        };
        listen(&manifest, &|| ())
            .into_iter()
            .map(Result::unwrap)
            .collect()
    }

    #[test]
    fn a_stretch_is_heard_to_the_sample() {
        let sounds = sounds(&[
            (None, None),
            (None, Some(1.0)),
            (Some(1.0), Some(2.0)),
            (Some(2.0), None),
            (Some(1.5), Some(2.5)),
            (Some(9.0), None),
        ]);
        let found: Vec<_> = sounds
            .iter()
            .map(|s| (s.samples, s.clipped, (s.peak * 10.0).round()))
            .collect();
        let expected = [
            (24_000, 8_000, 10.0),
            (8_000, 0, 0.0),
            (8_000, 8_000, 10.0),
            (8_000, 0, 1.0),
            (8_000, 4_000, 10.0),
            (0, 0, 0.0),
        ];
        assert_eq!(found, expected);
        assert!(sounds.iter().all(|s| (s.file_s - 3.0).abs() < 1e-9));
    }

    #[test]
    fn the_hash_tells_sounds_apart_and_nothing_else() {
        let sounds = sounds(&[(None, Some(0.5)), (Some(0.5), Some(1.0)), (Some(0.6), Some(1.1))]);
        assert_eq!(sounds[0].sha256, sounds[1].sha256);
        assert_ne!(sounds[0].sha256, sounds[2].sha256);
    }
}
