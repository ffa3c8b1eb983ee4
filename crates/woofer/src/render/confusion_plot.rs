use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Area, Fault, RenderError, draw, letters, shortened, units};
use super::theme::{ACCENT, GRID, INK, MUTED, ON_ACCENT};
use crate::metrics::Confusion;

const CELL: i32 = 44;
const NAMES: i32 = 150;
const MARGIN: i32 = 8;
/// Characters of a class name that fit beside the table.
const NAME_LIMIT: usize = 20;

/// Which class was taken for which, as SVG: in each cell the clips, below them their share of the row.
///
/// Rows are the true classes, columns the predicted; the darker, the larger the share.
///
/// # Errors
///
/// The drawing library fails.
pub fn confusion_plot(confusion: &Confusion, classes: &[String]) -> Result<String, RenderError> {
    let table = i32::try_from(confusion.rows().len()).unwrap_or(0).min(1000) * CELL;
    let size = (table + NAMES + 2 * MARGIN + 16).unsigned_abs();
    draw("Confusion matrix", (size, size), |area| {
        let left = MARGIN + 16 + NAMES;
        let rows = confusion.rows().iter().zip(classes);
        for ((i, (counts, name)), row) in rows.enumerate().zip(0i32..) {
            let middle = left + row * CELL + CELL / 2;
            let name = shortened(name, NAME_LIMIT);
            let beside = (units(left - 8), units(middle));
            area.draw(&Text::new(name.clone(), beside, letters(13.0, INK, HPos::Right)))?;
            area.draw(&Text::new(name, (units(middle), units(left - 8)), upright(INK)))?;
            let total: u64 = counts.iter().sum();
            for ((j, &count), column) in counts.iter().enumerate().zip(0i32..) {
                let corner = (left + column * CELL, left + row * CELL);
                // Not a number where the class has no clips.
                let share = count as f64 / total as f64;
                cell(area, corner, count, share, i == j)?;
            }
        }
        let center = units(left + table / 2);
        area.draw(&Text::new(
            "predicted",
            (center, units(MARGIN + 6)),
            letters(13.0, MUTED, HPos::Center),
        ))?;
        let side_label = (units(MARGIN + 6), center);
        let style = upright(MUTED).pos(Pos::new(HPos::Center, VPos::Center));
        area.draw(&Text::new("true class", side_label, style))?;
        Ok(())
    })
}

fn cell(area: &Area<'_>, (x, y): (i32, i32), count: u64, share: f64, own: bool) -> Result<(), Fault> {
    let corners = [
        (units(x + 1), units(y + 1)),
        (units(x + CELL - 1), units(y + CELL - 1)),
    ];
    let ground = if count > 0 {
        ACCENT.mix(0.08 + 0.92 * share)
    } else {
        GRID.mix(0.35)
    };
    area.draw(&Rectangle::new(corners, ground.filled()))?;
    if count == 0 && !own {
        return Ok(());
    }
    // Where the ground is as far from dark letters as from light ones, in either setting.
    let (ink, aside) = match share {
        share if share > 0.66 => (ON_ACCENT, ON_ACCENT),
        share if share > 0.2 => (INK, INK),
        _ => (INK, MUTED),
    };
    let middle = units(x + CELL / 2);
    let style = letters(13.0, ink, HPos::Center);
    area.draw(&Text::new(count.to_string(), (middle, units(y + 17)), style))?;
    let percent = match share {
        share if share.is_nan() => "n/a".to_owned(),
        share if share > 0.0 && share < 0.01 => "<1 %".to_owned(),
        share => format!("{:.0} %", share * 100.0),
    };
    let below = (middle, units(y + 32));
    area.draw(&Text::new(percent, below, letters(10.0, aside, HPos::Center)))?;
    Ok(())
}

/// Letters that run upwards.
fn upright(color: RGBColor) -> TextStyle<'static> {
    let style = letters(13.0, color, HPos::Left);
    TextStyle {
        font: style.font.transform(FontTransform::Rotate270),
        ..style
    }
}
