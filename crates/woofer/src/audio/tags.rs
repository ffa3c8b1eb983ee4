//! Tags around raw frames, which hold no sound.

use super::source::Source;

/// The length of an `ID3v2` tag at the start (id3.org, ID3v2.4.0, 3.1).
pub(super) fn id3v2_len(head: &[u8]) -> Option<u64> {
    let &[b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = head else {
        return None;
    };
    let size = [a, b, c, d].iter().try_fold(0, |size, byte| {
        (*byte < 0x80).then_some(size << 7 | u64::from(*byte))
    })?;
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    Some(10 + size + footer)
}

/// Leaves out `ID3v1` and APE tags at the end of a file, whose pictures may look like frames, and which a FLAC reader
/// takes for a part of the last frame.
pub(super) fn cut_end_tags(source: &mut Source) -> std::io::Result<()> {
    if source.peek_end(128)?.is_some_and(|tag| tag.starts_with(b"TAG")) {
        source.cut_end(128);
    }
    if let Some(footer) = source
        .peek_end(32)?
        .filter(|footer| footer.starts_with(b"APETAGEX"))
    {
        let len = footer
            .get(12..16)
            .and_then(|len| len.try_into().ok())
            .map_or(0, u32::from_le_bytes);
        let has_header = footer.get(23).is_some_and(|flags| flags & 0x80 != 0);
        let header = if has_header { 32 } else { 0 };
        source.cut_end(u64::from(len) + header);
    }
    Ok(())
}
