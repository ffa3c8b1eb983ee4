/// Colour of a share between 0 and 1, from dark violet over teal to light yellow.
///
/// Lightness grows evenly with the share, as the eye sees it, so that it reads the same in grey and
/// with any colour vision.
#[must_use]
pub fn heat(share: f32) -> [u8; 3] {
    let share = if share.is_nan() {
        0.0
    } else {
        f64::from(share).clamp(0.0, 1.0)
    };
    oklch(0.15 + 0.8 * share, 0.05 + 0.12 * share, 300.0 - 195.0 * share)
}

/// Colour of line `index` of `count` lines, readable on a light and on a dark ground.
#[must_use]
pub fn series_color(index: usize, count: usize) -> [u8; 3] {
    // Neighbours on the colour circle differ in lightness too.
    let lightness = if index.is_multiple_of(2) { 0.56 } else { 0.7 };
    let hue = 255.0 + 360.0 * index as f64 / count.max(1) as f64;
    oklch(lightness, 0.16, hue)
}

/// A colour by perceived lightness (0 to 1), chroma and hue (degrees), paled where a screen cannot show it.
///
/// Source: Ottosson, "A perceptual color space for image processing", 2020 (public domain).
fn oklch(lightness: f64, chroma: f64, hue: f64) -> [u8; 3] {
    let fits = |rgb: [f64; 3]| rgb.iter().all(|c| (-1e-4..=1.0001).contains(c));
    let mut rgb = linear_rgb(lightness, chroma, hue);
    let mut share = 1.0f64;
    while !fits(rgb) && share > 0.0 {
        share -= 0.02;
        rgb = linear_rgb(lightness, chroma * share.max(0.0), hue);
    }
    rgb.map(screen_byte)
}

fn linear_rgb(lightness: f64, chroma: f64, hue: f64) -> [f64; 3] {
    let (sin, cos) = hue.to_radians().sin_cos();
    let (green_red, blue_yellow) = (chroma * cos, chroma * sin);
    let cone = |a: f64, b: f64| (lightness + a * green_red + b * blue_yellow).powi(3);
    let l = cone(0.396_337_777_4, 0.215_803_757_3);
    let m = cone(-0.105_561_345_8, -0.063_854_172_8);
    let s = cone(-0.089_484_177_5, -1.291_485_548);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
}

/// Source: IEC 61966-2-1 (sRGB).
fn screen_byte(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let curved = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 255"
    )]
    let byte = (curved * 255.0).round() as u8;
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_red_are_where_ottosson_has_them() {
        assert_eq!(oklch(1.0, 0.0, 0.0), [255; 3]);
        assert_eq!(oklch(0.0, 0.0, 0.0), [0; 3]);
        let red = oklch(0.627_955, 0.257_683, 29.234);
        assert!(red[0] >= 253 && red[1] <= 4 && red[2] <= 4, "{red:?}");
    }

    #[test]
    fn heat_grows_lighter_all_the_way() {
        let luma = |rgb: [u8; 3]| {
            0.2126 * f64::from(rgb[0]) + 0.7152 * f64::from(rgb[1]) + 0.0722 * f64::from(rgb[2])
        };
        let lumas: Vec<f64> = (0..=64).map(|i| luma(heat(i as f32 / 64.0))).collect();
        assert!(lumas.windows(2).all(|w| w[0] < w[1]), "{lumas:?}");
        assert_eq!(heat(f32::NAN), heat(0.0));
        assert_eq!(heat(9.0), heat(1.0));
    }

    #[test]
    fn ten_lines_have_ten_colours() {
        let colors: std::collections::HashSet<_> = (0..10).map(|i| series_color(i, 10)).collect();
        assert_eq!(colors.len(), 10);
    }
}
