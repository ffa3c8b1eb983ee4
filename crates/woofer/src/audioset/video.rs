use std::fmt;
use std::str::FromStr;

use super::time::{Ms, parse_whole_ms};

/// The id of a YouTube video: eleven letters, digits, `-` and `_`.
///
/// Since nothing else is in it, it can stand in an address and in a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VideoId([u8; 11]);

impl VideoId {
    /// The id in these bytes; none if they are no id.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let id: [u8; 11] = bytes.try_into().ok()?;
        let good = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        id.iter().all(good).then_some(Self(id))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII is let in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for VideoId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::from_bytes(text.as_bytes())
            .ok_or_else(|| format!("{text:?} is no video id; one has 11 letters, digits, - and _"))
    }
}

impl fmt::Display for VideoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name of a ten-second clip of AudioSet: a video and where the clip begins in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId {
    /// The video.
    pub video: VideoId,
    /// Where the clip begins in the video.
    pub start_ms: Ms,
}

impl SegmentId {
    /// Reads `<video id>_<start in ms>`, as the strong tables write it. The id itself may have underscores.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (video, rest) = bytes.split_at_checked(11)?;
        let (underscore, start) = rest.split_first()?;
        if *underscore != b'_' {
            return None;
        }
        Some(Self {
            video: VideoId::from_bytes(video)?,
            start_ms: parse_whole_ms(start)?,
        })
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.video, self.start_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_may_begin_with_a_dash_and_have_underscores() {
        for (text, video, start_ms) in [
            ("b0RFKhbpFJA_30000", "b0RFKhbpFJA", 30_000),
            ("-0Gj8-vB1q4_0", "-0Gj8-vB1q4", 0),
            ("_x_y_z_1_2__100", "_x_y_z_1_2_", 100),
            ("__________1_5", "__________1", 5),
        ] {
            let segment = SegmentId::from_bytes(text.as_bytes()).unwrap();
            assert_eq!((segment.video.as_str(), segment.start_ms), (video, start_ms));
            assert_eq!(segment.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_segment_is_refused() {
        for text in [
            "",
            "b0RFKhbpFJA",
            "b0RFKhbpFJA_",
            "b0RFKhbpFJA-30000",
            "b0RFKhbpFJA_30.0",
            "b0RFKhbpFJA_-1",
            "b0RFKhbpFJA_99999999999",
            "b0RFKhbpFJ_30000",
            "../../../etc_0",
            "b0RFKhbpF A_0",
            "b0RFKhbpFJÄ_0",
        ] {
            assert_eq!(SegmentId::from_bytes(text.as_bytes()), None, "{text}");
        }
    }
}
