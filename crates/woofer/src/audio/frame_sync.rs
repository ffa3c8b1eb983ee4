//! Headers of raw frames: MPEG audio (ISO 11172-3, 13818-3) and ADTS (ISO 13818-7).

/// A frame header that says where the next frame begins.
pub(super) trait FrameHeader: Sized + PartialEq {
    /// Bytes that [`FrameHeader::parse`] needs.
    const LEN: usize;
    /// Reads a header at the start of `bytes`; `None` when there is none.
    fn parse(bytes: &[u8]) -> Option<Self>;
    /// Length of the frame with its header, in bytes.
    fn frame_len(&self) -> usize;
    /// True when both can belong to one stream.
    fn is_kin(&self, other: &Self) -> bool;
}

/// An MPEG audio frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MpegHeader {
    pub layer: u8,
    pub rate_hz: u32,
    pub channels: usize,
    pub kbit_s: u32,
    frame_len: usize,
}

impl MpegHeader {
    /// Whether Symphonia reads frames of this bit rate: it holds MPEG-2 too to what MPEG-1 Layer II allows for one
    /// channel and for two (ISO 11172-3, 2.4.2.3).
    pub fn is_readable_bit_rate(&self) -> bool {
        match (self.layer, self.channels) {
            (2, 1) => self.kbit_s <= 192,
            (2, _) => ![32, 48, 56, 80].contains(&self.kbit_s),
            _ => true,
        }
    }
}

/// Kilobits a second: rows are MPEG-1 Layers I, II, III, then MPEG-2 Layer I, then MPEG-2 Layers II and III.
const BIT_RATES: [[u32; 14]; 5] = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

impl FrameHeader for MpegHeader {
    const LEN: usize = 4;

    fn parse(bytes: &[u8]) -> Option<Self> {
        let &[sync, version_layer, rates, mode, ..] = bytes else {
            return None;
        };
        if sync != 0xFF || version_layer & 0xE0 != 0xE0 {
            return None;
        }
        let divisor = match (version_layer >> 3) & 3 {
            3 => 1,
            2 => 2,
            0 => 4,
            _ => return None,
        };
        let layer = match (version_layer >> 1) & 3 {
            3 => 1,
            2 => 2,
            1 => 3,
            _ => return None,
        };
        let rate_hz = [44_100, 48_000, 32_000].get(usize::from((rates >> 2) & 3))? / divisor;
        let row = match (divisor, layer) {
            (1, layer) => usize::from(layer) - 1,
            (_, 1) => 3,
            _ => 4,
        };
        // Index 0 is "free format", whose length is not in the header.
        let column = usize::from(rates >> 4).checked_sub(1)?;
        let kbit_s = *BIT_RATES.get(row)?.get(column)?;
        let bit_rate = kbit_s * 1000;
        let padding = u32::from((rates >> 1) & 1);
        let frame_len = match (layer, divisor) {
            (1, _) => (12 * bit_rate / rate_hz + padding) * 4,
            (3, 2 | 4) => 72 * bit_rate / rate_hz + padding,
            _ => 144 * bit_rate / rate_hz + padding,
        };
        let channels = if mode >> 6 == 3 { 1 } else { 2 };
        Some(Self {
            layer,
            rate_hz,
            channels,
            kbit_s,
            frame_len: usize::try_from(frame_len).ok()?,
        })
    }

    fn frame_len(&self) -> usize {
        self.frame_len
    }

    fn is_kin(&self, other: &Self) -> bool {
        (self.layer, self.rate_hz, self.channels) == (other.layer, other.rate_hz, other.channels)
    }
}

/// An ADTS frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AdtsHeader {
    /// MPEG-4 audio object type: 1 Main, 2 LC, 3 SSR, 4 LTP.
    pub object_type: u8,
    rate_index: u8,
    frame_len: usize,
}

impl FrameHeader for AdtsHeader {
    const LEN: usize = 7;

    fn parse(bytes: &[u8]) -> Option<Self> {
        let &[sync, id, format, len_high, len_mid, len_low, _, ..] = bytes else {
            return None;
        };
        if sync != 0xFF || id & 0xF6 != 0xF0 {
            return None;
        }
        let rate_index = (format >> 2) & 15;
        let frame_len =
            usize::from(len_high & 3) << 11 | usize::from(len_mid) << 3 | usize::from(len_low >> 5);
        (rate_index < 13 && frame_len > Self::LEN).then_some(Self {
            object_type: (format >> 6) + 1,
            rate_index,
            frame_len,
        })
    }

    fn frame_len(&self) -> usize {
        self.frame_len
    }

    fn is_kin(&self, other: &Self) -> bool {
        (self.object_type, self.rate_index) == (other.object_type, other.rate_index)
    }
}

/// Finds the first frame of a stream of frames that follow each other without a gap.
///
/// At the very start two in a row are enough, or one that reaches the end of `head`. Further on, past some padding,
/// four are asked for: noise must not pass for a stream.
pub(super) fn find_frames<H: FrameHeader>(head: &[u8]) -> Option<H> {
    (0..head.len().saturating_sub(H::LEN)).find_map(|start| {
        let first = H::parse(head.get(start..)?)?;
        let wanted = if start == 0 { 2 } else { 4 };
        let mut at = start;
        let mut seen = 0;
        while seen < wanted {
            let rest = head.get(at..).unwrap_or_default();
            if rest.len() < H::LEN {
                // What is there fits; at the start nothing more can be asked of a file of one frame.
                return (start == 0 && seen > 0).then_some(first);
            }
            let header = H::parse(rest)?;
            if !header.is_kin(&first) {
                return None;
            }
            at += header.frame_len();
            seen += 1;
        }
        Some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MPEG-1 Layer III, 128 kbit/s, 44100 Hz, joint stereo: 417 bytes.
    const MP3: [u8; 4] = [0xFF, 0xFB, 0x90, 0x44];

    fn frames(n: usize) -> Vec<u8> {
        let mut frame = MP3.to_vec();
        frame.resize(417, 0);
        frame.repeat(n)
    }

    #[test]
    fn an_mp3_header_gives_rate_channels_and_length() {
        let header = MpegHeader::parse(&MP3).unwrap();
        assert_eq!(
            (header.layer, header.rate_hz, header.channels, header.frame_len),
            (3, 44_100, 2, 417)
        );
    }

    #[test]
    fn frames_are_found_behind_padding_but_not_in_noise() {
        assert!(find_frames::<MpegHeader>(&frames(2)).is_some());
        assert!(find_frames::<MpegHeader>(&[vec![0; 99], frames(5)].concat()).is_some());
        assert!(find_frames::<MpegHeader>(&[vec![0; 99], frames(1), vec![0; 999]].concat()).is_none());
        assert!(find_frames::<MpegHeader>(&[0xFF; 4096]).is_none());
        assert!(find_frames::<AdtsHeader>(&frames(4)).is_none());
    }
}
