//! Opening a file with Symphonia: headers, sound track and decoder.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::codecs::audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions, well_known};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadBytes as _};
use symphonia::default::formats::{
    AdtsReader, CafReader, FlacReader, IsoMp4Reader, MpaReader, OggReader, WavReader,
};

use super::aac_config::unreadable_variant;
use super::checks::{check_channels, check_rate};
use super::error::AudioError;
use super::format::Container;
use super::mp4_boxes::SoundTrack;
use super::ogg_pages::{Losses, PageWatch};
use super::source::Source;

/// The sound track that is read.
#[derive(Clone, Copy)]
pub(super) struct Track {
    pub id: u32,
    pub rate_hz: Option<u32>,
    pub frames: Option<u64>,
    pub padding: u64,
    /// A packet's duration counts frames.
    pub counts_frames: bool,
    pub holds_floats: bool,
}

/// What went wrong within Symphonia.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Symphonia(#[from] Error),
    #[error("the decoder panicked")]
    Panic,
}

/// Runs a step of Symphonia.
///
/// It checks its input well, yet some products of hostile values overflow (found by spoiling test files: its MS ADPCM
/// decoder and its CAF reader), which panics where overflow is checked.
pub(super) fn guard<T>(step: impl FnOnce() -> Result<T, Error>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(result) => result.map_err(Fault::Symphonia),
        Err(_) => Err(Fault::Panic),
    }
}

/// Reads the headers up to the first packet; pages that an Ogg lacks go to `losses`, then and later.
pub(super) fn open_format(
    source: Source,
    container: Container,
    losses: &Losses,
) -> Result<Box<dyn FormatReader>, AudioError> {
    let name = source.name().to_owned();
    let media: Box<dyn MediaSource> = match container {
        Container::Ogg => Box::new(PageWatch::new(source, losses.clone())),
        _ => Box::new(source),
    };
    guard(|| demuxer(media, container)).map_err(|fault| open_error(&name, container, fault))
}

fn demuxer(media: Box<dyn MediaSource>, container: Container) -> Result<Box<dyn FormatReader>, Error> {
    let mut stream = MediaSourceStream::new(media, MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    Ok(match container {
        Container::Mp3 | Container::Mp2 => Box::new(MpaReader::try_new(stream, options)?),
        Container::Adts => Box::new(AdtsReader::try_new(stream, options)?),
        Container::Flac => Box::new(FlacReader::try_new(stream, options)?),
        Container::Ogg => Box::new(OggReader::try_new(stream, options)?),
        Container::Caf => Box::new(CafReader::try_new(stream, options)?),
        Container::Wav => Box::new(WavReader::try_new(stream, options)?),
        Container::Mp4 => {
            // The reader steps back by the length field, as it is made to be called at the letters `ftyp`.
            stream.ignore_bytes(4)?;
            Box::new(IsoMp4Reader::try_new(stream, options)?)
        }
        Container::Aiff | Container::Foreign(_) => return Err(Error::Unsupported("it is read elsewhere")),
    })
}

fn open_error(name: &str, container: Container, fault: Fault) -> AudioError {
    let file = name.to_owned();
    match fault {
        Fault::Symphonia(Error::IoError(source)) if source.kind() != io::ErrorKind::UnexpectedEof => {
            AudioError::Read { file, source }
        }
        Fault::Symphonia(Error::IoError(_)) => AudioError::Damaged {
            file,
            container: container.name(),
            reason: "it ends before its samples".into(),
        },
        fault => AudioError::Damaged {
            file,
            container: container.name(),
            reason: fault.to_string(),
        },
    }
}

/// Picks the sound track and makes its decoder.
pub(super) fn open_track(
    format: &dyn FormatReader,
    name: &str,
    container: Container,
    sound: Option<&SoundTrack>,
) -> Result<(Track, Box<dyn AudioDecoder>), AudioError> {
    let file = || name.to_owned();
    let damaged = |reason: String| AudioError::Damaged {
        file: file(),
        container: container.name(),
        reason,
    };
    let unsupported = |what: String| AudioError::Unsupported { file: file(), what };
    let codec_letters = sound.map(|sound| sound.codec.escape_ascii().to_string());
    let track = format
        .default_track(TrackType::Audio)
        .ok_or_else(|| match &codec_letters {
            Some(codec) => unsupported(format!("{container} with codec {codec}")),
            None => AudioError::NoSoundTrack {
                file: file(),
                container: container.name(),
            },
        })?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio());
    let params = params.ok_or_else(|| damaged("its sound track has no parameters".into()))?;
    if let Some(rate_hz) = params.sample_rate {
        check_rate(name, f64::from(rate_hz))?;
    }
    if let Some(channels) = &params.channels {
        check_channels(name, channels.count() as u64)?;
    }
    if params.codec == well_known::CODEC_ID_AAC
        && let Some(variant) = params.extra_data.as_deref().and_then(unreadable_variant)
    {
        return Err(unsupported(format!("{container} with {variant}")));
    }
    // MPEG frames are trimmed here, see `trim_end`.
    let gapless = !matches!(container, Container::Mp3 | Container::Mp2);
    let options = AudioDecoderOptions::default().gapless(gapless);
    let decoder = guard(|| symphonia::default::get_codecs().make_audio_decoder(params, &options));
    let decoder = decoder.map_err(|fault| match (&fault, &codec_letters) {
        (Fault::Symphonia(Error::Unsupported(_)), Some(codec)) => {
            unsupported(format!("{container} with codec {codec} ({fault})"))
        }
        (Fault::Symphonia(Error::Unsupported(_)), None) => {
            unsupported(format!("{container} with a codec ({fault})"))
        }
        _ => damaged(fault.to_string()),
    })?;
    let rate_hz = params.sample_rate.or(decoder.codec_params().sample_rate);
    let base = track.time_base.map(|base| (base.numer.get(), base.denom.get()));
    // A CAF of packets counts the frames of full packets; an MP4 in fragments says 0.
    let frames = track
        .num_frames
        .filter(|frames| *frames > 0 && container != Container::Caf);
    let track = Track {
        id: track.id,
        rate_hz,
        frames,
        padding: track.padding.map_or(0, u64::from),
        counts_frames: rate_hz.is_some_and(|rate_hz| base == Some((1, rate_hz))),
        holds_floats: FLOAT_CODECS.contains(&params.codec),
    };
    Ok((track, decoder))
}

/// Codecs whose samples are floats as the file has them.
const FLOAT_CODECS: [AudioCodecId; 4] = [
    well_known::CODEC_ID_PCM_F32LE,
    well_known::CODEC_ID_PCM_F32BE,
    well_known::CODEC_ID_PCM_F64LE,
    well_known::CODEC_ID_PCM_F64BE,
];
