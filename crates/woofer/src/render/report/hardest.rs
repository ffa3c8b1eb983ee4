use super::data::{HardClip, HardClips};
use super::html::{data_address, escaped};
use crate::render::{RenderError, log_mel_plot, waveform};

/// The hardest clips, each with what it looks and sounds like.
pub fn hardest(groups: &[HardClips]) -> Result<String, RenderError> {
    let group = |group: &HardClips| {
        let items: Result<String, RenderError> = group.clips.iter().map(item).collect();
        Ok(format!(
            "<h3>{}</h3><ol class=\"clips\">{}</ol>",
            escaped(&group.title),
            items?
        ))
    };
    groups.iter().map(group).collect()
}

fn item(clip: &HardClip) -> Result<String, RenderError> {
    let mel = match clip.log_mel.as_ref().filter(|(mel, _)| mel.frames() > 0) {
        Some((mel, front_end)) => log_mel_plot(mel, *front_end)?,
        None => String::new(),
    };
    let wave = if clip.samples.is_empty() {
        String::new()
    } else {
        format!("<div class=\"wave\">{}</div>", waveform(&clip.samples)?)
    };
    let audio = clip.audio.as_ref().map_or_else(String::new, |audio| {
        format!(
            "<audio controls=\"controls\" preload=\"metadata\" aria-label=\"{}\" src=\"{}\"></audio>",
            escaped(&clip.path),
            data_address(audio.format.media_type(), &audio.bytes)
        )
    });
    Ok(format!(
        "<li><h4><bdi>{}</bdi></h4><p><b>{}</b> <span class=\"score\">{:.3}</span>, \
         taken for <b>{}</b> <span class=\"score\">{:.3}</span></p>{mel}{wave}{audio}</li>",
        escaped(&clip.path),
        escaped(&clip.true_class),
        clip.true_score,
        escaped(&clip.predicted),
        clip.predicted_score,
    ))
}
