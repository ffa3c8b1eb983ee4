use serde::{Deserialize, Serialize};

/// Learning a linear or mapped head anew on what the finished backbone says of the segments: to the one minimum of its loss,
/// and not as far as some epochs of steps lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refit {
    /// How strongly its weights are drawn to their start: as `optimizer.head_pull`. Of several it is the one
    /// under which heads fitted without each fold in training tell its clips best, by macro AUC.
    pub pull: Pull,
    /// The share of the pull that goes by how far the sources of a label lie apart in a direction of what is read, in the mean over
    /// all copies that are trained on; the rest is the same in all directions. Where lists tell no sources, all goes to the rest.
    #[serde(default)]
    pub source_share: f64,
    /// How strongly what the AudioSet labels of what goes on under other sounds (the taxonomy's `audioset_background`) say for the rest in
    /// a mapped head yields to every class that is heard: the power of the probability that none is, by which it counts. With 0 they
    /// speak in full.
    #[serde(default)]
    pub background_yields: f64,
    /// What it reads.
    #[serde(default)]
    pub reads: HeadReads,
    /// What it is fitted to.
    #[serde(default)]
    pub copies: RefitCopies,
}

/// What a linear or mapped head is fitted to in a refit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefitCopies {
    /// The first copy of each segment, mostly the segment as it is.
    #[default]
    First,
    /// Every copy that is trained on, the augmented ones among them.
    All,
}

/// How strongly weights are drawn to their start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "pull is a number or a list of numbers")]
pub enum Pull {
    /// This strongly.
    Given(f64),
    /// The best of these.
    Among(Vec<f64>),
}

impl Pull {
    /// All that it may be.
    #[must_use]
    pub const fn candidates(&self) -> &[f64] {
        match self {
            Self::Given(pull) => std::slice::from_ref(pull),
            Self::Among(pulls) => pulls.as_slice(),
        }
    }
}

/// What a linear or mapped head reads in a refit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadReads {
    /// The embedding.
    Embedding,
    /// The embedding and, where there are any, the AudioSet logits.
    #[default]
    All,
}
