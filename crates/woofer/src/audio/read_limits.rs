//! What ends the reading of a recording early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What ends the reading of a recording early; nothing does by default.
#[derive(Debug, Clone, Default)]
pub struct ReadLimits {
    /// The longest recording, in seconds as it is decoded: what a header says does not count.
    pub max_duration_s: Option<f64>,
    /// Set from elsewhere, it stops the reading before the next block.
    pub stop: Option<Arc<AtomicBool>>,
}

impl ReadLimits {
    pub(super) fn is_stopped(&self) -> bool {
        self.stop
            .as_ref()
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// The longest duration, when so many samples are more.
    pub(super) fn exceeded(&self, frames: u64, rate_hz: u32) -> Option<f64> {
        self.max_duration_s
            .filter(|max_s| super::limits::seconds(frames, rate_hz) > *max_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{AudioError, AudioReader, wav_bytes};

    fn seconds_until_refused(samples: usize, limits: ReadLimits) -> (f64, Option<AudioError>) {
        let bytes = wav_bytes(&vec![0.1; samples], 16_000);
        let mut reader = AudioReader::from_bytes(bytes, "test.wav").unwrap();
        reader.limit(limits);
        let mut read = 0;
        loop {
            match reader.next_block() {
                Ok(Some(block)) => read += block.len(),
                Ok(None) => return (read as f64 / 16_000.0, None),
                Err(error) => {
                    assert!(matches!(
                        reader.next_block(),
                        Ok(None) | Err(AudioError::Stopped { .. })
                    ));
                    return (read as f64 / 16_000.0, Some(error));
                }
            }
        }
    }

    #[test]
    fn what_lasts_longer_than_allowed_is_refused_and_what_lasts_as_long_is_read() {
        let limits = || ReadLimits {
            max_duration_s: Some(10.0),
            stop: None,
        };
        assert!(matches!(seconds_until_refused(160_000, limits()), (10.0, None)));
        let (read, error) = seconds_until_refused(1_600_000, limits());
        assert!(read <= 10.0, "{read}");
        let message = error.unwrap().to_string();
        assert_eq!(
            message,
            "test.wav: lasts 100.0 s, which is more than the 10 s allowed"
        );
    }

    #[test]
    fn a_stop_from_elsewhere_ends_the_reading() {
        let stop = Arc::new(AtomicBool::new(true));
        let limits = ReadLimits {
            max_duration_s: None,
            stop: Some(stop),
        };
        let (read, error) = seconds_until_refused(160_000, limits);
        assert!(read < 0.1 && matches!(error, Some(AudioError::Stopped { .. })));
    }
}
