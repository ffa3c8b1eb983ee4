//! From a sound to what a microphone in a home hears of it.

use super::maker::{SOUND_RATE_HZ, SoundMaker};
use super::noise::add_noise;
use super::units::{RATE, amplitude, into_range, to_peak};
use crate::augment::{PowerLaw, Reverberation, Stream, active_power};

/// How often there is a room, and how often noise.
const ROOM_SHARE: f64 = 0.7;
const NOISE_SHARE: f64 = 0.75;

/// A furnished room, not far from the sound.
const ROOM: Reverberation = Reverberation {
    probability: ROOM_SHARE,
    min_rt60_s: 0.15,
    max_rt60_s: 0.7,
    min_drr_db: 0.0,
    max_drr_db: 15.0,
};

/// Puts a sound into a room, at a level, with noise around.
pub(super) fn capture(samples: &mut [f32], maker: &SoundMaker, stream: &mut Stream) {
    if stream.chance(ROOM.probability) {
        ROOM.apply(samples, SOUND_RATE_HZ, &maker.plans, stream);
    }
    to_drawn_peak(samples, stream);
    if stream.chance(NOISE_SHARE) {
        let law = PowerLaw {
            beta: stream.between(0.0, 2.0),
            lowest: 20.0 / RATE,
        };
        let below = amplitude(-stream.between(15.0, 50.0));
        let level = active_power(samples, SOUND_RATE_HZ).sqrt() * below;
        add_noise(samples, law, level, maker, stream);
        into_range(samples);
    }
}

/// Brings a sound to a peak that a microphone may hear it at.
pub(super) fn to_drawn_peak(samples: &mut [f32], stream: &mut Stream) {
    to_peak(samples, amplitude(stream.between(-30.0, -1.0)));
}
