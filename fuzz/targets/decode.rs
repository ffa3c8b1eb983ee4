//! Any bytes through the reader of sound and the resampler: to the end, in bounded memory, without a panic of our own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use woofer::audio::{AudioReader, Resampler};

/// A small file can hold compressed silence of any length; more samples are not asked for.
const MAX_SAMPLES: u64 = 400_000;

/// Samples that are resampled, which takes longer than decoding them.
const MAX_RESAMPLED: u64 = 40_000;

/// Panics of Symphonia are caught and become errors: only others are findings.
fn leave_out_mended_panics() {
    let found = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic
            .location()
            .is_some_and(|place| place.file().contains("symphonia"))
        {
            found(panic);
        }
    }));
}

fuzz_target!(init: leave_out_mended_panics(), |data: &[u8]| {
    let Ok(mut reader) = AudioReader::from_bytes(data.to_vec(), "fuzz") else {
        return;
    };
    let (rate_hz, channels) = (reader.rate_hz(), reader.channels());
    assert!((4_000..=192_000).contains(&rate_hz) && (1..=256).contains(&channels));
    let mut resampler = Resampler::new(rate_hz, 16_000).expect("a rate in range");
    let (mut taken, mut resampled) = (0, Vec::new());
    while let Ok(Some(block)) = reader.next_block() {
        assert!(!block.is_empty() && block.iter().all(|sample| sample.is_finite()));
        if taken < MAX_RESAMPLED {
            taken += block.len() as u64;
            resampler.push(block, &mut resampled);
        }
        if reader.frames_read() > MAX_SAMPLES {
            break;
        }
    }
    resampler.finish(&mut resampled);
    assert_eq!(resampled.len() as u64, (2 * taken * 16_000 + u64::from(rate_hz)) / (2 * u64::from(rate_hz)));
    assert!(resampled.iter().all(|sample| sample.is_finite()));
    let _ = (reader.container(), reader.codec(), reader.declared_frames(), reader.repairs());
});
