use super::snr::energy;
use super::stream::Stream;

/// Nothing comes back before this time: the nearest wall is 35 cm away.
const FIRST_REFLECTION_S: f64 = 0.002;
/// Early reflections that stand out from the tail.
const EARLY_REFLECTIONS: usize = 8;
/// They come within this time, or a fifth of the reverberation time if that is less.
const EARLY_S: f64 = 0.05;
/// All of them carry this part of the energy that the tail has in that time; more would bend the fall.
const EARLY_PART: f64 = 0.25;

/// A room as one hears it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Reverberation time: seconds in which the sound falls by 60 dB.
    pub rt60_s: f64,
    /// Energy of the direct sound against all that comes later, in decibels.
    pub drr_db: f64,
}

/// The impulse response of a made-up room: direct sound of 1 at time 0, early reflections, and a tail.
///
/// The tail is noise that falls by 60 dB in [`Room::rt60_s`] seconds (J. A. Moorer, "About this reverberation
/// business", Computer Music Journal 3(2), 1979), and ends there. Early reflections are single samples of either sign
/// at random times under the same curve.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times and lengths above 0; computed in f64, kept in f32"
)]
pub fn room_response(room: Room, rate_hz: u32, stream: &mut Stream) -> Vec<f32> {
    let rate = f64::from(rate_hz);
    let length = (room.rt60_s * rate).ceil() as usize;
    let first = (FIRST_REFLECTION_S * rate).ceil() as usize;
    let mut response = vec![0.0f32; length.max(first + 2)];
    // 60 dB are a factor of 1000 in amplitude.
    let fall = |t: usize| (-(1_000f64.ln()) * t as f64 / (room.rt60_s * rate)).exp();

    let decay = fall(1) as f32;
    let mut amplitude = fall(first) as f32;
    for slots in response[first..].chunks_mut(2) {
        let normals = <[f32; 2]>::from(stream.normal_pair());
        for (slot, normal) in slots.iter_mut().zip(normals) {
            *slot = amplitude * normal;
            amplitude *= decay;
        }
    }

    let early = (EARLY_S.min(0.2 * room.rt60_s) * rate) as usize;
    let rise = (EARLY_PART * early as f64 / EARLY_REFLECTIONS as f64).sqrt();
    for _ in 0..EARLY_REFLECTIONS {
        let at = first + stream.below(early);
        let sign = if stream.chance(0.5) { 1.0 } else { -1.0 };
        if let Some(slot) = response.get_mut(at) {
            *slot += (sign * rise * fall(at)) as f32;
        }
    }

    let scale = (10f64.powf(-room.drr_db / 10.0) / energy(&response)).sqrt() as f32;
    for x in &mut response {
        *x *= scale;
    }
    response[0] = 1.0;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::StreamKey;

    /// Reverberation time from the fall between -5 and -35 dB of the backward integral, twice that time.
    ///
    /// M. R. Schroeder, "New method of measuring reverberation time", 1965; ISO 3382-1, T30.
    fn t30(response: &[f32], rate_hz: u32) -> f64 {
        let mut left: Vec<f64> = response
            .iter()
            .rev()
            .scan(0.0, |sum, x| {
                *sum += f64::from(*x).powi(2);
                Some(*sum)
            })
            .collect();
        left.reverse();
        let curve: Vec<(f64, f64)> = left
            .iter()
            .enumerate()
            .map(|(t, e)| (t as f64 / f64::from(rate_hz), 10.0 * (e / left[0]).log10()))
            .filter(|(_, db)| (-35.0..=-5.0).contains(db))
            .collect();
        let n = curve.len() as f64;
        let mean = |f: fn(&(f64, f64)) -> f64| curve.iter().map(f).sum::<f64>() / n;
        let (time, level) = (mean(|p| p.0), mean(|p| p.1));
        let slope = curve.iter().map(|p| (p.0 - time) * (p.1 - level)).sum::<f64>()
            / curve.iter().map(|p| (p.0 - time).powi(2)).sum::<f64>();
        -60.0 / slope
    }

    #[test]
    fn the_sound_falls_in_the_time_asked_for() {
        for rate_hz in [8_000, 16_000, 32_000] {
            for rt60_s in [0.15, 0.3, 0.6, 1.2] {
                for (seed, drr_db) in [(1, -6.0), (2, 0.0), (3, 6.0)] {
                    let mut stream = StreamKey::new(seed, 0, 0).stream(0);
                    let response = room_response(Room { rt60_s, drr_db }, rate_hz, &mut stream);
                    let measured = t30(&response, rate_hz);
                    assert!(
                        (measured / rt60_s - 1.0).abs() < 0.1,
                        "{rt60_s} s, {drr_db} dB at {rate_hz} Hz: {measured}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_direct_sound_has_the_share_asked_for() {
        for drr_db in [-10.0, 0.0, 15.0] {
            let room = Room { rt60_s: 0.4, drr_db };
            let response = room_response(room, 16_000, &mut StreamKey::new(0, 0, 0).stream(0));
            let measured = 10.0 * (1.0 / energy(&response[1..])).log10();
            assert!((measured - drr_db).abs() < 1e-3, "{measured}");
            assert!(response[1..32].iter().all(|x| x.to_bits() << 1 == 0));
        }
    }
}
