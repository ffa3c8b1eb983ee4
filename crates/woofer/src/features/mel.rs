use super::front_end::FrontEndSpec;

/// Triangular mel filters over the bins of a real FFT.
///
/// The triangles are straight on the mel scale `1127 ln(1 + f / 700)` (HTK; Kaldi's is the same)
/// and are not normalised by area.
#[derive(Debug, Clone, PartialEq)]
pub struct MelBank {
    bands: Vec<Band>,
}

#[derive(Debug, Clone, PartialEq)]
struct Band {
    first_bin: usize,
    weights: Vec<f32>,
}

impl FrontEndSpec {
    /// Where a frequency lies among the mel bands: 0 at the middle of the lowest, `n_mels - 1` at that of the highest.
    #[must_use]
    pub fn band_of(&self, hz: f64) -> f64 {
        let (low, high) = (mel(self.f_min_hz), mel(self.f_max_hz));
        (mel(hz) - low) / (high - low) * (self.n_mels + 1) as f64 - 1.0
    }
}

/// Hertz to mel, HTK's formula.
fn mel(hz: f64) -> f64 {
    1127.0 * (hz / 700.0).ln_1p()
}

impl MelBank {
    /// The filters of a front end.
    ///
    /// Source: `vggish` `mel_features.py` `spectrogram_to_mel_matrix`; Kaldi `mel-computations.cc`.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "computed in f64, kept in f32")]
    pub fn new(spec: &FrontEndSpec) -> Self {
        let bins = spec.n_fft / 2 + 1;
        let (low, high) = (mel(spec.f_min_hz), mel(spec.f_max_hz));
        let edge = |i: usize| low + (high - low) * i as f64 / (spec.n_mels + 1) as f64;
        let bin_mel: Vec<f64> = (0..bins)
            .map(|k| mel(f64::from(spec.rate_hz) * k as f64 / spec.n_fft as f64))
            .collect();
        let bands = (0..spec.n_mels)
            .map(|m| {
                let (left, centre, right) = (edge(m), edge(m + 1), edge(m + 2));
                let weight = |f: f64| ((f - left) / (centre - left)).min((right - f) / (right - centre));
                let first_bin = bin_mel.partition_point(|&f| f <= left);
                let weights = bin_mel
                    .iter()
                    .skip(first_bin)
                    .take_while(|&&f| f < right)
                    .map(|&f| weight(f).max(0.0) as f32)
                    .collect();
                Band { first_bin, weights }
            })
            .collect();
        Self { bands }
    }

    /// Number of bands.
    #[must_use]
    pub fn n_mels(&self) -> usize {
        self.bands.len()
    }

    /// Sums a spectrum of `n_fft / 2 + 1` bins into each band, handing `(band, sum)` to `sink`.
    pub fn apply(&self, spectrum: &[f32], mut sink: impl FnMut(usize, f32)) {
        for (m, band) in self.bands.iter().enumerate() {
            let bins = &spectrum[band.first_bin..band.first_bin + band.weights.len()];
            sink(m, dot(bins, &band.weights));
        }
    }
}

/// A sum of products in four interleaved partial sums, which the compiler can vectorise.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f32 = a4
        .remainder()
        .iter()
        .zip(b4.remainder())
        .map(|(x, y)| x * y)
        .sum();
    let mut sums = [0.0f32; 4];
    for (x, y) in a4.zip(b4) {
        for i in 0..4 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_that_is_alone_with_a_frequency_is_where_it_lies() {
        let spec = crate::features::FrontEnd::Mn.spec();
        let bank = MelBank::new(spec);
        for bin in [40, 100, 300] {
            let mut spectrum = vec![0.0; spec.n_fft / 2 + 1];
            spectrum[bin] = 1.0;
            let mut loudest = (0, 0.0);
            bank.apply(&spectrum, |band, sum| {
                if sum > loudest.1 {
                    loudest = (band, sum);
                }
            });
            let place = spec.band_of(bin as f64 * f64::from(spec.rate_hz) / spec.n_fft as f64);
            assert!((place - loudest.0 as f64).abs() <= 0.5, "{place} {loudest:?}");
        }
        assert!((spec.band_of(spec.f_max_hz) - spec.n_mels as f64).abs() < 1e-9);
    }
    use crate::features::FrontEnd;

    #[test]
    fn neighbouring_triangles_sum_to_one_between_the_outer_centres() {
        for front_end in FrontEnd::ALL {
            let spec = front_end.spec();
            let bank = MelBank::new(spec);
            let mut sums = vec![0.0f32; spec.n_fft / 2 + 1];
            for band in &bank.bands {
                for (i, w) in band.weights.iter().enumerate() {
                    assert!((0.0..=1.0).contains(w));
                    sums[band.first_bin + i] += w;
                }
            }
            let inside = |k: usize| {
                let hz = f64::from(spec.rate_hz) * k as f64 / spec.n_fft as f64;
                let step = (mel(spec.f_max_hz) - mel(spec.f_min_hz)) / (spec.n_mels + 1) as f64;
                mel(hz) > mel(spec.f_min_hz) + step && mel(hz) < mel(spec.f_max_hz) - step
            };
            for (k, sum) in sums.iter().enumerate().filter(|&(k, _)| inside(k)) {
                assert!((sum - 1.0).abs() < 1e-5, "{front_end} bin {k}: {sum}");
            }
        }
    }

    #[test]
    fn nothing_outside_the_band_limits_counts() {
        for front_end in FrontEnd::ALL {
            let spec = front_end.spec();
            for band in &MelBank::new(spec).bands {
                let hz = |k: usize| f64::from(spec.rate_hz) * k as f64 / spec.n_fft as f64;
                if let Some(last) = band.weights.len().checked_sub(1) {
                    assert!(hz(band.first_bin) >= spec.f_min_hz);
                    assert!(hz(band.first_bin + last) <= spec.f_max_hz);
                }
            }
        }
    }

    #[test]
    fn dot_equals_the_plain_sum() {
        for n in 0..13 {
            let a: Vec<f32> = (0..n).map(|i| i as f32 - 3.0).collect();
            let b: Vec<f32> = (0..n).map(|i| 0.5 * i as f32 + 1.0).collect();
            let plain: f32 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            assert!((dot(&a, &b) - plain).abs() < 1e-4);
        }
    }
}
