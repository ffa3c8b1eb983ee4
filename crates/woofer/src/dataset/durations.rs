use rayon::prelude::*;

use super::manifest::{Manifest, Row};
use crate::audio::{AudioError, AudioReader};

/// How long the sound of each row of a list lasts, in seconds; none of a row that cannot be read.
///
/// Headers are believed, and files that tell no length are decoded, on all threads of the pool.
#[must_use]
pub fn durations_s(manifest: &Manifest) -> Vec<Option<f64>> {
    let rows = manifest.rows.par_iter();
    rows.map(|row| row_duration_s(row).ok()).collect()
}

fn row_duration_s(row: &Row) -> Result<f64, AudioError> {
    let file_s = || {
        let mut reader = AudioReader::open(&row.path)?;
        let frames = if let Some(frames) = reader.declared_frames() {
            frames
        } else {
            while reader.next_block()?.is_some() {}
            reader.frames_read()
        };
        Ok(frames as f64 / f64::from(reader.rate_hz()))
    };
    let end_s = match row.offset_s {
        Some(offset_s) => offset_s.min(file_s()?),
        None => file_s()?,
    };
    Ok((end_s - row.onset_s.unwrap_or(0.0)).max(0.0))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::taxonomy::Taxonomy;

    #[test]
    fn files_stretches_and_unreadable_rows() {
        let dir = tempfile::tempdir().unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 8_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(dir.path().join("a.wav"), spec).unwrap();
        (0..20_000).for_each(|_| writer.write_sample(0i16).unwrap());
        writer.finalize().unwrap();
        // No header of this one tells how long it is.
        let ogg = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/audio/chirp_44100_mono.ogg");
        fs::copy(ogg, dir.path().join("b.ogg")).unwrap();
        fs::write(dir.path().join("c.wav"), "no sound").unwrap();
        let list = dir.path().join("list.csv");
        let rows = "path,label,onset_s,offset_s\na.wav,Other,,\na.wav,Other,0.5,1.25\na.wav,Other,2,9\nb.ogg,Other,,\nc.wav,Other,,\n";
        fs::write(&list, rows).unwrap();
        let taxonomy = Taxonomy::open("tomofun").unwrap();
        let manifest = Manifest::open(&list, &taxonomy).unwrap();
        let found = durations_s(&manifest);
        assert_eq!(found[..3], [Some(2.5), Some(0.75), Some(0.5)]);
        let ogg_s = found[3].unwrap();
        assert!((0.1..60.0).contains(&ogg_s), "{ogg_s}");
        assert_eq!(found[4], None);
    }
}
