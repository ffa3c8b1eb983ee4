use std::fmt;

use sha2::{Digest, Sha256};

use super::content_hash::ContentHash;
use crate::hexadecimal;
use crate::pipeline::Stretch;

/// Begins every hashed text; another version makes all keys others.
const PREFIX: &[u8] = b"woofer feature cache key 1\0";

/// Names one value of a [`super::FeatureCache`]; made of everything that decides the value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// The key of what is made of a stretch of a file under some settings.
    ///
    /// `settings` has to tell all that decides the value beside the file's bytes: what the value is, the
    /// [description](crate::features::FrontEnd::description) of the front end, the hash of a backbone's weights, a shift.
    #[must_use]
    pub fn new(content: &ContentHash, stretch: Stretch, settings: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(PREFIX);
        hasher.update(content.bytes());
        // Each part has a length of its own or one that is told: no two lists of parts are the same bytes.
        for time_s in [stretch.onset_s, stretch.offset_s] {
            hasher.update([u8::from(time_s.is_some())]);
            hasher.update(time_s.unwrap_or_default().to_bits().to_le_bytes());
        }
        hasher.update((settings.len() as u64).to_le_bytes());
        hasher.update(settings);
        Self(hasher.finalize().into())
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CacheKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn whatever_is_other_makes_another_key() {
        let contents = [&b""[..], b"a", b"b"].map(ContentHash::of_bytes);
        let times = [
            None,
            Some(0.0),
            Some(1.0),
            Some(f64::from_bits(1.0f64.to_bits() + 1)),
        ];
        let settings = [
            "",
            "samples at 32000 Hz",
            "samples at 16000 Hz",
            "samples at 32000 Hz\0",
        ];
        let mut keys = HashSet::new();
        for content in &contents {
            for onset_s in times {
                for offset_s in times {
                    for settings in settings {
                        keys.insert(CacheKey::new(content, Stretch { onset_s, offset_s }, settings));
                    }
                }
            }
        }
        assert_eq!(keys.len(), 3 * 4 * 4 * 4);
    }

    #[test]
    fn the_same_makes_the_same_key() {
        let key = || CacheKey::new(&ContentHash::of_bytes(b"a"), Stretch::default(), "s");
        assert_eq!(key(), key());
        let digits = key().to_string();
        assert!(
            digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
            "{digits}"
        );
    }
}
