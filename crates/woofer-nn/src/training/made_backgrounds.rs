use std::borrow::Cow;

use woofer::audio::resample;
use woofer::augment::Backgrounds;
use woofer::sounds::{SOUND_RATE_HZ, SoundKind, SoundMaker};

/// Told in the key of a cache: another number when sounds of one seed become others.
const SOUNDS_VERSION: u32 = 1;

/// How many sounds there are of each kind.
const SOUNDS: usize = 1 << 16;

/// Length of a sound, twice that of a segment.
const SAMPLES: usize = 10 * SOUND_RATE_HZ as usize;

/// Whose seeds nobody types, so that what is laid under clips is not what is learned beside them.
const TRAINED_SEEDS: u64 = 1 << 40;
const TESTED_SEEDS: u64 = 1 << 41;

/// Sounds of our own to lay under clips, made when they are asked for.
pub(super) struct MadeBackgrounds<'a> {
    maker: &'a SoundMaker,
    kinds: &'a [SoundKind],
    rate_hz: u32,
    first_seed: u64,
}

impl<'a> MadeBackgrounds<'a> {
    /// Those for copies that are only tested, or the others.
    pub(super) const fn new(
        maker: &'a SoundMaker,
        kinds: &'a [SoundKind],
        rate_hz: u32,
        tested: bool,
    ) -> Self {
        Self {
            maker,
            kinds,
            rate_hz,
            first_seed: if tested { TESTED_SEEDS } else { TRAINED_SEEDS },
        }
    }

    /// Tells what decides the sounds.
    pub(super) fn description(kinds: &[SoundKind]) -> String {
        format!("over made sounds {kinds:?} {SOUNDS_VERSION}")
    }
}

impl Backgrounds for MadeBackgrounds<'_> {
    fn count(&self) -> usize {
        self.kinds.len() * SOUNDS
    }

    fn samples(&self, index: usize) -> Cow<'_, [f32]> {
        let Some(kind) = self.kinds.get(index / SOUNDS) else {
            return Cow::Borrowed(&[]);
        };
        let sound = self
            .maker
            .make(*kind, self.first_seed + (index % SOUNDS) as u64, SAMPLES);
        if self.rate_hz == SOUND_RATE_HZ {
            return sound.into();
        }
        // Both rates are known to be allowed.
        resample(&sound, SOUND_RATE_HZ, self.rate_hz)
            .unwrap_or_default()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_share_and_tested_sounds_are_others() {
        let maker = SoundMaker::default();
        let kinds = [SoundKind::Fan, SoundKind::Water];
        let of = |tested| MadeBackgrounds::new(&maker, &kinds, SOUND_RATE_HZ, tested);
        assert_eq!(of(true).count(), 2 * SOUNDS);
        let expected = |kind, seed| maker.make(kind, seed, SAMPLES);
        let (trained, tested) = (of(false), of(true));
        assert_eq!(*trained.samples(3), expected(SoundKind::Fan, TRAINED_SEEDS + 3));
        assert_eq!(
            *tested.samples(SOUNDS + 3),
            expected(SoundKind::Water, TESTED_SEEDS + 3)
        );
        assert!(trained.samples(3) != tested.samples(3));
        assert!(tested.samples(2 * SOUNDS).is_empty());
    }

    #[test]
    fn sounds_come_at_the_rate_that_is_asked_for() {
        let maker = SoundMaker::default();
        let made = MadeBackgrounds::new(&maker, &[SoundKind::Hum], 16_000, false);
        assert_eq!(made.samples(0).len(), SAMPLES / 2);
        let none = MadeBackgrounds::new(&maker, &[], 16_000, false);
        assert_eq!(none.count(), 0);
    }
}
