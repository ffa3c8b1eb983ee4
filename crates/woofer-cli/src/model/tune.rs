//! `woofer model tune`: ordinary hours -> what the model says of them -> a copy of it with higher thresholds.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use woofer::evaluation::{OrdinaryHours, RaisedThreshold};
use woofer::events::ModeThresholds;
use woofer::pipeline::Scorer;
use woofer_nn::{Bundle, Model};

use super::args::TuneArgs;
use crate::classify::{class_id, class_names, every_window, min_event_s};
use crate::exit::Outcome;
use crate::logging;
use crate::output::{ScoredFile, Sink, clock, counted, length, table};
use crate::threads;

/// From here on hardly anything counts as heard: in the recordings a class may sound after all.
const HARDLY_ANYTHING: f32 = 0.995;

/// Runs `woofer model tune`.
pub fn run(args: &TuneArgs) -> anyhow::Result<Outcome> {
    Bundle::check_place(&args.output, args.force)?;
    threads::set(args.threads)?;
    let path = &args.model.model;
    let without = || {
        format!(
            "{}: has no thresholds that could be raised; only models with calibrated scores have (model.temperature = \"fitted\" in \
             their recipe)",
            path.display()
        )
    };
    if path.is_file() {
        bail!("{}", without());
    }
    let bundle = Bundle::open(path)?;
    let thresholds = bundle.description().thresholds.clone();
    let mut thresholds = thresholds.with_context(without)?;
    let model = Arc::new(Model::from_bundle(&bundle)?);
    let class_scores = model.class_scores(None)?;
    let (classes, rest) = class_names(&model, None, &class_scores);
    let min_event_s = min_event_s(&model, None, &class_scores);
    let wanted = args.classes.iter().map(|name| class_id(name, &classes));
    let mut wanted: Vec<usize> = wanted.collect::<anyhow::Result<_>>()?;
    if wanted.is_empty() {
        wanted = (0..classes.len()).filter(|&class| rest != Some(class)).collect();
    }

    let mut heard = Heard::new(OrdinaryHours::new(classes.len()).lasting(min_event_s));
    let scorer = Scorer::new(model, class_scores);
    let outcome = every_window(&scorer, &args.recordings, args.recursive, |path, scored| {
        heard.take(path, scored);
    })?;
    if heard.hours.recordings() == 0 {
        bail!("none of the recordings could be heard; no model is written");
    }
    if heard.hours.hours() * args.per_hour < 1.0 {
        logging::warning(&format!(
            "{} with --per-hour {} allow no event at all in balanced mode; more hours tell more",
            heard.length(),
            args.per_hour
        ));
    }
    let raised = heard
        .hours
        .raise(&mut thresholds, &classes, &wanted, args.per_hour);
    heard.warn(&raised, &classes);
    write(args, &bundle, &thresholds, &heard, &raised, &classes)?;
    Ok(outcome)
}

/// What was heard in the ordinary hours.
struct Heard {
    hours: OrdinaryHours,
    paths: Vec<PathBuf>,
}

impl Heard {
    const fn new(hours: OrdinaryHours) -> Self {
        Self {
            hours,
            paths: Vec::new(),
        }
    }

    fn take(&mut self, path: &Path, scored: &ScoredFile) {
        let in_order = scored.windows.iter().map(|window| {
            let mut of_classes = window.best.clone();
            of_classes.sort_by_key(|(class, _)| *class);
            of_classes.into_iter().map(|(_, score)| score).collect()
        });
        let in_order: Vec<Vec<f32>> = in_order.collect();
        let windows = scored.windows.iter().zip(&in_order);
        let windows = windows.map(|(window, scores)| (window.onset_s, window.offset_s, scores.as_slice()));
        self.hours.add(scored.clip.duration_s, windows);
        self.paths.push(path.to_owned());
    }

    /// Where a class was loudest: `0.890 in kitchen.wav at 0:01:05.00`.
    fn loudest(&self, class: usize) -> Option<String> {
        let (recording, onset_s, score) = self.hours.loudest(class)?;
        let path = self.paths.get(recording)?;
        Some(format!("{score:.3} in {} at {}", path.display(), clock(onset_s)))
    }

    fn length(&self) -> String {
        length(self.hours.hours() * 3600.0)
    }

    fn recordings(&self) -> String {
        counted(self.hours.recordings(), "recording")
    }

    fn warn(&self, raised: &[RaisedThreshold], classes: &[String]) {
        for of_class in raised.chunk_by(|a, b| a.class == b.class) {
            let highest = of_class.iter().map(|r| r.after).fold(0.0, f32::max);
            let class = of_class.first().map_or(0, |r| r.class);
            if let (true, Some(loudest), Some(name)) =
                (highest > HARDLY_ANYTHING, self.loudest(class), classes.get(class))
            {
                logging::warning(&format!(
                    "{name} scores {loudest}: hardly anything counts as {name} now. If it does sound there, take that recording out; \
                     --class names the classes whose thresholds are raised"
                ));
            }
        }
    }
}

fn write(
    args: &TuneArgs,
    bundle: &Bundle,
    thresholds: &ModeThresholds,
    heard: &Heard,
    raised: &[RaisedThreshold],
    classes: &[String],
) -> anyhow::Result<()> {
    let mut rows = table(["class", "mode", "threshold", "events", "loudest"]);
    let mut told = Vec::new();
    for r in raised {
        let name = classes.get(r.class).map_or("", String::as_str);
        let change = format!("{:.3} to {:.3}", r.before, r.after);
        told.push(format!("{name} in {} mode from {change}", r.mode));
        rows.add_row([
            name.to_owned(),
            r.mode.to_string(),
            change,
            format!("{} to {}", r.events_before, r.events_after),
            heard.loudest(r.class).unwrap_or_default(),
        ]);
    }
    let told = if told.is_empty() {
        "none had to be".to_owned()
    } else {
        told.join(", ")
    };
    let passage = format!(
        "## Thresholds at home\n\nRaised by `woofer model tune` on {} in {} in which nothing sounds that the model listens for, so that balanced \
         mode hears no class more than {} times an hour there, and quiet mode none at all: {told}. What is said above of the modes was \
         measured before.",
        heard.length(),
        heard.recordings(),
        args.per_hour
    );
    let written = bundle.copy_with_thresholds(&args.output, thresholds, &passage, args.force)?;
    let mut out = Sink::open(None)?;
    writeln!(out, "{} heard in {}", heard.length(), heard.recordings())?;
    if raised.is_empty() {
        writeln!(out, "no threshold had to be raised")?;
    } else {
        writeln!(out, "{rows}")?;
    }
    writeln!(out, "written to {}", written.path().display())?;
    out.finish()
}
