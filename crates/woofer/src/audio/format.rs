//! What a file is, told by its first bytes.

use std::fmt;

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
    /// A format that is known and cannot be read.
    Unreadable(String),
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
            other => Sniffed::Unreadable(format!(
                "ADTS AAC of object type {other} (only LC, type 2, is readable)"
            )),
        };
    }
    if let Some(header) = find_frames::<MpegHeader>(head) {
        return match header.layer {
            3 => Sniffed::Readable(Container::Mp3),
            2 => Sniffed::Readable(Container::Mp2),
            _ => Sniffed::Unreadable("MPEG Layer I".into()),
        };
    }
    Sniffed::Unknown(quote_beginning(head))
}

fn sniff_magic(head: &[u8]) -> Option<Sniffed> {
    let form = head.get(8..12);
    let readable = |container| Some(Sniffed::Readable(container));
    let unreadable = |what: &str| Some(Sniffed::Unreadable(what.into()));
    match head {
        [b'R', b'I', b'F', b'F', ..] | [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => {
            match form {
                Some(b"WAVE") => readable(Container::Wav),
                Some(b"AVI ") => unreadable("an AVI film"),
                Some(b"WEBP") => unreadable("a WebP picture"),
                Some(b"RMID") => unreadable("MIDI notes"),
                Some(other) => Some(Sniffed::Unreadable(format!(
                    "RIFF of form {}",
                    other.escape_ascii()
                ))),
                None => None,
            }
        }
        [b'F', b'O', b'R', b'M', ..] => match form {
            Some(b"AIFF" | b"AIFC") => readable(Container::Aiff),
            Some(other) => Some(Sniffed::Unreadable(format!(
                "IFF of form {}",
                other.escape_ascii()
            ))),
            None => None,
        },
        [b'f', b'L', b'a', b'C', ..] => readable(Container::Flac),
        [b'c', b'a', b'f', b'f', ..] => readable(Container::Caf),
        [b'O', b'g', b'g', b'S', ..] => Some(sniff_ogg(head)),
        // QuickTime files may lack `ftyp` and start with another box.
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => readable(Container::Mp4),
        [_, _, _, _, b'm', b'o', b'o', b'v', ..] | [0, 0, 0, _, b'w', b'i', b'd', b'e', ..] => {
            unreadable("QuickTime without a type box")
        }
        _ => UNREADABLE
            .iter()
            .find(|(offset, magic, _)| head.get(*offset..).is_some_and(|rest| rest.starts_with(magic)))
            .map(|(_, _, what)| Sniffed::Unreadable((*what).into())),
    }
}

/// Formats that are known by a magic number at an offset, so that the message can name them.
const UNREADABLE: &[(usize, &[u8], &str)] = &[
    (0, &[0x1A, 0x45, 0xDF, 0xA3], "Matroska or WebM"),
    (
        0,
        &[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11],
        "Windows Media (WMA)",
    ),
    (0, b"RIFX", "big-endian WAV (RIFX)"),
    (0, b"riff\x2E\x91\xCF\x11", "Sony Wave64"),
    (0, b".snd", "Sun AU"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"TTA1", "True Audio"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"#!AMR", "AMR"),
    (0, b"DSD ", "DSD"),
    (0, b"FRM8", "DSD"),
    (0, b"ADIF", "AAC in ADIF"),
    (0, b"MThd", "MIDI notes"),
    (0, b"FLV\x01", "Flash video"),
    (0, &[0x00, 0x00, 0x01, 0xBA], "an MPEG program stream"),
    (0, b"#EXTM3U", "a playlist"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89PNG", "a PNG picture"),
    (0, &[0xFF, 0xD8, 0xFF], "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, &[0x1F, 0x8B], "gzip data"),
    (0, b"\x7FELF", "a program"),
    (0, b"SQLite format 3", "a database"),
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
    Sniffed::Unreadable(format!("Ogg with {codec}"))
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
        assert_eq!(sniff(&opus), Sniffed::Unreadable("Ogg with Opus".into()));
        assert_eq!(
            sniff(&[0x1A, 0x45, 0xDF, 0xA3, 0]),
            Sniffed::Unreadable("Matroska or WebM".into())
        );
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
