//! Mono samples from a file, bytes or a stream, one block at a time.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::aiff_header::read_aiff_header;
use super::caf_header::{CafBody, read_caf_header};
use super::checks::not_finite;
use super::clip::Clip;
use super::error::AudioError;
use super::foreign::{ForeignFormat, ForeignInput, other_decoder};
use super::format::{Container, SNIFF_LEN, Sniffed, sniff};
use super::limits::MAX_SAMPLE;
use super::packets::PacketStream;
use super::pcm::PcmStream;
use super::read_limits::ReadLimits;
use super::repairs::Repairs;
use super::source::Source;
use super::tags::{cut_end_tags, id3v2_len};
use super::wav_header::{WavBody, read_wav_header};

/// How many `ID3v2` tags in a row are passed over.
const MAX_TAGS: usize = 16;

enum Decoder {
    Pcm(PcmStream),
    Packets(Box<PacketStream>),
}

/// Reads mono samples from a file, bytes or a stream, one block at a time, in bounded memory.
///
/// The format is told by content. Channels are averaged. What encoders added at the start and end (MP3 with a LAME
/// tag, Vorbis, AAC with an edit list) is trimmed. The samples are the same whether they come from a file or a stream.
pub struct AudioReader {
    decoder: Decoder,
    container: Container,
    /// Who reads it, where it is not we.
    other: Option<String>,
    block: Vec<f32>,
    /// The first block is decoded when opening, so that what cannot be decoded is refused there.
    first_is_ready: bool,
    frames: u64,
    finished: bool,
    limits: ReadLimits,
}

impl AudioReader {
    /// Opens a regular file and decodes its first block.
    ///
    /// # Errors
    /// [`AudioError`] when there is no such file, it is a directory, pipe or device, it is empty, not audio, of an
    /// unreadable kind, of a rate or channel count out of range, or nothing in it can be decoded.
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        Self::from_source(Source::open(path)?)
    }

    /// Reads from a stream that cannot be rewound, such as standard input; `name` stands for it in messages.
    ///
    /// MP4 and CAF with packets need to go back, so they are held in memory: at most 64 MiB.
    ///
    /// # Errors
    /// As [`AudioReader::open`], and [`AudioError::StreamTooLarge`].
    pub fn from_stream(source: Box<dyn Read + Send + Sync>, name: &str) -> Result<Self, AudioError> {
        Self::from_source(Source::from_stream(source, name))
    }

    /// Reads from bytes in memory, the caller's own or shared; `name` stands for them in messages.
    ///
    /// # Errors
    /// As [`AudioReader::open`].
    pub fn from_bytes(bytes: impl Into<Arc<Vec<u8>>>, name: &str) -> Result<Self, AudioError> {
        Self::from_source(Source::from_bytes(bytes.into(), name))
    }

    fn from_source(mut source: Source) -> Result<Self, AudioError> {
        let name = source.name().to_owned();
        let container = match find_container(&mut source)? {
            Found::Readable(container) => container,
            Found::Foreign(format, what) => {
                return Self::by_other_decoder(source.into_foreign(), format, &name, what);
            }
        };
        if container == Container::Mp4 {
            // Read so or so; and its codec, which is told later, may need another decoder.
            source.hold_in_memory(container.name())?;
        }
        let again = other_decoder().and_then(|_| source.again());
        match (
            Self::from_container(source, container),
            again,
            container.as_foreign(),
        ) {
            (Err(AudioError::Unsupported { what, .. }), Some(input), Some(format)) => {
                Self::by_other_decoder(input, format, &name, what)
            }
            (result, _, _) => result,
        }
    }

    fn from_container(source: Source, container: Container) -> Result<Self, AudioError> {
        let decoder = open_decoder(source, container)?;
        let mut reader = Self {
            decoder,
            container,
            other: None,
            block: Vec::new(),
            first_is_ready: false,
            frames: 0,
            finished: false,
            limits: ReadLimits::default(),
        };
        if !reader.decode_block()? {
            return Err(reader.nothing_decoded());
        }
        reader.first_is_ready = true;
        Ok(reader)
    }

    /// Sets what ends the reading early, from the next block on.
    pub fn limit(&mut self, limits: ReadLimits) {
        self.limits = limits;
    }

    /// Reads the WAV that another decoder makes of an input.
    fn by_other_decoder(
        input: ForeignInput,
        format: ForeignFormat,
        name: &str,
        what: String,
    ) -> Result<Self, AudioError> {
        let file = || name.to_owned();
        let Some(other) = other_decoder() else {
            return Err(AudioError::Unsupported { file: file(), what });
        };
        let refused = |reason| AudioError::OtherDecoder {
            file: file(),
            what: what.clone(),
            decoder: other.name().to_owned(),
            reason,
        };
        let wav = other.open(input, format).map_err(refused)?;
        let mut source = Source::from_stream(wav, name);
        let begins = source.peek(SNIFF_LEN).map_err(|error| refused(error.into()))?;
        if !matches!(sniff(&begins), Sniffed::Readable(Container::Wav)) {
            return Err(refused("it found no sound".into()));
        }
        let mut reader = Self::from_container(source, Container::Wav).map_err(|error| match error {
            AudioError::NoSamples { .. } => refused("it found no sound".into()),
            other => other,
        })?;
        reader.container = Container::Foreign(format);
        reader.other = Some(format!("read by {}", other.name()));
        Ok(reader)
    }

    /// The sample rate in Hz, from [`MIN_RATE_HZ`](super::MIN_RATE_HZ) to [`MAX_RATE_HZ`](super::MAX_RATE_HZ).
    #[must_use]
    pub fn rate_hz(&self) -> u32 {
        match &self.decoder {
            Decoder::Pcm(stream) => stream.layout().rate_hz,
            Decoder::Packets(stream) => stream.rate_hz(),
        }
    }

    /// The number of channels in the file, which are averaged.
    #[must_use]
    pub fn channels(&self) -> usize {
        match &self.decoder {
            Decoder::Pcm(stream) => stream.layout().channels,
            Decoder::Packets(stream) => stream.channels(),
        }
    }

    /// The file format, told by content.
    #[must_use]
    pub fn container(&self) -> Container {
        self.container
    }

    /// A short name of the codec, such as `pcm_s16le`, `mp3` or `aac`; or who reads it, where another decoder does.
    #[must_use]
    pub fn codec(&self) -> &str {
        if let Some(other) = &self.other {
            return other;
        }
        match &self.decoder {
            Decoder::Pcm(stream) => stream.layout().encoding.name(),
            Decoder::Packets(stream) => stream.codec(),
        }
    }

    /// How many samples the headers promise; they may lie, and ADTS, Ogg and some others promise nothing.
    #[must_use]
    pub fn declared_frames(&self) -> Option<u64> {
        match &self.decoder {
            Decoder::Pcm(stream) => {
                let layout = stream.layout();
                layout.data_len.map(|len| len / layout.frame_len() as u64)
            }
            Decoder::Packets(stream) => stream.declared_frames(),
        }
    }

    /// How many samples were handed out so far.
    #[must_use]
    pub fn frames_read(&self) -> u64 {
        self.frames
    }

    /// What had to be mended so far; complete once [`AudioReader::next_block`] has returned `None`.
    #[must_use]
    pub fn repairs(&self) -> Repairs {
        match &self.decoder {
            Decoder::Pcm(stream) => Repairs {
                skipped_packets: 0,
                ended_early: stream.ended_early(),
            },
            Decoder::Packets(stream) => stream.repairs(),
        }
    }

    /// Decodes the next mono samples: never empty, `None` at the end.
    ///
    /// Blocks have at most about 65 000 samples, as the format gives them; their sizes mean nothing.
    ///
    /// # Errors
    /// [`AudioError`] when reading fails, a float sample is not finite, the rate or channel count changes, or a limit
    /// of [`AudioReader::limit`] is met. After an error the reader is at its end.
    pub fn next_block(&mut self) -> Result<Option<&[f32]>, AudioError> {
        if self.limits.is_stopped() {
            (self.finished, self.first_is_ready) = (true, false);
            return Err(AudioError::Stopped {
                file: self.name().to_owned(),
            });
        }
        if self.first_is_ready {
            self.first_is_ready = false;
        } else if !self.decode_block()? {
            return Ok(None);
        }
        self.frames += self.block.len() as u64;
        if let Some(max_s) = self.limits.exceeded(self.frames, self.rate_hz()) {
            self.finished = true;
            return Err(self.too_long(max_s));
        }
        Ok(Some(&self.block))
    }

    /// Reads the rest into memory as a clip.
    ///
    /// # Errors
    /// As [`AudioReader::next_block`], and [`AudioError::TooLong`] when more than `max_duration_s` seconds follow.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float becomes the nearest limit"
    )]
    pub fn read_clip(&mut self, max_duration_s: f64) -> Result<Clip, AudioError> {
        let rate_hz = self.rate_hz();
        let rate = f64::from(rate_hz);
        let max_frames = (max_duration_s * rate).floor() as u64;
        let mut samples: Vec<f32> = Vec::new();
        while let Some(block) = self.next_block()? {
            if samples.len() as u64 + block.len() as u64 > max_frames {
                return Err(self.too_long(max_duration_s));
            }
            samples.extend_from_slice(block);
        }
        Ok(Clip { samples, rate_hz })
    }

    fn too_long(&self, max_s: f64) -> AudioError {
        let length_s = |frames: u64| frames as f64 / f64::from(self.rate_hz());
        let declared = self.declared_frames().map(length_s).filter(|s| *s > max_s);
        AudioError::TooLong {
            file: self.name().into(),
            length: declared.map_or_else(|| "longer".into(), |s| format!("{s:.1} s")),
            max_s,
        }
    }

    /// Fills `block`; false at the end.
    fn decode_block(&mut self) -> Result<bool, AudioError> {
        self.block.clear();
        if self.finished {
            return Ok(false);
        }
        // Set first, so that an error is the end too.
        self.finished = true;
        let more = match &mut self.decoder {
            Decoder::Pcm(stream) => stream.next_block(&mut self.block)?,
            Decoder::Packets(stream) => stream.next_block(&mut self.block)?,
        };
        // Without a branch in the loop it runs eight samples at a time.
        let finite = self
            .block
            .iter()
            .fold(true, |finite, sample| finite & (sample.abs() <= MAX_SAMPLE));
        if !finite {
            let at = self
                .block
                .iter()
                .position(|sample| !sample.is_finite() || sample.abs() > MAX_SAMPLE)
                .unwrap_or(0);
            return Err(not_finite(self.name(), self.frames + at as u64, self.rate_hz()));
        }
        self.finished = !more;
        Ok(more)
    }

    fn name(&self) -> &str {
        match &self.decoder {
            Decoder::Pcm(stream) => stream.name(),
            Decoder::Packets(stream) => stream.name(),
        }
    }

    fn nothing_decoded(&self) -> AudioError {
        let (file, container) = (self.name().to_owned(), self.container.name());
        match &self.decoder {
            Decoder::Packets(stream) if stream.repairs().skipped_packets > 0 => {
                let reason = match stream.last_fault() {
                    "" => "it breaks off before one packet is whole".into(),
                    fault => format!("not one packet could be decoded ({fault})"),
                };
                AudioError::Damaged {
                    file,
                    container,
                    reason,
                }
            }
            _ => AudioError::NoSamples { file, container },
        }
    }
}

/// What the first bytes say.
enum Found {
    Readable(Container),
    /// What only another decoder reads, in words.
    Foreign(ForeignFormat, String),
}

fn open_decoder(mut source: Source, container: Container) -> Result<Decoder, AudioError> {
    match container {
        Container::Wav | Container::Caf => open_plain_or_packets(source, container),
        Container::Aiff => {
            let layout = read_aiff_header(&mut source)?;
            Ok(Decoder::Pcm(PcmStream::new(source, layout)))
        }
        _ => Ok(Decoder::Packets(Box::new(PacketStream::open(source, container)?))),
    }
}

/// Opens a container that may hold plain samples, which are read here, or packets, which Symphonia reads.
fn open_plain_or_packets(mut source: Source, container: Container) -> Result<Decoder, AudioError> {
    let head = source.peek(SNIFF_LEN).map_err(|error| source.read_error(error))?;
    let layout = match container {
        Container::Wav => match read_wav_header(&mut source)? {
            WavBody::Pcm(layout) => Some(layout),
            WavBody::Adpcm => None,
        },
        _ => match read_caf_header(&mut source)? {
            CafBody::Pcm(layout) => Some(layout),
            CafBody::Packets => None,
        },
    };
    if let Some(layout) = layout {
        return Ok(Decoder::Pcm(PcmStream::new(source, layout)));
    }
    if source
        .rewind_with(&head)
        .map_err(|error| source.read_error(error))?
    {
        return Ok(Decoder::Packets(Box::new(PacketStream::open(source, container)?)));
    }
    let reason = format!("its packets begin behind the first {SNIFF_LEN} bytes of a stream");
    Err(AudioError::Damaged {
        file: source.name().into(),
        container: container.name(),
        reason,
    })
}

/// Passes over tags and tells the format.
fn find_container(source: &mut Source) -> Result<Found, AudioError> {
    let mut head = source.peek(SNIFF_LEN).map_err(|error| source.read_error(error))?;
    if head.is_empty() {
        return Err(AudioError::Empty {
            file: source.name().into(),
        });
    }
    for _ in 0..MAX_TAGS {
        let Some(len) = id3v2_len(&head) else { break };
        source.skip(len).map_err(|error| source.read_error(error))?;
        source.begin_here();
        head = source.peek(SNIFF_LEN).map_err(|error| source.read_error(error))?;
    }
    let file = source.name().to_owned();
    let container = match sniff(&head) {
        Sniffed::Readable(container) => container,
        Sniffed::Unreadable(what, Some(format)) => return Ok(Found::Foreign(format, what)),
        Sniffed::Unreadable(what, None) => return Err(AudioError::Unsupported { file, what }),
        Sniffed::Unknown(_) if head.is_empty() => {
            return Err(AudioError::NotAudio {
                file,
                begins: "a tag that nothing follows".into(),
            });
        }
        Sniffed::Unknown(begins) => return Err(AudioError::NotAudio { file, begins }),
    };
    let tagged = [Container::Mp3, Container::Mp2, Container::Adts, Container::Flac];
    if tagged.contains(&container) {
        cut_end_tags(source).map_err(|error| source.read_error(error))?;
    }
    Ok(Found::Readable(container))
}

/// Reads a whole file into memory as mono, at its own rate.
///
/// Use [`AudioReader::open`] and [`AudioReader::read_clip`] to learn what had to be mended.
///
/// # Errors
/// As [`AudioReader::open`] and [`AudioReader::next_block`]; [`AudioError::TooLong`] when the file lasts more than
/// `max_duration_s` seconds, found without reading further than that.
pub fn read_clip(path: &Path, max_duration_s: f64) -> Result<Clip, AudioError> {
    AudioReader::open(path)?.read_clip(max_duration_s)
}
