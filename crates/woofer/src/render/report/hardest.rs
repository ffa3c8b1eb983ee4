use super::data::HardClip;
use super::html::{data_address, escaped};
use crate::render::{RenderError, log_mel_png, waveform};

/// The hardest clips, each with what it looks and sounds like.
pub fn hardest(clips: &[HardClip]) -> Result<String, RenderError> {
    let items: Result<String, RenderError> = clips.iter().map(item).collect();
    Ok(format!("<ol class=\"clips\">{}</ol>", items?))
}

fn item(clip: &HardClip) -> Result<String, RenderError> {
    let mel = match clip.log_mel.as_ref().filter(|mel| mel.frames() > 0) {
        Some(mel) => format!(
            "<img src=\"{}\" alt=\"Log-mel: {} frames from left to right, {} bands from low to high\"/>",
            data_address("image/png", &log_mel_png(mel)?),
            mel.frames(),
            mel.n_mels()
        ),
        None => String::new(),
    };
    let wave = if clip.samples.is_empty() {
        String::new()
    } else {
        waveform(&clip.samples)?
    };
    let audio = clip.audio.as_ref().map_or_else(String::new, |audio| {
        format!(
            "<audio controls=\"controls\" preload=\"none\" src=\"{}\"></audio>",
            data_address(audio.format.media_type(), &audio.bytes)
        )
    });
    Ok(format!(
        "<li><h3><bdi>{}</bdi></h3><p><b>{}</b> <span class=\"score\">{:.3}</span>, \
         taken for <b>{}</b> <span class=\"score\">{:.3}</span></p>{mel}{wave}{audio}</li>",
        escaped(&clip.path),
        escaped(&clip.true_class),
        clip.true_score,
        escaped(&clip.predicted),
        clip.predicted_score,
    ))
}
