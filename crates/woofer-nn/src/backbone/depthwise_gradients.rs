//! What a depthwise convolution learns from: the gradients of its input and of its weights, from that of its outcome.
//!
//! burn's own take the channels one by one, each through a general convolution, which is most of the time of a training step.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::depthwise::{Geometry, filtered};
use super::vectors::{Vectors, load, product_and_sum};

impl Geometry {
    /// The gradient of the input `[n, channels, height, width]` from `gradient`, that of the outcome, and the weights `[channels, taps]`.
    ///
    /// It is a convolution of the gradient, its values a stride apart, by the kernels turned round. There are fewer zeros before the input than
    /// the kernel is high and wide.
    pub(super) fn of_input(&self, gradient: &[f32], weights: &[f32], vectors: Vectors) -> Vec<f32> {
        let taps = self.kernel[0] * self.kernel[1];
        let turned: Vec<f32> = weights
            .chunks_exact(taps)
            .flat_map(|kernel| kernel.iter().rev().copied())
            .collect();
        let apart = self.output.map(|size| (size - 1) * self.stride + 1);
        let before = |axis: usize| (self.kernel[axis] - 1).saturating_sub(self.before[axis]);
        let turned_geometry = Self {
            kernel: self.kernel,
            stride: 1,
            before: [before(0), before(1)],
            input: apart,
            output: self.input,
        };
        if self.stride == 1 {
            return filtered(turned_geometry, gradient, &turned, &[], vectors);
        }
        let [_, width] = self.output;
        let mut spread = vec![0.0; gradient.len() / (self.output[0] * width) * apart[0] * apart[1]];
        spread
            .par_chunks_mut(apart[0] * apart[1])
            .zip(gradient.par_chunks(self.output[0] * width))
            .for_each(|(plane, gradient)| {
                let rows = plane.chunks_mut(apart[1]).step_by(self.stride);
                for (row, gradient) in rows.zip(gradient.chunks(width)) {
                    let places = row.iter_mut().step_by(self.stride);
                    places.zip(gradient).for_each(|(place, x)| *place = *x);
                }
            });
        filtered(turned_geometry, &spread, &turned, &[], vectors)
    }

    /// The gradient of the weights, `[channels, taps]`, from `gradient`, that of the outcome, and the input; both
    /// `[n, channels, height, width]`.
    #[expect(clippy::cast_possible_truncation, reason = "summed in f64, kept in f32")]
    pub(super) fn of_weights(
        &self,
        planes: &[f32],
        gradient: &[f32],
        channels: usize,
        vectors: Vectors,
    ) -> Vec<f32> {
        let sizes = [self.input, self.output, self.kernel];
        let [input, output, taps] = sizes.map(|[height, width]| height * width);
        let of_channel = |scratch: &mut Vec<f32>, channel: usize| {
            let mut sums = vec![0.0_f64; taps];
            let planes = planes.chunks_exact(input).skip(channel).step_by(channels);
            let gradients = gradient.chunks_exact(output).skip(channel).step_by(channels);
            for (plane, gradient) in planes.zip(gradients) {
                vectors.run(Correlating {
                    geometry: *self,
                    plane,
                    gradient,
                    sums: &mut sums,
                    scratch,
                });
            }
            sums.into_iter().map(|sum| sum as f32).collect::<Vec<f32>>()
        };
        let by_channel: Vec<Vec<f32>> = (0..channels)
            .into_par_iter()
            .map_init(Vec::new, of_channel)
            .collect();
        by_channel.concat()
    }
}

/// The gradient of a bias a channel: the sum over all of its values.
#[expect(clippy::cast_possible_truncation, reason = "summed in f64, kept in f32")]
pub(super) fn of_biases(gradient: &[f32], channels: usize, plane: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f64; channels];
    for planes in gradient.chunks_exact(channels * plane) {
        for (sum, values) in sums.iter_mut().zip(planes.chunks_exact(plane)) {
            // Several sums, that the processor need not wait for one.
            let mut parts = [0.0_f32; 16];
            for values in values.chunks(16) {
                parts.iter_mut().zip(values).for_each(|(part, x)| *part += x);
            }
            *sum += parts.iter().map(|part| f64::from(*part)).sum::<f64>();
        }
    }
    sums.into_iter().map(|sum| sum as f32).collect()
}

/// Taps that are summed at a time: as many sums stay in registers.
const AT_ONCE: usize = 8;

/// A plane and the gradient of what was made of it, of which the sums of the products at each tap are wanted.
struct Correlating<'a> {
    geometry: Geometry,
    plane: &'a [f32],
    gradient: &'a [f32],
    /// One a tap, which is added to.
    sums: &'a mut [f64],
    scratch: &'a mut Vec<f32>,
}

impl WithSimd for Correlating<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let geometry = self.geometry;
        let length = geometry.length(S::F32_LANES);
        geometry.spread(self.plane, length, self.scratch);
        let row = geometry.row(length);
        let [_, width] = geometry.output;
        let mut taps = geometry.taps(length);
        for sums in self.sums.chunks_mut(AT_ONCE) {
            // Those that a last group lacks read what the first does.
            let mut reads = [0; AT_ONCE];
            for read in reads.iter_mut().take(sums.len()) {
                *read = taps.next().unwrap_or_default();
            }
            let mut found = [simd.splat_f32s(0.0); AT_ONCE];
            for (place, gradient) in self.gradient.chunks_exact(width).enumerate() {
                for (run, gradient) in gradient.chunks(S::F32_LANES).enumerate() {
                    // Beyond the end there are zeros, whatever the plane has there.
                    let gradient = load(simd, gradient);
                    let first = place * row + run * S::F32_LANES;
                    for (found, read) in found.iter_mut().zip(reads) {
                        let x = load(simd, self.scratch.get(first + read..).unwrap_or_default());
                        *found = product_and_sum(simd, gradient, x, *found);
                    }
                }
            }
            for (sum, found) in sums.iter_mut().zip(found) {
                *sum += f64::from(simd.reduce_sum_f32s(found));
            }
        }
    }
}
