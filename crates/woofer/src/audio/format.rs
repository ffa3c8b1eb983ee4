//! What a file is, told by its first bytes.

use std::fmt;

use super::foreign::ForeignFormat;
use super::frame_sync::{AdtsHeader, MpegHeader, find_frames};

/// The readable formats, for messages.
pub const READABLE: &str =
    "WAV, AIFF, FLAC, MP3, MP2, Ogg Vorbis or FLAC, M4A or MP4 with AAC-LC or ALAC, ADTS AAC-LC and CAF";

/// How many bytes [`sniff`] wants to see; fewer are fine when there are no more.
pub(super) const SNIFF_LEN: usize = 64 * 1024;

/// A file format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Container {
    /// RIFF WAVE, RF64 and BW64.
    Wav,
    /// AIFF and AIFF-C.
    Aiff,
    /// Native FLAC.
    Flac,
    /// An MPEG-1 or MPEG-2 Layer II stream.
    Mp2,
    /// An MPEG-1, MPEG-2 or MPEG-2.5 Layer III stream.
    Mp3,
    /// Ogg with Vorbis or FLAC.
    Ogg,
    /// ISO base media: M4A, MP4, MOV.
    Mp4,
    /// AAC in an ADTS stream.
    Adts,
    /// Apple's Core Audio Format.
    Caf,
    /// A format that was read by another decoder.
    Foreign(ForeignFormat),
}

impl Container {
    /// The name for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Aiff => "AIFF",
            Self::Flac => "FLAC",
            Self::Mp2 => "MP2",
            Self::Mp3 => "MP3",
            Self::Ogg => "Ogg",
            Self::Mp4 => "MP4",
            Self::Adts => "ADTS",
            Self::Caf => "CAF",
            Self::Foreign(format) => format.name(),
        }
    }

    /// What it is called when its codec is none of ours.
    pub(super) const fn as_foreign(self) -> Option<ForeignFormat> {
        match self {
            Self::Wav => Some(ForeignFormat::Wav),
            Self::Aiff => Some(ForeignFormat::Aiff),
            Self::Mp2 | Self::Mp3 => Some(ForeignFormat::MpegAudio),
            Self::Ogg => Some(ForeignFormat::Ogg),
            Self::Mp4 => Some(ForeignFormat::Mp4),
            Self::Adts => Some(ForeignFormat::Adts),
            Self::Caf => Some(ForeignFormat::Caf),
            Self::Flac | Self::Foreign(_) => None,
        }
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the first bytes say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sniffed {
    /// A format that can be read.
    Readable(Container),
    /// A format that is known and cannot be read here; another decoder may know it if there is sound in it.
    Unreadable(String, Option<ForeignFormat>),
    /// Nothing known; how it begins, quoted.
    Unknown(String),
}

/// Tells the format of a file by its first bytes, at most [`SNIFF_LEN`] of them.
pub(super) fn sniff(head: &[u8]) -> Sniffed {
    if let Some(known) = sniff_magic(head) {
        return known;
    }
    // Raw frames have no magic number and may follow some padding, so they come last.
    if let Some(header) = find_frames::<AdtsHeader>(head) {
        return match header.object_type {
            2 => Sniffed::Readable(Container::Adts),
            other => Sniffed::Unreadable(
                format!("ADTS AAC of object type {other} (only LC, type 2, is readable)"),
                Some(ForeignFormat::Adts),
            ),
        };
    }
    if let Some(header) = find_frames::<MpegHeader>(head) {
        return match header.layer {
            3 => Sniffed::Readable(Container::Mp3),
            2 if !header.is_readable_bit_rate() => unusual_mp2(&header),
            2 => Sniffed::Readable(Container::Mp2),
            _ => Sniffed::Unreadable("MPEG Layer I".into(), Some(ForeignFormat::MpegAudio)),
        };
    }
    Sniffed::Unknown(quote_beginning(head))
}

fn unusual_mp2(header: &MpegHeader) -> Sniffed {
    let (channels, readable) = match header.channels {
        1 => ("one channel", "at most 192 kbit/s are readable there"),
        _ => (
            "two channels",
            "64 kbit/s and from 96 kbit/s on are readable there",
        ),
    };
    let what = format!("MP2 of {} kbit/s in {channels} ({readable})", header.kbit_s);
    Sniffed::Unreadable(what, Some(ForeignFormat::MpegAudio))
}

fn sniff_magic(head: &[u8]) -> Option<Sniffed> {
    let form = head.get(8..12);
    let readable = |container| Some(Sniffed::Readable(container));
    let unreadable = |what: &str| Some(Sniffed::Unreadable(what.into(), None));
    let foreign = |format: ForeignFormat, what: &str| Some(Sniffed::Unreadable(what.into(), Some(format)));
    match head {
        [b'R', b'I', b'F', b'F', ..] | [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => {
            match form {
                Some(b"WAVE") => readable(Container::Wav),
                Some(b"AVI ") => foreign(ForeignFormat::Avi, "an AVI film"),
                Some(b"WEBP") => unreadable("a WebP picture"),
                Some(b"RMID") => unreadable("MIDI notes"),
                Some(other) => unreadable(&format!("RIFF of form {}", other.escape_ascii())),
                None => None,
            }
        }
        [b'F', b'O', b'R', b'M', ..] => match form {
            Some(b"AIFF" | b"AIFC") => readable(Container::Aiff),
            Some(other) => unreadable(&format!("IFF of form {}", other.escape_ascii())),
            None => None,
        },
        [b'f', b'L', b'a', b'C', ..] => readable(Container::Flac),
        [b'c', b'a', b'f', b'f', ..] => readable(Container::Caf),
        [b'O', b'g', b'g', b'S', ..] => Some(sniff_ogg(head)),
        // QuickTime files may lack `ftyp` and start with another box.
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => readable(Container::Mp4),
        [_, _, _, _, b'm', b'o', b'o', b'v', ..] | [0, 0, 0, _, b'w', b'i', b'd', b'e', ..] => {
            foreign(ForeignFormat::Mp4, "QuickTime without a type box")
        }
        _ => UNREADABLE
            .iter()
            .find(|(offset, magic, _, _)| head.get(*offset..).is_some_and(|rest| rest.starts_with(magic)))
            .map(|(_, _, format, what)| Sniffed::Unreadable((*what).into(), *format))
            .or_else(|| is_transport_stream(head).then(transport_stream)),
    }
}

/// Whether packets of 188 bytes begin with their sync byte, as far as is seen: four of them at least.
///
/// Source: ISO/IEC 13818-1, 2.4.3.2.
fn is_transport_stream(head: &[u8]) -> bool {
    let packets = head.iter().step_by(188).take(16);
    packets.len() >= 4 && packets.clone().all(|byte| *byte == 0x47)
}

fn transport_stream() -> Sniffed {
    Sniffed::Unreadable(
        "an MPEG transport stream".into(),
        Some(ForeignFormat::MpegTransport),
    )
}

/// Formats that are known by a magic number at an offset, so that the message can name them.
const UNREADABLE: &[(usize, &[u8], Option<ForeignFormat>, &str)] = &[
    (
        0,
        &[0x1A, 0x45, 0xDF, 0xA3],
        Some(ForeignFormat::Matroska),
        "Matroska or WebM",
    ),
    (
        0,
        &[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11],
        Some(ForeignFormat::Asf),
        "Windows Media (WMA)",
    ),
    (0, b"RIFX", Some(ForeignFormat::Wav), "big-endian WAV (RIFX)"),
    (
        0,
        b"riff\x2E\x91\xCF\x11",
        Some(ForeignFormat::Wave64),
        "Sony Wave64",
    ),
    (0, b".snd", Some(ForeignFormat::Au), "Sun AU"),
    (0, b"wvpk", Some(ForeignFormat::WavPack), "WavPack"),
    (0, b"MAC ", Some(ForeignFormat::MonkeysAudio), "Monkey's Audio"),
    (0, b"TTA1", Some(ForeignFormat::TrueAudio), "True Audio"),
    (0, b"MPCK", Some(ForeignFormat::Musepack8), "Musepack"),
    (0, b"MP+", Some(ForeignFormat::Musepack7), "Musepack"),
    (0, b"#!AMR", Some(ForeignFormat::Amr), "AMR"),
    (0, b"DSD ", None, "DSD"),
    (0, b"FRM8", None, "DSD"),
    (0, b"ADIF", None, "AAC in ADIF"),
    (0, b"MThd", None, "MIDI notes"),
    (0, b"FLV\x01", Some(ForeignFormat::Flv), "Flash video"),
    (
        0,
        &[0x00, 0x00, 0x01, 0xBA],
        Some(ForeignFormat::MpegProgram),
        "an MPEG program stream",
    ),
    (0, b"#EXTM3U", None, "a playlist"),
    (0, b"%PDF", None, "a PDF document"),
    (0, b"\x89PNG", None, "a PNG picture"),
    (0, &[0xFF, 0xD8, 0xFF], None, "a JPEG picture"),
    (0, b"GIF8", None, "a GIF picture"),
    (0, b"PK\x03\x04", None, "a ZIP archive"),
    (0, &[0x1F, 0x8B], None, "gzip data"),
    (0, b"\x7FELF", None, "a program"),
    (0, b"SQLite format 3", None, "a database"),
];

/// The codec of an Ogg file, from the packets that begin its streams.
fn sniff_ogg(head: &[u8]) -> Sniffed {
    // The first pages hold one identification packet each, so each magic lies near the start.
    let start = head.get(..4096).unwrap_or(head);
    let has = |magic: &[u8]| start.windows(magic.len()).any(|window| window == magic);
    if has(b"\x01vorbis") || has(b"\x7FFLAC") {
        return Sniffed::Readable(Container::Ogg);
    }
    let codec = [
        (&b"OpusHead"[..], "Opus"),
        (b"Speex   ", "Speex"),
        (b"\x80theora", "Theora video without sound"),
        (b"CELT    ", "CELT"),
        (b"PCM     ", "PCM"),
    ]
    .iter()
    .find(|(magic, _)| has(magic))
    .map_or("an unknown codec", |(_, name)| name);
    Sniffed::Unreadable(format!("Ogg with {codec}"), Some(ForeignFormat::Ogg))
}

/// The first words of a text, or the first bytes in hexadecimal.
fn quote_beginning(head: &[u8]) -> String {
    const WORDS: usize = 40;
    let start = head.get(..4 * WORDS).unwrap_or(head);
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The cut may have split a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => "",
    };
    let is_text = !text.is_empty() && text.chars().all(|c| !c.is_control() || c.is_ascii_whitespace());
    if is_text {
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = words.chars().take(WORDS).collect();
        let dots = if cut.len() < words.len() || head.len() > start.len() {
            "..."
        } else {
            ""
        };
        return format!("text \"{cut}{dots}\"");
    }
    let bytes: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("bytes {}", bytes.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_and_cut() {
        let text = "hello there, this is no sound at all but a long line of words\n".repeat(9);
        let Sniffed::Unknown(begins) = sniff(text.as_bytes()) else {
            panic!("text was taken for audio")
        };
        assert_eq!(begins, "text \"hello there, this is no sound at all but...\"");
    }

    #[test]
    fn bytes_are_shown_in_hexadecimal() {
        assert_eq!(
            sniff(&[0, 1, 2, 0xFE]),
            Sniffed::Unknown("bytes 00 01 02 fe".into())
        );
        assert_eq!(sniff(&[]), Sniffed::Unknown("bytes ".into()));
    }

    #[test]
    fn opus_and_webm_are_named() {
        let opus = [b"OggS".as_slice(), &[0; 24], b"OpusHead"].concat();
        let unreadable = |what: &str, format| Sniffed::Unreadable(what.into(), Some(format));
        assert_eq!(sniff(&opus), unreadable("Ogg with Opus", ForeignFormat::Ogg));
        assert_eq!(
            sniff(&[0x1A, 0x45, 0xDF, 0xA3, 0]),
            unreadable("Matroska or WebM", ForeignFormat::Matroska)
        );
    }

    #[test]
    fn a_transport_stream_is_told_by_several_packets() {
        let mut stream = vec![0; 188 * 5];
        for byte in stream.iter_mut().step_by(188) {
            *byte = 0x47;
        }
        assert_eq!(sniff(&stream), transport_stream());
        assert!(matches!(sniff(&stream[..188 * 3]), Sniffed::Unknown(_)));
        stream[188] = 0;
        assert!(matches!(sniff(&stream), Sniffed::Unknown(_)));
    }

    #[test]
    fn every_readable_container_is_in_the_message() {
        for container in [
            Container::Wav,
            Container::Aiff,
            Container::Flac,
            Container::Mp2,
            Container::Mp3,
            Container::Ogg,
            Container::Mp4,
            Container::Adts,
            Container::Caf,
        ] {
            assert!(READABLE.contains(container.name()), "{container}");
        }
    }
}
