use super::capture::{capture, to_drawn_peak};
use super::kind::SoundKind;
use super::maker::SoundMaker;
use super::units::into_range;
use super::{alarm, appliance, beep, chime, fan, glass, home, hum, music, noise, silence, water};
use crate::augment::{Stream, StreamKey};

/// Keeps these random numbers apart from all others.
const PURPOSE: u64 = u64::from_le_bytes(*b"sounds\0\0");

impl SoundMaker {
    /// `n` samples at [`SOUND_RATE_HZ`](super::SOUND_RATE_HZ), each within -1 to 1: the sound as a microphone in a home hears it.
    ///
    /// Kinds but noise, silence and rooms get a peak of -30 to -1 dB of full scale; all of them but music, which comes as
    /// it is recorded close by, get a mild room before (sometimes none) and noise 15 to 50 dB below (sometimes none).
    #[must_use]
    pub fn make(&self, kind: SoundKind, seed: u64, n: usize) -> Vec<f32> {
        let mut samples = self.alone(kind, seed, n);
        let stream = &mut random_numbers(kind, seed, 1);
        match kind {
            SoundKind::Noise | SoundKind::Silence | SoundKind::Room => (),
            SoundKind::Music => to_drawn_peak(&mut samples, stream),
            _ => capture(&mut samples, self, stream),
        }
        into_range(&mut samples);
        samples
    }

    /// The sound itself, without room and noise, at whatever level it comes.
    fn alone(&self, kind: SoundKind, seed: u64, n: usize) -> Vec<f32> {
        let stream = &mut random_numbers(kind, seed, 0);
        match kind {
            SoundKind::SmokeAlarm => alarm::smoke_alarm(n, stream),
            SoundKind::CoAlarm => alarm::co_alarm(n, stream),
            SoundKind::DoorChime => chime::door_chime(n, self, stream),
            SoundKind::Beep => beep::beep(n, self, stream),
            SoundKind::Noise => noise::noise(n, self, stream),
            SoundKind::Hum => hum::hum(n, stream),
            SoundKind::Fan => fan::fan(n, self, stream),
            SoundKind::Silence => silence::silence(n, self, stream),
            SoundKind::Room => home::home(n, self, stream),
            SoundKind::Music => music::music(n, self, stream),
            SoundKind::Glass => glass::glass(n, self, stream),
            SoundKind::Water => water::water(n, self, stream),
            SoundKind::Appliance => appliance::appliance(n, self, stream),
        }
    }
}

fn random_numbers(kind: SoundKind, seed: u64, part: u64) -> Stream {
    StreamKey::new(seed, kind as u64, part).stream(PURPOSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sounds::units::peak;

    fn bits(kind: SoundKind, seed: u64, n: usize) -> Vec<u32> {
        let samples = SoundMaker::default().make(kind, seed, n);
        samples.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn a_seed_gives_the_same_bits_again_and_another_seed_others() {
        for kind in SoundKind::ALL {
            let n = 50_000;
            let first = bits(kind, 5, n);
            assert_eq!(first, bits(kind, 5, n), "{kind}");
            assert!((6..9).any(|seed| bits(kind, seed, n) != first), "{kind}");
        }
    }

    #[test]
    fn samples_are_finite_and_within_full_scale_for_any_length() {
        let maker = SoundMaker::default();
        for kind in SoundKind::ALL {
            for (seed, n) in (0..12).zip([0, 1, 2, 63, 32_000, 64_001].into_iter().cycle()) {
                let samples = maker.make(kind, seed, n);
                assert_eq!(samples.len(), n);
                assert!(
                    samples.iter().all(|x| (-1.0..=1.0).contains(x)),
                    "{kind} {seed} {n}"
                );
            }
        }
    }

    #[test]
    fn whatever_is_no_silence_is_heard_and_no_louder_than_its_level() {
        let maker = SoundMaker::default();
        let captured = [
            SoundKind::SmokeAlarm,
            SoundKind::CoAlarm,
            SoundKind::DoorChime,
            SoundKind::Beep,
            SoundKind::Hum,
            SoundKind::Fan,
            SoundKind::Music,
            SoundKind::Glass,
            SoundKind::Water,
            SoundKind::Appliance,
        ];
        for kind in captured {
            for seed in 0..16 {
                let db = 20.0 * peak(&maker.make(kind, seed, 96_000)).log10();
                // Noise 15 dB below adds up to two decibels to the peak.
                assert!((-30.1..=0.0).contains(&db), "{kind} {seed}: {db} dB");
            }
        }
    }
}
