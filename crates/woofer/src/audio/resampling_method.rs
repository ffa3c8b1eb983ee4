//! How a sample rate is changed.

use super::fft_resampling::FftResampling;
use super::sinc_interpolation::SincInterpolation;

/// How the rate is changed.
pub(super) enum Method {
    /// Equal rates: samples pass through untouched.
    Copy,
    Fft(Box<FftResampling>),
    Sinc(Box<SincInterpolation>),
}

impl Method {
    /// Forgets the stream.
    pub(super) fn reset(&mut self) {
        match self {
            Self::Copy => {}
            Self::Fft(fft) => fft.reset(),
            Self::Sinc(sinc) => sinc.reset(),
        }
    }
}
