//! The front ends against numbers of the public implementations, on the same samples.
//!
//! `testdata/golden/generate.py` made the VGGish numbers with the public `torchvggish`; the others
//! lie in ../shared.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use woofer::audio::resample;
use woofer::features::{Examples, FrontEnd, LogMelPlan};

struct Golden(Vec<u8>);

impl Golden {
    fn open(path: &Path) -> Self {
        Self(std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
    }

    fn get(&self, name: &str) -> Vec<f32> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        let bytes = tensors.tensor(name).unwrap().data().to_vec();
        bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn largest_difference(front_end: FrontEnd, samples: &[f32], expected: &[f32]) -> f32 {
    let examples = Examples::new(&LogMelPlan::new(front_end), samples);
    assert_eq!(examples.values().len(), expected.len());
    let differences = examples.values().iter().zip(expected).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f32::max)
}

#[test]
fn vggish_equals_torchvggish() {
    let golden = Golden::open(&root().join("testdata/golden/vggish_frontend.safetensors"));
    for tag in ["8k", "16k", "44k"] {
        let samples = golden.get(&format!("{tag}/resampled_16k_kaiser_best"));
        let expected = golden.get(&format!("{tag}/vggish_log_mel"));
        let difference = largest_difference(FrontEnd::Vggish, &samples, &expected);
        assert!(difference < 1e-3, "{tag}: {difference}");
    }
}

#[test]
fn through_our_resampler_vggish_stays_close_to_resampys() {
    let golden = Golden::open(&root().join("testdata/golden/vggish_frontend.safetensors"));
    // The difference is in the edges of the two filters: soxr's was 40.3 dB and 0.021, 46.4 dB and 0.004.
    for (tag, rate_hz, least_db, most_difference) in [("8k", 8_000, 38.0, 0.03), ("44k", 44_100, 44.0, 0.006)]
    {
        let ours = resample(&golden.get(&format!("{tag}/samples")), rate_hz, 16_000).unwrap();
        let theirs = golden.get(&format!("{tag}/resampled_16k_kaiser_best"));
        assert_eq!(ours.len(), theirs.len());
        let power = |x: &mut dyn Iterator<Item = f32>| x.map(|v| f64::from(v).powi(2)).sum::<f64>();
        let signal = power(&mut theirs.iter().copied());
        let difference = power(&mut ours.iter().zip(&theirs).map(|(a, b)| a - b));
        let db = 10.0 * (signal / difference).log10();

        let log_mel = Examples::new(&LogMelPlan::new(FrontEnd::Vggish), &ours);
        let expected = golden.get(&format!("{tag}/vggish_log_mel"));
        assert_eq!(log_mel.values().len(), expected.len());
        let apart = log_mel
            .values()
            .iter()
            .zip(&expected)
            .map(|(a, b)| f64::from((a - b).abs()))
            .sum::<f64>();
        let mean = apart / expected.len() as f64;
        println!("{tag}: {db:.2} dB, log-mel {mean:.4} apart");
        assert!(
            db >= least_db && mean <= most_difference,
            "{tag}: {db} dB, {mean}"
        );
    }
}

#[test]
#[ignore = "needs ../shared"]
fn yamnet_and_mn_equal_their_pytorch_ports() {
    let golden = Golden::open(&root().join("../shared/golden/backbones.safetensors"));
    for (front_end, samples, expected) in [
        (FrontEnd::Yamnet, "samples_16k", "yamnet/log_mel_windows"),
        (FrontEnd::Mn, "samples_32k", "mn/log_mel"),
    ] {
        let difference = largest_difference(front_end, &golden.get(samples), &golden.get(expected));
        println!("{front_end}: {difference}");
        assert!(difference < 1e-3, "{front_end}: {difference}");
    }
}
