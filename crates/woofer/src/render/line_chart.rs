use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::canvas::{Area, Fault, RenderError, draw, letters, parts, shortened, stroke, units};
use super::theme::{ACCENT, GRID, INK, MUTED};

const WIDTH: u32 = 480;
const PLOT_HEIGHT: u32 = 380;
const LEGEND_ROW: u32 = 20;

/// A chart of lines over two axes, with a legend in two columns below it.
pub(super) struct LineChart<'a> {
    pub title: &'a str,
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    pub lines: Vec<Line>,
    /// Bars behind the lines: from, to, height.
    pub bars: Vec<(f64, f64, f64)>,
    /// A grey line to compare with.
    pub reference: Option<[(f64, f64); 2]>,
}

pub(super) struct Axis<'a> {
    pub label: &'a str,
    pub range: Range<f64>,
    pub scale: Scale,
}

/// What the numbers along an axis are.
#[derive(Clone, Copy)]
pub(super) enum Scale {
    /// The values, with so many places after the point.
    Plain(usize),
    /// Values that are counted.
    Whole,
    /// Values of which the axis holds the logarithm to base 10.
    Tenfold,
}

impl Scale {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 9"
    )]
    fn number(self, value: f64) -> String {
        match self {
            Self::Plain(places) => format!("{value:.places$}"),
            // Between two whole numbers stands a line of the grid and no number.
            Self::Whole if (value - value.round()).abs() > 1e-6 => String::new(),
            Self::Whole => format!("{value:.0}"),
            Self::Tenfold => {
                // 0.01, 0.1, 1, 10; what lies between has a digit more.
                let places = (1.0 - value).ceil().clamp(0.0, 9.0) as usize;
                let number = format!("{:.places$}", 10f64.powf(value));
                let is_fraction = number.contains('.');
                if is_fraction {
                    number.trim_end_matches('0').trim_end_matches('.').to_owned()
                } else {
                    number
                }
            }
        }
    }
}

impl<'a> Axis<'a> {
    /// An axis of shares, from 0 to 1.
    pub const fn share(label: &'a str) -> Self {
        Self {
            label,
            range: 0.0..1.0,
            scale: Scale::Plain(1),
        }
    }
}

/// A line with its place in the legend; without a name it has none.
pub(super) struct Line {
    pub name: String,
    pub note: String,
    pub color: RGBColor,
    pub points: Vec<(f64, f64)>,
    /// Dots on the line: place and radius in units.
    pub dots: Vec<((f64, f64), f64)>,
}

impl LineChart<'_> {
    pub fn svg(&self) -> Result<String, RenderError> {
        let rows = u32::try_from(self.named().count().div_ceil(2)).unwrap_or(u32::MAX / LEGEND_ROW - 1000);
        let legend = if rows > 0 { rows * LEGEND_ROW + 10 } else { 0 };
        draw(self.title, (WIDTH, PLOT_HEIGHT + legend), |area| {
            let (above, below) = area.split_vertically(units(PLOT_HEIGHT.cast_signed()));
            self.plot(&above)?;
            self.legend(&below)
        })
    }

    fn named(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.name.is_empty())
    }

    fn plot(&self, area: &Area<'_>) -> Result<(), Fault> {
        let mut chart = ChartBuilder::on(area)
            .margin(units(8))
            .margin_right(units(14))
            .x_label_area_size(units(42))
            .y_label_area_size(units(60))
            .build_cartesian_2d(self.x.range.clone(), self.y.range.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID.stroke_width(stroke(0.75)))
            .axis_style(GRID.stroke_width(stroke(1.0)))
            .x_labels(7)
            .y_labels(7)
            .x_label_formatter(&|value| self.x.scale.number(*value))
            .y_label_formatter(&|value| self.y.scale.number(*value))
            .label_style(letters(13.0, MUTED, HPos::Center))
            .axis_desc_style(letters(13.5, INK, HPos::Center))
            .x_desc(self.x.label)
            .y_desc(self.y.label)
            .set_all_tick_mark_size(units(3))
            .draw()?;
        let bars = self.bars.iter();
        chart.draw_series(bars.map(|&(from, to, height)| {
            Rectangle::new(
                [(from, self.y.range.start), (to, height)],
                ACCENT.mix(0.2).filled(),
            )
        }))?;
        if let Some(ends) = self.reference {
            chart.draw_series(LineSeries::new(ends, MUTED.mix(0.5).stroke_width(stroke(1.0))))?;
        }
        for line in &self.lines {
            let style = line.color.stroke_width(stroke(1.75));
            chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
            let dot =
                |&(place, radius): &((f64, f64), f64)| Circle::new(place, parts(radius), line.color.filled());
            chart.draw_series(line.dots.iter().map(dot))?;
        }
        Ok(())
    }

    fn legend(&self, area: &Area<'_>) -> Result<(), Fault> {
        for (i, line) in self.named().enumerate() {
            let (column, row) = (i32::try_from(i % 2)?, i32::try_from(i / 2)?);
            let (left, middle) = (8 + column * 236, row * LEGEND_ROW.cast_signed() + 12);
            let swatch = vec![(units(left), units(middle)), (units(left + 16), units(middle))];
            area.draw(&PathElement::new(swatch, line.color.stroke_width(stroke(3.0))))?;
            let name = Text::new(
                shortened(&line.name, 20),
                (units(left + 22), units(middle)),
                letters(13.0, INK, HPos::Left),
            );
            area.draw(&name)?;
            let note = (units(left + 224), units(middle));
            area.draw(&Text::new(
                line.note.clone(),
                note,
                letters(13.0, MUTED, HPos::Right),
            ))?;
        }
        Ok(())
    }
}

/// The colour of line `index` of `count`.
pub(super) fn line_color(index: usize, count: usize) -> RGBColor {
    let [r, g, b] = super::color::series_color(index, count);
    RGBColor(r, g, b)
}

/// A line's points without those that lie between two others at less than a thousandth of the picture.
///
/// A curve of thousands of clips would make a file of megabytes that looks the same.
pub(super) fn thinned(points: impl IntoIterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut last = None;
    for point in points {
        let near = |&(x, y): &(f64, f64)| (point.0 - x).abs() < 1e-3 && (point.1 - y).abs() < 1e-3;
        if kept.last().is_some_and(near) {
            last = Some(point);
            continue;
        }
        // The corner of a step is kept, or it would be cut off.
        kept.extend(last.take());
        kept.push(point);
    }
    kept.extend(last);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_places_where_they_stand() {
        let whole = [1.0, 1.5, 2.0, 12.0].map(|value| Scale::Whole.number(value));
        assert_eq!(whole, ["1", "", "2", "12"]);
        let tenfold = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0].map(|value| Scale::Tenfold.number(value));
        assert_eq!(tenfold, ["0.001", "0.01", "0.1", "1", "10", "100"]);
        assert_eq!(Scale::Tenfold.number(0.5), "3.2");
    }
}
