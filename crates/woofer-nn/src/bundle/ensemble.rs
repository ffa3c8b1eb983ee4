//! How the members of an ensemble and the copies of a segment are taken together, and what is allowed there.

use std::ops::RangeInclusive;

use woofer::features::Hearing;
use woofer::{Mean, WindowWeights};

use crate::architecture::Architecture;
use crate::weights::MAX_VALUES;

/// Members that an ensemble may have.
pub(super) const MEMBERS: RangeInclusive<usize> = 2..=64;

/// Most copies of a segment that are scored.
const MAX_SHIFTS: usize = 16;

/// Latest start of a copy in seconds: half of a segment.
const MAX_SHIFT_S: f64 = 2.5;

/// The shifts of a model that scores each segment once, as it is.
pub(super) const NO_SHIFTS: [f64; 1] = [0.0];

/// The hearings of a model that hears each copy once, as it is.
pub(crate) fn heard_once() -> Vec<Hearing> {
    Hearing::ONCE.to_vec()
}

pub(crate) fn is_heard_once(hearings: &[Hearing]) -> bool {
    hearings == Hearing::ONCE
}

/// What is wrong with an ensemble of `members` networks that scores copies starting `shifts_s` late, each heard in all of
/// `hearings`, takes their scores together by `mean`, windows of the rest counting `rest_weight`, and divides logits by `temperature`, if
/// anything is.
pub(crate) fn fault(
    architecture: Architecture,
    members: usize,
    temperature: f32,
    shifts_s: &[f64],
    hearings: &[Hearing],
    mean: Mean,
    rest_weight: f32,
) -> Option<String> {
    if !(WindowWeights::LEAST..=1.0).contains(&f64::from(rest_weight)) {
        let least = WindowWeights::LEAST;
        return Some(format!("rest_weight {rest_weight} is not between {least} and 1"));
    }
    if members != 1 && !MEMBERS.contains(&members) {
        let (least, most) = (MEMBERS.start(), MEMBERS.end());
        return Some(format!(
            "{members} members; a model has one network, or {least} to {most} as an ensemble"
        ));
    }
    if architecture.parameters().saturating_mul(members) > MAX_VALUES {
        return Some(format!(
            "{members} members of {} parameters each; at most {MAX_VALUES} parameters are held in memory",
            architecture.parameters()
        ));
    }
    if !(temperature.is_finite() && temperature > 0.0) {
        return Some(format!("temperature {temperature} is not above 0"));
    }
    if let Some(fault) = shifts_fault(shifts_s) {
        return Some(fault);
    }
    // Their windows are scored one by one, and those of a copy lie at other times.
    if architecture.head.classes().is_none()
        && (members > 1
            || shifts_s != NO_SHIFTS
            || !is_heard_once(hearings)
            || !mean.is_arithmetic()
            || rest_weight < 1.0)
    {
        return Some(format!(
            "{architecture}: only networks with a trained classifier can have several members, shifts_s other than \
             [0.0], several hearings, a geometric mean or a rest_weight below 1"
        ));
    }
    hearings_fault(architecture, hearings)
}

/// What is wrong with hearing copies in all of `hearings`, if anything is.
pub(crate) fn hearings_fault(architecture: Architecture, hearings: &[Hearing]) -> Option<String> {
    let names = |hearings: &[Hearing]| {
        let quoted: Vec<String> = hearings.iter().map(|h| format!("{:?}", h.name())).collect();
        quoted.join(", ")
    };
    let is_twice =
        |(i, hearing): (usize, &Hearing)| hearings.iter().take(i).any(|earlier| earlier == hearing);
    if hearings.is_empty() || hearings.iter().enumerate().any(is_twice) {
        return Some(format!(
            "hearings = [{}]: at least one is needed, and each of {} is allowed once",
            names(hearings),
            names(&Hearing::ALL)
        ));
    }
    let front_end = architecture.front_end();
    let unfit = hearings.iter().find(|hearing| !hearing.fits(front_end))?;
    Some(format!(
        "hearings: {:?} is for networks that take a segment whole (mn); \"{front_end}\" cuts it into windows",
        unfit.name()
    ))
}

pub(crate) fn shifts_fault(shifts_s: &[f64]) -> Option<String> {
    if !(1..=MAX_SHIFTS).contains(&shifts_s.len()) {
        return Some(format!(
            "shifts_s has {} values; 1 to {MAX_SHIFTS} are allowed",
            shifts_s.len()
        ));
    }
    if let Some(shift_s) = shifts_s.iter().find(|s| !(0.0..=MAX_SHIFT_S).contains(*s)) {
        return Some(format!(
            "shifts_s: {shift_s} is not between 0 and {MAX_SHIFT_S} seconds"
        ));
    }
    if !shifts_s.is_sorted_by(|a, b| a < b) {
        return Some(format!(
            "shifts_s {shifts_s:?}: each has to be larger than the one before"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::{Backbone, Head};

    const VGGISH: Architecture = Architecture {
        backbone: Backbone::Vggish,
        head: Head::Attention { classes: 15 },
    };

    const MN: Architecture = Architecture {
        backbone: Backbone::Mn { width_tenths: 1 },
        head: Head::Linear { classes: 3 },
    };

    #[test]
    fn the_originals_way_is_allowed() {
        let original = fault_of(VGGISH, 5, 5.0, &[0.0, 0.2, 0.4, 0.6, 0.8], &Hearing::ONCE);
        assert_eq!(original, None);
        assert_eq!(fault_of(MN, 64, 1.0, &NO_SHIFTS, &Hearing::ONCE), None);
        assert_eq!(fault_of(MN, 1, 1.0, &[0.5], &Hearing::ONCE), None);
        assert_eq!(fault_of(MN, 5, 1.0, &[0.0, 0.5], &Hearing::ALL), None);
        assert_eq!(fault_of(MN, 1, 1.0, &NO_SHIFTS, &[Hearing::Expanded]), None);
    }

    fn fault_of(
        architecture: Architecture,
        members: usize,
        temperature: f32,
        shifts_s: &[f64],
        hearings: &[Hearing],
    ) -> Option<String> {
        fault(
            architecture,
            members,
            temperature,
            shifts_s,
            hearings,
            Mean::Arithmetic,
            1.0,
        )
    }

    #[test]
    fn what_is_out_of_bounds_is_named() {
        let too_many: Vec<f64> = (0..17).map(|i| f64::from(i) * 0.1).collect();
        let audioset = Architecture {
            head: Head::AudioSet,
            ..MN
        };
        for (architecture, members, temperature, shifts_s, part) in [
            (MN, 0, 1.0, NO_SHIFTS.as_slice(), "0 members"),
            (MN, 65, 1.0, &NO_SHIFTS, "65 members"),
            (VGGISH, 8, 1.0, &NO_SHIFTS, "8 members of 72"),
            (MN, 2, 0.0, &NO_SHIFTS, "temperature 0 "),
            (MN, 2, f32::NAN, &NO_SHIFTS, "temperature NaN"),
            (MN, 1, 1.0, &[], "shifts_s has 0 values"),
            (MN, 1, 1.0, &too_many, "shifts_s has 17 values"),
            (MN, 1, 1.0, &[-0.1], "shifts_s: -0.1"),
            (MN, 1, 1.0, &[0.0, 2.6], "shifts_s: 2.6"),
            (MN, 1, 1.0, &[f64::NAN], "shifts_s: NaN"),
            (MN, 1, 1.0, &[0.2, 0.2], "larger than the one before"),
            (audioset, 2, 1.0, &NO_SHIFTS, "trained classifier"),
            (audioset, 1, 1.0, &[0.0, 0.2], "trained classifier"),
        ] {
            let once = &Hearing::ONCE;
            let fault = fault_of(architecture, members, temperature, shifts_s, once).unwrap();
            assert!(fault.contains(part), "{part}: {fault}");
        }
        let [plain, quieter] = [Hearing::Plain, Hearing::Quieter];
        for (architecture, hearings, part) in [
            (
                VGGISH,
                Hearing::ALL.as_slice(),
                "\"dereverberated\" is for networks that take a segment whole (mn); \"vggish\" cuts it",
            ),
            (audioset, &Hearing::ALL, "trained classifier"),
            (MN, &[], "hearings = []: at least one is needed"),
            (
                MN,
                &[plain, quieter, quieter],
                "\"expanded_quieter\" is allowed once",
            ),
            (
                VGGISH,
                &[Hearing::Expanded],
                "\"expanded\" is for networks that take a segment whole",
            ),
            (MN, &[plain, plain], "hearings = [\"plain\", \"plain\"]"),
        ] {
            let fault = fault_of(architecture, 1, 1.0, &NO_SHIFTS, hearings).unwrap();
            assert!(fault.contains(part), "{part}: {fault}");
        }
        let geometric = |architecture| {
            fault(
                architecture,
                1,
                1.0,
                &NO_SHIFTS,
                &Hearing::ONCE,
                Mean::Geometric,
                1.0,
            )
        };
        assert!(geometric(audioset).unwrap().contains("trained classifier"));
        assert_eq!(geometric(MN), None);
        let weighted = |architecture, weight| {
            let (once, mean) = (&Hearing::ONCE, Mean::Arithmetic);
            fault(architecture, 1, 1.0, &NO_SHIFTS, once, mean, weight)
        };
        assert!(weighted(audioset, 0.5).unwrap().contains("trained classifier"));
        assert_eq!(weighted(MN, 0.001), None);
        for weight in [0.0, -1.0, 1.1, f32::NAN] {
            assert!(
                weighted(MN, weight)
                    .unwrap()
                    .contains("is not between 0.001 and 1")
            );
        }
    }
}
