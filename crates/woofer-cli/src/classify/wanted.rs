use std::num::NonZeroUsize;

use anyhow::bail;
use woofer::events::EventRule;

use super::args::{ClassifyArgs, Format};
use crate::output::Selection;
use crate::suggestion::suggestion;

/// Classes printed for a file in text, unless more or fewer are asked for.
const TOP_K_IN_TEXT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// The score from which a class counts as heard, unless another is given.
const EVENT_SCORE: f32 = 0.5;

/// What of the scores is wanted.
pub struct Wanted {
    /// For lists of scores.
    pub selection: Selection,
    /// If events are asked for.
    pub rule: Option<EventRule>,
}

impl Wanted {
    /// `rest` is the class that takes what the others leave.
    pub fn new(args: &ClassifyArgs, classes: &[String], rest: Option<usize>) -> anyhow::Result<Self> {
        let only = args.classes.iter().map(|name| class_id(name, classes));
        let only = only.collect::<anyhow::Result<Vec<usize>>>()?;
        let top_k = args
            .top_k
            .or((args.format == Format::Text).then_some(TOP_K_IN_TEXT));
        let threshold = args.min_score.unwrap_or(EVENT_SCORE);
        let is_looked_for = |class: usize| match only.as_slice() {
            [] => rest != Some(class),
            only => only.contains(&class),
        };
        let thresholds = (0..classes.len()).map(|class| is_looked_for(class).then_some(threshold));
        let wants_events = args.format.lists_events() || args.segments.is_some() || args.summary;
        Ok(Self {
            rule: wants_events.then(|| EventRule::new(thresholds.collect(), args.max_gap)),
            selection: Selection {
                min_score: args.min_score,
                only: (!only.is_empty()).then_some(only),
                ..Selection::new(top_k)
            },
        })
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
