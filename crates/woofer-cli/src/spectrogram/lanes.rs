use woofer::pipeline::ScoreTrack;
use woofer::render::{Lane, series_color};
use woofer::taxonomy::{Class, ClassScores, Taxonomy};
use woofer_nn::Model;

use crate::classify::{class_id, class_names, scored_taxonomy};

/// More classes than that, and only the best are shown.
const MAX_LANES: usize = 12;
/// How many are shown then.
const BEST: usize = 10;

/// The classes that a model scores, with their colours.
pub struct ScoredClasses {
    pub class_scores: ClassScores,
    names: Vec<String>,
    /// Of a taxonomy.
    colors: Vec<[u8; 3]>,
    /// The only classes to be shown, if some were named.
    only: Vec<usize>,
}

impl ScoredClasses {
    pub fn new(model: &Model, taxonomy: Option<&str>, only: &[String]) -> anyhow::Result<Self> {
        let taxonomy = taxonomy.map(Taxonomy::open).transpose()?;
        let class_scores = model.class_scores(taxonomy.as_ref())?;
        let (names, _) = class_names(model, taxonomy.as_ref(), &class_scores);
        let classes = scored_taxonomy(model, taxonomy.as_ref(), &class_scores);
        let colors = classes.map(|taxonomy| taxonomy.classes.iter().map(Class::rgb).collect());
        let colors = colors.unwrap_or_default();
        let only = only.iter().map(|name| class_id(name, &names));
        Ok(Self {
            only: only.collect::<anyhow::Result<_>>()?,
            class_scores,
            names,
            colors,
        })
    }

    /// A lane a class, in the order of the classes; of many the best, best first.
    pub fn lanes(&self, track: &ScoreTrack) -> Vec<Lane> {
        let mut shown: Vec<usize> = (0..self.names.len()).collect();
        if !self.only.is_empty() {
            shown.clone_from(&self.only);
        } else if shown.len() > MAX_LANES {
            let best = track.best();
            let score = |class: &usize| best.get(*class).copied().unwrap_or(0.0);
            shown.sort_by(|a, b| score(b).total_cmp(&score(a)));
            shown.truncate(BEST);
        }
        let count = shown.len();
        let lane = |(place, class): (usize, &usize)| Lane {
            name: self.names.get(*class).cloned().unwrap_or_default(),
            color: self
                .colors
                .get(*class)
                .copied()
                .unwrap_or_else(|| series_color(place, count)),
            spans: track.spans(*class),
        };
        shown.iter().enumerate().map(lane).collect()
    }
}
