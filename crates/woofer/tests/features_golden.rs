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
