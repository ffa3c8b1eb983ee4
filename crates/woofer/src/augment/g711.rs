//! The two telephone codings of ITU-T recommendation G.711 (11/1988): 8 bits a sample, spaced by its logarithm.

/// The bits of a code that are sent upside down in A-law: every other one (G.711, table 1, note 2).
const A_LAW_TOGGLE: u8 = 0x55;

/// What mu-law adds to the magnitude so that each segment begins at a power of two, in steps of 14-bit samples.
const MU_LAW_BIAS: u16 = 33;

/// The largest magnitude that mu-law knows, in steps of 14-bit samples, less one.
const MU_LAW_PEAK: u16 = 8_158;

/// The mu-law code of a 16-bit sample (G.711, table 2).
pub(super) fn encode_mu_law(sample: i16) -> u8 {
    let sample = sample >> 2;
    let magnitude = sample.unsigned_abs().min(MU_LAW_PEAK) + MU_LAW_BIAS;
    let segment = magnitude.ilog2() - 5;
    let code = code(segment, magnitude >> (segment + 1));
    // All bits are sent upside down, and the sign is 1 for what is not negative.
    !(if sample < 0 { code | 0x80 } else { code })
}

/// The 16-bit sample of a mu-law code.
pub(super) fn decode_mu_law(code: u8) -> i16 {
    let code = !code;
    let (segment, step) = (code >> 4 & 7, i16::from(code & 15));
    let bias = MU_LAW_BIAS.cast_signed();
    let magnitude = (((step << 1) + bias) << segment) - bias;
    4 * if code & 0x80 == 0 { magnitude } else { -magnitude }
}

/// The A-law code of a 16-bit sample (G.711, table 1).
pub(super) fn encode_a_law(sample: i16) -> u8 {
    let sample = sample >> 3;
    // Negative samples are mirrored so that -1 has the magnitude of 0: the two middle steps meet at the zero line.
    let magnitude = (if sample < 0 { !sample } else { sample }).unsigned_abs();
    let segment = (magnitude | 16).ilog2() - 4;
    let code = code(segment, magnitude >> segment.max(1));
    (if sample < 0 { code } else { code | 0x80 }) ^ A_LAW_TOGGLE
}

/// The 16-bit sample of an A-law code: the middle of its step.
pub(super) fn decode_a_law(code: u8) -> i16 {
    let code = code ^ A_LAW_TOGGLE;
    let (segment, step) = (code >> 4 & 7, i16::from(code & 15));
    let magnitude = match segment {
        0 => 2 * step + 1,
        _ => (2 * step + 33) << (segment - 1),
    };
    8 * if code & 0x80 == 0 { -magnitude } else { magnitude }
}

/// Segment and the step in it, without the sign.
#[expect(clippy::cast_possible_truncation, reason = "three bits and four")]
const fn code(segment: u32, step: u16) -> u8 {
    (segment as u8) << 4 | (step & 15) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First sample of a run, and what all samples of the run become: mu-law code, its sample, A-law code, its sample.
    fn golden() -> Vec<[i16; 5]> {
        include_str!("../../../../testdata/augment/g711.csv")
            .lines()
            .skip(1)
            .map(|line| {
                let numbers: Vec<i16> = line.split(',').map(|n| n.parse().unwrap()).collect();
                numbers.try_into().unwrap()
            })
            .collect()
    }

    #[test]
    fn all_samples_are_coded_as_by_python() {
        let runs = golden();
        let mut run = runs.iter().peekable();
        let mut current = runs[0];
        for sample in i16::MIN..=i16::MAX {
            if let Some(next) = run.next_if(|next| next[0] == sample) {
                current = *next;
            }
            let (mu, a) = (encode_mu_law(sample), encode_a_law(sample));
            let got = [i16::from(mu), decode_mu_law(mu), i16::from(a), decode_a_law(a)];
            assert_eq!(got, current[1..], "sample {sample}");
        }
    }

    #[test]
    fn a_decoded_sample_is_coded_as_it_was() {
        for code in 0..=255u8 {
            assert_eq!(encode_a_law(decode_a_law(code)), code);
            // Mu-law has two codes for zero.
            if code != 0x7f {
                assert_eq!(encode_mu_law(decode_mu_law(code)), code);
            }
        }
        assert_eq!((decode_mu_law(0x7f), decode_mu_law(0xff)), (0, 0));
    }
}
