//! Changing the sample rate, with one answer however the input is cut into pieces.

use super::error::AudioError;
use super::fft_resampling::FftResampling;
use super::idle_filters;
use super::limits::{MAX_RATE_HZ, MIN_RATE_HZ};
use super::resampling_method::Method;
use super::sinc_interpolation::SincInterpolation;

/// Changes the sample rate of a mono stream.
///
/// Any cutting of the input into pieces gives the same output, bit for bit. The output of `n` samples has
/// `n * to / from` samples, rounded half up, and is aligned in time with the input. Memory is bounded: rates whose
/// ratio is simple (all the usual ones) go through an FFT of some thousand points, the others through a windowed sinc.
pub struct Resampler {
    method: Method,
    from_hz: u32,
    to_hz: u32,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// Prepares to change from one rate to another, both from [`MIN_RATE_HZ`] to [`MAX_RATE_HZ`].
    ///
    /// # Errors
    /// [`AudioError::ResampleRate`] when a rate is out of range.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, AudioError> {
        let allowed = MIN_RATE_HZ..=MAX_RATE_HZ;
        if !allowed.contains(&from_hz) || !allowed.contains(&to_hz) {
            return Err(AudioError::ResampleRate { from_hz, to_hz });
        }
        Ok(Self {
            method: prepared(from_hz, to_hz)?,
            from_hz,
            to_hz,
            taken: 0,
            given: 0,
        })
    }

    /// Takes the next samples and appends to `out` what is ready; some output stays back until more input comes.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        let start = out.len();
        self.taken += samples.len() as u64;
        match &mut self.method {
            Method::Copy => out.extend_from_slice(samples),
            Method::Fft(fft) => fft.push(samples, out),
            Method::Sinc(sinc) => sinc.push(samples, out),
        }
        self.given += (out.len() - start) as u64;
    }

    /// Appends to `out` what stayed back, and makes ready for another stream.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let total = resampled_len(self.taken, self.from_hz, self.to_hz);
        let left = usize::try_from(total.saturating_sub(self.given)).unwrap_or(usize::MAX);
        match &mut self.method {
            Method::Copy => {}
            Method::Fft(fft) => fft.finish(left, out),
            Method::Sinc(sinc) => sinc.finish(left, out),
        }
        (self.taken, self.given) = (0, 0);
    }
}

impl Drop for Resampler {
    fn drop(&mut self) {
        if !matches!(self.method, Method::Copy) {
            let mut method = std::mem::replace(&mut self.method, Method::Copy);
            method.reset();
            idle_filters::give(self.from_hz, self.to_hz, method);
        }
    }
}

/// Resamples a whole clip: the same code and the same samples as [`Resampler`].
///
/// # Errors
/// As [`Resampler::new`].
pub fn resample(samples: &[f32], from_hz: u32, to_hz: u32) -> Result<Vec<f32>, AudioError> {
    let mut resampler = Resampler::new(from_hz, to_hz)?;
    let total = resampled_len(samples.len() as u64, from_hz, to_hz);
    let mut out = Vec::with_capacity(usize::try_from(total).unwrap_or(0));
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    Ok(out)
}

/// A filter for these rates, one that waits for a stream or a new one.
fn prepared(from_hz: u32, to_hz: u32) -> Result<Method, AudioError> {
    if from_hz == to_hz {
        return Ok(Method::Copy);
    }
    if let Some(idle) = idle_filters::take(from_hz, to_hz) {
        return Ok(idle);
    }
    Ok(match FftResampling::new(from_hz, to_hz)? {
        Some(fft) => Method::Fft(Box::new(fft)),
        None => Method::Sinc(Box::new(SincInterpolation::new(from_hz, to_hz))),
    })
}

/// `n * to / from`, rounded half up.
fn resampled_len(n: u64, from_hz: u32, to_hz: u32) -> u64 {
    let (n, from, to) = (u128::from(n), u128::from(from_hz), u128::from(to_hz));
    u64::try_from((2 * n * to + from) / (2 * from)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_round_half_up() {
        assert_eq!(resampled_len(5, 32_000, 16_000), 3);
        assert_eq!(resampled_len(4, 32_000, 16_000), 2);
        assert_eq!(resampled_len(0, 32_000, 16_000), 0);
        assert_eq!(resampled_len(220_500, 44_100, 16_000), 80_000);
    }

    #[test]
    fn rates_out_of_range_are_refused() {
        let error = Resampler::new(0, 16_000).err().unwrap();
        assert!(error.to_string().contains("from 0 Hz to 16000 Hz"), "{error}");
        assert!(Resampler::new(16_000, 192_001).is_err());
    }

    #[test]
    fn equal_rates_pass_through_untouched() {
        let samples = [0.1, f32::MIN_POSITIVE, -1e30];
        assert_eq!(resample(&samples, 16_000, 16_000).unwrap(), samples);
    }

    #[test]
    fn a_stream_left_in_its_middle_leaves_nothing_behind_for_the_next() {
        let samples: Vec<f32> = (0..9_999u16).map(|n| (f32::from(n) * 0.1).sin()).collect();
        for (from, to) in [(44_100, 16_000), (8_000, 32_000), (7_919, 16_000)] {
            // A thread of its own has no filter yet.
            let first = std::thread::scope(|scope| {
                let resampled = scope.spawn(|| resample(&samples, from, to).unwrap());
                resampled.join().unwrap()
            });
            let mut left = Resampler::new(from, to).unwrap();
            left.push(&samples[..7_777], &mut Vec::new());
            drop(left);
            assert!(idle_filters::take(from, to).is_some());
            let mut left = Resampler::new(from, to).unwrap();
            left.push(&samples[..7_777], &mut Vec::new());
            drop(left);
            assert_eq!(resample(&samples, from, to).unwrap(), first);
        }
    }

    #[test]
    fn two_streams_of_the_same_rates_do_not_share_a_filter() {
        let samples: Vec<f32> = (0..5_000u16).map(|n| (f32::from(n) * 0.1).sin()).collect();
        let alone = resample(&samples, 44_100, 16_000).unwrap();
        let mut other = Resampler::new(44_100, 16_000).unwrap();
        other.push(&[1.0; 3_000], &mut Vec::new());
        let mut stream = Resampler::new(44_100, 16_000).unwrap();
        let mut out = Vec::new();
        for piece in samples.chunks(700) {
            stream.push(piece, &mut out);
            other.push(&[-1.0; 500], &mut Vec::new());
        }
        stream.finish(&mut out);
        assert_eq!(out, alone);
    }

    #[test]
    fn a_resampler_can_be_used_again() {
        let samples: Vec<f32> = (0..999u16).map(|n| (f32::from(n) * 0.1).sin()).collect();
        for (from, to) in [(44_100, 16_000), (7_919, 16_000)] {
            let mut resampler = Resampler::new(from, to).unwrap();
            let (mut once, mut again) = (Vec::new(), Vec::new());
            resampler.push(&samples, &mut once);
            resampler.finish(&mut once);
            resampler.push(&samples, &mut again);
            resampler.finish(&mut again);
            assert_eq!(once, again);
        }
    }
}
