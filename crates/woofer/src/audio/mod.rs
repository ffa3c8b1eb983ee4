//! Sound in: from a file, bytes or a stream to mono samples at the rate a network wants.
//!
//! The way of a sound:
//!
//! 1. `source` gives bytes: a regular file, memory, or a stream that cannot be rewound.
//! 2. `format` tells the [`Container`] by its content. The file's name is never asked.
//! 3. WAV (`wav_header`), AIFF (`aiff_header`) and CAF (`caf_header`) with plain samples go to `pcm`; everything
//!    else goes to Symphonia (`symphonia_open`, `packets`; `ogg_pages` and `gap_filling` for what an Ogg lacks).
//! 4. [`AudioReader`] hands out mono blocks, one at a time, in bounded memory, and refuses what is not a number.
//!    What this crate knows and cannot read goes to an [`OtherDecoder`], if the program has handed one in.
//! 5. [`Resampler`] changes the rate, block by block, with a length that is exact to the sample.
//!
//! [`read_clip`] and [`resample`] do the same for a whole file in memory, by the same code.
//!
//! Files come from strangers: each length has a limit, a damaged packet is skipped and counted, a file that breaks
//! off gives the samples it has and says so ([`AudioReader::repairs`]), and nothing here panics on what a file holds.

mod aac_config;
mod aiff_header;
mod caf_header;
mod checks;
mod clip;
mod common_divisor;
mod cut;
mod error;
mod fft_resampling;
mod foreign;
mod format;
mod frame_sync;
mod gap_filling;
mod idle_filters;
mod limits;
mod loudness;
mod mp4_boxes;
mod ogg_pages;
mod packets;
mod pcm;
mod read_limits;
mod reader;
mod repairs;
mod resample;
mod resampling_method;
mod sinc_interpolation;
mod source;
mod symphonia_open;
mod tags;
mod wav_header;
mod wav_writer;

pub use clip::Clip;
pub use cut::{Clips, CutError, cut};
pub use error::AudioError;
pub use foreign::{ForeignFormat, ForeignInput, OtherDecoder, OtherDecoderError, set_other_decoder};
pub use format::{Container, READABLE};
pub(crate) use limits::sample_at;
pub use limits::{MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ};
pub use loudness::{FULL_SCALE, Loudness};
pub use read_limits::ReadLimits;
pub use reader::{AudioReader, read_clip};
pub use repairs::Repairs;
pub use resample::{Resampler, resample};
pub use wav_writer::{WavWriter, wav_bytes};
