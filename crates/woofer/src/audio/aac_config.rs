//! What an AAC configuration asks for: MPEG-4 `AudioSpecificConfig` (ISO 14496-3, 1.6.2.1).

/// Reads bits, most significant first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    fn object_type(&mut self) -> Option<u32> {
        match self.take(5)? {
            31 => Some(32 + self.take(6)?),
            other => Some(other),
        }
    }

    fn rate(&mut self) -> Option<()> {
        if self.take(4)? == 15 {
            self.take(24)?;
        }
        Some(())
    }
}

/// Names the AAC variant when it is not plain AAC-LC in one or two channels; `None` when it is.
pub(super) fn unreadable_variant(config: &[u8]) -> Option<String> {
    let mut bits = Bits { bytes: config, at: 0 };
    let object_type = bits.object_type()?;
    match object_type {
        2 => {}
        5 => return Some("HE-AAC (AAC with SBR)".into()),
        29 => return Some("HE-AAC v2 (AAC with SBR and PS)".into()),
        other => {
            let name = match other {
                1 => "Main",
                3 => "SSR",
                4 => "LTP",
                23 => "LD",
                39 => "ELD",
                42 => "USAC (xHE-AAC)",
                _ => "unknown",
            };
            return Some(format!("AAC of object type {other} ({name})"));
        }
    }
    bits.rate()?;
    let channels = bits.take(4)?;
    if channels == 0 || channels > 2 {
        return Some(format!(
            "AAC in channel configuration {channels} (only 1 and 2 channels are readable)"
        ));
    }
    let short_frames = bits.take(1)? == 1;
    if short_frames {
        return Some("AAC with frames of 960 samples".into());
    }
    if bits.take(1)? == 1 {
        bits.take(14)?;
    }
    bits.take(1)?;
    // 0x2B7 announces an extension that old decoders do not see; object type 5 in it is SBR.
    let has_sbr = bits.take(11)? == 0x2B7 && bits.object_type()? == 5 && bits.take(1)? == 1;
    has_sbr.then(|| "HE-AAC (AAC with SBR)".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lc_is_readable() {
        assert_eq!(unreadable_variant(&[0x12, 0x10]), None);
        assert_eq!(unreadable_variant(&[0x12, 0x08, 0x56, 0xE5, 0x00]), None);
    }

    #[test]
    fn sbr_is_named_however_it_is_announced() {
        let named = Some("HE-AAC (AAC with SBR)".to_string());
        assert_eq!(unreadable_variant(&[0x2B, 0x8A, 0x08]), named);
        assert_eq!(unreadable_variant(&[0x13, 0x10, 0x56, 0xE5, 0x98]), named);
        assert!(unreadable_variant(&[0xEB, 0x8A, 0x08]).unwrap().contains("v2"));
    }

    #[test]
    fn surround_is_named() {
        assert!(
            unreadable_variant(&[0x12, 0x30])
                .unwrap()
                .contains("channel configuration 6")
        );
    }
}
