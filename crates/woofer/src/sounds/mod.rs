//! Sounds that Woofer makes itself: alarms, door chimes, breaking glass, music, and the noises of a home that must not be
//! taken for any of them.
//!
//! ```text
//! kind, seed -> the sound itself -> room, level, noise -> samples
//! ```
//!
//! A sound is a function of its [`SoundKind`], its seed and its length, the same to the bit on one kind of machine. No
//! recording goes into it, so that what is learnt or measured with it belongs to whoever makes it.

mod alarm;
mod alarm_voice;
mod appliance;
mod beep;
mod cadence;
mod canvas;
mod capture;
mod chime;
mod drum;
mod fan;
mod filter;
mod glass;
mod home;
mod home_events;
mod home_motion;
mod hum;
mod instrument;
mod kind;
mod maker;
mod making;
mod music;
mod noise;
mod silence;
mod struck;
mod telephone;
mod tone;
mod units;
mod water;

#[cfg(test)]
mod measure;

pub use kind::{SoundKind, UnknownSoundKind};
pub use maker::{SOUND_RATE_HZ, SoundMaker};
