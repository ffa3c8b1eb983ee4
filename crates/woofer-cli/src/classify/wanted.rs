use std::num::NonZeroUsize;

use anyhow::bail;
use woofer::events::{EVENT_SCORE, EventRule, Mode, ModeThresholds};

use super::args::ClassifyArgs;
use crate::args::Names;
use crate::output::{Format, Selection};
use crate::suggestion::suggestion;

/// Classes printed for a file in text, unless more or fewer are asked for.
const TOP_K_IN_TEXT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// What of the scores is wanted.
pub struct Wanted {
    /// For lists of scores.
    pub selection: Selection,
    /// If events are asked for.
    pub rule: Option<EventRule>,
}

impl Wanted {
    /// `rest` is the class that takes what the others leave; `of_model` are the thresholds that came with the model, and `min_event_s`
    /// how long events of each class last at least.
    pub fn new(
        args: &ClassifyArgs,
        classes: &[String],
        rest: Option<usize>,
        of_model: Option<&ModeThresholds>,
        min_event_s: Vec<f64>,
    ) -> anyhow::Result<Self> {
        let only = args.classes.iter().map(|name| class_id(name, classes));
        let only = only.collect::<anyhow::Result<Vec<usize>>>()?;
        let top_k = args
            .top_k
            .or((args.format == Format::Text).then_some(TOP_K_IN_TEXT));
        let mode = mode(args, of_model)?;
        let threshold = |class: &str| {
            let of_class = |thresholds: &ModeThresholds| thresholds.event_score(mode, class);
            args.min_score
                .unwrap_or_else(|| of_model.map_or(EVENT_SCORE, of_class))
        };
        let is_looked_for = |class: usize| match only.as_slice() {
            [] => rest != Some(class),
            only => only.contains(&class),
        };
        let thresholds = classes
            .iter()
            .enumerate()
            .map(|(id, class)| is_looked_for(id).then(|| threshold(class)));
        let wants_events = args.format.lists_events() || args.segments.is_some() || args.summary;
        let min_event_s = match args.min_event {
            Some(least_s) => vec![least_s; classes.len()],
            None => mode.min_event_s(min_event_s),
        };
        Ok(Self {
            rule: wants_events
                .then(|| EventRule::new(thresholds.collect(), args.max_gap).lasting(min_event_s)),
            selection: Selection {
                min_scores: if args.min_score.is_some() || args.mode.is_some() {
                    classes.iter().map(|class| Some(threshold(class))).collect()
                } else {
                    Vec::new()
                },
                only: (!only.is_empty()).then_some(only),
                ..Selection::new(top_k)
            },
        })
    }
}

/// The mode that is asked for, or the middle one.
fn mode(args: &ClassifyArgs, of_model: Option<&ModeThresholds>) -> anyhow::Result<Mode> {
    match (args.mode, of_model) {
        (Some(mode), None) if args.listener.names == Names::Audioset => bail!(
            "--mode {mode}: the labels of AudioSet (--names audioset) have no thresholds of their own, as the model's classes may; give \
             --min-score X"
        ),
        (Some(mode), None) => bail!(
            "--mode {mode}: {} has no thresholds of its own; give --min-score X",
            args.listener.model.model.display()
        ),
        (mode, _) => Ok(mode.unwrap_or(Mode::Balanced)),
    }
}

impl Wanted {
    /// Of each class, whether its events are looked for.
    pub fn looked_for(&self) -> Vec<bool> {
        let thresholds = self.rule.iter().flat_map(EventRule::thresholds);
        thresholds.map(Option::is_some).collect()
    }
}

/// The id of a class by its name.
pub fn class_id(name: &str, classes: &[String]) -> anyhow::Result<usize> {
    if let Some(class) = classes.iter().position(|class| class == name) {
        return Ok(class);
    }
    // Capitals are easily forgotten, and with no other name of the same letters it is clear what is meant.
    let mut same = classes
        .iter()
        .enumerate()
        .filter(|(_, class)| class.to_lowercase() == name.to_lowercase());
    if let (Some((class, _)), None) = (same.next(), same.next()) {
        return Ok(class);
    }
    if classes.len() <= 20 {
        bail!(
            "--class {name}: there is no such class{}; there are: {}",
            suggestion(name, classes),
            classes.join(", ")
        );
    }
    bail!(
        "--class {name}: none of the {} classes has this name{}",
        classes.len(),
        suggestion(name, classes)
    )
}
