use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::canvas::{Fault, RenderError, draw, letters, parts, shortened, stroke, units};
use super::log_mel_image::HeatImage;
use super::log_mel_plot::{MARKS_HZ, decimal};
use super::pixels::{PixelBackend, Pixels};
use super::pooled::Pooled;
use super::report::data_address;
use super::theme::{GRID, INK, MUTED};
use super::time_marks::{clock, time_marks, unit};
use crate::features::FrontEnd;

const WIDTH: i32 = 960;
const LEFT: i32 = 168;
const RIGHT: i32 = 56;
const PLOT: i32 = WIDTH - LEFT - RIGHT;
const MEL_TOP: i32 = 56;
const MEL_HEIGHT: i32 = 220;
const WAVE_TOP: i32 = MEL_TOP + MEL_HEIGHT + 12;
const WAVE_HEIGHT: i32 = 72;
const LANES_TOP: i32 = WAVE_TOP + WAVE_HEIGHT + 14;
/// Height of a lane, and of a score of 1 in it.
const LANE: i32 = 24;
const LANE_FULL: i32 = 18;
const BELOW: i32 = 44;
/// Letters of a lane's name that fit.
const NAME: usize = 22;

/// What a recording looks like: its log-mel, its waveform, and the scores of classes along time.
pub struct RecordingPicture {
    /// What stands above it.
    pub title: String,
    /// What is to be known beside, below the title.
    pub facts: String,
    /// Where it begins in a longer recording, in seconds; its own times are counted from there.
    pub begins_s: f64,
    /// Length in seconds.
    pub duration_s: f64,
    /// What the log-mel was made by.
    pub front_end: FrontEnd,
    /// A row a frame of the log-mel.
    pub log_mel: Pooled,
    /// A row a stretch of equal length: the negative of its lowest sample, and its highest.
    pub waveform: Pooled,
    /// The classes from top to bottom.
    pub lanes: Vec<Lane>,
}

/// The scores of a class along time.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// The class.
    pub name: String,
    /// Its colour.
    pub color: [u8; 3],
    /// In the order of their onsets.
    pub spans: Vec<Span>,
}

/// A score from a time on, up to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Start in seconds.
    pub onset_s: f64,
    /// End in seconds.
    pub offset_s: f64,
    /// In 0..=1.
    pub score: f32,
}

impl RecordingPicture {
    /// The picture as SVG.
    ///
    /// # Errors
    ///
    /// There are no frames, or the drawing library fails.
    pub fn svg(&self) -> Result<String, RenderError> {
        let image = HeatImage::new(self.log_mel.values(), self.log_mel.width())?;
        let svg = draw(&self.title, self.size(), |area| self.paint(area))?;
        let picture = format!(
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" href=\"{}\"/>",
            units(LEFT),
            units(MEL_TOP),
            units(PLOT),
            units(MEL_HEIGHT),
            data_address("image/png", &image.png()?)
        );
        // On a page by itself there is no ground but its own.
        let ground = "<style>svg.plot{background:#fff}\
            @media (prefers-color-scheme:dark){svg.plot{background:#14161a}}</style>";
        Ok(match svg.rsplit_once("</svg>") {
            Some((axes, _)) => format!("{axes}{ground}{picture}</svg>\n"),
            None => svg,
        })
    }

    /// The picture as the bytes of a PNG, 1,920 pixels wide.
    ///
    /// # Errors
    ///
    /// There are no frames, or the drawing library fails.
    pub fn png(&self) -> Result<Vec<u8>, RenderError> {
        let image = HeatImage::new(self.log_mel.values(), self.log_mel.width())?;
        let (width, height) = self.size();
        let side = |n: u32| units(n.cast_signed()).unsigned_abs();
        let mut pixels = Pixels::new((side(width), side(height)));
        let failed = |reason: String| RenderError {
            picture: self.title.clone(),
            reason,
        };
        self.paint(&PixelBackend(&mut pixels).into_drawing_area())
            .map_err(|e| failed(e.to_string()))?;
        let place = (units(LEFT), units(MEL_TOP), units(PLOT), units(MEL_HEIGHT));
        pixels.paint(place, |x, y| image.color_at(x, y));
        let (width, height, bytes) = pixels.finish();
        let write = || -> Result<Vec<u8>, png::EncodingError> {
            let mut written = Vec::new();
            let mut encoder = png::Encoder::new(&mut written, width, height);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&bytes)?;
            writer.finish()?;
            Ok(written)
        };
        write().map_err(|e| failed(e.to_string()))
    }

    fn size(&self) -> (u32, u32) {
        let height = self.plot_end() + BELOW;
        (WIDTH.unsigned_abs(), height.unsigned_abs())
    }

    /// Where the last panel ends.
    fn plot_end(&self) -> i32 {
        match i32::try_from(self.lanes.len()) {
            Ok(0) | Err(_) => WAVE_TOP + WAVE_HEIGHT,
            Ok(lanes) => LANES_TOP + lanes * LANE,
        }
    }

    /// Where a time lies, in parts from the left.
    fn x(&self, seconds: f64) -> i32 {
        let share = (seconds / self.duration_s.max(1e-9)).clamp(0.0, 1.0);
        parts(f64::from(LEFT) + share * f64::from(PLOT))
    }

    fn paint<B: DrawingBackend<ErrorType: 'static>>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Fault> {
        let left = |y: i32| (units(16), units(y));
        area.draw(&Text::new(
            shortened(&self.title, 80),
            left(18),
            letters(14.0, INK, HPos::Left),
        ))?;
        area.draw(&Text::new(
            shortened(&self.facts, 120),
            left(38),
            letters(11.0, MUTED, HPos::Left),
        ))?;
        self.paint_frequencies(area)?;
        self.paint_waveform(area)?;
        for (lane, top) in self
            .lanes
            .iter()
            .zip((LANES_TOP..).step_by(LANE.unsigned_abs() as usize))
        {
            self.paint_lane(area, lane, top)?;
        }
        self.paint_times(area)
    }

    fn paint_frequencies<B: DrawingBackend<ErrorType: 'static>>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Fault> {
        for hz in MARKS_HZ {
            let share = (self.front_end.spec().band_of(hz) + 0.5) / self.log_mel.width() as f64;
            if (0.0..=1.0).contains(&share) {
                let y = parts(f64::from(MEL_TOP) + (1.0 - share) * f64::from(MEL_HEIGHT));
                let line = vec![(units(LEFT - 4), y), (units(LEFT), y)];
                area.draw(&PathElement::new(line, MUTED.stroke_width(stroke(1.0))))?;
                let text = format!("{} kHz", decimal(hz / 1000.0));
                area.draw(&Text::new(
                    text,
                    (units(LEFT - 8), y),
                    letters(11.0, MUTED, HPos::Right),
                ))?;
            }
        }
        Ok(())
    }

    fn paint_waveform<B: DrawingBackend<ErrorType: 'static>>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Fault> {
        let middle = f64::from(WAVE_TOP) + f64::from(WAVE_HEIGHT) / 2.0;
        let reach = f64::from(WAVE_HEIGHT) / 2.0 - 1.0;
        let axis = vec![(units(LEFT), parts(middle)), (units(LEFT + PLOT), parts(middle))];
        area.draw(&PathElement::new(axis, GRID.stroke_width(stroke(1.0))))?;
        let columns = self.waveform.columns();
        // The last column may stand for fewer rows than the others.
        let whole = self.waveform.rows() as f64 / self.waveform.rows_a_column() as f64;
        let y = |sample: f32| {
            let sample = if sample.is_finite() {
                sample.clamp(-1.0, 1.0)
            } else {
                0.0
            };
            parts(middle - f64::from(sample) * reach)
        };
        for (i, column) in columns.enumerate() {
            let &[below, above] = column else { continue };
            let x =
                |i: usize| parts(f64::from(LEFT) + (i as f64 / whole.max(1.0)).min(1.0) * f64::from(PLOT));
            // Silence is a thin line, not nothing.
            let corners = [(x(i), y(above) - 1), (x(i + 1), y(-below) + 1)];
            area.draw(&Rectangle::new(corners, INK.filled()))?;
        }
        let name = (units(LEFT - 8), parts(middle));
        area.draw(&Text::new("waveform", name, letters(11.0, MUTED, HPos::Right)))?;
        Ok(())
    }

    fn paint_lane<B: DrawingBackend<ErrorType: 'static>>(
        &self,
        area: &DrawingArea<B, Shift>,
        lane: &Lane,
        top: i32,
    ) -> Result<(), Fault> {
        let [red, green, blue] = lane.color;
        let color = RGBColor(red, green, blue);
        let bottom = top + LANE - 2;
        let middle = units(bottom) - units(LANE_FULL) / 2;
        let ground = vec![(units(LEFT), units(bottom)), (units(LEFT + PLOT), units(bottom))];
        area.draw(&PathElement::new(ground, GRID.stroke_width(stroke(1.0))))?;
        let mut best = 0f32;
        for span in &lane.spans {
            let score = if span.score.is_finite() {
                span.score.clamp(0.0, 1.0)
            } else {
                0.0
            };
            best = best.max(score);
            let height = parts(f64::from(score) * f64::from(LANE_FULL));
            let corners = [
                (self.x(span.onset_s), units(bottom) - height),
                (self.x(span.offset_s), units(bottom)),
            ];
            if height > 0 {
                area.draw(&Rectangle::new(corners, color.filled()))?;
            }
        }
        let swatch = [
            (units(LEFT - 18), middle - units(5)),
            (units(LEFT - 8), middle + units(5)),
        ];
        area.draw(&Rectangle::new(swatch, color.filled()))?;
        let name = shortened(&lane.name, NAME);
        area.draw(&Text::new(
            name,
            (units(LEFT - 24), middle),
            letters(11.0, INK, HPos::Right),
        ))?;
        let peak = (units(LEFT + PLOT + 8), middle);
        area.draw(&Text::new(
            format!("{best:.2}"),
            peak,
            letters(11.0, MUTED, HPos::Left),
        ))?;
        Ok(())
    }

    fn paint_times<B: DrawingBackend<ErrorType: 'static>>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Fault> {
        let end = self.plot_end();
        let to_s = self.begins_s + self.duration_s;
        let (step, marks) = time_marks(self.begins_s, to_s);
        for second in marks {
            let x = self.x(second - self.begins_s);
            let line = vec![(x, units(end)), (x, units(end + 5))];
            area.draw(&PathElement::new(line, MUTED.stroke_width(stroke(1.0))))?;
            let text = clock(second, to_s, step);
            let style = letters(11.0, MUTED, HPos::Center);
            area.draw(&Text::new(text, (x, units(end + 15)), style))?;
        }
        let unit = unit(to_s, step);
        let place = (units(LEFT + PLOT / 2), units(end + 33));
        area.draw(&Text::new(unit, place, letters(11.0, MUTED, HPos::Center)))?;
        Ok(())
    }
}
