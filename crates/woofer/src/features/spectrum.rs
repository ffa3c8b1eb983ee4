use std::f64::consts::PI;
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};

use super::front_end::{FrontEndSpec, HannWindow, SpectrumKind};

/// Window and FFT of one frame.
pub(super) struct SpectrumPlan {
    window: Vec<f32>,
    fft: Arc<dyn RealToComplex<f32>>,
    kind: SpectrumKind,
}

/// The buffers that one user of a [`SpectrumPlan`] needs.
pub(super) struct SpectrumBuffers {
    frame: Vec<f32>,
    bins: Vec<Complex32>,
    scratch: Vec<Complex32>,
    values: Vec<f32>,
}

impl SpectrumPlan {
    pub(super) fn new(spec: &FrontEndSpec) -> Self {
        Self {
            window: hann(spec.win_length, spec.window),
            fft: RealFftPlanner::new().plan_fft_forward(spec.n_fft),
            kind: spec.spectrum,
        }
    }

    pub(super) fn buffers(&self) -> SpectrumBuffers {
        SpectrumBuffers {
            frame: self.fft.make_input_vec(),
            bins: self.fft.make_output_vec(),
            scratch: self.fft.make_scratch_vec(),
            values: vec![0.0; self.fft.len() / 2 + 1],
        }
    }

    /// Magnitude or power of the `n_fft / 2 + 1` bins of a frame of `win_length` samples.
    ///
    /// The window stands at the start of the FFT's input, not in its middle: that turns phases only.
    #[expect(clippy::expect_used, reason = "the FFT refuses buffers of another plan only")]
    pub(super) fn measure<'b>(&self, samples: &[f32], buffers: &'b mut SpectrumBuffers) -> &'b [f32] {
        let SpectrumBuffers {
            frame,
            bins,
            scratch,
            values,
        } = buffers;
        let (head, tail) = frame.split_at_mut(self.window.len());
        for ((out, x), w) in head.iter_mut().zip(samples).zip(&self.window) {
            *out = x * w;
        }
        // The FFT uses its input as working space, so the padding must be laid anew.
        tail.fill(0.0);
        self.fft
            .process_with_scratch(frame, bins, scratch)
            .expect("the buffers were made by this plan");
        match self.kind {
            SpectrumKind::Power => values.iter_mut().zip(bins).for_each(|(v, b)| *v = b.norm_sqr()),
            SpectrumKind::Magnitude => {
                values
                    .iter_mut()
                    .zip(bins)
                    .for_each(|(v, b)| *v = b.norm_sqr().sqrt());
            }
        }
        values
    }
}

/// A Hann window of `length` samples.
#[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
fn hann(length: usize, window: HannWindow) -> Vec<f32> {
    let period = match window {
        HannWindow::Periodic => length,
        HannWindow::Symmetric => length - 1,
    };
    (0..length)
        .map(|n| (0.5 - 0.5 * (2.0 * PI * n as f64 / period as f64).cos()) as f32)
        .collect()
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers above 0"
)]
mod tests {
    use super::*;
    use crate::features::FrontEnd;

    #[test]
    fn spectrum_of_a_sine_peaks_at_its_bin() {
        for front_end in FrontEnd::ALL {
            let spec = front_end.spec();
            let plan = SpectrumPlan::new(spec);
            let mut buffers = plan.buffers();
            for bin in [20, 60, 150] {
                let step = 2.0 * PI * f64::from(bin) / spec.n_fft as f64;
                let sine: Vec<f32> = (0..spec.win_length)
                    .map(|t| (step * t as f64).sin() as f32)
                    .collect();
                let values = plan.measure(&sine, &mut buffers);
                let peak = (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]));
                assert_eq!(peak, Some(bin as usize), "{front_end}");
            }
        }
    }

    #[test]
    fn a_frame_leaves_nothing_behind_for_the_next() {
        let plan = SpectrumPlan::new(FrontEnd::Mn.spec());
        let mut buffers = plan.buffers();
        plan.measure(&[1.0; 800], &mut buffers);
        let silent = plan.measure(&[0.0; 800], &mut buffers);
        assert!(silent.iter().all(|&v| v == 0.0));
    }

    #[test]
    fn hann_forms_differ_in_their_last_value() {
        assert!(hann(8, HannWindow::Symmetric)[7].abs() < 1e-7);
        assert!(hann(8, HannWindow::Periodic)[7] > 0.1);
        assert!((hann(8, HannWindow::Periodic)[4] - 1.0).abs() < 1e-7);
    }
}
