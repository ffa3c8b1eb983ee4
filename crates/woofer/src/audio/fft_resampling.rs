//! Resampling by FFT, for rates in a simple ratio: a wrapper of rubato's `Fft`.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

use super::common_divisor::greatest_common_divisor;
use super::error::AudioError;

/// The filter spans at least so many samples of the lower rate; more make its edge steeper.
const MIN_SPAN: usize = 320;

/// Blocks larger than this on either side mean that the ratio is not simple.
const MAX_BLOCK: usize = 16_384;

/// Resampling by FFT, block by block.
pub(super) struct FftResampling {
    fft: Fft<f32>,
    /// Input that does not fill a block yet; a block long.
    waiting: Vec<f32>,
    filled: usize,
    output: Vec<f32>,
    /// Output still to be dropped, so that the output is aligned with the input.
    delay_left: usize,
    delay: usize,
}

impl FftResampling {
    /// Prepares the filter; `None` when the ratio of the rates is not simple enough.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Option<Self>, AudioError> {
        let divisor = greatest_common_divisor(from_hz, to_hz);
        let (from, to) = ((from_hz / divisor) as usize, (to_hz / divisor) as usize);
        // The filter is centred at half a block. An even multiple of the smallest block makes that a whole number
        // of samples on both sides, so that the delay can be taken off exactly.
        // A power of two also makes the FFT quick.
        let multiple = (2 * MIN_SPAN.div_ceil(2 * from.min(to))).next_power_of_two();
        let (block_in, block_out) = (multiple * from, multiple * to);
        if block_in.max(block_out) > MAX_BLOCK {
            return Ok(None);
        }
        let failed = |reason: String| AudioError::Resample {
            from_hz,
            to_hz,
            reason,
        };
        let (rate_in, rate_out) = (from_hz as usize, to_hz as usize);
        let window = WindowFunction::BlackmanHarris2;
        let fft = Fft::new_custom(rate_in, rate_out, block_in, 1, 1, window, FixedSync::Both);
        let fft = fft.map_err(|error| failed(error.to_string()))?;
        if (fft.fft_size_in(), fft.fft_size_out()) != (block_in, block_out) {
            return Err(failed(format!(
                "blocks of {} instead of {block_in} samples",
                fft.fft_size_in()
            )));
        }
        let delay = fft.output_delay();
        Ok(Some(Self {
            fft,
            waiting: vec![0.0; block_in],
            filled: 0,
            output: vec![0.0; block_out],
            delay_left: delay,
            delay,
        }))
    }

    /// Takes samples and appends what is ready.
    pub fn push(&mut self, mut samples: &[f32], out: &mut Vec<f32>) {
        while !samples.is_empty() {
            let free = self.waiting.get_mut(self.filled..).unwrap_or_default();
            let (now, later) = samples.split_at(free.len().min(samples.len()));
            free.iter_mut()
                .zip(now)
                .for_each(|(slot, sample)| *slot = *sample);
            self.filled += now.len();
            samples = later;
            if self.filled == self.waiting.len() {
                self.run(out);
            }
        }
    }

    /// Appends the last `left` samples and starts anew.
    pub fn finish(&mut self, left: usize, out: &mut Vec<f32>) {
        let end = out.len() + left;
        while out.len() < end {
            self.waiting
                .iter_mut()
                .skip(self.filled)
                .for_each(|slot| *slot = 0.0);
            self.run(out);
        }
        out.truncate(end);
        self.reset();
    }

    /// Forgets the stream.
    pub fn reset(&mut self) {
        self.fft.reset();
        self.filled = 0;
        self.delay_left = self.delay;
    }

    fn run(&mut self, out: &mut Vec<f32>) {
        self.filled = 0;
        let (frames_in, frames_out) = (self.waiting.len(), self.output.len());
        let input = InterleavedSlice::new(self.waiting.as_slice(), 1, frames_in);
        let output = InterleavedSlice::new_mut(self.output.as_mut_slice(), 1, frames_out);
        // The buffers have the sizes that the filter was made for, so neither can fail.
        if let (Ok(input), Ok(mut output)) = (input, output) {
            let result = self.fft.process_into_buffer(&input, &mut output, None);
            debug_assert!(result.is_ok(), "{result:?}");
        }
        let dropped = self.delay_left.min(frames_out);
        self.delay_left -= dropped;
        out.extend_from_slice(self.output.get(dropped..).unwrap_or_default());
    }
}
