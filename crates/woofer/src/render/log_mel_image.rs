use super::canvas::RenderError;
use super::color::heat;
use super::pooled::Pooled;
use crate::features::LogMel;

/// Widest picture, in pixels; more frames share a column, which shows the loudest.
const MAX_COLUMNS: usize = 1000;

/// A log-mel spectrogram as the bytes of a PNG: time from left to right, low bands at the bottom.
///
/// One pixel a frame and band, at most 1,000 columns. The colours span the picture's own values, from
/// the quietest to the loudest ([`heat`]); what is no number is drawn as quiet.
///
/// # Errors
///
/// There are no frames.
pub fn log_mel_png(mel: &LogMel) -> Result<Vec<u8>, RenderError> {
    HeatImage::new(mel.values(), mel.n_mels())?.png()
}

/// As [`log_mel_png`], of a log-mel that is kept in a bounded number of columns.
///
/// # Errors
///
/// There are no frames.
pub fn pooled_png(mel: &Pooled) -> Result<Vec<u8>, RenderError> {
    HeatImage::new(mel.values(), mel.width())?.png()
}

/// A picture of shares, each drawn in its [`heat`].
pub(super) struct HeatImage {
    columns: usize,
    bands: usize,
    /// Row by row, the highest band first.
    levels: Vec<u8>,
}

impl HeatImage {
    /// From frames of `bands` values, frame after frame.
    pub fn new(values: &[f32], bands: usize) -> Result<Self, RenderError> {
        let rows: Vec<&[f32]> = values.chunks_exact(bands.max(1)).collect();
        let frames = rows.len();
        if frames == 0 {
            return Err(failed("it has no frames".to_owned()));
        }
        let columns = frames.min(MAX_COLUMNS);
        let finite = values.iter().copied().filter(|v| v.is_finite());
        let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| {
            (l.min(v), h.max(v))
        });
        let span = if high > low { high - low } else { 1.0 };
        let mut levels = Vec::with_capacity(columns * bands);
        for band in (0..bands).rev() {
            for column in 0..columns {
                let of_column = rows.get(column * frames / columns..(column + 1) * frames / columns);
                let values = of_column
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|row| row.get(band));
                let loudest = values.copied().filter(|v| v.is_finite()).fold(low, f32::max);
                levels.push(level((loudest - low) / span));
            }
        }
        Ok(Self {
            columns,
            bands,
            levels,
        })
    }

    /// The colour at a place, in shares of the width from the left and of the height from the top.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "shares of small numbers"
    )]
    pub fn color_at(&self, x: f64, y: f64) -> [u8; 3] {
        let place = |share: f64, n: usize| ((share * n as f64) as usize).min(n.saturating_sub(1));
        let at = place(y, self.bands) * self.columns + place(x, self.columns);
        heat(f32::from(self.levels.get(at).copied().unwrap_or(0)) / 255.0)
    }

    /// The bytes of a PNG, a pixel a frame and band.
    pub fn png(&self) -> Result<Vec<u8>, RenderError> {
        let write = || -> Result<Vec<u8>, Box<dyn std::error::Error>> {
            let (width, height) = (u32::try_from(self.columns)?, u32::try_from(self.bands)?);
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, width, height);
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.set_palette(
                (0..=u8::MAX)
                    .flat_map(|i| heat(f32::from(i) / 255.0))
                    .collect::<Vec<u8>>(),
            );
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.levels)?;
            writer.finish()?;
            Ok(bytes)
        };
        write().map_err(|e| failed(e.to_string()))
    }
}

fn failed(reason: String) -> RenderError {
    RenderError {
        picture: "log-mel".to_owned(),
        reason,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 255"
)]
fn level(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}
