//! A chain as a recipe writes it and as training uses it.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use proptest::prelude::*;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use woofer::augment::{AugmentConfig, AugmentError, Chain, MelGrid, NoBackgrounds, StreamKey};
use woofer::features::{Examples, FrontEnd, LogMelPlan};

/// Every waveform step, each with its probability written as `P`.
const WAVEFORM: [&str; 10] = [
    "kind = 'time_shift'\nprobability = P\nmax_s = 0.5\nfill = 'wrap'",
    "kind = 'gain'\nprobability = P\nmin_db = -12\nmax_db = 6",
    "kind = 'polarity'\nprobability = P",
    "kind = 'clipping'\nprobability = P\nmin_db = -12\nmax_db = -1",
    "kind = 'colored_noise'\nprobability = P\nmin_beta = -1\nmax_beta = 2\nmin_snr_db = 5\nmax_snr_db = 30\nmin_hz = 20",
    "kind = 'background'\nprobability = P\nmin_snr_db = 0\nmax_snr_db = 20",
    "kind = 'reverberation'\nprobability = P\nmin_rt60_s = 0.1\nmax_rt60_s = 0.5\nmin_drr_db = 0\nmax_drr_db = 10",
    "kind = 'band_limit'\nprobability = P\ncutoffs_hz = [2000, 4000]",
    "kind = 'codec'\nprobability = P\ncodecs = ['mu_law', 'a_law', 'linear']\nmin_bits = 4\nrate_hz = 8000",
    "kind = 'perceptual_codec'\nprobability = P\nmin_kbps = 12\nmax_kbps = 32\nrate_hz = 8000",
];

const MASKS: &str = "kind = 'spec_augment'\nprobability = P\ntime_masks = 2\nmax_time_s = 0.5\nfrequency_masks = 2\nmax_bands_part = 0.2\nfill = 'silence'";
const MIXUP: &str = "kind = 'mixup'\nprobability = P\nalpha = 0.3\nstage = 'waveform'";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    augment: Vec<AugmentConfig>,
}

fn configs(steps: &[&str], probability: f64) -> Vec<AugmentConfig> {
    let tables: Vec<String> = steps
        .iter()
        .map(|step| format!("[[augment]]\n{step}\n"))
        .collect();
    let text = tables.concat().replace("= P", &format!("= {probability:?}"));
    toml::from_str::<Recipe>(&text).unwrap().augment
}

fn chain(steps: &[&str], probability: f64) -> Chain {
    Chain::new(configs(steps, probability), 16_000).unwrap()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "any number between -1 and 1 will do"
)]
fn noise(n: usize, seed: u64) -> Vec<f32> {
    let mut stream = StreamKey::new(seed, 0, 0).stream(0);
    (0..n).map(|_| stream.between(-1.0, 1.0) as f32).collect()
}

fn bits(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|x| x.to_bits()).collect()
}

/// The clip after the chain, with two backgrounds to draw from.
fn applied(chain: &Chain, clip: &[f32], key: StreamKey) -> Vec<f32> {
    let mut samples = clip.to_vec();
    chain.apply_waveform(&mut samples, key, &vec![noise(3_000, 77), noise(90_000, 78)]);
    samples
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn each_step_keeps_the_length_stays_finite_and_comes_again(
        n in 0usize..12_000,
        seed in any::<u64>(),
        level in 1e-6f32..1e3,
    ) {
        let clip: Vec<f32> = noise(n, seed).iter().map(|x| level * x).collect();
        let key = StreamKey::new(seed, 2, 3);
        for step in WAVEFORM {
            let got = applied(&chain(&[step], 1.0), &clip, key);
            prop_assert_eq!(got.len(), n);
            prop_assert!(got.iter().all(|x| x.is_finite()), "{}", step);
            prop_assert_eq!(bits(&got), bits(&applied(&chain(&[step], 1.0), &clip, key)));
        }
    }

    #[test]
    fn silence_and_the_largest_usual_samples_stay_finite(n in 0usize..3_000, seed in any::<u64>()) {
        let all = chain(&WAVEFORM, 1.0);
        for level in [0.0, f32::MIN_POSITIVE, 1e6] {
            let clip: Vec<f32> = noise(n, seed).iter().map(|x| level * x).collect();
            let got = applied(&all, &clip, StreamKey::new(seed, 0, 0));
            prop_assert!(got.len() == n && got.iter().all(|x| x.is_finite()), "level {}", level);
        }
    }

    #[test]
    fn masks_keep_the_length_and_only_set_values(seconds in 0usize..6, seed in any::<u64>()) {
        let masks = chain(&[MASKS], 1.0);
        for front_end in FrontEnd::ALL {
            let clip = noise(seconds * front_end.rate_hz() as usize, seed);
            let examples = Examples::new(&LogMelPlan::new(front_end), &clip);
            let grid = MelGrid::of_examples(front_end, examples.shape());
            let mut values = examples.values().to_vec();
            masks.apply_log_mel(&mut values, &grid, StreamKey::new(seed, 0, 0));
            let silence = grid.silence().to_bits();
            let mut pairs = bits(&values).into_iter().zip(bits(examples.values()));
            prop_assert!(pairs.all(|(new, old)| new == silence || new == old));
        }
    }
}

#[test]
fn probability_0_changes_no_bit_and_1_changes_every_clip() {
    let clip = noise(16_000, 1);
    for (place, step) in WAVEFORM.iter().enumerate() {
        for epoch in 0..3 {
            let key = StreamKey::new(0, epoch, 9);
            assert_eq!(
                bits(&applied(&chain(&[step], 0.0), &clip, key)),
                bits(&clip),
                "step {place}"
            );
            assert_ne!(
                bits(&applied(&chain(&[step], 1.0), &clip, key)),
                bits(&clip),
                "step {place}"
            );
        }
    }
    let grid = MelGrid::of_log_mel(FrontEnd::Vggish, 100);
    let mut values = noise(grid.len(), 2);
    chain(&[MASKS], 0.0).apply_log_mel(&mut values, &grid, StreamKey::new(0, 0, 0));
    assert_eq!(bits(&values), bits(&noise(grid.len(), 2)));
}

#[test]
fn a_step_is_applied_as_often_as_its_probability_says() {
    let polarity = chain(&[WAVEFORM[2]], 0.3);
    let applied = (0..4_000)
        .filter(|&clip| applied(&polarity, &[1.0], StreamKey::new(0, 0, clip))[0] < 0.0)
        .count();
    // Five deviations of a binomial count.
    assert!((1_055..1_345).contains(&applied), "{applied}");
}

#[test]
fn a_clip_comes_out_the_same_on_any_thread_in_any_order() {
    let chain = chain(&WAVEFORM, 0.5);
    let clip = noise(16_000, 4);
    let one = |place: u64| bits(&applied(&chain, &clip, StreamKey::new(5, 1, place)));
    let serial: Vec<_> = (0..24).map(one).collect();
    let parallel: Vec<_> = (0..24).into_par_iter().map(one).collect();
    let mut backward: Vec<_> = (0..24).rev().map(one).collect();
    backward.reverse();
    assert_eq!(serial, parallel);
    assert_eq!(serial, backward);
    let other_epoch = bits(&applied(&chain, &clip, StreamKey::new(5, 2, 0)));
    assert_ne!(serial[0], other_epoch);
}

#[test]
fn a_step_draws_the_same_whatever_the_steps_around_it() {
    let clip = noise(8_000, 4);
    let key = StreamKey::new(1, 0, 0);
    let (off, on) = (configs(&WAVEFORM[1..2], 0.0), configs(&WAVEFORM[3..4], 1.0));
    let alone = Chain::new([configs(&WAVEFORM[2..3], 0.0), on.clone()].concat(), 16_000).unwrap();
    let with_another = Chain::new([off, on].concat(), 16_000).unwrap();
    assert_eq!(
        bits(&applied(&alone, &clip, key)),
        bits(&applied(&with_another, &clip, key))
    );
}

#[test]
fn masks_fall_on_the_same_frames_in_overlapping_windows() {
    let masks = chain(&[MASKS], 1.0);
    let (windows, frames, hop, bands) = (6, 96, 48, 64);
    let grid = MelGrid::of_examples(FrontEnd::Yamnet, [windows, 1, frames, bands]);
    let mut masked = 0;
    for clip in 0..20 {
        let mut values = vec![0.0f32; grid.len()];
        masks.apply_log_mel(&mut values, &grid, StreamKey::new(0, 0, clip));
        let at = |w: usize, f: usize, b: usize| values[(w * frames + f) * bands + b].to_bits();
        for w in 1..windows {
            for f in 0..frames - hop {
                for b in 0..bands {
                    assert_eq!(at(w, f, b), at(w - 1, f + hop, b));
                }
            }
        }
        masked += values.iter().filter(|v| v.to_bits() != 0).count();
    }
    assert!(masked > 0);
}

#[test]
fn mixup_is_drawn_for_the_training_loop() {
    let chain = chain(&[WAVEFORM[1], MIXUP], 1.0);
    let draw = chain.mixup(StreamKey::new(0, 0, 0), 10).unwrap();
    assert!(draw.partner < 10 && (0.5..=1.0).contains(&draw.lambda));
    assert_eq!(chain.mixup(StreamKey::new(0, 0, 0), 10), Some(draw));
    assert_eq!(chain.mixup(StreamKey::new(0, 0, 0), 0), None);
    let mut samples = noise(100, 0);
    let gain_only = Chain::new(configs(&WAVEFORM[1..2], 1.0), 16_000).unwrap();
    chain.apply_waveform(&mut samples, StreamKey::new(0, 0, 0), &NoBackgrounds);
    assert_eq!(
        bits(&samples),
        bits(&applied(&gain_only, &noise(100, 0), StreamKey::new(0, 0, 0)))
    );
}

#[test]
fn a_chain_says_what_it_needs() {
    let needs = |steps: &[&str], p| {
        (
            chain(steps, p).changes_waveform(),
            chain(steps, p).needs_backgrounds(),
        )
    };
    assert_eq!(needs(&WAVEFORM, 1.0), (true, true));
    assert_eq!(needs(&WAVEFORM, 0.0), (false, false));
    assert_eq!(needs(&[MASKS], 1.0), (false, false));
    assert_eq!(needs(&[MIXUP], 1.0), (true, false));
    assert_eq!(
        needs(&[&MIXUP.replace("waveform", "log_mel")], 1.0),
        (false, false)
    );
}

#[test]
fn a_recipe_survives_being_written_and_read() {
    let mut steps = WAVEFORM.to_vec();
    steps.extend([MASKS, MIXUP]);
    let recipe = Recipe {
        augment: configs(&steps, 0.25),
    };
    let text = toml::to_string(&recipe).unwrap();
    assert_eq!(toml::from_str::<Recipe>(&text).unwrap().augment, recipe.augment);
    for config in recipe.augment {
        assert!(text.contains(&format!("kind = \"{}\"", config.kind())));
    }
}

#[test]
fn a_value_that_is_not_allowed_is_named_with_its_key_and_range() {
    let cases = [
        (
            "kind = 'gain'\nprobability = 1.5\nmin_db = 0\nmax_db = 1",
            "(gain): probability = 1.5 is not allowed; allowed is 0 to 1",
        ),
        (
            "kind = 'gain'\nprobability = nan\nmin_db = 0\nmax_db = 1",
            "probability = NaN",
        ),
        (
            "kind = 'gain'\nprobability = 1\nmin_db = 3\nmax_db = 1",
            "max_db = 1 is not allowed; allowed is 3 (min_db) to 60",
        ),
        (
            "kind = 'codec'\nprobability = 1\ncodecs = []",
            "(codec): codecs = [] is not allowed; allowed is a list of at least one",
        ),
        (
            "kind = 'codec'\nprobability = 1\ncodecs = ['linear']\nmax_bits = 17",
            "max_bits = 17 is not allowed; allowed is 2 to 16",
        ),
        (
            "kind = 'codec'\nprobability = 1\ncodecs = ['linear']\nrate_hz = 1000",
            "rate_hz = 1000 is not allowed; allowed is 4000 to 192000",
        ),
        (
            "kind = 'perceptual_codec'\nprobability = 1\nmin_kbps = 2\nmax_kbps = 16",
            "(perceptual_codec): min_kbps = 2 is not allowed; allowed is 4 to 320",
        ),
        (
            "kind = 'band_limit'\nprobability = 1\ncutoffs_hz = [4000, 100]",
            "cutoffs_hz = 100 is not allowed; allowed is 2000 to 96000",
        ),
        (
            "kind = 'reverberation'\nprobability = 1\nmin_rt60_s = 0\nmax_rt60_s = 1\nmin_drr_db = 0\nmax_drr_db = 0",
            "min_rt60_s = 0 is not allowed; allowed is 0.05 to 5",
        ),
        (
            "kind = 'mixup'\nprobability = 1\nalpha = 0\nstage = 'log_mel'",
            "alpha = 0 is not allowed; allowed is 0.01 to 100",
        ),
    ];
    for (step, expected) in cases {
        let steps = configs(&[WAVEFORM[2], step], 1.0);
        let error = Chain::new(steps, 16_000).err().unwrap().to_string();
        assert!(error.starts_with("augment step 2 ("), "{error}");
        assert!(error.contains(expected), "{error}\nlacks\n{expected}");
    }
    let twice = Chain::new(configs(&[MIXUP, MASKS, MIXUP], 1.0), 16_000)
        .err()
        .unwrap();
    assert_eq!(twice, AugmentError::SecondMixup { step: 3, first: 1 });
    let rate = Chain::new(Vec::new(), 10).err().unwrap().to_string();
    assert!(
        rate.contains("10 Hz") && rate.contains("4000 to 192000 Hz"),
        "{rate}"
    );
}

#[test]
fn unknown_kinds_keys_and_values_are_refused_with_those_that_exist() {
    let refused = |text: &str| {
        let error = toml::from_str::<Recipe>(&format!("[[augment]]\n{text}")).unwrap_err();
        error.to_string()
    };
    let error = refused("kind = 'gian'");
    assert!(error.contains("gian") && error.contains("`gain`"), "{error}");
    let error = refused("kind = 'gain'\nprobability = 1\nmin_db = 0\nmax_bd = 1");
    assert!(error.contains("max_bd") && error.contains("`max_db`"), "{error}");
    let error = refused("kind = 'gain'\nprobability = 1\nmin_db = 0");
    assert!(error.contains("missing field `max_db`"), "{error}");
    let error = refused("kind = 'time_shift'\nprobability = 1\nmax_s = 1\nfill = 'noise'");
    assert!(error.contains("`zeros`") && error.contains("`wrap`"), "{error}");
}
