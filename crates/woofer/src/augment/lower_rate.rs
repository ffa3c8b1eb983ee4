use crate::audio::resample;

/// Does `work` on a clip as it is at a lower rate, and brings the result back to the clip's rate and length.
///
/// At a rate that is not lower, `work` gets the clip as it is.
pub(super) fn at_lower_rate(samples: &mut [f32], rate_hz: u32, lower_hz: u32, work: impl FnOnce(&mut [f32])) {
    if lower_hz >= rate_hz {
        return work(samples);
    }
    let resampled = resample(samples, rate_hz, lower_hz).and_then(|mut lower| {
        work(&mut lower);
        resample(&lower, lower_hz, rate_hz)
    });
    // Both rates were checked when the chain was made.
    debug_assert!(resampled.is_ok(), "{resampled:?}");
    if let Ok(resampled) = resampled {
        // The lower rate may end up to one of its samples before the clip does.
        let (head, tail) = samples.split_at_mut(resampled.len().min(samples.len()));
        head.copy_from_slice(&resampled[..head.len()]);
        tail.fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_length_is_kept() {
        for n in [0, 1, 2, 3, 5, 999, 1_000, 1_001] {
            let mut samples = vec![0.5; n];
            at_lower_rate(&mut samples, 32_000, 8_000, |lower| {
                assert_eq!(lower.len(), (n + 2) / 4);
            });
            assert_eq!(samples.len(), n);
        }
    }

    #[test]
    fn a_rate_that_is_not_lower_leaves_the_clip_to_the_work() {
        let mut samples = [1.0, 2.0];
        at_lower_rate(&mut samples, 8_000, 8_000, |same| same[0] = 3.0);
        assert_eq!(samples.map(f32::to_bits), [3.0, 2.0].map(f32::to_bits));
    }
}
