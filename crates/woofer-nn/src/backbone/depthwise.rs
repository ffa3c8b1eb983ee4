//! Convolutions on the processor each of whose outcomes is one channel filtered: depthwise ones, and those of a single channel.
//!
//! ```text
//! plane -> rows with zeros around, columns of a stride apart side by side -> sums of a run of places held in registers -> activation
//! ```
//!
//! burn's own adds a tap at a time to the whole plane, which reads and writes each sum as often as there are taps, and takes strides of two
//! one value after the other.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activation::Activation;
use super::layer::{tensor, values};
use super::vectors::{Vectors, product_and_sum, store};

/// Where the values of an outcome come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Geometry {
    /// Height and width of the kernel.
    pub(super) kernel: [usize; 2],
    pub(super) stride: usize,
    /// Zeros above and to the left.
    pub(super) before: [usize; 2],
    /// Height and width of the input and of the output.
    pub(super) input: [usize; 2],
    pub(super) output: [usize; 2],
}

impl Geometry {
    /// Of a convolution of inputs `[height, width]`; none of one with dilation or different strides, or if its kernel has no place in them.
    pub(super) fn of(layer: &Conv2d, input: [usize; 2]) -> Option<Self> {
        let [down, right] = layer.stride;
        if layer.dilation != [1, 1] || down != right {
            return None;
        }
        let ((above, below), (left, behind)) = padding(layer, input);
        let [height, width] = input;
        let kernel = layer.kernel_size;
        let places = |size: usize, kernel: usize| Some(size.checked_sub(kernel)? / down + 1);
        Some(Self {
            kernel,
            stride: down,
            before: [above, left],
            input,
            output: [
                places(height + above + below, kernel[0])?,
                places(width + left + behind, kernel[1])?,
            ],
        })
    }
}

/// What one plane is filtered by.
#[derive(Debug, Clone, Copy)]
struct Filter<'a> {
    geometry: Geometry,
    /// Row-major, `kernel[0] * kernel[1]` values.
    weights: &'a [f32],
    bias: f32,
    activation: Option<Activation>,
}

impl<'a> Filter<'a> {
    /// That of a channel of the outcome: of all `weights`, `[channels, taps]`, and `biases`, `[channels]` or nothing.
    fn of_channel(
        channel: usize,
        geometry: Geometry,
        weights: &'a [f32],
        biases: &[f32],
        activation: Option<Activation>,
    ) -> Self {
        let [height, width] = geometry.kernel;
        let taps = height * width;
        Self {
            geometry,
            weights: weights
                .get(channel * taps..(channel + 1) * taps)
                .unwrap_or_default(),
            bias: biases.get(channel).copied().unwrap_or(0.0),
            activation,
        }
    }
}

/// A convolution that mixes no channels, of inputs of one size.
pub(super) struct Depthwise<'a> {
    layer: &'a Conv2d,
    /// Of the input.
    shape: [usize; 4],
    /// Channels of the outcome, as many as or a multiple of those of the input.
    filters: usize,
    geometry: Geometry,
    /// The vectors that it is computed with: the widest.
    vectors: Vectors,
}

impl<'a> Depthwise<'a> {
    /// None of a convolution of another kind, or of inputs in which its kernel has no place.
    pub(super) fn of(layer: &'a Conv2d, shape: [usize; 4]) -> Option<Self> {
        let [_, channels, height, width] = shape;
        let [filters, per_group, ..] = layer.weight.val().dims();
        let mixes = per_group != 1 || layer.groups != channels;
        if mixes || channels * height * width == 0 {
            return None;
        }
        let geometry = Geometry::of(layer, [height, width])?;
        Some(Self {
            layer,
            shape,
            filters,
            geometry,
            vectors: Vectors::widest(),
        })
    }

    /// Where its values come from, if each channel is filtered once.
    pub(super) fn geometry(&self) -> Option<Geometry> {
        (self.filters == self.shape[1]).then_some(self.geometry)
    }

    /// The convolution and the activation after it.
    pub(super) fn run(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let [n, channels, height, width] = self.shape;
        let [rows, columns] = self.geometry.output;
        let device = x.device();
        let weights = values(self.layer.weight.val());
        let bias = self.layer.bias.as_ref();
        let biases = bias.map(|bias| values(bias.val())).unwrap_or_default();
        let each = self.filters / channels;
        let of_channel =
            |channel| Filter::of_channel(channel, self.geometry, &weights, &biases, Some(activation));
        let mut input = values(x);
        if each == 1 && [rows, columns] == [height, width] {
            // No other memory is touched: a plane is laid out elsewhere before it is written.
            let planes = input.par_chunks_mut(rows * columns).enumerate();
            planes.for_each_init(Scratch::default, |scratch, (place, out)| {
                self.vectors.run(Filtering {
                    filter: of_channel(place % channels),
                    plane: Plane::InOutcome,
                    out,
                    scratch,
                });
            });
            return tensor(input, self.shape, &device);
        }
        let mut all = vec![0.0; n * self.filters * rows * columns];
        all.par_chunks_mut(each * rows * columns)
            .zip(input.par_chunks(height * width))
            .enumerate()
            .for_each_init(Scratch::default, |scratch, (place, (outcomes, plane))| {
                let mut plane = Plane::Here(plane);
                for (of_plane, out) in outcomes.chunks_mut(rows * columns).enumerate() {
                    self.vectors.run(Filtering {
                        filter: of_channel(place % channels * each + of_plane),
                        plane,
                        out,
                        scratch,
                    });
                    plane = Plane::LaidOut;
                }
            });
        tensor(all, [n, self.filters, rows, columns], &device)
    }
}

/// Filters each of some planes by the weights of its channel.
///
/// `planes` are `[n, channels, height, width]` with the size that `geometry` has for inputs, `weights` `[channels, taps]`, `biases`
/// `[channels]` or nothing; the outcome is `[n, channels, height, width]` with the size of outputs.
pub(super) fn filtered(
    geometry: Geometry,
    planes: &[f32],
    weights: &[f32],
    biases: &[f32],
    vectors: Vectors,
) -> Vec<f32> {
    let sizes = [geometry.input, geometry.output, geometry.kernel];
    let [input, output, taps] = sizes.map(|[height, width]| height * width);
    let channels = weights.len() / taps;
    let mut all = vec![0.0; planes.len() / input * output];
    all.par_chunks_mut(output)
        .zip(planes.par_chunks(input))
        .enumerate()
        .for_each_init(Scratch::default, |scratch, (place, (out, plane))| {
            vectors.run(Filtering {
                filter: Filter::of_channel(place % channels, geometry, weights, biases, None),
                plane: Plane::Here(plane),
                out,
                scratch,
            });
        });
    all
}

/// Where the plane to be filtered is.
#[derive(Clone, Copy)]
enum Plane<'a> {
    Here(&'a [f32]),
    /// Where the outcome goes.
    InOutcome,
    /// Laid out already, by a filter of the same size.
    LaidOut,
}

/// A plane to be filtered.
struct Filtering<'a> {
    filter: Filter<'a>,
    plane: Plane<'a>,
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

/// What a thread needs to filter planes.
#[derive(Default)]
struct Scratch {
    /// A plane that is laid out.
    rows: Vec<f32>,
    taps: Vec<(usize, f32)>,
}

impl WithSimd for Filtering<'_> {
    type Output = ();

    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // Up to eight sums at a time, which hides how long a product takes.
        match self.filter.geometry.output[1].div_ceil(S::F32_LANES) {
            0..=1 => self.run::<S, 4, 1>(simd),
            2 => self.run::<S, 4, 2>(simd),
            3..=4 => self.run::<S, 2, 4>(simd),
            _ => self.run::<S, 1, 8>(simd),
        }
    }
}

/// Zeros above and below, to the left and to the right of an input `[height, width]`.
fn padding(layer: &Conv2d, size: [usize; 2]) -> ((usize, usize), (usize, usize)) {
    let same = |axis: usize| {
        let out = size[axis].div_ceil(layer.stride[axis]);
        let needed = out.saturating_sub(1) * layer.stride[axis] + layer.kernel_size[axis];
        let all = needed.saturating_sub(size[axis]);
        (all / 2, all - all / 2)
    };
    match layer.padding {
        PaddingConfig2d::Same => (same(0), same(1)),
        PaddingConfig2d::Valid => ((0, 0), (0, 0)),
        PaddingConfig2d::Explicit(top, left, bottom, right) => ((top, bottom), (left, right)),
    }
}

impl Filtering<'_> {
    /// Filters a plane, as many rows and vectors of each at once.
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S) {
        let filter = self.filter;
        let Scratch { rows, taps } = self.scratch;
        let length = filter.geometry.length(VECTORS * S::F32_LANES);
        match self.plane {
            Plane::Here(plane) => filter.geometry.spread(plane, length, rows),
            Plane::InOutcome => filter.geometry.spread(self.out, length, rows),
            Plane::LaidOut => {}
        }
        taps.clear();
        taps.extend(filter.geometry.taps(length).zip(filter.weights.iter().copied()));
        filter.sum::<S, ROWS, VECTORS>(simd, rows, taps, length, self.out);
    }
}

impl Filter<'_> {
    /// Sums what each place of the outcome is made of, from a plane that is laid out.
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    fn sum<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        laid_out: &[f32],
        taps: &[(usize, f32)],
        length: usize,
        out: &mut [f32],
    ) {
        let run = VECTORS * S::F32_LANES;
        let [height, width] = self.geometry.output;
        let row = self.geometry.row(length);
        for (band, out) in out.chunks_mut(ROWS * width).enumerate() {
            // What would lie below the last row is computed there once more, and dropped.
            let first: [usize; ROWS] =
                std::array::from_fn(|below| (band * ROWS + below).min(height - 1) * row);
            for from in (0..width).step_by(run) {
                let mut sums = [[simd.splat_f32s(self.bias); VECTORS]; ROWS];
                for (tap, weight) in taps {
                    let weight = simd.splat_f32s(*weight);
                    for (sums, first) in sums.iter_mut().zip(first) {
                        let read = laid_out.get(first + tap + from..).unwrap_or_default();
                        let Some(read) = S::as_simd_f32s(read).0.first_chunk::<VECTORS>() else {
                            return;
                        };
                        for (sum, x) in sums.iter_mut().zip(read) {
                            *sum = product_and_sum(simd, weight, *x, *sum);
                        }
                    }
                }
                let to = (from + run).min(width);
                for (sums, out) in sums.iter_mut().zip(out.chunks_exact_mut(width)) {
                    // A closure, as for `map`, would not be inlined, and neither would what it calls.
                    if let Some(activation) = self.activation {
                        for sum in sums.iter_mut() {
                            *sum = activation.of_vector(simd, *sum);
                        }
                    }
                    store(simd, sums, out.get_mut(from..to).unwrap_or_default());
                }
            }
        }
    }
}

impl Geometry {
    /// Columns of one phase, which lie side by side in a laid-out plane; a run of so many may reach over the end of what is wanted.
    pub(super) fn length(&self, run: usize) -> usize {
        self.output[1].next_multiple_of(run) + self.kernel[1].div_ceil(self.stride)
    }

    /// How far the first values that two rows of the outcome, one below the other, are made of lie apart in a laid-out plane.
    pub(super) const fn row(&self, length: usize) -> usize {
        self.stride * self.stride * length
    }

    /// How far from a place's first value in a laid-out plane each tap of the kernel reads.
    pub(super) fn taps(&self, length: usize) -> impl Iterator<Item = usize> {
        let Self { kernel, stride, .. } = *self;
        (0..kernel[0] * kernel[1]).map(move |tap| {
            let (down, right) = (tap / kernel[1], tap % kernel[1]);
            (down * stride + right % stride) * length + right / stride
        })
    }

    /// Lays a plane out in `scratch`: rows with zeros around, of each the columns 0, stride, 2 stride ..., then 1, 1 + stride ...
    #[expect(
        clippy::inline_always,
        reason = "it is compiled for each kind of processor, within the call that chose it"
    )]
    #[inline(always)]
    pub(super) fn spread(&self, plane: &[f32], length: usize, scratch: &mut Vec<f32>) {
        let rows = (self.output[0] - 1) * self.stride + self.kernel[0];
        scratch.clear();
        scratch.resize(rows * self.stride * length, 0.0);
        let [above, left] = self.before;
        let into = scratch.chunks_exact_mut(self.stride * length).skip(above);
        for (row, values) in into.zip(plane.chunks_exact(self.input[1])) {
            if self.stride == 1 {
                if let Some(places) = row.get_mut(left..) {
                    places.iter_mut().zip(values).for_each(|(place, x)| *place = *x);
                }
                continue;
            }
            for (phase, row) in row.chunks_exact_mut(length).enumerate() {
                // The first column of the plane that is of this phase, and where it goes.
                let first = (phase + self.stride - left % self.stride) % self.stride;
                let at = (first + left) / self.stride;
                let taken = values.iter().skip(first).step_by(self.stride);
                row.iter_mut()
                    .skip(at)
                    .zip(taken)
                    .for_each(|(place, x)| *place = *x);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use burn::tensor::activation::{hard_swish, relu};
    use proptest::prelude::*;

    use super::*;
    use crate::backbone::layer::Conv2dLayer;
    use crate::weights::Weights;
    use crate::weights::formula::pattern;

    fn layer(
        channels: usize,
        filters: usize,
        kernel: [usize; 2],
        stride: usize,
        padding: PaddingConfig2d,
        bias: bool,
    ) -> Conv2d {
        let config = Conv2dLayer {
            input: channels,
            output: filters,
            kernel,
            stride: [stride, stride],
            groups: channels,
            padding,
            bias,
        };
        let mut weights = Weights::new("pattern");
        for (name, shape) in config.tensors("c") {
            let values = pattern(shape.iter().product());
            weights.insert(&name, &shape, values).unwrap();
        }
        config.load(&mut weights, "c", &Device::flex()).unwrap()
    }

    proptest! {
        #[test]
        fn it_gives_what_burn_gives(
            (n, channels, height, width) in (1usize..3, 1usize..4, 1usize..20, 1usize..150),
            (kernel_height, kernel_width) in (1usize..6, 1usize..6),
            stride in 1usize..4,
            (padded, each) in (0usize..4, 1usize..4),
            bias in any::<bool>(),
            swish in any::<bool>(),
        ) {
            let padding = match padded {
                0 => PaddingConfig2d::Same,
                1 => PaddingConfig2d::Valid,
                2 => PaddingConfig2d::Explicit(kernel_height / 2, kernel_width / 2, kernel_height / 2, kernel_width / 2),
                _ => PaddingConfig2d::Explicit(2, 0, 1, 3),
            };
            let layer = layer(channels, channels * each, [kernel_height, kernel_width], stride, padding, bias);
            let x = tensor(pattern(n * channels * height * width), [n, channels, height, width], &Device::flex());
            let activation = if swish { Activation::HardSwish } else { Activation::Relu };
            let Some(mut depthwise) = Depthwise::of(&layer, x.dims()) else {
                // Not so much as one place of the kernel fits.
                let (down, right) = super::padding(&layer, [height, width]);
                prop_assert!(
                    height + down.0 + down.1 < kernel_height || width + right.0 + right.1 < kernel_width
                );
                return Ok(());
            };
            let expected = layer.forward(x.clone());
            let shape = expected.dims();
            let expected = values(if swish { hard_swish(expected) } else { relu(expected) });
            for vectors in Vectors::all() {
                depthwise.vectors = vectors;
                let found = depthwise.run(x.clone(), activation);
                prop_assert_eq!(found.dims(), shape);
                for (found, expected) in values(found).iter().zip(&expected) {
                    let near = (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
                    prop_assert!(near, "{:?} {} {}", vectors, found, expected);
                }
            }
        }
    }

    #[test]
    fn a_convolution_that_mixes_channels_is_none_of_its_kind() {
        let config = Conv2dLayer {
            input: 2,
            output: 2,
            kernel: [3, 3],
            stride: [1, 1],
            groups: 1,
            padding: PaddingConfig2d::Same,
            bias: false,
        };
        let mut weights = Weights::new("pattern");
        weights.insert("c.weight", &[2, 2, 3, 3], pattern(36)).unwrap();
        let layer = config.load(&mut weights, "c", &Device::flex()).unwrap();
        assert!(Depthwise::of(&layer, [1, 2, 4, 4]).is_none());
    }
}
