//! Why audio could not be read or resampled.

use std::io;

use super::foreign::OtherDecoderError;
use super::format::READABLE;
use super::limits::{MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ};

/// Why audio could not be read or resampled; the message names the file, the bad value and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// There is nothing at this path.
    #[error("{file}: no such file")]
    NotFound {
        /// The path as given.
        file: String,
    },
    /// The path leads to something other than a regular file.
    #[error("{file}: is a {kind}, not an audio file")]
    NotAFile {
        /// The path as given.
        file: String,
        /// What it is: a directory, a pipe, a socket or a device.
        kind: &'static str,
    },
    /// The operating system refused to open the file.
    #[error("{file}: cannot be opened")]
    Open {
        /// The path as given.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Reading broke off with an error of the operating system.
    #[error("{file}: cannot be read")]
    Read {
        /// The file or stream.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is not one byte.
    #[error("{file}: the file is empty")]
    Empty {
        /// The file or stream.
        file: String,
    },
    /// The content is no audio format that is known here.
    #[error("{file}: is not audio: it begins with {begins}; readable are {READABLE}")]
    NotAudio {
        /// The file or stream.
        file: String,
        /// The first words or bytes, quoted.
        begins: String,
    },
    /// The content was recognised, and it is something that cannot be read.
    #[error("{file}: holds {what}, which is not readable; readable are {READABLE}")]
    Unsupported {
        /// The file or stream.
        file: String,
        /// The format or codec.
        what: String,
    },
    /// The content was recognised, and the other decoder that it needs is not there or could not begin.
    #[error("{file}: holds {what}, which only {decoder} could read; {reason}")]
    OtherDecoder {
        /// The file or stream.
        file: String,
        /// The format or codec.
        what: String,
        /// The other decoder's name.
        decoder: String,
        /// What it said.
        reason: OtherDecoderError,
    },
    /// The headers contradict themselves or nothing could be decoded.
    #[error("{file}: is a damaged {container}: {reason}")]
    Damaged {
        /// The file or stream.
        file: String,
        /// The name of the container.
        container: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The headers are fine, and no sample follows.
    #[error("{file}: the {container} holds no samples")]
    NoSamples {
        /// The file or stream.
        file: String,
        /// The name of the container.
        container: &'static str,
    },
    /// A film or the like without sound.
    #[error("{file}: the {container} has no sound track")]
    NoSoundTrack {
        /// The file or stream.
        file: String,
        /// The name of the container.
        container: &'static str,
    },
    /// The sample rate is out of range.
    #[error("{file}: sample rate {rate_hz} Hz is not between {MIN_RATE_HZ} and {MAX_RATE_HZ} Hz")]
    Rate {
        /// The file or stream.
        file: String,
        /// The rate that the file declares; f64 because AIFF and CAF declare it so.
        rate_hz: f64,
    },
    /// The number of channels is out of range.
    #[error("{file}: {channels} channels are not between 1 and {MAX_CHANNELS}")]
    Channels {
        /// The file or stream.
        file: String,
        /// The number of channels that the file declares.
        channels: u64,
    },
    /// A floating point sample is NaN, infinite, or a million times full scale.
    #[error("{file}: the sample at {at_s:.6} s (number {index}) is not a finite number from -1e6 to 1e6")]
    NotFinite {
        /// The file or stream.
        file: String,
        /// Where, in seconds from the start.
        at_s: f64,
        /// Where, in frames from the start.
        index: u64,
    },
    /// The rate or the number of channels changes in the middle.
    #[error(
        "{file}: changes at {at_s:.3} s from {rate_hz} Hz with {channels} channels \
         to {new_rate_hz} Hz with {new_channels}; one file must keep one rate and channel count"
    )]
    FormatChanged {
        /// The file or stream.
        file: String,
        /// Where, in seconds from the start.
        at_s: f64,
        /// The rate so far.
        rate_hz: u32,
        /// The number of channels so far.
        channels: usize,
        /// The rate from here on.
        new_rate_hz: u32,
        /// The number of channels from here on.
        new_channels: usize,
    },
    /// The file lasts longer than the caller allows.
    #[error("{file}: lasts {length}, which is more than the {max_s} s allowed")]
    TooLong {
        /// The file or stream.
        file: String,
        /// How long it lasts, as far as is known.
        length: String,
        /// The longest duration allowed, in seconds.
        max_s: f64,
    },
    /// Whoever wanted the file does not want it any more.
    #[error("{file}: reading was stopped")]
    Stopped {
        /// The file or stream.
        file: String,
    },
    /// A stream that cannot be rewound is in a container that needs it, and it is too large to be held in memory.
    #[error(
        "{file}: {container} from a stream is held in memory, at most {limit_mib} MiB, and this one is larger; \
         give it as a file"
    )]
    StreamTooLarge {
        /// The stream.
        file: String,
        /// The name of the container.
        container: &'static str,
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// A rate given to the resampler is out of range.
    #[error(
        "resampling from {from_hz} Hz to {to_hz} Hz: both must be between {MIN_RATE_HZ} and {MAX_RATE_HZ} Hz"
    )]
    ResampleRate {
        /// The rate of the input.
        from_hz: u32,
        /// The rate wanted.
        to_hz: u32,
    },
    /// The resampler itself failed; this is a defect.
    #[error("resampling from {from_hz} Hz to {to_hz} Hz failed: {reason}")]
    Resample {
        /// The rate of the input.
        from_hz: u32,
        /// The rate wanted.
        to_hz: u32,
        /// What the resampler said.
        reason: String,
    },
}
