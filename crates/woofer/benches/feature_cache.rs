//! What the feature cache saves: `cargo bench -p woofer --bench feature_cache`, beside a checkout of `../shared`.
//!
//! Five seconds of samples at 32 kHz of each clip of `../shared/audio`, decoded and resampled, against the same from the
//! cache; on all threads. The cache lies in a temporary folder (`TMPDIR`) and takes 950 MB.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops where it stands"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use woofer::audio::{AudioError, AudioReader};
use woofer::dataset::Manifest;
use woofer::dataset::feature_cache::{CacheError, CacheKey, ContentHash, FeatureCache};
use woofer::features::FrontEnd;
use woofer::pipeline::{SegmentReader, Stretch};
use woofer::taxonomy::Taxonomy;

const SAMPLES: usize = 160_000;
const RUNS: usize = 5;

#[derive(Debug, thiserror::Error)]
enum BenchError {
    #[error(transparent)]
    Audio(#[from] AudioError),
    #[error(transparent)]
    Cache(#[from] CacheError),
}

fn main() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/audio/manifest.csv");
    let manifest = Manifest::open(&list, &Taxonomy::open("tomofun").unwrap()).unwrap();
    let files: Vec<PathBuf> = manifest.rows.into_iter().map(|row| row.path).collect();
    let dir = tempfile::tempdir().unwrap();
    let cache = FeatureCache::open(dir.path()).unwrap();

    let decoding = seconds(|| {
        files.par_iter().for_each(|path| {
            black_box(decode(path).unwrap());
        });
    });
    report("decode and resample", decoding, decoding);
    let filling = seconds(|| fill(&cache, &files));
    report("fill an empty cache (hash, decode, write)", filling, decoding);
    let mb = cache.size().unwrap().bytes as f64 / 1e6;
    println!("{} clips, {mb:.0} MB in the cache", files.len());
    report(
        "find all by content (hash, check)",
        median(|| fill(&cache, &files)),
        decoding,
    );
    let keys: Vec<CacheKey> = files.par_iter().map(|path| key(path).unwrap()).collect();
    let hashing = median(|| {
        files.par_iter().for_each(|path| {
            black_box(key(path).unwrap());
        });
    });
    report("  of that, hash the files", hashing, decoding);
    let reading = median(|| {
        keys.par_iter().for_each(|key| {
            black_box(sum(&cache.get(key).unwrap().unwrap()));
        });
    });
    report("get and read all values", reading, decoding);
    let values: Vec<_> = keys.iter().map(|key| cache.get(key).unwrap().unwrap()).collect();
    let again = median(|| {
        values.par_iter().for_each(|rows| {
            black_box(sum(rows));
        });
    });
    report("read all values that are mapped", again, decoding);
}

fn fill(cache: &FeatureCache, files: &[PathBuf]) {
    for value in cache.fill(
        files,
        |path| Ok(key(path)?),
        |path| Ok::<_, BenchError>(decode(path)?),
        &|| (),
    ) {
        black_box(value.unwrap());
    }
}

fn key(path: &Path) -> Result<CacheKey, CacheError> {
    let content = ContentHash::of_file(path)?;
    let settings = format!("first {SAMPLES} samples, {}", FrontEnd::Mn.description());
    Ok(CacheKey::new(&content, Stretch::default(), &settings))
}

/// The first five seconds, with silence after a shorter clip.
fn decode(path: &Path) -> Result<Vec<Vec<f32>>, AudioError> {
    let mut reader = AudioReader::open(path)?;
    let mut segments = SegmentReader::new(&mut reader, FrontEnd::Mn, Stretch::default())?;
    let mut samples = segments
        .next_segment()?
        .map_or(Vec::new(), |segment| segment.samples);
    samples.resize(SAMPLES, 0.0);
    Ok(vec![samples])
}

fn sum(values: &[f32]) -> f32 {
    // Eight sums at a time, so that it is memory that is measured.
    let (eights, _) = values.as_chunks::<8>();
    let sums = eights.iter().fold([0.0; 8], |mut sums, eight| {
        for (sum, value) in sums.iter_mut().zip(eight) {
            *sum += value;
        }
        sums
    });
    sums.iter().sum()
}

fn seconds(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

fn median(run: impl Fn()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS).map(|_| seconds(&run)).collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn report(what: &str, seconds: f64, decoding: f64) {
    println!(
        "{what:44} {seconds:8.3} s  {:7.1} times as fast as decoding",
        decoding / seconds
    );
}
