use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::logarithm::ln;

/// A named front end: the features that one family of backbones was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrontEnd {
    /// VGGish: 16 kHz, 64 mel bands, windows of 0.96 s that do not overlap.
    Vggish,
    /// `YAMNet`: as VGGish with a smaller log offset and windows every 0.48 s.
    Yamnet,
    /// EfficientAT `mn`: 32 kHz, 128 mel bands, the whole clip in one pass.
    Mn,
}

/// Version of the arithmetic that leads from a file's bytes to a network's input: decoding, resampling, cutting into
/// segments, log-mel.
///
/// Raise it with every change after which the same file may give other numbers, an update of symphonia, rubato or realfft
/// included; constants of [`FrontEndSpec`] count by themselves.
const ARITHMETIC_VERSION: u32 = 3;

/// How the spectrum of a frame is measured before the mel bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpectrumKind {
    /// The absolute value of each bin.
    Magnitude,
    /// The square of the absolute value of each bin.
    Power,
}

/// The two common forms of the Hann window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HannWindow {
    /// `0.5 - 0.5 cos(2 pi n / N)`, as in spectral analysis.
    Periodic,
    /// `0.5 - 0.5 cos(2 pi n / (N - 1))`, zero at both ends.
    Symmetric,
}

/// How the frames of a clip are laid out for the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `[windows, 1, frames, mels]`: fixed windows of frames.
    Windows {
        /// Frames in a window.
        frames: usize,
        /// Frames from the start of a window to the start of the next.
        hop: usize,
        /// Whether the waveform is padded with zeros so that the last window is complete.
        pad_last: bool,
    },
    /// `[1, 1, mels, frames]`: all frames at once, mel bands as rows.
    Whole,
}

/// The constants of a front end.
///
/// Sources: VGGish and `YAMNet`, `tensorflow/models` `research/audioset/{vggish,yamnet}`
/// (`vggish_params.py`, `params.py`); `mn`, EfficientAT `models/preprocess.py`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrontEndSpec {
    /// Sample rate of the input in hertz.
    pub rate_hz: u32,
    /// `x[t + 1] - c x[t]` before framing, which shortens the clip by one sample.
    pub pre_emphasis: Option<f32>,
    /// Whether frame `i` is centred on sample `i * hop_length`, with reflection at both ends.
    pub centred: bool,
    /// FFT length in samples.
    pub n_fft: usize,
    /// Window length in samples, at most `n_fft`.
    pub win_length: usize,
    /// Samples from frame to frame.
    pub hop_length: usize,
    /// Shape of the window.
    pub window: HannWindow,
    /// Magnitude or power.
    pub spectrum: SpectrumKind,
    /// Number of mel bands.
    pub n_mels: usize,
    /// Lower edge of the lowest mel band in hertz.
    pub f_min_hz: f64,
    /// Upper edge of the highest mel band in hertz.
    pub f_max_hz: f64,
    /// Added to each band before the natural logarithm.
    pub log_offset: f32,
    /// The value is `(ln(band + log_offset) + shift) / divisor`.
    pub shift: f32,
    /// See `shift`.
    pub divisor: f32,
    /// Shape of the network's input.
    pub layout: Layout,
    /// Shorter clips are padded with zeros to this many samples.
    pub min_samples: usize,
    /// How long recordings are taken piece by piece.
    pub segments: SegmentRule,
}

/// How a recording is taken in segments, each of which goes through the network at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentRule {
    /// Samples in a segment.
    pub length: usize,
    /// Samples from the start of a segment to the start of the next; the rest overlaps.
    pub hop: usize,
    /// Fewer samples at the end of a recording are no segment, but belong to the one before, which is so much longer; 0 where they are one.
    pub min_last: usize,
}

const VGGISH: FrontEndSpec = FrontEndSpec {
    rate_hz: 16_000,
    pre_emphasis: None,
    centred: false,
    n_fft: 512,
    win_length: 400,
    hop_length: 160,
    window: HannWindow::Periodic,
    spectrum: SpectrumKind::Magnitude,
    n_mels: 64,
    f_min_hz: 125.0,
    f_max_hz: 7_500.0,
    log_offset: 0.01,
    shift: 0.0,
    divisor: 1.0,
    layout: Layout::Windows {
        frames: 96,
        hop: 96,
        pad_last: false,
    },
    // 96 frames: 95 hops and a window.
    min_samples: 15_600,
    segments: SegmentRule {
        length: 80_000,
        hop: 80_000,
        min_last: 16_000,
    },
};

const YAMNET: FrontEndSpec = FrontEndSpec {
    log_offset: 0.001,
    layout: Layout::Windows {
        frames: 96,
        hop: 48,
        pad_last: true,
    },
    // Ten windows; the next segment takes up at the next window, so a recording's windows are the
    // same as if it were taken whole, however short the last.
    segments: SegmentRule {
        length: 84_720,
        hop: 76_800,
        min_last: 0,
    },
    ..VGGISH
};

const MN: FrontEndSpec = FrontEndSpec {
    rate_hz: 32_000,
    pre_emphasis: Some(0.97),
    centred: true,
    n_fft: 1024,
    win_length: 800,
    hop_length: 320,
    window: HannWindow::Symmetric,
    spectrum: SpectrumKind::Power,
    n_mels: 128,
    f_min_hz: 0.0,
    f_max_hz: 15_000.0,
    log_offset: 1e-5,
    shift: 4.5,
    divisor: 5.0,
    layout: Layout::Whole,
    // The network was trained on clips of one length, with silence after shorter ones.
    min_samples: 160_000,
    segments: SegmentRule {
        length: 160_000,
        hop: 160_000,
        min_last: 32_000,
    },
};

impl FrontEndSpec {
    /// Turns mel bands into what the network reads, in place.
    pub(super) fn compress(&self, bands: &mut [f32]) {
        let scale = self.divisor.recip();
        for band in bands {
            *band = (ln(*band + self.log_offset) + self.shift) * scale;
        }
    }

    /// Turns what the network reads back into the power of mel bands, in place; never below zero, and so that sums of many stay finite.
    pub(super) fn decompress(&self, values: &mut [f32]) {
        for value in values {
            *value = ((*value * self.divisor - self.shift).exp() - self.log_offset).clamp(0.0, 1e30);
        }
    }
}

impl FrontEnd {
    /// Every front end, in the order in which they are listed to people.
    pub const ALL: [Self; 3] = [Self::Vggish, Self::Yamnet, Self::Mn];

    /// The name used in bundles and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vggish => "vggish",
            Self::Yamnet => "yamnet",
            Self::Mn => "mn",
        }
    }

    /// The constants of this front end.
    #[must_use]
    pub const fn spec(self) -> &'static FrontEndSpec {
        match self {
            Self::Vggish => &VGGISH,
            Self::Yamnet => &YAMNET,
            Self::Mn => &MN,
        }
    }

    /// Whether a network gets all frames of a segment at once, and not cut into windows.
    #[must_use]
    pub fn takes_segments_whole(self) -> bool {
        self.spec().layout == Layout::Whole
    }

    /// Sample rate of the input in hertz.
    #[must_use]
    pub const fn rate_hz(self) -> u32 {
        self.spec().rate_hz
    }

    /// All that decides what this front end makes of a file: every constant, the version of the arithmetic and Woofer's own.
    ///
    /// Two front ends whose descriptions are the same text give the same features; it is made for the key of a cache.
    #[must_use]
    pub fn description(self) -> String {
        describe(self.name(), ARITHMETIC_VERSION, self.spec())
    }
}

/// Written by way of `Debug`, which leaves out no field that is added one day, and writes floats to the last bit.
fn describe(name: &str, arithmetic: u32, spec: &FrontEndSpec) -> String {
    let woofer = env!("CARGO_PKG_VERSION");
    format!("front end {name}, arithmetic {arithmetic}, woofer {woofer}, {spec:?}")
}

impl fmt::Display for FrontEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A front end of that name does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no front end \"{0}\"; allowed are vggish, yamnet and mn")]
pub struct UnknownFrontEnd(String);

impl FromStr for FrontEnd {
    type Err = UnknownFrontEnd;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|f| f.name() == name)
            .ok_or_else(|| UnknownFrontEnd(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_constant_counts_in_the_description() {
        let changes: [fn(&mut FrontEndSpec); 19] = [
            |s| s.rate_hz += 1,
            |s| s.pre_emphasis = Some(0.970_000_1),
            |s| s.centred = !s.centred,
            |s| s.n_fft += 1,
            |s| s.win_length += 1,
            |s| s.hop_length += 1,
            |s| s.window = HannWindow::Periodic,
            |s| s.spectrum = SpectrumKind::Magnitude,
            |s| s.n_mels += 1,
            |s| s.f_min_hz = f64::MIN_POSITIVE,
            |s| s.f_max_hz = f64::from_bits(s.f_max_hz.to_bits() + 1),
            |s| s.log_offset = f32::from_bits(s.log_offset.to_bits() + 1),
            |s| s.shift = f32::from_bits(s.shift.to_bits() + 1),
            |s| s.divisor = f32::from_bits(s.divisor.to_bits() + 1),
            |s| s.layout = YAMNET.layout,
            |s| s.min_samples += 1,
            |s| s.segments.length += 1,
            |s| s.segments.hop += 1,
            |s| s.segments.min_last += 1,
        ];
        let mut descriptions: HashSet<String> = FrontEnd::ALL.iter().map(|f| f.description()).collect();
        assert_eq!(descriptions.len(), FrontEnd::ALL.len());
        for (i, change) in changes.iter().enumerate() {
            let mut spec = MN;
            change(&mut spec);
            assert!(
                descriptions.insert(describe("mn", ARITHMETIC_VERSION, &spec)),
                "change {i}"
            );
        }
        assert!(descriptions.insert(describe("mn", ARITHMETIC_VERSION + 1, &MN)));
        assert!(!descriptions.insert(describe("mn", ARITHMETIC_VERSION, &MN)));
    }
}
