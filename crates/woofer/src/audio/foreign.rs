//! Formats that are known and that another program has to read.

use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

/// A format with sound in it that may need another decoder, told by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForeignFormat {
    /// Matroska and `WebM`.
    Matroska,
    /// Ogg with Opus, Speex or others.
    Ogg,
    /// ISO base media and `QuickTime`.
    Mp4,
    /// AAC in an ADTS stream.
    Adts,
    /// MPEG audio of any layer.
    MpegAudio,
    /// RIFF WAVE, little or big endian.
    Wav,
    /// AIFF and AIFF-C.
    Aiff,
    /// Apple's Core Audio Format.
    Caf,
    /// Sony Wave64.
    Wave64,
    /// Sun AU.
    Au,
    /// Windows Media: ASF.
    Asf,
    /// AVI.
    Avi,
    /// Flash video.
    Flv,
    /// An MPEG program stream.
    MpegProgram,
    /// An MPEG transport stream.
    MpegTransport,
    /// `WavPack`.
    WavPack,
    /// Monkey's Audio.
    MonkeysAudio,
    /// True Audio.
    TrueAudio,
    /// Musepack, stream version 7.
    Musepack7,
    /// Musepack, stream version 8.
    Musepack8,
    /// AMR.
    Amr,
}

impl ForeignFormat {
    /// The name for messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matroska => "Matroska or WebM",
            Self::Ogg => "Ogg",
            Self::Mp4 => "MP4",
            Self::Adts => "ADTS",
            Self::MpegAudio => "MPEG audio",
            Self::Wav => "WAV",
            Self::Aiff => "AIFF",
            Self::Caf => "CAF",
            Self::Wave64 => "Sony Wave64",
            Self::Au => "Sun AU",
            Self::Asf => "Windows Media",
            Self::Avi => "AVI",
            Self::Flv => "Flash video",
            Self::MpegProgram => "MPEG program stream",
            Self::MpegTransport => "MPEG transport stream",
            Self::WavPack => "WavPack",
            Self::MonkeysAudio => "Monkey's Audio",
            Self::TrueAudio => "True Audio",
            Self::Musepack7 | Self::Musepack8 => "Musepack",
            Self::Amr => "AMR",
        }
    }
}

/// What another decoder reads.
pub enum ForeignInput {
    /// A regular file.
    File(PathBuf),
    /// Bytes that cannot be rewound.
    Stream(Box<dyn Read + Send + Sync>),
}

/// Why another decoder could not begin.
pub type OtherDecoderError = Box<dyn std::error::Error + Send + Sync>;

/// A decoder outside this crate, for what this crate cannot read itself.
///
/// The core starts no programs; whoever may do so hands in a decoder by [`set_other_decoder`].
pub trait OtherDecoder: Send + Sync {
    /// The name for messages and for [`AudioReader::codec`](super::AudioReader::codec), such as `ffmpeg`.
    fn name(&self) -> &str;

    /// Opens an input of a format and gives its sound as a WAV, which is read while it comes.
    ///
    /// A failure on the way is an error of `read`, so that half a sound is not taken for the whole.
    ///
    /// # Errors
    /// The decoder is not there or cannot begin.
    fn open(
        &self,
        input: ForeignInput,
        format: ForeignFormat,
    ) -> Result<Box<dyn Read + Send + Sync>, OtherDecoderError>;
}

static OTHER: OnceLock<Box<dyn OtherDecoder>> = OnceLock::new();

/// Hands in the decoder that every [`AudioReader`](super::AudioReader) of this program asks for what it cannot read
/// itself; false when there is one already, which then stays.
pub fn set_other_decoder(decoder: Box<dyn OtherDecoder>) -> bool {
    OTHER.set(decoder).is_ok()
}

/// The decoder that was handed in.
pub(super) fn other_decoder() -> Option<&'static dyn OtherDecoder> {
    OTHER.get().map(AsRef::as_ref)
}
