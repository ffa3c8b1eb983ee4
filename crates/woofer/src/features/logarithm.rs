/// The natural logarithm of a number that is neither 0 nor below it nor subnormal, within 2 units in the last place.
///
/// Without a branch, so that the compiler takes several at once; a call for each value was a twentieth of a classification.
///
/// Source: Cephes `logf.c` (Moshier).
#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "bits of a float, and an exponent of eight of them"
)]
pub(super) fn ln(x: f32) -> f32 {
    const SQRT_HALF: u32 = 0x3f35_04f3;
    const COEFFICIENTS: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    // x = m 2^exponent, m between the square roots of 1/2 and of 2.
    let exponent = (x.to_bits().wrapping_sub(SQRT_HALF) as i32) >> 23;
    let m = f32::from_bits(x.to_bits().wrapping_sub((exponent as u32) << 23));
    let exponent = exponent as f32;
    let f = m - 1.0;
    let square = f * f;
    let series = COEFFICIENTS.iter().fold(0.0, |sum, c| sum * f + c);
    // ln 2 in two parts, the first of which times an exponent is exact.
    let rest = series * f * square - exponent * 2.121_944_4e-4 - 0.5 * square;
    f + rest + exponent * 0.693_359_4
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_logarithm(bits in f32::MIN_POSITIVE.to_bits()..=f32::MAX.to_bits()) {
            let x = f32::from_bits(bits);
            let expected = f64::from(x).ln();
            let error = (f64::from(ln(x)) - expected).abs();
            prop_assert!(error <= 2.4e-7 * expected.abs().max(1e-2), "{x}: {} {expected}", ln(x));
        }
    }

    #[test]
    fn that_of_one_is_nothing() {
        assert_eq!(ln(1.0).to_bits(), 0.0f32.to_bits());
    }
}
