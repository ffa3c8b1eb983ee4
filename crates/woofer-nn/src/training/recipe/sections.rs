use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use woofer::Mean;
use woofer::augment::AugmentConfig;
use woofer::features::Hearing;

use super::backgrounds::BackgroundsSection;
use super::degradation::Degradation;
use super::refit::Refit;
use super::temperature::SoftmaxTemperature;

/// How a classifier is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub(super) schema_version: u32,
    /// A short name.
    pub name: String,
    /// One line for people.
    #[serde(default)]
    pub description: String,
    /// Seed of all that is random.
    pub seed: u64,
    /// What is trained.
    pub network: NetworkSection,
    /// The steps of the weights.
    pub optimizer: OptimizerSection,
    /// How long, and how the learning rate goes.
    pub schedule: Schedule,
    /// What is minimised.
    #[serde(default)]
    pub loss: Loss,
    /// Which copies of each segment are trained on.
    #[serde(default)]
    pub copies: Copies,
    /// How often a clip is taken.
    #[serde(default)]
    pub sampling: Sampling,
    /// Which weights are kept of those on the way.
    #[serde(default)]
    pub averaging: Averaging,
    /// How the head is learned anew in the end, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refit: Option<Refit>,
    /// Which epoch is kept.
    #[serde(default)]
    pub validation: Validation,
    /// What becomes of the networks.
    #[serde(default)]
    pub model: ModelSection,
    /// What is laid under clips.
    #[serde(default, skip_serializing_if = "BackgroundsSection::is_empty")]
    pub backgrounds: BackgroundsSection,
    /// How copies are made to differ, step by step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub augment: Vec<AugmentConfig>,
}

/// What is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSection {
    /// The classifier on the backbone.
    pub head: HeadKind,
    /// What of the backbone stays as it is.
    pub freeze: Freeze,
    /// Whether a linear layer learns on columns of mean 0 and variance 1; it is folded into the layer in the end.
    #[serde(default)]
    pub standardise: bool,
    /// What becomes of the bias of a linear or mapped head, which learns how common each label is in the list.
    #[serde(default)]
    pub bias: HeadBias,
    /// How much more often than the head takes it a class is expected where the model is used, by the class's name: a factor of its
    /// odds at temperature 1 that joins the bias in the end (at a model's temperature T, to the power of 1/T). Classes that are not named have 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub class_prior: BTreeMap<String, f64>,
    /// Whether segments are brought to one level first, in training and ever after.
    #[serde(default)]
    pub level_segments: bool,
    /// How each copy is heard, in scoring and by the classifier that is fitted in the end; layers learn from the first
    /// hearing.
    #[serde(
        default = "crate::bundle::heard_once",
        skip_serializing_if = "crate::bundle::is_heard_once"
    )]
    pub hearings: Vec<Hearing>,
    /// Share of an attention head's attention weights that are set to zero in a step.
    #[serde(default)]
    pub attention_dropout: f64,
}

/// The classifier on a backbone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadKind {
    /// One dense layer on the mean embedding and AudioSet logits, from a start of zeros.
    Linear,
    /// The same added to the untrained mapping from AudioSet labels, so that it begins as that.
    Mapped,
    /// The original's self-attention over the windows.
    Attention,
}

/// What becomes of the bias of a linear or mapped head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadBias {
    /// It is learned and kept: right where sounds come as often as in the list.
    #[default]
    Kept,
    /// It is learned, so that the layer need not learn how common labels are, and left out in the end.
    Dropped,
    /// There is none.
    None,
}

/// What of a backbone stays as it is: all of it, nothing, or its first layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FreezeText", into = "FreezeText")]
pub enum Freeze {
    /// Only the head is trained, on what the backbone says of each copy, made once.
    Backbone,
    /// Everything is trained; each epoch makes its copies anew.
    Nothing,
    /// So many layers from the input on stay; what they say of each copy is made once.
    Layers(usize),
}

/// A [`Freeze`] as a recipe has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum FreezeText {
    Layers(usize),
    Name(String),
}

impl TryFrom<FreezeText> for Freeze {
    type Error = String;

    fn try_from(text: FreezeText) -> Result<Self, String> {
        match text {
            FreezeText::Layers(0) => Ok(Self::Nothing),
            FreezeText::Layers(layers) => Ok(Self::Layers(layers)),
            FreezeText::Name(name) if name == "backbone" => Ok(Self::Backbone),
            FreezeText::Name(name) if name == "nothing" => Ok(Self::Nothing),
            FreezeText::Name(name) => Err(format!(
                "freeze = {name:?}; it is \"backbone\", \"nothing\" or a number of layers"
            )),
        }
    }
}

impl From<Freeze> for FreezeText {
    fn from(freeze: Freeze) -> Self {
        match freeze {
            Freeze::Backbone => Self::Name("backbone".to_owned()),
            Freeze::Nothing => Self::Name("nothing".to_owned()),
            Freeze::Layers(layers) => Self::Layers(layers),
        }
    }
}

/// Adam's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizerSection {
    /// Largest step size of the head.
    pub learning_rate: f64,
    /// Step size of the backbone's last layer in that of the head.
    #[serde(default = "one")]
    pub backbone_rate: f64,
    /// Step size of each layer in that of the one after it.
    #[serde(default = "one")]
    pub layer_decay: f64,
    /// Adam's epsilon.
    pub adam_epsilon: f32,
    /// Added to the gradient of the head's weights, not its biases: so often their distance from the start. From a start of zeros it is
    /// what PyTorch calls weight decay.
    #[serde(default)]
    pub head_pull: f64,
    /// The same for the backbone's weights, whose start is what it was pretrained to.
    #[serde(default)]
    pub backbone_pull: f64,
}

/// How long, and how the learning rate goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Passes over the training clips; with a refit there may be none.
    pub epochs: usize,
    /// Segments in a step.
    pub batch_size: usize,
    /// Whether segments that do not fill a batch are left out of the epoch.
    #[serde(default)]
    pub drop_last: bool,
    /// How the learning rate goes.
    #[serde(default)]
    pub shape: ScheduleShape,
    /// Epochs over which the rate rises from nothing.
    #[serde(default)]
    pub warm_up_epochs: f64,
    /// With `steps`: after so many epochs the rate is a tenth, after twice as many a hundredth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_epochs: Option<usize>,
}

/// How the learning rate goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleShape {
    /// It stays.
    #[default]
    Constant,
    /// It falls to nothing as half a period of a cosine.
    Cosine,
    /// It is divided by ten every `step_epochs`.
    Steps,
}

/// What is minimised.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// Share of each target that is spread evenly over all labels.
    #[serde(default)]
    pub label_smoothing: f64,
    /// Whether a softmax is taken before the loss, which takes one again: the original's defect.
    #[serde(default)]
    pub softmax_twice: bool,
    /// Share of each target that is the teacher's scores, where there is a teacher.
    #[serde(default)]
    pub teacher: f64,
    /// Weight of the distance between what the backbone says of a copy and what it said, before training, of the segment as
    /// it is: its embedding and its AudioSet scores.
    #[serde(default)]
    pub keep_published: f64,
    /// What the labels train; what they do not reach is trained by `keep_published` alone.
    #[serde(default)]
    pub labels_reach: LabelsReach,
}

/// What the labels train.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelsReach {
    /// The backbone's layers that are not frozen, and the head.
    #[default]
    Backbone,
    /// The head only.
    Head,
}

/// Which copies of each segment are trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copies {
    /// Seconds by which copies start late; they are scored too, and their scores averaged.
    #[serde(default = "no_shifts")]
    pub shifts_s: Vec<f64>,
    /// Further copies, made by the steps of `augment`. Where nothing is frozen, one stands for an endless number.
    #[serde(default)]
    pub augmented: usize,
    /// Whether an epoch takes all copies of a segment or draws one.
    #[serde(default)]
    pub per_epoch: CopiesPerEpoch,
    /// Share of an epoch's segments that are taken as they are, where one copy is drawn; of the others each copy is as likely,
    /// the first too.
    #[serde(default)]
    pub clean_share: f64,
    /// Clips of pink noise, trained on as the rest's unnamed fine label; each copy is a noise of its own.
    #[serde(default)]
    pub noise_clips: usize,
}

/// How many copies of a segment an epoch takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopiesPerEpoch {
    /// Each once.
    #[default]
    All,
    /// One, drawn anew.
    One,
}

/// How much groups of clips count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// With 0 every clip counts as much, with 1 every group; in between, groups by their size to the power of what is
    /// left.
    #[serde(default)]
    pub balance: f64,
    /// What a group is.
    #[serde(default)]
    pub by: BalanceBy,
    /// Whether clips of small groups are taken more often or weigh more.
    #[serde(default)]
    pub how: BalanceHow,
}

/// How small groups of clips are made to count more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceHow {
    /// An epoch draws its segments by chance, those of small groups more often.
    #[default]
    Drawn,
    /// An epoch takes each segment once, and those of small groups weigh more in the loss.
    Weighed,
}

/// What a group of clips is that is to be met as often as another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceBy {
    /// The clips of a class.
    #[default]
    Class,
    /// The clips of a fine label.
    Fine,
    /// The clips of a fine label from one source.
    FineAndSource,
}

/// Which weights are kept of those on the way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Averaging {
    /// Share of the running mean of the weights that a step keeps; 0 keeps no mean.
    #[serde(default)]
    pub decay: f64,
    /// Share of the start in all weights at the end.
    ///
    /// Of a mapped head it takes the geometric mean with the mapping. M. Wortsman et al., "Robust fine-tuning of
    /// zero-shot models", 2022.
    #[serde(default)]
    pub start_share: f64,
}

/// Which epoch is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Validation {
    /// Which.
    pub epoch: EpochChoice,
    /// Share of the training clips that is held out to choose by.
    pub held_out_share: f64,
    /// Keep the network of every so many epochs beside the model; 0 keeps none.
    pub keep_every: usize,
    /// Softmax temperatures for which a table of the AUC is printed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub temperatures: Vec<f64>,
    /// Ways in which the tested clips are made worse, to see how much the figures fall.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<Degradation>,
}

/// Which epoch is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpochChoice {
    /// The last.
    Last,
    /// The best on training clips that were held out, whole recordings of them.
    HeldOut,
    /// The best on the clips that are tested: the original's way, whose figures are optimistic.
    Tested,
}

/// What becomes of the networks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSection {
    /// Which networks the model holds.
    pub from: ModelFrom,
    /// Logits are divided by this before the softmax.
    pub temperature: SoftmaxTemperature,
    /// How the scores of copies, hearings and windows are taken together.
    pub mean: Mean,
    /// What a window counts in the scores of a clip in which nothing but the rest is heard, 1 as much as any.
    pub rest_weight: f64,
    /// Numbers of how many bits the weights are kept in.
    pub precision: Precision,
}

/// Numbers of how many bits the weights of a model are kept in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32: as they are trained.
    #[default]
    Single,
    /// 16: half the size; each is rounded once, in the end, to some three digits.
    Half,
}

/// Which networks a model holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelFrom {
    /// One, trained on all clips.
    AllClips,
    /// Those of the folds, whose scores are averaged.
    Folds,
}

impl Default for Copies {
    fn default() -> Self {
        Self {
            shifts_s: no_shifts(),
            augmented: 0,
            per_epoch: CopiesPerEpoch::All,
            clean_share: 0.0,
            noise_clips: 0,
        }
    }
}

impl Default for Validation {
    fn default() -> Self {
        Self {
            epoch: EpochChoice::Last,
            held_out_share: fifth(),
            keep_every: 0,
            temperatures: Vec::new(),
            degraded: Vec::new(),
        }
    }
}

impl Default for ModelSection {
    fn default() -> Self {
        Self {
            from: ModelFrom::AllClips,
            temperature: SoftmaxTemperature::Given(one()),
            mean: Mean::Arithmetic,
            rest_weight: one(),
            precision: Precision::Single,
        }
    }
}

const fn one() -> f64 {
    1.0
}

const fn fifth() -> f64 {
    0.2
}

fn no_shifts() -> Vec<f64> {
    vec![0.0]
}
