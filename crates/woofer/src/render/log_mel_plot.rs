use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::canvas::{Area, Fault, RenderError, draw, letters, parts, stroke, units};
use super::log_mel_image::log_mel_png;
use super::report::data_address;
use super::theme::MUTED;
use crate::features::{FrontEnd, LogMel};

const LEFT: i32 = 32;
const TOP: i32 = 8;
const WIDTH: i32 = 304;
const HEIGHT: i32 = 128;
/// Room below the picture, and to its right.
const BELOW: i32 = 36;
const RIGHT: i32 = 14;

/// Frequencies that are marked, as far as the front end hears them.
pub(super) const MARKS_HZ: [f64; 5] = [500.0, 1000.0, 2000.0, 4000.0, 8000.0];

/// A log-mel spectrogram as SVG, with seconds below it and kilohertz beside it.
///
/// # Errors
///
/// There are no frames, or the drawing library fails.
pub fn log_mel_plot(mel: &LogMel, front_end: FrontEnd) -> Result<String, RenderError> {
    let png = log_mel_png(mel)?;
    let spec = front_end.spec();
    let seconds = (mel.frames() * spec.hop_length) as f64 / f64::from(spec.rate_hz);
    let size = (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BELOW);
    let title = format!("Log-mel spectrogram of {seconds:.1} seconds");
    let svg = draw(&title, (size.0.unsigned_abs(), size.1.unsigned_abs()), |area| {
        for second in marks(seconds) {
            let x = f64::from(LEFT) + second / seconds * f64::from(WIDTH);
            mark(area, (x, f64::from(TOP + HEIGHT)), (0, 4))?;
            let style = letters(11.0, MUTED, HPos::Center);
            let place = (parts(x), units(TOP + HEIGHT + 13));
            area.draw(&Text::new(decimal(second), place, style))?;
        }
        for hz in MARKS_HZ {
            // A band's middle is half a band above its lower edge in the picture.
            let share = (spec.band_of(hz) + 0.5) / mel.n_mels() as f64;
            if !(0.0..=1.0).contains(&share) {
                continue;
            }
            let y = f64::from(TOP) + (1.0 - share) * f64::from(HEIGHT);
            mark(area, (f64::from(LEFT), y), (-4, 0))?;
            let style = letters(11.0, MUTED, HPos::Right);
            area.draw(&Text::new(
                decimal(hz / 1000.0),
                (units(LEFT - 8), parts(y)),
                style,
            ))?;
        }
        let below = (units(LEFT + WIDTH / 2), units(TOP + HEIGHT + 29));
        area.draw(&Text::new("seconds", below, letters(11.0, MUTED, HPos::Center)))?;
        let beside = (units(LEFT - 8), units(TOP + 6));
        area.draw(&Text::new("kHz", beside, letters(11.0, MUTED, HPos::Right)))?;
        Ok(())
    })?;
    let picture = format!(
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" href=\"{}\"/></svg>",
        units(LEFT),
        units(TOP),
        units(WIDTH),
        units(HEIGHT),
        data_address("image/png", &png)
    );
    Ok(match svg.rsplit_once("</svg>") {
        Some((axes, _)) => format!("{axes}{picture}"),
        None => svg,
    })
}

/// A short line from a place, so many units to the right and down.
fn mark(area: &Area<'_>, (x, y): (f64, f64), (right, down): (i32, i32)) -> Result<(), Fault> {
    let from = (parts(x), parts(y));
    let to = (from.0 + units(right), from.1 + units(down));
    area.draw(&PathElement::new(vec![from, to], MUTED.stroke_width(stroke(1.0))))?;
    Ok(())
}

/// The seconds to be marked: at most seven, at steps of 1, 2 or 5 times a power of ten.
fn marks(seconds: f64) -> Vec<f64> {
    let rough = (seconds / 6.0).max(1e-3);
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    let step = step
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(power * 10.0);
    (0..=6u8)
        .map(|i| f64::from(i) * step)
        .filter(|second| *second <= seconds * 1.0001)
        .collect()
}

/// A number without zeros at its end.
pub(super) fn decimal(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_marked_at_round_steps() {
        let texts = |seconds| {
            marks(seconds)
                .into_iter()
                .map(decimal)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(texts(5.0), "0 1 2 3 4 5");
        assert_eq!(texts(4.2), "0 1 2 3 4");
        assert_eq!(texts(0.96), "0 0.2 0.4 0.6 0.8");
        assert_eq!(texts(20.0), "0 5 10 15 20");
    }

    #[test]
    fn it_shows_both_axes_and_holds_the_picture() {
        let mut mel = LogMel::new(64);
        let plan = crate::features::LogMelPlan::new(FrontEnd::Vggish);
        let samples = vec![0.1; 32_000];
        crate::features::LogMelStream::new(&plan).push(&samples, &mut mel);
        let svg = log_mel_plot(&mel, FrontEnd::Vggish).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts: Vec<&str> = document
            .descendants()
            .filter_map(|n| n.text())
            .map(str::trim)
            .collect();
        for label in ["seconds", "kHz", "1.5", "0.5", "4"] {
            assert!(texts.contains(&label), "{label}: {texts:?}");
        }
        assert!(!texts.contains(&"8"), "beyond what the front end hears");
        let image = document
            .descendants()
            .find(|n| n.tag_name().name() == "image")
            .unwrap();
        assert!(
            image
                .attribute("href")
                .unwrap()
                .starts_with("data:image/png;base64,")
        );
        assert!(log_mel_plot(&LogMel::new(64), FrontEnd::Vggish).is_err());
    }
}
