use std::sync::Arc;
use std::time::{Duration, Instant};

use woofer::Classifier;
use woofer::audio::{AudioReader, wav_bytes};
use woofer::features::FrontEnd;
use woofer::pipeline::{Overview, Scorer, Stretch};
use woofer_nn::Model;

use super::name_of;

/// How long each speed is measured.
const TIME: Duration = Duration::from_millis(800);

/// Length of the made-up sound in seconds.
const SOUND_S: u32 = 60;

const RATE_HZ: u32 = 16_000;

/// What was measured, and how fast it is or why it is not.
type Speed = (&'static str, Result<String, String>);

/// Measures decoding, features and, with a model, the whole way to scores.
pub fn measure(model: Option<Model>) -> anyhow::Result<Vec<Speed>> {
    let wav = wav_bytes(&sound(), RATE_HZ);
    let open = || AudioReader::from_bytes(wav.clone(), "made-up sound").map_err(|e| e.to_string());
    let front_end = model.as_ref().map_or(FrontEnd::Mn, Classifier::front_end);
    let decode = times_real_time(|| {
        let mut reader = open()?;
        while reader.next_block().map_err(|e| e.to_string())?.is_some() {}
        Ok(())
    });
    let features = times_real_time(|| {
        Overview::listen(&mut open()?, front_end, Stretch::default())
            .map(drop)
            .map_err(|e| e.to_string())
    });
    let told = |speed: f64| format!("{speed:.0} times real time");
    let mut speeds = vec![
        ("decoding WAV", decode.map(told)),
        (
            "features",
            features.map(|speed| format!("{front_end}: {}, one thread", told(speed))),
        ),
    ];
    if let Some(model) = model {
        let name = name_of(&model);
        let class_scores = model.class_scores(None)?;
        let scorer = Scorer::new(Arc::new(model), class_scores);
        let score = times_real_time(|| {
            let clip = scorer.score(&mut open()?, |_| ()).map_err(|e| e.to_string())?;
            if clip.scores.iter().all(|score| score.is_finite()) {
                Ok(())
            } else {
                Err("the network gives numbers that are not finite".to_owned())
            }
        });
        let told = |speed: f64| {
            format!(
                "{name}: {:.1} ms for 5 s of sound, {speed:.0} times real time, {} threads",
                5_000.0 / speed,
                rayon::current_num_threads()
            )
        };
        speeds.push(("file to scores", score.map(told)));
    }
    Ok(speeds)
}

/// How many seconds of the sound are worked through in a second.
fn times_real_time(mut work: impl FnMut() -> Result<(), String>) -> Result<f64, String> {
    // The first time loads and prepares what later ones have ready.
    work()?;
    let started = Instant::now();
    let mut times = 0u32;
    while started.elapsed() < TIME {
        work()?;
        times += 1;
    }
    Ok(f64::from(times * SOUND_S) / started.elapsed().as_secs_f64())
}

/// A tone that glides, with some noise by a linear congruential generator.
fn sound() -> Vec<f32> {
    let mut state = 1u32;
    (0..SOUND_S * RATE_HZ)
        .map(|t| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 8) as f32 / 8_388_608.0 - 1.0;
            (t as f32 * 0.05 * (1.0 + t as f32 * 1e-6)).sin() * 0.4 + noise * 0.05
        })
        .collect()
}
