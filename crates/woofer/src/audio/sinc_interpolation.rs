//! Resampling by a windowed sinc, for rates whose ratio is not simple.
//!
//! J. O. Smith, "Digital Audio Resampling", <https://ccrma.stanford.edu/~jos/resample/>: the filter is tabulated at
//! many phases, and between two phases a straight line is drawn. Positions are counted in whole numbers, so nothing
//! drifts.

use super::common_divisor::greatest_common_divisor;

/// Zero crossings of the sinc on each side.
const ZERO_CROSSINGS: f64 = 64.0;
/// Phases between two zero crossings: the straight lines between them err by 106 dB below full scale.
const PHASES: f64 = 512.0;
/// Shape of the Kaiser window; 14 puts its side lobes near -140 dB.
const BETA: f64 = 14.0;
/// Where the filter cuts, as a part of the lower Nyquist frequency.
const CUTOFF: f64 = 0.95;

/// Resampling by a windowed sinc.
pub(super) struct SincInterpolation {
    /// Input samples per output sample are `step / scale`.
    step: u64,
    scale: u64,
    /// The filter at each phase from 0 to 1, both included: rows of `2 * reach` taps.
    rows: Vec<f32>,
    phases: f64,
    /// Input samples on each side of an output sample.
    reach: usize,
    /// Recent input; its first sample has the number `first`, counted from `reach` zeros before the stream.
    history: Vec<f32>,
    first: u64,
    next: u64,
}

impl SincInterpolation {
    /// Makes the filter.
    #[expect(clippy::cast_precision_loss, reason = "small whole numbers")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small and positive"
    )]
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        let divisor = greatest_common_divisor(from_hz, to_hz);
        // Zero crossings per input sample: 1 would cut at the Nyquist frequency of the input.
        let cut = CUTOFF * (f64::from(to_hz) / f64::from(from_hz)).min(1.0);
        let reach = (ZERO_CROSSINGS / cut).ceil() as usize + 1;
        let phases = (PHASES * cut).ceil();
        let row = |phase: usize| {
            let part = phase as f64 / phases;
            (0..2 * reach).map(move |at| (cut * tap((at as f64 - reach as f64 - part) * cut)) as f32)
        };
        let rows = (0..=phases as usize).flat_map(row).collect();
        let (step, scale) = (u64::from(from_hz / divisor), u64::from(to_hz / divisor));
        Self {
            step,
            scale,
            rows,
            phases,
            reach,
            history: vec![0.0; reach],
            first: 0,
            next: 0,
        }
    }

    /// Takes samples and appends what is ready.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.history.extend_from_slice(samples);
        self.run(usize::MAX, out);
        // Only now and then: to move the rest to the front costs as much as the rest is long.
        let done = usize::try_from(self.place().0 - self.first)
            .unwrap_or(usize::MAX)
            .min(self.history.len());
        if done > 16 * self.reach {
            self.history.drain(..done);
            self.first += done as u64;
        }
    }

    /// Appends the last `left` samples and starts anew.
    pub fn finish(&mut self, left: usize, out: &mut Vec<f32>) {
        self.history.extend(std::iter::repeat_n(0.0, self.reach + 2));
        self.run(left, out);
        self.reset();
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        self.history.clear();
        self.history.resize(self.reach, 0.0);
        (self.first, self.next) = (0, 0);
    }

    /// The number of the first input sample within reach of the next output sample, and how far (0 to 1) the
    /// output sample lies behind the input sample at its centre.
    #[expect(clippy::cast_precision_loss, reason = "the remainder is below the rate")]
    fn place(&self) -> (u64, f64) {
        let place = u128::from(self.next) * u128::from(self.step);
        let whole = u64::try_from(place / u128::from(self.scale)).unwrap_or(u64::MAX);
        (whole, (place % u128::from(self.scale)) as f64 / self.scale as f64)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below the number of phases"
    )]
    fn run(&mut self, most: usize, out: &mut Vec<f32>) {
        let width = 2 * self.reach;
        for _ in 0..most {
            // `reach` zeros stand before the stream, so the window from here is centred on the output sample.
            let (start, part) = self.place();
            let Ok(start) = usize::try_from(start - self.first) else {
                break;
            };
            let Some(window) = self.history.get(start..start + width) else {
                break;
            };
            let phase = part * self.phases;
            let rows = self.rows.get(phase as usize * width..).unwrap_or_default();
            let Some((row, next_row)) = rows.split_at_checked(width) else {
                break;
            };
            let (before, after) = (dot(window, row), dot(window, next_row));
            out.push(before + (after - before) * phase.fract() as f32);
            self.next += 1;
        }
    }
}

/// The filter at a distance from its centre, in zero crossings.
fn tap(distance: f64) -> f64 {
    let edge = distance / ZERO_CROSSINGS;
    if edge.abs() >= 1.0 {
        return 0.0;
    }
    let angle = std::f64::consts::PI * distance;
    let sinc = if angle == 0.0 { 1.0 } else { angle.sin() / angle };
    sinc * bessel_i0(BETA * (1.0 - edge * edge).sqrt()) / bessel_i0(BETA)
}

/// The modified Bessel function of order zero, by its series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..64 {
        term *= quarter / f64::from(k * k);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// The sum of products, in eight sums side by side, which the compiler turns into vectors.
fn dot(samples: &[f32], taps: &[f32]) -> f32 {
    let (samples, samples_left) = samples.as_chunks::<8>();
    let (taps, taps_left) = taps.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (samples, taps) in samples.iter().zip(taps) {
        for ((sum, sample), tap) in sums.iter_mut().zip(samples).zip(taps) {
            *sum += sample * tap;
        }
    }
    let left: f32 = samples_left
        .iter()
        .zip(taps_left)
        .map(|(sample, tap)| sample * tap)
        .sum();
    sums.iter().sum::<f32>() + left
}
