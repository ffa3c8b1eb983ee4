use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use woofer_nn::Bundle;
use woofer_nn::training::DeviceChoice;

use crate::args::{LabelledClipArgs, count};

#[derive(Debug, Args)]
#[command(after_help = "\
Recipes: frozen (a classifier on a network that stays as it is: seconds), mapped (the same, but it begins as what AudioSet's labels \
say: for classes that AudioSet knows, and sounds from elsewhere), woofer (our best: as mapped, with upper layers that learn to \
hear through rooms, noise and cheap microphones: an hour of one core for 1,500 clips), adee and adee-extra (the \
original system of the Tomofun challenge). A recipe is a TOML file; --set changes a value of it, as in --set schedule.epochs=10. What was trained how \
is kept beside the model in recipe.toml.

A network is trained for each fold and measured on the clips that it has not met; then the model is trained on all clips, or is \
the networks of the folds together. The state after each epoch lies in OUTPUT.run: interrupt as you like and go on with --resume.

Examples:
  woofer train my_sounds/ --taxonomy my_classes.toml --backbone mn04 -o my_model
  woofer train clips/manifest.csv --backbone mn04_as_mAP_432.pt --recipe woofer --folds source -o house
  woofer train meta_train.csv --clips wav/ --backbone vggish --recipe adee --folds original -o adee
  woofer train clips.csv --backbone mn04 --recipe adee-extra --set network.freeze=backbone \\
      --extra audioset/ --experiments -o extra")]
pub struct TrainArgs {
    #[command(flatten)]
    pub labelled: LabelledClipArgs,

    /// The network to build on: the built-in model's (default), a model, or a published weight file
    #[arg(short, long, value_name = "PATH", default_value = Bundle::BUILT_IN)]
    pub backbone: PathBuf,

    /// How to train: a built-in recipe or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "frozen")]
    pub recipe: String,

    /// Another list, or folder of classes, whose clips join the training of every fold and are never tested
    #[arg(long, value_name = "LIST|FOLDER")]
    pub extra: Option<PathBuf>,

    /// Where the clips of that list lie [default: the list's own folder]
    #[arg(long, value_name = "FOLDER", requires = "extra")]
    pub extra_clips: Option<PathBuf>,

    /// Which of its clips: all, a group of classes (dog), all but a group (non-dog), or classes by name, with commas between
    #[arg(
        long,
        value_name = "all|GROUP|non-GROUP|CLASS,...",
        default_value = "all",
        requires = "extra"
    )]
    pub extra_classes: String,

    /// Train without the other list, with all of it, without its dog sounds and with nothing else, and compare the four
    #[arg(long, requires = "extra", conflicts_with = "extra_classes")]
    pub experiments: bool,

    /// A list of the same recordings as another codec or microphone has them: only tested, each clip by the network that has not met its
    /// recording; may be given several times
    #[arg(long, value_name = "LIST|FOLDER")]
    pub retest: Vec<PathBuf>,

    /// A model whose scores are learned as well, as the recipe's loss.teacher says
    #[arg(long, value_name = "MODEL")]
    pub teacher: Option<PathBuf>,

    #[command(flatten)]
    pub how: HowArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The student learns the teacher's scores on clips (loss.teacher = 1), not the labels; the labels only measure it. Where the teacher \
was trained on these clips, the figures are optimistic, and the command says so.

Example:
  woofer model distill five_folds clips/manifest.csv --backbone mn04_as_mAP_432.pt -o one_network")]
pub struct DistillArgs {
    /// The model to learn from: an ensemble, or one network
    #[arg(value_name = "TEACHER")]
    pub teacher: PathBuf,

    #[command(flatten)]
    pub labelled: LabelledClipArgs,

    /// The network that learns: a model, or a published weight file
    #[arg(short, long, value_name = "PATH")]
    pub backbone: PathBuf,

    /// How to train: a built-in recipe or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "mapped")]
    pub recipe: String,

    #[command(flatten)]
    pub how: HowArgs,
}

/// What training commands have in common.
#[derive(Debug, Args)]
pub struct HowArgs {
    /// Change a value of the recipe; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,

    /// Seed of all that is random [default: the recipe's]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Passes over all clips [default: the recipe's]
    #[arg(long, value_name = "N", value_parser = count)]
    pub epochs: Option<NonZeroUsize>,

    /// Size of a step [default: the recipe's]
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,

    /// Where to train: cpu, or, in builds with that feature, cuda, vulkan or metal
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Cpu)]
    pub device: DeviceChoice,

    /// Folder of the new model
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,

    /// Go on with a training that was interrupted
    #[arg(long)]
    pub resume: bool,

    /// Replace a model that is there already, and, without --resume, begin an interrupted training anew
    #[arg(long)]
    pub force: bool,

    /// Folder that keeps what is made of each clip once, for further trainings [default: OUTPUT.run, until the end]
    #[arg(long, value_name = "FOLDER", env = "WOOFER_CACHE")]
    pub cache: Option<PathBuf>,

    /// Threads to work with [default: all cores]
    #[arg(long, env = "WOOFER_THREADS", value_name = "N", value_parser = count)]
    pub threads: Option<NonZeroUsize>,
}

impl HowArgs {
    /// All changes of the recipe, those with an option of their own last.
    pub fn changes(&self) -> Vec<String> {
        let mut changes = self.set.clone();
        changes.extend(self.seed.map(|seed| format!("seed={seed}")));
        changes.extend(self.epochs.map(|epochs| format!("schedule.epochs={epochs}")));
        // A whole number would not be a float in TOML.
        changes.extend(
            self.learning_rate
                .map(|rate| format!("optimizer.learning_rate={rate:?}")),
        );
        changes
    }
}
