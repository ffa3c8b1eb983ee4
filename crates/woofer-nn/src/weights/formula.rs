//! Test support: weights by formula, golden tensors, and how far two lists of numbers are apart.
//!
//! The formula is `formula` in `testdata/golden/generate.py`: 72 million parameters need no file then.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the formulas are computed in float64 and stored as float32"
)]

use std::path::PathBuf;

use serde::Deserialize;

use super::Weights;

pub(crate) use crate::backbone::layer::{tensor, values};

/// One line of `testdata/golden/formula_tensors.json`.
#[derive(Deserialize)]
struct FormulaTensor {
    index: u64,
    name: String,
    shape: Vec<usize>,
    fan_in: u64,
}

/// A file below testdata.
pub(crate) fn testdata(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata")).join(path)
}

/// A file below ../shared.
pub(crate) fn shared(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(path)
}

/// Golden tensors of testdata/golden.
pub(crate) fn golden(file: &str) -> Weights {
    Weights::open(&testdata("golden").join(file)).expect("a golden file")
}

/// Element i is sin(i / 7): `pattern` in `testdata/weights/make_fixtures.py`.
pub(crate) fn pattern(length: usize) -> Vec<f32> {
    (0..length).map(|i| (i as f64 / 7.0).sin() as f32).collect()
}

/// A golden tensor of int64 labels, which [`Weights`] does not take.
pub(crate) fn labels(file: &str, name: &str) -> Vec<usize> {
    let bytes = std::fs::read(testdata("golden").join(file)).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let (labels, _) = tensors.tensor(name).unwrap().data().as_chunks::<8>();
    labels
        .iter()
        .map(|&label| usize::try_from(i64::from_le_bytes(label)).unwrap())
        .collect()
}

fn splitmix64(x: u64) -> u64 {
    let z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Values of tensor number `index`; `fan_in` is 0 for a bias.
fn formula(index: u64, length: usize, fan_in: u64) -> Vec<f32> {
    let scale = match fan_in {
        0 => 0.01,
        fan_in => (6.0 / fan_in as f64).sqrt(),
    };
    (0..length as u64)
        .map(|i| {
            let u = (splitmix64((index << 32) + i) >> 40) as f64 / f64::from(1 << 24);
            (scale * (2.0 * u - 1.0)) as f32
        })
        .collect()
}

/// The seed network's tensors whose name in `formula_tensors.json` is `wanted`, under the names this crate gives them.
pub(crate) fn seed_weights(wanted: impl Fn(&str) -> bool) -> Weights {
    let text = std::fs::read_to_string(testdata("golden/formula_tensors.json")).unwrap();
    let tensors: Vec<FormulaTensor> = serde_json::from_str(&text).unwrap();
    let mut weights = Weights::new("formula");
    for tensor in tensors.iter().filter(|tensor| wanted(&tensor.name)) {
        let values = formula(tensor.index, tensor.shape.iter().product(), tensor.fan_in);
        weights
            .insert(&canonical_name(&tensor.name), &tensor.shape, values)
            .unwrap();
    }
    weights
}

/// `backbone.convs.1.bias` is `features.3.bias`, as in torchvggish.
fn canonical_name(name: &str) -> String {
    let places: &[(&str, &str)] = &[
        ("backbone.convs.0", "features.0"),
        ("backbone.convs.1", "features.3"),
        ("backbone.convs.2", "features.6"),
        ("backbone.convs.3", "features.8"),
        ("backbone.convs.4", "features.11"),
        ("backbone.convs.5", "features.13"),
        ("backbone.fcs.0", "embeddings.0"),
        ("backbone.fcs.1", "embeddings.2"),
        ("backbone.fcs.2", "embeddings.4"),
    ];
    places
        .iter()
        .find_map(|(here, there)| Some(format!("{there}{}", name.strip_prefix(here)?)))
        .unwrap_or_else(|| name.to_owned())
}

/// Tensors of these names and shapes by the formula, numbered in this order; one of one dimension is a bias.
pub(crate) fn formula_weights(tensors: &[(String, Vec<usize>)]) -> Weights {
    formula_weights_from(0, tensors)
}

/// [`formula_weights`] whose first tensor has number `start`.
pub(crate) fn formula_weights_from(start: u64, tensors: &[(String, Vec<usize>)]) -> Weights {
    let mut weights = Weights::new("formula");
    for (index, (name, shape)) in (start..).zip(tensors) {
        let fan_in = match shape.as_slice() {
            [_] => 0,
            [_, inner @ ..] => inner.iter().product::<usize>() as u64,
            [] => panic!("a scalar has no formula"),
        };
        let values = formula(index, shape.iter().product(), fan_in);
        weights.insert(name, shape, values).unwrap();
    }
    weights
}

/// Softmax of each row of `width` logits divided by a temperature.
pub(crate) fn softmax_rows(logits: &[f32], width: usize, temperature: f32) -> Vec<f32> {
    logits
        .chunks(width)
        .flat_map(|row| {
            let largest = row.iter().copied().fold(f32::MIN, f32::max);
            let powers: Vec<f32> = row
                .iter()
                .map(|logit| ((logit - largest) / temperature).exp())
                .collect();
            let sum: f32 = powers.iter().sum();
            powers.into_iter().map(move |power| power / sum)
        })
        .collect()
}

/// Fine scores of one clip as class scores: 5 to 10 are one class.
pub(crate) fn merged(fine: &[f32]) -> Vec<f32> {
    let other = fine[5..11].iter().sum();
    [&fine[..5], &[other], &fine[11..]].concat()
}

/// The largest difference, relative to the largest magnitude of `expected`.
pub(crate) fn worst_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest = expected
        .iter()
        .fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let worst = found
        .iter()
        .zip(expected)
        .fold(0.0, |worst: f32, (found, expected)| {
            worst.max((found - expected).abs())
        });
    worst / largest
}

/// Fails if two lists differ by more than `tolerance` times the largest magnitude of `expected`.
pub(crate) fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    let worst = worst_difference(found, expected);
    assert!(worst <= tolerance, "{worst:e} apart, {tolerance:e} allowed");
}
