use super::canvas::RenderError;
use super::color::heat;
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
    let failed = |reason: String| RenderError {
        picture: "log-mel".to_owned(),
        reason,
    };
    let (frames, bands) = (mel.frames(), mel.n_mels());
    if frames == 0 {
        return Err(failed("it has no frames".to_owned()));
    }
    let columns = frames.min(MAX_COLUMNS);
    let rows: Vec<&[f32]> = mel.rows().collect();
    let finite = mel.values().iter().copied().filter(|v| v.is_finite());
    let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| {
        (l.min(v), h.max(v))
    });
    let span = if high > low { high - low } else { 1.0 };
    let mut pixels = Vec::with_capacity(columns * bands);
    for band in (0..bands).rev() {
        for column in 0..columns {
            let of_column = rows.get(column * frames / columns..(column + 1) * frames / columns);
            let values = of_column
                .unwrap_or_default()
                .iter()
                .filter_map(|row| row.get(band));
            let loudest = values.copied().filter(|v| v.is_finite()).fold(low, f32::max);
            pixels.push(level((loudest - low) / span));
        }
    }
    let write = || -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, u32::try_from(columns)?, u32::try_from(bands)?);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(
            (0..=u8::MAX)
                .flat_map(|i| heat(f32::from(i) / 255.0))
                .collect::<Vec<u8>>(),
        );
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(bytes)
    };
    write().map_err(|e| failed(e.to_string()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 255"
)]
fn level(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}
