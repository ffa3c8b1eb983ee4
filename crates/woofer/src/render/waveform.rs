use plotters::prelude::*;

use super::canvas::{RenderError, draw, parts, stroke, units};
use super::theme::{ACCENT, GRID};

const WIDTH: usize = 480;
const HEIGHT: i32 = 72;

/// The waveform of a clip as SVG: for each column the lowest and the highest sample, -1 to 1.
///
/// Samples beyond that are drawn at the edge, and such that are no number as 0.
///
/// # Errors
///
/// The drawing library fails.
pub fn waveform(samples: &[f32]) -> Result<String, RenderError> {
    let size = (u32::try_from(WIDTH).unwrap_or(0), HEIGHT.unsigned_abs());
    draw("Waveform", size, |area| {
        let middle = f64::from(HEIGHT) / 2.0;
        let axis = vec![(0, parts(middle)), (units(i32::try_from(WIDTH)?), parts(middle))];
        area.draw(&PathElement::new(axis, GRID.stroke_width(stroke(1.0))))?;
        let (mut outline, mut below) = (Vec::new(), Vec::new());
        for column in 0..WIDTH {
            let from = column * samples.len() / WIDTH;
            let to = ((column + 1) * samples.len() / WIDTH)
                .max(from + 1)
                .min(samples.len());
            let Some(piece) = samples.get(from..to).filter(|piece| !piece.is_empty()) else {
                continue;
            };
            let (low, high) = piece.iter().fold((1.0f32, -1.0f32), |(low, high), &s| {
                let s = if s.is_nan() { 0.0 } else { s.clamp(-1.0, 1.0) };
                (low.min(s), high.max(s))
            });
            let y = |sample: f32| parts(middle - f64::from(sample) * (middle - 2.0));
            let x = parts(column as f64 + 0.5);
            // Silence is a thin line, not nothing.
            outline.push((x, y(high) - 1));
            below.push((x, y(low) + 1));
        }
        outline.extend(below.into_iter().rev());
        if !outline.is_empty() {
            area.draw(&Polygon::new(outline, ACCENT.filled()))?;
        }
        Ok(())
    })
}
