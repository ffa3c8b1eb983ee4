use super::description::Description;
use crate::training::{EpochChoice, Freeze, ModelFrom};

/// The model card: what is known of a model, and what is not. `measured` is a passage on how well it does.
pub(super) fn card(description: &Description, measured: Option<&str>) -> String {
    let d = description;
    let labels = match (&d.taxonomy, d.architecture.label_list()) {
        (Some(t), Some(list)) => format!(
            "the {} classes of the taxonomy \"{}\", by its AudioSet labels (no training), from the \
             {} classes of {list}",
            t.classes.len(),
            t.name,
            list.labels().len()
        ),
        (Some(t), None) => format!("the {} classes of the taxonomy \"{}\"", t.classes.len(), t.name),
        (None, Some(list)) => format!(
            "the {} classes of {list} under their own names",
            list.labels().len()
        ),
        (None, None) => {
            "nothing: it ends in an embedding, and a classifier is to be trained on it".to_owned()
        }
    };
    let origin = d
        .source
        .origin
        .as_deref()
        .unwrap_or("not recorded; ask whoever gave you the file");
    format!(
        "# {name}\n\n\
         | | |\n|---|---|\n\
         | network | {architecture} |\n\
         | parameters | {parameters} |\n\
         | features | front end `{front_end}`, {rate} Hz |\n\
         | scores | {labels} |\n\
         | weights by | {origin} |\n\
         | imported from | `{file}`, SHA-256 `{source_sha}` |\n\
         {model}{files}\
         | written by | woofer {version} |\n\n\
         {story}\n",
        name = d.name,
        architecture = d.architecture,
        parameters = parameters(d),
        front_end = d.front_end,
        rate = d.front_end.rate_hz(),
        file = d.source.file,
        source_sha = d.source.sha256,
        model = d
            .source
            .model
            .as_ref()
            .map_or_else(String::new, |model| format!("| by way of | {model} |\n")),
        files = files(d),
        version = d.woofer_version,
        story = story(d, measured),
    )
}

fn parameters(d: &Description) -> String {
    match d.weights.sha256.len() {
        1 => d.weights.parameters.to_string(),
        n => format!(
            "{} in each of {n} networks, whose scores are averaged",
            d.weights.parameters
        ),
    }
}

fn files(d: &Description) -> String {
    let rows = d.weights.files();
    rows.fold(String::new(), |rows, (name, sha256)| {
        rows + &format!("| `{name}` | SHA-256 `{sha256}` |\n")
    })
}

fn story(d: &Description, measured: Option<&str>) -> String {
    let Some(training) = &d.training else {
        return "The weights are those of the file named above, with batch normalisation folded in where there was any. \
                Nothing has been trained or measured here: `metrics.json` is empty. The scores are not calibrated."
            .to_owned();
    };
    let validation = &training.recipe.validation;
    let start = match d.source.model {
        Some(_) => "the model named above (trained on from that file)",
        None => "the file named above",
    };
    format!(
        "## Training\n\n{backbone} It was trained on {clips} clips of {recordings} recordings (`{data}`){extra}{held_out} by the \
         recipe `{recipe}`; `model.toml` has all of it. The clips have licences of their own, which the list of them \
         tells.\n\n## Measured\n\n{measured}\n\nFolds: {folds}. Each clip was scored by a network that had not met its \
         fold; {here}. `metrics.json` has every figure with its interval. {calibrated}{optimistic}",
        backbone = match training.recipe.network.freeze {
            Freeze::Backbone => format!(
                "The backbone's weights are those of {start} and were not changed; the classifier on it is new."
            ),
            Freeze::Nothing | Freeze::Layers(_) => {
                format!("The weights began as those of {start}, with a new classifier.")
            }
        },
        extra = match training.extra_clips {
            0 => String::new(),
            count => format!(" and {count} of another list"),
        },
        calibrated = match &d.thresholds {
            None => "The scores are not calibrated.".to_owned(),
            Some(_) => format!(
                "The scores are calibrated: the softmax temperature, {:.3}, is that at which they come nearest to the \
                 classes of these clips (Brier score), and the thresholds of the modes sensitive, balanced and \
                 quiet were chosen on them.",
                d.temperature
            ),
        },
        held_out = match validation.epoch {
            EpochChoice::HeldOut => format!(
                ", but for about {:.0} % of those that each network would be trained on, whole recordings, which were held out to \
                 choose its epoch by,",
                validation.held_out_share * 100.0
            ),
            EpochChoice::Last | EpochChoice::Tested => String::new(),
        },
        here = match training.recipe.model.from {
            ModelFrom::AllClips if validation.epoch == EpochChoice::HeldOut => {
                "the model here was then trained on the clips of all folds but those held out"
            }
            ModelFrom::AllClips => "the model here was then trained on all clips",
            ModelFrom::Folds => "the model here is all of these networks together",
        },
        optimistic = match training.optimistic.as_slice() {
            [] => String::new(),
            reasons => format!(" They are optimistic: {}.", reasons.join("; ")),
        },
        clips = training.clips,
        recordings = training.recordings,
        data = training.data,
        recipe = training.recipe.name,
        measured = measured.unwrap_or("Nothing."),
        folds = training.folds,
    )
}
