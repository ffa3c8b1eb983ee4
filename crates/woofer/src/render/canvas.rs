use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::report::escaped;
use super::theme;

/// Parts of a unit that plotters may place things at: it rounds to whole parts.
const PARTS: i32 = 4;

/// A picture could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the picture {picture:?} could not be drawn: {reason}")]
pub struct RenderError {
    /// What the picture is of.
    pub picture: String,
    /// What went wrong.
    pub reason: String,
}

/// Why plotters, or what fills a picture, stopped.
pub(super) type Fault = Box<dyn std::error::Error>;
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// So many units, in parts.
pub(super) const fn units(n: i32) -> i32 {
    n * PARTS
}

/// A length in units, in parts, rounded.
#[expect(clippy::cast_possible_truncation, reason = "lengths within a picture")]
pub(super) fn parts(length: f64) -> i32 {
    (length * f64::from(PARTS)).round() as i32
}

/// A line's width in units, in parts.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few units"
)]
pub(super) fn stroke(width: f64) -> u32 {
    (width * f64::from(PARTS)).round() as u32
}

/// Letters of a height in units, placed by the middle of their height.
pub(super) fn letters(height: f64, color: RGBColor, side: HPos) -> TextStyle<'static> {
    // plotters divides the size by 1.24 before it writes it.
    let font = ("sans-serif", height * 1.24 * f64::from(PARTS)).into_font();
    TextStyle {
        color: color.to_backend_color(),
        ..TextStyle::from(font).pos(Pos::new(side, VPos::Center))
    }
}

/// At most `limit` characters of a name, the last an ellipsis where some are left out; what may not stand in XML is �.
pub(super) fn shortened(name: &str, limit: usize) -> String {
    let may_stand = |c: char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    let mut name = name.chars().map(|c| if may_stand(c) { c } else { '\u{FFFD}' });
    let mut short: String = name.by_ref().take(limit).collect();
    if name.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}

/// Draws a picture of so many units and returns it as SVG.
///
/// `title` is what a screen reader says of it.
pub(super) fn draw(
    title: &str,
    (width, height): (u32, u32),
    paint: impl FnOnce(&Area<'_>) -> Result<(), Fault>,
) -> Result<String, RenderError> {
    let failed = |e: Fault| RenderError {
        picture: title.to_owned(),
        reason: e.to_string(),
    };
    let mut svg = String::new();
    {
        let size = (width * PARTS.unsigned_abs(), height * PARTS.unsigned_abs());
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        paint(&area).map_err(failed)?;
        area.present().map_err(|e| failed(e.into()))?;
    }
    // plotters' own first tag fixes the size, has no name and no style: ours takes its place.
    let content = svg.split_once('>').map_or("", |(_, content)| content);
    let (w, h) = (width * PARTS.unsigned_abs(), height * PARTS.unsigned_abs());
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         aria-label=\"{}\">{}{}",
        escaped(title),
        theme::style(),
        theme::mark(content)
    ))
}
