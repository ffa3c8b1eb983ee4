//! What Symphonia does not tell of an MP4: the edit list and the codec's name (ISO 14496-12).

use std::io::{self, Read};

use super::source::Source;

/// The largest movie box that is looked into.
const MAX_MOOV_BYTES: u64 = 16 << 20;

/// What the first sound track says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SoundTrack {
    /// Frames that the encoder put in front, to be left out; in units of `timescale`.
    pub start_skip: u64,
    /// Units a second of the track.
    pub timescale: u32,
    /// Four letters that name the codec.
    pub codec: [u8; 4],
}

/// What the boxes of a file say, as far as they can be followed.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The first sound track, if the movie box could be found and understood.
    pub sound: Option<SoundTrack>,
    /// A box goes on beyond the end of the file.
    pub breaks_off: bool,
}

/// Follows the boxes of a file, cuts off what lies behind them and is none, and returns to the start.
pub(super) fn survey_boxes(source: &mut Source) -> io::Result<Survey> {
    let mut survey = Survey::default();
    let mut has_media = false;
    loop {
        let left_with_header = source.remaining().unwrap_or(0);
        let Some((kind, body_len)) = read_box_header(source)? else {
            break;
        };
        let left = source.remaining().unwrap_or(0);
        let holds_media = matches!(&kind, b"mdat" | b"moof");
        let is_box =
            holds_media || body_len <= left && kind.iter().all(|letter| (b' '..=b'~').contains(letter));
        if !is_box && has_media && survey.sound.is_some() {
            // An `ID3v1` tag or padding: all that is needed has been found.
            source.cut_end(left_with_header);
            break;
        }
        has_media |= holds_media;
        survey.breaks_off = body_len > left;
        if survey.breaks_off {
            break;
        }
        if &kind == b"moov" && survey.sound.is_none() && body_len <= MAX_MOOV_BYTES {
            let mut moov = Vec::new();
            source.by_ref().take(body_len).read_to_end(&mut moov)?;
            let mut tracks = boxes(&moov).filter(|(kind, _)| kind == b"trak");
            survey.sound = tracks.find_map(|(_, trak)| parse_track(trak));
        } else {
            source.skip(body_len)?;
        }
    }
    source.rewind_to_base()?;
    Ok(survey)
}

/// The kind of the next box and the length of its body; `None` at the end.
fn read_box_header(source: &mut Source) -> io::Result<Option<([u8; 4], u64)>> {
    let mut header = [0; 8];
    match source.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let [l0, l1, l2, l3, kind @ ..] = header;
    let body_len = match u64::from(u32::from_be_bytes([l0, l1, l2, l3])) {
        // The length follows in eight bytes.
        1 => {
            let mut long = [0; 8];
            if source.read_exact(&mut long).is_err() {
                return Ok(None);
            }
            u64::from_be_bytes(long).saturating_sub(16)
        }
        // The last box goes on to the end.
        0 => source.remaining().unwrap_or(0),
        len => len.saturating_sub(8),
    };
    Ok(Some((kind, body_len)))
}

fn parse_track(trak: &[u8]) -> Option<SoundTrack> {
    let media = child(trak, *b"mdia")?;
    let handler = child(media, *b"hdlr")?;
    if handler.get(8..12)? != b"soun" {
        return None;
    }
    let header = child(media, *b"mdhd")?;
    let timescale_at = if header.first()? == &1 { 20 } else { 12 };
    let timescale = u32_at(header, timescale_at)?;
    let description = child(child(child(media, *b"minf")?, *b"stbl")?, *b"stsd")?;
    let codec = description.get(12..16)?.try_into().ok()?;
    let edits = child(trak, *b"edts").and_then(|edits| child(edits, *b"elst"));
    Some(SoundTrack {
        start_skip: edits.and_then(first_media_time).unwrap_or(0),
        timescale,
        codec,
    })
}

/// Where the first edit that is not a pause begins in the media.
fn first_media_time(edits: &[u8]) -> Option<u64> {
    let long = edits.first()? == &1;
    let count = usize::try_from(u32_at(edits, 4)?).ok()?;
    let entries = edits.get(8..)?.chunks_exact(if long { 20 } else { 12 });
    entries.take(count).find_map(|entry| {
        let time = if long {
            i64::from_be_bytes(entry.get(8..16)?.try_into().ok()?)
        } else {
            i64::from(u32_at(entry, 4)?.cast_signed())
        };
        // -1 marks a pause.
        u64::try_from(time).ok()
    })
}

/// The boxes directly within these bytes.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let len = usize::try_from(u32_at(bytes, 0)?).ok()?.max(8);
        let kind = bytes.get(4..8)?;
        let body = bytes.get(8..len).or_else(|| bytes.get(8..))?;
        bytes = bytes.get(len..).unwrap_or_default();
        Some((kind, body))
    })
}

fn child(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    boxes(bytes)
        .find(|(found, _)| *found == kind)
        .map(|(_, body)| body)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
