//! Compressed sound, packet by packet, through Symphonia.

use std::io;

use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;

use super::checks::{check_channels, check_rate, not_finite};
use super::error::AudioError;
use super::format::Container;
use super::frame_sync::{FrameHeader as _, MpegHeader};
use super::gap_filling::{GapFilling, Step};
use super::limits::seconds;
use super::mp4_boxes::survey_boxes;
use super::ogg_pages::Losses;
use super::repairs::Repairs;
use super::source::Source;
use super::symphonia_open::{Fault, Track, guard, open_format, open_track};

/// After so many failures in a row to find a packet, the rest of the file is given up.
const MAX_LOST_PACKETS: u64 = 256;

/// So many MPEG frames in a row of one other rate and channel count are a change; fewer are damage, since noise holds
/// what looks like a header of any kind.
const FRAMES_OF_A_CHANGE: u32 = 4;

/// Frames of silence that are handed out at a time.
const SILENCE_BLOCK: u64 = 65_536;

/// Compressed sound, packet by packet.
pub(super) struct PacketStream {
    name: String,
    container: Container,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: Track,
    codec: String,
    gaps: GapFilling,
    /// Frames of silence that come next, in place of what is missing.
    silence: u64,
    /// Another stream follows what comes next.
    restarts: bool,
    /// Rate and channels, once a packet has been decoded.
    spec: Option<(u32, usize)>,
    planes: Vec<Vec<f32>>,
    /// Frames beyond the stated length of the packet before: padding if nothing follows, sound otherwise.
    held: Vec<f32>,
    /// Frames that the edit list of an MP4 leaves out at the start.
    encoder_delay: u64,
    /// Those of them that are still to be left out.
    start_skip: u64,
    /// Frames decoded, with what was trimmed.
    decoded: u64,
    /// MPEG frames in a row of one other kind, and that kind.
    changed: Option<(MpegHeader, u32)>,
    repairs: Repairs,
    last_fault: String,
}

impl PacketStream {
    /// Reads the headers; the source stands at the start of the file.
    pub fn open(mut source: Source, container: Container) -> Result<Self, AudioError> {
        let name = source.name().to_owned();
        let mut sound = None;
        if matches!(container, Container::Mp4 | Container::Caf) {
            source.hold_in_memory(container.name())?;
            source.allow_seeking();
        }
        if container == Container::Mp4 {
            let survey = survey_boxes(&mut source).map_err(|error| source.read_error(error))?;
            sound = survey.sound;
            if survey.breaks_off && sound.is_some() {
                // Symphonia gives up a box that goes beyond the end of a file, and reads it in a stream.
                source.forbid_seeking();
            }
        }
        let budget = source.budget();
        let losses = Losses::default();
        let format = open_format(source, container, &losses)?;
        budget.lift();
        let (track, decoder) = open_track(format.as_ref(), &name, container, sound.as_ref())?;
        let codec = decoder.codec_info().short_name.to_owned();
        // Its time is counted in frames only if the clock of the track is the sample rate.
        let sound = sound.filter(|sound| Some(sound.timescale) == track.rate_hz);
        let encoder_delay = sound.map_or(0, |sound| sound.start_skip);
        Ok(Self {
            name,
            container,
            format,
            decoder,
            track,
            codec,
            gaps: GapFilling::new(losses),
            silence: 0,
            restarts: false,
            spec: None,
            planes: Vec::new(),
            held: Vec::new(),
            encoder_delay,
            start_skip: encoder_delay,
            decoded: 0,
            changed: None,
            repairs: Repairs::default(),
            last_fault: String::new(),
        })
    }

    /// Appends the next samples to `out`; false at the end.
    pub fn next_block(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        let mut lost = 0;
        while out.is_empty() {
            if self.fill(out)? {
                continue;
            }
            if std::mem::take(&mut self.restarts) {
                self.restart()?;
            }
            match guard(|| self.format.next_packet()) {
                Ok(Some(packet)) if packet.track_id != self.track.id => {}
                Ok(Some(packet)) => {
                    self.repairs.skipped_packets += lost;
                    lost = 0;
                    self.gaps.push(packet, self.rate_hz());
                }
                Ok(None) => {
                    if self.gaps.flush(self.rate_hz()) {
                        continue;
                    }
                    self.end(lost > 0);
                    return Ok(false);
                }
                Err(Fault::Symphonia(Error::IoError(error)))
                    if error.kind() == io::ErrorKind::UnexpectedEof =>
                {
                    if self.gaps.flush(self.rate_hz()) {
                        continue;
                    }
                    self.end(true);
                    return Ok(false);
                }
                Err(Fault::Symphonia(Error::IoError(source))) => {
                    return Err(AudioError::Read {
                        file: self.name.clone(),
                        source,
                    });
                }
                Err(Fault::Symphonia(Error::ResetRequired)) => {
                    // What was held back belongs to the decoder before.
                    self.gaps.flush(self.rate_hz());
                    self.restarts = true;
                }
                Err(fault) => {
                    self.last_fault = fault.to_string();
                    lost += 1;
                    if lost == MAX_LOST_PACKETS || matches!(fault, Fault::Panic) {
                        self.note_loss();
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    /// Appends what is known to come next, a packet or silence; false when another packet is wanted first.
    fn fill(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        if self.silence > 0 {
            let block = self.silence.min(SILENCE_BLOCK);
            out.resize(out.len() + usize::try_from(block).unwrap_or(0), 0.0);
            self.decoded += block;
            self.silence -= block;
            return Ok(true);
        }
        match self.gaps.next_step() {
            Some(Step::Packet(packet)) => self.decode(&packet, out)?,
            Some(Step::Lost(frames)) => {
                self.last_fault = "pages are missing".into();
                self.repairs.skipped_packets += 1;
                self.silence = frames;
            }
            None => return Ok(false),
        }
        Ok(true)
    }

    fn decode(&mut self, packet: &Packet, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let decoded = guard(|| {
            let audio = self.decoder.decode(packet)?;
            audio.copy_to_vecs_planar::<f32>(&mut self.planes);
            Ok((audio.spec().rate(), audio.spec().channels().count()))
        });
        let (rate_hz, channels) = match decoded {
            Ok(spec) => spec,
            Err(fault) => {
                self.find_change(packet)?;
                self.last_fault = fault.to_string();
                self.repairs.skipped_packets += 1;
                return Ok(());
            }
        };
        self.changed = None;
        match self.spec {
            None => {
                check_rate(&self.name, f64::from(rate_hz))?;
                check_channels(&self.name, channels as u64)?;
                self.spec = Some((rate_hz, channels));
            }
            Some(spec) if spec != (rate_hz, channels) => return Err(self.change(rate_hz, channels)),
            Some(_) => {}
        }
        let start = out.len();
        out.append(&mut self.held);
        let mixed = out.len();
        self.mix(out);
        if let Some(at) = out.iter().skip(mixed).position(|sample| !sample.is_finite()) {
            if self.track.holds_floats {
                return Err(not_finite(&self.name, self.decoded + at as u64, rate_hz));
            }
            // A codec that makes no number of a packet has met a damaged one.
            out.truncate(mixed);
            self.last_fault = "it decodes to no number".into();
            self.repairs.skipped_packets += 1;
            return Ok(());
        }
        let frames = out.len() - mixed;
        self.trim_end(packet, mixed, out);
        self.decoded += frames as u64;
        if self.start_skip > 0 {
            let skipped = (out.len() - start).min(usize::try_from(self.start_skip).unwrap_or(usize::MAX));
            out.drain(start..start + skipped);
            self.start_skip -= skipped as u64;
        }
        Ok(())
    }

    /// The mean of the channels in `planes`, appended to `out`.
    #[expect(clippy::cast_precision_loss, reason = "channels are few")]
    fn mix(&self, out: &mut Vec<f32>) {
        match self.planes.as_slice() {
            [] => {}
            [mono] => out.extend_from_slice(mono),
            [left, right] => out.extend(left.iter().zip(right).map(|(l, r)| l * 0.5 + r * 0.5)),
            [first, others @ ..] => {
                let share = 1.0 / self.planes.len() as f32;
                let start = out.len();
                out.extend(first.iter().map(|sample| sample * share));
                for plane in others {
                    let mixed = out.iter_mut().skip(start);
                    mixed.zip(plane).for_each(|(sum, sample)| *sum += sample * share);
                }
            }
        }
    }

    /// Leaves out the padding of the encoder at the end.
    fn trim_end(&mut self, packet: &Packet, mixed: usize, out: &mut Vec<f32>) {
        let frames = out.len() - mixed;
        let kept = match self.container {
            // Not trimmed by the decoder here: the number of frames in a Xing tag is wrong where files were joined.
            Container::Mp3 | Container::Mp2 => {
                let beyond = self.track.frames.is_some_and(|total| {
                    let past = total.saturating_add(self.track.padding);
                    packet.pts.get() >= past.try_into().unwrap_or(i64::MAX)
                });
                let front = usize::try_from(packet.trim_start.get())
                    .unwrap_or(usize::MAX)
                    .min(frames);
                let back = if beyond {
                    0
                } else {
                    usize::try_from(packet.trim_end.get()).unwrap_or(usize::MAX)
                };
                out.drain(mixed..mixed + front);
                out.truncate(mixed + (frames - front).saturating_sub(back));
                return;
            }
            Container::Mp4 if self.track.counts_frames => match usize::try_from(packet.dur.get()) {
                Ok(kept) if kept > 0 => kept.min(frames),
                _ => frames,
            },
            _ => frames,
        };
        self.held.extend(out.drain(mixed + kept..));
    }

    /// A stream that restarts, as joined Ogg files do.
    fn restart(&mut self) -> Result<(), AudioError> {
        let (track, decoder) = open_track(self.format.as_ref(), &self.name, self.container, None)?;
        (self.track.id, self.decoder) = (track.id, decoder);
        self.track.frames = None;
        Ok(())
    }

    /// Tells a change of the rate or channels in the middle of MPEG frames from damage.
    fn find_change(&mut self, packet: &Packet) -> Result<(), AudioError> {
        if !matches!(self.container, Container::Mp3 | Container::Mp2) {
            return Ok(());
        }
        let (Some(spec), Some(header)) = (self.spec, MpegHeader::parse(&packet.data)) else {
            return Ok(());
        };
        if (header.rate_hz, header.channels) == spec {
            self.changed = None;
            return Ok(());
        }
        let before = self.changed.filter(|(kind, _)| kind.is_kin(&header));
        let frames = 1 + before.map_or(0, |(_, frames)| frames);
        if frames == FRAMES_OF_A_CHANGE {
            return Err(self.change(header.rate_hz, header.channels));
        }
        self.changed = Some((header, frames));
        Ok(())
    }

    fn change(&self, new_rate_hz: u32, new_channels: usize) -> AudioError {
        let (rate_hz, channels) = self.spec.unwrap_or_default();
        let (file, at_s) = (self.name.clone(), seconds(self.decoded, rate_hz.max(1)));
        AudioError::FormatChanged {
            file,
            at_s,
            rate_hz,
            channels,
            new_rate_hz,
            new_channels,
        }
    }

    /// Notes whether the end came too early.
    fn end(&mut self, broke_off: bool) {
        if broke_off {
            self.note_loss();
            return;
        }
        // The frames in a Xing tag or a table of an MP4 may be a few too many.
        let slack = if self.container == Container::Flac {
            0
        } else {
            2304
        };
        let missing = self
            .track
            .frames
            .is_some_and(|frames| self.decoded.saturating_add(slack) < frames);
        self.repairs.ended_early |= missing && self.repairs.skipped_packets == 0;
    }

    fn note_loss(&mut self) {
        self.repairs.ended_early = true;
        if self.spec.is_none() {
            self.repairs.skipped_packets += 1;
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn codec(&self) -> &str {
        &self.codec
    }

    pub fn rate_hz(&self) -> u32 {
        self.spec
            .map(|(rate_hz, _)| rate_hz)
            .or(self.track.rate_hz)
            .unwrap_or(0)
    }

    pub fn channels(&self) -> usize {
        self.spec.map_or(0, |(_, channels)| channels)
    }

    pub fn declared_frames(&self) -> Option<u64> {
        self.track
            .frames
            .map(|frames| frames.saturating_sub(self.encoder_delay))
    }

    pub fn repairs(&self) -> Repairs {
        self.repairs
    }

    pub fn last_fault(&self) -> &str {
        &self.last_fault
    }
}
