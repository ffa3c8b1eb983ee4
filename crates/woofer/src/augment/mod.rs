//! Clips made to differ from epoch to epoch, so that a network learns the sound and not the recording.
//!
//! ```text
//! samples -> time shift, gain, noise, room, camera ... -> features -> log-mel -> masks -> network
//!            Chain::apply_waveform                                    Chain::apply_log_mel
//! ```
//!
//! A recipe lists [`AugmentConfig`]s, each with a probability; a [`Chain`] checks them once and applies them in the
//! order of the list. What is drawn depends on the [`StreamKey`] (seed, epoch, clip) and on the step's place in the
//! list alone, so a clip comes out the same whatever the number of threads or the order of the clips. (Between kinds of machines the
//! last bit may differ: logarithms and sines are those of the platform.)
//!
//! Each step keeps the clip's length, and finite samples stay finite. Mixup needs the labels of two clips, so the
//! chain only draws it ([`Chain::mixup`]) and the training loop carries it out with [`mix`].

mod background;
mod band_limit;
mod chain;
mod clipping;
mod codec;
mod colored_noise;
mod config;
mod convolution;
mod error;
mod fft_plans;
mod g711;
mod gain;
mod limits;
mod lower_rate;
mod mdct;
mod mel_grid;
mod mixup;
mod noise_clips;
mod noise_generator;
mod perceptual_codec;
mod polarity;
mod reverberation;
mod room_response;
mod snr;
mod spec_augment;
mod stream;
mod time_shift;

pub use background::{Background, Backgrounds, NoBackgrounds};
pub use band_limit::{BandLimit, band_limit};
pub use chain::Chain;
pub use clipping::{Clipping, clip_at};
pub use codec::{Codec, CodecKind, Coding};
pub use colored_noise::ColoredNoise;
pub use config::AugmentConfig;
pub use error::AugmentError;
pub(crate) use fft_plans::FftPlans;
pub use gain::{Gain, apply_gain_db};
pub use mel_grid::MelGrid;
pub use mixup::{Mixup, MixupDraw, MixupStage, mix};
pub use noise_clips::{NOISE_CLIP_RATE_HZ, NOISE_CLIPS_PER_COPY, noise_clip};
pub use noise_generator::{NoiseGenerator, PowerLaw};
pub use perceptual_codec::PerceptualCodec;
pub use polarity::{Polarity, invert};
pub use reverberation::Reverberation;
pub use room_response::{Room, room_response};
pub(crate) use snr::energy;
pub use snr::{active_power, mix_at_snr};
pub use spec_augment::{MaskFill, SpecAugment};
pub use stream::{Stream, StreamKey};
pub use time_shift::{SHIFT_COPIES, ShiftFill, TimeShift, shift, shifted_copy};
