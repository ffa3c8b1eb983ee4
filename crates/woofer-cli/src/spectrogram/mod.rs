//! `woofer spectrogram`: a recording -> its features, waveform and scores -> a picture.

mod args;
mod lanes;

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use woofer::Classifier;
use woofer::audio::AudioReader;
use woofer::features::FrontEnd;
use woofer::pipeline::{Overview, Scorer, Stretch};
use woofer::render::{Lane, RecordingPicture};
use woofer_nn::Model;

use crate::exit::Outcome;
use crate::folders::last_part;
use crate::logging;
use crate::output::{Sink, channels, format_words, length, refuse_to_replace};
use crate::threads;
pub use args::SpectrogramArgs;

/// How the picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Png,
    Svg,
}

/// Runs the command.
pub fn run(args: &SpectrogramArgs) -> anyhow::Result<Outcome> {
    let kind = kind(&args.output)?;
    refuse_to_replace(Some(&args.output), [args.file.as_path()])?;
    let stretch = Stretch {
        onset_s: args.from,
        offset_s: args.to,
    };
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from >= to
    {
        bail!("--from {from} --to {to}: a stretch ends after it begins");
    }
    threads::set(args.threads)?;
    let model = (!args.no_scores)
        .then(|| args.listener.open())
        .transpose()?
        .map(Arc::new);
    let of_model = model.as_ref().map(|model| model.front_end());
    let front_end = args.front_end.or(of_model).unwrap_or(FrontEnd::Mn);

    let mut reader = AudioReader::open(&args.file)?;
    let overview = Overview::listen(&mut reader, front_end, stretch)?;
    if overview.log_mel.rows() == 0 {
        bail!(
            "{}: {stretch} holds no sound, or less than a frame of {front_end}",
            args.file.display()
        );
    }
    let repairs = reader.repairs();
    if !repairs.is_clean() {
        logging::warning(&format!("{}: {repairs}", args.file.display()));
    }
    let facts = [
        format_words(reader.container().name(), reader.codec()),
        format!("{} Hz", reader.rate_hz()),
        channels(reader.channels()),
        length(overview.duration_s),
        format!("features {front_end}"),
    ];
    let mut facts = facts.to_vec();
    let lanes = match &model {
        Some(model) => {
            // That of a weight file is its path.
            let name = Path::new(model.name()).file_name().unwrap_or_default();
            facts.push(format!("scores {}", name.to_string_lossy()));
            lanes(args, model, stretch)?
        }
        None => Vec::new(),
    };
    let picture = RecordingPicture {
        title: last_part(&args.file),
        facts: facts.join(", "),
        begins_s: args.from.unwrap_or(0.0),
        duration_s: overview.duration_s,
        front_end,
        log_mel: overview.log_mel,
        waveform: overview.waveform,
        lanes,
    };
    let bytes = match kind {
        Kind::Png => picture.png()?,
        Kind::Svg => picture.svg()?.into_bytes(),
    };
    let mut file = Sink::open(Some(&args.output))?;
    file.write_all(&bytes)
        .with_context(|| format!("{}: cannot be written", args.output.display()))?;
    file.finish()?;
    Ok(Outcome::Done)
}

/// The scores of the classes along the stretch.
fn lanes(args: &SpectrogramArgs, model: &Arc<Model>, stretch: Stretch) -> anyhow::Result<Vec<Lane>> {
    let classes = lanes::ScoredClasses::new(model, args.taxonomy.as_deref(), &args.classes)?;
    let classifier: Arc<dyn Classifier> = Arc::<Model>::clone(model);
    let scorer = Scorer::new(classifier, classes.class_scores.clone());
    let mut reader = AudioReader::open(&args.file)?;
    let mut track = woofer::pipeline::ScoreTrack::default();
    scorer
        .score_stretch(&mut reader, stretch, |window| track.push(window))
        .with_context(|| format!("{}: cannot be scored", args.file.display()))?;
    Ok(classes.lanes(&track))
}

fn kind(path: &Path) -> anyhow::Result<Kind> {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "png" => Ok(Kind::Png),
        "svg" => Ok(Kind::Svg),
        _ => bail!(
            "{}: the name of a picture ends in .png or .svg, which says how it is written",
            path.display()
        ),
    }
}
