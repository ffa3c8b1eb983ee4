//! The power that a whole segment has in each mel band and frame, frames of a band one after the other.

use super::examples::Examples;
use super::front_end::FrontEndSpec;

/// Examples with another power in place of theirs: `change` gets the power and the number of frames.
pub(super) fn with_power(
    examples: &Examples,
    spec: &FrontEndSpec,
    change: impl FnOnce(&mut Vec<f32>, usize),
) -> Examples {
    let [_, _, _, frames] = examples.shape();
    let mut power = examples.values().to_vec();
    spec.decompress(&mut power);
    change(&mut power, frames);
    spec.compress(&mut power);
    examples.with_values(power)
}

/// Frames in so many seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a short time as a number of frames"
)]
pub(super) fn frames_in(seconds: f64, spec: &FrontEndSpec) -> usize {
    (seconds * f64::from(spec.rate_hz) / spec.hop_length as f64).round() as usize
}

/// The power of each frame, summed over the bands.
pub(super) fn of_frames(power: &[f32], frames: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f32; frames];
    for band in power.chunks_exact(frames.max(1)) {
        sums.iter_mut().zip(band).for_each(|(sum, x)| *sum += x);
    }
    sums
}

/// By what a segment's power has to be multiplied so that its loudest second has the power that it had `before`; both are
/// [of frames](of_frames).
pub(super) fn as_loud(before: &[f32], after: &[f32], spec: &FrontEndSpec) -> f32 {
    let second = frames_in(1.0, spec);
    loudest(before, second) / loudest(after, second).max(f32::MIN_POSITIVE)
}

/// The power of the loudest stretch of so many frames, or of all where there are no more.
fn loudest(of_frame: &[f32], stretch: usize) -> f32 {
    let stretches = of_frame.windows(stretch.clamp(1, of_frame.len().max(1)));
    stretches.map(|stretch| stretch.iter().sum()).fold(0.0, f32::max)
}
